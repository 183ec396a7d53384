//! `vedette report`: the output of `scan --format json` told for its reader, as HTML, Markdown, CSV or Navigator layer.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use vedette_ingest::Inputs;
use vedette_report::{Form, Options, Redact, Report as Told, Scan, Tlp};

use crate::cli::{RedactArg, Report};
use crate::fault::Fault;
use crate::output::file::{Draft, Evidence, Target};

/// # Errors
/// Usage, a scan that cannot be read, reports that cannot be written.
pub fn run(args: &Report) -> Result<ExitCode, Fault> {
    let forms = args.out.iter().map(|path| form("--out", path)).collect::<Result<Vec<_>, _>>()?;
    let options = Options {
        tlp: args.tlp.as_deref().map(tlp).transpose()?,
        case: args.case.clone(),
        analyst: args.operator.clone(),
        redact: redact(&args.redact),
    };
    // The scan is what is read here: no report may be written over it.
    let paths = [args.scan.clone()];
    let inputs = Inputs::walk(&vedette_ingest::Options {
        paths: paths.to_vec(),
        ..vedette_ingest::Options::default()
    });
    let evidence = Evidence::new(&paths, &inputs, Vec::new());
    let targets = targets("--out", &args.out, args.overwrite, &evidence)?;
    let scan = read(&args.scan)?;
    let drafts = targets.into_iter().map(Target::begin).collect::<Result<Vec<_>, _>>()?;
    write(scan, &options, forms.into_iter().zip(drafts))?;
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Scan, Fault> {
    let context = || format!("cannot read {}", path.display());
    let scan = if path == Path::new("-") {
        Scan::read(io::stdin().lock())
    } else {
        Scan::read(BufReader::new(File::open(path).map_err(Fault::io(context()))?))
    };
    scan.map_err(|e| {
        // The cause of a fault in JSON names its line and column.
        let cause = std::error::Error::source(&e).map(|s| format!(" ({s})")).unwrap_or_default();
        Fault::Io {
            context: context(),
            source: io::Error::new(io::ErrorKind::InvalidData, format!("{e}{cause}")),
        }
    })
}

/// Places for reports, none of which is what is read or another one of them.
///
/// # Errors
/// Usage: as [`Target::check`] and [`Target::differ`].
pub fn targets(
    option: &'static str,
    paths: &[PathBuf],
    overwrite: bool,
    evidence: &Evidence<'_>,
) -> Result<Vec<Target>, Fault> {
    let mut targets: Vec<Target> = Vec::new();
    for path in paths {
        let target = Target::check(option, path, overwrite, evidence)?;
        targets.iter().try_for_each(|other| other.differ(&target))?;
        targets.push(target);
    }
    Ok(targets)
}

/// Writes `scan` to each draft in its form.
///
/// # Errors
/// When one of them cannot be written.
pub fn write(
    scan: Scan,
    options: &Options,
    drafts: impl Iterator<Item = (Form, Draft)>,
) -> Result<(), Fault> {
    let report = Told::new(scan, options);
    for (form, draft) in drafts {
        let mut out = BufWriter::new(draft.writer()?);
        report
            .write(form, &mut out)
            .and_then(|()| out.flush())
            .map_err(Fault::io("cannot write the report"))?;
        drop(out);
        draft.finish()?;
    }
    Ok(())
}

/// The ending says the form.
///
/// # Errors
/// Usage, for an ending that says none.
pub fn form(option: &str, path: &Path) -> Result<Form, Fault> {
    Form::of(path).ok_or_else(|| {
        Fault::usage_help(
            format!("{option} {}: the ending says no form", path.display()),
            "end it in .html, .md, .csv, or .navigator.json for a layer of the ATT&CK Navigator",
        )
    })
}

/// # Errors
/// Usage, for a word that is no label of TLP 2.0.
pub fn tlp(word: &str) -> Result<Tlp, Fault> {
    Tlp::of(word).ok_or_else(|| {
        Fault::usage_help(
            format!("--tlp {word}: TLP 2.0 has no such label"),
            "CLEAR, GREEN, AMBER, AMBER+STRICT or RED",
        )
    })
}

pub fn redact(asked: &[RedactArg]) -> Redact {
    Redact {
        users: asked.contains(&RedactArg::Users),
        hosts: asked.contains(&RedactArg::Hosts),
        addresses: asked.contains(&RedactArg::Addresses),
    }
}
