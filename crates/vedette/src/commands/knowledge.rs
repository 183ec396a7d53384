//! Lists of assets, of people, of places and of what is known to be good, as scans take them in.

use std::fs;
use std::path::{Path, PathBuf};

use vedette_intel::{Context, ContextFile, ContextKind, WarningLists};
use vedette_investigate::Fact;
use vedette_model::{EntityKind, Problem, Timestamp};
use vedette_runtime::scan::incidents::Knowledge;

use crate::cli::Lists;
use crate::fault::Fault;

/// What the lists say.
pub struct Known {
    context: Context,
    /// Ranges and names that everybody may use: an inside address is no less an intruder's way for being one.
    builtin: WarningLists,
}

/// Reads the lists. What in them cannot be used is among the problems; the rest is used.
///
/// # Errors
/// When a file cannot be read.
pub fn load(lists: &Lists) -> Result<(Known, Vec<Problem>), Fault> {
    let given = [
        (ContextKind::Assets, &lists.assets),
        (ContextKind::Identities, &lists.identities),
        (ContextKind::GeoIp, &lists.geoip),
        (ContextKind::WarningList, &lists.warninglists),
    ];
    let mut files = Vec::new();
    for (kind, paths) in given {
        for path in paths {
            let read = |p: &PathBuf| fs::read(p).map_err(Fault::io(format!("cannot read {}", p.display())));
            files.push(ContextFile { kind, name: name(path), date: date(path), bytes: read(path)? });
        }
    }
    let (context, problems) = Context::load(files);
    Ok((Known { context, builtin: WarningLists::builtin() }, problems))
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

/// When the file was last written; empty where the file system does not say.
fn date(path: &Path) -> String {
    let written = fs::metadata(path).and_then(|m| m.modified()).ok();
    let at = written.and_then(|t| jiff::Timestamp::try_from(t).ok()).map(Timestamp::from);
    at.map(|t| t.to_string().chars().take(10).collect()).unwrap_or_default()
}

impl Knowledge for Known {
    fn importance(&self, kind: EntityKind, key: &str) -> Option<(u32, String)> {
        // A list goes to 100; a finding of high level is worth 25.
        self.context
            .importance(&kind, key)
            .map(|i| (u32::from(i.score) / 4, i.reason))
            .filter(|(p, _)| *p > 0)
    }

    fn known_good(&self, kind: EntityKind, key: &str) -> Option<String> {
        if kind == EntityKind::Address && self.builtin.known_good(kind, key).is_some() {
            return None;
        }
        self.context.known_good(&kind, key).map(|list| format!("on the list \"{list}\""))
    }

    fn facts(&self, kind: EntityKind, key: &str) -> Vec<Fact> {
        let told =
            |f: vedette_intel::Fact| Fact { label: f.label, value: f.value, source: f.source, date: f.date };
        self.context.facts(&kind, key).into_iter().map(told).collect()
    }
}
