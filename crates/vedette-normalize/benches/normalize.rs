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

fn batch(line: fn(usize) -> String) -> Batch {
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
        format: FileFormat::JsonLines,
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

fn run(bencher: divan::Bencher<'_, '_>, line: fn(usize) -> String, wanted: &WantedNames) {
    let batch = batch(line);
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
    run(bencher, flat, &WantedNames::none());
}

#[divan::bench]
fn nested_json(bencher: divan::Bencher<'_, '_>) {
    run(bencher, nested, &WantedNames::none());
}

#[divan::bench]
fn nested_json_all_derived(bencher: divan::Bencher<'_, '_>) {
    run(bencher, nested, &WantedNames::all());
}
