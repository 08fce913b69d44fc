//! A table of runs: properties, params and last values of each run of an answer, as one JSON text.

use super::result::{Query, record_tree};
use crate::error::Result;
use crate::store::Kind;
use aim_value::{Tree, escape};
use std::collections::HashSet;

/// One object for each run, in the order of the answer: its properties, `params` by JSON Pointer, and `metrics` with
/// name, context, last, last_step, min, max and count. Runs that were deleted meanwhile are left out.
pub fn table(query: &Query) -> Result<Tree> {
    let repo = query.repo();
    let txn = repo.store.read()?;
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    for row in query.rows() {
        if !seen.insert(row.run.id) {
            continue;
        }
        let id = row.run.id;
        let Some(mut record) = txn.run(id)? else {
            continue;
        };
        record.state = repo.run_state(&record, &txn.live_writers(id)?)?;
        let mut entries = record_tree(&record);
        let mut params = Vec::new();
        flatten(txn.params(id)?, String::new(), &mut params);
        entries.push(("params".to_owned(), Tree::Dict(params)));
        let mut metrics = Vec::new();
        for (key, known) in txn.run_series(id)? {
            let json = txn.string(Kind::Context, key.context)?;
            // A damaged one is shown as it is.
            let context = Tree::from_json(json).unwrap_or_else(|_| Tree::Str(json.to_owned()));
            let fields = [
                (
                    "name",
                    Tree::Str(txn.string(Kind::Name, key.name)?.to_owned()),
                ),
                ("context", context),
                ("last", Tree::Float(known.last)),
                ("last_step", Tree::Int(known.last_step)),
                ("min", Tree::Float(known.min())),
                ("max", Tree::Float(known.max())),
                ("count", Tree::Int(known.count as i64)),
            ];
            metrics.push(Tree::Dict(fields.map(|(k, v)| (k.to_owned(), v)).into()));
        }
        entries.push(("metrics".to_owned(), Tree::List(metrics)));
        rows.push(Tree::Dict(entries));
    }
    Ok(Tree::List(rows))
}

/// Leaves by JSON Pointer: dicts are walked, lists are values; an empty dict is a leaf.
pub fn flatten(tree: Tree, pointer: String, out: &mut Vec<(String, Tree)>) {
    match tree {
        Tree::Dict(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                flatten(value, format!("{pointer}/{}", escape(&key)), out);
            }
        }
        // Without any params there is no leaf.
        Tree::Dict(_) if pointer.is_empty() => {}
        leaf => out.push((pointer, leaf)),
    }
}
