//! What to search for elsewhere: addresses, domains, hashes and URLs of an incident, written so that nobody clicks them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::limits;
use crate::scan::{Evidence, Incident};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Indicator {
    /// `address`, `address inside`, `domain`, `hash` or `url`.
    pub kind: &'static str,
    pub value: String,
}

impl Indicator {
    /// Nothing makes a link of it: `hxxp`, `[.]`, `[:]`.
    pub fn defanged(&self) -> String {
        match self.kind {
            "hash" => self.value.clone(),
            "url" => {
                let (scheme, rest) = self.value.split_once("://").unwrap_or(("http", &self.value));
                let cut = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                let host = rest[..cut].replace('.', "[.]");
                format!("{}://{host}{}", scheme.to_ascii_lowercase().replace("tt", "xx"), &rest[cut..])
            }
            _ if self.value.contains(':') => self.value.replace(':', "[:]"),
            _ => self.value.replace('.', "[.]"),
        }
    }
}

/// Indicators of `incident`, sorted, and how many there are in all. `cited` are the events that its story rests on.
pub fn of<'a>(incident: &Incident, cited: impl Iterator<Item = &'a Evidence>) -> (Vec<Indicator>, usize) {
    let mut found = BTreeSet::new();
    for entity in &incident.entities {
        let value = entity.name().trim();
        let kind = match entity.kind.as_str() {
            "address" => match value.parse::<IpAddr>() {
                Ok(ip) if ip.is_loopback() || ip.is_unspecified() => continue,
                Ok(ip) if is_inside(ip) => "address inside",
                Ok(_) => "address",
                Err(_) => continue,
            },
            "domain" if value.contains('.') => "domain",
            "file_hash" => "hash",
            _ => continue,
        };
        let value = if kind == "hash" { bare_hash(value) } else { value };
        found.insert(Indicator { kind, value: value.to_owned() });
    }
    for field in cited.flat_map(|e| &e.fields).filter(|f| !f.derived) {
        urls(&field.value, &mut found);
        if found.len() > limits::INDICATORS_MAX * 10 {
            break;
        }
    }
    let total = found.len();
    (found.into_iter().take(limits::INDICATORS_MAX).collect(), total)
}

/// Sysmon writes `SHA256=...`.
fn bare_hash(text: &str) -> &str {
    text.rsplit(['=', ':']).next().unwrap_or(text)
}

fn urls(text: &str, found: &mut BTreeSet<Indicator>) {
    let lower = text.to_ascii_lowercase();
    for (at, _) in lower.match_indices("http") {
        let rest = &text[at..];
        let scheme = if lower[at..].starts_with("https://") {
            8
        } else if lower[at..].starts_with("http://") {
            7
        } else {
            continue;
        };
        let end = rest
            .find(|c: char| c.is_whitespace() || c.is_control() || "\"'<>`|)}];,".contains(c))
            .unwrap_or(rest.len());
        let url = rest[..end].trim_end_matches(['.', '\\']);
        // XML namespaces and schemas are names, not places.
        if url.len() <= scheme || url.contains("schemas.microsoft.com") || url.contains("www.w3.org") {
            continue;
        }
        let value: String = url.chars().take(400).collect();
        found.insert(Indicator { kind: "url", value });
    }
}

/// Addresses of a network's own: RFC 1918, RFC 6598, RFC 4193 and link-local.
fn is_inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            v4.is_private()
                || v4.is_link_local()
                || (v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]))
        }
        IpAddr::V6(v6) => (v6.segments()[0] & 0xfe00) == 0xfc00 || (v6.segments()[0] & 0xffc0) == 0xfe80,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Entity, Field};

    #[test]
    fn nothing_can_be_clicked() {
        for (kind, value, shown) in [
            ("address", "203.0.113.9", "203[.]0[.]113[.]9"),
            ("address", "2001:db8::1", "2001[:]db8[:][:]1"),
            ("domain", "evil.example", "evil[.]example"),
            ("url", "https://evil.example/a.b?c=d.e", "hxxps://evil[.]example/a.b?c=d.e"),
            ("url", "HTTP://evil.example", "hxxp://evil[.]example"),
            ("hash", "aa.bb", "aa.bb"),
        ] {
            assert_eq!(Indicator { kind, value: value.to_owned() }.defanged(), shown);
        }
    }

    #[test]
    fn each_is_listed_once_and_where_it_stands() {
        let entity = |kind: &str, shown: &str| Entity {
            kind: kind.to_owned(),
            shown: shown.to_owned(),
            ..Entity::default()
        };
        let incident = Incident {
            entities: vec![
                entity("address", "10.1.2.3"),
                entity("address", "203.0.113.9"),
                entity("address", "127.0.0.1"),
                entity("file_hash", "SHA256=ABCD"),
                entity("user", "bob"),
            ],
            ..Incident::default()
        };
        let event = Evidence {
            fields: vec![Field {
                name: "CommandLine".into(),
                value: "curl \"http://evil.example/x\" && curl http://evil.example/x.".into(),
                derived: false,
            }],
            ..Evidence::default()
        };
        let (list, total) = of(&incident, [&event].into_iter());
        let told: Vec<_> = list.iter().map(|i| (i.kind, i.value.as_str())).collect();
        assert_eq!(
            told,
            [
                ("address", "203.0.113.9"),
                ("address inside", "10.1.2.3"),
                ("hash", "ABCD"),
                ("url", "http://evil.example/x")
            ]
        );
        assert_eq!(total, 4);
    }
}
