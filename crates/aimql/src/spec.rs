//! Format specifications: `f"{value:>10.3f}"`.

use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

use crate::arith::Number;
use crate::fault::{Res, overflow, type_error, value_error};
use crate::float;
use crate::machine::Machine;
use crate::value::{Complex, Type, Value};

/// More digits than any float has.
const MAX_PRECISION: usize = 60_000;

#[derive(Clone, Debug, Default)]
pub(crate) struct Spec {
    pub fill: Option<char>,
    pub align: Option<char>,
    pub sign: Option<char>,
    /// A negative zero is shown as zero.
    pub no_negative_zero: bool,
    pub alternate: bool,
    pub zero: bool,
    pub width: usize,
    pub grouping: Option<char>,
    pub precision: Option<usize>,
    pub kind: Option<char>,
}

impl Spec {
    fn parse(text: &str, type_name: &str) -> Res<Spec> {
        let mut spec = Spec::default();
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        let is_align = |c: Option<&char>| matches!(c, Some('<' | '>' | '=' | '^'));
        if is_align(chars.get(1)) {
            spec.fill = Some(chars[0]);
            spec.align = Some(chars[1]);
            at = 2;
        } else if is_align(chars.first()) {
            spec.align = Some(chars[0]);
            at = 1;
        }
        if let Some(sign @ ('+' | '-' | ' ')) = chars.get(at) {
            spec.sign = Some(*sign);
            at += 1;
        }
        let eat = |wanted: char, at: &mut usize| {
            let found = chars.get(*at) == Some(&wanted);
            *at += usize::from(found);
            found
        };
        spec.no_negative_zero = eat('z', &mut at);
        spec.alternate = eat('#', &mut at);
        if spec.fill.is_none() && chars.get(at) == Some(&'0') {
            spec.zero = true;
            at += 1;
        }
        spec.width = number(&chars, &mut at)?.unwrap_or(0);
        if let Some(separator @ (',' | '_')) = chars.get(at) {
            spec.grouping = Some(*separator);
            at += 1;
            if let Some(other @ (',' | '_')) = chars.get(at) {
                return if other == separator {
                    value_error(format!("Cannot specify '{other}' with '{separator}'."))
                } else {
                    value_error("Cannot specify both ',' and '_'.")
                };
            }
        }
        if chars.get(at) == Some(&'.') {
            at += 1;
            spec.precision = number(&chars, &mut at)?;
            if spec.precision.is_none() {
                return value_error("Format specifier missing precision");
            }
        }
        match &chars[at..] {
            [] => {}
            [kind] => spec.kind = Some(*kind),
            _ => {
                return value_error(format!(
                    "Invalid format specifier '{text}' for object of type '{type_name}'"
                ));
            }
        }
        if let (Some(separator), Some(kind)) = (spec.grouping, spec.kind) {
            let allowed = matches!(kind, 'd' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F')
                || (separator == '_' && matches!(kind, 'b' | 'o' | 'x' | 'X'));
            if !allowed {
                return value_error(format!("Cannot specify '{separator}' with '{kind}'."));
            }
        }
        Ok(spec)
    }

    fn unknown_kind<T>(&self, type_name: &str) -> Res<T> {
        let kind = self.kind.unwrap_or(' ');
        value_error(format!(
            "Unknown format code '{kind}' for object of type '{type_name}'"
        ))
    }

    fn sign_of(&self, negative: bool) -> &'static str {
        match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        }
    }
}

fn number(chars: &[char], at: &mut usize) -> Res<Option<usize>> {
    let start = *at;
    let mut value: usize = 0;
    while let Some(digit) = chars
        .get(*at)
        .and_then(|c| super::unicode::decimal_value(*c))
    {
        value = match value
            .checked_mul(10)
            .and_then(|v| v.checked_add(digit as usize))
        {
            Some(value) if value <= i64::MAX as usize => value,
            _ => return value_error("Too many decimal digits in format string"),
        };
        *at += 1;
    }
    Ok((*at > start).then_some(value))
}

impl<'a> Machine<'a> {
    /// Python's `format(value, spec)`.
    pub(crate) fn format(&self, value: Value<'a>, spec: &str) -> Res<String> {
        if spec.is_empty() {
            return self.to_text(value);
        }
        let type_name = value.type_name();
        self.meter.handle(spec.len())?;
        self.meter.room(spec.len().saturating_mul(4))?;
        if !spec.is_ascii() {
            // Digits of other scripts are looked up one by one.
            self.meter.work(spec.len() as u64)?;
        }
        match value {
            Value::DateTime(_) | Value::Date(_) | Value::Time(_) => self.strftime(value, spec),
            Value::Str(text) => {
                let spec = Spec::parse(spec, type_name)?;
                self.format_str(text, &spec)
            }
            Value::Bool(_) | Value::Int(_) | Value::Big(_) => {
                let spec = Spec::parse(spec, type_name)?;
                match Number::of(value) {
                    Some(Number::Int(i)) => self.format_int(&BigInt::from(i), &spec, type_name),
                    Some(Number::Big(big)) => self.format_int(big, &spec, type_name),
                    _ => type_error("not an integer"),
                }
            }
            Value::Float(f) => {
                let spec = Spec::parse(spec, type_name)?;
                self.format_float(f, &spec, type_name)
            }
            Value::Complex(c) => {
                let spec = Spec::parse(spec, type_name)?;
                self.format_complex(c, &spec)
            }
            _ => {
                let name = match value.type_of() {
                    Type::Run | Type::Metric | Type::Metrics | Type::Missing => "object",
                    other => other.name(),
                };
                type_error(format!(
                    "unsupported format string passed to {name}.__format__"
                ))
            }
        }
    }

    fn check_width(&self, width: usize) -> Res<()> {
        // Padded by characters of up to four bytes, or by digits in groups.
        self.meter.memory(width.saturating_mul(4))?;
        self.meter.work(width as u64 / 8 + 1)
    }

    fn format_str(&self, text: &str, spec: &Spec) -> Res<String> {
        match spec.kind {
            None | Some('s') => {}
            _ => return spec.unknown_kind("str"),
        }
        if spec.sign.is_some() {
            return value_error("Sign not allowed in string format specifier");
        }
        if spec.no_negative_zero {
            return value_error(
                "Negative zero coercion (z) not allowed in string format specifier",
            );
        }
        if spec.alternate {
            return value_error("Alternate form (#) not allowed in string format specifier");
        }
        if spec.align == Some('=') {
            return value_error("'=' alignment not allowed in string format specifier");
        }
        if let Some(separator) = spec.grouping {
            return value_error(format!("Cannot specify '{separator}' with 's'."));
        }
        self.meter.handle(text.len())?;
        let kept = match spec.precision {
            Some(precision) => text
                .char_indices()
                .nth(precision)
                .map_or(text, |(i, _)| &text[..i]),
            None => text,
        };
        self.pad("", kept, spec, '<')
    }

    /// Puts sign and body into the field's width.
    fn pad(&self, sign: &str, body: &str, spec: &Spec, default_align: char) -> Res<String> {
        self.check_width(spec.width)?;
        self.meter.handle(body.len())?;
        self.meter.room(body.len())?;
        let fill = spec.fill.unwrap_or(if spec.zero { '0' } else { ' ' });
        let missing = spec
            .width
            .saturating_sub(sign.chars().count() + body.chars().count());
        let (before, between, after) = match spec.align.unwrap_or(default_align) {
            '<' => (0, 0, missing),
            '^' => (missing / 2, 0, missing - missing / 2),
            '=' => (0, missing, 0),
            _ => (missing, 0, 0),
        };
        let fills = |n: usize| std::iter::repeat_n(fill, n);
        let mut out: String = fills(before).collect();
        out.push_str(sign);
        out.extend(fills(between));
        out.push_str(body);
        out.extend(fills(after));
        Ok(out)
    }

    /// Groups the digits, fills up with zeros if asked to, and puts the number into the field's width.
    fn pad_number(
        &self,
        sign: &str,
        digits: &str,
        tail: &str,
        group: usize,
        spec: &Spec,
    ) -> Res<String> {
        self.check_width(spec.width)?;
        let default_align = if spec.zero { '=' } else { '>' };
        let align = spec.align.unwrap_or(default_align);
        // Infinity and NaN have no digits to group.
        let Some(separator) = spec.grouping.filter(|_| !digits.is_empty()) else {
            return self.pad(sign, &format!("{digits}{tail}"), spec, default_align);
        };
        let mut count = digits.len();
        let fill_zero = spec.fill == Some('0') || (spec.fill.is_none() && spec.zero);
        if align == '=' && fill_zero {
            // Zeros are grouped like any digit.
            let room = spec.width.saturating_sub(sign.len() + tail.len());
            while count + count.saturating_sub(1) / group < room {
                count += 1;
            }
        }
        let mut grouped = String::with_capacity(count * 2);
        for i in 0..count {
            if i > 0 && (count - i).is_multiple_of(group) {
                grouped.push(separator);
            }
            let digit = (i + digits.len())
                .checked_sub(count)
                .map(|at| &digits[at..at + 1]);
            grouped.push_str(digit.unwrap_or("0"));
        }
        grouped.push_str(tail);
        self.pad(sign, &grouped, spec, default_align)
    }

    fn format_int(&self, value: &BigInt, spec: &Spec, type_name: &str) -> Res<String> {
        let kind = spec.kind.unwrap_or('d');
        if matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') {
            let Some(f) = float::from_big(value) else {
                return overflow("int too large to convert to float");
            };
            return self.format_float(f, spec, type_name);
        }
        if !matches!(kind, 'b' | 'c' | 'd' | 'n' | 'o' | 'x' | 'X') {
            return spec.unknown_kind(type_name);
        }
        if spec.precision.is_some() {
            return value_error("Precision not allowed in integer format specifier");
        }
        if spec.no_negative_zero {
            return value_error(
                "Negative zero coercion (z) not allowed in format specifier with integer presentation type",
            );
        }
        let negative = value.sign() == Sign::Minus;
        if kind == 'c' {
            if spec.sign.is_some() {
                return value_error("Sign not allowed with integer format specifier 'c'");
            }
            if spec.alternate {
                return value_error(
                    "Alternate form (#) not allowed with integer format specifier 'c'",
                );
            }
            return match value.to_u32().and_then(char::from_u32) {
                Some(c) => self.pad("", &c.to_string(), spec, '>'),
                None => overflow("%c arg not in range(0x110000)"),
            };
        }
        self.radix(value, kind)?;
        let (digits, prefix) = match kind {
            'b' => (value.magnitude().to_str_radix(2), "0b"),
            'o' => (value.magnitude().to_str_radix(8), "0o"),
            'x' => (value.magnitude().to_str_radix(16), "0x"),
            'X' => (value.magnitude().to_str_radix(16).to_uppercase(), "0X"),
            _ => (
                self.big_to_text(&BigInt::from(value.magnitude().clone()))?,
                "",
            ),
        };
        let group = if matches!(kind, 'd' | 'n') { 3 } else { 4 };
        let mut sign = spec.sign_of(negative).to_owned();
        if spec.alternate {
            sign.push_str(prefix);
        }
        self.pad_number(&sign, &digits, "", group, spec)
    }

    /// Pays for the digits of an integer in base 2, 8 or 16; decimal ones are paid for where they are made.
    pub(crate) fn radix(&self, value: &BigInt, kind: char) -> Res<()> {
        let per_digit = match kind {
            'b' => 1,
            'o' => 3,
            'x' | 'X' => 4,
            _ => return Ok(()),
        };
        let digits = (value.bits() / per_digit) as usize;
        self.meter.handle(digits)?;
        self.meter.memory(digits * 2)
    }

    /// Pays for a float's exact digits, `precision` of them behind the point.
    pub(crate) fn float_digits(&self, f: f64, precision: usize) -> Res<()> {
        /// No float has more.
        const DIGITS: usize = 1100;
        let whole = if f.is_finite() {
            f.abs().max(1.0).log10() as usize
        } else {
            0
        };
        let digits = (whole + precision).min(DIGITS);
        self.meter
            .work(4 + if digits > 17 { digits as u64 * 8 } else { 0 })
    }

    pub(crate) fn format_float(&self, f: f64, spec: &Spec, type_name: &str) -> Res<String> {
        let (negative, digits, tail) = self.float_parts(f, spec, type_name)?;
        self.pad_number(spec.sign_of(negative), &digits, &tail, 3, spec)
    }

    /// Sign, whole digits, and the rest.
    fn float_parts(&self, f: f64, spec: &Spec, type_name: &str) -> Res<(bool, String, String)> {
        let kind = match spec.kind {
            None => None,
            Some('n') => Some('g'),
            Some(kind @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')) => Some(kind),
            _ => return spec.unknown_kind(type_name),
        };
        let precision = spec.precision;
        if precision.is_some_and(|p| p > MAX_PRECISION) {
            return value_error("precision too big");
        }
        self.check_width(precision.unwrap_or(0))?;
        self.float_digits(f, precision.unwrap_or(6))?;
        let upper = matches!(kind, Some('E' | 'F' | 'G'));
        let (f, percent) = match kind {
            Some('%') => (f * 100.0, "%"),
            _ => (f, ""),
        };
        let mut text = match kind.map(|kind| kind.to_ascii_lowercase()) {
            _ if f.is_nan() => "nan".to_owned(),
            _ if f.is_infinite() => "inf".to_owned(),
            None if precision.is_none() => {
                let mut text = float::repr(f.abs());
                if spec.alternate && !text.contains('.') {
                    let end = text.find('e').unwrap_or(text.len());
                    text.insert(end, '.');
                }
                text
            }
            None => general(f.abs(), precision.unwrap_or(0), spec.alternate, true),
            Some('e') => scientific(f.abs(), precision.unwrap_or(6), spec.alternate),
            Some('g') => general(f.abs(), precision.unwrap_or(6), spec.alternate, false),
            _ => {
                let mut text = format!("{:.*}", precision.unwrap_or(6), f.abs());
                if spec.alternate && !text.contains('.') {
                    text.push('.');
                }
                text
            }
        };
        if upper {
            text.make_ascii_uppercase();
        }
        text.push_str(percent);
        let zero = !text
            .bytes()
            .take_while(|b| *b != b'e' && *b != b'E')
            .any(|b| b.is_ascii_digit() && b != b'0');
        let finite = f.is_finite();
        let negative =
            f.is_sign_negative() && !f.is_nan() && !(spec.no_negative_zero && zero && finite);
        let whole = text.bytes().take_while(u8::is_ascii_digit).count();
        let tail = text.split_off(whole);
        Ok((negative, text, tail))
    }

    fn format_complex(&self, c: Complex, spec: &Spec) -> Res<String> {
        if spec.zero || spec.fill == Some('0') && spec.align.is_none() {
            return value_error("Zero padding is not allowed in complex format specifier");
        }
        if spec.kind == Some('%') {
            return value_error("Unknown format code '%' for object of type 'complex'");
        }
        if spec.align == Some('=') {
            return value_error("'=' alignment flag is not allowed in complex format specifier");
        }
        let plain = Spec {
            width: 0,
            fill: None,
            align: None,
            zero: false,
            kind: spec.kind.or(spec.precision.map(|_| 'g')),
            ..spec.clone()
        };
        let part = |f: f64, spec: &Spec| -> Res<String> {
            let text = self.format_float(f, spec, "complex")?;
            Ok(match (spec.kind, text.strip_suffix(".0")) {
                (None, Some(whole)) => whole.to_owned(),
                _ => text,
            })
        };
        let im = part(
            c.im,
            &Spec {
                sign: Some('+'),
                ..plain.clone()
            },
        )?;
        let body = if spec.kind.is_none() {
            if c.re == 0.0 && c.re.is_sign_positive() {
                format!("{}j", part(c.im, &plain)?)
            } else {
                format!("({}{im}j)", part(c.re, &plain)?)
            }
        } else {
            format!("{}{im}j", part(c.re, &plain)?)
        };
        self.pad(
            "",
            &body,
            &Spec {
                grouping: None,
                ..spec.clone()
            },
            '>',
        )
    }
}

/// `%e`
pub(crate) fn scientific(f: f64, precision: usize, alternate: bool) -> String {
    let (_, digits, exponent) = float::split_scientific(&format!("{f:.precision$e}"));
    let mut out = digits[..1].to_owned();
    if precision > 0 || alternate {
        out.push('.');
    }
    out.push_str(&digits[1..]);
    out.push('e');
    float::push_exponent(&mut out, exponent);
    out
}

/// `%g`; with `point`, a whole number keeps one digit behind its point.
pub(crate) fn general(f: f64, precision: usize, alternate: bool, point: bool) -> String {
    let precision = precision.max(1);
    let (_, digits, exponent) = float::split_scientific(&format!("{f:.*e}", precision - 1));
    let trimmed = if alternate {
        digits.as_str()
    } else {
        let trimmed = digits.trim_end_matches('0');
        if trimmed.is_empty() { "0" } else { trimmed }
    };
    let decimal_point = i64::from(exponent) + 1;
    let mut out = String::new();
    let limit = precision as i64 - i64::from(point);
    if decimal_point <= -4 || decimal_point > limit {
        out.push_str(&trimmed[..1]);
        if trimmed.len() > 1 || alternate {
            out.push('.');
        }
        out.push_str(&trimmed[1..]);
        out.push('e');
        float::push_exponent(&mut out, exponent);
        return out;
    }
    float::push_positional(&mut out, trimmed, exponent);
    if alternate && !out.contains('.') {
        out.push('.');
    }
    if point && !out.contains('.') {
        out.push_str(".0");
    }
    out
}
