//! What a query may cost.

use aimql::Limits;
use std::time::Duration;

/// Bounds of one query. A row that reaches one of its own is a failure of the row; the others end the query with
/// `Status::Limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Steps of a row: loop iterations, calls, or 16 bytes that are handled.
    pub row_steps: u64,
    /// Bytes of the values that a row makes.
    pub row_memory: u64,
    /// Steps of all rows.
    pub steps: u64,
    /// How long the query may take; `None`: as long as it takes.
    pub time: Option<Duration>,
    /// Rows of the answer.
    pub rows: u64,
    /// Bytes of the answer in memory.
    pub memory: u64,
}

impl Default for Bounds {
    fn default() -> Bounds {
        let limits = Limits::default();
        Bounds {
            row_steps: limits.row_steps,
            row_memory: limits.row_bytes,
            steps: limits.query_steps,
            time: Some(Duration::from_secs(60)),
            rows: 10_000_000,
            memory: 1 << 30,
        }
    }
}

impl Bounds {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            row_steps: self.row_steps,
            row_bytes: self.row_memory,
            query_steps: self.steps,
        }
    }
}
