//! The proleptic Gregorian calendar. Days are counted as Python's `toordinal` does: 1 is 0001-01-01.

pub(super) const MAX_YEAR: i64 = 9999;
/// 9999-12-31
pub(super) const MAX_ORDINAL: i64 = 3_652_059;
/// 1970-01-01
pub(super) const UNIX_ORDINAL: i64 = 719_163;

const DAYS_BEFORE_MONTH: [i64; 13] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

pub(super) const DAY_NAMES: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
pub(super) const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_before_month(year: i64, month: i64) -> i64 {
    let days = DAYS_BEFORE_MONTH.get(month as usize).copied().unwrap_or(0);
    days + i64::from(month > 2 && is_leap(year))
}

fn days_before_year(year: i64) -> i64 {
    let y = year - 1;
    y * 365 + y / 4 - y / 100 + y / 400
}

pub(super) fn to_ordinal(year: i64, month: i64, day: i64) -> i64 {
    days_before_year(year) + days_before_month(year, month) + day
}

/// Year, month and day.
pub(super) fn from_ordinal(ordinal: i64) -> (i64, i64, i64) {
    // A first guess that is never too late, and at most one year early.
    let mut year = (ordinal - 1) * 400 / 146_097 + 1;
    while year > 1 && days_before_year(year) >= ordinal {
        year -= 1;
    }
    while days_before_year(year + 1) < ordinal {
        year += 1;
    }
    let day_of_year = ordinal - days_before_year(year);
    let mut month = 12;
    while month > 1 && days_before_month(year, month) >= day_of_year {
        month -= 1;
    }
    (year, month, day_of_year - days_before_month(year, month))
}

/// 0 is Monday.
pub(super) fn weekday(ordinal: i64) -> i64 {
    (ordinal + 6) % 7
}

pub(super) fn day_of_year(year: i64, month: i64, day: i64) -> i64 {
    days_before_month(year, month) + day
}

/// The ordinal of the Monday that starts a year's first ISO week.
pub(super) fn iso_week1_monday(year: i64) -> i64 {
    let first = to_ordinal(year, 1, 1);
    let weekday = weekday(first);
    let monday = first - weekday;
    if weekday > 3 { monday + 7 } else { monday }
}

/// ISO year, week and weekday (1 is Monday).
pub(super) fn iso(ordinal: i64) -> (i64, i64, i64) {
    let (mut year, ..) = from_ordinal(ordinal);
    let mut monday = iso_week1_monday(year);
    if ordinal < monday {
        year -= 1;
        monday = iso_week1_monday(year);
    } else if ordinal >= iso_week1_monday(year + 1) {
        year += 1;
        monday = iso_week1_monday(year);
    }
    (year, (ordinal - monday) / 7 + 1, (ordinal - monday) % 7 + 1)
}
