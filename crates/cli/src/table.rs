//! Tables: columns as wide as what they hold, narrowed to the terminal; what is cut or left out is marked.

use crate::look::Look;
use crate::text::{ascii, cut, shown, width};
use anstyle::{AnsiColor, Style};

pub const PLAIN: Style = Style::new();
pub const DIM: Style = Style::new().dimmed();
pub const BOLD: Style = Style::new().bold();
pub const GREEN: Style = AnsiColor::Green.on_default();
pub const RED: Style = AnsiColor::Red.on_default();
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
pub const CYAN: Style = AnsiColor::Cyan.on_default();

/// A text in a style, if there are colours.
pub fn styled(look: &Look, style: Style, text: &str) -> String {
    match look.colour && style != PLAIN && !text.is_empty() {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    }
}

/// A text of somebody else as this terminal can show it.
pub fn visible(look: &Look, text: &str) -> String {
    let text = shown(text);
    match look.unicode {
        true => text.into_owned(),
        false => ascii(&text).into_owned(),
    }
}

#[derive(Clone, Debug)]
pub struct Column {
    pub title: String,
    pub right: bool,
    /// How narrow it may become; `None` if it is never cut.
    pub least: Option<usize>,
}

impl Column {
    pub fn left(title: &str) -> Column {
        Column {
            title: title.to_owned(),
            right: false,
            least: None,
        }
    }

    pub fn right(title: &str) -> Column {
        Column {
            right: true,
            ..Column::left(title)
        }
    }

    pub fn least(self, least: usize) -> Column {
        Column {
            least: Some(least),
            ..self
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// What is shown: nothing in it controls the terminal.
    pub text: String,
    pub style: Style,
}

impl Cell {
    pub fn new(text: impl Into<String>, style: Style) -> Cell {
        Cell {
            text: text.into(),
            style,
        }
    }
}

pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

const GAP: usize = 2;

impl Table {
    pub fn new(columns: Vec<Column>) -> Table {
        Table {
            columns,
            rows: Vec::new(),
        }
    }

    /// The lines of the table, and how many columns found no place.
    pub fn lines(&self, look: &Look) -> (Vec<String>, usize) {
        let mut widths = self.natural();
        let mut shown = widths.len();
        if let Some(most) = look.width {
            while !narrow(&self.columns[..shown], &mut widths[..shown], most) && shown > 1 {
                shown -= 1;
                widths = self.natural();
            }
        }
        let mark = look.either("…", "...");
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        let title = |column: &Column| Cell::new(column.title.clone(), DIM);
        let titles: Vec<Cell> = self.columns.iter().map(title).collect();
        for row in std::iter::once(&titles).chain(&self.rows) {
            let mut line = String::new();
            let mut pending = 0;
            for (i, cell) in row.iter().take(shown).enumerate() {
                let text = cut(&cell.text, widths[i], mark);
                let blank = widths[i].saturating_sub(width(&text));
                if self.columns[i].right {
                    pending += blank;
                }
                if !text.is_empty() {
                    line.extend(std::iter::repeat_n(' ', pending));
                    pending = 0;
                    line.push_str(&styled(look, cell.style, &text));
                }
                if !self.columns[i].right {
                    pending += blank;
                }
                pending += GAP;
            }
            lines.push(line);
        }
        (lines, self.columns.len() - shown)
    }

    /// Columns of a terminal in which nothing is cut.
    pub fn width(&self) -> usize {
        let widths = self.natural();
        widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
    }

    fn natural(&self) -> Vec<usize> {
        let cells = |i: usize| {
            let rows = self.rows.iter().filter_map(move |row| row.get(i));
            rows.map(|cell| width(&cell.text)).max().unwrap_or(0)
        };
        let columns = self.columns.iter().enumerate();
        columns
            .map(|(i, column)| cells(i).max(width(&column.title)))
            .collect()
    }
}

/// Takes columns from the widest that may be cut until all fit; false if they do not.
fn narrow(columns: &[Column], widths: &mut [usize], most: usize) -> bool {
    let gaps = GAP * columns.len().saturating_sub(1);
    let mut total: usize = widths.iter().sum::<usize>() + gaps;
    while total > most {
        let spare = |i: usize| {
            columns[i]
                .least
                .map_or(0, |least| widths[i].saturating_sub(least))
        };
        let widest = (0..columns.len())
            .filter(|i| spare(*i) > 0)
            .max_by_key(|i| widths[*i]);
        let Some(widest) = widest else { return false };
        widths[widest] -= 1;
        total -= 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(width: usize) -> Look {
        Look {
            colour: false,
            unicode: true,
            is_terminal: true,
            width: Some(width),
            height: None,
        }
    }

    #[test]
    fn tables_fit_and_say_what_is_missing() {
        let mut table = Table::new(vec![
            Column::left("RUN"),
            Column::left("NAME").least(4),
            Column::right("LOSS"),
        ]);
        let row = ["a19eafea", "a very long name", "0.1395"];
        table.rows.push(row.map(|t| Cell::new(t, PLAIN)).into());
        assert_eq!(
            table.lines(&look(80)),
            (
                vec![
                    "RUN       NAME                LOSS".to_owned(),
                    "a19eafea  a very long name  0.1395".to_owned()
                ],
                0
            )
        );
        assert_eq!(table.lines(&look(24)).0[1], "a19eafea  a ver…  0.1395");
        assert_eq!(
            table.lines(&look(15)),
            (
                vec!["RUN       NAME".to_owned(), "a19eafea  a ve…".to_owned()],
                1
            )
        );
    }
}
