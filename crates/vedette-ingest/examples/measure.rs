//! Reads its arguments as `vedette scan` would, keeps nothing, and prints what it cost: the reader alone, without parsing.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use vedette_ingest::{Inputs, Message, Options};

#[allow(clippy::print_stdout, reason = "the numbers are its output")]
fn main() {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let started = Instant::now();
    let inputs = Inputs::walk(&Options { paths, ..Options::default() });
    let walked = started.elapsed();
    let (mut files, mut records, mut batches, mut bytes, mut problems) =
        (0_u64, 0_u64, 0_u64, 0_u64, 0_usize);
    let flow = inputs.read(&mut |message| {
        match message {
            Message::FileStart(_) => files += 1,
            Message::Batch(_) => batches += 1,
            Message::FileEnd(end) => {
                records += end.records_cut;
                bytes += end.bytes_read;
                problems += end.problems.len();
            }
        }
        ControlFlow::Continue(())
    });
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "files {files} records {records} batches {batches} problems {problems} MB {:.1} walk_s {:.2} total_s {seconds:.2} MB/s {:.0} complete {}",
        bytes as f64 / 1e6,
        walked.as_secs_f64(),
        bytes as f64 / 1e6 / seconds,
        flow.is_continue(),
    );
    // Linux only; elsewhere the operating system's own tools tell it.
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        println!("{}", status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("peak memory unknown"));
    }
}
