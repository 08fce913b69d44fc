//! A journal of a process that ended, with some of its words overwritten: the input is pairs of a place and a word.
#![no_main]

use aim::journal::{EPOCH_NONE, Journal, JournalId, Point, Recovery, STEP_AUTO};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

struct Template {
    directory: tempfile::TempDir,
    id: JournalId,
    bytes: Vec<u8>,
}

static TEMPLATE: OnceLock<Template> = OnceLock::new();

fn template() -> Template {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::create(directory.path(), 256 * 48).expect("a journal");
    journal.ensure_ready().expect("a journal");
    for n in 0..100 {
        let point = Point {
            step: if n % 3 != 0 { n } else { STEP_AUTO },
            value: n as f64,
            epoch: EPOCH_NONE,
        };
        journal.push_points(n as u32 % 7, &[point]).expect("room");
        if n % 10 == 0 {
            journal.push_payload(n as u8, &vec![n as u8; n as usize]).expect("room");
        }
    }
    let id = journal.path().file_name().and_then(|n| n.to_str()).and_then(|n| n.parse().ok());
    let bytes = std::fs::read(journal.path()).expect("its bytes");
    drop(journal);
    Template {
        directory,
        id: id.expect("its name"),
        bytes,
    }
}

fuzz_target!(|input: &[u8]| {
    let template = TEMPLATE.get_or_init(template);
    let mut bytes = template.bytes.clone();
    for change in input.chunks_exact(10) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]])) * 8 % (bytes.len() - 8);
        bytes[place..place + 8].copy_from_slice(&change[2..]);
    }
    // A last byte of its own cuts the file short.
    if let Some(cut) = input.chunks_exact(10).remainder().first() {
        bytes.truncate(bytes.len() * usize::from(*cut) / 255);
    }
    let path = template.directory.path().join(template.id.to_string());
    std::fs::write(&path, bytes).expect("a file");
    if let Ok(Some(recovery)) = Recovery::open(template.directory.path(), template.id) {
        let _ = recovery.replay(0, |_, _| Ok(()));
    }
    let _ = std::fs::remove_file(&path);
});
