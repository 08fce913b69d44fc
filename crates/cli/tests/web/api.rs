//! What the pages read.

use crate::support::{Server, decode, repo, runs};
use aim::artifacts::Mode;
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

fn server() -> (Server, Vec<String>) {
    let mut hashes = Vec::new();
    let server = Server::with(&[], |root| hashes = repo::of_all_kinds(root));
    (server, hashes)
}

#[test]
fn runs_come_newest_first_and_archived_ones_when_asked_for() {
    let (server, h) = server();
    let all = server.stream("/api/runs/search/run?q=&limit=45");
    assert_eq!(runs(&all), [&*h[3], &*h[1], &*h[0]]);
    let archived = server.stream("/api/runs/search/run?q=run.archived+%3D%3D+True");
    assert_eq!(runs(&archived), [&*h[2]]);
    // The last record says how far it got: all runs were looked at.
    let last = all.as_object().unwrap().iter().next_back().unwrap();
    assert!(last.0.starts_with("progress_"));
    assert_eq!(*last.1, json!([4, 4]));
}

#[test]
fn pages_go_on_behind_a_run() {
    let (server, h) = server();
    let first = server.stream("/api/runs/search/run?limit=2&report_progress=False");
    assert_eq!(runs(&first), [&*h[3], &*h[1]]);
    let path = format!(
        "/api/runs/search/run?limit=2&offset={}&report_progress=0",
        h[1]
    );
    let second = server.stream(&path);
    assert_eq!(
        second.as_object().unwrap().keys().collect::<Vec<_>>(),
        [&h[0]]
    );
    let path = format!(
        "/api/runs/search/run?limit=2&offset={}&report_progress=no",
        h[0]
    );
    assert!(server.get(&path).body.is_empty());
}

#[test]
fn a_run_has_its_properties_params_and_metrics() {
    let (server, h) = server();
    let all = server.stream("/api/runs/search/run?q=");
    let run = &all[&*h[0]];
    let props = &run["props"];
    assert_eq!(props["name"], "warm start ünï");
    assert_eq!(props["description"], "first line\nsecond");
    assert_eq!(props["experiment"]["name"], "digits");
    assert_eq!(props["tags"][1]["name"], "to check");
    assert_eq!(props["active"], false);
    assert!(props["end_time"].as_f64() >= props["creation_time"].as_f64());
    assert_eq!(all[&*h[1]]["props"]["name"], format!("Run: {}", h[1]));
    let params = &run["params"];
    assert_eq!(params["hparams"]["nested"]["deep"]["flag"], false);
    assert_eq!(params["hparams"]["layers"], json!([64, 10]));
    // What the UI would read wrong travels as something else that shows the same.
    let odd = &params["odd"];
    assert_eq!(odd["\"\""], 1);
    assert_eq!(odd["nan"], json!({"~float": "nan"}));
    assert_eq!(odd["edge"], json!(3_000_000_000.0));
    assert_eq!(odd["big"], "9007199254740993");
    assert_eq!(odd["list"], json!([{"a": 1}, [], {}]));
    assert_eq!(params.get("__system_params"), None);
    let traces = run["traces"]["metric"].as_array().unwrap();
    let names: Vec<&str> = traces.iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "__system__cpu",
            "__system__load_1m",
            "accuracy",
            "loss",
            "loss",
            "odd values"
        ]
    );
    assert_eq!(traces[3]["context"], json!({"subset": "train"}));
    assert_eq!(traces[3]["values"]["last"], 1.0 / 130.0);
    assert_eq!(traces[3]["values"]["last_step"], 129);
    let bare = server
        .stream("/api/runs/search/run?exclude_params=true&exclude_traces=TRUE&report_progress=f");
    let keys: Vec<&String> = bare[&*h[0]].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["props"]);
    let system = server.stream("/api/runs/search/run?skip_system=false");
    let host = &system[&*h[0]]["params"]["__system_params"]["hostname"];
    assert_eq!(host, "node17");
}

fn column(tree: &Value) -> Vec<f64> {
    let numbers = tree["~numpy"].as_array().unwrap().iter();
    numbers.map(|n| n.as_f64().unwrap_or(f64::NAN)).collect()
}

#[test]
fn metrics_have_points_sampled_within_bounds() {
    let (server, h) = server();
    let q = "metric.name+%3D%3D+%22loss%22+and+metric.context.subset+%3D%3D+%22train%22";
    for points in [1, 3, 4, 5, 50, 130, 500] {
        let found = server.stream(&format!("/api/runs/search/metric?q={q}&p={points}"));
        assert_eq!(runs(&found), [&*h[3], &*h[1], &*h[0]]);
        let trace = &found[&*h[0]]["traces"][0];
        let (steps, values) = (column(&trace["iters"]), column(&trace["values"]));
        assert!(
            !steps.is_empty() && steps.len() <= points,
            "{} of {points}",
            steps.len()
        );
        assert_eq!(*steps.last().unwrap(), 129.0);
        assert!(
            steps
                .iter()
                .zip(&values)
                .all(|(s, v)| (*v - 1.0 / (1.0 + s)).abs() < 1e-12)
        );
        assert_eq!(trace["slice"], json!([0, 0, points]));
        assert_eq!(column(&trace["timestamps"]).len(), steps.len());
        assert_eq!(trace["x_axis_values"], Value::Null);
    }
    let none = server.stream("/api/runs/search/metric?q=metric.name+%3D%3D+%22nothing%22");
    assert_eq!(none, json!({"progress_0": [0, 0]}));
}

#[test]
fn metrics_are_aligned_by_another_of_the_same_context() {
    let directory = tempfile::tempdir().unwrap();
    let root: PathBuf = directory.path().join("r");
    std::fs::create_dir(&root).unwrap();
    let run = repo::run(&repo::open(&root), "x");
    let context = Some(r#"{"k": 1}"#);
    repo::track(&run, "y", context, (0..30).map(f64::from));
    repo::track(&run, "x", context, (0..10).map(|i| f64::from(i) * 0.0));
    repo::track(&run, "x", None, (0..30).map(|_| 9.0));
    let hash = run.hash().to_owned();
    run.close().unwrap();
    let server = Server::start(&root, &[]);
    let q = "/api/runs/search/metric?q=metric.name+%3D%3D+%22y%22&p=50&x_axis=x&report_progress=0";
    let found = server.stream(q);
    let trace = &found[&hash]["traces"][0];
    // Zeros count, and the steps are those that have a value.
    assert_eq!(column(&trace["x_axis_values"]), [0.0; 10]);
    assert_eq!(
        column(&trace["x_axis_iters"]),
        (0..10).map(f64::from).collect::<Vec<_>>()
    );
    let body = json!({"align_by": "x", "runs": [
        {"run_id": hash, "traces": [{"name": "y", "context": {"k": 1}, "slice": [0, 0, 50]}]},
        {"run_id": "000000000000000000000000", "traces": []},
    ]});
    let answer = server.ask(
        "POST",
        "/api/runs/search/metric/align",
        Some(&body.to_string()),
    );
    let aligned = decode(&answer.body);
    assert_eq!(aligned[&hash][0]["x_axis_iters"], trace["x_axis_iters"]);
    assert_eq!(runs(&aligned), [&hash]);
}

#[test]
fn a_query_that_does_not_parse_says_where() {
    let (server, _) = server();
    // The UI counts in a pair of parentheses that it adds: offsets are one more than our columns.
    for (query, offset) in [("run.hparams.lr+%3E", 18), ("(ru.)", 6)] {
        for kind in ["run", "metric"] {
            let answer = server.get(&format!("/api/runs/search/{kind}?q={query}"));
            assert_eq!(answer.status, 400);
            let refusal = answer.json();
            assert_eq!(refusal["message"], "SyntaxError");
            assert_eq!(refusal["detail"]["line"], 1);
            assert_eq!(refusal["detail"]["offset"], offset, "{query}");
            assert_eq!(refusal["detail"]["end_offset"], offset);
        }
    }
}

#[test]
fn a_runs_page_lists_its_artifacts() {
    let directory = tempfile::tempdir().unwrap();
    let root: PathBuf = directory.path().join("r");
    std::fs::create_dir(&root).unwrap();
    let run = Arc::new(repo::run(&repo::open(&root), "x"));
    run.set_param("lr", repo::json("0.5")).unwrap();
    let file = directory.path().join("model.pt");
    for content in ["first", "second"] {
        std::fs::write(&file, content).unwrap();
        let new = NewArtifact {
            name: Some("model"),
            kind: Some("checkpoint"),
            step: Some(3),
            ..NewArtifact::new(&file, Mode::Copy)
        };
        Run::log_artifact(&run, &new).unwrap();
    }
    let hash = run.hash().to_owned();
    run.close().unwrap();
    let server = Server::start(&root, &[]);
    let info = server.json(&format!("/api/runs/{hash}/info"));
    // The latest version, and nothing of it among the params.
    let listed = info["artifacts"].as_array().unwrap();
    assert_eq!(listed.len(), 1, "{listed:?}");
    let path = file.to_str().unwrap();
    let told = ["name", "path", "uri", "version", "type", "size"].map(|key| &listed[0][key]);
    assert_eq!(
        json!(told),
        json!(["model", path, format!("file://{path}"), 1, "checkpoint", 6])
    );
    assert_eq!(info["params"]["lr"], 0.5);
    assert_eq!(info["params"].get("__artifacts"), None);
    let found = server.stream("/api/runs/search/run?q=&report_progress=0");
    assert_eq!(found[&hash]["params"]["lr"], 0.5, "{found}");
    assert_eq!(found[&hash]["params"].get("__artifacts"), None);
    // Nor in the API for scripts, which has every version.
    let run = server.json(&format!("/api/v1/runs/{hash}"));
    assert_eq!(run["params"], json!({"lr": 0.5}));
    let versions = run["artifacts"].as_array().unwrap();
    let told: Vec<_> = versions.iter().map(|one| &one["version"]).collect();
    assert_eq!(json!(told), json!([0, 1]));
    assert_eq!(run["used_artifacts"], json!([]));
    // Nor is it offered where params are chosen.
    let offered = server.json("/api/projects/params");
    assert!(offered["params"].get("lr").is_some(), "{offered}");
    assert_eq!(offered["params"].get("__artifacts"), None);
}

#[test]
fn a_runs_page_has_all_of_it() {
    let (server, h) = server();
    let info = server.json(&format!("/api/runs/{}/info", h[0]));
    assert_eq!(info["params"]["odd"]["nan"], "NaN");
    assert_eq!(info["params"]["odd"]["inf"], "inf");
    assert_eq!(info["params"]["odd"]["big"], "9007199254740993");
    assert_eq!(info["params"]["__system_params"]["hostname"], "node17");
    assert_eq!(info["props"]["notes"], 0);
    assert_eq!(info["traces"]["images"], json!([]));
    assert_eq!(info["artifacts"], json!([]));
    let listed = info["traces"]["metric"].as_array().unwrap();
    // A system metric that the UI does not know goes by another name, or the page would ask for it for ever.
    let names: Vec<&str> = listed.iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert_eq!(names[..2], ["__system__cpu", "system/load_1m"]);
    let asked = json!(
        listed
            .iter()
            .chain([&json!({"name": "gone", "context": {"b": 1, "a": 2}})])
            .collect::<Vec<_>>()
    );
    let path = format!("/api/runs/{}/metric/get-batch", h[0]);
    let batch = server.change("POST", &path, &asked.to_string());
    for (asked, got) in asked
        .as_array()
        .unwrap()
        .iter()
        .zip(batch.as_array().unwrap())
    {
        assert_eq!(asked["name"], got["name"]);
        assert_eq!(asked["context"].to_string(), got["context"].to_string());
        assert_eq!(
            got["values"].as_array().unwrap().is_empty(),
            got["name"] == "gone"
        );
    }
    assert_eq!(batch[1]["values"], json!([0.0, 1.0, 2.0, 3.0, 4.0]));
    let odd = batch
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["name"] == "odd values")
        .unwrap();
    assert_eq!(odd["values"][3], Value::Null);
    let missing = server.get("/api/runs/000000000000000000000000/info");
    assert_eq!(missing.status, 404);
    assert_eq!(missing.json()["message"], "Run not found.");
}

#[test]
fn logs_have_the_levels_that_the_ui_knows() {
    let (server, h) = server();
    let path = format!("/api/runs/{}/log-records", h[0]);
    let all = server.stream(&path);
    assert_eq!(all["log_records_count"], 5);
    let levels: Vec<&Value> = (0..5)
        .map(|i| &all[format!("~int {i}")]["log_level"])
        .collect();
    assert_eq!(levels, ["DEBUG", "INFO", "WARNING", "ERROR", "ERROR"]);
    let part = server.stream(&format!("{path}?record_range=1:3"));
    let keys: Vec<&String> = part.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["log_records_count", "~int 1", "~int 2"]);
    assert_eq!(server.get(&format!("{path}?record_range=x")).status, 400);
    let none = format!("/api/runs/{}/log-records", h[1]);
    assert!(server.get(&none).body.is_empty());
    assert!(
        server
            .get(&format!("/api/runs/{}/logs?record_range=", h[1]))
            .body
            .is_empty()
    );
    assert_eq!(
        server.get("/api/runs/000000000000000000000000/logs").status,
        404
    );
}

#[test]
fn the_project_knows_names_params_and_activity() {
    let (server, _) = server();
    let project = server.json("/api/projects/");
    assert_eq!(project["telemetry_enabled"], 0);
    let home =
        server.json("/api/projects/params?sequence=metric&sequence=images&exclude_params=True");
    assert_eq!(home["images"], json!({}));
    assert_eq!(
        home["metric"]["loss"],
        json!([{"subset": "train"}, {"subset": "val"}])
    );
    assert_eq!(home["metric"]["odd values"], json!([{}]));
    assert_eq!(home.get("params"), None);
    let all = server.json("/api/projects/params");
    assert!(all["params"]["hparams"]["nested"]["deep"]["flag"]["__example_type__"].is_string());
    assert!(all["distributions"].is_object());
    assert_eq!(
        server.get("/api/projects/params?sequence=films").status,
        400
    );
    let activity = server.json("/api/projects/activity");
    assert_eq!(activity["num_runs"], 4);
    assert_eq!(activity["num_archived_runs"], 1);
    assert_eq!(activity["num_experiments"], 2);
    assert_eq!(activity["num_active_runs"], 0);
    let hours = activity["activity_map"].as_object().unwrap().values();
    assert_eq!(hours.map(|n| n.as_u64().unwrap()).sum::<u64>(), 4);
}

#[test]
fn a_repository_without_runs_has_empty_answers() {
    let server = Server::with(&[], |root| drop(repo::open(root)));
    assert_eq!(
        server.stream("/api/runs/search/run"),
        json!({"progress_0": [0, 0]})
    );
    assert_eq!(server.json("/api/experiments"), json!([]));
    assert_eq!(server.json("/api/tags"), json!([]));
    assert_eq!(
        server.json("/api/projects/params?sequence=metric")["metric"],
        json!({})
    );
    assert!(server.get("/api/runs/active").body.is_empty());
    for kind in ["images", "texts", "audios", "figures", "distributions"] {
        let found = server.stream(&format!("/api/runs/search/{kind}?q="));
        assert_eq!(runs(&found), [""; 0]);
    }
}

#[test]
fn times_are_those_of_the_clients_clock() {
    let (server, h) = server();
    let info = server.json(&format!("/api/runs/{}/info", h[3]));
    let created = info["props"]["creation_time"].as_f64().unwrap();
    // Four hours before UTC: what its clock shows.
    let shown = jiff::Timestamp::from_second(created as i64 + 4 * 3600).unwrap();
    let begin = shown.strftime("datetime(%Y,+%-m,+%-d,+%-H,+%-M,+%-S)");
    let path = format!("/api/runs/search/run?report_progress=no&q=run.created_at+>=+{begin}");
    let path = path.replace('>', "%3E");
    let found = |offset: &str| {
        let headers = [("X-Timezone-Offset", offset)];
        let answer = crate::support::http::ask(&server.address, "GET", &path, &headers, None);
        assert_eq!(answer.status, 200, "{}", answer.text());
        runs(&decode(&answer.body)).contains(&&*h[3])
    };
    assert!(found("-240"));
    assert!(!found("0"));
    assert!(found("-300"));
    assert!(!found("-180"));
}

#[test]
fn what_names_nothing_is_missing_in_json() {
    let (server, h) = server();
    let note = format!("/api/runs/{}/note/x", h[0]);
    let paths = [
        "/api/runs/xyz/info",
        "/api/runs/%ff/info",
        "/api/runs/xyz/logs?record_range=",
        "/api/runs/xyz/note",
        "/api/tags/%ff",
        &note,
    ];
    for path in paths {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        assert!(answer.json()["message"].is_string(), "{path}");
    }
    let batch = server.ask("POST", "/api/runs/xyz/metric/get-batch", Some("[]"));
    assert_eq!(batch.status, 404, "{}", batch.text());
}
