//! Writes a chunk of a Windows event log, so that the reader is tested where there is no corpus. Plain elements without
//! templates: the least that the format allows.

/// 100 ns from 1601 to 2026-03-14T09:26:53Z.
const WRITTEN: u64 = 134_179_540_130_000_000;
const CHUNK: usize = 65_536;
const HEADER: usize = 512;

/// An event: id, channel, and named data.
pub struct Event<'a> {
    pub id: u32,
    pub channel: &'a str,
    pub data: &'a [(&'a str, &'a str)],
}

/// A chunk with these events as records 1, 2, 3.
pub fn chunk(events: &[Event<'_>]) -> Vec<u8> {
    let mut out = vec![0; HEADER];
    let mut last = 0;
    for (number, event) in (1u64..).zip(events) {
        last = out.len();
        out.extend(b"\x2a\x2a\0\0\0\0\0\0");
        out.extend(number.to_le_bytes());
        out.extend(WRITTEN.to_le_bytes());
        out.extend([0x0F, 1, 1, 0]);
        element(&mut out, "Event", &[], |out| {
            element(out, "System", &[], |out| {
                element(out, "EventID", &[], |out| value(out, &event.id.to_string()));
                element(out, "TimeCreated", &[("SystemTime", "2026-03-14T09:26:53Z")], |_| {});
                element(out, "Channel", &[], |out| value(out, event.channel));
            });
            element(out, "EventData", &[], |out| {
                for (name, text) in event.data {
                    element(out, "Data", &[("Name", name)], |out| value(out, text));
                }
            });
        });
        out.push(0);
        let size = (out.len() + 4 - last) as u32;
        out[last + 4..last + 8].copy_from_slice(&size.to_le_bytes());
        out.extend(size.to_le_bytes());
    }
    let count = events.len() as u64;
    let free = out.len() as u32;
    out.resize(CHUNK, 0);
    out[..8].copy_from_slice(b"ElfChnk\0");
    for (at, number) in [(8, 1), (16, count), (24, 1), (32, count)] {
        out[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }
    for (at, number) in [(40, 128), (44, last as u32), (48, free)] {
        out[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    out
}

fn element(
    out: &mut Vec<u8>,
    name_text: &str,
    attributes: &[(&str, &str)],
    inside: impl FnOnce(&mut Vec<u8>),
) {
    out.push(if attributes.is_empty() { 0x01 } else { 0x41 });
    let size = sized(out);
    name(out, name_text);
    if !attributes.is_empty() {
        let list = sized(out);
        for (i, (key, text)) in attributes.iter().enumerate() {
            out.push(if i + 1 < attributes.len() { 0x46 } else { 0x06 });
            name(out, key);
            value(out, text);
        }
        close(out, list);
    }
    out.push(0x02);
    inside(out);
    out.push(0x04);
    close(out, size);
}

/// A place for a length that is known later.
fn sized(out: &mut Vec<u8>) -> usize {
    out.extend([0; 4]);
    out.len()
}

fn close(out: &mut [u8], from: usize) {
    let length = (out.len() - from) as u32;
    out[from - 4..from].copy_from_slice(&length.to_le_bytes());
}

/// A name that stands where it is used: its offset is that of the next byte.
fn name(out: &mut Vec<u8>, text: &str) {
    let offset = out.len() as u32 + 4;
    out.extend(offset.to_le_bytes());
    out.extend([0; 4]);
    let hash =
        text.encode_utf16().fold(0u32, |hash, unit| hash.wrapping_mul(65_599).wrapping_add(u32::from(unit)));
    out.extend((hash as u16).to_le_bytes());
    counted(out, text);
    out.extend([0; 2]);
}

fn value(out: &mut Vec<u8>, text: &str) {
    out.extend([0x05, 0x01]);
    counted(out, text);
}

fn counted(out: &mut Vec<u8>, text: &str) {
    let units: Vec<u16> = text.encode_utf16().collect();
    out.extend((units.len() as u16).to_le_bytes());
    units.iter().for_each(|unit| out.extend(unit.to_le_bytes()));
}
