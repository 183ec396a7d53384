//! The mutants of a correlation: a lower threshold, a longer window, a group or a rule less, no order.

use vedette_sigma::{Comparison, Condition, Correlation, CorrelationKind, NumberTest};

/// A correlation with one change.
pub struct Change {
    pub correlation: Correlation,
    pub what: String,
    pub shown: String,
}

/// Every change of one step.
pub fn changes(correlation: &Correlation) -> Vec<Change> {
    let mut found = Vec::new();
    let mut tell = |changed: Correlation, what: &str, shown: String| {
        found.push(Change { correlation: changed, what: what.to_owned(), shown });
    };
    for (index, (comparison, number)) in correlation.condition.all.iter().enumerate() {
        let (step, word) = match comparison {
            Comparison::Is(NumberTest::Gte) => (-1.0, "gte"),
            Comparison::Is(NumberTest::Gt) => (-1.0, "gt"),
            Comparison::Is(NumberTest::Lte) => (1.0, "lte"),
            Comparison::Is(NumberTest::Lt) => (1.0, "lt"),
            _ => continue,
        };
        // `gte: 1` is what one event gives; there is nothing lower.
        if step < 0.0 && *number <= 1.0 {
            continue;
        }
        let mut changed = correlation.clone();
        changed.condition.all[index].1 = number + step;
        tell(changed, "threshold loosened by one", format!("{word}: {number}"));
    }
    let longer =
        Correlation { timespan_ms: correlation.timespan_ms.saturating_mul(10), ..correlation.clone() };
    tell(longer, "timespan ten times as long", format!("timespan: {}", span(correlation.timespan_ms)));
    for index in 0..correlation.group_by.len() {
        let mut changed = correlation.clone();
        let name = changed.group_by.remove(index);
        tell(changed, "without", format!("group-by: {name}"));
    }
    if correlation.rules.len() > 1 && correlation.expression.as_ref().is_none_or(|e| !names_rules(e)) {
        for index in 0..correlation.rules.len() {
            let mut changed = correlation.clone();
            let id = changed.rules.remove(index);
            let name = changed.rule_names.remove(index);
            for (_, fields) in &mut changed.aliases {
                fields.retain(|(rule, _)| *rule != id);
            }
            tell(changed, "without", format!("rules: {name}"));
        }
    }
    if correlation.kind == CorrelationKind::TemporalOrdered {
        let changed = Correlation { kind: CorrelationKind::Temporal, ..correlation.clone() };
        tell(changed, "in any order", "type: temporal_ordered".to_owned());
    }
    found
}

/// Whether the expression refers to rules by their place, so that none can be taken out.
fn names_rules(expression: &Condition) -> bool {
    match expression {
        Condition::Selection(_) | Condition::Of { .. } => true,
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(names_rules),
        Condition::Not(inner) => names_rules(inner),
    }
}

/// As the document would write it.
fn span(ms: u64) -> String {
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        if ms >= length && ms.is_multiple_of(length) {
            return format!("{}{unit}", ms / length);
        }
    }
    format!("{ms}ms")
}
