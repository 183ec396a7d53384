//! Whether an answer is right: brought to one form, sealed, and compared with the seals that the drill holds.
//!
//! A seal keeps the answer out of sight; it is no lock. Whoever tries every host of a small estate finds it, and has
//! learned less than by looking.

use std::net::{IpAddr, SocketAddr};

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use sha2::{Digest, Sha256};

use super::book::{Drill, Kind, Question};

/// Some milliseconds a guess.
const ROUNDS: u32 = 20_000;

/// # Errors
/// When the text is not of the form that is asked for.
pub fn is_right(drill: &Drill, question: &Question, text: &str) -> Result<bool, &'static str> {
    let forms = forms(drill, question, text)?;
    Ok(forms.iter().any(|form| question.sealed.contains(&seal(&drill.salt, &question.id, form))))
}

fn seal(salt: &str, question: &str, form: &str) -> String {
    let mut seal = Sha256::digest(format!("{salt}\n{question}\n{form}"));
    for _ in 1..ROUNDS {
        seal = Sha256::new().chain_update(seal).chain_update(salt).finalize();
    }
    crate::output::hex(&seal)
}

/// All that the text may mean, in the one form in which answers are sealed.
fn forms(drill: &Drill, question: &Question, text: &str) -> Result<Vec<String>, &'static str> {
    let text = text.trim().trim_matches(['"', '\'', '`', '.', ',']).trim().to_lowercase();
    let text = text.replace("[.]", ".").replace("hxxp", "http");
    if text.is_empty() {
        return Err("there is nothing to compare");
    }
    let one = match question.kind {
        Kind::Account => {
            let name = text.rsplit(['\\', '/']).next().unwrap_or_default();
            name.split('@').next().unwrap_or_default().to_owned()
        }
        Kind::Address => address(&text).ok_or("an address is asked for, such as 192.0.2.7")?,
        Kind::Choice => return choice(question, &text).map(|c| vec![c]),
        Kind::Host => match address(&text) {
            Some(address) => address,
            None => {
                let name = text.trim_start_matches('\\').split('.').next().unwrap_or_default();
                name.trim_end_matches('$').to_owned()
            }
        },
        Kind::Name => {
            let name = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
            name.split(['/', ':']).next().unwrap_or_default().trim_end_matches('.').to_owned()
        }
        Kind::Path => text.rsplit(['/', '\\']).next().unwrap_or_default().to_owned(),
        Kind::Role => match text.split_once("assumed-role/") {
            Some((_, rest)) => rest.split('/').next().unwrap_or_default().to_owned(),
            None => text.rsplit('/').next().unwrap_or_default().to_owned(),
        },
        Kind::Time => return times(drill, question, &text),
    };
    Ok(vec![one])
}

/// With or without a port, an IPv4 address mapped into IPv6 as itself.
fn address(text: &str) -> Option<String> {
    let address: IpAddr =
        text.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip())).ok()?;
    Some(address.to_canonical().to_string())
}

fn choice(question: &Question, text: &str) -> Result<String, &'static str> {
    let text = text.trim_end_matches([')', '.', ':']);
    let by_number = text.parse::<usize>().ok().and_then(|n| question.options.get(n.checked_sub(1)?));
    let by_letter = || question.options.iter().find(|(letter, _)| letter == text);
    let by_text =
        || question.options.iter().find(|(_, option)| option.to_lowercase().trim_end_matches('.') == text);
    let chosen = by_number.or_else(by_letter).or_else(by_text);
    chosen.map(|(letter, _)| letter.clone()).ok_or("one of the letters is asked for")
}

/// Every minute within the tolerance, on every day that may be meant.
fn times(drill: &Drill, question: &Question, text: &str) -> Result<Vec<String>, &'static str> {
    const ASKED: &str = "a time is asked for, such as 2026-03-04 08:30 or 08:30 (UTC)";
    let upper = text.to_uppercase();
    let bare = upper.trim_end_matches("UTC").trim_end_matches('Z').trim();
    let mut meant: Vec<DateTime> = Vec::new();
    if let Ok(stamp) = upper.parse::<Timestamp>() {
        meant.push(stamp.to_zoned(TimeZone::UTC).datetime());
    } else if let Ok(whole) = bare.parse::<DateTime>() {
        if !bare.contains(':') {
            return Err(ASKED);
        }
        meant.push(whole);
    } else {
        let time = bare.parse::<Time>().map_err(|_| ASKED)?;
        let days = drill.days.iter().filter_map(|day| day.parse::<Date>().ok());
        meant.extend(days.map(|day| day.to_datetime(time)));
    }
    let mut forms = Vec::new();
    for time in meant {
        for minutes in -question.tolerance_minutes..=question.tolerance_minutes {
            let near = time.checked_add(minutes.minutes()).map_err(|_| ASKED)?;
            forms.push(near.strftime("%Y-%m-%d %H:%M").to_string());
        }
    }
    Ok(forms)
}

#[cfg(test)]
mod tests {
    use super::super::book::Fingerprint;
    use super::*;

    fn question(kind: Kind) -> Question {
        let options = [("a", "First thing."), ("b", "Second thing.")];
        Question {
            id: "q".into(),
            kind,
            ask: String::new(),
            hint: String::new(),
            lesson: String::new(),
            command: String::new(),
            tolerance_minutes: 1,
            options: options.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec(),
            sealed: Vec::new(),
        }
    }

    fn drill(questions: Vec<Question>) -> Drill {
        Drill {
            name: "d".into(),
            title: String::new(),
            about: String::new(),
            salt: "s".into(),
            estate: Fingerprint { files: 0, sha256: String::new() },
            days: vec!["2026-03-04".into()],
            questions,
        }
    }

    #[test]
    fn sensible_variants_come_to_one_form() {
        let drill = drill(Vec::new());
        for (kind, variants) in [
            (Kind::Host, &["TB-WS-1", "tb-ws-1.corp.example", "\\\\TB-WS-1", " `tb-ws-1$` "][..]),
            (Kind::Account, &["CORP\\Ada", "ada@corp.example", "arn:aws:iam::1:user/ada", "ADA"]),
            (Kind::Address, &["192.0.2.7", "192[.]0[.]2[.]7", "192.0.2.7:443", "::ffff:192.0.2.7"]),
            (Kind::Name, &["A.example", "https://a.example/x", "a[.]example.", "hxxps://a.example:443"]),
            (Kind::Path, &["/etc/cron.d/Job", "job", "C:\\x\\job"]),
            (Kind::Role, &["arn:aws:sts::1:assumed-role/Ops/s", "role/ops", "OPS"]),
            (Kind::Choice, &["b", "B)", "2", "second thing."]),
        ] {
            let forms: Vec<_> =
                variants.iter().map(|v| forms(&drill, &question(kind), v).expect("a form")).collect();
            assert!(forms.iter().all(|f| *f == forms[0]), "{kind:?}: {forms:?}");
        }
    }

    #[test]
    fn a_time_may_be_near_and_may_leave_out_the_day() {
        let (drill, time) = (drill(Vec::new()), question(Kind::Time));
        for text in [
            "2026-03-04 20:12",
            "2026-03-04T20:12:33Z",
            "20:12",
            "20:12 UTC",
            "2026-03-04 20:12:00 UTC",
            "2026-03-04T21:12:33+01:00",
        ] {
            let forms = forms(&drill, &time, text).expect(text);
            assert_eq!(forms, ["2026-03-04 20:11", "2026-03-04 20:12", "2026-03-04 20:13"], "{text}");
        }
        for text in ["soon", "2026-03-04", "25:00", "", "9999-12-31 23:59"] {
            assert!(forms(&drill, &time, text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_seal_belongs_to_one_question_and_one_salt() {
        let seals = [seal("s", "q", "x"), seal("s", "q", "y"), seal("s", "p", "x"), seal("t", "q", "x")];
        for (i, one) in seals.iter().enumerate() {
            assert_eq!(one.len(), 64);
            assert!(seals[..i].iter().all(|other| other != one));
        }
        let mut asked = question(Kind::Host);
        asked.sealed = vec![seal("s", "q", "tb-ws-1")];
        let drill = drill(Vec::new());
        assert_eq!(is_right(&drill, &asked, "TB-WS-1.corp.example"), Ok(true));
        assert_eq!(is_right(&drill, &asked, "tb-ws-2"), Ok(false));
        // The seal itself is no answer.
        assert_eq!(is_right(&drill, &asked, &asked.sealed[0].clone()), Ok(false));
    }
}
