//! Lines out of blocks: what all line formats share.

use vedette_model::Position;

use super::{Cut, Framer};
use crate::limits;

/// Splits blocks at `\n` and keeps the piece that a block's end cuts.
#[derive(Default)]
pub(super) struct LineSplitter {
    carry: Vec<u8>,
    /// Lines seen, the one being read not included.
    number: u64,
    /// Offset of the line being read.
    offset: u64,
    /// Bytes of the line being read, once it is too long to keep.
    overlong: Option<u64>,
}

/// One line, without its end.
pub(super) enum Line<'a> {
    Whole(&'a [u8]),
    /// Longer than a record may be; `head` is its beginning.
    TooLong {
        head: &'a [u8],
    },
}

/// What a format makes of each of its lines, when no record spans several of them.
pub(super) trait EachLine {
    fn take(&mut self, line: Line<'_>, position: Position, out: &mut Cut<'_>);
}

/// The framer of such a format.
#[derive(Default)]
pub(super) struct ByLine<F> {
    splitter: LineSplitter,
    format: F,
}

impl<F: EachLine> Framer for ByLine<F> {
    fn push(&mut self, block: &[u8], out: &mut Cut<'_>) {
        let ByLine { splitter, format } = self;
        splitter.push(block, |line, position| format.take(line, position, out));
    }

    fn finish(&mut self, out: &mut Cut<'_>) {
        let ByLine { splitter, format } = self;
        splitter.finish(|line, position| format.take(line, position, out));
    }
}

const HEAD_KEPT: usize = 256;

impl LineSplitter {
    pub(super) fn push(&mut self, block: &[u8], mut each: impl FnMut(Line<'_>, Position)) {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', block) {
            self.line(&block[start..end], 1, &mut each);
            start = end + 1;
        }
        self.keep(&block[start..]);
    }

    /// The last line, when no line end closes it.
    pub(super) fn finish(&mut self, mut each: impl FnMut(Line<'_>, Position)) {
        if !self.carry.is_empty() || self.overlong.is_some() {
            self.line(&[], 0, &mut each);
        }
    }

    fn line(&mut self, piece: &[u8], line_end: u64, each: &mut impl FnMut(Line<'_>, Position)) {
        self.number += 1;
        let position = Position { number: self.number, offset: self.offset };
        if self.carry.is_empty() && self.overlong.is_none() && piece.len() <= limits::RECORD_BYTES_MAX {
            self.offset += piece.len() as u64 + line_end;
            each(Line::Whole(without_return(piece)), position);
            return;
        }
        self.keep(piece);
        match self.overlong.take() {
            Some(bytes) => {
                self.offset += bytes + line_end;
                each(Line::TooLong { head: &self.carry }, position);
                // The buffer grew to the bound; do not hold it for the rest of the file.
                self.carry = Vec::new();
            }
            None => {
                self.offset += self.carry.len() as u64 + line_end;
                each(Line::Whole(without_return(&self.carry)), position);
                self.carry.clear();
            }
        }
    }

    fn keep(&mut self, piece: &[u8]) {
        match &mut self.overlong {
            Some(bytes) => *bytes += piece.len() as u64,
            None if self.carry.len() + piece.len() > limits::RECORD_BYTES_MAX => {
                self.overlong = Some((self.carry.len() + piece.len()) as u64);
                if self.carry.is_empty() {
                    self.carry.extend_from_slice(&piece[..piece.len().min(HEAD_KEPT)]);
                }
                self.carry.truncate(HEAD_KEPT);
                self.carry.shrink_to_fit();
            }
            None => self.carry.extend_from_slice(piece),
        }
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
