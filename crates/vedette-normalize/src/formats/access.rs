//! Reads the access logs of Apache and nginx: common and combined, a virtual host in front, anything behind. Fields
//! carry the names of the Sigma webserver taxonomy, which are those of W3C.

use vedette_model::{Kind, Native};

/// Appends the fields of the line; `false`, and nothing appended, when it is no access log line.
///
/// `host ident user [date] "request" status bytes ["referer" "agent" [more]]`; what follows the agent is `extra`.
pub fn read(line: &str, out: &mut Native) -> bool {
    let Some(open) = memchr::memmem::find(line.as_bytes(), b" [") else { return false };
    let head = &line[..open];
    let Some((date, rest)) = line[open + 2..].split_once("] \"") else { return false };
    if !is_date(date) {
        return false;
    }
    let Some((request, status, bytes, mut rest)) = request_and_status(rest) else { return false };
    // From the right: user, ident, client, and a virtual host before it.
    let mut words = head.rsplitn(3, ' ');
    let (user, ident, front) = (words.next(), words.next(), words.next());
    let (Some(user), Some(ident), Some(front)) = (user, ident, front) else { return false };
    let (vhost, client) = match front.trim().rsplit_once(' ') {
        Some((vhost, client)) => (Some(vhost), client),
        None => (None, front.trim()),
    };
    if client.is_empty() {
        return false;
    }
    if let Some(vhost) = vhost {
        push("cs-host", vhost, Kind::Text, out);
    }
    push("c-ip", client, Kind::Text, out);
    if ident != "-" {
        push("ident", ident, Kind::Text, out);
    }
    push("cs-username", user, Kind::Text, out);
    push("date", date, Kind::Text, out);
    push("request", request, Kind::Text, out);
    request_parts(request, out);
    push("sc-status", status, Kind::Number, out);
    push("sc-bytes", bytes, Kind::Number, out);
    for name in ["cs-referer", "cs-user-agent"] {
        let Some(quoted) = rest.trim_start().strip_prefix('"') else { break };
        let Some(end) = closing_quote(quoted) else { break };
        push(name, &quoted[..end], Kind::Text, out);
        rest = &quoted[end + 1..];
    }
    let extra = rest.trim();
    if !extra.is_empty() {
        push("extra", extra, Kind::Text, out);
    }
    true
}

/// Request, status, bytes, and what follows. An attacker's request may hold quotes that the server did not escape, so
/// it ends at the first quote that a status and a size follow.
fn request_and_status(text: &str) -> Option<(&str, &str, &str, &str)> {
    memchr::memchr_iter(b'"', text.as_bytes()).find_map(|quote| {
        let (status, rest) = word(text[quote + 1..].strip_prefix(' ')?);
        let (bytes, rest) = word(rest);
        let number = |text: &str| text == "-" || !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let valid = (status == "-" || status.len() == 3) && number(status) && number(bytes);
        valid.then_some((&text[..quote], status, bytes, rest))
    })
}

/// `GET /path?query HTTP/1.1`; what is not of that form (a TLS greeting on a plain port) stays in `request` alone.
fn request_parts(request: &str, out: &mut Native) {
    let Some((method, rest)) = request.split_once(' ') else { return };
    if method.is_empty() || !method.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-')) {
        return;
    }
    let (uri, version) = match rest.rsplit_once(' ') {
        Some((uri, version)) if version.starts_with("HTTP/") => (uri, Some(version)),
        _ => (rest, None),
    };
    push("cs-method", method, Kind::Text, out);
    push("cs-uri", uri, Kind::Text, out);
    match uri.split_once('?') {
        Some((stem, query)) => {
            push("cs-uri-stem", stem, Kind::Text, out);
            push("cs-uri-query", query, Kind::Text, out);
        }
        None => push("cs-uri-stem", uri, Kind::Text, out),
    }
    if let Some(version) = version {
        push("cs-version", version, Kind::Text, out);
    }
}

/// `-` is how these logs write nothing.
fn push(name: &str, value: &str, kind: Kind, out: &mut Native) {
    match value {
        "-" | "" => out.push(name, "", Kind::Null),
        value => out.push(name, value, kind),
    }
}

/// `14/Mar/2026:09:26:53 +0000`.
fn is_date(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() >= 20
        && b[2] == b'/'
        && b[6] == b'/'
        && b[11] == b':'
        && b[0].is_ascii_digit()
        && b[7].is_ascii_digit()
}

/// The next quote that is not escaped: Apache writes `\"` for one inside, nginx `\x22`.
fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'"', bytes)
        .find(|&at| bytes[..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0)
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(' ').unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(line: &str) -> String {
        let mut out = Native::new();
        if !read(line, &mut out) {
            assert!(out.is_empty());
            return "no".into();
        }
        out.iter()
            .filter(|f| f.name != "request" && f.name != "date")
            .map(|f| format!("{}<{}>", f.name, f.value))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn lines() {
        for (line, expect) in [
            (
                r#"192.0.2.7 - ana [14/Mar/2026:09:26:53 +0000] "GET /a.php?x=1 HTTP/1.1" 200 512 "https://example.com/" "curl/8.0""#,
                "c-ip<192.0.2.7> cs-username<ana> cs-method<GET> cs-uri</a.php?x=1> cs-uri-stem</a.php> cs-uri-query<x=1> cs-version<HTTP/1.1> sc-status<200> sc-bytes<512> cs-referer<https://example.com/> cs-user-agent<curl/8.0>",
            ),
            (
                r#"192.0.2.7 - - [14/Mar/2026:09:26:53 +0000] "GET / HTTP/1.0" 304 -"#,
                "c-ip<192.0.2.7> cs-username<> cs-method<GET> cs-uri</> cs-uri-stem</> cs-version<HTTP/1.0> sc-status<304> sc-bytes<>",
            ),
            (
                r#"www.example.com:443 2001:db8::1 - - [14/Mar/2026:09:26:53 +0000] "POST /x HTTP/2.0" 500 0 "-" "a \"b\" c" 0.5 up"#,
                r#"cs-host<www.example.com:443> c-ip<2001:db8::1> cs-username<> cs-method<POST> cs-uri</x> cs-uri-stem</x> cs-version<HTTP/2.0> sc-status<500> sc-bytes<0> cs-referer<> cs-user-agent<a \"b\" c> extra<0.5 up>"#,
            ),
            (
                r#"192.0.2.7 - - [14/Mar/2026:09:26:53 +0000] "\x16\x03\x01" 400 157 "-" "-""#,
                "c-ip<192.0.2.7> cs-username<> sc-status<400> sc-bytes<157> cs-referer<> cs-user-agent<>",
            ),
            (
                r#"192.0.2.7 - - [14/Mar/2026:09:26:53 +0000] "GET /?x=alert("1") HTTP/1.0" 404 9"#,
                r#"c-ip<192.0.2.7> cs-username<> cs-method<GET> cs-uri</?x=alert("1")> cs-uri-stem</> cs-uri-query<x=alert("1")> cs-version<HTTP/1.0> sc-status<404> sc-bytes<9>"#,
            ),
            ("Mar 14 09:26:53 host app: x", "no"),
            (r#"a b c [14/Mar/2026:09:26:53 +0000] "GET /" abc 1"#, "no"),
            ("", "no"),
        ] {
            assert_eq!(flat(line), expect, "{line}");
        }
    }
}
