//! Runs of a repository into the central store.

mod changed;
mod parts;
mod put;

use super::connect::{Store, is_about_data, is_passing};
use super::engine::Engine;
use super::rows;
use super::shards::shards;
use crate::failure::Failure;
use aim::error::{Error, Status};
use aim::query::RunId;
use aim::repo::RepoRef;
use aim::repo::exchange::{Moment, Outline, moment, moment_again};
use changed::{Wanted, changed, known};
use postgres::types::ToSql;
use postgres::{Row, Transaction};
use put::{put_logs, put_runs, put_series};
use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

/// A transaction has so many points of runs at most, or runs as the engine takes.
const POINTS: u64 = 4_000_000;
/// Runs whose cursors are asked for at once.
const ASKED: usize = 1000;
/// Connections at once, where there are more runs than that.
const CONNECTIONS: usize = 4;
/// How often what failed in passing is tried again, and the first pause before that; each is twice the one before.
const TRIES: u32 = 6;
const PAUSE: Duration = Duration::from_millis(100);

/// What is brought.
pub struct Push<'p> {
    pub repo: &'p RepoRef,
    /// The number by which the store knows the repository.
    pub source: [u8; 16],
    /// Only these runs.
    pub only: Option<&'p HashSet<RunId>>,
    /// Whether runs that came from another repository are replaced where they differ.
    pub take: bool,
    /// Whether everything is brought anew, whatever the store says that it has.
    pub repair: bool,
}

/// What became of the runs.
#[derive(Default)]
pub struct Tally {
    pub brought: u64,
    pub points: u64,
    /// Points of sequences of objects of these runs, which the store does not take.
    pub objects: u64,
    pub present: u64,
    /// Deleted in the store, which keeps them from coming again.
    pub deleted: u64,
    /// What kept others from getting there.
    pub wrong: Vec<String>,
    /// The commit of the repository that was looked at first.
    pub commit: u64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.brought += other.brought;
        self.points += other.points;
        self.objects += other.objects;
        self.present += other.present;
        self.deleted += other.deleted;
        self.wrong.extend(other.wrong);
    }
}

/// Runs that had ended and were there as they are, each with a sum that is cheap: they are not looked at again as long as it
/// stays.
pub type Settled = HashMap<RunId, u64>;

/// Why a transaction came to nothing.
enum Stop {
    Store(postgres::Error),
    /// A run of the batch cannot be read.
    Damaged(usize, Error),
    Repo(Error),
}

impl From<postgres::Error> for Stop {
    fn from(e: postgres::Error) -> Stop {
        Stop::Store(e)
    }
}

/// What the connections of a push have in common.
struct Work<'w, 'p> {
    push: &'w Push<'p>,
    /// The runs that nobody has taken yet.
    left: Mutex<&'w [RunId]>,
}

impl Work<'_, '_> {
    fn take(&self) -> &[RunId] {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, rest) = left.split_at(left.len().min(ASKED));
        *left = rest;
        now
    }

    /// Nobody takes anything any more.
    fn stop(&self) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = &[];
    }
}

/// What one connection did.
#[derive(Default)]
struct Done {
    tally: Tally,
    settled: Vec<(RunId, u64)>,
}

/// Brings what the store lacks. `told` hears how many runs were looked at.
pub fn push(
    store: &mut Store,
    push: &Push<'_>,
    settled: &mut Settled,
    told: impl FnMut(u64),
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    let mut runs = {
        let present = moment(push.repo)?;
        tally.commit = present.commit_number();
        let mut runs = present.runs()?;
        let all = runs.len();
        runs.retain(|run| {
            let sum = settled.get(run);
            sum.is_none() || sum.copied() != present.glance(*run)
        });
        tally.present += (all - runs.len()) as u64;
        runs
    };
    if let Some(only) = push.only {
        runs.retain(|run| only.contains(run));
    }
    // While a server stores what one sends, another reads the next. More than there is work for are not made, nor more than
    // the server lets.
    let most = runs.len().div_ceil(ASKED).min(CONNECTIONS);
    let mut others: Vec<Store> = (1..most).map_while(|_| store.another().ok()).collect();
    let (sender, heard) = mpsc::channel();
    let work = Work {
        push,
        left: Mutex::new(&runs),
    };
    let outcomes: Vec<Result<Done, Failure>> = thread::scope(|scope| {
        let hand = |store| {
            let (work, told) = (&work, sender.clone());
            scope.spawn(move || {
                let outcome = bring_some(store, work, &told);
                if outcome.is_err() {
                    work.stop();
                }
                outcome
            })
        };
        let hands: Vec<_> = std::iter::once(&mut *store)
            .chain(&mut others)
            .map(hand)
            .collect();
        // Until the last of them is done.
        drop(sender);
        heard.iter().for_each(told);
        let join = |hand: ScopedJoinHandle<'_, _>| hand.join().unwrap_or_else(|e| resume_unwind(e));
        hands.into_iter().map(join).collect()
    });
    if others.iter().any(Store::is_lost) {
        store.give_up();
    }
    for outcome in outcomes {
        let done = outcome?;
        tally.add(done.tally);
        settled.extend(done.settled);
    }
    if tally.brought > 0 {
        retry(store, |store| note_source(store, push)).map_err(|e| store.failure(&e))?;
    }
    Ok(tally)
}

/// Brings runs that nobody else has taken, until there are none.
fn bring_some(store: &mut Store, work: &Work<'_, '_>, told: &Sender<u64>) -> Result<Done, Failure> {
    let push = work.push;
    let mut done = Done::default();
    let tally = &mut done.tally;
    // Nobody listens any more: then nobody wants to know.
    let told = |count: usize| {
        let _ = told.send(count as u64);
    };
    loop {
        let now = work.take();
        if now.is_empty() {
            return Ok(done);
        }
        let present = moment_again(push.repo)?;
        let outlines = outlines(&present, now, tally)?;
        let there = retry(store, |store| known(store, &outlines)).map_err(|e| store.failure(&e))?;
        let changed = changed(push, &present, &outlines, &there)?;
        told(now.len() - changed.wanted.len());
        tally.present += changed.present;
        tally.deleted += changed.deleted;
        tally.wrong.extend(changed.wrong);
        for run in &changed.there {
            done.settled
                .extend(present.glance(*run).map(|sum| (*run, sum)));
        }
        let mut wanted: Vec<&Outline> = outlines
            .iter()
            .filter(|outline| changed.wanted.contains_key(&outline.record.hash))
            .collect();
        let hashes: Vec<&[u8]> = wanted.iter().map(|o| &o.record.hash[..]).collect();
        let places = retry(store, |store| shards(store, &hashes)).map_err(|e| store.failure(&e))?;
        let place = |outline: &Outline| places.get(&outline.record.hash[..]).copied();
        // All lock in one order.
        wanted.sort_by_key(|outline| (place(outline), outline.record.hash));
        while !wanted.is_empty() {
            let first = place(wanted[0]);
            let together = wanted.iter().take_while(|o| place(o) == first);
            let size = batch_size(together.take(store.engine.runs()));
            let batch: Vec<&Outline> = wanted.drain(..size).collect();
            bring(store, push, &present, batch, &changed.wanted, tally)?;
            told(size);
        }
    }
}

/// Notes where the repository is, for people who find its runs in the store.
fn note_source(store: &mut Store, push: &Push<'_>) -> Result<u64, postgres::Error> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let path = rows::text(&push.repo.root().display().to_string());
    let sql = "INSERT INTO aim_source (source, host, path, seen_at) VALUES ($1, $2, $3, $4) ON CONFLICT (source) \
               DO UPDATE SET host = excluded.host, path = excluded.path, seen_at = excluded.seen_at";
    let now = aim::repo::now_micros();
    store
        .client
        .execute(sql, &[&&push.source[..], &host.trim(), &path, &now])
}

fn outlines(
    present: &Moment<'_>,
    runs: &[RunId],
    tally: &mut Tally,
) -> Result<Vec<Outline>, Failure> {
    let mut outlines = Vec::new();
    for run in runs {
        match present.outline(*run) {
            Ok(outline) => outlines.extend(outline),
            Err(e) if e.status == Status::Corrupt => {
                tally.wrong.push(format!("run {run} is damaged: {e}"));
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(outlines)
}

fn batch_size<'o>(wanted: impl Iterator<Item = &'o &'o Outline>) -> usize {
    let mut points = 0;
    let fits = wanted.take_while(|outline| {
        let fits = points < POINTS;
        points += outline
            .series
            .iter()
            .map(|s| s.aggregates.count)
            .sum::<u64>();
        fits
    });
    fits.count()
}

/// Does something again that failed in passing, on a new connection if need be.
fn retry<T>(
    store: &mut Store,
    mut act: impl FnMut(&mut Store) -> Result<T, postgres::Error>,
) -> Result<T, postgres::Error> {
    let mut pause = PAUSE;
    let mut tries = 1;
    loop {
        let e = match act(store) {
            Ok(done) => return Ok(done),
            Err(e) => e,
        };
        if !is_passing(store.engine, &e) || tries == TRIES {
            return Err(e);
        }
        std::thread::sleep(pause);
        (pause, tries) = (pause * 2, tries + 1);
        if store.client.is_closed() {
            // One that does not come about is tried again with the rest.
            let _ = store.reconnect();
        }
    }
}

/// Brings a batch in one transaction; again without what turns out to be damaged.
fn bring(
    store: &mut Store,
    push: &Push<'_>,
    present: &Moment<'_>,
    mut batch: Vec<&Outline>,
    cursors: &Wanted,
    tally: &mut Tally,
) -> Result<(), Failure> {
    loop {
        let mut stopped = None;
        let brought = retry(store, |store| {
            match transact(store, push, present, &batch, cursors) {
                Ok(brought) => Ok(Some(brought)),
                Err(Stop::Store(e)) => Err(e),
                Err(other) => {
                    stopped = Some(other);
                    Ok(None)
                }
            }
        });
        let brought = match brought {
            Ok(brought) => brought,
            // What the server does not take of one run does not keep the others from coming.
            Err(e) if is_about_data(&e) && batch.len() == 1 => {
                let hash = batch[0].record.hash_text();
                let why = store.failure(&e).reason();
                tally.wrong.push(format!("{hash} is not taken: {why}"));
                return Ok(());
            }
            Err(e) if is_about_data(&e) => {
                for one in batch {
                    bring(store, push, present, vec![one], cursors, tally)?;
                }
                return Ok(());
            }
            Err(e) => return Err(store.failure(&e)),
        };
        match (stopped, brought) {
            (Some(Stop::Damaged(at, e)), _) => {
                let hash = batch.remove(at).record.hash_text();
                tally.wrong.push(format!("{hash} is damaged: {e}"));
                if batch.is_empty() {
                    return Ok(());
                }
            }
            (Some(Stop::Repo(e)), _) => return Err(e.into()),
            (_, Some(brought)) => {
                tally.brought += brought.runs;
                tally.points += brought.points;
                tally.objects += brought.objects;
                tally.wrong.extend(brought.wrong);
                return Ok(());
            }
            _ => return Ok(()),
        }
    }
}

#[derive(Default)]
struct Brought {
    runs: u64,
    points: u64,
    objects: u64,
    wrong: Vec<String>,
}

fn transact(
    store: &mut Store,
    push: &Push<'_>,
    present: &Moment<'_>,
    batch: &[&Outline],
    cursors: &Wanted,
) -> Result<Brought, Stop> {
    let engine = store.engine;
    let mut txn = store.client.transaction()?;
    let won = move_cursors(&mut txn, engine, push, batch, cursors)?;
    let mut brought = Brought::default();
    let lost: Vec<&Outline> = batch
        .iter()
        .filter(|o| !won.contains(&o.record.hash))
        .copied()
        .collect();
    if !lost.is_empty() && push.repo.spool().is_none() {
        brought.wrong = why_lost(&mut txn, push, &lost)?;
    }
    let mine: Vec<(usize, &Outline)> = batch
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, o)| won.contains(&o.record.hash))
        .collect();
    if !mine.is_empty() {
        let hashes: Vec<&[u8]> = mine.iter().map(|(_, o)| &o.record.hash[..]).collect();
        if push.repair {
            for table in ["aim_run", "aim_param", "aim_series", "aim_chunk", "aim_log"] {
                txn.execute(
                    &format!("DELETE FROM {table} WHERE run = ANY($1)"),
                    &[&hashes],
                )?;
            }
        }
        put_runs(&mut txn, engine, &mine, &hashes)?;
        brought.points = put_series(&mut txn, engine, present, &mine, &hashes)?;
        put_logs(&mut txn, present, &mine, &hashes)?;
        brought.runs = mine.len() as u64;
        brought.objects = mine.iter().map(|(_, outline)| outline.objects).sum();
    }
    txn.commit()?;
    Ok(brought)
}

/// Moves the cursors of those runs of which nobody brought this or a later state; the others are somebody else's.
fn move_cursors(
    txn: &mut Transaction<'_>,
    engine: Engine,
    push: &Push<'_>,
    batch: &[&Outline],
    cursors: &Wanted,
) -> Result<HashSet<[u8; 12]>, postgres::Error> {
    let source = &push.source[..];
    let hashes: Vec<&[u8]> = batch.iter().map(|o| &o.record.hash[..]).collect();
    let sums: Vec<i64> = batch.iter().map(|o| o.sum as i64).collect();
    let mut values: Vec<&(dyn ToSql + Sync)> = Vec::new();
    for ((hash, sum), outline) in hashes.iter().zip(&sums).zip(batch) {
        if let Some(cursor) = cursors.get(&outline.record.hash) {
            let row: [&(dyn ToSql + Sync); 5] = [hash, &source, &cursor.pos, sum, &cursor.parts];
            values.extend(row);
        }
    }
    let behind = match (push.take, push.repair) {
        (true, _) => "true",
        // Nobody has brought it since it was looked at.
        _ if push.repo.spool().is_some() => {
            "NOT c.deleted AND c.parts IS NOT NULL AND c.pos = excluded.pos - 1"
        }
        (_, true) => "NOT c.deleted AND c.source = excluded.source AND c.pos <= excluded.pos",
        _ => "NOT c.deleted AND c.source = excluded.source AND c.pos < excluded.pos",
    };
    if !engine.replaces() {
        return move_each(txn, behind, &values);
    }
    let tail = format!(
        "ON CONFLICT (run) DO UPDATE SET source = excluded.source, pos = excluded.pos, sum = excluded.sum, \
         parts = excluded.parts, deleted = false WHERE {behind} RETURNING run"
    );
    let columns = [
        ("run", ""),
        ("source", ""),
        ("pos", ""),
        ("sum", ""),
        ("parts", ""),
    ];
    let won = rows::insert(txn, "aim_cursor AS c", &columns, &tail, &values)?;
    Ok(won.iter().filter_map(hash_of).collect())
}

/// The same for an engine that replaces no rows: each is changed, or made if there is none.
fn move_each(
    txn: &mut Transaction<'_>,
    behind: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<HashSet<[u8; 12]>, postgres::Error> {
    let behind = behind
        .replace("excluded.source", "$2")
        .replace("excluded.pos", "$3");
    let change = format!(
        "UPDATE aim_cursor AS c SET source = $2, pos = $3, sum = $4, parts = $5, deleted = false \
         WHERE c.run = $1 AND {behind} RETURNING c.run"
    );
    let make = "INSERT INTO aim_cursor (run, source, pos, sum, parts, deleted) VALUES ($1, $2, $3, $4, $5, false) \
                ON CONFLICT DO NOTHING RETURNING run";
    let mut won = HashSet::new();
    for row in values.chunks(5) {
        let mut moved = txn.query(&change, row)?;
        if moved.is_empty() {
            moved = txn.query(make, row)?;
        }
        won.extend(moved.iter().filter_map(hash_of));
    }
    Ok(won)
}

fn hash_of(row: &Row) -> Option<[u8; 12]> {
    row.get::<_, &[u8]>(0).try_into().ok()
}

/// What is to be said of runs that others brought: nothing, unless the repository went back in time.
fn why_lost(
    txn: &mut Transaction<'_>,
    push: &Push<'_>,
    lost: &[&Outline],
) -> Result<Vec<String>, Stop> {
    let newest = moment(push.repo).map_err(Stop::Repo)?.commit_number() as i64;
    let hashes: Vec<&[u8]> = lost.iter().map(|o| &o.record.hash[..]).collect();
    let sql = "SELECT run FROM aim_cursor WHERE run = ANY($1) AND source = $2 AND pos > $3";
    let ahead = txn.query(sql, &[&hashes, &&push.source[..], &newest])?;
    Ok(ahead
        .iter()
        .map(|row| {
            let hash: &[u8] = row.get(0);
            let hash: String = hash.iter().map(|b| format!("{b:02x}")).collect();
            format!(
                "{hash} is newer there: this repository is an older copy of the one it came from; --take replaces it"
            )
        })
        .collect())
}
