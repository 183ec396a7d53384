//! Files, folders and archives into records.
//!
//! [`Inputs::walk`] lists what the arguments name, [`Inputs::read`] opens each of them once, read-only, and hands on
//! [`Message`]s: the start of a file, its records in batches, its end with what went wrong. Nothing is skipped in
//! silence: a link that is not followed, a fifo, an empty file and a member of an archive each have a start and an end.
//!
//! A text in UTF-16 or Latin-1 is handed on as UTF-8; one that is UTF-8 by its beginning passes as it is, so a record's
//! bytes may still hold what is no UTF-8.
//!
//! The reader is one thread and a stream: it holds one block, one batch, and what the framer of the format needs to
//! find the end of a record, so its memory does not grow with the input. All bounds are in [`limits`].

mod archive;
mod dates;
mod encoding;
mod frame;
mod glob;
mod layout;
pub mod limits;
mod message;
mod options;
pub mod problems;
mod read;
mod sniff;
mod source;
mod unix;
mod walk;

pub use dates::KnownYear;
pub use glob::names as pattern_names;
pub use message::{FileEnd, Message};
pub use options::{HostFromPath, Options};
pub use unix::{FileId, file_id};
pub use walk::{Input, InputKind, Inputs};
