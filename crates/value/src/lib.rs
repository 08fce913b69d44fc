//! The value tree of params and contexts: its type, its paths and its bytes on disk.

mod codec;
mod error;
mod json;
mod pointer;

pub use codec::{Leaf, follow};
pub use error::{Error, ErrorKind, Result};
pub use pointer::{Path, escape};

use num_bigint::BigInt;

/// The deepest nesting that a tree may have.
pub const MAX_DEPTH: usize = 128;

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

impl Tree {
    /// The tree's JSON name of its type, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Tree::Null => "null",
            Tree::Bool(_) => "boolean",
            Tree::Int(_) | Tree::BigInt(_) => "integer",
            Tree::Float(_) => "number",
            Tree::Str(_) => "string",
            Tree::Bytes(_) => "bytes",
            Tree::List(_) => "array",
            Tree::Dict(_) => "object",
        }
    }

    /// The same value with the keys of every dict sorted: equal contexts have equal canonical JSON.
    pub fn sort_keys(&mut self) {
        match self {
            Tree::List(items) => items.iter_mut().for_each(Tree::sort_keys),
            Tree::Dict(entries) => {
                entries.iter_mut().for_each(|(_, v)| v.sort_keys());
                entries.sort_by(|a, b| a.0.cmp(&b.0));
            }
            _ => {}
        }
    }
}
