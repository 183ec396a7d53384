//! Where content comes from: what is built in, what was imported, what the caller names.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use vedette_model::Problem;
use vedette_runtime::{Content, Mappings, Source};
use vedette_sigma::Verdict;

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

/// Rule files, and what stood where rules were looked for and could not be read.
#[derive(Default)]
pub struct Found {
    pub sources: Vec<Source>,
    pub problems: Vec<Problem>,
}

impl Found {
    fn leave_out(&mut self, code: &'static str, place: String, fault: String, remedy: &str) {
        let consequence = "left out; the others are loaded".to_owned();
        self.problems.push(Problem { code, place, fault, consequence, remedy: remedy.to_owned(), count: 1 });
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let fault = format!("cannot be read: {error}");
        self.leave_out("VD-R005", path.display().to_string(), fault, "check the permissions");
    }

    fn too_large(&mut self, place: String) {
        let fault = format!("larger than {} MiB, so it is no rule file", RULE_BYTES_MAX >> 20);
        self.leave_out("VD-R002", place, fault, "cut it into files of fewer rules");
    }

    fn add(&mut self, other: Found) {
        self.sources.extend(other.sources);
        self.problems.extend(other.problems);
    }
}

/// Rule files below `path`: a file, a folder, or a zip. Sorted by path.
///
/// # Errors
/// When `path` itself cannot be looked at, or is no zip though it is called one.
pub fn find(path: &Path) -> Result<Found, Fault> {
    find_content(path, "rules")
}

/// As [`find`], for something that the caller named and therefore expects something in.
///
/// # Errors
/// Also when there is nothing.
fn find_some(path: &Path, what: &str) -> Result<Found, Fault> {
    let found = find_content(path, what)?;
    if found.sources.is_empty() && found.problems.is_empty() {
        return Err(Fault::usage_help(
            format!("{} holds no {what}", path.display()),
            "name a folder or a zip with .yml files in it, or such a file",
        ));
    }
    Ok(found)
}

fn find_content(path: &Path, what: &str) -> Result<Found, Fault> {
    let context = || format!("cannot read {what} at {}", path.display());
    let meta = fs::metadata(path).map_err(Fault::io(context()))?;
    let mut found = Found::default();
    if meta.is_dir() {
        walk(path, 0, &mut found);
    } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip")) {
        let file = fs::File::open(path).map_err(Fault::io(context()))?;
        zipped(path, file, &mut found).map_err(|e| Fault::Io { context: context(), source: e })?;
    } else {
        read(path, &mut found);
    }
    found.sources.sort_by(|a, b| a.path.cmp(&b.path));
    found.problems.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(found)
}

/// Folders below one another that are followed.
const DEPTH_MAX: usize = 32;

fn walk(dir: &Path, depth: usize, found: &mut Found) {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) => return found.unreadable(dir, &e),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                found.unreadable(dir, &e);
                continue;
            }
        };
        let path = entry.path();
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(e) => {
                found.unreadable(&path, &e);
                continue;
            }
        };
        if kind.is_dir() {
            if depth < DEPTH_MAX {
                walk(&path, depth + 1, found);
            } else {
                let fault = format!("folders are nested more than {DEPTH_MAX} deep");
                found.leave_out("VD-R003", path.display().to_string(), fault, "name the folder itself");
            }
        } else if (kind.is_file() || kind.is_symlink()) && is_content(&path) {
            // A link is followed to a file and not to a folder, so no loop can arise.
            read(&path, found);
        }
    }
}

fn read(path: &Path, found: &mut Found) {
    match fs::metadata(path) {
        Ok(meta) if !meta.is_file() => {
            let fault = "not a regular file".to_owned();
            found.leave_out("VD-R005", path.display().to_string(), fault, "name a file, folder or zip");
        }
        Ok(meta) if meta.len() > RULE_BYTES_MAX => found.too_large(path.display().to_string()),
        _ => match fs::read(path) {
            Ok(text) => found.sources.push(Source { path: path.display().to_string().into(), text }),
            Err(e) => found.unreadable(path, &e),
        },
    }
}

fn zipped(path: &Path, file: fs::File, found: &mut Found) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(file)?;
    for index in 0..archive.len() {
        let listed = archive.name_for_index(index).and_then(Result::ok).map(std::borrow::Cow::into_owned);
        let name = listed.unwrap_or_else(|| match archive.by_index_raw(index) {
            Ok(member) => String::from_utf8_lossy(member.name_raw()).into_owned(),
            // Told as left out below rather than passed over.
            Err(_) => format!("member {index}.yml"),
        });
        if !is_content(Path::new(&name)) {
            continue;
        }
        let place = format!("{}!{name}", path.display());
        let mut text = Vec::new();
        let member = archive.by_index(index).map_err(io::Error::from);
        match member.and_then(|m| m.take(RULE_BYTES_MAX + 1).read_to_end(&mut text)) {
            Err(e) => {
                let fault = format!("the member of the zip cannot be read: {e}");
                found.leave_out(
                    "VD-R004",
                    place,
                    fault,
                    "unpack the zip with its own tool and name the folder",
                );
            }
            Ok(_) if text.len() as u64 > RULE_BYTES_MAX => found.too_large(place),
            Ok(_) => found.sources.push(Source { path: place.into(), text }),
        }
    }
    Ok(())
}

/// The rules that a command runs with: built-in, imported, and named ones.
///
/// # Errors
/// When a named path cannot be read.
fn rules(choice: &RuleChoice) -> Result<Found, Fault> {
    let mut found = Found::default();
    if !choice.no_default_rules {
        found.sources.extend(builtin_rules());
        if let Some(dir) = packs_dir().filter(|d| d.is_dir()) {
            found.add(find(&dir)?);
        }
    }
    for path in &choice.rules {
        found.add(find_some(path, "rules")?);
    }
    Ok(found)
}

/// The built-in mappings and the caller's; the same file name replaces, whatever its ending.
///
/// # Errors
/// When a named folder cannot be read.
pub fn mappings(dirs: &[PathBuf]) -> Result<Vec<Source>, Fault> {
    all_mappings(dirs).map(|found| found.sources)
}

fn all_mappings(dirs: &[PathBuf]) -> Result<Found, Fault> {
    let mut own = Found::default();
    for dir in dirs {
        own.add(find_some(dir, "mappings")?);
    }
    let mut by_name: BTreeMap<String, Source> = BTreeMap::new();
    for source in builtin_mappings().into_iter().chain(own.sources) {
        let name = source.path.rsplit(['/', ':', '!']).next().unwrap_or_default();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
        by_name.insert(stem, source);
    }
    Ok(Found { sources: by_name.into_values().collect(), problems: own.problems })
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
    let Found { sources: mut rules, problems: unread } = rules(choice)?;
    // A file that cannot be read has its place in the account: text that no pack can read stands for it.
    rules.extend(unread.iter().map(|p| Source { path: p.place.as_str().into(), text: b"\xff".to_vec() }));
    let mappings = all_mappings(mapping_dirs)?;
    let mut content = Content::load(rules, Mappings::load(&mappings.sources), &lists);
    for problem in &unread {
        tell_cause(&mut content, problem);
    }
    content.problems.extend(unread);
    content.problems.extend(mappings.problems);
    Ok(Arc::new(content))
}

/// Puts the true cause into the account in place of what its stand-in was rejected for.
fn tell_cause(content: &mut Content, problem: &Problem) {
    for account in content.pack.account.iter_mut().filter(|a| *a.path == *problem.place) {
        if let Verdict::LeftOut { reason, .. } = &mut account.verdict {
            reason.clone_from(&problem.fault);
        }
        for diagnostic in account.diagnostics.iter_mut().filter(|d| d.fatal) {
            diagnostic.fault.clone_from(&problem.fault);
            diagnostic.help = Some(problem.remedy.clone());
        }
    }
}
