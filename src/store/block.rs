//! The codec of column blocks. A *raw* block holds freshly tracked points in a plain encoding; a *sealed* one stays,
//! compressed with pco unless it is short. Layout: kind u8, flags u8, reserved u16, count u32, last step i64, checksum u32 over
//! everything else, then the columns: steps, values, epochs, times.

use super::points::{Points, PointsSlice};
use crate::error::{Error, Result};
use pco::standalone::{simple_compress, simple_decompress_into};
use pco::{ChunkConfig, DeltaSpec, data_types::Number};
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

fn checksum(block: &[u8]) -> u32 {
    (xxh3_64(&block[..CHECKSUM.start]) ^ xxh3_64(&block[HEADER..]).rotate_left(32)) as u32
}

/// Whether a value survives as f32, NaN payloads included.
fn is_single(v: f64) -> bool {
    f64::from(v as f32).to_bits() == v.to_bits()
}

/// Encodes ascending, non-empty points.
pub fn encode(points: PointsSlice<'_>, sealed: bool) -> Result<Vec<u8>> {
    let steps = points.steps;
    let last_step = *steps
        .last()
        .ok_or_else(|| Error::invalid("an empty block"))?;
    let stride = steps.get(1).map_or(1, |s| s.wrapping_sub(steps[0]));
    let mut flags = 0;
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
    let sum = checksum(&out);
    out[CHECKSUM].copy_from_slice(&sum.to_le_bytes());
    Ok(out)
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

/// The checksum that a block bears; it is not computed.
pub fn stored_sum(block: &[u8]) -> u32 {
    let sum = block.get(CHECKSUM).and_then(|b| b.first_chunk());
    sum.map_or(0, |b| u32::from_le_bytes(*b))
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

/// The number of points of a block, once its checksum is found to be right; they are not decoded.
pub fn check(block: &[u8]) -> Result<usize> {
    let header = Header::read(block)?;
    match checksum(block).to_le_bytes() == block[CHECKSUM] {
        true => Ok(header.count),
        false => Err(damaged("its checksum differs")),
    }
}

/// Decodes a block onto the end of `out`.
pub fn decode(block: &[u8], out: &mut Points) -> Result<()> {
    let header = Header::read(block)?;
    if header.count == 0 || header.count > 2 * BLOCK_POINTS {
        return Err(damaged(&format!("it claims {} points", header.count)));
    }
    if checksum(block).to_le_bytes() != block[CHECKSUM] {
        return Err(damaged("its checksum differs"));
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

    fn bits(p: &Points) -> Vec<u64> {
        p.values.iter().map(|v| v.to_bits()).collect()
    }

    proptest! {
        #[test]
        fn blocks_round_trip_bit_exact(points in any_points(), sealed in any::<bool>()) {
            let block = encode(points.as_slices(), sealed).unwrap();
            let mut back = Points::default();
            decode(&block, &mut back).unwrap();
            prop_assert_eq!(bits(&back), bits(&points));
            prop_assert_eq!((back.steps, back.epochs, back.times),
                (points.steps.clone(), points.epochs, points.times));
            let header = Header::read(&block).unwrap();
            prop_assert_eq!(header.last_step, *points.steps.last().unwrap());
        }

        #[test]
        fn a_flipped_byte_is_an_error(points in any_points(), sealed in any::<bool>(),
                                      at in any::<proptest::sample::Index>(), flip in 1u8..) {
            let mut block = encode(points.as_slices(), sealed).unwrap();
            let at = at.index(block.len());
            block[at] ^= flip;
            prop_assert!(decode(&block, &mut Points::default()).is_err());
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes, &mut Points::default());
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
                let block = encode(points(steps).as_slices(), sealed).unwrap();
                let e = decode(&block, &mut Points::default()).unwrap_err();
                assert!(e.message.contains("do not ascend"), "{steps:?}: {e}");
            }
        }
        let mut block = encode(points(&[1, 2, 4]).as_slices(), false).unwrap();
        let forge = |block: &mut Vec<u8>| {
            let sum = checksum(block);
            block[CHECKSUM].copy_from_slice(&sum.to_le_bytes());
            decode(block, &mut Points::default())
        };
        forge(&mut block).unwrap();
        block.push(0);
        assert!(forge(&mut block).is_err());
        block.pop();
        block[8] = 5; // its last step
        assert!(forge(&mut block).is_err());
    }
}
