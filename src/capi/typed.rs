//! Values of one type out of trees.

use super::guard::out;
use super::strings::owned;
use crate::error::{Error, Result, Status};
use aim_value::Tree;
use std::ffi::c_char;

/// A value that a caller gets without JSON.
pub(super) trait Typed: Sized {
    const NAME: &'static str;
    fn of(tree: &Tree) -> Option<Self>;
}

impl Typed for f64 {
    const NAME: &'static str = "a number";
    fn of(tree: &Tree) -> Option<f64> {
        match tree {
            Tree::Float(f) => Some(*f),
            Tree::Int(i) => Some(*i as f64),
            Tree::BigInt(i) => num_traits::ToPrimitive::to_f64(i),
            _ => None,
        }
    }
}

impl Typed for i64 {
    const NAME: &'static str = "an integer of 64 bits";
    fn of(tree: &Tree) -> Option<i64> {
        match tree {
            Tree::Int(i) => Some(*i),
            _ => None,
        }
    }
}

impl Typed for bool {
    const NAME: &'static str = "true or false";
    fn of(tree: &Tree) -> Option<bool> {
        match tree {
            Tree::Bool(b) => Some(*b),
            _ => None,
        }
    }
}

impl Typed for *mut c_char {
    const NAME: &'static str = "a string without NUL";
    fn of(tree: &Tree) -> Option<*mut c_char> {
        match tree {
            Tree::Str(s) => owned(s).ok(),
            _ => None,
        }
    }
}

/// Writes a value, called `what` in messages, to the caller's variable.
///
/// # Safety
/// `value` is NULL or writable.
pub(super) unsafe fn put<T: Typed>(value: *mut T, tree: &Tree, what: &str) -> Result<()> {
    // SAFETY: promised by the caller.
    let result = unsafe { out(value, "value") }?;
    match T::of(tree) {
        Some(found) => {
            result.write(found);
            Ok(())
        }
        None => Err(Error::new(
            Status::Type,
            format!("{what} is {}, not {}", tree.type_name(), T::NAME),
        )),
    }
}
