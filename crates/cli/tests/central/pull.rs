//! Runs come back as they were.

use crate::common::{Sandbox, said, sample};
use crate::server::Server;
use aim::repo::RepoRef;
use aim::repo::exchange::{Stream, moment};
use aim::run::Run;

/// Everything of all runs, byte by byte: records, params, aggregates, points with their blocks, rows of logs.
fn everything(repo: &RepoRef) -> Vec<(String, Vec<u8>)> {
    let present = moment(repo).unwrap();
    let mut all = Vec::new();
    for run in present.runs().unwrap() {
        let outline = present.outline(run).unwrap().unwrap();
        let mut bytes = outline.record.to_bytes();
        bytes.extend(&outline.params);
        let mut series = outline.series.clone();
        series.sort_by(|a, b| (&a.name, &a.context).cmp(&(&b.name, &b.context)));
        for one in &series {
            bytes.extend(format!("{} {} {:?}", one.name, one.context, one.aggregates).bytes());
            for piece in &one.pieces {
                bytes.extend(format!("{piece:?}").bytes());
                present.points(one, piece).unwrap().encode(&mut bytes);
            }
        }
        let log = |stream: Stream, first, content: &[u8]| {
            bytes.extend(format!("{stream:?} {first}").bytes());
            bytes.extend(content);
            Ok(())
        };
        present.logs(run, log).unwrap();
        all.push((outline.record.hash_text(), bytes));
    }
    all.sort();
    all
}

#[test]
fn runs_come_back_byte_for_byte() {
    let server = Server::new();
    let url = server.database("central");
    let s = Sandbox::new();
    sample(&s.repo("a"));
    assert_eq!(s.run("a", &["sync", "--init", ".", &url]).code, 0);
    let pulled = s.run("a", &["pull", &url, "../b"]);
    assert_eq!(pulled.code, 0, "{pulled:?}");
    assert!(pulled.err.starts_with("pulled 5 runs with "), "{pulled:?}");
    assert_eq!(everything(&s.repo("a")), everything(&s.repo("b")));
    let list = |name: &str| s.out(name, &["ls", "--json", "-s", "created"]);
    assert_eq!(list("a"), list("b"));
    // Twice changes nothing, in either direction.
    let again = s.run("a", &["pull", &url, "../b"]);
    assert!(again.err.starts_with("pulled 0 runs") && again.err.contains("5 were here already"));
    let back = s.run("b", &["sync", ".", &url]);
    assert!(back.err.contains("5 were there already"), "{back:?}");
    let merged = s.run("b", &["merge", "../a"]);
    assert!(merged.err.contains("5 were there already"), "{merged:?}");
    // Only what an expression selects.
    let mut program = s.program("a");
    program.env("XDG_CACHE_HOME", s.path("cache"));
    let some = said(program.args(["pull", "-q", "run.hparams.lr < 0.015", &url, "../c"]));
    assert!(some.err.starts_with("pulled 2 runs"), "{some:?}");
    // What is being written, and what differs, is left out and named.
    let repo = s.repo("a");
    let run = Run::create(repo.clone(), None).unwrap();
    assert_eq!(s.run("a", &["sync", ".", &url]).code, 0);
    s.out("b", &["rename", "wide", "other"]);
    let left = s.run("b", &["pull", &url]);
    assert_eq!(left.code, 1, "{left:?}");
    assert!(left.err.contains("2 runs left out"), "{left:?}");
    assert!(
        left.err
            .contains(&format!("{} is being written", run.hash())),
        "{left:?}"
    );
    assert!(left.err.contains("differs in its properties"), "{left:?}");
    run.close().unwrap();
    assert_eq!(s.run("a", &["sync", ".", &url]).code, 0);
    s.out("b", &["rename", "other", "wide"]);
    let rest = s.run("b", &["pull", &url]);
    assert_eq!(rest.code, 0, "{rest:?}");
    assert_eq!(everything(&s.repo("a")), everything(&s.repo("b")));
}

#[test]
fn damage_in_the_store_is_an_error_that_names_the_run() {
    let server = Server::new();
    let url = server.database("central");
    let s = Sandbox::new();
    sample(&s.repo("a"));
    assert_eq!(s.run("a", &["sync", "--init", ".", &url]).code, 0);
    for (damage, why) in [
        (
            "UPDATE aim_chunk SET v4 = v4[2:], v8 = v8[2:] WHERE count > 1",
            "do not belong together",
        ),
        (
            "DELETE FROM aim_series WHERE name = 'accuracy'",
            "of a metric that it has not",
        ),
        (
            "UPDATE aim_run SET exact = '\\x00'",
            "a stored run is damaged",
        ),
    ] {
        let mut client = server.client("central");
        client.batch_execute(damage).unwrap();
        let said = s.run("a", &["pull", &url, "../b"]);
        assert_eq!(said.code, 1, "{damage}: {said:?}");
        assert!(said.err.contains(why), "{damage}: {said:?}");
        // It comes again, whole.
        let mended = s.run("a", &["sync", "--repair", ".", &url]);
        assert_eq!(mended.code, 0, "{mended:?}");
    }
    assert_eq!(s.run("a", &["pull", &url, "../b"]).code, 0);
    assert_eq!(everything(&s.repo("a")), everything(&s.repo("b")));
}
