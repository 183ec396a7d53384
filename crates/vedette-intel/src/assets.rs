//! A list of the estate's machines: names, addresses, what they are for, whose they are, and how much hangs on them.

use std::net::IpAddr;

use rustc_hash::FxHashMap;
use vedette_model::Problem;

use crate::context::{Fact, Importance, Scale};
use crate::limits::SHEET_PROBLEMS_MAX;
use crate::sheet::{Column, Sheet, problem};

const COLUMNS: &[Column] = &[
    &["host", "hostname", "name", "computer", "device", "asset", "machine", "fqdn"],
    &["aliases", "alias", "other names", "netbios", "dns"],
    &["address", "addresses", "ip", "ips", "ip address", "ipv4", "ipv6"],
    &["importance", "criticality", "priority", "value", "impact"],
    &["role", "roles", "type", "function", "purpose"],
    &["owner", "responsible", "team", "contact"],
    &["note", "notes", "comment", "description", "location"],
];
const HOST: usize = 0;
const ALIASES: usize = 1;
const ADDRESS: usize = 2;
const IMPORTANCE: usize = 3;
const ROLE: usize = 4;
const OWNER: usize = 5;
const NOTE: usize = 6;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Asset {
    name: String,
    role: String,
    owner: String,
    note: String,
    importance: Option<(u8, String)>,
    file: u32,
    line: u64,
}

/// All asset lists, by every name and address of each machine.
#[derive(Debug, Default)]
pub struct Assets {
    assets: Vec<Asset>,
    files: Vec<(String, String)>,
    /// First label of a name, in lower case, as events know hosts; the full names that were given for it.
    by_name: FxHashMap<String, Vec<u32>>,
    by_address: FxHashMap<IpAddr, Vec<u32>>,
}

impl Assets {
    pub fn len(&self) -> usize {
        self.assets.len()
    }

    pub fn is_empty(&self) -> bool {
        self.assets.is_empty()
    }

    /// Adds the list in `bytes`.
    pub fn add(&mut self, name: &str, date: &str, bytes: &[u8]) -> Vec<Problem> {
        let mut problems = Vec::new();
        let Some(sheet) = Sheet::read(name, bytes, COLUMNS, &[HOST, ADDRESS], &mut problems) else {
            return problems;
        };
        let file = self.files.len() as u32;
        self.files.push((name.to_owned(), date.to_owned()));
        let mut told = 0;
        let mut tell = |line: u64, fault: String, consequence: &str, remedy: &str| {
            told += 1;
            if told <= SHEET_PROBLEMS_MAX {
                problems.push(problem(name, line, fault, consequence, remedy));
            }
        };
        let scale = Scale::of(
            sheet.rows().map(|r| r.get(IMPORTANCE).to_owned()).collect::<Vec<_>>().iter().map(String::as_str),
        );
        for row in sheet.rows() {
            let stated = row.get(IMPORTANCE);
            let importance = match scale.points(stated) {
                Some(points) => Some((points, format!("importance `{stated}`"))),
                None => {
                    if !stated.is_empty() {
                        let fault = format!("importance `{stated}` is no level");
                        tell(
                            row.line,
                            fault,
                            "it is not used",
                            "write low, medium, high, critical, or 0 to 100",
                        );
                    }
                    of_role(row.get(ROLE)).map(|points| (points, format!("role `{}`", row.get(ROLE))))
                }
            };
            let index = self.assets.len() as u32;
            let names: Vec<&str> = row.several(HOST).chain(row.several(ALIASES)).collect();
            let mut any = false;
            for name in &names {
                // A list may hold an address where a name belongs.
                match name.parse::<IpAddr>() {
                    Ok(address) => push(self.by_address.entry(address.to_canonical()).or_default(), index),
                    Err(_) => push(self.by_name.entry(first_label(name)).or_default(), index),
                }
                any = true;
            }
            for text in row.several(ADDRESS) {
                match text.parse::<IpAddr>() {
                    Ok(address) => {
                        push(self.by_address.entry(address.to_canonical()).or_default(), index);
                        any = true;
                    }
                    Err(_) => tell(
                        row.line,
                        format!("`{text}` is no address"),
                        "it is not used",
                        "write 192.0.2.7 or 2001:db8::7",
                    ),
                }
            }
            if !any {
                tell(row.line, "neither a name nor an address".to_owned(), "the row is not used", "");
                continue;
            }
            let name = names.first().copied().unwrap_or_else(|| row.get(ADDRESS)).to_owned();
            self.assets.push(Asset {
                name,
                role: row.get(ROLE).to_owned(),
                owner: row.get(OWNER).to_owned(),
                note: row.get(NOTE).to_owned(),
                importance,
                file,
                line: row.line,
            });
        }
        let more = told.saturating_sub(SHEET_PROBLEMS_MAX);
        if more > 0 {
            let mut further = problem(name, 0, "further faults of rows".to_owned(), "as above", "");
            further.count = more as u64;
            problems.push(further);
        }
        self.tell_shared(file, &mut problems);
        problems
    }

    /// One name or address of several machines: what is known is told of all of them, and that it may be another one.
    fn tell_shared(&self, file: u32, problems: &mut Vec<Problem>) {
        let name = &self.files[file as usize].0;
        let mut shared: Vec<(u64, String, usize, &str)> = Vec::new();
        let ours = |all: &[u32]| {
            all.iter().map(|i| &self.assets[*i as usize]).filter(|a| a.file == file).map(|a| a.line).max()
        };
        for (key, all) in self.by_name.iter().filter(|(_, all)| all.len() > 1) {
            shared.extend(ours(all).map(|line| (line, key.clone(), all.len(), "name")));
        }
        for (key, all) in self.by_address.iter().filter(|(_, all)| all.len() > 1) {
            shared.extend(ours(all).map(|line| (line, key.to_string(), all.len(), "address")));
        }
        shared.sort();
        let more = shared.len().saturating_sub(SHEET_PROBLEMS_MAX);
        for (line, key, count, what) in shared.into_iter().take(SHEET_PROBLEMS_MAX) {
            let fault = format!("the {what} `{key}` stands for {count} machines");
            let mut told = problem(
                name,
                line,
                fault,
                "what is known of it is told for each of them and marked as ambiguous",
                "give each machine a name of its own, or put several names of one machine into `aliases`",
            );
            told.code = "VD-T003";
            problems.push(told);
        }
        if more > 0 {
            let mut told = problem(
                name,
                0,
                "further names and addresses of several machines".to_owned(),
                "as above",
                "",
            );
            (told.code, told.count) = ("VD-T003", more as u64);
            problems.push(told);
        }
    }

    fn of(&self, key: &str) -> &[u32] {
        let found = match key.parse::<IpAddr>() {
            Ok(address) => self.by_address.get(&address.to_canonical()),
            Err(_) => self.by_name.get(&first_label(key)),
        };
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// What is known of a machine, by its name or its address.
    pub fn facts(&self, key: &str) -> Vec<Fact> {
        let found = self.of(key);
        let mut facts = Vec::new();
        for index in found {
            let asset = &self.assets[*index as usize];
            let (file, date) = &self.files[asset.file as usize];
            let mut add = |label: &str, value: &str| {
                if !value.is_empty() {
                    let label = if found.len() > 1 {
                        format!("{label} (one of {} machines: {})", found.len(), asset.name)
                    } else {
                        label.to_owned()
                    };
                    facts.push(Fact {
                        label,
                        value: value.to_owned(),
                        source: format!("{file}:{}", asset.line),
                        date: date.clone(),
                    });
                }
            };
            // The name is news where one asks by another.
            if first_label(&asset.name) != first_label(key) || found.len() > 1 {
                add("asset", &asset.name);
            }
            add("role", &asset.role);
            add("owner", &asset.owner);
            add("note", &asset.note);
            if let Some((points, reason)) = &asset.importance {
                add("importance", &format!("{points} of 100, {reason}"));
            }
        }
        facts
    }

    /// The highest importance among the machines that `key` may stand for.
    pub fn importance(&self, key: &str) -> Option<Importance> {
        let found = self.of(key);
        let best = found
            .iter()
            .map(|i| &self.assets[*i as usize])
            .filter_map(|a| Some((a.importance.as_ref()?, a)))
            .max_by_key(|((points, _), a)| (*points, std::cmp::Reverse((a.file, a.line))))?;
        let ((points, reason), asset) = best;
        let file = &self.files[asset.file as usize].0;
        let several = if found.len() > 1 {
            format!("; one of {} machines of this name", found.len())
        } else {
            String::new()
        };
        Some(Importance { score: *points, reason: format!("{reason} ({file}:{}){several}", asset.line) })
    }
}

fn push(list: &mut Vec<u32>, index: u32) {
    if list.last() != Some(&index) {
        list.push(index);
    }
}

/// As events know hosts: the first label in lower case.
pub(crate) fn first_label(name: &str) -> String {
    let name = name.trim().trim_start_matches('\\').trim_end_matches('.').to_lowercase();
    match name.split_once('.') {
        Some((label, _)) if !label.is_empty() => label.to_owned(),
        _ => name,
    }
}

/// How much hangs on a machine of this role, where the list does not say.
fn of_role(role: &str) -> Option<u8> {
    let role: String =
        role.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let has =
        |words: &[&str]| words.iter().any(|w| role.contains(w) || role.split('-').any(|part| part == *w));
    if has(&[
        "domain-controller",
        "domaincontroller",
        "dc",
        "adfs",
        "adcs",
        "pki",
        "certificate-authority",
        "entra-connect",
        "aad-connect",
    ]) {
        Some(95)
    } else if has(&[
        "backup",
        "hypervisor",
        "esxi",
        "vcenter",
        "identity",
        "password-manager",
        "privileged-access",
    ]) {
        Some(85)
    } else if has(&[
        "database",
        "file-server",
        "fileserver",
        "mail",
        "exchange",
        "erp",
        "jump",
        "build",
        "ci",
    ]) {
        Some(70)
    } else if has(&["server", "web", "vpn", "firewall", "proxy"]) {
        Some(55)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets(text: &str) -> (Assets, Vec<Problem>) {
        let mut assets = Assets::default();
        let problems = assets.add("assets.csv", "2026-03-01", text.as_bytes());
        (assets, problems)
    }

    #[test]
    fn one_machine_of_ten_names_is_one() {
        let aliases: Vec<String> = (0..9).map(|n| format!("alias{n}.corp.net")).collect();
        let (assets, problems) = assets(&format!(
            "Host,Aliases,Address,Importance,Role,Owner\nDC01.corp.net,{},10.0.0.1;2001:db8::1,,domain-controller,Ana\n",
            aliases.join(";")
        ));
        assert_eq!((assets.len(), problems), (1, vec![]));
        for key in ["dc01", "alias7", "10.0.0.1", "2001:db8::1", "DC01.corp.net"] {
            let importance = assets.importance(key).unwrap_or_else(|| panic!("{key}"));
            assert_eq!(
                (importance.score, importance.reason.as_str()),
                (95, "role `domain-controller` (assets.csv:2)"),
                "{key}"
            );
        }
        let facts = assets.facts("alias3");
        assert_eq!(
            (facts[0].label.as_str(), facts[0].value.as_str(), facts[0].date.as_str()),
            ("asset", "DC01.corp.net", "2026-03-01")
        );
    }

    #[test]
    fn ten_machines_of_one_name_are_told_and_not_joined() {
        let rows: Vec<String> = (0..10).map(|n| format!("ws.site{n}.net,10.0.0.{n},{}", n * 10)).collect();
        let (assets, problems) =
            assets(&format!("host;address;importance\n{}\n", rows.join("\n").replace(',', ";")));
        assert_eq!(assets.len(), 10);
        assert_eq!((problems.len(), problems[0].code), (1, "VD-T003"));
        assert!(problems[0].fault.contains("`ws` stands for 10 machines"), "{}", problems[0].fault);
        let importance = assets.importance("ws").expect("known");
        assert_eq!(importance.score, 90);
        assert!(importance.reason.contains("one of 10 machines"));
        assert_eq!(assets.importance("10.0.0.3").map(|i| i.score), Some(30));
        assert!(assets.facts("ws").iter().all(|f| f.label.contains("one of 10 machines")));
    }

    #[test]
    fn wrong_columns_and_cells_are_named_with_their_line() {
        let (assets1, problems) = assets("# inventory\nserial,colour\n1,red\n");
        assert!(assets1.is_empty());
        assert_eq!(problems[0].place, "assets.csv:2");
        assert!(
            problems[0].fault.contains("no column `host` or `address`: the header has `serial`, `colour`"),
            "{}",
            problems[0].fault
        );
        let (assets2, problems) = assets(
            "host,address,importance,colour\nws1,not-an-address,huge,red\n,,high,\nws2,10.0.0.2,high\n",
        );
        assert_eq!(assets2.len(), 2);
        let told: Vec<String> = problems.iter().map(|p| format!("{} {}", p.place, p.fault)).collect();
        for expect in [
            "assets.csv:1 unknown columns `colour`",
            "assets.csv:2 importance `huge`",
            "assets.csv:2 `not-an-address` is no address",
            "assets.csv:3 neither",
            "assets.csv:4 3 cells",
        ] {
            assert!(told.iter().any(|t| t.starts_with(expect)), "{expect}: {told:?}");
        }
        assert_eq!(assets("").1.len(), 1);
    }
}
