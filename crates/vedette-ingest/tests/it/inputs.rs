//! Walking, recognising, and the account of plain files.

use std::fs;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use vedette_ingest::{HostFromPath, Inputs, KnownYear, Message, Options};

use crate::{Folder, options, read, read_inputs};

#[test]
fn every_file_has_a_verdict_in_sorted_order() {
    let folder = Folder::default();
    folder.put("b.log", b"Mar 14 09:26:53 web01 x: y\n");
    folder.put("a/z.json", b"{\"a\":1}\n{\"a\":2}\n");
    folder.put("a/empty", b"");
    folder.put("a/photo.log", b"\x89PNG\r\n\x1a\n....");
    folder.put("a/noise", &(0..4000_u32).map(|n| ((n * n * 31) >> 3) as u8).collect::<Vec<_>>());
    folder.put("c.csv", b"time,host\n1,a\n2,\"b\nc\"\n");
    let seen = read(&options(folder.path()));
    assert_eq!(
        folder.verdicts(&seen),
        [
            "a/empty empty VD-I004",
            "a/noise unknown VD-I005",
            "a/photo.log png VD-I006",
            "a/z.json json-lines",
            "b.log lines",
            "c.csv csv",
        ]
    );
    assert_eq!(seen[3].records, ["{\"a\":1}", "{\"a\":2}"]);
    assert_eq!((seen[5].end.records_cut, seen[5].end.lines_header), (2, 1));
    assert_eq!(
        Inputs::walk(&options(folder.path())).total_bytes(),
        seen.iter().map(|s| s.end.size).sum::<u64>()
    );
}

#[test]
fn what_is_missing_is_said() {
    let folder = Folder::default();
    let inputs = Inputs::walk(&options(&folder.path().join("nowhere")));
    assert_eq!(inputs.problems()[0].code, "VD-I026");
    let seen = read_inputs(&inputs);
    assert_eq!(folder.verdicts(&seen), ["nowhere unknown VD-I026"]);
    assert!(read(&Options::default()).is_empty());
}

#[test]
fn overlapping_arguments_list_a_file_once() {
    let folder = Folder::default();
    let file = folder.put("a/x.log", b"x\n");
    let both = Options { paths: vec![file.clone(), folder.path().to_owned()], ..Options::default() };
    assert_eq!(read(&both).len(), 1);
}

#[cfg(unix)]
#[test]
fn links_are_followed_only_as_arguments_and_loops_cannot_arise() {
    let folder = Folder::default();
    folder.put("real/x.log", b"line\n");
    std::os::unix::fs::symlink("..", folder.path().join("real/loop")).expect("a link");
    std::os::unix::fs::symlink("x.log", folder.path().join("real/y.log")).expect("a link");
    std::os::unix::fs::symlink("real", folder.path().join("arg")).expect("a link");
    let seen = read(&options(&folder.path().join("arg")));
    assert_eq!(
        folder.verdicts(&seen),
        ["arg/loop link VD-I002", "arg/x.log lines", "arg/y.log link VD-I002"]
    );
    assert!(seen[0].end.problems[0].fault.contains("points to .."));
}

#[cfg(unix)]
#[test]
fn fifos_and_sockets_are_listed_and_never_opened() {
    let folder = Folder::default();
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).expect("a socket");
    let fifo = folder.path().join("fifo");
    // Opening a fifo without a writer would wait forever, so this test would not end.
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo runs");
    assert!(made.success());
    let seen = read(&options(folder.path()));
    assert_eq!(folder.verdicts(&seen), ["fifo special-file VD-I003", "socket special-file VD-I003"]);
    assert_eq!(folder.verdicts(&read(&options(&fifo))), ["fifo special-file VD-I003"]);
}

#[cfg(unix)]
#[test]
fn unreadable_files_are_listed_with_the_reason() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::default();
    let file = folder.put("secret", b"x\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("permissions");
    if fs::read(&file).is_ok() {
        // The superuser reads everything: the other way to fail is a file that vanishes between walk and read.
        let inputs = Inputs::walk(&options(folder.path()));
        fs::remove_file(&file).expect("removed");
        assert_eq!(folder.verdicts(&read_inputs(&inputs)), ["secret unknown VD-I001"]);
    } else {
        assert_eq!(folder.verdicts(&read(&options(folder.path()))), ["secret unknown VD-I001"]);
    }
}

#[test]
fn utf16_and_latin1_become_utf8() {
    let folder = Folder::default();
    let utf16 = |text: &str| {
        [&[0xFF, 0xFE][..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat()
    };
    folder.put("a.json", &utf16("{\"n\":\"größe\"}\r\n{\"n\":2}\r\n"));
    folder.put("b.csv", &utf16("time;user\r\n1;größe\r\n"));
    folder.put("c.log", b"gr\xF6\xDFe\nx\n");
    folder.put("d.log", b"\xEF\xBB\xBFmarked\n");
    let seen = read(&options(folder.path()));
    assert_eq!(folder.verdicts(&seen), ["a.json json-lines", "b.csv csv", "c.log lines", "d.log lines"]);
    let encodings: Vec<_> = seen.iter().map(|s| s.end.encoding).collect();
    assert_eq!(encodings, [Some("UTF-16LE"), Some("UTF-16LE"), Some("windows-1252"), None]);
    assert_eq!(seen[0].records, ["{\"n\":\"größe\"}", "{\"n\":2}"]);
    assert_eq!(seen[1].records, ["1;größe"]);
    assert_eq!(seen[2].records, ["größe", "x"]);
    assert_eq!(seen[3].records, ["marked"]);
}

#[test]
fn the_hash_is_that_of_the_whole_input_whatever_was_read_of_it() {
    use sha2::{Digest, Sha256};
    let folder = Folder::default();
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    picture.resize(1_000_000, 7);
    folder.put("a.png", &picture);
    folder.put("b.log", &b"line\n".repeat(100_000));
    folder.put("c.empty", b"");
    folder.put("d.zip", &crate::archives::zip(&[("x.log", b"x\n")]));
    folder.put("e.log.gz", &[crate::archives::gzip(b"x\n"), b"trailing".to_vec()].concat());
    let seen = read(&Options { sha256: true, ..options(folder.path()) });
    for s in &seen {
        if s.start.path.contains('!') {
            assert_eq!(s.end.sha256, None);
        } else {
            let content = fs::read(&s.start.path).expect("the file");
            let expect: [u8; 32] = Sha256::digest(&content).into();
            assert_eq!(s.end.sha256, Some(expect), "{}", s.start.path);
            assert_eq!(s.end.size, content.len() as u64);
        }
    }
    assert_eq!(seen.len(), 6);
    assert!(read(&options(folder.path())).iter().all(|s| s.end.sha256.is_none()));
}

#[test]
fn reading_stops_when_the_receiver_breaks() {
    let folder = Folder::default();
    folder.put("a.log", &b"line\n".repeat(1_000_000));
    folder.put("b.log", b"line\n");
    let inputs = Inputs::walk(&options(folder.path()));
    let mut messages = 0;
    let flow = inputs.read(&mut |message| {
        messages += 1;
        if matches!(message, Message::Batch(_)) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(flow.is_break());
    assert_eq!(messages, 2);
}

#[test]
fn progress_reaches_the_total() {
    let folder = Folder::default();
    folder.put("a.log", &b"line\n".repeat(200_000));
    folder.put("b.zip", &crate::archives::zip(&[("x.log", &b"x\n".repeat(1000))]));
    let inputs = Inputs::walk(&options(folder.path()));
    let progress = inputs.progress();
    let mut before = 0;
    let mut rising = true;
    let flow = inputs.read(&mut |message| {
        if matches!(message, Message::FileEnd(_)) {
            let now = progress.load(Ordering::Relaxed);
            rising &= now >= before;
            before = now;
        }
        ControlFlow::Continue(())
    });
    assert!(flow.is_continue() && rising);
    assert_eq!(progress.load(Ordering::Relaxed), inputs.total_bytes());
}

#[test]
fn year_zone_and_host_come_from_the_path_and_the_file() {
    let folder = Folder::default();
    let file = folder.put("estate/web01/var/log/auth.log", b"Mar 14 09:26:53 x sshd: y\n");
    folder.put("estate/web01/var/log/auth.log-20190314", b"Mar 14 09:26:53 x sshd: y\n");
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    fs::File::options().write(true).open(&file).and_then(|f| f.set_modified(date)).expect("a date");
    let wanted = Options {
        zones: vec![("*web01*".into(), "Europe/Vienna".into())],
        ..options(&folder.path().join("estate"))
    };
    let seen = read(&wanted);
    let first = &seen[0].start;
    assert_eq!(first.year, Some((2020, "file date".to_owned())));
    assert_eq!(first.host.as_deref(), Some("web01"));
    assert_eq!(first.zone.as_deref(), Some("Europe/Vienna"));
    assert_eq!(first.modified.map(|t| t.0), Some(1_600_000_000_000_000_000));
    assert_eq!(seen[1].start.year, Some((2019, "file name".to_owned())));

    let mut inputs = Inputs::walk(&options(&folder.path().join("estate")));
    let neighbour = file.with_file_name("audit.json").display().to_string();
    inputs.assume_from_neighbours([KnownYear { path: neighbour.clone(), year: 2021 }]);
    assert_eq!(read_inputs(&inputs)[0].start.year, Some((2021, format!("neighbour {neighbour}"))));

    let segment = Options { host_from_path: HostFromPath::Folder(2), year: Some(2001), ..wanted };
    let seen = read(&segment);
    assert_eq!(seen[0].start.host.as_deref(), Some("var"));
    assert_eq!(seen[0].start.year, Some((2001, "--year".to_owned())));
}

#[test]
fn event_logs_say_their_channel_and_are_cut_into_chunks() {
    let folder = Folder::default();
    let mut log = b"ElfFile\0".to_vec();
    log.resize(4096, 0);
    for _ in 0..3 {
        let start = log.len();
        log.extend_from_slice(b"ElfChnk\0");
        log.resize(start + 65_536, 1);
    }
    folder.put("DC01/C/Windows/System32/winevt/logs/Microsoft-Windows-Sysmon%4Operational.evtx", &log);
    log.truncate(log.len() - 1000);
    folder.put("DC01/C/Windows/System32/winevt/logs/Security.evtx", &log);
    let seen = read(&options(folder.path()));
    assert_eq!(seen[0].start.channel.as_deref(), Some("Microsoft-Windows-Sysmon/Operational"));
    assert_eq!(seen[0].start.host.as_deref(), Some("DC01"));
    assert_eq!((seen[0].chunks, seen[0].codes().len()), (3, 0));
    assert_eq!((seen[1].chunks, seen[1].codes()), (3, vec!["VD-I021"]));
}
