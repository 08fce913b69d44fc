//! W&B's runs as they lie on the disk: the `.wandb` file of a run folder, offline or synced. The numbers of fields are
//! those of wandb_internal.proto.

mod records;

use super::protobuf::{Field, Malformed, Message};
use super::target::{Exact, Id, hash, remember, remembered};
use super::{Identity, Options, Report, Target, Time};
use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::progress::Progress;
use aim::query::Stream;
use aim::repo::RepoRef;
use aim::run::{EPOCH_NONE, Outcome, RunState};
use aim_value::Tree;
use records::{Next, Records};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

pub struct Plan {
    pub paths: Vec<PathBuf>,
    pub options: Options,
}

pub fn import(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in &plan.paths {
        let before = files.len();
        find(path, 3, &mut files).doing(|| format!("{} cannot be read", path.display()))?;
        if files.len() == before && !plan.options.follow {
            return Err(Failure::new(format_args!(
                "there are no runs of W&B in {}",
                path.display()
            ))
            .why("no file in it ends in .wandb")
            .advice("name the directory wandb, a run folder in it, or the .wandb file"));
        }
    }
    let repo = plan.options.repository(context)?;
    let mut report = Report::of(&plan.options);
    let length = |path: &PathBuf| path.metadata().map_or(0, |m| m.len());
    let bytes = files.iter().map(length).sum();
    let mut progress = Progress::new(context, "importing", "bytes", bytes);
    for path in &files {
        file(repo.as_ref(), plan, path, &mut report)
            .doing(|| format!("{} cannot be imported", path.display()))?;
        progress.add(length(path));
    }
    progress.end();
    report.print(context)
}

/// The files of runs in a directory and so many levels below it. `latest-run` is a link to one that is there.
fn find(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).map_err(Failure::new)?;
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let below = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_file() && below.extension().is_some_and(|e| e == "wandb") {
            files.push(below);
        } else if kind.is_dir() && depth > 0 {
            find(&below, depth - 1, files)?;
        }
    }
    Ok(())
}

/// What a run is, as far as records of it were read.
#[derive(Default)]
struct About {
    id: String,
    entity: String,
    project: String,
    group: String,
    job_type: String,
    name: String,
    notes: String,
    tags: Vec<String>,
    host: String,
    sweep: String,
    begun: Option<Time>,
    last: Option<Time>,
    exit_code: Option<i64>,
    config: Vec<(String, Tree)>,
    summary: Vec<(String, Tree)>,
    /// Metrics by name, or by the beginning of names that end in `*`, with the metric that is their step.
    steps: BTreeMap<String, String>,
}

fn part(message: Message<'_>, number: u32) -> String {
    message
        .get(number)
        .and_then(Field::text)
        .unwrap_or_default()
}

/// A moment of timestamp.proto.
fn moment(message: Message<'_>, number: u32) -> Option<Time> {
    let moment = Message(message.get(number)?.bytes()?);
    let seconds = moment.get(1).and_then(Field::int).unwrap_or(0);
    let nanos = moment.get(2).and_then(Field::int).unwrap_or(0);
    Time::new(seconds as f64 + nanos as f64 / 1e9)
}

/// An item of config, summary or history: its keys and its value.
fn item(bytes: &[u8]) -> Option<(Vec<String>, Tree)> {
    let item = Message(bytes);
    let mut keys: Vec<String> = item.every(2).filter_map(Field::text).collect();
    if keys.is_empty() {
        keys.push(item.get(1)?.text()?);
    }
    let json = item.get(16)?.bytes()?;
    Some((keys, Tree::from_json(std::str::from_utf8(json).ok()?).ok()?))
}

fn put(entries: &mut Vec<(String, Tree)>, keys: &[String], value: Tree) {
    let Some((first, rest)) = keys.split_first() else {
        return;
    };
    let at = match entries.iter().position(|(key, _)| key == first) {
        Some(at) => at,
        None => {
            entries.push((first.clone(), Tree::Null));
            entries.len() - 1
        }
    };
    if rest.is_empty() {
        entries[at].1 = value;
        return;
    }
    if !matches!(entries[at].1, Tree::Dict(_)) {
        entries[at].1 = Tree::Dict(Vec::new());
    }
    if let Tree::Dict(below) = &mut entries[at].1 {
        put(below, rest, value);
    }
}

const HISTORY: u32 = 2;
const SUMMARY: u32 = 3;
const CONFIG: u32 = 5;
const STATS: u32 = 7;
const ARTIFACT: u32 = 8;
const METRIC: u32 = 12;
const OUTPUT: u32 = 13;
const RUN: u32 = 17;
const EXIT: u32 = 18;

/// What kind of record it is, and what it holds.
fn record(bytes: &[u8]) -> Result<Option<(u32, Message<'_>)>, Malformed> {
    const KINDS: [u32; 9] = [
        HISTORY, SUMMARY, CONFIG, STATS, ARTIFACT, METRIC, OUTPUT, RUN, EXIT,
    ];
    for field in Message(bytes) {
        let (number, field) = field?;
        if let (true, Field::Bytes(bytes)) = (KINDS.contains(&number), field) {
            return Ok(Some((number, Message(bytes))));
        }
    }
    Ok(None)
}

impl About {
    fn see(&mut self, kind: u32, message: Message<'_>) {
        match kind {
            RUN => self.run(message),
            CONFIG => update(&mut self.config, message),
            SUMMARY => update(&mut self.summary, message),
            METRIC => {
                let name = [part(message, 1), part(message, 2)].concat();
                let step = part(message, 4);
                if !name.is_empty() && !step.is_empty() {
                    self.steps.insert(name, step);
                }
            }
            EXIT => self.exit_code = Some(message.get(1).and_then(Field::int).unwrap_or(0)),
            STATS | OUTPUT => self.seen(moment(message, 2)),
            HISTORY => {
                let items = message.every(1).filter_map(Field::bytes).filter_map(item);
                let time = items.into_iter().find(|(keys, _)| keys == &["_timestamp"]);
                self.seen(time.and_then(|(_, value)| seconds(&value)));
            }
            _ => {}
        }
    }

    fn run(&mut self, message: Message<'_>) {
        self.id = part(message, 1);
        self.entity = part(message, 2);
        self.project = part(message, 3);
        if let Some(config) = message.get(4).and_then(Field::bytes) {
            update(&mut self.config, Message(config));
        }
        self.group = part(message, 6);
        self.job_type = part(message, 7);
        self.name = part(message, 8);
        self.notes = part(message, 9);
        self.tags = message.every(10).filter_map(Field::text).collect();
        self.sweep = part(message, 12);
        self.host = part(message, 13);
        self.begun = moment(message, 17).or(self.begun);
        self.seen(self.begun);
    }

    fn seen(&mut self, time: Option<Time>) {
        let later = |time: &Time| self.last.is_none_or(|last| time.micros() > last.micros());
        if let Some(time) = time.filter(later) {
            self.last = Some(time);
        }
    }

    /// The epoch of a point, where W&B was told that epochs are the steps of its metric.
    fn epoch(&self, name: &str, items: &[(Vec<String>, Tree)]) -> i64 {
        let is_of = |rule: &str| match rule.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => rule == name,
        };
        let mut rules = self.steps.iter().filter(|(rule, _)| is_of(rule));
        if !rules.any(|(_, step)| step == "epoch") {
            return EPOCH_NONE;
        }
        let found = items.iter().find(|(keys, _)| keys == &["epoch"]);
        match found.map(|(_, value)| value) {
            Some(Tree::Int(epoch)) => *epoch,
            Some(Tree::Float(epoch)) if epoch.is_finite() => epoch.floor() as i64,
            _ => EPOCH_NONE,
        }
    }

    fn outcome(&self) -> Outcome {
        let state = match self.exit_code {
            Some(0) => RunState::Finished,
            Some(_) => RunState::Failed,
            None => RunState::Crashed,
        };
        Outcome {
            exit_code: self.exit_code.and_then(|code| i32::try_from(code).ok()),
            ..Outcome::of(state)
        }
    }

    fn params(&mut self, target: &mut Target, report: &mut Report) {
        for (key, value) in std::mem::take(&mut self.config) {
            if key != "_wandb" {
                target.param(report, &[&key], value);
            }
        }
        let texts = [
            ("id", &self.id),
            ("entity", &self.entity),
            ("project", &self.project),
            ("group", &self.group),
            ("job_type", &self.job_type),
            ("sweep", &self.sweep),
            ("host", &self.host),
        ];
        for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            target.param(report, &["wandb", key], Tree::Str(text.clone()));
        }
        let summary = std::mem::take(&mut self.summary).into_iter();
        let summary: Vec<_> = summary.filter(|(key, _)| !key.starts_with('_')).collect();
        if !summary.is_empty() {
            target.param(report, &["wandb", "summary"], Tree::Dict(summary));
        }
        if !self.steps.is_empty() {
            let steps = self.steps.iter();
            let steps = steps.map(|(name, step)| (name.clone(), Tree::Str(step.clone())));
            target.param(report, &["wandb", "metrics"], Tree::Dict(steps.collect()));
        }
    }
}

fn update(entries: &mut Vec<(String, Tree)>, message: Message<'_>) {
    for bytes in message.every(1).filter_map(Field::bytes) {
        if let Some((keys, value)) = item(bytes) {
            put(entries, &keys, value);
        }
    }
    for bytes in message.every(2).filter_map(Field::bytes) {
        let key = Message(bytes).get(1).and_then(Field::text);
        entries.retain(|(k, _)| Some(k) != key.as_ref());
    }
}

fn seconds(value: &Tree) -> Option<Time> {
    match value {
        Tree::Int(i) => Time::new(*i as f64),
        Tree::Float(f) => Time::new(*f),
        _ => None,
    }
}

fn file(
    repo: Option<&RepoRef>,
    plan: &Plan,
    path: &Path,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut about = About::default();
    each(path, &mut Report::new(true), |kind, message, _| {
        about.see(kind, message);
        Ok(())
    })?;
    if about.id.is_empty() {
        report.damage(format!(
            "{}: no record says which run it is",
            path.display()
        ));
        return Ok(());
    }
    let identity = Identity {
        id: Id::Source(format!(
            "wandb:{}/{}/{}",
            about.entity, about.project, about.id
        )),
        name: match about.name.is_empty() {
            true => about.id.clone(),
            false => about.name.clone(),
        },
        experiment: (!about.project.is_empty()).then(|| about.project.clone()),
        created_at: about.begun.map(Time::micros),
    };
    let source = path.metadata().map_or(0, |m| m.len()).to_string();
    if let Some(repo) = repo
        && remembered(repo, &hash(&identity))?.as_deref() == Some(&source)
    {
        report.unchanged();
        return Ok(());
    }
    let mut target = Target::open(repo, &plan.options, &identity)?;
    target.only_grows(&plan.options);
    target.describe(&Exact {
        description: std::mem::take(&mut about.notes),
        tags: std::mem::take(&mut about.tags),
        ..Exact::default()
    })?;
    about.params(&mut target, report);
    let mut filler = Filler {
        about: &about,
        target: &mut target,
        stats: HashMap::new(),
        lines: [String::new(), String::new()],
    };
    each(path, report, |kind, message, report| match kind {
        HISTORY => filler.history(message, report),
        STATS => filler.stats(message, report),
        OUTPUT => filler.output(message, report),
        ARTIFACT => {
            report.lost("artifacts", 1);
            Ok(())
        }
        _ => Ok(()),
    })?;
    // Of one that still runs the last line is not printed yet.
    if about.exit_code.is_some() || !plan.options.follow {
        filler.last_lines(report)?;
    }
    target.close(report, about.outcome(), about.last.map(Time::micros))?;
    match repo {
        Some(repo) => remember(repo, &hash(&identity), &source),
        None => Ok(()),
    }
}

/// Gives all records of a file to `see`.
fn each(
    path: &Path,
    report: &mut Report,
    mut see: impl FnMut(u32, Message<'_>, &mut Report) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let shown = path.display();
    let mut records = Records::open(path).map_err(Failure::new)?;
    loop {
        match records.next() {
            Ok(Next::Record(at, bytes)) => match record(bytes) {
                Ok(Some((kind, message))) => see(kind, message, report)?,
                Ok(None) => {}
                Err(rule) => report.damage(format!("{shown} at byte {at}: {rule}")),
            },
            Ok(Next::Damage(at, rule)) => {
                report.damage(format!("{shown} at byte {at}: {rule}"));
            }
            Ok(Next::Cut(at)) => {
                report.note(format!(
                    "{shown} ends within a record at byte {at}, as when its writer is killed"
                ));
                return Ok(());
            }
            Ok(Next::End) => return Ok(()),
            Err(e) => {
                report.damage(format!("{shown} at byte {}: {e}", records.offset()));
                return Ok(());
            }
        }
    }
}

struct Filler<'f> {
    about: &'f About,
    target: &'f mut Target,
    /// How many points each figure of the machine has.
    stats: HashMap<String, i64>,
    /// Lines of standard error and of standard output that have no end yet.
    lines: [String; 2],
}

impl Filler<'_> {
    fn history(&mut self, message: Message<'_>, report: &mut Report) -> Result<(), Failure> {
        let mut items: Vec<(Vec<String>, Tree)> = Vec::new();
        for bytes in message.every(1).filter_map(Field::bytes) {
            match item(bytes) {
                Some(item) => items.push(item),
                None => report.lost("values that are no JSON", 1),
            }
        }
        let own = |key: &str| {
            let found = items
                .iter()
                .find(|(keys, _)| keys.len() == 1 && keys[0] == key);
            found.map(|(_, value)| value)
        };
        let in_front = message.get(2).and_then(Field::bytes);
        let in_front = in_front
            .and_then(|step| Message(step).get(1))
            .and_then(Field::int);
        let step = match own("_step") {
            Some(Tree::Int(step)) => *step,
            _ => in_front.unwrap_or(0),
        };
        let time = own("_timestamp").and_then(seconds);
        let Some(time) = time.or(self.about.begun) else {
            report.lost("rows without a time", 1);
            return Ok(());
        };
        // An object of W&B's is told by its type; what it consists of are items beside that.
        let mut objects = HashSet::new();
        for (keys, value) in &items {
            if let (Some(("_type", above)), Tree::Str(kind)) = (
                keys.split_last()
                    .map(|(last, above)| (last.as_str(), above)),
                value,
            ) {
                objects.insert(above.to_vec());
                report.lost(&format!("objects of the type {kind}"), 1);
            }
        }
        for (keys, value) in &items {
            let is_own = keys.len() == 1 && keys[0].starts_with('_');
            let is_part = (1..=keys.len()).any(|n| objects.contains(&keys[..n]));
            if !is_own && !is_part {
                self.value(&keys.join("."), value, step, time, &items, report)?;
            }
        }
        Ok(())
    }

    fn value(
        &mut self,
        name: &str,
        value: &Tree,
        step: i64,
        time: Time,
        items: &[(Vec<String>, Tree)],
        report: &mut Report,
    ) -> Result<(), Failure> {
        let number = match value {
            Tree::Int(i) => *i as f64,
            Tree::Float(f) => *f,
            Tree::Bool(b) => f64::from(u8::from(*b)),
            Tree::Null => return Ok(()),
            Tree::Str(text) => {
                return self
                    .target
                    .text(report, time, &format!("{name}, step {step}: {text}"));
            }
            Tree::Dict(entries) => {
                let kind = entries.iter().find(|(key, _)| key == "_type");
                if let Some((_, Tree::Str(kind))) = kind {
                    report.lost(&format!("objects of the type {kind}"), 1);
                    return Ok(());
                }
                for (key, value) in entries {
                    self.value(&format!("{name}.{key}"), value, step, time, items, report)?;
                }
                return Ok(());
            }
            Tree::List(_) => {
                report.lost("lists", 1);
                return Ok(());
            }
            Tree::BigInt(_) | Tree::Bytes(_) => {
                report.lost("numbers with more than 64 bits", 1);
                return Ok(());
            }
        };
        let epoch = self.about.epoch(name, items);
        match self.target.series(name, "{}")? {
            Some(series) => self.target.point(report, series, step, number, epoch, time),
            None => {
                report.lost("points of metrics that libaim does not take", 1);
                Ok(())
            }
        }
    }

    /// Figures of the machine.
    fn stats(&mut self, message: Message<'_>, report: &mut Report) -> Result<(), Failure> {
        let Some(time) = moment(message, 2) else {
            report.lost("rows without a time", 1);
            return Ok(());
        };
        for bytes in message.every(3).filter_map(Field::bytes) {
            let number = item(bytes).and_then(|(keys, value)| match value {
                Tree::Int(i) => Some((keys, i as f64)),
                Tree::Float(f) => Some((keys, f)),
                _ => None,
            });
            let Some((keys, number)) = number else {
                report.lost("figures of the machine that are no numbers", 1);
                continue;
            };
            let name = format!("__system__{}", keys.join("."));
            let step = self.stats.entry(name.clone()).or_default();
            if let Some(series) = self.target.series(&name, "{}")? {
                self.target
                    .point(report, series, *step, number, EPOCH_NONE, time)?;
            }
            *step += 1;
        }
        Ok(())
    }

    /// What the program printed, in pieces.
    fn output(&mut self, message: Message<'_>, report: &mut Report) -> Result<(), Failure> {
        let Some(time) = moment(message, 2).or(self.about.begun) else {
            return Ok(());
        };
        let is_output = usize::from(message.get(1).and_then(Field::int) == Some(1));
        let text = part(message, 3);
        let mut lines = text.split('\n');
        self.lines[is_output].push_str(lines.next().unwrap_or_default());
        for next in lines {
            let line = std::mem::replace(&mut self.lines[is_output], next.to_owned());
            self.line(is_output, &line, time, report)?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        is_output: usize,
        line: &str,
        time: Time,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let descriptor = if is_output == 1 { 1 } else { 2 };
        // Of a progress bar the last state.
        let line = line.trim_end_matches('\r');
        let line = line.rsplit('\r').next().unwrap_or(line);
        self.target
            .record(report, Stream::Terminal, time, descriptor, line, None)
    }

    fn last_lines(&mut self, report: &mut Report) -> Result<(), Failure> {
        let Some(time) = self.about.last else {
            return Ok(());
        };
        for is_output in [0, 1] {
            let line = std::mem::take(&mut self.lines[is_output]);
            if !line.is_empty() {
                self.line(is_output, &line, time, report)?;
            }
        }
        Ok(())
    }
}
