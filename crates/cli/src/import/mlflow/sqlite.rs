//! MLflow's store in a database of SQLite, which is opened for reading alone.

use super::{Found, Point, Store, moment};
use crate::failure::{Doing as _, Failure};
use crate::import::Report;
use aim_value::Tree;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row, limits::Limit};
use std::path::Path;
use std::time::Duration;

/// Longest text or blob.
const LONGEST: i32 = 1 << 24;
/// A server that writes holds its lock for less.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Database {
    connection: Connection,
}

fn failed(e: rusqlite::Error) -> Failure {
    Failure::new("SQLite cannot read it").why(e)
}

/// The tables that are read, with what must be in them.
const TABLES: [&str; 7] = [
    "experiments",
    "runs",
    "metrics",
    "params",
    "tags",
    "inputs",
    "datasets",
];
/// Those that old versions did not have.
const NEW: [&str; 2] = ["inputs", "datasets"];

impl Database {
    pub fn open(path: &Path) -> Result<Database, Failure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        let settled = || -> rusqlite::Result<()> {
            connection.busy_timeout(PATIENCE)?;
            connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
            // Nothing in the file makes SQLite call anything.
            connection.pragma_update(None, "trusted_schema", false)?;
            connection.pragma_update(None, "cell_size_check", true)
        };
        settled().map_err(failed)?;
        let database = Database { connection };
        database.check()?;
        Ok(database)
    }

    /// A view in place of a table could have rows without end.
    fn check(&self) -> Result<(), Failure> {
        for table in TABLES {
            if !self.has(table).map_err(failed)? && !NEW.contains(&table) {
                return Err(
                    Failure::new(format_args!("the database has no table {table}"))
                        .advice("name the file that mlflow --backend-store-uri sqlite:///FILE got"),
                );
            }
        }
        Ok(())
    }

    fn has(&self, table: &str) -> rusqlite::Result<bool> {
        let asked = "SELECT count(*) FROM sqlite_master WHERE name = ?1 AND type = 'table'";
        let found: i64 = self
            .connection
            .query_row(asked, [table], |row| row.get(0))?;
        Ok(found == 1)
    }

    /// Rows of a question about a run.
    fn of_run<T>(
        &self,
        asked: &str,
        run_id: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(asked)?;
        statement.query_map([run_id], read)?.collect()
    }

    fn pairs(&self, table: &str, run_id: &str) -> rusqlite::Result<Vec<(String, String)>> {
        let asked = format!("SELECT key, value FROM {table} WHERE run_uuid = ?1 ORDER BY key");
        self.of_run(&asked, run_id, |row| Ok((text(row, 0)?, text(row, 1)?)))
    }

    fn describe(&self, found: &mut Found) -> rusqlite::Result<()> {
        found.params = self.pairs("params", &found.run_id)?;
        found.tags = self.pairs("tags", &found.run_id)?;
        let asked =
            "SELECT key, count(*), max(timestamp), total(value) FROM metrics WHERE run_uuid = ?1
            GROUP BY key ORDER BY key";
        let metrics = self.of_run(asked, &found.run_id, |row| {
            let about = (number(row, 1)?, number(row, 2)?, number(row, 3)?);
            Ok((text(row, 0)?, about))
        })?;
        found.state = format!("{:?} {:?} {:?}", found.params, found.tags, metrics);
        found.metrics = metrics.into_iter().map(|(key, _)| key).collect();
        if NEW.iter().all(|table| self.has(table).unwrap_or(false)) {
            let asked = "SELECT d.name, d.digest, d.dataset_source_type, d.dataset_source
                FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
                WHERE i.destination_id = ?1 ORDER BY d.name, d.digest";
            found.datasets = self.of_run(asked, &found.run_id, |row| {
                let keys = ["name", "digest", "source_type", "source"].into_iter();
                let entries = keys
                    .enumerate()
                    .map(|(i, key)| Ok((key.to_owned(), Tree::Str(text(row, i)?))));
                Ok(Tree::Dict(entries.collect::<rusqlite::Result<_>>()?))
            })?;
        }
        Ok(())
    }
}

/// A cell as text, whatever it is; SQLite keeps any type anywhere.
fn text(row: &Row<'_>, i: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(i)? {
        ValueRef::Null => String::new(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(f) => f.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
    })
}

fn some(row: &Row<'_>, i: usize) -> rusqlite::Result<Option<String>> {
    Ok(Some(text(row, i)?).filter(|text| !text.is_empty()))
}

fn number(row: &Row<'_>, i: usize) -> rusqlite::Result<Option<f64>> {
    Ok(match row.get_ref(i)? {
        ValueRef::Integer(n) => Some(n as f64),
        ValueRef::Real(f) => Some(f),
        ValueRef::Text(_) => text(row, i)?.parse().ok(),
        _ => None,
    })
}

impl Store for Database {
    fn runs(&mut self, _: &mut Report) -> Result<Vec<Found>, Failure> {
        let asked = "SELECT r.run_uuid, e.name, r.name, r.status, r.start_time, r.end_time, r.lifecycle_stage,
                r.artifact_uri
            FROM runs r LEFT JOIN experiments e ON e.experiment_id = r.experiment_id
            ORDER BY r.start_time, r.run_uuid";
        let all = || -> rusqlite::Result<Vec<Found>> {
            let mut statement = self.connection.prepare(asked)?;
            let runs = statement.query_map([], |row| {
                Ok(Found {
                    run_id: text(row, 0)?,
                    experiment: some(row, 1)?,
                    name: some(row, 2)?,
                    status: some(row, 3)?,
                    begun: number(row, 4)?.and_then(moment),
                    ended: number(row, 5)?.and_then(moment),
                    deleted: text(row, 6)? == "deleted",
                    artifacts: some(row, 7)?,
                    ..Found::default()
                })
            })?;
            let mut runs: Vec<Found> = runs.collect::<rusqlite::Result<_>>()?;
            for found in &mut runs {
                self.describe(found)?;
                let about = (&found.name, &found.status, found.ended.map(|t| t.micros()));
                found
                    .state
                    .push_str(&format!("{about:?} {}", found.deleted));
            }
            Ok(runs)
        };
        all().map_err(failed)
    }

    fn points(
        &mut self,
        run: &Found,
        metric: &str,
        report: &mut Report,
    ) -> Result<Vec<Point>, Failure> {
        let asked =
            "SELECT step, value, timestamp, is_nan FROM metrics WHERE run_uuid = ?1 AND key = ?2
            ORDER BY timestamp, rowid";
        let mut points = Vec::new();
        let mut lost = 0;
        let mut all = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(asked)?;
            let mut rows = statement.query([&run.run_id, metric])?;
            while let Some(row) = rows.next()? {
                let step = match row.get_ref(0)? {
                    ValueRef::Integer(step) => step,
                    _ => 0,
                };
                let time = number(row, 2)?.and_then(moment);
                let value = match number(row, 3)? {
                    Some(1.0) => Some(f64::NAN),
                    // MLflow puts the greatest number for what SQL does not have.
                    _ => number(row, 1)?.map(|value| match value.abs() {
                        f64::MAX => f64::INFINITY.copysign(value),
                        _ => value,
                    }),
                };
                match value.zip(time) {
                    Some((value, time)) => points.push((step, value, time)),
                    None => lost += 1,
                }
            }
            Ok(())
        };
        all()
            .map_err(failed)
            .doing(|| format!("the metric {metric:?} cannot be read"))?;
        report.lost("points whose values or times are none", lost);
        Ok(points)
    }
}
