//! Screens as people see them, in tmux: at 80×24 and 200×60, in UTF-8 and in plain ASCII. They are kept in
//! `tests/program`; `AIM_TEST_RENEW=1` writes them anew, to be looked at.

use crate::common::{Sandbox, sample};
use crate::terminal::Terminal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const LIBAIM: &str = env!("CARGO_BIN_EXE_libaim");

const SIZES: [(u16, u16); 2] = [(80, 24), (200, 60)];
const LOCALES: [(&str, &str); 2] = [("utf8", "C.UTF-8"), ("ascii", "C")];

const SCREENS: [(&str, &[&str]); 10] = [
    ("ls", &["ls"]),
    (
        "ls-columns",
        &[
            "ls",
            "-c",
            "lr,loss.val:min,accuracy:last",
            "-s",
            "loss.val:min",
        ],
    ),
    ("ls-none", &["ls", "run.hparams.lr > 7"]),
    ("show", &["show", "baseline"]),
    ("show-failed", &["show", "7f01"]),
    ("query", &["query", "metric.name == 'loss'"]),
    ("compare", &["compare", "baseline", "wide", "warm start"]),
    (
        "plot",
        &[
            "plot",
            "metric.name == 'loss' and run.hparams.lr < 0.4",
            "-g",
            "lr",
            "--log-y",
        ],
    ),
    ("du", &["du", "-r"]),
    ("error", &["show", "1c77"]),
];

/// What is on the screen once the program is done.
fn until_done(terminal: &Terminal) -> String {
    const DONE: &str = "[done]";
    let screen = terminal.until(&[DONE]);
    let (screen, _) = screen.split_once(DONE).unwrap();
    screen.trim_end_matches('\n').to_owned() + "\n"
}

/// Moments differ from one time to the next.
fn masked(screen: &str) -> String {
    let bytes: Vec<char> = screen.chars().collect();
    let pattern: Vec<char> = "dddd-dd-dd dd:dd:dd".chars().collect();
    let matches = |at: usize| {
        pattern
            .iter()
            .enumerate()
            .all(|(i, p)| match bytes.get(at + i) {
                Some(c) if *p == 'd' => c.is_ascii_digit(),
                Some(c) => c == p,
                None => false,
            })
    };
    let mut out = String::new();
    let mut at = 0;
    while at < bytes.len() {
        if matches(at) {
            out.push_str("YYYY-MM-DD hh:mm:ss");
            at += pattern.len();
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

/// What keys lead to in `libaim watch`.
const WATCHED: [(&str, &[&str]); 5] = [
    ("watch", &[]),
    ("watch-filter", &["/", "run.hparams.lr < 0.005", "Enter"]),
    ("watch-run", &["End", "Enter"]),
    ("watch-compare", &["u", "Home", "Space", "Space", "c"]),
    ("watch-help", &["?"]),
];

/// Holds screens to the files that keep them, or writes these anew.
struct Kept {
    folder: PathBuf,
    renew: bool,
    differing: Vec<String>,
}

impl Kept {
    fn new() -> Kept {
        Kept {
            folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/program"),
            renew: std::env::var_os("AIM_TEST_RENEW").is_some(),
            differing: Vec::new(),
        }
    }

    fn path(&self, name: &str, size: (u16, u16), coding: &str) -> PathBuf {
        let file = format!("{name}-{}x{}-{coding}.txt", size.0, size.1);
        self.folder.join(file)
    }

    fn compare(&mut self, path: &Path, screen: &str) {
        if self.renew {
            std::fs::write(path, screen).unwrap();
        } else if std::fs::read_to_string(path).unwrap_or_default() != screen {
            let differing = format!("{}:\n{screen}", path.display());
            self.differing.push(differing);
        }
    }

    fn judge(self) {
        assert!(self.differing.is_empty(), "{}", self.differing.join("\n"));
    }
}

#[test]
fn screens_are_as_they_were() {
    let sandbox = Sandbox::new();
    sample(&sandbox.repo("r"));
    let mut kept = Kept::new();
    for (name, args) in SCREENS {
        let args: Vec<String> = args.iter().map(|arg| format!("\"{arg}\"")).collect();
        let line = format!(
            "'{LIBAIM}' {}; printf '[done]'; exec sleep 100\n",
            args.join(" ")
        );
        for size in SIZES {
            for (coding, locale) in LOCALES {
                let terminal = Terminal::start(&sandbox, size, locale, &line);
                let screen = masked(&until_done(&terminal));
                assert!(coding != "ascii" || screen.is_ascii(), "{name}:\n{screen}");
                kept.compare(&kept.path(name, size, coding), &screen);
            }
        }
    }
    kept.judge();
}

/// `libaim watch` fills its screen as it reads: the screen that is kept comes within a minute.
#[test]
fn screens_of_watch_are_as_they_were() {
    const PATIENCE: Duration = Duration::from_secs(60);
    /// Nothing more comes after it, where screens are written anew.
    const QUIET: Duration = Duration::from_secs(3);
    let sandbox = Sandbox::new();
    sample(&sandbox.repo("r"));
    let mut kept = Kept::new();
    for (name, keys) in WATCHED {
        for size in SIZES {
            for (coding, locale) in LOCALES {
                let _ = std::fs::remove_dir_all(sandbox.path("state"));
                let line = format!("exec '{LIBAIM}' watch");
                let terminal = Terminal::start(&sandbox, size, locale, &line);
                terminal.until(&["5 of 5 run"]);
                keys.iter().for_each(|key| terminal.keys(&[key]));
                let path = kept.path(name, size, coding);
                let wanted = std::fs::read_to_string(&path).unwrap_or_default();
                let patience = if kept.renew { QUIET } else { PATIENCE };
                let begun = Instant::now();
                let mut screen = masked(&terminal.screen());
                while screen != wanted && begun.elapsed() < patience {
                    std::thread::sleep(Duration::from_millis(50));
                    screen = masked(&terminal.screen());
                }
                assert!(coding != "ascii" || screen.is_ascii(), "{name}:\n{screen}");
                kept.compare(&path, &screen);
            }
        }
    }
    kept.judge();
}

#[test]
fn questions_are_asked_and_answered() {
    let sandbox = Sandbox::new();
    sample(&sandbox.repo("r"));
    let line =
        format!("'{LIBAIM}' rm -q 'run.hparams.lr > 0.1'; printf '[done]'; exec sleep 100\n");
    for (answer, left) in [("n", 5), ("y", 4)] {
        let terminal = Terminal::start(&sandbox, (80, 24), "C.UTF-8", &line);
        terminal.keys(&[answer, "Enter"]);
        let screen = until_done(&terminal);
        assert!(
            screen.contains("delete run 7f01d2aa for good? [y/N]"),
            "{screen}"
        );
        assert_eq!(sandbox.out("r", &["ls"]).lines().count(), left + 1);
    }
}
