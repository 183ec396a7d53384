//! Correlations made ready to run: references resolved, fields found, windows specified; what cannot run is told.

use rustc_hash::FxHashMap;
use vedette_model::Problem;
use vedette_sigma::{Comparison, Correlation, CorrelationKind, NumberTest};

use crate::limits::{CHAIN_DEPTH_MAX, Limits, RULES_PER_TEMPORAL_MAX};
use crate::store::Keep;
use crate::window::{Expression, Measure, Timing, WindowSpec};

/// A base rule whose hits are collected.
#[derive(Debug, Default)]
pub(crate) struct Base {
    pub wanted: Vec<String>,
    /// Index into `wanted`, and how it is kept.
    pub columns: Vec<(usize, Keep)>,
}

/// Where a correlation over correlations finds a field of an inner match.
#[derive(Debug, Clone)]
pub(crate) enum FieldFrom {
    /// The inner correlation groups by it.
    Group(usize),
    /// The events of the inner match have it: base -> column.
    Events(FxHashMap<usize, usize>),
}

#[derive(Debug, Clone)]
pub(crate) struct Reads<F> {
    pub group: Vec<F>,
    pub values: Vec<F>,
}

/// What a slot of the window is fed from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Base {
        base: usize,
        reads: Reads<usize>,
    },
    /// `at` is a position in [`Plan::correlations`], always an earlier one.
    Inner {
        at: usize,
        reads: Reads<FieldFrom>,
    },
}

/// One correlation that runs.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Its index in the list that was given.
    pub index: u32,
    pub place: String,
    pub title: String,
    pub kind: CorrelationKind,
    pub group_by: Vec<String>,
    /// How the document calls the rule of each slot.
    pub names: Vec<String>,
    pub slots: Vec<Source>,
    pub timespan_ms: u64,
    pub spec: WindowSpec,
    /// Whether its matches are findings of their own, not only fuel for another correlation.
    pub stands_alone: bool,
    depth: usize,
}

/// All correlations that run, inner ones before those that refer to them.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub bases: Vec<Base>,
    pub base_of: FxHashMap<u32, usize>,
    pub correlations: Vec<Compiled>,
    /// Base rules that only feed correlations (`generate` is absent or false).
    pub only_fuel: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Referred {
    Base(u32),
    /// Index in the given list.
    Inner(usize),
}

enum State {
    Waiting(Vec<Referred>),
    Running(usize),
    LeftOut,
}

impl Plan {
    pub fn new(
        correlations: &[Correlation],
        rule_index: impl Fn(&str) -> Option<u32>,
        limits: &Limits,
    ) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut by_id: FxHashMap<&str, usize> = FxHashMap::default();
        for (index, correlation) in correlations.iter().enumerate() {
            by_id.entry(correlation.meta.id.as_str()).or_insert(index);
        }
        let mut states = Vec::with_capacity(correlations.len());
        for correlation in correlations {
            let referred: Result<Vec<Referred>, String> = (correlation.rules.iter().enumerate())
                .map(|(i, id)| {
                    let inner = by_id.get(id.as_str()).map(|&index| Referred::Inner(index));
                    let found = inner.or_else(|| rule_index(id).map(Referred::Base));
                    found.ok_or_else(|| {
                        let name = correlation.rule_names.get(i).unwrap_or(id);
                        format!("the rule `{name}` that it refers to is not loaded")
                    })
                })
                .collect();
            let remedy = "load that rule too, or see why it was left out";
            states.push(match referred {
                Ok(referred) => State::Waiting(referred),
                Err(fault) => {
                    problems.push(left_out("VD-C001", correlation, fault, remedy));
                    State::LeftOut
                }
            });
        }

        let mut plan = Self::default();
        plan.note_generate(correlations, &states);
        let mut moved = true;
        while moved {
            moved = false;
            for (index, correlation) in correlations.iter().enumerate() {
                let State::Waiting(referred) = &states[index] else { continue };
                let inner = || {
                    referred.iter().filter_map(|r| if let Referred::Inner(i) = r { Some(*i) } else { None })
                };
                if let Some(lost) = inner().find(|&i| matches!(states[i], State::LeftOut)) {
                    let fault = format!(
                        "the correlation `{}` that it refers to was left out",
                        correlations[lost].meta.title
                    );
                    problems.push(left_out("VD-C001", correlation, fault, "mend that correlation first"));
                    states[index] = State::LeftOut;
                } else if inner().all(|i| matches!(states[i], State::Running(_))) {
                    states[index] = match plan.compile(index, correlations, referred, &states, limits) {
                        Ok(compiled) => {
                            plan.correlations.push(compiled);
                            State::Running(plan.correlations.len() - 1)
                        }
                        Err(problem) => {
                            problems.push(problem);
                            State::LeftOut
                        }
                    };
                } else {
                    continue;
                }
                moved = true;
            }
        }
        for (correlation, state) in correlations.iter().zip(&states) {
            if matches!(state, State::Waiting(_)) {
                let fault = "it refers to itself, directly or through other correlations".to_owned();
                problems.push(left_out("VD-C002", correlation, fault, "break the circle of references"));
            }
        }
        (plan, problems)
    }

    /// Notes which rules stand for themselves. A rule that is referred to does so only where a correlation says
    /// `generate: true`. A correlation that is left out for missing rules has no say.
    fn note_generate(&mut self, correlations: &[Correlation], states: &[State]) {
        let mut fuel: Vec<u32> = Vec::new();
        let mut alone: Vec<u32> = Vec::new();
        for (correlation, state) in correlations.iter().zip(states) {
            let State::Waiting(referred) = state else { continue };
            let rules =
                referred.iter().filter_map(|r| if let Referred::Base(rule) = r { Some(*rule) } else { None });
            if correlation.generate { alone.extend(rules) } else { fuel.extend(rules) }
        }
        fuel.retain(|rule| !alone.contains(rule));
        fuel.sort_unstable();
        fuel.dedup();
        self.only_fuel = fuel;
    }

    fn compile(
        &mut self,
        index: usize,
        correlations: &[Correlation],
        referred: &[Referred],
        states: &[State],
        limits: &Limits,
    ) -> Result<Compiled, Problem> {
        let correlation = &correlations[index];
        let position = |inner: usize| if let State::Running(at) = states[inner] { Some(at) } else { None };

        // A rule named twice is one rule: a single hit must not count as two.
        let mut slot_of: Vec<usize> = Vec::with_capacity(referred.len());
        let mut first: Vec<usize> = Vec::new();
        for (i, rule) in referred.iter().enumerate() {
            let known = first.iter().position(|&earlier| referred[earlier] == *rule);
            slot_of.push(known.unwrap_or(first.len()));
            if known.is_none() {
                first.push(i);
            }
        }
        let spec = specify(correlation, &slot_of, first.len(), limits)?;
        let depth = 1
            + (referred.iter())
                .filter_map(|r| if let Referred::Inner(i) = r { position(*i) } else { None })
                .map(|at| self.correlations[at].depth)
                .max()
                .unwrap_or(0);
        if depth > CHAIN_DEPTH_MAX {
            let fault =
                format!("it stands on {depth} storeys of correlations; at most {CHAIN_DEPTH_MAX} are read");
            return Err(left_out("VD-C003", correlation, fault, "shorten the chain"));
        }

        let (value_fields, keep): (&[String], Keep) = match &correlation.kind {
            CorrelationKind::ValueCount { fields } => (fields, Keep::Identity),
            CorrelationKind::ValueSum { field }
            | CorrelationKind::ValueAvg { field }
            | CorrelationKind::ValuePercentile { field, .. } => (std::slice::from_ref(field), Keep::Number),
            _ => (&[], Keep::Identity),
        };
        let mut slots = Vec::with_capacity(first.len());
        for &i in &first {
            slots.push(match referred[i] {
                Referred::Base(rule) => {
                    let base = self.base(rule);
                    let mut columns = |names: &[String], keep| {
                        let field = |name| field_for(correlation, i, name);
                        names.iter().map(|name| self.column(base, field(name), keep)).collect()
                    };
                    let group = columns(&correlation.group_by, Keep::Shown);
                    Source::Base { base, reads: Reads { group, values: columns(value_fields, keep) } }
                }
                Referred::Inner(inner) => {
                    let Some(at) = position(inner) else { continue };
                    let mut read = |names: &[String], keep| -> Vec<FieldFrom> {
                        let field = |name| field_for(correlation, i, name);
                        names
                            .iter()
                            .map(|name| self.inner_field(correlations, at, field(name), keep))
                            .collect()
                    };
                    let group = read(&correlation.group_by, Keep::Shown);
                    Source::Inner { at, reads: Reads { group, values: read(value_fields, keep) } }
                }
            });
        }
        let stands_alone = {
            let mut by = correlations.iter().zip(states).filter(|(_, state)| match state {
                State::Waiting(referred) => referred.contains(&Referred::Inner(index)),
                _ => false,
            });
            by.clone().next().is_none() || by.any(|(outer, _)| outer.generate)
        };
        Ok(Compiled {
            index: index as u32,
            place: correlation.meta.place.to_string(),
            title: correlation.meta.title.clone(),
            kind: correlation.kind.clone(),
            group_by: correlation.group_by.clone(),
            names: (first.iter())
                .map(|&i| correlation.rule_names.get(i).unwrap_or(&correlation.rules[i]).clone())
                .collect(),
            slots,
            timespan_ms: correlation.timespan_ms,
            spec,
            stands_alone,
            depth,
        })
    }

    fn base(&mut self, rule: u32) -> usize {
        *self.base_of.entry(rule).or_insert_with(|| {
            self.bases.push(Base::default());
            self.bases.len() - 1
        })
    }

    fn column(&mut self, base: usize, field: &str, keep: Keep) -> usize {
        let base = &mut self.bases[base];
        let wanted = base.wanted.iter().position(|name| name == field).unwrap_or_else(|| {
            base.wanted.push(field.to_owned());
            base.wanted.len() - 1
        });
        base.columns.iter().position(|column| *column == (wanted, keep)).unwrap_or_else(|| {
            base.columns.push((wanted, keep));
            base.columns.len() - 1
        })
    }

    /// Where the field `name` of a match of the correlation at `at` is found. A number is always read from the
    /// events, because a group keeps identities.
    fn inner_field(&mut self, correlations: &[Correlation], at: usize, name: &str, keep: Keep) -> FieldFrom {
        if keep != Keep::Number
            && let Some(group) = self.correlations[at].group_by.iter().position(|field| field == name)
        {
            return FieldFrom::Group(group);
        }
        let mut columns = FxHashMap::default();
        let mut seen: Vec<(usize, String)> = vec![(at, name.to_owned())];
        let mut next = 0;
        while let Some((at, name)) = seen.get(next).cloned() {
            next += 1;
            let correlation = &correlations[self.correlations[at].index as usize];
            for slot in 0..self.correlations[at].slots.len() {
                let id = &self.correlations[at].names[slot];
                let i = correlation.rule_names.iter().position(|n| n == id);
                let i = i.or_else(|| correlation.rules.iter().position(|n| n == id)).unwrap_or(slot);
                let field = field_for(correlation, i, &name).to_owned();
                match self.correlations[at].slots[slot] {
                    Source::Base { base, .. } => {
                        let column = self.column(base, &field, keep);
                        columns.entry(base).or_insert(column);
                    }
                    Source::Inner { at, .. } => {
                        if !seen.contains(&(at, field.clone())) {
                            seen.push((at, field));
                        }
                    }
                }
            }
        }
        FieldFrom::Events(columns)
    }
}

/// The field that `name` (of `group-by` or `field`) stands for in the events of the `i`th rule.
fn field_for<'a>(correlation: &'a Correlation, i: usize, name: &'a str) -> &'a str {
    let rule = correlation.rules.get(i);
    (correlation.aliases.iter())
        .find(|(alias, _)| alias == name)
        .and_then(|(_, fields)| fields.iter().find(|(id, _)| Some(id) == rule))
        .map_or(name, |(_, field)| field)
}

fn left_out(code: &'static str, correlation: &Correlation, fault: String, remedy: &str) -> Problem {
    Problem {
        code,
        place: correlation.meta.place.to_string(),
        fault: format!("correlation `{}`: {fault}", correlation.meta.title),
        consequence: "this correlation was left out; the others run".to_owned(),
        remedy: remedy.to_owned(),
        count: 1,
    }
}

/// Turns the document's type and condition into what the window asks.
fn specify(
    correlation: &Correlation,
    slot_of: &[usize],
    slots: usize,
    limits: &Limits,
) -> Result<WindowSpec, Problem> {
    let fault = |code, fault: &str, remedy| Err(left_out(code, correlation, fault.to_owned(), remedy));
    if slots == 0 {
        return fault("VD-C004", "it refers to no rule", "name the rules under `rules`");
    }
    if correlation.timespan_ms == 0 {
        return fault("VD-C005", "its timespan is 0", "give a timespan such as `5m`");
    }
    let temporal = matches!(correlation.kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered);
    let mut bound = correlation.condition.all.clone();
    if bound.iter().any(|(_, limit)| limit.is_nan()) {
        return fault("VD-C006", "a bound of its condition is not a number", "write a number");
    }
    if bound.is_empty() && !temporal {
        return fault("VD-C006", "it has no condition to compare with", "add one such as `gte: 10`");
    }
    if temporal && slots > RULES_PER_TEMPORAL_MAX {
        let text = format!("it names {slots} rules; a temporal correlation takes {RULES_PER_TEMPORAL_MAX}");
        return fault("VD-C007", &text, "split it, and join the parts with a further correlation");
    }
    if matches!(&correlation.kind, CorrelationKind::ValueCount { fields } if fields.is_empty()) {
        return fault("VD-C008", "it counts values and names no field", "add `field` to the condition");
    }
    let expression = match &correlation.expression {
        None => None,
        Some(_) if !temporal => {
            let text = "a boolean condition has a meaning for temporal correlations only";
            return fault("VD-C009", text, "compare a number, for example `gte: 10`");
        }
        Some(condition) => {
            let slot = |i: usize| slot_of.get(i).and_then(|s| u8::try_from(*s).ok());
            match Expression::new(condition, &slot) {
                Some(expression) => Some(expression),
                None => {
                    return fault(
                        "VD-C009",
                        "its condition names a rule that it does not refer to",
                        "add it to `rules`",
                    );
                }
            }
        }
    };
    if expression.as_ref().is_some_and(|e| e.required() == 0) {
        let text = "its condition names no rule that must occur, so no event could carry the finding";
        return fault("VD-C010", text, "add a rule that is not under `not`");
    }
    let measure = match &correlation.kind {
        CorrelationKind::EventCount => Measure::Count,
        CorrelationKind::ValueCount { .. } => Measure::Distinct,
        CorrelationKind::ValueSum { .. } => Measure::Sum,
        CorrelationKind::ValueAvg { .. } => Measure::Average,
        CorrelationKind::ValuePercentile { percentile, .. } => Measure::Percentile(*percentile),
        CorrelationKind::Temporal => {
            if bound.is_empty() && expression.is_none() {
                bound.push((Comparison::Is(NumberTest::Gte), slots as f64));
            }
            Measure::Rules
        }
        CorrelationKind::TemporalOrdered => {
            if expression.as_ref().is_some_and(|e| !e.is_conjunction()) {
                let text = "an order can be asked only of rules joined by `and` (and `and not`)";
                return fault("VD-C011", text, "use `temporal`, or one correlation for each alternative");
            }
            let all = if slots == 64 { u64::MAX } else { (1 << slots) - 1 };
            let of = expression.as_ref().map_or(all, Expression::required);
            if bound.is_empty() {
                bound.push((Comparison::Is(NumberTest::Gte), f64::from(of.count_ones())));
            }
            Measure::RulesInOrder(of)
        }
    };
    let only_grows = bound.iter().all(|(c, _)| matches!(c, Comparison::Is(NumberTest::Gt | NumberTest::Gte)));
    let timing = if expression.as_ref().is_some_and(|e| e.forbidden() != 0) {
        Timing::Absence
    } else if only_grows && !matches!(measure, Measure::Average | Measure::Percentile(_)) {
        Timing::AtOnce
    } else {
        Timing::Settled
    };
    Ok(WindowSpec {
        timespan_ns: i64::try_from(correlation.timespan_ms).unwrap_or(i64::MAX).saturating_mul(1_000_000),
        measure,
        bound,
        expression,
        timing,
        hits_max: limits.events_per_match.max(1),
    })
}
