//! Params: one row per run and top-level key, its value a tree in bytes; the index follows each change.

use super::checked;
use super::env::{Txn, WriteTxn};
use super::index::{Field, Indexed};
use super::keys::{RunId, StringId, join, u32_at};
use super::strings::Kind;
use crate::error::{Error, Result};
use crate::memory;
use aim_value::{Path, Tree, escape};
use std::collections::HashMap;

/// In front of the tree: the place of the key among the run's top-level keys.
const ORDINAL: usize = 4;

/// Bytes of a key: run and top-level key.
pub(super) const KEY_SIZE: usize = 12;

pub(super) fn key(run: RunId, id: StringId) -> Vec<u8> {
    join(&run.to_be_bytes(), &id.to_be_bytes())
}

pub(super) fn split<'r>(key: &[u8], row: &'r [u8]) -> Result<(u32, &'r [u8])> {
    checked::open(key, row)
        .and_then(|row| Some((u32_at(row, 0)?, row.get(ORDINAL..)?)))
        .ok_or_else(|| Error::corrupt("a stored param is damaged"))
}

/// How often a value is in memory while it is read and handed out.
const COPIES: usize = 4;

impl Txn<'_> {
    /// The id under which a top-level key is stored, if any run ever had it.
    pub fn param_key(&self, key: &str) -> Result<Option<StringId>> {
        self.find_string(Kind::Path, &format!("/{}", escape(key)))
    }

    /// The value below a top-level key; `None` where the path leads nowhere.
    fn param_at(&self, run: RunId, id: StringId, below: &Path) -> Result<Option<Tree>> {
        let at = key(run, id);
        match self.get(self.tables.params, &at)? {
            Some(row) => split(&at, row)
                .and_then(|(_, tree)| {
                    memory::afford(tree.len(), COPIES)?;
                    Ok(Tree::decode_at(tree, below)?)
                })
                .map_err(|e| self.located(e, format_args!("run {run}, param {id}"))),
            None => Ok(None),
        }
    }

    /// The value at a path; the root gives all params as one dict.
    pub fn param(&self, run: RunId, path: &Path) -> Result<Option<Tree>> {
        match path.split_first() {
            None => self.params(run).map(Some),
            Some((first, below)) => match self.param_key(first)? {
                Some(id) => self.param_at(run, id, &below),
                None => Ok(None),
            },
        }
    }

    /// All params of a run, in the order in which their keys were first set.
    pub fn params(&self, run: RunId) -> Result<Tree> {
        let mut entries = Vec::new();
        for (id, ordinal, tree) in self.param_rows(run)? {
            let pointer = Path::parse(self.string(Kind::Path, id)?)?;
            let name = pointer
                .split_first()
                .map(|(k, _)| k.to_owned())
                .unwrap_or_default();
            memory::afford(tree.len(), COPIES)?;
            let tree = Tree::decode(tree)
                .map_err(|e| self.located(e.into(), format_args!("run {run}, param {name:?}")))?;
            entries.push((ordinal, name, tree));
        }
        entries.sort_by_key(|e| e.0);
        Ok(Tree::Dict(
            entries
                .into_iter()
                .map(|(_, name, tree)| (name, tree))
                .collect(),
        ))
    }

    /// A cursor over the params, for `encoded_param`.
    pub fn params_scan(&self) -> Result<super::scan::Scan<'_>> {
        self.cursor(self.tables.params)
    }

    /// Key, ordinal and encoded tree of each top-level param.
    pub fn param_rows(&self, run: RunId) -> Result<Vec<(StringId, u32, &[u8])>> {
        let prefix = run.to_be_bytes();
        let mut rows = Vec::new();
        let mut scan = self.cursor(self.tables.params)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            let (ordinal, tree) =
                split(key, value).map_err(|e| self.located(e, format_args!("run {run}")))?;
            rows.push((u32_at(key, 8).unwrap_or(0), ordinal, tree));
        }
        Ok(rows)
    }
}

/// The encoded tree of a run's top-level param. With one cursor over runs in order this is cheaper than a lookup each.
pub fn encoded_param<'t>(
    scan: &mut super::scan::Scan<'t>,
    run: RunId,
    id: StringId,
) -> Result<Option<&'t [u8]>> {
    let mut at = [0; KEY_SIZE];
    at[..8].copy_from_slice(&run.to_be_bytes());
    at[8..].copy_from_slice(&id.to_be_bytes());
    scan.exact(&at)?
        .map(|row| split(&at, row).map(|(_, tree)| tree))
        .transpose()
}

/// Calls `visit` with the pointer and value of every node that is reached through dicts alone.
fn walk<'t>(
    tree: &'t Tree,
    pointer: &mut String,
    visit: &mut impl FnMut(&str, Indexed<'t>) -> Result<()>,
) -> Result<()> {
    visit(pointer, Indexed::of(tree))?;
    if let Tree::Dict(entries) = tree {
        for (key, value) in entries {
            let end = pointer.len();
            pointer.push('/');
            pointer.push_str(&escape(key));
            walk(value, pointer, visit)?;
            pointer.truncate(end);
        }
    }
    Ok(())
}

/// Index rows of a top-level param: pointer and value of each node.
fn index_rows<'t>(root: &str, tree: Option<&'t Tree>) -> Result<Vec<(String, Indexed<'t>)>> {
    let mut rows = Vec::new();
    if let Some(tree) = tree {
        walk(tree, &mut root.to_owned(), &mut |pointer, value| {
            rows.push((pointer.to_owned(), value));
            Ok(())
        })?;
    }
    Ok(rows)
}

/// Where a top-level param is, or is going to be, and what is there.
struct Place {
    pointer: String,
    at: Vec<u8>,
    ordinal: u32,
    old: Option<Tree>,
}

impl WriteTxn<'_> {
    /// Changes the value of a top-level key: `change` gets the present value and returns the new one.
    pub fn update_param(
        &mut self,
        run: RunId,
        name: &str,
        change: impl FnOnce(Option<Tree>) -> Result<Option<Tree>>,
    ) -> Result<()> {
        let place = self.param_place(run, name)?;
        let new = change(place.old.clone())?;
        self.put_param(run, &place, new.as_ref(), |row| {
            new.iter().for_each(|new| new.encode(row));
        })
    }

    /// Sets a top-level key to a value, of which `bytes` are the encoding.
    pub fn set_param(&mut self, run: RunId, name: &str, value: &Tree, bytes: &[u8]) -> Result<()> {
        let place = self.param_place(run, name)?;
        self.put_param(run, &place, Some(value), |row| row.extend_from_slice(bytes))
    }

    fn param_place(&mut self, run: RunId, name: &str) -> Result<Place> {
        let pointer = format!("/{}", escape(name));
        let id = self.intern(Kind::Path, &pointer)?;
        let at = key(run, id);
        let row = self
            .get(self.tables.params, &at)?
            .map(|row| split(&at, row))
            .transpose()?;
        let (ordinal, old) = match row {
            Some((ordinal, tree)) => (ordinal, Some(Tree::decode(tree)?)),
            None => {
                let next = match self.ordinals.get(&run) {
                    Some(next) => *next,
                    None => self.next_ordinal(run)?,
                };
                self.ordinals.insert(run, next.saturating_add(1));
                (next, None)
            }
        };
        Ok(Place {
            pointer,
            at,
            ordinal,
            old,
        })
    }

    /// Puts a value, which `encode` writes, where the old one was.
    fn put_param(
        &mut self,
        run: RunId,
        place: &Place,
        new: Option<&Tree>,
        encode: impl FnOnce(&mut Vec<u8>),
    ) -> Result<()> {
        self.move_index(run, &place.pointer, place.old.as_ref(), new)?;
        let params = self.tables.params;
        if new.is_none() {
            return self.delete(params, &place.at).map(|_| ());
        }
        let row = checked::seal(&place.at, |row| {
            row.extend_from_slice(&place.ordinal.to_be_bytes());
            encode(row);
        });
        self.put(params, &place.at, &row)
    }

    /// Indexes a top-level param, whose pointer is given, of which the index knows nothing yet.
    pub(super) fn index_param(&mut self, run: RunId, pointer: &str, tree: &Tree) -> Result<()> {
        self.move_index(run, pointer, None, Some(tree))
    }

    /// The place of a key that is new to a run. Damaged rows do not count.
    fn next_ordinal(&self, run: RunId) -> Result<u32> {
        let prefix = run.to_be_bytes();
        let mut next = 0;
        let mut scan = self.params_scan()?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            next = next.max(split(key, value).map_or(0, |(n, _)| n.saturating_add(1)));
        }
        Ok(next)
    }

    pub(super) fn delete_all_params(&mut self, run: RunId) -> Result<()> {
        let Tree::Dict(entries) = self.params(run)? else {
            return Ok(());
        };
        entries
            .iter()
            .try_for_each(|(name, _)| self.update_param(run, name, |_| Ok(None)))
    }

    /// Moves the index from a param's old nodes to its new ones; only what differs is written.
    fn move_index(
        &mut self,
        run: RunId,
        root: &str,
        old: Option<&Tree>,
        new: Option<&Tree>,
    ) -> Result<()> {
        let old = index_rows(root, old)?;
        let new = index_rows(root, new)?;
        let before: HashMap<&str, &Indexed> = old.iter().map(|(p, v)| (p.as_str(), v)).collect();
        let after: HashMap<&str, &Indexed> = new.iter().map(|(p, v)| (p.as_str(), v)).collect();
        // First out, then in: two long strings with one beginning share a row.
        for (pointer, value) in old
            .iter()
            .filter(|(p, v)| after.get(p.as_str()) != Some(&v))
        {
            if let Some(path) = self.find_string(Kind::Path, pointer)? {
                self.index_remove(Field::Param(path), value, run)?;
            }
        }
        for (pointer, value) in new
            .iter()
            .filter(|(p, v)| before.get(p.as_str()) != Some(&v))
        {
            let path = self.intern(Kind::Path, pointer)?;
            self.index_add(Field::Param(path), value, run)?;
        }
        Ok(())
    }
}
