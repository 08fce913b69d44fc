//! A look at LMDB's data file before it is mapped: a page that lies beyond the end of the file would end the host with
//! SIGBUS.
//!
//! The file may end before the last page that was handed out, if that was given back in the same transaction and
//! never written. So a short file is sound if every page it lacks is a free one. That takes a walk through the table
//! of free pages, here by plain reads.
//!
//! The layout is that of mdb.c (MDB_meta, MDB_db, MDB_page, MDB_node), data version 1.

use crate::error::{Error, Result};
use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

const META_MAGIC: u32 = 0xBEEF_C0DE;
const DATA_VERSION: u32 = 1;
const PAGE_HEADER: usize = 16;
const META_SIZE: usize = 136;
/// Offsets in a meta page: page size, root of the free table, last page, transaction.
const META_PAGE_SIZE: usize = PAGE_HEADER + 24;
const META_FREE_ROOT: usize = PAGE_HEADER + 64;
const META_LAST_PAGE: usize = PAGE_HEADER + 120;
const META_TXN: usize = PAGE_HEADER + 128;
/// Offsets in a page, and its flags.
const FLAGS: usize = 10;
const LOWER: usize = 12;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;
/// A node whose data lies on pages of its own.
const NODE_HEADER: usize = 8;
const BIG_DATA: u16 = 1;
/// A tree of this depth would be larger than any disk.
const MAX_DEPTH: usize = 32;
/// Looks at a file that somebody else keeps changing.
const ATTEMPTS: usize = 100;

struct Meta {
    page_size: u64,
    free_root: u64,
    last_page: u64,
    txn: u64,
}

/// Refuses a data file that is no LMDB file or that was cut short.
pub fn check(path: &Path) -> Result<()> {
    let data = path.join("data.mdb");
    let failed = |e: std::io::Error| Error::io(data.display(), &e);
    let file = match File::open(&data) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        file => file.map_err(failed)?,
    };
    let size = || -> Result<u64> { Ok(file.metadata().map_err(failed)?.len()) };
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(Error::corrupt(format!("{} is not a file", data.display())));
    }
    if size()? == 0 {
        return Ok(());
    }
    for _ in 0..ATTEMPTS {
        let meta = newest_meta(&file).map_err(|e| e.context(data.display()))?;
        // After the meta page: a file only grows.
        let (size, needed) = (size()?, meta.last_page.saturating_add(1));
        if size >= needed.saturating_mul(meta.page_size) {
            return Ok(());
        }
        let missing = size / meta.page_size..needed;
        let free = free_pages(&file, &meta, missing.start);
        // Pages that were in use at the time of the meta page are not written again before the commit after next.
        if newest_meta(&file)?.txn != meta.txn {
            continue;
        }
        return match free {
            Some(free) if missing.end - missing.start == free => Ok(()),
            _ => Err(Error::corrupt(format!(
                "{} is cut short: {size} of {} bytes",
                data.display(),
                needed.saturating_mul(meta.page_size)
            ))),
        };
    }
    Ok(())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn newest_meta(file: &File) -> Result<Meta> {
    let mut newest: Option<Meta> = None;
    let mut page_size = 4096;
    for page in 0..2 {
        let mut bytes = [0; PAGE_HEADER + META_SIZE];
        if file.read_exact_at(&mut bytes, page * page_size).is_err() {
            return Err(Error::corrupt("is cut short: it has no two meta pages"));
        }
        let word = |at| u64_at(&bytes, at).unwrap_or(0);
        let (magic, version) = (word(PAGE_HEADER) as u32, (word(PAGE_HEADER) >> 32) as u32);
        if magic != META_MAGIC {
            let what = "is no LMDB database: its meta page is overwritten";
            return Err(Error::corrupt(what));
        }
        if version != DATA_VERSION {
            return Err(Error::corrupt(format!("has LMDB data version {version}")));
        }
        page_size = u64::from(word(META_PAGE_SIZE) as u32);
        if !page_size.is_power_of_two() || !(512..=65536).contains(&page_size) {
            return Err(Error::corrupt(format!("gives a page size of {page_size}")));
        }
        let meta = Meta {
            page_size,
            free_root: word(META_FREE_ROOT),
            last_page: word(META_LAST_PAGE),
            txn: word(META_TXN),
        };
        if newest.as_ref().is_none_or(|n| meta.txn > n.txn) {
            newest = Some(meta);
        }
    }
    newest.ok_or_else(|| Error::corrupt("has no meta page"))
}

/// How many pages from `first` up to the last one are free; `None` if the table of free pages is not whole.
fn free_pages(file: &File, meta: &Meta, first: u64) -> Option<u64> {
    let mut free = HashSet::new();
    let mut add = |record: &[u8]| {
        let count = u64_at(record, 0)?;
        for n in 1..=count {
            let page = u64_at(record, usize::try_from(n).ok()?.checked_mul(8)?)?;
            if (first..=meta.last_page).contains(&page) {
                free.insert(page);
            }
        }
        Some(())
    };
    if meta.free_root != u64::MAX {
        walk(file, meta, meta.free_root, MAX_DEPTH, &mut add)?;
    }
    Some(free.len() as u64)
}

/// Calls `each` with the data of every node below a page.
fn walk(
    file: &File,
    meta: &Meta,
    page: u64,
    depth: usize,
    each: &mut impl FnMut(&[u8]) -> Option<()>,
) -> Option<()> {
    let at = page.checked_mul(meta.page_size)?;
    let mut bytes = vec![0; meta.page_size as usize];
    file.read_exact_at(&mut bytes, at).ok()?;
    let flags = u16_at(&bytes, FLAGS)?;
    let nodes = (usize::from(u16_at(&bytes, LOWER)?).checked_sub(PAGE_HEADER)?) / 2;
    for n in 0..nodes {
        let node = bytes.get(usize::from(u16_at(&bytes, PAGE_HEADER + 2 * n)?)..)?;
        let (low, high) = (u16_at(node, 0)?, u16_at(node, 2)?);
        let (more, key) = (u16_at(node, 4)?, usize::from(u16_at(node, 6)?));
        let number = u64::from(low) | u64::from(high) << 16;
        if flags & BRANCH != 0 {
            walk(
                file,
                meta,
                number | u64::from(more) << 32,
                depth.checked_sub(1)?,
                each,
            )?;
        } else if flags & LEAF == 0 {
            return None;
        } else if more & BIG_DATA == 0 {
            each(node.get(NODE_HEADER + key..)?.get(..number as usize)?)?;
        } else {
            let at = u64_at(node, NODE_HEADER + key)?.checked_mul(meta.page_size)?;
            let at = at.checked_add(PAGE_HEADER as u64)?;
            if at.checked_add(number)? > file.metadata().ok()?.len() {
                return None;
            }
            let mut data = vec![0; number as usize];
            file.read_exact_at(&mut data, at).ok()?;
            each(&data)?;
        }
    }
    Some(())
}
