//! The C ABI: argument checks, the panic guard, error objects and handle types. No logic: each function checks what
//! it was given and calls a Rust function that Rust tests call too.
//!
//! `include/aim.h` is generated from these files, their comments included.
#![allow(non_camel_case_types)]

pub mod artifacts;
pub mod backfill;
pub mod compact;
pub mod cursor;
pub mod describe;
pub mod edit;
pub mod error;
mod guard;
pub mod handed;
pub mod json;
pub mod list;
pub mod log;
pub mod logs;
pub mod metric;
pub mod objects;
pub mod objects_array;
pub mod objects_distribution;
pub mod objects_encoded;
pub mod objects_pixels;
pub mod objects_read;
pub mod objects_samples;
#[cfg(feature = "arrow")]
pub mod objects_table;
pub mod options;
pub mod outcome;
pub mod query;
#[cfg(feature = "arrow")]
pub mod query_arrow;
#[cfg(not(feature = "arrow"))]
mod query_no_arrow;
pub mod query_options;
pub mod query_typed;
pub mod repo;
pub mod run;
pub mod run_params;
pub mod run_properties;
pub mod salvage;
pub mod sample;
pub mod sequence;
pub mod strings;
mod time;
mod typed;
pub mod version;
