//! Findings offered to the grouping without a scan, so that recordings can be moved in time and mixed.

use std::collections::BTreeMap;

use vedette_correlate::Limits;
use vedette_correlate::incidents::{Estate, Grouper, Grouping, Offered, Placement};

use super::scan::{Found, Report, Told};

/// Groups the findings; their numbers are their places.
pub fn group(findings: &[Found], hosts: usize, span_ms: i64) -> Grouping {
    let mut rules: BTreeMap<&str, u32> = BTreeMap::new();
    let mut grouper = Grouper::new(Limits::default());
    for (index, found) in findings.iter().enumerate() {
        let next = rules.len() as u32;
        let rule = *rules.entry(&found.rule).or_insert(next);
        let entities: Vec<_> = found
            .entities
            .iter()
            .filter_map(|(kind, role, key, shown)| Some((grouper.entity_shown(*kind, key, shown)?, *role)))
            .collect();
        grouper.offer(Offered {
            finding: index as u32,
            id: found.id,
            rule,
            level: found.level,
            time: found.time,
            host: &found.host,
            event: found.events.first().copied().unwrap_or_default(),
            events: found.events.get(1..).unwrap_or_default(),
            entities: &entities,
            tactics: found.tactics,
            unsure: found.unsure,
            alert: found.alert,
        });
    }
    grouper.finish(&Estate { hosts, span_ms, ..Estate::unknown() })
}

/// The incident of each finding; `None` for what was set aside.
pub fn placed(findings: &[Found], grouping: &Grouping) -> Vec<Option<u32>> {
    (0..findings.len() as u32)
        .map(|index| match grouping.placement(index) {
            Placement::Incident(group) => Some(group),
            Placement::SetAside(_) | Placement::Unknown => None,
        })
        .collect()
}

/// Puts the incidents of a grouping made here in place of those of the report: what a change of the grouping does
/// shows without building the whole product.
pub fn regroup(report: &mut Report) {
    let grouping = group(&report.findings, report.hosts, report.span_ms);
    let placed = placed(&report.findings, &grouping);
    for (found, group) in report.findings.iter_mut().zip(placed) {
        found.incident = group.map_or_else(String::new, |g| grouping.groups[g as usize].id.to_string());
    }
    report.incidents = grouping
        .groups
        .iter()
        .map(|g| {
            let of = || g.findings.iter().map(|f| &report.findings[*f as usize]);
            let mut techniques: Vec<String> = of().flat_map(|f| f.techniques.clone()).collect();
            techniques.sort_unstable();
            techniques.dedup();
            Told {
                id: g.id.to_string(),
                title: of().max_by_key(|f| f.level).map_or_else(String::new, |f| f.rule.clone()),
                severity: g.severity,
                techniques,
                tactics: g.tactics.names().into_iter().map(str::to_owned).collect(),
                findings: g.findings.len(),
                score: f64::from(g.risk.score),
            }
        })
        .collect();
}
