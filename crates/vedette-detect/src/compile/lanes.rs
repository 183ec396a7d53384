//! For each lane: the rules that run there, the names they read, and the indexes that wake them.

use aho_corasick::packed::Searcher;
use rustc_hash::FxHashMap;
use vedette_model::{Lane, LaneId, LogsourceTag};
use vedette_sigma::{Logsource, Rule};

use super::Builder;
use super::atoms::What;
use crate::glob::Anchor;
use crate::limits;
use crate::literals::LiteralSet;
use crate::plan::{FieldId, FieldIndex, LanePlan, Program, Reader, Wake, native_names, number_bits};

/// Whether a rule of this logsource runs in `lane`.
fn fits(logsource: &Logsource, lane: &Lane) -> bool {
    let Logsource { product, category, service, .. } = logsource;
    if product.is_none() && category.is_none() && service.is_none() {
        return true;
    }
    let same = |asked: &Option<String>, given: &Option<String>| match (asked, given) {
        (None, _) => true,
        (Some(asked), Some(given)) => asked.eq_ignore_ascii_case(given),
        (Some(_), None) => false,
    };
    let fits = |tag: &LogsourceTag| {
        same(product, &tag.product) && same(category, &tag.category) && same(service, &tag.service)
    };
    lane.id != LaneId::UNKNOWN && lane.tags.iter().any(fits)
}

/// The plan of each lane, and the lookup from lane number to it.
pub(super) fn plans(
    builder: &Builder,
    rules: &[Rule],
    programs: &[Option<Program>],
    lanes: &[Lane],
) -> (Vec<LanePlan>, Vec<u32>) {
    let unknown = Lane { id: LaneId::UNKNOWN, ..Lane::default() };
    let given = lanes.iter().filter(|l| l.id.0 <= limits::LANE_ID_MAX);
    let missing = lanes.iter().all(|l| l.id != LaneId::UNKNOWN).then_some(&unknown);
    let mut plans: Vec<LanePlan> = Vec::with_capacity(lanes.len() + 1);
    let mut index: Vec<u32> = Vec::new();
    for lane in missing.into_iter().chain(given) {
        let id = lane.id.0 as usize;
        if index.len() <= id {
            index.resize(id + 1, u32::MAX);
        }
        // The first lane of a number keeps it.
        if index[id] == u32::MAX {
            index[id] = plans.len() as u32;
            plans.push(lane_plan(builder, rules, programs, lane));
        }
    }
    (plans, index)
}

fn lane_plan(builder: &Builder, rules: &[Rule], programs: &[Option<Program>], lane: &Lane) -> LanePlan {
    let mut plan = LanePlan {
        lane: lane.clone(),
        rules: Vec::new(),
        names: FxHashMap::default(),
        readers: Vec::new(),
        indexes: Vec::new(),
        always: Vec::new(),
        indexed: vec![0; builder.atoms.len().div_ceil(64)],
        woken: Vec::new(),
    };
    let mut fields: Vec<FieldId> = Vec::new();
    // Atom -> rules it wakes.
    let mut wakes: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (index, (rule, program)) in rules.iter().zip(programs).enumerate() {
        let Some(program) = program else { continue };
        if !fits(&rule.logsource, lane) {
            continue;
        }
        plan.rules.push(index as u32);
        fields.extend(&program.fields);
        match &program.witness {
            None => plan.always.push(index as u32),
            Some(atoms) => {
                for atom in atoms {
                    wakes.entry(*atom).or_default().push(index as u32);
                }
            }
        }
    }
    fields.sort_unstable();
    fields.dedup();
    name_readers(builder, &fields, &mut plan);
    index_fields(builder, wakes, &mut plan);
    plan
}

fn name_readers(builder: &Builder, fields: &[FieldId], plan: &mut LanePlan) {
    let mut by_name: Vec<(&str, Reader)> = Vec::new();
    let lane = plan.lane.clone();
    for &field in fields.iter().filter(|f| **f != FieldId::KEYWORDS) {
        for (rank, native) in native_names(&lane, &builder.fields[field.0 as usize]).into_iter().enumerate() {
            by_name.push((native, Reader { field, rank: rank.min(usize::from(u16::MAX)) as u16 }));
        }
    }
    by_name.sort_by_key(|(name, reader)| (*name, reader.field, reader.rank));
    for (name, reader) in by_name {
        let at = plan.readers.len() as u32;
        plan.readers.push(reader);
        plan.names.entry(name.into()).and_modify(|range| range.1 = at + 1).or_insert((at, at + 1));
    }
}

fn index_fields(builder: &Builder, wakes: FxHashMap<u32, Vec<u32>>, plan: &mut LanePlan) {
    let mut atoms: Vec<(FieldId, u32, Vec<u32>)> =
        wakes.into_iter().map(|(atom, rules)| (builder.atoms[atom as usize].field, atom, rules)).collect();
    atoms.sort_unstable();
    for group in atoms.chunk_by(|a, b| a.0 == b.0) {
        let mut literal_keys: FxHashMap<(Anchor, &str), u32> = FxHashMap::default();
        let mut numbers: FxHashMap<u64, u32> = FxHashMap::default();
        let mut filled: Option<u32> = None;
        let mut targets: Vec<Vec<Wake>> = Vec::new();
        for (_, atom, rules) in group {
            let Some(keys) = &builder.keys[*atom as usize] else { continue };
            plan.indexed[(atom / 64) as usize] |= 1 << (atom % 64);
            let from = plan.woken.len() as u32;
            plan.woken.extend(rules);
            let rules = (from, plan.woken.len() as u32);
            for key in &keys.keys {
                let next = targets.len() as u32;
                let id = match &key.what {
                    What::Literal(anchor, text) => *literal_keys.entry((*anchor, text)).or_insert(next),
                    What::Number(n) => *numbers.entry(number_bits(*n)).or_insert(next),
                    What::Filled => *filled.get_or_insert(next),
                };
                if id == next {
                    targets.push(Vec::new());
                }
                targets[id as usize].push(Wake { atom: *atom, sure: key.sure, rules });
            }
        }
        let mut keys = Vec::with_capacity(targets.len());
        let mut flat = Vec::new();
        for wakes in targets {
            let from = flat.len() as u32;
            flat.extend(wakes);
            keys.push((from, flat.len() as u32));
        }
        let field = group[0].0;
        let plain = field == FieldId::KEYWORDS && numbers.is_empty() && filled.is_none();
        let prefilter = plain.then(|| Searcher::new(literal_keys.keys().map(|(_, text)| text))).flatten();
        let literals =
            LiteralSet::new(literal_keys.into_iter().map(|((anchor, text), id)| (anchor, text, id)));
        plan.indexes.push(FieldIndex { field, literals, prefilter, numbers, filled, keys, wakes: flat });
    }
}
