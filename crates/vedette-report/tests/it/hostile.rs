//! Text of an attacker stays text, in every form.

#![allow(clippy::unwrap_used, reason = "a report that cannot be made must stop the test")]

use vedette_report::{Form, Options, Report, Scan};

use crate::fixture::{self, HOSTILE};

pub fn written(scan: serde_json::Value, form: Form) -> String {
    let report = Report::new(Scan::of_value(scan).unwrap(), &Options::default());
    let mut out = Vec::new();
    report.write(form, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_page_has_the_two_scripts_that_it_should_have() {
    let page = written(fixture::hostile(), Form::Html);
    assert_eq!(page.matches("<script").count(), 2, "the data and the program");
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains("<img"));
    assert!(!page.contains("onerror=\"document"));
}

#[test]
fn the_page_refuses_all_else() {
    let page = written(fixture::hostile(), Form::Html);
    let policy =
        page.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    for word in ["unsafe", "http", "data:", "blob:", "*"] {
        assert!(!policy.contains(word), "{policy}");
    }
    assert!(policy.contains("require-trusted-types-for 'script'; trusted-types 'none'"));
}

#[test]
fn no_form_holds_a_character_that_hides_or_reorders() {
    for form in [Form::Html, Form::Markdown, Form::Csv, Form::Navigator] {
        let text = written(fixture::hostile(), form);
        // Of our own script, nothing but line breaks.
        let bad = text.chars().find(|c| *c != '\n' && vedette_report::neutral::is_hazard(*c));
        assert_eq!(bad, None, "{form:?}");
    }
}

/// Markdown without its code spans and without what is escaped: what a reader acts on.
fn active(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        if ticks > 0 {
            let inside = &rest[ticks..];
            let end = inside.match_indices(&"`".repeat(ticks)).map(|(i, _)| i).find(|&i| {
                let run = &inside[i..];
                !inside[..i].ends_with('`') && run.len() - run.trim_start_matches('`').len() == ticks
            });
            rest = end.map_or("", |end| &inside[end + ticks..]);
        } else if c == '\\' {
            rest = rest.get(2..).unwrap_or("");
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

#[test]
fn markdown_shows_markup_as_text() {
    let text = active(&written(fixture::hostile(), Form::Markdown));
    assert!(text.contains("What happened"), "most of the text was skipped");
    for bad in ['<', '>', '!', '`'] {
        assert!(!text.contains(bad), "{bad} in {text}");
    }
    assert!(!text.contains("]("));
}

#[test]
fn the_data_is_json_with_every_hostile_text_in_it() {
    let page = written(fixture::hostile(), Form::Html);
    let block = page.split("type=\"application/json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(block).unwrap();
    let strings: Vec<&str> =
        data["strings"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    for hostile in HOSTILE {
        let shown = vedette_report::neutral::visible(hostile);
        assert!(strings.contains(&shown.as_str()), "{shown}");
    }
}
