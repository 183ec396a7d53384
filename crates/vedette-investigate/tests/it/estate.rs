//! Events in their raw form, understood by the real mappings, and findings over them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use vedette_investigate::{
    Confidence, Group, Incident, Observed, Risk, Scope, Source, Told, investigate, observe, render,
};
use vedette_model::{Event, EventUid, Evidence, Level};
use vedette_normalize::{Catalogue, Normalizer, WantedNames};

fn catalogue() -> Arc<Catalogue> {
    static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/mappings");
        let files = std::fs::read_dir(dir).expect("mappings").flatten().map(|f| f.path());
        let texts = files
            .map(|p| (p.to_string_lossy().into_owned(), std::fs::read_to_string(&p).expect("a mapping")));
        Arc::new(Catalogue::load(texts).0)
    });
    CATALOGUE.clone()
}

/// The event as it would be kept.
pub fn event(number: u128, mapping: &str, raw: &str) -> Observed {
    let catalogue = catalogue();
    let mut normalizer = Normalizer::new(catalogue.clone(), &WantedNames::default());
    let mut event = Event::default();
    normalizer.read_text(mapping, raw, &mut event).unwrap_or_else(|e| panic!("{mapping}: {e:?}: {raw}"));
    event.uid = EventUid(number);
    let lane = catalogue.lane(event.lane);
    Observed {
        evidence: Evidence::of(&event, &lane.mapping, &lane.case, 100_000),
        ocsf: catalogue.ocsf(&event),
        entities: catalogue.entities(&event),
        details: catalogue.details(&event),
    }
}

/// What one event says.
pub fn said(mapping: &str, raw: &str) -> String {
    render(&observe(&event(1, mapping, raw)))
}

/// A group of findings, one an event.
#[derive(Default)]
pub struct Estate {
    events: BTreeMap<EventUid, Observed>,
    findings: Vec<Told>,
    pub scope: Scope,
}

impl Estate {
    pub fn finding(&mut self, level: Level, title: &str, techniques: &[&str], mapping: &str, raw: &str) {
        let number = self.events.len() as u128 + 1;
        let seen = event(number, mapping, raw);
        let tactic =
            techniques.first().and_then(|t| vedette_attack::technique(t)).map(|t| t.tactics[0].to_owned());
        self.findings.push(Told {
            id: format!("F-{number:016x}"),
            rule_id: title.to_lowercase().replace(' ', "-"),
            title: title.to_owned(),
            level,
            techniques: techniques.iter().map(|t| (*t).to_owned()).collect(),
            tactics: tactic.into_iter().collect(),
            time: seen.evidence.event.time,
            host: seen.evidence.host.clone(),
            event: EventUid(number),
            events: Vec::new(),
            entities: seen.entities.clone(),
            alert: false,
            unsure: false,
        });
        self.events.insert(EventUid(number), seen);
    }

    pub fn told(&self) -> Incident {
        let risk = Risk::default();
        investigate(
            &Group {
                id: "I-0000000000000001",
                severity: Level::High,
                severity_reasons: &[],
                confidence: Confidence::Medium,
                confidence_reasons: &[],
                risk: &risk,
                joins: &[],
                findings: &self.findings,
            },
            self,
            &self.scope,
        )
    }

    /// The same, the findings offered the other way round.
    pub fn told_backwards(&mut self) -> Incident {
        self.findings.reverse();
        self.told()
    }
}

impl Source for Estate {
    fn observed(&self, uid: EventUid) -> Option<Observed> {
        self.events.get(&uid).cloned()
    }
}

pub fn texts(incident: &Incident) -> Vec<&str> {
    incident.story.iter().map(|s| s.text.as_str()).collect()
}
