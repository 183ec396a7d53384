//! Real Windows recordings: what an independent Sigma engine found there, we find, and every difference has a reason.
//!
//! `golden/reference_differences.txt` is the whole of the disagreement. A difference that is not in it fails the test, and
//! so does a row that no longer differs; each reason is also held against the rule and the events it excuses.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use serde_json::Value;
use vedette_sigma::{Pack, ReadOptions, Rule};

use crate::harness::{assert_balanced, corpus, json, list, text};

const TABLE: &str = include_str!("../golden/reference_differences.txt");

/// How often a rule matched in a file.
type Counts = BTreeMap<(String, String), u64>;

/// Rows of the table: `rule id, more or fewer, reason` to `files, matches`.
type Rows = BTreeMap<(String, &'static str, String), (usize, u64)>;

/// Whether a reason fits a rule and the events, as `channel:code`, that it matched here.
type Fits = fn(&Rule, &BTreeSet<String>) -> bool;

/// Why we and the reference may differ, each with what must be true of the rule and of our events.
const REASONS: [(&str, Fits); 6] = [
    // The reference maps process_creation to Sysmon 1 alone; here Security 4688 carries it too.
    ("process_of_security", |rule, events| {
        category(rule, "process_creation") && only(events, "Security:4688")
    }),
    // Likewise network_connection is Sysmon 3 alone there, and Security 5156 too here.
    ("connection_of_security", |rule, events| {
        category(rule, "network_connection") && only(events, "Security:5156")
    }),
    // Sysmon writes `Initiated` as a truth value, which the reference does not compare with the text `true`.
    ("truth_value", |rule, events| {
        rule.fields().contains(&"Initiated") && only(events, "Microsoft-Windows-Sysmon/Operational:3")
    }),
    // Values without names (`<Data>` alone, as providers of the Application log write) cannot be searched there.
    ("unnamed_data", |rule, events| {
        rule.fields().contains(&"Data") && events.iter().all(|e| e.starts_with("Application:"))
    }),
    // The reference asks a table whose columns are the fields of the file. A rule that also names a field which no event
    // of the file has, if only in an exception, is an error there and finds nothing.
    ("field_nowhere_in_file", |rule, _| {
        ["FilterOrigin", "SourceCommandLine", "SourceParentImage"].iter().any(|f| rule.fields().contains(f))
    }),
    // Sysmon 12 is both creation and deletion, told apart by `EventType`. The reference takes every 12 for a deletion.
    ("creation_is_no_deletion", |rule, events| {
        category(rule, "registry_delete")
            && (events.is_empty() || only(events, "Microsoft-Windows-Sysmon/Operational:12"))
    }),
];

/// The fields of the reasons that say what the reference cannot see. Were they untrue, a rule that reads such a field would
/// have a match there.
const UNSEEN_THERE: [&str; 5] =
    ["Data", "FilterOrigin", "Initiated", "SourceCommandLine", "SourceParentImage"];

fn category(rule: &Rule, name: &str) -> bool {
    rule.logsource.category.as_deref() == Some(name)
}

fn only(events: &BTreeSet<String>, event: &str) -> bool {
    events.len() == 1 && events.contains(event)
}

/// All rules of the collection over all its Windows recordings: one scan for all tests here.
struct Scanned {
    scan: Value,
    rules: HashMap<String, Rule>,
    rules_root: PathBuf,
    root: PathBuf,
}

static SCANNED: LazyLock<Option<Scanned>> = LazyLock::new(|| {
    let rules_root = corpus("sigma/rules")?;
    let folders = ["sigma/regression_data", "evtx-attack-samples", "evtx-parser", "mordor/windows"];
    let folders: Vec<PathBuf> = folders.iter().map(|f| corpus(f)).collect::<Option<_>>()?;
    let mut args = vec!["scan", "--no-default-rules", "--rules", text(&rules_root)];
    args.extend(folders.iter().map(|f| text(f)));
    let scan = json(&args);
    assert_balanced(&scan);
    let pack = Pack::read(documents(&rules_root), &ReadOptions::default());
    let rules = pack.rules.into_iter().map(|rule| (rule.meta.id.clone(), rule)).collect();
    Some(Scanned { scan, rules, rules_root, root: folders[1].parent()?.to_owned() })
});

fn documents(folder: &Path) -> Vec<(Arc<str>, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(documents(&path));
        } else if path.extension().is_some_and(|e| e == "yml") {
            found.push((text(&path).into(), std::fs::read(&path).expect("a rule file")));
        }
    }
    found
}

impl Scanned {
    /// The reference knows the Windows rules of three trees.
    fn is_compared(&self, finding: &Value) -> bool {
        let path = Path::new(finding["rule_path"].as_str().expect("rule_path"));
        let path = path.strip_prefix(&self.rules_root).expect("a rule of the collection");
        let trees = ["rules/windows", "rules-emerging-threats", "rules-threat-hunting"];
        trees.iter().any(|tree| path.starts_with(tree)) && self.product(finding) == Some("windows")
    }

    fn product(&self, finding: &Value) -> Option<&str> {
        let id = finding["rule_id"].as_str().expect("rule_id");
        self.rules.get(id)?.logsource.product.as_deref()
    }

    /// The place that the reference names: a file of the attack samples, the folder of a regression case.
    fn place(&self, file: &str) -> Option<String> {
        let path = Path::new(file).strip_prefix(&self.root).expect("a file of the corpus");
        if let Ok(path) = path.strip_prefix("evtx-attack-samples") {
            return Some(text(path).to_owned());
        }
        let path = path.strip_prefix("sigma").ok()?;
        Some(text(path.parent()?).to_owned())
    }
}

fn theirs(root: &Path) -> Counts {
    let mut counts = Counts::new();
    for folder in ["sigma", "evtx-attack-samples"] {
        let file = std::fs::read(root.join(folder).join("sigma_reference_hits.json")).expect("the reference");
        let file: Value = serde_json::from_slice(&file).expect("JSON");
        for (place, rules) in file["hits"].as_object().expect("hits") {
            for (rule, count) in rules.as_object().expect("rules") {
                counts.insert((rule.clone(), place.clone()), count.as_u64().expect("a count"));
            }
        }
    }
    counts
}

/// Our matches where the reference looked, and for each rule and place the events that matched.
fn ours(scanned: &Scanned) -> (Counts, BTreeMap<(String, String), BTreeSet<String>>) {
    let (mut counts, mut events) = (Counts::new(), BTreeMap::<_, BTreeSet<String>>::new());
    for finding in list(&scanned.scan, "findings").iter().filter(|f| scanned.is_compared(f)) {
        let rule = finding["rule_id"].as_str().expect("rule_id");
        // Copies of one event are one finding, found in each file that holds a copy.
        let copies = finding["files"].as_array().into_iter().flatten();
        let places: BTreeSet<String> = copies
            .chain([&finding["file"]])
            .filter_map(|file| scanned.place(file.as_str().expect("file")))
            .collect();
        let code = finding["code"].as_str().unwrap_or_default();
        let mut seen: Vec<(String, String)> = Vec::new();
        seen.extend(
            places
                .into_iter()
                .map(|p| (p, format!("{}:{code}", finding["channel"].as_str().unwrap_or_default()))),
        );
        // Twins, two logs of one act, are one finding too; the reference counts records.
        for witness in finding["witnesses"].as_array().into_iter().flatten() {
            let place = scanned.place(witness["file"].as_str().expect("file"));
            let channel = witness["channel"].as_str().unwrap_or_default();
            seen.extend(place.map(|p| (p, format!("{channel}:{code}"))));
        }
        for (place, event) in seen {
            let key = (rule.to_owned(), place);
            *counts.entry(key.clone()).or_default() += 1;
            events.entry(key).or_default().insert(event);
        }
    }
    (counts, events)
}

/// All differing places, summed by rule, side and reason.
fn differences(ours: &Counts, theirs: &Counts, reason: impl Fn(&(String, String)) -> String) -> Rows {
    let keys: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let mut rows = Rows::new();
    for key in keys {
        let (our, their) = (ours.get(key).copied().unwrap_or(0), theirs.get(key).copied().unwrap_or(0));
        if our == their {
            continue;
        }
        let side = if our > their { "more" } else { "fewer" };
        let (files, matches) = rows.entry((key.0.clone(), side, reason(key))).or_default();
        *files += 1;
        *matches += our.abs_diff(their);
    }
    rows
}

fn table(text: &str) -> Rows {
    let mut rows = Rows::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [rule, side, reason, files, matches] = words[..] else { panic!("not five words: {line}") };
        let side = ["more", "fewer"].into_iter().find(|s| *s == side).expect("more or fewer");
        let numbers = (files.parse().expect("files"), matches.parse().expect("matches"));
        let twice = rows.insert((rule.to_owned(), side, reason.to_owned()), numbers);
        assert!(twice.is_none(), "twice in the table: {line}");
    }
    rows
}

/// What the table does not explain, and what it explains without need.
fn complaints(found: &Rows, table: &Rows) -> Vec<String> {
    let row = |(rule, side, reason): &(String, &str, String), (files, matches): &(usize, u64)| {
        format!("{rule} {side} {reason} {files} {matches}")
    };
    let unexplained = found.iter().filter(|(key, numbers)| table.get(key) != Some(numbers));
    let stale = table.iter().filter(|(key, numbers)| found.get(key) != Some(numbers));
    unexplained
        .map(|(key, numbers)| format!("not in the table: {}", row(key, numbers)))
        .chain(stale.map(|(key, numbers)| format!("no longer so: {}", row(key, numbers))))
        .collect()
}

#[test]
fn every_difference_to_the_reference_hits_is_explained() {
    let Some(scanned) = SCANNED.as_ref() else { return };
    let theirs = theirs(&scanned.root);
    let (ours, events) = ours(scanned);
    let (agreed, matches) = ours.iter().fold((0, 0), |(pairs, matches), (key, count)| {
        let their = theirs.get(key).copied().unwrap_or(0);
        (pairs + u64::from(their > 0), matches + their.min(*count))
    });
    let share = |part: u64, whole: u64| 100.0 * part as f64 / whole as f64;
    let (our_sum, their_sum) = (ours.values().sum(), theirs.values().sum());
    println!(
        "rule and file: {agreed} of our {} ({:.1} % precision), of their {} ({:.1} % recall)\nmatches: {matches} of \
         our {our_sum} ({:.1} % precision), of their {their_sum} ({:.1} % recall)",
        ours.len(),
        share(agreed, ours.len() as u64),
        theirs.len(),
        share(agreed, theirs.len() as u64),
        share(matches, our_sum),
        share(matches, their_sum),
    );
    assert!(theirs.len() > 400 && their_sum > 700, "the reference is whole");

    let nothing = BTreeSet::new();
    let reason = |key: &(String, String)| {
        let rule = scanned.rules.get(&key.0);
        let seen = events.get(key).unwrap_or(&nothing);
        let reason = rule.and_then(|rule| REASONS.iter().find(|(_, fits)| fits(rule, seen)));
        reason.map_or("unknown", |(name, _)| name).to_owned()
    };
    let table = table(TABLE);
    for (rule, _, reason) in table.keys() {
        assert!(REASONS.iter().any(|(name, _)| name == reason), "{rule}: {reason} is no reason");
    }
    let mut complaints = complaints(&differences(&ours, &theirs, reason), &table);
    if !complaints.is_empty() {
        // The places, so that a person can go and look.
        for key in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
            let (our, their) = (ours.get(key).unwrap_or(&0), theirs.get(key).unwrap_or(&0));
            if our != their {
                let seen = events.get(key).unwrap_or(&nothing);
                complaints.push(format!("  {} in {}: {our} ours {seen:?}, {their} theirs", key.0, key.1));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));

    for (rule, place) in theirs.keys() {
        let read = scanned.rules[rule].fields();
        let unseen = UNSEEN_THERE.iter().find(|field| read.contains(field));
        assert_eq!(unseen, None, "the reference does see the field: {rule} matches in {place}");
    }
}

#[test]
fn no_rule_of_another_product_matches_a_windows_recording() {
    let Some(scanned) = SCANNED.as_ref() else { return };
    let findings = list(&scanned.scan, "findings");
    let foreign: Vec<String> = findings
        .iter()
        .filter(|f| scanned.product(f).is_some_and(|product| product != "windows"))
        .map(|f| format!("{} in {}", f["rule_path"], f["file"]))
        .collect();
    assert!(findings.len() > 1_000, "{} findings: the corpus is whole", findings.len());
    assert!(foreign.is_empty(), "{} of {}:\n{}", foreign.len(), findings.len(), foreign.join("\n"));
}

#[test]
fn the_table_can_neither_hide_nor_outlive_a_difference() {
    let counts = |rows: &[(&str, &str, u64)]| -> Counts {
        rows.iter().map(|(rule, place, n)| (((*rule).to_owned(), (*place).to_owned()), *n)).collect()
    };
    let check = |ours: &[(&str, &str, u64)], theirs: &[(&str, &str, u64)], rows: &str, expect: &[&str]| {
        let found = differences(&counts(ours), &counts(theirs), |(_, place)| format!("of_{place}"));
        assert_eq!(complaints(&found, &table(rows)), expect);
    };
    check(&[("a", "x", 2)], &[("a", "x", 2)], "", &[]);
    check(&[("a", "x", 2)], &[], "", &["not in the table: a more of_x 1 2"]);
    check(&[], &[("a", "x", 3)], "", &["not in the table: a fewer of_x 1 3"]);
    check(&[("a", "x", 2)], &[("a", "x", 1)], "a more of_x 1 1", &[]);
    check(
        &[("a", "x", 3)],
        &[("a", "x", 1)],
        "a more of_x 1 1",
        &["not in the table: a more of_x 1 2", "no longer so: a more of_x 1 1"],
    );
    check(&[("a", "x", 1)], &[("a", "x", 1)], "a more of_x 1 1", &["no longer so: a more of_x 1 1"]);
    check(&[("a", "x", 2)], &[("a", "y", 2)], "# a comment\n\na more of_x 1 2\na fewer of_y 1 2", &[]);
    check(
        &[("a", "x", 2)],
        &[],
        "a more of_y 1 2",
        &["not in the table: a more of_x 1 2", "no longer so: a more of_y 1 2"],
    );
}
