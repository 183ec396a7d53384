//! Rule benches: what a rule must fire on, and what it must stay quiet on.
//!
//! The layout of a bench file is defined in docs/rules.md.

use std::collections::BTreeMap;
use std::sync::Arc;

use vedette_correlate::Hit;
use vedette_detect::Scratch;
use vedette_model::{Event, EventUid, Level};
use vedette_normalize::Normalizer;

use crate::content::{Content, Mappings, Source};
use crate::scan;

mod case;
pub mod mutate;

pub use case::{Case, Fault};

/// What a case asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    Fires,
    StaysQuiet,
}

/// One case and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Bench file.
    pub path: String,
    pub line: u32,
    pub expect: Expect,
    pub why: String,
    /// `None` when the case holds.
    pub failure: Option<String>,
}

/// Runs the bench of one rule file.
pub fn rule_file(rules: &Source, bench: &Source, mappings: &Mappings) -> Vec<Outcome> {
    let content = Content::load(vec![rules.clone()], mappings.clone(), &BTreeMap::new());
    against(&Arc::new(content), bench)
}

/// Runs a bench of one rule file whose content is loaded already.
pub fn against(content: &Arc<Content>, bench: &Source) -> Vec<Outcome> {
    let mut runner = Runner::new(content.clone());
    run(bench, false, |case| runner.one(case))
}

/// Runs a benign bench: no rule of `content` may give a finding of the case's level or above.
pub fn benign(content: &Arc<Content>, bench: &Source) -> Vec<Outcome> {
    let mut runner = Runner::new(content.clone());
    run(bench, true, |case| runner.all_quiet(case))
}

fn run(bench: &Source, benign: bool, mut hold: impl FnMut(&Case) -> Result<(), String>) -> Vec<Outcome> {
    let path = bench.path.to_string();
    let (cases, faults) = case::read(&bench.text, benign);
    let told = cases.iter().map(|case| Outcome {
        path: path.clone(),
        line: case.line,
        expect: case.expect,
        why: case.why.clone(),
        failure: hold(case).err(),
    });
    let mut outcomes: Vec<Outcome> = told.collect();
    outcomes.extend(faults.into_iter().map(|f| Outcome {
        path: path.clone(),
        line: f.line,
        expect: Expect::Fires,
        why: "the bench itself".to_owned(),
        failure: Some(f.what),
    }));
    outcomes
}

/// Which document of the content a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    Rule(u32),
    Correlation(u32),
}

struct Runner {
    content: Arc<Content>,
    normalizer: Normalizer,
    scratch: Scratch,
}

impl Runner {
    fn new(content: Arc<Content>) -> Self {
        let normalizer = Normalizer::new(content.catalogue.clone(), &content.wanted);
        Self { content, normalizer, scratch: Scratch::default() }
    }

    fn one(&mut self, case: &Case) -> Result<(), String> {
        let meant = self.meant(case)?;
        let events = self.events(case)?;
        let content = self.content.clone();
        let bases = match meant {
            Meant::Rule(rule) => vec![rule],
            Meant::Correlation(_) => (0..content.rules.len() as u32).filter(|&r| content.feeds(r)).collect(),
        };
        for event in &events {
            let run = content.plan.rules_of(event.lane);
            if !bases.iter().any(|b| run.contains(b)) {
                let lane = &content.catalogue.lanes()[event.lane.0 as usize];
                return Err(format!(
                    "no rule of the file reads what {} {} feeds: a case that cannot fire proves nothing",
                    lane.mapping, lane.case
                ));
            }
        }
        let findings = match meant {
            Meant::Rule(rule) => events.iter().filter(|e| self.matched(e).contains(&rule)).count(),
            Meant::Correlation(index) => self.correlated(&events).iter().filter(|c| **c == index).count(),
        };
        match (case.expect, findings) {
            _ if case.holds(findings) => Ok(()),
            (Expect::StaysQuiet, _) => Err("fired".to_owned()),
            (Expect::Fires, 0) => Err(format!("did not fire{}", self.reason(meant, &events))),
            (Expect::Fires, n) => Err(format!("gave {n} findings")),
        }
    }

    fn all_quiet(&mut self, case: &Case) -> Result<(), String> {
        let events = self.events(case)?;
        let content = self.content.clone();
        let mut loud: Vec<String> = Vec::new();
        let mut tell = |rule: u32, floor: Level| {
            let level = content.level(rule);
            if level >= floor {
                loud.push(format!("{} ({})", content.meta(rule).title, level.name()));
            }
        };
        for event in &events {
            for rule in self.matched(event) {
                if content.stands_alone(rule) {
                    tell(rule, case.min_level);
                }
            }
        }
        for index in self.correlated(&events) {
            tell(content.correlation(index), case.min_level);
        }
        if loud.is_empty() { Ok(()) } else { Err(format!("fired: {}", loud.join(", "))) }
    }

    /// The document a case names, or the file's only one, or the only one that no other refers to.
    fn meant(&self, case: &Case) -> Result<Meant, String> {
        let content = &self.content;
        let rules = 0..content.rules.len() as u32;
        let correlations = 0..content.pack.correlations.len() as u32;
        let all = rules.map(Meant::Rule).chain(correlations.map(Meant::Correlation));
        let name = |meant: Meant| match meant {
            Meant::Rule(rule) => content.meta(rule),
            Meant::Correlation(index) => content.meta(content.correlation(index)),
        };
        if let Some(wanted) = &case.rule {
            let is = |m: &Meant| name(*m).id == *wanted || name(*m).name.as_deref() == Some(wanted);
            return all.clone().find(is).ok_or_else(|| {
                let names: Vec<&str> = all.map(|m| name(m).name.as_deref().unwrap_or(&name(m).id)).collect();
                format!("no document of the file is called `{wanted}`; there are: {}", names.join(", "))
            });
        }
        let referred = |m: &Meant| match m {
            Meant::Rule(rule) => content.feeds(*rule),
            Meant::Correlation(index) => {
                let id = &content.meta(content.correlation(*index)).id;
                content.pack.correlations.iter().any(|c| c.rules.contains(id))
            }
        };
        let outer: Vec<Meant> = all.filter(|m| !referred(m)).collect();
        match outer[..] {
            [one] => Ok(one),
            [] => Err("the rule file holds no running document; `vedette rules check` says why".to_owned()),
            _ => Err("the file holds several documents: name one with `rule:`".to_owned()),
        }
    }

    fn events(&mut self, case: &Case) -> Result<Vec<Event>, String> {
        let mut events = Vec::new();
        for (index, given) in case.events.iter().enumerate() {
            let mut event = Event::default();
            event.position.number = index as u64 + 1;
            match &given.record {
                case::Record::Native(native) => {
                    event.native = native.clone();
                    self.normalizer.understand(&given.source, &mut event).map_err(|e| e.to_string())?;
                }
                case::Record::Line(line) => {
                    self.normalizer.read_text(&given.source, line, &mut event).map_err(|e| e.to_string())?;
                }
            }
            event.record = index as u64 + 1;
            event.uid = EventUid(index as u128 + 1);
            event.time = given.time.or(event.time).or(Some(case::DEFAULT_TIME));
            events.push(event);
        }
        Ok(events)
    }

    fn matched(&mut self, event: &Event) -> Vec<u32> {
        let mut matched = Vec::new();
        self.content.plan.eval(event.lane, &event.native, &mut self.scratch, &mut matched);
        matched
    }

    /// Correlations that fire over the events.
    fn correlated(&mut self, events: &[Event]) -> Vec<u32> {
        let content = self.content.clone();
        let mut windows = content.correlator();
        for event in events {
            for rule in self.matched(event) {
                let wanted = content.wanted_of(rule).iter();
                let values: Vec<Option<String>> =
                    wanted.map(|n| scan::value(&content, event, n).map(str::to_owned)).collect();
                windows.offer(Hit {
                    rule,
                    time: event.time,
                    event: scan::at(event),
                    host: &event.host,
                    values: &values,
                });
            }
        }
        windows.finish().findings.iter().map(|f| f.correlation).collect()
    }

    /// Why the meant rule did not match the last event, in one line.
    fn reason(&self, meant: Meant, events: &[Event]) -> String {
        let (Meant::Rule(rule), Some(event)) = (meant, events.last()) else { return String::new() };
        let seen: Vec<String> = self
            .content
            .plan
            .fields_of(rule, event.lane)
            .iter()
            .filter_map(|f| f.field)
            .map(|f| format!("{f}={}", scan::value(&self.content, event, f).unwrap_or("(absent)")))
            .collect();
        format!("; the rule read {}", seen.join(", "))
    }
}
