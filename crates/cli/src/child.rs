//! A program that this process starts: signals on their way to it, and its end.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::exfiltrator::origin::Origin;
use signal_hook::iterator::{Handle, SignalsInfo};
use std::io::{self, ErrorKind};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

const PASSED_ON: [i32; 7] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH];

/// What shells add to the number of a signal by which a process ended.
const BY_SIGNAL: i32 = 128;

/// Who gets the signals.
enum Program {
    /// It gets these as soon as it is there.
    Awaited(Vec<Signal>),
    Runs(Pid),
    Gone,
}

/// Passes signals on until it is dropped. This process does not end by them: the program decides.
pub struct Signals {
    program: Arc<Mutex<Program>>,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Signals {
    /// Catches those that are not ignored, as under `nohup`: the program ignores them, too. Where the terminal has
    /// another size, `resized` comes before the program.
    pub fn catch(resized: impl Fn() + Send + 'static) -> io::Result<Signals> {
        let ignored = ignored();
        let passed_on = PASSED_ON
            .iter()
            .filter(|number| ignored >> (**number - 1) & 1 == 0);
        let mut signals = SignalsInfo::<WithOrigin>::new(passed_on)?;
        let handle = signals.handle();
        let program = Arc::new(Mutex::new(Program::Awaited(Vec::new())));
        let to = Arc::clone(&program);
        let pass_on = move || {
            for origin in signals.forever() {
                if origin.signal == SIGWINCH {
                    resized();
                }
                pass_on(&origin, &mut held(&to));
            }
        };
        let thread = std::thread::Builder::new()
            .name("signals".into())
            .spawn(pass_on)?;
        Ok(Signals {
            program,
            handle,
            thread: Some(thread),
        })
    }

    /// The process that gets them, those too that came before it was there.
    pub fn go_to(&self, process: u32) {
        let process = Pid::from_raw(process as i32);
        let before = std::mem::replace(&mut *held(&self.program), Program::Runs(process));
        if let Program::Awaited(signals) = before {
            signals.into_iter().for_each(|signal| send(process, signal));
        }
    }

    /// There will be another process, which gets those that come before it is there.
    pub fn wait_for_next(&self) {
        *held(&self.program) = Program::Awaited(Vec::new());
    }

    /// Nobody gets them any more.
    pub fn go_nowhere(&self) {
        *held(&self.program) = Program::Gone;
    }
}

/// The signals that this process ignores, a bit each.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap_or(0))
}

fn held(program: &Mutex<Program>) -> MutexGuard<'_, Program> {
    program.lock().unwrap_or_else(PoisonError::into_inner)
}

fn send(process: Pid, signal: Signal) {
    // It may have ended a moment ago.
    let _ = kill(process, signal);
}

fn pass_on(origin: &Origin, program: &mut Program) {
    // What the terminal sends goes to all of its foreground, the program among them; only what somebody sent to this
    // process alone is passed on, and that the size which the program may have asked for too early is there now.
    if origin.process.is_none() && origin.signal != SIGWINCH {
        return;
    }
    let Ok(signal) = Signal::try_from(origin.signal) else {
        return;
    };
    match program {
        Program::Awaited(signals) => signals.push(signal),
        Program::Runs(process) => send(*process, signal),
        Program::Gone => {}
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// How a process ended.
pub fn wait(program: &mut Child) -> ExitStatus {
    loop {
        match program.wait() {
            Ok(status) => return status,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            // Somebody else took its status: nothing is known of its end.
            Err(_) => return ExitStatus::from_raw(0),
        }
    }
}

/// How a process ended, in words.
pub fn word(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => match nix::sys::signal::Signal::try_from(signal) {
            Ok(signal) => format!("ended by {signal}"),
            Err(_) => format!("ended by signal {signal}"),
        },
        (None, Some(0)) => "finished".to_owned(),
        (None, code) => format!("failed with {}", code.unwrap_or_default()),
    }
}

/// What shells give as the exit code of a process.
pub fn code(status: ExitStatus) -> u8 {
    let code = status.signal().map(|signal| BY_SIGNAL + signal);
    (code.or(status.code()).unwrap_or_default() & 0xFF) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;
    use std::time::Duration;

    #[test]
    fn what_comes_before_the_program_is_there_reaches_it() {
        let signals = Signals::catch(|| ()).unwrap();
        kill(Pid::this(), Signal::SIGUSR1).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        let mut program = Command::new("sleep").arg("100").spawn().unwrap();
        signals.go_to(program.id());
        assert_eq!(program.wait().unwrap().signal(), Some(SIGUSR1));
    }
}
