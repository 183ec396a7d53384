//! DNS response codes and record types. Source: IANA, Domain Name System Parameters.

use super::word;

pub fn rcode(code: &str) -> Option<String> {
    word(
        code,
        &[
            (0, "NOERROR"),
            (1, "FORMERR"),
            (2, "SERVFAIL"),
            (3, "NXDOMAIN"),
            (4, "NOTIMP"),
            (5, "REFUSED"),
            (6, "YXDOMAIN"),
            (7, "YXRRSET"),
            (8, "NXRRSET"),
            (9, "NOTAUTH"),
            (10, "NOTZONE"),
            (16, "BADVERS"),
        ],
    )
}

pub fn record_type(code: &str) -> Option<String> {
    word(
        code,
        &[
            (1, "A"),
            (2, "NS"),
            (5, "CNAME"),
            (6, "SOA"),
            (10, "NULL"),
            (12, "PTR"),
            (13, "HINFO"),
            (15, "MX"),
            (16, "TXT"),
            (28, "AAAA"),
            (33, "SRV"),
            (35, "NAPTR"),
            (39, "DNAME"),
            (43, "DS"),
            (46, "RRSIG"),
            (47, "NSEC"),
            (48, "DNSKEY"),
            (50, "NSEC3"),
            (52, "TLSA"),
            (64, "SVCB"),
            (65, "HTTPS"),
            (99, "SPF"),
            (251, "IXFR"),
            (252, "AXFR"),
            (255, "ANY"),
            (257, "CAA"),
        ],
    )
}
