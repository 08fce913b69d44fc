//! `libaim exec` around programs as people have them: Fortran, a bar of tqdm, a million lines, Ctrl-C in a terminal, none at all.

use crate::common::{Sandbox, said};
use crate::terminal::Terminal;
use std::process::{Command, Stdio};

/// What `libaim exec` says of a program in the repository `r`.
fn exec(s: &Sandbox, args: &[&str]) -> crate::common::Said {
    s.repo("r");
    said(s.program("r").args(["exec", "-q"]).args(args))
}

fn only_run(s: &Sandbox) -> String {
    let hash = s.out("r", &["ls", "-c", "=run"]);
    hash.lines().nth(1).unwrap().trim().to_owned()
}

#[test]
fn a_fortran_program_prints_metrics() {
    let s = Sandbox::new();
    let source = s.path("train.f90");
    let text = "program train\n  integer :: i\n  do i = 1, 3\n    \
        print '(a,i0,a,es10.3)', 'step ', i, ' loss ', 1.0 / i\n  end do\n  \
        write (*, *) 'residual', 0.25\n  stop 4\nend program\n";
    std::fs::write(&source, text).unwrap();
    let program = s.path("train");
    let mut compiler = Command::new("gfortran");
    let compiled = compiler.arg(&source).arg("-o").arg(&program).status();
    assert!(compiled.unwrap().success());
    let step = r"step (?<step>\d+) loss +(?<loss>\S+)";
    let residual = r"residual +(?<residual>\S+)";
    let program = program.to_str().unwrap();
    let said = exec(&s, &["-m", step, "-m", residual, "--", program]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.out.contains("step 3 loss  3.333E-01"), "{said:?}");
    let points = s.out("r", &["query", "-p", "metric.name == 'loss'", "-f", "csv"]);
    let steps = [",1,1,", ",2,0.5,", ",3,0.3333,"];
    assert!(steps.iter().all(|s| points.contains(s)), "{points}");
    let shown = s.out("r", &["show", &only_run(&s), "--json"]);
    assert!(shown.contains(r#""name":"residual""#), "{shown}");
    assert!(shown.contains(r#""exit_code":4"#), "{shown}");
}

#[test]
fn a_bar_of_tqdm_is_one_line_with_its_last_values() {
    let s = Sandbox::new();
    let script = "
from tqdm import tqdm
bar = tqdm(range(5), desc='epoch 1', ncols=70, mininterval=0)
for i in bar:
    bar.set_postfix(loss=1 / (i + 1))
";
    let python = ["--", "/usr/bin/python3", "-c", script];
    let loss = ["-m", r"loss=(?<loss>[\d.]+)"];
    let said = exec(&s, &[&loss[..], &python].concat());
    assert_eq!(said.code, 0, "{said:?}");
    let run = only_run(&s);
    let log = s.out("r", &["logs", &run]);
    let lines: Vec<&str> = log.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(
        lines[0].contains("5/5") && lines[0].contains("loss=0.2"),
        "{log}"
    );
    let shown = s.out("r", &["show", &run, "--json"]);
    assert!(
        shown.contains(r#""name":"loss","context":{},"count":1"#),
        "{shown}"
    );
}

#[test]
fn a_million_lines_come_through_whole() {
    const LINES: usize = 1_000_000;
    let s = Sandbox::new();
    let said = exec(&s, &["--", "seq", &LINES.to_string()]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.lines().eq((1..=LINES).map(|i| i.to_string())));
    // Of the log, what could not be stored as fast may be missing, but neither its end nor the order.
    let log = s.out("r", &["logs", &only_run(&s)]);
    let numbers: Vec<usize> = log.lines().map(|line| line.parse().unwrap()).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b));
    assert_eq!(numbers.last(), Some(&LINES));
}

#[test]
fn ctrl_c_in_a_terminal_interrupts_the_program_and_its_run() {
    let s = Sandbox::new();
    s.repo("r");
    let line = format!(
        "trap : INT; '{}' exec -- sh -c 'echo ready; exec sleep 100'; echo \"ended with $?\"; exec sleep 100",
        env!("CARGO_BIN_EXE_libaim")
    );
    let terminal = Terminal::start(&s, (80, 24), "C.UTF-8", &line);
    terminal.until(&["ready"]);
    terminal.keys(&["C-c"]);
    terminal.until(&["ended with 130"]);
    let shown = s.out("r", &["show", &only_run(&s), "--json"]);
    assert!(shown.contains(r#""status":"interrupted""#), "{shown}");
    assert!(shown.contains(r#""signal":2"#), "{shown}");
}

#[test]
fn the_program_learns_of_another_size_of_the_terminal() {
    let s = Sandbox::new();
    s.repo("r");
    let line = format!(
        "'{}' exec -q -- sh -c 'trap \"stty size <&1\" WINCH; stty size <&1; while :; do sleep 0.1; done'",
        env!("CARGO_BIN_EXE_libaim")
    );
    let terminal = Terminal::start(&s, (80, 24), "C.UTF-8", &line);
    terminal.until(&["24 80"]);
    let resize = ["resize-window", "-x", "100", "-y", "30"];
    assert!(terminal.tmux().args(resize).status().unwrap().success());
    terminal.until(&["30 100"]);
    terminal.keys(&["C-c"]);
    terminal.ended();
}

#[test]
fn without_any_terminal_the_program_still_has_one_to_write_to() {
    let s = Sandbox::new();
    s.repo("r");
    let program = s.program("r");
    let mut alone = Command::new("setsid");
    alone
        .arg("--wait")
        .arg(program.get_program())
        .args(["exec", "-q", "--", "sh", "-c"])
        .arg("test -t 1 && echo a terminal; read x || echo nothing to read; echo oops >&2")
        .current_dir(s.path("r"))
        .stdin(Stdio::null());
    let said = said(&mut alone);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (0, "a terminal\nnothing to read\n", "oops\n")
    );
    let log = s.out("r", &["logs", &only_run(&s)]);
    assert!(
        log.contains("nothing to read") && log.contains("oops"),
        "{log}"
    );
}
