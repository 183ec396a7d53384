//! A join told in words, and the answer to "why are these two together, or why not".

use std::collections::VecDeque;

use super::bundle::{MUTED, entity_of};
use super::cluster::{Because, BecauseKind, Edge, Join};
use super::grouper::{Grouping, Placement};
use super::link::{Flavour, Tie, Web, Why};

/// Why two findings belong together, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Both lie in one incident or were set aside as one group.
    pub together: bool,
    /// The joins that lead from one to the other; empty when they are not together, or repeats of one act.
    pub path: Vec<Join>,
    /// What ties the two directly.
    pub shared: Vec<Because>,
    /// The sum of `shared`.
    pub total: i32,
    pub threshold: i32,
    /// What both name, and why nothing was joined through it.
    pub held_back: Vec<(BecauseKind, String, String)>,
    /// One sentence.
    pub verdict: String,
}

pub(super) fn tell_edge(web: &Web, edge: &Edge) -> Join {
    let mut own = Vec::new();
    let ties = if edge.ties.is_empty() {
        web.link(edge.a as usize, edge.b as usize, &mut own);
        &own
    } else {
        &edge.ties
    };
    Join {
        finding: web.nodes[edge.b as usize].bundle.finding,
        to: web.nodes[edge.a as usize].bundle.finding,
        because: tell(web, ties),
        total: edge.total,
        threshold: edge.threshold,
    }
}

fn tell(web: &Web, ties: &[Tie]) -> Vec<Because> {
    ties.iter().filter(|t| t.weight != 0).map(|t| tell_tie(web, t)).collect()
}

fn tell_tie(web: &Web, tie: &Tie) -> Because {
    let of = |thing: u32| (BecauseKind::Entity(web.things[thing as usize].kind), web.key(thing).to_owned());
    let apart = match tie.gap_ms {
        None => "one of them without a time".to_owned(),
        Some(0) => "at the same time".to_owned(),
        Some(gap) => format!("{} apart", duration(gap)),
    };
    let ((kind, key), reason) = match tie.why {
        Why::Event => ((BecauseKind::Event, String::new()), "both rest on one event".to_owned()),
        Why::Kin(t) => (of(t), format!("the same process, or child and parent, {apart}")),
        Why::Sibling(t) => (of(t), format!("two children of one process, {apart}")),
        Why::OtherEnd(t) => {
            (of(t), format!("one is on the host that the other came from or went to, {apart}"))
        }
        Why::Made(t) => {
            (of(t), format!("one made this account or gave it rights, the other is its doing, {apart}"))
        }
        Why::AtOnce => ((BecauseKind::Time, String::new()), "on one host within two minutes".to_owned()),
        Why::Lateral => (
            (BecauseKind::Tactics, String::new()),
            "lateral movement, and the one cluster that took credentials on another host at that time"
                .to_owned(),
        ),
        Why::AccountDomain => (
            (BecauseKind::Entity(vedette_model::EntityKind::User), String::new()),
            "accounts of one domain".to_owned(),
        ),
        Why::Thing(t) => (of(t), format!("the same {}, {apart}", noun(web.things[t as usize].flavour))),
        Why::Alone(t) => {
            (of(t), format!("the alert names only this host, and one incident is active there, {apart}"))
        }
        Why::Snapshot(t) => (of(t), "all that the data tells of this host lies within an hour".to_owned()),
        Why::BothHigh => ((BecauseKind::Level, String::new()), "both of high level or above".to_owned()),
        Why::OneHigh => ((BecauseKind::Level, String::new()), "one of high level or above".to_owned()),
        Why::Progress => {
            ((BecauseKind::Tactics, String::new()), "different tactics: an intrusion moves on".to_owned())
        }
        Why::OtherAccount => (
            (BecauseKind::Entity(vedette_model::EntityKind::User), String::new()),
            "the accounts are known and different".to_owned(),
        ),
        Why::Density(n) => (
            (BecauseKind::Time, String::new()),
            format!("{n} or more further findings on this host within ten minutes"),
        ),
    };
    Because { kind, key, weight: tie.weight, reason }
}

fn noun(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::Process | Flavour::ProcessId => "process",
        Flavour::Session => "logon session",
        Flavour::AccessKey => "access key",
        Flavour::Principal => "cloud principal",
        Flavour::Role => "role",
        Flavour::User => "account",
        Flavour::GenericUser => "account, of a name that every machine has,",
        Flavour::Host => "host",
        Flavour::Address => "outside address",
        Flavour::AddressInside => "inside address",
        Flavour::Domain => "domain",
        Flavour::ParentDomain => "parent domain",
        Flavour::FileHash => "file by its hash",
        Flavour::File => "file on one host",
        Flavour::Service => "service",
    }
}

/// Two units at most: `1 d 4 h`, `12 min`, `3 s`.
pub(super) fn duration(ms: i64) -> String {
    let s = ms / 1000;
    let parts = [(s / 86_400, "d"), (s / 3600 % 24, "h"), (s / 60 % 60, "min"), (s % 60, "s")];
    let told: Vec<String> = parts
        .iter()
        .skip_while(|(n, _)| *n == 0)
        .take(2)
        .filter(|(n, _)| *n > 0)
        .map(|(n, u)| format!("{n} {u}"))
        .collect();
    if told.is_empty() { format!("{ms} ms") } else { told.join(" ") }
}

pub(super) fn explain(grouping: &Grouping, a: u32, b: u32) -> Option<Explanation> {
    let web = &grouping.web;
    let (x, y) = (grouping.node(a)?, grouping.node(b)?);
    let mut ties = Vec::new();
    let total = web.link(x as usize, y as usize, &mut ties);
    let threshold = web.threshold(x as usize, y as usize);
    let shared = tell(web, &ties);
    let held_back = held_back(web, x as usize, y as usize);
    let path = if x == y { Some(Vec::new()) } else { path(grouping, x, y) };
    let verdict = match (&path, x == y) {
        (_, true) => "they are repeats: one rule, one host, the same entities, the same hour".to_owned(),
        (Some(path), _) if path.len() == 1 => "they are tied to each other directly".to_owned(),
        (Some(path), _) => format!("they are tied through {} joins", path.len()),
        (None, _) if shared.is_empty() && held_back.is_empty() => "they share nothing".to_owned(),
        (None, _) if shared.is_empty() => "all they share is everywhere, and so ties nothing together".to_owned(),
        (None, _) if total < threshold => {
            format!("what they share weighs {total}, and {threshold} is needed: {} too little", threshold - total)
        }
        (None, _) => {
            "what they share would be enough, but one of them is a low finding or a habit, which goes to the cluster it \
             is tied to most and brings no two together"
                .to_owned()
        }
    };
    let verdict = match grouping.placement(a) {
        Placement::SetAside(reason) if path.is_some() => {
            format!("{verdict}; both are set aside: {}", reason.name())
        }
        _ => verdict,
    };
    Some(Explanation {
        together: path.is_some(),
        path: path.unwrap_or_default(),
        shared,
        total,
        threshold,
        held_back,
        verdict,
    })
}

/// What both name and nothing is joined through.
fn held_back(web: &Web, a: usize, b: usize) -> Vec<(BecauseKind, String, String)> {
    let mut all = Vec::new();
    for left in web.words_of(a) {
        let thing = entity_of(*left);
        let Some(right) = web.words_of(b).iter().find(|r| entity_of(**r) == thing) else { continue };
        let reason = match &web.things[thing as usize].held {
            Some(reason) => reason.clone(),
            None if (left | right) & MUTED != 0 => {
                "the hash of a program that comes with the system".to_owned()
            }
            None => continue,
        };
        let entry = (BecauseKind::Entity(web.things[thing as usize].kind), web.key(thing).to_owned(), reason);
        if !all.contains(&entry) {
            all.push(entry);
        }
    }
    all
}

/// The joins between two nodes along the tree.
fn path(grouping: &Grouping, from: u32, to: u32) -> Option<Vec<Join>> {
    let mut near: std::collections::HashMap<u32, Vec<usize>> = std::collections::HashMap::new();
    for (index, edge) in grouping.edges.iter().enumerate() {
        near.entry(edge.a).or_default().push(index);
        near.entry(edge.b).or_default().push(index);
    }
    let mut came: std::collections::HashMap<u32, usize> = std::collections::HashMap::new();
    let mut open = VecDeque::from([from]);
    while let Some(at) = open.pop_front() {
        if at == to {
            let mut joins = Vec::new();
            let mut back = to;
            while back != from {
                let edge = &grouping.edges[came[&back]];
                joins.push(tell_edge(&grouping.web, edge));
                back = if edge.a == back { edge.b } else { edge.a };
            }
            joins.reverse();
            return Some(joins);
        }
        for index in near.get(&at).into_iter().flatten() {
            let edge = &grouping.edges[*index];
            let next = if edge.a == at { edge.b } else { edge.a };
            if next != from && !came.contains_key(&next) {
                came.insert(next, *index);
                open.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let told: Vec<String> = [5, 3_000, 720_000, 100_800_000, 3_600_000].map(duration).to_vec();
        assert_eq!(told, ["5 ms", "3 s", "12 min", "1 d 4 h", "1 h"]);
    }
}
