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
    strides: Vec<usize>,
    /// From the first element to the end of the last.
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
        *stride = step as usize;
        step = step.saturating_mul((*side).max(1));
    }
    let strides = match strides {
        None => packed,
        Some(given) => {
            let positive = |(d, stride): (usize, &i64)| {
                usize::try_from(*stride).map_err(|_| {
                    Error::invalid(format!(
                        "the stride of dimension {d} is {stride}: strides are 0 or more; copy the array, or turn it"
                    ))
                })
            };
            given
                .iter()
                .enumerate()
                .map(positive)
                .collect::<Result<_>>()?
        }
    };
    let last = sides
        .iter()
        .zip(&strides)
        .try_fold(0, |at: u64, (side, stride)| {
            at.checked_add(side.saturating_sub(1).checked_mul(*stride as u64)?)
        });
    let extent = match elements {
        0 => 0,
        _ => check_size(
            "the array's memory",
            last.and_then(|at| at.checked_add(size)),
        )?,
    };
    Ok(Shape {
        sides: sides.to_vec(),
        strides,
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
        while outer > 0 && (self.strides[outer - 1] == run || self.sides[outer - 1] == 1) {
            outer -= 1;
            run *= self.sides[outer] as usize;
        }
        let mut index = vec![0u64; outer];
        loop {
            let steps = index.iter().zip(&self.strides);
            visit(steps.map(|(i, stride)| *i as usize * stride).sum(), run);
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
