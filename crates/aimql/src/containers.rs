//! The methods of lists, tuples, dicts, sets and views.

use crate::access::position;
use crate::call::Args;
use crate::dict::Dict;
use crate::fault::{Kind, Res, no_attribute, raise, type_error, value_error};
use crate::ir::BinaryOp;
use crate::machine::Machine;
use crate::set::Set;
use crate::value::{List, Value, ViewKind};

impl<'a> Machine<'a> {
    pub(crate) fn list_method(
        &self,
        list: &'a List<'a>,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        match name {
            "append" => {
                let item = args.one(name)?;
                self.meter.memory(size_of::<Value>() * 2)?;
                list.items.borrow_mut().push(item);
                Ok(Value::None)
            }
            "extend" => {
                let items = self.collect(args.one(name)?)?;
                self.meter.memory(items.len() * size_of::<Value>())?;
                list.items.borrow_mut().extend(items);
                Ok(Value::None)
            }
            "insert" => {
                let given = args.take(name, 2, 2)?;
                let index = self.index_arg(given[0])?;
                let len = list.len();
                self.meter.handle(len)?;
                self.meter.memory(size_of::<Value>() * 2)?;
                let at = if index < 0 {
                    index.saturating_add(len as i64)
                } else {
                    index
                };
                list.items
                    .borrow_mut()
                    .insert(at.clamp(0, len as i64) as usize, given[1]);
                Ok(Value::None)
            }
            "pop" => {
                let given = args.take(name, 0, 1)?;
                let index = given
                    .first()
                    .map_or(Ok(-1), |index| self.index_arg(*index))?;
                let len = list.len();
                match position(index, len) {
                    Some(at) => {
                        self.meter.handle(len - at)?;
                        Ok(list.items.borrow_mut().remove(at))
                    }
                    None if len == 0 => raise(Kind::Index, "pop from empty list"),
                    None => raise(Kind::Index, "pop index out of range"),
                }
            }
            "remove" => {
                let item = args.one(name)?;
                let found = self.position_of(&list.items.borrow(), item)?;
                match found {
                    Some(at) => {
                        self.meter.handle(list.len() - at)?;
                        list.items.borrow_mut().remove(at);
                        Ok(Value::None)
                    }
                    _ => value_error("list.remove(x): x not in list"),
                }
            }
            "clear" => {
                args.none(name)?;
                list.items.borrow_mut().clear();
                Ok(Value::None)
            }
            "copy" => {
                args.none(name)?;
                self.list(self.collect(Value::List(list))?)
            }
            "reverse" => {
                args.none(name)?;
                self.meter.handle(list.len())?;
                list.items.borrow_mut().reverse();
                Ok(Value::None)
            }
            "sort" => {
                let [key, reverse] = args.bind(name, ["key", "reverse"], 0, 0, 0)?;
                let items = list.items.take();
                let sorted = self.sort(items, key, reverse)?;
                list.items.replace(sorted);
                Ok(Value::None)
            }
            "count" | "index" => self.search(&list.items.borrow(), name, args),
            _ => no_attribute("list", name),
        }
    }

    pub(crate) fn tuple_method(
        &self,
        items: &'a [Value<'a>],
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        self.search(items, name, args)
    }

    /// `count` and `index` of sequences.
    fn search(&self, items: &[Value<'a>], name: &str, args: Args<'a, '_>) -> Res<Value<'a>> {
        self.meter.handle(items.len())?;
        if name == "count" {
            let item = args.one(name)?;
            let mut count = 0;
            for other in items {
                self.meter.work(1)?;
                count += i64::from(self.same(*other, item)?);
            }
            return Ok(Value::Int(count));
        }
        let given = args.take(name, 1, 3)?;
        let len = items.len() as i64;
        let bound = |i: usize, missing: i64| -> Res<usize> {
            let at = given.get(i).map_or(Ok(missing), |at| self.index_arg(*at))?;
            Ok((if at < 0 { at.saturating_add(len) } else { at }).clamp(0, len) as usize)
        };
        let (start, end) = (bound(1, 0)?, bound(2, len)?);
        match self.position_of(items.get(start..end).unwrap_or(&[]), given[0])? {
            Some(at) => Ok(Value::Int((start + at) as i64)),
            None => value_error(format!("{} is not in list", self.repr(given[0])?)),
        }
    }

    fn position_of(&self, items: &[Value<'a>], item: Value<'a>) -> Res<Option<usize>> {
        for (at, other) in items.iter().enumerate() {
            self.meter.work(1)?;
            if self.same(*other, item)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    pub(crate) fn dict_method(
        &self,
        dict: &'a Dict<'a>,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        match name {
            "get" => {
                let [key, default] = if dict.data {
                    args.bind(name, ["k", "d"], 1, 0, 2)?
                } else {
                    args.bind(name, ["key", "default"], 1, 2, 2)?
                };
                let default = default.unwrap_or(Value::None);
                match dict.get(self, key.unwrap_or(Value::None))? {
                    Some(value) => Ok(value),
                    None if dict.data => self.wrap(default),
                    None => Ok(default),
                }
            }
            "keys" | "values" | "items" => {
                args.none(name)?;
                let kind = match name {
                    "keys" => ViewKind::Keys,
                    "values" => ViewKind::Values,
                    _ => ViewKind::Items,
                };
                Ok(Value::View(kind, dict))
            }
            "copy" => {
                args.none(name)?;
                let copy = self.new_dict(false)?;
                copy.copy_from(self, dict)?;
                Ok(Value::Dict(copy))
            }
            "pop" => {
                let given = args.take(name, 1, 2)?;
                match (dict.remove(self, given[0])?, given.get(1)) {
                    (Some(value), _) => Ok(value),
                    (None, Some(default)) => Ok(*default),
                    (None, None) => raise(Kind::Key, self.repr(given[0])?),
                }
            }
            "popitem" => {
                args.none(name)?;
                match dict.pop_last(self)? {
                    Some((key, value)) => self.tuple([key, value]),
                    None => raise(Kind::Key, "'popitem(): dictionary is empty'"),
                }
            }
            "setdefault" => {
                let given = args.take(name, 1, 2)?;
                if let Some(value) = dict.get(self, given[0])? {
                    return Ok(value);
                }
                let value = given.get(1).copied().unwrap_or(Value::None);
                dict.insert(self, given[0], value)?;
                Ok(value)
            }
            "update" => {
                if let [from] = args.positional {
                    match from {
                        Value::Dict(_) | Value::Missing => {
                            self.merge(dict, *from, |_| type_error("not a mapping"))?;
                        }
                        _ => self.merge_pairs(dict, *from)?,
                    }
                } else if !args.positional.is_empty() {
                    let given = args.positional.len();
                    return type_error(format!("update expected at most 1 argument, got {given}"));
                }
                for (key, value) in args.named {
                    dict.insert(self, Value::Str(key), *value)?;
                }
                Ok(Value::None)
            }
            "clear" => {
                args.none(name)?;
                dict.clear();
                Ok(Value::None)
            }
            "fromkeys" => {
                let given = args.take(name, 1, 2)?;
                let made = self.new_dict(dict.data)?;
                for key in self.collect(given[0])? {
                    made.insert(self, key, given.get(1).copied().unwrap_or(Value::None))?;
                }
                Ok(Value::Dict(made))
            }
            _ => no_attribute("dict", name),
        }
    }

    /// Adds the entries of a mapping.
    pub(crate) fn merge(
        &self,
        dict: &Dict<'a>,
        from: Value<'a>,
        no_mapping: impl FnOnce(&str) -> Res<()>,
    ) -> Res<()> {
        match from {
            Value::Missing => Ok(()),
            Value::Dict(from) => {
                // Onto itself it changes nothing.
                if std::ptr::eq(from, dict) {
                    return self.meter.handle(from.capacity());
                }
                from.each(self, |key, value| dict.insert(self, key, value))
            }
            _ => no_mapping(from.type_name()),
        }
    }

    /// Adds entries given as pairs.
    fn merge_pairs(&self, dict: &Dict<'a>, from: Value<'a>) -> Res<()> {
        for (i, pair) in self.collect(from)?.into_iter().enumerate() {
            if !self.is_iterable(pair) {
                return type_error(format!(
                    "cannot convert dictionary update sequence element #{i} to a sequence"
                ));
            }
            match self.collect(pair)?[..] {
                [key, value] => dict.insert(self, key, value)?,
                ref items => {
                    let len = items.len();
                    return value_error(format!(
                        "dictionary update sequence element #{i} has length {len}; 2 is required"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Plain dicts and lists as a param would give them.
    pub(crate) fn wrap(&self, value: Value<'a>) -> Res<Value<'a>> {
        match value {
            Value::Dict(dict) if !dict.data => {
                let made = self.new_dict(true)?;
                dict.each(self, |key, value| {
                    let value = self.nested(2, || self.wrap(value))?;
                    made.insert(self, key, value)
                })?;
                Ok(Value::Dict(made))
            }
            Value::List(list) if !list.data => self.wrap_items(&list.items.borrow()),
            Value::Tuple(items) => self.wrap_items(items),
            _ => Ok(value),
        }
    }

    fn wrap_items(&self, items: &[Value<'a>]) -> Res<Value<'a>> {
        self.meter.work(items.len() as u64)?;
        self.meter.room(size_of_val(items))?;
        let wrapped: Res<Vec<_>> = items
            .iter()
            .map(|item| self.nested(2, || self.wrap(*item)))
            .collect();
        self.any_list(true, wrapped?)
    }

    pub(crate) fn set_method(
        &self,
        set: &'a Set<'a>,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        match name {
            "union" | "intersection" | "difference" | "symmetric_difference" => {
                let most = if name == "symmetric_difference" {
                    1
                } else {
                    usize::MAX
                };
                let others = args.take(name, usize::from(most == 1), most)?;
                // Order in a set depends on its past: CPython copies for a union alone.
                let mut result = match name == "union" || others.is_empty() {
                    true => self.copy_set(set, set.frozen)?,
                    false => set,
                };
                for other in others {
                    result = self.combine_any(set_op(name), result, *other, set.frozen)?;
                }
                Ok(Value::Set(result))
            }
            "isdisjoint" => {
                let other = self.to_set(args.one(name)?)?;
                let mut disjoint = true;
                other.each(self, |hash, item| {
                    disjoint = !set.contains_hashed(self, hash, item)?;
                    Ok(disjoint)
                })?;
                Ok(Value::Bool(disjoint))
            }
            "issubset" => {
                let other = self.to_set(args.one(name)?)?;
                self.is_subset(set, other).map(Value::Bool)
            }
            "issuperset" => {
                let other = self.to_set(args.one(name)?)?;
                self.is_subset(other, set).map(Value::Bool)
            }
            "copy" => {
                args.none(name)?;
                Ok(Value::Set(if set.frozen {
                    set
                } else {
                    self.copy_set(set, false)?
                }))
            }
            _ if set.frozen => no_attribute("frozenset", name),
            "add" => {
                set.insert(self, args.one(name)?)?;
                Ok(Value::None)
            }
            "discard" | "remove" => {
                let item = args.one(name)?;
                let found = set.remove(self, self.as_member(item)?)?;
                if !found && name == "remove" {
                    return raise(Kind::Key, self.repr(item)?);
                }
                Ok(Value::None)
            }
            "pop" => {
                args.none(name)?;
                match set.pop(self)? {
                    Some(item) => Ok(item),
                    None => raise(Kind::Key, "'pop from an empty set'"),
                }
            }
            "clear" => {
                args.none(name)?;
                set.clear();
                Ok(Value::None)
            }
            "update"
            | "intersection_update"
            | "difference_update"
            | "symmetric_difference_update" => {
                let one = name == "symmetric_difference_update";
                let others = args.take(name, usize::from(one), if one { 1 } else { usize::MAX })?;
                for other in others {
                    let op = if name == "update" {
                        BinaryOp::Or
                    } else {
                        set_op(name.trim_end_matches("_update"))
                    };
                    set.replace(self, self.combine_any(op, set, *other, false)?)?;
                }
                Ok(Value::None)
            }
            _ => no_attribute("set", name),
        }
    }

    pub(crate) fn view_method(
        &self,
        kind: ViewKind,
        dict: &'a Dict<'a>,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        match self.view_set(Value::View(kind, dict))? {
            Some(set) => self.set_method(set, name, args),
            None => no_attribute("dict_values", name),
        }
    }

    fn copy_set(&self, set: &Set<'a>, frozen: bool) -> Res<&'a Set<'a>> {
        let copy = self.new_set(frozen)?;
        copy.merge(self, set)?;
        Ok(copy)
    }

    /// A set of the items of any iterable.
    pub(crate) fn to_set(&self, value: Value<'a>) -> Res<&'a Set<'a>> {
        if let Value::Set(set) = value {
            return Ok(set);
        }
        let set = self.new_set(false)?;
        let iter = self.iterate(value)?;
        while let Some(item) = self.next(iter)? {
            set.insert(self, item)?;
        }
        Ok(set)
    }

    pub(crate) fn set_operator(
        &self,
        op: BinaryOp,
        a: Value<'a>,
        b: Value<'a>,
    ) -> Res<Option<Value<'a>>> {
        // Views take any iterable on the other side.
        let is_set_like = |value| matches!(value, Value::View(ViewKind::Keys | ViewKind::Items, _));
        let either_view = is_set_like(a) || is_set_like(b);
        let operand = |value: Value<'a>| -> Res<Option<&'a Set<'a>>> {
            match value {
                _ if either_view && self.is_iterable(value) => self.to_set(value).map(Some),
                _ => self.view_set(value),
            }
        };
        let frozen = matches!(a, Value::Set(set) if set.frozen);
        match (operand(a)?, operand(b)?) {
            (Some(x), Some(y)) => Ok(Some(Value::Set(self.combine(op, x, y, frozen)?))),
            _ => Ok(None),
        }
    }

    /// Other iterables are taken item by item.
    fn combine_any(
        &self,
        op: BinaryOp,
        set: &'a Set<'a>,
        other: Value<'a>,
        frozen: bool,
    ) -> Res<&'a Set<'a>> {
        if matches!(other, Value::Set(_)) || op == BinaryOp::Xor {
            return self.combine(op, set, self.to_set(other)?, frozen);
        }

        let result = if op == BinaryOp::And {
            self.new_set(frozen)?
        } else {
            self.copy_set(set, frozen)?
        };
        let iter = self.iterate(other)?;
        while let Some(item) = self.next(iter)? {
            match op {
                BinaryOp::Or => result.insert(self, item)?,
                BinaryOp::And if set.contains(self, item)? => result.insert(self, item)?,
                BinaryOp::And => {}
                _ => {
                    result.remove(self, item)?;
                }
            }
        }
        Ok(result)
    }

    /// In the steps in which CPython does it, which show in the order of the result.
    fn combine(&self, op: BinaryOp, a: &Set<'a>, b: &Set<'a>, frozen: bool) -> Res<&'a Set<'a>> {
        self.meter.handle(a.len() + b.len())?;
        match op {
            BinaryOp::Or => {
                let result = self.copy_set(a, frozen)?;
                result.merge(self, b)?;
                Ok(result)
            }
            BinaryOp::And => {
                let (small, large) = if b.len() > a.len() { (a, b) } else { (b, a) };
                self.filtered(small, large, true, frozen)
            }
            BinaryOp::Sub if a.len() >> 2 > b.len() => {
                let result = self.copy_set(a, frozen)?;
                b.each(self, |hash, item| {
                    result.remove_hashed(self, hash, item)?;
                    Ok(true)
                })?;
                Ok(result)
            }
            BinaryOp::Sub => self.filtered(a, b, false, frozen),
            _ => {
                let result = self.copy_set(b, frozen)?;
                a.each(self, |hash, item| {
                    if !result.remove_hashed(self, hash, item)? {
                        result.insert_hashed(self, hash, item)?;
                    }
                    Ok(true)
                })?;
                Ok(result)
            }
        }
    }

    /// The items of `from` that are in `other`, or those that are not.
    fn filtered(
        &self,
        from: &Set<'a>,
        other: &Set<'a>,
        present: bool,
        frozen: bool,
    ) -> Res<&'a Set<'a>> {
        let result = self.new_set(frozen)?;
        from.each(self, |hash, item| {
            if other.contains_hashed(self, hash, item)? == present {
                result.insert_hashed(self, hash, item)?;
            }
            Ok(true)
        })?;
        Ok(result)
    }
}

fn set_op(name: &str) -> BinaryOp {
    match name {
        "union" => BinaryOp::Or,
        "intersection" => BinaryOp::And,
        "difference" => BinaryOp::Sub,
        _ => BinaryOp::Xor,
    }
}
