//! The stream that Aim's UI reads: pairs of a path and a value, each with its length in front.
//!
//! A path is its pieces, each followed by FE: a text as UTF-8, a number as FE and eight bytes, big-endian. A value is a
//! type and a payload. Parents come before children. The first piece of the paths names the record; all pairs of a record
//! are together, and its name never comes again.
//!
//! A crate of its own since all that `libaim up` answers goes through it, and the rest of the program is compiled to be small.

use aim_value::Tree;

const SEPARATOR: u8 = 0xFE;
const NULL: u8 = 0;
const BOOL: u8 = 1;
const INTEGER: u8 = 2;
const FLOAT: u8 = 3;
const TEXT: u8 = 4;
const BYTES: u8 = 5;
const ARRAY: u8 = 6;
const OBJECT: u8 = 7;

/// Up to here a float, and so a number of JavaScript, holds every digit.
pub const EXACT: i64 = 1 << 53;

/// The UI reads larger integers wrong, while a float prints the same.
const SMALL: std::ops::RangeInclusive<i64> = -(1 << 31)..=(1 << 31) - 1;

/// A piece of a path.
#[derive(Clone, Copy)]
pub enum Piece<'p> {
    Text(&'p str),
    Number(i64),
}

/// Writes records.
#[derive(Default)]
pub struct Encoder {
    out: Vec<u8>,
    /// The path of the present node.
    path: Vec<u8>,
}

impl Encoder {
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// A record: a name and what is below it.
    pub fn record(&mut self, name: Piece<'_>, tree: &Tree) {
        self.path.clear();
        self.below(name, tree);
    }

    fn below(&mut self, piece: Piece<'_>, tree: &Tree) {
        let before = self.path.len();
        match piece {
            Piece::Text(text) => self.path.extend_from_slice(text.as_bytes()),
            Piece::Number(number) => {
                self.path.push(SEPARATOR);
                self.path.extend_from_slice(&number.to_be_bytes());
            }
        }
        self.path.push(SEPARATOR);
        self.node(tree);
        self.path.truncate(before);
    }

    fn node(&mut self, tree: &Tree) {
        match tree {
            Tree::Null => self.pair(NULL, &[]),
            Tree::Bool(b) => self.pair(BOOL, &[u8::from(*b)]),
            Tree::Int(i) if SMALL.contains(i) => self.pair(INTEGER, &i.to_le_bytes()),
            Tree::Int(i) if (-EXACT..=EXACT).contains(i) => {
                self.pair(FLOAT, &(*i as f64).to_le_bytes());
            }
            Tree::Int(i) => self.pair(TEXT, i.to_string().as_bytes()),
            Tree::BigInt(i) => self.pair(TEXT, i.to_string().as_bytes()),
            Tree::Float(f) => self.pair(FLOAT, &f.to_le_bytes()),
            Tree::Str(text) => self.pair(TEXT, text.as_bytes()),
            Tree::Bytes(bytes) => self.pair(BYTES, bytes),
            Tree::List(items) => {
                self.pair(ARRAY, &[]);
                for (number, item) in items.iter().enumerate() {
                    self.below(Piece::Number(number as i64), item);
                }
            }
            Tree::Dict(entries) if entries.is_empty() => self.pair(OBJECT, &[]),
            Tree::Dict(entries) => self.dict(entries),
        }
    }

    fn dict(&mut self, entries: &[(String, Tree)]) {
        for (key, value) in entries {
            match key.is_empty() {
                false => self.below(Piece::Text(key), value),
                true => self.below(Piece::Text(&stand_in(entries)), value),
            }
        }
    }

    fn pair(&mut self, kind: u8, payload: &[u8]) {
        let length = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
        self.out.extend_from_slice(&length(self.path.len()));
        self.out.extend_from_slice(&self.path);
        self.out.extend_from_slice(&length(payload.len() + 1));
        self.out.push(kind);
        self.out.extend_from_slice(payload);
    }
}

/// An empty text reads as the beginning of a number: such a key is called by two quotes, or more if that is taken.
fn stand_in(entries: &[(String, Tree)]) -> String {
    let mut name = String::from("\"\"");
    while entries.iter().any(|(key, _)| *key == name) {
        name.push('"');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(tree: &Tree) -> Vec<u8> {
        let mut out = Encoder::default();
        out.record(Piece::Text("r"), tree);
        out.finish()
    }

    #[test]
    fn a_pair_is_as_the_format_says() {
        let tree = Tree::Dict(vec![("a".into(), Tree::List(vec![Tree::Int(-2)]))]);
        let mut expected = b"\x04\0\0\0r\xfea\xfe\x01\0\0\0\x06".to_vec();
        expected.extend_from_slice(b"\x0e\0\0\0r\xfea\xfe\xfe\0\0\0\0\0\0\0\0\xfe");
        expected.extend_from_slice(b"\x09\0\0\0\x02\xfe\xff\xff\xff\xff\xff\xff\xff");
        assert_eq!(encoded(&tree), expected);
    }

    #[test]
    fn large_integers_travel_as_what_the_ui_reads_right() {
        let kind = |i: i64| encoded(&Tree::Int(i))[10];
        let edge = 1i64 << 31;
        assert_eq!(
            [kind(edge - 1), kind(edge), kind(edge + 1)],
            [INTEGER, FLOAT, FLOAT]
        );
        assert_eq!([kind(-edge), kind(-edge - 1)], [INTEGER, FLOAT]);
        assert_eq!(
            [kind(EXACT - 1), kind(EXACT), kind(EXACT + 1)],
            [FLOAT, FLOAT, TEXT]
        );
    }

    #[test]
    fn an_empty_key_gets_a_name_that_is_free() {
        let tree = Tree::Dict(vec![
            (String::new(), Tree::Null),
            ("\"\"".into(), Tree::Null),
        ]);
        let bytes = encoded(&tree);
        assert_eq!(&bytes[..11], b"\x06\0\0\0r\xfe\"\"\"\xfe\x01");
    }
}
