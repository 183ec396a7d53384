//! Cuts the values of interest out of a JSON document of any size, so that only one of them is in memory at a time.

use std::io::{self, BufRead};

use crate::limits::{JSON_DEPTH_MAX, JSON_OBJECT_BYTES_MAX};

/// A way into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Item,
}

impl Step {
    pub fn is(&self, name: &str) -> bool {
        matches!(self, Self::Key(key) if key == name)
    }
}

/// Takes what is cut out.
pub trait Taker {
    /// Whether the value at `path` is to be handed over whole; otherwise it is gone into.
    fn wants(&mut self, path: &[Step]) -> bool;
    /// A wanted value as it is written; `line` is where it begins.
    fn value(&mut self, path: &[Step], raw: &[u8], line: u64);
    /// A wanted value that is larger than [`JSON_OBJECT_BYTES_MAX`].
    fn too_large(&mut self, path: &[Step], line: u64);
    /// The end of an object or array that was gone into.
    fn leave(&mut self, path: &[Step]);
}

/// Why a document could not be read to its end.
#[derive(Debug)]
pub enum Fault {
    Io(io::Error),
    /// Line, and what is wrong there.
    Malformed(u64, &'static str),
}

struct Cutter<'a, R> {
    input: &'a mut R,
    line: u64,
    path: Vec<Step>,
}

/// Goes through all documents in `input`: one, or several behind one another.
///
/// # Errors
/// [`Fault`]; what was handed over until then stands.
pub fn walk(input: &mut impl BufRead, taker: &mut impl Taker) -> Result<(), Fault> {
    let mut cutter = Cutter { input, line: 1, path: Vec::new() };
    while cutter.blank()?.is_some() {
        cutter.value(taker)?;
        // Between lines of JSON there may be a comma when somebody cut them out of an array.
        if cutter.blank()? == Some(b',') {
            cutter.next()?;
        }
    }
    Ok(())
}

impl<R: BufRead> Cutter<'_, R> {
    fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            match self.input.fill_buf() {
                Ok(buffer) => return Ok(buffer.first().copied()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Fault::Io(e)),
            }
        }
    }

    fn next(&mut self) -> Result<Option<u8>, Fault> {
        let byte = self.peek()?;
        if let Some(b) = byte {
            self.line += u64::from(b == b'\n');
            self.input.consume(1);
        }
        Ok(byte)
    }

    /// Passes blanks over; the byte behind them.
    fn blank(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.next()?,
                other => return Ok(other),
            };
        }
    }

    fn fault<T>(&self, what: &'static str) -> Result<T, Fault> {
        Err(Fault::Malformed(self.line, what))
    }

    fn value(&mut self, taker: &mut impl Taker) -> Result<(), Fault> {
        if taker.wants(&self.path) {
            let line = self.line;
            let mut raw = Vec::new();
            let whole = self.capture(&mut raw)?;
            if whole {
                taker.value(&self.path, &raw, line)
            } else {
                taker.too_large(&self.path, line)
            }
            return Ok(());
        }
        match self.blank()? {
            Some(b'{') => self.object(taker),
            Some(b'[') => self.array(taker),
            _ => self.capture(&mut Vec::new()).map(|_| ()),
        }
    }

    fn object(&mut self, taker: &mut impl Taker) -> Result<(), Fault> {
        self.enter()?;
        if self.blank()? == Some(b'}') {
            self.next()?;
        } else {
            loop {
                if self.blank()? != Some(b'"') {
                    return self.fault("a name was expected");
                }
                let mut key = Vec::new();
                self.string(&mut key)?;
                let key = serde_json::from_slice(&key).unwrap_or_default();
                if self.blank()? != Some(b':') {
                    return self.fault("a colon was expected");
                }
                self.next()?;
                self.blank()?;
                self.path.push(Step::Key(key));
                self.value(taker)?;
                self.path.pop();
                self.blank()?;
                match self.next()? {
                    Some(b',') => {}
                    Some(b'}') => break,
                    _ => return self.fault("a comma or the end of an object was expected"),
                }
            }
        }
        taker.leave(&self.path);
        Ok(())
    }

    fn array(&mut self, taker: &mut impl Taker) -> Result<(), Fault> {
        self.enter()?;
        if self.blank()? == Some(b']') {
            self.next()?;
        } else {
            loop {
                self.blank()?;
                self.path.push(Step::Item);
                self.value(taker)?;
                self.path.pop();
                self.blank()?;
                match self.next()? {
                    Some(b',') => {}
                    Some(b']') => break,
                    _ => return self.fault("a comma or the end of an array was expected"),
                }
            }
        }
        taker.leave(&self.path);
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Fault> {
        self.next()?;
        if self.path.len() >= JSON_DEPTH_MAX { self.fault("nested too deep") } else { Ok(()) }
    }

    /// Copies one value; `false` when it was too large and passed over.
    fn capture(&mut self, raw: &mut Vec<u8>) -> Result<bool, Fault> {
        let mut depth = 0_usize;
        let mut whole = true;
        loop {
            match self.peek()? {
                None => return self.fault("the document ends within a value"),
                Some(b'"') => self.string(raw)?,
                Some(b @ (b'{' | b'[')) => {
                    depth += 1;
                    raw.push(b);
                    self.next()?;
                }
                Some(b @ (b'}' | b']')) => {
                    if depth == 0 {
                        return self.fault("a value was expected");
                    }
                    depth -= 1;
                    raw.push(b);
                    self.next()?;
                }
                Some(b) => {
                    if depth == 0 && (b == b',' || b == b':') {
                        return self.fault("a value was expected");
                    }
                    raw.push(b);
                    self.next()?;
                    // A number or word goes on to its end.
                    while depth == 0 && !b.is_ascii_whitespace() {
                        match self.peek()? {
                            Some(b) if b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.') => {
                                if raw.len() <= JSON_OBJECT_BYTES_MAX {
                                    raw.push(b);
                                }
                                self.next()?;
                            }
                            _ => break,
                        }
                    }
                }
            }
            if raw.len() > JSON_OBJECT_BYTES_MAX {
                whole = false;
                raw.clear();
            }
            if depth == 0 {
                return Ok(whole);
            }
        }
    }

    /// Copies a string with its quotes; of one that is too long, only as much as shows it.
    fn string(&mut self, raw: &mut Vec<u8>) -> Result<(), Fault> {
        raw.push(b'"');
        self.next()?;
        let mut escaped = false;
        loop {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(Fault::Io(e)),
            };
            if buffer.is_empty() {
                return self.fault("the document ends within a text");
            }
            let mut end = None;
            for (at, b) in buffer.iter().enumerate() {
                self.line += u64::from(*b == b'\n');
                match b {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => {
                        end = Some(at + 1);
                        break;
                    }
                    _ => {}
                }
            }
            let used = end.unwrap_or(buffer.len());
            if raw.len() <= JSON_OBJECT_BYTES_MAX {
                raw.extend_from_slice(&buffer[..used]);
            }
            self.input.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Objects {
        values: Vec<(u64, String)>,
        left: usize,
    }

    impl Taker for Objects {
        fn wants(&mut self, path: &[Step]) -> bool {
            matches!(path, [Step::Key(key), Step::Item] if key == "objects")
        }
        fn value(&mut self, _path: &[Step], raw: &[u8], line: u64) {
            self.values.push((line, String::from_utf8_lossy(raw).into_owned()));
        }
        fn too_large(&mut self, _path: &[Step], _line: u64) {}
        fn leave(&mut self, _path: &[Step]) {
            self.left += 1;
        }
    }

    #[test]
    fn objects_are_cut_out_whole() {
        let text = "{\"a\": [1, {\"objects\": [9]}],\n \"objects\": [ {\"x\": \"}\\\"]\"},\n 17, \"s\", [1, [2]] ] , \"z\": null}";
        let mut taker = Objects::default();
        walk(&mut text.as_bytes(), &mut taker).expect("a document");
        let expect = [(2, "{\"x\": \"}\\\"]\"}"), (3, "17"), (3, "\"s\""), (3, "[1, [2]]")];
        assert_eq!(taker.values, expect.map(|(line, text)| (line, text.to_owned())));
        assert_eq!(taker.left, 5);
    }

    #[test]
    fn what_came_before_a_fault_stands() {
        for text in [
            "{\"objects\": [1, {\"a\": ",
            "{\"objects\": [1 2]}",
            "{\"objects\": [1, ]}",
            "{\"objects\": [1}",
        ] {
            let mut taker = Objects::default();
            assert!(walk(&mut text.as_bytes(), &mut taker).is_err(), "{text}");
            assert_eq!(taker.values.len(), 1, "{text}");
        }
        let deep = "[".repeat(1_000_000);
        assert!(walk(&mut deep.as_bytes(), &mut Objects::default()).is_err());
    }
}
