//! Points in memory, as columns.

use crate::error::Result;
use crate::memory;

/// Points of one sequence; the columns have equal lengths. Steps ascend, except in what was just tracked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    /// In what was just tracked, `STEP_AUTO` where none was given.
    pub steps: Vec<i64>,
    pub values: Vec<f64>,
    /// `EPOCH_NONE` where there is none.
    pub epochs: Vec<i64>,
    /// Microseconds since 1970 (UTC).
    pub times: Vec<i64>,
}

/// Some of the points, in place.
#[derive(Clone, Copy)]
pub struct PointsSlice<'p> {
    pub steps: &'p [i64],
    pub values: &'p [f64],
    pub epochs: &'p [i64],
    pub times: &'p [i64],
}

impl PointsSlice<'_> {
    pub fn to_points(self) -> Points {
        Points {
            steps: self.steps.to_vec(),
            values: self.values.to_vec(),
            epochs: self.epochs.to_vec(),
            times: self.times.to_vec(),
        }
    }
}

impl Points {
    /// Bytes of a point in `encode`.
    pub const BYTES: usize = 32;

    /// The columns one after the other, little-endian.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.reserve(self.len() * Points::BYTES);
        let values = self.values.iter().map(|v| v.to_bits() as i64);
        let rest = self.epochs.iter().chain(&self.times).copied();
        for word in self.steps.iter().copied().chain(values).chain(rest) {
            out.extend_from_slice(&word.to_le_bytes());
        }
    }

    /// What `encode` wrote.
    pub fn decode(bytes: &[u8]) -> Option<Points> {
        let count = bytes.len() / Points::BYTES;
        let (words, []) = bytes.as_chunks::<8>() else {
            return None;
        };
        let column = |n: usize| words.get(n * count..(n + 1) * count);
        let integers = |n| Some(column(n)?.iter().map(|w| i64::from_le_bytes(*w)).collect());
        (words.len() == 4 * count).then_some(())?;
        Some(Points {
            steps: integers(0)?,
            values: column(1)?.iter().map(|w| f64::from_le_bytes(*w)).collect(),
            epochs: integers(2)?,
            times: integers(3)?,
        })
    }

    /// Makes room for so many points more, a number from the database.
    ///
    /// # Errors
    /// `Limit` where there is no such memory.
    pub fn reserve(&mut self, count: u64) -> Result<()> {
        fn room<T>(column: &mut Vec<T>, count: usize) -> bool {
            let reserved = column.try_reserve(count).is_ok();
            memory::prefer_huge_pages(column.spare_capacity_mut());
            reserved
        }
        let there_is = usize::try_from(count).is_ok_and(|count| {
            room(&mut self.steps, count)
                && room(&mut self.values, count)
                && room(&mut self.epochs, count)
                && room(&mut self.times, count)
        });
        match there_is {
            true => Ok(()),
            false => Err(memory::lacking(count.saturating_mul(Points::BYTES as u64))),
        }
    }

    pub fn as_slices(&self) -> PointsSlice<'_> {
        self.slice(0..self.len())
    }

    pub fn slice(&self, range: std::ops::Range<usize>) -> PointsSlice<'_> {
        PointsSlice {
            steps: &self.steps[range.clone()],
            values: &self.values[range.clone()],
            epochs: &self.epochs[range.clone()],
            times: &self.times[range],
        }
    }

    pub fn len(&self) -> usize {
        self.steps.len()
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub fn push(&mut self, step: i64, value: f64, epoch: i64, time: i64) {
        self.steps.push(step);
        self.values.push(value);
        self.epochs.push(epoch);
        self.times.push(time);
    }

    /// Bytes that it has memory for.
    pub fn memory(&self) -> usize {
        let numbers = self.steps.capacity() + self.epochs.capacity() + self.times.capacity();
        numbers * size_of::<i64>() + self.values.capacity() * size_of::<f64>()
    }

    pub fn clear(&mut self) {
        self.steps.clear();
        self.values.clear();
        self.epochs.clear();
        self.times.clear();
    }

    pub fn append(&mut self, other: PointsSlice<'_>) {
        self.steps.extend_from_slice(other.steps);
        self.values.extend_from_slice(other.values);
        self.epochs.extend_from_slice(other.epochs);
        self.times.extend_from_slice(other.times);
    }

    pub fn forget(&mut self, range: std::ops::Range<usize>) {
        self.steps.drain(range.clone());
        self.values.drain(range.clone());
        self.epochs.drain(range.clone());
        self.times.drain(range);
    }

    pub fn remove(&mut self, i: usize) {
        self.steps.remove(i);
        self.values.remove(i);
        self.epochs.remove(i);
        self.times.remove(i);
    }

    fn push_from(&mut self, other: &Points, i: usize) {
        self.push(
            other.steps[i],
            other.values[i],
            other.epochs[i],
            other.times[i],
        );
    }

    /// Sorts by step; of points with one step the one tracked last stays.
    pub fn normalize(&mut self) {
        if self.steps.windows(2).all(|w| w[0] < w[1]) {
            return;
        }
        let mut order: Vec<(i64, usize)> = self.steps.iter().copied().zip(0..).collect();
        order.sort_unstable();
        let mut kept: Vec<usize> = Vec::with_capacity(order.len());
        for (at, (step, i)) in order.iter().enumerate() {
            if order.get(at + 1).is_none_or(|(next, _)| next != step) {
                kept.push(*i);
            }
        }
        *self = Points {
            steps: kept.iter().map(|&i| self.steps[i]).collect(),
            values: kept.iter().map(|&i| self.values[i]).collect(),
            epochs: kept.iter().map(|&i| self.epochs[i]).collect(),
            times: kept.iter().map(|&i| self.times[i]).collect(),
        };
    }

    /// Merges two ascending lists; where both have a step, `newer` counts.
    pub fn merge(older: &Points, newer: &Points) -> Points {
        let mut out = Points::default();
        // Most lists lie behind each other, or nearly.
        let first = newer.steps.first().copied();
        let mut i = first.map_or(0, |first| older.steps.partition_point(|step| *step < first));
        let mut j = 0;
        out.append(older.slice(0..i));
        while i < older.len() && j < newer.len() {
            let (a, b) = (older.steps[i], newer.steps[j]);
            if b <= a {
                i += usize::from(a == b);
                out.push_from(newer, j);
                j += 1;
            } else {
                out.push_from(older, i);
                i += 1;
            }
        }
        out.append(older.slice(i..older.len()));
        out.append(newer.slice(j..newer.len()));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point::EPOCH_NONE;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn points(steps: &[i8], base: f64) -> Points {
        let mut p = Points::default();
        for (i, s) in steps.iter().enumerate() {
            p.push(i64::from(*s), base + i as f64, EPOCH_NONE, i as i64);
        }
        p
    }

    proptest! {
        #[test]
        fn the_last_point_of_a_step_stays(
            old in proptest::collection::vec(any::<i8>(), 0..40),
            new in proptest::collection::vec(any::<i8>(), 0..40),
        ) {
            let (mut a, mut b) = (points(&old, 0.0), points(&new, 1000.0));
            let mut model = BTreeMap::new();
            for p in [&a, &b] {
                model.extend(p.steps.iter().copied().zip(p.values.iter().copied()));
            }
            a.normalize();
            b.normalize();
            let merged = Points::merge(&a, &b);
            prop_assert_eq!(merged.steps, model.keys().copied().collect::<Vec<_>>());
            prop_assert_eq!(merged.values, model.values().copied().collect::<Vec<_>>());
        }
    }
}
