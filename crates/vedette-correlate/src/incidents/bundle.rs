//! Findings as they are kept: repeats of one rule on one host with the same entities in the same hour are one bundle.
//!
//! A rule that fires millions of times on ever new processes would still make a bundle each; so a cell (rule, host,
//! hour) that has seen [`crate::limits::INCIDENT_SETS_PER_CELL_MAX`] different sets of entities lets the short-lived ones
//! (process, session, file, hash, service) go, and when that does not help, keeps only its host. What a cell ends as
//! depends on what was offered, not on the order.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;
use vedette_model::{EntityKind, Level};
use xxhash_rust::xxh3::xxh3_128;

use super::entities::Entities;
use super::tactics::TacticSet;

pub(super) const NONE: u32 = u32::MAX;
/// The time of what has none: behind everything.
pub(super) const TIMELESS: i64 = i64::MAX;
/// Length of a cell in time.
const CELL_MS: i64 = 3_600_000;
/// Events remembered of a bundle, those with the smallest hash, so that two bundles over one event know it.
pub(super) const EVENTS_KEPT: usize = 4;

/// Marks a handle whose bundle was taken in by another.
const TAKEN: u32 = 1 << 31;

/// Bits below the entity number in a word of a set: the role, and whether the entity may not join here.
pub(super) const WORD_SHIFT: u32 = super::entities::ROLE_BITS + 1;
pub(super) const MUTED: u32 = 1 << super::entities::ROLE_BITS;

pub(super) fn word(entity: u32, role: u8) -> u32 {
    entity << WORD_SHIFT | u32::from(role)
}

pub(super) fn entity_of(word: u32) -> u32 {
    word >> WORD_SHIFT
}

pub(super) fn role_of(word: u32) -> u8 {
    (word & (MUTED - 1)) as u8
}

/// What tells cells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CellKey {
    pub rule: u32,
    /// Entity number of the host, or [`NONE`].
    pub host: u32,
    pub hour: i64,
    pub level: Level,
    pub tactics: TacticSet,
    pub alert: bool,
}

pub(super) fn hour_of(time_ms: i64) -> i64 {
    if time_ms == TIMELESS { TIMELESS } else { time_ms.div_euclid(CELL_MS) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeps {
    All,
    Lasting,
    HostOnly,
}

struct Cell {
    keeps: Keeps,
    bundles: u32,
    /// First of the list of its bundles.
    head: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Bundle {
    pub rule: u32,
    pub host: u32,
    pub set: u32,
    pub level: Level,
    pub tactics: TacticSet,
    pub alert: bool,
    /// No finding of it is sure.
    pub unsure: bool,
    pub count: u32,
    /// Milliseconds; [`TIMELESS`] for both when it has no time.
    pub first: i64,
    pub last: i64,
    /// Of the finding with the smallest id, which stands for all.
    pub id: u64,
    pub finding: u32,
    /// A sum over the ids: the same for the same findings in any order.
    pub mix: u64,
    pub events: [u64; EVENTS_KEPT],
    next: u32,
    /// The handle that findings know it by.
    handle: u32,
}

impl Bundle {
    fn note_event(&mut self, event: u64) {
        if self.events.contains(&event) {
            return;
        }
        // u64::MAX stands for an empty place, so it is always replaced first.
        if let Some(largest) = self.events.iter_mut().max()
            && event < *largest
        {
            *largest = event;
        }
    }

    fn take(&mut self, other: &Bundle) {
        self.count = self.count.saturating_add(other.count);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.unsure &= other.unsure;
        self.mix = self.mix.wrapping_add(other.mix);
        if other.id < self.id {
            (self.id, self.finding) = (other.id, other.finding);
        }
        for event in other.events {
            self.note_event(event);
        }
    }

    /// The events it remembers.
    pub fn kept_events(&self) -> impl Iterator<Item = u64> + '_ {
        self.events.iter().copied().filter(|e| *e != u64::MAX)
    }
}

/// One finding on its way into a bundle.
pub(super) struct Arriving<'a> {
    pub cell: CellKey,
    pub time: i64,
    pub id: u64,
    pub finding: u32,
    pub unsure: bool,
    pub events: &'a mut dyn Iterator<Item = u64>,
}

#[derive(Default)]
pub(super) struct Bundles {
    all: Vec<Bundle>,
    /// Places in `all` of bundles that another took in.
    free: Vec<u32>,
    /// For each handle its place in `all`, or with [`TAKEN`] set the handle of the bundle that took it in.
    handles: Vec<u32>,
    cells: Vec<Cell>,
    cell_of: HashMap<CellKey, u32, BuildHasherDefault<FxHasher>>,
    by_set: HashMap<(u32, u32), u32, BuildHasherDefault<FxHasher>>,
    sets: Sets,
    live: usize,
    /// Cells that let entities go.
    pub coarse: u64,
}

/// Sets of words, each kept once.
#[derive(Default)]
pub(super) struct Sets {
    words: Vec<u32>,
    spans: Vec<(u32, u32)>,
    by_hash: HashMap<u128, u32, BuildHasherDefault<FxHasher>>,
}

impl Sets {
    fn intern(&mut self, words: &[u32]) -> u32 {
        let mut bytes = [0_u8; 256];
        let hash = if words.len() <= bytes.len() / 4 {
            for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
                place.copy_from_slice(&word.to_le_bytes());
            }
            xxh3_128(&bytes[..words.len() * 4])
        } else {
            xxh3_128(&words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<u8>>())
        };
        if let Some(&set) = self.by_hash.get(&hash) {
            return set;
        }
        let set = self.spans.len() as u32;
        self.spans.push((self.words.len() as u32, words.len() as u32));
        self.words.extend_from_slice(words);
        self.by_hash.insert(hash, set);
        set
    }

    pub fn get(&self, set: u32) -> &[u32] {
        let (at, len) = self.spans[set as usize];
        &self.words[at as usize..(at + len) as usize]
    }

    pub fn len(&self) -> usize {
        self.spans.len()
    }
}

fn is_lasting(kind: EntityKind) -> bool {
    use EntityKind::{Address, CloudPrincipal, Domain, Host, User};
    matches!(kind, Host | User | Address | Domain | CloudPrincipal)
}

impl Bundles {
    /// Puts a finding into its bundle and returns its handle; `None` beyond the bound. `words` is sorted and without doubles.
    pub fn put(
        &mut self,
        mut arriving: Arriving<'_>,
        words: &mut Vec<u32>,
        entities: &Entities,
        sets_max: u32,
        bundles_max: usize,
    ) -> Option<u32> {
        let full = self.live >= bundles_max;
        let cell = match self.cell_of.get(&arriving.cell) {
            Some(&cell) => cell,
            // Twice over the bound not even a cell of its own.
            None if self.live >= bundles_max.saturating_mul(2) => return None,
            // Beyond the bound the cells are of days.
            None if full && arriving.cell.hour % 24 != 0 && arriving.cell.hour != TIMELESS => {
                arriving.cell.hour -= arriving.cell.hour.rem_euclid(24);
                return self.put(arriving, words, entities, sets_max, bundles_max);
            }
            None => {
                let cell = self.cells.len() as u32;
                let keeps = if full { Keeps::HostOnly } else { Keeps::All };
                self.coarse += u64::from(full);
                self.cells.push(Cell { keeps, bundles: 0, head: NONE });
                self.cell_of.insert(arriving.cell, cell);
                cell
            }
        };
        loop {
            keep(self.cells[cell as usize].keeps, words, entities);
            let set = self.sets.intern(words);
            if let Some(&bundle) = self.by_set.get(&(cell, set)) {
                self.add(bundle, &arriving);
                for event in arriving.events {
                    self.all[bundle as usize].note_event(event);
                }
                return Some(self.all[bundle as usize].handle);
            }
            let at = &self.cells[cell as usize];
            if at.bundles < sets_max || at.keeps == Keeps::HostOnly {
                let bundle = self.open(cell, set, &arriving);
                for event in arriving.events {
                    self.all[bundle as usize].note_event(event);
                }
                return Some(self.all[bundle as usize].handle);
            }
            self.coarsen(cell, entities);
        }
    }

    fn add(&mut self, bundle: u32, arriving: &Arriving<'_>) {
        let bundle = &mut self.all[bundle as usize];
        bundle.count = bundle.count.saturating_add(1);
        bundle.first = bundle.first.min(arriving.time);
        bundle.last = bundle.last.max(arriving.time);
        bundle.unsure &= arriving.unsure;
        bundle.mix = bundle.mix.wrapping_add(mixed(arriving.id));
        if arriving.id < bundle.id {
            (bundle.id, bundle.finding) = (arriving.id, arriving.finding);
        }
    }

    fn open(&mut self, cell: u32, set: u32, arriving: &Arriving<'_>) -> u32 {
        let key = arriving.cell;
        let at = &mut self.cells[cell as usize];
        let handle = self.handles.len() as u32;
        let bundle = self.free.pop().unwrap_or(self.all.len() as u32);
        self.handles.push(bundle);
        let new = Bundle {
            rule: key.rule,
            host: key.host,
            set,
            level: key.level,
            tactics: key.tactics,
            alert: key.alert,
            unsure: arriving.unsure,
            count: 1,
            first: arriving.time,
            last: arriving.time,
            id: arriving.id,
            finding: arriving.finding,
            mix: mixed(arriving.id),
            events: [u64::MAX; EVENTS_KEPT],
            next: at.head,
            handle,
        };
        match self.all.get_mut(bundle as usize) {
            Some(place) => *place = new,
            None => self.all.push(new),
        }
        at.head = bundle;
        at.bundles += 1;
        self.live += 1;
        self.by_set.insert((cell, set), bundle);
        bundle
    }

    /// Lets entities of a cell go, and joins its bundles that are then the same.
    fn coarsen(&mut self, cell: u32, entities: &Entities) {
        let at = &mut self.cells[cell as usize];
        self.coarse += u64::from(at.keeps == Keeps::All);
        at.keeps = if at.keeps == Keeps::All { Keeps::Lasting } else { Keeps::HostOnly };
        let keeps = at.keeps;
        let mut old = std::mem::replace(&mut at.head, NONE);
        self.live -= at.bundles as usize;
        at.bundles = 0;
        let mut words = Vec::new();
        while old != NONE {
            let next = self.all[old as usize].next;
            let was = self.all[old as usize].set;
            self.by_set.remove(&(cell, was));
            words.clear();
            words.extend_from_slice(self.sets.get(was));
            keep(keeps, &mut words, entities);
            let set = self.sets.intern(&words);
            match self.by_set.get(&(cell, set)).copied() {
                Some(into) => {
                    let taken = self.all[old as usize].clone();
                    self.all[into as usize].take(&taken);
                    self.handles[taken.handle as usize] = self.all[into as usize].handle | TAKEN;
                    self.all[old as usize].count = 0;
                    self.free.push(old);
                }
                None => {
                    let at = &mut self.cells[cell as usize];
                    self.all[old as usize].set = set;
                    self.all[old as usize].next = at.head;
                    at.head = old;
                    at.bundles += 1;
                    self.live += 1;
                    self.by_set.insert((cell, set), old);
                }
            }
            old = next;
        }
    }

    /// The place, in what [`Bundles::into_parts`] gives, of the bundle that a handle leads to.
    pub fn place(&self, mut handle: u32) -> u32 {
        loop {
            match self.handles[handle as usize] {
                next if next & TAKEN != 0 => handle = next & !TAKEN,
                place => return place,
            }
        }
    }

    /// Ends taking in: the tables that only offering needs are given back, and entities have their new numbers.
    /// A bundle without findings was taken in by another.
    pub fn into_parts(self, renumbered: &[u32]) -> (Vec<Bundle>, Sets) {
        let Self { mut all, mut sets, .. } = self;
        sets.by_hash = HashMap::default();
        for word in &mut sets.words {
            *word = renumbered[entity_of(*word) as usize] << WORD_SHIFT | *word & ((1 << WORD_SHIFT) - 1);
        }
        for bundle in all.iter_mut().filter(|b| b.host != NONE) {
            bundle.host = renumbered[bundle.host as usize];
        }
        (all, sets)
    }
}

fn keep(keeps: Keeps, words: &mut Vec<u32>, entities: &Entities) {
    match keeps {
        Keeps::All => {}
        Keeps::Lasting => words.retain(|w| is_lasting(entities.kind(entity_of(*w)))),
        Keeps::HostOnly => words.retain(|w| entities.kind(entity_of(*w)) == EntityKind::Host),
    }
}

/// SplitMix64's finaliser, so that sums of ids do not meet by chance.
pub(super) fn mixed(id: u64) -> u64 {
    let mut z = id.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
