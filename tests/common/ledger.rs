//! Numbers in a file that several processes map: what a process wrote there outlives its death at any instant.

use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

const WORDS: usize = 512;

pub struct Ledger {
    words: &'static [AtomicU64; WORDS],
    _file: File,
}

impl Ledger {
    /// Opens or makes the file. The mapping stays for the life of the process.
    pub fn open(path: &Path) -> Ledger {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .unwrap();
        file.set_len(WORDS as u64 * 8).unwrap();
        // SAFETY: a new shared mapping of a file that is as long.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                WORDS * 8,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        assert_ne!(base, libc::MAP_FAILED);
        Ledger {
            // SAFETY: the mapping holds as many aligned words and is never unmapped.
            words: unsafe { &*base.cast() },
            _file: file,
        }
    }

    pub fn get(&self, at: usize) -> u64 {
        self.words[at].load(Ordering::SeqCst)
    }

    pub fn set(&self, at: usize, value: u64) {
        self.words[at].store(value, Ordering::SeqCst);
    }

    pub fn add(&self, at: usize, value: u64) {
        self.words[at].fetch_add(value, Ordering::SeqCst);
    }
}
