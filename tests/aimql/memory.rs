//! The runs of a spec as rows in memory.
#![allow(dead_code, reason = "each test uses a part")]

use std::borrow::Cow;

use aim::error::Result;
use aim::query::lang::{
    Aggregates, Lookup, ParamValue, PropertyValue, RunProperty, RunRow, tree_eq,
};
use aim::store::tree::Tree;
use jiter::JsonValue;

/// 2026-01-01, the time at which every run of a spec was made.
const CREATED: i64 = 1_767_225_600_000_000;
const DURATION: f64 = 0.5;

pub struct Run {
    /// The run's number in the spec.
    pub index: i64,
    pub name: String,
    pub description: String,
    pub experiment: String,
    pub tags: Vec<String>,
    pub archived: bool,
    pub active: bool,
    pub params: Tree,
    pub metrics: Vec<Metric>,
}

pub struct Metric {
    pub name: String,
    pub context: Tree,
    pub aggregates: Aggregates,
}

pub fn parse(json: &str) -> Tree {
    tree(&JsonValue::parse(json.as_bytes(), true).expect("valid JSON"))
}

fn tree(value: &JsonValue<'_>) -> Tree {
    match value {
        JsonValue::Null => Tree::Null,
        JsonValue::Bool(b) => Tree::Bool(*b),
        JsonValue::Int(i) => Tree::Int(*i),
        JsonValue::BigInt(big) => Tree::BigInt(big.clone()),
        JsonValue::Float(f) => Tree::Float(*f),
        JsonValue::Str(text) => Tree::Str(text.to_string()),
        JsonValue::Array(items) => Tree::List(items.iter().map(tree).collect()),
        JsonValue::Object(entries) => Tree::Dict(
            entries
                .iter()
                .map(|(key, value)| (key.to_string(), tree(value)))
                .collect(),
        ),
    }
}

pub fn get<'t>(tree: &'t Tree, key: &str) -> Option<&'t Tree> {
    match tree {
        Tree::Dict(entries) => entries
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value),
        _ => None,
    }
}

pub fn list(tree: Option<&Tree>) -> &[Tree] {
    match tree {
        Some(Tree::List(items)) => items,
        _ => &[],
    }
}

pub fn text(tree: Option<&Tree>) -> Option<&str> {
    match tree {
        Some(Tree::Str(text)) => Some(text),
        _ => None,
    }
}

pub fn number(tree: Option<&Tree>) -> Option<f64> {
    match tree {
        Some(Tree::Int(i)) => Some(*i as f64),
        Some(Tree::Float(f)) => Some(*f),
        _ => None,
    }
}

/// The runs of `{"runs": […]}`.
pub fn runs(spec: &Tree) -> Vec<Run> {
    list(get(spec, "runs")).iter().map(run).collect()
}

fn run(spec: &Tree) -> Run {
    let string = |key: &str, default: &str| text(get(spec, key)).unwrap_or(default).to_owned();
    let flag = |key: &str| get(spec, key) == Some(&Tree::Bool(true));
    let index = number(get(spec, "index")).expect("an index") as i64;
    let mut params = match get(spec, "params") {
        Some(Tree::Dict(entries)) => entries.clone(),
        _ => panic!("params are a dict"),
    };
    params.retain(|(key, _)| key != "run_index");
    params.push(("run_index".to_owned(), Tree::Int(index)));
    Run {
        index,
        name: string("name", "Run: x"),
        description: string("description", ""),
        experiment: string("experiment", "default"),
        tags: list(get(spec, "tags"))
            .iter()
            .map(|tag| text(Some(tag)).expect("a tag").to_owned())
            .collect(),
        archived: flag("archived"),
        active: flag("active"),
        params: Tree::Dict(params),
        metrics: list(get(spec, "metrics")).iter().map(metric).collect(),
    }
}

fn metric(spec: &Tree) -> Metric {
    let points: Vec<(i64, f64)> = list(get(spec, "points"))
        .iter()
        .map(|point| {
            let parts = list(Some(point));
            let step = number(parts.first()).expect("a step") as i64;
            (step, number(parts.get(1)).expect("a value"))
        })
        .collect();
    // The first of the points of the last step, as the reference has it.
    let last = points
        .iter()
        .rev()
        .max_by_key(|(step, _)| *step)
        .expect("points");
    let values = || points.iter().map(|(_, value)| *value);
    Metric {
        name: text(get(spec, "name")).expect("a name").to_owned(),
        context: get(spec, "context").expect("a context").clone(),
        aggregates: Aggregates {
            first: points[0].1,
            first_step: points[0].0,
            last: last.1,
            last_step: last.0,
            min: values().fold(f64::INFINITY, f64::min),
            max: values().fold(f64::NEG_INFINITY, f64::max),
        },
    }
}

impl RunRow for Run {
    fn property(&self, property: RunProperty) -> Result<PropertyValue<'_>> {
        let created = CREATED as f64 / 1e6;
        Ok(match property {
            RunProperty::Hash => PropertyValue::Str(Cow::Borrowed("0123456789abcdef01234567")),
            RunProperty::Name => PropertyValue::Str(Cow::Borrowed(&self.name)),
            RunProperty::Description => PropertyValue::Str(Cow::Borrowed(&self.description)),
            RunProperty::Experiment => PropertyValue::Str(Cow::Borrowed(&self.experiment)),
            RunProperty::Tags => {
                PropertyValue::Strs(self.tags.iter().map(|tag| Cow::Borrowed(&**tag)).collect())
            }
            RunProperty::Archived => PropertyValue::Bool(self.archived),
            RunProperty::Active => PropertyValue::Bool(self.active),
            RunProperty::CreatedAt => PropertyValue::Time(CREATED),
            RunProperty::CreationTime => PropertyValue::Float(created),
            RunProperty::Duration => PropertyValue::Float(DURATION),
            RunProperty::FinalizedAt if self.active => PropertyValue::None,
            RunProperty::FinalizedAt => PropertyValue::Time(CREATED + 500_000),
            RunProperty::EndTime if self.active => PropertyValue::None,
            RunProperty::EndTime => PropertyValue::Float(created + DURATION),
        })
    }

    fn param(&self, path: &[&str]) -> Result<Lookup<'_>> {
        let mut value = &self.params;
        for (used, key) in path.iter().enumerate() {
            if !matches!(value, Tree::Dict(_)) {
                return Ok(Lookup::Found {
                    value: leaf(value),
                    used,
                });
            }
            match get(value, key) {
                Some(inner) => value = inner,
                None => return Ok(Lookup::Missing),
            }
        }
        Ok(Lookup::Found {
            value: leaf(value),
            used: path.len(),
        })
    }

    fn metric(&self, name: &str, context: &Tree) -> Result<Option<Aggregates>> {
        let found = self
            .metrics
            .iter()
            .find(|m| m.name == name && tree_eq(&m.context, context));
        Ok(found.map(|m| m.aggregates))
    }
}

fn leaf(value: &Tree) -> ParamValue<'_> {
    match value {
        Tree::Bool(b) => ParamValue::Bool(*b),
        Tree::Int(i) => ParamValue::Int(*i),
        Tree::Float(f) => ParamValue::Float(*f),
        Tree::Str(text) => ParamValue::Str(Cow::Borrowed(text)),
        _ => ParamValue::Tree(Cow::Borrowed(value)),
    }
}
