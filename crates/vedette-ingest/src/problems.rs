//! The room's problems: one table of codes, each with its consequence and its remedy.

use vedette_model::Problem;

use crate::limits;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub code: &'static str,
    pub fault: &'static str,
    pub consequence: &'static str,
    pub remedy: &'static str,
}

impl Kind {
    /// The problem at `place`; `detail` is put after the fault when it is not empty.
    pub fn at(&self, place: &str, detail: &str) -> Problem {
        let fault =
            if detail.is_empty() { self.fault.to_owned() } else { format!("{}: {detail}", self.fault) };
        Problem {
            code: self.code,
            place: place.to_owned(),
            fault,
            consequence: self.consequence.to_owned(),
            remedy: self.remedy.to_owned(),
            count: 1,
        }
    }
}

macro_rules! table {
    ($($name:ident = $code:literal, $fault:literal, $consequence:literal, $remedy:literal;)*) => {
        $(pub const $name: Kind = Kind { code: $code, fault: $fault, consequence: $consequence, remedy: $remedy };)*
        /// All rows, in order of their codes.
        pub const ALL: &[Kind] = &[$($name),*];
    };
}

table! {
    UNREADABLE = "VD-I001", "cannot be opened", "nothing of it was read", "check the permissions, or copy the file and scan the copy";
    LINK = "VD-I002", "a symbolic link inside a folder", "it was not followed, so that no file is read twice and no loop arises", "name the link itself as an argument to have it read";
    SPECIAL = "VD-I003", "not a regular file", "it was not opened, because reading it could wait forever or change it", "pipe its content into `vedette scan -`";
    EMPTY = "VD-I004", "the file holds no bytes", "there is nothing to read", "check whether logging was on, or whether the copy failed";
    UNKNOWN = "VD-I005", "the format was not recognised", "nothing of it was read", "if it is a log, export it as text, JSON or CSV";
    FOREIGN = "VD-I006", "recognised, and not a log that Vedette reads", "nothing of it was read", "";
    READ_FAILED = "VD-I007", "reading failed midway", "what came before was read, the rest was not", "copy the file again from its source";
    ENCRYPTED = "VD-I008", "the member is encrypted and no password was given", "the member was not read", "give the password with --zip-password-file";
    PASSWORD_WRONG = "VD-I009", "no given password opens the member", "the member was not read", "add the right password to the --zip-password-file";
    ARCHIVE_BROKEN = "VD-I010", "the archive or compressed file is damaged or cut short", "what could be unpacked was read, the rest was not", "copy or download the archive again";
    TOO_DEEP = "VD-I011", "archives are nested too deeply", "this archive was not opened", "unpack the outer archives and scan the inner one";
    BOMB = "VD-I012", "the archive expands beyond the bound", "it was read up to the bound, the rest was not", "unpack it yourself, look at it, and scan the folder";
    MEMBERS = "VD-I013", "the archive has too many members", "the members beyond the bound were not read", "unpack it and scan the folder in parts";
    METHOD = "VD-I014", "the archive member is of a kind that cannot be read", "the member was not read", "unpack the archive with its own tool and scan the folder";
    NAME = "VD-I015", "the member's name points out of the archive or holds control characters", "it is shown in a harmless form; nothing is ever written", "treat the archive as hostile";
    ZSTD_WINDOW = "VD-I016", "the zstd stream asks for too large a window", "it was not unpacked", "unpack it with `zstd -d --long=31` and scan the result";
    ZIP_DIRECTORY = "VD-I017", "the zip has no readable directory at its end", "its members were read one after another as far as possible", "copy the archive again; it is probably cut short";
    EVTX_HEADER = "VD-I020", "the event log's header is damaged", "its chunks were searched for and read", "";
    EVTX_TRUNCATED = "VD-I021", "the last chunk of the event log is cut short", "its records were read as far as they reach", "copy the file again if it can still be had";
    EVTX_NO_CHUNK = "VD-I022", "bytes of the event log are no chunk", "they were searched for chunks and otherwise left out", "";
    ENCODING = "VD-I023", "some bytes do not belong to the text's encoding", "they were replaced by U+FFFD", "";
    WALK_DEPTH = "VD-I025", "folders are nested too deeply", "the folder was not entered", "name it as an argument of its own";
    NOT_FOUND = "VD-I026", "there is no such file or folder", "nothing was read", "check the path";
    FILES = "VD-I027", "too many files", "the files beyond the bound were not listed", "scan the folders one after another";
    WRAPPER_REST = "VD-I028", "the object holds more lists than the one that was unwrapped", "the other lists were not read as records", "cut them out into files of their own if they hold records";
    SIZE_CHANGED = "VD-I029", "the file grew or shrank while it was read", "the part that was read is described by its hash", "scan a copy that no longer changes";
    ARRAY_OPEN = "VD-I030", "the file ends before its array is closed", "the records up to there were read", "copy the file again if it can still be had";
}

/// Reasons for which framing rejects a record; the parser of a format adds its own.
pub mod reason {
    pub const TOO_LONG: &str = "record too long";
    pub const TOO_DEEP: &str = "nested too deeply";
    pub const NOT_JSON: &str = "not JSON";
    pub const NOT_OBJECT: &str = "not an object";
    pub const BROKEN_JSON: &str = "broken JSON value";
    pub const UNFINISHED: &str = "ends in the middle of a record";
    pub const NUL_LINE: &str = "line of NUL bytes";
    pub const QUOTE: &str = "quote not closed";
    pub const NO_HEADER: &str = "no column names before it";
    pub const NOT_AUDIT: &str = "not an audit line";
}

/// Consequence and remedy of a reason in [`reason`]; `None` for reasons of other rooms.
pub fn reject(reason: &str) -> Option<(&'static str, &'static str)> {
    const { assert!(limits::RECORD_BYTES_MAX == 8 * 1024 * 1024, "the text below names the bound") };
    Some(match reason {
        reason::TOO_LONG => (
            "the record is over 8 MiB and was left out; the next one was found",
            "look at the place with a text tool: the file may not be the log it seems",
        ),
        reason::TOO_DEEP => (
            "the record is nested deeper than 128 and was left out",
            "check where it comes from: no known log is so deep",
        ),
        reason::NOT_JSON => ("the text between the JSON values was left out", ""),
        reason::NOT_OBJECT => ("the element was left out: a record is an object", ""),
        reason::BROKEN_JSON => (
            "the record was left out; reading went on at the next one",
            "export the log again if it was cut by a tool",
        ),
        reason::UNFINISHED => ("the last record was left out", "copy the file again if it can still be had"),
        reason::NUL_LINE => ("the line was left out: the machine probably stopped while writing it", ""),
        reason::QUOTE => (
            "the line was left out; reading went on at the next one",
            "export the table again with quotes doubled inside fields",
        ),
        reason::NO_HEADER => (
            "the line was left out: its columns have no names",
            "add the header line of the log's first file",
        ),
        reason::NOT_AUDIT => ("the line was left out", ""),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(ALL.windows(2).all(|w| w[0].code < w[1].code));
    }

    #[test]
    fn the_page_of_codes_says_the_same() {
        let page = include_str!("../../../docs/codes.md");
        for kind in ALL {
            let remedy = if kind.remedy.is_empty() { "–" } else { kind.remedy };
            let row = format!("| {} | {} | {} | {remedy} |", kind.code, kind.fault, kind.consequence);
            assert!(page.lines().any(|line| line == row), "{row}");
        }
    }

    #[test]
    fn every_reason_is_explained() {
        use reason::*;
        for r in [
            TOO_LONG,
            TOO_DEEP,
            NOT_JSON,
            NOT_OBJECT,
            BROKEN_JSON,
            UNFINISHED,
            NUL_LINE,
            QUOTE,
            NO_HEADER,
            NOT_AUDIT,
        ] {
            assert!(reject(r).is_some(), "{r}");
        }
    }
}
