//! Several processes write one run.

use crate::common::{stored, track};
use aim::store::RunState;

const POINTS: u64 = 5000;

#[test]
fn each_writes_its_own_sequences_and_the_last_one_ends_the_run() {
    let directory = tempfile::tempdir().unwrap();
    let repo_path = directory.path();
    let mut first = track::start(repo_path, track::NEW, "rank 0", POINTS, "close");
    let hash = first.line();
    let mut others: Vec<_> = (1..6)
        .map(|rank| {
            let ending = if rank == 5 { "hang" } else { "close" };
            track::start(repo_path, &hash, &format!("rank {rank}"), POINTS, ending)
        })
        .collect();
    for other in &mut others {
        assert_eq!(other.line(), hash);
    }
    let repo = stored::open(repo_path);
    // One dies, the others know nothing of it.
    others.pop().unwrap().kill();
    first.say("end");
    first.finish();
    assert_eq!(stored::state(&repo, &hash), RunState::Running);
    let last = others.pop().unwrap();
    for mut other in others {
        other.say("end");
        other.finish();
    }
    assert_eq!(stored::state(&repo, &hash), RunState::Running);
    repo.recover().unwrap();
    assert_eq!(stored::state(&repo, &hash), RunState::Running);
    last.kill();
    assert_eq!(stored::state(&repo, &hash), RunState::Crashed);
    repo.recover().unwrap();
    assert_eq!(stored::state(&repo, &hash), RunState::Crashed);
    for rank in 0..6 {
        track::check(&repo, &hash, &format!("rank {rank}"), &[POINTS]);
    }
}

#[test]
fn ranks_that_restart_together_find_all_that_was_tracked() {
    let directory = tempfile::tempdir().unwrap();
    let repo_path = directory.path();
    let mut hash = track::NEW.to_owned();
    for life in 1..=3 {
        let mut ranks: Vec<_> = Vec::new();
        for rank in 0..8 {
            let name = format!("rank {rank}");
            ranks.push(track::start(repo_path, &hash, &name, POINTS, "hang"));
            if life == 1 {
                hash = ranks[rank].line();
            }
        }
        if life > 1 {
            ranks
                .iter_mut()
                .for_each(|rank| assert_eq!(rank.line(), hash));
        }
        ranks.into_iter().for_each(|rank| rank.kill());
        let repo = stored::open(repo_path);
        for rank in 0..8 {
            let counts = vec![POINTS; life];
            track::check(&repo, &hash, &format!("rank {rank}"), &counts);
        }
    }
}
