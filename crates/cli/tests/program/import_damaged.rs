//! `libaim import` of what real tools wrote, damaged at random, and of what nobody should write: whatever it is, it ends with a
//! line and no panic, and takes no more memory than what is there calls for.

#[path = "../../../../tests/common/random.rs"]
mod random;

use crate::common::{Said, Sandbox, said};
use crate::event_file::{EventFile, checksum, image, scalar};
use crate::import::samples;
use random::{Random, rounds};
use std::path::{Path, PathBuf};

/// Cuts, flips, repeats or overwrites something of a file.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len() as u64) as usize;
        let to = (at + 1 + random.below(64) as usize).min(bytes.len());
        match random.below(5) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes[at..to].fill([0, 0xFF, b'9', b'"'][random.below(4) as usize]),
            3 => {
                let piece = bytes[at..to].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => drop(bytes.drain(at..to)),
        }
    }
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

/// Damages what a record of TensorBoard's holds, and makes its checksums right again: what reads messages meets it.
fn damage_event(file: &mut Vec<u8>, random: &mut Random) {
    let mut records = Vec::new();
    let mut at = 0;
    while let Some(header) = file.get(at..at + 8) {
        let length = u64::from_le_bytes(header.try_into().unwrap()) as usize;
        let Some(data) = file.get(at + 12..at + 12 + length) else {
            break;
        };
        records.push(data.to_vec());
        at += length + 16;
    }
    let chosen = random.below(records.len() as u64) as usize;
    damage(&mut records[chosen], random);
    file.clear();
    for data in records {
        let length = (data.len() as u64).to_le_bytes();
        file.extend(length);
        file.extend(checksum(&length).to_le_bytes());
        file.extend(&data);
        file.extend(checksum(&data).to_le_bytes());
    }
}

/// The same of W&B's: of a piece of a record.
fn damage_piece(file: &mut [u8], random: &mut Random) {
    const BLOCK: usize = 32 * 1024;
    let mut pieces = Vec::new();
    let mut at = 7;
    while at + 7 <= file.len() {
        let length = usize::from(u16::from_le_bytes([file[at + 4], file[at + 5]]));
        if length > 0 && at + 7 + length <= file.len() {
            pieces.push(at..at + 7 + length);
        }
        at += 7 + length;
        if BLOCK - at % BLOCK < 7 {
            at = at.next_multiple_of(BLOCK);
        }
    }
    let piece = &mut file[pieces[random.below(pieces.len() as u64) as usize].clone()];
    for _ in 0..=random.below(3) {
        let at = 7 + random.below(piece.len() as u64 - 7) as usize;
        piece[at] = random.below(256) as u8;
    }
    let sum = crc32fast::hash(&piece[6..]);
    piece[..4].copy_from_slice(&sum.to_le_bytes());
}

/// A copy in which one file is damaged.
fn copy(from: &Path, to: &Path, random: &mut Random) {
    let mut all = Vec::new();
    files(from, &mut all);
    all.sort();
    let chosen = random.below(all.len() as u64) as usize;
    for (i, path) in all.iter().enumerate() {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        let mut bytes = std::fs::read(path).unwrap();
        let name = path.to_string_lossy();
        let within = random.below(2) == 0;
        if i == chosen {
            match within {
                true if name.contains("tfevents") => damage_event(&mut bytes, random),
                true if name.ends_with(".wandb") => damage_piece(&mut bytes, random),
                _ => damage(&mut bytes, random),
            }
        }
        std::fs::write(target, bytes).unwrap();
    }
}

/// That a command ended as one should on what cannot be read.
fn ended(said: &Said, what: &str) {
    assert!(matches!(said.code, 0 | 1), "{what}: {said:?}");
    assert!(!said.err.contains("panicked"), "{what}: {said:?}");
    assert!(
        said.code == 0 || said.err.contains("error: "),
        "{what}: {said:?}"
    );
}

#[test]
fn damaged_tables_and_exports_end_with_a_word() {
    let mut random = Random::new("tables");
    let s = Sandbox::new();
    crate::common::sample(&s.repo("r"));
    s.out("r", &["export", "jsonl", "-o", "../own.jsonl"]);
    let own = std::fs::read(s.path("own.jsonl")).unwrap();
    let mut sources = vec![("jsonl", own)];
    for name in [
        "wide.csv",
        "long.csv",
        "lightning_metrics.csv",
        "keras_log.csv",
        "log.jsonl",
        "hf_trainer_state.json",
    ] {
        let kind = if name.ends_with(".csv") {
            "csv"
        } else {
            "jsonl"
        };
        sources.push((kind, std::fs::read(samples("tables").join(name)).unwrap()));
    }
    for _ in 0..rounds(40) {
        let (kind, bytes) = &sources[random.below(sources.len() as u64) as usize];
        let mut bytes = bytes.clone();
        damage(&mut bytes, &mut random);
        std::fs::write(s.path("table"), &bytes).unwrap();
        let said = s.run("r", &["import", kind, "--dry-run", "../table"]);
        ended(&said, &String::from_utf8_lossy(&bytes));
    }
}

/// Imports with so many KiB of memory for all.
fn with_memory(s: &Sandbox, kib: u64, args: &[&str]) -> Said {
    let program = s.program("r");
    let mut shell = std::process::Command::new("sh");
    shell
        .current_dir(program.get_current_dir().unwrap())
        .args(["-c", &format!("ulimit -v {kib}; exec \"$0\" \"$@\"")])
        .arg(program.get_program())
        .args(args);
    for (key, value) in program.get_envs() {
        match value {
            Some(value) => drop(shell.env(key, value)),
            None => drop(shell.env_remove(key)),
        }
    }
    said(&mut shell)
}

#[test]
fn files_that_are_much_larger_than_what_is_in_them() {
    let s = Sandbox::new();
    s.repo("r");
    // A gigabyte of zeros, which takes nothing on the disk: no line, no record, no block of it ends.
    for (tool, name) in [
        ("tensorboard", "logs/events.out.tfevents.1"),
        ("wandb", "wandb/run.wandb"),
        ("jsonl", "table.jsonl"),
        ("csv", "table.csv"),
    ] {
        let path = s.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = std::fs::File::create(&path).unwrap();
        // Searched byte by byte, this is enough.
        file.set_len(if tool == "tensorboard" {
            16 << 20
        } else {
            1 << 30
        })
        .unwrap();
        let shown = format!("../{name}");
        let said = with_memory(&s, 900_000, &["import", tool, "--dry-run", &shown]);
        ended(&said, tool);
        assert_eq!(said.code, 1, "{tool}: {said:?}");
        std::fs::remove_file(&path).unwrap();
    }
    // Pictures of which only the head is there, and claims sides that no memory holds.
    EventFile::new(&s.path("logs/run")).event(
        1.0,
        0,
        &[
            image("huge", u32::MAX, u32::MAX),
            image("wide", 1 << 30, 1),
            scalar("loss", 1.0),
        ],
    );
    let said = with_memory(
        &s,
        900_000,
        &["import", "tensorboard", "--dry-run", "../logs"],
    );
    ended(&said, "pictures");
    assert!(said.err.contains("1 point of 1 metric"), "{said:?}");
}

#[test]
fn a_million_tags() {
    let s = Sandbox::new();
    s.repo("r");
    let mut file = EventFile::new(&s.path("logs/run"));
    for thousand in 0..1000 {
        let values: Vec<_> = (0..1000)
            .map(|i| scalar(&format!("layer/{}", thousand * 1000 + i), 1.0))
            .collect();
        file = file.event(1.0, 0, &values);
    }
    let said = with_memory(
        &s,
        2_000_000,
        &["import", "tensorboard", "--dry-run", "../logs"],
    );
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.err.contains("1,000,000 points of 1,000,000 metrics"),
        "{said:?}"
    );
}

#[test]
fn damaged_files_of_every_tool_end_with_a_word() {
    const SOURCES: [(&str, &str); 5] = [
        ("tensorboard", "tensorboard/tensorboardX"),
        ("tensorboard", "tensorboard/tf2"),
        ("wandb", "wandb/wandb/offline-run-20261126_003147-oddy049y"),
        ("mlflow", "mlflow/file/mlruns"),
        ("wandb", "wandb/wandb/offline-run-20261126_003158-1gpm05ck"),
    ];
    let mut random = Random::new("damage");
    let s = Sandbox::new();
    std::fs::create_dir(s.path("r")).unwrap();
    for round in 0..rounds(40) {
        let (tool, sample) = SOURCES[random.below(SOURCES.len() as u64) as usize];
        let directory = s.path(&format!("source{round}"));
        copy(&samples(sample), &directory, &mut random);
        let mut program = s.program("r");
        program.args(["import", tool, "--dry-run"]).arg(&directory);
        let said = said(&mut program);
        ended(&said, tool);
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
