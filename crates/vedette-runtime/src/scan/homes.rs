//! Which machine an inside address belongs to, as far as the logs say: their own connections, logons that name the
//! workstation, leases, and names that were looked up.
//!
//! So a logon from 10.0.4.14 and a finding on the machine with that address can be known for neighbours.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::IpAddr;

use vedette_model::{EntityKind, Event, Timestamp, host_key};

use crate::content::Content;
use crate::limits::{HOME_ADDRESSES_MAX, HOME_HOSTS_MAX};

/// OCSF classes whose events say where a machine lives.
const AUTHENTICATION: u32 = 3002;
const NETWORK_ACTIVITY: u32 = 4001;
const DNS_ACTIVITY: u32 = 4003;
const DHCP_ACTIVITY: u32 = 4004;

/// How long a machine may keep an address before and after it was seen with it, when others had it too.
const SLACK_NS: i64 = 3_600_000_000_000;

/// What a lane's events say of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    Nothing,
    /// The machine's own end of a connection.
    Connection,
    /// The workstation that a logon came from.
    Logon,
    Lookup,
    Lease,
}

impl Tells {
    /// What events of a lane with this OCSF class can say.
    pub fn of_class(class_uid: u32) -> Self {
        match class_uid {
            AUTHENTICATION => Self::Logon,
            NETWORK_ACTIVITY => Self::Connection,
            DNS_ACTIVITY => Self::Lookup,
            DHCP_ACTIVITY => Self::Lease,
            _ => Self::Nothing,
        }
    }
}

/// Calls `found` for each inside address and the machine that the event says has it.
pub fn told(content: &Content, event: &Event, found: &mut dyn FnMut(IpAddr, String)) {
    let native = &event.native;
    let mut say = |address: Option<&str>, host: Option<&str>| {
        if let (Some(address), Some(host)) = (address.and_then(inside), host.and_then(machine)) {
            found(address, host);
        }
    };
    match content.tells(event.lane) {
        Tells::Nothing => {}
        Tells::Connection => {
            let own = match native.get("Initiated").map(str::to_ascii_lowercase).as_deref() {
                Some("true") => native.filled("SourceIp"),
                Some("false") => native.filled("DestinationIp"),
                _ => None,
            };
            say(own, Some(&event.host));
        }
        Tells::Logon => say(native.filled("IpAddress"), native.filled("WorkstationName")),
        Tells::Lookup => {
            let name = native.filled("query").or_else(|| native.filled("QueryName"));
            for answer in native.all("answers").chain(native.filled("QueryResults")) {
                answer.split([';', ',']).for_each(|part| say(Some(part.trim()), name));
            }
        }
        Tells::Lease => {
            let entities = content.catalogue.entities(event);
            let of = |kind| entities.iter().filter(move |e| e.kind == kind).map(|e| e.key.as_str());
            // The server that hands out the lease is a machine too: only where one is named is it clear whose it is.
            let hosts: Vec<&str> = of(EntityKind::Host).filter(|h| *h != host_key(&event.host)).collect();
            if let [only] = hosts[..] {
                of(EntityKind::Address).for_each(|address| say(Some(address), Some(only)));
            }
        }
    }
}

/// A private address: one outside is nobody's desk.
fn inside(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().ok()?.to_canonical();
    let private = match address {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    };
    private.then_some(address)
}

/// A machine's short name; an address names none, nor does a name of the reverse tree.
fn machine(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\\');
    if text == "-" || text.parse::<IpAddr>().is_ok() || text.ends_with(".arpa") {
        return None;
    }
    Some(host_key(text)).filter(|key| !key.is_empty() && key != "localhost")
}

#[derive(Debug, Clone, Copy)]
struct Stay {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// All that the logs said.
#[derive(Debug, Default)]
pub struct Homes {
    hosts: BTreeMap<IpAddr, BTreeMap<String, Stay>>,
    /// What was said beyond the bounds.
    pub beyond: u64,
}

impl Homes {
    pub fn add(&mut self, address: IpAddr, host: String, time: Option<Timestamp>) {
        let full = self.hosts.len() >= HOME_ADDRESSES_MAX;
        let hosts = match self.hosts.entry(address) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) if !full => free.insert(BTreeMap::new()),
            Entry::Vacant(_) => {
                self.beyond += 1;
                return;
            }
        };
        let many = hosts.len() >= HOME_HOSTS_MAX;
        match hosts.entry(host) {
            Entry::Occupied(mut known) => {
                let stay = known.get_mut();
                stay.first = earlier(stay.first, time);
                stay.last = stay.last.max(time);
            }
            Entry::Vacant(free) if !many => {
                free.insert(Stay { first: time, last: time });
            }
            Entry::Vacant(_) => self.beyond += 1,
        }
    }

    /// Takes in what a batch said.
    pub fn merge(&mut self, other: Self) {
        for (address, hosts) in other.hosts {
            for (host, stay) in hosts {
                self.add(address, host.clone(), stay.first);
                self.add(address, host, stay.last);
            }
        }
        self.beyond += other.beyond;
    }

    /// The machine that had the address then; `None` when no log says, or when it is not clear which of several.
    pub fn host(&self, address: &str, time: Option<Timestamp>) -> Option<&str> {
        let hosts = self.hosts.get(&inside(address)?)?;
        if hosts.len() == 1 {
            return hosts.keys().next().map(String::as_str);
        }
        let at = time?.0;
        let near = |stay: &Stay| {
            let (first, last) = stay.first.zip(stay.last)?;
            Some(at >= first.0.saturating_sub(SLACK_NS) && at <= last.0.saturating_add(SLACK_NS))
        };
        let mut fits = hosts.iter().filter(|(_, stay)| near(stay).unwrap_or(false));
        match (fits.next(), fits.next()) {
            (Some((host, _)), None) => Some(host),
            _ => None,
        }
    }
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Option<Timestamp> {
        Timestamp::from_secs(hours * 3600)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_of_one_machine_is_always_its_own() {
        let mut homes = Homes::default();
        homes.add(ip("10.0.0.5"), "ws1".into(), at(10));
        assert_eq!(homes.host("10.0.0.5", at(500)), Some("ws1"));
        assert_eq!(homes.host("::ffff:10.0.0.5", None), Some("ws1"));
        assert_eq!(homes.host("10.0.0.6", at(10)), None);
    }

    #[test]
    fn an_address_given_again_belongs_to_whoever_had_it_then() {
        let mut homes = Homes::default();
        homes.add(ip("10.0.0.5"), "ws1".into(), at(10));
        homes.add(ip("10.0.0.5"), "ws2".into(), at(30));
        assert_eq!(homes.host("10.0.0.5", at(11)), Some("ws1"));
        assert_eq!(homes.host("10.0.0.5", at(30)), Some("ws2"));
        assert_eq!(homes.host("10.0.0.5", at(20)), None);
        assert_eq!(homes.host("10.0.0.5", None), None);
    }

    #[test]
    fn only_inside_addresses_and_names_of_machines_count() {
        assert_eq!(inside("203.0.113.5"), None);
        assert_eq!(inside("127.0.0.1"), None);
        assert!(inside("fd00::1").is_some());
        assert_eq!(machine("\\\\WS1"), Some("ws1".into()));
        for nobody in ["-", "10.0.0.5", "5.0.0.10.in-addr.arpa", "localhost"] {
            assert_eq!(machine(nobody), None, "{nobody}");
        }
    }
}
