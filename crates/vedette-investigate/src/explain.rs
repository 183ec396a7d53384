//! Joins in words: why findings stand together in an incident.

use std::collections::BTreeMap;

use crate::input::{Join, Told};
use crate::limits::QUOTED_CHARS_MAX;
use crate::wording::{name, plain, quote, stamp};

/// Why the findings of an incident belong together: one paragraph a join, in the order of the joins.
///
/// ```text
/// F-1 "Shadow copies deleted" (2026-03-14 09:26:53 UTC, FS01)
///   joined to F-2 "Service installed" (...): 7 points, 5 are needed
///     +4 logon session 0x3e8a1 on fs01: one session is one logon
///     +3 host fs01: within 10 minutes
/// ```
pub fn explain_text(joins: &[Join], findings: &[Told]) -> String {
    let by_id: BTreeMap<&str, &Told> = findings.iter().map(|f| (f.id.as_str(), f)).collect();
    let said = |id: &str| match by_id.get(id) {
        Some(f) => {
            let time = f.time.map_or_else(|| "no time".to_owned(), stamp);
            let host = if f.host.is_empty() { String::new() } else { format!(", {}", name(&f.host)) };
            format!("{} {} ({time}{host})", f.id, quote(&f.title))
        }
        None => name(id),
    };
    let mut text = String::new();
    for join in joins {
        text.push_str(&format!(
            "{}\n  joined to {}: {} points, {} are needed\n",
            said(&join.finding),
            said(&join.to),
            points(join.total),
            points(join.threshold)
        ));
        for because in &join.because {
            text.push_str(&format!(
                "    +{} {} {}: {}\n",
                points(because.weight),
                plain(&because.kind.replace('_', " "), 40),
                name(&because.key),
                plain(&because.reason, QUOTED_CHARS_MAX)
            ));
        }
    }
    text
}

fn points(n: f64) -> String {
    if n.fract() == 0.0 { format!("{n:.0}") } else { format!("{n:.1}") }
}
