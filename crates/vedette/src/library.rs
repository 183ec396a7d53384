//! Where content comes from: what is built in, what was imported, what the caller names.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use vedette_runtime::{Content, Mappings, Source};

use crate::cli::RuleChoice;
use crate::environment;
use crate::fault::Fault;

static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/rules");
static BENIGN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/benign");
static MAPPINGS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/mappings");

/// A rule file larger than this is no rule file.
const RULE_BYTES_MAX: u64 = 4 << 20;

/// The built-in rules, paths as `builtin/windows/...`.
pub fn builtin_rules() -> Vec<Source> {
    embedded(&RULES, "builtin/")
}

/// The built-in mappings.
pub fn builtin_mappings() -> Vec<Source> {
    embedded(&MAPPINGS, "builtin/")
}

/// The benches of the built-in rules.
pub fn builtin_benches() -> Vec<Source> {
    all(&RULES, "builtin/", is_bench)
}

/// Ordinary events on which no built-in rule may speak.
pub fn benign_benches() -> Vec<Source> {
    all(&BENIGN, "builtin/benign/", is_bench)
}

fn is_bench(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".bench.yml")
}

fn is_content(path: &Path) -> bool {
    let yaml =
        path.extension().is_some_and(|e| e.eq_ignore_ascii_case("yml") || e.eq_ignore_ascii_case("yaml"));
    yaml && !is_bench(path)
}

fn embedded(dir: &Dir<'_>, prefix: &str) -> Vec<Source> {
    all(dir, prefix, is_content)
}

fn all(dir: &Dir<'_>, prefix: &str, keep: fn(&Path) -> bool) -> Vec<Source> {
    let mut found = Vec::new();
    let mut open = vec![dir];
    while let Some(dir) = open.pop() {
        open.extend(dir.dirs());
        found.extend(dir.files().filter(|f| keep(f.path())).map(|f| Source {
            path: format!("{prefix}{}", f.path().display()).into(),
            text: f.contents().to_vec(),
        }));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Folder of imported packs.
pub fn packs_dir() -> Option<PathBuf> {
    environment::home().map(|h| h.join("rules"))
}

/// Rule files below `path`: a file, a folder, or a zip. Sorted by path. What cannot be read becomes a source without
/// text, so that it is accounted for.
///
/// # Errors
/// When `path` itself cannot be read.
pub fn rules_at(path: &Path) -> Result<Vec<Source>, Fault> {
    let context = || format!("cannot read rules at {}", path.display());
    let meta = fs::metadata(path).map_err(Fault::io(context()))?;
    let mut found = Vec::new();
    if meta.is_dir() {
        walk(path, 0, &mut found);
    } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip")) {
        let file = fs::File::open(path).map_err(Fault::io(context()))?;
        zipped(path, file)
            .map_err(|e| Fault::Io { context: context(), source: e })?
            .into_iter()
            .for_each(|s| found.push(s));
    } else {
        found.push(read(path));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Folders below one another that are followed.
const DEPTH_MAX: usize = 32;

fn walk(dir: &Path, depth: usize, found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(dir) else {
        found.push(Source { path: dir.display().to_string().into(), text: b"\xff".to_vec() });
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && depth < DEPTH_MAX {
            walk(&path, depth + 1, found);
        } else if kind.is_file() && is_content(&path) {
            found.push(read(&path));
        }
    }
}

/// Text that is no UTF-8 makes the pack account for the file as unreadable.
fn read(path: &Path) -> Source {
    let text = match fs::metadata(path) {
        Ok(meta) if meta.len() > RULE_BYTES_MAX => b"\xff".to_vec(),
        _ => fs::read(path).unwrap_or_else(|_| b"\xff".to_vec()),
    };
    Source { path: path.display().to_string().into(), text }
}

fn zipped(path: &Path, file: fs::File) -> std::io::Result<Vec<Source>> {
    let mut archive = zip::ZipArchive::new(file)?;
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let member = archive.by_index(index)?;
        let name = String::from_utf8_lossy(member.name_raw()).into_owned();
        if member.is_dir() || !is_content(Path::new(&name)) {
            continue;
        }
        let mut text = Vec::new();
        member.take(RULE_BYTES_MAX + 1).read_to_end(&mut text)?;
        found.push(Source { path: format!("{}!{name}", path.display()).into(), text });
    }
    Ok(found)
}

/// The rules that a command runs with: built-in, imported, and named ones.
///
/// # Errors
/// When a named path cannot be read.
pub fn rules(choice: &RuleChoice) -> Result<Vec<Source>, Fault> {
    let mut found = Vec::new();
    if !choice.no_default_rules {
        found.extend(builtin_rules());
        if let Some(dir) = packs_dir().filter(|d| d.is_dir()) {
            found.extend(rules_at(&dir)?);
        }
    }
    for path in &choice.rules {
        found.extend(rules_at(path)?);
    }
    Ok(found)
}

/// The built-in mappings and the caller's; the same file name replaces.
///
/// # Errors
/// When a named folder cannot be read.
pub fn mappings(dirs: &[PathBuf]) -> Result<Vec<Source>, Fault> {
    let mut by_name: BTreeMap<String, Source> = BTreeMap::new();
    let own = dirs.iter().map(|d| rules_at(d)).collect::<Result<Vec<_>, _>>()?;
    for source in builtin_mappings().into_iter().chain(own.into_iter().flatten()) {
        let name = source.path.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
        by_name.insert(name, source);
    }
    Ok(by_name.into_values().collect())
}

/// `NAME=FILE` pairs: the lines of each file that are not empty and do not begin with `#`.
///
/// # Errors
/// When a pair has no `=` or its file cannot be read.
pub fn lists(pairs: &[String]) -> Result<BTreeMap<String, Vec<String>>, Fault> {
    pairs
        .iter()
        .map(|pair| {
            let (name, path) = pair.split_once('=').ok_or_else(|| {
                Fault::usage_help(
                    format!("--expand {pair}: no `=`"),
                    "write --expand NAME=FILE, one value a line in FILE",
                )
            })?;
            let text = fs::read_to_string(path)
                .map_err(Fault::io(format!("cannot read the values of %{name}% at {path}")))?;
            let values = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
            Ok((name.to_owned(), values.map(str::to_owned).collect()))
        })
        .collect()
}

/// Everything a scan needs.
///
/// # Errors
/// When named content cannot be read.
pub fn load(choice: &RuleChoice, mapping_dirs: &[PathBuf]) -> Result<Arc<Content>, Fault> {
    let lists = lists(&choice.expand)?;
    Ok(Arc::new(Content::load(rules(choice)?, Mappings::load(&mappings(mapping_dirs)?), &lists)))
}
