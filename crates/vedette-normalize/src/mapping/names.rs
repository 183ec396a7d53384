//! Native names as numbers: a record's names are looked up once, everything after that is an index.

use rustc_hash::FxHashMap;
use vedette_model::{Kind, Native};

/// A name that some mapping mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(pub u32);

impl NameId {
    /// A record's field that no mapping mentions.
    pub const NONE: NameId = NameId(u32::MAX);
}

/// All names of a catalogue.
#[derive(Debug, Default, Clone)]
pub struct Names {
    ids: FxHashMap<Box<str>, NameId>,
    texts: Vec<Box<str>>,
}

impl Names {
    pub fn intern(&mut self, name: &str) -> NameId {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = NameId(self.texts.len() as u32);
        self.texts.push(name.into());
        self.ids.insert(name.into(), id);
        id
    }

    pub fn get(&self, name: &str) -> NameId {
        self.ids.get(name).copied().unwrap_or(NameId::NONE)
    }

    pub fn text(&self, id: NameId) -> &str {
        self.texts.get(id.0 as usize).map_or("", |t| t)
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// Where conditions and derivations read values from.
pub trait Fields {
    /// Calls `each` for every value of a name, null as an empty text, until it returns `true`; says whether it did.
    fn any(&self, name: NameId, each: &mut dyn FnMut(&str, Kind) -> bool) -> bool;

    /// Calls `each` with every native name, value and kind until it returns `true`.
    fn any_field(&self, each: &mut dyn FnMut(&str, &str, Kind) -> bool) -> bool;

    /// The first value that is neither null, empty nor a lone `-`.
    fn filled(&self, name: NameId) -> Option<&str>;

    /// Where the first value of a name stood in the record.
    fn path(&self, name: NameId) -> Option<&str>;
}

/// The fields of the record at hand by [`NameId`]. Filled once a record, and again where an envelope renamed.
#[derive(Debug, Default)]
pub struct Lookup {
    /// Name of each slot.
    pub ids: Vec<NameId>,
    /// First slot of each name, plus one; 0 is none. As long as there are names.
    first: Vec<u32>,
    /// What each slot was called in the record before. Records of a log have their names in one order, and to see that
    /// a name is the same costs less than to look it up; a wrong guess costs a comparison.
    guesses: Vec<NameId>,
}

impl Lookup {
    pub fn clear(&mut self) {
        for id in self.ids.drain(..) {
            if let Some(slot) = self.first.get_mut(id.0 as usize) {
                *slot = 0;
            }
        }
    }

    /// Looks up all names of a record.
    pub fn fill(&mut self, native: &Native, names: &Names) {
        self.clear();
        self.first.resize(names.len(), 0);
        self.guesses.resize(self.guesses.len().max(native.len()), NameId::NONE);
        for index in 0..native.len() {
            let name = native.name(index);
            let guess = self.guesses[index];
            let id = if guess != NameId::NONE && names.text(guess) == name { guess } else { names.get(name) };
            self.guesses[index] = id;
            self.push(id);
        }
    }

    /// As [`Lookup::fill`], for the record that was filled already and got other names since.
    pub fn refill(&mut self, native: &Native, names: &Names) {
        self.clear();
        self.first.resize(names.len(), 0);
        self.extend(native, names);
    }

    /// Looks up the names that were appended since.
    pub fn extend(&mut self, native: &Native, names: &Names) {
        for index in self.ids.len()..native.len() {
            self.push(names.get(native.name(index)));
        }
    }

    fn push(&mut self, id: NameId) {
        self.ids.push(id);
        if let Some(first) = self.first.get_mut(id.0 as usize)
            && *first == 0
        {
            *first = self.ids.len() as u32;
        }
    }

    /// Says that a slot has another name now; [`Lookup::settle`] must follow.
    pub fn replace(&mut self, slot: usize, name: NameId) {
        let old = std::mem::replace(&mut self.ids[slot], name);
        if let Some(first) = self.first.get_mut(old.0 as usize) {
            *first = 0;
        }
    }

    /// Finds the first slots again after names were replaced.
    pub fn settle(&mut self) {
        for (slot, id) in self.ids.iter().enumerate().rev() {
            if let Some(first) = self.first.get_mut(id.0 as usize) {
                *first = slot as u32 + 1;
            }
        }
    }

    pub fn first(&self, name: NameId) -> Option<usize> {
        match self.first.get(name.0 as usize) {
            Some(&slot) if slot > 0 => Some(slot as usize - 1),
            _ => None,
        }
    }
}

/// A record with its lookup.
pub struct Looked<'a> {
    pub native: &'a Native,
    pub lookup: &'a Lookup,
}

impl Fields for Looked<'_> {
    fn any(&self, name: NameId, each: &mut dyn FnMut(&str, Kind) -> bool) -> bool {
        let Some(first) = self.lookup.first(name) else { return false };
        let field = self.native.field(first);
        if each(field.value, field.kind) {
            return true;
        }
        for (index, &id) in self.lookup.ids.iter().enumerate().skip(first + 1) {
            if id == name {
                let field = self.native.field(index);
                if each(field.value, field.kind) {
                    return true;
                }
            }
        }
        false
    }

    fn any_field(&self, each: &mut dyn FnMut(&str, &str, Kind) -> bool) -> bool {
        self.native.iter().filter(|f| !f.derived).any(|f| each(f.name, f.value, f.kind))
    }

    fn filled(&self, name: NameId) -> Option<&str> {
        let first = self.lookup.first(name)?;
        let field = self.native.field(first);
        if is_filled(field.value, field.kind) {
            return Some(field.value);
        }
        self.lookup.ids.iter().enumerate().skip(first + 1).filter(|(_, id)| **id == name).find_map(
            |(index, _)| {
                let field = self.native.field(index);
                is_filled(field.value, field.kind).then_some(field.value)
            },
        )
    }

    fn path(&self, name: NameId) -> Option<&str> {
        self.lookup.first(name).map(|slot| self.native.field(slot).path)
    }
}

/// Windows writes a lone `-` where it has nothing to say.
pub fn is_filled(value: &str, kind: Kind) -> bool {
    kind != Kind::Null && !value.is_empty() && value != "-"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_a_repeated_name_is_seen() {
        let mut names = Names::default();
        let (a, b) = (names.intern("a"), names.intern("b"));
        let mut native = Native::new();
        native.push_text("a", "-");
        native.push_text("other", "x");
        native.push_text("a", "2");
        let mut lookup = Lookup::default();
        for _ in 0..2 {
            lookup.fill(&native, &names);
            let looked = Looked { native: &native, lookup: &lookup };
            let mut seen = Vec::new();
            looked.any(a, &mut |v, _| {
                seen.push(v.to_owned());
                false
            });
            assert_eq!(seen, ["-", "2"]);
            assert_eq!(looked.filled(a), Some("2"));
            assert_eq!(looked.filled(b), None);
        }
    }
}
