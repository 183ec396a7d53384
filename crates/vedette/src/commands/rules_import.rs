//! `vedette rules import`: brings a rule collection in, as it is, with its licence.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use sha2::{Digest, Sha256};
use vedette_runtime::Source;

use crate::cli::RulesImport;
use crate::environment;
use crate::fault::Fault;
use crate::library;
use crate::output::hex;
use crate::output::number;

/// Written beside the imported files as `pack.json`.
#[derive(Serialize)]
struct PackCard {
    name: String,
    source: String,
    imported: String,
    files: usize,
    /// SHA-256 over paths and texts.
    hash: String,
    licences: Vec<String>,
}

/// # Errors
/// When the source cannot be read, holds no rule, or the pack exists already.
pub fn run(args: &RulesImport) -> Result<ExitCode, Fault> {
    let sources = library::rules_at(&args.source)?;
    if sources.is_empty() {
        return Err(Fault::usage_help(
            format!("{} holds no rule files", args.source.display()),
            "name a folder or a zip with .yml files in it",
        ));
    }
    let name = args.name.clone().unwrap_or_else(|| stem(&args.source));
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\']) {
        return Err(Fault::usage(format!("--name {name}: a pack's name is one plain word")));
    }
    let dir = library::packs_dir()
        .ok_or_else(|| {
            Fault::usage_help("there is no home folder to keep rules in", "set VEDETTE_HOME to a folder")
        })?
        .join(&name);
    if dir.exists() {
        if !args.replace {
            return Err(Fault::usage_help(
                format!("the pack `{name}` exists already at {}", dir.display()),
                "--replace takes the new one",
            ));
        }
        fs::remove_dir_all(&dir).map_err(Fault::io(format!("cannot replace {}", dir.display())))?;
    }
    let root = args.source.display().to_string();
    let mut hash = Sha256::new();
    for source in &sources {
        let relative = relative(&source.path, &root);
        let target = dir.join(&relative);
        hash.update(relative.as_bytes());
        hash.update(&source.text);
        write(&target, &source.text)?;
    }
    let licences = licences(&args.source, &dir)?;
    let card = PackCard {
        name: name.clone(),
        source: root,
        imported: environment::now().to_string(),
        files: sources.len(),
        hash: hex(&hash.finalize()),
        licences: licences.clone(),
    };
    let text = serde_json::to_vec_pretty(&card).unwrap_or_default();
    write(&dir.join("pack.json"), &text)?;
    report(&name, &dir, &sources, &licences);
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn report(name: &str, dir: &Path, sources: &[Source], licences: &[String]) {
    println!(
        "Imported {} as pack `{name}` to {}",
        number::of(sources.len() as u64, "rule file", "rule files"),
        dir.display()
    );
    if licences.is_empty() {
        println!(
            "No licence file was found beside them: author and licence are shown as each rule states them."
        );
    } else {
        println!("Licence kept: {}", licences.join(", "));
    }
    println!("`vedette rules check` accounts for every rule.");
}

fn stem(path: &Path) -> String {
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    name.file_stem().map(|s| s.to_string_lossy().to_lowercase().replace(' ', "-")).unwrap_or_default()
}

/// The part of a rule's path below the source; never absolute and never upwards, whatever a zip says.
fn relative(path: &str, root: &str) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<&str> = below
        .split(['/', '\\', '!'])
        .filter(|p| !p.is_empty() && *p != "." && *p != ".." && !p.ends_with(':'))
        .collect();
    if parts.is_empty() {
        Path::new(path).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    } else {
        parts.join("/")
    }
}

/// Copies licence files from the nearest folder that has some: the source, or up to two above it, as a collection keeps
/// its licence beside its rules.
fn licences(source: &Path, dir: &Path) -> Result<Vec<String>, Fault> {
    let source = source.canonicalize().unwrap_or_else(|_| source.to_owned());
    for folder in source.ancestors().take(3) {
        let mut kept = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let upper = name.to_ascii_uppercase();
            if upper.starts_with("LICENSE") || upper.starts_with("LICENCE") {
                let context = format!("cannot read {}", entry.path().display());
                write(&dir.join(&name), &fs::read(entry.path()).map_err(Fault::io(context))?)?;
                kept.push(name);
            }
        }
        if !kept.is_empty() {
            kept.sort();
            return Ok(kept);
        }
    }
    Ok(Vec::new())
}

fn write(path: &Path, text: &[u8]) -> Result<(), Fault> {
    let context = || format!("cannot write {}", path.display());
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(Fault::io(context()))?;
    }
    fs::write(path, text).map_err(Fault::io(context()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_zip_writes_outside_its_pack() {
        for (path, root, kept) in [
            ("rules/windows/a.yml", "rules", "windows/a.yml"),
            ("x.zip!../../etc/a.yml", "x.zip", "etc/a.yml"),
            ("x.zip!/abs/a.yml", "x.zip", "abs/a.yml"),
            ("x.zip!C:\\w\\a.yml", "x.zip", "w/a.yml"),
            ("one.yml", "one.yml", "one.yml"),
        ] {
            assert_eq!(relative(path, root), kept);
        }
    }
}
