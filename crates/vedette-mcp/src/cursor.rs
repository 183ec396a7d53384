//! Where an answer goes on. A cursor is bound to the scan and the question it came from, and to nothing else fits.

use xxhash_rust::xxh3::xxh3_64;

use crate::fault::Fault;

fn seal(mark: u64, offset: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mark.to_le_bytes());
    bytes[8..].copy_from_slice(&offset.to_le_bytes());
    xxh3_64(&bytes)
}

/// `mark` stands for the question.
pub fn write(mark: u64, offset: usize) -> String {
    format!("{offset:x}.{:016x}", seal(mark, offset as u64))
}

/// # Errors
/// When the text is no cursor of this question.
pub fn read(mark: u64, text: &str) -> Result<usize, Fault> {
    let parts = text.split_once('.');
    let offset = parts.and_then(|(offset, check)| {
        let offset = u64::from_str_radix(offset, 16).ok()?;
        let right = check.len() == 16 && u64::from_str_radix(check, 16).ok()? == seal(mark, offset);
        right.then_some(offset as usize)
    });
    offset.ok_or_else(|| {
        Fault::new(
            "this cursor does not belong to this question",
            "cursor",
            "give it with the same tool, scan and arguments as the answer it came with, or leave it out to begin anew",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_fits_its_own_question_alone() {
        let cursor = write(7, 300);
        assert_eq!(read(7, &cursor), Ok(300));
        let moved = cursor.replace("12c.", "12d.");
        for (mark, text) in
            [(8, cursor.as_str()), (7, &moved), (7, ""), (7, "12c"), (7, "12c.0"), (7, "-1.ff"), (7, "é.é")]
        {
            assert!(read(mark, text).is_err(), "{text}");
        }
    }
}
