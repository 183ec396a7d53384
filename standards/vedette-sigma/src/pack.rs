//! A pack: the documents of many files joined into rules and correlations, with an account of every one.
//!
//! Reading has two steps, so that a caller can spread the first over threads: [`parse_file`] for each file, then
//! [`Pack::assemble`]. [`Pack::read`] does both.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::correlation::Correlation;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::fields::open_placeholder;
use crate::limits;
use crate::read::condition::shifted;
use crate::read::correlation::{CorrelationDraft, Reference};
use crate::read::document::{Body, parse_file};
use crate::read::filter::{FilterDraft, Named, fits};
use crate::read::modifier::refill;
use crate::read::placeholder::Lists;
use crate::rule::{Condition, Detection, Matcher, Rule};
use crate::{DocumentKind, FileDocuments};

/// How a pack is read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Values for the placeholders of `|expand`: name without percent signs -> values, which may hold wildcards.
    pub lists: BTreeMap<String, Vec<String>>,
}

/// Rules ready to be compiled, and what became of every document.
#[derive(Debug, Clone, Default)]
pub struct Pack {
    /// Running rules, by path and place in the file; filters are joined in.
    pub rules: Vec<Rule>,
    /// Running correlations; one that refers to another stands behind it.
    pub correlations: Vec<Correlation>,
    /// One entry for every document of every file, by path and place: `running + left out = documents`.
    pub account: Vec<Account>,
    hash: ContentHash,
    /// Everything read and the lists so far, kept only while some placeholder waits for a list.
    waiting: Vec<FileDocuments>,
    lists: Lists,
}

/// SHA-256 over the contents of all files, by path, and the lists. The paths themselves do not count, nor does the order
/// in which the files were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ContentHash(pub [u8; 32]);

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What became of one document.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub path: Arc<str>,
    /// Line on which the document begins, from 1.
    pub line: u32,
    pub kind: DocumentKind,
    pub id: Option<String>,
    pub title: Option<String>,
    pub verdict: Verdict,
    /// Everything found, what is worth a look in running documents included.
    pub diagnostics: Vec<Diagnostic>,
}

impl Account {
    pub fn is_running(&self) -> bool {
        self.verdict == Verdict::Running
    }

    /// The fault that left the document out.
    pub fn cause(&self) -> Option<&Diagnostic> {
        self.diagnostics.iter().find(|d| d.fatal)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Running,
    /// `reason` is the first fatal fault; its place and the way out stand in [`Account::cause`].
    LeftOut {
        code: Code,
        reason: String,
    },
}

/// How many documents there are of each verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub documents: usize,
    pub running: usize,
    pub left_out: usize,
}

impl Pack {
    /// Reads the documents of all files. The paths are only names: nothing is opened.
    pub fn read<T: AsRef<[u8]>>(
        files: impl IntoIterator<Item = (Arc<str>, T)>,
        options: &ReadOptions,
    ) -> Pack {
        let files = files.into_iter().map(|(path, text)| parse_file(path, text.as_ref(), &options.lists));
        Pack::assemble(files.collect(), options)
    }

    /// Joins files that were read with [`parse_file`] and the same options. Their order does not matter.
    pub fn assemble(mut files: Vec<FileDocuments>, options: &ReadOptions) -> Pack {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let hash = content_hash(&files, &options.lists);
        let waits = files.iter().flat_map(|f| &f.documents).any(|d| match &d.body {
            Some(Body::Rule(rule)) => open_placeholder(&rule.detection).is_some(),
            Some(Body::Filter(filter)) => open_placeholder(&filter.detection).is_some(),
            _ => false,
        });
        let waiting = if waits { files.clone() } else { Vec::new() };
        let mut assembly = Assembly::default();
        assembly.take(files);
        assembly.fill_placeholders(&options.lists);
        assembly.join_filters();
        let correlations = assembly.join_correlations();
        let rules = assembly.rules.into_iter().flatten().map(|(_, rule)| *rule).collect();
        let account = assembly.account;
        let open =
            account.iter().any(|a| matches!(a.verdict, Verdict::LeftOut { code: Code::PLACEHOLDER, .. }));
        let (waiting, lists) = if open { (waiting, options.lists.clone()) } else { Default::default() };
        Pack { rules, correlations, account, hash, waiting, lists }
    }

    /// Gives lists to placeholders that have none yet, and joins everything again. A list given again replaces the earlier one; once no placeholder
    /// is open this changes nothing.
    pub fn expand(&mut self, lists: &BTreeMap<String, Vec<String>>) {
        if !self.waiting.is_empty() {
            let files = std::mem::take(&mut self.waiting);
            let mut all = std::mem::take(&mut self.lists);
            all.extend(lists.clone());
            *self = Pack::assemble(files, &ReadOptions { lists: all });
        }
    }

    pub fn counts(&self) -> Counts {
        let running = self.account.iter().filter(|a| a.is_running()).count();
        Counts { documents: self.account.len(), running, left_out: self.account.len() - running }
    }

    /// Identifies the content, for manifests.
    pub fn hash(&self) -> ContentHash {
        self.hash
    }
}

fn content_hash(files: &[FileDocuments], lists: &Lists) -> ContentHash {
    let mut hash = Sha256::new();
    files.iter().for_each(|f| hash.update(f.digest));
    for (name, values) in lists {
        for text in std::iter::once(name).chain(values) {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
    }
    ContentHash(hash.finalize().into())
}

/// Indices are into `account`.
#[derive(Default)]
struct Assembly {
    account: Vec<Account>,
    rules: Vec<Option<(usize, Box<Rule>)>>,
    filters: Vec<(usize, Box<FilterDraft>)>,
    correlations: Vec<(usize, Box<CorrelationDraft>)>,
    /// Ids of rules and correlations that were read without fault.
    ids: HashMap<String, usize>,
    names: HashMap<String, usize>,
    /// Every id and name that some document carries, also those left out: to tell *unknown* from *left out*.
    known: HashMap<String, usize>,
}

impl Assembly {
    fn take(&mut self, files: Vec<FileDocuments>) {
        for file in files {
            for draft in file.documents {
                let index = self.account.len();
                let verdict = draft.diagnostics.iter().find(|d| d.fatal).map_or(Verdict::Running, left_out);
                for word in draft.id.iter().chain(&draft.name) {
                    self.known.entry(word.clone()).or_insert(index);
                }
                self.account.push(Account {
                    path: Arc::clone(&file.path),
                    line: draft.line,
                    kind: draft.kind,
                    id: draft.id,
                    title: draft.title,
                    verdict,
                    diagnostics: draft.diagnostics,
                });
                let Some(body) = draft.body else { continue };
                let meta = match &body {
                    Body::Rule(rule) => &rule.meta,
                    Body::Correlation(correlation) => &correlation.meta,
                    Body::Filter(filter) => &filter.meta,
                };
                if let Some(&first) = self.ids.get(&meta.id) {
                    let (path, line) = (&self.account[first].path, self.account[first].line);
                    let fault = format!("the id `{}` is already used at {path}:{line}", meta.id);
                    let place = meta.place.clone();
                    self.leave_out(
                        index,
                        Code::DUPLICATE_ID,
                        place,
                        0,
                        fault,
                        "give one of the two a new id",
                    );
                    continue;
                }
                self.ids.insert(meta.id.clone(), index);
                if let Some(name) = &meta.name {
                    match self.names.get(name) {
                        None => {
                            self.names.insert(name.clone(), index);
                        }
                        Some(&first) => {
                            let (path, line) = (&self.account[first].path, self.account[first].line);
                            let fault = format!(
                                "the name `{name}` is already used at {path}:{line}; references to it mean the first"
                            );
                            let place = meta.place.clone();
                            self.note(index, Code::DUPLICATE_NAME, place, 0, fault);
                        }
                    }
                }
                match body {
                    Body::Rule(rule) => self.rules.push(Some((index, rule))),
                    Body::Filter(filter) => self.filters.push((index, filter)),
                    Body::Correlation(correlation) => self.correlations.push((index, correlation)),
                }
            }
        }
    }

    fn leave_out(&mut self, index: usize, code: Code, place: Place, width: u32, fault: String, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_owned());
        let diagnostic = Diagnostic { code, place, fault, help, width, fatal: true };
        let account = &mut self.account[index];
        if account.is_running() {
            account.verdict = left_out(&diagnostic);
        }
        account.diagnostics.push(diagnostic);
    }

    fn note(&mut self, index: usize, code: Code, place: Place, width: u32, fault: String) {
        let diagnostic = Diagnostic { code, place, fault, help: None, width, fatal: false };
        self.account[index].diagnostics.push(diagnostic);
    }

    fn fill_placeholders(&mut self, lists: &Lists) {
        for slot in 0..self.rules.len() {
            let Some((index, mut rule)) = self.rules[slot].take() else { continue };
            if self.fill(index, &mut rule.detection, lists) {
                self.rules[slot] = Some((index, rule));
            }
        }
        for (index, mut filter) in std::mem::take(&mut self.filters) {
            // A filter that waits must not take the rules along that it is meant for.
            if self.fill(index, &mut filter.detection, lists) {
                self.filters.push((index, filter));
            }
        }
    }

    /// Whether no placeholder is left open.
    fn fill(&mut self, index: usize, detection: &mut Detection, lists: &Lists) -> bool {
        if open_placeholder(detection).is_none() {
            return true;
        }
        let mut faults = Vec::new();
        for selection in &mut detection.selections {
            selection.block.each_item_mut(&mut |item| {
                for matcher in &mut item.matchers {
                    let Matcher::Placeholder { template, .. } = matcher else { continue };
                    match refill(template, lists) {
                        Ok(filled) => *matcher = filled,
                        Err(fault) => faults.push((item.place.clone(), fault)),
                    }
                }
            });
        }
        for (place, fault) in faults {
            self.leave_out(
                index,
                fault.code,
                place,
                0,
                fault.fault,
                fault.help.as_deref().unwrap_or_default(),
            );
        }
        if let Some((name, item)) = open_placeholder(detection) {
            let place = item.place.clone();
            let fault = format!("the placeholder `%{name}%` has no list");
            let help = format!("give a list of values under the name `{name}`");
            self.leave_out(index, Code::PLACEHOLDER, place, 0, fault, &help);
        }
        self.account[index].is_running()
    }

    fn join_filters(&mut self) {
        let slot_of: HashMap<usize, usize> =
            self.rules.iter().enumerate().filter_map(|(slot, r)| Some((r.as_ref()?.0, slot))).collect();
        for (index, filter) in std::mem::take(&mut self.filters) {
            let mut slots: Vec<usize> = match &filter.rules {
                Named::Any => {
                    let slots = self.rules.iter().enumerate();
                    slots
                        .filter(|(_, r)| {
                            r.as_ref().is_some_and(|(_, r)| fits(&filter.logsource, &r.logsource))
                        })
                        .map(|(slot, _)| slot)
                        .collect()
                }
                Named::Rules(names) => self.named_slots(index, &filter, names, &slot_of),
            };
            if slots.is_empty() {
                let (fault, help) = match &filter.rules {
                    Named::Any => ("the filter's logsource fits no loaded rule".to_owned(), ""),
                    Named::Rules(names) => (
                        format!("the filter fits no loaded rule; it names {}", list(names)),
                        "name rules by id or name; each part of the filter's logsource must be the rule's too",
                    ),
                };
                self.leave_out(index, Code::IDLE_FILTER, filter.meta.place.clone(), 0, fault, help);
            }
            let full = |slot: &usize| {
                self.rules[*slot]
                    .as_ref()
                    .is_some_and(|(_, r)| r.filters.len() >= limits::FILTERS_PER_RULE_MAX)
            };
            if slots.iter().any(full) {
                let fault = format!("a rule has more than {} filters", limits::FILTERS_PER_RULE_MAX);
                self.leave_out(
                    index,
                    Code::EXPANSION,
                    filter.meta.place.clone(),
                    0,
                    fault,
                    "join some of them",
                );
                slots.clear();
            }
            for slot in slots {
                if let Some((_, rule)) = &mut self.rules[slot] {
                    join(rule, &filter);
                }
            }
        }
    }

    fn named_slots(
        &mut self,
        index: usize,
        filter: &FilterDraft,
        names: &[String],
        slot_of: &HashMap<usize, usize>,
    ) -> Vec<usize> {
        let mut slots = Vec::new();
        for name in names {
            let target = self.ids.get(name).or_else(|| self.names.get(name)).copied();
            let slot = target.and_then(|t| slot_of.get(&t)).copied();
            let place = filter.meta.place.clone();
            match slot.and_then(|s| self.rules[s].as_ref().map(|(_, r)| (s, r))) {
                Some((slot, rule)) if fits(&filter.logsource, &rule.logsource) => slots.push(slot),
                Some((_, rule)) => {
                    let fault = format!("the logsource of `{}` is not the filter's", rule.meta.title);
                    self.note(index, Code::FILTER_LOGSOURCE, place, 0, fault);
                }
                None if self.known.contains_key(name) => {
                    self.note(index, Code::RULE_LEFT_OUT, place, 0, format!("`{name}` is no running rule"));
                }
                None => self.note(index, Code::UNKNOWN_RULE, place, 0, format!("no rule is called `{name}`")),
            }
        }
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    /// Correlations whose references are all there, each behind those it refers to.
    fn join_correlations(&mut self) -> Vec<Correlation> {
        let drafts = std::mem::take(&mut self.correlations);
        let by_account: HashMap<usize, usize> =
            drafts.iter().enumerate().map(|(i, (a, _))| (*a, i)).collect();
        let running_rules: HashMap<usize, String> =
            self.rules.iter().flatten().map(|(account, rule)| (*account, rule.meta.id.clone())).collect();
        // For each correlation the correlations it waits for, and who waits for it.
        let mut waits_for = vec![0_usize; drafts.len()];
        let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); drafts.len()];
        let mut ids: Vec<Vec<String>> = Vec::with_capacity(drafts.len());
        let mut broken = Vec::new();
        for (at, (account, draft)) in drafts.iter().enumerate() {
            let mut resolved = Vec::with_capacity(draft.rules.len());
            for reference in &draft.rules {
                let target =
                    self.ids.get(&reference.name).or_else(|| self.names.get(&reference.name)).copied();
                if let Some(id) = target.and_then(|t| running_rules.get(&t)) {
                    resolved.push(id.clone());
                } else if let Some(&other) = target.and_then(|t| by_account.get(&t)) {
                    resolved.push(drafts[other].1.meta.id.clone());
                    waits_for[at] += 1;
                    dependents[other].push(at);
                } else {
                    self.missing_rule(*account, reference, &running_rules);
                    broken.push(at);
                }
            }
            ids.push(resolved);
        }
        // What refers to a broken one is broken too.
        let mut is_broken = vec![false; drafts.len()];
        while let Some(at) = broken.pop() {
            if std::mem::replace(&mut is_broken[at], true) {
                continue;
            }
            for &dependent in &dependents[at] {
                if let Some(reference) = self.reference_to(&drafts[dependent].1, drafts[at].0) {
                    let fault =
                        format!("`{}` is left out, and this correlation refers to it", reference.name);
                    let place = reference.place.clone();
                    self.leave_out(
                        drafts[dependent].0,
                        Code::RULE_LEFT_OUT,
                        place,
                        reference.width,
                        fault,
                        "",
                    );
                }
                broken.push(dependent);
            }
        }
        let mut ready: std::collections::BTreeSet<usize> =
            (0..drafts.len()).filter(|&i| waits_for[i] == 0 && !is_broken[i]).collect();
        let mut done = is_broken;
        let mut order = Vec::new();
        while let Some(at) = ready.pop_first() {
            done[at] = true;
            order.push(at);
            for &dependent in &dependents[at] {
                waits_for[dependent] -= 1;
                if waits_for[dependent] == 0 && !done[dependent] {
                    ready.insert(dependent);
                }
            }
        }
        for at in (0..drafts.len()).filter(|&i| !done[i]) {
            let draft = &drafts[at].1;
            let open = draft.rules.iter().find(|r| {
                let target = self.ids.get(&r.name).or_else(|| self.names.get(&r.name));
                target.and_then(|t| by_account.get(t)).is_some_and(|&other| !done[other])
            });
            let (place, width) = open.map_or((draft.meta.place.clone(), 0), |r| (r.place.clone(), r.width));
            let fault = "the references go round in a circle".to_owned();
            self.leave_out(drafts[at].0, Code::CYCLE, place, width, fault, "take one of them out");
        }
        let mut slots: Vec<Option<(usize, Box<CorrelationDraft>)>> = drafts.into_iter().map(Some).collect();
        let mut all = Vec::with_capacity(order.len());
        for at in order {
            if let Some((account, draft)) = slots[at].take() {
                let ids = std::mem::take(&mut ids[at]);
                all.extend(self.correlation(account, *draft, ids));
            }
        }
        all
    }

    fn reference_to<'a>(&self, draft: &'a CorrelationDraft, account: usize) -> Option<&'a Reference> {
        draft.rules.iter().find(|r| {
            self.ids.get(&r.name).or_else(|| self.names.get(&r.name)).is_some_and(|target| *target == account)
        })
    }

    fn missing_rule(&mut self, account: usize, reference: &Reference, running: &HashMap<usize, String>) {
        let name = &reference.name;
        let (code, fault, help) = match self.known.get(name) {
            Some(&other) if !running.contains_key(&other) => {
                let place = format!("{}:{}", self.account[other].path, self.account[other].line);
                match self.account[other].kind {
                    DocumentKind::Filter => {
                        (Code::UNKNOWN_RULE, format!("`{name}` at {place} is a filter, not a rule"), "")
                    }
                    _ => (Code::RULE_LEFT_OUT, format!("`{name}` at {place} is left out itself"), ""),
                }
            }
            _ => (
                Code::UNKNOWN_RULE,
                format!("no rule is called `{name}`"),
                "load the rule too; a reference is the `id` or `name` of a rule",
            ),
        };
        self.leave_out(account, code, reference.place.clone(), reference.width, fault, help);
    }

    fn correlation(
        &mut self,
        account: usize,
        draft: CorrelationDraft,
        ids: Vec<String>,
    ) -> Option<Correlation> {
        let mut aliases = Vec::with_capacity(draft.aliases.len());
        for (alias, pairs) in draft.aliases {
            let mut fields = Vec::with_capacity(pairs.len());
            for (reference, field) in pairs {
                let index = draft.rules.iter().position(|r| r.name == reference.name).or_else(|| {
                    // The alias may say the name where the list says the id, or the other way about.
                    let target = self.ids.get(&reference.name).or_else(|| self.names.get(&reference.name))?;
                    draft.rules.iter().position(|r| {
                        self.ids.get(&r.name).or_else(|| self.names.get(&r.name)) == Some(target)
                    })
                });
                match index.and_then(|i| ids.get(i)) {
                    Some(id) => fields.push((id.clone(), field)),
                    None => {
                        let fault =
                            format!("the alias `{alias}` names `{}`, which `rules` does not", reference.name);
                        self.leave_out(account, Code::ALIAS, reference.place, reference.width, fault, "");
                    }
                }
            }
            aliases.push((alias, fields));
        }
        self.account[account].is_running().then(|| Correlation {
            meta: draft.meta,
            kind: draft.kind,
            rules: ids,
            rule_names: draft.rules.into_iter().map(|r| r.name).collect(),
            group_by: draft.group_by,
            aliases,
            timespan_ms: draft.timespan_ms,
            condition: draft.condition,
            expression: draft.expression,
            generate: draft.generate,
        })
    }
}

/// Puts the filter's selections behind the rule's and its condition behind each of the rule's.
fn join(rule: &mut Rule, filter: &FilterDraft) {
    let by = rule.detection.selections.len();
    rule.detection.selections.extend(filter.detection.selections.iter().cloned().map(|mut selection| {
        selection.name = format!("{} of `{}`", selection.name, filter.meta.title);
        selection
    }));
    let mut conditions: Vec<Condition> = filter.detection.conditions.iter().map(|c| shifted(c, by)).collect();
    let joined = match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        last => {
            conditions.extend(last);
            Condition::Or(conditions)
        }
    };
    for condition in &mut rule.detection.conditions {
        let own = std::mem::replace(condition, Condition::And(Vec::new()));
        *condition = Condition::And(vec![own, joined.clone()]);
    }
    rule.filters.push(filter.meta.title.clone());
}

fn left_out(diagnostic: &Diagnostic) -> Verdict {
    Verdict::LeftOut { code: diagnostic.code, reason: diagnostic.fault.clone() }
}

fn list(names: &[String]) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    crate::read::condition::list(&names)
}
