//! What a row takes in the data file.

/// LMDB's page, and the header of one that overflows.
const PAGE: u64 = 4096;
const PAGE_HEAD: u64 = 16;
/// Longer rows get pages of their own.
const INLINE: u64 = (PAGE - PAGE_HEAD) / 2;
/// What LMDB keeps in front of a row.
const ROW_HEAD: u64 = 8;

pub fn row_bytes(key: &[u8], value: &[u8]) -> u64 {
    let (key, value) = (key.len() as u64, value.len() as u64);
    match key + value + ROW_HEAD > INLINE {
        true => key + 2 * ROW_HEAD + (value + PAGE_HEAD).div_ceil(PAGE) * PAGE,
        false => key + value + ROW_HEAD,
    }
}
