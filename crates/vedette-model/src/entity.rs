//! What an event is about: hosts, users, processes, addresses and their like.

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
