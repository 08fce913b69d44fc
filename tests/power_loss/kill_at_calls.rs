//! SIGKILL before and after every system call that changes a file, one after the other: in making a repository, in
//! recovery, and in commits.

use crate::common::ledger::Ledger;
use crate::common::random::rounds;
use crate::common::{child, load, stored};
use crate::record;
use std::ffi::{OsStr, OsString};

/// `load` until a moment that the last argument gives.
pub fn role(args: &[OsString]) {
    record::die_at(args[4].to_str().unwrap().parse().unwrap());
    load::role(args);
}

#[test]
fn a_kill_at_any_call_loses_and_doubles_nothing() {
    // Each life starts with the recovery of the one before, and checks what is there.
    for run in 0..rounds(4) {
        let directory = tempfile::tempdir().unwrap();
        let ledger = directory.path().join("ledger");
        let repo = directory.path().join("repo");
        // In every other run somebody has the database open throughout: then nobody starts it afresh.
        let observer = (run % 2 == 1).then(|| stored::open(&repo));
        for moment in 1..=80 {
            let flush_millis = (3 + run * 7).to_string();
            let slots = (256 << (run % 3)).to_string();
            let moment = moment.to_string();
            let args: [&dyn AsRef<OsStr>; 5] = [&repo, &ledger, &flush_millis, &slots, &moment];
            child::start("load until a call", &args).wait_for_kill();
        }
        let repo = observer.unwrap_or_else(|| stored::open(&repo));
        repo.recover().unwrap();
        let points = load::check(&repo, &Ledger::open(&ledger));
        assert!(points.iter().all(|count| *count > 0));
    }
}
