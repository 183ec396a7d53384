//! Loads the repository's content once and runs scans over folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use vedette_ingest::{Inputs, Options};
use vedette_model::Finding;
use vedette_runtime::scan::{self, Outcome, Progress, Search};
use vedette_runtime::{Content, Mappings, Source, check};

pub struct Silent;

impl Progress for Silent {
    fn done(&self, _records: u64) {}
    fn file(&self, _path: &str) {}
}

static MAPPINGS: LazyLock<Mappings> = LazyLock::new(|| Mappings::load(&sources("mappings")));

/// The built-in rules and mappings.
pub static BUILT_IN: LazyLock<Arc<Content>> = LazyLock::new(|| {
    let content = Content::load(sources("rules"), MAPPINGS.clone(), &BTreeMap::new());
    assert!(check::account(&content).running > 100, "the rules of the repository are loaded");
    Arc::new(content)
});

/// The built-in mappings with these rules alone.
pub fn with_rules(rules: &[&str]) -> Arc<Content> {
    let sources = rules
        .iter()
        .enumerate()
        .map(|(n, text)| Source { path: format!("{n}.yml").into(), text: text.as_bytes().to_vec() })
        .collect();
    let content = Content::load(sources, MAPPINGS.clone(), &BTreeMap::new());
    assert_eq!(check::account(&content).left_out, 0, "{:?}", content.pack.account);
    Arc::new(content)
}

/// Files of `content/KIND`, without benches.
fn sources(kind: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content").join(kind);
    let (mut found, mut open) = (Vec::new(), vec![root]);
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).expect("a folder of content") {
            let path: PathBuf = entry.expect("an entry").path();
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                open.push(path);
            } else if name.ends_with(".yml") && !name.ends_with(".bench.yml") {
                found.push(Source { path: name.into(), text: fs::read(&path).expect("a file") });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Scans `path` as the command does, neighbours asked for their year.
pub fn scan(content: &Arc<Content>, path: &Path, search: Search, jobs: usize) -> Outcome {
    scan_with(content, Options { paths: vec![path.to_owned()], ..Options::default() }, search, jobs)
}

pub fn scan_with(content: &Arc<Content>, options: Options, search: Search, jobs: usize) -> Outcome {
    let mut inputs = Inputs::walk(&options);
    let years = scan::years(content, &inputs, &options);
    inputs.assume_from_neighbours(years);
    let stop = AtomicBool::new(false);
    scan::scan(content.clone(), &inputs, search, jobs, &stop, &Silent, None).expect("a scan")
}

/// All findings, in their order.
pub fn findings(outcome: &mut Outcome) -> Vec<Finding> {
    let order = outcome.findings.order().to_vec();
    order.into_iter().map(|index| outcome.findings.read(index).expect("a finding")).collect()
}
