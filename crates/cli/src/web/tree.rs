//! Answers are built as trees, and leave as a stream or as JSON.

use aim_stream::EXACT;
use aim_value::Tree;
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

pub fn dict<const N: usize>(entries: [(&str, Tree); N]) -> Tree {
    Tree::Dict(entries.map(|(key, value)| (key.to_owned(), value)).into())
}

pub fn text(text: impl Into<String>) -> Tree {
    Tree::Str(text.into())
}

pub fn optional_text(text: &str) -> Tree {
    match text {
        "" => Tree::Null,
        text => Tree::Str(text.to_owned()),
    }
}

/// Microseconds since 1970 as seconds.
pub fn seconds(micros: i64) -> Tree {
    Tree::Float(micros as f64 / 1e6)
}

/// A tree that JavaScript reads with every digit: whole numbers that it would round are text.
pub fn exact(tree: Tree) -> Tree {
    match tree {
        Tree::Int(i) if !(-EXACT..=EXACT).contains(&i) => Tree::Str(i.to_string()),
        Tree::BigInt(i) => Tree::Str(i.to_string()),
        Tree::List(items) => Tree::List(items.into_iter().map(exact).collect()),
        Tree::Dict(entries) => {
            let entries = entries.into_iter();
            Tree::Dict(entries.map(|(key, value)| (key, exact(value))).collect())
        }
        other => other,
    }
}

/// A tree as JSON. What JSON lacks is text: `NaN`, `inf`, `-inf`, bytes as hexadecimal digits.
pub struct Json<'t>(pub &'t Tree);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Json(tree) = *self;
        match tree {
            Tree::Null => to.serialize_unit(),
            Tree::Bool(b) => to.serialize_bool(*b),
            Tree::Int(i) => to.serialize_i64(*i),
            Tree::BigInt(i) => {
                let digits: Result<serde_json::Number, _> = i.to_string().parse();
                match digits {
                    Ok(number) => number.serialize(to),
                    Err(_) => to.serialize_str(&i.to_string()),
                }
            }
            Tree::Float(f) if f.is_finite() => to.serialize_f64(*f),
            Tree::Float(f) if f.is_nan() => to.serialize_str("NaN"),
            Tree::Float(f) => to.serialize_str(if *f > 0.0 { "inf" } else { "-inf" }),
            Tree::Str(text) => to.serialize_str(text),
            Tree::Bytes(bytes) => {
                let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
                to.serialize_str(&digits)
            }
            Tree::List(items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Json(item))?;
                }
                list.end()
            }
            Tree::Dict(entries) => {
                let mut map = to.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, &Json(value))?;
                }
                map.end()
            }
        }
    }
}
