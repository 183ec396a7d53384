//! The public rule tree, if it is there: every file accounted for, the left-out ones as a golden.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vedette_sigma::{Pack, ReadOptions, Verdict};

use crate::rule;

/// The folder of real data; `None`, said aloud, when it is missing.
pub fn corpus(below: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a test may ask where its data lies")]
    let root = std::env::var("VEDETTE_CORPUS")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"), PathBuf::from);
    let folder = root.join(below);
    if !folder.is_dir() {
        println!("skipped: corpus missing ({below})");
        return None;
    }
    Some(folder)
}

/// All rule files below a folder, with their path relative to it.
pub fn files(folder: &Path) -> BTreeMap<Arc<str>, Vec<u8>> {
    let mut texts = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("a folder").map(|e| e.expect("an entry").path()));
        } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml") {
            let name =
                path.strip_prefix(folder).expect("below the folder").to_string_lossy().replace('\\', "/");
            texts.insert(name.into(), std::fs::read(&path).expect("a file"));
        }
    }
    texts
}

pub fn pack(texts: &BTreeMap<Arc<str>, Vec<u8>>) -> Pack {
    Pack::read(texts.iter().map(|(p, t)| (Arc::clone(p), t)), &ReadOptions::default())
}

#[test]
fn the_public_tree_is_accounted_for() {
    let Some(folder) = corpus("sigma/rules") else { return };
    let texts = files(&folder);
    let pack = pack(&texts);
    let mut trees: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut left_out = Vec::new();
    for account in &pack.account {
        let tree = account.path.split('/').next().unwrap_or_default();
        let counts = trees.entry(tree).or_default();
        counts.0 += 1;
        match &account.verdict {
            Verdict::Running => counts.1 += 1,
            Verdict::LeftOut { code, reason } => {
                left_out.push(format!("{tree} {} {code} {reason}", account.id.as_deref().unwrap_or("-")));
            }
        }
    }
    // Every file has at least one entry, and the counts add up.
    let seen: std::collections::BTreeSet<&str> = pack.account.iter().map(|a| &*a.path).collect();
    assert_eq!(seen.len(), texts.len());
    let counts = pack.counts();
    assert_eq!(counts.running + counts.left_out, counts.documents);
    assert_eq!(counts.running, pack.rules.len() + pack.correlations.len());
    for tree in ["rules", "rules-emerging-threats", "rules-threat-hunting"] {
        let (documents, running) = trees[tree];
        let share = running as f64 / documents as f64;
        assert!(share >= 0.995, "{tree}: {running} of {documents} run, {share}");
    }
    left_out.sort();
    let table: Vec<String> =
        trees.iter().map(|(t, (all, run))| format!("{t}: {run} of {all} running")).collect();
    crate::diagnostics::golden(
        "corpus",
        "left_out_of_the_public_tree",
        &format!("{}\n\n{}\n", table.join("\n"), left_out.join("\n")),
    );
}

#[test]
fn what_is_left_out_for_want_of_a_list_runs_once_it_is_given() {
    let Some(folder) = corpus("sigma/rules/rules-placeholder") else { return };
    let mut pack = pack(&files(&folder));
    let before = pack.counts();
    // The names stand in the reasons, between percent signs.
    let mut lists = BTreeMap::new();
    for _ in 0..5 {
        for cause in pack.account.iter().filter_map(|a| a.cause()) {
            if let Some(name) = cause.fault.split('%').nth(1) {
                lists.insert(name.to_owned(), vec!["one".to_owned(), "two*".to_owned()]);
            }
        }
        pack.expand(&lists);
    }
    assert!(before.left_out > 0);
    assert_eq!(pack.counts().left_out, 0, "{:?}", pack.account.iter().find_map(|a| a.cause()));
}

#[test]
fn the_samples_of_the_specification_load() {
    let Some(folder) = corpus("sigma-spec/tests/schema") else { return };
    // The samples refer to rules that the specification does not give.
    let mut known = String::new();
    for name in [
        "recon_cmd_a",
        "recon_cmd_b",
        "recon_cmd_c",
        "rule_a_id",
        "website_access",
        "process_creation",
        "5638f7c0-ac70-491d-8465-2a65075e0d86",
        "6f3e2987-db24-4c78-a860-b4f4095a7095",
    ] {
        let text = rule(name, "    selection:\n        a: 1\n    condition: selection\n");
        known.push_str(&text);
        known.push_str("---\n");
    }
    // The ECS filter is for DNS.
    let dns = rule(
        "df0841c0-9846-4e9f-ad8a-7df91571771b",
        "    selection:\n        a: 1\n    condition: selection\n",
    );
    known.push_str(&dns.replace("product: windows", "service: dns").replace("process_creation", "network"));
    let samples = files(&folder);
    assert!(samples.len() >= 12, "{}", samples.len());
    for (path, text) in &samples {
        let files = [(Arc::from("known.yml"), known.as_bytes()), (Arc::clone(path), text.as_slice())];
        let pack = Pack::read(files, &ReadOptions::default());
        let account = pack.account.iter().find(|a| a.path == *path).expect("an account");
        let shown: Vec<String> =
            account.diagnostics.iter().map(|d| d.render(&String::from_utf8_lossy(text))).collect();
        assert!(account.is_running(), "{path}: {}", shown.join("\n"));
    }
}
