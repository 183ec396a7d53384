//! All mappings together: loaded, checked, and indexed so that choosing one costs a few look-ups an event.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use vedette_model::{Lane, LaneId, Native, Problem};
use vedette_ocsf::PathFault;

use crate::choice::{Candidates, Index};
use crate::formats::Input;
use crate::mapping::condition::{Condition, How, Test};
use crate::mapping::derive::Derivation;
use crate::mapping::envelope::Envelope;
use crate::mapping::fault::{Fault, Faults, nearest};
use crate::mapping::file::{self, Document, Mapping};
use crate::mapping::limits;
use crate::mapping::names::{Fields, Looked, Lookup, NameId, Names};
use crate::mapping::sheet::Sheet;
use crate::mapping::steps::Steps;
use crate::mapping::yaml;

/// Everything that mappings say. Immutable; share it.
#[derive(Debug)]
pub struct Catalogue {
    pub(crate) names: Names,
    pub(crate) envelopes: Vec<Envelope>,
    pub(crate) mappings: Vec<Loaded>,
    /// By the number of the input.
    envelope_index: Vec<Index>,
    mapping_index: Vec<Index>,
    lanes: Vec<Lane>,
    sheets: Vec<LaneSheet>,
    /// What envelopes leave behind and understand.
    envelope_known: Vec<String>,
}

/// A mapping whose cases are lanes.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub id: String,
    pub title: String,
    pub inputs: Vec<Input>,
    matches: Condition,
    pub steps: Steps,
    cases: Vec<Condition>,
    case_index: CaseIndex,
    /// Lane of what no case takes; the cases' lanes follow in order.
    pub lane: LaneId,
    /// A bit for each name.
    known: Vec<u64>,
    known_below: Vec<String>,
}

/// The words of one lane.
#[derive(Debug, Default)]
pub(crate) struct LaneSheet {
    pub sheet: Sheet,
    pub aliases: FxHashMap<NameId, Vec<NameId>>,
    pub derive: Vec<(NameId, Box<str>, Derivation)>,
    /// The case's own, run after it was chosen.
    pub steps: Steps,
}

/// Cases by the value of the field that most of them test.
#[derive(Debug, Default)]
struct CaseIndex {
    field: Option<NameId>,
    by_value: FxHashMap<Box<str>, Vec<u32>>,
    otherwise: Vec<u32>,
}

/// Without mappings: every event is of the unknown lane, which is always there.
impl Default for Catalogue {
    fn default() -> Self {
        Self {
            names: Names::default(),
            envelopes: Vec::new(),
            mappings: Vec::new(),
            envelope_index: Vec::new(),
            mapping_index: Vec::new(),
            lanes: vec![Lane::default()],
            sheets: vec![LaneSheet::default()],
            envelope_known: Vec::new(),
        }
    }
}

impl Catalogue {
    /// Reads mapping files; `*.bench.yml` among them are passed over. A file that has a fault is left out as a whole
    /// and every fault of it is a problem; the others load. The result does not depend on the order of the files.
    pub fn load<P: AsRef<str>, T: AsRef<str>>(
        files: impl IntoIterator<Item = (P, T)>,
    ) -> (Self, Vec<Problem>) {
        let mut files: Vec<(P, T)> = files.into_iter().filter(|(p, _)| is_mapping_file(p.as_ref())).collect();
        files.sort_by(|a, b| a.0.as_ref().cmp(b.0.as_ref()));
        let mut loader = Loader::default();
        for (path, text) in &files {
            loader.file(path.as_ref(), text.as_ref());
        }
        loader.finish()
    }

    /// One lane for each mapping and case; index 0 is [`LaneId::UNKNOWN`].
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    pub fn lane(&self, id: LaneId) -> &Lane {
        &self.lanes[(id.0 as usize).min(self.lanes.len() - 1)]
    }

    /// Id and title of every mapping.
    pub fn mappings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.mappings.iter().map(|m| (m.id.as_str(), m.title.as_str()))
    }

    /// `vendor` and `product` of a lane's events, as OCSF `metadata.product` has them; empty where each event says it.
    pub fn product(&self, id: LaneId) -> (String, String) {
        let sheet = &self.sheet(id).sheet;
        let constant =
            |d: &'_ Option<Derivation>| d.as_ref().and_then(Derivation::constant).map(str::to_owned);
        (constant(&sheet.vendor).unwrap_or_default(), constant(&sheet.product).unwrap_or_default())
    }

    /// OCSF class of a lane's events; 0 is the base event.
    pub fn class_uid(&self, id: LaneId) -> u32 {
        self.sheet(id).sheet.class_uid.map_or(0, |(uid, _)| uid)
    }

    /// The lane of a mapping's case; of its rest when `case` is empty.
    pub fn find_lane(&self, mapping: &str, case: &str) -> Option<LaneId> {
        self.lanes.iter().skip(1).find(|l| l.mapping == mapping && l.case == case).map(|l| l.id)
    }

    pub(crate) fn sheet(&self, id: LaneId) -> &LaneSheet {
        &self.sheets[(id.0 as usize).min(self.sheets.len() - 1)]
    }

    /// The envelope that the record is wrapped in.
    pub(crate) fn envelope(
        &self,
        input: Input,
        native: &Native,
        lookup: &Lookup,
        candidates: &mut Candidates,
    ) -> Option<&Envelope> {
        let index = self.envelope_index.get(input as usize).filter(|index| !index.is_empty())?;
        index.candidates(native, lookup, candidates);
        let looked = Looked { native, lookup };
        let found = candidates.iter().find(|&i| self.envelopes[i].matches.holds(&looked));
        #[cfg(test)]
        crate::choice::in_order::compare(found, self.envelopes.iter(), |e| {
            e.inputs.contains(&input) && e.matches.holds(&looked)
        });
        found.map(|i| &self.envelopes[i])
    }

    /// The mapping that knows the record.
    pub(crate) fn mapping(
        &self,
        input: Input,
        native: &Native,
        lookup: &Lookup,
        candidates: &mut Candidates,
    ) -> Option<usize> {
        let index = self.mapping_index.get(input as usize)?;
        index.candidates(native, lookup, candidates);
        let looked = Looked { native, lookup };
        let found = candidates.iter().find(|&i| self.mappings[i].matches.holds(&looked));
        #[cfg(test)]
        crate::choice::in_order::compare(found, self.mappings.iter(), |m| {
            m.inputs.contains(&input) && m.matches.holds(&looked)
        });
        found
    }

    #[cfg(test)]
    pub(crate) fn mapping_conditions(&self) -> impl Iterator<Item = &Condition> {
        let mappings = self.mappings.iter().map(|m| &m.matches);
        mappings.chain(self.envelopes.iter().map(|e| &e.matches))
    }

    pub(crate) fn knows_id(&self, mapping: usize, id: NameId) -> bool {
        self.mappings[mapping].knows(id)
    }

    /// Whether a mapping (or an envelope) knows what a field is.
    pub(crate) fn knows(&self, mapping: usize, id: NameId, name: &str) -> bool {
        let mapping = &self.mappings[mapping];
        mapping.knows(id)
            || mapping.known_below.iter().chain(&self.envelope_known).any(|known| match prefix(known) {
                Some(prefix) => name.starts_with(prefix),
                None => name == known,
            })
    }
}

impl Loaded {
    fn knows(&self, id: NameId) -> bool {
        self.known.get(id.0 as usize / 64).is_some_and(|word| word & (1 << (id.0 % 64)) != 0)
    }

    /// The lane of the first case that holds.
    pub fn case(&self, native: &Native, lookup: &Lookup, candidates: &mut Candidates) -> LaneId {
        let looked = Looked { native, lookup };
        let cases = match self.case_index.field.and_then(|f| lookup.first(f)) {
            Some(slot) => {
                candidates.lowered.clear();
                candidates.lowered.push_str(native.field(slot).value);
                candidates.lowered.make_ascii_lowercase();
                self.case_index
                    .by_value
                    .get(candidates.lowered.as_str())
                    .unwrap_or(&self.case_index.otherwise)
            }
            None => &self.case_index.otherwise,
        };
        match cases.iter().find(|&&c| self.cases[c as usize].holds(&looked)) {
            Some(&case) => LaneId(self.lane.0 + 1 + case),
            None => self.lane,
        }
    }
}

impl CaseIndex {
    fn new(cases: &[Condition]) -> Self {
        let mut uses: BTreeMap<NameId, u32> = BTreeMap::new();
        let tested = |condition: &Condition| -> Vec<(NameId, Vec<Box<str>>)> {
            let tests = condition.all.iter().filter_map(|t| match t {
                Test::Text(name, How::Equals, values) => Some((*name, values.clone())),
                _ => None,
            });
            tests.collect()
        };
        for case in cases {
            for (name, _) in tested(case) {
                *uses.entry(name).or_default() += 1;
            }
        }
        let field =
            uses.into_iter().max_by_key(|(name, count)| (*count, std::cmp::Reverse(*name))).map(|(n, _)| n);
        let mut index = Self { field, ..Self::default() };
        let values_of =
            |case: &Condition| tested(case).into_iter().find(|(n, _)| Some(*n) == field).map(|(_, v)| v);
        let all: BTreeSet<Box<str>> = cases.iter().filter_map(values_of).flatten().collect();
        for (number, case) in cases.iter().enumerate() {
            let number = number as u32;
            match values_of(case) {
                Some(values) => {
                    for value in values {
                        index.by_value.entry(value).or_default().push(number);
                    }
                }
                None => {
                    index.otherwise.push(number);
                    for value in &all {
                        index.by_value.entry(value.clone()).or_default().push(number);
                    }
                }
            }
        }
        for list in index.by_value.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
        index
    }
}

/// What names must begin with that a word of `known` means: `flow.` is itself the prefix, `device_*` is without its
/// star. `None` for a whole name.
fn prefix(known: &str) -> Option<&str> {
    known.strip_suffix('*').or_else(|| known.ends_with('.').then_some(known))
}

fn bits(ids: &FxHashSet<NameId>) -> Vec<u64> {
    let words = ids.iter().map(|id| id.0 as usize / 64 + 1).max().unwrap_or(0);
    let mut bits = vec![0; words];
    ids.iter().for_each(|id| bits[id.0 as usize / 64] |= 1 << (id.0 % 64));
    bits
}

/// An index for each input, of what takes it.
fn by_input<'a, I: Iterator<Item = (&'a [Input], &'a Condition)> + Clone>(
    all: impl Fn() -> I,
    names: &Names,
) -> Vec<Index> {
    let taken_by = |input: Input| {
        let numbered = (0u32..).zip(all()).filter(move |(_, (inputs, _))| inputs.contains(&input));
        Index::new(numbered.map(|(item, (_, condition))| (item, condition)), names)
    };
    let inputs = file::INPUTS.map(|(_, input)| input);
    let mut indexes = Vec::new();
    for input in inputs {
        let at = input as usize;
        if indexes.len() <= at {
            indexes.resize_with(at + 1, Index::default);
        }
        indexes[at] = taken_by(input);
    }
    indexes
}

fn is_mapping_file(path: &str) -> bool {
    (path.ends_with(".yml") || path.ends_with(".yaml")) && !path.ends_with(".bench.yml")
}

#[derive(Default)]
struct Loader {
    names: Names,
    problems: Vec<(String, Vec<Fault>)>,
    bases: BTreeMap<String, Sheet>,
    envelopes: Vec<Envelope>,
    mappings: Vec<(String, Mapping)>,
    ids: BTreeMap<String, String>,
}

impl Loader {
    fn file(&mut self, path: &str, text: &str) {
        let mut faults = Faults::default();
        if text.len() > limits::FILE_BYTES_MAX {
            let what = format!("{} bytes; a mapping has at most {}", text.len(), limits::FILE_BYTES_MAX);
            faults.add("VD-N007", yaml::Place { line: 1, column: 1 }, what, String::new());
            self.problems.push((path.to_owned(), faults.all));
            return;
        }
        let documents = match yaml::read(text) {
            Ok(documents) => documents,
            Err(fault) => {
                faults.add("VD-N008", fault.place, fault.what, String::new());
                Vec::new()
            }
        };
        let stem = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let stem = stem.strip_suffix(".yml").or_else(|| stem.strip_suffix(".yaml")).unwrap_or(stem);
        let mut read = Vec::new();
        for node in &documents {
            let Some(document) = file::read(node, &mut self.names, &mut faults) else { continue };
            let id = match &document {
                Document::Mapping(m) => &m.id,
                Document::Envelope(e) => &e.id,
                Document::Base(b) => &b.id,
            };
            if documents.len() == 1 && id != stem {
                let what = format!("the id `{id}` is not the file's name");
                faults.add("VD-N009", node.place, what, format!("write `id: {stem}`"));
            }
            if let Some(other) = self.ids.insert(id.clone(), path.to_owned()) {
                faults.add("VD-N009", node.place, format!("`{id}` is defined in {other} too"), String::new());
            }
            read.push(document);
        }
        if !faults.all.is_empty() {
            self.problems.push((path.to_owned(), faults.all));
            return;
        }
        for document in read {
            match document {
                Document::Mapping(mapping) => self.mappings.push((path.to_owned(), *mapping)),
                Document::Envelope(envelope) => self.envelopes.push(*envelope),
                Document::Base(base) => {
                    self.bases.insert(base.id, base.sheet);
                }
            }
        }
    }

    fn finish(mut self) -> (Catalogue, Vec<Problem>) {
        self.envelopes.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        self.mappings.sort_by(|a, b| (a.1.order, &a.1.id).cmp(&(b.1.order, &b.1.id)));
        let mut catalogue = Catalogue::default();
        for (path, mapping) in std::mem::take(&mut self.mappings) {
            let mut faults = Faults::default();
            let lanes = self.lanes_of(&mapping, &mut faults);
            if faults.all.is_empty() {
                catalogue.add(mapping, lanes, &mut self.names);
            } else {
                self.problems.push((path, faults.all));
            }
        }
        for envelope in &self.envelopes {
            catalogue.envelope_known.extend(envelope.known.iter().cloned());
        }
        let envelopes = || self.envelopes.iter().map(|e| (e.inputs.as_slice(), &e.matches));
        catalogue.envelope_index = by_input(envelopes, &self.names);
        let mappings = || catalogue.mappings.iter().map(|m| (m.inputs.as_slice(), &m.matches));
        catalogue.mapping_index = by_input(mappings, &self.names);
        catalogue.envelopes = self.envelopes;
        catalogue.names = self.names;
        let loaded = catalogue.mappings.len() + catalogue.envelopes.len();
        let consequence = format!("this file was left out; {loaded} mappings and envelopes were loaded");
        let problems = self
            .problems
            .into_iter()
            .flat_map(|(path, all)| Faults { all }.problems(&path, &consequence))
            .collect();
        (catalogue, problems)
    }

    /// The mapping's rest first, then its cases in order.
    fn lanes_of(&self, mapping: &Mapping, faults: &mut Faults) -> Vec<(String, Sheet)> {
        let mut below = Sheet::default();
        if let Some((base, place)) = &mapping.extends {
            match self.bases.get(base) {
                Some(sheet) => below.clone_from(sheet),
                None => {
                    let remedy = match nearest(base, self.bases.keys().map(String::as_str)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "write it as a file with `kind: base`".to_owned(),
                    };
                    faults.add("VD-N010", *place, format!("there is no base `{base}`"), remedy);
                }
            }
        }
        let rest = mapping.sheet.over(&below);
        let mut lanes = vec![(String::new(), rest.clone())];
        for case in &mapping.cases {
            lanes.push((case.name.clone(), case.sheet.over(&rest)));
        }
        let classes: Vec<u32> = lanes.iter().map(|(_, s)| s.class_uid.map_or(0, |c| c.0)).collect();
        for (index, (_, sheet)) in lanes.iter_mut().enumerate() {
            let class = classes[index];
            let open = index == 0 && sheet.class_uid.is_none();
            sheet.ocsf.retain(|_, entry| entry.value.is_some());
            sheet.ocsf.retain(|path, entry| match vedette_ocsf::attribute_type(class, path) {
                Ok(_) => {
                    check_id(class, path, entry, faults);
                    true
                }
                Err(_) if entry.inherited => false,
                Err(_) if open && classes.iter().any(|c| vedette_ocsf::attribute_type(*c, path).is_ok()) => {
                    false
                }
                Err(fault) => {
                    path_fault(class, path, fault, entry.place, faults);
                    false
                }
            });
        }
        lanes
    }
}

/// A constant id must be one of the schema's.
fn check_id(class: u32, path: &str, entry: &crate::mapping::sheet::OcsfEntry, faults: &mut Faults) {
    if entry.inherited || !path.ends_with("_id") {
        return;
    }
    let Some(id) = entry.value.as_ref().and_then(Derivation::constant).and_then(|c| c.parse::<u32>().ok())
    else {
        return;
    };
    if vedette_ocsf::caption(class, path, id).is_none() {
        let name = vedette_ocsf::class(class).map_or("", |c| c.name);
        let known: Vec<String> = (0..=99)
            .filter_map(|i| vedette_ocsf::caption(class, path, i).map(|c| format!("{i} {c}")))
            .collect();
        let what = format!("`{path}` of {name} has no {id}");
        faults.add("VD-N011", entry.place, what, format!("one of: {}", known.join(", ")));
    }
}

fn path_fault(class: u32, path: &str, fault: PathFault, place: yaml::Place, faults: &mut Faults) {
    let (what, remedy) = match fault {
        PathFault::UnknownClass(uid) => (format!("OCSF has no class {uid}"), String::new()),
        PathFault::NotAnObject { attribute } => {
            (format!("`{path}`: `{attribute}` holds a value, nothing can stand below it"), String::new())
        }
        PathFault::UnknownAttribute { owner, attribute, candidates } => {
            let remedy = match nearest(&attribute, candidates.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "what OCSF has no place for goes below `unmapped.`".to_owned(),
            };
            (format!("`{path}`: `{owner}` has no `{attribute}` (class {class})"), remedy)
        }
    };
    faults.add("VD-N012", place, what, remedy);
}

impl Catalogue {
    fn add(&mut self, mapping: Mapping, lanes: Vec<(String, Sheet)>, names: &mut Names) {
        let first = LaneId(self.lanes.len() as u32);
        let mut known: FxHashSet<NameId> = FxHashSet::default();
        let mut known_below = BTreeSet::new();
        let mut steps = vec![Steps::default()];
        let mut cases = Vec::new();
        for case in mapping.cases {
            case.steps.names(names, &mut |n| {
                known.insert(n);
            });
            steps.push(case.steps);
            cases.push(case.when);
        }
        mapping.matches.names(&mut |n| {
            known.insert(n);
        });
        cases.iter().for_each(|c| {
            c.names(&mut |n| {
                known.insert(n);
            });
        });
        mapping.steps.names(names, &mut |n| {
            known.insert(n);
        });
        for ((case, sheet), steps) in lanes.into_iter().zip(steps) {
            let id = LaneId(self.lanes.len() as u32);
            let mut fields = BTreeSet::new();
            sheet.names(&mut |n| {
                known.insert(n);
                fields.insert(names.text(n).to_owned());
            });
            let written = sheet.aliases.keys().chain(sheet.derive.keys()).chain(sheet.decode.keys());
            for name in written.chain(sheet.details.iter().flatten()) {
                known.insert(names.intern(name));
                fields.insert(name.clone());
            }
            for name in &sheet.known {
                if prefix(name).is_some() {
                    known_below.insert(name.clone());
                } else {
                    known.insert(names.intern(name));
                    fields.insert(name.clone());
                }
            }
            let aliases = sheet.aliases.iter().filter_map(|(name, natives)| {
                let natives = natives.as_ref()?.iter().map(|n| names.text(*n).to_owned()).collect();
                Some((name.clone(), natives))
            });
            self.lanes.push(Lane {
                id,
                mapping: mapping.id.clone(),
                case,
                tags: sheet.tags.clone(),
                aliases: aliases.collect(),
                fields: fields.into_iter().collect(),
                absent: sheet.absent.iter().filter_map(|(n, r)| Some((n.clone(), r.clone()?))).collect(),
                enable: sheet.enable.clone().unwrap_or_default(),
            });
            let alias_ids =
                sheet.aliases.iter().filter_map(|(n, v)| Some((names.get(n), v.clone()?))).collect();
            let alias_ids: FxHashMap<NameId, Vec<NameId>> = alias_ids;
            let derive = sheet.derive.iter().filter_map(|(name, derivation)| {
                let mut derivation = derivation.clone()?;
                derivation.follow(&alias_ids);
                Some((names.get(name), name.as_str().into(), derivation))
            });
            let derive = derive.collect();
            self.sheets.push(LaneSheet { aliases: alias_ids, derive, sheet, steps });
        }
        self.mappings.push(Loaded {
            id: mapping.id,
            title: mapping.title,
            inputs: mapping.inputs,
            matches: mapping.matches,
            steps: mapping.steps,
            case_index: CaseIndex::new(&cases),
            cases,
            lane: first,
            known: bits(&known),
            known_below: known_below.into_iter().collect(),
        });
    }
}

/// An event's fields as OCSF, entities and details see them: derived ones computed, aliases followed.
pub(crate) struct View<'a> {
    pub catalogue: &'a Catalogue,
    pub lane: &'a LaneSheet,
    pub native: Native,
    pub lookup: Lookup,
}

impl<'a> View<'a> {
    pub fn new(catalogue: &'a Catalogue, event: &vedette_model::Event) -> Self {
        let lane = catalogue.sheet(event.lane);
        let mut native = event.native.clone();
        let mut lookup = Lookup::default();
        lookup.fill(&native, &catalogue.names);
        let mut scratch = crate::mapping::derive::Scratch::default();
        crate::normalizer::derive(
            &mut native,
            &mut lookup,
            &catalogue.names,
            &lane.derive,
            &mut scratch,
            |_| true,
        );
        Self { catalogue, lane, native, lookup }
    }

    /// The slots a name leads to: its own, else those of its aliases.
    fn target(&self, name: NameId) -> NameId {
        if let Some(natives) = self.lane.aliases.get(&name)
            && let Some(found) = natives.iter().find(|n| self.lookup.first(**n).is_some())
        {
            return *found;
        }
        name
    }

    pub fn names(&self) -> &Names {
        &self.catalogue.names
    }
}

impl Fields for View<'_> {
    fn any(&self, name: NameId, each: &mut dyn FnMut(&str, vedette_model::Kind) -> bool) -> bool {
        Looked { native: &self.native, lookup: &self.lookup }.any(self.target(name), each)
    }

    fn any_field(&self, each: &mut dyn FnMut(&str, &str, vedette_model::Kind) -> bool) -> bool {
        Looked { native: &self.native, lookup: &self.lookup }.any_field(each)
    }

    fn path(&self, name: NameId) -> Option<&str> {
        let slot = self.lookup.first(self.target(name))?;
        Some(self.native.field(slot).path)
    }

    fn filled(&self, name: NameId) -> Option<&str> {
        let target = self.target(name);
        let first = self.lookup.first(target)?;
        // `Looked` borrows the same fields, so the value is looked up here again to live as long as the view.
        self.lookup.ids.iter().enumerate().skip(first).filter(|(_, id)| **id == target).find_map(
            |(slot, _)| {
                let field = self.native.field(slot);
                crate::mapping::names::is_filled(field.value, field.kind).then_some(field.value)
            },
        )
    }
}
