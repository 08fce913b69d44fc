//! Locks of which all that there is lies in themselves. Others keep the threads that wait in a table of the process, with
//! locks of its own: a child that was forked while one of those was held waited at it for a thread that it has not got.

use crate::thread;
use std::sync::{self, PoisonError, TryLockError};
use std::time::{Duration, Instant};

pub use std::sync::MutexGuard;

/// How often a lock that is waited for until a deadline is tried.
const TRY: Duration = Duration::from_millis(1);

/// A panic of who holds it leaves it as it is: a panic is one call's error.
#[derive(Debug, Default)]
pub struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    pub const fn new(value: T) -> Mutex<T> {
        Mutex(sync::Mutex::new(value))
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(held) => Some(held),
            Err(TryLockError::Poisoned(left)) => Some(left.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// For the end of the process: who waits this way takes no part in the lock's queue.
    pub fn try_lock_until(&self, deadline: Instant) -> Option<MutexGuard<'_, T>> {
        loop {
            match self.try_lock() {
                None if Instant::now() < deadline => thread::nap(TRY),
                outcome => return outcome,
            }
        }
    }

    pub fn try_lock_for(&self, most: Duration) -> Option<MutexGuard<'_, T>> {
        self.try_lock_until(Instant::now() + most)
    }
}

#[derive(Debug, Default)]
pub struct Condvar(sync::Condvar);

impl Condvar {
    pub fn notify_all(&self) {
        self.0.notify_all();
    }

    /// Waits until it is told, or for no reason.
    pub fn wait<'m, T>(&self, held: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
        self.0.wait(held).unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, to a deadline at most; whether that has passed.
    pub fn wait_until<'m, T>(
        &self,
        held: MutexGuard<'m, T>,
        deadline: Instant,
    ) -> (MutexGuard<'m, T>, bool) {
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self.0.wait_timeout(held, left);
        let (held, outcome) = waited.unwrap_or_else(PoisonError::into_inner);
        (held, outcome.timed_out())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    /// Runs `f` on this thread and on another, which Rust's runtime does not know: it lists a Rust program's threads under a
    /// lock that a child may inherit from one which just began or ended.
    fn on_two_threads<F: Fn(u64) + Sync>(f: &F) {
        extern "C" fn other<F: Fn(u64)>(f: *mut libc::c_void) -> *mut libc::c_void {
            // SAFETY: what is below passes an `F` that outlives the thread.
            unsafe { (*f.cast::<F>())(0) };
            std::ptr::null_mut()
        }
        let f_address = (&raw const *f).cast_mut().cast();
        let mut thread = 0;
        // SAFETY: `f` may be used by several threads, and the other one ends before this returns.
        unsafe {
            let started =
                libc::pthread_create(&raw mut thread, std::ptr::null(), other::<F>, f_address);
            assert_eq!(started, 0);
            f(1);
            assert_eq!(libc::pthread_join(thread, std::ptr::null_mut()), 0);
        }
    }

    /// Two threads that wait for each other as long as it goes on, which is asked with the number of the turn.
    fn take_turns(goes_on: impl Fn(u64) -> bool + Sync) {
        const END: u64 = u64::MAX;
        let (turn, changed) = (Mutex::new(0), Condvar::default());
        let play = |mine: u64| {
            let mut now = turn.lock();
            while *now != END {
                if *now % 2 == mine {
                    *now = if goes_on(*now) { *now + 1 } else { END };
                    changed.notify_all();
                } else {
                    now = changed.wait(now);
                }
            }
        };
        on_two_threads(&play);
    }

    #[test]
    fn a_child_waits_at_its_own_locks_alone() {
        let over = AtomicBool::new(false);
        let fork = || {
            // SAFETY: the child uses what is its own, and ends here.
            match unsafe { libc::fork() } {
                0 => {
                    // SAFETY: the calls take numbers; a child that waits for ever is ended.
                    unsafe { libc::alarm(60) };
                    take_turns(|turn| turn < 40);
                    // SAFETY: as above.
                    unsafe { libc::_exit(0) }
                }
                child => child,
            }
        };
        let ends = |child| {
            let mut status = 0;
            // SAFETY: the child is this process's own.
            child > 0 && unsafe { libc::waitpid(child, &raw mut status, 0) } == child && status == 0
        };
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| take_turns(|_| !over.load(Relaxed)));
            }
            let all_end = (0..500).all(|_| ends(fork()));
            over.store(true, Relaxed);
            assert!(all_end);
        });
    }

    #[test]
    fn a_deadline_ends_the_waiting() {
        let (lock, never) = (Mutex::new(7), Condvar::default());
        let soon = || Instant::now() + Duration::from_millis(5);
        let mut held = lock.lock();
        assert!(lock.try_lock().is_none() && lock.try_lock_until(soon()).is_none());
        let mut late = false;
        let deadline = soon();
        while !late {
            (held, late) = never.wait_until(held, deadline);
        }
        assert_eq!(*held, 7);
        drop(held);
        assert!(lock.try_lock_for(Duration::ZERO).is_some());
    }
}
