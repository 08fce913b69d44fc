//! The event files of one run, read from start to end.

use super::event::{Content, Event, Plugin, Session, Value, What};
use super::find::{Found, context, own_name};
use super::media::{self, Media};
use super::records::{Next, Records};
use crate::failure::Failure;
use crate::import::protobuf::Field;
use crate::import::target::{Id, caption};
use crate::import::{Identity, Place, Report, Series, Target, Time};
use crate::progress::Progress;
use aim::objects::ObjectKind;
use aim::run::objects::NewObject;
use aim::run::{EPOCH_NONE, Outcome, RunState};
use aim_value::Tree;
use std::collections::HashMap;
use std::path::PathBuf;

/// How often the progress is told, in bytes.
const TOLD: u64 = 1 << 18;

pub struct Reader {
    pub identity: Identity,
    directory: String,
    parts: Vec<Part>,
    state: State,
}

/// What is known of the whole run.
#[derive(Default)]
pub struct State {
    first: Option<Time>,
    last: Option<Time>,
    hparams: HashMap<String, Tree>,
    failed: bool,
    voided: u64,
}

/// A directory of a run.
#[derive(Default)]
pub struct Part {
    context: String,
    files: Vec<PathBuf>,
    /// Where a writer began again: file, byte, step.
    starts: Vec<(usize, u64, i64)>,
    tags: HashMap<Vec<u8>, Tag>,
}

/// What is known of a tag. Only the first value of some writers says which plugin it is for.
#[derive(Default)]
struct Tag {
    plugin: Vec<u8>,
    series: Option<Option<Series>>,
}

impl Reader {
    /// Looks through all files once: when the run was, and where its writers began again.
    pub fn new(found: &Found, experiment: &str, report: &mut Report) -> Reader {
        let mut state = State::default();
        let mut parts = Vec::new();
        let mut id = None;
        for (below, files) in &found.directories {
            let mut part = Part::of(context(below));
            part.files = files.clone();
            for (i, path) in files.iter().enumerate() {
                let first = part.skim(i, &mut state);
                match first {
                    Ok(first) => {
                        id.get_or_insert_with(|| {
                            let file = path.file_name().unwrap_or_default().to_string_lossy();
                            let first = first.unwrap_or_default();
                            format!("tensorboard:{}/{file}@{first}", own_name(&found.path))
                        });
                    }
                    Err(e) => report.damage(format!("{} cannot be read: {e}", path.display())),
                }
            }
            parts.push(part);
        }
        let real = found.path.canonicalize();
        let real = real.unwrap_or_else(|_| found.path.clone());
        Reader {
            identity: Identity {
                id: Id::Source(id.unwrap_or_else(|| format!("tensorboard:{}", real.display()))),
                name: found.name.clone(),
                experiment: Some(experiment.to_owned()),
                created_at: state.first.map(Time::micros),
            },
            directory: real.to_string_lossy().into_owned(),
            parts,
            state,
        }
    }

    pub fn read(
        &mut self,
        target: &mut Target,
        report: &mut Report,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let starts = self.parts.iter().flat_map(|part| &part.starts);
        if let Some(step) = starts.map(|start| start.2).min()
            && !target.is_new()
        {
            // What was imported before the writer began again may be void now; all is read anew.
            target.rewind(step)?;
        }
        let directory = Tree::Str(self.directory.clone());
        target.param(report, &["tensorboard", "directory"], directory);
        for part in &mut self.parts {
            part.read(&mut self.state, target, report, progress)?;
        }
        Ok(())
    }

    pub fn end(self, target: Target, report: &mut Report) -> Result<(), Failure> {
        if self.state.voided > 0 {
            let points = crate::format::counted(self.state.voided, "point");
            report.note(format!(
                "{}: {points} left out, which its writer took back when it began again",
                self.identity.name
            ));
        }
        let state = match self.state.failed {
            true => RunState::Failed,
            false => RunState::Finished,
        };
        target.close(
            report,
            Outcome::of(state),
            self.state.last.map(Time::micros),
        )
    }
}

impl Part {
    pub fn of(context: String) -> Part {
        Part {
            context,
            ..Part::default()
        }
    }

    /// Looks through a file; gives the time of its first event as it is written.
    fn skim(&mut self, file: usize, state: &mut State) -> std::io::Result<Option<String>> {
        let mut records = Records::open(&self.files[file])?;
        let mut first = None;
        loop {
            match records.next()? {
                Next::Record(at, bytes) => {
                    let Ok(event) = Event::parse(bytes) else {
                        continue;
                    };
                    first.get_or_insert_with(|| event.time.to_string());
                    if let Some(time) = Time::new(event.time) {
                        state.seen(time);
                    }
                    if matches!(event.what, What::Start) {
                        self.starts.push((file, at, event.step));
                    }
                }
                Next::Damage(..) => {}
                Next::Cut(_) | Next::End => return Ok(first),
            }
        }
    }

    fn read(
        &mut self,
        state: &mut State,
        target: &mut Target,
        report: &mut Report,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let files = std::mem::take(&mut self.files);
        for (i, path) in files.iter().enumerate() {
            // One that cannot be opened was named before.
            let Ok(mut records) = Records::open(path) else {
                continue;
            };
            let mut told = 0;
            let mut void_from = self.void_from(i, 0);
            let shown = path.display();
            loop {
                match records.next() {
                    Ok(Next::Record(at, bytes)) => {
                        let event = Event::parse(bytes);
                        if let Ok(Event {
                            what: What::Start, ..
                        }) = event
                        {
                            void_from = self.void_from(i, at + 1);
                        }
                        let read =
                            event.map(|event| self.event(&event, void_from, state, target, report));
                        match read {
                            Ok(done) => done?,
                            Err(rule) => report.damage(format!("{shown} at byte {at}: {rule}")),
                        }
                    }
                    Ok(Next::Damage(from, to, rule)) => {
                        report.damage(format!("{shown} at byte {from}, up to {to}: {rule}"));
                    }
                    Ok(Next::Cut(at)) => {
                        report.note(format!(
                            "{shown} ends within a record at byte {at}, as when its writer is killed"
                        ));
                        break;
                    }
                    Ok(Next::End) => break,
                    Err(e) => {
                        let at = records.offset();
                        report.damage(format!("{shown} at byte {at}: {e}"));
                        break;
                    }
                }
                if records.offset() - told >= TOLD {
                    progress.add(records.offset() - told);
                    told = records.offset();
                }
            }
            progress.add(records.offset() - told);
        }
        self.files = files;
        Ok(())
    }

    /// The step from which what lies at a place is void, because the writer began again later.
    fn void_from(&self, file: usize, at: u64) -> Option<i64> {
        let later = self
            .starts
            .iter()
            .filter(|start| (start.0, start.1) >= (file, at));
        later.map(|start| start.2).min()
    }

    /// Brings in what an event tells, but for values from the void step on.
    pub fn event(
        &mut self,
        event: &Event<'_>,
        void_from: Option<i64>,
        state: &mut State,
        target: &mut Target,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let summary = match event.what {
            What::Summary(summary) => summary,
            What::Graph => {
                report.lost("graphs", 1);
                return Ok(());
            }
            What::Start | What::Other => return Ok(()),
        };
        let time = match Time::new(event.time).or(state.first) {
            Some(time) => time,
            None => {
                report.lost("events without a time", 1);
                return Ok(());
            }
        };
        for bytes in summary.every(1).filter_map(Field::bytes) {
            let Ok(value) = Value::parse(bytes) else {
                report.lost("values that are no messages of TensorBoard", 1);
                continue;
            };
            if void_from.is_some_and(|from| event.step >= from) {
                state.voided += 1;
                continue;
            }
            self.value(&value, event.step, time, state, target, report)?;
        }
        Ok(())
    }

    fn value(
        &mut self,
        value: &Value<'_>,
        step: i64,
        time: Time,
        state: &mut State,
        target: &mut Target,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let tag = match self.tags.get_mut(value.tag) {
            Some(tag) => tag,
            None => self.tags.entry(value.tag.to_owned()).or_default(),
        };
        if let Some(Plugin { name, content }) = value.plugin {
            if name == b"hparams" {
                state.session(content, target, report);
                return Ok(());
            }
            if tag.plugin.is_empty() {
                tag.plugin = name.to_owned();
            }
        }
        let number = match &value.content {
            Content::Number(number) => Some(*number),
            Content::Tensor(tensor) if matches!(&tag.plugin[..], b"scalars" | b"") => {
                tensor.number()
            }
            Content::None => return Ok(()),
            _ => None,
        };
        let Some(number) = number else {
            let found = media::of(value, &tag.plugin);
            return match found {
                Ok(media) => objects(value.tag, &self.context, &media, step, time, target, report),
                Err(kind) => without(kind, report),
            };
        };
        let series = match tag.series {
            Some(series) => series,
            None => {
                let name = String::from_utf8_lossy(value.tag);
                *tag.series.insert(target.series(&name, &self.context)?)
            }
        };
        match series {
            Some(series) => target.point(report, series, step, number, EPOCH_NONE, time),
            None => without(
                "points of metrics with names that libaim does not take",
                report,
            ),
        }
    }
}

fn without(kind: &str, report: &mut Report) -> Result<(), Failure> {
    report.lost(kind, 1);
    Ok(())
}

/// Keeps the objects of a value.
fn objects(
    tag: &[u8],
    context: &str,
    media: &Media<'_>,
    step: i64,
    time: Time,
    target: &mut Target,
    report: &mut Report,
) -> Result<(), Failure> {
    let tag = String::from_utf8_lossy(tag);
    let name = match media.kind {
        ObjectKind::Text | ObjectKind::Table => tag.strip_suffix("/text_summary").unwrap_or(&tag),
        _ => &tag,
    };
    let place = Place {
        kind: media.kind,
        name,
        context,
        step,
        epoch: EPOCH_NONE,
        time,
    };
    let objects: Vec<NewObject<'_>> = media
        .objects
        .iter()
        .map(|object| NewObject {
            data: &object.data,
            format: object.format,
            caption: caption(&object.caption),
            meta: media.meta,
        })
        .collect();
    target.objects(report, &place, &objects)
}

impl State {
    fn seen(&mut self, time: Time) {
        let micros = Time::micros;
        if self.first.is_none_or(|first| micros(time) < micros(first)) {
            self.first = Some(time);
        }
        if self.last.is_none_or(|last| micros(time) > micros(last)) {
            self.last = Some(time);
        }
    }

    fn session(&mut self, content: &[u8], target: &mut Target, report: &mut Report) {
        match Session::parse(content) {
            Session::Start(hparams) => {
                for (key, value) in hparams {
                    target.param(report, &["hparams", &key], value.clone());
                    let before = self.hparams.insert(key, value.clone());
                    if before.is_some_and(|before| before != value) {
                        report.lost(
                            "hyperparameters that a later session of the same run sets",
                            1,
                        );
                    }
                }
            }
            Session::End(failed) => self.failed = failed,
            Session::Other => {}
        }
    }
}
