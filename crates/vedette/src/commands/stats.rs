//! `vedette stats`: counts over the same input that scan reads.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use serde::Serialize;
use vedette_model::FileFormat;
use vedette_runtime::scan::survey::Survey;
use vedette_runtime::scan::{Outcome, Search};

use super::input;
use crate::cli::{Format, RuleChoice, Stats, StatsOf};
use crate::environment;
use crate::fault::Fault;
use crate::library;
use crate::output::grid::{self, Column, Kind};
use crate::output::json;
use crate::output::neutral::cell;
use crate::output::number;
use crate::output::paint::Paint;
use crate::output::wire;

/// Column names and rows, most frequent first.
struct Sheet {
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// # Errors
/// As for `scan`.
pub fn run(args: &Stats, paint: Paint) -> Result<ExitCode, Fault> {
    // No rule is needed to count.
    let choice = RuleChoice { no_default_rules: true, ..RuleChoice::default() };
    let content = library::load(&choice, &args.input.mappings)?;
    let inputs = input::open(&args.input, &content, false)?;
    let search = Search {
        survey: match args.what {
            StatsOf::Logons => Some(Survey::Logons),
            StatsOf::Users => Some(Survey::Users),
            StatsOf::EventIds => Some(Survey::EventIds),
            StatsOf::Hosts => None,
        },
        channels_within: true,
        ..input::search(&args.input)?
    };
    let outcome = input::scanned(&args.input, &content, &inputs, search, None)
        .map_err(Fault::io("cannot make a temporary file"))?;
    let sheet = match args.what {
        StatsOf::Logons => survey(Survey::Logons, &outcome),
        StatsOf::Users => survey(Survey::Users, &outcome),
        StatsOf::EventIds => survey(Survey::EventIds, &outcome),
        StatsOf::Hosts => hosts(&outcome),
    };
    let account = Account::of(&outcome);
    print(args, paint, &sheet, &account).map_err(Fault::io("cannot write the result"))?;
    account.tell(args);
    Ok(ExitCode::from(if account.complete && account.read > 0 { 0 } else { INCOMPLETE }))
}

/// The answer is not whole: reading was interrupted, or nothing could be read.
const INCOMPLETE: u8 = 3;

/// What the counts stand on; the last of the JSON lines.
#[derive(Serialize)]
struct Account {
    complete: bool,
    files: u64,
    /// Files that gave at least one record, or are empty.
    #[serde(skip)]
    read: u64,
    files_unread: u64,
    rejected: u64,
    duplicate: u64,
    outside: u64,
    others: u64,
}

impl Account {
    fn of(outcome: &Outcome) -> Self {
        let files = || outcome.files.iter().filter(|f| !f.container);
        let unread = |f: &&vedette_runtime::scan::verdict::FileVerdict| {
            !f.complete
                || matches!(f.format, FileFormat::Foreign(_) | FileFormat::Unknown)
                || f.tally.records > 0 && f.tally.rejected == f.tally.records
        };
        let (files, unread) = (files().count() as u64, files().filter(unread).count() as u64);
        Self {
            complete: outcome.complete,
            files,
            read: files - unread,
            files_unread: unread,
            rejected: outcome.total.rejected,
            duplicate: outcome.total.duplicate,
            outside: outcome.total.outside,
            others: outcome.counts.others + outcome.channels.beyond,
        }
    }

    /// Says on standard error what the counts leave out.
    #[expect(clippy::print_stderr, reason = "notes stand beside the result, not in it")]
    fn tell(&self, args: &Stats) {
        if !self.complete {
            eprintln!("Interrupted: this is what was read until then, not all.");
        }
        if args.input.quiet {
            return;
        }
        let mut left_out = Vec::new();
        for (count, one, more) in [
            (self.files_unread, "file that could not be read", "files that could not be read"),
            (self.rejected, "rejected record", "rejected records"),
            (self.others, "event beyond the bound of rows", "events beyond the bound of rows"),
        ] {
            if count > 0 {
                left_out.push(number::of(count, one, more));
            }
        }
        if !left_out.is_empty() {
            eprintln!("Not counted: {} (`vedette scan` names them)", left_out.join(", "));
        }
    }
}

fn stamp(time: Option<vedette_model::Timestamp>) -> String {
    time.map(|t| t.to_string()).unwrap_or_default()
}

fn survey(survey: Survey, outcome: &Outcome) -> Sheet {
    let mut columns = survey.columns().to_vec();
    columns.extend(["count", "first", "last"]);
    let mut counted: Vec<_> = outcome.counts.rows.iter().collect();
    counted.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    let rows = counted
        .into_iter()
        .map(|(key, (count, extent))| {
            let mut row = key.clone();
            row.extend([count.to_string(), stamp(extent.first), stamp(extent.last)]);
            row
        })
        .collect();
    Sheet { columns, rows }
}

fn hosts(outcome: &Outcome) -> Sheet {
    let mut channels: Vec<_> = outcome.channels.iter().collect();
    // What no host is named for comes last.
    channels.sort_by_key(|(host, ..)| host.is_empty());
    let rows = channels
        .into_iter()
        .map(|(host, name, c)| {
            let missing =
                c.records.first().and(c.records.missing()).map(|n| n.to_string()).unwrap_or_default();
            let notices: Vec<String> =
                c.notices.iter().map(|n| format!("{} {}", n.kind.name(), stamp(n.event.time))).collect();
            vec![
                host.to_owned(),
                name.to_owned(),
                c.events.to_string(),
                stamp(c.extent.first),
                stamp(c.extent.last),
                missing,
                notices.join("; "),
            ]
        })
        .collect();
    Sheet { columns: vec!["host", "log", "count", "first", "last", "missing records", "notices"], rows }
}

fn print(args: &Stats, paint: Paint, sheet: &Sheet, account: &Account) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Table => {
            let shown = if args.top == 0 { sheet.rows.len() } else { args.top };
            if sheet.rows.is_empty() {
                writeln!(out, "Nothing to count: {}", none(args.what))?;
            } else {
                let rows: Vec<Vec<String>> =
                    sheet.rows.iter().take(shown).map(|row| shown_row(sheet, row)).collect();
                let columns: Vec<Column<'_>> = sheet
                    .columns
                    .iter()
                    .map(|name| Column { name: heading(name), kind: kind(name) })
                    .collect();
                let grid = grid::render(&columns, &rows, environment::columns(), paint);
                write!(out, "{}", grid.text)?;
                if grid.cut {
                    writeln!(out, "{}", paint.dim("… cut to the screen (--format csv cuts nothing)"))?;
                }
            }
            if sheet.rows.len() > shown {
                let more = number::of((sheet.rows.len() - shown) as u64, "more row", "more rows");
                writeln!(out, "… {more} (--top 0 shows all)")?;
            }
        }
        Format::Csv => {
            let mut table = csv::Writer::from_writer(&mut out);
            table.write_record(&sheet.columns)?;
            for row in &sheet.rows {
                table.write_record(row.iter().map(|c| cell(c)))?;
            }
            table.flush()?;
        }
        Format::Json | Format::Jsonl => {
            let rows: Vec<wire::StatsRow> = sheet.rows.iter().map(|row| wire_row(sheet, row)).collect();
            if args.format == Format::Jsonl {
                for row in rows {
                    json::line(&mut out, "row", &row)?;
                }
                json::line(&mut out, "summary", &account)?;
            } else {
                let stats = wire::Stats {
                    complete: account.complete,
                    files: account.files,
                    files_unread: account.files_unread,
                    rejected: account.rejected,
                    duplicate: account.duplicate,
                    outside: account.outside,
                    others: account.others,
                    rows,
                };
                serde_json::to_writer(&mut out, &stats)?;
                out.write_all(b"\n")?;
            }
        }
    }
    out.flush()
}

/// Why there may be no row.
fn none(what: StatsOf) -> &'static str {
    match what {
        StatsOf::Logons => "no event is a logon",
        StatsOf::EventIds => "no event has an id",
        StatsOf::Hosts => "no event is of a known log type",
        StatsOf::Users => "no event names an account",
    }
}

fn kind(column: &str) -> Kind {
    match column {
        "first" | "last" => Kind::Time,
        "count" | "missing records" => Kind::Number,
        _ => Kind::Text,
    }
}

fn heading(column: &str) -> &str {
    if column == "missing records" { "missing" } else { column }
}

/// Minutes are enough for people who count; a list of notices is cut to the first.
fn shown_row(sheet: &Sheet, row: &[String]) -> Vec<String> {
    sheet.columns.iter().zip(row).map(|(column, text)| shown_cell(column, text)).collect()
}

fn shown_cell(column: &str, text: &str) -> String {
    match kind(column) {
        Kind::Time => text
            .parse::<jiff::Timestamp>()
            .map_or_else(|_| text.to_owned(), |t| t.strftime("%Y-%m-%d %H:%MZ").to_string()),
        Kind::Number => text.parse().map_or_else(|_| text.to_owned(), number::count),
        Kind::Text if column == "notices" => match text.split_once("; ") {
            Some((first, more)) => format!("{first} (+{})", more.matches("; ").count() + 1),
            None => text.to_owned(),
        },
        Kind::Text => text.to_owned(),
    }
}

fn wire_row(sheet: &Sheet, row: &[String]) -> wire::StatsRow {
    let mut wire = wire::StatsRow::default();
    for (column, text) in sheet.columns.iter().zip(row) {
        match *column {
            "count" => wire.count = text.parse().unwrap_or_default(),
            _ => {
                wire.columns.insert(column.replace(' ', "_"), text.clone());
            }
        }
    }
    wire
}
