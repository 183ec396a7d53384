//! MISP events and attributes, as the application exports them and feeds carry them.
//!
//! Source: MISP core format (draft-dulaunoy-misp-core-format), attribute types.

use serde_json::Value as Json;

use super::cut::Step;
use super::{Found, Hint, Loader, Tlp};
use crate::limits::LABEL_BYTES_MAX;

/// What is known of the event whose attributes are being read.
#[derive(Debug, Default)]
pub struct Event {
    info: String,
    tlp: Option<Tlp>,
    opened: bool,
}

impl Event {
    /// `info` or `Tag` of the event.
    pub fn member(&mut self, name: Option<&Step>, json: &Json) {
        if name.is_some_and(|s| s.is("info")) {
            self.info = super::cut(json.as_str().unwrap_or_default(), LABEL_BYTES_MAX).to_owned();
        } else {
            self.tlp = strictest(json).max(self.tlp);
        }
    }

    /// The end of the event: only now all is known that stands for its attributes.
    pub fn close(&mut self, loader: &mut Loader<'_>) {
        let Event { info, tlp, opened } = std::mem::take(self);
        if opened {
            let group = loader.open_group();
            group.title = info;
            group.tlp = tlp;
            // Nothing that follows belongs to it.
            loader.group();
        }
    }
}

fn strictest(tags: &Json) -> Option<Tlp> {
    let names = tags.as_array().into_iter().flatten().filter_map(|t| t.get("name").and_then(Json::as_str));
    names.filter(|n| n.to_ascii_lowercase().starts_with("tlp:")).filter_map(Tlp::from_name).max()
}

/// One attribute of an event or of one of its objects.
pub fn attribute(loader: &mut Loader<'_>, event: &mut Event, json: &Json, line: u64) {
    if !std::mem::replace(&mut event.opened, true) {
        loader.group();
    }
    let text = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default();
    let (kind, value) = (text("type"), text("value"));
    if is_true(json.get("deleted")) {
        loader.account().passed_over += 1;
        return;
    }
    let for_detection = json.get("to_ids").is_none_or(|v| is_true(Some(v)));
    let label = if text("comment").is_empty() { text("category") } else { text("comment") };
    let tlp = json.get("Tag").and_then(strictest);
    let offer = |loader: &mut Loader<'_>, value: &str, hint: Hint, widened: bool| {
        loader.offer(Found { label, tlp, for_detection, widened, ..Found::new(value, hint, line) });
    };
    // Older exports hold the two values of a composite apart.
    let joined = if value.is_empty() { [text("value1"), text("value2")].join("|") } else { value.to_owned() };
    // A sample is named and digested as any other file.
    let kind = if kind == "malware-sample" { "filename|md5" } else { kind };
    match kind.split_once('|') {
        None => match hint(kind) {
            Some(hint) => offer(loader, joined.trim_end_matches('|'), hint, false),
            None => loader.leave_out(&format!("MISP type {}", super::cut(kind, 40)), line, value),
        },
        Some((first, second)) => {
            let (left, right) = joined.split_once('|').unwrap_or((&joined, ""));
            match (hint(first), hint(second)) {
                // The digest says more than the name it was seen under.
                (Some(Hint::FileName), Some(Hint::Hash)) => offer(loader, right, Hint::Hash, false),
                (Some(Hint::Domain), Some(Hint::Address)) => {
                    offer(loader, left, Hint::Domain, false);
                    offer(loader, right, Hint::Address, false);
                }
                // `ip-dst|port`, `hostname|port`: the port is not looked at.
                (Some(hint), None) if second == "port" => offer(loader, left, hint, true),
                _ => loader.leave_out(&format!("MISP type {}", super::cut(kind, 40)), line, value),
            }
        }
    }
}

/// MISP writes truth values as such, as numbers and as texts.
fn is_true(json: Option<&Json>) -> bool {
    match json {
        Some(Json::Bool(b)) => *b,
        Some(Json::Number(n)) => n.as_i64() != Some(0),
        Some(Json::String(s)) => !matches!(s.trim(), "" | "0" | "false" | "False"),
        _ => false,
    }
}

fn hint(kind: &str) -> Option<Hint> {
    match kind {
        "ip-src" | "ip-dst" | "ip" => Some(Hint::Address),
        "domain" => Some(Hint::Domain),
        "hostname" => Some(Hint::Host),
        "url" | "uri" => Some(Hint::Url),
        "md5"
        | "sha1"
        | "sha256"
        | "sha384"
        | "sha512"
        | "x509-fingerprint-md5"
        | "x509-fingerprint-sha1"
        | "x509-fingerprint-sha256" => Some(Hint::Hash),
        "filename" => Some(Hint::FileName),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Keep;
    use super::super::tests::{load, shown};

    const EVENT: &str = r#"{"response": [{"Event": {"info": "Phishing wave", "Attribute": [
        {"type": "ip-dst", "value": "203.113.7.9", "to_ids": true, "comment": "C2"},
        {"type": "ip-dst|port", "value": "203.113.7.10|8443", "to_ids": true},
        {"type": "domain|ip", "value": "evil.net|203.113.7.11", "to_ids": "1", "Tag": [{"name": "tlp:red"}]},
        {"type": "filename|sha1", "value": "a.exe|86f7e437faa5a7fce15d1ddcb9eaeaea377667b8", "to_ids": true},
        {"type": "url", "value": "http://example.org/", "to_ids": false},
        {"type": "email-src", "value": "a@b.net", "to_ids": true},
        {"type": "md5", "value": "0cc175b9c0f1b6a831c399e269772661", "to_ids": true, "deleted": true}
      ], "Object": [{"name": "file", "Attribute": [{"type": "filename", "value": "invoice.pdf.exe", "to_ids": true}]}],
      "RelatedEvent": [{"Event": {"info": "another"}}], "Tag": [{"name": "tlp:amber+strict"}, {"name": "x"}]}},
      {"Event": {"info": "Second", "Attribute": [{"type": "hostname", "value": "c2.evil.org"}]}}]}"#;

    #[test]
    fn events_are_read() {
        let indicators = load(EVENT, Keep::default());
        assert_eq!(
            shown(&indicators),
            [
                "203.113.7.9",
                "203.113.7.10",
                "evil.net",
                "203.113.7.11",
                "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8",
                "invoice.pdf.exe",
                "c2.evil.org"
            ]
        );
        let first = indicators.get(0);
        assert_eq!(
            (first.label, first.title, first.tlp.map(|t| t.name())),
            (Some("C2"), Some("Phishing wave"), Some("TLP:AMBER+STRICT"))
        );
        assert_eq!(indicators.get(2).tlp.map(|t| t.name()), Some("TLP:RED"));
        assert!(indicators.get(1).widened && !first.widened);
        assert_eq!((indicators.get(6).title, indicators.get(6).tlp), (Some("Second"), None));
        let account = &indicators.accounts()[0];
        assert_eq!(
            (account.format, account.read, account.held_back(), account.left_out(), account.passed_over),
            ("MISP", 9, 1, 1, 1)
        );
        assert!(account.balances());
    }

    #[test]
    fn attributes_alone_and_texts_are_read() {
        for text in [
            r#"{"response": {"Attribute": [{"type": "domain", "value": "evil.net", "Event": {"info": "x"}}]}}"#,
            r#"[{"type": "domain", "value": "evil.net"}]"#,
            r#"[{"Event": {"Attribute": [{"type": "domain", "value": "evil.net"}]}}]"#,
            r#"["evil.net"]"#,
            r#"{"iocs": ["evil[.]net"]}"#,
        ] {
            assert_eq!(shown(&load(text, Keep::default())), ["evil.net"], "{text}");
        }
        assert!(load("{\"a\": 1}", Keep::default()).accounts()[0].broken_off.is_some());
    }
}
