//! From links to clusters, strongest link first.
//!
//! Five steps. First, findings of medium level and above join over links that reach the threshold, and any findings
//! over an event, a process or a session they share. Then clusters join whose links are each too weak, yet together
//! are enough. Then low findings go to the cluster they are tied to most; they never bring two clusters together, so
//! that a chain of small things cannot glue two attacks. Then an alert of another product that names nothing but a
//! host goes to the one cluster that is active there. Last, a host of which the data tells little and all within an
//! hour is one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vedette_model::{EntityKind, Level};

use super::bundle::TIMELESS;
use super::entities::same_domain;
use super::link::{Family, Flavour, Tie, Web, Why, moves_on, sum};
use super::tactics::TacticSet;
use super::weights as w;

/// One reason why two findings belong together, or speak against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    pub kind: BecauseKind,
    /// The entity's key; empty where the reason is no entity.
    pub key: String,
    /// Hundredths of the threshold for findings of medium level.
    pub weight: i32,
    pub reason: String,
}

/// What a reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BecauseKind {
    Entity(EntityKind),
    Event,
    Level,
    Tactics,
    Time,
}

impl BecauseKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Entity(kind) => kind.name(),
            Self::Event => "event",
            Self::Level => "level",
            Self::Tactics => "tactics",
            Self::Time => "time",
        }
    }
}

/// Why a finding is where it is: its strongest tie to one that was already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// As it was offered.
    pub finding: u32,
    pub to: u32,
    pub because: Vec<Because>,
    pub total: i32,
    pub threshold: i32,
}

/// A join as numbers, kept until it is told.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub a: u32,
    pub b: u32,
    pub total: i32,
    pub threshold: i32,
    /// Ties of clusters; empty where the pair's own say it all.
    pub ties: Vec<Tie>,
}

/// Node sets that only grow together.
pub(super) struct Clusters {
    parent: Vec<u32>,
    pub edges: Vec<Edge>,
    firm: Vec<bool>,
}

/// How many earlier nodes of an entity each node is compared with, and up to how many nodes: beyond, one.
const LOOK_BACK: usize = 6;
const LOOK_BACK_NODES_MAX: usize = 50_000;
/// Rounds of joining clusters by their links together; each joins at least one pair or is the last.
const ROUNDS_MAX: usize = 32;

impl Clusters {
    fn new(web: &Web) -> Self {
        Self {
            parent: (0..web.nodes.len() as u32).collect(),
            edges: Vec::new(),
            firm: web.nodes.iter().map(|n| n.is_firm() && !n.habit).collect(),
        }
    }

    pub fn root(&self, mut node: u32) -> u32 {
        while self.parent[node as usize] != node {
            node = self.parent[node as usize];
        }
        node
    }

    fn shorten(&mut self, node: u32) -> u32 {
        let root = self.root(node);
        let mut at = node;
        while self.parent[at as usize] != root {
            at = std::mem::replace(&mut self.parent[at as usize], root);
        }
        root
    }

    /// Joins two clusters under the earlier of them; false when they were one.
    fn join(&mut self, edge: Edge) -> bool {
        let (a, b) = (self.shorten(edge.a), self.shorten(edge.b));
        if a == b {
            return false;
        }
        let (root, other) = (a.min(b), a.max(b));
        self.parent[other as usize] = root;
        self.firm[root as usize] |= self.firm[other as usize];
        self.edges.push(edge);
        true
    }

    fn is_firm(&self, node: u32) -> bool {
        self.firm[self.root(node) as usize]
    }
}

/// For each entity that may join, the nodes that name it, in order of time.
pub(super) fn chains(web: &Web) -> Vec<(u32, u32)> {
    let mut chains: Vec<(u32, u32)> = Vec::new();
    for node in 0..web.nodes.len() {
        chains.extend(web.joining(node).map(|thing| (thing, node as u32)));
    }
    chains.sort_unstable();
    chains
}

fn each_chain(chains: &[(u32, u32)]) -> impl Iterator<Item = &[(u32, u32)]> {
    chains.chunk_by(|x, y| x.0 == y.0)
}

pub(super) fn cluster(web: &Web) -> Clusters {
    let mut clusters = Clusters::new(web);
    let chains = chains(web);
    let (mut firm, mut loose) = links(web, &chains);
    let strongest = |edges: &mut Vec<Link>| edges.sort_unstable_by_key(|(total, a, b)| (-total, *a, *b));
    strongest(&mut firm);
    for (total, a, b) in firm {
        let threshold = web.threshold(a as usize, b as usize);
        clusters.join(Edge { a, b, total, threshold, ties: Vec::new() });
    }
    let rounds = if web.nodes.len() <= LOOK_BACK_NODES_MAX { ROUNDS_MAX } else { 2 };
    for _ in 0..rounds {
        if !join_clusters(web, &chains, &mut clusters) && !join_lateral(web, &mut clusters) {
            break;
        }
    }
    strongest(&mut loose);
    for (total, a, b) in loose {
        if clusters.is_firm(a) && clusters.is_firm(b) {
            continue;
        }
        let threshold = web.threshold(a as usize, b as usize);
        clusters.join(Edge { a, b, total, threshold, ties: Vec::new() });
    }
    attach_alone(web, &mut clusters);
    join_snapshots(web, &mut clusters);
    clusters
}

/// Sum and the two nodes, the earlier first.
type Link = (i32, u32, u32);

/// Links that reach their threshold: those that may bring clusters together, and the others.
fn links(web: &Web, chains: &[(u32, u32)]) -> (Vec<Link>, Vec<Link>) {
    let (mut firm, mut loose) = (Vec::new(), Vec::new());
    let mut ties = Vec::new();
    let back = if web.nodes.len() <= LOOK_BACK_NODES_MAX { LOOK_BACK } else { 1 };
    let mut consider = |a: u32, b: u32| {
        let total = web.link(a as usize, b as usize, &mut ties);
        if total < web.threshold(a as usize, b as usize) {
            return;
        }
        let (x, y) = (&web.nodes[a as usize], &web.nodes[b as usize]);
        let both = x.is_firm() && y.is_firm();
        let close = ties.iter().any(|t| t.weight >= w::JOIN * 9 / 10 && is_close(web, t, both));
        if (x.habit || y.habit) && !close {
            return;
        }
        if close || both {
            firm.push((total, a.min(b), a.max(b)));
        } else if x.is_firm() || y.is_firm() {
            // A low finding goes to one that weighs more, not to its like: else a day's small things make a chain.
            loose.push((total, a.min(b), a.max(b)));
        }
    };
    let mut recent: [Vec<u32>; 3] = Default::default();
    let mut seen: Vec<u32> = Vec::with_capacity(3 * LOOK_BACK);
    for chain in each_chain(chains) {
        // The last ones seen of any level, of medium and above, of high and above.
        recent.iter_mut().for_each(Vec::clear);
        for (_, node) in chain {
            let level = web.nodes[*node as usize].bundle.level;
            let classes = [true, level >= Level::Medium, level >= Level::High];
            seen.clear();
            for last in &recent {
                for other in last.iter().rev().take(back) {
                    if !seen.contains(other) {
                        seen.push(*other);
                        consider(*other, *node);
                    }
                }
            }
            for (last, is) in recent.iter_mut().zip(classes) {
                if is {
                    if last.len() == LOOK_BACK {
                        last.remove(0);
                    }
                    last.push(*node);
                }
            }
        }
    }
    share_events(web, &mut consider);
    (firm, loose)
}

/// Nodes over one event, whatever entities they name.
fn share_events(web: &Web, consider: &mut impl FnMut(u32, u32)) {
    let mut events: Vec<(u64, u32)> = Vec::new();
    for (index, node) in web.nodes.iter().enumerate() {
        events.extend(node.bundle.kept_events().map(|e| (e, index as u32)));
    }
    events.sort_unstable();
    for pair in events.windows(2) {
        if pair[0].0 == pair[1].0 {
            consider(pair[0].1, pair[1].1);
        }
    }
}

/// An event or a process that both share, and between findings that weigh something a session: no account or machine
/// stands between.
fn is_close(web: &Web, tie: &Tie, both_firm: bool) -> bool {
    match tie.why {
        Why::Event | Why::Kin(_) => true,
        Why::Thing(t) => both_firm && web.things[t as usize].flavour == Flavour::Session,
        _ => false,
    }
}

/// One thing that two clusters share, at its closest pair of firm nodes. Sorts by clusters, thing and gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Shared {
    clusters: (u32, u32),
    thing: u32,
    gap: i64,
    a: u32,
    b: u32,
}

/// What clusters share with those before them along each chain.
fn shared(web: &Web, chains: &[(u32, u32)], clusters: &mut Clusters) -> Vec<Shared> {
    let back = if web.nodes.len() <= LOOK_BACK_NODES_MAX { LOOK_BACK } else { 1 };
    let mut all = Vec::new();
    let mut recent: Vec<(u32, u32)> = Vec::new();
    for chain in each_chain(chains) {
        recent.clear();
        for (thing, node) in chain {
            if !web.nodes[*node as usize].is_firm() || web.nodes[*node as usize].habit {
                continue;
            }
            let root = clusters.shorten(*node);
            for (other_root, other) in recent.iter().rev().filter(|(r, _)| *r != root) {
                let gap = web.gap(*other as usize, *node as usize);
                if web.tie(*thing, *other as usize, *node as usize, gap).weight > 0 {
                    let clusters = (root.min(*other_root), root.max(*other_root));
                    all.push(Shared {
                        clusters,
                        thing: *thing,
                        gap: gap.unwrap_or(i64::MAX),
                        a: *other,
                        b: *node,
                    });
                }
            }
            recent.retain(|(r, _)| *r != root);
            recent.push((root, *node));
            if recent.len() > back {
                recent.remove(0);
            }
        }
    }
    all.sort_unstable();
    all.dedup_by_key(|s| (s.clusters, s.thing));
    all
}

/// Joins pairs of clusters by their links together, best first; true when any were joined.
fn join_clusters(web: &Web, chains: &[(u32, u32)], clusters: &mut Clusters) -> bool {
    let shared = shared(web, chains, clusters);
    let mut tactics: HashMap<u32, TacticSet> = HashMap::new();
    let mut on_host: HashMap<(u32, u32), Vec<i64>> = HashMap::new();
    for (index, node) in web.nodes.iter().enumerate() {
        if node.is_firm() && !node.habit {
            let root = clusters.root(index as u32);
            let set = tactics.entry(root).or_default();
            *set = set.union(node.bundle.tactics);
            if node.bundle.first != TIMELESS {
                on_host.entry((root, node.host)).or_default().push(node.bundle.first);
            }
        }
    }
    let mut best: Vec<Edge> = Vec::new();
    for of_pair in shared.chunk_by(|x, y| x.clusters == y.clusters) {
        best.extend(weigh(web, of_pair, &tactics, &on_host));
    }
    best.sort_by_key(|e| (-e.total, e.a, e.b));
    let mut touched: Vec<u32> = Vec::new();
    let mut any = false;
    for edge in best {
        // What a cluster has become is weighed anew in the next round.
        let roots = [clusters.root(edge.a), clusters.root(edge.b)];
        if roots.iter().any(|r| touched.contains(r)) {
            continue;
        }
        touched.extend(roots);
        any |= clusters.join(edge);
    }
    any
}

fn weigh(
    web: &Web,
    shared: &[Shared],
    tactics: &HashMap<u32, TacticSet>,
    on_host: &HashMap<(u32, u32), Vec<i64>>,
) -> Option<Edge> {
    let mut ties: Vec<Tie> = Vec::new();
    let mut closest: Option<(i64, u32, u32)> = None;
    for of in shared {
        let gap_ms = (of.gap != i64::MAX).then_some(of.gap);
        ties.push(web.tie(of.thing, of.a as usize, of.b as usize, gap_ms));
        if closest.is_none_or(|c| (of.gap, of.a, of.b) < c) {
            closest = Some((of.gap, of.a, of.b));
        }
    }
    let (left, right) = shared.first()?.clusters;
    let (_, a, b) = closest?;
    let has = |ties: &[Tie], family: Family| ties.iter().any(|t| t.family == Some(family));
    let generic =
        |t: &Tie| matches!(t.why, Why::Thing(x) if web.things[x as usize].flavour == Flavour::GenericUser);
    if !has(&ties, Family::Host) && ties.iter().filter(|t| t.family == Some(Family::Account)).all(generic) {
        ties.retain(|t| t.family != Some(Family::Account));
    }
    if ties.is_empty() {
        return None;
    }
    let extra = |why, weight| Tie { why, family: None, weight, gap_ms: None };
    let (x, y) = (&web.nodes[a as usize], &web.nodes[b as usize]);
    let lower = x.bundle.level.min(y.bundle.level);
    let differ = web.accounts_differ(a as usize, b as usize, &ties);
    if differ {
        ties.push(extra(Why::OtherAccount, w::OTHER_ACCOUNT));
    }
    if lower >= Level::High {
        ties.push(extra(Why::BothHigh, w::BOTH_HIGH));
    } else if x.bundle.level.max(y.bundle.level) >= Level::High {
        ties.push(extra(Why::OneHigh, w::ONE_HIGH));
    }
    if !differ
        && has(&ties, Family::Host)
        && x.host == y.host
        && web.gap(a as usize, b as usize).is_some_and(|g| g <= w::AT_ONCE_MS)
    {
        ties.push(extra(Why::AtOnce, w::AT_ONCE));
    }
    let of = |root: u32| tactics.get(&root).copied().unwrap_or_default();
    if (has(&ties, Family::Host) || has(&ties, Family::Account)) && moves_on(of(left), of(right)) {
        ties.push(extra(Why::Progress, w::PROGRESS));
    }
    if has(&ties, Family::Host) && x.host == y.host && !differ {
        // Both bursts must lie around one moment: else two that are hours apart would count as one.
        let near = |root: u32| {
            let times = on_host.get(&(root, x.host)).map_or(&[][..], Vec::as_slice);
            times.iter().filter(|t| (**t - x.bundle.first).abs() <= w::HOST_CLOSE_MS).count()
        };
        let meets = x.bundle.first.abs_diff(y.bundle.first) <= w::HOST_CLOSE_MS as u64;
        let further = if meets { (near(left) + near(right)).saturating_sub(2).min(3) as u32 } else { 0 };
        if further > 0 {
            ties.push(extra(Why::Density(further), further as i32 * w::HOST_DENSITY));
        }
    }
    let total = sum(&mut ties);
    (total >= w::JOIN).then_some(Edge { a, b, total, threshold: w::JOIN, ties })
}

/// What lateral movement asks of a cluster.
#[derive(Default)]
struct Moves {
    /// Times, nodes and hosts of high findings: credentials taken, and movement.
    taken: Vec<(i64, u32)>,
    moved: Vec<(i64, u32)>,
    domains: BTreeSet<String>,
    hosts: BTreeSet<u32>,
    high: usize,
}

/// Joins a cluster of lateral movement to the one cluster that took credentials elsewhere just before.
fn join_lateral(web: &Web, clusters: &mut Clusters) -> bool {
    let (takes, moves) =
        (TacticSet::from_names(["credential-access"]), TacticSet::from_names(["lateral-movement"]));
    let mut of: BTreeMap<u32, Moves> = BTreeMap::new();
    for (index, node) in web.nodes.iter().enumerate() {
        if !node.is_firm() || node.habit || node.host == super::bundle::NONE || node.bundle.first == TIMELESS
        {
            continue;
        }
        let at = of.entry(clusters.shorten(index as u32)).or_default();
        at.hosts.insert(node.host);
        at.high += usize::from(node.bundle.level >= Level::High);
        at.domains.extend(web.account_domains(index));
        if node.bundle.level >= Level::High && node.bundle.tactics.intersects(takes) {
            at.taken.push((node.bundle.last, index as u32));
        }
        if node.bundle.tactics.intersects(moves) {
            at.moved.push((node.bundle.first, index as u32));
        }
    }
    let mut edges: Vec<Edge> = Vec::new();
    for (to, there) in of.iter().filter(|(_, m)| !m.moved.is_empty() && m.high > 0) {
        let mut sources: Vec<Edge> = Vec::new();
        for (from, here) in
            of.iter().filter(|(r, m)| *r != to && !m.taken.is_empty() && m.hosts.is_disjoint(&there.hosts))
        {
            let pairs = here
                .taken
                .iter()
                .flat_map(|t| there.moved.iter().map(move |m| ((m.0 - t.0).abs(), t.1, m.1)));
            let Some((gap, a, b)) = pairs.min() else { continue };
            let one_domain = here.domains.iter().any(|d| there.domains.iter().any(|e| same_domain(d, e)));
            if gap > w::LATERAL_MS || !one_domain {
                continue;
            }
            let extra = |why, weight| Tie { why, family: None, weight, gap_ms: Some(gap) };
            let mut ties =
                vec![extra(Why::Lateral, w::LATERAL), extra(Why::AccountDomain, w::SAME_ACCOUNT_DOMAIN)];
            if here.high > 0 && there.high > 0 {
                ties.push(extra(Why::BothHigh, w::BOTH_HIGH));
            }
            let total = sum(&mut ties);
            let _ = from;
            sources.push(Edge { a, b, total, threshold: w::JOIN, ties });
        }
        // Two that could be it say nothing of which.
        if sources.len() == 1 {
            edges.extend(sources.into_iter().filter(|e| e.total >= w::JOIN));
        }
    }
    edges.sort_by_key(|e| (-e.total, e.a, e.b));
    let mut any = false;
    for edge in edges {
        any |= clusters.join(edge);
    }
    any
}

/// An alert that names only a host goes to the one cluster that is active there within the hour.
fn attach_alone(web: &Web, clusters: &mut Clusters) {
    let mut by_host: HashMap<u32, Vec<u32>> = HashMap::new();
    for (index, node) in web.nodes.iter().enumerate() {
        if node.bundle.first != TIMELESS && clusters.is_firm(index as u32) {
            by_host.entry(node.host).or_default().push(index as u32);
        }
    }
    let mut found = Vec::new();
    for (index, node) in web.nodes.iter().enumerate() {
        let lone = node.bundle.alert
            && !node.accounts
            && !clusters.is_firm(index as u32)
            && node.bundle.first != TIMELESS;
        if !lone || clusters.root(index as u32) != index as u32 {
            continue;
        }
        let Some(others) = by_host.get(&node.host) else { continue };
        let near = others.iter().filter_map(|o| web.gap(index, *o as usize).map(|gap| (gap, *o)));
        let near: Vec<(i64, u32)> = near.filter(|(gap, _)| *gap <= 60 * 60_000).collect();
        let mut roots: Vec<u32> = near.iter().map(|(_, o)| clusters.root(*o)).collect();
        roots.sort_unstable();
        roots.dedup();
        if let ([_], Some((gap, other))) = (roots.as_slice(), near.iter().min()) {
            let why = Tie {
                why: Why::Alone(node.host),
                family: Some(Family::Host),
                weight: w::JOIN_ALERT,
                gap_ms: Some(*gap),
            };
            found.push(Edge {
                a: *other,
                b: index as u32,
                total: w::JOIN_ALERT,
                threshold: w::JOIN_ALERT,
                ties: vec![why],
            });
        }
    }
    for edge in found {
        clusters.join(edge);
    }
}

/// Joins all findings of a host that the data shows for an hour only.
fn join_snapshots(web: &Web, clusters: &mut Clusters) {
    let mut hosts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (index, node) in web.nodes.iter().enumerate() {
        if node.host != super::bundle::NONE {
            hosts.entry(node.host).or_default().push(index as u32);
        }
    }
    for (host, nodes) in hosts {
        let bundle = |n: &u32| &web.nodes[*n as usize].bundle;
        let timed = nodes.iter().all(|n| bundle(n).first != TIMELESS);
        let first = nodes.iter().map(|n| bundle(n).first).min().unwrap_or(0);
        let last = nodes.iter().map(|n| bundle(n).last).max().unwrap_or(0);
        let brief = timed && last.saturating_sub(first) <= w::SNAPSHOT_SPAN_MS;
        if !brief
            || !(2..=w::SNAPSHOT_BUNDLES_MAX).contains(&nodes.len())
            || web.things[host as usize].held.is_some()
        {
            continue;
        }
        let weighty = |n: &&u32| bundle(n).level >= Level::Low;
        let Some(gravest) =
            nodes.iter().filter(weighty).max_by_key(|n| (bundle(n).level, std::cmp::Reverse(**n)))
        else {
            continue;
        };
        for node in nodes.iter().filter(weighty).filter(|n| *n != gravest) {
            let threshold = web.threshold(*gravest as usize, *node as usize);
            let gap_ms = web.gap(*gravest as usize, *node as usize);
            let why = Tie { why: Why::Snapshot(host), family: Some(Family::Host), weight: threshold, gap_ms };
            clusters.join(Edge { a: *gravest, b: *node, total: threshold, threshold, ties: vec![why] });
        }
    }
}
