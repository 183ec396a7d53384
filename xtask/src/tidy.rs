//! Keeps the house tidy: arrows between crates point down, files say what they are for, content has its bench, and codes
//! have their row.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each crate of the house and the crates it may import. `standards/` are open to all rooms above them.
///
/// Source: ARCHITECTURE.md, "Who may import whom".
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("vedette-attack", &[]),
    ("vedette-ocsf", &[]),
    ("vedette-sigma", &[]),
    ("vedette-model", STANDARDS),
    ("vedette-correlate", STREAM),
    ("vedette-detect", STREAM),
    ("vedette-ingest", STREAM),
    ("vedette-intel", STREAM),
    ("vedette-investigate", STREAM),
    ("vedette-normalize", STREAM),
    ("vedette-mcp", &[]),
    ("vedette-report", &["vedette-attack"]),
    (
        "vedette-runtime",
        &[
            "vedette-attack",
            "vedette-correlate",
            "vedette-detect",
            "vedette-ingest",
            "vedette-intel",
            "vedette-investigate",
            "vedette-model",
            "vedette-normalize",
            "vedette-ocsf",
            "vedette-sigma",
        ],
    ),
    (
        "vedette",
        &[
            "vedette-attack",
            "vedette-detect",
            "vedette-ingest",
            "vedette-intel",
            "vedette-investigate",
            "vedette-mcp",
            "vedette-model",
            "vedette-normalize",
            "vedette-ocsf",
            "vedette-report",
            "vedette-runtime",
            "vedette-sigma",
        ],
    ),
];

const STANDARDS: &[&str] = &["vedette-attack", "vedette-ocsf", "vedette-sigma"];
/// Stream rooms are siblings: they meet in the model and never import each other.
const STREAM: &[&str] = &["vedette-attack", "vedette-model", "vedette-ocsf", "vedette-sigma"];

/// Every untidy thing found below `root`, one sentence each.
pub fn check(root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    layers(root, &mut faults);
    for dir in ["standards", "crates", "xtask"] {
        first_lines(&root.join(dir), root, &mut faults);
    }
    benches(&root.join("content/rules"), root, &mut faults);
    benches(&root.join("content/mappings"), root, &mut faults);
    codes(root, &mut faults);
    faults.sort();
    faults
}

fn layers(root: &Path, faults: &mut Vec<String>) {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    for dir in ["standards", "crates"] {
        for manifest in entries(&root.join(dir)).into_iter().map(|d| d.join("Cargo.toml")) {
            let Ok(text) = fs::read_to_string(&manifest) else { continue };
            let name =
                manifest.parent().and_then(Path::file_name).and_then(|n| n.to_str()).unwrap_or_default();
            let Some(may) = allowed.get(name) else {
                faults.push(format!(
                    "{name}: a new crate; give it its floor in xtask/src/tidy.rs and ARCHITECTURE.md"
                ));
                continue;
            };
            for dependency in dependencies(&text) {
                if !may.contains(&dependency.as_str()) {
                    faults.push(format!("{name} imports {dependency}: that arrow points up or sideways; what both need belongs one floor below"));
                }
            }
        }
    }
}

/// Names of the house's own crates under `[dependencies]`; dev-dependencies may look anywhere.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if inside && line.starts_with("vedette") {
            names.extend(line.split(['.', ' ', '=']).next().map(str::to_owned));
        }
    }
    names
}

fn first_lines(dir: &Path, root: &Path, faults: &mut Vec<String>) {
    for path in files(dir, "rs") {
        let text = fs::read_to_string(&path).unwrap_or_default();
        if !text.starts_with("//!") {
            faults.push(format!("{}: opens without a `//!` sentence on what it is for", shown(&path, root)));
        }
    }
}

fn benches(dir: &Path, root: &Path, faults: &mut Vec<String>) {
    for path in files(dir, "yml") {
        let name = path.to_string_lossy();
        if name.ends_with(".bench.yml") {
            let subject = PathBuf::from(name.replace(".bench.yml", ".yml"));
            if !subject.exists() {
                faults.push(format!("{}: a bench for nothing", shown(&path, root)));
            }
        } else if is_base(&path) {
            // Words that mappings share: the benches of those mappings hold it.
        } else if !PathBuf::from(name.replace(".yml", ".bench.yml")).exists() {
            faults.push(format!("{}: has no bench beside it", shown(&path, root)));
        }
    }
}

/// Every code of a problem has one row in `docs/codes.md`, and every row there a code.
fn codes(root: &Path, faults: &mut Vec<String>) {
    let page = fs::read_to_string(root.join("docs/codes.md")).unwrap_or_default();
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    for line in page.lines().filter(|l| l.starts_with("| VD-")) {
        *rows.entry(line.split(' ').nth(1).unwrap_or_default()).or_default() += 1;
        if line.matches(" | ").count() != 3 || line.contains("|  |") {
            faults.push(format!("docs/codes.md: a row needs what, consequence and what to do: {line}"));
        }
    }
    let mut known = BTreeMap::new();
    for dir in ["standards", "crates"] {
        for path in files(&root.join(dir), "rs") {
            let below = shown(&path, root);
            if below.contains("/src/") {
                for code in codes_in(&fs::read_to_string(&path).unwrap_or_default()) {
                    known.entry(code).or_insert(below.clone());
                }
            }
        }
    }
    for (code, path) in &known {
        if rows.remove(code.as_str()) != Some(1) {
            faults.push(format!(
                "{path}: {code} has not exactly one row in docs/codes.md; say there what it means, what follows, and what to do"
            ));
        }
    }
    faults.extend(rows.keys().map(|code| format!("docs/codes.md: {code} is no code of the sources")));
}

/// Codes that a source names in quotes (`"VD-I003"`), and those that the Sigma room numbers (`Code(3)`).
fn codes_in(source: &str) -> Vec<String> {
    let quoted = source.split('"').filter(|text| {
        text.strip_prefix("VD-").is_some_and(|rest| {
            rest.len() == 4
                && rest.starts_with(|c: char| c.is_ascii_uppercase())
                && rest[1..].bytes().all(|b| b.is_ascii_digit())
        })
    });
    let numbered = source.lines().filter_map(|line| {
        let (_, number) = line.trim().strip_prefix("pub const ")?.split_once(": Code = Code(")?;
        Some(format!("VD-S{:03}", number.strip_suffix(");")?.parse::<u16>().ok()?))
    });
    quoted.map(str::to_owned).chain(numbered).collect()
}

fn is_base(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.lines().any(|line| line == "kind: base"))
}

fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    paths
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(dir) {
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
        let faults = check(root);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn a_sideways_arrow_is_seen() {
        let dir = tempfile::tempdir().expect("a folder");
        let manifest = dir.path().join("crates/vedette-detect/Cargo.toml");
        fs::create_dir_all(manifest.parent().expect("a parent")).expect("mkdir");
        fs::write(&manifest, "[dependencies]\nvedette-normalize.workspace = true\n").expect("write");
        assert_eq!(check(dir.path()).len(), 1);
    }
    #[test]
    fn a_code_without_a_row_and_a_row_without_a_code_are_seen() {
        let dir = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("mkdir");
            fs::write(path, text).expect("write");
        };
        let source = "//! A room.\nconst A: &str = \"VD-I001\";\npub const YAML: Code = Code(4);\n";
        write("crates/vedette-ingest/src/problems.rs", source);
        let row = |code: &str| format!("| {code} | what | consequence | remedy |\n");
        write("docs/codes.md", &(row("VD-I001") + &row("VD-S004")));
        assert_eq!(check(dir.path()), Vec::<String>::new());
        write("docs/codes.md", &(row("VD-I001") + &row("VD-I002")));
        let faults = check(dir.path()).join("\n");
        assert!(faults.contains("VD-S004 has not") && faults.contains("VD-I002 is no code"), "{faults}");
        write("docs/codes.md", &(row("VD-I001") + &row("VD-I001") + &row("VD-S004")));
        assert_eq!(check(dir.path()).len(), 1);
    }
}
