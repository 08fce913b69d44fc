//! Opening a central store, and making one.

use super::connect::Store;
use super::engine::Engine;
use super::{schema, shards};
use crate::failure::Failure;

impl Store {
    /// Connects to a store whose schema this program knows.
    pub fn open(url: &str) -> Result<Store, Failure> {
        let mut store = Store::connect(url)?;
        schema::check(&mut store)?;
        store.recognise()?;
        Ok(store)
    }

    /// Connects, and makes the schema, of this kind, or brings it to the present version.
    pub fn prepare(url: &str, engine: Engine) -> Result<Store, Failure> {
        let mut store = Store::connect(url)?;
        let is_new = schema::is_new(&mut store)?;
        if is_new {
            shards::check(&mut store, engine)?;
        }
        schema::bring_up(&mut store, engine)?;
        store.recognise()?;
        if engine != Engine::Plain && store.engine != engine {
            return Err(
                Failure::new(format_args!("{} is a store already", store.shown()))
                    .why("what is there is not spread anew")
                    .advice("make another store, and sync the repositories to it"),
            );
        }
        Ok(store)
    }
}
