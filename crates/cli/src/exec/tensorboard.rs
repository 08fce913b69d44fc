//! What the program tells TensorBoard.

use super::readers::{Reader, Readers};
use crate::import::tensorboard::{Follower, there};
use aim::run::Run;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The shortest time between two looks, and how many times as long as one takes.
const PERIOD: Duration = Duration::from_secs(1);
const PAUSE: u32 = 20;

/// Follows directories, each in a thread of its own. What lies in them now is not the program's.
pub fn start(readers: &mut Readers, run: &Arc<Run>, directories: Vec<PathBuf>) -> io::Result<()> {
    directories.into_iter().try_for_each(|directory| {
        let (run, others) = (Arc::clone(run), there(&directory));
        readers.start("tensorboard", move || Directory {
            follower: Follower::new(directory, run, others),
            failure: None,
        })
    })
}

struct Directory {
    follower: Follower,
    /// Why it is no longer followed.
    failure: Option<String>,
}

impl Reader for Directory {
    fn read(&mut self) -> Option<Duration> {
        let begun = Instant::now();
        if let Err(failure) = self.follower.look() {
            self.failure = Some(failure.to_string());
            return None;
        }
        Some(PERIOD.max(begun.elapsed() * PAUSE))
    }

    fn end(mut self) -> Vec<String> {
        if self.failure.is_none() {
            self.read();
        }
        match self.failure {
            Some(failure) => vec![failure],
            None => self.follower.trouble(),
        }
    }
}
