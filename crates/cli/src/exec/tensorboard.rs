//! What the program tells TensorBoard.

use crate::import::tensorboard::{Follower, there};
use aim::run::Run;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The shortest time between two looks, and how many times as long as one takes.
const PERIOD: Duration = Duration::from_secs(1);
const PAUSE: u32 = 20;

/// Follows directories until it is stopped.
pub struct Followers(Vec<(Sender<()>, JoinHandle<Vec<String>>)>);

impl Followers {
    /// What lies in the directories now is not the program's.
    pub fn start(run: &Arc<Run>, directories: Vec<PathBuf>) -> std::io::Result<Followers> {
        let start = |directory: PathBuf| {
            let (stop, stopped) = channel();
            let (run, others) = (Arc::clone(run), there(&directory));
            let thread = std::thread::Builder::new().name("tensorboard".into());
            let thread = thread.spawn(move || {
                let mut follower = Follower::new(directory, run, others);
                loop {
                    let begun = Instant::now();
                    let looked = follower.look();
                    let pause = PERIOD.max(begun.elapsed() * PAUSE);
                    match (looked, stopped.recv_timeout(pause)) {
                        (Err(failure), _) => return vec![failure.to_string()],
                        (Ok(()), Ok(()) | Err(RecvTimeoutError::Timeout)) => {}
                        (Ok(()), Err(RecvTimeoutError::Disconnected)) => break,
                    }
                }
                // What was written at the program's end.
                match follower.look() {
                    Ok(()) => follower.trouble(),
                    Err(failure) => vec![failure.to_string()],
                }
            })?;
            Ok((stop, thread))
        };
        let started = directories.into_iter().map(start);
        Ok(Followers(started.collect::<std::io::Result<_>>()?))
    }

    /// Brings in the rest, and says what could not be brought in.
    pub fn stop(self) -> Vec<String> {
        let end = |(stop, thread): (Sender<()>, JoinHandle<Vec<String>>)| {
            drop(stop);
            thread.join().unwrap_or_default()
        };
        self.0.into_iter().flat_map(end).collect()
    }
}
