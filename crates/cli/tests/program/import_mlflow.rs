//! `libaim import mlflow`: databases that nobody should have written, and servers that do not answer as they should.

use crate::common::Sandbox;
use crate::import::imported;
use rusqlite::Connection;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

const TABLES: &str = "
    CREATE TABLE experiments (experiment_id INTEGER, name TEXT);
    CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, start_time BIGINT, end_time BIGINT, lifecycle_stage TEXT,
        artifact_uri TEXT, experiment_id INTEGER);
    CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN);
    CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
    CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);";

fn database(s: &Sandbox, rows: &str) -> String {
    let path = s.path("mlflow.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(TABLES).unwrap();
    connection.execute_batch(rows).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_database_of_cells_that_nobody_expects() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let path = database(
        &s,
        "INSERT INTO experiments VALUES (1, 'e');
        INSERT INTO runs VALUES ('a', x'ff41', 3, 'soon', NULL, NULL, 'file:///nowhere', 1),
            ('b', NULL, 'FINISHED', 1000, 5e3, 'deleted', NULL, 7);
        INSERT INTO metrics VALUES ('loss', 1, 2000, 'a', 1, 0), ('loss', 'text', 2000, 'a', 2, 0),
            ('loss', 2.5, 1e300, 'a', 3, 0), ('loss', 1.7976931348623157e308, 3000, 'a', 9007199254740993, 0),
            ('../x', 0, 4000, 'a', -3, 1);
        INSERT INTO params VALUES ('lr', 0.5, 'a'), (NULL, 'x', 'a'), ('none', NULL, 'a');",
    );
    let before = std::fs::read(&path).unwrap();
    let said = s.run("r", &["import", "mlflow", "--typed", &path]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.err
            .contains("points whose values or times are none (2)"),
        "{said:?}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let found = imported(&repo);
    assert_eq!(found.len(), 2);
    let odd = &found["\u{fffd}A"];
    let loss: Vec<(i64, u64)> = odd
        .metric("loss", "{}")
        .iter()
        .map(|p| (p.0, p.1))
        .collect();
    let infinite = f64::INFINITY.to_bits();
    assert_eq!(
        loss,
        [(1, 1f64.to_bits()), (9_007_199_254_740_993, infinite)]
    );
    assert!(f64::from_bits(odd.metric("../x", "{}")[0].1).is_nan());
    assert_eq!(odd.param(&["lr"]), Some(aim_value::Tree::Float(0.5)));
    let deleted = found.values().find(|run| run.record.archived).unwrap();
    assert_eq!(deleted.record.finalized_at, Some(5_000_000));
}

#[test]
fn artifacts_are_looked_for_where_mlflow_puts_them_alone() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let id = "0123456789abcdef0123456789abcdef";
    let own = s.path("mlartifacts").join(id).join("artifacts");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::create_dir_all(s.path("private")).unwrap();
    std::fs::write(own.join("model.pt"), "weights").unwrap();
    std::fs::write(s.path("private/key"), "secret").unwrap();
    let private = s.path("private");
    let path = database(
        &s,
        &format!(
            "INSERT INTO runs VALUES ('{id}', 'good', 'FINISHED', 1000, 2000, 'active', 'file://{}', 1),
                ('private', 'forged', 'FINISHED', 1000, 2000, 'active', '{}', 1);",
            own.display(),
            private.display()
        ),
    );
    let said = s.run("r", &["import", "mlflow", &path]);
    assert_eq!(said.code, 0, "{said:?}");
    let found = imported(&repo);
    let artifacts = |name: &str| {
        let hash = found[name].record.hash_text();
        repo.artifacts(&hash).unwrap().all()
    };
    let good = artifacts("good");
    assert_eq!(good.len(), 1, "{good:?}");
    assert_eq!((good[0].name.as_str(), good[0].size), ("model.pt", Some(7)));
    assert!(artifacts("forged").is_empty());
}

#[test]
fn a_view_in_place_of_a_table_is_refused() {
    let s = Sandbox::new();
    let path = database(
        &s,
        "DROP TABLE metrics; CREATE VIEW metrics AS
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
            SELECT 'loss' AS key, i AS value, i AS timestamp, 'a' AS run_uuid, i AS step, 0 AS is_nan FROM n;",
    );
    std::fs::create_dir(s.path("r")).unwrap();
    let said = s.run("r", &["import", "mlflow", &path]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("no table metrics"), "{said:?}");
}

#[test]
fn a_database_that_is_damaged_is_one_error() {
    let s = Sandbox::new();
    let rows: String = (0..2000)
        .map(|i| format!("INSERT INTO metrics VALUES ('loss', {i}, {i}, 'a', {i}, 0);"))
        .collect();
    let path = database(
        &s,
        &format!("INSERT INTO runs (run_uuid) VALUES ('a');{rows}"),
    );
    let whole = std::fs::read(&path).unwrap();
    std::fs::create_dir(s.path("r")).unwrap();
    for (what, place) in [("cut", whole.len() / 2), ("flipped", 5000), ("head", 20)] {
        let mut bytes = whole.clone();
        match what {
            "cut" => bytes.truncate(place),
            _ => bytes[place..place + 400].fill(0xA5),
        }
        std::fs::write(&path, bytes).unwrap();
        let said = s.run("r", &["import", "mlflow", &path]);
        assert!(
            said.code == 0 || said.err.starts_with("error: "),
            "{what}: {said:?}"
        );
        assert!(!said.err.contains("panicked"), "{what}: {said:?}");
    }
}

/// Answers every request with the next of these bodies, and all further ones with the last.
fn server(bodies: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (i, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            // A head, and the body that it announces.
            loop {
                let read = stream.read(&mut piece).unwrap_or(0);
                request.extend(&piece[..read]);
                let text = String::from_utf8_lossy(&request).into_owned();
                let length = text
                    .to_lowercase()
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
                let head = text.find("\r\n\r\n").map(|at| at + 4);
                if read == 0 || head.is_some_and(|head| request.len() >= head + length.unwrap_or(0))
                {
                    break;
                }
            }
            let body = bodies[i.min(bodies.len() - 1)];
            let status = if body.starts_with('{') {
                "200 OK"
            } else {
                "403 Forbidden"
            };
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    url
}

#[test]
fn a_server_is_asked_page_by_page() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let url = server(&[
        r#"{"experiments": [{"experiment_id": "1", "name": "e"}], "next_page_token": "x"}"#,
        r#"{"experiments": [{"experiment_id": 2}]}"#,
        r#"{"runs": [{"info": {"run_id": "a", "run_name": "n", "status": "FINISHED", "start_time": "1000"},
            "data": {"metrics": [{"key": "loss"}], "params": [{"key": "p", "value": "1"}, {}]}}, {"info": {}}]}"#,
        r#"{"metrics": [{"value": NaN, "timestamp": 1000, "step": "1"}, {"value": "Infinity", "timestamp": 2000, "step": 2}],
            "next_page_token": "more"}"#,
        r#"{"metrics": [{"value": 3, "timestamp": 3000, "step": 3}, {"value": []}], "next_page_token": "more"}"#,
    ]);
    let said = s.run("r", &["import", "mlflow", &url]);
    assert_eq!(said.code, 0, "{said:?}");
    for lost in [
        "runs without an id (1)",
        "points whose values or times are none (1)",
    ] {
        assert!(said.err.contains(lost), "{said:?}");
    }
    let run = &imported(&repo)["n"];
    let steps: Vec<i64> = run.metric("loss", "{}").iter().map(|p| p.0).collect();
    assert_eq!((steps, run.record.created_at), (vec![1, 2, 3], 1_000_000));
}

#[test]
fn what_a_server_refuses_is_said() {
    let s = Sandbox::new();
    std::fs::create_dir(s.path("r")).unwrap();
    for (bodies, why) in [
        (&["who are you"][..], "set MLFLOW_TRACKING_TOKEN"),
        (&["{ no JSON"][..], "the answer is no JSON"),
    ] {
        let said = s.run("r", &["import", "mlflow", &server(bodies)]);
        assert_eq!(said.code, 1);
        assert!(said.err.contains(why), "{said:?}");
    }
}
