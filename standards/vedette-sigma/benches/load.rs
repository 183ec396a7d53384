//! Loading the public rule tree: `VEDETTE_CORPUS=DIR cargo bench -p vedette-sigma`. Without it, 1,000 small rules.

use std::path::Path;
use std::sync::Arc;

use vedette_sigma::{FileDocuments, Pack, ReadOptions, parse_file};

fn main() {
    divan::main();
}

type Texts = Vec<(Arc<str>, Vec<u8>)>;

fn walk(path: &Path, texts: &mut Texts) {
    if let Ok(entries) = std::fs::read_dir(path) {
        entries.flatten().for_each(|entry| walk(&entry.path(), texts));
    } else if path.extension().is_some_and(|e| e == "yml")
        && let Ok(bytes) = std::fs::read(path)
    {
        texts.push((path.to_string_lossy().as_ref().into(), bytes));
    }
}

fn texts() -> Texts {
    let mut texts = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "a bench may ask where its data lies")]
    let corpus = std::env::var("VEDETTE_CORPUS").unwrap_or_else(|_| "../../../shared/corpus".to_owned());
    walk(&Path::new(&corpus).join("sigma/rules"), &mut texts);
    if texts.is_empty() {
        texts.extend((0..1000).map(|i| {
            let text = format!(
                "title: Rule {i}\nid: r{i}\nlogsource: {{product: windows, category: process_creation}}\ndetection:\n    \
                 selection:\n        Image|endswith: ['\\a{i}.exe', '\\b{i}.exe']\n        CommandLine|contains|all:\n            \
                 - ' -x{i}'\n            - 'y'\n    condition: selection\nlevel: low\n"
            );
            (format!("{i}.yml").into(), text.into_bytes())
        }));
    }
    texts
}

fn parsed(texts: &Texts) -> Vec<FileDocuments> {
    let options = ReadOptions::default();
    texts.iter().map(|(path, text)| parse_file(Arc::clone(path), text, &options.lists)).collect()
}

#[divan::bench(sample_count = 10)]
fn parse(bencher: divan::Bencher<'_, '_>) {
    let texts = texts();
    bencher.counter(divan::counter::ItemsCount::new(texts.len())).bench(|| parsed(&texts));
}

#[divan::bench(sample_count = 10)]
fn assemble(bencher: divan::Bencher<'_, '_>) {
    let texts = texts();
    bencher
        .with_inputs(|| parsed(&texts))
        .bench_values(|files| Pack::assemble(files, &ReadOptions::default()));
}
