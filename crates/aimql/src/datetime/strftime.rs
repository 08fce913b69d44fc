//! `strftime`, in the C locale.

use super::types::{Date, Time, offset_text, zone_name};
use super::{DateTime, calendar};
use crate::fault::{Res, value_error};
use crate::machine::Machine;
use crate::value::Value;

/// Times of day are formatted as if on this day.
const NO_DATE: i32 = 693_596;

impl<'a> Machine<'a> {
    pub(crate) fn strftime(&self, of: Value<'a>, format: &str) -> Res<String> {
        let (date, time, offset) = match of {
            Value::DateTime(DateTime { offset, .. }) => match of {
                Value::DateTime(at) => (at.date(), at.time(), offset),
                _ => return value_error("not a time"),
            },
            Value::Date(date) => (date, Time { micros: 0 }, None),
            Value::Time(time) => (Date { ordinal: NO_DATE }, time, None),
            _ => return value_error("not a time"),
        };
        self.meter.memory(format.len().saturating_mul(12))?;
        self.meter.handle(format.len())?;
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some(code) => {
                    self.meter.work(10)?;
                    push(&mut out, code, date, time, offset);
                }
                None => out.push('%'),
            }
        }
        Ok(out)
    }
}

fn push(out: &mut String, code: char, date: Date, time: Time, offset: Option<i32>) {
    let (year, month, day) = date.parts();
    let ordinal = i64::from(date.ordinal);
    let weekday = calendar::weekday(ordinal);
    let day_name = calendar::DAY_NAMES[weekday as usize];
    let month_name = calendar::MONTH_NAMES[month as usize - 1];
    let (hour, minute, second, micro) = time.parts();
    let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
    let half = if hour < 12 { "AM" } else { "PM" };
    let day_of_year = calendar::day_of_year(year, month, day);
    let (iso_year, iso_week, iso_day) = calendar::iso(ordinal);
    let week = |first_day: i64| (day_of_year + 6 - (weekday + 7 - first_day) % 7) / 7;
    out.push_str(&match code {
        'a' => day_name[..3].to_owned(),
        'A' => day_name.to_owned(),
        'b' | 'h' => month_name[..3].to_owned(),
        'B' => month_name.to_owned(),
        'c' => format!(
            "{} {} {day:2} {hour:02}:{minute:02}:{second:02} {year}",
            &day_name[..3],
            &month_name[..3]
        ),
        'C' => format!("{:02}", year / 100),
        'd' => format!("{day:02}"),
        'D' | 'x' => format!("{month:02}/{day:02}/{:02}", year % 100),
        'e' => format!("{day:2}"),
        'f' => format!("{micro:06}"),
        'F' => format!("{year}-{month:02}-{day:02}"),
        'g' => format!("{:02}", iso_year % 100),
        'G' => iso_year.to_string(),
        'H' => format!("{hour:02}"),
        'I' => format!("{hour12:02}"),
        'j' => format!("{day_of_year:03}"),
        'k' => format!("{hour:2}"),
        'l' => format!("{hour12:2}"),
        'm' => format!("{month:02}"),
        'M' => format!("{minute:02}"),
        'n' => "\n".to_owned(),
        'p' => half.to_owned(),
        'P' => half.to_lowercase(),
        'r' => format!("{hour12:02}:{minute:02}:{second:02} {half}"),
        'R' => format!("{hour:02}:{minute:02}"),
        's' => {
            // As C has it: the offset does not count.
            let at = DateTime::new(date, time, None);
            (at.utc_micros() - DateTime::epoch())
                .div_euclid(1_000_000)
                .to_string()
        }
        'S' => format!("{second:02}"),
        't' => "\t".to_owned(),
        'T' | 'X' => format!("{hour:02}:{minute:02}:{second:02}"),
        'u' => iso_day.to_string(),
        'U' => format!("{:02}", week(6)),
        'V' => format!("{iso_week:02}"),
        'w' => ((weekday + 1) % 7).to_string(),
        'W' => format!("{:02}", week(0)),
        'y' => format!("{:02}", year % 100),
        'Y' => year.to_string(),
        'z' => offset.map_or_else(String::new, |offset| offset_text(offset, "")),
        'Z' => offset.map_or_else(String::new, zone_name),
        '%' => "%".to_owned(),
        other => format!("%{other}"),
    });
}
