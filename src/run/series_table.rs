//! From name and context, as the caller spells them, to a sequence: an append-only hash table that readers search
//! without locks. It replaces a cache per thread: nothing to fill anew in each thread, nothing to invalidate.
//!
//! Before it stands a table of hints. Callers mostly give the same strings from the same places in memory: where a
//! string lies says which entry to compare it with first, and nothing is hashed.

use super::metric::Series;
use crate::lock::Mutex;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Slots of the first level; every level has eight times those of the one before.
const FIRST_LEVEL: usize = 64;
const LEVELS: usize = 6;
/// Neighbouring slots that may hold an entry.
const PROBES: usize = 8;
const HINTS: usize = 128;

struct Entry {
    hash: u64,
    name: Box<[u8]>,
    context: Option<Box<[u8]>>,
    series: Series,
}

impl Entry {
    #[inline(always)]
    fn is(&self, name: &[u8], context: Option<&[u8]>) -> bool {
        *self.name == *name && self.context.as_deref() == context
    }
}

pub(super) struct SeriesTable {
    levels: [OnceLock<Box<[OnceLock<Entry>]>>; LEVELS],
    inserting: Mutex<()>,
    /// Places of entries, which are only ever compared with: a wrong one costs time.
    hints: [AtomicU32; HINTS],
}

/// The place of an entry in 32 bits: depth of its level, and slot.
#[derive(Clone, Copy)]
struct Place(u32);

impl Place {
    #[inline(always)]
    fn new(depth: usize, slot: usize) -> Place {
        Place((slot * LEVELS.next_power_of_two() + depth) as u32)
    }

    #[inline(always)]
    fn depth_and_slot(self) -> (usize, usize) {
        let place = self.0 as usize;
        let levels = LEVELS.next_power_of_two();
        (place % levels, place / levels)
    }
}

#[inline(always)]
fn hash(name: &[u8], context: Option<&[u8]>) -> u64 {
    let seed = xxh3_64(name);
    context.map_or(seed, |c| xxh3_64_with_seed(c, seed))
}

/// The neighbouring slots of a level of this size.
#[inline(always)]
fn probes(size: usize, hash: u64) -> impl Iterator<Item = usize> {
    (0..PROBES).map(move |i| (hash as usize + i) & (size - 1))
}

/// Which hint strings at these addresses have.
#[inline(always)]
fn hint(name: &[u8], context: Option<&[u8]>) -> usize {
    let context = context.map_or(0, |c| c.as_ptr().addr());
    let mixed = (name.as_ptr().addr() ^ context.rotate_left(32)) as u64;
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - HINTS.ilog2())) as usize
}

impl SeriesTable {
    pub fn new() -> SeriesTable {
        SeriesTable {
            levels: Default::default(),
            inserting: Mutex::default(),
            hints: [const { AtomicU32::new(0) }; HINTS],
        }
    }

    #[inline(always)]
    pub fn find(&self, name: &[u8], context: Option<&[u8]>) -> Option<&Series> {
        let hint = &self.hints[hint(name, context)];
        match self.entry(Place(hint.load(Relaxed))) {
            Some(entry) if entry.is(name, context) => Some(&entry.series),
            _ => self.search(name, context, hint),
        }
    }

    #[inline(always)]
    fn entry(&self, place: Place) -> Option<&Entry> {
        let (depth, slot) = place.depth_and_slot();
        self.levels.get(depth)?.get()?.get(slot)?.get()
    }

    #[inline(never)]
    fn search(&self, name: &[u8], context: Option<&[u8]>, hint: &AtomicU32) -> Option<&Series> {
        let hash = hash(name, context);
        for (depth, level) in self.levels.iter().enumerate() {
            let level = level.get()?;
            for slot in probes(level.len(), hash) {
                // Slots fill in order: an empty one ends the search of its level.
                let Some(entry) = level[slot].get() else {
                    break;
                };
                if entry.hash == hash && entry.is(name, context) {
                    hint.store(Place::new(depth, slot).0, Relaxed);
                    return Some(&entry.series);
                }
            }
        }
        None
    }

    /// Remembers a spelling. With every place taken, which a hundred thousand spellings in one run may bring
    /// about, it is not remembered and stays slow.
    pub fn insert(&self, name: &[u8], context: Option<&[u8]>, series: Series) {
        let _one_at_a_time = self.inserting.lock();
        if self.find(name, context).is_some() {
            return;
        }
        let hash = hash(name, context);
        let mut entry = Entry {
            hash,
            name: name.into(),
            context: context.map(Into::into),
            series,
        };
        for (depth, level) in self.levels.iter().enumerate() {
            let size = FIRST_LEVEL << (3 * depth);
            let level = level.get_or_init(|| (0..size).map(|_| OnceLock::new()).collect());
            for slot in probes(size, hash) {
                match level[slot].set(entry) {
                    Ok(()) => return,
                    Err(back) => entry = back,
                }
            }
        }
    }
}
