//! ATT&CK tactics and techniques by id.
