//! What the columns of a table are.

use super::{Cell, Names, Row};
use aim_value::Tree;
use std::borrow::Cow;
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Step,
    Epoch,
    Time,
    Run,
    /// In a table with a row for each point: what tells metrics apart.
    Metric,
    Context,
    /// A metric or a text; in a table with a row for each point only the column of this name.
    Value,
}

/// The names that loggers give, the first one that is there counts.
const STEPS: [&str; 5] = ["step", "global_step", "_step", "iteration", "iter"];
const EPOCHS: [&str; 1] = ["epoch"];
const TIMES: [&str; 4] = ["time", "timestamp", "_timestamp", "wall_time"];
const RUNS: [&str; 1] = ["run"];
const METRIC: &str = "name";
const CONTEXT: &str = "context";
const VALUE: &str = "value";

/// Columns by number, in the order in which they were seen.
pub struct Columns {
    wanted: Names,
    names: Vec<String>,
    numbers: HashMap<String, usize>,
    /// Columns with a role of their own.
    step: Option<usize>,
    epoch: Option<usize>,
    time: Option<usize>,
    run: Option<usize>,
    metric: Option<usize>,
    context: Option<usize>,
    value: Option<usize>,
}

impl Columns {
    pub fn new(wanted: &Names) -> Columns {
        Columns {
            wanted: wanted.clone(),
            names: Vec::new(),
            numbers: HashMap::new(),
            step: None,
            epoch: None,
            time: None,
            run: None,
            metric: None,
            context: None,
            value: None,
        }
    }

    /// The number of a column, which is new perhaps.
    pub fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len();
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        let wanted = &self.wanted;
        for (place, asked, usual) in [
            (&mut self.step, &wanted.step, &STEPS[..]),
            (&mut self.epoch, &wanted.epoch, &EPOCHS),
            (&mut self.time, &wanted.time, &TIMES),
            (&mut self.run, &wanted.run, &RUNS),
            (&mut self.metric, &None, &[METRIC]),
            (&mut self.context, &None, &[CONTEXT]),
            (&mut self.value, &None, &[VALUE]),
        ] {
            let rank = |name: &str| match asked {
                Some(asked) => (asked == name).then_some(0),
                None => usual.iter().position(|usual| *usual == name),
            };
            let Some(new) = rank(name) else { continue };
            let old = place.and_then(|old: usize| rank(&self.names[old]));
            if old.is_none_or(|old| new < old) {
                *place = Some(number);
            }
        }
        number
    }

    pub fn name(&self, column: usize) -> &str {
        &self.names[column]
    }

    fn column(&self, role: Role) -> Option<usize> {
        match role {
            Role::Step => self.step,
            Role::Epoch => self.epoch,
            Role::Time => self.time,
            Role::Run => self
                .run
                .filter(|_| self.is_long() || self.wanted.run.is_some()),
            Role::Metric => self.metric.filter(|_| self.is_long()),
            Role::Context => self.context.filter(|_| self.is_long()),
            Role::Value => self.value.filter(|_| self.is_long()),
        }
    }

    pub fn has(&self, role: Role) -> bool {
        self.column(role).is_some()
    }

    pub fn role(&self, column: usize) -> Role {
        use Role::{Context, Epoch, Metric, Run, Step, Time};
        let all = [Step, Epoch, Time, Run, Metric, Context];
        let found = all
            .into_iter()
            .find(|role| self.column(*role) == Some(column));
        found.unwrap_or(Role::Value)
    }

    /// Whether each row is a point of the metric that it names.
    fn is_long(&self) -> bool {
        self.metric.is_some() && self.value.is_some()
    }

    pub fn find<'r>(&self, row: &'r Row, role: Role) -> Option<&'r Cell> {
        let column = self.column(role)?;
        let found = row.iter().find(|(number, _)| *number == column);
        found.map(|(_, cell)| cell)
    }

    /// The run that a row is of; empty if the table tells none apart.
    pub fn run<'r>(&self, row: &'r Row) -> Cow<'r, str> {
        match self.find(row, Role::Run) {
            Some(Cell::Text(text)) => Cow::Borrowed(text),
            Some(Cell::Int(i)) => Cow::Owned(i.to_string()),
            Some(Cell::Number(f)) => Cow::Owned(f.to_string()),
            _ => Cow::Borrowed(""),
        }
    }

    /// Name, context and value of a row that is a point.
    pub fn long<'r>(&self, row: &'r Row) -> Option<(String, String, &'r Cell)> {
        let name = match self.find(row, Role::Metric)? {
            Cell::Text(text) => text.clone(),
            Cell::Int(i) => i.to_string(),
            _ => return None,
        };
        let context = match self.find(row, Role::Context) {
            Some(Cell::Text(text)) if !text.is_empty() => text.clone(),
            Some(Cell::Object(tree)) => Tree::to_json(tree),
            _ => "{}".to_owned(),
        };
        Some((name, context, self.find(row, Role::Value)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str], wanted: &Names) -> Columns {
        let mut columns = Columns::new(wanted);
        for name in names {
            columns.number(name);
        }
        columns
    }

    #[test]
    fn the_usual_names_are_known_and_others_are_asked_for() {
        let usual = columns(
            &["iter", "loss", "global_step", "wall_time"],
            &Names::default(),
        );
        assert_eq!(usual.column(Role::Step), Some(2));
        assert_eq!(usual.column(Role::Time), Some(3));
        assert_eq!((usual.role(0), usual.role(1)), (Role::Value, Role::Value));
        let asked = Names {
            step: Some("loss".to_owned()),
            ..Names::default()
        };
        let asked = columns(&["step", "loss"], &asked);
        assert_eq!(asked.column(Role::Step), Some(1));
    }

    #[test]
    fn a_name_and_a_value_make_a_row_a_point() {
        let long = columns(&["run", "name", "value"], &Names::default());
        assert_eq!(long.role(0), Role::Run);
        assert_eq!(long.role(1), Role::Metric);
        let wide = columns(&["run", "name", "loss"], &Names::default());
        assert_eq!((wide.role(0), wide.role(1)), (Role::Value, Role::Value));
    }
}
