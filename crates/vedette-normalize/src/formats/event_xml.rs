//! Reads a Windows event written as XML, as Sysmon for Linux logs it and `wevtutil` prints it, into the names that the
//! same event has from an EVTX file.
//!
//! Only what such events hold is understood: elements, attributes, text, the five entities and character references,
//! comments, CDATA. There are no documents types and no external entities to be had from it.

use vedette_model::{Kind, Native};

use super::{FormatError, limits, text};

/// The text begins like an event.
pub fn is_event(text: &str) -> bool {
    text.strip_prefix("<Event").is_some_and(|rest| rest.starts_with([' ', '>', '\t', '\r', '\n']))
}

/// Appends the fields of the event that `text` begins with: `Event.System.EventID`,
/// `Event.System.Provider.#attributes.Name`, `Event.EventData.CommandLine`. An element with attributes and text has
/// its text in `#text`; one without either is null.
///
/// # Errors
/// `event xml`, `event xml nested too deeply`, `event xml has too many fields`.
pub fn read(text: &str, out: &mut Native) -> Result<(), FormatError> {
    let mut reader = Reader { text, at: 0, path: String::new(), value: String::new(), open: Vec::new(), out };
    reader.run()
}

struct Open {
    /// Length of the path above this element.
    above: usize,
    /// Length of the element's own name in the text, to be met again at its end.
    name: (usize, usize),
    /// Its text goes to `#text`: it has attributes, or it is a `Data` without a name.
    attributes: bool,
    children: bool,
}

struct Reader<'a, 'o> {
    text: &'a str,
    at: usize,
    path: String,
    /// Text of the innermost element so far.
    value: String,
    open: Vec<Open>,
    out: &'o mut Native,
}

impl<'a> Reader<'a, '_> {
    fn fault(&self, what: &str) -> FormatError {
        let rest = self.text.get(self.at..).unwrap_or("");
        FormatError::new(
            "event xml",
            format!("byte {}: {what}: `{}`", self.at, text::quote(rest.get(..24).unwrap_or(rest))),
        )
    }

    fn run(&mut self) -> Result<(), FormatError> {
        let bytes = self.text.as_bytes();
        loop {
            let Some(next) = memchr::memchr(b'<', &bytes[self.at..]).map(|i| self.at + i) else {
                return Err(self.fault("the event has no end"));
            };
            unescape(&self.text[self.at..next], &mut self.value);
            self.at = next;
            match bytes.get(next + 1) {
                Some(b'/') => {
                    self.close()?;
                    if self.open.is_empty() {
                        return Ok(());
                    }
                }
                Some(b'!') => self.comment_or_data()?,
                Some(b'?') => self.skip_to("?>")?,
                _ => {
                    self.element()?;
                    if self.open.is_empty() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn skip_to(&mut self, end: &str) -> Result<(), FormatError> {
        match self.text[self.at..].find(end) {
            Some(i) => {
                self.at += i + end.len();
                Ok(())
            }
            None => Err(self.fault("no end")),
        }
    }

    fn comment_or_data(&mut self) -> Result<(), FormatError> {
        if let Some(data) = self.text[self.at..].strip_prefix("<![CDATA[") {
            let end = data.find("]]>").ok_or_else(|| self.fault("no end"))?;
            self.value.push_str(&data[..end]);
            self.at += "<![CDATA[".len() + end + "]]>".len();
            return Ok(());
        }
        self.skip_to(if self.text[self.at..].starts_with("<!--") { "-->" } else { ">" })
    }

    fn element(&mut self) -> Result<(), FormatError> {
        if self.open.len() >= limits::JSON_DEPTH_MAX {
            let detail = format!("more than {} levels", limits::JSON_DEPTH_MAX);
            return Err(FormatError::new("event xml nested too deeply", detail));
        }
        if let Some(parent) = self.open.last_mut() {
            parent.children = true;
        }
        self.value.clear();
        let start = self.at + 1;
        let name = self.name(start);
        if name.is_empty() {
            return Err(self.fault("expected a name"));
        }
        let above = self.path.len();
        let mut opened =
            Open { above, name: (start, start + name.len()), attributes: false, children: false };
        self.at = start + name.len();
        self.push_path(name)?;
        let is_data = name == "Data";
        // The rendering of EVTX has the texts of nameless `Data` elements as a list of `#text`.
        opened.attributes = is_data;
        loop {
            self.blanks();
            let rest = &self.text[self.at..];
            if rest.starts_with("/>") {
                self.at += 2;
                self.open.push(opened);
                return self.finish();
            }
            if rest.starts_with('>') {
                self.at += 1;
                self.open.push(opened);
                return Ok(());
            }
            let attribute = self.name(self.at);
            if attribute.is_empty() {
                return Err(self.fault("expected an attribute or `>`"));
            }
            self.at += attribute.len();
            self.blanks();
            if !self.text[self.at..].starts_with('=') {
                return Err(self.fault("expected `=`"));
            }
            self.at += 1;
            self.blanks();
            let quote = match self.text.as_bytes().get(self.at) {
                Some(b'"') => '"',
                Some(b'\'') => '\'',
                _ => return Err(self.fault("expected a quote")),
            };
            let inner = &self.text[self.at + 1..];
            let end = inner.find(quote).ok_or_else(|| self.fault("the quotes do not close"))?;
            self.value.clear();
            unescape(&inner[..end], &mut self.value);
            self.at += 1 + end + 1;
            if is_data && attribute == "Name" && !self.value.is_empty() {
                // `<Data Name="Image">x</Data>` is a field of that name.
                self.path.truncate(above);
                let value = std::mem::take(&mut self.value);
                let pushed = self.push_path(&value);
                self.value = value;
                pushed?;
                opened.attributes = false;
            } else {
                opened.attributes = true;
                let element = self.path.len();
                self.push_path("#attributes")?;
                self.push_path(attribute)?;
                self.push_value(Kind::Text)?;
                self.path.truncate(element);
            }
            self.value.clear();
        }
    }

    fn close(&mut self) -> Result<(), FormatError> {
        let start = self.at + 2;
        let name = self.name(start);
        let same = self.open.last().is_some_and(|o| &self.text[o.name.0..o.name.1] == name);
        if !same {
            return Err(self.fault("this end has no beginning"));
        }
        self.at = start + name.len();
        self.skip_to(">")?;
        self.finish()
    }

    /// The innermost element is over: its text becomes a field.
    fn finish(&mut self) -> Result<(), FormatError> {
        let Some(element) = self.open.pop() else { return Ok(()) };
        if !element.children {
            let empty = self.value.trim().is_empty();
            if !empty {
                if element.attributes {
                    self.push_path("#text")?;
                }
                self.push_value(Kind::Text)?;
            } else if !element.attributes {
                self.value.clear();
                self.push_value(Kind::Null)?;
            }
        }
        self.value.clear();
        self.path.truncate(element.above);
        Ok(())
    }

    fn push_path(&mut self, name: &str) -> Result<(), FormatError> {
        if self.path.len() + name.len() > limits::NAME_BYTES_MAX {
            return Err(self.fault("the names are too long"));
        }
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(name);
        Ok(())
    }

    fn push_value(&mut self, kind: Kind) -> Result<(), FormatError> {
        if self.out.len() >= limits::FIELDS_MAX || self.out.text_bytes() >= limits::RECORD_TEXT_BYTES_MAX {
            let detail = format!(
                "more than {} fields, or {} bytes",
                limits::FIELDS_MAX,
                limits::RECORD_TEXT_BYTES_MAX
            );
            return Err(FormatError::new("event xml has too many fields", detail));
        }
        self.out.push(&self.path, &self.value, kind);
        Ok(())
    }

    fn blanks(&mut self) {
        while matches!(self.text.as_bytes().get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn name(&self, from: usize) -> &'a str {
        let rest = &self.text[from.min(self.text.len())..];
        let end = rest
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':') || b >= 0x80))
            .unwrap_or(rest.len());
        &rest[..end]
    }
}

/// Appends `text` with entities resolved; what is no entity stays as it is.
fn unescape(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        into.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = memchr::memchr(b';', &rest.as_bytes()[..rest.len().min(12)]);
        let found = end.and_then(|end| Some((entity(&rest[1..end])?, end + 1)));
        match found {
            Some((c, length)) => {
                into.push(c);
                rest = &rest[length..];
            }
            None => {
                into.push('&');
                rest = &rest[1..];
            }
        }
    }
    into.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let code = name.strip_prefix('#')?;
            let code = match code.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => code.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(xml: &str) -> String {
        let mut out = Native::new();
        match read(xml, &mut out) {
            Ok(()) => out.iter().map(|f| format!("{}<{}>", f.name, f.value)).collect::<Vec<_>>().join(" "),
            Err(e) => e.reason.to_owned(),
        }
    }

    #[test]
    fn events() {
        for (xml, expect) in [
            (
                "<Event><System><Provider Name=\"Linux-Sysmon\" Guid='{x}'/><EventID>1</EventID><Empty/></System>\
                 <EventData><Data Name=\"CommandLine\">sh -c &quot;a &amp;&amp; b&quot; &#60;&#x3e; &x;</Data><Data Name=\"None\"></Data></EventData></Event> tail",
                "Event.System.Provider.#attributes.Name<Linux-Sysmon> Event.System.Provider.#attributes.Guid<{x}> Event.System.EventID<1> \
                 Event.System.Empty<> Event.EventData.CommandLine<sh -c \"a && b\" <> &x;> Event.EventData.None<>",
            ),
            (
                "<Event><A q=\"1\">2</A><!-- <B> --><C><![CDATA[<d>]]></C>\n</Event>",
                "Event.A.#attributes.q<1> Event.A.#text<2> Event.C<<d>>",
            ),
            (
                "<Event><EventData><Data>a</Data><Data>b</Data></EventData></Event>",
                "Event.EventData.Data.#text<a> Event.EventData.Data.#text<b>",
            ),
            ("<Event><A></B></Event>", "event xml"),
            ("<Event><A>", "event xml"),
            ("<Event a=b></Event>", "event xml"),
            ("<Event", "event xml"),
        ] {
            assert_eq!(flat(xml), expect, "{xml}");
        }
        assert_eq!(flat(&"<Event>".repeat(100)), "event xml nested too deeply");
        assert!(is_event("<Event xmlns='x'>") && !is_event("<Events>"));
    }
}
