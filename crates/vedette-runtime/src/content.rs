//! Loads content: mappings into a catalogue, rules into a pack and a plan, correlations into windows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::thread;

use sha2::{Digest, Sha256};
use vedette_correlate::Correlator;
use vedette_detect::Plan;
use vedette_model::{LaneId, Level, Problem};
use vedette_normalize::{Catalogue, WantedNames};
use vedette_sigma::{FileDocuments, Meta, Pack, ReadOptions, Rule, parse_file};

use crate::alert;
use crate::scan::homes::Tells;

/// Text of one content file with the path it is known by.
#[derive(Debug, Clone)]
pub struct Source {
    pub path: Arc<str>,
    pub text: Vec<u8>,
}

/// Everything a scan runs with. Immutable, shared by all workers.
pub struct Content {
    pub catalogue: Arc<Catalogue>,
    pub rules: Arc<[Rule]>,
    /// Correlations and the account; its rules have moved to `rules`.
    pub pack: Pack,
    pub plan: Plan,
    /// What the plan could not hold, beside what the pack left out.
    pub unplanned: Vec<vedette_detect::LeftOut>,
    /// Names that rules and correlations read: only these are derived.
    pub wanted: WantedNames,
    /// Faults of mappings, and of correlations that cannot run.
    pub problems: Vec<Problem>,
    /// Stand-ins for the rules of other products whose alerts come in, one a mapping; they come after the correlations.
    alerts: Vec<Meta>,
    /// Index into `alerts` for each lane; `None` where its events are no alerts.
    alert_of: Vec<Option<u32>>,
    /// What each lane's events say of addresses.
    tells: Vec<Tells>,
    /// Never offered anything: says what the correlations want of which rule.
    windows: Correlator,
    files: u64,
    mappings_hash: [u8; 32],
}

/// Mappings made ready, to be shared by several sets of rules.
#[derive(Clone)]
pub struct Mappings {
    catalogue: Arc<Catalogue>,
    problems: Vec<Problem>,
    hash: [u8; 32],
}

impl Mappings {
    /// What cannot be loaded is told and left out; the rest loads.
    pub fn load(mappings: &[Source]) -> Self {
        let mut hash = Sha256::new();
        for mapping in mappings {
            hash.update((mapping.text.len() as u64).to_le_bytes());
            hash.update(&mapping.text);
        }
        let texts =
            mappings.iter().map(|m| (m.path.to_string(), String::from_utf8_lossy(&m.text).into_owned()));
        let (catalogue, problems) = Catalogue::load(texts);
        Self { catalogue: Arc::new(catalogue), problems, hash: hash.finalize().into() }
    }
}

impl Content {
    /// Compiles rules. What cannot be loaded is told and left out; the rest loads.
    pub fn load(rules: Vec<Source>, mappings: Mappings, lists: &BTreeMap<String, Vec<String>>) -> Self {
        let Mappings { catalogue, mut problems, hash: mappings_hash } = mappings;
        let options = ReadOptions { lists: lists.clone() };
        let files = rules.len() as u64;
        let mut pack = Pack::assemble(parse(rules, &options), &options);
        let rules: Arc<[Rule]> = std::mem::take(&mut pack.rules).into();
        let (plan, unplanned) = Plan::compile(rules.clone(), catalogue.lanes());
        let (windows, faults) = windows(&pack, &rules);
        problems.extend(faults);
        let wanted = wanted(&rules, &windows);
        let (alerts, alert_of) = alert::stand_ins(&catalogue);
        let tells = catalogue.lanes().iter().map(|l| Tells::of_class(catalogue.class_uid(l.id))).collect();
        Self {
            catalogue,
            rules,
            pack,
            plan,
            unplanned,
            wanted,
            problems,
            alerts,
            alert_of,
            tells,
            windows,
            files,
            mappings_hash,
        }
    }

    /// Metadata of a rule or, beyond the rules, of a correlation, and beyond those of the stand-in for another product's.
    pub fn meta(&self, rule: u32) -> &Meta {
        let rule = rule as usize;
        let correlations = &self.pack.correlations;
        match self.rules.get(rule) {
            Some(r) => &r.meta,
            None => match correlations.get(rule - self.rules.len()) {
                Some(c) => &c.meta,
                None => &self.alerts[rule - self.rules.len() - correlations.len()],
            },
        }
    }

    /// The stand-in under which alerts of this lane are findings.
    pub fn alert_rule(&self, lane: LaneId) -> Option<u32> {
        let index = (*self.alert_of.get(lane.0 as usize)?)?;
        Some((self.rules.len() + self.pack.correlations.len()) as u32 + index)
    }

    /// What the lane's events say of addresses.
    pub fn tells(&self, lane: LaneId) -> Tells {
        self.tells.get(lane.0 as usize).copied().unwrap_or(Tells::Nothing)
    }

    /// Whether `rule` is such a stand-in.
    pub fn is_alert(&self, rule: u32) -> bool {
        rule as usize >= self.rules.len() + self.pack.correlations.len()
    }

    /// The level findings get; a rule that states none counts as medium.
    pub fn level(&self, rule: u32) -> Level {
        match self.meta(rule).level {
            Some(vedette_sigma::Level::Informational) => Level::Informational,
            Some(vedette_sigma::Level::Low) => Level::Low,
            Some(vedette_sigma::Level::Medium) | None => Level::Medium,
            Some(vedette_sigma::Level::High) => Level::High,
            Some(vedette_sigma::Level::Critical) => Level::Critical,
        }
    }

    /// The index under which findings name the correlation at `index` of the pack.
    pub fn correlation(&self, index: u32) -> u32 {
        self.rules.len() as u32 + index
    }

    /// Fields of the rule's events that correlations read, in the order in which hits must give them.
    pub fn wanted_of(&self, rule: u32) -> &[String] {
        self.windows.wanted(rule)
    }

    /// Whether some correlation takes the rule's hits.
    pub fn feeds(&self, rule: u32) -> bool {
        self.windows.wants(rule)
    }

    /// Whether the rule's own findings are shown.
    pub fn stands_alone(&self, rule: u32) -> bool {
        self.windows.stands_alone(rule)
    }

    /// Fresh windows for one run.
    pub fn correlator(&self) -> Correlator {
        windows(&self.pack, &self.rules).0
    }

    /// Rule files that were read.
    pub fn files(&self) -> u64 {
        self.files
    }

    /// SHA-256 over all rules, 64 hex digits.
    pub fn hash(&self) -> String {
        self.pack.hash().to_string()
    }

    /// SHA-256 over all mappings, 64 hex digits.
    pub fn mappings_hash(&self) -> String {
        self.mappings_hash.iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// Parses the files on all cores; their order is kept.
fn parse(sources: Vec<Source>, options: &ReadOptions) -> Vec<FileDocuments> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = sources.len().div_ceil(cores).max(64);
    thread::scope(|scope| {
        let parts: Vec<_> = sources
            .chunks(share)
            .map(|part| {
                scope.spawn(move || {
                    let read = |s: &Source| parse_file(s.path.clone(), &s.text, &options.lists);
                    part.iter().map(read).collect::<Vec<_>>()
                })
            })
            .collect();
        parts.into_iter().flat_map(|p| p.join().unwrap_or_default()).collect()
    })
}

fn windows(pack: &Pack, rules: &[Rule]) -> (Correlator, Vec<Problem>) {
    let by_id: HashMap<&str, u32> =
        rules.iter().enumerate().map(|(i, r)| (r.meta.id.as_str(), i as u32)).collect();
    Correlator::new(&pack.correlations, |id| by_id.get(id).copied())
}

fn wanted(rules: &[Rule], windows: &Correlator) -> WantedNames {
    let read = rules.iter().flat_map(|r| r.fields());
    let correlated = (0..rules.len() as u32).flat_map(|r| windows.wanted(r)).map(String::as_str);
    read.chain(correlated).collect()
}
