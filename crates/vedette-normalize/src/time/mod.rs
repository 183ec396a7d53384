//! Time stamps of all sorts into UTC, and how sure we are of them.
