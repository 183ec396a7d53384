//! Whole stories: Windows, Linux, AWS, a web server.

use vedette_model::Level;

use crate::estate::{Estate, texts};

fn security(record: u32, time: &str, id: u32, more: &str) -> String {
    format!(
        r#"{{"Channel":"Security","EventID":{id},"Computer":"FS01.corp.example","EventRecordID":{record},"TimeCreated":"2026-03-14T{time}Z",{more}}}"#
    )
}

fn windows() -> Estate {
    let mut e = Estate::default();
    e.scope.complete = true;
    for n in 0..4 {
        let user = if n < 2 { "ana" } else { "piet" };
        let raw = security(
            n,
            &format!("09:00:0{n}"),
            4625,
            &format!(
                r#""TargetUserName":"{user}","TargetDomainName":"CORP","LogonType":3,"IpAddress":"203.0.113.9","Status":"0xc000006d","SubStatus":"0xc000006a""#
            ),
        );
        e.finding(Level::Medium, "Failed logon from outside", &["T1110"], "windows_security", &raw);
    }
    let logon = security(
        10,
        "09:01:00",
        4624,
        r#""TargetUserName":"piet","TargetDomainName":"CORP","TargetLogonId":"0x5f1a2","LogonType":10,"IpAddress":"203.0.113.9""#,
    );
    e.finding(Level::Medium, "Logon from outside", &["T1078"], "windows_security", &logon);
    let service = security(
        11,
        "09:05:00",
        4697,
        r#""SubjectUserName":"piet","SubjectDomainName":"CORP","SubjectLogonId":"0x5f1a2","ServiceName":"upd","ServiceFileName":"C:\\ProgramData\\upd.exe","ServiceAccount":"LocalSystem""#,
    );
    e.finding(Level::High, "Service from a data folder", &["T1543.003"], "windows_security", &service);
    let shadow = security(
        12,
        "09:20:00",
        4688,
        r#""SubjectUserName":"piet","SubjectDomainName":"CORP","SubjectLogonId":"0x5f1a2","NewProcessName":"C:\\Windows\\System32\\vssadmin.exe","NewProcessId":"0x1f0","ProcessId":"0x1e0","ParentProcessName":"C:\\ProgramData\\upd.exe","CommandLine":"vssadmin delete shadows /all""#,
    );
    e.finding(Level::Critical, "Shadow copies deleted", &["T1490"], "windows_security", &shadow);
    let cleared = security(
        13,
        "09:21:00",
        1102,
        r#""SubjectUserName":"piet","SubjectDomainName":"CORP","SubjectLogonId":"0x5f1a2""#,
    );
    e.finding(Level::High, "Log cleared", &["T1070.001"], "windows_security", &cleared);
    e
}

#[test]
fn a_break_in_on_windows() {
    let mut estate = windows();
    let told = estate.told();
    assert_eq!(told.title, "Signs of ransomware on FS01.corp.example");
    assert_eq!(
        texts(&told),
        [
            "CORP\\ana failed to log on to FS01.corp.example from 203.0.113.9 (logon type 3 (Network); status “STATUS_WRONG_PASSWORD”), 2 times between 09:00:00 and 09:00:01.",
            "CORP\\piet failed to log on to FS01.corp.example from 203.0.113.9 (logon type 3 (Network); status “STATUS_WRONG_PASSWORD”), 2 times between 09:00:02 and 09:00:03.",
            "CORP\\piet logged on to FS01.corp.example from 203.0.113.9 (logon type 10 (RemoteInteractive)).",
            "Inferred (from the same address shortly after): CORP\\piet logged on to FS01.corp.example from 203.0.113.9 57 seconds after the last of 4 failed logons from there to 2 accounts.",
            "CORP\\piet installed the service “upd”, which runs “C:\\ProgramData\\upd.exe” on FS01.corp.example.",
            "Inferred (same logon session): the logon of CORP\\piet to FS01.corp.example from 203.0.113.9 and 3 later events on it have the session 0x5f1a2.",
            "CORP\\piet ran “vssadmin delete shadows /all” on FS01.corp.example (started by “C:\\ProgramData\\upd.exe”).",
            "CORP\\piet cleared the log “Security” on FS01.corp.example.",
        ]
    );
    assert_eq!(
        told.summary,
        "Between 2026-03-14 09:00:00 UTC and 2026-03-14 09:21:00 UTC (21 minutes), 8 findings of 5 rules on FS01.corp.example. \
         The first thing told: CORP\\ana failed to log on to FS01.corp.example from 203.0.113.9 (logon type 3 (Network); status “STATUS_WRONG_PASSWORD”), 2 times between 09:00:00 and 09:00:01. \
         The gravest (critical): CORP\\piet ran “vssadmin delete shadows /all” on FS01.corp.example (started by “C:\\ProgramData\\upd.exe”). \
         Accounts used: CORP\\piet. Outside addresses and names: 203.0.113.9. \
         By ATT&CK, the rules see Initial Access, Persistence, Defense Evasion, Credential Access and Impact."
    );
    let steps: Vec<(&str, &str)> = told.next_steps.iter().map(|n| (n.phase, n.text.as_str())).collect();
    assert_eq!(steps[0].0, "preserve");
    let first = |phase| steps.iter().position(|s| s.0 == phase).expect("a phase");
    assert!(
        first("preserve") < first("contain")
            && first("contain") < first("eradicate")
            && first("eradicate") < first("recover")
    );
    assert!(steps.iter().any(|s| s.1.contains("Remove all footholds in one go")
        && s.1.contains("the service “upd” on FS01.corp.example")));
    assert!(steps.iter().any(|s| s.1.starts_with("Ask the owner of CORP\\piet")));
    // ana's password was guessed at and nothing was done as ana.
    assert!(steps.iter().all(|s| !s.1.contains("owner of CORP\\ana")));
    assert_eq!(told.value(), estate.told_backwards().value());
}

#[test]
fn a_domain_controller_and_built_in_accounts_are_handled_with_care() {
    let mut e = Estate::default();
    let raw = |record: u32, user: &str| {
        format!(
            r#"{{"Channel":"Security","EventID":4688,"Computer":"DC01","EventRecordID":{record},"TimeCreated":"2026-03-14T09:00:0{record}Z","SubjectUserName":"{user}","SubjectDomainName":"CORP","NewProcessName":"C:\\Windows\\System32\\ntdsutil.exe","NewProcessId":"0x1","ProcessId":"0x2","CommandLine":"ntdsutil"}}"#
        )
    };
    for (n, user) in ["Administrator", "DC01$", "svc_backup", "krbtgt"].into_iter().enumerate() {
        e.finding(Level::High, "Directory copied", &["T1003.003"], "windows_security", &raw(n as u32, user));
    }
    e.scope.files.push(vedette_investigate::scope::FileScope {
        path: "dc01.evtx".into(),
        hosts: ["DC01".to_owned()].into(),
        event_ids: ["Security:4768".to_owned()].into(),
        ..Default::default()
    });
    let told = e.told();
    let all: Vec<String> = told
        .next_steps
        .iter()
        .map(|n| format!("{} | {}", n.text, n.caution.clone().unwrap_or_default()))
        .collect();
    let all = all.join("\n");
    assert!(all.contains("Do not isolate DC01 without a plan"), "{all}");
    assert!(!all.contains("isolate DC01 from the network"), "{all}");
    assert!(
        all.contains("built-in account CORP\\Administrator")
            && all.contains("do not disable it as a first measure"),
        "{all}"
    );
    assert!(all.contains("reset the password of CORP\\krbtgt twice"), "{all}");
    assert!(all.contains("Reset the machine account CORP\\DC01$"), "{all}");
    assert!(all.contains("the service account CORP\\svc_backup"), "{all}");
    assert!(!all.contains("disable the account"), "{all}");
}

#[test]
fn a_web_shell_on_linux() {
    let mut e = Estate::default();
    for (n, path) in
        ["/uploads/a.php?cmd=id", "/uploads/a.php?cmd=uname", "/uploads/a.php?cmd=ls"].into_iter().enumerate()
    {
        let raw = format!(
            r#"203.0.113.9 - - [14/Mar/2026:09:00:0{n} +0000] "GET {path} HTTP/1.1" 200 31 "-" "curl/8""#
        );
        e.finding(Level::High, "Command in a request", &["T1505.003"], "web_access", &raw);
    }
    let ssh = "<38>1 2026-03-14T09:10:00Z web1 sshd 77 - - Accepted publickey for deploy from 203.0.113.9 port 50022 ssh2";
    e.finding(Level::Medium, "Logon with a new key", &["T1098.004"], "linux_sshd", ssh);
    let told = e.told();
    assert!(told.title.starts_with("Signs of a web shell"), "{}", told.title);
    assert_eq!(
        texts(&told),
        [
            "203.0.113.9 requested 3 addresses (“/uploads/a.php?cmd=id”, “/uploads/a.php?cmd=uname” and “/uploads/a.php?cmd=ls”) with GET (answered with 200), 3 times between 09:00:00 and 09:00:02.",
            "deploy logged on to web1 from 203.0.113.9.",
        ]
    );
}

#[test]
fn a_leaked_key_in_aws() {
    let mut e = Estate::default();
    let call = |time: &str, source: &str, name: &str, more: &str| {
        format!(
            r#"{{"eventVersion":"1.08","eventTime":"2026-03-14T{time}Z","eventSource":"{source}.amazonaws.com","eventName":"{name}","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.9","userAgent":"aws-cli/2","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/bo","accountId":"111122223333","userName":"bo","accessKeyId":"AKIAEXAMPLE"}},"eventID":"{time}","recipientAccountId":"111122223333"{more}}}"#
        )
    };
    for (n, name) in ["ListUsers", "ListRoles", "GetAccountSummary"].into_iter().enumerate() {
        let raw = call(&format!("09:00:0{n}"), "iam", name, r#","errorCode":"AccessDenied""#);
        e.finding(Level::Medium, "Denied call", &["T1087.004"], "aws_cloudtrail", &raw);
    }
    let key = call("09:10:00", "iam", "CreateAccessKey", r#","requestParameters":{"userName":"svc"}"#);
    e.finding(Level::High, "Key for another user", &["T1098.001"], "aws_cloudtrail", &key);
    let told = e.told();
    assert_eq!(told.title, "Signs of misuse of a cloud account in account 111122223333");
    assert_eq!(
        texts(&told),
        [
            "arn:aws:iam::111122223333:user/bo failed to call 3 operations (iam:ListUsers, iam:ListRoles and iam:GetAccountSummary) in account 111122223333 from 203.0.113.9 (status “AccessDenied”), 3 times between 09:00:00 and 09:00:02.",
            "arn:aws:iam::111122223333:user/bo created an access key for svc in account 111122223333 from 203.0.113.9.",
        ]
    );
    let all: Vec<&str> = told.next_steps.iter().map(|n| n.text.as_str()).collect();
    assert!(all.iter().any(|t| t.contains("Deactivate the access keys AKIAEXAMPLE")
        && t.contains("delete them only when the evidence is kept")));
    assert!(all.iter().all(|t| !t.contains("isolate")), "{all:?}");
    assert_eq!(
        told.phases.iter().map(|p| p.phase).collect::<Vec<_>>(),
        ["Installation", "Actions on Objectives"]
    );
}

#[test]
fn no_sentence_says_that_one_thing_was_the_cause_of_another() {
    let told = windows().told();
    for word in [" because ", " caused ", " led to ", " therefore ", " in order to ", " resulted in "] {
        assert!(told.story.iter().all(|s| !s.text.contains(word)), "{word}");
    }
}

#[test]
fn a_flood_is_folded_and_bounded() {
    let mut e = Estate::default();
    for n in 0..500 {
        let raw = format!(
            r#"{{"Channel":"Security","EventID":4688,"Computer":"WS1","EventRecordID":{n},"TimeCreated":"2026-03-14T09:00:00.{n:03}Z","SubjectUserName":"ana","SubjectDomainName":"CORP","NewProcessName":"C:\\a{n}.exe","NewProcessId":"0x1","ProcessId":"0x2","CommandLine":"a{n} --run"}}"#
        );
        e.finding(Level::Medium, &format!("Rule {}", n % 10), &[], "windows_security", &raw);
    }
    let told = e.told();
    assert!(told.story.len() <= 60, "{}", told.story.len());
    assert_eq!(told.findings.len(), 500);
    assert_eq!(told.untold, 500 - 60);
    assert!(
        told.summary.contains("440 more findings of this incident are not told step by step"),
        "{}",
        told.summary
    );
}
