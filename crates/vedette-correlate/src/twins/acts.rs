//! Which events of which channels tell of the same kind of act, and how their fields name what it was done to.
//!
//! Source: Sysmon schema 4.90; Windows security auditing, System and TaskScheduler event manifests.

use std::fmt::Write;
use std::net::IpAddr;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActKind {
    ProcessStart,
    ProcessEnd,
    RegistrySet,
    Connection,
    TaskCreate,
    TaskUpdate,
    TaskDelete,
    ServiceInstall,
}

/// How a key is made from an event's fields.
#[derive(Clone, Copy)]
enum Key {
    /// Process id and image; ids are used again, so the image's name stands beside it.
    Process {
        id: &'static str,
        image: &'static str,
    },
    /// The full path; a value name that stands apart is put behind it.
    Registry {
        path: &'static str,
        value: &'static str,
    },
    /// Process id and both ends.
    Connection {
        id: &'static str,
        from: [&'static str; 2],
        to: [&'static str; 2],
    },
    Name(&'static str),
}

const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";
const SECURITY: &str = "Security";
const SYSTEM: &str = "System";
const TASKS: &str = "Microsoft-Windows-TaskScheduler/Operational";

/// Channel, event id, act, key. PowerShell 4103 and 4104 are no twins: a command run is not a script block.
const TABLE: &[(&str, &str, ActKind, Key)] = &[
    (SYSMON, "1", ActKind::ProcessStart, Key::Process { id: "ProcessId", image: "Image" }),
    (SECURITY, "4688", ActKind::ProcessStart, Key::Process { id: "NewProcessId", image: "NewProcessName" }),
    (SYSMON, "5", ActKind::ProcessEnd, Key::Process { id: "ProcessId", image: "Image" }),
    (SECURITY, "4689", ActKind::ProcessEnd, Key::Process { id: "ProcessId", image: "ProcessName" }),
    (SYSMON, "13", ActKind::RegistrySet, Key::Registry { path: "TargetObject", value: "" }),
    (SECURITY, "4657", ActKind::RegistrySet, Key::Registry { path: "ObjectName", value: "ObjectValueName" }),
    (
        SYSMON,
        "3",
        ActKind::Connection,
        Key::Connection {
            id: "ProcessId",
            from: ["SourceIp", "SourcePort"],
            to: ["DestinationIp", "DestinationPort"],
        },
    ),
    (
        SECURITY,
        "5156",
        ActKind::Connection,
        Key::Connection {
            id: "ProcessID",
            from: ["SourceAddress", "SourcePort"],
            to: ["DestAddress", "DestPort"],
        },
    ),
    (SECURITY, "4698", ActKind::TaskCreate, Key::Name("TaskName")),
    (TASKS, "106", ActKind::TaskCreate, Key::Name("TaskName")),
    (SECURITY, "4702", ActKind::TaskUpdate, Key::Name("TaskName")),
    (TASKS, "140", ActKind::TaskUpdate, Key::Name("TaskName")),
    (SECURITY, "4699", ActKind::TaskDelete, Key::Name("TaskName")),
    (TASKS, "141", ActKind::TaskDelete, Key::Name("TaskName")),
    (SECURITY, "4697", ActKind::ServiceInstall, Key::Name("ServiceName")),
    (SYSTEM, "7045", ActKind::ServiceInstall, Key::Name("ServiceName")),
];

/// The act that an event of `channel` with event id `code` tells of: its kind, the key of what it was done to, and the
/// rank of the log. `field` gives a native value by name.
///
/// `None` when no other log writes of such an event, or a field of the key is missing.
pub fn act<'a>(
    channel: &str,
    code: &str,
    field: impl Fn(&str) -> Option<&'a str>,
) -> Option<(ActKind, String, u8)> {
    let (_, _, kind, key) =
        TABLE.iter().find(|(c, id, _, _)| *id == code && c.eq_ignore_ascii_case(channel))?;
    let field = |name: &str| field(name).map(str::trim).filter(|value| !value.is_empty() && *value != "-");
    let mut text = String::new();
    match *key {
        Key::Process { id, image } => {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}|", process_id(field(id)?)?);
            text.push_str(basename(field(image)?));
        }
        Key::Registry { path, value } => registry_path(field(path)?, field(value), &mut text),
        Key::Connection { id, from, to } => {
            // NXLog writes the `ProcessID` of 5156 as `ProcessId`.
            let id = field(id).or_else(|| field("ProcessId"))?;
            let _ = write!(text, "{}", process_id(id)?);
            for [address, port] in [from, to] {
                let address: IpAddr = field(address)?.parse().ok()?;
                let _ = write!(text, "|{}|{}", address.to_canonical(), field(port)?);
            }
        }
        Key::Name(name) => text.push_str(field(name)?.trim_start_matches('\\')),
    }
    // Sysmon tells hashes and command lines; the Security log at least who did it.
    let rank = if channel.eq_ignore_ascii_case(SYSMON) {
        0
    } else if channel.eq_ignore_ascii_case(SECURITY) {
        1
    } else {
        2
    };
    Some((*kind, text.to_lowercase(), rank))
}

/// Sysmon writes `4660`, the Security log `0x1234`.
fn process_id(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn basename(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}

/// One spelling for both logs: `\REGISTRY\MACHINE\SYSTEM\ControlSet001\...` is `HKLM\SYSTEM\CurrentControlSet\...`.
fn registry_path(path: &str, value: Option<&str>, text: &mut String) {
    let roots = [
        (r"\REGISTRY\MACHINE\", r"HKLM\"),
        (r"\REGISTRY\USER\", r"HKU\"),
        (r"HKEY_LOCAL_MACHINE\", r"HKLM\"),
        (r"HKEY_USERS\", r"HKU\"),
    ];
    let rooted = roots.iter().find_map(|(long, short)| {
        let head = path.get(..long.len())?;
        head.eq_ignore_ascii_case(long).then(|| (*short, &path[long.len()..]))
    });
    let (root, rest) = rooted.unwrap_or(("", path));
    text.push_str(root);
    for (i, part) in rest.split('\\').enumerate() {
        if i > 0 {
            text.push('\\');
        }
        let numbered =
            part.len() == 13 && part.get(..10).is_some_and(|p| p.eq_ignore_ascii_case("ControlSet"));
        text.push_str(if numbered { "CurrentControlSet" } else { part });
    }
    if let Some(value) = value {
        text.push('\\');
        text.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(channel: &str, code: &str, fields: &[(&str, &str)]) -> Option<(ActKind, String, u8)> {
        act(channel, code, |name| fields.iter().find(|(n, _)| *n == name).map(|(_, v)| *v))
    }

    #[track_caller]
    fn check(one: (&str, &str, &[(&str, &str)]), other: (&str, &str, &[(&str, &str)]), expect: &str) {
        let (a, b) =
            (key(one.0, one.1, one.2).expect("an act"), key(other.0, other.1, other.2).expect("an act"));
        assert_eq!((a.0, a.1.as_str()), (b.0, b.1.as_str()));
        assert_eq!(a.1, expect);
        assert!(a.2 < b.2, "the first tells more");
    }

    #[test]
    fn both_logs_give_the_same_key() {
        check(
            (SYSMON, "1", &[("ProcessId", "4660"), ("Image", r"C:\Windows\System32\cmd.exe")]),
            (
                SECURITY,
                "4688",
                &[("NewProcessId", "0x1234"), ("NewProcessName", r"C:\Windows\System32\CMD.EXE")],
            ),
            "4660|cmd.exe",
        );
        check(
            (SYSMON, "13", &[("TargetObject", r"HKLM\System\CurrentControlSet\Services\svc\ImagePath")]),
            (
                SECURITY,
                "4657",
                &[
                    ("ObjectName", r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Services\svc"),
                    ("ObjectValueName", "ImagePath"),
                ],
            ),
            r"hklm\system\currentcontrolset\services\svc\imagepath",
        );
        check(
            (
                SYSMON,
                "3",
                &[
                    ("ProcessId", "16"),
                    ("SourceIp", "10.0.0.5"),
                    ("SourcePort", "50000"),
                    ("DestinationIp", "203.0.113.9"),
                    ("DestinationPort", "443"),
                ],
            ),
            (
                SECURITY,
                "5156",
                &[
                    ("ProcessID", "16"),
                    ("SourceAddress", "10.0.0.5"),
                    ("SourcePort", "50000"),
                    ("DestAddress", "::ffff:203.0.113.9"),
                    ("DestPort", "443"),
                ],
            ),
            "16|10.0.0.5|50000|203.0.113.9|443",
        );
        check(
            (SECURITY, "4698", &[("TaskName", r"\Update")]),
            (TASKS, "106", &[("TaskName", r"\update")]),
            "update",
        );
        check(
            (SECURITY, "4697", &[("ServiceName", "Svc")]),
            (SYSTEM, "7045", &[("ServiceName", "svc")]),
            "svc",
        );
    }

    #[test]
    fn what_no_other_log_writes_is_no_act() {
        let path = &[("Path", "a.ps1")];
        assert_eq!(key("Microsoft-Windows-PowerShell/Operational", "4104", path), None);
        assert_eq!(key(SYSMON, "1", &[("ProcessId", "4660")]), None, "without an image");
        assert_eq!(key(SYSMON, "1", &[("ProcessId", "many"), ("Image", "a.exe")]), None);
        assert_eq!(key(SYSMON, "4688", &[("NewProcessId", "1"), ("NewProcessName", "a.exe")]), None);
    }
}
