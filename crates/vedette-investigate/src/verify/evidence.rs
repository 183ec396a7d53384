//! The embedded events: their hashes, and their uids where those can be made again.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::read::{Report, list};
use super::{Retell, Tally};

pub fn check(report: &Report<'_>, again: &dyn Retell, tally: &mut Tally) {
    let mut unpinned = 0;
    let mut unmapped = 0;
    for entry in list(report.value, "evidence") {
        let name = || format!("evidence {}", entry.get("uid").and_then(Value::as_str).unwrap_or("?"));
        let told = entry.get("sha256").and_then(Value::as_str).unwrap_or_default();
        let right = digest(entry);
        tally.hold(
            told == right,
            || format!("{}: sha256", name()),
            || format!("its members hash to {right}"),
        );
    }
    for (uid, embedded) in &report.evidence {
        let evidence = &embedded.evidence;
        let name = || format!("evidence {uid}");
        tally.hold(
            report.paths.contains(embedded.file.as_str()),
            || format!("{}: file", name()),
            || "no file of the report has this path".to_owned(),
        );
        match again.uid(evidence) {
            Some(right) => tally.hold(
                right == *uid,
                || format!("{}: uid", name()),
                || format!("its identifying fields give {right}"),
            ),
            None => unpinned += 1,
        }
        if let Some(right) = again.derived(evidence) {
            // Only those that the rules of that run asked for were kept; a cut value computes otherwise.
            let wrong = evidence.fields.iter().filter(|f| f.derived && evidence.cut == 0).find(|f| {
                right.iter().any(|(n, _)| *n == f.name)
                    && !right.iter().any(|(n, v)| *n == f.name && *v == f.value)
            });
            tally.hold(
                wrong.is_none(),
                || format!("{}: fields", name()),
                || {
                    format!(
                        "{} is not what the other fields give",
                        wrong.map_or("a field", |f| f.name.as_str())
                    )
                },
            );
        }
        if !evidence.mapping.is_empty() && again.observed(evidence).is_none() {
            unmapped += 1;
        }
    }
    if unpinned > 0 {
        tally.note(format!(
            "{unpinned} events have a uid made of their raw bytes, which are not embedded: only --evidence can show that their fields were not changed where nothing told rests on them"
        ));
    }
    if unmapped > 0 {
        tally.note(format!("{unmapped} events were understood by mappings that are not at hand: what is told of them cannot be told again"));
    }
}

/// SHA-256 over the entry without its hash: members sorted by name, no spaces.
pub fn digest(entry: &Value) -> String {
    let mut value = entry.clone();
    if let Value::Object(map) = &mut value {
        map.remove("sha256");
    }
    sorted(&mut value);
    let hash: [u8; 32] = Sha256::digest(value.to_string().as_bytes()).into();
    hash.iter().map(|b| format!("{b:02x}")).collect()
}

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
