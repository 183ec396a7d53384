//! Writes the reports that the browser tests open, and those of scans at hand.
//!
//! `cargo run -p vedette-report --example fixture -- FOLDER [SCAN.json]...`

#![recursion_limit = "256"]

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use vedette_report::{Form, Options, Redact, Report, Scan};

#[path = "../tests/it/fixture.rs"]
mod fixture;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("name a folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let all = Redact { users: true, hosts: true, addresses: true };
    for (name, value, redact) in [
        ("estate", fixture::estate(), Redact::default()),
        ("hostile", fixture::hostile(), Redact::default()),
        ("flood", fixture::flood(12_000), Redact::default()),
        ("quiet", fixture::quiet(), Redact::default()),
        ("redacted", fixture::estate(), all),
    ] {
        let report = Report::new(Scan::of_value(value)?, &Options { redact, ..Options::default() });
        report.write(Form::Html, &mut BufWriter::new(File::create(folder.join(format!("{name}.html")))?))?;
    }
    // Scans that are at hand, to look at.
    for path in std::env::args_os().skip(2).map(PathBuf::from) {
        let name = path.file_stem().unwrap_or_default().to_owned();
        let scan = Scan::read(std::io::BufReader::new(File::open(&path)?))?;
        let report = Report::new(scan, &Options::default());
        for (form, ending) in [(Form::Html, "html"), (Form::Markdown, "md")] {
            let out = folder.join(&name).with_extension(ending);
            report.write(form, &mut BufWriter::new(File::create(out)?))?;
        }
    }
    debug_assert!(!fixture::HOSTILE.is_empty());
    Ok(())
}
