//! A pack with some of its words overwritten, whose objects are then read: each is as it was, or an error. The input is
//! pairs of a place and a word.
#![no_main]

use aim::error::Status;
use aim::objects::ObjectKind;
use aim::query::{ObjectRange, Options, Select, query};
use aim::repo::{Location, Repo, RepoOptions, RepoRef};
use aim::run::objects::{Moment, NewObject, SequenceId};
use aim::run::{EPOCH_NONE, Run};
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

const SIZES: [usize; 4] = [4_097, 5_000, 9_999, 70_000];

struct Template {
    _directory: tempfile::TempDir,
    repo: RepoRef,
    pack: PathBuf,
    bytes: Vec<u8>,
}

static TEMPLATE: OnceLock<Template> = OnceLock::new();

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|i| b'a' + (i * i % 23) as u8).collect()
}

fn template() -> Template {
    let directory = tempfile::tempdir().expect("a directory");
    let mut options = RepoOptions::default();
    options.store.map_size = Some(64 << 20);
    let root = directory.path().to_owned();
    let repo = Repo::open(Location { root }, &options, true).expect("a repository");
    let run = Run::create(repo.clone(), None).expect("a run");
    let texts = SequenceId::new(ObjectKind::Text, "t", None).expect("a sequence");
    for (step, size) in (0..).zip(SIZES) {
        let moment = Moment {
            step,
            epoch: EPOCH_NONE,
            time: None,
        };
        let text = content(size);
        let object = NewObject {
            data: &text,
            format: None,
            caption: "",
            meta: "",
        };
        run.track_objects(&texts, moment, &[object]).expect("room");
    }
    run.close().expect("an end");
    let mut packs = fs::read_dir(directory.path().join(".aim/blobs")).expect("packs");
    let pack = packs.next().and_then(Result::ok).expect("a pack").path();
    let bytes = fs::read(&pack).expect("its bytes");
    Template {
        _directory: directory,
        repo,
        pack,
        bytes,
    }
}

fuzz_target!(|input: &[u8]| {
    let template = TEMPLATE.get_or_init(template);
    let mut bytes = template.bytes.clone();
    for change in input.chunks_exact(11) {
        let at = u32::from_le_bytes([change[0], change[1], change[2], 0]) as usize % (bytes.len() - 8);
        bytes[at..at + 8].copy_from_slice(&change[3..]);
    }
    if let Some(cut) = input.chunks_exact(11).remainder().first() {
        bytes.truncate(bytes.len() * usize::from(*cut) / 255);
    }
    fs::write(&template.pack, &bytes).expect("a file");
    let select = Select::Objects(ObjectKind::Text);
    let answer = query(&template.repo, "", select, Options::default()).expect("an answer");
    let rows = answer.objects(0, &ObjectRange::default()).expect("its rows");
    assert_eq!(rows.rows().len(), SIZES.len());
    for (k, size) in SIZES.into_iter().enumerate() {
        match rows.data(k) {
            Ok(data) => assert!(data == content(size)),
            Err(e) => assert_eq!(e.status, Status::Corrupt, "{e}"),
        }
    }
});
