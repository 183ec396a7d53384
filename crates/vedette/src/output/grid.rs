//! Rows under column names on a screen: one line a row, whatever its cells hold.

use std::fmt::Write as _;

use super::neutral::{short, terminal};
use super::paint::Paint;

/// A column's name, and how its cells stand.
pub struct Column<'a> {
    pub name: &'a str,
    /// A number stands at the right and, as a time, is never cut.
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Time,
    Number,
}

/// Columns between two cells.
const GAP: usize = 2;
/// A text is not cut below this while it is not alone to blame.
const TEXT_MIN: usize = 8;
/// What stands for a cell that holds nothing.
const NOTHING: &str = "–";

/// Rows as they are shown.
pub struct Grid {
    pub text: String,
    /// A text had to be cut.
    pub cut: bool,
}

/// Renders within `width` columns; the widest texts give way first. On a screen too narrow for even that, lines are longer.
pub fn render(columns: &[Column<'_>], rows: &[Vec<String>], width: usize, paint: Paint) -> Grid {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|c| if c.is_empty() { NOTHING.to_owned() } else { terminal(c) }).collect())
        .collect();
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let cell = cells.iter().filter_map(|row| row.get(at)).map(|c| c.chars().count()).max();
            cell.unwrap_or(0).max(column.name.chars().count())
        })
        .collect();
    let cut = fit(&mut widths, columns, width);
    let mut out = String::new();
    let head: Vec<String> = columns.iter().map(|c| c.name.to_uppercase()).collect();
    let _ = writeln!(out, "{}", paint.bold(line(&head, columns, &widths)));
    for row in &cells {
        let _ = writeln!(out, "{}", line(row, columns, &widths));
    }
    Grid { text: out, cut }
}

/// Takes from the widest text until all fits; whether there was something to take.
fn fit(widths: &mut [usize], columns: &[Column<'_>], width: usize) -> bool {
    let mut cut = false;
    let all = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
    let floors: Vec<usize> = columns.iter().map(|c| c.name.chars().count().max(TEXT_MIN)).collect();
    while all(widths) > width {
        let widest = (0..widths.len())
            .filter(|&at| columns[at].kind == Kind::Text && widths[at] > floors[at])
            .max_by_key(|&at| widths[at]);
        let Some(at) = widest else { break };
        widths[at] -= 1;
        cut = true;
    }
    cut
}

fn line(row: &[String], columns: &[Column<'_>], widths: &[usize]) -> String {
    let mut out = String::new();
    for ((cell, column), width) in row.iter().zip(columns).zip(widths) {
        if !out.is_empty() {
            out.push_str(&" ".repeat(GAP));
        }
        let _ = match column.kind {
            Kind::Number => write!(out, "{cell:>width$}"),
            Kind::Time => write!(out, "{cell:<width$}"),
            Kind::Text => write!(out, "{:<width$}", short(cell, *width)),
        };
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Colour;

    fn shown(width: usize, rows: &[[&str; 3]]) -> Vec<String> {
        let columns = [("host", Kind::Text), ("count", Kind::Number), ("log", Kind::Text)]
            .map(|(name, kind)| Column { name, kind });
        let rows: Vec<Vec<String>> = rows.iter().map(|r| r.map(str::to_owned).to_vec()).collect();
        let paint = Paint::choose(Colour::Never, true);
        render(&columns, &rows, width, paint).text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn numbers_stand_at_the_right_and_nothing_is_shown_as_such() {
        let rows = [["ws1", "1,000", "Security"], ["", "7", "System"]];
        assert_eq!(shown(80, &rows), ["HOST  COUNT  LOG", "ws1   1,000  Security", "–         7  System"]);
    }

    #[test]
    fn the_widest_text_gives_way() {
        let rows = [["a-very-long-host-name.example.com", "1", "Security"]];
        assert_eq!(shown(30, &rows), ["HOST           COUNT  LOG", "a-very-long-…      1  Security"]);
        assert_eq!(shown(5, &rows)[1].chars().count(), 25, "there is an end to it");
    }

    #[test]
    fn a_cell_cannot_break_its_row() {
        assert_eq!(shown(80, &[["a\nb\u{1b}[2J", "1", "x"]]).len(), 2);
    }
}
