//! Calls of types: `int("7")`, `list(x)`, `datetime(2026, 1, 1)`.

use num_bigint::BigInt;
use num_traits::Num;

use crate::arith::Number;
use crate::call::Args;
use crate::fault::{Res, overflow, type_error, value_error};
use crate::float;
use crate::iter::Iter;
use crate::machine::Machine;
use crate::repr::MAX_INT_DIGITS;
use crate::value::{Complex, Type, Value};

impl<'a> Machine<'a> {
    pub(crate) fn construct(&self, ty: Type, args: Args<'a, '_>) -> Res<Value<'a>> {
        let name = ty.name();
        match ty {
            Type::Str => {
                let [object, encoding, errors] =
                    args.bind(name, ["object", "encoding", "errors"], 0, 0, 3)?;
                let object = object.unwrap_or(Value::Str(""));
                if encoding.is_none() && errors.is_none() {
                    return self.str_of(object);
                }
                match object {
                    Value::Bytes(bytes) => self.decode(bytes, encoding, errors),
                    Value::Str(_) => type_error("decoding str is not supported"),
                    _ => type_error(format!(
                        "decoding to str: need a bytes-like object, {} found",
                        object.type_name()
                    )),
                }
            }
            Type::Int => {
                let [of, base] = args.bind(name, ["x", "base"], 0, 1, 2)?;
                self.to_int(of, base)
            }
            Type::Float => match args.take(name, 0, 1)? {
                [] => Ok(Value::Float(0.0)),
                given => self.to_float(given[0]),
            },
            Type::Bool => Ok(Value::Bool(match args.take(name, 0, 1)? {
                [] => false,
                given => given[0].truth(),
            })),
            Type::Complex => {
                let [re, im] = args.bind(name, ["real", "imag"], 0, 0, 2)?;
                self.to_complex(re, im)
            }
            Type::List => match args.take(name, 0, 1)? {
                [] => self.list(Vec::new()),
                given => self.list(self.collect(given[0])?),
            },
            Type::Tuple => match args.take(name, 0, 1)? {
                [] => self.tuple([]),
                [Value::Tuple(items)] => Ok(Value::Tuple(items)),
                given => self.tuple(self.collect(given[0])?),
            },
            Type::Set | Type::FrozenSet => {
                let frozen = ty == Type::FrozenSet;
                let given = args.take(name, 0, 1)?;
                if let ([Value::Set(set)], true) = (given, frozen)
                    && set.frozen
                {
                    return Ok(given[0]);
                }
                let made = self.new_set(frozen)?;
                match given {
                    [] => {}
                    [Value::Set(set)] => made.merge(self, set)?,
                    _ => {
                        let iter = self.iterate(given[0])?;
                        while let Some(item) = self.next(iter)? {
                            made.insert(self, item)?;
                        }
                    }
                }
                Ok(Value::Set(made))
            }
            Type::Bytes => self.to_bytes(args),
            Type::Range => {
                let given = args.take(name, 1, 3)?;
                let mut parts = [0; 3];
                for (part, value) in parts.iter_mut().zip(given) {
                    *part = self.wide_index(*value)?;
                }
                match given.len() {
                    1 => self.range(0, parts[0], 1),
                    2 => self.range(parts[0], parts[1], 1),
                    _ if parts[2] == 0 => value_error("range() arg 3 must not be zero"),
                    _ => self.range(parts[0], parts[1], parts[2]),
                }
            }
            Type::Slice => match *args.take(name, 1, 3)? {
                [stop] => self.slice([Value::None, stop, Value::None]),
                [start, stop] => self.slice([start, stop, Value::None]),
                [start, stop, step] => self.slice([start, stop, step]),
                _ => type_error("slice expected at least 1 argument, got 0"),
            },
            Type::Zip => {
                let mut strict = false;
                for (named, value) in args.named {
                    if *named != "strict" {
                        return type_error("zip() takes no such keyword argument");
                    }
                    strict = value.truth();
                }
                self.meter.handle(args.positional.len())?;
                let iters: Res<Vec<_>> =
                    args.positional.iter().map(|of| self.iterate(*of)).collect();
                Ok(Value::Iter(self.iter(Iter::zip(iters?, strict))?))
            }
            Type::DateTime => self.make_datetime(args),
            Type::Delta => self.make_delta(args),
            _ => type_error(format!("cannot create '{name}' instances")),
        }
    }

    /// An integer for the ends of a range.
    fn wide_index(&self, value: Value<'a>) -> Res<i128> {
        match value {
            // Far enough for every range that can be worked through, and no sum of three such overflows.
            Value::Big(big) => match i128::try_from(big) {
                Ok(i) if i.unsigned_abs() < 1 << 120 => Ok(i),
                _ => overflow("range() argument is too large"),
            },
            _ => self.index_arg(value).map(i128::from),
        }
    }

    fn to_int(&self, of: Option<Value<'a>>, base: Option<Value<'a>>) -> Res<Value<'a>> {
        let Some(of) = of else {
            return match base {
                None => Ok(Value::Int(0)),
                Some(_) => type_error("int() missing string argument"),
            };
        };
        let base = match base {
            None => None,
            Some(base) => Some(self.index_arg(base)?),
        };
        match (of, base) {
            (Value::Str(text), base) => self.parse_int(text, base.unwrap_or(10), of),
            (Value::Bytes(bytes), base) => match std::str::from_utf8(bytes) {
                Ok(text) => self.parse_int(text, base.unwrap_or(10), of),
                Err(_) => value_error("invalid literal for int()"),
            },
            (_, Some(_)) => type_error("int() can't convert non-string with explicit base"),
            _ => match Number::of(of) {
                Some(Number::Int(i)) => Ok(Value::Int(i)),
                Some(Number::Big(_)) => Ok(of),
                Some(Number::Float(f)) => self.truncate(f),
                _ => type_error(format!(
                    "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                    of.type_name()
                )),
            },
        }
    }

    pub(crate) fn truncate(&self, f: f64) -> Res<Value<'a>> {
        if f.is_nan() {
            return value_error("cannot convert float NaN to integer");
        }
        if f.is_infinite() {
            return overflow("cannot convert float infinity to integer");
        }
        self.big(float::to_big(f))
    }

    fn parse_int(&self, text: &str, base: i64, of: Value<'a>) -> Res<Value<'a>> {
        if base != 0 && !(2..=36).contains(&base) {
            return value_error("int() base must be >= 2 and <= 36, or 0");
        }
        self.number_text(text)?;
        let parsed = match float::ascii_digits(text) {
            Some(text) => match read_int(&text, base as u32) {
                Read::Digits(digits, base) => {
                    // Long numbers take time that grows with the square of their length.
                    let count = digits.trim_start_matches(['+', '-', '0']).len();
                    if count > MAX_INT_DIGITS && !base.is_power_of_two() {
                        return value_error(format!(
                            "Exceeds the limit ({MAX_INT_DIGITS} digits) for integer string conversion: value has {count} digits"
                        ));
                    }
                    let bits = count as u64 * u64::from(base.ilog2() + 1);
                    self.check_bits(count as u64 * u64::from(base.ilog2()))?;
                    if base.is_power_of_two() {
                        self.meter.handle(count)?;
                    } else {
                        self.meter.multiply(bits, bits)?;
                    }
                    BigInt::from_str_radix(&digits, base).ok()
                }
                Read::Invalid => None,
            },
            None => None,
        };
        match parsed {
            Some(big) => self.big(big),
            None => {
                let shown = self.repr(of)?;
                value_error(format!(
                    "invalid literal for int() with base {base}: {shown}"
                ))
            }
        }
    }

    fn to_float(&self, of: Value<'a>) -> Res<Value<'a>> {
        let parsed = match of {
            Value::Str(text) => {
                self.number_text(text)?;
                float::parse(text)
            }
            Value::Bytes(bytes) => {
                self.meter.handle(bytes.len())?;
                match std::str::from_utf8(bytes) {
                    Ok(text) => {
                        self.number_text(text)?;
                        float::parse(text)
                    }
                    Err(_) => None,
                }
            }
            _ => {
                return match Number::of(of) {
                    Some(Number::Float(_)) => Ok(of),
                    Some(Number::Complex(_)) | None => type_error(format!(
                        "float() argument must be a string or a real number, not '{}'",
                        of.type_name()
                    )),
                    Some(number) => Ok(self.float(number.to_f64()?)),
                };
            }
        };
        match parsed {
            Some(f) => Ok(self.float(f)),
            None => {
                let shown = self.repr(of)?;
                value_error(format!("could not convert string to float: {shown}"))
            }
        }
    }

    /// Pays for reading a number.
    fn number_text(&self, text: &str) -> Res<()> {
        /// Digits that reading a float may have to look at again and again.
        const DIGITS: usize = 800;
        self.meter.room(text.len())?;
        self.meter.handle(text.len())?;
        if text.len() > 16 {
            self.meter.work(text.len().min(DIGITS) as u64 * 2)?;
        }
        // Digits of other scripts are looked up one by one.
        match text.is_ascii() {
            true => Ok(()),
            false => self.meter.work(text.len() as u64),
        }
    }

    fn to_complex(&self, re: Option<Value<'a>>, im: Option<Value<'a>>) -> Res<Value<'a>> {
        if let Some(Value::Str(text)) = re {
            if im.is_some() {
                return type_error("complex() can't take second arg if first is a string");
            }
            self.number_text(text)?;
            self.number_text(text)?;
            return match parse_complex(text) {
                Some(c) => Ok(Value::Complex(c)),
                None => value_error("complex() arg is a malformed string"),
            };
        }
        let part = |of: Option<Value<'a>>, what: &str| -> Res<Complex> {
            let Some(of) = of else {
                return Ok(Complex { re: 0.0, im: 0.0 });
            };
            match Number::of(of) {
                Some(Number::Complex(c)) => Ok(c),
                Some(number) => Ok(Complex {
                    re: number.to_f64()?,
                    im: 0.0,
                }),
                None => type_error(format!(
                    "complex() {what} argument must be a number, not '{}'",
                    of.type_name()
                )),
            }
        };
        let (a, b) = (part(re, "first")?, part(im, "second")?);
        if im.is_none() {
            return Ok(Value::Complex(a));
        }
        let re = if b.im == 0.0 { a.re } else { a.re - b.im };
        Ok(self.complex(re, if a.im == 0.0 { b.re } else { a.im + b.re }))
    }
}

enum Read {
    /// A sign and digits only, and their base.
    Digits(String, u32),
    Invalid,
}

/// Takes apart what Python accepts as an integer: sign, prefix, and underscores between digits.
fn read_int(text: &str, base: u32) -> Read {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let prefixed = match rest.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 0,
    };
    let (mut digits, base) = match base {
        0 if prefixed != 0 => (&rest[2..], prefixed),
        0 => (rest, 10),
        _ if base == prefixed => (&rest[2..], base),
        _ => (rest, base),
    };
    let literal = digits.len() == rest.len();
    if !literal {
        // One underscore may follow the prefix.
        digits = digits.strip_prefix('_').unwrap_or(digits);
    }
    let Some(digits) = float::without_underscores(digits) else {
        return Read::Invalid;
    };
    let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(base));
    Read::Digits(format!("{sign}{digits}"), base).only_if(valid)
}

impl Read {
    fn only_if(self, valid: bool) -> Read {
        if valid { self } else { Read::Invalid }
    }
}

fn parse_complex(text: &str) -> Option<Complex> {
    let mut text = super::text::strip(text);
    if let Some(inner) = text.strip_prefix('(') {
        text = super::text::strip(inner.strip_suffix(')')?);
    }
    let number = |part: &str| match part {
        "" | "+" => Some(1.0),
        "-" => Some(-1.0),
        _ if part.contains(super::unicode::is_space) => None,
        _ => float::parse(part),
    };
    let Some(body) = text.strip_suffix(['j', 'J']) else {
        return Some(Complex {
            re: float::parse(text)?,
            im: 0.0,
        });
    };
    // The sign that starts the imaginary part does not follow an exponent's letter.
    let bytes = body.as_bytes();
    let split = (1..bytes.len())
        .rev()
        .find(|i| matches!(bytes[*i], b'+' | b'-') && !matches!(bytes[*i - 1], b'e' | b'E'));
    match split {
        Some(at) => {
            let re = &body[..at];
            if re.contains(super::unicode::is_space) {
                return None;
            }
            Some(Complex {
                re: float::parse(re)?,
                im: number(&body[at..])?,
            })
        }
        None => Some(Complex {
            re: 0.0,
            im: number(body)?,
        }),
    }
}
