//! Looks for an event that tells a surviving mutant from its rule: the bench case that is missing.
//!
//! The events of the bench are changed in one field at a time, to the values that the rule's own text suggests. An event
//! found so is a proposal for a person: whether such a thing happens is theirs to judge.

use vedette_detect::slow;
use vedette_model::{Event, Kind, Native};
use vedette_sigma::{Block, Glob, Item, Matcher, Rule, Token};

use super::{Expect, Judged, Runner};
use crate::bench::case::Record;

/// A case that would notice the mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    pub expect: Expect,
    /// Line of the case whose event was changed.
    pub like: u32,
    pub source: String,
    /// The event as a bench writes it.
    pub event: String,
    /// What was changed about it, `field: value`.
    pub changed: String,
}

/// The first event that the rule and the mutant judge differently.
pub fn search(
    runner: &mut Runner,
    cases: &[Judged],
    index: u32,
    rule: &Rule,
    mutant: &Rule,
) -> Option<Witness> {
    let content = runner.content.clone();
    let mut values: Vec<(String, Vec<String>)> = Vec::new();
    for selection in &rule.detection.selections {
        each_item(&selection.block, &mut |item| suggest(item, &mut values));
    }
    // Cases that fire are nearest to the edge; then the others.
    let mut ordered: Vec<&Judged> = cases.iter().collect();
    ordered.sort_by_key(|j| j.case.expect != Expect::Fires);
    for judged in ordered {
        for given in &judged.case.events {
            let Record::Native(native) = &given.record else { continue };
            let mut event = Event { native: native.clone(), ..Event::default() };
            if runner.normalizer.understand(&given.source, &mut event).is_err() {
                continue;
            }
            if !content.plan.rules_of(event.lane).contains(&index) {
                continue;
            }
            let aliases = &content.catalogue.lane(event.lane).aliases;
            for (field, suggested) in &values {
                let own = [field.clone()];
                let names = aliases.get(field).filter(|n| !n.is_empty()).map_or(&own[..], Vec::as_slice);
                let name = names.iter().find(|n| native.get(n).is_some()).or(names.first())?;
                let current = native.get(name).unwrap_or_default();
                let mut tries: Vec<Option<String>> = suggested.iter().cloned().map(Some).collect();
                tries.extend([
                    Some(format!("{current}x")),
                    Some(format!("x{current}")),
                    Some("other".to_owned()),
                    Some("1".to_owned()),
                    None,
                ]);
                for value in tries {
                    let changed = with(native, name, value.as_deref());
                    let mut event = Event { native: changed.clone(), ..Event::default() };
                    if runner.normalizer.understand(&given.source, &mut event).is_err() {
                        continue;
                    }
                    let lane = content.catalogue.lane(event.lane);
                    // A record that has changed its kind reads as a slip and proves little.
                    if !content.plan.rules_of(event.lane).contains(&index) {
                        continue;
                    }
                    let written = slow::matches(rule, lane, &event.native);
                    if written != slow::matches(mutant, lane, &event.native) {
                        return Some(Witness {
                            expect: if written { Expect::Fires } else { Expect::StaysQuiet },
                            like: judged.case.line,
                            source: given.source.clone(),
                            event: flow(&changed),
                            changed: format!("{name}: {}", value.as_deref().unwrap_or("(absent)")),
                        });
                    }
                }
            }
        }
    }
    None
}

fn each_item(block: &Block, tell: &mut dyn FnMut(&Item)) {
    match block {
        Block::Item(item) => tell(item),
        Block::All(parts) | Block::Any(parts) => parts.iter().for_each(|p| each_item(p, tell)),
    }
}

/// Texts that an item asks for, whole and with something before or behind them.
fn suggest(item: &Item, values: &mut Vec<(String, Vec<String>)>) {
    let Some(field) = &item.field else { return };
    let at = values.iter().position(|(f, _)| f == field).unwrap_or_else(|| {
        values.push((field.clone(), Vec::new()));
        values.len() - 1
    });
    let mut texts = Vec::new();
    item.matchers.iter().for_each(|m| plain(m, &mut texts));
    for text in texts {
        let all = [text.clone(), format!("{text}x"), format!("x{text}"), format!("x{text}x")];
        values[at].1.extend(all);
    }
}

fn plain(matcher: &Matcher, texts: &mut Vec<String>) {
    match matcher {
        Matcher::AnyOf(inner) => inner.iter().for_each(|m| plain(m, texts)),
        Matcher::Glob(Glob { tokens, .. }) => {
            let text = tokens.iter().map(|t| match t {
                Token::Text(text) => text.as_str(),
                Token::One => "y",
                Token::Many => "",
            });
            texts.push(text.collect());
        }
        Matcher::Number(_, number) => texts.extend([number.to_string(), (number + 1.0).to_string()]),
        Matcher::Bool(asked) => texts.extend([asked.to_string(), (!asked).to_string()]),
        Matcher::Cidr(net) => texts.push(net.addr().to_string()),
        _ => {}
    }
}

/// The record with another value under `name`, or without it.
fn with(native: &Native, name: &str, value: Option<&str>) -> Native {
    let mut changed = Native::new();
    let mut placed = false;
    for field in native.iter() {
        if field.name != name {
            changed.push(field.name, field.value, field.kind);
        } else if let (Some(value), false) = (value, placed) {
            changed.push(name, value, if field.kind == Kind::Null { Kind::Text } else { field.kind });
            placed = true;
        }
    }
    if let (Some(value), false) = (value, placed) {
        changed.push_text(name, value);
    }
    changed
}

/// As a flow map of YAML; a name with several values gets a list.
fn flow(native: &Native) -> String {
    let mut names: Vec<&str> = Vec::new();
    for field in native.iter() {
        if !names.contains(&field.name) {
            names.push(field.name);
        }
    }
    let shown = |name: &str| {
        let values: Vec<String> = native
            .iter()
            .filter(|f| f.name == name)
            .map(|f| match f.kind {
                Kind::Null => "null".to_owned(),
                Kind::Bool => f.value.to_owned(),
                Kind::Number if f.value.parse::<f64>().is_ok() => f.value.to_owned(),
                _ => quoted(f.value),
            })
            .collect();
        let value = match &values[..] {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        format!("{name}: {value}")
    };
    format!("{{ {} }}", names.into_iter().map(shown).collect::<Vec<_>>().join(", "))
}

/// In single quotes, or in double ones where a line break or other control must be written out.
fn quoted(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
