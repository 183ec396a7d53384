//! Byte sources: the input as it lies on disk (counted and, if wanted, hashed) and the buffered stream above each layer.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::limits;

/// Where an input's bytes come from.
pub(crate) enum Raw {
    File(std::fs::File),
    /// Standard input, or bytes of a test.
    Pipe(Box<dyn Read>),
}

/// The lowest layer: every byte of the input passes here once in order, which is when it is hashed.
pub(crate) struct Tap {
    raw: Raw,
    hash: Option<Sha256>,
    digest: Option<[u8; 32]>,
    bytes: u64,
    /// The end was reached by reading alone.
    ended: bool,
    sought: bool,
    /// The error that ended reading: layers above only see an early end.
    pub(crate) fault: Option<String>,
    base: u64,
    /// Bytes read since the last beginning, for the progress bar: a zip is read back and forth.
    counted: u64,
    size: u64,
    progress: Arc<AtomicU64>,
    budget: Rc<Budget>,
}

impl Tap {
    pub(crate) fn new(
        raw: Raw,
        size: u64,
        hash: bool,
        progress: Arc<AtomicU64>,
        budget: Rc<Budget>,
    ) -> Rc<RefCell<Tap>> {
        // The length of a pipe is not known.
        let size = if matches!(raw, Raw::File(_)) { size } else { u64::MAX };
        let base = progress.load(Ordering::Relaxed);
        let hash = hash.then(Sha256::new);
        Rc::new(RefCell::new(Tap {
            raw,
            hash,
            digest: None,
            bytes: 0,
            ended: false,
            sought: false,
            fault: None,
            base,
            counted: 0,
            size,
            progress,
            budget,
        }))
    }

    /// Length of the file as it was when it was read to its end in one go; `None` when it was not, or is no file.
    pub(crate) fn length(&self) -> Option<u64> {
        (self.seekable() && self.ended && !self.sought).then_some(self.bytes)
    }

    pub(crate) fn seekable(&self) -> bool {
        matches!(self.raw, Raw::File(_))
    }

    /// Reads what nobody wanted, so that the hash covers the whole input, and returns it. `None` when no hash was asked
    /// for, or the rest cannot be read.
    pub(crate) fn finish(&mut self, spare: &mut [u8]) -> Option<[u8; 32]> {
        if self.digest.is_none() && self.hash.is_some() {
            loop {
                match self.read(spare) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => {
                        self.hash = None;
                        return None;
                    }
                }
            }
            self.digest = self.hash.take().map(|h| h.finalize().into());
        }
        self.digest
    }
}

impl Read for Tap {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let result = match &mut self.raw {
            Raw::File(file) => file.read(buf),
            Raw::Pipe(pipe) => pipe.read(buf),
        };
        let n = match result {
            Ok(n) => n,
            Err(e) => {
                if e.kind() != io::ErrorKind::Interrupted {
                    self.fault = Some(e.to_string());
                }
                return Err(e);
            }
        };
        if let Some(hash) = &mut self.hash {
            hash.update(&buf[..n]);
        }
        self.bytes += n as u64;
        self.ended |= n == 0 && !buf.is_empty();
        self.budget.raw.set(self.budget.raw.get().max(self.bytes));
        self.counted += n as u64;
        self.progress.store(self.base.saturating_add(self.counted.min(self.size)), Ordering::Relaxed);
        Ok(n)
    }
}

/// A handle to the tap for the layer above. Seeking is allowed only after [`Tap::finish`] or when no hash is wanted.
#[derive(Clone)]
pub(crate) struct TapReader(pub(crate) Rc<RefCell<Tap>>);

impl Read for TapReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buf)
    }
}

impl Seek for TapReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut tap = self.0.borrow_mut();
        debug_assert!(tap.hash.is_none(), "bytes would be hashed out of order");
        match &mut tap.raw {
            Raw::File(file) => {
                let at = file.seek(to)?;
                tap.bytes = at;
                if !std::mem::replace(&mut tap.sought, true) {
                    tap.counted = 0;
                }
                Ok(at)
            }
            Raw::Pipe(_) => Err(io::ErrorKind::NotSeekable.into()),
        }
    }
}

/// What one input may still expand to. Shared by all layers of the input.
#[derive(Debug)]
pub(crate) struct Budget {
    /// [`limits::ARCHIVE_RATIO_FREE_BYTES`]; tests take less.
    free: u64,
    /// Bytes of the input on disk that were reached.
    raw: Cell<u64>,
    /// Bytes that all decompressors of the input gave.
    expanded: Cell<u64>,
    tripped: Cell<bool>,
    /// Bytes of nested zips held in memory now.
    held: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget::with_free(limits::ARCHIVE_RATIO_FREE_BYTES)
    }
}

impl Budget {
    pub(crate) fn with_free(free: u64) -> Self {
        Budget {
            free,
            raw: Cell::new(0),
            expanded: Cell::new(0),
            tripped: Cell::new(false),
            held: Cell::new(0),
        }
    }

    pub(crate) fn tripped(&self) -> bool {
        self.tripped.get()
    }

    /// The input's size counts as reached when its archive is read by its directory.
    pub(crate) fn reach(&self, bytes: u64) {
        self.raw.set(self.raw.get().max(bytes));
    }

    pub(crate) fn memory_left(&self) -> usize {
        limits::NESTED_ZIP_MEMORY_BYTES.saturating_sub(self.held.get())
    }

    pub(crate) fn hold(&self, bytes: usize) {
        self.held.set(self.held.get() + bytes);
    }

    pub(crate) fn release(&self, bytes: usize) {
        self.held.set(self.held.get().saturating_sub(bytes));
    }

    fn spend(&self, bytes: usize) -> io::Result<()> {
        let expanded = self.expanded.get().saturating_add(bytes as u64);
        self.expanded.set(expanded);
        let by_ratio = self.raw.get().saturating_mul(limits::ARCHIVE_RATIO_MAX).max(self.free);
        if expanded > by_ratio.min(limits::ARCHIVE_EXPANDED_BYTES_MAX) {
            self.tripped.set(true);
        }
        if self.tripped.get() { Err(io::Error::other("expansion bound reached")) } else { Ok(()) }
    }
}

/// A decompressor whose output is charged to the budget.
pub(crate) struct Metered<R> {
    inner: R,
    budget: Rc<Budget>,
}

impl<R> Metered<R> {
    pub(crate) fn new(inner: R, budget: &Rc<Budget>) -> Self {
        Metered { inner, budget: Rc::clone(budget) }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.budget.spend(n)?;
        Ok(n)
    }
}

/// A buffered stream that can be looked into before it is read, and remembers the error that ended it.
pub(crate) struct Stream<'a> {
    inner: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    eof: bool,
    /// Bytes consumed.
    pub(crate) consumed: u64,
    /// The error that ended the stream; to readers above it looks like its end.
    pub(crate) failed: Option<io::Error>,
}

impl<'a> Stream<'a> {
    /// `buffer` is reused: its length is the size of a block.
    pub(crate) fn new(inner: Box<dyn Read + 'a>, mut buffer: Vec<u8>) -> Self {
        if buffer.len() < limits::READ_BYTES {
            buffer.resize(limits::READ_BYTES, 0);
        }
        Stream { inner, buffer, start: 0, end: 0, eof: false, consumed: 0, failed: None }
    }

    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// The first [`limits::SNIFF_BYTES`] that are still to come, and whether that is all of the stream.
    pub(crate) fn peek(&mut self) -> (&[u8], bool) {
        debug_assert_eq!(self.consumed, 0, "peek looks at the beginning");
        while self.end < limits::SNIFF_BYTES && !self.eof {
            self.more();
        }
        let shown = self.end.min(limits::SNIFF_BYTES);
        (&self.buffer[..shown], self.eof && shown == self.end)
    }

    fn more(&mut self) {
        match self.inner.read(&mut self.buffer[self.end..]) {
            Ok(0) => self.eof = true,
            Ok(n) => self.end += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => {
                self.failed = Some(e);
                self.eof = true;
            }
        }
    }

    /// The next block; empty at the end.
    pub(crate) fn block(&mut self) -> &[u8] {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            while self.end == 0 && !self.eof {
                self.more();
            }
        }
        &self.buffer[self.start..self.end]
    }

    pub(crate) fn take(&mut self, bytes: usize) {
        let bytes = bytes.min(self.end - self.start);
        self.start += bytes;
        self.consumed += bytes as u64;
    }

    /// Skips up to `bytes`; returns whether all of them were there.
    pub(crate) fn skip(&mut self, mut bytes: u64) -> bool {
        while bytes > 0 {
            let here = self.block().len() as u64;
            if here == 0 {
                return false;
            }
            let step = here.min(bytes);
            self.take(step as usize);
            bytes -= step;
        }
        true
    }

    /// Fills `out`; `false` when the stream ends before.
    pub(crate) fn fill(&mut self, out: &mut [u8]) -> bool {
        let mut at = 0;
        while at < out.len() {
            let block = self.block();
            if block.is_empty() {
                return false;
            }
            let n = block.len().min(out.len() - at);
            out[at..at + n].copy_from_slice(&block[..n]);
            self.take(n);
            at += n;
        }
        true
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let block = self.block();
        let n = block.len().min(out.len());
        out[..n].copy_from_slice(&block[..n]);
        self.take(n);
        Ok(n)
    }
}

impl BufRead for Stream<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.block())
    }

    fn consume(&mut self, bytes: usize) {
        self.take(bytes);
    }
}
