//! Attributes that nothing can have, whatever the row: misspelt ones, as a rule.

use ruff_python_ast::Identifier;
use ruff_text_size::Ranged;

use super::Lower;
use crate::ir::{Const, Node};
use crate::math;
use crate::methods;
use crate::nearest::nearest;
use crate::row::{Aggregate, RunProperty, Subject};
use crate::source::SyntaxError;
use crate::value::{Type, Value};

/// What an attribute is asked of.
struct Owner {
    /// As the query writes it.
    name: String,
    known: Vec<&'static str>,
}

impl Owner {
    fn new(
        name: impl Into<String>,
        known: impl IntoIterator<Item = &'static str>,
    ) -> Option<Owner> {
        let (name, known) = (name.into(), known.into_iter().collect());
        Some(Owner { name, known })
    }
}

impl Lower<'_> {
    /// Notes that `of` never has the attribute. The first is kept.
    pub(super) fn check_attribute(&mut self, of: &Node, attribute: &Identifier) {
        let name = attribute.as_str();
        if self.unknown.is_some() {
            return;
        }
        let Some(Owner { name: owner, known }) = owner(of, self.subject) else {
            return;
        };
        if known.contains(&name) {
            return;
        }
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("; did you mean {near:?}?"),
            None => String::new(),
        };
        let message = format!("{owner} has no attribute {name:?}{hint}");
        let at = attribute.range().start().to_usize();
        self.unknown = Some(self.source.error(at, message));
    }
}

/// What is known of the value of a node; None where its attributes depend on the row.
fn owner(of: &Node, subject: Subject) -> Option<Owner> {
    let aggregates = || Aggregate::ALL.into_iter().map(Aggregate::name);
    match of {
        Node::Metric => Owner::new(subject.name(), subject.attributes()),
        Node::RunMetric(wanted) if wanted.aggregate.is_none() => {
            let methods = methods::DICT.iter().copied();
            Owner::new("run.metrics[…]", aggregates().chain(methods))
        }
        Node::Item(metrics, _) if matches!(**metrics, Node::Metrics { .. }) => {
            let methods = methods::DICT.iter().copied();
            Owner::new("run.metrics[…]", aggregates().chain(methods))
        }
        Node::Module => Owner::new("math", math::names()),
        Node::Type(ty) => Owner::new(
            ty.name(),
            methods::names(Value::Type(*ty)).chain(constants(*ty)),
        ),
        Node::Builtin(builtin) => Owner::new(format!("{}()", builtin.name()), []),
        Node::MetricName => of_value(&format!("{}.name", subject.name()), Value::Str("")),
        Node::Const(Const::Str(_)) => of_value("str", Value::Str("")),
        Node::Property { property, .. } => {
            let (name, _) = RunProperty::ALL.iter().find(|(_, p)| p == property)?;
            match property {
                RunProperty::Hash
                | RunProperty::Name
                | RunProperty::Description
                | RunProperty::Experiment => of_value(&format!("run.{name}"), Value::Str("")),
                RunProperty::Tags => Owner::new("run.tags", methods::LIST.iter().copied()),
                _ => None,
            }
        }
        _ => None,
    }
}

fn of_value(name: &str, value: Value<'static>) -> Option<Owner> {
    Owner::new(name, methods::names(value))
}

/// Attributes of types that are no functions.
fn constants(ty: Type) -> impl Iterator<Item = &'static str> {
    let names: &[&str] = match ty {
        Type::DateTime => &[
            "min",
            "max",
            "resolution",
            "year",
            "month",
            "day",
            "hour",
            "minute",
            "second",
            "microsecond",
            "tzinfo",
            "fold",
        ],
        Type::Delta => &[
            "min",
            "max",
            "resolution",
            "days",
            "seconds",
            "microseconds",
        ],
        Type::Int | Type::Bool | Type::Float => &["real", "imag", "numerator", "denominator"],
        Type::Complex => &["real", "imag"],
        Type::Range | Type::Slice => &["start", "stop", "step"],
        _ => &[],
    };
    names.iter().copied()
}

/// The first attribute of the expression that nothing can have.
pub(super) type Unknown = Option<SyntaxError>;
