//! Stories of small groups, as a tired analyst reads them.
