//! Times in the client's time zone. The UI writes what a person picks, such as a day, as `datetime(2026, 11, 18)`, and means
//! their time; a run's times are in UTC.

use super::input::TimeZone;
use aim::query::check;

const NAME: &str = "datetime";

/// An expression in which each `datetime(...)` is a time of the client's clock. One that does not parse stays as it is: what
/// is wrong with it is said of the text that was sent.
pub fn in_utc(expression: String, zone: &TimeZone) -> String {
    match zone.0 {
        0 => expression,
        _ if !expression.contains(NAME) || check(&expression).is_err() => expression,
        minutes => shifted(&expression, minutes),
    }
}

/// A sound expression with so many minutes added to each time.
fn shifted(expression: &str, minutes: i64) -> String {
    let mut out = String::with_capacity(expression.len() + 64);
    let mut rest = expression;
    // Whether a name that begins here would be a part of what is before it: `x.datetime`, `mydatetime`.
    let mut goes_on = false;
    while let Some(c) = rest.chars().next() {
        let length = match (quoted(rest), call(rest)) {
            (Some(length), _) => length,
            (None, Some(length)) if !goes_on => {
                let call = &rest[..length];
                out.push_str(&format!("({call} + timedelta(minutes={minutes}))"));
                rest = &rest[length..];
                continue;
            }
            _ => c.len_utf8(),
        };
        goes_on = c == '.' || c == '_' || c.is_alphanumeric();
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// The length of the text in quotes that begins here.
fn quoted(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let long = quote.to_string().repeat(3);
    let mark = match text.starts_with(&long) {
        true => &long,
        false => &long[..1],
    };
    let mut at = mark.len();
    while !text[at..].starts_with(mark) {
        let mut next = text[at..].chars();
        let c = next.next()?;
        at += c.len_utf8();
        if c == '\\' {
            at += next.next()?.len_utf8();
        }
    }
    Some(at + mark.len())
}

/// The length of the call of `datetime` that begins here.
fn call(text: &str) -> Option<usize> {
    let behind = text.strip_prefix(NAME)?;
    let arguments = behind.trim_start();
    if !arguments.starts_with('(') {
        return None;
    }
    let mut at = text.len() - arguments.len();
    let mut depth = 0;
    loop {
        if let Some(length) = quoted(&text[at..]) {
            at += length;
            continue;
        }
        let c = text[at..].chars().next()?;
        at += c.len_utf8();
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shifted_and_nothing_else() {
        let utc = |text: &str| in_utc(text.to_owned(), &TimeZone(-240));
        assert_eq!(
            utc("datetime(2026, 11, 18) <= run.created_at < datetime(2026, 11, 25)"),
            "(datetime(2026, 11, 18) + timedelta(minutes=-240)) <= run.created_at \
             < (datetime(2026, 11, 25) + timedelta(minutes=-240))"
        );
        assert_eq!(
            utc("run.x == 'datetime(1, 1, 1)' or run.created_at > datetime (2026, (1), int('2'))"),
            "run.x == 'datetime(1, 1, 1)' or run.created_at > \
             (datetime (2026, (1), int('2')) + timedelta(minutes=-240))"
        );
        for same in [
            "run.datetime == 1",
            "run.created_at > datetime.now()",
            "run.x == \"it\\\"s datetime(\"",
            "run.created_at > datetime(2026,",
            "",
        ] {
            assert_eq!(utc(same), same);
        }
        let at_home = "run.created_at > datetime(2026, 1, 1)";
        assert_eq!(in_utc(at_home.to_owned(), &TimeZone(0)), at_home);
    }
}
