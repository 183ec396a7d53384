//! Who and what was part of it, in which part, and how they connect.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use vedette_model::{Entity, EntityKind, EventUid, Role, Timestamp};

use crate::claim::{Outcome, Predicate};
use crate::incident::{BlastRadius, EntityRow, Link};
use crate::input::{Source, Told};
use crate::items::Item;
use crate::limits::{ENTITIES_MAX, EVENTS_CITED_MAX, LINKS_MAX};

/// Whether an address is one of the internet's. Networks kept for documentation count as such.
pub fn is_public(key: &str) -> bool {
    match key.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.is_unspecified()
                || shared)
        }
        Ok(IpAddr::V6(ip)) => {
            let first = ip.segments()[0];
            !(ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80)
        }
        Err(_) => false,
    }
}

#[derive(Default)]
struct Seen {
    shown: BTreeMap<String, usize>,
    roles: BTreeSet<Role>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    findings: usize,
}

/// All entities of the findings; beyond the bound those of the most findings.
pub fn rows(findings: &[Told], items: &[Item], source: &dyn Source) -> Vec<EntityRow> {
    let mut all: BTreeMap<(EntityKind, &str), Seen> = BTreeMap::new();
    for finding in findings {
        let mut counted: BTreeSet<(EntityKind, &str)> = BTreeSet::new();
        for e in &finding.entities {
            let seen = all.entry((e.kind, &e.key)).or_default();
            *seen.shown.entry(e.shown.clone()).or_default() += 1;
            seen.roles.insert(e.role);
            if counted.insert((e.kind, &e.key)) {
                seen.findings += 1;
                seen.first = [seen.first, finding.time].into_iter().flatten().min();
                seen.last = [seen.last, finding.time].into_iter().flatten().max();
            }
        }
    }
    let used = used_accounts(items);
    let mut ranked: Vec<((EntityKind, &str), Seen)> = all.into_iter().collect();
    if ranked.len() > ENTITIES_MAX {
        ranked.sort_by(|a, b| (b.1.findings, &a.0).cmp(&(a.1.findings, &b.0)));
        ranked.truncate(ENTITIES_MAX);
        ranked.sort_by(|a, b| a.0.cmp(&b.0));
    }
    let row = |(n, ((kind, key), seen)): (usize, ((EntityKind, &str), Seen))| {
        // As it is written most often; of equals the first in order.
        let shown =
            seen.shown.iter().max_by_key(|(text, n)| (**n, std::cmp::Reverse(*text))).map(|(t, _)| t.clone());
        let mut facts = source.facts(kind, key);
        facts.sort();
        EntityRow {
            id: format!("e{}", n + 1),
            kind,
            key: key.to_owned(),
            shown: shown.unwrap_or_else(|| key.to_owned()),
            part: part(kind, key, &seen.roles, &used),
            first: seen.first,
            last: seen.last,
            findings: seen.findings,
            facts,
        }
    };
    ranked.into_iter().enumerate().map(row).collect()
}

/// Accounts under which something was done; failing to log on is nothing done.
fn used_accounts(items: &[Item]) -> BTreeSet<&str> {
    let tried = |i: &&Item| {
        i.claim.outcome == Outcome::Failed
            && matches!(
                i.claim.predicate,
                Predicate::LoggedOn | Predicate::Authenticated | Predicate::AskedTicket
            )
    };
    items
        .iter()
        .filter(|i| !tried(i))
        .flat_map(|i| &i.seen.entities)
        .filter(|e| is_account(e.kind) && e.role == Role::Actor)
        .map(|e| e.key.as_str())
        .collect()
}

pub fn is_account(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::User | EntityKind::CloudPrincipal)
}

/// The part an entity plays, as far as the events say. That an account or address is an attacker's is not in any
/// event: the words keep to what is.
fn part(kind: EntityKind, key: &str, roles: &BTreeSet<Role>, used: &BTreeSet<&str>) -> &'static str {
    match kind {
        EntityKind::Host if roles.contains(&Role::Observer) || roles.contains(&Role::Target) => "victim",
        EntityKind::Host if roles.contains(&Role::Source) => "source",
        EntityKind::Host => "destination",
        EntityKind::Address if is_public(key) => "suspected infrastructure",
        EntityKind::Address if roles.contains(&Role::Source) => "internal source",
        EntityKind::Address => "destination",
        EntityKind::Domain => "suspected infrastructure",
        EntityKind::User | EntityKind::CloudPrincipal if used.contains(key) => "account used",
        EntityKind::User | EntityKind::CloudPrincipal => "account targeted",
        EntityKind::Process | EntityKind::FileHash => "tool",
        EntityKind::LogonSession => "session",
        EntityKind::File => "file",
        EntityKind::Service => "service",
    }
}

/// What one event connects.
fn pairs(item: &Item) -> Vec<(&Entity, &Entity, String)> {
    let of = |kinds: &[EntityKind], roles: &[Role]| -> Vec<&Entity> {
        item.seen.entities.iter().filter(|e| kinds.contains(&e.kind) && roles.contains(&e.role)).collect()
    };
    let mut label = item.claim.predicate.name().to_owned();
    match item.claim.outcome {
        Outcome::Failed => label.push_str(" (failed)"),
        Outcome::Blocked => label.push_str(" (blocked)"),
        Outcome::Attempted => label.push_str(" (attempted)"),
        Outcome::Succeeded | Outcome::NotStated => {}
    }
    let accounts = [EntityKind::User, EntityKind::CloudPrincipal];
    let actors = of(&accounts, &[Role::Actor]);
    let hosts = of(&[EntityKind::Host], &[Role::Observer]);
    let sources = of(&[EntityKind::Address, EntityKind::Host], &[Role::Source]);
    let mut all: Vec<(&Entity, &Entity, String)> = Vec::new();
    let mut each = |from: &[&'_ Entity], to: &[&'_ Entity], label: &str| {
        // The lifetimes are those of the item's entities throughout.
        for a in from {
            for b in to {
                all.push((find(item, a), find(item, b), label.to_owned()));
            }
        }
    };
    each(&actors, &hosts, &label);
    each(&sources, &hosts, &label);
    each(&sources, &actors, "source of");
    each(&actors, &of(&accounts, &[Role::Target]), &label);
    each(&actors, &of(&[EntityKind::File, EntityKind::Service], &[Role::Target]), &label);
    let acting = of(&[EntityKind::Process], &[Role::Actor]);
    let target = of(&[EntityKind::Process], &[Role::Target]);
    each(&of(&[EntityKind::Process], &[Role::Parent]), &target, "started");
    each(&acting, &target, &label);
    let destinations = of(&[EntityKind::Address, EntityKind::Domain, EntityKind::Host], &[Role::Destination]);
    if acting.is_empty() {
        each(&hosts, &destinations, &label);
    } else {
        each(&acting, &destinations, &label);
    }
    each(&acting, &of(&[EntityKind::File], &[Role::Target]), &label);
    all.retain(|(a, b, _)| (a.kind, &a.key) != (b.kind, &b.key));
    all
}

fn find<'a>(item: &'a Item, entity: &Entity) -> &'a Entity {
    item.seen.entities.iter().find(|e| *e == entity).unwrap_or(&item.seen.entities[0])
}

/// The links between entities that the read events show.
pub fn links(items: &[Item], rows: &[EntityRow]) -> Vec<Link> {
    let ids: BTreeMap<(EntityKind, &str), &str> =
        rows.iter().map(|r| ((r.kind, r.key.as_str()), r.id.as_str())).collect();
    let mut all: BTreeMap<(&str, &str, String), Vec<EventUid>> = BTreeMap::new();
    for item in items {
        for (from, to, label) in pairs(item) {
            let (Some(from), Some(to)) =
                (ids.get(&(from.kind, from.key.as_str())), ids.get(&(to.kind, to.key.as_str())))
            else {
                continue;
            };
            let events = all.entry((from, to, label)).or_default();
            if events.last() != Some(&item.uid) {
                events.push(item.uid);
            }
        }
    }
    let number = |id: &str| id.trim_start_matches('e').parse::<usize>().unwrap_or(0);
    let mut links: Vec<Link> = all
        .into_iter()
        .map(|((from, to, label), mut events)| {
            let count = events.len();
            events.truncate(EVENTS_CITED_MAX);
            Link { from: from.to_owned(), to: to.to_owned(), label, events, count }
        })
        .collect();
    if links.len() > LINKS_MAX {
        links.sort_by(|a, b| {
            (b.count, number(&a.from), number(&a.to), &a.label).cmp(&(
                a.count,
                number(&b.from),
                number(&b.to),
                &b.label,
            ))
        });
        links.truncate(LINKS_MAX);
    }
    links.sort_by(|a, b| {
        (number(&a.from), number(&a.to), &a.label).cmp(&(number(&b.from), number(&b.to), &b.label))
    });
    links
}

/// How far it reaches: the hosts where it was seen, the accounts and addresses that were part of it, the files.
pub fn blast_radius(rows: &[EntityRow]) -> BlastRadius {
    let shown = |fits: &dyn Fn(&&EntityRow) -> bool| -> Vec<String> {
        let mut all: Vec<String> = rows.iter().filter(fits).map(|r| r.shown.clone()).collect();
        all.sort();
        all.dedup();
        all
    };
    BlastRadius {
        hosts: shown(&|r| r.kind == EntityKind::Host && r.part == "victim"),
        accounts: shown(&|r| is_account(r.kind)),
        addresses: shown(&|r| r.kind == EntityKind::Address),
        files: rows.iter().filter(|r| r.kind == EntityKind::File).count(),
    }
}
