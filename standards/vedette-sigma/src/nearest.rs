//! The word that was probably meant.

/// The candidate nearest to `word`, if it is near enough to be worth showing: at most a third of the letters differ.
/// Of several equally near ones the first in the list is taken.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let lower: Vec<char> = word.chars().flat_map(char::to_lowercase).take(64).collect();
    let allowed = (lower.len() / 3).clamp(1, 4);
    candidates
        .iter()
        .map(|c| (distance(&lower, &c.chars().flat_map(char::to_lowercase).take(64).collect::<Vec<_>>()), *c))
        .filter(|(d, _)| *d <= allowed)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// Edits between two words; two neighbours that changed places count as one (Damerau).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let mut best =
                (row[j] + 1).min(next[j - 1] + 1).min(row[j - 1] + usize::from(a[i - 1] != b[j - 1]));
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let words = ["contains", "startswith", "endswith", "re", "cidr"];
        let check = |word: &str, expect: Option<&str>| assert_eq!(nearest(word, &words), expect, "{word}");
        check("contain", Some("contains"));
        check("contians", Some("contains"));
        check("StartWith", Some("startswith"));
        check("cdir", Some("cidr"));
        check("xyz", None);
        check("", None);
    }
}
