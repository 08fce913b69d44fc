//! Times as callers say them, in seconds.

use crate::error::Result;
use crate::repo::micros;

/// A time from the caller: `None` for 0.
pub(super) fn time(seconds: f64) -> Result<Option<i64>> {
    match seconds == 0.0 {
        true => Ok(None),
        false => micros(seconds).map(Some),
    }
}
