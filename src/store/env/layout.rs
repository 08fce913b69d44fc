//! LMDB's data file as bytes: data version 1 on a 64-bit host, numbers in the host's byte order (mdb.c: MDB_page,
//! MDB_node, MDB_db, MDB_meta).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

pub const PAGE_HEADER: usize = 16;
pub const NODE_HEADER: usize = 8;
/// Bytes of a tree's record.
pub const TREE_SIZE: usize = 48;
/// LMDB as it is built here takes keys up to this size.
pub const MAX_KEY: usize = 511;
/// The deepest tree that LMDB's cursors can walk.
pub const MAX_DEPTH: u16 = 32;
/// The root of an empty tree.
pub const NO_PAGE: u64 = u64::MAX;

/// Page flags.
pub const BRANCH: u16 = 0x01;
pub const LEAF: u16 = 0x02;
pub const OVERFLOW: u16 = 0x04;
const META: u16 = 0x08;

/// Node flags: the value lies on overflow pages; the value is a tree's record.
pub const BIG_DATA: u16 = 0x01;
pub const SUB_TREE: u16 = 0x02;

/// Tree flags.
const INTEGER_KEY: u16 = 0x08;
/// All that change how keys and values are laid out or ordered.
const LAYOUT_FLAGS: u16 = 0x7e;

const MAGIC: u32 = 0xBEEF_C0DE;
const DATA_VERSION: u32 = 1;
pub const PAGE_SIZES: std::ops::RangeInclusive<u64> = 4096..=32768;
/// No file is as large as this: half of what a process can map.
const MAX_FILE: u64 = 1 << 46;

#[inline]
pub fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes([bytes[at], bytes[at + 1]])
}

#[inline]
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_ne_bytes(word)
}

#[inline]
pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_ne_bytes(word)
}

/// The record of a tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TreeRecord {
    flags: u16,
    pub depth: u16,
    pub entries: u64,
    pub root: u64,
}

impl TreeRecord {
    /// Reads the first `TREE_SIZE` bytes.
    pub fn read(bytes: &[u8]) -> TreeRecord {
        TreeRecord {
            flags: u16_at(bytes, 4),
            depth: u16_at(bytes, 6),
            entries: u64_at(bytes, 32),
            root: u64_at(bytes, 40),
        }
    }

    /// Whether the tree is one of plain keys in byte order.
    pub fn is_plain(&self) -> bool {
        self.flags == 0
    }

    /// Whether the tree has integer keys, as that of the free pages; its flags also hold those of the environment.
    pub fn has_integer_keys(&self) -> bool {
        self.flags & LAYOUT_FLAGS == INTEGER_KEY
    }
}

/// A meta page: the root of one snapshot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meta {
    pub page_size: u64,
    pub free: TreeRecord,
    pub main: TreeRecord,
    pub last_page: u64,
    pub txn: u64,
}

impl Meta {
    pub const SIZE: usize = PAGE_HEADER + 136;

    /// The page size that the first bytes of a meta page give, unchecked.
    pub fn page_size_of(bytes: &[u8]) -> u64 {
        u64::from(u32_at(bytes, PAGE_HEADER + 24))
    }

    /// Reads meta page 0 or 1; the inner error says which rule it breaks.
    pub fn read(file: &File, number: u64, page_size: u64) -> io::Result<Result<Meta, String>> {
        let mut bytes = [0; Meta::SIZE];
        match file.read_exact_at(&mut bytes, number * page_size) {
            Ok(()) => Ok(Meta::parse(&bytes, number)),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(Err("it is missing".into())),
            Err(e) => Err(e),
        }
    }

    pub fn parse(bytes: &[u8; Meta::SIZE], number: u64) -> Result<Meta, String> {
        let body = &bytes[PAGE_HEADER..];
        if u32_at(body, 0) != MAGIC || u16_at(bytes, 10) & META == 0 {
            return Err("it is not a meta page of LMDB".into());
        }
        if u32_at(body, 4) != DATA_VERSION {
            return Err(format!("it has LMDB data version {}", u32_at(body, 4)));
        }
        if u64_at(bytes, 0) != number {
            return Err(format!("it says it is page {}", u64_at(bytes, 0)));
        }
        let meta = Meta {
            // It stands where other trees have their padding.
            page_size: u64::from(u32_at(body, 24)),
            free: TreeRecord::read(&body[24..]),
            main: TreeRecord::read(&body[24 + TREE_SIZE..]),
            last_page: u64_at(body, 120),
            txn: u64_at(body, 128),
        };
        if !meta.page_size.is_power_of_two() || !PAGE_SIZES.contains(&meta.page_size) {
            return Err(format!("it gives a page size of {}", meta.page_size));
        }
        if meta.last_page == 0 || meta.last_page >= MAX_FILE / meta.page_size {
            return Err(format!("it gives {} as the last page", meta.last_page));
        }
        // Transaction n writes meta page n mod 2; before the first one both are 0.
        if meta.txn % 2 != number && meta.txn != 0 {
            return Err(format!("it says it is of transaction {}", meta.txn));
        }
        if !meta.free.has_integer_keys() || !meta.main.is_plain() {
            return Err("its trees have flags that this database never has".into());
        }
        Ok(meta)
    }
}
