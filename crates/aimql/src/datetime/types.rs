//! Dates, times of day, and points in time.

use super::calendar;
use crate::fault::{Res, overflow, value_error};

const DAY: i64 = 86_400_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    pub(super) ordinal: i32,
}

/// A time of day; its offset from UTC is known only to a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time {
    /// Microseconds since midnight.
    pub(super) micros: i64,
}

/// A point in time: microseconds since 0001-01-01, and seconds east of UTC if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateTime {
    pub(super) micros: i64,
    pub(super) offset: Option<i32>,
}

impl Date {
    /// Its beginning: microseconds since 0001-01-01.
    pub(crate) fn micros(self) -> i64 {
        (i64::from(self.ordinal) - 1) * DAY
    }

    pub(super) fn new(year: i64, month: i64, day: i64) -> Res<Date> {
        if !(1..=calendar::MAX_YEAR).contains(&year) {
            return value_error(format!("year {year} is out of range"));
        }
        if !(1..=12).contains(&month) {
            return value_error("month must be in 1..12");
        }
        if !(1..=calendar::days_in_month(year, month)).contains(&day) {
            return value_error("day is out of range for month");
        }
        Ok(Date {
            ordinal: calendar::to_ordinal(year, month, day) as i32,
        })
    }

    pub(super) fn from_ordinal(ordinal: i64) -> Res<Date> {
        if !(1..=calendar::MAX_ORDINAL).contains(&ordinal) {
            return overflow("date value out of range");
        }
        Ok(Date {
            ordinal: ordinal as i32,
        })
    }

    pub(super) fn parts(self) -> (i64, i64, i64) {
        calendar::from_ordinal(i64::from(self.ordinal))
    }

    pub(crate) fn isoformat(self) -> String {
        let (year, month, day) = self.parts();
        format!("{year:04}-{month:02}-{day:02}")
    }

    pub(crate) fn repr(self) -> String {
        let (year, month, day) = self.parts();
        format!("datetime.date({year}, {month}, {day})")
    }
}

impl Time {
    pub(super) fn new(hour: i64, minute: i64, second: i64, micro: i64) -> Res<Time> {
        if !(0..24).contains(&hour) {
            return value_error("hour must be in 0..23");
        }
        if !(0..60).contains(&minute) {
            return value_error("minute must be in 0..59");
        }
        if !(0..60).contains(&second) {
            return value_error("second must be in 0..59");
        }
        if !(0..1_000_000).contains(&micro) {
            return value_error("microsecond must be in 0..999999");
        }
        Ok(Time {
            micros: ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro,
        })
    }

    /// Hour, minute, second and microsecond.
    pub(super) fn parts(self) -> (i64, i64, i64, i64) {
        let seconds = self.micros / 1_000_000;
        (
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            self.micros % 1_000_000,
        )
    }

    pub(crate) fn isoformat(self) -> String {
        self.format("auto").unwrap_or_default()
    }

    pub(super) fn format(self, timespec: &str) -> Res<String> {
        let (hour, minute, second, micro) = self.parts();
        Ok(match timespec {
            "auto" if micro == 0 => format!("{hour:02}:{minute:02}:{second:02}"),
            "auto" | "microseconds" => {
                format!("{hour:02}:{minute:02}:{second:02}.{micro:06}")
            }
            "milliseconds" => {
                format!("{hour:02}:{minute:02}:{second:02}.{:03}", micro / 1000)
            }
            "seconds" => format!("{hour:02}:{minute:02}:{second:02}"),
            "minutes" => format!("{hour:02}:{minute:02}"),
            "hours" => format!("{hour:02}"),
            _ => return value_error("Unknown timespec value"),
        })
    }

    pub(crate) fn repr(self) -> String {
        format!("datetime.time({})", self.repr_parts())
    }

    fn repr_parts(self) -> String {
        let (hour, minute, second, micro) = self.parts();
        match (second, micro) {
            (0, 0) => format!("{hour}, {minute}"),
            (_, 0) => format!("{hour}, {minute}, {second}"),
            _ => format!("{hour}, {minute}, {second}, {micro}"),
        }
    }
}

impl DateTime {
    pub(super) fn new(date: Date, time: Time, offset: Option<i32>) -> DateTime {
        DateTime {
            micros: (i64::from(date.ordinal) - 1) * DAY + time.micros,
            offset,
        }
    }

    /// From microseconds since 0001-01-01.
    pub(super) fn from_micros(micros: i128, offset: Option<i32>) -> Res<DateTime> {
        let end = i128::from(calendar::MAX_ORDINAL) * i128::from(DAY);
        if !(0..end).contains(&micros) {
            return overflow("date value out of range");
        }
        Ok(DateTime {
            micros: micros as i64,
            offset,
        })
    }

    /// The naive UTC time of microseconds since 1970.
    pub(crate) fn from_unix_micros(micros: i64) -> Res<DateTime> {
        DateTime::from_micros(i128::from(micros) + i128::from(Self::epoch()), None)
    }

    /// Microseconds since 1970, of a naive time in UTC.
    pub(crate) fn unix_micros(self) -> Option<i64> {
        self.offset.is_none().then(|| self.micros - Self::epoch())
    }

    /// 1970 in microseconds since 0001-01-01.
    pub(super) fn epoch() -> i64 {
        (calendar::UNIX_ORDINAL - 1) * DAY
    }

    pub(super) fn date(self) -> Date {
        Date {
            ordinal: (self.micros / DAY + 1) as i32,
        }
    }

    pub(super) fn time(self) -> Time {
        Time {
            micros: self.micros % DAY,
        }
    }

    pub(crate) fn is_aware(self) -> bool {
        self.offset.is_some()
    }

    /// What naive times are compared by among themselves, and aware ones among themselves.
    pub(crate) fn utc_micros(self) -> i64 {
        self.micros - i64::from(self.offset.unwrap_or(0)) * 1_000_000
    }

    /// Equal for equal points in time.
    pub(crate) fn hash_key(self) -> (bool, i64) {
        (self.is_aware(), self.utc_micros())
    }

    pub(crate) fn isoformat(self, separator: char) -> String {
        self.format(separator, "auto").unwrap_or_default()
    }

    pub(super) fn format(self, separator: char, timespec: &str) -> Res<String> {
        let mut out = self.date().isoformat();
        out.push(separator);
        out.push_str(&self.time().format(timespec)?);
        if let Some(offset) = self.offset {
            out.push_str(&offset_text(offset, ":"));
        }
        Ok(out)
    }

    pub(crate) fn repr(self) -> String {
        let (year, month, day) = self.date().parts();
        let time = self.time().repr_parts();
        let zone = match self.offset {
            None => String::new(),
            Some(0) => ", tzinfo=datetime.timezone.utc".to_owned(),
            Some(offset) => {
                let delta = super::Delta::from_seconds(offset).repr();
                format!(", tzinfo=datetime.timezone({delta})")
            }
        };
        format!("datetime.datetime({year}, {month}, {day}, {time}{zone})")
    }
}

/// `+01:00`
pub(super) fn offset_text(offset: i32, colon: &str) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let seconds = offset.unsigned_abs();
    let mut out = format!("{sign}{:02}{colon}{:02}", seconds / 3600, seconds / 60 % 60);
    if !seconds.is_multiple_of(60) {
        out.push_str(&format!("{colon}{:02}", seconds % 60));
    }
    out
}

/// `UTC+01:00`
pub(crate) fn zone_name(offset: i32) -> String {
    if offset == 0 {
        "UTC".to_owned()
    } else {
        format!("UTC{}", offset_text(offset, ":"))
    }
}
