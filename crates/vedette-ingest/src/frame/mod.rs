//! Cuts the stream of a file into records, one file a format.

mod auditd;
mod csv;
mod cut;
mod evtx;
mod json;
mod line;
mod lines;
mod w3c;
mod zeek;

pub(crate) use cut::{Cut, note};

use line::ByLine;

use crate::sniff::Shape;

/// A cutter of one format. It is given the file block by block, wherever the blocks may end, and must never keep more
/// than the bounds allow.
pub(crate) trait Framer {
    fn push(&mut self, block: &[u8], out: &mut Cut<'_>);

    /// The stream is over; what is still open is a record or a reject.
    fn finish(&mut self, out: &mut Cut<'_>);
}

/// `None` for shapes that hold no records.
pub(crate) fn framer(shape: &Shape) -> Option<Box<dyn Framer>> {
    Some(match shape {
        Shape::Evtx { aligned } => Box::new(evtx::Evtx::new(*aligned)),
        Shape::JsonLines | Shape::Lines => Box::new(ByLine::<lines::Lines>::default()),
        Shape::JsonConcatenated | Shape::JsonArray => Box::new(json::Values::new(Vec::new())),
        Shape::JsonWrapped(path) => Box::new(json::Values::new(path.clone())),
        Shape::Csv { delimiter } => Box::new(csv::Csv::new(*delimiter)),
        Shape::Zeek => Box::new(ByLine::<zeek::Zeek>::default()),
        Shape::W3c => Box::new(ByLine::<w3c::W3c>::default()),
        Shape::Auditd => Box::new(auditd::Auditd::new()),
        Shape::Empty | Shape::Container(_) | Shape::Foreign(_) | Shape::Unknown => return None,
    })
}

#[cfg(test)]
mod tests;
