//! The HTML report: one file with its data, style and script inside, which asks for nothing and runs nothing else.
//!
//! The script and the style are allowed by their hashes; the data is a block that no browser runs, and every sign that
//! could end it is written as an escape. The script makes text nodes only, and Trusted Types refuse anything else.

use std::io::{self, Write};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Report, neutral};

mod data;
mod encode;

const PAGE: &str = include_str!("../../assets/report.html");
const STYLE: &str = include_str!("../../assets/report.css");

/// The parts of the script in the order in which they stand in the page; each sees those before it.
const SCRIPT: &[&str] = &[
    include_str!("../../assets/script/dom.js"),
    include_str!("../../assets/script/data.js"),
    include_str!("../../assets/script/time.js"),
    include_str!("../../assets/script/marks.js"),
    include_str!("../../assets/script/drawer.js"),
    include_str!("../../assets/script/timeline.js"),
    include_str!("../../assets/script/graph.js"),
    include_str!("../../assets/script/heatmap.js"),
    include_str!("../../assets/script/overview.js"),
    include_str!("../../assets/script/incident.js"),
    include_str!("../../assets/script/findings.js"),
    include_str!("../../assets/script/rules.js"),
    include_str!("../../assets/script/files.js"),
    include_str!("../../assets/script/method.js"),
    include_str!("../../assets/script/keyboard.js"),
    include_str!("../../assets/report.js"),
];

pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let script = format!("\"use strict\";\n(() => {{\n{}\n}})();", SCRIPT.join("\n"));
    let title = match &report.scan.case.case {
        Some(case) => format!("{case} · Vedette report"),
        None => "Vedette report".to_owned(),
    };
    let answer = crate::answer::of(&report.scan);
    let data = encode::inert(&Value::Object(data::of(report, &answer)));
    let mut rest = PAGE;
    // In the order of the page, each mark once: a value is never searched for marks.
    let parts = [
        ("{{script-hash}}", hash(&script)),
        ("{{style-hash}}", hash(STYLE)),
        ("{{title}}", text(&title)),
        ("{{style}}", STYLE.to_owned()),
        ("{{headline}}", text(&answer.headline)),
        ("{{data}}", data),
        ("{{script}}", script),
    ];
    for (mark, value) in parts {
        let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
        out.write_all(before.as_bytes())?;
        out.write_all(value.as_bytes())?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// A source of a Content-Security-Policy.
fn hash(text: &str) -> String {
    use base64::Engine as _;
    let digest = Sha256::digest(text.as_bytes());
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(digest))
}

/// Text in HTML, for the two places that are there before the script runs.
fn text(text: &str) -> String {
    let mut out = String::new();
    for c in neutral::line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_ours_ends_its_block_or_leaves_the_file() {
        for part in SCRIPT {
            let low = part.to_lowercase();
            for banned in [
                "</script",
                "<!--",
                "innerhtml",
                "outerhtml",
                "insertadjacenthtml",
                "document.write",
                "eval(",
            ] {
                assert!(!low.contains(banned), "{banned} in {}", &part[..60.min(part.len())]);
            }
            for banned in ["fetch(", "xmlhttprequest", "websocket", "import(", "new function", "localstorage"]
            {
                assert!(!low.contains(banned), "{banned} in {}", &part[..60.min(part.len())]);
            }
        }
        assert!(!STYLE.contains("</style") && !STYLE.contains("url(") && !STYLE.contains("@import"));
    }

    #[test]
    fn the_page_holds_each_mark_once_and_in_order() {
        let marks = ["script-hash", "style-hash", "title", "style", "headline", "data", "script"];
        let at: Vec<usize> = marks.iter().map(|m| PAGE.find(&format!("{{{{{m}}}}}")).unwrap()).collect();
        assert!(at.is_sorted(), "{at:?}");
        assert_eq!(PAGE.matches("{{").count(), marks.len());
    }
}
