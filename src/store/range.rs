//! Rows of a range of keys, with the certainty that none is missing.
//!
//! LMDB finds a place by comparing keys, and a key that damage has changed misleads it; the row that was meant is then
//! passed over in silence. A changed key fails its checksum, though, and it lies right beside where the search ends: a
//! search goes astray only by comparing with that key, and from there on one side of it is all on the wrong side. So the
//! rows of a range are all there if these, the one before them and the one behind them are sound, and in order.

use super::scan::{Row, Scan};
use crate::error::Result;

/// What a visit of a range came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visited {
    /// Every row of the range was visited.
    All,
    /// The visitor had enough.
    Stopped,
    /// Rows may be missing: there is damage.
    Doubtful,
}

/// Visits the rows with keys from `from` up to, not including, `to`, until `visit` says false. `is_sound` checks a row of
/// the table by its checksum.
pub fn visit_range<'t>(
    scan: &mut Scan<'t>,
    from: &[u8],
    to: &[u8],
    is_sound: impl Fn(Row<'t>) -> bool,
    mut visit: impl FnMut(Row<'t>) -> Result<bool>,
) -> Result<Visited> {
    let found = scan.seek(from)?;
    let before = match found {
        Some(_) => scan.prev()?,
        None => scan.last()?,
    };
    let in_order = found.is_none_or(|row| row.0 >= from) && before.is_none_or(|row| row.0 < from);
    if !in_order || before.is_some_and(|row| !is_sound(row)) {
        return Ok(Visited::Doubtful);
    }
    let mut row = match (found, before) {
        (None, _) => None,
        (Some(_), Some(_)) => scan.next_row()?,
        // There is none before it, and so the cursor stayed.
        (Some(_), None) => scan.seek(from)?,
    };
    let mut last: Option<&[u8]> = None;
    while let Some(present) = row {
        if !is_sound(present) || last.is_some_and(|last| last >= present.0) {
            return Ok(Visited::Doubtful);
        }
        if present.0 >= to {
            break;
        }
        if !visit(present)? {
            return Ok(Visited::Stopped);
        }
        last = Some(present.0);
        row = scan.next_row()?;
    }
    Ok(Visited::All)
}
