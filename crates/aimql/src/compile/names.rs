//! What names mean.
//!
//! The scopes are those of Python's `eval` with `run` and `metric` as local names: lambdas and comprehensions (but
//! for a comprehension's first iterable) see each other's variables and the builtins, and neither `run` and `metric`
//! nor what `:=` binds outside of them. What `:=` binds inside of a comprehension belongs to the lambda around it, or
//! else is global: seen everywhere.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr};

use super::Lower;
use crate::ir::{Local, Node, Target};
use crate::value::{Builtin, Type};

struct Scope {
    names: Vec<Box<str>>,
    is_lambda: bool,
}

pub(super) struct Names {
    /// From the outermost lambda or comprehension to the innermost.
    scopes: Vec<Scope>,
    /// Names that `:=` binds outside of lambdas and comprehensions, and whether they are global.
    outer: Vec<(Box<str>, bool)>,
}

impl Names {
    pub(super) fn new(expression: &Expr) -> Names {
        let mut found = Bindings::default();
        found.visit_expr(expression);
        let mut outer: Vec<(Box<str>, bool)> = Vec::new();
        for (name, in_comprehension) in found.names {
            match outer.iter_mut().find(|(other, _)| **other == *name) {
                Some((_, global)) => *global |= in_comprehension,
                None => outer.push((name, in_comprehension)),
            }
        }
        Names {
            scopes: Vec::new(),
            outer,
        }
    }

    pub(super) fn globals(&self) -> usize {
        self.outer.len()
    }

    pub(super) fn enter_lambda(&mut self, params: Vec<Box<str>>, body: &Expr) {
        let mut found = Bindings::default();
        found.visit_expr(body);
        let mut names = params;
        for (name, _) in found.names {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        self.scopes.push(Scope {
            names,
            is_lambda: true,
        });
    }

    pub(super) fn enter_comprehension(&mut self, generators: &[ast::Comprehension]) {
        let mut names = Vec::new();
        for generator in generators {
            target_names(&generator.target, &mut names);
        }
        self.scopes.push(Scope {
            names,
            is_lambda: false,
        });
    }

    /// Leaves the innermost scope: its number of variables.
    pub(super) fn leave(&mut self) -> usize {
        self.scopes.pop().map_or(0, |scope| scope.names.len())
    }

    /// A variable of the innermost comprehension.
    pub(super) fn iteration_variable(&self, name: &str) -> Target {
        let names = self
            .scopes
            .last()
            .map(|scope| &scope.names[..])
            .unwrap_or(&[]);
        let slot = names.iter().position(|other| **other == *name).unwrap_or(0);
        Target::Local { up: 0, slot }
    }

    /// What `name := …` binds; None for an iteration variable.
    pub(super) fn bind(&self, name: &str) -> Option<Target> {
        for (up, scope) in self.scopes.iter().rev().enumerate() {
            let slot = scope.names.iter().position(|other| **other == *name);
            if scope.is_lambda {
                return slot.map(|slot| Target::Local { up, slot });
            }
            if slot.is_some() {
                return None;
            }
        }
        self.outer
            .iter()
            .position(|(other, _)| **other == *name)
            .map(Target::Global)
    }

    fn local(&self, name: &str) -> Option<Local> {
        self.scopes
            .iter()
            .rev()
            .enumerate()
            .find_map(|(up, scope)| {
                let slot = scope.names.iter().position(|other| **other == *name)?;
                Some(Local {
                    up,
                    slot,
                    name: name.into(),
                })
            })
    }

    fn global(&self, name: &str) -> Option<usize> {
        let outside = self.scopes.is_empty();
        let slot = self.outer.iter().position(|(other, _)| **other == *name)?;
        (outside || self.outer[slot].1).then_some(slot)
    }
}

impl Lower<'_> {
    pub(super) fn name(&mut self, name: &ast::ExprName) -> Node {
        let name = name.id.as_str();
        // Python's own internals have no names here.
        if name.starts_with('_') {
            return Node::Undefined(name.into());
        }
        if let Some(local) = self.names.local(name) {
            return Node::Local(local);
        }
        let row = match name {
            "run" if self.names.scopes.is_empty() => Some(Node::Run { of_metric: false }),
            _ if name == self.subject.name() && self.names.scopes.is_empty() => Some(Node::Metric),
            _ => None,
        };
        let meaning = row
            .or_else(|| builtin(name))
            .unwrap_or(Node::Undefined(name.into()));
        match self.names.global(name) {
            Some(slot) => Node::Global {
                slot,
                otherwise: Box::new(meaning),
            },
            None => meaning,
        }
    }
}

fn builtin(name: &str) -> Option<Node> {
    if name == "math" {
        return Some(Node::Module);
    }
    if let Some((_, ty)) = Type::NAMED.iter().find(|(n, _)| *n == name) {
        return Some(Node::Type(*ty));
    }
    Builtin::ALL
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, builtin)| Node::Builtin(*builtin))
}

fn target_names(target: &Expr, names: &mut Vec<Box<str>>) {
    match target {
        Expr::Name(name) => {
            let name: Box<str> = name.id.as_str().into();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|e| target_names(e, names)),
        Expr::List(list) => list.elts.iter().for_each(|e| target_names(e, names)),
        Expr::Starred(starred) => target_names(&starred.value, names),
        _ => {}
    }
}

/// Finds what `:=` binds, lambdas aside.
#[derive(Default)]
struct Bindings {
    /// Names, and whether they are bound inside of a comprehension.
    names: Vec<(Box<str>, bool)>,
    comprehensions: usize,
}

impl<'e> Visitor<'e> for Bindings {
    fn visit_expr(&mut self, expr: &'e Expr) {
        match expr {
            Expr::Lambda(lambda) => {
                // Defaults are evaluated outside.
                for param in lambda
                    .parameters
                    .iter()
                    .flat_map(|p| p.iter_non_variadic_params())
                {
                    if let Some(default) = param.default() {
                        self.visit_expr(default);
                    }
                }
            }
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehensions += 1;
                walk_expr(self, expr);
                self.comprehensions -= 1;
            }
            Expr::Named(named) => {
                if let Expr::Name(name) = &*named.target {
                    self.names
                        .push((name.id.as_str().into(), self.comprehensions > 0));
                }
                walk_expr(self, expr);
            }
            _ => walk_expr(self, expr),
        }
    }
}
