//! Case folding: what "case-insensitive" means here.
//!
//! Unicode *simple* folding: each character becomes exactly one character, so that `?` counts the same before and
//! after, and a piece of a text folds to a piece of the folded text. Upper case goes to lower case; the few lower-case
//! letters that share an upper-case one (long s, final sigma, micro sign, Greek symbols) go to the ordinary letter.
//! No locale: Turkish dotted capital I becomes a plain `i`. This agrees with the `(?i)` of regular expressions on
//! every letter but the Cherokee ones.

/// Folds one character.
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    match c {
        'ſ' => 's',
        'ς' => 'σ',
        'µ' => 'μ',
        'ẛ' => 'ṡ',
        'ϐ' => 'β',
        'ϑ' | 'ϴ' => 'θ',
        'ϕ' => 'φ',
        'ϖ' => 'π',
        'ϰ' => 'κ',
        'ϱ' => 'ρ',
        'ϵ' => 'ε',
        '\u{345}' | '\u{1fbe}' => 'ι',
        // The only character whose lower case is two characters.
        'İ' => 'i',
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

/// Appends the folded `text` to `out`.
pub fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        return fold_ascii_into(text, out);
    }
    // One letter of another script in a long text must not make the rest of it slow.
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(plain);
        fold_ascii_into(head, out);
        let mut chars = tail.chars();
        out.extend(chars.next().map(fold_char));
        rest = chars.as_str();
    }
}

fn fold_ascii_into(text: &str, out: &mut String) {
    let start = out.len();
    out.push_str(text);
    if let Some(tail) = out.get_mut(start..) {
        tail.make_ascii_lowercase();
    }
}

/// The folded `text`.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_letters_of_all_scripts_one_to_one() {
        for (text, expect) in [
            ("C:\\Windows\\CMD.EXE", "c:\\windows\\cmd.exe"),
            ("ÄÖÜß", "äöüß"),
            ("ΣΊΓΜΑΣ σίγμας", "σίγμασ σίγμασ"),
            ("İstanbul", "istanbul"),
            ("\u{212a}elvin", "kelvin"),
            ("ſ", "s"),
            ("日本", "日本"),
            ("", ""),
        ] {
            assert_eq!(folded(text), expect);
            assert_eq!(folded(expect), expect, "folding twice changes nothing");
        }
    }

    #[test]
    fn folding_twice_changes_nothing_for_any_character() {
        for c in (0..=0x10_ffff_u32).filter_map(char::from_u32) {
            let once = fold_char(c);
            assert_eq!(fold_char(once), once, "{c:?}");
        }
    }
}
