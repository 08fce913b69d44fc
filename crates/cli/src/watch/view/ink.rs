//! Styles and frames, for terminals with and without colours, and with ASCII only.

use crate::look::Look;
use crate::text::width;
use crate::watch::app::Input;
use crate::watch::data::Rgb;
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

/// From dark to bright, where there are no colours.
const SHADES: [&str; 10] = [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"];

pub struct Ink {
    pub look: Look,
    /// The terminal says that it shows all colours, not 256 of them.
    all_colours: bool,
}

impl Ink {
    pub fn new(look: &Look) -> Ink {
        let says = std::env::var("COLORTERM");
        Ink {
            look: *look,
            all_colours: says.is_ok_and(|says| says == "truecolor" || says == "24bit"),
        }
    }

    fn coloured(&self, colour: Color) -> Style {
        match self.look.colour {
            true => Style::new().fg(colour),
            false => Style::new(),
        }
    }

    /// Two points of a picture, one above the other, as one character.
    pub fn points<'a>(&self, above: Rgb, below: Rgb) -> Span<'a> {
        let mean = std::array::from_fn(|i| ((u16::from(above[i]) + u16::from(below[i])) / 2) as u8);
        match (self.look.colour, self.look.unicode) {
            (true, true) => {
                let style = Style::new().fg(self.colour(above)).bg(self.colour(below));
                Span::styled("▀", style)
            }
            (true, false) => Span::styled(" ", Style::new().bg(self.colour(mean))),
            (false, _) => {
                let [red, green, blue] = mean.map(usize::from);
                let brightness = (299 * red + 587 * green + 114 * blue) / 1000;
                Span::raw(SHADES[brightness * SHADES.len() / 256])
            }
        }
    }

    fn colour(&self, [red, green, blue]: Rgb) -> Color {
        if self.all_colours {
            return Color::Rgb(red, green, blue);
        }
        // The cube of six by six by six that terminals have.
        let side = |value: u8| match value {
            0..48 => 0,
            48..115 => 1,
            _ => (value - 35) / 40,
        };
        Color::Indexed(16 + 36 * side(red) + 6 * side(green) + side(blue))
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
