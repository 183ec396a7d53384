//! What a run covered: which logs of which hosts, from when to when, and what was lost. Unknowns come from here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use vedette_model::{Timestamp, host_key};

/// Read from a report's own `files` and `summary`, so that whoever has the report comes to the same unknowns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scope {
    /// `false` when the run was interrupted.
    pub complete: bool,
    pub findings_not_kept: u64,
    pub evidence_not_kept: u64,
    pub hosts: Vec<HostScope>,
    pub files: Vec<FileScope>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct HostScope {
    pub name: String,
    pub channels: Vec<ChannelScope>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChannelScope {
    pub name: String,
    pub events: u64,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub missing_records: Option<u64>,
    pub notices: Vec<NoticeScope>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct NoticeScope {
    /// `log cleared`, `clock changed`, `logging stopped`.
    pub kind: String,
    pub time: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileScope {
    pub path: String,
    pub complete: bool,
    pub container: bool,
    pub records: u64,
    pub rejected: u64,
    /// The most frequent reason of a rejection.
    pub reject_reason: String,
    pub unmapped: u64,
    pub untimed: u64,
    pub time_basis: String,
    pub hosts: BTreeSet<String>,
    /// `channel:id` of its events.
    pub event_ids: BTreeSet<String>,
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A time as reports write it.
pub fn time(value: &Value, name: &str) -> Option<Timestamp> {
    value.get(name)?.as_str()?.parse::<jiff::Timestamp>().ok().map(Timestamp::from)
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

impl Scope {
    /// From `scan --format json`: its `files` and `summary`. What is missing there counts as not covered.
    pub fn of_report(report: &Value) -> Self {
        let summary = report.get("summary").unwrap_or(&Value::Null);
        let mut hosts: Vec<HostScope> = list(summary, "hosts").map(host).collect();
        hosts.sort_by(|a, b| a.name.cmp(&b.name));
        let mut files: Vec<FileScope> = list(report, "files").map(file).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self {
            complete: summary.get("complete").and_then(Value::as_bool).unwrap_or(true),
            findings_not_kept: number(summary, "findings_not_kept"),
            evidence_not_kept: number(summary, "evidence_not_kept"),
            hosts,
            files,
        }
    }

    /// The logs of a host, by its key.
    pub fn host(&self, key: &str) -> Option<&HostScope> {
        self.hosts.iter().find(|h| host_key(&h.name) == key)
    }

    /// Whether a file with events of this host holds one of these `channel:id`.
    pub fn holds(&self, key: &str, ids: &[&str]) -> bool {
        self.files
            .iter()
            .filter(|f| f.hosts.iter().any(|h| host_key(h) == key))
            .any(|f| ids.iter().any(|id| f.event_ids.contains(*id)))
    }

    /// Whether the host's own log shows that it hands out Kerberos tickets or keeps the directory.
    pub fn is_domain_controller(&self, key: &str) -> bool {
        const IDS: [&str; 5] =
            ["Security:4768", "Security:4769", "Security:4771", "Security:4662", "Security:5136"];
        // Several hosts in one file: only where the host is alone is the id surely its own.
        let alone = self.files.iter().any(|f| {
            f.hosts.len() == 1
                && f.hosts.iter().any(|h| host_key(h) == key)
                && IDS.iter().any(|id| f.event_ids.contains(*id))
        });
        let channels = self.host(key).is_some_and(|h| {
            h.channels.iter().any(|c| c.name == "Directory Service" || c.name == "DFS Replication")
        });
        alone || channels
    }
}

fn host(value: &Value) -> HostScope {
    let channel = |c: &Value| ChannelScope {
        name: text(c, "name"),
        events: number(c, "events"),
        first: time(c, "first"),
        last: time(c, "last"),
        missing_records: c.get("missing_records").and_then(Value::as_u64),
        notices: list(c, "notices")
            .map(|n| NoticeScope { kind: text(n, "kind"), time: time(n, "time") })
            .collect(),
    };
    let mut channels: Vec<ChannelScope> = list(value, "channels").map(channel).collect();
    channels.sort_by(|a, b| a.name.cmp(&b.name));
    HostScope { name: text(value, "name"), channels }
}

fn file(value: &Value) -> FileScope {
    let keys = |name: &str| -> BTreeSet<String> {
        value.get(name).and_then(Value::as_object).into_iter().flat_map(|m| m.keys().cloned()).collect()
    };
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for reject in list(value, "rejects") {
        *reasons.entry(text(reject, "reason")).or_default() += number(reject, "count");
    }
    let reject_reason = reasons.into_iter().max_by_key(|(_, n)| *n).map(|(r, _)| r).unwrap_or_default();
    FileScope {
        path: text(value, "path"),
        complete: value.get("complete").and_then(Value::as_bool).unwrap_or(true),
        container: value.get("container").and_then(Value::as_bool).unwrap_or(false),
        records: number(value, "records"),
        rejected: number(value, "rejected"),
        reject_reason,
        unmapped: number(value, "unmapped"),
        untimed: number(value, "untimed"),
        time_basis: text(value, "time_basis"),
        hosts: keys("hosts"),
        event_ids: keys("event_ids"),
    }
}
