//! What a hunt found: for each thing how often, when first and last, on which hosts, and the earliest events.

use rustc_hash::FxHashMap;
use vedette_model::{Event, EventUid, FileIndex, Timestamp};

use crate::limits::{HUNT_FOUND_MAX, HUNT_LINES_MAX};
use crate::scan::TimelineLine;
use crate::scan::verdict::{Extent, Names};

/// One event as it is shown.
#[derive(Debug, Clone)]
pub struct ContextLine {
    pub line: TimelineLine,
    /// The field that holds what was found; empty for an expression.
    pub field: String,
    /// As it stands there.
    pub observed: String,
}

/// Orders events: by time, those without one last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(i64, usize);

impl Key {
    pub fn of(event: &Event, index: usize) -> Self {
        Self(event.time.map_or(i64::MAX, |t| t.0), index)
    }
}

#[derive(Debug, Clone, Copy)]
struct Sight {
    /// Index of the event in its batch.
    event: usize,
    found: u32,
    host: u32,
    field: u32,
    time: Option<Timestamp>,
}

/// What one batch holds.
#[derive(Debug, Default)]
pub(crate) struct Catch {
    sights: Vec<Sight>,
    names: Vec<String>,
    by_name: FxHashMap<String, u32>,
    lines: FxHashMap<u32, Vec<(Key, ContextLine)>>,
}

impl Catch {
    pub fn add(&mut self, found: u32, event_index: usize, event: &Event, field: &str) {
        let (host, field) = (self.name(&event.host), self.name(field));
        self.sights.push(Sight { event: event_index, found, host, field, time: event.time });
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let new = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), new);
        new
    }

    /// Whether the event would be among the `max` earliest of this batch.
    pub fn has_room(&self, found: u32, key: Key, max: usize) -> bool {
        match self.lines.get(&found) {
            None => max > 0,
            Some(lines) => lines.len() < max || lines.last().is_some_and(|(last, _)| key < *last),
        }
    }

    pub fn keep(&mut self, found: u32, key: Key, line: ContextLine, max: usize) {
        let lines = self.lines.entry(found).or_default();
        let at = lines.partition_point(|(known, _)| *known <= key);
        lines.insert(at, (key, line));
        lines.truncate(max);
    }
}

/// One thing that was found.
#[derive(Debug, Clone, Default)]
pub struct Sighted {
    pub events: u64,
    pub extent: Extent,
    pub hosts: Names,
    pub fields: Names,
    /// Files with at least one of the events.
    pub files: u32,
    last_file: Option<FileIndex>,
    /// The earliest events.
    lines: Vec<(i64, EventUid, ContextLine)>,
}

impl Sighted {
    /// The earliest events, in order of time.
    pub fn lines(&self) -> impl Iterator<Item = (EventUid, &ContextLine)> {
        self.lines.iter().map(|(_, uid, line)| (*uid, line))
    }
}

/// All that was found, by the number of the indicator.
#[derive(Debug, Clone, Default)]
pub struct Sightings {
    pub found: FxHashMap<u32, Sighted>,
    /// Events with at least one of the things.
    pub events: u64,
    /// Sightings of things beyond [`HUNT_FOUND_MAX`].
    pub beyond: u64,
    lines: usize,
}

impl Sightings {
    /// Adds one batch of `file`; `uids` tells for each of its events the final uid, and whether it is a copy.
    pub(crate) fn add(&mut self, catch: Catch, file: FileIndex, uids: &[(EventUid, bool)], max: usize) {
        let mut last = None;
        for sight in &catch.sights {
            if uids.get(sight.event).is_some_and(|(_, copy)| *copy) {
                continue;
            }
            self.events += u64::from(last.replace(sight.event) != Some(sight.event));
            if !self.found.contains_key(&sight.found) && self.found.len() >= HUNT_FOUND_MAX {
                self.beyond += 1;
                continue;
            }
            let sighted = self.found.entry(sight.found).or_default();
            sighted.events += 1;
            if let Some(time) = sight.time {
                sighted.extent.add(time);
            }
            sighted.files += u32::from(sighted.last_file.replace(file) != Some(file));
            for (names, name) in [(&mut sighted.hosts, sight.host), (&mut sighted.fields, sight.field)] {
                let name = &catch.names[name as usize];
                if !name.is_empty() {
                    names.add(name, 1);
                }
            }
        }
        for (found, lines) in catch.lines {
            let Some(sighted) = self.found.get_mut(&found) else { continue };
            for (Key(time, index), line) in lines {
                let Some((uid, false)) = uids.get(index).copied() else { continue };
                let before = sighted.lines.len();
                if before < max && self.lines >= HUNT_LINES_MAX {
                    continue;
                }
                let at = sighted.lines.partition_point(|(t, u, _)| (*t, u.0) <= (time, uid.0));
                sighted.lines.insert(at, (time, uid, line));
                sighted.lines.truncate(max);
                self.lines += sighted.lines.len() - before;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> ContextLine {
        let line = TimelineLine {
            time: None,
            host: String::new(),
            log: String::new(),
            channel: String::new(),
            code: String::new(),
            path: String::new(),
            record: 0,
            details: Vec::new(),
        };
        ContextLine { line, field: String::new(), observed: String::new() }
    }

    #[test]
    fn the_earliest_events_are_kept_and_copies_do_not_count() {
        let mut all = Sightings::default();
        for (file, times, copy) in [(0, [50, 10, 30], false), (1, [5, 60, 1], false), (2, [2, 3, 4], true)] {
            let mut catch = Catch::default();
            for (index, time) in times.into_iter().enumerate() {
                let event = Event { time: Some(Timestamp(time)), host: "ws1".into(), ..Event::default() };
                let key = Key::of(&event, index);
                catch.add(7, index, &event, "f");
                if catch.has_room(7, key, 2) {
                    catch.keep(7, key, line(), 2);
                }
            }
            let uids: Vec<_> = (0..3).map(|i| (EventUid(file as u128 * 10 + i), copy)).collect();
            all.add(catch, FileIndex(file), &uids, 2);
        }
        let sighted = &all.found[&7];
        assert_eq!((sighted.events, sighted.files, all.events), (6, 2, 6));
        assert_eq!(sighted.extent.first, Some(Timestamp(1)));
        assert_eq!(sighted.lines.iter().map(|(t, _, _)| *t).collect::<Vec<_>>(), [1, 5]);
        assert_eq!(sighted.hosts.iter().collect::<Vec<_>>(), [("ws1", 6)]);
    }
}
