//! Windows events in the two shapes that the estate has: as `evtx_dump -o jsonl` writes them, and as Winlogbeat does.
//! There is no writer of EVTX here, so no EVTX file is in the estate.

use serde_json::{Map, Value, json};

use super::clock::At;
use super::log::{Estate, Log, Mark};
use super::random::Random;
use super::world::{ANA, Machine, NETBIOS, Person};

pub const SECURITY: &str = "Security";
pub const SYSTEM: &str = "System";
pub const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";
pub const POWERSHELL: &str = "Microsoft-Windows-PowerShell/Operational";

/// What the header of an event says, apart from time and place.
pub struct Kind {
    pub channel: &'static str,
    pub provider: &'static str,
    pub guid: &'static str,
    pub id: u32,
    pub version: u32,
    pub level: u32,
    pub task: u32,
    pub keywords: &'static str,
    /// Name of the element below `UserData`; empty for `EventData`.
    pub user_data: &'static str,
    /// Only events of the old kind have it.
    pub qualifiers: Option<u32>,
    /// Task and outcome in words, as Winlogbeat looks them up.
    pub words: (&'static str, &'static str),
}

const AUDITING: Kind = Kind {
    channel: SECURITY,
    provider: "Microsoft-Windows-Security-Auditing",
    guid: "54849625-5478-4994-A5BA-3E3B0328C30D",
    id: 0,
    version: 0,
    level: 0,
    task: 0,
    keywords: "0x8020000000000000",
    user_data: "",
    qualifiers: None,
    words: ("", "Audit Success"),
};

/// A Security event of success.
pub fn audit(id: u32, version: u32, task: u32, word: &'static str) -> Kind {
    Kind { id, version, task, words: (word, "Audit Success"), ..AUDITING }
}

/// A Security event of failure.
pub fn audit_failure(id: u32, task: u32, word: &'static str) -> Kind {
    Kind { id, task, keywords: "0x8010000000000000", words: (word, "Audit Failure"), ..AUDITING }
}

pub fn sysmon(id: u32, version: u32, word: &'static str) -> Kind {
    Kind {
        channel: SYSMON,
        provider: "Microsoft-Windows-Sysmon",
        guid: "5770385F-C22A-43E0-BF4C-06F5698FFBD9",
        id,
        version,
        level: 4,
        task: id,
        keywords: "0x8000000000000000",
        words: (word, ""),
        ..AUDITING
    }
}

pub fn service_control(id: u32) -> Kind {
    Kind {
        channel: SYSTEM,
        provider: "Service Control Manager",
        guid: "555908d1-a6d7-4695-8e1e-26931d2012f4",
        id,
        level: 4,
        keywords: "0x8080000000000000",
        qualifiers: Some(16384),
        words: ("", "Classic"),
        ..AUDITING
    }
}

pub fn script_block() -> Kind {
    Kind {
        channel: POWERSHELL,
        provider: "Microsoft-Windows-PowerShell",
        guid: "A0C1853B-5C40-4B15-8766-3CF1C58F985A",
        id: 4104,
        version: 1,
        level: 5,
        task: 2,
        keywords: "0x0",
        words: ("Execute a Remote Command", ""),
        ..AUDITING
    }
}

pub fn log_cleared() -> Kind {
    Kind {
        provider: "Microsoft-Windows-Eventlog",
        guid: "fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148",
        id: 1102,
        version: 1,
        level: 4,
        task: 104,
        keywords: "0x4020000000000000",
        user_data: "LogFileCleared",
        words: ("Log clear", "Audit Success"),
        ..AUDITING
    }
}

pub struct WinEvent {
    kind: Kind,
    user_sid: Option<&'static str>,
    process: (i64, i64),
    data: Vec<(&'static str, Value)>,
}

/// One Windows machine and its events.
pub struct Host {
    pub machine: Machine,
    pub random: Random,
    pub log: Log<WinEvent>,
    next_pid: i64,
}

/// A process as far as the estate knows it.
#[derive(Clone)]
pub struct Process {
    pub image: String,
    pub command: String,
    pub pid: i64,
    pub guid: String,
    pub user: String,
    /// Id of the logon session.
    pub logon: String,
}

/// What starts a process.
pub struct Start<'a> {
    pub image: &'a str,
    pub command: &'a str,
    pub parent: &'a Process,
    pub user: String,
    pub logon: &'a str,
    /// `Medium`, `High` or `System`
    pub integrity: &'static str,
}

impl Host {
    pub fn new(machine: Machine) -> Self {
        let mut random = Random::for_part(machine.name);
        let next_pid = random.between(900, 1200) * 4;
        Self { machine, random, log: Log::default(), next_pid }
    }

    pub fn put(&mut self, at: At, kind: Kind, data: Vec<(&'static str, Value)>, mark: Option<&Mark>) {
        let process = match kind.channel {
            SECURITY => (684, self.random.between(180, 2200) * 4),
            SYSMON => (2964, self.random.between(900, 1200) * 4),
            SYSTEM => (668, self.random.between(180, 2200) * 4),
            _ => (self.random.between(900, 2400) * 4, self.random.between(180, 2200) * 4),
        };
        let user_sid = (kind.channel == SYSMON).then_some("S-1-5-18");
        self.log.put(at, WinEvent { kind, user_sid, process, data }, mark);
    }

    fn guid(&mut self, at: At, pid: i64) -> String {
        let h = self.random.hex(8).to_uppercase();
        let seconds = at.0 / 1_000_000;
        let machine: String = self.machine.name.bytes().rev().take(4).map(|b| format!("{b:02X}")).collect();
        format!("{machine}-{:04X}-{:04X}-{h:.4}-{pid:012X}", (seconds >> 16) & 0xffff, seconds & 0xffff)
    }

    /// A process that began before the estate's days.
    pub fn standing(&mut self, image: &str, user: &str, logon: &str) -> Process {
        let pid = self.pid();
        let guid = self.guid(At(1_772_351_000_000_000), pid);
        Process {
            image: image.into(),
            command: image.into(),
            pid,
            guid,
            user: user.into(),
            logon: logon.into(),
        }
    }

    fn pid(&mut self) -> i64 {
        self.next_pid += self.random.between(1, 40) * 4;
        if self.next_pid > 24_000 {
            self.next_pid = self.random.between(600, 900) * 4;
        }
        self.next_pid
    }

    /// Writes Sysmon 1 and, a millisecond later, Security 4688 of the same start.
    pub fn start(&mut self, at: At, start: &Start<'_>, mark: Option<&Mark>) -> Process {
        let pid = self.pid();
        let guid = self.guid(at, pid);
        let name = start.image.rsplit('\\').next().unwrap_or(start.image);
        let (description, product, company) = version_record(name);
        let logon_guid = session_guid(&self.machine, start.logon);
        let session = i64::from(start.integrity != "System");
        let hashes = hashes(name);
        let parent = start.parent.clone();
        self.put(
            at,
            sysmon(1, 5, "Process Create (rule: ProcessCreate)"),
            vec![
                ("RuleName", json!("-")),
                ("UtcTime", json!(at.sysmon())),
                ("ProcessGuid", json!(guid)),
                ("ProcessId", json!(pid)),
                ("Image", json!(start.image)),
                ("FileVersion", json!(if company.starts_with("Microsoft") { "10.0.22621.1" } else { "-" })),
                ("Description", json!(description)),
                ("Product", json!(product)),
                ("Company", json!(company)),
                ("OriginalFileName", json!(original_name(name))),
                ("CommandLine", json!(start.command)),
                ("CurrentDirectory", json!("C:\\Windows\\system32\\")),
                ("User", json!(start.user)),
                ("LogonGuid", json!(logon_guid)),
                ("LogonId", json!(start.logon)),
                ("TerminalSessionId", json!(session)),
                ("IntegrityLevel", json!(start.integrity)),
                ("Hashes", json!(hashes)),
                ("ParentProcessGuid", json!(parent.guid)),
                ("ParentProcessId", json!(parent.pid)),
                ("ParentImage", json!(parent.image)),
                ("ParentCommandLine", json!(parent.command)),
                ("ParentUser", json!(parent.user)),
            ],
            mark,
        );
        let (domain, user) = start.user.split_once('\\').unwrap_or(("", &start.user));
        let system = user == "SYSTEM";
        self.put(
            at.plus_ms(1),
            audit(4688, 2, 13312, "Process Creation"),
            vec![
                ("SubjectUserSid", json!(if system { "S-1-5-18".into() } else { sid_of(user) })),
                (
                    "SubjectUserName",
                    json!(if system { format!("{}$", self.machine.name) } else { user.to_owned() }),
                ),
                ("SubjectDomainName", json!(if system { NETBIOS } else { domain })),
                ("SubjectLogonId", json!(start.logon)),
                ("NewProcessId", json!(format!("0x{pid:x}"))),
                ("NewProcessName", json!(start.image)),
                ("TokenElevationType", json!(if start.integrity == "Medium" { "%%1938" } else { "%%1936" })),
                ("ProcessId", json!(format!("0x{:x}", parent.pid))),
                ("CommandLine", json!(start.command)),
                ("TargetUserSid", json!("S-1-0-0")),
                ("TargetUserName", json!("-")),
                ("TargetDomainName", json!("-")),
                ("TargetLogonId", json!("0x0")),
                ("ParentProcessName", json!(parent.image)),
                (
                    "MandatoryLabel",
                    json!(match start.integrity {
                        "Medium" => "S-1-16-8192",
                        "High" => "S-1-16-12288",
                        _ => "S-1-16-16384",
                    }),
                ),
            ],
            mark,
        );
        Process {
            image: start.image.into(),
            command: start.command.into(),
            pid,
            guid,
            user: start.user.clone(),
            logon: start.logon.into(),
        }
    }

    /// Security 4624, and 4634 some time later where `stays_s` is given. The id of the session is given back.
    pub fn logon(&mut self, at: At, who: &Logon<'_>, stays_s: Option<i64>, mark: Option<&Mark>) -> String {
        let id = format!("0x{:x}", self.random.between(0x10_0000, 0x7f_ffff));
        self.logon_with(at, who, &id, stays_s, mark);
        id
    }

    /// As [`Host::logon`], with a session id that is known before.
    pub fn logon_with(
        &mut self,
        at: At,
        who: &Logon<'_>,
        id: &str,
        stays_s: Option<i64>,
        mark: Option<&Mark>,
    ) {
        let port = self.random.between(49_200, 65_000);
        let local = matches!(who.kind, 2 | 5 | 7 | 11);
        let guid = session_guid(&self.machine, id);
        let computer = format!("{}$", self.machine.name);
        let ntlm = who.package == "NTLM";
        let remote = matches!(who.kind, 3);
        self.put(
            at,
            audit(4624, 3, 12544, "Logon"),
            vec![
                ("SubjectUserSid", json!(if remote { "S-1-0-0" } else { "S-1-5-18" })),
                ("SubjectUserName", json!(if remote { "-" } else { &computer })),
                ("SubjectDomainName", json!(if remote { "-" } else { NETBIOS })),
                ("SubjectLogonId", json!(if remote { "0x0" } else { "0x3e7" })),
                ("TargetUserSid", json!(who.sid)),
                ("TargetUserName", json!(who.user)),
                ("TargetDomainName", json!(who.domain)),
                ("TargetLogonId", json!(id)),
                ("LogonType", json!(who.kind)),
                ("LogonProcessName", json!(who.process)),
                ("AuthenticationPackageName", json!(who.package)),
                ("WorkstationName", json!(who.workstation)),
                ("LogonGuid", json!(if ntlm { "00000000-0000-0000-0000-000000000000".into() } else { guid })),
                ("TransmittedServices", json!("-")),
                ("LmPackageName", json!(if ntlm { "NTLM V2" } else { "-" })),
                ("KeyLength", json!(if ntlm { 128 } else { 0 })),
                ("ProcessId", json!(if remote { "0x0" } else { "0x2ac" })),
                ("ProcessName", json!(if remote { "-" } else { "C:\\Windows\\System32\\svchost.exe" })),
                (
                    "IpAddress",
                    json!(if local { if who.kind == 5 { "-" } else { "127.0.0.1" } } else { who.address }),
                ),
                ("IpPort", json!(if local { "0".into() } else { port.to_string() })),
                ("ImpersonationLevel", json!("%%1833")),
                ("RestrictedAdminMode", json!("-")),
                ("RemoteCredentialGuard", json!("-")),
                ("TargetOutboundUserName", json!("-")),
                ("TargetOutboundDomainName", json!("-")),
                ("VirtualAccount", json!("%%1843")),
                ("TargetLinkedLogonId", json!("0x0")),
                ("ElevatedToken", json!(if who.user.starts_with("adm") { "%%1842" } else { "%%1843" })),
            ],
            mark,
        );
        if let Some(stays) = stays_s {
            self.put(
                at.plus_s(stays),
                audit(4634, 0, 12545, "Logoff"),
                vec![
                    ("TargetUserSid", json!(who.sid)),
                    ("TargetUserName", json!(who.user)),
                    ("TargetDomainName", json!(who.domain)),
                    ("TargetLogonId", json!(id)),
                    ("LogonType", json!(who.kind)),
                ],
                mark,
            );
        }
    }

    /// Security 4672: the session of that id has rights of an administrator.
    pub fn privileges(&mut self, t: At, person: &Person, session: &str, mark: Option<&Mark>) {
        let rights = "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeDebugPrivilege";
        let mut data = subject(person, session);
        data.push(("PrivilegeList", json!(rights)));
        self.put(t, audit(4672, 0, 12548, "Special Logon"), data, mark);
    }

    /// Security 4648: a process uses the password or the hash of somebody else.
    pub fn uses_credentials(
        &mut self,
        t: At,
        process: &Process,
        (by, of): (&Person, &Person),
        server: &Machine,
        mark: Option<&Mark>,
    ) {
        let mut data = subject(by, &process.logon);
        data.extend([
            ("LogonGuid", json!("00000000-0000-0000-0000-000000000000")),
            ("TargetUserName", json!(of.user)),
            ("TargetDomainName", json!(NETBIOS)),
            ("TargetLogonGuid", json!("00000000-0000-0000-0000-000000000000")),
            ("TargetServerName", json!(server.fqdn)),
            ("TargetInfo", json!(format!("cifs/{}", server.fqdn))),
            ("ProcessId", json!(format!("0x{:x}", process.pid))),
            ("ProcessName", json!(process.image)),
            ("IpAddress", json!("-")),
            ("IpPort", json!("-")),
        ]);
        self.put(t, audit(4648, 0, 12544, "Logon"), data, mark);
    }

    /// Security 5145: a file or a pipe of a share is opened in the session of that id; `writes` says what for.
    pub fn share_opened(
        &mut self,
        t: At,
        (person, session, address): (&Person, &str, &str),
        (share, local, target): (&str, &str, &str),
        writes: bool,
        mark: Option<&Mark>,
    ) {
        let port = self.random.between(49_200, 65_000).to_string();
        let (mask, list) = if writes {
            (
                "0x12019f",
                "%%1538\r\n\t\t\t\t%%1541\r\n\t\t\t\t%%4416\r\n\t\t\t\t%%4417\r\n\t\t\t\t%%4418\r\n\t\t\t\t",
            )
        } else {
            ("0x120089", "%%1538\r\n\t\t\t\t%%1541\r\n\t\t\t\t%%4416\r\n\t\t\t\t")
        };
        let mut data = subject(person, session);
        data.extend([
            ("ObjectType", json!("File")),
            ("IpAddress", json!(address)),
            ("IpPort", json!(port)),
            ("ShareName", json!(format!("\\\\*\\{share}"))),
            ("ShareLocalPath", json!(local)),
            ("RelativeTargetName", json!(target)),
            ("AccessMask", json!(mask)),
            ("AccessList", json!(list)),
            ("AccessReason", json!("-")),
        ]);
        self.put(t, audit(5145, 0, 12811, "Detailed File Share"), data, mark);
    }

    /// Security 4625: a wrong password, or an unknown name.
    pub fn failed_logon(&mut self, at: At, who: &Logon<'_>, unknown_name: bool, mark: Option<&Mark>) {
        let port = self.random.between(49_200, 65_000);
        self.put(
            at,
            audit_failure(4625, 12544, "Logon"),
            vec![
                ("SubjectUserSid", json!("S-1-0-0")),
                ("SubjectUserName", json!("-")),
                ("SubjectDomainName", json!("-")),
                ("SubjectLogonId", json!("0x0")),
                ("TargetUserSid", json!("S-1-0-0")),
                ("TargetUserName", json!(who.user)),
                ("TargetDomainName", json!(who.domain)),
                ("Status", json!("0xc000006d")),
                ("FailureReason", json!("%%2313")),
                ("SubStatus", json!(if unknown_name { "0xc0000064" } else { "0xc000006a" })),
                ("LogonType", json!(who.kind)),
                ("LogonProcessName", json!(who.process)),
                ("AuthenticationPackageName", json!(who.package)),
                ("WorkstationName", json!(who.workstation)),
                ("TransmittedServices", json!("-")),
                ("LmPackageName", json!("-")),
                ("KeyLength", json!(0)),
                ("ProcessId", json!("0x0")),
                ("ProcessName", json!("-")),
                ("IpAddress", json!(who.address)),
                ("IpPort", json!(port.to_string())),
            ],
            mark,
        );
    }

    /// Sysmon 3.
    pub fn connects(&mut self, at: At, process: &Process, to: (&str, &str, u16), mark: Option<&Mark>) {
        let port = self.random.between(49_200, 65_000);
        let (address, name, to_port) = to;
        self.put(
            at,
            sysmon(3, 5, "Network connection detected (rule: NetworkConnect)"),
            vec![
                ("RuleName", json!("-")),
                ("UtcTime", json!(at.sysmon())),
                ("ProcessGuid", json!(process.guid)),
                ("ProcessId", json!(process.pid)),
                ("Image", json!(process.image)),
                ("User", json!(process.user)),
                ("Protocol", json!("tcp")),
                ("Initiated", json!(true)),
                ("SourceIsIpv6", json!(false)),
                ("SourceIp", json!(self.machine.address)),
                ("SourceHostname", json!(self.machine.fqdn)),
                ("SourcePort", json!(port)),
                ("SourcePortName", json!("-")),
                ("DestinationIsIpv6", json!(false)),
                ("DestinationIp", json!(address)),
                ("DestinationHostname", json!(name)),
                ("DestinationPort", json!(to_port)),
                ("DestinationPortName", json!(if to_port == 443 { "https" } else { "-" })),
            ],
            mark,
        );
    }

    /// Sysmon 11.
    pub fn creates(&mut self, at: At, process: &Process, path: &str, mark: Option<&Mark>) {
        self.put(
            at,
            sysmon(11, 2, "File created (rule: FileCreate)"),
            vec![
                ("RuleName", json!("-")),
                ("UtcTime", json!(at.sysmon())),
                ("ProcessGuid", json!(process.guid)),
                ("ProcessId", json!(process.pid)),
                ("Image", json!(process.image)),
                ("TargetFilename", json!(path)),
                ("CreationUtcTime", json!(at.sysmon())),
                ("User", json!(process.user)),
            ],
            mark,
        );
    }

    /// Sysmon 13.
    pub fn sets_value(&mut self, at: At, process: &Process, key: &str, details: &str, mark: Option<&Mark>) {
        self.put(
            at,
            sysmon(13, 2, "Registry value set (rule: RegistryEvent)"),
            vec![
                ("RuleName", json!("-")),
                ("EventType", json!("SetValue")),
                ("UtcTime", json!(at.sysmon())),
                ("ProcessGuid", json!(process.guid)),
                ("ProcessId", json!(process.pid)),
                ("Image", json!(process.image)),
                ("TargetObject", json!(key)),
                ("Details", json!(details)),
                ("User", json!(process.user)),
            ],
            mark,
        );
    }

    /// Sysmon 10: LSASS is opened.
    pub fn opens_lsass(&mut self, at: At, process: &Process, access: &str, trace: &str, mark: Option<&Mark>) {
        let target = self.guid(At(1_772_351_000_000_000), 712);
        self.put(
            at,
            sysmon(10, 3, "Process accessed (rule: ProcessAccess)"),
            vec![
                ("RuleName", json!("-")),
                ("UtcTime", json!(at.sysmon())),
                ("SourceProcessGUID", json!(process.guid)),
                ("SourceProcessId", json!(process.pid)),
                ("SourceThreadId", json!(process.pid + 8)),
                ("SourceImage", json!(process.image)),
                ("TargetProcessGUID", json!(target)),
                ("TargetProcessId", json!(712)),
                ("TargetImage", json!("C:\\Windows\\system32\\lsass.exe")),
                ("GrantedAccess", json!(access)),
                ("CallTrace", json!(trace)),
                ("SourceUser", json!(process.user)),
                ("TargetUser", json!("NT AUTHORITY\\SYSTEM")),
            ],
            mark,
        );
    }

    /// Sysmon 22.
    pub fn resolves(&mut self, at: At, process: &Process, name: &str, answer: &str, mark: Option<&Mark>) {
        self.put(
            at,
            sysmon(22, 5, "Dns query (rule: DnsQuery)"),
            vec![
                ("RuleName", json!("-")),
                ("UtcTime", json!(at.sysmon())),
                ("ProcessGuid", json!(process.guid)),
                ("ProcessId", json!(process.pid)),
                ("QueryName", json!(name)),
                ("QueryStatus", json!("0")),
                ("QueryResults", json!(format!("::ffff:{answer};"))),
                ("Image", json!(process.image)),
                ("User", json!(process.user)),
            ],
            mark,
        );
    }

    /// System 7045.
    pub fn installs_service(&mut self, at: At, name: &str, path: &str, start: &str, mark: Option<&Mark>) {
        self.put(
            at,
            service_control(7045),
            vec![
                ("ServiceName", json!(name)),
                ("ImagePath", json!(path)),
                ("ServiceType", json!("user mode service")),
                ("StartType", json!(start)),
                ("AccountName", json!("LocalSystem")),
            ],
            mark,
        );
    }

    /// System 7036.
    pub fn service_state(&mut self, at: At, name: &str, state: &str, mark: Option<&Mark>) {
        self.put(at, service_control(7036), vec![("param1", json!(name)), ("param2", json!(state))], mark);
    }

    /// PowerShell 4104.
    pub fn runs_script(&mut self, at: At, text: &str, path: &str, mark: Option<&Mark>) {
        let id = self.random.uuid();
        self.put(
            at,
            script_block(),
            vec![
                ("MessageNumber", json!(1)),
                ("MessageTotal", json!(1)),
                ("ScriptBlockText", json!(text)),
                ("ScriptBlockId", json!(id)),
                ("Path", json!(path)),
            ],
            mark,
        );
    }

    /// One file a channel, as `evtx_dump -o jsonl` writes them.
    pub fn write_dump(mut self, estate: &mut Estate, folder: &str) {
        self.log.sort();
        let mut channels: Vec<(&str, i64, usize, String)> = Vec::new();
        for row in &self.log.rows {
            let channel = row.body.kind.channel;
            let at = match channels.iter().position(|c| c.0 == channel) {
                Some(at) => at,
                None => {
                    let first = self.random.between(20_000, 400_000);
                    channels.push((channel, first, 0, String::new()));
                    channels.len() - 1
                }
            };
            let (_, next, lines, text) = &mut channels[at];
            *lines += 1;
            if let Some(mark) = &row.mark {
                estate.note(&file_of(folder, channel), *lines, &next.to_string(), row.at, mark);
            }
            text.push_str(&dump(&row.body, row.at, *next, &self.machine).to_string());
            text.push('\n');
            *next += 1;
        }
        for (channel, _, _, text) in channels {
            estate.file(file_of(folder, channel), text);
        }
    }

    /// All channels in one file, as Winlogbeat's file output writes them.
    pub fn write_beat(mut self, estate: &mut Estate, path: &str) {
        self.log.sort();
        let mut next: Vec<(&str, i64)> = Vec::new();
        let agent = self.random.uuid();
        let mut text = String::new();
        for (i, row) in self.log.rows.iter().enumerate() {
            let channel = row.body.kind.channel;
            if !next.iter().any(|n| n.0 == channel) {
                next.push((channel, self.random.between(20_000, 400_000)));
            }
            let number = next.iter_mut().find(|n| n.0 == channel).map_or(0, |n| {
                n.1 += 1;
                n.1
            });
            if let Some(mark) = &row.mark {
                estate.note(path, i + 1, &number.to_string(), row.at, mark);
            }
            text.push_str(&beat(&row.body, row.at, number, &self.machine, &agent).to_string());
            text.push('\n');
        }
        estate.file(path, text);
    }
}

/// Who signs in, and how.
pub struct Logon<'a> {
    pub user: &'a str,
    pub domain: &'a str,
    pub sid: String,
    pub kind: u32,
    pub process: &'static str,
    pub package: &'static str,
    pub workstation: &'a str,
    pub address: &'a str,
}

impl<'a> Logon<'a> {
    pub fn at_the_desk(person: &Person, machine: &'a Machine, kind: u32) -> Logon<'a> {
        Logon {
            user: person.user,
            domain: NETBIOS,
            sid: person.sid(),
            kind,
            process: "User32 ",
            package: "Negotiate",
            workstation: machine.name,
            address: "127.0.0.1",
        }
    }

    pub fn over_the_network(person: &Person, address: &'a str) -> Logon<'a> {
        Logon {
            user: person.user,
            domain: NETBIOS,
            sid: person.sid(),
            kind: 3,
            process: "Kerberos",
            package: "Kerberos",
            workstation: "-",
            address,
        }
    }
}

/// The first four fields of most Security events.
fn subject(person: &Person, session: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("SubjectUserSid", json!(person.sid())),
        ("SubjectUserName", json!(person.user)),
        ("SubjectDomainName", json!(NETBIOS)),
        ("SubjectLogonId", json!(session)),
    ]
}

/// The same for all events of one session.
fn session_guid(machine: &Machine, session: &str) -> String {
    Random::for_part(&format!("{} {session}", machine.name)).uuid().to_uppercase()
}

fn sid_of(user: &str) -> String {
    use super::world::{ADM_PIET, BO, EVA, PIET, SVC_BACKUP, SVC_DEPLOY, SVC_PRINT, SVC_SCAN};
    let all = [ANA, BO, PIET, EVA, ADM_PIET, SVC_BACKUP, SVC_DEPLOY, SVC_PRINT, SVC_SCAN];
    all.iter().find(|p| p.user == user).map_or_else(|| "S-1-5-18".into(), Person::sid)
}

fn file_of(folder: &str, channel: &str) -> String {
    format!("{folder}/{}.jsonl", channel.replace('/', "%4"))
}

/// Names that the version record of a program carries.
fn version_record(name: &str) -> (&'static str, &'static str, &'static str) {
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "winword.exe" => ("Microsoft Word", "Microsoft Office", "Microsoft Corporation"),
        "excel.exe" => ("Microsoft Excel", "Microsoft Office", "Microsoft Corporation"),
        "outlook.exe" => ("Microsoft Outlook", "Microsoft Outlook", "Microsoft Corporation"),
        "msedge.exe" => ("Microsoft Edge", "Microsoft Edge", "Microsoft Corporation"),
        "rclone.exe" => ("Rsync for cloud storage", "Rclone", "https://rclone.org"),
        "agent.exe" => ("Vault backup agent", "Vault", "Vault"),
        "kqzxvwpt.exe" | "qlock.exe" => ("-", "-", "-"),
        _ => ("-", "Microsoft® Windows® Operating System", "Microsoft Corporation"),
    }
}

fn original_name(name: &str) -> String {
    match name {
        "powershell.exe" => "PowerShell.EXE".into(),
        "cmd.exe" => "Cmd.Exe".into(),
        "kqzxvwpt.exe" | "qlock.exe" => "-".into(),
        other => other.into(),
    }
}

/// Digests that are the same for the same program, and of nothing.
fn hashes(name: &str) -> String {
    let mut random = Random::for_part(name);
    let (md5, sha, imp) = (random.hex(32), random.hex(64), random.hex(32));
    format!("MD5={},SHA256={},IMPHASH={}", md5.to_uppercase(), sha.to_uppercase(), imp.to_uppercase())
}

fn dump(event: &WinEvent, at: At, record: i64, machine: &Machine) -> Value {
    let kind = &event.kind;
    let id = match kind.qualifiers {
        Some(q) => json!({ "#attributes": { "Qualifiers": q }, "#text": kind.id }),
        None => json!(kind.id),
    };
    let mut provider = Map::new();
    provider.insert("Name".into(), json!(kind.provider));
    provider.insert("Guid".into(), json!(kind.guid));
    if kind.qualifiers.is_some() {
        provider.insert("EventSourceName".into(), json!(kind.provider));
    }
    let mut data = Map::new();
    for (name, value) in &event.data {
        data.insert((*name).into(), value.clone());
    }
    let security = match event.user_sid {
        Some(sid) => json!({ "#attributes": { "UserID": sid } }),
        None => Value::Null,
    };
    let mut inner = json!({
        "#attributes": { "xmlns": "http://schemas.microsoft.com/win/2004/08/events/event" },
        "System": {
            "Provider": { "#attributes": provider },
            "EventID": id,
            "Version": kind.version,
            "Level": kind.level,
            "Task": kind.task,
            "Opcode": 0,
            "Keywords": kind.keywords,
            "TimeCreated": { "#attributes": { "SystemTime": at.rfc3339_us() } },
            "EventRecordID": record,
            "Correlation": null,
            "Execution": { "#attributes": { "ProcessID": event.process.0, "ThreadID": event.process.1 } },
            "Channel": kind.channel,
            "Computer": machine.fqdn,
            "Security": security,
        },
    });
    if kind.user_data.is_empty() {
        inner["EventData"] = Value::Object(data);
    } else {
        let mut element = Map::new();
        element.insert(
            "#attributes".into(),
            json!({ "xmlns": "http://manifests.microsoft.com/win/2004/08/windows/eventlog" }),
        );
        element.extend(data);
        inner["UserData"] = json!({ kind.user_data: element });
    }
    json!({ "Event": inner })
}

fn beat(event: &WinEvent, at: At, record: i64, machine: &Machine, agent: &str) -> Value {
    let kind = &event.kind;
    let mut data = Map::new();
    if !kind.user_data.is_empty() {
        data.insert("xml_name".into(), json!(kind.user_data));
    }
    for (name, value) in &event.data {
        let text = match value {
            Value::String(text) if name.to_ascii_lowercase().ends_with("guid") && text.len() == 36 => {
                format!("{{{text}}}")
            }
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        data.insert((*name).into(), json!(text));
    }
    let mut winlog = Map::new();
    winlog.insert("api".into(), json!("wineventlog"));
    winlog.insert("channel".into(), json!(kind.channel));
    winlog.insert("computer_name".into(), json!(machine.fqdn));
    winlog.insert(
        if kind.user_data.is_empty() { "event_data" } else { "user_data" }.into(),
        Value::Object(data),
    );
    winlog.insert("event_id".into(), json!(kind.id.to_string()));
    if !kind.words.1.is_empty() {
        winlog.insert("keywords".into(), json!([kind.words.1]));
    }
    winlog.insert("opcode".into(), json!("Info"));
    winlog.insert("process".into(), json!({ "pid": event.process.0, "thread": { "id": event.process.1 } }));
    winlog.insert("provider_guid".into(), json!(format!("{{{}}}", kind.guid.to_ascii_lowercase())));
    winlog.insert("provider_name".into(), json!(kind.provider));
    winlog.insert("record_id".into(), json!(record));
    if !kind.words.0.is_empty() {
        winlog.insert("task".into(), json!(kind.words.0));
    }
    if let Some(sid) = event.user_sid {
        winlog.insert(
            "user".into(),
            json!({ "domain": "NT AUTHORITY", "identifier": sid, "name": "SYSTEM", "type": "User" }),
        );
    }
    winlog.insert("version".into(), json!(kind.version));
    let mut about = Map::new();
    if !kind.words.0.is_empty() {
        about.insert("action".into(), json!(kind.words.0));
    }
    about.insert("code".into(), json!(kind.id.to_string()));
    about.insert("created".into(), json!(at.plus_ms(1_400).rfc3339_ms()));
    about.insert("kind".into(), json!("event"));
    about.insert("provider".into(), json!(kind.provider));
    json!({
        "@timestamp": at.rfc3339_ms(),
        "@metadata": { "beat": "winlogbeat", "type": "_doc", "version": "8.17.2" },
        "agent": { "ephemeral_id": "3c0b8a4e-5a0f-4f4d-9f1e-0c6c7ce7a11b", "id": agent, "name": machine.name, "type": "winlogbeat", "version": "8.17.2" },
        "ecs": { "version": "8.0.0" },
        "event": about,
        "host": { "name": machine.fqdn.to_ascii_lowercase() },
        "log": { "level": if kind.level == 5 { "verbose" } else { "information" } },
        "winlog": winlog,
    })
}
