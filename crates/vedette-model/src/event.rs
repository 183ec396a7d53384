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

/// One event. The buffers are reused from record to record: whoever wants to keep one clones it.
///
/// The OCSF form is not here: `vedette-normalize` builds it from the native fields where it is wanted.
#[derive(Debug, Clone, Default)]
pub struct Event {
    pub uid: EventUid,
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
