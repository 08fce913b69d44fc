//! A job of many ranks on a spool, brought to a store while it goes on, by syncers that are killed. `AIM_TEST_RANKS` says how many.

use crate::common::Sandbox;
use crate::crowd::{Crowd, METRICS, ranks};
use crate::random::Random;
use crate::server::Server;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const STEPS: i64 = 20;
const FRAMES: usize = 6;
const PACE: f64 = 1000.0;

#[test]
fn a_crowd_is_brought_while_it_writes() {
    let server = Server::with(&["max_connections=200"]);
    let url = server.database("central");
    let s = Sandbox::new();
    let spool = s.path("spool");
    let mut crowd = Crowd::begin(&spool, ranks());
    std::fs::create_dir(s.path("work")).unwrap();
    let spool = spool.to_str().unwrap();
    let start = |host: &str, how: &[&str]| -> Child {
        let mut program = s.program("work");
        program.env("XDG_CACHE_HOME", s.path(host)).args(["sync"]);
        program.args(how).args([spool, &url]).stderr(Stdio::null());
        program.spawn().unwrap()
    };
    assert!(start("first", &["--init"]).wait().unwrap().success());
    let mut random = Random::new("crowd");
    let mut syncers = [
        start("first", &["--follow"]),
        start("second", &["--follow"]),
    ];
    let begun = Instant::now();
    let mut killed = 0;
    for frame in 0..FRAMES * crowd.len() {
        crowd.track(frame % crowd.len(), STEPS);
        let due = Duration::from_secs_f64(frame as f64 / PACE);
        if let Some(early) = due.checked_sub(begun.elapsed()) {
            std::thread::sleep(early);
        }
        if random.below(400) == 0 {
            let (at, host) = [(0, "first"), (1, "second")][random.below(2) as usize];
            syncers[at].kill().unwrap();
            syncers[at].wait().unwrap();
            syncers[at] = start(host, &["--follow"]);
            killed += 1;
        }
    }
    crowd.end();
    for mut syncer in syncers {
        syncer.kill().unwrap();
        syncer.wait().unwrap();
    }
    assert!(start("first", &[]).wait().unwrap().success());
    let mut client = server.client("central");
    let last = STEPS * FRAMES as i64 - 1;
    let row = client
        .query_one(
            "SELECT count(*), count(*) FILTER (WHERE count = $1::bigint + 1 AND first_step = 0 AND last_step = $1) FROM metrics",
            &[&last],
        )
        .unwrap();
    let metrics = i64::from(METRICS) * crowd.len() as i64;
    assert_eq!(
        (row.get::<_, i64>(0), row.get::<_, i64>(1)),
        (metrics, metrics)
    );
    let row = client
        .query_one(
            "SELECT count(*), count(DISTINCT (run, sid, step)) FROM points",
            &[],
        )
        .unwrap();
    let points = metrics * (last + 1);
    assert_eq!(
        (row.get::<_, i64>(0), row.get::<_, i64>(1)),
        (points, points)
    );
    println!(
        "{} ranks, {killed} syncers killed, {points} points, none lost, none twice",
        crowd.len()
    );
}
