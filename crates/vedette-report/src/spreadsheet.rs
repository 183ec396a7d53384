//! The findings as CSV, with the incident of each or the reason it was set aside; a spreadsheet runs none of it.

use std::io::{self, Write};

use crate::Report;
use crate::neutral::cell;

pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "time",
        "level",
        "title",
        "host",
        "actor",
        "channel",
        "code",
        "file",
        "record",
        "techniques",
        "details",
        "incident",
        "set_aside",
        "rule_id",
        "author",
        "license",
        "id",
        "source_uid",
    ])?;
    for f in &report.scan.findings.items {
        let details: Vec<String> = f.details.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let record = f.event.record.to_string();
        let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            &or_none(&f.time),
            &f.level,
            &f.title,
            &or_none(&f.host),
            &or_none(&f.actor),
            &or_none(&f.channel),
            &or_none(&f.code),
            &f.file,
            &record,
            &f.techniques.join(" "),
            &details.join(" · "),
            &or_none(&f.incident),
            &or_none(&f.set_aside),
            &f.rule_id,
            &or_none(&f.author),
            &or_none(&f.license),
            &f.id,
            &or_none(&f.source_uid),
        ];
        table.write_record(cells.iter().map(|c| cell(c)))?;
    }
    table.flush()
}
