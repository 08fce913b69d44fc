//! Keys and the mouse. The help page lists the same keys.

use super::app::{App, Focus, Input, Mode};
use super::data::Page;
use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// What a key asks for beyond what the app does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    None,
    /// Names to complete with are needed.
    Names,
    Quit,
}

/// All keys, for the help page.
pub const KEYS: [(&str, &str); 16] = [
    ("up down  k j", "previous, next run, metric or row"),
    ("PgUp PgDn  Home End", "further"),
    ("Tab", "from runs to curves and back; next page of a run"),
    (
        "Enter",
        "open the run: metrics, params, system, images, log",
    ),
    ("left right  h l", "page before, page behind"),
    ("Esc  q", "back; q in the overview ends"),
    (
        "/",
        "filter: AimQL, as run.hparams.lr > 1e-4; Tab completes",
    ),
    ("/  n", "on a page: look for a text; again"),
    ("Space", "mark a run: only marked runs are drawn"),
    ("u", "unmark all"),
    ("c", "compare the marked runs"),
    ("x", "curves over step, epoch, time"),
    ("y", "logarithmic values"),
    ("s", "smoothing: none, 0.6, 0.9"),
    ("?", "this page"),
    ("Ctrl-C", "end"),
];

pub fn event(app: &mut App, event: &Event, names: &[String]) -> Action {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => press(app, *key, names),
        Event::Mouse(mouse) => {
            point(app, *mouse);
            Action::None
        }
        _ => Action::None,
    }
}

fn press(app: &mut App, key: KeyEvent, names: &[String]) -> Action {
    if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
        return Action::Quit;
    }
    match std::mem::take(&mut app.mode) {
        Mode::Normal => normal(app, key.code),
        Mode::Help => Action::None,
        Mode::Filter(mut input) => match key.code {
            KeyCode::Enter => {
                app.settings.filter = input.text.trim().to_owned();
                app.first_panel = 0;
                Action::None
            }
            KeyCode::Esc => Action::None,
            code => {
                match code {
                    KeyCode::Tab => input.complete(names),
                    code => edit(&mut input, code, key.modifiers),
                }
                app.mode = Mode::Filter(input);
                Action::None
            }
        },
        Mode::Search(mut input) => {
            match key.code {
                KeyCode::Enter => {
                    app.search = input.text;
                    app.find(0);
                }
                KeyCode::Esc => {}
                code => {
                    edit(&mut input, code, key.modifiers);
                    app.mode = Mode::Search(input);
                }
            }
            Action::None
        }
    }
}

fn edit(input: &mut Input, code: KeyCode, modifiers: KeyModifiers) {
    match code {
        KeyCode::Char('u') if modifiers.contains(KeyModifiers::CONTROL) => {
            *input = Input::default();
        }
        KeyCode::Char('a') if modifiers.contains(KeyModifiers::CONTROL) => input.move_to(0),
        KeyCode::Char('e') if modifiers.contains(KeyModifiers::CONTROL) => {
            input.move_to(usize::MAX);
        }
        KeyCode::Char(c) => input.insert(c),
        KeyCode::Backspace => input.delete_before(),
        KeyCode::Delete => input.delete_at(),
        KeyCode::Left => input.move_to(input.cursor.saturating_sub(1)),
        KeyCode::Right => input.move_to(input.cursor + 1),
        KeyCode::Home => input.move_to(0),
        KeyCode::End => input.move_to(usize::MAX),
        _ => {}
    }
}

fn normal(app: &mut App, code: KeyCode) -> Action {
    let overview = app.page == Page::Overview;
    let screen = match overview {
        true => app.room.runs,
        false => app.room.rows,
    };
    let screen = screen.max(2) as isize - 1;
    match code {
        KeyCode::Char('q') | KeyCode::Esc if !overview => app.open(Page::Overview),
        KeyCode::Char('q') => return Action::Quit,
        KeyCode::Char('?') => app.mode = Mode::Help,
        KeyCode::Char('/') if overview => {
            app.mode = Mode::Filter(Input::new(&app.settings.filter));
            return Action::Names;
        }
        KeyCode::Char('/') => app.mode = Mode::Search(Input::default()),
        KeyCode::Char('n') if !overview && !app.search.is_empty() => app.find(app.first_row + 1),
        KeyCode::Up | KeyCode::Char('k') => app.move_by(-1),
        KeyCode::Down | KeyCode::Char('j') => app.move_by(1),
        KeyCode::PageUp => app.move_by(-screen),
        KeyCode::PageDown => app.move_by(screen),
        KeyCode::Home | KeyCode::Char('g') => app.move_by(isize::MIN),
        KeyCode::End | KeyCode::Char('G') => app.move_by(isize::MAX),
        KeyCode::Tab if overview => {
            app.focus = match app.focus {
                Focus::Runs => Focus::Curves,
                Focus::Curves => Focus::Runs,
            };
        }
        KeyCode::Tab | KeyCode::Right | KeyCode::Char('l') if !overview => app.turn(true),
        KeyCode::BackTab | KeyCode::Left | KeyCode::Char('h') if !overview => app.turn(false),
        KeyCode::Enter if overview && app.selected.is_some() => app.open(Page::Metrics),
        KeyCode::Char(' ') if overview => {
            app.mark();
            app.move_by(1);
        }
        KeyCode::Char('u') if overview => app.marked.clear(),
        KeyCode::Char('c') if overview => app.open(Page::Compare),
        KeyCode::Char('x') => app.settings.axis = app.settings.axis.next(),
        KeyCode::Char('y') => app.settings.log_y = !app.settings.log_y,
        KeyCode::Char('s') => app.settings.smooth_more(),
        _ => {}
    }
    Action::None
}

/// A click chooses a run, the wheel scrolls.
fn point(app: &mut App, mouse: MouseEvent) {
    let (x, y, width) = app.room.list;
    match mouse.kind {
        MouseEventKind::ScrollUp => app.move_by(-3),
        MouseEventKind::ScrollDown => app.move_by(3),
        MouseEventKind::Down(MouseButton::Left)
            if app.page == Page::Overview
                && (x..x + width).contains(&mouse.column)
                && mouse.row >= y =>
        {
            let place = app.room.first_run + usize::from(mouse.row - y);
            if place < app.picture.runs.len() && usize::from(mouse.row - y) < app.room.runs {
                app.focus = Focus::Runs;
                app.select(place);
            }
        }
        _ => {}
    }
}
