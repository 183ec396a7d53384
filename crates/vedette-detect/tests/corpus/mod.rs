//! Real events and real rules, found through `VEDETTE_CORPUS`; shared by the agreement test and the bench.

#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use vedette_model::{Kind, Lane, LaneId, LogsourceTag, Native};
use vedette_sigma::pack::{Pack, ReadOptions};

/// The corpus folder, or `None` with a line that says so.
pub fn root() -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "a test is its own door")]
    let root = std::env::var("VEDETTE_CORPUS")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"), PathBuf::from);
    if root.join("sigma/rules").is_dir() {
        Some(root)
    } else {
        println!("skipped: corpus missing");
        None
    }
}

/// One event, its lane, and the same fields as JSON under the names that rules use.
pub struct Sample {
    pub lane: LaneId,
    pub native: Native,
    pub json: Value,
    /// The same without the lane's names.
    pub flat: Value,
    /// File and line it came from.
    pub origin: String,
}

/// All files below `folder` with one of these endings, in order of their paths.
pub fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if endings.iter().any(|e| path.extension().is_some_and(|x| x == *e)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The rule files of the folders that SigmaHQ maintains.
pub fn rule_files(root: &Path) -> Vec<(Arc<str>, String)> {
    ["rules", "rules-emerging-threats", "rules-threat-hunting"]
        .iter()
        .flat_map(|folder| files(&root.join("sigma/rules").join(folder), &["yml"]))
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            Some((Arc::from(path.strip_prefix(root).unwrap_or(&path).to_string_lossy()), text))
        })
        .collect()
}

pub fn pack(files: &[(Arc<str>, String)]) -> Pack {
    Pack::read(files.iter().map(|(path, text)| (Arc::clone(path), text.as_bytes())), &ReadOptions::default())
}

/// Lanes made by hand: one for each (channel, event id) that has categories, one for each other known channel.
pub struct Lanes {
    pub lanes: Vec<Lane>,
    keys: Vec<(&'static str, Option<u32>)>,
}

const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";
const POWERSHELL: &str = "Microsoft-Windows-PowerShell/Operational";

/// Channel, event id, service, categories.
const ROUTES: &[(&str, Option<u32>, &str, &[&str])] = &[
    (SYSMON, Some(1), "sysmon", &["process_creation"]),
    (SYSMON, Some(2), "sysmon", &["file_change"]),
    (SYSMON, Some(3), "sysmon", &["network_connection"]),
    (SYSMON, Some(4), "sysmon", &["sysmon_status"]),
    (SYSMON, Some(5), "sysmon", &["process_termination"]),
    (SYSMON, Some(6), "sysmon", &["driver_load"]),
    (SYSMON, Some(7), "sysmon", &["image_load"]),
    (SYSMON, Some(8), "sysmon", &["create_remote_thread"]),
    (SYSMON, Some(9), "sysmon", &["raw_access_thread"]),
    (SYSMON, Some(10), "sysmon", &["process_access"]),
    (SYSMON, Some(11), "sysmon", &["file_event"]),
    (SYSMON, Some(12), "sysmon", &["registry_add", "registry_delete", "registry_event"]),
    (SYSMON, Some(13), "sysmon", &["registry_set", "registry_event"]),
    (SYSMON, Some(14), "sysmon", &["registry_rename", "registry_event"]),
    (SYSMON, Some(15), "sysmon", &["create_stream_hash"]),
    (SYSMON, Some(16), "sysmon", &["sysmon_status"]),
    (SYSMON, Some(17), "sysmon", &["pipe_created"]),
    (SYSMON, Some(18), "sysmon", &["pipe_created"]),
    (SYSMON, Some(19), "sysmon", &["wmi_event"]),
    (SYSMON, Some(20), "sysmon", &["wmi_event"]),
    (SYSMON, Some(21), "sysmon", &["wmi_event"]),
    (SYSMON, Some(22), "sysmon", &["dns_query"]),
    (SYSMON, Some(23), "sysmon", &["file_delete"]),
    (SYSMON, Some(25), "sysmon", &["process_tampering"]),
    (SYSMON, Some(26), "sysmon", &["file_delete"]),
    (SYSMON, Some(27), "sysmon", &["file_block_executable"]),
    (SYSMON, Some(29), "sysmon", &["file_executable_detected"]),
    (SYSMON, Some(255), "sysmon", &["sysmon_error"]),
    (SYSMON, None, "sysmon", &[]),
    ("Security", Some(4688), "security", &["process_creation"]),
    ("Security", None, "security", &[]),
    ("System", None, "system", &[]),
    ("Application", None, "application", &[]),
    (POWERSHELL, Some(4103), "powershell", &["ps_module"]),
    (POWERSHELL, Some(4104), "powershell", &["ps_script"]),
    (POWERSHELL, None, "powershell", &[]),
    ("Windows PowerShell", Some(400), "powershell-classic", &["ps_classic_start"]),
    ("Windows PowerShell", Some(600), "powershell-classic", &["ps_classic_provider_start"]),
    ("Windows PowerShell", None, "powershell-classic", &[]),
    ("Microsoft-Windows-WMI-Activity/Operational", None, "wmi", &[]),
    ("Microsoft-Windows-TaskScheduler/Operational", None, "taskscheduler", &[]),
    ("Microsoft-Windows-Windows Defender/Operational", None, "windefend", &[]),
    ("Microsoft-Windows-Bits-Client/Operational", None, "bits-client", &[]),
    (
        "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
        None,
        "terminalservices-localsessionmanager",
        &[],
    ),
    ("Microsoft-Windows-Windows Firewall With Advanced Security/Firewall", None, "firewall-as", &[]),
    ("Microsoft-Windows-CodeIntegrity/Operational", None, "codeintegrity-operational", &[]),
    ("Microsoft-Windows-AppXDeploymentServer/Operational", None, "appxdeployment-server", &[]),
    ("Microsoft-Windows-NTLM/Operational", None, "ntlm", &[]),
    ("Microsoft-Windows-DriverFrameworks-UserMode/Operational", None, "driver-framework", &[]),
    ("Microsoft-Windows-Shell-Core/Operational", None, "shell-core", &[]),
    ("Microsoft-Windows-SmbClient/Security", None, "smbclient-security", &[]),
    ("DNS Server", None, "dns-server", &[]),
    ("OpenSSH/Operational", None, "openssh", &[]),
    ("MSExchange Management", None, "msexchange-management", &[]),
    ("", None, "", &[]),
];

impl Lanes {
    pub fn new() -> Self {
        let mut lanes = Vec::new();
        let mut keys = Vec::new();
        for (n, (channel, id, service, categories)) in ROUTES.iter().enumerate() {
            let part = |p: &str| (!p.is_empty()).then(|| p.to_owned());
            let tag = |category: Option<String>| LogsourceTag {
                product: Some("windows".into()),
                category,
                service: part(service),
            };
            let tags = if categories.is_empty() {
                vec![tag(None)]
            } else {
                categories.iter().map(|c| tag(part(c))).collect()
            };
            let mut lane = Lane { id: LaneId(n as u32 + 1), tags, ..Lane::default() };
            if *id == Some(4688) {
                for (rule, native) in [("Image", "NewProcessName"), ("ParentImage", "ParentProcessName")] {
                    lane.aliases.insert(rule.into(), vec![native.into()]);
                }
            }
            lanes.push(lane);
            keys.push((*channel, *id));
        }
        Self { lanes, keys }
    }

    pub fn of(&self, native: &Native) -> LaneId {
        let channel = native.get("Channel").unwrap_or("");
        let id = native.get("EventID").and_then(|id| id.parse().ok());
        let known = |key: (&str, Option<u32>)| {
            self.keys.iter().position(|k| k.0.eq_ignore_ascii_case(key.0) && k.1 == key.1)
        };
        let found = known((channel, id)).or_else(|| known((channel, None))).or_else(|| known(("", None)));
        LaneId(found.map_or(0, |n| n as u32 + 1))
    }

    pub fn sample(&self, native: Native, origin: String) -> Sample {
        let lane = self.of(&native);
        let json = to_json(&native, &self.lanes[lane.0 as usize - 1]);
        let flat = to_json(&native, &Lane::default());
        Sample { lane, native, json, flat, origin }
    }
}

/// Flattens JSON as the model wants it: paths with dots, arrays as repeated names.
pub fn flatten(name: &str, value: &Value, native: &mut Native) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, member) in members {
                let path = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(&path, member, native);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            elements.iter().for_each(|e| flatten(name, e, native));
        }
        Value::String(text) => native.push(name, text, Kind::Text),
        Value::Number(n) => native.push(name, &n.to_string(), Kind::Number),
        Value::Bool(b) => native.push(name, if *b { "true" } else { "false" }, Kind::Bool),
        Value::Null | Value::Object(_) | Value::Array(_) => native.push(name, "", Kind::Null),
    }
}

/// The fields as one flat object, under the names that rules use in this lane.
fn to_json(native: &Native, lane: &Lane) -> Value {
    let mut object = serde_json::Map::new();
    let mut add = |name: &str, value: Value| match object.get_mut(name) {
        Some(Value::Array(values)) => values.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
        None => {
            object.insert(name.to_owned(), value);
        }
    };
    for field in native.iter() {
        let value = match field.kind {
            Kind::Text => Value::String(field.value.to_owned()),
            Kind::Number => serde_json::from_str(field.value).unwrap_or(Value::Null),
            Kind::Bool => Value::Bool(field.value == "true"),
            Kind::Null => Value::Null,
        };
        for (rule_name, names) in &lane.aliases {
            if names.iter().any(|n| n == field.name) {
                add(rule_name, value.clone());
            }
        }
        add(field.name, value);
    }
    Value::Object(object)
}

/// Windows events of the Security-Datasets, flat as they were shipped.
pub fn mordor(root: &Path, lanes: &Lanes) -> Vec<Sample> {
    let mut samples = Vec::new();
    for path in files(&root.join("mordor/windows"), &["zip"]) {
        let Some(mut archive) = std::fs::File::open(&path).ok().and_then(|f| zip::ZipArchive::new(f).ok())
        else {
            continue;
        };
        for index in 0..archive.len() {
            let Ok(member) = archive.by_index(index) else { continue };
            for (line, text) in BufReader::new(member).lines().enumerate() {
                let Some(value) = text.ok().and_then(|t| serde_json::from_str::<Value>(&t).ok()) else {
                    continue;
                };
                if !value.is_object() {
                    continue;
                }
                let mut native = Native::new();
                flatten("", &value, &mut native);
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                samples.push(lanes.sample(native, format!("{stem}:{}", line + 1)));
            }
        }
    }
    samples
}

/// SigmaHQ's regression events: `System` and `EventData` under the names that rules use.
pub fn regression(root: &Path, lanes: &Lanes) -> Vec<Sample> {
    let mut samples = Vec::new();
    for path in files(&root.join("sigma/regression_data"), &["json"]) {
        let mut text = String::new();
        if std::fs::File::open(&path).and_then(|mut f| f.read_to_string(&mut text)).is_err() {
            continue;
        }
        for (n, value) in serde_json::Deserializer::from_str(&text).into_iter::<Value>().enumerate() {
            let Ok(value) = value else { break };
            for event in value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice) {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                samples.push(lanes.sample(unwrap(event), format!("{stem}:{}", n + 1)));
            }
        }
    }
    samples
}

/// Cloud and SaaS logs with nested objects, arrays, nulls and booleans, flattened.
pub fn cloud(root: &Path, lanes: &Lanes) -> Vec<Sample> {
    let mut samples = Vec::new();
    for path in files(root, &["json", "jsonl"]) {
        let folder = path.strip_prefix(root).ok().and_then(|p| p.iter().next()).unwrap_or_default();
        if folder != "cloudtrail-stratus" && folder != "cloud-log-tests" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for (n, value) in serde_json::Deserializer::from_str(&text).into_iter::<Value>().enumerate() {
            let Ok(value) = value else { break };
            for event in value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice) {
                let mut native = Native::new();
                flatten("", event.get("log").unwrap_or(event), &mut native);
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                samples.push(lanes.sample(native, format!("{stem}:{}", n + 1)));
            }
        }
    }
    samples
}

fn unwrap(event: &Value) -> Native {
    let mut native = Native::new();
    let event = event.get("Event").unwrap_or(event);
    if let Some(system) = event.get("System").and_then(Value::as_object) {
        for (name, value) in system {
            match value {
                Value::Object(members) => {
                    for (key, member) in members.iter().filter(|(key, _)| *key != "#attributes") {
                        flatten(if key == "#text" { name } else { key }, member, &mut native);
                    }
                    if let Some(attributes) = members.get("#attributes").and_then(Value::as_object) {
                        for (key, member) in attributes {
                            flatten(&format!("{name}_{key}"), member, &mut native);
                        }
                    }
                }
                plain => flatten(name, plain, &mut native),
            }
        }
    }
    if let Some(data) = event.get("EventData") {
        flatten("", data, &mut native);
    }
    if let Some(Value::Object(user)) = event.get("UserData") {
        user.values().for_each(|inner| flatten("", inner, &mut native));
    }
    native
}
