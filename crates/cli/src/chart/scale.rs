//! An axis: which values it spans, where they lie on it, and its round numbers.

/// Values from `low` to `high`, evenly or by their logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    pub log: bool,
}

impl Scale {
    /// A scale over all values that it can show: finite ones, and only positive ones by logarithms. `None` without any.
    pub fn over(values: impl IntoIterator<Item = f64>, log: bool) -> Option<Scale> {
        let shown = |v: &f64| v.is_finite() && (!log || *v > 0.0);
        let (low, high) = values
            .into_iter()
            .filter(shown)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            });
        (low <= high).then(|| Scale { low, high, log }.widened())
    }

    /// A single value lies in the middle of its scale.
    fn widened(self) -> Scale {
        if self.low < self.high {
            return self;
        }
        let (low, high) = match self.low {
            v if self.log => (v / 2.0, v * 2.0),
            0.0 => (-1.0, 1.0),
            v => (v - v.abs() * 0.1, v + v.abs() * 0.1),
        };
        let finite = |v: f64, other: f64| if v.is_finite() && v > 0.0 { v } else { other };
        match self.log {
            true => Scale {
                low: finite(low, self.low),
                high: finite(high, self.high),
                log: true,
            },
            false => Scale {
                low: low.max(f64::MIN),
                high: high.min(f64::MAX),
                log: false,
            },
        }
    }

    /// Where a value lies: 0 at the low end, 1 at the high end. `None` where the scale cannot show it.
    pub fn place(&self, value: f64) -> Option<f64> {
        if !value.is_finite() || (self.log && value <= 0.0) {
            return None;
        }
        let place = match self.log {
            true => {
                let (low, high) = (self.low.ln(), self.high.ln());
                (value.ln() - low) / (high - low)
            }
            // Halves: the span of two finite numbers may not be finite.
            false => (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0),
        };
        Some(if place.is_finite() { place } else { 0.5 })
    }

    /// At most `most` round numbers on the scale, ascending, with their labels.
    pub fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        if most == 0 {
            return Vec::new();
        }
        if self.log {
            let powers = self.powers(most);
            if powers.len() >= 2 || most < 2 {
                return powers;
            }
        }
        self.even(most)
    }

    /// Whether a round number lies on the scale, its last digits aside.
    fn holds(&self, value: f64) -> bool {
        self.place(value)
            .is_some_and(|place| (-1e-9..=1.0 + 1e-9).contains(&place))
    }

    /// Powers of ten, with their double and fivefold where there is room.
    fn powers(&self, most: usize) -> Vec<(f64, String)> {
        let (first, last) = (self.low.log10().floor(), self.high.log10().ceil());
        let decades = (last - first) as usize + 1;
        let on = |multiples: &[f64], stride: usize| -> Vec<(f64, String)> {
            (0..decades)
                .step_by(stride)
                .flat_map(|d| multiples.iter().map(move |m| (first as i32 + d as i32, *m)))
                .map(|(exponent, m)| m * 10f64.powi(exponent))
                .filter(|v| self.holds(*v))
                .map(|v| (v, label(v, v)))
                .collect()
        };
        [[1.0, 2.0, 5.0].as_slice(), &[1.0, 3.0], &[1.0]]
            .into_iter()
            .map(|multiples| on(multiples, 1))
            .find(|ticks| ticks.len() <= most)
            .unwrap_or_else(|| on(&[1.0], decades.div_ceil(most)))
    }

    /// Multiples of 1, 2 or 5 times a power of ten.
    fn even(&self, most: usize) -> Vec<(f64, String)> {
        let span = self.high / 2.0 - self.low / 2.0;
        let rough = span / most as f64 * 2.0;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|m| m * power)
            .find(|step| *step >= rough * (1.0 - 1e-9))
            .unwrap_or(rough);
        if !(step.is_finite() && step > 0.0) {
            return Vec::new();
        }
        let first = (self.low / step).ceil();
        (0..=most)
            .map(|i| (first + i as f64) * step)
            .filter(|v| self.holds(*v))
            .map(|v| if v.abs() < step / 2.0 { 0.0 } else { v })
            .map(|v| (v, label(v, step)))
            .take(most)
            .collect()
    }
}

/// A number on an axis whose neighbours are `step` away: with the digits that tell them apart.
fn label(value: f64, step: f64) -> String {
    let size = value.abs();
    let places = (-step.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    match size {
        0.0 => "0".to_owned(),
        s if s >= 1e6 || (s < 1e-4 && step < 1e-4) => {
            let digits = (size.log10().floor() - step.abs().log10().floor()).clamp(0.0, 6.0);
            let text = format!("{value:.*e}", digits as usize);
            match text.split_once('e') {
                Some((mantissa, exponent)) if mantissa.contains('.') => {
                    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
                    format!("{mantissa}e{exponent}")
                }
                _ => text,
            }
        }
        s if s >= 10_000.0 && step >= 1000.0 => format!("{}k", value / 1000.0),
        _ => format!("{value:.places$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, log: bool, most: usize) -> Vec<String> {
        let scale = Scale::over([low, high], log).unwrap();
        scale.ticks(most).into_iter().map(|(_, l)| l).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            labels(0.0, 1.0, false, 6),
            ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(labels(0.0, 60_000.0, false, 4), ["0", "20k", "40k", "60k"]);
        assert_eq!(labels(1e-3, 2.0, true, 5), ["0.001", "0.01", "0.1", "1"]);
        assert_eq!(labels(0.3, 0.9, true, 3), ["0.4", "0.6", "0.8"]);
        assert_eq!(
            labels(1e-30, 1e30, true, 4),
            ["1e-30", "1e-14", "100", "1e18"]
        );
    }

    #[test]
    fn every_value_has_a_place() {
        for (low, high) in [
            (f64::MIN, f64::MAX),
            (5e-324, 5e-324),
            (0.0, 0.0),
            (-1.0, -1.0),
            (1e308, 1.7e308),
        ] {
            let scale = Scale::over([low, high], false).unwrap();
            for v in [low, high] {
                let place = scale.place(v).unwrap();
                assert!(
                    (0.0..=1.0).contains(&place),
                    "{v} of {low} to {high}: {place}"
                );
            }
            assert!(scale.ticks(5).len() <= 5);
        }
        let scale = Scale::over([f64::NAN, -1.0, 2.0, f64::INFINITY], true).unwrap();
        assert_eq!(scale.place(2.0), Some(0.5));
        assert_eq!((scale.place(-1.0), scale.place(f64::NAN)), (None, None));
        assert_eq!(Scale::over([f64::NAN, 0.0], true), None);
    }
}
