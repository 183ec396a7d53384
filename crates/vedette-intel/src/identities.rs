//! A list of the estate's accounts: names, SIDs and addresses of each, whether it is privileged, and whose it is.

use rustc_hash::FxHashMap;
use vedette_model::Problem;

use crate::context::{Fact, Importance, Scale};
use crate::limits::SHEET_PROBLEMS_MAX;
use crate::sheet::{Column, Sheet, problem};

const COLUMNS: &[Column] = &[
    &["user", "username", "user name", "account", "samaccountname", "login", "name", "identity"],
    &["aliases", "alias", "other names", "upn", "userprincipalname", "arn", "principal"],
    &["sid", "object sid", "objectsid", "uid"],
    &["email", "mail", "e-mail"],
    &["importance", "criticality", "priority"],
    &["privileged", "admin", "is admin", "administrator"],
    &["owner", "full name", "display name", "displayname", "person", "responsible"],
    &["role", "title", "department", "group", "note", "notes", "description"],
];
const USER: usize = 0;
const ALIASES: usize = 1;
const SID: usize = 2;
const EMAIL: usize = 3;
const IMPORTANCE: usize = 4;
const PRIVILEGED: usize = 5;
const OWNER: usize = 6;
const ROLE: usize = 7;

#[derive(Debug, Clone)]
struct Identity {
    name: String,
    /// The domain that the list gives with the name; empty where it gives none.
    domain: String,
    privileged: bool,
    owner: String,
    role: String,
    importance: Option<(u8, String)>,
    file: u32,
    line: u64,
}

/// All identity lists.
#[derive(Debug, Default)]
pub struct Identities {
    identities: Vec<Identity>,
    files: Vec<(String, String)>,
    /// Whole names, SIDs, mail addresses and principals in lower case.
    exact: FxHashMap<String, Vec<u32>>,
    /// Account names without domain.
    bare: FxHashMap<String, Vec<u32>>,
}

impl Identities {
    pub fn len(&self) -> usize {
        self.identities.len()
    }

    pub fn is_empty(&self) -> bool {
        self.identities.is_empty()
    }

    /// Adds the list in `bytes`.
    pub fn add(&mut self, name: &str, date: &str, bytes: &[u8]) -> Vec<Problem> {
        let mut problems = Vec::new();
        let needed = [USER, SID, EMAIL];
        let Some(sheet) = Sheet::read(name, bytes, COLUMNS, &needed, &mut problems) else { return problems };
        let file = self.files.len() as u32;
        self.files.push((name.to_owned(), date.to_owned()));
        let mut told = 0;
        let scale = Scale::of(
            sheet.rows().map(|r| r.get(IMPORTANCE).to_owned()).collect::<Vec<_>>().iter().map(String::as_str),
        );
        for row in sheet.rows() {
            let stated = row.get(IMPORTANCE);
            let privileged = yes(row.get(PRIVILEGED));
            let importance = match scale.points(stated) {
                Some(points) => Some((points, format!("importance `{stated}`"))),
                None => {
                    if !stated.is_empty() {
                        told += 1;
                        if told <= SHEET_PROBLEMS_MAX {
                            let fault = format!("importance `{stated}` is no level");
                            problems.push(problem(
                                name,
                                row.line,
                                fault,
                                "it is not used",
                                "write low, medium, high, critical, or 0 to 100",
                            ));
                        }
                    }
                    privileged.then(|| (90, "privileged".to_owned()))
                }
            };
            let names: Vec<String> =
                row.several(USER).chain(row.several(ALIASES)).map(str::to_lowercase).collect();
            let others: Vec<String> =
                row.several(SID).chain(row.several(EMAIL)).map(str::to_lowercase).collect();
            let Some(first) = names.first().or(others.first()) else {
                told += 1;
                if told <= SHEET_PROBLEMS_MAX {
                    problems.push(problem(
                        name,
                        row.line,
                        "no name, SID or mail address".to_owned(),
                        "the row is not used",
                        "",
                    ));
                }
                continue;
            };
            let index = self.identities.len() as u32;
            let domain = split(first).0.to_owned();
            for key in names.iter().chain(&others) {
                push(self.exact.entry(key.clone()).or_default(), index);
            }
            for key in &names {
                push(self.bare.entry(split(key).1.to_owned()).or_default(), index);
            }
            self.identities.push(Identity {
                name: first.clone(),
                domain,
                privileged,
                owner: row.get(OWNER).to_owned(),
                role: row.get(ROLE).to_owned(),
                importance,
                file,
                line: row.line,
            });
        }
        let mut shared: Vec<(u64, &String, usize)> = self
            .exact
            .iter()
            .filter(|(_, all)| all.len() > 1)
            .filter_map(|(key, all)| {
                let ours = all.iter().map(|i| &self.identities[*i as usize]).filter(|i| i.file == file);
                Some((ours.map(|i| i.line).max()?, key, all.len()))
            })
            .collect();
        shared.sort();
        let more = told.saturating_sub(SHEET_PROBLEMS_MAX) + shared.len().saturating_sub(SHEET_PROBLEMS_MAX);
        for (line, key, count) in shared.into_iter().take(SHEET_PROBLEMS_MAX) {
            let fault = format!("`{key}` stands for {count} accounts");
            let mut told = problem(
                name,
                line,
                fault,
                "what is known of it is told for each of them and marked as ambiguous",
                "write DOMAIN\\name where names repeat",
            );
            told.code = "VD-T003";
            problems.push(told);
        }
        if more > 0 {
            let mut further = problem(name, 0, "further faults of rows".to_owned(), "as above", "");
            further.count = more as u64;
            problems.push(further);
        }
        problems
    }

    /// The accounts that `key` may stand for, and why where it is not by the whole name.
    fn of(&self, key: &str) -> (Vec<u32>, &'static str) {
        let key = key.to_lowercase();
        if let Some(all) = self.exact.get(&key) {
            return (all.clone(), "");
        }
        let (domain, name) = split(&key);
        let fits = |i: &&u32| {
            let listed = &self.identities[**i as usize];
            // Two domains are two accounts. Where either side names none, it may be the same.
            listed.domain.is_empty() || domain.is_empty()
        };
        let all = self.bare.get(name).into_iter().flatten().filter(fits).copied().collect();
        (all, "by the account's name alone, the domain is not stated in both")
    }

    /// What is known of an account, by name, SID, mail address or principal.
    pub fn facts(&self, key: &str) -> Vec<Fact> {
        let (found, why) = self.of(key);
        let mut facts = Vec::new();
        for index in &found {
            let identity = &self.identities[*index as usize];
            let (file, date) = &self.files[identity.file as usize];
            let mut add = |label: &str, value: &str| {
                if value.is_empty() {
                    return;
                }
                let mut label = label.to_owned();
                if found.len() > 1 {
                    label.push_str(&format!(" (one of {} accounts: {})", found.len(), identity.name));
                }
                if !why.is_empty() {
                    label.push_str(&format!(" ({why})"));
                }
                facts.push(Fact {
                    label,
                    value: value.to_owned(),
                    source: format!("{file}:{}", identity.line),
                    date: date.clone(),
                });
            };
            if identity.name != key.to_lowercase() {
                add("account", &identity.name);
            }
            add("owner", &identity.owner);
            add("role", &identity.role);
            if identity.privileged {
                add("privileged", "yes");
            }
            if let Some((points, reason)) = &identity.importance {
                add("importance", &format!("{points} of 100, {reason}"));
            }
        }
        facts
    }

    /// The highest importance among the accounts that `key` may stand for.
    pub fn importance(&self, key: &str) -> Option<Importance> {
        let (found, why) = self.of(key);
        let best = found
            .iter()
            .map(|i| &self.identities[*i as usize])
            .filter_map(|i| Some((i.importance.as_ref()?, i)))
            .max_by_key(|((points, _), i)| (*points, std::cmp::Reverse((i.file, i.line))))?;
        let ((points, reason), identity) = best;
        let mut reason = format!("{reason} ({}:{})", self.files[identity.file as usize].0, identity.line);
        if found.len() > 1 {
            reason.push_str(&format!("; one of {} accounts of this name", found.len()));
        }
        if !why.is_empty() {
            reason.push_str(&format!("; {why}"));
        }
        Some(Importance { score: *points, reason })
    }
}

fn push(list: &mut Vec<u32>, index: u32) {
    if list.last() != Some(&index) {
        list.push(index);
    }
}

/// Domain and name of `corp\ana`, `ana@corp.net`, `ana`. A principal such as an ARN has no domain and is itself.
fn split(key: &str) -> (&str, &str) {
    if let Some((domain, name)) = key.rsplit_once('\\') {
        return (domain, name);
    }
    match key.split_once('@') {
        Some((name, domain)) if !name.is_empty() && !name.contains([':', '/']) => (domain, name),
        _ => ("", key),
    }
}

fn yes(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "1" | "yes" | "y" | "true" | "x" | "admin" | "privileged")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identities(text: &str) -> (Identities, Vec<Problem>) {
        let mut identities = Identities::default();
        let problems = identities.add("ids.csv", "2026-03-01", text.as_bytes());
        (identities, problems)
    }

    #[test]
    fn an_account_is_known_by_all_its_names() {
        let (ids, problems) = identities(
            "user,sid,email,privileged,owner\nCORP\\Ana,S-1-5-21-1-2-3-1105,ana@corp.net,yes,Ana Bell\nbob,,,,Bob\n",
        );
        assert_eq!((ids.len(), problems), (2, vec![]));
        for key in ["corp\\ana", "s-1-5-21-1-2-3-1105", "ana@corp.net"] {
            assert_eq!(
                ids.importance(key).map(|i| i.reason),
                Some("privileged (ids.csv:2)".to_owned()),
                "{key}"
            );
        }
        // A local account of the same name is another one.
        assert_eq!(ids.importance("ws01\\ana"), None);
        assert!(ids.importance("ana").is_some_and(|i| i.reason.contains("name alone")));
        let bob = ids.facts("corp\\bob");
        assert!(bob.iter().all(|f| f.label.contains("name alone")), "{bob:?}");
        assert_eq!(ids.facts("carol"), []);
    }

    #[test]
    fn names_of_several_accounts_are_told() {
        let (ids, problems) = identities("user,importance\nA\\svc,low\nB\\svc,90\nsvc;svc2,x\nsvc,10\n,\n");
        assert_eq!(problems.iter().map(|p| p.place.as_str()).collect::<Vec<_>>(), ["ids.csv:4", "ids.csv:5"]);
        assert!(
            ids.importance("svc").is_some_and(|i| i.score == 10 && i.reason.contains("one of 2 accounts"))
        );
        assert_eq!(ids.importance("b\\svc").map(|i| i.score), Some(90));
    }
}
