//! Objects that tell which they are, of sizes that lie in rows and in packs.

use super::ledger::Ledger;
use super::load::picture;
use super::stored;
use aim::query::{ObjectKind, ObjectRange, Select, query};
use aim::repo::RepoRef;
use aim::run::objects::{Moment, NewObject, SequenceId};
use aim::run::{EPOCH_NONE, Run};
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

/// Where a ledger counts the objects that were accepted.
pub const ACCEPTED: usize = 0;

/// The bytes of object `n`: now and then those of another one, in sizes that lie in rows and in packs.
pub fn bytes(n: u64) -> Vec<u8> {
    let n = if n % 7 == 3 { n % 50 } else { n };
    picture(n, &[100, 4096, 4097, 12_000, 16_384, 70_000])
}

pub fn track(run: &Run, name: &str, n: u64) -> aim::error::Result<()> {
    let sequence = SequenceId::new(ObjectKind::Image, name, None)?;
    let moment = Moment {
        step: n as i64,
        epoch: EPOCH_NONE,
        time: None,
    };
    let data = bytes(n);
    let object = NewObject {
        data: &data,
        format: None,
        caption: "",
        meta: "",
    };
    run.track_objects(&sequence, moment, &[object])
}

/// The role: tracks pictures until it is killed.
pub fn tracking(args: &[OsString]) {
    let ledger = Ledger::open(Path::new(&args[1]));
    let repo = stored::open_with(Path::new(&args[0]), &stored::hasty(5, 1 << 14));
    let run = Run::create(repo, None).unwrap();
    let name = args[2].to_str().unwrap();
    for n in 0.. {
        track(&run, name, n).unwrap();
        ledger.set(ACCEPTED, n + 1);
    }
}

/// Reads all objects; how many each sequence has, which must be those from 0 on.
pub fn check(repo: &RepoRef) -> HashMap<String, u64> {
    let images = Select::Objects(ObjectKind::Image);
    let answer = query(repo, "", images, Default::default()).unwrap();
    let mut counts = HashMap::new();
    for i in 0..answer.rows().len() {
        let rows = answer.objects(i, &ObjectRange::default()).unwrap();
        for (k, row) in rows.rows().iter().enumerate() {
            assert_eq!(row.step, k as i64);
            assert!(rows.data(k).unwrap() == bytes(k as u64), "object {k}");
        }
        let sequence = answer.sequence(i).unwrap();
        assert_eq!(sequence.sequence.points, rows.rows().len() as u64);
        counts.insert(sequence.name.to_string(), sequence.sequence.points);
    }
    counts
}
