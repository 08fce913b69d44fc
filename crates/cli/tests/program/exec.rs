//! `libaim exec` around real programs: C with a buffered output, Python, shell; colours, bars, signals, none found.

use crate::common::{Said, Sandbox, said};
use crate::event_file::{EventFile, scalar};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.repo("r");
    sandbox
}

/// The only run, as `show --json` has it.
fn shown(s: &Sandbox) -> String {
    let hash = s.out("r", &["ls", "-c", "=run"]);
    let hash = hash.lines().nth(1).expect("there is a run").trim();
    s.out("r", &["show", hash, "--json"])
}

fn log(s: &Sandbox) -> String {
    let hash = s.out("r", &["ls", "-c", "=run"]);
    let hash = hash.lines().nth(1).expect("there is a run").trim();
    s.out("r", &["logs", hash])
}

fn exec(s: &Sandbox, args: &[&str]) -> Said {
    let mut command = s.program("r");
    said(command.arg("exec").args(args))
}

#[test]
fn metrics_params_log_and_exit_code() {
    let s = sandbox();
    let script = "for i in 1 2 3; do echo \"step $i: loss 0.$i\"; done; echo oops >&2; exit 3";
    let pattern = r"step (?<step>\d+): loss (?<loss>\S+)";
    let args = [
        "-m",
        pattern,
        "-p",
        "hparams.lr=1e-3",
        "-p",
        "note=as is",
        "-t",
        "new",
        "-n",
        "first",
    ];
    let said = exec(&s, &[&args[..], &["--", "sh", "-c", script]].concat());
    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!(
        said.out,
        "step 1: loss 0.1\nstep 2: loss 0.2\nstep 3: loss 0.3\n"
    );
    // The program's own line between ours at the beginning and at the end.
    let lines: Vec<&str> = said.err.lines().collect();
    assert_eq!(lines.len(), 3, "{said:?}");
    assert!(
        lines[0].contains("to watch it") && lines[2].contains("failed with 3"),
        "{said:?}"
    );
    assert_eq!(lines[1], "oops");
    let shown = shown(&s);
    for part in [
        r#""name":"first""#,
        r#""status":"failed""#,
        r#""exit_code":3"#,
        r#""tags":["new"]"#,
        r#""lr":0.001"#,
        r#""note":"as is""#,
        r#""name":"loss","context":{},"count":3"#,
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let log = log(&s);
    assert!(
        log.contains("step 2: loss 0.2") && log.contains("oops"),
        "{log}"
    );
}

#[test]
fn a_buffered_c_program_speaks_at_once() {
    let s = sandbox();
    let source = s.path("slow.c");
    let text = "#include <stdio.h>\n#include <unistd.h>\n\
        int main(void) { printf(\"ready\\n\"); sleep(100); return 0; }\n";
    std::fs::write(&source, text).unwrap();
    let program = s.path("slow");
    let compiled = Command::new("gcc")
        .arg(&source)
        .arg("-o")
        .arg(&program)
        .status();
    assert!(compiled.unwrap().success());
    let mut command = s.program("r");
    let mut child = command
        .args(["exec", "-q", "--"])
        .arg(&program)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let output = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
    assert_eq!(line, "ready\n");
    // A signal that comes to the tracker alone goes through.
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(child.id() as i32),
        nix::sys::signal::Signal::SIGTERM,
    )
    .unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(128 + 15), "{:?}", status.signal());
    let shown = shown(&s);
    assert!(shown.contains(r#""status":"interrupted""#), "{shown}");
    assert!(shown.contains(r#""signal":15"#), "{shown}");
}

#[test]
fn a_program_that_dies_by_a_signal() {
    let s = sandbox();
    let said = exec(&s, &["-q", "--", "sh", "-c", "kill -SEGV $$"]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (128 + 11, "", "")
    );
    let shown = shown(&s);
    assert!(
        shown.contains(r#""status":"failed""#) && shown.contains(r#""signal":11"#),
        "{shown}"
    );
}

#[test]
fn bars_and_colours_are_taken_down_as_they_were_seen() {
    let s = sandbox();
    let script = r"
import sys, time
for i in range(4):
    sys.stdout.write(f'\r{i * 33:3d}%'); sys.stdout.flush()
print()
print('\x1b[31mepoch 1\x1b[0m acc=95.5%', file=sys.stderr)
";
    let said = exec(
        &s,
        &[
            "-q",
            "-m",
            r"epoch (?<epoch>\d+) acc=(?<acc>\S+)",
            "--",
            "python3",
            "-c",
            script,
        ],
    );
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.out, "\r  0%\r 33%\r 66%\r 99%\n");
    let log = log(&s);
    assert!(log.contains(" 99%") && !log.contains("33%"), "{log}");
    let shown = shown(&s);
    assert!(
        shown.contains(r#""name":"acc""#) && shown.contains("95.5"),
        "{shown}"
    );
}

#[test]
fn children_know_the_run_and_can_add_to_it() {
    let s = sandbox();
    let said = exec(
        &s,
        &["-q", "--", "sh", "-c", "echo $AIM_REPO $AIM_RUN_HASH"],
    );
    let words: Vec<&str> = said.out.split_whitespace().collect();
    assert_eq!(words.len(), 2, "{said:?}");
    assert_eq!(
        std::fs::canonicalize(words[0]).unwrap(),
        std::fs::canonicalize(s.path("r")).unwrap()
    );
    assert!(shown(&s).contains(words[1]));
}

#[test]
fn a_program_that_is_not_there_leaves_no_run() {
    let s = sandbox();
    let said = exec(&s, &["-q", "--", "/nonexistent/program"]);
    assert_eq!(said.code, 127, "{said:?}");
    assert!(
        said.err.contains("/nonexistent/program cannot be run"),
        "{said:?}"
    );
    let said = exec(&s, &["-q", "--", "/etc/passwd"]);
    assert_eq!(said.code, 126, "{said:?}");
    assert_eq!(s.out("r", &["ls"]), "no runs yet\n");
    let said = exec(&s, &["-m", "loss (", "--", "true"]);
    assert_eq!(said.code, 2, "{said:?}");
}

#[test]
fn children_in_the_background_do_not_hold_it_up() {
    let s = sandbox();
    let begun = Instant::now();
    let said = exec(&s, &["-q", "--", "sh", "-c", "sleep 100 & echo done"]);
    assert_eq!((said.code, said.out.as_str()), (0, "done\n"), "{said:?}");
    // Far from the child's end.
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn what_the_program_writes_for_tensorboard_comes_in_while_it_does() {
    const PATIENCE: Duration = Duration::from_secs(120);
    let s = sandbox();
    let tb = s.path("r/tb");
    EventFile::named(&tb, "events.out.tfevents.0").event(1.0, 0, &[scalar("old", 1.0)]);
    let script = ": >started; until test -e stop; do sleep 0.05; done";
    let mut command = s.program("r");
    let args = [
        "exec",
        "-q",
        "--tensorboard",
        "tb",
        "--",
        "sh",
        "-c",
        script,
    ];
    let mut child = command.args(args).spawn().unwrap();
    let until = |holds: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < PATIENCE, "{}", shown(&s));
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    until(&|| s.path("r/started").exists());
    let file = EventFile::named(&tb, "events.out.tfevents.1");
    let file = file.event(1.5e9, 7, &[scalar("loss", 0.5)]);
    until(&|| shown(&s).contains(r#""name":"loss","context":{},"count":1,"first_step":7"#));
    assert!(shown(&s).contains(r#""status":"running""#));
    EventFile::new(&tb.join("validation")).event(1.5e9, 7, &[scalar("loss", 0.75)]);
    file.event(1.5e9, 8, &[scalar("loss", 0.25)])
        .text(1.5e9, 8, "note", "as it is")
        .record(b"nothing of TensorBoard's");
    std::fs::write(s.path("r/stop"), "").unwrap();
    assert!(child.wait().unwrap().success());
    let shown = shown(&s);
    for part in [
        r#""name":"loss","context":{},"count":2,"first_step":7,"last_step":8"#,
        r#""name":"loss","context":{"subset":"val"},"count":1"#,
        r#""status":"finished""#,
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains("old"), "{shown}");
}

#[test]
fn what_the_program_uses_is_read() {
    let s = sandbox();
    // Longer than it takes until the first reading, however slow the machine: the program ends when it has been made.
    let script = "for i in $(seq 600); do \
        libaim query \"metric.name == '__system__children_memory_bytes' and metric.max > 0\" -f csv | grep -q children && exit 0; \
        sleep 0.1; done; exit 1";
    let libaim = std::path::Path::new(env!("CARGO_BIN_EXE_libaim"));
    let path = format!(
        "{}:{}",
        libaim.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = s.program("r");
    command.env("PATH", path);
    let said = said(command.args(["exec", "--system", "0.1", "--", "sh", "-c", script]));
    assert_eq!(said.code, 0, "{said:?}");
}
