//! Windows event logs: where a class is too coarse, the event's id says what it was.

use super::class;
use super::look::Look;
use crate::claim::{Claim, Outcome, Predicate as P, Slot};

/// The bit of `Keywords` that marks an audit failure.
const AUDIT_FAILURE: u64 = 0x0010_0000_0000_0000;
const AUDIT_SUCCESS: u64 = 0x0020_0000_0000_0000;

/// The Security log states success or failure of an audit in `Keywords` and not in the id.
fn audited(look: &Look<'_>) -> Option<Outcome> {
    let keywords = look.native(&["Keywords"])?;
    let digits = keywords.strip_prefix("0x").or_else(|| keywords.strip_prefix("0X"));
    let bits = match digits {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => keywords.parse::<i64>().ok().map(|n| n as u64),
    };
    match bits {
        Some(bits) if bits & AUDIT_FAILURE != 0 => Some(Outcome::Failed),
        Some(bits) if bits & AUDIT_SUCCESS != 0 => Some(Outcome::Succeeded),
        Some(_) => None,
        None if keywords.contains("Failure") => Some(Outcome::Failed),
        None if keywords.contains("Success") => Some(Outcome::Succeeded),
        None => None,
    }
}

/// Ids that are written for failure as well as for success.
fn both_ways(code: &str) -> bool {
    matches!(
        code,
        "4656"
            | "4661"
            | "4662"
            | "4663"
            | "4670"
            | "4673"
            | "4674"
            | "4723"
            | "4724"
            | "4657"
            | "5140"
            | "5145"
            | "5168"
    )
}

pub fn security(look: &Look<'_>) -> Option<Claim> {
    let code = look.seen.evidence.code.as_str();
    let subject = join(look, "SubjectDomainName", "SubjectUserName");
    let process = look.native(&["ProcessName", "CallerProcessName"]);
    let by = |claim: Claim| {
        let claim = claim.without(Slot::Actor);
        claim.with(Slot::Actor, subject.clone())
    };
    let mut claim = match code {
        "4648" => by(look.claim(P::UsedCredentials, Outcome::Attempted))
            .with(Slot::Account, join(look, "TargetDomainName", "TargetUserName"))
            .with(Slot::Destination, look.native(&["TargetServerName"]))
            .with(Slot::Process, process),
        // The subject is the account that the rights were given to at its logon.
        "4672" | "4964" => look
            .claim(P::GotPrivileges, Outcome::Succeeded)
            .without(Slot::Actor)
            .with(Slot::Account, subject)
            .with(Slot::Value, look.native(&["PrivilegeList"])),
        "4720" | "4741" | "4722" | "4725" | "4726" | "4743" | "4738" | "4742" | "4765" | "4766" | "4781"
        | "4767" => by(class::claim(look)?).without(Slot::Operation),
        "4723" | "4724" => {
            let mut claim = by(class::claim(look)?);
            claim.outcome = audited(look).unwrap_or(Outcome::Attempted);
            claim
        }
        // The subject is the machine that reports the lockout, not who caused it.
        "4740" => look
            .claim(P::LockedAccount, Outcome::Succeeded)
            .without(Slot::Actor)
            .with(Slot::Actor, Some("the system".into()))
            .with(Slot::Account, look.native(&["TargetUserName"]))
            .with(Slot::SourceHost, look.native(&["TargetDomainName"])),
        "4798" | "4799" => by(look.claim(P::ListedGroup, Outcome::Succeeded))
            .with(Slot::Group, look.native(&["TargetUserName"]))
            .with(Slot::Process, process),
        "4662" => by(look.claim(P::AccessedDirectory, audited(look).unwrap_or(Outcome::NotStated)))
            .with(Slot::Object, look.native(&["ObjectName"]))
            .with(
                Slot::Value,
                look.detail("Properties").map(|p| in_words(&p)).or_else(|| look.detail("AccessMask")),
            ),
        "4719" | "4904" | "4905" | "4906" | "4907" | "4912" => {
            by(look.claim(P::ChangedAuditing, audited(look).unwrap_or(Outcome::Succeeded))).with(
                Slot::Value,
                look.detail("AuditPolicyChanges").or_else(|| look.native(&["SubcategoryGuid", "ObjectName"])),
            )
        }
        "4616" => by(look.claim(P::ChangedClock, Outcome::Succeeded)).with(Slot::Process, process),
        "1102" | "517" => {
            look.claim(P::ClearedLog, Outcome::Succeeded).with(Slot::Object, Some("Security".into()))
        }
        "4768" | "4769" | "4770" | "4771" => class::claim(look)?.without(Slot::SourceHost),
        // Whoever holds an object's handle may still be refused what it is for.
        "4656" | "4661" | "4670" | "4663" => {
            let mut claim = class::claim(look)?;
            claim.outcome = audited(look).unwrap_or(Outcome::NotStated);
            claim
        }
        _ => class::claim(look)?,
    };
    if both_ways(code) && !matches!(code, "4656" | "4661" | "4670" | "4663" | "4723" | "4724" | "4662") {
        claim.outcome = audited(look).unwrap_or(Outcome::NotStated);
    } else if audited(look) == Some(Outcome::Failed) && claim.outcome == Outcome::Succeeded {
        claim.outcome = Outcome::Failed;
    }
    Some(claim)
}

/// Of a decoded list of rights the words alone: the codes before them say the same.
fn in_words(rights: &str) -> String {
    match (rights.find('('), rights.rfind(')')) {
        (Some(from), Some(to)) if rights.starts_with("%%") && from < to => rights[from + 1..to].to_owned(),
        _ => rights.to_owned(),
    }
}

/// Sysmon puts names of WMI in quotation marks, as they stand in a query.
fn unquoted(text: String) -> String {
    text.trim_matches([' ', '"']).to_owned()
}

/// `DOMAIN\name`, or the name alone.
fn join(look: &Look<'_>, domain: &str, user: &str) -> Option<String> {
    let user = look.native(&[user])?;
    Some(look.native(&[domain]).map_or(user.clone(), |domain| format!("{domain}\\{user}")))
}

pub fn sysmon(look: &Look<'_>) -> Option<Claim> {
    let image = look.native(&["Image"]);
    let code = look.seen.evidence.code.as_str();
    Some(match code {
        "2" => look
            .claim(P::ChangedFileTime, Outcome::Succeeded)
            .with(Slot::Process, image)
            .with(Slot::File, look.native(&["TargetFilename"])),
        "3" => {
            let mut claim = class::claim(look)?;
            // A connection that came from outside was not made by the process that it is written under.
            if look.native(&["Initiated"]).is_some_and(|i| i.eq_ignore_ascii_case("false")) {
                claim = claim.without(Slot::Process).without(Slot::Actor);
            } else if claim.get(Slot::Process).is_some() {
                claim = claim.without(Slot::Source).without(Slot::SourceHost);
            }
            claim
        }
        "12" | "13" | "14" => class::claim(look)?.with(Slot::Process, image),
        "17" | "18" => look
            .claim(P::OpenedPipe, Outcome::Succeeded)
            .with(Slot::Process, image)
            .with(Slot::Object, look.native(&["PipeName"])),
        "19" | "20" | "21" => look
            .claim(P::ChangedWmi, Outcome::Succeeded)
            .with(Slot::Object, look.native(&["Name", "Filter", "Consumer"]).map(unquoted))
            .with(Slot::Command, look.native(&["Destination", "Query"]).map(unquoted)),
        "25" => look.claim(P::TamperedProcess, Outcome::Succeeded).with(Slot::Process, image),
        "27" | "28" => {
            let mut claim = class::claim(look)?.with(Slot::Process, image);
            claim.outcome = Outcome::Blocked;
            claim
        }
        // The actor is the parent there; the account is the new process's own.
        "1" => class::claim(look)?,
        _ => class::claim(look)?,
    })
}

pub fn other(look: &Look<'_>) -> Option<Claim> {
    let code = look.seen.evidence.code.as_str();
    let mapping = look.seen.evidence.mapping.as_str();
    match (mapping, code) {
        ("windows_system", "104") => Some(
            look.claim(P::ClearedLog, Outcome::Succeeded).with(
                Slot::Object,
                look.native(&[
                    "Event.UserData.LogFileCleared.Channel",
                    "winlog.user_data.Channel",
                    "UserData.LogFileCleared.Channel",
                    "LogFileCleared.Channel",
                ])
                .or_else(|| look.detail("Event.UserData.LogFileCleared.Channel")),
            ),
        ),
        // Audited rules let through what an enforced rule would have stopped.
        ("windows_applocker", _) => {
            let mut claim = class::claim(look)?;
            claim.outcome = match code {
                "8004" | "8007" | "8022" | "8025" => Outcome::Blocked,
                _ => Outcome::Succeeded,
            };
            Some(claim.without(Slot::Status))
        }
        ("windows_powershell", "4104") => class::claim(look).map(|c| c.without(Slot::Process)),
        ("windows_system", "7036" | "7040" | "7034" | "7031" | "7000" | "7009" | "7023" | "7024") => {
            // The service reports its own state; nobody is said to have caused it.
            let service = look.native(&["param1"])?;
            let state = look.native(&["param2"]).unwrap_or_default();
            let predicate = match state.as_str() {
                "running" | "started" => P::StartedService,
                "stopped" => P::StoppedService,
                _ => return None,
            };
            (code == "7036").then(|| {
                Claim::new(predicate, Outcome::Succeeded)
                    .with(Slot::Host, look.host())
                    .with(Slot::Actor, Some("the service manager".into()))
                    .with(Slot::Object, Some(service))
            })
        }
        _ => None,
    }
}
