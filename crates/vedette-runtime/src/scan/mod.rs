//! One shot over files: the main job in its smallest form.

pub mod channels;
pub mod dedupe;
pub mod findings;
pub mod reveal;
pub mod runs;
pub mod script_block;
pub mod verdict;
