//! Threads that read, beside the program, what it writes or offers for other tools.

use std::io;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

pub trait Reader {
    /// Reads what is new; how long to wait then, or `None` if there is nothing more to be had.
    fn read(&mut self) -> Option<Duration>;

    /// The program has ended: reads what it wrote at its end, and says what went wrong.
    fn end(self) -> Vec<String>;
}

/// They read until they are stopped.
#[derive(Default)]
pub struct Readers(Vec<(Sender<()>, JoinHandle<Vec<String>>)>);

impl Readers {
    /// Starts one, which `make` makes in its thread.
    pub fn start<R: Reader>(
        &mut self,
        name: &str,
        make: impl FnOnce() -> R + Send + 'static,
    ) -> io::Result<()> {
        let (stop, stopped) = channel();
        let thread = Builder::new().name(name.to_owned()).spawn(move || {
            let mut reader = make();
            while let Some(pause) = reader.read() {
                if stopped.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
                    break;
                }
            }
            reader.end()
        })?;
        self.0.push((stop, thread));
        Ok(())
    }

    /// Stops all, and says what went wrong.
    pub fn stop(self) -> Vec<String> {
        let (stops, threads): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        drop(stops);
        let end = |thread: JoinHandle<_>| thread.join().unwrap_or_default();
        threads.into_iter().flat_map(end).collect()
    }
}
