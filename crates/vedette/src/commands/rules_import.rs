//! `vedette rules import`: brings a rule collection in, as it is, with its licence.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use sha2::{Digest, Sha256};
use vedette_runtime::Source;

use super::input;
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
    let library::Found { sources, problems } = library::find(&args.source)?;
    for p in &problems {
        let remedy = if p.remedy.is_empty() { String::new() } else { format!("; {}", p.remedy) };
        input::note(&format!("warning: {} {}: {}: {}{remedy}", p.code, p.place, p.fault, p.consequence));
    }
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
    let home = environment::home().ok_or_else(|| {
        Fault::usage_help("there is no home folder to keep rules in", "set VEDETTE_HOME to a folder")
    })?;
    let dir = home.join("rules").join(&name);
    if dir.exists() && !args.replace {
        return Err(Fault::usage_help(
            format!("the pack `{name}` exists already at {}", dir.display()),
            "--replace takes the new one",
        ));
    }
    let root = args.source.display().to_string();
    let targets = targets(&sources, &root)?;
    // Built under a passing name beside the packs and not among them, so that a pack is there whole or not at all.
    let building = Building::begin(&home, &name)?;
    let mut hash = Sha256::new();
    for (source, relative) in sources.iter().zip(&targets) {
        hash.update(relative.as_bytes());
        hash.update(&source.text);
        write(&building.0.join(relative), &source.text)?;
    }
    let licences = licences(&args.source, &building.0)?;
    let card = PackCard {
        name: name.clone(),
        source: root,
        imported: environment::now().to_string(),
        files: sources.len(),
        hash: hex(&hash.finalize()),
        licences: licences.clone(),
    };
    let text = serde_json::to_vec_pretty(&card).unwrap_or_default();
    write(&building.0.join("pack.json"), &text)?;
    building.take_place(&dir)?;
    report(&name, &dir, &sources, &licences);
    Ok(ExitCode::SUCCESS)
}

/// Where each file goes in the pack.
///
/// # Errors
/// Usage: when two of them would go to one place.
fn targets(sources: &[Source], root: &str) -> Result<Vec<String>, Fault> {
    let mut taken: HashMap<String, &str> = HashMap::new();
    let mut all = Vec::with_capacity(sources.len());
    for source in sources {
        let target = relative(&source.path, root);
        // Some file systems do not tell upper case from lower.
        if let Some(first) = taken.insert(target.to_lowercase(), &source.path) {
            return Err(Fault::usage_help(
                format!("{first} and {} would both become {target} in the pack", source.path),
                "rename one of the two",
            ));
        }
        all.push(target);
    }
    Ok(all)
}

/// A pack being built. What is left when it is dropped is removed.
struct Building(PathBuf);

impl Building {
    fn begin(home: &Path, name: &str) -> Result<Self, Fault> {
        let dir = home.join(format!("import-{name}-{}", std::process::id()));
        fs::create_dir_all(home)
            .and_then(|()| fs::create_dir(&dir))
            .map_err(Fault::io(format!("cannot write {}", dir.display())))?;
        Ok(Self(dir))
    }

    /// Moves the pack to `dir`. What stands there is moved aside first and comes back when the new one cannot be moved.
    fn take_place(self, dir: &Path) -> Result<(), Fault> {
        let context = || format!("cannot write {}", dir.display());
        if let Some(packs) = dir.parent() {
            fs::create_dir_all(packs).map_err(Fault::io(context()))?;
        }
        if !dir.exists() {
            return fs::rename(&self.0, dir).map_err(Fault::io(context()));
        }
        let mut aside = self.0.clone().into_os_string();
        aside.push(".replaced");
        let aside = PathBuf::from(aside);
        fs::rename(dir, &aside).map_err(Fault::io(context()))?;
        if let Err(e) = fs::rename(&self.0, dir) {
            let _ = fs::rename(&aside, dir);
            return Err(Fault::Io { context: context(), source: e });
        }
        fs::remove_dir_all(&aside).map_err(Fault::io(format!("cannot remove {}", aside.display())))
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        // Gone already when the pack took its place.
        let _ = fs::remove_dir_all(&self.0);
    }
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
    fn two_files_do_not_go_to_one_place() {
        let source = |path: &str| Source { path: path.into(), text: Vec::new() };
        let all = targets(&[source("r/a/x.yml"), source("r/b/x.yml")], "r").expect("two places");
        assert_eq!(all, ["a/x.yml", "b/x.yml"]);
        let fault =
            targets(&[source("z.zip!a/x.yml"), source("z.zip!../a/x.yml")], "z.zip").expect_err("one");
        let told = fault.to_string();
        assert!(told.contains("z.zip!a/x.yml") && told.contains("z.zip!../a/x.yml"), "{told}");
    }

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
