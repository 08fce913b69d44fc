//! Any bytes as a file of W&B, or as the records of one: it is read to its end.
#![no_main]

mod common;

use aim_cli::inputs::{Source, read};
use libfuzzer_sys::fuzz_target;

const BLOCK: usize = 32 * 1024;
const HEADER: usize = 7;

/// Records in pieces that lie within a block, as W&B writes them.
fn framed(records: &[&[u8]]) -> Vec<u8> {
    let mut file = b":W&B\xE1\xBE\x00".to_vec();
    for record in records {
        let (mut rest, mut is_first) = (*record, true);
        loop {
            let left = BLOCK - file.len() % BLOCK;
            if left < HEADER {
                file.resize(file.len() + left, 0);
                continue;
            }
            let (piece, after) = rest.split_at(rest.len().min(left - HEADER));
            let kind = match (is_first, after.is_empty()) {
                (true, true) => 1u8,
                (true, false) => 2,
                (false, false) => 3,
                (false, true) => 4,
            };
            let mut checksum = crc32fast::Hasher::new();
            checksum.update(&[kind]);
            checksum.update(piece);
            file.extend(checksum.finalize().to_le_bytes());
            file.extend((piece.len() as u16).to_le_bytes());
            file.push(kind);
            file.extend(piece);
            (rest, is_first) = (after, false);
            if rest.is_empty() {
                break;
            }
        }
    }
    file
}

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let bytes = match how {
        0 => rest.to_vec(),
        _ => framed(&common::pieces(rest)),
    };
    read(Source::Wandb, &common::file("run/run-1.wandb", &bytes));
});
