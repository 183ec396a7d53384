//! Walks over a rule: its items, and the fields that they read.

use std::collections::BTreeSet;

use crate::rule::{Block, Detection, Item, Matcher, Rule};

impl Block {
    /// Calls `see` for each item, in the order of the document.
    pub fn each_item<'a>(&'a self, see: &mut impl FnMut(&'a Item)) {
        match self {
            Block::All(blocks) | Block::Any(blocks) => blocks.iter().for_each(|b| b.each_item(see)),
            Block::Item(item) => see(item),
        }
    }

    pub(crate) fn each_item_mut(&mut self, see: &mut impl FnMut(&mut Item)) {
        match self {
            Block::All(blocks) | Block::Any(blocks) => blocks.iter_mut().for_each(|b| b.each_item_mut(see)),
            Block::Item(item) => see(item),
        }
    }
}

impl Detection {
    /// Calls `see` for each item of each selection, in the order of the document.
    pub fn each_item<'a>(&'a self, see: &mut impl FnMut(&'a Item)) {
        self.selections.iter().for_each(|s| s.block.each_item(see));
    }
}

impl Rule {
    /// Every field that the rule reads, sorted, each once; the targets of `|fieldref` too.
    pub fn fields(&self) -> Vec<&str> {
        let mut fields = BTreeSet::new();
        self.detection.each_item(&mut |item| {
            fields.extend(item.field.as_deref());
            for matcher in &item.matchers {
                if let Matcher::FieldRef { field, .. } = matcher {
                    fields.insert(field.as_str());
                }
            }
        });
        fields.into_iter().collect()
    }

    /// Whether some selection is a keyword search, which reads every field.
    pub fn has_keywords(&self) -> bool {
        let mut found = false;
        self.detection.each_item(&mut |item| found |= item.field.is_none());
        found
    }
}

/// The first placeholder that still waits for its list.
pub(crate) fn open_placeholder(detection: &Detection) -> Option<(&str, &Item)> {
    let mut found = None;
    detection.each_item(&mut |item| {
        for matcher in &item.matchers {
            if let (Matcher::Placeholder { name, .. }, None) = (matcher, found) {
                found = Some((name.as_str(), item));
            }
        }
    });
    found
}
