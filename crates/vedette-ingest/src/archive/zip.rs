//! Zip by its directory, which needs a source that can be sought: a file, or a nested zip small enough to hold.

use std::io::{Cursor, Read, Seek};
use std::ops::ControlFlow;

use ::zip::result::ZipError;
// The iterable reader keeps no index of all members in memory and shows members of equal name, which an index hides.
// It is not yet stable upstream, so the workspace pins the version exactly.
use ::zip::read::OwnedZipFileEntry;
use ::zip::unstable::read::ZipIterable;
use ::zip::{CompressionMethod, DateTime, ExtraField, ZipReadOptions};
use vedette_model::Timestamp;

use super::zip_stream;
use crate::dates::Written;
use crate::limits;
use crate::problems;
use crate::read::{Item, Notes, Reader};
use crate::source::{Metered, Stream};

/// Whether the password of `options` is the member's, as far as its content tells. The old encryption proves a password by a
/// single byte, which one wrong password in 256 passes: APPNOTE 6.1.6. Faults other than a wrong password are for the
/// reading in earnest to tell.
fn opens<R: Read + Seek>(entry: &OwnedZipFileEntry, source: &mut R, options: ZipReadOptions<'_>) -> bool {
    let stored = entry.compression() == CompressionMethod::Stored;
    let opened = entry.as_ref().with_reader(source, options);
    let Ok(member) = opened else { return !matches!(opened, Err(ZipError::InvalidPassword)) };
    let mut member = member.take(limits::PASSWORD_TRIAL_BYTES_MAX);
    let mut block = [0; 16 * 1024];
    let mut seen = 0;
    loop {
        match member.read(&mut block) {
            Ok(0) => return true,
            Ok(n) => seen += n as u64,
            Err(_) => return !stored && seen >= limits::PASSWORD_PROVEN_BYTES,
        }
    }
}

/// Reads all members. `Err` gives the source back untouched in meaning when there is no readable directory.
pub(crate) fn read_zip<R: Read + Seek>(
    reader: &mut Reader<'_>,
    source: R,
    archive: &Item,
    depth: u32,
    notes: &mut Notes,
) -> Result<ControlFlow<()>, String> {
    let mut zip = ZipIterable::try_new(source, Default::default()).map_err(|e| e.to_string())?;
    let files = zip.files().map_err(|e| e.to_string())?;
    let mut members = 0;
    loop {
        if reader.budget_tripped() {
            notes.add(problems::BOMB, &archive.shown, "");
            break;
        }
        let entry = match files.next() {
            None => break,
            // Opening consumes an entry, and a second password needs it again.
            Some(Ok(entry)) => OwnedZipFileEntry::from(entry),
            Some(Err(e)) => {
                notes.add(
                    problems::ARCHIVE_BROKEN,
                    &archive.shown,
                    &format!("directory entry {}: {e}", members + 1),
                );
                break;
            }
        };
        members += 1;
        if members > limits::ARCHIVE_MEMBERS_MAX {
            notes.add(problems::MEMBERS, &archive.shown, "");
            break;
        }
        if entry.is_dir() {
            continue;
        }
        let name = match entry.name() {
            Ok(name) => name.into_owned().into_bytes(),
            Err(_) => entry.name_raw().to_vec(),
        };
        let mut times = Times {
            dos: entry.last_modified().and_then(|t| dos_time(t.datepart(), t.timepart())),
            extended: None,
        };
        let mut item = archive.member(&name, entry.size(), times.written());
        if entry.is_symlink() {
            if reader.not_read(&item, problems::LINK, "").is_break() {
                return Ok(ControlFlow::Break(()));
            }
            continue;
        }
        let encrypted = entry.encrypted();
        let mut fault = None;
        let mut flow = None;
        let passwords: Vec<Option<Vec<u8>>> = match (encrypted, reader.passwords()) {
            (false, _) => vec![None],
            (true, given) => given.iter().cloned().map(Some).collect(),
        };
        if passwords.is_empty() {
            fault = Some((problems::ENCRYPTED, String::new()));
        }
        for password in &passwords {
            let options = ZipReadOptions::new().password(password.as_deref());
            if encrypted && !opens(&entry, files.reader_mut(), options.clone()) {
                fault = Some((problems::PASSWORD_WRONG, String::new()));
                continue;
            }
            match entry.as_ref().with_reader(files.reader_mut(), options) {
                Ok(mut member) => {
                    times.extended = member.extra_data_fields().find_map(|field| match field {
                        ExtraField::ExtendedTimestamp(stamps) => stamps.mod_time().map(i64::from),
                        _ => None,
                    });
                    item.written = times.written();
                    let budget = reader.budget();
                    flow = Some(reader.layer(Box::new(Metered::new(&mut member, &budget)), &item, depth));
                    fault = None;
                    break;
                }
                Err(ZipError::InvalidPassword) => fault = Some((problems::PASSWORD_WRONG, String::new())),
                Err(ZipError::CompressionMethodNotSupported(method)) => {
                    fault = Some((problems::METHOD, format!("compression method {method}")));
                    break;
                }
                Err(ZipError::UnsupportedArchive(what)) => {
                    fault = Some((problems::METHOD, what.to_owned()));
                    break;
                }
                Err(e) => {
                    fault = Some((problems::ARCHIVE_BROKEN, e.to_string()));
                    break;
                }
            }
        }
        if let Some((kind, detail)) = fault {
            flow = Some(reader.not_read(&item, kind, &detail));
        }
        if flow.is_some_and(|f| f.is_break()) {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// A zip inside something that cannot be sought: held in memory when it is small, else read member after member.
pub(crate) fn read_nested_zip(
    reader: &mut Reader<'_>,
    stream: &mut Stream<'_>,
    archive: &Item,
    depth: u32,
    notes: &mut Notes,
) -> ControlFlow<()> {
    let budget = reader.budget();
    let room = budget.memory_left();
    let mut held = Vec::new();
    // One byte more than there is room for tells whether that was all. Errors look like an end here and are told by the
    // stream's owner.
    let _ = Read::take(&mut *stream, room as u64 + 1).read_to_end(&mut held);
    if held.len() <= room {
        budget.hold(held.capacity());
        let result = read_zip(reader, Cursor::new(&held), archive, depth, notes);
        let flow = match result {
            Ok(flow) => flow,
            Err(why) => {
                notes.add(problems::ZIP_DIRECTORY, &archive.shown, &why);
                let mut again = Stream::new(Box::new(Cursor::new(&held)), reader.buffer());
                zip_stream::read(reader, &mut again, archive, depth, notes)
            }
        };
        budget.release(held.capacity());
        return flow;
    }
    let mut whole = Stream::new(Box::new(Cursor::new(held).chain(stream)), reader.buffer());
    zip_stream::read(reader, &mut whole, archive, depth, notes)
}

/// What a zip says of when a member was written.
pub(super) struct Times {
    /// Local time of an unknown zone; taken as UTC.
    pub dos: Option<Timestamp>,
    /// Seconds, UTC.
    pub extended: Option<i64>,
}

impl Times {
    pub(super) fn written(&self) -> Option<Written> {
        let time = self.extended.and_then(Timestamp::from_secs).or(self.dos)?;
        Some(Written { time, source: "date of the archive's member" })
    }
}

/// The date and time words of the DOS form. Archives without a real date carry 1980-01-01 or zeroes.
pub(super) fn dos_time(date: u16, time: u16) -> Option<Timestamp> {
    let stamp = DateTime::try_from_msdos(date, time).ok()?;
    if stamp.year() <= 1980 {
        return None;
    }
    let civil = jiff::civil::DateTime::new(
        i16::try_from(stamp.year()).ok()?,
        i8::try_from(stamp.month()).ok()?,
        i8::try_from(stamp.day()).ok()?,
        i8::try_from(stamp.hour()).ok()?,
        i8::try_from(stamp.minute()).ok()?,
        i8::try_from(stamp.second()).ok()?,
        0,
    );
    civil.ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp().into())
}
