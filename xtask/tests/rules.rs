//! The house's own rules: each loads without a word of complaint, says what docs/rules.md asks of it, and has a bench
//! that would notice the loss of any line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vedette_runtime::{Mappings, Source, bench};
use vedette_sigma::{Block, Item, Meta, Pack, ReadOptions, Selection};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All files below `folder` whose name ends in `.yml`, benches too, by path.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).expect("folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "yml") {
                let name = path.strip_prefix(folder).expect("below").to_string_lossy().replace('\\', "/");
                found.insert(name, std::fs::read_to_string(&path).expect("text"));
            }
        }
    }
    found
}

fn rules() -> BTreeMap<String, String> {
    let all = files(&root().join("content/rules"));
    all.into_iter().filter(|(name, _)| !name.ends_with(".bench.yml")).collect()
}

fn pack(path: &str, text: &str) -> Pack {
    Pack::read(vec![(Arc::from(path), text.as_bytes())], &ReadOptions::default())
}

fn metas(pack: &Pack) -> impl Iterator<Item = &Meta> {
    pack.rules.iter().map(|r| &r.meta).chain(pack.correlations.iter().map(|c| &c.meta))
}

#[test]
fn every_rule_loads_and_says_what_is_asked() {
    let (mut ids, mut titles, mut names) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut documents = 0;
    for (path, text) in rules() {
        let pack = pack(&path, &text);
        for account in &pack.account {
            assert!(
                account.is_running() && account.diagnostics.is_empty(),
                "{path}: {:?}",
                account.diagnostics
            );
        }
        for meta in metas(&pack) {
            documents += 1;
            assert!(ids.insert(meta.id.clone()), "{path}: id {} is used twice", meta.id);
            assert_eq!(meta.id.as_bytes().get(14), Some(&b'4'), "{path}: {} is no random UUID", meta.id);
            assert!(titles.insert(meta.title.clone()), "{path}: title `{}` is used twice", meta.title);
            assert!(meta.name.iter().all(|n| names.insert(n.clone())), "{path}: name is used twice");
            assert_eq!(meta.author.as_deref(), Some("Vedette"), "{path}");
            assert_eq!(meta.license.as_deref(), Some("Apache-2.0"), "{path}");
            let said = meta.status.is_some() && meta.level.is_some() && meta.date.is_some();
            assert!(
                said && meta.description.is_some() && !meta.falsepositives.is_empty(),
                "{path}: says too little"
            );
            let attack: Vec<&String> = meta.tags.iter().filter(|t| t.starts_with("attack.")).collect();
            assert!(attack.len() > 1, "{path}: no tactic or no technique");
            for tag in attack {
                assert!(vedette_attack::from_tag(tag).is_some(), "{path}: {tag} is not in ATT&CK");
            }
        }
    }
    assert!(documents >= 48, "{documents} documents");
}

/// A selection with one line less, as text of the whole file.
struct Mutant {
    line: u32,
    text: String,
}

const ALWAYS: &str = "Vedette.Nothing|exists: false";
const NEVER: &str = "Vedette.Nothing|exists: true";

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Replaces the line (from 1) and what is indented below it.
fn replaced(text: &str, line: u32, keep_head: bool, with: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let head = line as usize - 1;
    let depth = indent(lines[head]);
    let below = lines[head + 1..].iter().take_while(|l| indent(l) > depth && !l.starts_with("---")).count();
    let mut out: Vec<String> = lines[..head].iter().map(|l| (*l).to_owned()).collect();
    if keep_head {
        out.push(lines[head].to_owned());
        out.push(format!("{}{with}", " ".repeat(depth + 2)));
    } else {
        let dash = if lines[head].trim_start().starts_with("- ") { "- " } else { "" };
        out.push(format!("{}{dash}{with}", " ".repeat(depth)));
    }
    out.extend(lines[head + 1 + below..].iter().map(|l| (*l).to_owned()));
    out.join("\n") + "\n"
}

fn only_item(block: &Block) -> Option<&Item> {
    match block {
        Block::Item(item) => Some(item),
        Block::All(parts) | Block::Any(parts) if parts.len() == 1 => only_item(&parts[0]),
        _ => None,
    }
}

/// One mutant for each line of a selection. A line of a map is taken to hold always, an entry of a list never, and a
/// filter of one line never.
fn mutants(text: &str, selection: &Selection) -> Vec<Mutant> {
    let whole = |with: &str| Mutant {
        line: selection.place.line,
        text: replaced(text, selection.place.line, true, with),
    };
    let alone = if selection.name.starts_with("filter") { NEVER } else { ALWAYS };
    let parts = match &selection.block {
        block if only_item(block).is_some() => return vec![whole(alone)],
        Block::All(parts) => parts.iter().map(|p| (p, ALWAYS)).collect::<Vec<_>>(),
        Block::Any(parts) => parts.iter().map(|p| (p, NEVER)).collect(),
        Block::Item(_) => return Vec::new(),
    };
    if parts.iter().any(|(p, _)| only_item(p).is_some_and(|i| i.field.is_none())) {
        return vec![whole(alone)];
    }
    let lines = parts.iter().filter_map(|(part, with)| only_item(part).map(|item| (item.place.line, *with)));
    lines.map(|(line, with)| Mutant { line, text: replaced(text, line, false, with) }).collect()
}

#[test]
fn every_line_of_every_selection_is_needed_by_a_case() {
    let sources = files(&root().join("content/mappings"));
    let sources: Vec<Source> = sources
        .into_iter()
        .filter(|(name, _)| !name.ends_with(".bench.yml"))
        .map(|(name, text)| Source { path: name.into(), text: text.into_bytes() })
        .collect();
    let mappings = Mappings::load(&sources);
    let benches = files(&root().join("content/rules"));
    let (mut tried, mut blunt) = (0, Vec::new());
    for (path, text) in rules() {
        let bench = &benches[&path.replace(".yml", ".bench.yml")];
        let bench = Source { path: path.clone().into(), text: bench.clone().into_bytes() };
        let failures = |text: &str| {
            let rule = Source { path: path.clone().into(), text: text.as_bytes().to_vec() };
            let outcomes = bench::rule_file(&rule, &bench, &mappings);
            outcomes.into_iter().filter(|o| o.failure.is_some()).collect::<Vec<_>>()
        };
        let failed = failures(&text);
        assert!(failed.is_empty(), "{path}: {failed:#?}");
        let pack = pack(&path, &text);
        for mutant in pack.rules.iter().flat_map(|r| &r.detection.selections).flat_map(|s| mutants(&text, s))
        {
            tried += 1;
            let changed = self::pack(&path, &mutant.text);
            assert!(
                changed.account.iter().all(|a| a.is_running()),
                "{path}:{}\n{}",
                mutant.line,
                mutant.text
            );
            if failures(&mutant.text).is_empty() {
                blunt.push(format!("{path}:{}", mutant.line));
            }
        }
    }
    assert!(tried > 200, "{tried} lines tried");
    assert!(
        blunt.is_empty(),
        "no case notices the loss of these {} of {tried} lines:\n{}",
        blunt.len(),
        blunt.join("\n")
    );
}
