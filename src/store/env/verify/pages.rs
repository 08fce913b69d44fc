//! The pages of a data file: read one by one, each used once.

use super::page::overflow_pages;
use crate::error::{Error, Result};
use crate::memory;
use crate::store::env::layout::{Meta, PAGE_HEADER};
use std::fmt::Display;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

pub struct PageMap<'f> {
    file: &'f File,
    path: &'f Path,
    pub size: usize,
    /// The last page that the snapshot knows, and how many whole pages the file has.
    last: u64,
    in_file: u64,
    /// One bit a page of the file: whether something uses it, or lists it as free.
    seen: Vec<u64>,
    /// Pages listed as free that lie past the end of the file.
    past_end: Vec<u64>,
    pub read: u64,
    spare: Vec<Vec<u8>>,
}

impl<'f> PageMap<'f> {
    pub fn new(file: &'f File, path: &'f Path, meta: &Meta) -> Result<PageMap<'f>> {
        let bytes = file.metadata().map_err(|e| Error::io(path.display(), &e))?;
        let in_file = bytes.len() / meta.page_size;
        let known = in_file.min(meta.last_page + 1);
        let mut pages = PageMap {
            file,
            path,
            size: meta.page_size as usize,
            last: meta.last_page,
            in_file,
            seen: memory::zeros(known.div_ceil(64) as usize)?,
            past_end: Vec::new(),
            read: 0,
            spare: Vec::new(),
        };
        pages.claim(0, 2)?;
        Ok(pages)
    }

    pub fn damaged(&self, page: u64, rule: impl Display) -> Error {
        let path = self.path.display();
        Error::corrupt(format!("{path} is damaged: page {page}: {rule}"))
    }

    /// Notes the use of `count` pages from `first` on.
    pub fn claim(&mut self, first: u64, count: u64) -> Result<()> {
        for page in first..first.saturating_add(count) {
            if page > self.last {
                let rule = format_args!("it is used, but {} is the last page", self.last);
                return Err(self.damaged(page, rule));
            }
            if page >= self.in_file {
                return Err(self.cut_short(page));
            }
            let (word, bit) = ((page / 64) as usize, 1 << (page % 64));
            if self.seen[word] & bit != 0 {
                return Err(self.damaged(page, "it is used twice"));
            }
            self.seen[word] |= bit;
        }
        Ok(())
    }

    fn cut_short(&self, page: u64) -> Error {
        let (path, size) = (self.path.display(), self.in_file * self.size as u64);
        Error::corrupt(format!(
            "{path} is cut short: it ends after {size} bytes, and page {page} is not free"
        ))
    }

    /// Notes a page that is listed as free.
    pub fn claim_free(&mut self, page: u64) -> Result<()> {
        if page < self.in_file || page > self.last {
            return self.claim(page, 1);
        }
        self.past_end.push(page);
        Ok(())
    }

    /// LMDB's rule for a file that is shorter than its last page: all that is missing is free.
    pub fn check_end(mut self) -> Result<u64> {
        self.past_end.sort_unstable();
        if let Some(twice) = self.past_end.windows(2).find(|w| w[0] == w[1]) {
            return Err(self.damaged(twice[0], "it is listed as free twice"));
        }
        let gap = (self.in_file..=self.last)
            .enumerate()
            .find(|(i, page)| self.past_end.get(*i) != Some(page));
        match gap {
            Some((_, page)) => Err(self.cut_short(page)),
            None => Ok(self.read),
        }
    }

    /// A buffer of a page's size; give it back with `recycle`.
    pub fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_else(|| vec![0; self.size])
    }

    pub fn recycle(&mut self, buffer: Vec<u8>) {
        self.spare.push(buffer);
    }

    /// Reads from the start of a page, plus `skip` bytes.
    pub fn read(&mut self, page: u64, skip: u64, bytes: &mut [u8]) -> Result<()> {
        self.read += 1;
        self.file
            .read_exact_at(bytes, page * self.size as u64 + skip)
            .map_err(|e| Error::io(format_args!("{}: page {page}", self.path.display()), &e))
    }

    /// Checks the overflow pages that hold `size` bytes, and notes their use.
    pub fn claim_overflow(&mut self, first: u64, size: u64) -> Result<()> {
        self.claim(first, 1)?;
        let mut header = [0; PAGE_HEADER];
        self.read(first, 0, &mut header)?;
        let count = overflow_pages(&header, first, size, self.size as u64)
            .map_err(|rule| self.damaged(first, rule))?;
        self.claim(first + 1, count - 1)
    }

    /// Asks the kernel to read these pages soon; they come in parallel then.
    pub fn prefetch(&self, pages: &mut [u64]) {
        pages.sort_unstable();
        for run in pages.chunk_by(|a, b| b.wrapping_sub(*a) <= 1) {
            let (first, last) = (run[0], run[run.len() - 1]);
            let bytes = |pages: u64| pages.saturating_mul(self.size as u64) as libc::off_t;
            // SAFETY: the descriptor is open; the call takes no pointers, and a wrong range is an error.
            unsafe {
                libc::posix_fadvise(
                    self.file.as_raw_fd(),
                    bytes(first),
                    bytes(last - first + 1),
                    libc::POSIX_FADV_WILLNEED,
                )
            };
        }
    }
}
