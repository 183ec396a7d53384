//! The words of `match` and `when`, and how they are tested.
//!
//! Texts are compared without regard to ASCII case; a field with several values fits when one of them does.

use regex::Regex;
use vedette_model::Kind;

use super::fault::Faults;
use super::limits;
use super::names::{Fields, NameId, Names};
use super::yaml::{Data, Node};

/// Every test must hold; none at all always holds.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    pub all: Vec<Test>,
}

#[derive(Debug, Clone)]
pub enum Test {
    /// The field is there, null included.
    Exists(NameId),
    /// Some field's name begins with this.
    ExistsBelow(Box<str>),
    Text(NameId, How, Vec<Box<str>>),
    Regex(NameId, Regex),
    Any(Vec<Condition>),
    Not(Condition),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Equals,
    Contains,
    StartsWith,
    EndsWith,
}

pub const WORDS: [&str; 8] =
    ["exists", "equals", "contains", "starts_with", "ends_with", "regex", "any", "not"];

impl Condition {
    pub fn read(node: &Node, within: &str, names: &mut Names, faults: &mut Faults) -> Self {
        let mut condition = Condition::default();
        let Data::Map(pairs) = &node.data else {
            faults.shape(node, within, "a map such as { exists: [FIELD] }");
            return condition;
        };
        for (key, value) in pairs {
            match key.text.as_str() {
                "exists" => {
                    for name in faults.texts(value, "exists") {
                        condition.all.push(if name.ends_with('.') {
                            Test::ExistsBelow(name.into())
                        } else {
                            Test::Exists(names.intern(&name))
                        });
                    }
                }
                "equals" => condition.texts(value, How::Equals, names, faults),
                "contains" => condition.texts(value, How::Contains, names, faults),
                "starts_with" => condition.texts(value, How::StartsWith, names, faults),
                "ends_with" => condition.texts(value, How::EndsWith, names, faults),
                "regex" => {
                    let Data::Map(fields) = &value.data else {
                        faults.shape(value, "regex", "a map { FIELD: 'pattern' }");
                        continue;
                    };
                    for (field, pattern) in fields {
                        if let Some(regex) = read_regex(pattern, faults) {
                            condition.all.push(Test::Regex(names.intern(&field.text), regex));
                        }
                    }
                }
                "any" => match &value.data {
                    Data::List(items) => {
                        let any = items.iter().map(|i| Condition::read(i, "any", names, faults)).collect();
                        condition.all.push(Test::Any(any));
                    }
                    _ => faults.shape(value, "any", "a list of conditions"),
                },
                "not" => condition.all.push(Test::Not(Condition::read(value, "not", names, faults))),
                other => faults.unknown_key(key.place, other, within, &WORDS),
            }
        }
        condition
    }

    fn texts(&mut self, node: &Node, how: How, names: &mut Names, faults: &mut Faults) {
        let Data::Map(fields) = &node.data else {
            faults.shape(node, "this", "a map { FIELD: [values] }");
            return;
        };
        for (field, values) in fields {
            let values = faults.texts(values, &field.text);
            let values = values.into_iter().map(|v| v.to_ascii_lowercase().into_boxed_str()).collect();
            self.all.push(Test::Text(names.intern(&field.text), how, values));
        }
    }

    pub fn holds(&self, fields: &impl Fields) -> bool {
        self.all.iter().all(|test| test.holds(fields))
    }

    /// The names it reads.
    pub fn names(&self, each: &mut dyn FnMut(NameId)) {
        for test in &self.all {
            match test {
                Test::Exists(name) | Test::Text(name, _, _) | Test::Regex(name, _) => each(*name),
                Test::ExistsBelow(_) => {}
                Test::Any(any) => any.iter().for_each(|c| c.names(each)),
                Test::Not(not) => not.names(each),
            }
        }
    }
}

impl Test {
    pub fn holds(&self, fields: &impl Fields) -> bool {
        match self {
            Test::Exists(name) => fields.any(*name, &mut |_, _| true),
            Test::ExistsBelow(prefix) => fields.any_field(&mut |n, _, _| n.starts_with(&**prefix)),
            Test::Text(name, how, values) => fields.any(*name, &mut |value, kind| {
                kind != Kind::Null && values.iter().any(|wanted| fits(value, *how, wanted))
            }),
            Test::Regex(name, regex) => fields.any(*name, &mut |value, _| regex.is_match(cut(value))),
            Test::Any(any) => any.iter().any(|c| c.holds(fields)),
            Test::Not(not) => !not.holds(fields),
        }
    }
}

/// The part of a value that comparisons look at.
pub(crate) fn cut(value: &str) -> &str {
    if value.len() <= limits::COMPARED_BYTES_MAX {
        return value;
    }
    let mut end = limits::COMPARED_BYTES_MAX;
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    &value[..end]
}

/// `wanted` is lower case already.
fn fits(value: &str, how: How, wanted: &str) -> bool {
    let (value, wanted) = (cut(value).as_bytes(), wanted.as_bytes());
    match how {
        How::Equals => value.eq_ignore_ascii_case(wanted),
        How::StartsWith => value.len() >= wanted.len() && value[..wanted.len()].eq_ignore_ascii_case(wanted),
        How::EndsWith => {
            value.len() >= wanted.len() && value[value.len() - wanted.len()..].eq_ignore_ascii_case(wanted)
        }
        How::Contains => match wanted.first() {
            None => true,
            Some(first) => {
                let upper = first.to_ascii_uppercase();
                memchr::memchr2_iter(*first, upper, value).any(|at| {
                    value.len() - at >= wanted.len()
                        && value[at..at + wanted.len()].eq_ignore_ascii_case(wanted)
                })
            }
        },
    }
}

/// A pattern, its size bounded.
pub fn read_regex(node: &Node, faults: &mut Faults) -> Option<Regex> {
    let pattern = faults.text(node, "a pattern")?;
    match regex::RegexBuilder::new(&pattern).size_limit(limits::PATTERN_BYTES_MAX).build() {
        Ok(regex) => Some(regex),
        Err(error) => {
            let what = error.to_string();
            let what =
                what.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
            faults.add("VD-N004", node.place, format!("the pattern cannot be used: {what}"), String::new());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::{Looked, Lookup};
    use super::super::yaml;
    use super::*;
    use vedette_model::Native;

    fn check(condition: &str, fields: &[(&str, &str)], expect: bool) {
        let mut names = Names::default();
        let mut faults = Faults::default();
        let node = &yaml::read(condition).expect("yaml")[0];
        let read = Condition::read(node, "when", &mut names, &mut faults);
        assert!(faults.all.is_empty(), "{condition}: {faults:?}");
        let mut native = Native::new();
        for (name, value) in fields {
            native.push_text(name, value);
        }
        let mut lookup = Lookup::default();
        lookup.fill(&native, &names);
        assert_eq!(
            read.holds(&Looked { native: &native, lookup: &lookup }),
            expect,
            "{condition} {fields:?}"
        );
    }

    #[test]
    fn words_mean_what_they_say() {
        check("{ exists: [a, b] }", &[("a", ""), ("b", "1")], true);
        check("{ exists: [a, b] }", &[("a", "")], false);
        check("{ exists: [a.] }", &[("a.x", "")], true);
        check("{ equals: { id: [4624, 4625] } }", &[("id", "4625")], true);
        check("{ equals: { id: 4624 } }", &[("id", "46240")], false);
        check("{ equals: { a: Yes } }", &[("a", "YES")], true);
        check("{ equals: { a: x } }", &[("a", "y"), ("a", "X")], true);
        check("{ contains: { a: [.Amazonaws.com] } }", &[("a", "s3.AMAZONAWS.com")], true);
        check("{ contains: { a: aab } }", &[("a", "xaaab")], true);
        check("{ starts_with: { a: sshd } }", &[("a", "SSHD[1]")], true);
        check("{ ends_with: { a: d } }", &[("a", "")], false);
        check("{ regex: { a: '^\\d+$' } }", &[("a", "12")], true);
        check("{ any: [ { exists: a }, { exists: b } ] }", &[("b", "")], true);
        check("{ not: { exists: a } }", &[("a", "")], false);
        check("{}", &[], true);
    }

    #[test]
    fn faults_name_the_word() {
        let mut faults = Faults::default();
        let node = &yaml::read("{ equal: { a: b }, regex: { a: '(' } }").expect("yaml")[0];
        Condition::read(node, "match", &mut Names::default(), &mut faults);
        assert_eq!(faults.all[0].remedy, "did you mean `equals`?");
        assert!(faults.all[1].what.contains("unclosed group"), "{faults:?}");
    }
}
