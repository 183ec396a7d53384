//! What a worker keeps between events, so that an event allocates nothing.

use std::sync::Arc;

use regex_automata::meta::Cache;
use vedette_model::{Kind, Native};

use super::is_keyword_ground;
use crate::limits;
use crate::plan::{FieldId, FieldIndex, LanePlan, Plan};

/// Marks the end of a chain.
pub(super) const NONE: u32 = u32::MAX;

/// Working memory of one worker. It fits itself to the plan it is used with, and may be used with another later.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The plan the tables below fit; held, so that no other plan takes its address.
    fits: Option<Arc<()>>,
    /// Number of the event; what carries another number is of an earlier one.
    epoch: u32,
    pub(super) atoms: Vec<AtomMark>,
    pub(super) fields: Vec<FieldMark>,
    rules: Vec<u32>,
    pub(super) values: Vec<Value>,
    /// By native field: its folded text, where it was folded.
    folds: Vec<(u32, u32, u32)>,
    folded: String,
    pub(super) candidates: Vec<u32>,
    caches: Vec<Option<Box<Cache>>>,
    pub(super) hits_dropped: u64,
    pub(super) values_dropped: u64,
}

/// What is known of an atom in the event of `epoch`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AtomMark {
    pub epoch: u32,
    pub state: AtomState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum AtomState {
    #[default]
    Maybe,
    Holds,
    Fails,
}

/// The values of a field in the event of `epoch`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FieldMark {
    pub epoch: u32,
    /// Chain in `Scratch::values`; [`NONE`] when the field is null.
    pub head: u32,
    tail: u32,
    count: u32,
    rank: u16,
}

/// One value of a field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    /// Index in the event.
    pub native: u32,
    pub kind: Kind,
    pub next: u32,
}

impl Scratch {
    pub fn new() -> Self {
        Self::default()
    }

    /// Findings that were not reported because one event had more than [`limits::EVENT_HITS_MAX`].
    pub fn hits_dropped(&self) -> u64 {
        self.hits_dropped
    }

    /// Values that were not searched because their field had more than [`limits::FIELD_VALUES_MAX`].
    pub fn values_dropped(&self) -> u64 {
        self.values_dropped
    }

    /// Forgets the event before.
    pub(super) fn begin(&mut self, plan: &Plan, native_len: usize) {
        let fits = self.fits.as_ref().is_some_and(|f| Arc::ptr_eq(f, &plan.identity));
        if !fits || self.epoch == u32::MAX {
            *self = Self {
                fits: Some(Arc::clone(&plan.identity)),
                atoms: vec![AtomMark::default(); plan.atoms.len()],
                fields: vec![FieldMark::default(); plan.fields.len()],
                rules: vec![0; plan.programs.len()],
                caches: (0..plan.regexes.len()).map(|_| None).collect(),
                hits_dropped: self.hits_dropped,
                values_dropped: self.values_dropped,
                ..Self::default()
            };
        }
        self.epoch += 1;
        self.values.clear();
        self.candidates.clear();
        self.folded.clear();
        if self.folded.capacity() > limits::FOLDED_BYTES_KEPT {
            self.folded.shrink_to(limits::FOLDED_BYTES_KEPT);
        }
        if self.folds.len() < native_len {
            self.folds.resize(native_len, (0, 0, 0));
        }
    }

    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Notes that the event's field number `native` is a value of `field`.
    pub(super) fn read(&mut self, field: FieldId, rank: u16, native: u32, kind: Kind) {
        let Some(mark) = self.fields.get_mut(field.0 as usize) else { return };
        if mark.epoch != self.epoch {
            *mark = FieldMark { epoch: self.epoch, head: NONE, tail: NONE, count: 0, rank };
        }
        if kind == Kind::Null {
            return;
        }
        if mark.head != NONE && mark.rank < rank {
            return;
        }
        if mark.head == NONE || rank < mark.rank {
            // A name that comes earlier in the order replaces what was found under a later one.
            *mark = FieldMark { epoch: self.epoch, head: NONE, tail: NONE, count: 0, rank };
        }
        if mark.count as usize >= limits::FIELD_VALUES_MAX {
            self.values_dropped += 1;
            return;
        }
        mark.count += 1;
        let at = self.values.len() as u32;
        self.values.push(Value { native, kind, next: NONE });
        match self.values.get_mut(mark.tail as usize) {
            Some(before) if mark.tail != NONE => before.next = at,
            _ => mark.head = at,
        }
        mark.tail = at;
    }

    /// Head of the field's values, [`NONE`] when it has none.
    pub(super) fn head(&self, field: FieldId) -> u32 {
        match self.fields.get(field.0 as usize) {
            Some(mark) if mark.epoch == self.epoch => mark.head,
            _ => NONE,
        }
    }

    /// Whether the event has the field, perhaps null.
    pub(super) fn has(&self, field: FieldId) -> bool {
        self.fields.get(field.0 as usize).is_some_and(|mark| mark.epoch == self.epoch)
    }

    /// Folds the native field's text unless that was done, and says where it lies.
    pub(super) fn fold(&mut self, native: u32, text: &str) -> (u32, u32) {
        let Some(entry) = self.folds.get_mut(native as usize) else { return (0, 0) };
        if entry.0 != self.epoch {
            let start = self.folded.len() as u32;
            crate::fold::fold_into(text, &mut self.folded);
            *entry = (self.epoch, start, self.folded.len() as u32);
        }
        (entry.1, entry.2)
    }

    /// Folds every value that keywords are looked for in, and returns them in one piece: what stands in a value stands
    /// in the piece, though not the other way round.
    pub(super) fn fold_all(&mut self, native: &Native) -> &str {
        for index in (0..native.len()).filter(|i| is_keyword_ground(native, *i)) {
            self.fold(index as u32, native.value(index));
        }
        &self.folded
    }

    pub(super) fn folded(&self, range: (u32, u32)) -> &str {
        self.folded.get(range.0 as usize..range.1 as usize).unwrap_or("")
    }

    /// The folded text of all values, and beside it what a search of it writes.
    pub(super) fn search(&mut self) -> (&str, Found<'_>) {
        let found = Found {
            epoch: self.epoch,
            atoms: &mut self.atoms,
            rules: &mut self.rules,
            candidates: &mut self.candidates,
        };
        (&self.folded, found)
    }

    pub(super) fn cache<'a>(&'a mut self, plan: &Plan, regex: u32) -> Option<&'a mut Cache> {
        let slot = self.caches.get_mut(regex as usize)?;
        let regex = plan.regexes.get(regex as usize)?;
        Some(slot.get_or_insert_with(|| Box::new(regex.create_cache())))
    }
}

/// The tables that a found key writes.
pub(super) struct Found<'a> {
    epoch: u32,
    atoms: &'a mut [AtomMark],
    rules: &'a mut [u32],
    candidates: &'a mut Vec<u32>,
}

impl Found<'_> {
    /// Marks the atoms of `key` and wakes their rules, each once an event.
    pub(super) fn key(&mut self, lane: &LanePlan, index: &FieldIndex, key: u32) {
        let epoch = self.epoch;
        let Some(&(from, to)) = index.keys.get(key as usize) else { return };
        for wake in index.wakes.get(from as usize..to as usize).unwrap_or_default() {
            let Some(mark) = self.atoms.get_mut(wake.atom as usize) else { continue };
            let known = mark.epoch == epoch;
            if wake.sure {
                *mark = AtomMark { epoch, state: AtomState::Holds };
            } else if !known {
                *mark = AtomMark { epoch, state: AtomState::Maybe };
            }
            if known {
                continue;
            }
            for &rule in lane.woken.get(wake.rules.0 as usize..wake.rules.1 as usize).unwrap_or_default() {
                if let Some(seen) = self.rules.get_mut(rule as usize)
                    && *seen != epoch
                {
                    *seen = epoch;
                    self.candidates.push(rule);
                }
            }
        }
    }
}
