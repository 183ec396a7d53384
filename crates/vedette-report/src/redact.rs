//! Names replaced by pseudonyms, in every text and value, before anything is written.
//!
//! The same name has the same pseudonym in the whole report. Pseudonyms are numbered in the order in which names are
//! met, so they tell nothing of the names; another scan numbers anew. What is not found here: names of less than three
//! letters, names inside longer words, encoded (Base64) or split text, and names that no field, entity or finding names
//! as one.

use std::collections::HashMap;
use std::net::IpAddr;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::limits;
use crate::scan::{Finding, Incident, Scan};

/// Which names are replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Redact {
    pub users: bool,
    /// And the domains they belong to.
    pub hosts: bool,
    pub addresses: bool,
}

impl Redact {
    pub fn any(self) -> bool {
        self.users || self.hosts || self.addresses
    }

    pub fn words(self) -> Vec<&'static str> {
        [(self.users, "users"), (self.hosts, "hosts"), (self.addresses, "addresses")]
            .into_iter()
            .filter_map(|(is, word)| is.then_some(word))
            .collect()
    }
}

/// What was replaced, without the names.
#[derive(Debug)]
pub struct Told {
    pub what: Redact,
    pub users: usize,
    pub hosts: usize,
    pub domains: usize,
    pub addresses: usize,
    /// Names beyond the bound, which still stand as they are.
    pub beyond: usize,
}

/// Accounts and hosts that every system has: they name nobody.
const EVERYWHERE: &[&str] = &[
    "system",
    "root",
    "nobody",
    "daemon",
    "local service",
    "network service",
    "localservice",
    "networkservice",
    "local system",
    "localsystem",
    "anonymous logon",
    "anonymous",
    "administrator",
    "administrators",
    "admin",
    "guest",
    "krbtgt",
    "everyone",
    "builtin",
    "nt authority",
    "nt service",
    "window manager",
    "font driver host",
    "workgroup",
    "users",
    "user",
    "host",
    "localhost",
    "unknown",
    "default",
    "www-data",
    "iusr",
    "(none)",
    "none",
    "null",
    "true",
    "false",
    "domain",
    "group",
    "local",
    "global",
    "process",
    "file",
    "service",
    "address",
];

/// Fields whose value is a user's name, as the ends of their names in lower case.
const USER_FIELDS: &[&str] = &[
    "username",
    "user",
    "accountname",
    "samaccountname",
    "userprincipalname",
    "user_name",
    "userid",
    "useridentity.arn",
    "useridentity.username",
    "actor.alternateid",
    "loginname",
    "principalemail",
    "callersid",
    "caller_user",
];
/// Fields whose value is a host or a domain.
const HOST_FIELDS: &[&str] = &[
    "computer",
    "computername",
    "hostname",
    "workstation",
    "workstationname",
    "host",
    "targetservername",
    "devicename",
    "host.name",
    "destinationhostname",
    "sourcehostname",
    "domainname",
    "targetdomainname",
    "subjectdomainname",
    "userdomain",
    "node",
];

#[derive(Default)]
struct Names {
    /// Name in lower case -> pseudonym.
    known: HashMap<String, String>,
    order: Vec<String>,
    users: usize,
    hosts: usize,
    domains: usize,
    beyond: usize,
}

impl Names {
    fn usable(&self, name: &str) -> bool {
        let name = name.trim();
        name.chars().count() >= 3
            && name.chars().count() <= 255
            && name.chars().any(char::is_alphabetic)
            && !EVERYWHERE.contains(&name.to_lowercase().as_str())
            && name.parse::<IpAddr>().is_err()
    }

    /// Gives every form of a name one pseudonym.
    fn add(&mut self, forms: &[&str], kind: &str) {
        let forms: Vec<String> =
            forms.iter().map(|f| f.trim()).filter(|f| self.usable(f)).map(str::to_lowercase).collect();
        if forms.is_empty() {
            return;
        }
        let known = forms.iter().find_map(|f| self.known.get(f).cloned());
        let pseudonym = known.unwrap_or_else(|| {
            let counter = match kind {
                "user" => &mut self.users,
                "host" => &mut self.hosts,
                _ => &mut self.domains,
            };
            *counter += 1;
            format!("{kind}-{counter}")
        });
        for form in forms {
            if self.order.len() >= limits::NAMES_MAX {
                self.beyond += usize::from(!self.known.contains_key(&form));
            } else if !self.known.contains_key(&form) {
                self.known.insert(form.clone(), pseudonym.clone());
                self.order.push(form);
            }
        }
    }

    /// `CORP\anna`, `anna@corp.example`, `arn:aws:iam::1:user/anna`, `S-1-5-21-...-1104`.
    fn user(&mut self, text: &str, what: Redact) {
        let text = text.trim();
        if let Some((domain, name)) = text.rsplit_once('\\') {
            if what.hosts {
                self.add(&[domain], "domain");
            }
            return self.user(name, what);
        }
        if text.get(..3).is_some_and(|lead| lead.eq_ignore_ascii_case("cn=")) {
            return self.distinguished(text, what);
        }
        if text.starts_with("arn:") {
            let name = text.rsplit('/').next().unwrap_or(text);
            return if what.users {
                self.add(&[name], "user")
            };
        }
        if let Some((name, domain)) = text.split_once('@') {
            if what.hosts {
                self.add(&[domain], "domain");
            }
            return if what.users {
                self.add(&[name], "user")
            };
        }
        if let Some(machine) = text.strip_suffix('$') {
            return self.host(machine, what);
        }
        let well_known = text.starts_with("S-1-5-") && !text.starts_with("S-1-5-21-");
        if what.users && !well_known && text.split(' ').count() <= 3 && !text.contains(['/', ':', '=', ',']) {
            self.add(&[text], "user");
        }
    }

    /// `CN=Anna Berg,OU=Staff,DC=corp,DC=example`.
    fn distinguished(&mut self, text: &str, what: Redact) {
        let part = |kind: &'static str| {
            text.split(',')
                .filter_map(|p| p.split_once('='))
                .filter(move |(k, _)| k.trim().eq_ignore_ascii_case(kind))
        };
        if let Some((_, name)) = part("cn").next().filter(|_| what.users) {
            self.add(&[name], "user");
        }
        let domain: Vec<&str> = part("dc").map(|(_, name)| name).collect();
        if what.hosts && domain.len() > 1 {
            self.add(&[&domain.join("."), domain[0]], "domain");
        }
    }

    fn host(&mut self, text: &str, what: Redact) {
        let text = text.trim().trim_end_matches('.');
        if !what.hosts || text.contains([' ', '/', '=', ',']) {
            return;
        }
        match text.split_once('.') {
            Some((name, domain)) if text.parse::<IpAddr>().is_err() => {
                if domain.contains('.') || domain.len() > 3 {
                    self.add(&[domain], "domain");
                }
                self.add(&[name, text], "host");
            }
            _ => self.add(&[text], "host"),
        }
    }
}

/// Replaces names in `scan` and says how many.
pub fn apply(scan: &mut Scan, what: Redact) -> Told {
    let mut names = Names::default();
    gather(scan, what, &mut names);
    let finder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(&names.order)
        .ok();
    let mut addresses = HashMap::new();
    let mut sids = HashMap::new();
    let mut change = |text: &mut String| {
        if let Some(finder) = &finder {
            replace_names(finder, &names, text);
        }
        if what.users {
            replace_sids(&mut sids, text);
        }
        if what.addresses {
            replace_addresses(&mut addresses, text);
        }
    };
    texts(scan, &mut change);
    Told {
        what,
        users: names.users,
        hosts: names.hosts,
        domains: names.domains,
        addresses: addresses.len(),
        beyond: names.beyond,
    }
}

fn gather(scan: &Scan, what: Redact, names: &mut Names) {
    let entity = |names: &mut Names, kind: &str, name: &str| match kind {
        "user" | "cloud_principal" => names.user(name, what),
        "host" => names.host(name, what),
        _ => {}
    };
    for e in scan.incidents.iter().flat_map(|i| &i.entities) {
        entity(names, &e.kind, e.name());
        entity(names, &e.kind, &e.key);
    }
    for host in &scan.summary.hosts {
        names.host(&host.name, what);
    }
    for f in &scan.findings.items {
        f.host.iter().for_each(|h| names.host(h, what));
        f.actor.iter().for_each(|a| names.user(a, what));
        f.entities
            .iter()
            .for_each(|e| entity(names, &e.kind, if e.shown.is_empty() { &e.key } else { &e.shown }));
        f.details.iter().for_each(|(n, v)| field(names, n, v, what));
    }
    for e in &scan.evidence.items {
        e.host.iter().for_each(|h| names.host(h, what));
        e.fields.iter().for_each(|f| field(names, &f.name, &f.value, what));
    }
    for host in scan.files.iter().flat_map(|f| f.hosts.keys()) {
        names.host(host, what);
    }
}

fn field(names: &mut Names, name: &str, value: &str, what: Redact) {
    let name = name.to_lowercase();
    if value.len() > 255 {
        return;
    }
    if USER_FIELDS.iter().any(|f| name.ends_with(f)) {
        names.user(value, what);
    } else if HOST_FIELDS.iter().any(|f| name.ends_with(f)) {
        names.host(value, what);
    }
}

fn replace_names(finder: &AhoCorasick, names: &Names, text: &mut String) {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = finder.find(aho_corasick::Input::new(text.as_str()).range(at..)) {
        let inside =
            word(text[..found.start()].chars().next_back()) || word(text[found.end()..].chars().next());
        if inside {
            // A shorter name may begin within; go on after the first character.
            at = found.start() + text[found.start()..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        out.push_str(&text[from..found.start()]);
        let name = &names.order[found.pattern().as_usize()];
        out.push_str(names.known.get(name).map_or("", String::as_str));
        from = found.end();
        at = from;
    }
    if from > 0 {
        out.push_str(&text[from..]);
        *text = out;
    }
}

/// Identifiers of a domain's own accounts; those that every Windows has name nobody.
fn replace_sids(known: &mut HashMap<String, usize>, text: &mut String) {
    const LEAD: &str = "S-1-5-21-";
    let mut out = String::new();
    let mut from = 0;
    while let Some(begin) = text[from..].find(LEAD).map(|i| from + i) {
        let rest = &text[begin + LEAD.len()..];
        let end =
            begin + LEAD.len() + rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(rest.len());
        let sid = text[begin..end].trim_end_matches('-');
        let next = known.len() + 1;
        let n = *known.entry(sid.to_owned()).or_insert(next);
        out.push_str(&text[from..begin]);
        out.push_str(&format!("sid-{n}"));
        from = begin + sid.len();
    }
    if from > 0 {
        out.push_str(&text[from..]);
        *text = out;
    }
}

fn replace_addresses(known: &mut HashMap<IpAddr, usize>, text: &mut String) {
    let mut out = String::new();
    let mut from = 0;
    let mut before = ' ';
    let mut skip = 0;
    for (at, c) in text.char_indices() {
        if at >= skip
            && (c.is_ascii_hexdigit() || c == ':')
            && let Some((length, ip)) = address(&text[at..], before)
        {
            skip = at + length;
            if !ip.is_loopback() && !ip.is_unspecified() {
                let next = known.len() + 1;
                let n = *known.entry(ip).or_insert(next);
                out.push_str(&text[from..at]);
                out.push_str(&format!("address-{n}"));
                from = skip;
            }
        }
        before = c;
    }
    if from > 0 {
        out.push_str(&text[from..]);
        *text = out;
    }
}

/// The address that `text` begins with and its length; `before` stands before it. It may end a sentence, be followed by
/// a port, and follow a word and a colon, as in `src outside:192.0.2.1/80`.
fn address(text: &str, before: char) -> Option<(usize, IpAddr)> {
    let ends = |run: &str| !text[run.len()..].starts_with(|c: char| c.is_alphanumeric());
    let run = |part: fn(char) -> bool| &text[..text.find(|c| !part(c)).unwrap_or(text.len())];
    if before.is_alphanumeric() || before == '.' {
        return None;
    }
    let six = run(|c| c.is_ascii_hexdigit() || c == ':' || c == '.').trim_end_matches('.');
    // The longest is 45 signs long; what is longer is something else.
    if before != ':' && six.len() <= 46 && six.bytes().filter(|b| *b == b':').count() > 1 {
        for six in [six, six.trim_end_matches(':')] {
            if let Some(ip) = six.parse::<IpAddr>().ok().filter(|_| ends(six)) {
                return Some((six.len(), ip.to_canonical()));
            }
        }
    }
    let four = run(|c| c.is_ascii_digit() || c == '.').trim_end_matches('.');
    let ip = four.parse::<IpAddr>().ok().filter(|_| ends(four))?;
    Some((four.len(), ip))
}

/// Every text that may hold a name. Ids, hashes, rule texts and times are no such text.
fn texts(scan: &mut Scan, change: &mut impl FnMut(&mut String)) {
    scan.incidents.iter_mut().for_each(|i| incident(i, change));
    scan.findings.items.iter_mut().for_each(|f| finding(f, change));
    for e in &mut scan.evidence.items {
        change(&mut e.file);
        e.host.iter_mut().for_each(&mut *change);
        e.fields.iter_mut().for_each(|f| change(&mut f.value));
    }
    for f in &mut scan.files {
        change(&mut f.path);
        f.hosts = std::mem::take(&mut f.hosts).into_iter().map(|(h, n)| (changed(h, change), n)).collect();
        f.rejects.iter_mut().for_each(|r| change(&mut r.detail));
        f.problems.iter_mut().for_each(|p| problem(p, change));
    }
    for h in &mut scan.summary.hosts {
        change(&mut h.name);
    }
    scan.summary.problems.iter_mut().for_each(|p| problem(p, change));
}

fn changed(mut text: String, change: &mut impl FnMut(&mut String)) -> String {
    change(&mut text);
    text
}

fn problem(p: &mut crate::scan::Problem, change: &mut impl FnMut(&mut String)) {
    [&mut p.place, &mut p.fault, &mut p.consequence, &mut p.remedy].into_iter().for_each(change);
}

fn finding(f: &mut Finding, change: &mut impl FnMut(&mut String)) {
    for text in [&mut f.title, &mut f.file] {
        change(text);
    }
    [&mut f.host, &mut f.actor].into_iter().flatten().for_each(&mut *change);
    f.details.values_mut().for_each(&mut *change);
    f.witnesses.iter_mut().for_each(|w| change(&mut w.file));
    f.entities.iter_mut().flat_map(|e| [&mut e.key, &mut e.shown]).for_each(change);
}

fn incident(i: &mut Incident, change: &mut impl FnMut(&mut String)) {
    for text in [&mut i.title, &mut i.summary] {
        change(text);
    }
    let d = &mut i.diamond;
    let b = &mut i.blast_radius;
    let words = [&mut i.severity_reasons, &mut i.confidence_reasons, &mut d.adversary, &mut d.capability]
        .into_iter()
        .chain([&mut d.infrastructure, &mut d.victim, &mut b.hosts, &mut b.accounts, &mut b.addresses])
        .chain(i.next_steps.iter_mut().map(|s| &mut s.targets));
    words.flat_map(|w| &mut w.0).for_each(&mut *change);
    for e in &mut i.entities {
        [&mut e.key, &mut e.shown].into_iter().for_each(&mut *change);
        e.facts.iter_mut().for_each(|f| change(&mut f.value));
    }
    i.joins.iter_mut().flat_map(|j| &mut j.because).for_each(|b| {
        change(&mut b.key);
        change(&mut b.reason);
    });
    i.risk.parts.iter_mut().for_each(|p| {
        change(&mut p.what);
        change(&mut p.why);
    });
    for s in &mut i.story {
        change(&mut s.text);
        s.host.iter_mut().for_each(&mut *change);
    }
    for u in &mut i.unknowns {
        change(&mut u.text);
        u.remedy.iter_mut().for_each(&mut *change);
    }
    for s in &mut i.next_steps {
        [&mut s.text, &mut s.why].into_iter().for_each(&mut *change);
        s.caution.iter_mut().for_each(&mut *change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Evidence, Field, Step};

    fn scan() -> Scan {
        let mut scan = Scan::default();
        let field =
            |name: &str, value: &str| Field { name: name.into(), value: value.into(), derived: false };
        scan.evidence.items.push(Evidence {
            host: Some("WS01.corp.example".into()),
            fields: vec![
                field("TargetUserName", "Anna"),
                field("SubjectUserName", "SYSTEM"),
                field(
                    "CommandLine",
                    r"net use \\fs01\c$ /user:CORP\anna; type C:\Users\anna\x & ping 203.0.113.9",
                ),
                field("TargetDomainName", "CORP"),
            ],
            ..Evidence::default()
        });
        scan.findings.items.push(Finding {
            actor: Some(r"CORP\anna".into()),
            host: Some("FS01".into()),
            ..Finding::default()
        });
        scan.incidents.push(Incident {
            story: vec![Step {
                text:
                    "ANNA (anna@corp.example) of WS01 wrote to 203.0.113.9:443, 2001:db8::1 and 127.0.0.1. \
                       Annabel and WS011 are others; WS01$ is a machine."
                        .into(),
                ..Step::default()
            }],
            ..Incident::default()
        });
        scan
    }

    #[test]
    fn one_name_has_one_pseudonym_everywhere() {
        let mut scan = scan();
        let told = apply(&mut scan, Redact { users: true, hosts: true, addresses: true });
        let fields = &scan.evidence.items[0].fields;
        assert_eq!(fields[0].value, "user-1");
        assert_eq!(fields[1].value, "SYSTEM");
        assert_eq!(
            fields[2].value,
            r"net use \\host-1\c$ /user:domain-1\user-1; type C:\Users\user-1\x & ping address-1"
        );
        assert_eq!(
            scan.incidents[0].story[0].text,
            "user-1 (user-1@domain-2) of host-2 wrote to address-1:443, address-2 and 127.0.0.1. \
             Annabel and WS011 are others; host-2$ is a machine."
        );
        assert_eq!((told.users, told.hosts, told.domains, told.addresses), (1, 2, 2, 2));
    }

    #[test]
    fn names_are_read_out_of_their_forms() {
        let all = Redact { users: true, hosts: true, addresses: true };
        let mut names = Names::default();
        for user in [
            "CN=Paul Lang,OU=Staff,DC=corp,DC=example",
            r"CORP\svc_print",
            "arn:aws:sts::1:assumed-role/Deploy/ci-run",
            "eva@mail.example",
            "WS7$",
            "S-1-5-18",
            "NT AUTHORITY",
            "me",
        ] {
            names.user(user, all);
        }
        let told: Vec<_> = names.order.iter().map(|n| (n.as_str(), names.known[n].as_str())).collect();
        assert_eq!(
            told,
            [
                ("paul lang", "user-1"),
                ("corp.example", "domain-1"),
                ("corp", "domain-1"),
                ("svc_print", "user-2"),
                ("ci-run", "user-3"),
                ("mail.example", "domain-2"),
                ("eva", "user-4"),
                ("ws7", "host-1"),
            ]
        );
    }

    #[test]
    fn only_what_was_asked_for_is_replaced() {
        let mut scan = scan();
        apply(&mut scan, Redact { addresses: true, ..Redact::default() });
        assert_eq!(scan.findings.items[0].actor.as_deref(), Some(r"CORP\anna"));
        assert!(
            scan.incidents[0].story[0].text.starts_with("ANNA (anna@corp.example) of WS01 wrote to address-")
        );
    }

    #[test]
    fn identifiers_of_accounts_are_found_by_their_form() {
        let mut text =
            "{S-1-5-21-1-2-3-1104} is S-1-5-21-1-2-3-1104, not S-1-5-21-1-2-3-1105 or S-1-5-18".to_owned();
        replace_sids(&mut HashMap::new(), &mut text);
        assert_eq!(text, "{sid-1} is sid-1, not sid-2 or S-1-5-18");
    }

    #[test]
    fn addresses_are_found_by_their_form() {
        for (text, shown) in [
            ("[2001:db8::1]:80", "[address-1]:80"),
            ("::ffff:10.0.0.1 is 10.0.0.1", "address-1 is address-1"),
            ("at 12:30:01 on 1.2", "at 12:30:01 on 1.2"),
            ("0.0.0.0 ::1 10.0.0.1/24", "0.0.0.0 ::1 address-1/24"),
            ("x10.0.0.1 dead:beef", "x10.0.0.1 dead:beef"),
            (
                "src outside:192.0.2.1/80 dst dmz:192.0.2.2/90",
                "src outside:address-1/80 dst dmz:address-2/90",
            ),
            ("cafe:10.0.0.1:80.", "cafe:address-1:80."),
            ("1.2.3.4.5 v1.2.3.4 1.2.3.4x 256.1.1.1", "1.2.3.4.5 v1.2.3.4 1.2.3.4x 256.1.1.1"),
            ("ip=10.0.0.1,10.0.0.2;10.0.0.1", "ip=address-1,address-2;address-1"),
            ("é::1 2001:db8::1.", "é::1 address-1."),
        ] {
            let mut out = text.to_owned();
            replace_addresses(&mut HashMap::new(), &mut out);
            assert_eq!(out, shown);
        }
    }
}
