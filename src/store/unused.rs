//! Strings that nothing uses any more: names, contexts and param paths of runs that were deleted.

use super::env::WriteTxn;
use super::index;
use super::keys::{SeriesKey, StringId, u32_at};
use super::strings::Kind;
use crate::error::Result;
use rustc_hash::FxHashSet;

impl WriteTxn<'_> {
    /// Removes them and says how many there were. Nobody else may have the database open: processes remember numbers.
    pub fn delete_unused_strings(&mut self) -> Result<u64> {
        let mut deleted = 0;
        let (names, contexts) = self.used_by_sequences()?;
        for (kind, used) in [
            (Kind::Name, names),
            (Kind::Context, contexts),
            (Kind::Path, self.used_by_params()?),
        ] {
            let mut unused = Vec::new();
            self.visit_strings(kind, |id, text| {
                if !used.contains(&id) {
                    unused.push((id, text.to_owned()));
                }
                Ok(true)
            })?;
            for (id, text) in &unused {
                self.delete_string(kind, *id, text)?;
            }
            deleted += unused.len() as u64;
        }
        Ok(deleted)
    }

    /// Names and contexts, also of sequences of which only the blocks are left.
    fn used_by_sequences(&self) -> Result<(FxHashSet<StringId>, FxHashSet<StringId>)> {
        let (mut names, mut contexts) = (FxHashSet::default(), FxHashSet::default());
        for table in [self.tables.series, self.tables.chunks] {
            let mut scan = self.cursor(table)?;
            let mut row = scan.seek(&[0])?;
            while let Some((key, _)) = row {
                let Some(series) = SeriesKey::from_bytes(key) else {
                    row = scan.next_row()?;
                    continue;
                };
                names.insert(series.name);
                contexts.insert(series.context);
                row = scan.seek_behind(&series.to_bytes())?;
            }
        }
        for run in self.run_ids()? {
            for (key, _) in self.run_sequences(run)? {
                names.insert(key.name);
                contexts.insert(key.context);
            }
        }
        Ok((names, contexts))
    }

    fn used_by_params(&self) -> Result<FxHashSet<StringId>> {
        let mut paths = FxHashSet::default();
        let mut scan = self.cursor(self.tables.params)?;
        for row in scan.prefix(&[]) {
            let (key, _) = row?;
            paths.extend(u32_at(key, 8));
        }
        // Values inside are found by the index.
        let mut scan = self.cursor(self.tables.index)?;
        let mut row = scan.seek(&[index::PARAM])?;
        while let Some((key, id)) = row.and_then(|(key, _)| Some((key, index::param_of(key)?))) {
            paths.insert(id);
            row = scan.seek_behind(&key[..5])?;
        }
        Ok(paths)
    }
}
