//! What `libaim export jsonl` and `libaim export directory` wrote: the same runs again, with their hashes.

use super::lines::Lines;
use super::table::{Cell, Columns, Names, Role, Row, Visitor, csv};
use super::target::{Exact, Id};
use super::{Identity, Options, Place, Report, Target, Time, beside};
use crate::context::Context;
use crate::export::directory::{ARTIFACT_LIST, OBJECT_LIST};
use crate::export::exact;
use crate::failure::{Doing as _, Failure};
use crate::progress::Progress;
use aim::objects::ObjectKind;
use aim::query::{RunState, Stream};
use aim::repo::RepoRef;
use aim::run::objects::NewObject;
use aim::run::{EPOCH_NONE, Outcome, SourceLocation};
use aim_value::Tree;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// Longest line.
const LINE: u64 = 1 << 28;

/// Whether a file begins with what `export jsonl` writes first.
pub fn begins(path: &Path) -> bool {
    let mut line = Vec::new();
    let read = File::open(path)
        .and_then(|file| BufReader::new(file).take(LINE).read_until(b'\n', &mut line));
    read.is_ok() && entries(&line).is_some_and(|entries| Head::parse(entries).is_some())
}

type Entries = Vec<(String, Tree)>;

fn entries(line: &[u8]) -> Option<Entries> {
    match Tree::from_json(std::str::from_utf8(line).ok()?) {
        Ok(Tree::Dict(entries)) => Some(entries),
        _ => None,
    }
}

fn take(entries: &mut Entries, key: &str) -> Option<Tree> {
    let at = entries.iter().position(|(k, _)| k == key)?;
    Some(entries.swap_remove(at).1)
}

fn take_text(entries: &mut Entries, key: &str) -> Option<String> {
    match take(entries, key)? {
        Tree::Str(text) => Some(text),
        _ => None,
    }
}

fn take_int(entries: &mut Entries, key: &str) -> Option<i64> {
    match take(entries, key)? {
        Tree::Int(i) => Some(i),
        _ => None,
    }
}

fn take_time(entries: &mut Entries, key: &str) -> Option<Time> {
    take(entries, key)
        .and_then(|t| exact::number_of(&t))
        .and_then(Time::new)
}

fn take_texts(entries: &mut Entries, key: &str) -> Vec<String> {
    let Some(Tree::List(items)) = take(entries, key) else {
        return Vec::new();
    };
    let text = |tree| match tree {
        Tree::Str(text) => Some(text),
        _ => None,
    };
    items.into_iter().filter_map(text).collect()
}

fn take_context(entries: &mut Entries) -> String {
    take(entries, "context").map_or_else(
        || "{}".to_owned(),
        |context| exact::decode(context).to_json(),
    )
}

/// The bytes of an object: in its line, or in a file below the directory of the list.
fn bytes(object: &mut Entries, directory: &Path) -> Result<Vec<u8>, String> {
    match take(object, "data") {
        Some(Tree::Str(text)) => Ok(text.into_bytes()),
        Some(Tree::Bytes(bytes)) => Ok(bytes),
        Some(_) => Err("the data of an object is neither a text nor bytes".to_owned()),
        None => beside::read(directory, &take_text(object, "file").unwrap_or_default()),
    }
}

/// A point of objects; what is wrong with it, if anything is.
fn objects(
    mut entries: Entries,
    kind: &str,
    named: Option<(String, i64)>,
    time: Time,
    directory: &Path,
    open: &mut Open,
    report: &mut Report,
) -> Result<Option<&'static str>, Failure> {
    let kind = ObjectKind::ALL.into_iter().find(|k| k.plural() == kind);
    let (Some(kind), Some((name, step))) = (kind, named) else {
        return Ok(Some(
            "it is a point of objects without a kind, a name or a step",
        ));
    };
    let epoch = take_int(&mut entries, "epoch").unwrap_or(EPOCH_NONE);
    let context = take_context(&mut entries);
    let Some(Tree::List(each)) = take(&mut entries, "each") else {
        return Ok(Some("it is a point of objects without a list of each"));
    };
    let mut found = Vec::new();
    let wanted = each.len();
    for one in each {
        let Tree::Dict(mut one) = one else {
            return Ok(Some("an object of it is no JSON object"));
        };
        let text = |one: &mut Entries, key| take_text(one, key).unwrap_or_default();
        match bytes(&mut one, directory) {
            Ok(bytes) => found.push((
                bytes,
                text(&mut one, "format"),
                text(&mut one, "caption"),
                text(&mut one, "meta"),
            )),
            Err(why) => report.damage(why),
        }
    }
    let place = Place {
        kind,
        name: &name,
        context: &context,
        step,
        epoch,
        time,
    };
    let objects: Vec<NewObject<'_>> = found
        .iter()
        .map(|(data, format, caption, meta)| NewObject {
            data,
            format: Some(format),
            caption,
            meta,
        })
        .collect();
    // What could not be read is named; the index of what is behind it would be another.
    match objects.len() == wanted {
        true => open.target.objects(report, &place, &objects)?,
        false => report.lost("points of objects that are not all there", 1),
    }
    Ok(None)
}

/// What a run is.
struct Head {
    identity: Identity,
    exact: Exact,
    outcome: Outcome,
    finalized_at: Option<i64>,
    params: Tree,
}

impl Head {
    fn parse(mut entries: Entries) -> Option<Head> {
        let e = &mut entries;
        let hash = take_text(e, "run")?;
        let state = match take_text(e, "status")?.as_str() {
            "finished" => RunState::Finished,
            "failed" => RunState::Failed,
            "interrupted" => RunState::Interrupted,
            // Of one that ran when it was exported nobody knows how it went on.
            "crashed" | "running" => RunState::Crashed,
            _ => return None,
        };
        let small = |n: i64| i32::try_from(n).ok();
        Some(Head {
            outcome: Outcome {
                state,
                exit_code: take_int(e, "exit_code").and_then(small),
                signal: take_int(e, "signal").and_then(small),
            },
            finalized_at: take_time(e, "finalized_at").map(Time::micros),
            params: exact::decode(take(e, "params")?),
            identity: Identity {
                id: Id::Hash {
                    hash,
                    run_id: take_text(e, "run_id"),
                },
                name: take_text(e, "name").unwrap_or_default(),
                experiment: take_text(e, "experiment"),
                created_at: Some(take_time(e, "created_at")?.micros()),
            },
            exact: Exact {
                description: take_text(e, "description").unwrap_or_default(),
                tags: take_texts(e, "tags"),
                archived: take(e, "archived") == Some(Tree::Bool(true)),
                notes: take_texts(e, "notes"),
            },
        })
    }
}

/// A run that is being read.
struct Open {
    target: Target,
    hash: String,
    outcome: Outcome,
    finalized_at: Option<i64>,
}

struct Reader<'r> {
    repo: Option<&'r RepoRef>,
    options: &'r Options,
    report: Report,
    progress: Progress,
    path: PathBuf,
    open: Option<Open>,
}

pub struct Plan {
    pub paths: Vec<PathBuf>,
    pub options: Options,
}

/// Files of JSON lines.
pub fn import_lines(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let bytes = plan
        .paths
        .iter()
        .filter_map(|path| path.metadata().ok())
        .map(|m| m.len());
    let repo = plan.options.repository(context)?;
    let mut reader = Reader::new(context, plan, repo.as_ref(), bytes.sum());
    for path in &plan.paths {
        reader.lines(path)?;
        reader.close()?;
    }
    reader.end(context)
}

/// Directories that `export directory` wrote, or those of single runs in them.
pub fn import_directories(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let mut runs = Vec::new();
    for path in &plan.paths {
        let before = runs.len();
        if path.join(HEAD).is_file() {
            runs.push(path.clone());
        }
        let below = std::fs::read_dir(path)
            .map_err(Failure::new)
            .doing(|| format!("{} cannot be read", path.display()))?;
        let mut below: Vec<PathBuf> = below.filter_map(|e| e.ok()).map(|e| e.path()).collect();
        below.sort();
        runs.extend(below.into_iter().filter(|path| path.join(HEAD).is_file()));
        if runs.len() == before {
            return Err(
                Failure::new(format_args!("there are no runs in {}", path.display()))
                    .why("neither it nor a directory in it holds run.json")
                    .advice("name a directory that libaim export directory wrote"),
            );
        }
    }
    let size = |name: &str| {
        let lengths = runs.iter().filter_map(|run| run.join(name).metadata().ok());
        lengths.map(|m| m.len()).sum::<u64>()
    };
    let bytes = [HEAD, POINTS, LOG, TERMINAL, OBJECT_LIST, ARTIFACT_LIST]
        .into_iter()
        .map(size)
        .sum();
    let repo = plan.options.repository(context)?;
    let mut reader = Reader::new(context, plan, repo.as_ref(), bytes);
    for run in &runs {
        reader.whole(&run.join(HEAD))?;
        let points = run.join(POINTS);
        if points.is_file() {
            reader.path = points.clone();
            csv::visit(&points, &Names::default(), &mut reader)?;
        }
        for name in [LOG, TERMINAL, OBJECT_LIST, ARTIFACT_LIST] {
            if run.join(name).is_file() {
                reader.lines(&run.join(name))?;
            }
        }
        reader.close()?;
    }
    reader.end(context)
}

const HEAD: &str = "run.json";
const POINTS: &str = "points.csv";
const LOG: &str = "log.jsonl";
const TERMINAL: &str = "terminal.jsonl";

impl<'r> Reader<'r> {
    fn new(context: &Context, plan: &'r Plan, repo: Option<&'r RepoRef>, bytes: u64) -> Reader<'r> {
        Reader {
            repo,
            options: &plan.options,
            report: Report::of(&plan.options),
            progress: Progress::new(&context.messages, "importing", "bytes", bytes),
            path: PathBuf::new(),
            open: None,
        }
    }

    fn end(self, context: &Context) -> Result<(), Failure> {
        self.progress.end();
        self.report.print(context)
    }

    /// A file that is one object.
    fn whole(&mut self, path: &Path) -> Result<(), Failure> {
        self.path = path.to_owned();
        let text = std::fs::read(path)
            .map_err(Failure::new)
            .doing(|| format!("{} cannot be read", path.display()))?;
        self.bytes(text.len() as u64);
        match entries(&text).and_then(Head::parse) {
            Some(head) => self.head(head),
            None => {
                Visitor::damage(self, 1, "it is not what libaim export writes");
                Ok(())
            }
        }
    }

    fn lines(&mut self, path: &Path) -> Result<(), Failure> {
        self.path = path.to_owned();
        let failed = |e: std::io::Error| Failure::new(e);
        let mut lines = Lines::open(path, LINE)
            .map_err(failed)
            .doing(|| format!("{} cannot be read", path.display()))?;
        while let Some(line) = lines.next().map_err(failed)? {
            self.bytes(line.size);
            let Some(bytes) = line.bytes else {
                Visitor::damage(self, line.number, "a line is longer than 256 MiB");
                continue;
            };
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            match entries(bytes) {
                Some(entries) => {
                    if let Some(rule) = self.line(entries)? {
                        Visitor::damage(self, line.number, rule);
                    }
                }
                None => Visitor::damage(self, line.number, "the line is no JSON object"),
            }
        }
        Ok(())
    }

    /// One line; what is wrong with it, if anything is.
    fn line(&mut self, mut entries: Entries) -> Result<Option<&'static str>, Failure> {
        let has = |key: &str| entries.iter().any(|(k, _)| k == key);
        if has("status") && has("params") {
            return match Head::parse(entries) {
                Some(head) => self.head(head).map(|()| None),
                None => Ok(Some(
                    "the run has no hash, no beginning or no status that there is",
                )),
            };
        }
        let hash = take_text(&mut entries, "run");
        let Some(open) = self
            .open
            .as_mut()
            .filter(|open| Some(&open.hash) == hash.as_ref())
        else {
            return Ok(Some("it is of a run that is not described before it"));
        };
        let report = &mut self.report;
        let directory = self.path.parent().unwrap_or(Path::new(""));
        if let Some(id) = take_text(&mut entries, "artifact") {
            let mut found = |key: &str| {
                let name = take_text(&mut entries, key);
                name.map(|name| beside::find(directory, &name)).transpose()
            };
            match (found("file"), found("manifest")) {
                (Ok(Some(file)), Ok(manifest)) => {
                    let manifest = manifest.as_deref();
                    open.target.keep(report, &id, &file, manifest)?;
                }
                (Ok(None), Ok(Some(manifest))) => {
                    open.target.know_files(report, &id, &manifest)?;
                }
                (Ok(None), Ok(None)) => {
                    return Ok(Some("it names no file of the artifact"));
                }
                (Err(why), _) | (_, Err(why)) => report.damage(why),
            }
            return Ok(None);
        }
        let Some(time) = take_time(&mut entries, "time") else {
            return Ok(Some("it has no time"));
        };
        if let Some(text) = take_text(&mut entries, "log") {
            let level = take_int(&mut entries, "level").and_then(|n| i32::try_from(n).ok());
            let location = take_text(&mut entries, "file").map(|file| SourceLocation {
                file,
                line: take_int(&mut entries, "line").unwrap_or(0) as u32,
                function: take_text(&mut entries, "function").unwrap_or_default(),
            });
            let stream = Stream::Records;
            open.target
                .record(report, stream, time, level.unwrap_or(0), &text, location)?;
            return Ok(None);
        }
        if let Some(text) = take_text(&mut entries, "terminal") {
            let descriptor = take_int(&mut entries, "descriptor").unwrap_or(0) as i32;
            let stream = Stream::Terminal;
            open.target
                .record(report, stream, time, descriptor, &text, None)?;
            return Ok(None);
        }
        let name = take_text(&mut entries, "name");
        let step = take_int(&mut entries, "step");
        if let Some(kind) = take_text(&mut entries, "objects") {
            return objects(
                entries,
                &kind,
                name.zip(step),
                time,
                directory,
                open,
                report,
            );
        }
        let value = take(&mut entries, "value").and_then(|value| exact::number_of(&value));
        let (Some(name), Some(step), Some(value)) = (name, step, value) else {
            return Ok(Some("it is neither a point nor a line of a log"));
        };
        let epoch = take_int(&mut entries, "epoch").unwrap_or(EPOCH_NONE);
        let context = take_context(&mut entries);
        match open.target.series(&name, &context)? {
            Some(series) => open
                .target
                .point(report, series, step, value, epoch, time)?,
            None => report.lost("points of metrics that libaim does not take", 1),
        }
        Ok(None)
    }

    fn head(&mut self, head: Head) -> Result<(), Failure> {
        self.close()?;
        let mut target = Target::open(self.repo, self.options, &head.identity)?;
        target.describe(&head.exact)?;
        if let Tree::Dict(entries) = head.params {
            for (key, value) in entries {
                target.param(&mut self.report, &[&key], value);
            }
        }
        self.open = Some(Open {
            target,
            hash: super::target::hash(&head.identity),
            outcome: head.outcome,
            finalized_at: head.finalized_at,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Failure> {
        match self.open.take() {
            Some(open) => open
                .target
                .close(&mut self.report, open.outcome, open.finalized_at),
            None => Ok(()),
        }
    }
}

/// Rows of `points.csv`.
impl Visitor for Reader<'_> {
    fn row(&mut self, columns: &Columns, row: &Row) -> Result<(), Failure> {
        let step = columns.find(row, Role::Step).and_then(Cell::whole);
        let epoch = columns.find(row, Role::Epoch).and_then(Cell::whole);
        let time = columns.find(row, Role::Time).and_then(Cell::time);
        let point = columns.long(row);
        let (Some(step), Some(time), Some((name, context, value))) = (step, time, point) else {
            self.report.lost("rows that are no points", 1);
            return Ok(());
        };
        let (Some(open), Some(value)) = (&mut self.open, value.number()) else {
            self.report.lost("rows that are no points", 1);
            return Ok(());
        };
        let report = &mut self.report;
        match open.target.series(&name, &context)? {
            Some(series) => {
                let epoch = epoch.unwrap_or(EPOCH_NONE);
                open.target.point(report, series, step, value, epoch, time)
            }
            None => {
                report.lost("points of metrics that libaim does not take", 1);
                Ok(())
            }
        }
    }

    fn damage(&mut self, line: u64, rule: &str) {
        let path = self.path.display();
        self.report.damage(format!("{path}, line {line}: {rule}"));
    }

    fn param(&mut self, _: &[&str], _: Tree) {}

    fn bytes(&mut self, more: u64) {
        self.progress.add(more);
    }
}
