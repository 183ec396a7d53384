//! Damaged and hostile input: no reader panics, none takes more than linear time, none unfolds without bound.

use std::sync::Arc;

use proptest::prelude::*;
use vedette_model::{Batch, FileContext, FileFormat, FileIndex, Header, Native, Position, Span};
use vedette_normalize::formats::{self, Input, LineHint, evtx};
use vedette_normalize::time::{self, Hints};

use crate::corpus;

fn strings(words: &str) -> Vec<String> {
    words.split(' ').map(String::from).collect()
}

/// One format with the header it needs, and lines that are valid in it.
fn formats() -> Vec<(FileFormat, Option<Header>, Vec<&'static str>)> {
    let zeek = Header::Zeek {
        columns: strings("ts id.orig_h ok answers"),
        types: strings("time addr bool set[string]"),
        path: "dns".into(),
        separator: b'\t',
        set_separator: ",".into(),
        unset: "-".into(),
        empty: "(empty)".into(),
    };
    vec![
        (
            FileFormat::JsonLines,
            None,
            vec![
                r#"{"a":{"b":[1,2.5e3,{"c":"x\u00e9\ud83d\ude00\n"}],"d":null},"e":[],"f":true}"#,
                r##"{"Event":{"System":{"EventID":{"#text":1},"TimeCreated":{"SystemTime":"2026-03-14T09:26:53Z"}}}}"##,
            ],
        ),
        (
            FileFormat::Csv,
            Some(Header::Csv { columns: strings("a b c"), delimiter: b',' }),
            vec![r#"1,"two ""2""",3"#, ",,"],
        ),
        (
            FileFormat::W3c,
            Some(Header::W3c {
                columns: strings("date time cs(User-Agent) cs-uri-stem"),
                date: None,
                software: None,
            }),
            vec![r#"2026-03-14 09:26:53 "Mozilla 5" /x"#, "2026-03-14 09:26:53 curl+8 -"],
        ),
        (FileFormat::ZeekTsv, Some(zeek), vec!["1773480413.5\t192.0.2.1\tT\ta\\x2cb,c", "-\t-\tF\t(empty)"]),
        (
            FileFormat::Auditd,
            None,
            vec![
                "node=a type=SYSCALL msg=audit(1773480413.5:42): arch=c000003e a0=41 comm=\"id\" key=(null)\x1dARCH=x86_64\n\
                 type=EXECVE msg=audit(1773480413.5:42): argc=2 a0=\"id\" a1[0]=4142 a1[1]=43",
                "type=USER_LOGIN msg=audit(1.5:7): pid=9 msg='op=login acct=\"ana\" res=success'",
                "type=AVC msg=audit(1.5:7): avc:  denied  { read } for  pid=3 SADDR={ laddr=192.0.2.1 lport=2 }",
            ],
        ),
        (
            FileFormat::Lines,
            None,
            vec![
                "<34>1 2026-03-14T09:26:53Z web1 app 1 ID [ex@1 a=\"x \\\"y\\\"\"][b@2] text",
                "<34>Mar 14 09:26:53 web1 sshd[123]: Accepted password for ana from 192.0.2.1 port 22 ssh2",
                "<34>20: sw1: 634: *Mar 14 09:26:53.5 CDT: %SEC-6-IP: list",
                "<34>Mar 14 09:26:53 relay Mar 14 09:26:50 web1 app: {\"a\":1}",
                "Mar 14 09:26:53 web1 CEF:0|V|P|1|2|n|3|src=192.0.2.1 cs1=a b cs1Label=Rule msg=x\\=y",
                "<34>Mar 14 09:26:53 web1 LEEF:2.0|V|P|1|E|0x5E|src=192.0.2.1^cat=a",
                "<34>date=2026-03-14 devname=\"fw 1\" msg='x y' a=b c",
                "time=1|host=x|origin=1|2|sic=cn\\=a",
                "www 192.0.2.1 - - [14/Mar/2026:09:26:53 +0000] \"GET /a?b HTTP/1.1\" 200 1 \"-\" \"x\" 5",
                "2026-03-14 09:26:53\ta=1\tb=2",
                "<34>Mar 14 09:26:53 web1 sysmon: <Event><System><P N=\"a&amp;b\"/><E>1</E></System><!-- c --><![CDATA[d]]></Event>",
            ],
        ),
    ]
}

fn batch(format: FileFormat, header: Option<Header>, bytes: &[u8]) -> Batch {
    let file = FileContext {
        index: FileIndex(0),
        path: "x".into(),
        format,
        modified: None,
        host: None,
        channel: None,
        zone: None,
        year: None,
    };
    Batch {
        seq: 0,
        file: Arc::new(file),
        bytes: bytes.to_vec(),
        spans: Vec::new(),
        header: header.map(Arc::new),
        chunk: 0,
        rejects: Vec::new(),
        last: true,
    }
}

fn read(
    format: FileFormat,
    header: Option<Header>,
    bytes: &[u8],
    hint: &mut LineHint,
) -> Option<(Input, Native)> {
    let batch = batch(format, header, bytes);
    let span = Span { start: 0, end: bytes.len() as u32, position: Position::default(), joined: Vec::new() };
    let mut native = Native::new();
    let input = formats::read(&batch, &span, hint, &mut native).ok()?;
    // Names repeat for each value; a record must not unfold to many times its size because of that.
    assert!(
        native.text_bytes() <= (65 << 20) + 40 * bytes.len(),
        "{format:?}: {} bytes",
        native.text_bytes()
    );
    for field in native.iter() {
        let _ = time::parse(field.value, &Hints::default());
    }
    Some((input, native))
}

#[test]
fn the_valid_lines_are_valid() {
    for (format, header, lines) in formats() {
        for line in lines {
            let read = read(format, header.clone(), line.as_bytes(), &mut LineHint::new());
            let (input, native) = read.unwrap_or_else(|| panic!("{format:?}: {line}"));
            assert!(!native.is_empty() && input != Input::Text, "{format:?}: {line}");
        }
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let mut native = Native::new();
    let span = |start, end| Span { start, end, position: Position::default(), joined: Vec::new() };
    for (format, bounds, reason) in [
        (FileFormat::Lines, (3, 9), "record outside its batch"),
        (FileFormat::Lines, (2, 1), "record outside its batch"),
        (FileFormat::Csv, (0, 3), "no header line"),
        (FileFormat::ZeekTsv, (0, 3), "no header line"),
        (FileFormat::Evtx, (0, 3), "not a format of records"),
        (FileFormat::Foreign("png"), (0, 3), "not a format of records"),
    ] {
        let batch = batch(format, None, b"abc");
        let read = formats::read(&batch, &span(bounds.0, bounds.1), &mut LineHint::new(), &mut native);
        assert_eq!(read.unwrap_err().reason, reason, "{format:?}");
    }
}

/// A reader that looks back or ahead without bound takes minutes over this; a linear one takes milliseconds a record.
#[test]
fn long_monotonous_records_are_read_in_linear_time() {
    const BYTES: usize = 1 << 17;
    let patterns = [
        "<",
        "<a>",
        "<a/>",
        "<a b='c'",
        "<a b='c'/>",
        "<!--",
        "<![CDATA[",
        "&",
        "&#",
        "^",
        "x^",
        "|a",
        "x: y, ",
        "a=",
        "a=\"",
        "a='",
        "\"",
        "'",
        "\\",
        "\\\"",
        "\\=",
        "=",
        "|",
        " ",
        ",",
        ";",
        ":",
        "%",
        "[",
        "]",
        "[a]",
        "[a b=\"",
        "{",
        "{\"a\":",
        "[1,",
        "\\u",
        "a=b ",
        "a=b|",
        "a=b,",
        "a b=c ",
        "xLabel=y x=z ",
        "msg='",
        "a='b='",
        "a={b=",
        "type=X msg=audit(1:1): ",
        "type=X msg=audit(1:1): a=\n",
        "1: ",
        "a: ",
        "00:01:01: ",
        " [",
        "\" ",
        "é",
        "\u{0}",
        "\\x",
        "\t",
        "(",
        ")",
        "T",
        "9",
        "+",
        "-",
    ];
    let prefixes = [
        "<34>Mar 14 09:26:53 h a: <Event>",
        "<34>Mar 14 09:26:53 h a: <Event b='",
        "",
        "<34>",
        "<34>1 - - - - - ",
        "<34>Mar 14 09:26:53 h ",
        "CEF:0|a|b|c|d|e|f|",
        "LEEF:2.0|a|b|c|d|^|",
        "{\"a\":\"",
        "{\"a\":",
        "type=X msg=audit(1:1): ",
        "192.0.2.1 - - [14/Mar/2026:09:26:53 +0000] \"",
        "2026-03-14 09:26:53 ",
        "a=1 b=2 ",
        "<34>Mar 14 09:26:53 h a: <Event>",
    ];
    for pattern in patterns {
        let tail = pattern.repeat(BYTES / pattern.len());
        for prefix in prefixes {
            let text = format!("{prefix}{tail}");
            read(FileFormat::Lines, None, text.as_bytes(), &mut LineHint::new());
        }
        for (format, header, _) in formats() {
            read(format, header, tail.as_bytes(), &mut LineHint::new());
        }
        let _ = time::parse(&tail, &Hints::default());
    }
}

#[test]
fn names_that_repeat_do_not_unfold_without_bound() {
    let long = "n".repeat(200_000);
    let many = "k=v ".repeat(100_000);
    let sd = format!("<34>1 - h a - - [{long} {}]", "k=\"v\" ".repeat(100_000));
    let audit = format!("type={long} msg=audit(1.5:7): {many}");
    let json = format!("{{\"{}\":[{}1]}}", &long[..4000], "1,".repeat(60_000));
    let xml = format!(
        "<34>Mar 14 09:26:53 h a: <Event><{}>{}</X></Event>",
        &long[..4000],
        "<a>1</a>".repeat(60_000)
    );
    let cef = format!("CEF:0|a|b|c|d|e|f|{}", format!("kLabel={long} k=v ").repeat(100));
    let zeek = Header::Zeek {
        columns: vec![long.clone()],
        types: vec!["set[string]".into()],
        path: String::new(),
        separator: b'\t',
        set_separator: ",".into(),
        unset: "-".into(),
        empty: "(empty)".into(),
    };
    for (format, header, record) in [
        (FileFormat::Lines, None, sd),
        (FileFormat::Lines, None, audit.clone()),
        (FileFormat::Auditd, None, audit),
        (FileFormat::JsonLines, None, json),
        (FileFormat::Lines, None, xml),
        (FileFormat::Lines, None, cef),
        (FileFormat::ZeekTsv, Some(zeek), "v,".repeat(100_000)),
    ] {
        read(format, header, record.as_bytes(), &mut LineHint::new());
    }
}

/// Changes of one record: bytes flipped, cut out, doubled, the end cut off.
fn mutate(bytes: &mut Vec<u8>, changes: &[(u8, usize, u8)]) {
    for &(what, at, byte) in changes {
        if bytes.is_empty() {
            return;
        }
        let at = at % bytes.len();
        match what % 5 {
            0 => bytes[at] = byte,
            1 => bytes[at] ^= 1 << (byte % 8),
            2 => bytes.truncate(at),
            3 => {
                let end = (at + usize::from(byte)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = usize::from(byte) % (bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            _ => drop(bytes.drain(at..(at + usize::from(byte)).min(bytes.len()))),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_reader_panics_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for (format, header, _) in formats() {
            read(format, header, &bytes, &mut LineHint::new());
        }
        evtx::read_chunk(&bytes, &mut |_, _| {});
    }

    #[test]
    fn no_reader_panics_on_any_punctuation(text in "[a-c1 =:|,;\"'\\\\\\[\\]{}<>()/%\\-\\t]{0,120}") {
        for (format, header, _) in formats() {
            read(format, header, text.as_bytes(), &mut LineHint::new());
        }
    }

    #[test]
    fn no_reader_panics_on_changed_records(
        which in any::<prop::sample::Index>(),
        line in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<u8>(), any::<usize>(), any::<u8>()), 1..6),
    ) {
        let formats = formats();
        let (format, header, lines) = which.get(&formats);
        let mut bytes = line.get(lines).as_bytes().to_vec();
        mutate(&mut bytes, &changes);
        read(*format, header.clone(), &bytes, &mut LineHint::new());
    }
}

/// How many changed chunks are read: few in a debug run, more when asked.
fn rounds() -> u32 {
    std::env::var_os("VEDETTE_MUTATIONS").and_then(|n| n.to_str()?.parse().ok()).unwrap_or(300)
}

#[test]
fn changed_windows_event_chunks_do_no_harm() {
    // Of our own making, and where it is there, the corpus.
    let mut logs = vec![crate::evtx::written()];
    if let Some(folder) = corpus::folder("evtx-attack-samples") {
        for path in corpus::files(&folder, ".evtx") {
            logs.extend(std::fs::read(path).unwrap()[4096..].chunks_exact(65_536).map(<[u8]>::to_vec));
        }
    }
    let mut seed = 0x2026_0314_u64;
    let mut random = move || {
        // Marsaglia's xorshift: the same changes in every run.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    let (mut records, mut damaged, mut widest) = (0u64, 0u64, 0usize);
    for round in 0..rounds() {
        let mut chunk = logs[random() % logs.len()].clone();
        for _ in 0..1 + random() % 40 {
            let at = if round % 2 == 0 { random() % 4096 } else { random() } % chunk.len();
            match random() % 4 {
                0 => chunk[at] = random() as u8,
                1 => chunk[at] ^= 1 << (random() % 8),
                2 => {
                    let from = random() % (chunk.len() - 256);
                    let to = at.min(chunk.len() - 256);
                    chunk.copy_within(from..from + 256, to);
                }
                _ => chunk[at..].iter_mut().take(4).for_each(|b| *b = 0xFF),
            }
        }
        if round % 10 == 0 {
            chunk.truncate(random() % chunk.len());
        }
        evtx::read_chunk(&chunk, &mut |item, native| match item {
            evtx::EvtxItem::Record { .. } => {
                records += 1;
                widest = widest.max(native.text_bytes());
            }
            evtx::EvtxItem::Damaged { .. } => damaged += 1,
        });
    }
    println!(
        "{} changed chunks: {records} records read, {damaged} damaged, the widest {widest} bytes",
        rounds()
    );
}
