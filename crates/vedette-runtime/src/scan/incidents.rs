//! From a run's findings to its incidents: offers them to the grouping, and has each group's story told.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

pub use vedette_correlate::incidents::Explanation;
use vedette_correlate::incidents::{
    Confidence, EntityId, Estate, Group, Grouper, Grouping, Offered, Placement as Placed, TacticSet,
};
use vedette_investigate as tell;
use vedette_investigate::scope::{ChannelScope, FileScope, HostScope, NoticeScope};
use vedette_investigate::{Fact, Incident, Observed, Scope, Source, Told};
use vedette_model::{EntityKind, EventUid, Evidence, LaneId, Role};

use super::evidence::EvidenceStore;
use super::findings::Findings;
use super::{Outcome, channels};
use crate::attack;
use crate::content::Content;

/// What is known of entities from elsewhere: lists of assets, of people, of what is known to be good.
pub trait Knowledge {
    /// Points of risk for an entity that matters more than others, with the reason.
    fn importance(&self, _kind: EntityKind, _key: &str) -> Option<(u32, String)> {
        None
    }

    /// Why an entity is known to be good, and so ties nothing together.
    fn known_good(&self, _kind: EntityKind, _key: &str) -> Option<String> {
        None
    }

    fn facts(&self, _kind: EntityKind, _key: &str) -> Vec<Fact> {
        Vec::new()
    }
}

/// Where a finding went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement<'a> {
    /// The incident's id.
    Incident(&'a str),
    /// The reason.
    SetAside(&'a str),
}

/// Findings that belong to no incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    pub reason: &'static str,
    pub count: u64,
    pub why: String,
}

/// What a run's findings come to.
pub struct Incidents {
    /// The worst first.
    pub list: Vec<Incident>,
    /// The findings of each, as their indexes, in order of time.
    pub findings: Vec<Vec<u32>>,
    /// `findings = in incidents + set aside`, those beyond the bound of what is kept among them.
    pub set_aside: Vec<SetAside>,
    pub in_incidents: u64,
    /// Says why two findings are together.
    pub grouping: Grouping,
}

/// The reason of findings that are counted and not kept.
const NOT_KEPT: &str = "beyond the bounds";

impl Incidents {
    /// Where the finding at `index` went.
    pub fn placement(&self, index: u32) -> Placement<'_> {
        match self.grouping.placement(index) {
            Placed::Incident(group) => match self.list.get(group as usize) {
                Some(incident) => Placement::Incident(&incident.id),
                None => Placement::SetAside(NOT_KEPT),
            },
            Placed::SetAside(reason) => Placement::SetAside(reason.name()),
            Placed::Unknown => Placement::SetAside(NOT_KEPT),
        }
    }
}

/// Joins the findings of a finished run.
///
/// # Errors
/// When findings or events cannot be read back from their temporary files.
pub fn join(content: &Content, outcome: &mut Outcome, knowledge: &dyn Knowledge) -> io::Result<Incidents> {
    let grouping = group(content, outcome, knowledge);
    let scope = if grouping.groups.is_empty() { Scope::default() } else { scope(outcome) };
    let Outcome { findings, evidence, .. } = outcome;
    let source = Kept { content, evidence: RefCell::new(evidence), knowledge, fault: RefCell::new(None) };
    let mut list = Vec::with_capacity(grouping.groups.len());
    let mut members = Vec::with_capacity(grouping.groups.len());
    for group in &grouping.groups {
        let told =
            group.findings.iter().map(|i| told(content, findings, *i)).collect::<io::Result<Vec<_>>>()?;
        let joins = told_joins(&|index| findings.key(index).id.to_string(), group);
        let risk = told_risk(content, group);
        let id = group.id.to_string();
        list.push(tell::investigate(
            &tell::Group {
                id: &id,
                severity: group.severity,
                severity_reasons: &group.severity_reasons,
                confidence: confidence(group.confidence),
                confidence_reasons: &group.confidence_reasons,
                risk: &risk,
                joins: &joins,
                findings: &told,
            },
            &source,
            &scope,
        ));
        let mut of_group = group.findings.clone();
        of_group.sort_by_key(|i| {
            let key = findings.key(*i);
            (key.time.is_none(), key.time, key.id)
        });
        members.push(of_group);
    }
    if let Some(fault) = source.fault.take() {
        return Err(fault);
    }
    let mut set_aside: Vec<SetAside> = grouping
        .set_aside
        .iter()
        .map(|(reason, count)| SetAside { reason: reason.name(), count: *count, why: reason.why() })
        .collect();
    let beyond: u64 = outcome.findings.beyond.values().sum();
    if beyond > 0 {
        match set_aside.iter_mut().find(|s| s.reason == NOT_KEPT) {
            Some(known) => known.count += beyond,
            None => set_aside.push(SetAside {
                reason: NOT_KEPT,
                count: beyond,
                why: "more findings than are kept: these are counted by rule only".to_owned(),
            }),
        }
    }
    let in_incidents = members.iter().map(|m| m.len() as u64).sum();
    Ok(Incidents { list, findings: members, set_aside, in_incidents, grouping })
}

fn group(content: &Content, outcome: &Outcome, knowledge: &dyn Knowledge) -> Grouping {
    let findings = &outcome.findings;
    let mut grouper = Grouper::new(vedette_correlate::Limits::default());
    let ids: Vec<Option<EntityId>> =
        findings.pool().entities().map(|(kind, key, shown)| grouper.entity_shown(kind, key, shown)).collect();
    let addresses: HashMap<u32, &str> = findings
        .pool()
        .entities()
        .zip(0..)
        .filter(|((kind, ..), _)| *kind == EntityKind::Address)
        .map(|((_, key, _), id)| (id, key))
        .collect();
    let mut tactics: HashMap<u32, TacticSet> = HashMap::new();
    let mut entities: Vec<(EntityId, Role)> = Vec::new();
    let mut events: Vec<EventUid> = Vec::new();
    for &index in findings.order() {
        let key = findings.key(index);
        let of_rule = *tactics.entry(key.rule).or_insert_with(|| {
            let (_, tactics) = attack::of_tags(&content.meta(key.rule).tags);
            TacticSet::from_names(tactics.iter().map(String::as_str))
        });
        entities.clear();
        let members = findings.pool().members(key.set);
        entities.extend(members.iter().filter_map(|(id, role)| Some((ids[*id as usize]?, *role))));
        // An inside address stands for its machine.
        for (id, role) in members {
            let home = addresses.get(id).and_then(|address| outcome.homes.host(address, key.time));
            if let Some(host) = home.and_then(|host| grouper.entity(EntityKind::Host, host)) {
                entities.push((host, *role));
            }
        }
        events.clear();
        events.extend(findings.events(index));
        events.extend(findings.witnesses(index).map(|w| w.uid));
        grouper.offer(Offered {
            finding: index,
            id: key.id,
            rule: key.rule,
            level: key.level,
            time: key.time,
            host: findings.name(key.host),
            event: findings.event(index),
            events: &events,
            entities: &entities,
            tactics: findings.tactics(index).unwrap_or(of_rule),
            unsure: key.unsure,
            alert: content.is_alert(key.rule),
        });
    }
    let hosts: BTreeSet<String> = outcome.channels.iter().map(|(host, ..)| host.to_lowercase()).collect();
    let extent = &outcome.total.extent;
    let span_ms = extent.first.zip(extent.last).map_or(0, |(first, last)| last.millis() - first.millis());
    grouper.finish(&Estate {
        hosts: hosts.len(),
        span_ms,
        importance: &|kind, key| knowledge.importance(kind, key),
        known_good: &|kind, key| knowledge.known_good(kind, key),
    })
}

/// A finding as stories know it.
///
/// # Errors
/// When it cannot be read back from its temporary file.
pub fn told(content: &Content, findings: &mut Findings, index: u32) -> io::Result<Told> {
    let found = findings.read(index)?;
    let meta = content.meta(found.rule);
    let (title, (techniques, tactics)) = match found.alert.as_deref() {
        Some(alert) => (alert.title.clone(), (alert.techniques.clone(), alert.tactics.clone())),
        None => (meta.title.clone(), attack::of_tags(&meta.tags)),
    };
    Ok(Told {
        id: found.id.to_string(),
        rule_id: meta.id.clone(),
        title,
        level: found.level,
        techniques,
        tactics,
        time: found.time,
        host: found.host,
        event: found.event.uid,
        events: found.events.iter().map(|e| e.uid).collect(),
        entities: found.entities,
        alert: found.alert.is_some(),
        unsure: !found.unseen_filter_fields.is_empty(),
    })
}

/// The joins of a group; `id` names a finding.
pub(crate) fn told_joins(id: &dyn Fn(u32) -> String, group: &Group) -> Vec<tell::Join> {
    let join = |join: &vedette_correlate::incidents::Join| tell::Join {
        finding: id(join.finding),
        to: id(join.to),
        because: join
            .because
            .iter()
            .map(|b| tell::Because {
                kind: b.kind.name().to_owned(),
                key: b.key.clone(),
                weight: f64::from(b.weight),
                reason: b.reason.clone(),
            })
            .collect(),
        total: f64::from(join.total),
        threshold: f64::from(join.threshold),
    };
    group.joins.iter().map(join).collect()
}

pub(crate) fn told_risk(content: &Content, group: &Group) -> tell::Risk {
    let part = |part: &vedette_correlate::incidents::Part| tell::Part {
        what: part.what.describe(&|rule| content.meta(rule).title.clone()),
        points: f64::from(part.points),
        why: part.why.clone(),
    };
    tell::Risk { score: f64::from(group.risk.score), parts: group.risk.parts.iter().map(part).collect() }
}

pub(crate) fn confidence(of: Confidence) -> tell::Confidence {
    match of {
        Confidence::Low => tell::Confidence::Low,
        Confidence::Medium => tell::Confidence::Medium,
        Confidence::High => tell::Confidence::High,
    }
}

/// A kept event as its mapping understands it.
pub fn observed(content: &Content, evidence: Evidence) -> Observed {
    let catalogue = &content.catalogue;
    let lane = catalogue.find_lane(&evidence.mapping, &evidence.case).unwrap_or(LaneId::UNKNOWN);
    let event = evidence.restore(lane);
    Observed {
        ocsf: catalogue.ocsf(&event),
        entities: catalogue.entities(&event),
        details: catalogue.details(&event),
        evidence,
    }
}

/// The events kept of this run.
struct Kept<'a> {
    content: &'a Content,
    evidence: RefCell<&'a mut EvidenceStore>,
    knowledge: &'a dyn Knowledge,
    /// The first fault of reading, told at the end.
    fault: RefCell<Option<io::Error>>,
}

impl Source for Kept<'_> {
    fn observed(&self, uid: EventUid) -> Option<Observed> {
        match self.evidence.borrow_mut().read(uid) {
            Ok(kept) => kept.map(|evidence| observed(self.content, evidence)),
            Err(fault) => {
                self.fault.borrow_mut().get_or_insert(fault);
                None
            }
        }
    }

    fn facts(&self, kind: EntityKind, key: &str) -> Vec<Fact> {
        self.knowledge.facts(kind, key)
    }
}

/// What the run covered: the same that [`Scope::of_report`] reads from the report of this run.
fn scope(outcome: &Outcome) -> Scope {
    let mut hosts: BTreeMap<&str, Vec<ChannelScope>> = BTreeMap::new();
    for (host, name, channel) in outcome.channels.iter() {
        hosts.entry(host).or_default().push(channel_scope(name, channel));
    }
    let hosts = hosts.into_iter().map(|(name, mut channels)| {
        channels.sort_by(|a, b| a.name.cmp(&b.name));
        HostScope { name: name.to_owned(), channels }
    });
    let mut files: Vec<FileScope> = outcome
        .files
        .iter()
        .map(|f| {
            let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
            for flaw in &f.tally.rejections {
                *reasons.entry(flaw.reason.to_owned()).or_default() += flaw.count;
            }
            let names =
                |names: &super::verdict::Names| names.iter().map(|(name, _)| name.to_owned()).collect();
            FileScope {
                path: f.path.clone(),
                complete: f.complete,
                container: f.container,
                records: f.tally.records,
                rejected: f.tally.rejected,
                reject_reason: reasons
                    .into_iter()
                    .max_by_key(|(_, n)| *n)
                    .map(|(r, _)| r)
                    .unwrap_or_default(),
                unmapped: f.tally.unmapped,
                untimed: f.tally.untimed,
                time_basis: f.time_basis().to_owned(),
                hosts: names(&f.tally.hosts),
                event_ids: names(&f.tally.event_ids),
            }
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Scope {
        complete: outcome.complete,
        findings_not_kept: outcome.findings.beyond.values().sum(),
        evidence_not_kept: outcome.evidence.not_kept,
        hosts: hosts.collect(),
        files,
    }
}

fn channel_scope(name: &str, channel: &channels::Channel) -> ChannelScope {
    ChannelScope {
        name: name.to_owned(),
        events: channel.events,
        first: channel.extent.first,
        last: channel.extent.last,
        missing_records: channel.records.first().and(channel.records.missing()),
        notices: channel
            .notices
            .iter()
            .map(|n| NoticeScope { kind: n.kind.name().to_owned(), time: n.event.time })
            .collect(),
    }
}
