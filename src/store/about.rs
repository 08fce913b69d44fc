//! What people say about experiments and tags. A row each in the table `meta`, its key a hash of the name, which may be
//! longer than a key; its value name, description and colour.

use super::checked;
use super::env::{Txn, WriteTxn};
use super::index::{Field, Range};
use super::runs::RunRecord;
use super::tables::ABOUT;
use crate::error::Result;
use aim_value::Tree;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_128;

/// What is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Subject {
    Experiment = b'e',
    Tag = b't',
}

impl Subject {
    pub fn field(self) -> Field {
        match self {
            Subject::Experiment => Field::Experiment,
            Subject::Tag => Field::Tag,
        }
    }

    fn names(self, record: RunRecord) -> Vec<String> {
        match self {
            Subject::Experiment => vec![record.experiment],
            Subject::Tag => record.tags,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    pub description: String,
    /// "#rrggbb", or "" for none.
    pub colour: String,
}

fn key(subject: Subject, name: &str) -> [u8; 18] {
    let mut key = [ABOUT; 18];
    key[1] = subject as u8;
    key[2..].copy_from_slice(&xxh3_128(name.as_bytes()).to_be_bytes());
    key
}

/// Name and what is said; `None` for a damaged row.
fn decode(key: &[u8], value: &[u8]) -> Option<(String, About)> {
    let Ok(Tree::List(fields)) = Tree::decode(checked::open(key, value)?) else {
        return None;
    };
    match <[Tree; 3]>::try_from(fields).ok()? {
        [Tree::Str(name), Tree::Str(description), Tree::Str(colour)] => Some((
            name,
            About {
                description,
                colour,
            },
        )),
        _ => None,
    }
}

impl Txn<'_> {
    /// What is said of an experiment or tag; a damaged row says nothing.
    pub fn about(&self, subject: Subject, name: &str) -> Result<About> {
        let key = key(subject, name);
        let row = self.get(self.tables.meta, &key)?;
        Ok(row
            .and_then(|row| decode(&key, row))
            .map_or_else(About::default, |(_, about)| about))
    }

    /// All experiments or tags, by name: those that runs have, with the number of runs, and those that were described.
    pub fn all_about(&self, subject: Subject) -> Result<BTreeMap<String, (u64, About)>> {
        let mut all: BTreeMap<String, (u64, About)> = BTreeMap::new();
        let prefix = [ABOUT, subject as u8];
        let mut scan = self.cursor(self.tables.meta)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            if let Some((name, about)) = decode(key, value) {
                all.insert(name, (0, about));
            }
        }
        let runs = self.indexed_runs(&Range::exists(subject.field()), usize::MAX)?;
        let mut runs = runs.unwrap_or_default();
        runs.sort_unstable();
        runs.dedup();
        for run in runs {
            // A damaged run counts for nothing.
            if let Ok(Some(record)) = self.run(run) {
                for name in subject.names(record) {
                    all.entry(name).or_default().0 += 1;
                }
            }
        }
        Ok(all)
    }
}

impl WriteTxn<'_> {
    /// Says something of an experiment or tag; nothing, if `about` is empty.
    pub fn put_about(&mut self, subject: Subject, name: &str, about: &About) -> Result<()> {
        let meta = self.tables.meta;
        let key = key(subject, name);
        if *about == About::default() {
            return self.delete(meta, &key).map(|_| ());
        }
        let fields = [name, &about.description, &about.colour];
        let tree = Tree::List(fields.map(|text| Tree::Str(text.to_owned())).into());
        let row = checked::seal(&key, |out| tree.encode(out));
        self.put(meta, &key, &row)
    }
}
