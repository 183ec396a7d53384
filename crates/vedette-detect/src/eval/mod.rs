//! The plan run over one event: values read and folded once, literals searched once, then only the woken rules.

mod ask;
mod scratch;

pub use scratch::Scratch;

use std::ops::ControlFlow;

use vedette_model::{Kind, LaneId, Native};

use crate::limits;
use crate::plan::{FieldId, FieldIndex, LanePlan, Plan, number_bits};
use crate::value;

use ask::Questions;

impl Plan {
    /// Appends the rules of `lane` that match the event, ascending, at most [`limits::EVENT_HITS_MAX`].
    ///
    /// Cost: the bytes of the fields that the lane's rules read, and the rules that a literal in them wakes. Allocates
    /// nothing once `scratch` has grown to the largest event.
    pub fn eval(&self, lane: LaneId, native: &Native, scratch: &mut Scratch, hits: &mut Vec<u32>) {
        let Some(lane) = self.lane(lane) else { return };
        if lane.rules.is_empty() {
            return;
        }
        scratch.begin(self, native.len());
        read_fields(lane, native, scratch);
        wake(lane, native, scratch);
        let mut candidates = std::mem::take(&mut scratch.candidates);
        candidates.extend_from_slice(&lane.always);
        let first = hits.len();
        let mut questions = Questions { plan: self, lane, native, scratch };
        for &rule in &candidates {
            if self.program(rule).is_some_and(|program| questions.holds(&program.root)) {
                hits.push(rule);
            }
        }
        scratch.candidates = candidates;
        if let Some(found) = hits.get_mut(first..) {
            found.sort_unstable();
        }
        let kept = first + limits::EVENT_HITS_MAX;
        if hits.len() > kept {
            scratch.hits_dropped += (hits.len() - kept) as u64;
            hits.truncate(kept);
        }
    }
}

fn read_fields(lane: &LanePlan, native: &Native, scratch: &mut Scratch) {
    for index in 0..native.len() {
        if let Some(&(from, to)) = lane.names.get(native.name(index)) {
            for reader in lane.readers.get(from as usize..to as usize).unwrap_or_default() {
                scratch.read(reader.field, reader.rank, index as u32, native.kind(index));
            }
        }
    }
}

/// Keywords are looked for in what the record itself says.
fn is_keyword_ground(native: &Native, index: usize) -> bool {
    native.kind(index) != Kind::Null && !native.is_derived(index)
}

/// Finds the keys of all indexed fields and collects the rules they wake.
fn wake(lane: &LanePlan, native: &Native, scratch: &mut Scratch) {
    for index in &lane.indexes {
        if index.field == FieldId::KEYWORDS {
            if let Some(prefilter) = &index.prefilter
                && prefilter.find(scratch.fold_all(native)).is_none()
            {
                continue;
            }
            for at in (0..native.len()).filter(|at| is_keyword_ground(native, *at)) {
                wake_by(lane, index, at as u32, native.value(at), native.kind(at), scratch);
            }
        } else {
            let mut at = scratch.head(index.field);
            while let Some(value) = scratch.values.get(at as usize).copied() {
                let text = native.value(value.native as usize);
                wake_by(lane, index, value.native, text, value.kind, scratch);
                at = value.next;
            }
        }
    }
}

fn wake_by(lane: &LanePlan, index: &FieldIndex, native: u32, text: &str, kind: Kind, scratch: &mut Scratch) {
    let range = scratch.fold(native, text);
    let (folded, mut found) = scratch.search();
    let folded = folded.get(range.0 as usize..range.1 as usize).unwrap_or("");
    let _ = index.literals.scan(folded, |key| {
        found.key(lane, index, key);
        ControlFlow::Continue(())
    });
    if !index.numbers.is_empty()
        && let Some(n) = value::number(text, kind)
        && let Some(key) = index.numbers.get(&number_bits(n))
    {
        found.key(lane, index, *key);
    }
    if let Some(key) = index.filled {
        found.key(lane, index, key);
    }
}
