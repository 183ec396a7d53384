//! Loads lists of indicators and prints what they came to, the time, and the memory: `measure [--keep-all] FILE...`
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fs::File;
use std::time::Instant;

use vedette_intel::{Keep, Loader, WarningLists};

fn main() {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    let keep = if files.first().is_some_and(|f| f == "--keep-all") {
        files.remove(0);
        Keep::ALL
    } else {
        Keep::default()
    };
    let lists = WarningLists::builtin();
    let mut loader = Loader::new(keep, None, &lists);
    let began = Instant::now();
    for file in &files {
        loader.read(file, File::open(file).unwrap()).unwrap();
    }
    let indicators = loader.finish();
    let took = began.elapsed();
    let (mut read, mut understood) = (0, 0);
    for a in indicators.accounts() {
        println!(
            "{}: {}, {} read, {} searched for, {} double",
            a.name,
            a.format,
            a.read,
            a.searched(),
            a.duplicate
        );
        a.held_back.iter().for_each(|(r, t)| println!("  held back, {r}: {} {:?}", t.count, t.examples));
        a.left_out.iter().for_each(|(r, t)| println!("  left out, {r}: {} {:?}", t.count, t.examples));
        println!("  passed over {}, widened {}, broken off {:?}", a.passed_over, a.widened, a.broken_off);
        read += a.read;
        understood += a.searched() + a.duplicate + a.held_back();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    println!(
        "{understood} of {read} understood; {} indicators in {took:?}, {} bytes held; {peak}",
        indicators.len(),
        indicators.bytes()
    );
}
