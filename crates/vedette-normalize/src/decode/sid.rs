//! Well-known SIDs and RIDs. Source: [MS-DTYP] 2.4.2.4, and Microsoft's list of security identifiers.

const WHOLE: [(&str, &str); 52] = [
    ("S-1-0-0", "NULL SID"),
    ("S-1-1-0", "Everyone"),
    ("S-1-2-0", "LOCAL"),
    ("S-1-2-1", "CONSOLE LOGON"),
    ("S-1-3-0", "CREATOR OWNER"),
    ("S-1-3-1", "CREATOR GROUP"),
    ("S-1-3-4", "OWNER RIGHTS"),
    ("S-1-5-1", r"NT AUTHORITY\DIALUP"),
    ("S-1-5-2", r"NT AUTHORITY\NETWORK"),
    ("S-1-5-3", r"NT AUTHORITY\BATCH"),
    ("S-1-5-4", r"NT AUTHORITY\INTERACTIVE"),
    ("S-1-5-6", r"NT AUTHORITY\SERVICE"),
    ("S-1-5-7", r"NT AUTHORITY\ANONYMOUS LOGON"),
    ("S-1-5-9", r"NT AUTHORITY\ENTERPRISE DOMAIN CONTROLLERS"),
    ("S-1-5-10", r"NT AUTHORITY\SELF"),
    ("S-1-5-11", r"NT AUTHORITY\Authenticated Users"),
    ("S-1-5-12", r"NT AUTHORITY\RESTRICTED"),
    ("S-1-5-13", r"NT AUTHORITY\TERMINAL SERVER USER"),
    ("S-1-5-14", r"NT AUTHORITY\REMOTE INTERACTIVE LOGON"),
    ("S-1-5-15", r"NT AUTHORITY\This Organization"),
    ("S-1-5-17", r"NT AUTHORITY\IUSR"),
    ("S-1-5-18", r"NT AUTHORITY\SYSTEM"),
    ("S-1-5-19", r"NT AUTHORITY\LOCAL SERVICE"),
    ("S-1-5-20", r"NT AUTHORITY\NETWORK SERVICE"),
    ("S-1-5-113", r"NT AUTHORITY\Local account"),
    ("S-1-5-114", r"NT AUTHORITY\Local account and member of Administrators group"),
    ("S-1-5-32-544", r"BUILTIN\Administrators"),
    ("S-1-5-32-545", r"BUILTIN\Users"),
    ("S-1-5-32-546", r"BUILTIN\Guests"),
    ("S-1-5-32-547", r"BUILTIN\Power Users"),
    ("S-1-5-32-548", r"BUILTIN\Account Operators"),
    ("S-1-5-32-549", r"BUILTIN\Server Operators"),
    ("S-1-5-32-550", r"BUILTIN\Print Operators"),
    ("S-1-5-32-551", r"BUILTIN\Backup Operators"),
    ("S-1-5-32-552", r"BUILTIN\Replicator"),
    ("S-1-5-32-554", r"BUILTIN\Pre-Windows 2000 Compatible Access"),
    ("S-1-5-32-555", r"BUILTIN\Remote Desktop Users"),
    ("S-1-5-32-556", r"BUILTIN\Network Configuration Operators"),
    ("S-1-5-32-557", r"BUILTIN\Incoming Forest Trust Builders"),
    ("S-1-5-32-558", r"BUILTIN\Performance Monitor Users"),
    ("S-1-5-32-559", r"BUILTIN\Performance Log Users"),
    ("S-1-5-32-562", r"BUILTIN\Distributed COM Users"),
    ("S-1-5-32-568", r"BUILTIN\IIS_IUSRS"),
    ("S-1-5-32-569", r"BUILTIN\Cryptographic Operators"),
    ("S-1-5-32-573", r"BUILTIN\Event Log Readers"),
    ("S-1-5-32-574", r"BUILTIN\Certificate Service DCOM Access"),
    ("S-1-5-32-578", r"BUILTIN\Hyper-V Administrators"),
    ("S-1-5-32-580", r"BUILTIN\Remote Management Users"),
    ("S-1-15-2-1", "ALL APPLICATION PACKAGES"),
    ("S-1-18-1", "Authentication authority asserted identity"),
    ("S-1-18-2", "Service asserted identity"),
    ("S-1-5-80-0", r"NT SERVICE\ALL SERVICES"),
];

const RELATIVE: [(&str, &str); 17] = [
    ("498", "Enterprise Read-only Domain Controllers"),
    ("500", "Administrator (domain or machine account)"),
    ("501", "Guest"),
    ("502", "krbtgt"),
    ("512", "Domain Admins"),
    ("513", "Domain Users"),
    ("514", "Domain Guests"),
    ("515", "Domain Computers"),
    ("516", "Domain Controllers"),
    ("517", "Cert Publishers"),
    ("518", "Schema Admins"),
    ("519", "Enterprise Admins"),
    ("520", "Group Policy Creator Owners"),
    ("521", "Read-only Domain Controllers"),
    ("525", "Protected Users"),
    ("526", "Key Admins"),
    ("527", "Enterprise Key Admins"),
];

/// `%{S-1-..}`, as some exports write it, is understood too.
pub fn name(text: &str) -> Option<String> {
    let sid = text.trim().trim_start_matches("%{").trim_end_matches('}');
    if let Some((_, name)) = WHOLE.iter().find(|(s, _)| s.eq_ignore_ascii_case(sid)) {
        return Some((*name).to_owned());
    }
    let domain = sid.strip_prefix("S-1-5-21-")?;
    let (_, rid) = domain.rsplit_once('-')?;
    RELATIVE.iter().find(|(r, _)| *r == rid).map(|(_, name)| (*name).to_owned())
}
