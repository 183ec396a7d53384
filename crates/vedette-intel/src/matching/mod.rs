//! Finds indicators in an event: one pass over each value, whatever its field is called.

use std::sync::Arc;

use vedette_model::{Entity, Kind, Native};

use crate::indicators::value::{DIGEST_BYTES, nibble};
use crate::indicators::{IndicatorKind, Indicators};
use crate::limits::{DOMAIN_BYTES_MAX, EVENT_HITS_MAX, FILE_NAME_WORDS_MAX};
use crate::names::ascii_domain;
use crate::url;

mod tokens;

use tokens::{Token, tokens};

/// One indicator in one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Index into the [`Indicators`].
    pub indicator: u32,
    /// Name of the first field that holds it.
    pub field: String,
    /// As it stands there: for a domain the whole name, for a range the address.
    pub observed: String,
}

/// Looks for indicators; one a thread.
#[derive(Debug)]
pub struct Finder {
    indicators: Arc<Indicators>,
    wants: Wants,
    buffer: String,
    path: String,
    digest: Vec<u8>,
}

/// Which kinds there are: what nobody listed is not looked for.
#[derive(Debug, Clone, Copy)]
struct Wants {
    addresses: bool,
    domains: bool,
    urls: bool,
    hashes: bool,
    names: bool,
}

/// Where hits go, and what is known of the place.
struct Sink<'a> {
    field: &'a str,
    hits: &'a mut Vec<Hit>,
}

impl Sink<'_> {
    fn add(&mut self, indicator: u32, observed: &str) {
        if self.hits.len() < EVENT_HITS_MAX && self.hits.iter().all(|h| h.indicator != indicator) {
            let observed = crate::indicators::cut(observed, 512).to_owned();
            self.hits.push(Hit { indicator, field: self.field.to_owned(), observed });
        }
    }
}

impl Finder {
    pub fn new(indicators: Arc<Indicators>) -> Self {
        let counts = indicators.store.counts;
        let any = |kind: IndicatorKind| counts[kind as usize] > 0;
        let wants = Wants {
            addresses: indicators.store.lengths.any_v4() || indicators.store.lengths.any_v6(),
            domains: any(IndicatorKind::Domain),
            urls: any(IndicatorKind::Url),
            hashes: any(IndicatorKind::Hash),
            names: any(IndicatorKind::FileName),
        };
        Self { indicators, wants, buffer: String::new(), path: String::new(), digest: Vec::new() }
    }

    pub fn indicators(&self) -> &Arc<Indicators> {
        &self.indicators
    }

    /// Appends a hit for each indicator that the event's fields hold, each once. `entities` add what a mapping made
    /// of them; they may be empty.
    pub fn find(&mut self, native: &Native, entities: &[Entity], hits: &mut Vec<Hit>) {
        for index in 0..native.len() {
            if native.kind(index) == Kind::Text {
                self.value(native.name(index), native.value(index), hits);
            }
        }
        for entity in entities {
            self.value(&entity.from, &entity.shown, hits);
        }
    }

    /// Appends a hit for each indicator in one value.
    pub fn value(&mut self, field: &str, value: &str, hits: &mut Vec<Hit>) {
        // The shortest indicator is an address such as `::1` or a name such as `a.bc`.
        if value.len() < 3 {
            return;
        }
        let mut sink = Sink { field, hits };
        // `Chrome/114.0.0.0` is no address.
        let versions = field.len() >= 5 && field.to_ascii_lowercase().contains("agent");
        tokens(value, &mut |token| self.token(value, token, versions, &mut sink));
        if self.wants.names {
            self.names(value, &mut sink);
        }
    }

    fn token(&mut self, value: &str, token: Token, versions: bool, sink: &mut Sink<'_>) {
        let text = &value[token.start..token.end];
        if self.wants.hashes && token.hex_run >= 32 {
            self.hashes(text, sink);
        }
        if token.colons >= 2 && self.wants.addresses {
            let trimmed = text.trim_end_matches('.');
            if let Ok(address) = trimmed.parse::<std::net::Ipv6Addr>() {
                self.address(std::net::IpAddr::V6(address).to_canonical(), trimmed, sink);
                if self.wants.urls && value[token.end..].starts_with(']') {
                    let from = token.start.saturating_sub(1);
                    self.url(value, from, sink);
                }
                return;
            }
        }
        if token.dots == 0 {
            return;
        }
        let mut at = token.start;
        for piece in text.split(':') {
            if piece.contains('.') {
                self.host(value, at, piece, versions, sink);
            }
            at += piece.len() + 1;
        }
    }

    /// A piece of text with dots and without colons: a name, or an address.
    fn host(&mut self, value: &str, at: usize, piece: &str, versions: bool, sink: &mut Sink<'_>) {
        let lead = piece.len() - piece.trim_start_matches(['.', '-']).len();
        let trimmed = piece.trim_matches(['.', '-']);
        let (at, last) = (at + lead, trimmed.rsplit('.').next().unwrap_or_default());
        if trimmed.is_empty() {
            return;
        }
        if last.bytes().all(|b| b.is_ascii_digit()) {
            if versions && at >= 2 && value.as_bytes()[at - 1] == b'/' && value.as_bytes()[at - 2] != b'/' {
                return;
            }
            // `203.0.113.7-203.0.113.9`, `a_203.0.113.7`.
            let mut inner = at;
            for part in trimmed.split(['-', '_']) {
                if let Some(address) = v4(part) {
                    self.address(address, part, sink);
                    if self.wants.urls {
                        self.url(value, inner, sink);
                    }
                }
                inner += part.len() + 1;
            }
            return;
        }
        if self.wants.domains {
            self.domain(trimmed, sink);
        }
        if self.wants.urls {
            self.url(value, at, sink);
        }
    }

    fn address(&mut self, address: std::net::IpAddr, observed: &str, sink: &mut Sink<'_>) {
        if self.wants.addresses {
            self.indicators.store.address(address, &mut |index| sink.add(index, observed));
        }
    }

    /// The name and every parent of it.
    fn domain(&mut self, name: &str, sink: &mut Sink<'_>) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        if name.is_ascii() {
            // Of a text that is too long for a name, the end may be one.
            buffer.push_str(&name[name.len().saturating_sub(DOMAIN_BYTES_MAX)..]);
            buffer.make_ascii_lowercase();
        } else if let Some(ascii) = ascii_domain(name) {
            buffer.push_str(&ascii);
        }
        let mut rest = buffer.as_str();
        while let Some(dot) = memchr_dot(rest) {
            if let Some(index) = self.indicators.store.find(IndicatorKind::Domain, rest.as_bytes()) {
                sink.add(index, name);
            }
            rest = &rest[dot + 1..];
        }
        self.buffer = buffer;
    }

    /// The URL whose host begins at `at`: it needs a path to be one of the list.
    fn url(&mut self, value: &str, at: usize, sink: &mut Sink<'_>) {
        let rest = &value[at..];
        // Most dotted words are no hosts of URLs: what follows the name tells, without looking further.
        let name = rest.bytes().position(|b| {
            b.is_ascii() && !b.is_ascii_alphanumeric() && !matches!(b, b'.' | b'-' | b'_' | b'[')
        });
        let goes_on =
            name.and_then(|n| rest.as_bytes().get(n)).is_some_and(|b| matches!(b, b'/' | b'?' | b':'));
        if !goes_on {
            return;
        }
        let end = rest.find(url::ends);
        let text = &rest[..end.unwrap_or(rest.len())];
        if !text.contains(['/', '?', ':']) || text.len() > crate::limits::VALUE_BYTES_MAX {
            return;
        }
        let mut text = text;
        loop {
            let found =
                url::normal(text).and_then(|n| self.indicators.store.find(IndicatorKind::Url, n.as_bytes()));
            if let Some(index) = found {
                return sink.add(index, text);
            }
            // A sentence ends behind a URL as behind any other word.
            match text.strip_suffix([',', '.', ';', ')', ']', '!', ':', '\'', '}', '|']) {
                Some(shorter) => text = shorter,
                None => return,
            }
        }
    }

    /// Runs of hexadecimal digits that are as long as a digest, with no letter or digit beside them.
    fn hashes(&mut self, text: &str, sink: &mut Sink<'_>) {
        for run in text.split(|c: char| !c.is_ascii_alphanumeric()) {
            let place = DIGEST_BYTES.iter().position(|n| n * 2 == run.len());
            let listed = place.is_some_and(|p| self.indicators.store.digests & (1 << p) != 0);
            if !listed {
                continue;
            }
            self.digest.clear();
            let mut right = true;
            for pair in run.as_bytes().chunks_exact(2) {
                match (nibble(pair[0]), nibble(pair[1])) {
                    (Some(high), Some(low)) => self.digest.push((high << 4) | low),
                    _ => right = false,
                }
            }
            if right && let Some(index) = self.indicators.store.find(IndicatorKind::Hash, &self.digest) {
                sink.add(index, run);
            }
        }
    }

    /// Every run of text between separators of paths and of arguments, and its words, may be a file's name.
    fn names(&mut self, value: &str, sink: &mut Sink<'_>) {
        let bare = self.indicators.store.bare_names;
        if !bare && !value.contains('.') {
            return;
        }
        let mut path = std::mem::take(&mut self.path);
        path.clear();
        if value.is_ascii() {
            // The common case, and much faster than letter by letter.
            let mut bytes = path.into_bytes();
            bytes.extend(value.bytes().map(|b| if b == b'\\' { b'/' } else { b.to_ascii_lowercase() }));
            path = String::from_utf8(bytes).unwrap_or_default();
        } else {
            path.extend(value.chars().flat_map(char::to_lowercase).map(|c| if c == '\\' { '/' } else { c }));
        }
        // Names may hold what ends them elsewhere: a value that is a path ends with its file.
        let last = path.rfind('/').map_or(0, |at| at + 1);
        self.run(&path, last, path.len(), bare, sink);
        let mut start = 0;
        let ends = |b: u8| {
            matches!(
                b,
                b'/' | b'"'
                    | b'\''
                    | b'<'
                    | b'>'
                    | b'|'
                    | b'*'
                    | b'?'
                    | b','
                    | b';'
                    | b'='
                    | b'\t'
                    | b'\n'
                    | b'\r'
                    | b':'
                    | b'('
                    | b')'
            )
        };
        for end in 0..=path.len() {
            if end < path.len() && !ends(path.as_bytes()[end]) {
                continue;
            }
            self.run(&path, start, end, bare, sink);
            start = end + 1;
        }
        self.path = path;
    }

    fn run(&self, path: &str, start: usize, end: usize, bare: bool, sink: &mut Sink<'_>) {
        let run = &path[start..end];
        if run.len() < 5 || !bare && !run.contains('.') {
            return;
        }
        let mut look = |from: usize, to: usize| {
            let name = path[from..to].trim();
            if name.len() < 5 || !bare && !name.contains('.') {
                return;
            }
            let to = from + path[from..to].trim_end().len();
            self.indicators.store.file_name(name, &path[..to], &mut |index| sink.add(index, name));
        };
        look(start, end);
        if !run.contains(' ') {
            return;
        }
        // Names with blanks: the run may go on with arguments. Names without: each word.
        let (mut word, mut words) = (start, 0);
        for (at, _) in run.match_indices(' ') {
            if words < FILE_NAME_WORDS_MAX && word > start {
                look(start, start + at);
            }
            look(word, start + at);
            (word, words) = (start + at + 1, words + 1);
        }
        look(word, end);
    }
}

fn memchr_dot(text: &str) -> Option<usize> {
    text.bytes().position(|b| b == b'.')
}

/// Four numbers up to 255 without leading zeros.
fn v4(text: &str) -> Option<std::net::IpAddr> {
    if text.len() < 7 || text.len() > 15 {
        return None;
    }
    text.parse::<std::net::Ipv4Addr>().ok().map(std::net::IpAddr::V4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Keep;
    use crate::indicators::tests::load;

    /// `indicator in observed`, for each hit.
    fn found(list: &str, value: &str) -> Vec<String> {
        let indicators = Arc::new(load(list, Keep::ALL));
        let mut finder = Finder::new(indicators.clone());
        let mut hits = Vec::new();
        finder.value("f", value, &mut hits);
        hits.iter().map(|h| format!("{} in {}", indicators.get(h.indicator).value, h.observed)).collect()
    }

    #[test]
    fn addresses_are_found_wherever_they_stand() {
        let list = "203.113.7.9\n198.51.100.0/24\n2001:db8::7\n2001:db8:1::/48\n";
        for (value, expect) in [
            ("203.113.7.9", &["203.113.7.9 in 203.113.7.9"][..]),
            ("src=203.113.7.9:443 ok", &["203.113.7.9 in 203.113.7.9"]),
            ("::ffff:203.113.7.9", &["203.113.7.9 in ::ffff:203.113.7.9"]),
            ("(198.51.100.77)", &["198.51.100.0/24 in 198.51.100.77"]),
            ("[2001:DB8:0::7]:443", &["2001:db8::7 in 2001:DB8:0::7"]),
            ("2001:db8:1::9", &["2001:db8:1::/48 in 2001:db8:1::9"]),
            ("203.113.7.1-203.113.7.9", &["203.113.7.9 in 203.113.7.9"]),
            ("the end is 203.113.7.9.", &["203.113.7.9 in 203.113.7.9"]),
            ("1203.113.7.9", &[]),
            ("203.113.7.90", &[]),
            ("203.113.7.9.5", &[]),
        ] {
            assert_eq!(found(list, value), expect, "{value}");
        }
    }

    #[test]
    fn a_version_in_a_user_agent_is_no_address() {
        let indicators = Arc::new(load("114.0.0.0\n", Keep::ALL));
        let mut finder = Finder::new(indicators);
        let mut hits = Vec::new();
        finder.value("UserAgent", "Mozilla/5.0 Chrome/114.0.0.0", &mut hits);
        assert_eq!(hits, []);
        finder.value("UserAgent", "seen at http://114.0.0.0/x", &mut hits);
        assert_eq!(hits.len(), 1);
    }

    #[test]
    fn domains_match_their_subdomains_and_nothing_else() {
        let list = "evil.net\nxn--bcher-kva.org\n";
        for (value, expect) in [
            ("evil.net", &["evil.net in evil.net"][..]),
            ("https://A.B.Evil.NET:8443/x", &["evil.net in A.B.Evil.NET"]),
            ("mail to ana@evil.net.", &["evil.net in evil.net"]),
            ("_x._tcp.evil.net", &["evil.net in _x._tcp.evil.net"]),
            ("www.Bücher.org", &["xn--bcher-kva.org in www.Bücher.org"]),
            ("notevil.net", &[]),
            ("evil.net.good.org", &[]),
            ("evil-net", &[]),
        ] {
            assert_eq!(found(list, value), expect, "{value}");
        }
    }

    #[test]
    fn urls_are_found_with_and_without_scheme() {
        let list = "http://evil.net/gate.php?a=1\nhttp://203.113.7.9:8080/x\n";
        for (value, count) in [
            ("GET https://EVIL.net:443/gate.php?a=1#top HTTP/1.1", 1),
            ("evil.net/gate.php?a=1", 1),
            ("see (http://user@evil.net/gate.php?a=1).", 1),
            ("evil.net/Gate.php?a=1", 0),
            ("evil.net/gate.php?a=12", 0),
            ("http://203.113.7.9:8080/x", 1),
            ("http://203.113.7.9/x", 0),
        ] {
            assert_eq!(found(list, value).len(), count, "{value}");
        }
    }

    #[test]
    fn digests_are_found_between_other_text() {
        let (md5, sha) = ("0cc175b9c0f1b6a831c399e269772661", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8");
        let list = format!("{md5}\n{sha}\n");
        for (value, count) in [
            (format!("MD5={},SHA1={}", md5.to_uppercase(), sha), 2),
            (format!("sha1:{sha}"), 1),
            (format!("{md5}.exe"), 1),
            (format!("{md5}0"), 0),
            (format!("x{md5}"), 0),
        ] {
            assert_eq!(found(&list, &value).len(), count, "{value}");
        }
    }

    #[test]
    fn file_names_are_found_in_paths_and_commands() {
        let list = "evil tool.exe\nmimikatz.exe\n%TEMP%\\drop\\stage.ps1\n";
        for (value, expect) in [
            (r"C:\Program Files\Evil Tool.exe -x", &["evil tool.exe in evil tool.exe"][..]),
            (r#""C:\x\MIMIKATZ.EXE" sekurlsa"#, &["mimikatz.exe in mimikatz.exe"]),
            ("run mimikatz.exe now", &["mimikatz.exe in mimikatz.exe"]),
            ("/tmp/drop/stage.ps1", &["drop/stage.ps1 in stage.ps1"]),
            ("/tmp/stage.ps1", &[]),
            ("notmimikatz.exe", &[]),
        ] {
            assert_eq!(found(list, value), expect, "{value}");
        }
    }

    #[test]
    fn an_event_names_an_indicator_once() {
        let indicators = Arc::new(load("evil.net\n", Keep::ALL));
        let mut finder = Finder::new(indicators);
        let mut native = Native::new();
        native.push_text("QueryName", "a.evil.net");
        native.push_text("Image", "evil.net");
        let mut hits = Vec::new();
        finder.find(&native, &[], &mut hits);
        assert_eq!((hits.len(), hits[0].field.as_str()), (1, "QueryName"));
    }
}
