//! Which lanes had events, and which fields those carried: what `rules check --against` judges rules by.

use std::collections::{BTreeMap, BTreeSet};

use vedette_model::{Event, Kind, LaneId};

use crate::limits::FIELDS_PER_LANE_MAX;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lane {
    pub events: u64,
    /// Names that held a value at least once.
    pub fields: BTreeSet<String>,
    /// There were more names than are kept: an absent one may have been there.
    pub overflowed: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    pub lanes: BTreeMap<LaneId, Lane>,
}

impl Presence {
    pub fn add(&mut self, event: &Event) {
        let lane = self.lanes.entry(event.lane).or_default();
        lane.events += 1;
        for field in event.native.iter() {
            if field.kind == Kind::Null || field.value.is_empty() || lane.fields.contains(field.name) {
                continue;
            }
            if lane.fields.len() < FIELDS_PER_LANE_MAX {
                lane.fields.insert(field.name.to_owned());
            } else {
                lane.overflowed = true;
            }
        }
    }

    pub fn merge(&mut self, other: Presence) {
        for (id, theirs) in other.lanes {
            let ours = self.lanes.entry(id).or_default();
            ours.events += theirs.events;
            ours.overflowed |= theirs.overflowed;
            ours.fields.extend(theirs.fields);
        }
    }
}
