//! The making of times and durations, and the functions of their types.

use std::time::{SystemTime, UNIX_EPOCH};

use num_bigint::BigInt;
use num_traits::Zero;

use super::operators::{divide_even, ratio};
use super::types::{Date, DateTime, Time};
use super::{Delta, calendar};
use crate::arith::Number;
use crate::call::Args;
use crate::fault::{Kind, Res, overflow, raise, type_error, value_error};
use crate::machine::Machine;
use crate::value::{Type, Value};

/// The arguments of `timedelta`, and what they are worth in microseconds.
const UNITS: [(&str, i64); 7] = [
    ("days", 86_400_000_000),
    ("seconds", 1_000_000),
    ("microseconds", 1),
    ("milliseconds", 1000),
    ("minutes", 60_000_000),
    ("hours", 3_600_000_000),
    ("weeks", 604_800_000_000),
];

impl<'a> Machine<'a> {
    pub(crate) fn make_datetime(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
        let given = args.bind(
            "datetime",
            [
                "year",
                "month",
                "day",
                "hour",
                "minute",
                "second",
                "microsecond",
                "tzinfo",
                "fold",
            ],
            3,
            0,
            8,
        )?;
        let mut parts = [0; 7];
        for (part, value) in parts.iter_mut().zip(given) {
            *part = match value {
                None => 0,
                Some(value) => self.date_part(value)?,
            };
        }
        let [year, month, day, hour, minute, second, micro] = parts;
        let offset = self.zone_arg(given[7])?;
        if let Some(fold) = given[8]
            && !matches!(fold, Value::Int(0 | 1) | Value::Bool(_))
        {
            return value_error("fold must be either 0 or 1");
        }
        let time = Time::new(hour, minute, second, micro);
        let date = Date::new(year, month, day)?;
        Ok(Value::DateTime(DateTime::new(date, time?, offset)))
    }

    pub(super) fn date_part(&self, value: Value<'a>) -> Res<i64> {
        let part = self.index_arg(value)?;
        if i32::try_from(part).is_err() {
            return overflow("Python int too large to convert to C int");
        }
        Ok(part)
    }

    pub(super) fn zone_arg(&self, value: Option<Value<'a>>) -> Res<Option<i32>> {
        match value {
            None | Some(Value::None) => Ok(None),
            Some(Value::Zone(offset)) => Ok(Some(offset)),
            Some(other) => {
                let name = other.type_name();
                type_error(format!(
                    "tzinfo argument must be None or of a tzinfo subclass, not type '{name}'"
                ))
            }
        }
    }

    pub(crate) fn make_delta(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
        let given = args.bind("timedelta", UNITS.map(|(name, _)| name), 0, 0, 7)?;
        let mut micros = BigInt::zero();
        // Fractions are summed as a float, and rounded once.
        let mut leftover = 0.0;
        for (value, (name, unit)) in given.into_iter().zip(UNITS) {
            let Some(value) = value else { continue };
            match Number::of(value) {
                Some(Number::Float(f)) => {
                    let whole = f.trunc();
                    let (numerator, denominator) = ratio(whole)?;
                    micros += numerator / denominator * unit;
                    let part = (f - whole) * unit as f64;
                    micros += BigInt::from(part.trunc() as i64);
                    leftover += part.fract();
                }
                Some(number) => match self.to_big(number)? {
                    Some(whole) => micros += whole * unit,
                    None => return type_error("unsupported type for timedelta: complex"),
                },
                None => {
                    let ty = value.type_name();
                    return type_error(format!(
                        "unsupported type for timedelta {name} component: {ty}"
                    ));
                }
            }
        }
        if leftover != 0.0 {
            // Ties go to the even total.
            let mut whole = leftover.round();
            if (whole - leftover).abs() == 0.5 {
                let odd = num_integer::Integer::is_odd(&micros);
                let half = (leftover + f64::from(u8::from(odd))) * 0.5;
                whole = 2.0 * half.round() - f64::from(u8::from(odd));
            }
            micros += BigInt::from(whole as i64);
        }
        Delta::from_big(&micros).map(Value::Delta)
    }

    /// A function that belongs to a type; None if the name is one of a method.
    pub(crate) fn class_method(
        &self,
        ty: Type,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Option<Value<'a>>> {
        if !super::super::methods::is_class_method(ty, name) {
            return Ok(None);
        }
        match ty {
            Type::Str => self.make_trans(args),
            Type::Int => self.int_from_bytes(args),
            Type::Bytes => self.bytes_from_hex(args),
            Type::Float => self.float_from_hex(args),
            _ => self.datetime_function(name, args),
        }
        .map(Some)
    }

    pub(super) fn datetime_function(&self, name: &str, args: Args<'a, '_>) -> Res<Value<'a>> {
        match name {
            "now" | "utcnow" | "today" => {
                let [zone] = args.bind(name, ["tz"], 0, 0, usize::from(name == "now"))?;
                let now = DateTime::from_unix_micros(unix_micros())?;
                let offset = self.zone_arg(zone)?;
                self.in_zone(now, offset)
            }
            "fromtimestamp" | "utcfromtimestamp" => {
                let [timestamp, zone] = args.bind(name, ["timestamp", "tz"], 1, 0, 2)?;
                let at = self.timestamp_arg(timestamp.unwrap_or(Value::None))?;
                let offset = self.zone_arg(zone)?;
                self.in_zone(at, offset)
            }
            "fromisoformat" => match args.one(name)? {
                Value::Str(text) => {
                    self.meter.handle(text.len())?;
                    super::parse::iso(text).map(Value::DateTime)
                }
                _ => type_error("fromisoformat: argument must be str"),
            },
            // Python imports a module for it, and nothing can be imported.
            "strptime" => {
                args.take(name, 2, 2)?;
                raise(Kind::Import, "datetime.strptime() is not available")
            }
            "fromordinal" => {
                let date = self.ordinal_arg(args.one(name)?)?;
                Ok(Value::DateTime(DateTime::new(
                    date,
                    Time { micros: 0 },
                    None,
                )))
            }
            "fromisocalendar" => {
                let [year, week, day] = args.bind(name, ["year", "week", "day"], 3, 0, 3)?;
                let part = |v: Option<Value<'a>>| self.date_part(v.unwrap_or(Value::None));
                let date = from_iso_calendar(part(year)?, part(week)?, part(day)?)?;
                Ok(Value::DateTime(DateTime::new(
                    date,
                    Time { micros: 0 },
                    None,
                )))
            }
            _ => {
                let [date, time, zone] =
                    args.bind("combine", ["date", "time", "tzinfo"], 2, 0, 3)?;
                let date = match date {
                    Some(Value::Date(date)) => date,
                    Some(Value::DateTime(at)) => at.date(),
                    _ => return type_error("combine() argument 1 must be datetime.date"),
                };
                let Some(Value::Time(time)) = time else {
                    return type_error("combine() argument 2 must be datetime.time");
                };
                Ok(Value::DateTime(DateTime::new(
                    date,
                    time,
                    self.zone_arg(zone)?,
                )))
            }
        }
    }

    fn ordinal_arg(&self, value: Value<'a>) -> Res<Date> {
        let ordinal = self.date_part(value)?;
        if ordinal < 1 {
            return value_error("ordinal must be >= 1");
        }
        if ordinal > calendar::MAX_ORDINAL {
            return value_error("year 10000 is out of range");
        }
        Date::from_ordinal(ordinal)
    }

    fn in_zone(&self, utc: DateTime, offset: Option<i32>) -> Res<Value<'a>> {
        let Some(offset) = offset else {
            return Ok(Value::DateTime(utc));
        };
        let micros = i128::from(utc.micros) + i128::from(offset) * 1_000_000;
        DateTime::from_micros(micros, Some(offset)).map(Value::DateTime)
    }

    fn timestamp_arg(&self, timestamp: Value<'a>) -> Res<DateTime> {
        let micros = match Number::of(timestamp) {
            Some(Number::Float(f)) => {
                if f.is_nan() {
                    return value_error("cannot convert float NaN to integer");
                }
                let (numerator, denominator) = ratio(f)?;
                divide_even(&(numerator * 1_000_000), &denominator)
            }
            Some(number) => match self.to_big(number)? {
                Some(seconds) => seconds * 1_000_000,
                None => return type_error("an integer is required"),
            },
            None => {
                let name = timestamp.type_name();
                return type_error(format!(
                    "'{name}' object cannot be interpreted as an integer"
                ));
            }
        };
        let first_year = -62_135_596_800_000_000_i128;
        let micros = match i128::try_from(&micros) {
            Ok(micros) if micros.unsigned_abs() / 1_000_000 < 1 << 63 => micros,
            _ => return overflow("timestamp out of range for platform time_t"),
        };
        if micros.unsigned_abs() > 1 << 62 || micros < first_year {
            return value_error("year is out of range");
        }
        match DateTime::from_unix_micros(micros as i64) {
            Ok(at) => Ok(at),
            Err(_) => value_error("year is out of range"),
        }
    }

    /// Attributes of the types that are values.
    pub(crate) fn type_attribute(&self, ty: Type, name: &str) -> Res<Option<Value<'a>>> {
        let last = Time {
            micros: 86_399_999_999,
        };
        Ok(Some(match (ty, name) {
            (Type::DateTime, "min") => Value::DateTime(DateTime {
                micros: 0,
                offset: None,
            }),
            (Type::DateTime, "max") => Value::DateTime(DateTime::new(
                Date {
                    ordinal: calendar::MAX_ORDINAL as i32,
                },
                last,
                None,
            )),
            (Type::DateTime | Type::Delta, "resolution") => Value::Delta(Delta::RESOLUTION),
            (Type::Delta, "min") => Value::Delta(Delta::MIN),
            (Type::Delta, "max") => Value::Delta(Delta::MAX),
            _ => return Ok(None),
        }))
    }
}

fn unix_micros() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

pub(super) fn from_iso_calendar(year: i64, week: i64, day: i64) -> Res<Date> {
    if !(1..=calendar::MAX_YEAR).contains(&year) {
        return value_error(format!("Year is out of range: {year}"));
    }
    let weeks = if calendar::iso_week1_monday(year + 1) - calendar::iso_week1_monday(year) > 364 {
        53
    } else {
        52
    };
    if !(1..=weeks).contains(&week) {
        return value_error(format!("Invalid week: {week}"));
    }
    if !(1..=7).contains(&day) {
        return value_error(format!("Invalid weekday: {day} (range is [1, 7])"));
    }
    Date::from_ordinal(calendar::iso_week1_monday(year) + (week - 1) * 7 + day - 1)
}
