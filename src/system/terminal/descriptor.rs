//! File descriptors and pseudo-terminals: the system calls of the capture.

use crate::system::private::Private;
use std::io::{Error, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

fn check(result: libc::c_int) -> Result<libc::c_int> {
    if result < 0 {
        Err(Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// Tells files apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Identity(libc::dev_t, libc::ino_t, libc::dev_t);

pub fn identity(descriptor: RawFd) -> Result<Identity> {
    let mut stat = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: `stat` is writable, and read only after it was written.
    let stat = unsafe {
        check(libc::fstat(descriptor, stat.as_mut_ptr()))?;
        stat.assume_init()
    };
    Ok(Identity(stat.st_dev, stat.st_ino, stat.st_rdev))
}

/// Another descriptor of the same open file, above the standard ones.
pub fn duplicate(descriptor: RawFd) -> Result<OwnedFd> {
    // SAFETY: the result, if it is one, is new and nobody else's.
    unsafe {
        let new = check(libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 3))?;
        Ok(OwnedFd::from_raw_fd(new))
    }
}

/// Makes the number `descriptor` stand for what `file` is; children inherit it.
pub fn replace(descriptor: RawFd, file: &OwnedFd) -> Result<()> {
    // SAFETY: closing what the number stood for is the purpose; a copy of it is kept by the caller.
    check(unsafe { libc::dup2(file.as_raw_fd(), descriptor) }).map(|_| ())
}

/// A descriptor that the capture has replaced.
pub struct Redirected {
    pub number: RawFd,
    /// The descriptor by whose pseudo-terminal it goes.
    pub output: RawFd,
    pub original: Private,
    pub replacement: Identity,
}

impl Redirected {
    /// Makes the descriptor what it was, unless the host has redirected it since.
    pub fn restore(self) {
        if identity(self.number).is_ok_and(|i| i == self.replacement) {
            // dup2 onto an open number does not fail.
            let _ = replace(self.number, &self.original);
        }
    }
}

/// A pseudo-terminal that changes nothing of what passes through: the side that reads, and the side to write to.
pub fn open_pty(like: RawFd) -> Result<(OwnedFd, OwnedFd)> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: plain calls; each descriptor is new and owned from here on; the structs are written before they are read.
    unsafe {
        let reader = OwnedFd::from_raw_fd(check(libc::posix_openpt(flags))?);
        check(libc::unlockpt(reader.as_raw_fd()))?;
        // By descriptor: in a container the path may be another terminal's, or nobody's.
        let peer = libc::ioctl(reader.as_raw_fd(), libc::TIOCGPTPEER, flags);
        let writer = OwnedFd::from_raw_fd(check(peer)?);
        let mut settings = MaybeUninit::<libc::termios>::uninit();
        check(libc::tcgetattr(writer.as_raw_fd(), settings.as_mut_ptr()))?;
        let mut settings = settings.assume_init();
        libc::cfmakeraw(&mut settings);
        check(libc::tcsetattr(
            writer.as_raw_fd(),
            libc::TCSANOW,
            &settings,
        ))?;
        resize(&writer, like);
        Ok((reader, writer))
    }
}

/// Gives a pseudo-terminal, by either side, the size of the terminal `like`, if that is one.
pub fn resize(pty: &OwnedFd, like: RawFd) {
    let mut size = MaybeUninit::<libc::winsize>::uninit();
    // SAFETY: the struct is written before it is read.
    unsafe {
        if libc::ioctl(like, libc::TIOCGWINSZ, size.as_mut_ptr()) == 0 {
            libc::ioctl(pty.as_raw_fd(), libc::TIOCSWINSZ, size.as_ptr());
        }
    }
}

/// Wakes a thread that polls.
pub fn open_event() -> Result<OwnedFd> {
    // SAFETY: the result, if it is one, is new and nobody else's.
    unsafe {
        let event = check(libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK))?;
        Ok(OwnedFd::from_raw_fd(event))
    }
}

/// Bytes read; 0 at the end.
pub fn read(descriptor: &OwnedFd, buffer: &mut [u8]) -> Result<usize> {
    // SAFETY: the buffer is writable for its length.
    let got = unsafe {
        libc::read(
            descriptor.as_raw_fd(),
            buffer.as_mut_ptr().cast(),
            buffer.len(),
        )
    };
    usize::try_from(got).map_err(|_| Error::last_os_error())
}

/// Writes everything, however long the other side takes.
pub fn write_all(descriptor: &OwnedFd, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        // SAFETY: the bytes are readable for their length.
        let done =
            unsafe { libc::write(descriptor.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(done) {
            Ok(done) => bytes = &bytes[done.min(bytes.len())..],
            Err(_) => match Error::last_os_error() {
                e if e.raw_os_error() == Some(libc::EINTR) => {}
                // The host made its descriptor non-blocking.
                e if e.raw_os_error() == Some(libc::EAGAIN) => {
                    wait(&mut [(descriptor, libc::POLLOUT, 0)], None)?;
                }
                e => return Err(e),
            },
        }
    }
    Ok(())
}

/// Waits until something happens to one of the descriptors: each with the events to wait for and those that happened.
pub fn wait(
    descriptors: &mut [(&OwnedFd, i16, i16)],
    timeout: Option<std::time::Duration>,
) -> Result<()> {
    let mut polled: Vec<libc::pollfd> = descriptors
        .iter()
        .map(|(fd, events, _)| libc::pollfd {
            fd: fd.as_raw_fd(),
            events: *events,
            revents: 0,
        })
        .collect();
    let timeout = timeout.map_or(-1, |t| t.as_millis().min(60_000) as libc::c_int);
    // SAFETY: the array has as many entries as said.
    let result = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, timeout) };
    match check(result) {
        Ok(_) => {}
        Err(e) if e.raw_os_error() == Some(libc::EINTR) => {}
        Err(e) => return Err(e),
    }
    for (descriptor, polled) in descriptors.iter_mut().zip(polled) {
        descriptor.2 = polled.revents;
    }
    Ok(())
}

/// Sends on what the C library holds back of standard output and error.
pub fn flush_stdio() {
    unsafe extern "C" {
        static stdout: *mut libc::FILE;
        static stderr: *mut libc::FILE;
    }
    // SAFETY: the C library's own streams; they lock themselves.
    unsafe {
        libc::fflush(stdout);
        libc::fflush(stderr);
    }
}
