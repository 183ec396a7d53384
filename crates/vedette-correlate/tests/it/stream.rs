//! The window as a stream feeds it: a watermark that moves between hits decides earlier and changes nothing.

use proptest::prelude::*;
use vedette_correlate::window::{Expression, Match, Measure, Timing, Turn, Value, Window, WindowSpec};
use vedette_sigma::Condition;

use crate::build::{bound, not, rule};

const SPAN: i64 = 6;

fn specs() -> impl Strategy<Value = WindowSpec> {
    let absence = || {
        let condition = Condition::And(vec![rule(0), not(rule(1))]);
        Expression::new(&condition, &|i| u8::try_from(i).ok())
    };
    let spec = |timing, measure, condition: &str, expression| WindowSpec {
        timespan_ns: SPAN,
        measure,
        bound: bound(condition).all,
        expression,
        timing,
        hits_max: 50,
    };
    prop_oneof![
        (1..5u32).prop_map(move |n| spec(Timing::AtOnce, Measure::Count, &format!("gte {n}"), None)),
        (1..4u32).prop_map(move |n| spec(Timing::AtOnce, Measure::Distinct, &format!("gte {n}"), None)),
        (1..4u32).prop_map(move |n| spec(
            Timing::AtOnce,
            Measure::RulesInOrder(7),
            &format!("gte {n}"),
            None
        )),
        (1..5u32).prop_map(move |n| spec(Timing::Settled, Measure::Count, &format!("lte {n}"), None)),
        (1..5u32).prop_map(move |n| spec(Timing::Settled, Measure::Average, &format!("gte {n}"), None)),
        Just(()).prop_map(move |()| spec(Timing::Absence, Measure::Rules, "", absence())),
    ]
}

/// Matches in the order in which they fired, with what they went on to hold.
fn take(found: &mut Vec<Match<usize>>, turn: Option<Turn<usize>>, number: usize) {
    match (turn, found.last_mut()) {
        (None, _) => {}
        (Some(Turn::Fires(one)), _) => found.push(one),
        (Some(Turn::Holds), Some(last)) => {
            last.count += 1;
            last.hits.push(number);
        }
        (Some(Turn::GoesOn(more)), Some(last)) => {
            last.count += more.count;
            last.last = more.last;
            last.hits.extend(more.hits);
        }
        (Some(_), None) => panic!("goes on before it fires"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_watermark_changes_nothing(
        spec in specs(),
        mut rows in prop::collection::vec((0..60i64, 0..3u16, 0..5u8), 0..40),
        marks in prop::collection::vec(0..12i64, 40),
    ) {
        rows.sort_by_key(|r| (r.0, r.1));
        let mut plain = Window::new(&spec);
        let mut marked = Window::new(&spec);
        let (mut found, mut found_marked) = (Vec::new(), Vec::new());
        for (number, (time, slot, value)) in rows.iter().enumerate() {
            let value = match spec.measure {
                Measure::Distinct => Value::Distinct(u64::from(*value)),
                Measure::Average => Value::Number(f64::from(*value)),
                _ => Value::None,
            };
            take(&mut found, plain.push(&spec, *time, *slot, value, number), number);
            // Watermarks between the hit before and this one, the last of them at this one's time at most.
            for back in [marks[number], marks[number] / 2, 0] {
                let mark = (time - back).max(rows[number.saturating_sub(1)].0);
                if number > 0 && mark <= *time {
                    take(&mut found_marked, marked.settle(&spec, mark), number);
                }
            }
            take(&mut found_marked, marked.push(&spec, *time, *slot, value, number), number);
        }
        take(&mut found, plain.finish(&spec), rows.len());
        // A watermark beyond everything decides all but the newest full window, which the end does.
        let end = rows.last().map_or(0, |r| r.0);
        take(&mut found_marked, marked.settle(&spec, end), rows.len());
        take(&mut found_marked, marked.finish(&spec), rows.len());
        prop_assert_eq!(found, found_marked);
    }

    /// Late hits are the feeder's fault; they must not break the window.
    #[test]
    fn disorder_never_panics(spec in specs(), rows in prop::collection::vec((any::<i64>(), 0..64u16), 0..40)) {
        let mut window = Window::new(&spec);
        for (number, (time, slot)) in rows.iter().enumerate() {
            window.push(&spec, *time, *slot, Value::Number(1.0), number);
            window.settle(&spec, time.saturating_add(1));
        }
        window.finish(&spec);
    }
}
