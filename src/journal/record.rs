//! The record format: slots of six 64-bit words in native byte order.
//!
//! | word | point | record with a payload |
//! |---|---|---|
//! | 0 | header | header |
//! | 1 | series (low 32 bits), check (high) | payload length in bytes (low 32 bits), kind (next 8) |
//! | 2 | step, or `STEP_AUTO` | check |
//! | 3 | value, IEEE 754 bits | payload from here on |
//! | 4 | epoch, or `EPOCH_NONE` | |
//! | 5 | clock ticks | |
//!
//! The check covers everything else in the record and its position. A power loss may write back some pages of a
//! record and not others; the check finds that out.

use crate::point::{EPOCH_NONE, Point, STEP_AUTO};
use xxhash_rust::xxh3::xxh3_64_with_seed;

pub(super) const WORDS: usize = 6;
pub(super) const SLOT_BYTES: usize = WORDS * 8;
/// Where the payload of a record starts.
pub(super) const PAYLOAD_OFFSET: usize = 24;

/// A record as the consumer and the recovery see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Record<'a> {
    Point {
        /// Number of the sequence within this journal.
        series: u32,
        point: Point,
        /// When it was tracked: microseconds since 1970-01-01 UTC.
        time: i64,
    },
    Payload {
        /// Chosen by the writer of the record.
        kind: u8,
        payload: &'a [u8],
    },
}

/// The header word: position (low 32 bits), length in slots (20 bits), nothing (4 bits), form (8 bits).
pub(super) mod header {
    /// Written before the payload of a record of several slots; nothing to read yet.
    pub const RESERVED: u64 = 1 << 56;
    /// Fills the physical end of the ring, because a record does not wrap around it.
    pub const PAD: u64 = 2 << 56;
    pub const POINT: u64 = 3 << 56;
    pub const PAYLOAD: u64 = 4 << 56;

    const FORM: u64 = 0xff << 56;
    pub const MAX_SLOTS: u64 = (1 << 20) - 1;

    #[inline(always)]
    pub fn new(form: u64, slots: u64, position: u64) -> u64 {
        form | slots << 32 | position & 0xffff_ffff
    }

    #[inline(always)]
    pub fn form(word: u64) -> u64 {
        word & FORM
    }

    pub fn slots(word: u64) -> u64 {
        word >> 32 & MAX_SLOTS
    }

    /// Whether the word was written for `position`, and not a lap before.
    #[inline(always)]
    pub fn belongs_to(word: u64, position: u64) -> bool {
        word as u32 == position as u32 && form(word) != 0
    }

    #[inline(always)]
    pub fn is_published(word: u64, position: u64) -> bool {
        word as u32 == position as u32 && word >= PAD
    }
}

/// The six words of a point.
#[inline(always)]
pub(super) fn encode_point(position: u64, series: u32, point: Point, ticks: u64) -> [u64; WORDS] {
    let mut words = [
        header::new(header::POINT, 1, position),
        u64::from(series),
        point.step as u64,
        point.value.to_bits(),
        point.epoch as u64,
        ticks,
    ];
    words[1] |= u64::from(point_check(&words, position)) << 32;
    words
}

/// Series, point and ticks of a point record.
#[inline(always)]
pub(super) fn decode_point(words: &[u64; WORDS]) -> (u32, Point, u64) {
    let point = Point {
        step: words[2] as i64,
        value: f64::from_bits(words[3]),
        epoch: words[4] as i64,
    };
    (words[1] as u32, point, words[5])
}

/// As `decode_point`, of a journal of version 1: there the header told by two bits what a point has not got.
pub(super) fn decode_point_1(words: &[u64; WORDS]) -> (u32, Point, u64) {
    const WITHOUT_STEP: u64 = 1 << 52;
    const WITHOUT_EPOCH: u64 = 1 << 53;
    let (series, mut point, ticks) = decode_point(words);
    if words[0] & WITHOUT_STEP != 0 {
        point.step = STEP_AUTO;
    }
    if words[0] & WITHOUT_EPOCH != 0 {
        point.epoch = EPOCH_NONE;
    }
    (series, point, ticks)
}

/// Multiplies the words in pairs, each off by a number of its own (from the golden ratio, e and pi), to 128 bits, folds and
/// sums: cheap, independent multiplications, in which each bit changes all of the sum. The sums of different contents agree
/// in the folded half once in 2^32. As in wyhash (Wang Yi), where what a product of 0 hides is as rare.
#[inline(always)]
fn point_check(words: &[u64; WORDS], position: u64) -> u32 {
    let folded = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let series = words[1] << 32;
    let sum = folded(
        place(words, position) ^ 0x9e37_79b9_7f4a_7c15,
        words[2] ^ 0x2b7e_1516_28ae_d2a7,
    )
    .wrapping_add(folded(
        words[3] ^ 0x243f_6a88_85a3_08d3,
        words[4] ^ 0x1319_8a2e_0370_7345,
    ))
    .wrapping_add(folded(
        words[5] ^ 0xa409_3822_299f_31d1,
        series ^ 0x082e_fa98_ec4e_6c89,
    ));
    (sum ^ sum >> 32) as u32
}

/// As `point_check`, of a journal of version 1 or 2: there what changed in the upper bits of a word changed the upper bits of
/// the sum alone, where a second change could hide it.
fn point_check_2(words: &[u64; WORDS], position: u64) -> u32 {
    let sum = place(words, position)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add((words[1] << 32 ^ words[2]).wrapping_mul(0x2b7e_1516_28ae_d2a7))
        .wrapping_add(words[3].wrapping_mul(0x243f_6a88_85a3_08d3))
        .wrapping_add(words[4].wrapping_mul(0x1319_8a2e_0370_7345))
        .wrapping_add(words[5].wrapping_mul(0xa409_3822_299f_31d1));
    (sum ^ sum >> 32) as u32
}

/// The position in full where the header has its low half.
#[inline(always)]
fn place(words: &[u64; WORDS], position: u64) -> u64 {
    (words[0] & !0xffff_ffff).wrapping_add(position)
}

pub(super) fn point_is_whole(words: &[u64; WORDS], position: u64) -> bool {
    (words[1] >> 32) as u32 == point_check(words, position)
}

/// As `point_is_whole`, of a journal of version 1 or 2.
pub(super) fn point_is_whole_2(words: &[u64; WORDS], position: u64) -> bool {
    (words[1] >> 32) as u32 == point_check_2(words, position)
}

/// Slots that a record with `length` bytes of payload takes.
pub(super) fn payload_slots(length: usize) -> u64 {
    ((PAYLOAD_OFFSET + length).div_ceil(SLOT_BYTES)) as u64
}

/// Largest payload in a ring of `slots`: a quarter of it, so that two of them fit even after padding.
pub(super) fn max_payload(slots: u64) -> usize {
    let slots = (slots / 4).clamp(1, header::MAX_SLOTS);
    slots as usize * SLOT_BYTES - PAYLOAD_OFFSET
}

/// Words 0 to 2 of a record with a payload.
pub(super) fn encode_payload(position: u64, kind: u8, payload: &[u8]) -> [u64; 3] {
    let head = header::new(header::PAYLOAD, payload_slots(payload.len()), position);
    let about = payload.len() as u64 | u64::from(kind) << 32;
    [head, about, payload_check(position, head, about, payload)]
}

/// Length and kind from word 1.
pub(super) fn decode_about(about: u64) -> (usize, u8) {
    (about as u32 as usize, (about >> 32) as u8)
}

pub(super) fn payload_check(position: u64, head: u64, about: u64, payload: &[u8]) -> u64 {
    let seed = head
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(about.wrapping_mul(0x243f_6a88_85a3_08d3))
        .wrapping_add(position.wrapping_mul(0x1319_8a2e_0370_7345));
    xxh3_64_with_seed(payload, seed)
}
