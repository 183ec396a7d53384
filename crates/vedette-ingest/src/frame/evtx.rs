//! Windows event logs: a header of 4096 bytes, then chunks of 64 KiB, each readable without the others.
//!
//! A chunk is handed on whole; its parser finds the records. Where a chunk should begin and does not, its magic is
//! searched for, so that a log with a damaged header or a hole in it still gives its other chunks.

use memchr::memmem;

use super::{Cut, Framer};
use crate::limits::{EVTX_CHUNK_BYTES, EVTX_HEADER_BYTES};
use crate::problems;

const MAGIC: &[u8] = b"ElfChnk\0";

pub(super) struct Evtx {
    state: State,
    buffer: Vec<u8>,
    /// Offset of the buffer's first byte in the file.
    offset: u64,
    chunks: u64,
    /// Bytes that were neither chunk nor zero.
    lost: u64,
    lost_at: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    Chunk,
    /// Between chunks, looking for the next magic.
    Search,
}

impl Evtx {
    pub(super) fn new(aligned: bool) -> Self {
        let state = if aligned { State::Header } else { State::Search };
        Evtx { state, buffer: Vec::new(), offset: 0, chunks: 0, lost: 0, lost_at: 0 }
    }

    fn drop_front(&mut self, bytes: usize) {
        self.buffer.drain(..bytes);
        self.offset += bytes as u64;
    }

    fn lose(&mut self, bytes: usize) {
        if self.lost == 0 {
            self.lost_at = self.offset;
        }
        // Zeroes are room that Windows set aside.
        self.lost += self.buffer[..bytes].iter().filter(|b| **b != 0).count() as u64;
        self.drop_front(bytes);
    }

    fn emit(&mut self, bytes: usize, out: &mut Cut<'_>) {
        let number = self.chunk_number();
        out.chunk(number, &self.buffer[..bytes]);
        self.chunks += 1;
        self.drop_front(bytes);
    }

    /// Where the chunk stands in the file, so that holes keep the numbers of what follows.
    fn chunk_number(&self) -> u64 {
        match self.offset.checked_sub(EVTX_HEADER_BYTES as u64) {
            Some(after) if after % EVTX_CHUNK_BYTES as u64 == 0 => after / EVTX_CHUNK_BYTES as u64,
            _ => self.chunks,
        }
    }

    fn work(&mut self, out: &mut Cut<'_>) {
        while !out.stopped {
            match self.state {
                State::Header => {
                    if self.buffer.len() < EVTX_HEADER_BYTES {
                        return;
                    }
                    if !self.buffer.starts_with(b"ElfFile\0") {
                        let path = out.path().to_owned();
                        out.problem(problems::EVTX_HEADER, &path, "no `ElfFile` at its beginning");
                    }
                    self.drop_front(EVTX_HEADER_BYTES);
                    self.state = State::Chunk;
                }
                State::Chunk => {
                    if self.buffer.len() < EVTX_CHUNK_BYTES {
                        return;
                    }
                    if self.buffer.starts_with(MAGIC) {
                        self.emit(EVTX_CHUNK_BYTES, out);
                    } else if self.buffer[..EVTX_CHUNK_BYTES].iter().all(|b| *b == 0) {
                        self.drop_front(EVTX_CHUNK_BYTES);
                    } else {
                        self.state = State::Search;
                    }
                }
                State::Search => match memmem::find(&self.buffer, MAGIC) {
                    Some(at) => {
                        self.lose(at);
                        self.state = State::Chunk;
                    }
                    None => {
                        // The magic may be cut by the end of the block.
                        let sure = self.buffer.len().saturating_sub(MAGIC.len() - 1);
                        self.lose(sure);
                        return;
                    }
                },
            }
        }
    }
}

impl Framer for Evtx {
    fn push(&mut self, mut block: &[u8], out: &mut Cut<'_>) {
        // In pieces of a chunk, so that the buffer stays near two chunks and draining it stays cheap.
        while !block.is_empty() {
            let (piece, rest) = block.split_at(block.len().min(EVTX_CHUNK_BYTES));
            self.buffer.extend_from_slice(piece);
            block = rest;
            self.work(out);
        }
    }

    fn finish(&mut self, out: &mut Cut<'_>) {
        let path = out.path().to_owned();
        if self.state == State::Header && !self.buffer.is_empty() {
            out.problem(problems::EVTX_HEADER, &path, "the file ends within its header");
        }
        let used = self.buffer.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
        if self.state == State::Chunk && self.buffer.starts_with(MAGIC) {
            let here = self.buffer.len();
            self.buffer.resize(EVTX_CHUNK_BYTES, 0);
            out.problem(
                problems::EVTX_TRUNCATED,
                &format!("{path} at byte {}", self.offset),
                &format!("{here} of 65536 bytes"),
            );
            self.emit(EVTX_CHUNK_BYTES, out);
        } else if self.state == State::Chunk && used > 0 {
            self.lose(self.buffer.len());
        }
        if self.lost > 0 {
            out.problem(
                problems::EVTX_NO_CHUNK,
                &format!("{path} at byte {}", self.lost_at),
                &format!("{} bytes", self.lost),
            );
        }
    }
}
