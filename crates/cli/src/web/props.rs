//! What answers say of a run: its properties, params and metrics.

use super::entities::Known;
use super::tree::{dict, optional_text, seconds, text};
use aim::artifacts::{Book, Which};
use aim::query::{MetricInfo, RunRecord, RunState};
use aim_value::Tree;
use std::collections::HashMap;
use std::sync::Arc;

/// The params that the library records of machine and program.
const SYSTEM_PARAMS: &str = "__system_params";

pub fn props(record: &RunRecord, known: &Known) -> Tree {
    let experiment = known.experiments.of_run(&record.experiment);
    let tags = record.tags.iter().map(|tag| known.tags.of_run(tag));
    dict([
        ("name", text(record.display_name())),
        ("description", optional_text(&record.description)),
        ("experiment", experiment),
        ("tags", Tree::List(tags.collect())),
        ("archived", Tree::Bool(record.archived)),
        ("creation_time", seconds(record.created_at)),
        ("end_time", end_time(record)),
        ("active", Tree::Bool(record.state == RunState::Running)),
    ])
}

/// Null only while the run is being written: without an end the UI shows it as running. Of a run that crashed and was not
/// looked at since, the end is not known.
fn end_time(record: &RunRecord) -> Tree {
    match record.state {
        RunState::Running => Tree::Null,
        _ => seconds(record.finalized_at.unwrap_or(record.created_at)),
    }
}

/// The latest version of each name, as Aim's page lists artifacts, and what else is known of it.
pub fn artifacts(book: &Book) -> Tree {
    let latest = book
        .names()
        .filter_map(|name| book.get(name, &Which::Latest));
    let listed = latest.map(|artifact| {
        let mut tree = artifact.to_tree(true);
        if let (Tree::Dict(entries), None) = (&mut tree, &artifact.uri) {
            let uri = Tree::Str(format!("file://{}", artifact.path));
            entries.push(("uri".to_owned(), uri));
        }
        tree
    });
    Tree::List(listed.collect())
}

pub fn without_system(params: Tree) -> Tree {
    match params {
        Tree::Dict(mut entries) => {
            entries.retain(|(key, _)| key != SYSTEM_PARAMS);
            Tree::Dict(entries)
        }
        other => other,
    }
}

/// Contexts, which many metrics share, decoded once.
#[derive(Default)]
pub struct Contexts(HashMap<Arc<str>, Tree>);

impl Contexts {
    pub fn tree(&mut self, json: &Arc<str>) -> Tree {
        if let Some(tree) = self.0.get(json) {
            return tree.clone();
        }
        let tree = Tree::from_json(json).unwrap_or(Tree::Dict(Vec::new()));
        self.0.insert(Arc::clone(json), tree.clone());
        tree
    }
}

/// A metric with what is known without its points.
pub fn overview(metric: &MetricInfo, contexts: &mut Contexts) -> Tree {
    let known = &metric.aggregates;
    let values = dict([
        ("dtype", text("float")),
        ("first_step", Tree::Int(known.first_step)),
        ("first", Tree::Float(known.first)),
        ("last_step", Tree::Int(known.last_step)),
        ("last", Tree::Float(known.last)),
        ("max", Tree::Float(known.max())),
        ("min", Tree::Float(known.min())),
        ("version", Tree::Int(2)),
    ]);
    dict([
        ("context", contexts.tree(&metric.context)),
        ("name", text(&*metric.name)),
        ("values", values),
    ])
}
