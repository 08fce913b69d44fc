//! Attributes and methods of times and durations.

use super::calendar;
use super::types::{Date, DateTime, Time, zone_name};
use crate::call::Args;
use crate::fault::{Res, no_attribute, type_error, value_error};
use crate::machine::Machine;
use crate::value::Value;

impl<'a> Machine<'a> {
    pub(crate) fn time_attribute(&self, of: Value<'a>, name: &str) -> Res<Option<Value<'a>>> {
        let date = match of {
            Value::DateTime(at) => Some(at.date()),
            Value::Date(date) => Some(date),
            _ => None,
        };
        let time = match of {
            Value::DateTime(at) => Some(at.time()),
            Value::Time(time) => Some(time),
            _ => None,
        };
        let zone = || match of {
            Value::DateTime(DateTime {
                offset: Some(offset),
                ..
            }) => Value::Zone(offset),
            _ => Value::None,
        };
        Ok(Some(match (name, date, time, of) {
            ("year", Some(date), ..) => Value::Int(date.parts().0),
            ("month", Some(date), ..) => Value::Int(date.parts().1),
            ("day", Some(date), ..) => Value::Int(date.parts().2),
            ("hour", _, Some(time), _) => Value::Int(time.parts().0),
            ("minute", _, Some(time), _) => Value::Int(time.parts().1),
            ("second", _, Some(time), _) => Value::Int(time.parts().2),
            ("microsecond", _, Some(time), _) => Value::Int(time.parts().3),
            ("tzinfo", _, Some(_), _) => zone(),
            ("fold", _, Some(_), _) => Value::Int(0),
            ("min" | "max" | "resolution", _, _, Value::DateTime(_)) => {
                return self.type_attribute(super::super::value::Type::DateTime, name);
            }
            ("min" | "max" | "resolution", _, _, Value::Delta(_)) => {
                return self.type_attribute(super::super::value::Type::Delta, name);
            }
            ("days", _, _, Value::Delta(delta)) => Value::Int(i64::from(delta.days)),
            ("seconds", _, _, Value::Delta(delta)) => Value::Int(i64::from(delta.seconds)),
            ("microseconds", _, _, Value::Delta(delta)) => Value::Int(i64::from(delta.micros)),
            _ => return Ok(None),
        }))
    }

    pub(crate) fn time_method(
        &self,
        of: Value<'a>,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        match (of, name) {
            (Value::Delta(delta), "total_seconds") => {
                args.none(name)?;
                let micros = num_bigint::BigInt::from(delta.micros());
                let million = num_bigint::BigInt::from(1_000_000);
                let seconds = crate::float::divide_bigs(&micros, &million);
                Ok(Value::Float(seconds.unwrap_or(f64::INFINITY)))
            }
            (Value::DateTime(at), _) => match self.datetime_method(at, name, args)? {
                Some(value) => Ok(value),
                None => self.date_method(of, at.date(), name, args),
            },
            (Value::Date(date), _) => self.date_method(of, date, name, args),
            (Value::Time(time), _) => self.clock_method(of, time, name, args),
            _ => no_attribute(of.type_name(), name),
        }
    }

    fn datetime_method(
        &self,
        at: DateTime,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Option<Value<'a>>> {
        if super::super::methods::is_class_method(super::super::value::Type::DateTime, name) {
            return self.datetime_function(name, args).map(Some);
        }
        Ok(Some(match name {
            "date" => args.none(name).map(|()| Value::Date(at.date()))?,
            "time" => args.none(name).map(|()| Value::Time(at.time()))?,
            "timestamp" => {
                args.none(name)?;
                // Python looks at the days around a naive time, to find its offset.
                if !at.is_aware() && i128::from(at.micros) < super::delta::DAY {
                    return value_error("year 0 is out of range");
                }
                let micros = at.utc_micros() - DateTime::epoch();
                let micros = num_bigint::BigInt::from(micros);
                let million = num_bigint::BigInt::from(1_000_000);
                let seconds = crate::float::divide_bigs(&micros, &million);
                Value::Float(seconds.unwrap_or(0.0))
            }
            "isoformat" => {
                let [separator, timespec] = args.bind(name, ["sep", "timespec"], 0, 0, 2)?;
                let separator = match separator {
                    None => 'T',
                    Some(Value::Str(text)) if self.count_chars(text)? == 1 => {
                        text.chars().next().unwrap_or('T')
                    }
                    _ => {
                        return type_error("isoformat() argument 1 must be a unicode character");
                    }
                };
                let timespec = self.timespec(timespec)?;
                self.string(at.format(separator, timespec)?)?
            }
            "replace" => self.replace_datetime(at, args)?,
            "astimezone" => {
                let [zone] = args.bind(name, ["tz"], 0, 0, 1)?;
                let offset = self.zone_arg(zone)?.unwrap_or(0);
                let micros = i128::from(at.utc_micros()) + i128::from(offset) * 1_000_000;
                Value::DateTime(DateTime::from_micros(micros, Some(offset))?)
            }
            "utcoffset" => {
                args.none(name)?;
                match at.offset {
                    None => Value::None,
                    Some(offset) => Value::Delta(super::Delta::from_seconds(offset)),
                }
            }
            "dst" => args.none(name).map(|()| Value::None)?,
            "tzname" => {
                args.none(name)?;
                match at.offset {
                    None => Value::None,
                    Some(offset) => self.string(zone_name(offset))?,
                }
            }
            _ => return Ok(None),
        }))
    }

    fn replace_datetime(&self, at: DateTime, args: Args<'a, '_>) -> Res<Value<'a>> {
        let given = args.bind(
            "replace",
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
            0,
            0,
            8,
        )?;
        let (year, month, day) = at.date().parts();
        let (hour, minute, second, micro) = at.time().parts();
        let mut parts = [year, month, day, hour, minute, second, micro];
        for (part, value) in parts.iter_mut().zip(given) {
            if let Some(value) = value {
                *part = self.date_part(value)?;
            }
        }
        let offset = match given[7] {
            None => at.offset,
            zone => self.zone_arg(zone)?,
        };
        let [year, month, day, hour, minute, second, micro] = parts;
        let time = Time::new(hour, minute, second, micro);
        let date = Date::new(year, month, day)?;
        Ok(Value::DateTime(DateTime::new(date, time?, offset)))
    }

    fn date_method(
        &self,
        of: Value<'a>,
        date: Date,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        let ordinal = i64::from(date.ordinal);
        match name {
            "strftime" => {
                let [format] = args.bind(name, ["format"], 1, 0, 1)?;
                let format = self.str_arg(format.unwrap_or(Value::None), name)?;
                self.string(self.strftime(of, format)?)
            }
            "weekday" => args
                .none(name)
                .map(|()| Value::Int(calendar::weekday(ordinal))),
            "isoweekday" => args
                .none(name)
                .map(|()| Value::Int(calendar::weekday(ordinal) + 1)),
            "toordinal" => args.none(name).map(|()| Value::Int(ordinal)),
            "isocalendar" => {
                args.none(name)?;
                let (year, week, day) = calendar::iso(ordinal);
                self.tuple([Value::Int(year), Value::Int(week), Value::Int(day)])
            }
            "isoformat" => {
                args.none(name)?;
                self.string(date.isoformat())
            }
            "ctime" => {
                args.none(name)?;
                let time = if let Value::DateTime(at) = of {
                    at.time()
                } else {
                    Time { micros: 0 }
                };
                let (year, month, day) = date.parts();
                let weekday = calendar::DAY_NAMES[calendar::weekday(ordinal) as usize];
                let month = calendar::MONTH_NAMES[month as usize - 1];
                let (hour, minute, second, _) = time.parts();
                self.string(format!(
                    "{} {} {day:2} {hour:02}:{minute:02}:{second:02} {year:04}",
                    &weekday[..3],
                    &month[..3]
                ))
            }
            "replace" => {
                let given = args.bind(name, ["year", "month", "day"], 0, 0, 3)?;
                let (year, month, day) = date.parts();
                let mut parts = [year, month, day];
                for (part, value) in parts.iter_mut().zip(given) {
                    if let Some(value) = value {
                        *part = self.date_part(value)?;
                    }
                }
                Date::new(parts[0], parts[1], parts[2]).map(Value::Date)
            }
            _ => no_attribute(of.type_name(), name),
        }
    }

    fn clock_method(
        &self,
        of: Value<'a>,
        time: Time,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        match name {
            "isoformat" => {
                let [timespec] = args.bind(name, ["timespec"], 0, 0, 1)?;
                self.string(time.format(self.timespec(timespec)?)?)
            }
            "strftime" => {
                let [format] = args.bind(name, ["format"], 1, 0, 1)?;
                let format = self.str_arg(format.unwrap_or(Value::None), name)?;
                self.string(self.strftime(of, format)?)
            }
            "replace" => {
                let given =
                    args.bind(name, ["hour", "minute", "second", "microsecond"], 0, 0, 4)?;
                let (hour, minute, second, micro) = time.parts();
                let mut parts = [hour, minute, second, micro];
                for (part, value) in parts.iter_mut().zip(given) {
                    if let Some(value) = value {
                        *part = self.date_part(value)?;
                    }
                }
                Time::new(parts[0], parts[1], parts[2], parts[3]).map(Value::Time)
            }
            "utcoffset" | "dst" | "tzname" => args.none(name).map(|()| Value::None),
            _ => no_attribute(of.type_name(), name),
        }
    }

    fn timespec(&self, timespec: Option<Value<'a>>) -> Res<&'a str> {
        match timespec {
            None => Ok("auto"),
            Some(Value::Str(text)) => Ok(text),
            Some(_) => value_error("Unknown timespec value"),
        }
    }
}
