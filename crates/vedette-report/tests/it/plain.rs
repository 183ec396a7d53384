//! Markdown, CSV and the Navigator layer, word for word.

use vedette_report::Form;

use crate::fixture;
use crate::hostile::written;

#[test]
fn a_ticket_reads_like_the_report() {
    insta::with_settings!({ snapshot_path => "../golden", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("a_ticket_reads_like_the_report", written(fixture::estate(), Form::Markdown));
    });
}

#[test]
fn a_layer_names_techniques_and_incidents() {
    insta::with_settings!({ snapshot_path => "../golden", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("a_layer_names_techniques_and_incidents", written(fixture::estate(), Form::Navigator));
    });
}

#[test]
fn a_row_names_its_incident_or_why_not() {
    let table = written(fixture::estate(), Form::Csv);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let head = reader.headers().unwrap().clone();
    let at = |name: &str| head.iter().position(|h| h == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 25);
    assert!(rows.iter().all(|r| r[at("incident")].is_empty() != r[at("set_aside")].is_empty()));
    assert_eq!(rows.iter().filter(|r| !r[at("incident")].is_empty()).count(), 13);
}

#[test]
fn no_cell_begins_a_formula() {
    let mut scan = fixture::estate();
    for (i, lead) in ["=1+1", "@SUM(1)", "+cmd", "-cmd", "\t=1", "|x", "%y"].iter().enumerate() {
        scan["findings"][i]["actor"] = serde_json::json!(lead);
    }
    let table = written(scan, Form::Csv);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    for row in reader.records().map(Result::unwrap) {
        for cell in &row {
            assert!(!cell.starts_with(['=', '@', '+', '-', '|', '%', '\t']), "{cell}");
        }
    }
}

#[test]
fn nothing_found_is_said_in_every_form() {
    assert!(written(fixture::quiet(), Form::Markdown).contains("**Nothing was found.**"));
    assert_eq!(written(fixture::quiet(), Form::Csv).lines().count(), 1);
    let layer: serde_json::Value = serde_json::from_str(&written(fixture::quiet(), Form::Navigator)).unwrap();
    assert_eq!(layer["techniques"].as_array().unwrap().len(), 0);
    assert_eq!(layer["versions"]["layer"], "4.5");
}
