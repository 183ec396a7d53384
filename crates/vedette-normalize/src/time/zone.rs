//! Zones by IANA name and by the abbreviations that devices write.

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::TimeError;

/// The zone of an IANA name (`Europe/Berlin`, any case), from the data base that is compiled in, so that a replay on
/// another machine gives the same times.
///
/// # Errors
/// `unknown zone`.
pub fn named(name: &str) -> Result<TimeZone, TimeError> {
    if name.eq_ignore_ascii_case("UTC") || name.eq_ignore_ascii_case("Z") || name.eq_ignore_ascii_case("GMT")
    {
        return Ok(TimeZone::UTC);
    }
    TimeZoneDatabase::bundled().get(name).map_err(|_| {
        TimeError::new("unknown zone", format!("`{name}` is not in the IANA time zone data base"))
    })
}

/// What an abbreviation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abbreviation {
    /// Seconds east of UTC, beyond doubt.
    Fixed(i32),
    /// Seconds east of UTC as commonly meant; the letters are not a standard, so the zone counts as assumed.
    Usual(i32),
    /// Means several zones, or the device's own: says nothing.
    Ambiguous,
}

/// `None` when the letters are not a zone.
pub fn abbreviation(letters: &str) -> Option<Abbreviation> {
    use Abbreviation::{Ambiguous, Fixed, Usual};
    let hours = |h: i32| Usual(h * 3600);
    Some(match letters {
        "Z" | "z" | "UTC" | "utc" | "GMT" | "gmt" | "UT" | "Zulu" => Fixed(0),
        // RFC 5322 section 4.3 fixes these.
        "EST" => hours(-5),
        "EDT" => hours(-4),
        "CST" => hours(-6),
        "CDT" => hours(-5),
        "MST" => hours(-7),
        "MDT" => hours(-6),
        "PST" => hours(-8),
        "PDT" => hours(-7),
        "AKST" => hours(-9),
        "AKDT" => hours(-8),
        "HST" => hours(-10),
        "NST" => Usual(-12_600),
        "NDT" => Usual(-9_000),
        "BRT" => hours(-3),
        "WET" => hours(0),
        "WEST" | "CET" | "MEZ" => hours(1),
        "CEST" | "MESZ" | "EET" | "SAST" => hours(2),
        "EEST" | "MSK" => hours(3),
        "PKT" => hours(5),
        "SGT" | "AWST" | "HKT" => hours(8),
        "JST" | "KST" => hours(9),
        "ACST" => Usual(34_200),
        "ACDT" => Usual(37_800),
        "AEST" => hours(10),
        "AEDT" => hours(11),
        "NZST" => hours(12),
        "NZDT" => hours(13),
        // India, Israel, Ireland; British and Bangladesh; Atlantic and Arabia; "daylight saving" of wherever.
        "IST" | "BST" | "AST" | "ADT" | "DST" => Ambiguous,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_come_from_the_data_base_within() {
        assert!(named("Europe/Berlin").is_ok());
        assert!(named("america/new_york").is_ok());
        assert_eq!(named("Mars/Olympus").unwrap_err().reason, "unknown zone");
    }
}
