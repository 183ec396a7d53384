//! Plain lists: one indicator a line, with comments, harm guards, and the columns that tools put beside it.

use std::io::{self, BufRead};

use super::{Found, Hint, IndicatorKind, Loader, Value};
use crate::limits::LINE_BYTES_MAX;
use crate::records::line;

pub fn read(loader: &mut Loader<'_>, input: &mut impl BufRead) -> io::Result<()> {
    loader.account().format = "plain list";
    let mut bytes = Vec::new();
    let mut number = 0;
    while line(input, &mut bytes)? {
        number += 1;
        if bytes.len() > LINE_BYTES_MAX {
            loader.leave_out("a line that is too long", number, &String::from_utf8_lossy(&bytes[..80]));
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Some((value, label)) = entry(&text) {
            loader.offer(Found { label, ..Found::new(value, Hint::Any, number) });
        }
    }
    Ok(())
}

/// Value and comment of a line; `None` for an empty one or a comment.
fn entry(line: &str) -> Option<(&str, &str)> {
    let line = line.trim().trim_start_matches('\u{feff}');
    if line.is_empty() || line.starts_with(['#', ';', '!']) || line.starts_with("//") {
        return None;
    }
    // `#` begins a comment after a blank only: a URL may hold one.
    let (value, label) = match line.split_once(" #").or_else(|| line.split_once("\t#")) {
        Some((value, label)) => (value.trim(), label.trim()),
        None => (line, ""),
    };
    let Some((first, rest)) = value.split_once(char::is_whitespace) else { return Some((value, label)) };
    let rest = rest.trim();
    // A hosts file: the address is where the name is sent to, not what is meant.
    if matches!(first, "0.0.0.0" | "127.0.0.1" | "::" | "::1") && !rest.is_empty() {
        return Some((rest.split_whitespace().next().unwrap_or(rest), label));
    }
    // Sums of files, and lists with a count or a comment behind the value. A file's name may hold blanks.
    let lead = Value::read(first, Hint::Any).ok().map(|v| v.kind());
    let certain = !matches!(lead, Some(IndicatorKind::Domain | IndicatorKind::FileName));
    let leads = lead.is_some() && (certain || Value::read(value, Hint::Any).is_err());
    if leads {
        return Some((first.trim_end_matches([',', ';']), if label.is_empty() { rest } else { label }));
    }
    Some((value, label))
}

#[cfg(test)]
mod tests {
    use super::super::Keep;
    use super::super::tests::{load, shown};

    #[test]
    fn lines_are_read_as_people_and_tools_write_them() {
        let text = "# a list\n; another comment\n// a third\n\n  evil.net   # C2 of the trojan\r\n\
            hxxp://evil[.]net/a#b\n203.113.7.9\t17\n0.0.0.0 sink.evil.org\n\
            0cc175b9c0f1b6a831c399e269772661  dropper one.exe\ntwo words.exe\nnot an indicator\n";
        let indicators = load(text, Keep::default());
        assert_eq!(
            shown(&indicators),
            [
                "evil.net",
                "evil.net/a",
                "203.113.7.9",
                "sink.evil.org",
                "0cc175b9c0f1b6a831c399e269772661",
                "two words.exe"
            ]
        );
        assert_eq!(indicators.get(0).label, Some("C2 of the trojan"));
        assert_eq!((indicators.get(0).line, indicators.get(4).label), (5, Some("dropper one.exe")));
        let account = &indicators.accounts()[0];
        assert_eq!((account.format, account.read, account.left_out()), ("plain list", 7, 1));
        assert!(account.balances());
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let text = format!("{}\nevil.net\n", "a".repeat(1 << 20));
        let indicators = load(&text, Keep::default());
        assert_eq!((indicators.len(), indicators.accounts()[0].left_out()), (1, 1));
    }
}
