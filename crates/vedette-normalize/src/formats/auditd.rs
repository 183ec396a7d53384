//! Reads Linux audit records: the lines of one serial, joined by newlines.
//!
//! Every field comes twice, under its own name (`exe`, as Sigma rules say) and under that of its record
//! (`SYSCALL.exe`), because one event has fields of the same name in several records. What the kernel wrote in hex
//! because it held a blank or a quote is read back to text.

use vedette_model::{Kind, Native};

use super::{FormatError, limits, syscall, text};

/// The text begins like an audit record.
pub fn is_record(text: &str) -> bool {
    let after_node = match text.strip_prefix("node=") {
        Some(rest) => rest.split_once(' ').map_or("", |(_, after)| after),
        None => text,
    };
    after_node.starts_with("type=") && after_node.contains(" msg=audit(")
}

/// Appends `audit.time` (seconds since 1970), `audit.serial`, `node`, a `type` for each line, and all fields.
///
/// Derived: `EXECVE.cmdline`, the arguments joined by blanks; `SYSCALL`, the call's name, where the log has only its
/// number.
///
/// # Errors
/// `not an audit record`, when no line is one; lines that are not are left out otherwise.
pub fn read(lines: &str, out: &mut Native) -> Result<(), FormatError> {
    let mut records = 0;
    let mut arguments = Arguments::default();
    let mut name = String::new();
    for line in lines.lines().take(limits::AUDIT_LINES_MAX) {
        let Some(record) = Record::of(line.trim()) else { continue };
        if records == 0 {
            out.push("audit.time", record.time, Kind::Number);
            out.push("audit.serial", record.serial, Kind::Number);
            if let Some(node) = record.node {
                out.push_text("node", node);
            }
        }
        records += 1;
        out.push_text("type", record.kind);
        fields(&record, &mut name, &mut arguments, out);
    }
    if records == 0 {
        return Err(FormatError::new("not an audit record", format!("`{}`", text::quote(lines))));
    }
    if let Some(command) = arguments.joined() {
        out.push_derived("EXECVE.cmdline", &arguments.names(), &command, Kind::Text);
    }
    Ok(())
}

struct Record<'a> {
    node: Option<&'a str>,
    kind: &'a str,
    time: &'a str,
    serial: &'a str,
    body: &'a str,
    /// What auditd added in words, after a group separator (`log_format = ENRICHED`).
    enriched: Option<&'a str>,
}

impl<'a> Record<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (node, rest) = match line.strip_prefix("node=") {
            Some(rest) => rest.split_once(' ').map(|(node, rest)| (Some(node), rest))?,
            None => (None, line),
        };
        let (kind, rest) = rest.strip_prefix("type=")?.split_once(' ')?;
        if kind.len() > limits::AUDIT_KIND_BYTES_MAX {
            return None;
        }
        let (stamp, body) = rest.trim_start().strip_prefix("msg=audit(")?.split_once(')')?;
        let (time, serial) = stamp.rsplit_once(':')?;
        let body = body.trim_start_matches([':', ' ']);
        let (body, enriched) = match body.split_once('\u{1d}') {
            Some((body, enriched)) => (body, Some(enriched)),
            None => (body, None),
        };
        Some(Self { node, kind, time, serial, body, enriched })
    }
}

/// A value as it stood there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Quoted,
    /// Without quotes: a number, a word, or text in hex.
    Bare,
}

fn fields(record: &Record<'_>, scratch: &mut String, arguments: &mut Arguments, out: &mut Native) {
    let mut field = |name: &str, value: &str, written: Written| {
        if out.len() + 2 > limits::FIELDS_MAX {
            return;
        }
        let decoded = match written {
            Written::Bare => decode(record.kind, name, value),
            Written::Quoted => None,
        };
        let value = decoded.as_deref().unwrap_or(value);
        if name == "key" && value.contains('\u{1}') {
            // Several keys of one rule.
            value.split('\u{1}').for_each(|key| push_twice(record.kind, name, key, scratch, out));
            return;
        }
        if record.kind != "EXECVE" || !arguments.take(name, value) {
            push_twice(record.kind, name, value, scratch, out);
        }
    };
    split(record.body, 0, &mut field);
    if let Some(enriched) = record.enriched {
        split(enriched, 0, &mut field);
    }
    if record.kind == "EXECVE" {
        arguments.push_new(scratch, out);
    }
    if record.kind == "SYSCALL"
        && out.position("SYSCALL").is_none()
        && let (Some(arch), Some(number)) = (out.get("SYSCALL.arch"), out.get("SYSCALL.syscall"))
        && let Some(name) = syscall::name(arch, number)
    {
        out.push_derived("SYSCALL", "SYSCALL.arch+SYSCALL.syscall", name, Kind::Text);
    }
}

fn push_twice(kind: &str, name: &str, value: &str, scratch: &mut String, out: &mut Native) {
    let null = value.is_empty() || value == "(null)";
    let (value, value_kind) = if null { ("", Kind::Null) } else { (value, Kind::Text) };
    out.push(name, value, value_kind);
    scratch.clear();
    for part in [kind, ".", name] {
        scratch.push_str(part);
    }
    out.push(scratch, value, value_kind);
}

/// Splits `a=b c="d e" msg='op=login acct="ana"'` and calls `field` for each pair. Quotes and braces hold pairs of
/// their own, one level deep.
fn split(body: &str, depth: usize, field: &mut dyn FnMut(&str, &str, Written)) {
    let mut rest = body.trim();
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once('=') else { return };
        // Words before a name (`avc:  denied  { read } for  pid=1`) are no part of it.
        let (words, name) = match name.rsplit_once([' ', ',']) {
            Some((words, name)) => (words.trim(), name),
            None => ("", name),
        };
        if words.starts_with("avc:") {
            access_vector(words, field);
        }
        let (value, written, after) = match after.as_bytes().first() {
            Some(b'\'') if depth == 0 => {
                let quoted = &after[1..];
                let end = quoted.rfind('\'').unwrap_or(quoted.len());
                split(&quoted[..end], depth + 1, field);
                rest = quoted.get(end + 1..).unwrap_or("").trim_start();
                continue;
            }
            Some(b'"') => {
                let quoted = &after[1..];
                let end = memchr::memchr(b'"', quoted.as_bytes()).unwrap_or(quoted.len());
                (&quoted[..end], Written::Quoted, quoted.get(end + 1..).unwrap_or(""))
            }
            Some(b'{') => {
                // `SADDR={ saddr_fam=inet laddr=192.0.2.1 lport=22 }`: the pairs inside have names of their own.
                let inner = &after[1..];
                let end = memchr::memchr(b'}', inner.as_bytes()).unwrap_or(inner.len());
                if depth == 0 {
                    split(&inner[..end], depth + 1, field);
                }
                (inner[..end].trim(), Written::Quoted, inner.get(end + 1..).unwrap_or(""))
            }
            // Where `ausearch -i` has already read it, the title is the rest of the line.
            _ if name == "proctitle" => (after, Written::Bare, ""),
            _ => {
                let end = memchr::memchr(b' ', after.as_bytes()).unwrap_or(after.len());
                (&after[..end], Written::Bare, &after[end..])
            }
        };
        if !name.is_empty() {
            field(name, value, written);
        }
        rest = after.trim_start();
    }
}

/// `avc:  denied  { read write } for`: the decision and the permissions.
fn access_vector(words: &str, field: &mut dyn FnMut(&str, &str, Written)) {
    let mut parts = words.split_whitespace().skip(1);
    if let Some(decision) = parts.next() {
        field("avc", decision, Written::Quoted);
    }
    let inside =
        words.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or("", |(inside, _)| inside);
    for permission in inside.split_whitespace() {
        field("seperms", permission, Written::Quoted);
    }
}

/// The text of a value that was written in hex. Only fields that auditd encodes are looked at: `a0=41` of a SYSCALL is
/// a number.
fn decode(kind: &str, name: &str, value: &str) -> Option<String> {
    let encoded = match name {
        "comm" | "exe" | "name" | "cwd" | "proctitle" | "key" | "acct" | "cmd" | "data" | "path" | "vm"
        | "dir" | "file" | "device" | "new-disk" | "old-disk" | "watch" | "ocomm" => true,
        _ => kind == "EXECVE" && name.starts_with('a') && name[1..].starts_with(|c: char| c.is_ascii_digit()),
    };
    // A bare short number is a number: hex text has at least one letter's worth of two digits, in capitals.
    let hex = value.len() >= 2 && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    if !encoded || !hex || (name == "key" && value.len() < 4) {
        return None;
    }
    let bytes = text::unhex(value)?;
    let text = String::from_utf8_lossy(&bytes);
    // The arguments in a process title are parted by NUL.
    Some(text.trim_end_matches('\0').replace('\0', " "))
}

/// The arguments of EXECVE records, put in order; a long one comes in pieces (`a2[0]`, `a2[1]`).
#[derive(Default)]
struct Arguments {
    list: Vec<(usize, String)>,
    pushed: usize,
    bytes: usize,
}

impl Arguments {
    /// Takes `aN` and `aN[M]`; `true` when it was an argument. Lengths (`a2_len`) are dropped.
    fn take(&mut self, name: &str, value: &str) -> bool {
        let Some(rest) = name.strip_prefix('a') else { return false };
        let (digits, tail) = text::digits(rest);
        let Ok(number) = digits.parse::<usize>() else { return false };
        if tail == "_len" {
            return true;
        }
        if !tail.is_empty() && !tail.starts_with('[') {
            return false;
        }
        self.bytes += value.len();
        if self.bytes > limits::AUDIT_COMMAND_BYTES_MAX {
            return true;
        }
        match self.list.last_mut() {
            Some((last, text)) if *last == number && tail.starts_with('[') => text.push_str(value),
            _ => self.list.push((number, value.to_owned())),
        }
        true
    }

    /// Appends the arguments that came with the last line.
    fn push_new(&mut self, scratch: &mut String, out: &mut Native) {
        for (number, value) in &self.list[self.pushed..] {
            push_twice("EXECVE", &format!("a{number}"), value, scratch, out);
        }
        self.pushed = self.list.len();
    }

    fn joined(&self) -> Option<String> {
        (!self.list.is_empty())
            .then(|| self.list.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" "))
    }

    /// The names that were joined; of very long commands the first eight.
    fn names(&self) -> String {
        self.list.iter().take(8).map(|(number, _)| format!("EXECVE.a{number}")).collect::<Vec<_>>().join("+")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(lines: &str) -> String {
        let mut out = Native::new();
        match read(lines, &mut out) {
            Ok(()) => out
                .iter()
                .map(|f| format!("{}{}<{}>", if f.derived { "*" } else { "" }, f.name, f.value))
                .collect::<Vec<_>>()
                .join(" "),
            Err(e) => e.reason.to_owned(),
        }
    }

    #[test]
    fn one_event_of_several_lines() {
        let lines = "type=SYSCALL msg=audit(1773480413.589:42): arch=c000003e syscall=59 success=yes a0=41 comm=\"id\" exe=\"/usr/bin/id\" key=(null)\x1dARCH=x86_64 SYSCALL=execve\n\
                     type=EXECVE msg=audit(1773480413.589:42): argc=2 a0=\"id\" a1=2D75\n\
                     type=PATH msg=audit(1773480413.589:42): item=0 name=\"/usr/bin/id\" nametype=NORMAL\n\
                     type=PROCTITLE msg=audit(1773480413.589:42): proctitle=6964002D75";
        assert_eq!(
            flat(lines),
            "audit.time<1773480413.589> audit.serial<42> type<SYSCALL> arch<c000003e> SYSCALL.arch<c000003e> syscall<59> SYSCALL.syscall<59> \
             success<yes> SYSCALL.success<yes> a0<41> SYSCALL.a0<41> comm<id> SYSCALL.comm<id> exe</usr/bin/id> SYSCALL.exe</usr/bin/id> \
             key<> SYSCALL.key<> ARCH<x86_64> SYSCALL.ARCH<x86_64> SYSCALL<execve> SYSCALL.SYSCALL<execve> \
             type<EXECVE> argc<2> EXECVE.argc<2> a0<id> EXECVE.a0<id> a1<-u> EXECVE.a1<-u> \
             type<PATH> item<0> PATH.item<0> name</usr/bin/id> PATH.name</usr/bin/id> nametype<NORMAL> PATH.nametype<NORMAL> \
             type<PROCTITLE> proctitle<id -u> PROCTITLE.proctitle<id -u> *EXECVE.cmdline<id -u>"
        );
    }

    #[test]
    fn payloads_nodes_and_pieces() {
        for (lines, expect) in [
            (
                "node=web1 type=USER_LOGIN msg=audit(1.5:7): pid=9 uid=0 msg='op=login acct=\"ana\" exe=\"/usr/sbin/sshd\" addr=192.0.2.1 res=success'\x1dUID=\"root\"",
                "audit.time<1.5> audit.serial<7> node<web1> type<USER_LOGIN> pid<9> USER_LOGIN.pid<9> uid<0> USER_LOGIN.uid<0> op<login> USER_LOGIN.op<login> \
                 acct<ana> USER_LOGIN.acct<ana> exe</usr/sbin/sshd> USER_LOGIN.exe</usr/sbin/sshd> addr<192.0.2.1> USER_LOGIN.addr<192.0.2.1> res<success> USER_LOGIN.res<success> \
                 UID<root> USER_LOGIN.UID<root>",
            ),
            (
                "type=EXECVE msg=audit(1.5:7): argc=2 a0=\"x\" a1_len=4 a1[0]=4142 a1[1]=4344",
                "audit.time<1.5> audit.serial<7> type<EXECVE> argc<2> EXECVE.argc<2> a0<x> EXECVE.a0<x> a1<ABCD> EXECVE.a1<ABCD> *EXECVE.cmdline<x ABCD>",
            ),
            (
                "type=AVC msg=audit(1.5:7): avc:  denied  { read write } for  pid=3 comm=\"x\"",
                "audit.time<1.5> audit.serial<7> type<AVC> avc<denied> AVC.avc<denied> seperms<read> AVC.seperms<read> seperms<write> AVC.seperms<write> pid<3> AVC.pid<3> comm<x> AVC.comm<x>",
            ),
            (
                "type=PROCTITLE msg=audit(03/14/2026 09:26:53.589:42) : proctitle=cat /etc/passwd",
                "audit.time<03/14/2026 09:26:53.589> audit.serial<42> type<PROCTITLE> proctitle<cat /etc/passwd> PROCTITLE.proctitle<cat /etc/passwd>",
            ),
            (
                "type=SYSCALL msg=audit(1.5:7): arch=c000003e syscall=133 pid=1",
                "audit.time<1.5> audit.serial<7> type<SYSCALL> arch<c000003e> SYSCALL.arch<c000003e> syscall<133> SYSCALL.syscall<133> pid<1> SYSCALL.pid<1> *SYSCALL<mknod>",
            ),
            (
                "type=X msg=audit(1.5:7): key=6161016262",
                "audit.time<1.5> audit.serial<7> type<X> key<aa> X.key<aa> key<bb> X.key<bb>",
            ),
            ("hello", "not an audit record"),
            ("", "not an audit record"),
            ("type=X msg=audit(", "not an audit record"),
        ] {
            assert_eq!(flat(lines), expect, "{lines}");
        }
    }
}
