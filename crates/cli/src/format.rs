//! Numbers, times and sizes for people.

use aim_value::Tree;

/// Significant digits of a value in a table.
const DIGITS: usize = 4;

/// A value of a metric: four significant digits, short where that is exact.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    if value == value.trunc() && value.abs() < 1e6 {
        return format!("{value:.0}");
    }
    let scientific = format!("{value:.*e}", DIGITS - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let places = (DIGITS as i32 - 1 - exponent).max(0) as usize;
        return format!("{value:.places$}");
    }
    format!("{}e{exponent}", trimmed(mantissa))
}

/// A number without zeros behind it.
pub fn short(value: f64) -> String {
    match value.abs() {
        a if a == 0.0 || (1e-3..1e5).contains(&a) => {
            let text = format!("{value:.4}");
            trimmed(&text).to_owned()
        }
        _ => number(value),
    }
}

fn trimmed(digits: &str) -> &str {
    match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    }
}

/// A param: as it was set, as short as JSON allows.
pub fn param(value: &Tree) -> String {
    match value {
        Tree::Str(text) => text.clone(),
        Tree::Float(f) if f.is_finite() => float(*f),
        other => other.to_json(),
    }
}

/// A number of which no digit may be lost.
pub fn float(f: f64) -> String {
    if f.is_nan() || f.is_infinite() {
        return number(f);
    }
    match f.abs() {
        a if a != 0.0 && !(1e-4..1e16).contains(&a) => format!("{f:e}"),
        _ => format!("{f}"),
    }
}

/// A count with its thousands set apart.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A noun after a count: `1 run`, `2 runs`.
pub fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// How long something took: two units where the second one says something.
pub fn duration(seconds: f64) -> String {
    let two = |unit: f64, name: &str, below: f64, name_below: &str| {
        let whole = (seconds / unit).floor();
        match ((seconds - whole * unit) / below).floor() {
            0.0 => format!("{whole} {name}"),
            rest => format!("{whole} {name} {rest} {name_below}"),
        }
    };
    match seconds {
        s if s < 0.0 => "0 s".to_owned(),
        s if s < 1.0 => format!("{:.0} ms", s * 1000.0),
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < MINUTE => format!("{s:.0} s"),
        s if s < HOUR => two(MINUTE, "m", 1.0, "s"),
        s if s < DAY => two(HOUR, "h", MINUTE, "m"),
        _ => two(DAY, "d", HOUR, "h"),
    }
}

/// How long ago something was, in one unit.
pub fn age(seconds: f64) -> String {
    const WEEK: f64 = 7.0 * DAY;
    const MONTH: f64 = 30.44 * DAY;
    const YEAR: f64 = 365.25 * DAY;
    let (unit, name) = match seconds {
        s if s < 1.0 => return "now".to_owned(),
        s if s < MINUTE => (1.0, "s"),
        s if s < HOUR => (MINUTE, "m"),
        s if s < 2.0 * DAY => (HOUR, "h"),
        s if s < 2.0 * WEEK => (DAY, "d"),
        s if s < 2.0 * MONTH => (WEEK, "w"),
        s if s < 2.0 * YEAR => (MONTH, "mo"),
        _ => (YEAR, "y"),
    };
    format!("{:.0} {name}", (seconds / unit).floor())
}

/// Bytes in the unit that leaves three digits.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{n} B"),
        _ if value < 9.95 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

/// A moment in local time.
pub fn moment(micros: i64) -> String {
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(time) => time
            .to_zoned(jiff::tz::TimeZone::system())
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string(),
        Err(_) => format!("{micros} µs"),
    }
}

/// A moment for programs: ISO 8601, UTC.
pub fn moment_utc(micros: i64) -> String {
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(time) => format!("{time:.6}"),
        Err(_) => micros.to_string(),
    }
}

/// A tree as JSON that every reader takes: numbers that are not finite are texts, and what would control a terminal is
/// escaped.
pub fn json(tree: &Tree) -> String {
    fn finite(tree: &Tree) -> Tree {
        match tree {
            Tree::Float(f) if f.is_nan() => Tree::Str("NaN".into()),
            Tree::Float(f) if f.is_infinite() => {
                Tree::Str(if *f > 0.0 { "Infinity" } else { "-Infinity" }.into())
            }
            Tree::List(items) => Tree::List(items.iter().map(finite).collect()),
            Tree::Dict(entries) => Tree::Dict(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), finite(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
    escaped(finite(tree).to_json())
}

/// JSON in which no character controls a terminal. Those below the blank are escaped already.
fn escaped(json: String) -> String {
    if json.is_ascii() && !json.contains('\x7f') {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match crate::text::controls(c) {
            true => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits() {
        let cases = [
            (0.126_34, "0.1263"),
            (2.4026, "2.403"),
            (0.5, "0.5000"),
            (1e-5, "1e-5"),
            (123_456.7, "123457"),
            (1.5e12, "1.5e12"),
            (41.0, "41"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
            (-0.000_123_4, "-0.0001234"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn times_and_sizes_have_their_unit() {
        assert_eq!(duration(0.0123), "12 ms");
        assert_eq!(duration(12.4), "12 s");
        assert_eq!(duration(243.0), "4 m 3 s");
        assert_eq!(duration(7200.0), "2 h");
        assert_eq!(age(7300.0), "2 h");
        assert_eq!(age(86400.0 * 400.0), "13 mo");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_234_567), "1.2 MB");
        assert_eq!(count(1_204), "1,204");
    }
}
