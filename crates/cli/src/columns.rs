//! Columns of a list of runs: properties, params, and aggregates of metrics, by the names people give them.
//!
//! `lr` is the param `lr`, or the only one whose path ends so, as `hparams.lr`; `loss.val:min` is the least value of the
//! metric `loss` in a context that holds `val`.

use crate::failure::Failure;
use aim::query::{MetricInfo, RunInfo, RunRecord, Snapshot, record_tree};
use aim_value::Tree;
use std::cell::OnceCell;
use std::cmp::Ordering;

/// A run of the list. What belongs to it is read when a column asks for it.
pub struct Row<'s, 't> {
    snapshot: &'s Snapshot<'t>,
    pub run: RunInfo,
    pub record: RunRecord,
    params: OnceCell<Tree>,
    metrics: OnceCell<Vec<MetricInfo>>,
}

impl<'s, 't> Row<'s, 't> {
    pub fn new(snapshot: &'s Snapshot<'t>, run: RunInfo, record: RunRecord) -> Row<'s, 't> {
        Row {
            snapshot,
            run,
            record,
            params: OnceCell::new(),
            metrics: OnceCell::new(),
        }
    }

    /// The run's params; none if they are damaged, which `doctor` tells.
    pub fn params(&self) -> &Tree {
        self.params.get_or_init(|| {
            let params = self.snapshot.params(&self.run);
            params.unwrap_or_else(|_| Tree::Dict(Vec::new()))
        })
    }

    pub fn metrics(&self) -> &[MetricInfo] {
        self.metrics
            .get_or_init(|| self.snapshot.metrics(&self.run).unwrap_or_default())
    }

    pub fn property(&self, name: &str) -> Tree {
        let mut entries = record_tree(&self.record).into_iter();
        let found = entries.find(|(key, _)| key == name);
        found.map_or(Tree::Null, |(_, value)| value)
    }

    /// Seconds from the run's creation to its end, or to now.
    pub fn took(&self) -> f64 {
        let end = self.record.finalized_at;
        let end = end.unwrap_or_else(aim::repo::now_micros);
        (end - self.record.created_at) as f64 / 1e6
    }

    pub fn age(&self) -> f64 {
        (aim::repo::now_micros() - self.record.created_at) as f64 / 1e6
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    Last,
    Min,
    Max,
    First,
    Count,
}

const AGGREGATES: [(&str, Aggregate); 5] = [
    ("last", Aggregate::Last),
    ("min", Aggregate::Min),
    ("max", Aggregate::Max),
    ("first", Aggregate::First),
    ("count", Aggregate::Count),
];

impl Aggregate {
    pub fn name(self) -> &'static str {
        let found = AGGREGATES.iter().find(|(_, a)| *a == self);
        found.map_or("", |(name, _)| name)
    }

    pub fn of(self, metric: &MetricInfo) -> Tree {
        let known = &metric.aggregates;
        match self {
            Aggregate::Last => Tree::Float(known.last),
            Aggregate::Min => Tree::Float(known.min()),
            Aggregate::Max => Tree::Float(known.max()),
            Aggregate::First => Tree::Float(known.first),
            Aggregate::Count => Tree::Int(known.count as i64),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    Run,
    Name,
    Experiment,
    Status,
    Age,
    Took,
    Created,
    Ended,
    Tags,
    Description,
    Archived,
    Metric(String, Aggregate),
    /// A param, or else the last value of a metric.
    Named(String),
}

const PROPERTIES: [(&str, Column); 15] = [
    ("run", Column::Run),
    ("hash", Column::Run),
    ("name", Column::Name),
    ("experiment", Column::Experiment),
    ("status", Column::Status),
    ("age", Column::Age),
    ("took", Column::Took),
    ("duration", Column::Took),
    ("created", Column::Created),
    ("created_at", Column::Created),
    ("ended", Column::Ended),
    ("finalized_at", Column::Ended),
    ("tags", Column::Tags),
    ("description", Column::Description),
    ("archived", Column::Archived),
];

impl Column {
    pub fn parse(text: &str) -> Result<Column, Failure> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Failure::usage("a column has no name")
                .advice("separate columns by one comma, as in: --columns lr,loss.val:min"));
        }
        let text = text.strip_prefix("run.").unwrap_or(text);
        if let Some((_, column)) = PROPERTIES.iter().find(|(name, _)| *name == text) {
            return Ok(column.clone());
        }
        match text.rsplit_once(':') {
            Some((name, wanted)) => {
                let found = AGGREGATES.iter().find(|(name, _)| *name == wanted);
                let Some((_, aggregate)) = found else {
                    let known: Vec<&str> = AGGREGATES.iter().map(|(name, _)| *name).collect();
                    return Err(Failure::usage(format_args!(
                        "the column {text:?} asks for {wanted:?} of a metric"
                    ))
                    .why(format_args!("known are {}", known.join(", "))));
                };
                Ok(Column::Metric(name.to_owned(), *aggregate))
            }
            None => Ok(Column::Named(text.to_owned())),
        }
    }

    pub fn title(&self) -> String {
        match self {
            Column::Metric(name, aggregate) => {
                format!(
                    "{} {}",
                    name.replace('.', " ").to_uppercase(),
                    aggregate.name()
                )
            }
            Column::Named(name) => name.rsplit('.').next().unwrap_or(name).to_uppercase(),
            other => {
                let found = PROPERTIES.iter().find(|(_, column)| column == other);
                found.map_or("", |(name, _)| name).to_uppercase()
            }
        }
    }

    /// The name of the column for programs.
    pub fn key(&self) -> String {
        match self {
            Column::Metric(name, aggregate) => format!("{name}:{}", aggregate.name()),
            Column::Named(name) => name.clone(),
            Column::Run => "hash".to_owned(),
            Column::Created => "created_at".to_owned(),
            Column::Ended => "finalized_at".to_owned(),
            Column::Took => "duration".to_owned(),
            other => other.title().to_lowercase(),
        }
    }

    /// The value of the column in a run; `Null` where it has none.
    pub fn value(&self, row: &Row<'_, '_>) -> Tree {
        match self {
            Column::Run => row.property("hash"),
            Column::Name => row.record.name.clone().map_or(Tree::Null, Tree::Str),
            Column::Took => Tree::Float(row.took()),
            Column::Age => Tree::Float(row.age()),
            Column::Created => row.property("created_at"),
            Column::Ended => row.property("finalized_at"),
            Column::Metric(name, aggregate) => match metric(row.metrics(), name) {
                Some(metric) => aggregate.of(metric),
                None => Tree::Null,
            },
            Column::Named(name) => match param(row.params(), name) {
                Some(value) => value.clone(),
                None => match metric(row.metrics(), name) {
                    Some(metric) => Aggregate::Last.of(metric),
                    None => Tree::Null,
                },
            },
            other => row.property(&other.key()),
        }
    }
}

/// The metric of this name, or, for `loss.val`, the first `loss` whose context holds `val`.
fn metric<'m>(metrics: &'m [MetricInfo], called: &str) -> Option<&'m MetricInfo> {
    if let Some(exact) = metrics.iter().find(|m| *m.name == *called) {
        return Some(exact);
    }
    metrics.iter().find(|m| {
        let rest = called
            .strip_prefix(&*m.name)
            .and_then(|r| r.strip_prefix('.'));
        rest.is_some_and(|rest| context_holds(&m.context, rest))
    })
}

/// Whether every part of `wanted`, between dots, is a value of the context.
fn context_holds(context: &str, wanted: &str) -> bool {
    let Ok(Tree::Dict(entries)) = Tree::from_json(context) else {
        return false;
    };
    let holds = |part: &str| {
        entries.iter().any(|(_, value)| match value {
            Tree::Str(text) => text == part,
            other => other.to_json() == part,
        })
    };
    holds(wanted) || wanted.split('.').all(holds)
}

/// The param at a path of keys between dots, or at the only path that ends so.
fn param<'t>(params: &'t Tree, called: &str) -> Option<&'t Tree> {
    if let Some(found) = at(params, called) {
        return Some(found);
    }
    let mut found = None;
    let mut several = false;
    ends(params, called, &mut |value| {
        several |= found.is_some();
        found = Some(value);
    });
    found.filter(|_| !several)
}

/// The value at a path; keys may hold dots themselves.
fn at<'t>(tree: &'t Tree, path: &str) -> Option<&'t Tree> {
    let Tree::Dict(entries) = tree else {
        return None;
    };
    entries.iter().find_map(|(key, value)| {
        let rest = path.strip_prefix(key.as_str())?;
        match rest.strip_prefix('.') {
            Some(below) => at(value, below),
            None => rest.is_empty().then_some(value),
        }
    })
}

fn ends<'t>(tree: &'t Tree, path: &str, found: &mut impl FnMut(&'t Tree)) {
    let Tree::Dict(entries) = tree else { return };
    for (_, value) in entries {
        match at(value, path) {
            Some(value) => found(value),
            None => ends(value, path, found),
        }
    }
}

/// The order of a column: numbers before texts, least first, and what has no value last.
pub fn compare(a: &Tree, b: &Tree) -> Ordering {
    fn rank(tree: &Tree) -> u8 {
        match tree {
            Tree::Bool(_) | Tree::Int(_) | Tree::BigInt(_) => 0,
            Tree::Float(f) if !f.is_nan() => 0,
            Tree::Str(_) => 1,
            Tree::Null => 4,
            Tree::Float(_) => 3,
            _ => 2,
        }
    }
    fn value(tree: &Tree) -> f64 {
        match tree {
            Tree::Bool(b) => f64::from(*b),
            Tree::Int(i) => *i as f64,
            Tree::Float(f) => *f,
            other => other.to_json().parse().unwrap_or(0.0),
        }
    }
    let by_rank = rank(a).cmp(&rank(b));
    by_rank.then_with(|| match (a, b) {
        (Tree::Str(a), Tree::Str(b)) => a.cmp(b),
        _ if rank(a) == 0 => value(a).total_cmp(&value(b)),
        _ if rank(a) == 2 => a.to_json().cmp(&b.to_json()),
        _ => Ordering::Equal,
    })
}
