//! What the page's script reads: everything it shows, ordered by worth and cut to the bounds, with what was cut counted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::encode::{Shared, inert};
use crate::answer::Answer;
use crate::scan::{Evidence, Finding, Incident, Scan, rank};
use crate::{Report, indicators, limits};

pub fn of(report: &Report, answer: &Answer) -> Map<String, Value> {
    let scan = &report.scan;
    let mut shared = Shared::default();
    let by_uid: HashMap<&str, usize> =
        scan.evidence.items.iter().enumerate().map(|(i, e)| (e.uid.as_str(), i)).collect();
    let (incidents, incidents_shown) = incidents(scan, &by_uid);
    let (rules, rule_numbers) = rules(scan);
    let order = by_worth(scan);
    let evidence = evidence(scan, &order, &by_uid, &mut shared);
    let (meta, answer, attack) = (meta(report), answered(scan, answer), attack(scan));
    let (files, coverage) = (files(scan), coverage(scan));
    // What all else leaves of the page is for the findings.
    let others = [&meta, &answer, &attack, &files, &coverage, &rules, &evidence];
    let used: usize = others.into_iter().chain(&incidents).map(|part| inert(part).len()).sum();
    let room = limits::DATA_BYTES_MAX.saturating_sub(used + shared.bytes());
    let findings = findings(scan, &order, &rule_numbers, &mut shared, room);
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| data.insert(name.to_owned(), value);
    put("meta", meta);
    put("answer", answer);
    put("incidents", json!({ "shown": incidents_shown, "total": scan.incidents.len(), "list": incidents }));
    put("attack", attack);
    put("set_aside", set_aside(scan));
    put("findings", findings);
    put("evidence", evidence);
    put("rules", rules);
    put("files", files);
    put("coverage", coverage);
    put("summary", summary(scan));
    put("strings", shared.into_value());
    data
}

fn meta(report: &Report) -> Value {
    let case = &report.scan.case;
    json!({
        "case": case.case, "analyst": case.operator,
        "tlp": report.tlp.map(|t| json!({ "label": t.label(), "meaning": t.meaning() })),
        "version": report.scan.summary.version,
        "redacted": report.redacted.as_ref().map(|r| json!({
            "what": r.what.words(), "users": r.users, "hosts": r.hosts, "domains": r.domains,
            "addresses": r.addresses, "beyond": r.beyond,
        })),
    })
}

fn answered(scan: &Scan, answer: &Answer) -> Value {
    json!({
        "headline": answer.headline,
        "lines": answer.lines,
        "hosts": answer.hosts,
        "earliest": answer.earliest.as_ref().map(|e| json!({
            "incident": e.incident, "time": e.time, "host": e.host, "text": e.text, "event": e.event,
        })),
        "confidence": answer.confidence.as_ref().map(|(word, why)| json!({ "word": word, "why": why })),
        "missing": answer.missing.iter().take(limits::UNKNOWNS_MAX).map(|m| json!({
            "text": m.text, "remedy": m.remedy, "incidents": m.incidents,
        })).collect::<Vec<_>>(),
        "missing_total": answer.missing.len(),
        "findings_total": scan.findings_total(),
    })
}

/// Lists as `{shown..., total}` where they may be cut.
fn cut<T>(items: &[T], max: usize, one: impl Fn(&T) -> Value) -> Value {
    json!({ "total": items.len(), "list": items.iter().take(max).map(one).collect::<Vec<_>>() })
}

/// The incidents in full while the bound lasts; then without their joins and entities; how many are in full.
fn incidents(scan: &Scan, by_uid: &HashMap<&str, usize>) -> (Vec<Value>, usize) {
    let mut of_incident: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in &scan.findings.items {
        if let Some(id) = &finding.incident {
            of_incident.entry(id).or_default().push(finding);
        }
    }
    let mut left = limits::INCIDENTS_BYTES_MAX;
    let mut list = Vec::new();
    for incident in &scan.incidents {
        let findings = of_incident.get(incident.id.as_str()).map_or(&[][..], Vec::as_slice);
        // A list half as long each time it does not fit.
        let mut scale = 1;
        let value = loop {
            let value = self::incident(scan, incident, findings, by_uid, scale);
            let bytes = inert(&value).len();
            if bytes <= (left / 4).max(6_000) {
                left = left.saturating_sub(bytes);
                break Some(value);
            }
            if scale >= 64 {
                break None;
            }
            scale *= 2;
        };
        match value {
            Some(value) if left > 0 => list.push(value),
            _ => break,
        }
    }
    let shown = list.len();
    (list, shown)
}

fn incident(
    scan: &Scan,
    i: &Incident,
    findings: &[&Finding],
    by_uid: &HashMap<&str, usize>,
    scale: usize,
) -> Value {
    let uids: BTreeSet<&str> = i.story.iter().flat_map(|s| &s.events).map(String::as_str).collect();
    let cited = uids.iter().filter_map(|u| Some(&scan.evidence.items[*by_uid.get(u)?]));
    let (found, indicators_total) = indicators::of(i, cited);
    let d = &i.diamond;
    let b = &i.blast_radius;
    let per = |max: usize| (max / scale).max(1);
    let mut value = json!({
        "id": i.id, "title": i.title, "severity": i.severity, "severity_reasons": i.severity_reasons.0,
        "confidence": i.confidence, "confidence_reasons": i.confidence_reasons.0,
        "first": i.first, "last": i.last, "summary": i.summary,
        "techniques": i.techniques, "tactics": i.tactics,
        "findings": (i.findings.len() as u64).max(i.findings_count),
        "risk": { "score": i.risk.score, "parts": i.risk.parts.iter().take(per(80)).map(|p| json!({
            "what": p.what, "points": p.points, "why": p.why,
        })).collect::<Vec<_>>() },
        "heat": heat(i, findings),
        "marks": marks(findings),
        "untold": i.untold_findings,
    });
    let mut put = |name: &str, part: Value| value[name] = part;
    put(
        "story",
        cut(&i.story, per(limits::STORY_MAX), |s| {
            json!({
                "text": s.text, "kind": s.kind, "time": s.time, "host": s.host, "tactic": s.tactic,
                "techniques": s.techniques, "findings": s.findings.len(),
                "level": step_level(s, findings),
                "events": s.events.iter().take(limits::EVENTS_PER_STEP_MAX).collect::<Vec<_>>(),
                "events_total": s.events.len(),
            })
        }),
    );
    put(
        "entities",
        cut(&i.entities, per(limits::ENTITIES_MAX), |e| {
            json!({
                "id": e.id, "kind": e.kind, "shown": e.name(), "key": e.key, "part": e.part,
                "first": e.first, "last": e.last, "findings": e.findings,
                "facts": e.facts.iter().take(12).map(|f| json!({
                    "label": f.label, "value": f.value, "source": f.source, "date": f.date,
                })).collect::<Vec<_>>(),
            })
        }),
    );
    put(
        "links",
        cut(
            &i.links,
            per(limits::LINKS_MAX),
            |l| json!({ "from": l.from, "to": l.to, "label": l.label, "count": l.count, "event": l.events.first() }),
        ),
    );
    put(
        "joins",
        cut(&i.joins, per(limits::JOINS_MAX), |j| {
            json!({
                "finding": j.finding, "to": j.to, "total": j.total, "threshold": j.threshold,
                "because": j.because.iter().take(6).map(|b| json!({
                    "kind": b.kind, "key": b.key, "weight": b.weight, "reason": b.reason,
                })).collect::<Vec<_>>(),
            })
        }),
    );
    put(
        "phases",
        cut(
            &i.phases,
            30,
            |p| json!({ "phase": p.phase, "model": p.model, "first": p.first, "last": p.last, "steps": p.steps.iter().take(60).collect::<Vec<_>>() }),
        ),
    );
    let words = |w: &crate::scan::Words| cut(&w.0, per(30), |w| json!(w));
    put(
        "diamond",
        json!({
            "adversary": words(&d.adversary), "capability": words(&d.capability),
            "infrastructure": words(&d.infrastructure), "victim": words(&d.victim),
        }),
    );
    put(
        "blast_radius",
        json!({
            "hosts": words(&b.hosts), "accounts": words(&b.accounts), "addresses": words(&b.addresses),
            "files": b.files,
        }),
    );
    put(
        "unknowns",
        cut(&i.unknowns, per(limits::UNKNOWNS_MAX), |u| json!({ "text": u.text, "remedy": u.remedy })),
    );
    put(
        "next_steps",
        cut(&i.next_steps, per(limits::NEXT_STEPS_MAX), |s| {
            json!({
                "text": s.text, "phase": s.phase, "targets": s.targets.0, "why": s.why, "caution": s.caution,
                "reference": s.reference,
            })
        }),
    );
    put(
        "indicators",
        json!({
            "total": indicators_total,
            "list": found.iter().take(per(limits::INDICATORS_MAX))
                .map(|f| json!([f.kind, f.value, f.defanged()])).collect::<Vec<_>>(),
        }),
    );
    value
}

/// The level that a step states, else the highest among the findings that it names; a conclusion names none, and has that of those it rests on.
fn step_level(step: &crate::scan::Step, findings: &[&Finding]) -> String {
    let highest = |is: &dyn Fn(&Finding) -> bool| {
        findings.iter().filter(|f| is(f)).map(|f| f.level.as_str()).max_by_key(|l| rank(l))
    };
    let stated = step.level.as_deref().filter(|l| !l.is_empty());
    stated
        .or_else(|| highest(&|f| step.findings.contains(&f.id)))
        .or_else(|| highest(&|f| step.events.contains(&f.event.uid)))
        .unwrap_or("informational")
        .to_owned()
}

/// When and where the incident's findings lie: `[time, host, count]`, folded by minute and host.
fn marks(findings: &[&Finding]) -> Value {
    let mut folded: BTreeMap<(String, &str), u64> = BTreeMap::new();
    for f in findings {
        if let Some(time) = f.time.as_deref().and_then(|t| t.get(..16)) {
            *folded.entry((format!("{time}:00Z"), f.host.as_deref().unwrap_or_default())).or_default() += 1;
        }
    }
    Value::Array(folded.into_iter().take(400).map(|((t, h), n)| json!([t, h, n])).collect())
}

/// Findings per tactic and technique: `[tactic, technique, count]`.
///
/// Where the story says which tactic a technique served, only that one counts; else all that the finding names.
fn heat(incident: &Incident, findings: &[&Finding]) -> Value {
    let mut said: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for step in &incident.story {
        let Some(tactic) = step.tactic.as_deref().filter(|t| !t.is_empty()) else { continue };
        for technique in &step.techniques {
            let serves = vedette_attack::technique(technique).is_none_or(|t| t.tactics.contains(&tactic));
            if serves {
                said.entry(technique).or_default().insert(tactic);
            }
        }
    }
    let mut cells: BTreeMap<(String, String), u64> = BTreeMap::new();
    for f in findings {
        for technique in &f.techniques {
            let known = vedette_attack::technique(technique).map(|t| t.tactics).unwrap_or_default();
            let tactics: Vec<&str> = match said.get(technique.as_str()) {
                Some(tactics) => tactics.iter().copied().collect(),
                None if known.is_empty() => f.tactics.iter().take(1).map(String::as_str).collect(),
                None => known.iter().copied().filter(|t| f.tactics.iter().any(|o| o == t)).collect(),
            };
            for tactic in tactics {
                *cells.entry((tactic.to_owned(), technique.clone())).or_default() += 1;
            }
        }
    }
    // A technique that only the story names.
    for (technique, tactics) in &said {
        for tactic in tactics {
            cells.entry(((*tactic).to_owned(), (*technique).to_owned())).or_insert(0);
        }
    }
    Value::Array(cells.into_iter().map(|((t, id), n)| json!([t, id, n])).collect())
}

/// Names of the tactics in the order of an intrusion, and of the techniques that are named anywhere.
fn attack(scan: &Scan) -> Value {
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    ids.extend(scan.incidents.iter().flat_map(|i| &i.techniques).map(String::as_str));
    ids.extend(scan.incidents.iter().flat_map(|i| &i.story).flat_map(|s| &s.techniques).map(String::as_str));
    ids.extend(scan.findings.items.iter().flat_map(|f| &f.techniques).map(String::as_str));
    let mut names = Map::new();
    for id in ids {
        if let Some(technique) = vedette_attack::technique(id) {
            let name = match technique.parent() {
                Some(parent) => format!("{}: {}", parent.name, technique.name),
                None => technique.name.to_owned(),
            };
            names.insert(id.to_owned(), Value::String(name));
        }
    }
    let tactics: Vec<Value> =
        vedette_attack::tactics().iter().map(|t| json!([t.shortname, t.name, t.id])).collect();
    json!({ "tactics": tactics, "techniques": names })
}

fn set_aside(scan: &Scan) -> Value {
    cut(&scan.set_aside, 40, |s| json!({ "reason": s.reason, "count": s.count, "why": s.why }))
}

/// Indexes of the findings: those of incidents first, then by level; in order of time within.
fn by_worth(scan: &Scan) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scan.findings.items.len()).collect();
    order.sort_by_key(|&i| {
        let f = &scan.findings.items[i];
        (f.incident.is_none(), std::cmp::Reverse(rank(&f.level)))
    });
    order
}

/// Rows: `[id, rule, level, time, host, channel, code, actor, file, record, count, incident, set_aside, uids,
/// uids_total, details, unseen, techniques, witnesses, source_uid, title]`; texts by number.
fn findings(
    scan: &Scan,
    order: &[usize],
    rules: &HashMap<&str, usize>,
    shared: &mut Shared,
    room: usize,
) -> Value {
    let incidents: HashMap<&str, usize> =
        scan.incidents.iter().enumerate().map(|(i, n)| (n.id.as_str(), i)).collect();
    let mut bytes = 0;
    let mut kept: Vec<(usize, Value)> = Vec::new();
    for &index in order.iter().take(limits::FINDINGS_MAX) {
        let f = &scan.findings.items[index];
        let before = shared.bytes();
        let mut uids = vec![f.event.uid.as_str()];
        uids.extend(f.events.iter().map(|e| e.uid.as_str()).filter(|u| *u != f.event.uid));
        let total = uids.len();
        uids.truncate(limits::EVENTS_PER_FINDING_MAX);
        let uids: Vec<usize> = uids.iter().map(|u| shared.number(u, 64)).collect();
        let mut details = Vec::new();
        for (name, value) in f.details.iter().take(12) {
            details.push(json!([shared.number(name, 60), shared.number(value, limits::DETAIL_CHARS_MAX)]));
        }
        let techniques: Vec<usize> = f.techniques.iter().map(|t| shared.number(t, 20)).collect();
        let unseen: Vec<usize> =
            f.unseen_filter_fields.iter().take(8).map(|u| shared.number(u, 80)).collect();
        let witnesses: Vec<Value> = f
            .witnesses
            .iter()
            .take(8)
            .map(|w| {
                json!([
                    shared.number(&w.file, 400),
                    w.event.record,
                    shared.number(&w.channel, 200),
                    shared.number(&w.event.uid, 64)
                ])
            })
            .collect();
        let rule = rules.get(f.rule_id.as_str());
        // An imported alert may have a title of its own.
        let own = rule.is_none_or(|&r| scan_title(scan, f) != f.title || r == usize::MAX);
        let text = |shared: &mut Shared, text: &Option<String>, max| shared.maybe(text.as_deref(), max);
        let row = json!([
            f.id,
            rule.map_or(-1, |&r| r as i64),
            rank(&f.level),
            f.time,
            text(shared, &f.host, 200),
            text(shared, &f.channel, 200),
            text(shared, &f.code, 120),
            text(shared, &f.actor, 300),
            shared.number(&f.file, 400),
            f.event.record,
            f.count,
            f.incident.as_deref().and_then(|i| incidents.get(i)).map_or(-1, |&i| i as i64),
            text(shared, &f.set_aside, 300),
            uids,
            total,
            details,
            unseen,
            techniques,
            witnesses,
            text(shared, &f.source_uid, 200),
            if own { shared.number(&f.title, 300) as i64 } else { -1 },
        ]);
        bytes += inert(&row).len() + 1 + shared.bytes() - before;
        if bytes > room && kept.len() > 100 {
            break;
        }
        kept.push((index, row));
    }
    kept.sort_by_key(|(index, _)| *index);
    let shown = kept.len();
    let rows: Vec<Value> = kept.into_iter().map(|(_, row)| row).collect();
    json!({ "shown": shown, "total": scan.findings_total(), "rows": rows })
}

fn scan_title<'a>(scan: &'a Scan, f: &'a Finding) -> &'a str {
    scan.rules.iter().find(|r| r.id == f.rule_id).map_or(f.title.as_str(), |r| r.title.as_str())
}

/// Cited events: those of stories first, then the events of findings, while the bound lasts. Rows: `[uid, file, record,
/// time, time_basis, host, channel, code, mapping, case, sha256, cut, fields]`, a field is `[name, value]` or
/// `[name, value, 1]` where a mapping computed it.
fn evidence(scan: &Scan, order: &[usize], by_uid: &HashMap<&str, usize>, shared: &mut Shared) -> Value {
    let stories = scan.incidents.iter().flat_map(|i| &i.story);
    let firsts = stories.clone().filter_map(|s| s.events.first());
    let rest = stories.flat_map(|s| s.events.iter().take(limits::EVENTS_PER_STEP_MAX));
    let ranked = order.iter().take(limits::FINDINGS_MAX).map(|&i| &scan.findings.items[i]);
    let findings = ranked.clone().map(|f| &f.event.uid);
    let further =
        ranked.flat_map(|f| f.events.iter().chain(f.witnesses.iter().map(|w| &w.event))).map(|e| &e.uid);
    let mut seen: HashSet<usize> = HashSet::new();
    let mut too_large = 0;
    let mut rows: Vec<Value> = Vec::new();
    let mut bytes = 0;
    for uid in firsts.chain(rest).chain(findings).chain(further) {
        let Some(&index) = by_uid.get(uid.as_str()) else { continue };
        if !seen.insert(index) {
            continue;
        }
        let evidence = &scan.evidence.items[index];
        // A large event may be followed by small ones; after many there is no room.
        if bytes + weight(evidence) > limits::EVIDENCE_BYTES_MAX {
            too_large += 1;
            if too_large > 100 {
                break;
            }
            continue;
        }
        let before = shared.bytes();
        let row = event(evidence, shared);
        bytes += inert(&row).len() + 1 + shared.bytes() - before;
        rows.push(row);
    }
    json!({ "shown": rows.len(), "total": scan.evidence.total(), "rows": rows })
}

/// Bytes of an event at most: what it shares with others is counted, too.
fn weight(e: &Evidence) -> usize {
    let text =
        |text: &str| inert(&Value::String(crate::neutral::short(text, limits::VALUE_CHARS_MAX))).len() + 8;
    300 + e.fields.iter().map(|f| text(&f.name) + text(&f.value)).sum::<usize>()
}

fn event(e: &Evidence, shared: &mut Shared) -> Value {
    let fields: Vec<Value> = e
        .fields
        .iter()
        .filter(|f| !f.value.is_empty())
        .map(|f| {
            let (name, value) =
                (shared.number(&f.name, 200), shared.number(&f.value, limits::VALUE_CHARS_MAX));
            if f.derived { json!([name, value, 1]) } else { json!([name, value]) }
        })
        .collect();
    let mut text = |text: &Option<String>| shared.maybe(text.as_deref(), 300);
    json!([
        e.uid,
        text(&Some(e.file.clone())),
        e.record,
        e.time,
        text(&e.time_basis),
        text(&e.host),
        text(&e.channel),
        text(&e.code),
        text(&e.mapping),
        text(&e.case),
        e.sha256,
        e.cut,
        fields
    ])
}

/// Rules that fired, those with the most and gravest findings first, and the place of each in the list.
fn rules(scan: &Scan) -> (Value, HashMap<&str, usize>) {
    let mut fired: BTreeMap<&str, (u64, &Finding)> = BTreeMap::new();
    for f in &scan.findings.items {
        fired.entry(&f.rule_id).or_insert((0, f)).0 += 1;
    }
    let told: HashMap<&str, &crate::scan::Rule> = scan.rules.iter().map(|r| (r.id.as_str(), r)).collect();
    let mut order: Vec<(&str, u64, &Finding)> = fired.into_iter().map(|(id, (n, f))| (id, n, f)).collect();
    order.sort_by_key(|(id, n, f)| (std::cmp::Reverse(rank(&f.level)), std::cmp::Reverse(*n), *id));
    let mut bytes = 0;
    let mut numbers = HashMap::new();
    let mut list = Vec::new();
    for (id, count, f) in order {
        let rule = told.get(id);
        let full = bytes < limits::RULES_BYTES_MAX;
        let text = |of: fn(&crate::scan::Rule) -> &Option<String>| rule.and_then(|r| of(r).clone());
        let mut value = json!({
            "id": id,
            "title": rule.map_or(&f.title, |r| &r.title),
            "level": rule.map_or(&f.level, |r| &r.level),
            "status": text(|r| &r.status).or_else(|| f.status.clone()),
            "count": count,
            "techniques": rule.map_or(&f.techniques, |r| &r.techniques),
            "tactics": rule.map_or(&f.tactics, |r| &r.tactics),
            "author": text(|r| &r.author).or_else(|| f.author.clone()),
            "license": text(|r| &r.license).or_else(|| f.license.clone()),
            "path": rule.map_or(&f.rule_path, |r| &r.path),
        });
        if full {
            let false_positives = rule.map_or(&f.false_positives, |r| &r.falsepositives.0);
            value["false_positives"] = json!(false_positives);
            value["guide"] = json!(text(|r| &r.guide));
            value["description"] = json!(text(|r| &r.description));
            value["references"] = json!(rule.map(|r| r.references.0.iter().take(12).collect::<Vec<_>>()));
        }
        bytes += inert(&value).len() + 1;
        if bytes > limits::RULES_BYTES_MAX * 2 {
            break;
        }
        numbers.insert(id, list.len());
        list.push(value);
    }
    (Value::Array(list), numbers)
}

/// Verdicts on the files: those with something to say first, then in reading order.
fn files(scan: &Scan) -> Value {
    let mut order: Vec<usize> = (0..scan.files.len()).collect();
    order.sort_by_key(|&i| {
        let f = &scan.files[i];
        f.problems.is_empty() && f.rejected == 0 && f.complete != Some(false)
    });
    let mut bytes = 0;
    let mut list = Vec::new();
    for index in order {
        let f = &scan.files[index];
        let value = json!({
            "path": f.path, "format": f.format, "parser": f.parser, "bytes": f.bytes, "records": f.records,
            "events": f.events, "joined": f.joined, "duplicate": f.duplicate, "rejected": f.rejected,
            "unmapped": f.unmapped, "untimed": f.untimed, "container": f.container,
            "first": f.first, "last": f.last, "time_basis": f.time_basis, "sha256": f.sha256,
            "complete": f.complete != Some(false),
            "rejects": f.rejects.iter().take(5).map(|r| json!([r.reason, r.count, r.record, r.detail])).collect::<Vec<_>>(),
            "problems": f.problems.iter().take(5).map(problem).collect::<Vec<_>>(),
        });
        bytes += inert(&value).len() + 1;
        if bytes > limits::FILES_BYTES_MAX {
            break;
        }
        list.push(value);
    }
    json!({ "total": scan.files.len(), "list": list })
}

fn problem(p: &crate::scan::Problem) -> Value {
    json!({ "code": p.code, "place": p.place, "fault": p.fault, "consequence": p.consequence,
            "remedy": p.remedy, "count": p.count })
}

/// What each log of each host covers: `[host, channel, events, first, last, missing, notices]`.
fn coverage(scan: &Scan) -> Value {
    let all: Vec<_> =
        scan.summary.hosts.iter().flat_map(|h| h.channels.iter().map(move |c| (h, c))).collect();
    let mut bytes = 0;
    let mut list = Vec::new();
    for (host, c) in &all {
        let notices: Vec<Value> = c.notices.iter().take(4).map(|n| json!([n.kind, n.time])).collect();
        let value =
            json!([host.name, c.name, c.events, c.first, c.last, c.missing_records.unwrap_or(0), notices]);
        bytes += inert(&value).len() + 1;
        if bytes > limits::COVERAGE_BYTES_MAX {
            break;
        }
        list.push(value);
    }
    json!({ "total": all.len(), "list": list })
}

fn summary(scan: &Scan) -> Value {
    let s = &scan.summary;
    let levels = ["critical", "high", "medium", "low", "informational"]
        .map(|l| s.findings.get(l).copied().unwrap_or(0));
    let in_incidents = scan.findings.items.iter().filter(|f| f.incident.is_some()).count() as u64;
    json!({
        "complete": s.complete != Some(false),
        "files": s.files.max(scan.files.len() as u64), "bytes": s.bytes, "records": s.records, "events": s.events,
        "joined": s.joined, "duplicate": s.duplicate, "rejected": s.rejected, "unmapped": s.unmapped,
        "untimed": s.untimed, "outside": s.outside, "first": s.first, "last": s.last,
        "levels": levels,
        "in_incidents": s.in_incidents.max(in_incidents), "set_aside": s.set_aside,
        "findings_not_kept": s.findings_not_kept, "evidence_not_kept": s.evidence_not_kept, "evidence_not_embedded": s.evidence_not_embedded,
        "rules": { "rules": s.rules.rules, "running": s.rules.running, "left_out": s.rules.left_out,
                   "no_source": s.rules.no_source, "hash": s.rules.hash },
        "problems": s.problems.iter().take(30).map(problem).collect::<Vec<_>>(),
    })
}
