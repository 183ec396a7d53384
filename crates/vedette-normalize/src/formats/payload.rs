//! Recognises what a message carries: a Windows event as XML (Sysmon for Linux), CEF, LEEF, JSON, audit records, an access log line, key=value pairs, or text.

use vedette_model::Native;

use super::{Input, access, auditd, cef, event_xml, json, kv, leef};

/// Appends the fields of `message` and says what it was; `plain` when it is text (nothing is appended then).
pub fn read(message: &str, plain: Input, scratch: &mut json::Scratch, out: &mut Native) -> Input {
    let message = message.trim_start_matches('\u{FEFF}').trim();
    let fields = out.len();
    if event_xml::is_event(message) && event_xml::read(message, out).is_ok() {
        return Input::WindowsEvent;
    }
    out.truncate(fields);
    if let Some(at) = cef::find(message)
        && cef::read(&message[at..], out).is_ok()
    {
        return Input::Cef;
    }
    out.truncate(fields);
    if let Some(at) = leef::find(message)
        && leef::read(&message[at..], out).is_ok()
    {
        return Input::Leef;
    }
    out.truncate(fields);
    // `@cee:` announces JSON (Common Event Expression, as rsyslog writes it).
    let json = message.strip_prefix("@cee:").map_or(message, str::trim_start);
    if json.starts_with('{') && json::flatten_prefix(json, scratch, out).is_ok() {
        return Input::Json;
    }
    out.truncate(fields);
    if auditd::is_record(message) && auditd::read(message, out).is_ok() {
        return Input::Auditd;
    }
    out.truncate(fields);
    if access::read(message, out) {
        return Input::Access;
    }
    if kv::parse_whole(message, out) {
        return Input::Kv;
    }
    out.truncate(fields);
    plain
}
