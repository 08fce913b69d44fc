//! Spools: what programs write to a directory that many hosts share is found in the repository that it is merged into,
//! once and exactly, whoever is killed when.

#[path = "../common/mod.rs"]
mod common;

mod crowd;
mod disk;
mod kill;
mod objects;
mod opens;
mod place;
mod room;
mod rotate;
mod story;
mod turns;

use common::child::{self, Role};
use common::load;
use std::path::{Path, PathBuf};

const ROLES: &[(&str, Role)] = &[
    ("begin", story::begin),
    ("fill and go on", rotate::fill_and_go_on),
    ("follow", crowd::follow),
    ("full at the end", rotate::full_at_the_end),
    ("full spool", disk::full),
    ("go on", story::go_on),
    ("hold a spool", room::hold),
    ("load", load::role),
    ("look", rotate::look),
    ("die at once", room::die),
    ("elsewhere", objects::elsewhere),
    ("merge", kill::merge),
    ("pictures", common::pictures::tracking),
    ("pictures on a full spool", objects::full),
    ("read each", room::read),
    ("story", story::role),
    ("write to each", room::write),
];

/// Runs before the test harness.
#[used]
#[unsafe(link_section = ".init_array")]
static ENTER: extern "C" fn() = enter;

extern "C" fn enter() {
    if std::env::var_os(CACHE_SET).is_none() {
        let _ = std::fs::remove_dir_all(cache());
        // SAFETY: no other thread runs yet.
        unsafe {
            std::env::set_var("XDG_CACHE_HOME", cache());
            std::env::set_var("AIM_SPOOL", "1");
            std::env::set_var(CACHE_SET, "1");
        }
    }
    child::enter(ROLES);
}

const CACHE_SET: &str = "AIM_TEST_CACHE_SET";

/// Where the copies of the tests' spools are.
fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("spool cache")
}
