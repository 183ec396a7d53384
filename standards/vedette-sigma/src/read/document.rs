//! One file: cut into documents, each read by its kind, nothing of one lost by a fault in another.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::limits;
use crate::read::correlation::{self, CorrelationDraft};
use crate::read::filter::{self, FilterDraft};
use crate::read::placeholder::Lists;
use crate::read::reader::Reader;
use crate::read::yaml::{self, Node, Piece};
use crate::read::{detection, meta};
use crate::rule::Rule;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    Rule,
    Correlation,
    Filter,
    /// Not known: the file or document could not be read that far.
    Unknown,
}

impl DocumentKind {
    pub fn name(self) -> &'static str {
        match self {
            DocumentKind::Rule => "rule",
            DocumentKind::Correlation => "correlation",
            DocumentKind::Filter => "filter",
            DocumentKind::Unknown => "unknown",
        }
    }
}

/// The documents of one file, read but not yet joined. [`parse_file`] may run on any thread.
#[derive(Debug, Clone)]
pub struct FileDocuments {
    pub(crate) path: Arc<str>,
    pub(crate) digest: [u8; 32],
    pub(crate) documents: Vec<Draft>,
}

impl FileDocuments {
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// How many documents the file has; a file that cannot be read counts as one.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Never true: an empty file counts as one unreadable document.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Everything found while reading, before the documents are joined.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.documents.iter().flat_map(|d| &d.diagnostics)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub kind: DocumentKind,
    pub line: u32,
    pub id: Option<String>,
    pub title: Option<String>,
    pub name: Option<String>,
    pub diagnostics: Vec<Diagnostic>,
    /// Nothing when a diagnostic is fatal.
    pub body: Option<Body>,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Rule(Box<Rule>),
    Correlation(Box<CorrelationDraft>),
    Filter(Box<FilterDraft>),
}

/// Reads one file. `path` is only a name: nothing is opened.
///
/// `lists` fills placeholders under `|expand`; a rule whose placeholder has no list is kept aside, see `Pack::expand`.
pub fn parse_file(path: Arc<str>, bytes: &[u8], lists: &Lists) -> FileDocuments {
    let digest = Sha256::digest(bytes).into();
    let unreadable = |code: Code, line: u32, column: u32, fault: String, help: Option<&str>| FileDocuments {
        path: Arc::clone(&path),
        digest,
        documents: vec![Draft {
            kind: DocumentKind::Unknown,
            line,
            id: None,
            title: None,
            name: None,
            diagnostics: vec![Diagnostic {
                code,
                place: Place { path: Arc::clone(&path), line, column },
                fault,
                help: help.map(str::to_owned),
                width: 0,
                fatal: true,
            }],
            body: None,
        }],
    };
    if bytes.len() > limits::FILE_BYTES_MAX {
        let fault = format!("the file has {} bytes, the limit is {}", bytes.len(), limits::FILE_BYTES_MAX);
        return unreadable(Code::TOO_LARGE, 1, 1, fault, Some("split it"));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = before.iter().filter(|b| **b == b'\n').count() as u32 + 1;
            let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            let column = String::from_utf8_lossy(&before[start..]).chars().count() as u32 + 1;
            let utf16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
            let fault = if utf16 { "the file is UTF-16 text" } else { "the file is not UTF-8 text" };
            return unreadable(Code::NOT_UTF8, line, column, fault.to_owned(), Some("save it as UTF-8"));
        }
    };
    let mut pieces = yaml::split(text);
    if pieces.is_empty() {
        return unreadable(Code::EMPTY_FILE, 1, 1, "the file holds no document".to_owned(), None);
    }
    let rest = (pieces.len() > limits::DOCUMENTS_PER_FILE_MAX).then(|| {
        let line = pieces[limits::DOCUMENTS_PER_FILE_MAX].line;
        let fault = format!(
            "the file has {} documents, only the first {} are read",
            pieces.len(),
            limits::DOCUMENTS_PER_FILE_MAX
        );
        pieces.truncate(limits::DOCUMENTS_PER_FILE_MAX);
        unreadable(Code::TOO_LARGE, line, 1, fault, Some("split it"))
    });
    let mut global = None;
    let documents = pieces.into_iter().map(|piece| document(&path, piece, lists, &mut global));
    let documents = documents.chain(rest.into_iter().flat_map(|r| r.documents)).collect();
    FileDocuments { path, digest, documents }
}

/// `global` is the line of an `action: global` above, which the parts of this document may have been taken from.
fn document(path: &Arc<str>, piece: Piece<'_>, lists: &Lists, global: &mut Option<u32>) -> Draft {
    let mut reader = Reader::new(Arc::clone(path), piece, lists);
    let mut draft = Draft {
        kind: DocumentKind::Unknown,
        line: piece.line,
        id: None,
        title: None,
        name: None,
        diagnostics: Vec::new(),
        body: None,
    };
    if piece.text.len() > limits::DOCUMENT_BYTES_MAX {
        let fault = format!(
            "the document has {} bytes, the limit is {}",
            piece.text.len(),
            limits::DOCUMENT_BYTES_MAX
        );
        let start = reader.start();
        reader.fatal_at(
            Code::TOO_LARGE,
            (start, 0),
            fault,
            Some("move long lists behind `|expand`".to_owned()),
        );
    } else {
        match yaml::read(piece) {
            Ok(node) => fill(&mut draft, &mut reader, &node, global),
            Err(fault) => {
                // The tree is lost, but a title or id at the first column is worth showing.
                draft.title = scrape(piece.text, "title:");
                draft.id = scrape(piece.text, "id:");
                reader.yaml(fault);
            }
        }
    }
    if reader.is_fatal() {
        draft.body = None;
    }
    draft.diagnostics = reader.diagnostics;
    draft
}

fn scrape(text: &str, key: &str) -> Option<String> {
    let value = text.lines().find_map(|l| l.strip_prefix(key))?.trim().trim_matches(['\'', '"']);
    (!value.is_empty()).then(|| value.chars().take(200).collect())
}

fn fill(draft: &mut Draft, reader: &mut Reader<'_>, node: &Node<'_>, global: &mut Option<u32>) {
    draft.line = node.mark.line;
    if node.map().is_none() {
        let fault = format!("the document is {}, a rule is a map", node.kind());
        reader.fatal_at(Code::NOT_SIGMA, (node.mark, 0), fault, None);
        return;
    }
    let word =
        |key: &str| node.get(key).and_then(Node::text).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    draft.id = word("id");
    draft.title = word("title");
    draft.name = word("name");
    let has = |key: &str| node.entry(key).is_some();
    draft.kind = if has("correlation") {
        DocumentKind::Correlation
    } else if has("filter") {
        DocumentKind::Filter
    } else if has("detection") {
        DocumentKind::Rule
    } else {
        DocumentKind::Unknown
    };
    if let Some((key, value)) = node.entry("action") {
        let fault = format!("`action: {}` is no longer part of Sigma", value.text().unwrap_or_default());
        let help = Some("write each rule in full, the parts of the documents around it included");
        reader.fatal(Code::ACTION, key, fault, help);
        if value.text() == Some("global") {
            *global = Some(node.mark.line);
        }
        return;
    }
    if let (Some(line), true) = (
        *global,
        draft.title.is_none() || node.get("detection").is_some_and(|d| d.entry("condition").is_none()),
    ) {
        let fault = format!(
            "the rest of this document stands under `action: global` on line {line}, which is no longer part of Sigma"
        );
        reader.fatal_at(Code::ACTION, (node.mark, 0), fault, Some("write each rule in full".to_owned()));
        return;
    }
    draft.body = match draft.kind {
        DocumentKind::Correlation => correlation::read(reader, node).map(|c| Body::Correlation(Box::new(c))),
        DocumentKind::Filter => filter::read(reader, node).map(|f| Body::Filter(Box::new(f))),
        DocumentKind::Rule => rule(reader, node).map(|r| Body::Rule(Box::new(r))),
        DocumentKind::Unknown => {
            if has("logsource") || has("title") {
                meta::missing(reader, node, "detection", "");
            } else {
                let fault = "the document has neither `detection`, `correlation` nor `filter`";
                reader.fatal_at(
                    Code::NOT_SIGMA,
                    (node.mark, 0),
                    fault,
                    Some("if this is no rule, keep it elsewhere".to_owned()),
                );
            }
            None
        }
    };
    if let Some(Body::Rule(rule)) = &draft.body {
        draft.id = Some(rule.meta.id.clone());
    }
}

fn rule(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Rule> {
    let meta = meta::read(reader, node);
    let logsource = meta::logsource(reader, node);
    let detection = detection::read(reader, node, "detection", &[]);
    Some(Rule { meta: meta?, logsource: logsource?, detection: detection?, filters: Vec::new() })
}
