//! Complex numbers.

use crate::fault::{Res, overflow, type_error, zero_division};
use crate::float;
use crate::ir::BinaryOp;
use crate::machine::Machine;
use crate::value::{Complex, Value};

pub(crate) fn binary<'a>(m: &Machine<'a>, op: BinaryOp, a: Complex, b: Complex) -> Res<Value<'a>> {
    let result = match op {
        BinaryOp::Add => Complex {
            re: a.re + b.re,
            im: a.im + b.im,
        },
        BinaryOp::Sub => Complex {
            re: a.re - b.re,
            im: a.im - b.im,
        },
        BinaryOp::Mul => mul(a, b),
        BinaryOp::Div => match div(a, b) {
            Some(quotient) => quotient,
            None => return zero_division("complex division by zero"),
        },
        BinaryOp::Pow => return pow(m, a, b),
        _ => {
            let symbol = op.symbol();
            return type_error(format!(
                "unsupported operand type(s) for {symbol}: 'complex'"
            ));
        }
    };
    Ok(m.complex(result.re, result.im))
}

fn mul(a: Complex, b: Complex) -> Complex {
    Complex {
        re: a.re * b.re - a.im * b.im,
        im: a.re * b.im + a.im * b.re,
    }
}

/// Scaled, so that no intermediate result overflows.
fn div(a: Complex, b: Complex) -> Option<Complex> {
    if b.re.abs() >= b.im.abs() {
        if b.re == 0.0 {
            return None;
        }
        let ratio = b.im / b.re;
        let scale = b.re + b.im * ratio;
        Some(Complex {
            re: (a.re + a.im * ratio) / scale,
            im: (a.im - a.re * ratio) / scale,
        })
    } else if b.im.abs() >= b.re.abs() {
        let ratio = b.re / b.im;
        let scale = b.re * ratio + b.im;
        Some(Complex {
            re: (a.re * ratio + a.im) / scale,
            im: (a.im * ratio - a.re) / scale,
        })
    } else {
        Some(Complex {
            re: f64::NAN,
            im: f64::NAN,
        })
    }
}

fn pow<'a>(m: &Machine<'a>, a: Complex, b: Complex) -> Res<Value<'a>> {
    let result = if b.re == 0.0 && b.im == 0.0 {
        Complex { re: 1.0, im: 0.0 }
    } else if a.re == 0.0 && a.im == 0.0 {
        if b.im != 0.0 || b.re < 0.0 {
            return zero_division("0.0 to a negative or complex power");
        }
        Complex { re: 0.0, im: 0.0 }
    } else if b.im == 0.0 && b.re == b.re.floor() && b.re.abs() <= 100.0 {
        pow_int(a, b.re as i32)?
    } else {
        let magnitude = a.re.hypot(a.im);
        let angle = a.im.atan2(a.re);
        let mut length = magnitude.powf(b.re);
        let mut phase = angle * b.re;
        if b.im != 0.0 {
            length /= (angle * b.im).exp();
            phase += b.im * magnitude.ln();
        }
        Complex {
            re: length * phase.cos(),
            im: length * phase.sin(),
        }
    };
    if result.re.is_infinite() || result.im.is_infinite() {
        return overflow("complex exponentiation");
    }
    Ok(m.complex(result.re, result.im))
}

fn pow_int(a: Complex, n: i32) -> Res<Complex> {
    let mut result = Complex { re: 1.0, im: 0.0 };
    let mut power = a;
    let mut mask: u32 = 1;
    let count = n.unsigned_abs();
    while mask <= count {
        if count & mask != 0 {
            result = mul(result, power);
        }
        mask <<= 1;
        power = mul(power, power);
    }
    if n > 0 {
        return Ok(result);
    }
    match div(Complex { re: 1.0, im: 0.0 }, result) {
        Some(inverse) => Ok(inverse),
        None => zero_division("complex division by zero"),
    }
}

pub(crate) fn repr(c: Complex) -> String {
    let part = |f: f64| {
        let text = float::repr(f);
        text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
    };
    if c.re == 0.0 && c.re.is_sign_positive() {
        return format!("{}j", part(c.im));
    }
    let im = part(c.im);
    let sign = if im.starts_with('-') { "" } else { "+" };
    format!("({}{sign}{im}j)", part(c.re))
}
