//! Equality of trees.

use std::cmp::Ordering;

use num_bigint::BigInt;

use crate::compare::{compare_big_float, compare_int_float};
use aim_value::Tree;

/// Whether two trees are equal in Python: dicts whatever their order, and `1 == 1.0 == True`. A NaN equals nothing.
pub fn tree_eq(a: &Tree, b: &Tree) -> bool {
    match (a, b) {
        (Tree::Null, Tree::Null) => true,
        (Tree::Str(a), Tree::Str(b)) => a == b,
        (Tree::Bytes(a), Tree::Bytes(b)) => a == b,
        (Tree::List(a), Tree::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| tree_eq(a, b))
        }
        (Tree::Dict(a), Tree::Dict(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    b.iter()
                        .any(|(other, found)| key == other && tree_eq(value, found))
                })
        }
        _ => equal_numbers(a, b),
    }
}

fn equal_numbers(a: &Tree, b: &Tree) -> bool {
    let whole = |tree: &Tree| match tree {
        Tree::Bool(b) => Some(i64::from(*b)),
        Tree::Int(i) => Some(*i),
        _ => None,
    };
    match (a, b) {
        (Tree::Float(a), Tree::Float(b)) => a == b,
        (Tree::BigInt(a), Tree::BigInt(b)) => a == b,
        (Tree::BigInt(big), Tree::Float(f)) | (Tree::Float(f), Tree::BigInt(big)) => {
            compare_big_float(big, *f) == Some(Ordering::Equal)
        }
        (Tree::Float(f), other) | (other, Tree::Float(f)) => {
            whole(other).and_then(|i| compare_int_float(i, *f)) == Some(Ordering::Equal)
        }
        (Tree::BigInt(big), other) | (other, Tree::BigInt(big)) => {
            whole(other).is_some_and(|i| *big == BigInt::from(i))
        }
        _ => whole(a).is_some() && whole(a) == whole(b),
    }
}
