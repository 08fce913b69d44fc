//! Months, by which files lie in folders.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// A month, by UTC.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Month {
    pub year: i16,
    pub month: i8,
}

impl Month {
    pub fn of(micros: i64) -> Month {
        let at = Timestamp::from_microsecond(micros).unwrap_or_default();
        let at = Offset::UTC.to_datetime(at);
        Month {
            year: at.year(),
            month: at.month(),
        }
    }

    /// As Hive names partitions.
    pub fn folder(self) -> String {
        format!("year={}/month={}", self.year, self.month)
    }
}
