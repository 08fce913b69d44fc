//! Any bytes as the key and the content of a stored block of points.
#![no_main]

use aim::store::keys::SeriesKey;
use aim::store::{Points, decode_block};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut points = Points::default();
    let row = bytes.split_at(bytes.len().min(SeriesKey::SIZE + size_of::<i64>()));
    if decode_block(row, &mut points).is_ok() {
        assert!(points.steps.windows(2).all(|w| w[0] < w[1]));
    }
});
