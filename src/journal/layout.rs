//! The journal file: one header of 4096 bytes, the slots, a page that is never read, and what is kept of records that the
//! ring has given back (`kept.rs`). All numbers are in native byte order.
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 8 | magic |
//! | 8 | 4 | format version |
//! | 12 | 4 | what the ticks count ([`Source`]) |
//! | 16 | 8 | number of slots, a power of two |
//! | 24 | 16 | id |
//! | 40 | 16 | owner: boot id |
//! | 56 | 4 | owner: process id |
//! | 60 | 4 | owner: length of the host name |
//! | 64 | 8 | owner: process id namespace |
//! | 72 | 8 | owner: start time |
//! | 80 | 64 | owner: host name |
//! | 144 | 8 | XXH3 of the bytes before |
//! | 512 | 8 | heartbeat: milliseconds since 1970-01-01 UTC |
//! | 520 | 8 | [`LEFT`] once the owner has closed the file without removing it, before that 0 |
//! | 1024 | 8 | tail |
//! | 1032 | 8 | head |
//! | 1040 | 8 | how many calls are on their way around sections; of no use to recovery |
//! | 1048 | 8 | the thread that moved a shared tail last; of no use to recovery |
//! | 1056 | 8 | up to this position, several threads move it; of no use to recovery |
//! | 1152 | 8 | who may move the tail; of no use to recovery |
//! | 1160 | 8 | below this position, slots that nobody has written by now were given up; of no use to recovery |
//! | 1168 | 8 | the position at which the consumer wants to be woken; of no use to recovery |
//! | 1536 | 3 × 24 | anchors: ticks, nanoseconds since 1970-01-01 UTC, check |
//!
//! A producer that has the tail to itself needs tail and head, on one cache line, and on another one the tail's owner, what was
//! given up and the wake-up position. Those that share the tail mostly need the second line alone, which is written a few
//! times a second.

use super::JournalId;
use super::clock::{Anchor, Source};
use super::owner::Owner;
use super::record::SLOT_BYTES;
use crate::error::{Error, Result, Status};
use xxhash_rust::xxh3::xxh3_64;

pub(super) const PAGE_BYTES: usize = 4096;
pub(super) const HEADER_BYTES: usize = PAGE_BYTES;
pub(super) const HEARTBEAT: usize = 512;
pub(super) const CLOSED: usize = 520;
pub(super) const TAIL: usize = 1024;
pub(super) const HEAD: usize = 1032;
pub(super) const DETOURS: usize = 1040;
pub(super) const LATEST: usize = 1048;
pub(super) const CONTENDED: usize = 1056;
pub(super) const OWNER: usize = 1152;
pub(super) const GIVEN_UP: usize = 1160;
pub(super) const WAKE_AT: usize = 1168;
pub(super) const ANCHORS: usize = 1536;
pub(super) const ANCHOR_COUNT: usize = 3;
pub(super) const ANCHOR_BYTES: usize = 24;

/// The owner will not touch the journal again, though its process may run on.
pub(super) const LEFT: u64 = u64::from_le_bytes(*b"AIMLEFT\n");

const MAGIC: u64 = u64::from_le_bytes(*b"AIMJRNL\n");
pub(super) const VERSION: u32 = 3;
/// Points have another check; all else is as today.
pub(super) const VERSION_2: u32 = 2;
/// Besides, points tell by bits of their headers what they have not got.
pub(super) const VERSION_1: u32 = 1;
const FIXED_BYTES: usize = 144;
const HOST_BYTES: usize = 64;

pub(super) const LEAST_SLOTS: u64 = 8;
pub(super) const MOST_SLOTS: u64 = 1 << 30;

/// With a page behind the slots that holds nothing: on it the owner tries whether the filesystem still takes writes.
pub(super) fn file_bytes(slots: u64) -> u64 {
    trial_page(slots) + PAGE_BYTES as u64
}

pub(super) fn trial_page(slots: u64) -> u64 {
    (HEADER_BYTES as u64 + slots * SLOT_BYTES as u64).next_multiple_of(PAGE_BYTES as u64)
}

/// What is written once, before the first record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fixed {
    pub version: u32,
    pub source: Source,
    pub slots: u64,
    pub id: JournalId,
    pub owner: Owner,
}

impl Fixed {
    pub fn encode(&self) -> [u8; FIXED_BYTES + 8] {
        let host = self.owner.host.as_bytes();
        let host = &host[..host.len().min(HOST_BYTES)];
        let mut out = Vec::with_capacity(FIXED_BYTES + 8);
        out.extend_from_slice(&MAGIC.to_ne_bytes());
        out.extend_from_slice(&self.version.to_ne_bytes());
        out.extend_from_slice(&u32::from(self.source as u8).to_ne_bytes());
        out.extend_from_slice(&self.slots.to_ne_bytes());
        out.extend_from_slice(&self.id.0);
        out.extend_from_slice(&self.owner.boot);
        out.extend_from_slice(&self.owner.process.to_ne_bytes());
        out.extend_from_slice(&(host.len() as u32).to_ne_bytes());
        out.extend_from_slice(&self.owner.namespace.to_ne_bytes());
        out.extend_from_slice(&self.owner.start.to_ne_bytes());
        out.extend_from_slice(host);
        out.resize(FIXED_BYTES, 0);
        out.extend_from_slice(&xxh3_64(&out).to_ne_bytes());
        let mut bytes = [0; FIXED_BYTES + 8];
        bytes.copy_from_slice(&out);
        bytes
    }

    /// `header` is the start of a file, shorter than a header if the file is.
    pub fn decode(header: &[u8]) -> Result<Self> {
        if word(header, 0) != Some(MAGIC) {
            return Err(Error::corrupt("the file does not start as a journal does"));
        }
        let damaged = || Error::corrupt("the header of the journal is damaged");
        let version = half(header, 8).ok_or_else(damaged)?;
        if !(VERSION_1..=VERSION).contains(&version) {
            return Err(Error::new(
                Status::UnsupportedVersion,
                format!(
                    "the journal has format version {version}, this library reads {VERSION_1} to {VERSION}: use one that is as \
                     new as its writer"
                ),
            ));
        }
        Self::decode_fields(version, header).ok_or_else(damaged)
    }

    fn decode_fields(version: u32, header: &[u8]) -> Option<Self> {
        if word(header, FIXED_BYTES)? != xxh3_64(header.get(..FIXED_BYTES)?) {
            return None;
        }
        let source = Source::from_number(u8::try_from(half(header, 12)?).ok()?)?;
        let slots = word(header, 16)?;
        if !slots.is_power_of_two() || !(LEAST_SLOTS..=MOST_SLOTS).contains(&slots) {
            return None;
        }
        let host = header.get(80..80 + half(header, 60)? as usize)?;
        let owner = Owner {
            host: String::from_utf8_lossy(host).into_owned(),
            boot: header.get(40..56)?.try_into().ok()?,
            process: half(header, 56)?,
            namespace: word(header, 64)?,
            start: word(header, 72)?,
        };
        Some(Self {
            version,
            source,
            slots,
            id: JournalId(header.get(24..40)?.try_into().ok()?),
            owner,
        })
    }
}

/// An anchor as stored: the check tells a torn one.
pub(super) fn encode_anchor(anchor: Anchor) -> [u64; 3] {
    let nanos = anchor.unix_nanos as u64;
    [anchor.ticks, nanos, anchor_check(anchor.ticks, nanos)]
}

/// The whole anchors of a header, earliest first.
pub(super) fn decode_anchors(header: &[u8]) -> Vec<Anchor> {
    let mut anchors: Vec<Anchor> = (0..ANCHOR_COUNT)
        .filter_map(|n| {
            let at = ANCHORS + n * ANCHOR_BYTES;
            let (ticks, nanos) = (word(header, at)?, word(header, at + 8)?);
            let whole = word(header, at + 16)? == anchor_check(ticks, nanos);
            whole.then_some(Anchor {
                ticks,
                unix_nanos: nanos as i64,
            })
        })
        .collect();
    anchors.sort_by_key(|anchor| anchor.ticks);
    anchors
}

fn anchor_check(ticks: u64, nanos: u64) -> u64 {
    ticks.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ nanos.wrapping_mul(0x243f_6a88_85a3_08d3) ^ MAGIC
}

pub(super) fn word(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn half(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
