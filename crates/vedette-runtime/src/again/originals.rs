//! Reads the originals once more and holds cited events against them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use vedette_ingest::{Inputs, Message};
use vedette_model::evidence::Field;
use vedette_model::{Event, EventUid, Evidence};
use vedette_normalize::Normalizer;

use crate::content::Content;
use crate::scan::homes::{self, Homes};
use crate::scan::script_block::{Part, ScriptBlocks};

/// A cited event and the file that the report names.
#[derive(Debug, Clone)]
pub struct Cited {
    pub evidence: Evidence,
    pub file: String,
}

/// A file that the report names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    pub path: String,
    /// 64 hex digits; not every report has it.
    pub sha256: Option<String>,
}

/// What the originals say.
#[derive(Debug, Default)]
pub struct Compared {
    /// Events whose original says the same.
    pub same: u64,
    /// Event and what differs.
    pub differing: Vec<(EventUid, String)>,
    /// Files whose hash is that of the report.
    pub hashed: u64,
    /// Files and what is wrong with them.
    pub wrong_files: Vec<(String, String)>,
    /// Files of the report that are not among the originals.
    pub missing_files: Vec<String>,
    /// Which machines had which inside addresses.
    pub homes: Homes,
    /// Whether every original was read to its end.
    pub complete: bool,
}

/// For each path of a report the original that shares the longest end with it, and at least the file's name.
fn pairs<'a>(named: impl Iterator<Item = &'a str>, originals: &[String]) -> HashMap<String, String> {
    let parts = |path: &str| -> Vec<String> {
        path.split(['/', '\\', '!']).rev().filter(|p| !p.is_empty() && *p != ".").map(str::to_owned).collect()
    };
    let mut by_name: HashMap<String, Vec<(Vec<String>, &String)>> = HashMap::new();
    for original in originals {
        let parts = parts(original);
        if let Some(name) = parts.first() {
            by_name.entry(name.clone()).or_default().push((parts, original));
        }
    }
    let mut found = HashMap::new();
    for path in named {
        let wanted = parts(path);
        let Some(candidates) = wanted.first().and_then(|name| by_name.get(name)) else { continue };
        let shared = |of: &[String]| of.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
        let best = candidates
            .iter()
            .max_by_key(|(parts, original)| (shared(parts), std::cmp::Reverse(original.len())));
        if let Some((_, original)) = best {
            found.insert((*original).clone(), path.to_owned());
        }
    }
    found
}

/// Reads all of `inputs`.
pub fn compare(content: &Arc<Content>, inputs: &Inputs, cited: &[Cited], files: &[NamedFile]) -> Compared {
    // Members of archives are known only once they are read: paths are paired as they come, by a first pass over names.
    let mut paths: Vec<String> = Vec::new();
    let mut hashes: BTreeMap<String, String> = BTreeMap::new();
    let mut wanted: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, one) in cited.iter().enumerate() {
        wanted.entry(one.evidence.event.record).or_default().push(index);
    }
    // What each cited event was held against, by the original's path.
    let mut met: Vec<BTreeMap<String, Option<String>>> = vec![BTreeMap::new(); cited.len()];
    let mut hold = |event: &Event, path: &str| {
        let numbers = [event.record, event.position.number];
        let numbers = if numbers[0] == numbers[1] { &numbers[..1] } else { &numbers[..] };
        for number in numbers {
            for &index in wanted.get(number).into_iter().flatten() {
                if !same_name(&cited[index].file, path) {
                    continue;
                }
                let difference = difference(content, &cited[index].evidence, event);
                let known = met[index].entry(path.to_owned()).or_insert_with(|| difference.clone());
                // Several records of one number: one that says the same is enough.
                if difference.is_none() {
                    *known = None;
                }
            }
        }
    };
    let mut normalizer = Normalizer::new(content.catalogue.clone(), &content.wanted);
    let mut blocks = ScriptBlocks::default();
    let mut known = Homes::default();
    let mut names: HashMap<u32, String> = HashMap::new();
    let flow = inputs.read(&mut |message| {
        match message {
            Message::FileStart(file) => {
                names.insert(file.index.0, file.path.clone());
                paths.push(file.path.clone());
            }
            Message::FileEnd(end) => {
                if let Some(hash) = end.sha256 {
                    hashes.insert(end.path, hash.iter().map(|b| format!("{b:02x}")).collect());
                }
            }
            Message::Batch(batch) => {
                normalizer.batch(&batch, &mut |event: &mut Event| {
                    homes::told(content, event, &mut |address, host| known.add(address, host, event.time));
                    match Part::of(event) {
                        None => hold(event, &batch.file.path),
                        Some(part) => {
                            for whole in blocks.add(part) {
                                let path = names.get(&whole.event.file.0).cloned().unwrap_or_default();
                                hold(&whole.event, &path);
                            }
                        }
                    }
                });
            }
        }
        ControlFlow::Continue(())
    });
    for whole in blocks.finish() {
        let path = names.get(&whole.event.file.0).cloned().unwrap_or_default();
        hold(&whole.event, &path);
    }
    let pairs = pairs(files.iter().map(|f| f.path.as_str()), &paths);
    let of_report: HashMap<&str, &str> =
        pairs.iter().map(|(original, named)| (named.as_str(), original.as_str())).collect();
    let mut compared = Compared { complete: flow.is_continue(), homes: known, ..Compared::default() };
    for (one, met) in cited.iter().zip(met) {
        let original = of_report.get(one.file.as_str()).copied();
        let uid = one.evidence.event.uid;
        match original.and_then(|o| met.get(o)) {
            Some(None) => compared.same += 1,
            Some(Some(difference)) => compared.differing.push((uid, difference.clone())),
            None if original.is_none() => {
                compared.differing.push((uid, format!("the file {} is not among the originals", one.file)))
            }
            None => compared.differing.push((
                uid,
                format!("the original has no record {} (or it could not be read)", one.evidence.event.record),
            )),
        }
    }
    let mut missing = BTreeSet::new();
    for file in files {
        match (of_report.get(file.path.as_str()), &file.sha256) {
            (None, _) => {
                missing.insert(file.path.clone());
            }
            (Some(original), Some(told)) => match hashes.get(*original) {
                Some(hash) if hash == told => compared.hashed += 1,
                Some(hash) => {
                    compared.wrong_files.push((file.path.clone(), format!("its original hashes to {hash}")))
                }
                None => {}
            },
            _ => {}
        }
    }
    compared.missing_files = missing.into_iter().collect();
    compared
}

fn same_name(a: &str, b: &str) -> bool {
    let name = |path: &str| path.rsplit(['/', '\\', '!']).next().unwrap_or_default().to_owned();
    name(a) == name(b)
}

/// The first thing in which a kept event and its original differ.
fn difference(content: &Content, kept: &Evidence, event: &Event) -> Option<String> {
    let lane = content.catalogue.lane(event.lane);
    let original = Evidence::of(event, &lane.mapping, &lane.case, usize::MAX);
    let pair = |name: &str, kept: &str, original: &str| {
        (kept != original)
            .then(|| format!("{name} is {original:?} in the original and {kept:?} in the report"))
    };
    let stamp = |e: &Evidence| e.event.time.map(|t| t.to_string()).unwrap_or_default();
    let head = pair("time", &stamp(kept), &stamp(&original))
        .or_else(|| pair("time_basis", kept.time_basis.name(), original.time_basis.name()))
        .or_else(|| pair("host", &kept.host, &original.host))
        .or_else(|| pair("channel", &kept.channel, &original.channel))
        .or_else(|| pair("code", &kept.code, &original.code))
        .or_else(|| pair("mapping", &kept.mapping, &original.mapping))
        .or_else(|| pair("case", &kept.case, &original.case));
    if head.is_some() {
        return head;
    }
    let own = |e: &Evidence| e.fields.iter().filter(|f| !f.derived).cloned().collect::<Vec<Field>>();
    let (kept_fields, fields) = (own(kept), own(&original));
    for (k, o) in kept_fields.iter().zip(&fields) {
        let cut = kept.cut > 0 && o.value.starts_with(&k.value) && o.value.len() > k.value.len();
        if (&k.name, &k.path, k.kind) != (&o.name, &o.path, o.kind) {
            return Some(format!("the field {:?} of the original is {:?} in the report", o.name, k.name));
        }
        if k.value != o.value && !cut {
            return Some(format!(
                "{} is {:?} in the original and {:?} in the report",
                o.name,
                short(&o.value),
                short(&k.value)
            ));
        }
    }
    if kept_fields.len() != fields.len() {
        return Some(format!(
            "the original has {} fields and the report {}",
            fields.len(),
            kept_fields.len()
        ));
    }
    None
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_folder_is_found_again_by_the_ends_of_its_paths() {
        let originals = ["/mnt/copy/a/Security.evtx".to_owned(), "/mnt/copy/b/Security.evtx".to_owned()];
        let found =
            pairs(["case/b/Security.evtx", "case/a/Security.evtx", "case/c/x.log"].into_iter(), &originals);
        assert_eq!(found["/mnt/copy/a/Security.evtx"], "case/a/Security.evtx");
        assert_eq!(found["/mnt/copy/b/Security.evtx"], "case/b/Security.evtx");
        assert_eq!(found.len(), 2);
    }
}
