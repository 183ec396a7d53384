//! Finds one event in the input: for explaining a rule on it.

use std::ops::ControlFlow;
use std::sync::Arc;

use vedette_ingest::{Inputs, Message};
use vedette_model::Event;
use vedette_normalize::Normalizer;

use crate::content::Content;

/// The event whose record number (the source's own, else the ordinal in the file) is `number`, or the first event.
pub fn find_event(content: &Arc<Content>, inputs: &Inputs, number: Option<u64>) -> Option<Event> {
    let mut normalizer = Normalizer::new(content.catalogue.clone(), &content.wanted);
    let mut found = None;
    // Broken off as soon as the event is found.
    let _ = inputs.read(&mut |message| {
        if let Message::Batch(batch) = message {
            normalizer.batch(&batch, &mut |event: &mut Event| {
                let fits = number.is_none_or(|n| event.record == n || event.position.number == n);
                if fits && found.is_none() {
                    found = Some(event.clone());
                }
            });
        }
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}
