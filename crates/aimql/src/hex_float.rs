//! `float.fromhex`: `[sign]["0x"]digits[.digits]["p"exponent]`, rounded half to even, as CPython reads it.

use num_bigint::BigUint;
use num_traits::{Num, One, ToPrimitive, Zero};

/// Why a text is not a float.
#[derive(Debug, PartialEq)]
pub(crate) enum HexError {
    Invalid,
    TooLarge,
}

const MANTISSA_BITS: i64 = 53;
/// Exponent of the smallest subnormal number, and the first one that no float reaches.
const LEAST: i64 = -1074;
const BEYOND: i64 = 1024;

pub(crate) fn from_hex(text: &str) -> Result<f64, HexError> {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let size = match rest.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        lower => parse(lower)?,
    };
    Ok(if negative { -size } else { size })
}

fn parse(text: &str) -> Result<f64, HexError> {
    let text = text.strip_prefix("0x").unwrap_or(text);
    let (digits, exponent) = match text.split_once('p') {
        Some((digits, exponent)) => (digits, parse_exponent(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = [whole, fraction].concat();
    // The number parser would take a sign and underscores.
    if all.is_empty() || !all.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(HexError::Invalid);
    }
    let mantissa = BigUint::from_str_radix(&all, 16).map_err(|_| HexError::Invalid)?;
    round(
        &mantissa,
        exponent.saturating_sub(4 * fraction.len() as i64),
    )
}

/// An exponent, cut to a size that is far out of every float's range whatever the mantissa.
fn parse_exponent(text: &str) -> Result<i64, HexError> {
    const FAR: i64 = i64::MAX / 4;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(HexError::Invalid);
    }
    let size = digits.parse().unwrap_or(FAR).min(FAR);
    Ok(if text.starts_with('-') { -size } else { size })
}

/// The float nearest to `mantissa` times two to the power of `exponent`.
fn round(mantissa: &BigUint, exponent: i64) -> Result<f64, HexError> {
    if mantissa.is_zero() {
        return Ok(0.0);
    }
    let end = exponent + mantissa.bits() as i64;
    if end > BEYOND {
        return Err(HexError::TooLarge);
    }
    if end < LEAST {
        return Ok(0.0);
    }
    let last = (end - MANTISSA_BITS).max(LEAST);
    let drop = last - exponent;
    let kept = if drop <= 0 {
        mantissa << drop.unsigned_abs()
    } else {
        let kept = mantissa >> drop as u64;
        let rest = mantissa - (&kept << drop as u64);
        let half = BigUint::one() << (drop - 1) as u64;
        let up = rest > half || rest == half && kept.bit(0);
        kept + u8::from(up)
    };
    let float = kept.to_f64().unwrap_or(f64::INFINITY) * power_of_two(last);
    match float.is_finite() {
        true => Ok(float),
        false => Err(HexError::TooLarge),
    }
}

/// Exact for exponents of floats, subnormal ones included.
fn power_of_two(exponent: i64) -> f64 {
    const BIAS: i64 = 1023;
    f64::from_bits(match exponent + BIAS {
        biased @ 1.. => (biased as u64) << (MANTISSA_BITS - 1),
        _ => 1 << (exponent - LEAST),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_python_reads_them() {
        let too_large = Err(HexError::TooLarge);
        for (text, expected) in [
            ("0x1.8p3", Ok(12.0)),
            (" -1.8P+1\n", Ok(-3.0)),
            ("ff", Ok(255.0)),
            (".8", Ok(0.5)),
            ("1.", Ok(1.0)),
            ("0x0p99999999999999999999", Ok(0.0)),
            ("0x1.fffffffffffff7fffp0", Ok(2.0 - f64::EPSILON)),
            ("0x1.fffffffffffff8p0", Ok(2.0)),
            ("0x1.00000000000008p0", Ok(1.0)),
            ("0x1.000000000000080001p0", Ok(1.0 + f64::EPSILON)),
            ("0x1p-1074", Ok(5e-324)),
            ("0x1p-1075", Ok(0.0)),
            ("0x1.8p-1075", Ok(5e-324)),
            ("0x1p-99999999999999999999", Ok(0.0)),
            ("0x1.fffffffffffffp1023", Ok(f64::MAX)),
            ("0x1.fffffffffffff8p1023", too_large),
            ("0x1p1024", Err(HexError::TooLarge)),
            ("0x1p99999999999999999999", Err(HexError::TooLarge)),
            ("-Infinity", Ok(f64::NEG_INFINITY)),
        ] {
            assert_eq!(from_hex(text), expected, "{text:?}");
        }
        assert!(from_hex("nan").is_ok_and(f64::is_nan));
        assert!(from_hex("-0x0p0").is_ok_and(|f| f == 0.0 && f.is_sign_negative()));
        for text in [
            "", ".", "0x", "1p", "1p+", "+-1", "1_0", "g", "1.2.3", "1p1.0", "0x-1",
        ] {
            assert_eq!(from_hex(text), Err(HexError::Invalid), "{text:?}");
        }
    }
}
