//! Lines out of what a program writes to its terminal.

/// Longer lines are cut.
pub const MAX_LINE: usize = 8 << 10;

/// Puts the pieces of one output together to lines. A carriage return begins the line anew, so that of a progress bar
/// its last state is left.
#[derive(Default)]
pub struct Assembler {
    line: Vec<u8>,
    /// The last byte was a carriage return: what follows replaces the line, unless the line ends here.
    returned: bool,
}

impl Assembler {
    /// Takes up output and gives each line that it completes to `done`.
    pub fn feed(&mut self, mut output: &[u8], mut done: impl FnMut(&str)) {
        while !output.is_empty() {
            let is_end = |b: &u8| *b == b'\n' || *b == b'\r';
            let length = output.iter().position(is_end).unwrap_or(output.len());
            let (mut text, rest) = output.split_at(length);
            if !text.is_empty() && std::mem::take(&mut self.returned) {
                self.line.clear();
            }
            while self.line.len() + text.len() > MAX_LINE {
                let (fits, more) = text.split_at(MAX_LINE - self.line.len());
                self.line.extend_from_slice(fits);
                self.cut(&mut done);
                text = more;
            }
            self.line.extend_from_slice(text);
            output = match rest.split_first() {
                Some((b'\n', rest)) => {
                    done(&String::from_utf8_lossy(&self.line));
                    self.line.clear();
                    self.returned = false;
                    rest
                }
                Some((_, rest)) => {
                    self.returned = true;
                    rest
                }
                None => rest,
            };
        }
    }

    /// Ends a line that is too long, not inside a character.
    fn cut(&mut self, done: &mut impl FnMut(&str)) {
        let is_start = |b: &u8| *b & 0xC0 != 0x80;
        let tail = self.line.iter().rev().take(4).position(is_start);
        let at = match (std::str::from_utf8(&self.line), tail) {
            (Err(e), Some(tail)) if e.error_len().is_none() => self.line.len() - tail - 1,
            _ => self.line.len(),
        };
        let rest = self.line.split_off(at);
        done(&String::from_utf8_lossy(&self.line));
        self.line = rest;
    }

    /// The line that is not finished yet.
    pub fn open_line(&self) -> Option<String> {
        (!self.line.is_empty()).then(|| String::from_utf8_lossy(&self.line).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(pieces: &[&[u8]]) -> (Vec<String>, Option<String>) {
        let mut assembler = Assembler::default();
        let mut found = Vec::new();
        for piece in pieces {
            assembler.feed(piece, |line| found.push(line.to_owned()));
        }
        (found, assembler.open_line())
    }

    #[test]
    fn a_progress_bar_leaves_its_last_state() {
        let (found, open) = lines(&[b"start\n 1%\r 50", b"%\r100%", b"\r\nnext\r\n\r\rhalf"]);
        assert_eq!(found, ["start", "100%", "next"]);
        assert_eq!(open.as_deref(), Some("half"));
        let (found, open) = lines(&[b"10%\r", b"20%\r"]);
        assert_eq!((found.len(), open.as_deref()), (0, Some("20%")));
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let text = "ä".repeat(MAX_LINE);
        let (found, open) = lines(&[b"x", text.as_bytes(), b"\n"]);
        assert_eq!(open, None);
        assert!(found.iter().all(|l| l.len() <= MAX_LINE));
        assert_eq!(found.concat(), format!("x{text}"));
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text in "[ab\r\nä]{0,60}", cuts in proptest::collection::vec(0usize..60, 0..6)) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            prop_assert_eq!(lines(&pieces), lines(&[bytes]));
        }
    }
}
