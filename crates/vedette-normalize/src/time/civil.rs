//! Dates of the proleptic Gregorian calendar and seconds since 1970, by arithmetic alone.

/// Days from 1970-01-01 to the date; month and day must be in range.
pub fn days(year: i32, month: u32, day: u32) -> i64 {
    // Years begin in March here, so that the leap day is the last one (Hinnant, "chrono-compatible low-level date
    // algorithms").
    let y = i64::from(year) - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let shifted = i64::from((month + 9) % 12);
    let day_of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year of a day counted from 1970-01-01.
pub fn year_of_day(day: i64) -> i32 {
    // Early by a year, or by two where the leap days fall unevenly.
    let mut year = 1969 + (day * 400).div_euclid(146_097) as i32;
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    year
}

pub fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Month and day of an ISO 8601 week date; `None` when the week or the weekday does not exist in that year.
pub fn of_week(year: i32, week: u32, weekday: u32) -> Option<(i32, u32, u32)> {
    if !(1..=53).contains(&week) || !(1..=7).contains(&weekday) {
        return None;
    }
    // 4 January is always in week 1; 1970-01-01 was a Thursday.
    let fourth = days(year, 1, 4);
    let monday = fourth - (fourth + 3).rem_euclid(7);
    let day = monday + i64::from(week - 1) * 7 + i64::from(weekday - 1);
    if week == 53 && days(year + 1, 1, 4) - (days(year + 1, 1, 4) + 3).rem_euclid(7) <= day {
        return None;
    }
    let y = year_of_day(day);
    let mut rest = (day - days(y, 1, 1)) as u32;
    let mut month = 1;
    while rest >= days_in_month(y, month) {
        rest -= days_in_month(y, month);
        month += 1;
    }
    Some((y, month, rest + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_years_agree_over_the_whole_range() {
        let mut day = days(1900, 1, 1);
        for year in 1900..=2300 {
            for month in 1..=12 {
                for d in 1..=days_in_month(year, month) {
                    assert_eq!(days(year, month, d), day);
                    assert_eq!(year_of_day(day), year);
                    day += 1;
                }
            }
        }
        assert_eq!(days(1970, 1, 1), 0);
    }

    #[test]
    fn week_dates() {
        assert_eq!(of_week(2026, 11, 6), Some((2026, 3, 14)));
        assert_eq!(of_week(2026, 1, 1), Some((2025, 12, 29)));
        assert_eq!(of_week(2026, 53, 7), Some((2027, 1, 3)));
        assert_eq!(of_week(2025, 53, 1), None);
        assert_eq!(of_week(2025, 0, 1), None);
    }
}
