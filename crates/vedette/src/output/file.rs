//! Files that are written beside the output: never over or among what is being examined.
//!
//! A file is written under a passing name in its own folder and takes its name when it is whole, so that a run that
//! breaks off leaves no half file under that name, and a file that stands there is replaced and never written into.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use vedette_ingest::{FileId, InputKind, Inputs, file_id};

use crate::fault::Fault;

/// What must not be written to.
pub struct Evidence<'a> {
    /// Folders that were named, with their names.
    folders: Vec<(FileId, &'a Path)>,
    inputs: &'a Inputs,
    /// Further files that the command reads: rules, mappings, passwords.
    read: Vec<&'a Path>,
}

impl<'a> Evidence<'a> {
    /// `named` are the arguments as they were given, `read` what else is read.
    pub fn new(named: &'a [PathBuf], inputs: &'a Inputs, read: Vec<&'a Path>) -> Self {
        let folders = named.iter().map(PathBuf::as_path).filter(|p| p.is_dir());
        let folders = folders.filter_map(|p| Some((file_id(p).ok()?, p))).collect();
        Self { folders, inputs, read }
    }

    /// Files that are read, by what they are and not by their names.
    fn files(&self) -> HashSet<FileId> {
        let listed = self.inputs.list().iter().map(|i| match i.kind {
            InputKind::Stdin => Path::new("/dev/stdin"),
            _ => &i.path,
        });
        listed.chain(self.read.iter().copied()).filter_map(|p| file_id(p).ok()).collect()
    }
}

/// A place where a file will be written, after it was found to be no evidence.
#[derive(Debug)]
pub struct Target {
    /// The option that named it.
    option: &'static str,
    /// As it was given, for messages.
    shown: PathBuf,
    /// Folder resolved, links followed.
    path: PathBuf,
    overwrite: bool,
}

impl Target {
    /// Looks at `path` without writing anything.
    ///
    /// # Errors
    /// Usage: when the path is an input by whatever name, lies below a folder that is read, is no regular file, or
    /// exists while `overwrite` is not set. Otherwise: when its folder cannot be looked at.
    pub fn check(
        option: &'static str,
        path: &Path,
        overwrite: bool,
        evidence: &Evidence<'_>,
    ) -> Result<Self, Fault> {
        let shown = path.display();
        let elsewhere = "name a file outside of everything that is read";
        let refuse =
            |what: String, help: &str| Err(Fault::usage_help(format!("{option} {shown}: {what}"), help));
        let resolved = match fs::symlink_metadata(path) {
            Ok(_) => match path.canonicalize() {
                Ok(resolved) => resolved,
                Err(_) => {
                    return refuse(
                        "is a link that leads nowhere".to_owned(),
                        "remove the link or name another file",
                    );
                }
            },
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let Some(name) = path.file_name() else {
                    return refuse("names no file".to_owned(), "name a file to write");
                };
                let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let folder = folder
                    .canonicalize()
                    .map_err(Fault::io(format!("cannot write {shown}: the folder {}", folder.display())))?;
                folder.join(name)
            }
            Err(e) => return Err(Fault::Io { context: format!("cannot write {shown}"), source: e }),
        };
        for above in resolved.ancestors().skip(1) {
            let Ok(id) = file_id(above) else { continue };
            if let Some((_, folder)) = evidence.folders.iter().find(|(f, _)| *f == id) {
                let what = format!("lies in {}, which is read; nothing is written there", folder.display());
                return refuse(what, elsewhere);
            }
        }
        if let Ok(meta) = fs::metadata(&resolved) {
            if !meta.is_file() {
                return refuse("is no regular file".to_owned(), "name a file to write");
            }
            if file_id(&resolved).is_ok_and(|id| evidence.files().contains(&id)) {
                let what = "is one of the files that are read; it would be destroyed".to_owned();
                return refuse(what, elsewhere);
            }
            if !overwrite {
                return refuse(
                    "exists already".to_owned(),
                    "name a new file, or replace this one with --overwrite",
                );
            }
        }
        Ok(Self { option, shown: path.to_owned(), path: resolved, overwrite })
    }

    /// # Errors
    /// Usage: when both would be written to one place.
    pub fn differ(&self, other: &Self) -> Result<(), Fault> {
        if self.path == other.path {
            let message = format!("{} and {} both name {}", self.option, other.option, self.shown.display());
            return Err(Fault::usage_help(message, "give each a file of its own"));
        }
        Ok(())
    }

    /// Opens the file under its passing name.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin(self) -> Result<Draft, Fault> {
        let mut name = std::ffi::OsString::from(".");
        name.push(self.path.file_name().unwrap_or_default());
        name.push(format!(".{}.part", std::process::id()));
        let passing = self.path.with_file_name(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&passing)
            .map_err(Fault::io(format!("cannot write {}", self.shown.display())))?;
        Ok(Draft { target: self, passing, file })
    }
}

/// A file being written. Dropped without [`Draft::finish`] it is removed.
#[derive(Debug)]
pub struct Draft {
    target: Target,
    passing: PathBuf,
    file: File,
}

impl Draft {
    /// A handle to write with.
    ///
    /// # Errors
    /// When the system has no more handles.
    pub fn writer(&self) -> Result<File, Fault> {
        self.file.try_clone().map_err(Fault::io(format!("cannot write {}", self.target.shown.display())))
    }

    /// Gives the file its name; all that was written must have been flushed.
    ///
    /// # Errors
    /// When the disk is full, or a file of that name has come up in the meantime that may not be replaced.
    pub fn finish(self) -> Result<(), Fault> {
        let named = self.file.sync_all().and_then(|()| {
            if self.target.overwrite {
                return fs::rename(&self.passing, &self.target.path);
            }
            match fs::hard_link(&self.passing, &self.target.path) {
                // Not every file system knows links; there is nothing of that name, as far as can be told.
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists && !self.target.path.exists() => {
                    fs::rename(&self.passing, &self.target.path)
                }
                done => done,
            }
        });
        named.map_err(Fault::io(format!("cannot write {}", self.target.shown.display())))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already when it was renamed.
        let _ = fs::remove_file(&self.passing);
    }
}
