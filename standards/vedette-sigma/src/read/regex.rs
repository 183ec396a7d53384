//! Checks regular expressions without building an automaton: syntax, unsupported constructs, and the size they grow to.
//!
//! Source: Sigma modifiers appendix 2.1.0, *Regular Expression*: a subset of PCRE without look-around and references.

use regex_syntax::ast;
use regex_syntax::hir::{Hir, HirKind};

use crate::diagnostic::Code;
use crate::limits;

/// What is wrong with a pattern; `offset` and `width` count characters of the pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PatternFault {
    pub code: Code,
    pub fault: String,
    pub help: Option<String>,
    pub offset: usize,
    pub width: usize,
}

/// Checks `pattern`, into which the flags are already written.
pub(crate) fn check(pattern: &str) -> Result<(), PatternFault> {
    if pattern.len() > limits::REGEX_BYTES_MAX {
        return Err(PatternFault {
            code: Code::REGEX_SIZE,
            fault: format!(
                "the pattern has {} bytes, the limit is {}",
                pattern.len(),
                limits::REGEX_BYTES_MAX
            ),
            help: None,
            offset: 0,
            width: 0,
        });
    }
    let ast = ast::parse::ParserBuilder::new()
        .nest_limit(limits::REGEX_NEST_MAX)
        .build()
        .parse(pattern)
        .map_err(|error| from_ast(pattern, &error))?;
    let hir = regex_syntax::hir::translate::Translator::new().translate(pattern, &ast).map_err(|error| {
        let (offset, width) = span(pattern, error.span());
        PatternFault {
            code: Code::REGEX,
            fault: format!("the regular expression cannot be read: {}", error.kind()),
            help: None,
            offset,
            width,
        }
    })?;
    let states = states(&hir);
    if states > limits::REGEX_STATES_MAX {
        return Err(PatternFault {
            code: Code::REGEX_SIZE,
            fault: format!(
                "the regular expression would need about {states} states, the limit is {}",
                limits::REGEX_STATES_MAX
            ),
            help: Some("lower the counts in braces".to_owned()),
            offset: 0,
            width: 0,
        });
    }
    Ok(())
}

fn span(pattern: &str, span: &ast::Span) -> (usize, usize) {
    let chars = |to: usize| pattern.get(..to).map_or(0, |s| s.chars().count());
    let start = chars(span.start.offset);
    (start, chars(span.end.offset).saturating_sub(start).max(1))
}

fn from_ast(pattern: &str, error: &ast::Error) -> PatternFault {
    let (offset, width) = span(pattern, error.span());
    let feature = |what: &str, help: &str| PatternFault {
        code: Code::REGEX_FEATURE,
        fault: format!("{what} is outside the Sigma specification and needs a backtracking engine"),
        help: Some(help.to_owned()),
        offset,
        width,
    };
    match error.kind() {
        ast::ErrorKind::UnsupportedLookAround => feature(
            "look-around",
            "split the pattern into two selections, one of them negated in the condition",
        ),
        ast::ErrorKind::UnsupportedBackreference => {
            feature("a back reference", "write out what is repeated, or use `|fieldref` between fields")
        }
        kind => {
            let help = match kind {
                ast::ErrorKind::RepetitionMissing => Some("escape the character as `\\*`, `\\+` or `\\?`"),
                ast::ErrorKind::RepetitionCountUnclosed
                | ast::ErrorKind::RepetitionCountDecimalEmpty
                | ast::ErrorKind::DecimalInvalid => Some("escape a literal brace as `\\{`"),
                ast::ErrorKind::ClassUnclosed => Some("escape a literal bracket as `\\[`"),
                ast::ErrorKind::GroupUnopened | ast::ErrorKind::GroupUnclosed => {
                    Some("escape a literal parenthesis as `\\(` or `\\)`")
                }
                ast::ErrorKind::EscapeUnrecognized | ast::ErrorKind::EscapeUnexpectedEof => {
                    Some("a literal backslash is written `\\\\`")
                }
                _ => None,
            };
            PatternFault {
                code: Code::REGEX,
                fault: format!("the regular expression cannot be read: {kind}"),
                help: help.map(str::to_owned),
                offset,
                width,
            }
        }
    }
}

/// About as many states as an automaton would need, counted repetitions written out.
fn states(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        // A Unicode class becomes a small automaton over bytes; `.` has about 10 states, `\w` about 300.
        HirKind::Class(class) => match class {
            regex_syntax::hir::Class::Unicode(class) if !class.is_ascii() => {
                1 + class.ranges().len() as u64 / 2
            }
            _ => 1,
        },
        HirKind::Repetition(repetition) => {
            let inner = states(&repetition.sub);
            let times = repetition.max.map_or(u64::from(repetition.min) + 1, u64::from).max(1);
            inner.saturating_mul(times).saturating_add(1)
        }
        HirKind::Capture(capture) => states(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(states).fold(1, u64::saturating_add)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_code_and_place() {
        let ok = |pattern: &str| assert_eq!(check(pattern), Ok(()), "{pattern}");
        ok(r"^cmd\.exe\s+/c");
        ok(r"(?i)a{1,100}");
        ok(r"\/path\/\'\-");
        ok(r"[^\x20-\x7e]{4}");
        let check = |pattern: &str, code: Code, offset: usize| {
            let fault = check(pattern).expect_err(pattern);
            assert_eq!((fault.code, fault.offset), (code, offset), "{pattern}: {}", fault.fault);
        };
        check("ab(?=c)", Code::REGEX_FEATURE, 2);
        check(r"(a)\1", Code::REGEX_FEATURE, 3);
        check("é(", Code::REGEX, 1);
        check("*a", Code::REGEX, 0);
        check("a{1000}{1000}", Code::REGEX_SIZE, 0);
        check(&format!("{}{}", "(".repeat(200), ")".repeat(200)), Code::REGEX, 64);
    }
}
