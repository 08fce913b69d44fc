//! The builtin functions.

use num_bigint::BigInt;
use num_traits::Signed;

use crate::arith::Number;
use crate::call::Args;
use crate::fault::{Kind, Res, overflow, raise, type_error, value_error};
use crate::float;
use crate::ir::{BinaryOp, CompareOp};
use crate::machine::Machine;
use crate::value::{Builtin, Type, Value};

impl<'a> Machine<'a> {
    pub(crate) fn call_builtin(&self, builtin: Builtin, args: Args<'a, '_>) -> Res<Value<'a>> {
        let name = builtin.name();
        match builtin {
            Builtin::Len => self.len(args.one(name)?),
            Builtin::Any | Builtin::All => {
                let until = builtin == Builtin::Any;
                let iter = self.iterate(args.one(name)?)?;
                while let Some(item) = self.next(iter)? {
                    if item.truth() == until {
                        return Ok(Value::Bool(until));
                    }
                }
                Ok(Value::Bool(!until))
            }
            Builtin::IsInstance => {
                let given = args.take(name, 2, 2)?;
                self.is_instance(given[0].type_of(), given[1])
                    .map(Value::Bool)
            }
            Builtin::Min => self.extreme(name, CompareOp::Lt, args),
            Builtin::Max => self.extreme(name, CompareOp::Gt, args),
            Builtin::Sum => self.sum(args),
            Builtin::Sorted => {
                let [items, key, reverse] =
                    args.bind(name, ["iterable", "key", "reverse"], 1, 1, 1)?;
                let items = self.collect(items.unwrap_or(Value::None))?;
                self.list(self.sort(items, key, reverse)?)
            }
            Builtin::Abs => self.abs(args.one(name)?),
            Builtin::Round => {
                let [number, digits] = args.bind(name, ["number", "ndigits"], 1, 0, 2)?;
                self.round(number.unwrap_or(Value::None), digits.unwrap_or(Value::None))
            }
            Builtin::Divmod => {
                let given = args.take(name, 2, 2)?;
                self.divmod(given[0], given[1])
            }
            Builtin::Pow => {
                let [base, exponent, modulus] = args.bind(name, ["base", "exp", "mod"], 2, 0, 3)?;
                let (base, exponent) =
                    (base.unwrap_or(Value::None), exponent.unwrap_or(Value::None));
                match modulus {
                    None | Some(Value::None) => self.binary(BinaryOp::Pow, base, exponent),
                    Some(modulus) => self.pow_mod(base, exponent, modulus),
                }
            }
            Builtin::Repr => self.string(self.repr(args.one(name)?)?),
            Builtin::Chr => {
                let code = self.index_arg(args.one(name)?)?;
                if i32::try_from(code).is_err() {
                    return overflow("Python int too large to convert to C int");
                }
                if !(0..0x11_0000).contains(&code) {
                    return value_error("chr() arg not in range(0x110000)");
                }
                match char::from_u32(code as u32) {
                    Some(c) => self.string(c.to_string()),
                    None => value_error("chr() arg is half of a surrogate pair"),
                }
            }
            Builtin::Ord => self.ord(args.one(name)?),
            Builtin::Hex => match Number::of(args.one(name)?) {
                Some(Number::Int(i)) => {
                    let sign = if i < 0 { "-" } else { "" };
                    self.string(format!("{sign}0x{:x}", i.unsigned_abs()))
                }
                Some(Number::Big(big)) => {
                    self.meter.handle(big.bits() as usize / 4)?;
                    self.meter.room(big.bits() as usize / 2)?;
                    let sign = if big.is_negative() { "-" } else { "" };
                    self.string(format!("{sign}0x{}", big.magnitude().to_str_radix(16)))
                }
                _ => {
                    let other = args.one(name)?.type_name();
                    type_error(format!(
                        "'{other}' object cannot be interpreted as an integer"
                    ))
                }
            },
            Builtin::Hash => Ok(Value::Int(self.hash(args.one(name)?)?)),
            Builtin::Id => {
                let of = args.one(name)?;
                // Any number that is the same for the same object will do.
                let id = match self.hash(of) {
                    Err(fault) if fault.is_type_error() => 1,
                    hash => hash?,
                };
                Ok(Value::Int(id & i64::MAX))
            }
        }
    }

    pub(crate) fn len(&self, of: Value<'a>) -> Res<Value<'a>> {
        let len = match of {
            Value::Str(text) => self.count_chars(text)?,
            Value::Bytes(bytes) => bytes.len(),
            Value::List(list) => list.len(),
            Value::Tuple(items) => items.len(),
            Value::Dict(dict) | Value::View(_, dict) => dict.len(),
            Value::Set(set) => set.len(),
            Value::Range(range) => match i64::try_from(range.len()) {
                Ok(len) => len as usize,
                Err(_) => {
                    return overflow("Python int too large to convert to C ssize_t");
                }
            },
            _ => return type_error(format!("object of type '{}' has no len()", of.type_name())),
        };
        Ok(Value::Int(len as i64))
    }

    fn is_instance(&self, ty: Type, of: Value<'a>) -> Res<bool> {
        self.meter.work(1)?;
        match of {
            Value::Type(of) => Ok(ty.is_subtype(of)),
            Value::Types(types) => Ok(types.iter().any(|of| match of {
                Value::Type(of) => ty.is_subtype(*of),
                _ => ty == Type::None,
            })),
            Value::Tuple(types) => {
                for of in types {
                    if self.nested(2, || self.is_instance(ty, *of))? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => type_error("isinstance() arg 2 must be a type, a tuple of types, or a union"),
        }
    }

    fn sum(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
        let [items, start] = args.bind("sum", ["iterable", "start"], 1, 1, 2)?;
        let mut total = start.unwrap_or(Value::Int(0));
        match total {
            Value::Str(_) => {
                return type_error("sum() can't sum strings [use ''.join(seq) instead]");
            }
            Value::Bytes(_) => {
                return type_error("sum() can't sum bytes [use b''.join(seq) instead]");
            }
            _ => {}
        }
        let iter = self.iterate(items.unwrap_or(Value::None))?;
        while let Some(item) = self.next(iter)? {
            total = self.binary(BinaryOp::Add, total, item)?;
        }
        Ok(total)
    }

    fn abs(&self, of: Value<'a>) -> Res<Value<'a>> {
        match (of, Number::of(of)) {
            (_, Some(Number::Int(i))) => self.int(i128::from(i).abs()),
            (_, Some(Number::Big(big))) => {
                self.meter.integer(big.bits())?;
                self.big(big.abs())
            }
            (_, Some(Number::Float(f))) => Ok(self.float(f.abs())),
            (_, Some(Number::Complex(c))) => {
                let magnitude = c.re.hypot(c.im);
                if magnitude.is_infinite() && c.re.is_finite() && c.im.is_finite() {
                    return overflow("absolute value too large");
                }
                Ok(self.float(magnitude))
            }
            (Value::Delta(delta), _) => self.delta_sign(delta, delta.is_negative()),
            _ => type_error(format!("bad operand type for abs(): '{}'", of.type_name())),
        }
    }

    fn round(&self, number: Value<'a>, digits: Value<'a>) -> Res<Value<'a>> {
        let digits = match digits {
            Value::None => None,
            _ => Some(self.index_arg(digits)?),
        };
        match (Number::of(number), digits) {
            (Some(Number::Int(i)), None) => Ok(Value::Int(i)),
            (Some(Number::Big(_)), None) => Ok(number),
            (Some(Number::Int(i)), Some(digits)) => self.round_int(BigInt::from(i), digits),
            (Some(Number::Big(big)), Some(digits)) => {
                self.meter.multiply(2 * big.bits(), big.bits())?;
                self.round_int(big.clone(), digits)
            }
            (Some(Number::Float(f)), None) => {
                if f.is_nan() {
                    return value_error("cannot convert float NaN to integer");
                }
                if f.is_infinite() {
                    return overflow("cannot convert float infinity to integer");
                }
                self.big(float::to_big(f.round_ties_even()))
            }
            (Some(Number::Float(f)), Some(digits)) => match self.round_digits(f, digits)? {
                Some(rounded) if rounded.is_infinite() && f.is_finite() => {
                    overflow("rounded value too large to represent")
                }
                Some(_) if f.is_nan() => Ok(number),
                Some(rounded) => Ok(Value::Float(rounded)),
                None => overflow("rounded value too large to represent"),
            },
            _ => {
                let name = number.type_name();
                type_error(format!("type {name} doesn't define __round__ method"))
            }
        }
    }

    fn round_digits(&self, f: f64, digits: i64) -> Res<Option<f64>> {
        self.float_digits(f, usize::try_from(digits.min(400)).unwrap_or(0))?;
        Ok(float::round_digits(f, digits))
    }

    fn round_int(&self, value: BigInt, digits: i64) -> Res<Value<'a>> {
        if digits >= 0 {
            return self.big(value);
        }
        // A unit above twice the value rounds it to zero.
        if digits.unsigned_abs() > value.bits() / 3 + 2 {
            return Ok(Value::Int(0));
        }
        let unit = BigInt::from(10).pow(digits.unsigned_abs() as u32);
        let half = &unit / 2;
        let rest = num_integer::Integer::mod_floor(&value, &unit);
        let floor = &value - &rest;
        let odd = num_integer::Integer::is_odd(&(&floor / &unit));
        let up = rest > half || (rest == half && odd);
        self.big(if up { floor + unit } else { floor })
    }

    fn ord(&self, of: Value<'a>) -> Res<Value<'a>> {
        let len = match of {
            Value::Str(text) => match self.count_chars(text)? {
                1 => {
                    let code = text.chars().next().map_or(0, u32::from);
                    return Ok(Value::Int(i64::from(code)));
                }
                len => len,
            },
            Value::Bytes([byte]) => return Ok(Value::Int(i64::from(*byte))),
            Value::Bytes(bytes) => bytes.len(),
            _ => {
                let name = of.type_name();
                return type_error(format!(
                    "ord() expected string of length 1, but {name} found"
                ));
            }
        };
        raise(
            Kind::Type,
            format!("ord() expected a character, but string of length {len} found"),
        )
    }
}
