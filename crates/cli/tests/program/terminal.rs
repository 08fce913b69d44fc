//! A terminal of tmux, by itself: a line of shell runs in it, keys go in, screens come out.

use crate::common::Sandbox;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Terminal {
    socket: PathBuf,
}

impl Terminal {
    /// Runs a line of shell, in the repository `r` and with `LC_ALL` and what else `locale` sets.
    pub fn start(
        sandbox: &Sandbox,
        (columns, rows): (u16, u16),
        locale: &str,
        line: &str,
    ) -> Terminal {
        // A server of its own: the one before may still be ending.
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let terminal = Terminal {
            socket: sandbox.path(&format!("tmux-{number}")),
        };
        let script = sandbox.path(&format!("terminal-{number}.sh"));
        std::fs::write(&script, line).unwrap();
        let mut command = terminal.tmux();
        command
            .current_dir(sandbox.path("r"))
            .env("LC_ALL", "C.UTF-8")
            .args(["-u", "-f", "/dev/null", "new-session", "-d"])
            .args(["-x", &columns.to_string(), "-y", &rows.to_string()])
            .arg(format!(
                "exec env LC_ALL={locale} TZ=UTC LIBAIM_PAGER=cat XDG_STATE_HOME='{}' sh '{}'",
                sandbox.path("state").display(),
                script.display()
            ));
        assert!(command.status().unwrap().success());
        terminal
    }

    pub fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&self.socket).env_remove("TMUX");
        command
    }

    pub fn keys(&self, keys: &[&str]) {
        let status = self.tmux().arg("send-keys").args(keys).status();
        assert!(status.unwrap().success());
    }

    pub fn screen(&self) -> String {
        let output = self.tmux().args(["capture-pane", "-p"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// The first screen that shows all of the parts and stays as it is for a moment: tmux draws while a program writes, so
    /// that the upper half of a screen may be newer than the lower one.
    pub fn until(&self, parts: &[&str]) -> String {
        let begun = Instant::now();
        let mut before = String::new();
        loop {
            let screen = self.screen();
            if screen == before && parts.iter().all(|part| screen.contains(part)) {
                return screen;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "no {parts:?} on the screen:\n{screen}"
            );
            before = screen;
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the program has ended, and tmux with it.
    pub fn ended(&self) {
        let begun = Instant::now();
        let runs = || self.tmux().arg("has-session").output().unwrap();
        while runs().status.success() {
            assert!(begun.elapsed() < PATIENCE, "{}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").output();
    }
}
