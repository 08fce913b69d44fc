//! Queries.

pub mod lang;
