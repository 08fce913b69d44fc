//! The codec of column blocks. A *raw* block holds freshly tracked points in a plain encoding; a *sealed* one stays,
//! compressed with pco unless it is short. Layout: kind u8, flags u8, reserved u16, count u32, last step i64, checksum u32 over
//! its key and everything else, then the columns: steps, values, epochs, times.

use super::keys::block_step;
use super::points::{Points, PointsSlice};
use super::scan::Row;
use crate::error::{Error, Result};
use pco::standalone::{simple_compress, simple_decompress_into};
use pco::{ChunkConfig, DeltaSpec, data_types::Number};
use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64;

/// Points of a full block.
pub const BLOCK_POINTS: usize = 8192;
const HEADER: usize = 20;
const CHECKSUM: std::ops::Range<usize> = 16..20;

/// Plain columns, freshly tracked.
const RAW: u8 = 1;
/// Columns compressed with pco.
const PACKED: u8 = 2;
/// Plain columns for good: too few points to gain by compression, and faster to read.
const PLAIN: u8 = 3;

/// Points from which compression pays.
const PACK_FROM: usize = 256;

/// Steps have a constant stride; the first and the stride are stored.
const STRIDE: u8 = 1;
/// All epochs are one value.
const ONE_EPOCH: u8 = 2;
/// Values are f32 without loss.
const SINGLE: u8 = 4;
/// The checksum covers the key too, as in every block since format 3.
const KEYED: u8 = 8;

/// pco's level.
const LEVEL: usize = 4;

#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub sealed: bool,
    pub count: usize,
    pub last_step: i64,
    packed: bool,
    flags: u8,
}

fn damaged(what: &str) -> Error {
    Error::corrupt(format!("a block of points is damaged: {what}"))
}

/// Over the content, whatever its key, and then the key.
fn checksum((key, block): Row) -> [u8; 4] {
    let mut head = [0; CHECKSUM.start];
    head.copy_from_slice(&block[..CHECKSUM.start]);
    head[1] &= !KEYED;
    let content = xxh3_64(&head) ^ xxh3_64(&block[HEADER..]).rotate_left(32);
    (content as u32 ^ of_key((key, block))).to_le_bytes()
}

/// What the key adds to a block's checksum.
fn of_key((key, block): Row) -> u32 {
    match block[1] & KEYED {
        0 => 0,
        _ => xxh3_64(key) as u32,
    }
}

/// Whether a value survives as f32, NaN payloads included.
fn is_single(v: f64) -> bool {
    f64::from(v as f32).to_bits() == v.to_bits()
}

/// Encodes ascending, non-empty points as the block of this key.
pub fn encode(key: &[u8], points: PointsSlice<'_>, sealed: bool) -> Result<Vec<u8>> {
    let steps = points.steps;
    let last_step = *steps
        .last()
        .ok_or_else(|| Error::invalid("an empty block"))?;
    let stride = steps.get(1).map_or(1, |s| s.wrapping_sub(steps[0]));
    let mut flags = KEYED;
    if steps.windows(2).all(|w| w[1].wrapping_sub(w[0]) == stride) {
        flags |= STRIDE;
    }
    if points.epochs.windows(2).all(|w| w[0] == w[1]) {
        flags |= ONE_EPOCH;
    }
    if points.values.iter().all(|v| is_single(*v)) {
        flags |= SINGLE;
    }
    let packed = sealed && steps.len() >= PACK_FROM;
    let kind = match (sealed, packed) {
        (false, _) => RAW,
        (true, false) => PLAIN,
        (true, true) => PACKED,
    };
    let mut out = vec![kind, flags, 0, 0];
    out.extend_from_slice(&(steps.len() as u32).to_le_bytes());
    out.extend_from_slice(&last_step.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    if flags & STRIDE != 0 {
        out.extend_from_slice(&steps[0].to_le_bytes());
        out.extend_from_slice(&stride.to_le_bytes());
    } else {
        put_integers(&mut out, steps, packed)?;
    }
    match (flags & SINGLE != 0, packed) {
        (true, true) => {
            let single: Vec<f32> = points.values.iter().map(|v| *v as f32).collect();
            put_packed(&mut out, &single, DeltaSpec::Auto)?;
        }
        (false, true) => put_packed(&mut out, points.values, DeltaSpec::Auto)?,
        (true, false) => {
            points
                .values
                .iter()
                .for_each(|v| out.extend_from_slice(&(*v as f32).to_le_bytes()));
        }
        (false, false) => points
            .values
            .iter()
            .for_each(|v| out.extend_from_slice(&v.to_le_bytes())),
    }
    if flags & ONE_EPOCH != 0 {
        out.extend_from_slice(&points.epochs[0].to_le_bytes());
    } else {
        put_integers(&mut out, points.epochs, packed)?;
    }
    put_integers(&mut out, points.times, packed)?;
    let sum = checksum((key, &out));
    out[CHECKSUM].copy_from_slice(&sum);
    Ok(out)
}

/// A sound block of this key in the present format.
pub fn renewed<'b>(key: &[u8], block: &'b [u8]) -> Cow<'b, [u8]> {
    match block[1] & KEYED {
        0 => Cow::Owned(moved(block, key)),
        _ => Cow::Borrowed(block),
    }
}

/// A sound block as that of another key.
pub fn moved(block: &[u8], to: &[u8]) -> Vec<u8> {
    let mut moved = block.to_vec();
    moved[1] |= KEYED;
    let sum = checksum((to, &moved));
    moved[CHECKSUM].copy_from_slice(&sum);
    moved
}

fn put_packed<T: Number>(out: &mut Vec<u8>, column: &[T], delta: DeltaSpec) -> Result<()> {
    let config = ChunkConfig::default()
        .with_compression_level(LEVEL)
        .with_delta_spec(delta);
    let packed = simple_compress(column, &config)
        .map_err(|e| Error::invalid(format!("cannot compress points: {e}")))?;
    out.extend_from_slice(&(packed.len() as u32).to_le_bytes());
    out.extend_from_slice(&packed);
    Ok(())
}

/// Packed: pco. Plain: the differences, zigzag and LEB128.
fn put_integers(out: &mut Vec<u8>, column: &[i64], packed: bool) -> Result<()> {
    if packed {
        // Steps, epochs and times go up: no need to try what else they could do.
        return put_packed(out, column, DeltaSpec::TryConsecutive(1));
    }
    let mut before = 0i64;
    for v in column {
        let d = v.wrapping_sub(before);
        let mut z = (d << 1 ^ d >> 63) as u64;
        while z >= 0x80 {
            out.push(z as u8 | 0x80);
            z >>= 7;
        }
        out.push(z as u8);
        before = *v;
    }
    Ok(())
}

impl Header {
    pub fn read(block: &[u8]) -> Result<Header> {
        let head = block.get(..HEADER).ok_or_else(|| damaged("too short"))?;
        let four =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let kind = head[0];
        if ![RAW, PACKED, PLAIN].contains(&kind) {
            return Err(damaged(&format!("unknown kind {kind}")));
        }
        Ok(Header {
            sealed: kind != RAW,
            packed: kind == PACKED,
            flags: head[1],
            count: four(4) as usize,
            last_step: (u64::from(four(8)) | u64::from(four(12)) << 32) as i64,
        })
    }
}

/// The checksum that a block bears, less what the key adds: that of the same points in any repository. It is not computed.
pub fn content_sum(row: Row) -> u32 {
    let sum = row.1.get(CHECKSUM).and_then(|b| b.first_chunk());
    sum.map_or(0, |b| u32::from_le_bytes(*b) ^ of_key(row))
}

struct Columns<'a> {
    rest: &'a [u8],
    packed: bool,
    count: usize,
}

impl<'a> Columns<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, rest) = self
            .rest
            .split_at_checked(n)
            .ok_or_else(|| damaged("too short"))?;
        self.rest = rest;
        Ok(head)
    }

    fn word(&mut self) -> Result<i64> {
        let mut w = [0; 8];
        w.copy_from_slice(self.take(8)?);
        Ok(i64::from_le_bytes(w))
    }

    /// Decompresses onto the end of `out`.
    fn unpack<T: Number + Default>(&mut self, out: &mut Vec<T>) -> Result<()> {
        let mut size = [0; 4];
        size.copy_from_slice(self.take(4)?);
        let bytes = self.take(u32::from_le_bytes(size) as usize)?;
        let start = out.len();
        out.resize(start + self.count, T::default());
        let progress = simple_decompress_into(bytes, &mut out[start..])
            .map_err(|e| damaged(&e.to_string()))?;
        if progress.n_processed == self.count && progress.finished {
            Ok(())
        } else {
            Err(damaged("a column has another length"))
        }
    }

    fn integers(&mut self, out: &mut Vec<i64>) -> Result<()> {
        if self.packed {
            return self.unpack(out);
        }
        let mut value = 0i64;
        for _ in 0..self.count {
            let (mut z, mut shift) = (0u64, 0);
            loop {
                let b = self.take(1)?[0];
                z |= u64::from(b & 0x7f) << shift;
                shift += 7;
                if b < 0x80 {
                    break;
                }
                if shift > 63 {
                    return Err(damaged("a number is too long"));
                }
            }
            value = value.wrapping_add((z >> 1) as i64 ^ -((z & 1) as i64));
            out.push(value);
        }
        Ok(())
    }

    fn singles(&mut self, out: &mut Vec<f64>) -> Result<()> {
        if self.packed {
            let mut single = Vec::<f32>::new();
            self.unpack(&mut single)?;
            out.extend(single.iter().map(|v| f64::from(*v)));
        } else {
            let bytes = self.take(self.count * 4)?;
            out.extend(
                bytes
                    .chunks_exact(4)
                    .map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))),
            );
        }
        Ok(())
    }

    fn doubles(&mut self, out: &mut Vec<f64>) -> Result<()> {
        if self.packed {
            return self.unpack(out);
        }
        let bytes = self.take(self.count * 8)?;
        out.extend(
            bytes
                .chunks_exact(8)
                .map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])),
        );
        Ok(())
    }
}

/// The head of a block whose checksum is right; its points are not decoded.
pub fn check(row: Row) -> Result<Header> {
    let header = Header::read(row.1)?;
    match checksum(row) == row.1[CHECKSUM] {
        true => Ok(header),
        false => Err(damaged("its checksum differs")),
    }
}

/// Decodes a block onto the end of `out`.
pub fn decode(row: Row, out: &mut Points) -> Result<()> {
    let header = check(row)?;
    let (key, block) = row;
    if header.count == 0 || header.count > 2 * BLOCK_POINTS {
        return Err(damaged(&format!("it claims {} points", header.count)));
    }
    let mut columns = Columns {
        rest: &block[HEADER..],
        packed: header.packed,
        count: header.count,
    };
    let start = out.steps.len();
    if header.flags & STRIDE != 0 {
        let (first, stride) = (columns.word()?, columns.word()?);
        out.steps
            .extend((0..header.count as i64).map(|i| first.wrapping_add(stride.wrapping_mul(i))));
    } else {
        columns.integers(&mut out.steps)?;
    }
    let steps = &out.steps[start..];
    if !steps.is_sorted_by(|a, b| a < b) || steps.last() != Some(&header.last_step) {
        return Err(damaged("its steps do not ascend to its last one"));
    }
    if steps.first().copied() != block_step(key) {
        return Err(damaged("its first step is not that of its key"));
    }
    if header.flags & SINGLE != 0 {
        columns.singles(&mut out.values)?;
    } else {
        columns.doubles(&mut out.values)?;
    }
    if header.flags & ONE_EPOCH != 0 {
        let epoch = columns.word()?;
        out.epochs.resize(out.epochs.len() + header.count, epoch);
    } else {
        columns.integers(&mut out.epochs)?;
    }
    columns.integers(&mut out.times)?;
    match columns.rest.is_empty() {
        true => Ok(()),
        false => Err(damaged("something follows its columns")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::keys::SeriesKey;
    use proptest::prelude::*;

    fn any_points() -> impl Strategy<Value = Points> {
        let value = prop_oneof![
            any::<f64>(),
            any::<f32>().prop_map(f64::from),
            Just(f64::NAN)
        ];
        let epoch = prop_oneof![Just(crate::point::EPOCH_NONE), 0i64..3, any::<i64>()];
        proptest::collection::vec((any::<i64>(), value, epoch, any::<i64>()), 1..600).prop_map(
            |rows| {
                let mut p = Points::default();
                rows.into_iter().for_each(|(s, v, e, t)| p.push(s, v, e, t));
                p.normalize();
                p
            },
        )
    }

    fn key_of(points: &Points) -> Vec<u8> {
        let key = SeriesKey {
            run: 7,
            name: 1,
            context: 2,
        };
        key.block(points.steps[0]).to_vec()
    }

    fn bits(p: &Points) -> Vec<u64> {
        p.values.iter().map(|v| v.to_bits()).collect()
    }

    proptest! {
        #[test]
        fn blocks_round_trip_bit_exact(points in any_points(), sealed in any::<bool>()) {
            let key = key_of(&points);
            let block = encode(&key, points.as_slices(), sealed).unwrap();
            let mut back = Points::default();
            decode((&key, &block), &mut back).unwrap();
            prop_assert_eq!(bits(&back), bits(&points));
            prop_assert_eq!((back.steps, back.epochs, back.times),
                (points.steps.clone(), points.epochs, points.times));
            let header = Header::read(&block).unwrap();
            prop_assert_eq!(header.last_step, *points.steps.last().unwrap());
            // Under another key it is another block of the same content.
            let mut other = key.clone();
            other[7] ^= 1;
            prop_assert!(decode((&other, &block), &mut Points::default()).is_err());
            let there = moved(&block, &other);
            decode((&other, &there), &mut Points::default()).unwrap();
            prop_assert_eq!(content_sum((&other, &there)), content_sum((&key, &block)));
            // As before format 3, without the key.
            let mut old = block.clone();
            old[1] &= !KEYED;
            let sum = checksum((&key, &old));
            old[CHECKSUM].copy_from_slice(&sum);
            decode((&other, &old), &mut Points::default()).unwrap();
            prop_assert_eq!(content_sum((&key, &old)), content_sum((&key, &block)));
            prop_assert_eq!(&*renewed(&key, &old), &block[..]);
        }

        #[test]
        fn a_flipped_byte_is_an_error(points in any_points(), sealed in any::<bool>(),
                                      at in any::<proptest::sample::Index>(), flip in 1u8..) {
            let mut row = key_of(&points);
            let key = row.len();
            row.extend(encode(&row, points.as_slices(), sealed).unwrap());
            let at = at.index(row.len());
            row[at] ^= flip;
            prop_assert!(decode(row.split_at(key), &mut Points::default()).is_err());
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(bytes.split_at(bytes.len().min(24)), &mut Points::default());
        }
    }

    /// With the right checksum, as nobody's disk makes them.
    #[test]
    fn a_forged_block_is_an_error() {
        let points = |steps: &[i64]| {
            let mut p = Points::default();
            steps.iter().for_each(|s| p.push(*s, 0.5, 0, *s));
            p
        };
        for steps in [&[3i64, 1][..], &[1, 1], &[5, 4, 3], &[1, 7, 3, 9]] {
            for sealed in [false, true] {
                let points = points(steps);
                let key = key_of(&points);
                let block = encode(&key, points.as_slices(), sealed).unwrap();
                let e = decode((&key, &block), &mut Points::default()).unwrap_err();
                assert!(e.message.contains("do not ascend"), "{steps:?}: {e}");
            }
        }
        let key = key_of(&points(&[1]));
        let mut block = encode(&key, points(&[1, 2, 4]).as_slices(), false).unwrap();
        let forge = |block: &mut Vec<u8>| {
            let sum = checksum((&key, block));
            block[CHECKSUM].copy_from_slice(&sum);
            decode((&key, block), &mut Points::default())
        };
        forge(&mut block).unwrap();
        block.push(0);
        assert!(forge(&mut block).is_err());
        block.pop();
        block[8] = 5; // its last step
        assert!(forge(&mut block).is_err());
        let other = key_of(&points(&[0]));
        let block = encode(&other, points(&[1, 2, 4]).as_slices(), false).unwrap();
        let e = decode((&other, &block), &mut Points::default()).unwrap_err();
        assert!(e.message.contains("its first step"), "{e}");
    }
}
