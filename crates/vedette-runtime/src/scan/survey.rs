//! Counting questions over all events: who logged on where, which accounts did what, which kinds of events there are.

use std::collections::BTreeMap;

use vedette_model::{EntityKind, Event, Role, Timestamp};

use super::verdict::Extent;
use crate::content::Content;
use crate::limits::{SURVEY_BYTES_MAX, SURVEY_ROWS_MAX};

/// What to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survey {
    Logons,
    Users,
    EventIds,
}

/// OCSF class Authentication.
const AUTHENTICATION: u32 = 3002;

/// One event's contribution; the columns' meaning is the survey's ([`Survey::columns`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub columns: Vec<String>,
    pub time: Option<Timestamp>,
}

impl Survey {
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Logons => &["user", "host", "source", "logon", "outcome"],
            Self::Users => &["user", "role", "host", "log"],
            Self::EventIds => &["channel", "id"],
        }
    }

    /// `None` for events that the survey does not ask about.
    pub fn row(self, content: &Content, event: &Event) -> Option<Row> {
        let columns = match self {
            Self::Logons => logon(content, event)?,
            Self::Users => user(content, event)?,
            Self::EventIds if event.code.is_empty() => return None,
            Self::EventIds => vec![event.channel.clone(), event.code.clone()],
        };
        Some(Row { columns, time: event.time })
    }
}

fn logon(content: &Content, event: &Event) -> Option<Vec<String>> {
    if content.catalogue.class_uid(event.lane) != AUTHENTICATION {
        return None;
    }
    let ocsf = content.catalogue.ocsf(event);
    let text = |pointer: &str| {
        ocsf.pointer(pointer)
            .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
            .unwrap_or_default()
    };
    let first =
        |pointers: &[&str]| pointers.iter().map(|p| text(p)).find(|t| !t.is_empty()).unwrap_or_default();
    let outcome = match ocsf.pointer("/status_id").and_then(serde_json::Value::as_u64) {
        Some(1) => "success",
        Some(2) => "failure",
        _ => "unknown",
    };
    Some(vec![
        first(&["/user/name", "/user/email_addr", "/user/uid", "/actor/user/name", "/actor/user/uid"]),
        event.host.clone(),
        first(&["/src_endpoint/ip", "/src_endpoint/hostname"]),
        content
            .catalogue
            .field(event, "LogonType")
            .unwrap_or_else(|| first(&["/logon_type", "/auth_protocol", "/activity_name"])),
        outcome.to_owned(),
    ])
}

fn user(content: &Content, event: &Event) -> Option<Vec<String>> {
    let entities = content.catalogue.entities(event);
    let who = entities
        .iter()
        .filter(|e| matches!(e.kind, EntityKind::User | EntityKind::CloudPrincipal))
        .min_by_key(|e| e.role != Role::Actor)?;
    let role = if who.role == Role::Actor { "actor" } else { "target" };
    let log =
        content.catalogue.lanes().get(event.lane.0 as usize).map(|l| l.mapping.clone()).unwrap_or_default();
    Some(vec![who.shown.clone(), role.to_owned(), event.host.clone(), log])
}

/// Counts by row; bounded, the overflow is counted.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    pub rows: BTreeMap<Vec<String>, (u64, Extent)>,
    /// Events whose row was beyond [`SURVEY_ROWS_MAX`].
    pub others: u64,
    bytes: usize,
}

impl Counts {
    pub fn add(&mut self, row: Row) {
        if !self.rows.contains_key(&row.columns) {
            let bytes = row.columns.iter().map(String::len).sum::<usize>();
            if self.rows.len() >= SURVEY_ROWS_MAX || self.bytes + bytes > SURVEY_BYTES_MAX {
                self.others += 1;
                return;
            }
            self.bytes += bytes;
        }
        let (count, extent) = self.rows.entry(row.columns).or_default();
        *count += 1;
        if let Some(time) = row.time {
            extent.add(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_beyond_the_bound_are_counted() {
        let mut counts = Counts::default();
        for n in 0..SURVEY_ROWS_MAX + 3 {
            counts.add(Row { columns: vec![n.to_string()], time: None });
        }
        counts.add(Row { columns: vec!["0".to_owned()], time: None });
        assert_eq!((counts.rows.len(), counts.others), (SURVEY_ROWS_MAX, 3));
        assert_eq!(counts.rows[&vec!["0".to_owned()]].0, 2);
        let mut counts = Counts::default();
        for n in 0..2 {
            counts.add(Row { columns: vec![n.to_string().repeat(SURVEY_BYTES_MAX / 2 + 1)], time: None });
        }
        assert_eq!((counts.rows.len(), counts.others), (1, 1));
    }
}
