//! The web server `web1`: auth.log, syslog, the audit log and nginx's access log, with their ordinary days.

use super::clock::{At, DAYS, at, within};
use super::log::{Estate, Log, Mark};
use super::random::Random;
use super::world::{ADMIN_NETWORK, WEB};

pub struct Web {
    pub random: Random,
    pub auth: Log<String>,
    pub syslog: Log<String>,
    /// One entry is all lines of one serial.
    pub audit: Log<Vec<String>>,
    pub access: Log<String>,
}

/// Who runs a command, as the kernel sees it.
#[derive(Clone, Copy)]
pub struct Who {
    pub auid: u32,
    pub uid: u32,
    pub terminal: &'static str,
    pub session: u32,
}

/// What nginx starts.
pub const WWW_DATA: Who = Who { auid: u32::MAX, uid: 33, terminal: "(none)", session: u32::MAX };
/// Root without a sign-in: what services and what `www-data` becomes.
pub const ROOT_SERVICE: Who = Who { auid: u32::MAX, uid: 0, terminal: "(none)", session: u32::MAX };

const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
];

impl Web {
    pub fn new() -> Self {
        Self {
            random: Random::for_part("web1"),
            auth: Log::default(),
            syslog: Log::default(),
            audit: Log::default(),
            access: Log::default(),
        }
    }

    pub fn auth(&mut self, t: At, app: &str, text: &str, mark: Option<&Mark>) {
        self.auth.put(t, format!("{} {} {app}: {text}", t.syslog(), WEB.name), mark);
    }

    pub fn syslog(&mut self, t: At, app: &str, text: &str, mark: Option<&Mark>) {
        self.syslog.put(t, format!("{} {} {app}: {text}", t.syslog(), WEB.name), mark);
    }

    /// `answer` is the status and the number of bytes.
    pub fn request(
        &mut self,
        t: At,
        from: &str,
        line: &str,
        answer: (u16, i64),
        agent: &str,
        mark: Option<&Mark>,
    ) {
        let (status, bytes) = answer;
        let text =
            format!("{from} - - [{}] \"{line} HTTP/1.1\" {status} {bytes} \"-\" \"{agent}\"", t.access());
        self.access.put(t, text, mark);
    }

    fn syscall(
        &mut self,
        who: Who,
        number: u32,
        (comm, exe): (&str, &str),
        (key, items): (&str, u32),
        (ppid, pid): (i64, i64),
    ) -> String {
        let Who { auid, uid, terminal, session } = who;
        let a = self.random.hex(10);
        format!(
            "arch=c000003e syscall={number} success=yes exit=0 a0=55{a} a1=55{a} a2=55{a} a3=8 items={items} ppid={ppid} pid={pid} \
             auid={auid} uid={uid} gid={uid} euid={uid} suid={uid} fsuid={uid} egid={uid} sgid={uid} fsgid={uid} \
             tty={terminal} ses={session} comm=\"{comm}\" exe=\"{exe}\" subj=unconfined key=\"{key}\""
        )
    }

    /// A program starts, as the child of something that started before.
    pub fn executes(&mut self, t: At, who: Who, exe: &str, args: &[&str], mark: Option<&Mark>) {
        let parent = self.random.between(900, 2000);
        self.executes_below(t, who, parent, (exe, args), mark);
    }

    /// A program starts below the process of that number: SYSCALL, EXECVE, CWD, PATH and PROCTITLE. The new number is
    /// given back.
    pub fn executes_below(
        &mut self,
        t: At,
        who: Who,
        parent: i64,
        (exe, args): (&str, &[&str]),
        mark: Option<&Mark>,
    ) -> i64 {
        let pid = self.random.between(2001, 32000);
        let comm = args.first().map_or("", |a| a.rsplit('/').next().unwrap_or(a));
        let comm: String = comm.chars().take(15).collect();
        let syscall = self.syscall(who, 59, (&comm, exe), ("exec", 2), (parent, pid));
        let quoted: Vec<String> =
            args.iter().enumerate().map(|(i, arg)| format!("a{i}={}", encoded(arg))).collect();
        let title: String = args.join("\0").bytes().map(|b| format!("{b:02X}")).collect();
        let lines = vec![
            format!("type=SYSCALL {syscall}"),
            format!("type=EXECVE argc={} {}", args.len(), quoted.join(" ")),
            format!("type=CWD cwd=\"{}\"", if who.uid == 33 { "/var/www/shop" } else { "/root" }),
            format!(
                "type=PATH item=0 name=\"{exe}\" inode=1311 dev=fe:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0"
            ),
            format!("type=PROCTITLE proctitle={title}"),
        ];
        self.audit.put(t, lines, mark);
        pid
    }

    /// A watched file is made, by the process of that number.
    pub fn makes_file(&mut self, t: At, who: Who, (exe, pid): (&str, i64), path: &str, mark: Option<&Mark>) {
        let comm = exe.rsplit('/').next().unwrap_or(exe).to_owned();
        let key = if path.contains("cron") { "cron" } else { "etc" };
        let parent = self.random.between(900, 2000);
        let syscall = self.syscall(who, 257, (&comm, exe), (key, 2), (parent, pid));
        let folder = &path[..path.rfind('/').map_or(0, |i| i + 1)];
        let inode = self.random.between(130_000, 190_000);
        let lines = vec![
            format!("type=SYSCALL {syscall}"),
            "type=CWD cwd=\"/\"".to_owned(),
            format!(
                "type=PATH item=0 name=\"{folder}\" inode=131073 dev=fe:01 mode=040755 ouid=0 ogid=0 rdev=00:00 nametype=PARENT cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0"
            ),
            format!(
                "type=PATH item=1 name=\"{path}\" inode={inode} dev=fe:01 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=CREATE cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0"
            ),
        ];
        self.audit.put(t, lines, mark);
    }

    pub fn ordinary_days(&mut self) {
        let mut random = Random::for_part("web1-life");
        for day in DAYS {
            for _ in 0..520 {
                let t = within(&mut random, day, 6, 23);
                self.visit(&mut random, t);
            }
            for _ in 0..24 {
                // The internet's weather: one try, one address.
                let t = within(&mut random, day, 0, 24);
                let from = format!("198.51.100.{}", random.between(100, 180));
                let line = *random.pick(&[
                    "GET /wp-login.php",
                    "GET /.env",
                    "GET /phpmyadmin/",
                    "POST /boaform/admin/formLogin",
                    "GET /cgi-bin/luci",
                ]);
                self.request(t, &from, line, (404, 162), "Mozilla/5.0 (compatible; survey/1.0)", None);
                let name = *random.pick(&["admin", "ubuntu", "pi", "git", "test"]);
                let (pid, port) = (random.between(2000, 30_000), random.between(30_000, 60_000));
                self.auth(
                    t.plus_s(3),
                    &format!("sshd[{pid}]"),
                    &format!("Invalid user {name} from {from} port {port}"),
                    None,
                );
                self.auth(
                    t.plus_s(5),
                    &format!("sshd[{pid}]"),
                    &format!("Failed password for invalid user {name} from {from} port {port} ssh2"),
                    None,
                );
            }
            self.jobs_of_the_day(&mut random, day);
            self.administrator(&mut random, day);
        }
    }

    fn visit(&mut self, random: &mut Random, t: At) {
        let from = format!("192.0.2.{}", random.between(1, 200));
        let agent = *random.pick(&BROWSERS);
        let item = random.between(1, 400);
        let line = match random.between(0, 9) {
            0..=2 => "GET /".to_owned(),
            3 | 4 => format!("GET /product?id={item}"),
            5 => format!("GET /img/{item}.webp"),
            6 => format!("GET /search?q=level+gauge+{item}"),
            7 => "GET /css/site.css".to_owned(),
            _ => format!("POST /cart/index.php?cmd=add&item={item}"),
        };
        let (status, bytes) = if random.chance(3) { (404, 162) } else { (200, random.between(400, 42_000)) };
        self.request(t, &from, &line, (status, bytes), agent, None);
    }

    fn jobs_of_the_day(&mut self, random: &mut Random, day: i64) {
        for hour in 0..24 {
            let t = at(day, hour, 17, 1);
            let pid = random.between(2000, 30_000);
            self.syslog(
                t,
                &format!("CRON[{pid}]"),
                "(root) CMD (cd / && run-parts --report /etc/cron.hourly)",
                None,
            );
            self.auth(
                t,
                &format!("CRON[{pid}]"),
                "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
                None,
            );
            self.auth(
                t.plus_s(1),
                &format!("CRON[{pid}]"),
                "pam_unix(cron:session): session closed for user root",
                None,
            );
            if hour % 6 == 0 {
                let t = at(day, hour, 5, 1);
                self.syslog(
                    t,
                    &format!("CRON[{}]", pid + 1),
                    "(www-data) CMD (php8.2 /var/www/shop/cron.php)",
                    None,
                );
                self.executes(t, WWW_DATA, "/usr/bin/php8.2", &["php8.2", "/var/www/shop/cron.php"], None);
            }
        }
        let t = at(day, 1, 0, 1);
        let pid = random.between(2000, 30_000);
        self.syslog(
            t,
            &format!("CRON[{pid}]"),
            "(root) CMD (/usr/local/bin/backup-shop | logger -t backup)",
            None,
        );
        self.executes(
            t,
            ROOT_SERVICE,
            "/usr/bin/dash",
            &["/bin/sh", "-c", "/usr/local/bin/backup-shop | logger -t backup"],
            None,
        );
        self.executes(
            t.plus_s(1),
            ROOT_SERVICE,
            "/usr/bin/pg_dump",
            &["pg_dump", "-Fc", "shop", "-f", "/srv/backup/shop.dump"],
            None,
        );
        self.executes(
            t.plus_s(40),
            ROOT_SERVICE,
            "/usr/bin/rsync",
            &["rsync", "-a", "/srv/backup/", "backup.tarnbeck.example::web1/"],
            None,
        );
        self.syslog(t.plus_s(95), "backup", "shop.dump: 48211304 bytes written", None);
        let t = at(day, 6, 25, 2);
        self.syslog(
            t,
            "systemd[1]",
            "Starting apt-daily-upgrade.service - Daily apt upgrade and clean activities...",
            None,
        );
        self.executes(
            t.plus_s(2),
            ROOT_SERVICE,
            "/usr/bin/apt-get",
            &["apt-get", "-qq", "-y", "upgrade"],
            None,
        );
        if day == 2 {
            self.executes(
                t.plus_s(20),
                ROOT_SERVICE,
                "/usr/bin/dpkg",
                &["dpkg", "--unpack", "/var/cache/apt/archives/certbot_2.9.0-1_all.deb"],
                None,
            );
            self.makes_file(
                t.plus_s(21),
                ROOT_SERVICE,
                ("/usr/bin/dpkg", 4410),
                "/etc/cron.d/certbot.dpkg-new",
                None,
            );
        }
        self.syslog(t.plus_s(55), "systemd[1]", "apt-daily-upgrade.service: Deactivated successfully.", None);
        self.executes(
            at(day, 0, 0, 5),
            ROOT_SERVICE,
            "/usr/sbin/logrotate",
            &["/usr/sbin/logrotate", "/etc/logrotate.conf"],
            None,
        );
        self.executes(
            at(day, 0, 0, 6),
            ROOT_SERVICE,
            "/usr/bin/gzip",
            &["gzip", "/var/log/nginx/access.log.1"],
            None,
        );
        for _ in 0..6 {
            let t = within(random, day, 0, 24);
            self.syslog(t, "kernel", "[UFW BLOCK] IN=eth0 OUT= SRC=198.51.100.201 DST=10.40.0.10 LEN=40 TOS=0x00 PREC=0x00 TTL=241 ID=54321 PROTO=TCP SPT=41200 DPT=23 WINDOW=65535 RES=0x00 SYN URGP=0", None);
            self.syslog(
                t.plus_s(30),
                "systemd-timesyncd[612]",
                "Initial clock synchronization to the server at 10.30.1.10:123.",
                None,
            );
        }
    }

    fn administrator(&mut self, random: &mut Random, day: i64) {
        let person = Who { auid: 1001, uid: 1001, terminal: "pts0", session: 40 + day as u32 };
        let as_root = Who { uid: 0, ..person };
        let t = within(random, day, 9, 15);
        let (pid, port) = (random.between(2000, 30_000), random.between(49_000, 60_000));
        let sshd = format!("sshd[{pid}]");
        if random.chance(40) {
            self.auth(
                t.plus_s(-15),
                &sshd,
                &format!("Failed password for piet from {ADMIN_NETWORK} port {port} ssh2"),
                None,
            );
        }
        self.auth(
            t,
            &sshd,
            &format!("Accepted publickey for piet from {ADMIN_NETWORK} port {port} ssh2: ED25519 SHA256:6q0dPZ0m7aJx1kq9o2Vb3mKc8Lr5TtYw4nHh2uEeQxA"),
            None,
        );
        self.auth(
            t,
            &sshd,
            "pam_unix(sshd:session): session opened for user piet(uid=1001) by (uid=0)",
            None,
        );
        self.auth(
            t.plus_s(1),
            "systemd-logind[655]",
            &format!("New session {} of user piet.", person.session),
            None,
        );
        self.executes(
            t.plus_s(20),
            person,
            "/usr/bin/tail",
            &["tail", "-n", "200", "/var/log/nginx/error.log"],
            None,
        );
        self.executes(t.plus_s(90), person, "/usr/bin/sudo", &["sudo", "systemctl", "reload", "nginx"], None);
        self.auth(
            t.plus_s(91),
            "sudo",
            "    piet : TTY=pts/0 ; PWD=/home/piet ; USER=root ; COMMAND=/usr/bin/systemctl reload nginx",
            None,
        );
        self.auth(
            t.plus_s(91),
            "sudo",
            "pam_unix(sudo:session): session opened for user root(uid=0) by piet(uid=1001)",
            None,
        );
        self.executes(t.plus_s(91), as_root, "/usr/bin/systemctl", &["systemctl", "reload", "nginx"], None);
        self.auth(t.plus_s(92), "sudo", "pam_unix(sudo:session): session closed for user root", None);
        self.syslog(
            t.plus_s(92),
            "systemd[1]",
            "Reloaded nginx.service - A high performance web server and a reverse proxy server.",
            None,
        );
        self.executes(t.plus_s(130), person, "/usr/bin/vim.basic", &["vim", "notes.txt"], None);
        self.auth(t.plus_s(900), &sshd, "pam_unix(sshd:session): session closed for user piet", None);
    }

    pub fn write(mut self, estate: &mut Estate) {
        let folder = "linux/web1/var/log";
        estate.lines(&format!("{folder}/auth.log"), self.auth);
        estate.lines(&format!("{folder}/syslog"), self.syslog);
        estate.lines(&format!("{folder}/nginx/access.log"), self.access);
        self.audit.sort();
        let path = format!("{folder}/audit/audit.log");
        let (mut text, mut line, mut serial) = (String::new(), 1, 18_211);
        for row in self.audit.rows {
            serial += 1;
            if let Some(mark) = &row.mark {
                estate.note(&path, line, &serial.to_string(), row.at, mark);
            }
            for body in &row.body {
                let (kind, rest) = body.split_once(' ').unwrap_or((body, ""));
                text.push_str(&format!("{kind} msg=audit({}:{serial}): {rest}\n", row.at.unix_ms()));
                line += 1;
            }
        }
        estate.file(path, text);
    }
}

/// What the kernel does to an argument: in quotes, or in hexadecimal digits when it holds a blank or a quote.
fn encoded(argument: &str) -> String {
    if argument.bytes().any(|b| b == b'"' || b <= b' ' || b > 0x7e) {
        argument.bytes().map(|b| format!("{b:02X}")).collect()
    } else {
        format!("\"{argument}\"")
    }
}
