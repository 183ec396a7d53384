//! Binary formats by their magic bytes, and what to do about those that are no logs.

use memchr::memmem;

use super::{Container, Foreign, Shape};

const fn foreign(name: &'static str, what: &'static str, remedy: &'static str) -> Foreign {
    Foreign { name, what, remedy }
}

const UNPACK: &str = "unpack it and scan the folder";
const NOT_A_LOG: &str = "";
const ARTEFACT: &str =
    "convert it to JSON or CSV with a forensic tool (Velociraptor, plaso, EZ Tools) and scan the result";

/// Offset, bytes, verdict. The first that fits wins.
const MAGIC: &[(usize, &[u8], Foreign)] = &[
    (
        0,
        b"\xD4\xC3\xB2\xA1",
        foreign("pcap", "a packet capture", "run Suricata or Zeek over it and scan their logs"),
    ),
    (
        0,
        b"\xA1\xB2\xC3\xD4",
        foreign("pcap", "a packet capture", "run Suricata or Zeek over it and scan their logs"),
    ),
    (
        0,
        b"\x4D\x3C\xB2\xA1",
        foreign("pcap", "a packet capture", "run Suricata or Zeek over it and scan their logs"),
    ),
    (
        0,
        b"\xA1\xB2\x3C\x4D",
        foreign("pcap", "a packet capture", "run Suricata or Zeek over it and scan their logs"),
    ),
    (
        0,
        b"\x0A\x0D\x0D\x0A",
        foreign("pcapng", "a packet capture", "run Suricata or Zeek over it and scan their logs"),
    ),
    (
        0,
        b"SQLite format 3\0",
        foreign("sqlite", "an SQLite database", "export the table you need with `sqlite3 -json`"),
    ),
    (0, b"regf", foreign("registry-hive", "a registry hive", ARTEFACT)),
    (0, b"MAM\x04", foreign("prefetch", "a compressed prefetch file", ARTEFACT)),
    (4, b"SCCA", foreign("prefetch", "a prefetch file", ARTEFACT)),
    (4, b"\xEF\xCD\xAB\x89", foreign("ese", "an ESE database (SRUM, UAL, NTDS)", ARTEFACT)),
    (0, b"\x4C\0\0\0\x01\x14\x02\0", foreign("lnk", "a Windows shortcut", ARTEFACT)),
    (
        0,
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        foreign("ole", "an OLE compound file (jump list, old Office document, MSI)", ARTEFACT),
    ),
    (
        4,
        b"LfLe",
        foreign(
            "evt",
            "an event log of Windows XP or 2003",
            "convert it to EVTX with `wevtutil epl old.evt new.evtx /lf:true`",
        ),
    ),
    (
        0,
        b"LPKSHHRH",
        foreign("journal", "a systemd journal", "export it with `journalctl --file FILE -o json`"),
    ),
    (
        0,
        b"ASL DB\0",
        foreign("asl", "an Apple System Log database", "export it with `syslog -f FILE -F raw`"),
    ),
    (0, b"bplist", foreign("plist", "a binary property list", "convert it with `plutil -convert json`")),
    (0, b"\x7FELF", foreign("elf", "a Linux program or library", NOT_A_LOG)),
    (0, b"\xCF\xFA\xED\xFE", foreign("macho", "a macOS program", NOT_A_LOG)),
    (0, b"\xCE\xFA\xED\xFE", foreign("macho", "a macOS program", NOT_A_LOG)),
    (0, b"\xCA\xFE\xBA\xBE", foreign("macho-or-class", "a macOS program or a Java class", NOT_A_LOG)),
    (0, b"\x89PNG\r\n\x1A\n", foreign("png", "a picture", NOT_A_LOG)),
    (0, b"\xFF\xD8\xFF", foreign("jpeg", "a picture", NOT_A_LOG)),
    (0, b"GIF8", foreign("gif", "a picture", NOT_A_LOG)),
    (0, b"%PDF-", foreign("pdf", "a PDF document", NOT_A_LOG)),
    (0, b"7z\xBC\xAF\x27\x1C", foreign("7z", "a 7-Zip archive", UNPACK)),
    (0, b"\xFD7zXZ\0", foreign("xz", "an xz-compressed file", "unpack it with `xz -dk` and scan the result")),
    (
        0,
        b"BZh",
        foreign("bzip2", "a bzip2-compressed file", "unpack it with `bzip2 -dk` and scan the result"),
    ),
    (0, b"Rar!\x1A\x07", foreign("rar", "a RAR archive", UNPACK)),
    (0, b"MSCF\0\0\0\0", foreign("cab", "a cabinet archive", UNPACK)),
    (
        0,
        b"\x04\x22\x4D\x18",
        foreign("lz4", "an lz4-compressed file", "unpack it with `lz4 -d` and scan the result"),
    ),
    (0, b"LZIP", foreign("lzip", "an lzip-compressed file", "unpack it with `lzip -dk` and scan the result")),
    (0, b"!<arch>\n", foreign("ar", "a library or Debian package", NOT_A_LOG)),
    (
        0,
        b"PAGEDU64",
        foreign(
            "memory-dump",
            "a Windows memory dump",
            "analyse it with Volatility or MemProcFS and scan what they export",
        ),
    ),
    (
        0,
        b"PAGEDUMP",
        foreign(
            "memory-dump",
            "a Windows memory dump",
            "analyse it with Volatility or MemProcFS and scan what they export",
        ),
    ),
    (
        0,
        b"MDMP",
        foreign("memory-dump", "a minidump of a process", "analyse it with Volatility or a debugger"),
    ),
    (
        0,
        b"EMiL",
        foreign("memory-dump", "a LiME memory image", "analyse it with Volatility and scan what it exports"),
    ),
    (
        0,
        b"HIBR",
        foreign("memory-dump", "a hibernation file", "analyse it with Volatility and scan what it exports"),
    ),
    (
        0,
        b"hibr",
        foreign("memory-dump", "a hibernation file", "analyse it with Volatility and scan what it exports"),
    ),
    (
        0,
        b"EVF\x09\x0D\x0A\xFF\0",
        foreign(
            "disk-image",
            "an EWF (E01) disk image",
            "mount it or run a collector on it, and scan the collection",
        ),
    ),
    (
        0,
        b"KDMV",
        foreign(
            "disk-image",
            "a VMware disk image",
            "mount it or run a collector on it, and scan the collection",
        ),
    ),
    (
        0,
        b"QFI\xFB",
        foreign(
            "disk-image",
            "a QEMU disk image",
            "mount it or run a collector on it, and scan the collection",
        ),
    ),
    (
        0,
        b"vhdxfile",
        foreign(
            "disk-image",
            "a Hyper-V disk image",
            "mount it or run a collector on it, and scan the collection",
        ),
    ),
    (
        3,
        b"NTFS    ",
        foreign("disk-image", "an NTFS volume", "mount it or run a collector on it, and scan the collection"),
    ),
    (0, b"FILE0\0", foreign("mft", "a master file table", ARTEFACT)),
    (0, b"ObjectEx", foreign("dpx", "a tracing file of an application", ARTEFACT)),
    (0, b"PAR1", foreign("parquet", "a Parquet table", "export it as JSON lines, for example with DuckDB")),
    (0, b"Obj\x01", foreign("avro", "an Avro file", "export it as JSON lines with `avro-tools tojson`")),
    (0, b"ORC", foreign("orc", "an ORC table", "export it as JSON lines, for example with DuckDB")),
    (0, b"\xD9\xD9\xF7", foreign("cbor", "a CBOR file", NOT_A_LOG)),
    (0, b"OggS", foreign("media", "sound or video", NOT_A_LOG)),
    (4, b"ftyp", foreign("media", "sound or video", NOT_A_LOG)),
    (0, b"ID3", foreign("media", "sound or video", NOT_A_LOG)),
    (0, b"\x1A\x45\xDF\xA3", foreign("media", "sound or video", NOT_A_LOG)),
    (0, b"wOFF", foreign("font", "a font", NOT_A_LOG)),
    (0, b"\0mlocate", foreign("mlocate", "a database of file names", ARTEFACT)),
    (0, b"MZ", foreign("pe", "a Windows program or library", NOT_A_LOG)),
];

const OFFICE: Foreign = foreign("office-document", "an Office document", NOT_A_LOG);
const JAVA: Foreign = foreign("java-archive", "a Java or Android package", NOT_A_LOG);
const UTMP: Foreign = foreign(
    "utmp",
    "a login record file (utmp, wtmp, btmp)",
    "print it with `last -f FILE --time-format iso` and scan the text",
);

/// Formats whose beginning leaves no doubt.
pub(super) fn recognise(window: &[u8]) -> Option<Shape> {
    let at = |offset: usize, magic: &[u8]| window.get(offset..).is_some_and(|w| w.starts_with(magic));
    if at(0, b"ElfFile\0") {
        return Some(Shape::Evtx { aligned: true });
    }
    if at(0, b"ElfChnk\0") {
        return Some(Shape::Evtx { aligned: false });
    }
    // A header of the right length that lost its magic.
    if at(4096, b"ElfChnk\0") {
        return Some(Shape::Evtx { aligned: true });
    }
    if at(0, b"\x1F\x8B\x08") {
        return Some(Shape::Container(Container::Gzip));
    }
    let zstd_skippable = window.len() >= 8 && window[1..4] == *b"\x2A\x4D\x18" && window[0] & 0xF0 == 0x50;
    if at(0, b"\x28\xB5\x2F\xFD") || zstd_skippable {
        return Some(Shape::Container(Container::Zstd));
    }
    if at(0, b"PK\x03\x04") || at(0, b"PK\x05\x06") {
        return Some(zip_kind(window));
    }
    if is_tar(window) {
        return Some(Shape::Container(Container::Tar));
    }
    MAGIC
        .iter()
        .find(|(offset, magic, _)| at(*offset, magic) && is_not_prose(magic, window))
        .map(|(.., f)| Shape::Foreign(*f))
}

/// Short magics that are letters also begin texts: those must be followed by something that is no text.
fn is_not_prose(magic: &[u8], window: &[u8]) -> bool {
    if magic.len() > 4 || !magic.iter().all(u8::is_ascii_graphic) {
        return true;
    }
    window.iter().take(64).any(|b| *b == 0 || *b >= 0x80 || (*b < 0x20 && !b.is_ascii_whitespace()))
}

/// A zip whose first member gives it away as a document or program.
fn zip_kind(window: &[u8]) -> Shape {
    let name_len = match window.get(26..28) {
        Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
        _ => 0,
    };
    let name = window.get(30..30 + name_len).unwrap_or_default();
    if name == b"[Content_Types].xml" || name == b"mimetype" || name.starts_with(b"_rels/") {
        Shape::Foreign(OFFICE)
    } else if name.starts_with(b"META-INF/") || name == b"AndroidManifest.xml" {
        Shape::Foreign(JAVA)
    } else {
        Shape::Container(Container::Zip)
    }
}

/// A header block whose checksum is right.
pub(crate) fn is_tar(window: &[u8]) -> bool {
    let Some(header) = window.get(..512) else { return false };
    let sum: u32 = header
        .iter()
        .enumerate()
        .map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) })
        .sum();
    tar::Header::from_byte_slice(header).cksum().is_ok_and(|stated| stated == sum)
}

/// Formats without magic at their beginning, looked for only when nothing else fits.
pub(super) fn recognise_loosely(window: &[u8]) -> Option<Foreign> {
    if window.iter().all(|b| *b == 0) {
        let remedy = "copy the file again: a sparse or failed copy looks like this";
        return Some(foreign("zeroes", "nothing but zero bytes at its beginning", remedy));
    }
    if is_utmp(window) {
        return Some(UTMP);
    }
    // The audit trail of BSD and macOS: a header token, its length, and a known version.
    if matches!(window, [0x14, _, _, _, _, 2 | 10 | 11, ..]) {
        return Some(foreign(
            "bsm",
            "a BSM audit trail",
            "print it with `praudit -x` or `praudit -l` and scan the text",
        ));
    }
    // The class id of shell links, which jump lists repeat before each of theirs.
    if memmem::find(window, b"\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46").is_some() {
        return Some(foreign("jump-list", "a jump list", ARTEFACT));
    }
    // `$I` files of the recycle bin: version 1 or 2, a size, and a time between 2000 and 2080.
    if matches!(window, [1 | 2, 0, 0, 0, 0, 0, 0, 0, ..]) && window.len() < 4096 {
        let high = window.get(20..24).map_or(0, |t| u32::from_le_bytes([t[0], t[1], t[2], t[3]]));
        if (0x01BF_0000..0x0218_0000).contains(&high) {
            return Some(foreign("recycle-bin", "a deletion record of the recycle bin", ARTEFACT));
        }
    }
    let magic_version: Vec<u8> = "Magic.Version".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if memmem::find(&window[..window.len().min(256)], &magic_version).is_some() {
        return Some(foreign("defender-history", "a detection record of Microsoft Defender", ARTEFACT));
    }
    None
}

/// Records of 384 bytes (400 on some machines), each a small type, a process id and a line name padded with zeroes.
fn is_utmp(window: &[u8]) -> bool {
    [384, 400].iter().any(|size| {
        let mut named = false;
        let whole = window.len() >= *size;
        let fits = window.chunks_exact(*size).take(8).all(|r| {
            let kind = match r[..4] {
                [kind @ 0..=9, 0, ..] | [0, kind @ 0..=9, ..] if kind > 0 => kind,
                [0, 0, 0, kind @ 0..=9] => kind,
                _ => return false,
            };
            let line = &r[8..40];
            let end = line.iter().position(|b| *b == 0).unwrap_or(line.len());
            named |= kind > 0 && end > 0;
            line[..end].iter().all(|b| b.is_ascii_graphic() || *b == b' ')
                && line[end..].iter().all(|b| *b == 0)
        });
        whole && fits && named
    })
}

/// Markup that is no log.
pub(super) fn recognise_text(text: &[u8]) -> Option<Foreign> {
    let head = text.trim_ascii_start();
    let head = &head[..head.len().min(512)];
    let lower = head.to_ascii_lowercase();
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return Some(foreign("html", "a web page", NOT_A_LOG));
    }
    if memmem::find(&lower, b"<!doctype plist").is_some() || lower.starts_with(b"<plist") {
        return Some(foreign("plist", "a property list", "convert it with `plutil -convert json`"));
    }
    let export = foreign(
        "xml",
        "an XML document",
        "export Windows events as EVTX (`wevtutil epl`) or JSON, other tables as CSV",
    );
    if lower.starts_with(b"<?xml") || lower.starts_with(b"<events") {
        return Some(export);
    }
    // Without a declaration: an element on each of the first lines. One whole event a line is a log.
    let mut lines = head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let element = |line: &[u8]| matches!(line, [b'<', b'a'..=b'z' | b'A'..=b'Z' | b'!' | b'/', ..]);
    let whole_event = lower.starts_with(b"<event ") && lines.clone().next().is_some_and(|l| l.len() > 100);
    (!whole_event && (0..3).all(|_| lines.next().is_some_and(element))).then_some(export)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], expect: &str) {
        let found = match recognise(content) {
            Some(Shape::Foreign(f)) => f.name,
            Some(Shape::Evtx { .. }) => "evtx",
            Some(Shape::Container(_)) => "container",
            _ => "",
        };
        assert_eq!(found, expect);
    }

    #[test]
    fn magic_bytes_name_the_format() {
        check(b"ElfFile\0", "evtx");
        check(b"ElfChnk\0", "evtx");
        check(&[&[0_u8; 4096][..], b"ElfChnk\0"].concat(), "evtx");
        check(b"SQLite format 3\0", "sqlite");
        check(b"regf\0\0\0\0", "registry-hive");
        check(b"MZ\x90\0", "pe");
        check(b"MZ is a text about programs\n", "");
        check(b"ORC 1: the beginning of a text\n", "");
        check(b"BZh91AY&SY\x8a\x00", "bzip2");
        check(b"PK\x03\x04", "container");
        let docx = [&b"PK\x03\x04"[..], &[0; 22], &[19, 0, 0, 0], b"[Content_Types].xml"].concat();
        check(&docx, "office-document");
        check(b"plain text", "");
    }

    #[test]
    fn a_tar_is_known_by_its_checksum() {
        let mut header = tar::Header::new_gnu();
        header.set_path("a.log").expect("a short name");
        header.set_size(1);
        header.set_cksum();
        assert!(is_tar(header.as_bytes()));
        header.as_mut_bytes()[1] ^= 1;
        assert!(!is_tar(header.as_bytes()));
        assert!(!is_tar(&[0; 512]));
    }
}
