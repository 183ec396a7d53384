//! What is not known of an incident, and how to come to know it.

use std::collections::BTreeSet;

use vedette_model::{EntityKind, TimeBasis, Timestamp, host_key};

use crate::incident::{EntityRow, Unknown};
use crate::items::Items;
use crate::limits::UNKNOWNS_MAX;
use crate::scope::{HostScope, Scope};
use crate::wording::{count, grouped, list, name, quote, span, stamp};

/// A log that begins less than this before the first finding shows little of how it began.
const SHORT_S: i64 = 3_600;

/// Events from which on a log's beginning and end say something.
const OFTEN: u64 = 20;

/// A log that ends this long before the last finding has fallen silent.
const SILENT_S: i64 = 3_600;

const PROCESS_CREATION: [&str; 2] = ["Security:4688", "Microsoft-Windows-Sysmon/Operational:1"];
const SCRIPT_BLOCKS: [&str; 2] =
    ["Microsoft-Windows-PowerShell/Operational:4104", "PowerShellCore/Operational:4104"];

struct Told(Vec<Unknown>);

impl Told {
    fn say(&mut self, text: String, remedy: impl Into<String>) {
        let unknown = Unknown { text, remedy: remedy.into() };
        if !self.0.contains(&unknown) {
            self.0.push(unknown);
        }
    }
}

/// The most telling first; no more than [`UNKNOWNS_MAX`], the last one then says how many more there are.
pub fn unknowns(
    rows: &[EntityRow],
    items: &Items,
    untimed: usize,
    span_of: (Option<Timestamp>, Option<Timestamp>),
    scope: &Scope,
) -> Vec<Unknown> {
    let mut told = Told(Vec::new());
    if !scope.complete {
        told.say(
            "The run was interrupted: not all of the input was read.".into(),
            "run the scan again to its end",
        );
    }
    let hosts: BTreeSet<String> = rows
        .iter()
        .filter(|r| r.kind == EntityKind::Host && r.part == "victim")
        .map(|r| r.key.clone())
        .collect();
    for key in &hosts {
        if let Some(host) = scope.host(key) {
            cleared(&mut told, host);
        }
    }
    for key in &hosts {
        if let Some(host) = scope.host(key) {
            audit_settings(&mut told, host, key, scope);
        }
    }
    without_log(&mut told, rows, scope);
    for key in &hosts {
        if let Some(host) = scope.host(key) {
            coverage(&mut told, host, span_of);
        }
    }
    lost(&mut told, &hosts, scope);
    unread(&mut told, scope);
    clocks(&mut told, items);
    if untimed > 0 {
        told.say(
            format!(
                "{} no time that can be believed; their place in the order is not known.",
                count(untimed, "finding has", "findings have")
            ),
            "look at the cited records, and say zone and year with --tz and --year where they are missing",
        );
    }
    if items.missing > 0 {
        told.say(
            format!("{} cited by findings of this incident were not kept in the report; what they say is not told.", count(items.missing, "event", "events")),
            "scan a part of the input: fewer findings leave room for all their events",
        );
    }
    if scope.findings_not_kept > 0 {
        told.say(
            format!(
                "{} findings of the run were counted and not kept; some may belong here.",
                grouped(scope.findings_not_kept)
            ),
            "tune the rules that fire most, or scan a part of the input",
        );
    }
    let mut all = told.0;
    if all.len() > UNKNOWNS_MAX {
        let more = all.len() - (UNKNOWNS_MAX - 1);
        all.truncate(UNKNOWNS_MAX - 1);
        all.push(Unknown {
            text: format!("{more} further gaps of these kinds are not listed."),
            remedy: "the coverage of each log stands in the report's section on logs".into(),
        });
    }
    all
}

fn cleared(told: &mut Told, host: &HostScope) {
    for channel in &host.channels {
        for notice in &channel.notices {
            let when = notice.time.map(|t| format!(" at {}", stamp(t))).unwrap_or_default();
            let log = quote(&channel.name);
            match notice.kind.as_str() {
                "log cleared" => told.say(
                    format!("A log was cleared on {}{when} (recorded in {log}): what it held before is not here.", name(&host.name)),
                    "look for forwarded copies, backups and volume snapshots of that log",
                ),
                "logging stopped" => told.say(
                    format!("Logging of {log} on {} stopped{when}: what happened while it was off is not here.", name(&host.name)),
                    "ask other sources (network, endpoint agent, neighbours) for that time",
                ),
                "clock changed" => told.say(
                    format!("The clock of {} was changed{when}: times of this host before and after may not be comparable.", name(&host.name)),
                    "compare with events that another machine logged of the same act",
                ),
                _ => {}
            }
        }
    }
}

fn audit_settings(told: &mut Told, host: &HostScope, key: &str, scope: &Scope) {
    let has = |name: &str| host.channels.iter().any(|c| c.name == name);
    let windows = has("Security") || has("System") || has("Microsoft-Windows-Sysmon/Operational");
    if !windows {
        return;
    }
    if !scope.holds(key, &PROCESS_CREATION) {
        told.say(
            format!("{} has no process creation events: what was run there is not known.", name(&host.name)),
            "switch on the audit policy \"Process Creation\" with command lines, or Sysmon event 1; for the past, look at Prefetch, Amcache and SRUM",
        );
    }
    if !scope.holds(key, &SCRIPT_BLOCKS) {
        told.say(
            format!("{} has no PowerShell script block events (4104): what scripts did there is not known.", name(&host.name)),
            "switch on \"Turn on PowerShell Script Block Logging\", and collect Microsoft-Windows-PowerShell/Operational",
        );
    }
    if !has("Security") {
        told.say(
            format!(
                "The Security log of {} is not here: logons and account changes there are not known.",
                name(&host.name)
            ),
            "collect C:\\Windows\\System32\\winevt\\Logs\\Security.evtx",
        );
    }
}

/// Machines that events name and that no log here comes from.
fn without_log(told: &mut Told, rows: &[EntityRow], scope: &Scope) {
    let logged: BTreeSet<String> = scope.hosts.iter().map(|h| host_key(&h.name)).collect();
    let named: Vec<String> = rows
        .iter()
        .filter(|r| r.kind == EntityKind::Host && !logged.contains(&r.key) && r.key != "localhost")
        .map(|r| name(&r.shown))
        .collect();
    if named.is_empty() || scope.hosts.is_empty() {
        return;
    }
    let (it, what) = if named.len() == 1 {
        ("it", "is named in events, and no log of its own")
    } else {
        ("them", "are named in events, and no logs of their own")
    };
    told.say(
        format!("{} {what} are here: what happened on {it} is not known.", list(&named))
            .replace("no log of its own are", "no log of its own is"),
        format!("collect the logs of {}", list(&named)),
    );
}

fn coverage(told: &mut Told, host: &HostScope, (first, last): (Option<Timestamp>, Option<Timestamp>)) {
    for channel in &host.channels {
        // A log that is written rarely begins late and ends early by itself.
        let written =
            channel.first.zip(channel.last).map_or(0, |(a, b)| (b.0 - a.0) / channel.events.max(1) as i64);
        let often = |gap: i64| channel.events >= OFTEN && gap > written.saturating_mul(5);
        let log = format!("The log {} of {}", quote(&channel.name), name(&host.name));
        if let (Some(begins), Some(first)) = (channel.first, first) {
            let before = first.0 - begins.0;
            if before < 0 && often(-before) {
                told.say(
                    format!("{log} begins {} after the first finding of this incident: its beginning is not in it.", span(-before)),
                    "collect older archives of that log",
                );
            } else if (0..SHORT_S * 1_000_000_000).contains(&before) && channel.events >= OFTEN {
                told.say(
                    format!(
                        "{log} begins only {} before the first finding: what came before is not in it.",
                        span(before)
                    ),
                    "collect older archives of that log",
                );
            }
        }
        if let (Some(ends), Some(last)) = (channel.last, last) {
            let silent = last.0 - ends.0;
            if silent > SILENT_S * 1_000_000_000 && often(silent) {
                told.say(
                    format!("{log} falls silent {} before the last finding of this incident.", span(silent)),
                    "find out whether the log was stopped or only not collected to the end",
                );
            }
        }
        if let Some(missing) = channel.missing_records.filter(|m| *m > 0) {
            told.say(
                format!("{log} lacks {} record numbers between its first and its last.", grouped(missing)),
                "records may have been deleted or not exported: compare with the original log and with forwarded copies",
            );
        }
    }
}

fn lost(told: &mut Told, hosts: &BTreeSet<String>, scope: &Scope) {
    let of_these = |hs: &BTreeSet<String>| hs.iter().any(|h| hosts.contains(&host_key(h)));
    for file in scope.files.iter().filter(|f| !f.container && of_these(&f.hosts)) {
        if !file.complete {
            told.say(
                format!("{} was not read to its end.", quote(&file.path)),
                "run the scan again to its end",
            );
        }
        if file.rejected > 0 {
            let reason = if file.reject_reason.is_empty() {
                String::new()
            } else {
                format!(" ({})", quote(&file.reject_reason))
            };
            told.say(
                format!(
                    "{} of {} in {} could not be read{reason}.",
                    grouped(file.rejected),
                    count(file.records as usize, "record", "records"),
                    quote(&file.path)
                ),
                "see the file's verdict, and collect the file again if it is damaged",
            );
        }
    }
    let unmapped: u64 =
        scope.files.iter().filter(|f| !f.container && of_these(&f.hosts)).map(|f| f.unmapped).sum();
    if unmapped > 0 {
        told.say(
            format!(
                "{} events of these hosts' files were understood by no mapping, and few rules read them.",
                grouped(unmapped)
            ),
            "see `vedette scan` for the files, and write a mapping for their log",
        );
    }
}

/// Files of which nothing could be read may be of any host.
fn unread(told: &mut Told, scope: &Scope) {
    let nothing = |f: &&crate::scope::FileScope| !f.container && f.records > 0 && f.records == f.rejected;
    let unread: Vec<String> = scope.files.iter().filter(nothing).map(|f| quote(&f.path)).collect();
    if !unread.is_empty() {
        told.say(
            format!("Nothing in {} could be read: which hosts it tells of is not known.", list(&unread)),
            "see the file's verdict, and collect the file again if it is damaged",
        );
    }
}

fn clocks(told: &mut Told, items: &Items) {
    let mut assumed: BTreeSet<(&'static str, &str)> = BTreeSet::new();
    for item in &items.all {
        if item.seen.evidence.time_basis != TimeBasis::Stated {
            assumed.insert((item.seen.evidence.time_basis.name(), item.host.as_str()));
        }
    }
    for (basis, host) in assumed {
        let host =
            if host.is_empty() { "some events".to_owned() } else { format!("events of {}", name(host)) };
        told.say(
            format!("The times of {host} are partly assumed ({basis}): they may be off."),
            "say zone and year with --tz and --year",
        );
    }
}
