//! Reads one line of a W3C extended log (IIS, proxies) by the names of its `#Fields:` line.

use vedette_model::{Kind, Native};

use super::{FormatError, limits, text};

/// Appends one field a column, `-` as null, and beside them as derived fields: `datetime` (date and time joined; the
/// format says UTC), `cs-uri`, and `cs-user-agent`, `cs-referer`, `cs-cookie`, `cs-host` (the bracketed names of the
/// format with `+` read as a blank in the agent), as the Sigma webserver taxonomy calls them.
///
/// `date` is that of the `#Date:` line, for logs without a date column.
///
/// # Errors
/// `fewer columns than the header`, `more columns than the header`.
pub fn read(line: &str, columns: &[String], date: Option<&str>, out: &mut Native) -> Result<(), FormatError> {
    let first = out.len();
    let separator = if line.contains('\t') && !line.contains(' ') { '\t' } else { ' ' };
    let mut rest = line.trim_end_matches(separator);
    let mut seen = 0;
    while !rest.is_empty() && seen < limits::COLUMNS_MAX {
        let (value, after) = match rest.strip_prefix('"') {
            Some(quoted) => match quoted.split_once('"') {
                Some((value, after)) => (value, after.strip_prefix(separator).unwrap_or(after)),
                None => (rest, ""),
            },
            None => rest.split_once(separator).unwrap_or((rest, "")),
        };
        rest = after;
        let Some(name) = columns.get(seen) else {
            let detail = format!(
                "{} columns in the header, at least one more here: `{}`",
                columns.len(),
                text::quote(line)
            );
            return Err(FormatError::new("more columns than the header", detail));
        };
        match value {
            "-" | "" => out.push(name, "", Kind::Null),
            value => out.push(name, value, Kind::Text),
        }
        seen += 1;
    }
    if seen < columns.len() {
        let detail = format!("{seen} of {}: `{}`", columns.len(), text::quote(line));
        return Err(FormatError::new("fewer columns than the header", detail));
    }
    derived(first, date, out);
    Ok(())
}

fn derived(first: usize, date: Option<&str>, out: &mut Native) {
    let find = |out: &Native, name: &str| {
        (first..out.len()).find(|&i| out.field(i).name == name && out.field(i).kind != Kind::Null)
    };
    if let Some(time) = find(out, "time") {
        let joined = match find(out, "date") {
            Some(day) => Some((format!("{}T{}Z", out.field(day).value, out.field(time).value), "date+time")),
            // `2026-03-14 00:00:01` of the header line.
            None => date
                .and_then(|d| d.split_whitespace().next())
                .map(|d| (format!("{d}T{}Z", out.field(time).value), "time")),
        };
        if let Some((datetime, path)) = joined {
            out.push_derived("datetime", path, &datetime, Kind::Text);
        }
    }
    for (native, name) in [
        ("cs(User-Agent)", "cs-user-agent"),
        ("cs(Referer)", "cs-referer"),
        ("cs(Cookie)", "cs-cookie"),
        ("cs(Host)", "cs-host"),
    ] {
        if let Some(i) = find(out, native) {
            let value = match name {
                "cs-user-agent" => out.field(i).value.replace('+', " "),
                _ => out.field(i).value.to_owned(),
            };
            out.push_derived(name, native, &value, Kind::Text);
        }
    }
    if find(out, "cs-uri").is_none()
        && let Some(stem) = find(out, "cs-uri-stem")
    {
        let (uri, path) = match find(out, "cs-uri-query") {
            Some(query) => {
                (format!("{}?{}", out.field(stem).value, out.field(query).value), "cs-uri-stem+cs-uri-query")
            }
            None => (out.field(stem).value.to_owned(), "cs-uri-stem"),
        };
        out.push_derived("cs-uri", path, &uri, Kind::Text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(columns: &str, date: Option<&str>, line: &str) -> String {
        let columns: Vec<String> = columns.split(' ').map(String::from).collect();
        let mut out = Native::new();
        match read(line, &columns, date, &mut out) {
            Ok(()) => out
                .iter()
                .map(|f| format!("{}{}<{}>", if f.derived { "*" } else { "" }, f.name, f.value))
                .collect::<Vec<_>>()
                .join(" "),
            Err(e) => e.reason.to_owned(),
        }
    }

    #[test]
    fn lines() {
        assert_eq!(
            flat(
                "date time c-ip cs-uri-stem cs-uri-query cs(User-Agent)",
                None,
                "2026-03-14 09:26:53 192.0.2.1 /a - Mozilla/5.0+(X)"
            ),
            "date<2026-03-14> time<09:26:53> c-ip<192.0.2.1> cs-uri-stem</a> cs-uri-query<> cs(User-Agent)<Mozilla/5.0+(X)> \
             *datetime<2026-03-14T09:26:53Z> *cs-user-agent<Mozilla/5.0 (X)> *cs-uri</a>"
        );
        assert_eq!(
            flat("time x", Some("2026-03-14 00:00:01"), "09:26:53 1"),
            "time<09:26:53> x<1> *datetime<2026-03-14T09:26:53Z>"
        );
        assert_eq!(flat("a b", None, "\"x y\" z"), "a<x y> b<z>");
        assert_eq!(flat("a b", None, "x\ty"), "a<x> b<y>");
        assert_eq!(flat("a b", None, "x"), "fewer columns than the header");
        assert_eq!(flat("a", None, "x y"), "more columns than the header");
    }
}
