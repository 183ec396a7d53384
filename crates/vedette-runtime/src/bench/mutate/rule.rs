//! The mutants of a rule: one line or selection taken out, or one comparison loosened.
//!
//! A list of values counts as one line: taking out a single value of a list is no mutant.

use vedette_sigma::{Block, Condition, Fold, Glob, Item, Matcher, Quantifier, Rule, Selection, Token};

/// A rule with one change.
pub struct Change {
    pub rule: Rule,
    pub line: u32,
    pub what: String,
    /// Set where the change is to the condition and not to a line of a selection.
    pub shown: Option<String>,
}

/// Every change of one step.
pub fn changes(rule: &Rule) -> Vec<Change> {
    let mut found = Vec::new();
    for index in 0..rule.detection.conditions.len() {
        for path in parts(&rule.detection.conditions[index]) {
            let mut changed = rule.clone();
            let (line, shown) = described(rule, &rule.detection.conditions[index], &path);
            changed.detection.conditions[index] = without(&rule.detection.conditions[index], &path);
            found.push(Change { rule: changed, line, what: "without".to_owned(), shown: Some(shown) });
        }
    }
    for (index, selection) in rule.detection.selections.iter().enumerate() {
        lines(selection, &mut |block, line, what| {
            let mut changed = rule.clone();
            changed.detection.selections[index].block = block;
            found.push(Change { rule: changed, line, what: what.to_owned(), shown: None });
        });
    }
    found
}

/// Steps from the root of a condition: which part, and at the end, which entry of an `of`.
type Path = Vec<usize>;

/// Everything that can be taken out: parts of `and` and `or`, entries of `1 of` and `all of`, and a root that is one
/// selection. What stands alone under a `not` is taken out with it.
fn parts(condition: &Condition) -> Vec<Path> {
    fn walk(condition: &Condition, at: &mut Path, found: &mut Vec<Path>) {
        match condition {
            Condition::And(parts) | Condition::Or(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    at.push(index);
                    // An `all of` or `1 of` as a whole is taken out too when it is one of several parts, unless its
                    // only entry is the same thing.
                    if parts.len() > 1 {
                        found.push(at.clone());
                    }
                    walk(part, at, found);
                    at.pop();
                }
            }
            Condition::Not(inner) => walk(inner, at, found),
            Condition::Of { of, .. } if of.len() > 1 => {
                for index in 0..of.len() {
                    at.push(index);
                    found.push(at.clone());
                    at.pop();
                }
            }
            Condition::Selection(_) | Condition::Of { .. } => {}
        }
    }
    let mut found = Vec::new();
    walk(condition, &mut Vec::new(), &mut found);
    let whole = match condition {
        Condition::Selection(_) => true,
        Condition::Of { of, .. } => of.len() == 1,
        _ => false,
    };
    if whole {
        found.push(Vec::new());
    }
    found
}

/// The condition without the part at `path`; without its root it holds for every event.
fn without(condition: &Condition, path: &[usize]) -> Condition {
    let Some((&first, rest)) = path.split_first() else {
        return Condition::Not(Box::new(Condition::And(Vec::new())));
    };
    let parts_without = |parts: &[Condition]| -> Vec<Condition> {
        let each = parts.iter().enumerate();
        each.filter_map(|(i, p)| match (i == first, rest.is_empty()) {
            (true, true) => None,
            (true, false) => Some(without(p, rest)),
            (false, _) => Some(p.clone()),
        })
        .collect()
    };
    match condition {
        Condition::And(parts) => Condition::And(parts_without(parts)),
        Condition::Or(parts) => Condition::Or(parts_without(parts)),
        Condition::Not(inner) => Condition::Not(Box::new(without(inner, path))),
        Condition::Of { quantifier, selector, of } => {
            let mut of = of.clone();
            of.remove(first);
            Condition::Of { quantifier: *quantifier, selector: selector.clone(), of }
        }
        Condition::Selection(_) => condition.clone(),
    }
}

/// The line on which the part's selection stands, and the part in the words of the condition.
fn described(rule: &Rule, condition: &Condition, path: &[usize]) -> (u32, String) {
    let selections = &rule.detection.selections;
    let named = |index: usize| -> (u32, String) {
        selections
            .get(index)
            .map_or((rule.meta.place.line, String::new()), |s: &Selection| (s.place.line, s.name.clone()))
    };
    match (condition, path.split_first()) {
        (Condition::And(parts) | Condition::Or(parts), Some((&first, rest))) => {
            parts.get(first).map_or((rule.meta.place.line, String::new()), |p| described(rule, p, rest))
        }
        (Condition::Not(inner), Some(_)) => described(rule, inner, path),
        (Condition::Of { of, .. }, Some((&first, _))) => {
            of.get(first).map_or((rule.meta.place.line, String::new()), |s| named(*s))
        }
        (whole, _) => (
            first_selection(whole).map_or(rule.meta.place.line, |s| named(s).0),
            rule.detection.show(whole).to_string(),
        ),
    }
}

fn first_selection(condition: &Condition) -> Option<usize> {
    match condition {
        Condition::Selection(index) => Some(*index),
        Condition::And(parts) | Condition::Or(parts) => parts.iter().find_map(first_selection),
        Condition::Not(inner) => first_selection(inner),
        Condition::Of { of, .. } => of.first().copied(),
    }
}

/// Changes to the lines of one selection.
fn lines(selection: &Selection, tell: &mut dyn FnMut(Block, u32, &str)) {
    walk(&selection.block, &mut |block, line, what| tell(block, line, what));
}

fn walk(block: &Block, tell: &mut dyn FnMut(Block, u32, &str)) {
    match block {
        Block::Item(item) => {
            for (changed, what) in loosened(item) {
                tell(Block::Item(changed), item.place.line, what);
            }
        }
        Block::All(parts) | Block::Any(parts) => {
            let all = matches!(block, Block::All(_));
            let again = |parts: Vec<Block>| if all { Block::All(parts) } else { Block::Any(parts) };
            for index in 0..parts.len() {
                if parts.len() > 1 {
                    let mut rest = parts.clone();
                    let gone = rest.remove(index);
                    let what = if all { "without" } else { "without the alternative" };
                    tell(again(rest), line_of(&gone).unwrap_or_default(), what);
                }
                walk(&parts[index], &mut |changed, line, what| {
                    let mut parts = parts.clone();
                    parts[index] = changed;
                    tell(again(parts), line, what);
                });
            }
        }
    }
}

fn line_of(block: &Block) -> Option<u32> {
    match block {
        Block::Item(item) => Some(item.place.line),
        Block::All(parts) | Block::Any(parts) => parts.iter().find_map(line_of),
    }
}

/// A line that asks for less.
fn loosened(item: &Item) -> Vec<(Item, &'static str)> {
    let mut found = Vec::new();
    if item.quantifier == Quantifier::All && item.matchers.len() > 1 {
        found.push((
            Item { quantifier: Quantifier::Any, ..item.clone() },
            "all of the values loosened to one of them",
        ));
    }
    let mut what = None;
    let wider: Vec<Matcher> = item.matchers.iter().map(|m| wide(m, &mut what)).collect();
    if let (Some(what), true) = (what, item.field.is_some()) {
        found.push((Item { matchers: wider, ..item.clone() }, what));
    }
    let mut cased = false;
    let folded: Vec<Matcher> = item.matchers.iter().map(|m| any_case(m, &mut cased)).collect();
    if cased {
        found.push((Item { matchers: folded, ..item.clone() }, "exact case loosened to any case"));
    }
    found
}

/// The text may stand anywhere in the value.
fn wide(matcher: &Matcher, what: &mut Option<&'static str>) -> Matcher {
    match matcher {
        Matcher::AnyOf(inner) => Matcher::AnyOf(inner.iter().map(|m| wide(m, what)).collect()),
        Matcher::Glob(glob) => {
            let open = |token: Option<&Token>| matches!(token, Some(Token::Many));
            let (start, end) = (open(glob.tokens.first()), open(glob.tokens.last()));
            // An empty text asks for an empty value; wide, it would be no question.
            if glob.tokens.is_empty() || (start && end) {
                return matcher.clone();
            }
            what.get_or_insert(match (start, end) {
                (false, true) => "startswith loosened to contains",
                (true, false) => "endswith loosened to contains",
                _ => "exact loosened to contains",
            });
            let mut tokens = glob.tokens.clone();
            if !start {
                tokens.insert(0, Token::Many);
            }
            if !end {
                tokens.push(Token::Many);
            }
            Matcher::Glob(Glob { tokens, fold: glob.fold })
        }
        other => other.clone(),
    }
}

fn any_case(matcher: &Matcher, cased: &mut bool) -> Matcher {
    match matcher {
        Matcher::AnyOf(inner) => Matcher::AnyOf(inner.iter().map(|m| any_case(m, cased)).collect()),
        Matcher::Glob(glob) if glob.fold == Fold::Cased => {
            *cased = true;
            Matcher::Glob(Glob { tokens: glob.tokens.clone(), fold: Fold::Ignore })
        }
        other => other.clone(),
    }
}
