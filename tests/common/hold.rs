//! A program that stops in the middle of a commit: it holds the database's write lock until it goes on or dies.

use super::child::{self, Child};
use super::stored;
use std::ffi::OsString;
use std::path::Path;

/// Starts it and waits until it is stopped. After SIGCONT it commits and succeeds.
pub fn start(repo: &Path) -> Child {
    let child = child::start("hold", &[&repo]);
    let mut status = 0;
    // SAFETY: the child is this process's own; `status` outlives the call.
    let stopped = unsafe { libc::waitpid(child.id(), &raw mut status, libc::WUNTRACED) };
    assert!(
        stopped == child.id() && libc::WIFSTOPPED(status),
        "{status}"
    );
    child
}

/// Commits when it is told to; in the middle of that it says so, and waits for another word.
pub fn busy(args: &[OsString]) {
    let repo = stored::open(Path::new(&args[0]));
    child::print("open");
    child::wait_for_parent();
    let wait = |txn: &mut aim::store::WriteTxn<'_>| {
        txn.set_journal_cursor(&[7; 16], 1)?;
        child::print("busy");
        child::wait_for_parent();
        txn.forget_journal(&[7; 16])
    };
    repo.store.write(wait).unwrap();
}

pub fn role(args: &[OsString]) {
    let repo = stored::open(Path::new(&args[0]));
    let stop = |txn: &mut aim::store::WriteTxn<'_>| {
        txn.set_journal_cursor(&[7; 16], 1)?;
        // SAFETY: stops this process until somebody lets it go on.
        unsafe { libc::raise(libc::SIGSTOP) };
        txn.forget_journal(&[7; 16])
    };
    repo.store.write(stop).unwrap();
}
