//! What a process tracked stays, whatever becomes of it: kills, forks, full disks, tight limits, other processes.

#[path = "../common/mod.rs"]
mod common;

mod artifacts;
mod disk;
mod dlopen;
mod exec;
mod exit;
mod fork;
mod idle;
mod kill;
mod limits;
mod objects;
mod paths;
mod recovery;
mod shared_run;
mod startup;
mod status;
mod stopped;
mod unknown;

use common::child::{self, Role};
use common::{hold, load, track};

const ROLES: &[(&str, Role)] = &[
    ("4 GB", limits::four_gigabytes),
    ("artifacts", artifacts::logging),
    ("artifacts on a full disk", artifacts::on_a_full_disk),
    ("dlopen", dlopen::role),
    ("dying on a full disk", disk::dying),
    ("exec", exec::before),
    ("exec after", exec::after),
    ("exit", exit::role),
    ("exit with runs", exit::many_runs),
    ("few files", limits::few_files),
    ("fill", stopped::role),
    ("fill a journal", recovery::fill),
    ("fill and hang", disk::fill_and_hang),
    ("filling disk", disk::filling),
    ("fork", fork::role),
    ("fork amid messages", fork::amid_messages),
    ("fork amid names", fork::amid_names),
    ("growing", limits::growing),
    ("hold", hold::role),
    ("hold busily", hold::busy),
    ("load", load::role),
    ("no files", limits::no_files),
    ("objects", common::pictures::tracking),
    ("the same objects", objects::the_same),
    ("objects on a full disk", objects::on_a_full_disk),
    ("outgrown", limits::outgrown),
    ("read-only disk", disk::read_only),
    ("recover", recovery::recover),
    ("room again", disk::room_again),
    ("startup", startup::role),
    ("threads", idle::threads_role),
    ("track", track::role),
    ("unknown", unknown::role),
    ("wakes", idle::wakes_role),
];

/// Runs before the test harness.
#[used]
#[unsafe(link_section = ".init_array")]
static ENTER: extern "C" fn() = enter;

extern "C" fn enter() {
    child::enter(ROLES);
}
