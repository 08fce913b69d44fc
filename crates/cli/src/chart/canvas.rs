//! A grid of characters with dots in them: eight to a character where the terminal shows braille, else two.

/// Nobody's dots.
const NOBODY: u16 = u16::MAX;

pub struct Canvas {
    columns: usize,
    rows: usize,
    unicode: bool,
    dots: Vec<u8>,
    /// Who drew into a character last.
    owners: Vec<u16>,
}

impl Canvas {
    pub fn new(columns: usize, rows: usize, unicode: bool) -> Canvas {
        Canvas {
            columns,
            rows,
            unicode,
            dots: vec![0; columns * rows],
            owners: vec![NOBODY; columns * rows],
        }
    }

    /// Dots from left to right and from top to bottom.
    pub fn size(&self) -> (usize, usize) {
        match self.unicode {
            true => (self.columns * 2, self.rows * 4),
            false => (self.columns, self.rows * 2),
        }
    }

    /// Draws a dot, counted from the upper left. One outside is not drawn.
    pub fn dot(&mut self, x: usize, y: usize, owner: u16) {
        // Unicode numbers the dots of a braille character down the left column, then down the right one; the lowest row
        // came later.
        const BRAILLE: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        let (width, height) = self.size();
        if x >= width || y >= height {
            return;
        }
        let (column, row, bit) = match self.unicode {
            true => (x / 2, y / 4, BRAILLE[x % 2][y % 4]),
            false => (x, y / 2, 1 << (y % 2)),
        };
        let at = row * self.columns + column;
        self.dots[at] |= bit;
        self.owners[at] = owner;
    }

    /// Draws a straight line between two dots.
    pub fn line(&mut self, from: (usize, usize), to: (usize, usize), owner: u16) {
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
        let between = |a: usize, b: usize, i: usize| {
            let t = i as f64 / steps as f64;
            (a as f64 + (b as f64 - a as f64) * t).round() as usize
        };
        for i in 0..=steps {
            self.dot(between(from.0, to.0, i), between(from.1, to.1, i), owner);
        }
    }

    /// A row's characters with who drew them.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (char, Option<u16>)> + '_ {
        let range = row * self.columns..(row + 1) * self.columns;
        range.map(|at| {
            let owner = (self.owners[at] != NOBODY).then_some(self.owners[at]);
            (self.character(self.dots[at]), owner)
        })
    }

    fn character(&self, dots: u8) -> char {
        match (self.unicode, dots) {
            (_, 0) => ' ',
            (true, dots) => char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' '),
            (false, 1) => '\'',
            (false, 2) => '.',
            (false, _) => ':',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(canvas: &Canvas) -> Vec<String> {
        (0..canvas.rows)
            .map(|row| canvas.row(row).map(|(c, _)| c).collect())
            .collect()
    }

    #[test]
    fn a_diagonal() {
        let mut canvas = Canvas::new(2, 1, true);
        canvas.line((0, 0), (3, 3), 0);
        assert_eq!(drawn(&canvas), ["⠑⢄"]);
        let mut canvas = Canvas::new(4, 2, false);
        canvas.line((0, 0), (3, 3), 7);
        assert_eq!(drawn(&canvas), ["'.  ", "  '."]);
        assert_eq!(canvas.row(0).next(), Some(('\'', Some(7))));
        canvas.dot(99, 0, 1);
    }
}
