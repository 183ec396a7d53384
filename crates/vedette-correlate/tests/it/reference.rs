//! Every type of correlation against a slow and obvious reading of its definition, on random hits.
//!
//! The reference keeps nothing from hit to hit: it looks at all hits again for each question.

use std::collections::BTreeSet;

use proptest::prelude::*;
use vedette_correlate::CorrelationFinding;
use vedette_correlate::window::bound_holds;
use vedette_sigma::{Condition, Correlation, CorrelationKind as Kind, Quantifier, Selector};

use crate::build::{Seen, correlation, not, rule, run, seen};

/// Seconds, so that stamps often agree and edges are often met.
const SPAN: i64 = 6;
const RULES: [&str; 3] = ["r0", "r1", "r2"];

/// A hit of one group: time, rule, value.
type Row = (i64, u32, i64);

/// What fires: (closing time, first time, value).
type Fired = (i64, i64, f64);

/// The measured value of the hits of a window.
fn measure(kind: &Kind, rows: &[Row]) -> Option<f64> {
    let mut numbers: Vec<f64> = rows.iter().map(|r| r.2 as f64).collect();
    numbers.sort_by(f64::total_cmp);
    let n = numbers.len() as f64;
    if rows.is_empty() {
        return None;
    }
    Some(match kind {
        Kind::EventCount => n,
        Kind::ValueCount { .. } => rows.iter().map(|r| r.2).collect::<BTreeSet<_>>().len() as f64,
        Kind::ValueSum { .. } => numbers.iter().sum(),
        Kind::ValueAvg { .. } => numbers.iter().sum::<f64>() / n,
        Kind::ValuePercentile { percentile, .. } => {
            let rank = percentile / 100.0 * (n - 1.0);
            let (low, high) = (numbers[rank.floor() as usize], numbers[rank.ceil() as usize]);
            low + (high - low) * (rank - rank.floor())
        }
        Kind::Temporal => rows.iter().map(|r| r.1).collect::<BTreeSet<_>>().len() as f64,
        Kind::TemporalOrdered => f64::from(longest_run(rows, i64::MIN, 0)),
    })
}

/// The longest run of hits with rising rules and times that do not fall, by trying all.
fn longest_run(rows: &[Row], from: i64, rule: u32) -> u32 {
    let next = rows.iter().filter(|r| r.0 >= from && r.1 >= rule);
    next.map(|r| 1 + longest_run(rows, r.0, r.1 + 1)).max().unwrap_or(0)
}

fn inside(rows: &[Row], now: i64) -> Vec<Row> {
    rows.iter().filter(|r| now - SPAN < r.0 && r.0 <= now).copied().collect()
}

fn expression_holds(condition: &Condition, negated: bool, seen: &dyn Fn(usize, bool) -> bool) -> bool {
    match condition {
        Condition::Selection(i) => seen(*i, negated),
        Condition::And(parts) => parts.iter().all(|p| expression_holds(p, negated, seen)),
        Condition::Or(parts) => parts.iter().any(|p| expression_holds(p, negated, seen)),
        Condition::Not(part) => !expression_holds(part, !negated, seen),
        Condition::Of { quantifier: Quantifier::Any, of, .. } => of.iter().any(|i| seen(*i, negated)),
        Condition::Of { quantifier: Quantifier::All, of, .. } => of.iter().all(|i| seen(*i, negated)),
    }
}

/// Fires at the hit that makes it true, unless it held at the hit before and to the last moment since.
fn at_once(c: &Correlation, rows: &[Row]) -> Vec<Fired> {
    let holds = |rows: &[Row]| {
        let seen = |i: usize, _| rows.iter().any(|r| r.1 as usize == i);
        let value = measure(&c.kind, rows).filter(|v| bound_holds(&bound(c), *v))?;
        c.expression.as_ref().is_none_or(|e| expression_holds(e, false, &seen)).then_some(value)
    };
    let mut fired = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let now = row.0;
        let window = inside(&rows[..=i], now);
        let Some(value) = holds(&window) else { continue };
        // Just before: at the same stamp, without this hit; else, what the window held as it closed on this moment.
        let before: Vec<Row> = if i > 0 && rows[i - 1].0 == now {
            inside(&rows[..i], now)
        } else {
            rows[..i].iter().filter(|r| now - SPAN <= r.0).copied().collect()
        };
        // Negative numbers can leave, and so make a sum grow; that is first told at the next hit.
        let held = i > 0 && holds(&inside(&rows[..i], rows[i - 1].0)).is_some();
        if !held || holds(&before).is_none() {
            fired.push((now, window[0].0, value));
        }
    }
    fired
}

/// Judges every window that no other contains; those that overlap and hold are one.
fn settled(c: &Correlation, rows: &[Row]) -> Vec<Fired> {
    let windows: Vec<(usize, usize)> =
        (0..rows.len()).map(|i| (rows.iter().position(|r| r.0 > rows[i].0 - SPAN).unwrap_or(i), i)).collect();
    let full = |w: &(usize, usize)| !windows.iter().any(|o| o != w && o.0 <= w.0 && w.1 <= o.1);
    let mut fired = Vec::new();
    let mut held_to: Option<usize> = None;
    for window in windows.iter().filter(|w| full(w)) {
        let rows = &rows[window.0..=window.1];
        let now = rows[rows.len() - 1].0;
        match measure(&c.kind, rows).filter(|v| bound_holds(&bound(c), *v)) {
            Some(value) => {
                if held_to.is_none_or(|to| to < window.0) {
                    fired.push((now, rows[0].0, value));
                }
                held_to = Some(window.1);
            }
            None => held_to = None,
        }
    }
    fired
}

/// A hit closes when what must occur lies in its window, and nothing under `not` within one timespan on either side.
fn absence(c: &Correlation, rows: &[Row]) -> Vec<Fired> {
    let expression = c.expression.as_ref().expect("a condition");
    let mut fired: Vec<Fired> = Vec::new();
    let mut accepted: Option<i64> = None;
    for (i, row) in rows.iter().enumerate() {
        let now = row.0;
        // What must occur, up to this hit; what must not, on both sides.
        let window = inside(&rows[..=i], now);
        let near: Vec<&Row> = rows.iter().filter(|r| (r.0 - now).abs() < SPAN).collect();
        let seen = |rule: usize, negated: bool| {
            let is = |r: &Row| r.1 as usize == rule;
            if negated { near.iter().any(|r| is(r)) } else { window.iter().any(is) }
        };
        if !required(expression, false).contains(&(row.1 as usize))
            || !expression_holds(expression, false, &seen)
        {
            continue;
        }
        let rules: BTreeSet<u32> = window.iter().map(|r| r.1).collect();
        if accepted.is_none_or(|last| last <= now - SPAN) {
            fired.push((now, window[0].0, rules.len() as f64));
        }
        accepted = Some(now);
    }
    fired
}

fn required(condition: &Condition, negated: bool) -> BTreeSet<usize> {
    match condition {
        Condition::Selection(i) => (!negated).then_some(*i).into_iter().collect(),
        Condition::And(parts) | Condition::Or(parts) => {
            parts.iter().flat_map(|p| required(p, negated)).collect()
        }
        Condition::Not(part) => required(part, !negated),
        Condition::Of { of, .. } => {
            if negated {
                BTreeSet::new()
            } else {
                of.iter().copied().collect()
            }
        }
    }
}

fn bound(c: &Correlation) -> Vec<(vedette_sigma::Comparison, f64)> {
    let temporal = matches!(c.kind, Kind::Temporal | Kind::TemporalOrdered);
    if temporal && c.condition.all.is_empty() && c.expression.is_none() {
        return crate::build::bound(&format!("gte {}", c.rules.len())).all;
    }
    c.condition.all.clone()
}

fn engine(c: &Correlation, rows: &[Row]) -> Vec<Fired> {
    let second = |t: vedette_model::Timestamp| t.0 / 1_000_000_000;
    let finished = run(std::slice::from_ref(c), &events(rows));
    // Findings come by time and record of the closing event, which is the order of the rows.
    let row = |f: &CorrelationFinding| (f.closing.time.map_or(-1, second), second(f.first), f.value);
    finished.findings.iter().map(row).collect()
}

fn events(rows: &[Row]) -> Vec<Seen> {
    let row = |(record, r): (usize, &Row)| {
        seen(r.0, r.1, record as u64, &[("user", "ana"), ("v", &r.2.to_string())])
    };
    rows.iter().enumerate().map(row).collect()
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let times = prop_oneof![Just(30i64), Just(90)];
    times.prop_flat_map(|end| {
        prop::collection::vec((0..end, 0..3u32, -3..12i64), 0..28).prop_map(|mut rows| {
            // The order of the batch: by time, then by record; records are numbered in this order.
            rows.sort_by_key(|r| r.0);
            rows
        })
    })
}

fn condition_text() -> impl Strategy<Value = String> {
    let one = (prop::sample::select(vec!["gt", "gte", "lt", "lte", "eq", "neq"]), -1..8i64);
    prop::collection::vec(one, 1..3)
        .prop_map(|parts| parts.iter().map(|(c, n)| format!("{c} {n}")).collect::<Vec<_>>().join(" "))
}

fn kinds() -> impl Strategy<Value = Kind> {
    let field = || "v".to_owned();
    prop_oneof![
        Just(Kind::EventCount),
        Just(Kind::ValueCount { fields: vec![field()] }),
        Just(Kind::ValueSum { field: field() }),
        Just(Kind::ValueAvg { field: field() }),
        prop::sample::select(vec![0.0, 12.5, 50.0, 90.0, 100.0])
            .prop_map(move |percentile| Kind::ValuePercentile { field: field(), percentile }),
        Just(Kind::Temporal),
        Just(Kind::TemporalOrdered),
    ]
}

fn expressions() -> impl Strategy<Value = Condition> {
    let of = |quantifier| Condition::Of { quantifier, selector: Selector::Them, of: vec![0, 1, 2] };
    let leaf = prop_oneof![
        5 => (0..3usize).prop_map(rule),
        1 => Just(of(Quantifier::Any)),
        1 => Just(of(Quantifier::All)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::And),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::Or),
            inner.prop_map(not),
        ]
    })
}

fn grows(c: &Correlation) -> bool {
    use vedette_sigma::{Comparison, NumberTest};
    let up = |(c, _): &(Comparison, f64)| matches!(c, Comparison::Is(NumberTest::Gt | NumberTest::Gte));
    c.condition.all.iter().all(up) && !matches!(c.kind, Kind::ValueAvg { .. } | Kind::ValuePercentile { .. })
}

/// `temporal_ordered` takes hits of one time in the order of the rules.
fn in_batch_order(kind: &Kind, mut rows: Vec<Row>) -> Vec<Row> {
    if *kind == Kind::TemporalOrdered {
        rows.sort_by_key(|r| (r.0, r.1));
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_on_every_type_and_bound(kind in kinds(), condition in condition_text(), rows in rows()) {
        let c = correlation(kind, &RULES, SPAN as u64, &condition);
        let rows = in_batch_order(&c.kind, rows);
        let expect = if grows(&c) { at_once(&c, &rows) } else { settled(&c, &rows) };
        prop_assert_eq!(engine(&c, &rows), expect);
    }

    #[test]
    fn agrees_on_rules_that_must_all_occur(ordered: bool, rows in rows()) {
        let kind = if ordered { Kind::TemporalOrdered } else { Kind::Temporal };
        let c = correlation(kind, &RULES, SPAN as u64, "");
        let rows = in_batch_order(&c.kind, rows);
        prop_assert_eq!(engine(&c, &rows), at_once(&c, &rows));
    }

    #[test]
    fn agrees_on_boolean_conditions(expression in expressions(), rows in rows()) {
        prop_assume!(!required(&expression, false).is_empty());
        let mut c = correlation(Kind::Temporal, &RULES, SPAN as u64, "");
        let absent = required(&not(expression.clone()), false);
        c.expression = Some(expression);
        let expect = if absent.is_empty() { at_once(&c, &rows) } else { absence(&c, &rows) };
        prop_assert_eq!(engine(&c, &rows), expect);
    }

    /// Files are read one after another: the order in which hits come must not show.
    #[test]
    fn the_order_of_offering_does_not_matter(
        kind in kinds(),
        condition in condition_text(),
        rows in prop::collection::vec((0..30i64, 0..3u32, 0..5i64, 0..3u8), 0..40),
        shuffle in any::<u64>(),
    ) {
        let c = correlation(kind, &RULES, SPAN as u64, &condition);
        let mut events: Vec<Seen> = rows.iter().enumerate().map(|(record, r)| {
            let user = ["ana", "ANA", "bo"][usize::from(r.3)];
            seen(r.0, r.1, record as u64, &[("user", user), ("v", &r.2.to_string())])
        }).collect();
        let first = run(std::slice::from_ref(&c), &events);
        // A plain linear generator is shuffle enough.
        let mut state = shuffle | 1;
        for i in (1..events.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            events.swap(i, (state >> 33) as usize % (i + 1));
        }
        prop_assert_eq!(first, run(&[c], &events));
    }
}
