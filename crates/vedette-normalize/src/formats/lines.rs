//! Reads one line of a file that is only known to be text: syslog, JSON, CEF, LEEF, audit, access log, pairs, or prose.

use vedette_model::Native;

use super::{Input, LineHint, access, auditd, json, kv, payload, stamp, syslog};

/// Appends the fields of the line and says what it was. What the last line was is tried first; then the first byte
/// says what can be left out.
pub fn read(line: &str, hint: &mut LineHint, out: &mut Native) -> Input {
    if hint.last == Some(Input::Access) && !begins_as_syslog(line) && access::read(line, out) {
        return Input::Access;
    }
    if let Some(input) = syslog::read(line, &mut hint.scratch, out) {
        // What a header carries says nothing of a line without one.
        hint.last = Some(Input::Syslog);
        return input;
    }
    let input = bare(line, hint, out);
    hint.last = Some(input);
    input
}

/// Whether the line may have a syslog header, which an access log's reader would take for a virtual host.
fn begins_as_syslog(line: &str) -> bool {
    line.starts_with('<') || line.as_bytes().get(10) == Some(&b'T') || stamp::month(line).is_some()
}

/// A line without a syslog header.
fn bare(line: &str, hint: &mut LineHint, out: &mut Native) -> Input {
    let fields = out.len();
    let text = line.trim_start();
    match text.as_bytes().first() {
        Some(b'{') => {
            if json::flatten_prefix(text, &mut hint.scratch, out).is_ok() {
                return Input::Json;
            }
            // Broken JSON is text: reading it again as anything else would find pieces of it.
            out.truncate(fields);
            out.push_text("message", line);
            return Input::Text;
        }
        Some(b't' | b'n') if auditd::is_record(text) => {
            if auditd::read(text, out).is_ok() {
                return Input::Auditd;
            }
            out.truncate(fields);
        }
        _ => {
            if access::read(text, out) {
                return Input::Access;
            }
        }
    }
    if kv::parse_whole(text, out) {
        return Input::Kv;
    }
    out.truncate(fields);
    // A stamp, and then a payload or prose: the time is worth a field of its own.
    let mut message = line;
    if let Some(length) = stamp::length(text) {
        out.push_text("timestamp", &text[..length]);
        message = text[length..].trim_start_matches([' ', '\t', ':', ',']);
    }
    out.push_text("message", message);
    payload::read(message, Input::Text, &mut hint.scratch, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_sort_in_one_file() {
        let mut hint = LineHint::new();
        for (line, expect, name, value) in [
            ("<34>Mar 14 09:26:53 web1 sshd[1]: x", Input::Syslog, "syslog.app", "sshd"),
            ("{\"a\":1}", Input::Json, "a", "1"),
            ("{\"a\":", Input::Text, "message", "{\"a\":"),
            ("CEF:0|V|P|1|2|n|3|src=192.0.2.1", Input::Cef, "src", "192.0.2.1"),
            ("LEEF:1.0|V|P|1|E|src=192.0.2.1", Input::Leef, "src", "192.0.2.1"),
            (
                "192.0.2.1 - - [14/Mar/2026:09:26:53 +0000] \"GET / HTTP/1.1\" 200 1",
                Input::Access,
                "c-ip",
                "192.0.2.1",
            ),
            (
                "192.0.2.2 - - [14/Mar/2026:09:26:53 +0000] \"GET / HTTP/1.1\" 200 1",
                Input::Access,
                "c-ip",
                "192.0.2.2",
            ),
            ("type=CWD msg=audit(1.5:7): cwd=\"/\"", Input::Auditd, "cwd", "/"),
            ("a=1|b=2", Input::Kv, "b", "2"),
            ("2026-03-14 09:26:53\ta=1\tb=2 3", Input::Kv, "b", "2 3"),
            ("2026-03-14 09:26:53,589 INFO started", Input::Text, "timestamp", "2026-03-14 09:26:53,589"),
            ("2026-03-14 09:26:53,589 INFO started", Input::Text, "message", "INFO started"),
            ("hello", Input::Text, "message", "hello"),
            ("", Input::Text, "message", ""),
        ] {
            let mut out = Native::new();
            assert_eq!(read(line, &mut hint, &mut out), expect, "{line}");
            assert_eq!(out.get(name), Some(value), "{line}");
        }
    }

    #[test]
    fn a_header_before_an_access_log_is_no_virtual_host() {
        let access = "192.0.2.1 - - [14/Mar/2026:09:26:53 +0000] \"GET / HTTP/1.1\" 200 1";
        let mut hint = LineHint::new();
        for header in [
            "",
            "<34>Mar 14 09:26:53 web1 nginx: ",
            "Mar 14 09:26:53 web1 nginx: ",
            "2026-03-14T09:26:53Z web1 nginx: ",
            "",
            "Mar 14 09:26:53 web1 nginx: ",
            "Mar 14 09:26:53 web1 nginx: ",
        ] {
            let line = format!("{header}{access}");
            let mut out = Native::new();
            assert_eq!(read(&line, &mut hint, &mut out), Input::Access, "{line}");
            assert_eq!(out.get("cs-host"), None, "{line}");
            let host = (!header.is_empty()).then_some("web1");
            assert_eq!(out.get("syslog.hostname"), host, "{line}");
        }
    }
}
