//! One call of a tool: its arguments, what it may reach, and how it answers.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use crate::answer::Part;
use crate::desk::{Desk, Scanned, Watch};
use crate::fault::Fault;
use crate::limits::{ANSWER_BYTES_DEFAULT, ANSWER_BYTES_MAX, ANSWER_BYTES_MIN, PATHS_MAX};
use crate::roots::Roots;
use crate::shelf::{Kept, Shelf};

/// What lives as long as the server.
pub struct Core {
    pub desk: Box<dyn Desk>,
    pub roots: Roots,
    pub shelf: Mutex<Shelf>,
}

impl Core {
    pub fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A scan for the time of one call.
pub fn open(kept: &Kept) -> MutexGuard<'_, Box<dyn Scanned>> {
    kept.scanned.lock().unwrap_or_else(PoisonError::into_inner)
}

pub struct Call<'a> {
    pub core: &'a Core,
    pub watch: &'a Watch,
    tool: &'static str,
    arguments: Map<String, Value>,
    cursor: Option<String>,
    bytes_max: usize,
}

impl<'a> Call<'a> {
    /// Takes `cursor` and `max_bytes` out of the arguments, as they are the same for every tool.
    ///
    /// # Errors
    /// When one of the two is not what it should be.
    pub fn new(
        core: &'a Core,
        watch: &'a Watch,
        tool: &'static str,
        mut arguments: Map<String, Value>,
    ) -> Result<Self, Fault> {
        // Some clients fill what they leave out with null.
        arguments.retain(|_, v| !v.is_null());
        let cursor = match arguments.remove("cursor") {
            None => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                return Err(Fault::new("this is no cursor", "cursor", "give it as the text it came as"));
            }
        };
        let bytes_max = match arguments.remove("max_bytes") {
            None => ANSWER_BYTES_DEFAULT,
            Some(given) => given
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .filter(|n| (ANSWER_BYTES_MIN..=ANSWER_BYTES_MAX).contains(n))
                .ok_or_else(|| {
                    let remedy = format!("a number from {ANSWER_BYTES_MIN} to {ANSWER_BYTES_MAX}");
                    Fault::new("this bound is none", "max_bytes", remedy)
                })?,
        };
        Ok(Self { core, watch, tool, arguments, cursor, bytes_max })
    }

    /// # Errors
    /// When the arguments are not those of the tool.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_value(Value::Object(self.arguments.clone())).map_err(|e| {
            Fault::new(e.to_string(), format!("arguments of {}", self.tool), "see the tool's input schema")
        })
    }

    /// # Errors
    /// When there is no such scan.
    pub fn scan(&self, handle: &str) -> Result<Kept, Fault> {
        self.core.shelf().get(handle)
    }

    /// # Errors
    /// When one of them may not be read, or there are none or too many.
    pub fn paths(&self, argument: &str, asked: &[String]) -> Result<Vec<PathBuf>, Fault> {
        if asked.is_empty() || asked.len() > PATHS_MAX {
            let remedy = format!("name 1 to {PATHS_MAX} files or folders; a folder stands for all below it");
            return Err(Fault::new(format!("{} paths", asked.len()), argument, remedy));
        }
        let resolve = |asked: &String| {
            let path = self.core.roots.resolve(argument, asked)?;
            if path.is_file() || path.is_dir() {
                return Ok(path);
            }
            let remedy = "pipes and devices are read by vedette scan alone";
            Err(Fault::new("this is no file and no folder", format!("{argument}: {asked}"), remedy))
        };
        asked.iter().map(resolve).collect()
    }

    /// One file, and no device or pipe, which would never end.
    ///
    /// # Errors
    /// When it may not be read, or is no file.
    pub fn file(&self, argument: &str, asked: &str) -> Result<PathBuf, Fault> {
        let path = self.core.roots.resolve(argument, asked)?;
        if path.is_file() {
            return Ok(path);
        }
        Err(Fault::new("this is no file", format!("{argument}: {asked}"), "name a file, not a folder"))
    }

    /// Which part of the answer is asked for; `about` is what the question is about beside its arguments.
    pub fn part(&self, about: &str) -> Part<'_> {
        Part { bytes_max: self.bytes_max, cursor: self.cursor.as_deref(), mark: self.mark(about) }
    }

    fn mark(&self, about: &str) -> u64 {
        let mut names: Vec<&String> = self.arguments.keys().collect();
        names.sort();
        let mut text = format!("{}\0{about}", self.tool);
        for name in names {
            text.push_str(&format!("\0{name}={}", self.arguments[name]));
        }
        xxh3_64(text.as_bytes())
    }

    /// The answer to a question over files, made at most once for all its pages.
    ///
    /// # Errors
    /// As `make`.
    pub fn listing(
        &self,
        about: &str,
        make: impl FnOnce() -> Result<Value, Fault>,
    ) -> Result<(Arc<Value>, Part<'_>), Fault> {
        let mark = self.mark(about);
        // Without a cursor the question is new, and the files may be too.
        let known = if self.cursor.is_some() { self.core.shelf().listing(mark) } else { None };
        let value = match known {
            Some(value) => value,
            None => {
                let value = Arc::new(make()?);
                self.core.shelf().keep_listing(mark, value.clone());
                value
            }
        };
        // If it had to be made again and came out otherwise, the cursor no longer fits.
        let part = Part { mark: mark ^ xxh3_64(value.to_string().as_bytes()), ..self.part(about) };
        Ok((value, part))
    }
}
