//! Looks for indicators, or for what an expression says, in every event of a run. The scan's own reader, workers and
//! merge do the reading: copies count once, scripts in parts are put together, the account balances.

use std::fmt;
use std::sync::Arc;

use vedette_detect::Scratch;
use vedette_intel::{Finder, Hit, Indicators};
use vedette_model::{Event, Kind};

use crate::content::Content;
use crate::scan::TimelineLine;

pub mod expression;
mod query;
mod sightings;

pub use expression::{Expression, Fault};
pub use query::Query;
pub use sightings::{ContextLine, Sighted, Sightings};

pub(crate) use sightings::{Catch, Key};

/// What is looked for. With both, events that meet the expression and hold an indicator.
pub struct Hunt {
    pub indicators: Option<Arc<Indicators>>,
    pub query: Option<Query>,
    /// Events shown for each thing found, the earliest ones.
    pub lines: usize,
}

impl Hunt {
    /// The number under which events of a hunt without indicators are counted.
    pub const EXPRESSION: u32 = u32::MAX;
}

impl fmt::Debug for Hunt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hunt").field("lines", &self.lines).finish_non_exhaustive()
    }
}

/// Looks at events; one a thread.
pub(crate) struct Hunter {
    hunt: Arc<Hunt>,
    finder: Option<Finder>,
    scratch: Scratch,
    matched: Vec<u32>,
    hits: Vec<Hit>,
}

impl Hunter {
    pub fn new(hunt: Arc<Hunt>) -> Self {
        let finder = hunt.indicators.clone().map(Finder::new);
        Self { hunt, finder, scratch: Scratch::default(), matched: Vec::new(), hits: Vec::new() }
    }

    /// Adds what `event`, the one at `index` of its batch, holds of what is looked for.
    pub fn look(
        &mut self,
        content: &Content,
        event: &mut Event,
        index: usize,
        path: &str,
        catch: &mut Catch,
    ) {
        if let Some(query) = &self.hunt.query
            && !query.holds(content, event, &mut self.scratch, &mut self.matched)
        {
            return;
        }
        self.hits.clear();
        match &mut self.finder {
            Some(finder) => finder.find(&event.native, &[], &mut self.hits),
            None => self.hits.push(Hit {
                indicator: Hunt::EXPRESSION,
                field: String::new(),
                observed: String::new(),
            }),
        }
        let key = Key::of(event, index);
        for hit in &self.hits {
            catch.add(hit.indicator, index, event, &hit.field);
            if catch.has_room(hit.indicator, key, self.hunt.lines) {
                let line = TimelineLine::of(content, event, path);
                let (field, observed) = (hit.field.clone(), hit.observed.clone());
                catch.keep(hit.indicator, key, ContextLine { line, field, observed }, self.hunt.lines);
            }
        }
    }
}

/// Appends the OCSF values that a query reads, under names of their own; [`take_back`] undoes it.
fn lend(content: &Content, event: &mut Event, paths: &[(String, String)]) -> usize {
    let own = event.native.len();
    let ocsf = content.catalogue.ocsf(event);
    for (path, name) in paths {
        scalars(&ocsf, path, &mut |value, kind| event.native.push_derived(name, "ocsf", value, kind));
    }
    own
}

fn take_back(event: &mut Event, own: usize) {
    event.native.truncate(own);
}

/// Every scalar at a dotted path; an array on the way stands for each of its elements.
fn scalars(json: &serde_json::Value, path: &str, sink: &mut dyn FnMut(&str, Kind)) {
    use serde_json::Value as Json;
    match json {
        Json::Array(items) => items.iter().for_each(|item| scalars(item, path, sink)),
        Json::Object(members) if !path.is_empty() => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(member) = members.get(first) {
                scalars(member, rest, sink);
            }
        }
        _ if !path.is_empty() => {}
        Json::String(text) => sink(text, Kind::Text),
        Json::Number(number) => sink(&number.to_string(), Kind::Number),
        Json::Bool(b) => sink(if *b { "true" } else { "false" }, Kind::Bool),
        Json::Null => sink("", Kind::Null),
        Json::Object(_) => {}
    }
}
