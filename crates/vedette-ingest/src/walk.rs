//! Lists what the arguments name: files in sorted order, and everything that will not be read with the reason.
//!
//! A link is followed only when it is itself an argument; inside folders it is listed and left alone, so a loop cannot
//! arise. Fifos, sockets and devices are listed and never opened.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use vedette_model::{Problem, Timestamp};

use crate::dates::KnownYear;
use crate::options::Options;
use crate::problems::{self, Kind};
use crate::{limits, unix};

/// What stands at a listed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputKind {
    File,
    /// Standard input.
    Stdin,
    /// Listed and not read, with the problem that says why.
    NotRead(Kind, String),
}

/// One listed path.
#[derive(Debug, Clone)]
pub struct Input {
    pub path: PathBuf,
    pub kind: InputKind,
    /// Bytes on disk; zero for what is not read and for standard input.
    pub size: u64,
    pub modified: Option<Timestamp>,
    /// How many folders of `path` belong to the argument it was found under, the argument itself included.
    pub(crate) argument_parts: usize,
}

impl Input {
    /// The path as shown in output; `-` for standard input.
    pub fn shown(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

/// The list of inputs, in the order in which they are read: arguments as given, below each sorted by name.
#[derive(Debug)]
pub struct Inputs {
    pub(crate) list: Vec<Input>,
    pub(crate) options: Options,
    pub(crate) known_years: Vec<KnownYear>,
    pub(crate) progress: Arc<AtomicU64>,
    problems: Vec<Problem>,
    total_bytes: u64,
}

impl Inputs {
    /// Lists files; opens none. Never fails: what cannot be listed becomes a problem and an entry that is not read.
    pub fn walk(options: &Options) -> Inputs {
        let mut walk = Walk { remember: options.paths.len() > 1, ..Walk::default() };
        for path in &options.paths {
            walk.argument(path);
        }
        let total_bytes = walk.list.iter().map(|i| i.size).sum();
        Inputs {
            list: walk.list,
            options: options.clone(),
            known_years: Vec::new(),
            progress: Arc::default(),
            problems: walk.problems,
            total_bytes,
        }
    }

    /// Everything that was listed, in reading order.
    pub fn list(&self) -> &[Input] {
        &self.list
    }

    /// Bytes on disk of all that will be read; known before reading, for a progress bar.
    pub fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    /// Arguments that name nothing, folders that could not be listed. They have an entry in [`Inputs::list`] too.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Bytes on disk consumed so far, out of [`Inputs::total_bytes`]; may be read from another thread.
    pub fn progress(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.progress)
    }

    pub(crate) fn progress_to(&self, bytes: u64) {
        self.progress.store(bytes, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Walk {
    list: Vec<Input>,
    problems: Vec<Problem>,
    /// Paths already listed, kept only when there are several arguments: overlapping ones list a file once.
    seen: HashSet<PathBuf>,
    remember: bool,
}

impl Walk {
    fn argument(&mut self, path: &Path) {
        let parts = path.components().count();
        if path.as_os_str() == "-" {
            self.add(path.to_owned(), InputKind::Stdin, 0, None, parts);
            return;
        }
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.folder(path.to_owned(), parts),
            Ok(meta) => self.leaf(path.to_owned(), &meta, parts),
            Err(e) => {
                let missing = e.kind() == std::io::ErrorKind::NotFound;
                let kind = if missing { problems::NOT_FOUND } else { problems::UNREADABLE };
                let detail = if missing { String::new() } else { e.to_string() };
                self.refuse(path.to_owned(), kind, detail, parts);
            }
        }
    }

    /// Depth first with a stack of our own, so that the depth of folders cannot exhaust the thread's.
    fn folder(&mut self, top: PathBuf, parts: usize) {
        let mut stack = vec![(top, 0_usize)];
        while let Some((path, depth)) = stack.pop() {
            let meta = match if depth == 0 { fs::metadata(&path) } else { fs::symlink_metadata(&path) } {
                Ok(meta) => meta,
                Err(e) => {
                    self.refuse(path, problems::UNREADABLE, e.to_string(), parts);
                    continue;
                }
            };
            if !meta.is_dir() {
                self.leaf(path, &meta, parts);
                continue;
            }
            if depth >= limits::WALK_DEPTH_MAX {
                self.refuse(path, problems::WALK_DEPTH, String::new(), parts);
                continue;
            }
            let mut children = match fs::read_dir(&path).and_then(|dir| dir.collect::<Result<Vec<_>, _>>()) {
                Ok(entries) => entries.into_iter().map(|e| e.file_name()).collect::<Vec<_>>(),
                Err(e) => {
                    self.refuse(path, problems::UNREADABLE, e.to_string(), parts);
                    continue;
                }
            };
            children.sort_unstable();
            // The stack is taken from its end.
            stack.extend(children.iter().rev().map(|name| (path.join(name), depth + 1)));
        }
    }

    fn leaf(&mut self, path: PathBuf, meta: &Metadata, parts: usize) {
        let kind = meta.file_type();
        if kind.is_file() {
            let modified =
                meta.modified().ok().and_then(|t| jiff::Timestamp::try_from(t).ok()).map(Timestamp::from);
            self.add(path, InputKind::File, meta.len(), modified, parts);
        } else if kind.is_symlink() {
            let target =
                fs::read_link(&path).map(|t| format!("points to {}", t.display())).unwrap_or_default();
            self.add(path, InputKind::NotRead(problems::LINK, target), 0, None, parts);
        } else {
            let name = unix::special_name(kind).to_owned();
            self.add(path, InputKind::NotRead(problems::SPECIAL, name), 0, None, parts);
        }
    }

    fn refuse(&mut self, path: PathBuf, kind: Kind, detail: String, parts: usize) {
        self.problems.push(kind.at(&path.to_string_lossy(), &detail));
        self.add(path, InputKind::NotRead(kind, detail), 0, None, parts);
    }

    fn add(&mut self, path: PathBuf, kind: InputKind, size: u64, modified: Option<Timestamp>, parts: usize) {
        if self.remember && !self.seen.insert(path.clone()) {
            return;
        }
        match self.list.len().cmp(&limits::FILES_MAX) {
            std::cmp::Ordering::Less => {
                self.list.push(Input { path, kind, size, modified, argument_parts: parts });
            }
            std::cmp::Ordering::Equal if !self.problems.iter().any(|p| p.code == problems::FILES.code) => {
                self.problems.push(problems::FILES.at(&path.to_string_lossy(), ""));
            }
            _ => {}
        }
    }
}
