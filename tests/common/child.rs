//! Child processes: the test program started again with a role in its environment.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const ROLE: &str = "AIM_TEST_ROLE";
/// Whoever is silent for so long hangs.
const PATIENCE: Duration = Duration::from_secs(300);

pub type Role = fn(&[OsString]);

/// Plays the role that the environment names, then exits the process; returns in a process without a role. For an
/// entry in `.init_array`, so that a child never reaches the test harness.
pub fn enter(roles: &[(&str, Role)]) {
    let Some(name) = std::env::var_os(ROLE) else {
        return;
    };
    // SAFETY: no other thread runs yet.
    unsafe { std::env::remove_var(ROLE) };
    let role = roles.iter().find(|(known, _)| name == *known);
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let played = std::panic::catch_unwind(|| role.expect("a known role").1(&args));
    // SAFETY: ends the process as a return from main does.
    unsafe { libc::exit(if played.is_ok() { 0 } else { 101 }) };
}

/// A command that runs a role of this program.
pub fn command(role: &str, args: &[&dyn AsRef<OsStr>]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(ROLE, role).env("RUST_BACKTRACE", "1");
    command.args(args.iter().map(|arg| arg.as_ref()));
    command
}

/// Runs a role to its end, which must be a success; returns what it printed.
pub fn run(role: &str, args: &[&dyn AsRef<OsStr>]) -> String {
    start(role, args).finish()
}

pub fn start(role: &str, args: &[&dyn AsRef<OsStr>]) -> Child {
    Child::new(command(role, args))
}

/// A running child. Dropping it kills it.
pub struct Child {
    process: std::process::Child,
    ended: Option<ExitStatus>,
    output: Vec<u8>,
    errors: File,
}

impl Child {
    pub fn new(mut command: Command) -> Child {
        let errors = tempfile::tempfile().unwrap();
        let process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors.try_clone().unwrap())
            .spawn()
            .unwrap();
        Child {
            process,
            ended: None,
            output: Vec::new(),
            errors,
        }
    }

    pub fn id(&self) -> i32 {
        self.process.id() as i32
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: the child is not reaped while `ended` is unset, so the id is its own.
        assert!(self.ended.is_none() && unsafe { libc::kill(self.id(), signal) } == 0);
    }

    /// Sends SIGKILL and waits for the end. A child that ended by itself before must have succeeded.
    pub fn kill(mut self) {
        self.signal(libc::SIGKILL);
        let status = self.wait();
        let killed = std::os::unix::process::ExitStatusExt::signal(&status) == Some(libc::SIGKILL);
        assert!(killed || status.success(), "{}", self.report());
    }

    /// Waits until the child has killed itself.
    pub fn wait_for_kill(mut self) {
        let status = self.wait();
        let killed = std::os::unix::process::ExitStatusExt::signal(&status) == Some(libc::SIGKILL);
        assert!(killed, "{}", self.report());
    }

    /// Waits for the end.
    pub fn wait(&mut self) -> ExitStatus {
        drop(self.process.stdin.take());
        self.read_until(|_| false);
        *self
            .ended
            .get_or_insert_with(|| self.process.wait().unwrap())
    }

    /// Waits for the end, which must be a success; returns what the child printed.
    pub fn finish(mut self) -> String {
        let status = self.wait();
        assert!(status.success(), "{}", self.report());
        String::from_utf8(std::mem::take(&mut self.output)).unwrap()
    }

    /// The next line that the child prints.
    pub fn line(&mut self) -> String {
        self.read_until(|output| output.contains(&b'\n'));
        let end = self.output.iter().position(|byte| *byte == b'\n');
        let Some(end) = end else {
            self.wait();
            panic!("no line from a child: {}", self.report());
        };
        let line = self.output.drain(..=end).collect();
        String::from_utf8(line).unwrap().trim_end().to_owned()
    }

    /// Sends a line to the child's standard input.
    pub fn say(&mut self, line: &str) {
        let stdin = self.process.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
        stdin.flush().unwrap();
    }

    fn read_until(&mut self, enough: impl Fn(&[u8]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !enough(&self.output) {
            let out = self.process.stdout.as_mut().unwrap();
            let mut ready = libc::pollfd {
                fd: out.as_raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            };
            // SAFETY: one structure, as announced.
            if unsafe { libc::poll(&raw mut ready, 1, 1000) } > 0 {
                let mut buffer = [0; 4096];
                match out.read(&mut buffer).unwrap() {
                    0 => return,
                    got => self.output.extend_from_slice(&buffer[..got]),
                }
            }
            assert!(
                Instant::now() < deadline,
                "a child hangs: {}",
                self.report()
            );
        }
    }

    pub fn report(&self) -> String {
        let mut errors = String::new();
        let mut file = &self.errors;
        file.rewind().unwrap();
        file.read_to_string(&mut errors).unwrap();
        format!("{:?}, standard error:\n{errors}", self.ended)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.ended.is_none() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// For roles: prints a line for the parent.
pub fn print(line: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

/// For roles: waits for a line from the parent, or for the end of its input.
pub fn wait_for_parent() {
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
