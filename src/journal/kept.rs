//! Records that stay in the file once the ring has given their slots back: those without which the others mean nothing to
//! who has not got the database. They lie behind the page that follows the slots, one after the other:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | length of the payload |
//! | 4 | kind |
//! | 8 | XXH3 of the 8 bytes before and the payload |
//! | length | payload, which zeros fill to a multiple of 8 |
//!
//! They survive the death of the process; after a power loss some may be missing.

use super::layout;
use super::live::Journal;
use super::read::read_up_to;
use super::recovery::Recovery;
use crate::error::{Error, Result};
use crate::memory;
use std::os::unix::fs::FileExt;
use std::sync::atomic::Ordering::Relaxed;
use xxhash_rust::xxh3::xxh3_64;

const HEAD: usize = 16;

fn check(length_and_kind: &[u8], payload: &[u8]) -> u64 {
    xxh3_64(payload) ^ xxh3_64(length_and_kind)
}

fn put(out: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    let at = out.len();
    out.extend_from_slice(&(payload.len() as u32).to_ne_bytes());
    out.extend_from_slice(&u32::from(kind).to_ne_bytes());
    let check = check(&out[at..], payload);
    out.extend_from_slice(&check.to_ne_bytes());
    out.extend_from_slice(payload);
    out.resize(out.len().next_multiple_of(8), 0);
}

impl Journal {
    /// Keeps records. For the one thread that gives slots back, before it does so.
    pub fn keep(&self, records: impl Iterator<Item = (u8, Vec<u8>)>) -> Result<()> {
        let Some(ready) = self.usable() else {
            return Ok(());
        };
        let mut bytes = Vec::new();
        records.for_each(|(kind, payload)| put(&mut bytes, kind, &payload));
        if bytes.is_empty() {
            return Ok(());
        }
        let kept = self.kept.load(Relaxed);
        let at = layout::file_bytes(ready.ring.slots()) + kept;
        let written = self.file()?.write_all_at(&bytes, at);
        written.map_err(|e| Error::io(self.path().display(), &e))?;
        self.kept.store(kept + bytes.len() as u64, Relaxed);
        Ok(())
    }
}

impl Recovery {
    /// Presents the records that were kept, with kind and payload.
    pub fn kept(&self, mut each: impl FnMut(u8, &[u8])) -> Result<()> {
        let failed = |e| Error::io(self.path().display(), &e);
        let file = self.file();
        let end = file.metadata().map_err(failed)?.len();
        let mut at = layout::file_bytes(self.slots());
        let word = |bytes: &[u8], at: usize| {
            let half: [u8; 4] = std::array::from_fn(|i| bytes[at + i]);
            u32::from_ne_bytes(half)
        };
        while at + HEAD as u64 <= end {
            let mut head = [0; HEAD];
            read_up_to(file, &mut head, at).map_err(failed)?;
            let (length, kind) = (u64::from(word(&head, 0)), word(&head, 4));
            let from = at + HEAD as u64;
            let (Ok(kind), true) = (u8::try_from(kind), from + length <= end) else {
                return Ok(());
            };
            let mut payload = memory::zeros(length as usize)?;
            read_up_to(file, &mut payload, from).map_err(failed)?;
            if head[8..] != check(&head[..8], &payload).to_ne_bytes() {
                return Ok(());
            }
            each(kind, &payload);
            at = (from + length).next_multiple_of(8);
        }
        Ok(())
    }
}
