//! What findings say was done, kept small until the end, when two logs' findings on one act are brought together.

use std::collections::BTreeSet;

use vedette_correlate::twins::{self, Act, ActKind, Twins};
use vedette_model::{Timestamp, host_key};
use xxhash_rust::xxh3::xxh3_64;

use super::findings::Findings;

/// 40 bytes a finding: names by their number, the key as its hash.
#[derive(Debug, Clone, Copy)]
struct Small {
    finding: u32,
    rule: u32,
    host: u32,
    channel: u32,
    key: u64,
    time: Timestamp,
    kind: ActKind,
    rank: u8,
}

impl Small {
    fn same(&self) -> (u32, u32, ActKind, u64) {
        (self.rule, self.host, self.kind, self.key)
    }
}

/// Collects acts.
#[derive(Debug, Default)]
pub struct Acts(Vec<Small>);

impl Acts {
    /// `act` is the kind of act, its key, and how much the log tells of it.
    pub fn add(
        &mut self,
        findings: &mut Findings,
        (finding, rule): (u32, u32),
        (host, channel): (&str, &str),
        (kind, key, rank): (ActKind, &str, u8),
        time: Timestamp,
    ) {
        let host = host_key(host);
        // What is not named has no twin.
        if host.is_empty() || key.is_empty() {
            return;
        }
        let (host, channel) = (findings.intern(&host), findings.intern(channel));
        self.0.push(Small { finding, rule, host, channel, key: xxh3_64(key.as_bytes()), time, kind, rank });
    }

    /// The twins among them. Only what two channels tell of alike is looked at more closely.
    pub fn join(mut self, findings: &Findings) -> Vec<Twins> {
        self.0.sort_unstable_by_key(|a| (a.same(), a.time, a.finding));
        let mut acts = Vec::new();
        for same in self.0.chunk_by(|a, b| a.same() == b.same()) {
            let channels: BTreeSet<u32> = same.iter().map(|a| a.channel).collect();
            if channels.len() > 1 {
                acts.extend(same.iter().map(|a| Act {
                    finding: a.finding as usize,
                    rule: a.rule,
                    host: findings.name(a.host).to_owned(),
                    kind: a.kind,
                    key: format!("{:x}", a.key),
                    time: a.time,
                    channel: findings.name(a.channel).to_owned(),
                    rank: a.rank,
                }));
            }
        }
        twins::join(&acts)
    }
}
