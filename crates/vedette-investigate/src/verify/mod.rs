//! Checks that every claim of a report resolves to events that say it.
