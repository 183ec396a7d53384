//! How sharp a bench is: each condition of its rules is taken out or loosened in turn, and some case must notice.
//!
//! A mutant is *noticed* when a case that holds for the rule as written no longer holds for the mutant. The verdicts are
//! those of the slow evaluator, straight over the rule, so that nothing is compiled for a mutant.

use std::collections::BTreeMap;
use std::sync::Arc;

use vedette_correlate::{Correlator, Hit};
use vedette_detect::slow;
use vedette_model::Event;
use vedette_sigma::{Correlation, Rule};

use super::{Expect, Meant, Runner, case};
use crate::content::{Content, Mappings, Source};
use crate::scan;

mod correlation;
mod rule;
mod witness;

pub use witness::Witness;

/// One change to one document, and whether the bench noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// Title and id of the changed document.
    pub title: String,
    pub rule_id: String,
    /// Line of the rule file with what was changed.
    pub line: u32,
    /// What was changed, in words: `without`, `exact loosened to contains`, ...
    pub change: String,
    /// That part of the rule as it is written.
    pub condition: String,
    /// The first line of the bench that noticed; `None` for a survivor.
    pub noticed_by: Option<u32>,
    /// For a survivor, an event that would notice, where one was found.
    pub witness: Option<Witness>,
}

/// The mutants of one rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMutants {
    pub path: String,
    pub mutants: Vec<Mutant>,
    /// Cases that do not hold for the rule as written: line and reason. They notice nothing.
    pub broken: Vec<(u32, String)>,
}

impl FileMutants {
    pub fn noticed(&self) -> usize {
        self.mutants.iter().filter(|m| m.noticed_by.is_some()).count()
    }

    pub fn survivors(&self) -> impl Iterator<Item = &Mutant> {
        self.mutants.iter().filter(|m| m.noticed_by.is_none())
    }
}

/// Changes every document of a rule file in every way, and asks the bench beside it.
pub fn rule_file(rules: &Source, bench: &Source, mappings: &Mappings) -> FileMutants {
    let content = Arc::new(Content::load(vec![rules.clone()], mappings.clone(), &BTreeMap::new()));
    let text = String::from_utf8_lossy(&rules.text).into_owned();
    let mut runner = Runner::new(content.clone());
    let (cases, broken) = judged(&mut runner, bench);
    let mut judge = Judge { content: &content, cases: &cases };
    let mut mutants = Vec::new();
    for (index, original) in content.rules.iter().enumerate() {
        for change in rule::changes(original) {
            let noticed_by = judge.rule(index, &change.rule);
            let witness = match noticed_by {
                Some(_) => None,
                None => witness::search(&mut runner, &cases, index as u32, original, &change.rule),
            };
            mutants.push(Mutant {
                title: original.meta.title.clone(),
                rule_id: original.meta.id.clone(),
                line: change.line,
                change: change.what,
                condition: change.shown.unwrap_or_else(|| written(&text, change.line)),
                noticed_by,
                witness,
            });
        }
    }
    for (index, original) in content.pack.correlations.iter().enumerate() {
        for change in correlation::changes(original) {
            mutants.push(Mutant {
                title: original.meta.title.clone(),
                rule_id: original.meta.id.clone(),
                line: original.meta.place.line,
                change: change.what,
                condition: change.shown,
                noticed_by: judge.correlation(index, &change.correlation),
                witness: None,
            });
        }
    }
    FileMutants { path: rules.path.to_string(), mutants, broken }
}

/// A case that holds for the rule as written.
struct Judged {
    case: case::Case,
    meant: Meant,
    events: Vec<Event>,
}

fn judged(runner: &mut Runner, bench: &Source) -> (Vec<Judged>, Vec<(u32, String)>) {
    let (cases, faults) = case::read(&bench.text, false);
    let mut broken: Vec<(u32, String)> = faults.into_iter().map(|f| (f.line, f.what)).collect();
    let mut judged = Vec::new();
    for case in cases {
        let held = runner.one(&case).and_then(|()| Ok((runner.meant(&case)?, runner.events(&case)?)));
        match held {
            Ok((meant, events)) => judged.push(Judged { case, meant, events }),
            Err(reason) => broken.push((case.line, reason)),
        }
    }
    (judged, broken)
}

struct Judge<'a> {
    content: &'a Content,
    cases: &'a [Judged],
}

impl Judge<'_> {
    /// The first case that turns when `rule` stands in the place of rule `index`.
    fn rule(&mut self, index: usize, rule: &Rule) -> Option<u32> {
        let mut correlated: Option<Vec<Rule>> = None;
        for judged in self.cases {
            let findings = match judged.meant {
                Meant::Rule(meant) if meant as usize == index => {
                    judged.events.iter().filter(|e| self.matches(rule, e)).count()
                }
                Meant::Rule(_) => continue,
                Meant::Correlation(meant) => {
                    let rules = correlated.get_or_insert_with(|| {
                        let mut rules = self.content.rules.to_vec();
                        rules[index] = rule.clone();
                        rules
                    });
                    self.correlated(meant, rules, &self.content.pack.correlations, &judged.events)
                }
            };
            if !judged.case.holds(findings) {
                return Some(judged.case.line);
            }
        }
        None
    }

    /// The first case that turns when `correlation` stands in the place of correlation `index`.
    fn correlation(&mut self, index: usize, correlation: &Correlation) -> Option<u32> {
        let mut correlations = self.content.pack.correlations.clone();
        correlations[index] = correlation.clone();
        self.cases.iter().find_map(|judged| {
            let Meant::Correlation(meant) = judged.meant else { return None };
            let findings = self.correlated(meant, &self.content.rules, &correlations, &judged.events);
            (!judged.case.holds(findings)).then_some(judged.case.line)
        })
    }

    fn matches(&self, rule: &Rule, event: &Event) -> bool {
        slow::matches(rule, self.content.catalogue.lane(event.lane), &event.native)
    }

    /// Findings of one correlation over the events, with other rules or other windows than the content's own.
    fn correlated(
        &self,
        meant: u32,
        rules: &[Rule],
        correlations: &[Correlation],
        events: &[Event],
    ) -> usize {
        let place = |id: &str| rules.iter().position(|r| r.meta.id == id).map(|i| i as u32);
        let (mut windows, _) = Correlator::new(correlations, place);
        for event in events {
            for (index, rule) in rules.iter().enumerate() {
                if !windows.wants(index as u32) || !self.matches(rule, event) {
                    continue;
                }
                let rule = index as u32;
                let value = |n: &String| scan::value(self.content, event, n).map(str::to_owned);
                let values: Vec<Option<String>> = windows.wanted(rule).iter().map(value).collect();
                windows.offer(Hit {
                    rule,
                    time: event.time,
                    event: scan::at(event),
                    host: &event.host,
                    values: &values,
                });
            }
        }
        windows.finish().findings.iter().filter(|f| f.correlation == meant).count()
    }
}

/// The line of the rule file, with the first of the values that stand below it.
fn written(text: &str, line: u32) -> String {
    let mut lines = text.lines().skip(line.saturating_sub(1) as usize);
    let head = lines.next().unwrap_or_default().trim().trim_start_matches("- ");
    if !head.ends_with(':') {
        return head.to_owned();
    }
    let depth = |l: &str| l.len() - l.trim_start().len();
    let mut values = lines.peekable();
    let own = values.peek().map_or(0, |l| depth(l));
    let values: Vec<&str> =
        values.take_while(|l| depth(l) == own && l.trim_start().starts_with("- ")).map(str::trim).collect();
    let more = if values.len() > 1 { format!(" and {} more", values.len() - 1) } else { String::new() };
    let first = values.first().map_or("", |v| v.trim_start_matches("- "));
    format!("{head} {first}{more}")
}

#[cfg(test)]
mod tests;
