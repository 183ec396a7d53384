//! Runs `vedette scan --format json` and reads what it prints, as any script would.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use vedette_correlate::incidents::TacticSet;
use vedette_model::{EntityKind, EventUid, FindingId, Level, Role, Timestamp};

/// One finding, as far as scores and the grouping ask.
#[derive(Debug, Clone)]
pub struct Found {
    pub id: FindingId,
    pub rule: String,
    /// The identifier of an imported alert.
    pub source_uid: String,
    pub level: Level,
    pub time: Option<Timestamp>,
    pub host: String,
    pub file: String,
    /// File and number of every record that it rests on.
    pub places: Vec<(String, String)>,
    pub events: Vec<EventUid>,
    pub entities: Vec<(EntityKind, Role, String, String)>,
    pub techniques: Vec<String>,
    pub tactics: TacticSet,
    pub unsure: bool,
    pub alert: bool,
    /// The incident it is in; empty when it was set aside.
    pub incident: String,
}

/// One incident of the report.
#[derive(Debug, Clone)]
pub struct Told {
    pub id: String,
    pub title: String,
    pub severity: Level,
    pub techniques: Vec<String>,
    pub tactics: Vec<String>,
    pub findings: usize,
    pub score: f64,
}

#[derive(Debug, Clone)]
pub struct Report {
    pub findings: Vec<Found>,
    /// The worst first.
    pub incidents: Vec<Told>,
    pub hosts: usize,
    pub span_ms: i64,
}

/// The binary to run: `--vedette`, else the one that was built beside this one, the release build first.
pub fn binary(given: Option<&str>) -> Result<PathBuf> {
    if let Some(path) = given {
        return Ok(path.into());
    }
    let own = std::env::current_exe().context("looking for the folder of built binaries")?;
    let target = own.parent().and_then(Path::parent).context("xtask lies in no target folder")?;
    let places = ["release", "debug"].map(|p| target.join(p).join("vedette"));
    places.into_iter().find(|p| p.is_file()).with_context(|| {
        format!("no vedette below {}: run `cargo build --release -p vedette` first", target.display())
    })
}

/// Scans `paths` and reads the report.
pub fn scan<P: AsRef<OsStr>>(vedette: &Path, paths: &[P], options: &[String]) -> Result<Report> {
    let out = Command::new(vedette)
        .arg("scan")
        .args(paths)
        .args(["--format", "json", "--quiet"])
        .args(options)
        .output()
        .with_context(|| format!("running {}", vedette.display()))?;
    // Other codes than 0 say that something was found or not read; the report says what.
    if out.stdout.is_empty() {
        bail!("vedette scan ended with {}: {}", out.status, String::from_utf8_lossy(&out.stderr));
    }
    let report: Value = serde_json::from_slice(&out.stdout).context("reading what vedette scan printed")?;
    read(&report)
}

fn read(report: &Value) -> Result<Report> {
    let list = |name: &str| report[name].as_array().with_context(|| format!("the report has no `{name}`"));
    let findings = list("findings")?.iter().map(found).collect::<Result<_>>()?;
    let incidents = list("incidents")?.iter().map(told).collect::<Result<_>>()?;
    let summary = &report["summary"];
    let (first, last) = (time(&summary["first"]), time(&summary["last"]));
    Ok(Report {
        findings,
        incidents,
        hosts: summary["hosts"].as_array().map_or(0, Vec::len),
        span_ms: first.zip(last).map_or(0, |(first, last)| last.millis() - first.millis()),
    })
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(|t| t.parse::<jiff::Timestamp>().ok()).map(Timestamp::from)
}

fn level(value: &Value) -> Result<Level> {
    value.as_str().and_then(Level::from_name).with_context(|| format!("{value} is no level"))
}

fn uid(value: &Value) -> Option<EventUid> {
    value["uid"].as_str().and_then(|u| u128::from_str_radix(u, 16).ok()).map(EventUid)
}

fn found(value: &Value) -> Result<Found> {
    let id = value["id"].as_str().and_then(|id| u64::from_str_radix(id.strip_prefix("F-")?, 16).ok());
    let mut events: Vec<EventUid> = uid(&value["event"]).into_iter().collect();
    events.extend(value["events"].as_array().into_iter().flatten().filter_map(uid));
    events.extend(value["witnesses"].as_array().into_iter().flatten().filter_map(|w| uid(&w["event"])));
    ensure!(!events.is_empty(), "a finding without an event: {value}");
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let rule = text("rule_id");
    Ok(Found {
        id: FindingId(id.with_context(|| format!("{} is no finding's id", value["id"]))?),
        source_uid: text("source_uid"),
        level: level(&value["level"])?,
        time: time(&value["time"]),
        host: text("host"),
        file: text("file"),
        places: places(value),
        events,
        entities: value["entities"].as_array().into_iter().flatten().filter_map(entity).collect(),
        techniques: texts(&value["techniques"]),
        tactics: TacticSet::from_names(texts(&value["tactics"]).iter().map(String::as_str)),
        unsure: value["unseen_filter_fields"].as_array().is_some_and(|u| !u.is_empty()),
        alert: rule.starts_with("alert/"),
        rule,
        incident: text("incident"),
    })
}

fn places(finding: &Value) -> Vec<(String, String)> {
    let own = finding["file"].as_str().unwrap_or_default();
    let place = |value: &Value| {
        let file = value["file"].as_str().unwrap_or(own).to_owned();
        let record = value.pointer("/event/record").unwrap_or(&value["record"]);
        (file, record.to_string())
    };
    let list = |name: &str| finding[name].as_array().cloned().unwrap_or_default();
    let mut all = vec![place(&finding["event"])];
    all.extend(list("events").iter().chain(&list("witnesses")).map(place));
    all
}

fn entity(value: &Value) -> Option<(EntityKind, Role, String, String)> {
    let kinds = [
        "host",
        "user",
        "address",
        "process",
        "logon_session",
        "file_hash",
        "domain",
        "cloud_principal",
        "file",
        "service",
    ];
    let roles = ["actor", "target", "source", "destination", "parent", "observer"];
    let kind = kinds.iter().position(|k| value["kind"] == **k)?;
    let role = roles.iter().position(|r| value["role"] == **r)?;
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    Some((EntityKind::ALL[kind], Role::ALL[role], text("key"), text("shown")))
}

fn told(value: &Value) -> Result<Told> {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    Ok(Told {
        id: text("id"),
        title: text("title"),
        severity: level(&value["severity"])?,
        techniques: texts(&value["techniques"]),
        tactics: texts(&value["tactics"]),
        findings: value["findings"].as_array().map_or(0, Vec::len),
        score: value["risk"]["score"].as_f64().unwrap_or(0.0),
    })
}
