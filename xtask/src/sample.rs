//! The sample estate: a working day of a company that does not exist and the nights around it, with three attacks in
//! it that know nothing of each other, noise, and the truth beside it. Everything is made here, from fixed seeds; no
//! clock and no network is asked, so each run gives the same bytes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

mod aws;
mod clock;
mod cloud_key;
mod entra;
mod kubernetes;
mod linux;
mod log;
mod network;
mod noise;
mod random;
mod ransomware;
mod ransomware_impact;
mod ransomware_spread;
mod seals;
mod truth;
mod web_shell;
mod windows;
mod windows_life;
mod world;

use log::Estate;
use windows::Host;
use windows_life::Desk;

/// Makes all files of the estate and the truth, in memory.
fn generate() -> Estate {
    let mut estate = Estate::default();
    let mut sensors = network::Sensors::new();
    sensors.ordinary_days();
    let mut web = linux::Web::new();
    web.ordinary_days();
    windows_machines(&mut estate, &mut web, &mut sensors);
    noise::weather(&mut web, &mut sensors);
    web_shell::server(&mut web, &mut sensors);

    let mut account = aws::Account::new();
    account.ordinary_days();
    let mut tenant = entra::Tenant::new();
    tenant.ordinary_days();
    let mut cluster = kubernetes::Cluster::new();
    cluster.ordinary_days();
    noise::cloud(&mut account);
    noise::developer(&mut cluster, &mut tenant);
    cloud_key::account(&mut account);
    cloud_key::cluster(&mut cluster);
    ransomware_spread::tenant(&mut tenant);

    web.write(&mut estate);
    account.write(&mut estate);
    tenant.write(&mut estate);
    cluster.write(&mut estate);
    sensors.write(&mut estate);
    imperfect(&mut estate);
    for records in [&mut estate.steps, &mut estate.noise] {
        records.sort_by_key(|entry| {
            let line = entry["line"].as_u64().unwrap_or_default();
            (log::shown(entry.get("time")), log::shown(entry.get("file")), line)
        });
    }
    estate
}

/// Five machines, their life, the noise on them, and the ransomware, which goes from one to the other.
fn windows_machines(estate: &mut Estate, web: &mut linux::Web, sensors: &mut network::Sensors) {
    let mut ana = Host::new(world::WS_ANA);
    let mut bo = Host::new(world::WS_BO);
    let mut eva = Host::new(world::WS_EVA);
    let mut dc = Host::new(world::DC);
    let mut fs = Host::new(world::FS);
    let ana_desk = Desk::of(&mut ana, &world::ANA);
    let bo_desk = Desk::of(&mut bo, &world::BO);
    let eva_desk = Desk::of(&mut eva, &world::EVA);
    let fs_desk = Desk::of(&mut fs, &world::ADM_PIET);
    windows_life::workstation(&mut ana, &ana_desk, &world::ANA, 26);
    windows_life::workstation(&mut bo, &bo_desk, &world::BO, 22);
    windows_life::workstation(&mut eva, &eva_desk, &world::EVA, 12);
    windows_life::administration(&mut ana, &ana_desk, &[(2, 9, 5)]);
    windows_life::administration(&mut bo, &bo_desk, &[(2, 13, 20)]);
    windows_life::administration(&mut fs, &fs_desk, &[(2, 11, 30), (2, 16, 40)]);
    windows_life::domain_controller(&mut dc);
    windows_life::file_server(&mut fs, &fs_desk);

    noise::scan(web, &mut bo, sensors);
    noise::deployment(&mut ana, &ana_desk, sensors, 20);
    noise::deployment(&mut bo, &bo_desk, sensors, 27);
    noise::deployment(&mut eva, &eva_desk, sensors, 34);
    noise::inventory(&mut bo, &bo_desk);
    noise::failed_backup(&mut fs, sensors);
    noise::group_change(&mut dc);
    noise::full_log(&mut eva);

    let shell = ransomware::first_desk(&mut ana, &mut dc, sensors);
    let beacon = ransomware_spread::second_desk(&mut ana, &shell, &mut bo, &bo_desk, sensors);
    ransomware_spread::directory(&mut dc);
    let on_server = ransomware_spread::file_server(&mut fs, &fs_desk, &mut dc);
    ransomware_impact::exfiltration(&mut fs, &on_server, sensors);
    ransomware_impact::encryption(&mut fs, &fs_desk, &mut bo, &beacon, sensors);

    ana.write_dump(estate, "windows/TB-WS-014");
    dc.write_dump(estate, "windows/TB-DC-01");
    for host in [bo, eva, fs] {
        let path = format!("windows/{}/winlogbeat-20260303.ndjson", host.machine.name);
        host.write_beat(estate, &path);
    }
}

/// Inputs with faults, as they come off real machines. The folder's name sorts behind the others, so that the copy
/// and not the original is the duplicate.
fn imperfect(estate: &mut Estate) {
    estate.file("with-faults/empty.log", "");
    let part =
        |path: &str| estate.files.iter().find(|f| f.0 == path).map(|f| f.1.clone()).unwrap_or_default();
    let auth = part("linux/web1/var/log/auth.log");
    let audit = part("kubernetes/audit.log");
    // The disk was full in the middle of the third line.
    let third = audit.split(|b| *b == b'\n').take(3).collect::<Vec<_>>().join(&b'\n');
    estate.file("with-faults/audit-truncated.log", third[..third.len().saturating_sub(300)].to_vec());
    estate.file("with-faults/auth-copy.log", auth);
    let mut text = String::new();
    for i in 0..40 {
        let t = clock::at(2, 6 + i / 4, 12 + i % 4 * 11, 30 + i % 20);
        let what = ["order accepted", "mail sent", "stock checked", "payment confirmed"][i as usize % 4];
        text.push_str(&format!(
            "{} INFO  shop.orders - {what} order=40{i:02} client=192.0.2.{}\n",
            t.local_without_zone(),
            10 + i
        ));
    }
    estate.file("with-faults/shop-app.log", text);
    estate.file("with-faults/floor-plan.png", PICTURE);
}

/// One grey dot.
const PICTURE: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T', 0x78, 0xda, 0x63,
    0x68, 0, 0, 0, 0x82, 0, 0x81, 0xda, 0x45, 0x08, 0x3b, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42,
    0x60, 0x82,
];

/// Writes the estate below `out`, `truth.json` beside it, and the seals of the drill into its content. What lay in
/// `out` before is removed first.
///
/// # Errors
/// When a file or folder cannot be written.
pub fn write(out: &Path) -> io::Result<usize> {
    let estate = generate();
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    for (path, bytes) in &estate.files {
        let file = out.join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, bytes)?;
    }
    fs::write(out.with_file_name("truth.json"), truth::text(&estate))?;
    let drill = drill_file();
    fs::write(&drill, seals::sealed(&fs::read_to_string(&drill)?, &estate))?;
    Ok(estate.files.len())
}

/// The drill about this estate.
fn drill_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/drills/tarnbeck.yml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;
    use std::io::Read;

    fn sample() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample")
    }

    /// Compressed bytes may change with the compressor, what they hold may not.
    fn plain(path: &str, bytes: Vec<u8>) -> Vec<u8> {
        if !path.ends_with(".gz") {
            return bytes;
        }
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut text).expect("gzip");
        text
    }

    fn files_below(folder: &Path, prefix: &str, into: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("the estate is committed").flatten() {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                files_below(&entry.path(), &format!("{name}/"), into);
            } else {
                into.insert(name);
            }
        }
    }

    #[test]
    fn the_committed_estate_is_what_the_code_makes() {
        let estate = generate();
        let mut there = BTreeSet::new();
        files_below(&sample().join("estate"), "", &mut there);
        let made: BTreeSet<String> = estate.files.iter().map(|f| f.0.clone()).collect();
        assert_eq!(made, there, "run `cargo xtask sample --out sample/estate`");
        for (path, bytes) in &estate.files {
            let committed = fs::read(sample().join("estate").join(path)).expect("committed file");
            assert!(
                plain(path, committed) == plain(path, bytes.clone()),
                "{path} differs; run `cargo xtask sample --out sample/estate`"
            );
        }
        assert_eq!(fs::read_to_string(sample().join("truth.json")).expect("truth"), truth::text(&estate));
    }

    /// Each record of a file with the place that the truth calls it by.
    fn records(path: &str, bytes: &[u8]) -> Vec<(usize, String)> {
        let text = String::from_utf8(plain(path, bytes.to_vec())).expect("text");
        if path.ends_with(".gz") || path.starts_with("entra/") {
            let whole: Value = serde_json::from_str(&text).expect("JSON");
            let rows = whole.get("Records").unwrap_or(&whole).as_array().expect("a list");
            return rows.iter().enumerate().map(|(i, row)| (i + 1, row.to_string())).collect();
        }
        let mut found: Vec<(usize, String)> = Vec::new();
        let serial = |line: &str| {
            line.split_once("msg=audit(").map(|(_, rest)| rest.split(')').next().map(str::to_owned))
        };
        for (i, line) in text.lines().enumerate() {
            match found.last_mut() {
                Some((_, last)) if path.ends_with("audit/audit.log") && serial(last) == serial(line) => {
                    last.push_str(line);
                }
                _ => found.push((i + 1, line.to_owned())),
            }
        }
        found
    }

    #[test]
    fn the_estate_is_small_and_the_truth_points_at_records() {
        let estate = generate();
        let bytes: usize = estate.files.iter().map(|f| f.1.len()).sum();
        assert!(bytes < 4_000_000, "{bytes} bytes");
        let mut labelled = BTreeSet::new();
        for step in estate.steps.iter().chain(&estate.noise) {
            let path = step["file"].as_str().expect("file");
            let (_, bytes) = estate.files.iter().find(|f| f.0 == path).expect("the file of a step");
            let record = step["record"].as_str().expect("record");
            let line = step["line"].as_u64().expect("line") as usize;
            let (_, found) =
                records(path, bytes).into_iter().find(|r| r.0 == line).expect("the line of a step");
            assert!(record == line.to_string() || found.contains(record), "{path}:{line} holds {record}");
            assert!(labelled.insert((path.to_owned(), line)), "{path}:{line} is labelled once");
        }
    }

    /// What an intruder alone has: with these nothing may be told that is not labelled as that intruder's.
    #[test]
    fn nothing_of_an_intruder_is_unlabelled() {
        let estate = generate();
        let signs: [(&str, &[&str]); 3] = [
            (
                ransomware::ID,
                &[world::CREW, world::CREW_STORE, "quillstone", "brightpail", "svc_print", "qlock"],
            ),
            (cloud_key::ID, &[world::FINDER, world::FINDER_WORK, "data-admin", world::FINDER_ACCOUNT]),
            (web_shell::ID, &[world::VANDAL, "pebblegate", "php-session", "thumb.php"]),
        ];
        let mut seen = 0;
        for (path, bytes) in estate.files.iter().filter(|f| !f.0.starts_with("with-faults/")) {
            for (line, text) in records(path, bytes) {
                for (attack, _) in signs.iter().filter(|(_, signs)| signs.iter().any(|s| text.contains(s))) {
                    seen += 1;
                    let step = estate.steps.iter().find(|s| s["file"] == **path && s["line"] == line);
                    assert_eq!(
                        step.map(|s| &s["attack"]),
                        Some(&Value::from(*attack)),
                        "{path}:{line} {text}"
                    );
                }
            }
        }
        assert!(seen > 400, "{seen} records");
    }

    #[test]
    fn the_second_key_and_the_sessions_can_be_followed() {
        let estate = generate();
        let calls: Vec<Value> = estate
            .files
            .iter()
            .filter(|f| f.0.starts_with("aws/"))
            .flat_map(|(path, bytes)| records(path, bytes))
            .map(|(_, text)| serde_json::from_str(&text).expect("JSON"))
            .collect();
        let key_of = |call: &Value| call["userIdentity"]["accessKeyId"].as_str().map(str::to_owned);
        let answered = |call: &Value| {
            let answer = &call["responseElements"];
            let key = answer.pointer("/accessKey/accessKeyId").or(answer.pointer("/credentials/accessKeyId"));
            key.and_then(Value::as_str).map(str::to_owned)
        };
        // From the leaked key, each key that a call answers with is one that later calls are made with.
        let mut chain = vec![aws::first_key("bo.lindqvist")];
        let from_outside = |call: &&Value| call["sourceIPAddress"] != world::OFFICE;
        while let Some(next) = calls
            .iter()
            .filter(from_outside)
            .find(|call| {
                key_of(call).as_deref() == chain.last().map(String::as_str) && answered(call).is_some()
            })
            .and_then(answered)
        {
            chain.push(next);
        }
        assert_eq!(chain.len(), 4, "leaked, minted, first role, second role: {chain:?}");
        assert_eq!(chain[1], cloud_key::minted_key());
        for key in &chain {
            assert!(calls.iter().any(|call| key_of(call).as_ref() == Some(key)), "{key} is used");
        }
    }

    #[test]
    fn the_drill_is_sealed_as_the_truth_says() {
        let text = fs::read_to_string(drill_file()).expect("the drill");
        let estate = generate();
        let fits = text == seals::sealed(&text, &estate);
        assert!(fits, "run `cargo xtask sample --out sample/estate`");
        assert!(seals::answers().iter().all(|(id, _)| text.contains(&format!("  - id: {id}\n"))));
    }

    #[test]
    fn every_rule_that_the_truth_names_exists() {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/rules");
        let estate = generate();
        for step in estate.steps.iter().chain(&estate.noise) {
            for rule in step["rules"].as_array().expect("rules") {
                let rule = rule.as_str().expect("path");
                assert!(rules.join(format!("{rule}.yml")).exists(), "{rule}");
            }
        }
    }
}
