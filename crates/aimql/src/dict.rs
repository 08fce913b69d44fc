//! Dicts: entries in the order of insertion, found by Python's equality.

use std::cell::RefCell;

use crate::fault::Res;
use crate::machine::Machine;
use crate::value::Value;

/// Up to this many entries a scan is cheaper than an index.
const SCAN: usize = 8;
/// What an entry costs with its share of the index, which grows by doubling.
const ENTRY_BYTES: usize = 2 * size_of::<Option<Entry<'static>>>() + 32;

/// A dict. One that comes from params or contexts (`data`) answers Missing for an unknown key, and its keys can be
/// read as attributes.
#[derive(Debug)]
pub(crate) struct Dict<'a> {
    pub data: bool,
    table: RefCell<Table<'a>>,
}

#[derive(Debug, Default)]
struct Table<'a> {
    /// Removed entries leave None.
    entries: Vec<Option<Entry<'a>>>,
    live: usize,
    /// Open addressing: 0, or 1 + the index of an entry, which may be gone or, where the last entries were removed,
    /// another one by now. Empty for small dicts.
    index: Vec<u32>,
    /// Slots of the index that are not 0; never more than half.
    filled: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    hash: i64,
    key: Value<'a>,
    value: Value<'a>,
}

impl<'a> Dict<'a> {
    pub(crate) fn new(data: bool) -> Self {
        Dict {
            data,
            table: RefCell::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.table.borrow().live
    }

    /// Entries that a walk passes, removed ones too.
    pub(crate) fn capacity(&self) -> usize {
        self.table.borrow().entries.len()
    }

    /// Adds the entries of another dict to this empty one.
    pub(crate) fn copy_from(&self, m: &Machine<'a>, other: &Dict<'a>) -> Res<()> {
        m.meter.handle(other.capacity())?;
        m.meter.work(other.len() as u64)?;
        m.meter.memory(other.len() * ENTRY_BYTES)?;
        let from = other.table.borrow();
        let mut table = self.table.borrow_mut();
        table.entries = from.entries.iter().flatten().map(|e| Some(*e)).collect();
        table.live = table.entries.len();
        if table.live > SCAN {
            table.rebuild(m)?;
        }
        Ok(())
    }

    pub(crate) fn get(&self, m: &Machine<'a>, key: Value<'a>) -> Res<Option<Value<'a>>> {
        let hash = m.hash(key)?;
        let table = self.table.borrow();
        Ok(table
            .find(m, hash, key)?
            .and_then(|at| table.entry(at))
            .map(|entry| entry.value))
    }

    pub(crate) fn insert(&self, m: &Machine<'a>, key: Value<'a>, value: Value<'a>) -> Res<()> {
        let hash = m.hash(key)?;
        let mut table = self.table.borrow_mut();
        if let Some(at) = table.find(m, hash, key)? {
            if let Some(Some(entry)) = table.entries.get_mut(at) {
                entry.value = value;
            }
            return Ok(());
        }
        m.meter.memory(ENTRY_BYTES)?;
        table.push(m, Entry { hash, key, value })
    }

    pub(crate) fn remove(&self, m: &Machine<'a>, key: Value<'a>) -> Res<Option<Value<'a>>> {
        let hash = m.hash(key)?;
        let mut table = self.table.borrow_mut();
        let Some(at) = table.find(m, hash, key)? else {
            return Ok(None);
        };
        Ok(table.take(at).map(|(_, value)| value))
    }

    /// Removes the entry that was inserted last.
    pub(crate) fn pop_last(&self, m: &Machine<'a>) -> Res<Option<(Value<'a>, Value<'a>)>> {
        let mut table = self.table.borrow_mut();
        // Each removed one is passed once.
        while let Some(None) = table.entries.last() {
            m.meter.work(1)?;
            table.entries.pop();
        }
        let taken = table.entries.pop().flatten();
        table.live -= usize::from(taken.is_some());
        Ok(taken.map(|entry| (entry.key, entry.value)))
    }

    pub(crate) fn clear(&self) {
        self.table.take();
    }

    /// The entry at or after `position`, and the position after it.
    pub(crate) fn next(
        &self,
        m: &Machine<'a>,
        position: usize,
    ) -> Res<Option<(usize, Value<'a>, Value<'a>)>> {
        let table = self.table.borrow();
        let rest = table.entries.get(position..).unwrap_or(&[]);
        for (passed, entry) in rest.iter().enumerate() {
            match entry {
                Some(entry) => return Ok(Some((position + passed + 1, entry.key, entry.value))),
                None if passed % 16 == 0 => m.meter.work(1)?,
                None => {}
            }
        }
        Ok(None)
    }

    /// Calls `visit` with each key and value, one step each.
    pub(crate) fn each(
        &self,
        m: &Machine<'a>,
        mut visit: impl FnMut(Value<'a>, Value<'a>) -> Res<()>,
    ) -> Res<()> {
        let mut position = 0;
        while let Some((next, key, value)) = self.next(m, position)? {
            m.meter.work(1)?;
            visit(key, value)?;
            position = next;
        }
        Ok(())
    }
}

impl<'a> Table<'a> {
    fn entry(&self, at: usize) -> Option<&Entry<'a>> {
        self.entries.get(at).and_then(Option::as_ref)
    }

    fn find(&self, m: &Machine<'a>, hash: i64, key: Value<'a>) -> Res<Option<usize>> {
        m.meter.work(1)?;
        if self.index.is_empty() {
            for (at, entry) in self.entries.iter().enumerate() {
                if at >= SCAN {
                    m.meter.work(1)?;
                }
                if let Some(entry) = entry
                    && entry.hash == hash
                    && m.same(entry.key, key)?
                {
                    return Ok(Some(at));
                }
            }
            return Ok(None);
        }
        let mask = self.index.len() - 1;
        let mut slot = spread(hash) & mask;
        while let Some(at) = (self.index[slot] as usize).checked_sub(1) {
            if let Some(entry) = self.entry(at)
                && entry.hash == hash
                && m.same(entry.key, key)?
            {
                return Ok(Some(at));
            }
            m.meter.work(1)?;
            slot = (slot + 1) & mask;
        }
        Ok(None)
    }

    fn push(&mut self, m: &Machine<'a>, entry: Entry<'a>) -> Res<()> {
        self.entries.push(Some(entry));
        self.live += 1;
        if (self.filled + 1) * 2 > self.index.len() && self.entries.len() > SCAN {
            self.rebuild(m)
        } else if !self.index.is_empty() {
            self.enter(m, self.entries.len() - 1, entry.hash)
        } else {
            Ok(())
        }
    }

    fn enter(&mut self, m: &Machine<'a>, at: usize, hash: i64) -> Res<()> {
        let mask = self.index.len() - 1;
        let mut slot = spread(hash) & mask;
        while self.index[slot] != 0 {
            m.meter.work(1)?;
            slot = (slot + 1) & mask;
        }
        self.index[slot] = at as u32 + 1;
        self.filled += 1;
        Ok(())
    }

    fn rebuild(&mut self, m: &Machine<'a>) -> Res<()> {
        let size = (self.entries.len() * 4).next_power_of_two();
        m.meter.handle(size)?;
        self.index = vec![0; size];
        self.filled = 0;
        for at in 0..self.entries.len() {
            if let Some(entry) = self.entries[at] {
                self.enter(m, at, entry.hash)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, at: usize) -> Option<(Value<'a>, Value<'a>)> {
        let entry = self.entries.get_mut(at)?.take()?;
        self.live -= 1;
        Some((entry.key, entry.value))
    }
}

/// Spreads the bits of a hash: those of small integers are the integers themselves.
fn spread(hash: i64) -> usize {
    (hash as u64)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_right(32) as usize
}
