//! What an intruder leaves behind to come back with.

use std::collections::BTreeMap;

use crate::claim::{Outcome, Predicate, Slot};
use crate::items::Item;
use crate::wording::{name, quote};

/// Something left behind to come back with.
pub struct Foothold {
    pub what: String,
    pub host: String,
}

/// What succeeded and stays.
pub fn footholds(items: &[Item]) -> Vec<Foothold> {
    let mut all: BTreeMap<(String, String), ()> = BTreeMap::new();
    for item in items {
        let claim = &item.claim;
        if claim.outcome != Outcome::Succeeded {
            continue;
        }
        let get = |slot| claim.get(slot);
        let what = match claim.predicate {
            Predicate::CreatedService => get(Slot::Object).map(|s| format!("the service {}", quote(s))),
            Predicate::CreatedTask | Predicate::ChangedTask => {
                get(Slot::Object).or(get(Slot::Command)).map(|t| format!("the scheduled task {}", quote(t)))
            }
            Predicate::CreatedAccount => get(Slot::Account).map(|a| format!("the account {}", name(a))),
            Predicate::CreatedKey => {
                get(Slot::Account).map(|a| format!("the access key created for {}", name(a)))
            }
            Predicate::AddedToGroup => match (get(Slot::Account), get(Slot::Group)) {
                (Some(a), Some(g)) => Some(format!("the membership of {} in {}", name(a), quote(g))),
                _ => None,
            },
            Predicate::GrantedRights => match (get(Slot::Account), get(Slot::Value)) {
                (Some(a), Some(v)) => Some(format!("the rights {} given to {}", quote(v), name(a))),
                _ => None,
            },
            Predicate::ChangedWmi => {
                get(Slot::Object).map(|o| format!("the WMI event subscription {}", quote(o)))
            }
            Predicate::ChangedRegistry | Predicate::CreatedRegistry => get(Slot::Object)
                .filter(|o| starts_things(o))
                .map(|o| format!("the registry value {}", quote(o))),
            Predicate::CreatedFile | Predicate::ChangedFile => {
                get(Slot::File).filter(|f| comes_back(f)).map(|f| format!("the file {}", quote(f)))
            }
            Predicate::CalledApi => {
                get(Slot::Operation).and_then(|op| cloud_foothold(op, get(Slot::Resource)))
            }
            _ => None,
        };
        if let Some(what) = what {
            all.insert((item.host.clone(), what), ());
        }
    }
    all.into_keys().map(|(host, what)| Foothold { what, host }).collect()
}

/// Registry places that start what is written in them.
fn starts_things(object: &str) -> bool {
    let key = object.to_lowercase();
    [
        "\\currentversion\\run",
        "\\winlogon\\",
        "\\image file execution options\\",
        "\\services\\",
        "\\inprocserver32",
        "\\appinit_dlls",
        "\\lsa\\",
        "\\userinitmprlogonscript",
        "\\silentprocessexit\\",
    ]
    .iter()
    .any(|k| key.contains(k))
}

/// Files that are run again by themselves, or on somebody's request: start folders, units, cron, keys, web folders.
fn comes_back(file: &str) -> bool {
    let path = file.to_lowercase().replace('\\', "/");
    let started = [
        "/startup/",
        "/etc/cron",
        "/var/spool/cron",
        "/etc/systemd/system/",
        "/lib/systemd/system/",
        "/.ssh/authorized_keys",
        "/etc/ld.so.preload",
        "/etc/profile.d/",
        "/.bashrc",
        "/launchagents/",
        "/launchdaemons/",
        "/etc/rc.local",
        "/etc/init.d/",
    ]
    .iter()
    .any(|p| path.contains(p));
    let served =
        ["/inetpub/", "/wwwroot/", "/var/www/", "/htdocs/", "/webapps/", "/public_html/", "/uploads/"]
            .iter()
            .any(|p| path.contains(p));
    let script =
        [".php", ".phtml", ".asp", ".aspx", ".ashx", ".asmx", ".jsp", ".jspx", ".war", ".cfm", ".cgi", ".pl"]
            .iter()
            .any(|e| path.ends_with(e));
    started || served && script
}

/// Calls that leave something behind.
fn cloud_foothold(operation: &str, resource: Option<&str>) -> Option<String> {
    let call = operation.rsplit(':').next().unwrap_or(operation);
    let what = match call {
        "CreateRole" | "UpdateAssumeRolePolicy" => "the trust of the role",
        "CreateLoginProfile" | "UpdateLoginProfile" => "the console password of",
        "AttachRolePolicy" | "PutRolePolicy" | "AttachGroupPolicy" | "PutGroupPolicy" => {
            "the policy given to"
        }
        "CreateFunction20150331" | "UpdateFunctionCode20150331v2" | "AddPermission20150331v2" => {
            "the function"
        }
        "ImportKeyPair" | "CreateKeyPair" => "the key pair",
        "RunInstances" => "the instances started",
        "AuthorizeSecurityGroupIngress" => "the opened security group",
        "PutBucketPolicy" | "PutBucketAcl" | "DeleteBucketPublicAccessBlock" => "the access of the bucket",
        "ModifySnapshotAttribute" | "ModifyImageAttribute" | "ModifyDBSnapshotAttribute" => "the sharing of",
        _ if call.starts_with("create ")
            && (call.contains("rolebindings")
                || call.contains("daemonsets")
                || call.contains("cronjobs")
                || call.contains("serviceaccounts")) =>
        {
            "what was made by"
        }
        _ => return None,
    };
    Some(match resource {
        Some(resource) => format!("{what} {} ({})", name(resource), name(operation)),
        None => format!("{what} {}", quote(operation)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_come_back_are_known() {
        assert!(comes_back("C:\\inetpub\\wwwroot\\a.aspx"));
        assert!(comes_back("/root/.ssh/authorized_keys"));
        assert!(!comes_back("/var/www/html/logo.png"));
        assert!(!comes_back("C:\\Users\\ana\\a.docx"));
    }
}
