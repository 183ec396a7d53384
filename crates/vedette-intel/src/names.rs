//! Names of hosts and files: what a domain is in ASCII, which names are too wide, which endings files have.

use crate::limits::DOMAIN_BYTES_MAX;

/// The name in lower case and ASCII, without the final dot. `None` when it is no name of at least one label whose last
/// one has a letter.
///
/// Source: RFC 1035 section 2.3.1 with underscores as they are in use; RFC 3492 for letters beyond ASCII.
pub fn ascii_domain(text: &str) -> Option<String> {
    let text = text.trim_end_matches('.');
    if text.is_empty() {
        return None;
    }
    let mut name = String::with_capacity(text.len());
    for label in text.split(['.', '\u{3002}', '\u{ff0e}']) {
        if !name.is_empty() {
            name.push('.');
        }
        push_label(label, &mut name)?;
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let lettered = last.bytes().any(|b| b.is_ascii_alphabetic()) && last.len() > 1;
    (name.len() <= DOMAIN_BYTES_MAX && lettered).then_some(name)
}

fn push_label(label: &str, out: &mut String) -> Option<()> {
    // No name has a hyphen at the end of a label (RFC 1123, section 2.1): in running text it belongs to what follows.
    if label.ends_with('-') {
        return None;
    }
    let start = out.len();
    if label.is_ascii() {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if label.is_empty() || !label.bytes().all(fits) {
            return None;
        }
        out.push_str(label);
        out[start..].make_ascii_lowercase();
    } else {
        let letters: Vec<char> = label.to_lowercase().chars().collect();
        let fits =
            |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii() && !c.is_whitespace();
        if letters.len() > 63 || !letters.iter().all(fits) {
            return None;
        }
        out.push_str("xn--");
        punycode(&letters, out)?;
    }
    (out.len() - start <= 63).then_some(())
}

/// Source: RFC 3492 section 6.3, with the parameters of section 5.
fn punycode(letters: &[char], out: &mut String) -> Option<()> {
    const BASE: u32 = 36;
    const T_MIN: u32 = 1;
    const T_MAX: u32 = 26;
    let basic = letters.iter().filter(|c| c.is_ascii()).count() as u32;
    out.extend(letters.iter().filter(|c| c.is_ascii()));
    if basic > 0 {
        out.push('-');
    }
    let digit = |d: u32| char::from(if d < 26 { b'a' + d as u8 } else { b'0' + (d - 26) as u8 });
    let (mut n, mut delta, mut bias, mut done) = (128_u32, 0_u32, 72_u32, basic);
    while done < letters.len() as u32 {
        let next = letters.iter().map(|c| *c as u32).filter(|c| *c >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(done + 1)?)?;
        n = next;
        for c in letters.iter().map(|c| *c as u32) {
            if c < n {
                delta = delta.checked_add(1)?;
            }
            if c != n {
                continue;
            }
            let (mut q, mut k) = (delta, BASE);
            loop {
                let t = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
                if q < t {
                    break;
                }
                out.push(digit(t + (q - t) % (BASE - t)));
                q = (q - t) / (BASE - t);
                k += BASE;
            }
            out.push(digit(q));
            let mut scaled = if done == basic { delta / 700 } else { delta / 2 };
            scaled += scaled / (done + 1);
            let mut k = 0;
            while scaled > ((BASE - T_MIN) * T_MAX) / 2 {
                scaled /= BASE - T_MIN;
                k += BASE;
            }
            bias = k + ((BASE - T_MIN + 1) * scaled) / (scaled + 38);
            (delta, done) = (0, done + 1);
        }
        (delta, n) = (delta.checked_add(1)?, n + 1);
    }
    Some(())
}

/// A single label, or one of the second-level names under which countries register (`co.uk`): everybody's name ends so.
pub fn is_suffix(name: &str) -> bool {
    const SECOND: &[&str] =
        &["ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "mil", "ne", "net", "nom", "or", "org"];
    let mut labels = name.split('.');
    match (labels.next(), labels.next(), labels.next()) {
        (_, None, _) => true,
        (Some(second), Some(top), None) => top.len() == 2 && SECOND.contains(&second),
        _ => false,
    }
}

/// Whether the text ends as files do and domains do not: `zip`, `sh`, `py` and `com` are top-level domains.
pub fn has_file_ending(text: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "7z", "apk", "asp", "aspx", "bat", "bin", "cab", "class", "cmd", "dat", "dll", "dmg", "doc", "docm",
        "docx", "elf", "exe", "gz", "hta", "img", "iso", "jar", "js", "jse", "jsp", "jspx", "lnk", "msi",
        "ocx", "pdf", "php", "ppt", "pptm", "pptx", "ps1", "psd1", "psm1", "rar", "rtf", "scr", "sys", "tar",
        "tgz", "tmp", "txt", "vbe", "vbs", "vhd", "vhdx", "war", "wsf", "xls", "xlsb", "xlsm", "xlsx",
    ];
    let Some((_, ending)) = text.rsplit_once('.') else { return false };
    ending.len() <= 5 && ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample strings of RFC 3492 section 7.1 and names in use.
    #[test]
    fn letters_beyond_ascii_are_written_in_punycode() {
        for (text, ascii) in [
            ("München.de", Some("xn--mnchen-3ya.de")),
            ("他们为什么不说中文.example", Some("xn--ihqwcrb4cv8a8dqg056pqjye.example")),
            ("почемужеонинеговорятпорусски.example", Some("xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.example")),
            ("ABC.Example.", Some("abc.example")),
            ("_ldap._tcp.dc.example", Some("_ldap._tcp.dc.example")),
            ("a..b", None),
            ("a b.example", None),
            ("192.0.2.1", None),
            ("x.y", None),
            ("", None),
        ] {
            assert_eq!(ascii_domain(text).as_deref(), ascii, "{text}");
        }
        assert_eq!(ascii_domain(&format!("{}.example", "a".repeat(64))), None);
    }

    #[test]
    fn wide_names_are_known() {
        for (name, wide) in
            [("com", true), ("co.uk", true), ("evil.uk", false), ("evil.co.uk", false), ("com.evil", false)]
        {
            assert_eq!(is_suffix(name), wide, "{name}");
        }
    }
}
