//! Repositories in places with unusual names.

use crate::common::{stored, track};
use aim::error::{Error, Status};
use aim::repo::{Location, Repo, RepoOptions};
use aim::run::Run;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

fn round_trip(path: &Path) -> Result<(), Error> {
    let repo = Repo::open(Location::find(Some(path))?, &RepoOptions::default(), true)?;
    let run = Run::create(repo.clone(), None)?;
    track::points(&run.metric("loss", None)?, 10);
    run.close()?;
    track::check(&repo, run.hash(), "loss", &[10]);
    Ok(())
}

#[test]
fn bytes_that_are_no_utf8() {
    let directory = tempfile::tempdir().unwrap();
    for name in [&b"caf\xe9"[..], b"\xff\xfe", b"new\nline", b" ", b"..."] {
        round_trip(&directory.path().join(OsStr::from_bytes(name))).unwrap();
    }
    let path = directory.path().join(OsStr::from_bytes(b"killed \x80"));
    let hash = track::run(&path, track::NEW, "loss", 1000, "_exit");
    track::check(&stored::open(&path), &hash, "loss", &[1000]);
}

/// A path of so many bytes below a directory.
fn of_length(directory: &Path, length: usize) -> PathBuf {
    let mut path = directory.as_os_str().as_bytes().to_vec();
    while path.len() < length {
        let name = (length - path.len() - 1).min(200);
        // No name of one byte is left over for the end.
        let name = if length - path.len() - 1 - name == 1 {
            name - 1
        } else {
            name
        };
        path.push(b'/');
        path.resize(path.len() + name, b'x');
    }
    PathBuf::from(OsStr::from_bytes(&path))
}

#[test]
fn paths_up_to_the_systems_limit_work_or_are_refused_with_reason() {
    let directory = tempfile::tempdir().unwrap();
    let mut worked = 0;
    // 4095 bytes is the limit of the system, for the longest name below the repository too.
    for length in (3980..=4110).step_by(5) {
        let path = of_length(directory.path(), length);
        assert_eq!(path.as_os_str().len(), length);
        match round_trip(&path) {
            Ok(()) => worked += 1,
            Err(e) => {
                assert!(
                    e.status == Status::Io && e.message.contains("too long"),
                    "{length}: {e}"
                );
                assert!(length > 4000, "{length} bytes: {e}");
            }
        }
    }
    assert!(worked > 0);
}
