//! Changes from the pages: they change what was asked, and nothing else of a run.

use crate::support::{Server, repo};
use serde_json::{Value, json};

fn server() -> (Server, Vec<String>) {
    let mut hashes = Vec::new();
    let server = Server::with(&[], |root| hashes = repo::of_all_kinds(root));
    (server, hashes)
}

fn props(server: &Server, hash: &str) -> Value {
    server.json(&format!("/api/runs/{hash}/info"))["props"].clone()
}

#[test]
fn a_run_is_renamed_without_being_opened() {
    let (server, h) = server();
    let before = props(&server, &h[1]);
    let changes =
        r#"{"name": " new ", "description": "said", "archived": true, "experiment": "other"}"#;
    let done = server.change("PUT", &format!("/api/runs/{}", h[1]), changes);
    assert_eq!(done, json!({"id": h[1], "status": "OK"}));
    let after = props(&server, &h[1]);
    assert_eq!(after["name"], "new");
    assert_eq!(after["description"], "said");
    assert_eq!(after["archived"], true);
    assert_eq!(after["experiment"]["name"], "other");
    for same in ["creation_time", "end_time", "active", "tags"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    let missing = server.ask("PUT", "/api/runs/000000000000000000000000", Some("{}"));
    assert_eq!(missing.status, 404);
}

#[test]
fn runs_are_archived_and_deleted_together() {
    let (server, h) = server();
    let two = json!([h[0], h[1]]).to_string();
    server.change("POST", "/api/runs/archive-batch?archive=true", &two);
    assert_eq!(props(&server, &h[0])["archived"], true);
    server.change("POST", "/api/runs/archive-batch?archive=false", &two);
    assert_eq!(props(&server, &h[0])["archived"], false);
    server.change("POST", "/api/runs/delete-batch", &two);
    assert_eq!(server.get(&format!("/api/runs/{}/info", h[0])).status, 404);
    server.change("DELETE", &format!("/api/runs/{}", h[2]), "");
    assert_eq!(server.json("/api/projects/activity")["num_runs"], 1);
}

#[test]
fn tags_come_and_go_and_have_colours() {
    let (server, h) = server();
    let path = format!("/api/runs/{}/tags/new", h[1]);
    let added = server.change("POST", &path, r#"{"tag_name": "baseline"}"#);
    let id = added["tag_id"].as_str().unwrap();
    assert_eq!(props(&server, &h[1])["tags"][0]["id"], id);
    let tag = format!("/api/tags/{id}");
    server.change(
        "PUT",
        &tag,
        r##"{"color": "#3E72E7", "description": "why"}"##,
    );
    let shown = server.json(&tag);
    assert_eq!(shown["color"], "#3E72E7");
    assert_eq!(shown["run_count"], 2);
    assert_eq!(props(&server, &h[0])["tags"][0]["color"], "#3E72E7");
    // Renamed, it is the same thing with the same runs.
    server.change("PUT", &tag, r#"{"name": "renamed", "archived": true}"#);
    let shown = server.json(&tag);
    assert_eq!(
        (&shown["name"], &shown["archived"]),
        (&json!("renamed"), &json!(true))
    );
    assert_eq!(
        (&shown["color"], &shown["run_count"]),
        (&json!("#3E72E7"), &json!(2))
    );
    let runs = server.json(&format!("{tag}/runs"));
    assert_eq!(runs["runs"][0]["run_id"], h[1]);
    let path = format!("/api/runs/{}/tags/{id}", h[1]);
    let removed = server.change("DELETE", &path, "");
    assert_eq!(removed["removed"], true);
    assert_eq!(server.json(&tag)["run_count"], 1);
    assert_eq!(server.change("DELETE", &tag, ""), Value::Null);
    assert_eq!(server.get(&tag).status, 404);
    assert_eq!(props(&server, &h[0])["tags"].as_array().unwrap().len(), 1);
}

#[test]
fn a_tag_may_have_no_runs() {
    let (server, _) = server();
    let given = r##"{"name": "made here", "color": "#102030", "description": ""}"##;
    let made = server.change("POST", "/api/tags", given);
    let again = server.ask("POST", "/api/tags", Some(given));
    assert_eq!(again.status, 400);
    assert_eq!(
        again.json()["message"],
        "Tag with name 'made here' already exists."
    );
    let bare = server.change("POST", "/api/tags", r#"{"name": "bare"}"#);
    let all = server.json("/api/tags");
    let ids: Vec<&Value> = all.as_array().unwrap().iter().map(|t| &t["id"]).collect();
    assert!(ids.contains(&&made["id"]) && ids.contains(&&bare["id"]));
    let wrong = server.ask(
        "POST",
        "/api/tags",
        Some(r#"{"name": "x", "color": "red"}"#),
    );
    assert_eq!(wrong.status, 400);
}

#[test]
fn an_experiment_keeps_its_id_when_it_is_renamed() {
    let (server, h) = server();
    let id = props(&server, &h[0])["experiment"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/experiments/{id}");
    let taken = server.ask("PUT", &path, Some(r#"{"name": "ablation/α"}"#));
    assert_eq!(taken.status, 400);
    server.change(
        "PUT",
        &path,
        r#"{"name": "numbers", "description": "what it is"}"#,
    );
    let shown = server.json(&path);
    assert_eq!(shown["name"], "numbers");
    assert_eq!(shown["description"], "what it is");
    assert_eq!(shown["run_count"], 3);
    let experiment = props(&server, &h[0])["experiment"].clone();
    assert_eq!(experiment["id"], id);
    assert_eq!(experiment["description"], "what it is");
    let runs = server.json(&format!("{path}/runs?limit=2"));
    assert_eq!(runs["runs"].as_array().unwrap().len(), 2);
    assert_eq!(runs["runs"][0]["run_id"], h[2]);
    let rest = server.json(&format!("{path}/runs?limit=2&offset={}", h[1]));
    assert_eq!(rest["runs"][0]["run_id"], h[0]);
    assert_eq!(server.json(&format!("{path}/activity"))["num_runs"], 3);
    server.change("DELETE", &path, "");
    assert_eq!(server.json("/api/experiments").as_array().unwrap().len(), 1);
    assert_eq!(server.json("/api/projects/activity")["num_runs"], 1);
}

#[test]
fn notes_of_runs_and_experiments_are_kept() {
    let (server, h) = server();
    let id = props(&server, &h[0])["experiment"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for thing in [
        format!("/api/runs/{}/note", h[0]),
        format!("/api/experiments/{id}/note"),
    ] {
        assert_eq!(server.json(&thing), json!([]));
        let made = server.ask("POST", &thing, Some(r#"{"content": "A note **bold**"}"#));
        assert_eq!(made.status, 201, "{}", made.text());
        let note = format!("{thing}/{}", made.json()["id"]);
        let changed = server.change("PUT", &note, r#"{"content": "changed"}"#);
        assert_eq!(changed["content"], "changed");
        let listed = server.json(&thing);
        assert_eq!(listed[0]["content"], "changed");
        let at = listed[0]["created_at"].as_str().unwrap();
        assert!(at.len() == 26 && at.as_bytes()[10] == b'T', "{at}");
        server.change("DELETE", &note, "");
        assert_eq!(server.get(&note).status, 404);
        assert_eq!(server.json(&thing), json!([]));
    }
    assert_eq!(
        server.get("/api/runs/000000000000000000000000/note").status,
        404
    );
}
