//! Placeholders such as `%Administrators%` under `|expand`, and the lists that fill them.
//!
//! Source: Sigma rules specification 2.1.0, *Placeholders*: `\%` is a plain percent sign.

use std::collections::BTreeMap;

use crate::limits;

/// Name of a placeholder -> its values; a value may hold wildcards, as in a rule.
pub type Lists = BTreeMap<String, Vec<String>>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Template {
    /// No placeholder in it; `\%` is already a percent sign.
    Plain(String),
    /// One value for each combination of the lists.
    Filled(Vec<String>),
    /// The first name without a list.
    Missing(String),
    TooMany,
}

/// Fills the placeholders of a value.
pub(crate) fn fill(value: &str, lists: &Lists) -> Template {
    let mut values = vec![String::new()];
    let mut filled = false;
    let mut rest = value;
    while let Some(at) = rest.find('%') {
        let (text, tail) = rest.split_at(at);
        if let Some(text) = text.strip_suffix('\\') {
            values.iter_mut().for_each(|v| {
                v.push_str(text);
                v.push('%');
            });
            rest = &tail[1..];
            continue;
        }
        values.iter_mut().for_each(|v| v.push_str(text));
        let name = tail[1..].split_once('%').map(|(n, _)| n).filter(|n| is_name(n));
        let Some(name) = name else {
            values.iter_mut().for_each(|v| v.push('%'));
            rest = &tail[1..];
            continue;
        };
        // An empty list would make a selection that never matches, in silence.
        let Some(list) = find(name, lists).filter(|l| !l.is_empty()) else {
            return Template::Missing(name.to_owned());
        };
        if values.len().saturating_mul(list.len()) > limits::EXPANSION_MAX {
            return Template::TooMany;
        }
        values = values.iter().flat_map(|v| list.iter().map(move |entry| format!("{v}{entry}"))).collect();
        filled = true;
        rest = &tail[name.len() + 2..];
    }
    values.iter_mut().for_each(|v| v.push_str(rest));
    if filled { Template::Filled(values) } else { Template::Plain(values.pop().unwrap_or_default()) }
}

/// Names are compared as written first, then without case: the standard ones are written `%Workstations%`.
fn find<'a>(name: &str, lists: &'a Lists) -> Option<&'a Vec<String>> {
    lists.get(name).or_else(|| lists.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, l)| l))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_and_filled() {
        let mut lists = Lists::new();
        lists.insert("Servers".into(), vec!["srv*".into(), "dc1".into()]);
        lists.insert("empty".into(), Vec::new());
        let check = |value: &str, expect: Template| assert_eq!(fill(value, &lists), expect, "{value}");
        check("none", Template::Plain("none".into()));
        check("%servers%", Template::Filled(vec!["srv*".into(), "dc1".into()]));
        check("a-%Servers%-b", Template::Filled(vec!["a-srv*-b".into(), "a-dc1-b".into()]));
        check("%Users%", Template::Missing("Users".into()));
        check("%empty%", Template::Missing("empty".into()));
        check(r"\%plain%Users%", Template::Missing("Users".into()));
        check("100 % of", Template::Plain("100 % of".into()));
        check("%%", Template::Plain("%%".into()));
        lists.insert("Many".into(), vec!["x".into(); 100]);
        assert_eq!(fill("%Many%%Many%", &lists), Template::TooMany);
    }
}
