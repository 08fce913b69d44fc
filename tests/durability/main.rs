//! What a process tracked stays, whatever becomes of it: kills, forks, full disks, tight limits, other processes.

#[path = "../common/mod.rs"]
mod common;

mod exec;
mod exit;
mod fork;
mod kill;
mod shared_run;
mod startup;
mod status;
mod stopped;

use common::child::{self, Role};
use common::{hold, load, track};

const ROLES: &[(&str, Role)] = &[
    ("exec", exec::before),
    ("exec after", exec::after),
    ("exit", exit::role),
    ("exit with runs", exit::many_runs),
    ("fill", stopped::role),
    ("fork", fork::role),
    ("hold", hold::role),
    ("load", load::role),
    ("startup", startup::role),
    ("track", track::role),
];

/// Runs before the test harness.
#[used]
#[unsafe(link_section = ".init_array")]
static ENTER: extern "C" fn() = enter;

extern "C" fn enter() {
    child::enter(ROLES);
}
