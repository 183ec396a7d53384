//! Nothing that can stand in a file makes reading panic or take long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use vedette_sigma::{Pack, ReadOptions};

/// Seeds: one document of each kind, with every construct that has a parser of its own.
const SEEDS: [&str; 4] = [
    "title: A\nid: 1\nlogsource: {product: windows}\ndetection:\n    sel:\n        a|contains|all: [x, '*y?']\n        b|re|i: '^(a|b){2,3}\\d+$'\n        c|cidr: 192.0.2.0/24\n        d|base64offset|contains: 'whoami'\n        e|windash|contains: ' -a -b'\n        f|fieldref|endswith: g\n        h|expand: '%x%'\n        i|hour|gte: 3\n    words: [one, 'two*', 3]\n    condition: 1 of sel* and not (words or all of them)\n",
    "title: B\nname: b\nlogsource: {category: process_creation}\ndetection:\n    sel:\n        - a: 1\n          b: null\n        - c|exists: true\n        - word\n    _x: {y|neq|gt: 5}\n    condition:\n        - sel and _x\n        - 2 of *\n---\ntitle: C\ncorrelation:\n    type: temporal\n    rules: [b]\n    timespan: 5m\n    condition: b\n",
    "title: D\ncorrelation:\n    type: value_count\n    rules: [b, D]\n    group-by: [u]\n    timespan: 1h\n    aliases: {u: {b: x}}\n    condition: {field: u, gt: 1, lte: 5}\n---\ntitle: F\nlogsource: {product: windows}\nfilter:\n    rules: any\n    sel: {User: x}\n    condition: not sel\n",
    "a: &a [1, 2]\nb: *a\nc: {<<: {d: |\n  text\n  }}\ntitle: >\n  folded\n  text\ndetection: {s: {x: \"q\\u0041\"}, condition: s}\nlogsource: {product: x}\n",
];

const WORDS: [&str; 34] = [
    "|",
    "||",
    ":",
    "'",
    "\"",
    "\n",
    "\t",
    "  ",
    "---\n",
    "...\n",
    "*",
    "&a",
    "*a",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "not ",
    "1 of ",
    "%",
    "\\",
    "null",
    "<<: ",
    "!!str ",
    "\u{feff}",
    "\u{0}",
    "é",
    "\r\n",
    "# ",
    "99999999999999999999",
    "|contains",
    "|re",
];

/// Reads and renders; the account must add up whatever the text.
fn read(bytes: &[u8]) {
    let start = Instant::now();
    let pack = Pack::read([(Arc::from("a.yml"), bytes)], &ReadOptions::default());
    // Far above what any of these texts needs, even on a busy machine without optimisation.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?} for {} bytes", start.elapsed(), bytes.len());
    let counts = pack.counts();
    assert!(counts.documents > 0);
    assert_eq!(counts.running + counts.left_out, counts.documents);
    let text = String::from_utf8_lossy(bytes);
    for account in &pack.account {
        assert_eq!(account.is_running(), account.cause().is_none());
    }
    // Nobody reads ten thousand messages, and each looks up its line.
    for account in pack.account.iter().take(100) {
        for diagnostic in &account.diagnostics {
            let shown = diagnostic.render(&text);
            assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        }
    }
    for rule in &pack.rules {
        for condition in &rule.detection.conditions {
            assert!(!rule.detection.show(condition).to_string().contains('?'));
        }
    }
}

/// `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { failure_persistence: None, cases: asked.cases.max(600), ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn random_words(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..60)) {
        read(words.concat().as_bytes());
    }

    #[test]
    fn seeds_with_bytes_changed(
        seed in prop::sample::select(&SEEDS[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read(&bytes);
    }

    #[test]
    fn seeds_with_words_put_in_and_parts_cut_out(
        seed in prop::sample::select(&SEEDS[..]),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..12_usize, prop::sample::select(&WORDS[..])),
            1..8,
        ),
    ) {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, cut, word) in changes {
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, word.bytes());
            if bytes.is_empty() {
                bytes.push(b' ');
            }
        }
        read(&bytes);
    }

    #[test]
    fn conditions_of_random_words(
        words in prop::collection::vec(
            prop::sample::select(&["a", "b", "and", "or", "not", "(", ")", "1", "of", "them", "all", "a*", "|", "2"][..]),
            0..40,
        ),
    ) {
        let text = format!(
            "title: A\nlogsource: {{product: x}}\ndetection:\n    a: {{x: 1}}\n    b: {{x: 2}}\n    condition: '{}'\n",
            words.join(" ")
        );
        read(text.as_bytes());
    }
}

#[test]
fn hostile_sizes_are_read_in_bounded_time() {
    let rule = |value: &str| {
        format!(
            "title: A\nlogsource: {{product: x}}\ndetection:\n    s:\n        {value}\n    condition: s\n"
        )
    };
    let many = |text: &str, times: usize| text.repeat(times);
    for (name, text) in [
        ("brackets", many("[", 100_000)),
        ("braces", many("{a: ", 50_000)),
        ("dashes", many("- ", 50_000)),
        ("anchors", (0..5_000).map(|i| format!("a{i}: &a{i} x\nb{i}: *a{i}\n")).collect::<String>()),
        ("documents", many("---\na: 1\n", 20_000)),
        ("too many documents", many("---\na\n", 51_000)),
        ("keys", (0..50_000).map(|i| format!("k{i}: 1\n")).collect::<String>()),
        ("conditions", rule("a: 1").replace("condition: s", &format!("condition: {}s", many("not ", 15_000)))),
        ("dashes in a value", rule(&format!("a|windash: '{}'", many(" -a", 10_000)))),
        ("percent signs", rule(&format!("a|expand: '{}'", many("%a", 10_000)))),
        ("repetitions", rule("a|re: '((((a{99}){99}){99}){99}){99}'")),
        ("groups", rule(&format!("a|re: '{}'", many("(", 10_000)))),
        ("classes", rule(&format!("a|re: '{}'", many("\\w", 5_000)))),
        ("values", rule(&format!("a: [{}]", many("x, ", 30_000)))),
        ("stars", rule(&format!("a: '{}'", many("*", 100_000)))),
        ("one long line", many("x", 1_000_000)),
        ("quotes", format!("a: '{}", many("''", 100_000))),
        ("correlations", (0..3_000).map(|i| {
            format!("---\ntitle: c{i}\nid: c{i}\ncorrelation: {{type: temporal, rules: [c{}], timespan: 1h}}\n", (i + 1) % 3_000)
        }).collect::<String>()),
    ] {
        let start = Instant::now();
        read(text.as_bytes());
        println!("{name}: {} bytes in {:?}", text.len(), start.elapsed());
    }
}
