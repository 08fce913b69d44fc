//! The screen. Drawing also tells the app what there was room for.

mod ink;
mod list;
mod page;
mod panels;

use super::app::{App, Focus, Mode};
use super::data::Page;
use super::keys::KEYS;
use crate::format;
use crate::look::Look;
use crate::text::width;
use ink::Ink;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

/// The smallest screen that anything is drawn on.
const LEAST: (u16, u16) = (40, 12);
const LIST_WIDTH: u16 = 32;
/// Lines of the log below the curves, on low and on high screens.
const LOG_LINES: [u16; 2] = [3, 7];
const HIGH: u16 = 36;

pub fn draw(frame: &mut Frame<'_>, app: &mut App, look: &Look) {
    let ink = Ink::new(look);
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let text = format!("{} x {} is too small a screen", area.width, area.height);
        frame.render_widget(Paragraph::new(text), area);
        return;
    }
    let [head, body, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(headline(app, &ink, head.width), head);
    match app.page {
        Page::Overview => overview(frame, app, &ink, body),
        _ => page::draw(frame, app, &ink, body),
    }
    frame.render_widget(footline(app, &ink, foot.width), foot);
    match &app.mode {
        Mode::Filter(input) => {
            list::offers(frame, input, &ink, foot);
            ink::input(frame, &ink, "filter: ", input, foot);
        }
        Mode::Search(input) => ink::input(frame, &ink, "look for: ", input, foot),
        Mode::Help => help(frame, &ink, area),
        Mode::Normal => {}
    }
}

/// What is shown, and how much of it there is.
fn headline<'a>(app: &App, ink: &Ink, columns: u16) -> Line<'a> {
    let picture = &app.picture;
    let running = picture.runs.iter().filter(|run| run.is_running()).count();
    let more = if picture.more { "+" } else { "" };
    let listed = format::count(picture.runs.len() as u64);
    let noun = if picture.runs.len() == 1 {
        "run"
    } else {
        "runs"
    };
    let mut left = match app.loaded {
        false => " reading ...".to_owned(),
        true => format!(
            " {listed}{more} of {} {noun}, {running} running",
            format::count(picture.total)
        ),
    };
    if app.page != Page::Overview {
        left = format!(" {}", page::title(app));
    }
    let filter = match app.settings.filter.as_str() {
        "" => String::new(),
        filter => format!("{} ", crate::table::visible(&ink.look, filter)),
    };
    let room = usize::from(columns).saturating_sub(width(&left) + 2);
    let filter = crate::text::cut(&filter, room, ink.look.either("… ", "~ ")).into_owned();
    let gap = usize::from(columns).saturating_sub(width(&left) + width(&filter));
    Line::from(vec![
        Span::styled(left, ink.bold()),
        Span::raw(" ".repeat(gap)),
        Span::styled(filter, ink.accent()),
    ])
    .style(ink.bar())
}

fn footline<'a>(app: &App, ink: &Ink, columns: u16) -> Line<'a> {
    if let Some(error) = &app.picture.error {
        let error = crate::table::visible(&ink.look, error);
        let mark = ink.look.either("…", "~");
        let text = crate::text::cut(&error, usize::from(columns) - 2, mark).into_owned();
        return Line::from(vec![Span::styled(format!(" {text}"), ink.alarm())]);
    }
    let settings = &app.settings;
    let y = if settings.log_y { "log" } else { "linear" };
    let keys: Vec<(&str, String)> = match app.page {
        Page::Overview => vec![
            ("/", "filter".into()),
            ("Tab", "pane".into()),
            ("x", format!("over {}", settings.axis.name())),
            ("y", y.into()),
            ("s", format!("smooth {}", settings.smoothing)),
            ("Enter", "open".into()),
            ("Space", "mark".into()),
            ("c", "compare".into()),
            ("?", "keys".into()),
            ("q", "end".into()),
        ],
        page => {
            let mut keys = vec![
                ("Tab", "next page".into()),
                ("/", "look for".into()),
                ("n", "again".into()),
                ("?", "keys".into()),
                ("Esc", "back".into()),
            ];
            if page.has_curves() {
                keys.push(("x", format!("over {}", settings.axis.name())));
                keys.push(("y", y.into()));
                keys.push(("s", format!("smooth {}", settings.smoothing)));
            }
            keys
        }
    };
    let mut line = Vec::new();
    let mut used = 0;
    for (key, does) in keys {
        let wide = width(key) + width(&does) + 3;
        if used + wide > usize::from(columns) {
            break;
        }
        used += wide;
        line.push(Span::styled(format!(" {key}"), ink.accent()));
        line.push(Span::styled(format!(" {does} "), ink.dim()));
    }
    Line::from(line)
}

fn overview(frame: &mut Frame<'_>, app: &mut App, ink: &Ink, area: Rect) {
    let log = LOG_LINES[usize::from(area.height >= HIGH)];
    let [upper, system, below] = Layout::vertical([
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(log.min(app.picture.log.len() as u16)),
    ])
    .areas(area);
    let [left, right] =
        Layout::horizontal([Constraint::Length(LIST_WIDTH), Constraint::Fill(1)]).areas(upper);
    list::draw(frame, app, ink, left);
    panels::draw(frame, app, ink, right);
    frame.render_widget(machine(app, ink, system.width), system);
    app.room.log = usize::from(log);
    let lines = app.picture.log.iter().rev().take(usize::from(log)).rev();
    let mark = ink.look.either("…", "~");
    let lines = lines.map(|text| {
        let text = crate::text::cut(text, usize::from(below.width) - 1, mark);
        Line::from(format!(" {text}"))
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), below);
}

/// The selected run's machine, in a line.
fn machine<'a>(app: &App, ink: &Ink, columns: u16) -> Line<'a> {
    let mut line = Vec::new();
    let mut used = 1;
    let machine = &app.picture.machine;
    let run = app.selected.as_ref().map(|run| {
        let hash = run.hash_text();
        hash.chars().take(8).collect::<String>()
    });
    let who = [run, machine.host.clone()];
    let who: Vec<String> = who.into_iter().flatten().collect();
    if !who.is_empty() {
        let text = format!(" {} ", who.join(ink.look.either(" · ", ", ")));
        used += width(&text);
        line.push(Span::styled(text, ink.bold()));
    }
    for gauge in &machine.gauges {
        let wide = width(&gauge.text) + width(&gauge.course) + 4;
        if used + wide > usize::from(columns) {
            break;
        }
        used += wide;
        line.push(Span::raw(format!("  {} ", gauge.text)));
        line.push(Span::styled(gauge.course.clone(), ink.accent()));
    }
    Line::from(line).style(ink.bar())
}

fn help(frame: &mut Frame<'_>, ink: &Ink, area: Rect) {
    let wide = KEYS.iter().map(|(key, _)| width(key)).max().unwrap_or(0);
    let mut lines = vec![Line::raw("")];
    lines.extend(KEYS.iter().map(|(key, does)| {
        Line::from(vec![
            Span::styled(format!("  {key:<wide$}  "), ink.accent()),
            Span::raw(format!("{does}  ")),
        ])
    }));
    let high = (lines.len() as u16 + 3).min(area.height);
    let columns = lines.iter().map(Line::width).max().unwrap_or(0) as u16 + 2;
    let inside = ink::middle(area, columns, high);
    frame.render_widget(Clear, inside);
    let block = ink.block(" keys ", true);
    frame.render_widget(Paragraph::new(lines).block(block), inside);
}

/// Whether a part of the overview takes the arrow keys.
fn has_focus(app: &App, part: Focus) -> bool {
    app.page == Page::Overview && app.focus == part && matches!(app.mode, Mode::Normal)
}
