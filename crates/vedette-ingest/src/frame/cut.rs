//! Collects records into batches and hands full ones on.

use std::ops::ControlFlow;
use std::sync::Arc;

use vedette_model::{Batch, FileContext, Header, Position, Problem, Reject, Span};

use crate::limits;
use crate::message::Message;
use crate::problems::Kind;

/// The output side of a framer.
pub(crate) struct Cut<'a> {
    file: Arc<FileContext>,
    emit: &'a mut dyn FnMut(Message) -> ControlFlow<()>,
    seq: &'a mut u64,
    header: Option<Arc<Header>>,
    bytes: Vec<u8>,
    spans: Vec<Span>,
    rejects: Vec<Reject>,
    chunk: u64,
    /// A whole batch is held back until it is known whether it is the last.
    held: Option<Batch>,
    open: Option<(u32, Position)>,
    /// Spans, joined positions and rejects so far.
    pub(crate) records: u64,
    pub(crate) lines_blank: u64,
    pub(crate) lines_header: u64,
    pub(crate) problems: Vec<Problem>,
    /// The receiver wants no more.
    pub(crate) stopped: bool,
}

impl<'a> Cut<'a> {
    pub(crate) fn new(
        file: Arc<FileContext>,
        seq: &'a mut u64,
        emit: &'a mut dyn FnMut(Message) -> ControlFlow<()>,
    ) -> Self {
        Cut {
            file,
            emit,
            seq,
            header: None,
            bytes: Vec::new(),
            spans: Vec::new(),
            rejects: Vec::new(),
            chunk: 0,
            held: None,
            open: None,
            records: 0,
            lines_blank: 0,
            lines_header: 0,
            problems: Vec::new(),
            stopped: false,
        }
    }

    /// One whole record.
    pub(crate) fn record(&mut self, bytes: &[u8], position: Position) {
        self.record_joined(bytes, position, Vec::new());
    }

    /// One whole record that further ones were joined into.
    pub(crate) fn record_joined(&mut self, bytes: &[u8], position: Position, joined: Vec<Position>) {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        self.records += 1 + joined.len() as u64;
        self.spans.push(Span { start, end: self.bytes.len() as u32, position, joined });
        self.flush_if_full();
    }

    /// Begins a record that is given in pieces.
    pub(crate) fn begin(&mut self, position: Position) {
        self.abandon();
        self.open = Some((self.bytes.len() as u32, position));
    }

    /// A piece of the open record; the framer sees to it that it stays within [`limits::RECORD_BYTES_MAX`].
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        if self.open.is_some() {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Ends the open record.
    pub(crate) fn end(&mut self) {
        if let Some((start, position)) = self.open.take() {
            self.records += 1;
            self.spans.push(Span { start, end: self.bytes.len() as u32, position, joined: Vec::new() });
            self.flush_if_full();
        }
    }

    /// Forgets the open record.
    pub(crate) fn abandon(&mut self) {
        if let Some((start, _)) = self.open.take() {
            self.bytes.truncate(start as usize);
        }
    }

    /// What is there of the open record.
    pub(crate) fn opened(&self) -> &[u8] {
        self.open.map_or(&[], |(start, _)| &self.bytes[start as usize..])
    }

    pub(crate) fn reject(&mut self, position: Position, reason: &'static str, seen: &[u8]) {
        self.records += 1;
        self.rejects.push(Reject { position, reason, detail: excerpt(seen) });
        self.flush_if_full();
    }

    /// The header of the records to come; those before keep theirs.
    pub(crate) fn set_header(&mut self, header: Header) {
        if self.header.as_deref() != Some(&header) {
            self.flush();
            self.header = Some(Arc::new(header));
        }
    }

    /// One EVTX chunk is one batch.
    pub(crate) fn chunk(&mut self, number: u64, bytes: &[u8]) {
        self.flush();
        self.chunk = number;
        self.bytes.extend_from_slice(bytes);
        self.flush();
    }

    pub(crate) fn problem(&mut self, kind: Kind, place: &str, detail: &str) {
        note(&mut self.problems, kind.at(place, detail));
    }

    /// The file's path, for the place of a problem.
    pub(crate) fn path(&self) -> &str {
        &self.file.path
    }

    fn flush_if_full(&mut self) {
        if self.bytes.len() >= limits::BATCH_BYTES
            || self.spans.len() + self.rejects.len() >= limits::BATCH_SPANS_MAX
        {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.bytes.is_empty() && self.spans.is_empty() && self.rejects.is_empty() {
            return;
        }
        debug_assert!(self.open.is_none(), "a batch ends between records");
        let full = self.bytes.len() >= limits::BATCH_BYTES / 2;
        let bytes = std::mem::take(&mut self.bytes);
        let batch = Batch {
            seq: 0,
            file: Arc::clone(&self.file),
            bytes,
            spans: std::mem::take(&mut self.spans),
            header: self.header.clone(),
            chunk: self.chunk,
            rejects: std::mem::take(&mut self.rejects),
            last: false,
        };
        // A file that filled one batch will fill another; a small one should not cost a large buffer.
        if full {
            self.bytes.reserve(limits::BATCH_BYTES + limits::BATCH_BYTES / 8);
        }
        if let Some(before) = self.held.replace(batch) {
            self.send(before);
        }
    }

    fn send(&mut self, mut batch: Batch) {
        if self.stopped {
            return;
        }
        batch.seq = *self.seq;
        *self.seq += 1;
        self.stopped = (self.emit)(Message::Batch(batch)).is_break();
    }

    /// Hands on what is left, marked as last. A file without records has no batch.
    pub(crate) fn finish(&mut self) {
        self.abandon();
        self.flush();
        if let Some(mut batch) = self.held.take() {
            batch.last = true;
            self.send(batch);
        }
    }
}

/// Adds a problem, or counts it when one of its code is already there.
pub(crate) fn note(problems: &mut Vec<Problem>, problem: Problem) {
    if let Some(same) = problems.iter_mut().find(|p| p.code == problem.code) {
        same.count += problem.count;
    } else if problems.len() < limits::PROBLEMS_PER_FILE_MAX {
        problems.push(problem);
    }
}

/// The beginning of the text, on one line.
fn excerpt(seen: &[u8]) -> String {
    const BYTES: usize = 120;
    let head = &seen[..seen.len().min(BYTES)];
    let mut out: String =
        String::from_utf8_lossy(head).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if seen.len() > BYTES {
        out.push('…');
    }
    out
}
