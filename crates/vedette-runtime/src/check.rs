//! Rules held to account: which run, which were left out and why, and which can match on given data.

use std::collections::BTreeSet;

use vedette_detect::Reach;
use vedette_model::LaneId;

use crate::content::Content;
use crate::scan::presence::Presence;

/// Why a document does not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub path: String,
    pub rule_id: Option<String>,
    pub title: Option<String>,
    pub code: String,
    pub reason: String,
    pub line: u32,
    pub column: u32,
    pub help: Option<String>,
}

/// Worth a look, and loaded all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub path: String,
    pub code: String,
    pub reason: String,
    pub line: u32,
    pub column: u32,
}

/// Whether a rule can match on the data that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CanMatch {
    Yes,
    /// Some of the fields or logs it reads are there.
    Partly,
    No,
}

impl CanMatch {
    pub const ALL: [CanMatch; 3] = [CanMatch::Yes, CanMatch::Partly, CanMatch::No];

    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
        }
    }
}

/// One rule against the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Against {
    pub rule: u32,
    pub can_match: CanMatch,
    pub reason: Option<String>,
    pub missing_fields: Vec<String>,
    /// Events that its logsource took in.
    pub events: u64,
}

/// How many documents run; `running + left_out` is all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RulesAccount {
    pub files: u64,
    pub running: u64,
    pub left_out: u64,
    /// Running rules whose logsource no mapping feeds.
    pub no_source: u64,
}

pub fn account(content: &Content) -> RulesAccount {
    let counts = content.pack.counts();
    let unplanned = content.unplanned.len() as u64;
    RulesAccount {
        files: content.files(),
        running: counts.running as u64 - unplanned,
        left_out: counts.left_out as u64 + unplanned,
        no_source: no_source(content).len() as u64,
    }
}

/// Running rules whose logsource no mapping feeds.
pub fn no_source(content: &Content) -> Vec<u32> {
    let plan = &content.plan;
    (0..content.rules.len() as u32).filter(|&r| plan.runs(r) && plan.lanes_of(r).is_empty()).collect()
}

/// Every document that does not run.
pub fn left_out(content: &Content) -> Vec<LeftOut> {
    let by_pack = content.pack.account.iter().filter_map(|a| {
        let vedette_sigma::Verdict::LeftOut { code, reason } = &a.verdict else { return None };
        let cause = a.cause();
        Some(LeftOut {
            path: a.path.to_string(),
            rule_id: a.id.clone(),
            title: a.title.clone(),
            code: code.to_string(),
            reason: reason.clone(),
            line: cause.map_or(a.line, |d| d.place.line),
            column: cause.map_or(1, |d| d.place.column),
            help: cause.and_then(|d| d.help.clone()),
        })
    });
    let by_plan = content.unplanned.iter().map(|l| {
        let meta = content.meta(l.rule);
        LeftOut {
            path: meta.place.path.to_string(),
            rule_id: Some(meta.id.clone()),
            title: Some(meta.title.clone()),
            code: l.fault.code().to_owned(),
            reason: l.fault.to_string(),
            line: meta.place.line,
            column: meta.place.column,
            help: None,
        }
    });
    by_pack.chain(by_plan).collect()
}

/// What is worth a look in documents that run.
pub fn warnings(content: &Content) -> Vec<Warning> {
    let running = content.pack.account.iter().filter(|a| a.is_running());
    running
        .flat_map(|a| &a.diagnostics)
        .map(|d| Warning {
            path: d.place.path.to_string(),
            code: d.code.to_string(),
            reason: d.fault.clone(),
            line: d.place.line,
            column: d.place.column,
        })
        .collect()
}

/// Each running rule against what the data held.
pub fn against(content: &Content, presence: &Presence) -> Vec<Against> {
    (0..content.rules.len() as u32)
        .filter(|&r| content.plan.runs(r))
        .map(|r| one(content, presence, r))
        .collect()
}

fn one(content: &Content, presence: &Presence, rule: u32) -> Against {
    let lanes = content.plan.lanes_of(rule);
    let none = |reason| Against {
        rule,
        can_match: CanMatch::No,
        reason: Some(reason),
        missing_fields: Vec::new(),
        events: 0,
    };
    if lanes.is_empty() {
        return none(format!("no mapping feeds its logsource ({})", logsource(content, rule)));
    }
    let seen: Vec<LaneId> = lanes.iter().copied().filter(|l| presence.lanes.contains_key(l)).collect();
    if seen.is_empty() {
        let lanes = own_first(content, rule, lanes);
        return none(format!("no events of {}{}", sources(content, &lanes), switch_on(content, &lanes)));
    }
    let events = seen.iter().map(|l| presence.lanes[l].events).sum();
    let mut best: Option<Verdict> = None;
    for lane in seen {
        let here = in_lane(content, presence, rule, lane);
        if best.as_ref().is_none_or(|b| here.0 < b.0) {
            best = Some(here);
        }
    }
    let (can_match, missing, reason) = best.unwrap_or((CanMatch::No, BTreeSet::new(), None));
    Against { rule, can_match, reason, missing_fields: missing.into_iter().collect(), events }
}

/// What the rule can do in one lane, the fields that are missing, and why it matters.
type Verdict = (CanMatch, BTreeSet<String>, Option<String>);

fn in_lane(content: &Content, presence: &Presence, rule: u32, lane: LaneId) -> Verdict {
    let held = &presence.lanes[&lane];
    let carries = |name: &str| held.overflowed || held.fields.contains(name);
    let described = content.catalogue.lane(lane);
    let told = |can: CanMatch, what: &str, missing: &[&str]| {
        let remedy = missing.iter().find_map(|n| described.absent.get(*n));
        let remedy = remedy.map(|r| format!("; {r}")).unwrap_or_default();
        let reason = format!("{}: {what} {}{remedy}", described.mapping, missing.join(", "));
        (can, missing.iter().map(|n| (*n).to_owned()).collect(), Some(reason))
    };
    match content.plan.reach(rule, lane, carries) {
        Some(Reach::Can) => (CanMatch::Yes, BTreeSet::new(), None),
        Some(Reach::Partly(missing)) => {
            told(CanMatch::Partly, "some of its cases read what no event carries:", &missing)
        }
        Some(Reach::Cannot(missing)) => told(CanMatch::No, "no event carries", &missing),
        None => told(CanMatch::No, "the rule does not run here", &[]),
    }
}

/// What a rule reads, for people: `product windows, category process_creation`; `empty` when it names nothing.
pub fn logsource(content: &Content, rule: u32) -> String {
    let source = &content.rules[rule as usize].logsource;
    let parts = [("product", &source.product), ("category", &source.category), ("service", &source.service)];
    let named: Vec<String> =
        parts.iter().filter_map(|(n, v)| v.as_ref().map(|v| format!("{n} {v}"))).collect();
    if named.is_empty() { "empty".to_owned() } else { named.join(", ") }
}

/// The product's own logs before those of others that see the same, as an agent of another maker does; and the case
/// that is the rule's category before one that only feeds it, as cron feeds process creation.
pub(crate) fn own_first(content: &Content, rule: u32, lanes: &[LaneId]) -> Vec<LaneId> {
    let mut lanes = lanes.to_vec();
    let source = &content.rules[rule as usize].logsource;
    lanes.sort_by_key(|l| {
        let lane = content.catalogue.lane(*l);
        let own = source.product.as_deref().is_none_or(|p| lane.mapping.starts_with(p));
        let named = source.category.as_deref().is_some_and(|c| lane.case == c);
        (!own, !named)
    });
    lanes
}

/// What would bring the first of the logs that says so.
fn switch_on(content: &Content, lanes: &[LaneId]) -> String {
    let mut told = lanes.iter().map(|l| content.catalogue.lane(*l).enable.as_str());
    told.find(|e| !e.is_empty()).map(|e| format!("; switch on: {e}")).unwrap_or_default()
}

/// The logs that would carry it, as `mapping/case`, at most three by name.
fn sources(content: &Content, lanes: &[LaneId]) -> String {
    let names: Vec<String> = lanes
        .iter()
        .filter_map(|l| content.catalogue.lanes().get(l.0 as usize))
        .map(|l| if l.case.is_empty() { l.mapping.clone() } else { format!("{}/{}", l.mapping, l.case) })
        .collect();
    let more = names.len().saturating_sub(3);
    let mut text = names.iter().take(3).cloned().collect::<Vec<_>>().join(" or ");
    if more > 0 {
        text.push_str(&format!(" or {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::content::{Mappings, Source};

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.as_bytes().to_vec() }
    }

    #[test]
    fn a_rule_without_events_is_told_what_to_switch_on() {
        for (enable, expect) in [
            ("", "no events of app_log/start or agent; switch on: the agent"),
            (
                "enable: auditing of starts",
                "no events of app_log/start or agent; switch on: auditing of starts",
            ),
        ] {
            let mapping = format!(
                "id: app_log\ntitle: App\ninput: json\nmatch: {{ exists: [app] }}\ncases:\n  - name: start\n    when: {{ exists: [start] }}\n    logsource: {{ product: app, category: start }}\n    {enable}\n"
            );
            let rule = "title: R\nid: 3f0d2c34-6f0c-4a57-9d2b-0f8d2a9c1e11\nlogsource: { product: app, category: start }\ndetection:\n  s: { a: b }\n  condition: s\n";
            let agent = "id: agent\ntitle: Agent\ninput: json\nmatch: { exists: [agent] }\nlogsource: { product: app, category: start }\nenable: the agent\n";
            let mappings = Mappings::load(&[source("agent.yml", agent), source("app_log.yml", &mapping)]);
            let content = Content::load(vec![source("r.yml", rule)], mappings, &BTreeMap::new());
            assert!(content.problems.is_empty(), "{:?}", content.problems);
            let told = against(&content, &Presence::default());
            assert_eq!(told.len(), 1);
            assert_eq!(told[0].can_match, CanMatch::No);
            assert_eq!(told[0].reason.as_deref(), Some(expect));
        }
    }
}
