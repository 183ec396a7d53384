//! What ties two findings together: shared entities weighed by kind and closeness in time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vedette_model::{EntityKind, Level, Role};

use super::bundle::{Bundle, MUTED, NONE, Sets, TIMELESS, WORD_SHIFT, entity_of, role_of};
use super::entities::Entities;
use super::everywhere;
use super::grouper::Estate;
use super::tactics::TacticSet;
use super::weights::{self as w, Weight};

/// What an entity is to the table of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Flavour {
    Process,
    ProcessId,
    Session,
    AccessKey,
    Principal,
    Role,
    User,
    GenericUser,
    Host,
    Address,
    AddressInside,
    Domain,
    ParentDomain,
    FileHash,
    File,
    Service,
}

/// Links of one family are one fact seen twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Event,
    Process,
    Account,
    Host,
    Network,
    Artifact,
}

impl Flavour {
    pub fn family(self) -> Family {
        match self {
            Self::Process | Self::ProcessId => Family::Process,
            Self::Session
            | Self::AccessKey
            | Self::Principal
            | Self::Role
            | Self::User
            | Self::GenericUser => Family::Account,
            Self::Host => Family::Host,
            Self::Address | Self::AddressInside | Self::Domain | Self::ParentDomain => Family::Network,
            Self::FileHash | Self::File | Self::Service => Family::Artifact,
        }
    }

    /// Names who acted, so that two findings can differ in it.
    fn is_account(self) -> bool {
        matches!(self, Self::AccessKey | Self::Principal | Self::User | Self::GenericUser)
    }
}

/// An entity as the links see it: several spellings are one, and a role or parent domain is one of its own.
pub(super) struct Thing {
    pub flavour: Flavour,
    pub kind: EntityKind,
    /// Why it joins nothing.
    pub held: Option<String>,
    pub hub: bool,
    common: bool,
    /// The text of those that no finding names itself.
    alias: Option<String>,
}

/// One bundle, ready to be linked.
pub(super) struct Node {
    pub bundle: Bundle,
    /// Span in `words`.
    at: u32,
    len: u32,
    /// The thing of its host, or [`NONE`].
    pub host: u32,
    pub accounts: bool,
    pub habit: bool,
}

impl Node {
    /// Of medium level or above: may bring clusters together.
    pub fn is_firm(&self) -> bool {
        self.bundle.level >= Level::Medium
    }
}

/// All findings with what they share.
pub(super) struct Web {
    pub things: Vec<Thing>,
    pub nodes: Vec<Node>,
    words: Vec<u32>,
    pub entities: Entities,
    /// Broad enough to say what is rare and what is everywhere.
    pub learned: bool,
}

/// One reason of a link, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tie {
    pub why: Why,
    pub family: Option<Family>,
    pub weight: i32,
    pub gap_ms: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Event,
    Thing(u32),
    /// A child and its parent, or the same process.
    Kin(u32),
    Sibling(u32),
    /// One is on the host that the other came from or went to.
    OtherEnd(u32),
    /// The account that one made or gave rights to acts in the other, later.
    Made(u32),
    BothHigh,
    OneHigh,
    Progress,
    OtherAccount,
    Density(u32),
    AtOnce,
    /// Credentials were taken there, and somebody moved here.
    Lateral,
    AccountDomain,
    Alone(u32),
    /// All that the data tells of this host.
    Snapshot(u32),
}

impl Web {
    pub fn new(bundles: Vec<Bundle>, sets: &Sets, entities: Entities, estate: &Estate<'_>) -> Self {
        let stands = entities.one_each();
        let learned = estate.hosts >= w::LEARN_HOSTS && estate.span_ms >= w::LEARN_SPAN_MS;
        let mut things = things(&entities, estate);
        let (spans, words) = resolve(sets, &entities, &stands, &mut things);
        let mut nodes: Vec<Node> = bundles
            .into_iter()
            .filter(|b| b.count > 0)
            .map(|bundle| {
                let (at, len) = spans[bundle.set as usize];
                let host = if bundle.host == NONE { NONE } else { stands[bundle.host as usize] };
                Node { bundle, at, len, host, accounts: false, habit: false }
            })
            .collect();
        nodes.sort_by_key(|n| (n.bundle.first, n.bundle.id));
        let mut web = Self { things, nodes, words, entities, learned };
        web.hold_back_what_is_shared();
        if learned {
            web.hold_back_what_is_learned();
        }
        web.find_habits();
        for index in 0..web.nodes.len() {
            let has = web
                .words_of(index)
                .iter()
                .any(|x| web.joins(*x) && web.things[entity_of(*x) as usize].flavour.is_account());
            web.nodes[index].accounts = has;
        }
        web
    }

    pub fn words_of(&self, node: usize) -> &[u32] {
        let node = &self.nodes[node];
        &self.words[node.at as usize..(node.at + node.len) as usize]
    }

    /// May this word of a set join?
    pub fn joins(&self, word: u32) -> bool {
        word & MUTED == 0 && self.things[entity_of(word) as usize].held.is_none()
    }

    pub fn key(&self, thing: u32) -> &str {
        match &self.things[thing as usize].alias {
            Some(text) => text,
            None => self.entities.key(thing),
        }
    }

    /// Entities of a node that may join, without doubles.
    pub fn joining(&self, node: usize) -> impl Iterator<Item = u32> + '_ {
        let mut last = NONE;
        self.words_of(node).iter().filter(|x| self.joins(**x)).map(|x| entity_of(*x)).filter(move |t| {
            let new = *t != last;
            last = *t;
            new
        })
    }

    /// All entities of a node, held back or not, without doubles.
    pub fn things_of(&self, node: usize) -> impl Iterator<Item = u32> + '_ {
        let mut last = NONE;
        self.words_of(node)
            .iter()
            .map(|x| entity_of(*x))
            .filter(move |t| std::mem::replace(&mut last, *t) != *t)
    }

    /// Does it name something that is held back?
    pub fn has_held(&self, node: usize) -> bool {
        self.words_of(node).iter().any(|x| !self.joins(*x))
    }

    /// Domains of the accounts that a node names.
    pub fn account_domains(&self, node: usize) -> impl Iterator<Item = String> + '_ {
        let accounts = self.words_of(node).iter().filter(|x| self.joins(**x)).map(|x| entity_of(*x));
        let accounts = accounts.filter(|t| {
            matches!(self.things[*t as usize].kind, EntityKind::User | EntityKind::CloudPrincipal)
        });
        let domains = accounts.map(|t| everywhere::account(self.key(t)).1);
        domains.filter(|d| !d.is_empty() && !d.contains([':', '/'])).map(str::to_owned)
    }

    /// A way out of a company: an outside address that several accounts use for different things.
    fn hold_back_what_is_shared(&mut self) {
        #[derive(Default)]
        struct Users {
            accounts: BTreeSet<u32>,
            by_rule: BTreeMap<u64, BTreeSet<u32>>,
            hosts: BTreeSet<u32>,
            times: Option<(i64, i64)>,
        }
        let mut users: HashMap<u32, Users> = HashMap::new();
        for node in 0..self.nodes.len() {
            let words = self.words_of(node);
            let flavour = |x: &u32| self.things[entity_of(*x) as usize].flavour;
            let accounts: Vec<u32> = words
                .iter()
                .filter(|x| self.joins(**x) && matches!(flavour(x), Flavour::User | Flavour::Principal))
                .map(|x| entity_of(*x))
                .collect();
            if accounts.is_empty() || accounts.len() > 8 {
                continue;
            }
            // Alerts of another product come under one rule; each tells of an act of its own.
            let bundle = &self.nodes[node].bundle;
            let rule = if bundle.alert { bundle.id } else { u64::from(bundle.rule) };
            let is_near_end =
                |x: &&u32| flavour(x) == Flavour::Address && role_of(**x) != Role::Destination as u8;
            for x in words.iter().filter(is_near_end) {
                let of = users.entry(entity_of(*x)).or_default();
                if of.accounts.len() < 64 {
                    of.accounts.extend(&accounts);
                    of.by_rule.entry(rule).or_default().extend(&accounts);
                }
                if self.nodes[node].host != NONE {
                    of.hosts.insert(self.nodes[node].host);
                }
                if bundle.first != TIMELESS {
                    let (first, last) = of.times.unwrap_or((bundle.first, bundle.last));
                    of.times = Some((first.min(bundle.first), last.max(bundle.last)));
                }
            }
        }
        for (address, of) in users {
            // Somebody who tries many accounts does so with one act: then one rule has seen most of them.
            let widest = of.by_rule.values().map(BTreeSet::len).max().unwrap_or(0);
            let count = of.accounts.len();
            let many = count >= w::SHARED_ADDRESS_ACCOUNTS && of.by_rule.len() > 1 && widest < count;
            let long = of.times.is_some_and(|(first, last)| last - first >= w::SHARED_ADDRESS_SPAN_MS);
            if many && (of.hosts.len() > 1 || long) {
                let reason = format!("{count} accounts come from it for different acts: a shared way out");
                self.things[address as usize].held.get_or_insert(reason);
            }
        }
    }

    /// Whatever is on many hosts and on many days.
    fn hold_back_what_is_learned(&mut self) {
        let mut seen: HashMap<u32, (BTreeSet<u32>, BTreeSet<i64>)> = HashMap::new();
        let mut hosts = BTreeSet::new();
        let mut days = BTreeSet::new();
        for node in 0..self.nodes.len() {
            let at = &self.nodes[node];
            if at.host == NONE || at.bundle.first == TIMELESS {
                continue;
            }
            let day = at.bundle.first.div_euclid(24 * 3_600_000);
            hosts.insert(at.host);
            days.insert(day);
            for thing in self.joining(node) {
                if self.things[thing as usize].flavour != Flavour::Host {
                    let (on, when) = seen.entry(thing).or_default();
                    on.insert(at.host);
                    when.insert(day);
                }
            }
        }
        let hosts_min = w::EVERYWHERE_HOSTS_MIN.max(hosts.len().div_ceil(3));
        let days_min = w::EVERYWHERE_DAYS_MIN.max(days.len().div_ceil(2));
        for (thing, (on, when)) in seen {
            if on.len() >= hosts_min && when.len() >= days_min {
                let reason = format!(
                    "on {} of {} hosts and {} of {} days in this data",
                    on.len(),
                    hosts.len(),
                    when.len(),
                    days.len()
                );
                self.things[thing as usize].held = Some(reason);
            }
        }
    }

    /// A rule that fires at one place again and again over days tells of the place, not of an intrusion.
    fn find_habits(&mut self) {
        let mut places: HashMap<(u32, u32, u32), Vec<usize>> = HashMap::new();
        for index in 0..self.nodes.len() {
            let node = &self.nodes[index];
            if node.bundle.level > Level::Medium || node.bundle.alert || node.bundle.first == TIMELESS {
                continue;
            }
            let account = self.words_of(index).iter().find(|x| {
                role_of(**x) == Role::Actor as u8
                    && matches!(
                        self.things[entity_of(**x) as usize].kind,
                        EntityKind::User | EntityKind::CloudPrincipal
                    )
            });
            let place = (node.bundle.rule, node.host, account.map_or(NONE, |x| entity_of(*x)));
            places.entry(place).or_default().push(index);
        }
        for nodes in places.into_values() {
            let hours: BTreeSet<i64> =
                nodes.iter().map(|n| super::bundle::hour_of(self.nodes[*n].bundle.first)).collect();
            let (Some(first), Some(last)) = (hours.first(), hours.last()) else { continue };
            if hours.len() >= w::HABIT_HOURS && (last - first) * 3_600_000 >= w::HABIT_SPAN_MS {
                for node in nodes {
                    self.nodes[node].habit = true;
                }
            }
        }
    }

    /// Gap between two nodes; `None` when one has no time. Between hosts the clocks may differ.
    pub fn gap(&self, a: usize, b: usize) -> Option<i64> {
        let (x, y) = (&self.nodes[a].bundle, &self.nodes[b].bundle);
        if x.first == TIMELESS || y.first == TIMELESS {
            return None;
        }
        let gap = x.first.saturating_sub(y.last).max(y.first.saturating_sub(x.last)).max(0);
        let skew = if self.nodes[a].host == self.nodes[b].host { 0 } else { w::SKEW_MS };
        Some((gap - skew).max(0))
    }

    /// The weight of sharing `thing`, apart from processes.
    fn weight_of(&self, flavour: Flavour, lower: Level) -> Weight {
        match flavour {
            Flavour::Process => w::PROCESS,
            Flavour::ProcessId => w::PROCESS_ID,
            Flavour::Session => w::SESSION,
            Flavour::AccessKey => w::ACCESS_KEY,
            Flavour::Principal => w::PRINCIPAL,
            Flavour::Role => w::ROLE,
            Flavour::User => w::USER,
            Flavour::GenericUser => w::GENERIC_USER,
            Flavour::Host if lower >= Level::High => w::HOST_HIGH,
            Flavour::Host if lower >= Level::Medium => w::HOST_MEDIUM,
            Flavour::Host => w::HOST_LOW,
            Flavour::Address => w::ADDRESS,
            Flavour::AddressInside => w::ADDRESS_INSIDE,
            Flavour::Domain => w::DOMAIN,
            Flavour::ParentDomain => w::PARENT_DOMAIN,
            Flavour::FileHash => w::FILE_HASH,
            Flavour::File => w::FILE,
            Flavour::Service => w::SERVICE,
        }
    }

    /// What sharing one thing over a gap weighs between two nodes.
    pub fn tie(&self, thing: u32, a: usize, b: usize, gap: Option<i64>) -> Tie {
        let flavour = self.things[thing as usize].flavour;
        let (x, y) = (&self.nodes[a].bundle, &self.nodes[b].bundle);
        let lower = x.level.min(y.level);
        let (why, weight) = match flavour {
            Flavour::Process | Flavour::ProcessId => {
                let parents_only = |node: usize| {
                    let mut own = self.words_of(node).iter().filter(|x| entity_of(**x) == thing);
                    own.all(|x| role_of(*x) == Role::Parent as u8)
                };
                if parents_only(a) && parents_only(b) {
                    let weight = if self.things[thing as usize].hub { w::SIBLING_OF_HUB } else { w::SIBLING };
                    (Why::Sibling(thing), weight)
                } else {
                    (Why::Kin(thing), self.weight_of(flavour, lower))
                }
            }
            Flavour::Host if self.is_at_other_end(thing, a) != self.is_at_other_end(thing, b) => {
                (Why::OtherEnd(thing), w::HOST_AT_OTHER_END)
            }
            Flavour::User if self.is_made_in(thing, a, b) || self.is_made_in(thing, b, a) => {
                (Why::Made(thing), w::MADE_ACCOUNT)
            }
            Flavour::User if self.nodes[a].host == NONE && self.nodes[b].host == NONE => {
                (Why::Thing(thing), w::USER_WITHOUT_HOST)
            }
            _ => (Why::Thing(thing), self.weight_of(flavour, lower)),
        };
        let alerts = x.alert && y.alert;
        let counted = gap.map(|gap| if alerts { gap / w::ALERT_GAP_PART } else { gap });
        let lasts = matches!(
            flavour,
            Flavour::Process
                | Flavour::AccessKey
                | Flavour::FileHash
                | Flavour::Domain
                | Flavour::ParentDomain
        );
        let late =
            lower < Level::Medium && !lasts && !alerts && counted.is_none_or(|gap| gap > w::LOW_GAP_MAX_MS);
        let weight = if late { 0 } else { weight.over(counted) };
        Tie { why, family: Some(flavour.family()), weight, gap_ms: gap }
    }

    /// Does the node only name this host as where it came from or went to?
    fn is_at_other_end(&self, thing: u32, node: usize) -> bool {
        let mut own = self.words_of(node).iter().filter(|x| entity_of(**x) == thing);
        let (source, destination) = (Role::Source as u8, Role::Destination as u8);
        self.nodes[node].host != thing && own.all(|x| role_of(*x) == source || role_of(*x) == destination)
    }

    /// Was this account made, or given rights, in one node, and does it act in the other, not before?
    fn is_made_in(&self, thing: u32, maker: usize, user: usize) -> bool {
        let roles = |node: usize| {
            let own = self.words_of(node).iter().filter(move |x| entity_of(**x) == thing);
            own.map(|x| role_of(*x))
        };
        let (made, used) = (&self.nodes[maker].bundle, &self.nodes[user].bundle);
        self.nodes[maker].is_firm()
            && made.tactics.meets(TacticSet::from_names(["persistence", "privilege-escalation"]))
            && made.first != TIMELESS
            && made.first <= used.last.saturating_add(w::SKEW_MS)
            && roles(maker).all(|r| r == Role::Target as u8)
            && roles(user).any(|r| r == Role::Actor as u8)
    }

    /// Everything that ties `a` to `b`, with the sum; `ties` is scratch and is left with the reasons.
    pub fn link(&self, a: usize, b: usize, ties: &mut Vec<Tie>) -> i32 {
        ties.clear();
        let gap = self.gap(a, b);
        let (x, y) = (&self.nodes[a].bundle, &self.nodes[b].bundle);
        if x.kept_events().any(|e| y.kept_events().any(|f| f == e)) {
            ties.push(Tie {
                why: Why::Event,
                family: Some(Family::Event),
                weight: w::EVENT,
                gap_ms: Some(0),
            });
        }
        let (left, right) = (self.words_of(a), self.words_of(b));
        let (mut i, mut j) = (0, 0);
        let mut last = NONE;
        while i < left.len() && j < right.len() {
            let (l, r) = (entity_of(left[i]), entity_of(right[j]));
            if l < r || !self.joins(left[i]) {
                i += 1;
            } else if r < l || !self.joins(right[j]) {
                j += 1;
            } else {
                if l != last {
                    last = l;
                    ties.push(self.tie(l, a, b, gap));
                }
                i += 1;
            }
        }
        self.complete(a, b, ties)
    }

    /// Adds what levels, tactics and accounts say to the shared things, and sums up.
    fn complete(&self, a: usize, b: usize, ties: &mut Vec<Tie>) -> i32 {
        let (x, y) = (&self.nodes[a].bundle, &self.nodes[b].bundle);
        let has =
            |ties: &[Tie], family: Family| ties.iter().any(|t| t.family == Some(family) && t.weight > 0);
        let generic_only =
            ties.iter().filter(|t| t.family == Some(Family::Account)).all(|t| self.is_generic(t));
        if generic_only && !has(ties, Family::Host) {
            // A `root` elsewhere is another root.
            ties.retain(|t| t.family != Some(Family::Account));
        }
        let extra = |why, weight| Tie { why, family: None, weight, gap_ms: None };
        let differ = self.accounts_differ(a, b, ties);
        if differ {
            ties.push(extra(Why::OtherAccount, w::OTHER_ACCOUNT));
        }
        if ties.iter().any(|t| t.weight > 0) {
            let (lower, upper) = (x.level.min(y.level), x.level.max(y.level));
            if lower >= Level::High {
                ties.push(extra(Why::BothHigh, w::BOTH_HIGH));
            } else if upper >= Level::High && lower >= Level::Medium {
                ties.push(extra(Why::OneHigh, w::ONE_HIGH));
            }
            let here = self.nodes[a].host == self.nodes[b].host && has(ties, Family::Host);
            if here
                && !differ
                && lower >= Level::Medium
                && self.gap(a, b).is_some_and(|gap| gap <= w::AT_ONCE_MS)
            {
                ties.push(extra(Why::AtOnce, w::AT_ONCE));
            }
            if (has(ties, Family::Host) || has(ties, Family::Account)) && moves_on(x.tactics, y.tactics) {
                ties.push(extra(Why::Progress, w::PROGRESS));
            }
        }
        sum(ties)
    }

    /// One machine, and two accounts known to be different. Whoever moves on to another machine takes another account,
    /// so that between machines it says nothing.
    pub fn accounts_differ(&self, a: usize, b: usize, ties: &[Tie]) -> bool {
        let has = |family: Family| ties.iter().any(|t| t.family == Some(family) && t.weight > 0);
        let moved = ties.iter().any(|t| matches!(t.why, Why::OtherEnd(_)));
        let tied = has(Family::Account) || has(Family::Process) || has(Family::Event);
        has(Family::Host) && !tied && !moved && self.nodes[a].accounts && self.nodes[b].accounts
    }

    fn is_generic(&self, tie: &Tie) -> bool {
        matches!(tie.why, Why::Thing(t) if self.things[t as usize].flavour == Flavour::GenericUser)
    }

    /// The sum that a pair must reach.
    pub fn threshold(&self, a: usize, b: usize) -> i32 {
        let (x, y) = (&self.nodes[a].bundle, &self.nodes[b].bundle);
        let lower = if x.level <= y.level { x } else { y };
        w::threshold(lower.level, lower.alert)
    }
}

/// Different tactics, both known: neither holds all of the other.
pub(super) fn moves_on(a: TacticSet, b: TacticSet) -> bool {
    !a.is_empty() && !b.is_empty() && a != b
}

/// The strongest link of each family in full, a quarter of its second, nothing of its others, and what stands for
/// itself.
pub(super) fn sum(ties: &mut [Tie]) -> i32 {
    ties.sort_by_key(|t| (t.family.is_none(), t.family, -t.weight));
    let mut total = 0;
    let mut place = 0;
    let mut last = None;
    for tie in ties {
        place = if tie.family.is_some() && tie.family == last { place + 1 } else { 0 };
        last = tie.family;
        tie.weight = match place {
            0 => tie.weight,
            1 => tie.weight * w::SECOND_OF_FAMILY_PERCENT / 100,
            // Twenty hashes of one set of files are still one fact.
            _ => 0,
        };
        total += tie.weight;
    }
    total
}

fn things(entities: &Entities, estate: &Estate<'_>) -> Vec<Thing> {
    let thing = |id: u32| {
        let known = entities.get(id);
        let key = entities.key(id);
        let local = everywhere::local_part(key);
        let flavour = match known.kind {
            EntityKind::Host => Flavour::Host,
            EntityKind::User if everywhere::is_generic_account(key) => Flavour::GenericUser,
            EntityKind::User => Flavour::User,
            EntityKind::Address if entities.is_inside(id) => Flavour::AddressInside,
            EntityKind::Address => Flavour::Address,
            EntityKind::Process if local.bytes().all(|b| b.is_ascii_digit()) => Flavour::ProcessId,
            EntityKind::Process => Flavour::Process,
            EntityKind::LogonSession => Flavour::Session,
            EntityKind::FileHash => Flavour::FileHash,
            EntityKind::Domain => Flavour::Domain,
            EntityKind::CloudPrincipal if is_access_key(key) => Flavour::AccessKey,
            EntityKind::CloudPrincipal if key.contains(":role/") => Flavour::Role,
            EntityKind::CloudPrincipal => Flavour::Principal,
            EntityKind::File => Flavour::File,
            EntityKind::Service => Flavour::Service,
        };
        let held = everywhere::held_back(known.kind, key)
            .map(str::to_owned)
            .or_else(|| (estate.known_good)(known.kind, key).map(|reason| format!("known good: {reason}")));
        Thing { flavour, kind: known.kind, held, hub: known.hub, common: known.common, alias: None }
    };
    (0..entities.len() as u32).map(thing).collect()
}

fn is_access_key(key: &str) -> bool {
    key.len() == 20 && (key.starts_with("akia") || key.starts_with("asia"))
}

/// What else an entity belongs to: the role of a role session, the rented domain above a host name.
fn belongs_to(kind: EntityKind, key: &str) -> Option<(Flavour, String)> {
    match kind {
        EntityKind::CloudPrincipal => {
            let (before, rest) = key.split_once(":assumed-role/")?;
            let (role, _) = rest.split_once('/')?;
            Some((Flavour::Role, format!("{}:role/{role}", before.replace(":sts:", ":iam:"))))
        }
        EntityKind::Domain => {
            let (_, parent) = key.split_once('.')?;
            let deep = parent.bytes().filter(|b| *b == b'.').count() >= 2;
            (deep && !everywhere::is_common_domain(parent))
                .then(|| (Flavour::ParentDomain, format!("*.{parent}")))
        }
        _ => None,
    }
}

/// The sets with spellings brought together, what they belong to added, and hashes of common programs muted.
fn resolve(
    sets: &Sets,
    entities: &Entities,
    stands: &[u32],
    things: &mut Vec<Thing>,
) -> (Vec<(u32, u32)>, Vec<u32>) {
    let mut aliases: HashMap<(Flavour, String), u32> = HashMap::new();
    let mut alias_of: Vec<Option<u32>> = vec![None; entities.len()];
    for id in 0..entities.len() as u32 {
        let kind = entities.kind(id);
        if things[id as usize].held.is_some() {
            continue;
        }
        if let Some((flavour, text)) = belongs_to(kind, entities.key(id)) {
            // A role that some finding names itself is that one.
            let alias = entities.find(kind, &text).unwrap_or_else(|| {
                let next = things.len() as u32;
                *aliases.entry((flavour, text.clone())).or_insert_with(|| {
                    things.push(Thing {
                        flavour,
                        kind,
                        held: None,
                        hub: false,
                        common: false,
                        alias: Some(text),
                    });
                    next
                })
            });
            alias_of[id as usize] = Some(alias);
        }
    }
    let mut spans = Vec::with_capacity(sets.len());
    let mut words = Vec::new();
    let mut set = Vec::new();
    for index in 0..sets.len() as u32 {
        set.clear();
        let own = sets.get(index);
        let common = own.iter().any(|x| {
            let thing = &things[entity_of(*x) as usize];
            thing.common && role_of(*x) != Role::Parent as u8
        });
        for x in own {
            let id = entity_of(*x);
            let muted = if common && entities.kind(id) == EntityKind::FileHash { MUTED } else { 0 };
            set.push(stands[id as usize] << WORD_SHIFT | u32::from(role_of(*x)) | muted);
            if let Some(alias) = alias_of[id as usize] {
                set.push(alias << WORD_SHIFT | u32::from(role_of(*x)));
            }
        }
        set.sort_unstable();
        set.dedup();
        spans.push((words.len() as u32, set.len() as u32));
        words.extend_from_slice(&set);
    }
    (spans, words)
}
