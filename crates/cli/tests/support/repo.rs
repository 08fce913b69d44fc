//! Repositories to look at.

use aim::repo::{Location, Property, Repo, RepoOptions, RepoRef};
use aim::run::{EPOCH_NONE, Run};
use aim_value::Tree;
use std::path::Path;

pub fn open(root: &Path) -> RepoRef {
    let location = Location {
        root: root.to_owned(),
    };
    Repo::open(location, &RepoOptions::default(), true).unwrap()
}

pub fn run(repo: &RepoRef, experiment: &str) -> Run {
    Run::create(repo.clone(), Some(experiment)).unwrap()
}

pub fn json(text: &str) -> Tree {
    Tree::from_json(text).unwrap()
}

pub fn track(run: &Run, name: &str, context: Option<&str>, values: impl Iterator<Item = f64>) {
    let metric = run.metric(name, context).unwrap();
    for (step, value) in values.enumerate() {
        metric.track(value, step as i64, EPOCH_NONE).unwrap();
    }
}

/// Every kind of data, in runs from the oldest to the newest; their hashes.
pub fn of_all_kinds(root: &Path) -> Vec<String> {
    let repo = open(root);
    let full = run(&repo, "digits");
    full.set(Property::Name("warm start ünï".into())).unwrap();
    full.set(Property::Description("first line\nsecond".into()))
        .unwrap();
    full.set(Property::AddTag("baseline".into())).unwrap();
    full.set(Property::AddTag("to check".into())).unwrap();
    let params =
        r#"{"lr": 0.0001, "layers": [64, 10], "nested": {"deep": {"flag": false}}, "none": null}"#;
    full.set_param("hparams", json(params)).unwrap();
    let odd = Tree::Dict(vec![
        ("".into(), Tree::Int(1)),
        ("nan".into(), Tree::Float(f64::NAN)),
        ("inf".into(), Tree::Float(f64::INFINITY)),
        ("edge".into(), Tree::Int(3_000_000_000)),
        ("big".into(), Tree::Int((1 << 53) + 1)),
        ("bytes".into(), Tree::Bytes(vec![0, 254])),
        ("list".into(), json(r#"[{"a": 1}, [], {}]"#)),
        ("uni".into(), Tree::Str("日本 ÿ".into())),
    ]);
    full.set_param("odd", odd).unwrap();
    full.set_param("__system_params", json(r#"{"hostname": "node17"}"#))
        .unwrap();
    let fall = |from: f64| (0..130).map(move |step| from / (1.0 + f64::from(step)));
    track(&full, "loss", Some(r#"{"subset": "train"}"#), fall(1.0));
    track(&full, "loss", Some(r#"{"subset": "val"}"#), fall(2.0));
    track(
        &full,
        "accuracy",
        Some(r#"{"top": 5, "subset": "val"}"#),
        (0..13).map(|i| f64::from(i) / 13.0),
    );
    let spikes = (0..20).map(|i| match i % 5 {
        3 => f64::NAN,
        4 => f64::INFINITY,
        _ => f64::from(i),
    });
    track(&full, "odd values", None, spikes);
    track(&full, "__system__cpu", None, (0..5).map(f64::from));
    track(&full, "__system__load_1m", None, (0..5).map(f64::from));
    for (level, message) in [
        (10, "debug"),
        (20, "info"),
        (30, "warning"),
        (40, "error"),
        (50, "critical"),
    ] {
        full.log(level, message, None).unwrap();
    }
    for line in 0..30 {
        full.add_line_at(None, 1, &format!("line {line}")).unwrap();
    }
    full.close().unwrap();
    let mut hashes = vec![full.hash().to_owned()];
    for i in 1..4 {
        let other = run(&repo, if i == 3 { "ablation/α" } else { "digits" });
        other
            .set_param("hparams", json(&format!(r#"{{"lr": 0.000{i}}}"#)))
            .unwrap();
        track(
            &other,
            "loss",
            Some(r#"{"subset": "train"}"#),
            (0..20).map(|s| f64::from(s * i)),
        );
        if i == 2 {
            other.set(Property::Archived(true)).unwrap();
        }
        other.close().unwrap();
        hashes.push(other.hash().to_owned());
    }
    hashes
}
