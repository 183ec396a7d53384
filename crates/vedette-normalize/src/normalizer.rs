//! Records into events: read, unwrapped, understood by a mapping, given time, host and uid.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use vedette_model::{
    Batch, Event, EventUid, FileContext, FileFormat, Header, Kind, LaneId, Native, Position, Reject, Span,
    TimeBasis, Timestamp, UidBasis,
};
use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_128, xxh3_128_with_seed};

use crate::catalogue::{Catalogue, LaneSheet};
use crate::choice::Candidates;
use crate::formats::{self, Input, LineHint, evtx};
use crate::generic;
use crate::mapping::derive::{Derivation, Scratch};
use crate::mapping::envelope::Unwrap;
use crate::mapping::fault::nearest;
use crate::mapping::limits;
use crate::mapping::names::{Fields, Looked, Lookup, NameId, Names};
use crate::mapping::sheet::{IdentityPart, TimeField};
use crate::time::{Hints, TimeError, zone_named};

/// The derived fields that somebody will read; others are not computed.
#[derive(Debug, Clone, Default)]
pub struct WantedNames {
    all: bool,
    everywhere: FxHashSet<String>,
    by_lane: FxHashMap<LaneId, FxHashSet<String>>,
}

impl WantedNames {
    /// Every derived field of every mapping.
    pub fn all() -> Self {
        Self { all: true, ..Self::default() }
    }

    pub fn none() -> Self {
        Self::default()
    }

    /// Wanted wherever a mapping derives it.
    pub fn add(&mut self, name: &str) {
        self.everywhere.insert(name.to_owned());
    }

    /// Wanted in events of one lane.
    pub fn add_in(&mut self, lane: LaneId, name: &str) {
        self.by_lane.entry(lane).or_default().insert(name.to_owned());
    }

    pub fn wants(&self, lane: LaneId, name: &str) -> bool {
        self.all
            || self.everywhere.contains(name)
            || self.by_lane.get(&lane).is_some_and(|names| names.contains(name))
    }
}

impl<S: Into<String>> FromIterator<S> for WantedNames {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        Self { everywhere: names.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}

/// What became of a batch, beyond its events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchOutcome {
    /// Records looked at; `records = events + rejects` (those that cutting rejected are not among them).
    pub records: u64,
    pub events: u64,
    /// Events that no mapping knew.
    pub unknown: u64,
    pub rejects: Vec<Reject>,
    /// Fields that the mapping does not know: its id, the name, how often. Sorted.
    pub unknown_fields: Vec<(String, String, u64)>,
    /// Events without a time that can be believed, by reason.
    pub time_problems: BTreeMap<&'static str, TimeProblem>,
}

/// A kind of fault of time stamps at its first place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeProblem {
    pub count: u64,
    pub first: Position,
    /// The text there, and what is wrong with it.
    pub detail: String,
}

/// Turns batches into events. Keeps buffers only: the same batch gives the same events whatever came before, so
/// batches may go to any of several normalizers.
pub struct Normalizer {
    work: Work,
    hint: LineHint,
    evtx: evtx::EvtxReader,
    event: Event,
}

struct Work {
    catalogue: Arc<Catalogue>,
    /// Of each lane, the derivations that are wanted.
    wanted: Vec<Vec<(NameId, Box<str>, Derivation)>>,
    buffers: Buffers,
}

#[derive(Default)]
struct Buffers {
    lookup: Lookup,
    candidates: Candidates,
    unwrap: Unwrap,
    scratch: Scratch,
    text: String,
    bytes: Vec<u8>,
    unknown: Vec<FxHashMap<Box<str>, u64>>,
}

/// A memo of names that a prefix of the mapping covers: not to be counted.
const COVERED: u64 = u64::MAX;
/// Name under which what exceeds [`limits::UNKNOWN_NAMES_MAX`] is counted.
const FURTHER: &str = "(further names)";

impl Normalizer {
    pub fn new(catalogue: Arc<Catalogue>, wanted: &WantedNames) -> Self {
        let wanted = catalogue.lanes().iter().map(|lane| {
            let derive = &catalogue.sheet(lane.id).derive;
            derive.iter().filter(|(_, name, _)| wanted.wants(lane.id, name)).cloned().collect()
        });
        let wanted = wanted.collect();
        let unknown = vec![FxHashMap::default(); catalogue.mappings.len()];
        Self {
            work: Work { catalogue, wanted, buffers: Buffers { unknown, ..Buffers::default() } },
            hint: LineHint::new(),
            evtx: evtx::EvtxReader::default(),
            event: Event::default(),
        }
    }

    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.work.catalogue
    }

    /// Calls `sink` with each event of the batch, in file order. The event's buffers are used again: whoever keeps
    /// one clones it.
    pub fn batch(&mut self, batch: &Batch, sink: &mut dyn FnMut(&mut Event)) -> BatchOutcome {
        let mut outcome = BatchOutcome::default();
        let file = &*batch.file;
        let hints = Hints::of(file).unwrap_or_default();
        if file.format == FileFormat::Evtx {
            self.chunk(batch, &hints, &mut outcome, sink);
        } else {
            for span in &batch.spans {
                outcome.records += 1;
                let bytes = batch.bytes.get(span.start as usize..span.end as usize).unwrap_or_default();
                let event = &mut self.event;
                event.clear();
                event.file = file.index;
                event.position = span.position;
                event.joined.extend_from_slice(&span.joined);
                match formats::read(batch, span, &mut self.hint, &mut event.native) {
                    Ok(input) => {
                        self.work.understand(input, Some(bytes), None, file, &hints, event, &mut outcome);
                        sink(event);
                    }
                    Err(error) => outcome.rejects.push(Reject {
                        position: span.position,
                        reason: error.reason,
                        detail: error.detail,
                    }),
                }
            }
        }
        self.work.buffers.report_unknown(&self.work.catalogue, &mut outcome);
        outcome
    }

    fn chunk(
        &mut self,
        batch: &Batch,
        hints: &Hints,
        outcome: &mut BatchOutcome,
        sink: &mut dyn FnMut(&mut Event),
    ) {
        let Self { work, evtx, event, .. } = self;
        let file = &*batch.file;
        // The file header is 4 KiB, each chunk 64 KiB; the reader does not say where in the chunk a record lies.
        let offset = 4_096 + batch.chunk * 65_536;
        evtx.read_chunk(&batch.bytes, &mut |item, native| {
            outcome.records += 1;
            match item {
                evtx::EvtxItem::Record { id, written } => {
                    event.clear();
                    event.file = file.index;
                    event.position = Position { number: id, offset };
                    std::mem::swap(&mut event.native, native);
                    work.understand(Input::Json, None, written, file, hints, event, outcome);
                    sink(event);
                }
                evtx::EvtxItem::Damaged { id, error } => outcome.rejects.push(Reject {
                    position: Position { number: id.unwrap_or(0), offset },
                    reason: error.reason,
                    detail: error.detail,
                }),
            }
        });
    }

    /// Understands fields that were read already, as [`Normalizer::batch`] would. `input` says how they were read.
    pub fn fields(
        &mut self,
        input: Input,
        native: &Native,
        file: &FileContext,
        event: &mut Event,
    ) -> BatchOutcome {
        let mut outcome = BatchOutcome { records: 1, ..BatchOutcome::default() };
        event.clear();
        event.native.clone_from(native);
        let hints = Hints::of(file).unwrap_or_default();
        self.work.understand(input, None, None, file, &hints, event, &mut outcome);
        self.work.buffers.report_unknown(&self.work.catalogue, &mut outcome);
        outcome
    }

    /// Applies one mapping to `event.native` without asking its `match` and without envelopes; for benches of rules.
    /// The event's other parts are set anew, its position and file stay.
    ///
    /// # Errors
    /// [`UnknownMapping`], with the nearest id.
    pub fn understand(&mut self, mapping: &str, event: &mut Event) -> Result<(), UnknownMapping> {
        let index = self.mapping_index(mapping)?;
        let native = std::mem::take(&mut event.native);
        let (file, position) = (event.file, event.position);
        event.clear();
        (event.native, event.file, event.position) = (native, file, position);
        let catalogue = Arc::clone(&self.work.catalogue);
        self.work.buffers.lookup.fill(&event.native, &catalogue.names);
        let context = bare_file(FileFormat::Lines);
        let mut outcome = BatchOutcome::default();
        self.work.apply(index, None, None, None, &context, &Hints::default(), event, &mut outcome);
        self.work.buffers.report_unknown(&catalogue, &mut outcome);
        Ok(())
    }

    /// Reads one record's text as the mapping's `input` says and applies the mapping to it.
    ///
    /// # Errors
    /// [`ReadTextError`].
    pub fn read_text(&mut self, mapping: &str, text: &str, event: &mut Event) -> Result<(), ReadTextError> {
        let index = self.mapping_index(mapping)?;
        let inputs = self.work.catalogue.mappings[index].inputs.clone();
        event.native.clear();
        let read_as = read_line(text, inputs.first().copied(), &mut event.native)?;
        if !inputs.contains(&read_as) && !inputs.contains(&Input::WindowsEvent) {
            // An envelope may stand between, as it would in a file.
            let native = std::mem::take(&mut event.native);
            self.fields(read_as, &native, &bare_file(FileFormat::Lines), event);
            let lane = self.work.catalogue.lane(event.lane);
            if lane.mapping == mapping {
                return Ok(());
            }
            return Err(ReadTextError::OtherMapping(lane.mapping.clone()));
        }
        if inputs.contains(&Input::WindowsEvent) && read_as == Input::Json {
            let native = std::mem::take(&mut event.native);
            self.fields(read_as, &native, &bare_file(FileFormat::Lines), event);
            return Ok(());
        }
        Ok(self.understand(mapping, event)?)
    }

    fn mapping_index(&self, id: &str) -> Result<usize, UnknownMapping> {
        let mappings = &self.work.catalogue.mappings;
        mappings.iter().position(|m| m.id == id).ok_or_else(|| UnknownMapping {
            id: id.to_owned(),
            nearest: nearest(id, mappings.iter().map(|m| m.id.as_str())).map(str::to_owned),
        })
    }
}

/// No mapping has this id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no mapping `{id}`{}", nearest.as_ref().map(|n| format!(", did you mean `{n}`?")).unwrap_or_default())]
pub struct UnknownMapping {
    pub id: String,
    pub nearest: Option<String>,
}

/// Why a text is not a record of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadTextError {
    #[error(transparent)]
    Mapping(#[from] UnknownMapping),
    #[error("the text cannot be read: {0}")]
    Format(#[from] formats::FormatError),
    #[error("the text was understood by `{0}`")]
    OtherMapping(String),
}

/// A file of which nothing is known.
pub(crate) fn bare_file(format: FileFormat) -> FileContext {
    FileContext {
        index: vedette_model::FileIndex(0),
        path: "-".to_owned(),
        format,
        modified: None,
        host: None,
        channel: None,
        zone: None,
        year: None,
    }
}

/// A record that stands alone: what needs a header line (CSV, W3C, Zeek) brings it as its first lines.
pub(crate) fn read_line(
    text: &str,
    input: Option<Input>,
    native: &mut Native,
) -> Result<Input, formats::FormatError> {
    let format = match input {
        Some(Input::WindowsEvent | Input::Json) => FileFormat::JsonLines,
        Some(Input::Auditd) => FileFormat::Auditd,
        Some(Input::Csv | Input::Zeek | Input::W3c) if text.contains('\n') => {
            return headed(text, input, native);
        }
        _ => FileFormat::Lines,
    };
    let (body, header) = (text.as_bytes().to_vec(), None);
    one_record(body, format, header, native)
}

fn one_record(
    bytes: Vec<u8>,
    format: FileFormat,
    header: Option<Header>,
    native: &mut Native,
) -> Result<Input, formats::FormatError> {
    let span = Span { start: 0, end: bytes.len() as u32, position: Position::default(), joined: Vec::new() };
    let batch = Batch {
        seq: 0,
        file: Arc::new(bare_file(format)),
        bytes,
        spans: vec![span.clone()],
        header: header.map(Arc::new),
        chunk: 0,
        rejects: Vec::new(),
        last: true,
    };
    formats::read(&batch, &span, &mut LineHint::new(), native)
}

/// Header lines first, the record last.
fn headed(text: &str, input: Option<Input>, native: &mut Native) -> Result<Input, formats::FormatError> {
    let text = text.trim_end();
    let (head, record) = text.rsplit_once('\n').unwrap_or(("", text));
    let directive = |name: &str| head.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
    let words =
        |line: &str, on: char| line.split(on).map(|w| w.trim().trim_matches('"').to_owned()).collect();
    match input {
        Some(Input::Zeek) => {
            let header = Header::Zeek {
                columns: words(directive("#fields").unwrap_or_default(), '\t'),
                types: words(directive("#types").unwrap_or_default(), '\t'),
                path: directive("#path").unwrap_or_default().to_owned(),
                separator: b'\t',
                set_separator: ",".to_owned(),
                unset: "-".to_owned(),
                empty: "(empty)".to_owned(),
            };
            one_record(record.as_bytes().to_vec(), FileFormat::ZeekTsv, Some(header), native)
        }
        Some(Input::W3c) => {
            let header = Header::W3c {
                columns: words(directive("#Fields:").unwrap_or_default(), ' '),
                date: directive("#Date:").map(str::to_owned),
                software: directive("#Software:").map(str::to_owned),
            };
            one_record(record.as_bytes().to_vec(), FileFormat::W3c, Some(header), native)
        }
        _ => {
            let names = head.lines().next().unwrap_or_default();
            let delimiter = [',', ';', '\t', '|'].into_iter().max_by_key(|d| names.matches(*d).count());
            let delimiter = delimiter.unwrap_or(',');
            let header = Header::Csv { columns: words(names, delimiter), delimiter: delimiter as u8 };
            let record = text.split_once('\n').map_or("", |(_, record)| record);
            one_record(record.as_bytes().to_vec(), FileFormat::Csv, Some(header), native)
        }
    }
}

impl Work {
    #[allow(clippy::too_many_arguments)]
    fn understand(
        &mut self,
        input: Input,
        raw: Option<&[u8]>,
        written: Option<Timestamp>,
        file: &FileContext,
        hints: &Hints,
        event: &mut Event,
        outcome: &mut BatchOutcome,
    ) {
        let catalogue = &*self.catalogue;
        let buffers = &mut self.buffers;
        let names = &catalogue.names;
        outcome.events += 1;
        buffers.lookup.fill(&event.native, names);
        let mut input = input;
        let mut outer_host: Option<String> = None;
        for _ in 0..limits::ENVELOPES_MAX {
            let found = catalogue.envelope(input, &event.native, &buffers.lookup, &mut buffers.candidates);
            let Some(envelope) = found else { break };
            if let Some(host) = &envelope.host {
                let looked = Looked { native: &event.native, lookup: &buffers.lookup };
                outer_host = host.first(&looked).or(outer_host);
            }
            input =
                envelope.unwrap(input, &mut event.native, &mut buffers.lookup, names, &mut buffers.unwrap);
        }
        let mapping = catalogue.mapping(input, &event.native, &buffers.lookup, &mut buffers.candidates);
        let Some(mapping) = mapping else {
            outcome.unknown += 1;
            generic::fill(event, hints);
            finish_host(event, outer_host, file);
            event.record = event.position.number;
            event.time = event.time.or(written);
            event.uid = content_uid(&event.host, raw, &event.native);
            return;
        };
        self.apply(mapping, raw, written, outer_host, file, hints, event, outcome);
    }

    /// Applies a mapping to a record that is unwrapped and looked up.
    #[allow(clippy::too_many_arguments)]
    fn apply(
        &mut self,
        mapping: usize,
        raw: Option<&[u8]>,
        written: Option<Timestamp>,
        outer_host: Option<String>,
        file: &FileContext,
        hints: &Hints,
        event: &mut Event,
        outcome: &mut BatchOutcome,
    ) {
        let catalogue = &*self.catalogue;
        let names = &catalogue.names;
        let buffers = &mut self.buffers;
        let loaded = &catalogue.mappings[mapping];
        if !loaded.steps.is_empty() {
            let Buffers { lookup, text, unwrap, .. } = buffers;
            loaded.steps.run(&mut event.native, lookup, names, text, unwrap);
        }
        event.lane = loaded.case(&event.native, &buffers.lookup, &mut buffers.candidates);
        let lane = catalogue.sheet(event.lane);
        if !lane.steps.is_empty() {
            let Buffers { lookup, text, unwrap, .. } = buffers;
            lane.steps.run(&mut event.native, lookup, names, text, unwrap);
        }
        buffers.head(lane, written, hints, event, outcome);
        finish_host(event, outer_host, file);
        if event.channel.is_empty()
            && let Some(channel) = &file.channel
        {
            event.channel.push_str(channel);
        }
        let identity = {
            let looked = Looked { native: &event.native, lookup: &buffers.lookup };
            let bytes = &mut buffers.bytes;
            lane.sheet
                .identity
                .as_deref()
                .and_then(|parts| identity_uid(parts, &loaded.id, event, &looked, bytes))
        };
        match identity {
            Some(uid) => {
                event.uid = uid;
                event.uid_basis = UidBasis::Identity;
            }
            None => event.uid = content_uid(&event.host, raw, &event.native),
        }
        buffers.count_unknown(catalogue, mapping, event);
        let wanted = &self.wanted[event.lane.0 as usize];
        if !wanted.is_empty() {
            derive(&mut event.native, &mut buffers.lookup, names, wanted, &mut buffers.scratch, |_| true);
        }
    }
}

impl Buffers {
    /// Time, host, channel, code and record number.
    fn head(
        &mut self,
        lane: &LaneSheet,
        written: Option<Timestamp>,
        hints: &Hints,
        event: &mut Event,
        outcome: &mut BatchOutcome,
    ) {
        let looked = Looked { native: &event.native, lookup: &self.lookup };
        let sheet = &lane.sheet;
        let mut fill = |derivation: &Option<Derivation>, into: &mut String| {
            if let Some(derivation) = derivation {
                derivation.compute(&looked, &mut self.scratch, &mut |value| {
                    if into.is_empty() {
                        into.push_str(value);
                    }
                });
            }
        };
        fill(&sheet.host, &mut event.host);
        fill(&sheet.channel, &mut event.channel);
        fill(&sheet.code, &mut event.code);
        self.text.clear();
        fill(&sheet.record, &mut self.text);
        event.record = self.text.trim().parse().unwrap_or(event.position.number);
        match read_time(sheet.time.as_deref().unwrap_or_default(), &looked, hints) {
            Ok((time, basis)) => {
                event.time = Some(time);
                event.time_basis = basis;
            }
            Err(error) => {
                event.time = written;
                if written.is_none() {
                    let problem = outcome.time_problems.entry(error.reason).or_insert_with(|| TimeProblem {
                        count: 0,
                        first: event.position,
                        detail: error.detail,
                    });
                    problem.count += 1;
                }
            }
        }
    }

    fn count_unknown(&mut self, catalogue: &Catalogue, mapping: usize, event: &Event) {
        let counts = &mut self.unknown[mapping];
        let held = counts.len();
        for (slot, id) in self.lookup.ids.iter().enumerate() {
            if *id != NameId::NONE && catalogue.knows_id(mapping, *id) {
                continue;
            }
            let name = event.native.field(slot).name;
            match counts.get_mut(name) {
                Some(&mut COVERED) => {}
                Some(count) => *count += 1,
                None if catalogue.knows(mapping, *id, name) => {
                    if held < 4 * limits::UNKNOWN_NAMES_MAX {
                        counts.insert(name.into(), COVERED);
                    }
                }
                None if held < limits::UNKNOWN_NAMES_MAX => {
                    counts.insert(name.into(), 1);
                }
                None => *counts.entry(FURTHER.into()).or_insert(0) += 1,
            }
        }
    }

    /// The counts of this batch alone; which names are covered by a prefix is kept.
    fn report_unknown(&mut self, catalogue: &Catalogue, outcome: &mut BatchOutcome) {
        for (mapping, counts) in self.unknown.iter_mut().enumerate() {
            for (name, count) in counts.iter() {
                if *count != COVERED && *count > 0 {
                    let id = catalogue.mappings[mapping].id.clone();
                    outcome.unknown_fields.push((id, name.to_string(), *count));
                }
            }
            counts.retain(|_, count| *count == COVERED);
        }
        outcome.unknown_fields.sort();
    }
}

/// Appends the derived fields. One with the name of a native field takes its place; the native field is then called
/// `native.NAME`.
pub(crate) fn derive(
    native: &mut Native,
    lookup: &mut Lookup,
    names: &Names,
    wanted: &[(NameId, Box<str>, Derivation)],
    scratch: &mut Scratch,
    want: impl Fn(&str) -> bool,
) {
    let before = native.len();
    let mut computed: Vec<(usize, String)> = Vec::new();
    for (index, (id, name, derivation)) in wanted.iter().enumerate() {
        if !want(name) || lookup.first(*id).is_some_and(|slot| native.field(slot).derived) {
            continue;
        }
        let looked = Looked { native, lookup };
        derivation.compute(&looked, scratch, &mut |value| computed.push((index, value.to_owned())));
    }
    for (index, value) in &computed {
        let (id, name, derivation) = &wanted[*index];
        if lookup.first(*id).is_some() {
            for slot in 0..before {
                if native.field(slot).name == &**name {
                    native.rename(slot, &format!("native.{name}"));
                }
            }
        }
        native.push_derived(name, &derivation.path, value, Kind::Text);
    }
    if !computed.is_empty() {
        lookup.refill(native, names);
    }
}

fn finish_host(event: &mut Event, outer: Option<String>, file: &FileContext) {
    if event.host.is_empty()
        && let Some(host) = outer.or_else(|| file.host.clone())
    {
        event.host = host;
    }
}

fn read_time(
    fields: &[TimeField],
    looked: &Looked<'_>,
    hints: &Hints,
) -> Result<(Timestamp, TimeBasis), TimeError> {
    let mut fault = None;
    for field in fields {
        let joined;
        let text = match field.names.as_slice() {
            [name] => match looked.filled(*name) {
                Some(text) => text,
                None => continue,
            },
            names => {
                let parts: Vec<&str> = names.iter().filter_map(|n| looked.filled(*n)).collect();
                if parts.len() < names.len() {
                    continue;
                }
                joined = parts.join(&field.with);
                joined.as_str()
            }
        };
        let named = field.zone_field.and_then(|f| looked.filled(f)).and_then(|z| zone_named(z).ok());
        let read = match field.zone.clone().or(named) {
            None => field.form.parse(text, hints),
            Some(zone) => {
                let hints = Hints { zone: Some(zone), ..hints.clone() };
                field.form.parse(text, &hints).map(|(time, basis)| (time, without_zone_doubt(basis)))
            }
        };
        match read {
            Ok(time) => return Ok(time),
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    Err(fault.unwrap_or_else(|| TimeError { reason: "no time", detail: "no field holds one".to_owned() }))
}

fn without_zone_doubt(basis: TimeBasis) -> TimeBasis {
    match basis {
        TimeBasis::ZoneAssumed => TimeBasis::Stated,
        TimeBasis::YearAndZoneAssumed => TimeBasis::YearAssumed,
        other => other,
    }
}

/// `None` when a part is missing: the record then counts by its content.
pub(crate) fn identity_uid(
    parts: &[IdentityPart],
    mapping: &str,
    event: &Event,
    looked: &Looked<'_>,
    bytes: &mut Vec<u8>,
) -> Option<EventUid> {
    bytes.clear();
    bytes.extend_from_slice(mapping.as_bytes());
    for part in parts {
        // A byte that no text holds keeps `ab`+`c` and `a`+`bc` apart.
        bytes.push(0xff);
        match part {
            IdentityPart::Fields(names) => {
                bytes.extend_from_slice(names.iter().find_map(|n| looked.filled(*n))?.as_bytes());
            }
            IdentityPart::Host if event.host.is_empty() => return None,
            IdentityPart::Host => bytes.extend(event.host.bytes().map(|b| b.to_ascii_lowercase())),
            IdentityPart::Channel => bytes.extend(event.channel.bytes().map(|b| b.to_ascii_lowercase())),
            IdentityPart::Code => bytes.extend_from_slice(event.code.as_bytes()),
            IdentityPart::Record => bytes.extend_from_slice(&event.record.to_le_bytes()),
            IdentityPart::TimeMs => bytes.extend_from_slice(&event.time?.millis().to_le_bytes()),
        }
    }
    Some(EventUid(xxh3_128(bytes)))
}

fn content_uid(host: &str, raw: Option<&[u8]>, native: &Native) -> EventUid {
    let seed = xxh3_64(host.as_bytes());
    if let Some(raw) = raw {
        return EventUid(xxh3_128_with_seed(raw, seed));
    }
    let mut hash = Xxh3::with_seed(seed);
    for field in native.iter().filter(|f| !f.derived) {
        hash.update(field.path.as_bytes());
        hash.update(&[0xff]);
        hash.update(field.value.as_bytes());
        hash.update(&[0xff]);
    }
    EventUid(hash.digest128())
}
