//! The plan: which runs an expression need be evaluated on.
//!
//! Conditions that every selected row meets are looked up in the index. One that names few runs decides; the others
//! narrow it down where that is as cheap. Nobody knows beforehand which one is selective, so all are tried with a small
//! allowance of index rows, then with a larger one: the work is a small multiple of the shortest list, and a query of
//! which no part is selective soon reads all runs in order instead.

use super::Select;
use super::candidates::Candidates;
use super::row::ARTIFACTS;
use crate::artifacts;
use crate::error::Result;
use crate::store::index::{Field, Indexed, Range};
use crate::store::keys::{RunId, StringId};
use crate::store::{Kind, ReadTxn};
use aim_value::{Path, Tree};
use aimql::{Bound, Condition, Program, Target, Test};
use std::fmt::Write as _;

/// Index rows read at first for a condition, and by how much that grows.
const ALLOWANCE: usize = 64;
const GROWTH: usize = 16;
/// Of all runs, the share that an index must leave out to be worth it.
const WORTH: u64 = 2;
/// Contexts that are looked through for a condition on a context's value.
const CONTEXTS: usize = 4096;

/// How a query is answered.
pub struct Plan {
    pub candidates: Candidates,
    runs: u64,
    condition: Condition,
    select: Select,
}

impl Plan {
    /// Reads all runs.
    pub fn all(txn: &ReadTxn<'_>) -> Result<Plan> {
        let runs = txn.run_count()?;
        let condition = Condition::Always;
        Ok(Plan {
            candidates: Candidates::All(runs),
            runs,
            condition,
            select: Select::Runs,
        })
    }

    pub fn new(txn: &ReadTxn<'_>, program: &Program, select: Select) -> Result<Plan> {
        let runs = txn.run_count()?;
        let condition = program.conditions();
        let most = (runs / WORTH) as usize;
        let mut allowance = ALLOWANCE;
        let found = loop {
            let found = look_up(txn, &condition, select, allowance)?;
            if found.is_some() || allowance >= most {
                break found;
            }
            allowance = allowance.saturating_mul(GROWTH).min(most);
        };
        let candidates = match found {
            Some(mut ids) => {
                ids.reverse();
                Candidates::Some(ids)
            }
            None => Candidates::All(runs),
        };
        Ok(Plan {
            candidates,
            runs,
            condition,
            select,
        })
    }

    /// The only metric names that can be selected, if the conditions tell.
    pub fn names(&self, txn: &ReadTxn<'_>) -> Result<Option<Vec<StringId>>> {
        let Some(names) = metric_names(&self.condition) else {
            return Ok(None);
        };
        let mut ids = Vec::new();
        for name in names {
            ids.extend(txn.find_string(Kind::Name, &name)?);
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(Some(ids))
    }

    /// The plan in words, a line for each condition.
    pub fn explain(&self, txn: &ReadTxn<'_>) -> Result<String> {
        let mut text = format!("runs in the repository: {}\n", self.runs);
        let parts = match &self.condition {
            Condition::All(parts) => parts.as_slice(),
            Condition::Always => &[],
            one => std::slice::from_ref(one),
        };
        let most = (self.runs / WORTH) as usize;
        for part in parts {
            let found = match look_up(txn, part, self.select, most)? {
                Some(ids) => format!("index: {} runs", ids.len()),
                None => "not selective".to_owned(),
            };
            let _ = writeln!(text, "  {}: {found}", describe(part));
        }
        let how = match &self.candidates {
            Candidates::All(_) | Candidates::Behind(..) => "all runs are read",
            Candidates::Some(_) => "the index names the runs",
        };
        let _ = writeln!(
            text,
            "evaluated on: {} runs ({how})",
            self.candidates.count()
        );
        Ok(text)
    }
}

fn describe(condition: &Condition) -> String {
    let join = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(describe).collect();
        format!("({})", parts.join(word))
    };
    match condition {
        Condition::Always => "anything".to_owned(),
        Condition::Never => "nothing".to_owned(),
        Condition::All(parts) => join(parts, " and "),
        Condition::Any(parts) => join(parts, " or "),
        Condition::Test(target, test) => format!("{target} {test}"),
    }
}

/// The runs on which a condition may hold, oldest first; `None` if they are not known from `most` index rows.
fn look_up(
    txn: &ReadTxn<'_>,
    condition: &Condition,
    select: Select,
    most: usize,
) -> Result<Option<Vec<RunId>>> {
    match condition {
        Condition::Always => Ok(None),
        Condition::Never => Ok(Some(Vec::new())),
        Condition::Test(target, test) => match ranges(txn, target, test, select)? {
            Some(IndexLookup::Ranges(ranges)) => {
                union(&ranges, most, |range, left| txn.indexed_runs(range, left))
            }
            Some(IndexLookup::Writers) => txn.written_runs(most),
            None => Ok(None),
        },
        Condition::Any(parts) => union(parts, most, |part, left| look_up(txn, part, select, left)),
        Condition::All(parts) => {
            let mut found: Option<Vec<RunId>> = None;
            for part in parts {
                let Some(ids) = look_up(txn, part, select, most)? else {
                    continue;
                };
                match &mut found {
                    Some(found) => found.retain(|id| ids.binary_search(id).is_ok()),
                    None => found = Some(ids),
                }
            }
            Ok(found)
        }
    }
}

/// All runs that the parts name, `most` at most over all.
fn union<T>(
    parts: &[T],
    most: usize,
    mut find: impl FnMut(&T, usize) -> Result<Option<Vec<RunId>>>,
) -> Result<Option<Vec<RunId>>> {
    let mut all = Vec::new();
    for part in parts {
        match find(part, most - all.len()) {
            Ok(Some(ids)) => all.extend(ids),
            other => return other,
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(Some(all))
}

/// Where the runs for a test are listed.
enum IndexLookup {
    Ranges(Vec<Range>),
    /// Runs that are being written.
    Writers,
}

fn ranges(
    txn: &ReadTxn<'_>,
    target: &Target,
    test: &Test,
    select: Select,
) -> Result<Option<IndexLookup>> {
    let of_objects = matches!(select, Select::Objects(_));
    let one = |field: Field| Ok(range(field, test).map(|r| IndexLookup::Ranges(vec![r])));
    let found = |field: Option<Field>| match field {
        Some(field) => one(field),
        // A string that was never stored: no run has it.
        None => Ok(Some(IndexLookup::Ranges(Vec::new()))),
    };
    match target {
        Target::Param(keys) => {
            let pointer = Path::from_tokens(keys.iter().cloned()).to_string();
            let own = txn.find_string(Kind::Path, &pointer)?.map(Field::Param);
            match keys.first().is_some_and(|key| key == ARTIFACTS) {
                true => with_artifacts(txn, own, test),
                false => found(own),
            }
        }
        Target::Hash => one(Field::Hash),
        Target::Experiment => one(Field::Experiment),
        Target::Tag => one(Field::Tag),
        Target::CreatedAt => one(Field::CreatedAt),
        Target::Archived => Ok(Some(IndexLookup::Ranges(vec![Range::exists(
            Field::Archived,
        )]))),
        Target::Active => Ok(Some(IndexLookup::Writers)),
        Target::Name if is_given_name(test) => one(Field::Name),
        Target::Name => Ok(None),
        Target::RunMetric | Target::MetricName => match test {
            Test::Equals(Bound::Text(name)) => {
                let id = txn.find_string(Kind::Name, name)?;
                Ok(Some(IndexLookup::Ranges(
                    id.map(|id| match (of_objects, target) {
                        (true, Target::MetricName) => Field::ObjectsName(id),
                        _ => Field::SeriesName(id),
                    })
                    .map(Range::exists)
                    .into_iter()
                    .collect(),
                )))
            }
            _ => Ok(None),
        },
        Target::MetricContext(keys) => context_ranges(txn, keys, test, of_objects),
    }
}

/// Where a run has no param `artifacts`, its artifacts stand for it.
fn with_artifacts(
    txn: &ReadTxn<'_>,
    own: Option<Field>,
    test: &Test,
) -> Result<Option<IndexLookup>> {
    let mut ranges = Vec::new();
    if let Some(own) = own {
        match range(own, test) {
            Some(range) => ranges.push(range),
            None => return Ok(None),
        }
    }
    let pointer = Path::from_tokens([artifacts::KEY]).to_string();
    let logged = txn.find_string(Kind::Path, &pointer)?.map(Field::Param);
    ranges.extend(logged.map(Range::exists));
    Ok(Some(IndexLookup::Ranges(ranges)))
}

/// Runs that nobody named are not in the index: their name, "Run: " and the hash, must not be what is looked for.
fn is_given_name(test: &Test) -> bool {
    const DEFAULT: &str = "Run: ";
    match test {
        Test::Equals(Bound::Text(name)) => !name.starts_with(DEFAULT),
        Test::StartsWith(start) => {
            !start.starts_with(DEFAULT) && !DEFAULT.starts_with(start.as_str())
        }
        _ => false,
    }
}

fn value(bound: &Bound) -> Indexed<'_> {
    match bound {
        Bound::Number(n) => Indexed::Number(*n),
        Bound::Text(s) => Indexed::Text(s),
    }
}

fn range(field: Field, test: &Test) -> Option<Range> {
    Some(match test {
        Test::Exists => Range::exists(field),
        Test::Equals(bound) => Range::equals(field, &value(bound)),
        Test::AtMost(bound) => Range::bounded(field, &value(bound), true),
        Test::AtLeast(bound) => Range::bounded(field, &value(bound), false),
        Test::StartsWith(text) => Range::starts_with(field, text),
    })
}

/// Contexts are few: those that may pass the test are looked up one by one.
fn context_ranges(
    txn: &ReadTxn<'_>,
    keys: &[String],
    test: &Test,
    of_objects: bool,
) -> Result<Option<IndexLookup>> {
    let Some(contexts) = txn.all_strings(Kind::Context, CONTEXTS)? else {
        return Ok(None);
    };
    let path = Path::from_tokens(keys.iter().cloned());
    let mut ranges = Vec::new();
    for (id, json) in contexts {
        // One that is damaged is an error of the rows that have it.
        let may_pass = Tree::from_json(json).map_or(true, |tree| {
            tree.at(&path).is_some_and(|value| may_pass(value, test))
        });
        if may_pass {
            ranges.push(Range::exists(match of_objects {
                true => Field::ObjectsContext(id),
                false => Field::SeriesContext(id),
            }));
        }
    }
    Ok(Some(IndexLookup::Ranges(ranges)))
}

fn may_pass(tree: &Tree, test: &Test) -> bool {
    let ordered = |bound: &Bound, wanted: std::cmp::Ordering| match (Indexed::of(tree), bound) {
        (Indexed::Number(a), Bound::Number(b)) => {
            a.partial_cmp(b).is_some_and(|o| o == wanted || o.is_eq())
        }
        (Indexed::Text(a), Bound::Text(b)) => {
            let o = a.cmp(b.as_str());
            o == wanted || o.is_eq()
        }
        _ => false,
    };
    match test {
        Test::Exists => true,
        Test::Equals(bound) => ordered(bound, std::cmp::Ordering::Equal),
        Test::AtMost(bound) => ordered(bound, std::cmp::Ordering::Less),
        Test::AtLeast(bound) => ordered(bound, std::cmp::Ordering::Greater),
        Test::StartsWith(start) => matches!(tree, Tree::Str(s) if s.starts_with(start.as_str())),
    }
}

/// The names of which a selected metric must have one.
fn metric_names(condition: &Condition) -> Option<Vec<String>> {
    match condition {
        Condition::Test(Target::MetricName, Test::Equals(Bound::Text(name))) => {
            Some(vec![name.clone()])
        }
        Condition::All(parts) => parts.iter().find_map(metric_names),
        Condition::Any(parts) => {
            let names: Option<Vec<Vec<String>>> = parts.iter().map(metric_names).collect();
            names.map(|names| names.concat())
        }
        _ => None,
    }
}
