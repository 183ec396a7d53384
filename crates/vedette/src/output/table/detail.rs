//! What matters of an event on one line: short enough to read, and always with the record to look it up by.

use crate::output::neutral::{short, terminal};
use crate::output::number;

/// An encoded text shorter than this is shown as it is.
const ENCODED_MIN: usize = 40;
/// A run of letters and digits this long says nothing to a person, decoded or not; a SHA-512 is 128.
const RUN_MAX: usize = 130;
/// XML shorter than this is shown as it is.
const XML_MIN: usize = 80;
/// Columns that the first value leaves to the others.
const REST_MIN: usize = 24;

/// `name=value · name=value · record N`, made harmless and within `room` columns; `full` shortens nothing but XML,
/// encoded text and white space.
///
/// Where not all fits, the end is cut; the first value leaves some room to the next.
pub fn line(details: &[(String, String)], record: u64, room: usize, full: bool) -> String {
    let decoded = details.iter().any(|(name, _)| name.ends_with(" decoded"));
    let shown: Vec<(&str, String)> = details
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .filter(|(name, value)| name != "Image" || !told_by_command(details, value))
        .map(|(name, value)| (name.as_str(), terminal(&readable(value, decoded, full))))
        .collect();
    // An identifier: written as its source writes it.
    let record = format!("record {record}");
    let room = if full { usize::MAX } else { room.saturating_sub(record.chars().count() + 3) };
    let mut pairs: Vec<String> =
        shown.iter().map(|(name, value)| format!("{}={value}", terminal(name))).collect();
    let length =
        |pairs: &[String]| pairs.iter().map(|p| p.chars().count() + 3).sum::<usize>().saturating_sub(3);
    // The first says most: a mapping names its details in that order.
    if length(&pairs) > room
        && let [first, _, ..] = pairs.as_mut_slice()
    {
        *first = short(first, room.saturating_sub(REST_MIN).max(REST_MIN));
    }
    if pairs.is_empty() {
        return record;
    }
    format!("{} · {record}", short(&pairs.join(" · "), room))
}

/// Whether the command line begins with the program's path, so that the path says nothing new. A program under another
/// name than its command line says is shown.
fn told_by_command(details: &[(String, String)], image: &str) -> bool {
    details.iter().filter(|(name, _)| name == "CommandLine").any(|(_, command)| {
        let command = command.trim_start_matches(['"', ' ']);
        command.get(..image.len()).is_some_and(|start| start.eq_ignore_ascii_case(image))
    })
}

/// Without markup, encoded text that is shown decoded, and the white space of forms.
fn readable(value: &str, decoded: bool, full: bool) -> String {
    let value = if value.len() >= XML_MIN && value.trim_start().starts_with('<') && value.contains("</") {
        xml(value)
    } else {
        value.to_owned()
    };
    let max = match (decoded, full) {
        (true, _) => ENCODED_MIN,
        (false, false) => RUN_MAX,
        (false, true) => usize::MAX,
    };
    value.split_whitespace().map(|word| encoded(word, max)).collect::<Vec<_>>().join(" ")
}

/// A word in which runs of base64 letters longer than `max` are cut to their beginning.
fn encoded(word: &str, max: usize) -> String {
    if word.len() <= max {
        return word.to_owned();
    }
    let mut out = String::with_capacity(max);
    let mut rest = word;
    while !rest.is_empty() {
        let run = rest.find(|c: char| !is_base64(c)).unwrap_or(rest.len());
        // A path holds separators in short distances; text in base64 does not.
        let is_text = rest[..run].split('/').any(|part| part.len() > max / 2);
        if run > max && is_text {
            out.push_str(&rest[..8]);
            out.push_str(&format!("…({} characters)", number::count(run as u64)));
        } else {
            out.push_str(&rest[..run]);
        }
        let next = rest[run..].find(is_base64).map_or(rest.len(), |at| run + at);
        out.push_str(&rest[run..next]);
        rest = &rest[next..];
    }
    out
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

/// The texts of XML by the names of their elements; of a scheduled task only what it runs.
///
/// Source: Task Scheduler schema, `Exec`.
fn xml(text: &str) -> String {
    let mut found: Vec<(&str, String)> = Vec::new();
    for piece in text.split('<').skip(1) {
        let Some((tag, content)) = piece.split_once('>') else { continue };
        let name = tag.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or_default();
        if !name.is_empty() && !content.trim().is_empty() {
            found.push((name, unescape(content.trim())));
        }
    }
    let runs = |name: &str| matches!(name, "Command" | "Arguments");
    if found.iter().any(|(name, _)| *name == "Command") {
        found.retain(|(name, _)| runs(name));
    }
    found.iter().map(|(name, content)| format!("<{name}> {content}")).collect::<Vec<_>>().join(" ")
}

fn unescape(text: &str) -> String {
    let mut out = text.to_owned();
    for (entity, c) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
        out = out.replace(entity, c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(details: &[(&str, &str)], room: usize) -> String {
        let details: Vec<_> = details.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        line(&details, 1234, room, false)
    }

    #[test]
    fn the_record_is_always_there() {
        assert_eq!(of(&[], 80), "record 1234");
        assert_eq!(of(&[("User", "ana")], 80), "User=ana · record 1234");
        let long = of(&[("Path", &"x ".repeat(200))], 50);
        assert!(long.chars().count() == 50 && long.ends_with("… · record 1234"), "{long}");
    }

    #[test]
    fn a_long_value_leaves_room_for_the_next() {
        let line = of(&[("CommandLine", &"a b ".repeat(60)), ("User", "ana")], 100);
        assert!(line.contains("User=ana") && line.chars().count() <= 100, "{line}");
    }

    #[test]
    fn what_is_decoded_is_not_shown_encoded_too() {
        let command = format!("powershell -enc {}", "SQBFAFgA".repeat(30));
        let line = of(&[("CommandLine decoded", "IEX"), ("CommandLine", &command)], 200);
        assert_eq!(
            line,
            "CommandLine decoded=IEX · CommandLine=powershell -enc SQBFAFgA…(240 characters) · record 1234"
        );
    }

    #[test]
    fn paths_and_digests_are_no_encoded_text() {
        for word in [
            "/usr/share/doc/packages/a/very/long/path/that/goes/on/and/on/for/ever/and/ever/until/it/ends/somewhere/x",
            "a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e",
        ] {
            assert_eq!(encoded(word, RUN_MAX), word);
        }
    }

    #[test]
    fn markup_is_taken_off() {
        let task = "<?xml version=\"1.0\"?>\r\n<Task><RegistrationInfo><Author>ana</Author></RegistrationInfo>\r\n<Actions><Exec><Command>cmd.exe</Command><Arguments>/c a &amp; b</Arguments></Exec></Actions></Task>";
        assert_eq!(
            of(&[("TaskContent", task)], 200),
            "TaskContent=<Command> cmd.exe <Arguments> /c a & b · record 1234"
        );
    }

    #[test]
    fn a_program_is_told_once_unless_it_hides() {
        let command = ("CommandLine", "\"C:\\Windows\\System32\\cmd.exe\" /c dir");
        assert!(!of(&[command, ("Image", "C:\\Windows\\system32\\cmd.exe")], 200).contains("Image"));
        assert!(of(&[command, ("Image", "C:\\Temp\\evil.exe")], 200).contains("Image=C:\\Temp\\evil.exe"));
    }

    #[test]
    fn forms_lose_their_white_space() {
        assert_eq!(
            of(&[("Message", "Cleared.\r\nSubject:\r\n\tID:\tS-1")], 80),
            "Message=Cleared. Subject: ID: S-1 · record 1234"
        );
    }
}
