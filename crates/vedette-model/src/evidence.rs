//! An event as it is kept beside the findings that rest on it.

use crate::event::Event;
use crate::finding::EventRef;
use crate::lane::LaneId;
use crate::native::{Kind, Native};
use crate::time::TimeBasis;

/// One field of a kept event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    /// Where it stood in the record; empty when that is its name.
    pub path: String,
    pub value: String,
    pub kind: Kind,
    /// Computed by a mapping.
    pub derived: bool,
}

/// Enough of an event to read it, to judge a rule on it again, and to find its original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub event: EventRef,
    /// Where the other records of a joined event stand, as ordinals in their files.
    pub joined: Vec<u64>,
    pub time_basis: TimeBasis,
    pub host: String,
    pub channel: String,
    pub code: String,
    /// The mapping that understood it; empty when none did.
    pub mapping: String,
    /// The mapping's case; empty for its rest.
    pub case: String,
    /// In source order, derived ones last.
    pub fields: Vec<Field>,
    /// Values that were too long to keep whole.
    pub cut: u64,
}

impl Evidence {
    /// Keeps `event`; a value longer than `value_bytes_max` is cut at a character and counted in `cut`.
    pub fn of(event: &Event, mapping: &str, case: &str, value_bytes_max: usize) -> Self {
        let mut cut = 0;
        let fields = event
            .native
            .iter()
            .map(|f| {
                let mut value = f.value;
                if value.len() > value_bytes_max {
                    value = &value[..value.floor_char_boundary(value_bytes_max)];
                    cut += 1;
                }
                Field {
                    name: f.name.to_owned(),
                    path: if f.path == f.name { String::new() } else { f.path.to_owned() },
                    value: value.to_owned(),
                    kind: f.kind,
                    derived: f.derived,
                }
            })
            .collect();
        Self {
            event: EventRef { file: event.file, record: event.record, uid: event.uid, time: event.time },
            joined: event.joined.iter().map(|p| p.number).collect(),
            time_basis: event.time_basis,
            host: event.host.clone(),
            channel: event.channel.clone(),
            code: event.code.clone(),
            mapping: mapping.to_owned(),
            case: case.to_owned(),
            fields,
            cut,
        }
    }

    /// The event again, as far as it was kept: its positions are not. `lane` is that of `mapping` and `case`.
    pub fn restore(&self, lane: LaneId) -> Event {
        let mut native = Native::new();
        for f in &self.fields {
            if f.derived {
                native.push_derived(&f.name, &f.path, &f.value, f.kind);
                continue;
            }
            if f.path.is_empty() {
                native.push(&f.name, &f.value, f.kind);
            } else {
                native.push(&f.path, &f.value, f.kind);
                native.rename(native.len() - 1, &f.name);
            }
        }
        Event {
            uid: self.event.uid,
            file: self.event.file,
            record: self.event.record,
            time: self.event.time,
            time_basis: self.time_basis,
            lane,
            host: self.host.clone(),
            channel: self.channel.clone(),
            code: self.code.clone(),
            native,
            ..Event::default()
        }
    }

    /// The first value of `name` that is neither null nor empty.
    pub fn filled(&self, name: &str) -> Option<&str> {
        let filled = |f: &&Field| f.name == name && f.kind != Kind::Null && !f.value.is_empty();
        self.fields.iter().find(filled).map(|f| f.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::NativeField;

    #[test]
    fn what_is_restored_is_what_was_kept() {
        let mut event = Event { host: "WS1".into(), code: "4688".into(), record: 7, ..Event::default() };
        event.native.push("Event.EventData.ProcessId", "0x1f", Kind::Text);
        event.native.rename(0, "ProcessId");
        event.native.push("EventID", "4688", Kind::Number);
        event.native.push_derived("Image", "ProcessId", "C:\\a.exe", Kind::Text);
        let kept = Evidence::of(&event, "windows_security", "process_creation", 100);
        let again = kept.restore(event.lane);
        let fields = |e: &Event| {
            let told =
                |f: NativeField<'_>| (f.name.to_owned(), f.path.to_owned(), f.value.to_owned(), f.derived);
            e.native.iter().map(told).collect::<Vec<_>>()
        };
        assert_eq!(fields(&again), fields(&event));
        assert_eq!((again.host.as_str(), again.record), ("WS1", 7));
    }

    #[test]
    fn a_long_value_is_cut_at_a_character_and_counted() {
        let mut event = Event::default();
        event.native.push_text("a", "ééé");
        let kept = Evidence::of(&event, "", "", 3);
        assert_eq!((kept.fields[0].value.as_str(), kept.cut), ("é", 1));
    }
}
