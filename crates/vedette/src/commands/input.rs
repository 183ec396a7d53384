//! What the commands that read logs have in common: the inputs, their options, the bounds of time, and the reading.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;
use vedette_ingest::{HostFromPath, Inputs, Options, pattern_names};
use vedette_model::{Problem, Timestamp};
use vedette_runtime::Content;
use vedette_runtime::scan::presence::Presence;
use vedette_runtime::scan::{self, Outcome, Search, TimelineSink};

use crate::cli::Input;
use crate::fault::Fault;
use crate::output::neutral;
use crate::output::progress::Bar;

/// Opens the inputs as the arguments say, and learns the year from those that state it.
///
/// # Errors
/// Unknown zones, unreadable password files, and inputs none of which can be read.
pub fn open(args: &Input, content: &Arc<Content>, sha256: bool) -> Result<Inputs, Fault> {
    let _ = interrupt();
    between(args)?;
    let mut zones = Vec::new();
    for zone in &args.zones {
        let (pattern, name) = zone.rsplit_once('=').unwrap_or(("*", zone));
        TimeZone::get(name).map_err(|_| {
            Fault::usage_help(
                format!("--tz {zone}: there is no zone `{name}`"),
                "zones are named as in the IANA data base, for example Europe/Berlin or UTC",
            )
        })?;
        zones.push((pattern.to_owned(), name.to_owned()));
    }
    let zip_passwords = match &args.zip_password_file {
        None => Vec::new(),
        Some(path) => {
            let context = format!("cannot read the passwords in {}", path.display());
            let text = fs::read(path).map_err(Fault::io(context))?;
            text.split(|b| *b == b'\n')
                .map(|l| l.strip_suffix(b"\r").unwrap_or(l).to_vec())
                .filter(|l| !l.is_empty())
                .collect()
        }
    };
    let options = Options {
        paths: args.paths.clone(),
        zip_passwords,
        zones,
        year: args.year,
        host_from_path: if args.host_from_path { HostFromPath::Last } else { HostFromPath::Layout },
        sha256,
    };
    some_exist(&args.paths)?;
    let mut inputs = Inputs::walk(&options);
    note_empty_folders(&args.paths, &inputs);
    let years = scan::years(content, &inputs, &options);
    inputs.assume_from_neighbours(years);
    Ok(inputs)
}

/// A path that is not there is told among the problems, and the others are read; it ends the run only when there is
/// no other.
fn some_exist(paths: &[PathBuf]) -> Result<(), Fault> {
    let mut missing = None;
    for path in paths {
        if path.as_os_str() == "-" {
            return Ok(());
        }
        match fs::symlink_metadata(path) {
            Ok(_) => return Ok(()),
            Err(e) => missing = missing.or(Some((path, e))),
        }
    }
    let Some((path, e)) = missing else { return Ok(()) };
    let more = match paths.len() {
        0 | 1 => String::new(),
        n => format!(", nor any of the other {}", n - 1),
    };
    Err(Fault::Io { context: format!("cannot read {}{more}", path.display()), source: e })
}

/// A folder without a file is no fault, and is not passed over in silence.
fn note_empty_folders(paths: &[PathBuf], inputs: &Inputs) {
    for path in paths.iter().filter(|p| p.is_dir()) {
        if !inputs.list().iter().any(|i| i.path.starts_with(path)) {
            note(&format!("note: no files in {}", path.display()));
        }
    }
}

/// Says something that is no fault and no output.
#[expect(clippy::print_stderr, reason = "notes belong beside the output, not in it")]
pub fn note(text: &str) {
    eprintln!("{}", neutral::lines(text));
}

/// A pattern of `--tz` that named no file is most likely misspelt.
pub fn note_idle_zones<'a>(args: &Input, paths: impl Iterator<Item = &'a str> + Clone) {
    for zone in &args.zones {
        let Some((pattern, _)) = zone.rsplit_once('=') else { continue };
        if !paths.clone().any(|path| pattern_names(pattern, path)) {
            note(&format!("warning: --tz {zone}: no input matches `{pattern}`, so the zone was not used"));
        }
    }
}

/// A search within `--since` and `--until`.
///
/// # Errors
/// When one of them is no time.
pub fn search(args: &Input) -> Result<Search, Fault> {
    Ok(Search {
        since: bound("--since", args.since.as_deref())?,
        until: bound("--until", args.until.as_deref())?,
        ..Search::default()
    })
}

/// Reads `inputs` to their end or until Ctrl-C, with a progress bar.
///
/// # Errors
/// When a temporary file or the timeline cannot be written.
pub fn scanned(
    args: &Input,
    content: &Arc<Content>,
    inputs: &Inputs,
    search: Search,
    timeline: Option<&mut dyn TimelineSink>,
) -> io::Result<Outcome> {
    let stop = interrupt();
    let bar = Bar::new(inputs, args.quiet);
    let outcome = scan::scan(content.clone(), inputs, search, jobs(args), &stop, &bar, timeline);
    bar.clear();
    outcome
}

/// Which logs and fields the data at `paths` carries, and whether all of it was read.
///
/// # Errors
/// Inputs none of which can be read, and a temporary file that cannot be made.
pub fn presence(paths: &[PathBuf], content: &Arc<Content>) -> Result<(Presence, bool), Fault> {
    let args = Input { paths: paths.to_vec(), ..Input::default() };
    let inputs = open(&args, content, false)?;
    let search = Search { presence: true, ..Search::default() };
    let outcome =
        scanned(&args, content, &inputs, search, None).map_err(Fault::io("cannot make a temporary file"))?;
    Ok((outcome.presence, outcome.complete))
}

/// The zone of `--display-tz`; UTC where none is given.
///
/// # Errors
/// When there is no such zone.
pub fn display_zone(name: Option<&str>) -> Result<TimeZone, Fault> {
    let Some(name) = name else { return Ok(TimeZone::UTC) };
    TimeZone::get(name).map_err(|_| {
        Fault::usage_help(format!("--display-tz {name}: there is no such zone"), "for example Europe/Berlin")
    })
}

/// Says a problem for which the output has no place.
pub fn note_problem(problem: &Problem) {
    note(&format!("{}: {}: {}", problem.place, problem.fault, problem.consequence));
}

/// A span of time that holds nothing is a slip of the pen.
fn between(args: &Input) -> Result<(), Fault> {
    let Search { since, until, .. } = search(args)?;
    match (since, until) {
        (Some(since), Some(until)) if until <= since => Err(Fault::usage_help(
            format!("--until {until} is not after --since {since}: no event can lie between them"),
            "swap the two, or leave one out",
        )),
        _ => Ok(()),
    }
}

/// `--since` and `--until`.
///
/// # Errors
/// When the text is no time.
pub fn bound(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = text else { return Ok(None) };
    let parsed = text
        .parse::<jiff::Timestamp>()
        .ok()
        .or_else(|| {
            text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp())
        })
        .or_else(|| {
            text.parse::<jiff::civil::Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp())
        });
    match parsed {
        Some(time) => Ok(Some(time.into())),
        None => Err(Fault::usage_help(
            format!("{name} {text}: not a time"),
            "write 2026-03-14, 2026-03-14T09:26:53, or 2026-03-14T09:26:53+01:00; without a zone it is UTC",
        )),
    }
}

/// Workers: as asked, else one a core.
pub fn jobs(args: &Input) -> usize {
    args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// A flag that Ctrl-C sets. The second Ctrl-C ends the process at once.
pub fn interrupt() -> Arc<AtomicBool> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    STOP.get_or_init(|| {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = stop.clone();
        // Without a handler Ctrl-C ends the process as usual: no reason to stop here.
        let _ = ctrlc::set_handler(move || {
            if seen.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        stop
    })
    .clone()
}
