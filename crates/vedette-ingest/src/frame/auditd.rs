//! Linux audit records: all lines of one serial are one record, wherever they stand.
//!
//! The lines of several serials interleave. An event is complete at its `EOE` line, or when it was silent for
//! [`limits::AUDIT_DISTANCE_LINES`] lines, or when too many are open. Records come out in the order of their first
//! lines; their bytes are the lines joined by `\n`.

use std::collections::VecDeque;

use memchr::memmem;
use vedette_model::Position;

use super::line::{Line, LineSplitter};
use super::{Cut, Framer};
use crate::limits;
use crate::problems::reason;

pub(super) struct Auditd {
    splitter: LineSplitter,
    open: VecDeque<Open>,
    lines: u64,
}

struct Open {
    /// Node and `msg=audit(...)` stamp: serials start again after a restart, and files may hold several machines.
    key: Vec<u8>,
    bytes: Vec<u8>,
    first: Position,
    joined: Vec<Position>,
    last_line: u64,
    closed: bool,
}

impl Auditd {
    pub(super) fn new() -> Self {
        Auditd { splitter: LineSplitter::default(), open: VecDeque::new(), lines: 0 }
    }

    fn take(&mut self, line: Line<'_>, position: Position, out: &mut Cut<'_>) {
        self.lines += 1;
        let line = match line {
            Line::TooLong { head } => {
                self.emit_all(out);
                return out.reject(position, reason::TOO_LONG, head);
            }
            Line::Whole(line) => line,
        };
        if line.iter().all(|b| b.is_ascii_whitespace() || *b == 0) {
            // `ausearch` separates events by dashes; a blank line says nothing.
            out.lines_blank += 1;
            return;
        }
        if line == b"----" || line.starts_with(b"time->") {
            out.lines_header += 1;
            return;
        }
        let Some((node, stamp)) = key(line) else { return out.reject(position, reason::NOT_AUDIT, line) };
        let found = self.open.iter_mut().rev().find(|open| {
            !open.closed
                && open.key.len() == node.len() + stamp.len()
                && open.key.starts_with(stamp)
                && open.key.ends_with(node)
        });
        let end = is_end(line);
        match found {
            Some(open)
                if open.joined.len() + 1 < limits::AUDIT_LINES_MAX
                    && open.bytes.len() + line.len() < limits::AUDIT_BYTES_MAX =>
            {
                open.bytes.push(b'\n');
                open.bytes.extend_from_slice(line);
                open.joined.push(position);
                open.last_line = self.lines;
                open.closed = end;
            }
            found => {
                if let Some(full) = found {
                    full.closed = true;
                }
                let mut key = Vec::with_capacity(stamp.len() + node.len());
                key.extend_from_slice(stamp);
                key.extend_from_slice(node);
                self.open.push_back(Open {
                    key,
                    bytes: line.to_vec(),
                    first: position,
                    joined: Vec::new(),
                    last_line: self.lines,
                    closed: end,
                });
            }
        }
        while let Some(front) = self.open.front() {
            let old = self.lines - front.last_line > limits::AUDIT_DISTANCE_LINES;
            if !(front.closed || old || self.open.len() > limits::AUDIT_OPEN_MAX) {
                break;
            }
            self.emit_front(out);
        }
    }

    fn emit_front(&mut self, out: &mut Cut<'_>) {
        if let Some(open) = self.open.pop_front() {
            out.record_joined(&open.bytes, open.first, open.joined);
        }
    }

    fn emit_all(&mut self, out: &mut Cut<'_>) {
        while !self.open.is_empty() {
            self.emit_front(out);
        }
    }
}

impl Framer for Auditd {
    fn push(&mut self, block: &[u8], out: &mut Cut<'_>) {
        let mut splitter = std::mem::take(&mut self.splitter);
        splitter.push(block, |line, position| self.take(line, position, out));
        self.splitter = splitter;
    }

    fn finish(&mut self, out: &mut Cut<'_>) {
        let mut splitter = std::mem::take(&mut self.splitter);
        splitter.finish(|line, position| self.take(line, position, out));
        self.emit_all(out);
    }
}

/// The node's name (may be empty) and what stands between the parentheses: seconds and serial.
fn key(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memmem::find(line, b"msg=audit(")? + b"msg=audit(".len();
    let close = memchr::memchr(b')', &line[at..line.len().min(at + 64)])?;
    let stamp = &line[at..at + close];
    memchr::memchr(b':', stamp)?;
    let node = match line.strip_prefix(b"node=") {
        Some(rest) => &rest[..memchr::memchr(b' ', rest)?],
        None => &[],
    };
    Some((node, stamp))
}

fn is_end(line: &[u8]) -> bool {
    let head = &line[..line.len().min(320)];
    memmem::find(head, b"type=EOE ").is_some_and(|at| at == 0 || head[at - 1] == b' ')
}
