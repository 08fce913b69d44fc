//! AimQL, the language: a Python expression over a run and, for metric queries, one of its sequences.
//!
//! [`Program::compile`] parses the text (`source`, with the parser of `ruff`) and lowers it to a tree (`compile`,
//! `ir`) that [`Program::matches`] walks for each row (`machine`, `eval`). A row is asked for its data lazily through
//! [`RunRow`]. Nothing but data can be reached, and the work and memory of every row are bounded (`limits`).

mod access;
mod arith;
mod builtins;
mod bytes;
mod call;
mod compare;
mod compile;
mod complex;
mod conditions;
mod construct;
mod containers;
mod datetime;
mod dict;
mod error;
mod eval;
mod fault;
mod float;
mod hash;
mod hex_float;
mod ir;
mod iter;
mod key;
mod limits;
mod machine;
mod math;
mod methods;
mod nearest;
mod numbers;
mod percent;
mod program;
mod repr;
mod row;
mod set;
mod sort;
mod source;
mod spec;
mod strings;
mod template;
mod text;
mod tree;
mod unicode;
mod value;
mod vocabulary;

pub use aim_value::Tree;
pub use conditions::{Bound, Condition, Target, Test};
pub use error::{Error, Result, RowError};
pub use key::Key;
pub use limits::{Budget, Limits, MAX_DEPTH, MAX_NESTING, MAX_SOURCE, Watch};
pub use nearest::nearest;
pub use program::{Outcome, Program};
pub use row::{
    Aggregate, Aggregates, Lookup, MetricRow, ParamValue, PropertyValue, RunProperty, RunRow,
    Subject, Toll,
};
pub use source::SyntaxError;
pub use tree::tree_eq;
pub use vocabulary::{Names, vocabulary};
