//! From name and context, as the caller spells them, to a sequence: an append-only hash table that readers search
//! without locks. It replaces a cache per thread: nothing to fill anew in each thread, nothing to invalidate.

use super::metric::Series;
use parking_lot::Mutex;
use std::sync::OnceLock;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Slots of the first level; every level has eight times those of the one before.
const FIRST_LEVEL: usize = 64;
const LEVELS: usize = 6;
/// Neighbouring slots that may hold an entry.
const PROBES: usize = 8;

struct Entry {
    hash: u64,
    name: Box<[u8]>,
    context: Option<Box<[u8]>>,
    series: Series,
}

#[derive(Default)]
pub(super) struct Lookup {
    levels: [OnceLock<Box<[OnceLock<Entry>]>>; LEVELS],
    inserting: Mutex<()>,
}

#[inline(always)]
fn hash(name: &[u8], context: Option<&[u8]>) -> u64 {
    let seed = xxh3_64(name);
    context.map_or(seed, |c| xxh3_64_with_seed(c, seed))
}

#[inline(always)]
fn slots(level: &[OnceLock<Entry>], hash: u64) -> impl Iterator<Item = &OnceLock<Entry>> {
    let mask = level.len() - 1;
    (0..PROBES).map(move |i| &level[(hash as usize + i) & mask])
}

impl Lookup {
    #[inline]
    pub fn find(&self, name: &[u8], context: Option<&[u8]>) -> Option<&Series> {
        let hash = hash(name, context);
        for level in &self.levels {
            let level = level.get()?;
            for slot in slots(level, hash) {
                // Slots fill in order: an empty one ends the search of its level.
                let Some(entry) = slot.get() else { break };
                if entry.hash == hash && *entry.name == *name && entry.context.as_deref() == context
                {
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
            for slot in slots(level, hash) {
                match slot.set(entry) {
                    Ok(()) => return,
                    Err(back) => entry = back,
                }
            }
        }
    }
}
