//! Claims by OCSF class and activity: serves every mapping.

use vedette_model::{EntityKind, Role};

use super::look::Look;
use crate::claim::{Claim, Outcome, Predicate as P, Slot};

/// `None` where class and activity say too little.
pub fn claim(look: &Look<'_>) -> Option<Claim> {
    let activity = look.activity();
    Some(match look.class() {
        1001 => file(look, &activity)?,
        1002 => look
            .claim(P::LoadedDriver, look.done())
            .with(Slot::File, look.text(&["driver.file.path", "driver.file.name"])),
        1005 => look
            .claim(P::LoadedImage, look.done())
            .with(Slot::Process, look.acting_process())
            .with(Slot::File, look.text(&["module.file.path", "module.file.name"])),
        1006 => job(look, &activity)?,
        1007 => process(look, &activity)?,
        1008 => log(look, &activity)?,
        1009 => look.claim(P::RanScript, look.done()).with(Slot::Process, look.acting_process()).with(
            Slot::Command,
            look.text(&["script.script_content.value", "script.script_content", "script.name"])
                .or_else(|| look.native(&["ScriptBlockText", "Payload"])),
        ),
        201_001 | 201_002 => registry(look, &activity)?,
        201_004 => service(look, &activity)?,
        2001..=2999 => alert(look),
        3001 => account(look, &activity)?,
        3002 => logon(look, &activity)?,
        3003 => look
            .claim(P::GotPrivileges, look.outcome())
            .with(Slot::Account, look.logging_on())
            .with(Slot::Value, look.text(&["privileges"])),
        3004 => directory(look, &activity)?,
        3005 => access(look, &activity)?,
        3006 => group(look, &activity)?,
        4001 | 4014 => connection(look, &activity),
        4002 => request(look),
        4003 => look
            .claim(
                P::Resolved,
                match look.outcome() {
                    Outcome::Blocked => Outcome::Blocked,
                    // A name that does not exist was looked up all the same.
                    _ => Outcome::Succeeded,
                },
            )
            .with(Slot::Process, look.acting_process())
            .with(Slot::SourceHost, look.source_host())
            .with(Slot::Object, Some(look.text(&["query.hostname"])?)),
        4005 | 4007 if look.text(&["user.name"]).is_some() => logon_claim(look, look.outcome()),
        4006 => look
            .claim(P::AccessedShare, look.outcome())
            .with(Slot::Object, Some(look.text(&["share", "dst_endpoint.hostname"])?))
            .with(Slot::File, look.file()),
        4005 | 4007 | 4008 => connection(look, &activity),
        4009 => look
            .claim(P::SentMail, look.outcome())
            .with(Slot::Actor, look.text(&["email.from", "email.smtp_from"]))
            .with(Slot::Account, look.text(&["email.to", "email.smtp_to"]))
            .with(Slot::Title, Some(look.text(&["email.subject", "email.message_uid"])?)),
        6003 => api(look)?,
        6005 => look
            .claim(P::QueriedData, look.outcome())
            .with(Slot::Resource, look.text(&["database.name", "table.name", "databucket.name"]))
            .with(Slot::Command, Some(look.text(&["query_info.query_string"])?)),
        _ => return None,
    })
}

fn file(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let predicate = match activity {
        "create" => P::CreatedFile,
        "read" => P::ReadFile,
        "update" | "set attributes" | "set security" | "encrypt" => P::ChangedFile,
        "delete" => P::DeletedFile,
        "rename" => P::RenamedFile,
        "open" => P::OpenedFile,
        _ => return None,
    };
    Some(
        look.claim(predicate, look.done())
            .with(Slot::Process, look.acting_process())
            .with(Slot::File, Some(look.file()?))
            .with(Slot::Value, look.text(&["file_result.path", "file_result.name"])),
    )
}

fn job(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let predicate = match activity {
        "create" => P::CreatedTask,
        "update" => P::ChangedTask,
        "delete" => P::DeletedTask,
        "enable" => P::EnabledTask,
        "disable" => P::DisabledTask,
        "start" => P::RanTask,
        _ => return None,
    };
    let name = look.text(&["job.name"]);
    let command = look.text(&["job.cmd_line"]).filter(|c| Some(c) != name.as_ref());
    name.as_ref().or(command.as_ref())?;
    Some(look.claim(predicate, look.done()).with(Slot::Object, name).with(Slot::Command, command))
}

pub fn process(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let path = look.text(&["process.path", "process.file.path", "process.name"]);
    let acting = look.acting_process();
    let claim = match activity {
        "launch" => {
            let parent = look
                .text(&["process.parent_process.path", "process.parent_process.name"])
                .or_else(|| look.entity(&[EntityKind::Process], Role::Parent).map(|e| e.shown.clone()))
                .filter(|p| p.parse::<u64>().is_err());
            let command = look.text(&["process.cmd_line"]);
            command.as_ref().or(path.as_ref())?;
            look.claim(P::Ran, look.done())
                .with(Slot::Process, path)
                .with(Slot::Command, command)
                .with(Slot::Parent, parent)
        }
        "terminate" => look.claim(P::EndedProcess, look.done()).with(Slot::Process, Some(path?)),
        "open" => look
            .claim(P::OpenedProcess, look.done())
            .with(Slot::Process, acting)
            .with(Slot::Object, Some(path?))
            .with(Slot::Value, look.detail("GrantedAccess").or_else(|| look.detail("AccessMask"))),
        "inject" => {
            look.claim(P::Injected, look.done()).with(Slot::Process, acting).with(Slot::Object, Some(path?))
        }
        _ => return None,
    };
    Some(claim)
}

fn log(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let log = look.text(&["log_name"]).or_else(|| look.text(&["metadata.log_name"]));
    match activity {
        "clear" | "delete" => Some(look.claim(P::ClearedLog, look.done()).with(Slot::Object, log)),
        "stop" | "disable" => Some(look.claim(P::StoppedLogging, look.done()).with(Slot::Object, log)),
        _ => None,
    }
}

fn registry(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let key = look.text(&["reg_value.path", "reg_key.path", "prev_reg_key.path"])?;
    let value = look.text(&["reg_value.name"]);
    let object = value.map_or(key.clone(), |v| format!("{key}\\{v}"));
    let predicate = match (look.class(), activity) {
        (201_001, "create") => P::CreatedRegistry,
        (_, "set" | "modify" | "create") => P::ChangedRegistry,
        (_, "read" | "get" | "open" | "query") => P::ReadRegistry,
        (_, "delete") => P::DeletedRegistry,
        (_, "rename") => P::RenamedRegistry,
        _ => return None,
    };
    Some(
        look.claim(predicate, look.done())
            .with(Slot::Process, look.acting_process())
            .with(Slot::Object, Some(object))
            .with(Slot::Value, look.text(&["reg_value.data"])),
    )
}

fn service(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let predicate = match activity {
        "create" => P::CreatedService,
        "reconfigure" => P::ChangedService,
        "start" => P::StartedService,
        "stop" => P::StoppedService,
        "delete" => P::DeletedService,
        _ => return None,
    };
    Some(
        look.claim(predicate, look.done())
            .with(Slot::Object, Some(look.text(&["win_service.name"])?))
            .with(Slot::Command, look.text(&["win_service.cmd_line"])),
    )
}

/// Another product's verdict: that it was reported is all that is known.
fn alert(look: &Look<'_>) -> Claim {
    let title = look.text(&[
        "finding_info.title",
        "finding_info.types",
        "malware.name",
        "finding_info.desc",
        "message",
    ]);
    let product = look
        .text(&["finding_info.product.name", "metadata.product.name"])
        .or_else(|| Some("a security product".into()));
    let evidence = |path: &str| look.text(&[path]);
    look.claim(P::Alerted, look.outcome_of_alert())
        .without(Slot::Actor)
        .with(Slot::Product, product)
        .with(Slot::Title, title.or_else(|| Some(format!("the event {}", look.seen.evidence.code))))
        .with(
            Slot::Account,
            evidence("evidences.user.name").or_else(|| evidence("user.name")).or_else(|| look.actor()),
        )
        .with(Slot::File, evidence("evidences.file.path").or_else(|| look.file()))
        .with(Slot::Command, evidence("evidences.process.cmd_line"))
        .with(Slot::Source, evidence("evidences.src_endpoint.ip"))
        .with(Slot::Destination, evidence("evidences.dst_endpoint.ip"))
}

impl Look<'_> {
    /// Status of an alert is that of its treatment (new, in progress), not of what it tells.
    fn outcome_of_alert(&self) -> Outcome {
        match self.outcome() {
            Outcome::Blocked => Outcome::Blocked,
            _ => Outcome::NotStated,
        }
    }
}

fn account(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let predicate = match activity {
        "create" => P::CreatedAccount,
        "enable" => P::EnabledAccount,
        "password change" => P::ChangedPassword,
        "password reset" => P::ResetPassword,
        "disable" => P::DisabledAccount,
        "delete" => P::DeletedAccount,
        "attach policy" => P::GrantedRights,
        "detach policy" => P::TookRights,
        "lock" => P::LockedAccount,
        "unlock" => P::UnlockedAccount,
        "mfa factor enable" | "mfa factors enable" => P::EnabledMfa,
        "mfa factor disable" | "mfa factors disable" => P::DisabledMfa,
        _ => P::ChangedAccount,
    };
    let target = look.target()?;
    let operation = matches!(predicate, P::ChangedAccount | P::GrantedRights | P::TookRights)
        .then(|| look.text(&["api.operation"]))
        .flatten();
    let rights = matches!(predicate, P::GrantedRights | P::TookRights).then(|| {
        look.text(&["policy.name", "policy.uid", "privileges"]).unwrap_or_else(|| "rights".to_owned())
    });
    Some(
        look.claim(predicate, look.outcome())
            .with(Slot::Account, Some(target))
            .with(Slot::Operation, operation)
            .with(Slot::Value, rights),
    )
}

fn logon(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let outcome = look.outcome();
    let claim = match activity {
        "logon" => logon_claim(look, outcome),
        "logoff" => logon_claim(look, outcome).of(P::LoggedOff),
        "authentication ticket" => logon_claim(look, outcome)
            .of(P::AskedTicket)
            .with(Slot::Object, look.text(&["service.name"]))
            .without(Slot::Means),
        "service ticket request" | "service ticket renew" => logon_claim(look, outcome)
            .of(P::AskedTicket)
            .with(Slot::Object, look.text(&["service.name"]))
            .without(Slot::Means),
        "preauth" => logon_claim(look, outcome).of(P::Authenticated),
        "account switch" => logon_claim(look, outcome).of(P::SwitchedRole),
        _ => return None,
    };
    claim.get(Slot::Account).is_some().then_some(claim)
}

pub fn logon_claim(look: &Look<'_>, outcome: Outcome) -> Claim {
    let means = look.detail("LogonType").map(|t| format!("logon type {t}"));
    look.claim(P::LoggedOn, outcome)
        .without(Slot::Actor)
        .with(Slot::Account, look.logging_on())
        .with(Slot::SourceHost, look.source_host())
        .with(Slot::Means, means)
}

fn directory(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let predicate = match activity {
        "create" => P::CreatedDirectory,
        "delete" => P::DeletedDirectory,
        "read" => P::AccessedDirectory,
        _ => P::ChangedDirectory,
    };
    Some(
        look.claim(predicate, look.outcome())
            .with(Slot::Object, Some(look.text(&["entity.name", "entity.uid"])?))
            .with(Slot::Value, look.text(&["comment"])),
    )
}

fn access(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let predicate = match activity {
        "assign privileges" => P::GrantedRights,
        "revoke privileges" => P::TookRights,
        _ => return api(look),
    };
    let rights = look.text(&["privileges", "iam_role.name", "resources.name", "resource.name"]);
    Some(
        look.claim(predicate, look.outcome())
            .with(Slot::Account, Some(look.target()?))
            .with(Slot::Operation, look.text(&["api.operation"]))
            .with(Slot::Value, Some(rights.unwrap_or_else(|| "rights".to_owned()))),
    )
}

fn group(look: &Look<'_>, activity: &str) -> Option<Claim> {
    let group = look.text(&["group.name", "group.uid"]);
    let member = look
        .entity(&[EntityKind::User, EntityKind::CloudPrincipal], Role::Target)
        .map(|e| e.shown.clone())
        .or_else(|| look.text(&["user.name", "user.uid"]));
    let predicate = match activity {
        "add user" | "add member" => P::AddedToGroup,
        "remove user" | "remove member" => P::RemovedFromGroup,
        // Mappings put a member's coming and going under privileges, as the schema did before it had words for it.
        "assign privileges" if member.is_some() => P::AddedToGroup,
        "revoke privileges" if member.is_some() => P::RemovedFromGroup,
        "create" => P::CreatedGroup,
        "delete" => P::DeletedGroup,
        _ => P::ChangedGroup,
    };
    let with_member = matches!(predicate, P::AddedToGroup | P::RemovedFromGroup);
    group.as_ref()?;
    Some(
        look.claim(predicate, look.outcome())
            .with(Slot::Account, member.filter(|_| with_member))
            .with(Slot::Group, group),
    )
}

fn connection(look: &Look<'_>, activity: &str) -> Claim {
    let outcome = match (look.outcome(), activity) {
        (Outcome::Blocked, _) | (_, "refuse") => Outcome::Blocked,
        (_, "fail") => Outcome::Failed,
        // The packet or session was seen on its way.
        (Outcome::NotStated | Outcome::Succeeded, _) => Outcome::Succeeded,
        (told, _) => told,
    };
    let predicate = if activity == "listen" { P::Listened } else { P::Connected };
    let destination =
        look.destination().or_else(|| look.text(&["src_endpoint.port"]).filter(|_| predicate == P::Listened));
    look.claim(predicate, outcome)
        .with(Slot::Process, look.acting_process())
        .with(Slot::SourceHost, look.source_host())
        .with(Slot::Destination, destination)
}

fn request(look: &Look<'_>) -> Claim {
    let path = look.text(&["http_request.url.url_string"]).or_else(|| {
        let path = look.text(&["http_request.url.path"])?;
        let query = look.text(&["http_request.url.query_string"]);
        Some(query.map_or(path.clone(), |q| format!("{path}?{}", q.trim_start_matches('?'))))
    });
    let host = look.text(&["http_request.url.hostname"]);
    let blocked = look.outcome() == Outcome::Blocked;
    let answer = look.text(&["http_response.code"]).map(|code| format!("answered with {code}"));
    look.claim(P::Requested, if blocked { Outcome::Blocked } else { Outcome::NotStated })
        .with(Slot::Operation, look.text(&["http_request.http_method"]))
        .with(Slot::Resource, path.or_else(|| host.clone()))
        .with(Slot::SourceHost, look.source_host())
        .with(Slot::Host, host.or_else(|| look.destination()))
        .with(Slot::Means, answer)
}

pub fn api(look: &Look<'_>) -> Option<Claim> {
    let operation = look.text(&["api.operation"])?;
    let resource = look
        .text(&["resources.name", "resources.uid", "resource.name", "resource.uid"])
        .or_else(|| look.text(&["resources.type"]));
    Some(
        look.claim(P::CalledApi, look.outcome())
            .with(Slot::Operation, Some(operation))
            .with(Slot::Resource, resource),
    )
}

impl Claim {
    pub(super) fn of(self, predicate: P) -> Self {
        Self { predicate, ..self }
    }
}
