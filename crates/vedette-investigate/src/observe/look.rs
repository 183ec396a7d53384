//! Reads an event by OCSF path, by native name and by the part that an entity plays.

use serde_json::Value;
use vedette_model::{Entity, EntityKind, Role};

use crate::claim::{Claim, Outcome, Predicate, Slot};
use crate::input::Observed;

/// Sources name what was done to a request in a field of one of these names.
const VERDICT_FIELDS: [&str; 13] = [
    "action",
    "Action",
    "act",
    "disposition",
    "Disposition",
    "decision",
    "verdict",
    "deviceAction",
    "DeviceAction",
    "policy_action",
    "sc-action",
    "outcome",
    "waf_action",
];

/// What they write there when it was not let through. Whole words only: `not blocked` is none of them.
const BLOCKED: [&str; 26] = [
    "block",
    "blocked",
    "deny",
    "denied",
    "drop",
    "dropped",
    "reject",
    "rejected",
    "refuse",
    "refused",
    "reset",
    "prevent",
    "prevented",
    "quarantine",
    "quarantined",
    "forbid",
    "forbidden",
    "terminate",
    "tcp_denied",
    "blk",
    "discard",
    "discarded",
    "sinkhole",
    "reset-both",
    "reset-client",
    "reset-server",
];

pub struct Look<'a> {
    pub seen: &'a Observed,
}

impl<'a> Look<'a> {
    pub fn class(&self) -> u32 {
        self.number("class_uid").unwrap_or(0)
    }

    /// What the class calls the event's activity, in lower case; empty when it has no name.
    pub fn activity(&self) -> String {
        let id = self.number("activity_id").unwrap_or(0);
        vedette_ocsf::class(self.class()).and_then(|c| c.activity(id)).unwrap_or_default().to_lowercase()
    }

    pub fn number(&self, path: &str) -> Option<u32> {
        self.at(path)?.as_u64().map(|n| n as u32)
    }

    /// The value at an OCSF path; of a list, its first element.
    fn at(&self, path: &str) -> Option<&'a Value> {
        let mut at = &self.seen.ocsf;
        for segment in path.split('.') {
            if let Value::Array(list) = at {
                at = list.first()?;
            }
            at = at.get(segment)?;
        }
        match at {
            Value::Array(list) => list.first(),
            one => Some(one),
        }
    }

    /// The text at the first OCSF path that is filled.
    pub fn text(&self, paths: &[&str]) -> Option<String> {
        paths.iter().find_map(|path| match self.at(path)? {
            Value::String(text) => filled(text),
            Value::Number(n) => Some(n.to_string()),
            Value::Bool(b) => Some(b.to_string()),
            _ => None,
        })
    }

    /// The first filled native field.
    pub fn native(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.seen.evidence.filled(name).and_then(filled))
    }

    /// A detail as people read it, codes decoded.
    pub fn detail(&self, name: &str) -> Option<String> {
        self.seen.details.iter().find(|(n, _)| n == name).and_then(|(_, v)| filled(v))
    }

    pub fn entity(&self, kinds: &[EntityKind], role: Role) -> Option<&'a Entity> {
        kinds.iter().find_map(|kind| self.seen.entities.iter().find(|e| e.kind == *kind && e.role == role))
    }

    fn shown(&self, kinds: &[EntityKind], role: Role) -> Option<String> {
        self.entity(kinds, role).and_then(|e| filled(&e.shown))
    }

    /// Who did it; an account known by its number alone is named where the record names it.
    pub fn actor(&self) -> Option<String> {
        let actor = self.actor_as_written()?;
        if !actor.bytes().all(|b| b.is_ascii_digit()) {
            return Some(actor);
        }
        let named = ["actor.user.name", "process.user.name", "user.name"]
            .iter()
            .find_map(|path| self.text(&[path]).filter(|n| !n.bytes().all(|b| b.is_ascii_digit())))
            .or_else(|| {
                self.native(&["SYSCALL.UID", "UID"]).filter(|n| !n.bytes().all(|b| b.is_ascii_digit()))
            });
        Some(named.unwrap_or_else(|| format!("uid={actor}")))
    }

    fn actor_as_written(&self) -> Option<String> {
        self.shown(&[EntityKind::CloudPrincipal, EntityKind::User], Role::Actor)
            .or_else(|| self.text(&["actor.user.uid"]).filter(|u| u.contains(['@', ':', '\\'])))
            .or_else(|| {
                self.text(&["actor.user.name", "actor.user.email_addr", "actor.user.uid", "actor.app_name"])
            })
    }

    /// To which account it was done.
    pub fn target(&self) -> Option<String> {
        self.shown(&[EntityKind::User, EntityKind::CloudPrincipal], Role::Target)
            .or_else(|| self.text(&["user.name", "user.email_addr", "user.uid"]))
    }

    /// The account that logs on: the mapping's `user`, with its domain where an entity has it.
    pub fn logging_on(&self) -> Option<String> {
        let user = self.text(&["user.name", "user.email_addr"]);
        let same = |e: &&Entity| {
            user.as_deref().is_none_or(|user| {
                let (shown, user) = (e.shown.to_lowercase(), user.to_lowercase());
                shown == user || shown.rsplit(['\\', '/']).next() == Some(user.as_str())
            })
        };
        let kinds = [EntityKind::User, EntityKind::CloudPrincipal];
        let entity = self
            .seen
            .entities
            .iter()
            .filter(|e| kinds.contains(&e.kind) && matches!(e.role, Role::Actor | Role::Target))
            .find(same)
            .and_then(|e| filled(&e.shown));
        entity.or(user).or_else(|| self.text(&["user.uid"])).or_else(|| self.actor())
    }

    /// The machine; a cloud account or tenant is a [`Look::place`].
    pub fn host(&self) -> Option<String> {
        filled(&self.seen.evidence.host).filter(|_| place_word(&self.seen.evidence.mapping).is_none())
    }

    pub fn place(&self) -> Option<String> {
        let word = place_word(&self.seen.evidence.mapping)?;
        filled(&self.seen.evidence.host).map(|host| format!("{word} {host}"))
    }

    pub fn source(&self) -> Option<String> {
        // The key is the address in its one form; `::ffff:192.0.2.7` is 192.0.2.7.
        let address = self.entity(&[EntityKind::Address], Role::Source).map(|e| e.key.clone());
        address.or_else(|| self.text(&["src_endpoint.ip"]))
    }

    pub fn source_host(&self) -> Option<String> {
        self.shown(&[EntityKind::Host], Role::Source).or_else(|| self.text(&["src_endpoint.hostname"]))
    }

    /// Address or name with port.
    pub fn destination(&self) -> Option<String> {
        let port = self.text(&["dst_endpoint.port"]);
        let host = self
            .text(&["dst_endpoint.ip"])
            .or_else(|| {
                self.shown(&[EntityKind::Address, EntityKind::Domain, EntityKind::Host], Role::Destination)
            })
            .or_else(|| self.text(&["dst_endpoint.hostname", "dst_endpoint.domain"]))?;
        let host = if host.contains(':') && port.is_some() { format!("[{host}]") } else { host };
        Some(port.map_or(host.clone(), |p| format!("{host}:{p}")))
    }

    pub fn file(&self) -> Option<String> {
        self.text(&["file.path", "file.name"]).or_else(|| self.shown(&[EntityKind::File], Role::Target))
    }

    /// The process that acts; not the one it is done to.
    pub fn acting_process(&self) -> Option<String> {
        self.text(&["actor.process.path", "actor.process.name"])
            .or_else(|| self.shown(&[EntityKind::Process], Role::Actor))
    }

    /// Whether a protection stood in the way, by what the source itself says.
    fn blocked(&self) -> bool {
        if matches!(self.number("disposition_id"), Some(2 | 6 | 7 | 27)) {
            return true;
        }
        let says = |name: &&str| {
            self.seen
                .evidence
                .filled(name)
                .is_some_and(|v| BLOCKED.contains(&v.trim().to_ascii_lowercase().as_str()))
        };
        VERDICT_FIELDS.iter().any(says)
    }

    /// What the event says came of it. A success that is not stated is not assumed.
    pub fn outcome(&self) -> Outcome {
        if self.blocked() {
            return Outcome::Blocked;
        }
        match self.number("status_id") {
            Some(1) => Outcome::Succeeded,
            Some(2) => Outcome::Failed,
            _ => Outcome::NotStated,
        }
    }

    /// For events that are written when the act is done: silence about the outcome means it came about.
    pub fn done(&self) -> Outcome {
        match self.outcome() {
            Outcome::NotStated => Outcome::Succeeded,
            told => told,
        }
    }

    /// A claim with host, actor and source, which any event may have.
    pub fn claim(&self, predicate: Predicate, outcome: Outcome) -> Claim {
        Claim::new(predicate, outcome)
            .with(Slot::Host, self.host())
            .with(Slot::Place, self.place())
            .with(Slot::Actor, self.actor())
            .with(Slot::Source, self.source())
    }

    /// The reason that the source gives where it did not come about.
    pub fn status(&self) -> Option<String> {
        self.text(&["api.response.error", "status_detail", "status_code"])
            .filter(|s| !matches!(s.as_str(), "0" | "0x0"))
    }
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text != "-").then(|| text.to_owned())
}

/// What the `host` of a log's events is, where it is no machine.
pub fn place_word(mapping: &str) -> Option<&'static str> {
    const PLACES: [(&str, &str); 13] = [
        ("aws_", "account"),
        ("entra_", "tenant"),
        ("azure_", "tenant"),
        ("m365_", "tenant"),
        ("intune_", "tenant"),
        ("gcp_", "project"),
        ("google_workspace", "domain"),
        ("okta_", "organization"),
        ("github_", "organization"),
        ("gitlab_", "instance"),
        ("kubernetes_", "cluster"),
        ("aks_", "cluster"),
        ("auth0_", "tenant"),
    ];
    // These write of machines, in the cloud or not.
    if mapping.starts_with("aws_vpcflow")
        || mapping.starts_with("aws_elb")
        || mapping.starts_with("aws_waf")
        || mapping.starts_with("aws_s3")
    {
        return None;
    }
    PLACES.iter().find(|(prefix, _)| mapping.starts_with(prefix)).map(|(_, word)| *word)
}
