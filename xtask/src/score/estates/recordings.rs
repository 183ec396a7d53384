//! Recorded attacks as findings: moved in time, put on the estate's hosts, accounts renamed.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use vedette_model::{EntityKind, Level, Timestamp};

use super::world::{BEGIN, HOUR, Label, Maker, SERVERS, desk, person};
use crate::score::scan::{self, Found};

pub struct Recording {
    findings: Vec<Found>,
}

/// Short recordings of one act each, of Windows and of AWS.
const PATHS: &[&str] = &[
    "cloudtrail-stratus/aws.persistence.iam-create-admin-user.json",
    "cloudtrail-stratus/aws.credential-access.ec2-get-password-data.json",
    "cloudtrail-stratus/aws.defense-evasion.cloudtrail-event-selectors.json",
    "evtx-attack-samples/Credential Access",
    "evtx-attack-samples/Lateral Movement",
    "evtx-attack-samples/Execution",
    "mordor/windows",
];

/// Reads those of which a scan finds something of high level.
pub fn all(vedette: &Path, corpus: &Path) -> Result<Vec<Recording>> {
    let mut all = Vec::new();
    for path in PATHS {
        let path = super::below(corpus, path);
        if !path.exists() {
            continue;
        }
        let report = scan::scan(vedette, &[&path], &[])?;
        let mut by_file: BTreeMap<String, Vec<Found>> = BTreeMap::new();
        for found in report.findings {
            by_file.entry(found.file.clone()).or_default().push(found);
        }
        let told = |findings: &Vec<Found>| {
            let times = || findings.iter().filter_map(|f| f.time);
            let span =
                times().max().zip(times().min()).map_or(0, |(last, first)| last.millis() - first.millis());
            let high = findings.iter().filter(|f| f.level >= Level::High).count();
            // Recordings made over days, or found by one weak rule only, say nothing here.
            (2..=60).contains(&findings.len()) && high > 0 && span < 4 * HOUR
        };
        all.extend(by_file.into_values().filter(told).map(|findings| Recording { findings }));
    }
    Ok(all)
}

/// Puts two of them into the estate.
pub fn mix_in(maker: &mut Maker, recordings: &[Recording]) {
    if recordings.is_empty() {
        return;
    }
    for _ in 0..2 {
        let recording = &recordings[maker.random.below(recordings.len())];
        let label = maker.attack();
        let start = BEGIN + maker.random.between(8 * HOUR, 40 * HOUR);
        let at_desk = maker.desks.pop().unwrap_or(0);
        let server = SERVERS[maker.random.below(SERVERS.len())].to_owned();
        let first = recording.findings.iter().filter_map(|f| f.time).min().map_or(0, Timestamp::millis);
        let mut hosts: BTreeMap<String, String> = BTreeMap::new();
        let mut accounts: BTreeMap<String, String> = BTreeMap::new();
        for found in &recording.findings {
            let mut found = found.clone();
            found.time = found.time.and_then(|t| Timestamp::from_millis(start + t.millis() - first));
            let mut host_of = |name: &str| -> String {
                let name = name.split('.').next().unwrap_or_default().to_lowercase();
                let next = if hosts.is_empty() { desk(at_desk) } else { server.clone() };
                // An account in the cloud is no machine and keeps its name.
                if name.is_empty() || name.bytes().all(|b| b.is_ascii_digit()) {
                    return name;
                }
                hosts.entry(name).or_insert(next).clone()
            };
            found.host = host_of(&found.host);
            for (kind, _, key, _) in &mut found.entities {
                match kind {
                    EntityKind::Host => *key = host_of(key),
                    EntityKind::Process
                    | EntityKind::LogonSession
                    | EntityKind::File
                    | EntityKind::Service => {
                        if let Some((host, rest)) = key.split_once('|') {
                            *key = format!("{}|{rest}", host_of(host));
                        }
                    }
                    EntityKind::User
                        if !key.contains("nt authority") && !key.ends_with('$') && key.contains('\\') =>
                    {
                        let next = match accounts.len() {
                            0 => person(at_desk),
                            n => format!("corp\\rec{}-{n}", maker.attacks),
                        };
                        *key = accounts.entry(key.clone()).or_insert(next).clone();
                    }
                    _ => {}
                }
            }
            let label = if found.level >= Level::Medium { label } else { Label::Unknown };
            maker.add(found, label);
        }
    }
}
