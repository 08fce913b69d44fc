//! The walk: reads a data file as LMDB would and checks all that LMDB takes on trust.
//!
//! LMDB maps its file and follows what it finds: a wild page number or offset ends the host with SIGSEGV, SIGBUS or
//! abort. This walk follows the same paths with `pread`. From one meta page it visits the tree of free pages, the main
//! tree and every named tree: page numbers, page types and depths are right, nodes lie inside their page back to
//! back, keys ascend within and across pages, overflow pages are there, counts agree, no page is used twice or used
//! and free at once. Values are not read: their decoders check them. Memory: a bit per page of the file.
//!
//! The caller holds a read transaction, so that pages of the snapshot are not written anew meanwhile.

pub mod page;
mod pages;

use super::layout::{MAX_DEPTH, Meta, NO_PAGE, TreeRecord, u64_at};
use crate::error::{Error, Result};
use page::{NodeValue, Page};
use pages::PageMap;
use std::cmp::Ordering;
use std::fmt::Display;
use std::fs::File;
use std::path::Path;

/// Checks the snapshot of transaction `txn`; returns the pages read.
pub fn check_snapshot(file: &File, path: &Path, txn: u64) -> Result<u64> {
    let meta = meta_of(file, path, txn)?;
    let mut walk = Walk::new(file, path, &meta)?;
    walk.tree(Kind::Free, "of free pages", &meta.free)?;
    walk.tree(Kind::Main, "of tables", &meta.main)?;
    for (name, record) in std::mem::take(&mut walk.tables) {
        walk.tree(Kind::Table, &name, &record)?;
    }
    walk.pages.check_end()
}

/// Checks no more than the roots of the snapshot's trees, which costs the same whatever the size of the file.
pub fn check_roots(file: &File, path: &Path, txn: u64) -> Result<()> {
    let meta = meta_of(file, path, txn)?;
    let mut walk = Walk::new(file, path, &meta)?;
    walk.root(Kind::Free, "of free pages", &meta.free)?;
    walk.root(Kind::Main, "of tables", &meta.main)?;
    for (name, record) in std::mem::take(&mut walk.tables) {
        walk.root(Kind::Table, &name, &record)?;
    }
    Ok(())
}

/// Whether the meta page of transaction `txn` is still there: the next but one writes it anew.
pub fn is_present(file: &File, path: &Path, txn: u64) -> bool {
    meta_of(file, path, txn).is_ok()
}

fn meta_of(file: &File, path: &Path, txn: u64) -> Result<Meta> {
    let number = txn % 2;
    let read = |number, size| {
        Meta::read(file, number, size)
            .map_err(|e| Error::io(path.display(), &e))?
            .map_err(|rule| {
                let path = path.display();
                Error::corrupt(format!("{path} is damaged: meta page {number}: {rule}"))
            })
    };
    // Only meta page 0 can be found without knowing the page size.
    let mut meta = read(0, 0)?;
    if number == 1 {
        meta = read(1, meta.page_size)?;
    }
    if meta.txn != txn {
        return Err(Error::corrupt(format!(
            "{} is damaged: meta page {number} is of transaction {}, not {txn}",
            path.display(),
            meta.txn
        )));
    }
    Ok(meta)
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Lists of free pages by the transaction that freed them; keys are integers.
    Free,
    /// Its values are the records of the named trees.
    Main,
    Table,
}

struct BTree<'t> {
    kind: Kind,
    name: &'t str,
    depth: u16,
    entries: u64,
}

impl BTree<'_> {
    fn order(&self, a: &[u8], b: &[u8]) -> Ordering {
        match self.kind {
            Kind::Free => u64_at(a, 0).cmp(&u64_at(b, 0)),
            _ => a.cmp(b),
        }
    }
}

/// The keys that a page may hold: from the first, which is included, to the second.
#[derive(Clone, Copy)]
struct Bounds<'k>(Option<&'k [u8]>, Option<&'k [u8]>);

struct Walk<'f> {
    pages: PageMap<'f>,
    txn: u64,
    tables: Vec<(String, TreeRecord)>,
    /// Scratch space.
    sizes: Vec<u16>,
    ahead: Vec<u64>,
}

impl<'f> Walk<'f> {
    fn new(file: &'f File, path: &'f Path, meta: &Meta) -> Result<Walk<'f>> {
        Ok(Walk {
            pages: PageMap::new(file, path, meta)?,
            txn: meta.txn,
            tables: Vec::new(),
            sizes: Vec::new(),
            ahead: Vec::new(),
        })
    }

    fn wrong<T>(&self, name: &str, record: &TreeRecord, rule: impl Display) -> Result<T> {
        Err(self
            .pages
            .damaged(record.root, format_args!("the tree {name} {rule}")))
    }

    /// Whether there is something in a tree, of whose record all is checked.
    fn has_root(&self, kind: Kind, name: &str, record: &TreeRecord) -> Result<bool> {
        let plain = if kind == Kind::Free {
            record.has_integer_keys()
        } else {
            record.is_plain()
        };
        if !plain {
            return self.wrong(name, record, "has flags that this database never has");
        }
        let empty = record.root == NO_PAGE;
        if empty != (record.depth == 0) || record.depth > MAX_DEPTH {
            let rule = format_args!("has depth {}", record.depth);
            return self.wrong(name, record, rule);
        }
        Ok(!empty)
    }

    /// Checks the root page of a tree.
    fn root(&mut self, kind: Kind, name: &str, record: &TreeRecord) -> Result<()> {
        if !self.has_root(kind, name, record)? {
            return Ok(());
        }
        self.pages.claim(record.root, 1)?;
        let mut buffer = self.pages.buffer();
        self.pages.read(record.root, 0, &mut buffer)?;
        let page = Page::check(&buffer, record.root, record.depth == 1, &mut self.sizes).map_err(
            |rule| {
                self.pages
                    .damaged(record.root, format_args!("{rule} (tree {name})"))
            },
        )?;
        if kind == Kind::Main {
            self.tables = page
                .nodes()
                .filter_map(|node| match node.value {
                    NodeValue::Tree(record) => Some((
                        String::from_utf8_lossy(node.key).into_owned(),
                        TreeRecord::read(record),
                    )),
                    _ => None,
                })
                .collect();
        }
        self.pages.recycle(buffer);
        Ok(())
    }

    fn tree(&mut self, kind: Kind, name: &str, record: &TreeRecord) -> Result<()> {
        let mut tree = BTree {
            kind,
            name,
            depth: record.depth,
            entries: 0,
        };
        if self.has_root(kind, name, record)? {
            self.page(&mut tree, record.root, 1, Bounds(None, None))?;
        }
        if tree.entries != record.entries {
            let (found, said) = (tree.entries, record.entries);
            let rule = format_args!("holds {found} entries, not {said}");
            return self.wrong(name, record, rule);
        }
        Ok(())
    }

    /// Checks a page and all below it.
    fn page(&mut self, tree: &mut BTree, number: u64, level: u16, bounds: Bounds) -> Result<()> {
        self.pages.claim(number, 1)?;
        let mut buffer = self.pages.buffer();
        self.pages.read(number, 0, &mut buffer)?;
        let leaf = level == tree.depth;
        let page = Page::check(&buffer, number, leaf, &mut self.sizes)
            .and_then(|page| check_keys(tree, &page, leaf, bounds).map(|()| page))
            .map_err(|rule| {
                self.pages
                    .damaged(number, format_args!("{rule} (tree {})", tree.name))
            })?;
        self.prefetch(&page);
        if leaf {
            self.leaf(tree, number, &page)?;
        } else {
            for (i, node) in page.nodes().enumerate() {
                if let NodeValue::Child(child) = node.value {
                    let low = if i == 0 { bounds.0 } else { Some(node.key) };
                    let high = (i + 1 < page.len()).then(|| page.key(i + 1)).or(bounds.1);
                    self.page(tree, child, level + 1, Bounds(low, high))?;
                }
            }
        }
        self.pages.recycle(buffer);
        Ok(())
    }

    fn prefetch(&mut self, page: &Page) {
        let mut ahead = std::mem::take(&mut self.ahead);
        ahead.clear();
        ahead.extend(page.nodes().filter_map(|node| match node.value {
            NodeValue::Child(page) | NodeValue::Overflow { page, .. } => Some(page),
            _ => None,
        }));
        self.pages.prefetch(&mut ahead);
        self.ahead = ahead;
    }

    fn leaf(&mut self, tree: &mut BTree, number: u64, page: &Page) -> Result<()> {
        for node in page.nodes() {
            tree.entries += 1;
            if let NodeValue::Overflow { page, size } = node.value {
                self.pages.claim_overflow(page, size)?;
            }
            match (tree.kind, node.value) {
                (Kind::Free, value) => self.free_list(number, node.key, &value)?,
                (Kind::Main, NodeValue::Tree(record)) => {
                    let name = String::from_utf8_lossy(node.key).into_owned();
                    self.tables.push((name, TreeRecord::read(record)));
                }
                (Kind::Table, NodeValue::Tree(_)) => {
                    let rule = format_args!("a tree inside the table {}", tree.name);
                    return Err(self.pages.damaged(number, rule));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Notes the pages that one transaction freed: their count, then their numbers in descending order.
    fn free_list(&mut self, number: u64, key: &[u8], value: &NodeValue) -> Result<()> {
        const WORD: u64 = 8;
        const PIECE: u64 = 4096;
        let txn = u64_at(key, 0);
        if txn == 0 || txn > self.txn {
            let rule = format!("it lists pages freed by transaction {txn} of {}", self.txn);
            return Err(self.pages.damaged(number, rule));
        }
        let size = match value {
            NodeValue::Inline(bytes) => bytes.len() as u64,
            NodeValue::Overflow { size, .. } => *size,
            _ => 0,
        };
        let mut piece = vec![0; size.min(PIECE * WORD) as usize];
        let mut words = 0;
        let mut count = 0;
        let mut before = u64::MAX;
        while words < size / WORD {
            let part = (size / WORD - words).min(PIECE);
            let piece = &mut piece[..(part * WORD) as usize];
            match value {
                NodeValue::Inline(bytes) => piece.copy_from_slice(&bytes[..piece.len()]),
                NodeValue::Overflow { page, .. } => {
                    let skip = super::layout::PAGE_HEADER as u64 + words * WORD;
                    self.pages.read(*page, skip, piece)?;
                }
                _ => {}
            }
            for word in piece.chunks_exact(WORD as usize).map(|w| u64_at(w, 0)) {
                if words == 0 {
                    count = word;
                } else if words <= count {
                    if word >= before || word < 2 {
                        let rule = format!("its list of free pages holds {word} after {before}");
                        return Err(self.pages.damaged(number, rule));
                    }
                    self.pages.claim_free(word)?;
                    before = word;
                }
                words += 1;
            }
            if words > count {
                break;
            }
        }
        if count >= size / WORD {
            let rule = format!("its list of free pages has {size} bytes for {count} pages");
            return Err(self.pages.damaged(number, rule));
        }
        Ok(())
    }
}

/// Keys ascend, and lie within the bounds that the pages above give.
fn check_keys(
    tree: &BTree,
    page: &Page,
    leaf: bool,
    Bounds(low, high): Bounds,
) -> std::result::Result<(), String> {
    // A branch needs two children to be one; LMDB makes an exception in the tree of free pages.
    if !leaf && page.len() < 2 && tree.kind != Kind::Free {
        return Err("it is a branch with one child".into());
    }
    let first = usize::from(!leaf);
    let mut before = low;
    for i in first..page.len() {
        let key = page.key(i);
        if tree.kind == Kind::Free && key.len() != size_of::<u64>() {
            return Err(format!("key {i} has {} bytes", key.len()));
        }
        let ascends = before.is_none_or(|before| match tree.order(before, key) {
            Ordering::Less => true,
            Ordering::Equal => leaf && i == 0,
            Ordering::Greater => false,
        });
        if !ascends {
            return Err(format!("key {i} is out of order"));
        }
        before = Some(key);
    }
    match (before, high) {
        (Some(last), Some(high)) if tree.order(last, high) != Ordering::Less => {
            Err("its last key belongs to a later page".into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
