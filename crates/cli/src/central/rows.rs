//! What of a run goes into which columns.

use aim::repo::exchange::Points;
use aim_value::{NonFinite, Tree, escape};
use bytes::{BufMut as _, BytesMut};
use postgres::types::{IsNull, ToSql, Type, accepts, to_sql_checked};
use std::error::Error;

/// Characters of a text that stands in an index, and of a pointer that has a row in `aim_param`.
pub const TEXT: usize = 500;
/// Characters of a string in `aim_param`.
pub const STRING: usize = 128;

/// A text without NUL, which PostgreSQL has not.
pub fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The same, as long as an index takes it.
pub fn short(of: &str) -> String {
    of.chars()
        .take(TEXT)
        .collect::<String>()
        .replace('\0', "\u{fffd}")
}

pub fn string(of: &str) -> String {
    of.chars()
        .take(STRING)
        .collect::<String>()
        .replace('\0', "\u{fffd}")
}

/// JSON as PostgreSQL takes it.
pub fn json(tree: &Tree) -> String {
    fn plain(tree: &Tree) -> Tree {
        match tree {
            Tree::Str(s) => Tree::Str(text(s)),
            Tree::List(items) => Tree::List(items.iter().map(plain).collect()),
            Tree::Dict(entries) => {
                let entry = |(key, value): &(String, Tree)| (text(key), plain(value));
                Tree::Dict(entries.iter().map(entry).collect())
            }
            other => other.clone(),
        }
    }
    plain(tree).to_json_as(NonFinite::Strings)
}

/// Pointer, number and string of each value that is reached through dicts alone.
pub fn params(tree: &Tree, visit: &mut impl FnMut(&str, Option<f64>, Option<String>)) {
    fn walk(
        tree: &Tree,
        pointer: &mut String,
        visit: &mut impl FnMut(&str, Option<f64>, Option<String>),
    ) {
        if pointer.chars().count() > TEXT {
            return;
        }
        let (number, string) = match tree {
            Tree::Bool(b) => (Some(f64::from(u8::from(*b))), None),
            Tree::Int(i) => (Some(*i as f64), None),
            Tree::BigInt(_) => (tree.to_json().parse().ok(), None),
            Tree::Float(f) => (Some(*f), None),
            Tree::Str(s) => (None, Some(self::string(s))),
            _ => (None, None),
        };
        if !pointer.is_empty() {
            visit(pointer, number, string);
        }
        if let Tree::Dict(entries) = tree {
            for (key, value) in entries {
                let end = pointer.len();
                pointer.push('/');
                pointer.push_str(&escape(&text(key)));
                walk(value, pointer, visit);
                pointer.truncate(end);
            }
        }
    }
    walk(tree, &mut String::new(), visit);
}

pub const PARAM: &str = "COPY aim_param (run, path, num, txt) FROM STDIN BINARY";
pub const PARAM_TYPES: [Type; 4] = [Type::BYTEA, Type::TEXT, Type::FLOAT8, Type::TEXT];

pub const LOG: &str = "COPY aim_log (run, stream, first, sum, exact) FROM STDIN BINARY";
pub const LOG_TYPES: [Type; 5] = [Type::BYTEA, Type::INT2, Type::INT8, Type::INT8, Type::BYTEA];

pub const CHUNK: &str = "COPY aim_chunk (run, sid, first_step, last_step, count, sealed, sum, stride, steps, v4, v8, epoch, \
                         epochs, time0, t4, t8) FROM STDIN BINARY";
pub const CHUNK_TYPES: [Type; 16] = [
    Type::BYTEA,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::INT4,
    Type::BOOL,
    Type::INT8,
    Type::INT8,
    Type::INT8_ARRAY,
    Type::FLOAT4_ARRAY,
    Type::FLOAT8_ARRAY,
    Type::INT8,
    Type::INT8_ARRAY,
    Type::INT8,
    Type::INT4_ARRAY,
    Type::INT8_ARRAY,
];

/// Columns of sequences, with the casts of texts that are no text there.
pub const SERIES: [(&str, &str); 14] = [
    ("run", ""),
    ("sid", ""),
    ("name", ""),
    ("context", "::text::jsonb"),
    ("count", ""),
    ("first_step", ""),
    ("first", ""),
    ("last_step", ""),
    ("last", ""),
    ("min", ""),
    ("max", ""),
    ("name_exact", ""),
    ("context_exact", ""),
    ("sum", ""),
];
pub const NEW_SERIES: &str = "COPY aim_series (run, sid, name, context, count, first_step, first, last_step, last, min, max, \
                              name_exact, context_exact, sum) FROM STDIN BINARY";
pub const SERIES_TYPES: [Type; 14] = [
    Type::BYTEA,
    Type::INT8,
    Type::TEXT,
    Type::JSONB,
    Type::INT8,
    Type::INT8,
    Type::FLOAT8,
    Type::INT8,
    Type::FLOAT8,
    Type::FLOAT8,
    Type::FLOAT8,
    Type::BYTEA,
    Type::TEXT,
    Type::INT8,
];

/// JSON as a value of a column of the type `jsonb`.
#[derive(Debug)]
pub struct Json<'t>(pub &'t str);

impl ToSql for Json<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        const VERSION: u8 = 1;
        out.put_u8(VERSION);
        out.put_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    accepts!(JSONB);
    to_sql_checked!();
}

/// Points as columns of a chunk, those that are regular as one number.
#[derive(Debug, Default)]
pub struct Chunk {
    pub first_step: i64,
    pub last_step: i64,
    pub count: i32,
    pub stride: Option<i64>,
    pub steps: Option<Vec<i64>>,
    pub v4: Option<Vec<f32>>,
    pub v8: Option<Vec<f64>>,
    pub epoch: Option<i64>,
    pub epochs: Option<Vec<i64>>,
    pub time0: i64,
    pub t4: Option<Vec<i32>>,
    pub t8: Option<Vec<i64>>,
}

fn is_single(value: f64) -> bool {
    f64::from(value as f32).to_bits() == value.to_bits()
}

impl Chunk {
    /// Of points that are not none.
    pub fn of(points: Points) -> Chunk {
        let first = |column: &[i64]| column.first().copied().unwrap_or_default();
        let mut chunk = Chunk {
            first_step: first(&points.steps),
            last_step: points.steps.last().copied().unwrap_or_default(),
            count: points.len() as i32,
            time0: first(&points.times),
            ..Chunk::default()
        };
        let stride = match points.steps.as_slice() {
            [a, b, ..] => b.checked_sub(*a),
            _ => Some(1),
        };
        let is_regular = |stride: i64| {
            let mut pairs = points.steps.windows(2);
            pairs.all(|w| w[1].checked_sub(w[0]) == Some(stride))
        };
        chunk.stride = stride.filter(|stride| is_regular(*stride));
        let epoch = first(&points.epochs);
        match points.epochs.iter().all(|e| *e == epoch) {
            true => chunk.epoch = Some(epoch),
            false => chunk.epochs = Some(points.epochs),
        }
        match points.values.iter().all(|v| is_single(*v)) {
            true => chunk.v4 = Some(points.values.iter().map(|v| *v as f32).collect()),
            false => chunk.v8 = Some(points.values),
        }
        let after = |t: &i64| t.wrapping_sub(chunk.time0);
        let short: Option<Vec<i32>> = points
            .times
            .iter()
            .map(|t| i32::try_from(after(t)).ok())
            .collect();
        match short {
            Some(times) => chunk.t4 = Some(times),
            None => chunk.t8 = Some(points.times.iter().map(after).collect()),
        }
        if chunk.stride.is_none() {
            chunk.steps = Some(points.steps);
        }
        chunk
    }

    /// The points again; `None` if the columns are not those of a chunk.
    pub fn points(self) -> Option<Points> {
        let count = usize::try_from(self.count).ok()?;
        let steps = match (self.steps, self.stride) {
            (Some(steps), None) => steps,
            (None, Some(stride)) => (0..count as i64)
                .map(|i| self.first_step.wrapping_add(stride.wrapping_mul(i)))
                .collect(),
            _ => return None,
        };
        let values = match (self.v4, self.v8) {
            (Some(v4), None) => v4.into_iter().map(f64::from).collect(),
            (None, Some(v8)) => v8,
            _ => return None,
        };
        let epochs = match (self.epochs, self.epoch) {
            (Some(epochs), None) => epochs,
            (None, Some(epoch)) => vec![epoch; count],
            _ => return None,
        };
        let at = |after: i64| self.time0.wrapping_add(after);
        let times: Vec<i64> = match (self.t4, self.t8) {
            (Some(t4), None) => t4.into_iter().map(|t| at(i64::from(t))).collect(),
            (None, Some(t8)) => t8.into_iter().map(at).collect(),
            _ => return None,
        };
        let columns = [steps.len(), values.len(), epochs.len(), times.len()];
        let ascending = steps.windows(2).all(|w| w[0] < w[1]);
        (columns == [count; 4] && ascending && count > 0).then_some(Points {
            steps,
            values,
            epochs,
            times,
        })
    }
}

/// An `INSERT` of many rows: columns with their casts, rows one after the other.
pub fn insert(
    txn: &mut postgres::Transaction<'_>,
    table: &str,
    columns: &[(&str, &str)],
    tail: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<postgres::Row>, postgres::Error> {
    /// The protocol counts parameters in 16 bits.
    const MOST: usize = 30_000;
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut answers = Vec::new();
    for part in values.chunks(MOST / columns.len() * columns.len()) {
        let mut sql = format!("INSERT INTO {table} ({}) VALUES ", names.join(", "));
        for at in 0..part.len() {
            let (_, cast) = columns[at % columns.len()];
            let open = match at % columns.len() {
                0 if at > 0 => "), (",
                0 => "(",
                _ => ", ",
            };
            sql.push_str(&format!("{open}${}{cast}", at + 1));
        }
        sql.push_str(") ");
        sql.push_str(tail);
        answers.extend(txn.query(&sql, part)?);
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aim::repo::exchange::EPOCH_NONE;

    fn back(points: &Points) -> Points {
        Chunk::of(points.clone()).points().unwrap()
    }

    #[test]
    fn chunks_give_back_their_points() {
        let nan = f64::from_bits(0x7ff8_0000_0000_0001);
        let mut points = Points::default();
        points.push(i64::MIN, 0.5, EPOCH_NONE, i64::MAX);
        points.push(0, nan, 3, i64::MIN);
        points.push(i64::MAX, 0.1, EPOCH_NONE, 7);
        let same = back(&points);
        let bits = |p: &Points| p.values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&same), bits(&points));
        assert_eq!(
            (&same.steps, &same.epochs, &same.times),
            (&points.steps, &points.epochs, &points.times)
        );
        let mut regular = Points::default();
        for i in 0..1000 {
            regular.push(10 + 3 * i, 0.25 * i as f64, 2, 1_000_000 + 10 * i);
        }
        let chunk = Chunk::of(regular.clone());
        assert_eq!(
            (chunk.stride, chunk.epoch, chunk.steps.is_none()),
            (Some(3), Some(2), true)
        );
        assert!(chunk.v4.is_some() && chunk.t4.is_some());
        assert_eq!(back(&regular), regular);
    }

    #[test]
    fn columns_of_unequal_length_are_no_points() {
        let mut points = Points::default();
        (0..3).for_each(|i| points.push(i, 0.1, i, i));
        let mut chunk = Chunk::of(points);
        chunk.v8 = Some(vec![0.1]);
        assert!(chunk.points().is_none());
    }

    #[test]
    fn json_is_what_postgresql_takes() {
        let tree = Tree::Dict(vec![
            ("a\0".into(), Tree::Str("\0".into())),
            ("n".into(), Tree::Float(f64::NAN)),
        ]);
        assert_eq!(json(&tree), "{\"a\u{fffd}\":\"\u{fffd}\",\"n\":\"NaN\"}");
    }
}
