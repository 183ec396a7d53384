//! Falsehoods to plant in a report: what, where, and where it must be refused.

mod events;
mod incidents;
mod moved;

use serde_json::Value;
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
        batches.push(incidents::of_steps(report, round));
    }
    for round in 0..4 {
        batches.push(incidents::of_incidents(report, round));
    }
    for round in 0..14 {
        batches.push(events::of_findings(report, round));
    }
    for round in 0..6 {
        batches.push(events::of_evidence(report, round));
    }
    batches.extend(moved::removed_and_moved(report));
    batches
}
