//! Ten million findings through the grouper: time and peak memory, in the shapes that hurt most.
//!
//! `cargo run --release -p vedette-correlate --example incidents_flood [FINDINGS]`
#![allow(clippy::print_stdout)]

use std::fmt::Write;
use std::time::Instant;

use vedette_correlate::Limits;
use vedette_correlate::incidents::{Estate, Grouper, Offered, TacticSet};
use vedette_model::{EntityKind, EventUid, FindingId, Level, Role, Timestamp};

/// A shape: how many rules, hosts, accounts and days the findings spread over.
struct Shape {
    name: &'static str,
    rules: u64,
    hosts: u64,
    accounts: u64,
    days: u64,
    /// Each finding names a process that no other names.
    new_process: bool,
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "one rule, one host, one account",
        rules: 1,
        hosts: 1,
        accounts: 1,
        days: 1,
        new_process: false,
    },
    Shape {
        name: "one rule, 50 hosts, a new process each",
        rules: 1,
        hosts: 50,
        accounts: 200,
        days: 30,
        new_process: true,
    },
    Shape {
        name: "40 rules, 2,000 hosts, a new process each",
        rules: 40,
        hosts: 2_000,
        accounts: 5_000,
        days: 90,
        new_process: true,
    },
];

fn main() {
    let findings: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(10_000_000);
    let only: Option<usize> = std::env::args().nth(2).and_then(|n| n.parse().ok());
    for (index, shape) in SHAPES.iter().enumerate() {
        if only.is_none_or(|o| o == index) {
            run(shape, findings);
        }
    }
}

fn run(shape: &Shape, findings: u64) {
    let start = Instant::now();
    let mut grouper = Grouper::new(Limits::default());
    let mut state = 42_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let tactics = TacticSet::from_names(["execution"]);
    let (mut host, mut user, mut process) = (String::new(), String::new(), String::new());
    for n in 0..findings {
        let (h, u) = (next() % shape.hosts, next() % shape.accounts);
        host.clear();
        user.clear();
        process.clear();
        let _ = write!(host, "ws{h}");
        let _ = write!(user, "corp\\user{u}");
        let _ =
            write!(process, "ws{h}|00000000-0000-0000-0000-{:012x}", if shape.new_process { n } else { 7 });
        let mut entities = Vec::with_capacity(2);
        entities.extend(grouper.entity(EntityKind::User, &user).map(|e| (e, Role::Actor)));
        entities.extend(grouper.entity(EntityKind::Process, &process).map(|e| (e, Role::Target)));
        let time = (next() % (shape.days * 86_400_000)) as i64;
        grouper.offer(Offered {
            finding: n as u32,
            id: FindingId(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            rule: (next() % shape.rules) as u32,
            level: Level::Medium,
            time: Timestamp::from_millis(time),
            host: &host,
            event: EventUid(u128::from(n) << 32 | 1),
            events: &[],
            entities: &entities,
            tactics,
            unsure: false,
            alert: false,
        });
    }
    let offered = start.elapsed();
    let grouping = grouper.finish(&Estate {
        hosts: shape.hosts as usize,
        span_ms: (shape.days * 86_400_000) as i64,
        ..Estate::unknown()
    });
    let aside: u64 = grouping.set_aside.iter().map(|(_, n)| n).sum();
    println!(
        "{}: {} offered in {:.1} s, joined in {:.1} s; {} incidents, {aside} set aside; {} entities beyond, {} cells coarse; peak {} MB",
        shape.name,
        grouping.offered,
        offered.as_secs_f64(),
        start.elapsed().as_secs_f64() - offered.as_secs_f64(),
        grouping.groups.len(),
        grouping.entities_beyond,
        grouping.cells_coarse,
        peak_mb(),
    );
}

/// The highest memory so far, where the system tells.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) / 1024
}
