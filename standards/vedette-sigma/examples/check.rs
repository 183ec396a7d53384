//! Reads a folder of Sigma rules and shows what was left out: `cargo run --release --example check -- DIR`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use vedette_sigma::{Pack, ReadOptions};

fn walk(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            walk(&entry?.path(), files)?;
        }
    } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml") {
        files.push(path.to_owned());
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    let mut files = Vec::new();
    for argument in std::env::args().skip(1) {
        walk(Path::new(&argument), &mut files)?;
    }
    let mut texts: BTreeMap<Arc<str>, Vec<u8>> = BTreeMap::new();
    for file in files {
        texts.insert(file.to_string_lossy().as_ref().into(), std::fs::read(&file)?);
    }
    let start = Instant::now();
    let pack = Pack::read(texts.iter().map(|(p, t)| (Arc::clone(p), t)), &ReadOptions::default());
    let took = start.elapsed();
    for diagnostic in pack.account.iter().flat_map(|a| &a.diagnostics) {
        let text = texts.get(&diagnostic.place.path).map(|t| String::from_utf8_lossy(t)).unwrap_or_default();
        println!("{}", diagnostic.render(&text));
    }
    let counts = pack.counts();
    println!(
        "{} files, {} documents: {} running, {} left out; read in {took:?}",
        texts.len(),
        counts.documents,
        counts.running,
        counts.left_out
    );
    Ok(())
}
