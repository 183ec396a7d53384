//! The first screen: how many incidents and the worst, how far the search reached, the earliest evidence, what is missing.

use crate::scan::{Incident, Scan, rank};

pub struct Answer {
    pub headline: String,
    /// One an incident, the worst first.
    pub lines: Vec<String>,
    pub earliest: Option<Earliest>,
    /// Of the worst incident.
    pub confidence: Option<(String, Vec<String>)>,
    pub missing: Vec<Missing>,
    pub hosts: usize,
}

/// The first event that an incident rests on.
pub struct Earliest {
    pub incident: usize,
    pub time: String,
    pub host: String,
    pub text: String,
    pub event: Option<String>,
}

/// Something that is not known, and what would help.
pub struct Missing {
    pub text: String,
    pub remedy: Option<String>,
    /// Indexes of the incidents it bears on; none: the whole run.
    pub incidents: Vec<usize>,
}

pub fn of(scan: &Scan) -> Answer {
    Answer {
        headline: headline(scan),
        lines: scan.incidents.iter().map(sentence).collect(),
        earliest: earliest(scan),
        confidence: scan
            .incidents
            .first()
            .filter(|i| !i.confidence.is_empty())
            .map(|i| (i.confidence.clone(), i.confidence_reasons.0.clone())),
        missing: missing(scan),
        hosts: scan.summary.hosts.iter().filter(|h| !h.name.is_empty()).count(),
    }
}

fn headline(scan: &Scan) -> String {
    let findings = scan.findings_total();
    match &scan.incidents[..] {
        [] if findings == 0 => "Nothing was found.".to_owned(),
        [] => {
            format!("No incident. {} not joined into one.", counted(findings, "finding was", "findings were"))
        }
        [one] => format!("One incident, {}: {}", one.severity, stopped(&one.title)),
        [worst, ..] => {
            let alike = scan.incidents.iter().filter(|i| rank(&i.severity) == rank(&worst.severity)).count();
            let total = number_word(scan.incidents.len());
            match alike {
                1 => format!("{total} incidents. The worst is {}: {}", worst.severity, stopped(&worst.title)),
                n if n == scan.incidents.len() => {
                    format!("{total} incidents, all {}. First: {}", worst.severity, stopped(&worst.title))
                }
                n => format!(
                    "{total} incidents, {} of them {}. First: {}",
                    number_word(n).to_lowercase(),
                    worst.severity,
                    stopped(&worst.title)
                ),
            }
        }
    }
}

fn number_word(n: usize) -> String {
    const WORDS: [&str; 13] = [
        "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven",
        "Twelve",
    ];
    WORDS.get(n).map_or_else(|| grouped(n as u64), |w| (*w).to_owned())
}

/// `1,234`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

fn stopped(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// The gravest thing that was seen; where nothing stands out, the first sentence of the summary, else the title.
fn sentence(incident: &Incident) -> String {
    let observed = incident.story.iter().filter(|s| s.kind != "inferred" && !s.text.trim().is_empty());
    // Of equals the earliest: steps stand in order of time.
    let gravest = observed.rev().max_by_key(|s| rank(s.level.as_deref().unwrap_or_default()));
    if let Some(step) = gravest.filter(|s| rank(s.level.as_deref().unwrap_or_default()) >= rank("high")) {
        return step.text.trim().to_owned();
    }
    let text = incident.summary.trim();
    let mut end = text.len();
    for (at, _) in text.match_indices(". ") {
        // No end of a sentence: a single letter or a number before the stop, a small letter after it.
        let before = text[..at].rsplit([' ', '(']).next().unwrap_or_default();
        let small = text[at + 2..].starts_with(|c: char| c.is_lowercase());
        if before.chars().count() > 1 && !small {
            end = at + 1;
            break;
        }
    }
    if end == 0 { stopped(&incident.title) } else { text[..end].to_owned() }
}

fn earliest(scan: &Scan) -> Option<Earliest> {
    let mut first: Option<Earliest> = None;
    for (index, incident) in scan.incidents.iter().enumerate() {
        for step in incident.story.iter().filter(|s| s.kind != "inferred") {
            let Some(time) = step.time.as_ref() else { continue };
            if first.as_ref().is_none_or(|f| *time < f.time) {
                first = Some(Earliest {
                    incident: index,
                    time: time.clone(),
                    host: step.host.clone().unwrap_or_default(),
                    text: step.text.clone(),
                    event: step.events.first().cloned(),
                });
            }
        }
    }
    first
}

fn missing(scan: &Scan) -> Vec<Missing> {
    let mut list: Vec<Missing> = Vec::new();
    let mut whole = |text: String, remedy: &str| {
        list.push(Missing { text, remedy: Some(remedy.to_owned()), incidents: Vec::new() });
    };
    let s = &scan.summary;
    if s.complete == Some(false) {
        whole(
            "The run was interrupted: what is here is right, and not all.".into(),
            "Scan again to the end.",
        );
    }
    let unread = scan.files.iter().filter(|f| !f.problems.is_empty()).count() as u64;
    for (n, one, many, remedy) in [
        (
            s.rejected,
            "record could not be read.",
            "records could not be read.",
            "The list of files says which and why.",
        ),
        (
            unread,
            "file was not read as it should be.",
            "files were not read as they should be.",
            "The list of files says why.",
        ),
        (
            s.untimed,
            "event has no time that can be believed.",
            "events have no time that can be believed.",
            "They stand in no timeline; find them in the list of files.",
        ),
        (
            s.unmapped,
            "event is of a kind that no mapping knows.",
            "events are of kinds that no mapping knows.",
            "Rules for a log source did not see them; a mapping of your own would change that.",
        ),
        (
            s.findings_not_kept,
            "finding was counted only.",
            "findings were counted only.",
            "Beyond the bound of what is kept; scan fewer files or leave out the noisy rule.",
        ),
        (
            s.evidence_not_kept,
            "cited event was not kept.",
            "cited events were not kept.",
            "Look them up in their files.",
        ),
    ] {
        if n > 0 {
            whole(counted(n, one, many), remedy);
        }
    }
    for (index, incident) in scan.incidents.iter().enumerate() {
        for unknown in &incident.unknowns {
            match list.iter_mut().find(|m| m.text == unknown.text) {
                Some(known) => {
                    if !known.incidents.contains(&index) {
                        known.incidents.push(index);
                    }
                }
                None => list.push(Missing {
                    text: unknown.text.clone(),
                    remedy: unknown.remedy.clone(),
                    incidents: vec![index],
                }),
            }
        }
    }
    // A broken-off run before all, then what bears on the worst incident, then what bears on most; the order is stable.
    list.sort_by_key(|m| {
        let worst = m.incidents.contains(&0);
        let broken_off = m.incidents.is_empty() && s.complete == Some(false);
        std::cmp::Reverse((broken_off, worst, if worst { 0 } else { m.incidents.len() }))
    });
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Step, Unknown};

    fn incident(severity: &str, title: &str, summary: &str) -> Incident {
        Incident {
            severity: severity.into(),
            title: title.into(),
            summary: summary.into(),
            ..Incident::default()
        }
    }

    #[test]
    fn the_headline_says_how_many_and_the_worst() {
        let mut scan = Scan::default();
        assert_eq!(headline(&scan), "Nothing was found.");
        scan.summary.findings.insert("low".into(), 1200);
        assert_eq!(headline(&scan), "No incident. 1,200 findings were not joined into one.");
        scan.incidents.push(incident("critical", "Ransomware on FS1", ""));
        assert_eq!(headline(&scan), "One incident, critical: Ransomware on FS1.");
        scan.incidents.push(incident("high", "Web shell", ""));
        assert_eq!(headline(&scan), "Two incidents. The worst is critical: Ransomware on FS1.");
        scan.incidents.push(incident("critical", "Key", ""));
        assert_eq!(headline(&scan), "Three incidents, two of them critical. First: Ransomware on FS1.");
    }

    #[test]
    fn a_line_is_the_first_sentence() {
        for (summary, line) in [
            ("It began on WS1. Then it spread.", "It began on WS1."),
            ("From 10.0.0.1 to J. Doe on WS1. Then more.", "From 10.0.0.1 to J. Doe on WS1."),
            ("One sentence only", "One sentence only"),
            ("", "The title."),
        ] {
            assert_eq!(sentence(&incident("low", "The title", summary)), line);
        }
    }

    #[test]
    fn a_line_is_the_gravest_step_where_one_stands_out() {
        let step = |text: &str, level: &str, kind: &str| Step {
            text: text.into(),
            level: Some(level.into()),
            kind: kind.into(),
            ..Step::default()
        };
        let mut i = incident("critical", "", "It began.");
        i.story = vec![
            step("one", "medium", "observed"),
            step("two", "high", "observed"),
            step("three", "high", "observed"),
            step("four", "critical", "inferred"),
        ];
        assert_eq!(sentence(&i), "two");
        i.story.truncate(1);
        assert_eq!(sentence(&i), "It began.");
    }

    #[test]
    fn the_earliest_evidence_is_observed() {
        let step = |kind: &str, time: &str| Step {
            kind: kind.into(),
            time: Some(time.into()),
            text: time.into(),
            ..Step::default()
        };
        let mut one = incident("low", "", "");
        one.story = vec![step("inferred", "2026-03-01T00:00:00Z"), step("observed", "2026-03-03T00:00:00Z")];
        let mut two = incident("low", "", "");
        two.story = vec![step("observed", "2026-03-02T00:00:00Z")];
        let scan = Scan { incidents: vec![one, two], ..Scan::default() };
        let found = earliest(&scan).unwrap();
        assert_eq!((found.incident, found.time.as_str()), (1, "2026-03-02T00:00:00Z"));
    }

    #[test]
    fn what_is_missing_is_said_once() {
        let mut scan = Scan::default();
        scan.summary.rejected = 1;
        for _ in 0..2 {
            let mut i = incident("low", "", "");
            i.unknowns = vec![Unknown { text: "DNS is silent".into(), remedy: None }];
            scan.incidents.push(i);
        }
        let told: Vec<_> = missing(&scan).into_iter().map(|m| (m.text, m.incidents)).collect();
        assert_eq!(
            told,
            [("DNS is silent".into(), vec![0, 1]), ("1 record could not be read.".to_owned(), vec![])]
        );
    }
}
