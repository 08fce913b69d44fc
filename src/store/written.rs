//! Which runs are being written, for certain: the rows of their writers lie in the table `meta` among those of other kinds, all
//! of which tell by their checksums whether any may be missing.

use super::env::ReadTxn;
use super::keys::{RunId, u64_at};
use super::range::{Visited, visit_range};
use super::scan::Row;
use super::tables::{self, JOURNAL, WRITER};
use super::{journals, writers};
use crate::error::Result;

/// Whether a row of `meta`, whatever it is, is as it was written.
fn is_sound(key: &[u8], value: &[u8], oldest: u32) -> bool {
    match key.first() {
        Some(&WRITER) => writers::content(key, value, oldest).is_some(),
        Some(&JOURNAL) => journals::content(key, value, oldest).is_some(),
        _ => tables::is_own_row(key, value, oldest),
    }
}

impl ReadTxn<'_> {
    /// Runs that have writers, oldest first. `None`: they are not known, since there are more than `most`, or some may be
    /// missing through damage.
    pub fn written_runs(&self, most: usize) -> Result<Option<Vec<RunId>>> {
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.meta)?;
        let is_sound = |(key, value): Row| is_sound(key, value, self.tables.oldest);
        let visited = visit_range(&mut scan, &[WRITER], &[WRITER + 1], is_sound, |(key, _)| {
            if found.len() == most {
                return Ok(false);
            }
            found.extend(u64_at(key, 1));
            Ok(true)
        })?;
        found.dedup();
        Ok((visited == Visited::All).then_some(found))
    }
}
