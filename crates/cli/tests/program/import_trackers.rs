//! `libaim import wandb` and `mlflow`: what these tools left on the disk.

use crate::common::Sandbox;
use crate::import::{Imported, imported, samples};
use crate::import_tables::{at, entries, items, number, whole};
use aim::artifacts::Checked;
use aim::objects::distribution::Distribution;
use aim::query::Stream;
use aim::run::RunState;
use aim_value::Tree;
use std::collections::BTreeMap;

fn truth(name: &str) -> Tree {
    let text = std::fs::read_to_string(samples(name)).unwrap();
    Tree::from_json(&text).unwrap()
}

fn text(tree: &Tree, key: &str) -> Option<String> {
    match at(tree, key)? {
        Tree::Str(text) => Some(text.clone()),
        _ => None,
    }
}

/// Numbers of an object with their names, those of objects in it behind a dot.
fn flat(prefix: &str, tree: &Tree, found: &mut Vec<(String, f64)>) {
    match tree {
        Tree::Dict(entries) => {
            for (key, value) in entries {
                let dot = if prefix.is_empty() { "" } else { "." };
                flat(&format!("{prefix}{dot}{key}"), value, found);
            }
        }
        Tree::Bool(b) => found.push((prefix.to_owned(), f64::from(u8::from(*b)))),
        Tree::Str(word) => found.extend(word.parse().ok().map(|f| (prefix.to_owned(), f))),
        other => found.push((prefix.to_owned(), number(other))),
    }
}

#[test]
fn runs_of_wandb_as_they_lie_on_the_disk() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let directory = samples("wandb");
    let import = || s.run("r", &["import", "wandb", directory.to_str().unwrap()]);
    let said = import();
    assert_eq!(said.code, 0, "{said:?}");
    let found = imported(&repo);
    assert_eq!(found.len(), 3, "{said:?}");
    let truth = truth("wandb/truth.json");
    for (key, want) in entries(&truth, "runs") {
        let id = text(want, "id").unwrap();
        let run = found
            .values()
            .find(|run| run.param(&["wandb", "id"]) == Some(Tree::Str(id.clone())));
        let run = run.unwrap_or_else(|| panic!("{key} in {found:?}"));
        assert_eq!(Some(&run.record.experiment), text(want, "project").as_ref());
        for (key, value) in entries(want, "config") {
            assert_eq!(run.param(&[key]).as_ref(), Some(value), "{key}");
        }
        assert_eq!(run.param(&["_wandb"]), None);
        let mut metrics: BTreeMap<String, Vec<(i64, u64)>> = BTreeMap::new();
        for row in at(want, "history").map(items).into_iter().flatten() {
            let [step, values] = items(row) else {
                panic!("{row:?}");
            };
            let mut numbers = Vec::new();
            flat("", values, &mut numbers);
            for (name, value) in numbers {
                metrics
                    .entry(name)
                    .or_default()
                    .push((whole(step), value.to_bits()));
            }
        }
        for (name, points) in metrics {
            let got: Vec<_> = run.metric(&name, "{}").iter().map(|p| (p.0, p.1)).collect();
            assert_eq!(got, points, "{key} {name}");
        }
        let begun = run.record.created_at as f64 / 1e6;
        let ended = run.record.finalized_at.unwrap() as f64 / 1e6;
        let (t0, t1) = (
            number(at(want, "t0").unwrap()),
            number(at(want, "t1").unwrap()),
        );
        assert!(
            t0 <= begun && begun <= ended && ended <= t1 + 1.0,
            "{key}: {t0} {begun} {ended} {t1}"
        );
        let state = match at(want, "exit_code") {
            Some(Tree::Int(0)) => (RunState::Finished, Some(0)),
            Some(code) => (RunState::Failed, Some(whole(code) as i32)),
            None => (RunState::Crashed, None),
        };
        assert_eq!((run.record.state, run.record.exit_code), state, "{key}");
    }
    let full = &found["all kinds"];
    assert_eq!(full.record.description, "some notes é");
    assert_eq!(full.record.tags, ["a", "b"]);
    assert_eq!(
        full.param(&["wandb", "group"]),
        Some(Tree::Str("g1".into()))
    );
    assert_eq!(
        full.param(&["wandb", "summary", "best"]),
        Some(Tree::Float(0.9))
    );
    // `define_metric` said that epochs are the steps of val/*.
    let epochs: Vec<(i64, i64)> = full
        .metric("val/acc", "{}")
        .iter()
        .map(|p| (p.0, p.2))
        .collect();
    assert_eq!(epochs, [(0, 0), (5, 1), (10, 2), (15, 3)]);
    assert!(
        full.metrics.keys().any(|(name, _)| name == "__system__cpu"),
        "{:?}",
        full.metrics.keys()
    );
    assert_eq!(full.texts("text"), [(25, "a string")]);
    media(full);
    let hash = full.record.hash_text();
    let terminal = aim::run::logs::read_logs(&repo, &hash, Stream::Terminal, 0, 100).unwrap();
    assert!(
        terminal
            .iter()
            .any(|(_, line)| line.text == "printed line" && line.level == 1)
    );
    assert!(
        said.err
            .contains("artifacts without files, which are params (3)"),
        "{said:?}"
    );
    // Every point that reached the disk before the kill.
    let killed = found["killed"].metric("loss", "{}");
    assert!(killed.len() > 2900, "{}", killed.len());
    assert!(killed.iter().all(|p| p.1 == (p.0 as f64).to_bits()));
    let again = import();
    assert!(again.err.contains("of 3 runs nothing is new"), "{again:?}");
    assert_eq!(
        imported(&repo).keys().collect::<Vec<_>>(),
        found.keys().collect::<Vec<_>>()
    );
}

/// The objects of the first sample.
fn media(run: &Imported) {
    let image = &run.objects("images", "img", 40)[0];
    assert_eq!(
        (image.format.as_str(), image.caption.as_str(), image.sides),
        ("png", "one", (24, 16))
    );
    let list = run.objects("images", "imgs", 41).iter();
    let captions: Vec<&str> = list.map(|image| image.caption.as_str()).collect();
    assert_eq!(captions, ["c0", "c1", "c2"]);
    let boxes = &run.objects("images", "boxes", 42)[0];
    assert!(boxes.meta.contains(r#""minX":0.1"#), "{}", boxes.meta);
    assert_eq!(run.objects("images", "boxes.masks.m", 42).len(), 1);
    let even = &run.objects("distributions", "hist", 43)[0];
    let even = Distribution::decode(&even.bytes).unwrap();
    assert_eq!((even.weights.len(), even.weights.iter().sum()), (16, 500.0));
    let uneven = &run.objects("distributions", "hist_np", 43)[0];
    let uneven = Distribution::decode(&uneven.bytes).unwrap();
    assert_eq!(uneven.edges, [0.0, 1.0, 2.0, 5.0]);
    assert_eq!(uneven.weights, [1.0, 2.0, 3.0]);
    let table = &run.objects("tables", "table", 44)[0];
    assert_eq!(
        table.text(),
        "i,pred,img\n0,p0,Image\n1,p1,Image\n2,p2,Image\n"
    );
    let html = &run.objects("texts", "html", 45)[0];
    assert_eq!((html.format.as_str(), html.text()), ("html", "<b>x</b>"));
    let audio = &run.objects("audios", "audio", 45)[0];
    assert_eq!(
        (audio.caption.as_str(), audio.bytes.len()),
        ("beep", 44 + 1600)
    );
    let points = &run.objects("arrays", "points", 45)[0];
    let head = String::from_utf8_lossy(&points.bytes[..80]).into_owned();
    assert!(
        head.contains("'descr': '<f8'") && head.contains("(50, 3)"),
        "{head}"
    );
    assert_eq!(run.objects("videos", "video", 46)[0].format, "gif");
    assert!(
        run.metrics.keys().all(|(name, _)| !name.starts_with("img")),
        "{run:?}"
    );
}

#[test]
fn a_wandb_run_without_its_files_is_one_without_its_pictures() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let file = "run-oddy049y.wandb";
    let folder = samples("wandb/wandb/offline-run-20261126_003147-oddy049y");
    std::fs::create_dir_all(s.path("wandb/files/media/audio")).unwrap();
    std::fs::copy(folder.join(file), s.path("wandb").join(file)).unwrap();
    std::fs::write(s.path("secret"), "RIFF....WAVE").unwrap();
    let sound = s.path("wandb/files/media/audio/audio_44_07fded96414e03961585.wav");
    std::os::unix::fs::symlink(s.path("secret"), sound).unwrap();
    let said = s.run("r", &["import", "wandb", "../wandb"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err
            .contains("img_30_c2a7b4a0ab65859b4c55.png: No such file"),
        "{said:?}"
    );
    assert!(
        said.err
            .contains("audio_44_07fded96414e03961585.wav leads out of"),
        "{said:?}"
    );
    let run = &imported(&repo)["all kinds"];
    assert!(run.objects("images", "img", 40).is_empty());
    assert!(run.objects("audios", "audio", 45).is_empty());
    assert_eq!(run.objects("distributions", "hist", 43).len(), 1);
}

#[test]
fn a_wandb_file_that_is_damaged_gives_what_is_sound() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let directory = samples("wandb/wandb/offline-run-20261126_003154-ga2du1xr");
    let file = directory.join("run-ga2du1xr.wandb");
    let mut bytes = std::fs::read(file).unwrap();
    // In the second block.
    bytes[40_000] ^= 1;
    std::fs::create_dir(s.path("wandb")).unwrap();
    std::fs::write(s.path("wandb/run.wandb"), &bytes).unwrap();
    std::fs::write(s.path("wandb/other.wandb"), b"no such file").unwrap();
    let said = s.run("r", &["import", "wandb", "../wandb"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err
            .contains("a piece's checksum is wrong; the next block is read"),
        "{said:?}"
    );
    assert!(
        said.err
            .contains("other.wandb: no record says which run it is"),
        "{said:?}"
    );
    let killed = &imported(&repo)["killed"];
    let points = killed.metric("loss", "{}");
    assert!((2000..2990).contains(&points.len()), "{}", points.len());
    assert!(points.iter().all(|p| p.1 == (p.0 as f64).to_bits()));
}

fn check_mlflow(run: &Imported, want: &Tree) {
    let name = text(want, "name").unwrap();
    for (key, value) in entries(want, "params") {
        assert_eq!(run.param(&[key]).as_ref(), Some(value), "{name} {key}");
    }
    for (key, points) in entries(want, "read_by_tool") {
        let mut points: Vec<(i64, u64, i64)> = items(points)
            .iter()
            .map(items)
            .map(|p| (whole(&p[0]), number(&p[1]).to_bits(), whole(&p[2])))
            .collect();
        points.sort_by_key(|point| point.2);
        if key == "no steps" {
            points
                .iter_mut()
                .enumerate()
                .for_each(|(i, point)| point.0 = i as i64);
        }
        // Of a step the latest counts.
        let points: BTreeMap<i64, (u64, u64)> = points
            .into_iter()
            .map(|p| (p.0, (p.1, (p.2 as f64 / 1e3).to_bits())))
            .collect();
        let key = key.replace("system/", "__system__");
        let got: BTreeMap<i64, (u64, u64)> = run
            .metric(&key, "{}")
            .iter()
            .map(|p| (p.0, (p.1, p.3)))
            .collect();
        assert_eq!(got, points, "{name} {key}");
    }
    let millis = |key: &str| match at(want, key) {
        Some(Tree::Int(millis)) => Some(millis * 1000),
        _ => None,
    };
    if let Some(begun) = millis("start_time") {
        assert_eq!(run.record.created_at, begun, "{name}");
    }
    if let Some(ended) = millis("end_time") {
        assert_eq!(run.record.finalized_at, Some(ended), "{name}");
    }
    if let Some(status) = text(want, "status") {
        let state = match status.as_str() {
            "FINISHED" => RunState::Finished,
            "FAILED" => RunState::Failed,
            "KILLED" => RunState::Interrupted,
            _ => RunState::Crashed,
        };
        assert_eq!(run.record.state, state, "{name}");
        assert_eq!(
            run.record.archived,
            at(want, "deleted") == Some(&Tree::Bool(true)),
            "{name}"
        );
    }
    for (key, value) in entries(want, "tags") {
        match key.as_str() {
            "mlflow.note.content" => assert_eq!(Tree::Str(run.record.description.clone()), *value),
            key => assert_eq!(run.param(&["mlflow", "tags", key]).as_ref(), Some(value)),
        }
    }
}

#[test]
fn runs_of_mlflow_as_they_lie_on_the_disk() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let directory = samples("mlflow/file/mlruns");
    let import = || s.run("r", &["import", "mlflow", directory.to_str().unwrap()]);
    let said = import();
    assert_eq!(said.code, 0, "{said:?}");
    let found = imported(&repo);
    let truth = truth("mlflow/file/truth.json");
    let runs = items(at(&truth, "runs").unwrap());
    assert_eq!(found.len(), runs.len());
    for want in runs {
        let run = &found[&text(want, "name").unwrap()];
        assert_eq!(
            run.record.experiment,
            text(want, "experiment").unwrap_or("digits".into())
        );
        check_mlflow(run, want);
    }
    // What is no image of a step is referred to where it lies.
    let hash = found["all kinds"].record.hash_text();
    let all = repo.artifacts(&hash).unwrap().all();
    let names: Vec<&str> = all.iter().map(|artifact| artifact.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "cfg.json",
            "eval.json",
            "fig.png",
            "img.png",
            "model",
            "notes"
        ],
        "{all:?}"
    );
    for (artifact, checked) in repo.verify_artifacts(&hash).unwrap() {
        assert_eq!(checked, Checked::Intact, "{artifact:?}");
        assert!(artifact.path.starts_with(directory.to_str().unwrap()));
    }
    let again = import();
    assert!(again.err.contains("of 7 runs nothing is new"), "{again:?}");

    // One run by itself, with params as numbers.
    let one = directory.join("289839954066934524/f10d576321e3498d99c0f3ddc2639f92");
    let other = s.repo("other");
    s.out(
        "other",
        &["import", "mlflow", "--typed", one.to_str().unwrap()],
    );
    let run = &imported(&other)["all kinds"];
    assert_eq!(run.record.experiment, "digits");
    assert_eq!(run.record.hash, found["all kinds"].record.hash);
    assert_eq!(run.param(&["lr"]), Some(Tree::Float(0.0001)));
    assert_eq!(run.param(&["batch_size"]), Some(Tree::Int(32)));
    assert_eq!(run.param(&["flag"]), Some(Tree::Bool(true)));
}

#[test]
fn lines_of_mlflow_that_are_none_are_named() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let run = s.path("mlruns/1/abc");
    std::fs::create_dir_all(run.join("metrics/deep")).unwrap();
    std::fs::write(
        run.join("meta.yaml"),
        "run_id: abc\nstart_time: 1000\nrun_name: 'x'\nstatus: 3\n",
    )
    .unwrap();
    // Behind the bound of a line stands what would be a point by itself.
    let long = format!("{}7000 9.0 7", "z".repeat(1 << 16));
    std::fs::write(
        run.join("metrics/deep/loss"),
        format!("1000 1.0 0\nx\n2000 2.0 1\n3000 y 2\n{long}\n4000 3"),
    )
    .unwrap();
    std::os::unix::fs::symlink("/etc", run.join("params")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", run.join("metrics/passwd")).unwrap();
    let said = s.run("r", &["import", "mlflow", "../mlruns"]);
    assert_eq!(said.code, 1, "{said:?}");
    for line in [2, 4] {
        assert!(
            said.err.contains(&format!(
                "loss, line {line}: it is not a time, a value and a step"
            )),
            "{said:?}"
        );
    }
    assert!(
        said.err.contains("loss, line 5: it is longer than 64 KiB"),
        "{said:?}"
    );
    let found = &imported(&repo)["x"];
    assert_eq!(found.metrics.len(), 1);
    assert_eq!(found.param(&["passwd"]), None);
    let values: Vec<u64> = found
        .metric("deep/loss", "{}")
        .iter()
        .map(|p| p.1)
        .collect();
    assert_eq!(values, [3f64.to_bits(), 2f64.to_bits()]);
}
