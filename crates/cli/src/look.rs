//! What an output stream can show: colours, characters beyond ASCII, and how wide it is.

use clap::ValueEnum;
use std::io::IsTerminal;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub colour: bool,
    /// More than ASCII.
    pub unicode: bool,
    pub is_terminal: bool,
    /// Columns; `None` where lines may have any length.
    pub width: Option<usize>,
    pub height: Option<usize>,
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Look {
    pub fn of(stream: &(impl IsTerminal + std::os::fd::AsFd), colour: Colour) -> Look {
        let is_terminal = stream.is_terminal();
        let size = terminal_size::terminal_size_of(stream).filter(|_| is_terminal);
        let columns = variable("COLUMNS").and_then(|c| c.parse().ok());
        let dumb = variable("TERM").is_none_or(|t| t == "dumb");
        Look {
            colour: match colour {
                Colour::Always => true,
                Colour::Never => false,
                Colour::Auto => is_terminal && !dumb && variable("NO_COLOR").is_none(),
            },
            unicode: is_unicode(),
            is_terminal,
            width: columns
                .or(size.map(|(width, _)| usize::from(width.0)))
                .filter(|width| *width > 0),
            height: size.map(|(_, height)| usize::from(height.0)),
        }
    }

    /// The same without colours.
    pub fn plain(&self) -> Look {
        Look {
            colour: false,
            ..*self
        }
    }

    /// One of two texts: for any terminal, and for one that shows more than ASCII.
    pub fn either(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }
}

/// Whether the locale's encoding is UTF-8.
fn is_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable);
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
