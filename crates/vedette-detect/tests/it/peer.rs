//! The plan against rsigma-eval over real rules and real events.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::LogSource;
use vedette_detect::{Plan, Scratch};
use vedette_sigma::Rule;

use crate::corpus;

#[test]
fn agrees_with_rsigma_on_the_corpus() {
    let Some(root) = corpus::root() else { return };
    let files = corpus::rule_files(&root);
    let pack = corpus::pack(&files);
    let lanes = corpus::Lanes::new();
    let rules: Arc<[Rule]> = pack.rules.clone().into();
    let (plan, left_out) = Plan::compile(Arc::clone(&rules), &lanes.lanes);
    println!("files {} rules {} left out {left_out:?} {:?}", files.len(), rules.len(), pack.counts());
    let mut engine = Engine::new();
    let mut parsed = Vec::new();
    for (path, text) in &files {
        match rsigma_parser::parse_sigma_yaml(text) {
            Ok(collection) => parsed.extend(collection.rules),
            Err(e) => println!("{path}: {e}"),
        }
    }
    for (n, e) in engine.add_rules(&parsed) {
        println!("{}: {e}", parsed[n].title);
    }
    println!("rsigma rules {}", engine.rule_count());
    let mut samples = corpus::regression(&root, &lanes);
    samples.extend(corpus::mordor(&root, &lanes));
    let by_id: HashMap<&str, u32> =
        rules.iter().enumerate().map(|(i, r)| (r.meta.id.as_str(), i as u32)).collect();
    let mut scratch = Scratch::new();
    let mut hits = Vec::new();
    let mut total = 0;
    let mut ours_time = std::time::Duration::ZERO;
    let mut theirs_time = std::time::Duration::ZERO;
    let mut only: BTreeMap<(&str, u32), Vec<usize>> = BTreeMap::new();
    for (n, sample) in samples.iter().enumerate() {
        hits.clear();
        let t = std::time::Instant::now();
        plan.eval(sample.lane, &sample.native, &mut scratch, &mut hits);
        ours_time += t.elapsed();
        let t = std::time::Instant::now();
        total += hits.len();
        let ours: BTreeSet<u32> = hits.iter().copied().collect();
        let lane = &lanes.lanes[sample.lane.0 as usize - 1];
        let event = JsonEvent::borrow(&sample.json);
        let mut theirs = BTreeSet::new();
        for tag in &lane.tags {
            let source = LogSource {
                product: tag.product.clone(),
                category: tag.category.clone(),
                service: tag.service.clone(),
                ..LogSource::default()
            };
            for result in engine.evaluate_with_logsource(&event, &source) {
                if let Some(rule) = result.header.rule_id.as_deref().and_then(|id| by_id.get(id))
                    && plan.rules_of(sample.lane).binary_search(rule).is_ok()
                {
                    theirs.insert(*rule);
                }
            }
        }
        theirs_time += t.elapsed();
        for rule in ours.difference(&theirs) {
            only.entry(("ours", *rule)).or_default().push(n);
        }
        for rule in theirs.difference(&ours) {
            only.entry(("theirs", *rule)).or_default().push(n);
        }
    }
    println!(
        "{} events, {total} findings; the plan took {ours_time:?}, the peer {theirs_time:?}",
        samples.len()
    );
    for ((side, rule), events) in &only {
        let rule = &rules[*rule as usize];
        println!(
            "only {side}: {} {} x{} {}",
            rule.meta.id,
            rule.meta.title,
            events.len(),
            samples[events[0]].origin
        );
    }
    assert!(only.is_empty());
}
