//! Distributions: weights of bins, even or not, and what is known of the values beside them.
//!
//! As bytes, little-endian: the number of bins, 1 if they are not even, the values left out as NaN and as infinite (four
//! u64); count, sum, sum of squares, least and greatest value (five f64, NaN where unknown); then the weights, then the edges,
//! first and last alone if the bins are even (f64).

use super::Element;
use crate::error::{Error, Result, Status};

pub const MAX_BINS: usize = 4096;
pub const DEFAULT_BINS: usize = 64;
const HEADER: usize = 9 * 8;
/// Values that are looked at side by side.
const LANES: usize = 4;

#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    pub weights: Vec<f64>,
    /// One more than weights, ascending.
    pub edges: Vec<f64>,
    /// Whether the edges are at equal distances: then only the first and the last are stored.
    pub even: bool,
    pub nans: u64,
    pub infinities: u64,
    /// NaN where unknown.
    pub count: f64,
    pub sum: f64,
    pub sum_squares: f64,
    pub min: f64,
    pub max: f64,
}

/// Edges at equal distances. The last is `high` itself.
fn even_edges(low: f64, high: f64, bins: usize) -> Vec<f64> {
    let width = (high - low) / bins as f64;
    let inner = (0..bins).map(|i| low + width * i as f64);
    inner.chain([high]).collect()
}

pub fn check_bins(bins: usize) -> Result<()> {
    match bins {
        1..=MAX_BINS => Ok(()),
        _ => Err(Error::new(
            if bins == 0 {
                Status::InvalidArgument
            } else {
                Status::Limit
            },
            format!("the distribution has {bins} bins; it has 1 to {MAX_BINS}"),
        )),
    }
}

fn check_range(low: f64, high: f64) -> Result<()> {
    match low < high && (high - low).is_finite() {
        true => Ok(()),
        false => Err(Error::invalid(format!(
            "the range is {low} to {high}; it is finite, and its end behind its beginning"
        ))),
    }
}

impl Distribution {
    /// Of weights that a caller counted, by edges or, even, between `low` and `high`.
    pub fn new(
        weights: &[f64],
        edges: Option<&[f64]>,
        low: f64,
        high: f64,
    ) -> Result<Distribution> {
        check_bins(weights.len())?;
        if let Some((i, weight)) = weights
            .iter()
            .enumerate()
            .find(|(_, w)| !(w.is_finite() && **w >= 0.0))
        {
            return Err(Error::invalid(format!(
                "weight {i} is {weight}; it is 0 or more"
            )));
        }
        if let Some(edges) = edges
            && let Some(i) = (1..edges.len())
                .find(|i| !(edges[i - 1] < edges[*i] && (edges[*i] - edges[i - 1]).is_finite()))
        {
            return Err(Error::invalid(format!(
                "edge {i} is {}, behind {}; edges ascend and are finite",
                edges[i],
                edges[i - 1]
            )));
        }
        if edges.is_none() {
            check_range(low, high)?;
        }
        Ok(Distribution {
            even: edges.is_none(),
            edges: edges.map_or_else(|| even_edges(low, high, weights.len()), <[f64]>::to_vec),
            weights: weights.to_vec(),
            nans: 0,
            infinities: 0,
            count: f64::NAN,
            sum: f64::NAN,
            sum_squares: f64::NAN,
            min: f64::NAN,
            max: f64::NAN,
        })
    }

    /// Counts values into even bins from `low` to `high`, or, where both are 0, from the least finite to the greatest. Where
    /// all are equal the bins are around the value, half of one to each side, as NumPy has it.
    pub fn count(
        values: &[u8],
        element: Element,
        bins: usize,
        (low, high): (f64, f64),
    ) -> Result<Distribution> {
        check_bins(bins)?;
        let given = (low, high) != (0.0, 0.0);
        if given {
            check_range(low, high)?;
        }
        let mut found = Distribution {
            weights: vec![0.0; bins],
            edges: Vec::new(),
            even: true,
            nans: 0,
            infinities: 0,
            count: 0.0,
            sum: 0.0,
            sum_squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        };
        each_piece(values, element, |piece| found.learn(piece));
        let (mut low, mut high) = (low, high);
        if !given {
            (low, high) = (found.min, found.max);
            if found.min > found.max {
                // Nothing is finite.
                (low, high) = (0.0, 1.0);
            } else if low == high {
                (low, high) = (low - 0.5, high + 0.5);
            }
            if !(high - low).is_finite() || low >= high {
                return Err(Error::invalid(format!(
                    "the values go from {low} to {high}, which cannot be divided into bins: give a range"
                )));
            }
        }
        if found.min > found.max {
            (found.min, found.max) = (f64::NAN, f64::NAN);
        }
        let scale = bins as f64 / (high - low);
        let last = bins - 1;
        // Neighbours, which often share a bin, do not wait for each other.
        let mut counts: [Vec<u64>; LANES] = std::array::from_fn(|_| vec![0; bins]);
        each_piece(values, element, |piece| {
            for some in piece.chunks(LANES) {
                for (value, counts) in some.iter().zip(&mut counts) {
                    if *value >= low && *value <= high {
                        // The last bin holds its upper edge.
                        let bin = ((*value - low) * scale) as usize;
                        counts[bin.min(last)] += 1;
                    }
                }
            }
        });
        for (bin, weight) in found.weights.iter_mut().enumerate() {
            *weight = counts.iter().map(|counts| counts[bin]).sum::<u64>() as f64;
        }
        found.edges = even_edges(low, high, bins);
        Ok(found)
    }

    fn learn(&mut self, piece: &[f64]) {
        let (groups, rest) = piece.as_chunks::<LANES>();
        let (mut sum, mut squares) = ([0.0; LANES], [0.0; LANES]);
        let (mut min, mut max) = ([self.min; LANES], [self.max; LANES]);
        for group in groups {
            // All are looked at, which takes one instruction for several; `all` would stop at the first.
            if !group
                .iter()
                .fold(true, |finite, value| finite & value.is_finite())
            {
                group.iter().for_each(|value| self.learn_one(*value));
                continue;
            }
            self.count += LANES as f64;
            for (lane, value) in group.iter().enumerate() {
                sum[lane] += value;
                squares[lane] += value * value;
                min[lane] = if *value < min[lane] {
                    *value
                } else {
                    min[lane]
                };
                max[lane] = if *value > max[lane] {
                    *value
                } else {
                    max[lane]
                };
            }
        }
        rest.iter().for_each(|value| self.learn_one(*value));
        self.sum += sum.iter().sum::<f64>();
        self.sum_squares += squares.iter().sum::<f64>();
        self.min = min.iter().fold(self.min, |least, value| least.min(*value));
        self.max = max
            .iter()
            .fold(self.max, |greatest, value| greatest.max(*value));
    }

    fn learn_one(&mut self, value: f64) {
        if value.is_finite() {
            self.count += 1.0;
            self.sum += value;
            self.sum_squares += value * value;
            self.min = self.min.min(value);
            self.max = self.max.max(value);
        } else if value.is_nan() {
            self.nans += 1;
        } else {
            self.infinities += 1;
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        let ends = [self.edges[0], self.edges[self.edges.len() - 1]];
        let edges = if self.even { &ends[..] } else { &self.edges };
        let mut out = Vec::with_capacity(HEADER + 8 * (self.weights.len() + edges.len()));
        for word in [
            self.weights.len() as u64,
            u64::from(!self.even),
            self.nans,
            self.infinities,
        ] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        let known = [self.count, self.sum, self.sum_squares, self.min, self.max];
        for number in known.iter().chain(&self.weights).chain(edges) {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out
    }

    pub fn decode(bytes: &[u8]) -> Option<Distribution> {
        let (words, rest) = bytes.as_chunks::<8>();
        let word = |i: usize| words.get(i).map(|w| u64::from_le_bytes(*w));
        let number = |i: usize| word(i).map(f64::from_bits);
        let bins = usize::try_from(word(0)?).ok()?;
        check_bins(bins).ok()?;
        let even = word(1)? == 0;
        let edges = if even { 2 } else { bins + 1 };
        if !rest.is_empty() || words.len() != 9 + bins + edges {
            return None;
        }
        let column = |from: usize, count: usize| (from..from + count).map(number).collect();
        let weights: Option<Vec<f64>> = column(9, bins);
        let edges: Option<Vec<f64>> = column(9 + bins, edges);
        let edges = edges?;
        Some(Distribution {
            weights: weights?,
            edges: if even {
                even_edges(edges[0], edges[1], bins)
            } else {
                edges
            },
            even,
            nans: word(2)?,
            infinities: word(3)?,
            count: number(4)?,
            sum: number(5)?,
            sum_squares: number(6)?,
            min: number(7)?,
            max: number(8)?,
        })
    }
}

/// Values as numbers, some thousand at a time.
fn each_piece(values: &[u8], element: Element, mut visit: impl FnMut(&[f64])) {
    const PIECE: usize = 2048;
    let mut piece = Vec::with_capacity(PIECE);
    for some in values.chunks(PIECE * element.size()) {
        piece.clear();
        element.read(some, &mut piece);
        visit(&piece);
    }
}
