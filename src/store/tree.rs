//! The value tree of params and contexts.

use num_bigint::BigInt;

/// A param value: any JSON value, plus NaN, infinities, big integers and bytes. Dicts keep the order of insertion.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Null,
    Bool(bool),
    Int(i64),
    /// Only for integers that do not fit `Int`.
    BigInt(BigInt),
    Float(f64),
    Str(String),
    Bytes(Vec<u8>),
    List(Vec<Tree>),
    Dict(Vec<(String, Tree)>),
}
