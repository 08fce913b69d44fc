//! A small terminal: what a program's output leaves visible, line by line. The parser is Alacritty's.
//!
//! Bars of progress move the cursor up and write their lines anew. A line is therefore kept while the cursor may still
//! come to it: at most as many rows as a tall terminal has, once the output has moved the cursor up; else fewer, and not
//! for long.

use super::row::Row;
use super::style::Style;
use std::collections::VecDeque;
use vte::{Params, Parser, Perform};

/// Rows that the cursor can reach, once it has moved up.
const ROWS: usize = 64;
/// Rows that are kept before, in case it does.
const QUIET_ROWS: usize = 16;
/// How long these are kept, in microseconds.
pub const HOLD: i64 = 2_000_000;

/// A line with the time at which it changed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub time: i64,
    pub text: String,
}

/// One output's terminal.
pub struct Screen {
    parser: Parser,
    /// The beginning of a character. The parser loses what follows one that comes in two pieces.
    begun: Vec<u8>,
    page: Page,
}

struct Page {
    /// Never empty.
    rows: VecDeque<Row>,
    row: usize,
    column: usize,
    style: Style,
    saved: (usize, usize),
    /// The output has moved the cursor up.
    moves: bool,
    /// A full-screen program has the terminal: nothing of it stays.
    alternate: bool,
    now: i64,
    done: Vec<Line>,
    changed: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Screen {
            parser: Parser::new(),
            begun: Vec::new(),
            page: Page {
                rows: VecDeque::from([Row::default()]),
                row: 0,
                column: 0,
                style: Style::PLAIN,
                saved: (0, 0),
                moves: false,
                alternate: false,
                now: 0,
                done: Vec::new(),
                changed: false,
            },
        }
    }
}

impl Screen {
    /// Takes up output that came at `time`.
    pub fn feed(&mut self, output: &[u8], time: i64) {
        self.page.now = time;
        let mut joined = std::mem::take(&mut self.begun);
        joined.extend_from_slice(output);
        self.begun = joined.split_off(joined.len() - begun(&joined));
        self.parser.advance(&mut self.page, &joined);
    }

    /// The lines that nothing can change any more, since the last call.
    pub fn take_done(&mut self) -> Vec<Line> {
        std::mem::take(&mut self.page.done)
    }

    /// Lets go of the lines that ended by `time`, unless bars may still change them.
    pub fn release(&mut self, time: i64) {
        while !self.page.moves && self.page.row > 0 && self.page.rows[0].changed <= time {
            self.page.finish_first();
        }
    }

    /// Lets go of all lines above the cursor.
    pub fn release_all(&mut self) {
        while self.page.row > 0 {
            self.page.finish_first();
        }
    }

    /// When the next line is let go.
    pub fn next_release(&self) -> Option<i64> {
        let waits = !self.page.moves && self.page.row > 0;
        waits.then(|| self.page.rows[0].changed + HOLD)
    }

    /// Whether the lines that are not done have changed since the last call.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.page.changed)
    }

    /// The lines that may still change.
    pub fn open_lines(&self) -> impl Iterator<Item = Line> {
        let page = &self.page;
        let mut end = page.rows.len();
        while end > page.row && page.rows[end - 1].is_blank() {
            end -= 1;
        }
        page.rows.range(..end).map(|row| Line {
            time: row.changed,
            text: row.text(),
        })
    }
}

/// How many bytes at the end are the beginning of a character.
fn begun(bytes: &[u8]) -> usize {
    let missing = |count: usize| match bytes[bytes.len() - count] {
        0xC2..=0xDF => count < 2,
        0xE0..=0xEF => count < 3,
        0xF0..=0xF4 => count < 4,
        _ => false,
    };
    (1..=bytes.len().min(3)).find(|c| missing(*c)).unwrap_or(0)
}

impl Page {
    fn finish_first(&mut self) {
        if let Some(row) = self.rows.pop_front() {
            self.done.push(Line {
                time: row.changed,
                text: row.text(),
            });
        }
        if self.rows.is_empty() {
            self.rows.push_back(Row::default());
        }
        self.row = self.row.saturating_sub(1);
        self.saved.0 = self.saved.0.saturating_sub(1);
        self.changed = true;
    }

    /// The row of the cursor, about to change.
    fn here(&mut self) -> &mut Row {
        self.changed = true;
        let row = &mut self.rows[self.row];
        row.changed = self.now;
        row
    }

    fn line_feed(&mut self) {
        // The line ended now.
        self.here();
        self.down(1);
        self.column = 0;
    }

    /// Below the last row a new one begins.
    fn down(&mut self, count: usize) {
        for _ in 0..count.min(ROWS) {
            self.row += 1;
            if self.row == self.rows.len() {
                self.rows.push_back(Row::new(self.now));
                self.changed = true;
            }
            let limit = if self.moves { ROWS } else { QUIET_ROWS };
            while self.rows.len() > limit && self.row > 0 {
                self.finish_first();
            }
        }
    }

    fn up(&mut self, count: usize) {
        self.moves = true;
        self.row = self.row.saturating_sub(count);
    }

    fn move_to_row(&mut self, row: usize) {
        if row <= self.row {
            self.up(self.row - row);
        } else {
            self.down(row - self.row);
        }
    }

    /// Erases from the cursor on (0), up to it (1), or everything (2, 3).
    fn erase_page(&mut self, what: u16) {
        self.moves = true;
        self.changed = true;
        match what {
            0 => {
                self.rows.truncate(self.row + 1);
                self.erase_line(0);
            }
            1 => {
                self.rows.iter_mut().take(self.row).for_each(Row::clear);
                self.erase_line(1);
            }
            _ => self.rows.iter_mut().for_each(Row::clear),
        }
    }

    fn erase_line(&mut self, what: u16) {
        let column = self.column;
        match what {
            0 => self.here().truncate(column),
            1 => self.here().erase(0, column + 1),
            _ => self.here().clear(),
        }
    }

    fn insert_lines(&mut self, count: usize) {
        for _ in 0..count.min(ROWS.saturating_sub(self.rows.len())) {
            self.rows.insert(self.row, Row::default());
        }
        self.here();
    }

    fn delete_lines(&mut self, count: usize) {
        let end = self.row.saturating_add(count).min(self.rows.len());
        self.rows.drain(self.row..end);
        if self.row == self.rows.len() {
            self.rows.push_back(Row::default());
        }
        self.here();
    }

    fn set_mode(&mut self, params: &Params, on: bool) {
        for mode in params.iter().flatten() {
            match mode {
                47 | 1047 | 1049 => self.alternate = on,
                // Who hides the cursor is about to draw.
                25 if !on => self.moves = true,
                _ => {}
            }
        }
    }
}

impl Perform for Page {
    fn print(&mut self, character: char) {
        if self.alternate {
            return;
        }
        if self.rows[self.row].is_full(character) && self.column >= self.rows[self.row].columns() {
            self.line_feed();
        }
        let (column, style) = (self.column, self.style);
        self.column = self.here().put(column, character, style);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            _ if self.alternate => {}
            b'\n' | 0x0b | 0x0c => self.line_feed(),
            b'\r' => self.column = 0,
            0x08 => self.column = self.column.saturating_sub(1),
            b'\t' if self.column < self.rows[self.row].columns() => {
                self.column = (self.column / 8 + 1) * 8;
            }
            b'\t' => self.print('\t'),
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _: bool, action: char) {
        let number = |at: usize| {
            let group = params.iter().nth(at);
            group.and_then(|g| g.first().copied()).unwrap_or(0)
        };
        let what = number(0);
        let count = usize::from(what.max(1));
        match (intermediates, action) {
            (b"?", 'h' | 'l') => return self.set_mode(params, action == 'h'),
            (b"", _) if !self.alternate => {}
            _ => return,
        }
        let column = self.column;
        match action {
            'A' => self.up(count),
            'B' | 'e' => self.down(count),
            'C' | 'a' => self.column += count,
            'D' => self.column = column.saturating_sub(count),
            'E' => {
                self.down(count);
                self.column = 0;
            }
            'F' => {
                self.up(count);
                self.column = 0;
            }
            'G' | '`' => self.column = count - 1,
            'H' | 'f' => {
                self.move_to_row(count - 1);
                self.column = usize::from(number(1).max(1)) - 1;
            }
            'd' => self.move_to_row(count - 1),
            'J' => self.erase_page(what),
            'K' => self.erase_line(what),
            'L' => self.insert_lines(count),
            'M' => self.delete_lines(count),
            'P' => self.here().delete(column, count),
            'X' => self.here().erase(column, column + count),
            '@' => self.here().insert(column, count),
            'm' => self.style.apply(params),
            's' => self.saved = (self.row, column),
            'u' => self.restore(),
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _: bool, byte: u8) {
        if self.alternate || !intermediates.is_empty() {
            return;
        }
        match byte {
            b'D' => self.down(1),
            b'E' => self.line_feed(),
            b'M' => self.up(1),
            b'7' => self.saved = (self.row, self.column),
            b'8' => self.restore(),
            _ => {}
        }
    }
}

impl Page {
    fn restore(&mut self) {
        let (row, column) = self.saved;
        self.move_to_row(row);
        self.column = column;
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::MAX_LINE;
    use super::*;
    use proptest::prelude::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut screen = Screen::default();
        let mut found = Vec::new();
        for piece in pieces {
            screen.feed(piece, 0);
            found.extend(screen.take_done());
        }
        found.extend(screen.open_lines());
        found.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn a_progress_bar_leaves_its_last_state() {
        let found = lines(&[b"start\n 1%\r 50", b"%\r100%", b"\r\nnext\r\n\r\rhalf"]);
        assert_eq!(found, ["start", "100%", "next", "half"]);
        assert_eq!(lines(&[b"10%\r", b"20%\r"]), ["20%"]);
        assert_eq!(lines(&[b"a long one\rshort\x1b[K\n"]), ["short"]);
        assert_eq!(lines(&[b"100%\rab\n"]), ["ab0%"]);
    }

    #[test]
    fn bars_one_below_the_other_leave_what_is_visible() {
        // As tqdm draws a bar at position 1.
        let mut output = Vec::new();
        for step in 0..5 {
            output.extend_from_slice(format!("\router {step}").as_bytes());
            for inner in 0..3 {
                output.extend_from_slice(format!("\n\rinner {inner}\x1b[A").as_bytes());
            }
        }
        output.extend_from_slice(b"\n\ndone\n");
        assert_eq!(lines(&[&output]), ["outer 4", "inner 2", "done"]);
        // As rich does: whole lines are taken out and drawn anew.
        let mut output = b"\x1b[?25l".to_vec();
        for step in 0..10 {
            output.extend_from_slice(format!("a {step}\nb {step}").as_bytes());
            output.extend_from_slice(b"\r\x1b[2K\x1b[1A\x1b[2K");
        }
        output.extend_from_slice(b"a end\nb end\n\x1b[?25h");
        assert_eq!(lines(&[&output]), ["a end", "b end"]);
        // An inner bar that goes leaves nothing.
        assert_eq!(
            lines(&[b"outer\n\rinner\x1b[A\n\r     \r\x1b[A"]),
            ["outer"]
        );
    }

    #[test]
    fn colours_and_tabs_stay() {
        assert_eq!(
            lines(&[b"\x1b[1;31mred\x1b[0m plain\x1b[38;5;200mx\n"]),
            ["\x1b[0;1;31mred\x1b[0m plain\x1b[0;38;5;200mx\x1b[0m"]
        );
        assert_eq!(lines(&[b"a\tb\tc\n"]), ["a\tb\tc"]);
        assert_eq!(lines(&["日本\rx".as_bytes()]), ["x 本"]);
        assert_eq!(lines(&["e\u{301}a\n".as_bytes()]), ["e\u{301}a"]);
        assert_eq!(lines(&[b"\x1b]0;title\x07text\n"]), ["text"]);
        assert_eq!(lines(&[b"a\x1b[?1049hmenu\n\x1b[?1049lb\n"]), ["ab"]);
        assert_eq!(lines(&[b"bad \xff byte\n"]), ["bad \u{fffd} byte"]);
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let text = "ä".repeat(MAX_LINE);
        let found = lines(&[b"x", text.as_bytes(), b"\n"]);
        assert!(found.iter().all(|l| l.len() <= MAX_LINE));
        assert_eq!(found.concat(), format!("x{text}"));
    }

    #[test]
    fn lines_are_let_go() {
        let mut screen = Screen::default();
        screen.feed(b"one\ntwo\nthree", 10);
        assert_eq!(screen.next_release(), Some(10 + HOLD));
        screen.release(9);
        assert!(screen.take_done().is_empty());
        screen.release(10);
        assert_eq!(screen.take_done().len(), 2);
        assert_eq!(screen.open_lines().count(), 1);
        assert_eq!(screen.next_release(), None);
        // Bars stay until they leave the screen.
        screen.feed(b"\n\x1b[Abar\n", 20);
        screen.release(i64::MAX);
        assert!(screen.take_done().is_empty());
        screen.feed(&b"\n".repeat(ROWS), 30);
        assert_eq!(screen.take_done()[0].text, "baree");
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text in "([ab\r\nä\t]|\x1b\\[[0-9]{0,2}[ABCDEFGHJKLMPX@mdsu]){0,60}", cuts in proptest::collection::vec(0usize..90, 0..6)) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            prop_assert_eq!(lines(&pieces), lines(&[bytes]));
        }

        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for line in lines(&[&bytes]) {
                prop_assert!(line.len() <= MAX_LINE && !line.contains('\n'));
            }
        }
    }
}
