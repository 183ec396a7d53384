//! Faults of a mapping file: what, where, and the word that was probably meant.

use vedette_model::Problem;

use super::yaml::{Data, Node, Place};

/// The faults of one file, collected so that an author sees all of them at once.
#[derive(Debug, Default)]
pub struct Faults {
    pub all: Vec<Fault>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub place: Place,
    pub what: String,
    pub remedy: String,
}

impl Faults {
    pub fn add(&mut self, code: &'static str, place: Place, what: String, remedy: String) {
        self.all.push(Fault { code, place, what, remedy });
    }

    /// A key that the language does not have here.
    pub fn unknown_key(&mut self, place: Place, key: &str, within: &str, known: &[&str]) {
        let remedy = match nearest(key, known.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("one of: {}", known.join(", ")),
        };
        self.add("VD-N001", place, format!("unknown key `{key}` in {within}"), remedy);
    }

    /// A value of the wrong shape.
    pub fn shape(&mut self, node: &Node, key: &str, expected: &str) {
        self.add("VD-N002", node.place, format!("`{key}` is {}", node.kind()), format!("write {expected}"));
    }

    /// A word that is not of a closed list.
    pub fn word<'a>(
        &mut self,
        node: &Node,
        key: &str,
        word: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        let remedy = match nearest(word, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of: {}", known.take(40).collect::<Vec<_>>().join(", ")),
        };
        self.add("VD-N003", node.place, format!("`{key}` cannot be `{word}`"), remedy);
    }

    pub fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        match node.text() {
            Some(text) => Some(text.to_owned()),
            None => {
                self.shape(node, key, "a single value");
                None
            }
        }
    }

    /// One value or a list of values.
    pub fn texts(&mut self, node: &Node, key: &str) -> Vec<String> {
        match &node.data {
            Data::List(items) => items.iter().filter_map(|item| self.text(item, key)).collect(),
            Data::Scalar { .. } if !node.is_null() => self.text(node, key).into_iter().collect(),
            _ => {
                self.shape(node, key, "a value or a list of values");
                Vec::new()
            }
        }
    }

    pub fn problems(self, path: &str, consequence: &str) -> Vec<Problem> {
        self.all
            .into_iter()
            .map(|f| Problem {
                code: f.code,
                place: format!("{path}:{}:{}", f.place.line, f.place.column),
                fault: f.what,
                consequence: consequence.to_owned(),
                remedy: f.remedy,
                count: 1,
            })
            .collect()
    }
}

/// The known word that differs least, if it differs little.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let far = word.chars().count() / 3 + 1;
    known.map(|k| (distance(word, k), k)).filter(|(d, _)| *d <= far).min().map(|(_, k)| k)
}

/// Levenshtein distance in characters, case folded.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().flat_map(char::to_lowercase).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        let known = ["aliases", "derive", "details"];
        assert_eq!(nearest("alias", known.into_iter()), Some("aliases"));
        assert_eq!(nearest("detials", known.into_iter()), Some("details"));
        assert_eq!(nearest("time", known.into_iter()), None);
    }
}
