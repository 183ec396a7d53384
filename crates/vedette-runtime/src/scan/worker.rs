//! What one worker makes of one batch: understood events, what matched, and counts. Keeps no state between batches,
//! so that the result does not depend on which worker gets which batch.

use std::sync::Arc;

use vedette_model::{Batch, Event, EventUid, FileFormat, LaneId, Position, Problem, Reject, UidBasis};
use vedette_normalize::Normalizer;

use super::channels::{Places, Sighting};
use super::fingerprint::fingerprint;
use super::homes::{self, Homes};
use super::matching::{Draft, Matching};
use super::presence::Presence;
use super::script_block::Part;
use super::survey::{Row, Survey};
use super::verdict::Tally;
use super::{Search, TimelineLine};
use crate::content::Content;
use crate::hunt::{Catch, Hunter};

/// What the merge must know of each event to tell copies.
pub struct SeenEvent {
    pub uid: EventUid,
    pub basis: UidBasis,
    /// Without a time, equal content proves nothing.
    pub timed: bool,
    /// What it adds to its channel.
    pub sighting: Option<Sighting>,
}

/// The result of one batch, in file order.
pub struct BatchYield {
    /// `events` counts copies too: the merge takes them out.
    pub tally: Tally,
    /// What [`SeenEvent::sighting`] points into.
    pub places: Places,
    pub seen: Vec<SeenEvent>,
    pub drafts: Vec<Draft>,
    /// Parts of script blocks, by index of the event.
    pub parts: Vec<(usize, Part)>,
    pub timeline: Vec<(usize, TimelineLine)>,
    pub rows: Vec<(usize, Row)>,
    pub presence: Presence,
    pub homes: Homes,
    pub catch: Catch,
    /// Set when the batch could not be worked on at all.
    pub problem: Option<Problem>,
}

impl BatchYield {
    fn with_room(events: usize) -> Self {
        Self {
            tally: Tally::default(),
            places: Places::default(),
            seen: Vec::with_capacity(events),
            drafts: Vec::new(),
            parts: Vec::new(),
            timeline: Vec::new(),
            rows: Vec::new(),
            presence: Presence::default(),
            homes: Homes::default(),
            catch: Catch::default(),
            problem: None,
        }
    }

    /// What remains of a batch over which the worker broke: every record is rejected, and a problem says where.
    pub fn broken(batch: &Batch) -> Self {
        let mut out = Self::with_room(0);
        let reject = |position| Reject { position, reason: INTERNAL_ERROR, detail: String::new() };
        let first = batch.spans.first().map_or(
            Position { number: batch.chunk, offset: EVTX_HEADER_BYTES + batch.chunk * EVTX_CHUNK_BYTES },
            |span| span.position,
        );
        if batch.spans.is_empty() {
            for _ in 0..chunk_records(&batch.bytes) {
                out.tally.reject(&reject(first));
            }
        }
        for span in &batch.spans {
            out.tally.reject(&reject(span.position));
            span.joined.iter().for_each(|part| out.tally.reject(&reject(*part)));
        }
        batch.rejects.iter().for_each(|known| out.tally.reject(known));
        out.tally.records = out.tally.rejected;
        let what = if batch.spans.is_empty() { "chunk" } else { "record" };
        out.problem = Some(Problem {
            code: "VD-R001",
            place: format!("{}: {what} {}", batch.file.path, first.number),
            fault: "an internal error while these records were read".to_owned(),
            consequence: format!("{} records from there on are rejected", out.tally.rejected),
            remedy: "this is a fault of Vedette: report it, if you can with the file".to_owned(),
            count: 1,
        });
        out
    }
}

const INTERNAL_ERROR: &str = "internal error";

/// The file header and one chunk of an EVTX file ([MS-EVEN6] 2.2.12 names the parts; sizes as all writers use them).
const EVTX_HEADER_BYTES: u64 = 4096;
const EVTX_CHUNK_BYTES: u64 = 65_536;

/// How many records the header of an EVTX chunk promises: the first and the last record number stand at 8 and 16. At
/// least 1, and no more than fit.
fn chunk_records(chunk: &[u8]) -> u64 {
    const RECORD_BYTES_MIN: u64 = 28;
    let number = |at: usize| chunk.get(at..at + 8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
    let promised = number(8).zip(number(16)).and_then(|(first, last)| last.checked_sub(first));
    promised.map_or(1, |n| n.saturating_add(1)).min(EVTX_CHUNK_BYTES / RECORD_BYTES_MIN)
}

/// One worker's tools.
pub struct Worker {
    content: Arc<Content>,
    search: Arc<Search>,
    normalizer: Normalizer,
    matching: Matching,
    hunter: Option<Hunter>,
}

impl Worker {
    pub fn new(content: Arc<Content>, search: Arc<Search>) -> Self {
        let normalizer = Normalizer::new(content.catalogue.clone(), &content.wanted);
        let hunter = search.hunt.clone().map(Hunter::new);
        Self { matching: Matching::new(content.clone()), content, search, normalizer, hunter }
    }

    pub fn batch(&mut self, batch: &Batch) -> BatchYield {
        #[cfg(test)]
        assert!(!batch.bytes.starts_with(b"a batch that breaks the worker"), "injected");
        let mut out = BatchYield::with_room(batch.spans.len());
        let numbered = batch.file.format == FileFormat::Evtx;
        let Self { content, search, normalizer, matching, hunter } = self;
        let outcome = normalizer.batch(batch, &mut |event: &mut Event| {
            let hunter = hunter.as_mut();
            take(content, search, matching, hunter, event, &batch.file.path, numbered, &mut out)
        });
        let tally = &mut out.tally;
        for reject in batch.rejects.iter().chain(&outcome.rejects) {
            tally.reject(reject);
        }
        tally.joined = batch.spans.iter().map(|s| s.joined.len() as u64).sum();
        tally.events = out.seen.len() as u64;
        tally.records = tally.events + tally.joined + tally.rejected;
        for (mapping, name, count) in &outcome.unknown_fields {
            tally.add_unknown_field(&format!("{mapping}: {name}"), *count);
        }
        for (reason, problem) in &outcome.time_problems {
            tally.time_fault(reason, problem.count, problem.first, &problem.detail);
        }
        out
    }
}

#[allow(clippy::too_many_arguments)]
fn take(
    content: &Content,
    search: &Search,
    matching: &mut Matching,
    hunter: Option<&mut Hunter>,
    event: &mut Event,
    path: &str,
    numbered: bool,
    out: &mut BatchYield,
) {
    let index = out.seen.len();
    let covered = search.covers(event.time);
    let sighting = if covered || !search.channels_within {
        out.places.sighting(event, numbered || event.record != event.position.number)
    } else {
        None
    };
    out.seen.push(SeenEvent {
        uid: uid(event),
        basis: event.uid_basis,
        timed: event.time.is_some(),
        sighting,
    });
    count(content, event, &mut out.tally);
    if !covered {
        out.tally.outside += 1;
        return;
    }
    if let Some(row) = search.survey.as_ref().and_then(|survey: &Survey| survey.row(content, event)) {
        out.rows.push((index, row));
    }
    if search.timeline_events {
        out.timeline.push((index, TimelineLine::of(content, event, path)));
    }
    if search.presence {
        out.presence.add(event);
        return;
    }
    match (Part::of(event), hunter) {
        (Some(part), _) => out.parts.push((index, part)),
        (None, Some(hunter)) => hunter.look(content, event, index, path, &mut out.catch),
        (None, None) => {
            // Only findings are tied to machines.
            homes::told(content, event, &mut |address, host| out.homes.add(address, host, event.time));
            matching.find(event, index, &mut out.drafts);
        }
    }
}

/// An identity alone proves nothing, as converters number every record 0: what the record says is part of the uid.
fn uid(event: &Event) -> EventUid {
    match event.uid_basis {
        UidBasis::Identity => event.uid.occurrence(fingerprint(&event.native)),
        UidBasis::Content => event.uid,
    }
}

fn count(content: &Content, event: &Event, tally: &mut Tally) {
    match event.time {
        Some(time) => {
            tally.extent.add(time);
            tally.bases[event.time_basis as usize] += 1;
        }
        None => tally.untimed += 1,
    }
    if !event.host.is_empty() {
        tally.hosts.add(&event.host, 1);
    }
    if !event.channel.is_empty() {
        tally.channels.add(&event.channel, 1);
    }
    if event.lane == LaneId::UNKNOWN {
        tally.unmapped += 1;
    } else if let Some(lane) = content.catalogue.lanes().get(event.lane.0 as usize) {
        tally.parsers.add(&lane.mapping, 1);
    }
    if !event.code.is_empty() {
        let name = if event.channel.is_empty() {
            event.code.clone()
        } else {
            format!("{}:{}", event.channel, event.code)
        };
        tally.add_event_id(&name);
    }
}
