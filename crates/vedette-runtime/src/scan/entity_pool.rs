//! The entities of findings, each once, and the sets of them that findings share: what grouping needs to hold in memory.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use rustc_hash::FxHasher;
use vedette_model::{Entity, EntityKind, Role};

use crate::limits::{ENTITIES_MAX, ENTITY_SETS_MAX};

type Hasher = BuildHasherDefault<FxHasher>;

/// What a set holds: an entity by its place in the pool, and its part.
pub type Member = (u32, Role);

/// See the module.
pub struct EntityPool {
    ids: HashMap<(EntityKind, Arc<str>), u32, Hasher>,
    list: Vec<(EntityKind, Arc<str>)>,
    /// What processes are shown as: their key names no program.
    programs: HashMap<u32, Arc<str>, Hasher>,
    /// Each program once.
    program_names: HashSet<Arc<str>, Hasher>,
    sets: HashMap<Arc<[Member]>, u32, Hasher>,
    set_list: Vec<Arc<[Member]>>,
    entities_max: usize,
    sets_max: usize,
    /// Findings whose entities were beyond a bound, in part or all.
    pub beyond: u64,
}

impl Default for EntityPool {
    fn default() -> Self {
        Self {
            ids: HashMap::default(),
            list: Vec::new(),
            programs: HashMap::default(),
            program_names: HashSet::default(),
            sets: HashMap::from_iter([(Arc::from([]), 0)]),
            set_list: vec![Arc::from([])],
            entities_max: ENTITIES_MAX,
            sets_max: ENTITY_SETS_MAX,
            beyond: 0,
        }
    }
}

impl EntityPool {
    /// The number of the set; beyond the bounds that of a smaller one, in the end of the empty one.
    pub fn set(&mut self, entities: &[Entity]) -> u32 {
        let mut whole = true;
        let mut members: Vec<Member> = Vec::with_capacity(entities.len());
        for entity in entities {
            match self.id(entity) {
                Some(id) => {
                    self.show(id, entity);
                    members.push((id, entity.role));
                }
                None => whole = false,
            }
        }
        members.sort_unstable();
        members.dedup();
        let mut set = self.known(&members);
        if set.is_none() {
            // What many findings share is likely to be known already.
            whole = false;
            members.retain(|(id, _)| {
                matches!(self.list[*id as usize].0, EntityKind::Host | EntityKind::User | EntityKind::Address)
            });
            set = self.sets.get(members.as_slice()).copied();
        }
        self.beyond += u64::from(!whole);
        set.unwrap_or(0)
    }

    fn id(&mut self, entity: &Entity) -> Option<u32> {
        // The look-up needs an owned key: one allocation for each entity of a finding.
        let key = (entity.kind, Arc::from(entity.key.as_str()));
        if let Some(&id) = self.ids.get(&key) {
            return Some(id);
        }
        if self.list.len() >= self.entities_max {
            return None;
        }
        let id = self.list.len() as u32;
        self.list.push(key.clone());
        self.ids.insert(key, id);
        Some(id)
    }

    /// Of several programs the one that sorts first, so that the order of findings does not matter.
    fn show(&mut self, id: u32, entity: &Entity) {
        if entity.kind != EntityKind::Process || entity.shown.is_empty() {
            return;
        }
        if self.programs.get(&id).is_some_and(|known| **known <= *entity.shown) {
            return;
        }
        let name = match self.program_names.get(entity.shown.as_str()) {
            Some(known) => known.clone(),
            None => {
                let name: Arc<str> = entity.shown.as_str().into();
                self.program_names.insert(name.clone());
                name
            }
        };
        self.programs.insert(id, name);
    }

    fn known(&mut self, members: &[Member]) -> Option<u32> {
        if let Some(&set) = self.sets.get(members) {
            return Some(set);
        }
        if self.set_list.len() >= self.sets_max {
            return None;
        }
        let set = self.set_list.len() as u32;
        let members: Arc<[Member]> = members.into();
        self.set_list.push(members.clone());
        self.sets.insert(members, set);
        Some(set)
    }

    /// Kind and key of every entity, in the order of their numbers, and what a process is shown as.
    pub fn entities(&self) -> impl Iterator<Item = (EntityKind, &str, &str)> {
        let shown = |id: u32| self.programs.get(&id).map_or("", |s| s);
        self.list.iter().zip(0..).map(move |((kind, key), id)| (*kind, &**key, shown(id)))
    }

    pub fn members(&self, set: u32) -> &[Member] {
        &self.set_list[set as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(key: &str) -> Entity {
        let (shown, from) = (key.to_owned(), String::new());
        Entity { kind: EntityKind::User, role: Role::Actor, key: key.to_owned(), shown, from }
    }

    #[test]
    fn equal_entities_are_one_set_whatever_their_order() {
        let mut pool = EntityPool::default();
        let first = pool.set(&[user("ana"), user("bo")]);
        assert_eq!(pool.set(&[user("bo"), user("ana")]), first);
        assert_eq!(pool.members(first).len(), 2);
        assert_eq!(pool.set(&[]), 0);
    }

    #[test]
    fn beyond_the_bound_findings_are_counted_and_share_what_is_known() {
        let mut pool = EntityPool { entities_max: 1, ..EntityPool::default() };
        let known = pool.set(&[user("ana")]);
        assert_eq!(pool.set(&[user("ana"), user("bo")]), known);
        assert_eq!(pool.beyond, 1);
    }
}
