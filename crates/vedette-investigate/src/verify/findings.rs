//! Findings: made again from their rule and their events.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vedette_model::{Entity, EntityKind, EventUid, Evidence, FindingId, Timestamp};

use super::read::{Finding, Report, list};
use super::{Retell, Tally, is_nothing, shown};

/// Members of a finding that this version knows; others could say anything.
const KNOWN: [&str; 30] = [
    "homes",
    "id",
    "rule_id",
    "source_uid",
    "title",
    "level",
    "status",
    "file",
    "files",
    "event",
    "events",
    "time",
    "host",
    "channel",
    "code",
    "actor",
    "techniques",
    "tactics",
    "tags",
    "count",
    "details",
    "witnesses",
    "unseen_filter_fields",
    "author",
    "license",
    "rule_path",
    "false_positives",
    "entities",
    "incident",
    "set_aside",
];

pub fn check(report: &Report<'_>, again: &dyn Retell, tally: &mut Tally) {
    rules(report, again, tally);
    let mut left_out: BTreeSet<EventUid> = BTreeSet::new();
    let mut order: Option<(bool, Option<Timestamp>)> = None;
    for finding in &report.findings {
        let place = (finding.told.time.is_none(), finding.told.time);
        if order.is_some_and(|before| before > place) {
            tally.refuse(format!("finding {}: order", finding.told.id), "it stands after a later one");
        }
        order = Some(place);
        one(report, finding, again, tally, &mut left_out);
    }
    if left_out.len() as u64 > report.events_left_out {
        tally.refuse(
            "summary: evidence_not_kept, evidence_not_embedded",
            format!(
                "{} events behind findings are not in the report; it says that {} are not",
                left_out.len(),
                report.events_left_out
            ),
        );
    } else if !left_out.is_empty() {
        tally.note(format!(
            "{} events behind findings are not embedded: what those findings say of them was not checked",
            left_out.len()
        ));
    }
}

/// The rules that spoke, against the rules at hand.
fn rules(report: &Report<'_>, again: &dyn Retell, tally: &mut Tally) {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &report.findings {
        *counts.entry(&finding.told.rule_id).or_default() += 1;
    }
    let mut absent = 0;
    for (id, rule) in &report.rules {
        let claim = |name: &str| format!("rule {id}: {name}");
        let spoke = counts.get(id).copied().unwrap_or(0);
        tally.equal(|| claim("findings"), rule.get("findings").unwrap_or(&Value::Null), &json!(spoke));
        let Some(right) = again.rule(id) else {
            absent += 1;
            tally.leave(rule.len() as u64 - 1);
            continue;
        };
        for name in rule.keys().filter(|n| *n != "findings") {
            tally.equal(|| claim(name), &rule[name], right.get(name).unwrap_or(&Value::Null));
        }
        for (name, value) in right.as_object().into_iter().flatten() {
            if name != "findings" && !rule.contains_key(name) && !is_nothing(value) {
                tally.refuse(claim(name), "it was left out");
            }
        }
    }
    for id in counts.keys().filter(|id| !report.rules.contains_key(*id)) {
        tally.refuse(format!("rule {id}"), "findings name it, and it is not among the rules");
    }
    if absent > 0 {
        tally.note(format!("{absent} rules are not at hand (or differ in id): whether they match was not checked; give them with --rules"));
    }
}

struct Checks<'a, 'r> {
    id: &'a str,
    value: &'r Map<String, Value>,
    tally: &'a mut Tally,
}

impl Checks<'_, '_> {
    fn equal(&mut self, name: &str, right: &Value) {
        let id = self.id;
        self.tally.equal(
            || format!("finding {id}: {name}"),
            self.value.get(name).unwrap_or(&Value::Null),
            right,
        );
    }

    fn hold(&mut self, name: &str, holds: bool, reason: impl FnOnce() -> String) {
        let id = self.id;
        self.tally.hold(holds, || format!("finding {id}: {name}"), reason);
    }
}

fn one(
    report: &Report<'_>,
    finding: &Finding<'_>,
    again: &dyn Retell,
    tally: &mut Tally,
    left_out: &mut BTreeSet<EventUid>,
) {
    let told = &finding.told;
    let correlation = !told.events.is_empty();
    let mut of = Checks { id: &told.id, value: finding.value, tally };
    for name in finding.value.keys().filter(|k| !KNOWN.contains(&k.as_str())) {
        of.hold(name, false, || "this version writes no such member".to_owned());
    }
    let cited: &[EventUid] = if correlation { &told.events } else { std::slice::from_ref(&told.event) };
    let right = FindingId::of(&told.rule_id, cited.iter().copied()).to_string();
    of.hold("id", right == told.id, || format!("its rule and events give {right}"));
    of.equal("count", &json!(cited.len()));
    if let Some(rule) = report.rules.get(told.rule_id.as_str()) {
        by_rule(&mut of, rule, told.alert);
    }
    files(&mut of, report);
    witnesses(&mut of, report, finding);
    let mut events: Vec<&Evidence> = Vec::new();
    for uid in cited.iter().chain([&told.event]) {
        match report.event(*uid) {
            Some(event) => events.push(event),
            None => {
                left_out.insert(*uid);
            }
        }
    }
    if events.len() <= cited.len() {
        // What rests on an event that is not here can be neither shown nor refuted.
        of.tally.leave(7);
        return;
    }
    let event = events.pop().expect("one more than those cited");
    let seen: Option<Vec<Vec<Entity>>> =
        events.iter().map(|e| again.observed(e).map(|o| o.entities)).collect();
    let Some(seen) = seen else {
        of.tally.leave(7);
        return;
    };
    position(&mut of, report, told.event, event);
    let all: Vec<&Entity> = seen.iter().flatten().collect();
    entities(&mut of, &told.entities, &all);
    if correlation {
        correlated(&mut of, &told.rule_id, &told.events, told.event, &events, again);
    } else {
        single(&mut of, &told.rule_id, told.alert, event, again);
    }
}

fn by_rule(of: &mut Checks<'_, '_>, rule: &Map<String, Value>, alert: bool) {
    let from = |name: &str| rule.get(name).unwrap_or(&Value::Null);
    if !alert {
        for name in ["title", "level", "techniques", "tactics"] {
            of.equal(name, from(name));
        }
    }
    for (name, in_rule) in [
        ("status", "status"),
        ("tags", "tags"),
        ("author", "author"),
        ("license", "license"),
        ("rule_path", "path"),
        ("false_positives", "falsepositives"),
    ] {
        of.equal(name, from(in_rule));
    }
}

fn files(of: &mut Checks<'_, '_>, report: &Report<'_>) {
    let named: Vec<&Value> = of.value.get("file").into_iter().chain(list(of.value, "files")).collect();
    for file in named {
        let known = file.as_str().is_some_and(|f| report.paths.contains(f));
        of.hold("file", known, || format!("no file of the report has the path {}", shown(file)));
    }
}

fn witnesses(of: &mut Checks<'_, '_>, report: &Report<'_>, finding: &Finding<'_>) {
    for (told, uid) in list(of.value, "witnesses").zip(&finding.witnesses) {
        let Some(embedded) = report.evidence.get(uid) else {
            of.tally.leave(1);
            continue;
        };
        let e = &embedded.evidence;
        let record = told.get("event").and_then(|v| v.get("record"));
        let holds = told.get("channel").and_then(Value::as_str) == Some(&e.channel)
            && told.get("file").and_then(Value::as_str) == Some(&embedded.file)
            && record.and_then(Value::as_u64) == Some(e.event.record)
            && told.get("time").and_then(Value::as_str).map(str::to_owned)
                == e.event.time.map(|t| t.to_string());
        of.hold("witnesses", holds, || {
            format!("file, record, channel or time are not those of the event {uid}")
        });
    }
}

fn position(of: &mut Checks<'_, '_>, report: &Report<'_>, uid: EventUid, event: &Evidence) {
    let file = report.evidence.get(&uid).map_or("", |e| e.file.as_str());
    of.equal("file", &json!(file));
    let told = of.value.get("event").cloned().unwrap_or_default();
    let record = told.get("record").and_then(Value::as_u64);
    of.hold("event.record", record == Some(event.event.record), || {
        format!("the event is record {}", event.event.record)
    });
    for (told, uid) in
        list(of.value, "events").zip(list(of.value, "events").filter_map(|e| e.get("uid")?.as_str()))
    {
        let right = super::read::uid(uid).and_then(|u| report.event(u)).map(|e| e.event.record);
        if let Some(right) = right {
            let record = told.get("record").and_then(Value::as_u64);
            of.hold("events.record", record == Some(right), || format!("the event {uid} is record {right}"));
        }
    }
}

fn entities(of: &mut Checks<'_, '_>, told: &[Entity], seen: &[&Entity]) {
    let name = |e: &Entity| format!("{} {} {} ({})", e.kind.name(), e.role.name(), e.key, e.shown);
    let is = |a: &Entity, b: &Entity| (a.kind, a.role, &a.key) == (b.kind, b.role, &b.key);
    for entity in told {
        let holds = seen.iter().any(|s| is(s, entity) && s.shown == entity.shown);
        of.hold("entities", holds, || format!("no event of it names {}", shown(&json!(name(entity)))));
    }
    // Entities beyond the run's bounds are left out of findings; a host, user or address is the last to go.
    let stays = |e: &Entity| matches!(e.kind, EntityKind::Host | EntityKind::User | EntityKind::Address);
    let lost = seen.iter().find(|s| stays(s) && !told.iter().any(|t| is(t, s)));
    if let Some(lost) = lost {
        of.hold("entities", told.len() >= ENTITIES_OF_A_FINDING, || {
            format!("its events name {} too", shown(&json!(name(lost))))
        });
    }
}

/// A correlation's finding lists no more entities than this.
const ENTITIES_OF_A_FINDING: usize = 64;

fn single(of: &mut Checks<'_, '_>, rule_id: &str, alert: bool, event: &Evidence, again: &dyn Retell) {
    let time = event.event.time.map(|t| t.to_string());
    of.equal("time", &json!(time));
    of.equal("host", &json!(event.host));
    of.equal("channel", &json!(event.channel));
    of.equal("code", &json!(event.code));
    of.equal("actor", &json!(again.actor(event)));
    let details: Map<String, Value> = again.details(event).into_iter().map(|(n, v)| (n, json!(v))).collect();
    of.equal("details", &Value::Object(details));
    if alert {
        match again.alert(event) {
            Some((level, alert)) => {
                of.equal("title", &json!(alert.title));
                of.equal("level", &json!(level.name()));
                of.equal("techniques", &json!(alert.techniques));
                of.equal("tactics", &json!(alert.tactics));
                of.equal("source_uid", &json!(alert.source_uid));
            }
            None => of.hold("rule_id", false, || "the event is no alert of another product".to_owned()),
        }
        return;
    }
    of.hold("source_uid", of.value.get("source_uid").is_none_or(is_nothing), || {
        "the event is no alert of another product".to_owned()
    });
    match again.fires(rule_id, event) {
        Some(true) => of.tally.resolve(),
        Some(false) if event.cut > 0 => {
            of.tally.leave(1);
            of.tally.note(
                "some events were too long to be kept whole: whether their rules match was not checked",
            );
        }
        Some(false) => of.hold("rule_id", false, || "the rule does not match the event".to_owned()),
        None => of.tally.leave(1),
    }
    if let Some(unseen) = again.unseen_filter_fields(rule_id, event) {
        of.equal("unseen_filter_fields", &json!(unseen));
    }
}

fn correlated(
    of: &mut Checks<'_, '_>,
    rule_id: &str,
    cited: &[EventUid],
    closing: EventUid,
    events: &[&Evidence],
    again: &dyn Retell,
) {
    of.equal("channel", &Value::Null);
    of.equal("code", &Value::Null);
    actor(of, events, again);
    let times: Vec<Timestamp> = events.iter().filter_map(|e| e.event.time).collect();
    let sorted = times.windows(2).all(|w| w[0] <= w[1]);
    of.hold("events", sorted && times.len() == events.len(), || "they are not in order of time".to_owned());
    let made = again.correlate(rule_id, events);
    let found = made.as_ref().and_then(|all| all.iter().find(|f| f.events == cited));
    match (&made, found) {
        (_, Some(found)) => {
            let all = events.len() < EVENTS_OF_A_MATCH;
            of.equal("host", &json!(found.host));
            of.hold("event", found.closing == closing, || {
                format!("the event that completed it is {}", found.closing)
            });
            let mut details: Map<String, Value> =
                found.details.iter().map(|(n, v)| (n.clone(), json!(v))).collect();
            if all {
                of.equal("time", &json!(found.time.to_string()));
            } else {
                // It went on beyond the events that are listed: until when, and how many there were, they cannot say.
                went_on(of, &mut details, found.time);
            }
            of.equal("details", &Value::Object(details));
        }
        (Some(_), None) if events.len() < EVENTS_OF_A_MATCH => {
            of.hold("rule_id", false, || "the correlation does not come about with these events".to_owned());
        }
        _ => loosely(of, events, closing, &times),
    }
}

/// Of a correlation with more events than are listed: all but the last part of its explanation is what these give.
fn went_on(of: &mut Checks<'_, '_>, details: &mut Map<String, Value>, at_least: Timestamp) {
    let told_time = of.value.get("time").and_then(Value::as_str).unwrap_or_default().to_owned();
    let later = told_time.parse::<jiff::Timestamp>().is_ok_and(|t| Timestamp::from(t) >= at_least);
    of.hold("time", later, || "it lies before its last listed event".to_owned());
    let told = of.value.get("details").and_then(|d| d.get("why")).and_then(Value::as_str).unwrap_or_default();
    let right = details.get("why").and_then(Value::as_str).unwrap_or_default();
    let (Some((told_head, told_tail)), Some((head, tail))) =
        (told.rsplit_once("; "), right.rsplit_once("; "))
    else {
        return;
    };
    let hits = |tail: &str| tail.split(' ').next().and_then(|n| n.replace(',', "").parse::<u64>().ok());
    let form = |tail: &str, time: &str| {
        tail.split_once(' ').map(|(_, rest)| rest.replace(time, "")).unwrap_or_default()
    };
    let fits = told_head == head
        && hits(told_tail) >= hits(tail)
        && form(told_tail, &told_time) == form(tail, &at_least.to_string());
    if fits {
        of.tally.leave(1);
        of.tally.note(
            "some correlations hold more events than are listed: how many, and until when, was not checked",
        );
        details.insert("why".into(), json!(told));
    }
}

/// A match lists no more events than this; what it counted beyond them cannot be counted again.
const EVENTS_OF_A_MATCH: usize = 100;

/// Where the correlation cannot be made again: what its events bear out all the same.
fn loosely(of: &mut Checks<'_, '_>, events: &[&Evidence], closing: EventUid, times: &[Timestamp]) {
    of.tally.note("some correlations could not be made again from their events (not at hand, or of more events than are listed): only what each event shows was checked");
    let told = of.value.get("time").and_then(Value::as_str).map(str::to_owned);
    let last = times.iter().max().map(|t| t.to_string());
    of.hold("time", told >= last, || "it lies before its last event".to_owned());
    let host = of.value.get("host").and_then(Value::as_str).unwrap_or_default();
    let closes = events.iter().find(|e| e.event.uid == closing);
    of.hold("host", closes.is_none_or(|e| e.host == host), || {
        "it is not the host of the event that completed it".to_owned()
    });
    of.tally.leave(1);
    let details: Vec<(&String, &Value)> =
        of.value.get("details").and_then(Value::as_object).into_iter().flatten().collect();
    for (name, value) in details {
        if name == "why" {
            of.tally.leave(1);
            continue;
        }
        let text = value.as_str().unwrap_or_default().to_lowercase();
        let holds = events.iter().any(|e| {
            e.fields.iter().any(|f| f.value.to_lowercase() == text) || e.host.to_lowercase() == text
        });
        of.hold("details", holds, || format!("no event of it holds {}", shown(value)));
    }
}

/// Who a correlation is about: an account of its group, or one that its events name as acting.
fn actor(of: &mut Checks<'_, '_>, events: &[&Evidence], again: &dyn Retell) {
    let actor = of.value.get("actor").and_then(Value::as_str).unwrap_or_default();
    let names = |e: &&Evidence| {
        e.fields.iter().any(|f| f.value == actor)
            || again.observed(e).is_some_and(|o| o.entities.iter().any(|e| e.shown == actor))
    };
    of.hold("actor", actor.is_empty() || events.iter().any(names), || {
        "no event of it names this actor".to_owned()
    });
}
