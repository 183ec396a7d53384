//! Hosts and people of a synthetic estate, and the making of single findings.

use vedette_correlate::incidents::TacticSet;
use vedette_model::{EntityKind, EventUid, FindingId, Level, Role, Timestamp};

use crate::score::scan::Found;

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
/// 2026-03-02T00:00:00Z.
pub const BEGIN: i64 = 1_772_409_600_000;

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Attack(u32),
    Noise,
    /// Beside the attack in a recording.
    Unknown,
}

pub const DESKS: usize = 6;
pub const SERVERS: [&str; 3] = ["srv-app", "srv-files", "srv-dc"];
pub const WEB: &str = "web1";
pub const ACCOUNT: &str = "111122223333";
/// The address that everybody in the company comes from.
pub const EGRESS: &str = "198.51.100.10";

pub type Named = (EntityKind, Role, String, String);

/// SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// A stretch of time between two.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low).max(1) as u64) as i64
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}

pub struct Maker {
    pub random: Random,
    made: Vec<(Found, Label)>,
    /// Each workstation's session of the day.
    pub sessions: Vec<String>,
    /// Workstations in the order in which attacks take them.
    pub desks: Vec<usize>,
    pub attacks: u32,
}

pub fn desk(index: usize) -> String {
    format!("ws{index:02}")
}

pub fn person(index: usize) -> String {
    let names = ["ana", "bo", "cy", "dee", "eli", "fay"];
    format!("corp\\{}", names[index % names.len()])
}

pub fn mail(index: usize) -> String {
    let names = ["ana", "bo", "cy", "dee", "eli", "fay"];
    format!("{}@corp.example", names[index % names.len()])
}

impl Maker {
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x5851_f42d_4c95_7f2d));
        let sessions =
            (0..DESKS).map(|d| format!("{}|0x{:x}", desk(d), 0x10_000 + random.below(0xf_0000))).collect();
        let mut desks: Vec<usize> = (0..DESKS).collect();
        random.shuffle(&mut desks);
        Self { random, made: Vec::new(), sessions, desks, attacks: 0 }
    }

    /// The next attack's label.
    pub fn attack(&mut self) -> Label {
        self.attacks += 1;
        Label::Attack(self.attacks - 1)
    }

    /// A process of its own.
    pub fn process(&mut self, host: &str) -> String {
        format!(
            "{host}|{:08x}-0000-0000-{:04x}-{:012x}",
            self.random.next() as u32,
            self.random.next() as u16,
            self.random.next() >> 16
        )
    }

    pub fn session(&mut self, host: &str) -> String {
        format!("{host}|0x{:x}", 0x100_000 + self.random.below(0xff_ffff))
    }

    /// An outside address that nobody else has.
    pub fn outside(&mut self) -> String {
        format!("203.0.{}.{}", 113 + self.random.below(2), 1 + self.random.below(254))
    }

    pub fn add(&mut self, found: Found, label: Label) {
        self.made.push((found, label));
    }

    /// One finding of a rule.
    #[allow(clippy::too_many_arguments)] // A table of steps reads best with one step a line.
    pub fn finding(
        &mut self,
        label: Label,
        rule: &str,
        level: Level,
        time: i64,
        host: &str,
        tactic: &str,
        entities: Vec<Named>,
    ) {
        let id = FindingId(self.random.next());
        let event = EventUid(u128::from(self.random.next()) << 64 | u128::from(self.random.next()));
        let mut entities = entities;
        if !host.is_empty() && !entities.iter().any(|e| e.0 == EntityKind::Host && e.1 == Role::Observer) {
            entities.push((EntityKind::Host, Role::Observer, host.to_owned(), host.to_owned()));
        }
        let found = Found {
            id,
            rule: rule.to_owned(),
            source_uid: String::new(),
            level,
            time: Timestamp::from_millis(time),
            host: host.to_owned(),
            file: String::new(),
            places: vec![],
            events: vec![event],
            entities,
            techniques: vec![],
            tactics: TacticSet::from_names([tactic]),
            unsure: false,
            alert: false,
            incident: String::new(),
        };
        self.made.push((found, label));
    }

    pub fn finish(mut self) -> (Vec<Found>, Vec<Label>) {
        let mut made = std::mem::take(&mut self.made);
        self.random.shuffle(&mut made);
        made.into_iter().unzip()
    }
}

pub fn named(kind: EntityKind, role: Role, key: &str) -> Named {
    (kind, role, key.to_owned(), key.to_owned())
}

pub fn user(key: &str) -> Named {
    named(EntityKind::User, Role::Actor, key)
}

pub fn system() -> Named {
    user(r"nt authority\system")
}

/// The started process.
pub fn started(key: &str, program: &str) -> Named {
    (EntityKind::Process, Role::Target, key.to_owned(), program.to_owned())
}

pub fn parent(key: &str, program: &str) -> Named {
    (EntityKind::Process, Role::Parent, key.to_owned(), program.to_owned())
}

/// The process that did it.
pub fn by(key: &str, program: &str) -> Named {
    (EntityKind::Process, Role::Actor, key.to_owned(), program.to_owned())
}

pub fn in_session(key: &str) -> Named {
    named(EntityKind::LogonSession, Role::Actor, key)
}

pub fn from_address(key: &str) -> Named {
    named(EntityKind::Address, Role::Source, key)
}

/// The machine that a logon or a request came from.
pub fn from_host(key: &str) -> Named {
    named(EntityKind::Host, Role::Source, key)
}

pub fn to_address(key: &str) -> Named {
    named(EntityKind::Address, Role::Destination, key)
}

pub fn principal(key: &str) -> Named {
    named(EntityKind::CloudPrincipal, Role::Actor, key)
}

pub fn domain(key: &str) -> Named {
    named(EntityKind::Domain, Role::Destination, key)
}
