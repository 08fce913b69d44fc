//! One page of a tree: every offset and size that LMDB follows lies inside the page.

use crate::store::env::layout::{
    BIG_DATA, BRANCH, LEAF, MAX_KEY, NODE_HEADER, OVERFLOW, PAGE_HEADER, SUB_TREE, TREE_SIZE,
    u16_at, u32_at, u64_at,
};

/// A page that passed `Page::check`.
pub struct Page<'b> {
    bytes: &'b [u8],
    leaf: bool,
}

pub struct Node<'b> {
    pub key: &'b [u8],
    pub value: NodeValue<'b>,
}

pub enum NodeValue<'b> {
    Child(u64),
    Inline(&'b [u8]),
    /// Bytes that lie on overflow pages from this one on.
    Overflow {
        page: u64,
        size: u64,
    },
    /// The record of a named tree.
    Tree(&'b [u8]),
}

/// Offset of the first node's offset within a page; each takes two bytes.
fn slot(i: usize) -> usize {
    PAGE_HEADER + 2 * i
}

/// How many pages hold a value of `size` bytes from `first` on, by the header of the first, which alone says so.
pub fn overflow_pages(header: &[u8], first: u64, size: u64, page_size: u64) -> Result<u64, String> {
    if u64_at(header, 0) != first {
        return Err(format!("it says it is page {}", u64_at(header, 0)));
    }
    let flags = u16_at(header, 10);
    if flags != OVERFLOW {
        return Err(format!(
            "it has flags {flags:#x} in the place of an overflow page"
        ));
    }
    let count = u64::from(u32_at(header, 12));
    if count.saturating_mul(page_size) < PAGE_HEADER as u64 + size {
        return Err(format!("its {count} pages are too few for {size} bytes"));
    }
    Ok(count)
}

impl<'b> Page<'b> {
    /// Checks the page with this number, which is as large as `bytes`. `sizes` is scratch space.
    pub fn check(
        bytes: &'b [u8],
        number: u64,
        leaf: bool,
        sizes: &mut Vec<u16>,
    ) -> Result<Page<'b>, String> {
        if u64_at(bytes, 0) != number {
            return Err(format!("it says it is page {}", u64_at(bytes, 0)));
        }
        let flags = u16_at(bytes, 10);
        if flags != if leaf { LEAF } else { BRANCH } {
            let place = if leaf { "leaf" } else { "branch" };
            return Err(format!("it has flags {flags:#x} in the place of a {place}"));
        }
        let lower = usize::from(u16_at(bytes, 12));
        let upper = usize::from(u16_at(bytes, 14));
        if lower < slot(1) || lower > upper || upper > bytes.len() || (lower | upper) % 2 == 1 {
            return Err(format!("its free space is said to be {lower}..{upper}"));
        }
        let page = Page { bytes, leaf };
        // Nodes lie back to back from `upper` to the end of the page: LMDB moves them by their sizes.
        sizes.clear();
        sizes.resize(bytes.len() / 2, 0);
        for i in 0..page.len() {
            let (at, size) = page.check_node(i, upper)?;
            sizes[at / 2] = size as u16;
        }
        let (mut at, mut found) = (upper, 0);
        while at < bytes.len() && sizes[at / 2] != 0 {
            at += usize::from(sizes[at / 2]);
            found += 1;
        }
        if at != bytes.len() || found != page.len() {
            return Err("its nodes overlap or leave gaps".into());
        }
        Ok(page)
    }

    /// Place and size of a node that lies inside the page.
    fn check_node(&self, i: usize, upper: usize) -> Result<(usize, usize), String> {
        let end = self.bytes.len();
        let wrong = |what: &str| Err(format!("node {i}: {what}"));
        let at = usize::from(u16_at(self.bytes, slot(i)));
        if at < upper || at % 2 == 1 || at + NODE_HEADER > end {
            return wrong(&format!("its offset is {at}"));
        }
        let key = usize::from(u16_at(self.bytes, at + 6));
        // A branch's first key is never compared.
        let may_be_empty = !self.leaf && i == 0;
        if key > MAX_KEY || key == 0 && !may_be_empty {
            return wrong(&format!("its key has {key} bytes"));
        }
        let mut size = NODE_HEADER + key;
        if self.leaf {
            let value = u32_at(self.bytes, at) as usize;
            match u16_at(self.bytes, at + 4) {
                0 => size += value,
                BIG_DATA => size += size_of::<u64>(),
                SUB_TREE if value == TREE_SIZE => size += value,
                SUB_TREE => return wrong(&format!("the record of its tree has {value} bytes")),
                flags => return wrong(&format!("its flags are {flags:#x}")),
            }
        }
        size = size.next_multiple_of(2);
        if size > end - at {
            return wrong("it reaches beyond the page");
        }
        Ok((at, size))
    }

    pub fn len(&self) -> usize {
        (usize::from(u16_at(self.bytes, 12)) - PAGE_HEADER) / 2
    }

    pub fn key(&self, i: usize) -> &'b [u8] {
        let at = usize::from(u16_at(self.bytes, slot(i)));
        let from = at + NODE_HEADER;
        &self.bytes[from..from + usize::from(u16_at(self.bytes, at + 6))]
    }

    pub fn node(&self, i: usize) -> Node<'b> {
        let at = usize::from(u16_at(self.bytes, slot(i)));
        let key = self.key(i);
        let from = at + NODE_HEADER + key.len();
        let low = u32_at(self.bytes, at);
        let flags = u16_at(self.bytes, at + 4);
        let value = if !self.leaf {
            NodeValue::Child(u64::from(low) | u64::from(flags) << 32)
        } else if flags == BIG_DATA {
            NodeValue::Overflow {
                page: u64_at(self.bytes, from),
                size: u64::from(low),
            }
        } else if flags == SUB_TREE {
            NodeValue::Tree(&self.bytes[from..from + TREE_SIZE])
        } else {
            NodeValue::Inline(&self.bytes[from..from + low as usize])
        };
        Node { key, value }
    }

    pub fn nodes(&self) -> impl Iterator<Item = Node<'b>> {
        (0..self.len()).map(|i| self.node(i))
    }
}
