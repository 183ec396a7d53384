//! Takes the harm guards off an indicator: people write `hxxp://evil[.]example` so that nobody clicks on it.

use std::borrow::Cow;

/// Brackets that people put around a dot, a colon or an at sign, and words for them.
const GUARDS: &[(&str, &str)] = &[
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("{dot}", "."),
    ("[:]", ":"),
    ("[://]", "://"),
    ("[:/]", ":/"),
    ("[/]", "/"),
    ("[@]", "@"),
    ("[at]", "@"),
    ("\\.", "."),
];

/// The text without guards. Backslashes before a dot are only taken off where no path is meant.
pub fn refang(text: &str) -> Cow<'_, str> {
    let guarded = text.contains(['[', '(', '{']) || text.contains("\\.");
    let scheme = scheme_end(text).is_some();
    if !guarded && !scheme {
        return Cow::Borrowed(text);
    }
    let mut out = text.to_owned();
    if guarded {
        for (guard, plain) in GUARDS {
            // `C:\Users\.ssh` and `\\.\pipe` are paths and no guarded dots.
            let path = *guard == "\\." && (text.contains(":\\") || text.starts_with('\\'));
            if !path {
                out = replace_folded(&out, guard, plain);
            }
        }
        // A dot guarded on one side: `evil[.example`, `1.2.3]4` would be guesswork; the first is not.
        out = out.replace("[.", ".").replace(".]", ".");
    }
    if let Some((end, plain)) = scheme_end(&out) {
        out.replace_range(..end, plain);
    }
    Cow::Owned(out)
}

/// `hxxp`, `hXXps`, `h**p`, `fxp` and their like at the beginning: how long, and what is meant.
fn scheme_end(text: &str) -> Option<(usize, &'static str)> {
    const SCHEMES: &[(&str, &str)] = &[
        ("hxxps", "https"),
        ("hxxp", "http"),
        ("h**ps", "https"),
        ("h**p", "http"),
        ("hxtps", "https"),
        ("hxtp", "http"),
        ("htxps", "https"),
        ("htxp", "http"),
        ("meows", "https"),
        ("meow", "http"),
        ("fxp", "ftp"),
    ];
    let fits = |name: &str| {
        text.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
            && text[name.len()..].starts_with([':', '['])
    };
    SCHEMES.iter().find(|(name, _)| fits(name)).map(|(name, plain)| (name.len(), *plain))
}

fn replace_folded(text: &str, from: &str, to: &str) -> String {
    if !from.bytes().any(|b| b.is_ascii_alphabetic()) {
        return text.replace(from, to);
    }
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    while let Some(at) = lower[done..].find(from) {
        out.push_str(&text[done..done + at]);
        out.push_str(to);
        done += at + from.len();
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_come_off() {
        for (text, plain) in [
            ("hxxp://evil[.]example/a", "http://evil.example/a"),
            ("hXXps[:]//evil(.)example", "https://evil.example"),
            ("hxxps[://]evil[.]example", "https://evil.example"),
            ("192[.]0[.]2[.]1", "192.0.2.1"),
            ("192.0.2[.1", "192.0.2.1"),
            ("evil[DOT]example", "evil.example"),
            ("evil\\.example", "evil.example"),
            ("C:\\Users\\.ssh\\x.exe", "C:\\Users\\.ssh\\x.exe"),
            ("plain.example", "plain.example"),
            ("[2001:db8::1]:443", "[2001:db8::1]:443"),
            ("hxxpd.example", "hxxpd.example"),
        ] {
            assert_eq!(refang(text), plain, "{text}");
        }
    }
}
