//! Any texts as the files of a run in MLflow's file store: it is read to its end.
#![no_main]

mod common;

use aim_cli::inputs::{Source, read};
use libfuzzer_sys::fuzz_target;

const FILES: [&str; 8] = [
    "1/meta.yaml",
    "1/0123456789abcdef0123456789abcdef/meta.yaml",
    "1/0123456789abcdef0123456789abcdef/metrics/loss",
    "1/0123456789abcdef0123456789abcdef/metrics/system/cpu",
    "1/0123456789abcdef0123456789abcdef/params/lr",
    "1/0123456789abcdef0123456789abcdef/tags/mlflow.runName",
    "1/0123456789abcdef0123456789abcdef/inputs/1/meta.yaml",
    "1/datasets/2/meta.yaml",
];

fuzz_target!(|input: &[u8]| {
    let pieces = common::pieces(input);
    let mut store = std::path::PathBuf::new();
    for (i, name) in FILES.iter().enumerate() {
        let path = common::file(&format!("mlruns/{name}"), pieces.get(i).unwrap_or(&&b""[..]));
        if i == 0 {
            store = path.ancestors().nth(2).expect("a store").to_owned();
        }
    }
    read(Source::Mlflow, &store);
});
