//! Rows with a checksum, since LMDB has none: four bytes of xxh3 over key and content, little-endian, then the content.
//! With the key in it, a value that damage has brought to another key is found too.

use xxhash_rust::xxh3::xxh3_64;

/// From this version of the database on every row that decides something carries a checksum.
pub const CHECKED_FORMAT: u32 = 2;
/// Bytes before the content.
pub const SIZE: usize = 4;

fn sum(key: &[u8], content: &[u8]) -> [u8; SIZE] {
    let both = xxh3_64(key).rotate_left(32) ^ xxh3_64(content);
    (both as u32).to_le_bytes()
}

/// Makes a value for `key` of what `write` appends.
pub fn seal(key: &[u8], write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut value = vec![0; SIZE];
    write(&mut value);
    let sum = sum(key, &value[SIZE..]);
    value[..SIZE].copy_from_slice(&sum);
    value
}

/// Makes a value for `key` in its place of what `write` puts behind the first `SIZE` bytes.
pub fn seal_in(key: &[u8], value: &mut [u8], write: impl FnOnce(&mut [u8])) {
    let (sum_of, content) = value.split_at_mut(SIZE);
    write(content);
    sum_of.copy_from_slice(&sum(key, content));
}

/// A value that says nothing but that its key is sound.
pub fn mark(key: &[u8]) -> Vec<u8> {
    seal(key, |_| ())
}

/// `open` in a database whose oldest rows have this format: those of format 1, where such a value was `old` bytes, have no
/// checksum.
pub fn open_old<'v>(key: &[u8], value: &'v [u8], oldest: u32, old: usize) -> Option<&'v [u8]> {
    match oldest < CHECKED_FORMAT && value.len() == old {
        true => Some(value),
        false => open(key, value),
    }
}

/// The content of the value at `key`; `None` if it is damaged.
pub fn open<'v>(key: &[u8], value: &'v [u8]) -> Option<&'v [u8]> {
    let (expected, content) = value.split_first_chunk()?;
    (sum(key, content) == *expected).then_some(content)
}
