//! OCSF classes, attributes and objects as tables.
