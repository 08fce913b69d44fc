//! The methods of each type, by name.

use crate::value::{Type, Value, ViewKind};

pub(crate) const STR: &[&str] = &[
    "startswith",
    "endswith",
    "lower",
    "upper",
    "split",
    "strip",
    "replace",
    "join",
    "format",
    "find",
    "count",
    "capitalize",
    "casefold",
    "center",
    "encode",
    "expandtabs",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "ljust",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "splitlines",
    "swapcase",
    "title",
    "translate",
    "zfill",
];
pub(crate) const BYTES: &[&str] = &[
    "capitalize",
    "center",
    "count",
    "decode",
    "endswith",
    "expandtabs",
    "find",
    "hex",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];
pub(crate) const LIST: &[&str] = &[
    "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse",
    "sort",
];
pub(crate) const TUPLE: &[&str] = &["count", "index"];
pub(crate) const DICT: &[&str] = &[
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];
const SET: &[&str] = &[
    "add",
    "clear",
    "copy",
    "difference",
    "difference_update",
    "discard",
    "intersection",
    "intersection_update",
    "isdisjoint",
    "issubset",
    "issuperset",
    "pop",
    "remove",
    "symmetric_difference",
    "symmetric_difference_update",
    "union",
    "update",
];
const FROZEN_SET: &[&str] = &[
    "copy",
    "difference",
    "intersection",
    "isdisjoint",
    "issubset",
    "issuperset",
    "symmetric_difference",
    "union",
];
const INT: &[&str] = &[
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "conjugate",
    "to_bytes",
];
const FLOAT: &[&str] = &["as_integer_ratio", "conjugate", "hex", "is_integer"];
const COMPLEX: &[&str] = &["conjugate"];
const RANGE: &[&str] = &["count", "index"];
const SLICE: &[&str] = &["indices"];
const DATE: &[&str] = &[
    "ctime",
    "isocalendar",
    "isoformat",
    "isoweekday",
    "replace",
    "strftime",
    "toordinal",
    "weekday",
];
const DATE_TIME: &[&str] = &[
    "astimezone",
    "ctime",
    "date",
    "isocalendar",
    "isoformat",
    "isoweekday",
    "replace",
    "strftime",
    "time",
    "timestamp",
    "toordinal",
    "tzname",
    "utcoffset",
    "dst",
    "weekday",
];
const TIME: &[&str] = &[
    "dst",
    "isoformat",
    "replace",
    "strftime",
    "tzname",
    "utcoffset",
];
const DELTA: &[&str] = &["total_seconds"];
const VIEW: &[&str] = &["isdisjoint"];

/// Functions that belong to the type rather than to one of its values.
const CLASS: &[(Type, &[&str])] = &[
    (Type::Str, &["maketrans"]),
    (Type::Int, &["from_bytes"]),
    (Type::Float, &["fromhex"]),
    (Type::Bytes, &["fromhex"]),
    (
        Type::DateTime,
        &[
            "combine",
            "fromisocalendar",
            "fromisoformat",
            "fromordinal",
            "fromtimestamp",
            "now",
            "strptime",
            "today",
            "utcfromtimestamp",
            "utcnow",
        ],
    ),
];

fn of_type(ty: Type) -> &'static [&'static str] {
    match ty {
        Type::Str => STR,
        Type::Bytes => BYTES,
        Type::List => LIST,
        Type::Tuple => TUPLE,
        Type::Dict => DICT,
        Type::Set => SET,
        Type::FrozenSet => FROZEN_SET,
        Type::Int | Type::Bool => INT,
        Type::Float => FLOAT,
        Type::Complex => COMPLEX,
        Type::Range => RANGE,
        Type::Slice => SLICE,
        Type::Date => DATE,
        Type::DateTime => DATE_TIME,
        Type::Time => TIME,
        Type::Delta => DELTA,
        _ => &[],
    }
}

fn of_class(ty: Type) -> impl Iterator<Item = &'static str> {
    CLASS
        .iter()
        .filter(move |(of, _)| *of == ty)
        .flat_map(|(_, names)| names.iter().copied())
}

/// The names of all methods of `of`.
pub(crate) fn names(of: Value<'_>) -> impl Iterator<Item = &'static str> {
    let ty = match of {
        Value::Type(ty) => ty,
        _ => of.type_of(),
    };
    of_type(ty).iter().copied().chain(of_class(ty))
}

/// Whether `of` has a method of that name.
pub(crate) fn exist(of: Value<'_>, name: &str) -> bool {
    match of {
        Value::Type(ty) => of_type(ty).contains(&name) || of_class(ty).any(|n| n == name),
        Value::View(ViewKind::Keys | ViewKind::Items, _) => VIEW.contains(&name),
        _ => {
            let ty = of.type_of();
            of_type(ty).contains(&name) || of_class(ty).any(|n| n == name)
        }
    }
}

pub(crate) fn is_class_method(ty: Type, name: &str) -> bool {
    of_class(ty).any(|n| n == name)
}
