//! Events a second over the corpus: the plan and, in the same run, rsigma-eval with the same rules, events and
//! logsources. Reading the events is not measured.
//!
//! `cargo bench -p vedette-detect`; prints nothing to measure where the corpus is missing.

#[allow(dead_code, reason = "the agreement test uses more of it")]
#[path = "../tests/corpus/mod.rs"]
mod corpus;

use std::sync::{Arc, LazyLock};

use divan::counter::ItemsCount;
use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::LogSource;
use vedette_detect::{Plan, Scratch};
use vedette_model::Native;
use vedette_sigma::Rule;

struct Ground {
    plan: Plan,
    lanes: corpus::Lanes,
    rules: Arc<[Rule]>,
    engine: Engine,
    samples: Vec<corpus::Sample>,
    /// By lane: its tags as the peer wants them.
    sources: Vec<Vec<LogSource>>,
}

static GROUND: LazyLock<Option<Ground>> = LazyLock::new(|| {
    let root = corpus::root()?;
    let files = corpus::rule_files(&root);
    let windows: Vec<_> = files.into_iter().filter(|(path, _)| path.contains("rules/windows/")).collect();
    let pack = corpus::pack(&windows);
    let lanes = corpus::Lanes::new();
    let rules: Arc<[Rule]> = pack.rules.clone().into();
    let (plan, _) = Plan::compile(Arc::clone(&rules), &lanes.lanes);
    let parsed: Vec<_> = windows
        .iter()
        .filter_map(|(_, text)| rsigma_parser::parse_sigma_yaml(text).ok())
        .flat_map(|c| c.rules)
        .collect();
    let mut engine = Engine::new();
    let _ = engine.add_rules(&parsed);
    let samples = corpus::mordor(&root, &lanes);
    let sources = lanes
        .lanes
        .iter()
        .map(|lane| {
            lane.tags
                .iter()
                .map(|t| LogSource {
                    product: t.product.clone(),
                    category: t.category.clone(),
                    service: t.service.clone(),
                    ..LogSource::default()
                })
                .collect()
        })
        .collect();
    Some(Ground { plan, lanes, rules, engine, samples, sources })
});

fn main() {
    if GROUND.is_some() {
        divan::main();
    }
}

fn ground() -> &'static Ground {
    GROUND.as_ref().expect("main looked")
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn plan(bencher: divan::Bencher<'_, '_>) {
    let ground = ground();
    let mut scratch = Scratch::new();
    let mut hits = Vec::new();
    bencher.counter(ItemsCount::new(ground.samples.len())).bench_local(|| {
        let mut total = 0;
        for sample in &ground.samples {
            hits.clear();
            ground.plan.eval(sample.lane, &sample.native, &mut scratch, &mut hits);
            total += hits.len();
        }
        total
    });
}

/// The same on events as a parser leaves them: in one buffer, still in the cache. `refill` is the part that is not
/// the plan's.
#[divan::bench(sample_count = 10, sample_size = 1, args = [false, true])]
fn plan_after_refill(bencher: divan::Bencher<'_, '_>, eval: bool) {
    let ground = ground();
    let mut scratch = Scratch::new();
    let mut hits = Vec::new();
    let mut native = Native::new();
    bencher.counter(ItemsCount::new(ground.samples.len())).bench_local(|| {
        let mut total = 0;
        for sample in &ground.samples {
            native.clear();
            for field in sample.native.iter() {
                native.push(field.name, field.value, field.kind);
            }
            if eval {
                hits.clear();
                ground.plan.eval(sample.lane, &native, &mut scratch, &mut hits);
            }
            total += hits.len() + native.len();
        }
        total
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn rsigma_routed(bencher: divan::Bencher<'_, '_>) {
    let ground = ground();
    bencher.counter(ItemsCount::new(ground.samples.len())).bench_local(|| {
        let mut total = 0;
        for sample in &ground.samples {
            let event = JsonEvent::borrow(&sample.json);
            // The first tag alone, which is to the peer's advantage where a lane has several.
            let source = &ground.sources[sample.lane.0 as usize - 1][0];
            total += ground.engine.evaluate_with_logsource(&event, source).len();
        }
        total
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn compile(bencher: divan::Bencher<'_, '_>) {
    let ground = ground();
    bencher
        .counter(ItemsCount::new(ground.rules.len()))
        .bench_local(|| Plan::compile(Arc::clone(&ground.rules), &ground.lanes.lanes));
}
