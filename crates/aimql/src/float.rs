//! Floats: Python's text form, and exact conversions, divisions and rounding.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Python's `repr`: the shortest digits that read back as the same float.
pub(crate) fn repr(f: f64) -> String {
    if f.is_nan() {
        return "nan".to_owned();
    }
    if f.is_infinite() {
        return if f > 0.0 {
            "inf".to_owned()
        } else {
            "-inf".to_owned()
        };
    }
    let (negative, digits, exponent) = shortest(f);
    let mut out = String::new();
    if negative {
        out.push('-');
    }
    if !(-4..16).contains(&exponent) {
        push_scientific(&mut out, &digits, exponent);
    } else {
        push_positional(&mut out, &digits, exponent);
        if !out.contains('.') {
            out.push_str(".0");
        }
    }
    out
}

/// Sign, shortest digits and decimal exponent of the first digit.
pub(crate) fn shortest(f: f64) -> (bool, String, i32) {
    let found = split_scientific(&format!("{f:e}"));
    // Where two are as short and as near, Python takes the even one.
    let even = format!("{f:.*e}", found.1.len().saturating_sub(1));
    if even.parse() == Ok(f) {
        split_scientific(&even)
    } else {
        found
    }
}

/// Takes apart what Rust formats as `-d.ddde-x`.
pub(crate) fn split_scientific(text: &str) -> (bool, String, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let negative = mantissa.starts_with('-');
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
    (negative, digits, exponent.parse().unwrap_or(0))
}

/// `d.ddde+xx`
pub(crate) fn push_scientific(out: &mut String, digits: &str, exponent: i32) {
    out.push_str(&digits[..1]);
    if digits.len() > 1 {
        out.push('.');
        out.push_str(&digits[1..]);
    }
    out.push('e');
    push_exponent(out, exponent);
}

pub(crate) fn push_exponent(out: &mut String, exponent: i32) {
    out.push(if exponent < 0 { '-' } else { '+' });
    out.push_str(&format!("{:02}", exponent.unsigned_abs()));
}

/// Digits with the point where the exponent puts it.
pub(crate) fn push_positional(out: &mut String, digits: &str, exponent: i32) {
    if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
        out.push_str(digits);
        return;
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        out.push_str(digits);
        out.extend(std::iter::repeat_n('0', whole - digits.len()));
    } else {
        out.push_str(&digits[..whole]);
        out.push('.');
        out.push_str(&digits[whole..]);
    }
}

/// Floor division and modulo, as CPython computes them.
pub(crate) fn divmod(a: f64, b: f64) -> (f64, f64) {
    let mut modulo = a % b;
    let mut quotient = (a - modulo) / b;
    if modulo == 0.0 {
        modulo = 0.0_f64.copysign(b);
    } else if (b < 0.0) != (modulo < 0.0) {
        modulo += b;
        quotient -= 1.0;
    }
    let floor = if quotient == 0.0 {
        0.0_f64.copysign(a / b)
    } else {
        let floor = quotient.floor();
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    };
    (floor, modulo)
}

/// The float nearest to `mantissa · 2^exponent`, ties to even; `sticky` tells that the mantissa was cut off.
/// None if it is too large.
fn round_scaled(mantissa: u128, sticky: bool, exponent: i64) -> Option<f64> {
    if mantissa == 0 {
        return Some(0.0);
    }
    let bits = 128 - i64::from(mantissa.leading_zeros());
    // The exponent of the last place: 53 bits, fewer for a subnormal number.
    let last_place = (bits - 1 + exponent - 52).max(-1074);
    let shift = last_place - exponent;
    let rounded = if shift <= 0 {
        mantissa << shift.unsigned_abs()
    } else if shift > 127 {
        0
    } else {
        let kept = mantissa >> shift;
        let rest = mantissa & ((1 << shift) - 1);
        let half = 1_u128 << (shift - 1);
        let up = rest > half || (rest == half && (sticky || kept & 1 == 1));
        kept + u128::from(up)
    };
    let rounded = rounded as u64;
    // A mantissa without its leading bit is a subnormal number; a carry into 2^53 moves on to the next exponent.
    let biased = if rounded < 1 << 52 {
        0
    } else {
        (last_place + 1075) as u64
    };
    let bits = if biased == 0 {
        rounded
    } else {
        (biased << 52) + (rounded - (1 << 52))
    };
    let value = f64::from_bits(bits);
    value.is_finite().then_some(value)
}

/// The float nearest to an integer; None if it is too large.
pub(crate) fn from_big(big: &BigInt) -> Option<f64> {
    let value = from_biguint(big.magnitude())?;
    Some(if big.is_negative() { -value } else { value })
}

fn from_biguint(big: &BigUint) -> Option<f64> {
    let bits = big.bits();
    if bits > 1024 {
        return None;
    }
    let shift = bits.saturating_sub(100);
    let top = big >> shift;
    let sticky = shift > 0 && big.trailing_zeros().unwrap_or(0) < shift;
    round_scaled(top.to_u128()?, sticky, shift as i64)
}

/// The float nearest to `a / b`; None if it is too large.
pub(crate) fn divide_bigs(a: &BigInt, b: &BigInt) -> Option<f64> {
    let negative = a.is_negative() != b.is_negative();
    let value = divide(a.magnitude(), b.magnitude())?;
    Some(if negative { -value } else { value })
}

pub(crate) fn divide(a: &BigUint, b: &BigUint) -> Option<f64> {
    if a.is_zero() {
        return Some(0.0);
    }
    // Scale so that the quotient has about 100 bits.
    let shift = 100 + b.bits() as i64 - a.bits() as i64;
    let (quotient, rest) = if shift >= 0 {
        (a << shift as u64).div_rem(b)
    } else {
        a.div_rem(&(b << shift.unsigned_abs()))
    };
    round_scaled(quotient.to_u128()?, !rest.is_zero(), -shift)
}

/// Sign, odd or zero mantissa and exponent: the float is exactly `mantissa · 2^exponent`.
pub(crate) fn decompose(f: f64) -> (bool, u64, i32) {
    let bits = f.to_bits();
    let biased = (bits >> 52 & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if biased == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, biased - 1075)
    };
    if mantissa == 0 {
        return (f.is_sign_negative(), 0, 0);
    }
    let zeros = mantissa.trailing_zeros();
    (
        f.is_sign_negative(),
        mantissa >> zeros,
        exponent + zeros as i32,
    )
}

/// Numerator and denominator in lowest terms.
pub(crate) fn integer_ratio(f: f64) -> (BigInt, BigInt) {
    let (negative, mantissa, exponent) = decompose(f);
    let mut numerator = BigInt::from(mantissa);
    let mut denominator = BigInt::one();
    if exponent >= 0 {
        numerator <<= exponent;
    } else {
        denominator <<= exponent.unsigned_abs();
    }
    (if negative { -numerator } else { numerator }, denominator)
}

/// The whole part of a finite float.
pub(crate) fn to_big(f: f64) -> BigInt {
    let (negative, mantissa, exponent) = decompose(f.trunc());
    let magnitude = BigUint::from(mantissa) << exponent.max(0) as u32;
    BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, magnitude)
}

/// `round(f, digits)`: to the nearest decimal, ties on the exact value to even. None if the result is too large.
pub(crate) fn round_digits(f: f64, digits: i64) -> Option<f64> {
    if !f.is_finite() || f == 0.0 || digits > 323 {
        return Some(f);
    }
    if digits >= 0 {
        return Some(format!("{f:.0$}", digits as usize).parse().unwrap_or(f));
    }
    if digits < -309 {
        return Some(0.0_f64.copysign(f));
    }
    // Nothing is lost left of the point: divide the exact value by the power of ten.
    let unit = BigUint::from(10_u32).pow(digits.unsigned_abs() as u32);
    let (numerator, denominator) = integer_ratio(f);
    let scale = &unit * denominator.magnitude();
    let (quotient, rest) = numerator.magnitude().div_rem(&scale);
    let twice = rest * 2_u32;
    let up = twice > scale || (twice == scale && quotient.is_odd());
    let rounded = (if up { quotient + 1_u32 } else { quotient }) * unit;
    from_biguint(&rounded).map(|r| r.copysign(f))
}

/// Python's `float(text)`.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let text = ascii_digits(text)?;
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let special = match unsigned.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => Some(f64::INFINITY),
        "nan" => Some(f64::NAN),
        _ => None,
    };
    if let Some(special) = special {
        return Some(if text.starts_with('-') {
            -special
        } else {
            special
        });
    }
    // Rust reads the same numbers, and some that Python does not.
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    without_underscores(&text)?.parse().ok()
}

/// Strips the space around a number and turns other scripts' digits into ASCII ones. None if it is no number.
pub(crate) fn ascii_digits(text: &str) -> Option<String> {
    let text = super::text::strip(text);
    if text.is_ascii() {
        return Some(text.to_owned());
    }
    text.chars()
        .map(|c| match super::unicode::decimal_value(c) {
            Some(digit) => char::from_digit(digit, 10),
            None => c.is_ascii().then_some(c),
        })
        .collect()
}

/// Removes underscores between digits; None if there are others.
pub(crate) fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphanumeric);
        if *byte == b'_' && (i == 0 || !digit(i - 1) || !digit(i + 1)) {
            return None;
        }
    }
    Some(text.replace('_', ""))
}
