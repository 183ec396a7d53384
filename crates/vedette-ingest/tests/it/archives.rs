//! Archives of every kind, whole, nested, broken and hostile.

use std::io::{Cursor, Write};

use flate2::Compression;
use vedette_ingest::Options;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

use crate::{Folder, options, read};

pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(members, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
}

fn zip_with(members: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, options).expect("a member");
        writer.write_all(content).expect("its content");
    }
    writer.finish().expect("a zip").into_inner()
}

/// As a pipe gets it: sizes stand behind the data.
fn zip_streamed(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(method);
    let mut writer = ZipWriter::new_stream(Vec::new());
    for (name, content) in members {
        writer.start_file(*name, options).expect("a member");
        writer.write_all(content).expect("its content");
    }
    writer.finish().expect("a zip").into_inner()
}

pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new().mtime(1_500_000_000).write(Vec::new(), Compression::default());
    encoder.write_all(content).expect("written");
    encoder.finish().expect("a gzip")
}

pub fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mtime(1_400_000_000);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *content).expect("a member");
    }
    builder.into_inner().expect("a tar")
}

const TWO: &[(&str, &[u8])] = &[("a/x.log", b"one\ntwo\n"), ("b.json", b"{\"a\":1}\n{\"a\":2}\n")];

#[track_caller]
fn check(name: &str, content: &[u8], expect: &[&str]) {
    let folder = Folder::default();
    let path = folder.put(name, content);
    assert_eq!(folder.verdicts(&read(&options(&path))), expect, "{name}");
}

#[test]
fn members_of_archives_are_files_of_their_own() {
    check("t.zip", &zip(TWO), &["t.zip zip", "t.zip!a/x.log lines", "t.zip!b.json json-lines"]);
    check("t.tar", &tar(TWO), &["t.tar tar", "t.tar!a/x.log lines", "t.tar!b.json json-lines"]);
    check(
        "t.tar.gz",
        &gzip(&tar(TWO)),
        &["t.tar.gz tar", "t.tar.gz!a/x.log lines", "t.tar.gz!b.json json-lines"],
    );
    let zst = zstd::encode_all(&tar(TWO)[..], 3).expect("zstd");
    check("t.tar.zst", &zst, &["t.tar.zst tar", "t.tar.zst!a/x.log lines", "t.tar.zst!b.json json-lines"]);
    check("x.log.gz", &gzip(b"one\n"), &["x.log.gz lines"]);
    check("x.zst", &zstd::encode_all(&b"one\n"[..], 3).expect("zstd"), &["x.zst lines"]);
    check("none.zip", &zip(&[]), &["none.zip zip"]);
    check("z.zip", &zip(&[("empty", b"")]), &["z.zip zip", "z.zip!empty empty VD-I004"]);
    // Two gzip members after one another are one file, as rotation by appending makes them.
    check("two.gz", &[gzip(b"one\n"), gzip(b"two\n")].concat(), &["two.gz lines"]);
    for method in [CompressionMethod::Stored, CompressionMethod::Zstd] {
        let packed = zip_with(TWO, SimpleFileOptions::default().compression_method(method));
        check("m.zip", &packed, &["m.zip zip", "m.zip!a/x.log lines", "m.zip!b.json json-lines"]);
    }
}

#[test]
fn names_say_nothing_about_the_format() {
    check("x.evtx", &zip(TWO), &["x.evtx zip", "x.evtx!a/x.log lines", "x.evtx!b.json json-lines"]);
    check("x.zip", b"just text\n", &["x.zip lines"]);
    check("x.gz", b"{\"a\":1}\n", &["x.gz json-lines"]);
}

#[test]
fn dates_of_members_tell_the_year() {
    let folder = Folder::default();
    let year = |name: &str, content: &[u8], at: usize| {
        let path = folder.put(name, content);
        read(&options(&path))[at].start.year.clone().expect("a year")
    };
    assert_eq!(year("t.tar", &tar(TWO), 1), (2014, "date of the archive's member".to_owned()));
    assert_eq!(year("t.gz", &gzip(b"x\n"), 0), (2017, "date in the gzip header".to_owned()));
    let date = zip::DateTime::from_date_and_time(2018, 5, 1, 1, 2, 4).expect("a date");
    let dated = zip_with(TWO, SimpleFileOptions::default().last_modified_time(date));
    assert_eq!(year("t.zip", &dated, 1), (2018, "date of the archive's member".to_owned()));
    assert_eq!(
        year("u.zip", &zip(&[("i.zip", &dated)]), 2),
        (2018, "date of the archive's member".to_owned())
    );
}

#[test]
fn archives_nest_to_a_bounded_depth() {
    let one = zip(&[("x.log", b"x\n")]);
    let two = zip(&[("1.zip", &one), ("l.gz", &gzip(b"y\n"))]);
    check("2.zip", &two, &["2.zip zip", "2.zip!1.zip zip", "2.zip!1.zip!x.log lines", "2.zip!l.gz lines"]);
    let in_tar = gzip(&tar(&[("2.zip", &two)]));
    check(
        "t.tgz",
        &in_tar,
        &[
            "t.tgz tar",
            "t.tgz!2.zip zip",
            "t.tgz!2.zip!1.zip zip",
            "t.tgz!2.zip!1.zip!x.log lines",
            "t.tgz!2.zip!l.gz lines",
        ],
    );
    let four = zip(&[("3.zip", &zip(&[("2.zip", &two)]))]);
    check(
        "4.zip",
        &four,
        &[
            "4.zip zip",
            "4.zip!3.zip zip",
            "4.zip!3.zip!2.zip zip",
            "4.zip!3.zip!2.zip!1.zip zip",
            "4.zip!3.zip!2.zip!1.zip!x.log lines",
            "4.zip!3.zip!2.zip!l.gz lines",
        ],
    );
    let five = folder_verdicts("5.zip", &zip(&[("4.zip", &four)]));
    assert!(five.contains(&"5.zip!4.zip!3.zip!2.zip!1.zip zip VD-I011".to_owned()), "{five:?}");
    assert!(five.contains(&"5.zip!4.zip!3.zip!2.zip!l.gz gzip VD-I011".to_owned()), "{five:?}");
}

fn folder_verdicts(name: &str, content: &[u8]) -> Vec<String> {
    let folder = Folder::default();
    let path = folder.put(name, content);
    folder.verdicts(&read(&options(&path)))
}

#[test]
fn a_zip_is_read_as_a_stream_where_it_cannot_be_sought() {
    // Too large to hold: the nested zip is read member after member.
    let noise: Vec<u8> = (0..20_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for inner in [
        zip_with(
            &[("noise", &noise), ("x.log", b"x\n")],
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored),
        ),
        zip(&[("noise", &noise), ("x.log", b"x\n")]),
        zip_streamed(&[("noise", &noise), ("x.log", b"x\n")], CompressionMethod::Deflated),
    ] {
        let outer = zip_with(
            &[("i.zip", &inner)],
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored),
        );
        assert_eq!(
            folder_verdicts("o.zip", &outer),
            ["o.zip zip", "o.zip!i.zip zip", "o.zip!i.zip!noise unknown VD-I005", "o.zip!i.zip!x.log lines"]
        );
    }
}

#[test]
fn encrypted_members_are_read_with_the_password_or_named() {
    let folder = Folder::default();
    let aes = SimpleFileOptions::default().with_aes_encryption(AesMode::Aes256, "right");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("open.log", SimpleFileOptions::default()).expect("a member");
    writer.write_all(b"open\n").expect("content");
    writer.start_file("secret.log", aes).expect("a member");
    writer.write_all(b"secret\n").expect("content");
    let path = folder.put("e.zip", &writer.finish().expect("a zip").into_inner());
    let with = |passwords: &[&str]| {
        let wanted = Options {
            zip_passwords: passwords.iter().map(|p| p.as_bytes().to_vec()).collect(),
            ..options(&path)
        };
        folder.verdicts(&read(&wanted))
    };
    assert_eq!(with(&[]), ["e.zip zip", "e.zip!open.log lines", "e.zip!secret.log unknown VD-I008"]);
    assert_eq!(with(&["wrong"]), ["e.zip zip", "e.zip!open.log lines", "e.zip!secret.log unknown VD-I009"]);
    assert_eq!(with(&["wrong", "right"]), ["e.zip zip", "e.zip!open.log lines", "e.zip!secret.log lines"]);
}

/// The keys of the old zip encryption: PKWARE's APPNOTE, 6.1.5.
struct OldKeys([u32; 3]);

impl OldKeys {
    fn of(password: &str) -> Self {
        let mut keys = Self([0x1234_5678, 0x2345_6789, 0x3456_7890]);
        password.bytes().for_each(|b| keys.update(b));
        keys
    }

    fn update(&mut self, byte: u8) {
        let [a, b, c] = &mut self.0;
        *a = crc_step(*a, byte);
        *b = b.wrapping_add(*a & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        *c = crc_step(*c, (*b >> 24) as u8);
    }

    fn encrypt(&mut self, byte: u8) -> u8 {
        let t = (self.0[2] | 2) as u16;
        let key = (t.wrapping_mul(t ^ 1) >> 8) as u8;
        self.update(byte);
        byte ^ key
    }
}

fn crc_step(crc: u32, byte: u8) -> u32 {
    (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
}

/// A zip of one member `a.log` under the old encryption.
fn zip_old_encryption(content: &[u8], method: CompressionMethod, password: &str) -> Vec<u8> {
    let crc = !content.iter().fold(!0, |c, b| crc_step(c, *b));
    let packed = if method == CompressionMethod::Stored {
        content.to_vec()
    } else {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).expect("written");
        encoder.finish().expect("a stream")
    };
    let mut keys = OldKeys::of(password);
    let header = [7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, (crc >> 24) as u8];
    let body: Vec<u8> = header.iter().chain(&packed).map(|b| keys.encrypt(*b)).collect();
    let number = if method == CompressionMethod::Stored { 0u16 } else { 8 };
    let mut common = Vec::new();
    for word in [20u16, 1, number, 0, 0x5800] {
        common.extend(word.to_le_bytes());
    }
    for word in [crc, body.len() as u32, content.len() as u32] {
        common.extend(word.to_le_bytes());
    }
    common.extend([5, 0, 0, 0]);
    let local = [&b"PK\x03\x04"[..], &common, b"a.log", &body].concat();
    let central = [&b"PK\x01\x02\x14\0"[..], &common, &[0; 14], b"a.log"].concat();
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend((central.len() as u32).to_le_bytes());
    end.extend((local.len() as u32).to_le_bytes());
    end.extend([0, 0]);
    [local, central, end].concat()
}

#[test]
fn the_old_encryption_is_opened_by_the_right_password_alone() {
    let text = b"a line of text that is long enough to be cut\n".repeat(200);
    for method in [CompressionMethod::Deflated, CompressionMethod::Stored] {
        let folder = Folder::default();
        let path = folder.put("e.zip", &zip_old_encryption(&text, method, "right"));
        let with = |passwords: Vec<String>| {
            let zip_passwords = passwords.into_iter().map(String::into_bytes).collect();
            let seen = read(&Options { zip_passwords, ..options(&path) });
            (folder.verdicts(&seen), seen)
        };
        assert_eq!(with(vec![]).0, ["e.zip zip", "e.zip!a.log unknown VD-I008"]);
        // Of so many some pass the byte that is all the format has to check a password by.
        let wrong: Vec<String> = (0..1_500).map(|n| format!("wrong{n}")).collect();
        assert_eq!(with(wrong.clone()).0, ["e.zip zip", "e.zip!a.log unknown VD-I009"], "{method}");
        let (verdicts, seen) = with([wrong, vec!["right".to_owned()]].concat());
        assert_eq!(verdicts, ["e.zip zip", "e.zip!a.log lines"], "{method}");
        assert_eq!(seen[1].records.len(), 200, "{method}");
    }
}

#[test]
fn a_broken_archive_gives_what_was_readable_and_a_problem() {
    let text = b"a line of text that is long enough to be cut\n".repeat(200);
    let members: &[(&str, &[u8])] = &[("a.log", b"one\n"), ("b.log", &text)];
    // Without its directory.
    let whole = zip(members);
    let directory = whole.windows(4).position(|w| w == b"PK\x01\x02").expect("a directory");
    check(
        "cut.zip",
        &whole[..directory],
        &["cut.zip zip VD-I017 VD-I010", "cut.zip!a.log lines", "cut.zip!b.log lines"],
    );
    check(
        "cut.zip",
        &whole[..directory - 20],
        &["cut.zip zip VD-I017 VD-I010", "cut.zip!a.log lines", "cut.zip!b.log lines VD-I010"],
    );
    let whole = tar(members);
    check(
        "cut.tar",
        &whole[..1536 + 1000],
        &["cut.tar tar VD-I010", "cut.tar!a.log lines", "cut.tar!b.log lines"],
    );
    let mut broken = whole.clone();
    broken[1024 + 10] ^= 0x40;
    check("bad.tar", &broken, &["bad.tar tar VD-I010", "bad.tar!a.log lines"]);
    let whole = gzip(&(0..50_000_u32).flat_map(|n| format!("{n}\n").into_bytes()).collect::<Vec<_>>());
    check("cut.gz", &whole[..whole.len() / 2], &["cut.gz lines VD-I010"]);
    check("cut.gz", &whole[..8], &["cut.gz unknown VD-I010"]);
    check("junk.gz", &[gzip(b"one\n"), b"junk".to_vec()].concat(), &["junk.gz lines VD-I010"]);
    let zst = zstd::encode_all(&text[..], 3).expect("zstd");
    check("cut.zst", &zst[..zst.len() - 5], &["cut.zst unknown VD-I010"]);
    // A member whose checksum is wrong was still read.
    let mut flipped = zip_with(
        &[("a.log", b"one\ntwo\n")],
        SimpleFileOptions::default().compression_method(CompressionMethod::Stored),
    );
    let at = flipped.windows(3).position(|w| w == b"two").expect("the text");
    flipped[at] = b'T';
    check("crc.zip", &flipped, &["crc.zip zip", "crc.zip!a.log lines VD-I010"]);
}

#[test]
fn hostile_names_are_shown_in_a_harmless_form() {
    let packed = zip(&[("../../etc/cron.d/x", b"x\n"), ("a\u{1b}[2J.log", b"x\n")]);
    check(
        "h.zip",
        &packed,
        &["h.zip zip", "h.zip!__/__/etc/cron.d/x lines VD-I015", "h.zip!a_[2J.log lines VD-I015"],
    );
}

#[test]
fn links_and_devices_in_a_tar_are_listed() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    header.set_entry_type(tar::EntryType::Symlink);
    builder.append_link(&mut header, "link", "/etc/passwd").expect("a link");
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    header.set_entry_type(tar::EntryType::Fifo);
    builder.append_data(&mut header, "fifo", &b""[..]).expect("a fifo");
    let long = format!("{}/x.log", "long".repeat(60));
    let mut header = tar::Header::new_gnu();
    header.set_size(2);
    builder.append_data(&mut header, &long, &b"x\n"[..]).expect("a long name");
    let packed = builder.into_inner().expect("a tar");
    let expect = [
        "l.tar tar".to_owned(),
        "l.tar!link link VD-I002".to_owned(),
        "l.tar!fifo unknown VD-I014".to_owned(),
        format!("l.tar!{long} lines"),
    ];
    assert_eq!(folder_verdicts("l.tar", &packed), expect);
}

#[test]
fn extended_headers_of_a_tar_are_understood() {
    let mut builder = tar::Builder::new(Vec::new());
    let name = format!("{}.log", "ü".repeat(150));
    let mut header = tar::Header::new_ustar();
    header.set_size(0);
    let pax = [("path", name.as_bytes()), ("mtime", b"1300000000.5"), ("size", b"600")];
    builder.append_pax_extensions(pax).expect("an extended header");
    header.set_path("short").expect("a name");
    header.set_cksum();
    let mut packed = builder.into_inner().expect("a tar");
    packed.truncate(packed.len() - 1024);
    packed.extend_from_slice(header.as_bytes());
    packed.extend_from_slice(&b"a line\n".repeat(100)[..600]);
    packed.resize(packed.len().next_multiple_of(512), 0);
    packed.extend_from_slice(&tar(&[("last.log", b"x\n")]));
    let folder = Folder::default();
    let path = folder.put("p.tar", &packed);
    let seen = read(&options(&path));
    assert_eq!(
        folder.verdicts(&seen),
        ["p.tar tar".to_owned(), format!("p.tar!{name} lines"), "p.tar!last.log lines".to_owned()]
    );
    assert_eq!(seen[1].end.bytes_read, 600);
    assert_eq!(seen[1].start.year.as_ref().map(|y| y.0), Some(2011));
    // In the middle of the last header.
    check(
        "cut.tar",
        &packed[..packed.len() - 2048 + 100],
        &["cut.tar tar VD-I010", &format!("cut.tar!{name} lines")],
    );
}
