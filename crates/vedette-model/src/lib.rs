//! What travels between rooms: records and batches, native fields, events, lanes, entities, findings, time.
//!
//! The ground floor: it reads no file, starts no task, asks no clock.

pub mod entity;
pub mod event;
pub mod evidence;
pub mod finding;
pub mod lane;
pub mod native;
pub mod problem;
pub mod record;
pub mod time;

pub use entity::{Entity, EntityKind, Role, host_key};
pub use event::{Event, EventUid, UidBasis};
pub use evidence::Evidence;
pub use finding::{Alert, EventRef, Finding, FindingId, Level, Witness};
pub use lane::{Lane, LaneId, LogsourceTag};
pub use native::{Kind, Native, NativeField};
pub use problem::Problem;
pub use record::{Batch, FileContext, FileFormat, FileIndex, Header, Position, Reject, Span};
pub use time::{TimeBasis, Timestamp};
