//! Runs out of the central store.

use super::connect::Store;
use super::rows::Chunk;
use super::shards::shards;
use crate::failure::Failure;
use aim::error::{Error, Status};
use aim::query::RunRecord;
use aim::repo::exchange::{Aggregates, Extent, Parcel, SeriesParcel, Stream, moment, take_in};
use aim::repo::{Fate, RepoRef};
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::ToSql;
use postgres::{IsolationLevel, Transaction};
use std::collections::{HashMap, HashSet};

/// A fetch has so many runs at most, or points.
const RUNS: usize = 256;
const POINTS: i64 = 4_000_000;

/// What became of the runs.
#[derive(Default)]
pub struct Pulled {
    pub copied: u64,
    pub points: u64,
    pub present: u64,
    /// What kept others from getting here.
    pub wrong: Vec<String>,
}

/// Brings runs into a repository as they are: all of them, or only those. `told` hears how many are done, and of how many.
pub fn pull(
    store: &mut Store,
    repo: &RepoRef,
    only: Option<&HashSet<[u8; 12]>>,
    mut told: impl FnMut(u64, u64),
) -> Result<Pulled, Failure> {
    let sql = "SELECT c.run, c.sum FROM aim_run r JOIN aim_cursor c USING (run) ORDER BY r.created_at, r.run";
    let there = store.client.query(sql, &[]);
    let mut there: Vec<(Vec<u8>, i64)> = there
        .map_err(|e| store.failure(&e))?
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    if let Some(only) = only {
        there.retain(|(run, _)| {
            run[..]
                .try_into()
                .is_ok_and(|run: [u8; 12]| only.contains(&run))
        });
    }
    let mut pulled = Pulled::default();
    let mut wanted = Vec::new();
    {
        let present = moment(repo)?;
        for (run, sum) in &there {
            match present.sum_of(run) {
                Ok(Some(here)) if here as i64 == *sum => pulled.present += 1,
                Ok(_) => wanted.push(run.clone()),
                Err(e) if e.status == Status::Corrupt => {
                    pulled
                        .wrong
                        .push(format!("{} is damaged here: {e}", hex(run)));
                }
                Err(e) => return Err(e.into()),
            }
        }
    }
    let total = there.len() as u64;
    told(total - wanted.len() as u64, total);
    for batch in batches(store, wanted, Extent::Whole)? {
        let fetched = fetch(store, &batch, Extent::Whole)?;
        let parcels: Vec<Parcel> = fetched.into_iter().map(|f| f.parcel).collect();
        for (parcel, fate) in parcels.iter().zip(take_in(repo, &parcels)?) {
            let hash = parcel.record.hash_text();
            match fate {
                Fate::Copied { points, .. } => {
                    pulled.copied += 1;
                    pulled.points += points;
                }
                Fate::Present => pulled.present += 1,
                Fate::Differs(what) => pulled.wrong.push(format!(
                    "{hash} is here already, but differs in its {what}; delete one of them first"
                )),
                Fate::Busy => pulled.wrong.push(format!(
                    "{hash} is being written; pull it when it has ended"
                )),
                Fate::Damaged(why) => pulled.wrong.push(format!("{hash} is damaged: {why}")),
                Fate::Gone => {}
            }
        }
        told(batch.len() as u64, total);
    }
    Ok(pulled)
}

/// A run with the sum of what is there of it.
pub struct Fetched {
    pub parcel: Parcel,
    pub sum: i64,
}

/// What went wrong while a run was fetched.
enum Stop {
    Store(postgres::Error),
    Wrong(Failure),
}

impl From<postgres::Error> for Stop {
    fn from(e: postgres::Error) -> Stop {
        Stop::Store(e)
    }
}

impl From<Error> for Stop {
    fn from(e: Error) -> Stop {
        Stop::Wrong(e.into())
    }
}

/// Fetches runs as they are at one moment; those that are not there any more are missing. What is wrong with one of them is
/// wrong with all.
pub fn fetch(store: &mut Store, runs: &[Vec<u8>], extent: Extent) -> Result<Vec<Fetched>, Failure> {
    let fetched = (|| -> Result<Vec<Fetched>, Stop> {
        let mut txn = store
            .client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()?;
        let mut fetched = fetch_records(&mut txn, runs, extent)?;
        if extent == Extent::Whole {
            fetch_points(&mut txn, runs, &mut fetched)?;
            fetch_logs(&mut txn, runs, &mut fetched)?;
        }
        txn.commit()?;
        let mut parcels: Vec<Fetched> = fetched.into_values().map(|f| f.fetched).collect();
        parcels.sort_by_key(|f| (f.parcel.record.created_at, f.parcel.record.hash));
        Ok(parcels)
    })();
    fetched.map_err(|stop| match stop {
        Stop::Store(e) => store.failure(&e),
        Stop::Wrong(failure) => failure,
    })
}

struct Part {
    fetched: Fetched,
    /// The places of sequences by their number.
    places: HashMap<i64, usize>,
}

type Parts = HashMap<Vec<u8>, Part>;

fn wrong(run: &[u8], what: &str) -> Stop {
    let hash: String = run.iter().map(|b| format!("{b:02x}")).collect();
    let failure = Failure::new(format_args!("run {hash} is damaged in the central store"));
    Stop::Wrong(
        failure.why(what).advice(
            "SELECT aim.delete_run(hash) deletes it there; libaim sync --take brings it again",
        ),
    )
}

fn fetch_records(
    txn: &mut Transaction<'_>,
    runs: &[Vec<u8>],
    extent: Extent,
) -> Result<Parts, Stop> {
    let sql = "SELECT r.run, r.exact, r.params_exact, c.sum FROM aim_run r JOIN aim_cursor c USING (run) \
               WHERE r.run = ANY($1)";
    let mut parts = Parts::new();
    for row in txn.query(sql, &[&runs])? {
        let run: Vec<u8> = row.get(0);
        let record = RunRecord::from_bytes(row.get(1))?;
        if record.hash[..] != run[..] {
            return Err(wrong(&run, "its record is that of another run"));
        }
        let parcel = Parcel {
            record,
            params: row.get(2),
            series: Vec::new(),
            logs: Vec::new(),
            extent,
        };
        let fetched = Fetched {
            parcel,
            sum: row.get(3),
        };
        let part = Part {
            fetched,
            places: HashMap::new(),
        };
        parts.insert(run, part);
    }
    let sql = "SELECT run, sid, name, name_exact, context_exact, count, first_step, first, last_step, last, min, max \
               FROM aim_series WHERE run = ANY($1)";
    for row in txn.query(sql, &[&runs])? {
        let run: &[u8] = row.get(0);
        let Some(part) = parts.get_mut(run) else {
            continue;
        };
        let name = match row.get::<_, Option<Vec<u8>>>(3) {
            None => row.get(2),
            Some(bytes) => {
                String::from_utf8(bytes).map_err(|_| wrong(run, "a metric's name is no text"))?
            }
        };
        let count: i64 = row.get(5);
        let series = SeriesParcel {
            name,
            context: row.get(4),
            aggregates: Aggregates::sealed(
                count as u64,
                (row.get(6), row.get(7)),
                (row.get(8), row.get(9)),
                (row.get(10), row.get(11)),
            ),
            pieces: Vec::new(),
        };
        let all = &mut part.fetched.parcel.series;
        part.places.insert(row.get(1), all.len());
        all.push(series);
    }
    Ok(parts)
}

fn fetch_points(
    txn: &mut Transaction<'_>,
    runs: &[Vec<u8>],
    parts: &mut Parts,
) -> Result<(), Stop> {
    let sql = "SELECT run, sid, sealed, first_step, last_step, count, stride, steps, v4, v8, epoch, epochs, time0, t4, t8 \
               FROM aim_chunk WHERE run = ANY($1) ORDER BY run, sid, first_step";
    let params: [&(dyn ToSql + Sync); 1] = [&runs];
    // Row by row: points are in memory once.
    let mut rows = txn.query_raw(sql, params)?;
    while let Some(row) = rows.next()? {
        let run: &[u8] = row.get(0);
        let series = parts.get_mut(run).and_then(|part| {
            let place = part.places.get(&row.get::<_, i64>(1))?;
            part.fetched.parcel.series.get_mut(*place)
        });
        let Some(series) = series else {
            return Err(wrong(run, "there are points of a metric that it has not"));
        };
        let chunk = Chunk {
            first_step: row.get(3),
            last_step: row.get(4),
            count: row.get(5),
            stride: row.get(6),
            steps: row.get(7),
            v4: row.get(8),
            v8: row.get(9),
            epoch: row.get(10),
            epochs: row.get(11),
            time0: row.get(12),
            t4: row.get(13),
            t8: row.get(14),
        };
        let points = chunk
            .points()
            .ok_or_else(|| wrong(run, "columns of points do not belong together"))?;
        let before = series.pieces.last().and_then(|(_, p)| p.steps.last());
        if before >= points.steps.first() {
            return Err(wrong(run, "there are two points of one step"));
        }
        series.pieces.push((row.get(2), points));
    }
    Ok(())
}

fn fetch_logs(txn: &mut Transaction<'_>, runs: &[Vec<u8>], parts: &mut Parts) -> Result<(), Stop> {
    let sql = "SELECT run, stream, first, exact FROM aim_log WHERE run = ANY($1) ORDER BY run, stream, first";
    let params: [&(dyn ToSql + Sync); 1] = [&runs];
    let mut rows = txn.query_raw(sql, params)?;
    while let Some(row) = rows.next()? {
        let run: &[u8] = row.get(0);
        let number = u8::try_from(row.get::<_, i16>(1)).ok();
        let stream = number.and_then(Stream::from_number);
        let stream = stream.ok_or_else(|| wrong(run, "it has a log of an unknown kind"))?;
        if let Some(part) = parts.get_mut(run) {
            let first: i64 = row.get(2);
            let logs = &mut part.fetched.parcel.logs;
            logs.push((stream, first as u64, row.get(3)));
        }
    }
    Ok(())
}

/// The runs in portions that memory holds, and one server alone is asked for: each shard would look for all of them.
pub fn batches(
    store: &mut Store,
    mut runs: Vec<Vec<u8>>,
    extent: Extent,
) -> Result<Vec<Vec<Vec<u8>>>, Failure> {
    let mut counts: HashMap<Vec<u8>, i64> = HashMap::new();
    if extent == Extent::Whole {
        let sql = "SELECT run, sum(count)::bigint FROM aim_series WHERE run = ANY($1) GROUP BY run";
        let rows = store.client.query(sql, &[&runs]);
        for row in rows.map_err(|e| store.failure(&e))? {
            counts.insert(row.get(0), row.get(1));
        }
    }
    let all: Vec<&[u8]> = runs.iter().map(Vec::as_slice).collect();
    let places = shards(store, &all).map_err(|e| store.failure(&e))?;
    let place = |run: &Vec<u8>| places.get(run).copied();
    runs.sort_by_key(place);
    let mut batches: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut points = 0;
    for run in runs {
        match batches.last_mut() {
            Some(batch)
                if batch.len() < RUNS && points < POINTS && place(&batch[0]) == place(&run) =>
            {
                points += counts.get(&run).copied().unwrap_or(0);
                batch.push(run);
            }
            _ => {
                points = counts.get(&run).copied().unwrap_or(0);
                batches.push(vec![run]);
            }
        }
    }
    Ok(batches)
}

pub fn hex(run: &[u8]) -> String {
    run.iter().map(|b| format!("{b:02x}")).collect()
}
