//! Why an expression fails on a row.

use std::fmt;

use crate::error::{Error, RowError};

/// The exceptions that expressions over plain values can raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Attribute,
    Import,
    Index,
    Key,
    Lookup,
    Name,
    Overflow,
    Recursion,
    Runtime,
    Type,
    UnboundLocal,
    UnicodeDecode,
    UnicodeEncode,
    Value,
    ZeroDivision,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Attribute => "AttributeError",
            Kind::Import => "ImportError",
            Kind::Index => "IndexError",
            Kind::Key => "KeyError",
            Kind::Lookup => "LookupError",
            Kind::Name => "NameError",
            Kind::Overflow => "OverflowError",
            Kind::Recursion => "RecursionError",
            Kind::Runtime => "RuntimeError",
            Kind::Type => "TypeError",
            Kind::UnboundLocal => "UnboundLocalError",
            Kind::UnicodeDecode => "UnicodeDecodeError",
            Kind::UnicodeEncode => "UnicodeEncodeError",
            Kind::Value => "ValueError",
            Kind::ZeroDivision => "ZeroDivisionError",
        }
    }
}

/// What stops an evaluation.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Python would raise: the row is not selected.
    Raised(Kind, String),
    /// A bound on the row's work or memory: the row is not selected.
    RowLimit(String),
    /// The row's data could not be read, the query was cancelled or is out of work: the query ends.
    Stop(Error),
}

/// Boxed, so that results stay as small as the values they carry.
pub(crate) type Res<T> = Result<T, Box<Fault>>;

impl From<RowError> for Box<Fault> {
    fn from(error: RowError) -> Self {
        match error.downcast::<Refused>() {
            Ok(refused) => refused.0,
            Err(error) => Box::new(Fault::Stop(Error::Row(error))),
        }
    }
}

/// A fault on its way through the implementation of a row.
#[derive(Debug)]
pub(crate) struct Refused(Box<Fault>);

impl Refused {
    pub(crate) fn boxed(fault: Box<Fault>) -> RowError {
        Box::new(Refused(fault))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bound on the row's work was reached")
    }
}

impl std::error::Error for Refused {}

impl From<Error> for Box<Fault> {
    #[cold]
    fn from(error: Error) -> Self {
        Box::new(Fault::Stop(error))
    }
}

#[cold]
pub(crate) fn raise<T>(kind: Kind, message: impl Into<String>) -> Res<T> {
    Err(Box::new(Fault::Raised(kind, message.into())))
}

#[cold]
pub(crate) fn type_error<T>(message: impl Into<String>) -> Res<T> {
    raise(Kind::Type, message)
}

#[cold]
pub(crate) fn value_error<T>(message: impl Into<String>) -> Res<T> {
    raise(Kind::Value, message)
}

#[cold]
pub(crate) fn overflow<T>(message: impl Into<String>) -> Res<T> {
    raise(Kind::Overflow, message)
}

#[cold]
pub(crate) fn zero_division<T>(message: impl Into<String>) -> Res<T> {
    raise(Kind::ZeroDivision, message)
}

#[cold]
pub(crate) fn no_attribute<T>(of: &str, name: &str) -> Res<T> {
    raise(
        Kind::Attribute,
        format!("'{of}' object has no attribute '{name}'"),
    )
}

impl Fault {
    pub(crate) fn is_type_error(&self) -> bool {
        matches!(self, Fault::Raised(Kind::Type, _))
    }

    pub(crate) fn is_lookup_error(&self) -> bool {
        matches!(
            self,
            Fault::Raised(Kind::Index | Kind::Key | Kind::Lookup, _)
        )
    }
}
