//! What is redacted stands nowhere in any form.

#![allow(clippy::unwrap_used, reason = "a report that cannot be made must stop the test")]

use vedette_report::{Form, Options, Redact, Report, Scan};

use crate::fixture;

fn redacted(form: Form, redact: Redact) -> String {
    let report =
        Report::new(Scan::of_value(fixture::estate()).unwrap(), &Options { redact, ..Options::default() });
    let mut out = Vec::new();
    report.write(form, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn no_name_is_left_in_any_form() {
    let all = Redact { users: true, hosts: true, addresses: true };
    for form in [Form::Html, Form::Markdown, Form::Csv, Form::Navigator] {
        let text = redacted(form, all).to_lowercase();
        for name in [
            "anna.berg",
            "svc-backup",
            "ws-anna",
            "fs01",
            "dc01",
            "ws-paul",
            "nordlicht",
            "10.20.4.17",
            "203.0.113.77",
        ] {
            let at = text.find(name);
            assert_eq!(at, None, "{name} in {form:?}: {:?}", at.map(|a| &text[a.saturating_sub(80)..a + 40]));
        }
        // What was not asked for stays: the rules' own words.
        if form != Form::Navigator {
            assert!(text.contains("memory of lsass was read"));
        }
    }
}

#[test]
fn one_name_has_one_pseudonym_in_all_forms() {
    let hosts = Redact { hosts: true, ..Redact::default() };
    let table = redacted(Form::Csv, hosts);
    let page = redacted(Form::Html, hosts);
    assert!(table.contains("NORDLICHT") || table.contains("domain-1"));
    assert!(page.contains("Credentials taken on host-"));
}
