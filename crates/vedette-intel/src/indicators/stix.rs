//! STIX 2.0 and 2.1: indicators with patterns; markings; what has expired or was revoked.
//!
//! Source: STIX 2.1 (OASIS), sections 4.7 (indicator), 7.2 (data markings), 9 (patterning).

use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use super::pattern::{self, Condition};
use super::{Found, Loader, Tlp};
use crate::limits::LABEL_BYTES_MAX;
use crate::stamp;

/// The objects of one bundle that indicators refer to.
#[derive(Debug, Default)]
pub struct Bundle {
    markings: FxHashMap<String, Tlp>,
    /// Indicators that came before their marking.
    waiting: Vec<(Json, u64)>,
    opened: bool,
}

/// More than any real bundle has before its markings; further indicators go without.
const WAITING_MAX: usize = 10_000;

/// The marking definitions that the specifications fix: TLP 1.0 (STIX 2.1 section 7.2.1.4) and TLP 2.0 (the
/// extension `extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d`).
const FIXED: &[(&str, Tlp)] = &[
    ("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp::Clear),
    ("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp::Green),
    ("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", Tlp::Amber),
    ("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp::Red),
    ("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp::Clear),
    ("marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp::Green),
    ("marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp::Amber),
    ("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp::AmberStrict),
    ("marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp::Red),
];

impl Bundle {
    fn marking(&self, reference: &str) -> Option<Tlp> {
        let fixed = FIXED.iter().find(|(id, _)| *id == reference).map(|(_, tlp)| *tlp);
        fixed.or_else(|| self.markings.get(reference).copied())
    }

    /// The end of the bundle: what waited for a marking goes as it is.
    pub fn close(&mut self, loader: &mut Loader<'_>) {
        for (json, line) in std::mem::take(&mut self.waiting) {
            indicator(loader, self, &json, line);
        }
        self.markings.clear();
        self.opened = false;
    }
}

/// One object of a bundle.
pub fn object(loader: &mut Loader<'_>, bundle: &mut Bundle, json: &Json, line: u64) {
    if !std::mem::replace(&mut bundle.opened, true) {
        loader.group();
    }
    match text(json, "type") {
        "indicator" => {
            let unknown = refs(json).any(|r| bundle.marking(r).is_none());
            if unknown && bundle.waiting.len() < WAITING_MAX {
                bundle.waiting.push((json.clone(), line));
            } else {
                indicator(loader, bundle, json, line);
            }
        }
        "marking-definition" => {
            loader.account().passed_over += 1;
            if let Some(tlp) = tlp(json) {
                bundle.markings.insert(text(json, "id").to_owned(), tlp);
            }
        }
        "report" | "grouping" | "x-misp-event" if loader.open_group().title.is_empty() => {
            loader.account().passed_over += 1;
            loader.open_group().title = super::cut(text(json, "name"), LABEL_BYTES_MAX).to_owned();
        }
        // Observed data and the things in it were seen, by friend or foe: nobody calls them bad.
        _ => loader.account().passed_over += 1,
    }
}

fn text<'a>(json: &'a Json, name: &str) -> &'a str {
    json.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn refs(json: &Json) -> impl Iterator<Item = &str> {
    json.get("object_marking_refs").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

fn tlp(json: &Json) -> Option<Tlp> {
    let old = json.pointer("/definition/tlp").and_then(Json::as_str);
    let new = json.get("extensions").and_then(Json::as_object).into_iter().flatten();
    let new = new.filter_map(|(_, e)| e.get("tlp_2_0")).find_map(Json::as_str);
    old.or(new).or_else(|| json.get("name").and_then(Json::as_str)).and_then(Tlp::from_name)
}

fn indicator(loader: &mut Loader<'_>, bundle: &Bundle, json: &Json, line: u64) {
    let pattern = text(json, "pattern");
    let language = json.get("pattern_type").and_then(Json::as_str).unwrap_or("stix");
    if !language.eq_ignore_ascii_case("stix") {
        return loader.leave_out(&format!("a pattern in {}", super::cut(language, 20)), line, pattern);
    }
    let conditions = match pattern::read(pattern) {
        Ok(conditions) => conditions,
        Err(reason) => return loader.leave_out(&reason, line, pattern),
    };
    let label = match (text(json, "name"), text(json, "description")) {
        ("", description) => description,
        (name, _) => name,
    };
    let strictest = refs(json).filter_map(|r| bundle.marking(r)).max();
    let until = json.get("valid_until").and_then(Json::as_str).and_then(|t| stamp::read(t, true));
    let revoked = json.get("revoked").and_then(Json::as_bool).unwrap_or(false);
    for Condition { value, hint, widened } in conditions.taken {
        let found =
            Found { label, tlp: strictest, until, revoked, widened, ..Found::new(&value, hint, line) };
        loader.offer(found);
    }
    for (reason, shown) in conditions.left_out {
        loader.leave_out(&reason, line, &shown);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Keep;
    use super::super::tests::{load, shown};

    const BUNDLE: &str = r#"{"type": "bundle", "id": "bundle--1", "objects": [
      {"type": "report", "name": "Autumn campaign", "id": "report--1"},
      {"type": "indicator", "pattern": "[domain-name:value = 'evil.net']", "pattern_type": "stix", "name": "C2",
       "valid_from": "2026-01-01T00:00:00Z", "object_marking_refs": ["marking-definition--7"]},
      {"type": "indicator", "pattern": "[ipv4-addr:value = '203.113.7.9'] OR [url:value = 'http://evil.net/x']",
       "object_marking_refs": ["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"]},
      {"type": "indicator", "pattern": "[domain-name:value = 'old.net']", "valid_until": "2025-01-01T00:00:00Z"},
      {"type": "indicator", "pattern": "[domain-name:value = 'back.net']", "revoked": true},
      {"type": "indicator", "pattern": "rule x { condition: true }", "pattern_type": "yara"},
      {"type": "indicator", "pattern": "[process:name = 'x']"},
      {"type": "indicator", "pattern": 17},
      {"type": "malware", "name": "Emo"},
      {"type": "marking-definition", "id": "marking-definition--7", "definition_type": "tlp", "definition": {"tlp": "green"}}
    ]}"#;

    #[test]
    fn bundles_are_read() {
        let indicators = load(BUNDLE, Keep::default());
        assert_eq!(shown(&indicators), ["203.113.7.9", "evil.net/x", "evil.net"]);
        let last = indicators.get(2);
        assert_eq!(
            (last.label, last.title, last.tlp.map(|t| t.name())),
            (Some("C2"), Some("Autumn campaign"), Some("TLP:GREEN"))
        );
        assert_eq!(indicators.get(0).tlp.map(|t| t.name()), Some("TLP:RED"));
        let account = &indicators.accounts()[0];
        assert_eq!(
            (account.format, account.read, account.held_back(), account.left_out(), account.passed_over),
            ("STIX", 8, 2, 3, 3)
        );
        assert!(account.balances());
    }

    #[test]
    fn a_bundle_that_breaks_off_is_told() {
        let indicators = load(&BUNDLE[..700], Keep::default());
        assert!(indicators.accounts()[0].broken_off.as_deref().is_some_and(|b| b.starts_with("line ")));
        assert!(!indicators.is_empty());
    }
}
