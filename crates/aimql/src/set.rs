//! Sets, laid out as CPython lays them out, so that sets of numbers list their items in the same order.

use std::cell::RefCell;

use crate::fault::Res;
use crate::machine::Machine;
use crate::value::Value;

/// Slots that are looked at in a row before jumping.
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;
const MIN_SIZE: usize = 8;
/// What a table's slot costs.
const SLOT_BYTES: usize = size_of::<Slot<'static>>();

#[derive(Debug)]
pub(crate) struct Set<'a> {
    pub frozen: bool,
    table: RefCell<Table<'a>>,
}

#[derive(Clone, Copy, Debug)]
enum Slot<'a> {
    Empty,
    Removed,
    Item(i64, Value<'a>),
}

#[derive(Clone, Debug)]
struct Table<'a> {
    slots: Vec<Slot<'a>>,
    /// Items and removed ones.
    fill: usize,
    used: usize,
}

impl<'a> Set<'a> {
    pub(crate) fn new(frozen: bool) -> Self {
        Set {
            frozen,
            table: RefCell::new(Table::new(MIN_SIZE)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.table.borrow().used
    }

    pub(crate) fn contains(&self, m: &Machine<'a>, item: Value<'a>) -> Res<bool> {
        let hash = m.hash(item)?;
        self.contains_hashed(m, hash, item)
    }

    pub(crate) fn contains_hashed(&self, m: &Machine<'a>, hash: i64, item: Value<'a>) -> Res<bool> {
        Ok(self.table.borrow().find(m, hash, item)?.is_some())
    }

    pub(crate) fn insert(&self, m: &Machine<'a>, item: Value<'a>) -> Res<()> {
        let hash = m.hash(item)?;
        self.insert_hashed(m, hash, item)
    }

    pub(crate) fn insert_hashed(&self, m: &Machine<'a>, hash: i64, item: Value<'a>) -> Res<()> {
        let mut table = self.table.borrow_mut();
        if table.find(m, hash, item)?.is_some() {
            return Ok(());
        }
        table.used += 1;
        if table.reuse(m, hash, item)? {
            return Ok(());
        }
        table.enter(m, hash, item)?;
        table.fill += 1;
        if table.fill * 5 >= (table.slots.len() - 1) * 3 {
            let wanted = if table.used > 50_000 {
                table.used * 2
            } else {
                table.used * 4
            };
            table.resize(m, wanted)?;
        }
        Ok(())
    }

    /// Makes room as CPython does before it merges a set of `more` items into this one.
    fn make_room(&self, m: &Machine<'a>, more: usize) -> Res<()> {
        let mut table = self.table.borrow_mut();
        if (table.fill + more) * 5 >= (table.slots.len() - 1) * 3 {
            let wanted = (table.used + more) * 2;
            table.resize(m, wanted)?;
        }
        Ok(())
    }

    pub(crate) fn remove(&self, m: &Machine<'a>, item: Value<'a>) -> Res<bool> {
        let hash = m.hash(item)?;
        self.remove_hashed(m, hash, item)
    }

    pub(crate) fn remove_hashed(&self, m: &Machine<'a>, hash: i64, item: Value<'a>) -> Res<bool> {
        let mut table = self.table.borrow_mut();
        let Some(at) = table.find(m, hash, item)? else {
            return Ok(false);
        };
        table.slots[at] = Slot::Removed;
        table.used -= 1;
        Ok(true)
    }

    /// Removes the first item.
    pub(crate) fn pop(&self, m: &Machine<'a>) -> Res<Option<Value<'a>>> {
        let Some((next, item)) = self.next(m, 0)? else {
            return Ok(None);
        };
        let mut table = self.table.borrow_mut();
        table.slots[next - 1] = Slot::Removed;
        table.used -= 1;
        Ok(Some(item))
    }

    pub(crate) fn clear(&self) {
        self.table.replace(Table::new(MIN_SIZE));
    }

    /// Becomes a copy of another set.
    pub(crate) fn replace(&self, m: &Machine<'a>, other: &Set<'a>) -> Res<()> {
        other.pay_for_copy(m)?;
        let copy = other.table.borrow().clone();
        self.table.replace(copy);
        Ok(())
    }

    /// Slots that a walk passes.
    pub(crate) fn capacity(&self) -> usize {
        self.table.borrow().slots.len()
    }

    fn pay_for_copy(&self, m: &Machine<'a>) -> Res<()> {
        m.meter.handle(self.capacity())?;
        m.meter.memory(self.capacity() * SLOT_BYTES)
    }

    /// Adds the items of another set, as CPython merges tables.
    pub(crate) fn merge(&self, m: &Machine<'a>, other: &Set<'a>) -> Res<()> {
        if std::ptr::eq(self, other) {
            return Ok(());
        }
        let from = other.table.borrow();
        m.meter.handle(from.slots.len())?;
        self.make_room(m, from.used)?;
        let mut table = self.table.borrow_mut();
        if table.fill == 0 {
            if table.slots.len() == from.slots.len() && from.fill == from.used {
                other.pay_for_copy(m)?;
                *table = from.clone();
                return Ok(());
            }
            for slot in &from.slots {
                if let Slot::Item(hash, item) = slot {
                    m.meter.work(1)?;
                    table.enter(m, *hash, *item)?;
                    table.fill += 1;
                    table.used += 1;
                }
            }
            return Ok(());
        }
        drop(table);
        for slot in &from.slots {
            if let Slot::Item(hash, item) = slot {
                self.insert_hashed(m, *hash, *item)?;
            }
        }
        Ok(())
    }

    /// The item at or after `position`, and the position after it.
    pub(crate) fn next(&self, m: &Machine<'a>, position: usize) -> Res<Option<(usize, Value<'a>)>> {
        let next = self.next_hashed(m, position)?;
        Ok(next.map(|(next, _, item)| (next, item)))
    }

    /// The same with the item's hash.
    pub(crate) fn next_hashed(
        &self,
        m: &Machine<'a>,
        position: usize,
    ) -> Res<Option<(usize, i64, Value<'a>)>> {
        let table = self.table.borrow();
        let rest = table.slots.get(position..).unwrap_or(&[]);
        for (passed, slot) in rest.iter().enumerate() {
            match slot {
                Slot::Item(hash, item) => return Ok(Some((position + passed + 1, *hash, *item))),
                _ if passed % 16 == 15 => m.meter.work(1)?,
                _ => {}
            }
        }
        Ok(None)
    }

    /// Calls `visit` with each hash and item, until it says false.
    pub(crate) fn each(
        &self,
        m: &Machine<'a>,
        mut visit: impl FnMut(i64, Value<'a>) -> Res<bool>,
    ) -> Res<()> {
        let mut position = 0;
        while let Some((next, hash, item)) = self.next_hashed(m, position)? {
            if !visit(hash, item)? {
                break;
            }
            position = next;
        }
        Ok(())
    }

    pub(crate) fn items(&self, m: &Machine<'a>) -> Res<Vec<Value<'a>>> {
        m.meter.handle(self.capacity())?;
        m.meter.room(self.len() * size_of::<Value>())?;
        let table = self.table.borrow();
        let items = table.slots.iter().filter_map(|slot| match slot {
            Slot::Item(_, item) => Some(*item),
            _ => None,
        });
        Ok(items.collect())
    }
}

impl<'a> Table<'a> {
    fn new(size: usize) -> Self {
        Table {
            slots: vec![Slot::Empty; size],
            fill: 0,
            used: 0,
        }
    }

    /// Calls `look` with the slots where an item of `hash` may be, in order, until it answers.
    fn probe<T>(
        m: &Machine<'a>,
        slots: &[Slot<'a>],
        hash: i64,
        mut look: impl FnMut(usize, &Slot<'a>) -> Res<Option<T>>,
    ) -> Res<T> {
        let mask = slots.len() - 1;
        let mut perturb = hash as u64;
        let mut at = hash as usize & mask;
        loop {
            let last = if at + LINEAR_PROBES <= mask {
                at + LINEAR_PROBES
            } else {
                at
            };
            for (slot, content) in slots.iter().enumerate().take(last + 1).skip(at) {
                if let Some(found) = look(slot, content)? {
                    return Ok(found);
                }
            }
            m.meter.work(1)?;
            perturb >>= PERTURB_SHIFT;
            at = at
                .wrapping_mul(5)
                .wrapping_add(1)
                .wrapping_add(perturb as usize)
                & mask;
        }
    }

    fn find(&self, m: &Machine<'a>, hash: i64, item: Value<'a>) -> Res<Option<usize>> {
        m.meter.work(1)?;
        Self::probe(m, &self.slots, hash, |at, slot| match slot {
            Slot::Empty => Ok(Some(None)),
            Slot::Item(other, value) if *other == hash && m.same(*value, item)? => {
                Ok(Some(Some(at)))
            }
            _ => Ok(None),
        })
    }

    fn enter(&mut self, m: &Machine<'a>, hash: i64, item: Value<'a>) -> Res<()> {
        let free = Self::probe(m, &self.slots, hash, |at, slot| {
            Ok(matches!(slot, Slot::Empty).then_some(at))
        })?;
        self.slots[free] = Slot::Item(hash, item);
        Ok(())
    }

    /// Puts the item where one was removed, if there is such a slot on the way.
    fn reuse(&mut self, m: &Machine<'a>, hash: i64, item: Value<'a>) -> Res<bool> {
        if self.fill == self.used - 1 {
            return Ok(false);
        }
        let free = Self::probe(m, &self.slots, hash, |at, slot| {
            Ok(match slot {
                Slot::Empty => Some(None),
                Slot::Removed => Some(Some(at)),
                Slot::Item(..) => None,
            })
        });
        Ok(match free? {
            Some(at) => {
                self.slots[at] = Slot::Item(hash, item);
                true
            }
            None => false,
        })
    }

    fn resize(&mut self, m: &Machine<'a>, wanted: usize) -> Res<()> {
        let mut size = MIN_SIZE;
        while size <= wanted {
            size *= 2;
        }
        m.meter.handle(size + self.slots.len())?;
        m.meter.memory(size * SLOT_BYTES)?;
        let old = std::mem::replace(self, Table::new(size));
        for slot in old.slots {
            if let Slot::Item(hash, item) = slot {
                self.enter(m, hash, item)?;
                self.fill += 1;
                self.used += 1;
            }
        }
        Ok(())
    }
}
