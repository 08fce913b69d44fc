//! A batch: drained journal records, grouped so that one short write transaction can apply them.
//!
//! Stored values that turn out to be damaged do not keep the rest from being committed, now or later:
//! - A sequence's blocks that cannot be read are set aside; the others and the new points go on as the sequence.
//! - A param that cannot be read is set aside, and set anew.
//! - Changes to the record of a run that cannot be read are dropped; its points and params are stored.
//!
//! Nor do records that make no sense, or that ask for what cannot be: they are set aside, in the table `damaged`.
//!
//! Each is reported when it is met, as an error in the log, and those set aside are counted.

use super::damage::{pass_over_damage, past_damage, unless_damaged};
use super::op::{Op, Property};
use super::rewind::Rewound;
use crate::blobs::Blob;
use crate::error::{Error, Result, Status};
use crate::journal::Record;
use crate::log::{self, Level};
use crate::point::STEP_AUTO;
use crate::store::keys::{JournalId, RunId, SeriesKey};
use crate::store::{Leave, LogAppend, Points, Stream, WriteTxn};
use aim_value::Tree;
use rustc_hash::FxHashMap as HashMap;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

/// Local series ids of one journal.
pub type SeriesMap = HashMap<u32, SeriesKey>;

/// The kind under which a point is set aside that gets no step. Its payload: run, name and context as they are stored,
/// then value, epoch and time.
const NO_STEP: u8 = 0;

fn without_a_step(key: SeriesKey, points: &Points, i: usize) -> Vec<u8> {
    let mut payload = key.to_bytes().to_vec();
    payload.extend_from_slice(&points.values[i].to_le_bytes());
    payload.extend_from_slice(&points.epochs[i].to_le_bytes());
    payload.extend_from_slice(&points.times[i].to_le_bytes());
    payload
}

/// Stands for a series that was defined when its run was gone already.
const GONE: SeriesKey = SeriesKey {
    run: RunId::MAX,
    name: 0,
    context: 0,
};

/// Bytes that a batch of points may keep for the next one.
const KEPT: usize = 4 << 20;

/// Records of one journal between two commits.
#[derive(Clone, Default)]
pub struct Batch {
    ops: Vec<Op>,
    /// Records of which no change could be read: kind and payload.
    unreadable: Vec<(u8, Vec<u8>)>,
    series: Vec<(u32, Points)>,
    place: HashMap<u32, usize>,
    /// The series of the record before: neighbours are often alike.
    latest: Option<(u32, usize)>,
}

impl Batch {
    pub fn add(&mut self, record: Record<'_>) {
        match record {
            Record::Point {
                series,
                point,
                time,
            } => {
                let at = self.series_place(series);
                let points = &mut self.series[at].1;
                points.push(point.step, point.value, point.epoch, time);
            }
            Record::Payload { kind, payload } => match Op::decode(kind, payload) {
                Ok(Op::Points { local, points }) => {
                    let at = self.series_place(local);
                    self.series[at].1.append(points.as_slices());
                }
                Ok(op) => self.ops.push(op),
                Err(_) => self.unreadable.push((kind, payload.to_vec())),
            },
        }
    }

    pub fn push(&mut self, op: Op) {
        self.ops.push(op);
    }

    pub fn push_unreadable(&mut self, kind: u8, payload: Vec<u8>) {
        self.unreadable.push((kind, payload));
    }

    pub fn add_points(&mut self, series: u32, points: Points) {
        let at = self.series_place(series);
        match &mut self.series[at].1 {
            empty if empty.is_empty() => *empty = points,
            there => there.append(points.as_slices()),
        }
    }

    /// The numbers of the sequences that it names.
    pub fn defines(&self) -> impl Iterator<Item = u32> {
        self.ops.iter().filter_map(|op| match op {
            Op::DefineSeries { local, .. } => Some(*local),
            _ => None,
        })
    }

    /// The records that say what runs and metrics the others are of.
    pub fn names(&self) -> impl Iterator<Item = (u8, Vec<u8>)> {
        let names = |op: &&Op| matches!(op, Op::Run { .. } | Op::DefineSeries { .. });
        self.ops.iter().filter(names).map(Op::encode)
    }

    pub fn ops_mut(&mut self) -> &mut Vec<Op> {
        &mut self.ops
    }

    /// The points of each sequence, by its number; a step of `STEP_AUTO` is none.
    pub fn points_mut(&mut self) -> &mut [(u32, Points)] {
        &mut self.series
    }

    /// Its changes, in the order of the calls that made them; points are apart.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The points of each sequence, by its number.
    pub fn points(&self) -> &[(u32, Points)] {
        &self.series
    }

    /// The run of each of its changes, in their order.
    pub fn runs(&self) -> impl Iterator<Item = RunId> {
        self.ops.iter().map(|op| op.run().unwrap_or(RunId::MAX))
    }

    fn series_place(&mut self, series: u32) -> usize {
        match self.latest {
            Some((latest, at)) if latest == series => at,
            _ => {
                let end = self.series.len();
                let at = *self.place.entry(series).or_insert(end);
                if at == end {
                    self.series.push((series, Points::default()));
                }
                self.latest = Some((series, at));
                at
            }
        }
    }

    /// Takes out the points of objects whose bytes are not what they should be, as after a power loss: they are set aside.
    pub fn check_objects(&mut self, mut is_whole: impl FnMut(&Blob) -> Result<bool>) -> Result<()> {
        let mut sound = Vec::with_capacity(self.ops.len());
        for op in self.ops.drain(..) {
            let mut whole = true;
            if let Op::Objects { point, .. } = &op {
                for blob in point.encoded.blobs() {
                    whole &= is_whole(&blob)?;
                }
            }
            match whole {
                true => sound.push(op),
                false => self.unreadable.push(op.encode()),
            }
        }
        self.ops = sound;
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
            && self.unreadable.is_empty()
            && self.series.iter().all(|(_, points)| points.is_empty())
    }

    /// Empties the batch. It keeps its memory where that is little and of use for more of the same: an allocator gives larger
    /// pieces back to the kernel, which has them filled with zeros, page by page, whenever they are asked for.
    pub fn clear(&mut self) {
        let is_used = |(_, points): &(u32, Points)| !points.is_empty();
        let memory: usize = self.series.iter().map(|(_, points)| points.memory()).sum();
        match memory <= KEPT && self.series.iter().all(is_used) {
            true => self.reuse(),
            false => *self = Batch::default(),
        }
    }

    /// The latest time of its points; 0 if it has none.
    pub fn latest_time(&self) -> i64 {
        let times = self.series.iter().flat_map(|(_, points)| &points.times);
        times.copied().fold(0, i64::max)
    }

    /// Empties the batch for more of the same: it keeps its memory.
    pub fn reuse(&mut self) {
        self.ops.clear();
        self.unreadable.clear();
        self.series
            .iter_mut()
            .for_each(|(_, points)| points.clear());
    }

    /// Applies the batch; `map` is only changed by the entries that this call returns, after the commit.
    pub fn apply(
        &self,
        txn: &mut WriteTxn<'_>,
        journal: &JournalId,
        map: &SeriesMap,
    ) -> Result<Applied> {
        let runs: Vec<RunId> = self.runs().collect();
        self.apply_to(txn, journal, map, &runs)
    }

    /// As `apply`, where its changes are of these runs.
    pub fn apply_to(
        &self,
        txn: &mut WriteTxn<'_>,
        journal: &JournalId,
        map: &SeriesMap,
        runs: &[RunId],
    ) -> Result<Applied> {
        let ops = || self.ops.iter().zip(runs.iter().copied());
        let mut applied = Applied::default();
        let defined = &mut applied.series;
        let mut params = ParamChanges::default();
        let mut properties: BTreeMap<RunId, Vec<&Property>> = BTreeMap::new();
        let mut logs = LogChanges::default();
        for (op, run) in ops() {
            match op {
                Op::DefineSeries {
                    local,
                    name,
                    context,
                    ..
                } => {
                    let key = match txn.has_run(run)? {
                        true => txn.define_series(run, name, context)?,
                        false => GONE,
                    };
                    txn.add_journal_series(journal, *local, key)?;
                    defined.insert(*local, key);
                }
                Op::SetParam { path, .. } | Op::DeleteParam { path, .. } => {
                    if let Some((first, _)) = path.split_first() {
                        params.add(run, first, op);
                    }
                }
                Op::SetProperty { property, .. } => {
                    properties.entry(run).or_default().push(property);
                }
                Op::Log { stream, append, .. } => logs.add(run, *stream, append),
                Op::Run { .. } | Op::Close { .. } | Op::Points { .. } | Op::Objects { .. } => {}
            }
        }
        let mut aside = Aside { journal, count: 0 };
        for (kind, payload) in &self.unreadable {
            aside.put(txn, *kind, payload, "it cannot be decoded")?;
        }
        for (run, changes) in properties {
            pass_over_damage(set_properties(txn, run, &changes))?;
        }
        params.apply(txn, &mut aside)?;
        logs.apply(txn)?;
        let mut rewound = Rewound::new(journal);
        let mut there = HashMap::default();
        for (local, points) in self.series.iter().filter(|(_, points)| !points.is_empty()) {
            let Some(key) = applied.series.get(local).or_else(|| map.get(local)) else {
                applied.homeless += points.len() as u64;
                continue;
            };
            let is_there = match there.get(&key.run) {
                Some(is_there) => *is_there,
                None => {
                    let is_there = txn.has_run(key.run)?;
                    there.insert(key.run, is_there);
                    is_there
                }
            };
            match is_there {
                true => match rewound.without_dropped(txn, *key, points)? {
                    Some(kept) => add_points(txn, *key, &kept, &mut aside)?,
                    None => add_points(txn, *key, points, &mut aside)?,
                },
                false => log::emit(Level::Warning, || {
                    format!("{} points of a deleted run are dropped", points.len())
                }),
            }
        }
        for (op, run) in ops() {
            if let Op::Objects { point, .. } = op
                && txn.has_run(run)?
                && !rewound.drops_objects(txn, run, point)?
                && !txn.add_object_point(run, point)?
            {
                let (kind, payload) = op.encode_of(run);
                aside.put(txn, kind, &payload, "there is no step after the greatest")?;
            }
        }
        applied.set_aside = aside.count;
        for (op, run) in ops() {
            if let Op::Close { leave, .. } = op {
                close_run(txn, journal, run, *leave)?;
            }
        }
        Ok(applied)
    }
}

/// What became of a batch.
#[derive(Default)]
pub struct Applied {
    /// The series that it defined.
    pub series: SeriesMap,
    /// Records that were set aside.
    pub set_aside: u64,
    /// Points of series that nobody has defined: they are not stored.
    pub homeless: u64,
}

/// Sets records of one journal aside.
struct Aside<'j> {
    journal: &'j JournalId,
    count: u64,
}

impl Aside<'_> {
    fn put(
        &mut self,
        txn: &mut WriteTxn<'_>,
        kind: u8,
        payload: &[u8],
        why: impl std::fmt::Display,
    ) -> Result<()> {
        log::emit(Level::Error, || {
            let journal = crate::journal::JournalId(*self.journal);
            format!("a record of kind {kind} in journal {journal} is set aside: {why}")
        });
        self.count += 1;
        txn.set_record_aside(self.journal, kind, payload)
    }
}

/// Numbers the points that have no step and adds all to the sequence.
fn add_points(
    txn: &mut WriteTxn<'_>,
    key: SeriesKey,
    points: &Points,
    aside: &mut Aside<'_>,
) -> Result<()> {
    let in_order =
        !points.steps.contains(&STEP_AUTO) && points.steps.windows(2).all(|w| w[0] < w[1]);
    if in_order {
        return past_damage(txn, key, |txn| txn.add_points(key, points));
    }
    let mut points = points.clone();
    let aggregates = past_damage(txn, key, |txn| txn.aggregates(key))?;
    let mut last = aggregates.map(|a| a.last_step);
    let mut without_step = Vec::new();
    for (i, step) in points.steps.iter_mut().enumerate() {
        if *step == STEP_AUTO {
            match last.map_or(Some(0), |last| last.checked_add(1)) {
                Some(next) => *step = next,
                None => without_step.push(i),
            }
        }
        last = last.max(Some(*step));
    }
    for i in without_step.into_iter().rev() {
        let payload = without_a_step(key, &points, i);
        aside.put(
            txn,
            NO_STEP,
            &payload,
            "there is no step after the greatest",
        )?;
        points.remove(i);
    }
    points.normalize();
    past_damage(txn, key, |txn| txn.add_points(key, &points))
}

/// Ends this journal's work on a run. The last writer seals what the run's sequences hold uncompressed.
pub fn close_run(
    txn: &mut WriteTxn<'_>,
    journal: &JournalId,
    run: RunId,
    leave: Leave,
) -> Result<()> {
    txn.remove_journal_run(journal, run)?;
    pass_over_damage(txn.remove_writer(run, journal, leave))?;
    if txn.writers(run)?.is_empty() {
        for key in txn.run_series_keys(run)? {
            // What cannot be read stays as it is.
            pass_over_damage(txn.seal_series(key))?;
        }
    }
    Ok(())
}

/// Changes a run's record, in order and at once: a record may be as long as its tags are many.
pub(super) fn set_properties(
    txn: &mut WriteTxn<'_>,
    run: RunId,
    changes: &[&Property],
) -> Result<()> {
    txn.update_run(run, |r| {
        let mut tags: HashSet<String> = r.tags.iter().cloned().collect();
        for change in changes {
            match change {
                Property::Name(text) => r.name = Some(text.clone()),
                Property::Description(text) => r.description = text.clone(),
                Property::Experiment(text) => r.experiment = text.clone(),
                Property::Archived(flag) => r.archived = *flag,
                Property::AddTag(tag) => {
                    if tags.insert(tag.clone()) {
                        r.tags.push(tag.clone());
                    }
                }
                Property::RemoveTag(tag) => {
                    if tags.remove(tag) {
                        r.tags.retain(|t| t != tag);
                    }
                }
            }
        }
    })
}

/// Log batches in order, neighbours of one stream and author made into one.
#[derive(Default)]
struct LogChanges {
    appends: Vec<(RunId, Stream, LogAppend)>,
}

impl LogChanges {
    fn add(&mut self, run: RunId, stream: Stream, append: &LogAppend) {
        let mut before = self.appends.iter_mut().rev();
        let last = before.find(|(r, s, _)| (*r, *s) == (run, stream));
        if !last.is_some_and(|(_, _, last)| last.absorb(append)) {
            self.appends.push((run, stream, append.clone()));
        }
    }

    fn apply(self, txn: &mut WriteTxn<'_>) -> Result<()> {
        self.appends
            .iter()
            .try_for_each(|(run, stream, append)| txn.append_log(*run, *stream, append))
    }
}

/// Param changes by run and top-level key, each group in order: a key is read and written once a batch.
#[derive(Default)]
struct ParamChanges<'b> {
    groups: Vec<(RunId, &'b str, Vec<&'b Op>)>,
    place: HashMap<(RunId, &'b str), usize>,
}

impl<'b> ParamChanges<'b> {
    fn add(&mut self, run: RunId, first: &'b str, op: &'b Op) {
        let end = self.groups.len();
        let at = *self.place.entry((run, first)).or_insert(end);
        if at == end {
            self.groups.push((run, first, Vec::new()));
        }
        self.groups[at].2.push(op);
    }

    fn apply(self, txn: &mut WriteTxn<'_>, aside: &mut Aside<'_>) -> Result<()> {
        for (run, first, ops) in self.groups {
            if !txn.has_run(run)? {
                continue;
            }
            if let [op] = ops[..]
                && let Some((value, bytes)) = whole(op)
                && unless_damaged(txn.set_param(run, first, &value, bytes))?
            {
                continue;
            }
            let refused = RefCell::new(Vec::new());
            let change_all = |mut tree| {
                let changed = ops.iter().map(|op| (op, change(&mut tree, op)));
                *refused.borrow_mut() = changed
                    .filter_map(|(op, outcome)| Some((op, outcome.err()?)))
                    .collect();
                Ok(tree)
            };
            match txn.update_param(run, first, change_all) {
                Err(e) if e.status == Status::Corrupt => {
                    txn.set_param_aside(run, first)?;
                    log::emit(Level::Error, || {
                        format!("run {run}, param {first:?} is set aside: {e}")
                    });
                    txn.update_param(run, first, change_all)?;
                }
                outcome => outcome?,
            }
            for (op, why) in refused.into_inner() {
                let (kind, payload) = op.encode_of(run);
                aside.put(txn, kind, &payload, format_args!("param {first:?}: {why}"))?;
            }
        }
        Ok(())
    }
}

/// What a change makes of a top-level param, where that does not depend on what was there; with its encoding.
fn whole(op: &Op) -> Option<(Tree, &[u8])> {
    match op {
        Op::SetParam { path, value, .. } if path.below_first().is_root() => {
            let tree = value.decode().ok()?;
            path.check_depth(&tree).ok()?;
            Some((tree, value.bytes()))
        }
        _ => None,
    }
}

fn change(tree: &mut Option<Tree>, op: &Op) -> Result<()> {
    match op {
        Op::SetParam { path, value, .. } => {
            let value = value.decode()?;
            path.check_depth(&value)?;
            let below = path.below_first();
            Ok(tree.get_or_insert(Tree::Null).set(&below, value)?)
        }
        Op::DeleteParam { path, .. } => {
            let below = path.below_first();
            if below.is_root() {
                *tree = None;
            } else if let Some(tree) = tree {
                tree.remove(&below);
            }
            Ok(())
        }
        _ => Err(Error::invalid("not a change of a param")),
    }
}
