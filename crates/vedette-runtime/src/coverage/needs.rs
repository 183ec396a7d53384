//! The logs a rule needs, from its logsource: what a person must switch on before it can speak.

use vedette_model::{Event, Kind, LaneId, Native};
use vedette_normalize::{Normalizer, WantedNames};
use vedette_sigma::{Block, Item, Matcher};

use crate::check;
use crate::content::Content;

/// One log that carries what a rule reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// `mapping/case`, or the mapping alone.
    pub log: String,
    /// What must be switched on so that it is written; empty where that is not known.
    pub enable: String,
}

/// The logs of which one is enough, the product's own first. For a correlation, those of the rules it counts.
pub fn needs(content: &Content, rule: u32) -> Vec<Need> {
    let mut found: Vec<Need> = Vec::new();
    for base in bases(content, rule) {
        for lane in check::own_first(content, base, &lanes(content, base)) {
            let lane = content.catalogue.lane(lane);
            let mut log = match lane.case.as_str() {
                "" => lane.mapping.clone(),
                case => format!("{}/{case}", lane.mapping),
            };
            // Cases of one log that the same switch brings are one need.
            let of_mapping = |n: &Need| n.log.split('/').next() == Some(&lane.mapping);
            if let Some(same) = found.iter().position(|n| of_mapping(n) && n.enable == lane.enable) {
                if found[same].log == log {
                    continue;
                }
                log.clone_from(&lane.mapping);
                found[same].log = log;
            } else {
                found.push(Need { log, enable: lane.enable.clone() });
            }
        }
    }
    found
}

/// The lanes that the rule's event ids lead to; all lanes of its logsource where it names none. A log with one case for
/// each kind of event would otherwise ask for everything that the log can hold.
fn lanes(content: &Content, rule: u32) -> Vec<LaneId> {
    let all = content.plan.lanes_of(rule);
    let mut ids = Vec::new();
    for selection in &content.rules[rule as usize].detection.selections {
        each_item(&selection.block, &mut |item| {
            if item.field.as_deref() == Some("EventID") && !item.negated {
                ids.extend(item.matchers.iter().filter_map(|m| match m {
                    Matcher::Number(_, number) => Some(number.to_string()),
                    _ => None,
                }));
            }
        });
    }
    if ids.is_empty() {
        return all.to_vec();
    }
    let mut normalizer = Normalizer::new(content.catalogue.clone(), &WantedNames::none());
    let mut mappings: Vec<&str> = all.iter().map(|l| content.catalogue.lane(*l).mapping.as_str()).collect();
    mappings.dedup();
    let mut found = Vec::new();
    for mapping in mappings {
        for id in &ids {
            let mut native = Native::new();
            native.push("EventID", id, Kind::Number);
            let mut event = Event { native, ..Event::default() };
            if normalizer.understand(mapping, &mut event).is_ok() && !found.contains(&event.lane) {
                found.push(event.lane);
            }
        }
    }
    found.retain(|lane| all.contains(lane));
    if found.is_empty() { all.to_vec() } else { found }
}

fn each_item(block: &Block, tell: &mut dyn FnMut(&Item)) {
    match block {
        Block::Item(item) => tell(item),
        Block::All(parts) | Block::Any(parts) => parts.iter().for_each(|p| each_item(p, tell)),
    }
}

/// The rule itself, or the rules that a correlation counts, through other correlations too.
pub fn bases(content: &Content, rule: u32) -> Vec<u32> {
    let rules = content.rules.len() as u32;
    if rule < rules {
        return vec![rule];
    }
    let mut open = vec![(rule - rules) as usize];
    let (mut seen, mut found) = (open.clone(), Vec::new());
    while let Some(index) = open.pop() {
        let Some(correlation) = content.pack.correlations.get(index) else { continue };
        for id in &correlation.rules {
            if let Some(base) = content.rules.iter().position(|r| r.meta.id == *id) {
                found.push(base as u32);
            } else if let Some(inner) = content.pack.correlations.iter().position(|c| c.meta.id == *id)
                && !seen.contains(&inner)
            {
                seen.push(inner);
                open.push(inner);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
