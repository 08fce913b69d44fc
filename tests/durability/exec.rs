//! A process that replaces itself by another program.

use crate::common::child;
use crate::common::{stored, track};
use aim::run::Run;
use aim::store::RunState;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;

const POINTS: u64 = 3000;

/// Tracks, then becomes the program `exec after` under the same process id.
pub fn before(args: &[OsString]) {
    let run = Run::create(stored::open(Path::new(&args[0])), None).unwrap();
    track::points(&run.metric("loss", None).unwrap(), POINTS);
    let error = child::command("exec after", &[&args[0], &run.hash(), &args[1]]).exec();
    panic!("{error}");
}

/// Either continues the run, or has nothing to do with the library.
pub fn after(args: &[OsString]) {
    child::print(args[1].to_str().unwrap());
    child::wait_for_parent();
    if args[2] == "continue" {
        let repo = stored::open(Path::new(&args[0]));
        let run = Run::resume(repo, args[1].to_str().unwrap(), None).unwrap();
        track::points(&run.metric("loss", None).unwrap(), 10);
        run.close().unwrap();
    }
}

#[test]
fn others_recover_it_while_the_process_lives_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = child::start("exec", &[&directory.path(), &"idle"]);
    let hash = child.line();
    let repo = stored::open(directory.path());
    assert_eq!(stored::state(&repo, &hash), RunState::Crashed);
    track::check(&repo, &hash, "loss", &[POINTS]);
    child.say("end");
    child.finish();
}

#[test]
fn the_new_program_continues_the_run() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = child::start("exec", &[&directory.path(), &"continue"]);
    let hash = child.line();
    child.say("go");
    child.finish();
    let repo = stored::open(directory.path());
    assert_eq!(stored::state(&repo, &hash), RunState::Finished);
    track::check(&repo, &hash, "loss", &[POINTS, 10]);
}
