//! `libaim export`, read back: by `libaim import`, and by parsers that know nothing of it.

use crate::common::{Sandbox, picture, sample};
use crate::import::{Imported, Kept, imported};
use aim::objects::ObjectKind;
use aim::objects::distribution::Distribution;
use aim::query::Stream;
use aim::repo::{Edit, NoteEdit, Property, RepoRef};
use aim::run::objects::{Moment, NewObject, SequenceId};
use aim::run::{EPOCH_NONE, Mode, Outcome, Run, RunOptions, RunState, SourceLocation, Which};
use aim_value::Tree;
use std::collections::BTreeMap;

/// A run with everything that a format could lose.
fn odd(repo: &RepoRef) {
    let options = RunOptions {
        which: Which::Id("slurm-17", Mode::Create),
        experiment: Some("odd, \"quoted\"\n"),
        created_at: Some(1_600_000_000_123_457),
        import: true,
        ..RunOptions::default()
    };
    let run = Run::open(repo.clone(), &options).unwrap();
    run.set(Property::Name("../../\x1b[31mname".into()))
        .unwrap();
    run.set(Property::Description("first\nsecond".into()))
        .unwrap();
    run.set(Property::AddTag("a,b".into())).unwrap();
    run.set(Property::Archived(true)).unwrap();
    let params = r#"{"nan": NaN, "inf": [Infinity, -Infinity], "text": "NaN", "whole": 1, "float": 1.0,
        "zero": -0.0, "big": 123456789012345678901234567890, "bytes": {"__bytes__": "AAEC"}, "none": null,
        "deep": {"a/b": {"~": [{}, [], true]}}, "tiny": 5e-324, "exact": 0.1}"#;
    let Tree::Dict(params) = Tree::from_json(params).unwrap() else {
        unreachable!();
    };
    for (key, value) in params {
        run.set_param(&key, value).unwrap();
    }
    let values = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        5e-324,
        0.1 + 0.2,
        1e300,
    ];
    let steps = [i64::MIN + 1, -1, 0, 1, 2, 1 << 60, i64::MAX];
    let epochs = [EPOCH_NONE, -3, 0, 1, i64::MAX, EPOCH_NONE, 5];
    let times = [
        1.6e9,
        1_600_000_000.000_001,
        0.0,
        -5.5,
        4e9,
        1_600_000_000.999_999,
        1.6e9,
    ];
    let context = r#"{"b": [1, {"c": null}], "a": NaN, "subset": "väl"}"#;
    for (name, context) in [
        ("loss", None),
        ("loss", Some(context)),
        ("a/b \"c\",\n\x07", None),
    ] {
        let metric = run.metric(name, context).unwrap();
        metric
            .track_many_at(&values, Some(&steps), Some(&epochs), Some(&times))
            .unwrap();
    }
    let location = SourceLocation {
        file: "train.c".into(),
        line: 17,
        function: "main".into(),
    };
    run.log_at(Some(1_600_000_001_000_000), 30, "twice", Some(location))
        .unwrap();
    for _ in 0..2 {
        run.log_at(Some(1_600_000_002_000_000), 20, "twice", None)
            .unwrap();
        run.add_line_at(Some(1_600_000_003_000_001), 2, "\x1b[1mtwice\x1b[0m\t")
            .unwrap();
    }
    let outcome = Outcome {
        state: RunState::Failed,
        exit_code: Some(3),
        signal: Some(9),
    };
    run.close_as(outcome, Some(1_600_000_009_000_000)).unwrap();
    let hash = run.hash().to_owned();
    for note in ["first", "second\nline"] {
        let note = Edit::Note(NoteEdit::Add(note.into()));
        repo.edit_run(&hash, &[note]).unwrap();
    }
}

/// All of a repository; NaN among params, which equals nothing, as text.
fn everything(repo: &RepoRef) -> BTreeMap<String, (Imported, String)> {
    let runs = imported(repo).into_iter();
    runs.map(|(name, mut run)| {
        let hash = run.record.hash_text();
        let terminal = aim::run::logs::read_logs(repo, &hash, Stream::Terminal, 0, u64::MAX);
        let records = aim::run::logs::read_logs(repo, &hash, Stream::Records, 0, u64::MAX);
        let notes = aim::query::read(repo, |snapshot| {
            let run = snapshot.find(&hash)?.unwrap();
            let notes = snapshot.notes(&run)?.into_iter();
            Ok(notes.map(|note| note.text).collect::<Vec<_>>())
        });
        let params = std::mem::replace(&mut run.params, Tree::Null);
        let rest = format!(
            "{params:?} {:?} {:?} {:?}",
            terminal.unwrap(),
            records.unwrap(),
            notes.unwrap()
        );
        (name, (run, rest))
    })
    .collect()
}

fn sandbox() -> (Sandbox, RepoRef) {
    let s = Sandbox::new();
    let repo = s.repo("r");
    sample(&repo);
    odd(&repo);
    (s, repo)
}

#[test]
fn jsonl_is_strict_and_becomes_the_same_runs() {
    let (s, repo) = sandbox();
    let out = s.out("r", &["export", "jsonl"]);
    for line in out.lines() {
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(parsed.is_ok_and(|value| value["run"].is_string()), "{line}");
    }
    std::fs::write(s.path("all.jsonl"), &out).unwrap();
    let other = s.repo("other");
    let said = s.run("other", &["import", "jsonl", "../all.jsonl"]);
    assert_eq!(said.code, 0, "{said:?}");
    let found = everything(&other);
    assert_eq!(found, everything(&repo));
    // What is there already stays once.
    s.out("other", &["import", "jsonl", "../all.jsonl"]);
    assert_eq!(everything(&other), found);
}

#[test]
fn what_is_not_exported_is_said() {
    let (s, repo) = sandbox();
    let said = s.run("r", &["export", "jsonl"]);
    assert!(!said.err.contains("not exported"), "{said:?}");
    let run = Run::create(repo, Some("pictures")).unwrap();
    picture(&run, 0, b"GIF89a of a kind");
    picture(&run, 1, b"GIF89a of another");
    run.close().unwrap();
    let said = s.run("r", &["export", "csv"]);
    assert_eq!(said.code, 0, "{said:?}");
    let left = "not exported: 2 points of images, texts and other objects\n";
    assert!(said.err.contains(left), "{said:?}");
}

#[test]
fn a_directory_becomes_the_same_runs_and_is_described() {
    let (s, repo) = sandbox();
    s.out("r", &["export", "directory", "-t", "../all"]);
    let other = s.repo("other");
    let said = s.run("other", &["import", "directory", "../all"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(everything(&other), everything(&repo));

    let about = std::fs::read_to_string(s.path("all/ro-crate-metadata.json")).unwrap();
    let about: serde_json::Value = serde_json::from_str(&about).unwrap();
    let mut files = 0;
    for entity in about["@graph"].as_array().unwrap() {
        if entity["@type"] == "File" {
            assert!(
                s.path("all")
                    .join(entity["@id"].as_str().unwrap())
                    .is_file(),
                "{entity}"
            );
            files += 1;
        }
    }
    let written = std::fs::read_dir(s.path("all"))
        .unwrap()
        .map(|e| e.unwrap().path());
    let written = written.filter(|path| path.is_dir());
    let written: usize = written
        .map(|path| std::fs::read_dir(path).unwrap().count())
        .sum();
    assert_eq!(files, written);
    let again = s.run("r", &["export", "directory", "-t", "../all"]);
    assert!(again.err.contains("is not empty"), "{again:?}");
}

#[test]
fn a_refused_export_leaves_no_directory() {
    let (s, _repo) = sandbox();
    std::fs::create_dir(s.path("mine")).unwrap();
    for format in ["directory", "tensorboard"] {
        for to in ["../new/below", "../mine"] {
            let refused = s.run("r", &["export", format, "-t", to, "run.hash =="]);
            assert_ne!(refused.code, 0, "{refused:?}");
        }
        assert!(!s.path("new").exists());
        assert!(s.path("mine").exists());
    }
}

/// Tracks a point of objects: data, format, caption, meta.
fn track(run: &Run, kind: ObjectKind, name: &str, step: i64, objects: &[[&[u8]; 4]]) {
    let context = (name == "val").then_some(r#"{"subset": "val"}"#);
    let sequence = SequenceId::new(kind, name, context).unwrap();
    let moment = Moment {
        step,
        epoch: EPOCH_NONE,
        time: Some(1_600_000_000_000_000 + step),
    };
    let utf8 = |bytes| std::str::from_utf8(bytes).unwrap();
    let objects = objects
        .iter()
        .map(|[data, format, caption, meta]| NewObject {
            data,
            format: Some(utf8(format)),
            caption: utf8(caption),
            meta: utf8(meta),
        });
    run.track_objects(&sequence, moment, &objects.collect::<Vec<_>>())
        .unwrap();
}

/// A run with objects of every kind.
fn with_objects(repo: &RepoRef) {
    use ObjectKind::{Array, Audio, Distribution as Bins, Figure, Image, Table, Text, Video};
    let run = Run::create(repo.clone(), Some("objects")).unwrap();
    run.set(Property::Name("objects".into())).unwrap();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03 and so on";
    let large = [&png[..], &[7; 9000]].concat();
    let mut wav =
        b"RIFF....WAVEfmt ....\x01\0\x01\0\x40\x1f\0\0........data\x04\0\0\0abcd".to_vec();
    wav[32] = 2;
    let mut known =
        Distribution::new(&[1.0, 0.0, 2.0], Some(&[0.0, 1.0, 10.0, 11.5]), 0.0, 0.0).unwrap();
    (
        known.min,
        known.max,
        known.count,
        known.sum,
        known.sum_squares,
    ) = (0.5, 11.0, 3.0, 20.5, 200.25);
    let even = Distribution::new(&[0.0, 5.0], None, -1.0, 1.0).unwrap();
    track(&run, Image, "one", -3, &[[png, b"png", b"", b""]]);
    track(&run, Image, "one", 4, &[[&large, b"png", b"", b""]]);
    track(
        &run,
        Image,
        "val",
        1,
        &[[png, b"png", b"", b""], [&large, b"png", b"", b""]],
    );
    track(
        &run,
        Image,
        "../boxes",
        0,
        &[[png, b"png", b"a cat", b"{\"boxes\": [1]}"]],
    );
    track(&run, Image, "..:boxes", 0, &[[b"<svg/>", b"svg", b"", b""]]);
    track(
        &run,
        Text,
        "note",
        2,
        &[
            ["wörter\n".as_bytes(), b"markdown", b"", b""],
            [b"", b"markdown", b"", b""],
        ],
    );
    track(&run, Audio, "tone", 0, &[[&wav, b"wav", b"", b""]]);
    track(
        &run,
        Audio,
        "tones",
        0,
        &[[&wav, b"wav", b"beep", b""], [&wav, b"wav", b"", b""]],
    );
    track(
        &run,
        Bins,
        "uneven",
        0,
        &[[&known.encode(), b"histogram", b"", b""]],
    );
    track(
        &run,
        Bins,
        "even",
        7,
        &[[&even.encode(), b"histogram", b"", b""]],
    );
    track(
        &run,
        Table,
        "table",
        1,
        &[[b"a,b\n\"c,\",d\n", b"csv", b"", b""]],
    );
    track(&run, Figure, "figure", 1, &[[b"{}", b"plotly", b"", b""]]);
    track(&run, Video, "video", 1, &[[b"GIF89a", b"gif", b"", b""]]);
    track(&run, Array, "array", 1, &[[b"\x93NUMPY", b"npy", b"", b""]]);
    run.close().unwrap();
}

#[test]
fn lines_hold_every_object() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    with_objects(&repo);
    let said = s.run("r", &["export", "jsonl", "-o", "../all.jsonl"]);
    assert!(!said.err.contains("not exported"), "{said:?}");
    let text = std::fs::read_to_string(s.path("all.jsonl")).unwrap();
    assert!(text.contains(r#""data":"wörter\n""#), "texts can be read");
    for line in text.lines() {
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(parsed.is_ok(), "{line}");
    }
    let other = s.repo("other");
    let said = s.run("other", &["import", "jsonl", "../all.jsonl"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(everything(&other), everything(&repo));
    // What is wrong with one point is said, and the others come.
    let odd = text.replace(r#""data":"wörter\n""#, r#""data":17"#);
    std::fs::write(s.path("odd.jsonl"), odd).unwrap();
    let third = s.repo("third");
    let said = s.run("third", &["import", "jsonl", "../odd.jsonl"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("neither a text nor bytes"), "{said:?}");
    let (found, there) = (&imported(&third)["objects"], &imported(&repo)["objects"]);
    assert_eq!(found.objects.len(), there.objects.len() - 1);
}

#[test]
fn a_directory_holds_every_object_in_a_file() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    with_objects(&repo);
    let said = s.run("r", &["export", "directory", "-t", "../all"]);
    assert!(!said.err.contains("not exported"), "{said:?}");
    let other = s.repo("other");
    let said = s.run("other", &["import", "directory", "../all"]);
    assert_eq!(said.code, 0, "{said:?}");
    let (found, there) = (everything(&other), everything(&repo));
    assert_eq!(there["objects"].0.objects.len(), 13);
    assert_eq!(found, there);
    let hash = there["objects"].0.record.hash_text();
    let file = |name: &str| s.path("all").join(&hash).join("objects").join(name);
    assert!(
        std::fs::read(file("images/one/-3.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    assert_eq!(
        std::fs::read(file("texts/note/2-0.md")).unwrap(),
        "wörter\n".as_bytes()
    );
    assert!(file("images/_boxes-2/0.svg").is_file() || file("images/_boxes/0.svg").is_file());
    // A list that names something else is no way to it.
    let list = s.path("all").join(&hash).join("objects.jsonl");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(s.path("secret"), b"\x89PNG\r\n\x1a\n").unwrap();
    std::fs::write(
        &list,
        text.replace("objects/images/one/-3.png", "../../secret"),
    )
    .unwrap();
    let third = s.repo("third");
    let said = s.run("third", &["import", "directory", "../all"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("names no file below"), "{said:?}");
    assert!(
        imported(&third)["objects"]
            .objects("images", "one", -3)
            .is_empty()
    );
    assert_eq!(
        imported(&third)["objects"]
            .objects("images", "one", 4)
            .len(),
        1
    );
}

#[test]
fn event_files_hold_what_tensorboard_shows() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    with_objects(&repo);
    let said = s.run("r", &["export", "tensorboard", "-t", "../tb"]);
    for lost in [
        "arrays (1)",
        "figures (1)",
        "videos (1)",
        "images (1)",
        "captions (1)",
    ] {
        assert!(said.err.contains(lost), "{lost}: {said:?}");
    }
    let other = s.repo("other");
    let said = s.run("other", &["import", "tensorboard", "../tb"]);
    assert_eq!(said.code, 0, "{said:?}");
    let mut want = imported(&repo).remove("objects").unwrap().objects;
    let mut found = imported(&other).remove("objects").unwrap().objects;
    want.retain(|(kind, name, _), _| {
        !["arrays", "figures", "videos"].contains(kind) && !name.contains("boxes")
    });
    let key = ("distributions", "even".to_owned(), "{}".to_owned());
    let even = |all: &mut BTreeMap<_, BTreeMap<i64, Vec<Kept>>>| {
        let point: BTreeMap<i64, Vec<Kept>> = all.remove(&key).unwrap();
        Distribution::decode(&point[&7][0].bytes).unwrap()
    };
    // Of this one nothing is known but its bins; TensorBoard wants to know more.
    let (before, after) = (even(&mut want), even(&mut found));
    assert_eq!((before.weights, before.edges), (after.weights, after.edges));
    assert_eq!((after.min, after.max, after.count), (-1.0, 1.0, 5.0));
    found.retain(|(_, name, _), _| !name.contains("boxes"));
    assert_eq!(found, want);
}

#[test]
fn csv_has_every_point_exactly() {
    let (s, repo) = sandbox();
    s.out("r", &["export", "csv", "-o", "../points.csv"]);
    let other = s.repo("other");
    s.out("other", &["import", "csv", "../points.csv"]);
    let found = imported(&other);
    for run in imported(&repo).into_values() {
        let hash = run.record.hash_text();
        assert_eq!(found[&hash].metrics, run.metrics, "{hash}");
    }
    let some = s.out(
        "r",
        &[
            "export",
            "csv",
            "metric.name == 'accuracy' and run.hparams.lr > 0.1",
        ],
    );
    let names: Vec<&str> = some
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).unwrap())
        .collect();
    assert_eq!(names, ["accuracy"; 12]);
}

#[test]
fn event_files_come_back_as_far_as_they_can_hold_a_run() {
    let (s, repo) = sandbox();
    let said = s.run(
        "r",
        &["export", "tensorboard", "not run.archived", "-t", "../tb"],
    );
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("not represented: epochs ("), "{said:?}");
    let other = s.repo("other");
    s.out("other", &["import", "tensorboard", "../tb"]);
    let found = imported(&other);
    for run in imported(&repo)
        .into_values()
        .filter(|run| !run.record.archived)
    {
        let name = run.record.name.clone().unwrap_or(run.record.hash_text());
        let back = &found[&name];
        assert_eq!(back.record.created_at, run.record.created_at);
        assert_eq!(back.metrics.len(), run.metrics.len());
        for (key, points) in &run.metrics {
            let single = points.iter().map(|p| {
                let value = f64::from(f64::from_bits(p.1) as f32);
                (p.0, value.to_bits(), EPOCH_NONE, p.3)
            });
            assert_eq!(
                back.metrics[key],
                single.collect::<Vec<_>>(),
                "{name} {key:?}"
            );
        }
        assert_eq!(
            back.param(&["hparams", "lr"]),
            run.param(&["hparams", "lr"])
        );
        assert_eq!(back.param(&["hparams", "dataset"]), run.param(&["dataset"]));
    }
    // No name becomes a path.
    s.out(
        "r",
        &["export", "tensorboard", "run.archived", "-t", "../odd"],
    );
    let made = std::fs::read_dir(s.path("odd"))
        .unwrap()
        .map(|e| e.unwrap().file_name());
    assert_eq!(made.collect::<Vec<_>>(), ["_..___31mname"]);
}

#[test]
fn a_file_that_is_cut_or_changed_costs_no_more_than_it_must() {
    let (s, repo) = sandbox();
    let out = s.out("r", &["export", "jsonl", "run.name == 'baseline'"]);
    let mut lines: Vec<&str> = out.lines().collect();
    let cut = &lines[5][..lines[5].len() - 3];
    lines[5] = cut;
    lines[7] = r#"{"run":"a19eafea79062599d89d5fbf","name":"loss","step":"x","value":1,"time":1}"#;
    lines[9] = r#"{"run":"000000000000000000000000","name":"loss","step":1,"value":1,"time":1}"#;
    std::fs::write(s.path("cut.jsonl"), lines.join("\n")).unwrap();
    let other = s.repo("other");
    let said = s.run("other", &["import", "jsonl", "../cut.jsonl"]);
    assert_eq!(said.code, 1, "{said:?}");
    for rule in [
        "line 6: the line is no JSON object",
        "line 8: it is neither a point nor",
        "line 10: it is of a run",
    ] {
        assert!(said.err.contains(rule), "{said:?}");
    }
    let count = |repo: &RepoRef| -> usize {
        imported(repo)["baseline"]
            .metrics
            .values()
            .map(Vec::len)
            .sum()
    };
    assert_eq!(count(&other) + 3, count(&repo));
}
