//! The repository is removed under a process that writes to it: `rm -rf`, a purge of scratch directories, `git clean`,
//! a backup that is put in its place. Files that a process has open stay until it closes them, so what is in them can
//! still be saved, and is; then every call says what happened and where the data is.

use super::Committer;
use crate::error::{Error, Result, Status};
use crate::journal::Consumer;
use crate::log::{self, Level};
use crate::repo::rescue;
use std::time::Duration;

impl Committer {
    /// Before a commit: whether there is still something to commit to.
    pub(super) fn check_there(&mut self, consumer: &mut Consumer) -> Result<()> {
        if self.writer.journal.has_failed() {
            return Err(self.writer.failure());
        }
        if let Some(removed) = self.repo.store.removed() {
            let saved =
                self.end_with(&removed, consumer)
                    .and_then(|()| match &self.writer.sender {
                        Some(sender) => sender.flush(None).map(|()| None),
                        None => rescue::save(&self.repo).map(Some),
                    });
            let told = match saved {
                Ok(None) => "; what was tracked before is in the spool: continue the run to go on"
                    .to_owned(),
                Ok(Some(place)) => format!(
                    "; what it held, with all that was tracked before, is saved in {}",
                    place.display()
                ),
                Err(e) => format!("; what it held could not be saved: {e}"),
            };
            let e = Error::new(removed.status, removed.message + &told);
            self.repo.store.give_up(&e);
            return Err(self.leave(e, consumer));
        }
        if self.writer.journal.is_removed() {
            let removed = Error::new(
                Status::NotFound,
                format!(
                    "{} was removed while this process wrote to it",
                    self.writer.journal.path().display()
                ),
            );
            let told = match self.end_with(&removed, consumer) {
                Ok(()) => {
                    "; what was tracked before is stored: continue the run to go on".to_owned()
                }
                Err(e) => format!("; what it held could not be stored: {e}"),
            };
            let e = Error::new(removed.status, removed.message + &told);
            return Err(self.leave(e, consumer));
        }
        Ok(())
    }

    /// Lets nothing more be tracked, and commits what was.
    fn end_with(&mut self, why: &Error, consumer: &mut Consumer) -> Result<()> {
        self.writer.end(why);
        self.repo.store.write_all_the_same();
        loop {
            self.commit_batch(consumer)?;
            self.writer.end(why);
            // That comes: the place of a producer that was interrupted in a record is given up after a while.
            if consumer.is_finished() {
                return Ok(());
            }
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }

    fn leave(&self, why: Error, consumer: &mut Consumer) -> Error {
        self.writer.end(&why);
        consumer.abandon();
        log::emit(Level::Error, || why.to_string());
        why
    }
}
