//! Writes `src/table.rs` from a STIX bundle of ATT&CK for Enterprise: ids, names and relations, no descriptions.
//!
//! ```sh
//! gzip -dc enterprise-attack.json.gz > enterprise-attack.json
//! cargo run -p vedette-attack --example generate -- enterprise-attack.json standards/vedette-attack/src/table.rs
//! ```
#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

fn attack_id(object: &Value) -> Option<&str> {
    object["external_references"]
        .as_array()?
        .iter()
        .find(|r| r["source_name"] == "mitre-attack")
        .and_then(|r| r["external_id"].as_str())
}

fn flag(object: &Value, name: &str) -> bool {
    object[name].as_bool().unwrap_or(false)
}

struct Row {
    name: String,
    tactics: Vec<String>,
    state: String,
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(input), Some(output)) = (arguments.next(), arguments.next()) else {
        return Err("usage: generate BUNDLE.json OUTPUT.rs".into());
    };
    let bundle: Value = serde_json::from_str(&std::fs::read_to_string(&input)?)?;
    let objects = bundle["objects"].as_array().ok_or("the bundle has no objects")?;
    let of_type = |kind: &'static str| objects.iter().filter(move |o| o["type"] == kind);
    let by_stix_id: BTreeMap<&str, &Value> =
        objects.iter().filter_map(|o| Some((o["id"].as_str()?, o))).collect();

    // The matrix lists the tactics in the order of an intrusion.
    let matrix = of_type("x-mitre-matrix").next().ok_or("the bundle has no matrix")?;
    let mut order = Vec::new();
    for reference in matrix["tactic_refs"].as_array().ok_or("the matrix has no tactics")? {
        let tactic = reference.as_str().and_then(|id| by_stix_id.get(id)).ok_or("a tactic is missing")?;
        let id = attack_id(tactic).ok_or("a tactic has no id")?;
        let short = tactic["x_mitre_shortname"].as_str().ok_or("a tactic has no short name")?;
        let name = tactic["name"].as_str().ok_or("a tactic has no name")?;
        order.push((id.to_owned(), short.to_owned(), name.to_owned()));
    }

    let revoked_by: BTreeMap<&str, &str> = of_type("relationship")
        .filter(|r| r["relationship_type"] == "revoked-by")
        .filter_map(|r| Some((r["source_ref"].as_str()?, r["target_ref"].as_str()?)))
        .collect();

    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for object in of_type("attack-pattern") {
        let id = attack_id(object).ok_or("a technique has no id")?.to_owned();
        let name = object["name"].as_str().ok_or("a technique has no name")?.to_owned();
        let mut tactics: Vec<String> = object["kill_chain_phases"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|p| p["kill_chain_name"] == "mitre-attack")
            .filter_map(|p| p["phase_name"].as_str().map(str::to_owned))
            .collect();
        tactics.sort_by_key(|t| order.iter().position(|(_, short, _)| short == t));
        let state = if flag(object, "revoked") {
            let target = object["id"].as_str().and_then(|id| revoked_by.get(id));
            let by = target.and_then(|t| by_stix_id.get(t)).and_then(|o| attack_id(o));
            match by {
                Some(by) => format!("State::Revoked {{ by: Some(\"{by}\") }}"),
                None => "State::Revoked { by: None }".to_owned(),
            }
        } else if flag(object, "x_mitre_deprecated") {
            "State::Deprecated".to_owned()
        } else {
            "State::Active".to_owned()
        };
        // An id may stand twice, once revoked; the living one is meant.
        match rows.get(&id) {
            Some(row) if row.state == "State::Active" => {}
            _ => {
                rows.insert(id, Row { name, tactics, state });
            }
        }
    }

    let mut out = String::new();
    out.push_str("//! Tactics and techniques of ATT&CK for Enterprise: ids, names and relations. Generated, do not edit.\n//!\n");
    out.push_str("//! Written by `examples/generate.rs`; see NOTICE for the source and its terms.\n\n");
    out.push_str("use crate::{State, Tactic, Technique};\n\n");
    out.push_str("/// In the order of an intrusion.\n#[rustfmt::skip]\n");
    writeln!(out, "pub(crate) static TACTICS: [Tactic; {}] = [", order.len())?;
    for (id, short, name) in &order {
        writeln!(
            out,
            "    Tactic {{ id: {id:?}, shortname: {short:?}, name: {name:?}, split_from: None }},"
        )?;
    }
    out.push_str("];\n\n/// Sorted by id.\n#[rustfmt::skip]\n");
    writeln!(out, "pub(crate) static TECHNIQUES: [Technique; {}] = [", rows.len())?;
    for (id, row) in &rows {
        let tactics = row.tactics.iter().map(|t| format!("{t:?}")).collect::<Vec<_>>().join(", ");
        writeln!(
            out,
            "    Technique {{ id: {id:?}, name: {:?}, tactics: &[{tactics}], state: {} }},",
            row.name, row.state
        )?;
    }
    out.push_str("];\n");
    std::fs::write(&output, out)?;
    eprintln!("{} tactics and {} techniques written to {output}", order.len(), rows.len());
    Ok(())
}
