//! Columns on their way into a batch, with those that they consist of.

use super::batch::{Batch, inconsistent, place};
use super::{Column, Field, Layout, dictionary};
use crate::error::Result;

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
}
