//! Params: one row per run and top-level key, its value a tree in bytes; the index follows each change.

use super::env::{Reading, WriteTxn};
use super::index::{Field, Value};
use super::keys::{RunId, StringId, join, u32_at};
use super::strings::{Kind, Strings};
use super::tree::{Path, Tree, escape};
use crate::error::{Error, Result};

/// In front of the tree: the place of the key among the run's top-level keys.
const ORDINAL: usize = 4;

fn key(run: RunId, id: StringId) -> Vec<u8> {
    join(&run.to_be_bytes(), &id.to_be_bytes())
}

fn split(row: &[u8]) -> Result<(u32, &[u8])> {
    match (u32_at(row, 0), row.get(ORDINAL..)) {
        (Some(ordinal), Some(tree)) => Ok((ordinal, tree)),
        _ => Err(Error::corrupt("a stored param is damaged: too short")),
    }
}

pub trait Params: Reading {
    /// The id under which a top-level key is stored, if any run ever had it.
    fn param_key(&self, key: &str) -> Result<Option<StringId>> {
        self.find_string(Kind::Path, &format!("/{}", escape(key)))
    }

    /// The value below a top-level key; `None` where the path leads nowhere.
    fn param_at(&self, run: RunId, id: StringId, below: &Path) -> Result<Option<Tree>> {
        match self.get(self.tables().params, &key(run, id))? {
            Some(row) => Tree::decode_at(split(row)?.1, below),
            None => Ok(None),
        }
    }

    /// The value at a path; the root gives all params as one dict.
    fn param(&self, run: RunId, path: &Path) -> Result<Option<Tree>> {
        match path.split_first() {
            None => self.params(run).map(Some),
            Some((first, below)) => match self.param_key(first)? {
                Some(id) => self.param_at(run, id, &below),
                None => Ok(None),
            },
        }
    }

    /// All params of a run, in the order in which their keys were first set.
    fn params(&self, run: RunId) -> Result<Tree> {
        let mut entries = Vec::new();
        for (id, ordinal, tree) in self.param_rows(run)? {
            let pointer = Path::parse(self.string(Kind::Path, id)?)?;
            let name = pointer
                .split_first()
                .map(|(k, _)| k.to_owned())
                .unwrap_or_default();
            entries.push((ordinal, name, Tree::decode(tree)?));
        }
        entries.sort_by_key(|e| e.0);
        Ok(Tree::Dict(
            entries
                .into_iter()
                .map(|(_, name, tree)| (name, tree))
                .collect(),
        ))
    }

    /// Key, ordinal and encoded tree of each top-level param.
    fn param_rows(&self, run: RunId) -> Result<Vec<(StringId, u32, &[u8])>> {
        let prefix = run.to_be_bytes();
        let mut rows = Vec::new();
        let mut scan = self.cursor(self.tables().params)?;
        let mut row = scan.seek(&prefix)?;
        while let Some((key, value)) = row.filter(|(key, _)| key.starts_with(&prefix)) {
            let (ordinal, tree) = split(value)?;
            rows.push((u32_at(key, 8).unwrap_or(0), ordinal, tree));
            row = scan.next()?;
        }
        Ok(rows)
    }
}

impl<T: Reading + ?Sized> Params for T {}

/// Calls `visit` with the pointer and value of every node that is reached through dicts alone.
fn walk<'t>(
    tree: &'t Tree,
    pointer: &mut String,
    visit: &mut impl FnMut(&str, Value<'t>) -> Result<()>,
) -> Result<()> {
    visit(pointer, Value::of(tree))?;
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

impl WriteTxn<'_> {
    /// Sets the value at a path; at the root, every entry of a dict.
    pub fn set_param(&mut self, run: RunId, path: &Path, value: Tree) -> Result<()> {
        let Some((first, below)) = path.split_first() else {
            let Tree::Dict(entries) = value else {
                return Err(Error::invalid(format!(
                    "the params of a run are an object, not {}",
                    value.type_name()
                )));
            };
            return entries.into_iter().try_for_each(|(key, value)| {
                self.set_param(run, &Path::from_tokens([key]), value)
            });
        };
        let id = self.intern(Kind::Path, &format!("/{}", escape(first)))?;
        let old = self
            .get(self.tables.params, &key(run, id))?
            .map(split)
            .transpose()?;
        let old = match old {
            Some((ordinal, tree)) => Some((ordinal, Tree::decode(tree)?)),
            None => None,
        };
        let ordinal = match &old {
            Some((ordinal, _)) => *ordinal,
            None => self
                .param_rows(run)?
                .iter()
                .map(|r| r.1 + 1)
                .max()
                .unwrap_or(0),
        };
        let old = old.map(|(_, tree)| tree);
        let mut new = old.clone().unwrap_or(Tree::Null);
        new.set(&below, value)?;
        self.replace(run, first, id, ordinal, old.as_ref(), Some(&new))
    }

    /// Deletes the value at a path and tells whether there was one; the root deletes all params.
    pub fn delete_param(&mut self, run: RunId, path: &Path) -> Result<bool> {
        let Some((first, below)) = path.split_first() else {
            let any = !self.param_rows(run)?.is_empty();
            self.delete_all_params(run)?;
            return Ok(any);
        };
        let Some(id) = self.param_key(first)? else {
            return Ok(false);
        };
        let Some(row) = self.get(self.tables.params, &key(run, id))? else {
            return Ok(false);
        };
        let (ordinal, old) = split(row)?;
        let old = Tree::decode(old)?;
        if below.is_root() {
            self.replace(run, first, id, ordinal, Some(&old), None)?;
            return Ok(true);
        }
        let mut new = old.clone();
        let found = new.remove(&below);
        if found {
            self.replace(run, first, id, ordinal, Some(&old), Some(&new))?;
        }
        Ok(found)
    }

    pub(super) fn delete_all_params(&mut self, run: RunId) -> Result<()> {
        let Tree::Dict(entries) = self.params(run)? else {
            return Ok(());
        };
        for (key, tree) in entries {
            if let Some(id) = self.param_key(&key)? {
                self.replace(run, &key, id, 0, Some(&tree), None)?;
            }
        }
        Ok(())
    }

    /// Writes a top-level param and moves the index from its old nodes to its new ones.
    fn replace(
        &mut self,
        run: RunId,
        first: &str,
        id: StringId,
        ordinal: u32,
        old: Option<&Tree>,
        new: Option<&Tree>,
    ) -> Result<()> {
        let root = format!("/{}", escape(first));
        if let Some(old) = old {
            walk(old, &mut root.clone(), &mut |pointer, value| match self
                .find_string(Kind::Path, pointer)?
            {
                Some(path) => self.index_remove(Field::Param(path), &value, run),
                None => Ok(()),
            })?;
        }
        if let Some(new) = new {
            walk(new, &mut root.clone(), &mut |pointer, value| {
                let path = self.intern(Kind::Path, pointer)?;
                self.index_add(Field::Param(path), &value, run)
            })?;
        }
        let params = self.tables.params;
        match new {
            Some(new) => {
                let mut row = ordinal.to_be_bytes().to_vec();
                new.encode(&mut row);
                self.put(params, &key(run, id), &row)
            }
            None => self.delete(params, &key(run, id)).map(|_| ()),
        }
    }
}
