//! A run's logs: records that the program logs, and lines of its terminal.

use super::Run;
use crate::error::{Error, Result};
use crate::repo::{Op, Repo, RepoRef, check_length};
use crate::store::{LogAppend, LogRecord, SourceLocation, Stream};

/// Longest message of a log record in bytes.
pub const MAX_MESSAGE: usize = 1 << 20;
/// The levels that a log record may have.
pub const LEVELS: std::ops::RangeInclusive<i32> = 1..=100;

pub(super) fn check(level: i32, message: &str, location: Option<&SourceLocation>) -> Result<()> {
    if !LEVELS.contains(&level) {
        return Err(Error::invalid(format!(
            "the level is {level}; it is {} to {}",
            LEVELS.start(),
            LEVELS.end()
        )));
    }
    check_length("the message", message, MAX_MESSAGE)?;
    if let Some(location) = location {
        check_length("the file's name", &location.file, super::MAX_NAME)?;
        check_length("the function's name", &location.function, super::MAX_NAME)?;
    }
    Ok(())
}

impl Run {
    /// Logs a message with the present time.
    pub fn log(&self, level: i32, message: &str, location: Option<SourceLocation>) -> Result<()> {
        self.log_at(None, level, message, location)
    }

    /// Adds lines of the terminal, unless the journal has better to do with its space; false then. Never waits.
    pub fn try_add_lines(&self, append: LogAppend) -> Result<bool> {
        self.check_open()?;
        self.record_more();
        self.writer.try_push(&Op::Log {
            run: self.id,
            stream: Stream::Terminal,
            append,
        })
    }

    /// Records of this run, as `read_logs` gives them.
    pub fn read_logs(
        &self,
        stream: Stream,
        first: u64,
        count: u64,
    ) -> Result<Vec<(u64, LogRecord)>> {
        self.settle()?;
        self.repo
            .store
            .read()?
            .log_records(self.id, stream, first, count)
    }

    /// As `log_range` gives it.
    pub fn log_range(&self, stream: Stream) -> Result<(u64, u64)> {
        self.settle()?;
        self.repo.store.read()?.log_range(self.id, stream)
    }
}

/// Up to `count` records of a run's log, from number `first` on, each with its number.
pub fn read_logs(
    repo: &RepoRef,
    hash: &str,
    stream: Stream,
    first: u64,
    count: u64,
) -> Result<Vec<(u64, LogRecord)>> {
    let repo = up_to_date(repo)?;
    let (id, _) = repo.find_run(hash)?;
    repo.store.read()?.log_records(id, stream, first, count)
}

/// The number of the first record of a run's log that is kept, and the one after the last.
pub fn log_range(repo: &RepoRef, hash: &str, stream: Stream) -> Result<(u64, u64)> {
    let repo = up_to_date(repo)?;
    let (id, _) = repo.find_run(hash)?;
    repo.store.read()?.log_range(id, stream)
}

/// With what this process and dead ones have left; in a copy, which others cannot change, as far as that could be read.
fn up_to_date(repo: &RepoRef) -> Result<RepoRef> {
    let repo = Repo::present(repo)?;
    if !repo.store.is_read_only() {
        repo.recover()?;
        repo.flush()?;
    }
    Ok(repo)
}
