//! `fromisoformat`.

use super::make::from_iso_calendar;
use super::types::{Date, DateTime, Time};
use crate::fault::{Res, value_error};

/// Reads ASCII text from left to right.
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    /// A number of at least `min` and at most `max` digits.
    fn number(&mut self, min: usize, max: usize) -> Option<i64> {
        let digits = self
            .rest
            .bytes()
            .take(max)
            .take_while(u8::is_ascii_digit)
            .count();
        if digits < min {
            return None;
        }
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        number.parse().ok()
    }

    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Digits after a decimal point, in microseconds.
    fn fraction(&mut self, max: usize) -> Option<i64> {
        let digits = self
            .rest
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count()
            .min(max);
        if digits == 0 {
            return None;
        }
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        format!("{:0<6.6}", number).parse().ok()
    }
}

pub(super) fn iso(text: &str) -> Res<DateTime> {
    match parse_iso(text) {
        Some(parts) => parts,
        None => value_error(format!("Invalid isoformat string: '{text}'")),
    }
}

fn parse_iso(text: &str) -> Option<Res<DateTime>> {
    let split = iso_date_len(text)?;
    let (date, rest) = (text.get(..split)?, text.get(split..)?);
    let date = match iso_date(date)? {
        Ok(date) => date,
        Err(fault) => return Some(Err(fault)),
    };
    let mut chars = rest.chars();
    if chars.next().is_none() {
        return Some(Ok(DateTime::new(date, Time { micros: 0 }, None)));
    }
    let clock = chars.as_str();
    let (clock, zone) = match clock.find(['+', '-', 'Z']) {
        Some(at) => (&clock[..at], Some(&clock[at..])),
        None => (clock, None),
    };
    let (hour, minute, second, micro) = iso_clock(clock)?;
    let offset = match zone {
        None => None,
        Some("Z") => Some(0),
        Some(zone) => {
            let (hours, minutes, seconds, micros) = iso_clock(&zone[1..])?;
            if micros != 0 {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60 + seconds;
            if hours > 23 || minutes > 59 {
                return None;
            }
            Some(
                (if zone.starts_with('-') {
                    -seconds
                } else {
                    seconds
                }) as i32,
            )
        }
    };
    Some(Time::new(hour, minute, second, micro).map(|time| DateTime::new(date, time, offset)))
}

/// Where the date ends and the separator stands.
fn iso_date_len(text: &str) -> Option<usize> {
    if text.len() < 7 {
        return None;
    }
    if text.len() == 7 {
        return Some(7);
    }
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    if bytes[4] == b'-' {
        if bytes[5] == b'W' {
            // 2020-W05 or 2020-W05-1
            return Some(if bytes.get(8) == Some(&b'-') { 10 } else { 8 });
        }
        return Some(10);
    }
    if bytes[4] == b'W' {
        // 2020W05 or 2020W051: a digit run tells which.
        let mut end = 7;
        while digit(end) {
            end += 1;
        }
        if end < 9 {
            return Some(end);
        }
        return Some(if end % 2 == 0 { 7 } else { 8 });
    }
    Some(8)
}

fn iso_date(text: &str) -> Option<Res<Date>> {
    let mut reader = Reader { rest: text };
    let year = reader.number(4, 4)?;
    let dashed = reader.eat("-");
    if reader.eat("W") {
        let week = reader.number(2, 2)?;
        let day = if reader.rest.is_empty() {
            1
        } else {
            if dashed != reader.eat("-") {
                return None;
            }
            reader.number(1, 1)?
        };
        return reader
            .rest
            .is_empty()
            .then(|| from_iso_calendar(year, week, day));
    }
    let month = reader.number(2, 2)?;
    if dashed != reader.eat("-") {
        return None;
    }
    let day = reader.number(2, 2)?;
    reader.rest.is_empty().then(|| Date::new(year, month, day))
}

/// Hour, minute, second and microsecond, of which all but the hour may be left out.
fn iso_clock(text: &str) -> Option<(i64, i64, i64, i64)> {
    let mut reader = Reader { rest: text };
    let mut parts = [reader.number(2, 2)?, 0, 0];
    let colons = reader.rest.starts_with(':');
    let is_fraction = |reader: &Reader<'_>| reader.rest.starts_with(['.', ',']);
    for part in &mut parts[1..] {
        if reader.rest.is_empty() || is_fraction(&reader) {
            break;
        }
        if colons != reader.eat(":") {
            return None;
        }
        *part = reader.number(2, 2)?;
    }
    let mut micro = 0;
    if reader.eat(".") || reader.eat(",") {
        micro = reader.fraction(6)?;
        reader.rest = reader.rest.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let [hour, minute, second] = parts;
    reader
        .rest
        .is_empty()
        .then_some((hour, minute, second, micro))
}
