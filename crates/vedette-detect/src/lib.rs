//! All rules compiled into one plan, and the plan run over events.
