//! Styles and frames, for terminals with and without colours, and with ASCII only.

use crate::look::Look;
use crate::text::width;
use crate::watch::app::Input;
use anstyle::AnsiColor;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph};

const ASCII: border::Set<'_> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

pub struct Ink {
    pub look: Look,
}

impl Ink {
    pub fn new(look: &Look) -> Ink {
        Ink { look: *look }
    }

    fn coloured(&self, colour: Color) -> Style {
        match self.look.colour {
            true => Style::new().fg(colour),
            false => Style::new(),
        }
    }

    pub fn bold(&self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub fn dim(&self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    pub fn accent(&self) -> Style {
        self.coloured(Color::Cyan)
    }

    pub fn alarm(&self) -> Style {
        self.coloured(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// A line that parts the screen.
    pub fn bar(&self) -> Style {
        match self.look.colour {
            true => Style::new().add_modifier(Modifier::REVERSED),
            false => Style::new().add_modifier(Modifier::UNDERLINED),
        }
    }

    pub fn chosen(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The style that the rest of the program uses, as this terminal can show it.
    pub fn of(&self, style: anstyle::Style) -> Style {
        let mut out = match style.get_fg_color() {
            Some(anstyle::Color::Ansi(colour)) => self.coloured(ansi(colour)),
            _ => Style::new(),
        };
        let effects = style.get_effects();
        if effects.contains(anstyle::Effects::BOLD) {
            out = out.add_modifier(Modifier::BOLD);
        }
        if effects.contains(anstyle::Effects::DIMMED) {
            out = out.add_modifier(Modifier::DIM);
        }
        out
    }

    pub fn block<'a>(&self, title: impl Into<Line<'a>>, focus: bool) -> Block<'a> {
        let set = match (self.look.unicode, focus) {
            (false, _) => ASCII,
            (true, false) => border::ROUNDED,
            (true, true) => border::THICK,
        };
        let style = if focus { self.accent() } else { self.dim() };
        Block::new()
            .borders(Borders::ALL)
            .border_set(set)
            .border_style(style)
            .title(title)
    }
}

fn ansi(colour: AnsiColor) -> Color {
    match colour {
        AnsiColor::Black => Color::Black,
        AnsiColor::Red => Color::Red,
        AnsiColor::Green => Color::Green,
        AnsiColor::Yellow => Color::Yellow,
        AnsiColor::Blue => Color::Blue,
        AnsiColor::Magenta => Color::Magenta,
        AnsiColor::Cyan => Color::Cyan,
        AnsiColor::White => Color::Gray,
        AnsiColor::BrightBlack => Color::DarkGray,
        AnsiColor::BrightRed => Color::LightRed,
        AnsiColor::BrightGreen => Color::LightGreen,
        AnsiColor::BrightYellow => Color::LightYellow,
        AnsiColor::BrightBlue => Color::LightBlue,
        AnsiColor::BrightMagenta => Color::LightMagenta,
        AnsiColor::BrightCyan => Color::LightCyan,
        AnsiColor::BrightWhite => Color::White,
    }
}

/// A rectangle of that size in the middle of another.
pub fn middle(area: Rect, columns: u16, rows: u16) -> Rect {
    let (columns, rows) = (columns.min(area.width), rows.min(area.height));
    Rect {
        x: area.x + (area.width - columns) / 2,
        y: area.y + (area.height - rows) / 2,
        width: columns,
        height: rows,
    }
}

/// A line that is being typed; its end with the cursor is always seen.
pub fn input(frame: &mut Frame<'_>, ink: &Ink, prompt: &str, input: &Input, area: Rect) {
    let shown = crate::table::visible(&ink.look, &input.text);
    let before: String = input.text.chars().take(input.cursor).collect();
    let at = width(&crate::table::visible(&ink.look, &before));
    let room = usize::from(area.width).saturating_sub(width(prompt) + 2);
    let skipped = at.saturating_sub(room);
    let text: String = shown.chars().skip(skipped).collect();
    frame.render_widget(Clear, area);
    let line = Line::from(vec![
        Span::styled(format!(" {prompt}"), ink.accent()),
        Span::raw(text),
    ]);
    frame.render_widget(Paragraph::new(line), area);
    let x = 1 + width(prompt) + at - skipped;
    frame.set_cursor_position(Position::new(area.x + x as u16, area.y));
}
