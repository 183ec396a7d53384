//! Everything that is known of entities from elsewhere, asked by kind and key. Each fact says where it is from.

use std::net::IpAddr;

use vedette_model::{EntityKind, Problem};

use crate::assets::Assets;
use crate::geoip::GeoIp;
use crate::identities::Identities;
use crate::warninglists::WarningLists;

/// What a file is given as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextKind {
    Assets,
    Identities,
    GeoIp,
    WarningList,
}

/// A file that the caller has read.
#[derive(Debug, Clone)]
pub struct ContextFile {
    pub kind: ContextKind,
    /// As it is named in facts and messages.
    pub name: String,
    /// When it was written, for example `2026-03-14`; where a file states its own date, that one counts.
    pub date: String,
    pub bytes: Vec<u8>,
}

/// One thing known of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub label: String,
    pub value: String,
    /// The file, with its line where it has lines.
    pub source: String,
    /// May be empty.
    pub date: String,
}

/// How much hangs on an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Importance {
    /// 0 to 100.
    pub score: u8,
    /// Who says so, and of what.
    pub reason: String,
}

/// Lists that were loaded. Immutable, shared.
#[derive(Debug)]
pub struct Context {
    assets: Assets,
    identities: Identities,
    geoip: GeoIp,
    lists: WarningLists,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            assets: Assets::default(),
            identities: Identities::default(),
            geoip: GeoIp::default(),
            lists: WarningLists::builtin(),
        }
    }
}

impl Context {
    /// Loads `files` beside the built-in known-good lists. What cannot be used is told; the rest is used.
    pub fn load(files: Vec<ContextFile>) -> (Self, Vec<Problem>) {
        let mut context = Self::default();
        let mut problems = Vec::new();
        for file in files {
            let ContextFile { kind, name, date, bytes } = file;
            problems.extend(match kind {
                ContextKind::Assets => context.assets.add(&name, &date, &bytes),
                ContextKind::Identities => context.identities.add(&name, &date, &bytes),
                ContextKind::GeoIp => context.geoip.add(&name, bytes),
                ContextKind::WarningList => context.lists.add(&name, &date, &bytes),
            });
        }
        (context, problems)
    }

    /// What is known of an entity, by the key that events know it under. In the order of the lists, without doubles.
    pub fn facts(&self, kind: &EntityKind, key: &str) -> Vec<Fact> {
        let mut facts = match kind {
            EntityKind::Host => self.assets.facts(key),
            EntityKind::User | EntityKind::CloudPrincipal => self.identities.facts(key),
            EntityKind::Address => self.assets.facts(key),
            _ => Vec::new(),
        };
        if matches!(kind, EntityKind::Host | EntityKind::Address)
            && let Ok(address) = key.parse::<IpAddr>()
            && !self.geoip.is_empty()
        {
            facts.extend(self.geoip.facts(address.to_canonical()));
        }
        if let Some(list) = self.lists.known_good(*kind, key) {
            facts.push(Fact {
                label: "known".to_owned(),
                value: list.name.clone(),
                source: list.source.clone(),
                date: list.date.clone(),
            });
        }
        facts.dedup();
        facts
    }

    pub fn importance(&self, kind: &EntityKind, key: &str) -> Option<Importance> {
        match kind {
            EntityKind::Host | EntityKind::Address => self.assets.importance(key),
            EntityKind::User | EntityKind::CloudPrincipal => self.identities.importance(key),
            _ => None,
        }
    }

    /// The known-good list that holds the entity, by name.
    pub fn known_good(&self, kind: &EntityKind, key: &str) -> Option<&str> {
        self.lists.known_good(*kind, key).map(|list| list.name.as_str())
    }

    pub fn warninglists(&self) -> &WarningLists {
        &self.lists
    }
}

/// How a list's numbers are to be read: its largest one tells whether they go to 5, 10 or 100.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale(f64);

impl Scale {
    pub fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let numbers = cells.filter(|c| !c.ends_with('%')).filter_map(|c| c.trim().parse::<f64>().ok());
        Self(match numbers.filter(|n| n.is_finite()).fold(0.0, f64::max) {
            n if n > 10.0 => 1.0,
            n if n > 5.0 => 10.0,
            _ => 20.0,
        })
    }

    /// `low`, `4`, `80 %` as points from 0 to 100.
    pub fn points(self, text: &str) -> Option<u8> {
        let text = text.trim().to_lowercase();
        let word = match text.as_str() {
            "none" | "negligible" => Some(0),
            "very low" | "minimal" => Some(10),
            "low" | "minor" => Some(25),
            "medium" | "moderate" | "normal" | "standard" => Some(50),
            "high" | "major" | "important" => Some(75),
            "very high" => Some(90),
            "critical" | "crown jewel" | "tier 0" | "tier0" | "business critical" => Some(100),
            _ => None,
        };
        let number = || {
            let percent = text.strip_suffix('%');
            let number: f64 = percent.unwrap_or(&text).trim().parse().ok()?;
            let points = if percent.is_some() { number } else { number * self.0 };
            (0.0..=100.0).contains(&points).then(|| points.round() as u8)
        };
        word.or_else(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_become_points() {
        for (column, text, points) in [
            ("", "High", Some(75)),
            ("1 2 5", "3", Some(60)),
            ("1 9", "8", Some(80)),
            ("1 42", "8", Some(8)),
            ("1 5", "5%", Some(5)),
            ("1", "-1", None),
            ("1", "huge", None),
            ("1", "", None),
            ("nan 1", "nan", None),
            ("500", "500", None),
        ] {
            assert_eq!(Scale::of(column.split(' ')).points(text), points, "{column}: {text}");
        }
    }

    #[test]
    fn facts_say_where_they_are_from() {
        let file = |kind, name: &str, text: &str| ContextFile {
            kind,
            name: name.to_owned(),
            date: "2026-03-14".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let (context, problems) = Context::load(vec![
            file(ContextKind::Assets, "assets.csv", "host,address,role\ndc01,10.0.0.1,domain-controller\n"),
            file(ContextKind::Identities, "ids.csv", "user,privileged\nana,yes\n"),
            file(ContextKind::GeoIp, "geo.mmdb", "no database"),
            file(
                ContextKind::WarningList,
                "own.json",
                r#"{"name": "our CDN", "type": "hostname", "list": ["cdn.net"]}"#,
            ),
        ]);
        assert_eq!(problems.iter().map(|p| p.code).collect::<Vec<_>>(), ["VD-T004"]);
        let facts = context.facts(&EntityKind::Address, "10.0.0.1");
        let shown: Vec<String> =
            facts.iter().map(|f| format!("{}={} {} {}", f.label, f.value, f.source, f.date)).collect();
        assert_eq!(
            shown,
            [
                "asset=dc01 assets.csv:2 2026-03-14",
                "role=domain-controller assets.csv:2 2026-03-14",
                "importance=95 of 100, role `domain-controller` assets.csv:2 2026-03-14",
                "known=private, loopback and link-local addresses built in 2026-11-22",
            ]
        );
        assert_eq!(context.importance(&EntityKind::User, "ana").map(|i| i.score), Some(90));
        assert_eq!(context.known_good(&EntityKind::Domain, "a.cdn.net"), Some("our CDN"));
        assert_eq!(context.known_good(&EntityKind::Process, "x"), None);
    }
}
