//! Text patterns with `*` and `?`, prepared for matching.
//!
//! `*` stands for any run of characters and `?` for exactly one, line breaks included: a pattern covers the value,
//! not one of its lines. Patterns that fold are folded here; the caller brings folded text.

use memchr::memmem;
use vedette_sigma::{Fold, Glob, Token};

use crate::fold::folded;

/// Where a literal must stand in the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Anchor {
    /// The whole value.
    Exact,
    /// Its beginning.
    Start,
    /// Its end.
    End,
    /// Anywhere.
    Within,
}

/// A glob reduced to its simplest form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// `*`: any value.
    Anything,
    Literal(Anchor, String),
    Pieces(Pieces),
}

/// A pattern with inner wildcards, cut at its `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    /// Runs without `*`; the first is bound to the start and the last to the end of the value, where they are bound.
    runs: Vec<Run>,
    bound_start: bool,
    bound_end: bool,
}

/// A run of literals and `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    One,
}

/// Prepares `glob`.
pub fn shape(glob: &Glob) -> Shape {
    let mut runs = vec![Run(Vec::new())];
    for token in &glob.tokens {
        let Some(Run(parts)) = runs.last_mut() else { break };
        match token {
            Token::Text(text) if text.is_empty() => {}
            Token::Text(text) => {
                let text = if glob.fold == Fold::Ignore { folded(text) } else { text.clone() };
                match parts.last_mut() {
                    Some(Part::Text(before)) => before.push_str(&text),
                    _ => parts.push(Part::Text(text)),
                }
            }
            Token::One => parts.push(Part::One),
            Token::Many => runs.push(Run(Vec::new())),
        }
    }
    let bound_start = runs.first().is_some_and(|r| !r.0.is_empty()) || runs.len() == 1;
    let bound_end = runs.last().is_some_and(|r| !r.0.is_empty()) || runs.len() == 1;
    runs.retain(|r| !r.0.is_empty());
    let anchor = match (bound_start, bound_end) {
        (true, true) => Anchor::Exact,
        (true, false) => Anchor::Start,
        (false, true) => Anchor::End,
        (false, false) => Anchor::Within,
    };
    match runs.as_slice() {
        [] if bound_start => Shape::Literal(Anchor::Exact, String::new()),
        [] => Shape::Anything,
        [Run(parts)] => match parts.as_slice() {
            [Part::Text(text)] => Shape::Literal(anchor, text.clone()),
            _ => Shape::Pieces(Pieces { runs, bound_start, bound_end }),
        },
        _ => Shape::Pieces(Pieces { runs, bound_start, bound_end }),
    }
}

impl Pieces {
    /// The literals every match contains, each with where it stands.
    pub fn literals(&self) -> impl Iterator<Item = (Anchor, &str)> {
        let last_run = self.runs.len().saturating_sub(1);
        self.runs.iter().enumerate().flat_map(move |(r, Run(parts))| {
            let last_part = parts.len().saturating_sub(1);
            parts.iter().enumerate().filter_map(move |(p, part)| match part {
                Part::One => None,
                Part::Text(text) => {
                    let start = self.bound_start && r == 0 && p == 0;
                    let end = self.bound_end && r == last_run && p == last_part;
                    // One run can be bound on both sides only when it has a `?`, so text is never exact here.
                    let anchor = match (start, end) {
                        (true, _) => Anchor::Start,
                        (false, true) => Anchor::End,
                        (false, false) => Anchor::Within,
                    };
                    Some((anchor, text.as_str()))
                }
            })
        })
    }

    /// Whether the pattern covers `text`. The leftmost place for each run is right, because what follows has then the
    /// most room.
    pub fn covers(&self, text: &str) -> bool {
        let mut runs = self.runs.as_slice();
        let mut rest = text;
        if self.bound_start
            && let Some((first, others)) = runs.split_first()
        {
            let Some(len) = first.len_at_start(rest) else { return false };
            rest = rest.get(len..).unwrap_or("");
            runs = others;
            if runs.is_empty() && self.bound_end {
                return rest.is_empty();
            }
        }
        if self.bound_end
            && let Some((last, others)) = runs.split_last()
        {
            let Some(len) = last.len_at_end(rest) else { return false };
            rest = rest.get(..rest.len() - len).unwrap_or("");
            runs = others;
        }
        for run in runs {
            let Some(end) = run.find_end(rest) else { return false };
            rest = rest.get(end..).unwrap_or("");
        }
        true
    }
}

impl Run {
    /// Bytes of `text` that the run takes when it stands at the start.
    fn len_at_start(&self, text: &str) -> Option<usize> {
        let mut rest = text;
        for part in &self.0 {
            rest = match part {
                Part::Text(literal) => rest.strip_prefix(literal.as_str())?,
                Part::One => {
                    let mut chars = rest.chars();
                    chars.next()?;
                    chars.as_str()
                }
            };
        }
        Some(text.len() - rest.len())
    }

    /// Bytes of `text` that the run takes when it stands at the end.
    fn len_at_end(&self, text: &str) -> Option<usize> {
        let mut rest = text;
        for part in self.0.iter().rev() {
            rest = match part {
                Part::Text(literal) => rest.strip_suffix(literal.as_str())?,
                Part::One => {
                    let mut chars = rest.chars();
                    chars.next_back()?;
                    chars.as_str()
                }
            };
        }
        Some(text.len() - rest.len())
    }

    /// Where the leftmost occurrence in `text` ends.
    fn find_end(&self, text: &str) -> Option<usize> {
        if let [Part::Text(literal)] = self.0.as_slice() {
            return memmem::find(text.as_bytes(), literal.as_bytes()).map(|at| at + literal.len());
        }
        // A run that holds `?` is rare and short: it is tried at each place its first literal allows.
        let lead = self.0.iter().take_while(|p| matches!(p, Part::One)).count();
        let Some(Part::Text(first)) = self.0.get(lead) else {
            return self.len_at_start(text);
        };
        let mut from = 0;
        while let Some(found) = text.get(from..).and_then(|t| t.find(first.as_str())) {
            let at = from + found;
            let start =
                (0..lead).try_fold(at, |at, _| text.get(..at)?.char_indices().next_back().map(|(i, _)| i));
            if let Some(start) = start
                && let Some(len) = text.get(start..).and_then(|t| self.len_at_start(t))
            {
                return Some(start + len);
            }
            from = at + text.get(at..)?.chars().next().map_or(1, char::len_utf8);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn glob(pattern: &str) -> Glob {
        let tokens = pattern
            .chars()
            .map(|c| match c {
                '*' => Token::Many,
                '?' => Token::One,
                c => Token::Text(c.to_string()),
            })
            .collect();
        Glob { tokens, fold: Fold::Ignore }
    }

    fn covers(pattern: &str, text: &str) -> bool {
        let text = folded(text);
        match shape(&glob(pattern)) {
            Shape::Anything => true,
            Shape::Literal(Anchor::Exact, l) => text == l,
            Shape::Literal(Anchor::Start, l) => text.starts_with(&l),
            Shape::Literal(Anchor::End, l) => text.ends_with(&l),
            Shape::Literal(Anchor::Within, l) => text.contains(&l),
            Shape::Pieces(pieces) => pieces.covers(&text),
        }
    }

    #[test]
    fn covers_the_whole_value() {
        for (pattern, text, expect) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a", "A", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("*b*", "abc", true),
            ("?", "", false),
            ("?", "ä", true),
            ("??", "ä", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*a?", "aab", true),
            ("*?a", "aa", true),
            ("*?a*", "a", false),
            ("*ab?*", "abab", true),
            ("a*b*c", "a\nb\nc", true),
            ("*\\temp\\*.exe", "C:\\Temp\\x.EXE", true),
            ("*x*xy*", "xxy", true),
        ] {
            assert_eq!(covers(pattern, text), expect, "{pattern:?} {text:?}");
        }
    }

    /// The textbook definition.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            Some(('?', rest)) => !text.is_empty() && naive(rest, &text[1..]),
            Some((c, rest)) => text.first() == Some(c) && naive(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab?*ä]{0,8}", text in "[abä]{0,8}") {
            let p: Vec<char> = pattern.chars().collect();
            let t: Vec<char> = text.chars().collect();
            prop_assert_eq!(covers(&pattern, &text), naive(&p, &t));
        }
    }
}
