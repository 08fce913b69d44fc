//! The curves: a grid of charts, one a metric.

use super::has_focus;
use super::ink::Ink;
use crate::chart::{self, Chart, Curve};
use crate::format;
use crate::text::{cut, width};
use crate::watch::app::{App, Focus};
use crate::watch::data::{Panel, RunCurve};
use crate::watch::state::{Axis, Settings};
use aim::query::EPOCH_NONE;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// The smallest chart with its title.
const LEAST: (u16, u16) = (23, 7);
/// The narrowest chart whose curves are labelled.
const LABELLED: u16 = 40;
/// Charts beside and below each other at most.
const MOST: (u16, u16) = (4, 6);

pub fn draw(frame: &mut Frame<'_>, app: &mut App, ink: &Ink, area: Rect) {
    let first = match app.page.has_curves() {
        true => 0,
        false => app.first_panel,
    };
    let title = match app.picture.panel_count {
        0 => " metrics ".to_owned(),
        count => {
            let last = (first + app.picture.panels.len()).min(count);
            match (first, last) {
                (0, last) if last == count => {
                    format!(" {} ", format::counted(count as u64, "metric"))
                }
                (first, last) => format!(" metrics {} to {last} of {count} ", first + 1),
            }
        }
    };
    let block = ink.block(title, has_focus(app, Focus::Curves));
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let across = (inside.width / LEAST.0).clamp(1, MOST.0);
    let down = (inside.height / LEAST.1).clamp(1, MOST.1);
    app.room.panels = usize::from(across * down);
    app.room.columns = usize::from(inside.width);
    let panels = &app.picture.panels;
    if panels.is_empty() {
        if app.loaded && !app.picture.runs.is_empty() {
            let text = Span::styled(" nothing tracked yet", ink.dim());
            frame.render_widget(Paragraph::new(text), inside);
        }
        return;
    }
    // Few metrics get large charts.
    let there = panels.len() as u16;
    let across = across.min(there);
    let down = down.min(there.div_ceil(across));
    for (i, panel) in panels.iter().take(usize::from(across * down)).enumerate() {
        let (column, row) = (i as u16 % across, i as u16 / across);
        let cell = Rect {
            x: inside.x + inside.width * column / across,
            y: inside.y + inside.height * row / down,
            width: inside.width * (column + 1) / across - inside.width * column / across,
            height: inside.height * (row + 1) / down - inside.height * row / down,
        };
        let mut lines = vec![headline(panel, ink, cell.width)];
        let chart = chart(panel, &app.settings, cell.width);
        let drawn = chart.lines(
            usize::from(cell.width) - 1,
            usize::from(cell.height) - 1,
            &ink.look,
        );
        lines.extend(drawn.into_iter().map(|spans| {
            let spans = spans
                .into_iter()
                .map(|s| Span::styled(s.text, ink.of(s.style)));
            Line::from(spans.collect::<Vec<_>>())
        }));
        frame.render_widget(Paragraph::new(lines), cell);
    }
}

/// The metric, its context, and its newest value of the first run.
fn headline<'a>(panel: &Panel, ink: &Ink, columns: u16) -> Line<'a> {
    let value = match panel.curves.as_slice() {
        [one] => format::number(one.last),
        _ => String::new(),
    };
    let room = usize::from(columns).saturating_sub(width(&value) + 3);
    let mark = ink.look.either("…", "~");
    let name = cut(&panel.name, room, mark).into_owned();
    let context = cut(&panel.context, room.saturating_sub(width(&name) + 1), mark).into_owned();
    Line::from(vec![
        Span::styled(name, ink.bold()),
        Span::styled(format!(" {context} "), ink.dim()),
        Span::raw(value),
    ])
}

fn chart(panel: &Panel, settings: &Settings, columns: u16) -> Chart {
    // Where there is one curve, or no room, the list of runs says whose it is by its colour.
    let labelled = panel.curves.len() > 1 && columns >= LABELLED;
    let curves = panel.curves.iter().map(|curve| Curve {
        label: if labelled {
            curve.label.clone()
        } else {
            String::new()
        },
        points: points(curve, settings),
        colour: curve.colour,
    });
    Chart {
        curves: curves.collect(),
        log_x: false,
        log_y: settings.log_y,
        x_title: match settings.axis {
            Axis::Step => "steps",
            Axis::Epoch => "epochs",
            Axis::Time => "seconds",
        }
        .to_owned(),
    }
}

fn points(curve: &RunCurve, settings: &Settings) -> Vec<(f64, f64)> {
    let columns = &curve.points;
    let x = |i: usize| match settings.axis {
        Axis::Step => Some(columns.steps[i] as f64),
        Axis::Epoch => (columns.epochs[i] != EPOCH_NONE).then(|| columns.epochs[i] as f64),
        Axis::Time => Some(columns.times[i] - curve.began),
    };
    let all = columns.values.iter().enumerate();
    let mut points: Vec<(f64, f64)> = all.filter_map(|(i, y)| Some((x(i)?, *y))).collect();
    chart::smooth(&mut points, settings.smoothing);
    points
}
