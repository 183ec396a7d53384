//! The findings of a run: a short key of each in memory, the rest in a temporary file, so that a flood of findings
//! costs disk and not memory.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::hash::BuildHasherDefault;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};
use vedette_correlate::incidents::TacticSet;
use vedette_model::{
    Alert, Entity, EntityKind, EventRef, EventUid, FileIndex, Finding, FindingId, Level, Role, Timestamp,
    Witness,
};

use super::entity_pool::EntityPool;
use crate::limits::FINDINGS_KEPT_MAX;

/// What sorting, grouping and counting need of a finding.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub id: FindingId,
    pub time: Option<Timestamp>,
    pub rule: u32,
    pub level: Level,
    pub file: FileIndex,
    pub record: u64,
    /// Index into [`Findings::name`].
    pub host: u32,
    /// Index into [`Findings::name`].
    pub actor: u32,
    /// What it is about, by its number in [`Findings::pool`].
    pub set: u32,
    uid: EventUid,
    /// Title of an imported alert, as index into [`Findings::name`]; a rule's finding bears the rule's.
    pub title: Option<u32>,
    /// A filter of the rule could not be judged on this source.
    pub unsure: bool,
    /// Told by another finding as its witness; not a finding of its own.
    pub folded: bool,
    at: u64,
    len: u32,
}

/// The part of a finding that lies in the temporary file.
#[derive(Serialize, Deserialize)]
struct Row {
    channel: String,
    code: String,
    events: Vec<(u32, u64, u128, Option<i64>)>,
    details: Vec<(String, String)>,
    unseen: Vec<String>,
    entities: Vec<(u8, u8, String, String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alert: Option<AlertRow>,
}

#[derive(Serialize, Deserialize)]
struct AlertRow {
    source_uid: String,
    title: String,
    product: String,
    techniques: Vec<String>,
    tactics: Vec<String>,
}

impl From<&Alert> for AlertRow {
    fn from(alert: &Alert) -> Self {
        let Alert { source_uid, title, product, techniques, tactics } = alert.clone();
        Self { source_uid, title, product, techniques, tactics }
    }
}

impl From<AlertRow> for Alert {
    fn from(row: AlertRow) -> Self {
        let AlertRow { source_uid, title, product, techniques, tactics } = row;
        Self { source_uid, title, product, techniques, tactics }
    }
}

/// Kind and role as their places in the lists of all.
fn entity((kind, role, key, shown, from): (u8, u8, String, String, String)) -> Option<Entity> {
    let kind = *EntityKind::ALL.get(usize::from(kind))?;
    let role = *Role::ALL.get(usize::from(role))?;
    Some(Entity { kind, role, key, shown, from })
}

/// All findings of a run.
pub struct Findings {
    keys: Vec<Key>,
    order: Vec<u32>,
    pool: EntityPool,
    /// Of correlations.
    events: BTreeMap<u32, Vec<EventUid>>,
    /// Of imported alerts, as each names its own.
    tactics: HashMap<u32, TacticSet>,
    names: Vec<String>,
    name_index: HashMap<String, u32>,
    by_id: HashMap<u64, u32, BuildHasherDefault<FxHasher>>,
    /// Further files that hold a copy of the finding's event.
    copies: BTreeMap<u32, Vec<FileIndex>>,
    /// Where the other records of a joined event stand.
    joined: BTreeMap<u32, Vec<u64>>,
    witnesses: BTreeMap<u32, Vec<(EventRef, String)>>,
    spool: BufWriter<File>,
    end: u64,
    limit: usize,
    /// Findings beyond the bound, by rule: counted and not kept.
    pub beyond: BTreeMap<u32, u64>,
}

impl Findings {
    /// # Errors
    /// When no temporary file can be made.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            keys: Vec::new(),
            order: Vec::new(),
            pool: EntityPool::default(),
            events: BTreeMap::new(),
            tactics: HashMap::new(),
            names: Vec::new(),
            name_index: HashMap::new(),
            by_id: HashMap::default(),
            copies: BTreeMap::new(),
            joined: BTreeMap::new(),
            witnesses: BTreeMap::new(),
            spool: BufWriter::new(tempfile::tempfile()?),
            end: 0,
            limit: FINDINGS_KEPT_MAX,
            beyond: BTreeMap::new(),
        })
    }

    /// The index of a name, new or known.
    pub fn intern(&mut self, name: &str) -> u32 {
        if let Some(&index) = self.name_index.get(name) {
            return index;
        }
        let index = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.name_index.insert(name.to_owned(), index);
        index
    }

    /// Host or actor by its index in a key.
    pub fn name(&self, index: u32) -> &str {
        &self.names[index as usize]
    }

    /// Keeps a finding and returns its index; `None` when it was already there or beyond the bound.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn push(&mut self, finding: &Finding) -> io::Result<Option<u32>> {
        if self.by_id.contains_key(&finding.id.0) {
            return Ok(None);
        }
        if self.keys.len() >= self.limit {
            *self.beyond.entry(finding.rule).or_default() += 1;
            return Ok(None);
        }
        let row = Row {
            channel: finding.channel.clone(),
            code: finding.code.clone(),
            events: finding
                .events
                .iter()
                .map(|e| (e.file.0, e.record, e.uid.0, e.time.map(|t| t.0)))
                .collect(),
            details: finding.details.clone(),
            unseen: finding.unseen_filter_fields.clone(),
            entities: finding
                .entities
                .iter()
                .map(|e| (e.kind as u8, e.role as u8, e.key.clone(), e.shown.clone(), e.from.clone()))
                .collect(),
            alert: finding.alert.as_deref().map(AlertRow::from),
        };
        let bytes = serde_json::to_vec(&row).map_err(io::Error::other)?;
        self.spool.write_all(&bytes)?;
        let key = Key {
            id: finding.id,
            time: finding.time,
            rule: finding.rule,
            level: finding.level,
            file: finding.event.file,
            record: finding.event.record,
            host: self.intern(&finding.host),
            actor: self.intern(&finding.actor),
            uid: finding.event.uid,
            set: self.pool.set(&finding.entities),
            title: finding.alert.as_ref().map(|a| self.intern(&a.title)),
            unsure: !finding.unseen_filter_fields.is_empty(),
            folded: false,
            at: self.end,
            len: bytes.len() as u32,
        };
        self.end += bytes.len() as u64;
        let index = self.keys.len() as u32;
        if !finding.events.is_empty() {
            self.events.insert(index, finding.events.iter().map(|e| e.uid).collect());
        }
        if let Some(alert) = &finding.alert {
            let named = TacticSet::from_names(alert.tactics.iter().map(String::as_str));
            self.tactics.insert(index, named);
        }
        self.keys.push(key);
        self.by_id.insert(finding.id.0, index);
        Ok(Some(index))
    }

    /// Notes that `file` holds a copy of the event behind finding `id`.
    pub fn add_copy(&mut self, id: FindingId, file: FileIndex) {
        if let Some(&index) = self.by_id.get(&id.0)
            && self.keys[index as usize].file != file
        {
            let files = self.copies.entry(index).or_default();
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }

    /// Notes where the other records of a joined event stand.
    pub fn set_joined(&mut self, index: u32, joined: Vec<u64>) {
        if !joined.is_empty() {
            self.joined.insert(index, joined);
        }
    }

    /// Its index; `None` when there is none of that id, or it is a witness of another.
    pub fn find(&self, id: FindingId) -> Option<u32> {
        self.by_id.get(&id.0).copied().filter(|&index| !self.keys[index as usize].folded)
    }

    /// Where the other records of a joined event stand in their files.
    pub fn joined(&self, index: u32) -> &[u64] {
        self.joined.get(&index).map_or(&[], Vec::as_slice)
    }

    /// Makes `witness` a second witness of `primary`.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn fold(&mut self, primary: u32, witness: u32) -> io::Result<()> {
        let told = self.read(witness)?;
        self.keys[witness as usize].folded = true;
        self.witnesses.entry(primary).or_default().push((told.event, told.channel));
        Ok(())
    }

    /// Sorts by time, then file, record and rule: to be called once, after the last finding. Findings without a time
    /// come last. Folded ones are left out.
    pub fn sort(&mut self) {
        let mut order: Vec<u32> =
            (0..self.keys.len() as u32).filter(|&i| !self.keys[i as usize].folded).collect();
        order.sort_by_key(|&i| {
            let k = &self.keys[i as usize];
            (k.time.is_none(), k.time, k.file, k.record, k.rule, k.id)
        });
        self.order = order;
    }

    /// Indexes in the order of [`Findings::sort`].
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub fn key(&self, index: u32) -> &Key {
        &self.keys[index as usize]
    }

    /// The event; the closing one of a correlation.
    pub fn event(&self, index: u32) -> EventUid {
        self.keys[index as usize].uid
    }

    /// The events of a correlation, in time order; none of a rule.
    pub fn events(&self, index: u32) -> impl Iterator<Item = EventUid> {
        self.events.get(&index).into_iter().flatten().copied()
    }

    /// The tactics that an imported alert names; `None` of a rule's finding.
    pub fn tactics(&self, index: u32) -> Option<TacticSet> {
        self.tactics.get(&index).copied()
    }

    /// The entities of all findings.
    pub fn pool(&self) -> &EntityPool {
        &self.pool
    }

    /// Events that other logs wrote of the same act.
    pub fn witnesses(&self, index: u32) -> impl Iterator<Item = &EventRef> {
        self.witnesses.get(&index).into_iter().flatten().map(|(event, _)| event)
    }

    /// Further files that hold a copy of the event.
    pub fn copies(&self, index: u32) -> &[FileIndex] {
        self.copies.get(&index).map_or(&[], Vec::as_slice)
    }

    /// The whole finding.
    ///
    /// # Errors
    /// When the temporary file cannot be read back.
    pub fn read(&mut self, index: u32) -> io::Result<Finding> {
        let key = self.keys[index as usize];
        self.spool.flush()?;
        let file = self.spool.get_mut();
        file.seek(SeekFrom::Start(key.at))?;
        let mut bytes = vec![0; key.len as usize];
        file.read_exact(&mut bytes)?;
        file.seek(SeekFrom::Start(self.end))?;
        let row: Row = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
        Ok(Finding {
            id: key.id,
            rule: key.rule,
            level: key.level,
            time: key.time,
            host: self.name(key.host).to_owned(),
            channel: row.channel,
            code: row.code,
            actor: self.name(key.actor).to_owned(),
            event: EventRef { file: key.file, record: key.record, uid: key.uid, time: key.time },
            events: row
                .events
                .into_iter()
                .map(|(file, record, uid, time)| EventRef {
                    file: FileIndex(file),
                    record,
                    uid: EventUid(uid),
                    time: time.map(Timestamp),
                })
                .collect(),
            witnesses: self
                .witnesses
                .get(&index)
                .into_iter()
                .flatten()
                .map(|(event, channel)| Witness { event: *event, channel: channel.clone() })
                .collect(),
            details: row.details,
            unseen_filter_fields: row.unseen,
            entities: row.entities.into_iter().filter_map(entity).collect(),
            alert: row.alert.map(|a| Box::new(a.into())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(id: u64, seconds: i64) -> Finding {
        let time = Timestamp::from_secs(seconds);
        Finding {
            id: FindingId(id),
            rule: 3,
            level: Level::High,
            time,
            host: "WS1".into(),
            channel: "Security".into(),
            code: "4688".into(),
            actor: "ana".into(),
            event: EventRef { file: FileIndex(0), record: id, uid: EventUid(9), time },
            events: vec![],
            witnesses: vec![],
            details: vec![("CommandLine".into(), "whoami /all".into())],
            unseen_filter_fields: vec![],
            entities: vec![Entity {
                kind: EntityKind::User,
                role: Role::Actor,
                key: "ana".into(),
                shown: "Ana".into(),
                from: "User".into(),
            }],
            alert: None,
        }
    }

    #[test]
    fn what_is_read_back_is_what_was_kept() {
        let mut findings = Findings::new().expect("a temporary file");
        let late = finding(1, 20);
        let early = finding(2, 10);
        assert_eq!(findings.push(&late).expect("write"), Some(0));
        assert_eq!(findings.push(&early).expect("write"), Some(1));
        assert_eq!(findings.push(&early).expect("write"), None);
        findings.add_copy(FindingId(2), FileIndex(7));
        findings.sort();
        assert_eq!(findings.order(), [1, 0]);
        assert_eq!(findings.read(1).expect("read"), early);
        assert_eq!(findings.read(0).expect("read"), late);
        assert_eq!(findings.copies(1), [FileIndex(7)]);
    }

    #[test]
    fn a_folded_finding_is_a_witness() {
        let mut findings = Findings::new().expect("a temporary file");
        findings.push(&finding(1, 10)).expect("write");
        findings.push(&finding(2, 10)).expect("write");
        findings.fold(0, 1).expect("fold");
        findings.sort();
        assert_eq!(findings.order(), [0]);
        assert_eq!(findings.read(0).expect("read").witnesses.len(), 1);
    }
}
