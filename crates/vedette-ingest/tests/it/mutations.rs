//! Damaged inputs of every kind: nothing panics, everything ends, every count adds up.

use std::ops::ControlFlow;

use proptest::prelude::*;
use vedette_ingest::Inputs;

use crate::archives::{gzip, tar, zip};
use crate::{Folder, options, read_inputs};

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut evtx = b"ElfFile\0".to_vec();
    evtx.resize(4096, 0);
    for n in 0..2_u8 {
        let start = evtx.len();
        evtx.extend_from_slice(b"ElfChnk\0");
        evtx.resize(start + 65_536, n);
    }
    let json: Vec<u8> = (0..50)
        .flat_map(|n| format!("{{\"n\":{n},\"s\":\"text\",\"o\":{{\"l\":[1,2,{{}}]}}}}\n").into_bytes())
        .collect();
    let wrapped = format!(
        "{{\"v\":1,\"Records\":[{}{{}}],\"w\":2}}",
        "{\"eventName\":\"A\",\"a\":[{\"b\":1}]},\n".repeat(40)
    )
    .into_bytes();
    let csv: Vec<u8> = [&b"time,host,message\n"[..], &b"1,web01,\"a \"\"b\"\"\nc\"\n".repeat(40)].concat();
    let zeek = [
        &b"#separator \\x09\n#path\tconn\n#fields\tts\tuid\n#types\ttime\tstring\n"[..],
        &b"1\tC\n".repeat(40),
    ]
    .concat();
    let w3c = [&b"#Software: x\n#Fields: date time\n"[..], &b"2024-01-02 03:04:05\n".repeat(40)].concat();
    let auditd: Vec<u8> = (0..60)
        .flat_map(|n| format!("type=SYSCALL msg=audit(1.0:{}): a=1\n", n / 3 * 7 % 11).into_bytes())
        .collect();
    let utf16: Vec<u8> = String::from_utf8_lossy(&json).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let members: &[(&str, &[u8])] = &[("a.json", &json), ("d/b.csv", &csv), ("c.evtx", &evtx)];
    vec![
        ("evtx", evtx.clone()),
        ("pretty", String::from_utf8_lossy(&json).replace(',', ",\n  ").into_bytes()),
        ("wrapped", wrapped),
        ("array", [&b"["[..], &b"{\"a\":1},".repeat(50), b"{}]"].concat()),
        ("csv", csv.clone()),
        ("zeek", zeek),
        ("w3c", w3c),
        ("auditd", auditd),
        ("utf16", utf16),
        ("zip", zip(members)),
        ("zip in zip", zip(&[("i.zip", &zip(members)), ("x.gz", &gzip(&json))])),
        ("tar", tar(members)),
        ("tgz", gzip(&tar(members))),
        ("gz", gzip(&json)),
        ("zst", zstd::encode_all(&json[..], 3).expect("zstd")),
        ("json", json.clone()),
    ]
}

#[derive(Debug, Clone)]
enum Change {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Remove(prop::sample::Index, u16),
    Repeat(prop::sample::Index, u16),
    Set(prop::sample::Index, u32),
    Splice(prop::sample::Index, prop::sample::Index, u16),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    use prop::sample::Index;
    let change = prop_oneof![
        (any::<Index>(), 0_u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        any::<Index>().prop_map(Change::Cut),
        (any::<Index>(), any::<u16>()).prop_map(|(at, n)| Change::Remove(at, n)),
        (any::<Index>(), any::<u16>()).prop_map(|(at, n)| Change::Repeat(at, n)),
        (any::<Index>(), prop::sample::select(vec![0, 1, u32::MAX, 0x7FFF_FFFF, 0xFFFF_0000]))
            .prop_map(|(at, v)| Change::Set(at, v)),
        (any::<Index>(), any::<Index>(), any::<u16>()).prop_map(|(at, from, n)| Change::Splice(at, from, n)),
    ];
    prop::collection::vec(change, 1..6)
}

fn apply(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let len = bytes.len();
        match change {
            Change::Flip(at, bit) => bytes[at.index(len)] ^= 1 << bit,
            Change::Cut(at) => bytes.truncate(at.index(len)),
            Change::Remove(at, n) => {
                let at = at.index(len);
                bytes.drain(at..(at + usize::from(*n)).min(len));
            }
            Change::Repeat(at, n) => {
                let at = at.index(len);
                let piece = bytes[at..(at + usize::from(*n)).min(len)].to_vec();
                bytes.splice(at..at, piece);
            }
            Change::Set(at, value) => {
                let at = at.index(len);
                for (to, from) in bytes[at..].iter_mut().zip(value.to_le_bytes()) {
                    *to = from;
                }
            }
            Change::Splice(at, from, n) => {
                let from = from.index(len);
                let piece = bytes[from..(from + usize::from(*n)).min(len)].to_vec();
                let at = at.index(len);
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

/// As many cases as fit an ordinary run; `PROPTEST_CASES=10000` asks for more.
fn config(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if asked.cases == 256 { cases } else { asked.cases };
    ProptestConfig { cases, failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn a_damaged_input_is_read_to_its_end(which in any::<prop::sample::Index>(), changes in changes()) {
        let seeds = seeds();
        let (name, seed) = &seeds[which.index(seeds.len())];
        let folder = Folder::default();
        let path = folder.put("x", &apply(seed.clone(), &changes));
        // The checks of nesting, numbering and counts are in `read_inputs`.
        let seen = read_inputs(&Inputs::walk(&options(&path)));
        prop_assert!(!seen.is_empty(), "{}", name);
    }

    #[test]
    fn random_bytes_behind_any_magic_are_read_to_their_end(
        magic in prop::sample::select(vec![
            &b""[..], b"ElfFile\0", b"ElfChnk\0", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"[{", b"{\"", b"#Fields: a\n", b"#separator ",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        let folder = Folder::default();
        let path = folder.put("x", &[magic, &rest].concat());
        let flow = Inputs::walk(&options(&path)).read(&mut |_| ControlFlow::Continue(()));
        prop_assert!(flow.is_continue());
    }
}

#[test]
fn the_seeds_are_read_without_a_problem() {
    for (name, seed) in seeds() {
        let folder = Folder::default();
        let path = folder.put("x", &seed);
        let seen = read_inputs(&Inputs::walk(&options(&path)));
        assert!(
            seen.iter().all(|s| s.codes().is_empty() && s.rejects.is_empty()),
            "{name}: {:?}",
            folder.verdicts(&seen)
        );
        assert!(seen.iter().any(|s| s.chunks > 0), "{name}");
    }
}
