//! Wires the stream: reader, workers, ordered merge.
