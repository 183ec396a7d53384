//! Recognises what a file is from its first bytes, never from its name (which only says what a compressed layer holds).

mod delimited;
mod json;
mod magic;
mod text;

pub(crate) use magic::is_tar;

use memchr::memmem;

use crate::encoding::{TextEncoding, Transcoder};
use crate::limits;

/// Files that hold files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Gzip,
    Zstd,
    Tar,
    Zip,
}

/// A recognised format that is no log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// For the verdict: `pcap`, `sqlite`, ...
    pub name: &'static str,
    /// In words.
    pub what: &'static str,
    /// What to do to have it read, or why not to bother; may be empty.
    pub remedy: &'static str,
}

/// What a file is, as far as it decides how to cut it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Empty,
    Container(Container),
    Foreign(Foreign),
    Unknown,
    /// `aligned`: the chunks follow a header of 4096 bytes; otherwise they must be searched for.
    Evtx {
        aligned: bool,
    },
    JsonLines,
    JsonConcatenated,
    JsonArray,
    /// Path of the array within the wrapping object.
    JsonWrapped(Vec<String>),
    Csv {
        delimiter: u8,
    },
    Zeek,
    W3c,
    Auditd,
    Lines,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sniffed {
    pub shape: Shape,
    /// Of text; binary formats have none.
    pub encoding: Option<TextEncoding>,
}

/// `window` is the beginning of the file, all of it when `complete`.
pub(crate) fn sniff(window: &[u8], complete: bool) -> Sniffed {
    let binary = |shape| Sniffed { shape, encoding: None };
    if window.is_empty() {
        return binary(Shape::Empty);
    }
    if let Some(shape) = magic::recognise(window) {
        return binary(shape);
    }
    let encoding = TextEncoding::detect(window);
    let mut transcoder = Transcoder::new(encoding);
    let decoded = transcoder.decode(window, false);
    if !text::is_text(decoded) {
        if memmem::find(window, b"ElfChnk\0").is_some() {
            return binary(Shape::Evtx { aligned: false });
        }
        return binary(magic::recognise_loosely(window).map_or(Shape::Unknown, Shape::Foreign));
    }
    if let Some(foreign) = magic::recognise_text(decoded) {
        return binary(Shape::Foreign(foreign));
    }
    Sniffed { shape: text_shape(decoded, complete), encoding: Some(encoding) }
}

fn text_shape(text: &[u8], complete: bool) -> Shape {
    // A run of NULs before the first line is what a machine leaves that stopped while writing.
    let start = text.iter().position(|b| !b.is_ascii_whitespace() && *b != 0).unwrap_or(text.len());
    let text = &text[start..];
    if text.starts_with(b"#separator") {
        return Shape::Zeek;
    }
    if text::is_w3c(text) {
        return Shape::W3c;
    }
    if let Some(shape) = json::recognise(text, complete) {
        return shape;
    }
    if text::is_auditd(text) {
        return Shape::Auditd;
    }
    if let Some(delimiter) = delimited::recognise(text, complete) {
        return Shape::Csv { delimiter };
    }
    Shape::Lines
}

/// Complete lines of the window (the last one too when the file ends there), without line ends, blank ones left out.
fn lines(text: &[u8], complete: bool) -> impl Iterator<Item = &[u8]> {
    let end = match memchr::memrchr(b'\n', text) {
        _ if complete => text.len(),
        Some(at) => at,
        // One line longer than the window: what there is of it.
        None => text.len().min(limits::SNIFF_BYTES),
    };
    text[..end]
        .split(|b| *b == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .filter(|line| !line.trim_ascii().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], expect: Shape) {
        assert_eq!(
            sniff(content, true).shape,
            expect,
            "{}",
            String::from_utf8_lossy(&content[..content.len().min(80)])
        );
    }

    fn wrapped(path: &[&str]) -> Shape {
        Shape::JsonWrapped(path.iter().map(|p| (*p).to_owned()).collect())
    }

    #[test]
    fn text_formats_are_told_apart_by_content() {
        check(b"", Shape::Empty);
        check(b"Mar 14 09:26:53 web01 sshd[1]: hello\n", Shape::Lines);
        check(b"\n\n  \n", Shape::Lines);
        check(b"{\"a\":1}\n{\"a\":2}\n", Shape::JsonLines);
        check(b"{\"a\":1}\n{\"a\":2", Shape::JsonLines);
        check(b"{\"a\":1}", Shape::JsonLines);
        check(b"\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", Shape::JsonLines);
        check(b"{\"a\":1}{\"a\":2}", Shape::JsonConcatenated);
        check(b"{\"a\":1},\n{\"a\":2},\n", Shape::JsonConcatenated);
        check(b"{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n", Shape::JsonConcatenated);
        check(b"Record 1\n{\n  \"a\": 1\n}\nRecord 2\n{\n  \"a\": 2\n}\n", Shape::JsonConcatenated);
        check(b"[{\"a\":1},{\"a\":2}]", Shape::JsonArray);
        check(b"[\n  {\n  \"a\":1}\n]", Shape::JsonArray);
        check(b"[]", Shape::JsonArray);
        check(b"[Sun Mar 14 09:26:53.1 2023] [core:error] oh\n", Shape::Lines);
        check(b"[12] oh\n", Shape::Lines);
        check(b"{foo} bar\n", Shape::Lines);
        check(b"{\"Records\":[{\"eventName\":\"A\"},{\"eventName\":\"B\"}]}", wrapped(&["Records"]));
        check(
            b"{\"Records\":[{\"eventName\":\"A\"}]}\n{\"Records\":[{\"eventName\":\"B\"}]}\n",
            wrapped(&["Records"]),
        );
        check(b"{\"@odata.context\":\"x\",\"value\":[{\"id\":\"A\",\"n\":\"1234567890\"},{\"id\":\"B\",\"n\":\"1234567890\"}]}", wrapped(&["value"]));
        check(b"{\"took\":1,\"hits\":{\"total\":{\"value\":2},\"hits\":[{\"_source\":{\"a\":\"aaaaaaaaaaaaaaaaaaaa\"}},{\"_source\":{\"a\":1}}]}}", wrapped(&["hits", "hits"]));
        check(b"{\"kind\":\"activity\",\"id\":{\"time\":\"t\"},\"events\":[{\"name\":\"a\"},{\"name\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}]}", Shape::JsonLines);
        check(b"{\"name\":\"x\",\"user\":\"someone\",\"target\":[{\"id\":1}]}", Shape::JsonLines);
        check(b"type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e\n", Shape::Auditd);
        check(b"node=web01 type=EOE msg=audit(1364481363.243:24287): \n", Shape::Auditd);
        check(b"#separator \\x09\n#fields\tts\n", Shape::Zeek);
        check(b"#Software: Microsoft IIS\r\n#Version: 1.0\r\n#Fields: date time\r\n", Shape::W3c);
        check(b"#!/bin/sh\n# a comment\necho\n", Shape::Lines);
        check(b"time,host,message\n1,a,b\n2,c,d\n", Shape::Csv { delimiter: b',' });
        check(
            b"\"time\";\"host\";\"message\"\r\n\"1\";\"a\";\"x;\ny\"\r\n\"2\";\"c\";\"d\"\r\n",
            Shape::Csv { delimiter: b';' },
        );
        check(b"time\thost\n1\ta\n2\tb\n", Shape::Csv { delimiter: b'\t' });
        check(b"time|host|user\n1|a|c\n", Shape::Csv { delimiter: b'|' });
        check(b"sep=;\r\na;b\r\n1;2\r\n", Shape::Csv { delimiter: b';' });
        check(b"#TYPE System.Object\r\n\"Time\",\"Id\"\r\n\"1\",\"2\"\r\n", Shape::Csv { delimiter: b',' });
        check(b",time,,host,user,c,d,e\n0,1,,a,b,c,d,e\n", Shape::Csv { delimiter: b',' });
        check(b"Hello, world\nthis is text, with commas, here\n", Shape::Lines);
        check(
            b"Mar 14 09:26:53 fw 1,2023/03/14,001,TRAFFIC\nMar 14 09:26:54 fw 1,2023/03/14,001,TRAFFIC\n",
            Shape::Lines,
        );
        check(b"CEF:0|Vendor|Product|1|2|name|3|a=b\nCEF:0|Vendor|Product|1|2|name|3|a=c\n", Shape::Lines);
        let foreign = |content: &[u8]| match sniff(content, true).shape {
            Shape::Foreign(f) => f.name,
            _ => "",
        };
        assert_eq!(foreign(&[0; 9000]), "zeroes");
        assert_eq!(foreign(b"<Scans>\n <Scan>\n  <URL>x</URL>\n"), "xml");
        assert_eq!(foreign(b"\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<a/>\n"), "xml");
        assert_eq!(foreign(b"<14>Mar 14 09:26:53 x y: z\n<14>Mar 14 09:26:53 x y: z\n<14>Mar 14\n"), "");
        check(b"\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10", Shape::Unknown);
        check(b"\0\0\0\0\0\0Mar 14 09:26:53 web01 x: after the power came back\nMar 14 09:26:54 web01 x: again\n", Shape::Lines);
        let utf16: Vec<u8> = "{\"a\":1}\r\n{\"a\":2}\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&utf16, Shape::JsonLines);
    }

    #[test]
    fn a_value_larger_than_the_window_is_judged_by_its_beginning() {
        let check = |content: String, expect: Shape| {
            assert_eq!(
                sniff(&content.as_bytes()[..limits::SNIFF_BYTES], false).shape,
                expect,
                "{}",
                &content[..60]
            );
        };
        check(format!("{{\"Records\":[{}", "{\"a\":\"bcd\"},".repeat(10_000)), wrapped(&["Records"]));
        check(format!("{{\"a\":\"{}", "x".repeat(100_000)), Shape::JsonLines);
        check(format!("{{\n \"a\":\"{}", "x".repeat(100_000)), Shape::JsonConcatenated);
        check(format!("[{}", "{\"a\":\"bcd\"},".repeat(10_000)), Shape::JsonArray);
        check("x".repeat(100_000), Shape::Lines);
    }
}
