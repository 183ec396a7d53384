//! Tells again what events say, with the content at hand: what `verify` compares a report with.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;
use vedette_correlate::Hit;
use vedette_correlate::incidents::{Estate, Grouper, Offered, Placement, Reason, TacticSet};
use vedette_detect::Scratch;
use vedette_investigate::verify::{Estate as Known, Offer, Recorrelated, Regrouped, Regrouping, Retell};
use vedette_investigate::{Fact, Observed};
use vedette_model::{Alert, EntityKind, Event, EventUid, Evidence, FindingId, LaneId, Level};

use crate::alert;
use crate::content::Content;
use crate::scan::fingerprint::fingerprint;
use crate::scan::incidents::{Knowledge, confidence, observed, told_joins, told_risk};
use crate::scan::{at, details, value};

pub mod originals;

/// Equal records of one file that are told apart.
const REPEATS_MAX: u64 = 1_000;

/// Rules and mappings at hand.
pub struct Again<'a> {
    content: Arc<Content>,
    /// A rule as reports carry it.
    shown: &'a dyn Fn(&Content, u32) -> Value,
    knowledge: &'a dyn Knowledge,
    by_id: HashMap<String, u32>,
}

/// The event of a kept one, and its lane; `None` when its mapping is not at hand.
fn restored(content: &Content, evidence: &Evidence) -> Option<Event> {
    let lane = match evidence.mapping.as_str() {
        "" => LaneId::UNKNOWN,
        mapping => content.catalogue.find_lane(mapping, &evidence.case)?,
    };
    Some(evidence.restore(lane))
}

impl<'a> Again<'a> {
    pub fn new(
        content: Arc<Content>,
        knowledge: &'a dyn Knowledge,
        shown: &'a dyn Fn(&Content, u32) -> Value,
    ) -> Self {
        let rules = 0..content.rules.len() as u32;
        let correlations = (0..content.pack.correlations.len() as u32).map(|c| content.correlation(c));
        let alerts = content.catalogue.lanes().iter().filter_map(|l| content.alert_rule(l.id));
        let all: Vec<u32> = rules.chain(correlations).chain(alerts).collect();
        let by_id = all.into_iter().map(|r| (content.meta(r).id.clone(), r)).collect();
        Self { content, shown, knowledge, by_id }
    }

    /// A rule that reads events.
    fn event_rule(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied().filter(|r| (*r as usize) < self.content.rules.len())
    }

    fn matched(&self, event: &Event) -> Vec<u32> {
        let mut matched = Vec::new();
        self.content.plan.eval(event.lane, &event.native, &mut Scratch::default(), &mut matched);
        matched
    }
}

impl Retell for Again<'_> {
    fn observed(&self, evidence: &Evidence) -> Option<Observed> {
        restored(&self.content, evidence)?;
        Some(observed(&self.content, evidence.clone()))
    }

    fn actor(&self, evidence: &Evidence) -> String {
        restored(&self.content, evidence).map(|e| self.content.catalogue.actor(&e)).unwrap_or_default()
    }

    fn details(&self, evidence: &Evidence) -> Vec<(String, String)> {
        restored(&self.content, evidence).map(|e| details(&self.content, &e)).unwrap_or_default()
    }

    fn derived(&self, evidence: &Evidence) -> Option<Vec<(String, String)>> {
        let own = Evidence {
            fields: evidence.fields.iter().filter(|f| !f.derived).cloned().collect(),
            ..evidence.clone()
        };
        Some(self.content.catalogue.derived(&restored(&self.content, &own)?))
    }

    fn rule(&self, id: &str) -> Option<Value> {
        self.by_id.get(id).map(|rule| (self.shown)(&self.content, *rule))
    }

    fn fires(&self, rule_id: &str, evidence: &Evidence) -> Option<bool> {
        let rule = self.event_rule(rule_id)?;
        Some(self.matched(&restored(&self.content, evidence)?).contains(&rule))
    }

    fn unseen_filter_fields(&self, rule_id: &str, evidence: &Evidence) -> Option<Vec<String>> {
        let rule = self.event_rule(rule_id)?;
        let event = restored(&self.content, evidence)?;
        let unseen = self.content.plan.unseen_filter_fields(rule, event.lane, &event.native);
        Some(unseen.into_iter().map(str::to_owned).collect())
    }

    fn alert(&self, evidence: &Evidence) -> Option<(Level, Alert)> {
        alert::of(&self.content, &restored(&self.content, evidence)?)
    }

    fn uid(&self, evidence: &Evidence) -> Option<EventUid> {
        if evidence.cut > 0 || !evidence.joined.is_empty() {
            return None;
        }
        let own = Evidence {
            fields: evidence.fields.iter().filter(|f| !f.derived).cloned().collect(),
            ..evidence.clone()
        };
        let event = restored(&self.content, &own)?;
        let right = self.content.catalogue.identity(&event)?.occurrence(fingerprint(&event.native));
        // A record that its file holds several times is numbered, and the number is not told.
        let numbered = (0..REPEATS_MAX).map(|before| right.occurrence(before));
        Some(numbered.into_iter().find(|uid| *uid == evidence.event.uid).unwrap_or(right))
    }

    fn facts(&self, kind: EntityKind, key: &str) -> Vec<Fact> {
        self.knowledge.facts(kind, key)
    }

    fn correlate(&self, rule_id: &str, events: &[&Evidence]) -> Option<Vec<Recorrelated>> {
        let content = &self.content;
        let wanted = self.by_id.get(rule_id).copied()?;
        let correlation = wanted.checked_sub(content.rules.len() as u32)?;
        if correlation as usize >= content.pack.correlations.len() {
            return None;
        }
        let mut windows = content.correlator();
        for evidence in events {
            let event = restored(content, evidence)?;
            for rule in self.matched(&event) {
                if !content.feeds(rule) {
                    continue;
                }
                let values: Vec<Option<String>> = content
                    .wanted_of(rule)
                    .iter()
                    .map(|n| value(content, &event, n).map(str::to_owned))
                    .collect();
                windows.offer(Hit {
                    rule,
                    time: event.time,
                    event: at(&event),
                    host: &event.host,
                    values: &values,
                });
            }
        }
        let found = windows.finish().findings;
        let made = found.into_iter().filter(|f| f.correlation == correlation).map(|f| {
            let mut details = f.group.clone();
            details.push(("why".to_owned(), f.explanation));
            Recorrelated {
                events: f.events.iter().map(|e| e.uid).collect(),
                closing: f.closing.uid,
                time: f.last,
                host: f.host,
                details,
            }
        });
        Some(made.collect())
    }

    fn regroup(&self, findings: &[Offer], estate: &Known) -> Option<Regrouping> {
        let mut grouper = Grouper::new(vedette_correlate::Limits::default());
        for (number, offer) in findings.iter().enumerate() {
            let id = offer.id.strip_prefix("F-").and_then(|hex| u64::from_str_radix(hex, 16).ok())?;
            let rule = self.by_id.get(&offer.rule_id).copied()?;
            let mut entities = Vec::new();
            for e in &offer.entities {
                entities.extend(grouper.entity_shown(e.kind, &e.key, &e.shown).map(|id| (id, e.role)));
            }
            grouper.offer(Offered {
                finding: number as u32,
                id: FindingId(id),
                rule,
                level: offer.level,
                time: offer.time,
                host: &offer.host,
                event: offer.event,
                events: &offer.events,
                entities: &entities,
                tactics: TacticSet::from_names(offer.tactics.iter().map(String::as_str)),
                unsure: offer.unsure,
                alert: self.content.is_alert(rule),
            });
        }
        let grouping = grouper.finish(&Estate {
            hosts: estate.hosts,
            span_ms: estate.span_ms,
            importance: &|kind, key| self.knowledge.importance(kind, key),
            known_good: &|kind, key| self.knowledge.known_good(kind, key),
        });
        let id = |number: u32| findings[number as usize].id.clone();
        let groups = grouping.groups.iter().map(|group| Regrouped {
            id: group.id.to_string(),
            findings: group.findings.iter().map(|f| id(*f)).collect(),
            severity: group.severity,
            severity_reasons: group.severity_reasons.clone(),
            confidence: confidence(group.confidence),
            confidence_reasons: group.confidence_reasons.clone(),
            risk: told_risk(&self.content, group),
            joins: told_joins(&id, group),
        });
        let groups = groups.collect();
        let mut set_aside = BTreeMap::new();
        for number in 0..findings.len() as u32 {
            if let Placement::SetAside(reason) = grouping.placement(number) {
                set_aside.insert(id(number), reason.name().to_owned());
            }
        }
        let why = Reason::ALL.iter().map(|r| (r.name().to_owned(), r.why())).collect();
        Some(Regrouping { groups, set_aside, why })
    }
}
