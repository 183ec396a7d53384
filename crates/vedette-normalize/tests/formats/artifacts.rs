//! Logs found on real machines: web servers and syslog, read line by line as their files are.

use std::path::Path;
use std::sync::Arc;

use vedette_model::{Batch, FileContext, FileFormat, FileIndex, Header, Native, Position, Span};
use vedette_normalize::formats::{self, Input, LineHint};
use vedette_normalize::time::{self, Hints};

use crate::corpus;

/// Reads each line of a file; counts per kind, and the lines that could not be read.
fn read(path: &Path, format: FileFormat) -> (Vec<Input>, Vec<String>, Vec<Native>) {
    let bytes = std::fs::read(path).unwrap();
    let context = FileContext {
        index: FileIndex(0),
        path: path.display().to_string(),
        format,
        modified: None,
        host: None,
        channel: None,
        zone: None,
        year: None,
    };
    let file = Arc::new(context);
    let (mut header, mut date) = (None, None);
    let mut hint = LineHint::new();
    let (mut kinds, mut failed, mut natives) = (Vec::new(), Vec::new(), Vec::new());
    for line in bytes.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()) {
        let text = String::from_utf8_lossy(line);
        if format == FileFormat::W3c && text.starts_with('#') {
            if let Some(d) = text.strip_prefix("#Date:") {
                date = Some(d.trim().to_owned());
            }
            if let Some(names) = text.strip_prefix("#Fields:") {
                let columns = names.split_whitespace().map(String::from).collect();
                header = Some(Arc::new(Header::W3c { columns, date: date.clone(), software: None }));
            }
            continue;
        }
        let batch = Batch {
            seq: 0,
            file: Arc::clone(&file),
            bytes: line.to_vec(),
            spans: Vec::new(),
            header: header.clone(),
            chunk: 0,
            rejects: Vec::new(),
            last: false,
        };
        let span =
            Span { start: 0, end: line.len() as u32, position: Position::default(), joined: Vec::new() };
        let mut native = Native::new();
        match formats::read(&batch, &span, &mut hint, &mut native) {
            Ok(kind) => {
                kinds.push(kind);
                natives.push(native);
            }
            Err(e) => failed.push(format!("{e}: {text}")),
        }
    }
    (kinds, failed, natives)
}

#[test]
fn web_server_logs_of_real_machines() {
    let Some(folder) = corpus::folder("forensics-artifacts/files") else { return };
    let hints = Hints::default();
    for path in corpus::files(&folder.join("iis"), ".log") {
        let (kinds, failed, natives) = read(&path, FileFormat::W3c);
        println!("{}: {} lines, {} failed", path.display(), kinds.len(), failed.len());
        assert!(failed.is_empty(), "{}: {failed:#?}", path.display());
        assert!(!kinds.is_empty());
        for native in natives {
            let stated = native.get("datetime").map(|t| time::parse(t, &hints));
            assert!(matches!(stated, Some(Ok(_))), "{}: {stated:?}", path.display());
        }
    }
    let (kinds, failed, natives) = read(&folder.join("apache_access.log"), FileFormat::Lines);
    let access = kinds.iter().filter(|k| **k == Input::Access).count();
    println!("apache: {access} of {} lines", kinds.len());
    assert!(failed.is_empty());
    assert_eq!(access, kinds.len());
    assert!(natives.iter().all(|n| time::parse(n.get("date").unwrap_or(""), &hints).is_ok()));
}

#[test]
fn syslog_files_of_real_machines() {
    let Some(folder) = corpus::folder("forensics-artifacts/files/syslog") else { return };
    let hints = Hints { year: Some(2012), ..Hints::default() };
    for path in corpus::files(&folder, "") {
        let (kinds, failed, natives) = read(&path, FileFormat::Lines);
        let syslog = kinds.iter().filter(|k| !matches!(k, Input::Text)).count();
        println!("{}: {syslog} of {} lines", path.display(), kinds.len());
        assert!(failed.is_empty());
        for (kind, native) in kinds.iter().zip(&natives) {
            let stamp = native.get("syslog.timestamp").map(|t| time::parse(t, &hints));
            assert!(!matches!(stamp, Some(Err(_))), "{}: {stamp:?}", path.display());
            if *kind == Input::Text {
                println!("  text: {:?}", native.get("message"));
            }
        }
        // Continuation lines, and one with a month of no calendar, are text.
        assert!(syslog + 2 >= kinds.len(), "{}", path.display());
    }
}
