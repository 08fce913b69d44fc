//! Arithmetic of times and durations.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::Zero;

use super::{Date, DateTime, Delta};
use crate::arith::Number;
use crate::fault::{Res, value_error, zero_division};
use crate::float;
use crate::ir::BinaryOp;
use crate::machine::Machine;
use crate::value::Value;

impl<'a> Machine<'a> {
    pub(crate) fn time_operator(
        &self,
        op: BinaryOp,
        a: Value<'a>,
        b: Value<'a>,
    ) -> Res<Option<Value<'a>>> {
        Ok(Some(match (op, a, b) {
            (BinaryOp::Add, Value::DateTime(at), Value::Delta(by))
            | (BinaryOp::Add, Value::Delta(by), Value::DateTime(at)) => shift(at, by.micros())?,
            (BinaryOp::Sub, Value::DateTime(at), Value::Delta(by)) => shift(at, -by.micros())?,
            (BinaryOp::Sub, Value::DateTime(a), Value::DateTime(b)) => {
                if a.is_aware() != b.is_aware() {
                    return super::super::fault::type_error(
                        "can't subtract offset-naive and offset-aware datetimes",
                    );
                }
                let micros = i128::from(a.utc_micros()) - i128::from(b.utc_micros());
                Value::Delta(Delta::from_micros(micros)?)
            }
            (BinaryOp::Add, Value::Date(date), Value::Delta(by))
            | (BinaryOp::Add, Value::Delta(by), Value::Date(date)) => {
                let ordinal = i64::from(date.ordinal) + i64::from(by.days);
                Value::Date(Date::from_ordinal(ordinal)?)
            }
            (BinaryOp::Sub, Value::Date(date), Value::Delta(by)) => {
                let ordinal = i64::from(date.ordinal) - i64::from(by.days);
                Value::Date(Date::from_ordinal(ordinal)?)
            }
            (BinaryOp::Sub, Value::Date(a), Value::Date(b)) => {
                let days = i128::from(a.ordinal) - i128::from(b.ordinal);
                Value::Delta(Delta::from_micros(days * super::delta::DAY)?)
            }
            (BinaryOp::Add, Value::Delta(a), Value::Delta(b)) => {
                Value::Delta(Delta::from_micros(a.micros() + b.micros())?)
            }
            (BinaryOp::Sub, Value::Delta(a), Value::Delta(b)) => {
                Value::Delta(Delta::from_micros(a.micros() - b.micros())?)
            }
            (BinaryOp::Mul, Value::Delta(delta), factor)
            | (BinaryOp::Mul, factor, Value::Delta(delta)) => {
                return self.scale(delta, factor);
            }
            (BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod, Value::Delta(a), _) => {
                return self.divide(op, a, b);
            }
            _ => return Ok(None),
        }))
    }

    fn scale(&self, delta: Delta, factor: Value<'a>) -> Res<Option<Value<'a>>> {
        let micros = BigInt::from(delta.micros());
        let product = match Number::of(factor) {
            Some(Number::Float(f)) => {
                let (numerator, denominator) = ratio(f)?;
                divide_even(&(micros * numerator), &denominator)
            }
            Some(number) => match self.to_big(number)? {
                Some(factor) => micros * factor,
                None => return Ok(None),
            },
            None => return Ok(None),
        };
        Delta::from_big(&product).map(|delta| Some(Value::Delta(delta)))
    }

    fn divide(&self, op: BinaryOp, a: Delta, by: Value<'a>) -> Res<Option<Value<'a>>> {
        let micros = BigInt::from(a.micros());
        if let Value::Delta(b) = by {
            let other = BigInt::from(b.micros());
            if other.is_zero() {
                return zero_division("integer division or modulo by zero");
            }
            return Ok(Some(match op {
                BinaryOp::FloorDiv => self.big(micros.div_floor(&other))?,
                BinaryOp::Mod => Value::Delta(Delta::from_big(&micros.mod_floor(&other))?),
                _ => Value::Float(float::divide_bigs(&micros, &other).unwrap_or(f64::INFINITY)),
            }));
        }
        let quotient = match (op, Number::of(by)) {
            (BinaryOp::Mod, _) | (_, None) => return Ok(None),
            (BinaryOp::Div, Some(Number::Float(f))) => {
                let (numerator, denominator) = ratio(f)?;
                if numerator.is_zero() {
                    return zero_division("division by zero");
                }
                divide_even(&(micros * denominator), &numerator)
            }
            (_, Some(number)) => match self.to_big(number)? {
                Some(divisor) if divisor.is_zero() => {
                    return zero_division("integer division or modulo by zero");
                }
                Some(divisor) if op == BinaryOp::FloorDiv => micros.div_floor(&divisor),
                Some(divisor) => divide_even(&micros, &divisor),
                None => return Ok(None),
            },
        };
        Delta::from_big(&quotient).map(|delta| Some(Value::Delta(delta)))
    }

    /// `-delta` or `+delta`
    pub(crate) fn delta_sign(&self, delta: Delta, negate: bool) -> Res<Value<'a>> {
        let micros = if negate {
            -delta.micros()
        } else {
            delta.micros()
        };
        Delta::from_micros(micros).map(Value::Delta)
    }
}

fn shift<'a>(at: DateTime, by: i128) -> Res<Value<'a>> {
    DateTime::from_micros(i128::from(at.micros) + by, at.offset).map(Value::DateTime)
}

pub(super) fn ratio(f: f64) -> Res<(BigInt, BigInt)> {
    if f.is_nan() {
        return value_error("cannot convert NaN to integer ratio");
    }
    if f.is_infinite() {
        return super::super::fault::overflow("cannot convert Infinity to integer ratio");
    }
    Ok(float::integer_ratio(f))
}

/// `a / b` to the nearest integer, ties to even.
pub(super) fn divide_even(a: &BigInt, b: &BigInt) -> BigInt {
    let (quotient, rest) = a.div_mod_floor(b);
    let twice: BigInt = rest * 2;
    let order = twice.magnitude().cmp(b.magnitude());
    let up = order.is_gt() || (order.is_eq() && quotient.is_odd());
    if up { quotient + 1 } else { quotient }
}
