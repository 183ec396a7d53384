//! The same facts by kill chain and by Diamond Model.
//!
//! Sources: Lockheed Martin, Intelligence-Driven Computer Network Defense (2011); Caltagirone, Pendergast and Betz,
//! The Diamond Model of Intrusion Analysis (2013). The mapping from ATT&CK tactics to the seven phases is ours.

use std::collections::BTreeSet;

use vedette_model::{EntityKind, Timestamp};

use crate::incident::{Diamond, EntityRow, Phase, Step};

/// The seven phases in their order, with the tactics that count to each.
pub const PHASES: [(&str, &[&str]); 7] = [
    ("Reconnaissance", &["reconnaissance"]),
    ("Weaponization", &["resource-development"]),
    ("Delivery", &["initial-access"]),
    ("Exploitation", &["execution", "privilege-escalation"]),
    ("Installation", &["persistence", "defense-evasion", "stealth", "defense-impairment"]),
    ("Command and Control", &["command-and-control"]),
    (
        "Actions on Objectives",
        &["credential-access", "discovery", "lateral-movement", "collection", "exfiltration", "impact"],
    ),
];

/// The phases that steps with a tactic fall into; one without a step is left out.
pub fn phases(story: &[Step]) -> Vec<Phase> {
    let mut all = Vec::new();
    for (phase, tactics) in PHASES {
        let of = |(_, s): &(usize, &Step)| s.tactic.as_deref().is_some_and(|t| tactics.contains(&t));
        let steps: Vec<(usize, &Step)> = story.iter().enumerate().filter(of).collect();
        if steps.is_empty() {
            continue;
        }
        let first: Option<Timestamp> = steps.iter().filter_map(|(_, s)| s.time).min();
        let last = steps.iter().filter_map(|(_, s)| s.last.or(s.time)).max();
        all.push(Phase { phase, first, last, steps: steps.into_iter().map(|(i, _)| i).collect() });
    }
    all
}

/// The tactics in the order of an intrusion, unknown ones last by name.
pub fn ordered(tactics: BTreeSet<&str>) -> Vec<String> {
    let place = |t: &str| {
        let family = vedette_attack::tactic(t).map_or(t, |t| t.family());
        vedette_attack::tactics().iter().position(|k| k.shortname == family).unwrap_or(usize::MAX)
    };
    let mut all: Vec<&str> = tactics.into_iter().collect();
    all.sort_by_key(|t| (place(t), *t));
    all.into_iter().map(str::to_owned).collect()
}

/// `T1059.001 PowerShell`.
pub fn technique(id: &str) -> String {
    vedette_attack::technique(id).map_or(id.to_owned(), |t| format!("{} {}", t.id, t.name))
}

pub fn diamond(rows: &[EntityRow], techniques: &[String]) -> Diamond {
    let shown = |fits: &dyn Fn(&EntityRow) -> bool| -> Vec<String> {
        let all: BTreeSet<&str> = rows.iter().filter(|r| fits(r)).map(|r| r.shown.as_str()).collect();
        all.into_iter().map(str::to_owned).collect()
    };
    let mut adversary = vec!["not known: logs name accounts and addresses, not people".to_owned()];
    adversary.extend(shown(&|r| r.part == "account used").into_iter().map(|a| format!("acting as {a}")));
    Diamond {
        adversary,
        capability: techniques.iter().map(|t| technique(t)).collect(),
        infrastructure: shown(&|r| r.part == "suspected infrastructure"),
        victim: shown(&|r| r.part == "victim" && r.kind == EntityKind::Host || r.part == "account targeted"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tactic_has_a_phase() {
        for tactic in vedette_attack::tactics() {
            assert!(PHASES.iter().any(|(_, t)| t.contains(&tactic.shortname)), "{}", tactic.shortname);
        }
    }
}
