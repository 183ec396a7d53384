//! What each host's logs cover: from when to when, which record numbers are missing, and where somebody cut.

use std::collections::BTreeMap;

use vedette_model::{Event, EventRef, EventUid, FileIndex, LaneId, Timestamp};

use super::runs::Runs;
use super::verdict::Extent;
use crate::limits::CHANNELS_MAX;

/// Something in the log that makes the log itself less complete or its times less sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoticeKind {
    /// Security 1102, System 104: somebody emptied a log.
    LogCleared,
    /// Security 4616: the system time was changed.
    ClockChanged,
    /// Security 1100: the event logging service shut down.
    LoggingStopped,
}

impl NoticeKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::LogCleared => "log cleared",
            Self::ClockChanged => "clock changed",
            Self::LoggingStopped => "logging stopped",
        }
    }

    /// Windows event ids: Microsoft's documentation of the Security and System channels.
    fn of(channel: &str, code: &str) -> Option<Self> {
        let (log, kind) = match code {
            "1102" => ("Security", Self::LogCleared),
            "104" => ("System", Self::LogCleared),
            "4616" => ("Security", Self::ClockChanged),
            "1100" => ("Security", Self::LoggingStopped),
            _ => return None,
        };
        channel.eq_ignore_ascii_case(log).then_some(kind)
    }
}

#[derive(Debug, Clone)]
pub struct Notice {
    pub kind: NoticeKind,
    pub event: EventRef,
}

/// One host's channel over the whole run.
#[derive(Debug, Clone, Default)]
pub struct Channel {
    /// As it was spelled first; spellings that differ in case alone are one channel.
    pub name: String,
    pub events: u64,
    pub extent: Extent,
    /// Only where the source numbers its records.
    pub records: Runs,
    pub notices: Vec<Notice>,
}

impl Channel {
    fn merge(&mut self, other: Channel) {
        self.events += other.events;
        self.extent.merge(other.extent);
        self.records.merge(&other.records);
        self.notices.extend(other.notices);
        self.notices.truncate(NOTICES_MAX);
    }

    /// When the oldest event comes after `finding`, or how long before it the log begins, in nanoseconds.
    pub fn begins_before(&self, finding: Timestamp) -> Option<i64> {
        self.extent.first.map(|first| finding.0.saturating_sub(first.0))
    }
}

/// Notices kept for one channel; a log that is cleared more often than this has made its point.
const NOTICES_MAX: usize = 100;

/// What an event adds to its channel. Only the merge knows whether the event is a copy, so it adds them.
#[derive(Debug, Clone, Copy)]
pub struct Sighting {
    /// Index into the batch's [`Places`].
    place: u32,
    time: Option<Timestamp>,
    /// The source's own number.
    record: Option<u64>,
    notice: Option<NoticeKind>,
    position: u64,
}

/// The hosts and channels of one batch, in order of appearance: names are kept once and not for each event.
#[derive(Debug, Default)]
pub struct Places {
    names: Vec<(String, String)>,
    by_name: BTreeMap<String, BTreeMap<String, u32>>,
    last: usize,
}

impl Places {
    /// `numbered` says that `event.record` is the source's own number. `None` for an event of no known log.
    pub fn sighting(&mut self, event: &Event, numbered: bool) -> Option<Sighting> {
        if event.lane == LaneId::UNKNOWN && event.channel.is_empty() {
            return None;
        }
        Some(Sighting {
            place: self.place(&event.host, &event.channel),
            time: event.time,
            record: numbered.then_some(event.record),
            notice: NoticeKind::of(&event.channel, &event.code),
            position: event.record,
        })
    }

    fn place(&mut self, host: &str, channel: &str) -> u32 {
        if self.names.get(self.last).is_some_and(|(h, c)| h == host && c == channel) {
            return self.last as u32;
        }
        let known = self.by_name.get(host).and_then(|channels| channels.get(channel)).copied();
        let place = known.unwrap_or_else(|| {
            let new = self.names.len() as u32;
            self.names.push((host.to_owned(), channel.to_owned()));
            self.by_name.entry(host.to_owned()).or_default().insert(channel.to_owned(), new);
            new
        });
        self.last = place as usize;
        place
    }
}

/// All channels by host and name in lower case.
#[derive(Debug, Clone, Default)]
pub struct Channels {
    by_name: BTreeMap<String, BTreeMap<String, Channel>>,
    len: usize,
    /// Events whose channel was not followed any more.
    pub beyond: u64,
}

impl Channels {
    /// Counts events of one batch of `file`, given in file order.
    pub fn add(
        &mut self,
        file: FileIndex,
        places: Places,
        events: impl Iterator<Item = (Sighting, EventUid)>,
    ) {
        let mut batch: Vec<Channel> = places.names.iter().map(|_| Channel::default()).collect();
        // Numbers mostly follow one another: they are added as runs.
        let mut run: Option<(u32, u64, u64)> = None;
        for (seen, uid) in events {
            let channel = &mut batch[seen.place as usize];
            channel.events += 1;
            if let Some(time) = seen.time {
                channel.extent.add(time);
            }
            if let Some(kind) = seen.notice
                && channel.notices.len() < NOTICES_MAX
            {
                let event = EventRef { file, record: seen.position, uid, time: seen.time };
                channel.notices.push(Notice { kind, event });
            }
            if let Some(record) = seen.record {
                match &mut run {
                    Some((place, _, last)) if *place == seen.place && last.checked_add(1) == Some(record) => {
                        *last = record;
                    }
                    _ => {
                        if let Some((place, first, last)) = run.replace((seen.place, record, record)) {
                            batch[place as usize].records.add(first, last);
                        }
                    }
                }
            }
        }
        if let Some((place, first, last)) = run {
            batch[place as usize].records.add(first, last);
        }
        for ((host, name), channel) in places.names.into_iter().zip(batch) {
            if channel.events > 0 {
                self.merge(&host, name, channel);
            }
        }
    }

    fn merge(&mut self, host: &str, name: String, channel: Channel) {
        let key = name.to_ascii_lowercase();
        if let Some(known) = self.by_name.get_mut(host).and_then(|channels| channels.get_mut(&key)) {
            known.merge(channel);
        } else if self.len >= CHANNELS_MAX {
            self.beyond += channel.events;
        } else {
            self.len += 1;
            self.by_name.entry(host.to_owned()).or_default().insert(key, Channel { name, ..channel });
        }
    }

    /// In order of host, then channel.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Channel)> + '_ {
        self.by_name
            .iter()
            .flat_map(|(host, c)| c.values().map(move |ch| (host.as_str(), ch.name.as_str(), ch)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(record: u64, code: &str) -> Event {
        Event {
            record,
            time: Timestamp::from_secs(1_700_000_000 + record as i64),
            lane: LaneId(1),
            host: "DC01".into(),
            channel: "Security".into(),
            code: code.into(),
            ..Event::default()
        }
    }

    #[test]
    fn tells_gaps_and_clears_over_several_files() {
        let mut all = Channels::default();
        for (spelled, records) in [("Security", [1, 2, 3]), ("security", [7, 8, 9])] {
            let mut places = Places::default();
            let events = records.map(|record| {
                let mut event = event(record, if record == 7 { "1102" } else { "4624" });
                event.channel = spelled.to_owned();
                (places.sighting(&event, true).expect("of a log"), event.uid)
            });
            all.add(FileIndex(0), places, events.into_iter());
        }
        assert_eq!(all.iter().count(), 1);
        let (host, name, channel) = all.iter().next().expect("one channel");
        assert_eq!((host, name, channel.events), ("DC01", "Security", 6));
        assert_eq!(channel.records.gaps().collect::<Vec<_>>(), [(4, 6)]);
        assert_eq!(channel.notices[0].kind, NoticeKind::LogCleared);
        assert_eq!(channel.begins_before(Timestamp(1_700_000_061_000_000_000)), Some(60_000_000_000));
    }
}
