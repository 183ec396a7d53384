//! JSON lists: tells STIX bundles, MISP exports and arrays of texts apart while reading.

use std::io::{self, BufRead};

use serde_json::Value as Json;

use super::cut::{self, Fault, Step, Taker};
use super::misp::{self, Event};
use super::stix::{self, Bundle};
use super::{Found, Hint, Loader};

pub fn read(loader: &mut Loader<'_>, input: &mut impl BufRead) -> io::Result<()> {
    loader.account().format = "JSON";
    let mut reader = Reader { loader, bundle: Bundle::default(), event: Event::default() };
    let done = cut::walk(input, &mut reader);
    reader.bundle.close(reader.loader);
    reader.event.close(reader.loader);
    match done {
        Ok(()) => {}
        Err(Fault::Io(error)) => return Err(error),
        Err(Fault::Malformed(line, what)) => {
            loader.account().broken_off = Some(format!("line {line}: {what}; what follows was not read"));
        }
    }
    let account = loader.account();
    if account.read == 0 && account.passed_over == 0 && account.broken_off.is_none() {
        account.broken_off = Some("JSON without STIX objects, MISP attributes or texts".to_owned());
    }
    Ok(())
}

struct Reader<'a, 'b> {
    loader: &'a mut Loader<'b>,
    bundle: Bundle,
    event: Event,
}

/// What a path leads to.
enum Place {
    StixObject,
    MispAttribute,
    /// A member of a MISP event that says something of all its attributes.
    MispEvent,
    Text,
}

fn place(path: &[Step]) -> Option<Place> {
    // Other events that are merely mentioned, and proposals nobody has accepted.
    if path.iter().any(|s| s.is("RelatedEvent") || s.is("ShadowAttribute")) {
        return None;
    }
    match path {
        [.., list, Step::Item] if list.is("objects") => Some(Place::StixObject),
        [.., list, Step::Item] if list.is("Attribute") || list.is("attributes") => Some(Place::MispAttribute),
        [.., event, member] if event.is("Event") && (member.is("info") || member.is("Tag")) => {
            Some(Place::MispEvent)
        }
        _ => None,
    }
}

impl Taker for Reader<'_, '_> {
    fn wants(&mut self, path: &[Step]) -> bool {
        place(path).is_some() || matches!(path, [Step::Key(key), Step::Item] if LISTS.contains(&key.as_str()))
            // Items at the top are cut out whole: a text, a STIX object, a MISP event or attribute.
            || matches!(path, [Step::Item])
    }

    fn value(&mut self, path: &[Step], raw: &[u8], line: u64) {
        let place = place(path).unwrap_or(Place::Text);
        let Ok(json) = serde_json::from_slice::<Json>(raw) else {
            let shown = String::from_utf8_lossy(&raw[..raw.len().min(80)]).into_owned();
            return self.loader.leave_out("an object that is no JSON", line, &shown);
        };
        match place {
            Place::StixObject => {
                self.loader.account().format = "STIX";
                stix::object(self.loader, &mut self.bundle, &json, line);
            }
            Place::MispAttribute => {
                self.loader.account().format = "MISP";
                misp::attribute(self.loader, &mut self.event, &json, line);
            }
            Place::MispEvent => self.event.member(path.last(), &json),
            Place::Text => self.whole(&json, line),
        }
    }

    fn too_large(&mut self, _path: &[Step], line: u64) {
        self.loader.leave_out("an object that is too large", line, "");
    }

    fn leave(&mut self, path: &[Step]) {
        let mentioned = path.iter().any(|s| s.is("RelatedEvent"));
        if path.last().is_none_or(|s| s.is("Event") && !mentioned) {
            self.event.close(self.loader);
        }
        if path.is_empty() {
            self.bundle.close(self.loader);
        }
    }
}

/// Names under which tools put an array of texts.
const LISTS: &[&str] = &["indicators", "iocs", "ips", "domains", "urls", "hashes", "list", "data"];

impl Reader<'_, '_> {
    fn whole(&mut self, json: &Json, line: u64) {
        match json {
            Json::String(text) => {
                self.loader.offer(Found::new(text, Hint::Any, line));
            }
            Json::Object(object)
                if object.contains_key("objects")
                    || object.contains_key("Event")
                    || object.contains_key("Attribute")
                    || object.contains_key("response") =>
            {
                // A document within an array: gone through by the same rules.
                let text = json.to_string();
                let mut inner =
                    Reader { loader: self.loader, bundle: Bundle::default(), event: Event::default() };
                let _ = cut::walk(&mut text.as_bytes(), &mut inner);
            }
            Json::Object(object) if object.contains_key("spec_version") || object.contains_key("pattern") => {
                self.loader.account().format = "STIX";
                stix::object(self.loader, &mut self.bundle, json, line);
            }
            Json::Object(object) if object.contains_key("type") && object.contains_key("value") => {
                self.loader.account().format = "MISP";
                misp::attribute(self.loader, &mut self.event, json, line);
            }
            other => {
                let shown: String = other.to_string().chars().take(80).collect();
                self.loader.leave_out("a JSON value that is no indicator", line, &shown);
            }
        }
    }
}
