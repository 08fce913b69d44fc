//! Labels beside the ends of curves, moved apart where they would lie on each other.

/// Places of labels of one height, each as near as possible to where it is wanted, between `low` and `high`. The order
/// stays. What finds no place is left out: the last ones.
pub fn spread(wanted: &[f64], height: f64, low: f64, high: f64) -> Vec<f64> {
    let room = ((high - low) / height).floor() as usize + 1;
    let count = wanted.len().min(room);
    let mut places: Vec<f64> = wanted[..count].iter().map(|p| p.clamp(low, high)).collect();
    // Downwards, then back up from the end.
    for i in 1..count {
        places[i] = places[i].max(places[i - 1] + height);
    }
    let mut most = high;
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - height;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn labels_do_not_lie_on_each_other() {
        assert_eq!(spread(&[1.0, 5.0], 1.0, 0.0, 9.0), [1.0, 5.0]);
        assert_eq!(spread(&[1.0, 1.2, 1.4], 1.0, 0.0, 9.0), [1.0, 2.0, 3.0]);
        assert_eq!(spread(&[9.0, 9.0, 9.0], 1.0, 0.0, 9.0), [7.0, 8.0, 9.0]);
        assert_eq!(spread(&[0.0; 5], 1.0, 0.0, 2.0).len(), 3);
    }
}
