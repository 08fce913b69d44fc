//! A run that is brought in, or, where nothing is stored, only counted.

mod artifacts;
mod objects;

pub use objects::{Place, caption};

use super::report::{Brought, Report};
use super::{Options, Seen, SequenceKey};
use crate::context::look_at;
use crate::failure::Failure;
use aim::query::{Stream, read};
use aim::repo::{Edit, NoteEdit, Property, RepoRef, micros};
use aim::run::{
    EPOCH_NONE, MAX_RUN_ID, Metric, Mode, Outcome, Run, RunOptions, STEP_AUTO, SourceLocation,
    Which, hash_of_id, logs,
};
use aim_value::Tree;
use std::collections::HashMap;
use std::sync::Arc;

/// Points of one metric that are handed over at once.
const PIECE: usize = 4096;
/// Points of all metrics that wait at most: 128 MiB of them.
const WAITING: usize = 1 << 22;

/// Which run it is.
#[derive(Clone, Debug)]
pub enum Id {
    /// By what follows from the source and is the same at every import.
    Source(String),
    /// It has this hash, and the text that its creator chose as its id.
    Hash {
        hash: String,
        run_id: Option<String>,
    },
}

/// Which run it is, and how it is called where it is new.
#[derive(Clone, Debug)]
pub struct Identity {
    pub id: Id,
    pub name: String,
    pub experiment: Option<String>,
    /// Microseconds since 1970 (UTC).
    pub created_at: Option<i64>,
}

/// Seconds since 1970 (UTC) that a point may have.
#[derive(Clone, Copy, Debug)]
pub struct Time(f64);

impl Time {
    /// `None` where that is no time.
    pub fn new(seconds: f64) -> Option<Time> {
        micros(seconds).ok().map(|_| Time(seconds))
    }

    pub fn micros(self) -> i64 {
        (self.0 * 1e6).round() as i64
    }
}

/// A metric of the run, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series(usize);

#[derive(Default)]
struct Waiting {
    metric: Option<Metric>,
    /// Points that the source gave, and how many of the next ones are there already.
    given: u64,
    known: u64,
    values: Vec<f64>,
    steps: Vec<i64>,
    epochs: Vec<i64>,
    times: Vec<f64>,
}

impl Waiting {
    fn flush(&mut self) -> Result<(), Failure> {
        if let Some(metric) = &self.metric {
            let (steps, epochs) = (Some(&self.steps[..]), Some(&self.epochs[..]));
            metric.track_many_at(&self.values, steps, epochs, Some(&self.times))?;
        }
        self.values.clear();
        self.steps.clear();
        self.epochs.clear();
        self.times.clear();
        Ok(())
    }
}

#[derive(Default)]
pub struct Target {
    run: Option<Arc<Run>>,
    brought: Brought,
    /// Points that the run had before.
    before: u64,
    is_new: bool,
    numbers: HashMap<(String, String), Option<Series>>,
    series: Vec<Waiting>,
    waiting: usize,
    /// Texts that the log and the terminal had before, by time: how many of each the source has not given yet.
    texts: [Option<HashMap<(i64, String), u64>>; 2],
    sequences: HashMap<SequenceKey, objects::Sequence>,
    /// Points of objects that the run had before.
    objects_before: u64,
    /// Where this process keeps what it brought in, if the source only grows.
    seen: Option<Seen>,
    /// The params that the run had before.
    params: Option<Tree>,
    changed: bool,
}

/// An id that is not too long for one.
fn run_id(id: &str) -> String {
    if id.len() <= MAX_RUN_ID {
        return id.to_owned();
    }
    let hash = text_of(hash_of_id(id));
    let mut end = MAX_RUN_ID - hash.len() - 1;
    while !id.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}#{hash}", &id[..end])
}

fn below<'t>(tree: &'t Tree, keys: &[&str]) -> Option<&'t Tree> {
    let Some((first, rest)) = keys.split_first() else {
        return Some(tree);
    };
    match tree {
        Tree::Dict(entries) => {
            let entry = entries.iter().find(|(key, _)| key == first)?;
            below(&entry.1, rest)
        }
        _ => None,
    }
}

fn text_of(hash: [u8; 12]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash that the run has or will have.
pub fn hash(identity: &Identity) -> String {
    match &identity.id {
        Id::Source(id) => text_of(hash_of_id(&run_id(id))),
        Id::Hash { hash, .. } => hash.clone(),
    }
}

/// More of a run than what other tools know: its properties as libaim has them.
#[derive(Clone, Debug, Default)]
pub struct Exact {
    pub description: String,
    pub tags: Vec<String>,
    pub archived: bool,
    pub notes: Vec<String>,
}

fn stored_points(repo: &RepoRef, hash: &str) -> Result<Option<u64>, Failure> {
    Ok(read(repo, |snapshot| {
        let Some(run) = snapshot.find(hash)? else {
            return Ok(None);
        };
        let metrics = snapshot.metrics(&run)?;
        Ok(Some(metrics.iter().map(|m| m.aggregates.count).sum()))
    })?)
}

impl Target {
    /// A run that somebody else opened, and will close.
    pub fn of(run: Arc<Run>) -> Target {
        Target {
            run: Some(run),
            is_new: true,
            ..Target::default()
        }
    }

    pub fn open(
        repo: Option<&RepoRef>,
        options: &Options,
        identity: &Identity,
    ) -> Result<Target, Failure> {
        let mut target = Target {
            brought: Brought {
                hash: hash(identity),
                name: identity.name.clone(),
                ..Brought::default()
            },
            is_new: true,
            ..Target::default()
        };
        let Some(repo) = repo else {
            return Ok(target);
        };
        let before = stored_points(repo, &target.brought.hash)?;
        target.is_new = before.is_none();
        target.before = before.unwrap_or(0);
        target.objects_before = objects::stored(repo, &target.brought.hash)?;
        let id;
        let which = match &identity.id {
            Id::Source(source) => {
                id = run_id(source);
                Which::Id(&id, Mode::OpenOrCreate)
            }
            Id::Hash { hash, run_id } => match run_id {
                Some(run_id) if text_of(hash_of_id(run_id)) == *hash => {
                    Which::Id(run_id, Mode::OpenOrCreate)
                }
                _ if target.is_new => Which::NewHash(hash),
                _ => Which::Existing(hash),
            },
        };
        let experiment = options.experiment.as_deref();
        let experiment = experiment.or(identity.experiment.as_deref());
        let run = Run::open(
            repo.clone(),
            &RunOptions {
                which,
                experiment: experiment.filter(|_| target.is_new),
                created_at: identity.created_at,
                import: true,
                ..RunOptions::default()
            },
        )?;
        if target.is_new && !identity.name.is_empty() {
            run.set(Property::Name(identity.name.clone()))?;
        }
        for tag in &options.tags {
            run.set(Property::AddTag(tag.clone()))?;
        }
        if !target.is_new {
            target.params = Some(run.param(None)?);
        }
        target.run = Some(Arc::new(run));
        Ok(target)
    }

    /// Whether this import made the run.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Makes a new run what it was.
    pub fn describe(&mut self, exact: &Exact) -> Result<(), Failure> {
        let Some(run) = self.run.as_ref().filter(|_| self.is_new) else {
            return Ok(());
        };
        if !exact.description.is_empty() {
            run.set(Property::Description(exact.description.clone()))?;
        }
        for tag in &exact.tags {
            run.set(Property::AddTag(tag.clone()))?;
        }
        if exact.archived {
            run.set(Property::Archived(true))?;
        }
        let notes = exact.notes.iter();
        let notes = notes.map(|note| Edit::Note(NoteEdit::Add(note.clone())));
        let notes: Vec<Edit> = notes.collect();
        match notes.is_empty() {
            true => Ok(()),
            false => Ok(run.repo().edit_run(run.hash(), &notes)?),
        }
    }

    /// Says that the source gives the points of each metric in the order in which it gave them before, and then new ones:
    /// those that this process brought in already are not stored again.
    pub fn only_grows(&mut self, options: &Options) {
        if options.follow {
            self.seen = Some(options.seen.clone());
        }
    }

    /// Drops what the run has from a step on.
    pub fn rewind(&mut self, step: i64) -> Result<(), Failure> {
        if let Some(seen) = &self.seen {
            seen.borrow_mut().remove(&self.brought.hash);
        }
        if let Some(run) = &self.run {
            run.rewind(step, &[])?;
        }
        Ok(())
    }

    /// Sets a param at the path of these keys, unless it is that already. One that libaim does not take is lost.
    pub fn param(&mut self, report: &mut Report, keys: &[&str], value: Tree) {
        let pointer: String = keys
            .iter()
            .map(|key| format!("/{}", aim_value::escape(key)))
            .collect();
        let Some(run) = &self.run else { return };
        let known = self.params.as_ref().and_then(|known| below(known, keys));
        if known == Some(&value) {
            return;
        }
        match run.set_param(&pointer, value) {
            Ok(()) => self.changed = true,
            Err(_) => report.lost("params with names or values that libaim does not take", 1),
        }
    }

    /// How many points of a sequence an earlier import of this process brought into the run.
    fn known(&self, sequence: &SequenceKey) -> u64 {
        let seen = self.seen.as_ref().filter(|_| !self.is_new);
        seen.and_then(|seen| {
            let seen = seen.borrow();
            seen.get(&self.brought.hash)?.get(sequence).copied()
        })
        .unwrap_or(0)
    }

    /// The metric of a name and a context in JSON; `None` if no metric can be called so.
    pub fn series(&mut self, name: &str, context: &str) -> Result<Option<Series>, Failure> {
        let key = (name.to_owned(), context.to_owned());
        if let Some(known) = self.numbers.get(&key) {
            return Ok(*known);
        }
        let metric = match &self.run {
            None if name.is_empty() || name.len() > aim::run::MAX_NAME => Err(()),
            None => Ok(None),
            Some(run) => run.metric(name, Some(context)).map(Some).map_err(|_| ()),
        };
        let known = self.known(&(None, key.0.clone(), key.1.clone()));
        let number = metric.ok().map(|metric| {
            self.series.push(Waiting {
                metric,
                known,
                ..Waiting::default()
            });
            Series(self.series.len() - 1)
        });
        if number.is_some() {
            self.brought.metrics += 1;
        }
        self.numbers.insert(key, number);
        Ok(number)
    }

    /// A point; without an epoch if that is `EPOCH_NONE`.
    #[inline]
    pub fn point(
        &mut self,
        report: &mut Report,
        series: Series,
        step: i64,
        value: f64,
        epoch: i64,
        time: Time,
    ) -> Result<(), Failure> {
        const _: () = assert!(STEP_AUTO == i64::MIN && EPOCH_NONE == i64::MIN);
        if step == STEP_AUTO {
            report.lost("points at the step -2^63", 1);
            return Ok(());
        }
        let waiting = &mut self.series[series.0];
        self.brought.points += 1;
        waiting.given += 1;
        if waiting.given <= waiting.known {
            return Ok(());
        }
        waiting.values.push(value);
        waiting.steps.push(step);
        waiting.epochs.push(epoch);
        waiting.times.push(time.0);
        self.waiting += 1;
        if waiting.values.len() >= PIECE {
            self.waiting -= waiting.values.len();
            waiting.flush()?;
        }
        match self.waiting >= WAITING {
            true => self.flush(),
            false => Ok(()),
        }
    }

    /// Hands all points over.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.waiting = 0;
        for waiting in self.series.iter_mut().filter(|w| !w.values.is_empty()) {
            waiting.flush()?;
        }
        Ok(())
    }

    /// A record of the log, or a line of the terminal with its descriptor as the level, unless it is there already.
    pub fn record(
        &mut self,
        report: &mut Report,
        stream: Stream,
        time: Time,
        level: i32,
        text: &str,
        location: Option<SourceLocation>,
    ) -> Result<(), Failure> {
        if text.len() > logs::MAX_MESSAGE {
            report.lost("texts longer than 1 MiB", 1);
            return Ok(());
        }
        let terminal = matches!(stream, Stream::Terminal);
        let levels = if terminal { 1..=2 } else { logs::LEVELS };
        if !levels.contains(&level) {
            report.lost("texts of a level that there is not", 1);
            return Ok(());
        }
        self.brought.texts += 1;
        let Some(run) = &self.run else { return Ok(()) };
        let is_new = self.is_new;
        let known = &mut self.texts[usize::from(terminal)];
        let known = match known {
            Some(known) => known,
            None => {
                let mut had: HashMap<_, u64> = HashMap::new();
                if !is_new {
                    for (_, record) in run.read_logs(stream, 0, u64::MAX)? {
                        *had.entry((record.time, record.text)).or_default() += 1;
                    }
                }
                known.insert(had)
            }
        };
        // Equal lines of one moment are as many as the source has.
        if let Some(count) = known.get_mut(&(time.micros(), text.to_owned()))
            && *count > 0
        {
            *count -= 1;
            return Ok(());
        }
        match terminal {
            true => run.add_line_at(Some(time.micros()), level, text)?,
            false => run.log_at(Some(time.micros()), level, text, location)?,
        }
        self.changed = true;
        Ok(())
    }

    /// Ends the run as it ended in the past, if anything of it is new.
    pub fn close(
        mut self,
        report: &mut Report,
        outcome: Outcome,
        at: Option<i64>,
    ) -> Result<(), Failure> {
        self.flush()?;
        if let Some(seen) = &self.seen {
            let given = self.numbers.drain().filter_map(|(key, series)| {
                let given = self.series.get(series?.0)?.given;
                Some(((None, key.0, key.1), given))
            });
            let objects = self.sequences.drain();
            let objects = objects.map(|(key, sequence)| (key, sequence.given));
            let given = given.chain(objects).collect();
            seen.borrow_mut().insert(self.brought.hash.clone(), given);
        }
        self.series.clear();
        if let Some(run) = self.run.take() {
            run.flush()?;
            let repo = run.repo().clone();
            let after = stored_points(&repo, &self.brought.hash)?.unwrap_or(0);
            self.brought.added = after.saturating_sub(self.before);
            self.changed |= objects::stored(&repo, &self.brought.hash)? != self.objects_before;
            match self.is_new || self.changed || after != self.before {
                true => run.close_as(outcome, at)?,
                false => run.close()?,
            }
        }
        report.run(self.brought);
        Ok(())
    }
}

/// What is kept of a source between two imports, so that what has not changed is not read again.
pub fn remembered(repo: &RepoRef, hash: &str) -> Result<Option<String>, Failure> {
    // Of a run that was deleted nothing counts any more.
    let is_there = look_at(repo, |snapshot| Ok(snapshot.find(hash)?.is_some()))?;
    match is_there {
        true => Ok(repo.document(SOURCES, hash)?),
        false => Ok(None),
    }
}

pub fn remember(repo: &RepoRef, hash: &str, what: &str) -> Result<(), Failure> {
    Ok(repo.edit_documents(|documents| documents.put(SOURCES, hash, what))?)
}

/// The collection of what is remembered.
const SOURCES: &str = "imports";
