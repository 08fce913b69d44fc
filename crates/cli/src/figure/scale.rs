//! An axis: from values to places, and where its ticks are.

use super::Unit;
use crate::format;

#[derive(Clone, Copy, Debug)]
pub struct Scale {
    low: f64,
    high: f64,
    log: bool,
    unit: Unit,
}

impl Scale {
    /// A scale that shows all values that are numbers, with a margin that is a part of its length.
    pub fn of(
        values: impl Iterator<Item = f64>,
        log: bool,
        unit: Unit,
        margin: f64,
    ) -> Option<Scale> {
        let forward = |v: f64| if log { v.log10() } else { v };
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.map(forward).filter(|v| v.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            return None;
        }
        if low == high {
            let half = if low == 0.0 || log {
                0.5
            } else {
                low.abs() * 0.1
            };
            (low, high) = (low - half, high + half);
        }
        let wider = (high - low) * margin;
        Some(Scale {
            low: low - wider,
            high: high + wider,
            log,
            unit,
        })
    }

    /// Where a value lies, from 0 to 1; `None` for what the scale cannot show.
    pub fn place(&self, value: f64) -> Option<f64> {
        let value = if self.log { value.log10() } else { value };
        let place = (value - self.low) / (self.high - self.low);
        place.is_finite().then_some(place)
    }

    /// Places and texts of about `wanted` ticks.
    pub fn ticks(&self, wanted: usize) -> Vec<(f64, String)> {
        let values = match self.log {
            true => self.log_ticks(wanted),
            false => self.linear_ticks(wanted),
        };
        let step = match values.as_slice() {
            [first, second, ..] if !self.log => second - first,
            _ => 0.0,
        };
        values
            .into_iter()
            .filter_map(|value| Some((self.place(value)?, self.text(value, step))))
            .filter(|(place, _)| (-1e-9..=1.0 + 1e-9).contains(place))
            .collect()
    }

    fn linear_ticks(&self, wanted: usize) -> Vec<f64> {
        let span = self.high - self.low;
        let factor = self.factor();
        let rough = span / factor / wanted.max(1) as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|n| n * power)
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(power)
            * factor;
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step).floor() as i64;
        (first..=last).map(|n| n as f64 * step).collect()
    }

    fn log_ticks(&self, wanted: usize) -> Vec<f64> {
        let (first, last) = (self.low.floor() as i32, self.high.ceil() as i32);
        let decades = (self.high - self.low).max(0.1);
        let within: &[f64] = match decades {
            d if d < 1.0 => &[1.0, 2.0, 3.0, 5.0, 7.0],
            d if d < 2.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let every = (decades / wanted.max(1) as f64).ceil().max(1.0) as i32;
        (first..=last)
            .filter(|exponent| exponent.rem_euclid(every) == 0)
            .flat_map(|exponent| within.iter().map(move |n| n * 10f64.powi(exponent)))
            .collect()
    }

    /// What one unit of the texts is.
    fn factor(&self) -> f64 {
        match self.unit {
            Unit::Seconds if self.high >= 2.0 * 86400.0 => 86400.0,
            Unit::Seconds if self.high >= 2.0 * 3600.0 => 3600.0,
            Unit::Seconds if self.high >= 120.0 => 60.0,
            _ => 1.0,
        }
    }

    /// The unit of the texts, for the axis's title.
    pub fn unit(&self) -> Option<&'static str> {
        match (self.unit, self.factor()) {
            (Unit::Seconds, 86400.0) => Some("d"),
            (Unit::Seconds, 3600.0) => Some("h"),
            (Unit::Seconds, 60.0) => Some("min"),
            (Unit::Seconds, _) => Some("s"),
            _ => None,
        }
    }

    fn text(&self, value: f64, step: f64) -> String {
        if self.unit == Unit::Bytes && value >= 0.0 {
            return format::bytes(value as u64);
        }
        let value = value / self.factor();
        let step = step / self.factor();
        if self.log || step == 0.0 {
            return format::short(value);
        }
        if value.abs() >= 1e5 || (step < 1e-4 && value != 0.0) {
            return format::short(value);
        }
        let places = (-step.log10().floor()).max(0.0) as usize;
        let text = format!("{value:.places$}");
        match text.starts_with("-0") && text.trim_matches(['-', '0', '.']).is_empty() {
            true => text[1..].to_owned(),
            false => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: [f64; 2], log: bool, unit: Unit) -> Vec<String> {
        let scale = Scale::of(values.into_iter(), log, unit, 0.0);
        let ticks = scale.map(|scale| scale.ticks(5)).unwrap_or_default();
        ticks.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            texts([0.0, 2700.0], false, Unit::None),
            ["0", "1000", "2000"]
        );
        assert_eq!(
            texts([0.12, 2.3], false, Unit::None),
            ["0.5", "1.0", "1.5", "2.0"]
        );
        assert_eq!(
            texts([1e-3, 1.0], true, Unit::None),
            ["0.001", "0.01", "0.1", "1"]
        );
        assert_eq!(
            texts([0.0, 7200.0], false, Unit::Seconds),
            ["0.0", "0.5", "1.0", "1.5", "2.0"]
        );
        assert_eq!(texts([3.0, 3.0], false, Unit::None), ["2.8", "3.0", "3.2"]);
        assert!(Scale::of([f64::NAN].into_iter(), false, Unit::None, 0.0).is_none());
        assert!(Scale::of([-1.0].into_iter(), true, Unit::None, 0.0).is_none());
    }
}
