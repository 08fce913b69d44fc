//! `libaim plot`: curves in the terminal, or as a picture for a paper.

use crate::central::About;
use crate::chart::{self, Chart, smooth};
use crate::columns::{self, Column, Row};
use crate::context::{Context, look_at};
use crate::expression::warn;
use crate::failure::{Doing as _, Failure};
use crate::figure::{Axis, Curve, Figure, Panel, Unit, png, svg};
use crate::table::{BOLD, DIM, styled, visible};
use crate::{format, labels};
use aim::query::{Columns, EPOCH_NONE, MetricInfo, Options, Sampling, Select, Snapshot, query};
use aim_value::Tree;
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// Points of a curve that are drawn at most.
const POINTS: usize = 4000;
/// Points that are smoothed: of a longer metric as many are chosen.
const SMOOTHED: usize = 1 << 18;
/// Rows of a panel in the terminal.
const ROWS: std::ops::RangeInclusive<usize> = 8..=40;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Across {
    #[default]
    Step,
    Epoch,
    /// Since the run began
    Time,
}

/// Draw metrics as curves, a panel for each name
#[derive(clap::Args)]
pub struct Plot {
    /// Which metrics, as in: metric.name == 'loss' and run.experiment == 'digits'
    query: String,

    /// One colour for all curves with the same value of this param or property
    #[arg(short, long, value_name = "COLUMN")]
    group: Option<String>,

    /// What runs from left to right
    #[arg(short, long, value_enum, default_value_t)]
    x: Across,

    /// Draw the values on a logarithmic axis
    #[arg(long)]
    log_y: bool,

    /// Draw steps, epochs or times on a logarithmic axis
    #[arg(long)]
    log_x: bool,

    /// Smooth: the weight of what came before, from 0 to less than 1
    #[arg(short, long, default_value_t = 0.0, value_name = "WEIGHT")]
    smooth: f64,

    /// Write an SVG picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Write a PNG picture
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
}

impl Plot {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if !(0.0..1.0).contains(&self.smooth) {
            return Err(Failure::usage(format_args!("--smooth is {}", self.smooth))
                .why("it is at least 0 and less than 1")
                .advice("try 0.6"));
        }
        let group = self.group.as_deref().map(Column::parse).transpose()?;
        let repo = context.reading(&About::Points(&self.query))?;
        let answer = query(&repo, &self.query, Select::Metrics, Options::default())?;
        warn(&context.messages, &answer, "metric");
        let figure = look_at(&repo, |snapshot| {
            let mut found = Vec::new();
            let mut row: Option<Row<'_, '_>> = None;
            for answer_row in answer.rows() {
                let Some(metric) = &answer_row.metric else {
                    continue;
                };
                if row.as_ref().is_none_or(|row| row.run != *answer_row.run) {
                    let run = (*answer_row.run).clone();
                    let record = snapshot.record(&run)?;
                    row = record.map(|record| Row::new(snapshot, run, record));
                }
                let Some(row) = &row else { continue };
                found.push(Found {
                    name: metric.name.to_string(),
                    context: labels::context(&metric.context),
                    hash: row.record.hash_text(),
                    run_name: row.record.name.clone(),
                    group: group.as_ref().map(|column| column.value(row)),
                    points: self.points(snapshot, metric, row)?,
                });
            }
            Ok(self.figure(found))
        })?;
        if figure.panels.is_empty() {
            return Err(Failure::new("the query selects no metric")
                .advice("libaim ls lists the runs, libaim show RUN the metrics of one"));
        }
        let write = |path: &Path, bytes: &[u8]| {
            let written = std::fs::write(path, bytes).map_err(Failure::new);
            written.doing(|| format!("{} cannot be written", path.display()))
        };
        if let Some(path) = &self.svg {
            write(path, svg(&figure).as_bytes())?;
        }
        if let Some(path) = &self.png {
            write(path, &png(&figure)?)?;
        }
        if self.svg.is_none() && self.png.is_none() {
            print(context, &figure)?;
        }
        Ok(())
    }

    /// What is drawn of a metric.
    fn points(
        &self,
        snapshot: &Snapshot<'_>,
        metric: &MetricInfo,
        row: &Row<'_, '_>,
    ) -> Result<Vec<(f64, f64)>, Failure> {
        let columns = match self.smooth > 0.0 {
            true => snapshot.sample(metric, SMOOTHED, Sampling::Stride)?,
            false => snapshot.sample(metric, POINTS, Sampling::MinMax)?,
        };
        let begun = row.record.created_at as f64 / 1e6;
        let across = |columns: &Columns, i: usize| match self.x {
            Across::Step => Some(columns.steps[i] as f64),
            Across::Epoch => Some(columns.epochs[i])
                .filter(|epoch| *epoch != EPOCH_NONE)
                .map(|epoch| epoch as f64),
            Across::Time => Some(columns.times[i] - begun),
        };
        let mut points: Vec<(f64, f64)> = (0..columns.steps.len())
            .filter_map(|i| Some((across(&columns, i)?, columns.values[i])))
            .collect();
        smooth(&mut points, self.smooth);
        Ok(thinned(points))
    }

    fn figure(&self, found: Vec<Found>) -> Figure {
        let mut runs: Vec<&str> = found.iter().map(|f| f.hash.as_str()).collect();
        runs.dedup();
        let runs = runs.len();
        let words = Words::of(&found, self.group.as_deref());
        let mut groups: Vec<(Option<Tree>, String)> = Vec::new();
        let mut panels: Vec<Panel> = Vec::new();
        for found in found {
            let label = words.label(&found);
            let known = groups.iter().position(|(_, l)| *l == label);
            let group = known.unwrap_or_else(|| {
                groups.push((found.group.clone(), label));
                groups.len() - 1
            });
            let points = found.points;
            let curve = Curve { group, points };
            match panels.iter_mut().find(|panel| panel.title == found.name) {
                Some(panel) => panel.curves.push(curve),
                None => panels.push(Panel {
                    title: found.name,
                    curves: vec![curve],
                }),
            }
        }
        // Groups with values get their colours in the order of these.
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.sort_by(|a, b| match (&groups[*a].0, &groups[*b].0) {
            (Some(a), Some(b)) => columns::compare(a, b),
            _ => std::cmp::Ordering::Equal,
        });
        let mut place = vec![0; groups.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        for curve in panels.iter_mut().flat_map(|panel| &mut panel.curves) {
            curve.group = place[curve.group];
        }
        let labels = order.iter().map(|old| groups[*old].1.clone()).collect();
        let smooth = match self.smooth > 0.0 {
            true => format!(", smoothed {}", self.smooth),
            false => String::new(),
        };
        let (title, unit) = match self.x {
            Across::Step => ("steps", Unit::None),
            Across::Epoch => ("epochs", Unit::None),
            Across::Time => ("time", Unit::Seconds),
        };
        Figure {
            title: format!(
                "{} ({}{smooth})",
                self.query.trim(),
                format::counted(runs as u64, "run")
            ),
            panels,
            groups: labels,
            x: Axis {
                title: title.to_owned(),
                log: self.log_x,
                unit,
            },
            log_y: self.log_y,
        }
    }
}

/// A metric that is drawn.
struct Found {
    name: String,
    context: String,
    hash: String,
    run_name: Option<String>,
    group: Option<Tree>,
    points: Vec<(f64, f64)>,
}

/// What a label must say to tell the curves apart.
struct Words {
    group: Option<String>,
    contexts: bool,
    runs: bool,
}

impl Words {
    fn of(found: &[Found], group: Option<&str>) -> Words {
        let differ = |of: &dyn Fn(&Found) -> &str| found.windows(2).any(|w| of(&w[0]) != of(&w[1]));
        let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
        Words {
            group: group.map(last),
            contexts: differ(&|f| &f.context),
            runs: differ(&|f| &f.hash),
        }
    }

    fn label(&self, found: &Found) -> String {
        if let (Some(name), Some(value)) = (&self.group, &found.group) {
            return match value {
                Tree::Null => format!("no {name}"),
                value => format!("{name} {}", format::param(value)),
            };
        }
        let mut words = Vec::new();
        if self.contexts && !found.context.is_empty() {
            words.push(found.context.clone());
        }
        if self.runs || words.is_empty() {
            let short: String = found.hash.chars().take(8).collect();
            words.push(found.run_name.clone().unwrap_or(short));
        }
        words.join(" ")
    }
}

/// No more points than are drawn.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let every = points.len().div_ceil(POINTS).max(1);
    let last = points.len().saturating_sub(1);
    points
        .into_iter()
        .enumerate()
        .filter(|(i, _)| i.is_multiple_of(every) || *i == last)
        .map(|(_, point)| point)
        .collect()
}

fn print(context: &Context, figure: &Figure) -> Result<(), Failure> {
    let look = &context.look;
    let height = look.height.unwrap_or(24);
    let width = look.width.unwrap_or(80).clamp(40, 240);
    // The prompt, the title, and the title of each panel.
    let panels = figure.panels.len();
    let rows = height.saturating_sub(2 + panels) / panels;
    let rows = rows.min(width / 4).clamp(*ROWS.start(), *ROWS.end());
    let mut out = context.paged_out();
    out.line(&styled(look, DIM, &visible(look, &figure.title)))?;
    for panel in &figure.panels {
        out.line(&styled(look, BOLD, &visible(look, &panel.title)))?;
        for line in chart(context, figure, panel).lines(width, rows, look) {
            let line: Vec<String> = line
                .iter()
                .map(|span| styled(look, span.style, &span.text))
                .collect();
            out.line(line.concat().trim_end())?;
        }
    }
    out.end()
}

/// A panel for the terminal. The curve of a group that ends last has the group's label.
fn chart(context: &Context, figure: &Figure, panel: &Panel) -> Chart {
    let (unit, factor) = match figure.x.unit {
        Unit::Seconds => time_unit(panel),
        _ => ("", 1.0),
    };
    let end = |curve: &Curve| curve.points.last().map_or(f64::NEG_INFINITY, |p| p.0);
    let last = |group: usize| {
        let of_group = panel.curves.iter().enumerate();
        let of_group = of_group.filter(|(_, curve)| curve.group == group);
        of_group
            .max_by(|a, b| end(a.1).total_cmp(&end(b.1)))
            .map(|(i, _)| i)
    };
    let curves = panel.curves.iter().enumerate().map(|(i, curve)| {
        let label = figure
            .groups
            .get(curve.group)
            .filter(|_| last(curve.group) == Some(i));
        chart::Curve {
            label: label.map_or_else(String::new, |label| visible(&context.look, label)),
            points: curve.points.iter().map(|(x, y)| (x / factor, *y)).collect(),
            colour: curve.group,
        }
    });
    Chart {
        curves: curves.collect(),
        log_x: figure.x.log,
        log_y: figure.log_y,
        x_title: format!("{}{unit}", figure.x.title),
    }
}

/// The unit that suits the longest curve, and its seconds.
fn time_unit(panel: &Panel) -> (&'static str, f64) {
    let points = panel.curves.iter().flat_map(|curve| &curve.points);
    match points.map(|point| point.0).fold(0.0, f64::max) {
        s if s >= 2.0 * 86400.0 => (" (d)", 86400.0),
        s if s >= 2.0 * 3600.0 => (" (h)", 3600.0),
        s if s >= 120.0 => (" (min)", 60.0),
        _ => (" (s)", 1.0),
    }
}
