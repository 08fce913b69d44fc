//! Editing what is stored, by hash or many runs at once, without opening a run: its status and its times stay as they are.
//! One call is one transaction: all of it happens, or nothing. Readers see all of it or nothing, too.

use super::batch::set_properties;
use super::check::{MAX_TEXT, check_length, check_name};
use super::{Property, Repo, now_micros};
use crate::error::{Error, Result};
use crate::store::keys::{RunId, SeriesKey};
use crate::store::{About, Indexed, Kind, Note, NoteEdit, Range, Subject, WriteTxn};
use aim_value::{Path, Tree};

/// One change of a stored run.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    Property(Property),
    SetParam(Path, Tree),
    DeleteParam(Path),
    Note(NoteEdit),
    /// Deletes a metric with all its points: of this context, canonical JSON, or of every one.
    DropMetric {
        name: String,
        context: Option<String>,
    },
}

impl Edit {
    /// Whether the change may be made at all.
    pub fn check(&self) -> Result<()> {
        match self {
            Edit::Property(property) => property.check(),
            Edit::Note(NoteEdit::Add(text) | NoteEdit::Replace(_, text)) => {
                check_length("the note", text, MAX_TEXT)
            }
            Edit::SetParam(path, _) | Edit::DeleteParam(path) if path.is_root() => Err(
                Error::invalid("the path names no param: it is the root of them"),
            ),
            Edit::SetParam(path, value) => Ok(path.check_depth(value)?),
            _ => Ok(()),
        }
    }

    pub(super) fn apply(&self, txn: &mut WriteTxn<'_>, run: RunId, at: i64) -> Result<()> {
        match self {
            Edit::Property(property) => set_properties(txn, run, &[property]),
            Edit::SetParam(path, value) => match path.split_first() {
                Some((first, below)) => txn.update_param(run, first, |tree| {
                    let mut tree = tree.unwrap_or(Tree::Null);
                    tree.set(&below, value.clone())?;
                    Ok(Some(tree))
                }),
                None => Ok(()),
            },
            Edit::DeleteParam(path) => delete_param(txn, run, path),
            Edit::Note(note) => txn.edit_note(run, note, at).map(|_| ()),
            Edit::DropMetric { name, context } => drop_metric(txn, run, name, context.as_deref()),
        }
    }
}

/// Nothing happens where there is no such param.
fn delete_param(txn: &mut WriteTxn<'_>, run: RunId, path: &Path) -> Result<()> {
    let Some((first, below)) = path.split_first() else {
        return Ok(());
    };
    txn.update_param(run, first, |tree| {
        Ok(match tree {
            Some(_) if below.is_root() => None,
            Some(mut tree) => {
                tree.remove(&below);
                Some(tree)
            }
            None => None,
        })
    })
}

/// Nothing happens where there is no such metric.
fn drop_metric(
    txn: &mut WriteTxn<'_>,
    run: RunId,
    name: &str,
    context: Option<&str>,
) -> Result<()> {
    let Some(name) = txn.find_string(Kind::Name, name)? else {
        return Ok(());
    };
    let context = match context {
        Some(context) => match txn.find_string(Kind::Context, context)? {
            Some(context) => Some(context),
            None => return Ok(()),
        },
        None => None,
    };
    let keys: Vec<SeriesKey> = txn.run_series_keys(run)?;
    keys.into_iter()
        .filter(|key| key.name == name && context.is_none_or(|context| key.context == context))
        .try_for_each(|key| txn.delete_series(key))
}

/// An experiment or a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    pub name: String,
    pub about: About,
    /// How many runs have it.
    pub runs: u64,
}

/// "", or "#" and six hex digits.
fn check_colour(colour: &str) -> Result<()> {
    let is_colour = colour.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    match colour.is_empty() || is_colour {
        true => Ok(()),
        false => Err(Error::invalid(format!(
            "the colour is {colour:?}; it is empty, or # and six hexadecimal digits"
        ))),
    }
}

impl Repo {
    /// Changes one stored run.
    pub fn edit_run(&self, hash: &str, edits: &[Edit]) -> Result<()> {
        self.flush()?;
        let (id, _) = self.find_run(hash)?;
        match self.edit_runs(&[id], edits)? {
            0 => Err(self.no_run(hash)),
            _ => Ok(()),
        }
    }

    /// Changes many stored runs alike, in one transaction; returns how many of them are still there and were changed.
    pub fn edit_runs(&self, runs: &[RunId], edits: &[Edit]) -> Result<u64> {
        self.check_editable()?;
        edits.iter().try_for_each(Edit::check)?;
        self.flush()?;
        let at = now_micros();
        self.store.write(|txn| {
            let mut changed = 0;
            for run in runs {
                if txn.has_run(*run)? {
                    for edit in edits {
                        edit.apply(txn, *run, at)
                            .map_err(|e| e.context(name_of(txn, *run)))?;
                    }
                    changed += 1;
                }
            }
            Ok(changed)
        })
    }

    /// Writes a note to a run; returns its number.
    pub fn add_note(&self, hash: &str, text: &str) -> Result<i32> {
        self.check_editable()?;
        let edit = NoteEdit::Add(text.to_owned());
        Edit::Note(edit.clone()).check()?;
        self.flush()?;
        let (id, _) = self.find_run(hash)?;
        let at = now_micros();
        self.store.write(|txn| match txn.has_run(id)? {
            true => txn.edit_note(id, &edit, at),
            false => Err(self.no_run(hash)),
        })
    }

    /// A run's notes, oldest first.
    pub fn notes(&self, hash: &str) -> Result<Vec<Note>> {
        let (id, _) = self.find_run(hash)?;
        self.store.read()?.notes(id)
    }

    /// All experiments or tags, by name.
    pub fn describe_all(&self, subject: Subject) -> Result<Vec<Described>> {
        let all = self.store.read()?.all_about(subject)?;
        Ok(all
            .into_iter()
            .map(|(name, (runs, about))| Described { name, about, runs })
            .collect())
    }

    /// What is said of an experiment or a tag, whether or not a run has it.
    pub fn about(&self, subject: Subject, name: &str) -> Result<About> {
        self.store.read()?.about(subject, name)
    }

    /// Says something of an experiment or a tag, in place of what was said before.
    pub fn describe(&self, subject: Subject, name: &str, about: &About) -> Result<()> {
        self.check_editable()?;
        check_name("the name", name)?;
        check_length("the description", &about.description, MAX_TEXT)?;
        check_colour(&about.colour)?;
        self.store.write(|txn| txn.put_about(subject, name, about))
    }

    /// Renames an experiment or a tag in all runs that have it, with what is said of it; returns how many runs that were.
    /// If there is one of the new name, the two become one, and what is said of that stays.
    pub fn rename(&self, subject: Subject, from: &str, to: &str) -> Result<u64> {
        self.check_editable()?;
        check_name("the name", to)?;
        self.flush()?;
        self.store.write(|txn| {
            let said = txn.about(subject, from)?;
            if from != to && said != About::default() {
                if txn.about(subject, to)? == About::default() {
                    txn.put_about(subject, to, &said)?;
                }
                txn.put_about(subject, from, &About::default())?;
            }
            each_run(txn, subject, from, |record| match subject {
                Subject::Experiment => record.experiment = to.to_owned(),
                Subject::Tag => {
                    let had = record.tags.iter().any(|tag| tag == to);
                    record.tags.retain(|tag| !had || tag != from || tag == to);
                    for tag in record.tags.iter_mut().filter(|tag| *tag == from) {
                        *tag = to.to_owned();
                    }
                }
            })
        })
    }

    /// Takes a tag from all runs that have it, and forgets what is said of it; returns how many runs that were.
    pub fn delete_tag(&self, tag: &str) -> Result<u64> {
        self.check_editable()?;
        self.flush()?;
        self.store.write(|txn| {
            txn.put_about(Subject::Tag, tag, &About::default())?;
            each_run(txn, Subject::Tag, tag, |record| {
                record.tags.retain(|t| t != tag);
            })
        })
    }
}

/// Changes the records of all runs that have an experiment or a tag.
fn each_run(
    txn: &mut WriteTxn<'_>,
    subject: Subject,
    name: &str,
    change: impl Fn(&mut crate::store::RunRecord),
) -> Result<u64> {
    let range = Range::equals(subject.field(), &Indexed::Text(name));
    let mut changed = 0;
    // The index gives more than it should for long names.
    for run in txn.indexed_runs(&range, usize::MAX)?.unwrap_or_default() {
        let has = txn.run(run)?.is_some_and(|record| match subject {
            Subject::Experiment => record.experiment == name,
            Subject::Tag => record.tags.iter().any(|tag| tag == name),
        });
        if has {
            txn.update_run(run, &change)?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// What an error calls a run.
fn name_of(txn: &WriteTxn<'_>, run: RunId) -> String {
    match txn.run(run) {
        Ok(Some(record)) => format!("run {}", record.hash_text()),
        _ => format!("run number {run}"),
    }
}
