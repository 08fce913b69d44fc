//! Any bytes as a table: as CSV, as JSON, and as what `libaim export` wrote.
#![no_main]

mod common;

use aim_cli::inputs::{Source, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    match how % 3 {
        0 => read(Source::Csv, &common::file("table.csv", rest)),
        1 => read(Source::Json, &common::file("lines.jsonl", rest)),
        _ => {
            let pieces = common::pieces(rest);
            let names = ["run.json", "points.csv", "log.jsonl", "terminal.jsonl", "objects.jsonl", "artifacts.jsonl"];
            let mut run = std::path::PathBuf::new();
            for (i, name) in names.iter().enumerate() {
                let path = common::file(&format!("export/run/{name}"), pieces.get(i).unwrap_or(&&b""[..]));
                run = path.parent().expect("a parent").to_owned();
            }
            read(Source::Own, &run)
        }
    };
});
