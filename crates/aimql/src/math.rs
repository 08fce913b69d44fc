//! The `math` module.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::arith::Number;
use crate::call::Args;
use crate::fault::{Res, overflow, type_error, value_error};
use crate::float;
use crate::ir::BinaryOp;
use crate::machine::Machine;
use crate::value::Value;

const DOMAIN: &str = "math domain error";
const RANGE: &str = "math range error";

/// Functions of one float.
type Unary = fn(f64) -> f64;
const UNARY: &[(&str, Unary)] = &[
    ("acos", f64::acos),
    ("acosh", libm::acosh),
    ("asin", f64::asin),
    ("asinh", libm::asinh),
    ("atan", f64::atan),
    ("atanh", libm::atanh),
    ("cbrt", f64::cbrt),
    ("cos", f64::cos),
    ("cosh", f64::cosh),
    ("degrees", degrees),
    ("erf", libm::erf),
    ("erfc", libm::erfc),
    ("exp", f64::exp),
    ("exp2", f64::exp2),
    ("expm1", f64::exp_m1),
    ("fabs", f64::abs),
    ("gamma", libm::tgamma),
    ("lgamma", libm::lgamma),
    ("log1p", f64::ln_1p),
    ("radians", radians),
    ("sin", f64::sin),
    ("sinh", f64::sinh),
    ("sqrt", f64::sqrt),
    ("tan", f64::tan),
    ("tanh", f64::tanh),
    ("ulp", ulp),
];

const OTHERS: &[&str] = &[
    "atan2",
    "ceil",
    "comb",
    "copysign",
    "dist",
    "factorial",
    "floor",
    "fmod",
    "frexp",
    "fsum",
    "gcd",
    "hypot",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isqrt",
    "lcm",
    "ldexp",
    "log",
    "log10",
    "log2",
    "modf",
    "nextafter",
    "perm",
    "pow",
    "prod",
    "remainder",
    "trunc",
];

fn degrees(x: f64) -> f64 {
    x * (180.0 / std::f64::consts::PI)
}

fn radians(x: f64) -> f64 {
    x * (std::f64::consts::PI / 180.0)
}

fn ulp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let x = x.abs();
    if x.is_infinite() {
        return x;
    }
    let next = x.next_up();
    if next.is_infinite() {
        x - x.next_down()
    } else {
        next - x
    }
}

const CONSTANTS: &[(&str, f64)] = &[
    ("pi", std::f64::consts::PI),
    ("e", std::f64::consts::E),
    ("tau", std::f64::consts::TAU),
    ("inf", f64::INFINITY),
];

/// Everything that `math` has.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let constants = CONSTANTS.iter().map(|(name, _)| *name);
    let unary = UNARY.iter().map(|(name, _)| *name);
    constants
        .chain(["nan"])
        .chain(unary)
        .chain(OTHERS.iter().copied())
}

impl<'a> Machine<'a> {
    pub(crate) fn math_attribute(&self, name: &str) -> Res<Option<Value<'a>>> {
        if let Some((_, constant)) = CONSTANTS.iter().find(|(n, _)| *n == name) {
            return Ok(Some(Value::Float(*constant)));
        }
        Ok(Some(match name {
            "nan" => Self::math_nan(),
            _ => {
                let unary = UNARY.iter().map(|(n, _)| *n);
                match unary.chain(OTHERS.iter().copied()).find(|n| *n == name) {
                    Some(name) => Value::MathFunction(name),
                    None => return Ok(None),
                }
            }
        }))
    }

    fn real(&self, value: Value<'a>) -> Res<f64> {
        match Number::of(value) {
            Some(Number::Complex(_)) | None => {
                type_error(format!("must be real number, not {}", value.type_name()))
            }
            Some(number) => number.to_f64(),
        }
    }

    fn integer(&self, value: Value<'a>) -> Res<BigInt> {
        let number = Number::of(value).map(|number| self.to_big(number));
        match number.transpose()?.flatten() {
            Some(big) => Ok(big),
            None => type_error(format!(
                "'{}' object cannot be interpreted as an integer",
                value.type_name()
            )),
        }
    }

    pub(crate) fn call_math(&self, name: &'a str, args: Args<'a, '_>) -> Res<Value<'a>> {
        if let Some((_, function)) = UNARY.iter().find(|(n, _)| *n == name) {
            let x = self.real(args.one(name)?)?;
            return self.unary_math(name, *function, x);
        }
        match name {
            "floor" | "ceil" | "trunc" => self.whole(name, args.one(name)?),
            "isnan" => Ok(Value::Bool(self.real(args.one(name)?)?.is_nan())),
            "isinf" => Ok(Value::Bool(self.real(args.one(name)?)?.is_infinite())),
            "isfinite" => Ok(Value::Bool(self.real(args.one(name)?)?.is_finite())),
            "log" => {
                let given = args.take(name, 1, 2)?;
                let log = self.log(given[0], f64::ln)?;
                match given.get(1) {
                    None => Ok(self.float(log)),
                    Some(base) => {
                        let base = self.log(*base, f64::ln)?;
                        self.binary(BinaryOp::Div, Value::Float(log), Value::Float(base))
                    }
                }
            }
            "log2" => Ok(self.float(self.log(args.one(name)?, f64::log2)?)),
            "log10" => Ok(self.float(self.log(args.one(name)?, f64::log10)?)),
            "pow" | "fmod" | "atan2" | "copysign" | "nextafter" | "remainder" => {
                let given = args.take(name, 2, 2)?;
                self.binary_math(name, self.real(given[0])?, self.real(given[1])?)
            }
            "hypot" => {
                let parts: Res<Vec<f64>> = args
                    .take(name, 0, usize::MAX)?
                    .iter()
                    .map(|x| self.real(*x))
                    .collect();
                self.meter.handle(args.positional.len())?;
                Ok(self.float(norm(&parts?)))
            }
            "dist" => {
                let given = args.take(name, 2, 2)?;
                let (p, q) = (self.collect(given[0])?, self.collect(given[1])?);
                if p.len() != q.len() {
                    return value_error("both points must have the same number of dimensions");
                }
                self.meter.work(p.len() as u64)?;
                let mut parts = Vec::new();
                for (p, q) in p.into_iter().zip(q) {
                    parts.push(self.real(p)? - self.real(q)?);
                }
                Ok(self.float(norm(&parts)))
            }
            "ldexp" => {
                let given = args.take(name, 2, 2)?;
                let x = self.real(given[0])?;
                let by = self.integer(given[1])?;
                let by = by
                    .to_i32()
                    .unwrap_or(if by.is_negative() { i32::MIN } else { i32::MAX });
                let result = libm::ldexp(x, by);
                if result.is_infinite() && x.is_finite() {
                    return overflow(RANGE);
                }
                Ok(self.float(result))
            }
            "frexp" => {
                let (mantissa, exponent) = libm::frexp(self.real(args.one(name)?)?);
                let exponent = if mantissa.is_finite() { exponent } else { 0 };
                self.tuple([self.float(mantissa), Value::Int(i64::from(exponent))])
            }
            "modf" => {
                let x = self.real(args.one(name)?)?;
                let fraction = if x.is_infinite() { 0.0 } else { x.fract() };
                let fraction = self.float(fraction.copysign(x));
                self.tuple([fraction, self.float(x.trunc())])
            }
            "isclose" => self.is_close(args),
            "fsum" => self.fsum(args.one(name)?),
            "prod" => {
                let [items, start] = args.bind(name, ["iterable", "start"], 1, 1, 1)?;
                let mut total = start.unwrap_or(Value::Int(1));
                let iter = self.iterate(items.unwrap_or(Value::None))?;
                while let Some(item) = self.next(iter)? {
                    total = self.binary(BinaryOp::Mul, total, item)?;
                }
                Ok(total)
            }
            _ => self.integer_math(name, args),
        }
    }

    fn unary_math(&self, name: &str, function: Unary, x: f64) -> Res<Value<'a>> {
        if matches!(name, "gamma" | "lgamma") && x == x.floor() && x <= 0.0 && x.is_finite() {
            return value_error(DOMAIN);
        }
        let y = function(x);
        if y.is_nan() && !x.is_nan() {
            return value_error(DOMAIN);
        }
        if y.is_infinite() && x.is_finite() {
            // A pole is outside of the domain; everything else has grown too large.
            return match name {
                "atanh" | "log1p" => value_error(DOMAIN),
                "degrees" | "radians" => Ok(Value::Float(y)),
                _ => overflow(RANGE),
            };
        }
        Ok(self.float(y))
    }

    fn whole(&self, name: &str, of: Value<'a>) -> Res<Value<'a>> {
        match Number::of(of) {
            Some(Number::Int(i)) => Ok(Value::Int(i)),
            Some(Number::Big(_)) => Ok(of),
            Some(Number::Float(f)) => self.truncate(match name {
                "floor" => f.floor(),
                "ceil" => f.ceil(),
                _ => f,
            }),
            _ => {
                let ty = of.type_name();
                type_error(if name == "trunc" {
                    format!("type {ty} doesn't define __trunc__ method")
                } else {
                    format!("must be real number, not {ty}")
                })
            }
        }
    }

    fn log(&self, of: Value<'a>, function: fn(f64) -> f64) -> Res<f64> {
        if let Value::Big(big) = of
            && big.is_positive()
        {
            // Take out a power of two that the float's exponent need not hold.
            self.meter.integer(big.bits())?;
            let shift = big.bits() - 64;
            let top: BigInt = big >> shift;
            let top = float::from_big(&top).unwrap_or(1.0);
            return Ok(match float::from_big(big) {
                Some(f) => function(f),
                None => function(top) + function(2.0) * shift as f64,
            });
        }
        let x = self.real(of)?;
        if x <= 0.0 {
            return value_error(DOMAIN);
        }
        Ok(function(x))
    }

    fn binary_math(&self, name: &str, x: f64, y: f64) -> Res<Value<'a>> {
        let result = match name {
            "pow" => {
                let result = x.powf(y);
                if x.is_finite() && y.is_finite() {
                    if result.is_nan() || (x == 0.0 && y < 0.0) {
                        return value_error(DOMAIN);
                    }
                    if result.is_infinite() {
                        return overflow(RANGE);
                    }
                }
                result
            }
            "fmod" => {
                let result = x % y;
                if result.is_nan() && !x.is_nan() && !y.is_nan() {
                    return value_error(DOMAIN);
                }
                result
            }
            "remainder" => {
                if (x.is_infinite() || y == 0.0) && !x.is_nan() && !y.is_nan() {
                    return value_error(DOMAIN);
                }
                libm::remainder(x, y)
            }
            "atan2" => x.atan2(y),
            "copysign" => x.copysign(y),
            _ => libm::nextafter(x, y),
        };
        Ok(self.float(result))
    }

    fn is_close(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
        let [a, b, relative, absolute] =
            args.bind("isclose", ["a", "b", "rel_tol", "abs_tol"], 2, 0, 2)?;
        let number = |value: Option<Value<'a>>, missing: f64| match value {
            Some(value) => self.real(value),
            None => Ok(missing),
        };
        let (a, b) = (number(a, 0.0)?, number(b, 0.0)?);
        let (relative, absolute) = (number(relative, 1e-9)?, number(absolute, 0.0)?);
        if relative < 0.0 || absolute < 0.0 {
            return value_error("tolerances must be non-negative");
        }
        if a == b {
            return Ok(Value::Bool(true));
        }
        if a.is_infinite() || b.is_infinite() {
            return Ok(Value::Bool(false));
        }
        let difference = (b - a).abs();
        Ok(Value::Bool(
            difference <= (relative * b).abs()
                || difference <= (relative * a).abs()
                || difference <= absolute,
        ))
    }

    /// Exact: the sum is kept as an integer multiple of the smallest float.
    fn fsum(&self, items: Value<'a>) -> Res<Value<'a>> {
        let mut total = BigInt::zero();
        let mut special = 0.0;
        let iter = self.iterate(items)?;
        while let Some(item) = self.next(iter)? {
            let x = self.real(item)?;
            if x.is_finite() {
                let (negative, mantissa, exponent) = float::decompose(x);
                let term = BigInt::from(mantissa) << (exponent + 1074) as u32;
                self.meter.work(4)?;
                total += if negative { -term } else { term };
            } else {
                let infinite = f64::is_infinite(special);
                if infinite && x.is_infinite() && special != x {
                    return value_error("-inf + inf in fsum");
                }
                special += x;
            }
        }
        if special != 0.0 {
            return Ok(self.float(special));
        }
        let unit = BigUint::one() << 1074_u32;
        match float::divide(total.magnitude(), &unit) {
            Some(sum) => Ok(Value::Float(if total.is_negative() { -sum } else { sum })),
            None => overflow("intermediate overflow in fsum"),
        }
    }

    fn integer_math(&self, name: &'a str, args: Args<'a, '_>) -> Res<Value<'a>> {
        match name {
            "gcd" | "lcm" => {
                let given = args.take(name, 0, usize::MAX)?;
                let mut total = if name == "gcd" {
                    BigInt::zero()
                } else {
                    BigInt::one()
                };
                for value in given {
                    let value = self.integer(*value)?;
                    let limbs = (value.bits() + total.bits()) / 64;
                    self.meter.work(limbs * limbs + 8)?;
                    self.check_bits(value.bits() + total.bits())?;
                    total = if name == "gcd" {
                        total.gcd(&value)
                    } else {
                        total.lcm(&value)
                    };
                }
                self.big(total.abs())
            }
            "factorial" => {
                let of = args.one(name)?;
                let n = self.integer(of)?;
                if n.is_negative() {
                    return value_error("factorial() not defined for negative values");
                }
                self.product(1, n.to_u64().unwrap_or(u64::MAX))
            }
            "isqrt" => {
                let n = self.integer(args.one(name)?)?;
                if n.is_negative() {
                    return value_error("isqrt() argument must be nonnegative");
                }
                let limbs = n.bits() / 64;
                self.meter.work(limbs * limbs + 8)?;
                self.big(n.sqrt())
            }
            _ => {
                // `comb` and `perm`
                let given = args.take(name, if name == "perm" { 1 } else { 2 }, 2)?;
                let n = self.integer(given[0])?;
                let k = match given.get(1) {
                    None | Some(Value::None) if name == "perm" => n.clone(),
                    Some(k) => self.integer(*k)?,
                    None => n.clone(),
                };
                if n.is_negative() || k.is_negative() {
                    let which = if n.is_negative() { "n" } else { "k" };
                    return value_error(format!("{which} must be a non-negative integer"));
                }
                if k > n {
                    return Ok(Value::Int(0));
                }
                let (Some(n), Some(k)) = (n.to_u64(), k.to_u64()) else {
                    return overflow("the numbers are too large");
                };
                if name == "perm" {
                    return self.product(n - k + 1, n);
                }
                let k = k.min(n - k);
                let mut total = BigUint::one();
                for i in 0..k {
                    self.check_bits(total.bits())?;
                    self.meter.work(total.bits() / 256 + 1)?;
                    total = total * (n - i) / (i + 1);
                }
                self.big(BigInt::from(total))
            }
        }
    }

    /// The product of the integers from `first` to `last`.
    fn product(&self, first: u64, last: u64) -> Res<Value<'a>> {
        let mut total = BigUint::one();
        for factor in first..=last {
            self.check_bits(total.bits())?;
            self.meter.work(total.bits() / 512 + 1)?;
            total *= factor;
        }
        self.big(BigInt::from(total))
    }
}

/// The length of a vector, scaled so that no square overflows.
fn norm(parts: &[f64]) -> f64 {
    match parts {
        [] => 0.0,
        [x] => x.abs(),
        [x, y] => x.hypot(*y),
        _ => {
            if parts.iter().any(|x| x.is_infinite()) {
                return f64::INFINITY;
            }
            let largest = parts.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
            if largest == 0.0 || parts.iter().any(|x| x.is_nan()) {
                return if largest == 0.0 { 0.0 } else { f64::NAN };
            }
            let sum: f64 = parts.iter().map(|x| (x / largest) * (x / largest)).sum();
            largest * sum.sqrt()
        }
    }
}
