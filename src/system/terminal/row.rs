//! A row of the terminal: cells, each as wide as its character.

use super::style::Style;
use unicode_width::UnicodeWidthChar;

/// Longer lines are cut.
pub const MAX_LINE: usize = 8 << 10;
const TAB: usize = 8;
/// Cells for which a row has room from the first one on.
const USUAL: usize = 80;

#[derive(Clone, Copy)]
struct Cell {
    character: char,
    width: u8,
    style: Style,
}

const BLANK: Cell = Cell {
    character: ' ',
    width: 1,
    style: Style::PLAIN,
};

#[derive(Default)]
pub struct Row {
    cells: Vec<Cell>,
    /// Bytes of the text.
    bytes: usize,
    /// Columns of all cells; as many as there are cells unless some are wider or narrower.
    columns: usize,
    /// When it changed last, in microseconds since 1970.
    pub changed: i64,
}

impl Row {
    pub fn new(now: i64) -> Row {
        Row {
            changed: now,
            ..Row::default()
        }
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|c| c.character == ' ')
    }

    pub fn clear(&mut self) {
        self.cells.clear();
        (self.bytes, self.columns) = (0, 0);
    }

    /// Whether a character more makes the row too long.
    pub fn is_full(&self, character: char) -> bool {
        self.bytes + character.len_utf8() > MAX_LINE
    }

    /// Puts a character at a column, in place of what is there; the column behind it.
    pub fn put(&mut self, column: usize, character: char, style: Style) -> usize {
        let width = match character {
            '\t' => TAB - column % TAB,
            _ => character.width().unwrap_or(0),
        };
        let cell = Cell {
            character,
            width: width as u8,
            style,
        };
        if column == self.columns {
            self.push(cell);
        } else if column > self.columns {
            self.pad(column);
            self.push(cell);
        } else if width == 0 {
            // Belongs to the character in front of the cursor.
            let at = self.index(column);
            self.cells.insert(at, cell);
            self.bytes += character.len_utf8();
        } else {
            self.replace(column, column + width, Some(cell));
        }
        column + width
    }

    fn push(&mut self, cell: Cell) {
        if self.cells.capacity() == 0 {
            self.cells.reserve(USUAL);
        }
        self.bytes += cell.character.len_utf8();
        self.columns += usize::from(cell.width);
        self.cells.push(cell);
    }

    fn pad(&mut self, column: usize) {
        while self.columns < column && self.bytes < MAX_LINE - 4 {
            self.push(BLANK);
        }
    }

    /// The cell at a column.
    fn index(&self, column: usize) -> usize {
        if self.columns == self.cells.len() {
            return column.min(self.cells.len());
        }
        let mut at = 0;
        let found = self.cells.iter().position(|cell| {
            let here = at >= column && cell.width > 0;
            at += usize::from(cell.width);
            here
        });
        found.unwrap_or(self.cells.len())
    }

    /// Puts a cell, or nothing, in place of the columns `from..to`.
    fn replace(&mut self, from: usize, to: usize, cell: Option<Cell>) {
        let (first, last) = (self.index(from), self.index(to));
        let is_single = last == first + 1 && self.cells[first].width == 1;
        match cell {
            Some(cell) if is_single && cell.width == 1 => {
                self.bytes -= self.cells[first].character.len_utf8();
                self.bytes += cell.character.len_utf8();
                self.cells[first] = cell;
            }
            cell => {
                let replaced = first..last.max(first);
                let gone: usize = self.cells[replaced.clone()]
                    .iter()
                    .map(|c| usize::from(c.width))
                    .sum();
                // The other half of a wide character becomes blank.
                let rest = cell.map_or(0, |c| gone.saturating_sub(usize::from(c.width)));
                self.cells.splice(
                    replaced,
                    cell.into_iter().chain(std::iter::repeat_n(BLANK, rest)),
                );
                self.bytes = self.cells.iter().map(|c| c.character.len_utf8()).sum();
                self.columns = self.cells.iter().map(|c| usize::from(c.width)).sum();
            }
        }
    }

    /// Takes out what lies from a column on.
    pub fn truncate(&mut self, column: usize) {
        let at = self.index(column);
        if at < self.cells.len() {
            self.replace(column, self.columns, None);
        }
    }

    /// Makes the columns `from..to` blank.
    pub fn erase(&mut self, from: usize, to: usize) {
        for column in from..to.min(self.columns) {
            self.put(column, ' ', Style::PLAIN);
        }
    }

    /// Takes columns out; what lies behind them moves there.
    pub fn delete(&mut self, from: usize, count: usize) {
        let to = from.saturating_add(count).min(self.columns);
        if from < to {
            self.replace(from, to, None);
        }
    }

    /// Puts blanks in front of what is at a column.
    pub fn insert(&mut self, column: usize, count: usize) {
        let at = self.index(column);
        if at < self.cells.len() {
            let count = count.min(MAX_LINE.saturating_sub(self.bytes));
            self.cells.splice(at..at, std::iter::repeat_n(BLANK, count));
            self.bytes += count;
            self.columns += count;
        }
    }

    /// The text with its colours and styles, as far as they fit.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.bytes);
        let mut style = Style::PLAIN;
        let mut left = MAX_LINE.saturating_sub(self.bytes);
        for cell in &self.cells {
            if cell.style != style {
                let before = text.len();
                cell.style.write(&mut text);
                let cost = text.len() - before;
                // The end of the line takes one more.
                if cost + 4 > left {
                    text.truncate(before);
                } else {
                    left -= cost;
                    style = cell.style;
                }
            }
            if text.len() + cell.character.len_utf8() > MAX_LINE {
                break;
            }
            text.push(cell.character);
        }
        if style != Style::PLAIN && text.len() + 4 <= MAX_LINE {
            text.push_str("\x1b[0m");
        }
        text
    }
}
