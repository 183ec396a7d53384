//! The event: one record (or several that belong together) understood by a mapping.

use std::fmt;

use crate::lane::LaneId;
use crate::native::Native;
use crate::record::{FileIndex, Position};
use crate::time::{TimeBasis, Timestamp};

/// Two copies of one record have the same uid. Shown as 32 hex digits.
///
/// Where the mapping names an identity (`identity:`), the uid is the hash of those fields; otherwise of host, the raw
/// bytes, and how many equal lines came before in the same file, so that a line that truly occurs twice counts twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct EventUid(pub u128);

impl fmt::Display for EventUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// What a uid was made of, and so whether an occurrence number still has to be mixed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UidBasis {
    /// Host and raw bytes: the ordered merge mixes in how many equal ones came before in the same file
    /// ([`EventUid::occurrence`]).
    #[default]
    Content,
    /// The fields that the mapping names as identity: complete as it is.
    Identity,
}

impl EventUid {
    /// The uid of the `before`-th repetition of an equal record in one file; the first (0) keeps the uid.
    pub fn occurrence(self, before: u64) -> Self {
        if before == 0 {
            return self;
        }
        // SplitMix64's finaliser on both halves: neighbouring numbers give unrelated uids.
        let mix = |half: u64, salt: u64| {
            let mut z = half ^ before.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let (high, low) = ((self.0 >> 64) as u64, self.0 as u64);
        Self(u128::from(mix(high, 1)) << 64 | u128::from(mix(low, 2)))
    }
}

/// One event. The buffers are reused from record to record: whoever wants to keep one clones it.
///
/// The OCSF form is not here: `vedette-normalize` builds it from the native fields where it is wanted.
#[derive(Debug, Clone, Default)]
pub struct Event {
    pub uid: EventUid,
    pub uid_basis: UidBasis,
    pub file: FileIndex,
    /// Where the record lies; the first of several for a joined event.
    pub position: Position,
    /// The other positions of a joined event.
    pub joined: Vec<Position>,
    /// The number the source itself gave the record (`EventRecordID`), else `position.number`.
    pub record: u64,
    /// UTC. `None` when the record carries no time that can be believed; a problem says why.
    pub time: Option<Timestamp>,
    pub time_basis: TimeBasis,
    /// Which mapping and case understood it.
    pub lane: LaneId,
    /// The machine or account the event happened on, as the record names it, else as the path does; may be empty.
    pub host: String,
    /// Windows channel, or the log's name within its product; may be empty.
    pub channel: String,
    /// The event's kind in the source's own words: `4688`, `ConsoleLogin`, `dns`; may be empty.
    pub code: String,
    pub native: Native,
}

impl Event {
    pub fn clear(&mut self) {
        self.uid = EventUid::default();
        self.uid_basis = UidBasis::Content;
        self.joined.clear();
        self.record = 0;
        self.time = None;
        self.time_basis = TimeBasis::Stated;
        self.lane = LaneId::UNKNOWN;
        self.host.clear();
        self.channel.clear();
        self.code.clear();
        self.native.clear();
    }
}
