//! What a path says: the host in the folder layouts of Velociraptor, KAPE, CyLR and UAC, and the channel in the name of
//! an event log.

use crate::options::HostFromPath;

/// Folder names that stand where a host could stand and are none.
const NO_HOST: &[&str] = &[
    ".",
    "..",
    "[root]",
    "artifacts",
    "auto",
    "c",
    "case",
    "cases",
    "clients",
    "collected",
    "collection",
    "collections",
    "data",
    "disk",
    "e01",
    "evidence",
    "evtx",
    "export",
    "exports",
    "extracted",
    "file",
    "files",
    "fs",
    "home",
    "image",
    "images",
    "input",
    "kape",
    "lazy_ntfs",
    "live",
    "live_response",
    "log",
    "logs",
    "media",
    "mft",
    "mnt",
    "mount",
    "ntfs",
    "opt",
    "output",
    "private",
    "raw",
    "results",
    "root",
    "rootfs",
    "samples",
    "srv",
    "sysroot",
    "target",
    "targets",
    "tdest",
    "temp",
    "tmp",
    "tout",
    "triage",
    "uploads",
    "usr",
    "var",
    "volume",
    "volumes",
    "vss",
    "win",
    "windows",
];

/// The host that the path names. `argument_parts` are the leading folders that belong to the argument.
pub(crate) fn host(path: &str, argument_parts: usize, wanted: HostFromPath) -> Option<String> {
    let parts: Vec<&str> = path.split(['/', '\\', '!']).filter(|p| !p.is_empty()).collect();
    let below =
        |at: usize| -> Option<String> { (at + 1 < parts.len()).then(|| decode(strip_archive(parts[at]))) };
    match wanted {
        HostFromPath::Layout => from_layout(&parts),
        HostFromPath::Last => {
            let at = parts.len().checked_sub(2)?;
            (at >= leading(path, argument_parts)).then(|| below(at)).flatten()
        }
        HostFromPath::Folder(n) => below(leading(path, argument_parts) + n.checked_sub(1)?),
    }
}

/// Components count the root of an absolute path, which is no part here.
fn leading(path: &str, argument_parts: usize) -> usize {
    if path.starts_with('/') { argument_parts.saturating_sub(1) } else { argument_parts }
}

fn from_layout(parts: &[&str]) -> Option<String> {
    // Collectors that write the host into the name of the collection; the innermost wins.
    if let Some(host) = parts.iter().rev().find_map(|p| uac(p).or_else(|| velociraptor(p))) {
        return Some(host);
    }
    // Velociraptor server: clients/<id>/collections/<flow>/uploads.
    if let Some(at) = parts.windows(3).position(|w| w[0] == "clients" && w[2] == "collections") {
        return Some(parts[at + 1].to_owned());
    }
    // KAPE and CyLR: <host>/C/Windows/..., <host>.zip!C/Windows/...; live Unix trees: <host>/var/log/...
    let tree = parts
        .windows(2)
        .position(|w| is_drive(w[0]) && is_windows_top(w[1]))
        .or_else(|| parts.windows(2).position(|w| w[0] == "var" && (w[1] == "log" || w[1] == "audit")))?;
    let mut at = tree.checked_sub(1)?;
    // Velociraptor's uploads/auto and UAC's [root] stand between the tree and its name.
    loop {
        let name = decode(strip_archive(parts[at]));
        if !NO_HOST.contains(&name.to_ascii_lowercase().as_str()) {
            return is_host(&name).then_some(name);
        }
        at = at.checked_sub(1)?;
        // Two generic folders above one another are a layout we know; more are guesswork.
        if tree - at > 4 {
            return None;
        }
    }
}

/// `uac-HOST-OS-YYYYMMDDhhmmss`, with or without the archive's ending.
fn uac(part: &str) -> Option<String> {
    let rest = strip_archive(part).strip_prefix("uac-")?;
    let (rest, stamp) = rest.rsplit_once('-')?;
    let (host, _system) = rest.rsplit_once('-')?;
    (stamp.len() == 14 && stamp.bytes().all(|b| b.is_ascii_digit()) && is_host(host)).then(|| host.to_owned())
}

/// `Collection-HOST-YYYY-MM-DDThh_mm_ssZ`, as the offline collector names its zip.
fn velociraptor(part: &str) -> Option<String> {
    let rest = strip_archive(part).strip_prefix("Collection-")?;
    let (at, _) = rest.match_indices('-').find(|&(at, _)| {
        let tail = &rest.as_bytes()[at + 1..];
        tail.len() >= 11
            && tail
                .iter()
                .take(10)
                .enumerate()
                .all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() })
            && tail[10] == b'T'
    })?;
    is_host(&rest[..at]).then(|| rest[..at].to_owned())
}

fn is_drive(part: &str) -> bool {
    let part = decode(part);
    let part = part.strip_prefix("\\\\.\\").unwrap_or(&part);
    let mut chars = part.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && matches!(chars.as_str(), "" | ":")
}

fn is_windows_top(part: &str) -> bool {
    ["windows", "users", "programdata", "$extend", "inetpub", "$recycle.bin"]
        .iter()
        .any(|top| part.eq_ignore_ascii_case(top))
}

fn is_host(name: &str) -> bool {
    (1..=253).contains(&name.len())
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'))
        && name.chars().any(char::is_alphanumeric)
}

fn strip_archive(part: &str) -> &str {
    let lower = part.to_ascii_lowercase();
    [".tar.gz", ".tar.zst", ".tgz", ".tzst", ".tar", ".zip", ".gz", ".zst"]
        .iter()
        .find(|ending| lower.ends_with(*ending))
        .map_or(part, |ending| &part[..part.len() - ending.len()])
}

/// The channel that the name of an event log says: Windows writes `/` as `%4`, Velociraptor escapes the `%` once more.
pub(crate) fn channel(path: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\', '!']).next()?;
    let at = name.to_ascii_lowercase().find(".evtx")?;
    // `%4` is followed by a word that may begin with a hex digit (`%4Analytic`), so codes that begin with 4 are not decoded.
    let stem = decode(&name[..at]).replace("%4", "/");
    (!stem.is_empty()).then_some(stem)
}

/// Percent-decoding, except for codes that begin with `4`.
fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|b| (*b as char).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) if high != 4 => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_host(path: &str, expect: &str) {
        let found = host(path, 1, HostFromPath::Layout);
        assert_eq!(found.as_deref().unwrap_or(""), expect, "{path}");
    }

    #[test]
    fn collectors_name_the_host_in_the_path() {
        check_host("out/DC01/C/Windows/System32/winevt/logs/Security.evtx", "DC01");
        check_host("WS-7.zip!C/Windows/System32/winevt/Logs/Security.evtx", "WS-7");
        check_host("WS-7.zip!uploads/auto/C%3A/Windows/System32/winevt/Logs/Security.evtx", "WS-7");
        check_host(
            "Collection-WS7.corp.example-2024-01-02T03_04_05Z.zip!uploads/auto/C%3A/Windows/a.evtx",
            "WS7.corp.example",
        );
        check_host("Collection-A-B-2024-01-02T03_04_05Z/results/Windows.json", "A-B");
        check_host("store/clients/C.12ab/collections/F.1/uploads/x.json", "C.12ab");
        check_host("uac-web-01-linux-20240102030405.tar.gz![root]/var/log/auth.log", "web-01");
        check_host("uac-web-01-linux-20240102030405/[root]/var/log/auth.log", "web-01");
        check_host("estate/web01/var/log/auth.log", "web01");
        check_host("/var/log/auth.log", "");
        check_host("/mnt/evidence/var/log/auth.log", "");
        check_host("logs/auth.log", "");
        check_host("C/Windows/x.evtx", "");
    }

    #[test]
    fn a_folder_can_be_asked_for() {
        let check = |path: &str, parts, wanted, expect: Option<&str>| {
            assert_eq!(host(path, parts, wanted).as_deref(), expect, "{path}");
        };
        check("estate/web01/auth.log", 1, HostFromPath::Last, Some("web01"));
        check("estate/auth.log", 1, HostFromPath::Last, None);
        check("/a/estate/x/y/auth.log", 3, HostFromPath::Last, Some("y"));
        check("/a/estate/x/y/auth.log", 3, HostFromPath::Folder(1), Some("x"));
        check("/a/estate/x/y/auth.log", 3, HostFromPath::Folder(3), None);
        check("/a/estate/x/y/auth.log", 3, HostFromPath::Folder(0), None);
        check("estate/web01.zip!auth.log", 1, HostFromPath::Last, Some("web01"));
        check("auth.log", 1, HostFromPath::Last, None);
    }

    #[test]
    fn the_name_of_an_event_log_says_its_channel() {
        let check = |path: &str, expect: Option<&str>| assert_eq!(channel(path).as_deref(), expect, "{path}");
        check("a/Security.evtx", Some("Security"));
        check("Microsoft-Windows-Sysmon%4Operational.evtx", Some("Microsoft-Windows-Sysmon/Operational"));
        check("Microsoft-Windows-Sysmon%254Operational.evtx", Some("Microsoft-Windows-Sysmon/Operational"));
        check("Microsoft-Windows-X%4Analytic.evtx", Some("Microsoft-Windows-X/Analytic"));
        check("Windows%20PowerShell.evtx.gz", Some("Windows PowerShell"));
        check("Windows PowerShell.EVTX", Some("Windows PowerShell"));
        check("auth.log", None);
        check(".evtx", None);
    }
}
