//! Incidents as scripts and people get them: they balance, their evidence is there, and nothing depends on the order.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::harness::{json, list, number, root, run, stderr, stdout, text};

fn estate() -> String {
    text(&root().join("sample/estate")).to_owned()
}

fn ids<'a>(of: &'a Value, member: &str) -> BTreeSet<&'a str> {
    list(of, member).iter().filter_map(Value::as_str).collect()
}

#[test]
fn every_finding_is_in_an_incident_or_set_aside_with_a_reason() {
    let scan = json(&["scan", &estate()]);
    let summary = &scan["summary"];
    let findings = list(&scan, "findings");
    assert!(number(summary, "incidents") > 0);
    assert_eq!(number(summary, "in_incidents") + number(summary, "set_aside"), findings.len() as u64);
    let aside: u64 = list(&scan, "set_aside").iter().map(|s| number(s, "count")).sum();
    assert_eq!(aside, number(summary, "set_aside"));
    for finding in findings {
        let (incident, reason) = (finding["incident"].as_str(), finding["set_aside"].as_str());
        assert!(incident.is_some() != reason.is_some(), "{}", finding["id"]);
    }
    for incident in list(&scan, "incidents") {
        let id = incident["id"].as_str().expect("an id");
        let own: BTreeSet<&str> =
            findings.iter().filter(|f| f["incident"] == *id).filter_map(|f| f["id"].as_str()).collect();
        assert_eq!(own, ids(incident, "findings"), "{id}");
        let parts: f64 = list(&incident["risk"], "parts").iter().filter_map(|p| p["points"].as_f64()).sum();
        assert_eq!(incident["risk"]["score"].as_f64(), Some(parts), "{id}");
    }
}

#[test]
fn every_step_rests_on_embedded_events() {
    let scan = json(&["scan", &estate()]);
    let kept: BTreeSet<&str> = list(&scan, "evidence").iter().filter_map(|e| e["uid"].as_str()).collect();
    for incident in list(&scan, "incidents") {
        assert!(!list(incident, "story").is_empty(), "{}", incident["id"]);
        for step in list(incident, "story") {
            assert!(["observed", "inferred"].contains(&step["kind"].as_str().unwrap_or_default()));
            let cited = ids(step, "events");
            assert!(!cited.is_empty() && cited.is_subset(&kept), "{}", step["text"]);
        }
        for member in ["title", "summary", "severity", "confidence"] {
            assert!(incident[member].as_str().is_some_and(|t| !t.is_empty()), "{member}");
        }
        for member in ["techniques", "tactics", "entities", "phases", "next_steps"] {
            assert!(!list(incident, member).is_empty(), "{} {member}", incident["id"]);
        }
    }
}

#[test]
fn workers_and_the_order_of_files_change_nothing() {
    let estate = root().join("sample/estate");
    let mut parts: Vec<String> = fs::read_dir(&estate)
        .expect("the estate")
        .map(|e| text(&e.expect("an entry").path()).to_owned())
        .collect();
    parts.sort();
    let incidents = |jobs: &str, parts: &[String]| {
        let mut args = vec!["scan", "--jobs", jobs];
        args.extend(parts.iter().map(String::as_str));
        let scan = json(&args);
        assert!(list(&scan, "incidents").len() > 1);
        serde_json::to_string_pretty(&scan["incidents"]).expect("JSON")
    };
    let first = incidents("1", &parts);
    assert_eq!(first, incidents("3", &parts));
    parts.reverse();
    assert!(first == incidents("2", &parts), "the order of files told");
}

#[test]
fn the_exit_code_can_look_at_incidents_alone() {
    let code = |args: &[&str]| {
        let estate = estate();
        let mut all = vec!["scan", estate.as_str(), "--quiet"];
        all.extend(args);
        run(&all).status.code()
    };
    assert_eq!(code(&["--fail-on", "incidents:critical"]), Some(1));
    assert_eq!(code(&["--fail-on", "incidents:critical", "--until", "2026-03-04T02:00:00Z"]), Some(0));
    assert_eq!(code(&["--fail-on", "incident"]), Some(2));
}

#[test]
fn an_incident_is_listed_shown_and_explained() {
    let scan = json(&["scan", &estate()]);
    let worst = &list(&scan, "incidents")[0];
    let id = worst["id"].as_str().expect("an id");
    let told = |args: &[&str]| {
        let ran = run(args);
        assert!(ran.status.code().is_some_and(|c| c < 2), "{}", stderr(&ran));
        stdout(&ran)
    };
    assert!(told(&["incident", "list", &estate()]).contains(id));
    let shown = told(&["incident", "show", &estate(), "--id", &id[..8]]);
    for part in ["Next steps", "Not known", "Entities", "Kill chain"] {
        assert!(shown.contains(part), "{part}");
    }
    let explained = told(&["incident", "explain", &estate(), "--id", id]);
    assert!(explained.contains("joined to") && explained.contains("are needed"));
    let finding = |of: &dyn Fn(&Value) -> bool| {
        list(&scan, "findings").iter().find(|f| of(f)).and_then(|f| f["id"].as_str()).expect("a finding")
    };
    let inside = finding(&|f| f["incident"] == *id);
    let aside = finding(&|f| f["incident"].is_null());
    assert!(told(&["incident", "explain", &estate(), "--finding", inside]).contains(id));
    assert!(told(&["incident", "explain", &estate(), "--finding", aside]).contains("set aside"));
    told(&["incident", "explain", &estate(), "--finding", inside, "--with", aside]);
    let unknown = run(&["incident", "show", &estate(), "--id", "I-nope"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn an_asset_list_raises_the_risk_and_is_named_as_the_source() {
    let dir = tempfile::tempdir().expect("a folder");
    let assets = dir.path().join("assets.csv");
    fs::write(&assets, "host,importance,role,owner\nTB-DC-01,100,domain controller,IT\n").expect("a file");
    let plain = json(&["scan", &estate()]);
    let scan = json(&["scan", &estate(), "--assets", text(&assets)]);
    let score = |scan: &Value| list(scan, "incidents")[0]["risk"]["score"].as_f64().expect("a score");
    assert!(score(&scan) > score(&plain));
    let facts =
        list(&scan, "incidents").iter().flat_map(|i| list(i, "entities")).flat_map(|e| list(e, "facts"));
    assert!(facts.filter_map(|f| f["source"].as_str()).any(|s| s.starts_with("assets.csv")));
    fs::write(&assets, "machine,weight\nTB-DC-01,100\n").expect("a file");
    let scan = json(&["scan", &estate(), "--assets", text(&assets)]);
    let told = list(&scan["summary"], "problems").iter().filter_map(|p| p["place"].as_str());
    assert!(told.into_iter().any(|place| place.contains("assets.csv")));
}

#[test]
fn another_products_alert_is_a_finding_under_its_own_name() {
    let dir = tempfile::tempdir().expect("a folder");
    let alerts = dir.path().join("alerts.jsonl");
    let alert = |id: &str, name: &str, host: &str, time: &str| {
        format!(
            r#"{{"SystemAlertId":"{id}","AlertName":"{name}","DisplayName":"{name}","AlertSeverity":"High","ProviderName":"MDATP","ProductName":"Defender","StartTime":"{time}","EndTime":"{time}","TimeGenerated":"{time}","Tactics":"CredentialAccess","Entities":[{{"$id":"2","HostName":"{host}","Type":"host"}},{{"$id":"3","Name":"ana","NTDomain":"CORP","Type":"account","Host":{{"$ref":"2"}}}}]}}"#
        )
    };
    let lines = [
        alert("a-1", "Credentials read from memory", "ws1", "2026-03-04T10:00:00Z"),
        alert("a-2", "Directory data replicated", "ws1", "2026-03-04T10:07:00Z"),
    ];
    fs::write(&alerts, lines.join("\n")).expect("a file");
    let scan = json(&["scan", text(&alerts)]);
    let findings = list(&scan, "findings");
    let names: BTreeSet<(&str, &str)> =
        findings.iter().filter_map(|f| Some((f["source_uid"].as_str()?, f["title"].as_str()?))).collect();
    assert_eq!(
        names,
        BTreeSet::from([("a-1", "Credentials read from memory"), ("a-2", "Directory data replicated")])
    );
    assert!(findings.iter().all(|f| f["tactics"][0] == "credential-access"));
    assert_eq!(list(&scan, "incidents").len(), 1);
    assert_eq!(list(&list(&scan, "incidents")[0], "findings").len(), 2);
}
