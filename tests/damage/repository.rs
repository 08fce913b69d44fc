//! A repository with a bit of everything, and a digest of all that it holds.

use aim::error::{Error, Result};
use aim::repo::{Location, Property, Repo, RepoOptions, RepoRef};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use aim::store::keys::{RunId, u64_at};
use aim::store::{Kind, Points, visit_series};
use aim_value::Tree;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

pub const RUNS: usize = 90;
/// Of each run, in the order in which they are set; others follow.
pub const PARAMS: [&str; 2] = ["hparams", "seed"];

/// What is read of one thing: its digest, or why it cannot be read.
pub type Contents = BTreeMap<String, std::result::Result<u64, String>>;

pub fn open(root: &Path) -> Result<RepoRef> {
    Repo::open(Location::find(Some(root))?, &RepoOptions::default(), true)
}

pub fn data_file(root: &Path) -> PathBuf {
    root.join(".aim/lmdb/data.mdb")
}

/// Runs with params from small to larger than a page, and sequences from few points to several blocks.
pub fn fill(root: &Path) {
    let repo = open(root).unwrap();
    for i in 0..RUNS {
        let run = Run::create(repo.clone(), Some(["digits", "words"][i % 2])).unwrap();
        run.set(Property::Name(format!("attempt {i}"))).unwrap();
        run.set(Property::AddTag(format!("tag{}", i % 7))).unwrap();
        let text = "layer ".repeat(if i % 9 == 0 { 2000 } else { i % 40 });
        let hparams =
            format!(r#"{{"lr": 1e-{i}, "batch": {i}, "net": {{"a": [1, 2], "b": "{text}"}}}}"#);
        run.set_param("hparams", Tree::from_json(&hparams).unwrap())
            .unwrap();
        run.set_param("seed", Tree::Int(i as i64)).unwrap();
        for (name, context) in SERIES {
            let points = match i % 30 {
                0 => 20_000,
                n => n as i64 * 3 + 1,
            };
            let values: Vec<f64> = (0..points)
                .map(|n| (n as f64).sqrt() / (i + 1) as f64)
                .collect();
            let metric = run.metric(name, context).unwrap();
            metric.track_many(&values, None, None).unwrap();
        }
        run.close().unwrap();
    }
}

pub const SERIES: [(&str, Option<&str>); 6] = [
    ("loss", None),
    ("loss", Some(r#"{"subset": "train"}"#)),
    ("loss", Some(r#"{"subset": "val"}"#)),
    ("accuracy", Some(r#"{"subset": "val"}"#)),
    ("gradient norm", None),
    ("learning rate", None),
];

/// Reads everything. Each thing that was read without an error has a digest.
pub fn read(repo: &Repo) -> Result<Contents> {
    let txn = repo.store.read()?;
    let mut ids: Vec<RunId> = Vec::new();
    let mut scan = txn.runs_scan()?;
    let mut row = scan.seek(&[0])?;
    while let Some((key, _)) = row {
        ids.extend(u64_at(key, 0));
        row = scan.next_row()?;
    }
    let mut contents = Contents::new();
    let mut note = |what: String, found: Result<Vec<u8>>| {
        let found = found.map(|bytes| xxh3_64(&bytes));
        contents.insert(what, found.map_err(|e| e.message));
    };
    for id in ids {
        let record = txn
            .run(id)
            .and_then(|r| r.ok_or_else(|| Error::corrupt("gone")));
        let record = record.map(|r| format!("{r:?}").into_bytes());
        note(format!("run {id}"), record);
        match txn.params(id) {
            Ok(Tree::Dict(params)) => {
                let place = |(key, _): &(String, Tree)| PARAMS.iter().position(|set| set == key);
                let places = params.iter().map(|p| place(p).unwrap_or(PARAMS.len()));
                assert!(places.is_sorted(), "run {id}: {params:?}");
                for (key, value) in params {
                    let value = value.to_json().into_bytes();
                    note(format!("params {id} {key}"), Ok(value));
                }
            }
            Ok(other) => panic!("the params of run {id} are {other:?}"),
            Err(e) => note(format!("params {id}"), Err(e)),
        }
        visit_series(
            &mut txn.series_scan()?,
            &id.to_be_bytes(),
            |key, aggregates| {
                let bytes = || -> Result<Vec<u8>> {
                    let name = txn.string(Kind::Name, key.name)?;
                    let context = txn.string(Kind::Context, key.context)?;
                    let aggregates = aggregates.map_err(|e| txn.located(e, key))?;
                    let mut points = Points::default();
                    txn.points(key, &mut points)?;
                    let mut bytes = format!("{name} {context} {aggregates:?} ").into_bytes();
                    points.encode(&mut bytes);
                    Ok(bytes)
                };
                note(format!("series {key}"), bytes());
                Ok(())
            },
        )?;
    }
    Ok(contents)
}

/// Goes on with a run: one more point of every sequence, one more param.
pub fn go_on(repo: &RepoRef, hash: &str) -> Result<()> {
    let run = Run::resume(repo.clone(), hash, None)?;
    for (name, context) in SERIES {
        run.track(
            name.as_bytes(),
            context.map(str::as_bytes),
            0.5,
            1 << 40,
            EPOCH_NONE,
        )?;
        run.track(
            name.as_bytes(),
            context.map(str::as_bytes),
            0.5,
            STEP_AUTO,
            EPOCH_NONE,
        )?;
    }
    run.set_param("again", Tree::Bool(true))?;
    run.close()
}

/// Writes a run of its own, as somebody would who goes on using the repository.
pub fn write(repo: &RepoRef) -> Result<String> {
    let run = Run::create(repo.clone(), None)?;
    run.set_param("lr", Tree::Float(0.5))?;
    for _ in 0..10 {
        run.track(b"loss", None, 0.5, STEP_AUTO, EPOCH_NONE)?;
    }
    run.close()?;
    Ok(run.hash().to_owned())
}
