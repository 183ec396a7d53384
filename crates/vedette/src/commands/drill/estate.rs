//! Whether the folder that is looked at holds the files that the questions are about.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::book::Fingerprint;
use crate::fault::Fault;
use crate::output::hex;

/// Folders and files beyond these bounds are not the estate of a drill, and are not read to the end.
const FILES_MAX: usize = 1_000;
const BYTES_MAX: u64 = 64 << 20;

/// Says on standard error when the folder holds something else.
///
/// # Errors
/// When there is no such folder.
#[expect(clippy::print_stderr, reason = "a note stands beside the questions, not in them")]
pub fn look(folder: &Path, asked: &Fingerprint) -> Result<(), Fault> {
    if !folder.is_dir() {
        return Err(Fault::usage_help(
            format!("there is no folder {}", folder.display()),
            "the questions are about the sample estate, which lies in sample/estate of a checkout: \
             `vedette drill PATH/TO/sample/estate`; --questions prints the questions alone",
        ));
    }
    let found = fingerprint(folder).map_err(Fault::io(format!("cannot read {}", folder.display())))?;
    if found.as_ref() != Some(&asked.sha256) {
        eprintln!(
            "note: the files below {} are not the {} that the questions are about; the answers may not fit",
            folder.display(),
            asked.files
        );
    }
    Ok(())
}

/// SHA-256 over path, length and bytes of each file, in the order of paths; nothing beyond the bounds. Of a compressed
/// file the path alone counts: its bytes may change with the compressor.
fn fingerprint(folder: &Path) -> io::Result<Option<String>> {
    let mut open = vec![(folder.to_owned(), String::new())];
    let mut files = Vec::new();
    while let Some((dir, prefix)) = open.pop() {
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push((entry.path(), format!("{name}/")));
            } else if kind.is_file() {
                files.push((name, entry.path()));
            }
            if files.len() + open.len() > FILES_MAX {
                return Ok(None);
            }
        }
    }
    files.sort();
    let mut sum = Sha256::new();
    let mut left = BYTES_MAX;
    for (name, path) in files {
        if name.ends_with(".gz") {
            sum.update(format!("{name}\n"));
            continue;
        }
        let mut bytes = Vec::new();
        fs::File::open(path)?.take(left + 1).read_to_end(&mut bytes)?;
        let Some(rest) = left.checked_sub(bytes.len() as u64) else { return Ok(None) };
        left = rest;
        sum.update(format!("{name}\n{}\n", bytes.len()));
        sum.update(bytes);
    }
    Ok(Some(hex(&sum.finalize())))
}
