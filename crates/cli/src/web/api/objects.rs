//! Images, texts, audios, figures and distributions: of runs that a query selects, and of one run.
//!
//! Bytes of images and audios are asked for by a text that names them: the numbers of run, kind, name and context, step and
//! index. Figures of other libraries than plotly are left out: the pages know no other.

use super::metrics::Asked;
use super::search::{Search, Told, params};
use crate::web::App;
use crate::web::entities::Known;
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Body, Path, Query, TimeZone, range};
use crate::web::local_time::in_utc;
use crate::web::pieces::{Pieces, pieces};
use crate::web::props::{Contexts, props};
use crate::web::rows::Rows;
use crate::web::stream::column;
use crate::web::tree::{dict, text};
use aim::objects::ObjectKind;
use aim::objects::distribution::Distribution;
use aim::query::{QueryRow, Select, SequenceInfo, Snapshot, read};
use aim::run::EPOCH_NONE;
use aim::store::{Object, ObjectPoint, SequenceKey};
use aim_stream::{Encoder, Piece};
use aim_value::Tree;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use std::sync::atomic::AtomicBool;

/// Runs of one piece of an answer.
const RUNS: usize = 8;
/// Objects that are asked for at once.
const MOST_BLOBS: usize = 4096;

/// Sequences that are not metrics.
pub const OTHER_SEQUENCES: [&str; 5] = ["images", "texts", "audios", "figures", "distributions"];

pub fn add_to(mut router: Router<App>) -> Router<App> {
    for name in OTHER_SEQUENCES {
        let Some(kind) = kind(name) else { continue };
        let search = move |app, query, zone| search(app, query, zone, kind);
        let batch = move |app, path, query, body| of_run(app, path, query, body, kind, false);
        let step = move |app, path, query, body| of_run(app, path, query, body, kind, true);
        router = router
            .route(&format!("/search/{name}"), get(search))
            .route(&format!("/{{hash}}/{name}/get-batch"), post(batch))
            .route(&format!("/{{hash}}/{name}/get-step"), post(step));
    }
    router
        .route("/images/get-batch", post(blobs))
        .route("/audios/get-batch", post(blobs))
}

/// The kind that pages and expressions call so.
pub fn kind(name: &str) -> Option<ObjectKind> {
    ObjectKind::ALL
        .into_iter()
        .find(|kind| kind.plural() == name)
}

/// Whether a point is a list to the pages.
fn is_listed(kind: ObjectKind) -> bool {
    !matches!(kind, ObjectKind::Figure | ObjectKind::Distribution)
}

/// Which points and objects are asked for: from, to, and how many.
#[derive(Clone, Copy)]
struct Wanted {
    steps: (Option<i64>, Option<i64>),
    points: usize,
    indices: (Option<usize>, Option<usize>),
    objects: usize,
}

impl Wanted {
    fn of(query: &Query) -> Answer<Wanted> {
        let number = |n: Option<u64>| n.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let (from, to) = range(query.get("record_range"))?;
        let (first, end) = range(query.get("index_range"))?;
        let index = |n: Option<u64>| n.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let density = |name, otherwise| {
            let most = query.number(name, otherwise, 0..=1 << 32)?;
            match most {
                0 => Err(Refusal::bad(format!("{name} is 0; it is 1 or more"))),
                most => Ok(most as usize),
            }
        };
        Ok(Wanted {
            steps: (number(from), number(to)),
            points: density("record_density", 50)?,
            indices: (index(first), index(end)),
            objects: density("index_density", 5)?,
        })
    }
}

/// Every so many-th, as Aim chooses.
fn thinned(count: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..count).step_by((count / most.max(1)).max(1))
}

/// Steps and indices that there are, ends excluded.
#[derive(Clone, Copy)]
struct Extent {
    steps: (i64, i64),
    longest: usize,
}

impl Extent {
    fn of(found: &[&SequenceInfo]) -> Extent {
        let of = found.iter().map(|s| s.sequence);
        let last = of.clone().map(|s| s.last_step).max().unwrap_or(-1);
        Extent {
            steps: (
                of.clone().map(|s| s.first_step).min().unwrap_or(0),
                last.saturating_add(1),
            ),
            longest: of.map(|s| s.longest as usize).max().unwrap_or(0),
        }
    }

    fn entries(&self, wanted: &Wanted, listed: bool, used_indices: &str) -> Vec<(String, Tree)> {
        let pair = |from: i64, to: i64| Tree::List(vec![Tree::Int(from), Tree::Int(to)]);
        let (from, to) = wanted.steps;
        let mut entries = vec![
            (
                "record_range_used".to_owned(),
                pair(from.unwrap_or(self.steps.0), to.unwrap_or(self.steps.1)),
            ),
            (
                "record_range_total".to_owned(),
                pair(self.steps.0, self.steps.1),
            ),
        ];
        if listed {
            let (from, to) = wanted.indices;
            let to = to.unwrap_or(self.longest) as i64;
            entries.push((used_indices.to_owned(), pair(from.unwrap_or(0) as i64, to)));
            entries.push(("index_range_total".to_owned(), pair(0, self.longest as i64)));
        }
        entries
    }
}

/// The points of a sequence that are wanted.
fn points(
    snapshot: &Snapshot<'_>,
    key: SequenceKey,
    wanted: &Wanted,
) -> aim::error::Result<Vec<ObjectPoint>> {
    let from = wanted.steps.0.unwrap_or(i64::MIN);
    let to = wanted.steps.1.map_or(i64::MAX, |to| to.saturating_sub(1));
    let steps = snapshot.object_steps(key, from, to)?;
    let mut chosen: Vec<usize> = thinned(steps.len(), wanted.points).collect();
    if !steps.is_empty() && chosen.last() != Some(&(steps.len() - 1)) {
        chosen.push(steps.len() - 1);
    }
    let mut found = Vec::new();
    for i in chosen {
        found.extend(snapshot.object_point(key, steps[i])?);
    }
    Ok(found)
}

/// The objects of a point as the pages want them.
fn values(
    snapshot: &Snapshot<'_>,
    key: SequenceKey,
    point: &ObjectPoint,
    wanted: &Wanted,
) -> aim::error::Result<Tree> {
    let all = &point.objects;
    if !is_listed(key.kind) {
        let first = all.first();
        let shown = first.map(|object| shown(snapshot, key, point.step, 0, object));
        return shown.unwrap_or(Ok(Tree::Null));
    }
    let from = wanted.indices.0.unwrap_or(0).min(all.len());
    let to = wanted.indices.1.unwrap_or(all.len()).clamp(from, all.len());
    let shown = thinned(to - from, wanted.objects).map(|i| {
        let index = from + i;
        shown(snapshot, key, point.step, index, &all[index])
    });
    Ok(Tree::List(shown.collect::<aim::error::Result<_>>()?))
}

fn shown(
    snapshot: &Snapshot<'_>,
    key: SequenceKey,
    step: i64,
    index: usize,
    object: &Object,
) -> aim::error::Result<Tree> {
    let number = Tree::Int(index as i64);
    let data = || -> aim::error::Result<Tree> {
        let bytes = snapshot.object_bytes(object)?;
        Ok(text(String::from_utf8_lossy(&bytes)))
    };
    Ok(match key.kind {
        ObjectKind::Image => dict([
            ("caption", text(&*object.caption)),
            ("format", text(format(object))),
            ("width", Tree::Int(object.width.into())),
            ("height", Tree::Int(object.height.into())),
            ("index", number),
            ("blob_uri", text(uri(key, step, index))),
        ]),
        ObjectKind::Audio => dict([
            ("caption", text(&*object.caption)),
            ("format", text(&*object.format)),
            ("index", number),
            ("blob_uri", text(uri(key, step, index))),
        ]),
        ObjectKind::Distribution => {
            let bytes = snapshot.object_bytes(object)?;
            let found = Distribution::decode(&bytes)
                .ok_or_else(|| aim::error::Error::corrupt("a stored distribution is damaged"))?;
            let ends = [found.edges[0], found.edges[found.weights.len()]];
            dict([
                ("bin_count", Tree::Int(found.weights.len() as i64)),
                ("range", Tree::List(ends.map(Tree::Float).into())),
                ("data", column(found.weights.iter().copied())),
            ])
        }
        ObjectKind::Figure if object.format != "plotly" => Tree::Null,
        ObjectKind::Figure => dict([
            ("source", text("plotly")),
            ("format", text("raw_json")),
            ("version", text("unknown")),
            ("data", data()?),
        ]),
        _ => dict([("index", number), ("data", data()?)]),
    })
}

/// Of a picture, as its media type is called.
fn format(object: &Object) -> &str {
    match &*object.format {
        "svg" => "svg+xml",
        format => format,
    }
}

fn uri(key: SequenceKey, step: i64, index: usize) -> String {
    let SequenceKey {
        run,
        kind,
        name,
        context,
    } = key;
    format!("{run}.{}.{name}.{context}.{step}.{index}", kind as u8)
}

/// What a text names: sequence, step and index.
fn named(uri: &str) -> Option<(SequenceKey, i64, usize)> {
    let mut parts = uri.split('.');
    let key = SequenceKey {
        run: parts.next()?.parse().ok()?,
        kind: ObjectKind::from_number(parts.next()?.parse().ok()?)?,
        name: parts.next()?.parse().ok()?,
        context: parts.next()?.parse().ok()?,
    };
    let (step, index) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then_some((key, step, index))
}

async fn search(State(app): State<App>, query: Query, zone: TimeZone, kind: ObjectKind) -> Answer {
    let wanted = Wanted::of(&query)?;
    let system = !query.flag("skip_system", true)?;
    let told = Told::new(query.flag("report_progress", true)?);
    let known = app.work(Known::load).await?;
    let (repo, expression) = (app.repo().clone(), in_utc(query.text("q"), &zone));
    let select = Select::Objects(kind);
    // The extent of everything found is part of every record.
    let (expression, extent) = app
        .work(move |repo| {
            let mut rows = Rows::new(repo.clone(), expression.clone(), select, None, None);
            let mut extent: Option<Extent> = None;
            let never = AtomicBool::new(false);
            loop {
                let some = rows.next(usize::MAX, &never)?;
                if some.is_empty() {
                    let none = Extent::of(&[]);
                    return Ok((expression, extent.unwrap_or(none)));
                }
                let found: Vec<&SequenceInfo> = some
                    .iter()
                    .filter_map(|row| row.sequence.as_ref())
                    .collect();
                let more = Extent::of(&found);
                let so_far = extent.unwrap_or(more);
                extent = Some(Extent {
                    steps: (
                        so_far.steps.0.min(more.steps.0),
                        so_far.steps.1.max(more.steps.1),
                    ),
                    longest: so_far.longest.max(more.longest),
                });
            }
        })
        .await?;
    let mut selected = Sequences {
        kind,
        known,
        wanted,
        extent,
        system,
        contexts: Contexts::default(),
    };
    let search = Search {
        rows: Rows::new(repo, expression, select, None, None),
        told,
        at_once: RUNS,
        tree: move |snapshot: &Snapshot<'_>, rows: &[QueryRow]| selected.tree(snapshot, rows),
    };
    pieces(app, search).await
}

struct Sequences {
    kind: ObjectKind,
    known: Known,
    wanted: Wanted,
    extent: Extent,
    system: bool,
    contexts: Contexts,
}

impl Sequences {
    /// A run with those of its sequences that are selected; `None` where it was deleted meanwhile, or is damaged.
    fn tree(&mut self, snapshot: &Snapshot<'_>, rows: &[QueryRow]) -> Option<Tree> {
        let run = &rows[0].run;
        let record = snapshot.record(run).ok()??;
        let found = rows.iter().filter_map(|row| row.sequence.as_ref());
        let traces: Vec<Tree> = found
            .filter_map(|sequence| self.trace(snapshot, sequence).ok())
            .collect();
        let listed = is_listed(self.kind);
        let ranges = self
            .extent
            .entries(&self.wanted, listed, "index_range_used");
        Some(dict([
            ("ranges", Tree::Dict(ranges)),
            ("params", params(snapshot, run, self.system)),
            ("traces", Tree::List(traces)),
            ("props", props(&record, &self.known)),
        ]))
    }

    fn trace(
        &mut self,
        snapshot: &Snapshot<'_>,
        sequence: &SequenceInfo,
    ) -> aim::error::Result<Tree> {
        let points = points(snapshot, sequence.key, &self.wanted)?;
        let mut entries = trace(
            snapshot,
            sequence,
            &points,
            &self.wanted,
            &mut self.contexts,
        )?;
        let epochs = points.iter().map(|point| match point.epoch {
            EPOCH_NONE => Tree::Null,
            epoch => Tree::Int(epoch),
        });
        let times = points.iter().map(|p| Tree::Float(p.time as f64 / 1e6));
        let (epochs, times) = (Tree::List(epochs.collect()), Tree::List(times.collect()));
        entries.push(("epochs".to_owned(), Tree::List(vec![epochs])));
        entries.push(("timestamps".to_owned(), Tree::List(vec![times])));
        Ok(Tree::Dict(entries))
    }
}

/// Name, context, values and steps.
fn trace(
    snapshot: &Snapshot<'_>,
    sequence: &SequenceInfo,
    points: &[ObjectPoint],
    wanted: &Wanted,
    contexts: &mut Contexts,
) -> aim::error::Result<Vec<(String, Tree)>> {
    let values = points
        .iter()
        .map(|point| values(snapshot, sequence.key, point, wanted));
    let steps = points.iter().map(|point| Tree::Int(point.step));
    Ok(vec![
        ("name".to_owned(), text(&*sequence.name)),
        ("context".to_owned(), contexts.tree(&sequence.context)),
        (
            "values".to_owned(),
            Tree::List(values.collect::<aim::error::Result<_>>()?),
        ),
        ("iters".to_owned(), Tree::List(steps.collect())),
    ])
}

async fn of_run(
    State(app): State<App>,
    Path(hash): Path<String>,
    query: Query,
    Body(asked): Body<Vec<Asked>>,
    kind: ObjectKind,
    one_step: bool,
) -> Answer {
    let mut wanted = Wanted::of(&query)?;
    let step = match query.get("record_step").filter(|step| !step.is_empty()) {
        None => None,
        Some(step) => Some(step.parse::<i64>().map_err(|_| {
            Refusal::parameter(format!("record_step is {step:?}; it is a whole number"))
        })?),
    };
    let bytes = app
        .work(move |repo| {
            let run = read(repo, |snapshot| snapshot.find(&hash))?.ok_or_else(Refusal::no_run)?;
            let mut out = Encoder::default();
            let found = read(repo, |snapshot| snapshot.sequences(&run, kind))?;
            for asked in &asked {
                let context = asked.context()?;
                let mut named = found.iter().filter(|s| asked.is_called(&s.name));
                let Some(sequence) = named.find(|s| *s.context == *context) else {
                    continue;
                };
                if one_step {
                    let step = step.unwrap_or(sequence.sequence.last_step);
                    wanted.steps = (Some(step), Some(step.saturating_add(1)));
                }
                read(repo, |snapshot| {
                    let points = points(snapshot, sequence.key, &wanted)?;
                    let contexts = &mut Contexts::default();
                    let entries = trace(snapshot, sequence, &points, &wanted, contexts)?;
                    let extent = Extent::of(&[sequence]);
                    let ranges = extent.entries(&wanted, is_listed(kind), "index_range");
                    for (name, tree) in entries.into_iter().chain(ranges) {
                        out.record(Piece::Text(&name), &tree);
                    }
                    Ok(())
                })?;
            }
            Ok(out.finish())
        })
        .await?;
    Ok(crate::web::answer::octets(bytes))
}

/// The bytes that are named; of what is gone, none.
async fn blobs(State(app): State<App>, Body(asked): Body<Vec<String>>) -> Answer {
    if asked.len() > MOST_BLOBS {
        return Err(Refusal::bad(format!(
            "{} objects are asked for at once, more than {MOST_BLOBS}",
            asked.len()
        )));
    }
    let mut wanted = Vec::new();
    for uri in asked {
        let named = named(&uri).ok_or_else(|| Refusal::bad(format!("{uri:?} names no object")))?;
        wanted.push((uri, named));
    }
    let blobs = Blobs {
        repo: app.repo().clone(),
        wanted: wanted.into_iter(),
    };
    pieces(app, blobs).await
}

struct Blobs {
    repo: aim::repo::RepoRef,
    wanted: std::vec::IntoIter<(String, (SequenceKey, i64, usize))>,
}

impl Pieces for Blobs {
    fn next(&mut self, _: &AtomicBool) -> Answer<Option<Encoder>> {
        let Some((uri, (key, step, index))) = self.wanted.next() else {
            return Ok(None);
        };
        let mut out = Encoder::default();
        read(&self.repo, |snapshot| {
            let point = snapshot.object_point(key, step)?;
            let object = point.as_ref().and_then(|point| point.objects.get(index));
            // Damage is the fault of this one alone.
            if let Some(Ok(bytes)) = object.map(|object| snapshot.object_bytes(object)) {
                out.record(Piece::Text(&uri), &Tree::Bytes(bytes.into_owned()));
            }
            Ok(())
        })?;
        Ok(Some(out))
    }
}

/// The sequences of a kind that a run has, as its page lists them.
pub fn listed(found: &[SequenceInfo], contexts: &mut Contexts) -> Tree {
    let listed = found.iter().map(|sequence| {
        dict([
            ("context", contexts.tree(&sequence.context)),
            ("name", text(&*sequence.name)),
        ])
    });
    Tree::List(listed.collect())
}

/// All contexts of each name, of a kind.
pub fn name_tree(snapshot: &Snapshot<'_>, kind: ObjectKind) -> aim::error::Result<Tree> {
    let names = snapshot.object_names(kind)?.into_iter();
    let names = names.map(|(name, contexts)| {
        let contexts = contexts.iter().map(|json| Tree::from_json(json));
        let contexts: Result<Vec<Tree>, _> = contexts.collect();
        Ok((name, Tree::List(contexts?)))
    });
    Ok(Tree::Dict(names.collect::<aim::error::Result<_>>()?))
}
