//! A stored run as an expression sees it: every field is read when it is asked for.

use super::reader::Reader;
use crate::artifacts::{self, Book, Which};
use crate::error::{Error, Result};
use crate::store::keys::{RunId, StringId};
use crate::store::{RunState, RunView, default_name, hash_text, visit_series};
use aim_value::{Leaf, Tree, follow};
use aimql::{
    Aggregates, Lookup, ParamValue, PropertyValue, RowError, RunProperty, RunRow, Toll, tree_eq,
};
use std::borrow::Cow;

pub struct StoredRun<'r, 't> {
    pub reader: &'r Reader<'t>,
    pub id: RunId,
    pub record: RunView<'t>,
}

/// A sequence's aggregates as the language knows them.
pub fn aggregates(stored: &crate::store::Aggregates) -> Aggregates {
    Aggregates {
        first: stored.first,
        first_step: stored.first_step,
        last: stored.last,
        last_step: stored.last_step,
        min: stored.min(),
        max: stored.max(),
        count: i64::try_from(stored.count).unwrap_or(i64::MAX),
    }
}

fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

/// Stands for the run's artifacts, where the run has no param of that name.
pub const ARTIFACTS: &str = "artifacts";

impl StoredRun<'_, '_> {
    /// What a path below `artifacts` leads to: of all the latest versions, by name; of `NAME`, `NAME:v3` or `NAME:best` that
    /// version, as it is stored.
    fn artifact(
        &self,
        path: &[&str],
        toll: &Toll<'_>,
    ) -> std::result::Result<Lookup<'static>, RowError> {
        let Some(bytes) = self.reader.param(self.id, artifacts::KEY)? else {
            return Ok(Lookup::Missing);
        };
        toll.read(bytes.len())?;
        toll.decode(aim_value::count(bytes).map_err(Error::from)?)?;
        let book = Book::new(Some(Tree::decode(bytes).map_err(Error::from)?));
        let found = |value, used| {
            let value = ParamValue::Tree(Cow::Owned(value));
            Ok(Lookup::Found { value, used })
        };
        let Some((name, below)) = path.split_first() else {
            let latest = book
                .names()
                .filter_map(|name| book.get(name, &Which::Latest));
            let entries = latest.map(|artifact| (artifact.name.clone(), artifact.to_tree(true)));
            return found(Tree::Dict(entries.collect()), 1);
        };
        let (name, which) = Which::split(name);
        let Some(artifact) = book.get(name, &which) else {
            return Ok(Lookup::Missing);
        };
        let mut tree = artifact.to_tree(true);
        for (i, key) in below.iter().enumerate() {
            let Tree::Dict(entries) = &mut tree else {
                return found(tree, 2 + i);
            };
            match entries.iter().position(|(k, _)| k == key) {
                Some(at) => tree = entries.swap_remove(at).1,
                None => return Ok(Lookup::Missing),
            }
        }
        found(tree, 2 + below.len())
    }

    /// When the run ended; the end of a crashed run that is not recovered yet is not known.
    fn end(&self) -> Option<i64> {
        self.record.finalized_at()
    }

    fn state(&self) -> Result<RunState> {
        self.reader.state(self.id, &self.record)
    }
}

/// Why a param was not read.
enum Unread {
    Damaged(Error),
    Refused(RowError),
}

impl From<aim_value::Error> for Unread {
    fn from(error: aim_value::Error) -> Unread {
        Unread::Damaged(error.into())
    }
}

impl From<Unread> for RowError {
    fn from(unread: Unread) -> RowError {
        match unread {
            Unread::Damaged(error) => error.into(),
            Unread::Refused(error) => error,
        }
    }
}

impl RunRow for StoredRun<'_, '_> {
    fn property(&self, property: RunProperty) -> std::result::Result<PropertyValue<'_>, RowError> {
        let record = &self.record;
        Ok(match property {
            RunProperty::Hash => PropertyValue::Str(hash_text(record.hash()).into()),
            RunProperty::Name => PropertyValue::Str(match record.name()? {
                Some(name) => name.into(),
                None => default_name(record.hash()).into(),
            }),
            RunProperty::Description => PropertyValue::Str(record.description()?.into()),
            RunProperty::Experiment => PropertyValue::Str(record.experiment()?.into()),
            RunProperty::Tags => {
                PropertyValue::Strs(record.tags()?.into_iter().map(Cow::Borrowed).collect())
            }
            RunProperty::Archived => PropertyValue::Bool(record.archived()),
            RunProperty::Active => PropertyValue::Bool(self.state()? == RunState::Running),
            RunProperty::CreatedAt => PropertyValue::Time(record.created_at()),
            RunProperty::CreationTime => PropertyValue::Float(seconds(record.created_at())),
            RunProperty::FinalizedAt => self.end().map_or(PropertyValue::None, PropertyValue::Time),
            RunProperty::EndTime => self
                .end()
                .map_or(PropertyValue::None, |t| PropertyValue::Float(seconds(t))),
            RunProperty::Duration => {
                let end = self.end().unwrap_or_else(crate::repo::now_micros);
                PropertyValue::Float(seconds(end - record.created_at()))
            }
            RunProperty::Status => PropertyValue::Str(self.state()?.text().into()),
            RunProperty::ExitCode => match record.exit_code() {
                Some(code) if self.state()? != RunState::Running => {
                    PropertyValue::Int(i64::from(code))
                }
                _ => PropertyValue::None,
            },
            RunProperty::Failed => PropertyValue::Bool(self.state()?.is_failure()),
        })
    }

    fn param(&self, path: &[&str], toll: &Toll<'_>) -> std::result::Result<Lookup<'_>, RowError> {
        let Some((first, below)) = path.split_first() else {
            for (_, _, bytes) in self.reader.txn.param_rows(self.id)? {
                toll.read(bytes.len())?;
                toll.decode(aim_value::count(bytes).map_err(Error::from)?)?;
            }
            let all = self.reader.txn.params(self.id)?;
            return Ok(Lookup::Found {
                value: ParamValue::Tree(Cow::Owned(all)),
                used: 0,
            });
        };
        let Some(bytes) = self.reader.param(self.id, first)? else {
            return match *first == ARTIFACTS {
                true => self.artifact(below, toll),
                false => Ok(Lookup::Missing),
            };
        };
        // Of a dict on the way what lies beside it is skipped.
        toll.read(bytes.len())?;
        let pay = |count| toll.decode(count).map_err(Unread::Refused);
        Ok(match follow(bytes, below, pay)? {
            None => Lookup::Missing,
            Some((leaf, used)) => {
                let value = match leaf {
                    Leaf::Bool(b) => ParamValue::Bool(b),
                    Leaf::Int(i) => ParamValue::Int(i),
                    Leaf::Float(f) => ParamValue::Float(f),
                    Leaf::Str(s) => ParamValue::Str(s.into()),
                    Leaf::Other(tree) => ParamValue::Tree(Cow::Owned(tree)),
                };
                Lookup::Found {
                    value,
                    used: used + 1,
                }
            }
        })
    }

    fn metric(
        &self,
        name: &str,
        context: &Tree,
        toll: &Toll<'_>,
    ) -> std::result::Result<Option<Aggregates>, RowError> {
        let Some(name) = self.reader.metric_name(name)? else {
            return Ok(None);
        };
        let (mut found, mut refused) = (None, None);
        let mut scan = self.reader.series.borrow_mut();
        visit_series(&mut scan, &name_prefix(self.id, name), |key, stored| {
            if found.is_none() && refused.is_none() {
                let other = self.reader.context(key.context)?;
                refused = toll.look(1 + other.json.len() / 16).err();
                if refused.is_none() && tree_eq(&other.tree, context) {
                    found = Some(aggregates(&stored?));
                }
            }
            Ok(())
        })?;
        refused.map_or(Ok(found), Err)
    }
}

/// Where the sequences of a run with one name lie.
pub fn name_prefix(run: RunId, name: StringId) -> [u8; 12] {
    let mut prefix = [0; 12];
    prefix[..8].copy_from_slice(&run.to_be_bytes());
    prefix[8..].copy_from_slice(&name.to_be_bytes());
    prefix
}
