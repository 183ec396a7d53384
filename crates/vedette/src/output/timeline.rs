//! A timeline file: JSON lines for Timesketch, or CSV for spreadsheets.
//!
//! Timesketch asks for `message`, `datetime` (ISO 8601) and `timestamp_desc` in each row; further columns are kept.
//! Source: Timesketch documentation, "Create timeline from JSON/JSONL/CSV file".

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use vedette_model::{EventUid, Timestamp};
use vedette_runtime::Content;
use vedette_runtime::scan::{Outcome, TimelineLine, TimelineSink};

use super::neutral::cell;
use super::wire_of;

/// One row of either form.
struct Row<'a> {
    time: Option<Timestamp>,
    desc: &'a str,
    message: String,
    host: &'a str,
    log: &'a str,
    channel: &'a str,
    code: &'a str,
    file: String,
    record: u64,
    uid: String,
    /// `level: title` of a finding.
    tag: String,
}

const COLUMNS: [&str; 11] = [
    "datetime",
    "timestamp_desc",
    "message",
    "host",
    "log",
    "channel",
    "code",
    "file",
    "record",
    "uid",
    "tag",
];

enum Form {
    JsonLines(BufWriter<File>),
    Csv(Box<csv::Writer<File>>),
}

/// A timeline being written.
pub struct Timeline {
    form: Form,
}

impl Timeline {
    /// `.csv` makes CSV, anything else JSON lines.
    ///
    /// # Errors
    /// When the columns' names cannot be written.
    pub fn new(path: &Path, file: File) -> io::Result<Self> {
        let form = if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")) {
            let mut table = csv::Writer::from_writer(file);
            table.write_record(COLUMNS)?;
            Form::Csv(Box::new(table))
        } else {
            Form::JsonLines(BufWriter::new(file))
        };
        Ok(Self { form })
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let time = row.time.map(|t| t.to_string()).unwrap_or_default();
        let record = row.record.to_string();
        let values = [
            &time,
            row.desc,
            &row.message,
            row.host,
            row.log,
            row.channel,
            row.code,
            &row.file,
            &record,
            &row.uid,
            &row.tag,
        ];
        match &mut self.form {
            Form::Csv(table) => table.write_record(values.iter().map(|v| cell(v)))?,
            Form::JsonLines(out) => {
                let object: serde_json::Map<String, serde_json::Value> = COLUMNS
                    .iter()
                    .zip(values)
                    .filter(|(_, v)| !v.is_empty())
                    .map(|(c, v)| ((*c).to_owned(), v.into()))
                    .collect();
                serde_json::to_writer(&mut *out, &object)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Writes all findings of a run, in order of time.
    ///
    /// # Errors
    /// When a row cannot be written or a finding not be read back.
    pub fn findings(&mut self, content: &Content, outcome: &mut Outcome) -> io::Result<()> {
        let paths = wire_of::Paths::of(&outcome.files);
        for position in 0..outcome.findings.order().len() {
            let index = outcome.findings.order()[position];
            let found = outcome.findings.read(index)?;
            let meta = content.meta(found.rule);
            let details: Vec<String> = found.details.iter().map(|(n, v)| format!("{n}={v}")).collect();
            self.row(&Row {
                time: found.time,
                desc: "Finding",
                message: format!("{} · {}", meta.title, details.join(" · ")),
                host: &found.host,
                log: "vedette",
                channel: &found.channel,
                code: &found.code,
                file: paths.get(found.event.file).to_owned(),
                record: found.event.record,
                uid: found.event.uid.to_string(),
                tag: format!("{}: {}", found.level.name(), meta.title),
            })?;
        }
        Ok(())
    }

    /// # Errors
    /// When the last bytes cannot be written.
    pub fn close(self) -> io::Result<()> {
        match self.form {
            Form::Csv(mut table) => table.flush(),
            Form::JsonLines(mut out) => out.flush(),
        }
    }
}

impl TimelineSink for Timeline {
    fn event(&mut self, line: &TimelineLine, uid: EventUid) -> io::Result<()> {
        let details: Vec<String> = line.details.iter().map(|(n, v)| format!("{n}={v}")).collect();
        self.row(&Row {
            time: line.time,
            desc: "Event Logged",
            message: format!("{} {} · {}", line.log, line.code, details.join(" · ")),
            host: &line.host,
            log: &line.log,
            channel: &line.channel,
            code: &line.code,
            file: line.path.clone(),
            record: line.record,
            uid: uid.to_string(),
            tag: String::new(),
        })
    }
}
