//! What each host's logs cover: from when to when, which record numbers are missing, and where somebody cut.

use std::collections::BTreeMap;

use vedette_model::{Event, EventRef, LaneId, Timestamp};

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
        match (channel, code) {
            ("Security", "1102") | ("System", "104") => Some(Self::LogCleared),
            ("Security", "4616") => Some(Self::ClockChanged),
            ("Security", "1100") => Some(Self::LoggingStopped),
            _ => None,
        }
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
    }

    /// When the oldest event comes after `finding`, or how long before it the log begins, in nanoseconds.
    pub fn begins_before(&self, finding: Timestamp) -> Option<i64> {
        self.extent.first.map(|first| finding.0.saturating_sub(first.0))
    }
}

/// Notices kept for one channel; a log that is cleared more often than this has made its point.
const NOTICES_MAX: usize = 100;

/// All channels by (host, channel).
#[derive(Debug, Clone, Default)]
pub struct Channels {
    by_name: BTreeMap<String, BTreeMap<String, Channel>>,
    len: usize,
    /// Events whose channel was not followed any more.
    pub beyond: u64,
}

impl Channels {
    /// Counts an event. `numbered` says that `event.record` is the source's own number.
    pub fn add(&mut self, event: &Event, numbered: bool) {
        if event.lane == LaneId::UNKNOWN && event.channel.is_empty() {
            return;
        }
        let Some(channel) = self.entry(&event.host, &event.channel) else {
            self.beyond += 1;
            return;
        };
        channel.events += 1;
        if let Some(time) = event.time {
            channel.extent.add(time);
        }
        if numbered {
            channel.records.add(event.record, event.record);
        }
        if let Some(kind) = NoticeKind::of(&event.channel, &event.code)
            && channel.notices.len() < NOTICES_MAX
        {
            let event = EventRef { file: event.file, record: event.record, uid: event.uid, time: event.time };
            channel.notices.push(Notice { kind, event });
        }
    }

    fn entry(&mut self, host: &str, channel: &str) -> Option<&mut Channel> {
        let known = self.by_name.get(host).is_some_and(|c| c.contains_key(channel));
        if !known {
            if self.len >= CHANNELS_MAX {
                return None;
            }
            self.len += 1;
            self.by_name.entry(host.to_owned()).or_default().insert(channel.to_owned(), Channel::default());
        }
        self.by_name.get_mut(host)?.get_mut(channel)
    }

    pub fn merge(&mut self, other: Channels) {
        self.beyond += other.beyond;
        for (host, channels) in other.by_name {
            for (name, channel) in channels {
                match self.entry(&host, &name) {
                    Some(known) => known.merge(channel),
                    None => self.beyond += channel.events,
                }
            }
        }
    }

    /// In order of host, then channel.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Channel)> + '_ {
        self.by_name.iter().flat_map(|(host, c)| c.iter().map(move |(n, ch)| (host.as_str(), n.as_str(), ch)))
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
        for records in [[1, 2, 3], [7, 8, 9]] {
            let mut batch = Channels::default();
            for record in records {
                batch.add(&event(record, if record == 7 { "1102" } else { "4624" }), true);
            }
            all.merge(batch);
        }
        let (host, name, channel) = all.iter().next().expect("one channel");
        assert_eq!((host, name, channel.events), ("DC01", "Security", 6));
        assert_eq!(channel.records.gaps().collect::<Vec<_>>(), [(4, 6)]);
        assert_eq!(channel.notices[0].kind, NoticeKind::LogCleared);
        assert_eq!(channel.begins_before(Timestamp(1_700_000_061_000_000_000)), Some(60_000_000_000));
    }
}
