//! The right answers to the drill about this estate, and their seals in `content/drills/`.
//!
//! `vedette drill` holds the seals alone and grades by making the same of what it is told; that both make the same is
//! a test of the binary, which answers with what `truth.json` says.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::log::Estate;
use super::world::*;
use super::{cloud_key, ransomware, web_shell};

/// As often as the binary does it.
const ROUNDS: u32 = 20_000;

/// Id of each question with its right answers, in the form that an answer is brought to before it is compared, save
/// for capitals.
pub fn answers() -> Vec<(&'static str, Vec<String>)> {
    let begins = ransomware::exfiltration_begins().rfc3339_s();
    vec![
        ("first-host", vec![WS_ANA.name.into(), WS_ANA.address.into()]),
        ("beacon-name", vec![CREW_NAME.into()]),
        ("stolen-account", vec![ADM_PIET.user.into()]),
        ("file-server-account", vec![SVC_PRINT.user.into()]),
        ("exfiltration-begins", vec![begins.replace('T', " ")[..16].to_owned()]),
        ("minted-key", vec![cloud_key::minted_key()]),
        ("sharing-role", vec![cloud_key::SECOND_ROLE.into()]),
        ("web-shell-address", vec![VANDAL.into()]),
        ("comes-back", vec![web_shell::CRON_FILE.rsplit('/').next().unwrap_or_default().into()]),
        ("noise", vec!["a".into()]),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A string takes every character.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn seal(salt: &str, question: &str, answer: &str) -> String {
    let mut seal = Sha256::digest(format!("{salt}\n{question}\n{}", answer.to_lowercase()));
    for _ in 1..ROUNDS {
        seal = Sha256::new().chain_update(seal).chain_update(salt).finalize();
    }
    hex(&seal)
}

/// SHA-256 over path, length and bytes of each file, in the order of paths. Of a compressed file the path alone
/// counts: its bytes may change with the compressor.
fn fingerprint(estate: &Estate) -> String {
    let mut files: Vec<_> = estate.files.iter().collect();
    files.sort();
    let mut sum = Sha256::new();
    for (path, bytes) in files {
        if path.ends_with(".gz") {
            sum.update(format!("{path}\n"));
        } else {
            sum.update(format!("{path}\n{}\n", bytes.len()));
            sum.update(bytes);
        }
    }
    hex(&sum.finalize())
}

/// The text of a drill with its seals made anew; all else stays as it is written there.
pub fn sealed(text: &str, estate: &Estate) -> String {
    let answers = answers();
    let salt = text.lines().find_map(|l| l.strip_prefix("salt: ")).unwrap_or_default();
    let mut out = String::new();
    let mut question = "";
    let mut inside = false;
    for line in text.lines() {
        if inside && line.trim_start().starts_with("- ") && line.starts_with("      ") {
            continue;
        }
        inside = line == "    sealed:";
        if let Some(id) = line.strip_prefix("  - id: ") {
            question = id;
        }
        if line.starts_with("  files: ") {
            out.push_str(&format!("  files: {}\n", estate.files.len()));
        } else if line.starts_with("  sha256: ") {
            out.push_str(&format!("  sha256: {}\n", fingerprint(estate)));
        } else {
            out.push_str(line);
            out.push('\n');
        }
        if inside {
            let right = answers.iter().filter(|(id, _)| *id == question).flat_map(|(_, all)| all);
            for answer in right {
                out.push_str(&format!("      - {}\n", seal(salt, question, answer)));
            }
        }
    }
    out
}
