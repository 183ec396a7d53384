//! The ransomware, second half of the day: to Bo's desk by a service, to the directory by replication, into the
//! tenant by a tired administrator, and to the file server over Remote Desktop.

use serde_json::{Value, json};

use super::clock::at;
use super::entra::{DENIED, GOOD, Outcome, Tenant};
use super::network::{Conn, Sensors, ShareFile};
use super::ransomware::{child, mark};
use super::windows::{Host, Logon, Process, Start, sysmon};
use super::windows_life::{
    Desk, account_created, first_ticket, group_member_added, replication, service_ticket,
};
use super::world::*;

/// 11:02 to 11:21: from Ana's desk to Bo's, as psexec and its relatives do it. The beacon there is given back.
pub fn second_desk(
    ana: &mut Host,
    shell: &Process,
    bo: &mut Host,
    desk: &Desk,
    net: &mut Sensors,
) -> Process {
    let stage = "6-lateral-movement";
    let t = at(2, 11, 2, 16);
    let uses = mark(
        stage,
        "T1550.002",
        "the crew's shell signs on elsewhere as the administrator",
        &["windows/security/person_uses_other_password_from_shell"],
    );
    let asks = mark(stage, "T1018", "the address of Bo's desk is asked for", &[]);
    ana.resolves(t.plus_ms(-90), shell, WS_BO.fqdn, WS_BO.address, Some(&asks));
    net.query(t.plus_ms(-95), WS_ANA.address, WS_BO.fqdn, "A", WS_BO.address, Some(&asks));
    ana.uses_credentials(t.plus_ms(-40), shell, (&ANA, &ADM_PIET), &WS_BO, Some(&uses));
    let arrives = mark(stage, "T1021.002", "a logon over the network with a stolen hash", &[]);
    let logon = Logon {
        process: "NtLmSsp ",
        package: "NTLM",
        workstation: WS_ANA.name,
        ..Logon::over_the_network(&ADM_PIET, WS_ANA.address)
    };
    let session = bo.logon(t, &logon, Some(4200), Some(&arrives));
    bo.privileges(t.plus_ms(2), &ADM_PIET, &session, Some(&arrives));
    let who = (&ADM_PIET, session.as_str(), WS_ANA.address);
    let share = mark(
        stage,
        "T1570",
        "a program is written through the administrative share",
        &["windows/security/program_written_to_admin_share"],
    );
    let file = ("ADMIN$", "\\??\\C:\\Windows", "kqzxvwpt.exe");
    bo.share_opened(t.plus_ms(300), who, file, true, Some(&share));
    let wire =
        mark(stage, "T1570", "the same program on the wire", &["zeek/smb_files/program_to_admin_share"]);
    let file = ShareFile { share: "\\\\TB-WS-022\\ADMIN$", name: "kqzxvwpt.exe", bytes: 58_880, before: "" };
    net.share_file(t.plus_ms(280), WS_ANA.address, WS_BO.address, "SMB::FILE_OPEN", file, Some(&wire));
    let control = mark(
        stage,
        "T1569.002",
        "the service control manager is asked over the network",
        &["windows/security/service_control_pipe_opened"],
    );
    bo.share_opened(t.plus_ms(700), who, ("IPC$", "", "svcctl"), true, Some(&control));
    let service = mark(
        stage,
        "T1569.002",
        "a service with a random name runs it",
        &["windows/system/service_runs_interpreter"],
    );
    bo.installs_service(t.plus_ms(900), "mKQz", "%systemroot%\\kqzxvwpt.exe", "demand start", Some(&service));
    let beacon = bo_beacon(bo, desk, net);
    let opened =
        mark(stage, "T1003.001", "LSASS of Bo's desk is read", &["windows/process_access/lsass_memory_read"]);
    let trace = "C:\\Windows\\SYSTEM32\\ntdll.dll+9f8e4|UNKNOWN(000001F2A10B4C1D)";
    bo.opens_lsass(at(2, 11, 20, 5), &beacon, "0x1410", trace, Some(&opened));
    beacon
}

fn bo_beacon(bo: &mut Host, desk: &Desk, net: &mut Sensors) -> Process {
    let stage = "6-lateral-movement";
    let t = at(2, 11, 2, 17).plus_ms(400);
    let runs = mark(stage, "T1569.002", "the service's program as SYSTEM", &[]);
    let image = "C:\\Windows\\kqzxvwpt.exe";
    let beacon = bo.start(t, &child(image, image, &desk.services, "System"), Some(&runs));
    let pipe = mark(
        stage,
        "T1559",
        "its pipe has the default name of a framework",
        &["windows/pipe_created/known_intruder_pipe"],
    );
    bo.put(
        t.plus_ms(300),
        sysmon(17, 1, "Pipe Created (rule: PipeEvent)"),
        vec![
            ("RuleName", json!("-")),
            ("EventType", json!("CreatePipe")),
            ("UtcTime", json!(t.plus_ms(300).sysmon())),
            ("ProcessGuid", json!(beacon.guid)),
            ("ProcessId", json!(beacon.pid)),
            ("PipeName", json!("\\MSSE-4417-server")),
            ("Image", json!(beacon.image)),
            ("User", json!("NT AUTHORITY\\SYSTEM")),
        ],
        Some(&pipe),
    );
    let calls = mark("2-beacon", "T1071.001", "the second beacon calls home", &[]);
    for n in 0..9 {
        let t = at(2, 11, 4, 2).plus_s(n * 3540);
        bo.connects(t, &beacon, (CREW, CREW_NAME, 443), Some(&calls));
        net.query(t.plus_ms(-3), WS_BO.address, CREW_NAME, "A", CREW, Some(&calls));
        let (sent, received) = (1_204 + n * 31, 2_750);
        let c = Conn { from: WS_BO.address, to: CREW, port: 443, service: "ssl", sent, received, seconds: 3 };
        net.connection(t, &c, Some(&calls));
    }
    beacon
}

/// 11:48 to 12:06: the secrets of the domain, and an account of their own in it.
pub fn directory(dc: &mut Host) {
    let stage = "7-directory";
    let t = at(2, 11, 48, 2);
    let logon = Logon {
        process: "NtLmSsp ",
        package: "NTLM",
        workstation: WS_BO.name,
        ..Logon::over_the_network(&ADM_PIET, WS_BO.address)
    };
    let arrives = mark(stage, "T1078.002", "the administrator's account comes from Bo's desk", &[]);
    let session = dc.logon(t.plus_ms(-200), &logon, Some(1500), Some(&arrives));
    dc.privileges(t.plus_ms(-198), &ADM_PIET, &session, Some(&arrives));
    let sync = mark(
        stage,
        "T1003.006",
        "the secrets of the domain are replicated by a person's account",
        &["windows/security/dcsync"],
    );
    for i in 0..3 {
        let who = (ADM_PIET.user, ADM_PIET.sid(), session.as_str());
        replication(dc, t.plus_ms(i * 40), &who, Some(&sync));
    }
    let by = (&ADM_PIET, session.as_str());
    let made = mark(
        stage,
        "T1136.002",
        "an account that sounds like a service",
        &["windows/security/new_account_made_administrator"],
    );
    account_created(dc, at(2, 12, 5, 10), by, SVC_PRINT.user, SVC_PRINT.rid, Some(&made));
    let raised = mark(
        stage,
        "T1098.007",
        "and is made an administrator of the domain",
        &[
            "windows/security/new_account_made_administrator",
            "windows/security/privileged_group_member_added",
        ],
    );
    let sid = format!("{DOMAIN_SID}-512");
    let group = ("Domain Admins", sid.as_str());
    group_member_added(dc, at(2, 12, 5, 51), by, SVC_PRINT.rid, group, Some(&raised));
}

/// 14:10 to 14:30: a session on the file server, and a look around. The shell there is given back.
pub fn file_server(fs: &mut Host, desk: &Desk, dc: &mut Host) -> Process {
    let stage = "8-file-server";
    let t = at(2, 14, 10, 33);
    let ticket = mark(stage, "T1078.002", "the new account signs in from Bo's desk", &[]);
    first_ticket(dc, t.plus_s(-4), &SVC_PRINT, WS_BO.address, Some(&ticket));
    service_ticket(dc, t.plus_s(-3), &SVC_PRINT, "TB-FS-01$", "0x12", WS_BO.address, Some(&ticket));
    let shell = remote_desktop(fs, desk, t, stage, 36_000);
    let found = mark(
        stage,
        "T1087.002",
        "the crew looks around on the file server",
        &["windows/process_creation/discovery_burst"],
    );
    let questions = [
        ("whoami.exe", "whoami.exe /groups"),
        ("net.exe", "net.exe view \\\\TB-FS-01 /all"),
        ("quser.exe", "quser.exe"),
        ("systeminfo.exe", "systeminfo.exe"),
    ];
    for (i, (name, command)) in questions.into_iter().enumerate() {
        let image = format!("C:\\Windows\\System32\\{name}");
        let t = at(2, 14, 24, 8).plus_s(i as i64 * 41);
        fs.start(t, &child(&image, command, &shell, "High"), Some(&found));
    }
    shell
}

/// A session of the crew's own account from Bo's desk, and a shell in it.
pub fn remote_desktop(
    fs: &mut Host,
    desk: &Desk,
    t: super::clock::At,
    stage: &'static str,
    stays_s: i64,
) -> Process {
    let arrives = mark(stage, "T1021.001", "the new account comes over Remote Desktop from Bo's desk", &[]);
    let machine = fs.machine;
    let rdp = Logon { kind: 10, address: WS_BO.address, ..Logon::at_the_desk(&SVC_PRINT, &machine, 10) };
    let session = fs.logon(t, &rdp, Some(stays_s), Some(&arrives));
    fs.privileges(t.plus_ms(2), &SVC_PRINT, &session, Some(&arrives));
    let runs = mark(stage, "T1059.003", "a shell in that session", &[]);
    let start = Start {
        image: "C:\\Windows\\explorer.exe",
        command: "C:\\Windows\\Explorer.EXE",
        parent: &desk.svchost,
        user: SVC_PRINT.account(),
        logon: &session,
        integrity: "High",
    };
    let explorer = fs.start(t.plus_s(6), &start, Some(&arrives));
    let command = "\"C:\\Windows\\system32\\cmd.exe\"";
    let shell = child("C:\\Windows\\System32\\cmd.exe", command, &explorer, "High");
    fs.start(t.plus_s(95), &shell, Some(&runs))
}

/// 21:00 to 21:19: the administrator's telephone asks until he says yes.
pub fn tenant(entra: &mut Tenant) {
    let stage = "10-tenant";
    let asks = mark(
        stage,
        "T1621",
        "the second factor is asked for again and again",
        &["azure/signinlogs/mfa_fatigue"],
    );
    for i in 0..9 {
        entra.strange(at(2, 21, 0, 20).plus_s(i * 45), &ADM_PIET, &DENIED, &asks);
    }
    let yes = mark(
        stage,
        "T1621",
        "he presses yes; the sign-in is rated as a high risk",
        &["azure/signinlogs/mfa_fatigue", "azure/signinlogs/risky_signin_succeeded"],
    );
    entra.strange(at(2, 21, 8, 2), &ADM_PIET, &Outcome { risk: "high", ..GOOD }, &yes);
    let by = (&ADM_PIET, CREW);
    let app = |changes: Value| json!({ "id": "7b0c8a6e-2f1d-4c9b-8f6a-0d9e5b1c3a77", "displayName": "Mail Helper", "type": "ServicePrincipal", "userPrincipalName": null, "groupType": null, "modifiedProperties": changes });
    let secret = mark(
        stage,
        "T1098.001",
        "an application gets a second secret",
        &["azure/auditlogs/application_credential_added"],
    );
    let changes = json!([{ "displayName": "KeyDescription", "oldValue": "[]", "newValue": "[\"[KeyIdentifier=5f1c,KeyType=Password,KeyUsage=Verify,DisplayName=]\"]" }]);
    let certificates = "Update application – Certificates and secrets management ";
    entra.audit(
        at(2, 21, 16, 40),
        (certificates, "Core Directory", "ApplicationManagement"),
        by,
        app(changes),
        Some(&secret),
    );
    let consent = mark(
        stage,
        "T1528",
        "and the administrator's consent to read all mail",
        &["azure/auditlogs/administrator_consent_given"],
    );
    let changes = json!([
        { "displayName": "ConsentContext.IsAdminConsent", "oldValue": null, "newValue": "\"True\"" },
        { "displayName": "ConsentAction.Permissions", "oldValue": null, "newValue": "\"[] => [[Id: x, Scope: Mail.Read Files.Read.All, ConsentType: AllPrincipals]]\"" },
    ]);
    let activity = ("Consent to application", "Core Directory", "ApplicationManagement");
    entra.audit(at(2, 21, 18, 3), activity, by, app(changes), Some(&consent));
}
