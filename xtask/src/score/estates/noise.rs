//! Ordinary days: what trips rules without being an attack.

use vedette_model::Level::{High, Informational, Low, Medium};
use vedette_model::{EntityKind, Role};

use super::world::{
    ACCOUNT, BEGIN, DESKS, EGRESS, HOUR, Label, MINUTE, Maker, SERVERS, WEB, desk, from_address, in_session,
    mail, named, parent, person, principal, started, system, to_address, user,
};

const NOISE: Label = Label::Noise;

/// Two days of them.
pub fn ordinary_days(maker: &mut Maker) {
    for day in 0..2 {
        let midnight = BEGIN + day * 24 * HOUR;
        for index in 0..DESKS {
            at_a_desk(maker, index, midnight);
        }
        on_servers(maker, midnight);
        on_the_web_server(maker, midnight);
        in_the_cloud(maker, midnight);
        sign_ins(maker, midnight);
    }
    // A rule that is wrong now and then.
    let index = maker.random.below(DESKS);
    let at = BEGIN + maker.random.between(8 * HOUR, 30 * HOUR);
    let process = maker.process(&desk(index));
    maker.finding(
        NOISE,
        "installer_looks_like_dropper",
        High,
        at,
        &desk(index),
        "execution",
        vec![
            system(),
            started(&process, r"c:\programdata\vendor\update.exe"),
            in_session(&format!("{}|0x3e7", desk(index))),
        ],
    );
}

/// A person's own work: scripts, tools, browser downloads, all from the desktop's session.
fn at_a_desk(maker: &mut Maker, index: usize, midnight: i64) {
    let (host, who, session) = (desk(index), person(index), maker.sessions[index].clone());
    let explorer = maker.process(&host);
    let rules = ["whoami", "script_from_download", "net_use", "clipboard_tool", "curl_used", "task_query"];
    for _ in 0..2 + maker.random.below(5) {
        let at = midnight + maker.random.between(8 * HOUR, 18 * HOUR);
        let process = maker.process(&host);
        let rule = rules[maker.random.below(rules.len())];
        let tactic = ["discovery", "execution", "collection"][maker.random.below(3)];
        maker.finding(
            NOISE,
            rule,
            Low,
            at,
            &host,
            tactic,
            vec![
                user(&who),
                started(&process, r"c:\program files\tool\tool.exe"),
                parent(&explorer, r"c:\windows\explorer.exe"),
                in_session(&session),
            ],
        );
    }
    for _ in 0..1 + maker.random.below(3) {
        let at = midnight + maker.random.between(0, 24 * HOUR);
        let process = maker.process(&host);
        maker.finding(
            NOISE,
            "system_task",
            Low,
            at,
            &host,
            "persistence",
            vec![
                system(),
                started(&process, r"c:\windows\system32\svchost.exe"),
                in_session(&format!("{host}|0x3e7")),
            ],
        );
    }
    let at = midnight + maker.random.between(0, 24 * HOUR);
    maker.finding(NOISE, "defender_event", Informational, at, &host, "defense-evasion", vec![system()]);
}

/// Administrators, updates and backups.
fn on_servers(maker: &mut Maker, midnight: i64) {
    for server in SERVERS {
        for _ in 0..1 + maker.random.below(3) {
            let at = midnight + maker.random.between(7 * HOUR, 19 * HOUR);
            let admin = format!("corp\\ops-{}", maker.random.below(2));
            let (session, process) = (maker.session(server), maker.process(server));
            let (rule, level, tactic) = [
                ("remote_admin_shell", Medium, "lateral-movement"),
                ("powershell_remoting", Low, "execution"),
                ("group_query", Low, "discovery"),
                ("service_change", Medium, "persistence"),
            ][maker.random.below(4)];
            maker.finding(
                NOISE,
                rule,
                level,
                at,
                server,
                tactic,
                vec![user(&admin), started(&process, "powershell.exe"), in_session(&session)],
            );
        }
        for hour in [1, 2, 3, 13, 22] {
            let at = midnight + hour * HOUR + maker.random.between(0, 5 * MINUTE);
            let process = maker.process(server);
            maker.finding(
                NOISE,
                "backup_reads_everything",
                Low,
                at,
                server,
                "collection",
                vec![user("corp\\svc-backup"), started(&process, r"c:\program files\backup\agent.exe")],
            );
        }
        if maker.random.below(2) == 0 {
            let at = midnight + maker.random.between(0, 24 * HOUR);
            maker.finding(
                NOISE,
                "service_by_updater",
                Medium,
                at,
                server,
                "persistence",
                vec![named(EntityKind::Service, Role::Target, &format!("{server}|vendorupdate"))],
            );
        }
    }
    // A scanner of the company's own knocks everywhere.
    let at = midnight + 4 * HOUR;
    for (n, host) in SERVERS.into_iter().chain([WEB]).enumerate() {
        maker.finding(
            NOISE,
            "port_scan",
            Medium,
            at + n as i64 * 3 * MINUTE,
            host,
            "reconnaissance",
            vec![from_address("10.0.9.9")],
        );
    }
}

/// The internet's own noise.
fn on_the_web_server(maker: &mut Maker, midnight: i64) {
    for _ in 0..10 + maker.random.below(8) {
        let at = midnight + maker.random.between(0, 24 * HOUR);
        let from = maker.outside();
        let (rule, level) = [("sqli_attempt", Medium), ("path_traversal", Medium), ("scanner_agent", Low)]
            [maker.random.below(3)];
        for n in 0..1 + maker.random.below(3) as i64 {
            maker.finding(
                NOISE,
                rule,
                level,
                at + n * MINUTE / 4,
                WEB,
                "initial-access",
                vec![from_address(&from)],
            );
        }
    }
    for _ in 0..3 {
        let at = midnight + maker.random.between(0, 24 * HOUR);
        let (process, cron) = (maker.process(WEB), maker.process(WEB));
        maker.finding(
            NOISE,
            "root_script",
            Low,
            at,
            WEB,
            "execution",
            vec![
                user("root"),
                started(&process, "/usr/local/bin/rotate.sh"),
                parent(&cron, "/usr/sbin/cron"),
            ],
        );
    }
}

fn in_the_cloud(maker: &mut Maker, midnight: i64) {
    for n in 0..6 {
        let at = midnight + maker.random.between(6 * HOUR, 22 * HOUR);
        if n % 2 == 0 {
            let session =
                format!("arn:aws:sts::{ACCOUNT}:assumed-role/ci-deploy/build-{}", maker.random.below(900));
            let level = if maker.random.below(3) == 0 { Medium } else { Low };
            let runner = format!("203.0.115.{}", 1 + maker.random.below(250));
            maker.finding(
                NOISE,
                "aws_policy_change",
                level,
                at,
                ACCOUNT,
                "privilege-escalation",
                vec![principal(&session), from_address(&runner)],
            );
        } else {
            let name = person(maker.random.below(DESKS)).replace("corp\\", "");
            maker.finding(
                NOISE,
                "aws_list_users",
                Low,
                at,
                ACCOUNT,
                "discovery",
                vec![
                    principal(&format!("arn:aws:iam::{ACCOUNT}:user/{name}")),
                    user(&name),
                    from_address(EGRESS),
                ],
            );
        }
    }
}

/// Everybody signs in from the company's one address; some from a train.
fn sign_ins(maker: &mut Maker, midnight: i64) {
    for index in 0..DESKS {
        let at = midnight + maker.random.between(7 * HOUR, 10 * HOUR);
        maker.finding(
            NOISE,
            "unfamiliar_sign_in",
            Low,
            at,
            "",
            "initial-access",
            vec![principal(&mail(index)), from_address(EGRESS)],
        );
        if maker.random.below(4) == 0 {
            let away = maker.outside();
            let at = midnight + maker.random.between(10 * HOUR, 20 * HOUR);
            maker.finding(
                NOISE,
                "atypical_travel",
                Medium,
                at,
                "",
                "initial-access",
                vec![principal(&mail(index)), from_address(&away)],
            );
        }
        if maker.random.below(5) == 0 {
            let at = midnight + maker.random.between(9 * HOUR, 17 * HOUR);
            let process = maker.process(&desk(index));
            maker.finding(
                NOISE,
                "remote_support_tool",
                Medium,
                at,
                &desk(index),
                "command-and-control",
                vec![
                    user(&person(index)),
                    started(&process, r"c:\program files\support\client.exe"),
                    to_address("192.0.2.80"),
                    in_session(&maker.sessions[index].clone()),
                ],
            );
        }
    }
}
