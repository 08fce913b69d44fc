//! Metrics and params in words.

use crate::format;
use aim::query::MetricInfo;
use aim_value::{Path, Tree};

/// Metrics that the library tracks by itself begin so.
pub const SYSTEM: &str = "__system__";
/// The param under which it keeps what it found out about the machine.
pub const SYSTEM_PARAMS: &str = "__system_params";

/// Whether a param is what the library knows of artifacts.
pub fn is_of_artifacts(path: &str) -> bool {
    let below = path.strip_prefix(aim::artifacts::KEY);
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Whether a path is of what the library knows of artifacts.
pub fn leads_to_artifacts(path: &Path) -> bool {
    path.tokens()
        .first()
        .is_some_and(|key| key == aim::artifacts::KEY)
}

/// Whether a param is the library's own: what it found out about the machine, what it knows of artifacts.
pub fn is_own(path: &str) -> bool {
    path.starts_with(SYSTEM_PARAMS) || is_of_artifacts(path)
}

/// A context as `subset=val, fold=2`; empty where there is none.
pub fn context(json: &str) -> String {
    let Ok(Tree::Dict(entries)) = Tree::from_json(json) else {
        return json.to_owned();
    };
    let words = entries
        .iter()
        .map(|(key, value)| format!("{key}={}", format::param(value)));
    words.collect::<Vec<_>>().join(", ")
}

/// Name and context of a metric.
pub fn metric(metric: &MetricInfo) -> String {
    match context(&metric.context) {
        context if context.is_empty() => metric.name.to_string(),
        context => format!("{} {context}", metric.name),
    }
}

/// The values of a context alone, between dots, as `--columns` takes them: `loss.val`.
pub fn dotted(metric: &MetricInfo) -> String {
    let mut text = metric.name.to_string();
    if let Ok(Tree::Dict(entries)) = Tree::from_json(&metric.context) {
        for (_, value) in entries {
            text.push('.');
            text.push_str(&format::param(&value));
        }
    }
    text
}

/// Leaves of a tree of params with their paths, keys between dots. Lists are leaves.
pub fn leaves(tree: &Tree) -> Vec<(String, &Tree)> {
    fn walk<'t>(tree: &'t Tree, path: &str, found: &mut Vec<(String, &'t Tree)>) {
        match tree {
            Tree::Dict(entries) if !entries.is_empty() => {
                for (key, value) in entries {
                    match path {
                        "" => walk(value, key, found),
                        path => walk(value, &format!("{path}.{key}"), found),
                    }
                }
            }
            Tree::Dict(_) if path.is_empty() => {}
            leaf => found.push((path.to_owned(), leaf)),
        }
    }
    let mut found = Vec::new();
    walk(tree, "", &mut found);
    found
}
