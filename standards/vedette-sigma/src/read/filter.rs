//! Filter documents: conditions that are joined into the rules they name.
//!
//! Source: Sigma filters specification 2.1.0. As in the reference implementation the filter's condition is joined with
//! `and`, so an exclusion is written `condition: not selection`.

use crate::diagnostic::Code;
use crate::read::reader::Reader;
use crate::read::yaml::{Data, Node};
use crate::read::{detection, meta};
use crate::rule::{Detection, Logsource, Meta};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FilterDraft {
    pub meta: Meta,
    pub logsource: Logsource,
    pub rules: Named,
    pub detection: Detection,
}

/// The rules that a filter is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// `any`: every rule whose logsource fits.
    Any,
    Rules(Vec<String>),
}

pub(crate) fn read(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<FilterDraft> {
    let meta = meta::read(reader, node);
    let logsource = meta::logsource(reader, node);
    let detection = detection::read(reader, node, "filter", &["rules"]);
    let filter = node.get("filter")?;
    let rules = match filter.get("rules") {
        None => {
            meta::missing(reader, filter, "rules", "filter");
            None
        }
        Some(Node { data: Data::Scalar { text, .. }, .. })
            if text.eq_ignore_ascii_case("any") || text.eq_ignore_ascii_case("all") =>
        {
            Some(Named::Any)
        }
        Some(value) if value.map().is_some() => {
            reader.fatal(Code::SHAPE, value, "`rules` is a map, a list belongs here", None);
            None
        }
        Some(value) => {
            let names = meta::words(reader, filter, "rules");
            if names.is_empty() {
                let help = Some("name rules by id or name, or write `rules: any`");
                reader.fatal(Code::MISSING, value, "the filter names no rule", help);
            }
            Some(Named::Rules(names))
        }
    };
    Some(FilterDraft { meta: meta?, logsource: logsource?, rules: rules?, detection: detection? })
}

/// Whether the filter is meant for a rule of this logsource: each part that the filter names is the rule's too.
pub(crate) fn fits(filter: &Logsource, rule: &Logsource) -> bool {
    let part = |filter: &Option<String>, rule: &Option<String>| filter.is_none() || filter == rule;
    part(&filter.product, &rule.product)
        && part(&filter.category, &rule.category)
        && part(&filter.service, &rule.service)
}
