//! Constant subexpressions are evaluated once.

use num_bigint::BigInt;
use num_traits::Num;

use crate::error::RowError;
use crate::fault::Res;
use crate::ir::{Args, BinaryOp, CompareOp, Const, InConsts, Node};
use crate::limits::{Budget, Limits};
use crate::program::{Code, run_code};
use crate::row::{Aggregates, Lookup, PropertyValue, RunProperty, RunRow, Subject, Toll};
use crate::value::{Type, Value};
use aim_value::Tree;

/// What folding may cost; what costs more is left to the rows.
const LIMITS: Limits = Limits {
    row_steps: 2000,
    row_bytes: 1 << 16,
    query_steps: u64::MAX,
};
/// The largest string that is worth keeping.
const MAX_STRING: usize = 1024;

/// The node, or the constant that it amounts to.
pub(super) fn fold(node: Node) -> Node {
    let constant = |node: &Node| matches!(node, Node::Const(_));
    let foldable = match &node {
        Node::Unary(_, operand) | Node::Not(operand) => constant(operand),
        // Fails or is large, more often than not.
        Node::Binary(BinaryOp::Mod, operands) if is_text(&operands[0]) => false,
        Node::Binary(_, operands) => operands.iter().all(constant),
        Node::Compare(compare) => {
            constant(&compare.first) && compare.rest.iter().all(|(_, right)| constant(right))
        }
        Node::Call(call) => {
            let Args {
                positional, named, ..
            } = &call.args;
            matches!(call.function, Node::Type(Type::DateTime | Type::Delta))
                && positional.iter().all(constant)
                && named
                    .iter()
                    .all(|(name, value)| name.is_some() && constant(value))
        }
        _ => false,
    };
    if !foldable {
        return node;
    }
    let code = Code {
        root: node,
        globals: 0,
        params: 0,
        depth: 0,
        weight: 0,
        named: Vec::new(),
        unknown: None,
        subject: Subject::Metric,
    };
    let mut budget = Budget::new(LIMITS, None);
    let folded: Option<Const> = budget
        .start_row()
        .ok()
        .and_then(|meter| run_code(&code, &NoRow, None, &meter, |_, value| to_const(value)).ok())
        .flatten();
    match folded {
        Some(constant) => Node::Const(constant),
        // What fails must fail on the rows, and only if they get there.
        None => code.root,
    }
}

fn is_text(node: &Node) -> bool {
    matches!(node, Node::Const(Const::Str(_) | Const::Bytes(_)))
}

fn to_const(value: Value<'_>) -> Res<Option<Const>> {
    Ok(Some(match value {
        Value::None => Const::None,
        Value::Bool(b) => Const::Bool(b),
        Value::Int(i) => Const::Int(i),
        Value::Big(big) => Const::Big(big.clone()),
        // Every computed NaN is an object of its own.
        Value::Float(f) if !f.is_nan() => Const::Float(f),
        Value::Str(text) if text.len() <= MAX_STRING => Const::Str(text.into()),
        Value::DateTime(at) => Const::DateTime(at),
        Value::Delta(delta) => Const::Delta(delta),
        _ => return Ok(None),
    }))
}

/// `item in (constants)`; the parts back if they are not all constants.
pub(super) fn in_consts(
    item: Node,
    op: CompareOp,
    container: Node,
) -> std::result::Result<Node, (Node, Node)> {
    let hashed = matches!(container, Node::Set(_));
    let (Node::Tuple(nodes) | Node::List(nodes) | Node::Set(nodes)) = &container else {
        return Err((item, container));
    };
    let mut strings = Vec::new();
    let mut others = Vec::new();
    for node in nodes {
        match node {
            Node::Const(Const::Str(text)) => strings.push(text.clone()),
            Node::Const(constant) => others.push(constant.clone()),
            _ => return Err((item, container)),
        }
    }
    strings.sort_unstable();
    strings.dedup();
    let negated = op == CompareOp::NotIn;
    let consts = InConsts {
        item,
        negated,
        hashed,
        strings: strings.into(),
        others: others.into(),
    };
    Ok(Node::InConsts(Box::new(consts)))
}

/// An integer literal that does not fit 64 bits; None if it has more digits than Python reads.
pub(super) fn big_literal(text: &str) -> Option<BigInt> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0o") => (&text[2..], 8),
        Some("0b") => (&text[2..], 2),
        _ => (&text[..], 10),
    };
    let bits = digits.len() as u64 * u64::from(u32::ilog2(radix) + 1);
    let too_long = radix == 10 && digits.len() > super::super::repr::MAX_INT_DIGITS;
    if too_long || bits > super::super::limits::MAX_INT_BITS {
        return None;
    }
    BigInt::from_str_radix(digits, radix).ok()
}

/// Constants ask nothing of the row.
struct NoRow;

impl RunRow for NoRow {
    fn property(&self, _: RunProperty) -> Result<PropertyValue<'_>, RowError> {
        Ok(PropertyValue::None)
    }

    fn param(&self, _: &[&str], _: &Toll<'_>) -> Result<Lookup<'_>, RowError> {
        Ok(Lookup::Missing)
    }

    fn metric(&self, _: &str, _: &Tree, _: &Toll<'_>) -> Result<Option<Aggregates>, RowError> {
        Ok(None)
    }
}
