//! How fast records are read: JSON flattened (against two other roads to the same fields), Windows event chunks, syslog
//! lines, time stamps.

use std::path::{Path, PathBuf};

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use vedette_model::{Kind, Native};
use vedette_normalize::formats::{LineHint, evtx, json, lines};
use vedette_normalize::time::{self, Hints};

fn main() {
    divan::main();
}

/// A process creation as a shipper writes it: 40 fields, 1.6 KB.
const WINDOWS: &str = r##"{"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":"5770385F-C22A-43E0-BF4C-06F5698FFBD9"}},"EventID":1,"Version":5,"Level":4,"Task":1,"Opcode":0,"Keywords":"0x8000000000000000","TimeCreated":{"#attributes":{"SystemTime":"2026-03-14T09:26:53.589793Z"}},"EventRecordID":571146,"Correlation":null,"Execution":{"#attributes":{"ProcessID":3544,"ThreadID":4272}},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"WS01.example.com","Security":{"#attributes":{"UserID":"S-1-5-18"}}},"EventData":{"RuleName":"-","UtcTime":"2026-03-14 09:26:53.579","ProcessGuid":"0197231E-005A-6928-A50B-000000000D00","ProcessId":4460,"Image":"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe","FileVersion":"10.0.26100.5074 (WinBuild.160101.0800)","Description":"Windows PowerShell","Product":"Microsoft® Windows® Operating System","Company":"Microsoft Corporation","OriginalFileName":"PowerShell.EXE","CommandLine":"\"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe\" -NoProfile -Command Get-ChildItem","CurrentDirectory":"C:\\Users\\ana\\","User":"EXAMPLE\\ana","LogonGuid":"0197231E-005A-6928-A50B-000000000D00","LogonId":"0x6b2f3","TerminalSessionId":1,"IntegrityLevel":"Medium","Hashes":"SHA256=1B48A4F8D20026E6C56E3AB4CC4788FA6425C8A75F8D91C2869FA533DE6B209E","ParentProcessGuid":"0197231E-005A-6928-A50B-000000000D00","ParentProcessId":4444,"ParentImage":"C:\\Windows\\explorer.exe","ParentCommandLine":"C:\\Windows\\Explorer.EXE"}}}"##;

/// A cloud audit record: 30 fields, 1.2 KB.
const CLOUD: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:ana","arn":"arn:aws:sts::123456789012:assumed-role/admin/ana","accountId":"123456789012","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::123456789012:role/admin","accountId":"123456789012","userName":"admin"},"webIdFederationData":{},"attributes":{"creationDate":"2026-03-14T09:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-03-14T09:26:53Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.10","userAgent":"aws-cli/2.15.0 Python/3.11.6 Linux/6.1 exe/x86_64","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0"},{"instanceId":"i-0123456789abcdef1"}]},"filterSet":{}},"responseElements":null,"requestID":"00000000-0000-4000-8000-000000000001","eventID":"00000000-0000-4000-8000-000000000002","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"ec2.eu-central-1.amazonaws.com"}}"#;

fn record(name: &str) -> &'static str {
    if name == "windows" { WINDOWS } else { CLOUD }
}

#[divan::bench(args = ["windows", "cloud"])]
fn json_flatten(bencher: Bencher<'_, '_>, name: &str) {
    let text = record(name);
    let (mut scratch, mut native) = (json::Scratch::default(), Native::new());
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        native.clear();
        json::flatten_with(black_box(text.as_bytes()), &mut scratch, &mut native).map(|()| native.len())
    });
}

/// The same fields through the lazy values of sonic-rs: nested text is scanned once a level.
#[divan::bench(args = ["windows", "cloud"])]
fn json_by_lazy_values(bencher: Bencher<'_, '_>, name: &str) {
    let text = record(name);
    fn walk(json: &[u8], path: &mut String, out: &mut Native) {
        use sonic_rs::JsonValueTrait;
        for (name, value) in sonic_rs::to_object_iter(json).flatten() {
            let above = path.len();
            if above > 0 {
                path.push('.');
            }
            path.push_str(&name);
            leaf(value.as_raw_str(), value.as_str(), path, out);
            path.truncate(above);
        }
    }
    fn leaf(raw: &str, text: Option<&str>, path: &mut String, out: &mut Native) {
        use sonic_rs::JsonValueTrait;
        match raw.as_bytes().first() {
            Some(b'{') => walk(raw.as_bytes(), path, out),
            Some(b'[') => {
                for item in sonic_rs::to_array_iter(raw).flatten() {
                    leaf(item.as_raw_str(), item.as_str(), path, out);
                }
            }
            Some(b'"') => out.push_text(path, text.unwrap_or("")),
            _ => out.push(path, raw, Kind::Number),
        }
    }
    let (mut path, mut native) = (String::new(), Native::new());
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        native.clear();
        walk(black_box(text.as_bytes()), &mut path, &mut native);
        native.len()
    });
}

/// The same fields through the tree of sonic-rs.
#[divan::bench(args = ["windows", "cloud"])]
fn json_by_tree(bencher: Bencher<'_, '_>, name: &str) {
    let text = record(name);
    use sonic_rs::{JsonContainerTrait, JsonValueTrait, Value};
    fn walk(value: &Value, path: &mut String, out: &mut Native) {
        if let Some(members) = value.as_object() {
            for (name, value) in members {
                let above = path.len();
                if above > 0 {
                    path.push('.');
                }
                path.push_str(name);
                walk(value, path, out);
                path.truncate(above);
            }
        } else if let Some(items) = value.as_array() {
            items.iter().for_each(|item| walk(item, path, out));
        } else if let Some(text) = value.as_str() {
            out.push_text(path, text);
        } else {
            out.push(path, &value.to_string(), Kind::Number);
        }
    }
    let (mut path, mut native) = (String::new(), Native::new());
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        native.clear();
        if let Ok(value) = sonic_rs::from_str::<Value>(black_box(text)) {
            walk(&value, &mut path, &mut native);
        }
        native.len()
    });
}

/// Every chunk of the attack samples; nothing is measured where the corpus is missing.
#[divan::bench(sample_count = 20)]
fn evtx_chunks(bencher: Bencher<'_, '_>) {
    let root = std::env::var_os("VEDETTE_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"), PathBuf::from);
    let mut chunks = Vec::new();
    let mut folders = vec![root.join("evtx-attack-samples")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "evtx") {
                let bytes = std::fs::read(path).unwrap_or_default();
                chunks.extend(bytes.get(4096..).unwrap_or_default().chunks_exact(65_536).map(<[u8]>::to_vec));
            }
        }
    }
    let mut reader = evtx::EvtxReader::default();
    let mut records = 0usize;
    chunks.iter().for_each(|c| reader.read_chunk(c, &mut |_, _| records += 1));
    bencher.counter(ItemsCount::new(records)).bench_local(|| {
        let mut fields = 0;
        for chunk in &chunks {
            reader.read_chunk(chunk, &mut |_, native| fields += native.len());
        }
        fields
    });
}

const LINES: [(&str, &str); 5] = [
    (
        "rfc3164",
        "<34>Mar 14 09:26:53 web1 sshd[123]: Failed password for root from 192.0.2.1 port 50022 ssh2",
    ),
    (
        "rfc5424",
        "<34>1 2026-03-14T09:26:53.589Z web1 app 77 ID47 [ex@1 user=\"ana\" ip=\"192.0.2.1\"] logged in",
    ),
    (
        "cef",
        "<34>Mar 14 09:26:53 fw1 CEF:0|Example|Wall|1|100|Denied|5|src=192.0.2.1 dst=198.51.100.7 spt=1 dpt=443 msg=by rule 7",
    ),
    (
        "pairs",
        "<34>date=2026-03-14 time=09:26:53 devname=\"fw1\" type=traffic srcip=192.0.2.1 dstip=198.51.100.7 action=deny",
    ),
    (
        "access",
        "192.0.2.7 - ana [14/Mar/2026:09:26:53 +0000] \"GET /a.php?x=1 HTTP/1.1\" 200 512 \"https://example.com/\" \"curl/8.0\"",
    ),
];

#[divan::bench(args = ["rfc3164", "rfc5424", "cef", "pairs", "access"])]
fn line(bencher: Bencher<'_, '_>, name: &str) {
    let text = LINES.iter().find(|(n, _)| *n == name).map_or("", |(_, text)| text);
    let (mut hint, mut native) = (LineHint::new(), Native::new());
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        native.clear();
        lines::read(black_box(text), &mut hint, &mut native)
    });
}

#[divan::bench(args = [
    "2026-03-14T09:26:53.589793Z",
    "2026-03-14 09:26:53,589",
    "Mar 14 09:26:53",
    "14/Mar/2026:09:26:53 +0000",
    "1773480413.589",
])]
fn time_parse(bencher: Bencher<'_, '_>, text: &str) {
    let hints = Hints { year: Some(2026), ..Hints::default() };
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| time::parse(black_box(text), &hints));
}
