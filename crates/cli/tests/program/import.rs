//! `libaim import`: files that the real tools wrote, and files that nobody should have written.

use crate::common::Sandbox;
use crate::event_file::{EventFile, scalar};
use aim::objects::ObjectKind;
use aim::objects::distribution::Distribution;
use aim::query::{Options, RunRecord, Select, Stream, query, read};
use aim::repo::RepoRef;
use aim::run::RunState;
use aim_value::{Path as ParamPath, Tree};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub fn samples(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(name)
}

/// Step, value, epoch, time; floats as their bits.
pub type Point = (i64, u64, i64, u64);

pub fn point(step: i64, value: f64, epoch: Option<i64>, time: f64) -> Point {
    let epoch = epoch.unwrap_or(aim::run::EPOCH_NONE);
    (step, value.to_bits(), epoch, time.to_bits())
}

/// All that an import is about, of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub record: RunRecord,
    pub params: Tree,
    /// By name and context.
    pub metrics: BTreeMap<(String, String), Vec<Point>>,
    pub log: Vec<(i64, String)>,
    /// By kind, name and context, then by step.
    pub objects: BTreeMap<(&'static str, String, String), BTreeMap<i64, Vec<Kept>>>,
}

/// An object.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub format: String,
    pub caption: String,
    pub meta: String,
    pub sides: (u32, u32),
    pub bytes: Vec<u8>,
}

impl Kept {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }
}

impl Imported {
    /// The objects of a point without a context.
    pub fn objects(&self, kind: &'static str, name: &str, step: i64) -> &[Kept] {
        let key = (kind, name.to_owned(), "{}".to_owned());
        let points = self.objects.get(&key);
        points
            .and_then(|points| points.get(&step))
            .map_or(&[], Vec::as_slice)
    }

    /// The texts of a sequence, by step.
    pub fn texts(&self, name: &str) -> Vec<(i64, &str)> {
        let key = ("texts", name.to_owned(), "{}".to_owned());
        let points = self.objects.get(&key).into_iter().flatten();
        points
            .flat_map(|(step, objects)| objects.iter().map(|object| (*step, object.text())))
            .collect()
    }

    pub fn param(&self, keys: &[&str]) -> Option<Tree> {
        let mut tree = &self.params;
        for key in keys {
            let Tree::Dict(entries) = tree else {
                return None;
            };
            tree = &entries.iter().find(|(k, _)| k == key)?.1;
        }
        Some(tree.clone())
    }

    pub fn metric(&self, name: &str, context: &str) -> &[Point] {
        let key = (name.to_owned(), context.to_owned());
        self.metrics.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// The runs of a repository by their names.
pub fn imported(repo: &RepoRef) -> BTreeMap<String, Imported> {
    let all = "run.archived or not run.archived";
    let runs = query(repo, all, Select::Runs, Options::default()).unwrap();
    let mut found = BTreeMap::new();
    for i in 0..runs.rows().len() {
        let record = runs.record(i).unwrap();
        let hash = record.hash_text();
        let one = format!("run.hash == '{hash}' and (run.archived or not run.archived)");
        let metrics = query(repo, &one, Select::Metrics, Options::default()).unwrap();
        let metrics = (0..metrics.rows().len()).map(|row| {
            let metric = metrics.metric(row).unwrap();
            let c = metrics.columns(row).unwrap();
            let points = (0..c.steps.len()).map(|p| {
                let (value, time) = (c.values[p].to_bits(), c.times[p].to_bits());
                (c.steps[p], value, c.epochs[p], time)
            });
            let key = (metric.name.to_string(), metric.context.to_string());
            (key, points.collect())
        });
        let log = aim::run::logs::read_logs(repo, &hash, Stream::Records, 0, u64::MAX).unwrap();
        let run = Imported {
            params: runs
                .param(i, &ParamPath::from_tokens::<String>([]))
                .unwrap(),
            metrics: metrics.collect(),
            log: log.into_iter().map(|(_, r)| (r.time, r.text)).collect(),
            objects: objects(repo, &hash),
            record,
        };
        let name = run.record.name.clone().unwrap_or(hash);
        assert!(found.insert(name.clone(), run).is_none(), "two runs {name}");
    }
    found
}

fn objects(
    repo: &RepoRef,
    hash: &str,
) -> BTreeMap<(&'static str, String, String), BTreeMap<i64, Vec<Kept>>> {
    read(repo, |snapshot| {
        let run = snapshot.find(hash)?.unwrap();
        let mut found = BTreeMap::new();
        for kind in ObjectKind::ALL {
            for sequence in snapshot.sequences(&run, kind)? {
                let mut points = BTreeMap::new();
                for step in snapshot.object_steps(sequence.key, i64::MIN, i64::MAX)? {
                    let point = snapshot.object_point(sequence.key, step)?.unwrap();
                    let kept = point.objects.into_iter().map(|object| Kept {
                        bytes: snapshot.object_bytes(&object).unwrap().into_owned(),
                        format: object.format,
                        caption: object.caption,
                        meta: object.meta,
                        sides: (object.width, object.height),
                    });
                    points.insert(step, kept.collect());
                }
                let (name, context) = (sequence.name.to_string(), sequence.context.to_string());
                found.insert((kind.plural(), name, context), points);
            }
        }
        Ok(found)
    })
    .unwrap()
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some("nan") => f64::NAN,
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        Some(other) => panic!("{other}"),
        None => value.as_f64().unwrap(),
    }
}

/// The points of a list `[step, value, time]`, as they are stored: the last of a step counts.
fn truth(points: &Value) -> BTreeMap<i64, (u64, Option<u64>)> {
    let points = points.as_array().unwrap().iter().map(|point| {
        let time = point[2].as_f64().map(f64::to_bits);
        (
            point[0].as_i64().unwrap(),
            (number(&point[1]).to_bits(), time),
        )
    });
    points.collect()
}

#[test]
fn tensorboard_files_of_every_writer_are_read_bit_for_bit() {
    for (writer, runs, code) in [("tensorboardX", 4, 1), ("torch", 1, 0), ("tf2", 2, 0)] {
        let s = Sandbox::new();
        let repo = s.repo("r");
        let directory = samples("tensorboard").join(writer);
        let said = s.run("r", &["import", "tensorboard", directory.to_str().unwrap()]);
        assert_eq!(said.code, code, "{said:?}");
        let text = std::fs::read_to_string(directory.join("truth.json")).unwrap();
        let want: Value = serde_json::from_str(&text).unwrap();
        let found = imported(&repo);
        assert_eq!(found.len(), runs, "{said:?}");
        for (run, want) in want["runs"].as_object().unwrap() {
            let run = &found[run];
            assert_eq!(run.record.experiment, writer);
            for (tag, points) in want["scalars"].as_object().into_iter().flatten() {
                // Some tags have a remark behind them.
                let tag = tag.split(" (").next().unwrap();
                let got = run.metric(tag, "{}").iter();
                let got = got.map(|p| (p.0, (p.1, Some(p.3)))).collect::<Vec<_>>();
                let want = truth(points);
                assert_eq!(got.len(), want.len(), "{writer} {tag}");
                for ((step, (value, time)), got) in want.into_iter().zip(got) {
                    assert_eq!((step, value), (got.0, got.1.0), "{writer} {tag}");
                    assert!(time.is_none() || time == got.1.1, "{writer} {tag}");
                }
            }
            let hparams = want["hparams"]["hparams"].as_object();
            for (key, value) in hparams
                .or(want["hparams"].as_object())
                .into_iter()
                .flatten()
            {
                let want = match value.as_bool() {
                    // Torch writes truth values as numbers.
                    Some(value) if writer == "torch" => Tree::Int(value.into()),
                    _ => Tree::from_json(&value.to_string()).unwrap(),
                };
                assert_eq!(run.param(&["hparams", key]), Some(want), "{writer} {key}");
            }
            media(run, want);
        }
        if writer != "tf2" {
            let [a, b] = match writer {
                "torch" => ["group_a", "group_b"],
                _ => ["group/a", "group/b"],
            }
            .map(|entry| format!(r#"{{"entry":"{entry}"}}"#));
            let run = &found["run1"];
            assert_eq!(run.metric("group", &a)[0].1, 1f64.to_bits());
            assert_eq!(run.metric("group", &b)[0].1, 2f64.to_bits());
            assert_eq!(run.objects("arrays", "pr", 0).len(), 1);
            assert!(
                run.objects
                    .keys()
                    .any(|(kind, name, _)| *kind == "arrays" && name.starts_with("mesh"))
            );
            assert!(
                said.err.contains("layouts of custom scalars (1)"),
                "{said:?}"
            );
        }
    }
}

/// Compares objects with what the tool was given.
fn media(run: &Imported, want: &Value) {
    let entries = |key: &str| want[key].as_object().into_iter().flatten();
    let step = |point: &Value| point[0].as_i64().unwrap();
    for (tag, points) in entries("texts") {
        for point in points.as_array().unwrap() {
            match point[1].as_str() {
                Some(text) => assert_eq!(run.texts(tag), [(step(point), text)]),
                None => {
                    let table = run.objects("tables", tag, step(point));
                    assert_eq!(
                        (table[0].format.as_str(), table[0].text()),
                        ("csv", "a,b\nc,d\n")
                    );
                }
            }
        }
    }
    for (tag, points) in entries("images") {
        for point in points.as_array().unwrap() {
            let found = run.objects("images", tag, step(point));
            let count = point[1]["count"].as_u64().unwrap_or(1);
            assert_eq!(found.len() as u64, count, "{tag}");
            for image in found {
                assert_eq!(image.format, "png");
                if let (Some(w), Some(h)) = (point[1]["w"].as_u64(), point[1]["h"].as_u64()) {
                    assert_eq!(image.sides, (w as u32, h as u32), "{tag}");
                }
                // The end of a PNG, which is there as it was.
                assert!(image.bytes.ends_with(b"IEND\xaeB\x60\x82"), "{tag}");
            }
        }
    }
    for (tag, points) in entries("histograms") {
        let point = &points[0];
        // What some writers make of a tag with a blank.
        let found = [tag.clone(), tag.replace(' ', "_")].map(|tag| {
            let found = run.objects("distributions", &tag, step(point));
            found.to_vec()
        });
        let found = found.concat();
        let found = Distribution::decode(&found[0].bytes).unwrap();
        let number = |key: &str| point[1][key].as_f64();
        assert_eq!(Some(found.count), number("num"), "{tag}");
        assert_eq!(found.weights.iter().sum::<f64>(), found.count, "{tag}");
        let Some(edges) = point[1]["edges"].as_array() else {
            assert_eq!(found.weights.len() as u64, point[1]["buckets"]);
            continue;
        };
        for (known, key) in [
            (found.min, "min"),
            (found.max, "max"),
            (found.sum, "sum"),
            (found.sum_squares, "sum_squares"),
        ] {
            assert_eq!(Some(known), number(key), "{tag} {key}");
        }
        // Writers leave out bins at the ends that are empty.
        let counts = point[1]["counts_numpy"].as_array().unwrap();
        let counts = counts.iter().map(|count| count.as_f64().unwrap());
        let lefts = edges.iter().map(|edge| edge.as_f64().unwrap());
        let want = lefts.zip(counts).filter(|(_, count)| *count > 0.0);
        let got = found.edges.iter().zip(&found.weights);
        let got = got.filter(|(_, w)| **w > 0.0).map(|(e, w)| (*e, *w));
        assert_eq!(got.collect::<Vec<_>>(), want.collect::<Vec<_>>(), "{tag}");
    }
    for (tag, points) in entries("audios") {
        let point = &points[0];
        let found = run.objects("audios", tag, step(point));
        assert_eq!((found.len(), found[0].format.as_str()), (1, "wav"), "{tag}");
        let rate = u32::from_le_bytes(found[0].bytes[24..28].try_into().unwrap());
        assert_eq!(u64::from(rate), point[1]["rate"]);
        assert_eq!(
            found[0].bytes.len() as u64,
            44 + 2 * point[1]["frames"].as_u64().unwrap()
        );
    }
    for (tag, points) in entries("raw_tensors") {
        let point = &points[0];
        let found = run.objects("arrays", tag, step(point));
        let values = point[1].as_array().unwrap().iter();
        let values: Vec<u8> = values
            .flat_map(|v| (v.as_f64().unwrap() as f32).to_le_bytes())
            .collect();
        assert!(found[0].bytes.starts_with(b"\x93NUMPY"));
        assert!(found[0].bytes.ends_with(&values), "{tag}");
    }
}

#[test]
fn a_damaged_record_is_named_and_the_rest_is_imported() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let directory = samples("tensorboard/tensorboardX");
    let said = s.run("r", &["import", "tensorboard", directory.to_str().unwrap()]);
    assert_eq!(said.code, 1);
    assert!(
        said.err
            .contains("lab at byte 194, up to 233: a record's checksum is wrong"),
        "{said:?}"
    );
    assert!(
        said.err.contains("lab ends within a record at byte 389"),
        "{said:?}"
    );
    let found = imported(&repo);
    let steps = |run: &str| -> Vec<i64> {
        let points = found[run].metric("a", "{}").iter();
        points.map(|p| p.0).collect()
    };
    assert_eq!(steps("flipped"), [0, 1, 2, 3, 5, 6, 7, 8, 9]);
    assert_eq!(steps("cut"), (0..9).collect::<Vec<_>>());
    // What its writer took back is gone, and what it wrote again is there.
    assert_eq!(steps("resumed"), (0..12).collect::<Vec<_>>());
    assert_eq!(found["resumed"].metric("a", "{}")[6].1, 106f64.to_bits());
}

#[test]
fn a_run_keeps_its_times_and_its_outcome() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    EventFile::new(&s.path("logs/good"))
        .event(1.7e9 + 0.25, 0, &[scalar("loss", 1.0)])
        .event(1.7e9 + 100.5, 1, &[scalar("loss", 0.5)]);
    EventFile::new(&s.path("logs/bad"))
        .event(1.6e9, 0, &[scalar("loss", 1.0)])
        .session_end(1.6e9 + 7.0, true);
    let args = ["import", "tensorboard", "../logs", "-e", "old", "-t", "tb"];
    s.run("r", &args);
    let found = imported(&repo);
    let good = &found["good"].record;
    assert_eq!(good.created_at, 1_700_000_000_250_000);
    assert_eq!(good.finalized_at, Some(1_700_000_100_500_000));
    assert_eq!(good.state, RunState::Finished);
    assert_eq!(
        (good.experiment.as_str(), &good.tags[..]),
        ("old", &["tb".to_owned()][..])
    );
    let bad = &found["bad"].record;
    assert_eq!(
        (bad.state, bad.finalized_at),
        (RunState::Failed, Some(1_600_000_007_000_000))
    );
}

#[test]
fn importing_again_goes_on_with_the_same_runs() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let directory = s.path("logs");
    let file = EventFile::new(&directory.join("run"));
    let file = file
        .event(1.0, 0, &[scalar("loss", 1.0)])
        .text(2.0, 1, "note", "first");
    let import = |path: &str| s.run("r", &["import", "tensorboard", path]);
    import("../logs");
    let first = imported(&repo);
    let again = import("../logs");
    assert!(again.err.contains("of 1 run nothing is new"), "{again:?}");
    assert_eq!(imported(&repo), first);

    file.event(3.0, 1, &[scalar("loss", 0.5)])
        .text(4.0, 2, "note", "second");
    // It has a name now that somebody gave it, and the directory is elsewhere.
    s.out("r", &["rename", "run", "mine"]);
    std::fs::rename(&directory, s.path("moved")).unwrap();
    let more = import("../moved");
    assert!(more.err.contains("2 points of 1 metric, 1 new"), "{more:?}");
    let found = imported(&repo);
    assert_eq!(found.len(), 1);
    let run = &found["mine"];
    assert_eq!(
        run.metric("loss", "{}"),
        [point(0, 1.0, None, 1.0), point(1, 0.5, None, 3.0)]
    );
    assert_eq!(run.texts("note"), [(1, "first"), (2, "second")]);
    assert_eq!(run.record.finalized_at, Some(4_000_000));

    // A second file whose writer begins again at step 1.
    EventFile::named(&s.path("moved/run"), "events.out.tfevents.2")
        .start(5.0, 1)
        .event(6.0, 2, &[scalar("loss", 0.25)]);
    import("../moved");
    let steps =
        |run: &Imported| -> Vec<i64> { run.metric("loss", "{}").iter().map(|p| p.0).collect() };
    assert_eq!(steps(&imported(&repo)["mine"]), [0, 2]);

    // What was deleted comes back.
    s.out("r", &["rm", "-y", "mine"]);
    import("../moved");
    assert_eq!(steps(&imported(&repo)["run"]), [0, 2]);
}

#[test]
fn a_dry_run_reports_and_stores_nothing() {
    let s = Sandbox::new();
    std::fs::create_dir(s.path("r")).unwrap();
    let directory = samples("tensorboard/tf2");
    let directory = directory.to_str().unwrap();
    let said = s.run("r", &["import", "tensorboard", "--dry-run", directory]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.err.contains("would import 2 runs with 21 points"),
        "{said:?}"
    );
    assert!(said.err.contains("8 objects"), "{said:?}");
    assert!(!s.path("r/.aim").exists());
}

#[test]
fn what_is_no_log_directory_is_refused() {
    let s = Sandbox::new();
    std::fs::create_dir(s.path("r")).unwrap();
    let none = s.run("r", &["import", "tensorboard", "."]);
    assert_eq!(none.code, 1);
    assert!(
        none.err
            .starts_with("error: there are no event files below ."),
        "{none:?}"
    );
    let missing = s.run("r", &["import", "tensorboard", "../nowhere"]);
    assert!(
        missing.err.contains("../nowhere cannot be read"),
        "{missing:?}"
    );
    assert!(!s.path("r/.aim").exists());
}

#[test]
fn names_times_and_steps_that_nobody_expects() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let long = "x".repeat(5000);
    EventFile::new(&s.path("logs/run"))
        .event(1.0, -3, &[scalar("../../etc/passwd", 1.0)])
        .event(f64::NAN, i64::MAX, &[scalar("\x1b[31mred\0", 2.0)])
        .event(1e300, i64::MIN, &[scalar("loss", 3.0)])
        .event(
            2.0,
            0,
            &[
                scalar(&long, 4.0),
                scalar("", 5.0),
                scalar("loss", f32::MIN_POSITIVE / 2.0),
            ],
        );
    let said = s.run("r", &["import", "tensorboard", "../logs"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.err.contains("names that libaim does not take (2)"),
        "{said:?}"
    );
    assert!(
        said.err.contains("points at the step -2^63 (1)"),
        "{said:?}"
    );
    let run = &imported(&repo)["run"];
    assert_eq!(
        run.metric("../../etc/passwd", "{}"),
        [point(-3, 1.0, None, 1.0)]
    );
    // Its time is none: it is that of the first event that has one.
    assert_eq!(
        run.metric("\x1b[31mred\0", "{}"),
        [point(i64::MAX, 2.0, None, 1.0)]
    );
    let tiny = f64::from(f32::MIN_POSITIVE / 2.0);
    assert_eq!(run.metric("loss", "{}"), [point(0, tiny, None, 2.0)]);
}

#[test]
fn many_tags_and_a_message_that_lies() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let mut file = EventFile::new(&s.path("logs/run"));
    let names: Vec<String> = (0..20_000).map(|i| format!("layer/{i}")).collect();
    for names in names.chunks(100) {
        let values: Vec<_> = names.iter().map(|name| scalar(name, 1.0)).collect();
        file = file.event(1.0, 0, &values);
    }
    // A summary that claims to be longer than its event.
    file = file.record(&[
        0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x2A, 0xFF, 0xFF, 0xFF, 0x0F, 1,
    ]);
    file.event(2.0, 1, &[scalar("layer/0", 2.0)]);
    let said = s.run("r", &["import", "tensorboard", "../logs"]);
    assert_eq!(said.code, 1);
    assert!(
        said.err
            .contains("a field is longer than the message that it is in"),
        "{said:?}"
    );
    let run = &imported(&repo)["run"];
    assert_eq!(run.metrics.len(), 20_000);
    assert_eq!(run.metric("layer/0", "{}").len(), 2);
}

/// The program, ended when the test ends.
struct Following(std::process::Child);

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_is_written_while_it_is_followed_comes_in() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    std::fs::create_dir(s.path("logs")).unwrap();
    let mut program = s.program("r");
    program.args(["import", "tensorboard", "--follow", "../logs"]);
    program.stderr(std::process::Stdio::null());
    let _following = Following(program.spawn().unwrap());
    let wait_for = |steps: &[i64]| {
        let begun = std::time::Instant::now();
        loop {
            let found = imported(&repo);
            let points = found.get("run").map(|run| run.metric("loss", "{}"));
            let there: Vec<i64> = points.into_iter().flatten().map(|p| p.0).collect();
            if there == steps {
                return;
            }
            assert!(
                begun.elapsed().as_secs() < 120,
                "{there:?} in place of {steps:?}"
            );
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    };
    let file = EventFile::new(&s.path("logs/run"));
    let file = file.event(1.0, 0, &[scalar("loss", 1.0)]);
    wait_for(&[0]);
    let file = file
        .text(1.5, 0, "note", "first")
        .event(2.0, 1, &[scalar("loss", 0.5)]);
    wait_for(&[0, 1]);
    assert_eq!(imported(&repo)["run"].texts("note"), [(0, "first")]);
    file.event(3.0, 5, &[scalar("loss", 0.25), scalar("new", 1.0)]);
    wait_for(&[0, 1, 5]);
    // A writer that begins again takes back what it wrote.
    EventFile::named(&s.path("logs/run"), "events.out.tfevents.2")
        .start(4.0, 1)
        .event(5.0, 2, &[scalar("loss", 0.75)]);
    wait_for(&[0, 2]);
    assert_eq!(imported(&repo)["run"].texts("note"), [(0, "first")]);
}
