//! How often files are opened: each time is a question to a file server.

use crate::common::crowd::Crowd;
use crate::story::local;
use aim::repo::{Location, merge_spool};
use std::ffi::CString;
use std::fs::File;
use std::io::Read;
use std::os::fd::FromRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Hears of every file of a directory that is opened.
struct Watch(File);

impl Watch {
    fn of(directory: &Path) -> Watch {
        let name = CString::new(directory.as_os_str().as_bytes()).unwrap();
        // SAFETY: the descriptor is new, and nobody else's.
        let file = unsafe {
            let watch = libc::inotify_init1(libc::IN_NONBLOCK | libc::IN_CLOEXEC);
            assert!(
                watch >= 0 && libc::inotify_add_watch(watch, name.as_ptr(), libc::IN_OPEN) >= 0
            );
            File::from_raw_fd(watch)
        };
        Watch(file)
    }

    /// How many files have been opened since it was asked before, and how often the directory.
    fn opened(&mut self) -> (usize, usize) {
        const HEAD: usize = size_of::<libc::inotify_event>();
        let (mut files, mut lists, mut events) = (0, 0, [0; 4096]);
        while let Ok(size) = self.0.read(&mut events) {
            let mut rest = &events[..size];
            while let Some((head, names)) = rest.split_at_checked(HEAD) {
                let length = u32::from_ne_bytes(*head.last_chunk().unwrap()) as usize;
                // Without a name it is the directory itself.
                match length {
                    0 => lists += 1,
                    _ => files += 1,
                }
                rest = &names[length..];
            }
        }
        (files, lists)
    }
}

#[test]
fn a_segment_with_news_is_opened_once() {
    const RANKS: usize = 20;
    let directory = tempfile::tempdir().unwrap();
    let spool = directory.path().join("spool");
    let mut crowd = Crowd::begin(&spool, RANKS);
    (0..RANKS).for_each(|rank| crowd.track(rank, 10));
    let from = Location::find(Some(&spool)).unwrap();
    let merged = local(&directory.path().join("merged"));
    let mut watch = Watch::of(&spool.join(".aim/spool"));
    let merge = |watch: &mut Watch| {
        watch.opened();
        let brought = merge_spool(&from, &merged).unwrap();
        let (files, lists) = watch.opened();
        (brought.news as usize, files, lists)
    };
    // Of those that are met for the first time it must be seen what came before them.
    assert_eq!(merge(&mut watch), (RANKS, RANKS, 2));
    assert_eq!(merge(&mut watch), (0, 0, 1));
    // Lists that nothing is opened between count as one.
    (3..6).for_each(|rank| crowd.track(rank, 10));
    assert_eq!(merge(&mut watch), (3, 3, 1));
    crowd.end();
    assert_eq!(merge(&mut watch), (RANKS, RANKS, 1));
    assert_eq!(merge(&mut watch), (0, 0, 1));
}
