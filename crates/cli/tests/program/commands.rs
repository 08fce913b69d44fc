//! What each command says, for people and for programs.

use crate::common::{Sandbox, sample};
use aim::run::Run;
use aim::store::{LogAppend, LogRecord};

fn sampled() -> Sandbox {
    let sandbox = Sandbox::new();
    sample(&sandbox.repo("r"));
    sandbox
}

#[test]
fn ls_filters_sorts_and_limits() {
    let s = sampled();
    let first = |args: &[&str]| -> Vec<String> {
        let out = s.out("r", args);
        let lines = out.lines().skip(1);
        lines.map(|line| line.chars().take(8).collect()).collect()
    };
    assert_eq!(
        first(&["ls"]),
        ["1c77bb93", "1c77aa01", "7f01d2aa", "86b2c62c", "a19eafea"]
    );
    assert_eq!(
        first(&["ls", "run.hparams.lr < 0.1", "--sort", "loss.val:min"]),
        ["86b2c62c", "1c77bb93", "1c77aa01", "a19eafea"]
    );
    assert_eq!(first(&["ls", "-s", "lr", "-r", "-n", "1"]), ["7f01d2aa"]);
    // Runs without a value are last, in either tongue of NaN and nothing.
    assert_eq!(first(&["ls", "-s", "loss.val"]).last().unwrap(), "7f01d2aa");
    let table = s.out("r", &["ls", "-c", "=run,lr,accuracy:max,tags", "-n", "1"]);
    assert_eq!(
        table,
        "RUN         LR  ACCURACY max  TAGS\n1c77bb93  0.02        0.9533  wide, v2\n"
    );
    assert_eq!(s.out("r", &["ls", "run.hparams.lr > 7"]), "0 of 5 runs\n");
    let wrong = s.run("r", &["ls", "run.x ="]);
    assert_eq!((wrong.code, wrong.out.as_str()), (2, ""));
    assert!(wrong.err.contains("line 1, column 7"), "{}", wrong.err);
}

#[test]
fn ls_and_show_speak_json() {
    let s = sampled();
    let out = s.out("r", &["ls", "--json", "-c", "lr,loss.val", "-n", "3"]);
    let rows = match aim_value::Tree::from_json(&out).unwrap() {
        aim_value::Tree::List(rows) => rows,
        other => panic!("{other:?}"),
    };
    assert_eq!(rows.len(), 3);
    assert!(out.contains(r#""status":"failed","created_at""#), "{out}");
    // Numbers that JSON has none of are texts.
    assert!(out.contains(r#""loss.val":"NaN""#), "{out}");
    let out = s.out("r", &["show", "baseline", "--json"]);
    for part in [
        r#""hash":"a19eafea79062599d89d5fbf""#,
        r#""lr":0.002"#,
        r#""name":"loss","context":{"subset":"train"},"count":2700"#,
    ] {
        assert!(out.contains(part), "{part} in {out}");
    }
}

#[test]
fn runs_are_found_by_hash_beginning_and_name() {
    let s = sampled();
    for called in ["a19eafea79062599d89d5fbf", "A19E", "baseline"] {
        assert!(
            s.out("r", &["show", called])
                .starts_with("a19eafea79062599d89d5fbf  baseline\n")
        );
    }
    let several = s.run("r", &["show", "1c77"]);
    assert_eq!(several.code, 1);
    assert!(
        several.err.contains("1c77bb9310d4f2a6e8b1c5d7  wide"),
        "{}",
        several.err
    );
    assert!(several.err.contains("try: give more digits of the hash"));
    let none = s.run("r", &["show", "deadbeef"]);
    assert_eq!(
        (none.code, none.err.as_str()),
        (
            1,
            "error: there is no run \"deadbeef\"\n  why: no hash begins so, and no run has that name\n  \
             try: libaim ls lists the runs\n"
        )
    );
}

#[test]
fn query_answers_in_every_format() {
    let s = sampled();
    let expression = "metric.name == 'loss' and run.hparams.lr == 0.5";
    let csv = s.out("r", &["query", expression]);
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some("run,name,context,count,first_step,last_step,first,last,min,max")
    );
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with(r#"7f01d2aa00c4e1b98d3e6a15,loss,"{""subset"":""train""}",540,0,539,"#)
    );
    let points = s.out("r", &["query", expression, "--points", "--json"]);
    assert_eq!(points.lines().count(), 552);
    assert!(
        points
            .lines()
            .last()
            .unwrap()
            .contains(r#""step":11,"value":"NaN","epoch":11"#)
    );
    let runs = s.out("r", &["query", "run.hparams.lr == 0.5", "-f", "csv"]);
    assert!(runs.contains("params/hparams/lr"), "{runs}");
    // In the order of a value; the points are those of the first metrics.
    let field = |line: &str, name: &str| -> String {
        let (_, rest) = line.split_once(&format!("\"{name}\":")).unwrap();
        rest.split([',', '}']).next().unwrap().to_owned()
    };
    let by = |rest: &[&str]| {
        let mut all = vec![
            "query",
            "metric.name == 'loss'",
            "--json",
            "-s",
            "metric.count",
        ];
        all.extend(rest);
        s.out("r", &all)
    };
    let counts = |answer: &str| -> Vec<u64> {
        let counts = answer.lines().map(|line| field(line, "count"));
        counts.map(|count| count.parse().unwrap()).collect()
    };
    let least = counts(&by(&[]));
    let greatest = counts(&by(&["-r"]));
    assert!(least.is_sorted() && least.len() > 2 && least.first() < least.last());
    assert!(greatest.is_sorted_by(|a, b| a >= b) && greatest.len() == least.len());
    assert_eq!(counts(&by(&["-r", "-n", "2"])), greatest[..2]);
    let (metrics, points) = (by(&["-r"]), by(&["-r", "-p"]));
    let run = |lines: &str| field(lines.lines().next().unwrap(), "run");
    assert_eq!(run(&points), run(&metrics));
    assert_ne!(s.run("r", &["query", "", "--sort", "run."]).code, 0);
    for (file, magic) in [("o.parquet", "PAR1"), ("o.arrow", "ARROW1")] {
        s.out("r", &["query", expression, "-p", "-o", file]);
        let bytes = std::fs::read(s.path("r").join(file)).unwrap();
        assert!(bytes.starts_with(magic.as_bytes()) && bytes.ends_with(magic.as_bytes()));
    }
    let explained = s.out("r", &["query", "run.hparams.lr == 0.5", "--explain"]);
    assert!(explained.contains("index: 1 runs"), "{explained}");
    let unnamed = s.run("r", &["query", "", "-o", "file.xyz"]);
    assert_eq!(unnamed.code, 2, "{unnamed:?}");
}

#[test]
fn what_an_answer_is_without_is_said() {
    let s = sampled();
    let of_runs = "warning: left out 5 runs on which the query failed; the first: NameError: name 'foo' is not defined\n";
    for args in [
        &["ls", "foo > 1"][..],
        &["query", "foo > 1"],
        &["query", "--json", "foo > 1"],
        &["query", "foo > 1", "-o", "foo.parquet"],
    ] {
        let said = s.run("r", args);
        assert_eq!((said.code, said.err.as_str()), (0, of_runs), "{args:?}");
    }
    let metrics = s.out("r", &["query", "-m", "", "--json"]).lines().count();
    for args in [
        &["query", "metric.count and foo"][..],
        &["query", "-p", "metric.count and foo"],
        &["plot", "metric.count and foo"],
    ] {
        let said = s.run("r", args);
        let begin = format!("warning: left out {metrics} metrics on which the query failed");
        assert!(said.err.starts_with(&begin), "{args:?}: {said:?}");
    }
    for args in [
        &["ls", "run.hparms.lr == 3"][..],
        &["query", "run.hparms.lr == 3"],
    ] {
        let said = s.run("r", args);
        let param = "warning: no run has the param run.hparms.lr";
        assert!(said.err.starts_with(param), "{args:?}: {said:?}");
    }
    assert_eq!(s.run("r", &["query", "run.hparams.lr == 3"]).err, "");
}

#[test]
fn logs_are_printed_and_followed() {
    let s = sampled();
    let out = s.out("r", &["logs", "baseline", "-n", "2"]);
    assert_eq!(
        out,
        "epoch 59: loss 0.4143\nwarning   the learning rate is lowered\n"
    );
    assert_eq!(
        s.out("r", &["logs", "baseline", "--terminal"])
            .lines()
            .count(),
        60
    );
    let coloured = s.out(
        "r",
        &["logs", "baseline", "--color", "always", "--terminal"],
    );
    assert!(coloured.starts_with("\x1b[32mepoch 0\x1b[0m: loss"));
    // A run that is being written, by this process.
    let run = aim::run::Run::create(s.repo("r"), None).unwrap();
    run.add_line_at(None, 1, "first").unwrap();
    run.flush().unwrap();
    let mut follower = s.program("r");
    let follower = follower.args(["logs", "-f", run.hash()]);
    let follower = follower
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    run.add_line_at(None, 1, "second").unwrap();
    run.flush().unwrap();
    run.close().unwrap();
    let output = follower.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "first\nsecond\n");
}

#[test]
fn a_log_goes_on_behind_lines_that_were_not_kept() {
    let s = Sandbox::new();
    let run = Run::create(s.repo("r"), Some("fast")).unwrap();
    let line = |text: &str| LogRecord {
        time: 1_795_651_435_000_000,
        level: 1,
        text: text.to_owned(),
        location: None,
    };
    for (skipped, text) in [(0, "the first"), (100_000, "the last")] {
        let mut append = LogAppend {
            author: 1,
            skipped,
            ..LogAppend::default()
        };
        append.records.push(&line(text));
        assert!(run.try_add_lines(append).unwrap());
        run.flush().unwrap();
    }
    run.close().unwrap();
    assert_eq!(s.out("r", &["logs", run.hash()]), "the first\nthe last\n");
    assert_eq!(s.out("r", &["logs", "-n", "1", run.hash()]), "the last\n");
    let exported = s.out("r", &["export", "jsonl"]);
    assert!(
        exported.contains("the first") && exported.contains("the last"),
        "{exported}"
    );
}

#[test]
fn compare_shows_what_differs() {
    let s = sampled();
    let out = s.out("r", &["compare", "baseline", "wide"]);
    assert!(out.contains("hparams.lr"), "{out}");
    assert!(out.contains("loss subset=val"), "{out}");
    assert!(!out.contains("batch_size"), "{out}");
    assert!(
        s.out("r", &["compare", "baseline", "wide", "-a"])
            .contains("hparams.batch_size")
    );
    assert!(
        s.out("r", &["compare", "baseline", "wide", "--json"])
            .contains(r#""values":[0.002,0.02]"#)
    );
    assert_eq!(s.run("r", &["compare", "baseline", "a19e"]).code, 2);
}

#[test]
fn pictures_are_drawn() {
    let s = sampled();
    s.out(
        "r",
        &[
            "plot",
            "metric.name == 'loss'",
            "-g",
            "lr",
            "--svg",
            "f.svg",
            "--png",
            "f.png",
        ],
    );
    let svg = std::fs::read_to_string(s.path("r").join("f.svg")).unwrap();
    assert!(svg.contains(">lr 0.002</text>") && svg.ends_with("</svg>\n"));
    let png = std::fs::read(s.path("r").join("f.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n"));
    assert_eq!(s.run("r", &["plot", "metric.name == 'nothing'"]).code, 1);
    assert_eq!(s.run("r", &["plot", "", "-s", "1"]).code, 2);
}

#[test]
fn edits_ask_and_change_nothing_else() {
    let s = sampled();
    let before = s.out("r", &["show", "a19e", "--json"]);
    s.out("r", &["rename", "a19e", "a new name"]);
    s.out("r", &["tag", "best", "a19e"]);
    s.out("r", &["tag", "-d", "v2", "a19e"]);
    s.out("r", &["archive", "a19e"]);
    s.out("r", &["move", "-e", "vision", "a19e"]);
    let after = s.out("r", &["show", "a19e", "--json"]);
    let wanted = before
        .replace(r#""name":"baseline","d"#, r#""name":"a new name","d"#)
        .replace(r#""baseline","v2""#, r#""baseline","best""#)
        .replace(r#""archived":false"#, r#""archived":true"#)
        .replace(r#""experiment":"digits""#, r#""experiment":"vision""#);
    assert_eq!(after, wanted);
    assert!(!s.out("r", &["ls"]).contains("a new name"));
    assert!(s.out("r", &["ls", "-a"]).contains("a new name"));
    assert!(s.out("r", &["ls", "run.archived"]).contains("a new name"));
    // Nobody is there to be asked.
    let refused = s.run("r", &["rm", "-q", "run.experiment == 'digits'"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .err
            .contains("delete 4 runs for good: nobody was asked"),
        "{}",
        refused.err
    );
    assert_eq!(s.out("r", &["ls", "-a"]).lines().count(), 6);
    s.out("r", &["rm", "-y", "-q", "run.experiment == 'digits'"]);
    assert_eq!(s.out("r", &["ls", "-a"]).lines().count(), 2);
    // A run that is being written stays.
    let run = aim::run::Run::create(s.repo("r"), None).unwrap();
    run.flush().unwrap();
    let busy = s.run("r", &["rm", "-y", run.hash()]);
    assert_eq!(busy.code, 1, "{busy:?}");
    assert!(s.out("r", &["ls"]).contains("● running"));
}

#[test]
fn notes_are_written_and_read() {
    let s = sampled();
    s.out("r", &["note", "7f01", "the rate is too high"]);
    s.out("r", &["note", "7f01", "much too high", "-r", "1"]);
    assert!(
        s.out("r", &["note", "7f01"])
            .contains("\n   much too high\n")
    );
    assert!(
        s.out("r", &["note", "7f01", "--json"])
            .contains(r#""id":1,"text":"much too high""#)
    );
    s.out("r", &["note", "7f01", "-d", "1"]);
    assert_eq!(s.out("r", &["note", "7f01"]), "");
}

#[test]
fn completions_and_the_manual_name_every_command() {
    let s = Sandbox::new();
    std::fs::create_dir(s.path("r")).unwrap();
    let man = s.out("r", &["man"]);
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            s.out("r", &["completions", shell]).contains("doctor"),
            "{shell}"
        );
    }
    for command in [
        "ls", "show", "query", "plot", "logs", "compare", "merge", "doctor",
    ] {
        assert!(
            man.contains(&format!(".SH LIBAIM {command}\n")),
            "{command}"
        );
    }
}

#[test]
fn nobody_reading_on_is_no_error() {
    let s = sampled();
    let mut command = s.program("r");
    command.args(["query", "metric.name == 'loss'", "--points"]);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn nobody_listening_changes_no_answer() {
    let s = sampled();
    let heard: [&[&str]; 4] = [
        &["export", "csv"],
        &["compact", "--yes"],
        &["tag", "baseline", "--add", "quiet", "--yes"],
        &["ls", "run.x ="],
    ];
    for args in heard {
        let spoken = s.run("r", args);
        assert!(!spoken.err.is_empty(), "{args:?} says nothing");
        let (listener, speaker) = std::io::pipe().unwrap();
        drop(listener);
        let unheard = s.program("r").args(args).stderr(speaker).output().unwrap();
        assert_eq!(unheard.status.code(), Some(spoken.code), "{args:?}");
        assert_eq!(unheard.stdout, spoken.out.as_bytes(), "{args:?}");
    }
}
