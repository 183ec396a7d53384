//! `truth.json`: what happened, by attack, and each record that belongs to an attack or is noise.

use serde_json::{Value, json};

use super::clock::window;
use super::log::{Estate, shown};
use super::world::*;
use super::{cloud_key, ransomware, seals, web_shell};

/// The attacks, without what follows from their steps.
fn attacks() -> Vec<(&'static str, Value)> {
    let names = |machines: &[Machine]| machines.iter().map(|m| m.name).collect::<Vec<_>>();
    vec![
        (
            ransomware::ID,
            json!({
                "name": "Ransomware with lateral movement",
                "kind": "ransomware",
                "hosts": names(&[WS_ANA, WS_BO, DC, FS]),
                "accounts": [ANA.user, ADM_PIET.user, SVC_PRINT.user],
                "addresses": [CREW, CREW_STORE],
                "names": [CREW_NAME, CREW_STORE_NAME],
            }),
        ),
        (
            cloud_key::ID,
            json!({
                "name": "Leaked cloud key",
                "kind": "cloud",
                "hosts": [AWS_ACCOUNT],
                "accounts": ["bo.lindqvist", "svc-report", cloud_key::FIRST_ROLE, cloud_key::SECOND_ROLE],
                "addresses": [FINDER, FINDER_WORK],
                "names": [],
            }),
        ),
        (
            web_shell::ID,
            json!({
                "name": "Web shell on the web server",
                "kind": "web",
                "hosts": [WEB.name],
                "accounts": ["www-data", "root"],
                "addresses": [VANDAL],
                "names": [VANDAL_ZONE],
            }),
        ),
    ]
}

const ABOUT: &str = "Which records of the sample estate belong to which attack, and which are noise. Everything is generated. `line` counts from 1 within the decompressed file, header lines included, and is the place within the array for JSON arrays; an audit record is named by its first line. `rules` are own rules that are meant to speak, alone or as part of a correlation; an empty list is a record that no own rule tells on its own. A process start is in two logs, Sysmon 1 and Security 4688: one finding with two witnesses covers both. A correlation may name only the first hundred of its events. A record belongs to one attack at most. `drill` has the right answers to `vedette drill`.";

/// The text of the file: one record a line, so that a change reads as one.
pub fn text(estate: &Estate) -> String {
    let (begin, end) = window();
    let mut out = format!(
        "{{\n\"about\": {},\n\"begin\": \"{}\",\n\"end\": \"{}\",\n",
        json!(ABOUT),
        begin.rfc3339_s(),
        end.rfc3339_s()
    );
    let whole: Vec<Value> = attacks().into_iter().map(|(id, rest)| attack(estate, id, rest)).collect();
    list(&mut out, "attacks", &whole);
    out.push_str(",\n");
    list(&mut out, "steps", &estate.steps);
    out.push_str(",\n");
    list(&mut out, "noise", &estate.noise);
    out.push_str(",\n");
    let answers: Vec<Value> =
        seals::answers().into_iter().map(|(id, answers)| json!({ "id": id, "answers": answers })).collect();
    list(&mut out, "drill", &answers);
    out.push_str("\n}\n");
    out
}

fn list(out: &mut String, name: &str, rows: &[Value]) {
    let rows: Vec<String> = rows.iter().map(Value::to_string).collect();
    out.push_str(&format!("\"{name}\": [\n{}\n]", rows.join(",\n")));
}

fn attack(estate: &Estate, id: &str, rest: Value) -> Value {
    let steps = || estate.steps.iter().filter(|s| s["attack"] == id);
    let mut techniques: Vec<String> = steps().map(|s| shown(s.get("technique"))).collect();
    techniques.sort();
    techniques.dedup();
    // Steps are in order of time.
    let time = |step: Option<&Value>| shown(step.and_then(|s| s.get("time")));
    let mut whole = json!({
        "id": id,
        "name": rest["name"],
        "kind": rest["kind"],
        "first": time(steps().next()),
        "last": time(steps().next_back()),
        "records": steps().count(),
    });
    for key in ["hosts", "accounts", "addresses", "names"] {
        whole[key] = rest[key].clone();
    }
    whole["techniques"] = json!(techniques);
    whole
}
