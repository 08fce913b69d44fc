//! `libaim import` of what real tools wrote, damaged at random: whatever it is, it ends with a line and no panic, and stores
//! nothing that it did not say.

#[path = "../../../../tests/common/random.rs"]
mod random;

use crate::common::{Sandbox, said};
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
        if i == chosen {
            damage(&mut bytes, random);
        }
        std::fs::write(target, bytes).unwrap();
    }
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
        assert!(matches!(said.code, 0 | 1), "{tool}: {said:?}");
        assert!(!said.err.contains("panicked"), "{tool}: {said:?}");
        assert!(
            said.code == 0 || said.err.contains("error: "),
            "{tool}: {said:?}"
        );
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
