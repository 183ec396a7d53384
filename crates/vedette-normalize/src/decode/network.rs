//! Protocol numbers of IP. Source: IANA, Assigned Internet Protocol Numbers.

use super::word;

pub fn protocol(code: &str) -> Option<String> {
    word(
        code,
        &[
            (0, "hopopt"),
            (1, "icmp"),
            (2, "igmp"),
            (4, "ipv4"),
            (6, "tcp"),
            (17, "udp"),
            (41, "ipv6"),
            (47, "gre"),
            (50, "esp"),
            (51, "ah"),
            (58, "ipv6-icmp"),
            (89, "ospf"),
            (103, "pim"),
            (112, "vrrp"),
            (115, "l2tp"),
            (132, "sctp"),
            (136, "udplite"),
        ],
    )
}
