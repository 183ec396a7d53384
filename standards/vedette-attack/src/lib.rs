//! ATT&CK tactics and techniques by id.
//!
//! The table holds names, ids and relations of ATT&CK for Enterprise 18, as a Rust table that is searched by halves.
//! (c) The MITRE Corporation; see NOTICE at the root of the repository.

mod table;

/// Why an adversary does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tactic {
    /// For example `TA0002`.
    pub id: &'static str,
    /// As tags write it, for example `privilege-escalation`.
    pub shortname: &'static str,
    pub name: &'static str,
    /// Short name of the tactic of the table's version that this one was split from.
    pub split_from: Option<&'static str>,
}

/// How an adversary does something; a sub-technique has a dot in its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Technique {
    /// For example `T1059.001`.
    pub id: &'static str,
    pub name: &'static str,
    /// Short names of its tactics, in the order of an intrusion.
    pub tactics: &'static [&'static str],
    pub state: State,
}

/// Whether ATT&CK still uses a technique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Active,
    /// No longer maintained, without a successor.
    Deprecated,
    /// Replaced, where ATT&CK says so by the technique with this id.
    Revoked {
        by: Option<&'static str>,
    },
}

impl Tactic {
    /// The tactic under which this one is counted together with older data: Stealth and Defense Impairment with
    /// Defense Evasion, every other with itself.
    pub fn family(&self) -> &'static str {
        self.split_from.unwrap_or(self.shortname)
    }
}

impl Technique {
    pub fn is_active(&self) -> bool {
        self.state == State::Active
    }

    /// The technique that a sub-technique belongs to.
    pub fn parent(&self) -> Option<&'static Technique> {
        self.id.split_once('.').and_then(|(parent, _)| technique(parent))
    }

    /// The technique to use in its place, however often it was replaced; itself when it is active or has no successor.
    pub fn current(&self) -> &Technique {
        let mut at = self;
        // A chain of replacements cannot be longer than the table.
        for _ in 0..table::TECHNIQUES.len() {
            match at.state {
                State::Revoked { by: Some(next) } => match technique(next) {
                    Some(next) => at = next,
                    None => break,
                },
                _ => break,
            }
        }
        at
    }
}

/// Tactics of ATT&CK 19, which came after the table: Defense Evasion was split in two, and its id went to Stealth.
static LATER_TACTICS: [Tactic; 2] = [
    Tactic { id: "TA0005", shortname: "stealth", name: "Stealth", split_from: Some("defense-evasion") },
    Tactic {
        id: "TA0112",
        shortname: "defense-impairment",
        name: "Defense Impairment",
        split_from: Some("defense-evasion"),
    },
];

/// All tactics of the table, in the order of an intrusion.
pub fn tactics() -> &'static [Tactic] {
    &table::TACTICS
}

/// All techniques, sorted by id, revoked and deprecated ones included.
pub fn techniques() -> &'static [Technique] {
    &table::TECHNIQUES
}

/// A tactic by id (`TA0004`), short name (`privilege-escalation`, `privilege_escalation`) or name, in any case.
pub fn tactic(word: &str) -> Option<&'static Tactic> {
    let same =
        |a: &str| a.len() == word.len() && a.bytes().zip(word.bytes()).all(|(a, b)| plain(a) == plain(b));
    table::TACTICS.iter().chain(&LATER_TACTICS).find(|t| same(t.id) || same(t.shortname) || same(t.name))
}

/// Letters without case; space, underscore and hyphen are one.
fn plain(byte: u8) -> u8 {
    match byte {
        b' ' | b'_' => b'-',
        byte => byte.to_ascii_lowercase(),
    }
}

/// A technique by id, in any case.
pub fn technique(id: &str) -> Option<&'static Technique> {
    let found = table::TECHNIQUES
        .binary_search_by(|t| t.id.bytes().cmp(id.bytes().map(|b| b.to_ascii_uppercase())))
        .ok()?;
    table::TECHNIQUES.get(found)
}

/// What a tag in the namespace `attack` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagged {
    Tactic(&'static Tactic),
    Technique(&'static Technique),
}

/// Looks up a tag such as `attack.t1059.001` or `attack.privilege-escalation`.
///
/// Groups, software and techniques that are newer than the table give nothing; see [`technique_id`].
///
/// Source: Sigma tags appendix 2.1.0.
pub fn from_tag(tag: &str) -> Option<Tagged> {
    let word = attack(tag)?;
    technique(word).map(Tagged::Technique).or_else(|| tactic(word).map(Tagged::Tactic))
}

/// The id of a technique in a tag, as ATT&CK writes it, known to the table or not: `attack.t1059.001` is `T1059.001`.
pub fn technique_id(tag: &str) -> Option<String> {
    let word = attack(tag)?;
    let digits = word.strip_prefix(['t', 'T'])?;
    let (main, sub) = digits.split_once('.').map_or((digits, None), |(m, s)| (m, Some(s)));
    let number = |text: &str, len: usize| text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
    (number(main, 4) && sub.is_none_or(|s| number(s, 3))).then(|| word.to_ascii_uppercase())
}

fn attack(tag: &str) -> Option<&str> {
    let (namespace, word) = tag.trim().split_once('.')?;
    namespace.eq_ignore_ascii_case("attack").then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_sound() {
        assert!(techniques().windows(2).all(|w| w[0].id < w[1].id));
        assert_eq!(tactics().len(), 14);
        for t in techniques() {
            assert!(t.tactics.iter().all(|short| tactic(short).is_some()), "{}", t.id);
            assert!(!t.is_active() || !t.tactics.is_empty(), "{}", t.id);
            assert!(!t.name.is_empty());
            if t.is_active() && t.id.contains('.') {
                assert!(t.parent().is_some_and(Technique::is_active), "{}", t.id);
            }
            if let State::Revoked { by: Some(by) } = t.state {
                assert!(technique(by).is_some(), "{} by {by}", t.id);
            }
        }
        // ATT&CK 18 for Enterprise.
        assert_eq!(techniques().iter().filter(|t| t.is_active()).count(), 691);
        assert_eq!(techniques().iter().filter(|t| t.is_active() && t.id.contains('.')).count(), 475);
    }

    #[test]
    fn ids_and_tags_are_found_in_any_case() {
        let name = |tag: &str| match from_tag(tag) {
            Some(Tagged::Technique(t)) => t.name,
            Some(Tagged::Tactic(t)) => t.name,
            None => "",
        };
        assert_eq!(name("attack.t1059.001"), "PowerShell");
        assert_eq!(name("attack.T1059"), "Command and Scripting Interpreter");
        assert_eq!(name("attack.privilege-escalation"), "Privilege Escalation");
        assert_eq!(name("attack.command_and_control"), "Command and Control");
        assert_eq!(name("attack.ta0002"), "Execution");
        assert_eq!(name("attack.stealth"), "Stealth");
        assert_eq!(name("attack.g0007"), "");
        assert_eq!(name("cve.2021-44228"), "");
        assert_eq!(name("attack."), "");
        assert_eq!(name("t1059"), "");
        assert_eq!(tactic("defense-impairment").map(Tactic::family), Some("defense-evasion"));
        assert_eq!(tactic("TA0005").map(|t| t.name), Some("Defense Evasion"));
    }

    #[test]
    fn ids_newer_than_the_table_are_still_ids() {
        assert_eq!(technique("T1685"), None);
        assert_eq!(technique_id("attack.t1685.001").as_deref(), Some("T1685.001"));
        assert_eq!(technique_id("attack.t1685.1"), None);
        assert_eq!(technique_id("attack.ta0005"), None);
        assert_eq!(technique_id("attack.t99"), None);
    }

    #[test]
    fn a_revoked_technique_leads_to_its_successor() {
        let old = technique("T1086").expect("PowerShell of old");
        assert_eq!(old.current().id, "T1059.001");
        assert_eq!(technique("T1043").map(|t| t.state), Some(State::Deprecated));
    }
}
