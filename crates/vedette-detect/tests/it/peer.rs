//! The plan against rsigma-eval over real rules and real events, and over SigmaHQ's regression cases.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::LogSource;
use vedette_detect::{Plan, Scratch};
use vedette_model::{Lane, LaneId};
use vedette_sigma::{Logsource, Rule};

use crate::corpus;

/// Rules that the two engines understand differently, each with the reason. Empty: on the corpus they agree on every
/// rule and every event.
const EXPLAINED: &[(&str, &str)] = &[];

#[test]
fn agrees_with_rsigma_on_the_corpus() {
    let Some(root) = corpus::root() else { return };
    let files = corpus::rule_files(&root);
    let lanes = corpus::Lanes::new();
    let rules: Arc<[Rule]> = corpus::pack(&files).rules.into();
    let (plan, left_out) = Plan::compile(Arc::clone(&rules), &lanes.lanes);
    assert_eq!(left_out, [], "every rule that can be read can be compiled");
    let by_id: HashMap<&str, u32> =
        rules.iter().enumerate().map(|(i, r)| (r.meta.id.as_str(), i as u32)).collect();
    let engine = peer(&files);
    let mut samples = corpus::regression(&root, &lanes);
    samples.extend(corpus::mordor(&root, &lanes));

    let (mut scratch, mut hits, mut findings) = (Scratch::new(), Vec::new(), 0);
    let (mut plan_took, mut peer_took) = (Duration::ZERO, Duration::ZERO);
    let mut differences: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for sample in &samples {
        let begin = Instant::now();
        hits.clear();
        plan.eval(sample.lane, &sample.native, &mut scratch, &mut hits);
        plan_took += begin.elapsed();
        findings += hits.len();
        let ours: BTreeSet<&str> = hits.iter().map(|r| rules[*r as usize].meta.id.as_str()).collect();

        let begin = Instant::now();
        let answers = ask(&engine, &lanes.lanes[sample.lane.0 as usize - 1], &sample.json);
        peer_took += begin.elapsed();
        // The peer leaves out only rules whose logsource contradicts the event's; here every part must be given.
        let theirs: BTreeSet<&str> = answers
            .iter()
            .filter_map(|id| by_id.get_key_value(id.as_str()))
            .filter(|(_, rule)| plan.rules_of(sample.lane).binary_search(rule).is_ok())
            .map(|(id, _)| *id)
            .collect();
        for id in ours.difference(&theirs) {
            differences.entry((id, "the plan")).or_default().push(&sample.origin);
        }
        for id in theirs.difference(&ours) {
            differences.entry((id, "the peer")).or_default().push(&sample.origin);
        }
    }
    println!(
        "{} rules, {} events, {findings} findings; the plan took {plan_took:?}, the peer {peer_took:?}",
        rules.len(),
        samples.len()
    );
    assert!(rules.len() > 3_500 && samples.len() > 20_000 && findings > 400, "the corpus is whole");
    differences.retain(|(id, _), _| !EXPLAINED.iter().any(|(explained, _)| explained == id));
    assert!(differences.is_empty(), "(rule, found only by) -> events: {differences:#?}");
}

#[test]
fn every_regression_case_fires_its_rule() {
    let Some(root) = corpus::root() else { return };
    let files = corpus::rule_files(&root);
    let lanes = corpus::Lanes::new();
    let rules: Arc<[Rule]> = corpus::pack(&files).rules.into();
    let (plan, _) = Plan::compile(Arc::clone(&rules), &lanes.lanes);
    let mut scratch = Scratch::new();
    let mut fired: HashMap<&str, BTreeMap<&str, usize>> = HashMap::new();
    let samples = corpus::regression(&root, &lanes);
    for sample in &samples {
        let mut hits = Vec::new();
        plan.eval(sample.lane, &sample.native, &mut scratch, &mut hits);
        let case = sample.origin.split(':').next().unwrap_or_default();
        for rule in hits {
            *fired.entry(case).or_default().entry(&rules[rule as usize].meta.id).or_default() += 1;
        }
    }
    let expected = std::fs::read_to_string(root.join("sigma/regression_expected.json")).unwrap_or_default();
    let expected: Vec<serde_json::Value> = serde_json::from_str(&expected).unwrap_or_default();
    assert!(expected.len() > 90, "the list of cases is there");
    let missed: Vec<&str> = expected
        .iter()
        .filter(|case| {
            let id = case["rule_id"].as_str().unwrap_or_default();
            let stem = case["evtx"].as_str().unwrap_or_default().trim_end_matches(".evtx");
            let count = fired.get(stem).and_then(|rules| rules.get(id)).copied().unwrap_or(0);
            (count as u64) < case["min_matches"].as_u64().unwrap_or(1)
        })
        .map(|case| case["rule_title"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(missed, [] as [&str; 0]);
}

/// Without logsources every rule is asked of every event: thousands of times as many questions as routing leaves.
#[test]
fn agrees_with_rsigma_when_no_logsource_routes() {
    let Some(root) = corpus::root() else { return };
    let files = corpus::rule_files(&root);
    let lanes = corpus::Lanes::new();
    let mut rules = corpus::pack(&files).rules;
    rules.iter_mut().for_each(|rule| rule.logsource = Logsource::default());
    let rules: Arc<[Rule]> = rules.into();
    let (plan, _) = Plan::compile(Arc::clone(&rules), &[]);
    let known: BTreeSet<&str> = rules.iter().map(|r| r.meta.id.as_str()).collect();
    let engine = peer(&files);
    let mut samples = corpus::regression(&root, &lanes);
    samples.extend(corpus::cloud(&root, &lanes));
    samples.extend(corpus::mordor(&root, &lanes).into_iter().step_by(2));

    let (mut scratch, mut hits, mut findings) = (Scratch::new(), Vec::new(), 0);
    let mut differences: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for sample in &samples {
        hits.clear();
        plan.eval(LaneId::UNKNOWN, &sample.native, &mut scratch, &mut hits);
        findings += hits.len();
        let ours: BTreeSet<&str> = hits.iter().map(|r| rules[*r as usize].meta.id.as_str()).collect();
        let answers = engine.evaluate(&JsonEvent::borrow(&sample.flat));
        let theirs: BTreeSet<&str> = answers
            .iter()
            .filter_map(|answer| answer.header.rule_id.as_deref())
            .filter_map(|id| known.get(id).copied())
            .collect();
        for id in ours.difference(&theirs) {
            differences.entry((id, "the plan")).or_default().push(&sample.origin);
        }
        for id in theirs.difference(&ours) {
            differences.entry((id, "the peer")).or_default().push(&sample.origin);
        }
    }
    println!("{} events without logsource, {findings} findings", samples.len());
    assert!(findings > 5_000, "the corpus is whole");
    differences.retain(|(id, _), _| !EXPLAINED.iter().any(|(explained, _)| explained == id));
    let counts: Vec<_> = differences.iter().map(|(k, v)| (k, v.len(), v[0])).collect();
    assert!(counts.is_empty(), "(rule, found only by), events, the first: {counts:#?}");
}

fn peer(files: &[(Arc<str>, String)]) -> Engine {
    let parsed: Vec<_> = files
        .iter()
        .filter_map(|(_, text)| rsigma_parser::parse_sigma_yaml(text).ok())
        .flat_map(|collection| collection.rules)
        .collect();
    let mut engine = Engine::new();
    let refused = engine.add_rules(&parsed);
    assert_eq!(refused.len(), 0, "the peer compiles every rule");
    engine
}

/// Ids of the rules that the peer finds under any of the lane's tags.
fn ask(engine: &Engine, lane: &Lane, event: &serde_json::Value) -> BTreeSet<String> {
    let event = JsonEvent::borrow(event);
    lane.tags
        .iter()
        .map(|tag| LogSource {
            product: tag.product.clone(),
            category: tag.category.clone(),
            service: tag.service.clone(),
            ..LogSource::default()
        })
        .flat_map(|source| engine.evaluate_with_logsource(&event, &source))
        .filter_map(|result| result.header.rule_id)
        .collect()
}
