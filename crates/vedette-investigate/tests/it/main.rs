//! Stories of small groups, as a tired analyst reads them.

mod estate;
mod stories;
mod traps;
