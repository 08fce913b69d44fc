//! The repository as a whole.

use super::listing::Activity;
use super::objects::{self, OTHER_SEQUENCES};
use crate::labels;
use crate::web::App;
use crate::web::answer::tree;
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Query, TimeZone};
use crate::web::tree::{dict, text};
use aim::query::{Snapshot, read};
use aim_value::Tree;
use axum::extract::State;

/// Params that are suggested at most.
const MOST_PARAMS: usize = 20_000;
/// What a param is known by. The UI shows the type nowhere.
const EXAMPLE: &str = "__example_type__";

pub async fn about(State(app): State<App>) -> Answer {
    let path = app.repo().root();
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(tree(&dict([
        ("name", text(name.to_string_lossy())),
        ("path", text(path.to_string_lossy())),
        ("description", text("")),
        ("telemetry_enabled", Tree::Int(0)),
        ("warn_index", Tree::Bool(false)),
        ("warn_runs", Tree::Bool(false)),
    ])))
}

pub async fn activity(State(app): State<App>, zone: TimeZone) -> Answer {
    let activity = app
        .work(move |repo| Activity::of(repo, &zone, |_| true))
        .await?;
    let experiments = Tree::Int(activity.experiments() as i64);
    let mut entries = vec![("num_experiments".to_owned(), experiments)];
    entries.extend(activity.tree());
    Ok(tree(&Tree::Dict(entries)))
}

pub async fn params(State(app): State<App>, query: Query) -> Answer {
    let mut wanted: Vec<String> = query.all("sequence").map(str::to_owned).collect();
    let known = || ["metric"].into_iter().chain(OTHER_SEQUENCES);
    if let Some(unknown) = wanted.iter().find(|kind| !known().any(|k| k == *kind)) {
        return Err(Refusal::bad(format!("there is no sequence {unknown:?}")));
    }
    if wanted.is_empty() {
        wanted = known().map(str::to_owned).collect();
    }
    let with_params = !query.flag("exclude_params", false)?;
    let found = app
        .work(move |repo| {
            Ok(read(repo, |snapshot| {
                let mut entries = Vec::new();
                if with_params {
                    entries.push(("params".to_owned(), param_tree(snapshot)?));
                }
                for kind in wanted {
                    let names = match kind.as_str() {
                        "metric" => metric_tree(snapshot)?,
                        name => match objects::kind(name) {
                            Some(kind) => objects::name_tree(snapshot, kind)?,
                            None => Tree::Dict(Vec::new()),
                        },
                    };
                    entries.push((kind, names));
                }
                Ok(Tree::Dict(entries))
            })?)
        })
        .await?;
    Ok(tree(&found))
}

/// All params that any run has, as one tree.
fn param_tree(snapshot: &Snapshot<'_>) -> aim::error::Result<Tree> {
    let mut all = Tree::Dict(Vec::new());
    let mut paths = snapshot.param_paths(MOST_PARAMS)?;
    paths.retain(|path| !labels::leads_to_artifacts(path));
    // A path lies before those below it.
    paths.sort_by(|a, b| a.tokens().cmp(b.tokens()));
    for (i, path) in paths.iter().enumerate() {
        let is_inner = paths
            .get(i + 1)
            .is_some_and(|next| next.tokens().starts_with(path.tokens()));
        let node = match is_inner {
            true => Tree::Dict(Vec::new()),
            false => dict([(EXAMPLE, text("<class 'float'>"))]),
        };
        all.set(path, node)?;
    }
    Ok(all)
}

/// All contexts of each metric.
fn metric_tree(snapshot: &Snapshot<'_>) -> aim::error::Result<Tree> {
    let names = snapshot.metric_names()?.into_iter();
    let names = names.map(|(name, contexts)| {
        let contexts = contexts.iter().map(|json| Tree::from_json(json));
        let contexts: Result<Vec<Tree>, _> = contexts.collect();
        Ok((name, Tree::List(contexts?)))
    });
    Ok(Tree::Dict(names.collect::<aim::error::Result<_>>()?))
}
