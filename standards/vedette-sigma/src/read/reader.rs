//! What every part of the reading shares: the document's place, its lists, and the faults found so far.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::limits;
use crate::read::placeholder::Lists;
use crate::read::yaml::{Fault, Mark, Node, Piece, Style};

pub(crate) struct Reader<'a> {
    pub path: Arc<str>,
    pub piece: Piece<'a>,
    pub lists: &'a Lists,
    pub diagnostics: Vec<Diagnostic>,
    fatal: bool,
}

impl<'a> Reader<'a> {
    pub fn new(path: Arc<str>, piece: Piece<'a>, lists: &'a Lists) -> Self {
        Reader { path, piece, lists, diagnostics: Vec::new(), fatal: false }
    }

    /// Whether a fault was found that leaves the document out.
    pub fn is_fatal(&self) -> bool {
        self.fatal
    }

    pub fn place(&self, mark: Mark) -> Place {
        Place { path: Arc::clone(&self.path), line: mark.line, column: mark.column }
    }

    pub fn start(&self) -> Mark {
        Mark { line: self.piece.line, column: 1 }
    }

    fn push(&mut self, code: Code, mark: Mark, width: u32, fault: String, help: Option<String>, fatal: bool) {
        // The first fatal fault is the reason, so it is kept even behind twenty notes.
        if self.diagnostics.len() < limits::DIAGNOSTICS_MAX || (fatal && !self.fatal) {
            let place = self.place(mark);
            self.diagnostics.push(Diagnostic { code, place, fault, help, width, fatal });
        }
        self.fatal |= fatal;
    }

    /// A fault that leaves the document out.
    pub fn fatal(&mut self, code: Code, node: &Node<'_>, fault: impl Into<String>, help: Option<&str>) {
        self.push(code, node.mark, node.width, fault.into(), help.map(str::to_owned), true);
    }

    /// A fault that leaves the document out, at a place within a node.
    pub fn fatal_at(
        &mut self,
        code: Code,
        spot: (Mark, u32),
        fault: impl Into<String>,
        help: Option<String>,
    ) {
        self.push(code, spot.0, spot.1, fault.into(), help, true);
    }

    /// Worth a look; the document is loaded.
    pub fn note(&mut self, code: Code, node: &Node<'_>, fault: impl Into<String>, help: Option<&str>) {
        self.push(code, node.mark, node.width, fault.into(), help.map(str::to_owned), false);
    }

    pub fn yaml(&mut self, fault: Fault) {
        self.push(fault.code, fault.mark, fault.width, fault.fault, fault.help, true);
    }

    /// A line of the file, if it lies within this document.
    fn line(&self, line: u32) -> Option<&'a str> {
        self.piece.text.lines().nth(line.checked_sub(self.piece.line)? as usize)
    }

    /// Where the characters `offset..offset + width` of a scalar stand in the file.
    ///
    /// Folding, blocks and escapes part the text from the source, so the piece is looked for near the scalar; when it
    /// cannot be found the scalar itself is marked.
    pub fn within(&self, node: &Node<'_>, offset: usize, width: usize) -> (Mark, u32) {
        let whole = (node.mark, node.width);
        let Some(text) = node.text() else { return whole };
        let style = match &node.data {
            crate::read::yaml::Data::Scalar { style, .. } => *style,
            _ => return whole,
        };
        let wanted: String =
            text.chars().skip(offset).take(width.max(1)).take_while(|c| *c != '\n').collect();
        if style != Style::Block
            && let Some(line) = self.line(node.mark.line)
        {
            let quote = u32::from(
                style == Style::Quoted
                    && line.chars().nth(node.mark.column as usize - 1) != text.chars().next(),
            );
            let column = node.mark.column as usize - 1 + quote as usize + offset;
            if line.chars().skip(column).take(wanted.chars().count()).eq(wanted.chars()) {
                return (
                    Mark { line: node.mark.line, column: column as u32 + 1 },
                    wanted.chars().count() as u32,
                );
            }
        }
        // The n-th occurrence in the text is the n-th in the source below.
        let byte = text.char_indices().nth(offset).map_or(text.len(), |(b, _)| b);
        let mut skip = if wanted.is_empty() { 0 } else { text[..byte].matches(wanted.as_str()).count() };
        if wanted.is_empty() {
            return whole;
        }
        let first = node.mark.line.saturating_sub(self.piece.line) as usize;
        let lines =
            (node.mark.line..).zip(self.piece.text.lines().skip(first).take(limits::SCALAR_LINES_SEARCHED));
        for (line_number, line) in lines {
            let from = if line_number == node.mark.line { node.mark.column as usize - 1 } else { 0 };
            let from = line.char_indices().nth(from).map_or(line.len(), |(b, _)| b);
            for (at, found) in line[from..].match_indices(wanted.as_str()) {
                if skip == 0 {
                    let column = line[..from + at].chars().count() as u32 + 1;
                    return (Mark { line: line_number, column }, found.chars().count() as u32);
                }
                skip -= 1;
            }
        }
        whole
    }
}
