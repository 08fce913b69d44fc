//! Names, attributes and items: how an expression reaches data.

use crate::dict::Dict;
use crate::eval::aggregate_value;
use crate::fault::{Kind, Res, no_attribute, raise, type_error};
use crate::ir::{ContextPath, Param, RunMetric};
use crate::machine::Machine;
use crate::methods;
use crate::row::{Aggregate, Aggregates, Lookup, MetricRow, RunProperty, Toll};
use crate::text;
use crate::value::{Range, Type, Value};
use aim_value::Tree;

impl<'a> Machine<'a> {
    pub(crate) fn metric_row(&self) -> Res<&'a MetricRow<'a>> {
        match self.metric {
            Some(metric) => Ok(metric),
            None => raise(Kind::Name, "name 'metric' is not defined"),
        }
    }

    pub(crate) fn check_metric(&self, needed: bool) -> Res<()> {
        if needed {
            self.metric_row().map(|_| ())
        } else {
            Ok(())
        }
    }

    pub(crate) fn param(&self, param: &'a Param) -> Res<Value<'a>> {
        self.check_metric(param.of_metric)?;
        let Some(cell) = param.slot.and_then(|slot| self.params.get(slot)) else {
            return self.read_param(param);
        };
        if let Some(value) = cell.get() {
            return Ok(value);
        }
        let value = self.read_param(param)?;
        cell.set(Some(value));
        Ok(value)
    }

    fn read_param(&self, param: &'a Param) -> Res<Value<'a>> {
        let (path, toll) = (&param.path, Toll(self.meter));
        let found = match &**path {
            [a] => self.run.param(&[a], &toll)?,
            [a, b] => self.run.param(&[a, b], &toll)?,
            [a, b, c] => self.run.param(&[a, b, c], &toll)?,
            _ => {
                let keys: Vec<&str> = path.iter().map(|key| &**key).collect();
                self.run.param(&keys, &toll)?
            }
        };
        match found {
            Lookup::Missing => Ok(Value::Missing),
            Lookup::Found { value, used } => {
                let value = self.param_value(value)?;
                self.follow(value, path.get(used..).unwrap_or(&[]), &param.attribute)
            }
        }
    }

    /// Takes the keys of a chain that are left over where it met something other than a dict.
    fn follow(
        &self,
        mut value: Value<'a>,
        rest: &'a [Box<str>],
        attribute: &[bool],
    ) -> Res<Value<'a>> {
        let attribute = &attribute[attribute.len() - rest.len()..];
        for (key, attribute) in rest.iter().zip(attribute) {
            value = if *attribute {
                self.attribute(value, key)?
            } else {
                self.item(value, Value::Str(key))?
            };
        }
        Ok(value)
    }

    fn run_param(&self, key: &str) -> Res<Value<'a>> {
        match self.run.param(&[key], &Toll(self.meter))? {
            Lookup::Missing => Ok(Value::Missing),
            Lookup::Found { value, .. } => self.param_value(value),
        }
    }

    pub(crate) fn metric_context(&self, path: &'a ContextPath) -> Res<Value<'a>> {
        let mut tree = self.metric_row()?.context;
        for (i, key) in path.path.iter().enumerate() {
            let Tree::Dict(entries) = tree else {
                let value = self.data(tree)?;
                return self.follow(value, &path.path[i..], &path.attribute);
            };
            self.meter.work(entries.len() as u64 / 16)?;
            match entries.iter().find(|(k, _)| **k == **key) {
                Some((_, value)) => tree = value,
                None => return Ok(Value::Missing),
            }
        }
        self.data(tree)
    }

    pub(crate) fn run_metric(&self, wanted: &'a RunMetric) -> Res<Value<'a>> {
        self.check_metric(wanted.of_metric)?;
        let Some(aggregates) = self
            .run
            .metric(&wanted.name, &wanted.context, &Toll(self.meter))?
        else {
            return Ok(Value::Missing);
        };
        match wanted.aggregate {
            Some(which) => Ok(aggregate_value(&aggregates, which)),
            None => self.aggregates_dict(&aggregates),
        }
    }

    fn aggregates_dict(&self, aggregates: &super::row::Aggregates) -> Res<Value<'a>> {
        let dict = self.new_dict(true)?;
        for which in Aggregate::listed() {
            let value = aggregate_value(aggregates, which);
            dict.insert(self, Value::Str(which.name()), value)?;
        }
        Ok(Value::Dict(dict))
    }

    /// `of.name`
    pub(crate) fn attribute(&self, of: Value<'a>, name: &'a str) -> Res<Value<'a>> {
        if name.starts_with('_') {
            // A leading underscore names data, never Python's own internals.
            return match of {
                Value::Missing => Ok(Value::Missing),
                Value::Run => self.run_param(name),
                Value::Dict(dict) if dict.data => self.dict_item(dict, Value::Str(name)),
                _ => no_attribute(of.type_name(), name),
            };
        }
        match of {
            Value::Missing => Ok(Value::Missing),
            Value::Run => self.run_attribute(name),
            Value::Metric => self.metric_attribute(name),
            Value::Dict(dict) if dict.data && !methods::DICT.contains(&name) => {
                self.dict_item(dict, Value::Str(name))
            }
            _ if methods::exist(of, name) => self.method(of, name),
            _ => match self.data_attribute(of, name)? {
                Some(value) => Ok(value),
                None => no_attribute(of.type_name(), name),
            },
        }
    }

    fn run_attribute(&self, name: &'a str) -> Res<Value<'a>> {
        if let Some(property) = RunProperty::from_name(name) {
            return self.property_value(self.run.property(property)?);
        }
        match name {
            "metrics" => Ok(Value::Metrics),
            "get" => self.method(Value::Run, name),
            _ => self.run_param(name),
        }
    }

    fn metric_attribute(&self, name: &'a str) -> Res<Value<'a>> {
        let metric = self.metric_row()?;
        match name {
            "name" => Ok(Value::Str(metric.name)),
            "context" => self.data(metric.context),
            "run" => Ok(Value::Run),
            _ => Ok(match self.subject.aggregate(name) {
                Some(which) => aggregate_value(metric.aggregates, which),
                None => Value::Missing,
            }),
        }
    }

    /// Attributes of plain values that are not methods.
    fn data_attribute(&self, of: Value<'a>, name: &str) -> Res<Option<Value<'a>>> {
        Ok(Some(match (of, name) {
            (Value::Int(_) | Value::Big(_), "real" | "numerator") => of,
            (Value::Int(_) | Value::Big(_) | Value::Bool(_), "imag") => Value::Int(0),
            (Value::Int(_) | Value::Big(_) | Value::Bool(_), "denominator") => Value::Int(1),
            (Value::Bool(b), "real" | "numerator") => Value::Int(i64::from(b)),
            (Value::Float(_), "real") => of,
            (Value::Float(_), "imag") => Value::Float(0.0),
            (Value::Complex(c), "real") => Value::Float(c.re),
            (Value::Complex(c), "imag") => Value::Float(c.im),
            (Value::Range(range), "start") => self.int(range.start)?,
            (Value::Range(range), "stop") => self.int(range.stop)?,
            (Value::Range(range), "step") => self.int(range.step)?,
            (Value::Slice(parts), "start") => parts[0],
            (Value::Slice(parts), "stop") => parts[1],
            (Value::Slice(parts), "step") => parts[2],
            (Value::Math, _) => return self.math_attribute(name),
            (Value::DateTime(_) | Value::Date(_) | Value::Time(_) | Value::Delta(_), _) => {
                return self.time_attribute(of, name);
            }
            (Value::Type(ty), _) => return self.type_attribute(ty, name),
            _ => return Ok(None),
        }))
    }

    /// `of[key]`
    pub(crate) fn item(&self, of: Value<'a>, key: Value<'a>) -> Res<Value<'a>> {
        match of {
            Value::Missing => Ok(Value::Missing),
            Value::Run => self.run_item(key),
            Value::Dict(dict) => self.dict_item(dict, key),
            Value::List(list) => match key {
                Value::Slice(parts) => {
                    let items = self.sliced(&list.items.borrow(), parts)?;
                    self.any_list(list.data, items)
                }
                // Out of range, like every index that the list does not have.
                Value::Big(_) if list.data => Ok(Value::Missing),
                _ => {
                    let index = self.index_key(key, "list")?;
                    let found = position(index, list.len()).and_then(|position| list.get(position));
                    match found {
                        Some(item) => Ok(item),
                        None if list.data => Ok(Value::Missing),
                        None => raise(Kind::Index, "list index out of range"),
                    }
                }
            },
            Value::Tuple(items) => match key {
                Value::Slice(parts) => self.tuple(self.sliced(items, parts)?),
                _ => {
                    let index = self.index_key(key, "tuple")?;
                    match position(index, items.len()).and_then(|at| items.get(at)) {
                        Some(item) => Ok(*item),
                        None => raise(Kind::Index, "tuple index out of range"),
                    }
                }
            },
            Value::Str(text) => self.str_item(text, key),
            Value::Bytes(bytes) => match key {
                Value::Slice(parts) => self.bytes(self.sliced(bytes, parts)?),
                _ => {
                    let index = self.index_key(key, "byte")?;
                    match position(index, bytes.len()).and_then(|at| bytes.get(at)) {
                        Some(byte) => Ok(Value::Int(i64::from(*byte))),
                        None => raise(Kind::Index, "index out of range"),
                    }
                }
            },
            Value::Range(range) => self.range_item(range, key),
            Value::Metrics => self.metrics_item(key),
            Value::Type(Type::List | Type::Tuple | Type::Set | Type::FrozenSet) => {
                type_error("generic types are not available")
            }
            _ => type_error(format!("'{}' object is not subscriptable", of.type_name())),
        }
    }

    fn run_item(&self, key: Value<'a>) -> Res<Value<'a>> {
        match key {
            Value::Str(key) => self.run_param(key),
            Value::Tuple([first, rest @ ..]) => {
                let mut value = self.run_item(*first)?;
                for key in rest {
                    self.meter.work(1)?;
                    value = self.item(value, *key)?;
                }
                Ok(value)
            }
            Value::Tuple([]) => match self.run.param(&[], &Toll(self.meter))? {
                Lookup::Missing => Ok(Value::Missing),
                Lookup::Found { value, .. } => self.param_value(value),
            },
            _ => {
                // Params have no other keys, but a key must be hashable.
                self.hash(key)?;
                Ok(Value::Missing)
            }
        }
    }

    pub(crate) fn dict_item(&self, dict: &'a Dict<'a>, key: Value<'a>) -> Res<Value<'a>> {
        if dict.data
            && let Value::Tuple(keys) = key
        {
            let mut value = Value::Dict(dict);
            for key in keys {
                self.meter.work(1)?;
                value = self.item(value, *key)?;
            }
            return Ok(value);
        }
        match dict.get(self, key)? {
            Some(value) => Ok(value),
            None if dict.data => Ok(Value::Missing),
            None => raise(Kind::Key, self.repr(key)?),
        }
    }

    /// `run.metrics[name]` or `run.metrics[name, context]`
    fn metrics_item(&self, key: Value<'a>) -> Res<Value<'a>> {
        match self.find_metric(key)? {
            Some(aggregates) => self.aggregates_dict(&aggregates),
            None => Ok(Value::Missing),
        }
    }

    pub(crate) fn find_metric(&self, key: Value<'a>) -> Res<Option<Aggregates>> {
        let (name, context) = match key {
            Value::Tuple([name, context]) => (*name, Some(*context)),
            Value::Tuple(keys) => {
                let (expected, got) = (2, keys.len());
                let what = if got > expected {
                    "too many"
                } else {
                    "not enough"
                };
                return raise(
                    Kind::Value,
                    format!("{what} values to unpack (expected {expected}, got {got})"),
                );
            }
            name => (name, None),
        };
        let Value::Str(name) = name else {
            return Ok(None);
        };
        let context = match context {
            None => Tree::Dict(Vec::new()),
            Some(Value::Dict(dict)) => match self.context_tree(Value::Dict(dict))? {
                Some(tree) => tree,
                None => return Ok(None),
            },
            Some(_) => return Ok(None),
        };
        Ok(self.run.metric(name, &context, &Toll(self.meter))?)
    }

    /// The value as a tree; None if no context can equal it.
    fn context_tree(&self, value: Value<'a>) -> Res<Option<Tree>> {
        self.meter.work(1)?;
        self.meter.memory(2 * size_of::<(String, Tree)>())?;
        Ok(Some(match value {
            Value::None | Value::Missing => Tree::Null,
            Value::Bool(b) => Tree::Bool(b),
            Value::Int(i) => Tree::Int(i),
            Value::Big(big) => {
                self.meter.integer(big.bits())?;
                self.meter.memory(big.bits() as usize / 8)?;
                Tree::BigInt(big.clone())
            }
            Value::Float(f) => Tree::Float(f),
            Value::Str(text) => {
                self.copies(text.len())?;
                Tree::Str(text.to_owned())
            }
            Value::Bytes(bytes) => {
                self.copies(bytes.len())?;
                Tree::Bytes(bytes.to_vec())
            }
            Value::List(list) => {
                let mut items = Vec::new();
                for item in list.items.borrow().iter() {
                    match self.nested(1, || self.context_tree(*item))? {
                        Some(item) => items.push(item),
                        None => return Ok(None),
                    }
                }
                Tree::List(items)
            }
            Value::Dict(dict) => {
                let mut entries = Vec::new();
                let mut position = 0;
                while let Some((next, key, value)) = dict.next(self, position)? {
                    let (Value::Str(key), Some(value)) =
                        (key, self.nested(1, || self.context_tree(value))?)
                    else {
                        return Ok(None);
                    };
                    self.copies(key.len())?;
                    entries.push((key.to_owned(), value));
                    position = next;
                }
                Tree::Dict(entries)
            }
            _ => return Ok(None),
        }))
    }

    /// The key as an index into a sequence.
    pub(crate) fn index_key(&self, key: Value<'a>, of: &str) -> Res<i64> {
        match key {
            Value::Int(i) => Ok(i),
            Value::Bool(b) => Ok(i64::from(b)),
            Value::Big(_) => raise(Kind::Index, "cannot fit 'int' into an index-sized integer"),
            _ => {
                let key = key.type_name();
                type_error(format!(
                    "{of} indices must be integers or slices, not {key}"
                ))
            }
        }
    }

    fn str_item(&self, text: &'a str, key: Value<'a>) -> Res<Value<'a>> {
        self.meter.scan(text.len())?;
        if text.is_ascii() {
            return match key {
                Value::Slice(parts) => {
                    let (start, count, step) = self.slice_indices(parts, text.len())?;
                    if step == 1 {
                        return Ok(Value::Str(&text[start..start + count]));
                    }
                    let bytes = self.sliced(text.as_bytes(), parts)?;
                    self.string(String::from_utf8_lossy(&bytes).into_owned())
                }
                _ => {
                    let index = self.index_key(key, "string")?;
                    match position(index, text.len()) {
                        Some(at) => Ok(Value::Str(&text[at..at + 1])),
                        None => raise(Kind::Index, "string index out of range"),
                    }
                }
            };
        }
        self.meter.handle(text.len())?;
        match key {
            Value::Slice(parts) if matches!(parts[2], Value::None | Value::Int(1)) => {
                let (start, count, _) = self.slice_indices(parts, text.chars().count())?;
                let rest = &text[text::offset(text, start)..];
                Ok(Value::Str(&rest[..text::offset(rest, count)]))
            }
            Value::Slice(parts) => {
                self.meter.memory(text.len() * 4)?;
                let chars: Vec<char> = text.chars().collect();
                self.string(self.sliced(&chars, parts)?.into_iter().collect::<String>())
            }
            _ => {
                let index = self.index_key(key, "string")?;
                let at = position(index, text.chars().count());
                match at.and_then(|at| text.char_indices().nth(at)) {
                    Some((at, c)) => Ok(Value::Str(&text[at..at + c.len_utf8()])),
                    None => raise(Kind::Index, "string index out of range"),
                }
            }
        }
    }

    fn range_item(&self, range: &'a Range, key: Value<'a>) -> Res<Value<'a>> {
        let len = range.len();
        if let Value::Slice(parts) = key {
            let Ok(len) = usize::try_from(len) else {
                return raise(Kind::Overflow, "the range is too long to be sliced");
            };
            let (start, stop, step) = self.slice_bounds(parts, len)?;
            let at = |index: i64| {
                range
                    .start
                    .wrapping_add(range.step.wrapping_mul(i128::from(index)))
            };
            return self.range(
                at(start),
                at(stop),
                range.step.wrapping_mul(i128::from(step)),
            );
        }
        let index = i128::from(self.index_key(key, "range")?);
        let index = if index < 0 {
            index + len as i128
        } else {
            index
        };
        if index < 0 || index as u128 >= len {
            return raise(Kind::Index, "range object index out of range");
        }
        self.int(range.get(index as u128))
    }

    /// Start, stop and step of a slice of a sequence.
    pub(crate) fn slice_bounds(&self, parts: &[Value<'a>; 3], len: usize) -> Res<(i64, i64, i64)> {
        let step = self.slice_part(parts[2])?.unwrap_or(1);
        if step == 0 {
            return raise(Kind::Value, "slice step cannot be zero");
        }
        let step = step.max(-i64::MAX);
        let len = len as i64;
        let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
        let bound = |part: Option<i64>, missing: i64| match part {
            None => missing,
            Some(i) if i < 0 => (i.saturating_add(len)).max(low),
            Some(i) => i.min(high),
        };
        let (first, last) = if step < 0 { (high, low) } else { (low, high) };
        let start = bound(self.slice_part(parts[0])?, first);
        let stop = bound(self.slice_part(parts[1])?, last);
        Ok((start, stop, step))
    }

    /// Start, number and step of the items that a slice takes from a sequence.
    pub(crate) fn slice_indices(
        &self,
        parts: &[Value<'a>; 3],
        len: usize,
    ) -> Res<(usize, usize, i64)> {
        let (start, stop, step) = self.slice_bounds(parts, len)?;
        let count = if step < 0 {
            if stop < start {
                (start - stop - 1) / -step + 1
            } else {
                0
            }
        } else if start < stop {
            (stop - start - 1) / step + 1
        } else {
            0
        };
        // An empty slice's start may lie outside; nothing is taken from there.
        Ok((start.clamp(0, len as i64) as usize, count as usize, step))
    }

    fn slice_part(&self, part: Value<'a>) -> Res<Option<i64>> {
        match part {
            Value::None => Ok(None),
            Value::Int(i) => Ok(Some(i)),
            Value::Bool(b) => Ok(Some(i64::from(b))),
            Value::Big(big) => {
                let negative = big.sign() == num_bigint::Sign::Minus;
                Ok(Some(if negative { i64::MIN } else { i64::MAX }))
            }
            _ => type_error("slice indices must be integers or None or have an __index__ method"),
        }
    }

    pub(crate) fn sliced<T: Copy>(&self, items: &[T], parts: &[Value<'a>; 3]) -> Res<Vec<T>> {
        let (start, count, step) = self.slice_indices(parts, items.len())?;
        self.meter.handle(count)?;
        self.meter.memory(count * size_of::<T>())?;
        let at = |i: usize| (start as i64 + i as i64 * step) as usize;
        Ok((0..count)
            .filter_map(|i| items.get(at(i)).copied())
            .collect())
    }
}

/// Where an index points that may count from the end.
pub(crate) fn position(index: i64, len: usize) -> Option<usize> {
    let at = if index < 0 { index + len as i64 } else { index };
    usize::try_from(at).ok().filter(|at| *at < len)
}
