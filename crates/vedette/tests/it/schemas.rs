//! The output keeps to the published schemas.

use serde_json::Value;

use crate::harness::{json, root, text};

fn assert_valid(schema: &str, instance: &Value) {
    let path = root().join("docs/schemas").join(schema);
    let schema: Value = serde_json::from_slice(&std::fs::read(path).expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults: Vec<String> =
        validator.iter_errors(instance).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_scan_is_valid() {
    assert_valid("scan.schema.json", &json(&["scan", text(&root().join("sample/estate"))]));
}

#[test]
fn a_rules_check_is_valid() {
    assert_valid("rules-check.schema.json", &json(&["rules", "check"]));
    let against = json(&["rules", "check", "--against", text(&root().join("sample/estate"))]);
    assert_valid("rules-check.schema.json", &against);
}
