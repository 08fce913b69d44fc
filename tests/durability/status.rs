//! Whether a run is running, finished or crashed, by what became of its process.

use crate::common::{stored, track};
use aim::store::RunState;

const POINTS: u64 = 3000;

#[test]
fn the_status_follows_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let repo = stored::open(path);
    for (ending, expected) in [
        ("close", RunState::Finished),
        ("exit", RunState::Finished),
        ("_exit", RunState::Crashed),
        ("abort", RunState::Crashed),
    ] {
        let mut child = track::start(path, track::NEW, "loss", POINTS, ending);
        let hash = child.line();
        assert_eq!(
            stored::state(&repo, &hash),
            RunState::Running,
            "before {ending}"
        );
        child.say("end");
        child.wait();
        assert_eq!(stored::state(&repo, &hash), expected, "after {ending}");
        repo.recover().unwrap();
        assert_eq!(
            stored::state(&repo, &hash),
            expected,
            "recovered after {ending}"
        );
        let (_, record) = repo.find_run(&hash).unwrap();
        assert!(
            record
                .finalized_at
                .is_some_and(|at| at >= record.created_at)
        );
        track::check(&repo, &hash, "loss", &[POINTS]);
    }
}

#[test]
fn a_crashed_run_is_continued_again_and_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    // Open all the time: it must not rely on what it saw a moment ago.
    let repo = stored::open(path);
    let hash = track::run(path, track::NEW, "loss", POINTS, "_exit");
    let mut counts = vec![POINTS];
    for ending in ["abort", "_exit", "close", "exit", "_exit", "close"] {
        repo.recover().unwrap();
        assert_eq!(track::run(path, &hash, "loss", POINTS, ending), hash);
        counts.push(POINTS);
        let run = aim::run::Run::resume(repo.clone(), &hash, None).unwrap();
        assert_eq!(stored::state(&repo, &hash), RunState::Running);
        track::points(&run.metric("loss", None).unwrap(), 10);
        counts.push(10);
        run.close().unwrap();
        assert_eq!(stored::state(&repo, &hash), RunState::Finished);
        track::check(&repo, &hash, "loss", &counts);
    }
}

#[test]
fn a_run_whose_journal_was_removed_is_not_running_for_ever() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let mut child = track::start(path, track::NEW, "loss", POINTS, "hang");
    let hash = child.line();
    child.kill();
    for journal in std::fs::read_dir(path.join(".aim/journal")).unwrap() {
        std::fs::remove_file(journal.unwrap().path()).unwrap();
    }
    let repo = stored::open(path);
    assert_eq!(stored::state(&repo, &hash), RunState::Crashed);
    let (run, record) = repo.find_run(&hash).unwrap();
    assert_eq!(record.state, RunState::Crashed);
    assert!(repo.store.read().unwrap().writers(run).unwrap().is_empty());
}

/// One thread closes a run's only handle while another one opens it again: whoever comes first, the run that is open
/// in the end counts as running, and as finished after its close.
#[test]
fn a_run_that_is_continued_while_it_closes_is_running() {
    let directory = tempfile::tempdir().unwrap();
    let repo = stored::open(directory.path());
    // Keeps the writer alive between the rounds.
    let other = aim::run::Run::create(repo.clone(), None).unwrap();
    for round in 0..400 {
        let first = aim::run::Run::create(repo.clone(), None).unwrap();
        let hash = first.hash().to_owned();
        track::points(&first.metric("loss", None).unwrap(), 10);
        let again = std::thread::scope(|scope| {
            let closing = scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_micros(round % 40 * 20));
                first.close().unwrap();
            });
            let again = aim::run::Run::resume(repo.clone(), &hash, None).unwrap();
            closing.join().unwrap();
            again
        });
        again.flush().unwrap();
        other.flush().unwrap();
        let (_, record) = repo.find_run(&hash).unwrap();
        let found = (record.state, record.finalized_at);
        assert_eq!(found, (RunState::Running, None), "round {round}");
        track::points(&again.metric("loss", None).unwrap(), 10);
        again.close().unwrap();
        let (_, record) = repo.find_run(&hash).unwrap();
        assert_eq!(record.state, RunState::Finished, "round {round}");
        track::check(&repo, &hash, "loss", &[10, 10]);
    }
    other.close().unwrap();
}
