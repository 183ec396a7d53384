//! Benches that are sharp, and benches that are not.

use super::*;

const MAPPING: &str = "id: app_log\ntitle: App\ninput: json\nmatch: { exists: [app] }\nlogsource: { product: app, category: start }\n";

const RULE: &str = "title: Started by hand
id: 3f0d2c34-6f0c-4a57-9d2b-0f8d2a9c1e11
logsource: { product: app, category: start }
detection:
  selection:
    Image|endswith: '\\tool.exe'
    CommandLine|contains|all: [ ' -a', ' -b' ]
  filter_service:
    User: service
  condition: selection and not 1 of filter_*
level: high
";

const SHARP: &str = r"fires_on:
  - { why: by a person, source: app_log, event: { app: 1, Image: 'C:\tool.exe', CommandLine: 'tool -a -b', User: ana } }
  - { why: a person called after the service, source: app_log, event: { app: 1, Image: 'C:\tool.exe', CommandLine: 'tool -a -b', User: services } }
stays_quiet_on:
  - { why: another program, source: app_log, event: { app: 1, Image: 'C:\other.exe', CommandLine: 'tool -a -b', User: ana } }
  - { why: a copy put aside, source: app_log, event: { app: 1, Image: 'C:\tool.exe.old\a.exe', CommandLine: 'tool -a -b', User: ana } }
  - { why: one switch, source: app_log, event: { app: 1, Image: 'C:\tool.exe', CommandLine: 'tool -a', User: ana } }
  - { why: the service, source: app_log, event: { app: 1, Image: 'C:\tool.exe', CommandLine: 'tool -a -b', User: service } }
";

fn source(path: &str, text: &str) -> Source {
    Source { path: path.into(), text: text.as_bytes().to_vec() }
}

fn mutate(rule: &str, bench: &str) -> FileMutants {
    let mappings = Mappings::load(&[source("app_log.yml", MAPPING)]);
    rule_file(&source("r.yml", rule), &source("r.bench.yml", bench), &mappings)
}

fn survivors(of: &FileMutants) -> Vec<String> {
    of.survivors().map(|m| format!("{}: {}", m.change, m.condition)).collect()
}

#[test]
fn a_sharp_bench_notices_every_mutant() {
    let told = mutate(RULE, SHARP);
    assert_eq!(told.broken, []);
    assert_eq!(survivors(&told), Vec::<String>::new());
    let changes: Vec<(u32, &str)> = told.mutants.iter().map(|m| (m.line, m.change.as_str())).collect();
    assert_eq!(
        changes,
        [
            (5, "without"),
            (8, "without"),
            (6, "without"),
            (6, "endswith loosened to contains"),
            (7, "without"),
            (7, "all of the values loosened to one of them"),
            (9, "exact loosened to contains"),
        ]
    );
}

/// Each case of the sharp bench but the first guards something that no other case does.
#[test]
fn without_a_case_its_mutants_survive_and_a_witness_is_proposed() {
    let lines: Vec<&str> = SHARP.lines().collect();
    for (gone, survivor) in [
        (2, "exact loosened to contains: User: service"),
        (5, "endswith loosened to contains: Image|endswith: '\\tool.exe'"),
        (6, "all of the values loosened to one of them: CommandLine|contains|all: [ ' -a', ' -b' ]"),
        (7, "without: not 1 of filter_*"),
    ] {
        let rest: Vec<&str> = lines.iter().enumerate().filter(|(i, _)| *i != gone).map(|(_, l)| *l).collect();
        let told = mutate(RULE, &(rest.join("\n") + "\n"));
        let left = survivors(&told);
        assert!(left.contains(&survivor.to_owned()), "{gone}: {left:?}");
        for mutant in told.survivors() {
            let witness = mutant.witness.as_ref().unwrap_or_else(|| panic!("no witness for {mutant:?}"));
            // The proposed case turns the survivor.
            let key = if witness.expect == Expect::Fires { "fires_on:" } else { "stays_quiet_on:" };
            let case = format!("{key}\n  - {{ why: w, source: app_log, event: {} }}", witness.event);
            let again = mutate(RULE, &(rest.join("\n").replace(key, &case) + "\n"));
            assert_eq!(again.broken, [], "{case}");
            let same = |m: &&Mutant| (m.line, &m.change) == (mutant.line, &mutant.change);
            assert!(!again.survivors().any(|m| same(&m)), "{case}");
        }
    }
}

#[test]
fn a_case_that_does_not_hold_notices_nothing() {
    let told = mutate(
        RULE,
        &SHARP.replace("User: ana } }\n  - { why: a person", "User: service } }\n  - { why: a person"),
    );
    assert_eq!(told.broken.len(), 1);
    assert_eq!(
        told.broken[0],
        (
            2,
            "did not fire; the rule read Image=C:\\tool.exe, CommandLine=tool -a -b, User=service".to_owned()
        )
    );
}

#[test]
fn windows_are_changed_too() {
    let rules = "title: Three starts
id: 11111111-2222-4333-8444-00000000000b
correlation:
  type: event_count
  rules: [started]
  group-by: [User]
  timespan: 10m
  condition: { gte: 3 }
level: high
---
title: A start
id: 11111111-2222-4333-8444-00000000000a
name: started
logsource: { product: app, category: start }
detection:
  selection: { Image: tool }
  condition: selection
level: informational
";
    let event = "event: { app: 1, Image: tool, User: ana }";
    let bench = format!(
        "fires_on:
  - why: three in a row
    source: app_log
    events: [ {{ time: '2026-03-02T09:00:00Z', repeat: 3, every: 1m, {event} }} ]
stays_quiet_on:
  - why: two
    source: app_log
    events: [ {{ time: '2026-03-02T09:00:00Z', repeat: 2, every: 1m, {event} }} ]
"
    );
    let told = mutate(rules, &bench);
    assert_eq!(told.broken, []);
    let left = survivors(&told);
    assert_eq!(
        left,
        [
            "without: selection",
            "exact loosened to contains: selection: { Image: tool }",
            "timespan ten times as long: timespan: 10m",
            "without: group-by: User"
        ]
    );
    let sharp = bench
        + "  - why: over an hour
    source: app_log
    events: [ { time: '2026-03-02T09:00:00Z', repeat: 3, every: 20m, event: { app: 1, Image: tool, User: ana } } ]
  - why: three people
    source: app_log
    events: [ { time: '2026-03-02T09:00:00Z', repeat: 3, every: 1m, event: { app: 1, Image: tool, User: 'u{n}' } } ]
  - why: another tool
    source: app_log
    events: [ { time: '2026-03-02T09:00:00Z', repeat: 3, every: 1m, event: { app: 1, Image: tools, User: ana } } ]
";
    assert_eq!(survivors(&mutate(rules, &sharp)), Vec::<String>::new());
}
