//! `"%s and %5.2f" % (a, b)`

use num_bigint::BigInt;

use crate::arith::Number;
use crate::fault::{Res, overflow, type_error, value_error};
use crate::float;
use crate::machine::Machine;
use crate::spec::{general, scientific};
use crate::value::Value;

#[derive(Default)]
struct Flags {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

/// Where the values come from.
struct Source<'a> {
    args: Value<'a>,
    /// The arguments one by one; the index of the next.
    items: &'a [Value<'a>],
    next: usize,
}

impl<'a> Source<'a> {
    fn take(&mut self) -> Res<Value<'a>> {
        let item = match self.args {
            Value::Tuple(_) => self.items.get(self.next).copied(),
            whole => (self.next == 0).then_some(whole),
        };
        self.next += 1;
        match item {
            Some(item) => Ok(item),
            None => type_error("not enough arguments for format string"),
        }
    }
}

impl<'a> Machine<'a> {
    pub(crate) fn percent_format(&self, format: &str, args: Value<'a>) -> Res<String> {
        self.meter.memory(format.len())?;
        self.meter.handle(format.len())?;
        let items = if let Value::Tuple(items) = args {
            items
        } else {
            &[]
        };
        let mut source = Source {
            args,
            items,
            next: 0,
        };
        let mut by_key = false;
        let mut out = String::new();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            self.push(&mut out, &rest[..at])?;
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                self.push(&mut out, "%")?;
                rest = after;
                continue;
            }
            let mut flags = Flags::default();
            let mut value = None;
            if rest.starts_with('(') {
                let (key, after) = parenthesized(rest)?;
                let is_mapping = matches!(
                    args,
                    Value::Dict(_)
                        | Value::Missing
                        | Value::Run
                        | Value::List(_)
                        | Value::Range(_)
                        | Value::Bytes(_)
                );
                if !is_mapping {
                    return type_error("format requires a mapping");
                }
                value = Some(self.item(args, self.string(key)?)?);
                by_key = true;
                rest = after;
            }
            rest = self.percent_flags(rest, &mut flags, &mut source)?;
            let Some(kind) = rest.chars().next() else {
                return value_error("incomplete format");
            };
            rest = &rest[kind.len_utf8()..];
            let value = match value {
                Some(value) => value,
                None => source.take()?,
            };
            self.meter.work(2)?;
            let (sign, body) = self.percent_value(kind, value, &flags)?;
            flags.zero &= !matches!(kind, 's' | 'r' | 'a' | 'c');
            self.push_padded(&mut out, &sign, &body, &flags)?;
        }
        self.push(&mut out, rest)?;
        let unused = match args {
            Value::Tuple(items) => source.next < items.len(),
            // A mapping may hold more than is asked for.
            Value::Dict(_)
            | Value::Missing
            | Value::Run
            | Value::List(_)
            | Value::Range(_)
            | Value::Bytes(_)
            | Value::Metrics => false,
            _ => source.next == 0,
        };
        if unused && !by_key {
            return type_error("not all arguments converted during string formatting");
        }
        Ok(out)
    }

    fn percent_flags<'s>(
        &self,
        mut rest: &'s str,
        flags: &mut Flags,
        source: &mut Source<'a>,
    ) -> Res<&'s str> {
        loop {
            match rest.as_bytes().first() {
                Some(b'-') => flags.left = true,
                Some(b'+') => flags.plus = true,
                Some(b' ') => flags.space = true,
                Some(b'0') => flags.zero = true,
                Some(b'#') => flags.alternate = true,
                _ => break,
            }
            rest = &rest[1..];
        }
        if let Some(after) = rest.strip_prefix('*') {
            let Value::Int(width) = source.take()? else {
                return type_error("* wants int");
            };
            flags.left |= width < 0;
            flags.width = width.unsigned_abs() as usize;
            rest = after;
        } else {
            let (width, after) = digits(rest)?;
            flags.width = width.unwrap_or(0);
            rest = after;
        }
        if let Some(after) = rest.strip_prefix('.') {
            if let Some(after) = after.strip_prefix('*') {
                let Value::Int(precision) = source.take()? else {
                    return type_error("* wants int");
                };
                flags.precision = Some(usize::try_from(precision).unwrap_or(0));
                rest = after;
            } else {
                let (precision, after) = digits(after)?;
                flags.precision = Some(precision.unwrap_or(0));
                rest = after;
            }
        }
        Ok(rest.strip_prefix(['h', 'l', 'L']).unwrap_or(rest))
    }

    /// Sign (with a number's prefix) and body.
    fn percent_value(&self, kind: char, value: Value<'a>, flags: &Flags) -> Res<(String, String)> {
        let precision = flags.precision;
        if precision.is_some_and(|p| p > 60_000) {
            return value_error("precision too big");
        }
        match kind {
            's' | 'r' | 'a' => {
                let text = match kind {
                    's' => self.to_text(value)?,
                    'r' => self.repr(value)?,
                    _ => self.ascii(value)?,
                };
                self.meter.handle(text.len())?;
                let end = precision.map_or(text.len(), |p| super::text::offset(&text, p));
                Ok((String::new(), text[..end].to_owned()))
            }
            'c' => {
                let c = match value {
                    Value::Str(text) if self.count_chars(text)? == 1 => text.to_owned(),
                    Value::Int(code) => match u32::try_from(code).ok().and_then(char::from_u32) {
                        Some(c) => c.to_string(),
                        None => return overflow("%c arg not in range(0x110000)"),
                    },
                    Value::Bool(b) => char::from(u8::from(b)).to_string(),
                    Value::Big(_) => return overflow("%c arg not in range(0x110000)"),
                    _ => return type_error("%c requires int or char"),
                };
                Ok((String::new(), c))
            }
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => self.percent_int(kind, value, flags),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let Some(number) = Number::of(value) else {
                    let name = value.type_name();
                    return type_error(format!("must be real number, not {name}"));
                };
                let f = number.to_f64()?;
                let precision = precision.unwrap_or(6);
                self.meter.memory(precision)?;
                self.meter.handle(precision)?;
                self.float_digits(f, precision)?;
                let mut body = match kind.to_ascii_lowercase() {
                    _ if f.is_nan() => "nan".to_owned(),
                    _ if f.is_infinite() => "inf".to_owned(),
                    'e' => scientific(f.abs(), precision, flags.alternate),
                    'g' => general(f.abs(), precision, flags.alternate, false),
                    _ => {
                        let mut body = format!("{:.precision$}", f.abs());
                        if flags.alternate && precision == 0 {
                            body.push('.');
                        }
                        body
                    }
                };
                if kind.is_ascii_uppercase() {
                    body.make_ascii_uppercase();
                }
                let negative = f.is_sign_negative() && !f.is_nan();
                Ok((sign(negative, flags).to_owned(), body))
            }
            _ => {
                let code = u32::from(kind);
                value_error(format!("unsupported format character '{kind}' ({code:#x})"))
            }
        }
    }

    fn percent_int(&self, kind: char, value: Value<'a>, flags: &Flags) -> Res<(String, String)> {
        let decimal = matches!(kind, 'd' | 'i' | 'u');
        let value = match Number::of(value) {
            Some(Number::Int(i)) => BigInt::from(i),
            Some(Number::Big(big)) => {
                self.meter.integer(big.bits())?;
                big.clone()
            }
            Some(Number::Float(f)) if decimal => {
                if f.is_nan() {
                    return value_error("cannot convert float NaN to integer");
                }
                if f.is_infinite() {
                    return overflow("cannot convert float infinity to integer");
                }
                float::to_big(f)
            }
            _ => {
                let (name, wanted) = (
                    value.type_name(),
                    if decimal {
                        "a real number"
                    } else {
                        "an integer"
                    },
                );
                return type_error(format!("%{kind} format: {wanted} is required, not {name}"));
            }
        };
        self.radix(&value, kind)?;
        let magnitude = value.magnitude();
        let (mut body, prefix) = match kind {
            'o' => (magnitude.to_str_radix(8), "0o"),
            'x' => (magnitude.to_str_radix(16), "0x"),
            'X' => (magnitude.to_str_radix(16).to_uppercase(), "0X"),
            _ => (self.big_to_text(&BigInt::from(magnitude.clone()))?, ""),
        };
        if let Some(precision) = flags.precision {
            self.meter.memory(precision)?;
            self.meter.handle(precision)?;
            body = format!("{}{body}", "0".repeat(precision.saturating_sub(body.len())));
        }
        let mut sign = sign(value.sign() == num_bigint::Sign::Minus, flags).to_owned();
        if flags.alternate {
            sign.push_str(prefix);
        }
        Ok((sign, body))
    }

    fn push_padded(&self, out: &mut String, sign: &str, body: &str, flags: &Flags) -> Res<()> {
        let len = sign.len() + self.count_chars(body)?;
        let missing = flags.width.saturating_sub(len);
        self.meter.handle(missing)?;
        self.reserve(out, missing.saturating_add(body.len() + sign.len()))?;
        if flags.left {
            out.push_str(sign);
            out.push_str(body);
            out.extend(std::iter::repeat_n(' ', missing));
        } else if flags.zero {
            out.push_str(sign);
            out.extend(std::iter::repeat_n('0', missing));
            out.push_str(body);
        } else {
            out.extend(std::iter::repeat_n(' ', missing));
            out.push_str(sign);
            out.push_str(body);
        }
        Ok(())
    }
}

fn sign(negative: bool, flags: &Flags) -> &'static str {
    match (negative, flags.plus, flags.space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    }
}

fn digits(text: &str) -> Res<(Option<usize>, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    if end == 0 {
        return Ok((None, text));
    }
    match text[..end].parse::<usize>() {
        Ok(value) if value <= i32::MAX as usize => Ok((Some(value), &text[end..])),
        _ => value_error("width too big"),
    }
}

/// The key in `(key)`, which may hold parentheses, and what follows.
fn parenthesized(text: &str) -> Res<(&str, &str)> {
    let mut open = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Ok((&text[1..at], &text[at + 1..]));
        }
    }
    value_error("incomplete format key")
}
