//! Descriptors that forked children do not get; those that call `exec` would lose them anyway.

use crate::process::SetUp;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicI32, Ordering};

/// The numbers of those that are open.
static PRIVATE: [AtomicI32; 16] = [const { AtomicI32::new(-1) }; 16];

extern "C" fn close_in_child() {
    for place in &PRIVATE {
        let descriptor = place.swap(-1, Ordering::Relaxed);
        if descriptor >= 0 {
            // SAFETY: in the child nobody uses the parent's capture, whose descriptor this is.
            unsafe { libc::close(descriptor) };
        }
    }
}

/// A descriptor that forked children do not get.
pub struct Private {
    descriptor: Option<OwnedFd>,
}

impl Private {
    pub fn new(descriptor: OwnedFd) -> Private {
        static REGISTER: SetUp = SetUp::new();
        // SAFETY: the handler only closes descriptors, which is allowed after a fork, and is never unloaded.
        REGISTER.ensure(|| unsafe {
            libc::pthread_atfork(None, None, Some(close_in_child));
        });
        let number = descriptor.as_raw_fd();
        let claim = |place: &AtomicI32| {
            let order = Ordering::Relaxed;
            place.compare_exchange(-1, number, order, order).is_ok()
        };
        // Without a place, after many captures whose children live on, a fork inherits it.
        PRIVATE.iter().any(claim);
        Private {
            descriptor: Some(descriptor),
        }
    }
}

impl std::ops::Deref for Private {
    type Target = OwnedFd;

    fn deref(&self) -> &OwnedFd {
        match &self.descriptor {
            Some(descriptor) => descriptor,
            None => unreachable!("the descriptor is taken out on drop only"),
        }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let Some(descriptor) = self.descriptor.take() else {
            return;
        };
        let number = descriptor.as_raw_fd();
        for place in &PRIVATE {
            let order = Ordering::Relaxed;
            let _ = place.compare_exchange(number, -1, order, order);
        }
    }
}
