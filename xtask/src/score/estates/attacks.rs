//! Synthetic attacks: what rules would find of a whole intrusion, with the entities that their events name.

use vedette_model::Level::{Critical, High, Low, Medium};
use vedette_model::{EntityKind, Role};

use super::world::{
    BEGIN, HOUR, Label, MINUTE, Maker, SECOND, SERVERS, WEB, by, desk, domain, from_address, from_host,
    in_session, mail, named, parent, person, principal, started, system, to_address, user,
};

/// Three to five attacks, most of them on the first day's afternoon, so that their hours and servers overlap.
pub fn some(maker: &mut Maker) {
    let mut kinds: [fn(&mut Maker, Label, i64); 5] = [ransomware, cloud_key, web_shell, directory, mailbox];
    maker.random.shuffle(&mut kinds);
    let count = 3 + maker.random.below(3);
    for kind in kinds.into_iter().take(count) {
        let label = maker.attack();
        let start = BEGIN + maker.random.between(8 * HOUR, 20 * HOUR);
        kind(maker, label, start);
    }
}

fn next_desk(maker: &mut Maker) -> usize {
    maker.desks.pop().unwrap_or(0)
}

fn ransomware(maker: &mut Maker, label: Label, start: i64) {
    let at_desk = next_desk(maker);
    let (host, who) = (desk(at_desk), person(at_desk));
    let session = maker.sessions[at_desk].clone();
    let (word, shell, c2) = (maker.process(&host), maker.process(&host), maker.outside());
    let mut t = start;
    maker.finding(
        label,
        "office_child",
        High,
        t,
        &host,
        "execution",
        vec![
            user(&who),
            started(&shell, r"c:\windows\system32\powershell.exe"),
            parent(&word, "winword.exe"),
            in_session(&session),
        ],
    );
    t += maker.random.between(5 * SECOND, MINUTE);
    maker.finding(
        label,
        "beacon",
        Medium,
        t,
        &host,
        "command-and-control",
        vec![user(&who), by(&shell, "powershell.exe"), to_address(&c2)],
    );
    for rule in ["whoami", "net_group", "nltest"] {
        t += maker.random.between(20 * SECOND, 8 * MINUTE);
        let child = maker.process(&host);
        maker.finding(
            label,
            rule,
            Low,
            t,
            &host,
            "discovery",
            vec![
                user(&who),
                started(&child, "whoami.exe"),
                parent(&shell, "powershell.exe"),
                in_session(&session),
            ],
        );
    }
    t += maker.random.between(MINUTE, 20 * MINUTE);
    maker.finding(
        label,
        "run_key",
        Medium,
        t,
        &host,
        "persistence",
        vec![user(&who), by(&shell, "powershell.exe")],
    );
    t += maker.random.between(5 * MINUTE, HOUR);
    let (tool, lsass) = (maker.process(&host), maker.process(&host));
    let hash = format!("{:032x}", maker.random.next());
    maker.finding(
        label,
        "tool_start",
        Medium,
        t,
        &host,
        "execution",
        vec![
            user(&who),
            started(&tool, r"c:\users\public\t.exe"),
            parent(&shell, "powershell.exe"),
            in_session(&session),
            named(EntityKind::FileHash, Role::Target, &hash),
        ],
    );
    maker.finding(
        label,
        "lsass_access",
        High,
        t + SECOND,
        &host,
        "credential-access",
        vec![
            by(&tool, r"c:\users\public\t.exe"),
            (EntityKind::Process, Role::Target, lsass, "lsass.exe".to_owned()),
        ],
    );
    let server = SERVERS[maker.random.below(3)];
    let admin = format!("corp\\adm-{}", maker.random.below(3));
    t += maker.random.between(10 * MINUTE, 2 * HOUR);
    let there = maker.session(server);
    maker.finding(
        label,
        "admin_logon",
        Medium,
        t,
        server,
        "lateral-movement",
        vec![
            user(&admin),
            from_address(&format!("10.0.4.{}", 10 + at_desk)),
            from_host(&host),
            named(EntityKind::LogonSession, Role::Target, &there),
        ],
    );
    let (services, implant) = (maker.process(server), maker.process(server));
    t += maker.random.between(2 * SECOND, 2 * MINUTE);
    let service = format!("{server}|svc{:04x}", maker.random.next() as u16);
    maker.finding(
        label,
        "service_install",
        High,
        t,
        server,
        "persistence",
        vec![named(EntityKind::Service, Role::Target, &service)],
    );
    maker.finding(
        label,
        "service_shell",
        Medium,
        t + SECOND,
        server,
        "execution",
        vec![
            system(),
            started(&implant, r"c:\windows\temp\a.exe"),
            parent(&services, "services.exe"),
            in_session(&format!("{server}|0x3e7")),
        ],
    );
    t += maker.random.between(MINUTE, 20 * MINUTE);
    let child = maker.process(server);
    maker.finding(
        label,
        "ntds_dump",
        Critical,
        t,
        server,
        "credential-access",
        vec![
            system(),
            started(&child, "ntdsutil.exe"),
            parent(&implant, "a.exe"),
            in_session(&format!("{server}|0x3e7")),
        ],
    );
    t += maker.random.between(10 * MINUTE, 3 * HOUR);
    let child = maker.process(server);
    maker.finding(
        label,
        "shadow_delete",
        Critical,
        t,
        server,
        "impact",
        vec![
            system(),
            started(&child, "vssadmin.exe"),
            parent(&implant, "a.exe"),
            in_session(&format!("{server}|0x3e7")),
        ],
    );
    t += maker.random.between(MINUTE, 15 * MINUTE);
    maker.finding(
        label,
        "log_clear",
        High,
        t,
        server,
        "defense-evasion",
        vec![user(&admin), in_session(&there)],
    );
}

fn cloud_key(maker: &mut Maker, label: Label, start: i64) {
    let account = super::world::ACCOUNT;
    let (victim, made) = (format!("deploy-{}", maker.random.below(5)), "svc-sync");
    let arn = |name: &str| format!("arn:aws:iam::{account}:user/{name}");
    let (first, second) = (maker.outside(), maker.outside());
    let mut t = start;
    for rule in ["aws_identity", "aws_list_users", "aws_list_buckets"] {
        maker.finding(
            label,
            rule,
            Low,
            t,
            account,
            "discovery",
            vec![principal(&arn(&victim)), user(&victim), from_address(&first)],
        );
        t += maker.random.between(20 * SECOND, 10 * MINUTE);
    }
    maker.finding(
        label,
        "aws_create_user",
        Medium,
        t,
        account,
        "persistence",
        vec![
            principal(&arn(&victim)),
            user(&victim),
            named(EntityKind::User, Role::Target, made),
            from_address(&first),
        ],
    );
    t += maker.random.between(MINUTE, 30 * MINUTE);
    maker.finding(
        label,
        "aws_admin_policy",
        High,
        t,
        account,
        "privilege-escalation",
        vec![
            principal(&arn(&victim)),
            user(&victim),
            named(EntityKind::User, Role::Target, made),
            from_address(&first),
        ],
    );
    t += maker.random.between(10 * MINUTE, 3 * HOUR);
    for (rule, level, tactic) in [
        ("aws_stop_trail", High, "defense-evasion"),
        ("aws_bucket_policy", Medium, "exfiltration"),
        ("aws_snapshot_share", High, "exfiltration"),
    ] {
        maker.finding(
            label,
            rule,
            level,
            t,
            account,
            tactic,
            vec![principal(&arn(made)), user(made), from_address(&second)],
        );
        t += maker.random.between(MINUTE, HOUR);
    }
}

fn web_shell(maker: &mut Maker, label: Label, start: i64) {
    let (attacker, drop) = (maker.outside(), maker.outside());
    let (server, shell) = (maker.process(WEB), maker.process(WEB));
    let mut t = start;
    maker.finding(label, "upload_exploit", High, t, WEB, "initial-access", vec![from_address(&attacker)]);
    t += maker.random.between(10 * SECOND, 20 * MINUTE);
    maker.finding(
        label,
        "web_child_shell",
        High,
        t,
        WEB,
        "persistence",
        vec![user("www-data"), started(&shell, "/bin/sh"), parent(&server, "/usr/sbin/php-fpm")],
    );
    for rule in ["linux_id", "linux_passwd"] {
        t += maker.random.between(20 * SECOND, 5 * MINUTE);
        let child = maker.process(WEB);
        maker.finding(
            label,
            rule,
            Low,
            t,
            WEB,
            "discovery",
            vec![user("www-data"), started(&child, "/usr/bin/id"), parent(&shell, "/bin/sh")],
        );
    }
    t += maker.random.between(MINUTE, 30 * MINUTE);
    let fetched = maker.process(WEB);
    maker.finding(
        label,
        "fetch_and_run",
        Medium,
        t,
        WEB,
        "command-and-control",
        vec![user("www-data"), started(&fetched, "/tmp/.x"), parent(&shell, "/bin/sh"), to_address(&drop)],
    );
    t += maker.random.between(MINUTE, HOUR);
    let root = maker.process(WEB);
    maker.finding(
        label,
        "sudo_escape",
        High,
        t,
        WEB,
        "privilege-escalation",
        vec![user("root"), started(&root, "/bin/bash"), parent(&fetched, "/tmp/.x")],
    );
    for (rule, level, tactic) in [
        ("cron_write", Medium, "persistence"),
        ("log_truncate", Medium, "defense-evasion"),
        ("dns_tunnel", High, "exfiltration"),
    ] {
        t += maker.random.between(MINUTE, 40 * MINUTE);
        let child = maker.process(WEB);
        maker.finding(
            label,
            rule,
            level,
            t,
            WEB,
            tactic,
            vec![user("root"), started(&child, "/usr/bin/tee"), parent(&root, "/bin/bash")],
        );
    }
}

fn directory(maker: &mut Maker, label: Label, start: i64) {
    let at_desk = next_desk(maker);
    let (host, who, ip) = (desk(at_desk), person(at_desk), format!("10.0.4.{}", 10 + at_desk));
    let service = format!("corp\\svc-sql{}", maker.random.below(4));
    let session = maker.sessions[at_desk].clone();
    let tool = maker.process(&host);
    let mut t = start;
    maker.finding(
        label,
        "ps_cradle",
        Medium,
        t,
        &host,
        "execution",
        vec![user(&who), started(&tool, "powershell.exe"), in_session(&session)],
    );
    t += maker.random.between(MINUTE, 10 * MINUTE);
    maker.finding(
        label,
        "kerberoast",
        High,
        t,
        "srv-dc",
        "credential-access",
        vec![user(&who), from_address(&ip), from_host(&host)],
    );
    t += maker.random.between(20 * MINUTE, 4 * HOUR);
    let there = maker.session("srv-files");
    maker.finding(
        label,
        "service_account_logon",
        Medium,
        t,
        "srv-files",
        "lateral-movement",
        vec![
            user(&service),
            from_address(&ip),
            from_host(&host),
            named(EntityKind::LogonSession, Role::Target, &there),
        ],
    );
    let (host_process, shell) = (maker.process("srv-files"), maker.process("srv-files"));
    t += maker.random.between(SECOND, 2 * MINUTE);
    maker.finding(
        label,
        "winrm_shell",
        High,
        t,
        "srv-files",
        "execution",
        vec![
            user(&service),
            started(&shell, "powershell.exe"),
            parent(&host_process, "wsmprovhost.exe"),
            in_session(&there),
        ],
    );
    t += maker.random.between(MINUTE, 15 * MINUTE);
    let child = maker.process("srv-files");
    maker.finding(
        label,
        "archive",
        Medium,
        t,
        "srv-files",
        "collection",
        vec![
            user(&service),
            started(&child, r"c:\users\public\7z.exe"),
            parent(&shell, "powershell.exe"),
            in_session(&there),
        ],
    );
    t += maker.random.between(10 * MINUTE, HOUR);
    let away = maker.outside();
    maker.finding(
        label,
        "upload",
        Medium,
        t,
        "srv-files",
        "exfiltration",
        vec![user(&service), by(&shell, "powershell.exe"), to_address(&away)],
    );
    t += maker.random.between(5 * MINUTE, 2 * HOUR);
    maker.finding(label, "dcsync", Critical, t, "srv-dc", "credential-access", vec![user(&service)]);
}

fn mailbox(maker: &mut Maker, label: Label, start: i64) {
    let at_desk = next_desk(maker);
    let (who, first, second) = (mail(at_desk), maker.outside(), maker.outside());
    let mut t = start;
    maker.finding(
        label,
        "phish_click",
        Medium,
        t,
        "",
        "initial-access",
        vec![principal(&who), domain("login.brightquill.example")],
    );
    t += maker.random.between(MINUTE, 30 * MINUTE);
    maker.finding(
        label,
        "risky_sign_in",
        High,
        t,
        "",
        "initial-access",
        vec![principal(&who), from_address(&first)],
    );
    t += maker.random.between(2 * MINUTE, 40 * MINUTE);
    maker.finding(
        label,
        "inbox_rule",
        High,
        t,
        "",
        "defense-evasion",
        vec![principal(&who), from_address(&first)],
    );
    t += maker.random.between(5 * MINUTE, 3 * HOUR);
    maker.finding(
        label,
        "oauth_consent",
        Medium,
        t,
        "",
        "persistence",
        vec![principal(&who), from_address(&second)],
    );
    t += maker.random.between(5 * MINUTE, 5 * HOUR);
    maker.finding(label, "mass_mail", Medium, t, "", "impact", vec![principal(&who), from_address(&second)]);
}
