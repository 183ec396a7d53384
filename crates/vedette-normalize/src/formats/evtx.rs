//! Reads one chunk of a Windows event log (EVTX): every record that can be read, and a reject for every one that
//! cannot.
//!
//! The crate `evtx` renders a record as JSON text, and [`json`] flattens that text: names are exactly those that the
//! JSON of `evtx_dump` has after flattening (`Event.System.EventID`, `Event.System.Provider.#attributes.Name`,
//! `Event.EventData.CommandLine`), so one mapping serves both. Going through the crate's tree of values instead costs
//! three times as much. The crate bounds what a record may unfold to; checksums are not asked for, because logs cut
//! from a running machine often lack them.

use std::sync::Arc;

use ::evtx::err::EvtxError;
use ::evtx::{EvtxChunk, EvtxChunkHeader, ParserSettings};
use vedette_model::{Native, Timestamp};

use super::{FormatError, json, limits, text};

/// What was found at one place of a chunk. The fields are in the [`Native`] that comes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvtxItem {
    /// A record that was read.
    Record {
        /// `EventRecordID` of the record's header.
        id: u64,
        /// When the record was written, from its header; `None` outside the range of [`Timestamp`].
        written: Option<Timestamp>,
    },
    /// A record, or a whole chunk, that could not be read; what follows it is still read.
    Damaged {
        /// The record's number, where its header could be read.
        id: Option<u64>,
        error: FormatError,
    },
}

/// Reads chunks. Keeps its buffers from chunk to chunk.
pub struct EvtxReader {
    settings: Arc<ParserSettings>,
    scratch: json::Scratch,
    native: Native,
}

impl Default for EvtxReader {
    fn default() -> Self {
        let settings = ParserSettings::new().indent(false).validate_checksums(false);
        Self { settings: Arc::new(settings), scratch: json::Scratch::default(), native: Native::new() }
    }
}

impl EvtxReader {
    /// Calls `visit` for each record of the chunk, in the order they lie there. An unused chunk (zeros) has none.
    ///
    /// Errors of the crate come as [`EvtxItem::Damaged`] with one of the reasons `evtx chunk`, `evtx chunk cut short`,
    /// `evtx record`, or a reason of [`json::flatten`].
    pub fn read_chunk(&mut self, chunk: &[u8], visit: &mut dyn FnMut(EvtxItem, &mut Native)) {
        if chunk.iter().all(|&b| b == 0) {
            return;
        }
        if chunk.len() < limits::EVTX_CHUNK_BYTES {
            let detail = format!("{} of {} bytes are there", chunk.len(), limits::EVTX_CHUNK_BYTES);
            self.damaged(None, FormatError::new("evtx chunk cut short", detail), visit);
        }
        let header = match EvtxChunkHeader::from_bytes(chunk) {
            Ok(header) => header,
            Err(e) => return self.damaged(None, FormatError::new("evtx chunk", line(&e)), visit),
        };
        let mut parsed = match EvtxChunk::new(chunk, &header, Arc::clone(&self.settings)) {
            Ok(parsed) => parsed,
            Err(e) => return self.damaged(None, FormatError::new("evtx chunk", line(&e)), visit),
        };
        for record in parsed.iter() {
            let rendered = record.and_then(|r| {
                let id = r.event_record_id;
                r.into_json_bytes().map_err(|e| match e {
                    e @ EvtxError::FailedToParseRecord { .. } => e,
                    e => EvtxError::FailedToParseRecord { record_id: id, source: Box::new(e) },
                })
            });
            match rendered {
                Ok(rendered) => {
                    self.native.clear();
                    let id = rendered.event_record_id;
                    match json::flatten_with(&rendered.data, &mut self.scratch, &mut self.native) {
                        Ok(()) => {
                            let written =
                                i64::try_from(rendered.timestamp.as_nanosecond()).ok().map(Timestamp);
                            visit(EvtxItem::Record { id, written }, &mut self.native);
                        }
                        Err(error) => self.damaged(Some(id), error, visit),
                    }
                }
                Err(e) => {
                    let id = match &e {
                        EvtxError::FailedToParseRecord { record_id, .. } => Some(*record_id),
                        _ => None,
                    };
                    self.damaged(id, FormatError::new("evtx record", line(&e)), visit);
                }
            }
        }
    }

    /// Characters that could not be decoded so far and became U+FFFD.
    pub fn replaced(&self) -> u64 {
        self.scratch.replaced
    }

    fn damaged(&mut self, id: Option<u64>, error: FormatError, visit: &mut dyn FnMut(EvtxItem, &mut Native)) {
        self.native.clear();
        visit(EvtxItem::Damaged { id, error }, &mut self.native);
    }
}

/// [`EvtxReader::read_chunk`] for a single chunk.
pub fn read_chunk(chunk: &[u8], visit: &mut dyn FnMut(EvtxItem, &mut Native)) {
    EvtxReader::default().read_chunk(chunk, visit);
}

/// An error and its causes on one line.
fn line(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut cause = error.source();
    while let Some(c) = cause {
        let said = c.to_string();
        if !out.contains(&said) {
            out.push_str(": ");
            out.push_str(&said);
        }
        cause = c.source();
    }
    let first = out.lines().next().unwrap_or("");
    if first.len() > 200 { text::quote(first) } else { first.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(chunk: &[u8]) -> Vec<EvtxItem> {
        let mut seen = Vec::new();
        read_chunk(chunk, &mut |item, _| seen.push(item));
        seen
    }

    #[test]
    fn an_unused_chunk_is_silent_and_a_foreign_one_is_named() {
        assert!(items(&vec![0; limits::EVTX_CHUNK_BYTES]).is_empty());
        let foreign = vec![7; limits::EVTX_CHUNK_BYTES];
        assert!(
            matches!(&items(&foreign)[..], [EvtxItem::Damaged { id: None, error }] if error.reason == "evtx chunk")
        );
        let short = b"ElfChnk\0".to_vec();
        let seen = items(&short);
        assert_eq!(seen.len(), 2);
        assert!(
            matches!(&seen[0], EvtxItem::Damaged { error, .. } if error.reason == "evtx chunk cut short")
        );
    }
}
