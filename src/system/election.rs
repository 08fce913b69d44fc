//! Of the processes on one host that name the same group, one samples.
//!
//! Whoever binds the abstract Unix socket named after user and group is elected. The kernel frees the name when the
//! process ends, however it ends (its forked children do not hold it), so another takes over at its next turn; nothing
//! is left behind on any disk. Abstract names are those of the network namespace: containers without a common one elect
//! one process each.
//!
//! Anybody may bind any abstract name. Who finds it taken therefore asks the kernel whose process listens there, and
//! passes over a stranger's to the next name. Where strangers hold all of them, each process samples for itself.

use super::private::Private;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use xxhash_rust::xxh3::xxh3_128;

/// Names to try before this process samples for itself.
const NAMES: usize = 8;

pub struct Election {
    user: libc::uid_t,
    name: String,
    state: State,
}

enum State {
    Undecided,
    /// This process listens at the name with this number.
    Elected(
        usize,
        #[expect(dead_code, reason = "holds the name")] Private,
    ),
    /// A process of the same user listens at the name with this number: the connection lasts as long as it does.
    Follows(usize, Private),
}

impl Election {
    pub fn new(group: &str) -> Election {
        // SAFETY: reads a number of the process.
        let user = unsafe { libc::geteuid() };
        // A hash: the address holds 107 bytes.
        let group = xxh3_128(group.as_bytes());
        Election {
            user,
            name: format!("libaim/system/{user}/{group:032x}"),
            state: State::Undecided,
        }
    }

    /// Whether this process is the elected one; stands for election if nobody is. Never waits.
    pub fn is_elected(&mut self) -> bool {
        match &self.state {
            State::Elected(0, _) => return true,
            State::Follows(0, other) if is_alive(other) => return false,
            _ => {}
        }
        // Behind a stranger's name: it may be free by now, or another's of this user.
        for number in 0..NAMES {
            match &self.state {
                State::Elected(own, _) if *own == number => return true,
                State::Follows(theirs, other) if *theirs == number && is_alive(other) => {
                    return false;
                }
                _ => {}
            }
            let Some(address) = self.address(number) else {
                continue;
            };
            if let Ok(socket) = UnixListener::bind_addr(&address) {
                self.state = State::Elected(number, Private::new(socket.into()));
                return true;
            }
            if let Some(other) = connect(&self.address_bytes(number), self.user) {
                self.state = State::Follows(number, Private::new(other));
                return false;
            }
        }
        true
    }

    fn address_bytes(&self, number: usize) -> Vec<u8> {
        match number {
            0 => self.name.clone().into_bytes(),
            n => format!("{}/{n}", self.name).into_bytes(),
        }
    }

    fn address(&self, number: usize) -> Option<SocketAddr> {
        SocketAddr::from_abstract_name(self.address_bytes(number)).ok()
    }
}

/// Whether the process that listens at the other end still does.
fn is_alive(connection: &OwnedFd) -> bool {
    let mut polled = libc::pollfd {
        fd: connection.as_raw_fd(),
        events: 0,
        revents: 0,
    };
    // SAFETY: one entry, as said; does not wait.
    let happened = unsafe { libc::poll(&mut polled, 1, 0) };
    happened == 0
}

/// A connection to who listens at an abstract name, if that is a process of `user`.
fn connect(name: &[u8], user: libc::uid_t) -> Option<OwnedFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: the result, if it is one, is new and nobody else's.
    let socket = unsafe {
        let socket = libc::socket(libc::AF_UNIX, kind, 0);
        (socket >= 0).then(|| OwnedFd::from_raw_fd(socket))
    }?;
    // SAFETY: all zeros is a value of a struct of numbers.
    let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    // The first byte of an abstract name is zero.
    for (place, byte) in address.sun_path.iter_mut().skip(1).zip(name) {
        *place = *byte as libc::c_char;
    }
    let length = std::mem::size_of::<libc::sa_family_t>() + 1 + name.len();
    let mut peer = libc::ucred {
        pid: 0,
        uid: 0,
        gid: 0,
    };
    let mut size = std::mem::size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: the address has `length` bytes, `peer` has `size`; a full queue is an error, not a wait.
    let connected = unsafe {
        libc::connect(
            socket.as_raw_fd(),
            std::ptr::from_ref(&address).cast(),
            length as libc::socklen_t,
        ) == 0
            && libc::getsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_PEERCRED,
                std::ptr::from_mut(&mut peer).cast(),
                &mut size,
            ) == 0
    };
    (connected && peer.uid == user).then_some(socket)
}
