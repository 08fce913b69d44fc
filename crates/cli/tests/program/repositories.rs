//! Repositories in every state, and what exactly is said of them; `states` tries all commands.

use crate::common::{KILL_EXEC, Sandbox, many, picture, read_only, said, sample, tamper};
use aim::artifacts::Mode;
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use aim_value::Tree;
use std::sync::Arc;

#[test]
fn without_a_repository_every_command_says_what_to_do() {
    let s = Sandbox::new();
    std::fs::create_dir(s.path("r")).unwrap();
    for args in [&["ls"][..], &["ls", "--json"], &["show", "a"], &["rm", "a"]] {
        let said = s.run("r", args);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{args:?}");
        assert!(
            said.err
                .starts_with("error: there is no repository here\n  why: "),
            "{said:?}"
        );
        assert!(said.err.ends_with("with --repo or AIM_REPO\n"), "{said:?}");
        assert!(!s.path("r").join(".aim").exists(), "{args:?}");
    }
    let named = s.run("r", &["ls", "--repo", "there"]);
    assert!(
        named
            .err
            .starts_with("error: there is no repository at there\n"),
        "{named:?}"
    );
    // That of another program.
    std::fs::create_dir_all(s.path("r").join(".aim/seqs")).unwrap();
    assert!(
        s.run("r", &["ls"])
            .err
            .contains("holds nothing that libaim wrote")
    );
}

#[test]
fn an_empty_repository_is_no_error() {
    let s = Sandbox::new();
    drop(s.repo("r"));
    assert_eq!(s.out("r", &["ls"]), "no runs yet\n");
    assert_eq!(s.out("r", &["ls", "--json"]), "[]\n");
}

#[test]
fn the_repository_is_the_one_that_is_named_else_the_nearest() {
    let s = Sandbox::new();
    sample(&s.repo("r"));
    drop(s.repo("empty"));
    let below = s.path("r").join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    let nearest = said(s.program("r").args(["ls"]).current_dir(&below));
    assert_eq!(nearest.out.lines().count(), 6);
    let variable = said(s.program("empty").args(["ls"]).env("AIM_REPO", s.path("r")));
    assert_eq!(variable.out.lines().count(), 6);
    let option = ["ls", "--repo", s.path("empty").to_str().unwrap()].map(str::to_owned);
    let option = said(s.program("r").args(option).env("AIM_REPO", s.path("r")));
    assert_eq!(option.out, "no runs yet\n");
}

#[test]
fn a_read_only_repository_is_read_and_edits_say_why_not() {
    let s = Sandbox::new();
    sample(&s.repo("r"));
    let read_only = |args: &[&str]| said(&mut read_only(&s, args));
    let list = read_only(&["ls"]);
    assert_eq!((list.code, list.out.lines().count()), (0, 6), "{list:?}");
    let doctor = read_only(&["doctor"]);
    assert!(doctor.out.contains("cannot be written"), "{doctor:?}");
    for args in [&["rm", "-y", "baseline"][..], &["rename", "baseline", "x"]] {
        let refused = read_only(args);
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.err.contains("may read it only"), "{refused:?}");
    }
    assert_eq!(s.out("r", &["ls"]).lines().count(), 6);
}

#[test]
fn damage_is_found_and_the_rest_is_read() {
    let s = Sandbox::new();
    {
        let repo = s.repo("r");
        sample(&repo);
        let run = Run::create(repo, Some("digits")).unwrap();
        run.set_param("needle", Tree::Str("a needle in a haystack".into()))
            .unwrap();
        run.close().unwrap();
    }
    assert_eq!(s.run("r", &["doctor"]).code, 0);
    assert!(
        tamper(
            &s.path("r"),
            b"a needle in a haystack",
            b"a needle in a haystaxk"
        ) > 0
    );
    let doctor = s.run("r", &["doctor"]);
    assert_eq!(doctor.code, 1, "{doctor:?}");
    assert!(doctor.out.contains("1 value is damaged:"), "{doctor:?}");
    assert!(doctor.err.contains("libaim salvage"), "{doctor:?}");
    let json = s.run("r", &["doctor", "--json"]);
    assert_eq!((json.code, json.err.as_str()), (1, ""));
    assert!(json.out.contains(r#""damage":[{"run":""#), "{json:?}");
    assert_eq!(s.out("r", &["ls"]).lines().count(), 7);
    s.out("r", &["show", "baseline"]);
    s.out("r", &["salvage", ".", "../new"]);
    assert_eq!(s.run("new", &["doctor"]).code, 0);
    assert_eq!(s.out("new", &["ls"]).lines().count(), 7);
}

#[test]
fn a_newer_format_is_told_from_damage() {
    let s = Sandbox::new();
    drop(s.repo("r"));
    let format = |n: u8| [b"format".as_slice(), &[n, 0, 0, 0]].concat();
    let present = aim::store::FORMAT as u8;
    assert!(tamper(&s.path("r"), &format(present), &format(99)) > 0);
    let newer = s.run("r", &["ls"]);
    assert_eq!((newer.code, newer.out.as_str()), (1, ""));
    assert!(newer.err.contains("format 99"), "{newer:?}");
    assert!(
        newer
            .err
            .contains("try: use the version of libaim that wrote it"),
        "{newer:?}"
    );
}

#[test]
fn a_hundred_thousand_runs_are_listed() {
    let s = Sandbox::new();
    many(&s.repo("r"), 100_000);
    let newest = s.out("r", &["ls", "--limit", "20"]);
    let lines: Vec<&str> = newest.lines().collect();
    assert_eq!(lines.len(), 21);
    assert!(
        lines[1].contains("run 99999 ") && lines[20].contains("run 99980 "),
        "{newest}"
    );
    assert!(
        s.out("r", &["show", "run 4711", "--json"])
            .contains(r#""name":"run 4711""#)
    );
    assert_eq!(
        s.out("r", &["ls", "run.name.endswith('123')", "--json"])
            .lines()
            .count(),
        102
    );
    assert_eq!(s.out("r", &["ls", "-n", "0"]).lines().count(), 100_001);
    assert_eq!(
        s.out("r", &["du", "--json"])
            .matches(r#""runs":100000"#)
            .count(),
        1
    );
}

#[test]
fn journals_that_the_database_does_not_know_are_brought_in() {
    let s = Sandbox::new();
    sample(&s.repo("r"));
    assert_eq!(
        s.run("r", &["bring-in"]).err,
        "no journal waits to be brought in\n"
    );
    let data = s.path("r").join(".aim/lmdb/data.mdb");
    let backup = std::fs::read(&data).unwrap();
    // The program dies, and with the database of before nobody knows its journal.
    let load = "metric.name == '__system__load_1m' and run.experiment == 'default'";
    let script = format!(
        "until '{}' query -m \"{load}\" | grep -q load; do sleep 0.1; done; {KILL_EXEC}",
        env!("CARGO_BIN_EXE_libaim")
    );
    let exec = ["exec", "--", "sh", "-c", &script];
    assert_ne!(s.run("r", &exec).code, 0);
    std::fs::remove_file(&data).unwrap();
    std::fs::write(&data, backup).unwrap();
    let before = s.out("r", &["ls", "--json"]).matches("\"hash\"").count();
    let doctor = s.out("r", &["doctor"]);
    assert!(
        doctor.contains("1 that the database did not know, set aside: libaim bring-in"),
        "{doctor}"
    );
    let said = s.run("r", &["bring-in"]);
    assert!(
        said.code == 0 && said.err.contains(".unknown: "),
        "{said:?}"
    );
    assert!(
        said.err
            .contains("added to 1 run, 1 of them new; 0 points there already"),
        "{said:?}"
    );
    assert_eq!(
        s.out("r", &["ls", "--json"]).matches("\"hash\"").count(),
        before + 1
    );
    let found = s.out("r", &["query", "-m", load]);
    assert!(found.contains("__system__load_1m"), "{found}");
    assert_eq!(
        s.run("r", &["bring-in"]).err,
        "no journal waits to be brought in\n"
    );
}

#[test]
fn pictures_and_kept_files_take_space() {
    let s = Sandbox::new();
    let run = Arc::new(Run::create(s.repo("r"), Some("pictures")).unwrap());
    let mut bytes = b"GIF89a".to_vec();
    bytes.resize(100_000, 7);
    // The same content lies there once.
    picture(&run, 0, &bytes);
    picture(&run, 1, &bytes);
    std::fs::write(s.path("model.pt"), vec![1; 50_000]).unwrap();
    for mode in [Mode::Copy, Mode::Reference] {
        Run::log_artifact(&run, &NewArtifact::new(&s.path("model.pt"), mode)).unwrap();
    }
    run.close().unwrap();
    let du: serde_json::Value = serde_json::from_str(&s.out("r", &["du", "--json"])).unwrap();
    let bytes = |of: &str| du[0][&format!("bytes_of_{of}")].as_u64().unwrap();
    assert!((100_000..110_000).contains(&bytes("objects")), "{du}");
    assert_eq!(bytes("files"), 50_000, "{du}");
    assert_eq!(bytes("logs"), 0, "{du}");
    let table = s.out("r", &["du", "-r"]);
    let heads: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(heads[6..], ["OBJECTS", "FILES", "SIZE"], "{table}");
}
