//! Any bytes as a stored block of points.
#![no_main]

use aim::store::{Points, decode_block};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut points = Points::default();
    if decode_block(bytes, &mut points).is_ok() {
        assert!(points.steps.windows(2).all(|w| w[0] < w[1]));
    }
});
