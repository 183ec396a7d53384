//! A Windows event as XML (`wevtutil`, Sysmon for Linux in syslog, Splunk's raw text) into the names of an event log.
//!
//! Only what the schema of events uses is read: elements, attributes, text, the five entities of XML and numbers. No
//! declarations, no entities of the document's own: what holds them is not such an event.
//!
//! Source: Microsoft, event schema (`http://schemas.microsoft.com/win/2004/08/events/event`).

use vedette_model::{Kind, Native};

use super::limits;

/// Appends the fields of the first `<Event>` in the text, named as after `windows_evtx` was unwrapped. `false` when
/// there is none or it is broken; what was appended before the fault stays.
pub fn read(text: &str, out: &mut Native) -> bool {
    let Some(start) = text.find("<Event").filter(|at| !text[*at..].starts_with("<Events")) else {
        return false;
    };
    let mut walk = Walk { rest: &text[start..], out, path: Vec::new(), value: String::new(), closed: false };
    walk.run() && walk.closed
}

struct Walk<'a, 'o> {
    rest: &'a str,
    out: &'o mut Native,
    path: Vec<&'a str>,
    value: String,
    /// The event's own end was seen.
    closed: bool,
}

impl<'a> Walk<'a, '_> {
    fn run(&mut self) -> bool {
        // The name of the `<Data Name="...">` that is open.
        let mut data: Option<String> = None;
        let mut fresh = false;
        while let Some(open) = self.rest.find('<') {
            let text = &self.rest[..open];
            if fresh {
                unescape(text, &mut self.value);
            }
            self.rest = &self.rest[open + 1..];
            let Some(close) = self.rest.find('>') else { return false };
            let tag = &self.rest[..close];
            self.rest = &self.rest[close + 1..];
            if tag.starts_with('!') || tag.starts_with('?') {
                return false;
            }
            if let Some(name) = tag.strip_prefix('/') {
                if self.path.pop() != Some(name.trim()) {
                    return false;
                }
                if fresh {
                    self.leaf(name.trim(), data.take());
                }
                fresh = false;
                if self.path.is_empty() {
                    self.closed = true;
                    return true;
                }
                continue;
            }
            let empty = tag.ends_with('/');
            let tag = tag.trim_end_matches('/');
            let (name, attributes) = tag.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((tag, ""));
            if self.path.len() >= limits::YAML_DEPTH_MAX {
                return false;
            }
            data = self.attributes(name, attributes);
            self.value.clear();
            if empty {
                if data.is_some() {
                    self.leaf(name, data.take());
                }
                fresh = false;
            } else {
                self.path.push(name);
                fresh = true;
            }
        }
        false
    }

    /// Attributes of System become fields; the name of a Data is handed back.
    fn attributes(&mut self, element: &str, mut text: &str) -> Option<String> {
        let mut name_of_data = None;
        while let Some((name, after)) = text.split_once('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, rest) = after[1..].split_once(quote)?;
            text = rest;
            let name = name.trim();
            self.value.clear();
            unescape(value, &mut self.value);
            match (element, name) {
                ("Data" | "ComplexData", "Name") => name_of_data = Some(self.value.clone()),
                ("TimeCreated", "SystemTime") => self.out.push_text("TimeCreated", &self.value),
                ("EventID", "Qualifiers") => self.out.push_text("EventID_Qualifiers", &self.value),
                ("Provider" | "Execution" | "Security" | "Correlation", _) if !self.value.is_empty() => {
                    self.out.push_text(&format!("{element}_{name}"), &self.value);
                }
                _ => {}
            }
        }
        name_of_data
    }

    fn leaf(&mut self, element: &str, data: Option<String>) {
        let within = |section: &str| self.path.get(1).is_some_and(|s| *s == section);
        let name = match data {
            Some(name) => name,
            None if within("RenderingInfo") && element != "Message" => return,
            None => element.to_owned(),
        };
        let value = self.value.trim();
        if value.is_empty() && within("System") {
            return;
        }
        let kind = if value.is_empty() { Kind::Null } else { Kind::Text };
        self.out.push(&name, value, kind);
    }
}

/// Appends the text with the entities of XML resolved; an unknown one stays as it is written.
fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        let resolved = end.and_then(|end| {
            Some((
                end,
                match &rest[1..end] {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    "apos" => '\'',
                    number => {
                        let digits = number.strip_prefix('#')?;
                        let code = match digits.strip_prefix(['x', 'X']) {
                            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                            None => digits.parse().ok()?,
                        };
                        char::from_u32(code)?
                    }
                },
            ))
        });
        match resolved {
            Some((end, c)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"x: <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name="Linux-Sysmon" Guid="{ff032593}"/><EventID>1</EventID><TimeCreated SystemTime="2026-03-14T09:26:53.1Z"/><EventRecordID>7</EventRecordID><Correlation/><Channel>Linux-Sysmon/Operational</Channel><Computer>web-1</Computer><Security UserId="0"/></System><EventData><Data Name="CommandLine">sh -c &quot;a &amp; b&quot;</Data><Data Name="User"/><Data>bare</Data></EventData></Event>"#;

    fn check(text: &str, expect: Option<&[(&str, &str)]>) {
        let mut native = Native::new();
        let done = read(text, &mut native);
        let got: Vec<_> = native.iter().map(|f| (f.name, f.value)).collect();
        match expect {
            Some(expect) => {
                assert!(done, "{got:?}");
                assert_eq!(got, expect);
            }
            None => assert!(!done, "{text}"),
        }
    }

    #[test]
    fn an_event_has_the_names_of_an_event_log() {
        check(
            EVENT,
            Some(&[
                ("Provider_Name", "Linux-Sysmon"),
                ("Provider_Guid", "{ff032593}"),
                ("EventID", "1"),
                ("TimeCreated", "2026-03-14T09:26:53.1Z"),
                ("EventRecordID", "7"),
                ("Channel", "Linux-Sysmon/Operational"),
                ("Computer", "web-1"),
                ("Security_UserId", "0"),
                ("CommandLine", "sh -c \"a & b\""),
                ("User", ""),
                ("Data", "bare"),
            ]),
        );
    }

    #[test]
    fn what_is_no_event_is_refused() {
        check("no event", None);
        check("<Event><System></Event>", None);
        check("<Event><!DOCTYPE x></Event>", None);
        check(&EVENT[..EVENT.len() - 20], None);
        check(&"<Event>".repeat(1_000), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(cut in 0usize..700, junk in "[<>/&;='\"a-zé#]{0,40}") {
            let mut text = EVENT.to_owned();
            let at = (0..=cut.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
            text.insert_str(at, &junk);
            let _ = read(&text, &mut Native::new());
        }
    }
}
