//! Spools, as a user on a cluster meets them.

use crate::common::{KILL_EXEC, Said, Sandbox, said};
use std::fs;
use std::process::Command;

/// The program in a directory, where new repositories become spools; `host` has a cache of its own.
fn program(s: &Sandbox, host: &str, args: &[&str]) -> Command {
    fs::create_dir_all(s.path("work")).unwrap();
    let mut command = s.program("work");
    command
        .env("AIM_SPOOL", "1")
        .env("XDG_CACHE_HOME", s.path(host))
        .args(args);
    command
}

fn on(s: &Sandbox, host: &str, args: &[&str]) -> Said {
    said(&mut program(s, host, args))
}

fn out(s: &Sandbox, host: &str, args: &[&str]) -> String {
    let said = on(s, host, args);
    assert_eq!(said.code, 0, "{args:?}: {said:?}");
    said.out
}

/// A run on the spool, with ten values of a metric.
fn track(s: &Sandbox, host: &str, experiment: &str) {
    let script = "for i in 1 2 3 4 5 6 7 8 9 10; do echo loss $i; done";
    let spool = s.path("spool").display().to_string();
    let mut args = vec!["exec", "--repo", &spool, "-e", experiment];
    args.extend(["-m", r"loss (?<loss>\S+)", "--", "sh", "-c", script]);
    out(s, host, &args);
}

#[test]
fn every_command_finds_the_runs_of_a_spool() {
    let s = Sandbox::new();
    let spool = s.path("spool").display().to_string();
    track(&s, "node 1", "first");
    track(&s, "node 2", "second");
    assert!(s.path("spool/.aim/spool").is_dir() && !s.path("spool/.aim/lmdb").exists());

    let list = out(&s, "login", &["ls", "--repo", &spool]);
    assert!(list.contains("first") && list.contains("second"), "{list}");
    let query = ["query", "metric.name == 'loss'", "--repo", &spool];
    let table = out(&s, "login", &query);
    assert!(table.lines().count() > 2, "{table}");
    // A copy that is gone is made anew, and what comes later is found.
    fs::remove_dir_all(s.path("login")).unwrap();
    track(&s, "node 1", "third");
    let list = out(&s, "login", &["ls", "--repo", &spool]);
    assert!(
        ["first", "second", "third"]
            .iter()
            .all(|name| list.contains(name)),
        "{list}"
    );

    let refused = on(&s, "login", &["rm", "-y", "-q", "True", "--repo", &spool]);
    assert!(
        refused.code != 0 && refused.err.contains("libaim merge"),
        "{refused:?}"
    );
}

#[test]
fn spools_are_merged_into_a_repository() {
    let s = Sandbox::new();
    let (spool, into) = (s.path("spool"), s.path("into"));
    let (spool, into) = (spool.to_str().unwrap(), into.to_str().unwrap());
    track(&s, "node 1", "first");
    fs::create_dir_all(s.path("into/.aim/lmdb")).unwrap();
    let merge = |s: &Sandbox| on(s, "login", &["merge", spool, "--repo", into]);
    let said = merge(&s);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("from 1 of 1 segment"), "{said:?}");
    track(&s, "node 2", "second");
    assert!(merge(&s).err.contains("from 1 of 2 segments"));
    assert!(
        merge(&s)
            .err
            .contains("brought in 0 points from 0 of 2 segments")
    );
    let columns = ["--json", "-s", "created", "--repo"];
    let list = |of: &str| out(&s, "login", &[&["ls"], &columns[..], &[of]].concat());
    assert_eq!(list(spool), list(into));
    let queried = on(&s, "login", &["merge", spool, "-q", "True", "--repo", into]);
    assert!(queried.err.contains("merged as a whole"), "{queried:?}");
    let followed = on(&s, "login", &["merge", "-f", into, "--repo", into]);
    assert!(followed.err.contains("is no spool"), "{followed:?}");

    let other = s.path("spool/.aim/spool/notes.aimseg");
    fs::write(&other, "").unwrap();
    fs::write(
        other.with_file_name(format!("{}.aimseg", "0".repeat(32))),
        "x".repeat(500),
    )
    .unwrap();
    let foreign = merge(&s);
    assert_eq!(foreign.code, 1, "{foreign:?}");
    assert!(
        foreign.err.contains("does not start as a segment does"),
        "{foreign:?}"
    );
}

#[test]
fn a_merge_that_follows_brings_in_what_comes() {
    let s = Sandbox::new();
    let (spool, into) = (s.path("spool"), s.path("into"));
    let (spool, into) = (spool.to_str().unwrap(), into.to_str().unwrap());
    track(&s, "node 1", "first");
    fs::create_dir_all(s.path("into/.aim/lmdb")).unwrap();
    let mut follower = program(&s, "login", &["merge", "--follow", spool, "--repo", into]);
    let mut follower = follower.spawn().unwrap();
    track(&s, "node 2", "second");
    loop {
        let list = out(&s, "login", &["ls", "--repo", into]);
        if list.contains("first") && list.contains("second") {
            break;
        }
        assert!(follower.try_wait().unwrap().is_none(), "{list}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    follower.kill().unwrap();
    follower.wait().unwrap();
}

#[test]
fn what_killed_programs_left_is_rescued() {
    let s = Sandbox::new();
    let (spool, into) = (s.path("spool"), s.path("into"));
    let (spool, into) = (spool.to_str().unwrap(), into.to_str().unwrap());
    let killed = [
        "exec",
        "--repo",
        spool,
        "-p",
        "hparams.lr=0.5",
        "--",
        "sh",
        "-c",
    ];
    let killed = on(&s, "node 1", &[&killed[..], &[KILL_EXEC]].concat());
    assert_eq!(killed.code, -1, "{killed:?}");
    let elsewhere = on(&s, "node 2", &["rescue", spool]);
    assert!(elsewhere.err.contains("nothing was left"), "{elsewhere:?}");
    let rescued = on(&s, "node 1", &["rescue"]);
    assert!(
        rescued.err.contains("what 1 killed program left"),
        "{rescued:?}"
    );
    let again = on(&s, "node 1", &["rescue", spool]);
    assert!(again.err.contains("nothing was left"), "{again:?}");

    let status = out(&s, "login", &["spool", "status", "--repo", spool]);
    assert!(
        status.contains("  ended  ") && status.contains("1 segment, "),
        "{status}"
    );
    fs::create_dir_all(s.path("into/.aim/lmdb")).unwrap();
    out(&s, "login", &["merge", spool, "--repo", into]);
    let query = ["ls", "run.hparams.lr == 0.5", "--json", "--repo", into];
    let list = out(&s, "login", &query);
    assert!(list.contains("crashed"), "{list}");
}

#[test]
fn a_spool_is_checked_and_what_was_merged_is_collected() {
    let s = Sandbox::new();
    let (spool, into) = (s.path("spool"), s.path("into"));
    let (spool, into) = (spool.to_str().unwrap(), into.to_str().unwrap());
    track(&s, "node 1", "first");
    track(&s, "node 1", "second");
    let check = || on(&s, "login", &["spool", "check", "--repo", spool]);
    assert!(check().err.starts_with("2 segments with "), "{:?}", check());
    assert_eq!(check().code, 0);
    fs::create_dir_all(s.path("into/.aim/lmdb")).unwrap();
    let merge = ["merge", spool, "--repo", into];
    out(&s, "login", &merge);
    track(&s, "node 2", "third");

    let gc = ["spool", "gc", "--repo", spool, "--into", into];
    let gc = |more: &[&str]| on(&s, "login", &[&gc[..], more].concat()).err;
    assert!(gc(&[]).contains("removed 0 files"));
    assert!(gc(&["--older", "0", "-n"]).contains("would remove 2 files"));
    assert!(gc(&["--older", "0"]).contains("removed 2 files"));
    // The spool is what is left of it, in every copy; the repository has all.
    for host in ["node 1", "node 2", "login"] {
        let list = out(&s, host, &["ls", "--repo", spool]);
        assert!(
            list.contains("third") && !list.contains("first"),
            "{host}: {list}"
        );
    }
    out(&s, "login", &merge);
    let list = out(&s, "login", &["ls", "--repo", into]);
    assert!(
        ["first", "second", "third"]
            .iter()
            .all(|name| list.contains(name)),
        "{list}"
    );

    let files = fs::read_dir(s.path("spool/.aim/spool")).unwrap();
    let file = files.map(|file| file.unwrap().path()).next().unwrap();
    let whole = fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    damaged[128 + 40] ^= 1;
    fs::write(&file, damaged).unwrap();
    assert!(
        check().code == 1 && check().err.contains("are damaged"),
        "{:?}",
        check()
    );
    fs::write(&file, &whole[..whole.len() - 8]).unwrap();
    let cut = check();
    assert!(
        cut.code == 1 && cut.err.contains("not written to their end"),
        "{cut:?}"
    );
    let doctor = || on(&s, "login", &["doctor", "--repo", spool]);
    assert!(doctor().out.contains("1 segment with "), "{:?}", doctor());
    fs::write(&file, "x".repeat(500)).unwrap();
    assert!(
        doctor().code == 1 && doctor().err.contains("the spool is damaged"),
        "{:?}",
        doctor()
    );
    let none = on(&s, "login", &["spool", "status", "--repo", into]);
    assert!(
        none.code == 1 && none.err.contains("there is no spool"),
        "{none:?}"
    );
}

#[test]
fn a_damaged_spool_is_salvaged_and_nothing_gets_in_beside_its_segments() {
    let s = Sandbox::new();
    let (spool, into) = (s.path("spool"), s.path("into"));
    let (spool, into) = (spool.to_str().unwrap(), into.to_str().unwrap());
    track(&s, "node 1", "first");
    track(&s, "node 1", "second");
    let sound = on(&s, "login", &["doctor", "--repo", spool]);
    assert!(
        sound.code == 0 && sound.out.contains("2 segments with "),
        "{sound:?}"
    );
    assert!(
        on(&s, "login", &["du", "--repo", spool])
            .out
            .contains("second")
    );
    let compacted = on(&s, "login", &["compact", "--repo", spool]);
    assert_eq!(compacted.code, 0, "{compacted:?}");
    let foreign = s
        .path("spool/.aim/spool")
        .join(format!("{}.aimseg", "0".repeat(32)));
    fs::write(&foreign, "x".repeat(500)).unwrap();
    let mut salvage = program(&s, "login", &["salvage", spool, into]);
    let salvaged = said(salvage.env("AIM_SPOOL", "0"));
    assert_eq!(salvaged.code, 0, "{salvaged:?}");
    assert!(
        salvaged.err.contains("points of 3 segments; 1 damaged"),
        "{salvaged:?}"
    );
    let list = out(&s, "login", &["ls", "--repo", into]);
    assert!(list.contains("first") && list.contains("second"), "{list}");
    let again = on(&s, "login", &["salvage", spool, into]);
    assert!(
        again.err.contains("holds a repository already"),
        "{again:?}"
    );
    for args in [
        &["cp", "-t", spool, "-q", "True"][..],
        &["mv", "-y", "-t", spool, "-q", "True"],
        &["tag", "x", "-y", "-q", "True", "--repo", spool],
    ] {
        let mut command = program(&s, "login", args);
        let refused = said(command.env("AIM_REPO", into));
        assert!(
            refused.code != 0 && refused.err.contains("is a spool"),
            "{args:?}: {refused:?}"
        );
    }
}
