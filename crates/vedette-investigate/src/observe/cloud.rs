//! Cloud audit logs: the call, whom it was about, and whether it was allowed.

use super::class;
use super::look::Look;
use crate::claim::{Claim, Outcome, Predicate as P, Slot};

/// Request parameters that name what a call is about, the most telling first.
const ABOUT: [&str; 34] = [
    "requestParameters.secretId",
    "requestParameters.userName",
    "requestParameters.roleName",
    "requestParameters.roleArn",
    "requestParameters.groupName",
    "requestParameters.policyArn",
    "requestParameters.policyName",
    "requestParameters.bucketName",
    "requestParameters.functionName",
    "requestParameters.instanceId",
    "requestParameters.instancesSet.items.instanceId",
    "requestParameters.snapshotId",
    "requestParameters.dBSnapshotIdentifier",
    "requestParameters.dBInstanceIdentifier",
    "requestParameters.volumeId",
    "requestParameters.imageId",
    "requestParameters.keyId",
    "requestParameters.keyName",
    "requestParameters.trailName",
    "requestParameters.detectorId",
    "requestParameters.groupId",
    "requestParameters.vpcId",
    "requestParameters.securityGroupId",
    "requestParameters.instanceProfileName",
    "requestParameters.logGroupName",
    "requestParameters.clusterName",
    "requestParameters.repositoryName",
    "requestParameters.topicArn",
    "requestParameters.queueUrl",
    "requestParameters.tableName",
    "requestParameters.documentName",
    "requestParameters.organizationId",
    "requestParameters.resourceArn",
    "requestParameters.name",
];

/// Calls that hand out a secret's value.
const SECRET_CALLS: [&str; 5] =
    ["GetSecretValue", "BatchGetSecretValue", "GetParameter", "GetParameters", "GetPasswordData"];

pub fn cloudtrail(look: &Look<'_>) -> Option<Claim> {
    let operation = look.native(&["eventName"])?;
    let failed = look.native(&["errorCode"]);
    // Success is what CloudTrail leaves unsaid: a call without an error code was carried out.
    let outcome = match &failed {
        Some(code) if code.contains("Denied") || code.contains("Unauthorized") => Outcome::Failed,
        Some(_) => Outcome::Failed,
        None => Outcome::Succeeded,
    };
    let about = look.native(&ABOUT).or_else(|| look.text(&["resources.uid"]));
    if operation == "ConsoleLogin" {
        let mfa = look.native(&["additionalEventData.MFAUsed"]).map(|m| format!("second factor used: {m}"));
        return class::claim(look).map(|c| c.with(Slot::Means, mfa));
    }
    if look.seen.evidence.case == "account_change" {
        let account = look.native(&["requestParameters.userName"]);
        let predicate = match operation.as_str() {
            "CreateUser" => Some(P::CreatedAccount),
            "DeleteUser" => Some(P::DeletedAccount),
            "CreateAccessKey" => Some(P::CreatedKey),
            "AttachUserPolicy" | "PutUserPolicy" => Some(P::GrantedRights),
            "DetachUserPolicy" | "DeleteUserPolicy" => Some(P::TookRights),
            "EnableMFADevice" => Some(P::EnabledMfa),
            "DeactivateMFADevice" => Some(P::DisabledMfa),
            _ => None,
        };
        // A key may be asked for without naming a user: then it is the caller's own.
        let account = account.or_else(|| look.actor().filter(|_| operation == "CreateAccessKey"));
        if let (Some(predicate), Some(account)) = (predicate, account) {
            let rights = look.native(&["requestParameters.policyArn", "requestParameters.policyName"]);
            let rights_told = matches!(predicate, P::GrantedRights | P::TookRights);
            return Some(
                look.claim(predicate, outcome)
                    .with(Slot::Account, Some(account))
                    .with(Slot::Value, rights.filter(|_| rights_told))
                    .with(Slot::Operation, rights_told.then(|| operation.clone())),
            );
        }
    }
    let service = look.native(&["eventSource"]).map(|s| s.trim_end_matches(".amazonaws.com").to_owned());
    let call = service.map_or(operation.clone(), |service| format!("{service}:{operation}"));
    let predicate = if SECRET_CALLS.contains(&operation.as_str()) && about.is_some() {
        P::ReadSecret
    } else {
        P::CalledApi
    };
    Some(look.claim(predicate, outcome).with(Slot::Operation, Some(call)).with(Slot::Resource, about))
}

/// `get secrets default/db-password`: verb, kind with subresource, then the object.
pub fn kubernetes(look: &Look<'_>) -> Option<Claim> {
    let verb = look.text(&["api.operation"])?;
    let kind = look.native(&["objectRef.resource"]);
    let below = look.native(&["objectRef.subresource"]);
    let object = [look.native(&["objectRef.namespace"]), look.native(&["objectRef.name"])];
    let object: Vec<String> = object.into_iter().flatten().collect();
    let outcome = match look.native(&["responseStatus.code"]).and_then(|c| c.parse::<u16>().ok()) {
        Some(100..=399) => Outcome::Succeeded,
        Some(_) => Outcome::Failed,
        None => match look.number("status_id") {
            Some(2) => Outcome::Failed,
            // Allowed is not carried out.
            _ => Outcome::NotStated,
        },
    };
    let reads_secret =
        kind.as_deref() == Some("secrets") && matches!(verb.as_str(), "get" | "list" | "watch");
    let mut call = verb;
    if let Some(kind) = kind {
        call = format!("{call} {kind}");
    }
    if let Some(below) = below {
        call = format!("{call}/{below}");
    }
    let predicate = if reads_secret && !object.is_empty() { P::ReadSecret } else { P::CalledApi };
    let resource = (!object.is_empty()).then(|| object.join("/"));
    Some(look.claim(predicate, outcome).with(Slot::Operation, Some(call)).with(Slot::Resource, resource))
}
