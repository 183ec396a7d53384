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
fn a_hunt_is_valid() {
    let estate = root().join("sample/estate/windows");
    assert_valid("hunt.schema.json", &json(&["hunt", "--where", "EventID == 4624", text(&estate)]));
}

#[test]
fn a_rules_check_is_valid() {
    assert_valid("rules-check.schema.json", &json(&["rules", "check"]));
    let against = json(&["rules", "check", "--against", text(&root().join("sample/estate"))]);
    assert_valid("rules-check.schema.json", &against);
}

#[test]
fn benches_and_counts_are_valid() {
    assert_valid(
        "rules-test.schema.json",
        &json(&["rules", "test", text(&root().join("content/rules/zeek"))]),
    );
    assert_valid(
        "rules-bench.schema.json",
        &json(&["rules", "bench", "--mutate", text(&root().join("content/rules/zeek"))]),
    );
    assert_valid("rules-coverage.schema.json", &json(&["rules", "coverage"]));
    for what in ["logons", "event-ids", "hosts", "users"] {
        assert_valid(
            "stats.schema.json",
            &json(&["stats", what, text(&root().join("sample/estate/windows"))]),
        );
    }
}

#[test]
fn a_manifest_is_valid_whole_or_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let estate = root().join("sample/estate");
    let gone = estate.join("not-there.log");
    for (name, inputs) in [("whole.json", &[&estate][..]), ("missing.json", &[&estate, &gone])] {
        let manifest = dir.path().join(name);
        let mut args = vec!["scan", "--quiet", "--tz", "UTC", "--case", "7", "--manifest", text(&manifest)];
        args.extend(inputs.iter().map(|p| text(p)));
        crate::harness::run(&args);
        let told: Value = serde_json::from_slice(&std::fs::read(&manifest).expect("written")).expect("JSON");
        assert!(told["inputs"].as_array().is_some_and(|i| i.len() >= 10), "{told}");
        assert_valid("manifest.schema.json", &told);
    }
}

/// The published schemas are those of the types that write the output: `vedette schema NAME > docs/schemas/NAME.schema.json`.
#[test]
fn the_published_schemas_are_up_to_date() {
    for name in
        ["hunt", "manifest", "scan", "rules-bench", "rules-check", "rules-coverage", "rules-test", "stats"]
    {
        let path = root().join(format!("docs/schemas/{name}.schema.json"));
        let published = std::fs::read_to_string(path).expect("a schema");
        assert_eq!(crate::harness::stdout(&crate::harness::run(&["schema", name])), published, "{name}");
    }
}
