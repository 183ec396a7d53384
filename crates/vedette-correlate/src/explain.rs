//! What a correlation has to say to people: the sentence of a match, and the problems it met.

use std::fmt::Write;

use vedette_model::{Problem, Timestamp};
use vedette_sigma::{Comparison, CorrelationKind, NumberTest};

use crate::plan::Compiled;

/// `12 events of "failed_login" within 10 min, where User is alice; the rule asks for at least 10`.
pub(crate) fn sentence(
    compiled: &Compiled,
    group: &[(String, String)],
    value: f64,
    count: u64,
    last: Timestamp,
) -> String {
    let mut text = String::new();
    let names = names(compiled, u64::MAX);
    // Writing to a String cannot fail.
    let _ = match &compiled.kind {
        CorrelationKind::EventCount => write!(text, "{} of {names}", counted(value, "event")),
        CorrelationKind::ValueCount { fields } => {
            write!(
                text,
                "{} of {} in events of {names}",
                counted(value, "different value"),
                fields.join(" + ")
            )
        }
        CorrelationKind::ValueSum { field } => write!(text, "sum of {field} {value} over events of {names}"),
        CorrelationKind::ValueAvg { field } => {
            write!(text, "average of {field} {value} over events of {names}")
        }
        CorrelationKind::ValuePercentile { field, percentile } => {
            write!(text, "percentile {percentile} of {field} {value} over events of {names}")
        }
        CorrelationKind::Temporal | CorrelationKind::TemporalOrdered => {
            let (required, forbidden) =
                compiled.spec.expression.as_ref().map_or((u64::MAX, 0), |e| (e.required(), e.forbidden()));
            let seen = self::names(compiled, required);
            let order = if compiled.kind == CorrelationKind::TemporalOrdered { " in this order" } else { "" };
            if forbidden == 0 {
                write!(text, "{} of the rules {seen}{order}", value)
            } else {
                write!(
                    text,
                    "{} of the rules {seen}{order}, without {}",
                    value,
                    self::names(compiled, forbidden)
                )
            }
        }
    };
    let _ = write!(text, " within {}", span(compiled.timespan_ms));
    for (i, (name, value)) in group.iter().enumerate() {
        let _ = write!(text, "{} {name} is {value}", if i == 0 { ", where" } else { " and" });
    }
    if !compiled.spec.bound.is_empty() {
        let bound: Vec<String> =
            compiled.spec.bound.iter().map(|(c, limit)| format!("{} {limit}", words(*c))).collect();
        let _ = write!(text, "; the rule asks for {}", bound.join(" and "));
    }
    if count as f64 > value || !matches!(compiled.kind, CorrelationKind::EventCount) {
        let _ = write!(text, "; {} until {last}", counted(count as f64, "hit"));
    }
    text
}

fn counted(n: f64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1.0 { "" } else { "s" })
}

/// The rules among the given bits, quoted.
fn names(compiled: &Compiled, bits: u64) -> String {
    let quoted: Vec<String> = (compiled.names.iter().enumerate())
        .filter(|(slot, _)| *slot >= 64 || bits >> slot & 1 == 1)
        .map(|(_, name)| format!("\"{name}\""))
        .collect();
    quoted.join(", ")
}

fn words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Is(NumberTest::Eq) => "exactly",
        Comparison::Is(NumberTest::Lt) => "less than",
        Comparison::Is(NumberTest::Lte) => "at most",
        Comparison::Is(NumberTest::Gt) => "more than",
        Comparison::Is(NumberTest::Gte) => "at least",
        Comparison::Neq => "anything but",
    }
}

/// A timespan in the largest unit that measures it whole.
fn span(ms: u64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")];
    let (unit, name) = units.into_iter().find(|(unit, _)| ms.is_multiple_of(*unit)).unwrap_or((1, "ms"));
    format!("{} {name}", ms / unit)
}

fn problem(
    code: &'static str,
    place: &str,
    fault: String,
    consequence: &str,
    remedy: &str,
    count: u64,
) -> Problem {
    Problem {
        code,
        place: place.to_owned(),
        fault,
        consequence: consequence.to_owned(),
        remedy: remedy.to_owned(),
        count,
    }
}

pub(crate) fn without_time(count: u64) -> Problem {
    let fault = "an event that a correlation reads has no time that can be believed".to_owned();
    problem(
        "VD-C020",
        "correlations",
        fault,
        "it is in no window",
        "see the time problems of its file",
        count,
    )
}

pub(crate) fn over_bound(count: u64, kept: u64, room: usize) -> Problem {
    let fault = format!(
        "a rule that correlations read has more hits than can be kept ({kept} were, {room} over all)"
    );
    let consequence = "its later hits are in no window: matches after them are missing";
    problem(
        "VD-C021",
        "correlations",
        fault,
        consequence,
        "narrow the time with --since and --until, or the rule",
        count,
    )
}

pub(crate) fn text_without_room(count: u64) -> Problem {
    let fault = "there are more different group values than can be kept for display".to_owned();
    problem("VD-C022", "correlations", fault, "groups are told apart, but some show a hash", "", count)
}

pub(crate) fn without_field(compiled: &Compiled, count: u64) -> Problem {
    let fault = format!(
        "correlation `{}`: an event lacks a field of {}",
        compiled.title,
        compiled.group_by.join(", ")
    );
    let consequence = "events that lack it form a group of their own";
    problem(
        "VD-C023",
        &compiled.place,
        fault,
        consequence,
        "group by a field that all its sources have, or by an alias",
        count,
    )
}

pub(crate) fn without_value(compiled: &Compiled, count: u64) -> Problem {
    let (field, what) = match &compiled.kind {
        CorrelationKind::ValueCount { fields } => (fields.join(" + "), "no value"),
        CorrelationKind::ValueSum { field }
        | CorrelationKind::ValueAvg { field }
        | CorrelationKind::ValuePercentile { field, .. } => (field.clone(), "no number"),
        _ => (String::new(), "no value"),
    };
    let fault = format!("correlation `{}`: an event has {what} in {field}", compiled.title);
    problem(
        "VD-C024",
        &compiled.place,
        fault,
        "it was not measured",
        "name a field that all its sources have",
        count,
    )
}

pub(crate) fn matches_over_bound(compiled: &Compiled, count: u64, room: usize) -> Problem {
    let fault = format!("correlation `{}` matched more than {room} times", compiled.title);
    problem("VD-C025", &compiled.place, fault, "the earliest matches are shown", "raise its threshold", count)
}
