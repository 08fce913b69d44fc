//! A store whose runs are spread over three servers, by partitions that are foreign tables of a fourth.

use crate::common::{Sandbox, sample};
use crate::equal::assert_equal;
use crate::random::{Random, rounds};
use crate::server::Server;
use aim::repo::{Edit, Property};
use aim::run::Run;
use std::process::{Child, Stdio};
use std::time::Duration;

/// Three stores, and one that has a part of its runs in each.
struct Spread {
    parts: Vec<Server>,
    front: Server,
    url: String,
}

impl Spread {
    fn new(s: &Sandbox) -> Spread {
        let parts: Vec<Server> = (0..3)
            .map(|_| Server::with(&["max_connections=200"]))
            .collect();
        let front = Server::with(&["max_connections=200"]);
        let url = front.database("central");
        let init = |kind: &str, url: &str| s.run("a", &["sync", kind, url]);
        let refused = init("--init=servers", &url);
        assert!(
            refused.err.contains("no foreign servers aim_0"),
            "{refused:?}"
        );
        let mut sql = "CREATE EXTENSION postgres_fdw;".to_owned();
        for (at, part) in parts.iter().enumerate() {
            let made = init("--init", &part.database("central"));
            assert_eq!(made.code, 0, "{made:?}");
            sql.push_str(&format!(
                "CREATE SERVER aim_{at} FOREIGN DATA WRAPPER postgres_fdw \
                 OPTIONS (host '127.0.0.1', port '{}', dbname 'central', batch_size '100'); \
                 CREATE USER MAPPING FOR CURRENT_USER SERVER aim_{at} OPTIONS (user 'aim');",
                part.port
            ));
        }
        front.client("central").batch_execute(&sql).unwrap();
        for _ in 0..2 {
            let made = init("--init=servers", &url);
            assert_eq!(made.code, 0, "{made:?}");
        }
        let other = init("--init=citus", &url);
        assert!(other.err.contains("is a store already"), "{other:?}");
        Spread { parts, front, url }
    }

    fn runs_of_parts(&self) -> Vec<i64> {
        let count = |part: &Server| {
            let mut client = part.client("central");
            client
                .query_one("SELECT count(*) FROM runs", &[])
                .unwrap()
                .get(0)
        };
        self.parts.iter().map(count).collect()
    }
}

#[test]
fn runs_are_spread_and_read_as_one_store() {
    let s = Sandbox::new();
    let repo = s.repo("a");
    sample(&repo);
    for _ in 0..40 {
        let run = Run::create(repo.clone(), Some("many")).unwrap();
        run.metric("loss", None).unwrap().track(0.5, 1, 0).unwrap();
        run.close().unwrap();
    }
    let spread = Spread::new(&s);
    let sync = |brought: &str| {
        let said = s.run("a", &["sync", ".", &spread.url]);
        assert!(said.code == 0 && said.err.starts_with(brought), "{said:?}");
    };
    sync("brought 45 runs");
    sync("brought 0 runs");
    let mut client = spread.front.client("central");
    assert_equal(&repo, &mut client);
    let parts = spread.runs_of_parts();
    assert!(
        parts.iter().all(|n| *n > 0) && parts.iter().sum::<i64>() == 45,
        "{parts:?}"
    );
    // One run's points are asked of one server.
    let plan = "EXPLAIN SELECT * FROM points WHERE run = '\\xa19eafea79062599d89d5fbf'";
    let plan: Vec<String> = client
        .query(plan, &[])
        .unwrap()
        .iter()
        .map(|r| r.get(0))
        .collect();
    let scans = plan
        .iter()
        .filter(|line| line.contains("Foreign Scan"))
        .count();
    assert_eq!(scans, 1, "{plan:?}");
    // What changes, is replaced, or is deleted.
    repo.edit_run(
        "a19eafea79062599d89d5fbf",
        &[Edit::Property(Property::AddTag("best".into()))],
    )
    .unwrap();
    let run = Run::open(
        repo.clone(),
        &aim::run::RunOptions {
            which: aim::run::Which::Existing("7f01d2aa00c4e1b98d3e6a15"),
            ..Default::default()
        },
    )
    .unwrap();
    let loss = run.metric("loss", Some(r#"{"subset": "val"}"#)).unwrap();
    loss.track(7.5, 3, 0).unwrap();
    run.close().unwrap();
    sync("brought 2 runs");
    assert_equal(&repo, &mut client);
    let ls = [
        "ls",
        "--json",
        "'best' in run.tags or run.experiment == 'many'",
    ];
    let mut there = s.program("a");
    there.env("XDG_CACHE_HOME", s.path("cache"));
    let there = crate::common::said(there.args(ls).args(["--repo", &spread.url]));
    assert_eq!(there.out, s.out("a", &ls), "{there:?}");
    let deleted = "SELECT aim.delete_run('a19eafea79062599d89d5fbf')";
    client.batch_execute(deleted).unwrap();
    let again = s.run("a", &["sync", ".", &spread.url]);
    assert!(
        again.err.contains("1 were deleted there and stay so"),
        "{again:?}"
    );
    let repaired = s.run("a", &["sync", "--repair", ".", &spread.url]);
    assert!(repaired.err.starts_with("brought 44 runs"), "{repaired:?}");
    let taken = s.run("a", &["sync", "--take", ".", &spread.url]);
    assert!(taken.err.starts_with("brought 1 run"), "{taken:?}");
    assert_equal(&repo, &mut client);
}

#[test]
fn killed_syncers_and_servers_lose_nothing() {
    let s = Sandbox::new();
    let repo = s.repo("a");
    let mut spread = Spread::new(&s);
    let mut random = Random::new("servers");
    let runs: Vec<Run> = (0..12)
        .map(|_| Run::create(repo.clone(), None).unwrap())
        .collect();
    let mut syncers: Vec<Child> = Vec::new();
    let (mut killed, mut step) = (0, 0);
    while killed < rounds(20) {
        for _ in 0..1 + random.below(50) {
            for run in &runs {
                let value = (step as f64) / 7.0;
                run.track(b"loss", None, value, step, 0).unwrap();
            }
            step += 1;
        }
        repo.flush().unwrap();
        while syncers.len() < 3 {
            let mut program = s.program("a");
            program
                .args(["sync", ".", &spread.url])
                .stderr(Stdio::null());
            syncers.push(program.spawn().unwrap());
        }
        std::thread::sleep(Duration::from_millis(random.below(150)));
        let mut victim = syncers.swap_remove(random.below(3) as usize);
        if victim.try_wait().unwrap().is_none() {
            victim.kill().unwrap();
            killed += 1;
        }
        victim.wait().unwrap();
        if killed % 7 == 3 {
            let part = random.below(3) as usize;
            spread.parts[part].stop();
            spread.parts[part].start();
            killed += 1;
        }
    }
    for mut syncer in syncers {
        syncer.wait().unwrap();
    }
    for run in &runs {
        run.close().unwrap();
    }
    let last = s.run("a", &["sync", ".", &spread.url]);
    assert_eq!(last.code, 0, "{last:?}");
    let points = assert_equal(&repo, &mut spread.front.client("central"));
    println!("{killed} syncers and servers killed, {points} points, none lost, none twice");
}
