//! From what a scan came to into the shapes that scripts rely on: written out here, at the face.

use std::collections::BTreeMap;
use std::io;

use vedette_model::{self as model, Timestamp};
use vedette_runtime::Content;
use vedette_runtime::check;
use vedette_runtime::scan::Outcome;
use vedette_runtime::scan::channels::Channel;
use vedette_runtime::scan::verdict::{FileVerdict, Flaw, Names};

use super::wire;

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
    let (techniques, tactics) = attack(&meta.tags);
    Ok(wire::Finding {
        id: found.id.to_string(),
        rule_id: meta.id.clone(),
        title: meta.title.clone(),
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
    })
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

/// ATT&CK technique ids (`T1059.001`) and tactic short names, in the order of the tags.
fn attack(tags: &[String]) -> (Vec<String>, Vec<String>) {
    let mut techniques = Vec::new();
    let mut tactics: Vec<String> = Vec::new();
    let mut add = |tactic: &str| {
        if !tactics.iter().any(|t| t == tactic) {
            tactics.push(tactic.to_owned());
        }
    };
    for tag in tags {
        if let Some(id) = vedette_attack::technique_id(tag) {
            let served = vedette_attack::technique(&id).map(|t| t.tactics).unwrap_or_default();
            served.iter().for_each(|t| add(t));
            techniques.push(id);
        } else if let Some(vedette_attack::Tagged::Tactic(tactic)) = vedette_attack::from_tag(tag) {
            add(tactic.shortname);
        }
    }
    (techniques, tactics)
}

pub fn summary(content: &Content, outcome: &Outcome) -> wire::Summary {
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
