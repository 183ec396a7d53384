//! The kept list of recorded attacks: which rule fired on which public data set.
//!
//! It holds facts alone, ids and names, and nothing of the recordings; `vedette rules coverage --record` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use vedette_normalize::yaml::{self, Data, Node};

/// Rule id -> what it was seen to find.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proofs {
    pub rules: BTreeMap<String, Proof>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// ATT&CK techniques of the rule's findings.
    pub techniques: BTreeSet<String>,
    /// Names of the public data sets on which it fired.
    pub sets: BTreeSet<String>,
}

impl Proofs {
    /// Reads the kept list.
    ///
    /// # Errors
    /// A sentence with the line and what is wrong there; a list that is not understood proves nothing.
    pub fn read(text: &str) -> Result<Self, String> {
        let documents = yaml::read(text).map_err(|f| format!("line {}: {}", f.place.line, f.what))?;
        let mut proofs = Proofs::default();
        for rule in documents.iter().flat_map(|d| items(d.get("rules"))) {
            let line = rule.place.line;
            let id = rule.get("id").and_then(Node::text);
            let id = id.ok_or_else(|| format!("line {line}: the entry names no `id`"))?;
            let words = |key: &str| -> BTreeSet<String> {
                items(rule.get(key)).iter().filter_map(Node::text).map(str::to_owned).collect()
            };
            let (techniques, sets) = (words("techniques"), words("sets"));
            if sets.is_empty() {
                return Err(format!("line {line}: `{id}` names no `sets`"));
            }
            proofs.rules.insert(id.to_owned(), Proof { techniques, sets });
        }
        Ok(proofs)
    }

    /// Notes that `rule` fired on `set`.
    pub fn add(&mut self, rule: &str, techniques: impl IntoIterator<Item = String>, set: &str) {
        let proof = self.rules.entry(rule.to_owned()).or_default();
        proof.techniques.extend(techniques);
        proof.sets.insert(set.to_owned());
    }

    /// The list as it is kept: by rule id, one entry a line.
    pub fn write(&self) -> String {
        let mut out = String::from(
            "# Which rule fired on which public recording of attacks: ids and names, nothing of the recordings.\n\
             # Written by `vedette rules coverage --record NAME=SCAN.json`; see docs/rules.md.\nrules:\n",
        );
        let list = |words: &BTreeSet<String>| {
            words.iter().map(|w| format!("'{}'", w.replace('\'', "''"))).collect::<Vec<_>>().join(", ")
        };
        for (id, proof) in &self.rules {
            // Writing to a String cannot fail.
            let _ = writeln!(
                out,
                "  - {{ id: '{}', techniques: [{}], sets: [{}] }}",
                id.replace('\'', "''"),
                list(&proof.techniques),
                list(&proof.sets)
            );
        }
        out
    }
}

fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|n| &n.data) {
        Some(Data::List(items)) => items,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut proofs = Proofs::default();
        proofs.add("b", ["T1003.001".to_owned()], "set two");
        proofs.add("a", ["T1021".to_owned()], "it's one");
        proofs.add("a", ["T1021.002".to_owned()], "set two");
        let text = proofs.write();
        assert_eq!(Proofs::read(&text), Ok(proofs), "{text}");
    }

    #[test]
    fn a_list_that_is_not_understood_is_told() {
        for (text, what) in [
            ("rules:\n  - { techniques: [T1], sets: [a] }\n", "line 2: the entry names no `id`"),
            ("rules:\n  - { id: x, techniques: [T1] }\n", "line 2: `x` names no `sets`"),
        ] {
            assert_eq!(Proofs::read(text), Err(what.to_owned()));
        }
        assert!(Proofs::read("rules: [\n").is_err());
    }
}
