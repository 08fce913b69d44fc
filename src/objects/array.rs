//! Arrays as NPY, version 1.

use super::audio::put_little_endian;
use super::{Element, check_size};
use crate::error::{Error, Result};
use crate::memory;
use std::fmt::Write as _;

/// Dimensions that an array may have.
pub const MAX_DIMENSIONS: usize = 8;

/// The shape of an array, checked.
#[derive(Debug)]
pub struct Shape {
    sides: Vec<u64>,
    /// Bytes from one element to the next in each dimension.
    strides: Vec<i64>,
    /// Bytes before the first element, and of all between the least address and the greatest.
    pub before: usize,
    pub extent: usize,
    elements: usize,
}

/// Checks what a caller says of an array; without strides it is packed, the last dimension fastest.
pub fn shape(sides: &[u64], strides: Option<&[i64]>, element: Element) -> Result<Shape> {
    if sides.len() > MAX_DIMENSIONS {
        return Err(Error::invalid(format!(
            "the array has {} dimensions, more than {MAX_DIMENSIONS}",
            sides.len()
        )));
    }
    let size = element.size() as u64;
    let count = sides
        .iter()
        .try_fold(1, |all: u64, side| all.checked_mul(*side));
    let bytes = count.and_then(|count| count.checked_mul(size));
    let elements = check_size("the array", bytes)? / element.size();
    let mut packed = vec![0; sides.len()];
    let mut step = size;
    for (stride, side) in packed.iter_mut().zip(sides).rev() {
        *stride = step as i64;
        step = step.saturating_mul((*side).max(1));
    }
    let strides = strides.map_or(packed, <[i64]>::to_vec);
    // How far elements lie before the first, and behind it.
    let (mut before, mut behind) = (Some(0u64), Some(size));
    for (side, stride) in sides.iter().zip(&strides) {
        let far = side.saturating_sub(1).checked_mul(stride.unsigned_abs());
        let end = if *stride < 0 {
            &mut before
        } else {
            &mut behind
        };
        *end = end.zip(far).and_then(|(end, far)| end.checked_add(far));
    }
    let (before, extent) = match elements {
        0 => (0, 0),
        _ => {
            let all = before.zip(behind).and_then(|(a, b)| a.checked_add(b));
            let extent = check_size("the array's memory", all)?;
            (before.map_or(0, |before| before as usize), extent)
        }
    };
    Ok(Shape {
        sides: sides.to_vec(),
        strides,
        before,
        extent,
        elements,
    })
}

/// Encodes an array whose shape was checked. What NPY has no type for, bfloat16, becomes f32.
pub fn npy(data: &[u8], shape: &Shape, element: Element) -> Result<Vec<u8>> {
    let descr = match element {
        Element::Bool => "|b1",
        Element::U8 => "|u1",
        Element::I8 => "|i1",
        Element::U16 => "<u2",
        Element::I16 => "<i2",
        Element::U32 => "<u4",
        Element::I32 => "<i4",
        Element::U64 => "<u8",
        Element::I64 => "<i8",
        Element::F16 => "<f2",
        Element::Bf16 | Element::F32 => "<f4",
        Element::F64 => "<f8",
    };
    let mut sides = String::new();
    for side in &shape.sides {
        let _ = write!(sides, "{side}, ");
    }
    let sides = match shape.sides.len() {
        1 => sides.trim_end(),
        _ => sides.trim_end().trim_end_matches(','),
    };
    let mut head = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sides}), }}");
    const PREFIX: usize = 10;
    while !(PREFIX + head.len() + 1).is_multiple_of(64) {
        head.push(' ');
    }
    head.push('\n');
    let size = match element {
        Element::Bf16 => 4,
        _ => element.size(),
    };
    let mut out = memory::room(PREFIX + head.len() + shape.elements * size)?;
    out.extend_from_slice(b"\x93NUMPY\x01\x00");
    out.extend_from_slice(&(head.len() as u16).to_le_bytes());
    out.extend_from_slice(head.as_bytes());
    let mut run = |bytes: &[u8]| match element {
        Element::Bf16 => {
            for pair in bytes.as_chunks().0 {
                let bits = u32::from(u16::from_ne_bytes(*pair)) << 16;
                out.extend_from_slice(&bits.to_le_bytes());
            }
        }
        _ => put_little_endian(bytes, element.size(), &mut out),
    };
    if shape.elements > 0 {
        shape.each_run(element.size(), |at, length| run(&data[at..at + length]));
    }
    Ok(out)
}

impl Shape {
    /// Calls with place and length of bytes that lie beside each other, in the order of the elements.
    fn each_run(&self, size: usize, mut visit: impl FnMut(usize, usize)) {
        // The last dimensions that are packed make one run.
        let mut run = size;
        let mut outer = self.sides.len();
        while outer > 0 && (self.strides[outer - 1] == run as i64 || self.sides[outer - 1] == 1) {
            outer -= 1;
            run *= self.sides[outer] as usize;
        }
        let mut index = vec![0u64; outer];
        loop {
            let steps = index.iter().zip(&self.strides);
            let from_first: i64 = steps.map(|(i, stride)| *i as i64 * stride).sum();
            visit((self.before as i64 + from_first) as usize, run);
            let mut d = outer;
            loop {
                if d == 0 {
                    return;
                }
                d -= 1;
                index[d] += 1;
                if index[d] < self.sides[d] {
                    break;
                }
                index[d] = 0;
            }
        }
    }
}
