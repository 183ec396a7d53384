//! A finished scan, asked piece by piece.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use serde_json::{Value, json};
use vedette_mcp::{Fault as Refusal, FindingFilter, Listed, Of, Scanned};
use vedette_model::{EventUid, FindingId, Level};
use vedette_runtime::Content;
use vedette_runtime::scan::Outcome;
use vedette_runtime::scan::incidents::{Explanation, Incidents, Placement};

use super::desk::refusal;
use crate::commands::incident::{nearest, wanted};
use crate::fault::Fault;
use crate::output::wire_evidence::evidence;
use crate::output::wire_of::{self, Paths};

/// Incidents named for a finding that is in none of them.
const NEAREST_MAX: usize = 3;

pub struct Finished {
    content: Arc<Content>,
    outcome: Outcome,
    incidents: Incidents,
    paths: Paths,
}

impl Finished {
    pub fn new(content: Arc<Content>, outcome: Outcome, incidents: Incidents) -> Self {
        let paths = Paths::of(&outcome.files);
        Self { content, outcome, incidents, paths }
    }

    /// Uids of what a finding rests on.
    fn events_of(&self, index: u32) -> impl Iterator<Item = EventUid> {
        let findings = &self.outcome.findings;
        let witnesses = findings.witnesses(index).map(|w| w.uid);
        std::iter::once(findings.event(index)).chain(findings.events(index)).chain(witnesses)
    }
}

fn value(of: &impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}

fn unread(e: io::Error) -> Refusal {
    refusal("this scan", Fault::io("cannot read back from a temporary file")(e))
}

impl Scanned for Finished {
    fn summary(&mut self) -> Value {
        let summary = wire_of::summary(&self.content, &self.outcome, &self.incidents, 0);
        let set_aside: Vec<_> = self.incidents.set_aside.iter().map(wire_of::set_aside).collect();
        json!({"summary": value(&summary), "set_aside": value(&set_aside)})
    }

    fn len(&self, of: Listed) -> usize {
        match of {
            Listed::Files => self.outcome.files.len(),
            Listed::Incidents => self.incidents.list.len(),
            Listed::Problems => self.content.problems.len() + self.outcome.problems.len(),
        }
    }

    fn get(&mut self, of: Listed, number: usize) -> Value {
        match of {
            Listed::Files => self.outcome.files.get(number).map(|f| value(&wire_of::file(f))),
            Listed::Incidents => self.incidents.list.get(number).map(|i| i.value()),
            Listed::Problems => {
                let all = self.content.problems.iter().chain(&self.outcome.problems);
                all.skip(number).map(|p| value(&wire_of::problem(p))).next()
            }
        }
        .unwrap_or_default()
    }

    fn incident(&self, id: &str) -> Result<usize, Refusal> {
        let missing = |f| {
            let told = refusal(&format!("id: {id}"), f);
            Refusal::new(told.what.replace("--id ", ""), told.place, "incidents without an id names them")
        };
        wanted(&self.incidents, Some(id)).map(|(number, _)| number).map_err(missing)
    }

    fn findings(&mut self, filter: &FindingFilter) -> Result<Vec<u32>, Refusal> {
        let level = match &filter.level {
            None => None,
            Some(name) => Some(Level::from_name(&name.to_lowercase()).ok_or_else(|| {
                let names: Vec<&str> = Level::ALL.iter().map(|l| l.name()).collect();
                Refusal::new("there is no such level", format!("level: {name}"), names.join(", "))
            })?),
        };
        let members: Option<BTreeSet<u32>> = match filter.incident.as_deref() {
            None | Some("none") => None,
            Some(id) => Some(self.incidents.findings[self.incident(id)?].iter().copied().collect()),
        };
        let aside = filter.incident.as_deref() == Some("none");
        let rule = filter.rule.as_ref().map(|r| r.to_lowercase());
        let host = filter.host.as_ref().map(|h| h.to_lowercase());
        let findings = &self.outcome.findings;
        let is_wanted = |index: &u32| {
            let key = findings.key(*index);
            let of_rule = |rule: &String| {
                let meta = self.content.meta(key.rule);
                let alert = key.title.map(|t| findings.name(t).to_lowercase().contains(rule));
                meta.id.eq_ignore_ascii_case(rule)
                    || meta.title.to_lowercase().contains(rule)
                    || alert == Some(true)
            };
            let of_host = |host: &String| {
                let name = findings.name(key.host).to_lowercase();
                name == *host || name.split('.').next() == Some(host.as_str())
            };
            level.is_none_or(|l| key.level >= l)
                && members.as_ref().is_none_or(|m| m.contains(index))
                && (!aside || matches!(self.incidents.placement(*index), Placement::SetAside(_)))
                && host.as_ref().is_none_or(of_host)
                && rule.as_ref().is_none_or(of_rule)
        };
        Ok(findings.order().iter().copied().filter(is_wanted).collect())
    }

    fn find(&self, id: &str) -> Result<u32, Refusal> {
        let number = id.strip_prefix("F-").and_then(|hex| u64::from_str_radix(hex, 16).ok());
        number.and_then(|n| self.outcome.findings.find(FindingId(n))).ok_or_else(|| {
            let remedy = "findings names them: F- and 16 hex digits";
            Refusal::new("there is no such finding in this scan", format!("finding: {id}"), remedy)
        })
    }

    fn finding(&mut self, number: u32) -> Result<Value, Refusal> {
        let Outcome { findings, homes, .. } = &mut self.outcome;
        let told = wire_of::finding(&self.content, findings, &self.paths, &self.incidents, homes, number);
        let mut told = value(&told.map_err(unread)?);
        told["rule_title"] = self.content.meta(self.outcome.findings.key(number).rule).title.clone().into();
        Ok(told)
    }

    fn rule(&mut self, number: u32) -> Value {
        value(&wire_of::rule(&self.content, self.outcome.findings.key(number).rule, 0))
    }

    fn cited(&mut self, of: Of<'_>) -> Result<(Vec<String>, u64), Refusal> {
        let mut uids: BTreeSet<EventUid> = BTreeSet::new();
        match of {
            Of::Finding(id) => uids.extend(self.events_of(self.find(id)?)),
            Of::Incident(id) => {
                let number = self.incident(id)?;
                uids.extend(self.incidents.list[number].read.iter().copied());
                for index in &self.incidents.findings[number] {
                    uids.extend(self.events_of(*index));
                }
            }
        }
        let all = uids.len();
        let store = &self.outcome.evidence;
        let mut kept: Vec<EventUid> = uids.into_iter().filter(|uid| store.has(*uid)).collect();
        kept.sort_by_key(|uid| {
            let time = store.time(*uid);
            (time.is_none(), time, *uid)
        });
        let not_kept = (all - kept.len()) as u64;
        Ok((kept.iter().map(ToString::to_string).collect(), not_kept))
    }

    fn event(&mut self, uid: &str) -> Result<Value, Refusal> {
        let number = (uid.len() == 32).then(|| u128::from_str_radix(uid, 16).ok()).flatten();
        let Some(number) = number else {
            let remedy = "an event is 32 hex digits, a finding F-..., an incident I-...";
            return Err(Refusal::new("this is no id of an event", format!("of: {uid}"), remedy));
        };
        let kept = self.outcome.evidence.read(EventUid(number)).map_err(unread)?;
        let kept = kept.ok_or_else(|| {
            let remedy = "events behind findings are kept; others are found with where";
            Refusal::new("no event of this id is kept", format!("of: {uid}"), remedy)
        })?;
        Ok(value(&evidence(&kept, self.paths.get(kept.event.file))))
    }

    fn explain(&mut self, number: u32) -> Result<Value, Refusal> {
        let mut told = match self.incidents.placement(number) {
            Placement::Incident(id) => json!({"incident": id}),
            Placement::SetAside(reason) => {
                let why = self.incidents.set_aside.iter().find(|s| s.reason == reason).map(|s| &s.why);
                json!({"set_aside": reason, "why": why})
            }
        };
        let all: Vec<usize> = (0..self.incidents.list.len()).collect();
        let own = told["incident"].as_str().map(str::to_owned);
        let near = nearest(&self.incidents, &all, number).into_iter();
        let near = near
            .filter(|n| n.explanation.total > 0 || own.as_ref() == Some(&self.incidents.list[n.incident].id));
        let near = near.take(NEAREST_MAX).map(|n| {
            let incident = &self.incidents.list[n.incident];
            json!({
                "incident": incident.id,
                "title": incident.title,
                "finding": self.outcome.findings.key(n.member).id.to_string(),
                "explanation": self.explanation(&n.explanation),
            })
        });
        told["nearest"] = near.collect();
        Ok(told)
    }

    fn explain_pair(&mut self, a: u32, b: u32) -> Result<Value, Refusal> {
        Ok(self.incidents.grouping.explain(a, b).map(|e| self.explanation(&e)).unwrap_or_default())
    }
}

impl Finished {
    fn explanation(&self, of: &Explanation) -> Value {
        let id = |index: u32| self.outcome.findings.key(index).id.to_string();
        let shared: Vec<Value> = of
            .shared
            .iter()
            .map(|b| json!({"kind": b.kind.name(), "key": b.key, "weight": b.weight, "reason": b.reason}))
            .collect();
        let held: Vec<Value> = of
            .held_back
            .iter()
            .map(|(kind, key, why)| json!({"kind": kind.name(), "key": key, "why": why}))
            .collect();
        let path: Vec<Value> = of
            .path
            .iter()
            .map(|j| json!({"finding": id(j.finding), "to": id(j.to), "total": j.total, "threshold": j.threshold}))
            .collect();
        json!({
            "verdict": of.verdict, "together": of.together, "total": of.total, "threshold": of.threshold,
            "shared": shared, "held_back": held, "path": path,
        })
    }
}
