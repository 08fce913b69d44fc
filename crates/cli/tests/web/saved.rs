//! What the UI saves lies in the repository: another server on it has it, too.

use crate::support::{Server, repo};
use serde_json::{Value, json};

#[test]
fn bookmarks_reports_and_pins_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    drop(repo::open(directory.path()));
    let server = Server::start(directory.path(), &[]);
    let state = json!({"select": {"query": "ü", "advancedMode": false}, "zero": 0.5});
    let given = json!({"type": "metrics", "state": state}).to_string();
    let app = server.change("POST", "/api/apps", &given);
    let id = app["id"].as_str().unwrap();
    let given = json!({"app_id": id, "name": "mine", "description": "shows"}).to_string();
    let bookmark = server.change("POST", "/api/dashboards", &given);
    assert_eq!(bookmark["app_type"], "metrics");
    let given = r##"{"name": "rep", "description": "says", "code": "# Title"}"##;
    let report = server.change("POST", "/api/reports", given);
    let path = format!("/api/reports/{}", report["id"].as_str().unwrap());
    server.change("PUT", &path, r#"{"name": "rep2"}"#);
    let pins = json!({"sequences": [{"name": "loss", "context": {"subset": "train"}}]});
    server.change("POST", "/api/projects/pinned-sequences", &pins.to_string());
    drop(server);

    let server = Server::start(directory.path(), &[]);
    assert_eq!(server.json(&format!("/api/apps/{id}"))["state"], state);
    assert_eq!(server.json("/api/dashboards")[0]["name"], "mine");
    let report = server.json(&path);
    assert_eq!(
        (&report["name"], &report["code"]),
        (&json!("rep2"), &json!("# Title"))
    );
    assert_eq!(server.json("/api/projects/pinned-sequences"), pins);
    let dashboard = format!("/api/dashboards/{}", bookmark["id"].as_str().unwrap());
    assert_eq!(server.change("DELETE", &dashboard, ""), Value::Null);
    assert_eq!(server.get(&dashboard).status, 404);
    assert_eq!(server.json("/api/dashboards"), json!([]));
}
