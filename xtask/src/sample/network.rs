//! What the network saw: the firewall's syslog, Zeek's logs and Suricata's events.

use serde_json::{Value, json};

use super::clock::{At, DAYS, at, window, within};
use super::log::{Estate, Log, Mark};
use super::random::Random;
use super::world::*;

const ZEEK_DNS: (&str, &[&str], &[&str]) = (
    "dns",
    &[
        "ts",
        "uid",
        "id.orig_h",
        "id.orig_p",
        "id.resp_h",
        "id.resp_p",
        "proto",
        "trans_id",
        "rtt",
        "query",
        "qclass",
        "qclass_name",
        "qtype",
        "qtype_name",
        "rcode",
        "rcode_name",
        "AA",
        "TC",
        "RD",
        "RA",
        "Z",
        "answers",
        "TTLs",
        "rejected",
    ],
    &[
        "time",
        "string",
        "addr",
        "port",
        "addr",
        "port",
        "enum",
        "count",
        "interval",
        "string",
        "count",
        "string",
        "count",
        "string",
        "count",
        "string",
        "bool",
        "bool",
        "bool",
        "bool",
        "count",
        "vector[string]",
        "vector[interval]",
        "bool",
    ],
);
const ZEEK_CONN: (&str, &[&str], &[&str]) = (
    "conn",
    &[
        "ts",
        "uid",
        "id.orig_h",
        "id.orig_p",
        "id.resp_h",
        "id.resp_p",
        "proto",
        "service",
        "duration",
        "orig_bytes",
        "resp_bytes",
        "conn_state",
        "local_orig",
        "local_resp",
        "missed_bytes",
        "history",
        "orig_pkts",
        "orig_ip_bytes",
        "resp_pkts",
        "resp_ip_bytes",
        "tunnel_parents",
    ],
    &[
        "time",
        "string",
        "addr",
        "port",
        "addr",
        "port",
        "enum",
        "string",
        "interval",
        "count",
        "count",
        "string",
        "bool",
        "bool",
        "count",
        "string",
        "count",
        "count",
        "count",
        "count",
        "set[string]",
    ],
);
const ZEEK_SMB: (&str, &[&str], &[&str]) = (
    "smb_files",
    &[
        "ts",
        "uid",
        "id.orig_h",
        "id.orig_p",
        "id.resp_h",
        "id.resp_p",
        "fuid",
        "action",
        "path",
        "name",
        "size",
        "prev_name",
        "times.modified",
        "times.accessed",
        "times.created",
        "times.changed",
    ],
    &[
        "time", "string", "addr", "port", "addr", "port", "string", "enum", "string", "string", "count",
        "string", "time", "time", "time", "time",
    ],
);

const SITES: [(&str, &str); 7] = [
    ("www.example.com", "198.51.100.91"),
    ("outlook.office.example", "198.51.100.90"),
    ("updates.example.net", "198.51.100.92"),
    ("maps.example.org", "198.51.100.93"),
    ("intranet.tarnbeck.example", "10.30.1.16"),
    ("news.example.xyz", "198.51.100.95"),
    ("meet.example.org", "203.0.113.20"),
];

pub struct Sensors {
    pub random: Random,
    pub firewall: Log<String>,
    pub dns: Log<String>,
    pub conn: Log<String>,
    pub smb: Log<String>,
    pub eve: Log<Value>,
    connection: i64,
}

/// A connection as Zeek sums it up.
pub struct Conn<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub port: u16,
    pub service: &'a str,
    pub sent: i64,
    pub received: i64,
    pub seconds: i64,
}

/// A file on a share. `before` is its name before a renaming, else empty.
pub struct ShareFile<'a> {
    pub share: &'a str,
    pub name: &'a str,
    pub bytes: i64,
    pub before: &'a str,
}

impl Sensors {
    pub fn new() -> Self {
        Self {
            random: Random::for_part("network"),
            firewall: Log::default(),
            dns: Log::default(),
            conn: Log::default(),
            smb: Log::default(),
            eve: Log::default(),
            connection: 81_000,
        }
    }

    fn port(&mut self) -> i64 {
        self.random.between(49_200, 65_000)
    }

    fn uid(&mut self) -> String {
        format!("C{}", self.random.capitals(17))
    }

    fn asa(&mut self, t: At, severity: u8, id: u32, text: &str, mark: Option<&Mark>) {
        let priority = 160 + u32::from(severity);
        self.firewall.put(t, format!("<{priority}>{} edge-fw : %ASA-{severity}-{id}: {text}", t.asa()), mark);
    }

    pub fn refused(&mut self, t: At, zone: &str, from: &str, to: (&str, u16), mark: Option<&Mark>) {
        let port = self.port();
        let text = format!(
            "Deny tcp src {zone}:{from}/{port} dst dmz:{}/{} by access-group \"{zone}_in\" [0x0, 0x0]",
            to.0, to.1
        );
        self.asa(t, 4, 106_023, &text, mark);
    }

    /// A connection from outside to the web server, built and torn down.
    pub fn inbound(
        &mut self,
        t: At,
        from: &str,
        port: u16,
        (seconds, bytes): (i64, i64),
        mark: Option<&Mark>,
    ) {
        self.connection += 1;
        let (n, source) = (self.connection, self.port());
        let text = format!(
            "Built inbound TCP connection {n} for outside:{from}/{source} ({from}/{source}) to dmz:{}/{port} ({WEB_PUBLIC}/{port})",
            WEB.address
        );
        self.asa(t, 6, 302_013, &text, mark);
        let ends = (("outside", from, source), ("dmz", WEB.address, port));
        self.teardown(t, n, ends, (seconds, bytes), mark);
    }

    /// `from` is the zone and the address within.
    pub fn outbound(
        &mut self,
        t: At,
        from: (&str, &str),
        to: (&str, u16),
        (seconds, bytes): (i64, i64),
        mark: Option<&Mark>,
    ) {
        let (zone, from) = from;
        self.connection += 1;
        let (n, source) = (self.connection, self.port());
        let text = format!(
            "Built outbound TCP connection {n} for outside:{}/{} ({}/{}) to {zone}:{from}/{source} ({OFFICE}/{source})",
            to.0, to.1, to.0, to.1
        );
        self.asa(t, 6, 302_013, &text, mark);
        let ends = (("outside", to.0, i64::from(to.1)), (zone, from, source as u16));
        self.teardown(t, n, ends, (seconds, bytes), mark);
    }

    /// `begun` is when the connection was built.
    fn teardown(
        &mut self,
        begun: At,
        n: i64,
        (one, two): ((&str, &str, i64), (&str, &str, u16)),
        (seconds, bytes): (i64, i64),
        mark: Option<&Mark>,
    ) {
        let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let text = format!(
            "Teardown TCP connection {n} for {}:{}/{} to {}:{}/{} duration {h}:{m:02}:{s:02} bytes {bytes} TCP FINs",
            one.0, one.1, one.2, two.0, two.1, two.2
        );
        self.asa(begun.plus_s(seconds), 6, 302_014, &text, mark);
    }

    pub fn query(&mut self, t: At, from: &str, name: &str, kind: &str, answer: &str, mark: Option<&Mark>) {
        let number = match kind {
            "A" => 1,
            "TXT" => 16,
            "PTR" => 12,
            _ => 28,
        };
        let (uid, port, id) = (self.uid(), self.port(), self.random.between(1, 65_535));
        let rtt = format!("0.{:06}", self.random.between(900, 42_000));
        let (answers, ttls, code) =
            if answer.is_empty() { ("-", "-", "NXDOMAIN") } else { (answer, "300.000000", "NOERROR") };
        let rcode = if answer.is_empty() { 3 } else { 0 };
        let row = format!(
            "{}\t{uid}\t{from}\t{port}\t{}\t53\tudp\t{id}\t{rtt}\t{name}\t1\tC_INTERNET\t{number}\t{kind}\t{rcode}\t{code}\tF\tF\tT\tT\t0\t{answers}\t{ttls}\tF",
            t.unix_us(),
            DC.address
        );
        self.dns.put(t, row, mark);
    }

    pub fn connection(&mut self, t: At, c: &Conn<'_>, mark: Option<&Mark>) {
        let (uid, port) = (self.uid(), self.port());
        let local = |a: &str| if a.starts_with("10.") { 'T' } else { 'F' };
        let (out, back) = (c.sent / 1200 + 4, c.received / 1200 + 4);
        let row = format!(
            "{}\t{uid}\t{}\t{port}\t{}\t{}\ttcp\t{}\t{}.{:06}\t{}\t{}\tSF\t{}\t{}\t0\tShADadFf\t{out}\t{}\t{back}\t{}\t-",
            t.unix_us(),
            c.from,
            c.to,
            c.port,
            c.service,
            c.seconds,
            self.random.between(0, 999_999),
            c.sent,
            c.received,
            local(c.from),
            local(c.to),
            c.sent + out * 40,
            c.received + back * 40,
        );
        self.conn.put(t, row, mark);
    }

    pub fn share_file(
        &mut self,
        t: At,
        from: &str,
        to: &str,
        action: &str,
        file: ShareFile<'_>,
        mark: Option<&Mark>,
    ) {
        let (uid, port) = (self.uid(), self.port());
        let stamp = t.unix_us();
        let ShareFile { share, name, bytes, before } = file;
        let before = if before.is_empty() { "-" } else { before };
        let row = format!(
            "{stamp}\t{uid}\t{from}\t{port}\t{to}\t445\t-\t{action}\t{share}\t{name}\t{bytes}\t{before}\t{stamp}\t{stamp}\t{stamp}\t{stamp}",
        );
        self.smb.put(t, row, mark);
    }

    fn event(&mut self, t: At, kind: &str, from: (&str, i64), to: (&str, i64), app: &str) -> Value {
        json!({
            "timestamp": t.eve(),
            "flow_id": self.random.between(1_000_000_000_000, 1_999_999_999_999),
            "in_iface": "ens192",
            "event_type": kind,
            "src_ip": from.0,
            "src_port": from.1,
            "dest_ip": to.0,
            "dest_port": to.1,
            "proto": if app == "dns" { "UDP" } else { "TCP" },
        })
    }

    pub fn alert(
        &mut self,
        t: At,
        from: &str,
        to: (&str, i64),
        signature: (u32, &str, &str, u8),
        mark: Option<&Mark>,
    ) {
        let port = self.port();
        let mut event = self.event(t, "alert", (from, port), to, "tls");
        event["alert"] = json!({ "action": "allowed", "gid": 1, "signature_id": signature.0, "rev": 1, "signature": signature.1, "category": signature.2, "severity": signature.3 });
        event["app_proto"] = json!(if to.1 == 443 { "tls" } else { "http" });
        self.eve.put(t, event, mark);
    }

    pub fn handshake(&mut self, t: At, from: &str, to: (&str, &str), mark: Option<&Mark>) {
        let port = self.port();
        let mut event = self.event(t, "tls", (from, port), (to.0, 443), "tls");
        let fingerprint: Vec<String> = (0..20).map(|_| self.random.hex(2)).collect();
        event["tls"] = json!({ "subject": format!("CN={}", to.1), "issuerdn": "C=NL, O=Example Trust, CN=Example TLS CA 1", "serial": self.random.hex(16).to_uppercase(), "fingerprint": fingerprint.join(":"), "sni": to.1, "version": "TLS 1.3", "notbefore": "2026-01-01T00:00:00", "notafter": "2026-12-31T23:59:59" });
        self.eve.put(t, event, mark);
    }

    pub fn ordinary_days(&mut self) {
        let mut random = Random::for_part("network-life");
        let desks = [WS_ANA.address, WS_BO.address, "10.30.4.31", WS_EVA.address];
        for day in DAYS {
            for desk in desks {
                for _ in 0..70 {
                    let t = within(&mut random, day, 7, 18);
                    self.browses(&mut random, t, desk);
                }
                for _ in 0..9 {
                    let t = within(&mut random, day, 8, 17);
                    let name = format!("2026\\sheet-{}.xlsx", random.between(100, 999));
                    let bytes = random.between(9_000, 400_000);
                    let file = ShareFile { share: "\\\\TB-FS-01\\team", name: &name, bytes, before: "" };
                    self.share_file(t, desk, FS.address, "SMB::FILE_OPEN", file, None);
                }
                // Somebody gives a sheet another name.
                let t = within(&mut random, day, 8, 17);
                let file = ShareFile {
                    share: "\\\\TB-FS-01\\team",
                    name: "2026\\plan-final.xlsx",
                    bytes: 48_112,
                    before: "2026\\plan.xlsx",
                };
                self.share_file(t, desk, FS.address, "SMB::FILE_RENAME", file, None);
            }
            self.house_names(&mut random, day, &desks);
            for _ in 0..110 {
                let t = within(&mut random, day, 6, 23);
                let from = format!("192.0.2.{}", random.between(1, 200));
                let (seconds, bytes) = (random.between(1, 30), random.between(2_000, 60_000));
                self.inbound(t, &from, 443, (seconds, bytes), None);
            }
            for _ in 0..60 {
                let t = within(&mut random, day, 0, 24);
                let from = format!("198.51.100.{}", random.between(100, 180));
                let port = *random.pick(&[23, 22, 445, 3389, 8080, 5900]);
                self.refused(t, "outside", &from, (WEB_PUBLIC, port), None);
            }
            // The nightly copy of the backup server to its vault outside, in many parts.
            for part in 0..6 {
                let c = Conn {
                    from: BACKUP_SERVER,
                    to: "198.51.100.77",
                    port: 443,
                    service: "ssl",
                    sent: 70_000_000 + random.between(0, 9_000_000),
                    received: 210_000,
                    seconds: 600,
                };
                self.connection(at(day, 1, 40, 0).plus_s(part * 660), &c, None);
            }
            self.query(
                at(day, 3, 5, 1),
                "10.30.1.25",
                "_dmarc.example.com",
                "TXT",
                "v=DMARC1; p=reject",
                None,
            );
        }
    }

    /// The house's own machines ask for one another, so that names and addresses can be brought together.
    fn house_names(&mut self, random: &mut Random, day: i64, desks: &[&str]) {
        for desk in desks {
            for machine in [FS, DC] {
                let t = within(random, day, 7, 17);
                self.query(t, desk, machine.fqdn, "A", machine.address, None);
            }
        }
        for machine in [WS_ANA, WS_BO, WS_EVA, FS] {
            let t = within(random, day, 1, 2);
            self.query(t, BACKUP_SERVER, machine.fqdn, "A", machine.address, None);
        }
        let t = within(random, day, 8, 9);
        self.query(t, ADMIN_NETWORK, WEB.fqdn, "A", WEB.address, None);
    }

    /// A name is looked up, and mostly a connection follows.
    fn browses(&mut self, random: &mut Random, t: At, desk: &str) {
        let site = *random.pick(&SITES);
        let kind = if random.chance(80) { "A" } else { "AAAA" };
        self.query(t, desk, site.0, kind, if kind == "A" { site.1 } else { "" }, None);
        if kind != "A" || !random.chance(60) {
            return;
        }
        let (sent, received) = (random.between(900, 40_000), random.between(4_000, 900_000));
        let seconds = random.between(1, 240);
        let c = Conn { from: desk, to: site.1, port: 443, service: "ssl", sent, received, seconds };
        self.connection(t.plus_ms(40), &c, None);
        if site.1.starts_with("10.") {
            return;
        }
        if random.chance(40) {
            let inside = ("inside", desk);
            self.outbound(t.plus_ms(41), inside, (site.1, 443), (seconds, sent + received), None);
        }
        if random.chance(30) {
            self.handshake(t.plus_ms(60), desk, (site.1, site.0), None);
        }
    }

    pub fn write(mut self, estate: &mut Estate) {
        estate.lines("network/edge-fw.log", std::mem::take(&mut self.firewall));
        zeek(estate, ZEEK_DNS, self.dns);
        zeek(estate, ZEEK_CONN, self.conn);
        zeek(estate, ZEEK_SMB, self.smb);
        estate.json_lines("network/suricata/eve.json", self.eve, "/flow_id");
    }
}

/// Header lines, rows, and the closing line as Zeek writes them. Line numbers in the truth count the header too.
fn zeek(estate: &mut Estate, kind: (&str, &[&str], &[&str]), mut log: Log<String>) {
    log.sort();
    let (name, fields, types) = kind;
    let path = format!("network/zeek/{name}.log");
    let (begin, end) = window();
    let mut text = format!(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t{name}\n#open\t{}\n#fields\t{}\n#types\t{}\n",
        begin.zeek(),
        fields.join("\t"),
        types.join("\t")
    );
    for (i, row) in log.rows.iter().enumerate() {
        if let Some(mark) = &row.mark {
            let uid = row.body.split('\t').nth(1).unwrap_or_default();
            estate.note(&path, i + 9, uid, row.at, mark);
        }
        text.push_str(&row.body);
        text.push('\n');
    }
    text.push_str(&format!("#close\t{}\n", end.zeek()));
    estate.file(path, text);
}
