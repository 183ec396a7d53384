//! The room as its callers see it: paths in, messages out.

mod archives;
mod corpus;
mod inputs;
mod mutations;

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vedette_ingest::{FileEnd, Inputs, Message, Options};
use vedette_model::FileContext;

/// One file's way through the reader.
pub struct Seen {
    pub start: Arc<FileContext>,
    pub end: FileEnd,
    pub records: Vec<String>,
    pub rejects: Vec<(u64, &'static str)>,
    pub chunks: usize,
}

impl Seen {
    pub fn codes(&self) -> Vec<&'static str> {
        self.end.problems.iter().map(|p| p.code).collect()
    }
}

pub fn options(path: &Path) -> Options {
    Options { paths: vec![path.to_owned()], ..Options::default() }
}

/// Reads everything and checks what must hold for every run: starts and ends nest, batches are numbered, counts add up.
pub fn read(options: &Options) -> Vec<Seen> {
    read_inputs(&Inputs::walk(options))
}

pub fn read_inputs(inputs: &Inputs) -> Vec<Seen> {
    let mut open: Vec<Seen> = Vec::new();
    let mut closed: BTreeMap<u32, Seen> = BTreeMap::new();
    let (mut seq, mut next) = (0, 0);
    let flow = inputs.read(&mut |message| {
        match message {
            Message::FileStart(start) => {
                assert_eq!(start.index.0, next, "files are numbered in the order of their starts");
                next += 1;
                let end = FileEnd {
                    index: start.index,
                    path: String::new(),
                    format: start.format,
                    bytes_read: 0,
                    sha256: None,
                    size: 0,
                    records_cut: 0,
                    lines_blank: 0,
                    lines_header: 0,
                    container: false,
                    problems: Vec::new(),
                    encoding: None,
                };
                open.push(Seen { start, end, records: Vec::new(), rejects: Vec::new(), chunks: 0 });
            }
            Message::Batch(batch) => {
                assert_eq!(batch.seq, seq, "batches are numbered over the whole run");
                seq += 1;
                let seen = open.last_mut().expect("a batch belongs to an open file");
                assert_eq!(seen.start.index, batch.file.index);
                for span in &batch.spans {
                    let bytes = &batch.bytes[span.start as usize..span.end as usize];
                    seen.end.records_cut += 1 + span.joined.len() as u64;
                    seen.records.push(String::from_utf8_lossy(bytes).into_owned());
                }
                seen.end.records_cut += batch.rejects.len() as u64;
                seen.rejects.extend(batch.rejects.iter().map(|r| (r.position.number, r.reason)));
                seen.chunks += 1;
            }
            Message::FileEnd(end) => {
                let mut seen = open.pop().expect("an end belongs to an open file");
                assert_eq!(
                    (end.index, end.path.as_str(), end.format),
                    (seen.start.index, seen.start.path.as_str(), seen.start.format)
                );
                assert_eq!(
                    end.records_cut, seen.end.records_cut,
                    "spans, joined and rejects add up in {}",
                    end.path
                );
                seen.end = end;
                closed.insert(seen.start.index.0, seen);
            }
        }
        ControlFlow::Continue(())
    });
    assert!(flow.is_continue() && open.is_empty());
    closed.into_values().collect()
}

/// A folder that vanishes with the test.
pub struct Folder(tempfile::TempDir);

impl Default for Folder {
    fn default() -> Self {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }
}

impl Folder {
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, content).expect("a file");
        path
    }

    /// Paths, formats and problems, the folder's own path left out.
    pub fn verdicts(&self, seen: &[Seen]) -> Vec<String> {
        let root = format!("{}/", self.path().display());
        seen.iter()
            .map(|s| {
                format!("{} {} {}", s.start.path.replace(&root, ""), s.end.format.name(), s.codes().join(" "))
                    .trim_end()
                    .to_owned()
            })
            .collect()
    }
}
