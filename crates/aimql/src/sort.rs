//! Sorting, and the least and greatest. Values need not be in any total order (NaN, missing names), so the order of
//! comparisons shows in the result: it is CPython's for lists shorter than a run.

use crate::call::Args;
use crate::fault::{Res, type_error, value_error};
use crate::ir::CompareOp;
use crate::machine::Machine;
use crate::value::Value;

/// CPython sorts up to this many items by binary insertion.
const RUN: usize = 64;

type Keyed<'a> = (Value<'a>, Value<'a>);

impl<'a> Machine<'a> {
    pub(crate) fn sort(
        &self,
        items: Vec<Value<'a>>,
        key: Option<Value<'a>>,
        reverse: Option<Value<'a>>,
    ) -> Res<Vec<Value<'a>>> {
        let reverse = match reverse {
            None => false,
            Some(Value::Bool(b)) => b,
            Some(Value::Int(i)) => i != 0,
            Some(other) => {
                let name = other.type_name();
                return type_error(format!(
                    "'{name}' object cannot be interpreted as an integer"
                ));
            }
        };
        self.meter.memory(items.len() * 2 * size_of::<Value>())?;
        let mut keyed: Vec<Keyed<'a>> = Vec::with_capacity(items.len());
        for item in items {
            let of = match key {
                None | Some(Value::None) => item,
                Some(key) => self.nested(8, || self.call1(key, item))?,
            };
            keyed.push((of, item));
        }
        // Reversing before and after keeps equal items in their order.
        if reverse {
            keyed.reverse();
        }
        self.merge_sort(&mut keyed)?;
        if reverse {
            keyed.reverse();
        }
        Ok(keyed.into_iter().map(|(_, item)| item).collect())
    }

    fn less(&self, a: Value<'a>, b: Value<'a>) -> Res<bool> {
        self.meter.work(1)?;
        self.order(CompareOp::Lt, a, b)
    }

    fn merge_sort(&self, items: &mut [Keyed<'a>]) -> Res<()> {
        if items.len() < RUN {
            return self.insertion_sort(items);
        }
        let (left, right) = items.split_at_mut(items.len() / 2);
        self.merge_sort(left)?;
        self.merge_sort(right)?;
        self.meter.memory(size_of_val(left))?;
        let left = left.to_vec();
        let (mut l, mut r, mut out) = (0, left.len(), 0);
        while l < left.len() && r < items.len() {
            let take_right = self.less(items[r].0, left[l].0)?;
            items[out] = if take_right { items[r] } else { left[l] };
            r += usize::from(take_right);
            l += usize::from(!take_right);
            out += 1;
        }
        while l < left.len() {
            items[out] = left[l];
            l += 1;
            out += 1;
        }
        Ok(())
    }

    fn insertion_sort(&self, items: &mut [Keyed<'a>]) -> Res<()> {
        if items.len() < 2 {
            return Ok(());
        }
        // The run at the start, turned round if it falls.
        let mut sorted = 2;
        if self.less(items[1].0, items[0].0)? {
            while sorted < items.len() && self.less(items[sorted].0, items[sorted - 1].0)? {
                sorted += 1;
            }
            items[..sorted].reverse();
        } else {
            while sorted < items.len() && !self.less(items[sorted].0, items[sorted - 1].0)? {
                sorted += 1;
            }
        }
        for i in sorted..items.len() {
            let pivot = items[i];
            let (mut low, mut high) = (0, i);
            while low < high {
                let middle = low + (high - low) / 2;
                if self.less(pivot.0, items[middle].0)? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            items.copy_within(low..i, low + 1);
            items[low] = pivot;
        }
        Ok(())
    }

    /// `min` and `max`
    pub(crate) fn extreme(&self, name: &str, op: CompareOp, args: Args<'a, '_>) -> Res<Value<'a>> {
        let mut key = None;
        let mut default = None;
        for (named, value) in args.named {
            match *named {
                "key" => key = Some(*value),
                "default" => default = Some(*value),
                _ => {
                    return type_error(format!(
                        "{name}() got an unexpected keyword argument '{named}'"
                    ));
                }
            }
        }
        let source = match args.positional {
            [] => return type_error(format!("{name} expected at least 1 argument, got 0")),
            [one] => self.iterate(*one)?,
            many => {
                if default.is_some() {
                    return type_error(format!(
                        "Cannot specify a default for {name}() with multiple positional arguments"
                    ));
                }
                self.iterate(self.tuple(many)?)?
            }
        };
        let mut best: Option<Keyed<'a>> = None;
        while let Some(item) = self.next(source)? {
            let of = match key {
                None | Some(Value::None) => item,
                Some(key) => self.nested(8, || self.call1(key, item))?,
            };
            let better = match best {
                None => true,
                Some((other, _)) => self.order(op, of, other)?,
            };
            if better {
                best = Some((of, item));
            }
        }
        match (best, default) {
            (Some((_, item)), _) => Ok(item),
            (None, Some(default)) => Ok(default),
            (None, None) => value_error(format!("{name}() arg is an empty sequence")),
        }
    }
}
