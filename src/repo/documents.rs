//! Documents: what programs save in a repository beside its runs, such as the bookmarks of the web UI. Each is a text,
//! by convention JSON, found by its collection and id. They are changed in transactions: all of one, or nothing.

use super::Repo;
use crate::error::{Error, Result, Status};
use crate::store::WriteTxn;

/// Longest name of a collection, longest id, in bytes.
pub const MAX_COLLECTION: usize = 64;
pub const MAX_ID: usize = 256;
/// Longest document in bytes.
pub const MAX_DOCUMENT: usize = 1 << 20;

fn check_name(what: &str, name: &str, most: usize) -> Result<()> {
    if name.is_empty() || name.len() > most || name.contains('\0') {
        return Err(Error::invalid(format!(
            "{what} {name:?} is not 1 to {most} bytes without a null byte"
        )));
    }
    Ok(())
}

fn check(collection: &str, id: &str) -> Result<()> {
    check_name("the collection", collection, MAX_COLLECTION)?;
    check_name("the document's id", id, MAX_ID)
}

impl Repo {
    /// The text of a document, if there is one.
    pub fn document(&self, collection: &str, id: &str) -> Result<Option<String>> {
        check(collection, id)?;
        let txn = self.store.read()?;
        Ok(txn.document(collection, id)?.map(str::to_owned))
    }

    /// Id and text of all documents of a collection, by id.
    pub fn documents(&self, collection: &str) -> Result<Vec<(String, String)>> {
        check_name("the collection", collection, MAX_COLLECTION)?;
        let txn = self.store.read()?;
        let found = txn.documents(collection)?;
        Ok(found
            .into_iter()
            .map(|(id, text)| (id.to_owned(), text.to_owned()))
            .collect())
    }

    /// Changes documents in one transaction, which an error undoes. Nobody else changes any meanwhile. `change` may be
    /// called again from the start where the database had to grow.
    pub fn edit_documents<T>(
        &self,
        mut change: impl FnMut(&mut DocumentEdit<'_, '_>) -> Result<T>,
    ) -> Result<T> {
        self.check_editable()?;
        self.store.write(|txn| change(&mut DocumentEdit { txn }))
    }
}

/// Documents within a transaction.
pub struct DocumentEdit<'e, 's> {
    txn: &'e mut WriteTxn<'s>,
}

impl DocumentEdit<'_, '_> {
    pub fn get(&self, collection: &str, id: &str) -> Result<Option<String>> {
        check(collection, id)?;
        Ok(self.txn.document(collection, id)?.map(str::to_owned))
    }

    pub fn list(&self, collection: &str) -> Result<Vec<(String, String)>> {
        check_name("the collection", collection, MAX_COLLECTION)?;
        let found = self.txn.documents(collection)?;
        Ok(found
            .into_iter()
            .map(|(id, text)| (id.to_owned(), text.to_owned()))
            .collect())
    }

    pub fn put(&mut self, collection: &str, id: &str, text: &str) -> Result<()> {
        check(collection, id)?;
        if text.len() > MAX_DOCUMENT {
            return Err(Error::new(
                Status::Limit,
                format!(
                    "the document {id:?} has {} bytes, more than {MAX_DOCUMENT}",
                    text.len()
                ),
            ));
        }
        self.txn.put_document(collection, id, text)
    }

    /// Deletes a document and tells whether there was one.
    pub fn delete(&mut self, collection: &str, id: &str) -> Result<bool> {
        check(collection, id)?;
        self.txn.delete_document(collection, id)
    }
}
