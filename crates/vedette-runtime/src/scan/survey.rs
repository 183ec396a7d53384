//! Counting questions over all events: who logged on where, which accounts did what.

use std::collections::BTreeMap;

use vedette_model::{EntityKind, Event, Role, Timestamp};

use super::verdict::Extent;
use crate::content::Content;

/// What to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survey {
    Logons,
    Users,
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
        }
    }

    /// `None` for events that the survey does not ask about.
    pub fn row(self, content: &Content, event: &Event) -> Option<Row> {
        let columns = match self {
            Self::Logons => logon(content, event)?,
            Self::Users => user(content, event)?,
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

/// Counts by row.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    pub rows: BTreeMap<Vec<String>, (u64, Extent)>,
}

impl Counts {
    pub fn add(&mut self, row: Row) {
        let (count, extent) = self.rows.entry(row.columns).or_default();
        *count += 1;
        if let Some(time) = row.time {
            extent.add(time);
        }
    }
}
