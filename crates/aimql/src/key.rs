//! What a row is ordered by: the value of an expression, as far as values have an order.

use std::cmp::Ordering;

use num_traits::ToPrimitive;

use crate::compare::compare_int_float;
use crate::error::Result;
use crate::fault::{Kind, Res, raise};
use crate::limits::Budget;
use crate::machine::Machine;
use crate::program::Program;
use crate::row::{MetricRow, RunRow};
use crate::value::Value;

/// Numbers come before times, times before texts, texts before lists. `Nothing` is what has no order: None, NaN, what is
/// missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    Int(i64),
    Float(f64),
    /// Microseconds.
    Time(i64),
    Text(Box<[u8]>),
    List(Vec<Key>),
    Nothing,
}

impl Key {
    fn rank(&self) -> u8 {
        match self {
            Key::Int(_) | Key::Float(_) => 0,
            Key::Time(_) => 1,
            Key::Text(_) => 2,
            Key::List(_) => 3,
            Key::Nothing => 4,
        }
    }

    /// Least first, or greatest; `Nothing` is last either way.
    pub fn compare(&self, other: &Key, descending: bool) -> Ordering {
        let turned = |order: Ordering| if descending { order.reverse() } else { order };
        let nothing = |key: &Key| matches!(key, Key::Nothing);
        match (self, other) {
            _ if nothing(self) || nothing(other) => nothing(self).cmp(&nothing(other)),
            (Key::List(a), Key::List(b)) => {
                let pairs = a.iter().zip(b);
                let mut orders = pairs.map(|(a, b)| a.compare(b, descending));
                orders
                    .find(|order| order.is_ne())
                    .unwrap_or_else(|| turned(a.len().cmp(&b.len())))
            }
            (Key::Int(a), Key::Int(b)) | (Key::Time(a), Key::Time(b)) => turned(a.cmp(b)),
            (Key::Float(a), Key::Float(b)) => turned(a.total_cmp(b)),
            (Key::Int(a), Key::Float(b)) => turned(int_float(*a, *b)),
            (Key::Float(a), Key::Int(b)) => turned(int_float(*b, *a).reverse()),
            (Key::Text(a), Key::Text(b)) => turned(a.cmp(b)),
            _ => turned(self.rank().cmp(&other.rank())),
        }
    }

    /// What it takes beside itself.
    pub fn bytes(&self) -> usize {
        match self {
            Key::Text(text) => text.len(),
            Key::List(keys) => keys.iter().map(|k| size_of::<Key>() + k.bytes()).sum(),
            _ => 0,
        }
    }
}

fn int_float(i: i64, f: f64) -> Ordering {
    compare_int_float(i, f).unwrap_or(Ordering::Equal)
}

impl Program {
    /// What a row is ordered by, or the reason why the expression fails on it.
    ///
    /// # Errors
    /// As for [`Program::matches`].
    pub fn key(
        &self,
        run: &dyn RunRow,
        metric: Option<&MetricRow<'_>>,
        budget: &mut Budget<'_>,
    ) -> Result<std::result::Result<Key, String>> {
        self.evaluate(run, metric, budget, key)
    }
}

fn key<'a>(machine: &Machine<'a>, value: Value<'a>) -> Res<Key> {
    let float = |f: f64| match f {
        f if f.is_nan() => Key::Nothing,
        // One zero is as large as the other.
        f => Key::Float(f + 0.0),
    };
    Ok(match value {
        Value::None | Value::Missing => Key::Nothing,
        Value::Bool(b) => Key::Int(b.into()),
        Value::Int(i) => Key::Int(i),
        Value::Big(big) => float(big.to_f64().unwrap_or(f64::NAN)),
        Value::Float(f) => float(f),
        Value::DateTime(time) => Key::Time(time.utc_micros()),
        Value::Date(date) => Key::Time(date.micros()),
        Value::Delta(delta) => float(delta.micros() as f64 / 1e6),
        Value::Str(text) => Key::Text(text.as_bytes().into()),
        Value::Bytes(bytes) => Key::Text(bytes.into()),
        Value::Tuple(items) => keys(machine, items)?,
        Value::List(list) => keys(machine, &list.items.borrow())?,
        other => {
            let name = other.type_name();
            return raise(Kind::Type, format!("a {name} has no place in an order"));
        }
    })
}

fn keys<'a>(machine: &Machine<'a>, items: &[Value<'a>]) -> Res<Key> {
    machine.meter.work(items.len() as u64)?;
    machine.meter.memory(items.len() * size_of::<Key>())?;
    let keys: Res<Vec<Key>> =
        machine.nested(1, || items.iter().map(|item| key(machine, *item)).collect());
    Ok(Key::List(keys?))
}
