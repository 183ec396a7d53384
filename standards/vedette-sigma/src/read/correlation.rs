//! Correlation documents, as far as they can be read without knowing the rules they refer to.
//!
//! Source: Sigma correlation rules specification 2.1.0. A boolean condition over rule names follows the extension of
//! the reference implementation.

use crate::correlation::{Bound, Comparison, CorrelationKind};
use crate::diagnostic::{Code, Place};
use crate::limits;
use crate::nearest::nearest;
use crate::read::condition;
use crate::read::meta::{self, missing};
use crate::read::reader::Reader;
use crate::read::yaml::{Data, Node, Scalar};
use crate::rule::{Condition, Meta, NumberTest};

/// A correlation whose references are still names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CorrelationDraft {
    pub meta: Meta,
    pub kind: CorrelationKind,
    pub rules: Vec<Reference>,
    pub group_by: Vec<String>,
    /// Alias -> (name of a rule as written, field, place).
    pub aliases: Vec<(String, Vec<(Reference, String)>)>,
    pub timespan_ms: u64,
    pub condition: Bound,
    pub expression: Option<Condition>,
    pub generate: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub name: String,
    pub place: Place,
    pub width: u32,
}

const TYPES: [&str; 7] = [
    "event_count",
    "temporal",
    "temporal_ordered",
    "value_avg",
    "value_count",
    "value_percentile",
    "value_sum",
];

pub(crate) fn read(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<CorrelationDraft> {
    let meta = meta::read(reader, node);
    let (_, body) = node.entry("correlation")?;
    if body.map().is_none() {
        reader.fatal(
            Code::SHAPE,
            body,
            format!("`correlation` is {}, a map belongs here", body.kind()),
            None,
        );
        return None;
    }
    let rules = references(reader, body);
    let timespan_ms = timespan(reader, body);
    let group_by = meta::words(reader, body, "group-by");
    if group_by.is_empty()
        && let Some((key, _)) = body.entry("group_by")
    {
        let help = Some("did you mean `group-by`?");
        reader.fatal(Code::SHAPE, key, "`group_by` is no part of a correlation", help);
    }
    let kind_and_bound = kind(reader, body, &rules);
    let aliases = aliases(reader, body);
    // The schema puts it at the root of the document; people write it into the correlation too.
    let generate = [node.get("generate"), body.get("generate")]
        .into_iter()
        .flatten()
        .any(|n| n.scalar() == Some(Scalar::Bool(true)));
    let (kind, condition, expression) = kind_and_bound?;
    if reader.is_fatal() {
        return None;
    }
    Some(CorrelationDraft {
        meta: meta?,
        kind,
        rules,
        group_by,
        aliases,
        timespan_ms: timespan_ms?,
        condition,
        expression,
        generate,
    })
}

fn references(reader: &mut Reader<'_>, body: &Node<'_>) -> Vec<Reference> {
    let Some(value) = body.get("rules") else {
        missing(reader, body, "rules", "correlation");
        return Vec::new();
    };
    let items: Vec<&Node<'_>> = match &value.data {
        Data::List(items) => items.iter().collect(),
        _ => vec![value],
    };
    if items.len() > limits::CORRELATION_RULES_MAX {
        let fault = format!("more than {} rules are referred to", limits::CORRELATION_RULES_MAX);
        reader.fatal(Code::EXPANSION, value, fault, None);
        return Vec::new();
    }
    let mut all: Vec<Reference> = Vec::with_capacity(items.len());
    for item in &items {
        match item.text().map(str::trim).filter(|t| !t.is_empty()) {
            Some(name) if all.iter().any(|r| r.name == name) => {
                reader.note(Code::STYLE, item, format!("`{name}` is referred to twice"), None);
            }
            Some(name) => all.push(Reference {
                name: name.to_owned(),
                place: reader.place(item.mark),
                width: item.width,
            }),
            None => {
                let fault = format!("{} stands where the id or name of a rule belongs", item.kind());
                reader.fatal(Code::SHAPE, item, fault, None);
            }
        }
    }
    if items.is_empty() {
        reader.fatal(Code::MISSING, value, "the correlation refers to no rule", None);
    }
    all
}

/// Milliseconds for each unit; month and year are the mean of the Gregorian calendar, as in the reference
/// implementation.
const UNITS: [(char, u64); 7] = [
    ('s', 1_000),
    ('m', 60_000),
    ('h', 3_600_000),
    ('d', 86_400_000),
    ('w', 604_800_000),
    ('M', 2_629_746_000),
    ('y', 31_556_952_000),
];

fn timespan(reader: &mut Reader<'_>, body: &Node<'_>) -> Option<u64> {
    let Some(value) = body.get("timespan").or_else(|| body.get("timeframe")) else {
        missing(reader, body, "timespan", "correlation");
        return None;
    };
    let text = value.text().unwrap_or_default().trim();
    let unit = text.chars().last().and_then(|c| UNITS.iter().find(|(u, _)| *u == c));
    let count = text.get(..text.len().saturating_sub(1)).and_then(|n| n.parse::<u64>().ok());
    let (Some((_, unit)), Some(count)) = (unit, count) else {
        let fault = format!("`{text}` is no timespan");
        reader.fatal(
            Code::TIMESPAN,
            value,
            fault,
            Some("write a number and one of s, m, h, d, for example `15m`"),
        );
        return None;
    };
    let span = count.checked_mul(*unit).filter(|s| (1..=limits::TIMESPAN_MAX_MS).contains(s));
    if span.is_none() {
        let fault = if count == 0 { "the timespan is empty" } else { "the timespan is longer than 367 days" };
        reader.fatal(Code::TIMESPAN, value, fault, None);
    }
    span
}

fn kind(
    reader: &mut Reader<'_>,
    body: &Node<'_>,
    rules: &[Reference],
) -> Option<(CorrelationKind, Bound, Option<Condition>)> {
    let Some(value) = body.get("type") else {
        missing(reader, body, "type", "correlation");
        return None;
    };
    let name = value.text().unwrap_or_default().trim();
    if !TYPES.contains(&name) {
        let help = match nearest(name, &TYPES) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", TYPES.join(", ")),
        };
        let fault = format!("unknown correlation type `{name}`");
        reader.fatal(Code::CORRELATION_TYPE, value, fault, Some(&help));
        return None;
    }
    let temporal = name.starts_with("temporal");
    let condition = body.entry("condition").filter(|(_, c)| c.scalar() != Some(Scalar::Null));
    let Some((key, condition)) = condition else {
        if temporal {
            let kind =
                if name == "temporal" { CorrelationKind::Temporal } else { CorrelationKind::TemporalOrdered };
            return Some((kind, all_of(rules), None));
        }
        missing(reader, body, "condition", "correlation");
        return None;
    };
    if let Some(text) = condition.text() {
        if name != "temporal" {
            let help = if name == "temporal_ordered" {
                "an order and a boolean condition exclude each other; leave the condition out, or use `temporal`"
            } else {
                "write a map, for example `gte: 10`"
            };
            let fault = format!("a condition in words does not go with `{name}`");
            reader.fatal(Code::CORRELATION_CONDITION, condition, fault, Some(help));
            return None;
        }
        let names: Vec<&str> = rules.iter().map(|r| r.name.as_str()).collect();
        return match condition::parse(text, &names) {
            Ok(expression) => Some((CorrelationKind::Temporal, Bound::default(), Some(expression))),
            Err(fault) => {
                let spot = reader.within(condition, fault.offset, fault.width);
                let fault_text = fault.fault.replace("selection", "rule");
                reader.fatal_at(Code::CORRELATION_CONDITION, spot, fault_text, fault.help);
                None
            }
        };
    }
    let bound = bound(reader, key, condition, temporal)?;
    let bound = if temporal && bound.all.is_empty() { all_of(rules) } else { bound };
    let mut fields = meta::words(reader, condition, "field");
    fields.retain(|f| !f.is_empty());
    let kind = match name {
        "event_count" => CorrelationKind::EventCount,
        "temporal" => CorrelationKind::Temporal,
        "temporal_ordered" => CorrelationKind::TemporalOrdered,
        "value_count" if !fields.is_empty() => CorrelationKind::ValueCount { fields },
        _ => {
            let field = match <[String; 1]>::try_from(fields) {
                Ok([field]) => field,
                Err(fields) => {
                    let fault = if fields.is_empty() {
                        format!("`{name}` asks for a `field` in its condition")
                    } else {
                        format!("`{name}` takes one field")
                    };
                    reader.fatal(Code::CORRELATION_CONDITION, key, fault, None);
                    return None;
                }
            };
            match name {
                "value_sum" => CorrelationKind::ValueSum { field },
                "value_avg" => CorrelationKind::ValueAvg { field },
                _ => CorrelationKind::ValuePercentile {
                    field,
                    percentile: percentile(reader, key, condition)?,
                },
            }
        }
    };
    Some((kind, bound, None))
}

/// A temporal correlation without a count wants every rule.
fn all_of(rules: &[Reference]) -> Bound {
    Bound { all: vec![(Comparison::Is(NumberTest::Gte), rules.len() as f64)] }
}

/// The specification leaves the percentile open; its hint calls 50 the median, and that is what is assumed.
fn percentile(reader: &mut Reader<'_>, key: &Node<'_>, condition: &Node<'_>) -> Option<f64> {
    match condition.get("percentile").map(|n| (n, n.scalar())) {
        Some((_, Some(Scalar::Number(value)))) if (0.0..=100.0).contains(&value) => Some(value),
        Some((node, _)) => {
            reader.fatal(Code::CORRELATION_CONDITION, node, "`percentile` is a number from 0 to 100", None);
            None
        }
        None => {
            let help = Some("write it down, for example `percentile: 95`");
            reader.note(Code::STYLE, key, "no `percentile` is given, the median (50) is assumed", help);
            Some(50.0)
        }
    }
}

const TESTS: [(&str, Comparison); 6] = [
    ("eq", Comparison::Is(NumberTest::Eq)),
    ("gt", Comparison::Is(NumberTest::Gt)),
    ("gte", Comparison::Is(NumberTest::Gte)),
    ("lt", Comparison::Is(NumberTest::Lt)),
    ("lte", Comparison::Is(NumberTest::Lte)),
    ("neq", Comparison::Neq),
];

fn bound(reader: &mut Reader<'_>, key: &Node<'_>, condition: &Node<'_>, temporal: bool) -> Option<Bound> {
    let Some(entries) = condition.map() else {
        reader.fatal(
            Code::CORRELATION_CONDITION,
            condition,
            "the condition is a list, a map belongs here",
            None,
        );
        return None;
    };
    let mut bound = Bound::default();
    let mut sound = true;
    for (name, value) in entries {
        let word = name.text().unwrap_or_default();
        if matches!(word, "field" | "percentile") {
            continue;
        }
        let Some((_, test)) = TESTS.iter().find(|(n, _)| *n == word) else {
            let names: Vec<&str> = TESTS.iter().map(|(n, _)| *n).collect();
            let fault = format!("unknown comparison `{word}`");
            let help = format!("one of {}, or `field`", names.join(", "));
            reader.fatal(Code::CORRELATION_CONDITION, name, fault, Some(&help));
            sound = false;
            continue;
        };
        match value.scalar() {
            Some(Scalar::Number(number)) if number.is_finite() => bound.all.push((*test, number)),
            _ => {
                let fault = format!("`{word}` wants a number, {} stands here", value.kind());
                reader.fatal(Code::CORRELATION_CONDITION, value, fault, None);
                sound = false;
            }
        }
    }
    if sound && bound.all.is_empty() && !temporal {
        let help = Some("write for example `gte: 10`");
        reader.fatal(Code::CORRELATION_CONDITION, key, "the condition has no comparison", help);
        return None;
    }
    sound.then_some(bound)
}

fn aliases(reader: &mut Reader<'_>, body: &Node<'_>) -> Vec<(String, Vec<(Reference, String)>)> {
    let Some(value) = body.get("aliases") else { return Vec::new() };
    let Some(entries) = value.map() else {
        reader.fatal(Code::ALIAS, value, format!("`aliases` is {}, a map belongs here", value.kind()), None);
        return Vec::new();
    };
    let mut all = Vec::with_capacity(entries.len());
    for (alias, fields) in entries {
        let Some(fields) = fields.map() else {
            let help = Some("write the name of a rule and its field, one line each");
            reader.fatal(
                Code::ALIAS,
                fields,
                format!("an alias is a map, {} stands here", fields.kind()),
                help,
            );
            continue;
        };
        let mut pairs = Vec::with_capacity(fields.len());
        for (rule, field) in fields {
            match (rule.text(), field.text().filter(|f| !f.is_empty())) {
                (Some(name), Some(field)) => pairs.push((
                    Reference { name: name.to_owned(), place: reader.place(rule.mark), width: rule.width },
                    field.to_owned(),
                )),
                _ => reader.fatal(Code::ALIAS, rule, "an alias names one field for each rule", None),
            }
        }
        all.push((alias.text().unwrap_or_default().to_owned(), pairs));
    }
    all
}
