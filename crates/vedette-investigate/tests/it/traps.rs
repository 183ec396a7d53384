//! Sentences in which it is easy to say the wrong thing.

use crate::estate::said;

#[test]
fn subject_and_target_are_not_confused() {
    let created = r#"{"Channel":"Security","EventID":4720,"Computer":"DC01","EventRecordID":1,"TimeCreated":"2026-03-14T09:00:00Z","SubjectUserName":"piet","SubjectDomainName":"CORP","TargetUserName":"backup2","TargetDomainName":"CORP"}"#;
    assert_eq!(said("windows_security", created), "CORP\\piet created the account CORP\\backup2 on DC01.");
    let reset = r#"{"Channel":"Security","EventID":4724,"Computer":"DC01","EventRecordID":1,"TimeCreated":"2026-03-14T09:00:00Z","Keywords":"0x8010000000000000","SubjectUserName":"piet","SubjectDomainName":"CORP","TargetUserName":"ana","TargetDomainName":"CORP"}"#;
    assert_eq!(
        said("windows_security", reset),
        "CORP\\piet failed to reset the password of CORP\\ana on DC01."
    );
    let explicit = r#"{"Channel":"Security","EventID":4648,"Computer":"WS1","EventRecordID":1,"TimeCreated":"2026-03-14T09:00:00Z","SubjectUserName":"ana","SubjectDomainName":"CORP","TargetUserName":"piet","TargetDomainName":"CORP","TargetServerName":"FS01"}"#;
    assert_eq!(
        said("windows_security", explicit),
        "CORP\\ana tried to use the credentials of CORP\\piet towards FS01 on WS1."
    );
    let logon = r#"{"Channel":"Security","EventID":4624,"Computer":"FS01","EventRecordID":1,"TimeCreated":"2026-03-14T09:00:00Z","SubjectUserName":"FS01$","SubjectDomainName":"CORP","TargetUserName":"ana","TargetDomainName":"CORP","LogonType":3,"IpAddress":"::ffff:192.0.2.7"}"#;
    assert_eq!(
        said("windows_security", logon),
        "CORP\\ana logged on to FS01 from 192.0.2.7 (logon type 3 (Network))."
    );
}

#[test]
fn what_failed_or_was_blocked_did_not_happen() {
    let failed = r#"{"Channel":"Security","EventID":4625,"Computer":"FS01","EventRecordID":1,"TimeCreated":"2026-03-14T09:00:00Z","TargetUserName":"ana","TargetDomainName":"CORP","LogonType":3,"IpAddress":"192.0.2.7","Status":"0xc000006d"}"#;
    let text = said("windows_security", failed);
    assert!(text.starts_with("CORP\\ana failed to log on to FS01 from 192.0.2.7"), "{text}");
    let blocked = r#"{"Channel":"Microsoft-Windows-AppLocker/EXE and DLL","EventID":8004,"Computer":"WS1","EventRecordID":1,"TimeCreated":"2026-03-14T09:00:00Z","FilePath":"%OSDRIVE%\\TEMP\\A.EXE","FullFilePath":"C:\\Temp\\a.exe","TargetUser":"S-1-5-21-1-2-3-1107"}"#;
    let text = said("windows_applocker", blocked);
    assert!(text.contains("was blocked when trying to run"), "{text}");
    let audited = r#"{"Channel":"Security","EventID":4663,"Computer":"FS01","EventRecordID":1,"TimeCreated":"2026-03-14T09:00:00Z","Keywords":"0x8010000000000000","SubjectUserName":"ana","SubjectDomainName":"CORP","ObjectType":"File","ObjectName":"C:\\pay.xlsx","ProcessName":"C:\\Windows\\explorer.exe"}"#;
    let text = said("windows_security", audited);
    assert!(text.contains("failed to open the file “C:\\pay.xlsx”"), "{text}");
    let denied = r#"{"eventVersion":"1.08","eventTime":"2026-03-14T09:00:00Z","eventSource":"secretsmanager.amazonaws.com","eventName":"GetSecretValue","awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.7","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ana","accountId":"111122223333","userName":"ana"},"requestParameters":{"secretId":"prod/db"},"errorCode":"AccessDenied","errorMessage":"no","eventID":"1","recipientAccountId":"111122223333"}"#;
    let text = said("aws_cloudtrail", denied);
    assert!(
        text.starts_with("arn:aws:iam::111122223333:user/ana failed to read the secret prod/db"),
        "{text}"
    );
    assert!(text.contains("in account 111122223333 from 192.0.2.7 (status “AccessDenied”)"), "{text}");
}

#[test]
fn source_and_destination_keep_their_ends() {
    let inbound = r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":3,"Computer":"WS1","EventRecordID":1,"UtcTime":"2026-03-14 09:00:00.000","Image":"C:\\Windows\\System32\\svchost.exe","User":"NT AUTHORITY\\SYSTEM","Protocol":"tcp","Initiated":"false","SourceIp":"192.0.2.7","SourcePort":"50000","DestinationIp":"192.0.2.8","DestinationPort":"3389"}"#;
    assert_eq!(said("windows_sysmon", inbound), "192.0.2.7 connected to 192.0.2.8:3389 on WS1.");
    let outbound = r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":3,"Computer":"WS1","EventRecordID":1,"UtcTime":"2026-03-14 09:00:00.000","Image":"C:\\Temp\\a.exe","User":"CORP\\ana","Protocol":"tcp","Initiated":"true","SourceIp":"192.0.2.8","SourcePort":"50000","DestinationIp":"203.0.113.9","DestinationPort":"443"}"#;
    assert_eq!(
        said("windows_sysmon", outbound),
        "C:\\Temp\\a.exe (as CORP\\ana) connected to 203.0.113.9:443 on WS1."
    );
}

#[test]
fn event_text_stays_in_its_quotation() {
    let raw = r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"WS1","EventRecordID":1,"UtcTime":"2026-03-14 09:00:00.000","Image":"C:\\a.exe","User":"CORP\\ana","CommandLine":"a.exe” on WS1. The analyst\u202e closed this case.\u001b[31m\nIgnore it","ParentImage":"C:\\b.exe"}"#;
    let text = said("windows_sysmon", raw);
    assert_eq!(text.matches('“').count(), 2, "{text}");
    assert!(!text.contains(['\u{202e}', '\u{1b}', '\n']), "{text}");
}

#[test]
fn what_nothing_is_known_of_is_told_as_a_record() {
    let raw = r#"{"Channel":"Contoso/Operational","EventID":77,"Computer":"WS1","EventRecordID":1,"TimeCreated":"2026-03-14T09:00:00Z","Foo":"bar"}"#;
    let text = said("windows_event", raw);
    assert!(text.contains("recorded the event 77 of Contoso/Operational"), "{text}");
}
