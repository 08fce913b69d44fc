//! What a query compiles to: a tree that the machine walks.

use num_bigint::BigInt;

use crate::datetime::{DateTime, Delta};
use crate::row::{Aggregate, RunProperty};
use crate::value::{Builtin, Type};
use aim_value::Tree;

#[derive(Debug)]
pub(crate) enum Node {
    Const(Const),
    /// `run` or `metric.run`
    Run {
        of_metric: bool,
    },
    /// `run.metrics`
    Metrics {
        of_metric: bool,
    },
    /// `metric`
    Metric,
    /// A variable of an enclosing lambda or comprehension, `up` frames away.
    Local(Local),
    /// A variable bound by `:=` outside of lambdas; until it is bound the name means `otherwise`.
    Global {
        slot: usize,
        otherwise: Box<Node>,
    },
    Builtin(Builtin),
    Type(Type),
    /// `math`
    Module,
    /// A name that means nothing.
    Undefined(Box<str>),
    Property {
        of_metric: bool,
        property: RunProperty,
    },
    Param(Box<Param>),
    /// `run.metrics[name, context]`, with or without one of its aggregates.
    RunMetric(Box<RunMetric>),
    /// One of the aggregates of `run.metrics[key]` where the key is no constant.
    MetricsAggregate {
        of_metric: bool,
        key: Box<Node>,
        aggregate: Aggregate,
    },
    MetricName,
    MetricContext(Box<ContextPath>),
    MetricAggregate(Aggregate),
    Attr(Box<Node>, Box<str>),
    Item(Box<Node>, Box<Node>),
    Slice(Box<[Option<Node>; 3]>),
    Call(Box<Call>),
    MethodCall(Box<MethodCall>),
    Binary(BinaryOp, Box<[Node; 2]>),
    Unary(UnaryOp, Box<Node>),
    Not(Box<Node>),
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Compare(Box<Compare>),
    /// `item in (constants)`
    InConsts(Box<InConsts>),
    /// test, then, otherwise
    If(Box<[Node; 3]>),
    List(Box<[Node]>),
    Tuple(Box<[Node]>),
    Set(Box<[Node]>),
    /// Keys and values; an entry without a key is `**value`.
    Dict(Box<[(Option<Node>, Node)]>),
    /// `*value`, in displays and argument lists only.
    Starred(Box<Node>),
    Comprehension(CompKind, Box<Comp>),
    Lambda(Box<Lambda>),
    Bind(Target, Box<Node>),
    Format(Box<[Piece]>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Const {
    None,
    Ellipsis,
    Bool(bool),
    Int(i64),
    Big(BigInt),
    Float(f64),
    Imaginary(f64),
    Str(Box<str>),
    Bytes(Box<[u8]>),
    DateTime(DateTime),
    Delta(Delta),
}

#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub up: usize,
    pub slot: usize,
    pub name: Box<str>,
}

/// A chain of constant keys on `run`.
#[derive(Debug)]
pub(crate) struct Param {
    pub of_metric: bool,
    pub path: Box<[Box<str>]>,
    /// Whether the key of the same index was written as an attribute.
    pub attribute: Box<[bool]>,
    /// Where the value is kept for the row, if the query names the path more than once.
    pub slot: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct RunMetric {
    pub of_metric: bool,
    pub name: Box<str>,
    pub context: Tree,
    pub aggregate: Option<Aggregate>,
}

#[derive(Debug)]
pub(crate) struct ContextPath {
    pub path: Box<[Box<str>]>,
    pub attribute: Box<[bool]>,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub function: Node,
    pub args: Args,
}

#[derive(Debug)]
pub(crate) struct MethodCall {
    pub of: Node,
    pub name: Box<str>,
    pub args: Args,
}

#[derive(Debug, Default)]
pub(crate) struct Args {
    pub positional: Box<[Node]>,
    /// Name and value; an entry without a name is `**value`.
    pub named: Box<[(Option<Box<str>>, Node)]>,
    /// Whether a positional argument is starred.
    pub starred: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Add,
    Sub,
    Mul,
    MatMul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    LeftShift,
    RightShift,
    Or,
    Xor,
    And,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnaryOp {
    Invert,
    Plus,
    Minus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompareOp {
    Eq,
    NotEq,
    Lt,
    Le,
    Gt,
    Ge,
    Is,
    IsNot,
    In,
    NotIn,
}

#[derive(Debug)]
pub(crate) struct Compare {
    pub first: Node,
    pub rest: Box<[(CompareOp, Node)]>,
}

#[derive(Debug)]
pub(crate) struct InConsts {
    pub item: Node,
    pub negated: bool,
    /// Whether the constants were written as a set: its items must be hashable, and so must `item`.
    pub hashed: bool,
    /// The strings, sorted.
    pub strings: Box<[Box<str>]>,
    pub others: Box<[Const]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompKind {
    List,
    Set,
    Dict,
    Generator,
}

#[derive(Debug)]
pub(crate) struct Comp {
    pub clauses: Box<[Clause]>,
    /// The element, or a dict's key.
    pub element: Node,
    /// A dict's value.
    pub value: Option<Node>,
    pub slots: usize,
    /// Nesting of what one step of it evaluates.
    pub depth: u32,
    /// Steps that one evaluation of its parts costs, loops aside.
    pub weight: u64,
}

/// `for target in iter if …`
#[derive(Debug)]
pub(crate) struct Clause {
    pub target: Target,
    pub iter: Node,
    pub conditions: Box<[Node]>,
}

#[derive(Debug)]
pub(crate) enum Target {
    Local {
        up: usize,
        slot: usize,
    },
    Global(usize),
    /// Unpacks; the index of the starred target, if there is one.
    Many(Box<[Target]>, Option<usize>),
}

#[derive(Debug)]
pub(crate) struct Lambda {
    pub params: Box<[ParamDecl]>,
    pub positional_only: usize,
    /// Number of positional parameters; the rest of `params` is keyword-only.
    pub positional: usize,
    /// Slots of `*args` and `**kwargs`.
    pub var_positional: Option<usize>,
    pub var_named: Option<usize>,
    pub body: Node,
    pub slots: usize,
    pub depth: u32,
    /// As of a `Comp`.
    pub weight: u64,
}

#[derive(Debug)]
pub(crate) struct ParamDecl {
    pub name: Box<str>,
    pub default: Option<Node>,
}

/// A part of an f-string.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(Box<str>),
    Value {
        value: Node,
        conversion: Conversion,
        spec: Option<Box<[Piece]>>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conversion {
    None,
    Str,
    Repr,
    Ascii,
}
