//! Lists of what is known to be harmless or to say nothing, in the format of MISP warninglists.
//!
//! Source: MISP warninglists, `schema.json`: types `string`, `substring`, `hostname`, `cidr`, `regex`.

use std::net::IpAddr;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use serde_json::Value as Json;
use vedette_model::{EntityKind, Problem};

use crate::indicators::value::{Hint, IndicatorKind, Value, full};
use crate::limits::{LIST_ENTRIES_MAX, LIST_REGEX_BYTES_MAX, LIST_REGEXES_MAX};
use crate::names::ascii_domain;
use crate::networks::Networks;

/// Why its entries say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// Every network has them for itself, or no machine has them.
    Private,
    Documentation,
    KnownGood,
}

/// One list by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    pub name: String,
    pub category: Category,
    /// The file it came from; `built in` for ours.
    pub source: String,
    /// As the list states it, else as the caller does; may be empty.
    pub date: String,
    pub entries: usize,
    /// A bit for each [`IndicatorKind`] that its entries speak of.
    kinds: u8,
}

impl List {
    fn speaks_of(&self, kind: IndicatorKind) -> bool {
        self.kinds & (1 << kind as u8) != 0
    }
}

/// All lists, joined for looking up.
#[derive(Debug, Default)]
pub struct WarningLists {
    lists: Vec<List>,
    strings: FxHashMap<Box<str>, Vec<u16>>,
    hosts: FxHashMap<Box<str>, Vec<u16>>,
    networks: Vec<(u16, Networks<()>)>,
    substrings: Vec<(u16, AhoCorasick)>,
    regexes: Vec<(u16, Regex)>,
}

const BUILT_IN: &[&str] = &[
    include_str!("../content/private-addresses.json"),
    include_str!("../content/reserved-addresses.json"),
    include_str!("../content/documentation-addresses.json"),
    include_str!("../content/documentation-names.json"),
    include_str!("../content/common-domains.json"),
    include_str!("../content/public-resolvers.json"),
    include_str!("../content/empty-files.json"),
    include_str!("../content/system-programs.json"),
];

impl WarningLists {
    /// The lists that come with the product.
    pub fn builtin() -> Self {
        let mut lists = Self::default();
        for text in BUILT_IN {
            let problems = lists.add("built in", "", text.as_bytes());
            debug_assert!(problems.is_empty(), "{problems:?}");
        }
        lists
    }

    pub fn lists(&self) -> &[List] {
        &self.lists
    }

    /// Adds the list in `bytes`; `source` and `date` are those of the file.
    pub fn add(&mut self, source: &str, date: &str, bytes: &[u8]) -> Vec<Problem> {
        let json: Json = match serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
            Ok(json) => json,
            Err(error) => {
                return vec![problem(source, format!("no JSON: {error}"), "the list is not used", 1)];
            }
        };
        let Some(entries) = json.get("list").and_then(Json::as_array) else {
            let fault = "no member `list`, so it is no warninglist".to_owned();
            return vec![problem(source, fault, "the list is not used", 1)];
        };
        if self.lists.len() >= usize::from(u16::MAX) {
            return vec![problem(source, "too many lists".to_owned(), "the list is not used", 1)];
        }
        let text = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default();
        let stem = source.rsplit(['/', '\\']).next().unwrap_or(source);
        let mut problems = Vec::new();
        let list = List {
            name: if text("name").is_empty() { stem.to_owned() } else { text("name").to_owned() },
            category: match text("category") {
                "private" => Category::Private,
                "documentation" => Category::Documentation,
                _ => Category::KnownGood,
            },
            source: source.to_owned(),
            date: if text("date").is_empty() { date.to_owned() } else { text("date").to_owned() },
            entries: entries.len(),
            kinds: kinds(&json),
        };
        let index = self.lists.len() as u16;
        let over = entries.len().saturating_sub(LIST_ENTRIES_MAX);
        if over > 0 {
            let fault = format!("more than {LIST_ENTRIES_MAX} entries");
            problems.push(problem(source, fault, "the further ones are not used", over as u64));
        }
        let texts: Vec<&str> = entries
            .iter()
            .take(LIST_ENTRIES_MAX)
            .filter_map(Json::as_str)
            .map(str::trim)
            .filter(|e| !e.is_empty())
            .collect();
        let odd = entries.len().min(LIST_ENTRIES_MAX) - texts.len();
        let faulty = match text("type") {
            "string" => self.add_strings(index, &texts),
            "hostname" => self.add_hosts(index, &texts),
            "cidr" => self.add_networks(index, &texts),
            "substring" => self.add_substrings(index, &texts),
            "regex" => self.add_regexes(index, &texts),
            other => {
                let fault =
                    format!("unknown type `{other}`: it is one of string, substring, hostname, cidr, regex");
                return vec![problem(source, fault, "the list is not used", 1)];
            }
        };
        self.lists.push(list);
        if odd > 0 {
            problems.push(problem(
                source,
                "entries that are empty or no text".to_owned(),
                "they are not used",
                odd as u64,
            ));
        }
        if let Some((first, count)) = faulty {
            let fault = format!("entries that are no {}, the first `{first}`", text("type"));
            problems.push(problem(source, fault, "they are not used", count));
        }
        problems
    }

    fn add_strings(&mut self, index: u16, texts: &[&str]) -> Option<(String, u64)> {
        for text in texts {
            let listed = self.strings.entry(text.to_lowercase().into()).or_default();
            if !listed.contains(&index) {
                listed.push(index);
            }
        }
        None
    }

    fn add_hosts(&mut self, index: u16, texts: &[&str]) -> Option<(String, u64)> {
        let mut faulty = None;
        for text in texts {
            let name = text.trim_start_matches("*.").trim_start_matches('.');
            match ascii_domain(name) {
                Some(name) => {
                    let listed = self.hosts.entry(name.into()).or_default();
                    if !listed.contains(&index) {
                        listed.push(index);
                    }
                }
                None => note(&mut faulty, text),
            }
        }
        faulty
    }

    fn add_networks(&mut self, index: u16, texts: &[&str]) -> Option<(String, u64)> {
        let mut faulty = None;
        let mut networks = Networks::default();
        for text in texts {
            let (head, bits) = text.split_once('/').unwrap_or((text, ""));
            let address: Option<IpAddr> = head.parse().ok();
            let known = address.and_then(|address| {
                let bits = if bits.is_empty() { full(&address) } else { bits.parse().ok()? };
                (bits <= full(&address)).then_some((address, bits))
            });
            match known {
                Some((address, bits)) => networks.add(address, bits, ()),
                None => note(&mut faulty, text),
            }
        }
        if networks.len() > 0 {
            self.networks.push((index, networks));
        }
        faulty
    }

    fn add_substrings(&mut self, index: u16, texts: &[&str]) -> Option<(String, u64)> {
        // A lone letter would hold back everything.
        let (good, short): (Vec<&str>, Vec<&str>) = texts.iter().partition(|t| t.len() > 2);
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&good);
        match built {
            Ok(automaton) if !good.is_empty() => self.substrings.push((index, automaton)),
            _ => {}
        }
        short.first().map(|first| ((*first).to_owned(), short.len() as u64))
    }

    fn add_regexes(&mut self, index: u16, texts: &[&str]) -> Option<(String, u64)> {
        let mut faulty = None;
        for text in texts {
            // Written as PHP has them: `/pattern/flags`.
            let body =
                text.strip_prefix('/').and_then(|t| t.rsplit_once('/')).map_or(*text, |(body, _)| body);
            let insensitive =
                text.strip_prefix('/').and_then(|t| t.rsplit_once('/')).is_none_or(|(_, f)| f.contains('i'));
            let built = RegexBuilder::new(body)
                .case_insensitive(insensitive)
                .size_limit(LIST_REGEX_BYTES_MAX)
                .build()
                .or_else(|_| {
                    let unescaped = body.replace("\\/", "/");
                    RegexBuilder::new(&unescaped)
                        .case_insensitive(insensitive)
                        .size_limit(LIST_REGEX_BYTES_MAX)
                        .build()
                });
            match built {
                Ok(regex) if self.regexes.len() < LIST_REGEXES_MAX => self.regexes.push((index, regex)),
                _ => note(&mut faulty, text),
            }
        }
        faulty
    }

    /// The first list that holds the indicator. A range is held by a listed range that covers all of it; a URL with a
    /// path by its text, and not by its host: much that is bad lies on hosts that are not.
    pub fn holds(&self, value: &Value) -> Option<&List> {
        let kind = value.kind();
        let shown = value.shown();
        let fits = |index: &u16| self.lists.get(usize::from(*index)).filter(|l| l.speaks_of(kind));
        let mut found: Vec<u16> = self.strings.get(shown.as_str()).into_iter().flatten().copied().collect();
        match value {
            Value::Network(address, bits) => {
                found.extend(
                    self.networks
                        .iter()
                        .filter(|(_, n)| n.holding(*address, *bits).is_some())
                        .map(|(i, _)| *i),
                );
            }
            Value::Domain(name) => self.parents(name, &mut found),
            Value::FileName(path) => {
                let name = path.rsplit('/').next().unwrap_or(path);
                // With its folders a system program's name may well say something.
                if name == path {
                    found.extend(self.strings.get(name).into_iter().flatten());
                }
            }
            Value::Url(_) | Value::Hash(_) => {}
        }
        let text = if kind == IndicatorKind::Url { format!("http://{shown}") } else { shown };
        if matches!(kind, IndicatorKind::Url | IndicatorKind::Domain | IndicatorKind::FileName) {
            found.extend(self.substrings.iter().filter(|(_, a)| a.is_match(&text)).map(|(i, _)| *i));
        }
        found.extend(self.regexes.iter().filter(|(_, r)| r.is_match(&text)).map(|(i, _)| *i));
        found
            .iter()
            .filter_map(|index| Some((index, fits(index)?)))
            .min_by_key(|(index, _)| **index)
            .map(|(_, list)| list)
    }

    fn parents(&self, name: &str, found: &mut Vec<u16>) {
        let mut rest = name;
        loop {
            found.extend(self.hosts.get(rest).into_iter().flatten());
            match rest.split_once('.') {
                Some((_, parent)) => rest = parent,
                None => return,
            }
        }
    }

    /// The list that holds an entity, by its key.
    pub fn known_good(&self, kind: EntityKind, key: &str) -> Option<&List> {
        let hint = match kind {
            EntityKind::Address => Hint::Address,
            EntityKind::Domain => Hint::Domain,
            EntityKind::FileHash => Hint::Hash,
            // A host of the estate is no name of the internet; one that goes by its address is.
            EntityKind::Host if key.parse::<IpAddr>().is_ok() => Hint::Address,
            _ => return None,
        };
        self.holds(&Value::read(key, hint).ok()?)
    }
}

fn note(faulty: &mut Option<(String, u64)>, text: &str) {
    faulty.get_or_insert_with(|| (text.chars().take(60).collect(), 0)).1 += 1;
}

fn problem(source: &str, fault: String, consequence: &str, count: u64) -> Problem {
    Problem {
        code: "VD-T001",
        place: source.to_owned(),
        fault,
        consequence: consequence.to_owned(),
        remedy: "see the format of MISP warninglists".to_owned(),
        count,
    }
}

/// `matching_attributes` as kinds; all of them where it is absent or names nothing that is searched for.
fn kinds(json: &Json) -> u8 {
    let bit = |kind: IndicatorKind| 1_u8 << kind as u8;
    let network = bit(IndicatorKind::Address) | bit(IndicatorKind::Network);
    let names = json.get("matching_attributes").and_then(Json::as_array).into_iter().flatten();
    let stated = names.filter_map(Json::as_str).flat_map(|n| n.split('|')).fold(0, |kinds, name| {
        kinds
            | match name {
                "ip-src" | "ip-dst" | "ip" => network,
                "domain" | "hostname" => bit(IndicatorKind::Domain),
                "url" | "uri" => bit(IndicatorKind::Url),
                "md5" | "sha1" | "sha256" | "sha384" | "sha512" => bit(IndicatorKind::Hash),
                "filename" => bit(IndicatorKind::FileName),
                _ => 0,
            }
    });
    if stated == 0 { u8::MAX } else { stated }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(kind: &str, entries: &[&str]) -> WarningLists {
        let mut lists = WarningLists::default();
        let json = serde_json::json!({"name": "L", "type": kind, "list": entries});
        assert_eq!(lists.add("l.json", "", json.to_string().as_bytes()), []);
        lists
    }

    fn held(lists: &WarningLists, text: &str) -> bool {
        lists.holds(&Value::read(text, Hint::Any).expect(text)).is_some()
    }

    #[test]
    fn each_type_holds_what_it_says() {
        for (kind, entry, held_texts, free_texts) in [
            ("string", "Evil.net", &["evil.NET"][..], &["a.evil.net", "evil.org"][..]),
            ("hostname", ".good.net", &["good.net", "a.b.good.net"], &["nogood.net", "good.net/path"]),
            (
                "cidr",
                "203.0.113.0/24",
                &["203.0.113.7", "203.0.113.128/25"],
                &["203.0.112.1", "203.0.0.0/16"],
            ),
            ("substring", "sandbox", &["a.sandbox.net", "x.net/SANDBOX/y"], &["sand.box.net"]),
            ("regex", "/^cdn[0-9]+\\.net$/i", &["CDN12.net"], &["cdn.net"]),
            ("string", "a-tool.exe", &["A-Tool.exe"], &["C:\\x\\a-tool.exe"]),
        ] {
            let lists = list(kind, &[entry]);
            for text in held_texts {
                assert!(held(&lists, text), "{kind} {entry}: {text}");
            }
            for text in free_texts {
                assert!(!held(&lists, text), "{kind} {entry}: {text}");
            }
        }
    }

    #[test]
    fn kinds_that_a_list_does_not_speak_of_are_free() {
        let mut lists = WarningLists::default();
        lists.add(
            "l.json",
            "",
            br#"{"type": "string", "list": ["1.1.1.1", "a.net"], "matching_attributes": ["ip-dst"]}"#,
        );
        assert!(held(&lists, "1.1.1.1") && !held(&lists, "a.net"));
        assert_eq!(lists.lists()[0].name, "l.json");
    }

    #[test]
    fn faults_are_named() {
        let mut lists = WarningLists::default();
        for (text, fault) in [
            ("[]", "no member `list`"),
            ("{", "no JSON"),
            (r#"{"type": "x", "list": []}"#, "unknown type `x`"),
            (r#"{"type": "cidr", "list": ["1.2.3.4/40", "10.0.0.0/8", 7]}"#, "no text"),
            (r#"{"type": "regex", "list": ["(", "a"]}"#, "no regex, the first `(`"),
        ] {
            let problems = lists.add("l.json", "", text.as_bytes());
            assert!(problems.iter().any(|p| p.fault.contains(fault)), "{text}: {problems:?}");
        }
    }

    #[test]
    fn the_built_in_lists_name_themselves() {
        let lists = WarningLists::builtin();
        for (kind, key, name) in [
            (EntityKind::Address, "10.1.2.3", Some("private, loopback and link-local addresses")),
            (EntityKind::Address, "203.0.113.9", Some("addresses for documentation")),
            (EntityKind::Address, "8.8.8.8", Some("public DNS resolvers")),
            (EntityKind::Domain, "google.com", Some("very common domains")),
            (EntityKind::Domain, "evil.github.io", None),
            (EntityKind::FileHash, "d41d8cd98f00b204e9800998ecf8427e", Some("digests of empty files")),
            (EntityKind::User, "google.com", None),
        ] {
            assert_eq!(lists.known_good(kind, key).map(|l| l.name.as_str()), name, "{key}");
        }
        assert!(lists.lists().iter().all(|l| !l.date.is_empty() && l.entries > 0));
    }
}
