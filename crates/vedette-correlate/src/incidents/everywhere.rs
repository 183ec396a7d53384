//! What is everywhere and so ties nothing together: the fixed list.
//!
//! Source: well-known SIDs and logon ids of Windows; RFC 1122, 1918, 3927, 4193, 4291, 5771, 6598.

use std::net::IpAddr;

use vedette_model::EntityKind;

/// Accounts of the system itself, in any domain.
const SYSTEM_ACCOUNTS: &[&str] = &[
    "-",
    "account domain",
    "anonymous",
    "anonymous logon",
    "authenticated users",
    "daemon",
    "everyone",
    "iusr",
    "local service",
    "local system",
    "localservice",
    "localsystem",
    "n/a",
    "network service",
    "networkservice",
    "nobody",
    "none",
    "null",
    "null sid",
    "system",
    "unknown",
    "users",
    "(unknown)",
    "unset",
    "4294967295",
];

/// Accounts that exist on every machine under one name and serve many hands: good only on their own host.
const GENERIC_ACCOUNTS: &[&str] = &[
    "0",
    "admin",
    "administrateur",
    "administrator",
    "adm",
    "azureuser",
    "centos",
    "debian",
    "defaultaccount",
    "ec2-user",
    "guest",
    "kubernetes-admin",
    "localadmin",
    "opc",
    "postgres",
    "root",
    "ubuntu",
    "user",
    "vagrant",
    "wdagutilityaccount",
    "www-data",
];

/// Programs that come with the system and run everywhere, so that their hash and path say nothing.
const COMMON_PROGRAMS: &[&str] = &[
    "bash",
    "busybox",
    "certutil.exe",
    "chrome.exe",
    "cmd.exe",
    "cmstp.exe",
    "conhost.exe",
    "cron",
    "crond",
    "cscript.exe",
    "csrss.exe",
    "curl",
    "curl.exe",
    "dash",
    "dllhost.exe",
    "excel.exe",
    "explorer.exe",
    "find",
    "hostname.exe",
    "ipconfig.exe",
    "lsass.exe",
    "mmc.exe",
    "mshta.exe",
    "msedge.exe",
    "msiexec.exe",
    "mstsc.exe",
    "net.exe",
    "net1.exe",
    "netsh.exe",
    "notepad.exe",
    "nltest.exe",
    "outlook.exe",
    "perl",
    "ping.exe",
    "powershell.exe",
    "powershell_ise.exe",
    "pwsh",
    "pwsh.exe",
    "python",
    "python3",
    "python.exe",
    "quser.exe",
    "reg.exe",
    "regedit.exe",
    "regsvr32.exe",
    "rundll32.exe",
    "runtimebroker.exe",
    "sc.exe",
    "schtasks.exe",
    "searchindexer.exe",
    "services.exe",
    "sh",
    "smss.exe",
    "spoolsv.exe",
    "sshd",
    "su",
    "sudo",
    "svchost.exe",
    "systemd",
    "systeminfo.exe",
    "taskeng.exe",
    "taskhost.exe",
    "taskhostw.exe",
    "tasklist.exe",
    "userinit.exe",
    "vssadmin.exe",
    "w3wp.exe",
    "werfault.exe",
    "wevtutil.exe",
    "whoami.exe",
    "wininit.exe",
    "winlogon.exe",
    "winword.exe",
    "wmic.exe",
    "wmiprvse.exe",
    "wscript.exe",
    "wsmprovhost.exe",
    "zsh",
];

/// Programs whose children have nothing to do with each other.
const HUBS: &[&str] = &[
    "cron",
    "crond",
    "explorer.exe",
    "init",
    "lsass.exe",
    "sched",
    "services.exe",
    "sshd",
    "svchost.exe",
    "system",
    "systemd",
    "taskeng.exe",
    "taskhostw.exe",
    "userinit.exe",
    "wininit.exe",
    "winlogon.exe",
    "wmiprvse.exe",
];

/// Domains that everybody asks for, and those below which strangers live side by side.
const COMMON_DOMAINS: &[&str] = &[
    "akamaiedge.net",
    "amazonaws.com",
    "apple.com",
    "azure.com",
    "azureedge.net",
    "azurewebsites.net",
    "bing.com",
    "blob.core.windows.net",
    "cloudapp.net",
    "cloudflare.com",
    "cloudfront.net",
    "digicert.com",
    "facebook.com",
    "github.com",
    "githubusercontent.com",
    "gmail.com",
    "google.com",
    "googleapis.com",
    "gstatic.com",
    "herokuapp.com",
    "icloud.com",
    "linkedin.com",
    "live.com",
    "login.microsoftonline.com",
    "microsoft.com",
    "microsoftonline.com",
    "msftncsi.com",
    "ocsp.digicert.com",
    "office.com",
    "office365.com",
    "onmicrosoft.com",
    "outlook.com",
    "sharepoint.com",
    "trafficmanager.net",
    "ubuntu.com",
    "windows.com",
    "windows.net",
    "windowsupdate.com",
    "yahoo.com",
    "youtube.com",
];

/// Hashes of no bytes: MD5, SHA-1, SHA-256.
const EMPTY_HASHES: &[&str] = &[
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
];

fn among(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

/// Name and domain of an account key: `corp\ana`, `ana@corp.example`, `ana`.
pub fn account(key: &str) -> (&str, &str) {
    if let Some((domain, name)) = key.rsplit_once('\\') {
        return (name, domain);
    }
    match key.rsplit_once('@') {
        Some((name, domain)) => (name, domain),
        None => (key, ""),
    }
}

/// The file's own name in a path of either slash; a process key's shown form is a path too.
pub fn base_name(path: &str) -> &str {
    path.rsplit(['\\', '/', '|']).next().unwrap_or(path)
}

/// `key` without the host it is local to.
pub fn local_part(key: &str) -> &str {
    key.split_once('|').map_or(key, |(_, rest)| rest)
}

pub fn is_generic_account(key: &str) -> bool {
    let (name, _) = account(key);
    among(GENERIC_ACCOUNTS, name)
        || (key.starts_with("s-1-5-21-") && (key.ends_with("-500") || key.ends_with("-501")))
}

pub fn is_common_program(shown: &str) -> bool {
    programs(shown).any(|name| among(COMMON_PROGRAMS, &name.to_lowercase()))
}

pub fn is_hub(shown: &str) -> bool {
    programs(shown).any(|name| among(HUBS, &name.to_lowercase()))
}

/// What may be the program's name in a path or a command line: the whole is a path, or it begins with one in quotes,
/// or with a word.
fn programs(shown: &str) -> impl Iterator<Item = &str> {
    let quoted = shown.strip_prefix('"').and_then(|rest| rest.split('"').next());
    let word = shown.split_whitespace().next();
    std::iter::once(shown).chain(quoted).chain(word).map(base_name)
}

pub fn is_common_domain(domain: &str) -> bool {
    among(COMMON_DOMAINS, domain)
}

/// Addresses inside a network: private, shared, unique local.
pub fn is_inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => v6.segments()[0] & 0xfe00 == 0xfc00,
    }
}

/// Why nothing is joined through this entity; `None` when it may join.
pub fn held_back(kind: EntityKind, key: &str) -> Option<&'static str> {
    let key = key.trim();
    if key.is_empty() || key == "-" {
        return Some("it is empty");
    }
    match kind {
        EntityKind::User | EntityKind::CloudPrincipal => {
            let (name, domain) = account(key);
            let built_in = among(SYSTEM_ACCOUNTS, name)
                || matches!(domain, "nt authority" | "window manager" | "font driver host" | "nt service")
                || name.starts_with("dwm-")
                || name.starts_with("umfd-");
            if built_in {
                return Some("an account of the system itself, on every machine");
            }
            if name.ends_with('$') {
                return Some("a machine account, which acts for whoever uses the machine");
            }
            let sid = [
                "s-1-0-",
                "s-1-1-",
                "s-1-2-",
                "s-1-3-",
                "s-1-15-",
                "s-1-16-",
                "s-1-5-32-",
                "s-1-5-80-",
                "s-1-5-90-",
                "s-1-5-96-",
            ];
            let short = key.starts_with("s-1-5-") && key.bytes().filter(|b| *b == b'-').count() == 3;
            if short || sid.iter().any(|s| key.starts_with(s)) {
                return Some("a well-known SID, the same on every machine");
            }
            if kind == EntityKind::CloudPrincipal
                && (key.ends_with(".amazonaws.com") || key.contains(":role/aws-service-role/"))
            {
                return Some("a service of the cloud itself");
            }
            None
        }
        EntityKind::Address => {
            let Ok(ip) = key.parse::<IpAddr>() else { return Some("no address") };
            let (loopback, local) = match ip {
                IpAddr::V4(v4) => (v4.is_loopback(), v4.is_link_local() || v4.is_broadcast()),
                IpAddr::V6(v6) => (v6.is_loopback(), v6.segments()[0] & 0xffc0 == 0xfe80),
            };
            if loopback || ip.is_unspecified() {
                return Some("a machine's own address, the same on each");
            }
            (local || ip.is_multicast()).then_some("link-local, multicast or broadcast: every network has it")
        }
        EntityKind::LogonSession => {
            let id = local_part(key);
            among(&["0x3e7", "0x3e4", "0x3e5", "0x3e3", "0x0", "4294967295", "0xffffffff"], id)
                .then_some("the system's own logon session, always open")
        }
        EntityKind::Process => {
            let id = local_part(key);
            among(&["0", "4", "1", ""], id).then_some("the system's own process")
        }
        EntityKind::FileHash => among(EMPTY_HASHES, key).then_some("the hash of an empty file"),
        EntityKind::Domain => {
            let own = matches!(key, "localhost" | "local" | "wpad" | "localdomain")
                || key.ends_with(".in-addr.arpa")
                || key.ends_with(".ip6.arpa");
            let labels = key.bytes().filter(|b| *b == b'.').count();
            let parent = key.split_once('.').map_or("", |(_, rest)| rest);
            let common =
                is_common_domain(key) || (labels <= 2 && key.starts_with("www.") && is_common_domain(parent));
            (own || common).then_some("a name that everybody asks for")
        }
        EntityKind::File => {
            is_common_program(local_part(key)).then_some("a program that comes with the system")
        }
        EntityKind::Host => {
            matches!(key, "localhost" | "unknown" | "127.0.0.1" | "::1").then_some("no machine's own name")
        }
        EntityKind::Service => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_machine_has_is_held_back() {
        let held = [
            (EntityKind::User, r"nt authority\system"),
            (EntityKind::User, "s-1-5-18"),
            (EntityKind::User, "s-1-5-32-544"),
            (EntityKind::User, r"corp\ws01$"),
            (EntityKind::User, r"window manager\dwm-2"),
            (EntityKind::Address, "127.0.0.1"),
            (EntityKind::Address, "169.254.3.4"),
            (EntityKind::Address, "fe80::1"),
            (EntityKind::Address, "224.0.0.252"),
            (EntityKind::LogonSession, "dc01|0x3e7"),
            (EntityKind::FileHash, "d41d8cd98f00b204e9800998ecf8427e"),
            (EntityKind::File, r"ws01|c:\windows\system32\cmd.exe"),
            (EntityKind::Domain, "www.google.com"),
        ];
        for (kind, key) in held {
            assert!(held_back(kind, key).is_some(), "{kind:?} {key}");
        }
    }

    #[test]
    fn what_names_somebody_may_join() {
        let free = [
            (EntityKind::User, r"corp\ana"),
            (EntityKind::User, "s-1-5-21-1-2-3-1105"),
            (EntityKind::User, "system-admin@corp.example"),
            (EntityKind::Address, "203.0.113.9"),
            (EntityKind::Address, "10.0.0.8"),
            (EntityKind::LogonSession, "dc01|0x5f3a1"),
            (EntityKind::Process, "ws01|4242"),
            (EntityKind::File, r"ws01|c:\users\ana\x.exe"),
            (EntityKind::Domain, "evil.example"),
        ];
        for (kind, key) in free {
            assert_eq!(held_back(kind, key), None, "{kind:?} {key}");
        }
        assert!(is_generic_account(r"ws01\administrator"));
        assert!(is_generic_account("root"));
        assert!(!is_generic_account("ana"));
    }
}
