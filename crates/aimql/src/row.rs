//! What an expression may ask of a row: implemented over the store, asked lazily.

use std::borrow::Cow;

use crate::error::RowError;
use crate::fault::Refused;
use crate::limits::Meter;
use aim_value::Tree;

/// A run's own fields, as opposed to its params.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunProperty {
    Hash,
    Name,
    Description,
    Experiment,
    Tags,
    Archived,
    Active,
    CreatedAt,
    FinalizedAt,
    EndTime,
    CreationTime,
    Duration,
    /// "running", "finished", "failed", "interrupted" or "crashed".
    Status,
    /// The exit code that the run ended with, where it is known.
    ExitCode,
    /// Whether it failed or crashed.
    Failed,
}

impl RunProperty {
    /// Every property, by the name that an expression calls it.
    pub const ALL: [(&'static str, RunProperty); 15] = [
        ("hash", RunProperty::Hash),
        ("name", RunProperty::Name),
        ("description", RunProperty::Description),
        ("experiment", RunProperty::Experiment),
        ("tags", RunProperty::Tags),
        ("archived", RunProperty::Archived),
        ("active", RunProperty::Active),
        ("created_at", RunProperty::CreatedAt),
        ("finalized_at", RunProperty::FinalizedAt),
        ("end_time", RunProperty::EndTime),
        ("creation_time", RunProperty::CreationTime),
        ("duration", RunProperty::Duration),
        ("status", RunProperty::Status),
        ("exit_code", RunProperty::ExitCode),
        ("failed", RunProperty::Failed),
    ];

    /// The property that an expression calls `name`.
    pub fn from_name(name: &str) -> Option<RunProperty> {
        let found = Self::ALL.iter().find(|(other, _)| *other == name);
        found.map(|(_, property)| *property)
    }
}

/// The value of a run's property.
#[derive(Clone, Debug, PartialEq)]
pub enum PropertyValue<'r> {
    /// Not there yet: `end_time` and `finalized_at` of an open run, an `exit_code` that is not known.
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Cow<'r, str>),
    /// Microseconds since 1970-01-01 UTC; an expression sees a naive `datetime` in UTC.
    Time(i64),
    Strs(Vec<Cow<'r, str>>),
}

/// A param value on its way into an expression. Leaves can be borrowed from the row.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamValue<'r> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Cow<'r, str>),
    Tree(Cow<'r, Tree>),
}

/// Where a path of dict keys leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup<'r> {
    /// A dict on the way lacks the next key.
    Missing,
    /// `value` is found after the first `used` keys of the path. `used` is less than the path's length only where
    /// the way ends in something that is not a dict.
    Found { value: ParamValue<'r>, used: usize },
}

/// What is kept per sequence, so that queries read no points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aggregates {
    pub first: f64,
    pub first_step: i64,
    pub last: f64,
    pub last_step: i64,
    pub min: f64,
    pub max: f64,
    /// Number of points.
    pub count: i64,
}

/// One of the `Aggregates`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aggregate {
    First,
    FirstStep,
    Last,
    LastStep,
    Min,
    Max,
    Count,
    /// Of sequences of objects: the length of the longest list.
    Longest,
}

impl Aggregate {
    pub const ALL: [Aggregate; 7] = [
        Aggregate::Last,
        Aggregate::LastStep,
        Aggregate::First,
        Aggregate::FirstStep,
        Aggregate::Min,
        Aggregate::Max,
        Aggregate::Count,
    ];

    /// Those that `run.metrics[…]` lists as a dict, which is Aim's; `count` is ours, and only an attribute.
    pub(crate) fn listed() -> impl Iterator<Item = Aggregate> {
        Self::ALL.into_iter().filter(|a| *a != Aggregate::Count)
    }

    /// The aggregate that an expression calls `name`.
    pub fn from_name(name: &str) -> Option<Aggregate> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Aggregate::First => "first",
            Aggregate::FirstStep => "first_step",
            Aggregate::Last => "last",
            Aggregate::LastStep => "last_step",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::Count => "count",
            Aggregate::Longest => "record_max_length",
        }
    }
}

/// What the sequences are that a query selects among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `metric`
    Metric,
    /// Sequences of objects, by the name that they have in an expression: "images". Their `max` is the length of the
    /// longest list, which an expression knows as `record_max_length`.
    Objects(&'static str),
}

impl Subject {
    pub fn name(self) -> &'static str {
        match self {
            Subject::Metric => "metric",
            Subject::Objects(name) => name,
        }
    }

    /// The aggregate that an expression calls `name`.
    pub(crate) fn aggregate(self, name: &str) -> Option<Aggregate> {
        match (self, name) {
            (Subject::Metric, _) => Aggregate::from_name(name),
            (Subject::Objects(_), "first_step" | "last_step" | "count") => {
                Aggregate::from_name(name)
            }
            (Subject::Objects(_), "record_max_length") => Some(Aggregate::Longest),
            _ => None,
        }
    }

    /// The attributes that there are.
    pub(crate) fn attributes(self) -> impl Iterator<Item = &'static str> {
        let names = Aggregate::ALL.into_iter().map(Aggregate::name);
        let own = names.chain(["record_max_length", "name", "context", "run"]);
        own.filter(move |name| {
            self.aggregate(name).is_some() || matches!(*name, "name" | "context" | "run")
        })
    }
}

/// What a row pays for reading its data.
pub struct Toll<'m>(pub(crate) &'m Meter<'m>);

impl Toll<'_> {
    /// Pays for reading `bytes` bytes, before they are decoded. A row may spend more the larger its values are.
    pub fn read(&self, bytes: usize) -> Result<(), RowError> {
        self.0.read(bytes).map_err(Refused::boxed)
    }

    /// Pays for decoding `count` values, before it is done.
    pub fn decode(&self, count: usize) -> Result<(), RowError> {
        let memory = count.saturating_mul(size_of::<(String, Tree)>());
        let paid = self
            .0
            .work(count as u64)
            .and_then(|()| self.0.memory(memory));
        paid.map_err(Refused::boxed)
    }

    /// Pays for comparing or skipping `count` values.
    pub fn look(&self, count: usize) -> Result<(), RowError> {
        self.0.work(count as u64).map_err(Refused::boxed)
    }
}

/// A run, as far as an expression asks for it. Every method is called at most once or twice a row, and only where
/// the expression needs the answer.
pub trait RunRow {
    /// A property of the run.
    fn property(&self, property: RunProperty) -> Result<PropertyValue<'_>, RowError>;

    /// Follows `path` from the root of the params as far as dicts go. An empty path is the whole dict of params.
    /// What is read for it is paid for first.
    fn param(&self, path: &[&str], toll: &Toll<'_>) -> Result<Lookup<'_>, RowError>;

    /// The aggregates of the run's sequence of that name and context; None where the run has no such sequence.
    /// Contexts are compared by [`super::tree_eq`].
    /// So are they, and each that is looked at is paid for.
    fn metric(
        &self,
        name: &str,
        context: &Tree,
        toll: &Toll<'_>,
    ) -> Result<Option<Aggregates>, RowError>;
}

/// The sequence that `metric` names in an expression.
#[derive(Clone, Copy, Debug)]
pub struct MetricRow<'a> {
    pub name: &'a str,
    pub context: &'a Tree,
    pub aggregates: &'a Aggregates,
}
