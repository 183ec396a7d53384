//! Twins: one act that two logs wrote down is one finding with two witnesses.
//!
//! Windows tells of a new process in Sysmon 1 and in Security 4688, and a rule on process creation fires on both. Such
//! findings are twins when they are of the same rule, the same host, the same act (see [`act`]), of different
//! channels, and no more than [`TWIN_GAP_MAX_MS`] apart. Findings of different rules are never twins, not even on one
//! event: they say different things.

mod acts;

use std::collections::BTreeMap;

use vedette_model::Timestamp;

pub use acts::{ActKind, act};

use crate::limits::TWIN_GAP_MAX_MS;

/// What a finding says was done, in a form that another log's finding can be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Whatever the caller knows the finding by; each finding at most once.
    pub finding: usize,
    pub rule: u32,
    /// As the event names it; compared by its short name, without regard to case.
    pub host: String,
    pub kind: ActKind,
    /// What the act was done to, as [`act`] gives it. An empty key has no twin.
    pub key: String,
    pub time: Timestamp,
    pub channel: String,
    /// Which log tells more: the smallest rank is the primary finding. [`act`] gives it.
    pub rank: u8,
}

/// Findings of one act.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Twins {
    /// The finding that stays: of the best rank, then the earliest.
    pub primary: usize,
    /// The others, in time order; at least one.
    pub witnesses: Vec<usize>,
}

/// Joins twins. Only findings that have one are in the answer, which is sorted by the primary finding and does not
/// depend on the order of `acts`.
///
/// Each act joins the earliest open group of its kind that began at most [`TWIN_GAP_MAX_MS`] before and has no finding
/// of its channel yet. So two acts in quick succession, each seen by two logs, are two pairs.
pub fn join(acts: &[Act]) -> Vec<Twins> {
    let mut same: BTreeMap<(u32, String, ActKind, &str), Vec<&Act>> = BTreeMap::new();
    for act in acts {
        let host = host_key(&act.host);
        if !host.is_empty() && !act.key.is_empty() {
            same.entry((act.rule, host, act.kind, act.key.as_str())).or_default().push(act);
        }
    }
    let mut twins = Vec::new();
    let mut open: Vec<Vec<&Act>> = Vec::new();
    for acts in same.values_mut() {
        acts.sort_unstable_by_key(|a| (a.time, a.rank, a.channel.as_str(), a.finding));
        for act in acts.iter() {
            let oldest = act.time.0.saturating_sub(TWIN_GAP_MAX_MS * 1_000_000);
            // Groups are in the order of their beginnings, so those that are over stand in front.
            let over = open.partition_point(|group| group[0].time.0 < oldest);
            close(open.drain(..over), &mut twins);
            let channel = act.channel.as_str();
            match open.iter_mut().find(|group| group.iter().all(|other| other.channel != channel)) {
                Some(group) => group.push(act),
                None => open.push(vec![act]),
            }
        }
        close(open.drain(..), &mut twins);
    }
    twins.sort_unstable();
    twins
}

fn close<'a>(groups: impl Iterator<Item = Vec<&'a Act>>, twins: &mut Vec<Twins>) {
    for group in groups.filter(|group| group.len() > 1) {
        let Some(primary) = group.iter().min_by_key(|a| (a.rank, a.time, a.channel.as_str(), a.finding))
        else {
            continue;
        };
        let witnesses = group.iter().filter(|a| a.finding != primary.finding).map(|a| a.finding).collect();
        twins.push(Twins { primary: primary.finding, witnesses });
    }
}

/// The short name in lower case: `WS1.corp.example` and `ws1` are one host. An address is taken whole.
fn host_key(host: &str) -> String {
    let host = host.trim();
    let short =
        if host.parse::<std::net::IpAddr>().is_ok() { host } else { host.split('.').next().unwrap_or(host) };
    short.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `time_ms rule host channel key`, one finding a line, numbered from 0.
    fn acts(lines: &[&str]) -> Vec<Act> {
        let parse = |(finding, line): (usize, &&str)| {
            let words: Vec<&str> = line.split_whitespace().collect();
            Act {
                finding,
                time: Timestamp(words[0].parse::<i64>().expect("ms") * 1_000_000),
                rule: words[1].parse().expect("rule"),
                host: words[2].into(),
                channel: words[3].into(),
                key: words[4].into(),
                kind: ActKind::ProcessStart,
                rank: u8::from(words[3] != "sysmon"),
            }
        };
        lines.iter().enumerate().map(parse).collect()
    }

    #[track_caller]
    fn check(lines: &[&str], expect: &[(usize, &[usize])]) {
        let got = join(&acts(lines));
        let got: Vec<(usize, &[usize])> = got.iter().map(|t| (t.primary, t.witnesses.as_slice())).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn two_logs_of_one_act_are_twins() {
        check(&["0 1 ws1 security a", "5 1 WS1.corp.example sysmon a"], &[(1, &[0])]);
        check(&["0 1 ws1 security a", "2000 1 ws1 sysmon a"], &[(1, &[0])]);
        check(&["0 1 ws1 security a", "2001 1 ws1 sysmon a"], &[]);
        check(&["0 1 ws1 security a", "1 1 ws1 edr a", "2 1 ws1 sysmon a"], &[(2, &[0, 1])]);
    }

    #[test]
    fn what_differs_is_no_twin() {
        check(&["0 1 ws1 security a", "0 2 ws1 sysmon a"], &[]);
        check(&["0 1 ws1 security a", "0 1 ws2 sysmon a"], &[]);
        check(&["0 1 ws1 security a", "0 1 ws1 sysmon b"], &[]);
        check(&["0 1 ws1 sysmon a", "1 1 ws1 sysmon a"], &[]);
        check(&["0 1 10.0.0.1 security a", "0 1 10.0.0.2 sysmon a"], &[]);
        let mut other = acts(&["0 1 ws1 security a", "0 1 ws1 sysmon a"]);
        other[0].kind = ActKind::ProcessEnd;
        assert_eq!(join(&other), []);
        other[0].kind = ActKind::ProcessStart;
        other.iter_mut().for_each(|a| a.host.clear());
        assert_eq!(join(&other), [], "an unknown host is not the same host");
    }

    #[test]
    fn two_acts_in_a_row_are_two_pairs() {
        let lines = ["0 1 ws1 sysmon a", "1 1 ws1 security a", "500 1 ws1 sysmon a", "501 1 ws1 security a"];
        check(&lines, &[(0, &[1]), (2, &[3])]);
        let late = ["0 1 ws1 sysmon a", "1 1 ws1 sysmon a", "2 1 ws1 security a"];
        check(&late, &[(0, &[2])]);
    }

    proptest! {
        #[test]
        fn groups_are_sound_complete_and_free_of_order(
            rows in prop::collection::vec((0..6_000i64, 0..2u32, 0..3u8, 0..2u8), 0..30),
            turn in any::<prop::sample::Index>(),
        ) {
            let mut acts: Vec<Act> = rows.iter().enumerate().map(|(finding, row)| Act {
                finding,
                time: Timestamp(row.0 * 1_000_000),
                rule: row.1,
                host: "ws1".into(),
                kind: ActKind::ProcessStart,
                key: row.3.to_string(),
                channel: row.2.to_string(),
                rank: row.2,
            }).collect();
            let twins = join(&acts);
            let mut of = vec![None; acts.len()];
            for (number, group) in twins.iter().enumerate() {
                let members: Vec<&Act> =
                    group.witnesses.iter().chain([&group.primary]).map(|&finding| &acts[finding]).collect();
                prop_assert!(members.len() > 1);
                for a in &members {
                    prop_assert_eq!(of[a.finding].replace(number), None, "in one group only");
                    for b in &members {
                        prop_assert!((a.time.0 - b.time.0).abs() <= TWIN_GAP_MAX_MS * 1_000_000);
                        prop_assert_eq!((a.rule, &a.key), (b.rule, &b.key));
                        prop_assert!(a.finding == b.finding || a.channel != b.channel);
                        prop_assert!(acts[group.primary].rank <= b.rank);
                    }
                }
            }
            for a in acts.iter().filter(|a| of[a.finding].is_none()) {
                for b in acts.iter().filter(|b| of[b.finding].is_none()) {
                    let could = a.rule == b.rule && a.key == b.key && a.channel != b.channel;
                    prop_assert!(!could || (a.time.0 - b.time.0).abs() > TWIN_GAP_MAX_MS * 1_000_000);
                }
            }
            acts.reverse();
            if !acts.is_empty() {
                let middle = turn.index(acts.len());
                acts.rotate_left(middle);
            }
            prop_assert_eq!(join(&acts), twins);
        }
    }
}
