//! The condition line: words, parentheses and quantifiers, resolved to selections.
//!
//! Source: Sigma rules specification 2.1.0, *Condition*. Precedence from loose to tight: `or`, `and`, `not`, `of`.

use crate::diagnostic::Code;
use crate::limits;
use crate::nearest::nearest;
use crate::rule::{Condition, Quantifier, Selector};

/// What is wrong with a condition; `offset` and `width` count characters of the condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConditionFault {
    pub code: Code,
    pub fault: String,
    pub help: Option<String>,
    pub offset: usize,
    pub width: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Close,
    Pipe,
    Word,
}

#[derive(Debug, Clone, Copy)]
struct Lexeme<'a> {
    kind: Kind,
    text: &'a str,
    /// In characters.
    offset: usize,
}

fn lex(text: &str) -> Vec<Lexeme<'_>> {
    let mut lexemes = Vec::new();
    // Where the open word begins: characters, bytes.
    let mut word: Option<(usize, usize)> = None;
    for (offset, (start, c)) in text.char_indices().enumerate() {
        let kind = match c {
            '(' => Some(Kind::Open),
            ')' => Some(Kind::Close),
            '|' => Some(Kind::Pipe),
            _ => None,
        };
        if !c.is_whitespace() && kind.is_none() {
            word = word.or(Some((offset, start)));
            continue;
        }
        if let Some((offset, from)) = word.take() {
            lexemes.push(Lexeme { kind: Kind::Word, text: &text[from..start], offset });
        }
        if let Some(kind) = kind {
            lexemes.push(Lexeme { kind, text: &text[start..start + 1], offset });
        }
    }
    if let Some((offset, from)) = word {
        lexemes.push(Lexeme { kind: Kind::Word, text: &text[from..], offset });
    }
    lexemes
}

/// Reads a condition over the given selection names. Keywords are known in any case, unless a selection has that name.
pub(crate) fn parse(text: &str, names: &[&str]) -> Result<Condition, ConditionFault> {
    if text.len() > limits::CONDITION_BYTES_MAX {
        return Err(ConditionFault {
            code: Code::CONDITION,
            fault: format!(
                "the condition has {} bytes, the limit is {}",
                text.len(),
                limits::CONDITION_BYTES_MAX
            ),
            help: None,
            offset: 0,
            width: 0,
        });
    }
    let lexemes = lex(text);
    if let Some(pipe) = lexemes.iter().find(|l| l.kind == Kind::Pipe) {
        let tail: String = text.chars().skip(pipe.offset).collect();
        let word = tail.trim_start_matches('|').trim_start();
        let (what, help) = if word.starts_with("near") {
            ("`near` in the condition", "write a Sigma correlation of type `temporal` instead")
        } else {
            ("aggregation in the condition", "write a Sigma correlation instead")
        };
        return Err(ConditionFault {
            code: Code::AGGREGATION,
            fault: format!("{what} is no longer part of Sigma"),
            help: Some(help.to_owned()),
            offset: pipe.offset,
            width: tail.trim_end().chars().count(),
        });
    }
    // The oldest form has no bar: `count(field) by group > 5`.
    let counts =
        |l: &Lexeme<'_>| ["count", "min", "max", "avg", "sum"].contains(&l.text) && !names.contains(&l.text);
    if let Some([word, _]) =
        lexemes.array_windows().find(|[word, next]| next.kind == Kind::Open && counts(word))
    {
        return Err(ConditionFault {
            code: Code::AGGREGATION,
            fault: "aggregation in the condition is no longer part of Sigma".to_owned(),
            help: Some("write a Sigma correlation instead".to_owned()),
            offset: word.offset,
            width: text.trim_end().chars().count().saturating_sub(word.offset),
        });
    }
    let mut parser =
        Parser { lexemes: &lexemes, at: 0, names, end: text.trim_end().chars().count(), depth: 0 };
    let condition = parser.or()?;
    match parser.peek() {
        None => Ok(condition),
        Some(lexeme) if lexeme.kind == Kind::Close => {
            Err(parser.fault_at(lexeme, "no parenthesis is open here", None))
        }
        Some(lexeme) => Err(parser.fault_at(
            lexeme,
            &format!("`{}` is not expected here", lexeme.text),
            Some("join selections with `and` or `or`".to_owned()),
        )),
    }
}

struct Parser<'a> {
    lexemes: &'a [Lexeme<'a>],
    at: usize,
    names: &'a [&'a str],
    end: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Lexeme<'a>> {
        self.lexemes.get(self.at).copied()
    }

    /// Steps over `keyword` if it is next and not the name of a selection.
    fn keyword(&mut self, keyword: &str) -> bool {
        let found = self.peek().is_some_and(|l| self.is_keyword(l, keyword));
        self.at += usize::from(found);
        found
    }

    fn is_keyword(&self, lexeme: Lexeme<'_>, keyword: &str) -> bool {
        lexeme.kind == Kind::Word
            && lexeme.text.eq_ignore_ascii_case(keyword)
            && (lexeme.text == keyword || !self.names.contains(&lexeme.text))
    }

    fn fault_at(&self, lexeme: Lexeme<'_>, fault: &str, help: Option<String>) -> ConditionFault {
        ConditionFault {
            code: Code::CONDITION,
            fault: fault.to_owned(),
            help,
            offset: lexeme.offset,
            width: lexeme.text.chars().count(),
        }
    }

    fn fault_at_end(&self, fault: &str) -> ConditionFault {
        ConditionFault {
            code: Code::CONDITION,
            fault: fault.to_owned(),
            help: None,
            offset: self.end.saturating_sub(1),
            width: 1,
        }
    }

    fn or(&mut self) -> Result<Condition, ConditionFault> {
        let mut parts = vec![self.and()?];
        while self.keyword("or") {
            parts.push(self.and()?);
        }
        Ok(single(parts, Condition::Or))
    }

    fn and(&mut self) -> Result<Condition, ConditionFault> {
        let mut parts = vec![self.not()?];
        while self.keyword("and") {
            parts.push(self.not()?);
        }
        Ok(single(parts, Condition::And))
    }

    fn not(&mut self) -> Result<Condition, ConditionFault> {
        if !self.keyword("not") {
            return self.primary();
        }
        self.deeper()?;
        let inner = self.not()?;
        self.depth -= 1;
        Ok(Condition::Not(Box::new(inner)))
    }

    fn deeper(&mut self) -> Result<(), ConditionFault> {
        self.depth += 1;
        if self.depth > limits::CONDITION_DEPTH_MAX {
            return Err(self.fault_at_end(&format!(
                "the condition is nested deeper than {} levels",
                limits::CONDITION_DEPTH_MAX
            )));
        }
        Ok(())
    }

    fn primary(&mut self) -> Result<Condition, ConditionFault> {
        let Some(lexeme) = self.peek() else {
            return Err(self.fault_at_end(if self.lexemes.is_empty() {
                "the condition is empty"
            } else {
                "the condition ends where a selection is expected"
            }));
        };
        match lexeme.kind {
            Kind::Open => {
                self.at += 1;
                self.deeper()?;
                let inner = self.or()?;
                self.depth -= 1;
                match self.peek() {
                    Some(l) if l.kind == Kind::Close => {
                        self.at += 1;
                        Ok(inner)
                    }
                    Some(l) => Err(self.fault_at(
                        l,
                        &format!("`{}` is not expected here", l.text),
                        Some("join selections with `and` or `or`, or close the parenthesis".to_owned()),
                    )),
                    None => Err(self.fault_at(lexeme, "this parenthesis is never closed", None)),
                }
            }
            Kind::Close | Kind::Pipe => {
                Err(self.fault_at(lexeme, "a selection is expected before this parenthesis", None))
            }
            Kind::Word => self.word(lexeme),
        }
    }

    fn word(&mut self, lexeme: Lexeme<'a>) -> Result<Condition, ConditionFault> {
        let next_is_of =
            self.lexemes.get(self.at + 1).is_some_and(|l| l.kind == Kind::Word && self.is_keyword(*l, "of"));
        if next_is_of && !self.names.contains(&lexeme.text) {
            return self.quantified(lexeme);
        }
        for keyword in ["and", "or", "of"] {
            if self.is_keyword(lexeme, keyword) && !self.names.contains(&lexeme.text) {
                return Err(self.fault_at(
                    lexeme,
                    &format!("`{keyword}` stands where a selection is expected"),
                    None,
                ));
            }
        }
        self.at += 1;
        if let Some(index) = self.names.iter().position(|n| *n == lexeme.text) {
            return Ok(Condition::Selection(index));
        }
        let help = if lexeme.text.contains('*') {
            Some(format!("did you mean `1 of {}`?", lexeme.text))
        } else if ["them", "all", "any", "1"].iter().any(|k| lexeme.text.eq_ignore_ascii_case(k)) {
            Some("write `1 of them` or `all of them`".to_owned())
        } else {
            nearest(lexeme.text, self.names).map(|n| format!("did you mean `{n}`?"))
        };
        let mut fault = self.fault_at(lexeme, &format!("no selection is called `{}`", lexeme.text), help);
        fault.code = Code::UNKNOWN_SELECTION;
        Err(fault)
    }

    /// `1 of`, `any of`, `all of`, and `N of`, which is written out as its combinations.
    fn quantified(&mut self, lexeme: Lexeme<'a>) -> Result<Condition, ConditionFault> {
        let least = match lexeme.text.to_ascii_lowercase().as_str() {
            "all" => None,
            "any" => Some(1),
            number => match number.parse::<usize>() {
                Ok(n) if n > 0 => Some(n),
                _ => {
                    return Err(self.fault_at(
                        lexeme,
                        &format!("`{}` is no quantifier", lexeme.text),
                        Some("write `1 of`, `any of` or `all of`".to_owned()),
                    ));
                }
            },
        };
        self.at += 2;
        let Some(target) = self.peek().filter(|l| l.kind == Kind::Word) else {
            return Err(match self.peek() {
                Some(l) => self.fault_at(l, "`of` wants a name, a pattern or `them`", None),
                None => self.fault_at_end("`of` wants a name, a pattern or `them`"),
            });
        };
        self.at += 1;
        let selector = if target.text.eq_ignore_ascii_case("them") && !self.names.contains(&target.text) {
            Selector::Them
        } else {
            Selector::Pattern(target.text.to_owned())
        };
        let of: Vec<usize> =
            self.names.iter().enumerate().filter(|(_, n)| selects(&selector, n)).map(|(i, _)| i).collect();
        if of.is_empty() {
            let mut fault = self.fault_at(
                target,
                &format!("no selection fits `{}`", target.text),
                Some(format!("the selections are: {}", list(self.names))),
            );
            fault.code = Code::EMPTY_PATTERN;
            return Err(fault);
        }
        match least {
            None => Ok(Condition::Of { quantifier: Quantifier::All, selector, of }),
            Some(1) => Ok(Condition::Of { quantifier: Quantifier::Any, selector, of }),
            Some(n) if n == of.len() => Ok(Condition::Of { quantifier: Quantifier::All, selector, of }),
            Some(n) if n > of.len() => Err(self.fault_at(
                lexeme,
                &format!("{n} are asked for, and only {} fit `{}`", of.len(), target.text),
                None,
            )),
            Some(n) => match combinations(&of, n) {
                Some(all) => Ok(Condition::Or(all)),
                None => {
                    let mut fault = self.fault_at(
                        lexeme,
                        &format!("`{n} of` {} selections has too many combinations", of.len()),
                        None,
                    );
                    fault.code = Code::EXPANSION;
                    Err(fault)
                }
            },
        }
    }
}

fn single(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

/// Names that begin with `_` are chosen only by a pattern that begins so too.
fn selects(selector: &Selector, name: &str) -> bool {
    match selector {
        Selector::Them => !name.starts_with('_'),
        Selector::Pattern(pattern) => {
            (!name.starts_with('_') || pattern.starts_with('_')) && fits(pattern.as_bytes(), name.as_bytes())
        }
    }
}

/// `*` stands for any run of characters, at any place and any number of times.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, n));
            p += 1;
        } else if pattern.get(p) == Some(&name[n]) {
            p += 1;
            n += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            n = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

fn combinations(of: &[usize], n: usize) -> Option<Vec<Condition>> {
    let mut count: usize = 1;
    for i in 0..n.min(of.len() - n) {
        count = count.checked_mul(of.len() - i)? / (i + 1);
        if count > limits::EXPANSION_MAX {
            return None;
        }
    }
    let mut all = Vec::with_capacity(count);
    let mut chosen: Vec<usize> = (0..n).collect();
    loop {
        all.push(Condition::And(chosen.iter().map(|&i| Condition::Selection(of[i])).collect()));
        let Some(at) = (0..n).rev().find(|&i| chosen[i] < of.len() - n + i) else { return Some(all) };
        chosen[at] += 1;
        for i in at + 1..n {
            chosen[i] = chosen[i - 1] + 1;
        }
    }
}

pub(crate) fn list(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let mut text = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

/// Calls `see` for each selection that the condition reads.
pub(crate) fn each_selection(condition: &Condition, see: &mut impl FnMut(usize)) {
    match condition {
        Condition::Selection(index) => see(*index),
        Condition::And(parts) | Condition::Or(parts) => parts.iter().for_each(|p| each_selection(p, see)),
        Condition::Not(inner) => each_selection(inner, see),
        Condition::Of { of, .. } => of.iter().for_each(|i| see(*i)),
    }
}

/// The condition with every selection moved by `by`; used when a filter's selections are put behind a rule's.
pub(crate) fn shifted(condition: &Condition, by: usize) -> Condition {
    match condition {
        Condition::Selection(index) => Condition::Selection(index + by),
        Condition::And(parts) => Condition::And(parts.iter().map(|p| shifted(p, by)).collect()),
        Condition::Or(parts) => Condition::Or(parts.iter().map(|p| shifted(p, by)).collect()),
        Condition::Not(inner) => Condition::Not(Box::new(shifted(inner, by))),
        Condition::Of { quantifier, selector, of } => Condition::Of {
            quantifier: *quantifier,
            selector: selector.clone(),
            of: of.iter().map(|i| i + by).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = ["selection_a", "selection_b", "filter_x", "filter_y", "_hidden", "keywords"];

    fn show(condition: &Condition) -> String {
        condition.show(&NAMES).to_string()
    }

    #[test]
    fn precedence_and_quantifiers() {
        let check = |text: &str, expect: &str| {
            assert_eq!(show(&parse(text, &NAMES).expect(text)), expect, "{text}");
        };
        check("keywords", "keywords");
        check("keywords or filter_x and not filter_y", "keywords or filter_x and not filter_y");
        check("(keywords or filter_x) and not filter_y", "(keywords or filter_x) and not filter_y");
        check("NOT keywords AND filter_x", "not keywords and filter_x");
        check("1 of selection_* and not 1 of filter_*", "1 of selection_* and not 1 of filter_*");
        check("all of them", "all of them");
        check("any of *_x", "1 of *_x");
        check("not not keywords", "not not keywords");
        check("((keywords))", "keywords");
        check("2 of selection_*", "all of selection_*");
        check("1 of _h*", "1 of _h*");
        check("all of keywords", "all of keywords");
        check(" keywords\n and filter_x ", "keywords and filter_x");
    }

    #[test]
    fn them_leaves_out_hidden_names() {
        let Ok(Condition::Of { of, .. }) = parse("1 of them", &NAMES) else { panic!("of") };
        assert_eq!(of, [0, 1, 2, 3, 5]);
        let Ok(Condition::Of { of, .. }) = parse("1 of *", &NAMES) else { panic!("of") };
        assert_eq!(of, [0, 1, 2, 3, 5]);
    }

    #[test]
    fn n_of_is_written_out() {
        let Ok(Condition::Or(all)) = parse("2 of them", &NAMES) else { panic!("or") };
        assert_eq!(all.len(), 10);
        assert_eq!(all[9], Condition::And(vec![Condition::Selection(3), Condition::Selection(5)]));
        let names: Vec<String> = (0..60).map(|i| format!("s{i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(parse("30 of them", &names).map_err(|f| f.code), Err(Code::EXPANSION));
    }

    #[test]
    fn a_keyword_in_capitals_may_be_a_selection() {
        assert_eq!(
            parse("AND and OR", &["AND", "OR"]).map(|c| c.show(&["AND", "OR"]).to_string()),
            Ok("AND and OR".into())
        );
    }

    #[test]
    fn faults_name_the_column() {
        let check = |text: &str, code: Code, offset: usize, help: &str| {
            let fault = parse(text, &NAMES).expect_err(text);
            assert_eq!((fault.code, fault.offset), (code, offset), "{text}: {}", fault.fault);
            assert!(fault.help.unwrap_or_default().contains(help), "{text}");
        };
        check("", Code::CONDITION, 0, "");
        check("keywords and", Code::CONDITION, 11, "");
        check("keyword and filter_x", Code::UNKNOWN_SELECTION, 0, "did you mean `keywords`");
        check("keywords filter_x", Code::CONDITION, 9, "join selections");
        check("(keywords", Code::CONDITION, 0, "");
        check("keywords)", Code::CONDITION, 8, "");
        check("()", Code::CONDITION, 1, "");
        check("1 of nothing*", Code::EMPTY_PATTERN, 5, "selections are");
        check("0 of them", Code::CONDITION, 0, "1 of");
        check("1 of", Code::CONDITION, 3, "");
        check("selection_*", Code::UNKNOWN_SELECTION, 0, "1 of selection_*");
        check("keywords | count() by host > 5", Code::AGGREGATION, 9, "correlation");
        check("keywords | near filter_x", Code::AGGREGATION, 9, "temporal");
        check("count(a) by b > 5 and not keywords", Code::AGGREGATION, 0, "correlation");
        check(&"(".repeat(100), Code::CONDITION, 99, "");
        check(&"not ".repeat(100), Code::CONDITION, 398, "");
    }
}
