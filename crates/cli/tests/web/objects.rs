//! Images, texts, audios, figures and distributions, as the pages ask for them.

use crate::support::{Server, decode, repo, runs};
use aim::objects::{Element, ObjectKind, distribution::Distribution};
use aim::run::objects::{Moment, NewObject, SequenceId};
use aim::run::{EPOCH_NONE, Run};
use serde_json::{Value, json};

fn track(run: &Run, kind: ObjectKind, name: &str, step: i64, objects: &[(&[u8], &str, &str)]) {
    let sequence = SequenceId::new(kind, name, Some(r#"{"subset": "val"}"#)).unwrap();
    let list: Vec<NewObject<'_>> = objects
        .iter()
        .map(|(data, format, caption)| NewObject {
            data,
            format: Some(format),
            caption,
            meta: "",
        })
        .collect();
    let moment = Moment {
        step,
        epoch: if step == 0 { EPOCH_NONE } else { step },
        time: None,
    };
    run.track_objects(&sequence, moment, &list).unwrap();
}

fn gif(n: u8, size: usize) -> Vec<u8> {
    let mut bytes = b"GIF89a\x08\0\x04\0".to_vec();
    bytes.resize(size, n);
    bytes
}

fn server() -> (Server, String) {
    let mut hash = String::new();
    let server = Server::with(&[], |root| {
        let repo = repo::open(root);
        let run = repo::run(&repo, "digits");
        for step in 0..4 {
            let pictures = [gif(step, 100), gif(step + 10, 9000)];
            let list: Vec<(&[u8], &str, &str)> =
                pictures.iter().map(|p| (&**p, "gif", "größe")).collect();
            let step = i64::from(step);
            track(&run, ObjectKind::Image, "i", step, &list);
            track(
                &run,
                ObjectKind::Text,
                "t",
                step,
                &[(b"one", "text", ""), ("zwölf".as_bytes(), "text", "")],
            );
            track(
                &run,
                ObjectKind::Audio,
                "a",
                step,
                &[(b"ID3 and so on", "mp3", "tone")],
            );
            track(
                &run,
                ObjectKind::Figure,
                "f",
                step,
                &[(b"{\"data\": []}", "plotly", "")],
            );
            let values: Vec<u8> = [0.0f64, 1.0, 1.0, 4.0]
                .iter()
                .flat_map(|v| v.to_ne_bytes())
                .collect();
            let counted = Distribution::count(&values, Element::F64, 4, (0.0, 0.0)).unwrap();
            track(
                &run,
                ObjectKind::Distribution,
                "d",
                step,
                &[(&counted.encode(), "histogram", "")],
            );
        }
        run.close().unwrap();
        hash = run.hash().to_owned();
    });
    (server, hash)
}

fn batch(server: &Server, path: &str, name: &str) -> Value {
    let body = json!([{"name": name, "context": {"subset": "val"}}]).to_string();
    let answer = server.ask("POST", path, Some(&body));
    assert_eq!(answer.status, 200, "{}", answer.text());
    decode(&answer.body)
}

#[test]
fn a_search_has_sequences_of_its_kind() {
    let (server, hash) = server();
    let found = server.stream(
        "/api/runs/search/images?q=images.name+%3D%3D+%22i%22&record_density=2&index_density=2",
    );
    assert_eq!(runs(&found), [&*hash]);
    let run = &found[&*hash];
    assert_eq!(
        run["ranges"],
        json!({"record_range_used": [0, 4], "record_range_total": [0, 4],
               "index_range_used": [0, 2], "index_range_total": [0, 2]})
    );
    assert_eq!(run["props"]["experiment"]["name"], "digits");
    let trace = &run["traces"][0];
    assert_eq!(trace["context"], json!({"subset": "val"}));
    // Every second point, and the last.
    assert_eq!(trace["iters"], json!([0, 2, 3]));
    assert_eq!(trace["epochs"], json!([[null, 2, 3]]));
    let picture = &trace["values"][1][1];
    assert_eq!(
        (
            &picture["caption"],
            &picture["format"],
            &picture["width"],
            &picture["height"],
            &picture["index"]
        ),
        (
            &json!("größe"),
            &json!("gif"),
            &json!(8),
            &json!(4),
            &json!(1)
        )
    );
    assert_eq!(
        runs(&server.stream("/api/runs/search/texts?q=texts.name+%3D%3D+%22i%22")),
        [""; 0]
    );
    let wrong = server.get("/api/runs/search/images?q=images.nme");
    assert_eq!(wrong.status, 400);
    assert_eq!(
        server
            .get("/api/runs/search/images?record_density=0")
            .status,
        400
    );
    assert_eq!(
        server.get("/api/runs/search/images?record_range=x").status,
        400
    );
}

#[test]
fn bytes_come_by_their_uri() {
    let (server, hash) = server();
    let found = batch(
        &server,
        &format!("/api/runs/{hash}/images/get-batch?record_range=1:3&index_range=1:2"),
        "i",
    );
    assert_eq!(found["iters"], json!([1, 2]));
    assert_eq!(found["index_range"], json!([1, 2]));
    assert_eq!(found["record_range_used"], json!([1, 3]));
    let uris: Vec<&str> = (0..2)
        .map(|i| found["values"][i][0]["blob_uri"].as_str().unwrap())
        .collect();
    let body = json!(uris).to_string();
    let answer = server.ask("POST", "/api/runs/images/get-batch", Some(&body));
    let blobs = decode(&answer.body);
    for uri in uris {
        assert_eq!(blobs[uri]["~bytes"], 9000);
    }
    let gone = uris_body(&["1.3.1.1.999.0"]);
    assert!(
        server
            .ask("POST", "/api/runs/images/get-batch", Some(&gone))
            .body
            .is_empty()
    );
    let nonsense = uris_body(&["nonsense"]);
    assert_eq!(
        server
            .ask("POST", "/api/runs/images/get-batch", Some(&nonsense))
            .status,
        400
    );
}

fn uris_body(uris: &[&str]) -> String {
    json!(uris).to_string()
}

#[test]
fn every_kind_is_as_its_page_wants_it() {
    let (server, hash) = server();
    let step =
        |kind: &str, name: &str| batch(&server, &format!("/api/runs/{hash}/{kind}/get-step"), name);
    assert_eq!(
        step("texts", "t")["values"],
        json!([[{"index": 0, "data": "one"}, {"index": 1, "data": "zwölf"}]])
    );
    let audio = &step("audios", "a")["values"][0][0];
    assert_eq!(
        (&audio["format"], &audio["caption"]),
        (&json!("mp3"), &json!("tone"))
    );
    let figure = &step("figures", "f")["values"][0];
    assert_eq!(
        (&figure["source"], &figure["data"]),
        (&json!("plotly"), &json!("{\"data\": []}"))
    );
    let distribution = &step("distributions", "d")["values"][0];
    assert_eq!(
        (&distribution["bin_count"], &distribution["range"]),
        (&json!(4), &json!([0.0, 4.0]))
    );
    assert_eq!(distribution["data"]["~numpy"], json!([1.0, 2.0, 0.0, 1.0]));
    assert_eq!(step("texts", "t")["iters"], json!([3]));
    let second = batch(
        &server,
        &format!("/api/runs/{hash}/texts/get-step?record_step=1"),
        "t",
    );
    assert_eq!(second["iters"], json!([1]));
    assert_eq!(step("texts", "nope"), json!({}));

    let info = server.json(&format!("/api/runs/{hash}/info"));
    assert_eq!(
        info["traces"]["images"],
        json!([{"context": {"subset": "val"}, "name": "i"}])
    );
    let names = server.json("/api/projects/params?sequence=texts&exclude_params=True");
    assert_eq!(names["texts"], json!({"t": [{"subset": "val"}]}));
}
