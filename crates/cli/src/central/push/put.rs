//! What is brought, as rows of the store's tables.

use super::Stop;
use crate::central::engine::Engine;
use crate::central::rows::{self, Chunk};
use aim::error::Status;
use aim::query::RunId;
use aim::repo::exchange::{Moment, Outline, SeriesOutline};
use aim_value::Tree;
use postgres::Transaction;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::ToSql;
use std::collections::{HashMap, HashSet};

/// Records and params.
pub(super) fn put_runs(
    txn: &mut Transaction<'_>,
    engine: Engine,
    mine: &[(usize, &Outline)],
    hashes: &[&[u8]],
) -> Result<(), Stop> {
    let sql = "SELECT run, params_sum FROM aim_run WHERE run = ANY($1)";
    let there = txn.query(sql, &[&hashes])?;
    let there: HashMap<Vec<u8>, i64> = there.iter().map(|r| (r.get(0), r.get(1))).collect();
    let mut columns: Vec<Columns> = Vec::new();
    let mut changed: Vec<(&[u8], Tree)> = Vec::new();
    for (at, outline) in mine {
        let tree = Tree::decode(&outline.params).map_err(|e| Stop::Damaged(*at, e.into()))?;
        columns.push(Columns::of(outline, &tree));
        if there.get(&outline.record.hash[..]) != Some(&(outline.params_sum as i64)) {
            changed.push((&outline.record.hash[..], tree));
        }
    }
    let values: Vec<&(dyn ToSql + Sync)> = columns.iter().flat_map(Columns::values).collect();
    let tail = match engine.replaces() {
        true => Columns::replace(),
        false => {
            txn.execute("DELETE FROM aim_run WHERE run = ANY($1)", &[&hashes])?;
            String::new()
        }
    };
    rows::insert(txn, "aim_run", &Columns::NAMES, &tail, &values)?;
    let old: Vec<&[u8]> = changed
        .iter()
        .map(|(hash, _)| *hash)
        .filter(|hash| there.contains_key(*hash))
        .collect();
    if !old.is_empty() {
        txn.execute("DELETE FROM aim_param WHERE run = ANY($1)", &[&old])?;
    }
    if changed.is_empty() {
        return Ok(());
    }
    let mut copy = BinaryCopyInWriter::new(txn.copy_in(rows::PARAM)?, &rows::PARAM_TYPES);
    for (hash, tree) in &changed {
        let mut outcome = Ok(());
        let mut seen = HashSet::new();
        rows::params(tree, &mut |path, number, string| {
            // Two keys may differ in what PostgreSQL has not.
            if outcome.is_ok() && seen.insert(path.to_owned()) {
                outcome = copy.write(&[hash, &path, &number, &string]);
            }
        });
        outcome?;
    }
    copy.finish()?;
    Ok(())
}

/// The row of a run.
struct Columns {
    run: Vec<u8>,
    experiment: String,
    name: Option<String>,
    description: String,
    tags: Vec<String>,
    archived: bool,
    state: i16,
    exit_code: Option<i32>,
    signal: Option<i32>,
    created_at: i64,
    finalized_at: Option<i64>,
    seen_at: i64,
    params: String,
    params_exact: Vec<u8>,
    params_sum: i64,
    exact: Vec<u8>,
}

impl Columns {
    const NAMES: [(&'static str, &'static str); 16] = [
        ("run", ""),
        ("experiment", ""),
        ("name", ""),
        ("description", ""),
        ("tags", ""),
        ("archived", ""),
        ("state", ""),
        ("exit_code", ""),
        ("signal", ""),
        ("created_at", ""),
        ("finalized_at", ""),
        ("seen_at", ""),
        ("params", "::text::jsonb"),
        ("params_exact", ""),
        ("params_sum", ""),
        ("exact", ""),
    ];

    fn replace() -> String {
        replacing("run", &Columns::NAMES)
    }

    fn of(outline: &Outline, params: &Tree) -> Columns {
        let record = &outline.record;
        Columns {
            run: record.hash.to_vec(),
            experiment: rows::short(&record.experiment),
            name: record.name.as_deref().map(rows::text),
            description: rows::text(&record.description),
            tags: record.tags.iter().map(|tag| rows::short(tag)).collect(),
            archived: record.archived,
            state: record.state as i16,
            exit_code: record.exit_code,
            signal: record.signal,
            created_at: record.created_at,
            finalized_at: record.finalized_at,
            seen_at: aim::repo::now_micros(),
            params: rows::json(params),
            params_exact: outline.params.clone(),
            params_sum: outline.params_sum as i64,
            exact: record.to_bytes(),
        }
    }

    fn values(&self) -> [&(dyn ToSql + Sync); 16] {
        [
            &self.run,
            &self.experiment,
            &self.name,
            &self.description,
            &self.tags,
            &self.archived,
            &self.state,
            &self.exit_code,
            &self.signal,
            &self.created_at,
            &self.finalized_at,
            &self.seen_at,
            &self.params,
            &self.params_exact,
            &self.params_sum,
            &self.exact,
        ]
    }
}

/// The end of an `INSERT` that replaces the row of the same key.
fn replacing(key: &str, columns: &[(&str, &str)]) -> String {
    let names = columns.iter().map(|(name, _)| *name);
    let sets: Vec<String> = names
        .filter(|name| !key.split(", ").any(|part| part == *name))
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    format!("ON CONFLICT ({key}) DO UPDATE SET {}", sets.join(", "))
}

/// A sequence that is not there as it is.
struct Changed<'o> {
    /// Of which run of the batch.
    at: usize,
    outline: &'o Outline,
    series: &'o SeriesOutline,
    /// There is no row of it.
    is_new: bool,
}

/// Sequences and their points; how many were sent.
pub(super) fn put_series(
    txn: &mut Transaction<'_>,
    engine: Engine,
    present: &Moment<'_>,
    mine: &[(usize, &Outline)],
    hashes: &[&[u8]],
) -> Result<u64, Stop> {
    let sql = "SELECT run, sid, sum FROM aim_series WHERE run = ANY($1)";
    let mut there: HashMap<(Vec<u8>, i64), i64> = HashMap::new();
    for row in txn.query(sql, &[&hashes])? {
        there.insert((row.get(0), row.get(1)), row.get(2));
    }
    let mut changed: Vec<Changed<'_>> = Vec::new();
    // Chunks that are there of sequences that changed: their sums by first step.
    let mut chunks: HashMap<(Vec<u8>, i64), HashMap<i64, i64>> = HashMap::new();
    for (at, outline) in mine {
        let mut again = Vec::new();
        for series in &outline.series {
            let sid = series.id() as i64;
            let before = there.remove(&(outline.record.hash.to_vec(), sid));
            match before {
                Some(sum) if sum == series.sum as i64 => continue,
                Some(_) => again.push(sid),
                None => {}
            }
            changed.push(Changed {
                at: *at,
                outline,
                series,
                is_new: before.is_none() || !engine.replaces(),
            });
        }
        if again.is_empty() {
            continue;
        }
        let hash = &outline.record.hash[..];
        if !engine.replaces() {
            let sql = "DELETE FROM aim_series WHERE run = $1 AND sid = ANY($2)";
            txn.execute(sql, &[&hash, &again])?;
        }
        let sql = "SELECT sid, first_step, sum FROM aim_chunk WHERE run = $1 AND sid = ANY($2)";
        for row in txn.query(sql, &[&hash, &again])? {
            let of = chunks.entry((hash.to_vec(), row.get(0))).or_default();
            of.insert(row.get(1), row.get(2));
        }
    }
    // Sequences that are gone here.
    for (hash, sid) in there.keys() {
        for table in ["aim_chunk", "aim_series"] {
            let sql = format!("DELETE FROM {table} WHERE run = $1 AND sid = $2");
            txn.execute(&sql, &[hash, sid])?;
        }
    }
    put_series_rows(txn, &changed)?;
    let mut wanted = Vec::new();
    for Changed {
        at,
        outline,
        series,
        ..
    } in &changed
    {
        let hash = &outline.record.hash[..];
        let sid = series.id() as i64;
        let mut old = chunks.remove(&(hash.to_vec(), sid)).unwrap_or_default();
        for piece in &series.pieces {
            match old.get(&piece.first_step) {
                Some(sum) if *sum == piece.sum as i64 => drop(old.remove(&piece.first_step)),
                _ => wanted.push((*at, hash, *series, piece)),
            }
        }
        if !old.is_empty() {
            let steps: Vec<i64> = old.into_keys().collect();
            let sql = "DELETE FROM aim_chunk WHERE run = $1 AND sid = $2 AND first_step = ANY($3)";
            txn.execute(sql, &[&hash, &sid, &steps])?;
        }
    }
    if wanted.is_empty() {
        return Ok(0);
    }
    let mut points = 0;
    let mut copy = BinaryCopyInWriter::new(txn.copy_in(rows::CHUNK)?, &rows::CHUNK_TYPES);
    for (at, hash, series, piece) in wanted {
        let read = present.points(series, piece).map_err(|e| match e.status {
            Status::Corrupt => Stop::Damaged(at, e),
            _ => Stop::Repo(e),
        })?;
        points += read.len() as u64;
        let (sid, sum) = (series.id() as i64, piece.sum as i64);
        let c = Chunk::of(read);
        copy.write(&[
            &hash,
            &sid,
            &c.first_step,
            &c.last_step,
            &c.count,
            &piece.sealed,
            &sum,
            &c.stride,
            &c.steps,
            &c.v4,
            &c.v8,
            &c.epoch,
            &c.epochs,
            &c.time0,
            &c.t4,
            &c.t8,
        ])?;
    }
    copy.finish()?;
    Ok(points)
}

/// New rows are copied, which costs a server least: the cursors of their runs are this transaction's, so nobody else makes them.
fn put_series_rows(txn: &mut Transaction<'_>, changed: &[Changed<'_>]) -> Result<(), Stop> {
    struct Texts {
        numbers: [i64; 5],
        name: String,
        context: String,
        bounds: [f64; 2],
        exact: Option<Vec<u8>>,
    }
    let mut all = Vec::new();
    for Changed { at, series, .. } in changed {
        let context = Tree::from_json(&series.context).map_err(|e| Stop::Damaged(*at, e.into()))?;
        let (a, name) = (&series.aggregates, rows::short(&series.name));
        all.push(Texts {
            numbers: [
                series.id() as i64,
                a.count as i64,
                a.first_step,
                a.last_step,
                series.sum as i64,
            ],
            context: rows::json(&context),
            bounds: [a.min(), a.max()],
            exact: (name != series.name).then(|| series.name.clone().into_bytes()),
            name,
        });
    }
    let hashes: Vec<&[u8]> = changed
        .iter()
        .map(|one| &one.outline.record.hash[..])
        .collect();
    let mut new: Vec<[&(dyn ToSql + Sync); 14]> = Vec::new();
    let mut other: Vec<&(dyn ToSql + Sync)> = Vec::new();
    let json: Vec<rows::Json<'_>> = all.iter().map(|t| rows::Json(&t.context)).collect();
    for (n, (one, texts)) in changed.iter().zip(&all).enumerate() {
        let [sid, count, first_step, last_step, sum] = &texts.numbers;
        let a = &one.series.aggregates;
        let context: &(dyn ToSql + Sync) = match one.is_new {
            true => &json[n],
            false => &texts.context,
        };
        let row: [&(dyn ToSql + Sync); 14] = [
            &hashes[n],
            sid,
            &texts.name,
            context,
            count,
            first_step,
            &a.first,
            last_step,
            &a.last,
            &texts.bounds[0],
            &texts.bounds[1],
            &texts.exact,
            &one.series.context,
            sum,
        ];
        match one.is_new {
            true => new.push(row),
            false => other.extend(row),
        }
    }
    if !new.is_empty() {
        let mut copy = BinaryCopyInWriter::new(txn.copy_in(rows::NEW_SERIES)?, &rows::SERIES_TYPES);
        new.iter().try_for_each(|row| copy.write(row))?;
        copy.finish()?;
    }
    let tail = replacing("run, sid", &rows::SERIES);
    rows::insert(txn, "aim_series", &rows::SERIES, &tail, &other)?;
    Ok(())
}

/// Rows of logs, notes among them.
pub(super) fn put_logs(
    txn: &mut Transaction<'_>,
    present: &Moment<'_>,
    mine: &[(usize, &Outline)],
    hashes: &[&[u8]],
) -> Result<(), Stop> {
    let sql = "SELECT run, stream, first, sum FROM aim_log WHERE run = ANY($1)";
    let mut there: HashMap<(Vec<u8>, i16, i64), i64> = HashMap::new();
    for row in txn.query(sql, &[&hashes])? {
        there.insert((row.get(0), row.get(1), row.get(2)), row.get(3));
    }
    let mut wanted: HashMap<RunId, HashMap<(i16, i64), i64>> = HashMap::new();
    for (_, outline) in mine {
        for part in &outline.logs {
            let (stream, first) = (part.stream as i16, part.first as i64);
            let key = (outline.record.hash.to_vec(), stream, first);
            match there.get(&key) {
                Some(sum) if *sum == part.sum as i64 => drop(there.remove(&key)),
                _ => {
                    let of = wanted.entry(outline.run).or_default();
                    of.insert((stream, first), part.sum as i64);
                }
            }
        }
    }
    let mut old: HashMap<(&[u8], i16), Vec<i64>> = HashMap::new();
    for (hash, stream, first) in there.keys() {
        old.entry((hash, *stream)).or_default().push(*first);
    }
    for ((hash, stream), firsts) in old {
        let sql = "DELETE FROM aim_log WHERE run = $1 AND stream = $2 AND first = ANY($3)";
        txn.execute(sql, &[&hash, &stream, &firsts])?;
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let mut copy = BinaryCopyInWriter::new(txn.copy_in(rows::LOG)?, &rows::LOG_TYPES);
    for (at, outline) in mine {
        let Some(parts) = wanted.get(&outline.run) else {
            continue;
        };
        let hash = &outline.record.hash[..];
        let mut failed = None;
        let visited = present.logs(outline.run, |stream, first, content| {
            let (stream, first) = (stream as i16, first as i64);
            if let (None, Some(sum)) = (&failed, parts.get(&(stream, first))) {
                let row: [&(dyn ToSql + Sync); 5] = [&hash, &stream, &first, sum, &content];
                failed = copy.write(&row).err();
            }
            Ok(())
        });
        if let Some(e) = failed {
            return Err(e.into());
        }
        visited.map_err(|e| match e.status {
            Status::Corrupt => Stop::Damaged(*at, e),
            _ => Stop::Repo(e),
        })?;
    }
    copy.finish()?;
    Ok(())
}
