//! The values of an evaluation. They are small and `Copy`; what they point to lives in the row's heap, in the
//! compiled query or in the row itself, and goes away in one piece when the row is done. So values may point to
//! each other in circles, and dropping a deeply nested one needs no stack.

use std::cell::{Cell, OnceCell, RefCell};

use num_bigint::BigInt;
use typed_arena::Arena;

use crate::datetime::{Date, DateTime, Delta, Time};
use crate::dict::Dict;
use crate::ir::Lambda;
use crate::iter::Iter;
use crate::set::Set;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    None,
    /// A name that the row does not have.
    Missing,
    Ellipsis,
    Bool(bool),
    Int(i64),
    /// Only for integers that do not fit `Int`.
    Big(&'a BigInt),
    /// A NaN's payload tells apart the NaN objects that Python would tell apart by identity.
    Float(f64),
    Complex(Complex),
    Str(&'a str),
    Bytes(&'a [u8]),
    List(&'a List<'a>),
    Tuple(&'a [Value<'a>]),
    Dict(&'a Dict<'a>),
    Set(&'a Set<'a>),
    View(ViewKind, &'a Dict<'a>),
    Range(&'a Range),
    Slice(&'a [Value<'a>; 3]),
    Iter(&'a Iter<'a>),
    DateTime(DateTime),
    Date(Date),
    Time(Time),
    Delta(Delta),
    /// A fixed offset from UTC, in seconds.
    Zone(i32),
    Builtin(Builtin),
    Type(Type),
    /// `int | float`
    Types(&'a [Value<'a>]),
    Method(&'a Method<'a>),
    Function(&'a Function<'a>),
    Math,
    MathFunction(&'a str),
    Run,
    Metrics,
    Metric,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Complex {
    pub re: f64,
    pub im: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ViewKind {
    Keys,
    Values,
    Items,
}

/// A list. One that comes from a param (`data`) answers Missing for an index out of range.
#[derive(Debug)]
pub(crate) struct List<'a> {
    pub data: bool,
    pub items: RefCell<Vec<Value<'a>>>,
}

impl<'a> List<'a> {
    pub(crate) fn new(data: bool, items: Vec<Value<'a>>) -> Self {
        List {
            data,
            items: RefCell::new(items),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.items.borrow().len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<Value<'a>> {
        self.items.borrow().get(index).copied()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    pub start: i128,
    pub stop: i128,
    pub step: i128,
}

impl Range {
    pub(crate) fn len(&self) -> u128 {
        let (low, high, step) = if self.step > 0 {
            (self.start, self.stop, self.step.unsigned_abs())
        } else {
            (self.stop, self.start, self.step.unsigned_abs())
        };
        if low >= high {
            0
        } else {
            (high.wrapping_sub(low) as u128 - 1) / step + 1
        }
    }

    pub(crate) fn get(&self, index: u128) -> i128 {
        self.start
            .wrapping_add((index as i128).wrapping_mul(self.step))
    }
}

/// A function bound to its first argument: `"a".join`. Of a type it is the plain function: `str.lower`.
#[derive(Debug)]
pub(crate) struct Method<'a> {
    pub of: Value<'a>,
    pub name: &'a str,
}

/// A lambda with the frame that it was made in.
#[derive(Debug)]
pub(crate) struct Function<'a> {
    pub lambda: &'a Lambda,
    /// One per parameter.
    pub defaults: Box<[Option<Value<'a>>]>,
    pub frame: Option<&'a Frame<'a>>,
}

/// The variables of a running lambda or comprehension.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub slots: Box<[Cell<Option<Value<'a>>>]>,
    pub parent: Option<&'a Frame<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    Builtin,
    Bytes,
    Complex,
    Date,
    DateTime,
    Delta,
    Dict,
    DictItemIterator,
    DictItems,
    DictKeyIterator,
    DictKeys,
    DictValueIterator,
    DictValues,
    Ellipsis,
    Float,
    FrozenSet,
    Function,
    Generator,
    Int,
    Iterator,
    List,
    Method,
    Metric,
    Metrics,
    Missing,
    Module,
    None,
    Range,
    Run,
    Set,
    Slice,
    Str,
    Time,
    Tuple,
    Class,
    Union,
    Zip,
    Zone,
}

impl Type {
    /// The types that an expression can name.
    pub(crate) const NAMED: [(&'static str, Type); 15] = [
        ("bool", Type::Bool),
        ("bytes", Type::Bytes),
        ("complex", Type::Complex),
        ("datetime", Type::DateTime),
        ("float", Type::Float),
        ("frozenset", Type::FrozenSet),
        ("int", Type::Int),
        ("list", Type::List),
        ("range", Type::Range),
        ("set", Type::Set),
        ("slice", Type::Slice),
        ("str", Type::Str),
        ("timedelta", Type::Delta),
        ("tuple", Type::Tuple),
        ("zip", Type::Zip),
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Builtin => "builtin_function_or_method",
            Type::Bytes => "bytes",
            Type::Complex => "complex",
            Type::Date => "datetime.date",
            Type::DateTime => "datetime.datetime",
            Type::Delta => "datetime.timedelta",
            Type::Dict => "dict",
            Type::DictItemIterator => "dict_itemiterator",
            Type::DictItems => "dict_items",
            Type::DictKeyIterator => "dict_keyiterator",
            Type::DictKeys => "dict_keys",
            Type::DictValueIterator => "dict_valueiterator",
            Type::DictValues => "dict_values",
            Type::Ellipsis => "ellipsis",
            Type::Float => "float",
            Type::FrozenSet => "frozenset",
            Type::Function => "function",
            Type::Generator => "generator",
            Type::Int => "int",
            Type::Iterator => "iterator",
            Type::List => "list",
            Type::Method => "method",
            Type::Metric => "Metric",
            Type::Metrics => "Metrics",
            Type::Missing => "missing value",
            Type::Module => "module",
            Type::None => "NoneType",
            Type::Range => "range",
            Type::Run => "Run",
            Type::Set => "set",
            Type::Slice => "slice",
            Type::Str => "str",
            Type::Time => "datetime.time",
            Type::Tuple => "tuple",
            Type::Class => "type",
            Type::Union => "types.UnionType",
            Type::Zip => "zip",
            Type::Zone => "datetime.timezone",
        }
    }

    pub(crate) fn is_subtype(self, of: Type) -> bool {
        self == of
            || matches!(
                (self, of),
                (Type::Bool, Type::Int) | (Type::DateTime, Type::Date)
            )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    Abs,
    All,
    Any,
    Chr,
    Divmod,
    Hash,
    Hex,
    Id,
    IsInstance,
    Len,
    Max,
    Min,
    Ord,
    Pow,
    Repr,
    Round,
    Sorted,
    Sum,
}

impl Builtin {
    pub(crate) const ALL: [(&'static str, Builtin); 18] = [
        ("abs", Builtin::Abs),
        ("all", Builtin::All),
        ("any", Builtin::Any),
        ("chr", Builtin::Chr),
        ("divmod", Builtin::Divmod),
        ("hash", Builtin::Hash),
        ("hex", Builtin::Hex),
        ("id", Builtin::Id),
        ("isinstance", Builtin::IsInstance),
        ("len", Builtin::Len),
        ("max", Builtin::Max),
        ("min", Builtin::Min),
        ("ord", Builtin::Ord),
        ("pow", Builtin::Pow),
        ("repr", Builtin::Repr),
        ("round", Builtin::Round),
        ("sorted", Builtin::Sorted),
        ("sum", Builtin::Sum),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, b)| *b == self)
            .map_or("", |(name, _)| name)
    }
}

impl<'a> Value<'a> {
    pub(crate) fn type_of(self) -> Type {
        match self {
            Value::None => Type::None,
            Value::Missing => Type::Missing,
            Value::Ellipsis => Type::Ellipsis,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) | Value::Big(_) => Type::Int,
            Value::Float(_) => Type::Float,
            Value::Complex(_) => Type::Complex,
            Value::Str(_) => Type::Str,
            Value::Bytes(_) => Type::Bytes,
            Value::List(_) => Type::List,
            Value::Tuple(_) => Type::Tuple,
            Value::Dict(_) => Type::Dict,
            Value::Set(set) if set.frozen => Type::FrozenSet,
            Value::Set(_) => Type::Set,
            Value::View(ViewKind::Keys, _) => Type::DictKeys,
            Value::View(ViewKind::Values, _) => Type::DictValues,
            Value::View(ViewKind::Items, _) => Type::DictItems,
            Value::Range(_) => Type::Range,
            Value::Slice(_) => Type::Slice,
            Value::Iter(iter) => iter.type_of(),
            Value::DateTime(_) => Type::DateTime,
            Value::Date(_) => Type::Date,
            Value::Time(_) => Type::Time,
            Value::Delta(_) => Type::Delta,
            Value::Zone(_) => Type::Zone,
            Value::Builtin(_) | Value::MathFunction(_) => Type::Builtin,
            Value::Type(_) => Type::Class,
            Value::Types(_) => Type::Union,
            Value::Method(_) => Type::Method,
            Value::Function(_) => Type::Function,
            Value::Math => Type::Module,
            Value::Run => Type::Run,
            Value::Metrics => Type::Metrics,
            Value::Metric => Type::Metric,
        }
    }

    pub(crate) fn type_name(self) -> &'static str {
        self.type_of().name()
    }

    /// Python's `bool(value)`.
    pub(crate) fn truth(self) -> bool {
        match self {
            Value::None | Value::Missing => false,
            Value::Bool(b) => b,
            Value::Int(i) => i != 0,
            Value::Float(f) => f != 0.0,
            Value::Complex(c) => c.re != 0.0 || c.im != 0.0,
            Value::Str(s) => !s.is_empty(),
            Value::Bytes(b) => !b.is_empty(),
            Value::List(list) => list.len() != 0,
            Value::Tuple(items) => !items.is_empty(),
            Value::Dict(dict) => dict.len() != 0,
            Value::View(_, dict) => dict.len() != 0,
            Value::Set(set) => set.len() != 0,
            Value::Range(range) => range.len() != 0,
            Value::Delta(delta) => delta != Delta::ZERO,
            _ => true,
        }
    }

    /// Python's `a is b`, as far as values that are equal and immutable let it be told.
    pub(crate) fn is(self, other: Value<'a>) -> bool {
        match (self, other) {
            (Value::None | Value::Missing, Value::None | Value::Missing) => true,
            (Value::Ellipsis, Value::Ellipsis) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Big(a), Value::Big(b)) => std::ptr::eq(a, b),
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Complex(a), Value::Complex(b)) => {
                a.re.to_bits() == b.re.to_bits() && a.im.to_bits() == b.im.to_bits()
            }
            // One-character strings up to U+00FF and the empty string exist once in CPython.
            (Value::Str(a), Value::Str(b)) => {
                std::ptr::eq(a, b)
                    || (a.len() <= 2
                        && a == b
                        && a.chars().nth(1).is_none()
                        && a.chars().all(|c| c <= '\u{ff}'))
            }
            (Value::Bytes(a), Value::Bytes(b)) => std::ptr::eq(a, b) || (a.len() < 2 && a == b),
            (Value::List(a), Value::List(b)) => std::ptr::eq(a, b),
            (Value::Tuple(a), Value::Tuple(b)) => std::ptr::eq(a, b) || a.len() + b.len() == 0,
            (Value::Dict(a), Value::Dict(b)) => std::ptr::eq(a, b),
            (Value::Set(a), Value::Set(b)) => std::ptr::eq(a, b),
            (Value::Range(a), Value::Range(b)) => std::ptr::eq(a, b),
            (Value::Slice(a), Value::Slice(b)) => std::ptr::eq(a, b),
            (Value::Iter(a), Value::Iter(b)) => std::ptr::eq(a, b),
            (Value::DateTime(a), Value::DateTime(b)) => a == b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Time(a), Value::Time(b)) => a == b,
            (Value::Delta(a), Value::Delta(b)) => a == b,
            (Value::Zone(a), Value::Zone(b)) => a == b,
            (Value::Builtin(a), Value::Builtin(b)) => a == b,
            (Value::MathFunction(a), Value::MathFunction(b)) => a == b,
            (Value::Type(a), Value::Type(b)) => a == b,
            (Value::Types(a), Value::Types(b)) => std::ptr::eq(a, b),
            (Value::Method(a), Value::Method(b)) => std::ptr::eq(a, b),
            (Value::Function(a), Value::Function(b)) => std::ptr::eq(a, b),
            (Value::Math, Value::Math) => true,
            (Value::Run, Value::Run) => true,
            (Value::Metric, Value::Metric) => true,
            _ => false,
        }
    }
}

/// An arena that allocates nothing before its first value: most rows need none.
pub(crate) struct Pool<T>(OnceCell<Arena<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Pool(OnceCell::new())
    }
}

impl<T> Pool<T> {
    pub fn alloc(&self, value: T) -> &mut T {
        self.0.get_or_init(Arena::new).alloc(value)
    }
}

/// Owns what the values of one row point to.
#[derive(Default)]
pub(crate) struct Heap<'a> {
    pub strings: Pool<Box<str>>,
    pub bytes: Pool<Box<[u8]>>,
    pub bigs: Pool<BigInt>,
    pub tuples: Pool<Box<[Value<'a>]>>,
    pub lists: Pool<List<'a>>,
    pub dicts: Pool<Dict<'a>>,
    pub sets: Pool<Set<'a>>,
    pub iters: Pool<Iter<'a>>,
    pub frames: Pool<Frame<'a>>,
    pub functions: Pool<Function<'a>>,
    pub methods: Pool<Method<'a>>,
    pub ranges: Pool<Range>,
    pub slices: Pool<[Value<'a>; 3]>,
}
