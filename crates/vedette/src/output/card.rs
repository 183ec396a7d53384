//! A rule's own words for a person: what it sees, what it needs, what looks the same, and what to do when it speaks.

use std::fmt::Write as _;

use vedette_runtime::coverage::needs::{self, Need};
use vedette_runtime::{Content, check};

use super::neutral::{terminal, wrap};
use super::paint::Paint;

/// Logs named in full; the others are counted.
const LOGS_MAX: usize = 4;
const WIDTH: usize = 100;

/// What the rule is about, and the logs of which it needs one.
pub fn about(content: &Content, rule: u32, paint: Paint) -> String {
    let meta = content.meta(rule);
    let mut out = String::new();
    let level = content.level(rule).name();
    let _ = writeln!(out, "{} {}", paint.bold(terminal(&meta.title)), paint.dim(format_args!("({level})")));
    if let Some(description) = &meta.description {
        paragraph(&mut out, "", &description.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    let reads: Vec<String> =
        needs::bases(content, rule).into_iter().map(|base| check::logsource(content, base)).collect();
    let mut named: Vec<&str> = reads.iter().map(String::as_str).collect();
    named.dedup();
    let _ = writeln!(out, "\n{} {}", paint.bold("Reads"), terminal(&named.join("; ")));
    let needs = needs::needs(content, rule);
    let _ = writeln!(out, "{}", paint.bold("Data needed, one of"));
    for Need { log, enable } in needs.iter().take(LOGS_MAX) {
        let told = if enable.is_empty() { log.clone() } else { format!("{log}: {enable}") };
        paragraph(&mut out, "- ", &told);
    }
    if needs.len() > LOGS_MAX {
        let _ = writeln!(out, "  … and {} more", needs.len() - LOGS_MAX);
    }
    if needs.is_empty() {
        let _ = writeln!(out, "  no mapping feeds this logsource yet");
    }
    out
}

/// What looks the same, and the guide. Empty when the rule has neither.
pub fn guide(content: &Content, rule: u32, paint: Paint) -> String {
    let meta = content.meta(rule);
    let mut out = String::new();
    if !meta.falsepositives.is_empty() {
        let _ = writeln!(out, "\n{}", paint.bold("Looks the same and is harmless"));
        meta.falsepositives.iter().for_each(|f| paragraph(&mut out, "- ", f));
    }
    if let Some(guide) = &meta.guide {
        let _ = writeln!(out, "\n{}", paint.bold("Guide"));
        for (number, line) in guide.lines().enumerate() {
            paragraph(&mut out, &format!("{}. ", number + 1), line);
        }
    }
    out
}

fn paragraph(out: &mut String, mark: &str, text: &str) {
    let indent = mark.chars().count();
    for line in wrap(&terminal(&format!("{mark}{text}")), WIDTH, indent) {
        let _ = writeln!(out, "{}{line}", if mark.is_empty() { "" } else { "  " });
    }
}
