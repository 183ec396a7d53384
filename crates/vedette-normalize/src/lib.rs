//! Records into events: formats, mappings, time, decoding.
