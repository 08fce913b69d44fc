//! Brings a store of copied rows in order: records and names that were lost get stand-ins, so that what belongs to them
//! can be reached; index and aggregates are made anew.

use super::Salvaged;
use super::pages::{PageWalk, Place};
use crate::error::Result;
use crate::store::env::{Store, Txn, WriteTxn};
use crate::store::index::{self, Field, Indexed};
use crate::store::keys::{RunId, SeriesKey};
use crate::store::runs::{RunRecord, RunState};
use crate::store::strings::Kind;
use aim_value::Tree;
use lmdb::Database;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_128;

/// Runs of one transaction.
const BATCH_RUNS: usize = 256;

pub fn rebuild(store: &Store, file: &File, path: &Path, salvaged: &mut Salvaged) -> Result<()> {
    let runs = run_ids(store)?;
    let lost: Vec<RunId> = {
        let txn = store.read()?;
        let mut lost = Vec::new();
        for run in &runs {
            if txn.run(*run)?.is_none() {
                lost.push(*run);
            }
        }
        lost
    };
    let stand_ins = stand_ins(&lost, file, path)?;
    salvaged.lost_rows += lost.len() as u64;
    for batch in runs.chunks(BATCH_RUNS) {
        let (series, points, set_aside) = store.write(|txn| {
            let mut counts = (0, 0, 0);
            for run in batch {
                let stand_in = stand_ins.get(run);
                let (series, points, set_aside) = rebuild_run(txn, *run, stand_in)?;
                counts = (counts.0 + series, counts.1 + points, counts.2 + set_aside);
            }
            Ok(counts)
        })?;
        salvaged.runs += batch.len() as u64;
        salvaged.series += series;
        salvaged.points += points;
        salvaged.lost_rows += set_aside;
    }
    Ok(())
}

/// All runs that anything was found of.
fn run_ids(store: &Store) -> Result<Vec<RunId>> {
    let txn = store.read()?;
    let tables = txn.tables;
    let mut ids = Vec::new();
    for table in [tables.runs, tables.params, tables.chunks, tables.logs] {
        let found = prefixes(&txn, table, &[])?;
        ids.extend(found.into_iter().map(RunId::from_be_bytes));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The different beginnings, `N` bytes long, of the keys that start with `prefix`.
fn prefixes<const N: usize>(txn: &Txn<'_>, table: Database, prefix: &[u8]) -> Result<Vec<[u8; N]>> {
    let mut found = Vec::new();
    let mut scan = txn.cursor(table)?;
    // LMDB takes no empty key.
    let mut row = scan.seek(if prefix.is_empty() { &[0] } else { prefix })?;
    while let Some((key, _)) = row.filter(|(key, _)| key.starts_with(prefix)) {
        let Some(start) = key.first_chunk::<N>() else {
            row = scan.next_row()?;
            continue;
        };
        found.push(*start);
        let mut after = *start;
        let Some(digit) = after.iter().rposition(|byte| *byte != u8::MAX) else {
            break;
        };
        after[digit] += 1;
        after[digit + 1..].fill(0);
        row = scan.seek(&after)?;
    }
    Ok(found)
}

/// Records for runs that lost theirs: what the old index tells of them, or else nothing but a hash.
fn stand_ins(lost: &[RunId], file: &File, path: &Path) -> Result<HashMap<RunId, RunRecord>> {
    let mut records: HashMap<RunId, RunRecord> =
        lost.iter().map(|run| (*run, unknown_run(*run))).collect();
    if lost.is_empty() {
        return Ok(records);
    }
    PageWalk::new(file, path)?.visit(|place, key, _| {
        if matches!(place, Place::Tree("index") | Place::Orphan)
            && let Some((field, value, run)) = index::read_row(key)
            && let Some(record) = records.get_mut(&run)
        {
            learn(record, field, &value);
        }
        Ok(())
    })?;
    Ok(records)
}

fn unknown_run(run: RunId) -> RunRecord {
    let mut hash = [0; 12];
    hash.copy_from_slice(&xxh3_128(&run.to_be_bytes()).to_be_bytes()[..12]);
    RunRecord {
        state: RunState::Crashed,
        description: "The record of this run was lost; its params and metrics were salvaged."
            .into(),
        ..RunRecord::new(hash, "default", 0)
    }
}

fn learn(record: &mut RunRecord, field: Field, value: &Indexed) {
    match (field, value) {
        (Field::Hash, Indexed::Text(text)) => {
            if let Ok(hash) = crate::store::parse_hash(text) {
                record.hash = hash;
            }
        }
        (Field::Experiment, Indexed::Text(text)) => record.experiment = (*text).to_owned(),
        (Field::Name, Indexed::Text(text)) => record.name = Some((*text).to_owned()),
        (Field::Tag, Indexed::Text(text)) => record.tags.push((*text).to_owned()),
        (Field::CreatedAt, Indexed::Number(seconds)) => record.created_at = (seconds * 1e6) as i64,
        (Field::Archived, _) => record.archived = true,
        _ => {}
    }
}

/// Makes a run's rows whole; returns its sequences, their points, and rows that had to be set aside.
fn rebuild_run(
    txn: &mut WriteTxn<'_>,
    run: RunId,
    stand_in: Option<&RunRecord>,
) -> Result<(u64, u64, u64)> {
    let record = match (txn.run(run)?, stand_in) {
        (Some(record), _) => record,
        (None, Some(stand_in)) => {
            txn.put_run(run, stand_in)?;
            stand_in.clone()
        }
        (None, None) => return Ok((0, 0, 0)),
    };
    txn.index_new_run(run, &record)?;
    let mut set_aside = rebuild_params(txn, run)?;
    let (mut series, mut points) = (0, 0);
    let keys: Vec<[u8; SeriesKey::SIZE]> = prefixes(txn, txn.tables.chunks, &run.to_be_bytes())?;
    for key in keys.iter().filter_map(|key| SeriesKey::from_bytes(key)) {
        name_or_stand_in(txn, Kind::Name, key.name)?;
        name_or_stand_in(txn, Kind::Context, key.context)?;
        txn.index_series(key)?;
        set_aside += txn.repair_series(key)? as u64;
        series += 1;
        points += txn.aggregates(key)?.map_or(0, |a| a.count);
    }
    for key in txn.rebuild_objects(run)? {
        name_or_stand_in(txn, Kind::Name, key.name)?;
        name_or_stand_in(txn, Kind::Context, key.context)?;
        series += 1;
    }
    Ok((series, points, set_aside))
}

fn rebuild_params(txn: &mut WriteTxn<'_>, run: RunId) -> Result<u64> {
    let mut found = Vec::new();
    for (id, _, tree) in txn.param_rows(run)? {
        found.push((id, Tree::decode(tree).ok()));
    }
    let mut set_aside = 0;
    for (id, tree) in found {
        let pointer = name_or_stand_in(txn, Kind::Path, id)?;
        match tree {
            Some(tree) => txn.index_param(run, &pointer, &tree)?,
            None => {
                txn.set_param_row_aside(run, id)?;
                set_aside += 1;
            }
        }
    }
    Ok(set_aside)
}

/// The text of an interned string. One that was lost gets a text that says so.
fn name_or_stand_in(txn: &mut WriteTxn<'_>, kind: Kind, id: u32) -> Result<String> {
    if let Ok(text) = txn.string(kind, id) {
        let text = text.to_owned();
        if txn.find_string(kind, &text)? != Some(id) {
            txn.put_string(kind, id, &text)?;
        }
        return Ok(text);
    }
    let text = match kind {
        Kind::Name => format!("lost name {id}"),
        Kind::Context => format!("{{\"lost_context\":{id}}}"),
        Kind::Path => format!("/lost name {id}"),
    };
    txn.put_string(kind, id, &text)?;
    Ok(text)
}
