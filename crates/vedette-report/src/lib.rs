//! A scan told for its reader: one HTML file, Markdown, CSV, or an ATT&CK Navigator layer.
//!
//! Pure: the same scan gives the same bytes. What is written holds no event text that could act: see [`neutral`].

use std::io::{self, Write};
use std::path::Path;

pub use redact::Redact;
pub use scan::{ReadError, Scan};
pub use tlp::Tlp;

mod answer;
mod html;
mod indicators;
pub mod limits;
mod markdown;
mod navigator;
pub mod neutral;
mod redact;
mod scan;
mod spreadsheet;
mod tlp;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One file that needs nothing else.
    Html,
    /// For tickets and case files.
    Markdown,
    /// The findings.
    Csv,
    /// A layer of the ATT&CK Navigator.
    Navigator,
}

impl Form {
    /// By the ending of a file's name: `.html`, `.md`, `.csv`, `.navigator.json`.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let ends = |ending: &str| name.len() > ending.len() && name.ends_with(ending);
        match () {
            () if ends(".html") || ends(".htm") => Some(Self::Html),
            () if ends(".md") || ends(".markdown") => Some(Self::Markdown),
            () if ends(".csv") => Some(Self::Csv),
            () if ends(".navigator.json") => Some(Self::Navigator),
            () => None,
        }
    }
}

/// What the reader asked for, beside the scan.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub tlp: Option<Tlp>,
    /// In place of the scan's own.
    pub case: Option<String>,
    /// Who answers for the report.
    pub analyst: Option<String>,
    pub redact: Redact,
}

/// A scan ready to be written in any form, redacted already.
#[derive(Debug)]
pub struct Report {
    scan: Scan,
    tlp: Option<Tlp>,
    redacted: Option<redact::Told>,
}

impl Report {
    pub fn new(mut scan: Scan, options: &Options) -> Self {
        let tlp = options.tlp.or_else(|| scan.case.tlp.as_deref().and_then(Tlp::of));
        for (asked, own) in
            [(&options.case, &mut scan.case.case), (&options.analyst, &mut scan.case.operator)]
        {
            if asked.is_some() {
                own.clone_from(asked);
            }
        }
        let redacted = options.redact.any().then(|| redact::apply(&mut scan, options.redact));
        Self { scan, tlp, redacted }
    }

    /// # Errors
    /// When `out` cannot be written.
    pub fn write(&self, form: Form, out: &mut dyn Write) -> io::Result<()> {
        match form {
            Form::Html => html::write(self, out),
            Form::Markdown => markdown::write(self, out),
            Form::Csv => spreadsheet::write(self, out),
            Form::Navigator => navigator::write(self, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_form() {
        for (name, form) in [
            ("a/out.html", Some(Form::Html)),
            ("OUT.MD", Some(Form::Markdown)),
            ("x.csv", Some(Form::Csv)),
            ("x.navigator.json", Some(Form::Navigator)),
            ("x.json", None),
            (".html", None),
            ("x", None),
        ] {
            assert_eq!(Form::of(Path::new(name)), form, "{name}");
        }
    }
}
