//! Reading packs, from the text of files to rules, correlations and the account.
#![allow(clippy::print_stdout)]

mod account;
mod agreement;
mod corpus;
mod correlations;
mod diagnostics;
mod filters;
mod mutations;
mod placeholders;
mod rules;

use std::sync::Arc;

use vedette_sigma::{Account, Block, Item, Pack, ReadOptions, Rule, Verdict};

/// Reads files given as name and text.
fn read(files: &[(&str, &str)]) -> Pack {
    Pack::read(files.iter().map(|(path, text)| (Arc::from(*path), *text)), &ReadOptions::default())
}

/// A rule around the lines of a detection, which are indented by four.
fn rule(id: &str, detection: &str) -> String {
    format!(
        "title: Rule {id}\nid: {id}\nlogsource:\n    product: windows\n    category: process_creation\ndetection:\n{detection}level: low\n"
    )
}

/// The one rule of a text that must run.
fn running(text: &str) -> Rule {
    let mut pack = read(&[("rule.yml", text)]);
    let shown: Vec<String> =
        pack.account.iter().flat_map(|a| &a.diagnostics).map(|d| d.render(text)).collect();
    assert_eq!((pack.rules.len(), pack.account.len()), (1, 1), "{}", shown.join("\n"));
    pack.rules.remove(0)
}

/// The reason for which a document was left out, as its code.
fn code(account: &Account) -> String {
    match &account.verdict {
        Verdict::Running => "running".to_owned(),
        Verdict::LeftOut { code, .. } => code.to_string(),
    }
}

fn codes(pack: &Pack) -> Vec<String> {
    pack.account.iter().map(code).collect()
}

fn items(rule: &Rule) -> Vec<&Item> {
    let mut items = Vec::new();
    rule.detection.each_item(&mut |item| items.push(item));
    items
}

/// The shape of a block: `&[..]` for all, `|[..]` for any, the field's name for an item.
fn shape(block: &Block) -> String {
    let list = |blocks: &[Block]| blocks.iter().map(shape).collect::<Vec<_>>().join(" ");
    match block {
        Block::All(blocks) => format!("&[{}]", list(blocks)),
        Block::Any(blocks) => format!("|[{}]", list(blocks)),
        Block::Item(item) => item.field.clone().unwrap_or_else(|| "*".to_owned()),
    }
}
