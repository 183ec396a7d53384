//! Takes results in input order and alone keeps state: copies, script blocks, verdicts, findings, correlations.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use vedette_correlate::{CorrelationFinding, Correlator, Hit};
use vedette_ingest::FileEnd;
use vedette_model::{
    Entity, EntityKind, EventRef, EventUid, FileContext, FileIndex, Finding, FindingId, LaneId, Role,
    UidBasis,
};

use super::acts::Acts;
use super::channels::Channels;
use super::dedupe::{Repeats, Seen};
use super::evidence::EvidenceStore;
use super::findings::Findings;
use super::homes::Homes;
use super::matching::{Draft, Matching};
use super::presence::Presence;
use super::script_block::{ScriptBlocks, Whole};
use super::survey::Counts;
use super::verdict::{FileVerdict, NamePool, Tally};
use super::worker::BatchYield;
use super::{Outcome, TimelineSink};
use crate::content::Content;
use crate::hunt::{Catch, Hunt, Hunter, Sightings};
use crate::limits::CORRELATION_ENTITIES_MAX;

pub struct Merge<'a> {
    content: Arc<Content>,
    files: BTreeMap<FileIndex, FileVerdict>,
    findings: Findings,
    evidence: EvidenceStore,
    homes: Homes,
    channels: Channels,
    seen: Seen,
    repeats: Repeats,
    repeats_of: Option<FileIndex>,
    blocks: ScriptBlocks,
    matching: Matching,
    windows: Correlator,
    acts: Acts,
    counts: Counts,
    presence: Presence,
    hunt: Option<(Arc<Hunt>, Hunter)>,
    sightings: Sightings,
    names: NamePool,
    timeline: Option<&'a mut dyn TimelineSink>,
}

impl<'a> Merge<'a> {
    /// # Errors
    /// When no temporary file can be made.
    pub fn new(
        content: Arc<Content>,
        hunt: Option<Arc<Hunt>>,
        timeline: Option<&'a mut dyn TimelineSink>,
    ) -> io::Result<Self> {
        Ok(Self {
            files: BTreeMap::new(),
            findings: Findings::new()?,
            evidence: EvidenceStore::new()?,
            homes: Homes::default(),
            channels: Channels::default(),
            seen: Seen::default(),
            repeats: Repeats::default(),
            repeats_of: None,
            blocks: ScriptBlocks::default(),
            matching: Matching::new(content.clone()),
            windows: content.correlator(),
            acts: Acts::default(),
            counts: Counts::default(),
            presence: Presence::default(),
            hunt: hunt.map(|hunt| (hunt.clone(), Hunter::new(hunt))),
            sightings: Sightings::default(),
            names: NamePool::default(),
            timeline,
            content,
        })
    }

    pub fn start(&mut self, file: &FileContext) {
        self.files.insert(
            file.index,
            FileVerdict {
                index: file.index,
                path: file.path.clone(),
                format: file.format,
                bytes: 0,
                sha256: None,
                encoding: None,
                blank_lines: 0,
                header_lines: 0,
                container: false,
                tally: Tally::default(),
                problems: Vec::new(),
                complete: false,
            },
        );
    }

    pub fn end(&mut self, end: FileEnd) {
        if let Some(verdict) = self.files.get_mut(&end.index) {
            verdict.format = end.format;
            verdict.bytes = end.bytes_read;
            verdict.sha256 = end.sha256;
            verdict.encoding = end.encoding;
            verdict.blank_lines = end.lines_blank;
            verdict.header_lines = end.lines_header;
            verdict.container = end.container;
            verdict.problems.extend(end.problems);
            verdict.complete = true;
            verdict.problems.shrink_to_fit();
            verdict.tally.settle(&mut self.names);
        }
    }

    /// # Errors
    /// When findings or timeline cannot be written.
    pub fn batch(&mut self, file: FileIndex, mut yielded: BatchYield) -> io::Result<()> {
        if self.repeats_of != Some(file) {
            self.repeats.clear();
            self.repeats_of = Some(file);
        }
        let copies: Vec<(EventUid, bool)> = yielded.seen.iter().map(|e| self.identify(e, file)).collect();
        let duplicate = copies.iter().filter(|(_, copy)| *copy).count() as u64;
        yielded.tally.duplicate += duplicate;
        yielded.tally.events -= duplicate;
        let sightings = yielded.seen.iter().zip(&copies);
        let new =
            sightings.filter_map(|(event, (uid, copy))| event.sighting.filter(|_| !copy).map(|s| (s, *uid)));
        self.channels.add(file, std::mem::take(&mut yielded.places), new);
        self.presence.merge(std::mem::take(&mut yielded.presence));
        self.homes.merge(std::mem::take(&mut yielded.homes));
        if let Some(verdict) = self.files.get_mut(&file) {
            verdict.tally.merge(&yielded.tally);
            if let Some(problem) = yielded.problem {
                match verdict.problems.iter_mut().find(|known| known.code == problem.code) {
                    Some(known) => known.count += 1,
                    None => verdict.problems.push(problem),
                }
            }
        }
        if let Some((hunt, _)) = &self.hunt {
            self.sightings.add(std::mem::take(&mut yielded.catch), file, &copies, hunt.lines);
        }
        for (index, row) in yielded.rows {
            if !copies[index].1 {
                self.counts.add(row);
            }
        }
        if let Some(sink) = self.timeline.as_mut() {
            for (index, line) in yielded.timeline {
                let (uid, copy) = copies[index];
                if !copy {
                    sink.event(&line, uid)?;
                }
            }
        }
        for draft in yielded.drafts {
            let (uid, copy) = copies[draft.event];
            self.draft(draft, uid, copy)?;
        }
        for (index, mut part) in yielded.parts {
            let (uid, copy) = copies[index];
            if !copy {
                part.event.uid = uid;
                let done = self.blocks.add(part);
                self.whole(done)?;
            }
        }
        Ok(())
    }

    /// The final uid of an event of `file`, and whether it is a copy of one in another file.
    fn identify(&mut self, event: &super::worker::SeenEvent, file: FileIndex) -> (EventUid, bool) {
        let uid = self.repeats.number(event.uid);
        if event.basis == UidBasis::Content && !event.timed {
            return (uid, false);
        }
        self.seen.insert(uid, file)
    }

    fn whole(&mut self, done: Vec<Whole>) -> io::Result<()> {
        for mut whole in done {
            for file in &whole.others {
                if let Some(verdict) = self.files.get_mut(file) {
                    verdict.tally.events -= 1;
                    verdict.tally.joined += 1;
                }
            }
            if let Some((hunt, hunter)) = &mut self.hunt {
                let (file, uid) = (whole.event.file, whole.event.uid);
                let path = self.files.get(&file).map_or("", |v| v.path.as_str());
                let mut catch = Catch::default();
                hunter.look(&self.content, &mut whole.event, 0, path, &mut catch);
                self.sightings.add(catch, file, &[(uid, false)], hunt.lines);
                continue;
            }
            let mut drafts = Vec::new();
            self.matching.find(&whole.event, 0, &mut drafts);
            for mut draft in drafts {
                if whole.missing > 0
                    && let Some(finding) = &mut draft.finding
                {
                    let missing = format!("{} of {}", whole.missing, whole.total);
                    finding.details.push(("parts missing".to_owned(), missing));
                }
                self.draft(draft, whole.event.uid, false)?;
            }
        }
        Ok(())
    }

    fn draft(&mut self, draft: Draft, uid: EventUid, copy: bool) -> io::Result<()> {
        let Draft { rule, at, host, finding, act, values, joined, evidence, .. } = draft;
        let at = EventRef { uid, ..at };
        let id = FindingId::of(&self.content.meta(rule).id, [uid]);
        if copy {
            self.findings.add_copy(id, at.file);
            return Ok(());
        }
        self.evidence.keep(rule, &host, &at, &evidence)?;
        if self.content.feeds(rule) {
            self.windows.offer(Hit { rule, time: at.time, event: at, host: &host, values: &values });
        }
        if let Some(mut finding) = finding {
            finding.event = at;
            finding.id = id;
            let Some(index) = self.findings.push(&finding)? else { return Ok(()) };
            self.findings.set_joined(index, joined);
            if let (Some((kind, key, rank)), Some(time)) = (act, finding.time) {
                let (host, channel) = (finding.host.as_str(), finding.channel.as_str());
                let act = (kind, key.as_str(), rank);
                self.acts.add(&mut self.findings, (index, rule), (host, channel), act, time);
            }
        }
        Ok(())
    }

    /// Closes what is open, runs the correlations, joins twins, sorts.
    ///
    /// # Errors
    /// When findings cannot be written or read back.
    pub fn finish(mut self, complete: bool) -> io::Result<Outcome> {
        let open = self.blocks.finish();
        self.whole(open)?;
        let windows = std::mem::replace(&mut self.windows, self.content.correlator());
        let correlated = windows.finish();
        for found in &correlated.findings {
            let finding = self.correlation(found)?;
            self.findings.push(&finding)?;
        }
        for group in std::mem::take(&mut self.acts).join(&self.findings) {
            for witness in group.witnesses {
                self.findings.fold(group.primary as u32, witness as u32)?;
            }
        }
        self.findings.sort();
        let files: Vec<FileVerdict> = self.files.into_values().collect();
        let mut total = Tally::default();
        for file in &files {
            debug_assert!(file.tally.balances(), "{}: the account does not balance", file.path);
            total.merge(&file.tally);
        }
        Ok(Outcome {
            files,
            findings: self.findings,
            evidence: self.evidence,
            homes: self.homes,
            channels: self.channels,
            total,
            problems: correlated.problems,
            not_compared: self.seen.not_compared,
            counts: self.counts,
            presence: self.presence,
            sightings: self.sightings,
            complete,
        })
    }

    fn correlation(&mut self, found: &CorrelationFinding) -> io::Result<Finding> {
        let entities = self.entities_of(found)?;
        let rule = self.content.correlation(found.correlation);
        let mut details = found.group.clone();
        details.push(("why".to_owned(), found.explanation.clone()));
        let mut actor = actor_of(&found.group);
        if actor.is_empty() {
            let acts = |e: &&Entity| {
                e.role == Role::Actor && matches!(e.kind, EntityKind::User | EntityKind::CloudPrincipal)
            };
            actor = entities.iter().find(acts).map(|e| e.shown.clone()).unwrap_or_default();
        }
        Ok(Finding {
            id: FindingId::of(&self.content.meta(rule).id, found.events.iter().map(|e| e.uid)),
            rule,
            level: self.content.level(rule),
            time: Some(found.last),
            host: found.host.clone(),
            channel: String::new(),
            code: String::new(),
            actor,
            event: found.closing,
            events: found.events.clone(),
            witnesses: Vec::new(),
            details,
            unseen_filter_fields: Vec::new(),
            entities,
            alert: None,
        })
    }

    /// The entities of the events, as far as those were kept: what most of them share first, then by kind and key.
    fn entities_of(&mut self, found: &CorrelationFinding) -> io::Result<Vec<Entity>> {
        let mut all: BTreeMap<(EntityKind, Role, String), (u32, Entity)> = BTreeMap::new();
        for event in found.events.iter().chain([&found.closing]) {
            let Some(kept) = self.evidence.read(event.uid)? else { continue };
            let lane = self.content.catalogue.find_lane(&kept.mapping, &kept.case).unwrap_or(LaneId::UNKNOWN);
            for entity in self.content.catalogue.entities(&kept.restore(lane)) {
                let key = (entity.kind, entity.role, entity.key.clone());
                all.entry(key).or_insert((0, entity)).0 += 1;
            }
        }
        let mut all: Vec<(u32, Entity)> = all.into_values().collect();
        all.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        Ok(all.into_iter().take(CORRELATION_ENTITIES_MAX).map(|(_, entity)| entity).collect())
    }
}

/// Who a group is about: the value under the first name that speaks of a user or an account. The hits of a window
/// carry no more of their events than the fields that the correlation reads.
fn actor_of(group: &[(String, String)]) -> String {
    let speaks = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["user", "account", "arn", "principal", "actor"].iter().any(|word| name.contains(word))
    };
    group.iter().find(|(name, _)| speaks(name)).map(|(_, value)| value.clone()).unwrap_or_default()
}
