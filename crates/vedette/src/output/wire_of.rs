//! From what a scan came to into the shapes that scripts rely on: written out here, at the face.

use std::collections::BTreeMap;
use std::io;

use vedette_model::{self as model, Timestamp};
use vedette_runtime::Content;
use vedette_runtime::scan::Outcome;
use vedette_runtime::scan::channels::Channel;
use vedette_runtime::scan::homes::Homes;
use vedette_runtime::scan::incidents::{Incidents, Placement, SetAside};
use vedette_runtime::scan::verdict::{FileVerdict, Flaw, Names};
use vedette_runtime::{attack, check};

use super::{wire, wire_incident};

/// Gaps listed for one channel: the longest ones.
const GAPS_MAX: usize = 10;

fn time(time: Option<Timestamp>) -> Option<String> {
    time.map(|t| t.to_string())
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn event(event: &model::EventRef) -> wire::EventRef {
    wire::EventRef { record: event.record, uid: event.uid.to_string(), joined: Vec::new() }
}

pub fn problem(problem: &model::Problem) -> wire::Problem {
    wire::Problem {
        code: problem.code.to_owned(),
        place: problem.place.clone(),
        fault: problem.fault.clone(),
        consequence: problem.consequence.clone(),
        remedy: problem.remedy.clone(),
        count: problem.count,
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub fn file(verdict: &FileVerdict) -> wire::File {
    let t = &verdict.tally;
    wire::File {
        path: verdict.path.clone(),
        format: verdict.format.name().to_owned(),
        parser: t.parsers.most().map(str::to_owned),
        parsers: names(&t.parsers),
        encoding: verdict.encoding.map(str::to_owned),
        container: verdict.container,
        bytes: verdict.bytes,
        blank_lines: verdict.blank_lines,
        header_lines: verdict.header_lines,
        sha256: verdict.sha256.map(|h| hex(&h)),
        records: t.records,
        events: t.events,
        joined: t.joined,
        duplicate: t.duplicate,
        rejected: t.rejected,
        rejects: t.rejections.iter().map(flaw).collect(),
        time_faults: t.time_faults.iter().map(flaw).collect(),
        unmapped: t.unmapped,
        untimed: t.untimed,
        outside: t.outside,
        hosts: names(&t.hosts),
        channels: names(&t.channels),
        event_ids: names(&t.event_ids),
        first: time(t.extent.first),
        last: time(t.extent.last),
        time_basis: verdict.time_basis().to_owned(),
        unknown_fields: names(&t.unknown_fields),
        problems: verdict.problems.iter().map(problem).collect(),
        complete: verdict.complete,
    }
}

fn names(names: &Names) -> BTreeMap<String, u64> {
    names.iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

fn flaw(flaw: &Flaw) -> wire::Reject {
    wire::Reject {
        reason: flaw.reason.to_owned(),
        count: flaw.count,
        record: flaw.first.number,
        offset: flaw.first.offset,
        detail: flaw.detail.clone(),
    }
}

/// Paths by file index, for findings.
pub struct Paths(Vec<String>);

impl Paths {
    pub fn of(files: &[FileVerdict]) -> Self {
        let mut paths = Vec::new();
        for file in files {
            let index = file.index.0 as usize;
            if paths.len() <= index {
                paths.resize(index + 1, String::new());
            }
            paths[index].clone_from(&file.path);
        }
        Self(paths)
    }

    pub fn get(&self, file: model::FileIndex) -> &str {
        self.0.get(file.0 as usize).map_or("", String::as_str)
    }
}

/// The finding at `index` of the order.
///
/// # Errors
/// When it cannot be read back from its temporary file.
pub fn finding(
    content: &Content,
    findings: &mut vedette_runtime::scan::findings::Findings,
    paths: &Paths,
    incidents: &Incidents,
    homes: &Homes,
    index: u32,
) -> io::Result<wire::Finding> {
    let found = findings.read(index)?;
    let meta = content.meta(found.rule);
    let mut files: Vec<String> = std::iter::once(found.event.file)
        .chain(found.events.iter().map(|e| e.file))
        .chain(findings.copies(index).iter().copied())
        .chain(found.witnesses.iter().map(|w| w.event.file))
        .map(|f| paths.get(f).to_owned())
        .collect();
    let mut known = std::collections::BTreeSet::new();
    files.retain(|f| known.insert(f.clone()));
    if files.len() == 1 {
        files.clear();
    }
    let (mut techniques, mut tactics) = attack::of_tags(&meta.tags);
    let mut title = meta.title.clone();
    let mut source_uid = None;
    if let Some(alert) = found.alert.as_deref() {
        (techniques, tactics) = (alert.techniques.clone(), alert.tactics.clone());
        title.clone_from(&alert.title);
        source_uid = filled(&alert.source_uid);
    }
    let homes = homes_of(homes, &found);
    let (incident, set_aside) = match incidents.placement(index) {
        Placement::Incident(id) => (Some(id.to_owned()), None),
        Placement::SetAside(reason) => (None, Some(reason.to_owned())),
    };
    Ok(wire::Finding {
        id: found.id.to_string(),
        rule_id: meta.id.clone(),
        source_uid,
        title,
        level: found.level.name().to_owned(),
        status: meta.status.map(status).map(str::to_owned),
        file: paths.get(found.event.file).to_owned(),
        files,
        event: wire::EventRef { joined: findings.joined(index).to_vec(), ..event(&found.event) },
        events: found.events.iter().map(event).collect(),
        time: time(found.time),
        host: filled(&found.host),
        channel: filled(&found.channel),
        code: filled(&found.code),
        actor: filled(&found.actor),
        techniques,
        tactics,
        tags: meta.tags.clone(),
        count: found.events.len().max(1) as u64,
        details: found.details.iter().cloned().collect(),
        witnesses: found
            .witnesses
            .iter()
            .map(|w| wire::Witness {
                file: paths.get(w.event.file).to_owned(),
                event: event(&w.event),
                channel: w.channel.clone(),
                time: time(w.event.time),
            })
            .collect(),
        unseen_filter_fields: found.unseen_filter_fields,
        author: meta.author.clone(),
        license: meta.license.clone(),
        rule_path: meta.place.path.to_string(),
        false_positives: meta.falsepositives.clone(),
        homes,
        entities: found.entities.iter().map(entity).collect(),
        incident,
        set_aside,
    })
}

fn homes_of(homes: &Homes, found: &model::Finding) -> Vec<wire::Home> {
    let mut all: Vec<wire::Home> = Vec::new();
    for address in found.entities.iter().filter(|e| e.kind == model::EntityKind::Address) {
        let Some(host) = homes.host(&address.key, found.time) else { continue };
        let home = wire::Home { address: address.key.clone(), host: host.to_owned() };
        if !all.contains(&home) {
            all.push(home);
        }
    }
    all
}

fn entity(entity: &model::Entity) -> wire::Entity {
    wire::Entity {
        kind: entity.kind.name().to_owned(),
        role: entity.role.name().to_owned(),
        key: entity.key.clone(),
        shown: entity.shown.clone(),
    }
}

pub fn set_aside(aside: &SetAside) -> wire_incident::SetAside {
    wire_incident::SetAside { reason: aside.reason.to_owned(), count: aside.count, why: aside.why.clone() }
}

/// The rules behind these findings, by id.
pub fn rules(content: &Content, outcome: &Outcome, chosen: &[u32]) -> Vec<wire_incident::Rule> {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for index in chosen {
        *counts.entry(outcome.findings.key(*index).rule).or_default() += 1;
    }
    let mut rules: Vec<wire_incident::Rule> =
        counts.into_iter().map(|(index, findings)| rule(content, index, findings)).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules
}

/// One rule, and how many findings it has.
pub fn rule(content: &Content, rule: u32, findings: u64) -> wire_incident::Rule {
    let meta = content.meta(rule);
    let (techniques, tactics) = attack::of_tags(&meta.tags);
    wire_incident::Rule {
        id: meta.id.clone(),
        title: meta.title.clone(),
        level: content.level(rule).name().to_owned(),
        status: meta.status.map(status).map(str::to_owned),
        author: meta.author.clone(),
        license: meta.license.clone(),
        path: meta.place.path.to_string(),
        description: meta.description.clone(),
        techniques,
        tactics,
        tags: meta.tags.clone(),
        falsepositives: meta.falsepositives.clone(),
        guide: meta.guide.clone(),
        references: meta.references.clone(),
        findings,
    }
}

pub fn status(status: vedette_sigma::Status) -> &'static str {
    match status {
        vedette_sigma::Status::Unsupported => "unsupported",
        vedette_sigma::Status::Deprecated => "deprecated",
        vedette_sigma::Status::Experimental => "experimental",
        vedette_sigma::Status::Test => "test",
        vedette_sigma::Status::Stable => "stable",
    }
}

pub fn summary(
    content: &Content,
    outcome: &Outcome,
    incidents: &Incidents,
    not_embedded: u64,
) -> wire::Summary {
    let t = &outcome.total;
    let mut findings: BTreeMap<String, u64> =
        model::Level::ALL.iter().map(|l| (l.name().to_owned(), 0)).collect();
    let mut first_finding: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for &index in outcome.findings.order() {
        let key = outcome.findings.key(index);
        *findings.entry(key.level.name().to_owned()).or_default() += 1;
        if let Some(at) = key.time {
            first_finding
                .entry(outcome.findings.name(key.host))
                .and_modify(|f| *f = at.min(*f))
                .or_insert(at);
        }
    }
    let rules = check::account(content);
    let paths = Paths::of(&outcome.files);
    let mut hosts: Vec<wire::Host> = Vec::new();
    for (host, name, channel) in outcome.channels.iter() {
        if hosts.last().is_none_or(|h| h.name != host) {
            hosts.push(wire::Host { name: host.to_owned(), channels: Vec::new() });
        }
        let at = first_finding.get(host).copied();
        if let Some(last) = hosts.last_mut() {
            last.channels.push(self::channel(name, channel, at, &paths));
        }
    }
    wire::Summary {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        complete: outcome.complete,
        files: outcome.files.len() as u64,
        bytes: outcome.files.iter().map(|f| f.bytes).sum(),
        records: t.records,
        events: t.events,
        joined: t.joined,
        duplicate: t.duplicate,
        rejected: t.rejected,
        unmapped: t.unmapped,
        untimed: t.untimed,
        outside: t.outside,
        not_compared: outcome.not_compared,
        first: time(t.extent.first),
        last: time(t.extent.last),
        findings,
        findings_not_kept: outcome.findings.beyond.values().sum(),
        incidents: incidents.list.len() as u64,
        in_incidents: incidents.in_incidents,
        set_aside: incidents.set_aside.iter().map(|s| s.count).sum(),
        evidence_not_kept: outcome.evidence.not_kept,
        evidence_not_embedded: not_embedded,
        rules: wire::RulesLoaded {
            rules: rules.running + rules.left_out,
            running: rules.running,
            left_out: rules.left_out,
            no_source: rules.no_source,
            hash: content.hash(),
        },
        hosts,
        problems: content.problems.iter().chain(&outcome.problems).map(problem).collect(),
    }
}

fn channel(name: &str, channel: &Channel, first_finding: Option<Timestamp>, paths: &Paths) -> wire::Channel {
    let mut gaps: Vec<(u64, u64)> = channel.records.gaps().collect();
    gaps.sort_by_key(|(from, to)| std::cmp::Reverse(to - from));
    gaps.truncate(GAPS_MAX);
    gaps.sort_unstable();
    wire::Channel {
        name: name.to_owned(),
        events: channel.events,
        first: time(channel.extent.first),
        last: time(channel.extent.last),
        begins_before_first_finding_s: first_finding
            .and_then(|f| channel.begins_before(f))
            .map(|ns| ns.div_euclid(1_000_000_000)),
        first_record: channel.records.first(),
        last_record: channel.records.last(),
        missing_records: channel.records.first().and(channel.records.missing()),
        gaps,
        notices: channel
            .notices
            .iter()
            .map(|n| wire::Notice {
                kind: n.kind.name().to_owned(),
                time: time(n.event.time),
                file: paths.get(n.event.file).to_owned(),
                event: event(&n.event),
            })
            .collect(),
    }
}
