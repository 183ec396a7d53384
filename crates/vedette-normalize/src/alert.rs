//! What an imported alert says of itself, so that it can stand beside findings of our own.
//!
//! Sources name tactics and techniques by id, by name, in lists, in JSON inside a text, or run together
//! (`CredentialAccess`); here they are ATT&CK's own words, and what ATT&CK does not know is left to the native fields.

use serde_json::{Value, json};
use vedette_attack::{State, Tactic, Technique};
use vedette_model::Event;

use crate::catalogue::{Catalogue, View};
use crate::mapping::derive::{Derivation, Scratch};
use crate::mapping::limits;
use crate::mapping::names::{Fields, is_filled};

/// OCSF Detection Finding.
pub const CLASS_UID: u32 = 2004;

/// An event that is itself a finding of another product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alert {
    /// The source's own identifier; empty where it gives none.
    pub uid: String,
    pub title: String,
    /// As OCSF numbers it, 1 Informational to 6 Fatal; 0 when the source gives none, 99 when it has a word of its own.
    pub severity_id: u32,
    /// In the order of the source, without doubles: `T1059.001`.
    pub techniques: Vec<String>,
    /// Short names in the order of the source, without doubles: `credential-access`. Only those that the source names.
    pub tactics: Vec<String>,
}

impl Catalogue {
    /// What the event says as an alert of another product; `None` when it is none.
    pub fn alert(&self, event: &Event) -> Option<Alert> {
        if self.class_uid(event.lane) != CLASS_UID {
            return None;
        }
        Some(alert(&View::new(self, event)))
    }
}

/// `view` must be of an event of [`CLASS_UID`].
pub(crate) fn alert(view: &View<'_>) -> Alert {
    let first = |path: &str| values(view, path).into_iter().next().unwrap_or_default();
    let mut alert = Alert {
        uid: first("finding_info.uid"),
        title: first("finding_info.title"),
        severity_id: first("severity_id").parse().unwrap_or(0),
        ..Alert::default()
    };
    for part in ["technique", "sub_technique"] {
        for column in ["uid", "name"] {
            for value in values(view, &format!("finding_info.attacks.{part}.{column}")) {
                alert.techniques.extend(techniques(&value));
            }
        }
    }
    for column in ["uid", "name"] {
        for value in values(view, &format!("finding_info.attacks.tactic.{column}")) {
            alert.tactics.extend(tactics(&value).into_iter().map(|t| t.shortname.to_owned()));
        }
    }
    unique(&mut alert.techniques);
    unique(&mut alert.tactics);
    alert
}

/// `finding_info.attacks`: an element for each technique, with the tactic among the alert's that ATT&CK gives it, and
/// one for each tactic that is left. Two lists side by side in a record do not say what belongs to what.
pub(crate) fn attacks(alert: &Alert) -> Option<Value> {
    let tactic = |shortname: &str| {
        vedette_attack::tactic(shortname).map(|t: &Tactic| json!({ "uid": t.id, "name": t.name }))
    };
    let mut left: Vec<&String> = alert.tactics.iter().collect();
    let mut elements = Vec::new();
    for id in &alert.techniques {
        let known = vedette_attack::technique(id);
        let belongs = |t: &&String| known.is_some_and(|k| k.tactics.contains(&t.as_str()));
        let own = alert.tactics.iter().find(belongs).or(match alert.tactics.as_slice() {
            [only] => Some(only),
            _ => None,
        });
        left.retain(|t| Some(*t) != own);
        let mut element = json!({ "technique": { "uid": id } });
        if let Some(known) = known {
            element["technique"]["name"] = json!(known.name);
        }
        if let Some(tactic) = own.and_then(|t| tactic(t)) {
            element["tactic"] = tactic;
        }
        elements.push(element);
    }
    elements.extend(left.into_iter().filter_map(|t| tactic(t)).map(|t| json!({ "tactic": t })));
    (!elements.is_empty()).then_some(Value::Array(elements))
}

/// Every value that the mapping gives an OCSF path.
fn values(view: &View<'_>, path: &str) -> Vec<String> {
    let entry = view.lane.sheet.ocsf.get(path).and_then(|e| e.value.as_ref());
    let mut values = Vec::new();
    match entry.map(|d| (d, Derivation::plain(d))) {
        None => {}
        Some((_, Some(natives))) => {
            if let Some(name) = natives.iter().find(|n| view.filled(**n).is_some()) {
                view.any(*name, &mut |value, kind| {
                    if is_filled(value, kind) {
                        values.push(value.to_owned());
                    }
                    values.len() >= limits::VALUES_PER_FIELD_MAX
                });
            }
        }
        Some((derivation, None)) => {
            derivation.compute(view, &mut Scratch::default(), &mut |value| values.push(value.to_owned()));
        }
    }
    values
}

/// The technique ids in a text, `T1059.001` wherever it stands; without any, the technique that bears the name.
fn techniques(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let words: Vec<&str> = words.take(limits::VALUES_PER_FIELD_MAX).collect();
    let id = |(at, word): (usize, &&str)| {
        let id = technique_id(word)?;
        // Where a dot was not allowed: `T1059_001`.
        let sub = words.get(at + 1).map(|next| format!("{id}.{next}"));
        Some(sub.filter(|sub| vedette_attack::technique(sub).is_some()).unwrap_or(id))
    };
    let ids: Vec<String> = words.iter().enumerate().filter_map(id).collect();
    if !ids.is_empty() {
        return ids;
    }
    // Names of sub-techniques repeat under different techniques (`Steal or Forge ...`, `DNS`): one that fits twice says
    // nothing.
    let mut named = vedette_attack::techniques()
        .iter()
        .filter(|t: &&Technique| matches!(t.state, State::Active) && same_words(t.name, text));
    match (named.next(), named.next()) {
        (Some(one), None) => vec![one.id.to_owned()],
        _ => Vec::new(),
    }
}

/// Letters and digits without case: `VALID_ACCOUNTS` is Valid Accounts.
fn same_words(a: &str, b: &str) -> bool {
    let letters = |text: &'_ str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).collect()
    };
    a.len().abs_diff(b.len()) <= 8 && letters(a) == letters(b)
}

fn technique_id(word: &str) -> Option<String> {
    let word = word.trim_matches('.').to_ascii_uppercase();
    let (main, sub) = word.split_once('.').map_or((word.as_str(), None), |(m, s)| (m, Some(s)));
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let is_id = main.strip_prefix('T').is_some_and(|n| digits(n, 4)) && sub.is_none_or(|s| digits(s, 3));
    is_id.then_some(word)
}

/// The tactics in a text: `TA0002`, `Execution`, `CredentialAccess`, or several of them with commas between.
fn tactics(text: &str) -> Vec<&'static Tactic> {
    let parts = text.split([',', ';', '[', ']', '"', '|']).map(str::trim).filter(|p| !p.is_empty());
    let mut found = Vec::new();
    for part in parts.take(limits::VALUES_PER_FIELD_MAX) {
        let spaced = || {
            let mut spaced = String::new();
            for c in part.chars() {
                if c.is_ascii_uppercase() && spaced.chars().last().is_some_and(|l| l.is_ascii_lowercase()) {
                    spaced.push(' ');
                }
                spaced.push(c);
            }
            vedette_attack::tactic(&spaced.replace(" And ", " and "))
        };
        found.extend(vedette_attack::tactic(part).or_else(spaced));
    }
    found
}

fn unique(list: &mut Vec<String>) {
    let mut seen = rustc_hash::FxHashSet::default();
    list.retain(|item| seen.insert(item.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tactics_and_techniques_are_found_as_sources_write_them() {
        let ids = |text| techniques(text).join(" ");
        assert_eq!(ids("T1059.001"), "T1059.001");
        assert_eq!(ids(r#"["T1018", "t1069"]"#), "T1018 T1069");
        assert_eq!(ids("MITRE_T1059_003_WIN_CMD_SHELL"), "T1059.003");
        assert_eq!(ids("MITRE_T1059_CMD_LINE"), "T1059");
        assert_eq!(ids("PowerShell"), "T1059.001");
        assert_eq!(ids("VALID_ACCOUNTS"), "T1078");
        assert_eq!(ids("PUP"), "");
        assert_eq!(ids("T10 T10590 XT1059"), "");
        let short = |text| tactics(text).iter().map(|t| t.shortname).collect::<Vec<_>>().join(" ");
        assert_eq!(short("CredentialAccess, Discovery"), "credential-access discovery");
        assert_eq!(short("CommandAndControl"), "command-and-control");
        assert_eq!(short("TA0001"), "initial-access");
        assert_eq!(short(r#"["Lateral Movement"]"#), "lateral-movement");
        assert_eq!(short("Unknown"), "");
    }

    #[test]
    fn a_technique_is_paired_with_its_own_tactic_only() {
        let alert = |techniques: &[&str], tactics: &[&str]| Alert {
            techniques: techniques.iter().map(|t| (*t).to_owned()).collect(),
            tactics: tactics.iter().map(|t| (*t).to_owned()).collect(),
            ..Alert::default()
        };
        let pairs = |alert: &Alert| {
            let attacks = attacks(alert).unwrap_or_default();
            let word = |v: &Value, at: &str| v.pointer(at).and_then(Value::as_str).unwrap_or("-").to_owned();
            let one = |v: &Value| word(v, "/technique/uid") + "/" + &word(v, "/tactic/uid");
            attacks.as_array().into_iter().flatten().map(one).collect::<Vec<_>>().join(" ")
        };
        let two = alert(&["T1018", "T1558"], &["credential-access", "discovery", "impact"]);
        assert_eq!(pairs(&two), "T1018/TA0007 T1558/TA0006 -/TA0040");
        assert_eq!(pairs(&alert(&["T9999"], &["impact"])), "T9999/TA0040");
        assert_eq!(pairs(&alert(&["T9999"], &["impact", "discovery"])), "T9999/- -/TA0040 -/TA0007");
        assert_eq!(attacks(&alert(&[], &[])), None);
    }
}
