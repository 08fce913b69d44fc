//! Types of elements that callers hand over.

use crate::error::{Error, Result};

/// The type of an element. The numbers are those of `AIM_U8`..., pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Element {
    U8 = 1,
    U16 = 2,
    I8 = 3,
    I16 = 4,
    I32 = 5,
    I64 = 6,
    F16 = 7,
    Bf16 = 8,
    F32 = 9,
    F64 = 10,
    U32 = 11,
    U64 = 12,
    Bool = 13,
}

impl Element {
    pub fn from_number(number: i32) -> Result<Element> {
        Ok(match number {
            1 => Element::U8,
            2 => Element::U16,
            3 => Element::I8,
            4 => Element::I16,
            5 => Element::I32,
            6 => Element::I64,
            7 => Element::F16,
            8 => Element::Bf16,
            9 => Element::F32,
            10 => Element::F64,
            11 => Element::U32,
            12 => Element::U64,
            13 => Element::Bool,
            _ => {
                return Err(Error::invalid(format!(
                    "dtype is {number}; it is one of AIM_U8, AIM_F32, ..."
                )));
            }
        })
    }

    /// Bytes of one.
    pub fn size(self) -> usize {
        match self {
            Element::U8 | Element::I8 | Element::Bool => 1,
            Element::U16 | Element::I16 | Element::F16 | Element::Bf16 => 2,
            Element::I32 | Element::U32 | Element::F32 => 4,
            Element::I64 | Element::U64 | Element::F64 => 8,
        }
    }

    /// Appends elements as numbers; `bytes` are whole ones.
    pub fn read(self, bytes: &[u8], out: &mut Vec<f64>) {
        macro_rules! each {
            ($type:ty) => {
                each!($type, |v: $type| v as f64)
            };
            ($type:ty, $convert:expr) => {{
                let (elements, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
                let convert = $convert;
                out.extend(elements.iter().map(|e| convert(<$type>::from_ne_bytes(*e))));
            }};
        }
        match self {
            Element::U8 | Element::Bool => each!(u8),
            Element::U16 => each!(u16),
            Element::I8 => each!(i8),
            Element::I16 => each!(i16),
            Element::I32 => each!(i32),
            Element::I64 => each!(i64),
            Element::U32 => each!(u32),
            Element::U64 => each!(u64),
            Element::F16 => each!(u16, |bits| f64::from(half(bits))),
            Element::Bf16 => each!(u16, |bits| f64::from(f32::from_bits(u32::from(bits) << 16))),
            Element::F32 => each!(f32),
            Element::F64 => each!(f64),
        }
    }
}

/// The number of an IEEE 754 half.
pub fn half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let exponent = u32::from(bits >> 10 & 31);
    let fraction = u32::from(bits & 1023);
    match exponent {
        // Multiples of 2^-24.
        0 => f32::from_bits(sign | (fraction as f32 / 16_777_216.0).to_bits()),
        31 => f32::from_bits(sign | 255 << 23 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read_as_ieee_754_has_them() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x8000, -0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x83ff, -6.097_555e-5),
            (0x3555, 0.333_251_95),
            (0x7c00, f32::INFINITY),
        ] {
            assert_eq!(half(bits).to_bits(), f32::to_bits(value), "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan());
    }
}
