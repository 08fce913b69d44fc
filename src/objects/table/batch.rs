//! Rows as the body of a message: nodes and buffers of the columns one behind the other, each column before its children.

use super::{Column, Field, Layout, append, dictionary};
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
    /// Appends `length` values from place `at` of a column on.
    pub fn put(
        &mut self,
        field: &Field,
        column: &Column<'_>,
        at: usize,
        length: usize,
    ) -> Result<()> {
        // What has no elements need not have buffers.
        let at = if length == 0 { 0 } else { at };
        if let Some(index) = field.index {
            return dictionary::put(self, field, index, column, at, length);
        }
        self.head(field, column.validity, at, length)?;
        self.values(field, column, at, length)
            .unwrap_or_else(|| Err(inconsistent(field)))
    }

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

    /// `None` where buffers are too short.
    fn values(
        &mut self,
        field: &Field,
        column: &Column<'_>,
        at: usize,
        length: usize,
    ) -> Option<Result<()>> {
        let part = |width: usize| {
            let buffer = column.buffers.first()?;
            buffer.get(at.checked_mul(width)?..(at + length).checked_mul(width)?)
        };
        let child = |k: usize| Some((field.children.get(k)?, column.children.get(k)?));
        Some(match field.kind.layout {
            Layout::Null => Ok(()),
            Layout::Bits => {
                let bits = column.buffers.first()?;
                bits.get(..(at + length).div_ceil(8))?;
                self.bits(bits, at, length)
            }
            Layout::Fixed(width) => self.buffer(part(width)?),
            Layout::Views => {
                let views = self.buffer(part(16)?);
                views.and_then(|()| self.more(&column.buffers[1..]))
            }
            Layout::Bytes { wide } => {
                let (from, to) = match self.places(column.buffers.first()?, wide, at, length)? {
                    Ok(part) => part,
                    Err(e) => return Some(Err(e)),
                };
                self.buffer(column.buffers.get(1)?.get(from..to)?)
            }
            Layout::List { wide } => {
                let (from, to) = match self.places(column.buffers.first()?, wide, at, length)? {
                    Ok(part) => part,
                    Err(e) => return Some(Err(e)),
                };
                let (field, values) = child(0)?;
                if to > values.length {
                    return None;
                }
                self.put(field, values, values.offset + from, to - from)
            }
            Layout::FixedList(size) => {
                let (field, values) = child(0)?;
                if (at + length).checked_mul(size)? > values.length {
                    return None;
                }
                self.put(field, values, values.offset + at * size, length * size)
            }
            Layout::Struct => {
                for k in 0..field.children.len() {
                    let (field, values) = child(k)?;
                    if at + length > values.length {
                        return None;
                    }
                    if let Err(e) = self.put(field, values, values.offset + at, length) {
                        return Some(Err(e));
                    }
                }
                Ok(())
            }
        })
    }

    /// Appends places so that the first is 0, and tells which part of the values they are about.
    fn places(
        &mut self,
        places: &[u8],
        wide: bool,
        at: usize,
        length: usize,
    ) -> Option<Result<(usize, usize)>> {
        // What has no elements need not have places.
        let first = match length {
            0 => place(places, wide, at).unwrap_or(0),
            _ => place(places, wide, at)?,
        };
        let mut out = Vec::new();
        if out.try_reserve_exact((length + 1) * 8).is_err() {
            return Some(Err(crate::memory::lacking((length as u64 + 1) * 8)));
        }
        let mut last = first;
        for i in 0..=length {
            let here = if i == 0 {
                first
            } else {
                place(places, wide, at + i)?
            };
            if here < last {
                return None;
            }
            last = here;
            match wide {
                true => out.extend_from_slice(&((here - first) as i64).to_le_bytes()),
                false => out.extend_from_slice(&((here - first) as i32).to_le_bytes()),
            }
        }
        Some(self.buffer(&out).map(|()| (first, last)))
    }

    /// The buffers behind those of views.
    pub fn more(&mut self, buffers: &[&[u8]]) -> Result<()> {
        self.variadic.push(buffers.len() as i64);
        buffers.iter().try_for_each(|buffer| self.buffer(buffer))
    }

    /// Appends bits from a place on.
    fn bits(&mut self, bits: &[u8], at: usize, length: usize) -> Result<()> {
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
