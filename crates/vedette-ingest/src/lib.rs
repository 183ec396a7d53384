//! Files, folders and archives into records.
