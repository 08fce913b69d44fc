//! Syncers that are killed at any moment, several at once, while the runs are written: nothing lost, nothing twice.

use crate::common::Sandbox;
use crate::equal::assert_equal;
use crate::random::{Random, rounds};
use crate::server::Server;
use aim::run::Run;
use std::process::{Child, Stdio};
use std::time::Duration;

const RUNS: usize = 12;

#[test]
fn killed_syncers_lose_nothing_and_bring_nothing_twice() {
    let server = Server::with(&["max_connections=200"]);
    let url = server.database("central");
    let s = Sandbox::new();
    let repo = s.repo("a");
    let made = s.run("a", &["sync", "--init", &url]);
    assert_eq!(made.code, 0, "{made:?}");
    let mut random = Random::new("central");
    let runs: Vec<Run> = (0..RUNS)
        .map(|_| Run::create(repo.clone(), None).unwrap())
        .collect();
    let metrics: Vec<_> = runs
        .iter()
        .map(|run| run.metric("loss", None).unwrap())
        .collect();
    let mut syncers: Vec<Child> = Vec::new();
    let (mut killed, mut step) = (0, 0);
    while killed < rounds(60) {
        for _ in 0..1 + random.below(300) {
            for (run, metric) in metrics.iter().enumerate() {
                metric
                    .track((step * (run as i64 + 1)) as f64 / 7.0, step, step / 100)
                    .unwrap();
            }
            step += 1;
        }
        if random.below(20) == 0 {
            // A point that is late, or replaces one.
            metrics[random.below(RUNS as u64) as usize]
                .track(0.5, step / 2, 0)
                .unwrap();
        }
        runs[random.below(RUNS as u64) as usize]
            .log(20, "a record", None)
            .unwrap();
        repo.flush().unwrap();
        while syncers.len() < 3 {
            let mut program = s.program("a");
            program.args(["sync", ".", &url]).stderr(Stdio::null());
            syncers.push(program.spawn().unwrap());
        }
        std::thread::sleep(Duration::from_millis(random.below(60)));
        let mut victim = syncers.swap_remove(random.below(3) as usize);
        // One that is done already was not killed.
        if victim.try_wait().unwrap().is_none() {
            victim.kill().unwrap();
            killed += 1;
        }
        victim.wait().unwrap();
    }
    for mut syncer in syncers {
        syncer.wait().unwrap();
    }
    for run in &runs[..RUNS / 2] {
        run.close().unwrap();
    }
    let last = s.run("a", &["sync", ".", &url]);
    assert_eq!(last.code, 0, "{last:?}");
    let points = assert_equal(&repo, &mut server.client("central"));
    println!("{killed} syncers killed, {points} points, none lost, none twice");
    assert!(points >= step as u64 * RUNS as u64);
}
