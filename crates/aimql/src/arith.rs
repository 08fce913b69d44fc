//! Operators.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};

use crate::complex;
use crate::fault::{Res, overflow, type_error, value_error, zero_division};
use crate::float;
use crate::ir::{BinaryOp, UnaryOp};
use crate::limits::MAX_INT_BITS;
use crate::machine::Machine;
use crate::value::{Complex, Type, Value};

/// A number, with bools as integers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number<'a> {
    Int(i64),
    Big(&'a BigInt),
    Float(f64),
    Complex(Complex),
}

impl<'a> Number<'a> {
    pub(crate) fn of(value: Value<'a>) -> Option<Number<'a>> {
        Some(match value {
            Value::Int(i) => Number::Int(i),
            Value::Bool(b) => Number::Int(i64::from(b)),
            Value::Float(f) => Number::Float(f),
            Value::Big(big) => Number::Big(big),
            Value::Complex(c) => Number::Complex(c),
            _ => return None,
        })
    }

    pub(crate) fn to_f64(self) -> Res<f64> {
        match self {
            Number::Int(i) => Ok(i as f64),
            Number::Float(f) => Ok(f),
            Number::Big(big) => match float::from_big(big) {
                Some(f) => Ok(f),
                None => overflow("int too large to convert to float"),
            },
            Number::Complex(_) => type_error("can't convert complex to float"),
        }
    }

    fn to_complex(self) -> Res<Complex> {
        match self {
            Number::Complex(c) => Ok(c),
            other => Ok(Complex {
                re: other.to_f64()?,
                im: 0.0,
            }),
        }
    }
}

impl BinaryOp {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::MatMul => "@",
            BinaryOp::Div => "/",
            BinaryOp::FloorDiv => "//",
            BinaryOp::Mod => "%",
            BinaryOp::Pow => "** or pow()",
            BinaryOp::LeftShift => "<<",
            BinaryOp::RightShift => ">>",
            BinaryOp::Or => "|",
            BinaryOp::Xor => "^",
            BinaryOp::And => "&",
        }
    }
}

impl<'a> Machine<'a> {
    pub(crate) fn binary(&self, op: BinaryOp, a: Value<'a>, b: Value<'a>) -> Res<Value<'a>> {
        match (Number::of(a), Number::of(b)) {
            (Some(x), Some(y)) => match self.binary_numbers(op, x, y)? {
                // Bit operations on two bools make a bool.
                Value::Int(i)
                    if matches!((a, b), (Value::Bool(_), Value::Bool(_)))
                        && matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Xor) =>
                {
                    Ok(Value::Bool(i != 0))
                }
                value => Ok(value),
            },
            _ => match self.binary_other(op, a, b)? {
                Some(value) => Ok(value),
                None => {
                    let (a, b) = (a.type_name(), b.type_name());
                    let symbol = op.symbol();
                    type_error(format!(
                        "unsupported operand type(s) for {symbol}: '{a}' and '{b}'"
                    ))
                }
            },
        }
    }

    /// Operators of values that are not both numbers; None where the types do not go together.
    #[inline(never)]
    fn binary_other(&self, op: BinaryOp, a: Value<'a>, b: Value<'a>) -> Res<Option<Value<'a>>> {
        let timed = |v: Value<'a>| {
            matches!(
                v,
                Value::DateTime(_) | Value::Date(_) | Value::Time(_) | Value::Delta(_)
            )
        };
        Ok(Some(match (op, a, b) {
            (BinaryOp::Add, Value::Str(x), Value::Str(y)) => {
                self.meter.room(x.len() + y.len())?;
                self.string([x, y].concat())?
            }
            (BinaryOp::Add, Value::Bytes(x), Value::Bytes(y)) => {
                self.meter.room(x.len() + y.len())?;
                self.bytes([x, y].concat())?
            }
            (BinaryOp::Add, Value::List(x), Value::List(y)) => {
                let mut items = self.collect(Value::List(x))?;
                self.extend(&mut items, Value::List(y))?;
                self.list(items)?
            }
            (BinaryOp::Add, Value::Tuple(x), Value::Tuple(y)) => {
                let mut items = self.collect(a)?;
                self.extend(&mut items, Value::Tuple(y))?;
                debug_assert_eq!(items.len(), x.len() + y.len());
                self.tuple(items)?
            }
            (BinaryOp::Mul, of, times) | (BinaryOp::Mul, times, of)
                if is_sequence(of) && is_int(times) =>
            {
                self.repeat(of, times)?
            }
            (BinaryOp::Mul, of, other) | (BinaryOp::Mul, other, of) if is_sequence(of) => {
                let other = other.type_name();
                return type_error(format!(
                    "can't multiply sequence by non-int of type '{other}'"
                ));
            }
            (BinaryOp::Mod, Value::Str(format), args) => {
                self.string(self.percent_format(format, args)?)?
            }
            (BinaryOp::And | BinaryOp::Or | BinaryOp::Xor | BinaryOp::Sub, _, _)
                if matches!((a, b), (Value::Set(_), Value::Set(_)))
                    || matches!(a, Value::View(..))
                    || matches!(b, Value::View(..)) =>
            {
                return self.set_operator(op, a, b);
            }
            (BinaryOp::Or, Value::Dict(x), Value::Dict(y)) => {
                let dict = self.new_dict(false)?;
                dict.copy_from(self, x)?;
                y.each(self, |key, value| dict.insert(self, key, value))?;
                Value::Dict(dict)
            }
            (BinaryOp::Or, _, _) if is_type(a) && is_type(b) => {
                let mut types: Vec<Value<'a>> = Vec::new();
                for side in [a, b] {
                    let parts = match side {
                        Value::Types(parts) => parts,
                        _ => &[side],
                    };
                    for part in parts {
                        if !types.iter().any(|other| other.is(*part)) {
                            types.push(*part);
                        }
                    }
                }
                match &types[..] {
                    [only] => *only,
                    _ => Value::Types(self.values(types)?),
                }
            }
            _ if timed(a) || timed(b) => return self.time_operator(op, a, b),
            _ => return Ok(None),
        }))
    }

    fn repeat(&self, of: Value<'a>, times: Value<'a>) -> Res<Value<'a>> {
        let times = match times {
            Value::Int(i) => usize::try_from(i).unwrap_or(0),
            Value::Bool(b) => usize::from(b),
            _ => return overflow("cannot fit 'int' into an index-sized integer"),
        };
        let check = |len: usize, size: usize| -> Res<()> {
            let total = len.saturating_mul(times);
            self.meter.memory(total.saturating_mul(size))?;
            self.meter.handle(total)
        };
        match of {
            Value::Str(text) => {
                check(text.len(), 1)?;
                self.string(text.repeat(if text.is_empty() { 0 } else { times }))
            }
            Value::Bytes(bytes) => {
                check(bytes.len(), 1)?;
                self.bytes(bytes.repeat(if bytes.is_empty() { 0 } else { times }))
            }
            Value::Tuple(items) => {
                check(items.len(), size_of::<Value>())?;
                self.tuple(items.repeat(if items.is_empty() { 0 } else { times }))
            }
            Value::List(list) => {
                let items = list.items.borrow();
                check(items.len(), size_of::<Value>())?;
                self.list(items.repeat(if items.is_empty() { 0 } else { times }))
            }
            _ => type_error("not a sequence"),
        }
    }

    pub(crate) fn binary_numbers(
        &self,
        op: BinaryOp,
        a: Number<'a>,
        b: Number<'a>,
    ) -> Res<Value<'a>> {
        match (a, b) {
            (Number::Int(a), Number::Int(b)) => self.binary_ints(op, a, b),
            (Number::Float(a), Number::Float(b)) => self.binary_floats(op, a, b),
            (Number::Complex(_), _) | (_, Number::Complex(_)) => {
                complex::binary(self, op, a.to_complex()?, b.to_complex()?)
            }
            (Number::Float(a), b) => self.binary_floats(op, a, b.to_f64()?),
            (a, Number::Float(b)) => self.binary_floats(op, a.to_f64()?, b),
            _ => match (self.to_big(a)?, self.to_big(b)?) {
                (Some(a), Some(b)) => self.binary_bigs(op, &a, &b),
                _ => type_error("not a number"),
            },
        }
    }

    #[inline]
    fn binary_ints(&self, op: BinaryOp, a: i64, b: i64) -> Res<Value<'a>> {
        let small = match op {
            BinaryOp::Add => a.checked_add(b),
            BinaryOp::Sub => a.checked_sub(b),
            BinaryOp::Mul => a.checked_mul(b),
            BinaryOp::And => Some(a & b),
            BinaryOp::Or => Some(a | b),
            BinaryOp::Xor => Some(a ^ b),
            BinaryOp::FloorDiv if b != 0 => a.checked_div(b).map(|q| {
                if a % b != 0 && (a < 0) != (b < 0) {
                    q - 1
                } else {
                    q
                }
            }),
            BinaryOp::Mod if b != 0 => a.checked_rem(b).map(|r| {
                if r != 0 && (r < 0) != (b < 0) {
                    r + b
                } else {
                    r
                }
            }),
            BinaryOp::Div
                if b != 0 && a.unsigned_abs() <= 1 << 53 && b.unsigned_abs() <= 1 << 53 =>
            {
                return Ok(Value::Float(a as f64 / b as f64));
            }
            BinaryOp::RightShift if b >= 0 => Some(a >> b.min(63)),
            _ => None,
        };
        match small {
            Some(i) => Ok(Value::Int(i)),
            None => self.binary_bigs(op, &BigInt::from(a), &BigInt::from(b)),
        }
    }

    #[inline(never)]
    fn binary_bigs(&self, op: BinaryOp, a: &BigInt, b: &BigInt) -> Res<Value<'a>> {
        let (a_bits, b_bits) = (a.bits(), b.bits());
        match op {
            // Long ones take time in proportion to the product of the lengths.
            BinaryOp::Mul | BinaryOp::FloorDiv | BinaryOp::Mod => {
                self.meter.multiply(a_bits, b_bits)?
            }
            // The shorter operand is shifted to the length of the longer one, and a little further.
            BinaryOp::Div => self.meter.multiply(a_bits.max(b_bits) + 128, b_bits)?,
            _ => self.meter.integer(a_bits + b_bits)?,
        }
        let bits = match op {
            BinaryOp::Mul => a_bits + b_bits,
            _ => a_bits.max(b_bits) + 1,
        };
        if bits > 2 * MAX_INT_BITS {
            self.check_bits(bits)?;
        }
        match op {
            BinaryOp::Add => self.big(a + b),
            BinaryOp::Sub => self.big(a - b),
            BinaryOp::Mul => self.big(a * b),
            BinaryOp::And => self.big(a & b),
            BinaryOp::Or => self.big(a | b),
            BinaryOp::Xor => self.big(a ^ b),
            BinaryOp::FloorDiv if b.is_zero() => {
                zero_division("integer division or modulo by zero")
            }
            BinaryOp::Mod if b.is_zero() => zero_division("integer modulo by zero"),
            BinaryOp::FloorDiv => self.big(a.div_floor(b)),
            BinaryOp::Mod => self.big(a.mod_floor(b)),
            BinaryOp::Div if b.is_zero() => zero_division("division by zero"),
            BinaryOp::Div => match float::divide_bigs(a, b) {
                Some(quotient) => Ok(Value::Float(quotient)),
                None => overflow("integer division result too large for a float"),
            },
            BinaryOp::Pow => self.pow_ints(a, b),
            BinaryOp::LeftShift | BinaryOp::RightShift if b.is_negative() => {
                value_error("negative shift count")
            }
            BinaryOp::LeftShift if a.is_zero() => Ok(Value::Int(0)),
            BinaryOp::LeftShift => {
                let by = b.to_u64().unwrap_or(u64::MAX);
                self.check_bits(a_bits.saturating_add(by))?;
                self.big(a << by)
            }
            BinaryOp::RightShift => match b.to_u64() {
                Some(by) if by <= a_bits => self.big(a >> by),
                _ => Ok(Value::Int(if a.is_negative() { -1 } else { 0 })),
            },
            BinaryOp::MatMul => type_error("unsupported operand type(s) for @: 'int' and 'int'"),
        }
    }

    /// An operand of integer arithmetic that does not fit 64 bits.
    pub(crate) fn to_big(&self, number: Number<'_>) -> Res<Option<BigInt>> {
        Ok(match number {
            Number::Int(i) => Some(BigInt::from(i)),
            Number::Big(big) => {
                self.meter.integer(big.bits())?;
                Some(big.clone())
            }
            _ => None,
        })
    }

    fn pow_ints(&self, base: &BigInt, exponent: &BigInt) -> Res<Value<'a>> {
        if exponent.is_negative() {
            let base = Number::Big(base).to_f64()?;
            let exponent = Number::Big(exponent).to_f64()?;
            return self.pow_floats(base, exponent);
        }
        if base.magnitude().is_one() || base.is_zero() || exponent.is_zero() {
            let odd = exponent.is_odd();
            return Ok(Value::Int(match () {
                () if exponent.is_zero() => 1,
                () if base.is_zero() => 0,
                () if base.is_negative() && odd => -1,
                () => 1,
            }));
        }
        let exponent = exponent.to_u64().unwrap_or(u64::MAX);
        // The result has at least this many bits.
        let bits = (base.bits() - 1).saturating_mul(exponent);
        self.check_bits(bits)?;
        self.meter.multiply(bits, bits)?;
        self.big(Pow::pow(base, exponent))
    }

    fn binary_floats(&self, op: BinaryOp, a: f64, b: f64) -> Res<Value<'a>> {
        Ok(self.float(match op {
            BinaryOp::Add => a + b,
            BinaryOp::Sub => a - b,
            BinaryOp::Mul => a * b,
            BinaryOp::Div if b == 0.0 => return zero_division("float division by zero"),
            BinaryOp::Div => a / b,
            BinaryOp::FloorDiv if b == 0.0 => {
                return zero_division("float floor division by zero");
            }
            BinaryOp::FloorDiv => float::divmod(a, b).0,
            BinaryOp::Mod if b == 0.0 => return zero_division("float modulo"),
            BinaryOp::Mod => float::divmod(a, b).1,
            BinaryOp::Pow => return self.pow_floats(a, b),
            _ => {
                let symbol = op.symbol();
                return type_error(format!(
                    "unsupported operand type(s) for {symbol}: 'float' and 'float'"
                ));
            }
        }))
    }

    pub(crate) fn pow_floats(&self, a: f64, b: f64) -> Res<Value<'a>> {
        if b == 0.0 || a == 1.0 {
            return Ok(Value::Float(1.0));
        }
        if a == 0.0 && b < 0.0 {
            return zero_division("0.0 cannot be raised to a negative power");
        }
        if a < 0.0 && a.is_finite() && b.is_finite() && b != b.floor() {
            let (a, b) = (Complex { re: a, im: 0.0 }, Complex { re: b, im: 0.0 });
            return complex::binary(self, BinaryOp::Pow, a, b);
        }
        let result = a.powf(b);
        if result.is_infinite() && a.is_finite() && b.is_finite() {
            return overflow("(34, 'Numerical result out of range')");
        }
        Ok(self.float(result))
    }

    pub(crate) fn unary(&self, op: UnaryOp, of: Value<'a>) -> Res<Value<'a>> {
        if let Value::Big(big) = of {
            self.meter.integer(big.bits())?;
        }
        match (op, Number::of(of)) {
            (UnaryOp::Minus, Some(Number::Int(i))) => self.int(-i128::from(i)),
            (UnaryOp::Minus, Some(Number::Float(f))) => Ok(self.float(-f)),
            (UnaryOp::Minus, Some(Number::Big(big))) => self.big(-big),
            (UnaryOp::Minus, Some(Number::Complex(c))) => Ok(self.complex(-c.re, -c.im)),
            (UnaryOp::Plus, Some(Number::Int(i))) => Ok(Value::Int(i)),
            (UnaryOp::Plus, Some(_)) => Ok(of),
            (UnaryOp::Invert, Some(Number::Int(i))) => Ok(Value::Int(!i)),
            (UnaryOp::Invert, Some(Number::Big(big))) => self.big(-(big + BigInt::one())),
            _ => {
                if let Value::Delta(delta) = of
                    && op != UnaryOp::Invert
                {
                    return self.delta_sign(delta, op == UnaryOp::Minus);
                }
                let symbol = match op {
                    UnaryOp::Invert => "~",
                    UnaryOp::Plus => "+",
                    UnaryOp::Minus => "-",
                };
                let name = of.type_name();
                type_error(format!("bad operand type for unary {symbol}: '{name}'"))
            }
        }
    }

    pub(crate) fn divmod(&self, a: Value<'a>, b: Value<'a>) -> Res<Value<'a>> {
        match (Number::of(a), Number::of(b)) {
            (Some(Number::Complex(_)), Some(_)) | (Some(_), Some(Number::Complex(_))) => {
                type_error("can't take floor or mod of complex number.")
            }
            (Some(Number::Float(_)), Some(y)) if y.to_f64()? == 0.0 => {
                zero_division("float divmod()")
            }
            (Some(_), Some(_)) | (None, _) | (_, None) => {
                let valid = Number::of(a).is_some() && Number::of(b).is_some()
                    || matches!((a, b), (Value::Delta(_), Value::Delta(_)));
                if !valid {
                    let (a, b) = (a.type_name(), b.type_name());
                    return type_error(format!(
                        "unsupported operand type(s) for divmod(): '{a}' and '{b}'"
                    ));
                }
                let quotient = self.binary(BinaryOp::FloorDiv, a, b)?;
                self.tuple([quotient, self.binary(BinaryOp::Mod, a, b)?])
            }
        }
    }

    /// `pow(base, exponent, modulus)`
    pub(crate) fn pow_mod(
        &self,
        base: Value<'a>,
        exponent: Value<'a>,
        modulus: Value<'a>,
    ) -> Res<Value<'a>> {
        let mut parts = [const { None }; 3];
        for (part, value) in parts.iter_mut().zip([base, exponent, modulus]) {
            if let Some(number) = Number::of(value) {
                *part = self.to_big(number)?;
            }
        }
        let [Some(base), Some(exponent), Some(modulus)] = parts else {
            return type_error("pow() 3rd argument not allowed unless all arguments are integers");
        };
        if modulus.is_zero() {
            return value_error("pow() 3rd argument cannot be 0");
        }
        let limbs = modulus.bits() / 64 + 1;
        self.meter.multiply(base.bits(), modulus.bits())?;
        self.meter
            .work(exponent.bits().max(16) * (limbs * limbs / 8 + 1))?;
        let power = if exponent.is_negative() {
            // A step of Euclid's algorithm takes away about two bits.
            self.meter.work(modulus.bits() * (limbs / 4 + 4))?;
            let Some(inverse) = base.modinv(&modulus) else {
                return value_error("base is not invertible for the given modulus");
            };
            inverse.modpow(&-exponent, &modulus)
        } else {
            base.modpow(&exponent, &modulus)
        };
        self.big(power)
    }
}

fn is_sequence(value: Value<'_>) -> bool {
    matches!(
        value,
        Value::Str(_) | Value::Bytes(_) | Value::List(_) | Value::Tuple(_)
    )
}

fn is_int(value: Value<'_>) -> bool {
    matches!(value, Value::Int(_) | Value::Bool(_) | Value::Big(_))
}

fn is_type(value: Value<'_>) -> bool {
    matches!(value, Value::Type(_) | Value::Types(_) | Value::None)
        && !matches!(value, Value::Type(Type::None))
}
