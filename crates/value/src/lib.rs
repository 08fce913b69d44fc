//! The value tree of params and contexts: its type, its paths and its bytes on disk.

mod codec;
mod error;
mod json;
mod pointer;
mod stack;

pub use codec::{Encoded, Leaf, count, encode_list, encode_text, follow, list_items};
pub use error::{Error, ErrorKind, Result};
pub use json::NonFinite;
pub use pointer::{Path, escape};

use num_bigint::BigInt;

/// How many lists and dicts may lie in one another in a tree. Of a run's params each top-level value is such a tree: what
/// a pointer passes on its way down counts, too (`Path::check_depth`).
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

    /// How many lists and dicts lie in one another: 0 for a scalar, 1 for `[]`. Looks no deeper than it takes to know that
    /// it is more than `MAX_DEPTH`.
    pub fn depth(&self) -> usize {
        self.depth_up_to(MAX_DEPTH + 1)
    }

    fn depth_up_to(&self, most: usize) -> usize {
        fn below(tree: &Tree, left: usize) -> usize {
            let deepest = |depths: &mut dyn Iterator<Item = usize>| 1 + depths.max().unwrap_or(0);
            match tree {
                _ if left == 0 => 0,
                Tree::List(items) => deepest(&mut items.iter().map(|v| below(v, left - 1))),
                Tree::Dict(entries) => {
                    deepest(&mut entries.iter().map(|(_, v)| below(v, left - 1)))
                }
                _ => 0,
            }
        }
        below(self, most)
    }

    /// The same value with the keys of every dict sorted: equal contexts have equal canonical JSON.
    pub fn sort_keys(&mut self) {
        stack::for_tree(stack::bears(self), || self.sort_keys_inside());
    }

    fn sort_keys_inside(&mut self) {
        match self {
            Tree::List(items) => items.iter_mut().for_each(Tree::sort_keys_inside),
            Tree::Dict(entries) => {
                entries.iter_mut().for_each(|(_, v)| v.sort_keys_inside());
                entries.sort_by(|a, b| a.0.cmp(&b.0));
            }
            _ => {}
        }
    }
}
