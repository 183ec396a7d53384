//! Framers on small inputs, each with blocks of several sizes: where a block ends must not matter.

use std::ops::ControlFlow;
use std::sync::Arc;

use proptest::prelude::*;
use vedette_model::{Batch, FileContext, FileFormat, FileIndex, Header};

use super::{Cut, framer};
use crate::limits;
use crate::message::Message;
use crate::sniff::Shape;

pub(crate) struct Framed {
    pub batches: Vec<Batch>,
    pub records: u64,
    pub blank: u64,
    pub header: u64,
    pub problems: Vec<&'static str>,
}

pub(crate) fn frame(shape: &Shape, content: &[u8], block: usize) -> Framed {
    let context = Arc::new(FileContext {
        index: FileIndex(0),
        path: "x".to_owned(),
        format: FileFormat::Lines,
        modified: None,
        host: None,
        channel: None,
        zone: None,
        year: None,
    });
    let mut batches = Vec::new();
    let mut emit = |message: Message| {
        if let Message::Batch(batch) = message {
            batches.push(batch);
        }
        ControlFlow::Continue(())
    };
    let mut seq = 0;
    let mut cut = Cut::new(context, &mut seq, &mut emit);
    let mut framer = framer(shape).expect("a shape with records");
    for piece in content.chunks(block.max(1)) {
        framer.push(piece, &mut cut);
    }
    framer.finish(&mut cut);
    cut.finish();
    let (records, blank, header) = (cut.records, cut.lines_blank, cut.lines_header);
    let problems = cut.problems.iter().map(|p| p.code).collect();
    Framed { batches, records, blank, header, problems }
}

/// Records as text with their numbers, rejects in angle brackets, in the order in which they came.
fn show(framed: &Framed) -> Vec<String> {
    let mut out = Vec::new();
    for batch in &framed.batches {
        for span in &batch.spans {
            let text = String::from_utf8_lossy(&batch.bytes[span.start as usize..span.end as usize]);
            let joined: String = span.joined.iter().map(|p| format!("+{}", p.number)).collect();
            out.push(format!("{}{joined} {text}", span.position.number));
        }
        for reject in &batch.rejects {
            out.push(format!("<{} {}>", reject.position.number, reject.reason));
        }
    }
    out
}

fn account(framed: &Framed) {
    let joined: usize = framed.batches.iter().flat_map(|b| &b.spans).map(|s| 1 + s.joined.len()).sum();
    let rejects: usize = framed.batches.iter().map(|b| b.rejects.len()).sum();
    assert_eq!(framed.records, (joined + rejects) as u64, "spans, joined and rejects add up");
    assert!(framed.batches.iter().rev().skip(1).all(|b| !b.last), "only the last batch is last");
    assert!(framed.batches.last().is_none_or(|b| b.last));
}

#[track_caller]
fn check(shape: Shape, content: &[u8], expect: &[&str]) {
    for block in [1, 2, 3, 7, 64, content.len()] {
        let framed = frame(&shape, content, block);
        assert_eq!(show(&framed), expect, "{shape:?} in blocks of {block}");
        account(&framed);
        for span in framed.batches.iter().flat_map(|b| &b.spans) {
            assert!(span.position.offset < content.len() as u64);
        }
    }
}

fn wrapped(path: &[&str]) -> Shape {
    Shape::JsonWrapped(path.iter().map(|p| (*p).to_owned()).collect())
}

#[test]
fn lines_are_cut_whatever_ends_them() {
    check(Shape::Lines, b"a\nb\n", &["1 a", "2 b"]);
    check(Shape::Lines, b"a\r\nb", &["1 a", "2 b"]);
    check(Shape::Lines, b"\n a \n\n\nb\n  \n", &["2  a ", "5 b"]);
    check(Shape::Lines, b"\0\0a\nb\0\0\n\0\0\0\nc\0d\n", &["1 a", "2 b", "4 c\0d", "<3 line of NUL bytes>"]);
    check(Shape::Lines, b"\n\n", &[]);
    let framed = frame(&Shape::Lines, b"\0\0ab\n\ncd", 3);
    assert_eq!(framed.blank, 1);
    let offsets: Vec<u64> = framed.batches.iter().flat_map(|b| &b.spans).map(|s| s.position.offset).collect();
    assert_eq!(offsets, [2, 6]);
}

#[test]
fn a_gigantic_line_is_rejected_and_the_next_one_is_found() {
    let mut content = b"first\n".to_vec();
    content.resize(content.len() + limits::RECORD_BYTES_MAX + 1, b'x');
    content.extend_from_slice(b"\nlast");
    for block in [limits::READ_BYTES, content.len()] {
        let framed = frame(&Shape::Lines, &content, block);
        assert_eq!(show(&framed), ["1 first", "3 last", "<2 record too long>"]);
        let last = framed.batches.iter().flat_map(|b| &b.spans).last().expect("a span");
        assert_eq!(last.position.offset, content.len() as u64 - 4);
        account(&framed);
    }
    let shape = Shape::JsonArray;
    let content = [&b"[{\"a\":\""[..], &vec![b'x'; limits::RECORD_BYTES_MAX], b"\"},{\"b\":1}]"].concat();
    assert_eq!(show(&frame(&shape, &content, limits::READ_BYTES)), ["2 {\"b\":1}", "<1 record too long>"]);
    let csv = Shape::Csv { delimiter: b',' };
    let content = [&b"a,b\n1,"[..], &vec![b'x'; limits::RECORD_BYTES_MAX], b"\n3,4\n"].concat();
    assert_eq!(show(&frame(&csv, &content, limits::READ_BYTES)), ["3 3,4", "<2 record too long>"]);
}

#[test]
fn batches_are_bounded_in_bytes_and_in_spans() {
    let framed = frame(&Shape::Lines, &b"x\n".repeat(100_000), limits::READ_BYTES);
    assert!(framed.batches.iter().all(|b| b.spans.len() <= limits::BATCH_SPANS_MAX));
    assert_eq!(framed.records, 100_000);
    let framed =
        frame(&Shape::Lines, &[b"x".repeat(1000), b"\n".to_vec()].concat().repeat(3000), limits::READ_BYTES);
    assert!(framed.batches.iter().all(|b| b.bytes.len() <= limits::BATCH_BYTES + 1000));
    assert!(framed.batches.len() > 3);
    assert!(framed.batches.iter().enumerate().all(|(i, b)| b.seq == i as u64));
    account(&framed);
}

#[test]
fn json_values_are_found_wherever_they_end() {
    let one = Shape::JsonConcatenated;
    check(
        one.clone(),
        b"{\"a\":1}{\"a\":2} {\"a\":{\"b\":[1,{}]}}",
        &["1 {\"a\":1}", "2 {\"a\":2}", "3 {\"a\":{\"b\":[1,{}]}}"],
    );
    check(
        one.clone(),
        b"{\n \"a\": \"}{\\\"\\\\\"\n}\n{\n}\n",
        &["1 {\n \"a\": \"}{\\\"\\\\\"\n}", "2 {\n}"],
    );
    check(one.clone(), b"Record 1\n{\n}\nRecord 22\n{\n}\n", &["1 {\n}", "2 {\n}"]);
    check(one.clone(), b"\x1e{}\n\x1e{}\n", &["1 {}", "2 {}"]);
    check(one.clone(), b"oops\n{}\n", &["2 {}", "<1 not JSON>"]);
    check(one.clone(), b"[{},{}]\n[{}]", &["1 {}", "2 {}", "3 {}"]);
    check(Shape::JsonArray, b"[ {\"a\":1} ,\n{\"a\":2}\n]\n", &["1 {\"a\":1}", "2 {\"a\":2}"]);
    check(Shape::JsonArray, b"[]", &[]);
    check(
        Shape::JsonArray,
        b"[1,\"a,]b\",{\"c\":[]},null,[2]]",
        &["3 {\"c\":[]}", "<1 not an object>", "<2 not an object>", "<4 not an object>", "<5 not an object>"],
    );
}

#[test]
fn a_broken_value_is_rejected_and_the_next_one_is_found() {
    let one = Shape::JsonConcatenated;
    check(one.clone(), b"{\"a\":1\n{\"b\":2}\n", &["2 {\"b\":2}", "<1 broken JSON value>"]);
    check(one.clone(), b"{\"a\":[1,2}\n{\"b\":2}", &["2 {\"b\":2}", "<1 broken JSON value>"]);
    check(one.clone(), b"{\"a\":\"cut\n{\"b\":2}", &["2 {\"b\":2}", "<1 broken JSON value>"]);
    // Cut where an object may follow: the next value goes with it, the one after is found.
    let cut = b"{\n  \"a\": [\n    1,\n{\n  \"b\": 2\n}\n{\n  \"c\": 3\n}\n";
    check(one.clone(), cut, &["2 {\n  \"c\": 3\n}", "<1 broken JSON value>"]);
    check(one.clone(), b"{\"a\":1}}\n{\"b\":2}", &["1 {\"a\":1}", "3 {\"b\":2}", "<2 not JSON>"]);
    check(one.clone(), b"{\"a\":1}{\"b\":", &["1 {\"a\":1}", "<2 ends in the middle of a record>"]);
    check(
        Shape::JsonArray,
        b"[{\"a\":1,{\"b\":2},{\"c\":3}]",
        &["2 {\"b\":2}", "3 {\"c\":3}", "<1 broken JSON value>"],
    );
    check(Shape::JsonArray, b"[{\"a\":[1},{\"c\":3}]", &["2 {\"c\":3}", "<1 broken JSON value>"]);
    check(Shape::JsonArray, b"[{\"a\":1]\n{\"c\":3}", &["2 {\"c\":3}", "<1 broken JSON value>"]);
    check(Shape::JsonArray, b"[{\"a\":1},{\"b\":2}", &["1 {\"a\":1}", "2 {\"b\":2}"]);
    assert_eq!(frame(&Shape::JsonArray, b"[{\"a\":1}", 64).problems, ["VD-I030"]);
}

#[test]
fn deep_nesting_is_rejected_without_recursion() {
    let deep = |n: usize| format!("{{\"a\":{}1{}}}", "[".repeat(n), "]".repeat(n));
    for shape in [Shape::JsonConcatenated, Shape::JsonArray] {
        let (open, close) = if shape == Shape::JsonArray { ("[", "]") } else { ("", "") };
        let content = format!("{open}{},{}{close}", deep(100_000), deep(100));
        let framed = frame(&shape, content.as_bytes(), 4096);
        assert_eq!(show(&framed), [format!("2 {}", deep(100)), "<1 nested too deeply>".to_owned()]);
    }
    let content = format!("{{\"Records\":[{},{{\"b\":{{\"c\":1}}}}],\"x\":1}}", deep(1000));
    assert_eq!(
        show(&frame(&wrapped(&["Records"]), content.as_bytes(), 64)),
        ["2 {\"b\":{\"c\":1}}", "<1 nested too deeply>"]
    );
    let framed = frame(&Shape::JsonConcatenated, &b"[".repeat(1_000_000), 4096);
    assert_eq!(framed.records, 1);
}

fn header(framed: &Framed) -> Option<&Header> {
    framed.batches.first().and_then(|b| b.header.as_deref())
}

#[test]
fn a_wrapped_array_is_unwrapped_and_what_stands_beside_is_kept() {
    let content = b"{\"v\":1.5,\"who\":\"a\\\"b\\u00e9\",\"o\":{\"Records\":[{\"no\":1}]},\"Records\": [ {\"a\":1},{\"b\":[{}]} ],\"more\":true}\n{\"Records\":[{\"c\":3}]}";
    check(wrapped(&["Records"]), content, &["1 {\"a\":1}", "2 {\"b\":[{}]}", "3 {\"c\":3}"]);
    for block in [1, 5, 1000] {
        let framed = frame(&wrapped(&["Records"]), content, block);
        let beside = vec![("v".to_owned(), "1.5".to_owned()), ("who".to_owned(), "a\"b\u{e9}".to_owned())];
        assert_eq!(header(&framed), Some(&Header::Wrapper { array: "Records".to_owned(), beside }));
    }
    let search = b"{\"took\":3,\"hits\":{\"total\":{\"value\":2},\"hits\":[{\"a\":1},{\"b\":2}]}}";
    check(wrapped(&["hits", "hits"]), search, &["1 {\"a\":1}", "2 {\"b\":2}"]);
    check(
        wrapped(&["Records"]),
        b"{\"a\":{\"b\":[1]}}{\"Records\":[{}]}",
        &["1 {\"a\":{\"b\":[1]}}", "2 {}"],
    );
    check(
        wrapped(&["Records"]),
        b"{\"Records\":[{\"a\":1},{\"b\"",
        &["1 {\"a\":1}", "<2 ends in the middle of a record>"],
    );
    let two = frame(&wrapped(&["events"]), b"{\"events\":[{}],\"others\":[{},{}]}", 64);
    assert_eq!((two.records, two.problems.as_slice()), (1, &["VD-I028"][..]));
}

#[test]
fn csv_rows_keep_their_line_breaks_and_their_header() {
    let csv = Shape::Csv { delimiter: b',' };
    check(csv.clone(), b"a,b\n1,2\n3,4", &["2 1,2", "3 3,4"]);
    check(csv.clone(), b"a,b\r\n\"1\r\n\"\"x\"\"\",2\r\n\r\n3,4\r\n", &["2 \"1\r\n\"\"x\"\"\",2", "5 3,4"]);
    check(csv.clone(), b"a,b\n1,2\"3\n4,5\n", &["2 1,2\"3", "3 4,5"]);
    check(csv.clone(), b"a,b\n1,2\na,b\n3,4\n", &["2 1,2", "4 3,4"]);
    check(csv.clone(), b"a,b\n1,\"2\n3,4\n5,6\n", &["3 3,4", "4 5,6", "<2 quote not closed>"]);
    check(csv.clone(), b"a,b\n,\n", &["2 ,"]);
    check(Shape::Csv { delimiter: b';' }, b"sep=;\n\"a b\";\"c\"\n1;2\n", &["3 1;2"]);
    check(csv, b"#TYPE System.Object\r\n\"Time\",\"Id\"\r\n\"1\",\"2\"\r\n", &["3 \"1\",\"2\""]);
    let framed = frame(&Shape::Csv { delimiter: b';' }, b"sep=;\r\n\"a \"\"b\"\"\";\"c;d\";e\r\n1;2;3\n", 5);
    let columns = ["a \"b\"", "c;d", "e"].map(str::to_owned).to_vec();
    assert_eq!(header(&framed), Some(&Header::Csv { columns, delimiter: b';' }));
    assert_eq!(framed.header, 2);
}

#[test]
fn a_stray_quote_does_not_swallow_the_table() {
    let csv = Shape::Csv { delimiter: b',' };
    let mut content = b"a,b\n1,\"2\n".to_vec();
    let rows = 2 * limits::CSV_QUOTED_BYTES_MAX / 4;
    content.extend_from_slice(&b"3,4\n".repeat(rows));
    let framed = frame(&csv, &content, limits::READ_BYTES);
    assert_eq!(framed.records, rows as u64 + 1);
    assert_eq!(framed.batches.iter().map(|b| b.rejects.len()).sum::<usize>(), 1);
    account(&framed);
}

#[test]
fn zeek_headers_may_change_midway() {
    let content = b"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\tts\tuid\n#types\ttime\tstring\n1\tC1\n#close\t2024\n#path\tdns\n#fields\tts\tquery\n#types\ttime\tstring\n2\texample.org\n";
    check(Shape::Zeek, content, &["8 1\tC1", "13 2\texample.org"]);
    let framed = frame(&Shape::Zeek, content, 9);
    let paths: Vec<_> = framed
        .batches
        .iter()
        .map(|b| match b.header.as_deref() {
            Some(Header::Zeek { path, columns, separator: b'\t', .. }) => {
                (path.as_str(), columns[1].as_str())
            }
            _ => ("", ""),
        })
        .collect();
    assert_eq!(paths, [("conn", "uid"), ("dns", "query")]);
    check(Shape::Zeek, b"#separator \\x09\nlost\n", &["<2 no column names before it>"]);
}

#[test]
fn w3c_fields_may_change_midway() {
    let content = b"#Software: Microsoft IIS\r\n#Date: 2024-03-14\r\n#Fields: date time\r\n2024-03-14 01:02:03\r\n#Fields: date time s-ip\r\n2024-03-14 01:02:04 192.0.2.1\r\n";
    check(Shape::W3c, content, &["4 2024-03-14 01:02:03", "6 2024-03-14 01:02:04 192.0.2.1"]);
    let framed = frame(&Shape::W3c, content, 10);
    let widths: Vec<usize> = framed
        .batches
        .iter()
        .map(|b| match b.header.as_deref() {
            Some(Header::W3c { columns, software: Some(_), date: Some(_) }) => columns.len(),
            _ => 0,
        })
        .collect();
    assert_eq!(widths, [2, 3]);
}

#[test]
fn audit_lines_of_one_serial_are_one_record() {
    let line = |kind: &str, serial: u32, rest: &str| format!("type={kind} msg=audit(1.0:{serial}): {rest}\n");
    let content = [
        line("SYSCALL", 1, "a"),
        line("SYSCALL", 2, "b"),
        line("PATH", 1, "c"),
        "node=web type=USER_LOGIN msg=audit(1.0:1): other host\n".to_owned(),
        "rubbish\n".to_owned(),
        line("EOE", 2, ""),
        line("EOE", 1, ""),
        line("CWD", 2, "late"),
    ]
    .concat();
    check(
        Shape::Auditd,
        content.as_bytes(),
        &[
            "1+3+7 type=SYSCALL msg=audit(1.0:1): a\ntype=PATH msg=audit(1.0:1): c\ntype=EOE msg=audit(1.0:1): ",
            "2+6 type=SYSCALL msg=audit(1.0:2): b\ntype=EOE msg=audit(1.0:2): ",
            "4 node=web type=USER_LOGIN msg=audit(1.0:1): other host",
            "8 type=CWD msg=audit(1.0:2): late",
            "<5 not an audit line>",
        ],
    );
}

#[test]
fn audit_events_without_an_end_are_bounded() {
    let content: String = (0..10_000).map(|n| format!("type=USER_CMD msg=audit(1.0:{n}): x\n")).collect();
    let framed = frame(&Shape::Auditd, content.as_bytes(), 4096);
    assert_eq!(framed.records, 10_000);
    let numbers: Vec<u64> = framed.batches.iter().flat_map(|b| &b.spans).map(|s| s.position.number).collect();
    assert!(numbers.windows(2).all(|w| w[0] < w[1]), "records come in file order");
    let content = "type=EXECVE msg=audit(1.0:1): x\n".repeat(limits::AUDIT_LINES_MAX * 3);
    let framed = frame(&Shape::Auditd, content.as_bytes(), 4096);
    assert_eq!(framed.batches.iter().map(|b| b.spans.len()).sum::<usize>(), 3);
    account(&framed);
}

/// A file header, and chunks whose bytes only carry the magic.
fn evtx(chunks: &[&[u8]]) -> Vec<u8> {
    let mut out = b"ElfFile\0".to_vec();
    out.resize(limits::EVTX_HEADER_BYTES, 0);
    for chunk in chunks {
        out.extend_from_slice(chunk);
    }
    out
}

fn chunk(fill: u8) -> Vec<u8> {
    let mut out = b"ElfChnk\0".to_vec();
    out.resize(limits::EVTX_CHUNK_BYTES, fill);
    out
}

#[test]
fn event_logs_are_cut_into_chunks_even_when_damaged() {
    let check = |content: &[u8], aligned: bool, expect: &[(u64, u8)], problems: &[&str]| {
        for block in [1000, 65_536, limits::READ_BYTES] {
            let framed = frame(&Shape::Evtx { aligned }, content, block);
            let found: Vec<(u64, u8)> = framed.batches.iter().map(|b| (b.chunk, b.bytes[100])).collect();
            assert_eq!(found, expect);
            assert!(
                framed
                    .batches
                    .iter()
                    .all(|b| b.bytes.len() == limits::EVTX_CHUNK_BYTES && b.spans.is_empty())
            );
            assert_eq!(framed.problems, problems);
            account(&framed);
        }
    };
    let (a, b, zero) = (chunk(1), chunk(2), vec![0; limits::EVTX_CHUNK_BYTES]);
    check(&evtx(&[&a, &b]), true, &[(0, 1), (1, 2)], &[]);
    check(&evtx(&[&a, &zero, &b, &zero]), true, &[(0, 1), (2, 2)], &[]);
    check(&evtx(&[]), true, &[], &[]);
    check(&evtx(&[&a, &b[..5000]]), true, &[(0, 1), (1, 2)], &["VD-I021"]);
    check(&evtx(&[&a, &[7; 300], &b]), true, &[(0, 1), (1, 2)], &["VD-I022"]);
    check(&evtx(&[&a, &[7; 300]]), true, &[(0, 1)], &["VD-I022"]);
    let mut headless = evtx(&[&a, &b]);
    headless[..4096].fill(0);
    check(&headless, true, &[(0, 1), (1, 2)], &["VD-I020"]);
    check(&[&[9; 777][..], &a, &b].concat(), false, &[(0, 1), (1, 2)], &["VD-I022"]);
    check(b"ElfFile\0", true, &[], &["VD-I020"]);
}

fn shapes() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Lines),
        Just(Shape::JsonConcatenated),
        Just(Shape::JsonArray),
        Just(wrapped(&["Records"])),
        Just(wrapped(&["hits", "hits"])),
        Just(Shape::Csv { delimiter: b',' }),
        Just(Shape::Zeek),
        Just(Shape::W3c),
        Just(Shape::Auditd),
        Just(Shape::Evtx { aligned: true }),
        Just(Shape::Evtx { aligned: false }),
    ]
}

/// Text made of the pieces that steer the framers, so that random input reaches their corners.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let tokens: Vec<&[u8]> = vec![
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"",
        b"\\",
        b":",
        b",",
        b"\n",
        b"\r\n",
        b" ",
        b"\0",
        b"1",
        b"a",
        b"\"Records\":[",
        b"\"hits\":{",
        b"\"hits\":[",
        b"{\"a\":1}",
        b"null",
        b"Record 1\n",
        b"a,b\n",
        b"sep=,\n",
        b"\"\"",
        b"#fields\ta\tb\n",
        b"#separator \\x09\n",
        b"#separator \\xzz\n",
        b"#Fields: a b\n",
        b"#Fields:\n",
        b"#",
        b"type=SYSCALL msg=audit(1.0:1): \n",
        b"type=EOE msg=audit(1.0:1): \n",
        b"node=x type=A msg=audit(1.0:2): \n",
        b"msg=audit(",
        b"node=",
        b"ElfChnk\0",
        b"ElfFile\0",
        b"\xff",
        b"\xc3\xa4",
        b"----\n",
    ];
    prop::collection::vec(prop::sample::select(tokens), 0..200).prop_map(|parts| parts.concat())
}

/// Cells with everything in them that steers the framer.
fn cells() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!['a', '"', ',', ';', '\n', '\r', '\t', '|', ' ', 'ä']),
        0..8,
    )
    .prop_map(|chars| chars.into_iter().collect())
}

/// The same JSON with other white space between its parts.
fn laid_out(text: &str, spaces: &[&str]) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    let mut next = spaces.iter().cycle();
    for c in text.chars() {
        let part = !inside && matches!(c, '{' | '}' | '[' | ']' | ',' | ':');
        if part {
            out.push_str(next.next().unwrap_or(&""));
        }
        out.push(c);
        if part {
            out.push_str(next.next().unwrap_or(&""));
        }
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = inside,
            '"' => inside = !inside,
            _ => {}
        }
    }
    out
}

fn objects() -> impl Strategy<Value = Vec<serde_json::Value>> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        prop::collection::vec(
            prop::sample::select(vec!['a', '"', '\\', '{', '}', '[', ']', ',', ':', '\n', 'ä', ' ']),
            0..12
        )
        .prop_map(|chars| chars.into_iter().collect::<String>().into()),
    ];
    let key = || {
        prop::sample::select(vec!["a", "b", "Records", "hits", "{", "\"", "[,", ""]).prop_map(str::to_owned)
    };
    let value = leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(key(), inner, 0..4)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    });
    let object = prop::collection::btree_map(key(), value, 0..5);
    prop::collection::vec(object.prop_map(|m| serde_json::Value::Object(m.into_iter().collect())), 0..8)
}

/// As many cases as fit an ordinary run; `PROPTEST_CASES=10000` asks for more.
fn config(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if asked.cases == 256 { cases } else { asked.cases };
    ProptestConfig { cases, failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn framers_never_panic_and_always_account(shape in shapes(), content in pieces(), block in 1_usize..300) {
        let whole = frame(&shape, &content, content.len());
        account(&whole);
        let split = frame(&shape, &content, block);
        account(&split);
        prop_assert_eq!(show(&whole), show(&split), "block size {} matters", block);
    }

    #[test]
    fn framers_survive_random_bytes(shape in shapes(), content in prop::collection::vec(any::<u8>(), 0..2000)) {
        account(&frame(&shape, &content, 100));
    }

    #[test]
    fn whole_json_comes_back_value_for_value(
        objects in objects(),
        spaces in prop::collection::vec(prop::sample::select(vec!["", " ", "\n", "\r\n  ", "\t"]), 1..9),
        block in 1_usize..200,
    ) {
        let text = |value: &serde_json::Value| laid_out(&value.to_string(), &spaces);
        let one_by_one: Vec<String> = objects.iter().map(text).collect();
        let list = serde_json::Value::Array(objects.clone());
        let wrapper = serde_json::json!({ "v": "1", "o": { "Records": [1] }, "Records": objects });
        let nested = serde_json::json!({ "took": 1, "hits": { "total": { "value": 3 }, "hits": objects } });
        for (shape, content) in [
            (Shape::JsonConcatenated, one_by_one.concat()),
            (Shape::JsonConcatenated, one_by_one.join("\n")),
            (Shape::JsonArray, text(&list)),
            (wrapped(&["Records"]), text(&wrapper)),
            (wrapped(&["hits", "hits"]), text(&nested)),
        ] {
            let framed = frame(&shape, content.as_bytes(), block);
            let found: Vec<serde_json::Value> = framed
                .batches
                .iter()
                .flat_map(|b| b.spans.iter().map(|s| &b.bytes[s.start as usize..s.end as usize]))
                .map(|bytes| serde_json::from_slice(bytes).expect("a whole value"))
                .collect();
            prop_assert_eq!(&found, &objects, "{:?}", shape);
            prop_assert!(framed.batches.iter().all(|b| b.rejects.is_empty()) && framed.problems.is_empty());
        }
    }

    #[test]
    fn whole_tables_come_back_row_for_row(
        rows in prop::collection::vec(prop::collection::vec(cells(), 2..5), 0..20),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
        block in 1_usize..100,
    ) {
        let write = |row: &Vec<String>| {
            let quoted: Vec<String> = row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
            quoted.join(&char::from(delimiter).to_string())
        };
        let expect: Vec<String> = rows.iter().map(write).collect();
        let content: String = std::iter::once("the,header".to_owned()).chain(expect.clone()).map(|r| r + line_end).collect();
        let framed = frame(&Shape::Csv { delimiter }, content.as_bytes(), block);
        let found: Vec<&[u8]> = framed
            .batches
            .iter()
            .flat_map(|b| b.spans.iter().map(|s| &b.bytes[s.start as usize..s.end as usize]))
            .collect();
        let expect: Vec<&[u8]> = expect.iter().map(String::as_bytes).collect();
        prop_assert_eq!(found, expect);
    }
}
