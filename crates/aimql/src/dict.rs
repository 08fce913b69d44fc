//! Dicts: entries in the order of insertion, found by Python's equality.

use std::cell::RefCell;

use crate::fault::Res;
use crate::machine::Machine;
use crate::value::Value;

/// Up to this many entries a scan is cheaper than an index.
const SCAN: usize = 8;

/// A dict. One that comes from params or contexts (`data`) answers Missing for an unknown key, and its keys can be
/// read as attributes.
#[derive(Debug)]
pub(crate) struct Dict<'a> {
    pub data: bool,
    table: RefCell<Table<'a>>,
}

#[derive(Clone, Debug, Default)]
struct Table<'a> {
    /// Removed entries leave None.
    entries: Vec<Option<Entry<'a>>>,
    live: usize,
    /// Open addressing: 0, or 1 + the index of an entry. Empty for small dicts; never more than half full.
    index: Vec<u32>,
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

    /// A plain dict of the same entries.
    pub(crate) fn copy(&self) -> Dict<'a> {
        Dict {
            data: false,
            table: self.table.clone(),
        }
    }

    pub(crate) fn get(&self, m: &Machine<'a>, key: Value<'a>) -> Res<Option<Value<'a>>> {
        let hash = m.hash(key)?;
        let table = self.table.borrow();
        Ok(table
            .find(m, hash, key)?
            .and_then(|at| table.entries[at])
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
        m.meter.memory(96)?;
        table.push(Entry { hash, key, value });
        Ok(())
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
    pub(crate) fn pop_last(&self) -> Option<(Value<'a>, Value<'a>)> {
        let mut table = self.table.borrow_mut();
        let at = table.entries.iter().rposition(Option::is_some)?;
        let taken = table.take(at);
        table.entries.truncate(at);
        table.index.clear();
        if table.entries.len() > SCAN {
            table.rebuild();
        }
        taken
    }

    pub(crate) fn clear(&self) {
        self.table.take();
    }

    /// The entry at or after `position`, and the position after it.
    pub(crate) fn next(&self, mut position: usize) -> Option<(usize, Value<'a>, Value<'a>)> {
        let table = self.table.borrow();
        loop {
            let entry = table.entries.get(position)?;
            position += 1;
            if let Some(entry) = entry {
                return Some((position, entry.key, entry.value));
            }
        }
    }

    pub(crate) fn items(&self) -> Vec<(Value<'a>, Value<'a>)> {
        self.table
            .borrow()
            .entries
            .iter()
            .flatten()
            .map(|e| (e.key, e.value))
            .collect()
    }
}

impl<'a> Table<'a> {
    fn find(&self, m: &Machine<'a>, hash: i64, key: Value<'a>) -> Res<Option<usize>> {
        if self.index.is_empty() {
            for (at, entry) in self.entries.iter().enumerate() {
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
            if let Some(entry) = &self.entries[at]
                && entry.hash == hash
                && m.same(entry.key, key)?
            {
                return Ok(Some(at));
            }
            slot = (slot + 1) & mask;
        }
        Ok(None)
    }

    fn push(&mut self, entry: Entry<'a>) {
        self.entries.push(Some(entry));
        self.live += 1;
        if self.entries.len() * 2 > self.index.len() && self.entries.len() > SCAN {
            self.rebuild();
        } else if !self.index.is_empty() {
            self.enter(self.entries.len() - 1, entry.hash);
        }
    }

    fn enter(&mut self, at: usize, hash: i64) {
        let mask = self.index.len() - 1;
        let mut slot = spread(hash) & mask;
        while self.index[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.index[slot] = at as u32 + 1;
    }

    fn rebuild(&mut self) {
        self.index = vec![0; (self.entries.len() * 4).next_power_of_two()];
        for at in 0..self.entries.len() {
            if let Some(entry) = self.entries[at] {
                self.enter(at, entry.hash);
            }
        }
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
