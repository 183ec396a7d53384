//! Who and what there is at Tarnbeck Instruments, an invented maker of measuring devices.
//!
//! Addresses are private or from the ranges kept for documentation; names end in `.example`.

pub const REALM: &str = "TARNBECK.EXAMPLE";
pub const NETBIOS: &str = "TARNBECK";
pub const DOMAIN_SID: &str = "S-1-5-21-1846279031-2203914787-3019947712";

/// The crew of the ransomware: where its beacons call, and where it lays what it took.
pub const CREW: &str = "203.0.113.66";
pub const CREW_NAME: &str = "sync.quillstone.example";
pub const CREW_STORE: &str = "203.0.113.91";
pub const CREW_STORE_NAME: &str = "store.brightpail.example";

/// Whoever found the key: the exit at which it is tried, the one from which the work is done, and the account that
/// the disk is shared with.
pub const FINDER: &str = "192.0.2.214";
pub const FINDER_WORK: &str = "192.0.2.219";
pub const FINDER_ACCOUNT: &str = "999900001111";

/// Whoever came by the web server.
pub const VANDAL: &str = "198.51.100.187";
pub const VANDAL_ZONE: &str = "t.pebblegate.example";

/// The office as the internet sees it.
pub const OFFICE: &str = "198.51.100.12";

pub const AWS_ACCOUNT: &str = "111122223333";
pub const AWS_REGION: &str = "eu-central-1";
pub const TENANT: &str = "5d1c7a54-8f0b-4a57-9c1e-2b6f0d3e9a11";

#[derive(Clone, Copy)]
pub struct Person {
    pub user: &'static str,
    pub mail: &'static str,
    pub shown: &'static str,
    pub rid: u32,
}

impl Person {
    pub fn sid(&self) -> String {
        format!("{DOMAIN_SID}-{}", self.rid)
    }

    pub fn account(&self) -> String {
        format!("{NETBIOS}\\{}", self.user)
    }
}

pub const ANA: Person =
    Person { user: "ana", mail: "ana.virta@tarnbeck.example", shown: "Ana Virta", rid: 1107 };
pub const BO: Person =
    Person { user: "bo", mail: "bo.lindqvist@tarnbeck.example", shown: "Bo Lindqvist", rid: 1112 };
pub const PIET: Person =
    Person { user: "piet", mail: "piet.maas@tarnbeck.example", shown: "Piet Maas", rid: 1103 };
/// Piet's account for administration.
pub const ADM_PIET: Person =
    Person { user: "adm-piet", mail: "adm-piet@tarnbeck.example", shown: "Piet Maas (admin)", rid: 1104 };
pub const SVC_BACKUP: Person = Person { user: "svc-backup", mail: "", shown: "Backup", rid: 1121 };
pub const SVC_SCAN: Person = Person { user: "svc-scan", mail: "", shown: "Vulnerability scanner", rid: 1122 };
pub const SVC_DEPLOY: Person =
    Person { user: "svc-deploy", mail: "", shown: "Software deployment", rid: 1123 };
/// The account that the crew makes.
pub const SVC_PRINT: Person = Person { user: "svc_print", mail: "", shown: "svc_print", rid: 1377 };
pub const EVA: Person =
    Person { user: "eva", mail: "eva.roos@tarnbeck.example", shown: "Eva Roos", rid: 1115 };
pub const STAFF: [Person; 4] = [ANA, BO, PIET, EVA];

#[derive(Clone, Copy)]
pub struct Machine {
    pub name: &'static str,
    pub fqdn: &'static str,
    pub address: &'static str,
}

/// Ana's workstation: accounts department.
pub const WS_ANA: Machine =
    Machine { name: "TB-WS-014", fqdn: "TB-WS-014.tarnbeck.example", address: "10.30.4.14" };
/// Bo's workstation: development.
pub const WS_BO: Machine =
    Machine { name: "TB-WS-022", fqdn: "TB-WS-022.tarnbeck.example", address: "10.30.4.22" };
pub const DC: Machine =
    Machine { name: "TB-DC-01", fqdn: "TB-DC-01.tarnbeck.example", address: "10.30.1.10" };
pub const WEB: Machine = Machine { name: "web1", fqdn: "web1.tarnbeck.example", address: "10.40.0.10" };
/// What the world reaches the web server at.
pub const WEB_PUBLIC: &str = "198.51.100.10";
pub const FS: Machine =
    Machine { name: "TB-FS-01", fqdn: "TB-FS-01.tarnbeck.example", address: "10.30.1.15" };
/// Eva's workstation: sales.
pub const WS_EVA: Machine =
    Machine { name: "TB-WS-035", fqdn: "TB-WS-035.tarnbeck.example", address: "10.30.4.35" };
/// Software is handed out from here.
pub const DEPLOY_SERVER: &str = "10.30.1.40";
pub const BACKUP_SERVER: &str = "10.30.1.30";
pub const SCANNER: &str = "10.30.9.8";
pub const ADMIN_NETWORK: &str = "10.30.9.4";
