//! A tree as bytes: a tag, then the value; lengths are LEB128. Containers carry their length in bytes, so that a
//! path is followed without decoding what lies beside it.

use crate::error::{Error, Result};
use crate::stack;
use crate::{MAX_DEPTH, Path, Tree};
use num_bigint::BigInt;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const BIG_INT: u8 = 4;
const FLOAT: u8 = 5;
const STR: u8 = 6;
const BYTES: u8 = 7;
const LIST: u8 = 8;
const DICT: u8 = 9;

fn put_length(out: &mut Vec<u8>, mut n: usize) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn put_blob(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    put_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Writes a container: its body is built first, since its length stands in front.
fn put_container(out: &mut Vec<u8>, tag: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let mut inner = Vec::new();
    body(&mut inner);
    put_blob(out, tag, &inner);
}

/// Encodes a text, without a tree made of it.
pub fn encode_text(out: &mut Vec<u8>, text: &str) {
    put_blob(out, STR, text.as_bytes());
}

/// Encodes a list of what is at hand, without a tree made of it.
pub fn encode_list(out: &mut Vec<u8>, items: impl FnOnce(&mut Items<'_>)) {
    put_container(out, LIST, |out| items(&mut Items(out)));
}

/// The items of a list that is being encoded.
pub struct Items<'o>(&'o mut Vec<u8>);

impl Items<'_> {
    pub fn int(&mut self, value: i64) {
        Tree::Int(value).put(self.0);
    }

    pub fn text(&mut self, value: &str) {
        encode_text(self.0, value);
    }

    pub fn bytes(&mut self, value: &[u8]) {
        put_blob(self.0, BYTES, value);
    }

    pub fn texts(&mut self, values: &[String]) {
        encode_list(self.0, |items| {
            values.iter().for_each(|text| items.text(text))
        });
    }

    pub fn tree(&mut self, value: &Tree) {
        value.encode(self.0);
    }

    pub fn encoded(&mut self, value: &Encoded) {
        self.0.extend_from_slice(value.bytes());
    }
}

/// A tree as bytes, made once: to a journal, to a frame and to a table they are copied. Those that were read may be damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded(Box<[u8]>);

impl Encoded {
    pub fn of(tree: &Tree) -> Encoded {
        Encoded(tree.to_bytes().into())
    }

    /// What was read, to be decoded where it is needed.
    pub fn read(bytes: &[u8]) -> Encoded {
        Encoded(bytes.into())
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn decode(&self) -> Result<Tree> {
        Tree::decode(&self.0)
    }
}

/// The items of an encoded list, still encoded.
pub fn list_items<const N: usize>(bytes: &[u8]) -> Result<[&[u8]; N]> {
    let mut input = Input(bytes);
    if input.byte()? != LIST {
        return Err(damaged("no list"));
    }
    let mut body = Input(input.blob()?);
    let mut items = [&[][..]; N];
    for item in &mut items {
        let before = body.0;
        body.skip()?;
        *item = &before[..before.len() - body.0.len()];
    }
    match body.0.is_empty() && input.0.is_empty() {
        true => Ok(items),
        false => Err(damaged("bytes left over")),
    }
}

impl Tree {
    pub fn encode(&self, out: &mut Vec<u8>) {
        stack::for_tree(stack::bears(self), || self.put(out));
    }

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Tree::Null => out.push(NULL),
            Tree::Bool(b) => out.push(if *b { TRUE } else { FALSE }),
            Tree::Int(i) => {
                out.push(INT);
                out.extend_from_slice(&i.to_le_bytes());
            }
            Tree::BigInt(i) => put_blob(out, BIG_INT, &i.to_signed_bytes_le()),
            Tree::Float(f) => {
                out.push(FLOAT);
                out.extend_from_slice(&f.to_bits().to_le_bytes());
            }
            Tree::Str(s) => put_blob(out, STR, s.as_bytes()),
            Tree::Bytes(b) => put_blob(out, BYTES, b),
            Tree::List(items) => {
                put_container(out, LIST, |out| items.iter().for_each(|v| v.put(out)));
            }
            Tree::Dict(entries) => put_container(out, DICT, |out| {
                for (key, value) in entries {
                    put_length(out, key.len());
                    out.extend_from_slice(key.as_bytes());
                    value.put(out);
                }
            }),
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }

    pub fn decode(bytes: &[u8]) -> Result<Tree> {
        let mut input = Input(bytes);
        let tree = stack::for_tree(false, || input.tree(MAX_DEPTH))?;
        if input.0.is_empty() {
            Ok(tree)
        } else {
            Err(damaged("bytes left over"))
        }
    }

    /// Decodes only what lies at `path` in encoded bytes; `None` where the path leads nowhere.
    pub fn decode_at(bytes: &[u8], path: &Path) -> Result<Option<Tree>> {
        let mut input = Input(bytes);
        for token in path.tokens() {
            if !input.enter(token)? {
                return Ok(None);
            }
        }
        stack::for_tree(false, || input.tree(MAX_DEPTH)).map(Some)
    }
}

/// A value read out of encoded bytes; strings stay where they are.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaf<'a> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'a str),
    Other(Tree),
}

/// How many values encoded bytes hold, those inside of others too. Told before they are decoded, which takes many
/// times the bytes.
pub fn count(bytes: &[u8]) -> Result<usize> {
    stack::for_tree(false, || Input(bytes).count(MAX_DEPTH))
}

/// Follows `keys` through dicts as far as they go. `None`: a dict on the way lacks the next key; else the value where
/// the way ended and how many keys it took. `pay` hears how many values are going to be decoded.
pub fn follow<'a, E: From<Error>>(
    bytes: &'a [u8],
    keys: &[&str],
    pay: impl FnOnce(usize) -> std::result::Result<(), E>,
) -> std::result::Result<Option<(Leaf<'a>, usize)>, E> {
    let mut input = Input(bytes);
    let mut used = 0;
    while used < keys.len() && input.0.first() == Some(&DICT) {
        if !input.enter(keys[used])? {
            return Ok(None);
        }
        used += 1;
    }
    let leaf = match input.0.first() {
        Some(&(FALSE | TRUE)) => Leaf::Bool(input.byte()? == TRUE),
        Some(&INT) => {
            input.byte()?;
            Leaf::Int(i64::from_le_bytes(input.eight()?))
        }
        Some(&FLOAT) => {
            input.byte()?;
            Leaf::Float(f64::from_bits(u64::from_le_bytes(input.eight()?)))
        }
        Some(&STR) => {
            input.byte()?;
            Leaf::Str(input.string()?)
        }
        _ => {
            pay(count(input.0)?)?;
            Leaf::Other(stack::for_tree(false, || input.tree(MAX_DEPTH))?)
        }
    };
    Ok(Some((leaf, used)))
}

fn damaged(what: &str) -> Error {
    Error::corrupt(format!("a stored param is damaged: {what}"))
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, rest) = self
            .0
            .split_at_checked(n)
            .ok_or_else(|| damaged("too short"))?;
        self.0 = rest;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn eight(&mut self) -> Result<[u8; 8]> {
        let mut word = [0; 8];
        word.copy_from_slice(self.take(8)?);
        Ok(word)
    }

    fn length(&mut self) -> Result<usize> {
        let mut n = 0usize;
        for shift in (0..63).step_by(7) {
            let b = self.byte()?;
            n |= usize::from(b & 0x7f) << shift;
            if b < 0x80 {
                return Ok(n);
            }
        }
        Err(damaged("a length is too long"))
    }

    fn blob(&mut self) -> Result<&'a [u8]> {
        let n = self.length()?;
        self.take(n)
    }

    fn string(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.blob()?).map_err(|_| damaged("a string is not UTF-8"))
    }

    fn count(&mut self, levels: usize) -> Result<usize> {
        let mut found = 1;
        match self.byte()? {
            NULL | FALSE | TRUE => {}
            INT | FLOAT => {
                self.eight()?;
            }
            tag @ (LIST | DICT) => {
                let inside = levels
                    .checked_sub(1)
                    .ok_or_else(|| damaged("nested too deeply"))?;
                let mut body = Input(self.blob()?);
                while !body.0.is_empty() {
                    if tag == DICT {
                        body.blob()?;
                    }
                    found += body.count(inside)?;
                }
            }
            _ => {
                self.blob()?;
            }
        }
        Ok(found)
    }

    /// A tree with lists and dicts up to `levels` deep.
    fn tree(&mut self, levels: usize) -> Result<Tree> {
        let inside = || {
            let inside = levels.checked_sub(1);
            inside.ok_or_else(|| damaged("nested too deeply"))
        };
        Ok(match self.byte()? {
            NULL => Tree::Null,
            FALSE => Tree::Bool(false),
            TRUE => Tree::Bool(true),
            INT => Tree::Int(i64::from_le_bytes(self.eight()?)),
            BIG_INT => Tree::BigInt(BigInt::from_signed_bytes_le(self.blob()?)),
            FLOAT => Tree::Float(f64::from_bits(u64::from_le_bytes(self.eight()?))),
            STR => Tree::Str(self.string()?.to_owned()),
            BYTES => Tree::Bytes(self.blob()?.to_vec()),
            LIST => {
                let inside = inside()?;
                let mut body = Input(self.blob()?);
                let mut items = Vec::new();
                while !body.0.is_empty() {
                    items.push(body.tree(inside)?);
                }
                Tree::List(items)
            }
            DICT => {
                let inside = inside()?;
                let mut body = Input(self.blob()?);
                let mut entries = Vec::new();
                while !body.0.is_empty() {
                    let key = body.string()?.to_owned();
                    entries.push((key, body.tree(inside)?));
                }
                Tree::Dict(entries)
            }
            tag => return Err(damaged(&format!("unknown tag {tag}"))),
        })
    }

    fn skip(&mut self) -> Result<()> {
        match self.byte()? {
            NULL | FALSE | TRUE => {}
            INT | FLOAT => {
                self.take(8)?;
            }
            BIG_INT | STR | BYTES | LIST | DICT => {
                self.blob()?;
            }
            tag => return Err(damaged(&format!("unknown tag {tag}"))),
        }
        Ok(())
    }

    /// Moves to the child that `token` names; false if there is none.
    fn enter(&mut self, token: &str) -> Result<bool> {
        match self.byte()? {
            DICT => {
                self.0 = self.blob()?;
                while !self.0.is_empty() {
                    if self.blob()? == token.as_bytes() {
                        return Ok(true);
                    }
                    self.skip()?;
                }
                Ok(false)
            }
            LIST => {
                let Some(index) = super::pointer::list_index(token) else {
                    return Ok(false);
                };
                self.0 = self.blob()?;
                for _ in 0..index {
                    if self.0.is_empty() {
                        return Ok(false);
                    }
                    self.skip()?;
                }
                Ok(!self.0.is_empty())
            }
            _ => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn any_tree() -> impl Strategy<Value = Tree> {
        let leaf = prop_oneof![
            Just(Tree::Null),
            any::<bool>().prop_map(Tree::Bool),
            any::<i64>().prop_map(Tree::Int),
            any::<i128>()
                .prop_filter("fits", |i| i64::try_from(*i).is_err())
                .prop_map(|i| Tree::BigInt(i.into())),
            any::<f64>()
                .prop_filter("NaN is not equal", |f| !f.is_nan())
                .prop_map(Tree::Float),
            ".{0,12}".prop_map(Tree::Str),
            proptest::collection::vec(any::<u8>(), 0..9).prop_map(Tree::Bytes),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Tree::List),
                proptest::collection::btree_map(".{0,6}", inner, 0..6)
                    .prop_map(|m| Tree::Dict(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn bytes_round_trip(tree in any_tree()) {
            prop_assert_eq!(Tree::decode(&tree.to_bytes()).unwrap(), tree);
        }

        #[test]
        fn items_of_a_list_are_what_went_in(first in any_tree(), second in any_tree()) {
            let encoded = Encoded::of(&second);
            let mut bytes = Vec::new();
            encode_list(&mut bytes, |items| {
                items.tree(&first);
                items.encoded(&encoded);
            });
            let [one, two] = list_items(&bytes).unwrap();
            prop_assert_eq!(Encoded::read(one).decode().unwrap(), first);
            prop_assert_eq!(Encoded::read(two), encoded);
            prop_assert!(list_items::<1>(&bytes).is_err() && list_items::<3>(&bytes).is_err());
        }

        #[test]
        fn json_round_trip(tree in any_tree()) {
            prop_assert_eq!(Tree::from_json(&tree.to_json()).unwrap(), tree);
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Tree::decode(&bytes);
            let _ = Tree::decode_at(&bytes, &Path::parse("/a/0").unwrap());
            let _ = list_items::<2>(&bytes);
        }

        #[test]
        fn a_path_decodes_what_it_names(tree in any_tree()) {
            let bytes = tree.to_bytes();
            if let Tree::Dict(entries) = &tree {
                for (key, value) in entries {
                    let path = Path::from_tokens([key.as_str()]);
                    let found = Tree::decode_at(&bytes, &path).unwrap();
                    prop_assert_eq!(found.as_ref(), Some(value));
                }
            }
        }
    }
}
