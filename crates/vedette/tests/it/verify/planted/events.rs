//! Falsehoods in findings and in the events they rest on.

use serde_json::{Value, json};

use super::{Dice, Planted, digest, list, set, str_of};

/// One falsehood in each of some findings.
pub fn of_findings(report: &Value, round: usize) -> Vec<Planted> {
    let mut all = Vec::new();
    let findings = list(report, "findings");
    for (f, finding) in findings.iter().enumerate().filter(|(f, _)| f % 10 == round % 10) {
        let id = str_of(finding, "id");
        let mut plant = |kind, member: &str, below: &str, value: Value| {
            all.push(Planted {
                kind,
                plant: set(format!("/findings/{f}/{below}"), value),
                refused_at: vec![format!("finding {id}: {member}")],
            });
        };
        let detail = finding["details"].as_object().and_then(|d| d.keys().find(|k| *k != "why")).cloned();
        let reversed = |entities: &Value, a: &str, b: &str| -> Value {
            let mut all = entities.clone();
            for e in all.as_array_mut().into_iter().flatten() {
                let role = e["role"].as_str().unwrap_or_default().to_owned();
                e["role"] = json!(if role == a {
                    b
                } else if role == b {
                    a
                } else {
                    role.as_str()
                });
            }
            all
        };
        let has = |role: &str| list(finding, "entities").iter().any(|e| e["role"] == role);
        match (round + f / 10) % 14 {
            0 => match finding["time"].as_str() {
                // Later by a blink, so that the order stays.
                Some(time) if !time.contains('.') => {
                    plant("moved time", "time", "time", json!(time.replace('Z', ".000000001Z")))
                }
                _ => plant("wrong id", "rule_id", "rule_id", json!("00000000-0000-4000-8000-000000000000")),
            },
            1 => plant("swapped host", "host", "host", json!("TB-WS-999")),
            2 if detail.is_some() => {
                let name = detail.clone().unwrap_or_default().replace('~', "~0").replace('/', "~1");
                plant("changed value", "details", &format!("details/{name}"), json!("something else"));
            }
            3 => plant("changed value", "actor", "actor", json!("TARNBECK\\nobody")),
            4 => plant("technique changed", "techniques", "techniques", json!(["T1498"])),
            5 => {
                let raised = if finding["level"] == "critical" { "low" } else { "critical" };
                plant("severity raised", "level", "level", json!(raised));
            }
            6 if has("source") => {
                let value = reversed(&finding["entities"], "source", "destination");
                plant("reversed source and target", "entities", "entities", value);
            }
            7 if has("target") || has("actor") => {
                let value = reversed(&finding["entities"], "actor", "target");
                plant("subject for target user", "entities", "entities", value);
            }
            8 => plant("wrong id", "id", "event/uid", json!("00000000000000000000000000000001")),
            9 => plant("number changed", "event.record", "event/record", json!(424_242)),
            10 => plant("number changed", "count", "count", json!(99)),
            11 => plant("changed value", "title", "title", json!("All is well")),
            12 => plant("changed value", "file", "file", report["files"][0]["path"].clone()),
            13 => plant("changed value", "tags", "tags", json!(["attack.t1498"])),
            _ => plant("changed value", "status", "status", json!("invented")),
        }
    }
    // A wrong rule is refused as id, or where its metadata differs; a foreign uid as id too.
    for planted in &mut all {
        if planted.refused_at[0].ends_with(": rule_id") {
            let id = planted.refused_at[0].trim_end_matches("rule_id").to_owned();
            planted.refused_at.push(format!("{id}id"));
        }
    }
    // The file of the first events is the first file: no falsehood there.
    all.retain(|p| {
        !p.refused_at[0].ends_with(": file") || {
            let id = p.refused_at[0].trim_start_matches("finding ").trim_end_matches(": file");
            findings.iter().any(|f| f["id"] == id && f["file"] != report["files"][0]["path"])
        }
    });
    // An event of a correlation is cited in its list: there the closing one's uid is no part of the id.
    all.retain(|p| {
        let id = p.refused_at[0].trim_start_matches("finding ").split(": ").next().unwrap_or_default();
        let correlation = findings.iter().any(|f| f["id"] == id && !list(f, "events").is_empty());
        !(correlation && (p.refused_at[0].ends_with(": id") || p.refused_at[0].ends_with(": time")))
    });
    all
}

/// One falsehood in each of some embedded events.
pub fn of_evidence(report: &Value, round: usize) -> Vec<Planted> {
    let mut all = Vec::new();
    let mut dice = Dice(round as u64 + 7);
    for (e, event) in list(report, "evidence").iter().enumerate().filter(|(e, _)| e % 6 == round) {
        let uid = str_of(event, "uid").to_owned();
        // Pinned by its uid: every field counts; else only the hash shows it here.
        let pinned =
            ["windows_security", "windows_sysmon", "windows_system", "windows_powershell", "aws_cloudtrail"]
                .contains(&str_of(event, "mapping"))
                && event.get("joined").is_none()
                && event.get("cut").is_none();
        let fits = pinned && dice.below(2) == 0;
        let fields = list(event, "fields");
        let own = |name: &str| {
            fields.iter().position(|f| f[0] == name && f.get(2).is_none_or(|m| m["derived"] != true))
        };
        let pick = |names: &[&str]| names.iter().find_map(|n| own(n));
        let at = format!("/evidence/{e}");
        let (subject, target) = (own("SubjectUserName"), own("TargetUserName"));
        let swap = subject.zip(target).filter(|(a, b)| fields[*a][1] != fields[*b][1]);
        let change: Box<dyn Fn(&mut Value)> = match swap {
            Some((a, b)) if dice.below(2) == 0 => {
                let at = at.clone();
                Box::new(move |report| {
                    let Some(fields) = report.pointer_mut(&format!("{at}/fields")) else { return };
                    let (x, y) = (fields[a][1].clone(), fields[b][1].clone());
                    (fields[a][1], fields[b][1]) = (y, x);
                })
            }
            _ => match pick(&[
                "CommandLine",
                "IpAddress",
                "TargetUserName",
                "sourceIPAddress",
                "errorCode",
                "eventName",
                "Image",
                "c-ip",
                "message",
            ]) {
                Some(n) => set(format!("{at}/fields/{n}/1"), json!("198.51.100.254")),
                None => set(format!("{at}/host"), json!("TB-WS-999")),
            },
        };
        let place = at.clone();
        let plant: Box<dyn Fn(&mut Value)> = Box::new(move |report| {
            change(report);
            if fits && let Some(entry) = report.pointer_mut(&place) {
                entry["sha256"] = json!(digest(entry));
            }
        });
        let kind = if fits { "evidence altered, hash made to fit" } else { "evidence altered" };
        all.push(Planted {
            kind,
            plant,
            refused_at: vec![format!("evidence {uid}: {}", if fits { "uid" } else { "sha256" })],
        });
    }
    all
}
