//! Damaged inputs of every format through a whole scan: it ends, the accounts balance, and the number of workers does
//! not show.
//!
//! `VEDETTE_MUTATIONS=10000` sets the cases a format; the same case of a format is the same bytes on every machine.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use vedette_runtime::scan::{Outcome, Search};

use crate::ground::{self, BUILT_IN};
use crate::seeds::{self, Packing, Seed, pack};

/// Cases of a format in an ordinary run.
const CASES: u64 = 60;

/// Cases laid into one folder: one scan over many files costs less than many scans.
const CASES_PER_SCAN: u64 = 500;

/// Longer than the slowest folder takes by far, on a busy machine and without optimisation.
const SCAN_SECONDS_MAX: u64 = 300;

/// One damaged file of a few kilobytes takes milliseconds.
const FILE_SECONDS_MAX: u64 = 20;

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `n`; 0 for 0.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % (n.max(1) as u64)) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// A piece of `bytes`: mostly short, at times up to all of it.
    fn piece(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(bytes.len());
        let most = if self.below(4) == 0 { bytes.len() } else { 64 };
        start..(start + 1 + self.below(most)).min(bytes.len())
    }
}

/// What parsers stumble over.
const TOKENS: &[&[u8]] = &[
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\xFE\xFF",
    b"\0",
    b"\0\0\0\0",
    b"\xFF\xFF\xFF\xFF",
    b"\xC3\x28",
    b"\xED\xA0\x80",
    b"\n",
    b"\r\n",
    b"\r",
    b"\n\n\n",
    b"\"",
    b"\"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b"},{",
    b"{\"a\":",
    b"null",
    b"-",
    b"1e999",
    b"-0",
    b"18446744073709551616",
    b"99999999999999999999999999",
    b"9999-12-31T23:59:60Z",
    b"0000-00-00T00:00:00",
    b"1601-01-01T00:00:00Z",
    b"Feb 29 24:00:00",
    b"<191>",
    b"<999999999>1 ",
    b"CEF:0|",
    b"LEEF:2.0|a|b|c|d|x|",
    b"|",
    b"=",
    b"==",
    b"\t",
    b",",
    b";",
    b"'",
    b"%%1936",
    b"%COMSPEC%",
    b"$(x)",
    b"#fields\t",
    b"#Fields: ",
    b"#separator \\x",
    b"type=EOE msg=audit(1.0:1):",
    b"msg=audit(",
    b"ElfChnk\0",
    b"\x2a\x2a\0\0",
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x28\xb5\x2f\xfd",
];

fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        bytes.extend_from_slice(random.pick(TOKENS));
        return;
    }
    let at = random.below(bytes.len());
    match random.below(11) {
        0 | 1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = random.next() as u8,
        3 => bytes.truncate(at),
        4 => drop(bytes.drain(random.piece(bytes))),
        5 => {
            let block = bytes[random.piece(bytes)].to_vec();
            let times = if block.len() < 128 { 1 + random.below(200) } else { 1 + random.below(3) };
            bytes.splice(at..at, block.repeat(times));
        }
        6 => {
            let value = [0_u32, 1, 0x7F, 0x7FFF_FFFF, 0xFFFF_0000, u32::MAX][random.below(6)];
            for (to, from) in bytes[at..].iter_mut().zip(value.to_le_bytes()) {
                *to = from;
            }
        }
        7 => {
            let texts: Vec<&[u8]> = seeds::texts().collect();
            let other = random.pick(&texts);
            let block = other[random.piece(other)].to_vec();
            bytes.splice(at..at, block);
        }
        8 => {
            let mark = random.pick(&[&b"\xEF\xBB\xBF"[..], b"\xFF\xFE", b"\xFE\xFF"]);
            bytes.splice(0..0, mark.iter().copied());
        }
        9 => {
            let token = random.pick(TOKENS);
            let times = [1, 1, 1, 2, 300][random.below(5)];
            bytes.splice(at..at, token.repeat(times));
        }
        _ => {
            let from = random.piece(bytes);
            let block: Vec<u8> = bytes[from].to_vec();
            let to = random.piece(bytes);
            bytes.splice(to, block);
        }
    }
}

/// Every eighth text comes in UTF-16, with or without a mark.
fn encode(random: &mut Random, bytes: Vec<u8>) -> Vec<u8> {
    if random.below(8) != 0 {
        return bytes;
    }
    let text = String::from_utf8_lossy(&bytes);
    let units = text.encode_utf16();
    let mut out = if random.below(2) == 0 { vec![0xFF, 0xFE] } else { Vec::new() };
    out.extend(units.flat_map(u16::to_le_bytes));
    out
}

fn case(seed: &Seed, number: u64) -> Vec<u8> {
    let start = seed.name.bytes().fold(number.wrapping_mul(0x1_0000_0001), |hash, b| {
        hash.rotate_left(7) ^ u64::from(b).wrapping_mul(0x100_0000_01B3)
    });
    let mut random = Random(start);
    let changes = 1 + random.below(5);
    let mut bytes = seed.contents.clone();
    let inside = seed.packing == Packing::None || random.below(3) == 0;
    if inside {
        (0..changes).for_each(|_| mutate(&mut random, &mut bytes));
        if seed.name != "evtx" {
            bytes = encode(&mut random, bytes);
        }
    }
    let mut packed = pack(seed.packing, &bytes);
    if seed.packing != Packing::None && (!inside || random.below(4) == 0) {
        (0..changes).for_each(|_| mutate(&mut random, &mut packed));
    }
    packed
}

/// All that a run came to, as text; also asserts the accounts.
fn told(mut outcome: Outcome) -> String {
    let mut text = String::new();
    for file in &outcome.files {
        assert!(file.tally.balances(), "the account does not balance: {file:?}");
        let _ = writeln!(text, "{file:?}");
    }
    assert!(outcome.total.balances(), "the total does not balance: {:?}", outcome.total);
    let _ = writeln!(text, "{:?}\n{:?}\n{:?}", outcome.total, outcome.problems, outcome.not_compared);
    for finding in ground::findings(&mut outcome) {
        let _ = writeln!(text, "{finding:?}");
    }
    text
}

/// What went wrong with a scan of `path`; `None` when all is well.
fn fault(path: &Path, seconds: u64) -> Option<String> {
    let (done, wait) = channel();
    let path = path.to_owned();
    // Not joined when it hangs: the process ends with the test.
    thread::spawn(move || {
        let one = told(ground::scan(&BUILT_IN, &path, Search::default(), 1));
        let three = told(ground::scan(&BUILT_IN, &path, Search::default(), 3));
        let differs = one.lines().zip(three.lines()).find(|(a, b)| a != b);
        let told = match differs {
            Some((a, b)) => Some(format!("one worker: {a}\nthree workers: {b}")),
            None => (one.len() != three.len()).then(|| "the number of lines differs".to_owned()),
        };
        let _ = done.send(told);
    });
    match wait.recv_timeout(Duration::from_secs(seconds)) {
        Ok(told) => told,
        Err(RecvTimeoutError::Timeout) => Some(format!("no end after {seconds} s")),
        Err(RecvTimeoutError::Disconnected) => Some("a panic, told above".to_owned()),
    }
}

#[expect(clippy::disallowed_methods, reason = "a test may ask the environment how much to do")]
fn cases() -> u64 {
    std::env::var("VEDETTE_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES)
}

fn check(name: &str) {
    let seeds = seeds::all();
    let seed = seeds.iter().find(|s| s.name == name).expect("a seed of that name");
    let cases = cases();
    for first in (0..cases).step_by(CASES_PER_SCAN as usize) {
        let folder = tempfile::tempdir().expect("a folder");
        let numbers = first..(first + CASES_PER_SCAN).min(cases);
        let path = |number: u64| folder.path().join(format!("{number:06}"));
        for number in numbers.clone() {
            fs::write(path(number), case(seed, number)).expect("write");
        }
        let Some(fault) = fault(folder.path(), SCAN_SECONDS_MAX) else { continue };
        let alone = numbers.clone().find_map(|n| Some((n, self::fault(&path(n), FILE_SECONDS_MAX)?)));
        let kept = path(first).parent().map(Path::to_owned);
        std::mem::forget(folder);
        panic!("{name}, cases {numbers:?} in {kept:?}: {fault}\nfirst case that fails alone: {alone:?}");
    }
}

#[test]
fn undamaged_seeds_are_understood() {
    for seed in seeds::all() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("x"), pack(seed.packing, &seed.contents)).expect("write");
        let outcome = ground::scan(&BUILT_IN, folder.path(), Search::default(), 1);
        let (total, name) = (&outcome.total, seed.name);
        assert!(total.records >= 3, "{name}: {total:?}");
        let mapped = total.events - total.unmapped;
        assert!(mapped > 0 && total.rejected <= 1, "{name}: {total:?}");
    }
}

macro_rules! formats {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )*

        #[test]
        fn every_seed_is_mutated() {
            let tested = [$(stringify!($name)),*];
            assert_eq!(seeds::all().iter().map(|s| s.name).collect::<Vec<_>>(), tested);
        }
    };
}

formats! {
    evtx json_lines json_array json_wrapped json_concatenated csv zeek w3c auditd rfc3164 rfc5424 cef leef key_value access_log zip gz tar zst
}
