//! The drill as somebody in training uses it: asked, answered from a file, graded.

use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::harness::{json as run_json, list, number, root, run, stderr, stdout, text, vedette};

/// Question and right answer, as the open key has them.
fn key() -> Vec<(String, String)> {
    let text = fs::read(root().join("sample/truth.json")).expect("the truth");
    let truth: Value = serde_json::from_slice(&text).expect("JSON");
    let pair = |row: &Value| {
        let first = |value: &Value| value.as_str().expect("a text").to_owned();
        (first(&row["id"]), first(&row["answers"][0]))
    };
    list(&truth, "drill").iter().map(pair).collect()
}

fn graded(answers: &Value) -> (Value, Option<i32>) {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("answers.json");
    fs::write(&file, answers.to_string()).expect("write");
    let output = run(&["drill", "--answers", text(&file), "--format", "json"]);
    (serde_json::from_slice(&output.stdout).expect("JSON"), output.status.code())
}

fn typed(args: &[&str], lines: &str) -> Output {
    let mut child = vedette()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child.stdin.take().expect("standard input").write_all(lines.as_bytes()).expect("write");
    child.wait_with_output().expect("it ends")
}

#[test]
fn the_right_answers_are_ten_of_ten() {
    let answers: serde_json::Map<String, Value> =
        key().into_iter().map(|(id, answer)| (id, Value::from(answer))).collect();
    let (result, code) = graded(&Value::Object(answers));
    assert_eq!((number(&result, "right"), number(&result, "questions"), code), (10, 10, Some(0)), "{result}");
    assert!(list(&result, "problems").is_empty(), "{result}");
}

#[test]
fn sensible_variants_count() {
    let key = key();
    let right =
        |id: &str| key.iter().find(|(known, _)| known == id).map(|(_, answer)| answer.clone()).expect(id);
    let time = right("exfiltration-begins");
    let answers = json!({
        "first-host": format!("{}.tarnbeck.example", right("first-host").to_lowercase()),
        "beacon-name": format!("https://{}/u", right("beacon-name").replace('.', "[.]")),
        "stolen-account": format!("TARNBECK\\{}", right("stolen-account").to_uppercase()),
        "file-server-account": format!("{}@tarnbeck.example", right("file-server-account")),
        "exfiltration-begins": format!("{}Z", time.replace(' ', "T").replace(":12", ":15")),
        "minted-key": format!(" {} ", right("minted-key").to_lowercase()),
        "sharing-role": format!("arn:aws:sts::111122223333:assumed-role/{}/ops", right("sharing-role")),
        "web-shell-address": right("web-shell-address").replace('.', "[.]"),
        "comes-back": format!("/etc/cron.d/{}", right("comes-back")),
        "10": "1",
    });
    let (result, code) = graded(&answers);
    assert_eq!((number(&result, "right"), code), (10, Some(0)), "{result}");
    let (result, _) = graded(&json!({ "first-host": "10.30.4.14", "exfiltration-begins": "20:08" }));
    assert_eq!(number(&result, "right"), 2, "{result}");
}

#[test]
fn wrong_answers_do_not_count() {
    let key = key();
    // Each answer given to another question, and what lies beside the right one.
    let shifted: serde_json::Map<String, Value> = key
        .iter()
        .zip(key.iter().cycle().skip(1))
        .map(|((id, _), (_, answer))| (id.clone(), Value::from(answer.clone())))
        .collect();
    let (result, code) = graded(&Value::Object(shifted));
    assert_eq!((number(&result, "right"), code), (0, Some(1)), "{result}");
    let near = json!({
        "first-host": "TB-WS-022", "beacon-name": "quillstone.example", "stolen-account": "ana",
        "file-server-account": "adm-piet", "exfiltration-begins": "2026-03-04 20:18",
        "minted-key": "AKIA3MAILER2026RENEW", "sharing-role": "data-admin", "web-shell-address": "198.51.100.140",
        "comes-back": "certbot", "noise": "b",
    });
    let (result, code) = graded(&near);
    assert_eq!((number(&result, "right"), code), (0, Some(1)), "{result}");
    for row in list(&result, "answers") {
        assert_eq!(row["outcome"], "wrong", "{row}");
        assert!(
            row["command"].as_str().is_some_and(|c| c.starts_with("vedette scan sample/estate/")),
            "{row}"
        );
        assert!(row["lesson"].as_str().is_some_and(|l| l.len() > 40), "{row}");
    }
}

/// What the files of the drill hold in clear text must not answer it, nor may a seal.
#[test]
fn the_drill_does_not_give_its_answers_away() {
    let drill = fs::read_to_string(root().join("content/drills/tarnbeck.yml")).expect("the drill");
    let asked = stdout(&run(&["drill", "--questions"]));
    for (id, answer) in key().iter().filter(|(id, _)| id != "noise") {
        let held = drill.to_lowercase().contains(&answer.to_lowercase());
        // A host of an option may be one of an answer; it is in no other text.
        assert!(!held && !asked.to_lowercase().contains(&answer.to_lowercase()), "{id}: {answer}");
    }
    let seals = drill.lines().filter_map(|l| l.strip_prefix("      - "));
    let answers: Vec<Value> = seals.map(Value::from).collect();
    assert!(answers.len() >= 10, "{answers:?}");
    let (result, _) = graded(&Value::Array(answers));
    assert_eq!(number(&result, "right"), 0, "{result}");
}

#[test]
fn the_form_can_be_filled_in() {
    let form = stdout(&run(&["drill", "--questions"]));
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("mine.txt");
    let filled = key().iter().fold(form.clone(), |form, (id, answer)| {
        form.replace(&format!("\n{id}:\n"), &format!("\n{id}: {answer}\n"))
    });
    assert_ne!(form, filled);
    fs::write(&file, filled).expect("write");
    let output = run(&["drill", "--answers", text(&file)]);
    let shown = stdout(&output);
    assert!(shown.contains("10 of 10 right"), "{shown}");
    assert_eq!(output.status.code(), Some(0));
    let empty = typed(&["drill", "--answers", "-", "--format", "json"], &form);
    let result: Value = serde_json::from_slice(&empty.stdout).expect("JSON");
    assert!(list(&result, "answers").iter().all(|a| a["outcome"] == "skipped"), "{result}");
}

#[test]
fn a_conversation_teaches_after_each_answer() {
    let estate = root().join("sample/estate");
    let host = &key()[0].1;
    let output = typed(&["drill", text(&estate)], &format!("hint\nnobody\n{host}\nskip\nquit\n"));
    let shown = stdout(&output);
    assert_eq!(stderr(&output), "", "the estate is the one that the questions are about");
    for part in
        ["1 of 10", "opened document", "Not that.", "Right.", "2 of 10", "3 of 10", "1 of 10 right, 1 hint"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("4 of 10 ·"), "{shown}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn every_command_of_the_drill_shows_something() {
    let (result, _) = graded(&json!({}));
    let estate = root().join("sample/estate");
    for row in list(&result, "answers") {
        let command = row["command"].as_str().expect("a command").replace("sample/estate", text(&estate));
        let args: Vec<&str> = command.split(' ').skip(1).collect();
        let scan = run_json(&args);
        assert!(!list(&scan, "findings").is_empty(), "{command}");
    }
}

#[test]
fn what_cannot_be_used_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).expect("write");
        path
    };
    let broken = run(&["drill", "--answers", text(&file("broken.json", "{\"first-host\": "))]);
    assert_eq!(broken.status.code(), Some(3));
    assert!(stderr(&broken).contains("not JSON"), "{}", stderr(&broken));
    let missing = run(&["drill", "--answers", text(&dir.path().join("gone"))]);
    assert_eq!(missing.status.code(), Some(3));
    let odd = file("odd.txt", "nobody: x\nexfiltration-begins: soon\nweb-shell-address: there\u{1b}[2J\n");
    let shown = stdout(&run(&["drill", "--answers", text(&odd)]));
    for part in ["no question `nobody`", "a time is asked for", "an address is asked for", "0 of 10 right"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "{shown}");
    // What the message gives as an example is not the answer.
    let example = shown.split("such as ").filter_map(|rest| rest.get(..16)).find(|e| e.starts_with("2026-"));
    let (result, _) = graded(&json!({ "exfiltration-begins": example.expect("an example of a time") }));
    assert_eq!(number(&result, "right"), 0, "{result}");
    let nowhere = run(&["drill", text(&dir.path().join("nowhere"))]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(stderr(&nowhere).contains("--questions"), "{}", stderr(&nowhere));
    let stranger = typed(&["drill", text(dir.path())], "quit\n");
    assert!(stderr(&stranger).contains("may not fit"), "{}", stderr(&stranger));
    let unknown = run(&["drill", "--drill", "nothing"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("tarnbeck"), "{}", stderr(&unknown));
    assert!(stdout(&run(&["drill", "--list"])).contains("10 questions"));
}
