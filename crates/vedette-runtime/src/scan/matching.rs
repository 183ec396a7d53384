//! One event against the plan: what matched becomes a draft of a finding, with what people want to see of it.

use std::cell::LazyCell;
use std::sync::Arc;

use vedette_correlate::twins::{self, ActKind};
use vedette_detect::Scratch;
use vedette_model::{Entity, Event, EventRef, Finding, FindingId, Kind, Native};

use super::{evidence, reveal};
use crate::alert;
use crate::content::Content;
use crate::limits::{DETAIL_BYTES_MAX, JOINED_SHOWN_MAX};

/// A finding that still lacks its final uid, which only the ordered merge knows.
pub struct Draft {
    /// Index of the event among those of its batch.
    pub event: usize,
    pub rule: u32,
    pub at: EventRef,
    pub host: String,
    /// `None` for a rule that only feeds correlations.
    pub finding: Option<Finding>,
    /// What another log would know this act by: its kind, its key, and how much this log tells of it.
    pub act: Option<(ActKind, String, u8)>,
    /// Values of the fields that correlations ask of this rule, in their order; empty when none does.
    pub values: Vec<Option<String>>,
    /// Where the other records of a joined event stand in their files.
    pub joined: Vec<u64>,
    /// The event itself, as [`evidence::encode`] writes it.
    pub evidence: Arc<[u8]>,
}

/// Matches events; one a thread.
pub struct Matching {
    content: Arc<Content>,
    scratch: Scratch,
    matched: Vec<u32>,
}

impl Matching {
    pub fn new(content: Arc<Content>) -> Self {
        Self { content, scratch: Scratch::default(), matched: Vec::new() }
    }

    /// Appends a draft for each rule that matches `event`.
    pub fn find(&mut self, event: &Event, index: usize, drafts: &mut Vec<Draft>) {
        self.matched.clear();
        self.content.plan.eval(event.lane, &event.native, &mut self.scratch, &mut self.matched);
        let content = &self.content;
        let alert = content.alert_rule(event.lane).and_then(|rule| Some((rule, alert::of(content, event)?)));
        if self.matched.is_empty() && alert.is_none() {
            return;
        }
        // A rule that only feeds correlations shows nothing, and may match most of a log.
        let shown = LazyCell::new(|| Shown::of(content, event));
        let lane = content.catalogue.lanes().get(event.lane.0 as usize);
        let kept: Arc<[u8]> = evidence::encode(event, lane).into();
        let joined: Vec<u64> = event.joined.iter().map(|p| p.number).take(JOINED_SHOWN_MAX).collect();
        let mut push = |rule, finding, act, values| {
            let (joined, evidence) = (joined.clone(), kept.clone());
            let (at, host) = (at(event), event.host.clone());
            drafts.push(Draft { event: index, rule, at, host, finding, act, values, joined, evidence });
        };
        for &rule in &self.matched {
            let wanted = content.wanted_of(rule);
            let values = wanted.iter().map(|name| value(content, event, name).map(str::to_owned)).collect();
            let finding = content.stands_alone(rule).then(|| shown.finding(content, event, rule));
            let act = finding.as_ref().and_then(|_| shown.act.clone());
            push(rule, finding, act, values);
        }
        if let Some((rule, (level, alert))) = alert {
            let finding =
                Finding { level, alert: Some(Box::new(alert)), ..shown.finding(content, event, rule) };
            push(rule, Some(finding), None, Vec::new());
        }
    }
}

/// The first filled value that a rule would read under `name` in this event.
pub fn value<'a>(content: &Content, event: &'a Event, name: &str) -> Option<&'a str> {
    let lane = content.catalogue.lanes().get(event.lane.0 as usize)?;
    match lane.aliases.get(name) {
        Some(natives) => natives.iter().find_map(|n| event.native.filled(n)),
        None => event.native.filled(name),
    }
}

/// A pointer to the event.
pub fn at(event: &Event) -> EventRef {
    EventRef { file: event.file, record: event.record, uid: event.uid, time: event.time }
}

/// What matters of an event, by name: the mapping's details, else the first fields; encoded commands decoded.
pub fn details(content: &Content, event: &Event) -> Vec<(String, String)> {
    let mut details = content.catalogue.details(event);
    if details.is_empty() {
        details = first_fields(&event.native);
    }
    for name in ["CommandLine", "ScriptBlockText", "ParentCommandLine", "HostApplication"] {
        if let Some(text) = value(content, event, name).and_then(reveal::encoded_command) {
            // First: it is what the reader wants, and a line has an end. What the parent ran can wait.
            let place = if name == "ParentCommandLine" { details.len() } else { 0 };
            details.insert(place, (format!("{name} decoded"), text));
        }
    }
    for (_, text) in &mut details {
        cut(text);
    }
    details
}

/// What all findings on one event share.
struct Shown {
    actor: String,
    details: Vec<(String, String)>,
    act: Option<(ActKind, String, u8)>,
    entities: Vec<Entity>,
}

impl Shown {
    fn of(content: &Content, event: &Event) -> Self {
        Self {
            actor: content.catalogue.actor(event),
            details: details(content, event),
            act: twins::act(&event.channel, &event.code, |name| event.native.get(name)),
            entities: content.catalogue.entities(event),
        }
    }

    fn finding(&self, content: &Content, event: &Event, rule: u32) -> Finding {
        let unseen = if content.is_alert(rule) {
            Vec::new()
        } else {
            content.plan.unseen_filter_fields(rule, event.lane, &event.native)
        };
        Finding {
            id: FindingId(0),
            rule,
            level: content.level(rule),
            time: event.time,
            host: event.host.clone(),
            channel: event.channel.clone(),
            code: event.code.clone(),
            actor: self.actor.clone(),
            event: at(event),
            events: Vec::new(),
            witnesses: Vec::new(),
            details: self.details.clone(),
            unseen_filter_fields: unseen.into_iter().map(str::to_owned).collect(),
            entities: self.entities.clone(),
            alert: None,
        }
    }
}

/// For events whose mapping names no details: the first few filled fields.
fn first_fields(native: &Native) -> Vec<(String, String)> {
    native
        .iter()
        .filter(|f| f.kind != Kind::Null && !f.value.is_empty())
        .take(6)
        .map(|f| (f.name.to_owned(), f.value.to_owned()))
        .collect()
}

fn cut(text: &mut String) {
    if text.len() > DETAIL_BYTES_MAX {
        text.truncate(text.floor_char_boundary(DETAIL_BYTES_MAX));
        text.push('…');
    }
}
