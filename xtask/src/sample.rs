//! The sample estate: a week of logs of a company that does not exist, with one intrusion in it and the truth beside
//! it. Everything is made here, from fixed seeds; no clock and no network is asked, so each run gives the same bytes.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::json;

mod aws;
mod clock;
mod entra;
mod intrusion;
mod kubernetes;
mod linux;
mod log;
mod network;
mod random;
mod windows;
mod windows_life;
mod world;

use log::Estate;
use windows::Host;
use windows_life::Desk;

/// Makes all files of the estate and the truth, in memory.
fn generate() -> Estate {
    let mut estate = Estate::default();
    let mut ana = Host::new(world::WS_ANA);
    let mut bo = Host::new(world::WS_BO);
    let mut dc = Host::new(world::DC);
    let ana_desk = Desk::of(&mut ana, &world::ANA);
    let bo_desk = Desk::of(&mut bo, &world::BO);
    windows_life::workstation(&mut ana, &ana_desk, &world::ANA, 12);
    windows_life::workstation(&mut bo, &bo_desk, &world::BO, 7);
    windows_life::administration(&mut bo, &bo_desk);
    windows_life::scan(&mut bo);
    windows_life::domain_controller(&mut dc);
    let mut web = linux::Web::new();
    web.ordinary_week();
    let mut account = aws::Account::new();
    account.ordinary_week();
    let mut tenant = entra::Tenant::new();
    tenant.ordinary_week();
    let mut cluster = kubernetes::Cluster::new();
    cluster.ordinary_week();
    let mut sensors = network::Sensors::new();
    sensors.ordinary_week();

    intrusion::web_server(&mut web, &mut sensors);
    intrusion::phished_desk(&mut ana, &ana_desk, &mut dc, &mut sensors);
    intrusion::lateral_movement(&mut bo, &bo_desk, &mut dc, &mut sensors);
    intrusion::cloud_account(&mut account);
    intrusion::tenant(&mut tenant);
    intrusion::cluster(&mut cluster);
    intrusion::exfiltration(&mut bo, &bo_desk, &mut sensors);

    ana.write_dump(&mut estate, "windows/TB-WS-014");
    dc.write_dump(&mut estate, "windows/TB-DC-01");
    bo.write_beat(&mut estate, "windows/TB-WS-022/winlogbeat-20260302.ndjson");
    web.write(&mut estate);
    account.write(&mut estate);
    tenant.write(&mut estate);
    cluster.write(&mut estate);
    sensors.write(&mut estate);
    imperfect(&mut estate);
    estate.truth.sort_by_key(|entry| (log::shown(entry.get("time")), log::shown(entry.get("file"))));
    estate
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
        let t = clock::at(i / 8, 9 + i % 8, 12, 30 + i % 20);
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

/// The text of `truth.json`.
fn truth(estate: &Estate) -> String {
    let (begin, end) = intrusion::span();
    let whole = json!({
        "about": "Which records of the sample estate belong to the intrusion. Everything is generated. `line` counts from 1 within the decompressed file, header lines included, and is the place within the array for JSON arrays; an audit record is named by its first line. `rules` are own rules that are meant to speak, alone or as part of a correlation; an empty list is a step that no own rule tells on its own. A process start is in two logs, Sysmon 1 and Security 4688: one finding with two witnesses covers both. A correlation may name only the first hundred of its events.",
        "begin": begin.rfc3339_us(),
        "end": end.rfc3339_us(),
        "steps": estate.truth,
    });
    format!("{whole:#}\n")
}

/// Writes the estate below `out` and `truth.json` beside it. What lay in `out` before is removed first.
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
    fs::write(out.with_file_name("truth.json"), truth(&estate))?;
    Ok(estate.files.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::io::Read;
    use std::path::PathBuf;

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
        assert_eq!(fs::read_to_string(sample().join("truth.json")).expect("truth"), truth(&estate));
    }

    #[test]
    fn the_estate_is_small_and_the_truth_points_at_records() {
        let estate = generate();
        let bytes: usize = estate.files.iter().map(|f| f.1.len()).sum();
        assert!(bytes < 3_000_000, "{bytes} bytes");
        for step in &estate.truth {
            let path = step["file"].as_str().expect("file");
            let (_, bytes) = estate.files.iter().find(|f| f.0 == path).expect("the file of a step");
            let text = String::from_utf8(plain(path, bytes.clone())).expect("text");
            let record = step["record"].as_str().expect("record");
            let line = step["line"].as_u64().expect("line") as usize;
            if path.ends_with(".gz") || path.starts_with("entra/") {
                assert!(text.contains(record), "{path} holds {record}");
            } else {
                let found = text.lines().nth(line - 1).expect("the line of a step");
                assert!(record == line.to_string() || found.contains(record), "{path}:{line} holds {record}");
            }
        }
    }

    #[test]
    fn every_rule_that_the_truth_names_exists() {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/rules");
        let estate = generate();
        for step in &estate.truth {
            for rule in step["rules"].as_array().expect("rules") {
                let rule = rule.as_str().expect("path");
                assert!(rules.join(format!("{rule}.yml")).exists(), "{rule}");
            }
        }
    }
}
