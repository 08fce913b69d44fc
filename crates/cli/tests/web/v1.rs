//! The API for scripts.

use crate::support::{Server, repo};
use serde_json::{Value, json};

fn server() -> (Server, Vec<String>) {
    let mut hashes = Vec::new();
    let server = Server::with(&[], |root| hashes = repo::of_all_kinds(root));
    (server, hashes)
}

#[test]
fn runs_come_in_pages() {
    let (server, h) = server();
    let first = server.json("/api/v1/runs?limit=2&q=run.archived+in+(True,+False)");
    let hashes = |page: &Value| -> Vec<String> {
        let runs = page["runs"].as_array().unwrap().iter();
        runs.map(|run| run["hash"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(hashes(&first), [&*h[3], &*h[2]]);
    let behind = first["next"].as_str().unwrap();
    let second = server.json(&format!(
        "/api/v1/runs?limit=3&behind={behind}&q=run.archived+in+(True,+False)"
    ));
    assert_eq!(hashes(&second), [&*h[1], &*h[0]]);
    assert_eq!(second["next"], Value::Null);
    let run = server.json(&format!("/api/v1/runs/{}", h[0]));
    assert_eq!(run, second["runs"][1]);
    assert_eq!(run["status"], "finished");
    assert_eq!(
        run["params"]["odd"]["big"],
        json!(9_007_199_254_740_993_u64)
    );
}

#[test]
fn metrics_come_with_points_when_asked_for() {
    let (server, h) = server();
    let q = "metric.name+%3D%3D+%22loss%22";
    let bare = server.json(&format!("/api/v1/metrics?q={q}"));
    assert_eq!(bare.as_array().unwrap().len(), 4);
    assert_eq!(bare[0]["points"], Value::Null);
    assert_eq!(bare[0]["last"], 57.0);
    let of_run = server.json(&format!("/api/v1/runs/{}/metrics?points=10000", h[0]));
    let odd = of_run
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["name"] == "odd values")
        .unwrap();
    assert_eq!(odd["count"], 20);
    assert_eq!(odd["points"]["values"][3], Value::Null);
    assert_eq!(odd["points"]["epochs"][0], Value::Null);
    for (points, status) in [
        ("0", 200),
        ("3", 422),
        ("4", 200),
        ("10000", 200),
        ("10001", 422),
    ] {
        let path = format!("/api/v1/metrics?points={points}");
        assert_eq!(server.get(&path).status, status, "{points}");
    }
}

#[test]
fn logs_and_names_are_there() {
    let (server, h) = server();
    let logs = server.json(&format!(
        "/api/v1/runs/{}/logs/records?from=3&limit=1",
        h[0]
    ));
    assert_eq!(logs[0]["text"], "error");
    assert_eq!(logs[0]["number"], 3);
    assert_eq!(
        server
            .get(&format!("/api/v1/runs/{}/logs/films", h[0]))
            .status,
        404
    );
    assert_eq!(
        server.json("/api/v1/names")["loss"],
        json!([{"subset": "train"}, {"subset": "val"}])
    );
    assert_eq!(server.json("/api/v1/experiments")[1]["runs"], 3);
    assert_eq!(server.json("/api/v1/tags")[0]["name"], "baseline");
}

#[test]
fn the_description_names_every_path() {
    let (server, _) = server();
    let described = server.json("/api/v1/openapi.json");
    let paths: Vec<&String> = described["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths.len(), 8, "{paths:?}");
}
