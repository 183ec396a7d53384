//! What an event is about: hosts, users, processes, addresses and their like.

use std::net::IpAddr;

/// Kinds of entities that mappings name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntityKind {
    Host,
    User,
    Address,
    Process,
    LogonSession,
    FileHash,
    Domain,
    CloudPrincipal,
    File,
    Service,
}

impl EntityKind {
    /// In the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Host,
        Self::User,
        Self::Address,
        Self::Process,
        Self::LogonSession,
        Self::FileHash,
        Self::Domain,
        Self::CloudPrincipal,
        Self::File,
        Self::Service,
    ];

    /// As mappings and reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::User => "user",
            Self::Address => "address",
            Self::Process => "process",
            Self::LogonSession => "logon_session",
            Self::FileHash => "file_hash",
            Self::Domain => "domain",
            Self::CloudPrincipal => "cloud_principal",
            Self::File => "file",
            Self::Service => "service",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// The part an entity plays in the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Who did it.
    Actor,
    /// Whom or what it was done to.
    Target,
    Source,
    Destination,
    Parent,
    /// Where it was seen.
    Observer,
}

impl Role {
    /// In the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Actor, Self::Target, Self::Source, Self::Destination, Self::Parent, Self::Observer];

    /// As mappings and reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Target => "target",
            Self::Source => "source",
            Self::Destination => "destination",
            Self::Parent => "parent",
            Self::Observer => "observer",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

/// One entity of one event.
///
/// A process is keyed by host and its GUID, or by host, process id and start time; a logon session by host and logon
/// id: both ids are used again after a restart, so their key is only good within the span of time that holds them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity {
    pub kind: EntityKind,
    pub role: Role,
    /// The joinable form: lower-cased where the kind folds case, host prefixed where the kind is local to one.
    pub key: String,
    /// As the record wrote it.
    pub shown: String,
    /// The native field (or fields, joined by `+`) it came from.
    pub from: String,
}

/// A machine by its first label, so that `DC01` and `dc01.corp.example` are one; addresses stay whole.
pub fn host_key(host: &str) -> String {
    let host = host.trim().trim_end_matches('.').to_lowercase();
    if host.parse::<IpAddr>().is_ok() {
        return host;
    }
    match host.split_once('.') {
        Some((label, _)) if !label.is_empty() && !label.bytes().all(|b| b.is_ascii_digit()) => {
            label.to_owned()
        }
        _ => host,
    }
}
