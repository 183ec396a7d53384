//! What the Windows machines write on ordinary days: people at their desks and on the file server, updates, backup, an
//! administrator, the directory.

use serde_json::json;

use super::clock::{At, DAYS, at, within};
use super::random::Random;
use super::windows::{Host, Logon, Process, Start, audit};
use super::world::*;

const OFFICE_FOLDER: &str = "C:\\Program Files\\Microsoft Office\\root\\Office16\\";
const EDGE: &str = "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe";

/// Processes of the desk that others are children of.
pub struct Desk {
    pub explorer: Process,
    pub services: Process,
    pub svchost: Process,
}

impl Desk {
    pub fn of(host: &mut Host, person: &Person) -> Self {
        let system = "NT AUTHORITY\\SYSTEM";
        Self {
            explorer: host.standing("C:\\Windows\\explorer.exe", &person.account(), &session(person, 2)),
            services: host.standing("C:\\Windows\\System32\\services.exe", system, "0x3e7"),
            svchost: host.standing("C:\\Windows\\System32\\svchost.exe", system, "0x3e7"),
        }
    }
}

/// Id of the session in which a person works at the own desk on that day.
pub fn session(person: &Person, day: i64) -> String {
    format!("0x{:x}", 0x4_0000 + i64::from(person.rid) + day * 0x1_0000)
}

/// A workstation's days.
pub fn workstation(host: &mut Host, desk: &Desk, person: &Person, programs_a_day: i64) {
    let machine = host.machine;
    for day in DAYS {
        let begin = within(&mut host.random, day, 7, 8);
        let session = session(person, day);
        if host.random.chance(30) {
            let wrong = Logon { kind: 2, process: "User32 ", ..Logon::at_the_desk(person, &machine, 2) };
            host.failed_logon(begin.plus_s(-20), &wrong, false, None);
        }
        let stays = Some(9 * 3600 + 1800);
        host.logon_with(begin, &Logon::at_the_desk(person, &machine, 2), &session, stays, None);
        for (after, name, path) in [
            (40, "OUTLOOK.EXE", format!("\"{OFFICE_FOLDER}OUTLOOK.EXE\"")),
            (75, "msedge.exe", format!("\"{EDGE}\" --profile-directory=Default")),
        ] {
            let image = if name == "msedge.exe" { EDGE.to_owned() } else { format!("{OFFICE_FOLDER}{name}") };
            let process = start(host, begin.plus_s(after), &image, &path, &desk.explorer, person, &session);
            host.resolves(begin.plus_s(after + 2), &process, "outlook.office.example", "198.51.100.90", None);
            host.connects(
                begin.plus_s(after + 2),
                &process,
                ("198.51.100.90", "outlook.office.example", 443),
                None,
            );
        }
        for _ in 0..programs_a_day {
            let t = within(&mut host.random, day, 8, 17);
            ordinary_program(host, t, desk, person, &session);
        }
        let lock = at(day, 11, host.random.between(0, 59), 0);
        host.logon(
            lock.plus_s(2700),
            &Logon { kind: 7, ..Logon::at_the_desk(person, &machine, 7) },
            None,
            None,
        );
    }
    for day in DAYS {
        services_of_the_day(host, desk, day);
        backup(host, desk, day);
    }
}

/// The file server: people come over the network and open their files, services and backup run.
pub fn file_server(host: &mut Host, desk: &Desk) {
    let mut random = Random::for_part("file-server-life");
    for day in DAYS {
        for person in &STAFF {
            let from = desk_of(person);
            for _ in 0..7 {
                let t = within(&mut random, day, 8, 17);
                let who = Logon::over_the_network(person, from);
                let session = host.logon(t, &who, Some(random.between(300, 2400)), None);
                for i in 0..random.between(1, 4) {
                    let name = format!("2026\\sheet-{}.xlsx", random.between(100, 999));
                    let file = ("team", "\\??\\D:\\Shares\\team", name.as_str());
                    let writes = random.chance(40);
                    host.share_opened(t.plus_s(2 + i * 30), (person, &session, from), file, writes, None);
                }
            }
        }
        services_of_the_day(host, desk, day);
        backup(host, desk, day);
    }
}

/// The address of a person's desk.
pub fn desk_of(person: &Person) -> &'static str {
    match person.user {
        "ana" => WS_ANA.address,
        "bo" => WS_BO.address,
        "piet" => "10.30.4.31",
        _ => WS_EVA.address,
    }
}

fn start(
    host: &mut Host,
    t: At,
    image: &str,
    command: &str,
    parent: &Process,
    who: &Person,
    logon: &str,
) -> Process {
    let start = Start { image, command, parent, user: who.account(), logon, integrity: "Medium" };
    host.start(t, &start, None)
}

fn ordinary_program(host: &mut Host, t: At, desk: &Desk, person: &Person, logon: &str) {
    let n = host.random.between(100, 999);
    let team = if person.user == "ana" { "accounts" } else { "firmware" };
    let office = |name: &str, file: String| {
        (format!("{OFFICE_FOLDER}{name}"), format!("\"{OFFICE_FOLDER}{name}\" \"{file}\""))
    };
    let (image, command) = match host.random.between(0, 8) {
        0 => office("EXCEL.EXE", format!("\\\\TB-FS-01\\{team}\\2026\\sheet-{n}.xlsx")),
        1 => office("WINWORD.EXE", format!("\\\\TB-FS-01\\{team}\\letters\\letter-{n}.docx")),
        2 | 3 => (EDGE.into(), format!("\"{EDGE}\" --type=renderer --field-trial-handle={n}")),
        4 => (
            "C:\\Windows\\System32\\notepad.exe".into(),
            format!("\"C:\\Windows\\system32\\notepad.exe\" C:\\Users\\{}\\Desktop\\todo.txt", person.user),
        ),
        5 => ("C:\\Windows\\System32\\mspaint.exe".into(), "\"C:\\Windows\\system32\\mspaint.exe\"".into()),
        6 if team == "firmware" => {
            ("C:\\Program Files\\Git\\cmd\\git.exe".into(), format!("git.exe fetch origin feature/{n}"))
        }
        6 => ("C:\\Windows\\System32\\calc.exe".into(), "\"C:\\Windows\\System32\\calc.exe\"".into()),
        _ => ("C:\\Windows\\splwow64.exe".into(), "C:\\Windows\\splwow64.exe 12288".into()),
    };
    let process = start(host, t, &image, &command, &desk.explorer, person, logon);
    if image == EDGE && host.random.chance(50) {
        let site = *host.random.pick(&["www.example.com", "intranet.tarnbeck.example", "maps.example.org"]);
        host.connects(t.plus_ms(300), &process, ("198.51.100.91", site, 443), None);
    }
    if image.ends_with("WINWORD.EXE") || image.ends_with("EXCEL.EXE") {
        host.creates(
            t.plus_s(30),
            &process,
            &format!("C:\\Users\\{}\\AppData\\Local\\Temp\\~DF{n}.tmp", person.user),
            None,
        );
    }
}

fn services_of_the_day(host: &mut Host, desk: &Desk, day: i64) {
    for hour in [0, 6, 12, 18] {
        let t = within(&mut host.random, day, hour, hour + 1);
        let command = "\"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe\" /ua /installsource scheduler";
        let update = Start {
            image: "C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe",
            command,
            parent: &desk.svchost,
            user: "NT AUTHORITY\\SYSTEM".into(),
            logon: "0x3e7",
            integrity: "System",
        };
        host.start(t, &update, None);
        host.service_state(t.plus_s(70), "Windows Update", "running", None);
        host.service_state(t.plus_s(400), "Windows Update", "stopped", None);
    }
    if day == 2 {
        // Patches arrive on Wednesday; the installer plans its clean-up as installers do.
        let t = at(day, 19, 4, 11);
        let installer = Start {
            image: "C:\\Windows\\servicing\\TrustedInstaller.exe",
            command: "C:\\Windows\\servicing\\TrustedInstaller.exe",
            parent: &desk.services,
            user: "NT AUTHORITY\\SYSTEM".into(),
            logon: "0x3e7",
            integrity: "System",
        };
        let process = host.start(t, &installer, None);
        host.sets_value(
            t.plus_s(80),
            &process,
            "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\PackagesPending\\KB5099001",
            "DWORD (0x00000001)",
            None,
        );
        host.installs_service(
            t.plus_s(95),
            "Vault Backup Agent 7.2",
            "\"C:\\Program Files\\Vault\\agent.exe\" --service",
            "auto start",
            None,
        );
    }
}

fn backup(host: &mut Host, desk: &Desk, day: i64) {
    let t = at(day, 1, 5, host.random.between(0, 59));
    host.logon(t, &Logon::over_the_network(&SVC_BACKUP, BACKUP_SERVER), Some(900), None);
    let agent = Start {
        image: "C:\\Program Files\\Vault\\agent.exe",
        command: "\"C:\\Program Files\\Vault\\agent.exe\" --run nightly",
        parent: &desk.services,
        user: "NT AUTHORITY\\SYSTEM".into(),
        logon: "0x3e7",
        integrity: "System",
    };
    let agent = host.start(t.plus_s(4), &agent, None);
    let shadow = Start {
        image: "C:\\Windows\\System32\\vssadmin.exe",
        command: "vssadmin list shadows",
        parent: &agent,
        user: "NT AUTHORITY\\SYSTEM".into(),
        logon: "0x3e7",
        integrity: "System",
    };
    host.start(t.plus_s(6), &shadow, None);
    host.connects(t.plus_s(9), &agent, (BACKUP_SERVER, "backup.tarnbeck.example", 8443), None);
}

/// The administrator's visits over Remote Desktop to that machine, and the script that runs there.
pub fn administration(host: &mut Host, desk: &Desk, visits: &[(i64, i64, i64)]) {
    let machine = host.machine;
    for (day, hour, minute) in visits {
        let t = at(*day, *hour, *minute, 17);
        let rdp = Logon { kind: 10, address: ADMIN_NETWORK, ..Logon::at_the_desk(&ADM_PIET, &machine, 10) };
        let session = host.logon(t, &rdp, Some(1500), None);
        host.privileges(t.plus_ms(2), &ADM_PIET, &session, None);
        let shell = Start {
            image: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
            command: "powershell.exe -NoProfile -ExecutionPolicy RemoteSigned -File C:\\Scripts\\Inventory.ps1",
            parent: &desk.svchost,
            user: ADM_PIET.account(),
            logon: &session,
            integrity: "High",
        };
        let shell = host.start(t.plus_s(120), &shell, None);
        host.runs_script(
            t.plus_s(121),
            "Get-CimInstance Win32_LogicalDisk | Select-Object DeviceID, FreeSpace, Size | Export-Csv \\\\TB-FS-01\\it\\inventory.csv -Append -Encoding UTF8",
            "C:\\Scripts\\Inventory.ps1",
            None,
        );
        let asks = Start {
            image: "C:\\Windows\\System32\\ipconfig.exe",
            command: "\"C:\\Windows\\system32\\ipconfig.exe\" /all",
            parent: &shell,
            user: ADM_PIET.account(),
            logon: &session,
            integrity: "High",
        };
        host.start(t.plus_s(150), &asks, None);
    }
}

/// The domain controller's days: tickets, logons of machines and people, replication by its partner.
pub fn domain_controller(host: &mut Host) {
    let mut random = Random::for_part("tickets");
    for day in DAYS {
        for person in &STAFF {
            let from = desk_of(person);
            let t = within(&mut random, day, 7, 8);
            first_ticket(host, t, person, from, None);
            for service in ["TB-FS-01$", "TB-DC-01$", "PRINT1$", "INTRANET$"] {
                let asked = t.plus_s(random.between(5, 20_000));
                service_ticket(host, asked, person, service, "0x12", from, None);
            }
            host.logon(t.plus_s(3), &Logon::over_the_network(person, from), Some(600), None);
            if random.chance(25) {
                // Somebody mistypes: Kerberos pre-authentication fails.
                wrong_password(host, t.plus_s(-9), person, from);
            }
        }
        for hour in (0..24).step_by(3) {
            let t = at(day, hour, 17, random.between(0, 59));
            let session = host.logon(
                t,
                &Logon {
                    user: "TB-DC-02$",
                    domain: REALM,
                    sid: format!("{DOMAIN_SID}-1001"),
                    kind: 3,
                    process: "Kerberos",
                    package: "Kerberos",
                    workstation: "-",
                    address: "10.30.1.11",
                },
                Some(30),
                None,
            );
            let who = ("TB-DC-02$", format!("{DOMAIN_SID}-1001"), session.as_str());
            replication(host, t.plus_ms(20), &who, None);
        }
        let t = at(day, 1, 2, 7);
        first_ticket(host, t, &SVC_BACKUP, BACKUP_SERVER, None);
        // An old service still gets RC4; one such ticket a night is what an estate like this has.
        service_ticket(host, t.plus_s(2), &SVC_BACKUP, "svc-archive", "0x17", BACKUP_SERVER, None);
    }
    new_colleague(host);
}

/// Security 4768.
pub fn first_ticket(host: &mut Host, t: At, person: &Person, from: &str, mark: Option<&super::log::Mark>) {
    let port = host.random.between(49_200, 65_000).to_string();
    host.put(
        t,
        audit(4768, 0, 14339, "Kerberos Authentication Service"),
        vec![
            ("TargetUserName", json!(person.user)),
            ("TargetDomainName", json!(NETBIOS)),
            ("TargetSid", json!(person.sid())),
            ("ServiceName", json!("krbtgt")),
            ("ServiceSid", json!(format!("{DOMAIN_SID}-502"))),
            ("TicketOptions", json!("0x40810010")),
            ("Status", json!("0x0")),
            ("TicketEncryptionType", json!("0x12")),
            ("PreAuthType", json!("2")),
            ("IpAddress", json!(format!("::ffff:{from}"))),
            ("IpPort", json!(port)),
            ("CertIssuerName", json!("")),
            ("CertSerialNumber", json!("")),
            ("CertThumbprint", json!("")),
        ],
        mark,
    );
}

fn wrong_password(host: &mut Host, t: At, person: &Person, from: &str) {
    let port = host.random.between(49_200, 65_000).to_string();
    host.put(
        t,
        super::windows::audit_failure(4771, 14339, "Kerberos Authentication Service"),
        vec![
            ("TargetUserName", json!(person.user)),
            ("TargetSid", json!(person.sid())),
            ("ServiceName", json!(format!("krbtgt/{NETBIOS}"))),
            ("TicketOptions", json!("0x40810010")),
            ("Status", json!("0x18")),
            ("PreAuthType", json!("2")),
            ("IpAddress", json!(format!("::ffff:{from}"))),
            ("IpPort", json!(port)),
            ("CertIssuerName", json!("")),
            ("CertSerialNumber", json!("")),
            ("CertThumbprint", json!("")),
        ],
        None,
    );
}

/// Security 4769.
pub fn service_ticket(
    host: &mut Host,
    t: At,
    person: &Person,
    service: &str,
    encryption: &str,
    from: &str,
    mark: Option<&super::log::Mark>,
) {
    let port = host.random.between(49_200, 65_000).to_string();
    let rid = 1130 + service.len();
    let guid = host.random.uuid().to_uppercase();
    host.put(
        t,
        audit(4769, 0, 14337, "Kerberos Service Ticket Operations"),
        vec![
            ("TargetUserName", json!(format!("{}@{REALM}", person.user))),
            ("TargetDomainName", json!(REALM)),
            ("ServiceName", json!(service)),
            ("ServiceSid", json!(format!("{DOMAIN_SID}-{rid}"))),
            ("TicketOptions", json!("0x40810000")),
            ("TicketEncryptionType", json!(encryption)),
            ("IpAddress", json!(format!("::ffff:{from}"))),
            ("IpPort", json!(port)),
            ("Status", json!("0x0")),
            ("LogonGuid", json!(guid)),
            ("TransmittedServices", json!("-")),
        ],
        mark,
    );
}

/// Security 4662 with the right to replicate all changes.
///
/// `who` is the account, its SID and the id of its session.
pub fn replication(host: &mut Host, t: At, who: &(&str, String, &str), mark: Option<&super::log::Mark>) {
    let (account, sid, session) = who;
    host.put(
        t,
        audit(4662, 0, 14080, "Directory Service Access"),
        vec![
            ("SubjectUserSid", json!(sid)),
            ("SubjectUserName", json!(account)),
            ("SubjectDomainName", json!(NETBIOS)),
            ("SubjectLogonId", json!(session)),
            ("ObjectServer", json!("DS")),
            ("ObjectType", json!("%{19195a5b-6da0-11d0-afd3-00c04fd930c9}")),
            ("ObjectName", json!("%{b1e0a7c2-6c0e-4f86-9d1f-7f6f5d0f2c44}")),
            ("OperationType", json!("Object Access")),
            ("HandleId", json!("0x0")),
            ("AccessList", json!("%%7688\r\n\t\t\t\t")),
            ("AccessMask", json!("0x100")),
            (
                "Properties",
                json!("%%7688\r\n\t\t{1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}\r\n\t{19195a5b-6da0-11d0-afd3-00c04fd930c9}\r\n"),
            ),
            ("AdditionalInfo", json!("-")),
            ("AdditionalInfo2", json!("")),
        ],
        mark,
    );
}

/// Security 4720. `by` is the person and the id of the session.
pub fn account_created(
    host: &mut Host,
    t: At,
    by: (&Person, &str),
    user: &str,
    rid: u32,
    mark: Option<&super::log::Mark>,
) {
    host.put(
        t,
        audit(4720, 0, 13824, "User Account Management"),
        vec![
            ("TargetUserName", json!(user)),
            ("TargetDomainName", json!(NETBIOS)),
            ("TargetSid", json!(format!("{DOMAIN_SID}-{rid}"))),
            ("SubjectUserSid", json!(by.0.sid())),
            ("SubjectUserName", json!(by.0.user)),
            ("SubjectDomainName", json!(NETBIOS)),
            ("SubjectLogonId", json!(by.1)),
            ("PrivilegeList", json!("-")),
            ("SamAccountName", json!(user)),
            ("DisplayName", json!("%%1793")),
            ("UserPrincipalName", json!(format!("{user}@tarnbeck.example"))),
            ("HomeDirectory", json!("%%1793")),
            ("PasswordLastSet", json!("%%1794")),
            ("AccountExpires", json!("%%1794")),
            ("PrimaryGroupId", json!("513")),
            ("OldUacValue", json!("0x0")),
            ("NewUacValue", json!("0x15")),
            ("UserAccountControl", json!("\r\n\t\t%%2080\r\n\t\t%%2082\r\n\t\t%%2084")),
        ],
        mark,
    );
}

/// Security 4728, or 4732 for a group that every machine has. `group` is its name and SID.
pub fn group_member_added(
    host: &mut Host,
    t: At,
    by: (&Person, &str),
    member_rid: u32,
    group: (&str, &str),
    mark: Option<&super::log::Mark>,
) {
    host.put(
        t,
        audit(
            if group.1.starts_with("S-1-5-32-") { 4732 } else { 4728 },
            0,
            13826,
            "Security Group Management",
        ),
        vec![
            ("MemberName", json!(format!("CN=rid-{member_rid},CN=Users,DC=tarnbeck,DC=example"))),
            ("MemberSid", json!(format!("{DOMAIN_SID}-{member_rid}"))),
            ("TargetUserName", json!(group.0)),
            ("TargetDomainName", json!(NETBIOS)),
            ("TargetSid", json!(group.1)),
            ("SubjectUserSid", json!(by.0.sid())),
            ("SubjectUserName", json!(by.0.user)),
            ("SubjectDomainName", json!(NETBIOS)),
            ("SubjectLogonId", json!(by.1)),
            ("PrivilegeList", json!("-")),
        ],
        mark,
    );
}

fn new_colleague(host: &mut Host) {
    let t = at(2, 10, 12, 0);
    let session =
        host.logon(t.plus_s(-70), &Logon::over_the_network(&ADM_PIET, ADMIN_NETWORK), Some(900), None);
    let by = (&ADM_PIET, session.as_str());
    account_created(host, t, by, "noor", 1140, None);
    let sid = format!("{DOMAIN_SID}-1610");
    group_member_added(host, t.plus_s(65), by, 1140, ("Staff", &sid), None);
}
