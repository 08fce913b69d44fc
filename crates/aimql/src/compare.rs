//! Equality, order and membership.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::FromPrimitive;

use crate::dict::Dict;
use crate::fault::{Kind, Res, raise, type_error};
use crate::ir::CompareOp;
use crate::machine::Machine;
use crate::set::Set;
use crate::value::{Value, ViewKind};

impl<'a> Machine<'a> {
    /// `a == b`
    pub(crate) fn equal(&self, a: Value<'a>, b: Value<'a>) -> Res<bool> {
        Ok(match (a, b) {
            (Value::Str(a), Value::Str(b)) => self.equal_bytes(a.as_bytes(), b.as_bytes())?,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Missing | Value::None, Value::Missing | Value::None) => true,
            (Value::Missing | Value::None, _) | (_, Value::Missing | Value::None) => false,
            (Value::List(a), Value::List(b)) => {
                self.equal_items(&a.items.borrow(), &b.items.borrow())?
            }
            (Value::Tuple(a), Value::Tuple(b)) => self.equal_items(a, b)?,
            (Value::Dict(a), Value::Dict(b)) => self.nested(3, || self.equal_dicts(a, b))?,
            (Value::Set(a), Value::Set(b)) => a.len() == b.len() && self.is_subset(a, b)?,
            (Value::Bytes(a), Value::Bytes(b)) => self.equal_bytes(a, b)?,
            (Value::DateTime(a), Value::DateTime(b)) => {
                a.is_aware() == b.is_aware() && a.utc_micros() == b.utc_micros()
            }
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Time(a), Value::Time(b)) => a == b,
            (Value::Delta(a), Value::Delta(b)) => a == b,
            (Value::Slice(a), Value::Slice(b)) => self.equal_items(a, b)?,
            (Value::Range(a), Value::Range(b)) => {
                let len = a.len();
                len == b.len()
                    && (len == 0 || (a.start == b.start && (len == 1 || a.step == b.step)))
            }
            (Value::View(..), _) | (_, Value::View(..)) => {
                match (self.view_set(a)?, self.view_set(b)?) {
                    (Some(x), Some(y)) => x.len() == y.len() && self.is_subset(x, y)?,
                    _ => a.is(b),
                }
            }
            (Value::Types(a), Value::Types(b)) => {
                a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| x.is(*y)))
            }
            (Value::Method(a), Value::Method(b)) => a.of.is(b.of) && a.name == b.name,
            _ => match self.compare_numbers(a, b)? {
                Some(ordering) => ordering == Some(Ordering::Equal),
                None => a.is(b),
            },
        })
    }

    /// How containers compare their items: the same object is equal, even if it is a NaN.
    pub(crate) fn same(&self, a: Value<'a>, b: Value<'a>) -> Res<bool> {
        match (a, b) {
            (Value::Float(x), Value::Float(y)) => {
                Ok(x == y || (x.is_nan() && x.to_bits() == y.to_bits()))
            }
            _ => {
                if is_object(a) && a.is(b) {
                    return Ok(true);
                }
                self.equal(a, b)
            }
        }
    }

    fn equal_bytes(&self, a: &[u8], b: &[u8]) -> Res<bool> {
        if a.len() != b.len() {
            return Ok(false);
        }
        self.meter.scan(a.len())?;
        Ok(a == b)
    }

    fn compare_bytes(&self, a: &[u8], b: &[u8]) -> Res<Ordering> {
        self.meter.scan(a.len().min(b.len()))?;
        Ok(a.cmp(b))
    }

    /// As the function of that name, paid for.
    fn compare_numbers(&self, a: Value<'a>, b: Value<'a>) -> Res<Option<Option<Ordering>>> {
        for side in [a, b] {
            if let Value::Big(big) = side {
                self.meter.integer(big.bits())?;
            }
        }
        Ok(compare_numbers(a, b))
    }

    fn equal_items(&self, a: &[Value<'a>], b: &[Value<'a>]) -> Res<bool> {
        Ok(a.len() == b.len() && self.first_difference(a, b)?.is_none())
    }

    /// The first index at which the two differ; of both, if one is the start of the other.
    fn first_difference(&self, a: &[Value<'a>], b: &[Value<'a>]) -> Res<Option<usize>> {
        self.nested(2, || {
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                self.meter.work(1)?;
                if !self.same(*x, *y)? {
                    return Ok(Some(i));
                }
            }
            Ok(None)
        })
    }

    fn equal_dicts(&self, a: &'a Dict<'a>, b: &'a Dict<'a>) -> Res<bool> {
        if a.len() != b.len() {
            return Ok(false);
        }
        let mut position = 0;
        while let Some((next, key, value)) = a.next(self, position)? {
            match b.get(self, key)? {
                Some(other) if self.same(value, other)? => {}
                _ => return Ok(false),
            }
            position = next;
        }
        Ok(true)
    }

    pub(crate) fn is_subset(&self, a: &Set<'a>, b: &Set<'a>) -> Res<bool> {
        if a.len() > b.len() {
            return Ok(false);
        }
        let mut all = true;
        a.each(self, |hash, item| {
            all = b.contains_hashed(self, hash, item)?;
            Ok(all)
        })?;
        Ok(all)
    }

    /// The value as a set, if it compares like one.
    pub(crate) fn view_set(&self, value: Value<'a>) -> Res<Option<&'a Set<'a>>> {
        match value {
            Value::Set(set) => Ok(Some(set)),
            Value::View(ViewKind::Keys | ViewKind::Items, _) => {
                let set = self.new_set(false)?;
                for item in self.collect(value)? {
                    set.insert(self, item)?;
                }
                Ok(Some(set))
            }
            _ => Ok(None),
        }
    }

    /// `a < b` and the like, False where the types do not order.
    pub(crate) fn ordered(&self, op: CompareOp, a: Value<'a>, b: Value<'a>) -> Res<bool> {
        match (a, b) {
            (Value::Float(a), Value::Float(b)) => Ok(holds(op, a.partial_cmp(&b))),
            (Value::Int(a), Value::Int(b)) => Ok(holds(op, Some(a.cmp(&b)))),
            (Value::Str(a), Value::Str(b)) => Ok(holds(
                op,
                Some(self.compare_bytes(a.as_bytes(), b.as_bytes())?),
            )),
            (Value::Missing, _) | (_, Value::Missing) => Ok(false),
            (Value::None, _) | (_, Value::None) => Ok(false),
            (Value::Str(_), Value::Int(_) | Value::Float(_) | Value::Bool(_)) => Ok(false),
            (Value::Int(_) | Value::Float(_) | Value::Bool(_), Value::Str(_)) => Ok(false),
            _ => match self.order(op, a, b) {
                Err(fault) if fault.is_type_error() => Ok(false),
                result => result,
            },
        }
    }

    /// `a < b` and the like, a TypeError where the types do not order.
    pub(crate) fn order(&self, op: CompareOp, a: Value<'a>, b: Value<'a>) -> Res<bool> {
        if let Some(ordering) = self.compare_numbers(a, b)?
            && !matches!(a, Value::Complex(_))
            && !matches!(b, Value::Complex(_))
        {
            return Ok(holds(op, ordering));
        }
        match (a, b) {
            (Value::Missing, _) | (_, Value::Missing) => Ok(false),
            (Value::Str(a), Value::Str(b)) => Ok(holds(
                op,
                Some(self.compare_bytes(a.as_bytes(), b.as_bytes())?),
            )),
            (Value::Bytes(a), Value::Bytes(b)) => Ok(holds(op, Some(self.compare_bytes(a, b)?))),
            (Value::List(x), Value::List(y)) => {
                self.order_items(op, &x.items.borrow(), &y.items.borrow())
            }
            (Value::Tuple(a), Value::Tuple(b)) => self.order_items(op, a, b),
            (Value::Date(a), Value::Date(b)) => Ok(holds(op, Some(a.cmp(&b)))),
            (Value::Time(a), Value::Time(b)) => Ok(holds(op, Some(a.cmp(&b)))),
            (Value::Delta(a), Value::Delta(b)) => Ok(holds(op, Some(a.cmp(&b)))),
            (Value::DateTime(a), Value::DateTime(b)) => {
                if a.is_aware() != b.is_aware() {
                    return type_error("can't compare offset-naive and offset-aware datetimes");
                }
                Ok(holds(op, Some(a.utc_micros().cmp(&b.utc_micros()))))
            }
            _ => match (self.order_set(a)?, self.order_set(b)?) {
                (Some(x), Some(y)) => self.order_sets(op, x, y),
                _ => self.unordered(op, a, b),
            },
        }
    }

    fn order_set(&self, value: Value<'a>) -> Res<Option<&'a Set<'a>>> {
        match value {
            Value::Set(_) | Value::View(..) => self.view_set(value),
            _ => Ok(None),
        }
    }

    #[cold]
    fn unordered(&self, op: CompareOp, a: Value<'a>, b: Value<'a>) -> Res<bool> {
        let op = match op {
            CompareOp::Lt => "<",
            CompareOp::Le => "<=",
            CompareOp::Gt => ">",
            _ => ">=",
        };
        let (a, b) = (a.type_name(), b.type_name());
        type_error(format!(
            "'{op}' not supported between instances of '{a}' and '{b}'"
        ))
    }

    fn order_items(&self, op: CompareOp, a: &[Value<'a>], b: &[Value<'a>]) -> Res<bool> {
        match self.first_difference(a, b)? {
            None => Ok(holds(op, Some(a.len().cmp(&b.len())))),
            Some(i) => self.nested(2, || self.order(op, a[i], b[i])),
        }
    }

    /// Sets are ordered by inclusion.
    fn order_sets(&self, op: CompareOp, a: &Set<'a>, b: &Set<'a>) -> Res<bool> {
        match op {
            CompareOp::Lt => Ok(a.len() < b.len() && self.is_subset(a, b)?),
            CompareOp::Le => self.is_subset(a, b),
            CompareOp::Gt => Ok(b.len() < a.len() && self.is_subset(b, a)?),
            _ => self.is_subset(b, a),
        }
    }

    /// `item in container`
    pub(crate) fn contains(&self, container: Value<'a>, item: Value<'a>) -> Res<bool> {
        match container {
            Value::Missing => Ok(false),
            Value::Str(text) => match item {
                Value::Str(part) => {
                    self.meter.handle(text.len())?;
                    Ok(text.contains(part))
                }
                _ => type_error(format!(
                    "'in <string>' requires string as left operand, not {}",
                    item.type_name()
                )),
            },
            Value::List(list) => {
                let mut i = 0;
                while let Some(other) = list.get(i) {
                    self.meter.work(1)?;
                    if self.same(other, item)? {
                        return Ok(true);
                    }
                    i += 1;
                }
                Ok(false)
            }
            Value::Tuple(items) => {
                for other in items {
                    self.meter.work(1)?;
                    if self.same(*other, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Value::Dict(dict) | Value::View(ViewKind::Keys, dict) => {
                Ok(dict.get(self, item)?.is_some())
            }
            Value::View(ViewKind::Items, dict) => match item {
                Value::Tuple([key, value]) => match dict.get(self, *key)? {
                    Some(found) => self.same(found, *value),
                    None => Ok(false),
                },
                _ => Ok(false),
            },
            Value::Set(set) => set.contains(self, self.as_member(item)?),
            Value::Bytes(bytes) => match item {
                Value::Bytes(part) => {
                    self.meter.handle(bytes.len() + part.len())?;
                    Ok(memchr::memmem::find(bytes, part).is_some())
                }
                Value::Int(_) | Value::Bool(_) | Value::Big(_) => {
                    match self.index_arg(item).ok().and_then(|i| u8::try_from(i).ok()) {
                        Some(byte) => {
                            self.meter.scan(bytes.len())?;
                            Ok(memchr::memchr(byte, bytes).is_some())
                        }
                        None => raise(Kind::Value, "byte must be in range(0, 256)"),
                    }
                }
                _ => type_error(format!(
                    "a bytes-like object is required, not '{}'",
                    item.type_name()
                )),
            },
            Value::Range(range) => {
                let wanted = match item {
                    Value::Int(i) => i128::from(i),
                    Value::Bool(b) => i128::from(b),
                    Value::Float(f) if f.trunc() == f && f.abs() < 1e30 => f as i128,
                    Value::Complex(c) if c.im == 0.0 && c.re.trunc() == c.re => c.re as i128,
                    Value::Big(big) => match i128::try_from(big) {
                        Ok(i) => i,
                        Err(_) => return Ok(false),
                    },
                    _ => return Ok(false),
                };
                let (low, high) = if range.step > 0 {
                    (range.start, range.stop)
                } else {
                    (range.stop + 1, range.start + 1)
                };
                Ok(low <= wanted && wanted < high && (wanted - range.start) % range.step == 0)
            }
            Value::View(ViewKind::Values, _) | Value::Iter(_) => {
                let iter = self.iterate(container)?;
                while let Some(other) = self.next(iter)? {
                    if self.same(other, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => type_error(format!(
                "argument of type '{}' is not iterable",
                container.type_name()
            )),
        }
    }

    /// A set is looked up in a set as if it were frozen.
    pub(crate) fn as_member(&self, item: Value<'a>) -> Res<Value<'a>> {
        match item {
            Value::Set(set) if !set.frozen => {
                let frozen = self.new_set(true)?;
                frozen.merge(self, set)?;
                Ok(Value::Set(frozen))
            }
            _ => Ok(item),
        }
    }
}

/// Whether identity says more than equality: scalars are equal to themselves anyway.
fn is_object(value: Value<'_>) -> bool {
    !matches!(value, Value::Str(_) | Value::Int(_) | Value::Bool(_))
}

pub(crate) fn holds(op: CompareOp, ordering: Option<Ordering>) -> bool {
    match (op, ordering) {
        (_, None) => false,
        (CompareOp::Lt, Some(o)) => o.is_lt(),
        (CompareOp::Le, Some(o)) => o.is_le(),
        (CompareOp::Gt, Some(o)) => o.is_gt(),
        (CompareOp::Ge, Some(o)) => o.is_ge(),
        (_, Some(o)) => o.is_eq(),
    }
}

/// The order of two numbers, which is None for a NaN; the outer None if one is no number. Complex numbers are equal
/// or not.
fn compare_numbers<'a>(a: Value<'a>, b: Value<'a>) -> Option<Option<Ordering>> {
    Some(match (widen(a), widen(b)) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(&b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(&b),
        (Value::Int(a), Value::Float(b)) => compare_int_float(a, b),
        (Value::Float(a), Value::Int(b)) => compare_int_float(b, a).map(Ordering::reverse),
        (Value::Big(a), Value::Big(b)) => Some(a.cmp(b)),
        (Value::Big(a), Value::Int(b)) => Some(a.cmp(&BigInt::from(b))),
        (Value::Int(a), Value::Big(b)) => Some(BigInt::from(a).cmp(b)),
        (Value::Big(a), Value::Float(b)) => compare_big_float(a, b),
        (Value::Float(a), Value::Big(b)) => compare_big_float(b, a).map(Ordering::reverse),
        (Value::Complex(a), Value::Complex(b)) => (a == b).then_some(Ordering::Equal),
        (Value::Complex(c), other @ (Value::Int(_) | Value::Float(_) | Value::Big(_)))
        | (other @ (Value::Int(_) | Value::Float(_) | Value::Big(_)), Value::Complex(c)) => {
            let real = compare_numbers(Value::Float(c.re), other)??;
            (c.im == 0.0 && real == Ordering::Equal).then_some(Ordering::Equal)
        }
        _ => return None,
    })
}

fn widen(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Bool(b) => Value::Int(i64::from(b)),
        _ => value,
    }
}

/// Exact, where a conversion of either would round.
pub(crate) fn compare_int_float(i: i64, f: f64) -> Option<Ordering> {
    if f.is_nan() {
        return None;
    }
    // 2⁶³ and above, or below -2⁶³.
    if f >= 9_223_372_036_854_775_808.0 {
        return Some(Ordering::Less);
    }
    if f < -9_223_372_036_854_775_808.0 {
        return Some(Ordering::Greater);
    }
    let whole = f.trunc();
    Some(i.cmp(&(whole as i64)).then_with(|| {
        let rest = f - whole;
        0.0_f64.partial_cmp(&rest).unwrap_or(Ordering::Equal)
    }))
}

pub(crate) fn compare_big_float(big: &BigInt, f: f64) -> Option<Ordering> {
    if f.is_nan() {
        return None;
    }
    if f.is_infinite() {
        return Some(if f > 0.0 {
            Ordering::Less
        } else {
            Ordering::Greater
        });
    }
    // A float of the size of a `Big` is whole; a smaller one is told by its whole part.
    let whole = BigInt::from_f64(f.trunc())?;
    Some(big.cmp(&whole))
}
