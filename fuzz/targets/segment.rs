//! A segment of a spool. The first byte says what the rest is: columns of points; changes of the file of a process that
//! ended, pairs of a place and a word; or the body of a frame, which passes its check and is brought into a repository.
#![no_main]

use aim::journal::JournalId;
use aim::repo::{Location, Repo, RepoOptions, RepoRef, check_segments, merge_spool};
use aim::spool::{FRAME_BYTES, HEADER_BYTES, Header, Next, SegmentReader, decode_points, seal};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::fs;
use std::path::Path;

/// Executions after which a repository is begun anew: it knows all segments that it ever saw.
const USES: u32 = 2_000;

struct Place {
    directory: tempfile::TempDir,
    merged: Option<RepoRef>,
    uses: u32,
    template: Vec<u8>,
}

thread_local! {
    static PLACE: RefCell<Place> = RefCell::new(place());
}

fn id(n: u32) -> JournalId {
    JournalId((u128::from(n) << 64 | 7).to_be_bytes())
}

fn place() -> Place {
    let directory = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(directory.path().join(".aim/spool")).expect("a spool");
    let mut template = Header::new(id(0), 0, 1).encode();
    for n in 0..20_u8 {
        let body = vec![n; usize::from(n) * 9];
        let frame = seal(id(0), template.len() as u64, i64::from(n), &body);
        template.extend_from_slice(&frame.expect("a frame"));
    }
    Place {
        directory,
        merged: None,
        uses: 0,
        template,
    }
}

fn location(root: &Path) -> Location {
    let root = root.to_owned();
    Location { root }
}

fn points(input: &[u8]) {
    let before = [1_700_000_000_000_000, 1_700_000_000_100_000];
    if let Some(points) = decode_points(input, 1_700_000_000_200_000, &before) {
        let [a, b, c] = [points.values.len(), points.epochs.len(), points.times.len()];
        assert!([a, b, c] == [points.steps.len(); 3]);
    }
}

fn walk(folder: &Path) {
    let files = aim::spool::scan(folder).expect("a folder");
    let Ok(Some(mut reader)) = SegmentReader::open(folder, id(0), &files[&id(0)], 0) else { return };
    let mut at = HEADER_BYTES as u64;
    loop {
        at = match reader.next(at) {
            Ok(Next::Frame(frame, next)) => {
                assert!(next >= at + (FRAME_BYTES + frame.body.len()) as u64);
                next
            }
            Ok(Next::Damaged(next)) if next > at => next,
            Ok(Next::Damaged(_) | Next::Gone(_)) => panic!("it does not get on"),
            Ok(Next::NotYet) | Err(_) => return,
        };
    }
}

fn changed(place: &Place, input: &[u8]) {
    let mut bytes = place.template.clone();
    for change in input.chunks_exact(10) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) * 4 % (bytes.len() - 8);
        bytes[at..at + 8].copy_from_slice(&change[2..]);
    }
    if let Some(cut) = input.chunks_exact(10).remainder().first() {
        bytes.truncate(bytes.len() * usize::from(*cut) / 255);
    }
    let root = place.directory.path();
    let path = aim::spool::path(&root.join(".aim/spool"), id(0), 0);
    fs::write(&path, bytes).expect("a file");
    walk(&root.join(".aim/spool"));
    check_segments(&location(root), |_, _| {}).expect("a spool");
    let _ = fs::remove_file(&path);
}

fn brought_in(place: &mut Place, body: &[u8]) {
    if place.uses.is_multiple_of(USES) {
        place.merged = None;
        let _ = fs::remove_dir_all(place.directory.path().join("merged"));
        let mut options = RepoOptions::default();
        options.store.map_size = Some(64 << 20);
        let merged = Repo::open(location(&place.directory.path().join("merged")), &options, true);
        place.merged = Some(merged.expect("a repository"));
    }
    place.uses += 1;
    let root = place.directory.path();
    let id = id(place.uses);
    let mut bytes = Header::new(id, 0, 1).encode();
    let frame = seal(id, bytes.len() as u64, 1_700_000_000_000_000, body);
    bytes.extend_from_slice(&frame.expect("a frame"));
    let path = aim::spool::path(&root.join(".aim/spool"), id, 0);
    fs::write(&path, bytes).expect("a file");
    if let Some(merged) = &place.merged {
        let brought = merge_spool(&location(root), merged).expect("whatever is in it, it is brought in or set aside");
        assert_eq!(brought.segments, 1);
    }
    fs::remove_file(&path).expect("a file");
}

fuzz_target!(|input: &[u8]| {
    let Some((mode, input)) = input.split_first() else { return };
    PLACE.with_borrow_mut(|place| match mode % 3 {
        0 => points(input),
        1 => changed(place, input),
        _ => brought_in(place, input),
    });
});
