//! Going back to an earlier step.

use super::Run;
use crate::error::Result;
use crate::repo::{check_name, now_micros, rewind};

impl Run {
    /// Drops the points of all metrics, or of those named, from `step` on, in one transaction; returns how many. Other
    /// processes that write the run are told by a warning, and what they tracked before is dropped too.
    pub fn rewind(&self, step: i64, names: &[&str]) -> Result<u64> {
        self.check_open()?;
        names
            .iter()
            .try_for_each(|name| check_name("the metric's name", name))?;
        self.writer.commit()?;
        self.record_more();
        let journal = self.writer.journal().id().0;
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let at = now_micros();
        let dropped = self.repo.store.write(|txn| {
            let dropped = rewind(txn, &journal, self.id, step, &names, at)?;
            self.repo.emit(txn, &journal, &|bodies| {
                bodies.rewind(self.id, step, at, &names);
            })?;
            Ok(dropped)
        })?;
        self.writer.tell_sender();
        Ok(dropped)
    }
}
