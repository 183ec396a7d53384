//! What scan and stats have in common: the inputs, their options, and the bounds of time.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;
use vedette_ingest::{HostFromPath, Inputs, Options};
use vedette_model::Timestamp;
use vedette_runtime::{Content, scan};

use crate::cli::Input;
use crate::fault::Fault;

/// Opens the inputs as the arguments say, and learns the year from those that state it.
///
/// # Errors
/// Unknown zones, unreadable password files, and inputs none of which can be read.
pub fn open(args: &Input, content: &Arc<Content>, sha256: bool) -> Result<Inputs, Fault> {
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
            let text = fs::read(path).map_err(Fault::io(format!("cannot read {}", path.display())))?;
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
    for path in &args.paths {
        if path.as_os_str() != "-" {
            fs::symlink_metadata(path).map_err(Fault::io(format!("cannot read {}", path.display())))?;
        }
    }
    let mut inputs = Inputs::walk(&options);
    let years = scan::years(content, &inputs, &options);
    inputs.assume_from_neighbours(years);
    Ok(inputs)
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
    args.jobs
        .filter(|n| *n > 0)
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
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
