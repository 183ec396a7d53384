//! Whatever bytes come: nothing breaks, every account balances, and what is found is what is listed.

use std::sync::Arc;

use proptest::prelude::*;
use vedette_intel::indicators::{Hint, Value};
use vedette_intel::{Context, ContextFile, ContextKind, Finder, Indicators, Keep, Loader, WarningLists};

const SEEDS: &[&str] = &[
    "# list\nevil.net # c2\nhxxp://evil[.]org/a?b\n203.113.7.9/24\n::ffff:203.113.7.9\nmimikatz.exe\n0cc175b9c0f1b6a831c399e269772661  x.exe\n",
    "type,value,tlp,valid_until\n\"domain\",evil.net,amber,2030-01-01\nmd5,\"0cc175b9c0f1b6a831c399e269772661\",,\n",
    "\"1\",\"2026-01-01\",\"http://evil.net/a.exe\",\"on\"\n\"2\",\"2026-01-01\",\"http://evil.org/b.exe\",\"on\"\n",
    r#"{"type":"bundle","objects":[{"type":"indicator","pattern":"[domain-name:value = 'evil.net' OR (ipv4-addr:value ISSUBSET '203.113.7.0/24')] OR [file:hashes.'SHA-256' IN ('aa','bb') AND file:name = 'x']","object_marking_refs":["marking-definition--1"],"valid_until":"2030-01-01T00:00:00Z"},{"type":"marking-definition","id":"marking-definition--1","definition":{"tlp":"red"}}]}"#,
    r#"{"response":[{"Event":{"info":"x","Attribute":[{"type":"ip-dst|port","value":"203.113.7.9|80","to_ids":true},{"type":"filename|sha1","value":"a.exe|86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"}],"Tag":[{"name":"tlp:green"}]}}]}"#,
    r#"["evil.net", "203.113.7.9", {"type": "url", "value": "http://evil.net/x"}, 7, null]"#,
];

const SHEETS: &[&str] = &[
    "host,aliases,address,importance,role,owner\nDC01,\"dc01.corp.net;dc\",10.0.0.1,,domain-controller,Ana\nws1,,10.0.0.2;10.0.0.3,7,,\n",
    "user;sid;email;privileged;importance\nCORP\\ana;S-1-5-21-1-2-3-4;ana@corp.net;yes;high\nbob;;;;3\n",
    r#"{"name":"L","type":"regex","list":["/^a+$/i","b","c.net"],"matching_attributes":["domain"]}"#,
];

fn load(bytes: &[u8], keep: Keep) -> Indicators {
    let lists = WarningLists::builtin();
    let mut loader = Loader::new(keep, None, &lists);
    loader.read("list", bytes).expect("bytes can be read");
    let indicators = loader.finish();
    assert!(indicators.accounts().iter().all(|a| a.balances()), "{:?}", indicators.accounts());
    assert_eq!(indicators.len() as u64, indicators.accounts().iter().map(|a| a.searched()).sum::<u64>());
    indicators
}

/// A seed with some bytes changed, cut out, or put in.
fn damaged(seeds: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<prop::sample::Index>(), 0..4_u8, prop::collection::vec(any::<u8>(), 0..6));
    (0..seeds.len(), prop::collection::vec(edit, 0..8)).prop_map(|(seed, edits)| {
        let mut bytes = seeds[seed].as_bytes().to_vec();
        for (at, how, new) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = new.first().copied().unwrap_or(b'"'),
                1 => {
                    bytes.drain(at..(at + new.len()).min(bytes.len()));
                }
                2 => {
                    bytes.splice(at..at, new);
                }
                _ => bytes.truncate(at),
            }
        }
        bytes
    })
}

/// Letters that indicators are made of, and those that end them.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            Just("evil.net".to_owned()),
            Just("http://evil.org/a?b".to_owned()),
            Just("203.113.7.9".to_owned()),
            Just("::ffff:203.113.7.9".to_owned()),
            Just("mimikatz.exe".to_owned()),
            Just("0cc175b9c0f1b6a831c399e269772661".to_owned()),
            "[a-z0-9.:/\\[\\]()\"' %_é-]{0,8}",
            any::<char>().prop_map(String::from),
        ],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn damaged_lists_cost_only_themselves(bytes in damaged(SEEDS)) {
        load(&bytes, Keep::ALL);
        load(&bytes, Keep::default());
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        load(&bytes, Keep::ALL);
    }

    #[test]
    fn damaged_context_costs_only_itself(bytes in damaged(SHEETS)) {
        for kind in [ContextKind::Assets, ContextKind::Identities, ContextKind::WarningList, ContextKind::GeoIp] {
            let file = ContextFile { kind, name: "f".to_owned(), date: String::new(), bytes: bytes.clone() };
            let (context, _) = Context::load(vec![file]);
            for (kind, key) in [
                (vedette_model::EntityKind::Host, "dc01"),
                (vedette_model::EntityKind::Address, "10.0.0.1"),
                (vedette_model::EntityKind::User, "corp\\ana"),
                (vedette_model::EntityKind::Domain, "c.net"),
            ] {
                let _ = (context.facts(&kind, key), context.importance(&kind, key), context.known_good(&kind, key));
            }
        }
    }

    #[test]
    fn any_value_is_searched(value in text()) {
        let indicators = Arc::new(load(SEEDS[0].as_bytes(), Keep::ALL));
        let mut hits = Vec::new();
        Finder::new(indicators.clone()).value("f", &value, &mut hits);
        for hit in hits {
            prop_assert!((hit.indicator as usize) < indicators.len());
        }
    }

    /// What a list holds is found where it stands alone between blanks.
    #[test]
    fn what_is_listed_is_found(entry in text()) {
        let Ok(value) = Value::read(&entry, Hint::Any) else { return Ok(()) };
        let shown = value.shown();
        let indicators = Arc::new(load(format!("{shown}\n").as_bytes(), Keep::ALL));
        if indicators.len() != 1 || indicators.get(0).value != shown {
            // A plain list may read the same text as something else, as it has no kind.
            return Ok(());
        }
        // In the middle of other text a name ends where an argument or a quote does.
        if matches!(value, Value::FileName(_)) && shown.contains(|c: char| "\"'<>|*?,;=():% ".contains(c)) {
            return Ok(());
        }
        // Where a name ends beside a sign, or among letters of several scripts, running text does not say.
        let plain = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if !entry.is_ascii() || !plain(shown.chars().next()) || !plain(shown.chars().last()) {
            return Ok(());
        }
        let mut hits = Vec::new();
        // A range is found by the addresses in it.
        let seen = shown.split('/').next().filter(|_| matches!(value, Value::Network(..))).unwrap_or(&shown);
        Finder::new(indicators).value("f", &format!("x {seen} y"), &mut hits);
        prop_assert_eq!(hits.len(), 1, "{} in {:?}", shown, entry);
    }

    /// The normal form is one: reading it again gives the same.
    #[test]
    fn a_normal_form_stays_as_it_is(entry in text()) {
        if let Ok(value) = Value::read(&entry, Hint::Any) {
            let hint = match value {
                Value::Url(_) => Hint::Url,
                Value::FileName(_) => Hint::FileName,
                Value::Domain(_) => Hint::Domain,
                Value::Hash(_) => Hint::Hash,
                Value::Network(..) => Hint::Address,
            };
            prop_assert_eq!(Value::read(&value.shown(), hint), Ok(value));
        }
    }
}
