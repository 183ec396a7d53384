//! Converters: small, total functions from one text to another.

use std::fmt::Write;
use std::net::IpAddr;

use vedette_model::Timestamp;

use crate::decode;

/// A converter appends to `out` and says whether it could read the value. What it cannot read gives no value.
pub type Convert = fn(&str, &mut String) -> bool;

/// Every converter by the name that mappings use.
pub const ALL: [(&str, Convert); 30] = [
    ("hex_to_decimal", hex_to_decimal),
    ("decimal_to_hex", decimal_to_hex),
    ("lower", lower),
    ("upper", upper),
    ("trim", trim),
    ("basename", basename),
    ("dirname", dirname),
    ("device_path", device_path),
    ("registry_path", registry_path),
    ("registry_details", registry_dword),
    ("registry_dword", registry_dword),
    ("registry_qword", registry_qword),
    ("sid_name", sid_name),
    ("hex_to_text", hex_to_text),
    ("base64_utf16le", base64_utf16le),
    ("domain_backslash_user", domain_backslash_user),
    ("strip_ipv6_map", strip_ipv6_map),
    ("epoch_ms_to_rfc3339", epoch_ms_to_rfc3339),
    ("strip_domain", strip_domain),
    ("ip_of_sockaddr", ip_of_sockaddr),
    ("uri_path", uri_path),
    ("uri_query", uri_query),
    ("uri_extension", uri_extension),
    ("uri_host", uri_host),
    ("host_part", host_part),
    ("port_part", port_part),
    ("unquote", unquote),
    ("title_case", title_case),
    ("dns_labels", dns_labels),
    ("braced_guid", braced_guid),
];

pub fn find(name: &str) -> Option<Convert> {
    ALL.iter().find(|(n, _)| *n == name).map(|(_, c)| *c)
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// `0x1a4` is 420; what is decimal already stays.
fn hex_to_decimal(text: &str, out: &mut String) -> bool {
    number(text).is_some_and(|n| write!(out, "{n}").is_ok())
}

fn decimal_to_hex(text: &str, out: &mut String) -> bool {
    number(text).is_some_and(|n| write!(out, "0x{n:x}").is_ok())
}

fn lower(text: &str, out: &mut String) -> bool {
    out.extend(text.chars().flat_map(char::to_lowercase));
    true
}

fn upper(text: &str, out: &mut String) -> bool {
    out.extend(text.chars().flat_map(char::to_uppercase));
    true
}

fn trim(text: &str, out: &mut String) -> bool {
    out.push_str(text.trim());
    true
}

fn basename(text: &str, out: &mut String) -> bool {
    let name = text.rsplit(['\\', '/']).next().unwrap_or(text);
    out.push_str(name);
    !name.is_empty()
}

fn dirname(text: &str, out: &mut String) -> bool {
    match text.rfind(['\\', '/']) {
        Some(at) => {
            out.push_str(&text[..at]);
            true
        }
        None => false,
    }
}

fn cut_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.get(..prefix.len()).filter(|p| p.eq_ignore_ascii_case(prefix)).map(|_| &text[prefix.len()..])
}

/// The kernel's path of a file (`\device\harddiskvolume2\windows\system32\lsass.exe`) as Sysmon writes it
/// (`C:\windows\system32\lsass.exe`).
///
/// No event says which letter a volume has. These folders stand at the root of the volume with Windows and hardly of any
/// other, and that one is `C:` almost everywhere; every other path stays as it is.
fn device_path(text: &str, out: &mut String) -> bool {
    let roots = ["Windows\\", "Program Files\\", "Program Files (x86)\\", "ProgramData\\", "Users\\"];
    let below = cut_prefix(text, "\\Device\\HarddiskVolume").and_then(|rest| rest.split_once('\\'));
    match below {
        Some((volume, path))
            if !volume.is_empty()
                && volume.bytes().all(|b| b.is_ascii_digit())
                && roots.iter().any(|root| cut_prefix(path, root).is_some()) =>
        {
            out.push_str("C:\\");
            out.push_str(path);
        }
        _ => out.push_str(text),
    }
    true
}

/// The kernel's path (`\REGISTRY\MACHINE\SYSTEM\ControlSet001\...`) as Sysmon writes it
/// (`HKLM\System\CurrentControlSet\...`).
fn registry_path(text: &str, out: &mut String) -> bool {
    let roots = [
        ("\\REGISTRY\\MACHINE", "HKLM"),
        ("\\REGISTRY\\USER", "HKU"),
        ("HKEY_LOCAL_MACHINE", "HKLM"),
        ("HKEY_USERS", "HKU"),
        ("HKEY_CURRENT_USER", "HKCU"),
        ("HKEY_CLASSES_ROOT", "HKCR"),
    ];
    let Some((rest, root)) = roots
        .iter()
        .find_map(|(from, to)| cut_prefix(text, from).map(|rest| (rest, *to)))
        .filter(|(rest, _)| rest.is_empty() || rest.starts_with('\\'))
    else {
        out.push_str(text);
        return true;
    };
    out.push_str(root);
    if root == "HKLM"
        && let Some(below) = cut_prefix(rest, "\\SYSTEM\\ControlSet00")
        && let Some(tail) = below.strip_prefix(|c: char| c.is_ascii_digit())
    {
        out.push_str("\\System\\CurrentControlSet");
        out.push_str(tail);
    } else {
        out.push_str(rest);
    }
    true
}

fn registry_dword(text: &str, out: &mut String) -> bool {
    match number(text) {
        Some(n) => write!(out, "DWORD (0x{n:08x})").is_ok(),
        None => {
            out.push_str(text);
            true
        }
    }
}

fn registry_qword(text: &str, out: &mut String) -> bool {
    match number(text) {
        Some(n) => write!(out, "QWORD (0x{:08x}-0x{:08x})", n >> 32, n & 0xffff_ffff).is_ok(),
        None => {
            out.push_str(text);
            true
        }
    }
}

fn sid_name(text: &str, out: &mut String) -> bool {
    decode::sid::name(text).is_some_and(|name| {
        out.push_str(&name);
        true
    })
}

/// Two hex digits a byte, UTF-8; NUL bytes between arguments (auditd's `proctitle`) become spaces.
fn hex_to_text(text: &str, out: &mut String) -> bool {
    let text = text.strip_prefix("0x").unwrap_or(text).as_bytes();
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let digit = |b: u8| (b as char).to_digit(16).unwrap_or(0) as u8;
    let mut bytes: Vec<u8> = text.chunks_exact(2).map(|p| digit(p[0]) << 4 | digit(p[1])).collect();
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes.iter_mut().filter(|b| **b == 0).for_each(|b| *b = b' ');
    out.push_str(&String::from_utf8_lossy(&bytes));
    true
}

/// The argument of PowerShell's `-EncodedCommand`.
fn base64_utf16le(text: &str, out: &mut String) -> bool {
    use base64::Engine;
    let engine = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let Ok(bytes) = engine.decode(text.trim()) else { return false };
    if bytes.len() < 2 {
        return false;
    }
    let units = bytes.chunks_exact(2).map(|p| u16::from_le_bytes([p[0], p[1]]));
    out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    true
}

/// `user@domain` and `domain/user` as `domain\user`.
fn domain_backslash_user(text: &str, out: &mut String) -> bool {
    if let Some((user, domain)) = text.split_once('@') {
        let _ = write!(out, "{domain}\\{user}");
    } else if let Some((domain, user)) = text.split_once('/') {
        let _ = write!(out, "{domain}\\{user}");
    } else {
        out.push_str(text);
    }
    true
}

/// The user without domain: of `DOMAIN\user` and of `user@domain`.
fn strip_domain(text: &str, out: &mut String) -> bool {
    let user = text.rsplit('\\').next().unwrap_or(text);
    out.push_str(user.split('@').next().unwrap_or(user));
    !out.is_empty()
}

/// `::ffff:192.0.2.1` as `192.0.2.1`.
fn strip_ipv6_map(text: &str, out: &mut String) -> bool {
    match text.trim().parse::<IpAddr>() {
        Ok(ip) => write!(out, "{}", ip.to_canonical()).is_ok(),
        Err(_) => {
            out.push_str(text);
            true
        }
    }
}

/// The address of `192.0.2.1:443` and `[2001:db8::1]:443`; an address alone stays.
fn ip_of_sockaddr(text: &str, out: &mut String) -> bool {
    let text = text.trim();
    let ip = match (text.parse::<IpAddr>(), text.parse::<std::net::SocketAddr>()) {
        (Ok(ip), _) => ip,
        (_, Ok(socket)) => socket.ip(),
        _ => return false,
    };
    write!(out, "{}", ip.to_canonical()).is_ok()
}

/// Scheme and authority cut off; what is no absolute address is taken for a path.
fn after_authority(text: &str) -> (&str, &str) {
    let rest = match text.find("://") {
        Some(at) if !text[..at].contains(['/', '?']) => &text[at + 3..],
        _ => return ("", text),
    };
    rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
}

fn path_of(text: &str) -> &str {
    let (_, rest) = after_authority(text);
    &rest[..rest.find(['?', '#']).unwrap_or(rest.len())]
}

fn uri_path(text: &str, out: &mut String) -> bool {
    let path = path_of(text);
    out.push_str(if path.is_empty() { "/" } else { path });
    true
}

fn uri_query(text: &str, out: &mut String) -> bool {
    let text = text.split('#').next().unwrap_or(text);
    text.split_once('?').is_some_and(|(_, query)| {
        out.push_str(query);
        !query.is_empty()
    })
}

/// Without the dot, as proxies log it.
fn uri_extension(text: &str, out: &mut String) -> bool {
    let name = path_of(text).rsplit('/').next().unwrap_or_default();
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.is_empty() => {
            out.push_str(extension);
            true
        }
        _ => false,
    }
}

fn uri_host(text: &str, out: &mut String) -> bool {
    let (authority, _) = after_authority(text);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host_part(host, out)
}

/// Host and port of `192.0.2.7:443`, `[2001:db8::1]:443`, `192.0.2.7/443`, `host.example:443`.
fn endpoint(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('[')
        && let Some((host, after)) = rest.split_once(']')
    {
        return (host, after.strip_prefix(':'));
    }
    if text.parse::<IpAddr>().is_ok() {
        return (text, None);
    }
    let is_port = |p: &str| !p.is_empty() && p.len() <= 5 && p.bytes().all(|b| b.is_ascii_digit());
    match text.rsplit_once([':', '/']) {
        Some((host, port)) if is_port(port) => (host, Some(port)),
        _ => (text, None),
    }
}

fn host_part(text: &str, out: &mut String) -> bool {
    let (host, _) = endpoint(text);
    out.push_str(host);
    !host.is_empty()
}

fn port_part(text: &str, out: &mut String) -> bool {
    endpoint(text).1.is_some_and(|port| {
        out.push_str(port);
        true
    })
}

/// One pair of quotes around the whole text is cut off.
fn unquote(text: &str, out: &mut String) -> bool {
    let text = text.trim();
    let inner = ['"', '\'']
        .iter()
        .find_map(|q| text.strip_prefix(*q).and_then(|t| t.strip_suffix(*q)))
        .unwrap_or(text);
    out.push_str(inner);
    true
}

/// The first letter of each word upper case, the others lower.
fn title_case(text: &str, out: &mut String) -> bool {
    let mut begins = true;
    for c in text.chars() {
        if begins {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        begins = !c.is_alphanumeric();
    }
    true
}

/// The DNS server's debug log counts labels: `(3)www(7)example(3)com(0)` is `www.example.com`.
fn dns_labels(text: &str, out: &mut String) -> bool {
    let mut rest = text.trim();
    if !rest.starts_with('(') {
        out.push_str(rest);
        return !rest.is_empty();
    }
    while let Some((count, after)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
        if !count.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        let (label, next) = after.split_at(after.find('(').unwrap_or(after.len()));
        if !label.is_empty() {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(label);
        }
        rest = next;
    }
    !out.is_empty()
}

/// A GUID in braces, as Windows shows it and rules write it; readers of event logs leave the braces out.
fn braced_guid(text: &str, out: &mut String) -> bool {
    let bare = text.trim_matches(['{', '}']);
    if bare.len() == 36 && bare.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
        let _ = write!(out, "{{{bare}}}");
    } else {
        out.push_str(text);
    }
    true
}

fn epoch_ms_to_rfc3339(text: &str, out: &mut String) -> bool {
    let time = text.trim().parse().ok().and_then(Timestamp::from_millis);
    time.is_some_and(|t| write!(out, "{t}").is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expect: Option<&str>) {
        let mut out = String::new();
        let done = find(name).expect(name)(text, &mut out);
        assert_eq!(done.then_some(out.as_str()), expect, "{name} {text}");
    }

    #[test]
    fn converters_convert() {
        check("hex_to_decimal", "0x1a4", Some("420"));
        check("hex_to_decimal", "420", Some("420"));
        check("hex_to_decimal", "zz", None);
        check("decimal_to_hex", "420", Some("0x1a4"));
        check("basename", r"C:\Windows\cmd.exe", Some("cmd.exe"));
        check("dirname", "/usr/bin/id", Some("/usr/bin"));
        let device = r"\device\harddiskvolume12\windows\system32\lsass.exe";
        check("device_path", device, Some(r"C:\windows\system32\lsass.exe"));
        check("device_path", r"\Device\HarddiskVolume1\Users\a\b.exe", Some(r"C:\Users\a\b.exe"));
        check(
            "device_path",
            r"\device\harddiskvolume3\tools\b.exe",
            Some(r"\device\harddiskvolume3\tools\b.exe"),
        );
        check("device_path", r"\device\harddiskvolume\windows\x", Some(r"\device\harddiskvolume\windows\x"));
        check("device_path", r"\device\harddiskvolume2", Some(r"\device\harddiskvolume2"));
        check("device_path", "System", Some("System"));
        check("registry_path", r"\REGISTRY\MACHINE\SOFTWARE\X", Some(r"HKLM\SOFTWARE\X"));
        check("registry_path", r"\Registry\User\S-1-5-21-1\Run", Some(r"HKU\S-1-5-21-1\Run"));
        let service = r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Services\x";
        check("registry_path", service, Some(r"HKLM\System\CurrentControlSet\Services\x"));
        check("registry_path", r"HKLM\X", Some(r"HKLM\X"));
        check("registry_details", "1", Some("DWORD (0x00000001)"));
        check("registry_details", "abc", Some("abc"));
        check("registry_qword", "1", Some("QWORD (0x00000000-0x00000001)"));
        check("hex_to_text", "6C73002D6C", Some("ls -l"));
        check("hex_to_text", "6C7", None);
        check("base64_utf16le", "aQBkAA==", Some("id"));
        check("base64_utf16le", "aQBkAA", Some("id"));
        check("domain_backslash_user", "ana@corp.example", Some(r"corp.example\ana"));
        check("strip_domain", r"CORP\ana", Some("ana"));
        check("strip_ipv6_map", "::ffff:192.0.2.1", Some("192.0.2.1"));
        check("ip_of_sockaddr", "[2001:db8::1]:443", Some("2001:db8::1"));
        check("ip_of_sockaddr", "198.51.100.4:50123", Some("198.51.100.4"));
        check("uri_path", "https://a.example/x/y.php?q=1#f", Some("/x/y.php"));
        check("uri_path", "/x?q=http://b.example/", Some("/x"));
        check("uri_query", "https://a.example/x?q=1&r=2", Some("q=1&r=2"));
        check("uri_extension", "https://a.example/x/y.tar.gz?q", Some("gz"));
        check("uri_extension", "/x/y", None);
        check("uri_host", "https://u:p@a.example:8443/x", Some("a.example"));
        check("host_part", "[2001:db8::1]:443", Some("2001:db8::1"));
        check("host_part", "2001:db8::1", Some("2001:db8::1"));
        check("host_part", "192.0.2.7/443", Some("192.0.2.7"));
        check("port_part", "192.0.2.7:443", Some("443"));
        check("port_part", "192.0.2.7", None);
        check("unquote", "\"a b\"", Some("a b"));
        check("title_case", "tcp over IP", Some("Tcp Over Ip"));
        check("dns_labels", "(3)www(7)example(3)com(0)", Some("www.example.com"));
        check("dns_labels", "www.example.com", Some("www.example.com"));
        check(
            "braced_guid",
            "6d8a2c5e-0000-0000-0000-000000000001",
            Some("{6d8a2c5e-0000-0000-0000-000000000001}"),
        );
        check("epoch_ms_to_rfc3339", "1500", Some("1970-01-01T00:00:01.500Z"));
        check("sid_name", "S-1-5-18", Some(r"NT AUTHORITY\SYSTEM"));
    }

    proptest::proptest! {
        #[test]
        fn never_panic(text in "\\PC{0,60}") {
            for (_, convert) in ALL {
                convert(&text, &mut String::new());
            }
        }
    }
}
