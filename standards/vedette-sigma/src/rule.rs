//! One Sigma detection rule after reading: metadata, logsource, selections and condition.
//!
//! Source: Sigma rules specification 2.1.0; modifiers appendix 2.1.0.

use std::sync::Arc;

use ipnet::IpNet;

use crate::diagnostic::Place;

/// Severity of a rule, in the order of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

/// Maturity of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Unsupported,
    Deprecated,
    Experimental,
    Test,
    Stable,
}

/// The fields of a document that no engine needs and every reader wants.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Meta {
    /// The rule's `id`; a document without one gets the hash of its text as 32 hex digits.
    pub id: String,
    pub title: String,
    /// `name`: how correlations may call this rule.
    pub name: Option<String>,
    pub status: Option<Status>,
    /// Absent means that the author stated none; show it as [`Level::Medium`] and say so.
    pub level: Option<Level>,
    pub description: Option<String>,
    pub author: Option<String>,
    pub license: Option<String>,
    pub date: Option<String>,
    pub modified: Option<String>,
    pub references: Vec<String>,
    /// Tags as written, for example `attack.t1059.001`.
    pub tags: Vec<String>,
    pub falsepositives: Vec<String>,
    /// `guide`, a custom attribute: what to look at when the rule has spoken, a step a line.
    pub guide: Option<String>,
    /// `fields`: what the author wants shown.
    pub fields: Vec<String>,
    /// Where the document begins; the path is the one given when the pack was read.
    pub place: Place,
}

/// What a rule reads: each part that is present must agree with the event's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Logsource {
    pub product: Option<String>,
    pub category: Option<String>,
    pub service: Option<String>,
    /// `definition`: prose on what must be switched on.
    pub definition: Option<String>,
}

/// A detection rule, all modifiers resolved, filters already joined in.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub meta: Meta,
    pub logsource: Logsource,
    pub detection: Detection,
    /// Titles of the filter documents that were joined into the condition.
    pub filters: Vec<String>,
}

/// Selections in the order of the document, and the conditions; a rule with several conditions matches when one holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    pub selections: Vec<Selection>,
    pub conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    pub name: String,
    pub block: Block,
    pub place: Place,
}

/// The shape under a selection's name: a map is [`Block::All`], a list is [`Block::Any`].
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Every part must hold (a YAML map; a keyword list under `|all`).
    All(Vec<Block>),
    /// One part must hold (a YAML list).
    Any(Vec<Block>),
    Item(Item),
}

/// One line of a selection: a field, how its values combine, and what each value asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// `None` is a keyword search: any value of the event may hold it.
    pub field: Option<String>,
    /// [`Quantifier::All`] after `|all`. Each matcher may be met by another element of a multi-valued field.
    pub quantifier: Quantifier,
    /// `|neq`: the outcome of matchers and quantifier is turned around.
    pub negated: bool,
    /// One for each value of the document, in its order; an empty list matches nothing.
    pub matchers: Vec<Matcher>,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    Any,
    All,
}

/// Case folding of a text comparison. Sigma folds unless `|cased` is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fold {
    Ignore,
    Cased,
}

/// What one value asks of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Matcher {
    /// Text with wildcards; `contains`, `startswith`, `endswith`, `windash`, `wide`, `base64` and `base64offset` are
    /// already written into the glob. One value that expands to several is [`Matcher::AnyOf`].
    Glob(Glob),
    /// `|re` with its flags written into the pattern as `(?ims)`.
    Regex(Arc<str>),
    Cidr(IpNet),
    /// `|lt`, `|lte`, `|gt`, `|gte`, or a plain number.
    Number(NumberTest, f64),
    Bool(bool),
    /// `null`: the field is absent or null.
    Null,
    Exists(bool),
    /// `|fieldref`, alone or with `startswith`, `endswith`, `contains`.
    FieldRef {
        field: String,
        kind: RefKind,
        fold: Fold,
    },
    /// `|minute`, `|hour`, `|day`, `|week`, `|month`, `|year` with the test on that part.
    Date(DatePart, NumberTest, i64),
    /// One value of the document that became several.
    AnyOf(Vec<Matcher>),
    /// `|expand` whose placeholder has no value list yet; `Pack::expand` replaces it, and a plan leaves the rule out.
    Placeholder {
        name: String,
        template: String,
    },
}

/// A text pattern: a run of tokens that must cover the whole value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Glob {
    pub tokens: Vec<Token>,
    pub fold: Fold,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Token {
    Text(String),
    /// `?`
    One,
    /// `*`
    Many,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberTest {
    Eq,
    Lt,
    Lte,
    Gt,
    Gte,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefKind {
    Equals,
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DatePart {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// The condition as a tree. Names are resolved: an unknown selection is a diagnostic, not a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Index into [`Detection::selections`].
    Selection(usize),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    /// `1 of sel*`, `all of them`; expanded already, `selector` is kept to explain it.
    Of {
        quantifier: Quantifier,
        selector: Selector,
        of: Vec<usize>,
    },
}

/// The words after `of`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// `them`: all selections whose name does not begin with `_`.
    Them,
    /// A name pattern such as `selection_*`.
    Pattern(String),
}
