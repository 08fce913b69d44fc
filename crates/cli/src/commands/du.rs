//! `libaim du`: what takes the space.

use crate::context::{Context, look_at};
use crate::failure::Failure;
use crate::format;
use crate::table::{CYAN, Cell, Column, DIM, PLAIN, Table, styled, visible};
use aim::query::{RunBytes, file_usage};
use aim_value::Tree;
use std::collections::BTreeMap;

/// Width of the longest bar.
const BAR: usize = 20;

/// Say what takes the space, by experiment or by run
#[derive(clap::Args)]
pub struct Du {
    /// By run, the largest first
    #[arg(short, long)]
    runs: bool,

    /// At most so many lines [default: 20 of runs]
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,

    /// Print an array of objects
    #[arg(long)]
    json: bool,
}

#[derive(Default)]
struct Line {
    experiment: String,
    hash: Option<String>,
    name: Option<String>,
    runs: u64,
    size: RunBytes,
}

impl Line {
    fn add(&mut self, size: &RunBytes) {
        self.runs += 1;
        self.size.series += size.series;
        self.size.points += size.points;
        self.size.metrics += size.metrics;
        self.size.params += size.params;
        self.size.logs += size.logs;
        self.size.objects += size.objects;
        self.size.files += size.files;
    }
}

impl Du {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.repo()?;
        let mut lines = look_at(&repo, |snapshot| {
            let mut experiments: BTreeMap<String, Line> = BTreeMap::new();
            let mut single = Vec::new();
            snapshot.runs(|run| {
                let size = snapshot.run_bytes(&run.run)?;
                if self.runs {
                    let mut line = Line {
                        experiment: run.experiment.to_owned(),
                        hash: Some(run.run.hash_text()),
                        name: run.name.map(str::to_owned),
                        ..Line::default()
                    };
                    line.add(&size);
                    single.push(line);
                } else {
                    let line = experiments.entry(run.experiment.to_owned()).or_default();
                    run.experiment.clone_into(&mut line.experiment);
                    line.add(&size);
                }
                Ok(true)
            })?;
            single.extend(experiments.into_values());
            Ok(single)
        })?;
        lines.sort_by_key(|line| std::cmp::Reverse(line.size.bytes()));
        let all = lines.len();
        lines.truncate(
            self.limit
                .unwrap_or(if self.runs { 20 } else { usize::MAX }),
        );
        if self.json {
            return print_json(context, &lines);
        }
        let (_, used, size) = file_usage(&repo)?;
        let mut footer = format!(
            "{} in use of a file of {}",
            format::bytes(used),
            format::bytes(size)
        );
        if size.saturating_sub(used) > size / 4 {
            let free = format::bytes(size.saturating_sub(used));
            footer.push_str(&format!("; libaim compact gives the free {free} back"));
        }
        if all > lines.len() {
            footer.push_str(&format!(
                "; {} more runs",
                format::count((all - lines.len()) as u64)
            ));
        }
        self.print(context, &lines, &footer)
    }

    fn print(&self, context: &Context, lines: &[Line], footer: &str) -> Result<(), Failure> {
        let look = &context.look;
        let mut columns = match self.runs {
            true => vec![
                Column::left("RUN"),
                Column::left("EXPERIMENT").least(8),
                Column::left("NAME").least(8),
            ],
            false => vec![Column::left("EXPERIMENT").least(8), Column::right("RUNS")],
        };
        columns.extend([
            Column::right("METRICS"),
            Column::right("POINTS"),
            Column::right("LOGS"),
        ]);
        let objects = lines.iter().any(|line| line.size.objects > 0);
        let files = lines.iter().any(|line| line.size.files > 0);
        columns.extend(objects.then(|| Column::right("OBJECTS")));
        columns.extend(files.then(|| Column::right("FILES")));
        columns.extend([Column::right("SIZE"), Column::left("")]);
        let most = lines
            .iter()
            .map(|line| line.size.bytes())
            .max()
            .unwrap_or(0);
        let mut table = Table::new(columns);
        for line in lines {
            let plain = |text: String| Cell::new(text, PLAIN);
            let experiment = plain(visible(look, &line.experiment));
            let mut cells = match &line.hash {
                Some(hash) => vec![
                    Cell::new(hash.chars().take(8).collect::<String>(), CYAN),
                    experiment,
                    plain(visible(
                        look,
                        line.name.as_deref().unwrap_or(look.either("–", "-")),
                    )),
                ],
                None => vec![experiment, plain(format::count(line.runs))],
            };
            let size = &line.size;
            let long = (size.bytes() * BAR as u64).div_ceil(most.max(1)) as usize;
            cells.extend([
                plain(format::count(size.series)),
                plain(format::count(size.points)),
                plain(format::bytes(size.logs)),
            ]);
            cells.extend(objects.then(|| plain(format::bytes(size.objects))));
            cells.extend(files.then(|| plain(format::bytes(size.files))));
            cells.extend([
                plain(format::bytes(size.bytes())),
                Cell::new(look.either("▇", "#").repeat(long), CYAN),
            ]);
            table.rows.push(cells);
        }
        let mut out = context.paged_out();
        if !lines.is_empty() {
            for line in table.lines(look).0 {
                out.line(&line)?;
            }
        }
        if look.is_terminal || lines.is_empty() {
            out.line(&styled(look, DIM, footer))?;
        }
        out.end()
    }
}

fn print_json(context: &Context, lines: &[Line]) -> Result<(), Failure> {
    let int = |n: u64| Tree::Int(n as i64);
    let rows = lines.iter().map(|line| {
        let mut entries = vec![("experiment", Tree::Str(line.experiment.clone()))];
        if let Some(hash) = &line.hash {
            entries.push(("hash", Tree::Str(hash.clone())));
        }
        entries.extend([
            ("runs", int(line.runs)),
            ("metrics", int(line.size.series)),
            ("points", int(line.size.points)),
            ("bytes_of_metrics", int(line.size.metrics)),
            ("bytes_of_params", int(line.size.params)),
            ("bytes_of_logs", int(line.size.logs)),
            ("bytes_of_objects", int(line.size.objects)),
            ("bytes_of_files", int(line.size.files)),
        ]);
        Tree::Dict(
            entries
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect(),
        )
    });
    let mut out = context.plain_out();
    out.line(&format::json(&Tree::List(rows.collect())))?;
    out.end()
}
