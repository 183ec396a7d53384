//! The vendor's own fields of one record: flat, in source order, all text in one buffer that is reused.
//!
//! Nested JSON is flattened with dots (`userIdentity.arn`). The elements of an array repeat the name, so that a field
//! can have several values; an object inside an array keeps its path without an index.

/// What the source said the value is. The text form is kept for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Bool,
    /// JSON `null`, or an empty object or array: the field exists and holds nothing.
    Null,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    name: (u32, u32),
    path: (u32, u32),
    value: (u32, u32),
    kind: Kind,
    derived: bool,
}

/// One field as it is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NativeField<'a> {
    /// The name rules and mappings use, for example `CommandLine`.
    pub name: &'a str,
    /// Where the value stood in the record, for example `Event.EventData.CommandLine`; equal to `name` when nothing
    /// was unwrapped. For a derived field, the names it was computed from, joined by `+`.
    pub path: &'a str,
    pub value: &'a str,
    pub kind: Kind,
    /// Computed by a mapping, not present in the record.
    pub derived: bool,
}

/// A flat list of fields. Cleared and filled again for each record, it allocates nothing in the steady state.
#[derive(Debug, Clone, Default)]
pub struct Native {
    text: String,
    slots: Vec<Slot>,
}

impl Native {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.slots.clear();
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Bytes of names and values held.
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    fn keep(&mut self, text: &str) -> (u32, u32) {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        (start, self.text.len() as u32)
    }

    /// Appends a field whose name is its path.
    pub fn push(&mut self, name: &str, value: &str, kind: Kind) {
        let name = self.keep(name);
        let value = self.keep(value);
        self.slots.push(Slot { name, path: name, value, kind, derived: false });
    }

    /// Appends a text field.
    pub fn push_text(&mut self, name: &str, value: &str) {
        self.push(name, value, Kind::Text);
    }

    /// Appends a field that a mapping computed from the fields named in `path`.
    pub fn push_derived(&mut self, name: &str, path: &str, value: &str, kind: Kind) {
        let name = self.keep(name);
        let path = self.keep(path);
        let value = self.keep(value);
        self.slots.push(Slot { name, path, value, kind, derived: true });
    }

    /// Gives the field at `index` another name and keeps its path; used when an envelope is unwrapped.
    pub fn rename(&mut self, index: usize, name: &str) {
        let range = self.keep(name);
        self.slots[index].name = range;
    }

    /// Cuts the first `bytes` bytes off the name at `index` and keeps its path. `bytes` must fall on a character.
    pub fn strip_name(&mut self, index: usize, bytes: usize) {
        let slot = &mut self.slots[index];
        slot.name.0 = (slot.name.0 + bytes as u32).min(slot.name.1);
    }

    /// Replaces the value at `index`.
    pub fn set_value(&mut self, index: usize, value: &str, kind: Kind) {
        let range = self.keep(value);
        self.slots[index].value = range;
        self.slots[index].kind = kind;
    }

    pub fn truncate(&mut self, fields: usize) {
        self.slots.truncate(fields);
    }

    #[inline]
    fn text(&self, range: (u32, u32)) -> &str {
        &self.text[range.0 as usize..range.1 as usize]
    }

    #[inline]
    pub fn field(&self, index: usize) -> NativeField<'_> {
        let slot = self.slots[index];
        NativeField {
            name: self.text(slot.name),
            path: self.text(slot.path),
            value: self.text(slot.value),
            kind: slot.kind,
            derived: slot.derived,
        }
    }

    /// The name alone of the field at `index`; cheaper than the whole where a field is only looked at.
    #[inline]
    pub fn name(&self, index: usize) -> &str {
        self.text(self.slots[index].name)
    }

    /// The value alone of the field at `index`.
    #[inline]
    pub fn value(&self, index: usize) -> &str {
        self.text(self.slots[index].value)
    }

    /// The kind alone of the field at `index`.
    #[inline]
    pub fn kind(&self, index: usize) -> Kind {
        self.slots[index].kind
    }

    /// Whether the field at `index` was computed by a mapping.
    #[inline]
    pub fn is_derived(&self, index: usize) -> bool {
        self.slots[index].derived
    }

    /// All fields in source order, derived ones last.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = NativeField<'_>> + '_ {
        (0..self.slots.len()).map(|i| self.field(i))
    }

    /// The first value of `name`, null included as an empty text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|f| f.name == name).map(|f| f.value)
    }

    /// The first value of `name` that is neither null nor empty.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.iter().find(|f| f.name == name && f.kind != Kind::Null && !f.value.is_empty()).map(|f| f.value)
    }

    /// Every value of `name`, in source order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.iter().filter(move |f| f.name == name).map(|f| f.value)
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        (0..self.slots.len()).find(|&i| self.text(self.slots[i].name) == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stripped_name_keeps_its_path() {
        let mut native = Native::new();
        native.push_text("Event.EventData.CommandLine", "whoami");
        native.strip_name(0, "Event.EventData.".len());
        let field = native.field(0);
        assert_eq!((field.name, field.path), ("CommandLine", "Event.EventData.CommandLine"));
    }

    #[test]
    fn a_repeated_name_has_several_values() {
        let mut native = Native::new();
        native.push_text("groups", "a");
        native.push_text("groups", "b");
        assert_eq!(native.all("groups").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(native.get("groups"), Some("a"));
    }
}
