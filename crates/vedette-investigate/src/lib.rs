//! An incident's story from its evidence, and the proof that the story is in the evidence. Pure: no I/O, no clock.

pub mod claim;
mod entities;
pub mod explain;
pub mod incident;
mod infer;
pub mod input;
mod items;
mod limits;
mod observe;
mod phases;
mod respond;
pub mod scope;
mod story;
mod title;
mod unknowns;
pub mod verify;
mod wording;

use std::collections::BTreeSet;

pub use claim::{Claim, render};
pub use explain::explain_text;
pub use incident::Incident;
pub use input::{Because, Confidence, Fact, Group, Join, Observed, Part, Risk, Source, Told};
pub use observe::observe;
pub use scope::Scope;

use items::by_time;

/// Tells one group's incident. The order in which findings and joins come does not matter.
pub fn investigate(group: &Group<'_>, source: &dyn Source, scope: &Scope) -> Incident {
    let mut findings: Vec<Told> = group.findings.to_vec();
    findings.sort_by(|a, b| (by_time(a.time), &a.id).cmp(&(by_time(b.time), &b.id)));
    findings.dedup_by(|a, b| a.id == b.id);
    let items = items::read(&findings, source);
    let mut story = story::steps(&items.all, &findings);
    story.extend(infer::infer(&items.all, &findings));
    story::sort(&mut story);
    let told: BTreeSet<usize> = story.iter().flat_map(|s| s.rests_on.iter().copied()).collect();
    let untold = findings.len() - told.len();
    let times = || findings.iter().filter_map(|f| f.time).chain(items.all.iter().filter_map(|i| i.time));
    let (first, last) = (times().min(), times().max());
    let techniques: BTreeSet<&str> =
        findings.iter().flat_map(|f| f.techniques.iter().map(String::as_str)).collect();
    let techniques: Vec<String> = techniques.into_iter().map(str::to_owned).collect();
    let tactics =
        phases::ordered(findings.iter().flat_map(|f| f.tactics.iter().map(String::as_str)).collect());
    let entities = entities::rows(&findings, &items.all, source);
    let links = entities::links(&items.all, &entities);
    let untimed = findings.iter().filter(|f| f.time.is_none()).count();
    let unknowns = unknowns::unknowns(&entities, &items, untimed, (first, last), scope);
    let places = title::places(&items.all);
    let summary = title::summary(&title::Whole {
        findings: &findings,
        rows: &entities,
        places: &places,
        story: &story,
        untold,
        tactics: &tactics,
        unknowns: &unknowns,
        first,
        last,
    });
    let read = items.all.iter().map(|i| i.uid).collect();
    let mut joins = group.joins.to_vec();
    joins.sort_by(|a, b| (&a.finding, &a.to).cmp(&(&b.finding, &b.to)));
    Incident {
        id: group.id.to_owned(),
        title: title::title(&findings, &entities, &places),
        severity: group.severity,
        severity_reasons: group.severity_reasons.to_vec(),
        confidence: group.confidence,
        confidence_reasons: group.confidence_reasons.to_vec(),
        first,
        last,
        summary,
        phases: phases::phases(&story),
        diamond: phases::diamond(&entities, &techniques),
        blast_radius: entities::blast_radius(&entities),
        next_steps: respond::next_steps(&items.all, &entities, scope),
        techniques,
        tactics,
        links,
        findings: findings.into_iter().map(|f| f.id).collect(),
        joins,
        risk: group.risk.clone(),
        story,
        untold,
        read,
        entities,
        unknowns,
    }
}
