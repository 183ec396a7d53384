//! Reads syslog as it is really sent: RFC 5424, RFC 3164, and what devices make of them (Cisco sequence numbers and
//! unset clocks, years in odd places, ISO stamps, missing priority, host or tag).

use vedette_model::{Kind, Native};

use super::{Input, json, limits, payload, stamp};

/// The parts of a syslog line. An absent part is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header<'a> {
    pub priority: Option<u8>,
    /// 1 for RFC 5424.
    pub version: Option<&'a str>,
    pub timestamp: Option<&'a str>,
    pub hostname: Option<&'a str>,
    /// Hosts that passed the message on and wrote their own header before it.
    pub relay: Option<&'a str>,
    pub app: Option<&'a str>,
    pub procid: Option<&'a str>,
    pub msgid: Option<&'a str>,
    /// The sequence number or the uptime that a device put before its stamp.
    pub sequence: Option<&'a str>,
    /// The bracketed part of RFC 5424.
    pub structured: Option<&'a str>,
    pub message: &'a str,
}

/// Appends the header as `syslog.*`, the text as `message`, and the fields of what the text carries. Returns what that
/// is ([`Input::Syslog`] for plain text), or `None`, with nothing appended, when the line is not syslog.
pub fn read(line: &str, scratch: &mut json::Scratch, out: &mut Native) -> Option<Input> {
    let header = header(line)?;
    push(&header, out);
    Some(payload::read(header.message, Input::Syslog, scratch, out))
}

fn push(header: &Header<'_>, out: &mut Native) {
    if let Some(priority) = header.priority {
        let mut digits = [0; 3];
        out.push("syslog.priority", decimal(priority, &mut digits), Kind::Number);
        out.push("syslog.facility", decimal(priority / 8, &mut digits), Kind::Number);
        out.push("syslog.severity", decimal(priority % 8, &mut digits), Kind::Number);
    }
    for (name, value) in [
        ("syslog.version", header.version),
        ("syslog.timestamp", header.timestamp),
        ("syslog.hostname", header.hostname),
        ("syslog.relay", header.relay),
        ("syslog.app", header.app),
        ("syslog.procid", header.procid),
        ("syslog.msgid", header.msgid),
        ("syslog.sequence", header.sequence),
    ] {
        if let Some(value) = value {
            out.push_text(name, value);
        }
    }
    if let Some(structured) = header.structured {
        push_structured(structured, out);
    }
    out.push_text("message", header.message);
}

fn decimal(value: u8, digits: &mut [u8; 3]) -> &str {
    *digits = [b'0' + value / 100, b'0' + value / 10 % 10, b'0' + value % 10];
    let from = usize::from(value < 100) + usize::from(value < 10);
    std::str::from_utf8(&digits[from..]).unwrap_or("")
}

/// Reads the header. `None`: not syslog. A line without a priority is syslog only when it begins with a stamp of RFC
/// 3164, or with an ISO stamp with `T` that a host and a tag follow: other logs begin with times, too.
pub fn header(line: &str) -> Option<Header<'_>> {
    let line = octet_count(line);
    let (priority, rest) = match priority(line) {
        Some((priority, rest)) => (Some(priority), rest),
        None => (None, line),
    };
    let mut header = Header { priority, ..Header::default() };
    if let Some(read) = rfc5424(rest, &header) {
        return Some(read);
    }
    let text = rest.trim_start_matches([' ', ':']);
    let stamped = unmarked(text);
    if priority.is_none() {
        if let Some(length) = stamp::month(stamped) {
            header.timestamp = Some(&stamped[..length]);
            host_and_tag(&stamped[length..], &mut header);
            return Some(header);
        }
        if line.as_bytes().get(10) == Some(&b'T')
            && let Some(length) = stamp::iso(line)
        {
            header.timestamp = Some(&line[..length]);
            host_and_tag(&line[length..], &mut header);
            return (header.hostname.is_some() && header.app.is_some()).then_some(header);
        }
        return None;
    }
    if let Some(length) = stamp::length(stamped) {
        header.timestamp = Some(&stamped[..length]);
        host_and_tag(&stamped[length..], &mut header);
    } else if !device_prelude(text, &mut header) {
        tag(text, &mut header);
    }
    Some(header)
}

/// RFC 6587 section 3.4.1: the length of the message in front of it.
fn octet_count(line: &str) -> &str {
    match line.split_once(' ') {
        Some((count, rest))
            if rest.starts_with('<')
                && !count.is_empty()
                && count.len() <= 6
                && count.bytes().all(|b| b.is_ascii_digit()) =>
        {
            rest
        }
        _ => line,
    }
}

/// `<0>` to `<191>`.
fn priority(line: &str) -> Option<(u8, &str)> {
    let rest = line.strip_prefix('<')?;
    let digits = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let value: u8 = rest.get(..digits)?.parse().ok()?;
    (value <= 191).then_some((value, rest[digits..].strip_prefix('>')?))
}

/// RFC 5424 section 6; lenient where devices leave out what should be `-`.
fn rfc5424<'a>(rest: &'a str, so_far: &Header<'a>) -> Option<Header<'a>> {
    so_far.priority?;
    let (version, rest) = rest.split_once(' ')?;
    if version.is_empty() || version.len() > 2 || !version.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut header = Header { version: Some(version), ..so_far.clone() };
    let mut rest = rest;
    if let Some(after) = rest.strip_prefix("- ") {
        rest = after;
    } else {
        let length = stamp::length(rest)?;
        header.timestamp = Some(&rest[..length]);
        rest = rest[length..].strip_prefix(' ')?;
    }
    let mut after_host = rest;
    for part in 0..4 {
        if part > 0 && (rest.starts_with("CEF:") || rest.starts_with("LEEF:") || rest.starts_with('{')) {
            header.message = rest;
            return Some(header);
        }
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        if part == 0 {
            after_host = after;
        } else if word.contains('=') && !word.starts_with('[') {
            // The parts after the host were left out, and this is already the text.
            (header.app, header.procid) = (None, None);
            header.message = after_host;
            return Some(header);
        }
        let value = (word != "-" && !word.is_empty()).then_some(word);
        match part {
            0 => header.hostname = value,
            1 => header.app = value.map(|app| app.trim_end_matches(':')),
            2 => header.procid = value,
            _ if word.starts_with('[') => {
                // The message id was left out.
                break;
            }
            _ => header.msgid = value,
        }
        rest = after;
    }
    header.message = rest;
    if let Some(after) = rest.strip_prefix('-')
        && (after.is_empty() || after.starts_with(' '))
    {
        header.message = after;
    } else if rest.starts_with('[')
        && let Some(end) = structured_end(rest)
    {
        header.structured = Some(&rest[..end]);
        header.message = &rest[end..];
    }
    header.message =
        header.message.strip_prefix(' ').unwrap_or(header.message).trim_start_matches('\u{FEFF}');
    Some(header)
}

/// Where the elements `[id name="value" ...]` that stand at the beginning end.
fn structured_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while bytes.get(at) == Some(&b'[') {
        let mut quoted = false;
        loop {
            at += 1;
            match bytes.get(at)? {
                b'\\' if quoted => at += 1,
                b'"' => quoted = !quoted,
                b']' if !quoted => break,
                _ => {}
            }
        }
        at += 1;
    }
    Some(at)
}

/// Appends `syslog.sd.<id>.<name>` for each parameter. The elements are known to be closed.
fn push_structured(structured: &str, out: &mut Native) {
    let mut name = String::new();
    let mut unescaped = String::new();
    let mut params = 0;
    let mut rest = structured;
    while let Some(element) = rest.strip_prefix('[') {
        let Some(end) = element_end(element) else { return };
        let inner = &element[..end];
        rest = &element[end + 1..];
        let (id, mut pairs) = inner.split_once(' ').unwrap_or((inner, ""));
        if id.len() > limits::SD_ID_BYTES_MAX {
            continue;
        }
        while let Some((key, after)) = pairs.split_once('=') {
            params += 1;
            if params > limits::SD_PARAMS_MAX {
                return;
            }
            let Some(quoted) = after.strip_prefix('"') else { break };
            let Some(close) = close_quote(quoted) else { break };
            name.clear();
            for part in ["syslog.sd.", id, ".", key.trim()] {
                name.push_str(part);
            }
            let value = &quoted[..close];
            if value.contains('\\') {
                unescape(value, &mut unescaped);
                out.push_text(&name, &unescaped);
            } else {
                out.push_text(&name, value);
            }
            pairs = &quoted[close + 1..];
        }
    }
}

fn element_end(element: &str) -> Option<usize> {
    let bytes = element.as_bytes();
    let mut quoted = false;
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b']' if !quoted => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

fn close_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
}

/// `\"`, `\\` and `\]`; another backslash stands for itself (RFC 5424 section 6.3.3).
fn unescape(value: &str, into: &mut String) {
    into.clear();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(&n @ ('"' | '\\' | ']')) if c == '\\' => {
                into.push(n);
                chars.next();
            }
            _ => into.push(c),
        }
    }
}

/// Without the mark of a Cisco clock that is not set (`*`) or lost its source (`.`).
fn unmarked(text: &str) -> &str {
    match text.as_bytes() {
        [b'*' | b'.', c, ..] if c.is_ascii_alphanumeric() => &text[1..],
        _ => text,
    }
}

/// What Cisco devices put before the stamp: `20: host: 6340004: *Mar 14 09:26:53: %SEC-6-...`, or instead of it
/// (`host: 00:01:01: %SYS-5-...`). `false`, and nothing changed, when it is not that.
fn device_prelude<'a>(text: &'a str, header: &mut Header<'a>) -> bool {
    let mut found = header.clone();
    let mut rest = text;
    for _ in 0..6 {
        rest = rest.trim_start_matches([' ', ':']);
        let stamped = unmarked(rest);
        if let Some(length) = stamp::length(stamped) {
            found.timestamp = Some(&stamped[..length]);
            tag(stamped[length..].trim_start_matches([' ', ':']), &mut found);
            *header = found;
            return true;
        }
        if mnemonic(rest).is_some() {
            tag(rest, &mut found);
            *header = found;
            return true;
        }
        let colon = match uptime(rest) {
            Some(length) => length,
            None => match memchr::memchr(b':', &rest.as_bytes()[..rest.len().min(128)]) {
                Some(colon) => colon,
                None => return false,
            },
        };
        let part = &rest[..colon];
        let numbers = part.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b':' | b'.'));
        if numbers && !part.is_empty() {
            found.sequence = found.sequence.or(Some(part));
        } else if let Some((host, node)) = part.split_once(' ') {
            if found.hostname.is_some() || !is_host(host) || !node.contains("/CPU") {
                return false;
            }
            found.hostname = Some(host);
        } else if part.contains("/CPU") {
            // The node of a larger router, `RP/0/RP0/CPU0`: no host.
        } else if found.hostname.is_none() && is_host(part) {
            found.hostname = Some(part);
        } else {
            return false;
        }
        rest = &rest[colon + 1..];
    }
    false
}

/// Length of `00:01:01` before a colon.
fn uptime(text: &str) -> Option<usize> {
    let b = text.as_bytes().get(..9)?;
    let shape = b.iter().enumerate().all(|(i, c)| if i % 3 == 2 { *c == b':' } else { c.is_ascii_digit() });
    shape.then_some(8)
}

/// `%FACILITY-SEVERITY-MNEMONIC` before a colon, its length.
fn mnemonic(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('%')?;
    let length =
        rest.bytes().take(80).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    let word = &rest[..length];
    let numbered = word.split('-').any(|part| part.len() == 1 && part.bytes().all(|b| b.is_ascii_digit()));
    let after = rest[length..].trim_start();
    (numbered && (after.starts_with(':') || after.starts_with('['))).then_some(1 + length)
}

/// The host, if there is one, and the tag: `host app[pid]: text`.
fn host_and_tag<'a>(after_stamp: &'a str, header: &mut Header<'a>) {
    let text = after_stamp.trim_start();
    if let Some(rest) = text.strip_prefix(':') {
        // A stamp that ends with a colon is Cisco's: the host came before it, or not at all. But ` : %ASA` follows one.
        return tag(rest.trim_start_matches([' ', ':']), header);
    }
    let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    if let Some(host) = bracketed_host(word) {
        header.hostname = Some(host);
        header.message = text;
        return;
    }
    if let Some((host, more)) = word.split_once(',') {
        let host = host.trim_end_matches(':');
        if is_host(host) {
            header.hostname = Some(host);
            if more.contains('=') {
                header.message = &text[host.len() + 1..];
                return;
            }
            return tag(rest.trim_start(), header);
        }
    }
    let word = match word.split_once('/') {
        Some((slot, host)) if slot.starts_with("slot") => host,
        _ => word,
    };
    let address = word.strip_suffix(':').filter(|w| is_address(w));
    if !is_host(word) && address.is_none()
        || word.ends_with(':') && address.is_none()
        || mnemonic(text).is_some()
    {
        return tag(text, header);
    }
    header.hostname = Some(address.unwrap_or(word));
    let rest = rest.trim_start();
    if let Some(length) = stamp::month(rest)
        && let Some(inner) = rest[length..].strip_prefix(' ')
        && inner.split(' ').next().is_some_and(|w| is_host(w) && !w.ends_with(':'))
    {
        // A relay kept the header of the message it passed on.
        header.relay = header.hostname;
        header.timestamp = Some(&rest[..length]);
        let (host, rest) = inner.split_once(' ').unwrap_or((inner, ""));
        header.hostname = Some(host);
        return tag(rest.trim_start(), header);
    }
    tag(rest.trim_start_matches(": ").trim_start(), header);
}

/// NetApp writes `[host:event:severity]:`.
fn bracketed_host(word: &str) -> Option<&str> {
    let inner = word.strip_prefix('[')?.trim_end_matches(':').strip_suffix(']')?;
    let (host, _) = inner.split_once(':')?;
    is_host(host).then_some(host)
}

/// A name or an address, and not a number: letters, digits, `.`, `-`, `_`, and `:` for IPv6.
fn is_host(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 255
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':'))
        && !word.bytes().all(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_alphanumeric())
        && !word.starts_with("CEF:")
        && !word.starts_with("LEEF:")
}

fn is_address(word: &str) -> bool {
    word.parse::<std::net::IpAddr>().is_ok()
}

/// `app[pid]: text`, `app: text`, `%FAC-5-NAME: text`, or text alone.
fn tag<'a>(text: &'a str, header: &mut Header<'a>) {
    header.message = text;
    if let Some(length) = mnemonic(text) {
        header.msgid = Some(&text[1..length]);
        return;
    }
    if text.starts_with("CEF:") || text.starts_with("LEEF:") {
        return;
    }
    let in_name = |b: &u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'_' | b'-' | b'.' | b'/' | b'(' | b')' | b'@' | b'#' | b'+' | b'!')
    };
    let length = text.bytes().take(128).take_while(|b| in_name(b)).count();
    let (name, rest) = text.split_at(length);
    if name.is_empty() {
        // `[289]: text`: a process without a name.
        if let Some((procid, after)) = process(rest) {
            header.procid = Some(procid);
            header.message = after;
        }
        return;
    }
    if let Some((app, after)) = qualified(name, rest)
        && let Some((procid, after)) = process(after)
    {
        header.app = Some(app);
        header.procid = Some(procid);
        header.message = after;
    } else if let Some(after) = rest.strip_prefix("]:") {
        // GDM's tag has lost its opening bracket: `gdm-password]: text`.
        header.app = Some(name);
        header.message = after.trim_start();
    } else if let Some((procid, after)) = process(rest) {
        header.app = Some(name);
        header.procid = Some(procid);
        header.message = after;
    } else if let Some(after) = rest.strip_prefix(':') {
        if after.is_empty() || after.starts_with([' ', '\t']) {
            header.app = Some(name);
            header.message = after.trim_start();
        }
    } else if let Some(after) = rest.strip_prefix(" : ").or_else(|| rest.strip_prefix(" -: ")) {
        header.app = Some(name);
        header.message = after.trim_start();
    } else if is_severity(name) {
        // F5 writes the severity before the tag.
        let after = rest.trim_start();
        let length = after.bytes().take(128).take_while(|b| in_name(b)).count();
        if length > 0
            && let Some((procid, message)) = process(&after[length..])
        {
            header.app = Some(&after[..length]);
            header.procid = Some(procid);
            header.message = message;
        }
    }
}

/// `polkitd(authority=local)`: the name, and what follows the parentheses. `rest` begins where no name goes on.
fn qualified<'a>(name: &'a str, rest: &'a str) -> Option<(&'a str, &'a str)> {
    let (app, _) = name.split_once('(').filter(|(app, _)| !app.is_empty())?;
    let value = rest.strip_prefix('=')?;
    let end = memchr::memchr(b')', &value.as_bytes()[..value.len().min(64)])?;
    Some((app, &value[end + 1..]))
}

/// `[pid]` with a colon or a blank behind, and what follows.
fn process(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('[')?;
    let end = memchr::memchr(b']', &inner.as_bytes()[..inner.len().min(64)])?;
    let after = &inner[end + 1..];
    let message = match after.strip_prefix(':') {
        Some(message) => message,
        None if after.is_empty() || after.starts_with(' ') => after,
        None => return None,
    };
    let pid = &inner[..end];
    let plain = !pid.is_empty()
        && pid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':' | b'/'));
    plain.then_some((pid, message.trim_start()))
}

fn is_severity(word: &str) -> bool {
    matches!(
        word,
        "emerg"
            | "alert"
            | "crit"
            | "err"
            | "error"
            | "warning"
            | "warn"
            | "notice"
            | "info"
            | "debug"
            | "panic"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Time, host, app, process, message id and text, parted by bars.
    fn parts(line: &str) -> String {
        let Some(h) = header(line) else { return "not syslog".to_owned() };
        let part = |p: Option<&str>| p.unwrap_or("").to_owned();
        [
            part(h.timestamp),
            part(h.hostname),
            part(h.app),
            part(h.procid),
            part(h.msgid),
            h.message.to_owned(),
        ]
        .join("|")
    }

    #[test]
    fn headers() {
        for (line, expect) in [
            (
                "<34>1 2026-03-14T09:26:53.003Z web1.example.com su 77 ID47 - 'su root' failed",
                "2026-03-14T09:26:53.003Z|web1.example.com|su|77|ID47|'su root' failed",
            ),
            ("<34>1 - - - - - -", "|||||"),
            ("<34>1 - web1 app - - [a@1 x=\"1\"][b@2] text", "|web1|app|||text"),
            (
                "99 <34>1 2026-03-14T09:26:53Z web1 app 1 - - \u{FEFF}text",
                "2026-03-14T09:26:53Z|web1|app|1||text",
            ),
            (
                "<34>1 2026-03-14T09:26:53Z web1 CEF:0|a|b|c|d|e|5|x=1",
                "2026-03-14T09:26:53Z|web1||||CEF:0|a|b|c|d|e|5|x=1",
            ),
            ("<34>1 1773480413.5 mx events type=vpn up=1", "1773480413.5|mx||||events type=vpn up=1"),
            (
                "<34>1 2026-03-14T09:26:53Z web1 app - id {\"a\":1}",
                "2026-03-14T09:26:53Z|web1|app||id|{\"a\":1}",
            ),
            ("<34>Mar 14 09:26:53 web1 sshd[123]: Accepted", "Mar 14 09:26:53|web1|sshd|123||Accepted"),
            ("Mar 14 09:26:53 web1 CRON[1]: (root) CMD (x)", "Mar 14 09:26:53|web1|CRON|1||(root) CMD (x)"),
            ("Mar 14 09:26:53 web1 systemd: started", "Mar 14 09:26:53|web1|systemd|||started"),
            ("2026-03-14T09:26:53.5+01:00 web1 sshd[1]: x", "2026-03-14T09:26:53.5+01:00|web1|sshd|1||x"),
            ("2026-03-14T09:26:53.5+01:00 something happened", "not syslog"),
            ("2026-03-14 09:26:53 web1 sshd[1]: x", "not syslog"),
            ("plain text", "not syslog"),
            (
                "<34>Mar 14 2026 09:26:53 fw1 : %ASA-6-302013: Built",
                "Mar 14 2026 09:26:53|fw1|||ASA-6-302013|%ASA-6-302013: Built",
            ),
            (
                "<34>:Mar 14 09:26:53 UTC: %ASA-6-302015: Built",
                "Mar 14 09:26:53 UTC||||ASA-6-302015|%ASA-6-302015: Built",
            ),
            (
                "<34>20: sw1: 634: *Mar 14 09:26:53: %SEC-6-IP: list",
                "Mar 14 09:26:53|sw1|||SEC-6-IP|%SEC-6-IP: list",
            ),
            ("<34>sw1: 00:01:01: %SYS-3-STOP: x", "|sw1|||SYS-3-STOP|%SYS-3-STOP: x"),
            (
                "<34>sw1: 2026 Mar 14 09:26:53 CDT: %MOD-2-FAIL: x",
                "2026 Mar 14 09:26:53 CDT|sw1|||MOD-2-FAIL|%MOD-2-FAIL: x",
            ),
            (
                "<34>9: r1 RP/0/RP3/CPU3:Mar 14 09:26:53 : SSHD_[65]: %SEC-SSHD-6-OUT : x",
                "Mar 14 09:26:53|r1|SSHD_|65||%SEC-SSHD-6-OUT : x",
            ),
            ("<34>Mar 14 09:26:53 192.0.2.1: %ACE-3-2: x", "Mar 14 09:26:53|192.0.2.1|||ACE-3-2|%ACE-3-2: x"),
            ("<34>Mar 14 09:26:53 relay Mar 14 09:26:50 web1 app: x", "Mar 14 09:26:50|web1|app|||x"),
            ("<34>Mar 14 09:26:53 mail_logs: Info: x", "Mar 14 09:26:53||mail_logs|||Info: x"),
            ("<34>Mar 14 09:26:53 slot1/bigip notice tmm[9]: x", "Mar 14 09:26:53|bigip|tmm|9||x"),
            ("<34>Mar 14 09:26:53 lb1,f5_irule=a,b=c", "Mar 14 09:26:53|lb1||||f5_irule=a,b=c"),
            ("<34>Mar 14 09:26:53 ap1,aabbcc,v4.0 switch: x", "Mar 14 09:26:53|ap1|switch|||x"),
            ("<34>Mar 14 09:26:53 a=1 b=2", "Mar 14 09:26:53|||||a=1 b=2"),
            (
                "Mar 14 09:26:53 web1 polkitd(authority=local)[500]: Registered",
                "Mar 14 09:26:53|web1|polkitd|500||Registered",
            ),
            ("Mar 14 09:26:53 web1 gdm-password]: opened", "Mar 14 09:26:53|web1|gdm-password|||opened"),
            ("Mar 14 09:26:53 web1 sshd(pam_unix)[7]: x", "Mar 14 09:26:53|web1|sshd(pam_unix)|7||x"),
            ("<34>Mar 14 09:26:53 [289]: x", "Mar 14 09:26:53|||289||x"),
            (
                "<34>Mar 14 09:26:53 [na1:secd.fail:notice]: x",
                "Mar 14 09:26:53|na1||||[na1:secd.fail:notice]: x",
            ),
            ("<34>Mar 14 09:26:538web1 event: x", "Mar 14 09:26:53|8web1|event|||x"),
            (
                "<34>Mar 14 09:26:53 fw1 1,2026/03/14 09:26:53,007,TRAFFIC",
                "Mar 14 09:26:53|fw1||||1,2026/03/14 09:26:53,007,TRAFFIC",
            ),
            ("<34>cef[24]: CEF:0|a", "||cef|24||CEF:0|a"),
            ("<34>device=\"x\" date=2026-03-14", "|||||device=\"x\" date=2026-03-14"),
            ("<192>Mar 14 09:26:53 web1 x", "not syslog"),
            ("<34>", "|||||"),
            ("", "not syslog"),
        ] {
            assert_eq!(parts(line), expect, "{line}");
        }
    }

    #[test]
    fn priority_and_structured_data_become_fields() {
        let mut out = Native::new();
        let line =
            r#"<165>1 2026-03-14T09:26:53Z web1 app 1 ID [ex@1 a="x \"y\" \] \z" b=""][o@2 c="3"] text"#;
        assert_eq!(read(line, &mut json::Scratch::default(), &mut out), Some(Input::Syslog));
        for (name, value) in [
            ("syslog.priority", "165"),
            ("syslog.facility", "20"),
            ("syslog.severity", "5"),
            ("syslog.version", "1"),
            ("syslog.sd.ex@1.a", r#"x "y" ] \z"#),
            ("syslog.sd.ex@1.b", ""),
            ("syslog.sd.o@2.c", "3"),
            ("message", "text"),
        ] {
            assert_eq!(out.get(name), Some(value), "{name}");
        }
    }

    #[test]
    fn the_payload_is_recognised() {
        for (message, expect, name, value) in [
            ("app: CEF:0|V|P|1|2|n|3|src=192.0.2.1", Input::Cef, "src", "192.0.2.1"),
            ("LEEF:1.0|V|P|1|E|src=192.0.2.1", Input::Leef, "src", "192.0.2.1"),
            ("app: {\"a\":{\"b\":1}}", Input::Json, "a.b", "1"),
            ("app: @cee: {\"a\":1}", Input::Json, "a", "1"),
            ("app: {\"a\":", Input::Syslog, "message", "{\"a\":"),
            ("app: date=1 time=2", Input::Kv, "date", "1"),
            ("audispd: type=CWD msg=audit(1.5:7): cwd=\"/\"", Input::Auditd, "CWD.cwd", "/"),
            (
                "nginx: 192.0.2.1 - - [14/Mar/2026:09:26:53 +0000] \"GET / HTTP/1.1\" 200 1",
                Input::Access,
                "c-ip",
                "192.0.2.1",
            ),
            (
                "sysmon: <Event><EventData><Data Name=\"Image\">/bin/sh</Data></EventData></Event>",
                Input::WindowsEvent,
                "Event.EventData.Image",
                "/bin/sh",
            ),
            ("sshd[1]: Failed password for root from 192.0.2.1", Input::Syslog, "syslog.app", "sshd"),
        ] {
            let mut out = Native::new();
            let line = format!("<34>Mar 14 09:26:53 web1 {message}");
            assert_eq!(read(&line, &mut json::Scratch::default(), &mut out), Some(expect), "{line}");
            assert_eq!(out.get(name), Some(value), "{line}");
            assert_eq!(out.get("syslog.hostname"), Some("web1"));
        }
    }
}
