//! Small CSV files with a header: columns by any of their usual names, rows with their line.

use vedette_model::Problem;

use crate::indicators::decoded;
use crate::limits::{SHEET_BYTES_MAX, SHEET_PROBLEMS_MAX};
use crate::records::Records;

/// A column and the names it goes by; the first is the one that messages use.
pub type Column = &'static [&'static str];

pub struct Sheet {
    columns: Vec<Vec<usize>>,
    rows: Vec<(u64, Vec<String>)>,
}

pub struct Row<'a> {
    pub line: u64,
    sheet: &'a Sheet,
    cells: &'a [String],
}

impl Row<'_> {
    /// The first filled cell of the column at `index` of those asked for; empty when there is none.
    pub fn get(&self, index: usize) -> &str {
        let places = self.sheet.columns.get(index).map(Vec::as_slice).unwrap_or_default();
        places
            .iter()
            .filter_map(|p| self.cells.get(*p))
            .map(String::as_str)
            .find(|c| !c.is_empty())
            .unwrap_or_default()
    }

    /// All cells of the column, each cut at `;`, `|`, and commas.
    pub fn several(&self, index: usize) -> impl Iterator<Item = &str> {
        let places = self.sheet.columns.get(index).map(Vec::as_slice).unwrap_or_default();
        let cells = places.iter().filter_map(|p| self.cells.get(*p));
        cells.flat_map(|c| c.split([';', '|', ','])).map(str::trim).filter(|c| !c.is_empty() && *c != "-")
    }
}

impl Sheet {
    /// Reads a file that has at least one of the columns at `needed`.
    pub fn read(
        name: &str,
        bytes: &[u8],
        columns: &[Column],
        needed: &[usize],
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        if bytes.len() > SHEET_BYTES_MAX {
            problems.push(problem(
                name,
                1,
                format!("larger than {} MiB", SHEET_BYTES_MAX >> 20),
                "the file is not used",
                "leave out what is not needed",
            ));
            return None;
        }
        let text = decoded(bytes);
        let skipped =
            text.lines().take_while(|l| l.trim().is_empty() || l.trim_start().starts_with('#')).count();
        let first = text.lines().nth(skipped).unwrap_or_default();
        let delimiter = [',', ';', '\t', '|']
            .into_iter()
            .max_by_key(|d| (first.matches(*d).count(), *d == ','))
            .unwrap_or(',');
        let mut records = Records::new(text.as_bytes(), delimiter as u8);
        let mut cells = Vec::new();
        let mut rows = std::iter::from_fn(|| {
            let line = records.next(&mut cells).ok()??;
            Some((line, cells.clone()))
        });
        let Some((line, header)) = rows.next() else {
            problems.push(problem(
                name,
                1,
                "the file is empty".to_owned(),
                "nothing is known from it",
                &expected(columns),
            ));
            return None;
        };
        let plain = |c: &str| c.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let found: Vec<Vec<usize>> = columns
            .iter()
            .map(|names| {
                let fits = |cell: &String| names.iter().any(|n| plain(n) == plain(cell));
                header.iter().enumerate().filter(|(_, cell)| fits(cell)).map(|(at, _)| at).collect()
            })
            .collect();
        if needed.iter().all(|n| found[*n].is_empty()) {
            let wanted: Vec<String> = needed.iter().map(|n| format!("`{}`", columns[*n][0])).collect();
            let fault = format!("no column {}: the header has {}", wanted.join(" or "), quoted(&header));
            problems.push(problem(name, line, fault, "the file is not used", &expected(columns)));
            return None;
        }
        let unknown: Vec<String> = header
            .iter()
            .enumerate()
            .filter(|(at, cell)| !cell.is_empty() && !found.iter().flatten().any(|p| p == at))
            .map(|(_, cell)| cell.clone())
            .collect();
        if !unknown.is_empty() {
            let fault = format!("unknown columns {}", quoted(&unknown));
            problems.push(problem(name, line, fault, "they are not used", &expected(columns)));
        }
        let width = header.len();
        let mut odd = Vec::new();
        let rows: Vec<(u64, Vec<String>)> = rows
            .filter(|(_, cells)| cells.iter().any(|c| !c.is_empty()))
            .inspect(|(line, cells)| {
                if cells.len() != width {
                    odd.push((*line, cells.len()));
                }
            })
            .collect();
        for (line, cells) in odd.iter().take(SHEET_PROBLEMS_MAX) {
            let fault = format!("{cells} cells where the header has {width}");
            problems.push(problem(
                name,
                *line,
                fault,
                "the row is read as far as it goes",
                "quote cells that hold the delimiter",
            ));
        }
        let more = odd.len().saturating_sub(SHEET_PROBLEMS_MAX);
        if more > 0 {
            let mut further = problem(
                name,
                odd[SHEET_PROBLEMS_MAX].0,
                "further rows of another width".to_owned(),
                "they are read as far as they go",
                "",
            );
            further.count = more as u64;
            problems.push(further);
        }
        Some(Self { columns: found, rows })
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, cells)| Row { line: *line, sheet: self, cells })
    }
}

fn quoted(names: &[String]) -> String {
    let shown: Vec<String> =
        names.iter().take(12).map(|n| format!("`{}`", n.chars().take(40).collect::<String>())).collect();
    let more = names.len().saturating_sub(12);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn expected(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|c| c[0]).collect();
    format!("columns are {}", names.join(", "))
}

pub fn problem(name: &str, line: u64, fault: String, consequence: &str, remedy: &str) -> Problem {
    Problem {
        code: "VD-T002",
        place: format!("{name}:{line}"),
        fault,
        consequence: consequence.to_owned(),
        remedy: remedy.to_owned(),
        count: 1,
    }
}
