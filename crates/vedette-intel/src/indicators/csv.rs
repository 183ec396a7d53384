//! CSV files: the header says what the columns hold; without one, what most of their cells are.

use std::io::{self, BufRead};

use vedette_model::Timestamp;

use super::{Found, Hint, IndicatorKind, Loader, Tlp, Value};
use crate::records::{Records, split};
use crate::stamp;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    /// Indicators; the type column says of which kind, unless the name does.
    Value(Hint),
    Type,
    Label,
    Until,
    Marking,
    ForDetection,
    Other,
}

/// How a file is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    delimiter: u8,
    columns: Vec<Column>,
    /// The header is a line of its own, and no comment.
    headed: bool,
}

/// Records looked at to tell what columns hold.
const SAMPLE_RECORDS: usize = 200;

impl Shape {
    /// `None` for a text that is no CSV of at least two columns, or of one column with a header.
    pub fn of(sample: &str) -> Option<Self> {
        let lines = || sample.lines().map(str::trim).filter(|l| !l.is_empty());
        let data = || lines().filter(|l| !l.starts_with('#'));
        let first = data().next()?;
        let delimiter = delimiter(&data().take(20).collect::<Vec<_>>())?;
        // Feeds put the header into the last comment before the data.
        let comment =
            lines().take_while(|l| l.starts_with('#')).last().map(|l| l.trim_start_matches('#').trim());
        let header = |line: &str| named(&cells(line, delimiter)?);
        if let Some(columns) = header(first) {
            return Some(Self { delimiter, columns, headed: true });
        }
        let width = cells(first, delimiter)?.len();
        if let Some(columns) = comment.and_then(header).filter(|c| c.len() == width) {
            return Some(Self { delimiter, columns, headed: false });
        }
        (width > 1).then(|| guessed(sample, delimiter)).flatten().map(|columns| Self {
            delimiter,
            columns,
            headed: false,
        })
    }
}

/// The character that stands equally often in all lines, outside of quotes.
fn delimiter(lines: &[&str]) -> Option<u8> {
    let count = |line: &str, delimiter: u8| {
        let mut quoted = false;
        line.bytes()
            .filter(|b| {
                quoted ^= *b == b'"';
                !quoted && *b == delimiter
            })
            .count()
    };
    let even = |delimiter: &u8| {
        let first = count(lines[0], *delimiter);
        first > 0 && lines.iter().filter(|l| count(l, *delimiter) == first).count() * 10 >= lines.len() * 8
    };
    let found = [b',', b';', b'\t', b'|'].into_iter().find(even);
    // One column with a header is a list like any other, and the header is no entry.
    found.or_else(|| (!lines.is_empty() && lines[0].len() < 64).then_some(b','))
}

fn cells(line: &str, delimiter: u8) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    split(line, delimiter, &mut cells).then_some(cells)
}

/// The columns when this is a header that names a value.
fn named(header: &[String]) -> Option<Vec<Column>> {
    let columns: Vec<Column> = header.iter().map(|name| column(name)).collect();
    columns.iter().any(|c| matches!(c, Column::Value(_))).then_some(columns)
}

fn column(name: &str) -> Column {
    let name: String =
        name.trim().to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    match name.as_str() {
        "indicator" | "indicators" | "ioc" | "iocs" | "ioc_value" | "indicator_value" | "value"
        | "observable" | "observable_value" | "artifact" | "pattern_value" => Column::Value(Hint::Any),
        "ip" | "ip_address" | "ipaddress" | "address" | "src_ip" | "dst_ip" | "srcip" | "dstip" | "ipv4"
        | "ipv6" | "cidr" | "network" | "netblock" | "ip_dst" | "ip_src" => Column::Value(Hint::Address),
        "domain" | "domains" | "domain_name" | "fqdn" => Column::Value(Hint::Domain),
        "host" | "hostname" | "c2" | "server" => Column::Value(Hint::Host),
        "url" | "urls" | "uri" | "link_url" => Column::Value(Hint::Url),
        "hash" | "hashes" | "md5" | "sha1" | "sha256" | "sha512" | "md5_hash" | "sha1_hash"
        | "sha256_hash" | "sha512_hash" | "file_hash" | "filehash" => Column::Value(Hint::Hash),
        "filename" | "file_name" | "file" => Column::Value(Hint::FileName),
        "type" | "ioc_type" | "indicator_type" | "kind" | "observable_type" => Column::Type,
        "malware" | "malware_printable" | "malware_family" | "family" | "threat" | "threat_type"
        | "signature" | "description" | "comment" | "comments" | "tags" | "name" | "note" | "notes"
        | "label" | "campaign" => Column::Label,
        "valid_until" | "expires" | "expiry" | "expiration" | "expiration_date" | "expires_at" => {
            Column::Until
        }
        "tlp" | "marking" => Column::Marking,
        "to_ids" => Column::ForDetection,
        _ => Column::Other,
    }
}

/// What the type column says.
fn hint(text: &str) -> Hint {
    let text = text.trim().to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if has(&["filename", "file_name", "file name", "filepath"]) {
        Hint::FileName
    } else if has(&["md5", "sha", "hash"]) {
        Hint::Hash
    } else if has(&["url", "uri"]) {
        Hint::Url
    } else if has(&["domain", "fqdn"]) {
        Hint::Domain
    } else if has(&["host"]) {
        Hint::Host
    } else if has(&["ip", "cidr", "addr"]) && !has(&["email", "description"]) {
        Hint::Address
    } else {
        Hint::Any
    }
}

/// Without a header: columns most of whose cells are indicators. A column of links into one site only tells where the
/// list's own pages are.
fn guessed(sample: &str, delimiter: u8) -> Option<Vec<Column>> {
    let whole = sample.rfind('\n').map_or(sample, |end| &sample[..end]);
    let mut records = Records::new(whole.as_bytes(), delimiter);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = Vec::new();
    while rows.len() < SAMPLE_RECORDS && records.next(&mut row).ok()?.is_some() {
        rows.push(row.clone());
    }
    let width = rows.iter().map(Vec::len).max()?;
    let mut columns = vec![Column::Other; width];
    let mut any = false;
    for (index, column) in columns.iter_mut().enumerate() {
        let filled: Vec<&str> =
            rows.iter().filter_map(|r| r.get(index)).map(String::as_str).filter(|c| !c.is_empty()).collect();
        let kinds: Vec<(IndicatorKind, String)> = filled
            .iter()
            .filter_map(|c| Value::read(c, Hint::Any).ok())
            .map(|v| (v.kind(), v.shown()))
            .collect();
        let own_pages = filled.len() > 3
            && kinds.iter().all(|(kind, _)| *kind == IndicatorKind::Url)
            && kinds.iter().all(|(_, url)| host(url) == host(&kinds[0].1));
        if !filled.is_empty() && kinds.len() * 10 >= filled.len() * 6 && !own_pages {
            *column = Column::Value(Hint::Any);
            any = true;
        }
    }
    // Words beside it are what the list says of it.
    if any && let Some(label) = columns.iter().rposition(|c| *c == Column::Other) {
        let words =
            rows.iter().filter(|r| r.get(label).is_some_and(|c| c.chars().any(char::is_alphabetic))).count();
        if words * 2 >= rows.len() {
            columns[label] = Column::Label;
        }
    }
    any.then_some(columns)
}

fn host(url: &str) -> &str {
    url.split('/').next().unwrap_or_default()
}

pub fn read(loader: &mut Loader<'_>, input: &mut impl BufRead, shape: Shape) -> io::Result<()> {
    loader.account().format = "CSV";
    let mut records = Records::new(input, shape.delimiter);
    let mut record = Vec::new();
    let mut headed = shape.headed;
    while let Some(line) = records.next(&mut record)? {
        if !std::mem::take(&mut headed) {
            row(loader, &shape, &record, line);
        }
    }
    Ok(())
}

fn row(loader: &mut Loader<'_>, shape: &Shape, record: &[String], line: u64) {
    let cell = |index: usize| record.get(index).map(String::as_str).unwrap_or_default();
    let first = |wanted: Column| {
        shape
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| **c == wanted)
            .map(|(i, _)| cell(i))
            .find(|c| !c.trim().is_empty())
    };
    let stated = first(Column::Type).map_or(Hint::Any, hint);
    let label = first(Column::Label).unwrap_or_default();
    let until: Option<Timestamp> = first(Column::Until).and_then(|t| stamp::read(t, true));
    let tlp = first(Column::Marking).and_then(Tlp::from_name);
    let for_detection =
        first(Column::ForDetection).is_none_or(|t| !matches!(t.trim(), "0" | "false" | "False" | "no"));
    let mut any = false;
    for (index, column) in shape.columns.iter().enumerate() {
        let Column::Value(by_name) = column else { continue };
        let text = cell(index);
        let text = text.trim().trim_matches('"').trim();
        if text.is_empty() || matches!(text, "-" | "n/a" | "N/A" | "None" | "null") {
            continue;
        }
        any = true;
        let hint = if *by_name == Hint::Any { stated } else { *by_name };
        loader.offer(Found { label, until, tlp, for_detection, ..Found::new(text, hint, line) });
    }
    if !any {
        loader.leave_out("a row without an indicator", line, &record.join(","));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Keep;
    use super::super::tests::{load, shown};

    #[test]
    fn a_header_says_what_columns_hold() {
        let indicators = load(
            "Type;Indicator;Comment;Valid Until;TLP\nFileHash-MD5;0cc175b9c0f1b6a831c399e269772661;\"a; b\";;amber\n\
             domain;evil.net;old;2020-01-01;\nfilename;payload.zip;;2030-01-01;red\nemail;a@b.net;;;\n",
            Keep::default(),
        );
        assert_eq!(shown(&indicators), ["0cc175b9c0f1b6a831c399e269772661", "payload.zip"]);
        let first = indicators.get(0);
        assert_eq!(
            (first.label, first.tlp.map(|t| t.name()), first.line),
            (Some("a; b"), Some("TLP:AMBER"), 2)
        );
        let account = &indicators.accounts()[0];
        assert_eq!((account.format, account.read, account.held_back(), account.left_out()), ("CSV", 4, 1, 1));
    }

    #[test]
    fn a_header_in_a_comment_counts() {
        let indicators = load(
            "# Feed of the day\n# \"first_seen\",\"dst_ip\",\"dst_port\",\"malware\"\n\"2026-01-01 10:00:00\",\"203.113.7.9\",\"443\",\"Emo\"\n",
            Keep::default(),
        );
        assert_eq!(shown(&indicators), ["203.113.7.9"]);
        assert_eq!(indicators.get(0).label, Some("Emo"));
    }

    #[test]
    fn without_a_header_the_cells_tell() {
        let indicators = load(
            "1,2026-01-01,http://evil.net/a.exe,online,https://feed.org/url/1/,ana\n\
             2,2026-01-01,http://evil.org/b.exe,online,https://feed.org/url/2/,ana\n\
             3,2026-01-01,http://evil.com/c.exe,online,https://feed.org/url/3/,ana\n\
             4,2026-01-01,http://evil.biz/d.exe,online,https://feed.org/url/4/,ana\n",
            Keep::default(),
        );
        assert_eq!(
            shown(&indicators),
            ["evil.net/a.exe", "evil.org/b.exe", "evil.com/c.exe", "evil.biz/d.exe"]
        );
    }

    #[test]
    fn one_column_with_a_header_is_no_plain_list() {
        let indicators = load("domain\nevil.net\npayload.zip\n", Keep::default());
        assert_eq!(shown(&indicators), ["evil.net", "payload.zip"]);
        assert_eq!(indicators.accounts()[0].left_out(), 0);
    }
}
