//! Fewer points of a long metric, for plots. Blocks are read one after the other: memory grows with the answer.

use super::columns::Columns;
use crate::error::{Error, Result};
use crate::store::keys::SeriesKey;
use crate::store::{Points, ReadTxn};

/// How points are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// Every n-th point, from the first on; the last one too.
    Stride,
    /// Of each of equally many neighbours the one with the least and the one with the greatest value: a plot of them
    /// looks like one of all points. The first and the last point too.
    MinMax,
}

/// At most `most` points of a sequence, in step order; all of them if it has no more.
pub fn sample(txn: &ReadTxn<'_>, key: SeriesKey, most: usize, how: Sampling) -> Result<Columns> {
    const LEAST: usize = 4;
    if most < LEAST {
        return Err(Error::invalid(format!(
            "a sample has {most} points; it needs at least {LEAST}"
        )));
    }
    let count = txn.aggregates(key)?.map_or(0, |a| a.count as usize);
    let mut sampler = Sampler::new(count, most, how);
    sampler.chosen.reserve(count.min(most) as u64)?;
    let mut points = Points::default();
    txn.blocks(key, i64::MIN, i64::MAX, |_, _, row| {
        points.clear();
        crate::store::decode_block(row, &mut points)?;
        (0..points.len()).for_each(|i| sampler.add(&points, i));
        Ok(())
    })?;
    Ok(sampler.chosen.into())
}

struct Sampler {
    count: usize,
    /// Neighbours of which one or two are chosen.
    group: usize,
    how: Sampling,
    seen: usize,
    least: Option<Candidate>,
    greatest: Option<Candidate>,
    chosen: Points,
}

/// A point and its place in the sequence.
#[derive(Clone, Copy)]
struct Candidate {
    place: usize,
    step: i64,
    value: f64,
    epoch: i64,
    time: i64,
}

impl Sampler {
    fn new(count: usize, most: usize, how: Sampling) -> Sampler {
        let group = match how {
            _ if count <= most => 1,
            Sampling::Stride => count.div_ceil(most - 1),
            // The ends, and two points of each group between them.
            Sampling::MinMax => (count - 2).div_ceil((most - 2) / 2),
        };
        let (least, greatest, chosen) = (None, None, Points::default());
        Sampler {
            count,
            group,
            how,
            seen: 0,
            least,
            greatest,
            chosen,
        }
    }

    fn add(&mut self, points: &Points, i: usize) {
        let place = self.seen;
        self.seen += 1;
        let point = Candidate {
            place,
            step: points.steps[i],
            value: points.values[i],
            epoch: points.epochs[i],
            time: points.times[i],
        };
        let is_end = place == 0 || place + 1 == self.count;
        if self.group == 1 || self.how == Sampling::Stride {
            if is_end || place.is_multiple_of(self.group) {
                self.choose(point);
            }
            return;
        }
        if is_end {
            self.end_group();
            self.choose(point);
            return;
        }
        // NaN never compares: it is shown only where a group has nothing else.
        if self
            .least
            .is_none_or(|l| l.value.is_nan() || point.value < l.value)
        {
            self.least = Some(point);
        }
        if self
            .greatest
            .is_none_or(|g| g.value.is_nan() || point.value > g.value)
        {
            self.greatest = Some(point);
        }
        if place.is_multiple_of(self.group) {
            self.end_group();
        }
    }

    fn end_group(&mut self) {
        let (Some(a), Some(b)) = (self.least.take(), self.greatest.take()) else {
            return;
        };
        let (first, second) = if a.place <= b.place { (a, b) } else { (b, a) };
        self.choose(first);
        if second.place != first.place {
            self.choose(second);
        }
    }

    fn choose(&mut self, p: Candidate) {
        self.chosen.push(p.step, p.value, p.epoch, p.time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(values: &[f64], most: usize, how: Sampling) -> Points {
        let mut points = Points::default();
        values
            .iter()
            .enumerate()
            .for_each(|(i, v)| points.push(i as i64, *v, 0, 0));
        let mut sampler = Sampler::new(values.len(), most, how);
        (0..points.len()).for_each(|i| sampler.add(&points, i));
        sampler.chosen
    }

    proptest! {
        #[test]
        fn samples_are_bounded_and_keep_ends_and_extremes(
            values in proptest::collection::vec(-1e6f64..1e6, 1..2000), most in 4usize..300,
        ) {
            for how in [Sampling::Stride, Sampling::MinMax] {
                let chosen = run(&values, most, how);
                prop_assert!(chosen.len() <= most);
                prop_assert!(chosen.steps.windows(2).all(|w| w[0] < w[1]));
                prop_assert_eq!(chosen.steps[0], 0);
                prop_assert_eq!(*chosen.steps.last().unwrap(), values.len() as i64 - 1);
                prop_assert!(values.len() > most || chosen.len() == values.len());
                if how == Sampling::MinMax {
                    let least = |v: &[f64]| v.iter().copied().fold(f64::INFINITY, f64::min);
                    let most = |v: &[f64]| v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    prop_assert_eq!(least(&chosen.values), least(&values));
                    prop_assert_eq!(most(&chosen.values), most(&values));
                }
            }
        }
    }
}
