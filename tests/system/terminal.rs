use crate::tools::Scene;
use aim::store::{Stream, TERMINAL_BYTES};
use std::io::{BufRead, Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn output_of_every_kind_is_recorded_and_still_arrives() {
    let scene = Scene::new();
    let (out, errors) = scene.run(&[
        "capture=1",
        "lines=3",
        "error=a warning",
        "system=echo a shell; ls /nowhere >&2; printf 'no end'",
        "saynl= of line",
        "fork=a forked child",
        "fortran=2",
        "progress=1000",
        "saynl=last",
    ]);
    let expected_out = [
        "line 00000000 of the program's standard output",
        "line 00000001 of the program's standard output",
        "line 00000002 of the program's standard output",
        "a shell",
        "no end of line",
        "a forked child",
        "fortran line 1",
        "fortran line 2",
        "done: 1000 of 1000",
        "last",
    ];
    let of = |descriptor| -> Vec<String> {
        let records = scene.log(Stream::Terminal, 0, 100).into_iter();
        let own = records.filter(|(_, r)| r.level == descriptor);
        own.map(|(_, r)| r.text).collect()
    };
    assert_eq!(of(1), expected_out);
    assert_eq!(of(2)[0], "a warning");
    assert!(of(2)[1].contains("/nowhere"), "{:?}", of(2));
    // The terminal gets every byte as it was written.
    assert!(out.starts_with("line 00000000"), "{out}");
    assert!(out.contains("\rdone: 999 of 1000\rdone: 1000 of 1000\nlast\n"));
    assert!(errors.starts_with("a warning\n") && errors.contains("/nowhere"));
}

#[test]
fn bars_leave_what_is_visible() {
    let scene = Scene::new();
    let mut actions = vec!["capture=1".to_owned(), "saynl=before".to_owned()];
    for step in 0..10 {
        actions.push(format!("say=\router {step}"));
        for inner in 0..3 {
            actions.push(format!("say=\n\rinner {step} {inner}\x1b[A"));
        }
        // The run gets them in between.
        actions.push("sleep=50".to_owned());
    }
    actions.extend(["say=\n\n".to_owned(), "saynl=after".to_owned()]);
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    let (out, _) = scene.run(&actions);
    assert_eq!(out.matches("inner").count(), 30);
    assert_eq!(scene.lines(), ["before", "outer 9", "inner 9 2", "after"]);
}

#[test]
fn a_reader_that_goes_ends_the_program_as_without_capture() {
    use std::os::unix::process::ExitStatusExt;
    let scene = Scene::new();
    let endless = |scene: &Scene, actions: &[&str]| {
        let mut trainer = scene.trainer(actions).spawn().unwrap();
        let mut out = std::io::BufReader::new(trainer.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        assert_eq!(line, "line 00000000 of the program's standard output\n");
        drop(out);
        trainer.wait().unwrap()
    };
    let status = endless(&scene, &["capture=1", "lines=100000000"]);
    assert_eq!(status.signal(), Some(13), "{status}");
    assert!(!scene.lines().is_empty());
    // A child that writes on fails too, and the program goes on.
    let child = Scene::new();
    let endless_child = "system=while echo more; do :; done";
    let status = endless(&child, &["capture=1", "lines=1", endless_child]);
    assert!(status.success(), "{status}");
}

#[test]
fn ranks_that_share_a_run_repeat_no_line() {
    let scene = Scene::new();
    scene.run(&["capture=1", "saynl=first"]);
    let hash = scene.hash();
    let rank = |number: usize| {
        let mut actions = vec![format!("run={hash}"), "capture=1".to_owned()];
        for line in 0..15 {
            actions.extend([
                format!("saynl=rank {number} line {line}"),
                "sleep=150".to_owned(),
            ]);
        }
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        scene.trainer(&actions).spawn().unwrap()
    };
    let ranks: Vec<_> = (0..2).map(rank).collect();
    for mut rank in ranks {
        assert!(rank.wait().unwrap().success());
    }
    let mut lines = scene.lines();
    lines.sort();
    let mut expected: Vec<String> = (0..30)
        .map(|n| format!("rank {} line {}", n / 15, n % 15))
        .collect();
    expected.push("first".to_owned());
    expected.sort();
    assert_eq!(lines, expected);
}

#[test]
fn one_terminal_for_both_keeps_their_order() {
    let scene = Scene::new();
    let log = scene.path().join("both");
    let file = std::fs::File::create(&log).unwrap();
    let mut trainer = scene.trainer(&[
        "capture=1",
        "say=1\n",
        "error=2",
        "say=3\n",
        "error=4",
        "say=5\n",
    ]);
    trainer.stdout(file.try_clone().unwrap()).stderr(file);
    assert!(trainer.status().unwrap().success());
    assert_eq!(std::fs::read_to_string(log).unwrap(), "1\n2\n3\n4\n5\n");
    assert_eq!(scene.lines(), ["1", "2", "3", "4", "5"]);
}

#[test]
fn after_the_close_nothing_is_recorded() {
    let scene = Scene::new();
    let (out, _) = scene.run(&["capture=1", "saynl=before", "close=1", "saynl=after"]);
    assert_eq!(out, "before\nafter\n");
    assert_eq!(scene.lines(), ["before"]);
}

#[test]
fn without_the_option_nothing_is_recorded() {
    let scene = Scene::new();
    scene.run(&["saynl=text"]);
    assert_eq!(scene.log_range(Stream::Terminal), (0, 0));
}

#[test]
fn an_exit_without_a_close_loses_nothing() {
    let scene = Scene::new();
    let (out, _) = scene.run(&["capture=1", "lines=1000", "exit=0"]);
    assert_eq!(out.lines().count(), 1000);
    assert_eq!(scene.lines().len(), 1000);
}

#[test]
fn a_hundred_megabytes_pass_and_the_last_are_kept() {
    const LINES: usize = 2_300_000;
    let scene = Scene::new();
    let mut trainer = scene
        .trainer(&[
            "capture=1",
            &format!("tracked_lines={LINES}"),
            "saynl=the end",
        ])
        .spawn()
        .unwrap();
    let mut bytes = 0;
    let mut out = trainer.stdout.take().unwrap();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match out.read(&mut buffer).unwrap() {
            0 => break,
            n => bytes += n,
        }
    }
    assert!(trainer.wait().unwrap().success());
    assert_eq!(bytes, LINES * 47 + "the end\n".len());
    assert!(bytes > 100 << 20);
    // No tracked value is lost over it.
    let loss = &scene.sequences()[&("loss".to_owned(), "{}".to_owned())];
    assert_eq!(loss.len(), LINES);
    // Numbers count all lines; what is kept is bounded, and the end of it all.
    let (first, end) = scene.log_range(Stream::Terminal);
    assert_eq!(end, LINES as u64 + 1);
    assert!(first > 0);
    let kept = scene.log(Stream::Terminal, 0, u64::MAX);
    let text: usize = kept.iter().map(|(_, r)| r.text.len()).sum();
    assert!(
        (1 << 20..=TERMINAL_BYTES as usize).contains(&text),
        "{text}"
    );
    assert_eq!(kept.last().unwrap().1.text, "the end");
    let by_number = kept.iter().rev().skip(1).all(|(number, record)| {
        record.text == format!("line {number:08} of the program's standard output")
    });
    assert!(by_number);
    let last = scene.log(Stream::Terminal, end - 2, 1);
    assert_eq!(last.len(), 1);
    assert_eq!(last[0].0, end - 2);
}

#[test]
fn a_kill_in_the_middle_of_a_line_leaves_what_was_written() {
    let scene = Scene::new();
    let output = scene
        .trainer(&[
            "capture=1",
            "lines=500",
            "say=half a li",
            "sleep=1000",
            "kill=9",
        ])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.ends_with("\nhalf a li"), "{out}");
    let lines = scene.lines();
    assert_eq!(lines.len(), 501);
    assert_eq!(lines.last().unwrap(), "half a li");
}

fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !happened() {
        assert!(Instant::now() < deadline, "waited for {what} in vain");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn children_outlive_a_killed_trainer() {
    let scene = Scene::new();
    // More than any pipe holds, so that a writer nobody reads from would block.
    let child = |name: &str| {
        let mark = scene.path().join(name);
        format!(
            "(sleep 1; i=0; while [ $i -lt 20000 ]; do echo still here, line $i; i=$((i+1)); done 2>&-; touch {}) &",
            mark.display()
        )
    };
    let by_shell = format!("system={}", child("shell"));
    let forked = format!("background={}", scene.path().join("forked").display());
    scene
        .trainer(&["capture=1", &by_shell, &forked, "sleep=200", "kill=9"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    wait_for("the shell", || scene.path().join("shell").exists());
    wait_for("the forked child", || scene.path().join("forked").exists());
}

#[test]
fn children_that_outlive_the_close_are_passed_on() {
    let scene = Scene::new();
    let mut trainer = scene
        .trainer(&[
            "capture=1",
            "system=(sleep 1; echo from the child) &",
            "close=1",
            "saynl=closed",
            "wait=1",
        ])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(trainer.stdout.take().unwrap());
    // The parent's own line waits in its buffer until the end.
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "from the child\n");
    trainer.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(trainer.wait().unwrap().success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "closed\n");
    assert_eq!(scene.lines(), Vec::<String>::new());
}
