//! `libaim import csv` and `jsonl`: tables of real loggers, and tables that are none.

use crate::common::Sandbox;
use crate::import::{Imported, imported, samples};
use aim_value::Tree;
use std::collections::BTreeMap;

/// The only run that comes out of a file.
fn one(s: &Sandbox, args: &[&str], code: i32) -> (Imported, String) {
    let said = s.run("r", &[&["import"], args].concat());
    assert_eq!(said.code, code, "{said:?}");
    let mut found = imported(&s.repo("r"));
    assert_eq!(found.len(), 1, "{said:?}");
    (found.pop_first().unwrap().1, said.err)
}

fn sandbox() -> Sandbox {
    let s = Sandbox::new();
    std::fs::create_dir(s.path("r")).unwrap();
    s
}

pub fn at<'t>(tree: &'t Tree, key: &str) -> Option<&'t Tree> {
    match tree {
        Tree::Dict(entries) => Some(&entries.iter().find(|(k, _)| k == key)?.1),
        _ => None,
    }
}

pub fn entries<'t>(tree: &'t Tree, key: &str) -> &'t [(String, Tree)] {
    match at(tree, key) {
        Some(Tree::Dict(entries)) => entries,
        _ => &[],
    }
}

pub fn items(tree: &Tree) -> &[Tree] {
    match tree {
        Tree::List(items) => items,
        other => panic!("{other:?} is no list"),
    }
}

pub fn whole(tree: &Tree) -> i64 {
    match tree {
        Tree::Int(i) => *i,
        other => panic!("{other:?} is not whole"),
    }
}

pub fn number(tree: &Tree) -> f64 {
    match tree {
        Tree::Int(i) => *i as f64,
        Tree::Float(f) => *f,
        Tree::Str(word) => word.parse().unwrap(),
        other => panic!("{other:?} is no number"),
    }
}

/// Steps and values of a metric, bit for bit.
fn steps(run: &Imported, name: &str, context: &str) -> Vec<(i64, u64)> {
    let points = run.metric(name, context).iter();
    points.map(|p| (p.0, p.1)).collect()
}

#[test]
fn tables_of_real_loggers() {
    let text = std::fs::read_to_string(samples("tables/truth.json")).unwrap();
    let truth = Tree::from_json(&text).unwrap();
    let truth = at(&truth, "files").unwrap();
    for (file, format, code, metrics) in [
        ("wide.csv", "csv", 0, 3),
        ("lightning_metrics.csv", "csv", 0, 3),
        ("keras_log.csv", "csv", 0, 4),
        ("log.jsonl", "jsonl", 1, 2),
        ("hf_trainer_state.json", "jsonl", 0, 7),
    ] {
        let s = sandbox();
        let path = samples("tables").join(file);
        let (run, err) = one(&s, &[format, path.to_str().unwrap()], code);
        let want = at(truth, file).unwrap();
        assert_eq!(
            run.metrics.len(),
            metrics,
            "{file}: {:?}",
            run.metrics.keys()
        );
        for (name, points) in entries(want, "series") {
            // Of two rows with the same step the last one counts.
            let points = items(points).iter().map(items);
            let points = points.map(|p| (whole(&p[0]), number(&p[1]).to_bits()));
            let points: BTreeMap<i64, u64> = points.collect();
            let got: BTreeMap<i64, u64> = steps(&run, name, "{}").into_iter().collect();
            assert_eq!(got, points, "{file} {name}");
        }
        for (name, epochs) in entries(want, "epochs") {
            let epochs: Vec<i64> = items(epochs).iter().map(whole).collect();
            let got: Vec<i64> = run.metric(name, "{}").iter().map(|p| p.2).collect();
            assert_eq!(got, epochs, "{file} {name}");
        }
        for (name, texts) in entries(want, "texts") {
            for text in items(texts) {
                let [step, Tree::Str(text)] = items(text) else {
                    panic!("{text:?}");
                };
                let step = whole(step);
                assert!(run.texts(name).contains(&(step, text)), "{name} {step}");
            }
        }
        match file {
            "log.jsonl" => {
                assert!(
                    err.contains("log.jsonl, line 8: the line is no JSON object"),
                    "{err}"
                );
                assert!(err.contains("lists (5)"), "{err}");
                assert_eq!(run.record.created_at, 1_700_000_000_500_000);
                assert_eq!(run.record.finalized_at, Some(1_700_000_004_500_000));
                assert_eq!(run.metric("loss", "{}")[1].3, 1_700_000_001.5f64.to_bits());
            }
            "hf_trainer_state.json" => {
                assert_eq!(run.param(&["trainer", "max_steps"]), Some(Tree::Int(8)));
                let epochs: Vec<i64> = run.metric("loss", "{}").iter().map(|p| p.2).collect();
                assert_eq!(epochs, [0, 1, 1, 2]);
                assert!(err.contains("fractions of epochs (2)"), "{err}");
            }
            _ => {}
        }
    }
}

#[test]
fn a_table_of_points_holds_several_runs() {
    let s = sandbox();
    let path = samples("tables/long.csv");
    let import = || s.run("r", &["import", "csv", path.to_str().unwrap()]);
    assert_eq!(import().code, 0);
    let found = imported(&s.repo("r"));
    let r1 = steps(&found["r1"], "loss", r#"{"subset":"train"}"#);
    assert_eq!(r1.len(), 5);
    assert_eq!(r1[2], (2, 0.333_333_333_333_333_3f64.to_bits()));
    let r2 = found["r2"].metric("loss", "{}")[0];
    assert_eq!(r2, crate::import::point(0, 2.0, Some(1), 1_700_000_000.5));
    assert_eq!(found["r1"].record.finalized_at, Some(1_700_000_004_000_000));
    let again = import();
    assert!(again.err.contains("of 2 runs nothing is new"), "{again:?}");
    assert_eq!(imported(&s.repo("r")), found);
}

#[test]
fn what_grows_goes_on() {
    let s = sandbox();
    let path = s.path("log.csv");
    let args = [
        "csv",
        path.to_str().unwrap(),
        "--step",
        "n",
        "--time",
        "at",
        "--name",
        "mine",
    ];
    std::fs::write(&path, "n;at;loss\n1;2024-01-01T00:00:00Z;0.5\n").unwrap();
    one(&s, &args, 0);
    std::fs::write(
        &path,
        "n;at;loss\n1;2024-01-01T00:00:00Z;0.5\n2;1704067201.25;0.25\n",
    )
    .unwrap();
    let (run, err) = one(&s, &args, 0);
    assert!(err.contains("1 new"), "{err}");
    assert_eq!(run.record.name.as_deref(), Some("mine"));
    let want = [
        crate::import::point(1, 0.5, None, 1_704_067_200.0),
        crate::import::point(2, 0.25, None, 1_704_067_201.25),
    ];
    assert_eq!(run.metric("loss", "{}"), want);
}

#[test]
fn json_in_every_shape() {
    for (text, steps_of_loss) in [
        (
            r#"[{"step": 3, "loss": 1}, {"step": 4, "loss": "NaN"}]"#,
            vec![3, 4],
        ),
        // Keras' History.history.
        (
            "{\"loss\": [3, 2, 1],\n \"val_loss\": [3, 3, 3]}",
            vec![0, 1, 2],
        ),
        ("{\"loss\": 1}\r\n{\"loss\": 2}\r\n", vec![0, 1]),
        (
            r#"{"name": "loss", "value": 1, "step": 7, "context": {"a": 1}}"#,
            vec![],
        ),
    ] {
        let s = sandbox();
        std::fs::write(s.path("x.json"), text).unwrap();
        let (run, _) = one(&s, &["jsonl", "../x.json"], 0);
        let found: Vec<i64> = steps(&run, "loss", "{}").iter().map(|p| p.0).collect();
        assert_eq!(found, steps_of_loss, "{text}");
        if steps_of_loss.is_empty() {
            assert_eq!(steps(&run, "loss", r#"{"a":1}"#), [(7, 1f64.to_bits())]);
        }
    }
}

#[test]
fn lines_that_are_none_are_named_and_the_rest_is_imported() {
    let s = sandbox();
    let deep = "[".repeat(10_000);
    let lines = format!("step,loss\n1,1.0\n2,2.0,3\n3,\u{feff}x\n4.5,1\n5,\"4\n{deep}");
    std::fs::write(s.path("x.csv"), [lines.as_bytes(), b"\n6,\xFF\n"].concat()).unwrap();
    let (run, err) = one(&s, &["csv", "../x.csv"], 1);
    assert!(
        err.contains("x.csv, line 3: a row has more fields than the header"),
        "{err}"
    );
    assert!(
        err.contains("rows whose step is no whole number (1)"),
        "{err}"
    );
    assert_eq!(steps(&run, "loss", "{}"), [(1, 1f64.to_bits())]);

    let s = sandbox();
    let lines = format!("{{\"loss\": 1}}\n{deep}\n[1]\n{{\"loss\": 2}}\n\"\\u\n\0\n");
    std::fs::write(s.path("x.jsonl"), lines).unwrap();
    let (run, err) = one(&s, &["jsonl", "../x.jsonl"], 1);
    for line in [2, 3, 5, 6] {
        assert!(
            err.contains(&format!("line {line}: the line is no JSON object")),
            "{err}"
        );
    }
    assert_eq!(steps(&run, "loss", "{}").len(), 2);
}
