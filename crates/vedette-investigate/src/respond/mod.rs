//! What to do next, in the order of NIST SP 800-61r3: preserve, contain, eradicate, recover, and go on analysing.
//!
//! Source: NIST SP 800-61 revision 3 (2025), with the functions of the Cybersecurity Framework 2.0 that it uses.

mod account;
mod foothold;

use std::collections::{BTreeMap, BTreeSet};

use vedette_model::{EntityKind, host_key};

use crate::claim::{Outcome, Predicate, Slot};
use crate::entities::is_public;
use crate::incident::{EntityRow, NextStep};
use crate::items::Item;
use crate::limits::TARGETS_MAX;
use crate::scope::Scope;
use crate::wording::{list, name};

use account::{Sort, sort_of};
use foothold::{Foothold, footholds};

const PRESERVE: &str = "NIST SP 800-61r3, RS.AN-07";
const CONTAIN: &str = "NIST SP 800-61r3, RS.MI-01";
const ERADICATE: &str = "NIST SP 800-61r3, RS.MI-02";
const RESTORE: &str = "NIST SP 800-61r3, RC.RP-02";
const CHECK: &str = "NIST SP 800-61r3, RC.RP-05";
const ANALYSE: &str = "NIST SP 800-61r3, RS.AN-03";
const SCOPE: &str = "NIST SP 800-61r3, RS.AN-08";

/// Whether the logs of a mapping come from the machine that they are about.
fn on_machine(mapping: &str) -> bool {
    [
        "windows_",
        "linux_",
        "macos_",
        "web_access",
        "iis_",
        "apache_",
        "nginx_",
        "crowdstrike_",
        "microsoft_defender",
        "osquery",
    ]
    .iter()
    .any(|m| mapping.starts_with(m))
}

struct Steps(Vec<NextStep>);

impl Steps {
    fn add(
        &mut self,
        phase: &'static str,
        reference: &'static str,
        text: String,
        targets: Vec<String>,
        why: &str,
        caution: Option<&str>,
    ) {
        let mut targets = targets;
        targets.sort();
        targets.dedup();
        targets.truncate(TARGETS_MAX);
        self.0.push(NextStep {
            text,
            phase,
            targets,
            why: why.to_owned(),
            caution: caution.map(str::to_owned),
            reference,
        });
    }
}

/// The steps for these hosts, accounts, keys and footholds.
pub fn next_steps(items: &[Item], rows: &[EntityRow], scope: &Scope) -> Vec<NextStep> {
    let mut steps = Steps(Vec::new());
    let machines = machines(items, rows);
    let (controllers, hosts): (Vec<_>, Vec<_>) =
        machines.iter().cloned().partition(|h| scope.is_domain_controller(&host_key(h)));
    preserve(&mut steps, &machines, rows, items);
    isolate(&mut steps, &hosts, &controllers);
    accounts(&mut steps, rows);
    keys(&mut steps, items);
    addresses(&mut steps, rows);
    let footholds = footholds(items);
    eradicate(&mut steps, &footholds);
    recover(&mut steps, &machines, &footholds, items);
    analyse(&mut steps, rows, items);
    steps.0
}

/// Hosts whose own logs show the incident, by name; accounts of a cloud and clusters are none.
fn machines(items: &[Item], rows: &[EntityRow]) -> Vec<String> {
    let own: BTreeSet<String> =
        items.iter().filter(|i| on_machine(&i.seen.evidence.mapping)).map(|i| host_key(&i.host)).collect();
    let mut all: Vec<String> = rows
        .iter()
        .filter(|r| r.kind == EntityKind::Host && r.part == "victim" && own.contains(&r.key))
        .map(|r| r.shown.clone())
        .collect();
    all.sort();
    all
}

fn shown(items: &[String]) -> String {
    list(&items.iter().map(|i| name(i)).collect::<Vec<_>>())
}

fn preserve(steps: &mut Steps, machines: &[String], rows: &[EntityRow], items: &[Item]) {
    if !machines.is_empty() {
        steps.add(
            "preserve",
            PRESERVE,
            format!("On {}, take a memory image and the lists of running processes, open connections and logged-on users, before anything is isolated, restarted or switched off.", shown(machines)),
            machines.to_vec(),
            "what is only in memory is lost with a restart, and connections end with isolation",
            Some("use a tool that runs from a read-only medium or from the endpoint agent, and note when it ran"),
        );
        steps.add(
            "preserve",
            PRESERVE,
            format!("Copy the event logs and, where possible, a disk image of {}, with SHA-256 of each file, to where nobody on these hosts can write.", shown(machines)),
            machines.to_vec(),
            "logs are overwritten with time, and the accounts told here may be able to clear them",
            None,
        );
    }
    let cloud: BTreeSet<String> = items
        .iter()
        .filter(|i| !on_machine(&i.seen.evidence.mapping) && !i.host.is_empty())
        .filter(|i| {
            rows.iter().any(|r| {
                r.kind == EntityKind::CloudPrincipal && i.seen.entities.iter().any(|e| e.key == r.key)
            })
        })
        .map(|i| i.host.clone())
        .collect();
    if !cloud.is_empty() {
        let cloud: Vec<String> = cloud.into_iter().collect();
        steps.add(
            "preserve",
            PRESERVE,
            format!("Export the audit log of {} for the time before and after, snapshot what the calls touched, and keep both where the principals told here have no rights.", shown(&cloud)),
            cloud,
            "audit logs are kept for a limited time only, and a principal with rights can stop them",
            None,
        );
    }
}

fn isolate(steps: &mut Steps, hosts: &[String], controllers: &[String]) {
    if !hosts.is_empty() {
        steps.add(
            "contain",
            CONTAIN,
            format!("When memory is saved, isolate {} from the network, all at the same time, leaving the way of the responders open.", shown(hosts)),
            hosts.to_vec(),
            "events of this incident were seen on them",
            Some("isolating one host before the others tells whoever is there that they are seen; check first what the business loses"),
        );
    }
    if !controllers.is_empty() {
        steps.add(
            "contain",
            CONTAIN,
            format!("Do not isolate {} without a plan: watch closely, restrict administrative logons to known workstations, and make sure a clean domain controller and a backup of the directory exist.", shown(controllers)),
            controllers.to_vec(),
            "by its own logs it answers logons or keeps the directory",
            Some("isolating a domain controller stops logons, name resolution and policies for everybody who depends on it"),
        );
    }
}

fn accounts(steps: &mut Steps, rows: &[EntityRow]) {
    let mut by_sort: BTreeMap<Sort, Vec<String>> = BTreeMap::new();
    let used: Vec<&EntityRow> = rows.iter().filter(|r| r.part == "account used").collect();
    let fullest = crate::title::fullest(used.iter().map(|r| r.shown.clone()).collect());
    for row in used.iter().filter(|r| fullest.contains(&r.shown)) {
        // An account known by its number alone reads as one.
        let number = row.shown.bytes().all(|b| b.is_ascii_digit());
        let shown = if number { format!("uid={}", row.shown) } else { row.shown.clone() };
        by_sort.entry(sort_of(row.kind, &row.key)).or_default().push(shown);
    }
    for names in by_sort.values_mut() {
        names.sort();
        names.dedup();
    }
    for (sort, names) in by_sort {
        let who = shown(&names);
        let used_text = "things told in this incident were done under it";
        match sort {
            Sort::Ordinary => steps.add("contain", CONTAIN, format!("Ask the owner of {who} whether this was their work; if not, disable the account, end its sessions, then reset its password and its second factors."), names, used_text, Some("reach the owner by a way that does not use the account")),
            Sort::BuiltIn => steps.add("contain", CONTAIN, format!("Change the password of the built-in account {who} on each host where it was used, to a different one on each, and end its sessions; do not disable it as a first measure."), names, used_text, Some("a built-in account may be the last way into a host; disabling it can lock the responders out")),
            Sort::Krbtgt => steps.add("contain", CONTAIN, format!("Plan to reset the password of {who} twice, at least one maximal ticket lifetime (10 hours by default) apart, when the domain controllers are known to be clean; never disable it."), names, used_text, Some("the second reset before replication is done ends all Kerberos tickets of the domain")),
            Sort::Machine => steps.add("contain", CONTAIN, format!("Reset the machine account {who} together with the host that it belongs to; do not disable it while that host is needed."), names, used_text, Some("a disabled machine account takes the host out of its domain")),
            Sort::Service => steps.add("contain", CONTAIN, format!("Find out with the owner of the service account {who} what depends on it, then change its secret in all those places together and restrict where it may log on from."), names, used_text, Some("disabling a service account stops what runs under it")),
            // Nobody logs on as these: what ran under them is told by services, tasks and processes.
            Sort::System => {}
            Sort::CloudRoot => steps.add("contain", CONTAIN, format!("For the root user {who}: change its password, check its second factor, and deactivate its access keys; use it for nothing else."), names, used_text, Some("keep the recovery mail address and telephone number of the account under control first")),
            Sort::CloudUser => steps.add("contain", CONTAIN, format!("For {who}: deactivate access keys and end sessions, deny what was issued before now, and reset password and second factors; do not delete the user or its keys before their use is on record."), names, used_text, Some("deleting a key or user removes the trace of who used it")),
            Sort::CloudRole => steps.add("contain", CONTAIN, format!("For the role {who}: revoke its active sessions and review who may assume it."), names, used_text, Some("revoking sessions interrupts every workload that runs under the role")),
            Sort::CloudIdentity => steps.add("contain", CONTAIN, format!("For {who}: ask the owner by another way whether this was their work; if not, block sign-in, revoke sessions and refresh tokens, then reset password and second factors, and review the applications, consents and forwarding rules it made."), names, used_text, Some("revoking sessions does not end access tokens that are already out: most live up to an hour")),
            Sort::Kubernetes => steps.add("contain", CONTAIN, format!("For {who}: review its role bindings, and rotate its tokens together with the pods that use them."), names, used_text, Some("accounts that begin with system: may belong to the cluster itself: removing their rights can stop it")),
        }
    }
}

fn keys(steps: &mut Steps, items: &[Item]) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for item in items {
        let key = item.seen.ocsf.pointer("/actor/user/credential_uid").and_then(|v| v.as_str());
        used.extend(key.filter(|k| !k.is_empty()).map(str::to_owned));
    }
    if !used.is_empty() {
        let used: Vec<String> = used.into_iter().collect();
        steps.add(
            "contain",
            CONTAIN,
            format!("Deactivate the access keys {} and revoke the sessions they opened; delete them only when the evidence is kept.", shown(&used)),
            used,
            "the calls told here were signed with them",
            Some("temporary keys (ASIA...) cannot be deactivated: revoke the sessions of their role or user"),
        );
    }
    let secrets: BTreeSet<String> = items
        .iter()
        .filter(|i| i.claim.predicate == Predicate::ReadSecret && i.claim.outcome == Outcome::Succeeded)
        .filter_map(|i| i.claim.get(Slot::Resource).map(str::to_owned))
        .collect();
    if !secrets.is_empty() {
        let secrets: Vec<String> = secrets.into_iter().collect();
        steps.add(
            "contain",
            CONTAIN,
            format!("Rotate the secrets {} and look for their use since they were read.", shown(&secrets)),
            secrets,
            "they were read in this incident",
            None,
        );
    }
}

fn addresses(steps: &mut Steps, rows: &[EntityRow]) {
    // An asset list or a known-good list that names it says more than its being outside.
    let ours = |r: &EntityRow| {
        r.facts.iter().any(|f| {
            let text = format!("{} {}", f.label, f.value).to_lowercase();
            ["egress", "corporate", "known good", "known-good", "own address", "asset", "owner"]
                .iter()
                .any(|w| text.contains(w))
        })
    };
    let outside: Vec<&EntityRow> =
        rows.iter().filter(|r| r.kind == EntityKind::Address && is_public(&r.key)).collect();
    let block: Vec<String> = outside.iter().filter(|r| !ours(r)).map(|r| r.shown.clone()).collect();
    if !block.is_empty() {
        steps.add(
            "contain",
            CONTAIN,
            format!("Find out whose the addresses {} are, and block them at the edge in both directions if they are not shared.", shown(&block)),
            block,
            "events of this incident came from or went to them",
            Some("an address of a provider, of a proxy or of your own way out is shared with others: blocking it stops them too"),
        );
    }
    let domains = crate::title::collapsed(
        rows.iter().filter(|r| r.kind == EntityKind::Domain).map(|r| r.shown.clone()).collect(),
    );
    if !domains.is_empty() {
        steps.add(
            "contain",
            CONTAIN,
            format!(
                "Check who owns the names {}, and sink them in your resolvers if they serve nothing else.",
                shown(&domains)
            ),
            domains,
            "they were looked up or reached in this incident",
            Some("a large provider's name serves many others too"),
        );
    }
}

fn eradicate(steps: &mut Steps, footholds: &[Foothold]) {
    if footholds.is_empty() {
        return;
    }
    let said: Vec<String> = footholds
        .iter()
        .map(|f| if f.host.is_empty() { f.what.clone() } else { format!("{} on {}", f.what, name(&f.host)) })
        .collect();
    steps.add(
        "eradicate",
        ERADICATE,
        format!("Remove all footholds in one go, when the search for further ones is done and copies are kept: {}.", list(&said)),
        said,
        "a foothold that is left over is the way back",
        Some("removing one before the others are known tells whoever is there, and leaves them the rest"),
    );
}

fn recover(steps: &mut Steps, machines: &[String], footholds: &[Foothold], items: &[Item]) {
    if !machines.is_empty() {
        steps.add(
            "recover",
            RESTORE,
            format!("Rebuild or restore {} from a state before the first finding, with backups that were checked, and change every secret that was used or kept on them.", shown(machines)),
            machines.to_vec(),
            "a host on which somebody else ran commands is not trusted again by removing what was found",
            Some("check that the backup is older than the first foothold, and scan it before it goes back"),
        );
    }
    let mut watch: BTreeSet<String> = footholds.iter().map(|f| f.what.clone()).collect();
    watch.extend(
        items
            .iter()
            .filter(|i| i.claim.predicate == Predicate::LoggedOn)
            .filter_map(|i| i.claim.get(Slot::Source).map(|s| format!("logons from {}", name(s)))),
    );
    let watch: Vec<String> = watch.into_iter().collect();
    let text = if watch.is_empty() {
        "Before the return to work, scan the restored systems again with the same rules, and keep watching them for at least two weeks.".to_owned()
    } else {
        format!(
            "Before the return to work, scan the restored systems again with the same rules, and watch for at least two weeks for {} to appear again.",
            list(&watch)
        )
    };
    steps.add(
        "recover",
        CHECK,
        text,
        watch,
        "recovery is done when it was checked, not when it was started",
        None,
    );
}

/// The best hash of a program that is not the system's own: everybody has those.
fn foreign_hash(item: &Item) -> Option<String> {
    let file =
        item.claim.get(Slot::Process).or(item.claim.get(Slot::File))?.to_lowercase().replace('\\', "/");
    let own = ["c:/windows/", "c:/program files", "/usr/", "/bin/", "/sbin/", "/lib"]
        .iter()
        .any(|p| file.starts_with(p));
    let hashes = item.seen.entities.iter().filter(|e| e.kind == EntityKind::FileHash);
    // An import hash is shared by programs of one build, and says little alone.
    let best = hashes
        .filter(|e| !e.shown.to_uppercase().starts_with("IMPHASH"))
        .max_by_key(|e| (e.key.len(), std::cmp::Reverse(&e.key)))?;
    (!own).then(|| best.key.clone())
}

fn analyse(steps: &mut Steps, rows: &[EntityRow], items: &[Item]) {
    let mut search: BTreeSet<String> = BTreeSet::new();
    for row in rows {
        if row.kind == EntityKind::Domain || row.kind == EntityKind::Address && is_public(&row.key) {
            search.insert(row.shown.clone());
        }
    }
    search.extend(items.iter().filter_map(foreign_hash));
    if !search.is_empty() {
        let search: Vec<String> = search.into_iter().collect();
        steps.add(
            "analyse",
            SCOPE,
            format!("Search all other hosts and logs for {}.", shown(&search)),
            search,
            "hosts whose logs are not here may be part of it",
            None,
        );
    }
    let from: BTreeSet<String> =
        rows.iter().filter(|r| r.part == "internal source").map(|r| r.shown.clone()).collect();
    if !from.is_empty() && !items.is_empty() {
        let from: Vec<String> = from.into_iter().collect();
        steps.add(
            "analyse",
            ANALYSE,
            format!(
                "Find out which hosts had the internal addresses {} at that time, and look at their logs.",
                shown(&from)
            ),
            from,
            "events of this incident came from them",
            Some("do not block internal addresses: they are handed out again, and may be gateways"),
        );
    }
}
