//! JSON values wherever they end: pretty-printed, one after another, in an array, or in an array inside an object.
//!
//! The scanner knows strings and brackets and leaves the rest to the parser. It finds its way again after a broken
//! value: a bracket that closes what another opened, and an object that begins where none may, end the value before
//! them; a line break ends a string, because JSON allows none inside.

use vedette_model::{Header, Position};

use super::{Cut, Framer};
use crate::limits;
use crate::problems::{self, reason};

pub(super) struct Values {
    /// Path of the array within the object that wraps it; empty when the values stand alone or in an array.
    path: Vec<String>,
    offset: u64,
    number: u64,
    /// Open brackets, and for the innermost 128 of them whether each is an object.
    depth: u32,
    objects: u128,
    /// Depth at which a record begins; 0 outside arrays.
    base: u32,
    /// `objects` at that depth: what a record nested too deeply has pushed out is put back.
    base_objects: u128,
    place: Place,
    string: Str,
    /// The last byte outside strings that was not white; a string counts as its quote.
    significant: u8,
    record: Record,
    wrapper: Wrapper,
    /// Text between values that is none, as far as it is shown.
    stray: Vec<u8>,
    stray_at: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// Between values, or outside of all.
    Between,
    /// A value that is no object, in an array.
    Scalar,
    Record,
    /// In the wrapping object, outside of its array.
    Wrapper,
    /// In text that is no JSON, until its line ends.
    Stray,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Str {
    Outside,
    Inside,
    /// Behind a backslash.
    Escaped,
}

#[derive(Default)]
struct Record {
    position: Position,
    /// Why it will be rejected, once that is known.
    fault: Option<&'static str>,
    /// Its first bytes, kept when the rest is thrown away.
    head: Vec<u8>,
}

impl Record {
    /// Remembers the beginning, for the reject's detail.
    fn keep_head(&mut self, bytes: &[u8]) {
        if self.head.is_empty() {
            self.head.extend_from_slice(&bytes[..bytes.len().min(160)]);
        }
    }
}

#[derive(Default)]
struct Wrapper {
    /// Levels of the path that were entered.
    matched: usize,
    key: Vec<u8>,
    /// The last string was a key, its colon has come.
    key_due: bool,
    in_key: bool,
    scalar: Vec<u8>,
    in_scalar: bool,
    beside: Vec<(String, String)>,
    /// The array has been read.
    done: bool,
}

impl Values {
    pub(super) fn new(path: Vec<String>) -> Self {
        Values {
            path,
            offset: 0,
            number: 0,
            depth: 0,
            objects: 0,
            base: 0,
            base_objects: 0,
            place: Place::Between,
            string: Str::Outside,
            significant: 0,
            record: Record::default(),
            wrapper: Wrapper::default(),
            stray: Vec::new(),
            stray_at: 0,
        }
    }

    fn open(&mut self, object: bool) {
        self.depth = self.depth.saturating_add(1);
        self.objects = self.objects << 1 | u128::from(object);
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
    }

    /// Whether the innermost open bracket is an object's. Unknown (and so believed) below the depth that is kept.
    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn too_deep(&self) -> bool {
        self.depth - self.base.min(self.depth) > limits::JSON_DEPTH_MAX
    }

    fn begin_record(&mut self, at: u64, out: &mut Cut<'_>) {
        self.number += 1;
        self.place = Place::Record;
        self.record.position = Position { number: self.number, offset: at };
        self.record.fault = None;
        self.record.head.clear();
        out.begin(self.record.position);
    }

    /// Adds a piece of the open record.
    fn keep(&mut self, piece: &[u8], out: &mut Cut<'_>) {
        if self.record.fault == Some(reason::TOO_LONG) {
            return;
        }
        if out.opened().len() + piece.len() > limits::RECORD_BYTES_MAX {
            self.record.fault = Some(reason::TOO_LONG);
            self.record.keep_head(out.opened());
            self.record.keep_head(piece);
            out.abandon();
        } else {
            out.extend(piece);
        }
    }

    fn end_record(&mut self, out: &mut Cut<'_>) {
        self.place = Place::Between;
        self.objects = self.base_objects;
        match self.record.fault.take() {
            None => out.end(),
            Some(fault) => {
                self.record.keep_head(out.opened());
                out.abandon();
                out.reject(self.record.position, fault, &self.record.head);
            }
        }
    }

    /// Ends the record as broken; what follows is at the level of records again.
    fn break_record(&mut self, out: &mut Cut<'_>) {
        self.record.fault.get_or_insert(reason::BROKEN_JSON);
        while self.depth > self.base {
            self.close();
        }
        self.string = Str::Outside;
        self.end_record(out);
    }

    fn end_stray(&mut self, out: &mut Cut<'_>) {
        let text = self.stray.trim_ascii();
        // evtx_dump numbers its records on lines of their own.
        let numbered = text.strip_prefix(b"Record ").is_some_and(|n| n.iter().all(u8::is_ascii_digit));
        if numbered {
            out.lines_header += 1;
        } else if !text.is_empty() {
            self.number += 1;
            let position = Position { number: self.number, offset: self.stray_at };
            out.reject(position, reason::NOT_JSON, &self.stray);
        }
        self.stray.clear();
        self.place = Place::Between;
    }

    fn scan(&mut self, block: &[u8], out: &mut Cut<'_>) {
        // Where the open record's bytes of this block begin.
        let mut from = 0;
        let mut at = 0;
        while at < block.len() {
            if self.string != Str::Outside {
                at = self.in_string(block, at);
                continue;
            }
            let byte = block[at];
            let here = self.offset + at as u64;
            match byte {
                b'\n' => {
                    if self.place == Place::Stray {
                        self.end_stray(out);
                    }
                    at += 1;
                    continue;
                }
                b' ' | b'\t' | b'\r' => {
                    if self.place == Place::Stray && self.stray.len() < 160 {
                        self.stray.push(byte);
                    }
                    at += 1;
                    continue;
                }
                _ => {}
            }
            match self.place {
                Place::Record => {
                    if byte == b'{' && self.starts_anew() {
                        self.keep(&block[from..at], out);
                        self.break_record(out);
                        // The same byte again, now as the beginning of a record.
                        continue;
                    }
                    if self.in_record(byte, block, from, at, out) {
                        // The record ended here, or the array around it did.
                        from = at + 1;
                    }
                }
                Place::Wrapper => {
                    if self.in_wrapper(byte, block, from, at, out) {
                        from = at + 1;
                    }
                }
                Place::Between | Place::Scalar => {
                    self.between(byte, here, out);
                    if matches!(self.place, Place::Record | Place::Wrapper) {
                        from = at;
                    }
                }
                Place::Stray => {
                    if byte == b'{' {
                        self.end_stray(out);
                        continue;
                    }
                    if self.stray.len() < 160 {
                        self.stray.push(byte);
                    }
                }
            }
            self.significant = byte;
            at += 1;
        }
        if matches!(self.place, Place::Record | Place::Wrapper) && from < block.len() {
            self.keep_open(&block[from..], out);
        }
        self.offset += block.len() as u64;
    }

    fn keep_open(&mut self, piece: &[u8], out: &mut Cut<'_>) {
        if self.place == Place::Record || !self.wrapper.done {
            self.keep(piece, out);
        }
    }

    /// Reads on inside a string; returns where to go on.
    fn in_string(&mut self, block: &[u8], mut at: usize) -> usize {
        if self.string == Str::Escaped {
            self.collect(&block[at..=at]);
            self.string = Str::Inside;
            at += 1;
        }
        let found = memchr::memchr3(b'"', b'\\', b'\n', &block[at..]).map_or(block.len(), |n| at + n);
        self.collect(&block[at..found]);
        match block.get(found) {
            Some(b'"') => {
                self.string = Str::Outside;
                self.significant = b'"';
                self.end_of_string();
                found + 1
            }
            Some(b'\\') => {
                self.collect(b"\\");
                self.string = Str::Escaped;
                found + 1
            }
            // Not allowed inside: the quote was never closed. The line break itself is read again outside.
            Some(_) => {
                self.string = Str::Outside;
                self.significant = b'"';
                found
            }
            None => found,
        }
    }

    /// Whether an object that opens here cannot belong to the open record. In whole JSON none such opens, whatever its
    /// layout: where lines begin says nothing, because indentation is free.
    fn starts_anew(&self) -> bool {
        // Once the brackets are no longer known, nothing can be told from them.
        if self.depth <= self.base || self.record.fault == Some(reason::TOO_DEEP) {
            return false;
        }
        if self.in_object() { self.significant != b':' } else { !matches!(self.significant, b'[' | b',') }
    }

    /// One byte inside a record; true when the record ended with it (its bytes are then handed over).
    fn in_record(&mut self, byte: u8, block: &[u8], from: usize, at: usize, out: &mut Cut<'_>) -> bool {
        match byte {
            b'"' => self.string = Str::Inside,
            b'{' | b'[' => {
                self.open(byte == b'{');
                if self.too_deep() {
                    self.record.fault.get_or_insert(reason::TOO_DEEP);
                }
            }
            b'}' | b']' => {
                let object = byte == b'}';
                let inner = self.depth - self.base.min(self.depth);
                if self.record.fault != Some(reason::TOO_DEEP) && self.in_object() != object {
                    // How many brackets of the other kind were left open?
                    let open_above = (0..inner.min(128)).find(|n| (self.objects >> n & 1 == 1) == object);
                    match open_above {
                        Some(n) => {
                            self.record.fault.get_or_insert(reason::BROKEN_JSON);
                            for _ in 0..n {
                                self.close();
                            }
                        }
                        None if byte == b']' && self.base > 0 => {
                            // It closes the array that the records stand in.
                            self.keep(&block[from..at], out);
                            self.break_record(out);
                            self.end_array();
                            return true;
                        }
                        None => {
                            self.record.fault.get_or_insert(reason::BROKEN_JSON);
                            return false;
                        }
                    }
                }
                self.close();
                if self.depth <= self.base {
                    self.keep(&block[from..=at], out);
                    self.end_record(out);
                    return true;
                }
            }
            _ => {}
        }
        false
    }

    /// One byte between records.
    fn between(&mut self, byte: u8, here: u64, out: &mut Cut<'_>) {
        if self.base > 0 {
            match byte {
                b'{' | b'[' if self.place == Place::Between || byte == b'{' => {
                    if self.place == Place::Scalar {
                        self.end_scalar_element(out);
                    }
                    self.begin_record(here, out);
                    self.open(byte == b'{');
                    if byte == b'[' {
                        self.record.fault = Some(reason::NOT_OBJECT);
                    }
                }
                b',' | b']' => {
                    if self.place == Place::Scalar {
                        self.end_scalar_element(out);
                    }
                    if byte == b']' {
                        self.end_array();
                    }
                }
                // A bracket too many.
                b'}' | b'[' => {}
                _ => {
                    if self.place == Place::Between {
                        self.place = Place::Scalar;
                        self.number += 1;
                        self.stray.clear();
                        self.stray_at = here;
                    }
                    if byte == b'"' {
                        self.string = Str::Inside;
                    }
                    if self.stray.len() < 160 {
                        self.stray.push(byte);
                    }
                }
            }
            return;
        }
        match byte {
            b'{' if self.path.is_empty() => {
                self.begin_record(here, out);
                self.open(true);
            }
            b'{' => {
                self.begin_record(here, out);
                self.open(true);
                self.place = Place::Wrapper;
                self.wrapper = Wrapper { key_due: true, ..Wrapper::default() };
            }
            b'[' => {
                self.open(false);
                self.base = self.depth;
                self.base_objects = self.objects;
            }
            // What stands between values by custom: commas, the record separator of RFC 7464, NULs of a crash.
            b',' | 0x1E | 0 => {}
            _ => {
                self.place = Place::Stray;
                self.stray.clear();
                self.stray.push(byte);
                self.stray_at = here;
            }
        }
    }

    fn end_scalar_element(&mut self, out: &mut Cut<'_>) {
        self.place = Place::Between;
        let position = Position { number: self.number, offset: self.stray_at };
        out.reject(position, reason::NOT_OBJECT, &self.stray);
        self.stray.clear();
    }

    /// The array that holds the records is over.
    fn end_array(&mut self) {
        self.close();
        self.base = 0;
        self.base_objects = 0;
        self.place = Place::Between;
        if self.depth > 0 {
            self.place = Place::Wrapper;
            self.wrapper.done = true;
            self.wrapper.key_due = false;
        }
    }

    /// Text of a key or of a scalar beside the array.
    fn collect(&mut self, piece: &[u8]) {
        let into = match self.place {
            Place::Wrapper if self.wrapper.in_key => &mut self.wrapper.key,
            Place::Wrapper if self.wrapper.in_scalar => &mut self.wrapper.scalar,
            Place::Scalar => &mut self.stray,
            _ => return,
        };
        let room = limits::WRAPPER_TEXT_MAX.saturating_sub(into.len());
        into.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    fn end_of_string(&mut self) {
        if self.place == Place::Wrapper {
            self.wrapper.in_key = false;
            if self.wrapper.in_scalar {
                self.end_scalar();
            }
        }
    }

    fn end_scalar(&mut self) {
        let wrapper = &mut self.wrapper;
        wrapper.in_scalar = false;
        if wrapper.beside.len() < limits::WRAPPER_BESIDE_MAX && !wrapper.done {
            let key = String::from_utf8_lossy(&wrapper.key).into_owned();
            wrapper.beside.push((key, unescape(wrapper.scalar.trim_ascii())));
        }
        wrapper.scalar.clear();
    }

    /// One byte of the wrapping object; true when its array begins or it is over.
    fn in_wrapper(&mut self, byte: u8, block: &[u8], from: usize, at: usize, out: &mut Cut<'_>) -> bool {
        let level = self.wrapper.matched as u32 + 1;
        let own = self.depth == level && self.in_object();
        let value = own && self.significant == b':';
        match byte {
            b'"' => {
                self.string = Str::Inside;
                if own && self.wrapper.key_due && !self.wrapper.done {
                    self.wrapper.key_due = false;
                    self.wrapper.in_key = true;
                    self.wrapper.key.clear();
                } else if value && self.depth == 1 {
                    self.wrapper.in_scalar = true;
                    self.wrapper.scalar.clear();
                }
            }
            b'{' | b'[' => {
                let named = value
                    && !self.wrapper.done
                    && self.path.get(self.wrapper.matched).is_some_and(|p| p.as_bytes() == self.wrapper.key);
                let last = self.wrapper.matched + 1 == self.path.len();
                if self.wrapper.done && value && byte == b'[' && self.depth == 1 {
                    let place = format!("{} at byte {}", out.path(), self.offset + at as u64);
                    out.problem(problems::WRAPPER_REST, &place, "");
                }
                self.open(byte == b'{');
                if named && byte == b'{' && !last {
                    self.wrapper.matched += 1;
                    self.wrapper.key_due = true;
                } else if named && byte == b'[' && last {
                    return self.enter_array(out);
                }
            }
            b'}' | b']' => {
                if own && self.wrapper.in_scalar {
                    self.end_scalar();
                }
                self.close();
                if own && self.wrapper.matched > 0 {
                    self.wrapper.matched -= 1;
                }
                if self.depth == 0 {
                    self.place = Place::Between;
                    self.wrapper.in_scalar = false;
                    if self.wrapper.done {
                        return true;
                    }
                    // No array of that name: the object is itself a record.
                    self.keep(&block[from..=at], out);
                    self.end_record(out);
                    return true;
                }
            }
            b',' if own => {
                if self.wrapper.in_scalar {
                    self.end_scalar();
                }
                self.wrapper.key_due = true;
            }
            b':' | b',' => {}
            _ if value && self.depth == 1 && !self.wrapper.done => {
                self.wrapper.in_scalar = true;
                self.wrapper.scalar.clear();
                self.wrapper.scalar.push(byte);
            }
            _ if self.wrapper.in_scalar && self.wrapper.scalar.len() < limits::WRAPPER_TEXT_MAX => {
                self.wrapper.scalar.push(byte);
            }
            _ => {}
        }
        false
    }

    fn enter_array(&mut self, out: &mut Cut<'_>) -> bool {
        // The object is no record after all.
        out.abandon();
        self.number -= 1;
        self.record.fault = None;
        self.base = self.depth;
        self.base_objects = self.objects;
        self.place = Place::Between;
        let beside = std::mem::take(&mut self.wrapper.beside);
        out.set_header(Header::Wrapper { array: self.path.join("."), beside });
        true
    }
}

impl Framer for Values {
    fn push(&mut self, block: &[u8], out: &mut Cut<'_>) {
        self.scan(block, out);
    }

    fn finish(&mut self, out: &mut Cut<'_>) {
        match self.place {
            Place::Stray => self.end_stray(out),
            Place::Record => {
                self.record.fault.get_or_insert(reason::UNFINISHED);
                self.end_record(out);
            }
            Place::Wrapper if !self.wrapper.done => {
                self.record.fault.get_or_insert(reason::UNFINISHED);
                self.end_record(out);
            }
            Place::Scalar => self.end_scalar_element(out),
            Place::Between if self.base > 0 => {
                // The array was never closed: its records are whole, the file is not.
                let place = format!("{} at byte {}", out.path(), self.offset);
                out.problem(problems::ARRAY_OPEN, &place, "");
            }
            Place::Between | Place::Wrapper => {}
        }
    }
}

/// The common escapes of a JSON string; others stay as written.
fn unescape(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    if !text.contains('\\') {
        return text.into_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('u') => {
                let hex: String = chars.clone().take(4).collect();
                match u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32) {
                    Some(c) => {
                        out.push(c);
                        chars.nth(3);
                    }
                    None => out.push_str("\\u"),
                }
            }
            Some(c) => out.push(c),
            None => out.push('\\'),
        }
    }
    out
}
