//! Smoothing as TensorBoard does it: an exponential moving average, freed of its bias towards the start.

/// Smooths the values of a curve by `weight`, 0 (not at all) up to but without 1. A value that is not finite stays as it
/// is and does not count.
pub fn smooth(points: &mut [(f64, f64)], weight: f64) {
    if !(weight > 0.0 && weight < 1.0) {
        return;
    }
    let (mut mean, mut seen) = (0.0, 0.0);
    for (_, value) in points.iter_mut().filter(|(_, v)| v.is_finite()) {
        mean = mean * weight + (1.0 - weight) * *value;
        seen = seen * weight + (1.0 - weight);
        *value = mean / seen;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_stays_and_nan_does_not_spread() {
        let mut points = [(0.0, 4.0), (1.0, f64::NAN), (2.0, 1.0)];
        smooth(&mut points, 0.5);
        assert_eq!(points[0].1, 4.0);
        assert!(points[1].1.is_nan());
        // (4 · 0.25 + 1 · 0.5) / 0.75
        assert_eq!(points[2].1, 2.0);
        let before = points[2].1;
        smooth(&mut points, 0.0);
        assert_eq!(points[2].1, before);
    }
}
