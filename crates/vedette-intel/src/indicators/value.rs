//! What an indicator's text means, in one normal form for each kind, so that spellings of one thing are one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::refang::refang;
use crate::limits::VALUE_BYTES_MAX;
use crate::names::{self, ascii_domain};
use crate::url;

/// What kind of thing an indicator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IndicatorKind {
    Address,
    /// A range in CIDR form.
    Network,
    Domain,
    Url,
    Hash,
    FileName,
}

impl IndicatorKind {
    pub const ALL: [IndicatorKind; 6] =
        [Self::Address, Self::Network, Self::Domain, Self::Url, Self::Hash, Self::FileName];

    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Network => "network",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Hash => "hash",
            Self::FileName => "file name",
        }
    }
}

/// What a column, a type or a path says that a text is. `Any` where nothing says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    Any,
    Address,
    Domain,
    /// A machine by name or by address.
    Host,
    Url,
    Hash,
    FileName,
}

/// An indicator in its normal form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// Masked; an address has all its bits.
    Network(IpAddr, u8),
    /// Lower case, ASCII (punycode), without the final dot.
    Domain(String),
    /// Host, port, path and query: `evil.example:8080/a?b`.
    Url(String),
    /// The bytes of MD5, SHA-1, SHA-256, SHA-384 or SHA-512.
    Hash(Vec<u8>),
    /// Folded; with its folders, cut by `/`, where the list gives some.
    FileName(String),
}

/// Why a text is no indicator that can be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It would match nearly everything.
    TooBroad,
    /// Not what it is said to be, or nothing known.
    NotUnderstood(&'static str),
}

impl Value {
    pub fn kind(&self) -> IndicatorKind {
        match self {
            Self::Network(address, bits) if *bits == full(address) => IndicatorKind::Address,
            Self::Network(..) => IndicatorKind::Network,
            Self::Domain(_) => IndicatorKind::Domain,
            Self::Url(_) => IndicatorKind::Url,
            Self::Hash(_) => IndicatorKind::Hash,
            Self::FileName(_) => IndicatorKind::FileName,
        }
    }

    /// Reads an indicator. Guards such as `[.]` are taken off first.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(text: &str, hint: Hint) -> Result<Self, Refusal> {
        let text = text.trim().trim_matches(['"', '\'', '`', '\u{feff}']).trim();
        if text.is_empty() {
            return Err(Refusal::NotUnderstood("an empty value"));
        }
        if text.len() > VALUE_BYTES_MAX {
            return Err(Refusal::NotUnderstood("longer than an indicator may be"));
        }
        if text.chars().any(char::is_control) {
            return Err(Refusal::NotUnderstood("holds control characters"));
        }
        let plain = refang(text);
        let plain = plain.trim();
        match hint {
            Hint::Any => guess(plain),
            Hint::Address => {
                network(plain).unwrap_or(Err(Refusal::NotUnderstood("not an address or a CIDR")))
            }
            Hint::Host => network(plain).unwrap_or_else(|| domain(plain)),
            // Lists put addresses into columns of domains, and hosts into columns of URLs.
            Hint::Domain => network(plain).unwrap_or_else(|| domain(plain)),
            Hint::Url => url_or_host(plain).unwrap_or(Err(Refusal::NotUnderstood("not a URL"))),
            Hint::Hash => {
                hash(plain).ok_or(Refusal::NotUnderstood("not an MD5, SHA-1, SHA-256, SHA-384 or SHA-512"))
            }
            Hint::FileName => file_name(plain, true),
        }
    }

    /// As people read it.
    pub fn shown(&self) -> String {
        match self {
            Self::Network(address, bits) if *bits == full(address) => address.to_string(),
            Self::Network(address, bits) => format!("{address}/{bits}"),
            Self::Domain(text) | Self::Url(text) | Self::FileName(text) => text.clone(),
            Self::Hash(bytes) => bytes.iter().map(|b| format!("{b:02x}")).collect(),
        }
    }
}

/// Bits of an address.
pub fn full(address: &IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The first `bits` of an address.
pub fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(v4) & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(v6) & mask))
        }
    }
}

/// Prefixes shorter than these hold so much of the internet that a hit says nothing: no registry gives out more than
/// a `/8` of IPv4 or a `/12` of IPv6 at once.
const V4_BITS_MIN: u8 = 8;
const V6_BITS_MIN: u8 = 16;

fn guess(text: &str) -> Result<Value, Refusal> {
    let text = text.trim_start_matches("||").trim_end_matches('^');
    if let Some((before, _)) = text.split_once("://") {
        // A path with an address glued to it is neither.
        if before.contains('\\') {
            return Err(Refusal::NotUnderstood("not a URL"));
        }
        return url_or_host(text).unwrap_or(Err(Refusal::NotUnderstood("not a URL")));
    }
    if let Some(network) = network(text) {
        return network;
    }
    if let Some(hash) = hash(text) {
        return Ok(hash);
    }
    let path = text.contains('\\') || text.starts_with(['/', '~', '%']);
    if path || names::has_file_ending(text) && !text.contains('/') {
        return file_name(text, false);
    }
    if text.contains('/') {
        return url_or_host(text)
            .unwrap_or(Err(Refusal::NotUnderstood("not an address, domain, URL, hash or file name")));
    }
    domain(text)
}

/// `None` when the text is nothing like an address.
fn network(text: &str) -> Option<Result<Value, Refusal>> {
    let (head, bits) = match text.split_once('/') {
        Some((head, bits)) => (head, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address(head)?;
    let stated = match bits.map(str::parse::<u8>) {
        None => full(&address),
        Some(Ok(bits)) if bits <= full(&address) => bits,
        // `192.0.2.1/index.html` is a URL.
        Some(Err(_)) => return None,
        Some(Ok(_)) => return Some(Err(Refusal::NotUnderstood("a CIDR with more bits than an address has"))),
    };
    let canonical = address.to_canonical();
    let bits = match (address, canonical) {
        (IpAddr::V6(_), IpAddr::V4(_)) if stated >= 96 => stated - 96,
        (IpAddr::V6(_), IpAddr::V4(_)) => return Some(Err(Refusal::TooBroad)),
        _ => stated,
    };
    let narrow = bits >= if canonical.is_ipv4() { V4_BITS_MIN } else { V6_BITS_MIN };
    Some(if narrow { Ok(Value::Network(masked(canonical, bits), bits)) } else { Err(Refusal::TooBroad) })
}

/// An address, maybe in brackets, maybe with a port.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let port = |p: &str| p.is_empty() || p.strip_prefix(':').is_some_and(|p| p.parse::<u16>().is_ok());
    if let Some((inner, rest)) = text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        return inner.parse::<Ipv6Addr>().ok().filter(|_| port(rest)).map(IpAddr::V6);
    }
    let (head, rest) = text.split_once(':')?;
    head.parse::<Ipv4Addr>().ok().filter(|_| rest.parse::<u16>().is_ok()).map(IpAddr::V4)
}

fn domain(text: &str) -> Result<Value, Refusal> {
    let text = text.trim_start_matches("*.").trim_start_matches('.');
    // A host with its port is the host.
    let text = match text.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        _ => text,
    };
    let Some(name) = ascii_domain(text) else {
        return Err(Refusal::NotUnderstood("not an address, domain, URL, hash or file name"));
    };
    if names::is_suffix(&name) { Err(Refusal::TooBroad) } else { Ok(Value::Domain(name)) }
}

/// A URL that names no path says no more than its host does, so it is searched for as that.
fn url_or_host(text: &str) -> Option<Result<Value, Refusal>> {
    if text.contains(url::ends) {
        return Some(Err(Refusal::NotUnderstood("a URL with blanks or quotes inside")));
    }
    let normal = url::normal(text)?;
    match normal.strip_suffix('/').filter(|host| !host.contains(['/', ':', '[', '?'])) {
        Some(host) => Some(network(host).unwrap_or_else(|| domain(host))),
        None => Some(Ok(Value::Url(normal))),
    }
}

/// Bytes of the known digests.
pub const DIGEST_BYTES: [usize; 5] = [16, 20, 32, 48, 64];

fn hash(text: &str) -> Option<Value> {
    // `SHA256=...` and `sha256:...` say which.
    let hex = text.rsplit_once(['=', ':']).map_or(text, |(_, hex)| hex).trim();
    digest(hex).map(Value::Hash)
}

/// The bytes of a digest in hexadecimal digits. One digit alone, many times, is a placeholder.
pub fn digest(hex: &str) -> Option<Vec<u8>> {
    let bytes = hex.as_bytes();
    if !bytes.len().is_multiple_of(2) || !DIGEST_BYTES.contains(&(bytes.len() / 2)) {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len() / 2);
    for pair in bytes.chunks_exact(2) {
        out.push((nibble(pair[0])? << 4) | nibble(pair[1])?);
    }
    bytes.iter().any(|b| *b != bytes[0]).then_some(out)
}

/// The value of a hexadecimal digit.
pub fn nibble(b: u8) -> Option<u8> {
    match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        b'A'..=b'F' => Some(b - b'A' + 10),
        _ => None,
    }
}

/// `stated` says that the list calls it a file name; otherwise it must look like one.
fn file_name(text: &str, stated: bool) -> Result<Value, Refusal> {
    let folded = text.to_lowercase().replace('\\', "/");
    // Drive and environment variables differ from host to host; folders below them do not.
    let path = folded.rsplit(['%', ':']).next().unwrap_or_default();
    let path = path.trim_matches(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`'));
    let name = path.rsplit('/').next().unwrap_or_default().trim();
    if name.contains(['*', '?']) && name.trim_start_matches(['*', '.']).len() >= 5 {
        return Err(Refusal::NotUnderstood("a file name with wildcards"));
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let whole = stem.chars().any(char::is_alphanumeric) && name.chars().count() >= 5;
    if !whole || !stated && !name.contains('.') {
        return Err(Refusal::TooBroad);
    }
    let folders: Vec<&str> =
        path.split('/').map(str::trim).filter(|part| !part.is_empty() && *part != "~").collect();
    Ok(Value::FileName(folders.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, hint: Hint, kind: IndicatorKind, shown: &str) {
        let value = Value::read(text, hint).unwrap_or_else(|r| panic!("{text}: {r:?}"));
        assert_eq!((value.kind(), value.shown().as_str()), (kind, shown), "{text}");
    }

    #[test]
    fn spellings_of_one_thing_are_one() {
        use IndicatorKind as K;
        for (text, kind, shown) in [
            ("203.0.113.7", K::Address, "203.0.113.7"),
            ("203[.]0.113.7:8080", K::Address, "203.0.113.7"),
            ("::ffff:203.0.113.7", K::Address, "203.0.113.7"),
            ("2001:DB8:0:0::1", K::Address, "2001:db8::1"),
            ("[2001:db8::1]:443", K::Address, "2001:db8::1"),
            ("203.0.113.77/24", K::Network, "203.0.113.0/24"),
            ("::ffff:203.0.113.0/120", K::Network, "203.0.113.0/24"),
            ("EVIL.Example.NET.", K::Domain, "evil.example.net"),
            ("*.evil.net", K::Domain, "evil.net"),
            ("||evil.net^", K::Domain, "evil.net"),
            ("hxxp://evil.net", K::Domain, "evil.net"),
            ("https://203.0.113.7/", K::Address, "203.0.113.7"),
            ("HTTP://Evil.NET:80/A/b?c#d", K::Url, "evil.net/A/b?c"),
            ("https://evil.net:8443", K::Url, "evil.net:8443/"),
            ("evil.net/gate.php", K::Url, "evil.net/gate.php"),
            ("bücher.example.net", K::Domain, "xn--bcher-kva.example.net"),
            (
                "SHA1=DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
                K::Hash,
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            ),
            ("MimiKatz.EXE", K::FileName, "mimikatz.exe"),
            (r"%APPDATA%\Evil\run me.ps1", K::FileName, "evil/run me.ps1"),
            (r"C:\Windows\Temp\x1234.dll", K::FileName, "windows/temp/x1234.dll"),
        ] {
            check(text, Hint::Any, kind, shown);
        }
    }

    #[test]
    fn a_stated_kind_is_believed() {
        check("payload.zip", Hint::FileName, IndicatorKind::FileName, "payload.zip");
        check("payload.zip", Hint::Any, IndicatorKind::Domain, "payload.zip");
        check("mimikatz", Hint::FileName, IndicatorKind::FileName, "mimikatz");
        assert!(Value::read("evil.net", Hint::Hash).is_err());
        assert!(Value::read("evil.net", Hint::Address).is_err());
    }

    #[test]
    fn what_would_match_everything_is_refused() {
        for (text, hint) in [
            ("0.0.0.0/0", Hint::Any),
            ("::/0", Hint::Any),
            ("198.0.0.0/5", Hint::Any),
            ("com", Hint::Domain),
            ("co.uk", Hint::Any),
            ("exe", Hint::FileName),
            (".exe", Hint::FileName),
            ("*.exe", Hint::FileName),
            ("a.sh", Hint::FileName),
        ] {
            assert_eq!(Value::read(text, hint), Err(Refusal::TooBroad), "{text}");
        }
    }

    #[test]
    fn what_is_no_indicator_is_said_to_be_none() {
        for text in [
            "",
            "hello world",
            "203.0.113.7/33",
            "a\u{7}b.net",
            "00000000000000000000000000000000",
            "evil..net",
            "-",
        ] {
            assert!(
                matches!(Value::read(text, Hint::Any), Err(Refusal::NotUnderstood(_))),
                "{text}: {:?}",
                Value::read(text, Hint::Any)
            );
        }
    }
}
