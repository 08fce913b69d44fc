//! Signals on their way to the program.

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::exfiltrator::origin::Origin;
use signal_hook::iterator::{Handle, SignalsInfo};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::JoinHandle;

const PASSED_ON: [i32; 7] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH];

/// Passes signals on until it is dropped. This process does not end by them: the program decides.
pub struct Signals {
    program: Arc<AtomicI32>,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Signals {
    pub fn catch() -> io::Result<Signals> {
        let mut signals = SignalsInfo::<WithOrigin>::new(PASSED_ON)?;
        let handle = signals.handle();
        let program = Arc::new(AtomicI32::new(0));
        let to = Arc::clone(&program);
        let pass_on = move || {
            for origin in signals.forever() {
                pass_on(&origin, to.load(Ordering::Acquire));
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

    /// The process that gets them.
    pub fn go_to(&self, process: u32) {
        self.program.store(process as i32, Ordering::Release);
    }

    /// Nobody gets them any more.
    pub fn go_nowhere(&self) {
        self.program.store(0, Ordering::Release);
    }
}

fn pass_on(origin: &Origin, program: i32) {
    // What the terminal sends goes to all of its foreground, the program among them; only what somebody sent to this
    // process alone is passed on.
    if origin.process.is_none() || program == 0 {
        return;
    }
    if let Ok(signal) = nix::sys::signal::Signal::try_from(origin.signal) {
        // It may have ended a moment ago.
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(program), signal);
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
