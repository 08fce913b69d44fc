//! The machine that evaluates a query on one row: its state, and the making of values.

use std::cell::Cell;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::dict::Dict;
use crate::fault::{Kind, Res, overflow, raise};
use crate::iter::Iter;
use crate::limits::{MAX_DEPTH, MAX_INT_BITS, Meter};
use crate::program::Code;
use crate::row::{MetricRow, ParamValue, PropertyValue, RunRow, Subject};
use crate::set::Set;
use crate::text;
use crate::value::{Complex, Heap, List, Method, Range, Value};
use aim_value::Tree;

/// Payload of the NaN that every NaN of a param is, as they all are one object to Python's JSON reader.
const DATA_NAN: u64 = 0x7ff8_0000_0000_0000;
/// `math.nan`
const MATH_NAN: u64 = 0x7ff8_0000_0000_0001;
/// The first of the payloads of NaNs that are computed.
const FRESH_NAN: u64 = 0x7ff8_0000_0000_0002;

pub(crate) struct Machine<'a> {
    pub run: &'a dyn RunRow,
    pub metric: Option<&'a MetricRow<'a>>,
    pub subject: Subject,
    pub heap: &'a Heap<'a>,
    pub meter: &'a Meter<'a>,
    /// Variables bound by `:=` outside of lambdas.
    pub globals: Vec<Cell<Option<Value<'a>>>>,
    /// Params that the query names more than once.
    pub params: Vec<Cell<Option<Value<'a>>>>,
    depth: Cell<u32>,
    nans: Cell<u64>,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(
        code: &'a Code,
        run: &'a dyn RunRow,
        metric: Option<&'a MetricRow<'a>>,
        heap: &'a Heap<'a>,
        meter: &'a Meter<'a>,
    ) -> Self {
        Machine {
            run,
            metric,
            subject: code.subject,
            heap,
            meter,
            globals: cells(code.globals),
            params: cells(code.params),
            depth: Cell::new(code.depth),
            nans: Cell::new(FRESH_NAN),
        }
    }

    /// Runs `f` some levels deeper, if the stack bears it.
    pub(crate) fn nested<T>(&self, levels: u32, f: impl FnOnce() -> Res<T>) -> Res<T> {
        let depth = self.depth.get();
        if depth + levels > MAX_DEPTH {
            return raise(Kind::Recursion, "maximum recursion depth exceeded");
        }
        self.depth.set(depth + levels);
        let result = f();
        self.depth.set(depth);
        result
    }

    pub(crate) fn string(&self, text: impl Into<Box<str>>) -> Res<Value<'a>> {
        Ok(Value::Str(self.text(text)?))
    }

    pub(crate) fn text(&self, text: impl Into<Box<str>>) -> Res<&'a str> {
        let text = text.into();
        if text.is_empty() {
            return Ok("");
        }
        self.meter.scan(text.len())?;
        self.meter.memory(text.len() + 40)?;
        Ok(self.heap.strings.alloc(text))
    }

    pub(crate) fn bytes(&self, bytes: impl Into<Box<[u8]>>) -> Res<Value<'a>> {
        let bytes = bytes.into();
        self.meter.scan(bytes.len())?;
        self.meter.memory(bytes.len() + 40)?;
        Ok(Value::Bytes(self.heap.bytes.alloc(bytes)))
    }

    pub(crate) fn tuple(&self, items: impl Into<Box<[Value<'a>]>>) -> Res<Value<'a>> {
        Ok(Value::Tuple(self.values(items)?))
    }

    pub(crate) fn values(&self, items: impl Into<Box<[Value<'a>]>>) -> Res<&'a [Value<'a>]> {
        let items = items.into();
        self.meter.memory(items.len() * size_of::<Value>() + 40)?;
        Ok(self.heap.tuples.alloc(items))
    }

    pub(crate) fn list(&self, items: Vec<Value<'a>>) -> Res<Value<'a>> {
        self.any_list(false, items)
    }

    pub(crate) fn any_list(&self, data: bool, items: Vec<Value<'a>>) -> Res<Value<'a>> {
        self.meter.memory(items.len() * size_of::<Value>() + 64)?;
        Ok(Value::List(self.heap.lists.alloc(List::new(data, items))))
    }

    /// An empty dict, to be filled.
    pub(crate) fn new_dict(&self, data: bool) -> Res<&'a Dict<'a>> {
        self.meter.memory(128)?;
        Ok(self.heap.dicts.alloc(Dict::new(data)))
    }

    /// An empty set, to be filled.
    pub(crate) fn new_set(&self, frozen: bool) -> Res<&'a Set<'a>> {
        self.meter.memory(384)?;
        Ok(self.heap.sets.alloc(Set::new(frozen)))
    }

    pub(crate) fn iter(&self, iter: Iter<'a>) -> Res<&'a Iter<'a>> {
        self.meter.memory(128)?;
        Ok(self.heap.iters.alloc(iter))
    }

    pub(crate) fn method(&self, of: Value<'a>, name: &'a str) -> Res<Value<'a>> {
        self.meter.memory(64)?;
        Ok(Value::Method(self.heap.methods.alloc(Method { of, name })))
    }

    pub(crate) fn range(&self, start: i128, stop: i128, step: i128) -> Res<Value<'a>> {
        self.meter.memory(64)?;
        Ok(Value::Range(self.heap.ranges.alloc(Range {
            start,
            stop,
            step,
        })))
    }

    pub(crate) fn slice(&self, parts: [Value<'a>; 3]) -> Res<Value<'a>> {
        self.meter.memory(96)?;
        Ok(Value::Slice(self.heap.slices.alloc(parts)))
    }

    pub(crate) fn big(&self, big: BigInt) -> Res<Value<'a>> {
        if let Some(small) = big.to_i64() {
            return Ok(Value::Int(small));
        }
        self.check_bits(big.bits())?;
        self.meter.memory(big.bits() as usize / 8 + 48)?;
        Ok(Value::Big(self.heap.bigs.alloc(big)))
    }

    /// Pays for a copy of `n` bytes.
    pub(crate) fn copies(&self, n: usize) -> Res<()> {
        self.meter.scan(n)?;
        self.meter.memory(n)
    }

    /// Appends to a text that grows; its capacity is paid for.
    pub(crate) fn push(&self, out: &mut String, text: &str) -> Res<()> {
        self.reserve(out, text.len())?;
        out.push_str(text);
        Ok(())
    }

    /// Makes room for `n` more bytes, and pays for them.
    pub(crate) fn reserve(&self, out: &mut String, n: usize) -> Res<()> {
        self.meter.scan(n)?;
        let needed = out.len().saturating_add(n);
        if needed > out.capacity() {
            let capacity = needed.max(out.capacity() * 2);
            self.meter.memory(capacity - out.capacity())?;
            out.reserve_exact(capacity - out.len());
        }
        Ok(())
    }

    pub(crate) fn count_chars(&self, text: &str) -> Res<usize> {
        self.meter.scan(text.len().saturating_mul(2))?;
        Ok(text::count_chars(text))
    }

    pub(crate) fn check_bits(&self, bits: u64) -> Res<()> {
        if bits > MAX_INT_BITS {
            return overflow(format!("an integer of more than {MAX_INT_BITS} bits"));
        }
        self.meter.work(bits / 4096)
    }

    pub(crate) fn int(&self, i: i128) -> Res<Value<'a>> {
        match i64::try_from(i) {
            Ok(small) => Ok(Value::Int(small)),
            Err(_) => self.big(BigInt::from(i)),
        }
    }

    /// A computed number: a NaN is a new object.
    #[inline]
    pub(crate) fn float(&self, f: f64) -> Value<'a> {
        if f.is_nan() {
            self.fresh_nan()
        } else {
            Value::Float(f)
        }
    }

    #[cold]
    fn fresh_nan(&self) -> Value<'a> {
        let bits = self.nans.get();
        self.nans.set(bits + 1);
        Value::Float(f64::from_bits(bits))
    }

    pub(crate) fn complex(&self, re: f64, im: f64) -> Value<'a> {
        Value::Complex(Complex { re, im })
    }

    pub(crate) fn math_nan() -> Value<'a> {
        Value::Float(f64::from_bits(MATH_NAN))
    }

    pub(crate) fn data_float(f: f64) -> Value<'a> {
        Value::Float(if f.is_nan() {
            f64::from_bits(DATA_NAN)
        } else {
            f
        })
    }

    /// A value of the row's data: dicts and lists answer Missing for what they do not have.
    pub(crate) fn data(&self, tree: &'a Tree) -> Res<Value<'a>> {
        Ok(match tree {
            Tree::Null => Value::None,
            Tree::Bool(b) => Value::Bool(*b),
            Tree::Int(i) => Value::Int(*i),
            Tree::BigInt(big) => Value::Big(big),
            Tree::Float(f) => Self::data_float(*f),
            Tree::Str(s) => Value::Str(s),
            Tree::Bytes(b) => Value::Bytes(b),
            Tree::List(items) => {
                self.meter.work(items.len() as u64)?;
                self.meter.room(items.len() * size_of::<Value>())?;
                let items =
                    self.nested(1, || items.iter().map(|item| self.data(item)).collect())?;
                self.any_list(true, items)?
            }
            Tree::Dict(entries) => {
                let dict = self.new_dict(true)?;
                self.nested(1, || {
                    for (key, value) in entries {
                        dict.insert(self, Value::Str(key), self.data(value)?)?;
                    }
                    Ok(())
                })?;
                Value::Dict(dict)
            }
        })
    }

    /// The same of a tree that is not borrowed from the row.
    pub(crate) fn owned_data(&self, tree: Tree) -> Res<Value<'a>> {
        Ok(match tree {
            Tree::Null => Value::None,
            Tree::Bool(b) => Value::Bool(b),
            Tree::Int(i) => Value::Int(i),
            Tree::BigInt(big) => self.big(big)?,
            Tree::Float(f) => Self::data_float(f),
            Tree::Str(s) => self.string(s)?,
            Tree::Bytes(b) => self.bytes(b)?,
            Tree::List(items) => {
                self.meter.work(items.len() as u64)?;
                self.meter.room(items.len() * size_of::<Value>())?;
                let items = self.nested(1, || {
                    items
                        .into_iter()
                        .map(|item| self.owned_data(item))
                        .collect()
                })?;
                self.any_list(true, items)?
            }
            Tree::Dict(entries) => {
                let dict = self.new_dict(true)?;
                self.nested(1, || {
                    for (key, value) in entries {
                        dict.insert(self, self.string(key)?, self.owned_data(value)?)?;
                    }
                    Ok(())
                })?;
                Value::Dict(dict)
            }
        })
    }

    pub(crate) fn param_value(&self, value: ParamValue<'a>) -> Res<Value<'a>> {
        Ok(match value {
            ParamValue::Bool(b) => Value::Bool(b),
            ParamValue::Int(i) => Value::Int(i),
            ParamValue::Float(f) => Self::data_float(f),
            ParamValue::Str(text) => self.cow(text)?,
            ParamValue::Tree(std::borrow::Cow::Borrowed(tree)) => self.data(tree)?,
            ParamValue::Tree(std::borrow::Cow::Owned(tree)) => self.owned_data(tree)?,
        })
    }

    pub(crate) fn property_value(&self, value: PropertyValue<'a>) -> Res<Value<'a>> {
        Ok(match value {
            PropertyValue::None => Value::None,
            PropertyValue::Bool(b) => Value::Bool(b),
            PropertyValue::Int(i) => Value::Int(i),
            PropertyValue::Float(f) => Self::data_float(f),
            PropertyValue::Str(text) => self.cow(text)?,
            PropertyValue::Time(micros) => {
                Value::DateTime(super::datetime::DateTime::from_unix_micros(micros)?)
            }
            PropertyValue::Strs(items) => {
                self.meter.work(items.len() as u64)?;
                let items: Res<Vec<_>> = items.into_iter().map(|item| self.cow(item)).collect();
                self.any_list(true, items?)?
            }
        })
    }

    fn cow(&self, text: std::borrow::Cow<'a, str>) -> Res<Value<'a>> {
        match text {
            std::borrow::Cow::Borrowed(text) => Ok(Value::Str(text)),
            std::borrow::Cow::Owned(text) => self.string(text),
        }
    }
}

fn cells<'a>(count: usize) -> Vec<Cell<Option<Value<'a>>>> {
    (0..count).map(|_| Cell::new(None)).collect()
}
