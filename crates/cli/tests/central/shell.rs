//! The documented commands do what their page says, on servers of the tests' own.

use crate::bash::bash;
use crate::citus;
use crate::common::{Said, Sandbox, said, sample};
use crate::server::Server;
use crate::sql::{batch, blocks};
use std::time::{Duration, Instant};

/// Who brings runs on the page, and whose the database is.
const PEOPLE: &str = "
    CREATE ROLE owner LOGIN SUPERUSER PASSWORD '...';
    CREATE ROLE me LOGIN PASSWORD '...';";
/// A server asks others for a password where people are not superusers.
const ASKS: &str = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";

/// The page's hosts and paths, and what is in their place.
type Places = Vec<(&'static str, String)>;

/// The commands of the blocks below a heading.
fn commands(heading: &str, places: &Places) -> Vec<String> {
    let blocks = blocks(heading, "sh").concat();
    let place = |line: &str| {
        let known = places.iter();
        known.fold(line.to_owned(), |line, (from, to)| line.replace(from, to))
    };
    blocks.lines().map(place).collect()
}

/// The place of a host and its database.
fn at(server: &Server) -> String {
    let url = server.url("runs");
    let (_, place) = url.split_once('@').unwrap();
    format!("@{place}")
}

fn done(s: &Sandbox, line: &str) -> Said {
    let said = said(&mut bash(&s.path("a"), line));
    assert_eq!(said.code, 0, "{line}: {said:?}");
    said
}

/// Lets `me` bring runs to a store, as the page says.
fn let_in(server: &Server) {
    let mut owner = server.client("runs");
    for block in blocks("Roles", "sql") {
        batch(&mut owner, &block);
    }
    batch(&mut owner, "GRANT aim_writer TO me");
}

fn runs(server: &Server) -> i64 {
    let mut client = server.client("runs");
    let counted = client.query_one("SELECT count(*) FROM runs", &[]);
    counted.unwrap().get(0)
}

#[test]
fn the_documented_commands_bring_follow_and_read() {
    let server = Server::new();
    server.database("runs");
    batch(&mut server.client("runs"), PEOPLE);
    let s = Sandbox::new();
    sample(&s.repo("a"));
    let places = vec![
        ("@db.example.org/runs", at(&server)),
        ("/scratch/me", s.path("a").display().to_string()),
        ("/lustre/me", s.path("spool").display().to_string()),
    ];

    let [init, sync] = &commands("# The central store", &places)[..] else {
        panic!("the page begins with two commands");
    };
    done(&s, init);
    let_in(&server);
    let said = done(&s, sync);
    assert!(said.err.starts_with("brought 5 runs"), "{said:?}");

    let spool = s.path("spool").display().to_string();
    let track = format!("AIM_SPOOL=1 libaim exec --repo {spool} --system 0 -- true");
    done(&s, &track);
    let [follow] = &commands("What comes", &places)[..] else {
        panic!("one command follows");
    };
    let mut follower = bash(&s.path("a"), &format!("exec {follow}"))
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(300);
    while runs(&server) != 6 {
        assert!(follower.try_wait().unwrap().is_none(), "it gave up");
        assert!(Instant::now() < until, "{} runs came", runs(&server));
        std::thread::sleep(Duration::from_millis(50));
    }
    follower.kill().unwrap();
    follower.wait().unwrap();

    let read = commands("Reading it", &places);
    assert!(read.len() >= 3, "{read:?}");
    for line in &read {
        let said = done(&s, line);
        assert!(
            !said.out.is_empty() || line.contains(" pull "),
            "{line}: {said:?}"
        );
    }
    let pulled = said_lines(&s, "libaim --repo here ls");
    assert_eq!(pulled, said_lines(&s, "libaim ls"));
}

/// How many lines a command says.
fn said_lines(s: &Sandbox, line: &str) -> usize {
    done(s, line).out.lines().count()
}

#[test]
fn the_documented_commands_spread_runs_over_servers() {
    let s = Sandbox::new();
    sample(&s.repo("a"));
    let (parts, front) = ([Server::new(), Server::new()], Server::new());
    for server in parts.iter().chain([&front]) {
        server.database("runs");
        batch(&mut server.client("runs"), PEOPLE);
    }
    let [one, two] = &parts;
    for part in &parts {
        part.file("pg_hba.conf", ASKS);
        batch(&mut part.client("runs"), "SELECT pg_reload_conf()");
    }
    for block in blocks("Several servers", "sql") {
        let block = block
            .replace(
                "host 'db0'",
                &format!("host '127.0.0.1', port '{}'", one.port),
            )
            .replace(
                "host 'db1'",
                &format!("host '127.0.0.1', port '{}'", two.port),
            );
        batch(&mut front.client("runs"), &block);
    }
    let citus = Server::with(&["allow_system_table_mods=on"]);
    citus.database("runs");
    batch(&mut citus.client("runs"), PEOPLE);
    batch(&mut citus.client("runs"), citus::STAND_IN);
    let places = vec![
        ("@coordinator/runs", at(&citus)),
        ("@db0/runs", at(one)),
        ("@db1/runs", at(two)),
        ("@front/runs", at(&front)),
    ];
    for line in commands("Several servers", &places) {
        done(&s, &line);
    }
    for server in [&citus, &front, one, two] {
        let_in(server);
    }
    for server in [&citus, &front] {
        let said = done(&s, &format!("libaim sync . 'postgres://me{}'", at(server)));
        assert!(said.err.starts_with("brought 5 runs"), "{said:?}");
        assert_eq!(runs(server), 5);
    }
    assert_eq!(runs(one) + runs(two), 5);
}
