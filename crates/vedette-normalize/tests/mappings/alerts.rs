//! Alerts of other products keep who and what they are about; rows of a real workspace are read twice and compared.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use vedette_model::{EntityKind, host_key};
use vedette_normalize::Catalogue;

/// `VEDETTE_CORPUS`, by default `../shared/corpus` beside the repository; `None` where the file is missing, and said.
#[allow(clippy::print_stderr)] // A test that did nothing must say so.
fn real(path: &str) -> Option<String> {
    let root = match std::env::var_os("VEDETTE_CORPUS") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
    };
    let text = std::fs::read_to_string(root.join(path)).ok();
    if text.is_none() {
        eprintln!("skipped: there is no {path} in the corpus (VEDETTE_CORPUS)");
    }
    text
}

/// What the objects of a row say, found by walking its tree: each object with a type, wherever it is nested.
fn walk(value: &Value, expect: &mut BTreeSet<(EntityKind, String)>) {
    let word = |name: &str| value.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
    let mut add = |kind, text: Option<&str>| {
        if let Some(text) = text {
            expect.insert((kind, text.to_lowercase()));
        }
    };
    match word("Type") {
        Some("host") => add(EntityKind::Host, word("FQDN").map(host_key).as_deref()),
        Some("account") => {
            add(EntityKind::User, word("Sid").filter(|s| s.len() > 20));
            add(EntityKind::CloudPrincipal, word("UserPrincipalName"));
            add(EntityKind::CloudPrincipal, word("AadUserId"));
        }
        Some("ip") => add(EntityKind::Address, word("Address")),
        Some("filehash") => add(EntityKind::FileHash, word("Value")),
        Some("mailbox") => add(EntityKind::CloudPrincipal, word("MailboxPrimaryAddress")),
        Some("url") => {
            let host =
                word("Url").and_then(|u| u.split("://").nth(1)).and_then(|u| u.split(['/', '?', ':']).next());
            add(EntityKind::Domain, host);
        }
        Some("oauth-application") => add(EntityKind::CloudPrincipal, word("OAuthAppId")),
        _ => {}
    }
    match value {
        Value::Object(map) => map.values().for_each(|v| walk(v, expect)),
        Value::Array(list) => list.iter().for_each(|v| walk(v, expect)),
        _ => {}
    }
}

/// Checks that the event of a row says all that the row does, and how many processes and files it has.
fn check(catalogue: &Arc<Catalogue>, line: &str, row: &Value) {
    let events = super::events(catalogue, &super::lines(&[line]));
    let event = &events[0];
    let alert = catalogue.alert(event).expect("an alert");
    let text = |name: &str| row[name].as_str().unwrap_or_default();
    assert_eq!((alert.uid.as_str(), alert.title.as_str()), (text("SystemAlertId"), text("AlertName")));
    assert!((1..=4).contains(&alert.severity_id), "{}", alert.severity_id);
    let listed = |name: &str| row[name].as_array().into_iter().flatten().filter_map(Value::as_str);
    let techniques: BTreeSet<&str> = listed("Techniques").chain(listed("SubTechniques")).collect();
    assert_eq!(alert.techniques.iter().map(String::as_str).collect::<BTreeSet<_>>(), techniques);

    let mut expect = BTreeSet::new();
    walk(&row["Entities"], &mut expect);
    let entities = catalogue.entities(event);
    for (kind, key) in &expect {
        let found = entities.iter().any(|e| e.kind == *kind && e.key == *key);
        assert!(found, "{}: no {kind:?} {key} among {entities:#?}", alert.title);
    }
    let text = row["Entities"].to_string();
    let ids: BTreeSet<&str> =
        text.split("\"ProcessId\":\"").skip(1).filter_map(|t| t.split('"').next()).collect();
    let pids: BTreeSet<&str> = entities
        .iter()
        .filter(|e| e.kind == EntityKind::Process)
        .filter_map(|e| e.key.split('|').nth(1))
        .collect();
    assert_eq!(pids, ids, "{}", alert.title);
}

#[test]
fn every_typed_object_of_a_real_alert_is_an_entity() {
    let Some(rows) = real("incidents-secrl/alerts.jsonl") else { return };
    let (catalogue, _) = Catalogue::load(super::files());
    let catalogue = Arc::new(catalogue);
    let mut rows_read = 0;
    for line in rows.lines() {
        let row: Value = serde_json::from_str(line).expect("a row");
        check(&catalogue, line, &row);
        // The workspace itself keeps these columns as text.
        let mut as_text = row.clone();
        for column in ["Entities", "Techniques", "SubTechniques"] {
            if let Some(value) = row.get(column) {
                as_text[column] = Value::String(value.to_string());
            }
        }
        check(&catalogue, &as_text.to_string(), &row);
        rows_read += 1;
    }
    assert_eq!(rows_read, 51);
}
