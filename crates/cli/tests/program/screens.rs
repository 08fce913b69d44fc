//! Screens as people see them, in tmux: at 80×24 and 200×60, in UTF-8 and in plain ASCII. They are kept in
//! `tests/program`; `AIM_TEST_RENEW=1` writes them anew, to be looked at.

use crate::common::{Sandbox, sample};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

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

/// A terminal of tmux, by itself.
struct Terminal {
    socket: PathBuf,
}

impl Terminal {
    fn start(
        sandbox: &Sandbox,
        (columns, rows): (u16, u16),
        locale: &str,
        script: &Path,
    ) -> Terminal {
        // A server of its own: the one before may still be ending.
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let terminal = Terminal {
            socket: sandbox.path(&format!("tmux-{number}")),
        };
        let mut command = terminal.tmux();
        command
            .current_dir(sandbox.path("r"))
            .env("LC_ALL", "C.UTF-8")
            .args(["-u", "-f", "/dev/null", "new-session", "-d"])
            .args(["-x", &columns.to_string(), "-y", &rows.to_string()])
            .arg(format!(
                "env LC_ALL={locale} TZ=UTC LIBAIM_PAGER=cat sh {}",
                script.display()
            ));
        assert!(command.status().unwrap().success());
        terminal
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&self.socket).env_remove("TMUX");
        command
    }

    /// What is on the screen once the program is done.
    fn screen(&self) -> String {
        const PATIENCE: Duration = Duration::from_secs(60);
        const DONE: &str = "[done]";
        let begun = Instant::now();
        loop {
            let output = self.tmux().args(["capture-pane", "-p"]).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            if let Some((screen, _)) = text.split_once(DONE) {
                return screen.trim_end_matches('\n').to_owned() + "\n";
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the program does not end:\n{text}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").status();
    }
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

#[test]
fn screens_are_as_they_were() {
    let sandbox = Sandbox::new();
    sample(&sandbox.repo("r"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/program");
    let renew = std::env::var_os("AIM_TEST_RENEW").is_some();
    let mut differing = Vec::new();
    for (name, args) in SCREENS {
        let script = sandbox.path(&format!("{name}.sh"));
        let args: Vec<String> = args.iter().map(|arg| format!("\"{arg}\"")).collect();
        let line = format!(
            "'{}' {}; printf '[done]'; exec sleep 100\n",
            env!("CARGO_BIN_EXE_libaim"),
            args.join(" ")
        );
        std::fs::write(&script, line).unwrap();
        for size in SIZES {
            for (coding, locale) in LOCALES {
                let terminal = Terminal::start(&sandbox, size, locale, &script);
                let screen = masked(&terminal.screen());
                assert!(coding != "ascii" || screen.is_ascii(), "{name}:\n{screen}");
                let path = folder.join(format!("{name}-{}x{}-{coding}.txt", size.0, size.1));
                if renew {
                    std::fs::write(&path, &screen).unwrap();
                } else if std::fs::read_to_string(&path).unwrap_or_default() != screen {
                    differing.push(format!("{}:\n{screen}", path.display()));
                }
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn questions_are_asked_and_answered() {
    let sandbox = Sandbox::new();
    sample(&sandbox.repo("r"));
    let script = sandbox.path("ask.sh");
    let line = format!(
        "'{}' rm -q 'run.hparams.lr > 0.1'; printf '[done]'; exec sleep 100\n",
        env!("CARGO_BIN_EXE_libaim")
    );
    std::fs::write(&script, line).unwrap();
    for (answer, left) in [("n", 5), ("y", 4)] {
        let terminal = Terminal::start(&sandbox, (80, 24), "C.UTF-8", &script);
        let keys = terminal
            .tmux()
            .args(["send-keys", answer, "Enter"])
            .status();
        assert!(keys.unwrap().success());
        let screen = terminal.screen();
        assert!(
            screen.contains("delete run 7f01d2aa for good? [y/N]"),
            "{screen}"
        );
        assert_eq!(sandbox.out("r", &["ls"]).lines().count(), left + 1);
    }
}
