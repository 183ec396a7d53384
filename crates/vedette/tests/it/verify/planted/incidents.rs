//! Falsehoods in stories and in what stands beside them.

use serde_json::{Value, json};

use super::{Planted, counted_up, hour_later, list, set, str_of};

/// One falsehood in each step of each incident's story.
pub fn of_steps(report: &Value, round: usize) -> Vec<Planted> {
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
pub fn of_incidents(report: &Value, round: usize) -> Vec<Planted> {
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
