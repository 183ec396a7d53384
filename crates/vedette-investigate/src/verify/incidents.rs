//! Incidents: grouped again and told again, and compared word by word.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vedette_model::{Entity, EntityKind, EventUid, Level};

use super::read::{Finding, Report, list};
use super::{Estate, Offer, Regrouped, Regrouping, Retell, Tally, same, shown};
use crate::incident::{join as join_value, points};
use crate::input::{Because, Confidence, Fact, Group, Join, Observed, Part, Risk, Source, Told};
use crate::scope::{Scope, time};

pub fn check(report: &Report<'_>, again: &dyn Retell, tally: &mut Tally) {
    let scope = Scope::of_report(report.root);
    let regrouping = regroup(report, again, tally);
    let mut placed: BTreeMap<&str, &str> = BTreeMap::new();
    let mut ids: Vec<&str> = Vec::new();
    for (at, incident) in list(report.value, "incidents").enumerate() {
        let Some(map) = incident.as_object() else {
            tally.refuse(format!("incidents[{at}]"), "it is no object");
            continue;
        };
        let id = map.get("id").and_then(Value::as_str).unwrap_or_default();
        if ids.contains(&id) {
            tally.refuse(format!("incident {id}"), "two incidents have this id");
        }
        ids.push(id);
        for finding in list(map, "findings").filter_map(Value::as_str) {
            if let Some(other) = placed.insert(finding, id) {
                tally.refuse(format!("incident {id}: findings"), format!("{finding} is in {other} too"));
            }
        }
        one(report, map, id, again, &scope, regrouping.as_ref(), tally);
    }
    if let Some(regrouping) = &regrouping {
        let right: Vec<&str> = regrouping.groups.iter().map(|g| g.id.as_str()).collect();
        tally.hold(
            ids == right,
            || "incidents".to_owned(),
            || format!("grouping the findings again gives {}", shown(&json!(right))),
        );
    }
    placements(report, &placed, regrouping.as_ref(), tally);
    set_aside(report, regrouping.as_ref(), tally);
}

/// All findings grouped again, where the report holds them all.
fn regroup(report: &Report<'_>, again: &dyn Retell, tally: &mut Tally) -> Option<Regrouping> {
    if !report.whole {
        tally.note("the report does not hold all findings of its run: the grouping was not made again");
        return None;
    }
    let offers: Vec<Offer> = report
        .findings
        .iter()
        .map(|f| Offer {
            id: f.told.id.clone(),
            rule_id: f.told.rule_id.clone(),
            level: f.told.level,
            time: f.told.time,
            host: f.told.host.clone(),
            event: f.told.event,
            events: f.told.events.iter().chain(&f.witnesses).copied().collect(),
            entities: f.told.entities.iter().cloned().chain(homes(f, tally)).collect(),
            tactics: f.told.tactics.clone(),
            unsure: f.told.unsure,
        })
        .collect();
    let summary = report.summary();
    let hosts: BTreeSet<String> = summary
        .get("hosts")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|h| h.get("name")?.as_str().map(str::to_lowercase))
        .collect();
    let span_ms = time(summary, "first")
        .zip(time(summary, "last"))
        .map_or(0, |(first, last)| last.millis() - first.millis());
    let made = again.regroup(&offers, &Estate { hosts: hosts.len(), span_ms });
    if made.is_none() {
        tally.note("the grouping was not made again: severity, confidence, risk and joins were only checked for what the findings bear out");
    }
    made
}

/// The machines that grouping counted in for the finding's inside addresses.
fn homes(finding: &Finding<'_>, tally: &mut Tally) -> Vec<Entity> {
    let mut all = Vec::new();
    for home in list(finding.value, "homes") {
        let text = |name: &str| home.get(name).and_then(Value::as_str).unwrap_or_default();
        let (address, host) = (text("address"), text("host"));
        let of = |e: &&Entity| e.kind == EntityKind::Address && e.key == address;
        let mut named = finding.told.entities.iter().filter(of).peekable();
        if named.peek().is_none() || host.is_empty() {
            tally.refuse(format!("finding {}: homes", finding.told.id), "the finding names no such address");
            continue;
        }
        tally.leave(1);
        tally.note(
            "which machine had an inside address comes from all logs of the run, not only from cited events: only --evidence can show it",
        );
        all.extend(named.map(|e| Entity {
            kind: EntityKind::Host,
            role: e.role,
            key: host.to_owned(),
            shown: String::new(),
            from: String::new(),
        }));
    }
    all
}

/// Each finding says where it is; the incidents must agree.
fn placements(
    report: &Report<'_>,
    placed: &BTreeMap<&str, &str>,
    regrouping: Option<&Regrouping>,
    tally: &mut Tally,
) {
    for finding in &report.findings {
        let id = finding.told.id.as_str();
        let told = finding.value.get("incident").and_then(Value::as_str);
        let right = placed.get(id).copied();
        tally.hold(
            told == right,
            || format!("finding {id}: incident"),
            || match right {
                Some(right) => format!("it is in {right}"),
                None => "no incident holds it".to_owned(),
            },
        );
        let aside = finding.value.get("set_aside").unwrap_or(&Value::Null);
        match regrouping {
            Some(r) => tally.equal(|| format!("finding {id}: set_aside"), aside, &json!(r.set_aside.get(id))),
            None => tally.hold(
                aside.is_null() == right.is_some(),
                || format!("finding {id}: set_aside"),
                || "a finding is in an incident or set aside, and never both or neither".to_owned(),
            ),
        }
    }
}

fn set_aside(report: &Report<'_>, regrouping: Option<&Regrouping>, tally: &mut Tally) {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &report.findings {
        if let Some(reason) = finding.value.get("set_aside").and_then(Value::as_str) {
            *counts.entry(reason).or_default() += 1;
        }
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for aside in list(report.value, "set_aside") {
        let reason = aside.get("reason").and_then(Value::as_str).unwrap_or_default();
        told.insert(reason);
        let count = aside.get("count").and_then(Value::as_u64).unwrap_or(0);
        let claim = |name: &str| format!("set_aside {reason}: {name}");
        if report.whole {
            let right = counts.get(reason).copied().unwrap_or(0);
            tally.hold(count == right, || claim("count"), || format!("{right} findings say so"));
        } else {
            tally.leave(1);
        }
        match regrouping {
            Some(r) => tally.equal(
                || claim("why"),
                aside.get("why").unwrap_or(&Value::Null),
                &json!(r.why.get(reason)),
            ),
            None => tally.leave(1),
        }
    }
    for reason in counts.keys().filter(|r| !told.contains(*r)) {
        tally.refuse(format!("set_aside {reason}"), "findings name this reason, and it is not listed");
    }
}

/// The embedded events, and the facts that the incident itself carries.
struct Embedded<'a> {
    report: &'a Report<'a>,
    again: &'a dyn Retell,
    facts: BTreeMap<(EntityKind, &'a str), Vec<Fact>>,
}

impl Source for Embedded<'_> {
    fn observed(&self, uid: EventUid) -> Option<Observed> {
        self.again.observed(self.report.event(uid)?)
    }

    fn facts(&self, kind: EntityKind, key: &str) -> Vec<Fact> {
        // A copy of a list may bear another date; what it says counts.
        let told = self.facts.get(&(kind, key));
        let dated = |mut right: Fact| {
            let same =
                |f: &&Fact| (&f.label, &f.value, &f.source) == (&right.label, &right.value, &right.source);
            if let Some(told) = told.and_then(|all| all.iter().find(same)) {
                right.date.clone_from(&told.date);
            }
            right
        };
        self.again.facts(kind, key).into_iter().map(dated).collect()
    }
}

fn one(
    report: &Report<'_>,
    map: &Map<String, Value>,
    id: &str,
    again: &dyn Retell,
    scope: &Scope,
    regrouping: Option<&Regrouping>,
    tally: &mut Tally,
) {
    let claim = |what: &str| format!("incident {id}: {what}");
    let missing = || list(map, "findings").any(|f| f.as_str().is_none_or(|f| !report.by_id.contains_key(f)));
    if report.from_a_level && missing() {
        // Without all its findings it cannot be told again.
        tally.leave(map.values().map(|v| v.as_array().map_or(1, |l| l.len() as u64)).sum());
        tally.note("the report leaves out findings below a level (--min-level): incidents that hold some of these were not told again");
        return;
    }
    let mut findings: Vec<Told> = Vec::new();
    for finding in list(map, "findings") {
        match finding.as_str().and_then(|f| report.by_id.get(f)) {
            Some(at) => findings.push(report.findings[*at].told.clone()),
            None => {
                tally.refuse(claim("findings"), format!("the report holds no finding {}", shown(finding)))
            }
        }
    }
    let made = regrouping.and_then(|r| r.groups.iter().find(|g| g.id == id));
    if regrouping.is_some() && made.is_none() {
        tally.refuse(claim("id"), "grouping the findings again gives no such incident");
    }
    let group = match made {
        Some(made) => {
            let right: BTreeSet<&str> = made.findings.iter().map(String::as_str).collect();
            let told: BTreeSet<&str> = list(map, "findings").filter_map(Value::as_str).collect();
            tally.hold(
                right == told,
                || claim("findings"),
                || "grouping the findings again gives other ones".to_owned(),
            );
            made.clone()
        }
        None => {
            let told = as_told(map, id);
            let homes = report
                .findings
                .iter()
                .flat_map(|f| list(f.value, "homes"))
                .filter_map(|h| h.get("host")?.as_str())
                .collect();
            borne_out(&told, map, &findings, &homes, &claim, tally);
            told
        }
    };
    let mut facts: BTreeMap<(EntityKind, &str), Vec<Fact>> = BTreeMap::new();
    for entity in list(map, "entities") {
        let kind = entity.get("kind").and_then(Value::as_str).and_then(EntityKind::from_name);
        let told: Vec<Fact> =
            entity.get("facts").and_then(Value::as_array).into_iter().flatten().map(fact).collect();
        if let (Some(kind), Some(key), false) =
            (kind, entity.get("key").and_then(Value::as_str), told.is_empty())
        {
            facts.insert((kind, key), told);
        }
    }
    let source = Embedded { report, again, facts };
    let right = crate::investigate(
        &Group {
            id,
            severity: group.severity,
            severity_reasons: &group.severity_reasons,
            confidence: group.confidence,
            confidence_reasons: &group.confidence_reasons,
            risk: &group.risk,
            joins: &group.joins,
            findings: &findings,
        },
        &source,
        scope,
    )
    .value();
    compare(map, &right, &claim, tally);
}

fn fact(value: &Value) -> Fact {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Fact { label: text("label"), value: text("value"), source: text("source"), date: text("date") }
}

/// Member by member; lists of objects element by element.
fn compare(told: &Map<String, Value>, right: &Value, claim: &dyn Fn(&str) -> String, tally: &mut Tally) {
    for name in told.keys().filter(|n| right.get(n.as_str()).is_none()) {
        tally.refuse(claim(name), "this version writes no such member");
    }
    for (name, right) in right.as_object().into_iter().flatten() {
        let told = told.get(name).unwrap_or(&Value::Null);
        let of_objects = right.as_array().is_some_and(|l| l.iter().any(Value::is_object));
        match (told, right) {
            (Value::Array(told), Value::Array(right)) if of_objects => {
                elements(name, told, right, claim, tally)
            }
            (Value::Array(told), Value::Array(right)) if right.is_empty() => {
                for extra in told {
                    tally.refuse(claim(name), format!("nothing in the evidence gives {}", shown(extra)));
                }
            }
            _ => tally.equal(|| claim(name), told, right),
        }
    }
}

fn elements(name: &str, told: &[Value], right: &[Value], claim: &dyn Fn(&str) -> String, tally: &mut Tally) {
    for (at, right) in right.iter().enumerate() {
        let place = |member: &str| claim(&format!("{name}[{at}].{member}"));
        let Some(told) = told.get(at) else {
            let what = right.get("text").unwrap_or(right);
            tally.refuse(claim(&format!("{name}[{at}]")), format!("it was left out: {}", shown(what)));
            continue;
        };
        for (member, right) in right.as_object().into_iter().flatten() {
            tally.equal(|| place(member), told.get(member).unwrap_or(&Value::Null), right);
        }
        for member in told.as_object().into_iter().flat_map(Map::keys) {
            if right.get(member).is_none() {
                tally.refuse(place(member), "nothing in the evidence gives it");
            }
        }
    }
    for (at, extra) in told.iter().enumerate().skip(right.len()) {
        let what = extra.get("text").unwrap_or(extra);
        tally.refuse(
            claim(&format!("{name}[{at}]")),
            format!("nothing in the evidence gives it: {}", shown(what)),
        );
    }
}

/// What the report says of the grouping.
fn as_told(map: &Map<String, Value>, id: &str) -> Regrouped {
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let texts = |name: &str| list(map, name).filter_map(|v| v.as_str().map(str::to_owned)).collect();
    let because = |b: &Value| Because {
        kind: text(b, "kind"),
        key: text(b, "key"),
        weight: number(b, "weight"),
        reason: text(b, "reason"),
    };
    let join = |j: &Value| Join {
        finding: text(j, "finding"),
        to: text(j, "to"),
        because: j.get("because").and_then(Value::as_array).into_iter().flatten().map(because).collect(),
        total: number(j, "total"),
        threshold: number(j, "threshold"),
    };
    let part = |p: &Value| Part { what: text(p, "what"), points: number(p, "points"), why: text(p, "why") };
    let risk = map.get("risk").unwrap_or(&Value::Null);
    let named = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default();
    Regrouped {
        id: id.to_owned(),
        findings: texts("findings"),
        severity: Level::from_name(named("severity")).unwrap_or(Level::Informational),
        severity_reasons: texts("severity_reasons"),
        confidence: Confidence::from_name(named("confidence")).unwrap_or(Confidence::Low),
        confidence_reasons: texts("confidence_reasons"),
        risk: Risk {
            score: number(risk, "score"),
            parts: risk.get("parts").and_then(Value::as_array).into_iter().flatten().map(part).collect(),
        },
        joins: list(map, "joins").map(join).collect(),
    }
}

/// Where the grouping cannot be made again: sums, and that both findings of a join name what joins them.
fn borne_out(
    told: &Regrouped,
    map: &Map<String, Value>,
    findings: &[Told],
    homes: &BTreeSet<&str>,
    claim: &dyn Fn(&str) -> String,
    tally: &mut Tally,
) {
    let gravest = findings.iter().map(|f| f.level).max().unwrap_or(Level::Informational);
    tally.hold(
        told.severity <= gravest,
        || claim("severity"),
        || format!("its gravest finding is of level {}", gravest.name()),
    );
    let sum: f64 = told.risk.parts.iter().map(|p| p.points).sum();
    tally.hold(
        sum == told.risk.score,
        || claim("risk.score"),
        || format!("its parts add up to {}", points(sum)),
    );
    let by_id: BTreeMap<&str, &Told> = findings.iter().map(|f| (f.id.as_str(), f)).collect();
    for (at, (join, value)) in told.joins.iter().zip(list(map, "joins")).enumerate() {
        let place = || claim(&format!("joins[{at}]"));
        if !same(value, &join_value(join)) {
            tally.refuse(place(), "it is not of the form of a join");
            continue;
        }
        let ends = by_id.get(join.finding.as_str()).zip(by_id.get(join.to.as_str()));
        tally.hold(ends.is_some() && join.finding != join.to, place, || {
            "its ends are not two findings of the incident".to_owned()
        });
        for because in &join.because {
            let Some(kind) = EntityKind::from_name(&because.kind).filter(|_| !because.key.is_empty()) else {
                tally.leave(1);
                continue;
            };
            // A cluster joins over what two of its members share.
            let name = findings
                .iter()
                .filter(|f| f.entities.iter().any(|e| e.kind == kind && e.key == because.key))
                .count();
            let home = kind == EntityKind::Host && homes.contains(because.key.as_str());
            tally.hold(name >= 2 || home, place, || {
                format!("no two of its findings name the {} {}", because.kind, shown(&json!(because.key)))
            });
        }
    }
}
