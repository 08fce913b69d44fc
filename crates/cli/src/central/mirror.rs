//! Copies of what was asked of a central store, in a repository below `$XDG_CACHE_HOME`: commands that read run on it, so
//! that the same engine answers everywhere. Copies are brought up to date before, those that may be asked for alone; it may
//! be deleted at any time.

use super::connect::Store;
use super::pull::{Fetched, batches, fetch, hex};
use super::pushdown::Superset;
use crate::failure::{Doing as _, Failure};
use aim::repo::exchange::{Extent, copies, put_copies};
use aim::repo::{CENTRAL, Location, Repo, RepoOptions, RepoRef, local_cache, make_room, mark};
use postgres::types::ToSql;
use std::collections::{HashMap, HashSet};

/// What becomes of copies that are not asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Those that are not what the store has go.
    Check,
    Leave,
}

pub struct Mirror {
    pub repo: RepoRef,
}

impl Mirror {
    /// The copies of a store, which is known by a number of its own, whatever its URL.
    pub fn open(store: &mut Store) -> Result<Mirror, Failure> {
        let sql = "SELECT value FROM aim_meta WHERE key = 'store'";
        let row = store.client.query_one(sql, &[]);
        let id: String = row.map_err(|e| store.failure(&e))?.get(0);
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(
                Failure::new(format_args!("{} has no number", store.shown()))
                    .why(format_args!("the row store of aim_meta is {id:?}")),
            );
        }
        let location = Location {
            root: local_cache(CENTRAL)?.join(id),
        };
        let what = || format!("the copies in {} cannot be opened", location.root.display());
        // It is no spool, whatever new repositories become.
        location.create().doing(what)?;
        mark(&location.root)
            .and_then(|()| make_room(&location.root))
            .doing(what)?;
        let repo = Repo::open(location.clone(), &RepoOptions::default(), true).doing(what)?;
        Ok(Mirror { repo })
    }

    /// Brings the copies of those runs up to date.
    pub fn refresh(
        &self,
        store: &mut Store,
        which: &Superset,
        extent: Extent,
        others: Others,
        mut told: impl FnMut(u64, u64),
    ) -> Result<(), Failure> {
        let have: HashMap<String, String> = copies(&self.repo)?.into_iter().collect();
        let params: Vec<&(dyn ToSql + Sync)> = which.params.iter().map(|p| p.as_ref()).collect();
        let sql = format!(
            "SELECT c.run, c.sum FROM aim_run r JOIN aim_cursor c USING (run) WHERE {}",
            which.sql
        );
        let asked = store.client.query(&sql, &params);
        let asked: HashMap<Vec<u8>, i64> = asked
            .map_err(|e| store.failure(&e))?
            .iter()
            .map(|row| (row.get(0), row.get(1)))
            .collect();
        let others: Vec<Vec<u8>> = match others {
            Others::Leave => Vec::new(),
            Others::Check => {
                let all = have.keys().filter_map(|hash| bytes(hash));
                all.filter(|run| !asked.contains_key(run)).collect()
            }
        };
        let sql = "SELECT run, sum FROM aim_cursor WHERE run = ANY($1) AND NOT deleted";
        let still = store.client.query(sql, &[&others]);
        let still: HashMap<Vec<u8>, i64> = still
            .map_err(|e| store.failure(&e))?
            .iter()
            .map(|row| (row.get(0), row.get(1)))
            .collect();
        let is_present = |run: &[u8], sum: i64, wanted: Extent| {
            let have = have.get(&hex(run)).map(String::as_str);
            have == Some(&state(sum, Extent::Whole))
                || wanted == Extent::Outline && have == Some(&state(sum, Extent::Outline))
        };
        let mut gone: Vec<String> = others
            .iter()
            .filter(|run| {
                let sum = still.get(*run);
                !sum.is_some_and(|sum| is_present(run, *sum, Extent::Outline))
            })
            .map(|run| hex(run))
            .collect();
        let wanted: Vec<Vec<u8>> = asked
            .iter()
            .filter(|(run, sum)| !is_present(run, **sum, extent))
            .map(|(run, _)| run.clone())
            .collect();
        put_copies(&self.repo, &[], &gone)?;
        let total = wanted.len() as u64;
        for batch in batches(store, wanted, extent)? {
            let fetched = fetch(store, &batch, extent)?;
            let there: HashSet<&[u8]> = fetched.iter().map(|f| &f.parcel.record.hash[..]).collect();
            gone.clear();
            gone.extend(
                batch
                    .iter()
                    .filter(|run| !there.contains(&run[..]))
                    .map(|run| hex(run)),
            );
            let new: Vec<_> = fetched
                .into_iter()
                .map(|Fetched { parcel, sum }| {
                    let state = state(sum, parcel.extent);
                    (parcel, state)
                })
                .collect();
            put_copies(&self.repo, &new, &gone)?;
            told(batch.len() as u64, total);
        }
        Ok(())
    }
}

/// What tells in which state of its run a copy was made.
fn state(sum: i64, extent: Extent) -> String {
    let extent = match extent {
        Extent::Whole => "whole",
        Extent::Outline => "outline",
    };
    format!("{extent} {sum}")
}

fn bytes(hash: &str) -> Option<Vec<u8>> {
    let digit = |at: usize| u8::from_str_radix(hash.get(at..at + 2)?, 16).ok();
    (0..hash.len()).step_by(2).map(digit).collect()
}
