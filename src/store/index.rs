//! The index: one row per (field, value, run). Looking up gives a superset of the runs that hold the value, since
//! long strings are cut and large integers rounded; the query evaluates what it finds.

use super::checked;
use super::env::{Txn, WriteTxn};
use super::keys::{RunId, StringId, u32_at, u64_at};
use super::range::{Visited, visit_range};
use super::scan::{Row, after_prefix};
use crate::error::Result;
use crate::log::{self, Level};
use aim_value::Tree;

/// What is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// A param path (`Kind::Path`): scalars by value, dicts and lists by being there.
    Param(StringId),
    Hash,
    Experiment,
    Tag,
    /// Only names that were set.
    Name,
    /// Seconds since 1970.
    CreatedAt,
    /// Only runs that are archived.
    Archived,
    /// A run has a sequence with this name (`Kind::Name`).
    SeriesName(StringId),
    /// A run has a sequence with this context (`Kind::Context`).
    SeriesContext(StringId),
    /// A run has a sequence of objects with this name.
    ObjectsName(StringId),
    /// A run has a sequence of objects with this context.
    ObjectsContext(StringId),
}

/// With what the rows of params begin.
pub(super) const PARAM: u8 = 1;

/// The path of a param's row.
pub(super) fn param_of(row: &[u8]) -> Option<StringId> {
    u32_at(row.strip_prefix(&[PARAM])?, 0)
}

const NULL: u8 = 0x10;
const NUMBER: u8 = 0x20;
const NAN: u8 = 0x21;
const TEXT: u8 = 0x30;
const OTHER: u8 = 0x40;
/// Longer strings are indexed by their beginning.
const TEXT_SIZE: usize = 128;

/// A value as the index orders it.
#[derive(Clone, Debug, PartialEq)]
pub enum Indexed<'a> {
    Null,
    Number(f64),
    Text(&'a str),
    Other,
}

impl<'a> Indexed<'a> {
    pub fn of(tree: &'a Tree) -> Indexed<'a> {
        match tree {
            Tree::Null => Indexed::Null,
            Tree::Bool(b) => Indexed::Number(f64::from(*b)),
            Tree::Int(i) => Indexed::Number(*i as f64),
            Tree::BigInt(i) => {
                Indexed::Number(num_traits::ToPrimitive::to_f64(i).unwrap_or(f64::NAN))
            }
            Tree::Float(f) => Indexed::Number(*f),
            Tree::Str(s) => Indexed::Text(s),
            Tree::Bytes(_) | Tree::List(_) | Tree::Dict(_) => Indexed::Other,
        }
    }
}

/// Bytes that sort as the numbers do.
fn sortable(f: f64) -> [u8; 8] {
    let bits = (f + 0.0).to_bits(); // + 0.0 makes -0.0 and 0.0 one
    let flipped = if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    };
    flipped.to_be_bytes()
}

/// The number whose sortable bytes these are.
fn number(sortable: [u8; 8]) -> f64 {
    let bits = u64::from_be_bytes(sortable);
    f64::from_bits(if bits >> 63 == 1 {
        bits & !(1 << 63)
    } else {
        !bits
    })
}

fn put_value(key: &mut Vec<u8>, value: &Indexed) {
    match value {
        Indexed::Null => key.push(NULL),
        Indexed::Number(f) if f.is_nan() => key.push(NAN),
        Indexed::Number(f) => {
            key.push(NUMBER);
            key.extend_from_slice(&sortable(*f));
        }
        Indexed::Text(text) => {
            key.push(TEXT);
            put_text(key, text);
            if text.len() < TEXT_SIZE {
                key.push(0);
            }
        }
        Indexed::Other => key.push(OTHER),
    }
}

fn put_text(key: &mut Vec<u8>, text: &str) {
    key.extend_from_slice(&text.as_bytes()[..text.len().min(TEXT_SIZE)]);
}

impl Field {
    fn prefix(self) -> Vec<u8> {
        let (kind, id) = match self {
            Field::Param(id) => (PARAM, id),
            Field::Hash => (2, 0),
            Field::Experiment => (3, 0),
            Field::Tag => (4, 0),
            Field::Name => (5, 0),
            Field::CreatedAt => (6, 0),
            Field::Archived => (7, 0),
            Field::SeriesName(id) => (8, id),
            Field::SeriesContext(id) => (9, id),
            // 10 are rows of another form: which run refers to a content (`objects`).
            Field::ObjectsName(id) => (11, id),
            Field::ObjectsContext(id) => (12, id),
        };
        let mut key = Vec::with_capacity(24);
        key.push(kind);
        key.extend_from_slice(&id.to_be_bytes());
        key
    }

    pub(super) fn row(self, value: &Indexed, run: RunId) -> Vec<u8> {
        let mut key = self.prefix();
        put_value(&mut key, value);
        key.extend_from_slice(&run.to_be_bytes());
        key
    }
}

/// Field, value and run of a row, where they can be told: a string that was cut, or a row of something else, is none.
pub(super) fn read_row(row: &[u8]) -> Option<(Field, Indexed<'_>, RunId)> {
    let (kind, rest) = row.split_first()?;
    let id = u32_at(rest, 0)?;
    let (value, run) = rest[4..].split_at_checked(rest[4..].len().checked_sub(8)?)?;
    let field = match (*kind, id) {
        (PARAM, id) => Field::Param(id),
        (2, 0) => Field::Hash,
        (3, 0) => Field::Experiment,
        (4, 0) => Field::Tag,
        (5, 0) => Field::Name,
        (6, 0) => Field::CreatedAt,
        (7, 0) => Field::Archived,
        (8, id) => Field::SeriesName(id),
        (9, id) => Field::SeriesContext(id),
        (11, id) => Field::ObjectsName(id),
        (12, id) => Field::ObjectsContext(id),
        _ => return None,
    };
    let value = match value {
        [NULL] => Indexed::Null,
        [NUMBER, bits @ ..] => Indexed::Number(number(*bits.first_chunk()?)),
        [NAN] => Indexed::Number(f64::NAN),
        [TEXT, text @ .., 0] => Indexed::Text(std::str::from_utf8(text).ok()?),
        [OTHER] => Indexed::Other,
        _ => return None,
    };
    Some((field, value, u64_at(run, 0)?))
}

/// A part of one field's rows: keys from `from` up to, not including, `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    from: Vec<u8>,
    to: Vec<u8>,
}

impl Range {
    fn prefixed(key: Vec<u8>) -> Range {
        Range {
            to: after_prefix(key.clone()),
            from: key,
        }
    }

    /// Every run that has the field.
    pub fn exists(field: Field) -> Range {
        Range::prefixed(field.prefix())
    }

    pub fn equals(field: Field, value: &Indexed) -> Range {
        let mut key = field.prefix();
        put_value(&mut key, value);
        Range::prefixed(key)
    }

    pub fn starts_with(field: Field, text: &str) -> Range {
        let mut key = field.prefix();
        key.push(TEXT);
        put_text(&mut key, text);
        Range::prefixed(key)
    }

    /// Values of `bound`'s type at or below it (`upper`) or at or above it.
    pub fn bounded(field: Field, bound: &Indexed, upper: bool) -> Range {
        let class = |tag: u8| {
            let mut key = field.prefix();
            key.push(tag);
            Range::prefixed(key)
        };
        let whole = match bound {
            Indexed::Number(f) if f.is_nan() => class(NAN),
            Indexed::Number(_) => class(NUMBER),
            Indexed::Text(_) => class(TEXT),
            Indexed::Null => class(NULL),
            Indexed::Other => class(OTHER),
        };
        let at = Range::equals(field, bound);
        if upper {
            Range {
                from: whole.from,
                to: at.to,
            }
        } else {
            Range {
                from: at.from,
                to: whole.to,
            }
        }
    }
}

impl Txn<'_> {
    /// Collects the runs in a range. `None`: they are not known, since there are more than `most` rows, or some may be
    /// missing through damage.
    pub fn indexed_runs(&self, range: &Range, most: usize) -> Result<Option<Vec<RunId>>> {
        let mut runs = Vec::new();
        let mut scan = self.cursor(self.tables.index)?;
        let oldest = self.tables.oldest;
        let is_sound = |(key, value): Row| checked::open_old(key, value, oldest, 0).is_some();
        let visited = visit_range(&mut scan, &range.from, &range.to, is_sound, |(key, _)| {
            if runs.len() == most {
                return Ok(false);
            }
            runs.extend(u64_at(key, key.len().saturating_sub(8)));
            Ok(true)
        })?;
        if visited == Visited::Doubtful {
            log::emit(Level::Error, || {
                let path = self.path.display();
                format!("{path}: the index is damaged; all runs are looked at instead")
            });
        }
        Ok((visited == Visited::All).then_some(runs))
    }
}

impl WriteTxn<'_> {
    pub fn index_add(&mut self, field: Field, value: &Indexed, run: RunId) -> Result<()> {
        let index = self.tables.index;
        let key = field.row(value, run);
        self.put(index, &key, &checked::mark(&key))
    }

    pub fn index_remove(&mut self, field: Field, value: &Indexed, run: RunId) -> Result<()> {
        let index = self.tables.index;
        self.delete(index, &field.row(value, run)).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_sort_as_numbers(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(a.partial_cmp(&b), Some(sortable(a).cmp(&sortable(b))));
        }

        #[test]
        fn rows_say_what_they_hold(id in any::<u32>(), f in any::<f64>(), text in ".{0,40}", run in any::<u64>()) {
            prop_assume!(!f.is_nan());
            for (field, value) in [
                (Field::Param(id), Indexed::Number(f + 0.0)),
                (Field::Tag, Indexed::Text(&text)),
                (Field::SeriesName(id), Indexed::Other),
                (Field::Param(id), Indexed::Null),
            ] {
                let row = field.row(&value, run);
                prop_assert_eq!(read_row(&row), Some((field, value, run)));
            }
        }

        #[test]
        fn ranges_hold_what_they_name(text in ".{0,200}", cut in 0usize..200, run in any::<u64>()) {
            let row = Field::Name.row(&Indexed::Text(&text), run);
            let holds = |r: &Range| r.from <= row && row < r.to;
            let start: String = text.chars().take(cut).collect();
            prop_assert!(holds(&Range::equals(Field::Name, &Indexed::Text(&text))));
            prop_assert!(holds(&Range::starts_with(Field::Name, &start)));
            prop_assert!(holds(&Range::bounded(Field::Name, &Indexed::Text(&text), true)));
            prop_assert!(holds(&Range::bounded(Field::Name, &Indexed::Text(&start), false)));
            prop_assert!(!holds(&Range::exists(Field::Tag)));
        }
    }
}
