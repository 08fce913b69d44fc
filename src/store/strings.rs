//! Interned strings: metric names, contexts and param paths get small numbers that index keys can hold.

use super::checked;
use super::env::{Txn, WriteTxn};
use super::keys::{StringId, u32_at};
use super::range::{Visited, visit_range};
use super::scan::Row;
use crate::error::{Error, Result};
use xxhash_rust::xxh3::xxh3_128;

/// What a string is used for; each kind counts its own ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Name = 1,
    Context = 2,
    /// A param path as a JSON Pointer; a top-level key is the pointer of one token.
    Path = 3,
}

const BY_ID: u8 = 0x80;

fn hash_key(kind: Kind, text: &str) -> [u8; 17] {
    let mut key = [0; 17];
    key[0] = kind as u8;
    key[1..].copy_from_slice(&xxh3_128(text.as_bytes()).to_be_bytes());
    key
}

fn id_key(kind: Kind, id: StringId) -> [u8; 5] {
    let mut key = [0; 5];
    key[0] = BY_ID | kind as u8;
    key[1..].copy_from_slice(&id.to_be_bytes());
    key
}

impl Txn<'_> {
    /// The id of a string, if it was ever stored. One whose row is damaged is looked for among all.
    pub fn find_string(&self, kind: Kind, text: &str) -> Result<Option<StringId>> {
        let key = hash_key(kind, text);
        let Some(row) = self.get(self.tables.strings, &key)? else {
            return match self.lacks_string(&key)? {
                true => Ok(None),
                false => self.search_string(kind, text),
            };
        };
        match checked::open(&key, row).and_then(|row| u32_at(row, 0)) {
            Some(id) => Ok(Some(id)),
            None => self.search_string(kind, text),
        }
    }

    /// Whether a key that was not found is surely not there.
    fn lacks_string(&self, key: &[u8]) -> Result<bool> {
        let mut scan = self.cursor(self.tables.strings)?;
        let is_sound = |(key, value): Row| checked::open(key, value).is_some();
        let visited = visit_range(&mut scan, key, key, is_sound, |_| Ok(true))?;
        Ok(visited == Visited::All)
    }

    fn search_string(&self, kind: Kind, text: &str) -> Result<Option<StringId>> {
        let prefix = [BY_ID | kind as u8];
        let mut scan = self.cursor(self.tables.strings)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            if checked::open(key, value) == Some(text.as_bytes()) {
                return Ok(u32_at(key, 1));
            }
        }
        Ok(None)
    }

    /// All strings of a kind, or `None` if there are more than `most` or one is damaged.
    pub fn all_strings(&self, kind: Kind, most: usize) -> Result<Option<Vec<(StringId, &str)>>> {
        let prefix = [BY_ID | kind as u8];
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.strings)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            let text = checked::open(key, value).and_then(|text| std::str::from_utf8(text).ok());
            let (Some(id), Some(text)) = (u32_at(key, 1), text) else {
                return Ok(None);
            };
            if found.len() == most {
                return Ok(None);
            }
            found.push((id, text));
        }
        Ok(Some(found))
    }

    /// Visits the strings of a kind, in the order of their ids, until `visit` says false. Damaged ones are passed over.
    pub fn visit_strings(
        &self,
        kind: Kind,
        mut visit: impl FnMut(StringId, &str) -> Result<bool>,
    ) -> Result<()> {
        let prefix = [BY_ID | kind as u8];
        let mut scan = self.cursor(self.tables.strings)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            let text = checked::open(key, value).and_then(|text| std::str::from_utf8(text).ok());
            if let (Some(id), Some(text)) = (u32_at(key, 1), text)
                && !visit(id, text)?
            {
                break;
            }
        }
        Ok(())
    }

    pub fn string(&self, kind: Kind, id: StringId) -> Result<&str> {
        let key = id_key(kind, id);
        let row = self.get(self.tables.strings, &key)?;
        row.and_then(|row| checked::open(&key, row))
            .and_then(|text| std::str::from_utf8(text).ok())
            .ok_or_else(|| {
                let state = if row.is_some() { "damaged" } else { "missing" };
                self.located(Error::corrupt(state), format_args!("{kind:?} {id}"))
            })
    }
}

impl WriteTxn<'_> {
    pub fn intern(&mut self, kind: Kind, text: &str) -> Result<StringId> {
        if let Some(id) = self.find_string(kind, text)? {
            return Ok(id);
        }
        let strings = self.tables.strings;
        let end = [(BY_ID | kind as u8) + 1];
        let last = self.cursor(strings)?.seek_before(&end)?;
        let id = last
            .filter(|(key, _)| key[0] == BY_ID | kind as u8)
            .and_then(|(key, _)| u32_at(key, 1))
            .map_or(Some(0), |id| id.checked_add(1))
            .ok_or_else(|| Error::corrupt(format!("the count of {kind:?} is damaged")))?;
        self.put_string(kind, id, text)?;
        Ok(id)
    }

    /// Stores a string under an id.
    pub(super) fn put_string(&mut self, kind: Kind, id: StringId, text: &str) -> Result<()> {
        let strings = self.tables.strings;
        let (by_hash, by_id) = (hash_key(kind, text), id_key(kind, id));
        let number = checked::seal(&by_hash, |row| row.extend_from_slice(&id.to_be_bytes()));
        let text = checked::seal(&by_id, |row| row.extend_from_slice(text.as_bytes()));
        self.put(strings, &by_hash, &number)?;
        self.put(strings, &by_id, &text)
    }

    pub(super) fn delete_string(&mut self, kind: Kind, id: StringId, text: &str) -> Result<()> {
        let strings = self.tables.strings;
        self.delete(strings, &hash_key(kind, text))?;
        self.delete(strings, &id_key(kind, id)).map(drop)
    }
}
