//! Agreement with a second parser, `rsigma-parser`: the same documents accepted, the same conditions, fields and values.

use std::collections::BTreeMap;

use rsigma_parser::{Detection, DetectionItem, Modifier, SigmaRule, SigmaValue, SpecialChar, StringPart};
use vedette_sigma::{Condition, Matcher, Quantifier, Rule, Selector, Token, Verdict};

use crate::corpus::{corpus, files, pack};

/// Why the two differ in what they accept, by our code and who accepts.
const EXPLAINED: [(&str, &str); 3] = [
    ("VD-S020", "they keep placeholders for the evaluator, we leave the rule out until its list is given"),
    ("VD-S011", "they join the parts of `action: global`, which Sigma 2 no longer has"),
    ("VD-S027", "they do not look for doubled ids"),
];

#[test]
fn the_same_documents_are_accepted() {
    let Some(folder) = corpus("sigma/rules") else { return };
    let texts = files(&folder);
    let pack = pack(&texts);
    let mut unexplained = Vec::new();
    let mut both = 0;
    for (path, text) in &texts {
        let theirs = rsigma_parser::parse_sigma_yaml(&String::from_utf8_lossy(text)).map_or(0, |c| c.len());
        let ours: Vec<_> = pack.account.iter().filter(|a| a.path == *path).collect();
        let running = ours.iter().filter(|a| a.is_running()).count();
        both += running.min(theirs);
        let explained = ours.iter().any(|a| match &a.verdict {
            Verdict::LeftOut { code, .. } => EXPLAINED.iter().any(|(c, _)| *c == code.to_string()),
            Verdict::Running => false,
        });
        if theirs > running && !explained || running > theirs {
            unexplained.push(format!("{path}: {running} here, {theirs} there"));
        }
    }
    println!("{both} documents are accepted by both");
    assert!(both > 3_900);
    assert_eq!(unexplained, Vec::<String>::new());
}

#[test]
fn accepted_rules_say_the_same() {
    let Some(folder) = corpus("sigma/rules") else { return };
    let texts = files(&folder);
    let pack = pack(&texts);
    let ours: BTreeMap<&str, &Rule> = pack.rules.iter().map(|r| (r.meta.id.as_str(), r)).collect();
    let mut different = Vec::new();
    let mut compared = (0, 0);
    for text in texts.values() {
        let Ok(collection) = rsigma_parser::parse_sigma_yaml(&String::from_utf8_lossy(text)) else {
            continue;
        };
        for theirs in &collection.rules {
            let Some(rule) = theirs.id.as_deref().and_then(|id| ours.get(id)) else { continue };
            compared.0 += 1;
            let conditions: Vec<String> = rule.detection.conditions.iter().map(|c| show(c, rule)).collect();
            let expected: Vec<String> = theirs.detection.conditions.iter().map(ToString::to_string).collect();
            let (values, wanted) = (values(rule), values_theirs(theirs));
            compared.1 += wanted.len();
            let values: Vec<String> = values
                .into_iter()
                .filter(|v| wanted.contains(v) || !theirs.detection.named.values().any(rewrites))
                .collect();
            if conditions != expected || values != wanted || rule.meta.title != theirs.title.trim() {
                let odd: Vec<_> = values.iter().filter(|v| !wanted.contains(v)).take(2).collect();
                let missing: Vec<_> = wanted.iter().filter(|v| !values.contains(v)).take(2).collect();
                different.push(format!("{} {conditions:?} {expected:?} {odd:?} {missing:?}", rule.meta.id));
            }
        }
    }
    println!("{} rules with {} text values compared", compared.0, compared.1);
    assert!(compared.0 > 3_900 && compared.1 > 20_000, "{compared:?}");
    assert_eq!(different, Vec::<String>::new());
}

fn show(condition: &Condition, rule: &Rule) -> String {
    // They write an `and` within an `and` as one; it means the same.
    fn flat<'a>(parts: &'a [Condition], and: bool, all: &mut Vec<&'a Condition>) {
        for part in parts {
            match part {
                Condition::And(inner) if and => flat(inner, and, all),
                Condition::Or(inner) if !and => flat(inner, and, all),
                other => all.push(other),
            }
        }
    }
    let list = |parts: &[Condition], word: &str| {
        let mut all = Vec::new();
        flat(parts, word == " and ", &mut all);
        format!("({})", all.iter().map(|p| show(p, rule)).collect::<Vec<_>>().join(word))
    };
    match condition {
        Condition::Selection(index) => rule.detection.selections[*index].name.clone(),
        Condition::And(parts) => list(parts, " and "),
        Condition::Or(parts) => list(parts, " or "),
        Condition::Not(inner) => format!("not {}", show(inner, rule)),
        Condition::Of { quantifier, selector, .. } => format!(
            "{} of {}",
            if *quantifier == Quantifier::All { "all" } else { "1" },
            match selector {
                Selector::Them => "them",
                Selector::Pattern(pattern) => pattern,
            }
        ),
    }
}

/// Every text value as `field=pattern`, sorted; only where no modifier rewrites text beyond wildcards at its ends.
fn values(rule: &Rule) -> Vec<String> {
    let mut all = Vec::new();
    rule.detection.each_item(&mut |item| {
        for matcher in &item.matchers {
            if let Matcher::Glob(glob) = matcher {
                let pattern: String = glob
                    .tokens
                    .iter()
                    .map(|t| match t {
                        Token::Text(text) => text.replace('*', "<star>").replace('?', "<one>"),
                        Token::One => "?".to_owned(),
                        Token::Many => "*".to_owned(),
                    })
                    .collect();
                all.push(format!("{}={pattern}", item.field.as_deref().unwrap_or("")));
            }
        }
    });
    all.sort();
    all
}

/// Modifiers that leave a text which is not the value with wildcards at its ends.
fn rewrites(detection: &Detection) -> bool {
    match detection {
        Detection::AllOf(items) => items
            .iter()
            .any(|i| i.field.has_modifier(Modifier::Base64) || i.field.has_modifier(Modifier::WindAsh)),
        Detection::AnyOf(inner) | Detection::And(inner) => inner.iter().any(rewrites),
        _ => false,
    }
}

fn values_theirs(rule: &SigmaRule) -> Vec<String> {
    let mut all = Vec::new();
    for detection in rule.detection.named.values() {
        collect(detection, &mut all);
    }
    all.sort();
    all
}

fn collect(detection: &Detection, all: &mut Vec<String>) {
    let text = |value: &SigmaValue, before: bool, after: bool| -> Option<String> {
        let SigmaValue::String(string) = value else { return None };
        let mut pattern: String = string
            .parts
            .iter()
            .map(|p| match p {
                StringPart::Plain(text) => text.replace('*', "<star>").replace('?', "<one>"),
                StringPart::Special(SpecialChar::WildcardMulti) => "*".to_owned(),
                StringPart::Special(SpecialChar::WildcardSingle) => "?".to_owned(),
            })
            .collect();
        if before && !pattern.starts_with('*') {
            pattern.insert(0, '*');
        }
        if after && !pattern.ends_with('*') {
            pattern.push('*');
        }
        while pattern.contains("**") {
            pattern = pattern.replace("**", "*");
        }
        Some(pattern)
    };
    let mut item = |item: &DetectionItem| {
        let has = |m: Modifier| item.field.modifiers.contains(&m);
        let plain =
            [Modifier::Contains, Modifier::StartsWith, Modifier::EndsWith, Modifier::All, Modifier::Cased];
        if item.field.modifiers.iter().any(|m| !plain.contains(m)) {
            return;
        }
        let keyword = item.field.name.is_none();
        let before = has(Modifier::Contains) || has(Modifier::EndsWith) || keyword;
        let after = has(Modifier::Contains) || has(Modifier::StartsWith) || keyword;
        for value in &item.values {
            if let Some(pattern) = text(value, before, after) {
                all.push(format!("{}={pattern}", item.field.name.as_deref().unwrap_or("")));
            }
        }
    };
    match detection {
        Detection::AllOf(items) => items.iter().for_each(&mut item),
        Detection::AnyOf(inner) | Detection::And(inner) => inner.iter().for_each(|d| collect(d, all)),
        Detection::Keywords(values) => {
            all.extend(values.iter().filter_map(|v| text(v, true, true)).map(|p| format!("={p}")))
        }
        Detection::ArrayMatch { body, .. } => collect(body, all),
        Detection::Conditional { named, .. } => named.values().for_each(|d| collect(d, all)),
    }
}
