//! Every command on repositories in every state: none, empty, read-only, damaged, of a newer version, with names that would
//! control the terminal. What is expected follows from what a command is about.

use crate::common::{Said, Sandbox, evil, read_only, said, sample, tamper, without_colours};
use std::io::Read as _;
use std::process::{Command, Stdio};

#[derive(Clone, Copy, Debug, PartialEq)]
enum About {
    /// No repository, or others than that in whose directory it is.
    Nothing,
    /// A repository, which it makes where there is none, to write to.
    New,
    /// All runs, to read.
    Runs,
    /// A run, to read.
    Run,
    /// A run, to write.
    Edit,
    /// The repository as a whole, to write.
    Whole,
    /// All metrics: that there are none is a failure.
    Metrics,
    /// An artifact that no run has, to read.
    Absent,
    /// A screen: it needs a terminal.
    Screen,
    /// A server, until it is ended.
    Server,
}

use About::*;

/// All commands. `{run}` stands for a run, `{new}` for a path where there is nothing, `{points}` for a table.
const COMMANDS: [(&[&str], About); 59] = [
    (&["ls"], Runs),
    (&["ls", "--json"], Runs),
    (&["ls", "-c", "lr,loss:min", "-s", "loss:min", "-r"], Runs),
    (&["ls", "-c", "tags,description"], Runs),
    (&["show", "{run}"], Run),
    (&["show", "{run}", "--json"], Run),
    (&["show", "{run}", "-p", "-s"], Run),
    (&["query", "", "-f", "table"], Runs),
    (&["query", "-m", "", "-f", "table"], Runs),
    (&["query", "-p", "metric.name == 'loss'"], Runs),
    (&["query", "", "-o", "{new}.parquet"], Runs),
    (&["query", "", "--explain"], Runs),
    (&["logs", "{run}"], Run),
    (&["logs", "-f", "{run}"], Run),
    (&["compare", "{run}", "wide"], Run),
    (&["plot", ""], Metrics),
    (&["plot", "", "--svg", "{new}.svg"], Metrics),
    (&["watch"], Screen),
    (&["exec", "-q", "--", "true"], New),
    (&["import", "csv", "{points}"], New),
    (&["import", "csv", "--dry-run", "{points}"], Nothing),
    (&["export", "csv"], Runs),
    (&["export", "jsonl"], Runs),
    (&["export", "directory", "-t", "{new}"], Runs),
    (&["export", "tensorboard", "-t", "{new}"], Runs),
    (&["artifacts", "ls", "{run}"], Run),
    (&["artifacts", "ls", "{run}", "--json"], Run),
    (&["artifacts", "verify", "{run}"], Run),
    (&["artifacts", "fetch", "{run}/none", "-o", "{new}"], Absent),
    (&["artifacts", "pull", "{run}/none", "-o", "{new}"], Absent),
    (&["artifacts", "push", "{run}", "--to", "file://{new}"], Run),
    (&["export", "parquet", "-t", "{new}"], Runs),
    (&["rm", "-y", "{run}"], Edit),
    (&["archive", "{run}"], Edit),
    (&["archive", "-u", "{run}"], Edit),
    (&["tag", "t", "{run}"], Edit),
    (&["tag", "-d", "baseline", "{run}"], Edit),
    (&["rename", "{run}", "x"], Edit),
    (&["move", "-e", "e", "{run}"], Edit),
    (&["note", "{run}"], Run),
    (&["note", "{run}", "text"], Edit),
    (&["up", "--port", "0"], Server),
    (&["cp", "-t", "{new}", "{run}"], Run),
    (&["mv", "-y", "-t", "{new}", "{run}"], Edit),
    (&["merge", "../other"], New),
    (&["sync", ".", "postgres://127.0.0.1:1/none"], Whole),
    (&["pull", "postgres://127.0.0.1:1/none", "{new}"], Nothing),
    (&["spool", "status"], Whole),
    (&["spool", "check"], Whole),
    (&["spool", "gc", "--into", "{new}"], Whole),
    (&["rescue", "{new}", "{new}"], Nothing),
    (&["du"], Runs),
    (&["du", "-r"], Runs),
    (&["doctor"], Runs),
    (&["bring-in"], Whole),
    (&["compact"], Whole),
    (&["salvage", ".", "{new}"], Whole),
    (&["completions", "bash"], Nothing),
    (&["man"], Nothing),
];

/// A command with what stands in for its parts.
fn filled(s: &Sandbox, args: &[&str], run: &str, number: usize) -> Vec<String> {
    let points = s.path("points.csv");
    if !points.exists() {
        std::fs::write(&points, "step,loss\n0,1.5\n1,0.5\n").unwrap();
    }
    let new = s.path(&format!("new-{number}"));
    let _ = std::fs::remove_dir_all(&new);
    let fill = |arg: &&str| {
        arg.replace("{run}", run)
            .replace("{new}", new.to_str().unwrap())
            .replace("{points}", points.to_str().unwrap())
    };
    args.iter().map(fill).collect()
}

/// What a command says; a server is ended as soon as it serves.
fn outcome(mut command: Command, about: About) -> Said {
    if about != Server {
        return said(&mut command);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = [0; 64];
    let count = child.stdout.as_mut().unwrap().read(&mut first).unwrap();
    let _ = child.kill();
    let output = child.wait_with_output().unwrap();
    Said {
        code: match count {
            0 => output.status.code().unwrap(),
            _ => 0,
        },
        out: String::from_utf8_lossy(&first[..count]).into_owned(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run(s: &Sandbox, args: &[String], about: About) -> Said {
    let mut program = s.program("r");
    program.args(args);
    outcome(program, about)
}

/// An error says what, and why or what to do; a fault of ours would end with another code.
fn is_told(said: &Said) -> bool {
    let more = ["\n  why: ", "\n  try: "];
    said.code == 1 && said.err.contains("error: ") && more.iter().any(|m| said.err.contains(m))
}

#[test]
fn the_table_has_every_command() {
    let s = Sandbox::new();
    std::fs::create_dir(s.path("r")).unwrap();
    let man = s.out("r", &["man"]);
    let heads = man
        .lines()
        .filter_map(|line| line.strip_prefix(".SH LIBAIM "));
    let commands = heads.filter_map(|head| head.split_whitespace().next());
    for command in commands.filter(|command| *command != "help") {
        let known = COMMANDS.iter().any(|(args, _)| args[0] == command);
        assert!(known, "{command} is not tried on every kind of repository");
    }
}

#[test]
fn none() {
    let s = Sandbox::new();
    sample(&s.repo("other"));
    for (i, (args, about)) in COMMANDS.into_iter().enumerate() {
        let _ = std::fs::remove_dir_all(s.path("r"));
        std::fs::create_dir(s.path("r")).unwrap();
        let args = filled(&s, args, "baseline", i);
        let said = run(&s, &args, about);
        match about {
            New if args[0] != "merge" => assert_eq!(said.code, 0, "{args:?}: {said:?}"),
            Nothing if matches!(args[0].as_str(), "pull" | "rescue") => {
                assert!(is_told(&said), "{args:?}: {said:?}");
            }
            Nothing => assert_eq!(said.code, 0, "{args:?}: {said:?}"),
            _ => {
                assert!(is_told(&said), "{args:?}: {said:?}");
                assert!(!s.path("r").join(".aim").exists(), "{args:?}");
            }
        }
    }
}

#[test]
fn empty() {
    let s = Sandbox::new();
    sample(&s.repo("other"));
    for (i, (args, about)) in COMMANDS.into_iter().enumerate() {
        let _ = std::fs::remove_dir_all(s.path("r"));
        drop(s.repo("r"));
        let args = filled(&s, args, "baseline", i);
        let said = run(&s, &args, about);
        match about {
            Runs | New | Server => assert_eq!(said.code, 0, "{args:?}: {said:?}"),
            Run | Edit | Absent => {
                assert!(is_told(&said), "{args:?}: {said:?}");
                assert!(said.err.contains("there is no run"), "{args:?}: {said:?}");
            }
            Metrics | Screen => assert_eq!(said.code, 1, "{args:?}: {said:?}"),
            Nothing | Whole => assert!(said.code <= 1, "{args:?}: {said:?}"),
        }
    }
}

#[test]
fn read_only_and_whole() {
    let s = Sandbox::new();
    sample(&s.repo("r"));
    sample(&s.repo("other"));
    let before = s.out("r", &["export", "jsonl"]);
    for (i, (args, about)) in COMMANDS.into_iter().enumerate() {
        let args = filled(&s, args, "baseline", i);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let said = outcome(read_only(&s, &args), about);
        match about {
            Runs | Run | Metrics | Server => assert_eq!(said.code, 0, "{args:?}: {said:?}"),
            Edit | New => {
                assert!(is_told(&said), "{args:?}: {said:?}");
                assert!(said.err.contains("read it only"), "{args:?}: {said:?}");
            }
            Screen | Absent => assert!(is_told(&said), "{args:?}: {said:?}"),
            Nothing | Whole => assert!(said.code <= 1, "{args:?}: {said:?}"),
        }
    }
    assert_eq!(s.out("r", &["export", "jsonl"]), before);
}

#[test]
fn of_a_newer_version() {
    let s = Sandbox::new();
    sample(&s.repo("r"));
    sample(&s.repo("other"));
    let format = |n: u8| [b"format".as_slice(), &[n, 0, 0, 0]].concat();
    let present = aim::store::FORMAT as u8;
    assert!(tamper(&s.path("r"), &format(present), &format(99)) > 0);
    refused(&s, "format 99");
}

#[test]
fn damaged_in_its_structure() {
    let s = Sandbox::new();
    sample(&s.repo("r"));
    sample(&s.repo("other"));
    let path = s.path("r").join(".aim/lmdb/data.mdb");
    let mut data = std::fs::read(&path).unwrap();
    // All pages but the two that lead to the others.
    data[2 * 4096..].fill(0xa5);
    std::fs::write(&path, data).unwrap();
    refused(&s, "damaged");
}

/// Whatever needs the repository says the reason, and changes nothing.
fn refused(s: &Sandbox, reason: &str) {
    let path = s.path("r").join(".aim/lmdb/data.mdb");
    let before = std::fs::read(&path).unwrap();
    for (i, (args, about)) in COMMANDS.into_iter().enumerate() {
        let args = filled(s, args, "baseline", i);
        let said = run(s, &args, about);
        let own = match args[0].as_str() {
            // What is for damaged ones, and what does not look at this repository.
            "salvage" if reason == "damaged" => said.code == 0,
            "spool" | "sync" => said.code <= 1,
            _ if about == Nothing => said.code <= 1,
            _ => is_told(&said) && said.err.contains(reason),
        };
        assert!(own, "{args:?}: {said:?}");
        if args[0] == "salvage" {
            let made = s.path(&format!("new-{i}")).exists();
            assert_eq!(made, said.code == 0, "{said:?}");
        }
        assert!(std::fs::read(&path).unwrap() == before, "{args:?}");
    }
}

#[test]
fn with_names_that_would_control_the_terminal() {
    let s = Sandbox::new();
    sample(&s.repo("other"));
    for (i, (args, about)) in COMMANDS.into_iter().enumerate() {
        // CSV has no way to write it out, and what follows in `exec` is its program's.
        let is_exact = ["-p", "csv"].iter().any(|arg| args.contains(arg));
        if matches!(args[0], "query" | "export") && is_exact || args[0] == "exec" {
            continue;
        }
        for colour in ["never", "always"] {
            let _ = std::fs::remove_dir_all(s.path("r"));
            let hash = evil(&s.repo("r"));
            let mut args = filled(&s, args, &hash, i);
            args.extend(["--color".to_owned(), colour.to_owned()]);
            let said = run(&s, &args, about);
            for text in [&said.out, &said.err] {
                let is_plain =
                    |c: char| matches!(c, '\n' | '\t') || !c.is_control() && c != '\u{202e}';
                let bad = without_colours(text).chars().find(|c| !is_plain(*c));
                assert_eq!(bad, None, "{args:?}: {said:?}");
            }
        }
    }
}
