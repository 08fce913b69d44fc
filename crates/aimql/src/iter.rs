//! Iterators.

use std::cell::{Cell, RefCell};

use crate::dict::Dict;
use crate::fault::{Kind, Res, raise, type_error};
use crate::ir::Comp;
use crate::machine::Machine;
use crate::set::Set;
use crate::value::{Frame, List, Range, Type, Value, ViewKind};

/// An iterator object: what it runs over, and how far it is.
#[derive(Debug)]
pub(crate) struct Iter<'a> {
    over: Over<'a>,
    /// Index, byte offset or table position of the next item.
    at: Cell<u128>,
}

#[derive(Debug)]
enum Over<'a> {
    Nothing,
    List(&'a List<'a>),
    Tuple(&'a [Value<'a>]),
    Str(&'a str),
    Bytes(&'a [u8]),
    Range(Range),
    /// With the size that it must keep.
    Set(&'a Set<'a>, usize),
    Dict(ViewKind, &'a Dict<'a>, usize),
    Zip(Vec<&'a Iter<'a>>, bool),
    Generator(Generator<'a>),
}

/// A generator expression under way.
#[derive(Debug)]
pub(crate) struct Generator<'a> {
    comp: &'a Comp,
    frame: &'a Frame<'a>,
    open: RefCell<Vec<&'a Iter<'a>>>,
    running: Cell<bool>,
}

impl<'a> Generator<'a> {
    pub(crate) fn new(comp: &'a Comp, frame: &'a Frame<'a>, source: &'a Iter<'a>) -> Self {
        Generator {
            comp,
            frame,
            open: RefCell::new(vec![source]),
            running: Cell::new(false),
        }
    }
}

impl<'a> Iter<'a> {
    fn new(over: Over<'a>) -> Self {
        Iter {
            over,
            at: Cell::new(0),
        }
    }

    pub(crate) fn generator(generator: Generator<'a>) -> Self {
        Iter::new(Over::Generator(generator))
    }

    pub(crate) fn zip(iters: Vec<&'a Iter<'a>>, strict: bool) -> Self {
        Iter::new(if iters.is_empty() {
            Over::Nothing
        } else {
            Over::Zip(iters, strict)
        })
    }

    pub(crate) fn type_of(&self) -> Type {
        match &self.over {
            Over::Generator(_) => Type::Generator,
            Over::Zip(..) => Type::Zip,
            Over::Dict(ViewKind::Keys, ..) => Type::DictKeyIterator,
            Over::Dict(ViewKind::Values, ..) => Type::DictValueIterator,
            Over::Dict(ViewKind::Items, ..) => Type::DictItemIterator,
            _ => Type::Iterator,
        }
    }

    fn step(&self) -> usize {
        let at = self.at.get();
        self.at.set(at + 1);
        at as usize
    }
}

impl<'a> Machine<'a> {
    pub(crate) fn is_iterable(&self, value: Value<'a>) -> bool {
        matches!(
            value,
            Value::Missing
                | Value::Str(_)
                | Value::Bytes(_)
                | Value::List(_)
                | Value::Tuple(_)
                | Value::Dict(_)
                | Value::Set(_)
                | Value::View(..)
                | Value::Range(_)
                | Value::Iter(_)
        )
    }

    /// Python's `iter(value)`.
    pub(crate) fn iterate(&self, value: Value<'a>) -> Res<&'a Iter<'a>> {
        let over = match value {
            Value::Iter(iter) => return Ok(iter),
            Value::Missing => Over::Nothing,
            Value::List(list) => Over::List(list),
            Value::Tuple(items) => Over::Tuple(items),
            Value::Str(text) => Over::Str(text),
            Value::Bytes(bytes) => Over::Bytes(bytes),
            Value::Range(range) => Over::Range(*range),
            Value::Set(set) => Over::Set(set, set.len()),
            Value::Dict(dict) => Over::Dict(ViewKind::Keys, dict, dict.len()),
            Value::View(kind, dict) => Over::Dict(kind, dict, dict.len()),
            _ => return type_error(format!("'{}' object is not iterable", value.type_name())),
        };
        self.iter_over(over)
    }

    fn iter_over(&self, over: Over<'a>) -> Res<&'a Iter<'a>> {
        self.iter(Iter::new(over))
    }

    /// The next item, or None at the end.
    pub(crate) fn next(&self, iter: &'a Iter<'a>) -> Res<Option<Value<'a>>> {
        self.meter.work(1)?;
        Ok(match &iter.over {
            Over::Nothing => None,
            Over::List(list) => {
                let item = list.get(iter.step());
                if item.is_none() {
                    // An exhausted iterator stays exhausted, even if the list grows.
                    iter.at.set(u128::from(u64::MAX));
                }
                item
            }
            Over::Tuple(items) => items.get(iter.step()).copied(),
            Over::Bytes(bytes) => bytes.get(iter.step()).map(|b| Value::Int(i64::from(*b))),
            Over::Str(text) => {
                let at = iter.at.get() as usize;
                text[at..].chars().next().map(|c| {
                    iter.at.set((at + c.len_utf8()) as u128);
                    Value::Str(&text[at..at + c.len_utf8()])
                })
            }
            Over::Range(range) => {
                let at = iter.at.get();
                if at < range.len() {
                    iter.at.set(at + 1);
                    Some(self.int(range.get(at))?)
                } else {
                    None
                }
            }
            Over::Set(set, size) => {
                if set.len() != *size {
                    return raise(Kind::Runtime, "Set changed size during iteration");
                }
                set.next(self, iter.at.get() as usize)?.map(|(next, item)| {
                    iter.at.set(next as u128);
                    item
                })
            }
            Over::Dict(kind, dict, size) => {
                if dict.len() != *size {
                    return raise(Kind::Runtime, "dictionary changed size during iteration");
                }
                match dict.next(self, iter.at.get() as usize)? {
                    None => None,
                    Some((next, key, value)) => {
                        iter.at.set(next as u128);
                        Some(match kind {
                            ViewKind::Keys => key,
                            ViewKind::Values => value,
                            ViewKind::Items => self.tuple([key, value])?,
                        })
                    }
                }
            }
            Over::Zip(iters, strict) => self.next_of_zip(iters, *strict)?,
            Over::Generator(generator) => self.next_of_generator(generator)?,
        })
    }

    fn next_of_zip(&self, iters: &[&'a Iter<'a>], strict: bool) -> Res<Option<Value<'a>>> {
        let mut items = Vec::with_capacity(iters.len());
        for (i, iter) in iters.iter().enumerate() {
            match self.nested(4, || self.next(iter))? {
                Some(item) => items.push(item),
                None if !strict => return Ok(None),
                None if i > 0 => {
                    return raise(
                        Kind::Value,
                        format!("zip() argument {} is shorter than argument {i}", i + 1),
                    );
                }
                None => {
                    for (j, other) in iters.iter().enumerate().skip(1) {
                        if self.nested(4, || self.next(other))?.is_some() {
                            let j = j + 1;
                            return raise(
                                Kind::Value,
                                format!(
                                    "zip() argument {j} is longer than argument {i}",
                                    i = j - 1
                                ),
                            );
                        }
                    }
                    return Ok(None);
                }
            }
        }
        Ok(Some(self.tuple(items)?))
    }

    fn next_of_generator(&self, generator: &'a Generator<'a>) -> Res<Option<Value<'a>>> {
        if generator.running.get() {
            return raise(Kind::Value, "generator already executing");
        }
        generator.running.set(true);
        let mut open = generator.open.take();
        let (comp, frame) = (generator.comp, generator.frame);
        let item = self.nested(comp.depth + 4, || {
            if self.advance(comp, frame, &mut open)? {
                Ok(Some(self.eval(&comp.element, Some(frame))?))
            } else {
                Ok(None)
            }
        });
        generator.running.set(false);
        // A generator that failed is at its end.
        if matches!(item, Ok(Some(_))) {
            generator.open.replace(open);
        }
        item
    }

    /// Appends the items of `of`.
    pub(crate) fn extend(&self, values: &mut Vec<Value<'a>>, of: Value<'a>) -> Res<()> {
        let known: &[Value<'a>] = match of {
            Value::List(list) => &list.items.borrow(),
            Value::Tuple(items) => items,
            _ => {
                let iter = self.iterate(of)?;
                while let Some(item) = self.next(iter)? {
                    self.meter.memory(2 * size_of::<Value>())?;
                    values.push(item);
                }
                return Ok(());
            }
        };
        self.meter.handle(known.len())?;
        self.meter.memory(size_of_val(known))?;
        values.extend_from_slice(known);
        Ok(())
    }

    pub(crate) fn collect(&self, of: Value<'a>) -> Res<Vec<Value<'a>>> {
        let mut values = Vec::new();
        self.extend(&mut values, of)?;
        Ok(values)
    }
}
