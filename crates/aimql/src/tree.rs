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
        (Tree::Dict(a), Tree::Dict(b)) => a.len() == b.len() && dicts_eq(a, b),
        _ => equal_numbers(a, b),
    }
}

/// Keys differ within a dict. Few are looked for one by one; many are sorted first.
fn dicts_eq(a: &[(String, Tree)], b: &[(String, Tree)]) -> bool {
    const FEW: usize = 8;
    if a.len() <= FEW {
        return a.iter().all(|(key, value)| {
            let found = b.iter().find(|(other, _)| key == other);
            found.is_some_and(|(_, found)| tree_eq(value, found))
        });
    }
    let sorted = |dict: &'_ [(String, Tree)]| {
        let mut order: Vec<usize> = (0..dict.len()).collect();
        order.sort_unstable_by(|x, y| dict[*x].0.cmp(&dict[*y].0));
        order
    };
    sorted(a)
        .into_iter()
        .zip(sorted(b))
        .all(|(i, j)| a[i].0 == b[j].0 && tree_eq(&a[i].1, &b[j].1))
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
