//! What must hold for a query to select a row: conditions that an index can answer.
//!
//! They are sound, not exact: where the row is selected, they hold. A planner may leave out every row on which they do
//! not; the expression decides about the others. The one thing to watch is what is missing: it equals None, and
//! ordering it is False, so a test on a value may only be asked where a missing one would not pass.

use std::fmt;

use num_traits::ToPrimitive;

use crate::ir::{Compare, CompareOp, Const, InConsts, MethodCall, Node, Param};
use crate::methods;
use crate::program::Program;
use crate::row::RunProperty;
use crate::value::Value;

/// A condition on a run, or on one of its sequences.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    Always,
    Never,
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Test(Target, Test),
}

/// What is tested.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A value in the run's params, by the keys of dicts that lead to it.
    Param(Vec<String>),
    Hash,
    Experiment,
    Name,
    Archived,
    Active,
    /// Seconds since 1970.
    CreatedAt,
    /// One of the run's tags.
    Tag,
    /// The names of all sequences of the run.
    RunMetric,
    /// The name of the sequence.
    MetricName,
    /// A value in the sequence's context, by the keys of dicts that lead to it.
    MetricContext(Vec<String>),
}

/// A bound. Numbers of all types compare as floats here: what rounds to one float passes.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    Number(f64),
    Text(String),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// There is a value.
    Exists,
    Equals(Bound),
    /// A value of the bound's type, at most or at least as large.
    AtMost(Bound),
    AtLeast(Bound),
    StartsWith(String),
}

impl Program {
    /// Conditions that hold on every row that the query selects.
    pub fn conditions(&self) -> Condition {
        truth(self.root(), true)
    }
}

fn all(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    let mut kept = Vec::new();
    for condition in conditions {
        match condition {
            Condition::Always => {}
            Condition::Never => return Condition::Never,
            Condition::All(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => Condition::Always,
        1 => kept.remove(0),
        _ => Condition::All(kept),
    }
}

fn any(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    let mut kept = Vec::new();
    for condition in conditions {
        match condition {
            Condition::Never => {}
            Condition::Always => return Condition::Always,
            Condition::Any(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => Condition::Never,
        1 => kept.remove(0),
        _ => Condition::Any(kept),
    }
}

/// What must hold for `node` to be truthy, or, if not `wanted`, falsy.
fn truth(node: &Node, wanted: bool) -> Condition {
    match node {
        Node::Const(c) => match const_truth(c) {
            Some(truth) if truth != wanted => Condition::Never,
            _ => Condition::Always,
        },
        Node::And(parts) if wanted => all(parts.iter().map(|n| truth(n, true))),
        Node::And(parts) => any(parts.iter().map(|n| truth(n, false))),
        Node::Or(parts) if wanted => any(parts.iter().map(|n| truth(n, true))),
        Node::Or(parts) => all(parts.iter().map(|n| truth(n, false))),
        Node::Not(inner) => truth(inner, !wanted),
        Node::If(parts) => {
            let [test, then, otherwise] = &**parts;
            any([
                all([truth(test, true), truth(then, wanted)]),
                all([truth(test, false), truth(otherwise, wanted)]),
            ])
        }
        Node::Compare(compare) => comparison(compare, wanted),
        Node::InConsts(test) => among(test, wanted),
        Node::MethodCall(call) if wanted => method(call),
        Node::Property {
            property: RunProperty::Archived,
            ..
        } if wanted => Condition::Test(Target::Archived, Test::Exists),
        Node::Property {
            property: RunProperty::Active,
            ..
        } if wanted => Condition::Test(Target::Active, Test::Exists),
        _ if wanted => present(node),
        _ => Condition::Always,
    }
}

fn const_truth(c: &Const) -> Option<bool> {
    match c {
        Const::None => Some(false),
        Const::Bool(b) => Some(*b),
        Const::Int(i) => Some(*i != 0),
        Const::Str(s) => Some(!s.is_empty()),
        _ => None,
    }
}

/// What must hold for `node` to be anything but missing.
fn present(node: &Node) -> Condition {
    match node {
        Node::Param(param) => {
            let (path, _) = keys(param);
            Condition::Test(Target::Param(path), Test::Exists)
        }
        Node::RunMetric(wanted) => {
            let name = Bound::Text(wanted.name.to_string());
            Condition::Test(Target::RunMetric, Test::Equals(name))
        }
        // An attribute, item or method of what is missing is missing.
        Node::Attr(of, _) | Node::Item(of, _) => present(of),
        Node::MethodCall(call) => present(&call.of),
        _ => Condition::Always,
    }
}

/// The keys of a chain that are surely keys of dicts, and whether that is the whole chain: `run.x.real` is a part of
/// a number, not a key.
fn dict_keys(path: &[Box<str>], attribute: &[bool], first_is_key: bool) -> (Vec<String>, bool) {
    let values = [
        Value::Int(0),
        Value::Bool(false),
        Value::Float(0.0),
        Value::Str(""),
        Value::Bytes(b""),
    ];
    let is_attribute = |key: &str| {
        ["real", "imag", "numerator", "denominator"].contains(&key)
            || methods::LIST.contains(&key)
            || values.iter().any(|v| methods::exist(*v, key))
    };
    let end = path
        .iter()
        .zip(attribute)
        .enumerate()
        .position(|(i, (key, attribute))| {
            *attribute && (i > 0 || !first_is_key) && is_attribute(key)
        })
        .unwrap_or(path.len());
    (
        path[..end].iter().map(|k| k.to_string()).collect(),
        end == path.len(),
    )
}

pub(crate) fn keys(param: &Param) -> (Vec<String>, bool) {
    dict_keys(&param.path, &param.attribute, true)
}

/// What a node that is compared stands for, where an index knows it.
fn target(node: &Node) -> Option<Target> {
    Some(match node {
        Node::Param(param) => match keys(param) {
            (path, true) => Target::Param(path),
            _ => return None,
        },
        Node::Property { property, .. } => match property {
            RunProperty::Hash => Target::Hash,
            RunProperty::Experiment => Target::Experiment,
            RunProperty::Name => Target::Name,
            RunProperty::Archived => Target::Archived,
            RunProperty::Active => Target::Active,
            RunProperty::CreatedAt | RunProperty::CreationTime => Target::CreatedAt,
            _ => return None,
        },
        Node::MetricName => Target::MetricName,
        Node::MetricContext(context) => match dict_keys(&context.path, &context.attribute, false) {
            (path, true) if !path.is_empty() => Target::MetricContext(path),
            _ => return None,
        },
        _ => return None,
    })
}

/// A constant that an index can look for.
fn bound(c: &Const) -> Option<Bound> {
    Some(match c {
        Const::Bool(b) => Bound::Number(f64::from(*b)),
        Const::Int(i) => Bound::Number(*i as f64),
        Const::Big(i) => Bound::Number(i.to_f64().filter(|f| f.is_finite())?),
        Const::Float(f) if !f.is_nan() => Bound::Number(*f),
        Const::Str(s) => Bound::Text(s.to_string()),
        Const::DateTime(time) => Bound::Number(time.unix_micros()? as f64 / 1e6),
        _ => return None,
    })
}

/// A test of a target against a constant.
fn test(target: Target, op: CompareOp, c: &Const) -> Condition {
    let is_time = matches!(c, Const::DateTime(_));
    let Some(bound) = bound(c).filter(|_| !is_time || target == Target::CreatedAt) else {
        return Condition::Always;
    };
    if matches!(target, Target::Archived | Target::Active) {
        // Only what is set is known to the index.
        let equal = matches!(op, CompareOp::Eq | CompareOp::Is) && bound == Bound::Number(1.0);
        return if equal {
            Condition::Test(target, Test::Exists)
        } else {
            Condition::Always
        };
    }
    let test = match op {
        CompareOp::Eq | CompareOp::Is => Test::Equals(bound),
        CompareOp::Lt | CompareOp::Le => Test::AtMost(bound),
        CompareOp::Gt | CompareOp::Ge => Test::AtLeast(bound),
        _ => return Condition::Always,
    };
    Condition::Test(target, test)
}

fn flipped(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        other => other,
    }
}

fn comparison(compare: &Compare, wanted: bool) -> Condition {
    if !wanted {
        // Only what is not unequal is known to be equal; everything else may also hold for what is missing.
        return match &*compare.rest {
            [(CompareOp::NotEq, right)] => pair(&compare.first, CompareOp::Eq, right),
            [(CompareOp::IsNot, right)] => pair(&compare.first, CompareOp::Is, right),
            [(CompareOp::NotIn, right)] => pair(&compare.first, CompareOp::In, right),
            _ => Condition::Always,
        };
    }
    let mut left = &compare.first;
    all(compare.rest.iter().map(|(op, right)| {
        let condition = pair(left, *op, right);
        left = right;
        condition
    }))
}

/// What must hold for `left op right`.
fn pair(left: &Node, op: CompareOp, right: &Node) -> Condition {
    match (left, op, right) {
        (_, CompareOp::NotEq | CompareOp::IsNot, Node::Const(Const::None)) => present(left),
        (Node::Const(Const::None), CompareOp::NotEq | CompareOp::IsNot, _) => present(right),
        (_, CompareOp::NotEq | CompareOp::IsNot | CompareOp::NotIn, _) => Condition::Always,
        (Node::Const(Const::Str(tag)), CompareOp::In, Node::Property { property, .. })
            if *property == RunProperty::Tags =>
        {
            Condition::Test(Target::Tag, Test::Equals(Bound::Text(tag.to_string())))
        }
        // Nothing is in what is missing.
        (_, CompareOp::In, _) => present(right),
        (_, CompareOp::Eq | CompareOp::Is, Node::Const(Const::None))
        | (Node::Const(Const::None), CompareOp::Eq | CompareOp::Is, _) => Condition::Always,
        (_, _, Node::Const(c)) => known(left, op, c),
        (Node::Const(c), _, _) => known(right, flipped(op), c),
        (_, CompareOp::Eq | CompareOp::Is, _) => Condition::Always,
        // Ordering what is missing is False.
        _ => all([present(left), present(right)]),
    }
}

/// What must hold for `node op c`, with a constant that is not None.
fn known(node: &Node, op: CompareOp, c: &Const) -> Condition {
    match target(node) {
        Some(target) => test(target, op, c),
        // What is missing neither equals nor is ordered against a constant.
        None => present(node),
    }
}

fn among(test: &InConsts, wanted: bool) -> Condition {
    if wanted == test.negated {
        return Condition::Always;
    }
    let strings = test.strings.iter().map(|s| Const::Str(s.clone()));
    any(strings.chain(test.others.iter().cloned()).map(|c| match c {
        Const::None => Condition::Always,
        c => known(&test.item, CompareOp::Eq, &c),
    }))
}

/// What must hold for a method to return something truthy.
fn method(call: &MethodCall) -> Condition {
    let plain = call.args.named.is_empty() && !call.args.starred;
    if let (true, "startswith", [prefix], Some(target)) =
        (plain, &*call.name, &*call.args.positional, target(&call.of))
    {
        let starts = |node: &Node| match node {
            Node::Const(Const::Str(s)) => {
                Condition::Test(target.clone(), Test::StartsWith(s.to_string()))
            }
            _ => present(&call.of),
        };
        return match prefix {
            Node::Tuple(prefixes) => any(prefixes.iter().map(starts)),
            prefix => starts(prefix),
        };
    }
    present(&call.of)
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |f: &mut fmt::Formatter<'_>, of: &str, keys: &[String]| {
            f.write_str(of)?;
            keys.iter().try_for_each(|key| write!(f, ".{key}"))
        };
        match self {
            Target::Param(keys) => path(f, "run", keys),
            Target::MetricContext(keys) => path(f, "metric.context", keys),
            Target::Hash => f.write_str("run.hash"),
            Target::Experiment => f.write_str("run.experiment"),
            Target::Name => f.write_str("run.name"),
            Target::Archived => f.write_str("run.archived"),
            Target::Active => f.write_str("run.active"),
            Target::CreatedAt => f.write_str("run.creation_time"),
            Target::Tag => f.write_str("a tag"),
            Target::RunMetric => f.write_str("a metric of the run"),
            Target::MetricName => f.write_str("metric.name"),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Number(n) => write!(f, "{n}"),
            Bound::Text(s) => write!(f, "{s:?}"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Exists => f.write_str("is there"),
            Test::Equals(bound) => write!(f, "== {bound}"),
            Test::AtMost(bound) => write!(f, "<= {bound}"),
            Test::AtLeast(bound) => write!(f, ">= {bound}"),
            Test::StartsWith(text) => write!(f, "starts with {text:?}"),
        }
    }
}
