//! Learns the year from files that state it, for files beside them that do not.
//!
//! A syslog line says `Mar  4 09:26:53` and no year; the JSON log next to it does. A look at the first records of each
//! file, before the run, tells which is which.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;
use vedette_ingest::{InputKind, Inputs, KnownYear, Message, Options};
use vedette_model::{Event, TimeBasis, Timestamp};
use vedette_normalize::Normalizer;

use crate::content::Content;
use crate::limits::NEIGHBOURS_LOOKED_AT_MAX;

/// What the first records of a file say of time.
#[derive(Default)]
struct Look {
    stated: Option<Timestamp>,
    assumed: bool,
}

/// Years stated by some of `inputs`; empty when no file needs them, or there are too many files to look at.
pub fn years(content: &Arc<Content>, inputs: &Inputs, options: &Options) -> Vec<KnownYear> {
    let files: Vec<_> = inputs.list().iter().filter(|i| i.kind == InputKind::File).collect();
    if options.year.is_some() || files.len() < 2 || files.len() > NEIGHBOURS_LOOKED_AT_MAX {
        return Vec::new();
    }
    let mut normalizer = Normalizer::new(content.catalogue.clone(), &content.wanted);
    let mut known = Vec::new();
    let mut needed = false;
    for file in files {
        let one = Options { paths: vec![file.path.clone()], sha256: false, ..options.clone() };
        let look = look(&Inputs::walk(&one), &mut normalizer);
        needed |= look.assumed;
        if let Some(time) = look.stated {
            known.push(KnownYear { path: file.shown(), year: time.to_jiff().to_zoned(TimeZone::UTC).year() });
        }
    }
    if needed { known } else { Vec::new() }
}

/// Reads the first batch.
fn look(inputs: &Inputs, normalizer: &mut Normalizer) -> Look {
    let mut look = Look::default();
    // Broken off after the first batch.
    let _ = inputs.read(&mut |message| {
        let Message::Batch(batch) = message else { return ControlFlow::Continue(()) };
        normalizer.batch(&batch, &mut |event: &mut Event| match event.time_basis {
            TimeBasis::Stated | TimeBasis::ZoneAssumed => look.stated = look.stated.max(event.time),
            TimeBasis::YearAssumed | TimeBasis::YearAndZoneAssumed => look.assumed = true,
        });
        ControlFlow::Break(())
    });
    if look.assumed {
        look.stated = None;
    }
    look
}
