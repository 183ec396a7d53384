//! One shot over files: a reader cuts batches, workers understand and match them, the merge takes their results in
//! input order. The output is the same for any number of workers.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use vedette_ingest::{FileEnd, Inputs, Message};
use vedette_model::{Batch, Event, EventUid, FileContext, FileIndex, Problem, Timestamp};

use crate::content::Content;
use crate::hunt::{Hunt, Sightings};
use crate::limits::{BATCHES_IN_FLIGHT_PER_WORKER, PROBLEMS_MAX};

mod acts;
pub mod channels;
pub mod dedupe;
pub mod entity_pool;
pub mod evidence;
pub mod findings;
pub(crate) mod fingerprint;
pub mod homes;
pub mod incidents;
mod matching;
mod merge;
mod neighbours;
pub mod presence;
pub mod reveal;
pub mod runs;
pub mod script_block;
mod single;
pub mod survey;
pub mod verdict;
mod worker;

pub(crate) use matching::at;
pub(crate) use matching::details;
pub use matching::value;
pub use neighbours::years;
pub use single::find_event;

use merge::Merge;
use worker::{BatchYield, Worker};

/// What to look at and what to count.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Only events at or after this time.
    pub since: Option<Timestamp>,
    /// Only events before this time.
    pub until: Option<Timestamp>,
    pub survey: Option<survey::Survey>,
    /// Follow channels within these bounds alone. Otherwise they tell what the logs cover, wherever one looks.
    pub channels_within: bool,
    /// Hand every event to the timeline, not only findings.
    pub timeline_events: bool,
    /// Note which fields each log carries instead of matching rules.
    pub presence: bool,
    /// Look for this instead of matching rules.
    pub hunt: Option<Arc<Hunt>>,
}

impl Search {
    /// Events without a time are always searched: leaving them out would hide them.
    fn covers(&self, time: Option<Timestamp>) -> bool {
        time.is_none_or(|t| self.since.is_none_or(|s| t >= s) && self.until.is_none_or(|u| t < u))
    }
}

/// Who watches a run. Called from several threads.
pub trait Progress: Sync {
    /// Records done since the last call.
    fn done(&self, records: u64);
    fn file(&self, path: &str);
}

/// One event of a timeline.
#[derive(Debug, Clone)]
pub struct TimelineLine {
    pub time: Option<Timestamp>,
    pub host: String,
    pub log: String,
    pub channel: String,
    pub code: String,
    /// The file's path as shown.
    pub path: String,
    pub record: u64,
    pub details: Vec<(String, String)>,
}

impl TimelineLine {
    pub(crate) fn of(content: &Content, event: &Event, path: &str) -> Self {
        let lane = content.catalogue.lanes().get(event.lane.0 as usize);
        Self {
            time: event.time,
            host: event.host.clone(),
            log: lane.map(|l| l.mapping.clone()).unwrap_or_default(),
            channel: event.channel.clone(),
            code: event.code.clone(),
            path: path.to_owned(),
            record: event.record,
            details: matching::details(content, event),
        }
    }
}

/// Takes the events of a timeline in input order.
pub trait TimelineSink {
    /// # Errors
    /// When the line cannot be written; the run ends.
    fn event(&mut self, line: &TimelineLine, uid: EventUid) -> io::Result<()>;
}

/// All that a run came to.
pub struct Outcome {
    /// In the order of the walk.
    pub files: Vec<verdict::FileVerdict>,
    pub findings: findings::Findings,
    /// The events behind them.
    pub evidence: evidence::EvidenceStore,
    /// Which machines inside addresses belong to.
    pub homes: homes::Homes,
    pub channels: channels::Channels,
    /// The files' tallies added up.
    pub total: verdict::Tally,
    pub problems: Vec<Problem>,
    /// Records beyond the bound of what copies are looked for in.
    pub not_compared: u64,
    pub counts: survey::Counts,
    pub presence: presence::Presence,
    /// What a hunt found.
    pub sightings: Sightings,
    /// `false` when the run was interrupted.
    pub complete: bool,
}

enum Done {
    Start(Arc<FileContext>),
    Batch(FileIndex, Box<BatchYield>),
    End(FileEnd),
}

/// Lets the reader run ahead of the merge by a bounded number of batches.
struct Permits {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Permits {
    fn take(&self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
    }

    fn give(&self) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
    }
}

/// Reads `inputs` to the end, or until `stop` is set.
///
/// # Errors
/// When a temporary file or the timeline cannot be written. Faults of the input are no errors: they stand in the
/// verdicts.
pub fn scan(
    content: Arc<Content>,
    inputs: &Inputs,
    search: Search,
    jobs: usize,
    stop: &AtomicBool,
    progress: &dyn Progress,
    timeline: Option<&mut dyn TimelineSink>,
) -> io::Result<Outcome> {
    let jobs = jobs.max(1);
    let search = Arc::new(search);
    let permits = Permits { free: Mutex::new(jobs * BATCHES_IN_FLIGHT_PER_WORKER), freed: Condvar::new() };
    let mut merge = Merge::new(content.clone(), search.hunt.clone(), timeline)?;
    let result = thread::scope(|scope| {
        let (to_workers, from_reader) = sync_channel::<(u64, Batch)>(jobs * BATCHES_IN_FLIGHT_PER_WORKER);
        let (to_merge, from_all) = channel::<(u64, Done)>();
        let from_reader = Arc::new(Mutex::new(from_reader));
        for _ in 0..jobs {
            let (from_reader, to_merge) = (from_reader.clone(), to_merge.clone());
            let (content, search) = (content.clone(), search.clone());
            scope.spawn(move || work(&content, &search, &from_reader, &to_merge));
        }
        let permits = &permits;
        scope.spawn(move || read(inputs, permits, stop, progress, &to_workers, &to_merge));
        let outcome = catch_unwind(AssertUnwindSafe(|| collect(&mut merge, &from_all, permits, progress)));
        if !matches!(outcome, Ok(Ok(()))) {
            // Let the reader run out instead of waiting for permits that nobody gives back.
            stop.store(true, Ordering::Relaxed);
            for (_, done) in from_all {
                if matches!(done, Done::Batch(..)) {
                    permits.give();
                }
            }
        }
        outcome
    });
    result.unwrap_or_else(|panic| resume_unwind(panic))?;
    let mut outcome = merge.finish(!stop.load(Ordering::Relaxed))?;
    outcome.problems.splice(0..0, inputs.problems().iter().cloned());
    bound(&mut outcome.problems);
    Ok(outcome)
}

/// Keeps the first [`PROBLEMS_MAX`]; the last one then says how many more there were.
fn bound(problems: &mut Vec<Problem>) {
    let more = problems.len().saturating_sub(PROBLEMS_MAX);
    if more > 0 {
        problems.truncate(PROBLEMS_MAX);
        problems.push(Problem {
            code: "VD-R090",
            place: "this run".to_owned(),
            fault: "more problems than are listed".to_owned(),
            consequence: "the further ones are only counted".to_owned(),
            remedy: "scan a part of the input".to_owned(),
            count: more as u64,
        });
    }
}

fn read(
    inputs: &Inputs,
    permits: &Permits,
    stop: &AtomicBool,
    progress: &dyn Progress,
    to_workers: &SyncSender<(u64, Batch)>,
    to_merge: &Sender<(u64, Done)>,
) {
    let mut seq = 0;
    // Whether reading was broken off is known from `stop`.
    let _ = inputs.read(&mut |message| {
        let sent = match message {
            Message::FileStart(file) => {
                progress.file(&file.path);
                to_merge.send((seq, Done::Start(file))).is_ok()
            }
            Message::FileEnd(end) => to_merge.send((seq, Done::End(end))).is_ok(),
            Message::Batch(batch) => {
                permits.take();
                to_workers.send((seq, batch)).is_ok()
            }
        };
        seq += 1;
        if sent && !stop.load(Ordering::Relaxed) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
}

fn work(
    content: &Arc<Content>,
    search: &Arc<Search>,
    from_reader: &Mutex<Receiver<(u64, Batch)>>,
    to_merge: &Sender<(u64, Done)>,
) {
    let mut worker = Worker::new(content.clone(), search.clone());
    loop {
        let next = from_reader.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((seq, batch)) = next else { return };
        // A batch that never arrives would hold up the merge, and with it everyone, for good. The worker may be left
        // half way: nothing of it is used again.
        let yielded = catch_unwind(AssertUnwindSafe(|| worker.batch(&batch))).unwrap_or_else(|_| {
            worker = Worker::new(content.clone(), search.clone());
            BatchYield::broken(&batch)
        });
        if to_merge.send((seq, Done::Batch(batch.file.index, Box::new(yielded)))).is_err() {
            return;
        }
    }
}

fn collect(
    merge: &mut Merge<'_>,
    from_all: &Receiver<(u64, Done)>,
    permits: &Permits,
    progress: &dyn Progress,
) -> io::Result<()> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (seq, done) in from_all {
        waiting.insert(seq, done);
        while let Some(done) = waiting.remove(&next) {
            next += 1;
            match done {
                Done::Start(file) => merge.start(&file),
                Done::End(end) => merge.end(end),
                Done::Batch(file, yielded) => {
                    permits.give();
                    progress.done(yielded.tally.records);
                    merge.batch(file, *yielded)?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vedette_ingest::Options;

    use super::*;
    use crate::content::Mappings;

    struct Silent;

    impl Progress for Silent {
        fn done(&self, _records: u64) {}
        fn file(&self, _path: &str) {}
    }

    /// The panic is injected by the worker's own test code.
    #[test]
    fn a_worker_that_breaks_costs_its_batch_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in [("a.log", "one\ntwo\n"), ("b.log", "a batch that breaks the worker\nsame\n")] {
            std::fs::write(dir.path().join(name), text).expect("a file");
        }
        // More broken batches than there are permits.
        for extra in 0..20 {
            std::fs::write(dir.path().join(format!("c{extra}.log")), "a batch that breaks the worker\n")
                .expect("a file");
        }
        std::fs::write(dir.path().join("d.log"), "three\n").expect("a file");
        let content = Arc::new(Content::load(Vec::new(), Mappings::load(&[]), &BTreeMap::new()));
        let inputs = Inputs::walk(&Options { paths: vec![dir.path().to_owned()], ..Options::default() });
        let stop = AtomicBool::new(false);
        let outcome = scan(content, &inputs, Search::default(), 2, &stop, &Silent, None).expect("a scan");
        let total = &outcome.total;
        assert!(total.balances() && outcome.complete);
        assert_eq!((total.events, total.rejected), (3, 22));
        let broken = outcome.files.iter().find(|f| f.path.ends_with("b.log")).expect("a verdict");
        assert_eq!(
            (broken.tally.rejections[0].reason, broken.tally.rejections[0].count),
            ("internal error", 2)
        );
        assert_eq!(broken.problems[0].code, "VD-R001");
    }
}
