//! `libaim compact`: alone with the repository or not at all, and killed at any instant it leaves every run.

use crate::common::{Sandbox, many, picture, said, sample};
use aim::repo::RepoRef;
use aim::run::Run;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

fn size(root: &Path) -> u64 {
    std::fs::metadata(root.join(".aim/lmdb/data.mdb")).map_or(0, |about| about.len())
}

/// Blocks of the disk that packs of objects take.
fn packs(root: &Path) -> u64 {
    let packs = std::fs::read_dir(root.join(".aim/blobs")).unwrap();
    packs.map(|p| p.unwrap().metadata().unwrap().blocks()).sum()
}

/// A run whose only point was tracked again and again, with a picture that is stored in a pack.
fn replaced_pictures(repo: &RepoRef) {
    let run = Run::create(repo.clone(), Some("pictures")).unwrap();
    for seed in 0..10u32 {
        let mut bytes = b"GIF89a".to_vec();
        bytes.extend((0..5000u32).flat_map(|i| (i * 7 + seed).to_le_bytes()));
        picture(&run, 0, &bytes);
    }
    run.close().unwrap();
}

#[test]
fn space_of_deleted_runs_goes_back() {
    let s = Sandbox::new();
    many(&s.repo("r"), 3000);
    sample(&s.repo("r"));
    let digits = "run.experiment == 'digits'";
    let kept = s.out("r", &["ls", "--json", digits]);
    s.out("r", &["rm", "-y", "-q", "run.experiment != 'digits'"]);
    let before = size(&s.path("r"));
    let compacted = s.run("r", &["compact"]);
    assert_eq!(
        (compacted.code, compacted.out.as_str()),
        (0, ""),
        "{compacted:?}"
    );
    assert!(size(&s.path("r")) < before / 4, "{compacted:?}");
    assert_eq!(s.out("r", &["ls", "--json"]), kept);
    assert_eq!(s.run("r", &["doctor"]).code, 0);
}

#[test]
fn beside_another_process_it_is_left_as_it_is() {
    let s = Sandbox::new();
    sample(&s.repo("r"));
    replaced_pictures(&s.repo("r"));
    let before = size(&s.path("r"));
    let packs = packs(&s.path("r"));
    let mut writer = s
        .program("r")
        .args(["exec", "--", "sh", "-c", "echo ready; exec cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(writer.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line.trim(), "ready");
    let refused = s.run("r", &["compact"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused
            .err
            .contains("another process has the database open"),
        "{refused:?}"
    );
    assert!(size(&s.path("r")) >= before);
    assert_eq!(self::packs(&s.path("r")), packs);
    drop(writer.stdin.take());
    assert!(writer.wait().unwrap().success());
    assert_eq!(s.run("r", &["compact"]).code, 0);
    assert!(self::packs(&s.path("r")) < packs / 2);
    assert_eq!(s.out("r", &["ls"]).lines().count(), 8);
}

#[test]
fn killed_at_any_instant_it_leaves_every_run() {
    let s = Sandbox::new();
    many(&s.repo("r"), 2000);
    let all = s.out("r", &["ls", "--json", "-n", "5000"]);
    let mut killed = 0;
    for round in 0..24u64 {
        let mut compact = s.program("r");
        compact.arg("compact").stderr(Stdio::null());
        let mut child = compact.spawn().unwrap();
        std::thread::sleep(Duration::from_micros(round * round * 120));
        let _ = child.kill();
        killed += u32::from(!child.wait().unwrap().success());
        assert_eq!(
            s.out("r", &["ls", "--json", "-n", "5000"]),
            all,
            "round {round}"
        );
    }
    assert!(killed > 0);
    // What the killed ones began does not stay.
    assert_eq!(s.run("r", &["compact"]).code, 0);
    let left = std::fs::read_dir(s.path("r").join(".aim/lmdb")).unwrap();
    let left = left.filter(|e| {
        e.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("new.")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn who_opens_it_meanwhile_waits() {
    let s = Sandbox::new();
    many(&s.repo("r"), 2000);
    for _ in 0..4 {
        let mut compact = s
            .program("r")
            .arg("compact")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..8 {
            let tracked = said(s.program("r").args(["exec", "--quiet", "--", "true"]));
            assert_eq!(tracked.code, 0, "{tracked:?}");
        }
        // Done, or told that somebody was there.
        assert!(compact.wait().unwrap().code().is_some_and(|code| code <= 1));
    }
    let runs = s.out("r", &["ls", "--json", "-n", "5000"]);
    assert_eq!(runs.matches("\"hash\"").count(), 2032);
}
