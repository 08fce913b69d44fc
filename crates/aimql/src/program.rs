//! Compiled queries.

use crate::compile;
use crate::error::Result;
use crate::fault::{Fault, Res};
use crate::ir::Node;
use crate::limits::{Budget, Meter};
use crate::machine::Machine;
use crate::row::{MetricRow, RunRow, Subject};
use crate::source::{Source, SyntaxError};
use crate::value::{Heap, Value};

/// A compiled query. It holds nothing of any row, and can be used by several threads at once.
#[derive(Debug)]
pub struct Program {
    code: Code,
}

#[derive(Debug)]
pub(crate) struct Code {
    pub root: Node,
    /// Number of variables bound by `:=` outside of lambdas.
    pub globals: usize,
    /// Number of params that are kept for the row.
    pub params: usize,
    /// Nesting of the expression, lambdas aside.
    pub depth: u32,
    /// Steps that its evaluation costs, loops aside.
    pub weight: u64,
    /// The params that the expression names, by the keys of dicts that lead to them.
    pub named: Vec<Vec<String>>,
    /// The first attribute that no row can have.
    pub unknown: Option<SyntaxError>,
    pub subject: Subject,
}

/// What a query says about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Selected,
    NotSelected,
    /// The expression fails on this row, so it is not selected. The reason reads as Python would put it:
    /// `ZeroDivisionError: division by zero`.
    Failed(String),
}

impl Program {
    /// Compiles a query. The empty text selects every run that is not archived.
    pub fn compile(source: &str) -> std::result::Result<Program, SyntaxError> {
        Program::compile_for(source, Subject::Metric)
    }

    /// Compiles a query for sequences of one sort: by its name an expression knows them.
    pub fn compile_for(
        source: &str,
        subject: Subject,
    ) -> std::result::Result<Program, SyntaxError> {
        Program::from_source(&Source::new(source)?, subject)
    }

    /// Compiles what rows are ordered by: any expression, without the rule about archived runs. See [`Program::key`].
    pub fn compile_key(
        source: &str,
        subject: Subject,
    ) -> std::result::Result<Program, SyntaxError> {
        Program::from_source(&Source::of_value(source)?, subject)
    }

    fn from_source(
        source: &Source<'_>,
        subject: Subject,
    ) -> std::result::Result<Program, SyntaxError> {
        let expression = source.parse()?;
        Ok(Program {
            code: compile::compile(source, &expression, subject)?,
        })
    }

    /// The params that the query names, by the keys of dicts that lead to them. One that no run has is misspelt, as a
    /// rule: to an expression it is missing like any other.
    pub fn params(&self) -> &[Vec<String>] {
        &self.code.named
    }

    /// The first attribute of `metric`, of a builtin or of a property that cannot be there whatever the row, and the
    /// name that may have been meant. Evaluated, it is missing or fails the row; whoever asks wants to know.
    pub fn unknown_attribute(&self) -> Option<&SyntaxError> {
        self.code.unknown.as_ref()
    }

    pub(crate) fn root(&self) -> &Node {
        &self.code.root
    }

    /// Whether the row is selected. With `metric` the row is that sequence of the run, without it the run; there
    /// the name `metric` is unknown.
    ///
    /// # Errors
    /// What `run` fails with; [`Error::Cancelled`](crate::Error::Cancelled) once the budget's flag is set; [`Error::Steps`](crate::Error::Steps) once the budget is
    /// used up.
    pub fn matches(
        &self,
        run: &dyn RunRow,
        metric: Option<&MetricRow<'_>>,
        budget: &mut Budget<'_>,
    ) -> Result<Outcome> {
        self.evaluate(run, metric, budget, |_, value| {
            Ok(if value.truth() {
                Outcome::Selected
            } else {
                Outcome::NotSelected
            })
        })?
        .map_or_else(|reason| Ok(Outcome::Failed(reason)), Ok)
    }

    /// What the expression, with the rule about archived runs in front, evaluates to on the row: Python's `repr` of
    /// it, or the reason why it fails. For people who want to know why a query does not find what they expect.
    ///
    /// # Errors
    /// As for [`Program::matches`].
    pub fn explain(
        &self,
        run: &dyn RunRow,
        metric: Option<&MetricRow<'_>>,
        budget: &mut Budget<'_>,
    ) -> Result<std::result::Result<String, String>> {
        self.evaluate(run, metric, budget, |machine, value| machine.repr(value))
    }

    pub(crate) fn evaluate<T>(
        &self,
        run: &dyn RunRow,
        metric: Option<&MetricRow<'_>>,
        budget: &mut Budget<'_>,
        finish: impl for<'m> FnOnce(&Machine<'m>, Value<'m>) -> Res<T>,
    ) -> Result<std::result::Result<T, String>> {
        let meter = budget.start_row()?;
        let result = run_code(&self.code, run, metric, &meter, finish);
        budget.finish_row(meter.spent())?;
        match result {
            Ok(value) => Ok(Ok(value)),
            Err(fault) => match *fault {
                Fault::Raised(kind, message) => Ok(Err(format!("{}: {message}", kind.name()))),
                Fault::RowLimit(reason) => Ok(Err(reason)),
                Fault::Stop(error) => Err(error),
            },
        }
    }
}

pub(crate) fn run_code<T>(
    code: &Code,
    run: &dyn RunRow,
    metric: Option<&MetricRow<'_>>,
    meter: &Meter<'_>,
    finish: impl for<'m> FnOnce(&Machine<'m>, Value<'m>) -> Res<T>,
) -> Res<T> {
    meter.work(code.weight)?;
    let heap = Heap::default();
    let machine = Machine::new(code, run, metric, &heap, meter);
    let value = machine.eval(&code.root, None)?;
    finish(&machine, value)
}
