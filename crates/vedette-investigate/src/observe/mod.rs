//! What one event says: a pure function from the event to a claim.
//!
//! The OCSF class leads; where a class is too coarse, the log's own codes do. What fits nothing is told as a record
//! with its details: nothing is invented.

mod class;
mod cloud;
mod linux;
pub mod look;
mod windows;

use crate::claim::{Claim, Outcome, Predicate, Slot};
use crate::input::Observed;
use look::Look;

/// The claim that the event makes.
pub fn observe(seen: &Observed) -> Claim {
    let look = Look { seen };
    let mapping = seen.evidence.mapping.as_str();
    let special = match mapping {
        "windows_security" => windows::security(&look),
        "windows_sysmon" => windows::sysmon(&look),
        _ if mapping.starts_with("windows_") => windows::other(&look),
        "linux_auditd" => linux::auditd(&look),
        _ if mapping.starts_with("linux_") => linux::other(&look),
        "aws_cloudtrail" | "aws_cloudtrail_lookup" => cloud::cloudtrail(&look),
        "kubernetes_audit" | "aks_audit" => cloud::kubernetes(&look),
        _ => None,
    };
    let mut claim = special.or_else(|| class::claim(&look)).unwrap_or_else(|| recorded(&look));
    if matches!(claim.outcome, Outcome::Failed | Outcome::Blocked) {
        claim.set(Slot::Status, look.status());
    }
    // An account that acts on itself, or a subject that repeats the object, is said once.
    if claim.get(Slot::Actor).is_some() && claim.get(Slot::Actor) == claim.get(Slot::Account) {
        use Predicate::{AskedTicket, Authenticated, GotPrivileges, LoggedOff, LoggedOn, SwitchedRole};
        if matches!(
            claim.predicate,
            LoggedOn | LoggedOff | AskedTicket | Authenticated | GotPrivileges | SwitchedRole
        ) {
            claim = claim.without(Slot::Actor);
        }
    }
    if claim.get(Slot::Source).is_some_and(|s| matches!(s, "127.0.0.1" | "::1")) {
        claim = claim.without(Slot::Source);
    }
    claim
}

/// The code, the log and what the mapping holds to matter.
fn recorded(look: &Look<'_>) -> Claim {
    let seen = look.seen;
    let details: Vec<String> =
        seen.details.iter().filter(|(_, v)| !v.is_empty()).take(6).map(|(n, v)| format!("{n}={v}")).collect();
    let code =
        if seen.evidence.code.is_empty() { "without a code".to_owned() } else { seen.evidence.code.clone() };
    let channel =
        [&seen.evidence.channel, &seen.evidence.mapping].into_iter().find(|c| !c.is_empty()).cloned();
    let product = look.text(&["metadata.product.name"]);
    Claim::new(Predicate::Recorded, Outcome::NotStated)
        .with(Slot::Host, look.host())
        .with(Slot::Place, look.place())
        .with(Slot::Product, product.or_else(|| channel.clone()).or(Some("the log".into())))
        .with(Slot::Code, Some(code))
        .with(Slot::Channel, channel)
        .with(Slot::Value, Some(details.join(", ")))
}
