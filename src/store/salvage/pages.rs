//! The rows in a damaged data file: from the trees as far as they lead, then from leaf pages that nothing leads to.

use crate::error::{Error, Result};
use crate::memory;
use crate::store::env::layout::{
    BRANCH, LEAF, MAX_DEPTH, Meta, NO_PAGE, PAGE_HEADER, PAGE_SIZES, TreeRecord, u16_at, u64_at,
};
use crate::store::env::page::{NodeValue, Page, overflow_pages};
use crate::store::tables::FORMAT_KEY;
use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Where a row was found.
#[derive(Clone, Copy)]
pub enum Place<'t> {
    /// In this table.
    Tree(&'t str),
    /// On a page that no tree leads to.
    Orphan,
}

/// One bit a page.
#[derive(Clone, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(count: u64) -> Result<Bits> {
        memory::zeros(count.div_ceil(64) as usize).map(Bits)
    }

    fn contains(&self, page: u64) -> bool {
        self.0
            .get((page / 64) as usize)
            .is_some_and(|word| word & 1 << (page % 64) != 0)
    }

    /// Adds a page; false if it was there, or is past the end.
    fn insert(&mut self, page: u64) -> bool {
        let Some(word) = self.0.get_mut((page / 64) as usize) else {
            return false;
        };
        let before = *word;
        *word |= 1 << (page % 64);
        *word != before
    }
}

const META_PAGES: usize = 2;

/// The pages of a damaged file.
pub struct PageWalk<'f> {
    file: &'f File,
    path: &'f Path,
    page_size: usize,
    count: u64,
    /// The snapshots whose meta pages can be read, the newest first.
    snapshots: Vec<Meta>,
    seen: Bits,
    free: Bits,
    lost: u64,
    lost_values: u64,
}

type Visit<'v> = dyn FnMut(Place<'_>, &[u8], &[u8]) -> Result<()> + 'v;

impl<'f> PageWalk<'f> {
    pub fn new(file: &'f File, path: &'f Path) -> Result<PageWalk<'f>> {
        let failed = |e| Error::io(path.display(), &e);
        let bytes = file.metadata().map_err(failed)?.len();
        let mut snapshots: Vec<Meta> = Vec::new();
        // The second meta page can be found by the size that the first one gives, or by trying.
        for size in sizes() {
            for number in 0..META_PAGES as u64 {
                let meta = Meta::read(file, number, size).map_err(failed)?;
                snapshots.extend(meta.ok().filter(|meta| meta.page_size == size));
            }
            if !snapshots.is_empty() {
                break;
            }
        }
        snapshots.sort_by_key(|meta| std::cmp::Reverse(meta.txn));
        let page_size = match snapshots.first() {
            Some(meta) => meta.page_size,
            None => guess_page_size(file, bytes),
        };
        let count = bytes / page_size;
        Ok(PageWalk {
            file,
            path,
            page_size: page_size as usize,
            count,
            snapshots,
            seen: Bits::new(count)?,
            free: Bits::new(count)?,
            lost: 0,
            lost_values: 0,
        })
    }

    /// The format that the newest snapshot names, where that can be read.
    pub fn format(&mut self) -> Result<Option<u32>> {
        let Some(newest) = self.snapshots.first() else {
            return Ok(None);
        };
        let main = newest.main;
        let (mut meta, mut format) = (None, None);
        self.tree(&main, &mut |key, _, tree| {
            if key == b"meta" {
                meta = tree;
            }
            Ok(())
        })?;
        if let Some(meta) = meta {
            self.tree(&meta, &mut |key, value, _| {
                if key == FORMAT_KEY {
                    format = value.and_then(|bytes| bytes.try_into().ok());
                }
                Ok(())
            })?;
        }
        Ok(format.map(u32::from_le_bytes))
    }

    /// Pages of the newest snapshot that cannot be read.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Whether a meta page cannot be read: it may be that of a newer snapshot than those that can.
    pub fn may_miss_the_newest(&self) -> bool {
        self.snapshots.len() < META_PAGES
    }

    /// Values that lie on such pages, while their keys can be read.
    pub fn lost_values(&self) -> u64 {
        self.lost_values
    }

    /// Calls `visit` for each row, the surest places first.
    pub fn visit(
        &mut self,
        mut visit: impl FnMut(Place<'_>, &[u8], &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.seen = Bits::new(self.count)?;
        self.free = Bits::new(self.count)?;
        (self.lost, self.lost_values) = ((META_PAGES - self.snapshots.len()) as u64, 0);
        self.seen.insert(0);
        self.seen.insert(1);
        for (age, meta) in self.snapshots.clone().iter().enumerate() {
            // What is lost is counted in the newest snapshot; with nothing lost, the one before adds nothing.
            if age > 0 && self.lost == 0 {
                break;
            }
            let (lost, values) = (self.lost, self.lost_values);
            self.snapshot(meta, age == 0, &mut visit)?;
            if age > 0 {
                (self.lost, self.lost_values) = (lost, values);
            }
        }
        if self.lost > 0 {
            self.orphans(&mut visit)?;
        }
        Ok(())
    }

    fn snapshot(&mut self, meta: &Meta, newest: bool, visit: &mut Visit) -> Result<()> {
        let mut free = Vec::new();
        self.tree(&meta.free, &mut |_, value, _| {
            if let Some(bytes) = value {
                // Their count, then their numbers; room for more may follow.
                let mut words = bytes.chunks_exact(8).map(|word| u64_at(word, 0));
                let count = words.next().unwrap_or(0) as usize;
                free.extend(words.take(count));
            }
            Ok(())
        })?;
        if newest {
            free.iter().for_each(|page| {
                self.free.insert(*page);
            });
        }
        let mut tables = Vec::new();
        self.tree(&meta.main, &mut |key, _, tree| {
            tables.extend(tree.map(|tree| (String::from_utf8_lossy(key).into_owned(), tree)));
            Ok(())
        })?;
        for (name, record) in tables {
            self.tree(&record, &mut |key, value, _| match value {
                Some(value) => visit(Place::Tree(&name), key, value),
                None => Ok(()),
            })?;
        }
        Ok(())
    }

    /// Visits what can be read of a tree: keys with values, or with the records of trees.
    fn tree(&mut self, record: &TreeRecord, visit: &mut Node) -> Result<()> {
        match record.root {
            NO_PAGE => Ok(()),
            root => self.page(root, 0, visit),
        }
    }

    fn page(&mut self, number: u64, depth: u16, visit: &mut Node) -> Result<()> {
        if self.seen.contains(number) {
            // Shared with the snapshot that was visited before, for which alone losses count; or, within one snapshot,
            // what a damaged number leads to instead of its own page.
            self.lost += 1;
            return Ok(());
        }
        let bytes = self.read(number)?;
        let leaf = bytes.as_ref().is_some_and(|b| u16_at(b, 10) == LEAF);
        let mut sizes = Vec::new();
        let page = bytes
            .as_ref()
            .filter(|_| depth <= MAX_DEPTH)
            .and_then(|b| Page::check(b, number, leaf, &mut sizes).ok());
        let Some(page) = page else {
            self.lost += 1;
            return Ok(());
        };
        self.seen.insert(number);
        for node in page.nodes() {
            match node.value {
                NodeValue::Child(child) => self.page(child, depth + 1, visit)?,
                NodeValue::Inline(value) => visit(node.key, Some(value), None)?,
                NodeValue::Tree(record) => visit(node.key, None, Some(TreeRecord::read(record)))?,
                NodeValue::Overflow { page, size } => match self.overflow(page, size)? {
                    Some(value) => visit(node.key, Some(&value), None)?,
                    None => self.lost_values += 1,
                },
            }
        }
        Ok(())
    }

    /// A page's bytes; `None` past the end.
    fn read(&self, number: u64) -> Result<Option<Vec<u8>>> {
        self.bytes(number, 0, self.page_size)
    }

    /// So many bytes from the start of a page, plus `skip`.
    fn bytes(&self, page: u64, skip: u64, count: usize) -> Result<Option<Vec<u8>>> {
        let at = page.checked_mul(self.page_size as u64);
        let at = at.and_then(|at| at.checked_add(skip));
        let end = at.and_then(|at| at.checked_add(count as u64));
        let (Some(at), Some(end)) = (at, end) else {
            return Ok(None);
        };
        if end > self.count * self.page_size as u64 {
            return Ok(None);
        }
        let mut bytes = memory::zeros(count)?;
        self.file
            .read_exact_at(&mut bytes, at)
            .map_err(|e| Error::io(format_args!("{}: page {page}", self.path.display()), &e))?;
        Ok(Some(bytes))
    }

    fn overflow(&mut self, first: u64, size: u64) -> Result<Option<Vec<u8>>> {
        let Some(header) = self.bytes(first, 0, PAGE_HEADER)? else {
            return Ok(None);
        };
        let Ok(count) = overflow_pages(&header, first, size, self.page_size as u64) else {
            return Ok(None);
        };
        for page in first..first.saturating_add(count).min(self.count) {
            self.seen.insert(page);
        }
        self.bytes(first, PAGE_HEADER as u64, size as usize)
    }

    /// Visits the leaf pages that no tree leads to and that are not listed as free.
    fn orphans(&mut self, visit: &mut Visit) -> Result<()> {
        let mut sizes = Vec::new();
        let mut next = 2;
        while let Some(data) = self.data_from(next)? {
            next = data.end;
            for number in data {
                if !self.seen.contains(number) && !self.free.contains(number) {
                    self.orphan(number, &mut sizes, visit)?;
                }
            }
        }
        Ok(())
    }

    fn orphan(&mut self, number: u64, sizes: &mut Vec<u16>, visit: &mut Visit) -> Result<()> {
        let Some(bytes) = self.read(number)? else {
            return Ok(());
        };
        if u16_at(&bytes, 10) & (BRANCH | LEAF) != LEAF {
            return Ok(());
        }
        let Ok(page) = Page::check(&bytes, number, true, sizes) else {
            return Ok(());
        };
        for node in page.nodes() {
            match node.value {
                NodeValue::Inline(value) => visit(Place::Orphan, node.key, value)?,
                NodeValue::Overflow { page, size } => {
                    if let Some(value) = self.overflow(page, size)? {
                        visit(Place::Orphan, node.key, &value)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The next pages, from this one on, that are not in a hole of the file: a hole may be of any size, and reads as
    /// zeros.
    fn data_from(&self, page: u64) -> Result<Option<Range<u64>>> {
        if page >= self.count {
            return Ok(None);
        }
        let size = self.page_size as u64;
        let seek = |from: u64, what| {
            // SAFETY: a call on an open descriptor, whose position nothing depends on.
            match unsafe { libc::lseek(self.file.as_raw_fd(), from as libc::off_t, what) } {
                at if at >= 0 => Ok(Some(at as u64)),
                _ => match std::io::Error::last_os_error() {
                    e if e.raw_os_error() == Some(libc::ENXIO) => Ok(None),
                    e => Err(e),
                },
            }
        };
        let found = seek(page * size, libc::SEEK_DATA).and_then(|start| match start {
            Some(start) => Ok(seek(start, libc::SEEK_HOLE)?.map(|end| (start, end))),
            None => Ok(None),
        });
        Ok(match found {
            Ok(found) => found.map(|(start, end)| {
                let first = (start / size).max(page);
                first
                    ..end
                        .div_ceil(size)
                        .clamp(first + 1, self.count.max(first + 1))
            }),
            // A filesystem that cannot tell.
            Err(_) => Some(page..self.count),
        })
    }
}

/// Gets a key with its value, or with the record of a tree.
type Node<'v> = dyn FnMut(&[u8], Option<&[u8]>, Option<TreeRecord>) -> Result<()> + 'v;

fn sizes() -> impl Iterator<Item = u64> {
    std::iter::successors(Some(*PAGE_SIZES.start()), |size| Some(size * 2))
        .take_while(|size| PAGE_SIZES.contains(size))
}

/// The size at which the most pages say their own number.
fn guess_page_size(file: &File, bytes: u64) -> u64 {
    const LOOK_AT: u64 = 1 << 16;
    let fitting = |size: u64| {
        let mut number = [0; 8];
        (2..(bytes / size).min(LOOK_AT))
            .filter(|page| {
                let read = file.read_exact_at(&mut number, page * size);
                read.is_ok() && u64_at(&number, 0) == *page
            })
            .count()
    };
    sizes()
        .max_by_key(|size| (fitting(*size), std::cmp::Reverse(*size)))
        .unwrap_or(*PAGE_SIZES.start())
}
