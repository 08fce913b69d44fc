//! Any bytes as an event file, or as the records of one: it is read to its end.
#![no_main]

mod common;

use aim_cli::inputs::{Source, read};
use libfuzzer_sys::fuzz_target;

fn masked(bytes: &[u8]) -> [u8; 4] {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xA282_EAD8).to_le_bytes()
}

fn framed(records: &[&[u8]]) -> Vec<u8> {
    let mut file = Vec::new();
    for record in records {
        let length = (record.len() as u64).to_le_bytes();
        file.extend(length);
        file.extend(masked(&length));
        file.extend(*record);
        file.extend(masked(record));
    }
    file
}

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let bytes = match how {
        0 => rest.to_vec(),
        _ => framed(&common::pieces(rest)),
    };
    read(Source::TensorBoard, &common::file("logs/run/events.out.tfevents.1", &bytes));
});
