//! What answers have in common that go to Aim's UI as a stream.

use aim_stream::{Encoder, Piece};
use aim_value::Tree;

/// A column of numbers.
pub fn column(numbers: impl ExactSizeIterator<Item = f64>) -> Tree {
    let count = numbers.len();
    let mut blob = Vec::with_capacity(8 * count);
    numbers.for_each(|number| blob.extend_from_slice(&number.to_le_bytes()));
    super::tree::dict([
        ("type", Tree::Str("numpy".to_owned())),
        ("shape", Tree::Int(count as i64)),
        ("dtype", Tree::Str("float64".to_owned())),
        ("blob", Tree::Bytes(blob)),
    ])
}

/// Where a search is: runs looked at and all there are. The number counts up within an answer.
pub fn progress(out: &mut Encoder, number: u64, looked_at: u64, total: u64) {
    let name = format!("progress_{number}");
    let numbers = [looked_at, total].map(|n| Tree::Int(n as i64));
    out.record(Piece::Text(&name), &Tree::List(numbers.into()));
}
