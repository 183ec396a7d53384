//! Falsehoods to plant in a report: what, where, and where it must be refused.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One falsehood.
pub struct Planted {
    pub kind: &'static str,
    pub plant: Box<dyn Fn(&mut Value)>,
    /// How a refused claim that shows it begins; one of these.
    pub refused_at: Vec<String>,
}

/// Kinds that must be among them.
pub const KINDS: [&str; 22] = [
    "wrong id",
    "changed value",
    "moved time",
    "swapped host",
    "reversed source and target",
    "subject for target user",
    "attempted told as succeeded",
    "blocked told as executed",
    "order reversed",
    "cause asserted",
    "technique changed",
    "severity raised",
    "unknown removed",
    "next step's target changed",
    "number changed",
    "evidence altered",
    "evidence altered, hash made to fit",
    "inference told as observed",
    "entity changed",
    "join changed",
    "step invented",
    "finding moved",
];

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

fn set(pointer: String, value: Value) -> Box<dyn Fn(&mut Value)> {
    Box::new(move |report| {
        if let Some(at) = report.pointer_mut(&pointer) {
            *at = value.clone();
        }
    })
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn str_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// SHA-256 as reports have it of an event.
pub fn digest(entry: &Value) -> String {
    fn sorted(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.sort_keys();
                map.values_mut().for_each(sorted);
            }
            Value::Array(list) => list.iter_mut().for_each(sorted),
            _ => {}
        }
    }
    let mut entry = entry.clone();
    if let Value::Object(map) = &mut entry {
        map.remove("sha256");
    }
    sorted(&mut entry);
    let hash: [u8; 32] = Sha256::digest(entry.to_string().as_bytes()).into();
    hash.iter().map(|b| format!("{b:02x}")).collect()
}

/// A number in a text, one higher.
fn counted_up(text: &str) -> Option<String> {
    let from = text.find(|c: char| c.is_ascii_digit())?;
    let len = text[from..].find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len() - from);
    let n: u64 = text[from..from + len].parse().ok()?;
    Some(format!("{}{}{}", &text[..from], n + 1, &text[from + len..]))
}

fn hour_later(time: &str) -> String {
    let time: jiff::Timestamp = time.parse().expect("a time");
    let later = time + jiff::SignedDuration::from_hours(1);
    vedette_model::Timestamp::from(later).to_string()
}

/// All of them, those of one batch at different places of one report.
pub fn batches(report: &Value) -> Vec<Vec<Planted>> {
    let mut batches = Vec::new();
    for round in 0..12 {
        batches.push(of_steps(report, round));
    }
    for round in 0..4 {
        batches.push(of_incidents(report, round));
    }
    for round in 0..14 {
        batches.push(of_findings(report, round));
    }
    for round in 0..6 {
        batches.push(of_evidence(report, round));
    }
    batches.extend(removed_and_moved(report));
    batches
}

/// One falsehood in each step of each incident's story.
fn of_steps(report: &Value, round: usize) -> Vec<Planted> {
    let mut all = Vec::new();
    for (i, incident) in list(report, "incidents").iter().enumerate() {
        for (s, step) in list(incident, "story").iter().enumerate() {
            let at = format!("/incidents/{i}/story/{s}");
            let claim =
                |member: &str| vec![format!("incident {}: story[{s}].{member}", str_of(incident, "id"))];
            let text = str_of(step, "text").to_owned();
            let told = &step["claim"];
            let mut plant = |kind, member: &str, below: &str, value: Value| {
                all.push(Planted {
                    kind,
                    plant: set(format!("{at}/{below}"), value),
                    refused_at: claim(member),
                });
            };
            match (round + s) % 12 {
                0 => match told["outcome"].as_str() {
                    Some("failed" | "attempted" | "not stated") => {
                        let lie = [
                            ("failed to log on", "logged on"),
                            ("failed to call", "called"),
                            ("failed to ", ""),
                            ("tried to ", ""),
                            ("asked to ", ""),
                        ]
                        .iter()
                        .find(|(t, _)| text.contains(t))
                        .map_or(format!("{text} It succeeded."), |(t, f)| text.replacen(t, f, 1));
                        plant("attempted told as succeeded", "text", "text", json!(lie));
                    }
                    Some("blocked") => {
                        plant(
                            "blocked told as executed",
                            "text",
                            "text",
                            json!(text.replace("was blocked when trying to ", "")),
                        );
                    }
                    _ => {
                        plant("changed value", "text", "text", json!(text.replacen(['a', 'e'], "o", 1) + "!"))
                    }
                },
                1 => match told["outcome"].as_str() {
                    Some("succeeded") | None => plant(
                        "changed value",
                        "claim",
                        "claim",
                        json!({"predicate": "ran", "outcome": "succeeded"}),
                    ),
                    Some("blocked") => {
                        plant("blocked told as executed", "claim", "claim/outcome", json!("succeeded"))
                    }
                    Some(_) => {
                        plant("attempted told as succeeded", "claim", "claim/outcome", json!("succeeded"))
                    }
                },
                2 => match step["time"].as_str() {
                    Some(time) => plant("moved time", "time", "time", json!(hour_later(time))),
                    None => plant("moved time", "time", "time", json!("2026-03-04T00:00:00Z")),
                },
                3 => plant("swapped host", "host", "host", json!("TB-WS-999")),
                4 => plant(
                    "cause asserted",
                    "text",
                    "text",
                    json!(format!("{} This caused what follows.", text)),
                ),
                5 => plant("wrong id", "events", "events/0", json!("00000000000000000000000000000001")),
                6 => match (told["source"].as_str(), told["host"].as_str().or(told["place"].as_str())) {
                    (Some(source), Some(host)) => {
                        let lie = text.replace(source, "\u{1}").replace(host, source).replace('\u{1}', host);
                        plant("reversed source and target", "text", "text", json!(lie));
                    }
                    _ => plant("swapped host", "text", "text", json!(format!("On TB-DC-99: {text}"))),
                },
                7 => match (told["actor"].as_str(), told["account"].as_str()) {
                    (Some(actor), Some(account)) => {
                        let lie =
                            text.replace(actor, "\u{1}").replace(account, actor).replace('\u{1}', account);
                        plant("subject for target user", "text", "text", json!(lie));
                    }
                    _ => plant("technique changed", "techniques", "techniques", json!(["T1566.001"])),
                },
                8 => {
                    let other = if step["tactic"] == "impact" { "discovery" } else { "impact" };
                    plant("technique changed", "tactic", "tactic", json!(other));
                }
                9 => {
                    plant("number changed", "count", "count", json!(step["count"].as_u64().unwrap_or(0) + 1))
                }
                10 => match counted_up(&text) {
                    Some(lie) => plant("number changed", "text", "text", json!(lie)),
                    None => plant("changed value", "level", "level", json!("informational")),
                },
                _ if step["kind"] == "inferred" => {
                    plant("inference told as observed", "kind", "kind", json!("observed"))
                }
                _ => plant("wrong id", "findings", "findings/0", json!("F-0000000000000001")),
            }
        }
        // Every inference is told as seen once in the rounds, in kind or in words.
        if round == 0 {
            for (s, step) in
                list(incident, "story").iter().enumerate().filter(|(_, s)| s["kind"] == "inferred")
            {
                let claim = format!("incident {}: story[{s}].kind", str_of(incident, "id"));
                all.push(Planted {
                    kind: "inference told as observed",
                    plant: set(format!("/incidents/{i}/story/{s}/kind"), json!("observed")),
                    refused_at: vec![claim],
                });
                let claim = format!("incident {}: story[{s}].last", str_of(incident, "id"));
                let _ = step;
                all.push(Planted {
                    kind: "moved time",
                    plant: set(format!("/incidents/{i}/story/{s}/last"), json!("2031-01-01T00:00:00Z")),
                    refused_at: vec![claim],
                });
            }
        }
    }
    all
}

/// One falsehood in each other part of each incident.
fn of_incidents(report: &Value, round: usize) -> Vec<Planted> {
    let mut all = Vec::new();
    for (i, incident) in list(report, "incidents").iter().enumerate() {
        let id = str_of(incident, "id");
        let mut plant = |kind, member: String, below: String, value: Value| {
            all.push(Planted {
                kind,
                plant: set(format!("/incidents/{i}/{below}"), value),
                refused_at: vec![format!("incident {id}: {member}")],
            });
        };
        let own = |name: &str| (name.to_owned(), name.to_owned());
        let plain: Vec<(&'static str, (String, String), Value)> = match round {
            0 => vec![
                (
                    "severity raised",
                    own("severity"),
                    json!(if incident["severity"] == "critical" { "high" } else { "critical" }),
                ),
                ("changed value", own("title"), json!("A misunderstanding")),
                ("changed value", own("summary"), json!(counted_up(str_of(incident, "summary")))),
                ("number changed", own("findings_count"), json!(999)),
                ("moved time", own("first"), json!("2026-01-01T00:00:00Z")),
                ("number changed", ("risk".into(), "risk/score".into()), json!(1)),
                ("technique changed", own("tactics"), json!(["reconnaissance"])),
                ("changed value", ("diamond".into(), "diamond/victim".into()), json!([])),
            ],
            1 => vec![
                ("severity raised", own("severity_reasons"), json!(["an old friend says so"])),
                (
                    "changed value",
                    own("confidence"),
                    json!(if incident["confidence"] == "low" { "high" } else { "low" }),
                ),
                (
                    "cause asserted",
                    own("summary"),
                    json!(format!("{} All of it was caused by ana.", str_of(incident, "summary"))),
                ),
                ("number changed", own("untold_findings"), json!(777)),
                ("moved time", own("last"), json!("2029-01-01T00:00:00Z")),
                ("number changed", ("risk".into(), "risk/parts/0/points".into()), json!(1000)),
                ("technique changed", own("techniques"), json!(["T1498"])),
                ("changed value", ("blast_radius".into(), "blast_radius/hosts".into()), json!(["TB-DC-99"])),
            ],
            2 => vec![
                ("severity raised", own("confidence_reasons"), json!(["it is sure"])),
                ("changed value", ("risk".into(), "risk/parts/0/why".into()), json!("because")),
                ("changed value", ("diamond".into(), "diamond/adversary/0".into()), json!("a state")),
                ("number changed", ("blast_radius".into(), "blast_radius/files".into()), json!(4711)),
                (
                    "changed value",
                    ("diamond".into(), "diamond/capability".into()),
                    json!(["T1498 Network Denial of Service"]),
                ),
            ],
            _ => vec![
                (
                    "changed value",
                    ("blast_radius".into(), "blast_radius/accounts".into()),
                    json!(["TARNBECK\\nobody"]),
                ),
                ("changed value", ("diamond".into(), "diamond/infrastructure".into()), json!(["192.0.2.99"])),
            ],
        };
        for (kind, (member, below), value) in plain {
            plant(kind, member, below, value);
        }
        let each = |name: &str| {
            list(incident, name).iter().enumerate().filter(move |(n, _)| n % 4 == round).collect::<Vec<_>>()
        };
        for (n, e) in each("entities") {
            let (member, value) = match n % 5 {
                0 => ("shown", json!("TARNBECK\\nobody")),
                1 => ("part", json!("attacker")),
                2 => ("findings", json!(e["findings"].as_u64().unwrap_or(0) + 1)),
                3 => ("first", json!("2026-01-01T00:00:00Z")),
                _ => {
                    ("facts", json!([{"label": "owner", "value": "ana", "source": "assets.csv", "date": ""}]))
                }
            };
            plant(
                "entity changed",
                format!("entities[{n}].{member}"),
                format!("entities/{n}/{member}"),
                value,
            );
        }
        for (n, l) in each("links") {
            let (kind, member, value) = match n % 3 {
                0 => ("reversed source and target", "from", l["to"].clone()),
                1 => ("cause asserted", "label", json!("caused")),
                _ => ("number changed", "count", json!(l["count"].as_u64().unwrap_or(0) + 1)),
            };
            plant(kind, format!("links[{n}].{member}"), format!("links/{n}/{member}"), value);
        }
        for (n, j) in each("joins") {
            let (member, below, value) = match n % 3 {
                0 => ("total", "total".to_owned(), json!(j["total"].as_f64().unwrap_or(0.0) + 100.0)),
                1 => ("because", "because/0/reason".to_owned(), json!("they look alike")),
                _ => ("to", "to".to_owned(), j["finding"].clone()),
            };
            plant("join changed", format!("joins[{n}].{member}"), format!("joins/{n}/{below}"), value);
        }
        for (n, u) in each("unknowns") {
            let value = json!(format!("{} It does not matter.", str_of(u, "text")));
            plant("changed value", format!("unknowns[{n}].text"), format!("unknowns/{n}/text"), value);
        }
        for (n, step) in each("next_steps") {
            if !list(step, "targets").is_empty() {
                plant(
                    "next step's target changed",
                    format!("next_steps[{n}].targets"),
                    format!("next_steps/{n}/targets/0"),
                    json!("TB-DC-01"),
                );
                if str_of(step, "text").contains("TB-DC-01") || list(step, "targets")[0] == "TB-DC-01" {
                    continue;
                }
            }
            plant(
                "next step's target changed",
                format!("next_steps[{n}].text"),
                format!("next_steps/{n}/text"),
                json!("Disable krbtgt."),
            );
        }
        for (n, _) in each("phases") {
            plant(
                "changed value",
                format!("phases[{n}].phase"),
                format!("phases/{n}/phase"),
                json!("Weaponization of everything"),
            );
        }
    }
    all
}

/// One falsehood in each of some findings.
fn of_findings(report: &Value, round: usize) -> Vec<Planted> {
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
fn of_evidence(report: &Value, round: usize) -> Vec<Planted> {
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

/// Falsehoods that move other things out of their places: one report each.
fn removed_and_moved(report: &Value) -> Vec<Vec<Planted>> {
    let mut all: Vec<Planted> = Vec::new();
    let remove = |pointer: String, index: usize| -> Box<dyn Fn(&mut Value)> {
        Box::new(move |report| {
            if let Some(Value::Array(list)) = report.pointer_mut(&pointer) {
                list.remove(index);
            }
        })
    };
    for (i, incident) in list(report, "incidents").iter().enumerate().take(5) {
        let id = str_of(incident, "id");
        let at = |member: &str| vec![format!("incident {id}: {member}")];
        if !list(incident, "unknowns").is_empty() {
            all.push(Planted {
                kind: "unknown removed",
                plant: remove(format!("/incidents/{i}/unknowns"), 0),
                refused_at: at("unknowns"),
            });
        }
        let story = list(incident, "story").len();
        if story > 1 {
            let pointer = format!("/incidents/{i}/story");
            let swap: Box<dyn Fn(&mut Value)> = Box::new(move |report| {
                if let Some(Value::Array(list)) = report.pointer_mut(&pointer) {
                    list.swap(0, story - 1);
                }
            });
            all.push(Planted { kind: "order reversed", plant: swap, refused_at: at("story[0]") });
            let pointer = format!("/incidents/{i}/story");
            let invent: Box<dyn Fn(&mut Value)> = Box::new(move |report| {
                if let Some(Value::Array(list)) = report.pointer_mut(&pointer) {
                    let mut step = list[0].clone();
                    step["text"] = json!("Ana sold the data.");
                    list.push(step);
                }
            });
            all.push(Planted {
                kind: "step invented",
                plant: invent,
                refused_at: at(&format!("story[{story}]")),
            });
            all.push(Planted {
                kind: "step invented",
                plant: remove(format!("/incidents/{i}/story"), 0),
                refused_at: at("story"),
            });
        }
        all.push(Planted {
            kind: "next step's target changed",
            plant: remove(format!("/incidents/{i}/next_steps"), 0),
            refused_at: at("next_steps"),
        });
        let pointer = format!("/incidents/{i}");
        let beside: Box<dyn Fn(&mut Value)> = Box::new(move |report| {
            if let Some(incident) = report.pointer_mut(&pointer) {
                incident["verdict"] = json!("harmless");
            }
        });
        all.push(Planted { kind: "changed value", plant: beside, refused_at: at("verdict") });
        if let Some(finding) = list(incident, "findings").first().and_then(Value::as_str) {
            let place =
                list(report, "findings").iter().position(|f| f["id"] == finding).expect("it is there");
            all.push(Planted {
                kind: "finding moved",
                plant: set(format!("/findings/{place}/incident"), Value::Null),
                refused_at: vec![format!("finding {finding}: incident")],
            });
            all.push(Planted {
                kind: "finding moved",
                plant: remove(format!("/incidents/{i}/findings"), 0),
                refused_at: at("findings"),
            });
            all.push(Planted {
                kind: "finding moved",
                plant: remove("/findings".to_owned(), place),
                refused_at: at("findings"),
            });
        }
    }
    let findings = list(report, "findings").len();
    let swap: Box<dyn Fn(&mut Value)> = Box::new(move |report| {
        if let Some(Value::Array(list)) = report.pointer_mut("/findings") {
            list.swap(0, findings - 1);
        }
    });
    all.push(Planted { kind: "order reversed", plant: swap, refused_at: vec!["finding ".to_owned()] });
    for (pointer, at) in [
        ("/summary/records", "summary: records"),
        ("/summary/incidents", "summary: incidents"),
        ("/summary/findings/high", "summary: findings.high"),
        ("/set_aside/0/count", "set_aside"),
        ("/files/0/events", "file "),
    ] {
        all.push(Planted {
            kind: "number changed",
            plant: set(pointer.to_owned(), json!(123_456_789)),
            refused_at: vec![at.to_owned()],
        });
    }
    all.push(Planted {
        kind: "changed value",
        plant: set("/set_aside/0/why".to_owned(), json!("they are boring")),
        refused_at: vec!["set_aside".to_owned()],
    });
    all.into_iter().map(|p| vec![p]).collect()
}
