//! The detection part: selections of maps and lists, their items, and the conditions over them.
//!
//! Source: Sigma rules specification 2.1.0, *Detection*.

use crate::diagnostic::Code;
use crate::limits;
use crate::read::condition;
use crate::read::meta::missing;
use crate::read::modifier::{At, Chain, ModifierFault};
use crate::read::reader::Reader;
use crate::read::yaml::{Data, Node, Scalar};
use crate::rule::{Block, Condition, Detection, Item, Quantifier, Selection};

/// Keys of the detection that are no selections. `timeframe` belonged to the old aggregations.
const RESERVED: [&str; 2] = ["condition", "timeframe"];

/// Reads the map under `part` (`detection`, or `filter` with its extra key `rules`).
pub(crate) fn read(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    part: &str,
    extra: &[&str],
) -> Option<Detection> {
    let Some((key, value)) = node.entry(part) else {
        missing(reader, node, part, "");
        return None;
    };
    let Some(entries) = value.map() else {
        let found = if value.scalar() == Some(Scalar::Null) { key } else { value };
        reader.fatal(Code::SHAPE, found, format!("`{part}` is {}, a map belongs here", value.kind()), None);
        return None;
    };
    if entries.len() > limits::SELECTIONS_MAX {
        let fault =
            format!("`{part}` has {} selections, the limit is {}", entries.len(), limits::SELECTIONS_MAX);
        reader.fatal(Code::SELECTION, key, fault, None);
        return None;
    }
    let mut selections = Vec::with_capacity(entries.len());
    for (name, body) in entries {
        let Some(text) = name.text().filter(|t| !RESERVED.contains(t) && !extra.contains(t)) else {
            continue;
        };
        let place = reader.place(name.mark);
        if let Some(block) = block(reader, name, body) {
            selections.push(Selection { name: text.to_owned(), block, place });
        }
    }
    let conditions = conditions(reader, value, part, &selections);
    if selections.is_empty() && !reader.is_fatal() {
        reader.fatal(Code::SELECTION, key, format!("`{part}` has no selection"), None);
    }
    Some(Detection { selections, conditions: conditions? })
}

fn conditions(
    reader: &mut Reader<'_>,
    value: &Node<'_>,
    part: &str,
    selections: &[Selection],
) -> Option<Vec<Condition>> {
    let Some((condition_key, written)) = value.entry("condition") else {
        missing(reader, value, "condition", part);
        return None;
    };
    // A broken selection has no index; naming it again as unknown would be a second fault for one cause.
    let broken = reader.is_fatal();
    let names: Vec<&str> = selections.iter().map(|s| s.name.as_str()).collect();
    let lines: Vec<&Node<'_>> = match &written.data {
        Data::List(items) => items.iter().collect(),
        _ => vec![written],
    };
    if lines.is_empty() {
        reader.fatal(Code::CONDITION, condition_key, "the list of conditions is empty", None);
        return None;
    }
    let mut all = Vec::with_capacity(lines.len());
    for line in lines {
        let Some(text) = line.text().filter(|_| line.scalar() != Some(Scalar::Null)) else {
            let found = if line.width == 0 && line.text().is_some() { condition_key } else { line };
            reader.fatal(
                Code::CONDITION,
                found,
                format!("the condition is {}, text belongs here", line.kind()),
                None,
            );
            continue;
        };
        match condition::parse(text, &names) {
            Ok(condition) => all.push(condition),
            Err(fault) if broken && matches!(fault.code, Code::UNKNOWN_SELECTION | Code::EMPTY_PATTERN) => {}
            Err(fault) => {
                let spot = reader.within(line, fault.offset, fault.width);
                reader.fatal_at(fault.code, spot, fault.fault, fault.help);
            }
        }
    }
    if reader.is_fatal() {
        return None;
    }
    let mut read = vec![false; selections.len()];
    for condition in &all {
        condition::each_selection(condition, &mut |index| {
            if let Some(seen) = read.get_mut(index) {
                *seen = true;
            }
        });
    }
    for (selection, _) in selections.iter().zip(&read).filter(|(_, read)| !**read) {
        if let Some((name, _)) = value.entry(&selection.name) {
            let fault = format!("no condition reads the selection `{}`", selection.name);
            reader.note(Code::UNUSED_SELECTION, name, fault, None);
        }
    }
    if let Some((timeframe, _)) = value.entry("timeframe") {
        reader.note(
            Code::STYLE,
            timeframe,
            "`timeframe` has no effect in a rule",
            Some("windows belong to correlations, as `timespan`"),
        );
    }
    Some(all)
}

/// A selection, or an entry of a list of maps.
fn block(reader: &mut Reader<'_>, name: &Node<'_>, body: &Node<'_>) -> Option<Block> {
    match &body.data {
        Data::Map(entries) => map(reader, name, entries),
        Data::List(items) => list(reader, name, items),
        Data::Scalar { .. } if body.scalar() == Some(Scalar::Null) => {
            let fault = format!("the selection `{}` is empty", name.text().unwrap_or_default());
            reader.fatal(Code::SELECTION, name, fault, None);
            None
        }
        Data::Scalar { .. } => keywords(reader, name, &[body]),
    }
}

fn map(reader: &mut Reader<'_>, name: &Node<'_>, entries: &[(Node<'_>, Node<'_>)]) -> Option<Block> {
    if entries.is_empty() {
        reader.fatal(Code::SELECTION, name, "an empty map would match every event", None);
        return None;
    }
    let mut all = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        if let Some(item) = item(reader, key, value) {
            all.push(Block::Item(item));
        }
    }
    (all.len() == entries.len()).then_some(Block::All(all))
}

/// A list: words are keywords of one search, maps are alternatives.
fn list(reader: &mut Reader<'_>, name: &Node<'_>, items: &[Node<'_>]) -> Option<Block> {
    let mut words = Vec::new();
    let mut any = Vec::new();
    let mut wanted = 0;
    for item in items {
        match &item.data {
            Data::Map(entries) => {
                wanted += 1;
                any.extend(map(reader, item, entries));
            }
            Data::Scalar { .. } => words.push(item),
            Data::List(_) => {
                wanted += 1;
                let help = Some("join the two lists");
                reader.fatal(Code::SELECTION, item, "a list in a list has no meaning in Sigma", help);
            }
        }
    }
    if items.is_empty() {
        let fault = format!(
            "the selection `{}` is an empty list and matches nothing",
            name.text().unwrap_or_default()
        );
        reader.note(Code::SELECTION, name, fault, None);
        return Some(Block::Any(Vec::new()));
    }
    if !words.is_empty() {
        let keywords = keywords(reader, name, &words)?;
        if any.is_empty() && wanted == 0 {
            return Some(keywords);
        }
        wanted += 1;
        any.insert(0, keywords);
    }
    (any.len() == wanted).then_some(Block::Any(any))
}

/// Words without a field: any value of the event may hold one of them.
fn keywords(reader: &mut Reader<'_>, name: &Node<'_>, words: &[&Node<'_>]) -> Option<Block> {
    let chain = Chain::parse(std::iter::empty()).ok()?.into_keyword();
    let mut matchers = Vec::with_capacity(words.len());
    for word in words {
        if word.scalar() == Some(Scalar::Null) {
            reader.fatal(Code::VALUE_SHAPE, word, "null cannot be a keyword", None);
            continue;
        }
        if word.text() == Some("") {
            reader.note(Code::STYLE, word, "an empty keyword matches every event", None);
        }
        matchers.extend(matcher(reader, &chain, name, word));
    }
    if matchers.len() != words.len() {
        return None;
    }
    let place = reader.place(name.mark);
    Some(Block::Item(Item { field: None, quantifier: Quantifier::Any, negated: false, matchers, place }))
}

/// One line of a map: `field|modifier|modifier: value or values`.
fn item(reader: &mut Reader<'_>, key: &Node<'_>, value: &Node<'_>) -> Option<Item> {
    let text = key.text().unwrap_or_default();
    let (field, words) = text.split_once('|').map_or((text, None), |(f, w)| (f, Some(w)));
    let field = Some(field.trim()).filter(|f| !f.is_empty()).map(str::to_owned);
    let mut chain = match Chain::parse(words.into_iter().flat_map(|w| w.split('|'))) {
        Ok(chain) => chain,
        Err(fault) => {
            let At::Modifier(at) = fault.at else { return None };
            // The field and every modifier before it, each with its bar.
            let offset: usize = text.split('|').take(at + 1).map(|w| w.chars().count() + 1).sum();
            let width = text.split('|').nth(at + 1).map_or(0, |w| w.chars().count());
            let spot = if width == 0 { (key.mark, key.width) } else { reader.within(key, offset, width) };
            reader.fatal_at(fault.code, spot, fault.fault, fault.help);
            return None;
        }
    };
    if field.is_none() {
        if words.is_none() {
            reader.fatal(Code::SELECTION, key, "the name of the field is empty", None);
            return None;
        }
        if chain.needs_field() {
            reader.fatal(
                Code::MODIFIER_CHAIN,
                key,
                "this modifier asks for a field, and none is named",
                None,
            );
            return None;
        }
        chain = chain.into_keyword();
    }
    let values: Vec<&Node<'_>> = match &value.data {
        Data::List(items) => items.iter().collect(),
        Data::Scalar { .. } => vec![value],
        Data::Map(_) => {
            let help = format!(
                "name nested fields with dots, for example `{}.name`",
                field.as_deref().unwrap_or("field")
            );
            reader.fatal(Code::VALUE_SHAPE, value, "a map cannot be a value", Some(&help));
            return None;
        }
    };
    notes(reader, key, value, &chain, &values);
    let mut matchers = Vec::with_capacity(values.len());
    for value in &values {
        if value.text().is_none() {
            let fault = format!("{} cannot be a value", value.kind());
            reader.fatal(
                Code::VALUE_SHAPE,
                value,
                fault,
                Some("values are text, numbers, true, false or null"),
            );
            continue;
        }
        matchers.extend(matcher(reader, &chain, key, value));
    }
    if matchers.len() != values.len() {
        return None;
    }
    if chain.is_exists() && matchers.len() > 1 {
        reader.fatal(Code::MODIFIER_VALUE, key, "`exists` takes one value", None);
        return None;
    }
    let place = reader.place(key.mark);
    Some(Item { field, quantifier: chain.quantifier, negated: chain.negated, matchers, place })
}

/// What is legal and yet odd.
fn notes(reader: &mut Reader<'_>, key: &Node<'_>, value: &Node<'_>, chain: &Chain, values: &[&Node<'_>]) {
    let list = matches!(value.data, Data::List(_));
    if list && values.is_empty() {
        reader.note(Code::STYLE, key, "an empty list of values matches nothing", None);
    }
    if chain.quantifier == Quantifier::All && values.len() == 1 {
        reader.note(Code::STYLE, key, "`all` has no effect on one value", None);
    }
    if list && values.len() > 1 && values.iter().any(|v| v.scalar() == Some(Scalar::Null)) {
        let help = "the specification wants `null` in a selection of its own";
        reader.note(Code::STYLE, key, "null stands among other values", Some(help));
    }
    if chain.lacks_contains() {
        reader.note(Code::STYLE, key, "`base64offset` is read as `base64offset|contains`", None);
    }
}

fn matcher(
    reader: &mut Reader<'_>,
    chain: &Chain,
    key: &Node<'_>,
    value: &Node<'_>,
) -> Option<crate::rule::Matcher> {
    let raw = value.text()?;
    match chain.matcher(raw, value.scalar()?, reader.lists) {
        Ok(matcher) => Some(matcher),
        Err(ModifierFault { code, fault, help, at }) => {
            let spot = match at {
                At::Within { offset, width } => reader.within(value, offset, width),
                At::Value if value.width == 0 => reader.within(value, 0, raw.chars().count().min(60)),
                At::Value => (value.mark, value.width),
                At::Modifier(_) => (key.mark, key.width),
            };
            reader.fatal_at(code, spot, fault, help);
            None
        }
    }
}
