//! The list of runs, and what completes a filter.

use super::has_focus;
use super::ink::Ink;
use crate::chart;
use crate::format;
use crate::text::{cut, width};
use crate::watch::app::{App, Focus, Input};
use crate::watch::data::RunLine;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

const HASH: usize = 8;
const OFFERS: usize = 8;

pub fn draw(frame: &mut Frame<'_>, app: &mut App, ink: &Ink, area: Rect) {
    let block = ink.block(" runs ", has_focus(app, Focus::Runs));
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let room = usize::from(inside.height);
    let place = app.selected_place();
    let first = app
        .room
        .first_run
        .clamp(place.saturating_sub(room.saturating_sub(1)), place);
    let first = first.min(app.picture.runs.len().saturating_sub(room));
    app.room.runs = room;
    app.room.first_run = first;
    app.room.list = (inside.x, inside.y, inside.width);
    if app.picture.runs.is_empty() && app.loaded {
        let text = match app.settings.filter.as_str() {
            "" => " no runs yet",
            _ => " no run matches",
        };
        frame.render_widget(Paragraph::new(Span::styled(text, ink.dim())), inside);
        return;
    }
    let shown = shown(app);
    let runs = app.picture.runs.iter().enumerate().skip(first).take(room);
    let lines = runs.map(|(i, run)| {
        let colour = shown.iter().position(|hash| *hash == run.run.hash);
        line(
            ink,
            run,
            colour,
            i == place,
            app.marked.contains(&run.run),
            inside.width,
        )
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), inside);
}

/// The runs whose curves are drawn, in the order of their colours.
fn shown(app: &App) -> Vec<[u8; 12]> {
    let mut shown: Vec<(usize, [u8; 12])> = Vec::new();
    for curve in app.picture.panels.iter().flat_map(|panel| &panel.curves) {
        if !shown.iter().any(|(_, hash)| *hash == curve.run) {
            shown.push((curve.colour, curve.run));
        }
    }
    let colours = shown
        .iter()
        .map(|(colour, _)| colour + 1)
        .max()
        .unwrap_or(0);
    let mut runs = vec![[0; 12]; colours];
    for (colour, hash) in shown {
        runs[colour] = hash;
    }
    runs
}

fn line<'a>(
    ink: &Ink,
    run: &RunLine,
    colour: Option<usize>,
    chosen: bool,
    marked: bool,
    columns: u16,
) -> Line<'a> {
    let look = &ink.look;
    let (mark, style) = match run.status.as_str() {
        "running" => (look.either("●", "*"), ink.of(crate::table::GREEN)),
        "finished" => (look.either("✔", "+"), ink.dim()),
        "crashed" | "failed" => (look.either("✖", "x"), ink.of(crate::table::RED)),
        _ => (look.either("■", "!"), ink.of(crate::table::YELLOW)),
    };
    let curve = match colour {
        Some(colour) => Span::styled(look.either("━", "="), ink.of(chart::style(colour))),
        None => Span::raw(" "),
    };
    let hash: String = run.run.hash_text().chars().take(HASH).collect();
    let took = format::duration(run.seconds());
    let room = usize::from(columns).saturating_sub(HASH + width(&took) + 7);
    let name = run.name.as_deref().unwrap_or(&run.experiment);
    let name = cut(name, room, look.either("…", "~")).into_owned();
    let gap = " ".repeat(room.saturating_sub(width(&name)));
    let line = Line::from(vec![
        Span::raw(if marked { look.either("▸", ">") } else { " " }),
        Span::styled(mark, style),
        curve,
        Span::raw(" "),
        Span::styled(hash, ink.accent()),
        Span::raw(format!(" {name}{gap} ")),
        Span::styled(took, ink.dim()),
    ]);
    if chosen {
        line.style(ink.chosen())
    } else {
        line
    }
}

/// The names that fit what is being typed, above the line.
pub fn offers(frame: &mut Frame<'_>, input: &Input, ink: &Ink, foot: Rect) {
    let Some(completion) = &input.completion else {
        return;
    };
    let offers: Vec<&str> = completion.offers().take(OFFERS).collect();
    let widest = offers.iter().map(|name| width(name)).max().unwrap_or(0);
    let rows = (offers.len() as u16).min(foot.y);
    let area = Rect {
        x: foot.x + 1,
        y: foot.y - rows,
        width: (widest as u16 + 2).min(foot.width.saturating_sub(1)),
        height: rows,
    };
    let lines = offers.iter().enumerate().map(|(i, name)| {
        let name = crate::table::visible(&ink.look, name);
        let line = Line::raw(format!(" {name:<widest$} "));
        line.style(if i == 0 { ink.chosen() } else { ink.bar() })
    });
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
}
