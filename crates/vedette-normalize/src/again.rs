//! What can be made again from an event's own fields: its uid and what its mapping computes. For proofs.

use vedette_model::{Event, EventUid};

use crate::catalogue::{Catalogue, View};
use crate::mapping::names::{Looked, Lookup};

impl Catalogue {
    /// The uid, where the mapping names the fields that make it; `None` where it is made of the raw bytes. `event` has
    /// no derived fields.
    pub fn identity(&self, event: &Event) -> Option<EventUid> {
        let parts = self.sheet(event.lane).sheet.identity.as_deref()?;
        let mut lookup = Lookup::default();
        lookup.fill(&event.native, &self.names);
        let looked = Looked { native: &event.native, lookup: &lookup };
        crate::normalizer::identity_uid(
            parts,
            &self.lane(event.lane).mapping,
            event,
            &looked,
            &mut Vec::new(),
        )
    }

    /// Names and values of all fields that the mapping computes. `event` has no derived fields.
    pub fn derived(&self, event: &Event) -> Vec<(String, String)> {
        let view = View::new(self, event);
        let derived = view.native.iter().filter(|f| f.derived);
        derived.map(|f| (f.name.to_owned(), f.value.to_owned())).collect()
    }
}
