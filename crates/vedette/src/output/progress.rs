//! A progress bar on a terminal, silence in a pipe.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vedette_ingest::Inputs;
use vedette_runtime::scan::Progress;

use super::neutral::{short, terminal};
use super::number;

pub struct Bar {
    bar: ProgressBar,
    /// Bytes on disk consumed so far.
    consumed: Arc<AtomicU64>,
    records: AtomicU64,
}

impl Bar {
    pub fn new(inputs: &Inputs, quiet: bool) -> Self {
        let total = inputs.total_bytes();
        let bar = if quiet || !std::io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let template = "{bar:24} {percent:>3}% {bytes_per_sec:>12} {eta:>5} left  {msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        };
        Self { bar, consumed: inputs.progress(), records: AtomicU64::new(0) }
    }

    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn done(&self, records: u64) {
        self.records.fetch_add(records, Ordering::Relaxed);
        self.bar.set_position(self.consumed.load(Ordering::Relaxed));
    }

    fn file(&self, path: &str) {
        if !self.bar.is_hidden() {
            let records = number::of(self.records.load(Ordering::Relaxed), "record", "records");
            let from = path.len().saturating_sub(40);
            let tail: String = path.char_indices().filter(|(i, _)| *i >= from).map(|(_, c)| c).collect();
            self.bar.set_message(format!("{records}  {}", short(&terminal(&tail), 40)));
        }
    }
}
