//! Room on the stack: trees and expressions nest, and hosts may call from threads that have little.

/// What walking the deepest tree takes, with some to spare.
const TREE: usize = 64 * 1024;
/// What is taken instead where that is not left.
const TAKEN: usize = 512 * 1024;

/// Runs `f` on a stack that bears the deepest tree: this thread's, or one of its own where little is left of that.
pub(crate) fn for_tree<T>(f: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(TREE, TAKEN, f)
}
