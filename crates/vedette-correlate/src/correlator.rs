//! Collects the hits of base rules in any order, and runs all windows over them at the end.

use std::cmp::Ordering;

use vedette_model::{EventRef, Problem, Timestamp};
use vedette_sigma::Correlation;
use xxhash_rust::xxh3::xxh3_64;

use crate::explain;
use crate::limits::Limits;
use crate::plan::{Compiled, FieldFrom, Plan, Source};
use crate::store::{ABSENT, Hits, Keep, Place, Texts, event_ref, fair_share, number};
use crate::window::{Match, Measure, Turn, Value, Window};

/// One event that a base rule matched.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'a> {
    /// Index of the rule, as `rule_index` gave it.
    pub rule: u32,
    /// A hit without a time is left out of all windows, and counted.
    pub time: Option<Timestamp>,
    pub event: EventRef,
    pub host: &'a str,
    /// One for each name in [`Correlator::wanted`], in its order. `None` and an empty text both mean absent.
    pub values: &'a [Option<String>],
}

/// A correlation that matched in one group.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrelationFinding {
    /// Index of the correlation in the list that was given.
    pub correlation: u32,
    /// The `group-by` names and values in the order of the document; names that the events lack are left out.
    pub group: Vec<(String, String)>,
    /// Time of the oldest event of the match.
    pub first: Timestamp,
    /// Time of the newest event that belongs to it: it goes on for as long as the window holds.
    pub last: Timestamp,
    /// The event that made the condition true.
    pub closing: EventRef,
    /// Host of the closing event.
    pub host: String,
    /// In time order, at most [`crate::limits::EVENTS_PER_MATCH_MAX`]: the closing one, the last of each rule, and the
    /// earliest others.
    pub events: Vec<EventRef>,
    /// Hits that belong to the match, listed or not; a match of an inner correlation counts as one.
    pub count: u64,
    /// What was measured when it fired: a count, a sum, an average, a percentile, or the number of rules seen.
    pub value: f64,
    /// One sentence for people: what was seen, where, and what the rule asks for.
    pub explanation: String,
}

/// How much was offered, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Hits of rules that some correlation refers to: `kept + without_time + over_bound`.
    pub offered: u64,
    pub kept: u64,
    pub without_time: u64,
    /// Left out because of [`Limits::hits`].
    pub over_bound: u64,
    /// Matches left out because of [`Limits::matches_per_correlation`].
    pub matches_over_bound: u64,
}

/// All that [`Correlator::finish`] has to tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Finished {
    /// Ordered by time, file and record of the closing event, then by correlation and group.
    pub findings: Vec<CorrelationFinding>,
    /// What was left out, and why.
    pub problems: Vec<Problem>,
    pub tally: Tally,
}

/// Correlations in batch: hits are offered in any order, because files are read one after another, and the windows
/// run over all of them, sorted by time, file and record, in [`Correlator::finish`].
///
/// Two hits belong to the same group when they agree in every `group-by` field, without regard to case. Hits that
/// lack a field form a group with others that lack it, and a problem counts them. The same event offered twice counts
/// twice: duplicates are the caller's business.
#[derive(Debug)]
pub struct Correlator {
    plan: Plan,
    limits: Limits,
    hits: Vec<Hits>,
    texts: Texts,
    stored: usize,
    without_time: u64,
    scratch: Vec<u64>,
}

/// A base hit: which base, which hit of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leaf {
    base: u32,
    hit: u32,
}

/// A hit as the window knows it.
#[derive(Debug, Clone, Copy)]
struct Token {
    slot: u16,
    hit: u32,
}

/// A match of one correlation, told in base hits.
#[derive(Debug)]
struct Found {
    key: Box<[u64]>,
    first: i64,
    last: i64,
    closing: Leaf,
    place: Place,
    events: Vec<Leaf>,
    count: u64,
    value: f64,
}

/// A match of an inner correlation as a hit of an outer one.
struct Derived {
    found: u32,
    key: Box<[u64]>,
    value: Value,
}

struct Entry {
    /// One identity for all group values.
    group: u64,
    slot: u16,
    hit: u32,
    time: i64,
}

/// What one correlation came to.
#[derive(Default)]
struct Outcome {
    found: Vec<Found>,
    dropped: u64,
    without_field: u64,
    without_value: u64,
}

impl Correlator {
    /// Makes the correlations ready. Those that cannot run are left out, each with a problem that says why.
    ///
    /// `rule_index` gives the index of a base rule by its id, `None` when that rule is not loaded.
    pub fn new(
        correlations: &[Correlation],
        rule_index: impl Fn(&str) -> Option<u32>,
    ) -> (Self, Vec<Problem>) {
        Self::with_limits(correlations, rule_index, Limits::default())
    }

    pub fn with_limits(
        correlations: &[Correlation],
        rule_index: impl Fn(&str) -> Option<u32>,
        limits: Limits,
    ) -> (Self, Vec<Problem>) {
        let (plan, problems) = Plan::new(correlations, rule_index, &limits);
        let hits = plan.bases.iter().map(|base| Hits::with_columns(base.columns.len())).collect();
        let texts = Texts::with_room(limits.text_bytes);
        (Self { plan, limits, hits, texts, stored: 0, without_time: 0, scratch: Vec::new() }, problems)
    }

    /// The correlations that run, by index in the list that was given.
    pub fn running(&self) -> impl Iterator<Item = u32> + '_ {
        self.plan.correlations.iter().map(|c| c.index)
    }

    /// The fields of the rule's events that correlations read; empty when none reads any.
    pub fn wanted(&self, rule: u32) -> &[String] {
        self.plan.base_of.get(&rule).map_or(&[], |&base| &self.plan.bases[base].wanted)
    }

    /// Whether hits of this rule are to be offered.
    pub fn wants(&self, rule: u32) -> bool {
        self.plan.base_of.contains_key(&rule)
    }

    /// Whether the rule's own findings are to be shown. A rule that a correlation refers to is only fuel for it,
    /// unless one that refers to it says `generate: true`.
    pub fn stands_alone(&self, rule: u32) -> bool {
        self.plan.only_fuel.binary_search(&rule).is_err()
    }

    /// Takes one hit; hits of rules that no correlation refers to are passed over.
    pub fn offer(&mut self, hit: Hit<'_>) {
        let Some(&at) = self.plan.base_of.get(&hit.rule) else { return };
        let Some(time) = hit.time else {
            self.without_time += 1;
            return;
        };
        let base = &self.plan.bases[at];
        self.scratch.clear();
        for &(wanted, keep) in &base.columns {
            let text = hit.values.get(wanted).and_then(Option::as_deref).unwrap_or_default();
            self.scratch.push(match keep {
                Keep::Shown => self.texts.shown(text),
                Keep::Identity => self.texts.identity(text),
                Keep::Number => number(text).unwrap_or(f64::NAN).to_bits(),
            });
        }
        let host = self.texts.shown(hit.host);
        self.hits[at].offered += 1;
        self.hits[at].push(time, &hit.event, host, self.scratch.iter().copied());
        self.stored += 1;
        // Trimming looks at everything, so it waits until an eighth too many has come.
        if self.stored > self.limits.hits + self.limits.hits / 8 {
            self.trim();
        }
    }

    fn trim(&mut self) {
        let share = fair_share(self.hits.iter().map(|h| h.offered), self.limits.hits);
        self.hits.iter_mut().for_each(|hits| hits.keep_earliest(share));
        self.stored = self.hits.iter().map(Hits::len).sum();
    }

    /// Runs all windows.
    pub fn finish(mut self) -> Finished {
        self.trim();
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(self.plan.correlations.len());
        for compiled in &self.plan.correlations {
            let outcome = self.run(compiled, &outcomes);
            outcomes.push(outcome);
        }
        let mut finished = Finished {
            problems: self.problems(&outcomes),
            tally: Tally {
                offered: self.without_time + self.hits.iter().map(|h| h.offered).sum::<u64>(),
                kept: self.stored as u64,
                without_time: self.without_time,
                over_bound: self.hits.iter().map(|h| h.offered - h.len() as u64).sum(),
                matches_over_bound: outcomes.iter().map(|o| o.dropped).sum(),
            },
            findings: Vec::new(),
        };
        for (compiled, outcome) in self.plan.correlations.iter().zip(&outcomes) {
            if compiled.stands_alone {
                finished.findings.extend(outcome.found.iter().map(|found| self.tell(compiled, found)));
            }
        }
        let key = |f: &CorrelationFinding| {
            (f.closing.time, f.closing.file, f.closing.record, f.closing.uid, f.correlation)
        };
        finished.findings.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.group.cmp(&b.group)));
        finished
    }

    /// Runs one correlation; `earlier` are those that stand before it in the plan.
    fn run(&self, compiled: &Compiled, earlier: &[Outcome]) -> Outcome {
        let mut outcome = Outcome::default();
        let mut entries: Vec<Entry> = Vec::new();
        let mut derived: Vec<Vec<Derived>> = Vec::with_capacity(compiled.slots.len());
        for (slot, source) in compiled.slots.iter().enumerate() {
            let slot = slot as u16;
            match source {
                Source::Base { base, reads } => {
                    let hits = &self.hits[*base];
                    for hit in 0..hits.len() as u32 {
                        if !has_value(&self.base_value(compiled, slot, hit), &compiled.spec.measure) {
                            outcome.without_value += 1;
                            continue;
                        }
                        let values = || reads.group.iter().map(|&column| hits.value(column, hit));
                        outcome.without_field += u64::from(values().any(|value| value == ABSENT));
                        entries.push(Entry { group: joined(values()), slot, hit, time: hits.time(hit) });
                    }
                    derived.push(Vec::new());
                }
                Source::Inner { at, .. } => {
                    let list = self.derive(compiled, source, &earlier[*at].found);
                    for (hit, d) in list.iter().enumerate() {
                        if !has_value(&d.value, &compiled.spec.measure) {
                            outcome.without_value += 1;
                            continue;
                        }
                        outcome.without_field += u64::from(d.key.contains(&ABSENT));
                        let time = earlier[*at].found[d.found as usize].place.time;
                        entries.push(Entry {
                            group: joined(d.key.iter().copied()),
                            slot,
                            hit: hit as u32,
                            time,
                        });
                    }
                    derived.push(list);
                }
            }
        }

        // Groups run in the order of their identities, which does not depend on the order of offering.
        let place = |entry: &Entry| match &compiled.slots[usize::from(entry.slot)] {
            Source::Base { base, .. } => self.hits[*base].place(entry.hit),
            Source::Inner { at, .. } => {
                earlier[*at].found[derived[usize::from(entry.slot)][entry.hit as usize].found as usize].place
            }
        };
        let in_order = matches!(compiled.spec.measure, Measure::RulesInOrder(_));
        entries.sort_unstable_by(|a, b| {
            let by_slot = if in_order { a.slot.cmp(&b.slot) } else { Ordering::Equal };
            (a.group, a.time)
                .cmp(&(b.group, b.time))
                .then(by_slot)
                .then_with(|| place(a).cmp(&place(b)).then(a.slot.cmp(&b.slot)).then(a.hit.cmp(&b.hit)))
        });

        let run = Run { correlator: self, compiled, earlier, derived: &derived };
        for entries in entries.chunk_by(|a, b| a.group == b.group) {
            run.group(entries, &mut outcome);
        }
        self.cap(&mut outcome, self.limits.matches_per_correlation);
        outcome
    }

    fn cap(&self, outcome: &mut Outcome, room: usize) {
        outcome.found.sort_by(|a, b| (a.place, &a.key).cmp(&(b.place, &b.key)));
        outcome.dropped += outcome.found.len().saturating_sub(room) as u64;
        outcome.found.truncate(room);
    }

    fn base_value(&self, compiled: &Compiled, slot: u16, hit: u32) -> Value {
        let Source::Base { base, reads } = &compiled.slots[usize::from(slot)] else { return Value::None };
        let hits = &self.hits[*base];
        match compiled.spec.measure {
            Measure::Distinct => combined(reads.values.iter().map(|&column| hits.value(column, hit))),
            Measure::Sum | Measure::Average | Measure::Percentile(_) => reads
                .values
                .first()
                .and_then(|&column| hits.number(column, hit))
                .map_or(Value::None, Value::Number),
            _ => Value::None,
        }
    }

    /// Matches of an inner correlation as hits of an outer one.
    ///
    /// The specification lets the outer group by a field that the inner does not ("even if ... groups by ..., the
    /// correlation rule only uses its own"). Such a field is read from the events of the inner match: it counts once
    /// for each combination of values that its listed events have.
    fn derive(&self, compiled: &Compiled, source: &Source, found: &[Found]) -> Vec<Derived> {
        let Source::Inner { reads, .. } = source else { return Vec::new() };
        let from_events = reads.group.iter().chain(&reads.values).any(|f| matches!(f, FieldFrom::Events(_)));
        let numeric =
            matches!(compiled.spec.measure, Measure::Sum | Measure::Average | Measure::Percentile(_));
        let mut list = Vec::new();
        for (index, found) in found.iter().enumerate() {
            let from = list.len();
            let leaves =
                if from_events { found.events.as_slice() } else { std::slice::from_ref(&found.closing) };
            for leaf in leaves {
                let read = |field: &FieldFrom, absent: u64| match field {
                    FieldFrom::Group(at) => found.key[*at],
                    FieldFrom::Events(columns) => {
                        let column = columns.get(&(leaf.base as usize));
                        column.map_or(absent, |&column| self.hits[leaf.base as usize].value(column, leaf.hit))
                    }
                };
                let key: Box<[u64]> = reads.group.iter().map(|field| read(field, ABSENT)).collect();
                let value = if numeric {
                    let bits =
                        reads.values.first().map_or(f64::NAN.to_bits(), |f| read(f, f64::NAN.to_bits()));
                    Some(f64::from_bits(bits)).filter(|n| n.is_finite()).map_or(Value::None, Value::Number)
                } else {
                    combined(reads.values.iter().map(|field| read(field, ABSENT)))
                };
                let known = list[from..].iter().any(|d: &Derived| d.key == key && d.value == value);
                if !known {
                    list.push(Derived { found: index as u32, key, value });
                }
            }
        }
        list
    }

    fn tell(&self, compiled: &Compiled, found: &Found) -> CorrelationFinding {
        let group: Vec<(String, String)> = (compiled.group_by.iter().zip(&found.key))
            .filter(|(_, value)| **value != ABSENT)
            .map(|(name, value)| (name.clone(), self.texts.text(*value)))
            .collect();
        let (first, last) = (Timestamp(found.first), Timestamp(found.last));
        CorrelationFinding {
            correlation: compiled.index,
            first,
            last,
            closing: event_ref(found.place),
            host: self.texts.text(self.hits[found.closing.base as usize].host(found.closing.hit)),
            events: found.events.iter().map(|leaf| event_ref(self.place(*leaf))).collect(),
            count: found.count,
            value: found.value,
            explanation: explain::sentence(compiled, &group, found.value, found.count, last),
            group,
        }
    }

    fn place(&self, leaf: Leaf) -> Place {
        self.hits[leaf.base as usize].place(leaf.hit)
    }

    fn problems(&self, outcomes: &[Outcome]) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.without_time > 0 {
            problems.push(explain::without_time(self.without_time));
        }
        for hits in &self.hits {
            let lost = hits.offered - hits.len() as u64;
            if lost > 0 {
                problems.push(explain::over_bound(lost, hits.len() as u64, self.limits.hits));
            }
        }
        if self.texts.left_out > 0 {
            problems.push(explain::text_without_room(self.texts.left_out));
        }
        for (compiled, outcome) in self.plan.correlations.iter().zip(outcomes) {
            if outcome.without_field > 0 && !compiled.group_by.is_empty() {
                problems.push(explain::without_field(compiled, outcome.without_field));
            }
            if outcome.without_value > 0 {
                problems.push(explain::without_value(compiled, outcome.without_value));
            }
            if outcome.dropped > 0 {
                problems.push(explain::matches_over_bound(
                    compiled,
                    outcome.dropped,
                    self.limits.matches_per_correlation,
                ));
            }
        }
        problems
    }
}

/// One correlation at work on its groups.
struct Run<'a> {
    correlator: &'a Correlator,
    compiled: &'a Compiled,
    earlier: &'a [Outcome],
    derived: &'a [Vec<Derived>],
}

impl Run<'_> {
    fn group(&self, entries: &[Entry], outcome: &mut Outcome) {
        let spec = &self.compiled.spec;
        let mut window: Window<Token> = Window::new(spec);
        let mut open: Option<Match<Token>> = None;
        for entry in entries {
            let token = Token { slot: entry.slot, hit: entry.hit };
            let value = match &self.compiled.slots[usize::from(entry.slot)] {
                Source::Base { .. } => self.correlator.base_value(self.compiled, entry.slot, entry.hit),
                Source::Inner { .. } => self.derived[usize::from(entry.slot)][entry.hit as usize].value,
            };
            if let Some(turn) = window.push(spec, entry.time, entry.slot, value, token) {
                self.take(turn, entry.time, token, &mut open, outcome);
            }
        }
        if let (Some(turn), Some(last)) = (window.finish(spec), entries.last()) {
            let token = Token { slot: last.slot, hit: last.hit };
            self.take(turn, last.time, token, &mut open, outcome);
        }
        if let Some(found) = open.take() {
            self.keep(found, outcome);
        }
    }

    fn take(
        &self,
        turn: Turn<Token>,
        time: i64,
        token: Token,
        open: &mut Option<Match<Token>>,
        outcome: &mut Outcome,
    ) {
        let room = self.compiled.spec.hits_max;
        match (turn, open.as_mut()) {
            (Turn::Fires(found), _) => {
                if let Some(done) = open.replace(found) {
                    self.keep(done, outcome);
                }
            }
            (Turn::Holds, Some(found)) => {
                found.last = time;
                found.count += 1;
                if found.hits.len() < room {
                    found.hits.push(token);
                }
            }
            (Turn::GoesOn(more), Some(found)) => {
                found.last = more.last;
                found.count += more.count;
                let left = room.saturating_sub(found.hits.len());
                found.hits.extend(more.hits.into_iter().take(left));
            }
            (Turn::Holds | Turn::GoesOn(_), None) => debug_assert!(false, "a match goes on that never fired"),
        }
    }

    /// Tells a match in base hits and keeps it.
    fn keep(&self, found: Match<Token>, outcome: &mut Outcome) {
        let room = self.compiled.spec.hits_max;
        let mut events: Vec<Leaf> = Vec::with_capacity(found.hits.len());
        for token in &found.hits {
            match self.inner(*token) {
                Some(inner) => events.extend_from_slice(&inner.events),
                None => events.push(self.leaf(*token)),
            }
        }
        let place = |leaf: &Leaf| self.correlator.place(*leaf);
        events.sort_by_key(place);
        // One event may stand behind several hits.
        events.dedup_by_key(|leaf| place(leaf));
        let closing =
            self.inner(found.closing).map_or_else(|| self.leaf(found.closing), |inner| inner.closing);
        let closing_place = place(&closing);
        if events.len() > room {
            events.truncate(room);
            if let Some(last) = events.last_mut()
                && place(last) < closing_place
            {
                *last = closing;
            }
        }
        let first = events.first().map_or(found.first, |leaf| place(leaf).time.min(found.first));
        outcome.found.push(Found {
            key: self.key(found.closing),
            first,
            last: found.last,
            closing,
            place: closing_place,
            events,
            count: found.count,
            value: found.value,
        });
        let cap = self.correlator.limits.matches_per_correlation;
        if outcome.found.len() > cap.saturating_mul(2) {
            self.correlator.cap(outcome, cap);
        }
    }

    /// The group values of a hit.
    fn key(&self, token: Token) -> Box<[u64]> {
        let slot = usize::from(token.slot);
        match &self.compiled.slots[slot] {
            Source::Base { base, reads } => {
                let hits = &self.correlator.hits[*base];
                reads.group.iter().map(|&column| hits.value(column, token.hit)).collect()
            }
            Source::Inner { .. } => self.derived[slot][token.hit as usize].key.clone(),
        }
    }

    fn inner(&self, token: Token) -> Option<&Found> {
        let slot = usize::from(token.slot);
        let Source::Inner { at, .. } = &self.compiled.slots[slot] else { return None };
        self.earlier[*at].found.get(self.derived[slot][token.hit as usize].found as usize)
    }

    fn leaf(&self, token: Token) -> Leaf {
        let base = match &self.compiled.slots[usize::from(token.slot)] {
            Source::Base { base, .. } => *base as u32,
            Source::Inner { .. } => 0,
        };
        Leaf { base, hit: token.hit }
    }
}

/// Whether a hit with this value takes part.
fn has_value(value: &Value, measure: &Measure) -> bool {
    match measure {
        Measure::Distinct | Measure::Sum | Measure::Average | Measure::Percentile(_) => *value != Value::None,
        Measure::Count | Measure::Rules | Measure::RulesInOrder(_) => true,
    }
}

/// One identity for the value of several fields; the specification joins them by AND, so one that is absent makes it
/// none.
fn combined(values: impl Iterator<Item = u64> + Clone) -> Value {
    let mut some = false;
    for value in values.clone() {
        if value == ABSENT {
            return Value::None;
        }
        some = true;
    }
    if some { Value::Distinct(joined(values)) } else { Value::None }
}

/// One identity for several.
fn joined(values: impl Iterator<Item = u64>) -> u64 {
    let both = |all: u64, value: u64| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&all.to_le_bytes());
        bytes[8..].copy_from_slice(&value.to_le_bytes());
        xxh3_64(&bytes)
    };
    values.reduce(both).unwrap_or(ABSENT)
}
