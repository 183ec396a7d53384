//! Extended rights, property sets and attributes of Active Directory that attacks use, by GUID. Source: [MS-ADTS]
//! 5.1.3.2.1, [MS-ADA1] to [MS-ADA3], [MS-ADSC].

const GUIDS: [(&str, &str); 27] = [
    ("00299570-246d-11d0-a768-00aa006e0529", "User-Force-Change-Password"),
    ("ab721a53-1e2f-11d0-9819-00aa0040529b", "User-Change-Password"),
    ("1131f6aa-9c07-11d1-f79f-00c04fc2dcd2", "DS-Replication-Get-Changes"),
    ("1131f6ab-9c07-11d1-f79f-00c04fc2dcd2", "DS-Replication-Synchronize"),
    ("1131f6ac-9c07-11d1-f79f-00c04fc2dcd2", "DS-Replication-Manage-Topology"),
    ("1131f6ad-9c07-11d1-f79f-00c04fc2dcd2", "DS-Replication-Get-Changes-All"),
    ("89e95b76-444d-4c62-991a-0facbeda640c", "DS-Replication-Get-Changes-In-Filtered-Set"),
    ("9923a32a-3607-11d2-b9be-0000f87a36b2", "DS-Install-Replica"),
    ("0e10c968-78fb-11d2-90d4-00c04f79dc55", "Certificate-Enrollment"),
    ("a05b8cc2-17bc-4802-a710-e7c15ab866a2", "Certificate-AutoEnrollment"),
    ("bf9679c0-0de6-11d0-a285-00aa003049e2", "member"),
    ("bc0ac240-79a9-11d0-9020-00c04fc2d4cf", "Membership"),
    ("f3a64788-5306-11d1-a9c5-0000f80367c1", "servicePrincipalName"),
    ("3f78c3e5-f79a-46bd-a0b8-9d18116ddc79", "msDS-AllowedToActOnBehalfOfOtherIdentity"),
    ("800d94d7-b7a1-42a1-b14d-7cae1423d07f", "msDS-AllowedToDelegateTo"),
    ("5b47d60f-6090-40b2-9f37-2a4de88f3063", "msDS-KeyCredentialLink"),
    ("bf967950-0de6-11d0-a285-00aa003049e2", "description"),
    ("bf967a68-0de6-11d0-a285-00aa003049e2", "userAccountControl"),
    ("4c164200-20c0-11d0-a768-00aa006e0529", "User-Account-Restrictions"),
    ("f30e3bbe-9ff0-11d1-b603-0000f80367c1", "gPCFileSysPath"),
    ("f30e3bbf-9ff0-11d1-b603-0000f80367c1", "gPCMachineExtensionNames"),
    ("bf967aba-0de6-11d0-a285-00aa003049e2", "user (class)"),
    ("bf967a86-0de6-11d0-a285-00aa003049e2", "computer (class)"),
    ("bf967a9c-0de6-11d0-a285-00aa003049e2", "group (class)"),
    ("19195a5b-6da0-11d0-afd3-00c04fd930c9", "domainDNS (class)"),
    ("f30e3bc2-9ff0-11d1-b603-0000f80367c1", "groupPolicyContainer (class)"),
    ("6db69a1c-9422-11d1-aebd-0000f80367c1", "Terminal-Server"),
];

/// Every known GUID in the text (4662 lists several), joined by `, `.
pub fn guids(text: &str) -> Option<String> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + 36 <= bytes.len() {
        let Some(candidate) = text.get(at..at + 36) else {
            at += 1;
            continue;
        };
        if candidate.as_bytes()[8] == b'-'
            && let Some((_, name)) = GUIDS.iter().find(|(guid, _)| guid.eq_ignore_ascii_case(candidate))
        {
            if !found.contains(name) {
                found.push(*name);
            }
            at += 36;
        } else {
            at += 1;
        }
    }
    (!found.is_empty()).then(|| found.join(", "))
}
