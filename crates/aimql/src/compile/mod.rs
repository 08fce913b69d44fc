//! Lowering the parsed expression to the tree that the machine walks.

mod access;
mod fold;
mod names;
mod unknown;

use ruff_python_ast::{
    self as ast, BoolOp, CmpOp, ConversionFlag, Expr, FStringPart, InterpolatedStringElement,
    Number, Operator,
};
use ruff_text_size::Ranged;

use super::conditions;
use super::ir::{
    Args, BinaryOp, Call, Clause, Comp, CompKind, Compare, CompareOp, Const, Conversion, Lambda,
    MethodCall, Node, ParamDecl, Piece, Target, UnaryOp,
};
use super::program::Code;
use super::row::Subject;
use super::source::{Source, SyntaxError};
use names::Names;

pub(super) fn compile(
    source: &Source<'_>,
    expression: &Expr,
    subject: Subject,
) -> Result<Code, SyntaxError> {
    let mut lower = Lower {
        source,
        subject,
        names: Names::new(expression),
        paths: access::Paths::new(expression, subject),
        in_iterable: 0,
        depth: 0,
        deepest: 0,
        nodes: 0,
        named: Vec::new(),
        unknown: None,
    };
    let root = lower.expr(expression)?;
    Ok(Code {
        root,
        globals: lower.names.globals(),
        params: lower.paths.slots(),
        depth: lower.deepest,
        weight: lower.nodes / NODES_PER_STEP,
        named: lower.named,
        unknown: lower.unknown,
        subject,
    })
}

struct Lower<'s> {
    source: &'s Source<'s>,
    subject: Subject,
    names: Names,
    paths: access::Paths,
    /// Inside how many comprehensions' iterables we are: nothing can be bound there.
    in_iterable: u32,
    depth: u32,
    deepest: u32,
    /// Parts that are evaluated, so far.
    nodes: u64,
    /// The params that the expression names.
    named: Vec<Vec<String>>,
    unknown: unknown::Unknown,
}

/// Parts of an expression whose evaluation makes a step.
const NODES_PER_STEP: u64 = 16;

type Lowered<T> = Result<T, SyntaxError>;

impl Lower<'_> {
    fn error<T>(&self, at: &impl Ranged, message: impl Into<String>) -> Lowered<T> {
        Err(self.source.error(at.start().to_usize(), message))
    }

    fn expr(&mut self, expr: &Expr) -> Lowered<Node> {
        let mut node = self.unfinished(expr)?;
        if let Node::Param(param) = &mut node {
            self.paths.keep(param);
            let (keys, _) = conditions::keys(param);
            if !keys.is_empty() && !self.named.contains(&keys) {
                self.named.push(keys);
            }
        }
        Ok(node)
    }

    /// An expression that may be the start of a chain of keys.
    fn unfinished(&mut self, expr: &Expr) -> Lowered<Node> {
        self.nodes += 1;
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let node = self.expr_inner(expr);
        self.depth -= 1;
        node
    }

    fn boxed(&mut self, expr: &Expr) -> Lowered<Box<Node>> {
        self.expr(expr).map(Box::new)
    }

    fn all(&mut self, exprs: &[Expr]) -> Lowered<Box<[Node]>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn expr_inner(&mut self, expr: &Expr) -> Lowered<Node> {
        Ok(match expr {
            Expr::NoneLiteral(_) => Node::Const(Const::None),
            Expr::EllipsisLiteral(_) => Node::Const(Const::Ellipsis),
            Expr::BooleanLiteral(literal) => Node::Const(Const::Bool(literal.value)),
            Expr::StringLiteral(literal) => Node::Const(Const::Str(literal.value.to_str().into())),
            Expr::BytesLiteral(literal) => {
                Node::Const(Const::Bytes(literal.value.bytes().collect()))
            }
            Expr::NumberLiteral(literal) => Node::Const(self.number(literal)?),
            Expr::Name(name) => self.name(name),
            Expr::Attribute(attribute) => {
                let of = self.unfinished(&attribute.value)?;
                self.check_attribute(&of, &attribute.attr);
                self.attribute(of, &attribute.attr)
            }
            Expr::Subscript(subscript) => {
                let of = self.unfinished(&subscript.value)?;
                let key = self.subscript_key(&subscript.slice)?;
                self.item(of, key)
            }
            Expr::BoolOp(op) => {
                let nodes = self.all(&op.values)?;
                match op.op {
                    BoolOp::And => Node::And(nodes),
                    BoolOp::Or => Node::Or(nodes),
                }
            }
            Expr::UnaryOp(op) => {
                let operand = self.boxed(&op.operand)?;
                fold::fold(match op.op {
                    ast::UnaryOp::Not => Node::Not(operand),
                    ast::UnaryOp::Invert => Node::Unary(UnaryOp::Invert, operand),
                    ast::UnaryOp::UAdd => Node::Unary(UnaryOp::Plus, operand),
                    ast::UnaryOp::USub => Node::Unary(UnaryOp::Minus, operand),
                })
            }
            Expr::BinOp(op) => {
                let left = self.expr(&op.left)?;
                let right = self.expr(&op.right)?;
                fold::fold(Node::Binary(binary_op(op.op), Box::new([left, right])))
            }
            Expr::Compare(compare) => self.compare(compare)?,
            Expr::If(choice) => {
                let test = self.expr(&choice.test)?;
                let then = self.expr(&choice.body)?;
                Node::If(Box::new([test, then, self.expr(&choice.orelse)?]))
            }
            Expr::Call(call) => self.call(call)?,
            _ => self.rare(expr)?,
        })
    }

    /// Apart, so that `expr_inner` needs little stack.
    #[inline(never)]
    fn rare(&mut self, expr: &Expr) -> Lowered<Node> {
        Ok(match expr {
            Expr::List(list) => Node::List(self.all(&list.elts)?),
            Expr::Tuple(tuple) => Node::Tuple(self.all(&tuple.elts)?),
            Expr::Set(set) => Node::Set(self.all(&set.elts)?),
            Expr::Starred(starred) => Node::Starred(self.boxed(&starred.value)?),
            Expr::Dict(dict) => {
                let mut entries = Vec::with_capacity(dict.items.len());
                for item in &dict.items {
                    let key = match &item.key {
                        Some(key) => Some(self.expr(key)?),
                        None => None,
                    };
                    entries.push((key, self.expr(&item.value)?));
                }
                Node::Dict(entries.into())
            }
            Expr::Lambda(lambda) => self.lambda(lambda)?,
            Expr::ListComp(comp) => {
                self.comprehension(CompKind::List, &comp.elt, None, &comp.generators)?
            }
            Expr::SetComp(comp) => {
                self.comprehension(CompKind::Set, &comp.elt, None, &comp.generators)?
            }
            Expr::Generator(comp) => {
                self.comprehension(CompKind::Generator, &comp.elt, None, &comp.generators)?
            }
            Expr::DictComp(comp) => match &comp.key {
                Some(key) => {
                    self.comprehension(CompKind::Dict, key, Some(&comp.value), &comp.generators)?
                }
                None => {
                    return self.error(comp, "dict unpacking cannot be used in dict comprehension");
                }
            },
            Expr::Named(named) => {
                let Expr::Name(name) = &*named.target else {
                    return self.error(named, "cannot use assignment expressions with this target");
                };
                if self.in_iterable > 0 {
                    return self.error(
                        named,
                        "assignment expression cannot be used in a comprehension iterable expression",
                    );
                }
                self.check_bindable(name)?;
                let value = self.boxed(&named.value)?;
                match self.names.bind(&name.id) {
                    Some(target) => Node::Bind(target, value),
                    None => {
                        return self.error(
                            named,
                            format!(
                                "assignment expression cannot rebind comprehension iteration variable '{}'",
                                name.id
                            ),
                        );
                    }
                }
            }
            Expr::FString(string) => {
                let mut pieces = Vec::new();
                for part in string.value.iter() {
                    match part {
                        FStringPart::Literal(text) => {
                            pieces.push(Piece::Text(text.value.clone()));
                        }
                        FStringPart::FString(string) => {
                            self.pieces(string.elements.iter(), &mut pieces)?;
                        }
                    }
                }
                Node::Format(pieces.into())
            }
            Expr::Slice(slice) => {
                let mut part = |part: &Option<Box<Expr>>| -> Lowered<Option<Node>> {
                    match part {
                        Some(part) => self.expr(part).map(Some),
                        None => Ok(None),
                    }
                };
                Node::Slice(Box::new([
                    part(&slice.lower)?,
                    part(&slice.upper)?,
                    part(&slice.step)?,
                ]))
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                return self.error(expr, "'yield' is not part of the query language");
            }
            Expr::Await(_) => return self.error(expr, "'await' is not part of the query language"),
            _ => return self.error(expr, "not part of the query language"),
        })
    }

    fn check_bindable(&self, name: &ast::ExprName) -> Lowered<()> {
        if name.id.starts_with('_') {
            return self.error(
                name,
                "a name that starts with an underscore cannot be bound",
            );
        }
        Ok(())
    }

    fn number(&self, literal: &ast::ExprNumberLiteral) -> Lowered<Const> {
        Ok(match &literal.value {
            Number::Float(f) => Const::Float(*f),
            Number::Complex { imag, .. } => Const::Imaginary(*imag),
            Number::Int(int) => match int.as_i64() {
                Some(small) => Const::Int(small),
                None => match fold::big_literal(&int.to_string()) {
                    Some(big) => Const::Big(big),
                    None => return self.error(literal, "the integer has too many digits"),
                },
            },
        })
    }

    fn subscript_key(&mut self, slice: &Expr) -> Lowered<Node> {
        // `x[*a]` is `x[(*a,)]`.
        match slice {
            Expr::Starred(_) => Ok(Node::Tuple(Box::new([self.expr(slice)?]))),
            _ => self.expr(slice),
        }
    }

    fn compare(&mut self, compare: &ast::ExprCompare) -> Lowered<Node> {
        let first = self.expr(&compare.left)?;
        let nodes = self.nodes;
        let mut rest = Vec::with_capacity(compare.ops.len());
        for (op, right) in compare.ops.iter().zip(&*compare.comparators) {
            rest.push((compare_op(*op), self.expr(right)?));
        }
        if let [(CompareOp::In | CompareOp::NotIn, _)] = &rest[..]
            && let Some((op, right)) = rest.pop()
        {
            return Ok(match fold::in_consts(first, op, right) {
                Ok(node) => {
                    // Found by a search: what is compared one by one is paid for where it is.
                    self.nodes = nodes + 1;
                    node
                }
                Err((first, right)) => Node::Compare(Box::new(Compare {
                    first,
                    rest: Box::new([(op, right)]),
                })),
            });
        }
        Ok(fold::fold(Node::Compare(Box::new(Compare {
            first,
            rest: rest.into(),
        }))))
    }

    fn call(&mut self, call: &ast::ExprCall) -> Lowered<Node> {
        if let Expr::Attribute(attribute) = &*call.func
            && !attribute.attr.starts_with('_')
        {
            let of = self.expr(&attribute.value)?;
            self.check_attribute(&of, &attribute.attr);
            let args = self.args(&call.arguments)?;
            let name = attribute.attr.as_str().into();
            return Ok(Node::MethodCall(Box::new(MethodCall { of, name, args })));
        }
        let function = self.expr(&call.func)?;
        let args = self.args(&call.arguments)?;
        Ok(fold::fold(Node::Call(Box::new(Call { function, args }))))
    }

    fn args(&mut self, arguments: &ast::Arguments) -> Lowered<Args> {
        let positional = self.all(&arguments.args)?;
        let starred = positional
            .iter()
            .any(|node| matches!(node, Node::Starred(_)));
        let mut named = Vec::with_capacity(arguments.keywords.len());
        for keyword in &arguments.keywords {
            let name = keyword.arg.as_ref().map(|name| Box::from(name.as_str()));
            if name.is_some() && named.iter().any(|(other, _)| *other == name) {
                return self.error(keyword, "keyword argument repeated");
            }
            named.push((name, self.expr(&keyword.value)?));
        }
        Ok(Args {
            positional,
            named: named.into(),
            starred,
        })
    }

    fn pieces<'e>(
        &mut self,
        elements: impl Iterator<Item = &'e InterpolatedStringElement>,
        pieces: &mut Vec<Piece>,
    ) -> Lowered<()> {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(text) => {
                    pieces.push(Piece::Text(text.value.clone()));
                }
                InterpolatedStringElement::Interpolation(part) => {
                    let mut conversion = match part.conversion {
                        ConversionFlag::None => Conversion::None,
                        ConversionFlag::Str => Conversion::Str,
                        ConversionFlag::Repr => Conversion::Repr,
                        ConversionFlag::Ascii => Conversion::Ascii,
                    };
                    if let Some(debug) = &part.debug_text {
                        pieces.push(Piece::Text(debug.as_str().into()));
                        // `f"{x=}"` shows the repr.
                        if conversion == Conversion::None && part.format_spec.is_none() {
                            conversion = Conversion::Repr;
                        }
                    }
                    let value = self.expr(&part.expression)?;
                    let spec = match &part.format_spec {
                        Some(spec) => {
                            let mut inner = Vec::new();
                            self.pieces(spec.elements.iter(), &mut inner)?;
                            Some(inner.into())
                        }
                        None => None,
                    };
                    pieces.push(Piece::Value {
                        value,
                        conversion,
                        spec,
                    });
                }
            }
        }
        Ok(())
    }

    fn lambda(&mut self, lambda: &ast::ExprLambda) -> Lowered<Node> {
        let mut params = Vec::new();
        let mut names: Vec<Box<str>> = Vec::new();
        let (mut positional_only, mut positional) = (0, 0);
        let (mut var_positional, mut var_named) = (None, None);
        if let Some(declared) = &lambda.parameters {
            positional_only = declared.posonlyargs.len();
            positional = positional_only + declared.args.len();
            for param in declared.iter_non_variadic_params() {
                let default = match param.default() {
                    Some(default) => Some(self.expr(default)?),
                    None => None,
                };
                let name: Box<str> = param.parameter.name.as_str().into();
                names.push(name.clone());
                params.push(ParamDecl { name, default });
            }
            let mut variadic = |param: &Option<Box<ast::Parameter>>| {
                param.as_ref().map(|param| {
                    names.push(param.name.as_str().into());
                    names.len() - 1
                })
            };
            var_positional = variadic(&declared.vararg);
            var_named = variadic(&declared.kwarg);
        }
        let duplicate = names
            .iter()
            .enumerate()
            .find(|(i, name)| names[..*i].contains(name));
        if let Some((_, name)) = duplicate {
            let message = format!("duplicate argument '{name}' in function definition");
            return self.error(lambda, message);
        }
        self.names.enter_lambda(names, &lambda.body);
        let (body, depth, weight) = self.apart(|lower| lower.expr(&lambda.body))?;
        let slots = self.names.leave();
        Ok(Node::Lambda(Box::new(Lambda {
            params: params.into(),
            positional_only,
            positional,
            var_positional,
            var_named,
            body,
            slots,
            depth,
            weight,
        })))
    }

    /// Lowers what is evaluated on its own, and tells how deep it nests and what it costs.
    fn apart<T>(&mut self, f: impl FnOnce(&mut Self) -> Lowered<T>) -> Lowered<(T, u32, u64)> {
        let before = self.nodes;
        let outer = std::mem::replace(&mut self.deepest, self.depth);
        let result = f(self)?;
        // Calls take some stack of their own.
        let depth = self.deepest - self.depth + 6;
        self.deepest = outer.max(self.deepest);
        Ok((result, depth, (self.nodes - before) / NODES_PER_STEP))
    }

    fn comprehension(
        &mut self,
        kind: CompKind,
        element: &Expr,
        value: Option<&Expr>,
        generators: &[ast::Comprehension],
    ) -> Lowered<Node> {
        if let Some(generator) = generators.iter().find(|generator| generator.is_async) {
            return self.error(
                generator,
                "asynchronous comprehension outside of an asynchronous function",
            );
        }
        if let Some(starred) = [Some(element), value]
            .into_iter()
            .flatten()
            .find(|e| e.is_starred_expr())
        {
            return self.error(
                starred,
                "iterable unpacking cannot be used in comprehension",
            );
        }
        // The first iterable belongs to the outside.
        let mut first = match generators.first() {
            Some(generator) => Some(self.iterable(&generator.iter)?),
            None => None,
        };
        self.names.enter_comprehension(generators);
        let ((clauses, element, value), depth, weight) = self.apart(|lower| {
            let mut clauses = Vec::with_capacity(generators.len());
            for generator in generators {
                let iter = match first.take() {
                    Some(iter) => iter,
                    None => lower.iterable(&generator.iter)?,
                };
                let target = lower.target(&generator.target)?;
                let conditions = lower.all(&generator.ifs)?;
                clauses.push(Clause {
                    target,
                    iter,
                    conditions,
                });
            }
            let element = lower.expr(element)?;
            let value = match value {
                Some(value) => Some(lower.expr(value)?),
                None => None,
            };
            Ok((clauses.into_boxed_slice(), element, value))
        })?;
        let slots = self.names.leave();
        let comp = Comp {
            clauses,
            element,
            value,
            slots,
            depth,
            weight,
        };
        Ok(Node::Comprehension(kind, Box::new(comp)))
    }

    fn iterable(&mut self, expr: &Expr) -> Lowered<Node> {
        self.in_iterable += 1;
        let node = self.expr(expr);
        self.in_iterable -= 1;
        node
    }

    fn target(&mut self, expr: &Expr) -> Lowered<Target> {
        let elements = match expr {
            Expr::Name(name) => {
                self.check_bindable(name)?;
                return Ok(self.names.iteration_variable(&name.id));
            }
            Expr::Tuple(tuple) => &tuple.elts,
            Expr::List(list) => &list.elts,
            _ => return self.error(expr, "only names can be bound here"),
        };
        let mut star = None;
        let mut targets = Vec::with_capacity(elements.len());
        for (i, element) in elements.iter().enumerate() {
            if let Expr::Starred(starred) = element {
                if star.is_some() {
                    return self.error(element, "multiple starred expressions in assignment");
                }
                star = Some(i);
                targets.push(self.target(&starred.value)?);
            } else {
                targets.push(self.target(element)?);
            }
        }
        Ok(Target::Many(targets.into(), star))
    }
}

fn binary_op(op: Operator) -> BinaryOp {
    match op {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Sub,
        Operator::Mult => BinaryOp::Mul,
        Operator::MatMult => BinaryOp::MatMul,
        Operator::Div => BinaryOp::Div,
        Operator::Mod => BinaryOp::Mod,
        Operator::Pow => BinaryOp::Pow,
        Operator::LShift => BinaryOp::LeftShift,
        Operator::RShift => BinaryOp::RightShift,
        Operator::BitOr => BinaryOp::Or,
        Operator::BitXor => BinaryOp::Xor,
        Operator::BitAnd => BinaryOp::And,
        Operator::FloorDiv => BinaryOp::FloorDiv,
    }
}

fn compare_op(op: CmpOp) -> CompareOp {
    match op {
        CmpOp::Eq => CompareOp::Eq,
        CmpOp::NotEq => CompareOp::NotEq,
        CmpOp::Lt => CompareOp::Lt,
        CmpOp::LtE => CompareOp::Le,
        CmpOp::Gt => CompareOp::Gt,
        CmpOp::GtE => CompareOp::Ge,
        CmpOp::Is => CompareOp::Is,
        CmpOp::IsNot => CompareOp::IsNot,
        CmpOp::In => CompareOp::In,
        CmpOp::NotIn => CompareOp::NotIn,
    }
}
