//! The schema of the central store: its versions, and the way from each to the next.

use super::connect::Store;
use super::engine::Engine;
use crate::failure::Failure;

/// What makes each version of the one before; the first of nothing.
const STEPS: [&str; 2] = [include_str!("schema_1.sql"), include_str!("schema_2.sql")];
const PRESENT: i32 = STEPS.len() as i32;

/// Where the first version has all its tables.
const VIEWS: &str = "CREATE VIEW";

/// Whether there is no store yet.
pub fn is_new(store: &mut Store) -> Result<bool, Failure> {
    Ok(version(store)? == 0)
}

/// The version of the store; 0 where there is none.
fn version(store: &mut Store) -> Result<i32, Failure> {
    let there = "SELECT to_regclass('aim.aim_meta') IS NOT NULL";
    let ask = |store: &mut Store| -> Result<i32, postgres::Error> {
        if !store.client.query_one(there, &[])?.get::<_, bool>(0) {
            return Ok(0);
        }
        let format = "SELECT value::int FROM aim.aim_meta WHERE key = 'format'";
        let row = store.client.query_opt(format, &[])?;
        Ok(row.map_or(0, |row| row.get(0)))
    };
    ask(store).map_err(|e| store.failure(&e))
}

fn refuse_newer(store: &Store, version: i32) -> Result<(), Failure> {
    if version <= PRESENT {
        return Ok(());
    }
    Err(Failure::new(format_args!(
        "{} is of version {version}, and this program knows those up to {PRESENT}",
        store.shown()
    ))
    .advice("use a newer libaim"))
}

/// Whether this program can work with the store.
pub fn check(store: &mut Store) -> Result<(), Failure> {
    let version = version(store)?;
    refuse_newer(store, version)?;
    match version {
        PRESENT => Ok(()),
        0 => Err(
            Failure::new(format_args!("{} is no central store yet", store.shown()))
                .why("its database has no table aim.aim_meta that this user may see")
                .advice("its owner makes it one with libaim sync --init URL, and lets you in: docs/central.md"),
        ),
        old => Err(Failure::new(format_args!(
            "{} is of version {old}, and this program needs {PRESENT}",
            store.shown()
        ))
        .advice("its owner brings it up with libaim sync --init URL")),
    }
}

/// Makes the store, or brings it to the present version: one transaction each step, one process at a time.
pub fn bring_up(store: &mut Store, engine: Engine) -> Result<(), Failure> {
    loop {
        let before = version(store)?;
        refuse_newer(store, before)?;
        let Some(step) = STEPS.get(before as usize) else {
            return Ok(());
        };
        let take = |store: &mut Store| -> Result<(), postgres::Error> {
            let mut txn = store.client.transaction()?;
            // Another one may have been faster: it is looked again under the lock.
            txn.batch_execute("SELECT pg_advisory_xact_lock(6148914691236517205)")?;
            let there = txn.query_one("SELECT to_regclass('aim.aim_meta') IS NOT NULL", &[])?;
            let now = match there.get::<_, bool>(0) {
                false => 0,
                true => {
                    let format = "SELECT value::int FROM aim.aim_meta WHERE key = 'format'";
                    txn.query_one(format, &[])?.get(0)
                }
            };
            if now == before {
                txn.batch_execute("CREATE SCHEMA IF NOT EXISTS aim")?;
                // Tables are spread before anything refers to them.
                let (tables, rest) = match before {
                    0 => step.split_at(step.find(VIEWS).unwrap_or(step.len())),
                    _ => (*step, ""),
                };
                txn.batch_execute(tables)?;
                if before == 0 {
                    engine.spread(&mut txn)?;
                }
                txn.batch_execute(rest)?;
            }
            txn.commit()
        };
        take(store).map_err(|e| store.failure(&e))?;
    }
}
