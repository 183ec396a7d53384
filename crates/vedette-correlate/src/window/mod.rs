//! The window of one group: a state machine over hits in time order, which says when a correlation matches.
//!
//! # What a window is
//! Windows slide over event time. The window at time `t` holds the hits of one group with `t - timespan < time <= t`:
//! the newest edge is inside, the oldest outside, so that two hits exactly one timespan apart never share a window.
//!
//! # When a match fires
//! As soon as it can no longer be taken back ([`Timing`]):
//! - [`Timing::AtOnce`], where more hits can only help (`gt` and `gte` on counts and sums, `temporal` without a
//!   `not`): at the hit that makes the condition true.
//! - [`Timing::Settled`], where later hits could undo it (`lt`, `lte`, `eq`, `neq`, averages, percentiles): judged on
//!   *full* windows only. A full window is one that cannot take the next hit without losing its oldest; it is judged
//!   when that next hit comes, or at the end. The match closes at the newest hit of the full window. A group without
//!   any hit has no window, so `lt: 5` never fires on silence.
//! - [`Timing::Absence`], a boolean condition with `not`: a hit of a rule that must occur opens a candidate when the
//!   rest of what must occur lies in its window. A hit of a rule under `not` breaks it when it comes less than one
//!   timespan *before or after* that hit. So the candidate is decided one timespan later, and closes at its own hit.
//!
//! # Firing again
//! Once per group until the window no longer holds: while it holds, further hits belong to the match that fired
//! ([`Turn::Holds`], [`Turn::GoesOn`]). A window that runs dry or falls below its condition is free to fire again.
//!
//! # Lateness
//! Input must come in time order. Whoever feeds a stream sorts within its lateness bound first and calls
//! [`Window::settle`] as its watermark moves; a hit older than the newest one is taken as if it had the newest one's
//! time, so that disorder may widen a window by the lateness, and never breaks it.

mod expression;
mod measure;
mod percentile;

use std::collections::VecDeque;

use vedette_sigma::{Comparison, NumberTest};

pub use expression::Expression;
pub use measure::Measure;
use measure::State;

/// What one hit brings to the measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    None,
    /// Identity of the value that `value_count` counts.
    Distinct(u64),
    /// A finite number.
    Number(f64),
}

/// When a window is judged; see the head of this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    AtOnce,
    Settled,
    Absence,
}

/// What a window asks; shared by all groups of a correlation.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowSpec {
    /// Nanoseconds, more than 0.
    pub timespan_ns: i64,
    pub measure: Measure,
    /// Every comparison must hold for the measured value; an empty list always holds.
    pub bound: Vec<(Comparison, f64)>,
    /// Must hold as well, where given.
    pub expression: Option<Expression>,
    pub timing: Timing,
    /// Hits listed in a [`Match`]; at least 1.
    pub hits_max: usize,
}

/// A match as it fires.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<T> {
    /// Time of the oldest hit in the window.
    pub first: i64,
    /// Time of the newest hit that belongs to the match.
    pub last: i64,
    /// The hit that made it true (for settled windows, the newest).
    pub closing: T,
    /// In time order; the last one of each rule always, then the earliest, up to [`WindowSpec::hits_max`].
    pub hits: Vec<T>,
    /// How many there are.
    pub count: u64,
    /// The measured value: a count, sum, average, percentile, or number of rules seen.
    pub value: f64,
}

/// What a hit changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn<T> {
    Fires(Match<T>),
    /// The hit just pushed belongs to the match that fired before.
    Holds,
    /// More hits belong to the match that fired before: `hits` and `count` are those that were not told yet.
    GoesOn(Match<T>),
}

#[derive(Debug, Clone, Copy)]
struct Held<T> {
    time: i64,
    slot: u16,
    value: Value,
    token: T,
}

/// A hit that would match if nothing under `not` comes.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    time: i64,
    /// Number of the hit since the window began.
    number: u64,
    seen: u64,
    broken: u64,
    value: f64,
}

/// The state of one group. `T` is whatever the caller knows a hit by.
#[derive(Debug, Clone)]
pub struct Window<T> {
    /// Hits of the window, oldest first; for [`Timing::Absence`] also those that candidates still need.
    held: VecDeque<Held<T>>,
    /// Number of the first hit in `held`, counted since the window began.
    held_from: u64,
    /// Number of the oldest hit inside the window at `now`.
    inside_from: u64,
    now: i64,
    state: State,
    holding: bool,
    /// A hit came since the last full window was judged; without one the rest of it is not full.
    fresh: bool,
    /// Hits below this number were told in a match.
    told_to: u64,
    candidates: VecDeque<Candidate>,
    /// For each slot, the candidate's hit number up to which its bit was already applied.
    applied_to: Vec<u64>,
    accepted_last: Option<i64>,
}

impl<T: Copy> Window<T> {
    pub fn new(spec: &WindowSpec) -> Self {
        Self {
            held: VecDeque::new(),
            held_from: 0,
            inside_from: 0,
            now: i64::MIN,
            state: State::new(&spec.measure),
            holding: false,
            fresh: false,
            told_to: 0,
            candidates: VecDeque::new(),
            applied_to: Vec::new(),
            accepted_last: None,
        }
    }

    /// Takes the next hit. `slot` is the index of its rule in the correlation.
    ///
    /// Hits of one time are taken in the order in which they come; `temporal_ordered` wants them by slot, because
    /// equal stamps leave the order open and the document's is then as good as any.
    pub fn push(
        &mut self,
        spec: &WindowSpec,
        time: i64,
        slot: u16,
        value: Value,
        token: T,
    ) -> Option<Turn<T>> {
        let time = time.max(self.now);
        let turn = self.settle(spec, time);
        let edge = time.saturating_sub(spec.timespan_ns);
        if spec.timing == Timing::AtOnce && self.holding {
            // Did it hold to the last moment before this hit? A hit that comes as another leaves keeps it alive.
            self.holding = self.holds(spec, edge.saturating_sub(1));
        }
        self.slide(spec, edge);
        self.now = time;
        self.fresh = true;
        self.held.push_back(Held { time, slot, value, token });
        self.state.add(time, slot, value);
        match spec.timing {
            Timing::AtOnce => self.fire_at_once(spec, edge),
            Timing::Settled => turn,
            Timing::Absence => {
                self.weigh(spec, time, slot, edge);
                turn
            }
        }
    }

    /// Tells the window that no hit before `time` will come any more, and judges what that decides.
    pub fn settle(&mut self, spec: &WindowSpec, time: i64) -> Option<Turn<T>> {
        let edge = time.saturating_sub(spec.timespan_ns);
        let turn = match spec.timing {
            Timing::AtOnce => {
                // The next hit still asks for the moment before it came.
                self.slide(spec, edge.saturating_sub(1));
                return None;
            }
            Timing::Settled => {
                let full = self.fresh && self.held.front().is_some_and(|oldest| oldest.time <= edge);
                if full { self.judge(spec) } else { None }
            }
            Timing::Absence => self.decide(spec, edge),
        };
        self.slide(spec, edge);
        turn
    }

    /// Judges what is left at the end of the input.
    pub fn finish(&mut self, spec: &WindowSpec) -> Option<Turn<T>> {
        match spec.timing {
            Timing::AtOnce => None,
            Timing::Settled if self.fresh => self.judge(spec),
            Timing::Settled => None,
            Timing::Absence => self.decide(spec, i64::MAX),
        }
    }

    fn fire_at_once(&mut self, spec: &WindowSpec, edge: i64) -> Option<Turn<T>> {
        let holds = self.holds(spec, edge);
        let held_before = std::mem::replace(&mut self.holding, holds);
        match (self.holding, held_before) {
            (false, _) => None,
            (true, true) => Some(Turn::Holds),
            (true, false) => {
                let value = self.state.value(&spec.measure, edge).unwrap_or(0.0);
                let newest = self.held_from + self.held.len() as u64 - 1;
                self.collect(spec, self.inside_from, newest, value).map(Turn::Fires)
            }
        }
    }

    /// Judges a full window.
    fn judge(&mut self, spec: &WindowSpec) -> Option<Turn<T>> {
        self.fresh = false;
        let newest_time = self.held.back()?.time;
        let edge = newest_time.saturating_sub(spec.timespan_ns);
        let newest = self.held_from + self.held.len() as u64 - 1;
        let holds = self.holds(spec, edge);
        let held_before = std::mem::replace(&mut self.holding, holds);
        if !self.holding {
            return None;
        }
        let value = self.state.value(&spec.measure, edge).unwrap_or(0.0);
        let from = if held_before { self.told_to.max(self.inside_from) } else { self.inside_from };
        self.told_to = newest + 1;
        let found = self.collect(spec, from, newest, value)?;
        Some(if held_before { Turn::GoesOn(found) } else { Turn::Fires(found) })
    }

    /// Absence: notes what the new hit breaks, and whether it is itself a candidate.
    fn weigh(&mut self, spec: &WindowSpec, time: i64, slot: u16, edge: i64) {
        let Some(expression) = &spec.expression else { return };
        let bit = 1u64 << (slot & 63);
        let number = self.held_from + self.held.len() as u64 - 1;
        if expression.forbidden() & bit != 0 {
            let slot = usize::from(slot);
            if self.applied_to.len() <= slot {
                self.applied_to.resize(slot + 1, 0);
            }
            let done = std::mem::replace(&mut self.applied_to[slot], number);
            let fresh = self.candidates.partition_point(|c| c.number < done);
            let mut broken = false;
            for candidate in self.candidates.iter_mut().skip(fresh) {
                candidate.broken |= bit;
                broken |= !expression.holds(candidate.seen, candidate.broken);
            }
            if broken {
                self.candidates.retain(|c| expression.holds(c.seen, c.broken));
            }
        }
        if expression.required() & bit != 0 {
            let seen = self.state.seen();
            if expression.holds(seen, seen) && self.bound_holds(spec, edge) {
                let value = self.state.value(&spec.measure, edge).unwrap_or(0.0);
                self.candidates.push_back(Candidate { time, number, seen, broken: seen, value });
            }
        }
    }

    /// Absence: candidates at or before `edge` can no longer be broken.
    fn decide(&mut self, spec: &WindowSpec, edge: i64) -> Option<Turn<T>> {
        let mut turn: Option<Turn<T>> = None;
        while let Some(candidate) = self.candidates.front().copied().filter(|c| c.time <= edge) {
            self.candidates.pop_front();
            let start = candidate.time.saturating_sub(spec.timespan_ns);
            let goes_on = self.accepted_last.is_some_and(|last| last > start);
            self.accepted_last = Some(candidate.time);
            let oldest = self.held_from + self.held.partition_point(|h| h.time <= start) as u64;
            let from = if goes_on { oldest.max(self.told_to) } else { oldest };
            self.told_to = candidate.number + 1;
            let Some(found) = self.collect(spec, from, candidate.number, candidate.value) else { continue };
            turn = Some(match turn {
                // All candidates that one hit decides lie within one timespan, so they are one match.
                Some(Turn::Fires(first)) => Turn::Fires(first.joined(found, spec.hits_max)),
                Some(Turn::GoesOn(first)) => Turn::GoesOn(first.joined(found, spec.hits_max)),
                _ if goes_on => Turn::GoesOn(found),
                _ => Turn::Fires(found),
            });
        }
        turn
    }

    /// Moves the oldest edge of the window: hits at or before `edge` leave.
    fn slide(&mut self, spec: &WindowSpec, edge: i64) {
        while let Some(oldest) = self.held.get((self.inside_from - self.held_from) as usize) {
            if oldest.time > edge {
                break;
            }
            let (slot, value) = (oldest.slot, oldest.value);
            self.inside_from += 1;
            let rest = self.held.iter().skip((self.inside_from - self.held_from) as usize).map(|h| h.value);
            self.state.remove(slot, value, rest);
        }
        // A candidate still needs the hits of its own window, to list them.
        let keep_after =
            self.candidates.front().map_or(edge, |c| c.time.saturating_sub(spec.timespan_ns).min(edge));
        while self.held_from < self.inside_from && self.held.front().is_some_and(|h| h.time <= keep_after) {
            self.held.pop_front();
            self.held_from += 1;
        }
        if self.held.is_empty() && spec.timing == Timing::Settled {
            self.holding = false;
        }
    }

    fn holds(&self, spec: &WindowSpec, edge: i64) -> bool {
        let seen = self.state.seen();
        self.inside_from < self.held_from + self.held.len() as u64
            && spec.expression.as_ref().is_none_or(|e| e.holds(seen, seen))
            && self.bound_holds(spec, edge)
    }

    fn bound_holds(&self, spec: &WindowSpec, edge: i64) -> bool {
        self.state.value(&spec.measure, edge).is_some_and(|value| bound_holds(&spec.bound, value))
    }

    /// The hits numbered `from..=to` as a match that closes at `to`.
    fn collect(&self, spec: &WindowSpec, from: u64, to: u64, value: f64) -> Option<Match<T>> {
        let from = from.max(self.held_from);
        let start = (from - self.held_from) as usize;
        let end = (to + 1).checked_sub(self.held_from)? as usize;
        let closing = self.held.get(end.checked_sub(1)?)?;
        let (last, token) = (closing.time, closing.token);
        let oldest = self.held.get(start)?;
        let count = end.checked_sub(start)?;
        let mut hits = Vec::with_capacity(count.min(spec.hits_max));
        if count <= spec.hits_max {
            hits.extend(self.held.range(start..end).map(|h| h.token));
        } else {
            for index in self.choose(start, end, spec.hits_max) {
                hits.push(self.held[index].token);
            }
        }
        Some(Match { first: oldest.time, last, closing: token, hits, count: count as u64, value })
    }

    /// Which hits of a long list are shown: the last one of each rule, then the earliest.
    fn choose(&self, start: usize, end: usize, room: usize) -> Vec<usize> {
        let mut slots_seen = 0u64;
        let mut chosen = Vec::with_capacity(room);
        for index in (start..end).rev() {
            let bit = 1u64 << (self.held[index].slot & 63);
            if slots_seen & bit == 0 && chosen.len() < room {
                slots_seen |= bit;
                chosen.push(index);
            }
        }
        let mut index = start;
        while chosen.len() < room && index < end {
            if !chosen.contains(&index) {
                chosen.push(index);
            }
            index += 1;
        }
        chosen.sort_unstable();
        chosen
    }
}

impl<T> Match<T> {
    fn joined(mut self, later: Match<T>, hits_max: usize) -> Self {
        self.last = later.last;
        self.count += later.count;
        let room = hits_max.saturating_sub(self.hits.len());
        self.hits.extend(later.hits.into_iter().take(room));
        self
    }
}

/// Whether every comparison holds; `NaN` satisfies none but `neq`.
pub fn bound_holds(bound: &[(Comparison, f64)], value: f64) -> bool {
    bound.iter().all(|&(comparison, limit)| match comparison {
        Comparison::Is(NumberTest::Eq) => value == limit,
        Comparison::Is(NumberTest::Lt) => value < limit,
        Comparison::Is(NumberTest::Lte) => value <= limit,
        Comparison::Is(NumberTest::Gt) => value > limit,
        Comparison::Is(NumberTest::Gte) => value >= limit,
        Comparison::Neq => value != limit,
    })
}
