//! The parts that every kind of document has: title, id, level, tags and their like, and the logsource.
//!
//! Source: Sigma rules specification 2.1.0, *Components*.

use xxhash_rust::xxh3::xxh3_128;

use crate::diagnostic::Code;
use crate::nearest::nearest;
use crate::read::reader::Reader;
use crate::read::yaml::{Data, Node, Scalar};
use crate::rule::{Level, Logsource, Meta, Status};

/// Parts of the specification; used to guess what a misspelled one was meant to be.
const PARTS: [&str; 21] = [
    "author",
    "correlation",
    "date",
    "description",
    "detection",
    "falsepositives",
    "fields",
    "filter",
    "generate",
    "id",
    "level",
    "license",
    "logsource",
    "modified",
    "name",
    "references",
    "related",
    "scope",
    "status",
    "tags",
    "title",
];

/// Says that a part is missing, and which key may have been meant.
pub(crate) fn missing(reader: &mut Reader<'_>, node: &Node<'_>, part: &str, within: &str) {
    let near = node
        .map()
        .into_iter()
        .flatten()
        .filter_map(|(k, _)| Some((k, k.text()?)))
        .find(|(_, k)| !PARTS.contains(k) && nearest(k, &[part]).is_some());
    let spot = near.map_or((node.mark, 0), |(k, _)| (k.mark, k.width));
    let help = near.map(|_| format!("did you mean `{part}`?"));
    let fault = if within.is_empty() {
        format!("`{part}` is missing")
    } else {
        format!("`{within}` has no `{part}`")
    };
    reader.fatal_at(Code::MISSING, spot, fault, help);
}

/// One word or text. A list or map is a fault; null counts as absent.
pub(crate) fn text(reader: &mut Reader<'_>, node: &Node<'_>, part: &str) -> Option<String> {
    let value = node.get(part)?;
    match value.scalar() {
        Some(Scalar::Null) => None,
        Some(_) => value.text().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()),
        None => {
            reader.note(Code::SHAPE, value, format!("`{part}` is {}, text belongs here", value.kind()), None);
            None
        }
    }
}

/// A list of words; one word alone counts as a list of one.
pub(crate) fn words(reader: &mut Reader<'_>, node: &Node<'_>, part: &str) -> Vec<String> {
    let Some(value) = node.get(part) else { return Vec::new() };
    match &value.data {
        Data::Scalar { .. } if value.scalar() == Some(Scalar::Null) => Vec::new(),
        Data::Scalar { text, .. } => vec![text.trim().to_owned()],
        Data::List(items) => {
            let mut all = Vec::with_capacity(items.len());
            for item in items {
                match (item.text(), item.scalar()) {
                    (_, Some(Scalar::Null)) => {}
                    (Some(text), _) => all.push(text.trim().to_owned()),
                    _ => {
                        let fault = format!("{} stands in `{part}`, where words belong", item.kind());
                        reader.note(Code::SHAPE, item, fault, None);
                    }
                }
            }
            all
        }
        Data::Map(_) => {
            reader.note(Code::SHAPE, value, format!("`{part}` is a map, a list belongs here"), None);
            Vec::new()
        }
    }
}

/// Text in which line breaks matter; a list of words is a line each.
fn lines(reader: &mut Reader<'_>, node: &Node<'_>, part: &str) -> Option<String> {
    let written = words(reader, node, part).join("\n");
    let all: Vec<&str> = written.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

/// Reads the metadata. Nothing but a missing title is fatal: a rule with an odd date still detects.
pub(crate) fn read(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Meta> {
    let title = text(reader, node, "title");
    if title.is_none() {
        missing(reader, node, "title", "");
    }
    let id = text(reader, node, "id");
    let authors = match node.get("author").map(|n| &n.data) {
        Some(Data::List(_)) => Some(words(reader, node, "author").join(", ")).filter(|a| !a.is_empty()),
        _ => text(reader, node, "author"),
    };
    Some(Meta {
        id: id.unwrap_or_else(|| format!("{:032x}", xxh3_128(reader.piece.text.as_bytes()))),
        title: title?,
        name: text(reader, node, "name"),
        status: word(reader, node, "status", &STATUSES),
        level: word(reader, node, "level", &LEVELS),
        description: text(reader, node, "description"),
        author: authors,
        license: text(reader, node, "license"),
        date: text(reader, node, "date"),
        modified: text(reader, node, "modified"),
        references: words(reader, node, "references"),
        tags: words(reader, node, "tags"),
        falsepositives: words(reader, node, "falsepositives"),
        guide: lines(reader, node, "guide"),
        fields: words(reader, node, "fields"),
        place: reader.place(node.mark),
    })
}

const STATUSES: [(&str, Status); 5] = [
    ("stable", Status::Stable),
    ("test", Status::Test),
    ("experimental", Status::Experimental),
    ("deprecated", Status::Deprecated),
    ("unsupported", Status::Unsupported),
];

const LEVELS: [(&str, Level); 5] = [
    ("informational", Level::Informational),
    ("low", Level::Low),
    ("medium", Level::Medium),
    ("high", Level::High),
    ("critical", Level::Critical),
];

fn word<T: Copy>(reader: &mut Reader<'_>, node: &Node<'_>, part: &str, known: &[(&str, T)]) -> Option<T> {
    let written = text(reader, node, part)?;
    if let Some((_, value)) = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(&written)) {
        return Some(*value);
    }
    let names: Vec<&str> = known.iter().map(|(n, _)| *n).collect();
    let help = match nearest(&written, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of {}", names.join(", ")),
    };
    if let Some(value) = node.get(part) {
        reader.note(Code::UNKNOWN_WORD, value, format!("unknown {part} `{written}`"), Some(&help));
    }
    None
}

/// Reads the logsource. Values are lower-cased, as the specification writes them.
pub(crate) fn logsource(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Logsource> {
    let Some(value) = node.get("logsource") else {
        missing(reader, node, "logsource", "");
        return None;
    };
    if value.map().is_none() {
        reader.fatal(
            Code::SHAPE,
            value,
            format!("`logsource` is {}, a map belongs here", value.kind()),
            None,
        );
        return None;
    }
    let mut part = |name: &str| text(reader, value, name);
    let source = Logsource {
        product: part("product").map(|v| v.to_ascii_lowercase()),
        category: part("category").map(|v| v.to_ascii_lowercase()),
        service: part("service").map(|v| v.to_ascii_lowercase()),
        definition: part("definition"),
    };
    if source.product.is_none() && source.category.is_none() && source.service.is_none() {
        let fault = "the logsource names neither product, category nor service";
        reader.note(
            Code::STYLE,
            value,
            fault,
            Some("the rule reads every event; say which ones it is meant for"),
        );
    }
    Some(source)
}
