//! Alerts of other products, taken over as findings.

use std::collections::BTreeMap;

use vedette_model::{Alert, Event, Level};
use vedette_normalize::{Catalogue, alert};
use vedette_sigma::{Meta, Place};

use crate::content::Content;

/// One stand-in for the rules behind each mapping's alerts, and for each lane which of them.
pub fn stand_ins(catalogue: &Catalogue) -> (Vec<Meta>, Vec<Option<u32>>) {
    let titles: BTreeMap<&str, &str> = catalogue.mappings().collect();
    let mut metas: Vec<Meta> = Vec::new();
    let mut of_mapping: BTreeMap<&str, u32> = BTreeMap::new();
    let of_lane = catalogue
        .lanes()
        .iter()
        .map(|lane| {
            if catalogue.class_uid(lane.id) != alert::CLASS_UID {
                return None;
            }
            let index = *of_mapping.entry(&lane.mapping).or_insert_with(|| {
                let title = titles.get(lane.mapping.as_str()).copied().unwrap_or_default();
                metas.push(stand_in(&lane.mapping, title));
                metas.len() as u32 - 1
            });
            Some(index)
        })
        .collect();
    (metas, of_lane)
}

fn stand_in(mapping: &str, title: &str) -> Meta {
    Meta {
        id: format!("alert/{mapping}"),
        title: title.to_owned(),
        description: Some("Another product's alert, taken over as it came.".to_owned()),
        place: Place { path: format!("mappings/{mapping}.yml").into(), line: 1, column: 1 },
        ..Meta::default()
    }
}

/// What the alert says of itself and how bad it says it is; `None` when it has no title.
pub fn of(content: &Content, event: &Event) -> Option<(Level, Alert)> {
    let found = content.catalogue.alert(event).filter(|a| !a.title.is_empty())?;
    // OCSF severity_id; a severity that is not stated counts as medium, like a rule's.
    let level = match found.severity_id {
        1 => Level::Informational,
        2 => Level::Low,
        4 => Level::High,
        5 | 6 => Level::Critical,
        _ => Level::Medium,
    };
    let mut tactics = found.tactics;
    for id in &found.techniques {
        for tactic in vedette_attack::technique(id).map(|t| t.tactics).unwrap_or_default() {
            if !tactics.iter().any(|t| t == tactic) {
                tactics.push((*tactic).to_owned());
            }
        }
    }
    let (vendor, product) = content.catalogue.product(event.lane);
    let product = [vendor, product].join(" ").trim().to_owned();
    let (source_uid, title, techniques) = (found.uid, found.title, found.techniques);
    Some((level, Alert { source_uid, title, product, techniques, tactics }))
}
