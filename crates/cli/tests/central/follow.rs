//! A store that follows a repository, also over a server that is gone for a while.

use crate::common::Sandbox;
use crate::equal::assert_equal;
use crate::server::Server;
use aim::run::Run;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Waits until the store has so many points.
fn wait_for(server: &Server, points: i64) {
    let until = Instant::now() + Duration::from_secs(300);
    loop {
        let sql = "SELECT coalesce(sum(count), 0)::bigint FROM metrics";
        let found: i64 = server.client("central").query_one(sql, &[]).unwrap().get(0);
        if found == points {
            return;
        }
        assert!(
            Instant::now() < until,
            "{found} of {points} points are there"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_store_follows_and_waits_for_a_server_that_is_gone() {
    let mut server = Server::new();
    let url = server.database("central");
    let s = Sandbox::new();
    let repo = s.repo("a");
    assert_eq!(s.run("a", &["sync", "--init", &url]).code, 0);
    let log = s.path("log");
    let mut program = s.program("a");
    program.args(["sync", "--follow", ".", &url]);
    program.stderr(Stdio::from(std::fs::File::create(&log).unwrap()));
    let mut follower = program.spawn().unwrap();
    let run = Run::create(repo.clone(), Some("followed")).unwrap();
    let metric = run.metric("loss", None).unwrap();
    let track = |from: i64, to: i64| {
        (from..to).for_each(|step| metric.track(step as f64, step, 0).unwrap());
        repo.flush().unwrap();
    };
    track(0, 1000);
    wait_for(&server, 1000);
    track(1000, 1500);
    wait_for(&server, 1500);
    server.stop();
    track(1500, 2500);
    let said = || std::fs::read_to_string(&log).unwrap();
    let until = Instant::now() + Duration::from_secs(300);
    while !said().contains("it is tried again until it is back") {
        assert!(
            follower.try_wait().unwrap().is_none(),
            "it gave up: {}",
            said()
        );
        assert!(Instant::now() < until, "it did not notice: {}", said());
        std::thread::sleep(Duration::from_millis(50));
    }
    server.start();
    wait_for(&server, 2500);
    run.close().unwrap();
    let second = Run::create(repo.clone(), None).unwrap();
    second
        .metric("loss", None)
        .unwrap()
        .track(1.0, 0, 0)
        .unwrap();
    second.close().unwrap();
    wait_for(&server, 2501);
    let until = Instant::now() + Duration::from_secs(300);
    let mut client = server.client("central");
    while client
        .query("SELECT FROM runs WHERE state = 'finished'", &[])
        .unwrap()
        .len()
        < 2
    {
        assert!(Instant::now() < until, "the ends are not there");
        std::thread::sleep(Duration::from_millis(50));
    }
    follower.kill().unwrap();
    follower.wait().unwrap();
    assert_equal(&repo, &mut client);
    let said = said();
    let lines: Vec<&str> = said.lines().collect();
    let lost = lines
        .iter()
        .filter(|line| line.starts_with("warning: "))
        .count();
    assert_eq!(lost, 1, "{said}");
    assert!(
        said.contains("tried again until it is back") && said.contains(" is back\n"),
        "{said}"
    );
}
