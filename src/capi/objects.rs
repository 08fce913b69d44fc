//! Kinds of objects, and types of their elements, as numbers.

use crate::error::{Error, Result};
use crate::objects::ObjectKind;

/// Images; `images` in an expression.
pub const AIM_QUERY_IMAGES: i32 = 3;
/// Texts; `texts` in an expression.
pub const AIM_QUERY_TEXTS: i32 = 4;
/// Audio clips; `audios` in an expression.
pub const AIM_QUERY_AUDIOS: i32 = 5;
/// Distributions; `distributions` in an expression.
pub const AIM_QUERY_DISTRIBUTIONS: i32 = 6;
/// Figures; `figures` in an expression.
pub const AIM_QUERY_FIGURES: i32 = 7;
/// Videos; `videos` in an expression.
pub const AIM_QUERY_VIDEOS: i32 = 8;
/// Tables; `tables` in an expression.
pub const AIM_QUERY_TABLES: i32 = 9;
/// Arrays; `arrays` in an expression.
pub const AIM_QUERY_ARRAYS: i32 = 10;

/// Elements: unsigned, 8 bits.
pub const AIM_U8: i32 = 1;
/// Elements: unsigned, 16 bits.
pub const AIM_U16: i32 = 2;
/// Elements: signed, 8 bits.
pub const AIM_I8: i32 = 3;
/// Elements: signed, 16 bits.
pub const AIM_I16: i32 = 4;
/// Elements: signed, 32 bits.
pub const AIM_I32: i32 = 5;
/// Elements: signed, 64 bits.
pub const AIM_I64: i32 = 6;
/// Elements: IEEE 754 half.
pub const AIM_F16: i32 = 7;
/// Elements: bfloat16.
pub const AIM_BF16: i32 = 8;
/// Elements: `float`.
pub const AIM_F32: i32 = 9;
/// Elements: `double`.
pub const AIM_F64: i32 = 10;
/// Elements: unsigned, 32 bits.
pub const AIM_U32: i32 = 11;
/// Elements: unsigned, 64 bits.
pub const AIM_U64: i32 = 12;
/// Elements: bytes that are 0 or 1.
pub const AIM_BOOL: i32 = 13;

/// The kind of object that a number of `AIM_QUERY_...` stands for.
pub(super) fn kind(number: i32) -> Result<ObjectKind> {
    let kind = u8::try_from(number).ok().and_then(ObjectKind::from_number);
    kind.ok_or_else(|| {
        Error::invalid(format!(
            "kind is {number}; it is one of AIM_QUERY_RUNS, AIM_QUERY_METRICS, AIM_QUERY_IMAGES, ..."
        ))
    })
}
