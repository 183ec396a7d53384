//! One normal form for all spellings of a URL: host, port where it is no usual one, path and query.
//!
//! The scheme is left out, as are the ports 80 and 443: logs name the one or the other, or neither. User, password and
//! fragment never reach the server's log. Paths keep their case (RFC 3986 section 6.2.2).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::names::ascii_domain;

/// What no URL goes on behind (RFC 3986 appendix C).
pub fn ends(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '`')
}

/// `None` when there is no host that names a machine: a domain of two labels or an address.
pub fn normal(text: &str) -> Option<String> {
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => rest,
        // A URL may hold another one behind its path.
        _ => text.trim_start_matches("//"),
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = host_and_port(authority)?;
    let mut out = host;
    if let Some(port) = port.filter(|p| !matches!(p, 80 | 443)) {
        out.push(':');
        out.push_str(&port.to_string());
    }
    let tail = tail.split_once('#').map_or(tail, |(tail, _)| tail);
    if !tail.starts_with(['/', '\\']) {
        out.push('/');
    }
    push_tail(tail, &mut out);
    Some(out)
}

fn is_scheme(text: &str) -> bool {
    text.len() <= 16
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) =
        if let Some((inner, rest)) = authority.strip_prefix('[').and_then(|a| a.split_once(']')) {
            let address: Ipv6Addr = inner.parse().ok()?;
            let host = match IpAddr::V6(address).to_canonical() {
                IpAddr::V4(v4) => v4.to_string(),
                IpAddr::V6(v6) => format!("[{v6}]"),
            };
            (host, rest.strip_prefix(':').unwrap_or(rest))
        } else {
            let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
            let host = match name.parse::<Ipv4Addr>() {
                Ok(address) => address.to_string(),
                Err(_) => ascii_domain(name).filter(|n| n.contains('.'))?,
            };
            (host, port)
        };
    if port.is_empty() { Some((host, None)) } else { Some((host, Some(port.parse().ok()?))) }
}

/// Path and query, the digits of percent codes in upper case.
fn push_tail(tail: &str, out: &mut String) {
    let mut rest = tail;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        match rest.get(..2) {
            Some(code) if code.bytes().all(|b| b.is_ascii_hexdigit()) => {
                out.push_str(&code.to_ascii_uppercase());
                rest = &rest[2..];
            }
            _ => {}
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one() {
        for (text, expect) in [
            ("http://Evil.Net", Some("evil.net/")),
            ("HTTPS://evil.net:443/", Some("evil.net/")),
            ("http://user:pw@evil.net:8080/A?b=%2f#c", Some("evil.net:8080/A?b=%2F")),
            ("evil.net/a%zz%", Some("evil.net/a%zz%")),
            ("//evil.net?x", Some("evil.net/?x")),
            ("http://[2001:DB8::1]:81/x", Some("[2001:db8::1]:81/x")),
            ("http://[::ffff:203.0.113.7]/x", Some("203.0.113.7/x")),
            ("http://203.0.113.7/x", Some("203.0.113.7/x")),
            ("http://localhost/x", None),
            ("http://evil.net:99999/x", None),
            ("evil.net/go?to=http://good.net/", Some("evil.net/go?to=http://good.net/")),
            ("not a url", None),
            ("1x://evil.net/", None),
            ("", None),
        ] {
            assert_eq!(normal(text).as_deref(), expect, "{text}");
        }
    }
}
