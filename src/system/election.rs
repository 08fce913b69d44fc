//! Of the processes on one host that name the same group, one samples.
//!
//! Whoever binds the abstract Unix socket named after user and group is elected. The kernel frees the name when the
//! process ends, however it ends (its forked children do not hold it), so another takes over at its next turn; nothing is left behind on any disk. Abstract
//! names are those of the network namespace: containers without a common one elect one process each.

use super::private::Private;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use xxhash_rust::xxh3::xxh3_128;

pub struct Election {
    name: String,
    held: Option<Private>,
}

impl Election {
    pub fn new(group: &str) -> Election {
        // SAFETY: reads a number of the process.
        let user = unsafe { libc::geteuid() };
        // A hash: the address holds 107 bytes.
        let group = xxh3_128(group.as_bytes());
        Election {
            name: format!("libaim/system/{user}/{group:032x}"),
            held: None,
        }
    }

    /// Whether this process is the elected one; stands for election if nobody is. Never waits.
    pub fn is_elected(&mut self) -> bool {
        if self.held.is_none() {
            let address = SocketAddr::from_abstract_name(self.name.as_bytes());
            let socket = address.and_then(|a| UnixDatagram::bind_addr(&a)).ok();
            self.held = socket.map(|s| Private::new(s.into()));
        }
        self.held.is_some()
    }
}
