//! Reads one line of a file that is only known to be text: syslog, JSON, CEF, LEEF, audit, access log, pairs, or prose.

use vedette_model::Native;

use super::{Input, LineHint, access, auditd, json, kv, payload, stamp, syslog};

/// Appends the fields of the line and says what it was. What the last line was is tried first; then the first byte
/// says what can be left out.
pub fn read(line: &str, hint: &mut LineHint, out: &mut Native) -> Input {
    let input = one(line, hint, out);
    hint.last = Some(input);
    input
}

fn one(line: &str, hint: &mut LineHint, out: &mut Native) -> Input {
    let fields = out.len();
    // Only readers that refuse what is not theirs may come first.
    match hint.last {
        Some(Input::Access) if access::read(line, out) => return Input::Access,
        Some(Input::Json) => {
            if line.starts_with('{') && json::flatten_prefix(line, &mut hint.scratch, out).is_ok() {
                return Input::Json;
            }
            out.truncate(fields);
        }
        _ => {}
    }
    if let Some(input) = syslog::read(line, &mut hint.scratch, out) {
        return input;
    }
    let text = line.trim_start();
    match text.as_bytes().first() {
        Some(b'{') => {
            if json::flatten_prefix(text, &mut hint.scratch, out).is_ok() {
                return Input::Json;
            }
            out.truncate(fields);
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
    if let Some(length) = stamp::length(text) {
        out.push_text("timestamp", &text[..length]);
        let message = text[length..].trim_start_matches([' ', '\t', ':', ',']);
        out.push_text("message", message);
        return payload::read(message, Input::Text, &mut hint.scratch, out);
    }
    out.push_text("message", line);
    payload::read(text, Input::Text, &mut hint.scratch, out)
}
