//! Takes findings in, and gives incidents back.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use vedette_model::{EntityKind, EventUid, FindingId, Level, Role, Timestamp, host_key};
use xxhash_rust::xxh3::Xxh3;

use super::bundle::{Arriving, Bundles, CellKey, NONE, TIMELESS, hour_of, mixed, word};
use super::cluster::{self, Edge, Join};
use super::entities::{Entities, EntityId};
use super::explain::{self, Explanation};
use super::link::Web;
use super::risk::{self, Confidence, Risk, Verdict};
use super::tactics::TacticSet;
use super::weights as w;
use crate::limits::Limits;

/// One finding, as far as grouping asks.
#[derive(Debug, Clone, Copy)]
pub struct Offered<'a> {
    /// The caller's number for it: small and dense.
    pub finding: u32,
    pub id: FindingId,
    /// The caller's number for the rule.
    pub rule: u32,
    pub level: Level,
    pub time: Option<Timestamp>,
    /// As the event names it; may be empty.
    pub host: &'a str,
    pub event: EventUid,
    /// Further events it rests on: those of a correlation, and witnesses.
    pub events: &'a [EventUid],
    pub entities: &'a [(EntityId, Role)],
    pub tactics: TacticSet,
    /// A filter of its rule could not be judged.
    pub unsure: bool,
    /// Another product's alert, taken over.
    pub alert: bool,
}

/// Points and their reason for an entity by kind and key.
pub type Importance<'f> = dyn Fn(EntityKind, &str) -> Option<(u32, String)> + 'f;

/// What is known of the whole data beside the findings.
pub struct Estate<'a> {
    /// Hosts that any event names.
    pub hosts: usize,
    /// From the first event to the last.
    pub span_ms: i64,
    /// Points for an entity that matters more than others, with the reason.
    pub importance: &'a Importance<'a>,
    /// Why an entity is known to be good, and so ties nothing together.
    pub known_good: &'a dyn Fn(EntityKind, &str) -> Option<String>,
}

impl Estate<'_> {
    /// Of which nothing but the findings is known.
    pub fn unknown() -> Estate<'static> {
        Estate { hosts: 0, span_ms: 0, importance: &|_, _| None, known_good: &|_, _| None }
    }
}

/// A hash of the findings in the incident: the same findings give the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IncidentId(pub u64);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I-{:016x}", self.0)
    }
}

/// Why a finding is in no incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    InformationalOnly,
    SingleLow,
    /// All it names is everywhere, so nothing could tie it to others.
    HeldBack,
    Habit,
    BelowRisk,
    BeyondBounds,
}

impl Reason {
    pub const ALL: [Self; 6] = [
        Self::InformationalOnly,
        Self::SingleLow,
        Self::HeldBack,
        Self::Habit,
        Self::BelowRisk,
        Self::BeyondBounds,
    ];

    /// A short name, which scripts may rely on.
    pub fn name(self) -> &'static str {
        match self {
            Self::InformationalOnly => "informational only",
            Self::SingleLow => "single low-level finding",
            Self::HeldBack => "held back",
            Self::Habit => "habit of its place",
            Self::BelowRisk => "below the risk threshold",
            Self::BeyondBounds => "beyond the bounds",
        }
    }

    pub fn why(self) -> String {
        match self {
            Self::InformationalOnly => {
                "all findings it is tied to are informational: they tell what happened, not that it was wrong".into()
            }
            Self::SingleLow => "one finding of low level, tied to no other: ordinary work trips such rules too".into(),
            Self::HeldBack => {
                "whatever it names is everywhere (system accounts, loopback, known good), so nothing ties it to others".into()
            }
            Self::Habit => format!(
                "the same rule fires at this host and for this account in {} different hours or more, over {} days or more",
                w::HABIT_HOURS,
                w::HABIT_SPAN_MS / 86_400_000
            ),
            Self::BelowRisk => format!("the risk of all findings it is tied to is below {}", w::INCIDENT),
            Self::BeyondBounds => "more different findings than are kept apart; see the limits".into(),
        }
    }
}

/// Where a finding went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Index into [`Grouping::groups`].
    Incident(u32),
    SetAside(Reason),
    /// Never offered.
    Unknown,
}

/// One incident.
#[derive(Debug, Clone)]
pub struct Group {
    pub id: IncidentId,
    /// As offered, in ascending order.
    pub findings: Vec<u32>,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub severity: Level,
    pub severity_reasons: Vec<String>,
    pub confidence: Confidence,
    pub confidence_reasons: Vec<String>,
    pub risk: Risk,
    pub tactics: TacticSet,
    /// Why these belong together: each but the first finding (of a bundle of repeats) once, strongest link first.
    pub joins: Vec<Join>,
    /// Joins beyond [`crate::limits::INCIDENT_JOINS_MAX`], which are not listed.
    pub joins_not_listed: usize,
}

/// What became of all findings.
pub struct Grouping {
    /// The gravest first.
    pub groups: Vec<Group>,
    /// Findings in no incident, by reason.
    pub set_aside: Vec<(Reason, u64)>,
    pub offered: u64,
    /// Entities that found no place, and cells that let short-lived entities go: then some links are missing.
    pub entities_beyond: u64,
    pub cells_coarse: u64,
    pub(super) web: Web,
    pub(super) edges: Vec<Edge>,
    node_of: Vec<u32>,
    bundle_of: Vec<u32>,
    placed: Vec<Placement>,
}

/// Collects findings.
pub struct Grouper {
    limits: Limits,
    entities: Entities,
    bundles: Bundles,
    /// For each finding its bundle; [`NONE`] when never offered, [`BEYOND`] when there was no place.
    bundle_of: Vec<u32>,
    offered: u64,
    words: Vec<u32>,
}

const BEYOND: u32 = NONE - 1;

impl Grouper {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            entities: Entities::default(),
            bundles: Bundles::default(),
            bundle_of: Vec::new(),
            offered: 0,
            words: Vec::new(),
        }
    }

    /// The number of an entity; `None` beyond the bound, which is counted.
    pub fn entity(&mut self, kind: EntityKind, key: &str) -> Option<EntityId> {
        self.entity_shown(kind, key, "")
    }

    /// The same, with the form that is shown: of a process its program, which tells whether its hash says anything
    /// and whether its children have anything in common.
    pub fn entity_shown(&mut self, kind: EntityKind, key: &str, shown: &str) -> Option<EntityId> {
        self.entities.intern(
            kind,
            key,
            shown,
            self.limits.incident_entities,
            self.limits.incident_entity_bytes,
        )
    }

    /// Takes a finding in. The order of offering does not matter; a number offered twice counts once.
    pub fn offer(&mut self, offered: Offered<'_>) {
        let at = offered.finding as usize;
        if self.bundle_of.len() <= at {
            self.bundle_of.resize(at + 1, NONE);
        }
        if self.bundle_of[at] != NONE {
            return;
        }
        self.offered += 1;
        let name = host_key(offered.host);
        let host = if name.is_empty() { None } else { self.entity(EntityKind::Host, &name) };
        let mut words = std::mem::take(&mut self.words);
        words.clear();
        words.extend(offered.entities.iter().map(|(id, role)| word(id.0, *role as u8)));
        if let Some(host) = host
            && !offered.entities.iter().any(|(id, _)| *id == host)
        {
            words.push(word(host.0, Role::Observer as u8));
        }
        words.sort_unstable();
        words.dedup();
        let time = offered.time.map_or(TIMELESS, Timestamp::millis);
        let cell = CellKey {
            rule: offered.rule,
            host: host.map_or(NONE, |h| h.0),
            hour: hour_of(time),
            level: offered.level,
            tactics: offered.tactics,
            alert: offered.alert,
        };
        let events = std::iter::once(&offered.event).chain(offered.events);
        let arriving = Arriving {
            cell,
            time,
            id: offered.id.0,
            finding: offered.finding,
            unsure: offered.unsure,
            events: &mut events.map(|e| mixed((e.0 >> 64) as u64 ^ mixed(e.0 as u64))),
        };
        let (sets, bundles) = (self.limits.incident_sets_per_cell, self.limits.incident_bundles);
        let bundle = self.bundles.put(arriving, &mut words, &self.entities, sets, bundles);
        self.bundle_of[at] = bundle.unwrap_or(BEYOND);
        self.words = words;
    }

    /// Joins everything that was offered.
    pub fn finish(self, estate: &Estate<'_>) -> Grouping {
        let Self { mut entities, bundles, mut bundle_of, offered, .. } = self;
        for bundle in bundle_of.iter_mut().filter(|b| **b < BEYOND) {
            *bundle = bundles.place(*bundle);
        }
        let entities_beyond = entities.beyond;
        let cells_coarse = bundles.coarse;
        let (all, sets) = bundles.into_parts(&entities.renumber());
        let bundle_count = all.len();
        let web = Web::new(all, &sets, entities, estate);
        drop(sets);
        // Nodes are sorted; the finding that stands for a bundle leads back to it.
        let mut node_of = vec![NONE; bundle_count];
        for (index, node) in web.nodes.iter().enumerate() {
            node_of[bundle_of[node.bundle.finding as usize] as usize] = index as u32;
        }
        let clusters = cluster::cluster(&web);
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for node in 0..web.nodes.len() as u32 {
            members.entry(clusters.root(node)).or_default().push(node);
        }
        let mut hosts_of: HashMap<u32, BTreeSet<u32>> = HashMap::new();
        for node in &web.nodes {
            let hosts = hosts_of.entry(node.bundle.rule).or_default();
            // More than one is all that is asked.
            if hosts.len() < 2 {
                hosts.insert(node.host);
            }
        }
        let rule_hosts: HashMap<u32, usize> =
            hosts_of.into_iter().map(|(rule, hosts)| (rule, hosts.len())).collect();
        let mut placed = vec![Placement::Unknown; web.nodes.len()];
        let mut built: Vec<(u32, Group)> = Vec::new();
        let mut judged: Vec<(u32, Vec<u32>, Verdict)> = members
            .into_iter()
            .map(|(root, nodes)| {
                let verdict = risk::judge(&web, &nodes, estate, &rule_hosts);
                (root, nodes, verdict)
            })
            .collect();
        tell_the_strongest(&web, &mut judged);
        for (root, nodes, verdict) in judged {
            if verdict.risk.score < w::INCIDENT && !verdict.told_anyway {
                let reason = reason(&web, &nodes);
                for node in nodes {
                    placed[node as usize] = Placement::SetAside(reason);
                }
                continue;
            }
            let bundles = || nodes.iter().map(|n| &web.nodes[*n as usize].bundle);
            let timed = || bundles().filter(|b| b.first != TIMELESS);
            built.push((
                root,
                Group {
                    id: id_of(bundles().map(|b| b.mix)),
                    findings: Vec::new(),
                    first: timed().map(|b| b.first).min().and_then(Timestamp::from_millis),
                    last: timed().map(|b| b.last).max().and_then(Timestamp::from_millis),
                    severity: verdict.severity,
                    severity_reasons: verdict.severity_reasons,
                    confidence: verdict.confidence,
                    confidence_reasons: verdict.confidence_reasons,
                    risk: verdict.risk,
                    tactics: verdict.tactics,
                    joins: Vec::new(),
                    joins_not_listed: 0,
                },
            ));
        }
        built.sort_by_key(|(_, g)| (std::cmp::Reverse((g.severity, g.risk.score)), g.first, g.id));
        let group_of: HashMap<u32, u32> =
            built.iter().enumerate().map(|(i, (root, _))| (*root, i as u32)).collect();
        for node in 0..web.nodes.len() as u32 {
            if let Some(group) = group_of.get(&clusters.root(node)) {
                placed[node as usize] = Placement::Incident(*group);
            }
        }
        let mut groups: Vec<Group> = built.into_iter().map(|(_, g)| g).collect();
        for edge in &clusters.edges {
            if let Placement::Incident(group) = placed[edge.a as usize] {
                let group = &mut groups[group as usize];
                if group.joins.len() < crate::limits::INCIDENT_JOINS_MAX {
                    group.joins.push(explain::tell_edge(&web, edge));
                } else {
                    group.joins_not_listed += 1;
                }
            }
        }
        let mut grouping = Grouping {
            groups,
            set_aside: Vec::new(),
            offered,
            entities_beyond,
            cells_coarse,
            web,
            edges: clusters.edges,
            node_of,
            bundle_of,
            placed,
        };
        grouping.count();
        grouping
    }
}

impl Grouping {
    fn count(&mut self) {
        let mut aside: BTreeMap<Reason, u64> = BTreeMap::new();
        for finding in 0..self.bundle_of.len() as u32 {
            match self.placement(finding) {
                Placement::Incident(group) => self.groups[group as usize].findings.push(finding),
                Placement::SetAside(reason) => *aside.entry(reason).or_default() += 1,
                Placement::Unknown => {}
            }
        }
        self.set_aside = aside.into_iter().collect();
    }

    pub fn placement(&self, finding: u32) -> Placement {
        match self.bundle_of.get(finding as usize) {
            None | Some(&NONE) => Placement::Unknown,
            Some(&BEYOND) => Placement::SetAside(Reason::BeyondBounds),
            Some(&bundle) => self.placed[self.node_of[bundle as usize] as usize],
        }
    }

    /// The node of a finding.
    pub(super) fn node(&self, finding: u32) -> Option<u32> {
        let bundle = *self.bundle_of.get(finding as usize)?;
        (bundle < BEYOND).then(|| self.node_of[bundle as usize])
    }

    /// Why two findings belong together, or why not; `None` when one was never offered or found no place.
    pub fn explain(&self, a: u32, b: u32) -> Option<Explanation> {
        explain::explain(self, a, b)
    }

    /// Why nothing is joined through this entity; `None` when it may join or no finding names it.
    pub fn held_back(&self, kind: EntityKind, key: &str) -> Option<&str> {
        let id = self.web.entities.find(kind, key)?;
        self.web.things[id as usize].held.as_deref()
    }
}

/// Where nothing is grave, the strongest of what there is: an empty answer would hide it.
fn tell_the_strongest(web: &Web, judged: &mut [(u32, Vec<u32>, Verdict)]) {
    if judged.iter().any(|(.., verdict)| verdict.risk.score >= w::INCIDENT) {
        return;
    }
    let level = |nodes: &[u32]| nodes.iter().map(|n| web.nodes[*n as usize].bundle.level).max();
    let mut order: Vec<usize> = (0..judged.len())
        .filter(|i| {
            let nodes = &judged[*i].1;
            level(nodes) >= Some(Level::Low) && !nodes.iter().any(|n| web.nodes[*n as usize].habit)
        })
        .collect();
    // Nodes are in order of time and id, so the root of a cluster breaks ties.
    order.sort_by_key(|i| (std::cmp::Reverse((level(&judged[*i].1), judged[*i].2.risk.score)), judged[*i].0));
    for index in order.into_iter().take(w::STRONGEST_TOLD) {
        let (_, nodes, verdict) = &mut judged[index];
        verdict.told_anyway = true;
        verdict.severity =
            if level(nodes) >= Some(Level::Medium) { Level::Low } else { Level::Informational };
        verdict.severity_reasons = vec![format!(
            "its risk is below {}, what makes an incident; it is told because nothing graver was found",
            w::INCIDENT
        )];
    }
}

fn reason(web: &Web, nodes: &[u32]) -> Reason {
    let bundles = || nodes.iter().map(|n| &web.nodes[*n as usize]);
    if bundles().all(|n| n.bundle.level == Level::Informational) {
        return Reason::InformationalOnly;
    }
    if bundles().any(|n| n.habit) {
        return Reason::Habit;
    }
    if let [only] = nodes {
        let node = &web.nodes[*only as usize];
        if web.joining(*only as usize).all(|t| web.things[t as usize].kind == EntityKind::Host)
            && web.has_held(*only as usize)
        {
            return Reason::HeldBack;
        }
        if node.bundle.level == Level::Low && node.bundle.count == 1 {
            return Reason::SingleLow;
        }
    }
    Reason::BelowRisk
}

fn id_of(mixes: impl Iterator<Item = u64>) -> IncidentId {
    let mut hash = Xxh3::new();
    // A sum, so that neither order nor bundling matters.
    hash.update(&mixes.fold(0_u64, u64::wrapping_add).to_le_bytes());
    IncidentId(hash.digest())
}
