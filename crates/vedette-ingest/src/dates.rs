//! The year and the zone to assume for stamps that state none, and where they were learned.
//!
//! Order of trust for the year: `--year`; a date in the file's name; neighbours (files of the same folder, else of the
//! nearest one, whose records state their year); the time in a gzip header or of an archive member; the file's own time. A file's time is that of
//! its *last* record, so records of months after it belong to the year before: the reader of the stamp decides that.

use vedette_model::Timestamp;

use crate::glob;
use crate::options::Options;

/// A year that the records of one file state, learned by whoever parsed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownYear {
    /// The file's path as in its context.
    pub path: String,
    /// Of its last record.
    pub year: i16,
}

/// When a file was written, and what said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub time: Timestamp,
    pub source: &'static str,
}

pub(crate) fn zone(options: &Options, path: &str) -> Option<String> {
    options.zones.iter().find(|(pattern, _)| glob::names(pattern, path)).map(|(_, zone)| zone.clone())
}

pub(crate) fn year(
    options: &Options,
    known: &[KnownYear],
    path: &str,
    written: Option<Written>,
) -> Option<(i16, String)> {
    if let Some(year) = options.year {
        return Some((year, "--year".to_owned()));
    }
    if let Some(year) = in_name(path) {
        return Some((year, "file name".to_owned()));
    }
    if let Some(found) = neighbour(known, path) {
        return Some((found.year, format!("neighbour {}", found.path)));
    }
    written.map(|w| (w.time.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).year(), w.source.to_owned()))
}

/// The known file of the nearest folder, and there the nearest by name, so that `auth.log.1` learns from `syslog.1` before
/// `z.json`. A file that shares no folder with this one tells nothing.
fn neighbour<'a>(known: &'a [KnownYear], path: &str) -> Option<&'a KnownYear> {
    let (folder, name) = split(path);
    known
        .iter()
        .filter(|k| k.path != path)
        .map(|k| (common_folders(split(&k.path).0, folder), common_tail(split(&k.path).1, name), k))
        .filter(|(folders, ..)| *folders > 0 || folder.is_empty())
        .max_by_key(|(folders, tail, _)| (*folders, *tail))
        .map(|(.., known)| known)
}

/// How many leading folders two paths share.
fn common_folders(a: &str, b: &str) -> usize {
    let parts = |path| str::split(path, ['/', '!']).filter(|p| !p.is_empty());
    parts(a).zip(parts(b)).take_while(|(x, y)| x == y).count()
}

fn split(path: &str) -> (&str, &str) {
    match path.rfind(['/', '!']) {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => ("", path),
    }
}

fn common_tail(a: &str, b: &str) -> usize {
    a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count()
}

/// A date in the last part of the path: `-20230314`, `2023-03-14`, `2023_03_14`, `2023.03.14`, not part of longer digits.
fn in_name(path: &str) -> Option<i16> {
    let name = split(path).1.as_bytes();
    let digit = |at: usize| name.get(at).is_some_and(u8::is_ascii_digit);
    (0..name.len()).filter(|&at| digit(at) && (at == 0 || !digit(at - 1))).find_map(|at| {
        let run = (at..name.len()).take_while(|&i| digit(i)).count();
        let number = |from: usize, len: usize| {
            name.get(from..from + len)?
                .iter()
                .try_fold(0_i16, |n, c| c.is_ascii_digit().then(|| n * 10 + i16::from(c - b'0')))
        };
        let separated = |at: usize| name.get(at).is_some_and(|c| b"-_.".contains(c));
        let (month, day) = match run {
            // With the time of day behind it, as collectors write.
            8 | 10 | 12 | 14 => (number(at + 4, 2)?, number(at + 6, 2)?),
            4 if separated(at + 4) && separated(at + 7) && !digit(at + 10) => {
                (number(at + 5, 2)?, number(at + 8, 2)?)
            }
            _ => return None,
        };
        let year = number(at, 4)?;
        ((1990..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some(year)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_name(path: &str, expect: Option<i16>) {
        assert_eq!(in_name(path), expect, "{path}");
    }

    #[test]
    fn a_date_in_the_name_tells_the_year() {
        check_name("var/log/messages-20230314", Some(2023));
        check_name("auth.log-20230314.gz", Some(2023));
        check_name("app_2021-12-31.log", Some(2021));
        check_name("u_ex2021.12.31.log", Some(2021));
        check_name("uac-web-linux-20240102030405.tar.gz", Some(2024));
        check_name("x.zip!y/syslog-20190101", Some(2019));
        check_name("20230314/auth.log", None);
        check_name("messages-20231314", None);
        check_name("build-1234567890123", None);
        check_name("auth.log.1", None);
        check_name("99999999", None);
        check_name("2023-03-141", None);
    }

    #[test]
    fn the_order_of_trust_holds() {
        let written = Some(Written { time: Timestamp(1_600_000_000_000_000_000), source: "file date" });
        let known = [
            KnownYear { path: "a/z.json".into(), year: 2017 },
            KnownYear { path: "a/syslog.1".into(), year: 2018 },
            KnownYear { path: "b/auth.log.1".into(), year: 2016 },
        ];
        let mut options = Options::default();
        let check = |options: &Options, path: &str, expect: (i16, &str)| {
            assert_eq!(year(options, &known, path, written), Some((expect.0, expect.1.to_owned())), "{path}");
        };
        check(&options, "c/auth.log", (2020, "file date"));
        check(&options, "a/auth.log.1", (2018, "neighbour a/syslog.1"));
        check(&options, "b/sub/auth.log", (2016, "neighbour b/auth.log.1"));
        check(&options, "a/auth.log-20230314", (2023, "file name"));
        options.year = Some(2001);
        check(&options, "a/auth.log-20230314", (2001, "--year"));
        assert_eq!(year(&Options::default(), &[], "x", None), None);
    }

    #[test]
    fn the_first_zone_that_fits_wins() {
        let options = Options {
            zones: vec![("estate/db".into(), "Europe/Vienna".into()), ("*".into(), "UTC".into())],
            ..Options::default()
        };
        assert_eq!(zone(&options, "estate/db/x.log").as_deref(), Some("Europe/Vienna"));
        assert_eq!(zone(&options, "estate/web/x.log").as_deref(), Some("UTC"));
    }
}
