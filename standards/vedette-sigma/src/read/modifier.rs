//! Modifiers: which chains are legal, and what a chain makes of a value.
//!
//! Source: Sigma modifiers appendix 2.1.0. Modifiers are applied in the order in which they are written.

use std::net::IpAddr;

use crate::diagnostic::Code;
use crate::limits;
use crate::nearest::nearest;
use crate::read::glob::{Text, Utf16};
use crate::read::placeholder::{self, Lists, Template};
use crate::read::regex;
use crate::read::yaml::Scalar;
use crate::rule::{DatePart, Fold, Matcher, NumberTest, Quantifier, RefKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modifier {
    All,
    Base64,
    Base64Offset,
    Cased,
    Cidr,
    Contains,
    Date(DatePart),
    EndsWith,
    Exists,
    Expand,
    FieldRef,
    IgnoreCase,
    MultiLine,
    Neq,
    Number(NumberTest),
    Re,
    SingleLine,
    StartsWith,
    Utf16(Utf16),
    Windash,
}

/// Every spelling; `ignorecase`, `multiline` and `dotall` are long forms that the reference implementation knows.
const NAMES: [(&str, Modifier); 35] = [
    ("all", Modifier::All),
    ("base64", Modifier::Base64),
    ("base64offset", Modifier::Base64Offset),
    ("cased", Modifier::Cased),
    ("cidr", Modifier::Cidr),
    ("contains", Modifier::Contains),
    ("day", Modifier::Date(DatePart::Day)),
    ("dotall", Modifier::SingleLine),
    ("endswith", Modifier::EndsWith),
    ("exists", Modifier::Exists),
    ("expand", Modifier::Expand),
    ("fieldref", Modifier::FieldRef),
    ("gt", Modifier::Number(NumberTest::Gt)),
    ("gte", Modifier::Number(NumberTest::Gte)),
    ("hour", Modifier::Date(DatePart::Hour)),
    ("i", Modifier::IgnoreCase),
    ("ignorecase", Modifier::IgnoreCase),
    ("lt", Modifier::Number(NumberTest::Lt)),
    ("lte", Modifier::Number(NumberTest::Lte)),
    ("m", Modifier::MultiLine),
    ("minute", Modifier::Date(DatePart::Minute)),
    ("month", Modifier::Date(DatePart::Month)),
    ("multiline", Modifier::MultiLine),
    ("neq", Modifier::Neq),
    ("re", Modifier::Re),
    ("s", Modifier::SingleLine),
    ("startswith", Modifier::StartsWith),
    ("utf16", Modifier::Utf16(Utf16::Bom)),
    ("utf16be", Modifier::Utf16(Utf16::Be)),
    ("utf16le", Modifier::Utf16(Utf16::Le)),
    ("week", Modifier::Date(DatePart::Week)),
    ("wide", Modifier::Utf16(Utf16::Le)),
    ("windash", Modifier::Windash),
    ("year", Modifier::Date(DatePart::Year)),
    ("not", Modifier::Neq),
];

/// What is wrong with a chain or a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModifierFault {
    pub code: Code,
    pub fault: String,
    pub help: Option<String>,
    /// For a chain: index of the modifier that is at fault. For a regular expression: offset and width within it.
    pub at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    Modifier(usize),
    Value,
    Within { offset: usize, width: usize },
}

fn value_fault(code: Code, fault: impl Into<String>, help: Option<&str>) -> ModifierFault {
    ModifierFault { code, fault: fault.into(), help: help.map(str::to_owned), at: At::Value }
}

/// A legal chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    modifiers: Vec<Modifier>,
    kind: ChainKind,
    fold: Fold,
    pub quantifier: Quantifier,
    pub negated: bool,
    expand: bool,
}

/// What the values are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChainKind {
    /// Text, rewritten by the modifiers in their order; `touched` when any of them wants text.
    Text {
        touched: bool,
    },
    Re {
        ignore_case: bool,
        multi_line: bool,
        single_line: bool,
    },
    Cidr,
    Exists,
    Number(NumberTest),
    FieldRef(RefKind),
    Date(DatePart, NumberTest),
}

impl Chain {
    /// Reads a chain written as `contains|all`; the empty text is the empty chain.
    pub fn parse<'a>(words: impl Iterator<Item = &'a str>) -> Result<Chain, ModifierFault> {
        let mut names = Vec::new();
        let mut modifiers = Vec::new();
        for (index, word) in words.enumerate() {
            let lower = word.trim().to_ascii_lowercase();
            // `not` is only a candidate for the suggestion: people write it for `neq`.
            let found = NAMES.iter().find(|(name, _)| *name == lower && *name != "not");
            let Some((name, modifier)) = found else {
                return Err(unknown(word, &lower, index));
            };
            names.push(*name);
            modifiers.push(*modifier);
        }
        Chain::check(modifiers, &names)
    }

    fn check(modifiers: Vec<Modifier>, names: &[&str]) -> Result<Chain, ModifierFault> {
        let fault = |at: usize, fault: String, help: &str| ModifierFault {
            code: Code::MODIFIER_CHAIN,
            fault,
            help: (!help.is_empty()).then(|| help.to_owned()),
            at: At::Modifier(at),
        };
        let mut chain = Chain {
            modifiers: Vec::new(),
            kind: ChainKind::Text { touched: false },
            fold: Fold::Ignore,
            quantifier: Quantifier::Any,
            negated: false,
            expand: false,
        };
        // The first modifier that fixed how the value is read, for messages.
        let mut first = "";
        let (mut operator, mut encoded, mut wide) = ("", "", "");
        for (at, modifier) in modifiers.iter().copied().enumerate() {
            let name = names[at];
            if modifiers[..at].contains(&modifier) {
                return Err(fault(at, format!("the modifier `{name}` stands twice"), "remove one of them"));
            }
            let clash = |other: &str| fault(at, format!("`{name}` cannot stand together with `{other}`"), "");
            let text_only = matches!(chain.kind, ChainKind::Text { .. });
            let untouched = chain.kind == ChainKind::Text { touched: false };
            match modifier {
                Modifier::All => chain.quantifier = Quantifier::All,
                Modifier::Neq => chain.negated = true,
                Modifier::Cased => {
                    if matches!(chain.kind, ChainKind::Re { ignore_case: true, .. }) {
                        return Err(clash("i"));
                    }
                    chain.fold = Fold::Cased;
                }
                Modifier::Expand => {
                    if !matches!(chain.kind, ChainKind::Text { .. } | ChainKind::Re { .. } | ChainKind::Cidr)
                    {
                        return Err(clash(first));
                    }
                    if !encoded.is_empty() || !wide.is_empty() {
                        let other = if encoded.is_empty() { wide } else { encoded };
                        return Err(fault(
                            at,
                            format!(
                                "`expand` stands behind `{other}`, where the placeholder is no longer readable"
                            ),
                            "put `expand` first",
                        ));
                    }
                    chain.expand = true;
                }
                Modifier::Contains | Modifier::StartsWith | Modifier::EndsWith => {
                    if let ChainKind::FieldRef(kind) = &mut chain.kind {
                        if *kind != RefKind::Equals {
                            return Err(clash(operator));
                        }
                        *kind = match modifier {
                            Modifier::Contains => RefKind::Contains,
                            Modifier::StartsWith => RefKind::StartsWith,
                            _ => RefKind::EndsWith,
                        };
                        operator = name;
                        continue;
                    }
                    if !text_only {
                        return Err(clash(first));
                    }
                    if !operator.is_empty() {
                        return Err(clash(operator));
                    }
                    operator = name;
                    chain.kind = ChainKind::Text { touched: true };
                }
                Modifier::Windash | Modifier::Utf16(_) | Modifier::Base64 | Modifier::Base64Offset => {
                    if !text_only {
                        return Err(clash(first));
                    }
                    let encoding = modifier != Modifier::Windash;
                    if encoding && !operator.is_empty() {
                        return Err(fault(
                            at,
                            format!("`{name}` stands behind `{operator}` and would encode its wildcards"),
                            "put the encoding first, for example `base64offset|contains`",
                        ));
                    }
                    if !encoded.is_empty() {
                        if matches!(modifier, Modifier::Base64 | Modifier::Base64Offset) {
                            return Err(clash(encoded));
                        }
                        return Err(fault(
                            at,
                            format!("`{name}` stands behind `{encoded}`, where the text is already encoded"),
                            "put it before the encoding, for example `wide|base64offset|contains`",
                        ));
                    }
                    if matches!(modifier, Modifier::Utf16(_)) {
                        if !wide.is_empty() {
                            return Err(clash(wide));
                        }
                        wide = name;
                    } else if encoding {
                        encoded = name;
                    } else if !wide.is_empty() {
                        return Err(fault(
                            at,
                            format!("`windash` stands behind `{wide}`, where the text is already encoded"),
                            "put `windash` first",
                        ));
                    }
                    chain.kind = ChainKind::Text { touched: true };
                }
                Modifier::Re | Modifier::Cidr | Modifier::Exists | Modifier::FieldRef => {
                    if !untouched {
                        let other =
                            [operator, encoded, wide, first, "windash"].into_iter().find(|w| !w.is_empty());
                        return Err(fault(
                            at,
                            format!("`{name}` cannot stand behind `{}`", other.unwrap_or_default()),
                            if modifier == Modifier::FieldRef && !operator.is_empty() {
                                "put `fieldref` first, for example `fieldref|endswith`"
                            } else {
                                ""
                            },
                        ));
                    }
                    chain.kind = match modifier {
                        Modifier::Re => {
                            ChainKind::Re { ignore_case: false, multi_line: false, single_line: false }
                        }
                        Modifier::Cidr => ChainKind::Cidr,
                        Modifier::Exists => ChainKind::Exists,
                        _ => ChainKind::FieldRef(RefKind::Equals),
                    };
                    first = name;
                }
                Modifier::IgnoreCase | Modifier::MultiLine | Modifier::SingleLine => {
                    let ChainKind::Re { ignore_case, multi_line, single_line } = &mut chain.kind else {
                        return Err(fault(
                            at,
                            format!("`{name}` is a flag of `re` and stands without it"),
                            if modifier == Modifier::IgnoreCase {
                                "text is compared without case unless `cased` is given"
                            } else {
                                "write `re` before it"
                            },
                        ));
                    };
                    match modifier {
                        Modifier::IgnoreCase if chain.fold == Fold::Cased => return Err(clash("cased")),
                        Modifier::IgnoreCase => *ignore_case = true,
                        Modifier::MultiLine => *multi_line = true,
                        _ => *single_line = true,
                    }
                }
                Modifier::Number(test) => {
                    chain.kind = match chain.kind {
                        ChainKind::Text { touched: false } => ChainKind::Number(test),
                        ChainKind::Date(part, NumberTest::Eq) => ChainKind::Date(part, test),
                        ChainKind::Text { .. } => {
                            return Err(clash(if operator.is_empty() { "windash" } else { operator }));
                        }
                        _ => return Err(clash(first)),
                    };
                    first = name;
                }
                Modifier::Date(part) => {
                    if !untouched {
                        return Err(clash(if first.is_empty() { operator } else { first }));
                    }
                    chain.kind = ChainKind::Date(part, NumberTest::Eq);
                    first = name;
                }
            }
            if chain.expand
                && matches!(
                    chain.kind,
                    ChainKind::Exists | ChainKind::Number(_) | ChainKind::FieldRef(_) | ChainKind::Date(..)
                )
            {
                return Err(clash("expand"));
            }
        }
        chain.modifiers = modifiers;
        Ok(chain)
    }

    /// A keyword search has no field: what asks for the field itself makes no sense there.
    pub fn needs_field(&self) -> bool {
        matches!(
            self.kind,
            ChainKind::Exists | ChainKind::FieldRef(_) | ChainKind::Date(..) | ChainKind::Cidr
        )
    }

    pub fn is_exists(&self) -> bool {
        self.kind == ChainKind::Exists
    }

    /// `base64offset` without `contains`: read as if it were there, because a shifted piece is never a whole value.
    pub fn lacks_contains(&self) -> bool {
        self.modifiers.contains(&Modifier::Base64Offset) && !self.modifiers.contains(&Modifier::Contains)
    }

    /// Asks `contains` of plain keywords, which are looked for anywhere in a value.
    pub fn into_keyword(mut self) -> Chain {
        if self.kind == (ChainKind::Text { touched: false }) {
            self.modifiers.push(Modifier::Contains);
        }
        self
    }

    /// What the chain makes of one value. `raw` is the value as written, `scalar` its type.
    pub fn matcher(&self, raw: &str, scalar: Scalar<'_>, lists: &Lists) -> Result<Matcher, ModifierFault> {
        if self.expand
            && let Scalar::Text(text) = scalar
        {
            return self.expanded(text, lists);
        }
        self.plain(raw, scalar)
    }

    fn expanded(&self, text: &str, lists: &Lists) -> Result<Matcher, ModifierFault> {
        match placeholder::fill(text, lists) {
            Template::Plain(text) => self.plain(&text, Scalar::Text(&text)),
            Template::Missing(name) => {
                // The shape of the values is checked now, so that a list can be given later without surprise.
                Ok(Matcher::Placeholder { name, template: format!("{}: {text}", self.words()) })
            }
            Template::TooMany => Err(value_fault(
                Code::EXPANSION,
                format!("the placeholders make more than {} values", limits::EXPANSION_MAX),
                None,
            )),
            Template::Filled(values) => {
                let mut all = Vec::with_capacity(values.len());
                for value in &values {
                    all.push(self.plain(value, Scalar::Text(value)).map_err(|mut fault| {
                        fault.fault = format!("`{value}` from the list: {}", fault.fault);
                        fault.at = At::Value;
                        fault
                    })?);
                }
                Ok(Matcher::AnyOf(all))
            }
        }
    }

    /// The chain as it is written.
    fn words(&self) -> String {
        let name = |m: &Modifier| NAMES.iter().find(|(_, known)| known == m).map_or("", |(n, _)| *n);
        self.modifiers.iter().map(name).collect::<Vec<_>>().join("|")
    }

    fn plain(&self, raw: &str, scalar: Scalar<'_>) -> Result<Matcher, ModifierFault> {
        if scalar == Scalar::Null && self.kind != (ChainKind::Text { touched: false }) {
            return Err(value_fault(
                Code::MODIFIER_VALUE,
                "null cannot be combined with this modifier",
                Some("ask for `null` in a selection of its own, or for `''` if empty text is meant"),
            ));
        }
        match self.kind {
            ChainKind::Text { touched: false } => Ok(match scalar {
                Scalar::Null => Matcher::Null,
                Scalar::Bool(value) => Matcher::Bool(value),
                // A keyword that is a number is compared as one too, with whole values.
                Scalar::Number(value) => Matcher::Number(NumberTest::Eq, value),
                Scalar::Text(text) => self.text(text)?,
            }),
            ChainKind::Text { touched: true } => self.text(raw),
            ChainKind::Re { ignore_case, multi_line, single_line } => {
                let mut flags = String::new();
                for (set, letter) in [(ignore_case, 'i'), (multi_line, 'm'), (single_line, 's')] {
                    if set {
                        flags.push(letter);
                    }
                }
                let prefix = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
                let pattern = format!("{prefix}{raw}");
                regex::check(&pattern).map_err(|fault| ModifierFault {
                    code: fault.code,
                    fault: fault.fault,
                    help: fault.help,
                    at: if fault.width == 0 {
                        At::Value
                    } else {
                        At::Within { offset: fault.offset.saturating_sub(prefix.len()), width: fault.width }
                    },
                })?;
                Ok(Matcher::Regex(pattern.into()))
            }
            ChainKind::Cidr => {
                let net = raw.parse().or_else(|_| raw.parse::<IpAddr>().map(ipnet::IpNet::from));
                net.map(Matcher::Cidr).map_err(|_| {
                    value_fault(
                        Code::MODIFIER_VALUE,
                        format!("`{raw}` is no network"),
                        Some("write an address and the length of its prefix, for example `192.0.2.0/24`"),
                    )
                })
            }
            ChainKind::Exists => match (scalar, raw.to_ascii_lowercase().as_str()) {
                (Scalar::Bool(value), _) => Ok(Matcher::Exists(value)),
                (_, "true" | "yes") => Ok(Matcher::Exists(true)),
                (_, "false" | "no") => Ok(Matcher::Exists(false)),
                _ => Err(value_fault(
                    Code::MODIFIER_VALUE,
                    "`exists` takes true or false",
                    Some("to ask for a value, leave the modifier out"),
                )),
            },
            ChainKind::Number(test) => match number(raw, scalar) {
                Some(value) => Ok(Matcher::Number(test, value)),
                None => Err(value_fault(Code::MODIFIER_VALUE, format!("`{raw}` is no number"), None)),
            },
            ChainKind::FieldRef(kind) => match Text::parse(raw).plain().filter(|f| !f.is_empty()) {
                Some(field) => Ok(Matcher::FieldRef { field, kind, fold: self.fold }),
                None => Err(value_fault(
                    Code::MODIFIER_VALUE,
                    "`fieldref` takes the name of a field, without wildcards",
                    None,
                )),
            },
            ChainKind::Date(part, test) => {
                let value = number(raw, scalar).filter(|v| v.fract() == 0.0);
                let (low, high) = match part {
                    DatePart::Minute => (0.0, 59.0),
                    DatePart::Hour => (0.0, 23.0),
                    DatePart::Day => (1.0, 31.0),
                    DatePart::Week => (1.0, 53.0),
                    DatePart::Month => (1.0, 12.0),
                    DatePart::Year => (0.0, 9999.0),
                };
                match value.filter(|v| (low..=high).contains(v)) {
                    // Checked to lie between 0 and 9999.
                    Some(value) => Ok(Matcher::Date(part, test, value as i64)),
                    None => Err(value_fault(
                        Code::MODIFIER_VALUE,
                        format!("`{raw}` is no number from {low} to {high}"),
                        None,
                    )),
                }
            }
        }
    }

    fn text(&self, raw: &str) -> Result<Matcher, ModifierFault> {
        let mut values = vec![Text::parse(raw)];
        let wildcards = |name: &str| {
            value_fault(
                Code::MODIFIER_VALUE,
                format!("`{name}` cannot encode wildcards"),
                Some("escape a literal one as `\\*` or `\\?`, or split the value at the wildcard"),
            )
        };
        for modifier in &self.modifiers {
            match modifier {
                Modifier::Contains => values.iter_mut().for_each(|v| {
                    v.open_start();
                    v.open_end();
                }),
                Modifier::StartsWith => values.iter_mut().for_each(Text::open_end),
                Modifier::EndsWith => values.iter_mut().for_each(Text::open_start),
                Modifier::Windash => {
                    let mut all = Vec::new();
                    for value in &values {
                        let Some(variants) = value.windash() else {
                            return Err(value_fault(
                                Code::EXPANSION,
                                format!("the dashes make more than {} variants", limits::EXPANSION_MAX),
                                Some("split the value into several under `|all`"),
                            ));
                        };
                        all.extend(variants);
                    }
                    values = all;
                }
                Modifier::Utf16(how) => values.iter_mut().for_each(|v| v.utf16(*how)),
                Modifier::Base64 => {
                    values = values
                        .iter()
                        .map(Text::base64)
                        .collect::<Option<_>>()
                        .ok_or_else(|| wildcards("base64"))?;
                }
                Modifier::Base64Offset => {
                    let variants: Option<Vec<_>> = values.iter().map(Text::base64offset).collect();
                    values =
                        variants.ok_or_else(|| wildcards("base64offset"))?.into_iter().flatten().collect();
                    if values.is_empty() {
                        return Err(value_fault(
                            Code::MODIFIER_VALUE,
                            "the value is too short for `base64offset`: nothing of it is the same in every position",
                            None,
                        ));
                    }
                    if self.lacks_contains() {
                        values.iter_mut().for_each(|v| {
                            v.open_start();
                            v.open_end();
                        });
                    }
                }
                _ => {}
            }
        }
        let globs: Option<Vec<_>> =
            values.into_iter().map(|v| v.glob(self.fold).map(Matcher::Glob)).collect();
        let mut globs = globs.ok_or_else(|| {
            value_fault(
                Code::MODIFIER_VALUE,
                "as UTF-16 these letters are bytes that no text field holds",
                Some("follow it by `base64` or `base64offset`, or keep to ASCII"),
            )
        })?;
        Ok(match globs.pop() {
            Some(only) if globs.is_empty() => only,
            last => {
                globs.extend(last);
                Matcher::AnyOf(globs)
            }
        })
    }
}

/// Fills a placeholder that was left open; the template says which chain to apply.
pub(crate) fn refill(template: &str, lists: &Lists) -> Result<Matcher, ModifierFault> {
    let (words, text) = template.split_once(": ").unwrap_or(("expand", template));
    let chain = Chain::parse(words.split('|').filter(|w| !w.is_empty()))?;
    chain.expanded(text, lists)
}

fn number(raw: &str, scalar: Scalar<'_>) -> Option<f64> {
    match scalar {
        Scalar::Number(value) => Some(value),
        Scalar::Text(_) => raw.trim().parse::<f64>().ok(),
        Scalar::Null | Scalar::Bool(_) => None,
    }
    .filter(|v| v.is_finite())
}

fn unknown(word: &str, lower: &str, index: usize) -> ModifierFault {
    let names: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
    let help = match lower {
        "" => Some("write one, or take the bar away".to_owned()),
        "not" => Some("did you mean `neq`?".to_owned()),
        "eq" | "equals" | "is" => {
            Some("leave the modifier out: plain values are compared for equality".to_owned())
        }
        "regex" | "regexp" => Some("did you mean `re`?".to_owned()),
        "ip" | "network" => Some("did you mean `cidr`?".to_owned()),
        "wildcard" | "like" => Some("leave the modifier out: `*` and `?` are always wildcards".to_owned()),
        _ => nearest(lower, &names).filter(|n| *n != "not").map(|n| format!("did you mean `{n}`?")),
    };
    ModifierFault {
        code: Code::UNKNOWN_MODIFIER,
        fault: if lower.is_empty() {
            "a modifier is missing after `|`".to_owned()
        } else {
            format!("unknown modifier `{word}`")
        },
        help,
        at: At::Modifier(index),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Token;

    fn show(matcher: &Matcher) -> String {
        match matcher {
            Matcher::Glob(glob) => glob
                .tokens
                .iter()
                .map(|t| match t {
                    Token::Text(text) => text.replace('\0', "."),
                    Token::One => "?".to_owned(),
                    Token::Many => "*".to_owned(),
                })
                .collect(),
            Matcher::AnyOf(all) => all.iter().map(show).collect::<Vec<_>>().join(" "),
            other => format!("{other:?}"),
        }
    }

    fn apply(chain: &str, value: &str) -> Result<Matcher, ModifierFault> {
        let chain = Chain::parse(chain.split('|').filter(|w| !w.is_empty()))?;
        chain.matcher(value, Scalar::Text(value), &Lists::new())
    }

    #[test]
    fn legal_chains_and_what_they_make() {
        let check = |chain: &str, value: &str, expect: &str| {
            assert_eq!(show(&apply(chain, value).expect(chain)), expect, "{chain}");
        };
        check("", "whoami", "whoami");
        check("contains", "whoami", "*whoami*");
        check("contains", "*whoami", "*whoami*");
        check("startswith", "who", "who*");
        check("endswith", r"\cmd.exe", r"*\cmd.exe");
        check("contains|all", "a", "*a*");
        check("all|contains", "a", "*a*");
        check("cased|contains", "a", "*a*");
        check("windash|contains", "-a", "*-a* */a* *–a* *—a* *―a*");
        check("contains|windash", "/a", "*-a* */a* *–a* *—a* *―a*");
        check("base64", "foo", "Zm9v");
        check("base64offset|contains", "foobar", "*Zm9vYmFy* *Zvb2Jhc* *mb29iYX*");
        check("base64offset", "foobar", "*Zm9vYmFy* *Zvb2Jhc* *mb29iYX*");
        check("wide|base64", "ab", "YQBiAA==");
        check("utf16le|base64offset|contains", "ab", "*YQBiA* *EAYg* *hAGIA*");
        check("utf16be", "ab", ".a.b");
        check("re", "^a+$", r#"Regex("^a+$")"#);
        check("re|i|m|s", "a", r#"Regex("(?ims)a")"#);
        check("re|s|i", "a", r#"Regex("(?is)a")"#);
        check("cidr", "192.0.2.0/24", "Cidr(192.0.2.0/24)");
        check("cidr", "2001:db8::/32", "Cidr(2001:db8::/32)");
        check("cidr", "192.0.2.1", "Cidr(192.0.2.1/32)");
        check("lt", "5", "Number(Lt, 5.0)");
        check("gte|neq", "-5.5", "Number(Gte, -5.5)");
        check("exists", "true", "Exists(true)");
        check("hour", "23", "Date(Hour, Eq, 23)");
        check("hour|gte", "20", "Date(Hour, Gte, 20)");
        check("fieldref", "Other", r#"FieldRef { field: "Other", kind: Equals, fold: Ignore }"#);
        check(
            "fieldref|endswith|cased",
            "Other",
            r#"FieldRef { field: "Other", kind: EndsWith, fold: Cased }"#,
        );
        check("fieldref|neq", "Other", r#"FieldRef { field: "Other", kind: Equals, fold: Ignore }"#);
        check("CONTAINS", "a", "*a*");
        check("expand", "none", "none");
        check("expand", r"\%plain", "%plain");
        check(
            "contains|expand",
            "%names%",
            r#"Placeholder { name: "names", template: "contains|expand: %names%" }"#,
        );
    }

    #[test]
    fn illegal_chains_say_which_modifier() {
        let check = |chain: &str, code: Code, at: usize, help: &str| {
            let fault = Chain::parse(chain.split('|')).expect_err(chain);
            assert_eq!((fault.code, fault.at), (code, At::Modifier(at)), "{chain}: {}", fault.fault);
            assert!(fault.help.as_deref().unwrap_or_default().contains(help), "{chain}: {:?}", fault.help);
        };
        check("contain", Code::UNKNOWN_MODIFIER, 0, "`contains`");
        check("contains|al", Code::UNKNOWN_MODIFIER, 1, "`all`");
        check("regex", Code::UNKNOWN_MODIFIER, 0, "`re`");
        check("not", Code::UNKNOWN_MODIFIER, 0, "`neq`");
        check("", Code::UNKNOWN_MODIFIER, 0, "write one");
        check("c", Code::UNKNOWN_MODIFIER, 0, "");
        check("contains|startswith", Code::MODIFIER_CHAIN, 1, "");
        check("contains|contains", Code::MODIFIER_CHAIN, 1, "remove");
        check("contains|base64", Code::MODIFIER_CHAIN, 1, "first");
        check("base64|base64offset", Code::MODIFIER_CHAIN, 1, "");
        check("base64|wide", Code::MODIFIER_CHAIN, 1, "before the encoding");
        check("wide|utf16", Code::MODIFIER_CHAIN, 1, "");
        check("wide|windash", Code::MODIFIER_CHAIN, 1, "first");
        check("re|contains", Code::MODIFIER_CHAIN, 1, "");
        check("contains|re", Code::MODIFIER_CHAIN, 1, "");
        check("windash|re", Code::MODIFIER_CHAIN, 1, "");
        check("i", Code::MODIFIER_CHAIN, 0, "cased");
        check("re|i|cased", Code::MODIFIER_CHAIN, 2, "");
        check("cidr|re", Code::MODIFIER_CHAIN, 1, "");
        check("lt|gt", Code::MODIFIER_CHAIN, 1, "");
        check("lt|contains", Code::MODIFIER_CHAIN, 1, "");
        check("contains|fieldref", Code::MODIFIER_CHAIN, 1, "`fieldref` first");
        check("fieldref|contains|endswith", Code::MODIFIER_CHAIN, 2, "");
        check("expand|lt", Code::MODIFIER_CHAIN, 1, "");
        check("base64|expand", Code::MODIFIER_CHAIN, 1, "first");
        check("exists|cidr", Code::MODIFIER_CHAIN, 1, "");
        check("hour|minute", Code::MODIFIER_CHAIN, 1, "");
    }

    #[test]
    fn values_that_do_not_fit_their_modifier() {
        let check = |chain: &str, value: &str, code: Code| {
            assert_eq!(apply(chain, value).map_err(|f| f.code), Err(code), "{chain} {value}");
        };
        check("cidr", "192.0.2.0/33", Code::MODIFIER_VALUE);
        check("lt", "five", Code::MODIFIER_VALUE);
        check("lt", "inf", Code::MODIFIER_VALUE);
        check("exists", "maybe", Code::MODIFIER_VALUE);
        check("hour", "24", Code::MODIFIER_VALUE);
        check("month", "1.5", Code::MODIFIER_VALUE);
        check("fieldref", "a*", Code::MODIFIER_VALUE);
        check("base64", "a*", Code::MODIFIER_VALUE);
        check("wide", "é", Code::MODIFIER_VALUE);
        check("re", "(", Code::REGEX);
        check("re", "a(?!b)", Code::REGEX_FEATURE);
        check("windash", " -a -b -c -d -e -f", Code::EXPANSION);
    }

    #[test]
    fn placeholders_are_filled_and_the_chain_is_applied_to_each_value() {
        let mut lists = Lists::new();
        lists.insert("admins".into(), vec!["adm_*".into(), "root".into()]);
        lists.insert("one".into(), vec!["x".into()]);
        let fill = |chain: &str, value: &str| {
            let chain = Chain::parse(chain.split('|')).expect("a chain");
            show(&chain.matcher(value, Scalar::Text(value), &lists).expect("a matcher"))
        };
        assert_eq!(fill("expand", "%admins%"), "adm_* root");
        assert_eq!(fill("contains|expand", "%one%-%admins%"), "*x-adm_* *x-root*");
        assert_eq!(
            refill("endswith|expand: %admins%", &lists).map(|m| show(&m)),
            Ok("*adm_* *root".to_owned())
        );
    }
}
