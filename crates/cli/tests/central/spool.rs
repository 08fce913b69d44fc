//! Spools that are brought to a central store as they are, from several hosts.

use crate::common::{Said, Sandbox, said};
use crate::crowd::{Crowd, METRICS};
use crate::server::Server;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

/// A spool, and hosts that see it: each has copies of its own.
struct Cluster {
    server: Server,
    s: Sandbox,
    url: String,
    spool: String,
}

impl Cluster {
    fn new() -> Cluster {
        Cluster::of(Server::new())
    }

    fn of(server: Server) -> Cluster {
        let url = server.database("central");
        let s = Sandbox::new();
        fs::create_dir(s.path("work")).unwrap();
        let spool = s.path("spool").display().to_string();
        let cluster = Cluster {
            server,
            s,
            url,
            spool,
        };
        assert_eq!(
            cluster.on("login", &["sync", "--init", &cluster.url]).code,
            0
        );
        cluster
    }

    fn program(&self, host: &str, args: &[&str]) -> Command {
        let mut command = self.s.program("work");
        command
            .env("AIM_SPOOL", "1")
            .env("XDG_CACHE_HOME", self.s.path(host))
            .args(args);
        command
    }

    fn on(&self, host: &str, args: &[&str]) -> Said {
        said(&mut self.program(host, args))
    }

    fn sync(&self, host: &str) -> Said {
        self.on(host, &["sync", &self.spool, &self.url])
    }

    /// A run, or more of one, with values of a metric.
    fn track(&self, host: &str, id: &str, values: &str) {
        let script = format!("for i in {values}; do echo step $i $i.5; done");
        let mut program = self.program(host, &["exec", "--repo", &self.spool, "--system", "0"]);
        program.args(["--run-id", id, "-m", r"step (?<step>\S+) (?<loss>\S+)"]);
        let said = said(program.args(["--", "sh", "-c", &script]));
        assert_eq!(said.code, 0, "{said:?}");
    }

    fn points(&self) -> i64 {
        let sql = "SELECT coalesce(sum(count), 0)::bigint FROM metrics WHERE name = 'loss' OR name LIKE 'metric %'";
        let mut client = self.server.client("central");
        client.query_one(sql, &[]).unwrap().get(0)
    }

    /// The store answers as the spool does.
    fn assert_equal(&self) {
        for args in [
            &["ls", "--json", "-s", "created"][..],
            &["query", "-p", "metric.name == 'loss'"],
        ] {
            let ask = |of: &str| {
                let said = self.on("reader", &[args, &["--repo", of]].concat());
                assert_eq!(said.code, 0, "{said:?}");
                said.out
            };
            assert_eq!(ask(&self.spool), ask(&self.url), "{args:?}");
        }
    }
}

#[test]
fn every_host_brings_what_it_sees_of_a_spool() {
    let c = Cluster::new();
    c.track("node 1", "first", "1 2 3");
    c.track("node 2", "second", "1 2");
    let first = c.sync("login");
    assert_eq!(first.code, 0, "{first:?}");
    assert!(
        first.err.starts_with("brought 2 runs with 5 points"),
        "{first:?}"
    );
    c.assert_equal();
    // Another host, which has nothing new, changes nothing; nor does one whose copy was made anew.
    for host in ["node 2", "login"] {
        let again = c.sync(host);
        assert_eq!(again.code, 0, "{again:?}");
        assert!(again.err.contains("2 were there already"), "{again:?}");
    }
    fs::remove_dir_all(c.s.path("login")).unwrap();
    assert!(c.sync("login").err.starts_with("brought 0 runs"));
    // The run goes on elsewhere, and whoever syncs first brings that.
    c.track("node 2", "first", "4 5");
    let more = c.sync("node 1");
    assert!(more.err.starts_with("brought 1 run with "), "{more:?}");
    assert_eq!(c.points(), 7);
    assert!(c.sync("login").err.starts_with("brought 0 runs"));
    c.assert_equal();
    // A run that was deleted there stays so, and one that came from here is no other repository's.
    c.server
        .client("central")
        .batch_execute("SELECT aim.delete_run(hash) FROM runs WHERE params @> '{}' LIMIT 1")
        .unwrap();
    let deleted = c.sync("login");
    assert!(
        deleted.err.contains("1 were deleted there and stay so"),
        "{deleted:?}"
    );
    let taken = c.on("login", &["sync", "--take", &c.spool, &c.url]);
    assert!(taken.err.starts_with("brought 1 run"), "{taken:?}");
    c.assert_equal();
}

#[test]
fn what_was_collected_from_a_spool_stays_in_the_store() {
    let c = Cluster::new();
    let into = c.s.path("into").display().to_string();
    fs::create_dir_all(c.s.path("into/.aim/lmdb")).unwrap();
    c.track("node 1", "first", "1 2 3");
    assert_eq!(c.sync("login").code, 0);
    c.track("node 1", "first", "4");
    let merge = c.on("login", &["merge", &c.spool, "--repo", &into]);
    assert_eq!(merge.code, 0, "{merge:?}");
    // The first part of the run goes; the second, which the store has not yet, is kept.
    let segments = || fs::read_dir(c.s.path("spool/.aim/spool")).unwrap();
    let oldest = segments().map(|entry| entry.unwrap().path());
    let oldest = oldest.min_by_key(|path| path.metadata().unwrap().modified().unwrap());
    fs::remove_file(oldest.unwrap()).unwrap();
    let left = c.sync("login");
    assert_eq!(left.code, 1, "{left:?}");
    assert!(
        left.err.contains("parts that this spool has no more"),
        "{left:?}"
    );
    assert_eq!(c.points(), 3);
    // The repository has all of it.
    let other = c.on("login", &["sync", &into, &c.url]);
    assert!(
        other.err.contains("came from another repository"),
        "{other:?}"
    );
    let taken = c.on("login", &["sync", "--take", &into, &c.url]);
    assert_eq!(taken.code, 0, "{taken:?}");
    assert_eq!(c.points(), 4);
}

#[test]
fn a_host_that_has_not_seen_what_was_collected_takes_nothing_from_the_store() {
    let c = Cluster::new();
    let into = c.s.path("into").display().to_string();
    fs::create_dir_all(c.s.path("into/.aim/lmdb")).unwrap();
    let mut crowd = Crowd::begin(&c.s.path("spool"), 1);
    crowd.track(0, 10);
    crowd.next_file(0);
    crowd.track(0, 10);
    assert_eq!(c.sync("login").code, 0);
    let merge = c.on("login", &["merge", &c.spool, "--repo", &into]);
    assert_eq!(merge.code, 0, "{merge:?}");
    let gc = ["spool", "gc", "--repo", &c.spool, "--into", &into];
    let gc = c.on("login", &[&gc[..], &["--older", "0"]].concat());
    assert!(gc.err.contains("removed 1 file"), "{gc:?}");
    crowd.track(0, 10);
    let late = c.sync("elsewhere");
    assert!(
        late.code == 1
            && late
                .err
                .contains("began in a part that this spool has no more"),
        "{late:?}"
    );
    assert_eq!(c.points(), 20 * i64::from(METRICS));
    assert_eq!(c.sync("login").code, 0);
    assert_eq!(c.points(), 30 * i64::from(METRICS));
}

#[test]
fn many_runs_come_by_several_connections_or_by_one_where_there_are_no_more() {
    const RUNS: usize = 2500;
    const MOST: usize = 8;
    let c = Cluster::of(Server::with(&[&format!("max_connections={MOST}")]));
    let mut crowd = Crowd::begin(&c.s.path("spool"), RUNS);
    let mut track = || (0..RUNS).for_each(|rank| crowd.track(rank, 2));
    let each = (RUNS as i64) * i64::from(METRICS) * 2;
    let runs = || -> i64 {
        let mut client = c.server.client("central");
        let sql = "SELECT count(DISTINCT run) FROM metrics";
        client.query_one(sql, &[]).unwrap().get(0)
    };
    track();
    let first = c.sync("login");
    assert!(
        first
            .err
            .starts_with("brought 2,500 runs with 25,000 points"),
        "{first:?}"
    );
    assert_eq!((c.points(), runs()), (each, RUNS as i64));
    track();
    let others: Vec<_> = (1..MOST).map(|_| c.server.client("central")).collect();
    let again = c.sync("login");
    drop(others);
    assert!(again.err.starts_with("brought 2,500 runs"), "{again:?}");
    assert_eq!((c.points(), runs()), (2 * each, RUNS as i64));
    let idle = c.sync("login");
    assert!(idle.err.contains("2,500 were there already"), "{idle:?}");
}

#[test]
fn a_store_follows_a_spool_and_passes_over_what_is_no_segment() {
    let c = Cluster::new();
    c.track("node 1", "first", "1 2 3");
    let foreign = format!("spool/.aim/spool/{}.aimseg", "0".repeat(32));
    fs::write(c.s.path(&foreign), "x".repeat(500)).unwrap();
    let once = c.sync("login");
    assert_eq!(once.code, 1, "{once:?}");
    assert!(
        once.err.starts_with("brought 1 run with 3 points"),
        "{once:?}"
    );
    assert!(
        once.err.contains("does not start as a segment does"),
        "{once:?}"
    );
    let log = c.s.path("log");
    let mut followers: Vec<_> = ["login", "node 2"]
        .iter()
        .map(|host| {
            let mut program = c.program(host, &["sync", "--follow", &c.spool, &c.url]);
            program.stderr(fs::File::create(&log).unwrap());
            program.spawn().unwrap()
        })
        .collect();
    c.track("node 1", "second", "1 2 3 4");
    c.track("node 2", "first", "4 5 6");
    let until = Instant::now() + Duration::from_secs(300);
    while c.points() < 10 {
        for follower in &mut followers {
            let ended = follower.try_wait().unwrap();
            assert!(ended.is_none(), "{}", fs::read_to_string(&log).unwrap());
        }
        assert!(Instant::now() < until, "{} points are there", c.points());
        std::thread::sleep(Duration::from_millis(50));
    }
    for follower in &mut followers {
        follower.kill().unwrap();
        follower.wait().unwrap();
    }
    fs::remove_file(c.s.path(&foreign)).unwrap();
    assert_eq!(c.sync("login").code, 0);
    c.assert_equal();
}
