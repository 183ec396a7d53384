//! Diagnostics as people read them: one golden for each sentence.

use crate::read;

/// Compares with `tests/golden/<topic>/<name>.snap`.
pub fn golden(topic: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../golden/{topic}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn check(name: &str, text: &str) {
    let pack = read(&[("rules/example.yml", text)]);
    let all: Vec<String> = pack.account.iter().flat_map(|a| &a.diagnostics).map(|d| d.render(text)).collect();
    assert!(!all.is_empty(), "{name}: nothing was found");
    golden("diagnostics", name, &all.join("\n"));
}

/// A rule with one line exchanged or added.
fn with(from: &str, to: &str) -> String {
    let text = "title: Discovery by whoami\n\
        id: 8a3c5d1e-0000-4000-8000-000000000001\n\
        status: test\n\
        level: medium\n\
        logsource:\n    category: process_creation\n    product: windows\n\
        detection:\n    selection:\n        Image|endswith: '\\whoami.exe'\n        CommandLine|contains: '/all'\n    filter_admin:\n        User: admin\n    condition: selection and not filter_admin\n";
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn yaml() {
    check(
        "names_both_places_of_a_doubled_key",
        &with("        CommandLine|contains: '/all'", "        Image|endswith: '\\id.exe'"),
    );
    check("says_that_tabs_do_not_indent", &with("    category", "\tcategory"));
    check("asks_for_quotes_around_a_colon", &with("Discovery by whoami", "Discovery: by whoami"));
    check("asks_for_quotes_around_a_star", &with("User: admin", "User: *admin"));
    check("points_at_an_open_bracket", &with("User: admin", "User: [admin"));
    check(
        "refuses_deep_nesting",
        &with("User: admin", &format!("User: {}x{}", "[".repeat(40), "]".repeat(40))),
    );
    check("shows_control_characters_as_symbols", &with("level: medium", "level: \"\\e[31m\u{202e}high\""));
}

#[test]
fn parts() {
    check("guesses_a_misspelled_part", &with("detection:", "detections:"));
    check("wants_a_title", &with("title: Discovery by whoami", "name: whoami"));
    check("wants_a_logsource", &with("logsource:", "log_source:"));
    check("wants_a_condition", &with("    condition:", "    conditon:"));
    check("warns_of_an_unknown_level", &with("level: medium", "level: meduim"));
    check("warns_of_an_unknown_status", &with("status: test", "status: production"));
    check(
        "warns_of_an_empty_logsource",
        &with("    category: process_creation\n    product: windows\n", "    definition: all\n"),
    );
    check("knows_what_is_no_sigma", "name: docker compose\nservices: {web: {image: nginx}}\n");
    check("says_that_action_is_gone", "action: global\ntitle: Old\n---\nlogsource: {product: linux}\n");
}

#[test]
fn modifiers() {
    let modifier = |chain: &str| with("CommandLine|contains", chain);
    check("suggests_the_nearest_modifier", &modifier("CommandLine|contain"));
    check("suggests_re_for_regex", &modifier("CommandLine|contains|regex"));
    check("points_at_the_modifier_in_a_quoted_key", &modifier("'CommandLine|contains|al'"));
    check("points_at_the_second_operator", &modifier("CommandLine|contains|startswith"));
    check("wants_the_encoding_first", &modifier("CommandLine|contains|base64"));
    check("wants_re_before_its_flag", &modifier("CommandLine|i"));
    check("wants_fieldref_first", &modifier("CommandLine|endswith|fieldref"));
    check("misses_a_modifier_after_the_bar", &modifier("CommandLine|"));
}

#[test]
fn values() {
    let line = |line: &str| with("        CommandLine|contains: '/all'\n", &format!("        {line}\n"));
    check("refuses_a_map_as_value", &line("CommandLine: {a: 1}"));
    check("refuses_a_list_in_a_list", &line("CommandLine: [a, [b]]"));
    check("refuses_a_bad_network", &line("SourceIp|cidr: [10.0.0.0/8, 10.0.0.0/40]"));
    check("refuses_a_word_for_a_number", &line("Size|gt: large"));
    check("refuses_an_hour_beyond_the_day", &line("Time|hour: 24"));
    check("points_into_a_regular_expression", &line("CommandLine|re: '^(a|b\\s+$'"));
    check("explains_why_there_is_no_look_around", &line("CommandLine|re|i: 'net(?!work)\\s+user'"));
    check("refuses_a_regular_expression_that_explodes", &line("CommandLine|re: '(a{500}){500}'"));
    check("refuses_to_encode_wildcards", &line("CommandLine|base64: 'who*'"));
    check("names_the_placeholder_without_a_list", &line("User|expand: '%admins%' # ours"));
    check("notes_null_among_values", &line("CommandLine: [null, '']"));
    check("notes_all_on_one_value", &line("CommandLine|contains|all: x"));
    check("notes_base64offset_without_contains", &line("CommandLine|base64offset: whoami"));
}

#[test]
fn selections() {
    let body =
        |body: &str| with("    filter_admin:\n        User: admin\n", &format!("    filter_admin:{body}\n"));
    check("refuses_an_empty_selection", &body(""));
    check("refuses_an_empty_map", &body(" {}"));
    check("notes_an_empty_list", &body(" []"));
    check("refuses_lists_of_lists", &body("\n        - [a, b]"));
    check("refuses_null_as_keyword", &body("\n        - a\n        - null"));
    check("notes_a_selection_nobody_reads", &with("selection and not filter_admin", "selection"));
}

#[test]
fn conditions() {
    let condition = |text: &str| with("selection and not filter_admin", text);
    check("suggests_the_nearest_selection", &condition("selection and not filter_amdin"));
    check("lists_the_selections_when_a_pattern_fits_none", &condition("selection and not 1 of filters_*"));
    check("points_at_the_aggregation", &condition("selection | count(User) by Computer > 5"));
    check("points_at_near", &condition("selection | near filter_admin"));
    check("points_at_the_open_parenthesis", &condition("selection and not (filter_admin"));
    check("points_at_the_missing_operator", &condition("selection not filter_admin"));
    check("points_at_the_end", &condition("selection and not"));
    check("finds_the_column_in_quotes", &condition("'selection and filter'"));
    check("finds_the_line_in_a_block", &condition("|\n        selection\n        and nothing"));
    check("finds_the_line_of_a_folded_condition", &condition("selection\n        and nothing"));
    check(
        "finds_the_condition_in_a_list",
        &condition("\n        - selection\n        - selection or nothing"),
    );
}

#[test]
fn correlations() {
    let text = |from: &str, to: &str| {
        let text = "title: Many failures\nid: c1\ncorrelation:\n    type: event_count\n    rules:\n        - failed_logon\n    group-by:\n        - User\n    timespan: 15m\n    condition:\n        gte: 10\n";
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    check("names_the_rule_that_is_missing", &text("10", "20"));
    check("suggests_the_nearest_correlation_type", &text("event_count", "events_count"));
    check("wants_a_timespan_with_unit", &text("15m", "15 minutes"));
    check("knows_the_comparisons", &text("gte: 10", "more: 10"));
    check("suggests_the_hyphen_in_group_by", &text("group-by", "group_by"));
}
