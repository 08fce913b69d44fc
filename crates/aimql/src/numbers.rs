//! The methods of numbers, ranges and slices.

use num_bigint::{BigInt, Sign};
use num_traits::Signed;

use crate::arith::Number;
use crate::call::Args;
use crate::fault::{Res, no_attribute, overflow, type_error, value_error};
use crate::float;
use crate::hex_float::{self, HexError};
use crate::machine::Machine;
use crate::value::Value;

impl<'a> Machine<'a> {
    pub(crate) fn float_from_hex(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
        let text = self.str_arg(args.one("fromhex")?, "fromhex")?;
        self.meter.handle(text.len())?;
        match hex_float::from_hex(text) {
            Ok(f) => Ok(Value::Float(f)),
            Err(HexError::Invalid) => value_error("invalid hexadecimal floating-point string"),
            Err(HexError::TooLarge) => {
                overflow("hexadecimal value too large to represent as a float")
            }
        }
    }

    pub(crate) fn number_method(
        &self,
        of: Value<'a>,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        match (Number::of(of), name) {
            (Some(Number::Complex(c)), "conjugate") => {
                args.none(name)?;
                Ok(self.complex(c.re, -c.im))
            }
            (Some(Number::Float(_)), "conjugate") => args.none(name).map(|()| of),
            (Some(Number::Int(_) | Number::Big(_)), "conjugate") => {
                args.none(name)?;
                self.to_index(of)
            }
            (Some(Number::Float(f)), "is_integer") => {
                args.none(name)?;
                Ok(Value::Bool(f.is_finite() && f.floor() == f))
            }
            (Some(Number::Float(f)), "as_integer_ratio") => {
                args.none(name)?;
                if f.is_nan() {
                    return value_error("cannot convert NaN to integer ratio");
                }
                if f.is_infinite() {
                    return overflow("cannot convert Infinity to integer ratio");
                }
                self.meter.work(8)?;
                let (numerator, denominator) = float::integer_ratio(f);
                self.tuple([self.big(numerator)?, self.big(denominator)?])
            }
            (Some(Number::Float(f)), "hex") => {
                args.none(name)?;
                self.meter.work(8)?;
                self.string(hex(f))
            }
            (Some(Number::Int(_) | Number::Big(_)), "as_integer_ratio") => {
                args.none(name)?;
                self.tuple([self.to_index(of)?, Value::Int(1)])
            }
            (Some(number), "bit_length" | "bit_count") => {
                args.none(name)?;
                let Some(big) = self.to_big(number)? else {
                    return no_attribute("float", name);
                };
                Ok(Value::Int(if name == "bit_length" {
                    big.bits() as i64
                } else {
                    big.magnitude()
                        .iter_u64_digits()
                        .map(|d| i64::from(d.count_ones()))
                        .sum()
                }))
            }
            (Some(number), "to_bytes") => self.int_to_bytes(number, args),
            _ => self.sequence_method(of, name, args),
        }
    }

    fn sequence_method(&self, of: Value<'a>, name: &'a str, args: Args<'a, '_>) -> Res<Value<'a>> {
        match (of, name) {
            (Value::Range(range), "index" | "count") => {
                let item = args.one(name)?;
                let mut found = None;
                if self.contains(of, item)? {
                    let start = self.int(range.start)?;
                    let distance = self.binary(super::ir::BinaryOp::Sub, item, start)?;
                    let step = self.int(range.step)?;
                    found = Some(self.binary(super::ir::BinaryOp::FloorDiv, distance, step)?);
                }
                match found {
                    _ if name == "count" => Ok(Value::Int(i64::from(found.is_some()))),
                    Some(at) => Ok(at),
                    None => value_error(format!("{} is not in range", self.repr(item)?)),
                }
            }
            (Value::Slice(parts), "indices") => {
                let len = self.index_arg(args.one(name)?)?;
                let Ok(len) = usize::try_from(len) else {
                    return value_error("length should not be negative");
                };
                let (start, stop, step) = self.slice_bounds(parts, len)?;
                self.tuple([Value::Int(start), Value::Int(stop), Value::Int(step)])
            }
            _ => no_attribute(of.type_name(), name),
        }
    }

    /// An integer from a bool.
    fn to_index(&self, of: Value<'a>) -> Res<Value<'a>> {
        Ok(if let Value::Bool(b) = of {
            Value::Int(i64::from(b))
        } else {
            of
        })
    }

    fn int_to_bytes(&self, number: Number<'a>, args: Args<'a, '_>) -> Res<Value<'a>> {
        let [len, order, signed] =
            args.bind("to_bytes", ["length", "byteorder", "signed"], 0, 0, 2)?;
        let len = len.map_or(Ok(1), |len| self.index_arg(len))?;
        let Ok(len) = usize::try_from(len) else {
            return value_error("length argument must be non-negative");
        };
        self.meter.memory(len)?;
        self.meter.handle(len)?;
        let signed = signed.is_some_and(Value::truth);
        let Some(value) = self.to_big(number)? else {
            return type_error("not an integer");
        };
        if value.is_negative() && !signed {
            return overflow("can't convert negative int to unsigned");
        }
        let mut bytes = if signed {
            value.to_signed_bytes_le()
        } else {
            value.magnitude().to_bytes_le()
        };
        let zero = value.sign() == Sign::NoSign;
        if bytes.len() > len && !(zero && len == 0) {
            return overflow("int too big to convert");
        }
        bytes.resize(len, if value.is_negative() { 0xff } else { 0 });
        if self.is_big_endian(order)? {
            bytes.reverse();
        }
        self.bytes(bytes)
    }

    pub(crate) fn int_from_bytes(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
        let [bytes, order, signed] =
            args.bind("from_bytes", ["bytes", "byteorder", "signed"], 1, 0, 2)?;
        let Some(Value::Bytes(bytes)) = bytes else {
            return type_error("cannot convert object to bytes");
        };
        self.check_bits(bytes.len() as u64 * 8)?;
        self.meter.handle(bytes.len())?;
        let mut bytes = bytes.to_vec();
        if self.is_big_endian(order)? {
            bytes.reverse();
        }
        self.big(if signed.is_some_and(Value::truth) {
            BigInt::from_signed_bytes_le(&bytes)
        } else {
            BigInt::from_bytes_le(Sign::Plus, &bytes)
        })
    }

    fn is_big_endian(&self, order: Option<Value<'a>>) -> Res<bool> {
        match order {
            None | Some(Value::Str("big")) => Ok(true),
            Some(Value::Str("little")) => Ok(false),
            _ => value_error("byteorder must be either 'little' or 'big'"),
        }
    }
}

/// Python's `float.hex`.
fn hex(f: f64) -> String {
    let sign = if f.is_sign_negative() && !f.is_nan() {
        "-"
    } else {
        ""
    };
    if !f.is_finite() {
        return float::repr(f);
    }
    if f == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = f.to_bits();
    let biased = (bits >> 52 & 0x7ff) as i32;
    let (whole, exponent) = if biased == 0 {
        (0, -1022)
    } else {
        (1, biased - 1023)
    };
    let fraction = bits & ((1 << 52) - 1);
    let direction = if exponent < 0 { '-' } else { '+' };
    format!(
        "{sign}0x{whole}.{fraction:013x}p{direction}{}",
        exponent.unsigned_abs()
    )
}
