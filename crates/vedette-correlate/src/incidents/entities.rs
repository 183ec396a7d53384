//! The entities that findings name: each text kept once, and accounts written in several ways brought together.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::net::IpAddr;

use rustc_hash::FxHasher;
use vedette_model::EntityKind;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::everywhere;

/// An entity known to one grouper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId(pub(super) u32);

/// An entity number and a role share one word.
pub(super) const ROLE_BITS: u32 = 3;

/// What is known of an entity while findings come in.
#[derive(Clone)]
pub(super) struct Known {
    pub kind: EntityKind,
    at: u32,
    len: u32,
    /// Its program comes with the system.
    pub common: bool,
    /// Its program starts everything.
    pub hub: bool,
}

#[derive(Default)]
pub(super) struct Entities {
    by_hash: HashMap<u128, u32, BuildHasherDefault<FxHasher>>,
    all: Vec<Known>,
    text: String,
    /// Asked for beyond the bounds.
    pub beyond: u64,
}

impl Entities {
    pub fn intern(
        &mut self,
        kind: EntityKind,
        key: &str,
        shown: &str,
        max: usize,
        bytes_max: usize,
    ) -> Option<EntityId> {
        let hash = xxh3_128_with_seed(key.as_bytes(), kind as u64);
        let program = kind == EntityKind::Process && !shown.is_empty();
        if let Some(&index) = self.by_hash.get(&hash) {
            if program {
                let known = &mut self.all[index as usize];
                known.common |= everywhere::is_common_program(shown);
                known.hub |= everywhere::is_hub(shown);
            }
            return Some(EntityId(index));
        }
        if self.all.len() >= max || self.text.len() + key.len() > bytes_max {
            self.beyond += 1;
            return None;
        }
        let index = self.all.len() as u32;
        self.all.push(Known {
            kind,
            at: self.text.len() as u32,
            len: key.len() as u32,
            common: program && everywhere::is_common_program(shown),
            hub: program && everywhere::is_hub(shown),
        });
        self.text.push_str(key);
        self.by_hash.insert(hash, index);
        Some(EntityId(index))
    }

    pub fn find(&self, kind: EntityKind, key: &str) -> Option<u32> {
        self.by_hash.get(&xxh3_128_with_seed(key.as_bytes(), kind as u64)).copied()
    }

    pub fn get(&self, id: u32) -> &Known {
        &self.all[id as usize]
    }

    pub fn key(&self, id: u32) -> &str {
        let known = self.get(id);
        &self.text[known.at as usize..(known.at + known.len) as usize]
    }

    pub fn kind(&self, id: u32) -> EntityKind {
        self.get(id).kind
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Numbers the entities anew in the order of their texts, so that nothing hangs on who came first, and gives the
    /// new number of each old one.
    pub fn renumber(&mut self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.all.len() as u32).collect();
        order.sort_unstable_by_key(|id| (self.kind(*id), self.key(*id)));
        let mut renumbered = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            renumbered[*old as usize] = new as u32;
        }
        self.all = order.iter().map(|old| self.all[*old as usize].clone()).collect();
        self.by_hash.values_mut().for_each(|id| *id = renumbered[*id as usize]);
        renumbered
    }

    /// For each entity the one that stands for it: an account's several spellings are one.
    ///
    /// `corp\ana`, `ana@corp.example` and `ana@dc.corp.example` are one, for their domains share the label. A bare
    /// `ana` goes with them while no other domain has an `ana`; else it stays by itself.
    pub fn one_each(&self) -> Vec<u32> {
        let mut stands: Vec<u32> = (0..self.all.len() as u32).collect();
        let mut by_name: BTreeMap<&str, Vec<(&str, u32)>> = BTreeMap::new();
        for (index, known) in self.all.iter().enumerate() {
            let key = self.key(index as u32);
            // Sources that know accounts by their mail address call them principals.
            let is_account = known.kind == EntityKind::User
                || (known.kind == EntityKind::CloudPrincipal
                    && key.contains('@')
                    && !key.contains([':', '/']));
            if !is_account || key.starts_with("s-1-") || everywhere::is_generic_account(key) {
                continue;
            }
            let (name, domain) = everywhere::account(key);
            by_name.entry(name).or_default().push((domain, index as u32));
        }
        for same in by_name.into_values().filter(|s| s.len() > 1) {
            // The text decides who stands for all, so that the order of offering does not.
            let mut same = same;
            same.sort_by_key(|(domain, index)| (*domain, self.key(*index)));
            let mut classes: Vec<Vec<(&str, u32)>> = Vec::new();
            for (domain, index) in same.iter().filter(|(d, _)| !d.is_empty()) {
                let fits = |class: &Vec<(&str, u32)>| class.iter().any(|(d, _)| same_domain(d, domain));
                let (mut with, without): (Vec<_>, Vec<_>) = classes.into_iter().partition(fits);
                let mut class: Vec<(&str, u32)> = with.drain(..).flatten().collect();
                class.push((domain, *index));
                classes = without;
                classes.push(class);
            }
            let bare = same.iter().filter(|(d, _)| d.is_empty());
            match classes.len() {
                1 => classes[0].extend(bare),
                _ => classes.push(bare.copied().collect()),
            }
            for class in classes {
                if let Some(first) =
                    class.iter().min_by_key(|(_, i)| (self.kind(*i), self.key(*i))).map(|(_, i)| *i)
                {
                    for (_, index) in class {
                        stands[index as usize] = first;
                    }
                }
            }
        }
        stands
    }

    /// Is it an address inside a network?
    pub fn is_inside(&self, id: u32) -> bool {
        self.key(id).parse::<IpAddr>().is_ok_and(everywhere::is_inside)
    }
}

/// One label of the shorter is a label of the longer: `corp` and `dc.corp.example`.
pub(super) fn same_domain(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (short, long) = if a.matches('.').count() <= b.matches('.').count() { (a, b) } else { (b, a) };
    match short.contains('.') {
        // Both are full names: one must be the other's end.
        true => long.strip_suffix(short).is_some_and(|rest| rest.ends_with('.')),
        // A short name is any label but the top ones.
        false => {
            let labels: Vec<&str> = long.split('.').collect();
            labels.len() > 1 && labels[..labels.len() - 1].contains(&short)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(keys: &[&str]) -> (Entities, Vec<u32>) {
        let mut all = Entities::default();
        for key in keys {
            all.intern(EntityKind::User, key, "", 100, 10_000);
        }
        let stands = all.one_each();
        (all, stands)
    }

    #[test]
    fn spellings_of_one_account_are_one() {
        let (_, s) = ids(&[r"corp\ana", "ana@corp.example", "ana@in.corp.example", "ana"]);
        assert!(s.iter().all(|x| *x == s[0]), "{s:?}");
    }

    #[test]
    fn a_bare_name_that_two_domains_have_stays_by_itself() {
        let (_, s) = ids(&[r"corp\ana", "ana@other.example", "ana"]);
        assert_eq!(s, [0, 1, 2]);
    }

    #[test]
    fn a_name_that_every_machine_has_is_not_brought_together() {
        let (_, s) = ids(&[r"ws01\administrator", r"ws02\administrator", "administrator"]);
        assert_eq!(s, [0, 1, 2]);
    }

    #[test]
    fn bounds_are_counted() {
        let mut all = Entities::default();
        assert!(all.intern(EntityKind::User, "a", "", 1, 100).is_some());
        assert!(all.intern(EntityKind::User, "b", "", 1, 100).is_none());
        assert!(all.intern(EntityKind::User, "a", "", 1, 100).is_some());
        assert_eq!(all.beyond, 1);
    }
}
