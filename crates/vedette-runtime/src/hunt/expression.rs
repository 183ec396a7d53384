//! The language of `--where`: comparisons of fields joined by `and`, `or`, `not`, read into a Sigma rule, so that the
//! engine that runs rules answers it. Faults say the column.
//!
//! ```text
//! expression  = all ("or" all)*
//! all         = one ("and" one)*
//! one         = "not" one | "(" expression ")" | "exists" field | field ("exists" | ["not"] operator value)
//! operator    = "==" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "startswith" | "endswith"
//!             | "matches" | "in" | "cidr"
//! value       = text | number | "true" | "false" | "null" | "(" value ("," value)* ")"
//! ```

use std::sync::Arc;

use vedette_sigma::diagnostic::Place;
use vedette_sigma::{
    Block, Condition, Detection, Fold, Glob, Item, Logsource, Matcher, Meta, NumberTest, Quantifier, Rule,
    Selection, Token as Piece,
};

use crate::limits::{EXPRESSION_BYTES_MAX, EXPRESSION_DEPTH_MAX};

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In characters, from 1.
    pub column: usize,
    pub message: String,
    pub help: Option<String>,
}

/// An expression that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    selections: Vec<Selection>,
    condition: Condition,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// The first fault.
    pub fn read(text: &str) -> Result<Self, Fault> {
        if text.len() > EXPRESSION_BYTES_MAX {
            return Err(fault(1, format!("longer than {EXPRESSION_BYTES_MAX} bytes"), None));
        }
        let tokens = tokens(text)?;
        if tokens.is_empty() {
            return Err(fault(
                1,
                "an empty expression",
                Some("for example: CommandLine contains 'mimikatz'"),
            ));
        }
        let end = text.chars().count() + 1;
        let mut parser = Parser { tokens: &tokens, at: 0, end, depth: 0, selections: Vec::new() };
        let condition = parser.either()?;
        if let Some(token) = parser.tokens.get(parser.at) {
            let help = "comparisons are joined by `and` or `or`";
            return Err(fault(
                token.column,
                format!("{} was not expected here", token.what.shown()),
                Some(help),
            ));
        }
        Ok(Self { selections: parser.selections, condition })
    }

    /// Every field that is read, each once.
    pub fn fields(&self) -> Vec<String> {
        let items = self.selections.iter().filter_map(|s| match &s.block {
            Block::Item(item) => item.field.clone(),
            _ => None,
        });
        let mut fields: Vec<String> = items.collect();
        fields.sort();
        fields.dedup();
        fields
    }

    /// The rule that asks the same of every log.
    pub fn into_rule(self) -> Rule {
        let meta = Meta {
            id: "where".to_owned(),
            title: "--where".to_owned(),
            name: None,
            status: None,
            level: None,
            description: None,
            author: None,
            license: None,
            date: None,
            modified: None,
            references: Vec::new(),
            tags: Vec::new(),
            falsepositives: Vec::new(),
            guide: None,
            fields: Vec::new(),
            place: place(1),
        };
        let detection = Detection { selections: self.selections, conditions: vec![self.condition] };
        Rule { meta, logsource: Logsource::default(), detection, filters: Vec::new() }
    }
}

fn place(column: usize) -> Place {
    Place { path: Arc::from("--where"), line: 1, column: column.min(u32::MAX as usize) as u32 }
}

fn fault(column: usize, message: impl Into<String>, help: Option<&str>) -> Fault {
    Fault { column, message: message.into(), help: help.map(str::to_owned) }
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    /// A field, a word of the language, or a number.
    Word(String),
    /// A field in backquotes: never a word of the language.
    Field(String),
    Text(String),
    /// A comparison in signs.
    Sign(&'static str),
    Mark(char),
}

impl What {
    fn shown(&self) -> String {
        match self {
            Self::Word(word) | Self::Field(word) => format!("`{word}`"),
            Self::Text(_) => "a text".to_owned(),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::Mark(mark) => format!("`{mark}`"),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Token {
    what: What,
    column: usize,
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    const SIGNS: &[(&str, &str)] = &[
        ("==", "=="),
        ("!=", "!="),
        ("<=", "<="),
        (">=", ">="),
        ("&&", "and"),
        ("||", "or"),
        ("=", "=="),
        ("<", "<"),
        (">", ">"),
        ("!", "not"),
    ];
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let column = at + 1;
        let c = chars[at];
        let sign =
            SIGNS.iter().find(|(s, _)| s.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c)));
        let what = if c.is_whitespace() {
            at += 1;
            continue;
        } else if matches!(c, '\'' | '"' | '`') {
            let (inner, next) = quoted(&chars, at)?;
            at = next;
            if c == '`' { What::Field(inner) } else { What::Text(inner) }
        } else if matches!(c, '(' | ')' | ',') {
            at += 1;
            What::Mark(c)
        } else if let Some((sign, name)) = sign {
            at += sign.len();
            if name.chars().all(char::is_alphabetic) {
                What::Word((*name).to_owned())
            } else {
                What::Sign(name)
            }
        } else if is_word(c) {
            let start = at;
            while at < chars.len() && is_word(chars[at]) {
                at += 1;
            }
            What::Word(chars[start..at].iter().collect())
        } else {
            let help = "put texts in quotes, and fields with other characters in backquotes";
            return Err(fault(column, format!("`{c}` was not expected here"), Some(help)));
        };
        tokens.push(Token { what, column });
    }
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@' | ':' | '#' | '/' | '+' | '$')
}

/// The text up to the closing quote; a doubled quote is one quote, a backslash is a backslash.
fn quoted(chars: &[char], start: usize) -> Result<(String, usize), Fault> {
    let quote = chars[start];
    let mut text = String::new();
    let mut at = start + 1;
    loop {
        match chars.get(at) {
            None => {
                let help = format!("end it with {quote}; a {quote} inside is written twice");
                return Err(fault(start + 1, "a text that does not end", Some(&help)));
            }
            Some(c) if *c == quote && chars.get(at + 1) == Some(&quote) => {
                text.push(quote);
                at += 2;
            }
            Some(c) if *c == quote => return Ok((text, at + 1)),
            Some(c) => {
                text.push(*c);
                at += 1;
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    Number(f64),
    Bool(bool),
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    Differs,
    Number(NumberTest),
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    In,
    Cidr,
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    /// The column behind the last character.
    end: usize,
    depth: usize,
    selections: Vec<Selection>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a What> {
        self.tokens.get(self.at).map(|t| &t.what)
    }

    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |t| t.column)
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Some(What::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(there);
        there
    }

    fn takes(&mut self, mark: char) -> bool {
        let there = self.peek() == Some(&What::Mark(mark));
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, mark: char, opened: usize) -> Result<(), Fault> {
        if self.takes(mark) {
            return Ok(());
        }
        Err(fault(
            self.column(),
            format!("`{mark}` was expected"),
            Some(&format!("it closes the one at column {opened}")),
        ))
    }

    fn either(&mut self) -> Result<Condition, Fault> {
        let mut parts = vec![self.all()?];
        while self.takes_word("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Or(parts) })
    }

    fn all(&mut self) -> Result<Condition, Fault> {
        let mut parts = vec![self.one()?];
        while self.takes_word("and") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::And(parts) })
    }

    fn one(&mut self) -> Result<Condition, Fault> {
        if self.depth >= EXPRESSION_DEPTH_MAX {
            return Err(fault(self.column(), "nested too deep", None));
        }
        self.depth += 1;
        let result = self.inner();
        self.depth -= 1;
        result
    }

    fn inner(&mut self) -> Result<Condition, Fault> {
        let column = self.column();
        // `not` may stand before a comparison; a field of that name goes in backquotes.
        if self.takes_word("not") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.takes('(') {
            let inner = self.either()?;
            self.expect(')', column)?;
            return Ok(inner);
        }
        let exists_first = matches!(self.peek(), Some(What::Word(w)) if w.eq_ignore_ascii_case("exists"));
        if exists_first {
            self.at += 1;
            let opened = self.column();
            let bracket = self.takes('(');
            let field = self.field()?;
            if bracket {
                self.expect(')', opened)?;
            }
            return Ok(self.select(field, column, vec![Matcher::Exists(true)], false));
        }
        let field = self.field()?;
        if self.takes_word("exists") {
            return Ok(self.select(field, column, vec![Matcher::Exists(true)], false));
        }
        let turned = self.takes_word("not");
        let operator = self.operator(&field)?;
        let compared = self.compare(field, column, operator)?;
        Ok(if turned { Condition::Not(Box::new(compared)) } else { compared })
    }

    fn field(&mut self) -> Result<String, Fault> {
        let column = self.column();
        match self.peek() {
            Some(What::Field(name)) => {
                self.at += 1;
                Ok(name.clone())
            }
            Some(What::Word(name)) if !is_reserved(name) => {
                self.at += 1;
                Ok(name.clone())
            }
            Some(What::Text(_)) => Err(fault(
                column,
                "a field was expected, and this is a text",
                Some("the field stands first, without quotes: Image endswith 'cmd.exe'"),
            )),
            Some(other) => {
                Err(fault(column, format!("a field was expected, and this is {}", other.shown()), None))
            }
            None => Err(fault(column, "a field was expected, and the expression ends", None)),
        }
    }

    fn operator(&mut self, field: &str) -> Result<Operator, Fault> {
        let column = self.column();
        let found = match self.peek() {
            Some(What::Sign(sign)) => match *sign {
                "==" => Some(Operator::Equals),
                "!=" => Some(Operator::Differs),
                "<" => Some(Operator::Number(NumberTest::Lt)),
                "<=" => Some(Operator::Number(NumberTest::Lte)),
                ">" => Some(Operator::Number(NumberTest::Gt)),
                ">=" => Some(Operator::Number(NumberTest::Gte)),
                _ => None,
            },
            Some(What::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "contains" => Some(Operator::Contains),
                "startswith" => Some(Operator::StartsWith),
                "endswith" => Some(Operator::EndsWith),
                "matches" | "re" => Some(Operator::Matches),
                "in" => Some(Operator::In),
                "cidr" => Some(Operator::Cidr),
                _ => None,
            },
            _ => None,
        };
        if let Some(operator) = found {
            self.at += 1;
            return Ok(operator);
        }
        let seen = self.peek().map_or("the expression ends".to_owned(), |w| format!("this is {}", w.shown()));
        let help = "one of == != < <= > >= contains startswith endswith matches in cidr exists";
        Err(fault(column, format!("a comparison was expected after `{field}`, and {seen}"), Some(help)))
    }

    fn compare(&mut self, field: String, column: usize, operator: Operator) -> Result<Condition, Fault> {
        let opened = self.column();
        let mut values = Vec::new();
        if self.takes('(') {
            loop {
                values.push((self.column(), self.value()?));
                if !self.takes(',') {
                    break;
                }
            }
            self.expect(')', opened)?;
        } else if operator == Operator::In {
            return Err(fault(opened, "`(` was expected", Some("in ('a', 'b')")));
        } else {
            values.push((opened, self.value()?));
        }
        let matchers = values
            .into_iter()
            .map(|(column, value)| {
                matcher(operator, value).map_err(|(message, help)| fault(column, message, help))
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(self.select(field, column, matchers, operator == Operator::Differs))
    }

    fn value(&mut self) -> Result<Value, Fault> {
        let column = self.column();
        let value = match self.peek() {
            Some(What::Text(text)) => Value::Text(text.clone()),
            Some(What::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                _ => match word.parse::<f64>().ok().filter(|n| n.is_finite()) {
                    Some(number) => Value::Number(number),
                    None => {
                        let help = format!("put texts in quotes: '{word}'");
                        return Err(fault(
                            column,
                            format!("a value was expected, and this is `{word}`"),
                            Some(&help),
                        ));
                    }
                },
            },
            Some(other) => {
                return Err(fault(
                    column,
                    format!("a value was expected, and this is {}", other.shown()),
                    None,
                ));
            }
            None => return Err(fault(column, "a value was expected, and the expression ends", None)),
        };
        self.at += 1;
        Ok(value)
    }

    fn select(&mut self, field: String, column: usize, matchers: Vec<Matcher>, negated: bool) -> Condition {
        let item =
            Item { field: Some(field), quantifier: Quantifier::Any, negated, matchers, place: place(column) };
        let index = self.selections.len();
        self.selections.push(Selection {
            name: format!("c{index}"),
            block: Block::Item(item),
            place: place(column),
        });
        Condition::Selection(index)
    }
}

fn is_reserved(word: &str) -> bool {
    ["and", "or", "not", "in", "contains", "startswith", "endswith", "matches", "cidr", "exists"]
        .iter()
        .any(|w| word.eq_ignore_ascii_case(w))
}

type Refused = (String, Option<&'static str>);

fn matcher(operator: Operator, value: Value) -> Result<Matcher, Refused> {
    let shown = match &value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Null => "null".to_owned(),
    };
    match (operator, value) {
        (Operator::Equals | Operator::Differs | Operator::In, value) => Ok(match value {
            Value::Text(text) => Matcher::Glob(wild(&text)),
            Value::Number(number) => Matcher::Number(NumberTest::Eq, number),
            Value::Bool(b) => Matcher::Bool(b),
            Value::Null => Matcher::Null,
        }),
        (Operator::Number(test), Value::Number(number)) => Ok(Matcher::Number(test, number)),
        (Operator::Number(_), _) => Err((
            format!("`{shown}` is no number"),
            Some("< <= > >= compare numbers; for times there are --since and --until"),
        )),
        (_, Value::Null | Value::Bool(_)) => {
            Err((format!("`{shown}` is no text"), Some("compare it with ==")))
        }
        (Operator::Contains, _) => Ok(around(&shown, true, true)),
        (Operator::StartsWith, _) => Ok(around(&shown, false, true)),
        (Operator::EndsWith, _) => Ok(around(&shown, true, false)),
        (Operator::Matches, _) => match regex_fault(&shown) {
            None => Ok(Matcher::Regex(with_case_folded(&shown))),
            Some(reason) => {
                Err((reason, Some("regular expressions have no look-around and no back-references")))
            }
        },
        (Operator::Cidr, _) => {
            let address = shown.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
            shown.parse::<ipnet::IpNet>().or(address).map(Matcher::Cidr).map_err(|_| {
                (format!("`{shown}` is no range of addresses"), Some("write 10.0.0.0/8 or 2001:db8::/32"))
            })
        }
    }
}

/// Everything else here is case-insensitive, so regular expressions are too; `(?-i)` at their beginning turns it off.
fn with_case_folded(pattern: &str) -> Arc<str> {
    format!("(?i){pattern}").into()
}

/// `*` and `?` as in Sigma.
fn wild(text: &str) -> Glob {
    let mut tokens = Vec::new();
    let mut plain = String::new();
    for c in text.chars() {
        let piece = match c {
            '*' => Piece::Many,
            '?' => Piece::One,
            c => {
                plain.push(c);
                continue;
            }
        };
        if !plain.is_empty() {
            tokens.push(Piece::Text(std::mem::take(&mut plain)));
        }
        tokens.push(piece);
    }
    if !plain.is_empty() {
        tokens.push(Piece::Text(plain));
    }
    Glob { tokens, fold: Fold::Ignore }
}

fn around(text: &str, before: bool, behind: bool) -> Matcher {
    let mut tokens = Vec::new();
    tokens.extend(before.then_some(Piece::Many));
    if !text.is_empty() {
        tokens.push(Piece::Text(text.to_owned()));
    }
    tokens.extend(behind.then_some(Piece::Many));
    Matcher::Glob(Glob { tokens, fold: Fold::Ignore })
}

/// Why the engine cannot compile the pattern: asked of the engine itself, so that the answers agree.
fn regex_fault(pattern: &str) -> Option<String> {
    let matchers = vec![Matcher::Regex(with_case_folded(pattern))];
    let item = Item {
        field: Some("f".to_owned()),
        quantifier: Quantifier::Any,
        negated: false,
        matchers,
        place: place(1),
    };
    let selection = Selection { name: "s".to_owned(), block: Block::Item(item), place: place(1) };
    let trial = Expression { selections: vec![selection], condition: Condition::Selection(0) };
    let (_, left_out) = vedette_detect::Plan::compile(Arc::from([trial.into_rule()]), &[]);
    left_out.first().map(|l| match &l.fault {
        // The reason is a picture of several lines; its last one says what is wrong.
        vedette_detect::Fault::Regex { reason, .. } => {
            format!(
                "no regular expression: {}",
                reason.lines().last().unwrap_or(reason).trim_start_matches("error: ")
            )
        }
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use vedette_detect::{Plan, Scratch};
    use vedette_model::{Kind, LaneId, Native};

    use super::*;

    fn holds(expression: &str, fields: &[(&str, &str)]) -> bool {
        let rule = Expression::read(expression).unwrap_or_else(|f| panic!("{expression}: {f:?}")).into_rule();
        let (plan, left_out) = Plan::compile(Arc::from([rule]), &[]);
        assert_eq!(left_out, [], "{expression}");
        let mut native = Native::new();
        for (name, value) in fields {
            native.push(name, value, if value.parse::<f64>().is_ok() { Kind::Number } else { Kind::Text });
        }
        let mut matched = Vec::new();
        plan.eval(LaneId::UNKNOWN, &native, &mut Scratch::default(), &mut matched);
        !matched.is_empty()
    }

    #[test]
    fn expressions_mean_what_they_say() {
        let event: &[(&str, &str)] = &[
            ("Image", r"C:\Windows\System32\CMD.exe"),
            ("EventID", "4688"),
            ("src ip", "10.1.2.3"),
            ("id.resp_h", "203.113.7.9"),
            ("User", "it's me"),
        ];
        for (expression, expect) in [
            (r"Image endswith '\cmd.exe'", true),
            (r"Image == '*\cmd.exe'", true),
            (r"Image == 'cmd.exe'", false),
            ("Image contains 'SYSTEM32' and EventID == 4688", true),
            ("Image contains 'SYSTEM32' and not EventID = 4688", false),
            ("EventID == '4688' && EventID >= 4000", true),
            ("EventID < 4688 or EventID > 4688", false),
            ("EventID in (1, 4688, 'x')", true),
            ("EventID not in (1, 2)", true),
            ("`src ip` cidr '10.0.0.0/8'", true),
            ("`src ip` cidr ('192.168.0.0/16', '10.1.2.3')", true),
            ("id.resp_h startswith '203.'", true),
            ("Image matches 'system32.*\\.EXE$'", true),
            ("Image matches('(?-i)cmd')", false),
            ("User == 'it''s me'", true),
            ("User == \"it's me\"", true),
            ("exists(User) and User exists and not exists Other", true),
            ("Other == null", true),
            ("Other != 'x'", false),
            ("User != 'x'", true),
            ("Image contains ('nothing', 'windows')", true),
            ("User == 'x' or Image contains 'cmd' and EventID == 1", false),
            ("(User == 'x' or Image contains 'cmd') and EventID == 4688", true),
            ("NOT (User == 'x')", true),
        ] {
            assert_eq!(holds(expression, event), expect, "{expression}");
        }
    }

    #[test]
    fn faults_point_at_the_column() {
        for (expression, column, message) in [
            ("", 1, "empty"),
            ("Image", 6, "a comparison was expected after `Image`, and the expression ends"),
            ("Image ==", 9, "a value was expected, and the expression ends"),
            ("Image == cmd", 10, "a value was expected, and this is `cmd`"),
            ("Image like 'x'", 7, "a comparison was expected after `Image`, and this is `like`"),
            ("Image == 'x", 10, "does not end"),
            ("'x' == Image", 1, "a field was expected, and this is a text"),
            ("(Image == 'x'", 14, "`)` was expected"),
            ("Image == 'x' User == 'y'", 14, "was not expected"),
            ("EventID > 'x'", 11, "no number"),
            ("ip cidr '10.0.0.0/99'", 9, "no range of addresses"),
            ("Image matches '('", 15, "no regular expression"),
            ("Image in 'x'", 10, "`(` was expected"),
            ("é == ü", 6, "this is `ü`"),
            ("Image == 'x' and", 17, "the expression ends"),
            ("Image == 'x' ; y", 14, "`;` was not expected"),
        ] {
            let fault = Expression::read(expression).expect_err(expression);
            assert_eq!(fault.column, column, "{expression}: {fault:?}");
            assert!(fault.message.contains(message), "{expression}: {fault:?}");
        }
        assert!(Expression::read(&"(".repeat(100_000)).is_err());
        assert!(Expression::read(&"not ".repeat(10_000)).is_err());
    }
}
