//! `fromisoformat` and `strptime`.

use super::super::fault::{Res, value_error};
use super::super::unicode;
use super::calendar;
use super::make::from_iso_calendar;
use super::types::{Date, DateTime, Time};

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

    /// One of the names, whatever its case: its index. The longest that fits.
    fn name<'n>(&mut self, names: impl Iterator<Item = &'n str>) -> Option<i64> {
        let mut best: Option<(usize, usize)> = None;
        for (i, name) in names.enumerate() {
            let fits = self
                .rest
                .get(..name.len())
                .is_some_and(|s| s.eq_ignore_ascii_case(name));
            if fits && best.is_none_or(|(_, len)| name.len() > len) {
                best = Some((i, name.len()));
            }
        }
        let (i, len) = best?;
        self.rest = &self.rest[len..];
        Some(i as i64)
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
    let hour = reader.number(2, 2)?;
    let mut parts = [0, 0];
    let colons = reader.rest.starts_with(':');
    for part in &mut parts {
        if reader.rest.is_empty() {
            break;
        }
        if matches!(reader.rest.as_bytes()[0], b'.' | b',') {
            return None;
        }
        if colons != reader.eat(":") {
            return None;
        }
        *part = reader.number(2, 2)?;
        if matches!(reader.rest.as_bytes().first(), Some(b'.' | b',')) {
            break;
        }
    }
    let mut micro = 0;
    if reader.eat(".") || reader.eat(",") {
        let full_clock = text.len() - reader.rest.len() > if colons { 8 } else { 6 };
        if !full_clock {
            return None;
        }
        micro = reader.fraction(6)?;
        reader.rest = reader.rest.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    reader
        .rest
        .is_empty()
        .then_some((hour, parts[0], parts[1], micro))
}

/// What `strptime` has read so far.
struct Parsed {
    year: Option<i64>,
    month: i64,
    day: i64,
    hour: i64,
    half: Option<i64>,
    minute: i64,
    second: i64,
    micro: i64,
    day_of_year: Option<i64>,
    offset: Option<i32>,
}

pub(super) fn strptime(text: &str, format: &str) -> Res<DateTime> {
    let mut parsed = Parsed {
        year: None,
        month: 1,
        day: 1,
        hour: 0,
        half: None,
        minute: 0,
        second: 0,
        micro: 0,
        day_of_year: None,
        offset: None,
    };
    let mut reader = Reader { rest: text };
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if unicode::is_space(c) {
            // Any space matches any run of space.
            let rest = reader.rest.trim_start_matches(unicode::is_space);
            if rest.len() == reader.rest.len() {
                return mismatch(text, format);
            }
            reader.rest = rest;
            continue;
        }
        let fits = if c == '%' {
            let Some(code) = chars.next() else {
                return value_error(format!("stray % in format '{format}'"));
            };
            match expand(code) {
                Some(parts) => parts.chars().all(|part| {
                    if part.is_ascii_alphabetic() {
                        read(&mut reader, part, &mut parsed) == Some(true)
                    } else {
                        reader.eat(part.encode_utf8(&mut [0; 4]))
                    }
                }),
                None => match read(&mut reader, code, &mut parsed) {
                    Some(fits) => fits,
                    None => {
                        return value_error(format!(
                            "'{code}' is a bad directive in format '{format}'"
                        ));
                    }
                },
            }
        } else {
            let mut upper = [0; 4];
            let upper = c.to_ascii_uppercase().encode_utf8(&mut upper);
            let mut lower = [0; 4];
            let lower = c.to_ascii_lowercase().encode_utf8(&mut lower);
            reader.eat(upper) || reader.eat(lower)
        };
        if !fits {
            return mismatch(text, format);
        }
    }
    if !reader.rest.is_empty() {
        return value_error(format!("unconverted data remains: {}", reader.rest));
    }
    finish(parsed)
}

fn mismatch<T>(text: &str, format: &str) -> Res<T> {
    value_error(format!(
        "time data '{text}' does not match format '{format}'"
    ))
}

/// Codes that stand for several others.
fn expand(code: char) -> Option<&'static str> {
    Some(match code {
        'T' | 'X' => "H:M:S",
        'R' => "H:M",
        'D' | 'x' => "m/d/y",
        'F' => "Y-m-d",
        _ => return None,
    })
}

/// Reads what a code stands for. None if there is no such code.
fn read(reader: &mut Reader<'_>, code: char, to: &mut Parsed) -> Option<bool> {
    let number = |value: Option<i64>, low: i64, high: i64, slot: &mut i64| {
        let fits = value.filter(|v| (low..=high).contains(v));
        if let Some(value) = fits {
            *slot = value;
        }
        fits.is_some()
    };
    Some(match code {
        'Y' => {
            to.year = reader.number(4, 4);
            to.year.is_some()
        }
        'y' => {
            let year = reader.number(2, 2);
            to.year = year.map(|y| if y < 69 { y + 2000 } else { y + 1900 });
            year.is_some()
        }
        'm' => number(reader.number(1, 2), 1, 12, &mut to.month),
        'd' => number(reader.number(1, 2), 1, 31, &mut to.day),
        'H' => number(reader.number(1, 2), 0, 23, &mut to.hour),
        'I' => number(reader.number(1, 2), 1, 12, &mut to.hour),
        'M' => number(reader.number(1, 2), 0, 59, &mut to.minute),
        'S' => number(reader.number(1, 2), 0, 61, &mut to.second),
        'f' => {
            let micro = reader.fraction(6);
            to.micro = micro.unwrap_or(0);
            micro.is_some()
        }
        'j' => {
            to.day_of_year = reader.number(1, 3).filter(|day| (1..=366).contains(day));
            to.day_of_year.is_some()
        }
        'p' => {
            to.half = reader.name(["am", "pm"].into_iter());
            to.half.is_some()
        }
        'B' => month_name(reader.name(calendar::MONTH_NAMES.into_iter()), to),
        'b' => month_name(
            reader.name(calendar::MONTH_NAMES.into_iter().map(|n| &n[..3])),
            to,
        ),
        'A' => reader.name(calendar::DAY_NAMES.into_iter()).is_some(),
        'a' => reader
            .name(calendar::DAY_NAMES.into_iter().map(|n| &n[..3]))
            .is_some(),
        'w' => reader.number(1, 1).is_some_and(|day| day < 7),
        'z' => read_offset(reader, to),
        'Z' => reader.name(["utc", "gmt"].into_iter()).is_some(),
        '%' => reader.eat("%"),
        _ => return None,
    })
}

fn month_name(index: Option<i64>, to: &mut Parsed) -> bool {
    if let Some(index) = index {
        to.month = index + 1;
    }
    index.is_some()
}

fn read_offset(reader: &mut Reader<'_>, to: &mut Parsed) -> bool {
    if reader.eat("Z") {
        to.offset = Some(0);
        return true;
    }
    let negative = reader.rest.starts_with('-');
    if !reader.eat("+") && !reader.eat("-") {
        return false;
    }
    let Some(hours) = reader.number(2, 2) else {
        return false;
    };
    let colon = reader.eat(":");
    let Some(minutes) = reader.number(2, 2).filter(|m| *m < 60) else {
        return false;
    };
    let mut seconds = 0;
    if !colon || reader.rest.starts_with(':') {
        let rest = reader.rest;
        reader.eat(":");
        match reader.number(2, 2).filter(|s| *s < 60) {
            Some(found) => seconds = found,
            None => reader.rest = rest,
        }
    }
    let total = (hours * 60 + minutes) * 60 + seconds;
    to.offset = Some((if negative { -total } else { total }) as i32);
    true
}

fn finish(parsed: Parsed) -> Res<DateTime> {
    let hour = match parsed.half {
        Some(half) => parsed.hour % 12 + half * 12,
        None => parsed.hour,
    };
    let year = parsed.year.unwrap_or(1900);
    let date = match parsed.day_of_year {
        Some(day) if (parsed.month, parsed.day) == (1, 1) => {
            Date::from_ordinal(calendar::to_ordinal(year, 1, 1) + day - 1)?
        }
        _ => Date::new(year, parsed.month, parsed.day)?,
    };
    if parsed.offset.is_some_and(|offset| offset.abs() >= 86_400) {
        return value_error("offset must be strictly between -24 and 24 hours");
    }
    let time = Time::new(hour, parsed.minute, parsed.second, parsed.micro)?;
    Ok(DateTime::new(date, time, parsed.offset))
}
