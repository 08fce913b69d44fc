//! Keys: big-endian fields one after the other, so that byte order is the order of the fields.

use std::fmt;

/// A run's number in its repository: counted up at creation, never used again.
pub type RunId = u64;
/// The number of an interned string.
pub type StringId = u32;
/// A journal's random name.
pub type JournalId = [u8; 16];

/// A sequence: run, name, context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesKey {
    pub run: RunId,
    pub name: StringId,
    pub context: StringId,
}

impl SeriesKey {
    pub const SIZE: usize = 16;

    pub fn to_bytes(self) -> [u8; Self::SIZE] {
        let mut key = [0; Self::SIZE];
        key[..8].copy_from_slice(&self.run.to_be_bytes());
        key[8..12].copy_from_slice(&self.name.to_be_bytes());
        key[12..].copy_from_slice(&self.context.to_be_bytes());
        key
    }

    pub fn from_bytes(key: &[u8]) -> Option<SeriesKey> {
        Some(SeriesKey {
            run: u64_at(key, 0)?,
            name: u32_at(key, 8)?,
            context: u32_at(key, 12)?,
        })
    }

    /// The key of the block that starts at `step`; signed steps sort right with the sign bit flipped.
    pub fn block(self, step: i64) -> [u8; Self::SIZE + 8] {
        let mut key = [0; Self::SIZE + 8];
        key[..Self::SIZE].copy_from_slice(&self.to_bytes());
        key[Self::SIZE..].copy_from_slice(&((step as u64) ^ (1 << 63)).to_be_bytes());
        key
    }
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SeriesKey { run, name, context } = self;
        write!(f, "run {run}, metric {name}, context {context}")
    }
}

/// The first step of a block, from its key.
pub fn block_step(key: &[u8]) -> Option<i64> {
    u64_at(key, SeriesKey::SIZE).map(|k| (k ^ (1 << 63)) as i64)
}

pub fn u64_at(key: &[u8], at: usize) -> Option<u64> {
    key.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes)
}

pub fn u32_at(key: &[u8], at: usize) -> Option<u32> {
    key.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// Two fields in one key.
pub fn join(a: &[u8], b: &[u8]) -> Vec<u8> {
    [a, b].concat()
}
