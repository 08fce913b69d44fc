//! JSON in and out. Integers have any size, and bytes are written as `{"__bytes__": "<base64>"}`. `NaN`, `Infinity` and
//! `-Infinity` are read as numbers; how they are written is the reader's choice.

use crate::error::{Error, Result};
use crate::stack;
use crate::{MAX_DEPTH, Tree};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiter::{JsonErrorType, JsonValue};
use std::fmt::Write as _;

const BYTES_KEY: &str = "__bytes__";

/// How numbers are written that JSON does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NonFinite {
    /// As null: the text is JSON that every parser reads.
    #[default]
    Null,
    /// As the strings "NaN", "Infinity" and "-Infinity": JSON too.
    Strings,
    /// As the words NaN, Infinity and -Infinity, which some parsers read as numbers: nothing is lost.
    Words,
}

impl Tree {
    /// Parses JSON text. Of a key given twice the last value counts.
    pub fn from_json(text: &str) -> Result<Tree> {
        stack::for_tree(stack::bears_json(text), || parse(text))
    }

    /// Writes compact JSON text that `from_json` reads back as it was: with the words NaN, Infinity and -Infinity.
    pub fn to_json(&self) -> String {
        self.to_json_as(NonFinite::Words)
    }

    /// Writes compact JSON text.
    pub fn to_json_as(&self, non_finite: NonFinite) -> String {
        let mut out = String::new();
        stack::for_tree(stack::bears(self), || write(self, non_finite, &mut out));
        out
    }
}

fn parse(text: &str) -> Result<Tree> {
    let value = JsonValue::parse(text.as_bytes(), true).map_err(|e| {
        if e.error_type == JsonErrorType::RecursionLimitExceeded {
            return Error::too_deep(format_args!("JSON {}", quote(text)));
        }
        let at = e.get_position(text.as_bytes());
        Error::invalid(format!(
            "not JSON: {} at line {} column {} of {}",
            e.error_type,
            at.line,
            at.column,
            quote(text)
        ))
    })?;
    convert(&value, 0)
}

/// A value for a message: quoted and cut to a readable length.
fn quote(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}… ({} bytes)", &text[..end], text.len()),
        None => format!("{text:?}"),
    }
}

/// Whether an object stands for bytes, which are a scalar.
fn is_bytes(value: &JsonValue) -> bool {
    matches!(value, JsonValue::Object(entries)
        if matches!(entries.as_slice(), [(key, JsonValue::Str(_))] if key == BYTES_KEY))
}

fn convert(value: &JsonValue, depth: usize) -> Result<Tree> {
    let holds_others = matches!(value, JsonValue::Array(_) | JsonValue::Object(_));
    if holds_others && depth == MAX_DEPTH && !is_bytes(value) {
        return Err(Error::too_deep("JSON"));
    }
    Ok(match value {
        JsonValue::Null => Tree::Null,
        JsonValue::Bool(b) => Tree::Bool(*b),
        JsonValue::Int(i) => Tree::Int(*i),
        JsonValue::BigInt(i) => Tree::BigInt(i.clone()),
        JsonValue::Float(f) => Tree::Float(*f),
        JsonValue::Str(s) => Tree::Str(s.to_string()),
        JsonValue::Array(items) => Tree::List(
            items
                .iter()
                .map(|v| convert(v, depth + 1))
                .collect::<Result<_>>()?,
        ),
        JsonValue::Object(entries) => {
            if let [(key, JsonValue::Str(text))] = entries.as_slice()
                && key == BYTES_KEY
            {
                return STANDARD
                    .decode(text.as_bytes())
                    .map(Tree::Bytes)
                    .map_err(|e| {
                        Error::invalid(format!("{BYTES_KEY} holds {}: {e}", quote(text)))
                    });
            }
            let mut dict: Vec<(String, Tree)> = Vec::with_capacity(entries.len());
            let mut places = std::collections::HashMap::with_capacity(entries.len());
            for (key, value) in entries.iter() {
                let value = convert(value, depth + 1)?;
                match places.get(key.as_ref()) {
                    Some(&at) => dict[at] = (key.to_string(), value),
                    None => {
                        places.insert(key.as_ref(), dict.len());
                        dict.push((key.to_string(), value));
                    }
                }
            }
            Tree::Dict(dict)
        }
    })
}

fn write_string(text: &str, out: &mut String) {
    // Serialising a string into memory does not fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn write_float(f: f64, non_finite: NonFinite, out: &mut String) {
    if let Some(number) = serde_json::Number::from_f64(f) {
        out.push_str(&number.to_string());
        return;
    }
    let word = match f {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    };
    match non_finite {
        NonFinite::Null => out.push_str("null"),
        NonFinite::Strings => write_string(word, out),
        NonFinite::Words => out.push_str(word),
    }
}

fn write(tree: &Tree, non_finite: NonFinite, out: &mut String) {
    match tree {
        Tree::Null => out.push_str("null"),
        Tree::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Tree::Int(i) => {
            let _ = write!(out, "{i}");
        }
        Tree::BigInt(i) => {
            let _ = write!(out, "{i}");
        }
        Tree::Float(f) => write_float(*f, non_finite, out),
        Tree::Str(s) => write_string(s, out),
        Tree::Bytes(b) => {
            let _ = write!(out, "{{\"{BYTES_KEY}\":\"{}\"}}", STANDARD.encode(b));
        }
        Tree::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, non_finite, out);
            }
            out.push(']');
        }
        Tree::Dict(entries) => {
            out.push('{');
            for (i, (key, value)) in entries.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write(value, non_finite, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) -> String {
        Tree::from_json(text).unwrap().to_json()
    }

    #[test]
    fn types_stay_intact() {
        let text = r#"{"a":1,"b":1.0,"c":[NaN,Infinity,-Infinity,null,true],"":"ü✓","big":123456789012345678901234567890,"max":9007199254740993}"#;
        assert_eq!(round(text), text);
        assert_eq!(round(r#"{"__bytes__":"AAEC"}"#), r#"{"__bytes__":"AAEC"}"#);
        assert_eq!(round(r#"{"a":1,"b":2,"a":3}"#), r#"{"a":3,"b":2}"#);
        assert_eq!(round("1e-4"), "0.0001");
    }

    #[test]
    fn what_json_does_not_have_is_written_as_asked() {
        let tree = Tree::from_json("[NaN,Infinity,-Infinity,1.5]").unwrap();
        assert_eq!(tree.to_json_as(NonFinite::Null), "[null,null,null,1.5]");
        assert_eq!(
            tree.to_json_as(NonFinite::Strings),
            r#"["NaN","Infinity","-Infinity",1.5]"#
        );
        assert_eq!(
            tree.to_json_as(NonFinite::Words),
            "[NaN,Infinity,-Infinity,1.5]"
        );
    }

    #[test]
    fn bad_json_names_the_place_and_the_text() {
        let e = Tree::from_json("{\"a\": }").unwrap_err();
        assert!(
            e.message.contains("column 7") && e.message.contains("\\\"a\\\""),
            "{e}"
        );
        assert!(Tree::from_json("").is_err());
        assert!(Tree::from_json("1 2").is_err());
        assert!(Tree::from_json(&"[".repeat(100_000)).is_err());
    }
}
