//! What kind of account a name is: some must not be disabled.

use vedette_model::EntityKind;

/// What an account is, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Ordinary,
    /// Administrator, Guest, root: the system's own.
    BuiltIn,
    Krbtgt,
    Machine,
    /// SYSTEM and its like, which no one logs on as.
    System,
    Service,
    /// The root user of a cloud account.
    CloudRoot,
    CloudUser,
    CloudRole,
    /// A person or program known to a directory in the cloud.
    CloudIdentity,
    Kubernetes,
}

/// By its key.
pub fn sort_of(kind: EntityKind, key: &str) -> Sort {
    let key = key.to_lowercase();
    if key.starts_with("arn:aws") {
        return match key.splitn(6, ':').nth(5) {
            Some("root") => Sort::CloudRoot,
            Some(rest) if rest.starts_with("user/") => Sort::CloudUser,
            _ => Sort::CloudRole,
        };
    }
    if key.starts_with("system:") {
        return Sort::Kubernetes;
    }
    let short = key.rsplit(['\\', '/']).next().unwrap_or(&key);
    let short = short.split('@').next().unwrap_or(short);
    let rid = |rid: &str| key.starts_with("s-1-5-21-") && key.ends_with(rid);
    if key.starts_with("nt authority\\")
        || key.starts_with("nt service\\")
        || key.starts_with("window manager\\")
        || key.starts_with("font driver host\\")
        || matches!(
            key.as_str(),
            "s-1-5-18"
                | "s-1-5-19"
                | "s-1-5-20"
                | "system"
                | "local service"
                | "network service"
                | "daemon"
                | "unset"
                | "nobody"
        )
    {
        return Sort::System;
    }
    if let Ok(uid) = key.parse::<u32>() {
        return match uid {
            0 => Sort::BuiltIn,
            1..1000 => Sort::System,
            _ => Sort::Ordinary,
        };
    }
    if short == "krbtgt" || rid("-502") {
        return Sort::Krbtgt;
    }
    if matches!(
        short,
        "administrator" | "administrateur" | "guest" | "defaultaccount" | "root" | "wdagutilityaccount"
    ) || rid("-500")
        || rid("-501")
    {
        return Sort::BuiltIn;
    }
    if short.ends_with('$') {
        return Sort::Machine;
    }
    if short.starts_with("svc")
        || short.ends_with("svc")
        || short.contains("service")
        || short.starts_with("sa_")
        || short.starts_with("sa-")
        || matches!(
            short,
            "www-data" | "apache" | "nginx" | "mysql" | "postgres" | "tomcat" | "iusr" | "defaultapppool"
        )
    {
        return Sort::Service;
    }
    if kind == EntityKind::CloudPrincipal { Sort::CloudIdentity } else { Sort::Ordinary }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_that_must_not_be_disabled_are_known() {
        let user = |k: &str| sort_of(EntityKind::User, k);
        assert_eq!(user("corp\\ana"), Sort::Ordinary);
        assert_eq!(user("corp\\administrator"), Sort::BuiltIn);
        assert_eq!(user("s-1-5-21-1-2-3-500"), Sort::BuiltIn);
        assert_eq!(user("corp\\krbtgt"), Sort::Krbtgt);
        assert_eq!(user("corp\\ws1$"), Sort::Machine);
        assert_eq!(user("nt authority\\system"), Sort::System);
        assert_eq!(user("corp\\svc_backup"), Sort::Service);
        assert_eq!(user("root"), Sort::BuiltIn);
        let cloud = |k: &str| sort_of(EntityKind::CloudPrincipal, k);
        assert_eq!(cloud("arn:aws:iam::111122223333:root"), Sort::CloudRoot);
        assert_eq!(cloud("arn:aws:iam::111122223333:user/ana"), Sort::CloudUser);
        assert_eq!(cloud("arn:aws:sts::111122223333:assumed-role/r/s"), Sort::CloudRole);
        assert_eq!(cloud("ana@example.com"), Sort::CloudIdentity);
        assert_eq!((user("0"), user("33"), user("1001")), (Sort::BuiltIn, Sort::System, Sort::Ordinary));
        assert_eq!(cloud("system:serviceaccount:default:app"), Sort::Kubernetes);
    }
}
