//! What the rules see: which logs each of them needs, and how well each technique of ATT&CK is proven.

use std::collections::{BTreeMap, BTreeSet};

use vedette_detect::Reach;
use vedette_sigma::CorrelationKind;

use crate::check;
use crate::content::Content;
use crate::scan::presence::Presence;

pub mod needs;
pub mod proofs;

pub use proofs::Proofs;

/// How sure it is that a technique would be seen, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Colour {
    /// A rule fired on a recording of an attack.
    Recorded,
    /// A rule has a bench that holds, with an event it fires on.
    Bench,
    /// A rule carries the tag.
    Claimed,
    /// There are rules, and none of them can match: no source provides what they read.
    Blind,
}

impl Colour {
    pub const ALL: [Colour; 4] = [Colour::Recorded, Colour::Bench, Colour::Claimed, Colour::Blind];

    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded => "proven by recorded attack",
            Self::Bench => "proven by bench",
            Self::Claimed => "claimed only",
            Self::Blind => "blind",
        }
    }
}

/// A rule or correlation that carries the tag of a technique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// As findings name it.
    pub index: u32,
    pub colour: Colour,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technique {
    /// For example `T1059.001`; the one that replaced it where the tag's is no longer used.
    pub id: String,
    pub colour: Colour,
    /// The surest first.
    pub rules: Vec<Rule>,
    /// Public data sets on which one of the rules fired.
    pub sets: BTreeSet<String>,
}

/// Why a rule is blind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// The log is not there, and can be switched on or brought in.
    Log,
    /// The log is there, a field in it is not.
    Field,
    /// No mapping feeds the logsource.
    Mapping,
}

impl GapKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Field => "field",
            Self::Mapping => "mapping",
        }
    }
}

/// One thing that is missing, and what it would unlock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub kind: GapKind,
    /// The log, field or logsource.
    pub what: String,
    /// What to switch on; empty where it is not known.
    pub remedy: String,
    /// Blind rules that read it.
    pub rules: Vec<u32>,
    /// Blind techniques that one of these rules carries.
    pub techniques: BTreeSet<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// By id.
    pub techniques: Vec<Technique>,
    /// By how many techniques and rules they would unlock, the largest first.
    pub gaps: Vec<Gap>,
    /// Active techniques of ATT&CK that no rule names.
    pub without_rule: usize,
    /// Rules whose findings are shown and that name no technique.
    pub untagged: usize,
}

impl Coverage {
    pub fn count(&self, colour: Colour) -> usize {
        self.techniques.iter().filter(|t| t.colour == colour).count()
    }
}

/// Judges every technique that a running rule names.
///
/// `benched` holds the paths of rule files whose bench holds. With `presence` a rule counts as blind when that data does
/// not carry what it reads; without, when no mapping does.
pub fn coverage(
    content: &Content,
    proofs: &Proofs,
    benched: &BTreeSet<String>,
    presence: Option<&Presence>,
) -> Coverage {
    let mut found: BTreeMap<String, Technique> = BTreeMap::new();
    let mut gaps: BTreeMap<(GapKind, String), Gap> = BTreeMap::new();
    let mut untagged = 0;
    for index in shown(content) {
        let meta = content.meta(index);
        let ids: BTreeSet<String> = meta.tags.iter().filter_map(|t| current(t)).collect();
        if ids.is_empty() {
            untagged += 1;
            continue;
        }
        let missing = missing(content, index, presence);
        let proof = proofs.rules.get(&meta.id);
        for id in &ids {
            let colour = match &missing {
                Some(_) => Colour::Blind,
                None if proof.is_some_and(|p| p.techniques.contains(id)) => Colour::Recorded,
                None if benched.contains(&*meta.place.path) => Colour::Bench,
                None => Colour::Claimed,
            };
            let entry = found.entry(id.clone()).or_insert_with(|| Technique {
                id: id.clone(),
                colour,
                rules: Vec::new(),
                sets: BTreeSet::new(),
            });
            entry.colour = entry.colour.min(colour);
            entry.rules.push(Rule { index, colour });
            if colour == Colour::Recorded {
                entry.sets.extend(proof.into_iter().flat_map(|p| p.sets.iter().cloned()));
            }
        }
        if let Some(Missing { kind, what, remedy }) = missing {
            let gap = gaps.entry((kind, what.clone())).or_insert_with(|| Gap {
                kind,
                what,
                remedy: String::new(),
                rules: Vec::new(),
                techniques: BTreeSet::new(),
            });
            if gap.remedy.is_empty() {
                gap.remedy = remedy;
            }
            gap.rules.push(index);
            gap.techniques.extend(ids);
        }
    }
    for technique in found.values_mut() {
        technique.rules.sort_by_key(|r| (r.colour, r.index));
    }
    let blind = |id: &String| found.get(id).is_some_and(|t| t.colour == Colour::Blind);
    let mut gaps: Vec<Gap> = gaps.into_values().collect();
    gaps.iter_mut().for_each(|g| g.techniques.retain(blind));
    gaps.sort_by(|a, b| {
        let size = |g: &Gap| (g.techniques.len(), g.rules.len());
        size(b).cmp(&size(a)).then_with(|| (a.kind, &a.what).cmp(&(b.kind, &b.what)))
    });
    let active = vedette_attack::techniques().iter().filter(|t| t.is_active());
    let without_rule = active.filter(|t| !found.contains_key(t.id)).count();
    Coverage { techniques: found.into_values().collect(), gaps, without_rule, untagged }
}

/// Rules and correlations whose findings are shown. What only feeds a correlation proves nothing by itself.
pub fn shown(content: &Content) -> impl Iterator<Item = u32> + '_ {
    let rules = (0..content.rules.len() as u32).filter(|&r| content.plan.runs(r) && content.stands_alone(r));
    let inner =
        |id: &str| content.pack.correlations.iter().any(|c| !c.generate && c.rules.iter().any(|r| r == id));
    let correlations = content.pack.correlations.iter().enumerate();
    let outer = correlations.filter(move |(_, c)| !inner(&c.meta.id));
    rules.chain(outer.map(|(i, _)| content.correlation(i as u32)))
}

/// The technique a tag means today.
pub fn current(tag: &str) -> Option<String> {
    let id = vedette_attack::technique_id(tag)?;
    Some(vedette_attack::technique(&id).map_or(id, |t| t.current().id.to_owned()))
}

struct Missing {
    kind: GapKind,
    what: String,
    remedy: String,
}

/// What keeps the rule from matching at all; `None` when it can.
fn missing(content: &Content, index: u32, presence: Option<&Presence>) -> Option<Missing> {
    let bases = needs::bases(content, index);
    let all = match content.pack.correlations.get((index as usize).wrapping_sub(content.rules.len())) {
        Some(c) => matches!(c.kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered),
        None => true,
    };
    let mut blind: Vec<Missing> = bases.iter().filter_map(|b| of_rule(content, *b, presence)).collect();
    // A count needs one of its rules, a sequence every one.
    let keeps = if all { !blind.is_empty() } else { blind.len() == bases.len() };
    (keeps && !blind.is_empty()).then(|| blind.swap_remove(0))
}

fn of_rule(content: &Content, rule: u32, presence: Option<&Presence>) -> Option<Missing> {
    let lanes = check::own_first(content, rule, content.plan.lanes_of(rule));
    if lanes.is_empty() {
        return Some(Missing {
            kind: GapKind::Mapping,
            what: check::logsource(content, rule),
            remedy: "no mapping feeds this logsource yet; docs/mappings.md says how to write one".to_owned(),
        });
    }
    let mut first = None;
    for &id in &lanes {
        let lane = content.catalogue.lane(id);
        let held = presence.map(|p| p.lanes.get(&id));
        if matches!(held, Some(None)) {
            continue;
        }
        let carries = |name: &str| match held.flatten() {
            Some(held) => held.overflowed || held.fields.contains(name),
            None => !lane.absent.contains_key(name),
        };
        match content.plan.reach(rule, id, carries) {
            Some(Reach::Cannot(fields)) => {
                let remedy = fields.iter().find_map(|f| lane.absent.get(*f)).cloned().unwrap_or_default();
                first.get_or_insert(Missing {
                    kind: GapKind::Field,
                    what: format!("{}: {}", lane.mapping, fields.join(", ")),
                    remedy,
                });
            }
            _ => return None,
        }
    }
    first.or_else(|| {
        let needs = needs::needs(content, rule);
        let best = needs.iter().find(|n| !n.enable.is_empty()).or(needs.first())?;
        Some(Missing { kind: GapKind::Log, what: best.log.clone(), remedy: best.enable.clone() })
    })
}

#[cfg(test)]
mod tests;
