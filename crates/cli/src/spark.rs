//! A curve in one line of text.

use crate::look::Look;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['_', '.', ',', '-', '=', '+', '*', '#'];

/// `width` characters; each is the mean of its part of the points. Blank where there is no number.
pub fn line(look: &Look, steps: &[i64], values: &[f64], width: usize) -> String {
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return String::new();
    };
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let least = finite().fold(f64::INFINITY, f64::min);
    let greatest = finite().fold(f64::NEG_INFINITY, f64::max);
    if least > greatest {
        return String::new();
    }
    let span = (*last as f64 - *first as f64).max(1.0);
    let mut sums = vec![(0.0, 0u32); width];
    for (step, value) in steps.iter().zip(values).filter(|(_, v)| v.is_finite()) {
        let at = (*step as f64 - *first as f64) / span * (width as f64 - 1.0);
        if let Some((sum, count)) = sums.get_mut(at.round() as usize) {
            *sum += value;
            *count += 1;
        }
    }
    let marks = if look.unicode { BLOCKS } else { ASCII };
    let place = |mean: f64| match greatest > least {
        true => ((mean - least) / (greatest - least) * 7.0).round() as usize,
        false => 3,
    };
    let mut before = None;
    let line = sums.into_iter().map(|(sum, count)| {
        if count > 0 {
            before = Some(place(sum / f64::from(count)).min(7));
        }
        // Between points that lie far apart the line goes on.
        before.map_or(' ', |at| marks[at])
    });
    line.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_fall_and_rise() {
        let look = Look {
            colour: false,
            unicode: true,
            is_terminal: false,
            width: None,
            height: None,
        };
        let steps: Vec<i64> = (0..8).collect();
        let values: Vec<f64> = (0..8).map(f64::from).collect();
        assert_eq!(line(&look, &steps, &values, 8), "▁▂▃▄▅▆▇█");
        assert_eq!(line(&look, &steps, &[2.0; 8], 4), "▄▄▄▄");
        assert_eq!(line(&look, &[], &[], 4), "");
    }
}
