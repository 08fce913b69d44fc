//! Which table a row belongs to, and whether it is sound. A page that no tree leads to does not say whose it is; its rows
//! do, by the size of their keys and their checksums.

use crate::store::block::{self, Header};
use crate::store::keys::SeriesKey;
use crate::store::points::Points;
use crate::store::runs::RunView;
use crate::store::tables::{
    ABOUT, DOCUMENT, JOURNAL, NEXT_RUN, OUTGOING, PART, SEGMENT, Tables, WRITER,
};
use crate::store::{checked, journals, logs, objects, params, writers};
use lmdb::Database;
use std::borrow::Cow;

const BLOCK_KEY: usize = SeriesKey::SIZE + size_of::<i64>();

/// The tables that are copied. The others are made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    Strings,
    Runs,
    Params,
    Chunks,
    Logs,
    /// These are copied from intact trees alone.
    Meta,
    Damaged,
}

impl Table {
    pub fn named(name: &str) -> Option<Table> {
        Some(match name {
            "strings" => Table::Strings,
            "runs" => Table::Runs,
            "params" => Table::Params,
            "chunks" => Table::Chunks,
            "logs" => Table::Logs,
            "meta" => Table::Meta,
            "damaged" => Table::Damaged,
            _ => return None,
        })
    }

    pub fn of(self, tables: &Tables) -> Database {
        match self {
            Table::Strings => tables.strings,
            Table::Runs => tables.runs,
            Table::Params => tables.params,
            Table::Chunks => tables.chunks,
            Table::Logs => tables.logs,
            Table::Meta => tables.meta,
            Table::Damaged => tables.damaged,
        }
    }

    /// The table that a row without one fits into.
    pub fn recognised(key: &[u8], value: &[u8]) -> Option<Table> {
        [
            Table::Runs,
            Table::Params,
            Table::Chunks,
            Table::Strings,
            Table::Logs,
        ]
        .into_iter()
        .find(|table| table.sound(key, value).is_some())
    }

    /// The value of a sound row in the present format.
    pub fn sound<'v>(self, key: &[u8], value: &'v [u8]) -> Option<Cow<'v, [u8]>> {
        match self {
            Table::Logs if objects::is_key(key) => {
                objects::is_sound(key, value).then_some(Cow::Borrowed(value))
            }
            Table::Logs => logs::renewed(key, value).map(Cow::Owned),
            Table::Chunks => is_block(key, value).then(|| block::renewed(key, value)),
            Table::Meta => meta(key, value).map(Cow::Owned),
            _ => self.is_sound(key, value).then_some(Cow::Borrowed(value)),
        }
    }

    fn is_sound(self, key: &[u8], value: &[u8]) -> bool {
        match self {
            Table::Runs => run(key, value).is_some(),
            Table::Params => key.len() == params::KEY_SIZE && params::split(key, value).is_ok(),
            Table::Strings => match (key.len(), checked::open(key, value)) {
                (17, Some(id)) => id.len() == 4,
                (5, Some(text)) => std::str::from_utf8(text).is_ok(),
                _ => false,
            },
            Table::Chunks | Table::Logs | Table::Meta | Table::Damaged => true,
        }
    }

    /// Whether a sound row is more likely the newest of its key than another one.
    pub fn is_better(self, key: &[u8], value: &[u8], other: &[u8]) -> bool {
        match self {
            Table::Chunks => points(value) > points(other),
            Table::Runs => end_of_run(key, value) > end_of_run(key, other),
            _ => false,
        }
    }
}

/// A row of `meta` that says something about the repository, not about its file.
fn meta(key: &[u8], value: &[u8]) -> Option<Vec<u8>> {
    const OLDEST: u32 = 1;
    let content = match *key.first()? {
        _ if key == NEXT_RUN => checked::open_old(key, value, OLDEST, 8),
        JOURNAL => journals::content(key, value, OLDEST),
        DOCUMENT | ABOUT | SEGMENT | OUTGOING | PART => checked::open(key, value),
        WRITER => writers::content(key, value, OLDEST),
        _ => None,
    };
    content.map(|content| checked::seal(key, |row| row.extend_from_slice(content)))
}

fn run<'v>(key: &[u8], value: &'v [u8]) -> Option<RunView<'v>> {
    let id = u64::from_be_bytes(key.try_into().ok()?);
    RunView::new(id, value).ok()
}

fn end_of_run(key: &[u8], value: &[u8]) -> Option<i64> {
    run(key, value)?.finalized_at()
}

fn points(block: &[u8]) -> usize {
    Header::read(block).map_or(0, |header| header.count)
}

fn is_block(key: &[u8], value: &[u8]) -> bool {
    key.len() == BLOCK_KEY && block::decode((key, value), &mut Points::default()).is_ok()
}
