//! Room on the stack: trees and expressions nest, and hosts may call from threads that have little.

use crate::Tree;

/// What walking the deepest tree takes, with some to spare.
const TREE: usize = 64 * 1024;
/// What is taken instead where that is not left.
const TAKEN: usize = 512 * 1024;

/// Levels of nesting that every stack bears.
const FEW: usize = 8;
/// Texts in which brackets are counted first; for longer ones it is not worth it.
const SHORT: usize = 4096;

/// Whether every stack bears the tree.
pub(crate) fn bears(tree: &Tree) -> bool {
    tree.depth_up_to(FEW + 1) <= FEW
}

/// Whether every stack bears what a JSON text stands for.
pub(crate) fn bears_json(text: &str) -> bool {
    let brackets = || text.bytes().filter(|c| matches!(c, b'[' | b'{')).count();
    text.len() <= SHORT && brackets() <= FEW
}

/// Runs `f` on a stack that bears the deepest tree: this thread's, or one of its own where little is left of that. What
/// every stack bears (`borne`) does not ask how much is left: the first time the answer takes a program's first thread a
/// tenth of a millisecond.
pub(crate) fn for_tree<T>(borne: bool, f: impl FnOnce() -> T) -> T {
    match borne {
        true => f(),
        false => stacker::maybe_grow(TREE, TAKEN, f),
    }
}
