//! What is kept of a run's log, in pieces. Its records are numbered; of a program that prints faster than lines can be
//! stored, and of a long one, some are not there.

use aim::query::{LogRecord, RunInfo, Snapshot, Stream};

/// The next records from a number on, so many at most; none behind the end.
pub fn from(
    snapshot: &Snapshot<'_>,
    run: &RunInfo,
    stream: Stream,
    from: u64,
    most: u64,
) -> aim::error::Result<Vec<(u64, LogRecord)>> {
    let (first, end) = snapshot.log_range(run, stream)?;
    let mut from = from.max(first);
    while from < end {
        let found = snapshot.log(run, stream, from, most)?;
        if !found.is_empty() {
            return Ok(found);
        }
        from = from.saturating_add(most);
    }
    Ok(Vec::new())
}
