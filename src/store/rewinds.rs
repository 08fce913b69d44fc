//! What other writers of a run must be told when it is rewound: a row for each journal and run, in the table `meta`, among
//! those of the journal, with which it goes.

use super::checked;
use super::env::{Txn, WriteTxn};
use super::journals::{REWOUND, key};
use super::keys::{JournalId, RunId};
use crate::error::Result;
use aim_value::Tree;

/// A rewind of a run that a journal writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewind {
    /// Points from this step on are dropped, if they were tracked before `at` (microseconds since 1970, UTC).
    pub step: i64,
    pub at: i64,
    /// Names of metrics; none for all.
    pub names: Vec<String>,
    /// Whether the journal's process knows.
    pub told: bool,
}

impl Rewind {
    fn tree(&self) -> Tree {
        let names = self.names.iter().map(|name| Tree::Str(name.clone()));
        Tree::List(vec![
            Tree::Int(self.step),
            Tree::Int(self.at),
            Tree::List(names.collect()),
            Tree::Bool(self.told),
        ])
    }

    fn of(tree: Tree) -> Option<Rewind> {
        let Tree::List(fields) = tree else {
            return None;
        };
        let Ok(
            [
                Tree::Int(step),
                Tree::Int(at),
                Tree::List(names),
                Tree::Bool(told),
            ],
        ) = <[Tree; 4]>::try_from(fields)
        else {
            return None;
        };
        let text = |name| match name {
            Tree::Str(name) => Some(name),
            _ => None,
        };
        Some(Rewind {
            step,
            at,
            names: names.into_iter().map(text).collect::<Option<_>>()?,
            told,
        })
    }
}

impl Txn<'_> {
    /// Rewinds of a run since a journal began to write it, oldest first. A damaged row tells of none.
    pub fn rewinds(&self, journal: &JournalId, run: RunId) -> Result<Vec<Rewind>> {
        let key = key(journal, REWOUND, &run.to_be_bytes());
        let row = self.get(self.tables.meta, &key)?;
        let tree = row
            .and_then(|row| checked::open(&key, row))
            .and_then(|row| Tree::decode(row).ok());
        Ok(match tree {
            Some(Tree::List(all)) => all.into_iter().filter_map(Rewind::of).collect(),
            _ => Vec::new(),
        })
    }
}

impl WriteTxn<'_> {
    pub fn put_rewinds(&mut self, journal: &JournalId, run: RunId, all: &[Rewind]) -> Result<()> {
        let meta = self.tables.meta;
        let key = key(journal, REWOUND, &run.to_be_bytes());
        let tree = Tree::List(all.iter().map(Rewind::tree).collect());
        let row = checked::seal(&key, |out| tree.encode(out));
        self.put(meta, &key, &row)
    }
}
