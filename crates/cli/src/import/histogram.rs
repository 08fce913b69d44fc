//! Histograms as other tools keep them, as distributions.

use aim::objects::distribution::Distribution;

/// Bins with such edges and weights. Those without a width, which some tools make of values that are all equal, go into the
/// one in front of them, or, where there is no other, into one around the value.
pub fn of_bins(edges: &[f64], weights: &[f64]) -> Option<Distribution> {
    let first = *edges.first()?;
    if edges.len() != weights.len() + 1 {
        return None;
    }
    let mut kept = vec![first];
    let mut sums: Vec<f64> = Vec::with_capacity(weights.len());
    // What lies at the left edge itself.
    let mut waiting = 0.0;
    let mut last = first;
    for (edge, weight) in edges[1..].iter().zip(weights) {
        match (edge == &last, sums.last_mut()) {
            (true, Some(sum)) => *sum += weight,
            (true, None) => waiting += weight,
            (false, _) => {
                kept.push(*edge);
                sums.push(weight + std::mem::take(&mut waiting));
                last = *edge;
            }
        }
    }
    if sums.is_empty() {
        kept = vec![first - 0.5, first + 0.5];
        sums.push(waiting);
    }
    let (low, high) = (first.min(kept[0]), kept[kept.len() - 1]);
    // Even ones are stored as their ends, if nothing is lost by that.
    match Distribution::new(&sums, None, low, high) {
        Ok(even) if even.edges == kept => Some(even),
        _ => Distribution::new(&sums, Some(&kept), 0.0, 0.0).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_kept() {
        let even = of_bins(&[0.0, 1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]).unwrap();
        assert!(even.even);
        let uneven = of_bins(&[0.0, 1.0, 10.0], &[1.0, 2.0]).unwrap();
        assert_eq!(
            (uneven.even, &uneven.edges[..]),
            (false, &[0.0, 1.0, 10.0][..])
        );
    }

    #[test]
    fn bins_without_a_width() {
        let all_equal = of_bins(&[3.0; 4], &[0.0, 0.0, 7.0]).unwrap();
        assert_eq!(
            (&all_equal.edges[..], &all_equal.weights[..]),
            (&[2.5, 3.5][..], &[7.0][..])
        );
        let some = of_bins(&[0.0, 0.0, 1.0, 1.0], &[1.0, 2.0, 4.0]).unwrap();
        assert_eq!(
            (&some.edges[..], &some.weights[..]),
            (&[0.0, 1.0][..], &[7.0][..])
        );
        assert_eq!(of_bins(&[1.0, 0.0], &[1.0]), None);
        assert_eq!(of_bins(&[], &[]), None);
        assert_eq!(of_bins(&[0.0, f64::NAN], &[1.0]), None);
    }
}
