//! `vedette rules explain`.
