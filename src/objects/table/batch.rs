//! Rows as the body of a message: nodes and buffers of the columns one behind the other, each column before its children.

use super::{Field, Layout, append};
use crate::error::{Error, Result};

#[derive(Default)]
pub struct Batch {
    pub body: Vec<u8>,
    /// Length and nulls of each column.
    pub nodes: Vec<[i64; 2]>,
    /// Place and size of each buffer.
    pub buffers: Vec<[i64; 2]>,
    /// Of columns of views, how many buffers they have behind them.
    pub variadic: Vec<i64>,
}

#[cold]
#[inline(never)]
pub fn inconsistent(field: &Field) -> Error {
    Error::invalid(format!(
        "column {:?} of the Arrow stream is inconsistent: its buffers are shorter than its length and offsets say",
        field.name
    ))
}

/// Whether a bit is set.
pub fn bit(bits: &[u8], at: usize) -> bool {
    bits.get(at / 8)
        .is_some_and(|byte| byte >> (at % 8) & 1 == 1)
}

/// A place among bytes or elements.
#[inline(never)]
pub fn place(buffer: &[u8], wide: bool, at: usize) -> Option<usize> {
    let width = if wide { 8 } else { 4 };
    let bytes = buffer.get(at * width..(at + 1) * width)?;
    match wide {
        true => usize::try_from(i64::from_le_bytes(bytes.try_into().ok()?)).ok(),
        false => usize::try_from(i32::from_le_bytes(bytes.try_into().ok()?)).ok(),
    }
}

impl Batch {
    /// The node, and which values there are.
    pub fn head(
        &mut self,
        field: &Field,
        validity: Option<&[u8]>,
        at: usize,
        length: usize,
    ) -> Result<()> {
        let nulls = match validity {
            _ if field.kind.layout == Layout::Null => length,
            None => 0,
            Some(bits) => (at..at + length).filter(|i| !bit(bits, *i)).count(),
        };
        self.nodes.push([length as i64, nulls as i64]);
        match validity {
            _ if field.kind.layout == Layout::Null => Ok(()),
            Some(bits) if nulls > 0 => self.bits(bits, at, length),
            _ => self.buffer(&[]),
        }
    }

    /// The buffers behind those of views.
    pub fn more(&mut self, buffers: &[&[u8]]) -> Result<()> {
        self.variadic.push(buffers.len() as i64);
        buffers.iter().try_for_each(|buffer| self.buffer(buffer))
    }

    /// Appends bits from a place on.
    pub fn bits(&mut self, bits: &[u8], at: usize, length: usize) -> Result<()> {
        let bytes = at / 8..(at + length).div_ceil(8);
        if at.is_multiple_of(8) {
            return self.buffer(bits.get(bytes).unwrap_or_default());
        }
        let mut out = crate::memory::room(length.div_ceil(8))?;
        for start in (0..length).step_by(8) {
            let set = (0..8.min(length - start)).filter(|i| bit(bits, at + start + i));
            out.push(set.fold(0u8, |byte, i| byte | 1 << i));
        }
        self.buffer(&out)
    }

    #[inline(never)]
    pub fn buffer(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffers
            .push([self.body.len() as i64, bytes.len() as i64]);
        append(&mut self.body, bytes)?;
        let padding = self.body.len().next_multiple_of(8) - self.body.len();
        append(&mut self.body, &[0; 8][..padding])
    }
}
