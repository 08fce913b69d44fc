//! A page of one run, or of the marked ones: rows of cells below tabs.

use super::ink::Ink;
use super::panels;
use crate::spark;
use crate::text::{cut, width};
use crate::watch::app::App;
use crate::watch::data::Page;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// A cell of several is not wider.
const WIDEST: usize = 48;
/// The least height of curves below the rows.
const CURVES: u16 = 9;

pub fn title(app: &App) -> String {
    if app.page == Page::Compare {
        return "what differs".to_owned();
    }
    let place = app.selected_place();
    match app.picture.runs.get(place) {
        Some(run) => {
            let name = run.name.as_deref().unwrap_or_default();
            format!("{} {name}  {}", run.run.hash_text(), run.status)
        }
        None => String::new(),
    }
}

pub fn draw(frame: &mut Frame<'_>, app: &mut App, ink: &Ink, area: Rect) {
    let [tabs, body] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    if app.page != Page::Compare {
        let names = Page::TABS.iter().map(|page| {
            let style = if *page == app.page {
                ink.chosen()
            } else {
                ink.dim()
            };
            Span::styled(format!(" {} ", page.name()), style)
        });
        frame.render_widget(Line::from(names.collect::<Vec<_>>()), tabs);
    }
    let rows = &app.picture.page;
    // Rows of metrics leave room for curves, or take all of it.
    let high = usize::from(body.height).saturating_sub(rows.len() + 1) as u16;
    let with_curves = app.page.has_curves() && rows.len() > 1 && high >= CURVES;
    let [body, below] = match with_curves {
        true => Layout::vertical([Constraint::Fill(1), Constraint::Length(high)]).areas(body),
        false => [body, Rect::default()],
    };
    app.room.rows = usize::from(body.height);
    let most = rows.len().saturating_sub(app.room.rows);
    // A log that was at its end stays there while it grows.
    if app.first_row != usize::MAX || !rows.is_empty() && app.page != Page::Log {
        app.first_row = app.first_row.min(most);
    }
    let first = app.first_row.min(most);
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (i, cell) in row.cells.iter().enumerate() {
            match widths.get_mut(i) {
                Some(known) => *known = (*known).max(width(cell).min(WIDEST)),
                None => widths.push(width(cell).min(WIDEST)),
            }
        }
    }
    let mark = ink.look.either("…", "~");
    let lines = rows.iter().skip(first).take(app.room.rows).map(|row| {
        if !row.picture.is_empty() {
            let wide = usize::from(body.width).saturating_sub(1);
            let points = row.picture.iter().take(wide);
            let points = points.map(|[above, below]| ink.points(*above, *below));
            return std::iter::once(Span::raw(" ")).chain(points).collect();
        }
        let last = row.cells.len().saturating_sub(1);
        let mut text = String::from(" ");
        for (i, cell) in row.cells.iter().enumerate() {
            if i == last && row.course.is_none() {
                let room = usize::from(body.width).saturating_sub(width(&text) + 1);
                text.push_str(&cut(cell, room, mark));
            } else {
                let cell = cut(cell, widths[i], mark);
                text.push_str(&cell);
                text.push_str(&" ".repeat(widths[i] - width(&cell) + 2));
            }
        }
        if let Some(course) = &row.course {
            let room = usize::from(body.width).saturating_sub(width(&text) + 1);
            text.push_str(&spark::line(&ink.look, &course.steps, &course.values, room));
        }
        let found =
            !app.search.is_empty() && text.to_lowercase().contains(&app.search.to_lowercase());
        let style = match (row.title, found) {
            (true, _) => ink.dim(),
            (false, true) => ink.chosen(),
            (false, false) => ratatui::style::Style::new(),
        };
        Line::styled(text, style)
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), body);
    if with_curves {
        panels::draw(frame, app, ink, below);
    }
}
