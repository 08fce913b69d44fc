//! `libaim exec` whose tracker, or relay, comes to an end that nobody wished.

use crate::common::{Said, Sandbox};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);

/// `libaim exec` around a shell script, which at WAIT waits until it may go on.
struct Tracked {
    s: Sandbox,
    relay: Child,
    output: BufReader<std::process::ChildStdout>,
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn send(process: u32, signal: Signal) {
    kill(Pid::from_raw(process as i32), signal).unwrap();
}

/// Whether a process has ended, waited for or not.
fn ended(process: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|s| s.contains(") Z"))
        || !std::fs::exists(format!("/proc/{process}")).unwrap()
}

impl Tracked {
    /// Starts it; the script's first line is there.
    fn start(script: &str) -> Tracked {
        let s = Sandbox::new();
        s.repo("r");
        let script = script.replace("WAIT", "until test -e go; do sleep 0.05; done");
        let mut command = s.program("r");
        command.args([
            "exec",
            "-m",
            r"loss (?<loss>\S+)",
            "--",
            "sh",
            "-c",
            &script,
        ]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut relay = command.spawn().unwrap();
        let mut output = BufReader::new(relay.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Tracked { s, relay, output }
    }

    /// The child of the relay that is this program.
    fn tracker(&self) -> u32 {
        let relay = self.relay.id();
        let threads = std::fs::read_dir(format!("/proc/{relay}/task")).unwrap();
        let lists = threads.map(|t| std::fs::read_to_string(t.unwrap().path().join("children")));
        let children: Vec<u32> = lists
            .flat_map(|list| {
                let list = list.unwrap();
                let ids = list.split_whitespace().map(|id| id.parse().unwrap());
                ids.collect::<Vec<u32>>()
            })
            .collect();
        let file = |process: u32| std::fs::read_link(format!("/proc/{process}/exe")).unwrap();
        let same = |process: &&u32| file(**process) == file(relay);
        *children.iter().find(same).expect("there is a tracker")
    }

    /// The file that it waits for.
    fn go_on(&self) {
        std::fs::write(self.s.path("r/go"), "").unwrap();
    }

    /// What it has said at its end.
    fn end(&mut self) -> Said {
        let mut out = String::new();
        std::io::Read::read_to_string(&mut self.output, &mut out).unwrap();
        let mut err = String::new();
        let mut stderr = self.relay.stderr.take().unwrap();
        std::io::Read::read_to_string(&mut stderr, &mut err).unwrap();
        let code = self.relay.wait().unwrap().code().unwrap_or(-1);
        Said { code, out, err }
    }

    fn run(&self) -> String {
        let hash = self.s.out("r", &["ls", "-c", "=run"]);
        hash.lines().nth(1).unwrap().trim().to_owned()
    }

    fn shown(&self) -> String {
        self.s.out("r", &["show", &self.run(), "--json"])
    }
}

#[test]
fn a_program_outlives_its_tracker() {
    for signal in [Signal::SIGKILL, Signal::SIGABRT, Signal::SIGTRAP] {
        let mut tracked = Tracked::start(
            "echo ready; echo loss 0.5; WAIT; echo loss 0.25; echo oops >&2; exit 3",
        );
        wait_until("the metric", || {
            tracked.shown().contains(r#""name":"loss""#)
        });
        let tracker = tracked.tracker();
        send(tracker, signal);
        wait_until("the tracker's end", || ended(tracker));
        tracked.go_on();
        let said = tracked.end();
        assert_eq!(said.code, 3, "{said:?}");
        assert_eq!(said.out, "loss 0.5\nloss 0.25\n");
        assert!(said.err.ends_with("oops\n"), "{said:?}");
        let words = format!("ended by {signal}; the program goes on");
        let about = said.err.lines().filter(|line| line.contains(&words));
        assert_eq!(about.count(), 1, "{said:?}");
        // As that of a program which libaim ended with.
        let shown = tracked.shown();
        for part in [
            r#""status":"crashed""#,
            r#""name":"loss","context":{},"count":1"#,
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }
}

#[test]
fn a_tracker_outlives_its_relay_only_to_store_the_run() {
    let mut tracked = Tracked::start("echo ready; echo loss 0.5; WAIT");
    wait_until("the metric", || {
        tracked.shown().contains(r#""name":"loss""#)
    });
    let tracker = tracked.tracker();
    send(tracked.relay.id(), Signal::SIGKILL);
    wait_until("the tracker's end", || ended(tracker));
    tracked.go_on();
    tracked.relay.wait().unwrap();
    let shown = tracked.shown();
    assert!(shown.contains(r#""status":"crashed""#), "{shown}");
}

#[test]
fn a_slow_tracker_loses_no_line() {
    const LINES: usize = 100_000;
    let mut tracked = Tracked::start(&format!("echo ready; WAIT; seq {LINES}"));
    let tracker = tracked.tracker();
    send(tracker, Signal::SIGSTOP);
    tracked.go_on();
    // More than all on the way take: the program waits, or will.
    let mut line = String::new();
    tracked.output.read_line(&mut line).unwrap();
    assert_eq!(line, "1\n");
    let said = std::thread::scope(|scope| {
        // It gets on in small steps, as on a busy machine.
        scope.spawn(|| {
            let step = |signal, millis| {
                let _ = kill(Pid::from_raw(tracker as i32), signal);
                std::thread::sleep(Duration::from_millis(millis));
            };
            for _ in 0..30 {
                step(Signal::SIGCONT, 2);
                step(Signal::SIGSTOP, 25);
            }
            step(Signal::SIGCONT, 0);
        });
        tracked.end()
    });
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.lines().eq((2..=LINES).map(|i| i.to_string())));
    let log = tracked.s.out("r", &["logs", &tracked.run()]);
    let lines = log.lines().filter(|line| *line != "ready");
    assert!(lines.eq((1..=LINES).map(|i| i.to_string())));
}
