//! Archives and compressed files, read as streams: nothing is ever written, no member is held whole.
//!
//! A compressed file (`gz`, `zst`) is transparent: it keeps its path and is judged by what is inside. The members of an
//! archive are files of their own, named `ARCHIVE!MEMBER`.

mod tar;
mod zip;
mod zip_stream;

pub(crate) use self::tar::read_tar;
pub(crate) use self::zip::{read_nested_zip, read_zip};
pub(crate) use self::zip_stream::read as read_zip_in_order;

use std::io::{self, BufRead};

use crate::limits;

/// A zstd decoder that refuses windows larger than the bound.
pub(crate) fn zstd_decoder<R: BufRead>(input: R) -> io::Result<zstd::Decoder<'static, R>> {
    let mut decoder = zstd::Decoder::with_buffer(input)?;
    decoder.window_log_max(limits::ZSTD_WINDOW_LOG_MAX)?;
    Ok(decoder)
}

/// The stamp in a gzip header, in seconds; zero means none.
pub(crate) fn gzip_time(window: &[u8]) -> Option<i64> {
    let stamp = window.get(4..8)?;
    let seconds = u32::from_le_bytes([stamp[0], stamp[1], stamp[2], stamp[3]]);
    (seconds != 0).then_some(i64::from(seconds))
}

/// A member's name made harmless, and whether it had to be changed: no way up, no root, no control or bidi characters.
///
/// Backslashes become slashes (Windows tools write them), which is no sign of malice.
pub(crate) fn harmless(name: &[u8]) -> (String, bool) {
    let text = String::from_utf8_lossy(name);
    let mut changed = false;
    let mut out = String::with_capacity(text.len());
    if text.starts_with(['/', '\\']) {
        changed = true;
    }
    for part in text.split(['/', '\\']).filter(|p| !p.is_empty() && *p != ".") {
        if !out.is_empty() {
            out.push('/');
        }
        if part == ".." {
            changed = true;
            out.push_str("__");
            continue;
        }
        for c in part.chars() {
            let turns =
                matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if c.is_control() || turns {
                changed = true;
                out.push('_');
            } else {
                out.push(c);
            }
        }
    }
    if out.len() > limits::NAME_CHARS_MAX
        && let Some((at, _)) = out.char_indices().nth(limits::NAME_CHARS_MAX)
    {
        changed = true;
        out.truncate(at);
        out.push('…');
    }
    if out.is_empty() {
        changed = true;
        out.push_str("(no name)");
    }
    (out, changed)
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn names_cannot_point_out_of_the_archive() {
        let check = |name: &str, expect: &str, changed: bool| {
            assert_eq!(harmless(name.as_bytes()), (expect.to_owned(), changed), "{name}");
        };
        check("a/b.log", "a/b.log", false);
        check("./a//b.log", "a/b.log", false);
        check("a\\b.log", "a/b.log", false);
        check("../../etc/passwd", "__/__/etc/passwd", true);
        check("/etc/passwd", "etc/passwd", true);
        check("C:\\Windows\\x.evtx", "C:/Windows/x.evtx", false);
        check("a\u{1b}[31m", "a_[31m", true);
        check("gpj\u{202e}exe", "gpj_exe", true);
        check("", "(no name)", true);
        check("..", "__", true);
    }
}
