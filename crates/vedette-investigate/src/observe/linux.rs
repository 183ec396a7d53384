//! Linux: audit records, sshd, sudo.

use super::class;
use super::look::Look;
use crate::claim::{Claim, Outcome, Predicate as P, Slot};

pub fn auditd(look: &Look<'_>) -> Option<Claim> {
    let kind = look.native(&["type"]).unwrap_or_default();
    let result = match look.native(&["res"]).as_deref() {
        Some("success" | "1") => Outcome::Succeeded,
        Some("failed" | "0") => Outcome::Failed,
        _ => Outcome::NotStated,
    };
    match kind.as_str() {
        "USER_LOGIN" | "USER_START" | "LOGIN" => {
            let claim = class::claim(look)?;
            Some(Claim { outcome: result, ..claim })
        }
        // Being asked for a password is not being let in.
        "USER_AUTH" | "USER_ACCT" | "CRED_ACQ" | "CRED_REFR" | "USER_ERR" => {
            Some(class::logon_claim(look, result).of(P::Authenticated))
        }
        "ADD_USER" | "DEL_USER" | "USER_CHAUTHTOK" | "ACCT_LOCK" | "ACCT_UNLOCK" => {
            let claim = class::claim(look)?;
            Some(Claim { outcome: result, ..claim }.with(Slot::Process, look.native(&["exe"])))
        }
        "ADD_GROUP" | "DEL_GROUP" => {
            let predicate = if kind == "ADD_GROUP" { P::CreatedGroup } else { P::DeletedGroup };
            Some(look.claim(predicate, result).with(Slot::Group, look.native(&["acct", "id"])))
        }
        _ => {
            let mut claim = class::claim(look)?;
            match look.native(&["SYSCALL.success", "success"]).as_deref() {
                Some("no") => claim.outcome = Outcome::Failed,
                Some("yes") => claim.outcome = Outcome::Succeeded,
                _ => {}
            }
            // `openat` with a path tells that it was opened, not what for.
            if matches!(claim.predicate, P::Connected) {
                claim = claim.without(Slot::SourceHost);
            }
            Some(claim)
        }
    }
}

pub fn other(look: &Look<'_>) -> Option<Claim> {
    let case = look.seen.evidence.case.as_str();
    match (look.seen.evidence.mapping.as_str(), case) {
        ("linux_sudo", "refused") => {
            let mut claim = look.claim(P::Ran, Outcome::Blocked);
            claim.set(
                Slot::Command,
                look.native(&["COMMAND", "command"]).or_else(|| look.text(&["process.cmd_line"])),
            );
            claim.get(Slot::Command).is_some().then_some(claim)
        }
        // sshd's other lines (a closed connection, an invalid name) tell no logon.
        ("linux_sshd", "") => None,
        _ => None,
    }
}
