//! Why a rule matched an event or did not: condition by condition, selection by selection, line by line.
//!
//! Built on the slow evaluator, so that an explanation never repeats a mistake of the plan.

use vedette_model::{Kind, Lane, LaneId, Native};
use vedette_sigma::{
    Block, Condition, DatePart, Fold, Glob, Item, Matcher, NumberTest, Quantifier, RefKind, Rule, Selector,
    Token,
};

use crate::plan::{Plan, native_names};
use crate::{limits, slow, value};

/// The whole answer for one rule and one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub rule: u32,
    pub lane: LaneId,
    /// Whether the plan holds the rule, and the lane feeds its logsource. The rest is answered as if it did.
    pub runs_here: bool,
    /// One of the conditions holds.
    pub held: bool,
    pub conditions: Vec<ConditionStep>,
    /// In the order of the document.
    pub selections: Vec<SelectionStep>,
    /// See [`Plan::unseen_filter_fields`].
    pub unseen_filter_fields: Vec<String>,
}

/// A part of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionStep {
    pub what: Operation,
    pub held: bool,
    pub parts: Vec<ConditionStep>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Index into [`Explanation::selections`].
    Selection(usize),
    And,
    Or,
    Not,
    /// The words as written, for example `1 of filter_*`.
    Of(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectionStep {
    pub name: String,
    pub held: bool,
    pub block: BlockStep,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockStep {
    /// A map: every part must hold.
    All {
        held: bool,
        parts: Vec<BlockStep>,
    },
    /// A list: one part must hold.
    Any {
        held: bool,
        parts: Vec<BlockStep>,
    },
    Item(ItemStep),
}

impl BlockStep {
    pub fn held(&self) -> bool {
        match self {
            Self::All { held, .. } | Self::Any { held, .. } => *held,
            Self::Item(item) => item.held,
        }
    }
}

/// One line of a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemStep {
    /// The name in the rule; `None` for keywords.
    pub field: Option<String>,
    /// Names it was looked for under, in order.
    pub tried: Vec<String>,
    /// The native name it was found under; `None` when absent.
    pub native: Option<String>,
    /// What the field holds: the first [`limits::EXPLAINED_VALUES_MAX`] values, shortened.
    pub values: Vec<String>,
    pub value_count: usize,
    /// Every test must hold (`|all`) and not just one.
    pub all: bool,
    /// `|neq`: holds when the tests do not, and there is a value.
    pub negated: bool,
    pub held: bool,
    pub tests: Vec<TestStep>,
}

/// One value of the rule, as a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestStep {
    /// What is asked, for example `contains 'whoami'`.
    pub asks: String,
    pub held: bool,
    /// The first value that met it, shortened.
    pub met_by: Option<String>,
    /// Why it held or did not.
    pub why: String,
}

impl Plan {
    /// Explains what `rule` makes of the event. `None` when there is no such rule or lane.
    pub fn explain(&self, rule: u32, lane: LaneId, native: &Native) -> Option<Explanation> {
        let document = self.rules.get(rule as usize)?;
        let fields = &self.lane(lane)?.lane;
        let conditions: Vec<ConditionStep> =
            document.detection.conditions.iter().map(|c| condition(c, document, fields, native)).collect();
        let selections = document
            .detection
            .selections
            .iter()
            .map(|s| {
                let block = block(&s.block, fields, native);
                SelectionStep { name: s.name.clone(), held: block.held(), block }
            })
            .collect();
        Some(Explanation {
            rule,
            lane,
            runs_here: self.rules_of(lane).binary_search(&rule).is_ok(),
            held: conditions.iter().any(|c| c.held),
            conditions,
            selections,
            unseen_filter_fields: self
                .unseen_filter_fields(rule, lane, native)
                .into_iter()
                .map(str::to_owned)
                .collect(),
        })
    }

    /// Fields that `rule` reads only to except events, and that neither this event carries nor this lane is known to
    /// offer: an exception that could not apply, which makes a finding less certain.
    ///
    /// A filter that asks whether the field is absent has its answer and does not count. A field that the lane offers
    /// and this event lacks does not count either: its absence says something.
    pub fn unseen_filter_fields(&self, rule: u32, lane: LaneId, native: &Native) -> Vec<&str> {
        let (Some(program), Some(lane)) = (self.program(rule), self.lane(lane)) else { return Vec::new() };
        let lane = &lane.lane;
        program
            .filter_fields
            .iter()
            .filter_map(|field| self.fields.get(field.0 as usize).map(|name| &**name))
            .filter(|name| {
                let natives = native_names(lane, name);
                let carried = natives.iter().any(|n| native.position(n).is_some());
                let offered = !lane.absent.contains_key(*name)
                    && lane.fields.iter().any(|f| f == name || natives.contains(&f.as_str()));
                !carried && !offered
            })
            .collect()
    }
}

fn condition(condition: &Condition, rule: &Rule, lane: &Lane, native: &Native) -> ConditionStep {
    let held = slow::condition(condition, rule, lane, native);
    let parts = |parts: &[Condition]| parts.iter().map(|p| self::condition(p, rule, lane, native)).collect();
    let (what, parts) = match condition {
        Condition::Selection(index) => (Operation::Selection(*index), Vec::new()),
        Condition::And(inner) => (Operation::And, parts(inner)),
        Condition::Or(inner) => (Operation::Or, parts(inner)),
        Condition::Not(inner) => (Operation::Not, parts(std::slice::from_ref(inner))),
        Condition::Of { quantifier, selector, of } => {
            let quantifier = match quantifier {
                Quantifier::Any => "1",
                Quantifier::All => "all",
            };
            let selector = match selector {
                Selector::Them => "them",
                Selector::Pattern(pattern) => pattern.as_str(),
            };
            let named: Vec<Condition> = of.iter().map(|index| Condition::Selection(*index)).collect();
            (Operation::Of(format!("{quantifier} of {selector}")), parts(&named))
        }
    };
    ConditionStep { what, held, parts }
}

fn block(block: &Block, lane: &Lane, native: &Native) -> BlockStep {
    let parts = |blocks: &[Block]| blocks.iter().map(|b| self::block(b, lane, native)).collect();
    let held = slow::block(block, lane, native);
    match block {
        Block::All(blocks) => BlockStep::All { held, parts: parts(blocks) },
        Block::Any(blocks) => BlockStep::Any { held, parts: parts(blocks) },
        Block::Item(item) => BlockStep::Item(self::item(item, held, lane, native)),
    }
}

fn item(item: &Item, held: bool, lane: &Lane, native: &Native) -> ItemStep {
    let field = slow::read(item.field.as_deref(), lane, native);
    let named = item.field.is_some();
    let tests = item.matchers.iter().map(|m| test(m, named, &field, lane, native)).collect();
    let tried = item.field.as_deref().map_or(Vec::new(), |name| native_names(lane, name));
    ItemStep {
        field: item.field.clone(),
        tried: tried.into_iter().map(str::to_owned).collect(),
        native: field.native.map(str::to_owned),
        // Keywords were asked of everything: the event itself is the list.
        values: if named {
            field.values.iter().take(limits::EXPLAINED_VALUES_MAX).map(|v| shortened(v.text)).collect()
        } else {
            Vec::new()
        },
        value_count: field.values.len(),
        all: item.quantifier == Quantifier::All,
        negated: item.negated,
        held,
        tests,
    }
}

fn test(matcher: &Matcher, named: bool, field: &slow::Field<'_>, lane: &Lane, native: &Native) -> TestStep {
    let held = slow::matcher(matcher, named, field, lane, native);
    let met_by = field.values.iter().find(|v| slow::value_meets(matcher, v, lane, native));
    let why = if let Some(value) = met_by {
        match (named, value.path) {
            (false, path) => format!("found in `{path}`"),
            (true, _) => "the value meets it".to_owned(),
        }
    } else if !field.present {
        "the field is absent".to_owned()
    } else if field.values.is_empty() {
        "the field is null".to_owned()
    } else if held {
        "the field is there".to_owned()
    } else {
        missed(matcher, field, lane, native)
    };
    TestStep { asks: asks(matcher), held, met_by: met_by.map(|v| shortened(v.text)), why }
}

/// Why no value met the matcher.
fn missed(matcher: &Matcher, field: &slow::Field<'_>, lane: &Lane, native: &Native) -> String {
    let all = |is: fn(&str, Kind) -> bool| field.values.iter().all(|v| is(v.text, v.kind));
    match matcher {
        Matcher::Cidr(_) if all(|text, _| text.parse::<std::net::IpAddr>().is_err()) => {
            "the value is not an address".to_owned()
        }
        Matcher::Number(..) if all(|text, kind| value::number(text, kind).is_none()) => {
            "the value is not a number".to_owned()
        }
        Matcher::Bool(_) if all(|text, kind| value::boolean(text, kind).is_none()) => {
            "the value is not a truth value".to_owned()
        }
        Matcher::Date(part, ..)
            if all(|text, kind| value::date_part(text, kind, DatePart::Year).is_none()) =>
        {
            format!("no {} can be read from the value", date_part(*part))
        }
        Matcher::Glob(glob) if glob.fold == Fold::Cased => {
            let folded = Matcher::Glob(Glob { fold: Fold::Ignore, ..glob.clone() });
            if field.values.iter().any(|v| slow::value_meets(&folded, v, lane, native)) {
                "the value differs in case".to_owned()
            } else {
                "the value is different".to_owned()
            }
        }
        Matcher::FieldRef { field: other, .. } => {
            match slow::read(Some(other), lane, native).values.first() {
                Some(value) => format!("`{other}` is '{}'", shortened(value.text)),
                None => format!("`{other}` has no value"),
            }
        }
        Matcher::Null => "the field has a value".to_owned(),
        Matcher::Exists(_) => "the field is there".to_owned(),
        Matcher::Placeholder { name, .. } => format!("`%{name}%` has no values"),
        _ if field.values.len() > 1 => "none of the values meets it".to_owned(),
        _ => "the value is different".to_owned(),
    }
}

/// A matcher in words.
fn asks(matcher: &Matcher) -> String {
    match matcher {
        Matcher::Glob(glob) => glob_words(glob),
        Matcher::Regex(pattern) => format!("matches the regular expression '{}'", shortened(pattern)),
        Matcher::Cidr(net) => format!("is an address in {net}"),
        Matcher::Number(test, n) => format!("is a number {} {n}", sign(*test)),
        Matcher::Bool(asked) => format!("is {asked}"),
        Matcher::Null => "is null or absent".to_owned(),
        Matcher::Exists(true) => "exists".to_owned(),
        Matcher::Exists(false) => "does not exist".to_owned(),
        Matcher::FieldRef { field, kind, fold } => {
            let kind = match kind {
                RefKind::Equals => "equals",
                RefKind::StartsWith => "starts with",
                RefKind::EndsWith => "ends with",
                RefKind::Contains => "contains",
            };
            format!("{kind} the field `{field}`{}", case(*fold))
        }
        Matcher::Date(part, test, n) => format!("has a {} {} {n}", date_part(*part), sign(*test)),
        Matcher::AnyOf(forms) => match forms.as_slice() {
            [] => "nothing can meet it".to_owned(),
            [one] => asks(one),
            [first, rest @ ..] => format!("{}, or one of {} other forms", asks(first), rest.len()),
        },
        Matcher::Placeholder { name, .. } => format!("is one of `%{name}%`"),
    }
}

fn glob_words(glob: &Glob) -> String {
    let case = case(glob.fold);
    match glob.tokens.as_slice() {
        [] => "is empty".to_owned(),
        [Token::Many] => "has any value".to_owned(),
        [Token::Text(text)] if text.is_empty() => "is empty".to_owned(),
        [Token::Text(text)] => format!("equals '{}'{case}", shortened(text)),
        [Token::Text(text), Token::Many] => format!("starts with '{}'{case}", shortened(text)),
        [Token::Many, Token::Text(text)] => format!("ends with '{}'{case}", shortened(text)),
        [Token::Many, Token::Text(text), Token::Many] => format!("contains '{}'{case}", shortened(text)),
        tokens => {
            let pattern: String = tokens
                .iter()
                .map(|token| match token {
                    Token::Text(text) => text.replace('*', "\\*").replace('?', "\\?"),
                    Token::One => "?".to_owned(),
                    Token::Many => "*".to_owned(),
                })
                .collect();
            format!("matches '{}'{case}", shortened(&pattern))
        }
    }
}

fn case(fold: Fold) -> &'static str {
    match fold {
        Fold::Ignore => "",
        Fold::Cased => ", with case",
    }
}

fn sign(test: NumberTest) -> &'static str {
    match test {
        NumberTest::Eq => "=",
        NumberTest::Lt => "<",
        NumberTest::Lte => "<=",
        NumberTest::Gt => ">",
        NumberTest::Gte => ">=",
    }
}

fn date_part(part: DatePart) -> &'static str {
    match part {
        DatePart::Minute => "minute",
        DatePart::Hour => "hour",
        DatePart::Day => "day",
        DatePart::Week => "week",
        DatePart::Month => "month",
        DatePart::Year => "year",
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(limits::EXPLAINED_VALUE_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or("")),
    }
}
