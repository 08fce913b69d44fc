//! What a process tracked stays, whatever becomes of it: kills, forks, full disks, tight limits, other processes.

#[path = "../common/mod.rs"]
mod common;

mod kill;

use common::child::{self, Role};
use common::load;

const ROLES: [(&str, Role); 1] = [("load", load::role)];

/// Runs before the test harness.
#[used]
#[unsafe(link_section = ".init_array")]
static ENTER: extern "C" fn() = enter;

extern "C" fn enter() {
    child::enter(&ROLES);
}
