//! Cloud and SaaS logs: every one flattens.

use std::io::{BufRead, BufReader};

use serde_json::value::RawValue;
use vedette_model::Native;
use vedette_normalize::formats::json;

use crate::corpus;

#[derive(serde::Deserialize)]
struct Sample<'a> {
    #[serde(borrow)]
    log: &'a RawValue,
}

#[test]
fn every_cloud_log_flattens() {
    let Some(folder) = corpus::folder("cloud-log-tests") else { return };
    let (mut logs, mut fields, mut failed) = (0, 0, Vec::new());
    for path in corpus::files(&folder, ".jsonl") {
        for line in BufReader::new(std::fs::File::open(&path).unwrap()).lines() {
            let line = line.unwrap();
            let sample: Sample<'_> = serde_json::from_str(&line).unwrap();
            let mut native = Native::new();
            logs += 1;
            match json::flatten(sample.log.get().as_bytes(), &mut native) {
                Ok(()) => fields += native.len(),
                Err(e) => failed.push(format!("{}: {e}", path.display())),
            }
            let value: serde_json::Value = serde_json::from_str(sample.log.get()).unwrap();
            let expect = if value == serde_json::json!({}) { 0 } else { leaves(&value) };
            assert_eq!(native.len(), expect, "{line}");
        }
    }
    println!("{logs} cloud logs, {fields} fields, {} failed", failed.len());
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(logs > 1_000);
}

/// The fields a second reader finds: one a scalar, one an empty array or object.
fn leaves(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(items) if !items.is_empty() => items.iter().map(leaves).sum(),
        serde_json::Value::Object(members) if !members.is_empty() => members.values().map(leaves).sum(),
        _ => 1,
    }
}
