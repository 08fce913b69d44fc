//! Points of one sequence in a frame: columns, each in the shortest of a few forms.
//!
//! | column | forms |
//! |---|---|
//! | steps, epochs | none at all; the first and one difference for all; or a difference for each |
//! | values | 32-bit floats where that loses nothing; 64-bit floats |
//! | times | the change of the difference from one to the next; or the same against the sequence before in the frame |
//!
//! Whole numbers are varints, zigzag. Where a program tracks twenty metrics a step, their times differ by microseconds:
//! against the sequence before they cost a byte each.

use super::frame::{put_varint, take_varint};
use crate::point::{EPOCH_NONE, STEP_AUTO};
use crate::store::{Points, PointsSlice};

const STRIDE: u8 = 1;
const EPOCH_STRIDE: u8 = 2;
const SINGLE: u8 = 4;
const AGAINST: u8 = 8;
const NO_STEPS: u8 = 16;
const NO_EPOCHS: u8 = 32;
const FLAGS: u8 = STRIDE | EPOCH_STRIDE | SINGLE | AGAINST | NO_STEPS | NO_EPOCHS;

fn zigzag(n: i64) -> u64 {
    (n << 1 ^ n >> 63) as u64
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

fn put(out: &mut Vec<u8>, n: i64) {
    put_varint(out, zigzag(n));
}

fn take(bytes: &mut &[u8]) -> Option<i64> {
    take_varint(bytes).map(unzigzag)
}

/// Numbers that are looked at together, without a branch for each.
const TOGETHER: usize = 64;

/// Whether single precision loses nothing of any value.
fn are_single(values: &[f64]) -> bool {
    values.chunks(TOGETHER).all(|some| {
        let lost = |value: &f64| f64::from(*value as f32).to_bits() ^ value.to_bits();
        some.iter().fold(0, |all, value| all | lost(value)) == 0
    })
}

fn are_all(numbers: &[i64], one: i64) -> bool {
    numbers
        .chunks(TOGETHER)
        .all(|some| some.iter().fold(0, |other, n| other | n ^ one) == 0)
}

/// Whether each is the one before and the same difference.
fn has_stride(numbers: &[i64]) -> bool {
    let [first, second, ..] = numbers else {
        return true;
    };
    let stride = second.wrapping_sub(*first);
    let mut pairs = numbers.chunks(TOGETHER).zip(numbers[1..].chunks(TOGETHER));
    pairs.all(|(before, after)| {
        let both = before.iter().zip(after);
        both.fold(0, |other, (a, b)| other | b.wrapping_sub(*a) ^ stride) == 0
    })
}

/// How steps or epochs are told, by the flag for none, where all are `absent`, and the one for a stride.
fn form(numbers: &[i64], absent: i64, none: u8, stride: u8) -> u8 {
    match () {
        () if are_all(numbers, absent) => none,
        () if has_stride(numbers) => stride,
        () => 0,
    }
}

fn put_numbers(out: &mut Vec<u8>, numbers: &[i64], none: bool, by_stride: bool) {
    if none {
        return;
    }
    let count = if by_stride { 2 } else { numbers.len() };
    let mut before = 0_i64;
    for number in numbers.iter().take(count) {
        put(out, number.wrapping_sub(before));
        before = *number;
    }
}

fn take_numbers(
    bytes: &mut &[u8],
    count: usize,
    none: Option<i64>,
    by_stride: bool,
) -> Option<Vec<i64>> {
    if let Some(absent) = none {
        return Some(vec![absent; count]);
    }
    let mut numbers = Vec::with_capacity(count);
    let (mut number, mut stride) = (0_i64, 0_i64);
    for i in 0..count {
        if !by_stride || i < 2 {
            stride = take(bytes)?;
        }
        number = number.wrapping_add(stride);
        numbers.push(number);
    }
    Some(numbers)
}

/// Changes from one difference to the next.
fn put_changes(out: &mut Vec<u8>, mut numbers: impl Iterator<Item = i64>) {
    let (mut before, mut difference) = (0_i64, 0_i64);
    let mut changes = [0; TOGETHER];
    loop {
        let (mut count, mut all) = (0, 0);
        for (change, number) in changes.iter_mut().zip(&mut numbers) {
            let next = number.wrapping_sub(before);
            *change = zigzag(next.wrapping_sub(difference));
            (before, difference) = (number, next);
            (count, all) = (count + 1, all | *change);
        }
        let changes = &changes[..count];
        // Most are a byte each.
        match all < 0x80 {
            true => out.extend(changes.iter().map(|change| *change as u8)),
            false => changes.iter().for_each(|change| put_varint(out, *change)),
        }
        if count < TOGETHER {
            return;
        }
    }
}

fn take_changes(bytes: &mut &[u8], count: usize) -> Option<Vec<i64>> {
    let (mut number, mut difference) = (0_i64, 0_i64);
    let next = |_| {
        difference = difference.wrapping_add(take(bytes)?);
        number = number.wrapping_add(difference);
        Some(number)
    };
    (0..count).map(next).collect()
}

fn against(times: &[i64], before: &[i64]) -> impl Iterator<Item = i64> {
    times
        .iter()
        .zip(before)
        .map(|(time, before)| time.wrapping_sub(*before))
}

/// Appends times as what is shorter: against those of the sequence before, which it tells, or by themselves.
fn put_times(out: &mut Vec<u8>, times: &[i64], at: i64, before: &[i64]) -> bool {
    let start = out.len();
    let alone = times.iter().map(|time| time.wrapping_sub(at));
    if before.len() != times.len() {
        put_changes(out, alone);
        return false;
    }
    put_changes(out, against(times, before));
    // A byte each is the least.
    if out.len() - start == times.len() {
        return true;
    }
    let mut other = Vec::with_capacity(2 * times.len());
    put_changes(&mut other, alone);
    let is_shorter = out.len() - start < other.len();
    if !is_shorter {
        out.truncate(start);
        out.extend_from_slice(&other);
    }
    is_shorter
}

/// Appends each as so many bytes.
fn put_words<const N: usize>(out: &mut Vec<u8>, values: &[f64], bytes: impl Fn(f64) -> [u8; N]) {
    let start = out.len();
    out.resize(start + N * values.len(), 0);
    let (words, _) = out[start..].as_chunks_mut();
    for (word, value) in words.iter_mut().zip(values) {
        *word = bytes(*value);
    }
}

/// Appends points. `at` is the time of the frame, `before` are the times of the sequence before in it.
pub fn encode(points: PointsSlice<'_>, at: i64, before: &[i64], out: &mut Vec<u8>) {
    put_varint(out, points.times.len() as u64);
    let is_single = are_single(points.values);
    let mut flags = form(points.steps, STEP_AUTO, NO_STEPS, STRIDE)
        | form(points.epochs, EPOCH_NONE, NO_EPOCHS, EPOCH_STRIDE)
        | (u8::from(is_single) * SINGLE);
    let place = out.len();
    out.push(flags);
    let has = |flag| flags & flag != 0;
    put_numbers(out, points.steps, has(NO_STEPS), has(STRIDE));
    put_numbers(out, points.epochs, has(NO_EPOCHS), has(EPOCH_STRIDE));
    flags |= u8::from(put_times(out, points.times, at, before)) * AGAINST;
    out[place] = flags;
    match is_single {
        true => put_words(out, points.values, |value| (value as f32).to_le_bytes()),
        false => put_words(out, points.values, f64::to_le_bytes),
    }
}

/// What `encode` wrote; all of `bytes` must belong to it.
pub fn decode(mut bytes: &[u8], at: i64, before: &[i64]) -> Option<Points> {
    let bytes = &mut bytes;
    let count = usize::try_from(take_varint(bytes)?).ok()?;
    let (flags, rest) = bytes.split_first()?;
    let flags = *flags;
    *bytes = rest;
    let width = if flags & SINGLE != 0 { 4 } else { 8 };
    // A time takes a byte, a value its width: no number of points that is not there is believed.
    if flags & !FLAGS != 0 || count.checked_mul(width + 1)? > bytes.len() {
        return None;
    }
    let has = |flag| flags & flag != 0;
    let steps = take_numbers(
        bytes,
        count,
        has(NO_STEPS).then_some(STEP_AUTO),
        has(STRIDE),
    )?;
    let epochs = take_numbers(
        bytes,
        count,
        has(NO_EPOCHS).then_some(EPOCH_NONE),
        has(EPOCH_STRIDE),
    )?;
    let mut times = take_changes(bytes, count)?;
    if flags & AGAINST != 0 {
        (before.len() == count).then_some(())?;
        let both = times.iter_mut().zip(before);
        both.for_each(|(time, before)| *time = time.wrapping_add(*before));
    } else {
        times
            .iter_mut()
            .for_each(|time| *time = time.wrapping_add(at));
    }
    let values: Vec<f64> = match width {
        4 => {
            let (words, []) = bytes.as_chunks::<4>() else {
                return None;
            };
            let values = words.iter().map(|word| f32::from_le_bytes(*word));
            values.map(f64::from).collect()
        }
        _ => {
            let (words, []) = bytes.as_chunks::<8>() else {
                return None;
            };
            words.iter().map(|word| f64::from_le_bytes(*word)).collect()
        }
    };
    (values.len() == count).then_some(Points {
        steps,
        values,
        epochs,
        times,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_points() -> impl Strategy<Value = Points> {
        let value = prop_oneof![
            any::<u64>().prop_map(f64::from_bits),
            any::<f32>().prop_map(f64::from),
        ];
        let step = prop_oneof![any::<i64>(), Just(STEP_AUTO), 0..100_i64];
        let epoch = prop_oneof![Just(EPOCH_NONE), 0..3_i64, any::<i64>()];
        let row = (step, value, epoch, any::<i64>());
        proptest::collection::vec(row, 0..50).prop_map(|rows| {
            let mut points = Points::default();
            for (step, value, epoch, time) in rows {
                points.push(step, value, epoch, time);
            }
            points
        })
    }

    fn bits(points: &Points) -> (Vec<i64>, Vec<u64>, Vec<i64>, Vec<i64>) {
        let values = points.values.iter().map(|v| v.to_bits()).collect();
        let (steps, epochs) = (points.steps.clone(), points.epochs.clone());
        (steps, values, epochs, points.times.clone())
    }

    proptest! {
        #[test]
        fn points_come_back_bit_by_bit(points in any_points(), at in any::<i64>(), before in any_points()) {
            for before in [&before.times[..], &points.times[..], &[]] {
                let mut bytes = Vec::new();
                encode(points.as_slices(), at, before, &mut bytes);
                let decoded = decode(&bytes, at, before).unwrap();
                prop_assert_eq!(bits(&decoded), bits(&points));
                prop_assert!(decode(&bytes[..bytes.len() - 1], at, before).is_none());
            }
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = decode(&bytes, 0, &[1, 2, 3]);
        }
    }

    /// Twenty metrics, a step every 10 ms, values as a model's losses are: single precision.
    #[test]
    fn a_point_takes_about_its_value_and_a_byte() {
        for (steps, most) in [(1, 16.0), (10, 6.2), (50, 5.4)] {
            let mut bytes = Vec::new();
            let mut before: Vec<i64> = Vec::new();
            for metric in 0..20 {
                let mut points = Points::default();
                for step in 0..steps {
                    let time = 1_700_000_000_000_000 + step * 10_000 + metric * 3 + step % 2;
                    points.push(1000 + step, f64::from(0.1_f32), EPOCH_NONE, time);
                }
                encode(
                    points.as_slices(),
                    1_700_000_000_500_000,
                    &before,
                    &mut bytes,
                );
                before = points.times;
            }
            // With number and length of each item, and the frame's header.
            let size = (bytes.len() + 20 * 3 + 32) as f64 / (20 * steps) as f64;
            println!("20 x {steps}: {size:.1} bytes a point");
            assert!(size <= most, "20 x {steps}: {size}");
        }
    }
}
