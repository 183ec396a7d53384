//! Points in time, and how sure we are of them.

use std::fmt;

/// Nanoseconds since 1970-01-01T00:00:00Z. Reaches from 1677 to 2262; what lies outside is a problem, not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub fn from_millis(ms: i64) -> Option<Self> {
        ms.checked_mul(1_000_000).map(Self)
    }

    pub fn from_micros(us: i64) -> Option<Self> {
        us.checked_mul(1_000).map(Self)
    }

    pub fn from_secs(s: i64) -> Option<Self> {
        s.checked_mul(1_000_000_000).map(Self)
    }

    /// OCSF `time`: milliseconds since the epoch, rounded down.
    pub fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(t: jiff::Timestamp) -> Self {
        Self(t.as_nanosecond().clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }
}

/// RFC 3339 in UTC with as many fractional digits as are not zero, in groups of three.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.to_jiff();
        let ns = self.0.rem_euclid(1_000_000_000);
        let digits = match ns {
            0 => 0,
            n if n % 1_000_000 == 0 => 3,
            n if n % 1_000 == 0 => 6,
            _ => 9,
        };
        write!(f, "{t:.digits$}")
    }
}

/// Whether the record itself fixed its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum TimeBasis {
    /// The record states date and zone.
    #[default]
    Stated,
    /// The zone was assumed.
    ZoneAssumed,
    /// The year was assumed.
    YearAssumed,
    /// Year and zone were assumed.
    YearAndZoneAssumed,
}

impl TimeBasis {
    /// From the surest to the weakest.
    pub const ALL: [TimeBasis; 4] =
        [Self::Stated, Self::ZoneAssumed, Self::YearAssumed, Self::YearAndZoneAssumed];

    pub fn name(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::ZoneAssumed => "zone assumed",
            Self::YearAssumed => "year assumed",
            Self::YearAndZoneAssumed => "year and zone assumed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_utc_with_the_digits_it_has() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp(1_500_000).to_string(), "1970-01-01T00:00:00.001500Z");
        assert_eq!(Timestamp(-1_000_000).to_string(), "1969-12-31T23:59:59.999Z");
    }
}
