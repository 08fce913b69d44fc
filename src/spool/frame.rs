//! The header of a segment and its frames. All numbers are little-endian.
//!
//! | offset | bytes | header |
//! |---|---|---|
//! | 0 | 8 | magic |
//! | 8 | 4 | version |
//! | 12 | 4 | number of the file, from 0 |
//! | 16 | 16 | id |
//! | 32 | 8 | when the segment was begun, microseconds since 1970-01-01 UTC |
//! | 40 | 4 | process |
//! | 44 | 4 | length of the host's name |
//! | 48 | 64 | the host's name |
//! | 120 | 8 | XXH3 of the bytes before |
//!
//! | offset | bytes | frame, at a multiple of 8 |
//! |---|---|---|
//! | 0 | 4 | magic; another one in the last frame of a file behind which the segment goes on in the next |
//! | 4 | 4 | length of the body, which zeros fill to a multiple of 8 |
//! | 8 | 5 | offset in the file |
//! | 13 | 3 | number of the file |
//! | 16 | 8 | when it was made |
//! | 24 | 8 | check: XXH3 of the body, with that of the id and the 24 bytes before as seed |
//!
//! So a frame passes its check only in its own file and in its place.

use super::place;
use crate::error::{Error, Result, Status};
use crate::journal::{JournalId, Owner};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

pub const HEADER_BYTES: usize = 128;
pub const FRAME_BYTES: usize = 32;
/// Bodies are cut at about this size, where what they hold can be: an allocator has such memory at hand, while more of it is
/// asked of the kernel, and comes with a fault for each page.
pub const MOST_BODY: usize = 1 << 16;

const MAGIC: &[u8; 8] = b"AIMSEG1\n";
const VERSION: u32 = 1;
const FRAME_MAGIC: &[u8; 4] = b"AIMF";
const LAST_MAGIC: &[u8; 4] = b"AIML";
const HOST: usize = 64;

pub fn put_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

pub fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        n |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            // Of the tenth byte one bit is left.
            return (shift < 63 || *byte < 2).then_some(n);
        }
    }
    None
}

fn half(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Who writes a segment, at the head of each of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub id: JournalId,
    pub number: u32,
    /// When the segment was begun: microseconds since 1970 (UTC).
    pub created: i64,
    pub process: u32,
    pub host: String,
}

impl Header {
    /// Of a segment with the records of a journal that this process writes, or recovers.
    pub fn new(id: JournalId, number: u32, created: i64) -> Header {
        let owner = Owner::current();
        Header {
            id,
            number,
            created,
            process: owner.process,
            host: owner.host,
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        let host = self.host.as_bytes();
        let host = &host[..host.len().min(HOST)];
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&self.number.to_le_bytes());
        out.extend_from_slice(&self.id.0);
        out.extend_from_slice(&self.created.to_le_bytes());
        out.extend_from_slice(&self.process.to_le_bytes());
        out.extend_from_slice(&(host.len() as u32).to_le_bytes());
        out.extend_from_slice(host);
        out.resize(HEADER_BYTES - 8, 0);
        out.extend_from_slice(&xxh3_64(&out).to_le_bytes());
        out
    }

    /// `bytes` are the first of a file that is at least as long.
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Header> {
        if !bytes.starts_with(MAGIC) {
            return Err(Error::corrupt("it does not start as a segment does"));
        }
        if let Some(version) = half(bytes, 8)
            && version != VERSION
        {
            return Err(Error::new(
                Status::UnsupportedVersion,
                format!(
                    "the segment has version {version}, this library reads version {VERSION}: use one that is as new as \
                     its writer"
                ),
            ));
        }
        Header::decode_version_1(bytes)
            .ok_or_else(|| Error::corrupt("the header of the segment is damaged"))
    }

    fn decode_version_1(bytes: &[u8]) -> Option<Header> {
        let content = bytes.get(..HEADER_BYTES - 8)?;
        (word(bytes, HEADER_BYTES - 8)? == xxh3_64(content)).then_some(())?;
        let host = bytes.get(48..48 + half(bytes, 44)? as usize)?;
        Some(Header {
            id: JournalId(*bytes.get(16..)?.first_chunk()?),
            number: half(bytes, 12)?,
            created: word(bytes, 32)? as i64,
            process: half(bytes, 40)?,
            host: String::from_utf8_lossy(host).into_owned(),
        })
    }
}

fn check(id: JournalId, head: &[u8], body: &[u8]) -> u64 {
    let mut seed = [0; 40];
    seed[..16].copy_from_slice(&id.0);
    seed[16..].copy_from_slice(head);
    xxh3_64_with_seed(body, xxh3_64(&seed))
}

/// How many bytes a frame with such a body has.
pub fn room(body: &[u8]) -> u64 {
    FRAME_BYTES as u64 + (body.len() as u64).next_multiple_of(8)
}

/// The bytes of a frame for a place in a segment.
///
/// # Errors
/// `Limit` for a body of 4 GiB and more.
pub fn seal(id: JournalId, offset: u64, at: i64, body: &[u8]) -> Result<Vec<u8>> {
    let head = head(id, offset, at, body)?;
    Ok([&head, body, padding(body)].concat())
}

/// The bytes of such a frame before its body.
///
/// # Errors
/// As of `seal`.
pub fn head(id: JournalId, offset: u64, at: i64, body: &[u8]) -> Result<[u8; FRAME_BYTES]> {
    head_as(FRAME_MAGIC, id, offset, at, body)
}

/// Its bytes behind it.
pub fn padding(body: &[u8]) -> &'static [u8] {
    &[0; 8][..body.len().next_multiple_of(8) - body.len()]
}

/// The last frame of a file: the segment goes on in the next one.
pub fn seal_last(id: JournalId, offset: u64, at: i64) -> Result<Vec<u8>> {
    Ok(head_as(LAST_MAGIC, id, offset, at, &[])?.to_vec())
}

fn head_as(
    magic: &[u8; 4],
    id: JournalId,
    offset: u64,
    at: i64,
    body: &[u8],
) -> Result<[u8; FRAME_BYTES]> {
    let length = u32::try_from(body.len()).map_err(|_| {
        Error::new(
            Status::Limit,
            "a change of more than 4 GiB does not fit into a spool",
        )
    })?;
    let mut head = [0; FRAME_BYTES];
    head[..4].copy_from_slice(magic);
    head[4..8].copy_from_slice(&length.to_le_bytes());
    head[8..16].copy_from_slice(&offset.to_le_bytes());
    head[16..24].copy_from_slice(&at.to_le_bytes());
    let check = check(id, &head[..24], body);
    head[24..].copy_from_slice(&check.to_le_bytes());
    Ok(head)
}

/// A frame that passed its check.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'b> {
    /// When it was made, microseconds since 1970 (UTC).
    pub at: i64,
    pub body: &'b [u8],
}

/// What a frame's header announces: how long the frame is, if it can be one of this place.
pub fn announced(head: &[u8], offset: u64) -> Option<u64> {
    let length = half(head, 4)?;
    (is_frame(head) && word(head, 8)? == offset)
        .then_some(FRAME_BYTES as u64 + u64::from(length).next_multiple_of(8))
}

/// Whether it begins as frames do.
pub fn is_frame(bytes: &[u8]) -> bool {
    bytes.starts_with(FRAME_MAGIC) || bytes.starts_with(LAST_MAGIC)
}

/// Where what follows a frame at a place begins.
pub fn behind(bytes: &[u8], offset: u64) -> u64 {
    match bytes.starts_with(LAST_MAGIC) {
        true => place::behind(offset),
        false => offset + bytes.len() as u64,
    }
}

/// Whether a frame, of which there are as many bytes as were announced, passes its check.
pub fn is_sound(id: JournalId, bytes: &[u8]) -> bool {
    let frame = split(bytes);
    frame.is_some_and(|(head, body)| word(head, 24) == Some(check(id, &head[..24], body)))
}

/// A sound frame.
pub fn parts(bytes: &[u8]) -> Option<Frame<'_>> {
    let (head, body) = split(bytes)?;
    Some(Frame {
        at: word(head, 16)? as i64,
        body,
    })
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(FRAME_BYTES)?;
    Some((head, rest.get(..half(head, 4)? as usize)?))
}
