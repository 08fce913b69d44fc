//! Interned strings: metric names, contexts and param paths get small numbers that index keys can hold.

use super::env::{Reading, WriteTxn};
use super::keys::{StringId, u32_at};
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

pub trait Strings: Reading {
    /// The id of a string, if it was ever stored.
    fn find_string(&self, kind: Kind, text: &str) -> Result<Option<StringId>> {
        Ok(self
            .get(self.tables().strings, &hash_key(kind, text))?
            .and_then(|v| u32_at(v, 0)))
    }

    /// All strings of a kind, or `None` as soon as there are more than `most`.
    fn all_strings(&self, kind: Kind, most: usize) -> Result<Option<Vec<(StringId, &str)>>> {
        let prefix = [BY_ID | kind as u8];
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables().strings)?;
        let mut row = scan.seek(&prefix)?;
        while let Some((key, bytes)) = row.filter(|(key, _)| key.starts_with(&prefix)) {
            let (Some(id), Ok(text)) = (u32_at(key, 1), std::str::from_utf8(bytes)) else {
                return Err(Error::corrupt(format!("a stored {kind:?} is damaged")));
            };
            if found.len() == most {
                return Ok(None);
            }
            found.push((id, text));
            row = scan.next()?;
        }
        Ok(Some(found))
    }

    fn string(&self, kind: Kind, id: StringId) -> Result<&str> {
        let bytes = self
            .get(self.tables().strings, &id_key(kind, id))?
            .ok_or_else(|| Error::corrupt(format!("{kind:?} {id} is missing")))?;
        std::str::from_utf8(bytes).map_err(|_| Error::corrupt(format!("{kind:?} {id} is damaged")))
    }
}

impl<T: Reading + ?Sized> Strings for T {}

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
            .map_or(0, |id| id + 1);
        self.put(strings, &hash_key(kind, text), &id.to_be_bytes())?;
        self.put(strings, &id_key(kind, id), text.as_bytes())?;
        Ok(id)
    }
}
