//! Joins the parts of one PowerShell script block (event 4104) into one event, so that a rule sees the whole script.
//!
//! PowerShell logs a long block in parts that share `ScriptBlockId` and count `MessageNumber` of `MessageTotal`.

use std::collections::BTreeMap;

use vedette_model::{Event, FileIndex, Kind};

use crate::limits::{OPEN_SCRIPT_BLOCKS_MAX, OPEN_SCRIPT_BYTES_MAX, SCRIPT_BLOCK_BYTES_MAX};

const ID: &str = "ScriptBlockId";
const NUMBER: &str = "MessageNumber";
const TOTAL: &str = "MessageTotal";
const TEXT: &str = "ScriptBlockText";

/// A part and the block it belongs to.
#[derive(Debug, Clone)]
pub struct Part {
    pub event: Event,
    block: String,
    number: u64,
    total: u64,
}

impl Part {
    /// `Some` when `event` is one of several parts.
    pub fn of(event: &Event) -> Option<Part> {
        if event.code != "4104" {
            return None;
        }
        let total: u64 = event.native.get(TOTAL)?.parse().ok()?;
        if total < 2 {
            return None;
        }
        let number: u64 = event.native.get(NUMBER)?.parse().ok()?;
        let block = format!("{}\u{0}{}", event.host, event.native.filled(ID)?);
        Some(Part { event: event.clone(), block, number, total })
    }
}

#[derive(Default)]
struct Open {
    parts: BTreeMap<u64, Event>,
    total: u64,
    bytes: usize,
    since: u64,
}

/// A script block put together again.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The first part, with the text of all.
    pub event: Event,
    /// The files of the other parts, one entry a part: these records were joined.
    pub others: Vec<FileIndex>,
    /// How many parts are missing, and of how many.
    pub missing: u64,
    pub total: u64,
}

/// Blocks with missing parts.
#[derive(Default)]
pub struct ScriptBlocks {
    open: BTreeMap<String, Open>,
    clock: u64,
    /// Text of all open blocks.
    bytes: usize,
}

impl ScriptBlocks {
    /// Takes a part; returns the events that are complete now. More than one when the bound closes an old block.
    pub fn add(&mut self, part: Part) -> Vec<Whole> {
        let mut done = Vec::new();
        self.clock += 1;
        let open = self.open.entry(part.block.clone()).or_default();
        open.since = open.since.max(self.clock);
        open.total = part.total;
        let bytes = part.event.native.text_bytes();
        open.bytes += bytes;
        self.bytes += bytes;
        if let Some(older) = open.parts.insert(part.number, part.event) {
            // The same block was logged again: the older part stands for itself.
            let bytes = older.native.text_bytes();
            open.bytes -= bytes;
            self.bytes -= bytes;
            let total = open.total;
            done.push(Whole { event: older, others: Vec::new(), missing: total.saturating_sub(1), total });
        }
        if open.parts.len() as u64 >= open.total || open.bytes > SCRIPT_BLOCK_BYTES_MAX {
            done.extend(self.close(&part.block));
        }
        while self.open.len() > OPEN_SCRIPT_BLOCKS_MAX || self.bytes > OPEN_SCRIPT_BYTES_MAX {
            let oldest = self.open.iter().min_by_key(|(_, o)| o.since).map(|(id, _)| id.clone());
            let Some(closed) = oldest.and_then(|id| self.close(&id)) else { break };
            done.push(closed);
        }
        done
    }

    /// Closes what is still open, in a fixed order: at the end of the input.
    pub fn finish(&mut self) -> Vec<Whole> {
        let ids: Vec<String> = self.open.keys().cloned().collect();
        ids.iter().filter_map(|id| self.close(id)).collect()
    }

    fn close(&mut self, block: &str) -> Option<Whole> {
        let open = self.open.remove(block)?;
        self.bytes -= open.bytes;
        let (total, missing) = (open.total, open.total.saturating_sub(open.parts.len() as u64));
        let mut text = String::with_capacity(open.bytes);
        for event in open.parts.values() {
            text.push_str(event.native.get(TEXT).unwrap_or_default());
        }
        let mut parts = open.parts.into_values();
        let mut whole = parts.next()?;
        let mut others = Vec::new();
        for part in parts {
            others.push(part.file);
            whole.joined.push(part.position);
            whole.joined.extend(part.joined);
        }
        if let Some(index) = whole.native.position(TEXT) {
            whole.native.set_value(index, &text, Kind::Text);
        }
        Some(Whole { event: whole, others, missing, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vedette_model::Position;

    fn part(id: &str, number: u64, total: u64, text: &str) -> Part {
        let mut event = Event { code: "4104".into(), host: "WS1".into(), ..Event::default() };
        event.position = Position { number, offset: 0 };
        for (name, value) in
            [(ID, id), (NUMBER, &number.to_string()), (TOTAL, &total.to_string()), (TEXT, text)]
        {
            event.native.push_text(name, value);
        }
        Part::of(&event).expect("a part")
    }

    #[test]
    fn parts_in_any_order_become_one_script() {
        let mut blocks = ScriptBlocks::default();
        assert!(blocks.add(part("a", 2, 3, "-Mimi")).is_empty());
        assert!(blocks.add(part("b", 1, 2, "other")).is_empty());
        assert!(blocks.add(part("a", 3, 3, "katz")).is_empty());
        let done = blocks.add(part("a", 1, 3, "Invoke"));
        assert_eq!((done.len(), done[0].others.len(), done[0].missing), (1, 2, 0));
        assert_eq!(done[0].event.native.get(TEXT), Some("Invoke-Mimikatz"));
        assert_eq!(done[0].event.joined.iter().map(|p| p.number).collect::<Vec<_>>(), [2, 3]);
        let rest = blocks.finish();
        assert_eq!(rest[0].event.native.get(TEXT), Some("other"));
        assert_eq!((rest[0].missing, rest[0].total), (1, 2));
    }

    #[test]
    fn open_blocks_share_one_budget_of_bytes() {
        let mut blocks = ScriptBlocks::default();
        let text = "x".repeat(SCRIPT_BLOCK_BYTES_MAX - 1000);
        let fit = OPEN_SCRIPT_BYTES_MAX / SCRIPT_BLOCK_BYTES_MAX;
        for n in 0..fit {
            assert!(blocks.add(part(&format!("b{n}"), 1, 9, &text)).is_empty(), "{n}");
        }
        let done = blocks.add(part("more", 1, 9, &text));
        assert_eq!((done.len(), done[0].event.native.get(ID)), (1, Some("b0")));
        // A part that comes again takes the place of the older one.
        assert_eq!(blocks.add(part("more", 1, 9, "short")).len(), 1);
        assert_eq!(blocks.finish().len(), fit);
        assert_eq!(blocks.bytes, 0);
    }

    #[test]
    fn a_single_part_is_no_part() {
        let mut event = Event { code: "4104".into(), ..Event::default() };
        event.native.push_text(TOTAL, "1");
        assert!(Part::of(&event).is_none());
    }
}
