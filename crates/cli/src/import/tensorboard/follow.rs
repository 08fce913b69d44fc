//! Event files as they are written, brought into a run that this process writes.

use super::event::Event;
use super::find::{context, files, run_of};
use super::records::{Next, Records};
use super::run::{Part, State};
use crate::failure::Failure;
use crate::import::{Report, Target};
use aim::run::Run;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The event files below a directory.
pub fn there(root: &Path) -> HashSet<PathBuf> {
    files(root).into_values().flatten().collect()
}

pub struct Follower {
    root: PathBuf,
    /// The directory of the run itself: the first that had an event file. Others are contexts.
    own: Option<PathBuf>,
    parts: HashMap<PathBuf, Part>,
    files: HashMap<PathBuf, Option<Records>>,
    state: State,
    target: Target,
    report: Report,
}

impl Follower {
    /// Follows all files below a directory but those that are of others.
    pub fn new(root: PathBuf, run: Arc<Run>, others: HashSet<PathBuf>) -> Follower {
        Follower {
            root,
            own: None,
            parts: HashMap::new(),
            files: others.into_iter().map(|path| (path, None)).collect(),
            state: State::default(),
            target: Target::of(run),
            report: Report::new(false),
        }
    }

    /// Brings in what was written since it looked last.
    pub fn look(&mut self) -> Result<(), Failure> {
        for (directory, paths) in files(&self.root) {
            for path in paths {
                self.file(&directory, path)?;
            }
        }
        self.target.flush()
    }

    fn file(&mut self, directory: &Path, path: PathBuf) -> Result<(), Failure> {
        if !self.files.contains_key(&path) {
            // One that cannot be opened now may be, the next time.
            let Ok(records) = Records::open(&path) else {
                return Ok(());
            };
            self.files.insert(path.clone(), Some(records));
        }
        let Some(Some(records)) = self.files.get_mut(&path) else {
            return Ok(());
        };
        let (root, own) = (&self.root, &mut self.own);
        let own = own.get_or_insert_with(|| run_of(root, directory));
        let below = directory
            .strip_prefix(own)
            .or_else(|_| directory.strip_prefix(root));
        let part = self
            .parts
            .entry(directory.to_owned())
            .or_insert_with(|| Part::of(context(below.unwrap_or(Path::new("")))));
        loop {
            match records.next() {
                Ok(Next::Record(at, bytes)) => match Event::parse(bytes) {
                    Ok(event) => {
                        let (state, target) = (&mut self.state, &mut self.target);
                        part.event(&event, None, state, target, &mut self.report)?;
                    }
                    Err(rule) => {
                        let what = format!("{} at byte {at}: {rule}", path.display());
                        self.report.damage(what);
                    }
                },
                Ok(Next::Damage(from, to, rule)) => {
                    let shown = path.display();
                    let what = format!("{shown} at byte {from}, up to {to}: {rule}");
                    self.report.damage(what);
                }
                // More may follow.
                Ok(Next::Cut(_) | Next::End) => return Ok(()),
                Err(e) => {
                    self.report.damage(format!("{}: {e}", path.display()));
                    self.files.insert(path, None);
                    return Ok(());
                }
            }
        }
    }

    /// What could not be brought in, in words.
    pub fn trouble(&self) -> Vec<String> {
        self.report.trouble()
    }
}
