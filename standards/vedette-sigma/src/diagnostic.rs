//! What is wrong with a document, where, what follows from it, and the way out.

use std::fmt;
use std::sync::Arc;

/// A position in a file; lines and columns count from 1, in characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Place {
    pub path: Arc<str>,
    pub line: u32,
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// A stable code, shown as `VD-S014`; codes are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub u16);

/// Every code of this crate. A retired code stays here with a note, so that its number is not given out again.
impl Code {
    /// The file is not UTF-8 text.
    pub const NOT_UTF8: Code = Code(1);
    /// The file or document is larger than its limit.
    pub const TOO_LARGE: Code = Code(2);
    /// The file holds no document.
    pub const EMPTY_FILE: Code = Code(3);
    /// The document is not YAML.
    pub const YAML: Code = Code(4);
    /// A key stands twice in one map.
    pub const DUPLICATE_KEY: Code = Code(5);
    /// Nesting, aliases or node count beyond their limit.
    pub const TOO_DEEP: Code = Code(6);
    /// Neither `detection`, `correlation` nor `filter`.
    pub const NOT_SIGMA: Code = Code(7);
    /// A part that the specification demands is missing.
    pub const MISSING: Code = Code(8);
    /// A part has the wrong shape, for example a list where a word belongs.
    pub const SHAPE: Code = Code(9);
    /// A word outside the specification's list, for example an unknown level.
    pub const UNKNOWN_WORD: Code = Code(10);
    /// `action: global` and its kin, which Sigma 2 has no more.
    pub const ACTION: Code = Code(11);
    /// A selection that holds nothing, or has a shape that Sigma does not know.
    pub const SELECTION: Code = Code(12);
    /// A value with a shape that Sigma does not know, for example a map.
    pub const VALUE_SHAPE: Code = Code(13);
    /// A modifier that the specification does not have.
    pub const UNKNOWN_MODIFIER: Code = Code(14);
    /// Modifiers that cannot stand together, or not in this order.
    pub const MODIFIER_CHAIN: Code = Code(15);
    /// A value that its modifier cannot take.
    pub const MODIFIER_VALUE: Code = Code(16);
    /// A regular expression that cannot be read.
    pub const REGEX: Code = Code(17);
    /// A regular expression with a construct that only a backtracking engine has.
    pub const REGEX_FEATURE: Code = Code(18);
    /// A regular expression that would grow beyond its limit.
    pub const REGEX_SIZE: Code = Code(19);
    /// A placeholder without a value list.
    pub const PLACEHOLDER: Code = Code(20);
    /// A value that would expand into too many.
    pub const EXPANSION: Code = Code(21);
    /// A condition that cannot be read.
    pub const CONDITION: Code = Code(22);
    /// A condition that names an unknown selection.
    pub const UNKNOWN_SELECTION: Code = Code(23);
    /// A pattern in the condition that fits no selection.
    pub const EMPTY_PATTERN: Code = Code(24);
    /// An old aggregation (`| count() by ...`, `| near ...`).
    pub const AGGREGATION: Code = Code(25);
    /// A selection that no condition reads.
    pub const UNUSED_SELECTION: Code = Code(26);
    /// A second document with the same id.
    pub const DUPLICATE_ID: Code = Code(27);
    /// A second document with the same name.
    pub const DUPLICATE_NAME: Code = Code(28);
    /// An unknown correlation type.
    pub const CORRELATION_TYPE: Code = Code(29);
    /// A timespan that cannot be read or is beyond its limit.
    pub const TIMESPAN: Code = Code(30);
    /// A correlation condition that cannot be read.
    pub const CORRELATION_CONDITION: Code = Code(31);
    /// A reference to a rule that is not in the pack.
    pub const UNKNOWN_RULE: Code = Code(32);
    /// Correlations that refer to each other in a circle.
    pub const CYCLE: Code = Code(33);
    /// A reference to a rule that was left out.
    pub const RULE_LEFT_OUT: Code = Code(34);
    /// A filter that fits no loaded rule.
    pub const IDLE_FILTER: Code = Code(35);
    /// A filter that names a rule of another logsource.
    pub const FILTER_LOGSOURCE: Code = Code(36);
    /// An alias that names a rule the correlation does not refer to.
    pub const ALIAS: Code = Code(37);
    /// Legal, and yet not what the author will have meant.
    pub const STYLE: Code = Code(38);
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VD-S{:03}", self.0)
    }
}

/// One fault of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub place: Place,
    /// The fault, one lower-case sentence without a full stop.
    pub fault: String,
    /// The way out, where one is known: `did you mean ...`.
    pub help: Option<String>,
    /// Length in characters of the marked text; 0 when the whole line is meant.
    pub width: u32,
    /// `true`: the document was left out. `false`: it was loaded, and this is worth a look.
    pub fatal: bool,
}
