//! What a rule's text becomes.

use vedette_sigma::{Fold, Glob, Level, Matcher, NumberTest, Quantifier, Status, Token};

use crate::{items, read, rule, running, shape};

fn glob(tokens: &[&str]) -> Matcher {
    let tokens = tokens
        .iter()
        .map(|t| match *t {
            "*" => Token::Many,
            "?" => Token::One,
            text => Token::Text(text.to_owned()),
        })
        .collect();
    Matcher::Glob(Glob { tokens, fold: Fold::Ignore })
}

/// The matchers of the one item in `field: value`.
fn matchers(line: &str) -> Vec<Matcher> {
    let text = rule("r", &format!("    selection:\n        {line}\n    condition: selection\n"));
    let rule = running(&text);
    let items = items(&rule);
    assert_eq!(items.len(), 1, "{line}");
    items[0].matchers.clone()
}

#[test]
fn values_keep_their_type() {
    let check = |line: &str, expect: Vec<Matcher>| assert_eq!(matchers(line), expect, "{line}");
    check("a: whoami", vec![glob(&["whoami"])]);
    check("a: 'C:\\Windows\\*'", vec![glob(&["C:\\Windows*"])]);
    check("a: 'C:\\\\Windows\\\\*'", vec![glob(&["C:\\Windows\\", "*"])]);
    check("a: 4688", vec![Matcher::Number(NumberTest::Eq, 4688.0)]);
    check("a: '4688'", vec![glob(&["4688"])]);
    check("a: !!str 4688", vec![glob(&["4688"])]);
    check("a: 0x10", vec![Matcher::Number(NumberTest::Eq, 16.0)]);
    check("a: 0012", vec![glob(&["0012"])]);
    check("a: true", vec![Matcher::Bool(true)]);
    check("a: 'true'", vec![glob(&["true"])]);
    check("a: null", vec![Matcher::Null]);
    check("a:", vec![Matcher::Null]);
    check("a: ''", vec![glob(&[])]);
    check("a: [x, 1, null]", vec![glob(&["x"]), Matcher::Number(NumberTest::Eq, 1.0), Matcher::Null]);
    check("a: []", vec![]);
    check("a|contains: 1", vec![glob(&["*", "1", "*"])]);
    check("a|endswith: 010", vec![glob(&["*", "010"])]);
    check("a|re: 12", vec![Matcher::Regex("12".into())]);
    check("a|exists: no", vec![Matcher::Exists(false)]);
    check("a: 123456789012345678901234567890", vec![glob(&["123456789012345678901234567890"])]);
}

#[test]
fn quantifier_and_negation_come_from_the_chain() {
    let text = rule(
        "r",
        "    selection:\n        a|contains|all: [x, y]\n        b|neq: z\n        c|neq|all|endswith: [x, y]\n    condition: selection\n",
    );
    let rule = running(&text);
    let seen: Vec<_> = items(&rule).iter().map(|i| (i.quantifier, i.negated)).collect();
    assert_eq!(seen, [(Quantifier::All, false), (Quantifier::Any, true), (Quantifier::All, true)]);
}

#[test]
fn maps_are_all_and_lists_are_any() {
    let check = |lines: &str, expect: &str| {
        let text = rule("r", &format!("    selection:\n{lines}    condition: selection\n"));
        assert_eq!(shape(&running(&text).detection.selections[0].block), expect, "{lines}");
    };
    check("        a: 1\n        b: 2\n", "&[a b]");
    check("        - a: 1\n          b: 2\n        - c: 3\n", "|[&[a b] &[c]]");
    check("        - word\n        - other\n", "*");
    check("        - word\n        - c: 3\n        - other\n", "|[* &[c]]");
    check("        '|all':\n            - word\n            - other\n", "&[*]");
    check("        - '|all': [word, other]\n        - a: 1\n", "|[&[*] &[a]]");
    check("        '|contains': word\n        a: 1\n", "&[* a]");
    check("        {a: 1, b|contains: [x, y]}\n", "&[a b]");
}

#[test]
fn keywords_are_looked_for_anywhere_in_a_value() {
    let text =
        rule("r", "    words:\n        - 'a b'\n        - 'c*d'\n        - 42\n    condition: words\n");
    let rule = running(&text);
    let items = items(&rule);
    assert_eq!(items[0].field, None);
    assert_eq!(
        items[0].matchers,
        [glob(&["*", "a b", "*"]), glob(&["*", "c", "*", "d", "*"]), Matcher::Number(NumberTest::Eq, 42.0)]
    );
    assert!(rule.has_keywords());
    let text = rule_with_single_keyword();
    assert_eq!(crate::items(&running(&text))[0].matchers, [glob(&["*", "lonely", "*"])]);
}

fn rule_with_single_keyword() -> String {
    rule("r", "    words: lonely\n    condition: words\n")
}

#[test]
fn a_keyword_may_carry_its_own_modifiers() {
    let text = rule(
        "r",
        "    words:\n        '|startswith': x\n    all_of_them:\n        '|re|all': ['^a', 'b$']\n    condition: 1 of them\n",
    );
    let rule = running(&text);
    let items = items(&rule);
    assert_eq!(items[0].matchers, [glob(&["x", "*"])]);
    assert_eq!(items[1].quantifier, Quantifier::All);
    assert_eq!(items[1].matchers, [Matcher::Regex("^a".into()), Matcher::Regex("b$".into())]);
}

#[test]
fn several_conditions_are_kept_apart() {
    let text = rule(
        "r",
        "    a:\n        x: 1\n    b:\n        y: 1\n    condition:\n        - a and b\n        - not a\n",
    );
    let rule = running(&text);
    let shown: Vec<String> =
        rule.detection.conditions.iter().map(|c| rule.detection.show(c).to_string()).collect();
    assert_eq!(shown, ["a and b", "not a"]);
}

#[test]
fn the_metadata_is_read_as_written() {
    let text = "title: ' A title '\nid: r-1\nname: by_name\nstatus: test\nlevel: HIGH\nauthor: [Ana, Ben]\nlicense: MIT\n\
        date: 2026-01-02\nmodified: 2026/01/03\nreferences:\n    - https://example.com/a\ntags: [attack.t1059.001]\n\
        falsepositives: Backup software\nguide: |\n  Look at the parent.\n\n  Then ask.\nfields: [CommandLine]\nscope: [server]\ncustom: 1\n\
        logsource: {product: Windows, service: Security, definition: Audit on}\n\
        detection: {selection: {a: 1, b|fieldref: c}, condition: selection}\n";
    let rule = running(text);
    let meta = &rule.meta;
    assert_eq!((meta.title.as_str(), meta.id.as_str()), ("A title", "r-1"));
    assert_eq!(
        (meta.name.as_deref(), meta.status, meta.level),
        (Some("by_name"), Some(Status::Test), Some(Level::High))
    );
    assert_eq!((meta.author.as_deref(), meta.license.as_deref()), (Some("Ana, Ben"), Some("MIT")));
    assert_eq!((meta.date.as_deref(), meta.modified.as_deref()), (Some("2026-01-02"), Some("2026/01/03")));
    assert_eq!(meta.falsepositives, ["Backup software"]);
    assert_eq!(meta.guide.as_deref(), Some("Look at the parent.\nThen ask."));
    assert_eq!(meta.tags, ["attack.t1059.001"]);
    assert_eq!(rule.logsource.product.as_deref(), Some("windows"));
    assert_eq!(rule.logsource.service.as_deref(), Some("security"));
    assert_eq!(rule.fields(), ["a", "b", "c"]);
}

#[test]
fn a_rule_without_id_is_known_by_its_text() {
    let text = "title: No id\nlogsource: {product: linux}\ndetection: {s: {a: 1}, condition: s}\n";
    let id = running(text).meta.id;
    assert_eq!((id.len(), id == running(text).meta.id), (32, true));
    assert_ne!(id, running(&text.replace("No id", "Other")).meta.id);
}

#[test]
fn line_ends_and_marks_of_editors_do_no_harm() {
    let text = rule("r", "    selection:\n        a: 1\n    condition: selection\n");
    running(&text.replace('\n', "\r\n"));
    running(&format!("\u{feff}{text}"));
    running(&format!("---\n{text}...\n"));
    running(&format!("# a comment\n---\n# another\n{text}---\n# the end\n"));
    running(&format!("%YAML 1.2\n---\n{text}"));
}

#[test]
fn a_broken_document_does_not_take_its_neighbours_along() {
    let good = |id: &str| rule(id, "    selection:\n        a: 1\n    condition: selection\n");
    let text = format!("{}---\ntitle: [broken\n---\n{}", good("r1"), good("r2"));
    let pack = read(&[("many.yml", &text)]);
    assert_eq!(crate::codes(&pack), ["running", "VD-S004", "running"]);
    assert_eq!(pack.account[1].title.as_deref(), Some("[broken"));
    assert_eq!(pack.account[2].line as usize, good("r1").lines().count() + 4);
    assert_eq!(pack.rules[1].meta.place.line, pack.account[2].line);
}

#[test]
fn places_point_at_the_file() {
    let text = format!(
        "# one\n---\n{}",
        rule("r", "    selection:\n        Field|contains: 1\n    condition: selection\n")
    );
    let rule = running(&text);
    let place = &items(&rule)[0].place;
    let line = text.lines().nth(place.line as usize - 1).expect("a line");
    assert!(line[place.column as usize - 1..].starts_with("Field|contains"), "{place} {line}");
}
