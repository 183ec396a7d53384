//! Finds one event in the input: for explaining a rule on it.

use std::ops::ControlFlow;
use std::sync::Arc;

use vedette_ingest::{Inputs, Message};
use vedette_model::{Event, Position};
use vedette_normalize::Normalizer;

use super::script_block::{Part, ScriptBlocks, Whole};
use crate::content::Content;

/// The event whose record number (the source's own, else the ordinal in the file) is `number`, or the first event; of
/// the file that is shown as `path` when one is named. A part of a script block is joined with the others, as a scan
/// does.
pub fn find_event(
    content: &Arc<Content>,
    inputs: &Inputs,
    path: Option<&str>,
    number: Option<u64>,
) -> Option<Event> {
    let mut normalizer = Normalizer::new(content.catalogue.clone(), &content.wanted);
    let mut found = None;
    let mut blocks = ScriptBlocks::default();
    // The part that was asked for, while others of its block are missing.
    let mut part: Option<Event> = None;
    // Broken off as soon as the event is found.
    let _ = inputs.read(&mut |message| {
        if let Message::Batch(batch) = message {
            let here = path.is_none_or(|path| *batch.file.path == *path);
            normalizer.batch(&batch, &mut |event: &mut Event| {
                if found.is_some() {
                    return;
                }
                let fits = here
                    && part.is_none()
                    && number.is_none_or(|n| event.record == n || event.position.number == n);
                match Part::of(event) {
                    None if fits => found = Some(event.clone()),
                    None => {}
                    Some(of_block) => {
                        if fits {
                            part = Some(event.clone());
                        }
                        let done = blocks.add(of_block);
                        found = part.as_ref().and_then(|part| whole_of(done, part));
                    }
                }
            });
        }
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found.or_else(|| part.map(|part| whole_of(blocks.finish(), &part).unwrap_or(part)))
}

/// The script block that `part` went into.
fn whole_of(done: Vec<Whole>, part: &Event) -> Option<Event> {
    const ID: &str = "ScriptBlockId";
    let holds = |event: &Event| {
        let mut positions = event.joined.iter().chain([&event.position]);
        positions.any(|p: &Position| *p == part.position)
            && event.native.get(ID) == part.native.get(ID)
            && event.host == part.host
    };
    done.into_iter().map(|whole| whole.event).find(|event| holds(event))
}
