//! Repositories in every state: none, empty, read-only, damaged, of a newer version, large, and with names that would
//! control the terminal.

use crate::common::{Sandbox, many, said, sample, tamper};
use aim::repo::Property;
use aim::run::Run;
use aim_value::Tree;
use std::process::Command;

/// Commands that only read, with what they are about.
const READING: [&[&str]; 6] = [
    &["ls"],
    &["query", ""],
    &["query", "-m", ""],
    &["du"],
    &["doctor"],
    &["ls", "--json"],
];

#[test]
fn without_a_repository_every_command_says_what_to_do() {
    let s = Sandbox::new();
    std::fs::create_dir(s.path("r")).unwrap();
    let more: [&[&str]; 4] = [&["show", "a"], &["logs", "a"], &["plot", ""], &["rm", "a"]];
    for args in READING.iter().chain(&more) {
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
    for args in READING {
        let said = s.run("r", args);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{args:?}");
    }
    assert_eq!(s.out("r", &["ls"]), "no runs yet\n");
    assert_eq!(s.out("r", &["ls", "--json"]), "[]\n");
    assert_eq!(s.run("r", &["show", "a"]).code, 1);
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
    let script = r#"mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@""#;
    let read_only = |args: &[&str]| {
        let program = s.program("r");
        let mut command = Command::new("unshare");
        command.args(["--mount", "--map-root-user", "sh", "-c", script, "sh"]);
        command.arg(s.path("r")).arg(program.get_program());
        command.arg("--repo").arg(s.path("r")).args(args);
        command.env("LC_ALL", "C.UTF-8");
        said(&mut command)
    };
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
fn names_do_not_control_the_terminal() {
    let s = Sandbox::new();
    let evil = "\x1b]0;title\x07\x1b[2Jevil\u{9b}31m\u{202e}name";
    let run = Run::create(s.repo("r"), Some(evil)).unwrap();
    for property in [
        Property::Name(evil.into()),
        Property::AddTag(evil.into()),
        Property::Description(evil.into()),
    ] {
        run.set(property).unwrap();
    }
    run.set_param(evil, Tree::Str(evil.into())).unwrap();
    run.metric(evil, None).unwrap().track(1.0, 0, 0).unwrap();
    run.add_line_at(None, 1, evil).unwrap();
    run.log(30, evil, None).unwrap();
    run.close().unwrap();
    let hash = run.hash().to_owned();
    s.repo("r").add_note(&hash, evil).unwrap();
    let commands: [&[&str]; 11] = [
        &["ls", "-c", "tags,description"],
        &["show", &hash],
        &["show", &hash, "-p", "-s"],
        &["query", "", "-f", "table"],
        &["query", "-m", "", "-f", "table"],
        &["logs", &hash],
        &["plot", ""],
        &["note", &hash],
        &["du"],
        &["du", "-r"],
        &["rm", evil],
    ];
    for args in commands {
        for colour in ["never", "always"] {
            let args = [args, &["--color", colour]].concat();
            let said = s.run("r", &args);
            for text in [&said.out, &said.err] {
                let plain = |c: char| c == '\n' || !c.is_control() && c != '\u{202e}';
                let bad = strip_colours(text).chars().find(|c| !plain(*c));
                assert_eq!(bad, None, "{args:?}: {said:?}");
            }
        }
    }
}

/// Without the sequences that set colours.
fn strip_colours(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        let sequence = &rest[at + 2..];
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';');
        match end {
            Some(end) if sequence[end..].starts_with('m') => {
                out.push_str(&rest[..at]);
                rest = &sequence[end + 1..];
            }
            _ => {
                out.push_str(&rest[..at + 2]);
                rest = sequence;
            }
        }
    }
    out + rest
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
    // The program dies before what it tracked is stored, and with the database of before nobody knows its journal.
    let script = "echo loss 0.5; sleep 0.2; kill -KILL $PPID";
    let metrics = ["exec", "-m", r"loss (?<loss>\S+)", "--", "sh", "-c", script];
    assert_ne!(s.run("r", &metrics).code, 0);
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
    assert!(
        s.out(
            "r",
            &[
                "query",
                "-m",
                "metric.name == 'loss' and metric.last == 0.5"
            ]
        )
        .contains("loss")
    );
    assert_eq!(
        s.run("r", &["bring-in"]).err,
        "no journal waits to be brought in\n"
    );
}
