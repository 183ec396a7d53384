//! Points in the estate's days and the ways in which products write them. No clock is asked.

use jiff::{Timestamp, ToSpan};

use super::random::Random;

/// Monday, 2026-03-02T00:00:00Z, in microseconds since 1970: the first moment of the week.
const MONDAY_US: i64 = 1_772_409_600_000_000;

/// Whole days that the ordinary life is made for, counted from Monday: Tuesday to Thursday. What falls outside of
/// [`window`] is not written.
pub const DAYS: std::ops::RangeInclusive<i64> = 1..=3;

/// What the estate covers: the working Wednesday with the night before and the night after it.
pub fn window() -> (At, At) {
    (At(MONDAY_US + (24 + 18) * 3_600_000_000), At(MONDAY_US + (3 * 24 + 8) * 3_600_000_000))
}

/// Microseconds since 1970, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub i64);

/// `day` counts from Monday, 0. Nothing happens on the full second, so a fraction follows from the second.
pub fn at(day: i64, hour: i64, minute: i64, second: i64) -> At {
    let seconds = (day * 24 + hour) * 3600 + minute * 60 + second;
    At(MONDAY_US + seconds * 1_000_000 + seconds * 7_919 * 331 % 900_000)
}

/// Some moment between two whole hours of a day.
pub fn within(random: &mut Random, day: i64, from_hour: i64, to_hour: i64) -> At {
    At(MONDAY_US + day * 86_400_000_000 + random.between(from_hour * 3_600_000_000, to_hour * 3_600_000_000))
}

impl At {
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0 + ms * 1000)
    }

    pub fn plus_s(self, seconds: i64) -> Self {
        self.plus_ms(seconds * 1000)
    }

    fn format(self, pattern: &str) -> String {
        let stamp = Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        stamp.strftime(pattern).to_string()
    }

    /// `2026-03-02T08:00:00.123456Z`
    pub fn rfc3339_us(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S.%6fZ")
    }

    /// `2026-03-02T08:00:00.123Z`
    pub fn rfc3339_ms(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S.%3fZ")
    }

    /// `2026-03-02T08:00:00Z`
    pub fn rfc3339_s(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    /// `2026-03-02 08:00:00.123`, as Sysmon's `UtcTime`
    pub fn sysmon(self) -> String {
        self.format("%Y-%m-%d %H:%M:%S.%3f")
    }

    /// `Mar  2 08:00:00`
    pub fn syslog(self) -> String {
        self.format("%b %e %H:%M:%S")
    }

    /// `Mar 02 2026 08:00:00`
    pub fn asa(self) -> String {
        self.format("%b %d %Y %H:%M:%S")
    }

    /// `02/Mar/2026:08:00:00 +0000`
    pub fn access(self) -> String {
        self.format("%d/%b/%Y:%H:%M:%S +0000")
    }

    /// `2026-03-02T08:00:00.123456+0000`
    pub fn eve(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S.%6f+0000")
    }

    /// `1772438400.123456`
    pub fn unix_us(self) -> String {
        format!("{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }

    /// `1772438400.123`
    pub fn unix_ms(self) -> String {
        format!("{}.{:03}", self.0 / 1_000_000, self.0 % 1_000_000 / 1000)
    }

    /// `20260302T0800Z`
    pub fn file_stamp(self) -> String {
        self.format("%Y%m%dT%H%MZ")
    }

    /// `2026-03-02-08-00-00`, as in the head of a Zeek log
    pub fn zeek(self) -> String {
        self.format("%Y-%m-%d-%H-%M-%S")
    }

    /// `2026/03/02`
    pub fn folder(self) -> String {
        self.format("%Y/%m/%d")
    }

    /// One hour east of UTC without saying so, `2026-03-02 09:00:00`: a fault that the estate contains on purpose.
    pub fn local_without_zone(self) -> String {
        let stamp = Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        stamp.checked_add(1.hour()).unwrap_or(stamp).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Whole days since Monday.
    pub fn day(self) -> i64 {
        (self.0 - MONDAY_US).div_euclid(86_400_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_each_product_s_way() {
        let t = At(1_772_503_384_005_006);
        assert_eq!(t.rfc3339_us(), "2026-03-03T02:03:04.005006Z");
        assert_eq!(t.syslog(), "Mar  3 02:03:04");
        assert_eq!(t.access(), "03/Mar/2026:02:03:04 +0000");
        assert_eq!(t.unix_ms(), "1772503384.005");
        assert_eq!(t.local_without_zone(), "2026-03-03 03:03:04");
        assert_eq!(at(1, 2, 3, 4).rfc3339_s(), t.rfc3339_s());
    }
}
