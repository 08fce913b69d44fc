//! Applying segments to a database, each frame once: the transaction that applies frames also moves the place behind them,
//! if it is where it was when they were read. Of several processes that bring in the same frames one comes first, and the
//! others leave them out.
//!
//! What a writer did of a run, from when it began or went on with it, comes behind what others did who had begun before that:
//! of a run that several write in turns the parts come in their order, also where a writer's segment is older than its turn.

use super::items::{Enter, Item, Items};
use super::news::{Found, HELD, News, has_news, is_any_gone, look_for_news};
use super::{SILENCE, Spool};
use crate::artifacts;
use crate::blobs;
use crate::error::{Error, Result, Status};
use crate::journal::{self, JournalId};
use crate::log::{self, Level};
use crate::repo::batch::{Batch, SeriesMap, close_run};
use crate::repo::rewind::rewind;
use crate::repo::{Location, Op, Repo, RepoRef, now_micros};
use crate::spool::{self, Next, SegmentReader};
use crate::store::keys::{self, RunId};
use crate::store::{Leave, RunRecord, RunState, Segment, Turn, WriteTxn, hash_text};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// What goes into one transaction: so many points, bytes, or parts of segments.
const POINTS: usize = 1 << 19;
const BYTES: usize = 16 << 20;
const PARTS: usize = 1024;

/// What was brought in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Segments that are there, and those of them that had news.
    pub segments: u64,
    pub news: u64,
    pub points: u64,
    /// What could not be brought in, and why.
    pub problems: Vec<String>,
}

/// Brings the segments of a spool into a repository that is none. Again, it brings in what is new.
pub fn merge_spool(from: &Location, into: &RepoRef) -> Result<Brought> {
    let folder = from.spool();
    if !folder.is_dir() {
        return Err(Error::new(
            Status::NotFound,
            format!("there is no spool at {}", from.root.display()),
        ));
    }
    if into.spool.is_some() {
        return Err(Error::invalid(format!(
            "{} is a spool itself: merge into a repository on a local disk",
            into.root().display()
        )));
    }
    into.store.check_writable()?;
    let _one_at_a_time = into.recovering.lock();
    let source = Source {
        packs: blobs::Reader::new(vec![from.blobs()]),
        artifacts: from.artifacts(),
        runs: HashMap::default(),
    };
    let all = spool::scan(&folder)?;
    bring_in(into, &folder, all, Some(source))
}

/// Brings what is new into the copy of a spool.
pub fn follow(repo: &Repo, spool: &Spool) -> Result<()> {
    let all = spool::scan(&spool.folder)?;
    forget_collected(repo, &all)?;
    let brought = bring_in(repo, &spool.folder, all, None)?;
    match brought.problems.is_empty() {
        true => Ok(()),
        false => Err(Error::corrupt(brought.problems.join("; "))),
    }
}

/// A copy has what the spool has: where segments have been collected, or the spool was removed, it is begun anew, unless
/// somebody writes there.
fn forget_collected(repo: &Repo, files: &Found) -> Result<()> {
    let known = || repo.store.read()?.segments();
    if !is_any_gone(&known()?, files) {
        return Ok(());
    }
    let journals = repo.location.journals();
    repo.store.write(|txn| {
        // Nobody commits meanwhile: what is read beside this transaction is what it sees.
        let known = known()?;
        let is_busy = !journal::scan(&journals)?.is_empty()
            || !repo.store.read()?.outgoing_segments()?.is_empty();
        if is_busy || !is_any_gone(&known, files) {
            return Ok(());
        }
        for run in txn.run_ids()? {
            txn.delete_run(run)?;
        }
        for (id, _) in known {
            txn.forget_journal(&id)?;
            txn.forget_segment(&id)?;
        }
        Ok(())
    })
}

/// What lies beside segments, and is brought along to where it is merged; the copy of a spool does without its own.
struct Source {
    packs: blobs::Reader,
    /// The directory of the files that runs keep.
    artifacts: PathBuf,
    /// The runs by their numbers in segments, as far as they were met.
    runs: HashMap<(JournalId, RunId), [u8; 12]>,
}

fn bring_in(into: &Repo, folder: &Path, all: Found, source: Option<Source>) -> Result<Brought> {
    let known = into.store.read()?.segments()?;
    let mut brought = Brought {
        segments: all.len() as u64,
        ..Brought::default()
    };
    if !all.iter().any(|(id, files)| has_news(&known, *id, files)) {
        return Ok(brought);
    }
    // By another process than this the order would be lost, in which parts of several segments follow each other.
    let _one_at_a_time = into.store.take_turn(Turn::Recover)?;
    let look = look_for_news(into, folder, all)?;
    brought.segments = look.segments;
    brought.problems = look.problems;
    let mut parts = Parts {
        into,
        source,
        waiting: Vec::new(),
        brought,
        applied: HashSet::new(),
        overtaken: false,
    };
    let mut unread: BTreeMap<_, _> = look
        .news
        .into_iter()
        .map(|one| ((one.begun, one.id), one))
        .collect();
    while let Some((_, one)) = unread.pop_first() {
        let next = unread.first_key_value().map(|((begun, _), _)| *begun);
        if let Some(rest) = parts.add_segment(folder, one, next, unread.len())? {
            unread.insert((rest.begun, rest.id), rest);
        }
    }
    parts.apply()?;
    parts.brought.news = parts.applied.len() as u64;
    Ok(parts.brought.told())
}

impl Brought {
    fn told(self) -> Brought {
        for problem in &self.problems {
            log::emit(Level::Warning, || problem.clone());
        }
        self
    }
}

/// What the frames of a part do, in order.
enum Step {
    Changes(Batch),
    Enter(Enter),
    /// What is known unless the frames that told it are not there any more.
    EnterAgain(Enter),
    ChangeAgain(Batch),
    Rewind {
        run: RunId,
        step: i64,
        at: i64,
        names: Vec<String>,
    },
}

/// Frames of one segment that follow each other.
struct Part {
    id: keys::JournalId,
    from: u64,
    to: u64,
    /// When the last of them was made.
    at: i64,
    created: i64,
    ended: bool,
    /// Frames before it are not there any more.
    late: bool,
    steps: Vec<Step>,
    points: usize,
    bytes: usize,
}

impl Part {
    fn new(id: JournalId, created: i64, from: u64) -> Part {
        Part {
            id: id.0,
            from,
            to: from,
            at: 0,
            created,
            ended: false,
            late: false,
            steps: Vec::new(),
            points: 0,
            bytes: 0,
        }
    }

    fn add(&mut self, items: Vec<Item>, bytes: usize, at: i64, to: u64) {
        for item in items {
            match item {
                Item::Enter(enter) => self.steps.push(Step::Enter(enter)),
                Item::EnterAgain(enter) => self.steps.push(Step::EnterAgain(enter)),
                Item::ChangeAgain(op) => {
                    let mut batch = Batch::default();
                    batch.push(op);
                    self.steps.push(Step::ChangeAgain(batch));
                }
                Item::Rewind {
                    run,
                    step,
                    at,
                    names,
                } => self.steps.push(Step::Rewind {
                    run,
                    step,
                    at,
                    names,
                }),
                Item::End => self.ended = true,
                Item::Change(op) => self.batch().push(op),
                Item::Unreadable(kind, payload) => self.batch().push_unreadable(kind, payload),
                Item::Points(local, points) => {
                    self.points += points.len();
                    self.batch().add_points(local, points);
                }
            }
        }
        self.bytes += bytes;
        (self.at, self.to) = (at, to);
    }

    fn batch(&mut self) -> &mut Batch {
        if !matches!(self.steps.last(), Some(Step::Changes(_))) {
            self.steps.push(Step::Changes(Batch::default()));
        }
        match self.steps.last_mut() {
            Some(Step::Changes(batch)) => batch,
            _ => unreachable!("it was just put there"),
        }
    }

    /// Applies it if the segment is where it was when this was read, to the copy of a spool or to another repository; false
    /// if not.
    fn apply(&self, txn: &mut WriteTxn<'_>, copy: bool) -> Result<bool> {
        let id = &self.id;
        let known = txn.segment(id)?.unwrap_or_default();
        if known.own || known.ended || known.offset != self.from {
            return Ok(false);
        }
        let mut series: SeriesMap = txn.journal_series(id)?.into_iter().collect();
        for step in &self.steps {
            match step {
                Step::EnterAgain(enter) if txn.run_of_segment(id, enter.run)?.is_some() => {}
                Step::Enter(enter) | Step::EnterAgain(enter) => {
                    let run = enter_run(txn, id, enter, self.at)?;
                    if copy {
                        txn.put_part(run, id)?;
                    }
                }
                Step::Rewind {
                    run,
                    step,
                    at,
                    names,
                } => {
                    if let Some(run) = txn.run_of_segment(id, *run)?
                        && txn.has_run(run)?
                    {
                        rewind(txn, id, run, *step, names, *at)?;
                    }
                }
                Step::ChangeAgain(batch) if batch.defines().all(|n| series.contains_key(&n)) => {}
                Step::Changes(batch) | Step::ChangeAgain(batch) => {
                    change(txn, id, batch, &mut series)?;
                }
            }
        }
        if self.ended {
            for run in txn.journal_runs(id)? {
                close_run(txn, id, run, Leave::crashed(self.at))?;
            }
            txn.forget_journal(id)?;
            txn.forget_segment_runs(id)?;
        }
        txn.put_segment(
            id,
            Segment {
                own: false,
                ended: self.ended,
                late: known.late || self.late,
                offset: self.to,
                at: self.at,
                created: self.created,
            },
        )?;
        Ok(true)
    }
}

/// Applies changes of a segment, whose numbers of runs are its own.
fn change(
    txn: &mut WriteTxn<'_>,
    id: &keys::JournalId,
    batch: &Batch,
    series: &mut SeriesMap,
) -> Result<()> {
    let mut latest = None;
    let here = |number| {
        let run = match latest {
            Some((known, run)) if known == number => run,
            // No run has this number: what is changed of it is passed over.
            _ => txn.run_of_segment(id, number)?.unwrap_or(RunId::MAX),
        };
        latest = Some((number, run));
        Ok(run)
    };
    let runs: Vec<RunId> = batch.runs().map(here).collect::<Result<_>>()?;
    let applied = batch.apply_to(txn, id, series, &runs)?;
    if applied.homeless > 0 {
        log::emit(Level::Error, || {
            let id = JournalId(*id);
            let count = applied.homeless;
            format!("segment {id}: {count} points of metrics whose names were lost are not stored")
        });
    }
    series.extend(applied.series);
    Ok(())
}

/// The writer of a segment begins, or goes on, with a run, which may be there already.
fn enter_run(
    txn: &mut WriteTxn<'_>,
    segment: &keys::JournalId,
    enter: &Enter,
    at: i64,
) -> Result<RunId> {
    let run = match txn.find_run(&enter.hash)? {
        Some(run) => {
            txn.update_run(run, |record| {
                record.created_at = record.created_at.min(enter.created_at);
                if enter.import {
                    return;
                }
                // Ended after this writer had begun: it was one of several, not the one before.
                let together = record.finalized_at.is_some_and(|end| end > at);
                let pending = Some(record.state).filter(|s| together && s.is_failure());
                record.reopen();
                if together {
                    (record.pending, record.before) = (pending, None);
                }
            })?;
            run
        }
        None => {
            let mut record = RunRecord::new(enter.hash, &enter.experiment, enter.created_at);
            record.run_id.clone_from(&enter.run_id);
            if enter.import {
                record.state = RunState::Finished;
            }
            txn.create_run(&record)?
        }
    };
    txn.add_writer(run, segment, !enter.import)?;
    txn.add_journal_run(segment, run)?;
    txn.put_segment_run(segment, enter.run, run)?;
    Ok(run)
}

/// Parts that wait for a transaction.
struct Parts<'r> {
    into: &'r Repo,
    source: Option<Source>,
    waiting: Vec<Part>,
    brought: Brought,
    /// The segments of which something was applied.
    applied: HashSet<keys::JournalId>,
    /// Somebody else has applied something of what was read.
    overtaken: bool,
}

const WAITS: &str = "what follows waits until its writer has ended or said nothing for ten minutes";

impl Parts<'_> {
    /// Brings what changes of a frame refer to: bytes of objects, and files that runs keep.
    fn place(&mut self, segment: JournalId, items: &mut [Item]) -> Result<()> {
        let Some(source) = &mut self.source else {
            return Ok(());
        };
        for item in items {
            match item {
                Item::Enter(enter) | Item::EnterAgain(enter) => {
                    source.runs.insert((segment, enter.run), enter.hash);
                }
                Item::Change(Op::Objects { point, .. }) => {
                    let into = self.into.brought()?;
                    let packs = &mut source.packs;
                    point.encoded.change_blobs(|blob| {
                        if blob.pack.journal != into.journal() {
                            // Once more by its name: a file server is asked anew.
                            let bytes = packs.read(blob).or_else(|_| packs.read(blob))?;
                            *blob = into.put(&bytes)?;
                        }
                        Ok(())
                    })?;
                }
                Item::Change(Op::SetParam { run, path, .. })
                    if path
                        .split_first()
                        .is_some_and(|(first, _)| first == artifacts::KEY) =>
                {
                    let hash = match source.runs.get(&(segment, *run)) {
                        Some(hash) => Some(*hash),
                        None => self
                            .into
                            .store
                            .read()?
                            .run_hash_of_segment(&segment.0, *run)?,
                    };
                    if let Some(hash) = hash {
                        let hash = hash_text(&hash);
                        let kept = artifacts::Keep::new(&source.artifacts, &hash);
                        kept.copy_to(&self.into.keep(&hash))?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The items of a frame, those of them as unreadable whose objects are lost.
    fn without_lost(&mut self, segment: JournalId, items: Vec<Item>) -> Result<Vec<Item>> {
        let mut kept = Vec::with_capacity(items.len());
        for item in items {
            let mut one = [item];
            match (self.place(segment, &mut one), one) {
                (Ok(()), [item]) => kept.push(item),
                (Err(e), [Item::Change(op)]) if e.status == Status::Corrupt => {
                    let (kind, payload) = op.encode();
                    kept.push(Item::Unreadable(kind, payload));
                }
                (Err(e), _) => return Err(e),
            }
        }
        Ok(kept)
    }

    /// Adds what is new of a segment, up to where its writer went on with another run after `next`; returns what is left of it
    /// then. `unread` others are to be read.
    fn add_segment(
        &mut self,
        folder: &Path,
        mut news: News,
        next: Option<i64>,
        unread: usize,
    ) -> Result<Option<News>> {
        let (id, created) = (news.id, news.created);
        let reader = match news.reader.take() {
            None => SegmentReader::open(folder, id, &news.files, news.from)?,
            held => held,
        };
        let Some(mut reader) = reader else {
            return Ok(None);
        };
        reader.reach(news.end);
        let mut part = Part::new(id, created, news.from);
        loop {
            match reader.next(part.to) {
                Ok(Next::Frame(frame, to)) => {
                    let (at, bytes) = (frame.at, frame.body.len());
                    let mut items: Vec<Item> = Items::new(frame.body, at).collect();
                    let enters = items.iter().any(|item| matches!(item, Item::Enter(_)));
                    let is_first = part.to == 0;
                    if enters && !is_first && at > news.begun && next.is_some_and(|n| n < at) {
                        (news.begun, news.from) = (at, part.to);
                        news.reader = Some(reader).filter(|_| unread < HELD);
                        if part.to > part.from {
                            self.push(part)?;
                        }
                        return Ok(Some(news));
                    }
                    if let Err(e) = self.place(id, &mut items) {
                        if e.status != Status::Corrupt {
                            return Err(e);
                        }
                        let place = format!(
                            "{}: an object of a frame at {}: {e}",
                            reader.path().display(),
                            spool::place(part.to)
                        );
                        if !is_over(&mut reader, to, at)? {
                            self.brought.problems.push(format!("{place}; {WAITS}"));
                            break;
                        }
                        self.brought
                            .problems
                            .push(format!("{place}; its point is set aside"));
                        items = self.without_lost(id, items)?;
                    }
                    part.add(items, bytes, at, to);
                }
                Ok(Next::NotYet) => break,
                Ok(Next::Damaged(next)) => {
                    let size = match spool::number(next) == spool::number(part.to) {
                        true => format!("{} bytes", next - part.to),
                        false => "the bytes".to_owned(),
                    };
                    let place = format!(
                        "{}: {size} at {} are damaged",
                        reader.path().display(),
                        spool::place(part.to)
                    );
                    if !is_over(&mut reader, next, 0)? {
                        self.brought.problems.push(format!("{place}; {WAITS}"));
                        break;
                    }
                    let text = "what they held is lost, the rest is brought in";
                    self.brought.problems.push(format!("{place}: {text}"));
                    part.to = next;
                }
                Ok(Next::Gone(next)) => {
                    // The copy of a spool has what is there.
                    if self.source.is_some() {
                        self.brought.problems.push(format!(
                            "{}: what was written before was removed from the spool; what is left is brought in",
                            spool::path(folder, id, spool::number(next)).display()
                        ));
                    }
                    (part.to, part.late) = (next, true);
                }
                Err(e) if matches!(e.status, Status::Corrupt | Status::UnsupportedVersion) => {
                    self.brought.problems.push(e.to_string());
                    break;
                }
                Err(e) => return Err(e),
            }
            if part.ended {
                break;
            }
            if part.points >= POINTS || part.bytes >= BYTES {
                let next = Part::new(id, created, part.to);
                self.push(std::mem::replace(&mut part, next))?;
            }
        }
        if part.to > part.from {
            self.push(part)?;
        }
        Ok(None)
    }

    fn push(&mut self, part: Part) -> Result<()> {
        self.waiting.push(part);
        let sum = |of: fn(&Part) -> usize| self.waiting.iter().map(of).sum::<usize>();
        let is_full = self.waiting.len() >= PARTS
            || sum(|part| part.points) >= POINTS
            || sum(|part| part.bytes) >= BYTES;
        if is_full { self.apply() } else { Ok(()) }
    }

    fn apply(&mut self) -> Result<()> {
        if self.waiting.is_empty() || self.overtaken {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        if self.source.is_some() {
            self.into.brought()?.sync()?;
        }
        let applied = self.into.store.write(|txn| {
            for (count, part) in waiting.iter().enumerate() {
                if !part.apply(txn, self.into.is_spool())? {
                    return Ok(count);
                }
            }
            Ok(waiting.len())
        })?;
        for part in &waiting[..applied] {
            self.applied.insert(part.id);
            self.brought.points += part.points as u64;
        }
        // What follows may build on what was left out: the next time, or whoever was faster, brings it in.
        self.overtaken = applied < waiting.len();
        Ok(())
    }
}

/// Whether nobody writes a segment any more, as far as its frames from a place on tell, before which the latest is known.
fn is_over(reader: &mut SegmentReader, mut place: u64, mut latest: i64) -> Result<bool> {
    loop {
        match reader.next(place)? {
            Next::Frame(frame, next) => {
                if Items::new(frame.body, frame.at).any(|item| item == Item::End) {
                    return Ok(true);
                }
                (latest, place) = (frame.at, next);
            }
            Next::Damaged(next) | Next::Gone(next) => place = next,
            Next::NotYet => return Ok(now_micros() - latest >= SILENCE),
        }
    }
}
