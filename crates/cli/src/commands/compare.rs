//! `libaim compare`: where runs differ, and how their metrics end.

use crate::central::About;
use crate::columns::Row;
use crate::context::{Context, look_at};
use crate::failure::Failure;
use crate::labels::{self, SYSTEM, SYSTEM_PARAMS};
use crate::table::{BOLD, CYAN, Cell, Column, DIM, PLAIN, Table, styled, visible};
use crate::{find, format, status};
use aim_value::Tree;
use anstyle::Style;
use std::collections::HashSet;

/// Params of the machine that differ between any two runs and say nothing.
const NOISE: [&str; 3] = ["process_id", "git_info.commit.timestamp", "mpi"];

/// Compare runs: params, machine and code where they differ, and how metrics end
#[derive(clap::Args)]
pub struct Compare {
    /// The runs: hashes, unique beginnings of them, or names
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    runs: Vec<String>,

    /// What is the same too
    #[arg(short, long)]
    all: bool,

    /// Print one object: the runs, and rows with their values in the same order
    #[arg(long)]
    json: bool,
}

/// One thing that is compared.
struct Line {
    part: &'static str,
    name: String,
    values: Vec<Option<Tree>>,
}

impl Line {
    fn differs(&self) -> bool {
        self.values.windows(2).any(|w| w[0] != w[1])
    }
}

impl Compare {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let called: Vec<&str> = self.runs.iter().map(String::as_str).collect();
        let repo = context.reading(&About::Called(&called))?;
        look_at(&repo, |snapshot| {
            let mut rows = Vec::new();
            let mut seen: HashSet<[u8; 12]> = HashSet::new();
            for called in &self.runs {
                let run = find::run(snapshot, called)?;
                if !seen.insert(run.hash) {
                    return Err(Failure::usage(format_args!(
                        "the run {} is given twice",
                        run.hash_text()
                    )));
                }
                let record = snapshot.record(&run)?;
                let record = record.ok_or_else(|| Failure::new("a run was deleted just now"))?;
                rows.push(Row::new(snapshot, run, record));
            }
            let mut lines = properties(&rows);
            lines.extend(params(&rows));
            let same = lines.iter().filter(|line| !line.differs()).count();
            lines.retain(|line| self.all || line.differs());
            lines.extend(metrics(&rows, self.all));
            match self.json {
                true => print_json(context, &rows, &lines),
                false => print(context, &rows, &lines, if self.all { 0 } else { same }),
            }
        })
    }
}

fn properties(rows: &[Row<'_, '_>]) -> Vec<Line> {
    let line = |name: &str, of: &dyn Fn(&Row<'_, '_>) -> Option<Tree>| Line {
        part: "run",
        name: name.to_owned(),
        values: rows.iter().map(of).collect(),
    };
    vec![
        line("experiment", &|row| Some(row.property("experiment"))),
        line("status", &|row| Some(Tree::Str(status::word(&row.record)))),
        line("tags", &|row| Some(row.property("tags"))),
        line("description", &|row| Some(row.property("description"))),
        line("took", &|row| Some(Tree::Str(format::duration(row.took())))),
    ]
}

/// Params, the machine's and the code's behind the others.
fn params(rows: &[Row<'_, '_>]) -> Vec<Line> {
    let all: Vec<_> = rows
        .iter()
        .map(|row| labels::leaves(row.params()))
        .collect();
    let mut names: Vec<&str> = Vec::new();
    let mut known = HashSet::new();
    for (path, _) in all.iter().flatten() {
        if known.insert(path.as_str()) {
            names.push(path);
        }
    }
    names.retain(|path| !labels::is_of_artifacts(path));
    let lines = names.into_iter().filter_map(|path| {
        let below = path
            .strip_prefix(SYSTEM_PARAMS)
            .and_then(|p| p.strip_prefix('.'));
        let (part, name) = match below {
            None => ("params", path),
            Some(below) if NOISE.iter().any(|noise| below.starts_with(noise)) => return None,
            Some(below) => match below.strip_prefix("git_info.") {
                Some(git) => ("code", git),
                None => ("machine", below),
            },
        };
        let value = |leaves: &Vec<(String, &Tree)>| {
            let found = leaves.iter().find(|(known, _)| known == path);
            found.map(|(_, value)| (*value).clone())
        };
        Some(Line {
            part,
            name: name.to_owned(),
            values: all.iter().map(value).collect(),
        })
    });
    let mut lines: Vec<Line> = lines.collect();
    let order = ["params", "code", "machine"];
    lines.sort_by_key(|line| order.iter().position(|part| *part == line.part));
    lines
}

/// The last value of each metric; with `all` those of the machine too.
fn metrics(rows: &[Row<'_, '_>], all: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        for metric in row.metrics() {
            if !all && metric.name.starts_with(SYSTEM) {
                continue;
            }
            let name = labels::metric(metric);
            let value = Some(Tree::Float(metric.aggregates.last));
            match lines.iter_mut().find(|line| line.name == name) {
                Some(line) => line.values[i] = value,
                None => {
                    let mut values = vec![None; rows.len()];
                    values[i] = value;
                    lines.push(Line {
                        part: "metrics, last",
                        name,
                        values,
                    });
                }
            }
        }
    }
    lines
}

fn print(
    context: &Context,
    rows: &[Row<'_, '_>],
    lines: &[Line],
    same: usize,
) -> Result<(), Failure> {
    let look = &context.look;
    let mut columns = vec![Column::left("").least(16)];
    let mut names = vec![Cell::default()];
    for row in rows {
        let hash = row.record.hash_text();
        columns.push(Column::left(&hash[..8.min(hash.len())]).least(8));
        let name = row.record.name.as_deref().unwrap_or_default();
        names.push(Cell::new(visible(look, name), BOLD));
    }
    let mut table = Table::new(columns);
    table.rows.push(names);
    let mut part = "";
    for line in lines {
        if line.part != part {
            part = line.part;
            table.rows.push(Vec::new());
            table.rows.push(vec![Cell::new(part, CYAN)]);
        }
        let name = Cell::new(format!("  {}", visible(look, &line.name)), DIM);
        let values = line.values.iter().map(|value| match value {
            None => Cell::new(look.either("–", "-"), DIM),
            Some(Tree::Float(f)) if line.part.starts_with("metrics") => {
                Cell::new(format::number(*f), PLAIN)
            }
            Some(value) => Cell::new(visible(look, &format::param(value)), weight(line)),
        });
        table
            .rows
            .push(std::iter::once(name).chain(values).collect());
    }
    let (lines, missing) = table.lines(look);
    let mut out = context.paged_out();
    for line in &lines {
        out.line(line)?;
    }
    let mut footer = Vec::new();
    if same > 0 {
        footer.push(format!(
            "{} the same (--all)",
            format::counted(same as u64, "value")
        ));
    }
    if missing > 0 {
        let runs = format::counted(missing as u64, "run");
        footer.push(format!("{runs} more in a wider terminal"));
    }
    if !footer.is_empty() {
        out.line("")?;
        out.line(&styled(look, DIM, &footer.join(", ")))?;
    }
    out.end()
}

fn weight(line: &Line) -> Style {
    if line.differs() { PLAIN } else { DIM }
}

fn print_json(context: &Context, rows: &[Row<'_, '_>], lines: &[Line]) -> Result<(), Failure> {
    let text = |s: &str| Tree::Str(s.to_owned());
    let hashes = rows.iter().map(|row| Tree::Str(row.record.hash_text()));
    let rows = lines.iter().map(|line| {
        let values = line.values.iter().map(|v| v.clone().unwrap_or(Tree::Null));
        Tree::Dict(vec![
            ("part".to_owned(), text(line.part)),
            ("name".to_owned(), text(&line.name)),
            ("values".to_owned(), Tree::List(values.collect())),
        ])
    });
    let whole = Tree::Dict(vec![
        ("runs".to_owned(), Tree::List(hashes.collect())),
        ("rows".to_owned(), Tree::List(rows.collect())),
    ]);
    let mut out = context.plain_out();
    out.line(&format::json(&whole))?;
    out.end()
}
