//! Ten mixed estates: several attacks and ordinary noise on shared hosts in shared hours, from seeds and recordings.
//!
//! The synthetic part is made of findings, not of logs: what a rule would say, with the entities that the real
//! mappings name. Recordings go through a scan first; then they are moved in time, put on the estate's hosts, and
//! their accounts renamed, so that they share machines and hours with the rest.

use std::path::{Path, PathBuf};

use anyhow::Result;
use vedette_model::Level;

use self::world::{Label, Maker};
use super::pairs::{harmonic, score};
use super::scan::Found;
use super::{Arguments, corpus, offer, scan};

mod attacks;
mod noise;
mod recordings;
mod world;

pub fn run(arguments: &Arguments) -> Result<()> {
    let seeds: u64 = arguments.value("--seeds").map_or(Ok(10), str::parse)?;
    let recordings = match corpus(arguments) {
        Ok(folder) => recordings::all(&scan::binary(arguments.value("--vedette"))?, &folder)?,
        Err(missing) => {
            println!("without recordings: {missing:#}");
            Vec::new()
        }
    };
    println!("{} recordings to choose from", recordings.len());
    println!(
        "{:>4} {:>8} {:>6} {:>7} {:>10} {:>9} {:>7} {:>7} {:>12} {:>10} {:>6}",
        "seed",
        "findings",
        "noise",
        "attacks",
        "incidents",
        "precision",
        "recall",
        "F1",
        "noise inside",
        "noise only",
        "grave"
    );
    let mut sums = [0.0; 3];
    let (mut inside, mut of_all) = (0, 0);
    for seed in 1..=seeds {
        let (findings, labels) = estate(seed, &recordings);
        let told = told(&findings, &labels, arguments.flag("--verbose"), seed);
        println!("{}", told.row);
        for (sum, value) in
            sums.iter_mut().zip([told.precision, told.recall, harmonic(told.precision, told.recall)])
        {
            *sum += value / seeds as f64;
        }
        inside += told.noise_inside;
        of_all += told.inside;
    }
    println!(
        "mean: precision {:.3}, recall {:.3}, F1 {:.3}; noise inside true incidents {inside} of {of_all} findings ({:.1} %)",
        sums[0],
        sums[1],
        sums[2],
        100.0 * f64::from(inside) / f64::from(of_all.max(1))
    );
    Ok(())
}

/// One estate: its findings, shuffled, and what each is.
pub fn estate(seed: u64, recordings: &[recordings::Recording]) -> (Vec<Found>, Vec<Label>) {
    let mut maker = Maker::new(seed);
    attacks::some(&mut maker);
    noise::ordinary_days(&mut maker);
    recordings::mix_in(&mut maker, recordings);
    maker.finish()
}

struct Figures {
    row: String,
    precision: f64,
    recall: f64,
    noise_inside: u32,
    inside: u32,
}

fn told(findings: &[Found], labels: &[Label], verbose: bool, seed: u64) -> Figures {
    let grouping = offer::group(findings, 12, 2 * 86_400_000);
    let placed = offer::placed(findings, &grouping);
    // What a recording's lab did beside the attack is neither: it is grouped, and not scored.
    let scored: Vec<usize> = (0..findings.len()).filter(|i| labels[*i] != Label::Unknown).collect();
    let truths: Vec<Option<u32>> = scored
        .iter()
        .map(|i| match labels[*i] {
            Label::Attack(n) => Some(n),
            Label::Noise | Label::Unknown => None,
        })
        .collect();
    let told: Vec<Option<u32>> = scored.iter().map(|i| placed[*i]).collect();
    let s = score(&truths, &told);
    let is_true = |group: u32| truths.iter().zip(&told).any(|(t, g)| t.is_some() && *g == Some(group));
    let groups = 0..grouping.groups.len() as u32;
    let (true_ones, noise_only): (Vec<u32>, Vec<u32>) = groups.partition(|g| is_true(*g));
    let in_true = |g: &Option<u32>| g.is_some_and(|g| true_ones.contains(&g));
    let inside = told.iter().filter(|g| in_true(g)).count() as u32;
    let noise_inside = truths.iter().zip(&told).filter(|(t, g)| t.is_none() && in_true(g)).count() as u32;
    let grave = noise_only.iter().filter(|g| grouping.groups[**g as usize].severity >= Level::High).count();
    let attacks = truths.iter().flatten().collect::<std::collections::BTreeSet<_>>().len();
    if verbose {
        tell(findings, labels, &placed, &grouping, seed);
    }
    let row = format!(
        "{seed:>4} {:>8} {:>6} {attacks:>7} {:>10} {:>9.3} {:>7.3} {:>7.3} {:>6} {:>4.1}% {:>10} {grave:>6}",
        findings.len(),
        labels.iter().filter(|l| **l == Label::Noise).count(),
        grouping.groups.len(),
        s.precision,
        s.recall,
        s.f1(),
        noise_inside,
        100.0 * f64::from(noise_inside) / f64::from(inside.max(1)),
        noise_only.len(),
    );
    Figures { row, precision: s.precision, recall: s.recall, noise_inside, inside }
}

fn tell(
    findings: &[Found],
    labels: &[Label],
    placed: &[Option<u32>],
    grouping: &vedette_correlate::incidents::Grouping,
    seed: u64,
) {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|i| (placed[*i].is_none(), placed[*i], findings[*i].time));
    for index in order {
        let f = &findings[index];
        if placed[index].is_none() && labels[index] != Label::Noise || placed[index].is_some() {
            let who = f.entities.iter().find(|e| e.0 == vedette_model::EntityKind::User).map_or("", |e| &e.2);
            println!(
                "  s{seed} {:?} {:?} {:<12} {} {:<8} {:<24} {who}",
                placed[index],
                labels[index],
                f.level.name(),
                f.time.map(|t| t.to_string()).unwrap_or_default(),
                f.host,
                f.rule
            );
        }
    }
    for (index, group) in grouping.groups.iter().enumerate() {
        println!("  s{seed} incident {index} {} risk {}", group.severity.name(), group.risk.score);
        let labels_of = |finding: u32| labels[finding as usize];
        for join in &group.joins {
            if labels_of(join.finding) != labels_of(join.to) {
                println!(
                    "    crosses: {} <- {} {} of {} {:?}",
                    findings[join.finding as usize].rule,
                    findings[join.to as usize].rule,
                    join.total,
                    join.threshold,
                    join.because
                        .iter()
                        .map(|b| format!("{} {} {}", b.kind.name(), b.key, b.weight))
                        .collect::<Vec<_>>()
                );
            }
        }
    }
}

/// Where a recording lies below the folder of real data.
fn below(folder: &Path, path: &str) -> PathBuf {
    folder.join(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synthetic_attacks_come_apart_from_each_other_and_from_noise() {
        let (mut f1, mut inside, mut of_all) = (0.0, 0, 0);
        for seed in 1..=10 {
            let (findings, labels) = estate(seed, &[]);
            let told = told(&findings, &labels, false, seed);
            f1 += harmonic(told.precision, told.recall) / 10.0;
            inside += told.noise_inside;
            of_all += told.inside;
        }
        assert!(f1 >= 0.9, "{f1}");
        assert!(inside * 20 < of_all, "{inside} of {of_all}");
    }

    #[test]
    fn the_same_seed_makes_the_same_estate() {
        let ids = |seed| estate(seed, &[]).0.iter().map(|f| f.id).collect::<Vec<_>>();
        assert_eq!(ids(3), ids(3));
        assert_ne!(ids(3), ids(4));
    }
}
