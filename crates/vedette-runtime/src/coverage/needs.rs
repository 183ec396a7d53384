//! The logs a rule needs, from its logsource: what a person must switch on before it can speak.

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
        for lane in check::own_first(content, base, content.plan.lanes_of(base)) {
            let lane = content.catalogue.lane(lane);
            let log = match lane.case.as_str() {
                "" => lane.mapping.clone(),
                case => format!("{}/{case}", lane.mapping),
            };
            if !found.iter().any(|n| n.log == log) {
                found.push(Need { log, enable: lane.enable.clone() });
            }
        }
    }
    found
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
