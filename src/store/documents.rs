//! Texts that programs keep in a repository beside its runs, by collection and id. In the table `meta`.

use super::checked;
use super::env::{Txn, WriteTxn};
use super::tables::DOCUMENT;
use crate::error::{Error, Result};

/// Collection and id are texts without a null byte, which stands between them.
fn key(collection: &str, id: &str) -> Vec<u8> {
    let mut key = vec![DOCUMENT];
    key.extend_from_slice(collection.as_bytes());
    key.push(0);
    key.extend_from_slice(id.as_bytes());
    key
}

fn text<'v>(key: &[u8], value: &'v [u8]) -> Result<&'v str> {
    checked::open(key, value)
        .and_then(|text| std::str::from_utf8(text).ok())
        .ok_or_else(|| Error::corrupt("a stored document is damaged"))
}

impl Txn<'_> {
    pub fn document(&self, collection: &str, id: &str) -> Result<Option<&str>> {
        let key = key(collection, id);
        self.get(self.tables.meta, &key)?
            .map(|value| text(&key, value))
            .transpose()
            .map_err(|e| self.located(e, format_args!("{collection} {id}")))
    }

    /// Id and text of all documents of a collection, by id. Damaged ones are left out: the others stay in reach.
    pub fn documents(&self, collection: &str) -> Result<Vec<(&str, &str)>> {
        let prefix = key(collection, "");
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.meta)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            let id = std::str::from_utf8(&key[prefix.len()..]);
            found.extend(id.ok().zip(text(key, value).ok()));
        }
        Ok(found)
    }
}

impl WriteTxn<'_> {
    pub fn put_document(&mut self, collection: &str, id: &str, text: &str) -> Result<()> {
        let meta = self.tables.meta;
        let key = key(collection, id);
        let value = checked::seal(&key, |out| out.extend_from_slice(text.as_bytes()));
        self.put(meta, &key, &value)
    }

    /// Deletes a document and tells whether there was one.
    pub fn delete_document(&mut self, collection: &str, id: &str) -> Result<bool> {
        let meta = self.tables.meta;
        self.delete(meta, &key(collection, id))
    }
}
