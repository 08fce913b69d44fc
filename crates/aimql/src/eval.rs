//! Walking a compiled query.

use std::cell::Cell;

use crate::fault::{Kind, Res, raise, type_error};
use crate::ir::{
    Comp, CompKind, CompareOp, Const, Conversion, InConsts, Lambda, Node, Piece, Target,
};
use crate::iter::{Generator, Iter};
use crate::limits::MAX_SOURCE;
use crate::machine::Machine;
use crate::value::{Frame, Function, Value};

/// The variables that a node sees; None outside of lambdas and comprehensions.
pub(crate) type Scope<'a> = Option<&'a Frame<'a>>;

impl<'a> Machine<'a> {
    pub(crate) fn eval(&self, node: &'a Node, scope: Scope<'a>) -> Res<Value<'a>> {
        match node {
            Node::Const(constant) => Ok(self.constant(constant)),
            Node::Property {
                of_metric,
                property,
            } => {
                self.check_metric(*of_metric)?;
                self.property_value(self.run.property(*property)?)
            }
            Node::Param(param) => self.param(param),
            Node::MetricName => Ok(Value::Str(self.metric_row()?.name)),
            Node::MetricContext(path) => self.metric_context(path),
            Node::MetricAggregate(which) => {
                Ok(aggregate_value(self.metric_row()?.aggregates, *which))
            }
            Node::RunMetric(run_metric) => self.run_metric(run_metric),
            Node::MetricsAggregate {
                of_metric,
                key,
                aggregate,
            } => {
                self.check_metric(*of_metric)?;
                let found = self.find_metric(self.eval(key, scope)?)?;
                Ok(found.map_or(Value::Missing, |found| aggregate_value(&found, *aggregate)))
            }
            Node::And(nodes) => self.and(nodes, scope),
            Node::Or(nodes) => self.or(nodes, scope),
            Node::Not(operand) => Ok(Value::Bool(!self.eval(operand, scope)?.truth())),
            Node::Compare(compare) => {
                let mut left = self.eval(&compare.first, scope)?;
                let mut result = Value::Bool(true);
                for (op, right) in &compare.rest {
                    let right = self.eval(right, scope)?;
                    result = Value::Bool(self.compare(*op, left, right)?);
                    if !result.truth() {
                        break;
                    }
                    left = right;
                }
                Ok(result)
            }
            Node::InConsts(consts) => self.in_consts(consts, scope),
            Node::Binary(op, operands) => {
                let left = self.eval(&operands[0], scope)?;
                let right = self.eval(&operands[1], scope)?;
                self.binary(*op, left, right)
            }
            Node::Unary(op, operand) => self.unary(*op, self.eval(operand, scope)?),
            Node::MethodCall(call) => self.eval_method_call(call, scope),
            Node::Call(call) => self.eval_call(call, scope),
            Node::Attr(of, name) => self.attribute(self.eval(of, scope)?, name),
            Node::Item(of, key) => {
                let of = self.eval(of, scope)?;
                self.item(of, self.eval(key, scope)?)
            }
            Node::If(parts) => {
                let chosen = if self.eval(&parts[0], scope)?.truth() {
                    1
                } else {
                    2
                };
                self.eval(&parts[chosen], scope)
            }
            Node::Local(local) => match self.variable(scope, local.up, local.slot)?.get() {
                Some(value) => Ok(value),
                None => self.unbound(&local.name, local.up),
            },
            Node::Global { slot, otherwise } => match self.globals.get(*slot).and_then(Cell::get) {
                Some(value) => Ok(value),
                None => self.eval(otherwise, scope),
            },
            Node::Run { of_metric } => self.check_metric(*of_metric).map(|()| Value::Run),
            Node::Metrics { of_metric } => self.check_metric(*of_metric).map(|()| Value::Metrics),
            Node::Metric => self.metric_row().map(|_| Value::Metric),
            Node::Builtin(builtin) => Ok(Value::Builtin(*builtin)),
            Node::Type(ty) => Ok(Value::Type(*ty)),
            Node::Module => Ok(Value::Math),
            Node::Undefined(name) => raise(Kind::Name, format!("name '{name}' is not defined")),
            _ => self.eval_rare(node, scope),
        }
    }

    /// The kinds of nodes that are rare or costly anyway; apart, so that `eval` needs little stack.
    #[inline(never)]
    fn eval_rare(&self, node: &'a Node, scope: Scope<'a>) -> Res<Value<'a>> {
        match node {
            Node::Slice(parts) => {
                let mut values = [Value::None; 3];
                for (value, part) in values.iter_mut().zip(parts.iter()) {
                    if let Some(part) = part {
                        *value = self.eval(part, scope)?;
                    }
                }
                self.slice(values)
            }
            Node::List(nodes) => self.list(self.eval_all(nodes, scope)?),
            Node::Tuple(nodes) => self.tuple(self.eval_all(nodes, scope)?),
            Node::Set(nodes) => self.set_display(nodes, scope),
            Node::Dict(entries) => self.dict_display(entries, scope),
            Node::Comprehension(kind, comp) => self.comprehension(*kind, comp, scope),
            Node::Lambda(lambda) => self.lambda(lambda, scope),
            Node::Bind(target, value) => {
                let value = self.eval(value, scope)?;
                self.assign(target, value, scope)?;
                Ok(value)
            }
            Node::Format(pieces) => {
                let mut out = String::new();
                self.format_pieces(pieces, scope, &mut out)?;
                self.string(out)
            }
            // Only as part of a display or an argument list, where `eval_all` sees to it.
            _ => type_error("can't use starred expression here"),
        }
    }

    fn set_display(&self, nodes: &'a [Node], scope: Scope<'a>) -> Res<Value<'a>> {
        let set = self.new_set(false)?;
        for item in self.eval_all(nodes, scope)? {
            set.insert(self, item)?;
        }
        // CPython makes a display of constants from a set that it makes from the items of another: the order of the
        // items tells.
        if nodes.len() > 2 && nodes.iter().all(|node| matches!(node, Node::Const(_))) {
            let (kept, result) = (self.new_set(true)?, self.new_set(false)?);
            set.each(self, |hash, item| {
                kept.insert_hashed(self, hash, item)?;
                Ok(true)
            })?;
            result.merge(self, kept)?;
            return Ok(Value::Set(result));
        }
        Ok(Value::Set(set))
    }

    fn dict_display(
        &self,
        entries: &'a [(Option<Node>, Node)],
        scope: Scope<'a>,
    ) -> Res<Value<'a>> {
        let dict = self.new_dict(false)?;
        // What stands between two `**` is evaluated before any of it is hashed.
        for run in entries.chunk_by(|(a, _), (b, _)| a.is_some() && b.is_some()) {
            let mut pairs = Vec::with_capacity(run.len());
            for (key, value) in run {
                let key = match key {
                    Some(key) => Some(self.eval(key, scope)?),
                    None => None,
                };
                pairs.push((key, self.eval(value, scope)?));
            }
            for (key, value) in pairs {
                match key {
                    Some(key) => dict.insert(self, key, value)?,
                    None => self.merge(dict, value, |name| {
                        type_error(format!("'{name}' object is not a mapping"))
                    })?,
                }
            }
        }
        Ok(Value::Dict(dict))
    }

    pub(crate) fn constant(&self, constant: &'a Const) -> Value<'a> {
        match constant {
            Const::None => Value::None,
            Const::Ellipsis => Value::Ellipsis,
            Const::Bool(b) => Value::Bool(*b),
            Const::Int(i) => Value::Int(*i),
            Const::Big(big) => Value::Big(big),
            Const::Float(f) => Value::Float(*f),
            Const::Imaginary(im) => self.complex(0.0, *im),
            Const::Str(s) => Value::Str(s),
            Const::Bytes(b) => Value::Bytes(b),
            Const::DateTime(at) => Value::DateTime(*at),
            Const::Delta(delta) => Value::Delta(*delta),
        }
    }

    fn and(&self, nodes: &'a [Node], scope: Scope<'a>) -> Res<Value<'a>> {
        let mut result = Value::Bool(true);
        for node in nodes {
            result = self.eval(node, scope)?;
            if !result.truth() {
                break;
            }
        }
        Ok(result)
    }

    fn or(&self, nodes: &'a [Node], scope: Scope<'a>) -> Res<Value<'a>> {
        let mut result = Value::Bool(false);
        for node in nodes {
            result = self.eval(node, scope)?;
            if result.truth() {
                break;
            }
        }
        Ok(result)
    }

    fn in_consts(&self, consts: &'a InConsts, scope: Scope<'a>) -> Res<Value<'a>> {
        let item = self.eval(&consts.item, scope)?;
        if consts.hashed && !matches!(item, Value::Set(_)) {
            self.hash(item)?;
        }
        let mut found = false;
        if let Value::Str(text) = item {
            self.meter.scan(text.len().min(MAX_SOURCE))?;
            found = consts.strings.binary_search_by(|s| (**s).cmp(text)).is_ok();
        } else {
            // A missing name equals None in a tuple, but their hashes differ.
            self.meter.work(consts.others.len() as u64 / 16)?;
            let skip = consts.hashed && matches!(item, Value::Missing);
            for constant in consts.others.iter().filter(|_| !skip) {
                if self.same(self.constant(constant), item)? {
                    found = true;
                    break;
                }
            }
        }
        Ok(Value::Bool(found != consts.negated))
    }

    /// Evaluates the parts of a display or of an argument list.
    pub(crate) fn eval_all(&self, nodes: &'a [Node], scope: Scope<'a>) -> Res<Vec<Value<'a>>> {
        let mut values = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Node::Starred(of) => {
                    let of = self.eval(of, scope)?;
                    self.extend(&mut values, of)?;
                }
                _ => values.push(self.eval(node, scope)?),
            }
        }
        Ok(values)
    }

    fn variable(
        &self,
        scope: Scope<'a>,
        up: usize,
        slot: usize,
    ) -> Res<&'a Cell<Option<Value<'a>>>> {
        let mut frame = scope;
        for _ in 0..up {
            frame = frame.and_then(|f| f.parent);
        }
        match frame.and_then(|f| f.slots.get(slot)) {
            Some(cell) => Ok(cell),
            None => raise(Kind::Runtime, "a variable lost its frame"),
        }
    }

    #[cold]
    fn unbound(&self, name: &str, up: usize) -> Res<Value<'a>> {
        if up == 0 {
            let rule = "where it is not associated with a value";
            raise(
                Kind::UnboundLocal,
                format!("cannot access local variable '{name}' {rule}"),
            )
        } else {
            let rule = "where it is not associated with a value in enclosing scope";
            raise(
                Kind::Name,
                format!("cannot access free variable '{name}' {rule}"),
            )
        }
    }

    pub(crate) fn assign(&self, target: &Target, value: Value<'a>, scope: Scope<'a>) -> Res<()> {
        match target {
            Target::Local { up, slot } => self.variable(scope, *up, *slot)?.set(Some(value)),
            Target::Global(slot) => {
                if let Some(cell) = self.globals.get(*slot) {
                    cell.set(Some(value));
                }
            }
            Target::Many(targets, star) => self.unpack(targets, *star, value, scope)?,
        }
        Ok(())
    }

    fn unpack(
        &self,
        targets: &[Target],
        star: Option<usize>,
        value: Value<'a>,
        scope: Scope<'a>,
    ) -> Res<()> {
        let fixed = targets.len() - usize::from(star.is_some());
        if !self.is_iterable(value) {
            let name = value.type_name();
            return type_error(format!("cannot unpack non-iterable {name} object"));
        }
        let iter = self.iterate(value)?;
        let mut values = Vec::new();
        // One more than wanted tells that there are too many.
        while star.is_some() || values.len() <= fixed {
            match self.next(iter)? {
                Some(value) => {
                    self.meter.memory(2 * size_of::<Value>())?;
                    values.push(value);
                }
                None => break,
            }
        }
        if values.len() < fixed {
            let (at_least, got) = (if star.is_some() { "at least " } else { "" }, values.len());
            return raise(
                Kind::Value,
                format!("not enough values to unpack (expected {at_least}{fixed}, got {got})"),
            );
        }
        if star.is_none() && values.len() > fixed {
            return raise(
                Kind::Value,
                format!("too many values to unpack (expected {fixed})"),
            );
        }
        let surplus = values.len() - fixed;
        let mut values = values.into_iter();
        for (i, target) in targets.iter().enumerate() {
            if star == Some(i) {
                let rest = values.by_ref().take(surplus).collect();
                self.assign(target, self.list(rest)?, scope)?;
            } else if let Some(value) = values.next() {
                self.assign(target, value, scope)?;
            }
        }
        Ok(())
    }

    pub(crate) fn frame(&self, slots: usize, parent: Scope<'a>) -> Res<&'a Frame<'a>> {
        self.meter.memory(slots * size_of::<Value>() + 32)?;
        let slots = (0..slots).map(|_| Cell::new(None)).collect();
        Ok(self.heap.frames.alloc(Frame { slots, parent }))
    }

    fn comprehension(&self, kind: CompKind, comp: &'a Comp, scope: Scope<'a>) -> Res<Value<'a>> {
        let Some(first) = comp.clauses.first() else {
            return Ok(Value::None);
        };
        let source = self.eval(&first.iter, scope)?;
        let source = self.iterate(source)?;
        let frame = self.frame(comp.slots, scope)?;
        if kind == CompKind::Generator {
            let generator = Generator::new(comp, frame, source);
            return Ok(Value::Iter(self.iter(Iter::generator(generator))?));
        }
        let mut open = vec![source];
        match kind {
            CompKind::Set => {
                let set = self.new_set(false)?;
                while self.advance(comp, frame, &mut open)? {
                    set.insert(self, self.eval(&comp.element, Some(frame))?)?;
                }
                Ok(Value::Set(set))
            }
            CompKind::Dict => {
                let dict = self.new_dict(false)?;
                while self.advance(comp, frame, &mut open)? {
                    let key = self.eval(&comp.element, Some(frame))?;
                    if let Some(value) = &comp.value {
                        dict.insert(self, key, self.eval(value, Some(frame))?)?;
                    }
                }
                Ok(Value::Dict(dict))
            }
            _ => {
                let mut items = Vec::new();
                while self.advance(comp, frame, &mut open)? {
                    let item = self.eval(&comp.element, Some(frame))?;
                    self.meter.memory(2 * size_of::<Value>())?;
                    items.push(item);
                }
                self.list(items)
            }
        }
    }

    /// Moves on to the next combination of the clauses' items that meets their conditions. `open` holds the
    /// iterators of the clauses that are under way.
    pub(crate) fn advance(
        &self,
        comp: &'a Comp,
        frame: &'a Frame<'a>,
        open: &mut Vec<&'a Iter<'a>>,
    ) -> Res<bool> {
        while let Some(iter) = open.last() {
            let Some(clause) = comp.clauses.get(open.len() - 1) else {
                break;
            };
            self.meter.work(1 + comp.weight)?;
            let Some(item) = self.next(iter)? else {
                open.pop();
                continue;
            };
            self.assign(&clause.target, item, Some(frame))?;
            if !self.all_true(&clause.conditions, frame)? {
                continue;
            }
            let Some(inner) = comp.clauses.get(open.len()) else {
                return Ok(true);
            };
            let source = self.eval(&inner.iter, Some(frame))?;
            open.push(self.iterate(source)?);
        }
        Ok(false)
    }

    fn all_true(&self, conditions: &'a [Node], frame: &'a Frame<'a>) -> Res<bool> {
        for condition in conditions {
            if !self.eval(condition, Some(frame))?.truth() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn lambda(&self, lambda: &'a Lambda, scope: Scope<'a>) -> Res<Value<'a>> {
        self.meter
            .memory(lambda.params.len() * size_of::<Value>() + 64)?;
        let mut defaults = Vec::with_capacity(lambda.params.len());
        for param in &lambda.params {
            defaults.push(match &param.default {
                Some(default) => Some(self.eval(default, scope)?),
                None => None,
            });
        }
        let function = Function {
            lambda,
            defaults: defaults.into(),
            frame: scope,
        };
        Ok(Value::Function(self.heap.functions.alloc(function)))
    }

    fn format_pieces(&self, pieces: &'a [Piece], scope: Scope<'a>, out: &mut String) -> Res<()> {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.push(out, text)?,
                Piece::Value {
                    value,
                    conversion,
                    spec,
                } => {
                    let value = self.eval(value, scope)?;
                    let value = match conversion {
                        Conversion::None => value,
                        Conversion::Str => self.str_of(value)?,
                        Conversion::Repr => self.string(self.repr(value)?)?,
                        Conversion::Ascii => self.string(self.ascii(value)?)?,
                    };
                    let mut text = String::new();
                    if let Some(spec) = spec {
                        self.format_pieces(spec, scope, &mut text)?;
                    }
                    let shown = self.format(value, &text)?;
                    self.push(out, &shown)?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn compare(&self, op: CompareOp, a: Value<'a>, b: Value<'a>) -> Res<bool> {
        match op {
            CompareOp::Eq => self.equal(a, b),
            CompareOp::NotEq => Ok(!self.equal(a, b)?),
            CompareOp::Is => Ok(a.is(b)),
            CompareOp::IsNot => Ok(!a.is(b)),
            CompareOp::In => self.contains(b, a),
            CompareOp::NotIn => Ok(!self.contains(b, a)?),
            CompareOp::Lt | CompareOp::Le | CompareOp::Gt | CompareOp::Ge => self.ordered(op, a, b),
        }
    }
}

pub(crate) fn aggregate_value<'a>(
    aggregates: &super::row::Aggregates,
    which: super::row::Aggregate,
) -> Value<'a> {
    use crate::row::Aggregate;
    match which {
        Aggregate::First => Machine::data_float(aggregates.first),
        Aggregate::FirstStep => Value::Int(aggregates.first_step),
        Aggregate::Last => Machine::data_float(aggregates.last),
        Aggregate::LastStep => Value::Int(aggregates.last_step),
        Aggregate::Min => Machine::data_float(aggregates.min),
        Aggregate::Max => Machine::data_float(aggregates.max),
        Aggregate::Count => Value::Int(aggregates.count),
        Aggregate::Longest => Value::Int(aggregates.max as i64),
    }
}
