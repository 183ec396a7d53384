//! A layer for the ATT&CK Navigator, format 4.5: a technique's score is its findings, its comment the incidents.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::json;

use crate::Report;
use crate::neutral;

/// Incidents named in one comment.
const COMMENT_INCIDENTS_MAX: usize = 12;

pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let scan = &report.scan;
    let mut scores: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &scan.findings.items {
        for technique in &finding.techniques {
            *scores.entry(technique).or_default() += 1;
        }
    }
    // A technique that only a story names is seen, too.
    for technique in scan.incidents.iter().flat_map(|i| &i.techniques) {
        scores.entry(technique).or_insert(1);
    }
    scores.retain(|id, _| is_id(id));
    let mut techniques: Vec<_> = scores
        .iter()
        .map(|(id, score)| {
            let told: Vec<String> = scan
                .incidents
                .iter()
                .filter(|i| i.techniques.iter().any(|t| t == id))
                .map(|i| neutral::line(&format!("{} ({}): {}", i.id, i.severity, i.title)))
                .collect();
            let mut comment = told.iter().take(COMMENT_INCIDENTS_MAX).cloned().collect::<Vec<_>>().join("\n");
            if told.len() > COMMENT_INCIDENTS_MAX {
                comment += &format!("\nand {} more", told.len() - COMMENT_INCIDENTS_MAX);
            }
            json!({
                "techniqueID": id, "score": score, "comment": comment, "enabled": true,
                "metadata": [], "links": [],
            })
        })
        .collect();
    // The matrix folds sub-techniques away; one with a score must be seen.
    let parents: BTreeSet<&str> = scores.keys().filter_map(|id| Some(id.split_once('.')?.0)).collect();
    for id in parents {
        match techniques.iter_mut().find(|t| t["techniqueID"] == id) {
            Some(known) => known["showSubtechniques"] = json!(true),
            None => techniques.push(json!({ "techniqueID": id, "enabled": true, "showSubtechniques": true })),
        }
    }
    let name = scan.case.case.as_deref().map_or_else(|| "Vedette".to_owned(), |c| format!("Vedette: {c}"));
    let mut description = format!("{} findings, {} incidents.", scan.findings_total(), scan.incidents.len());
    if let (Some(first), Some(last)) = (&scan.summary.first, &scan.summary.last) {
        description += &format!(" Events from {first} to {last}.");
    }
    if let Some(tlp) = report.tlp {
        description = format!("{}. {description}", tlp.label());
    }
    let layer = json!({
        "name": neutral::line(&name),
        "versions": { "attack": "18", "navigator": "5.1.0", "layer": "4.5" },
        "domain": "enterprise-attack",
        "description": description,
        "filters": { "platforms": [] },
        "sorting": 3,
        "layout": { "layout": "side", "showID": true, "showName": true },
        "hideDisabled": false,
        "techniques": techniques,
        "gradient": {
            "colors": ["#fff3d6", "#e8833a", "#8e1538"],
            "minValue": 0,
            "maxValue": scores.values().max().copied().unwrap_or(1),
        },
        "legendItems": [],
        "metadata": [],
        "links": [],
        "showTacticRowBackground": false,
        "selectTechniquesAcrossTactics": true,
        "selectSubtechniquesWithParent": false,
        "selectVisibleTechniques": false,
    });
    serde_json::to_writer_pretty(&mut *out, &layer)?;
    out.write_all(b"\n")
}

/// `T1059` or `T1059.001`; a layer with another name is refused by the Navigator.
fn is_id(id: &str) -> bool {
    let (main, sub) = id.split_once('.').map_or((id, None), |(m, s)| (m, Some(s)));
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    main.strip_prefix('T').is_some_and(|m| digits(m, 4)) && sub.is_none_or(|s| digits(s, 3))
}
