//! Values in JSON that every parser reads, so that they can be read back exactly: a number that JSON does not have is
//! the text `"NaN"`, `"Infinity"` or `"-Infinity"` in the place of a metric's value, and the object `{"__float__": "NaN"}`
//! among params, where a text may stand as well.

use aim_value::Tree;

const FLOAT: &str = "__float__";

/// A value of a metric.
pub fn number(value: f64) -> Tree {
    word(value).map_or(Tree::Float(value), |word| Tree::Str(word.to_owned()))
}

fn word(value: f64) -> Option<&'static str> {
    match value {
        f if f.is_nan() => Some("NaN"),
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        _ => None,
    }
}

pub fn number_of(tree: &Tree) -> Option<f64> {
    match tree {
        Tree::Int(i) => Some(*i as f64),
        Tree::Float(f) => Some(*f),
        Tree::Str(word) => match word.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// Params.
pub fn encode(tree: Tree) -> Tree {
    match tree {
        Tree::Float(f) => match word(f) {
            Some(word) => Tree::Dict(vec![(FLOAT.to_owned(), Tree::Str(word.to_owned()))]),
            None => Tree::Float(f),
        },
        Tree::List(items) => Tree::List(items.into_iter().map(encode).collect()),
        Tree::Dict(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, encode(value)));
            Tree::Dict(entries.collect())
        }
        other => other,
    }
}

pub fn decode(tree: Tree) -> Tree {
    match tree {
        Tree::List(items) => Tree::List(items.into_iter().map(decode).collect()),
        Tree::Dict(entries) => {
            if let [(key, value)] = entries.as_slice()
                && key == FLOAT
                && let Some(number) = number_of(value)
            {
                return Tree::Float(number);
            }
            let entries = entries.into_iter().map(|(key, value)| (key, decode(value)));
            Tree::Dict(entries.collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back() {
        let odd = [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -0.0,
            1.0,
            5e-324,
            0.1,
        ];
        for value in odd {
            let text = number(value).to_json();
            let back = number_of(&Tree::from_json(&text).unwrap()).unwrap();
            assert_eq!(back.to_bits(), value.to_bits(), "{text}");
            let param = Tree::List(vec![Tree::Float(value), Tree::Str("NaN".into())]);
            let text = encode(param.clone()).to_json();
            let serde: Result<serde_json::Value, _> = serde_json::from_str(&text);
            assert!(serde.is_ok(), "{text}");
            let back = decode(Tree::from_json(&text).unwrap());
            assert_eq!(format!("{back:?}"), format!("{param:?}"));
        }
    }
}
