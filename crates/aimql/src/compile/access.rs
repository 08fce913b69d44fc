//! Chains of attributes and constant keys on `run` and `metric`, which become one request to the row each.

use ruff_python_ast::Expr;
use ruff_python_ast::visitor::{Visitor, walk_expr};

use super::Lower;
use crate::ir::{Const, ContextPath, Node, Param, RunMetric};
use crate::methods;
use crate::row::{Aggregate, RunProperty, Subject};
use aim_value::Tree;

/// The params that the query names, so that one named twice is read once.
pub(super) struct Paths {
    /// Whether `run` is named more than once at all.
    repeated: bool,
    kept: Vec<Kept>,
}

struct Kept {
    path: Box<[Box<str>]>,
    /// The same keys can mean something else as attributes.
    attribute: Box<[bool]>,
    uses: usize,
}

impl Paths {
    pub(super) fn new(expression: &Expr, subject: Subject) -> Paths {
        let mut runs = Runs(0, subject.name());
        runs.visit_expr(expression);
        Paths {
            repeated: runs.0 > 1,
            kept: Vec::new(),
        }
    }

    /// Number of the slots; none if no param is named twice.
    pub(super) fn slots(&self) -> usize {
        if self.kept.iter().any(|kept| kept.uses > 1) {
            self.kept.len()
        } else {
            0
        }
    }

    /// Gives a finished chain its slot.
    pub(super) fn keep(&mut self, param: &mut Param) {
        if !self.repeated {
            return;
        }
        let same = |kept: &Kept| kept.path == param.path && kept.attribute == param.attribute;
        let slot = self.kept.iter().position(same).unwrap_or_else(|| {
            let (path, attribute) = (param.path.clone(), param.attribute.clone());
            self.kept.push(Kept {
                path,
                attribute,
                uses: 0,
            });
            self.kept.len() - 1
        });
        self.kept[slot].uses += 1;
        param.slot = Some(slot);
    }
}

struct Runs(usize, &'static str);

impl<'e> Visitor<'e> for Runs {
    fn visit_expr(&mut self, expr: &'e Expr) {
        if let Expr::Name(name) = expr {
            self.0 += usize::from(name.id == "run" || name.id == self.1);
        }
        walk_expr(self, expr);
    }
}

impl Lower<'_> {
    /// `of.name`
    pub(super) fn attribute(&mut self, of: Node, name: &str) -> Node {
        let generic = |of: Node| Node::Attr(Box::new(of), name.into());
        match of {
            Node::Run { of_metric } => match name {
                "get" => generic(of),
                "metrics" => Node::Metrics { of_metric },
                _ => match RunProperty::from_name(name) {
                    Some(property) => Node::Property {
                        of_metric,
                        property,
                    },
                    None => param(of_metric, &[name], true),
                },
            },
            Node::Metric => match name {
                "name" => Node::MetricName,
                "context" => Node::MetricContext(Box::new(ContextPath {
                    path: Box::new([]),
                    attribute: Box::new([]),
                })),
                "run" => Node::Run { of_metric: true },
                _ => match self.subject.aggregate(name) {
                    Some(which) => Node::MetricAggregate(which),
                    None => generic(of),
                },
            },
            // A dict's methods come before its keys.
            _ if methods::DICT.contains(&name) => generic(of),
            Node::Param(mut chain) => {
                extend(&mut chain.path, &mut chain.attribute, &[name], true);
                Node::Param(chain)
            }
            Node::MetricContext(mut chain) => {
                extend(&mut chain.path, &mut chain.attribute, &[name], true);
                Node::MetricContext(chain)
            }
            Node::RunMetric(mut wanted) if wanted.aggregate.is_none() => {
                match Aggregate::from_name(name) {
                    Some(which) => {
                        wanted.aggregate = Some(which);
                        Node::RunMetric(wanted)
                    }
                    None => generic(Node::RunMetric(wanted)),
                }
            }
            Node::Item(metrics, key) if matches!(*metrics, Node::Metrics { .. }) => {
                match (*metrics, Aggregate::from_name(name)) {
                    (Node::Metrics { of_metric }, Some(aggregate)) => Node::MetricsAggregate {
                        of_metric,
                        key,
                        aggregate,
                    },
                    (metrics, _) => generic(Node::Item(Box::new(metrics), key)),
                }
            }
            _ => generic(of),
        }
    }

    /// `of[key]`
    pub(super) fn item(&mut self, of: Node, key: Node) -> Node {
        if let Node::Metrics { of_metric } = of {
            return match run_metric(of_metric, &key) {
                Some(node) => node,
                None => Node::Item(Box::new(of), Box::new(key)),
            };
        }
        let Some(keys) = string_keys(&key) else {
            return Node::Item(Box::new(of), Box::new(key));
        };
        match of {
            Node::Run { of_metric } => param(of_metric, &keys, false),
            Node::Param(mut chain) => {
                extend(&mut chain.path, &mut chain.attribute, &keys, false);
                Node::Param(chain)
            }
            Node::MetricContext(mut chain) => {
                extend(&mut chain.path, &mut chain.attribute, &keys, false);
                Node::MetricContext(chain)
            }
            _ => Node::Item(Box::new(of), Box::new(key)),
        }
    }
}

fn param(of_metric: bool, keys: &[&str], attribute: bool) -> Node {
    let mut chain = Param {
        of_metric,
        path: Box::new([]),
        attribute: Box::new([]),
        slot: None,
    };
    extend(&mut chain.path, &mut chain.attribute, keys, attribute);
    Node::Param(Box::new(chain))
}

fn extend(
    path: &mut Box<[Box<str>]>,
    attributes: &mut Box<[bool]>,
    keys: &[&str],
    attribute: bool,
) {
    let mut longer = std::mem::take(path).into_vec();
    longer.extend(keys.iter().map(|key| Box::from(*key)));
    *path = longer.into();
    let mut longer = std::mem::take(attributes).into_vec();
    longer.extend(keys.iter().map(|_| attribute));
    *attributes = longer.into();
}

/// The keys of `["a"]` or `["a", "b"]`.
fn string_keys(key: &Node) -> Option<Vec<&str>> {
    let one = |node: &Node| matches!(node, Node::Const(Const::Str(_)));
    let nodes = match key {
        Node::Const(Const::Str(_)) => std::slice::from_ref(key),
        Node::Tuple(nodes) if !nodes.is_empty() && nodes.iter().all(one) => nodes,
        _ => return None,
    };
    nodes
        .iter()
        .map(|node| match node {
            Node::Const(Const::Str(text)) => Some(&**text),
            _ => None,
        })
        .collect()
}

/// `run.metrics["loss", {"subset": "val"}]`
fn run_metric(of_metric: bool, key: &Node) -> Option<Node> {
    let (name, context) = match key {
        Node::Tuple(parts) => match &**parts {
            [name, context @ Node::Dict(_)] => (name, constant_tree(context)?),
            _ => return None,
        },
        name => (name, Tree::Dict(Vec::new())),
    };
    let Node::Const(Const::Str(name)) = name else {
        return None;
    };
    Some(Node::RunMetric(Box::new(RunMetric {
        of_metric,
        name: name.clone(),
        context,
        aggregate: None,
    })))
}

/// The value of a display of constants, as a context holds it.
pub(crate) fn constant_tree(node: &Node) -> Option<Tree> {
    Some(match node {
        Node::Const(constant) => match constant {
            Const::None => Tree::Null,
            Const::Bool(b) => Tree::Bool(*b),
            Const::Int(i) => Tree::Int(*i),
            Const::Big(big) => Tree::BigInt(big.clone()),
            Const::Float(f) => Tree::Float(*f),
            Const::Str(text) => Tree::Str(text.to_string()),
            Const::Bytes(bytes) => Tree::Bytes(bytes.to_vec()),
            _ => return None,
        },
        Node::List(nodes) => Tree::List(nodes.iter().map(constant_tree).collect::<Option<_>>()?),
        Node::Dict(entries) => {
            let mut tree: Vec<(String, Tree)> = Vec::new();
            for (key, value) in entries {
                let Some(Node::Const(Const::Str(key))) = key else {
                    return None;
                };
                let value = constant_tree(value)?;
                match tree.iter_mut().find(|(other, _)| **other == **key) {
                    Some((_, known)) => *known = value,
                    None => tree.push((key.to_string(), value)),
                }
            }
            Tree::Dict(tree)
        }
        _ => return None,
    })
}
