//! What keeps a store. Some spread runs over several servers, by their hash: Citus does that by itself, PostgreSQL by partitions
//! that are foreign tables.

use postgres::{Client, Transaction};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// One server has everything
    #[default]
    Plain,
    /// Citus: this server coordinates others
    Citus,
    /// The foreign servers aim_0, aim_1, ..., each a store already, have a part of the runs each
    Servers,
}

/// The tables that are spread.
const SPREAD: [&str; 6] = [
    "aim_run",
    "aim_param",
    "aim_series",
    "aim_chunk",
    "aim_log",
    "aim_cursor",
];
/// Where all servers have the same.
const SAME: [&str; 2] = ["aim_meta", "aim_source"];
/// Shards on Citus; a multiple of many numbers of workers.
const SHARDS: u32 = 48;

impl Engine {
    /// That of a store that is there.
    pub fn of(client: &mut Client) -> Result<Engine, postgres::Error> {
        let sql = "SELECT relkind = 'p', to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL FROM pg_class \
                   WHERE oid = 'aim.aim_run'::regclass";
        let row = client.query_one(sql, &[])?;
        if row.get(0) {
            return Ok(Engine::Servers);
        }
        let sql = "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'aim.aim_run'::regclass)";
        match row.get(1) {
            true if client.query_one(sql, &[])?.get(0) => Ok(Engine::Citus),
            _ => Ok(Engine::Plain),
        }
    }

    /// Runs of one transaction at most.
    pub fn runs(self) -> usize {
        match self {
            Engine::Plain => 64,
            Engine::Citus | Engine::Servers => 32,
        }
    }

    /// Foreign tables know no `ON CONFLICT DO UPDATE`.
    pub fn replaces(self) -> bool {
        self != Engine::Servers
    }

    /// Spreads tables that were just made, in the transaction that made them.
    pub fn spread(self, txn: &mut Transaction<'_>) -> Result<(), postgres::Error> {
        match self {
            Engine::Plain => Ok(()),
            Engine::Citus => {
                let mut sql = "SET LOCAL citus.multi_shard_modify_mode TO 'sequential';".to_owned();
                for table in SAME {
                    sql.push_str(&format!("SELECT create_reference_table('aim.{table}');"));
                }
                for (at, table) in SPREAD.iter().enumerate() {
                    let how = match at {
                        0 => format!("shard_count => {SHARDS}"),
                        _ => "colocate_with => 'aim.aim_run'".to_owned(),
                    };
                    sql.push_str(&format!(
                        "SELECT create_distributed_table('aim.{table}', 'run', {how});"
                    ));
                }
                txn.batch_execute(&sql)
            }
            Engine::Servers => {
                let servers = servers(txn)?;
                for table in SPREAD {
                    let mut sql = format!(
                        "CREATE TABLE aim.spread (LIKE aim.{table} INCLUDING DEFAULTS) PARTITION BY HASH (run); \
                         DROP TABLE aim.{table}; ALTER TABLE aim.spread RENAME TO {table};"
                    );
                    for (at, server) in servers.iter().enumerate() {
                        sql.push_str(&format!(
                            "CREATE FOREIGN TABLE aim.{table}_{at} PARTITION OF aim.{table} \
                             FOR VALUES WITH (MODULUS {}, REMAINDER {at}) SERVER {server} \
                             OPTIONS (schema_name 'aim', table_name '{table}');",
                            servers.len()
                        ));
                    }
                    txn.batch_execute(&sql)?;
                }
                Ok(())
            }
        }
    }
}

/// Foreign servers that have a part of the runs each, in the order of their numbers.
fn servers(txn: &mut Transaction<'_>) -> Result<Vec<String>, postgres::Error> {
    let sql = "SELECT srvname::text FROM pg_foreign_server WHERE srvname ~ '^aim_[0-9]+$' \
               ORDER BY substr(srvname, 5)::int";
    let rows = txn.query(sql, &[])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
