//! Things taken away, put in, or put elsewhere.

use serde_json::{Value, json};

use super::{Planted, list, set, str_of};

/// Falsehoods that move other things out of their places: one report each.
pub fn removed_and_moved(report: &Value) -> Vec<Vec<Planted>> {
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
        for index in 0..list(incident, "unknowns").len().min(3) {
            all.push(Planted {
                kind: "unknown removed",
                plant: remove(format!("/incidents/{i}/unknowns"), index),
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
