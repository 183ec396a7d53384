//! Zip member after member, from local header to local header: for zips that cannot be sought, or whose directory is lost.
//! Follows section 4.3 of PKWARE's APPNOTE.

use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;

use crate::archive::zip::{Times, dos_time};
use crate::limits;
use crate::problems::{self, Kind};
use crate::read::{Item, Notes, Reader};
use crate::source::{Metered, Stream};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";

struct Local {
    flags: u16,
    method: u16,
    time: u16,
    date: u16,
    /// `None` when it stands behind the data.
    packed: Option<u64>,
    size: u64,
    name: Vec<u8>,
}

/// Reads member after member, without the directory.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    stream: &mut Stream<'_>,
    archive: &Item,
    depth: u32,
    notes: &mut Notes,
) -> ControlFlow<()> {
    let mut signature = [0; 4];
    if !stream.fill(&mut signature) {
        return ControlFlow::Continue(());
    }
    let mut members = 0;
    let fault = loop {
        if signature != LOCAL {
            // The directory, or the end of an empty zip.
            break (!matches!(signature, [b'P', b'K', 1, 2] | [b'P', b'K', 5, 6] | [b'P', b'K', 6, 6..=8]))
                .then(|| "a header is missing".to_owned());
        }
        if reader.budget_tripped() {
            notes.add(problems::BOMB, &archive.shown, "");
            break None;
        }
        members += 1;
        if members > limits::ARCHIVE_MEMBERS_MAX {
            notes.add(problems::MEMBERS, &archive.shown, "");
            break None;
        }
        let Some(local) = header(stream) else { break Some("cut short within a header".to_owned()) };
        // A folder; its size of zero may be told behind it.
        if local.name.ends_with(b"/") && local.packed.unwrap_or(0) == 0 && local.method == 0 {
            let next = if local.flags & 8 != 0 {
                descriptor(stream)
            } else {
                stream.fill(&mut signature).then_some(signature)
            };
            match next {
                Some(next) => signature = next,
                None => break Some("the directory is missing".to_owned()),
            }
            continue;
        }
        let times = Times { dos: dos_time(local.date, local.time), extended: None };
        let item = archive.member(&local.name, local.size, times.written());
        let outcome = member(reader, stream, &local, &item, depth);
        match outcome {
            Outcome::Read(flow) => flow?,
            Outcome::NotRead(kind, detail) => {
                reader.not_read(&item, kind, &detail)?;
                match local.packed {
                    Some(packed) if stream.skip(packed) => {}
                    Some(_) => break Some("cut short".to_owned()),
                    None => {
                        break Some("the member's size is unknown, so the next cannot be found".to_owned());
                    }
                }
            }
        }
        if local.flags & 8 != 0 {
            match descriptor(stream) {
                Some(next) => signature = next,
                None => break Some("cut short behind a member".to_owned()),
            }
        } else if !stream.fill(&mut signature) {
            break Some("the directory is missing".to_owned());
        }
    };
    if let Some(fault) = fault {
        notes.add(problems::ARCHIVE_BROKEN, &archive.shown, &fault);
    }
    ControlFlow::Continue(())
}

enum Outcome {
    Read(ControlFlow<()>),
    NotRead(Kind, String),
}

fn member(
    reader: &mut Reader<'_>,
    stream: &mut Stream<'_>,
    local: &Local,
    item: &Item,
    depth: u32,
) -> Outcome {
    if local.flags & 1 != 0 {
        let detail = "in a zip that can only be read as a stream".to_owned();
        let kind = if reader.passwords().is_empty() { problems::ENCRYPTED } else { problems::METHOD };
        return Outcome::NotRead(kind, detail);
    }
    let budget = reader.budget();
    let mut part = Part { stream, left: local.packed };
    let flow = match (local.method, local.packed) {
        (0, Some(_)) => reader.layer(Box::new(Metered::new(&mut part, &budget)), item, depth),
        (8, _) => {
            let mut inflate = Metered::new(flate2::bufread::DeflateDecoder::new(&mut part), &budget);
            let flow = reader.layer(Box::new(&mut inflate), item, depth);
            if local.packed.is_none() {
                // Only unpacking finds the end. A fault was told when the member was read.
                let _ = io::copy(&mut inflate, &mut io::sink());
            }
            flow
        }
        (93, Some(_)) => match super::zstd_decoder(&mut part) {
            Ok(decoder) => reader.layer(Box::new(Metered::new(decoder, &budget)), item, depth),
            Err(e) => return Outcome::NotRead(problems::ARCHIVE_BROKEN, e.to_string()),
        },
        (method, packed) => {
            let detail = match packed {
                Some(_) => format!("compression method {method}"),
                None => format!("compression method {method} without a size"),
            };
            return Outcome::NotRead(problems::METHOD, detail);
        }
    };
    if let Some(left) = part.left {
        stream.skip(left);
    }
    Outcome::Read(flow)
}

fn header(stream: &mut Stream<'_>) -> Option<Local> {
    let mut fixed = [0; 26];
    if !stream.fill(&mut fixed) {
        return None;
    }
    let half = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let word = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
    let flags = half(2);
    let (mut packed, mut size) = (u64::from(word(14)), u64::from(word(18)));
    let mut name = vec![0; usize::from(half(22))];
    let mut extra = vec![0; usize::from(half(24))];
    if !stream.fill(&mut name) || !stream.fill(&mut extra) {
        return None;
    }
    if packed == u64::from(u32::MAX) || size == u64::from(u32::MAX) {
        let mut rest = extra.as_slice();
        while let [a, b, c, d, body @ ..] = rest {
            let (id, len) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
            let Some(field) = body.get(..len) else { break };
            // Zip64: both sizes, in this order, in local headers.
            if id == 1
                && let (Some(s), Some(p)) =
                    (field.first_chunk::<8>(), field.get(8..).and_then(|f| f.first_chunk::<8>()))
            {
                size = u64::from_le_bytes(*s);
                packed = u64::from_le_bytes(*p);
            }
            rest = &body[len..];
        }
    }
    let unknown = flags & 8 != 0 && packed == 0;
    Some(Local {
        flags,
        method: half(4),
        time: half(6),
        date: half(8),
        packed: (!unknown).then_some(packed),
        size,
        name,
    })
}

/// Passes over a data descriptor, whose magic is optional and whose sizes have 4 or 8 bytes; returns the next signature.
fn descriptor(stream: &mut Stream<'_>) -> Option<[u8; 4]> {
    let mut word = [0; 4];
    let mut next = || stream.fill(&mut word).then_some(word);
    let first = next()?;
    if first == DESCRIPTOR {
        next()?;
    }
    next()?;
    next()?;
    let mut signature = next()?;
    if !signature.starts_with(b"PK") {
        next()?;
        signature = next()?;
    }
    Some(signature)
}

/// The packed bytes of one member.
struct Part<'s, 'i> {
    stream: &'s mut Stream<'i>,
    left: Option<u64>,
}

impl BufRead for Part<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let block = self.stream.block();
        let room = self
            .left
            .map_or(block.len(), |left| usize::try_from(left).unwrap_or(usize::MAX).min(block.len()));
        Ok(&block[..room])
    }

    fn consume(&mut self, bytes: usize) {
        self.stream.take(bytes);
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(bytes as u64);
        }
    }
}

impl Read for Part<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let block = self.fill_buf()?;
        let n = block.len().min(buf.len());
        buf[..n].copy_from_slice(&block[..n]);
        self.consume(n);
        Ok(n)
    }
}
