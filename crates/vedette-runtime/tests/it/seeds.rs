//! One undamaged input of each format, all of our own making.

use std::io::Write;

use crate::evtx_writer::{Event, chunk};

/// How an input is packed. Damage is done to the contents before packing, or to the packed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    None,
    Zip,
    Gz,
    Tar,
    Zst,
}

/// A format: its name, its contents before packing, its packing.
pub struct Seed {
    pub name: &'static str,
    pub contents: Vec<u8>,
    pub packing: Packing,
}

const TEXTS: &[(&str, &[u8])] = &[
    ("json_lines", include_bytes!("../seeds/json_lines.jsonl")),
    ("json_array", include_bytes!("../seeds/json_array.json")),
    ("json_wrapped", include_bytes!("../seeds/json_wrapped.json")),
    ("json_concatenated", include_bytes!("../seeds/json_concatenated.json")),
    ("csv", include_bytes!("../seeds/table.csv")),
    ("zeek", include_bytes!("../seeds/zeek.log")),
    ("w3c", include_bytes!("../seeds/w3c.log")),
    ("auditd", include_bytes!("../seeds/audit.log")),
    ("rfc3164", include_bytes!("../seeds/rfc3164.log")),
    ("rfc5424", include_bytes!("../seeds/rfc5424.log")),
    ("cef", include_bytes!("../seeds/cef.log")),
    ("leef", include_bytes!("../seeds/leef.log")),
    ("key_value", include_bytes!("../seeds/key_value.log")),
    ("access_log", include_bytes!("../seeds/access.log")),
];

const PACKINGS: &[(&str, Packing)] =
    &[("zip", Packing::Zip), ("gz", Packing::Gz), ("tar", Packing::Tar), ("zst", Packing::Zst)];

/// Every text seed, for splices from one format into another.
pub fn texts() -> impl Iterator<Item = &'static [u8]> {
    TEXTS.iter().map(|(_, text)| *text)
}

pub fn all() -> Vec<Seed> {
    let text =
        |(name, text): &(&'static str, &[u8])| Seed { name, contents: text.to_vec(), packing: Packing::None };
    let packed = |(name, packing): &(&'static str, Packing)| Seed {
        name,
        contents: TEXTS.iter().find(|(n, _)| *n == "json_lines").expect("a seed").1.to_vec(),
        packing: *packing,
    };
    let evtx = Seed { name: "evtx", contents: evtx(), packing: Packing::None };
    std::iter::once(evtx).chain(TEXTS.iter().map(text)).chain(PACKINGS.iter().map(packed)).collect()
}

/// A Windows event log of one chunk: its header and three records.
fn evtx() -> Vec<u8> {
    let mut file = b"ElfFile\0".to_vec();
    file.resize(4096, 0);
    file.extend(chunk(&[
        Event {
            id: 4688,
            channel: "Security",
            data: &[
                ("NewProcessId", "0x1092"),
                ("NewProcessName", r"C:\Windows\System32\whoami.exe"),
                ("CommandLine", "whoami /all"),
                ("TokenElevationType", "%%1937"),
            ],
        },
        Event {
            id: 4624,
            channel: "Security",
            data: &[("TargetUserName", "ana"), ("LogonType", "3"), ("IpAddress", "192.0.2.7")],
        },
        Event {
            id: 4104,
            channel: "Microsoft-Windows-PowerShell/Operational",
            data: &[
                ("MessageNumber", "1"),
                ("MessageTotal", "2"),
                ("ScriptBlockId", "11111111-2222-4333-8444-555555555555"),
                ("ScriptBlockText", "Invoke-Expression ([Text.Encoding]::UTF8.GetString($b))"),
            ],
        },
    ]));
    file
}

/// `contents` as it lies on disk; archives hold it twice, once in a folder.
pub fn pack(packing: Packing, contents: &[u8]) -> Vec<u8> {
    match packing {
        Packing::None => contents.to_vec(),
        Packing::Gz => gz(contents),
        Packing::Zst => zstd::encode_all(contents, 3).expect("zstd"),
        Packing::Tar => {
            let mut tar = tar::Builder::new(Vec::new());
            for name in ["a.log", "host1/b.log"] {
                let mut header = tar::Header::new_gnu();
                header.set_size(contents.len() as u64);
                header.set_mode(0o644);
                header.set_mtime(1_773_480_413);
                tar.append_data(&mut header, name, contents).expect("a member");
            }
            tar.into_inner().expect("a tar")
        }
        Packing::Zip => {
            let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            let stored = zip::write::SimpleFileOptions::default();
            zip.start_file("a.log", stored).expect("a member");
            zip.write_all(contents).expect("a member");
            zip.start_file("host1/b.log.gz", stored).expect("a member");
            zip.write_all(&gz(contents)).expect("a member");
            zip.finish().expect("a zip").into_inner()
        }
    }
}

fn gz(contents: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(contents).expect("gzip");
    encoder.finish().expect("gzip")
}
