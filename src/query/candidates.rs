//! The runs that an expression is evaluated on.

use crate::error::{Error, Result};
use crate::store::keys::{RunId, u64_at};
use crate::store::{ReadTxn, RunView};

pub enum Candidates {
    /// Every run; with their number.
    All(u64),
    /// Every run older than one; with the number of all.
    Behind(RunId, u64),
    /// Runs that an index named, newest first.
    Some(Vec<RunId>),
}

impl Candidates {
    pub fn count(&self) -> u64 {
        match self {
            Candidates::All(count) | Candidates::Behind(_, count) => *count,
            Candidates::Some(ids) => ids.len() as u64,
        }
    }

    /// Those that are older than a run.
    pub fn behind(self, run: RunId) -> Candidates {
        match self {
            Candidates::All(count) | Candidates::Behind(_, count) => Candidates::Behind(run, count),
            Candidates::Some(ids) => {
                Candidates::Some(ids.into_iter().filter(|id| *id < run).collect())
            }
        }
    }

    /// Visits the runs, newest first, until `visit` says false. It is told of a damaged one, too.
    pub fn visit<'t>(
        &self,
        txn: &'t ReadTxn<'_>,
        mut visit: impl FnMut(RunId, Result<RunView<'t>>) -> Result<bool>,
    ) -> Result<()> {
        let mut scan = txn.runs_scan()?;
        let view = |id, record| {
            RunView::new(id, record).map_err(|e| txn.located(e, format_args!("run {id}")))
        };
        match self {
            Candidates::All(_) | Candidates::Behind(..) => {
                let mut row = match self {
                    Candidates::Behind(run, _) => scan.seek_before(&run.to_be_bytes())?,
                    _ => scan.last()?,
                };
                while let Some((key, record)) = row {
                    let id = u64_at(key, 0)
                        .ok_or_else(|| Error::corrupt("the key of a run is damaged"))?;
                    if !visit(id, view(id, record))? {
                        break;
                    }
                    row = scan.prev()?;
                }
            }
            Candidates::Some(ids) => {
                for id in ids {
                    if let Some(record) = scan.exact(&id.to_be_bytes())?
                        && !visit(*id, view(*id, record))?
                    {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}
