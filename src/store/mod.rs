//! The store: everything that is on disk for good.

pub mod tree;
