//! Events a second on one core through normalisation: reading, choosing the mapping, time, uid, derived fields; no OCSF.
//!
//! `cargo bench -p vedette-normalize --bench normalize`

use std::path::Path;
use std::sync::Arc;

use divan::counter::{BytesCount, ItemsCount};
use vedette_model::{Batch, FileContext, FileFormat, FileIndex, Position, Span};
use vedette_normalize::{Catalogue, Normalizer, WantedNames};

fn main() {
    divan::main();
}

fn catalogue() -> Arc<Catalogue> {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/mappings");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(content).into_iter().flatten().flatten() {
        let path = entry.path();
        if let Ok(text) = std::fs::read_to_string(&path) {
            files.push((path.display().to_string(), text));
        }
    }
    Arc::new(Catalogue::load(files).0)
}

/// Process access as Sysmon reports it, the commonest record of a busy estate: about 1.2 KB and 30 fields.
fn flat(n: usize) -> String {
    format!(
        r#"{{"Keywords":-9223372036854775808,"EventID":10,"ProviderGuid":"{{5770385F-C22A-43E0-BF4C-06F5698FFBD9}}","ExecutionProcessID":3392,"Channel":"Microsoft-Windows-Sysmon/Operational","host":"collector.example","AccountType":"User","UserID":"S-1-5-18","SourceProcessGUID":"{{d273d0f0-e866-5f64-1100-00000000{n:04}}}","ThreadID":5552,"TargetImage":"C:\\Windows\\System32\\svchost.exe","GrantedAccess":"0x1000","Opcode":"Info","EventTime":"2026-03-14 09:26:53","@timestamp":"2026-03-14T09:26:53.{n:03}Z","SourceModuleType":"im_msvistalog","AccountName":"SYSTEM","RecordNumber":{n},"SourceProcessId":"960","SourceThreadId":"2840","Task":10,"Domain":"NT AUTHORITY","SourceModuleName":"eventlog","TargetProcessGUID":"{{d273d0f0-e875-5f64-5400-000000000800}}","Severity":"INFO","SourceName":"Microsoft-Windows-Sysmon","Version":3,"TargetProcessId":"3516","CallTrace":"C:\\Windows\\SYSTEM32\\ntdll.dll+9c534|C:\\Windows\\SYSTEM32\\example.dll+222a3|C:\\Windows\\SYSTEM32\\example.dll+1a172","SourceImage":"C:\\Windows\\system32\\svchost.exe","UtcTime":"2026-03-14 09:26:53.{n:03}","Hostname":"WS06.corp.example","RuleName":"-"}}"#
    )
}

/// A new process in the Security log, nested as `evtx_dump` writes it; most of its rule names are derived.
fn nested(n: usize) -> String {
    format!(
        r##"{{"Event":{{"System":{{"Provider":{{"#attributes":{{"Name":"Microsoft-Windows-Security-Auditing","Guid":"54849625-5478-4994-A5BA-3E3B0328C30D"}}}},"EventID":4688,"Version":2,"Level":0,"Task":13312,"Opcode":0,"Keywords":"0x8020000000000000","TimeCreated":{{"#attributes":{{"SystemTime":"2026-03-14T09:26:53.{n:03}Z"}}}},"EventRecordID":{n},"Correlation":null,"Execution":{{"#attributes":{{"ProcessID":4,"ThreadID":7892}}}},"Channel":"Security","Computer":"WS06.corp.example","Security":null}},"EventData":{{"SubjectUserSid":"S-1-5-21-1-2-3-1104","SubjectUserName":"ana","SubjectDomainName":"CORP","SubjectLogonId":"0x3e7a1","NewProcessId":"0x1a4","NewProcessName":"C:\\Windows\\System32\\cmd.exe","TokenElevationType":"%%1937","ProcessId":"0x4d","CommandLine":"cmd /c whoami /all","TargetUserSid":"S-1-0-0","TargetUserName":"-","TargetDomainName":"-","TargetLogonId":"0x0","ParentProcessName":"C:\\Windows\\explorer.exe","MandatoryLabel":"S-1-16-12288"}}}}}}"##
    )
}

/// Lines of a syslog server, by what writes them.
const SYSLOG: [(&str, &str); 8] = [
    ("sshd", "sshd[2871]: Failed password for invalid user admin from 203.0.113.9 port 51022 ssh2"),
    ("systemd", "systemd[1]: Started session-42.scope - Session 42 of User ana."),
    ("kernel", "kernel: [81920.774401] usb 1-1: new high-speed USB device number 7 using xhci_hcd"),
    ("cron", "CRON[5512]: (root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)"),
    (
        "asa",
        "%ASA-6-302013: Built outbound TCP connection 812 for outside:203.0.113.9/443 (203.0.113.9/443) to inside:192.0.2.7/51022 (192.0.2.7/51022)",
    ),
    (
        "cef",
        "CEF:0|Example|Wall|1|100|Denied|5|src=192.0.2.1 dst=198.51.100.7 spt=51022 dpt=443 msg=by rule 7",
    ),
    (
        "panos",
        "1,2026/03/14 09:26:53,007200001056,TRAFFIC,end,1,2026/03/14 09:26:53,192.0.2.7,198.51.100.9,0.0.0.0,0.0.0.0,allow-all,,,ssl,vsys1,trust,untrust,eth1,eth2,log,x,812,1,51022,443,0,0,0x0,tcp,allow,900,400,500,12,x,1,any,0",
    ),
    ("unheard_of", "frobnicator[77]: reticulated 12 splines in 0.4 s, 3 were left over"),
];

fn syslog(which: &str) -> impl Fn(usize) -> String {
    let body = SYSLOG.iter().find(|(name, _)| *name == which).map_or("", |(_, body)| *body);
    move |n| format!("<38>Mar 14 09:{:02}:{:02} web{} {body}", n / 60 % 60, n % 60, n % 10)
}

/// A request in the combined format, as web servers write it.
fn access(n: usize) -> String {
    format!(
        r#"192.0.2.7 - ana [14/Mar/2026:09:{:02}:{:02} +0000] "GET /a.php?x={n} HTTP/1.1" 200 512 "https://example.com/" "curl/8.0""#,
        n / 60 % 60,
        n % 60
    )
}

/// A directory's audit record, whose mapping stands late among those of JSON.
fn late_json(n: usize) -> String {
    format!(
        r#"{{"LogTimestamp":"Sat Mar 14 09:26:53 2026","Customer":"Example","SessionID":"s{n}","ConnectionID":"c{n}","SessionStatus":"ZPN_STATUS_AUTHENTICATED","Version":"21.1","Username":"ana@example.com","ServicePort":443,"ClientPublicIP":"192.0.2.7","ClientLatitude":47.0,"ClientLongitude":8.0,"Connector":"conn-1","Policy":"Allow","Application":"intranet","Host":"intra.example.com"}}"#
    )
}

fn batch(format: FileFormat, line: impl Fn(usize) -> String) -> Batch {
    let (mut bytes, mut spans) = (Vec::new(), Vec::new());
    for n in 0..1_000 {
        let start = bytes.len() as u32;
        bytes.extend_from_slice(line(n).as_bytes());
        let position = Position { number: n as u64 + 1, offset: u64::from(start) };
        spans.push(Span { start, end: bytes.len() as u32, position, joined: Vec::new() });
    }
    let file = FileContext {
        index: FileIndex(0),
        path: "bench".into(),
        format,
        modified: None,
        host: None,
        channel: None,
        zone: None,
        year: None,
    };
    Batch {
        seq: 0,
        file: Arc::new(file),
        bytes,
        spans,
        header: None,
        chunk: 0,
        rejects: Vec::new(),
        last: true,
    }
}

fn run(
    bencher: divan::Bencher<'_, '_>,
    format: FileFormat,
    line: impl Fn(usize) -> String,
    wanted: &WantedNames,
) {
    let batch = batch(format, line);
    let mut normalizer = Normalizer::new(catalogue(), wanted);
    bencher
        .counter(ItemsCount::new(batch.spans.len()))
        .counter(BytesCount::new(batch.bytes.len()))
        .bench_local(|| {
            let mut fields = 0;
            let outcome = normalizer.batch(&batch, &mut |event| fields += event.native.len());
            assert_eq!((outcome.events, outcome.unknown), (1_000, 0));
            fields
        });
}

#[divan::bench]
fn flat_json(bencher: divan::Bencher<'_, '_>) {
    run(bencher, FileFormat::JsonLines, flat, &WantedNames::none());
}

#[divan::bench]
fn nested_json(bencher: divan::Bencher<'_, '_>) {
    run(bencher, FileFormat::JsonLines, nested, &WantedNames::none());
}

#[divan::bench]
fn nested_json_all_derived(bencher: divan::Bencher<'_, '_>) {
    run(bencher, FileFormat::JsonLines, nested, &WantedNames::all());
}

#[divan::bench]
fn late_in_order_json(bencher: divan::Bencher<'_, '_>) {
    run(bencher, FileFormat::JsonLines, late_json, &WantedNames::none());
}

#[divan::bench]
fn access_line(bencher: divan::Bencher<'_, '_>) {
    run(bencher, FileFormat::Lines, access, &WantedNames::none());
}

#[divan::bench(args = SYSLOG.map(|(name, _)| name))]
fn syslog_line(bencher: divan::Bencher<'_, '_>, which: &str) {
    run(bencher, FileFormat::Lines, syslog(which), &WantedNames::none());
}

/// Reading all mappings and making their indexes: once a process.
#[divan::bench(sample_count = 10)]
fn catalogue_load(bencher: divan::Bencher<'_, '_>) {
    bencher.bench_local(catalogue);
}
