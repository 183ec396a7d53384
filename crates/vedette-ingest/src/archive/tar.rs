//! Tar: headers of 512 bytes, each followed by its member.
//! Follows POSIX pax (`x`, `g`) and the GNU long names (`L`).
//!
//! The loop is ours, because a long name may claim any size and must not be read whole; the fields of a header are read
//! by the `tar` crate.

use std::ops::ControlFlow;

use ::tar::{EntryType, Header};
use vedette_model::Timestamp;

use crate::dates::Written;
use crate::problems;
use crate::read::{Item, Notes, Reader};
use crate::source::Stream;
use crate::{limits, sniff};

const BLOCK: u64 = 512;

/// Reads all members of the archive that `stream` is at the beginning of.
pub(crate) fn read_tar(
    reader: &mut Reader<'_>,
    stream: &mut Stream<'_>,
    archive: &Item,
    depth: u32,
    notes: &mut Notes,
) -> ControlFlow<()> {
    let mut long_name: Option<Vec<u8>> = None;
    let mut long_time: Option<i64> = None;
    let mut long_size: Option<u64> = None;
    let mut members = 0;
    let mut block = [0_u8; BLOCK as usize];
    let mut zeros = 0;
    loop {
        if reader.budget_tripped() {
            notes.add(problems::BOMB, &archive.shown, "");
            return ControlFlow::Continue(());
        }
        let over = stream.block().is_empty();
        if !stream.fill(&mut block) {
            if !over && !reader.budget_tripped() {
                notes.add(problems::ARCHIVE_BROKEN, &archive.shown, "cut short within a header");
            }
            // Two blocks of zeroes end an archive; many writers leave them out, so only an error tells of damage.
            return ControlFlow::Continue(());
        }
        if block.iter().all(|b| *b == 0) {
            zeros += 1;
            if zeros == 2 {
                return ControlFlow::Continue(());
            }
            continue;
        }
        zeros = 0;
        if !sniff::is_tar(&block) {
            let place = format!("{} at byte {}", archive.shown, stream.consumed - BLOCK);
            notes.add(problems::ARCHIVE_BROKEN, &place, "a header's checksum is wrong");
            return ControlFlow::Continue(());
        }
        let header = Header::from_byte_slice(&block);
        let Ok(size) = header.entry_size() else {
            notes.add(problems::ARCHIVE_BROKEN, &archive.shown, "a header states no size");
            return ControlFlow::Continue(());
        };
        let padded = size.checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX);
        match header.entry_type() {
            EntryType::GNULongName => {
                long_name = Some(text(stream, size, padded))
                    .map(|t| t.split(|b| *b == 0).next().unwrap_or(&[]).to_vec());
                continue;
            }
            EntryType::XHeader => {
                for (key, value) in pax(&text(stream, size, padded)) {
                    // Seconds may have a fraction.
                    let number = || {
                        std::str::from_utf8(value).ok().and_then(|v| v.split('.').next()?.parse::<i64>().ok())
                    };
                    match key {
                        b"path" => long_name = Some(value.to_vec()),
                        b"mtime" => long_time = number(),
                        b"size" => long_size = number().and_then(|n| u64::try_from(n).ok()),
                        _ => {}
                    }
                }
                continue;
            }
            EntryType::XGlobalHeader | EntryType::GNULongLink => {
                stream.skip(padded);
                continue;
            }
            _ => {}
        }
        // Sizes that do not fit into the header stand before it.
        let size = long_size.take().unwrap_or(size);
        let padded = size.checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX);
        let name = long_name.take().unwrap_or_else(|| header.path_bytes().into_owned());
        let seconds = long_time.take().or_else(|| header.mtime().ok().and_then(|t| i64::try_from(t).ok()));
        let written = seconds
            .filter(|s| *s > 0)
            .and_then(Timestamp::from_secs)
            .map(|time| Written { time, source: "date of the archive's member" });
        let kind = header.entry_type();
        if kind.is_dir() {
            stream.skip(padded);
            continue;
        }
        members += 1;
        if members > limits::ARCHIVE_MEMBERS_MAX {
            notes.add(problems::MEMBERS, &archive.shown, "");
            return ControlFlow::Continue(());
        }
        let item = archive.member(&name, size, written);
        if !(kind.is_file() || kind.is_contiguous()) {
            let what = match kind {
                EntryType::Link | EntryType::Symlink => "a link",
                EntryType::GNUSparse => "a sparse file",
                EntryType::Fifo | EntryType::Char | EntryType::Block => "a special file",
                _ => "of an unknown type",
            };
            // Links are stored without content and their target is a member of its own.
            let kind = if what == "a link" { problems::LINK } else { problems::METHOD };
            reader.not_read(&item, kind, what)?;
            stream.skip(padded);
            continue;
        }
        let before = stream.consumed;
        let flow = {
            let mut bounded = Bounded { stream: &mut *stream, left: size, short: false };
            let flow = reader.layer(Box::new(&mut bounded), &item, depth);
            if bounded.short && !reader.budget_tripped() {
                notes.add(problems::ARCHIVE_BROKEN, &item.shown, "cut short");
            }
            flow
        };
        flow?;
        let used = stream.consumed - before;
        if !stream.skip(padded - used.min(padded)) && used < size && !reader.budget_tripped() {
            notes.add(problems::ARCHIVE_BROKEN, &item.shown, "cut short");
            return ControlFlow::Continue(());
        }
    }
}

/// One member's bytes.
struct Bounded<'s, 'i> {
    stream: &'s mut Stream<'i>,
    left: u64,
    short: bool,
}

impl std::io::Read for Bounded<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        if room == 0 {
            return Ok(0);
        }
        let n = self.stream.read(&mut buf[..room])?;
        self.left -= n as u64;
        self.short |= n == 0;
        Ok(n)
    }
}

/// The beginning of an extended header, which is then passed over.
fn text(stream: &mut Stream<'_>, size: u64, padded: u64) -> Vec<u8> {
    let kept = size.min(limits::TAR_HEADER_BYTES_MAX);
    let mut out = vec![0; kept as usize];
    if stream.fill(&mut out) {
        stream.skip(padded - kept);
        out
    } else {
        Vec::new()
    }
}

/// Records of the form `LENGTH KEY=VALUE\n`.
fn pax(mut text: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut out = Vec::new();
    while let Some(blank) = memchr::memchr(b' ', text) {
        let length = std::str::from_utf8(&text[..blank]).ok().and_then(|t| t.parse::<usize>().ok());
        let Some(record) = length.filter(|l| *l > blank + 1).and_then(|l| text.get(blank + 1..l)) else {
            break;
        };
        if let Some(equals) = memchr::memchr(b'=', record) {
            let value = &record[equals + 1..];
            out.push((&record[..equals], value.strip_suffix(b"\n").unwrap_or(value)));
        }
        text = &text[blank + 1 + record.len()..];
    }
    out
}
