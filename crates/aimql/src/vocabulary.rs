//! Every name that the language knows, for documentation, completion and tests.

use crate::math;
use crate::methods;
use crate::row::{Aggregate, RunProperty, Subject};
use crate::value::{Builtin, Type, Value};

/// Names that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// What has them: "run", "metric", "builtins", "types", "math", or a type with its methods.
    pub of: &'static str,
    pub names: Vec<&'static str>,
}

/// Every name that the language knows, by what has it. Params are names of `run` too, and contexts of `metric.context`.
pub fn vocabulary() -> Vec<Names> {
    let properties = RunProperty::ALL.iter().map(|(name, _)| *name);
    let aggregates = || Aggregate::ALL.into_iter().map(Aggregate::name);
    let mut all = vec![
        names("run", properties.chain(["metrics", "get"])),
        names("run.metrics[…]", aggregates()),
        names("metric", aggregates().chain(["name", "context", "run"])),
        names("images", Subject::Objects("images").attributes()),
        names("builtins", Builtin::ALL.iter().map(|(name, _)| *name)),
        names("types", Type::NAMED.iter().map(|(name, _)| *name)),
        names("math", math::names()),
    ];
    let named = Type::NAMED
        .iter()
        .map(|(name, ty)| (*name, Value::Type(*ty)));
    let others = [
        ("dict", Value::Type(Type::Dict)),
        ("date", Value::Type(Type::Date)),
        ("time", Value::Type(Type::Time)),
    ];
    for (name, value) in named.chain(others) {
        all.push(names(name, methods::names(value)));
    }
    all.retain(|names| !names.names.is_empty());
    all
}

fn names(of: &'static str, names: impl IntoIterator<Item = &'static str>) -> Names {
    let mut known: Vec<&str> = Vec::new();
    for name in names {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    Names { of, names: known }
}
