//! A flood stays a file that can be sent, and says what was left out.

use vedette_report::Form;

use crate::fixture;
use crate::hostile::written;

#[test]
fn ten_thousand_findings_stay_below_five_megabytes() {
    let page = written(fixture::flood(12_000), Form::Html);
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let block = page.split("type=\"application/json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(block).unwrap();
    let findings = &data["findings"];
    assert_eq!(findings["total"], 12_025);
    let shown = findings["shown"].as_u64().unwrap();
    assert_eq!(shown, findings["rows"].as_array().unwrap().len() as u64);
    assert_eq!(shown, 10_000);
    // Those of incidents are never the ones that are left out.
    let inside = findings["rows"].as_array().unwrap().iter().filter(|r| r[11].as_i64() >= Some(0)).count();
    assert_eq!(inside, 13);
    assert!(data["evidence"]["shown"].as_u64() < data["evidence"]["total"].as_u64());
}

#[test]
fn incidents_beyond_the_bound_are_counted() {
    let mut scan = fixture::estate();
    let one = scan["incidents"][1].clone();
    let list = scan["incidents"].as_array_mut().unwrap();
    for i in 0..400 {
        let mut more = one.clone();
        more["id"] = serde_json::json!(format!("I-{i:016x}"));
        list.push(more);
    }
    let page = written(scan, Form::Html);
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let block = page.split("type=\"application/json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(block).unwrap();
    assert_eq!(data["incidents"]["total"], 402);
    assert!(data["incidents"]["list"].as_array().unwrap().len() > 20);
}

#[test]
fn hostile_text_does_not_swell_the_page() {
    let mut scan = fixture::flood(11_000);
    for (i, f) in scan["findings"].as_array_mut().unwrap().iter_mut().enumerate() {
        for n in 0..12 {
            f["details"][format!("d{n}")] = serde_json::json!(format!("{i}{}", "<\u{202e}".repeat(400)));
        }
    }
    for (i, e) in scan["evidence"].as_array_mut().unwrap().iter_mut().enumerate() {
        let fields = e["fields"].as_array_mut().unwrap();
        for n in 0..if i % 50 == 0 { 300 } else { 3 } {
            fields.push(serde_json::json!([format!("f{n}"), format!("{i}-{n}{}", "&\u{1b}".repeat(3_000))]));
        }
    }
    let page = written(scan, Form::Html);
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
}
