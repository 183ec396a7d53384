//! Findings in, incidents out: what is joined, what stays apart, and that nothing depends on order.

use vedette_correlate::Limits;
use vedette_correlate::incidents::{Estate, Grouper, Grouping, Offered, Placement, TacticSet};
use vedette_model::{EntityKind, EventUid, FindingId, Level, Role, Timestamp};

mod joins;
mod properties;

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

/// One finding in short words.
#[derive(Debug, Clone)]
pub struct Case {
    pub rule: u32,
    pub level: Level,
    /// Milliseconds; `None` has no time.
    pub at: Option<i64>,
    pub host: &'static str,
    pub entities: Vec<(EntityKind, Role, String)>,
    pub tactics: &'static [&'static str],
    pub events: Vec<u128>,
}

/// A finding of medium level on `host`, `at` milliseconds after midnight.
pub fn case(rule: u32, host: &'static str, at: i64) -> Case {
    Case { rule, level: Level::Medium, at: Some(at), host, entities: vec![], tactics: &[], events: vec![] }
}

impl Case {
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    pub fn tactics(mut self, tactics: &'static [&'static str]) -> Self {
        self.tactics = tactics;
        self
    }

    pub fn with(mut self, kind: EntityKind, role: Role, key: &str) -> Self {
        self.entities.push((kind, role, key.to_owned()));
        self
    }

    pub fn user(self, key: &str) -> Self {
        self.with(EntityKind::User, Role::Actor, key)
    }

    pub fn event(mut self, uid: u128) -> Self {
        self.events.push(uid);
        self
    }

    pub fn timeless(mut self) -> Self {
        self.at = None;
        self
    }
}

/// Offers the cases in the given order; each keeps its number and id.
pub fn group_in_order(cases: &[Case], order: &[usize], estate: &Estate<'_>, limits: Limits) -> Grouping {
    let mut grouper = Grouper::new(limits);
    for index in order {
        let case = &cases[*index];
        let entities: Vec<_> = case
            .entities
            .iter()
            .filter_map(|(k, r, key)| grouper.entity(*k, key).map(|id| (id, *r)))
            .collect();
        let uids: Vec<EventUid> = case.events.iter().map(|e| EventUid(*e)).collect();
        // Without an event of its own each case is an act of its own.
        let event = uids.first().copied().unwrap_or(EventUid(1_000_000 + *index as u128));
        grouper.offer(Offered {
            finding: *index as u32,
            id: FindingId(7_919 * (*index as u64 + 1)),
            rule: case.rule,
            level: case.level,
            time: case.at.and_then(Timestamp::from_millis),
            host: case.host,
            event,
            events: uids.get(1..).unwrap_or(&[]),
            entities: &entities,
            tactics: TacticSet::from_names(case.tactics.iter().copied()),
            unsure: false,
            alert: false,
        });
    }
    grouper.finish(estate)
}

/// The cases in the middle of ordinary days: each host is heard of days later too, so that none is a snapshot.
pub fn group(cases: &[Case]) -> Grouping {
    let mut all = cases.to_vec();
    let mut hosts: Vec<&str> = cases.iter().map(|c| c.host).collect();
    hosts.sort_unstable();
    hosts.dedup();
    all.extend(hosts.into_iter().map(|h| case(999, h, 96 * HOUR).level(Level::Informational)));
    group_alone(&all)
}

/// The cases and nothing else.
pub fn group_alone(cases: &[Case]) -> Grouping {
    let order: Vec<usize> = (0..cases.len()).collect();
    group_in_order(cases, &order, &Estate::unknown(), Limits::default())
}

/// Are the two tied together, in an incident or set aside as one?
pub fn together(cases: &[Case]) -> bool {
    let grouping = group(cases);
    let told = grouping.explain(0, 1).expect("both were offered");
    assert_eq!(told.together, !told.path.is_empty() || told.verdict.contains("repeats"), "{told:?}");
    told.together
}

pub fn incidents(grouping: &Grouping) -> Vec<Vec<u32>> {
    grouping.groups.iter().map(|g| g.findings.clone()).collect()
}

pub fn is_in_incident(grouping: &Grouping, finding: u32) -> bool {
    matches!(grouping.placement(finding), Placement::Incident(_))
}
