//! What an event is about: hosts, users, processes and their like, with keys that join.

use std::net::IpAddr;

use vedette_model::{Entity, EntityKind, Event, Native, Role, host_key};

use crate::catalogue::{Catalogue, View};
use crate::decode;
use crate::mapping::derive::Scratch;
use crate::mapping::names::{Fields, Looked, Lookup};
use crate::mapping::objects;
use crate::mapping::sheet::EntityLine;

impl Catalogue {
    /// The entities that the event's mapping names, and the host it happened on, without doubles.
    pub fn entities(&self, event: &Event) -> Vec<Entity> {
        let view = View::new(self, event);
        let mut all = self.entities_in(&view, event, |_| true);
        if !event.host.is_empty()
            && !all.iter().any(|e: &Entity| e.kind == EntityKind::Host && e.role == Role::Observer)
        {
            let key = host_key(&event.host);
            let (shown, from) = (event.host.clone(), "host".to_owned());
            all.push(Entity { kind: EntityKind::Host, role: Role::Observer, key, shown, from });
        }
        let mut seen: Vec<(EntityKind, Role, String)> = Vec::new();
        all.retain(|e| {
            let key = (e.kind, e.role, e.key.clone());
            let new = !seen.contains(&key);
            seen.push(key);
            new
        });
        all
    }

    /// Who did it, as far as the event says: the acting user or principal, else the acting process; may be empty.
    pub fn actor(&self, event: &Event) -> String {
        let view = View::new(self, event);
        let all = self.entities_in(&view, event, |line| line.role == Role::Actor);
        let by = |kinds: &[EntityKind]| all.iter().find(|e| kinds.contains(&e.kind)).map(|e| e.shown.clone());
        by(&[EntityKind::User, EntityKind::CloudPrincipal])
            .or_else(|| by(&[EntityKind::Process]))
            .unwrap_or_default()
    }

    fn entities_in(
        &self,
        view: &View<'_>,
        event: &Event,
        wanted: impl Fn(&EntityLine) -> bool,
    ) -> Vec<Entity> {
        let mut all = Vec::new();
        // A list is taken apart once, for all lines that ask of it.
        let mut lists: Vec<(&str, Vec<(Native, Lookup)>)> = Vec::new();
        for line in view.lane.sheet.entities.iter().flatten().filter(|l| wanted(l)) {
            let Some(list) = line.of.as_deref() else {
                entities_of(line, view, event, &mut all);
                continue;
            };
            if !lists.iter().any(|(name, _)| *name == list) {
                let objects = objects::objects(list, &view.native).into_iter().map(|native| {
                    let mut lookup = Lookup::default();
                    lookup.fill(&native, &self.names);
                    (native, lookup)
                });
                lists.push((list, objects.collect()));
            }
            let objects = lists.iter().filter(|(name, _)| *name == list).flat_map(|(_, objects)| objects);
            for (native, lookup) in objects {
                entities_of(line, &Looked { native, lookup }, event, &mut all);
            }
        }
        all
    }
}

fn entities_of(line: &EntityLine, view: &impl Fields, event: &Event, all: &mut Vec<Entity>) {
    if line.when.as_ref().is_some_and(|when| !when.holds(view)) {
        return;
    }
    let mut values = Vec::new();
    match line.from.plain() {
        // A plain field with several values is several entities.
        Some(natives) => {
            if let Some(name) = natives.iter().find(|n| view.filled(**n).is_some()) {
                view.any(*name, &mut |value, kind| {
                    if crate::mapping::names::is_filled(value, kind) {
                        values.push(value.to_owned());
                    }
                    values.len() >= 64
                });
            }
        }
        None => {
            line.from.compute(view, &mut Scratch::default(), &mut |value| values.push(value.to_owned()));
        }
    }
    let mut paths = Vec::new();
    line.from.names(&mut |name| {
        if view.filled(name).is_some()
            && let Some(path) = view.path(name)
        {
            paths.push(path.to_owned());
        }
    });
    if line.from.plain().is_some() {
        paths.truncate(1);
    }
    let from = paths.join("+");
    let start = line.start.and_then(|name| view.filled(name));
    for value in values {
        for (key, default_shown) in keys(line.kind, &value, &event.host, start) {
            let shown = line.shown.as_ref().and_then(|d| d.first(view)).unwrap_or(default_shown);
            all.push(Entity { kind: line.kind, role: line.role, key, shown, from: from.clone() });
        }
    }
}

/// Key and shown form; none when the text is not such a thing.
fn keys(kind: EntityKind, value: &str, host: &str, start: Option<&str>) -> Vec<(String, String)> {
    let value = value.trim();
    let one = |key: String| vec![(key, value.to_owned())];
    if value.is_empty() || value == "-" {
        return Vec::new();
    }
    match kind {
        EntityKind::Host => one(host_key(value.trim_start_matches('\\'))),
        EntityKind::Address => match value.parse::<IpAddr>() {
            Ok(ip) if !ip.is_unspecified() => one(ip.to_canonical().to_string()),
            _ => Vec::new(),
        },
        EntityKind::Domain => one(value.trim_end_matches('.').to_lowercase()),
        EntityKind::User | EntityKind::CloudPrincipal => {
            let known = decode::sid::name(value).filter(|_| value.len() < 20);
            match known {
                Some(name) => vec![(name.to_lowercase(), name)],
                None => one(value.to_lowercase()),
            }
        }
        EntityKind::FileHash => {
            let hashes = value.split([',', ';']).filter_map(|part| {
                let hash = part.rsplit_once('=').map_or(part, |(_, hash)| hash).trim();
                let right = matches!(hash.len(), 32 | 40 | 64 | 128)
                    && hash.bytes().all(|b| b.is_ascii_hexdigit())
                    && hash.bytes().any(|b| b != b'0');
                right.then(|| (hash.to_lowercase(), part.trim().to_owned()))
            });
            hashes.collect()
        }
        EntityKind::Process => {
            let id = value.trim_matches(['{', '}']).to_lowercase();
            let is_guid = id.len() == 36 && id.bytes().filter(|b| *b == b'-').count() == 4;
            if is_guid {
                return one(format!("{}|{id}", host_key(host)));
            }
            let id = decode::number(&id).map_or(id.clone(), |n| n.to_string());
            match start {
                Some(start) => one(format!("{}|{id}|{start}", host_key(host))),
                None => one(format!("{}|{id}", host_key(host))),
            }
        }
        EntityKind::LogonSession => {
            // 0 is no session; it would join everything.
            match decode::number(value) {
                Some(0) => Vec::new(),
                Some(id) => one(format!("{}|0x{id:x}", host_key(host))),
                None => one(format!("{}|{}", host_key(host), value.to_lowercase())),
            }
        }
        EntityKind::File | EntityKind::Service => one(format!("{}|{}", host_key(host), value.to_lowercase())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: EntityKind, value: &str, expect: &[&str]) {
        let keys: Vec<String> =
            keys(kind, value, "DC01.corp.example", None).into_iter().map(|k| k.0).collect();
        assert_eq!(keys, expect, "{kind:?} {value}");
    }

    #[test]
    fn keys_join_what_is_one() {
        check(EntityKind::Host, "DC01.corp.example", &["dc01"]);
        check(EntityKind::Host, "192.0.2.7", &["192.0.2.7"]);
        check(EntityKind::Address, "::ffff:192.0.2.7", &["192.0.2.7"]);
        check(EntityKind::Address, "LOCAL", &[]);
        check(EntityKind::User, r"CORP\Ana", &[r"corp\ana"]);
        check(EntityKind::User, "S-1-5-18", &[r"nt authority\system"]);
        check(EntityKind::LogonSession, "0x3E7", &["dc01|0x3e7"]);
        check(EntityKind::LogonSession, "999", &["dc01|0x3e7"]);
        check(EntityKind::LogonSession, "0x0", &[]);
        check(EntityKind::Process, "0x1a4", &["dc01|420"]);
        check(
            EntityKind::Process,
            "{6D8A2C5E-0000-0000-0000-000000000001}",
            &["dc01|6d8a2c5e-0000-0000-0000-000000000001"],
        );
        check(
            EntityKind::FileHash,
            "MD5=0123456789abcdef0123456789ABCDEF,IMPHASH=00000000000000000000000000000000",
            &["0123456789abcdef0123456789abcdef"],
        );
        check(EntityKind::Domain, "Example.COM.", &["example.com"]);
    }
}
