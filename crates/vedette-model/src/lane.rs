//! A lane: all events of one mapping and case. Rules are chosen for a lane once, not for each event.

use std::collections::BTreeMap;

/// Index into the catalogue's lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct LaneId(pub u32);

impl LaneId {
    /// Events that no mapping knew: parsed, kept, counted, shown; no rule with a logsource reads them.
    pub const UNKNOWN: LaneId = LaneId(0);
}

/// What a lane offers to a rule's logsource. A rule fits when each part it names is equal to the tag's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct LogsourceTag {
    pub product: Option<String>,
    pub category: Option<String>,
    pub service: Option<String>,
}

/// One mapping case as detection sees it.
#[derive(Debug, Clone, Default)]
pub struct Lane {
    pub id: LaneId,
    /// The mapping's id, for example `windows_sysmon`.
    pub mapping: String,
    /// Name of the case within the mapping, for example `process_creation`; empty for the mapping's rest.
    pub case: String,
    pub tags: Vec<LogsourceTag>,
    /// A name that rules use -> the native names it may stand for, the first present one wins. A name without an
    /// entry is looked for as it is. Values that must be converted are derived fields and need no entry.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Names that this lane is known to offer (aliases, derived fields, fields the mapping uses). Not complete: a
    /// source may carry more.
    pub fields: Vec<String>,
    /// Field that rules call by this name are *known to be absent* in this source, with what would bring them.
    pub absent: BTreeMap<String, String>,
    /// What must be switched on so that these events exist, one sentence; empty where it is not known.
    pub enable: String,
}
