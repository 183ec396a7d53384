//! An expression made ready for events: compiled by the same engine that runs Sigma rules, for all kinds of logs.

use std::sync::Arc;

use vedette_detect::{Plan, Scratch};
use vedette_model::{Event, Lane, LaneId};
use vedette_normalize::{Catalogue, WantedNames};

use super::expression::{Expression, Fault};
use super::{lend, take_back};
use crate::content::Content;

/// A compiled expression.
pub struct Query {
    plan: Plan,
    fields: Vec<String>,
    /// By lane: the OCSF paths that the expression reads there, and the names they are lent under. Empty where native
    /// fields are enough, so that the OCSF form is built only where it is asked for.
    ocsf: Vec<Vec<(String, String)>>,
    /// Names that no mapping and no OCSF class knows, each with the nearest one that is known.
    unknown: Vec<(String, Option<String>)>,
}

impl Query {
    /// Compiles `expression` for the logs that `catalogue` knows.
    ///
    /// # Errors
    /// What the engine cannot compile, such as a regular expression that is too large.
    pub fn compile(expression: Expression, catalogue: &Catalogue) -> Result<Self, Fault> {
        let fields = expression.fields();
        let mut lanes: Vec<Lane> = catalogue.lanes().to_vec();
        let mut ocsf = vec![Vec::new(); lanes.len()];
        for (lane, ocsf) in lanes.iter_mut().zip(&mut ocsf) {
            for field in &fields {
                if !of_class(catalogue, lane.id, field) {
                    continue;
                }
                let lent = format!("ocsf {field}");
                // A native field of this name, or what rules mean by it, comes first.
                let names = lane.aliases.entry(field.clone()).or_insert_with(|| vec![field.clone()]);
                names.push(lent.clone());
                ocsf.push((field.clone(), lent));
            }
        }
        let (plan, left_out) = Plan::compile(Arc::from([expression.into_rule()]), &lanes);
        if let Some(left_out) = left_out.first() {
            return Err(Fault { column: 1, message: left_out.fault.to_string(), help: None });
        }
        let unknown =
            fields.iter().filter(|f| !known(catalogue, f)).map(|f| (f.clone(), nearest(catalogue, f)));
        let unknown = unknown.collect();
        Ok(Self { plan, fields, ocsf, unknown })
    }

    /// Names that only this data may know. Sources carry fields that no mapping names, so this is no fault.
    pub fn unknown(&self) -> &[(String, Option<String>)] {
        &self.unknown
    }

    /// The derived fields that the expression reads.
    pub fn wanted(&self) -> WantedNames {
        self.fields.iter().collect()
    }

    pub(super) fn holds(
        &self,
        content: &Content,
        event: &mut Event,
        scratch: &mut Scratch,
        matched: &mut Vec<u32>,
    ) -> bool {
        matched.clear();
        let paths = self.ocsf.get(event.lane.0 as usize).map(Vec::as_slice).unwrap_or_default();
        if paths.is_empty() || event.lane == LaneId::UNKNOWN {
            self.plan.eval(event.lane, &event.native, scratch, matched);
        } else {
            let own = lend(content, event, paths);
            self.plan.eval(event.lane, &event.native, scratch, matched);
            take_back(event, own);
        }
        !matched.is_empty()
    }
}

/// Whether events of the lane can hold something at this OCSF path.
fn of_class(catalogue: &Catalogue, lane: LaneId, path: &str) -> bool {
    vedette_ocsf::attribute_type(catalogue.class_uid(lane), path).is_ok()
}

fn known(catalogue: &Catalogue, field: &str) -> bool {
    let ocsf = || vedette_ocsf::classes().iter().any(|c| vedette_ocsf::attribute_type(c.uid, field).is_ok());
    catalogue.lanes().iter().any(|l| l.aliases.contains_key(field) || l.fields.iter().any(|f| f == field))
        || ocsf()
}

/// A known name that differs in case alone, or in the marks between its words.
fn nearest(catalogue: &Catalogue, field: &str) -> Option<String> {
    let plain = |name: &str| {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let asked = plain(field);
    let names = catalogue.lanes().iter().flat_map(|l| l.aliases.keys().chain(&l.fields));
    names.filter(|n| plain(n) == asked).min().cloned()
}
