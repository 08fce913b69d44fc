//! A data file with some of its words overwritten, opened and read: the input is pairs of a place and a word.
#![no_main]

use aim::query::{Options, Select, query, table};
use aim::repo::{Location, Repo, RepoOptions};
use aim::run::{EPOCH_NONE, Run};
use aim_value::Tree;
use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::OnceLock;

static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();

fn options() -> RepoOptions {
    let mut options = RepoOptions::default();
    options.store.map_size = Some(64 << 20);
    options
}

fn open(root: &Path) -> aim::error::Result<aim::repo::RepoRef> {
    let root = root.to_owned();
    Repo::open(Location { root }, &options(), true)
}

fn template() -> Vec<u8> {
    let directory = tempfile::tempdir().expect("a directory");
    let repo = open(directory.path()).expect("a repository");
    for n in 0..20 {
        let run = Run::create(repo.clone(), Some("fuzz")).expect("a run");
        run.set_param("hparams", Tree::from_json(r#"{"lr": 0.1, "l": [1, "x"]}"#).expect("JSON")).expect("a param");
        let metric = run.metric("loss", Some(r#"{"subset": "val"}"#)).expect("a metric");
        for step in 0..50 * n {
            metric.track(step as f64, step, EPOCH_NONE).expect("a value");
        }
        run.close().expect("an end");
    }
    drop(repo);
    std::fs::read(directory.path().join(".aim/lmdb/data.mdb")).expect("a data file")
}

fuzz_target!(|input: &[u8]| {
    let mut bytes = TEMPLATE.get_or_init(template).clone();
    for change in input.chunks_exact(11) {
        let place = u32::from_le_bytes([change[0], change[1], change[2], 0]) as usize % (bytes.len() - 8);
        bytes[place..place + 8].copy_from_slice(&change[3..]);
    }
    if let Some(cut) = input.chunks_exact(11).remainder().first() {
        bytes.truncate(bytes.len() * usize::from(*cut) / 255);
    }
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join(".aim/lmdb");
    std::fs::create_dir_all(&data).expect("a directory");
    std::fs::write(data.join("data.mdb"), bytes).expect("a file");
    if let Ok(repo) = open(directory.path()) {
        for select in [Select::Runs, Select::Metrics] {
            if let Ok(answer) = query(&repo, "run.hparams.lr > 0 or metric.last > 3", select, Options::default()) {
                (0..answer.rows().len()).for_each(|i| drop(answer.columns(i)));
                let _ = table(&answer);
            }
        }
    }
});
