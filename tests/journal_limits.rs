//! Full disks and small limits: an error or a smaller ring, never a signal.

mod journal_support;

use aim::error::Status;
use aim::journal::Journal;
use journal_support::{point, push, role, start};
use std::ffi::CString;
use std::path::Path;

/// Runs this test program once more, in the role of the test `name`.
fn passes_alone(name: &str) {
    let status = start(name, "alone").wait().unwrap();
    assert!(status.success(), "{status}");
}

fn limit(resource: u32, bytes: u64) {
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    };
    // SAFETY: the call reads one `rlimit` through the pointer.
    let outcome = unsafe { libc::setrlimit(resource as _, &raw const limit) };
    assert_eq!(outcome, 0);
}

fn address_space_in_use() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').next().unwrap().parse::<u64>().unwrap() * 4096
}

#[test]
fn a_small_address_space_gets_a_smaller_ring() {
    if role().is_none() {
        return passes_alone("a_small_address_space_gets_a_smaller_ring");
    }
    let directory = tempfile::tempdir().unwrap();
    limit(libc::RLIMIT_AS, address_space_in_use() + (32 << 20));
    let journal = Journal::create(directory.path(), 48 << 22).unwrap();
    journal.ensure_ready().unwrap();
    let slots = journal.stats().slots;
    assert!((1024..1 << 20).contains(&slots), "{slots}");
    for n in 0..slots {
        push(&journal, &point(1, Some(n as i64), 0.0, None)).unwrap();
    }
    let id = journal.id();
    drop(journal);
    let recovered = journal_support::recover(directory.path(), id, 0);
    assert_eq!(recovered.len() as u64, slots);
}

#[test]
fn a_small_file_size_limit_gets_a_smaller_ring() {
    if role().is_none() {
        return passes_alone("a_small_file_size_limit_gets_a_smaller_ring");
    }
    let directory = tempfile::tempdir().unwrap();
    limit(libc::RLIMIT_FSIZE, 1 << 20);
    let journal = Journal::create(directory.path(), 48 << 17).unwrap();
    journal.ensure_ready().unwrap();
    assert_eq!(journal.stats().slots, 16_384);
    push(&journal, &point(1, None, 0.0, None)).unwrap();
    limit(libc::RLIMIT_FSIZE, 20_000);
    let refused = Journal::create(directory.path(), 48 << 17).unwrap();
    assert_eq!(refused.ensure_ready().unwrap_err().status, Status::Full);
    limit(libc::RLIMIT_FSIZE, 1000);
    let refused = Journal::create(directory.path(), 48 << 17);
    assert_eq!(refused.err().unwrap().status, Status::Full);
}

/// Gives this thread a mount namespace with a small filesystem at `place`; false where that is not permitted.
fn mount_small(place: &Path, bytes: u64) -> bool {
    let text = |s: &str| CString::new(s).unwrap();
    let (kind, place) = (text("tmpfs"), text(place.to_str().unwrap()));
    let (root, options) = (text("/"), text(&format!("size={bytes}")));
    // SAFETY: the strings are NUL-terminated and outlive the calls.
    unsafe {
        let private = libc::MS_REC | libc::MS_PRIVATE;
        libc::unshare(libc::CLONE_NEWNS) == 0
            && libc::mount(
                kind.as_ptr(),
                root.as_ptr(),
                kind.as_ptr(),
                private,
                std::ptr::null(),
            ) == 0
            && libc::mount(
                kind.as_ptr(),
                place.as_ptr(),
                kind.as_ptr(),
                0,
                options.as_ptr().cast(),
            ) == 0
    }
}

#[test]
fn a_full_disk_is_an_error_that_passes_when_there_is_room() {
    // Children of other tests hold files until they run their program.
    if role().is_none() {
        return passes_alone("a_full_disk_is_an_error_that_passes_when_there_is_room");
    }
    let directory = tempfile::tempdir().unwrap();
    if !mount_small(directory.path(), 1 << 20) {
        // Only the superuser may mount. What can be checked without: nothing fills the disk of the tests.
        let journal = Journal::create(directory.path(), 1 << 20).unwrap();
        return journal.ensure_ready().unwrap();
    }
    let filler = directory.path().join("filler");
    std::fs::write(&filler, vec![1; 900 << 10]).unwrap();
    let journal = Journal::create(directory.path(), 512 << 10).unwrap();
    for _ in 0..2 {
        let error = journal.ensure_ready().unwrap_err();
        assert_eq!(error.status, Status::Full, "{error}");
        let about = std::fs::metadata(journal.path()).unwrap();
        assert_eq!(about.len(), 4096, "what was taken is given back");
    }
    std::fs::remove_file(&filler).unwrap();
    journal.ensure_ready().unwrap();
    // Filling the disk now cannot hurt: the ring has its space.
    let _ = std::fs::write(&filler, vec![1; 2 << 20]);
    for n in 0..journal.stats().slots {
        push(&journal, &point(1, Some(n as i64), 0.0, None)).unwrap();
    }
    std::fs::remove_file(&filler).unwrap();
    let _ = std::fs::write(&filler, vec![1; 2 << 20]);
    let error = Journal::create(directory.path(), 512 << 10).err().unwrap();
    assert_eq!(error.status, Status::Full, "{error}");
    journal.remove().unwrap();
}
