//! Which runs lie together where a store spreads them over several servers. A transaction that brings runs touches one server
//! alone: several at once would have to agree on every one, and wait for each other.

use super::connect::Store;
use super::engine::Engine;
use crate::failure::Failure;
use std::collections::HashMap;

/// Whether what an engine needs is there.
pub fn check(store: &mut Store, engine: Engine) -> Result<(), Failure> {
    let (sql, why, advice) = match engine {
        Engine::Plain => return Ok(()),
        Engine::Citus => (
            "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')",
            "it has no extension citus",
            "CREATE EXTENSION citus, and add workers, before",
        ),
        Engine::Servers => (
            "SELECT EXISTS (SELECT FROM pg_foreign_server WHERE srvname ~ '^aim_[0-9]+$')",
            "it has no foreign servers aim_0, aim_1 and so on",
            "docs/central.md shows how they are made",
        ),
    };
    let found = store.client.query_one(sql, &[]);
    match found.map_err(|e| store.failure(&e))?.get(0) {
        true => Ok(()),
        false => Err(
            Failure::new(format_args!("{} cannot spread runs", store.shown()))
                .why(why)
                .advice(advice),
        ),
    }
}

/// Which runs lie together; all do where nothing is spread.
pub fn shards(store: &mut Store, runs: &[&[u8]]) -> Result<HashMap<Vec<u8>, i64>, postgres::Error> {
    let sql = match store.engine {
        Engine::Plain => return Ok(HashMap::new()),
        Engine::Citus => {
            "SELECT r, get_shard_id_for_distribution_column('aim.aim_run', r) FROM unnest($1::bytea[]) AS r"
        }
        Engine::Servers => {
            "WITH parts AS (SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'aim.aim_run'::regclass) \
             SELECT r, i::bigint FROM unnest($1::bytea[]) AS r, parts, LATERAL (SELECT i FROM generate_series(0, n - 1) AS i \
             WHERE satisfies_hash_partition('aim.aim_run'::regclass, n, i, r)) AS place"
        }
    };
    let rows = store.client.query(sql, &[&runs])?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
