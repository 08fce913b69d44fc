//! Columns with a dictionary, as the values that it says.

use super::batch::{Batch, bit, inconsistent, place};
use super::{Column, Field, Index, Layout, append};
use crate::error::{Error, Result};

/// Appends `length` values from place `at` of the numbers on.
pub fn put(
    batch: &mut Batch,
    field: &Field,
    index: Index,
    column: &Column<'_>,
    at: usize,
    length: usize,
) -> Result<()> {
    let wrong = || inconsistent(field);
    let values = column.dictionary.as_deref().ok_or_else(wrong)?;
    let numbers = column.buffers.first().ok_or_else(wrong)?;
    // Places of the values, `None` where there is none.
    let mut places = crate::memory::room(length)?;
    let mut validity = crate::memory::zeros::<u8>(length.div_ceil(8))?;
    for i in 0..length {
        let there = column.validity.is_none_or(|bits| bit(bits, at + i));
        let place = match there {
            false => None,
            true => {
                let number = number(numbers, index, at + i).filter(|k| *k < values.length);
                let place = values.offset + number.ok_or_else(wrong)?;
                let there = values.validity.is_none_or(|bits| bit(bits, place));
                there.then_some(place)
            }
        };
        validity[i / 8] |= u8::from(place.is_some()) << (i % 8);
        places.push(place);
    }
    batch.head(field, Some(&validity), 0, length)?;
    let buffer = values.buffers.first().copied().unwrap_or_default();
    match field.kind.layout {
        Layout::Bits => {
            let mut bits = crate::memory::zeros::<u8>(length.div_ceil(8))?;
            for (i, place) in places.iter().enumerate() {
                bits[i / 8] |= u8::from(place.is_some_and(|at| bit(buffer, at))) << (i % 8);
            }
            batch.buffer(&bits)
        }
        Layout::Fixed(width) => batch.buffer(&fixed(buffer, width, &places).ok_or_else(wrong)??),
        Layout::Views => {
            batch.buffer(&fixed(buffer, 16, &places).ok_or_else(wrong)??)?;
            batch.more(&values.buffers[1..])
        }
        Layout::Bytes { wide } => {
            let (mut offsets, mut bytes) = (Vec::new(), Vec::new());
            let content = values.buffers.get(1).copied().unwrap_or_default();
            for place in [None].iter().chain(&places) {
                if let Some(at) = place {
                    let part = part(buffer, wide, *at, content).ok_or_else(wrong)?;
                    append(&mut bytes, part)?;
                }
                match wide {
                    true => append(&mut offsets, &(bytes.len() as i64).to_le_bytes())?,
                    false => append(&mut offsets, &(bytes.len() as i32).to_le_bytes())?,
                }
            }
            batch.buffer(&offsets)?;
            batch.buffer(&bytes)
        }
        _ => Err(Error::invalid(format!(
            "column {:?} has a dictionary of lists or structs, which is not stored: decode it",
            field.name
        ))),
    }
}

fn number(numbers: &[u8], index: Index, at: usize) -> Option<usize> {
    let bytes = numbers.get(at * index.width..(at + 1) * index.width)?;
    let mut whole = [0; 8];
    whole[..index.width].copy_from_slice(bytes);
    let negative = index.signed && bytes[index.width - 1] >= 0x80;
    (!negative).then(|| u64::from_le_bytes(whole) as usize)
}

fn fixed(buffer: &[u8], width: usize, places: &[Option<usize>]) -> Option<Result<Vec<u8>>> {
    let mut out = match crate::memory::zeros::<u8>(places.len().checked_mul(width)?) {
        Ok(out) => out,
        Err(e) => return Some(Err(e)),
    };
    for (i, place) in places.iter().enumerate() {
        if let Some(at) = place {
            let value = buffer.get(at * width..(at + 1) * width)?;
            out[i * width..(i + 1) * width].copy_from_slice(value);
        }
    }
    Some(Ok(out))
}

fn part<'c>(places: &[u8], wide: bool, at: usize, content: &'c [u8]) -> Option<&'c [u8]> {
    content.get(place(places, wide, at)?..place(places, wide, at + 1)?)
}
